/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ridge regression at the edges: dependent columns, any magnitude, degenerate tables, strides, refusals. */
#include "ridge_rows.h"

#include <fenv.h>
#include <float.h>

/* Two copies share the weight of one, whatever the penalty, and none at all is the least that fits; constant columns have no
 * weight. */
static void test_dependent_columns(void **unused)
{
    enum { ROWS = 50 };
    static const double penalties[5] = {0, 1e-9, 1, 100, 1e6};
    double x[ROWS * 4], one[ROWS], y[ROWS], b[5], single[2];
    kedge_rng rng = {2};
    (void)unused;
    for (int i = 0; i < ROWS; i++) {
        one[i] = 7 + kedge_rng_normal(&rng);
        x[4 * i] = x[4 * i + 1] = one[i];
        x[4 * i + 2] = 0.1;
        x[4 * i + 3] = 2 * one[i];
        y[i] = 3 * one[i] + kedge_rng_normal(&rng);
    }
    kedge_rows rows = kedge_rows_float64(x, ROWS, 4), alone = kedge_rows_float64(one, ROWS, 1);
    for (int k = 0; k < 10; k++) {
        /* the penalty on (v, v, 2v), which stands for the weight 6v, is that on 6v over 6 */
        kedge_gsl_ridge_config cfg = config_of(4, penalties[k % 5], 0, 1), same = config_of(1, penalties[k % 5] / 6, 0, 1);
        cfg.method = same.method = k / 5 ? KEDGE_GSL_METHOD_NORMAL : KEDGE_GSL_METHOD_QR;
        kedge_model m = gsl_model(&cfg.base), s = gsl_model(&same.base);
        assert_int_equal(gsl_fit(&m, &rows, y, NULL), KEDGE_OK);
        assert_int_equal(gsl_fit(&s, &alone, y, NULL), KEDGE_OK);
        coefficients_of(&m, b, 4);
        coefficients_of(&s, single, 1);
        assert_ratio(6 * b[1], single[1], 1e-9);
        assert_ratio(6 * b[2], single[1], 1e-9);
        assert_ratio(3 * b[4], single[1], 1e-9);
        assert_true(b[3] == 0 && summary_of(&m).rank == 1 && gsl_summary(&m).condition == 1);
        assert_ratio(summary_of(&m).loo, summary_of(&s).loo, 1e-9);
        assert_ratio(summary_of(&m).df, summary_of(&s).df, 1e-12);
        guard_free(m.state);
        guard_free(s.state);
    }
}

/* Columns of very different units are as exact as each of them alone: the penalty is far below some and far above others. */
static void test_scales_apart(void **unused)
{
    static naive t, scaled;
    static const double factors[MAX_P] = {1, 1e-9, 1e7, 1e-4, 1e3};
    kedge_rng rng = {21};
    double b[MAX_P + 1];
    long double expected[MAX_P + 1];
    (void)unused;
    for (int round = 0; round < 20; round++) {
        fill_naive(&t, &rng, 0, 0);
        scaled = t;
        for (size_t j = 0; j < t.p; j++) {
            t.square[j] = 1 / (factors[j] * factors[j]); /* the same problem in other units */
            for (size_t i = 0; i < t.n; i++)
                scaled.x[i * t.p + j] = factors[j] * t.x[i * t.p + j];
        }
        kedge_rows rows = kedge_rows_float64(scaled.x, t.n, t.p);
        kedge_gsl_ridge_config cfg = config_of((uint32_t)t.p, 1e-2, 0, 1);
        kedge_model m = gsl_model(&cfg.base);
        assert_int_equal(gsl_fit(&m, &rows, t.y, NULL), KEDGE_OK);
        coefficients_of(&m, b, t.p);
        naive_fit(&t, 1e-2, t.n, expected);
        for (size_t j = 0; j < t.p; j++)
            assert_ratio(b[j + 1] * factors[j], (double)expected[j + 1], 1e-7);
        guard_free(m.state);
    }
}

/* With standardise, units do not matter at all; and features of any magnitude are fine. */
static void test_any_magnitude(void **unused)
{
    double x[N * P], w[N], wide[N * P];
    (void)unused;
    table(x, w);
    for (int i = 0; i < N; i++) {
        wide[P * i] = 0x1p1000 * x[P * i];
        wide[P * i + 1] = 0x1p-1000 * x[P * i + 1];
        wide[P * i + 2] = x[P * i + 2];
    }
    kedge_rows rows = kedge_rows_float64(x, N, P), more = kedge_rows_float64(wide, N, P);
    kedge_gsl_ridge_config cfg = config_of(P, 0.1, 10, 5);
    cfg.standardise = 1;
    kedge_model m = gsl_model(&cfg.base), n = gsl_model(&cfg.base);
    (void)feclearexcept(FE_ALL_EXCEPT);
    assert_int_equal(gsl_fit(&m, &rows, sizes, w), KEDGE_OK);
    assert_int_equal(gsl_fit(&n, &more, sizes, w), KEDGE_OK);
    for (int i = 0; i < N; i++)
        assert_true(gsl_predict(&m, x + P * i) == gsl_predict(&n, wide + P * i));
    assert_true(summary_of(&m).loo == summary_of(&n).loo && summary_of(&m).chosen == summary_of(&n).chosen);
    guard_free(n.state);
    cfg.standardise = 0;
    n = gsl_model(&cfg.base);
    double b[P];
    assert_int_equal(gsl_fit(&n, &more, sizes, w), KEDGE_OK); /* all but the first are nothing beside it */
    assert_int_equal(summary_of(&n).rank, 1);
    assert_int_equal(kedge_gsl_coefficients(&n, b, P, b), KEDGE_OK);
    assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
    guard_free(m.state);
    guard_free(n.state);
}

static void test_degenerate(void **unused)
{
    const double x[6] = {0, 1, 2, 3, 4, 5}, same[6] = {4, 4, 4, 4, 4, 4}, zero[6] = {0}, y[6] = {1, 4, 2, 8, 5, 7};
    const double only[6] = {0, 0, 2, 0, 0, 0};
    kedge_rows rows = kedge_rows_float64(x, 6, 1), one = kedge_rows_float64(x + 3, 1, 1), two = kedge_rows_float64(x, 2, 1),
               flat = kedge_rows_float64(same, 6, 1);
    kedge_gsl_ridge_config cfg = config_of(1, 0.5, 2, 3), none = config_of(1, 0, 0, 1);
    kedge_model m = gsl_model(&cfg.base), n = gsl_model(&none.base);
    kedge_gsl_ridge_fit fit;
    double at = 100;
    (void)unused;
    assert_int_equal(gsl_fit(&m, &rows, y, zero), KEDGE_ERR_NUMERIC);
    assert_int_equal(gsl_fit(&m, &one, y, NULL), KEDGE_OK); /* a row alone cannot be left out: the greatest penalty */
    fit = summary_of(&m);
    assert_true(fit.loo == DBL_MAX && fit.gcv == DBL_MAX && fit.df == 1 && fit.rank == 0 && fit.chosen == 2 && fit.l2 == 2);
    assert_true(fit.deviance == 0 && gsl_predict(&m, &at) == 1);
    assert_int_equal(gsl_fit(&m, &rows, y, only), KEDGE_OK);
    assert_true(summary_of(&m).loo == DBL_MAX && summary_of(&m).n_rows == 1 && gsl_predict(&m, &at) == 2);
    assert_int_equal(gsl_fit(&m, &flat, y, NULL), KEDGE_OK); /* no column: the mean, and leave-one-out of that */
    fit = summary_of(&m);
    double squares = 0;
    for (int i = 0; i < 6; i++)
        squares += (y[i] - 4.5) * (y[i] - 4.5);
    assert_ratio(fit.loo, squares / 6 * 36 / 25, 1e-14);
    assert_ratio(fit.gcv, squares / 6 * 36 / 25, 1e-14);
    assert_true(fit.df == 1 && fit.rank == 0);
    assert_int_equal(gsl_fit(&m, &rows, same, NULL), KEDGE_OK); /* a constant target */
    fit = summary_of(&m);
    assert_true(fit.loo == 0 && fit.deviance == 0 && gsl_predict(&m, &at) == 4);
    assert_int_equal(gsl_fit(&n, &two, y, NULL), KEDGE_OK); /* as many numbers as rows: nothing is known of its errors */
    fit = summary_of(&n);
    assert_true(fit.loo == DBL_MAX && fit.gcv == DBL_MAX && fit.df == 2);
    assert_close(gsl_predict(&n, x + 1), 4, 1e-14);
    guard_free(m.state);
    guard_free(n.state);
}

/* Tables whose rows do not lie one behind the other, and blocks of rows that are not full: the same. */
static void test_strides(void **unused)
{
    enum { ROWS = 259 };
    static float narrow[ROWS * 3];
    static double turned[3 * ROWS], straight[ROWS * 3], y[ROWS];
    kedge_rng rng = {4};
    (void)unused;
    for (int i = 0; i < ROWS; i++) {
        y[i] = kedge_rng_normal(&rng);
        for (int j = 0; j < 3; j++) {
            narrow[3 * i + j] = (float)kedge_rng_normal(&rng);
            straight[3 * i + j] = turned[ROWS * j + i] = (double)narrow[3 * i + j];
            y[i] += straight[3 * i + j] / (1 + j);
        }
    }
    kedge_rows tables[3] = {kedge_rows_float64(straight, ROWS, 3),
                            {narrow, KEDGE_FLOAT32, 0, ROWS, 3, 3, 1},
                            {turned, KEDGE_FLOAT64, 0, ROWS, 3, 1, ROWS}};
    kedge_gsl_ridge_config cfg = config_of(3, 0.01, 100, 9);
    void *first = NULL;
    for (int k = 0; k < 3; k++) {
        kedge_model m = gsl_model(&cfg.base);
        assert_int_equal(gsl_fit(&m, tables + k, y, NULL), KEDGE_OK);
        if (first)
            assert_memory_equal(first, m.state, kedge_model_size(&cfg.base));
        else
            first = guard_copy(m.state, kedge_model_size(&cfg.base));
        guard_free(m.state);
    }
    guard_free(first);
}

/* The first two fall, the others are out of range each. */
static const double falling[4] = {1, 0.5, -1, 2e100}, zeros[KEDGE_RIDGE_LIST_MAX + 1];

#define BAD(change)                                                                                \
    do {                                                                                           \
        kedge_gsl_ridge_config c = cfg;                                                            \
        change;                                                                                    \
        assert_int_equal(kedge_model_size(&c.base), 0);                                            \
    } while (0)

static void test_configuration(void **unused)
{
    kedge_gsl_ridge_config cfg = kedge_gsl_ridge_defaults(3);
    (void)unused;
    assert_true(cfg.l2 == 1 && cfg.l2_high == 1 && cfg.n_l2 == 1 && cfg.choice == KEDGE_RIDGE_LOO && cfg.standardise == 0);
    assert_true(cfg.method == KEDGE_GSL_METHOD_QR && cfg.path == 0 && kedge_model_size(&cfg.base) > 0);
    assert_int_equal(kedge_gsl_ridge_config_init(NULL, sizeof cfg, 3), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_ridge_config_init(&(kedge_gsl_ridge_config){.l2 = 0}, sizeof cfg - 1, 3), KEDGE_ERR_CONFIG);
    BAD(c.base.n_features = 0);
    BAD(c.base.n_features = KEDGE_FEATURES_MAX + 1);
    BAD(c.base.n_classes = 2);
    BAD(c.l2 = -1e-300);
    BAD(c.l2 = 2e100);
    BAD(c.l2 = NAN);
    BAD(c.l2_high = NAN);
    BAD(c.l2_high = -1);
    BAD(c.n_l2 = 0);
    BAD(c.n_l2 = KEDGE_RIDGE_PATH_MAX + 1);
    BAD((c.n_l2 = 2, c.l2 = 0));
    BAD((c.n_l2 = 2, c.l2_high = 0.5));
    BAD(c.choice = 0);
    BAD(c.choice = 3);
    BAD(c.standardise = 2);
    BAD(c.method = 0);
    BAD(c.method = 3);
    BAD(c.path = 2);
    BAD((c.penalties = falling, c.n_l2 = 2));
    BAD((c.penalties = falling + 1, c.n_l2 = 2));
    BAD((c.penalties = falling + 2, c.n_l2 = 1));
    BAD((c.penalties = falling + 3, c.n_l2 = 1));
    BAD((c.penalties = falling, c.n_l2 = 0));
    BAD((c.penalties = zeros, c.n_l2 = KEDGE_RIDGE_LIST_MAX + 1));
    cfg.l2_high = 0; /* does not count */
    assert_true(kedge_model_size(&cfg.base) > 0);
    assert_true(kedge_model_fit_work(&cfg.base, 10) == kedge_model_fit_work(&cfg.base, 1u << 30));
    cfg.base.n_features = KEDGE_FEATURES_MAX;
    cfg.n_l2 = KEDGE_RIDGE_PATH_MAX;
    cfg.l2_high = 2;
    cfg.path = 1;
    assert_true(kedge_model_size(&cfg.base) > (size_t)8 * KEDGE_RIDGE_PATH_MAX * KEDGE_FEATURES_MAX);
}

static void test_errors(void **unused)
{
    double x[N * P], w[N], b[3 * (P + 1)];
    kedge_gsl_ridge_point path[3];
    kedge_gsl_ridge_fit fit;
    kedge_gsl_ridge_config cfg = config_of(P, 0.5, 2, 3), bare = cfg;
    kedge_gsl_least_squares_config plain = kedge_gsl_least_squares_defaults(P);
    (void)unused;
    table(x, w);
    kedge_rows rows = kedge_rows_float64(x, N, P);
    bare.path = 0;
    kedge_model m = gsl_model(&cfg.base), l = gsl_model(&plain.base), n = gsl_model(&bare.base), nothing = {NULL, NULL};
    assert_int_equal(kedge_gsl_ridge_summary(&m, &fit), KEDGE_EMPTY);
    assert_true(fit.n_rows == 0 && fit.loo == 0 && fit.df == 0 && fit.l2 == 0.5);
    assert_int_equal(kedge_gsl_ridge_path(&m, path, 3, b, 3 * (P + 1)), KEDGE_EMPTY);
    assert_int_equal(kedge_model_predict(&m, x, b), KEDGE_EMPTY);
    assert_int_equal(gsl_fit(&m, &rows, sizes, NULL), KEDGE_OK);
    assert_int_equal(gsl_fit(&n, &rows, sizes, NULL), KEDGE_OK);
    assert_int_equal(kedge_gsl_ridge_path(&m, path, 2, NULL, 0), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_gsl_ridge_path(&m, NULL, 3, NULL, 0), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_gsl_ridge_path(&m, NULL, 0, b, 3 * P), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_gsl_ridge_path(&m, NULL, 0, NULL, 0), KEDGE_OK);
    assert_int_equal(kedge_gsl_ridge_path(&n, NULL, 0, b, 3 * (P + 1)), KEDGE_ERR_UNSUPPORTED);
    assert_int_equal(kedge_gsl_ridge_path(&n, path, 3, NULL, 0), KEDGE_OK);
    assert_int_equal(kedge_gsl_ridge_path(&l, path, 3, NULL, 0), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_gsl_ridge_path(&nothing, path, 3, NULL, 0), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_ridge_path(NULL, path, 3, NULL, 0), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_ridge_summary(&l, &fit), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_gsl_ridge_summary(&m, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_report(&m, 0.95, NULL, (kedge_gsl_coefficient[P + 1]){{0}}, P + 1), KEDGE_ERR_UNSUPPORTED);
    assert_int_equal(kedge_gsl_predict_interval(&m, x, 0.95, &(kedge_gsl_interval){0}), KEDGE_ERR_UNSUPPORTED);
    for (int i = 0; i < N * P; i++)
        x[i] *= 0x1p-1020; /* a weight of 2^1020 times something */
    cfg.l2 = 0;
    cfg.n_l2 = 1;
    for (int i = 0; i < N; i++)
        w[i] = 1e10 * sizes[i];
    kedge_model tiny = gsl_model(&cfg.base);
    assert_int_equal(gsl_fit(&tiny, &rows, w, NULL), KEDGE_OK);
    memset(b, 0x5C, sizeof b);
    void *before = guard_copy(b, sizeof b);
    assert_int_equal(kedge_gsl_ridge_path(&tiny, NULL, 0, b, P + 1), KEDGE_ERR_NUMERIC);
    assert_memory_equal(b, before, sizeof b);
    guard_free(before);
    guard_free(tiny.state);
    guard_free(m.state);
    guard_free(l.state);
    guard_free(n.state);
}

/* Save, load, reset. */
static void test_life(void **unused)
{
    double x[N * P], w[N];
    unsigned char snapshot[4096];
    size_t length = 0, bytes = 0;
    (void)unused;
    table(x, w);
    kedge_rows rows = kedge_rows_float64(x, N, P);
    kedge_gsl_ridge_config cfg = config_of(P, 0.01, 100, 5);
    size_t state_bytes = kedge_model_size(&cfg.base);
    kedge_model m = gsl_model(&cfg.base), again;
    void *fresh = guard_copy(m.state, state_bytes);
    assert_int_equal(kedge_class_check(&kedge_gsl_ridge.base), KEDGE_OK);
    assert_int_equal(gsl_fit(&m, &rows, sizes, w), KEDGE_OK);
    assert_int_equal(kedge_model_save(&m, snapshot, sizeof snapshot, &length), KEDGE_OK);
    assert_int_equal(kedge_model_load_size(&kedge_gsl_ridge, snapshot, length, &bytes), KEDGE_OK);
    assert_int_equal(bytes, state_bytes);
    void *mem = guard_new(bytes, 0x5C);
    assert_int_equal(kedge_model_load(&again, &kedge_gsl_ridge, mem, bytes, snapshot, length), KEDGE_OK);
    assert_memory_equal(mem, m.state, bytes);
    assert_int_equal(kedge_model_reset(&m), KEDGE_OK);
    assert_memory_equal(m.state, fresh, state_bytes);
    guard_free(mem);
    guard_free(fresh);
    guard_free(m.state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dependent_columns),
        cmocka_unit_test(test_scales_apart),
        cmocka_unit_test(test_any_magnitude),
        cmocka_unit_test(test_degenerate),
        cmocka_unit_test(test_strides),
        cmocka_unit_test(test_configuration),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_life),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
