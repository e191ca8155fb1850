/* SPDX-License-Identifier: MIT */
/* Frozen models say what the live ones say. */
#include "frozen_models.h"

static void test_equal(void **state)
{
    (void)state;
    static const int n_rows[] = {0, 1, 30, ROWS};
    for (int s = 0; s < N_SUBJECTS; s++)
        for (int k = 0; k < 4 * subjects[s].n_settings; k++) {
            live l = live_new(&subjects[s], k / 4, n_rows[k % 4]);
            kedge_frozen f;
            kedge_frozen_info info;
            size_t len;
            void *blob = freeze(&l.m, &len);
            assert_int_equal(kedge_frozen_open(&f, blob, len), KEDGE_OK);
            assert_int_equal(kedge_frozen_describe(&f, &info), KEDGE_OK);
            assert_int_equal(info.bytes, len);
            assert_int_equal(info.n_features, FEATURES);
            assert_int_equal(info.n_classes, l.info.n_classes);
            assert_int_equal(info.takes_missing, l.info.takes_missing);
            if (n_rows[k % 4] == 0) {
                assert_int_equal(info.is_empty, 1);
                assert_int_equal(info.kind, KEDGE_FROZEN_CONSTANT);
            } else if (n_rows[k % 4] > 100) { /* of a few rows members may know nothing, or nothing that counts */
                assert_int_equal(info.is_empty, 0);
                assert_int_equal(info.kind, subjects[s].kind);
                assert_string_equal(info.name,
                                    s == N_SUBJECTS - 1 && k / 4 == 0 ? "auto" : subjects[s].name); /* its model itself */
            }
            compare(&l, &f, subjects[s].tolerance);
            guard_free(blob);
            guard_free(l.mem);
        }
}

static void check_rows(const subject *s)
{
    live l = live_new(s, 1, 500);
    kedge_frozen f;
    float table[6][2 * FEATURES];
    double x[FEATURES], y[6], z;
    size_t len, used = 99;
    void *blob = freeze(&l.m, &len);
    assert_int_equal(kedge_frozen_open(&f, blob, len), KEDGE_OK);
    for (int i = 0; i < 6; i++)
        for (int j = 0; j < 2 * FEATURES; j++)
            table[i][j] = (float)((i * 5 + j * 3) % 7);
    kedge_rows rows = kedge_rows_float32(&table[0][0], 6, FEATURES);
    rows.row_stride = 2 * FEATURES;
    rows.column_stride = 2;
    assert_int_equal(kedge_frozen_predict_many(&f, &rows, y, &used), KEDGE_OK);
    assert_int_equal(used, 6);
    for (int i = 0; i < 6; i++) {
        for (int j = 0; j < FEATURES; j++)
            x[j] = table[i][2 * j];
        assert_int_equal(kedge_frozen_predict(&f, x, &z), KEDGE_OK);
        assert_true(z == y[i]);
    }
    table[4][2] = INFINITY;
    assert_int_equal(kedge_frozen_predict_many(&f, &rows, y, &used), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(used, 4);
    rows.n_rows = 0;
    assert_int_equal(kedge_frozen_predict_many(&f, &rows, NULL, &used), KEDGE_OK);
    assert_int_equal(used, 0);
    rows.n_rows = 1;
    assert_int_equal(kedge_frozen_predict_many(&f, &rows, NULL, &used), KEDGE_ERR_NULL);
    rows.n_columns = FEATURES - 1;
    assert_int_equal(kedge_frozen_predict_many(&f, &rows, y, &used), KEDGE_ERR_SHAPE);
    rows.type = 9;
    assert_int_equal(kedge_frozen_predict_many(&f, &rows, y, &used), KEDGE_ERR_SHAPE);
    guard_free(blob);
    guard_free(l.mem);
}

static void test_rows(void **state)
{
    (void)state;
    for (int s = 0; s < N_SUBJECTS; s++)
        if (subjects[s].kind != KEDGE_FROZEN_CONSTANT)
            check_rows(&subjects[s]);
}

/* Neighbours do not freeze: the portfolio's other members share what those counted. */
static void test_portfolio_leaves_neighbours_out(void **state)
{
    (void)state;
    kedge_auto_config cfg = kedge_auto_defaults(2, 3);
    kedge_model m, member;
    kedge_frozen f;
    kedge_rng rng = {4};
    double x[2], weights[KEDGE_AUTO_MEMBERS], sum = 0;
    size_t len;
    cfg.memory = 1u << 18;
    cfg.n_trees = 2;
    void *mem = guard_new(kedge_model_size(&cfg.base), 0xA5);
    assert_int_equal(kedge_model_init(&m, &cfg.base, mem, kedge_model_size(&cfg.base)), KEDGE_OK);
    for (int i = 0; i < 1500; i++) { /* stripes */
        x[0] = 30 * kedge_rng_uniform(&rng), x[1] = kedge_rng_uniform(&rng);
        assert_int_equal(kedge_model_learn(&m, x, (int)x[0] % 3, 1), KEDGE_OK);
    }
    assert_int_equal(kedge_auto_weights(&m, weights), KEDGE_OK);
    assert_true(weights[KEDGE_AUTO_NEAR] + weights[KEDGE_AUTO_NEAR_RAW] > 0.5);
    for (int k = 0; k < KEDGE_AUTO_NEAR; k++)
        sum += weights[k];
    assert_int_equal(kedge_model_freeze(&m, NULL, 0, &len), KEDGE_ERR_BUFFER);
    void *blob = guard_new(len, 0);
    assert_int_equal(kedge_model_freeze(&m, blob, len, &len), KEDGE_OK);
    assert_int_equal(kedge_frozen_open(&f, blob, len), KEDGE_OK);
    for (int i = 0; i < 100; i++) {
        double wants[3] = {0}, own[3], has[3];
        x[0] = 30 * kedge_rng_uniform(&rng), x[1] = kedge_rng_uniform(&rng);
        for (uint32_t k = 0; k < KEDGE_AUTO_NEAR; k++) {
            assert_int_equal(kedge_auto_member(&m, k, &member), KEDGE_OK);
            assert_true(kedge_model_score(&member, x, own, 3) >= 0);
            for (int c = 0; c < 3; c++)
                wants[c] += weights[k] / sum * own[c];
        }
        assert_int_equal(kedge_frozen_score(&f, x, has, 3), KEDGE_OK);
        for (int c = 0; c < 3; c++)
            assert_close(has[c], wants[c], 1e-9);
    }
    guard_free(blob);
    guard_free(mem);
}

/* What a frozen Gaussian says, by its numbers, class by class and feature by feature in their order. */
static void naive_gaussian(const kedge_frozen *f, uint32_t n, uint32_t n_classes, const double *x, double *scores)
{
    const double *bases = (const double *)((const unsigned char *)f->blob + HEAD_BYTES);
    double most = -INFINITY, sum = 0;
    for (uint32_t c = 0; c < n_classes; c++) {
        const double *mean = bases + n_classes + 2 * n * c;
        double squares = 0;
        for (uint32_t i = 0; i < n; i++) {
            double far = fmin(fabs(fmax(-1e140, fmin(x[i], 1e140)) - mean[i]) * mean[n + i], 1e150);
            squares += far * far;
        }
        scores[c] = bases[c] > -1e300 ? bases[c] - 0.5 * squares : -INFINITY;
        most = fmax(most, scores[c]);
    }
    for (uint32_t c = 0; c < n_classes; c++)
        sum += scores[c] = exp(scores[c] - most);
    for (uint32_t c = 0; c < n_classes; c++)
        scores[c] /= sum;
}

static void check_gaussian_row(const kedge_frozen *f, uint32_t n, uint32_t n_classes, const double *x)
{
    double wants[4], has[4], y, z, apart[2 * 130];
    uint32_t best = 0;
    size_t used;
    naive_gaussian(f, n, n_classes, x, wants);
    assert_int_equal(kedge_frozen_score(f, x, has, n_classes), KEDGE_OK);
    assert_memory_equal(has, wants, n_classes * sizeof *has);
    for (uint32_t c = 1; c < n_classes; c++)
        best = wants[c] > wants[best] ? c : best;
    assert_int_equal(kedge_frozen_predict(f, x, &y), KEDGE_OK);
    assert_true(y == best);
    for (uint32_t i = 0; i < n; i++)
        apart[2 * i] = x[i];
    kedge_rows rows = kedge_rows_float64(apart, 1, n);
    rows.column_stride = 2;
    assert_int_equal(kedge_frozen_predict_many(f, &rows, &z, &used), KEDGE_OK);
    assert_true(z == best);
}

/* Classes two at a time and features in any number say what one class after the other says, bit for bit: rows as they lie, rows
 * with numbers far away, and rows whose numbers lie apart. The last of three or four classes was never seen. */
static void test_gaussian_is_naive(void **state)
{
    (void)state;
    static const uint32_t features[] = {1, 2, 3, 8, 63, 64, 65, 130};
    kedge_rng rng = {9};
    for (size_t k = 0; k < sizeof features / sizeof *features; k++)
        for (uint32_t n_classes = 2; n_classes <= 4; n_classes++) {
            uint32_t n = features[k], n_seen = n_classes > 2 ? n_classes - 1 : 2;
            kedge_gaussian_nb_config cfg = kedge_gaussian_nb_defaults(n, n_classes);
            kedge_model m;
            kedge_frozen f;
            double x[130];
            size_t len;
            void *mem = guard_new(kedge_model_size(&cfg.base), 0xA5);
            assert_int_equal(kedge_model_init(&m, &cfg.base, mem, kedge_model_size(&cfg.base)), KEDGE_OK);
            for (uint32_t i = 0; i < 40; i++) {
                for (uint32_t j = 0; j < n; j++)
                    x[j] = kedge_rng_uniform(&rng) + (i % n_seen == j % 2) * 0.2;
                assert_int_equal(kedge_model_learn(&m, x, i % n_seen, 1), KEDGE_OK);
            }
            void *blob = freeze(&m, &len);
            assert_int_equal(kedge_frozen_open(&f, blob, len), KEDGE_OK);
            for (uint32_t i = 0; i < 60; i++) {
                for (uint32_t j = 0; j < n; j++)
                    x[j] = kedge_rng_uniform(&rng);
                if (i >= 40)
                    x[i % n] = i % 4 == 0 ? -1e200 : i % 4 == 1 ? 1e200 : 1e20;
                check_gaussian_row(&f, n, n_classes, x);
            }
            guard_free(blob);
            guard_free(mem);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_gaussian_is_naive),
        cmocka_unit_test(test_portfolio_leaves_neighbours_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
