/* SPDX-License-Identifier: MIT */
/* Two-sample tests against their definitions, written out plainly; p-values against all ways to deal the values out; input on the
 * edge; and how often they alarm when nothing changed. */
#include <math.h>
#include <stdlib.h>

#include "support.h"

typedef union any_config {
    kedge_shift_config base;
    kedge_contingency_config contingency;
    unsigned char bytes[KEDGE_SHIFT_CONFIG_MAX];
} any_config;

static any_config of(const kedge_shift_class *cls, uint32_t p_method)
{
    any_config c;
    assert_int_equal(kedge_shift_config_init(cls, &c, cls->config_bytes), KEDGE_OK);
    c.base.p_method = p_method;
    return c;
}

static kedge_status run(const any_config *c, const double *x, size_t n, const double *y, size_t m, kedge_shift_result *r)
{
    kedge_rows reference = kedge_rows_float64(x, n, 1), current = kedge_rows_float64(y, m, 1);
    size_t bytes = kedge_shift_work(&c->base, n, m, 1);
    assert_true(bytes > 0);
    void *work = guard_new(bytes, 0xA5);
    kedge_status st = kedge_shift_compare(&c->base, &reference, &current, work, bytes, r);
    guard_free(work);
    return st;
}

static kedge_shift_result compare(const kedge_shift_class *cls, uint32_t p_method, const double *x, size_t n, const double *y,
                                  size_t m)
{
    any_config c = of(cls, p_method);
    kedge_shift_result r;
    assert_true(run(&c, x, n, y, m, &r) >= 0);
    if (r.status != KEDGE_EMPTY) {
        assert_true(isfinite(r.statistic) && isfinite(r.effect) && (isfinite(r.expected) || cls == &kedge_fisher));
        assert_true(p_method == KEDGE_P_NONE ? isnan(r.p_value) : r.p_value >= 0 && r.p_value <= 1);
    }
    return r;
}

/* Of two samples, how different they are; the larger, the more. */
typedef double (*naive_statistic)(const double *x, size_t n, const double *y, size_t m);

/* Share of all ways to deal the values out that are at least as far. */
static double naive_p(naive_statistic statistic, const double *x, size_t n, const double *y, size_t m)
{
    double all[16], a[16], b[16], ways = 0, far = 0, observed = statistic(x, n, y, m);
    memcpy(all, x, n * sizeof *x);
    memcpy(all + n, y, m * sizeof *y);
    for (uint32_t bits = 0; bits < 1u << (n + m); bits++) {
        size_t na = 0, nb = 0;
        for (size_t i = 0; i < n + m; i++)
            *(bits >> i & 1 ? &a[na++] : &b[nb++]) = all[i];
        if (na != n)
            continue;
        ways++;
        far += statistic(a, n, b, m) >= observed * (1 - 1e-10) - 1e-14;
    }
    return far / ways;
}

/* Continuous values, or whole ones from a few levels. */
static void fill(double *x, size_t n, uint64_t levels, double shift, kedge_rng *rng)
{
    for (size_t i = 0; i < n; i++)
        x[i] = levels ? floor((double)levels * fmin(kedge_rng_uniform(rng) + shift / 4, 0.999)) : kedge_rng_normal(rng) + shift;
}

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

/* A drift alarm's share over 1000 seeds without change: between low and high of 1000. */
static void check_false_alarms(const kedge_shift_class *cls, uint32_t p_method, size_t n, uint64_t levels, int low, int high)
{
    any_config c = of(cls, p_method);
    double *x = calloc(2 * n, sizeof *x);
    int alarms = 0;
    c.base.n_resamples = 199;
    for (uint64_t seed = 0; seed < 1000; seed++) {
        kedge_rng rng = {seed * 7919 + n};
        kedge_shift_result r;
        fill(x, 2 * n, levels, 0, &rng);
        alarms += run(&c, x, n, x + n, n, &r) == KEDGE_DRIFT;
    }
    free(x);
    if (alarms < low || alarms > high)
        fail_msg("%s, method %u, size %zu: %d false alarms of 1000", cls->name, (unsigned)p_method, n, alarms);
}

/* Binomial(1000, 0.05): 50, standard deviation 6.9; the bounds are 3.5 of them away. */
enum { ALARMS_LOW = 26, ALARMS_HIGH = 74 };

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
