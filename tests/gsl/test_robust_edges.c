/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Robust regression at the edges: exact and degenerate tables, columns that depend on others, refusals. */
#include "robust_rows.h"

#include <fenv.h>
#include <float.h>

/* Three rows of four on a line: that line, scale 0, no errors, and nothing is divided by 0. */
static void test_exact(void **unused)
{
    enum { ROWS = 50 };
    double x[ROWS], y[ROWS], counts[ROWS];
    kedge_gsl_coefficient b[2];
    (void)unused;
    for (int k = 0; k < 6; k++) {
        double slope = k < 2 ? 0.7 : k < 4 ? 0 : 1e-200;
        for (int i = 0; i < ROWS; i++) {
            x[i] = i;
            y[i] = 3 * slope + slope * i + (i % 4 == 3 ? (slope == 0 ? 1 : slope) * (20 + i * i % 7) : 0);
        }
        kedge_rows rows = kedge_rows_float64(x, ROWS, 1);
        kedge_gsl_robust_config cfg = config_of(1, k % 2 ? KEDGE_ROBUST_BISQUARE : KEDGE_ROBUST_HUBER);
        kedge_model m = gsl_model(&cfg.base);
        (void)feclearexcept(FE_ALL_EXCEPT);
        assert_int_equal(gsl_fit(&m, &rows, y, NULL), KEDGE_OK);
        kedge_gsl_robust_fit fit = summary_of(&m);
        assert_true(fit.exact == 1 && fit.scale == 0 && fit.converged == 1);
        assert_true(fabs(gsl_predict(&m, x + 40) - 43 * slope) <= 1e-12 * fmax(slope * 43, slope == 0 ? 1 : 0));
        assert_int_equal(kedge_gsl_robust_weights(&m, &rows, y, counts, ROWS), KEDGE_OK);
        for (int i = 0; i < ROWS; i++)
            assert_true(i % 4 == 3 ? counts[i] < 1e-10 : counts[i] > 0.9);
        assert_int_equal(kedge_gsl_report(&m, 0.95, NULL, b, 2), KEDGE_OK);
        assert_true(b[1].standard_error == 0 && b[0].standard_error == 0);
        assert_true(slope == 0 || (b[1].p_value == 0 && fit.wald == DBL_MAX && fit.wald_p_value < 1e-300));
        assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
        guard_free(m.state);
    }
}

static void test_degenerate(void **unused)
{
    const double x[6] = {0, 1, 2, 3, 4, 5}, same[6] = {4, 4, 4, 4, 4, 4}, zero[6] = {0}, y[6] = {1, 4, 2, 8, 5, 7};
    kedge_rows rows = kedge_rows_float64(x, 6, 1), one = kedge_rows_float64(x + 3, 1, 1), two = kedge_rows_float64(x, 2, 1),
               flat = kedge_rows_float64(same, 6, 1);
    kedge_gsl_coefficient b[2];
    double at = 100;
    (void)unused;
    for (uint32_t norm = KEDGE_ROBUST_HUBER; norm <= KEDGE_ROBUST_BISQUARE; norm++) {
        kedge_gsl_robust_config cfg = config_of(1, norm);
        kedge_model m = gsl_model(&cfg.base);
        assert_int_equal(gsl_fit(&m, &rows, y, zero), KEDGE_ERR_NUMERIC);
        assert_int_equal(gsl_fit(&m, &one, y, NULL), KEDGE_OK);
        kedge_gsl_robust_fit fit = summary_of(&m);
        assert_true(fit.exact == 1 && fit.df == 0 && fit.rank == 0 && gsl_predict(&m, &at) == 1);
        assert_true(fit.wald == 0 && fit.wald_p_value == 1);
        assert_int_equal(kedge_gsl_report(&m, 0.95, NULL, b, 2), KEDGE_ERR_NUMERIC); /* nothing is left for errors */
        assert_int_equal(gsl_fit(&m, &two, y, NULL), KEDGE_OK);
        assert_true(summary_of(&m).exact == 1 && summary_of(&m).df == 0 && summary_of(&m).wald == 0);
        assert_close(gsl_predict(&m, x + 1), 4, 1e-14);
        assert_int_equal(gsl_fit(&m, &rows, same, NULL), KEDGE_OK);
        assert_true(summary_of(&m).exact == 1 && gsl_predict(&m, &at) == 4);
        assert_int_equal(gsl_fit(&m, &flat, y, NULL), KEDGE_OK); /* no column: a robust mean */
        fit = summary_of(&m);
        assert_true(fit.rank == 0 && fit.df == 5 && fit.scale > 1 && fit.wald == 0 && fit.wald_p_value == 1);
        assert_int_equal(kedge_gsl_report(&m, 0.95, NULL, b, 2), KEDGE_OK);
        assert_true(b[0].standard_error > 0.5 && b[1].standard_error == 0 && b[1].p_value == 1);
        guard_free(m.state);
        cfg.max_iterations = 1;
        m = gsl_model(&cfg.base);
        assert_int_equal(gsl_fit(&m, &rows, y, NULL), KEDGE_WARNING);
        assert_true(summary_of(&m).converged == 0 && summary_of(&m).iterations == norm && summary_of(&m).n_rows == 6);
        guard_free(m.state);
    }
}

/* Copies, constants and columns of any size: the same line. */
static void test_dependent_columns_and_units(void **unused)
{
    double x[N * P], y[N], wide[N * 5], at[5];
    (void)unused;
    table(x, y);
    for (int i = 0; i < N; i++) {
        wide[5 * i] = 0x1p900 * x[P * i];
        wide[5 * i + 1] = 7;
        wide[5 * i + 2] = 0x1p-900 * x[P * i + 1];
        wide[5 * i + 3] = x[P * i + 2];
        wide[5 * i + 4] = x[P * i] + x[P * i + 2];
    }
    kedge_rows rows = kedge_rows_float64(x, N, P), more = kedge_rows_float64(wide, N, 5);
    for (uint32_t norm = KEDGE_ROBUST_HUBER; norm <= KEDGE_ROBUST_BISQUARE; norm++) {
        kedge_gsl_robust_config cfg = config_of(P, norm), five = config_of(5, norm);
        kedge_model m = gsl_model(&cfg.base), n = gsl_model(&five.base);
        assert_int_equal(gsl_fit(&m, &rows, y, NULL), KEDGE_OK);
        (void)feclearexcept(FE_ALL_EXCEPT);
        assert_int_equal(gsl_fit(&n, &more, y, NULL), KEDGE_OK);
        assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
        assert_int_equal(summary_of(&n).rank, P);
        assert_ratio(summary_of(&n).scale, summary_of(&m).scale, 1e-9);
        assert_ratio(summary_of(&n).wald, summary_of(&m).wald, 1e-8);
        for (int i = 0; i < N; i++) {
            memcpy(at, wide + 5 * i, sizeof at);
            assert_close(gsl_predict(&n, at), gsl_predict(&m, x + P * i), 1e-8);
        }
        guard_free(m.state);
        guard_free(n.state);
    }
}

#define BAD(change)                                                                                \
    do {                                                                                           \
        kedge_gsl_robust_config c = cfg;                                                           \
        change;                                                                                    \
        assert_int_equal(kedge_model_size(&c.base), 0);                                            \
    } while (0)

static void test_configuration(void **unused)
{
    kedge_gsl_robust_config cfg = kedge_gsl_robust_defaults(3, KEDGE_ROBUST_BISQUARE);
    (void)unused;
    assert_true(cfg.tuning == 4.685 && cfg.tolerance == 1e-10 && cfg.max_iterations == 200 && cfg.report == 0);
    assert_true(kedge_gsl_robust_defaults(3, KEDGE_ROBUST_HUBER).tuning == 1.345 && kedge_model_size(&cfg.base) > 0);
    assert_int_equal(kedge_gsl_robust_config_init(NULL, sizeof cfg, 3, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_robust_config_init(&(kedge_gsl_robust_config){.norm = 1}, sizeof cfg - 1, 3, 1), KEDGE_ERR_CONFIG);
    BAD(c.base.n_features = 0);
    BAD(c.base.n_features = KEDGE_FEATURES_MAX + 1);
    BAD(c.base.n_classes = 2);
    BAD(c.norm = 0);
    BAD(c.norm = 3);
    BAD(c.tuning = 0.99);
    BAD(c.tuning = 2e6);
    BAD(c.tuning = NAN);
    BAD((c.norm = KEDGE_ROBUST_HUBER, c.tuning = 0.009));
    BAD(c.tolerance = 0);
    BAD(c.tolerance = 1);
    BAD(c.tolerance = NAN);
    BAD(c.max_iterations = 0);
    BAD(c.max_iterations = 10001);
    BAD(c.report = 2);
    assert_true(kedge_model_fit_work(&cfg.base, 2000) - kedge_model_fit_work(&cfg.base, 1000) == 16000);
    assert_int_equal(kedge_model_fit_work(&cfg.base, SIZE_MAX / 2), 0);
}

static void test_errors(void **unused)
{
    double x[N * P], y[N], counts[N];
    kedge_gsl_robust_fit fit;
    kedge_gsl_fit_report whole;
    kedge_gsl_coefficient b[P + 1];
    (void)unused;
    table(x, y);
    kedge_rows rows = kedge_rows_float64(x, N, P), narrow = kedge_rows_float64(x, N, P - 1);
    kedge_gsl_robust_config cfg = config_of(P, KEDGE_ROBUST_HUBER), bare = kedge_gsl_robust_defaults(P, KEDGE_ROBUST_HUBER);
    kedge_gsl_least_squares_config plain = kedge_gsl_least_squares_defaults(P);
    kedge_model m = gsl_model(&cfg.base), l = gsl_model(&plain.base), n = gsl_model(&bare.base);
    assert_int_equal(kedge_gsl_robust_summary(&m, &fit), KEDGE_EMPTY);
    assert_true(fit.n_rows == 0 && fit.scale == 0 && fit.df == 0 && fit.wald == 0 && fit.wald_p_value == 1);
    memset(counts, 0x5C, sizeof counts);
    void *before = guard_copy(counts, sizeof counts);
    assert_int_equal(kedge_gsl_robust_weights(&m, &rows, y, counts, N), KEDGE_EMPTY);
    assert_int_equal(gsl_fit(&m, &rows, y, NULL), KEDGE_OK);
    assert_int_equal(gsl_fit(&n, &rows, y, NULL), KEDGE_OK);
    assert_int_equal(kedge_gsl_robust_weights(&m, &rows, y, counts, N - 1), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_gsl_robust_weights(&m, &narrow, y, counts, N), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_gsl_robust_weights(&m, NULL, y, counts, N), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_robust_weights(&m, &rows, NULL, counts, N), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_robust_weights(&m, &rows, y, NULL, N), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_robust_weights(NULL, &rows, y, counts, N), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_robust_weights(&l, &rows, y, counts, N), KEDGE_ERR_CLASS);
    y[N - 1] = NAN;
    assert_int_equal(kedge_gsl_robust_weights(&m, &rows, y, counts, N), KEDGE_ERR_NOT_FINITE);
    y[N - 1] = 1e101;
    assert_int_equal(kedge_gsl_robust_weights(&m, &rows, y, counts, N), KEDGE_ERR_RANGE);
    x[N * P - 1] = INFINITY;
    y[N - 1] = 0;
    assert_int_equal(kedge_gsl_robust_weights(&m, &rows, y, counts, N), KEDGE_ERR_NOT_FINITE);
    assert_memory_equal(counts, before, sizeof counts);
    assert_int_equal(kedge_gsl_robust_summary(&l, &fit), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_gsl_robust_summary(&m, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_report(&m, 0.95, &whole, NULL, 0), KEDGE_ERR_UNSUPPORTED); /* F and R2 are of least squares */
    assert_int_equal(kedge_gsl_report(&n, 0.95, NULL, b, P + 1), KEDGE_ERR_UNSUPPORTED);
    assert_int_equal(kedge_gsl_predict_interval(&m, x, 0.95, &(kedge_gsl_interval){0}), KEDGE_ERR_UNSUPPORTED);
    guard_free(before);
    guard_free(m.state);
    guard_free(l.state);
    guard_free(n.state);
}

/* The same answer with and without report, which has another way through units; save, load, reset. */
static void test_life(void **unused)
{
    double x[N * P], y[N];
    unsigned char snapshot[4096];
    size_t length = 0, bytes = 0;
    (void)unused;
    table(x, y);
    kedge_rows rows = kedge_rows_float64(x, N, P);
    kedge_gsl_robust_config cfg = config_of(P, KEDGE_ROBUST_BISQUARE), bare = cfg;
    bare.report = 0;
    size_t state_bytes = kedge_model_size(&cfg.base);
    kedge_model m = gsl_model(&cfg.base), n = gsl_model(&bare.base), again;
    void *fresh = guard_copy(m.state, state_bytes);
    assert_int_equal(kedge_class_check(&kedge_gsl_robust.base), KEDGE_OK);
    assert_int_equal(kedge_model_predict(&m, x, y), KEDGE_EMPTY);
    table(x, y);
    assert_int_equal(gsl_fit(&m, &rows, y, NULL), KEDGE_OK);
    assert_int_equal(gsl_fit(&n, &rows, y, NULL), KEDGE_OK);
    for (int i = 0; i < N; i++)
        assert_close(gsl_predict(&m, x + P * i), gsl_predict(&n, x + P * i), 1e-13);
    assert_true(gsl_summary(&m).deviance == gsl_summary(&n).deviance && summary_of(&m).wald == summary_of(&n).wald);
    assert_int_equal(kedge_model_save(&m, snapshot, sizeof snapshot, &length), KEDGE_OK);
    assert_int_equal(kedge_model_load_size(&kedge_gsl_robust, snapshot, length, &bytes), KEDGE_OK);
    assert_int_equal(bytes, state_bytes);
    void *mem = guard_new(bytes, 0x5C);
    assert_int_equal(kedge_model_load(&again, &kedge_gsl_robust, mem, bytes, snapshot, length), KEDGE_OK);
    assert_memory_equal(mem, m.state, bytes);
    assert_int_equal(kedge_model_reset(&m), KEDGE_OK);
    assert_memory_equal(m.state, fresh, state_bytes);
    guard_free(mem);
    guard_free(fresh);
    guard_free(m.state);
    guard_free(n.state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exact),
        cmocka_unit_test(test_degenerate),
        cmocka_unit_test(test_dependent_columns_and_units),
        cmocka_unit_test(test_configuration),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_life),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
