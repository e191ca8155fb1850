/* SPDX-License-Identifier: MIT */
/* What gradient boosting promises of missing values, constraints, early stopping, memory and hostile tables. */
#include "boosted.h"
#include "hostile_table.h"

/* Promises --------------------------------------------------------------------------------------------------------------------- */

/* Noise, and an effect against the constraint in places: answers keep to the direction all the same. */
static void test_constraints_hold(void **unused)
{
    (void)unused;
    enum { N = 600 };
    static double x[N][3], y[N];
    for (uint64_t seed = 0; seed < 9; seed++) {
        kedge_rng rng = {seed};
        config c = kedge_gradient_boosting_defaults(3, seed % 3 == 2 ? 2 : 0);
        c.loss = seed % 3 == 1 ? KEDGE_BOOST_ABSOLUTE : KEDGE_BOOST_SQUARED;
        c.rising[0] = 1;
        c.falling[0] = 2;
        c.min_rows = 3;
        c.n_rounds = 30;
        kedge_rows rows = kedge_rows_float64(&x[0][0], N, 3);
        kedge_model m;
        for (int i = 0; i < N; i++) {
            for (int j = 0; j < 3; j++)
                x[i][j] = kedge_rng_uniform(&rng);
            double sum = sin(9 * x[i][0]) + x[i][0] + x[i][1] * x[i][2] + 0.3 * kedge_rng_normal(&rng);
            y[i] = seed % 3 == 2 ? sum > 0.6 : sum;
        }
        make_fitted(&m, &c, &rows, y, NULL);
        for (int k = 0; k < 400; k++) {
            double at[3] = {0, kedge_rng_uniform(&rng), kedge_rng_uniform(&rng)}, last = 0, scores[2];
            int feature = k % 2;
            for (int i = 0; i <= 50; i++) {
                at[feature] = i / 50.0;
                assert_int_equal(kedge_model_score(&m, at, scores, seed % 3 == 2 ? 2 : 1), KEDGE_OK);
                double is = (feature == 0 ? 1 : -1) * scores[seed % 3 == 2];
                assert_true(i == 0 || is >= last - 1e-12);
                last = is;
            }
        }
        guard_free(m.state);
    }
}

static double log_loss(const kedge_model *m, const double *x, double y)
{
    double scores[3];
    assert_int_equal(kedge_model_score(m, x, scores, 3), KEDGE_OK);
    return -log(scores[(size_t)y]);
}

/* Labels that are half noise: it stops in time, says the loss of the rows held out, and is what training on the others for that
 * long gives. */
static void test_early_stopping(void **unused)
{
    (void)unused;
    enum { N = 900 };
    static double x[N][2], y[N], weight[N];
    kedge_rng rng = {5};
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < 2; j++)
            x[i][j] = kedge_rng_uniform(&rng);
        y[i] = kedge_rng_below(&rng, 2) ? (double)kedge_rng_below(&rng, 3) : (x[i][0] > 0.4) + (x[i][1] > 0.7);
        weight[i] = 1;
    }
    kedge_rows rows = kedge_rows_float64(&x[0][0], N, 2);
    config c = kedge_gradient_boosting_defaults(2, 3);
    kedge_model m, same;
    c.n_rounds = 500;
    c.holdout = 0.2;
    c.patience = 5;
    make_fitted(&m, &c, &rows, y, weight);
    kedge_gradient_boosting_info info = info_of(&m);
    assert_true(info.n_tried == info.n_rounds + 5 && info.n_rounds > 3 && info.n_tried < 200);
    assert_true(info.n_trees == 3 * info.n_rounds && info.n_held_out == N / 5 && info.n_leaves > info.n_trees);
    double loss = 0;
    for (int i = 4 * N / 5; i < N; i++)
        loss += log_loss(&m, x[i], y[i]) / (N / 5);
    assert_close(info.loss, loss, 1e-10);
    config plain = c;
    plain.holdout = 0;
    plain.n_rounds = info.n_rounds;
    rows.n_rows = 4 * N / 5;
    make_fitted(&same, &plain, &rows, y, NULL);
    for (int i = 0; i < N; i++)
        assert_true(log_loss(&same, x[i], y[i]) == log_loss(&m, x[i], y[i]));
    rows.n_rows = N;
    c.hold = KEDGE_HOLD_RANDOM; /* other rows */
    guard_free(m.state);
    guard_free(same.state);
    make_fitted(&m, &c, &rows, y, NULL);
    assert_true(info_of(&m).n_held_out == N / 5 && info_of(&m).loss != info.loss && info_of(&m).n_tried < 200);
    guard_free(m.state);
}

/* Nothing to learn: no round is better than none. */
static void test_no_round_helps(void **unused)
{
    (void)unused;
    double x[100], y[100];
    kedge_rng rng = {1};
    for (int i = 0; i < 100; i++) {
        x[i] = kedge_rng_uniform(&rng);
        y[i] = i < 50 ? kedge_rng_normal(&rng) : 0;
    }
    kedge_rows rows = kedge_rows_float64(x, 100, 1);
    for (int loss = KEDGE_BOOST_SQUARED; loss <= KEDGE_BOOST_ABSOLUTE; loss++) {
        config c = kedge_gradient_boosting_defaults(1, 0);
        kedge_model m;
        c.loss = (uint32_t)loss;
        c.holdout = 0.5;
        c.min_rows = 2;
        c.nominal[0] = 0;
        make_fitted(&m, &c, &rows, y, NULL);
        assert_true(info_of(&m).n_rounds <= 2 && info_of(&m).n_tried == info_of(&m).n_rounds + 10);
        guard_free(m.state);
    }
}

/* Rows in any form, and the same seed: the same bytes. Another seed: others. */
static void test_bytes_by_seed(void **unused)
{
    (void)unused;
    enum { N = 400, M = 5 };
    static double x[N][M], y[N], apart[M][2 * N];
    static float narrow[N][M];
    kedge_rng rng = {3};
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < M; j++) {
            narrow[i][j] = j == 1 ? (float)kedge_rng_below(&rng, 5) : (float)kedge_rng_normal(&rng);
            x[i][j] = apart[j][2 * i] = kedge_rng_below(&rng, 9) ? (double)narrow[i][j] : (double)NAN;
            narrow[i][j] = (float)x[i][j];
        }
        y[i] = kedge_rng_below(&rng, 3) ? (narrow[i][0] > 0) + (narrow[i][2] > 1) : (double)kedge_rng_below(&rng, 3);
    }
    kedge_rows rows[3] = {kedge_rows_float64(&x[0][0], N, M), kedge_rows_float32(&narrow[0][0], N, M),
                          kedge_rows_float64(&apart[0][0], N, M)};
    rows[2].row_stride = 2;
    rows[2].column_stride = 2 * N;
    config c = kedge_gradient_boosting_defaults(M, 3);
    c.n_rounds = 12;
    c.min_rows = 3;
    c.nominal[0] = 2;
    c.row_share = 0.6;
    c.feature_share = 0.5;
    c.holdout = 0.1;
    c.hold = KEDGE_HOLD_RANDOM;
    c.patience = 100;
    size_t bytes = kedge_model_size(&c.base);
    kedge_model m[4];
    for (int k = 0; k < 3; k++) {
        make_fitted(&m[k], &c, &rows[k], y, NULL);
        assert_memory_equal(m[k].state, m[0].state, bytes);
    }
    fit_table(&m[1], &rows[0], y, NULL); /* what it was fitted on before does not matter */
    assert_memory_equal(m[1].state, m[0].state, bytes);
    c.seed = 2;
    make_fitted(&m[3], &c, &rows[0], y, NULL);
    int differ = 0;
    for (int i = 0; i < N; i++)
        differ += predict(&m[3], x[i]) != predict(&m[0], x[i]);
    assert_true(differ > 0);
    for (int k = 0; k < 4; k++)
        guard_free(m[k].state);
}

/* Whole weights are that many rows, rows of weight 0 are none, and no scale of weights matters. */
static void test_weights(void **unused)
{
    (void)unused;
    enum { N = 80 };
    static double x[N][2], y[N], weight[N], far[N], x2[3 * N][2], y2[3 * N];
    kedge_rng rng = {8};
    size_t n = 0;
    for (int i = 0; i < N; i++) {
        x[i][0] = (double)kedge_rng_below(&rng, 30);
        x[i][1] = (double)kedge_rng_below(&rng, 30);
        y[i] = x[i][0] > 15 ? x[i][1] : kedge_rng_normal(&rng);
        weight[i] = (double)kedge_rng_below(&rng, 4);
        far[i] = weight[i] * 0x1p-900;
        for (int k = 0; k < (int)weight[i]; k++, n++) {
            memcpy(x2[n], x[i], sizeof x[i]);
            y2[n] = y[i];
        }
    }
    config c = kedge_gradient_boosting_defaults(2, 0);
    c.min_rows = 1;
    c.min_hessian = 1e-6;
    c.max_leaves = 6;
    c.n_rounds = 5;
    kedge_model m[3];
    kedge_rows rows = kedge_rows_float64(&x[0][0], N, 2), rows2 = kedge_rows_float64(&x2[0][0], n, 2);
    make_fitted(&m[0], &c, &rows, y, weight);
    make_fitted(&m[1], &c, &rows, y, far);
    make_fitted(&m[2], &c, &rows2, y2, NULL);
    kedge_model_info info;
    assert_int_equal(kedge_model_describe(&m[2], &info), KEDGE_OK);
    assert_true(info.n_learned == n && info.takes_missing && !info.can_learn);
    for (int i = 0; i < N; i++) {
        if (weight[i] == 0)
            continue;
        assert_true(predict(&m[0], x[i]) == predict(&m[1], x[i]));
        assert_close(predict(&m[0], x[i]), predict(&m[2], x[i]), 1e-9);
    }
    for (int k = 0; k < 3; k++)
        guard_free(m[k].state);
}

/* More values than bins: cuts stand at quantiles, and a step is found to a bin's width. */
static void test_many_values(void **unused)
{
    (void)unused;
    enum { N = 5000 };
    static double x[N], y[N];
    kedge_rng rng = {4};
    for (int i = 0; i < N; i++) {
        x[i] = i % 3 ? exp(4 * kedge_rng_normal(&rng)) : 1; /* a third of all are 1 */
        y[i] = x[i] > 1;
    }
    kedge_rows rows = kedge_rows_float64(x, N, 1);
    static const uint32_t bins[] = {2, 3, 16, 255};
    for (int k = 0; k < 4; k++) {
        config c = stump(1, 0);
        kedge_model m;
        int wrong = 0;
        c.n_bins = bins[k];
        make_fitted(&m, &c, &rows, y, NULL);
        for (int i = 0; i < N; i++)
            wrong += (predict(&m, &x[i]) > 0.5) != (y[i] > 0);
        assert_true(wrong <= (k == 0 ? N / 5 : N / (int)bins[k]));
        if (k == 3)
            assert_int_equal(wrong, 0); /* the cut behind so many equal values is exact */
        guard_free(m.state);
    }
}

/* Depth, leaves and rows of a leaf are kept to. */
static void test_limits_of_growth(void **unused)
{
    (void)unused;
    enum { N = 1000 };
    static double x[N], y[N], noise[N];
    kedge_rng rng = {6};
    for (int i = 0; i < N; i++) {
        x[i] = y[i] = i;
        noise[i] = kedge_rng_normal(&rng);
    }
    kedge_rows rows = kedge_rows_float64(x, N, 1);
    config c = kedge_gradient_boosting_defaults(1, 0);
    kedge_model m;
    c.n_rounds = 1;
    c.max_depth = 3;
    make_fitted(&m, &c, &rows, y, NULL);
    assert_true(info_of(&m).n_leaves == 8);
    guard_free(m.state);
    c.max_depth = KEDGE_BOOST_LEAVES_MAX;
    c.max_leaves = KEDGE_BOOST_LEAVES_MAX;
    c.min_rows = 100;
    make_fitted(&m, &c, &rows, noise, NULL);
    assert_true(info_of(&m).n_leaves >= 5 && info_of(&m).n_leaves <= 10);
    int run = 0, least = N;
    for (int i = 0; i < N; i++, run++)
        if (i > 0 && predict(&m, &x[i]) != predict(&m, &x[i - 1])) {
            least = run < least ? run : least;
            run = 0;
        }
    assert_true(least >= 100 && run >= 100);
    guard_free(m.state);
    c.min_gain = 1e9;
    make_fitted(&m, &c, &rows, y, NULL);
    assert_true(info_of(&m).n_leaves == 1);
    guard_free(m.state);
}

/* Tables at the edges of what is allowed: the model is sound, what it says is finite, and no flag of the processor is raised. */
static void test_hostile_tables(void **unused)
{
    (void)unused;
    static hostile_table t;
    kedge_rng rng = {7};
    for (int k = 0; k < 400; k++) {
        uint32_t n_classes = (uint32_t)(k % 4) + (k % 4 > 0);
        size_t n = 1 + (size_t)kedge_rng_below(&rng, HOSTILE_ROWS);
        config c = kedge_gradient_boosting_defaults(HOSTILE_FEATURES, n_classes);
        c.loss = k % 8 ? KEDGE_BOOST_SQUARED : KEDGE_BOOST_ABSOLUTE;
        c.n_rounds = 8;
        c.min_rows = 1 + (uint32_t)kedge_rng_below(&rng, 3);
        c.learning_rate = k % 3 ? 1 : 0.1;
        c.min_hessian = k % 5 ? 1e-10 : 1e-3;
        c.l2 = k % 7 ? 0 : 1e9;
        c.holdout = k % 6 ? 0 : 0.5;
        c.nominal[0] = k % 2 ? 1 : 0;
        c.rising[0] = n_classes < 3 ? 2 : 0;
        hostile_draw(&t, &rng, k, n, n_classes);
        kedge_rows rows = kedge_rows_float64(&t.x[0][0], n, HOSTILE_FEATURES);
        kedge_model m;
        make(&m, &c);
        feclearexcept(FE_ALL_EXCEPT);
        fit_table(&m, &rows, t.y, t.weight);
        hostile_assert_sound(&t, &m, n, n_classes);
        guard_free(m.state);
    }
}

/* Room and errors -------------------------------------------------------------------------------------------------------------- */

static void test_sizes(void **unused)
{
    (void)unused;
    config c = kedge_gradient_boosting_defaults(7, 5);
    c.n_rounds = 13;
    c.max_leaves = 9;
    assert_int_equal(kedge_model_size(&c.base), KEDGE_GRADIENT_BOOSTING_BYTES_FOR(5u, 13u, 9u));
    c.base.n_classes = 2;
    assert_int_equal(kedge_model_size(&c.base), KEDGE_GRADIENT_BOOSTING_BYTES_FOR(1u, 13u, 9u));
    assert_true(kedge_model_fit_work(&c.base, 1000) > kedge_model_fit_work(&c.base, 999));
    assert_int_equal(kedge_model_fit_work(&c.base, (size_t)1 << 31), 0);
    c.n_rounds = KEDGE_BOOST_ROUNDS_MAX;
    c.max_leaves = KEDGE_BOOST_LEAVES_MAX;
    assert_int_equal(kedge_model_size(&c.base), 0);
    assert_int_equal(kedge_model_fit_work(&c.base, 10), 0);
}

static void test_errors(void **unused)
{
    (void)unused;
    double x[4] = {1, 2, 3, 4}, y[4] = {0, 1, 0, 1}, zero[4] = {0}, scores[3], label = 7;
    config c = kedge_gradient_boosting_defaults(1, 3);
    kedge_rows rows = kedge_rows_float64(x, 4, 1);
    kedge_gradient_boosting_info info;
    kedge_model m, other;
    make(&m, &c);
    assert_int_equal(kedge_gradient_boosting_describe(&m, &info), KEDGE_EMPTY);
    assert_true(info.n_trees == 0 && info.n_leaves == 0 && info.loss == 0);
    assert_int_equal(kedge_model_score(&m, x, scores, 3), KEDGE_EMPTY);
    assert_int_equal(kedge_model_predict(&m, x, &label), KEDGE_EMPTY);
    assert_true(label == 0 && scores[0] == scores[2]);
    fit_table(&m, &rows, y, NULL);
    size_t bytes = kedge_model_size(&c.base), work_bytes = kedge_model_work(&m, 4);
    unsigned char *before = guard_copy(m.state, bytes);
    void *work = guard_new(work_bytes, 0xA5);
    assert_int_equal(kedge_model_fit(&m, &rows, y, zero, work, work_bytes), KEDGE_ERR_NUMERIC);
    assert_memory_equal(m.state, before, bytes);
    assert_int_equal(kedge_gradient_boosting_describe(NULL, &info), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gradient_boosting_describe(&m, NULL), KEDGE_ERR_NULL);
    other.cls = &kedge_gaussian_nb;
    other.state = m.state;
    assert_int_equal(kedge_gradient_boosting_describe(&other, &info), KEDGE_ERR_CLASS);
    other.state = NULL;
    assert_int_equal(kedge_gradient_boosting_describe(&other, &info), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gradient_boosting_config_init(&c, 3, 1, 2), KEDGE_ERR_CONFIG);
    guard_free(work);
    guard_free(before);
    guard_free(m.state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_constraints_hold),
        cmocka_unit_test(test_early_stopping),
        cmocka_unit_test(test_no_round_helps),
        cmocka_unit_test(test_bytes_by_seed),
        cmocka_unit_test(test_weights),
        cmocka_unit_test(test_many_values),
        cmocka_unit_test(test_limits_of_growth),
        cmocka_unit_test(test_hostile_tables),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
