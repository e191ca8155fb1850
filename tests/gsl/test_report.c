/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reports of linear models: hand-computed values, rank, perfect fits, errors. */
#include "gsl_support.h"

#include <fenv.h>
#include <float.h>

static kedge_model report_model(uint32_t n_features)
{
    kedge_gsl_least_squares_config cfg = kedge_gsl_least_squares_defaults(n_features);
    cfg.report = 1;
    return gsl_model(&cfg.base);
}

/* x = 1 .. 5: slope 6/10, intercept 4 - 3 * 0.6, residual squares 2.4 = 6 * (1 - R2), variance 0.8 of 3 degrees of freedom. With 3
 * degrees P(|T| > t) = 1 - 2/pi (atan u + u / (1 + u^2)), u = t / sqrt 3; the quantile is R's qt(0.975, 3). */
static void test_by_hand(void **unused)
{
    (void)unused;
    const double x[5] = {1, 2, 3, 4, 5}, y[5] = {2, 4, 5, 4, 5}, at = 6, q = 3.182446305284263, pi = 3.14159265358979323846;
    kedge_rows rows = kedge_rows_float64(x, 5, 1);
    kedge_model m = report_model(1);
    kedge_gsl_fit_report fit;
    kedge_gsl_coefficient b[2];
    kedge_gsl_interval out;
    assert_int_equal(gsl_fit(&m, &rows, y, NULL), KEDGE_OK);
    assert_int_equal(kedge_gsl_report(&m, 0.95, &fit, b, 2), KEDGE_OK);
    double se = sqrt(0.8 / 10), se0 = sqrt(0.8 * (1.0 / 5 + 9.0 / 10)), t = 0.6 / se, u = t / sqrt(3);
    assert_close(b[0].value, 2.2, 1e-14);
    assert_close(b[0].standard_error, se0, 1e-14);
    assert_close(b[1].value, 0.6, 1e-14);
    assert_close(b[1].standard_error, se, 1e-14);
    assert_close(b[1].statistic, t, 1e-14);
    assert_close(b[1].p_value, 1 - 2 / pi * (atan(u) + u / (1 + u * u)), 1e-12);
    assert_close(b[1].low, 0.6 - q * se, 1e-12);
    assert_close(b[1].high, 0.6 + q * se, 1e-12);
    assert_int_equal(fit.n_rows, 5);
    assert_int_equal(fit.rank, 1);
    assert_true(fit.df == 3);
    assert_close(fit.residual_error, sqrt(0.8), 1e-14);
    assert_close(fit.r2, 0.6, 1e-14);
    assert_close(fit.adjusted_r2, 1 - 0.4 * 4 / 3, 1e-14);
    assert_close(fit.f, t * t, 1e-13);
    assert_close(fit.f_p_value, b[1].p_value, 1e-12);
    assert_int_equal(kedge_gsl_predict_interval(&m, &at, 0.95, &out), KEDGE_OK);
    double mean_error = sqrt(0.8 * (1.0 / 5 + 9.0 / 10)), new_error = sqrt(0.8 * (1 + 1.0 / 5 + 9.0 / 10));
    assert_close(out.value, 5.8, 1e-14);
    assert_close(out.standard_error, mean_error, 1e-14);
    assert_close(out.mean_low, 5.8 - q * mean_error, 1e-12);
    assert_close(out.mean_high, 5.8 + q * mean_error, 1e-12);
    assert_close(out.low, 5.8 - q * new_error, 1e-12);
    assert_close(out.high, 5.8 + q * new_error, 1e-12);
    guard_free(m.state);
}

/* Columns a, constant, b, a + b: two have a weight, and their errors are those of the table of these two alone; the others have
 * none. */
static void test_dependent_columns(void **unused)
{
    (void)unused;
    enum { N = 150 };
    double x[N][4], two[N][2], y[N];
    kedge_rng rng = {5};
    for (int i = 0; i < N; i++) {
        two[i][0] = x[i][0] = kedge_rng_normal(&rng);
        two[i][1] = x[i][2] = 3 + kedge_rng_normal(&rng);
        x[i][1] = 7;
        x[i][3] = x[i][0] + x[i][2];
        y[i] = x[i][0] - 2 * x[i][2] + kedge_rng_normal(&rng);
    }
    kedge_model m = report_model(4), reference = report_model(2);
    kedge_rows rows = kedge_rows_float64(&x[0][0], N, 4), rows_two = kedge_rows_float64(&two[0][0], N, 2);
    kedge_gsl_fit_report fit, fit_two;
    kedge_gsl_coefficient b[5], b_two[3];
    kedge_gsl_interval a, a_two;
    int n_none = 0;
    assert_int_equal(gsl_fit(&m, &rows, y, NULL), KEDGE_OK);
    assert_int_equal(gsl_fit(&reference, &rows_two, y, NULL), KEDGE_OK);
    assert_int_equal(kedge_gsl_report(&m, 0.9, &fit, b, 5), KEDGE_OK);
    assert_int_equal(kedge_gsl_report(&reference, 0.9, &fit_two, b_two, 3), KEDGE_OK);
    assert_int_equal(fit.rank, 2);
    assert_true(fit.df == N - 3);
    assert_close(fit.f, fit_two.f, 1e-12);
    assert_close(fit.adjusted_r2, fit_two.adjusted_r2, 1e-12);
    assert_close(b[0].standard_error, b_two[0].standard_error, 1e-12);
    for (int i = 1; i < 5; i++) {
        int none = b[i].value == 0;
        n_none += none;
        assert_true(none == (b[i].standard_error == 0) && none == (b[i].p_value == 1) && none == (b[i].statistic == 0));
    }
    assert_int_equal(n_none, 2);
    assert_true(b[2].value == 0);
    for (int i = 0; i < N; i++) {
        assert_int_equal(kedge_gsl_predict_interval(&m, x[i], 0.9, &a), KEDGE_OK);
        assert_int_equal(kedge_gsl_predict_interval(&reference, two[i], 0.9, &a_two), KEDGE_OK);
        assert_close(a.mean_low, a_two.mean_low, 1e-11);
        assert_close(a.high, a_two.high, 1e-11);
    }
    guard_free(m.state);
    guard_free(reference.state);
}

/* A weight of k is k rows in the estimates; errors count rows that have a weight (as R's lm and statsmodels' WLS do), and a factor
 * common to all weights changes only what belongs to a row of weight 1. */
static void test_weights(void **unused)
{
    (void)unused;
    enum { N = 40 };
    double x[N * 2], y[N], w[N], more[N];
    fill_normal(x, 2 * N, 1, 2, 9);
    fill_normal(y, N, 0, 1, 10);
    for (int i = 0; i < N; i++) {
        w[i] = i % 4;
        more[i] = 256 * w[i];
    }
    kedge_model a = report_model(2), b = report_model(2);
    kedge_rows rows = kedge_rows_float64(x, N, 2);
    kedge_gsl_fit_report fit_a, fit_b;
    kedge_gsl_coefficient c[3], d[3];
    assert_int_equal(gsl_fit(&a, &rows, y, w), KEDGE_OK);
    assert_int_equal(gsl_fit(&b, &rows, y, more), KEDGE_OK);
    assert_int_equal(kedge_gsl_report(&a, 0.95, &fit_a, c, 3), KEDGE_OK);
    assert_int_equal(kedge_gsl_report(&b, 0.95, &fit_b, d, 3), KEDGE_OK);
    assert_memory_equal(c, d, sizeof c);
    assert_true(fit_a.df == 30 - 3 && fit_a.n_rows == 30);
    assert_close(fit_b.residual_error, 16 * fit_a.residual_error, 1e-15);
    guard_free(a.state);
    guard_free(b.state);
}

/* statsmodels 0.15.0, WLS(y, add_constant(X), weights=w).fit(): params, bse, rsquared, fvalue, scale. */
static void test_weighted_golden(void **unused)
{
    (void)unused;
    enum { N = 16, P = 3 };
    static const double y[N] = {.3, .5, .4, 9, .7, 1.2, 1, 2.1, 1.5, 2.2, 3.9, 2.4, -4, 4.1, 6.2, 7.7};
    static const double value[P + 1] = {0.662945246690739, 0.503303249097475, -0.703200962695552, 0.160056558363417};
    static const double error[P + 1] = {5.30598936611781, 2.71406741703331, 1.1276109998272, 0.676373677058047};
    double x[N * P], w[N];
    for (int i = 0; i < N; i++) {
        x[i * P] = i / 4. - 1.5;
        x[i * P + 1] = (i * 7 % 16) / 8. - 1;
        x[i * P + 2] = i + (i * 5 % 16) / 4.;
        w[i] = i % 3 + 1;
    }
    kedge_model m = report_model(P);
    kedge_rows rows = kedge_rows_float64(x, N, P);
    kedge_gsl_fit_report fit;
    kedge_gsl_coefficient b[P + 1];
    assert_int_equal(gsl_fit(&m, &rows, y, w), KEDGE_OK);
    assert_int_equal(kedge_gsl_report(&m, 0.95, &fit, b, P + 1), KEDGE_OK);
    for (int j = 0; j <= P; j++) {
        assert_close(b[j].value, value[j], 1e-11);
        assert_close(b[j].standard_error, error[j], 1e-11);
    }
    assert_close(fit.r2, 0.272849798967768, 1e-12);
    assert_close(fit.f, 1.50092676082846, 1e-11);
    assert_close(fit.residual_error * fit.residual_error, 12.3943924588849, 1e-10);
    guard_free(m.state);
}

/* Rows that hardly weigh and are very far off, the first among them, take no digits from the others. */
static void test_light_rows_far_off(void **unused)
{
    (void)unused;
    enum { N = 30 };
    double x[N], y[N], w[N];
    for (int i = 0; i < N; i++) {
        x[i] = i;
        y[i] = i % 5 == 0 ? 1e12 : 3 + 2.0 * i;
        w[i] = i % 5 == 0 ? 1e-30 : 1;
    }
    kedge_model m = report_model(1);
    kedge_rows rows = kedge_rows_float64(x, N, 1);
    double slope = 0, intercept = 0;
    assert_int_equal(gsl_fit(&m, &rows, y, w), KEDGE_OK);
    assert_int_equal(kedge_gsl_coefficients(&m, &slope, 1, &intercept), KEDGE_OK);
    assert_close(slope, 2, 1e-12);
    assert_close(intercept, 3, 1e-11);
    guard_free(m.state);
}

/* A fit without residual: errors 0, F and t at the greatest double, chance 0; no flag is raised on the way. */
static void test_perfect_and_saturated(void **unused)
{
    (void)unused;
    const double x[4] = {0, 1, 2, 3}, y[4] = {0, 0, 0, 0};
    kedge_rows rows = kedge_rows_float64(x, 4, 1), two = kedge_rows_float64(x, 2, 1);
    kedge_model m = report_model(1);
    kedge_gsl_fit_report fit;
    kedge_gsl_coefficient b[2];
    kedge_gsl_interval out = {7, 7, 7, 7, 7, 7};
    feclearexcept(FE_ALL_EXCEPT);
    assert_int_equal(kedge_gsl_report(&m, 0.95, &fit, b, 2), KEDGE_EMPTY);
    assert_int_equal(gsl_fit(&m, &rows, y, NULL), KEDGE_OK);
    assert_int_equal(kedge_gsl_report(&m, 0.95, &fit, b, 2), KEDGE_OK);
    assert_true(fit.r2 == 0 && b[1].value == 0 && b[1].p_value == 1 && b[1].low == 0);
    assert_int_equal(gsl_fit(&m, &rows, x, NULL), KEDGE_OK);
    assert_int_equal(kedge_gsl_report(&m, 0.95, &fit, b, 2), KEDGE_OK);
    assert_true(fit.r2 > 1 - 1e-15 && fit.f > 1e25 && fit.f_p_value < 1e-25 && b[1].statistic > 1e12);
    assert_int_equal(gsl_fit(&m, &two, x, NULL), KEDGE_OK); /* as many coefficients as rows */
    assert_int_equal(kedge_gsl_report(&m, 0.95, &fit, b, 2), KEDGE_ERR_NUMERIC);
    assert_int_equal(kedge_gsl_predict_interval(&m, x, 0.95, &out), KEDGE_ERR_NUMERIC);
    assert_true(out.value == 7);
    assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
    guard_free(m.state);
}

static void test_refusals(void **unused)
{
    (void)unused;
    const double x[4] = {0, 1, 2, 3}, y[4] = {1, 0, 2, 5}, bad[2] = {(double)NAN, (double)INFINITY};
    kedge_gsl_least_squares_config plain = kedge_gsl_least_squares_defaults(1);
    kedge_model m = report_model(1), without = gsl_model(&plain.base), other = {&kedge_rls, m.state};
    kedge_rows rows = kedge_rows_float64(x, 4, 1);
    kedge_gsl_fit_report fit;
    kedge_gsl_coefficient b[2] = {{7, 7, 7, 7, 7, 7}, {7, 7, 7, 7, 7, 7}};
    kedge_gsl_interval out = {7, 7, 7, 7, 7, 7};
    assert_int_equal(gsl_fit(&m, &rows, y, NULL), KEDGE_OK);
    assert_int_equal(gsl_fit(&without, &rows, y, NULL), KEDGE_OK);
    assert_int_equal(kedge_gsl_report(&without, 0.95, &fit, b, 2), KEDGE_ERR_UNSUPPORTED);
    assert_int_equal(kedge_gsl_report(&other, 0.95, &fit, b, 2), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_gsl_report(NULL, 0.95, &fit, b, 2), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_report(&m, 0.0, &fit, b, 2), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_gsl_report(&m, 1.0, &fit, b, 2), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_gsl_report(&m, bad[0], &fit, b, 2), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_gsl_report(&m, 0.95, &fit, b, 1), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_gsl_report(&m, 0.95, &fit, NULL, 2), KEDGE_ERR_SHAPE);
    assert_true(b[0].value == 7 && b[1].high == 7);
    assert_int_equal(kedge_gsl_report(&m, 0.95, NULL, NULL, 0), KEDGE_OK);
    assert_int_equal(kedge_gsl_predict_interval(&m, NULL, 0.95, &out), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_predict_interval(&m, x, 0.95, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_predict_interval(&m, bad, 0.95, &out), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_gsl_predict_interval(&m, bad + 1, 0.95, &out), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_gsl_predict_interval(&m, x, 2, &out), KEDGE_ERR_RANGE);
    assert_true(out.value == 7);
    guard_free(m.state);
    guard_free(without.state);
}

/* Scales of 1e-300 and 1e300: what fits a double comes, and no flag is raised. */
static void test_scales(void **unused)
{
    (void)unused;
    enum { N = 30 };
    static const double scales[4] = {1e-300, 1e300, 0x1p-1060, 1};
    for (int k = 0; k < 16; k++) {
        double x[N], y[N], far[3] = {DBL_MAX, -DBL_MAX, 0};
        kedge_rng rng = {(uint64_t)k};
        for (int i = 0; i < N; i++) {
            x[i] = scales[k % 4] * (1 + kedge_rng_uniform(&rng));
            y[i] = (k / 4 % 2 ? 1e99 : 1e-300) * kedge_rng_normal(&rng);
        }
        kedge_model m = report_model(1);
        kedge_rows rows = kedge_rows_float64(x, N, 1);
        kedge_gsl_fit_report fit;
        kedge_gsl_coefficient b[2];
        kedge_gsl_interval out;
        feclearexcept(FE_ALL_EXCEPT);
        assert_int_equal(gsl_fit(&m, &rows, y, NULL), KEDGE_OK);
        kedge_status st = kedge_gsl_report(&m, 0.999999, &fit, b, 2);
        assert_true(st == KEDGE_OK || st == KEDGE_ERR_NUMERIC);
        assert_int_equal(kedge_gsl_report(&m, 0.5, &fit, NULL, 0), KEDGE_OK);
        assert_true(fit.r2 >= 0 && fit.r2 <= 1 && fit.f_p_value > 0 && fit.f_p_value < 1);
        for (int i = 0; i < 3; i++) {
            assert_int_equal(kedge_gsl_predict_interval(&m, far + i, 0.999999, &out), KEDGE_OK);
            assert_true(out.low <= out.mean_low && out.mean_low <= out.value && out.value <= out.mean_high &&
                        out.mean_high <= out.high);
            assert_true(out.high - out.high == 0 && out.low - out.low == 0);
        }
        assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
        guard_free(m.state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand), cmocka_unit_test(test_dependent_columns), cmocka_unit_test(test_weights),
        cmocka_unit_test(test_weighted_golden), cmocka_unit_test(test_light_rows_far_off),
        cmocka_unit_test(test_perfect_and_saturated), cmocka_unit_test(test_refusals), cmocka_unit_test(test_scales),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
