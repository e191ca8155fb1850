/* SPDX-License-Identifier: MIT */
/* Kolmogorov-Smirnov against its definition, its exact p-value against all ways to deal the values out. */
#include <math.h>
#include <stdlib.h>

#include "support.h"

static kedge_status ks(const kedge_shift_config *c, const double *x, size_t n, const double *y, size_t m, kedge_shift_result *r)
{
    kedge_rows reference = kedge_rows_float64(x, n, 1), current = kedge_rows_float64(y, m, 1);
    size_t bytes = kedge_shift_work(c, n, m, 1);
    void *work = guard_new(bytes, 0xA5);
    kedge_status st = kedge_shift_compare(c, &reference, &current, work, bytes, r);
    guard_free(work);
    return st;
}

static double share_up_to(const double *x, size_t n, double limit)
{
    double count = 0;
    for (size_t i = 0; i < n; i++)
        count += x[i] <= limit;
    return count / (double)n;
}

static double naive(const double *x, size_t n, const double *y, size_t m)
{
    double d = 0;
    for (size_t i = 0; i < n; i++)
        d = fmax(d, fabs(share_up_to(x, n, x[i]) - share_up_to(y, m, x[i])));
    for (size_t i = 0; i < m; i++)
        d = fmax(d, fabs(share_up_to(x, n, y[i]) - share_up_to(y, m, y[i])));
    return d;
}

static void test_statistic(void **unused)
{
    (void)unused;
    kedge_rng rng = {4};
    kedge_shift_config c = kedge_ks_defaults();
    kedge_shift_result r;
    double x[40], y[40];
    for (int round = 0; round < 300; round++) {
        size_t n = 1 + kedge_rng_below(&rng, 40), m = 1 + kedge_rng_below(&rng, 40);
        for (size_t i = 0; i < 40; i++) {
            x[i] = round % 2 ? (double)kedge_rng_below(&rng, 6) : kedge_rng_normal(&rng);
            y[i] = round % 2 ? (double)kedge_rng_below(&rng, 7) : kedge_rng_normal(&rng) + 0.5;
        }
        assert_true(ks(&c, x, n, y, m, &r) >= 0);
        assert_close(r.statistic, naive(x, n, y, m), 1e-12);
        if (r.statistic > 0)
            assert_close(fabs(share_up_to(x, n, r.where) - share_up_to(y, m, r.where)), r.statistic, 1e-12);
    }
}

/* Share of all bit patterns with n of n + m bits set whose statistic is at least d, for distinct values. */
static double naive_p(size_t n, size_t m, double d)
{
    double all = 0, far = 0;
    for (uint32_t bits = 0; bits < 1u << (n + m); bits++) {
        double x[12], y[12];
        size_t nx = 0, ny = 0;
        for (size_t i = 0; i < n + m; i++) {
            if (bits >> i & 1 && nx < n)
                x[nx++] = (double)i;
            else if (bits >> i & 1)
                nx = n + 1;
            else if (ny < m)
                y[ny++] = (double)i;
            if (nx > n)
                break;
        }
        if (nx != n || ny != m)
            continue;
        all++;
        far += naive(x, n, y, m) >= d - 1e-12;
    }
    return far / all;
}

static void test_exact(void **unused)
{
    (void)unused;
    static const size_t sizes[][2] = {{1, 1}, {1, 6}, {2, 3}, {4, 4}, {6, 4}, {3, 7}, {6, 6}};
    kedge_shift_config c = kedge_ks_defaults();
    kedge_shift_result r;
    c.p_method = KEDGE_P_EXACT;
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        size_t n = sizes[k][0], m = sizes[k][1];
        for (uint64_t seed = 0; seed < 8; seed++) {
            double x[12], y[12];
            fill_normal(x, n, 0, 1, seed);
            fill_normal(y, m, (double)seed / 4, 1, seed + 100);
            assert_true(ks(&c, x, n, y, m, &r) >= 0);
            assert_close(r.p_value, naive_p(n, m, r.statistic), 1e-13);
        }
    }
}

/* Two of the paths leave the band when the samples do not overlap: p = 2 / C(n + m, n), here about 1e-299. */
static void test_smallest(void **unused)
{
    (void)unused;
    double x[500], y[500], ways = 1;
    kedge_shift_config c = kedge_ks_defaults();
    kedge_shift_result r;
    for (int i = 0; i < 500; i++) {
        x[i] = i;
        y[i] = 1000 + i;
        ways *= (501.0 + i) / (1.0 + i);
    }
    assert_int_equal(ks(&c, x, 500, y, 500, &r), KEDGE_DRIFT);
    assert_true(r.statistic == 1 && r.where == 499);
    assert_close(r.p_value * ways / 2, 1, 1e-11);
}

/* Exact, limit and random p-values tell the same story. */
static void test_methods_agree(void **unused)
{
    (void)unused;
    double x[400], y[300], p[3];
    kedge_shift_config c = kedge_ks_defaults();
    kedge_shift_result r;
    fill_normal(x, 400, 0, 1, 11);
    fill_normal(y, 300, 0.15, 1, 12);
    for (uint32_t method = KEDGE_P_EXACT; method <= KEDGE_P_PERMUTATION; method++) {
        c.p_method = method;
        assert_true(ks(&c, x, 400, y, 300, &r) >= 0);
        assert_int_equal(r.p_method, method);
        p[method - KEDGE_P_EXACT] = r.p_value;
    }
    assert_close(p[1], p[0], 0.02);
    assert_close(p[2], p[0], 5 * sqrt(p[0] * (1 - p[0]) / 999));
    assert_true(r.expected > 0 && r.expected < 0.1);
}

static void test_limits(void **unused)
{
    (void)unused;
    enum { N = 100001 };
    double *x = calloc(N, sizeof *x);
    kedge_shift_config c = kedge_ks_defaults();
    kedge_shift_result r;
    assert_int_equal(ks(&c, x, N, x, N, &r), KEDGE_OK);
    assert_true(r.p_value == 1 && r.statistic == 0 && r.p_method == KEDGE_P_ASYMPTOTIC);
    c.p_method = KEDGE_P_EXACT;
    assert_int_equal(ks(&c, x, N, x, 3, &r), KEDGE_ERR_UNSUPPORTED);
    free(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_statistic), cmocka_unit_test(test_exact),  cmocka_unit_test(test_smallest),
        cmocka_unit_test(test_methods_agree), cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
