/* SPDX-License-Identifier: MIT */
/* Chi-squared and G of contingency tables, and the exact test of Fisher, Freeman and Halton, against their definitions. */
#include <math.h>
#include <stdlib.h>

#include "two_samples.h"

static double count_of(const double *x, size_t n, double value)
{
    double count = 0;
    for (size_t i = 0; i < n; i++)
        count += x[i] == value;
    return count;
}

/* Is the value at i of both samples, one behind the other, the first of its kind? */
static int is_first(const double *x, size_t n, const double *y, size_t i)
{
    double value = i < n ? x[i] : y[i - n];
    return count_of(x, i < n ? i : n, value) == 0 && (i < n || count_of(y, i - n, value) == 0);
}

static size_t columns_of(const double *x, size_t n, const double *y, size_t m)
{
    size_t columns = 0;
    for (size_t i = 0; i < n + m; i++)
        columns += (size_t)is_first(x, n, y, i);
    return columns;
}

static double corrected(double observed, double expected, double half)
{
    double step = fmin(half, fabs(expected - observed));
    return observed + (expected > observed ? step : -step);
}

/* Of the cells of a table, as SciPy's chi2_contingency does it. */
static double cells(const double *x, size_t n, const double *y, size_t m, int is_g, int corrects)
{
    double sum = 0, half = corrects && columns_of(x, n, y, m) == 2 ? 0.5 : 0;
    for (size_t i = 0; i < n + m; i++) {
        double value = i < n ? x[i] : y[i - n], a = count_of(x, n, value), b = count_of(y, m, value);
        double ea = (a + b) * (double)n / (double)(n + m), eb = (a + b) * (double)m / (double)(n + m);
        if (!is_first(x, n, y, i))
            continue;
        a = corrected(a, ea, half);
        b = corrected(b, eb, half);
        if (is_g)
            sum += 2 * (a > 0 ? a * log(a / ea) : 0) + 2 * (b > 0 ? b * log(b / eb) : 0);
        else
            sum += pow(a - ea, 2) / ea + pow(b - eb, 2) / eb;
    }
    return sum;
}

static double naive_chi_squared(const double *x, size_t n, const double *y, size_t m)
{
    return cells(x, n, y, m, 0, 0);
}

static double naive_g(const double *x, size_t n, const double *y, size_t m)
{
    return cells(x, n, y, m, 1, 0);
}

static double share_gap(const double *x, size_t n, const double *y, size_t m, double value)
{
    return fabs(count_of(x, n, value) / (double)n - count_of(y, m, value) / (double)m);
}

static void check_where(const double *x, size_t n, const double *y, size_t m, double where)
{
    double most = 0;
    for (size_t i = 0; i < n + m; i++)
        most = fmax(most, share_gap(x, n, y, m, i < n ? x[i] : y[i - n]));
    if (most < 1e-12)
        assert_true(isnan(where) || most > 0);
    else
        assert_close(share_gap(x, n, y, m, where), most, 1e-12);
}

static void test_contingency(void **unused)
{
    (void)unused;
    kedge_rng rng = {15};
    double x[60], y[60];
    for (int round = 0; round < 400; round++) {
        size_t n = 1 + kedge_rng_below(&rng, 60), m = 1 + kedge_rng_below(&rng, 60);
        uint64_t levels = 1 + kedge_rng_below(&rng, 6);
        fill(x, 60, levels, 0, &rng);
        fill(y, 60, levels, 0.5, &rng);
        for (int is_g = 0; is_g < 2; is_g++) {
            any_config c = of(is_g ? &kedge_g_test : &kedge_chi_squared, KEDGE_P_ASYMPTOTIC);
            c.contingency.correction = round % 2 ? 1 : 0;
            kedge_shift_result r;
            assert_true(run(&c, x, n, y, m, &r) >= 0);
            assert_close(r.statistic, cells(x, n, y, m, is_g, round % 2), 1e-11);
            assert_close(r.effect, sqrt(naive_chi_squared(x, n, y, m) / (double)(n + m)), 1e-7);
            assert_true(r.expected == (double)columns_of(x, n, y, m) - 1 && r.p_method == KEDGE_P_ASYMPTOTIC);
            check_where(x, n, y, m, r.where);
        }
    }
}

static void test_contingency_exact(void **unused)
{
    (void)unused;
    kedge_rng rng = {16};
    double x[7], y[7];
    for (int round = 0; round < 40; round++) {
        size_t n = 1 + kedge_rng_below(&rng, 6), m = 1 + kedge_rng_below(&rng, 6);
        fill(x, 7, 2 + (uint64_t)round % 3, 0, &rng);
        fill(y, 7, 2 + (uint64_t)round % 3, 1, &rng);
        kedge_shift_result chi = compare(&kedge_chi_squared, KEDGE_P_EXACT, x, n, y, m);
        kedge_shift_result g = compare(&kedge_g_test, KEDGE_P_EXACT, x, n, y, m);
        assert_close(chi.p_value, naive_p(naive_chi_squared, x, n, y, m), 1e-13);
        assert_close(g.p_value, naive_p(naive_g, x, n, y, m), 1e-13);
        /* Pearson's mean is known: (columns - 1) N / (N - 1). */
        double all = (double)(n + m), columns = (double)columns_of(x, n, y, m);
        assert_close(chi.expected, (columns - 1) * all / (all - 1), 1e-11);
    }
}

/* Asymptotic where all expected counts are 5 or more, else all ways where few, else some. */
static void test_contingency_auto(void **unused)
{
    (void)unused;
    double x[60], y[60];
    for (size_t i = 0; i < 60; i++) {
        x[i] = i < 5;
        y[i] = i < 25;
    }
    assert_int_equal(compare(&kedge_chi_squared, KEDGE_P_AUTO, x, 30, y, 60).p_method, KEDGE_P_ASYMPTOTIC);
    assert_int_equal(compare(&kedge_chi_squared, KEDGE_P_AUTO, x, 15, y, 30).p_method, KEDGE_P_ASYMPTOTIC);
    y[0] = 2;
    assert_int_equal(compare(&kedge_g_test, KEDGE_P_AUTO, x, 30, y, 60).p_method, KEDGE_P_PERMUTATION);
    assert_int_equal(compare(&kedge_g_test, KEDGE_P_AUTO, x, 6, y, 7).p_method, KEDGE_P_EXACT);
    assert_int_equal(compare(&kedge_chi_squared, KEDGE_P_AUTO, x + 5, 20, x + 5, 1).p_method, KEDGE_P_ASYMPTOTIC);
}

/* A value each; one category; categories that only one sample has; each value its own category; large codes. */
static void test_contingency_edges(void **unused)
{
    (void)unused;
    static const kedge_shift_class *const classes[] = {&kedge_chi_squared, &kedge_g_test};
    double x[40], y[40];
    for (size_t i = 0; i < 40; i++) {
        x[i] = 1e100;
        y[i] = -1e-300;
    }
    for (size_t k = 0; k < 2; k++) {
        kedge_shift_result r = compare(classes[k], KEDGE_P_AUTO, x, 1, y, 1);
        assert_true(r.p_value == 1 && r.effect == 1 && r.where == -1e-300 && r.expected > 0);
        r = compare(classes[k], KEDGE_P_PERMUTATION, x, 30, x, 7);
        assert_true(r.statistic == 0 && r.p_value == 1 && r.effect == 0 && isnan(r.where));
        r = compare(classes[k], KEDGE_P_ASYMPTOTIC, x, 40, y, 40);
        assert_close(r.effect, 1, 1e-15);
        assert_close(r.statistic, k ? 160 * log(2) : 80, 1e-13);
        r = compare(classes[k], KEDGE_P_NONE, x, 40, y, 40);
        assert_true(r.status == KEDGE_DRIFT && r.expected == 1);
    }
    for (size_t i = 0; i < 40; i++) {
        x[i] = (double)i;
        y[i] = (double)i + 0.5;
    }
    assert_close(compare(&kedge_chi_squared, KEDGE_P_ASYMPTOTIC, x, 40, y, 40).statistic, 80, 1e-13);
    assert_true(compare(&kedge_chi_squared, KEDGE_P_AUTO, x, 40, y, 40).p_value == 1);
    kedge_contingency_config c = kedge_chi_squared_defaults(), g = kedge_g_test_defaults();
    assert_true(c.base.cls == &kedge_chi_squared && g.base.cls == &kedge_g_test && c.correction == 0 && g.correction == 0);
    c.correction = 2;
    assert_int_equal(kedge_shift_work(&c.base, 5, 5, 1), 0);
}

static void test_contingency_false_alarms(void **unused)
{
    (void)unused;
    check_false_alarms(&kedge_chi_squared, KEDGE_P_AUTO, 20, 5, 0, ALARMS_HIGH);
    check_false_alarms(&kedge_chi_squared, KEDGE_P_AUTO, 200, 5, ALARMS_LOW, ALARMS_HIGH);
    check_false_alarms(&kedge_g_test, KEDGE_P_AUTO, 20, 5, 0, ALARMS_HIGH);
    check_false_alarms(&kedge_g_test, KEDGE_P_AUTO, 200, 5, ALARMS_LOW, ALARMS_HIGH);
    check_false_alarms(&kedge_chi_squared, KEDGE_P_AUTO, 200, 150, 0, ALARMS_HIGH);
}

/* -ln of the chance of a table, given its margins. */
static double naive_rarity(const double *x, size_t n, const double *y, size_t m)
{
    double rarity = lgamma((double)(n + m) + 1) - lgamma((double)n + 1) - lgamma((double)m + 1);
    for (size_t i = 0; i < n + m; i++) {
        double value = i < n ? x[i] : y[i - n], a = count_of(x, n, value), b = count_of(y, m, value);
        if (is_first(x, n, y, i))
            rarity -= lgamma(a + b + 1) - lgamma(a + 1) - lgamma(b + 1);
    }
    return rarity;
}

static void test_fisher(void **unused)
{
    (void)unused;
    kedge_rng rng = {17};
    double x[7], y[7];
    for (int round = 0; round < 80; round++) {
        size_t n = 1 + kedge_rng_below(&rng, 7), m = 1 + kedge_rng_below(&rng, 7);
        fill(x, 7, 2 + (uint64_t)round % 2, 0, &rng);
        fill(y, 7, 2 + (uint64_t)round % 2, 1, &rng);
        kedge_shift_result r = compare(&kedge_fisher, KEDGE_P_AUTO, x, n, y, m);
        size_t columns = columns_of(x, n, y, m);
        assert_close(r.p_value, naive_p(naive_rarity, x, n, y, m), 1e-12);
        assert_int_equal(r.p_method, KEDGE_P_EXACT);
        check_where(x, n, y, m, r.where);
        if (columns == 3) {
            assert_close(r.statistic, naive_rarity(x, n, y, m), 1e-12);
            double gaps = share_gap(x, n, y, m, 0) + share_gap(x, n, y, m, 1) + share_gap(x, n, y, m, 2);
            assert_close(r.effect, gaps / 2, 1e-14);
            assert_true(r.expected > 0 && r.expected < 20);
        }
    }
}

/* Codes 0 and 1: the log odds ratio and the difference of the rates of 1, both with the sign of the change. */
static void test_fisher_two(void **unused)
{
    (void)unused;
    kedge_rng rng = {18};
    double x[40], y[40];
    for (int round = 0; round < 100; round++) {
        size_t n = 2 + kedge_rng_below(&rng, 38), m = 2 + kedge_rng_below(&rng, 38);
        fill(x, 40, 2, 0, &rng);
        fill(y, 40, 2, 0.5, &rng);
        x[0] = 0;
        x[1] = 1;
        kedge_shift_result r = compare(&kedge_fisher, KEDGE_P_NONE, x, n, y, m);
        double a = count_of(x, n, 1), b = count_of(y, m, 1);
        double odds = (b + 0.5) / ((double)m - b + 0.5) / ((a + 0.5) / ((double)n - a + 0.5));
        assert_close(r.statistic, log(odds), 1e-13);
        assert_close(r.effect, b / (double)m - a / (double)n, 1e-14);
        assert_true(isnan(r.expected));
        kedge_shift_result exact = compare(&kedge_fisher, KEDGE_P_EXACT, x, n, y, m);
        kedge_shift_result dealt = compare(&kedge_fisher, KEDGE_P_PERMUTATION, x, n, y, m);
        assert_close(dealt.p_value, exact.p_value, 5 * sqrt(exact.p_value * (1 - exact.p_value) / 999) + 0.001);
        assert_true(isnan(dealt.expected) && dealt.statistic == exact.statistic);
    }
}

/* Large counts, an empty cell, one category, a value each, large codes, and too many ways. */
static void test_fisher_edges(void **unused)
{
    (void)unused;
    enum { N = 100000 };
    double *x = calloc(N, sizeof *x), *y = calloc(N, sizeof *y);
    kedge_shift_result r;
    for (size_t i = 0; i < N; i++) {
        x[i] = i % 2 ? 1e100 : -1e100;
        y[i] = i % 2 || i < 600 ? 1e100 : -1e100;
    }
    r = compare(&kedge_fisher, KEDGE_P_AUTO, x, N, y, N);
    assert_int_equal(r.p_method, KEDGE_P_EXACT);
    any_config yates = of(&kedge_chi_squared, KEDGE_P_ASYMPTOTIC);
    kedge_shift_result limit;
    yates.contingency.correction = 1;
    assert_true(run(&yates, x, N, y, N, &limit) >= 0);
    assert_close(r.p_value / limit.p_value, 1, 0.001);
    assert_close(r.effect, 0.003, 1e-12);
    for (size_t i = 0; i < N; i++)
        y[i] = 1e100;
    r = compare(&kedge_fisher, KEDGE_P_AUTO, x, N, y, N);
    assert_true(r.p_value == 0 && r.effect == 0.5 && r.statistic > 10 && r.statistic < 13);
    assert_true(compare(&kedge_fisher, KEDGE_P_AUTO, y, N, y, 9).p_value == 1);
    r = compare(&kedge_fisher, KEDGE_P_PERMUTATION, y, 9, y, 9);
    assert_true(r.p_value == 1 && r.statistic == 0 && r.effect == 0 && isnan(r.where));
    r = compare(&kedge_fisher, KEDGE_P_AUTO, x, 1, y, 1);
    assert_true(r.p_value == 1 && r.effect == 1);
    /* An empty cell in each sample: two ways out of C(20, 10). */
    for (size_t i = 0; i < 10; i++)
        x[i] = -1;
    r = compare(&kedge_fisher, KEDGE_P_EXACT, x, 10, y, 10);
    assert_close(r.p_value * 184756 / 2, 1, 1e-13);
    assert_close(r.statistic, 2 * log(21), 1e-14);
    for (size_t i = 0; i < 3000; i++) {
        x[i] = (double)(i % 3);
        y[i] = (double)(i * i % 3);
    }
    any_config c = of(&kedge_fisher, KEDGE_P_EXACT);
    assert_int_equal(run(&c, x, 3000, y, 3000, &r), KEDGE_ERR_UNSUPPORTED);
    r = compare(&kedge_fisher, KEDGE_P_AUTO, x, 3000, y, 3000);
    assert_int_equal(r.p_method, KEDGE_P_PERMUTATION);
    assert_close(r.p_value, 0.001, 1e-15);
    assert_close(r.statistic, naive_rarity(x, 3000, y, 3000), 1e-9);
    free(x);
    free(y);
}

static void test_fisher_false_alarms(void **unused)
{
    (void)unused;
    check_false_alarms(&kedge_fisher, KEDGE_P_AUTO, 20, 2, 0, ALARMS_HIGH);
    check_false_alarms(&kedge_fisher, KEDGE_P_AUTO, 200, 2, 0, ALARMS_HIGH);
    check_false_alarms(&kedge_fisher, KEDGE_P_AUTO, 20, 5, 0, ALARMS_HIGH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_contingency),
        cmocka_unit_test(test_contingency_exact),
        cmocka_unit_test(test_contingency_auto),
        cmocka_unit_test(test_contingency_edges),
        cmocka_unit_test(test_contingency_false_alarms),
        cmocka_unit_test(test_fisher),
        cmocka_unit_test(test_fisher_two),
        cmocka_unit_test(test_fisher_edges),
        cmocka_unit_test(test_fisher_false_alarms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
