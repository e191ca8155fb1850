/* SPDX-License-Identifier: MIT */
/* The tests of Welch and of Mann and Whitney against their definitions, written out plainly; p-values against all ways to deal the
 * values out; input on the edge; and how often they alarm when nothing changed. */
#include <math.h>
#include <stdlib.h>

#include "two_samples.h"

static double mean_of(const double *x, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += x[i];
    return sum / (double)n;
}

static double squares_of(const double *x, size_t n)
{
    double mean = mean_of(x, n), sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (x[i] - mean) * (x[i] - mean);
    return sum;
}

static double naive_t(const double *x, size_t n, const double *y, size_t m)
{
    double a = squares_of(x, n) / (double)(n - 1) / (double)n, b = squares_of(y, m) / (double)(m - 1) / (double)m;
    double t = (mean_of(x, n) - mean_of(y, m)) / sqrt(a + b);
    return isnan(t) ? 0 : t;
}

static double naive_far(const double *x, size_t n, const double *y, size_t m)
{
    return fmin(fabs(naive_t(x, n, y, m)), 1e100);
}

static void test_welch(void **unused)
{
    (void)unused;
    kedge_rng rng = {8};
    double x[30], y[30];
    for (int round = 0; round < 300; round++) {
        size_t n = 2 + kedge_rng_below(&rng, 29), m = 2 + kedge_rng_below(&rng, 29);
        fill(x, 30, round % 2 ? 0 : 9, 0, &rng);
        fill(y, 30, round % 2 ? 0 : 9, 0.5, &rng);
        x[0] = -1; /* not constant */
        kedge_shift_result r = compare(&kedge_welch, KEDGE_P_AUTO, x, n, y, m);
        double pooled = sqrt((squares_of(x, n) + squares_of(y, m)) / (double)(n + m - 2));
        double g = (mean_of(y, m) - mean_of(x, n)) / pooled * (1 - 3 / (4.0 * (double)(n + m) - 9));
        assert_close(r.statistic, naive_t(x, n, y, m), 1e-12);
        assert_close(r.effect, g, 1e-12);
        assert_true(r.expected == 0 && r.p_method == KEDGE_P_ASYMPTOTIC && isnan(r.where));
    }
}

static void test_welch_exact(void **unused)
{
    (void)unused;
    kedge_rng rng = {9};
    double x[6], y[7];
    for (int round = 0; round < 40; round++) {
        size_t n = 2 + kedge_rng_below(&rng, 5), m = 2 + kedge_rng_below(&rng, 6);
        fill(x, 6, round % 2 ? 0 : 3, 0, &rng);
        fill(y, 7, round % 2 ? 0 : 3, 0.7, &rng);
        kedge_shift_result r = compare(&kedge_welch, KEDGE_P_EXACT, x, n, y, m);
        assert_close(r.p_value, naive_p(naive_far, x, n, y, m), 1e-13);
        assert_int_equal(r.p_method, KEDGE_P_EXACT);
    }
}

/* Two constants: no spread to measure by, so what counts is how unlikely it is to deal them out like that. */
static void test_welch_constants(void **unused)
{
    (void)unused;
    double x[6] = {2, 2, 2, 2, 2, 2}, y[6] = {7, 7, 7, 7, 7, 7};
    kedge_shift_result r = compare(&kedge_welch, KEDGE_P_AUTO, x, 6, y, 4);
    assert_true(r.statistic == -1e100 && r.effect == 1e100 && r.p_method == KEDGE_P_EXACT && r.status == KEDGE_DRIFT);
    assert_close(r.p_value * 210, 1, 1e-13);
    r = compare(&kedge_welch, KEDGE_P_EXACT, x, 6, y, 4);
    assert_close(r.p_value * 210, 1, 1e-13);
    r = compare(&kedge_welch, KEDGE_P_ASYMPTOTIC, y, 5, x, 5);
    assert_true(r.statistic == 1e100 && r.effect == -1e100);
    assert_close(r.p_value * 126, 1, 1e-13);
    r = compare(&kedge_welch, KEDGE_P_AUTO, x, 2, y, 2);
    assert_true(r.status == KEDGE_OK);
    r = compare(&kedge_welch, KEDGE_P_AUTO, x, 6, x, 4);
    assert_true(r.statistic == 0 && r.effect == 0 && r.p_value == 1);
    r = compare(&kedge_welch, KEDGE_P_NONE, x, 6, y, 4);
    assert_true(r.status == KEDGE_DRIFT && r.p_method == KEDGE_P_NONE);
    assert_int_equal(compare(&kedge_welch, KEDGE_P_AUTO, x, 1, y, 4).status, KEDGE_EMPTY);
    assert_int_equal(compare(&kedge_welch, KEDGE_P_AUTO, x, 4, y, 1).status, KEDGE_EMPTY);
}

/* Neither an offset nor a factor changes t, up to what the values themselves lose. */
static void test_welch_scales(void **unused)
{
    (void)unused;
    static const double factors[] = {1e-310, 1e-160, 1e80, 9e98}, offsets[] = {1048576.0 * 1048576, -1048576.0 * 1048576};
    double x[20], y[20], a[20], b[20];
    kedge_rng rng = {10};
    fill(x, 20, 64, 0, &rng);
    fill(y, 20, 64, 0.3, &rng);
    kedge_shift_result plain = compare(&kedge_welch, KEDGE_P_AUTO, x, 20, y, 20);
    for (size_t k = 0; k < 4; k++) {
        for (size_t i = 0; i < 20; i++) {
            a[i] = x[i] * factors[k] / 64;
            b[i] = y[i] * factors[k] / 64;
        }
        kedge_shift_result r = compare(&kedge_welch, KEDGE_P_AUTO, a, 20, b, 20);
        assert_close(r.statistic, plain.statistic, 1e-11);
        assert_close(r.effect, plain.effect, 1e-11);
    }
    for (size_t k = 0; k < 2; k++) {
        for (size_t i = 0; i < 20; i++) {
            a[i] = x[i] / 64 + offsets[k];
            b[i] = y[i] / 64 + offsets[k];
        }
        assert_close(compare(&kedge_welch, KEDGE_P_AUTO, a, 20, b, 20).statistic, plain.statistic, 1e-14);
    }
    /* The spread is below the last digit that squares have: t stays finite. */
    double low[3] = {0, 1e-170, 2e-170}, high[3] = {1, 1, 1};
    kedge_shift_result r = compare(&kedge_welch, KEDGE_P_AUTO, low, 3, high, 3);
    assert_true(r.statistic == -1e100 && r.status == KEDGE_OK);
}

static void test_welch_false_alarms(void **unused)
{
    (void)unused;
    check_false_alarms(&kedge_welch, KEDGE_P_AUTO, 20, 0, ALARMS_LOW, ALARMS_HIGH);
    check_false_alarms(&kedge_welch, KEDGE_P_AUTO, 200, 0, ALARMS_LOW, ALARMS_HIGH);
    check_false_alarms(&kedge_welch, KEDGE_P_PERMUTATION, 20, 0, ALARMS_LOW, ALARMS_HIGH);
}

static double naive_u(const double *x, size_t n, const double *y, size_t m)
{
    double u = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < m; j++)
            u += x[i] > y[j] ? 1 : x[i] == y[j] ? 0.5 : 0;
    return u;
}

static double naive_u_far(const double *x, size_t n, const double *y, size_t m)
{
    return fabs(naive_u(x, n, y, m) - (double)(n * m) / 2);
}

static void test_mann_whitney(void **unused)
{
    (void)unused;
    kedge_rng rng = {11};
    double x[30], y[30];
    for (int round = 0; round < 300; round++) {
        size_t n = 1 + kedge_rng_below(&rng, 30), m = 1 + kedge_rng_below(&rng, 30);
        fill(x, 30, round % 2 ? 0 : 9, 0, &rng);
        fill(y, 30, round % 2 ? 0 : 9, 0.5, &rng);
        kedge_shift_result r = compare(&kedge_mann_whitney, KEDGE_P_ASYMPTOTIC, x, n, y, m);
        assert_true(r.statistic == naive_u(x, n, y, m) && r.expected == (double)(n * m) / 2 && isnan(r.where));
        assert_close(r.effect, 1 - 2 * r.statistic / (double)(n * m), 1e-15);
        assert_int_equal(r.p_method, KEDGE_P_ASYMPTOTIC);
    }
}

static void test_mann_whitney_exact(void **unused)
{
    (void)unused;
    kedge_rng rng = {12};
    double x[7], y[7];
    for (int round = 0; round < 60; round++) {
        size_t n = 1 + kedge_rng_below(&rng, 7), m = 1 + kedge_rng_below(&rng, 7);
        fill(x, 7, round % 2 ? 0 : 4, 0, &rng);
        fill(y, 7, round % 2 ? 0 : 4, 0.7, &rng);
        kedge_shift_result r = compare(&kedge_mann_whitney, KEDGE_P_EXACT, x, n, y, m);
        assert_close(r.p_value, naive_p(naive_u_far, x, n, y, m), 1e-13);
        kedge_shift_result automatic = compare(&kedge_mann_whitney, KEDGE_P_AUTO, x, n, y, m);
        assert_memory_equal(&r, &automatic, sizeof r);
    }
}

static double *row_of(size_t n, double first, double step)
{
    double *x = malloc(n * sizeof *x);
    for (size_t i = 0; i < n; i++)
        x[i] = first + step * (double)i;
    return x;
}

static kedge_status mann_whitney_status(uint32_t p_method, const double *x, size_t n, const double *y, size_t m,
                                        kedge_shift_result *r)
{
    any_config c = of(&kedge_mann_whitney, p_method);
    return run(&c, x, n, y, m, r);
}

/* Where AUTO changes its mind and EXACT gives up; the smallest p-value, 2 / C(n + m, n). */
static void test_mann_whitney_limits(void **unused)
{
    (void)unused;
    kedge_shift_result r;
    double *x = row_of(12501, 0, 1), *y = row_of(12501, 0.5, 1), ways = 1;
    for (int i = 0; i < 100; i++)
        ways *= (101.0 + i) / (1.0 + i);
    r = compare(&kedge_mann_whitney, KEDGE_P_AUTO, x, 100, y + 100, 100);
    assert_int_equal(r.p_method, KEDGE_P_EXACT);
    assert_close(r.p_value * ways / 2, 1, 1e-12);
    assert_true(r.statistic == 0 && r.effect == 1);
    r = compare(&kedge_mann_whitney, KEDGE_P_NONE, x, 100, y + 100, 100);
    assert_true(r.status == KEDGE_DRIFT && r.p_method == KEDGE_P_NONE && r.effect == 1);
    assert_int_equal(compare(&kedge_mann_whitney, KEDGE_P_AUTO, x, 101, y, 100).p_method, KEDGE_P_ASYMPTOTIC);
    assert_int_equal(compare(&kedge_mann_whitney, KEDGE_P_AUTO, x, 12500, y, 8).p_method, KEDGE_P_EXACT);
    assert_int_equal(compare(&kedge_mann_whitney, KEDGE_P_AUTO, x, 8, y, 12501).p_method, KEDGE_P_ASYMPTOTIC);
    assert_int_equal(compare(&kedge_mann_whitney, KEDGE_P_AUTO, x, 12501, x, 9).p_method, KEDGE_P_ASYMPTOTIC);
    assert_true(mann_whitney_status(KEDGE_P_EXACT, x, 500, y, 2000, &r) >= 0);
    assert_int_equal(mann_whitney_status(KEDGE_P_EXACT, x, 500, y, 2001, &r), KEDGE_ERR_UNSUPPORTED);
    assert_int_equal(mann_whitney_status(KEDGE_P_EXACT, x, 40, x, 40, &r), KEDGE_ERR_UNSUPPORTED);
    assert_true(compare(&kedge_mann_whitney, KEDGE_P_AUTO, x, 40, x, 40).p_value == 1);
    /* U is 1 of 1 x m pairs less: 2 (u + 1) / (m + 1). */
    assert_close(compare(&kedge_mann_whitney, KEDGE_P_EXACT, y + 9, 1, x, 99).p_value, 2 * 11.0 / 100, 1e-13);
    free(x);
    free(y);
}

/* Counting, the limit and dealing anew tell the same story, and one that holds for values of any size. */
static void test_mann_whitney_methods_agree(void **unused)
{
    (void)unused;
    double x[150], y[150], p[3];
    fill_normal(x, 150, 0, 1, 13);
    fill_normal(y, 150, 0.2, 1, 14);
    for (uint32_t method = KEDGE_P_EXACT; method <= KEDGE_P_PERMUTATION; method++)
        p[method - KEDGE_P_EXACT] = compare(&kedge_mann_whitney, method, x, 150, y, 150).p_value;
    assert_close(p[1], p[0], 0.001);
    assert_close(p[2], p[0], 5 * sqrt(p[0] * (1 - p[0]) / 999));
    for (size_t i = 0; i < 150; i++) {
        x[i] *= 1e99;
        y[i] *= 1e99;
    }
    assert_true(compare(&kedge_mann_whitney, KEDGE_P_EXACT, x, 150, y, 150).p_value == p[0]);
}

static void test_mann_whitney_false_alarms(void **unused)
{
    (void)unused;
    check_false_alarms(&kedge_mann_whitney, KEDGE_P_AUTO, 20, 0, ALARMS_LOW, ALARMS_HIGH);
    check_false_alarms(&kedge_mann_whitney, KEDGE_P_AUTO, 200, 0, ALARMS_LOW, ALARMS_HIGH);
    check_false_alarms(&kedge_mann_whitney, KEDGE_P_AUTO, 200, 5, ALARMS_LOW, ALARMS_HIGH);
    check_false_alarms(&kedge_mann_whitney, KEDGE_P_PERMUTATION, 20, 5, 0, ALARMS_HIGH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_welch),
        cmocka_unit_test(test_welch_exact),
        cmocka_unit_test(test_welch_constants),
        cmocka_unit_test(test_welch_scales),
        cmocka_unit_test(test_welch_false_alarms),
        cmocka_unit_test(test_mann_whitney),
        cmocka_unit_test(test_mann_whitney_exact),
        cmocka_unit_test(test_mann_whitney_limits),
        cmocka_unit_test(test_mann_whitney_methods_agree),
        cmocka_unit_test(test_mann_whitney_false_alarms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
