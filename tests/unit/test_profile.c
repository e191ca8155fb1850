/* SPDX-License-Identifier: MIT */
/* Profiles against the values themselves: moments, quantiles and shares within the stated errors, merged parts like the whole. */
#include <math.h>
#include <stdlib.h>

#include "support.h"

enum { N = 40000 };

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double share_up_to(const double *sorted, size_t n, double limit)
{
    size_t count = 0;
    while (count < n && sorted[count] <= limit)
        count++;
    return (double)count / (double)n;
}

static kedge_profile_config small(uint32_t level_size)
{
    kedge_profile_config c = kedge_profile_defaults();
    c.level_size = level_size;
    c.max_values = 1 << 20;
    return c;
}

static kedge_metric begin(const kedge_profile_config *c)
{
    kedge_metric m;
    size_t bytes = kedge_metric_size(&c->base);
    assert_int_equal(kedge_metric_init(&m, &c->base, guard_new(bytes, 0xA5), bytes), KEDGE_OK);
    return m;
}

/* Moments as they are defined. */
static void check_moments(const kedge_metric *m, const double *x, size_t n)
{
    kedge_profile_report r;
    long double mean = 0, m2 = 0, m3 = 0, m4 = 0;
    for (size_t i = 0; i < n; i++)
        mean += x[i] / (long double)n;
    for (size_t i = 0; i < n; i++) {
        long double off = x[i] - mean;
        m2 += off * off / (long double)n;
        m3 += off * off * off / (long double)n;
        m4 += off * off * off * off / (long double)n;
    }
    assert_int_equal(kedge_profile_read(m, &r), KEDGE_OK);
    assert_int_equal(r.n, n);
    assert_close(r.mean, (double)mean, 1e-12);
    assert_close(r.variance, (double)m2, 1e-11);
    assert_close(r.skewness, m2 > 0 ? (double)(m3 / (m2 * sqrtl(m2))) : 0, 1e-9);
    assert_close(r.kurtosis, m2 > 0 ? (double)(m4 / (m2 * m2) - 3) : 0, 1e-9);
}

/* Every share is within the certain bound; returns how many are outside of the 99 % one. */
static unsigned check_shares(const kedge_metric *m, const double *sorted, size_t n)
{
    kedge_profile_report r;
    unsigned outside = 0;
    assert_int_equal(kedge_profile_read(m, &r), KEDGE_OK);
    assert_true(r.min == sorted[0] && r.max == sorted[n - 1]);
    for (size_t i = 0; i < 50; i++) {
        double q = (double)(i + 1) / 51, x, share, truth;
        assert_int_equal(kedge_profile_quantile(m, q, &x), KEDGE_OK);
        assert_int_equal(kedge_profile_shares(m, &x, &share, 1), KEDGE_OK);
        truth = share_up_to(sorted, n, x);
        assert_true(share >= q - 1e-12);
        assert_true(fabs(share - truth) <= r.rank_error_max + 1e-12);
        outside += fabs(share - truth) > r.rank_error + 1e-12;
    }
    return outside;
}

static void fill(double *x, size_t n, uint64_t seed)
{
    fill_normal(x, n, 5, 2, seed);
    for (size_t i = 0; i < n; i++)
        x[i] = seed % 3 == 0 ? floor(x[i]) : seed % 3 == 1 ? exp(x[i]) : x[i];
}

static void test_one_pass(void **unused)
{
    (void)unused;
    static double x[N];
    unsigned outside = 0, asked = 0;
    for (uint64_t seed = 0; seed < 12; seed++) {
        size_t n = (size_t)N >> seed % 6;
        kedge_profile_config c = small(seed % 2 ? 512 : 64);
        c.seed = seed;
        kedge_metric m = begin(&c);
        fill(x, n, seed);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(kedge_profile_record(&m, x[i]), KEDGE_OK);
        assert_int_equal(kedge_metric_check(&m), KEDGE_OK);
        check_moments(&m, x, n);
        qsort(x, n, sizeof *x, compare_doubles);
        outside += check_shares(&m, x, n);
        asked += 50;
        guard_free(m.state);
    }
    assert_true(outside * 50 <= asked); /* 1 % at most, and neighbours agree */
}

/* Up to level_size - 1 values nothing is lost. */
static void test_exact_while_small(void **unused)
{
    (void)unused;
    double x[63];
    kedge_profile_config c = small(64);
    kedge_metric m = begin(&c);
    kedge_profile_report r;
    double value;
    fill(x, 63, 2);
    for (size_t i = 0; i < 63; i++)
        assert_int_equal(kedge_profile_record(&m, x[i]), KEDGE_OK);
    qsort(x, 63, sizeof *x, compare_doubles);
    assert_int_equal(kedge_profile_read(&m, &r), KEDGE_OK);
    assert_true(r.rank_error == 0 && r.rank_error_max == 0);
    for (size_t i = 0; i < 63; i++) {
        assert_int_equal(kedge_profile_quantile(&m, ((double)i + 1) / 63, &value), KEDGE_OK);
        assert_true(value == x[i]);
    }
    guard_free(m.state);
}

/* A hundred parts, of very different sizes, merged: moments as those of all, shares within the bounds. */
static void test_merged_parts(void **unused)
{
    (void)unused;
    static double x[N];
    unsigned outside = 0;
    for (uint64_t seed = 0; seed < 4; seed++) {
        kedge_profile_config c = small(128);
        kedge_metric all = begin(&c), part = begin(&c);
        size_t at = 0;
        fill(x, N, seed);
        for (size_t i = 0; i < 100; i++) {
            size_t n = i == 99 ? N - at : i * 7 % 13 == 0 ? 0 : (N - at) / 60;
            assert_int_equal(kedge_metric_reset(&part), KEDGE_OK);
            for (size_t k = 0; k < n; k++)
                assert_int_equal(kedge_profile_record(&part, x[at + k]), KEDGE_OK);
            assert_int_equal(kedge_profile_record(&part, (double)NAN), KEDGE_OK);
            assert_int_equal(kedge_metric_merge(&all, &part), KEDGE_OK);
            assert_int_equal(kedge_metric_check(&all), KEDGE_OK);
            at += n;
        }
        kedge_profile_report r;
        check_moments(&all, x, N);
        assert_int_equal(kedge_profile_read(&all, &r), KEDGE_OK);
        assert_int_equal(r.n_missing, 100);
        qsort(x, N, sizeof *x, compare_doubles);
        outside += check_shares(&all, x, N);
        guard_free(all.state);
        guard_free(part.state);
    }
    assert_true(outside <= 6); /* of 200, in groups that agree */
}

static double naive_ks(const double *a, size_t n, const double *b, size_t m, double *area)
{
    size_t i = 0, j = 0;
    double most = 0, before = a[0] < b[0] ? a[0] : b[0];
    *area = 0;
    while (i < n || j < m) {
        double at = j >= m || (i < n && a[i] < b[j]) ? a[i] : b[j];
        *area += fabs((double)i / (double)n - (double)j / (double)m) * (at - before);
        before = at;
        while (i < n && a[i] == at)
            i++;
        while (j < m && b[j] == at)
            j++;
        most = fmax(most, fabs((double)i / (double)n - (double)j / (double)m));
    }
    return most;
}

static void test_compare(void **unused)
{
    (void)unused;
    static double x[N], y[N];
    for (uint64_t seed = 0; seed < 6; seed++) {
        size_t n = seed < 2 ? 50 : N, m = seed < 2 ? 40 : N / 3;
        kedge_profile_config c = small(256), d = small(512);
        kedge_metric a = begin(&c), b = begin(&d);
        kedge_profile_shift shift, back;
        double area;
        fill(x, n, seed);
        fill(y, m, seed + 30);
        for (size_t i = 0; i < m; i++)
            y[i] += seed % 2 ? 0.5 : 0;
        for (size_t i = 0; i < n; i++)
            assert_int_equal(kedge_profile_record(&a, x[i]), KEDGE_OK);
        for (size_t i = 0; i < m; i++)
            assert_int_equal(kedge_profile_record(&b, y[i]), KEDGE_OK);
        qsort(x, n, sizeof *x, compare_doubles);
        qsort(y, m, sizeof *y, compare_doubles);
        double ks = naive_ks(x, n, y, m, &area);
        assert_int_equal(kedge_profile_compare(&a, &b, &shift), KEDGE_OK);
        assert_int_equal(kedge_profile_compare(&b, &a, &back), KEDGE_OK);
        assert_true(fabs(shift.ks - ks) <= shift.ks_error + 1e-12);
        assert_close(shift.ks, back.ks, 1e-12);
        assert_close(shift.wasserstein, back.wasserstein, 1e-9);
        assert_true(fabs(shift.wasserstein - area) <= (n == 50 ? 1e-9 : 0.05 * area + 0.02 * (x[n - 1] - x[0])));
        assert_true(seed % 2 == 0 || n == 50 || shift.ks_p_value < 1e-6);
        assert_true(seed % 2 == 1 || shift.ks_p_value > 1e-3);
        guard_free(a.state);
        guard_free(b.state);
    }
}

/* One value, equal ones, the greatest magnitudes, nothing, too much. */
static void test_edges(void **unused)
{
    (void)unused;
    kedge_profile_config c = small(16);
    c.max_values = 100;
    kedge_metric m = begin(&c), other = begin(&c);
    kedge_profile_report r;
    kedge_profile_shift shift;
    double x;
    assert_int_equal(kedge_profile_compare(&m, &other, &shift), KEDGE_EMPTY);
    assert_true(isnan(shift.missing_reference));
    assert_int_equal(kedge_profile_record(&m, (double)NAN), KEDGE_OK);
    assert_int_equal(kedge_profile_read(&m, &r), KEDGE_EMPTY);
    assert_true(r.n == 0 && r.n_missing == 1 && isnan(r.mean));
    for (int i = 0; i < 100; i++)
        assert_int_equal(kedge_profile_record(&m, i % 2 ? 1e70 : -1e70), KEDGE_OK);
    assert_int_equal(kedge_profile_record(&m, 0), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_profile_record(&m, (double)NAN), KEDGE_OK);
    assert_int_equal(kedge_profile_read(&m, &r), KEDGE_OK);
    assert_true(r.min == -1e70 && r.max == 1e70 && fabs(r.mean) < 1e56 && isfinite(r.kurtosis));
    assert_int_equal(kedge_profile_record(&other, 7), KEDGE_OK);
    assert_int_equal(kedge_profile_read(&other, &r), KEDGE_OK);
    assert_true(r.mean == 7 && r.variance == 0 && r.skewness == 0 && r.kurtosis == 0);
    assert_int_equal(kedge_profile_quantile(&other, 0.5, &x), KEDGE_OK);
    assert_true(x == 7);
    assert_int_equal(kedge_metric_merge(&m, &other), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_profile_compare(&other, &m, &shift), KEDGE_OK);
    assert_true(isinf(shift.effect) && shift.missing_current > 0.019 && shift.missing_current < 0.02);
    kedge_profile_config bigger = small(32);
    kedge_metric alien = begin(&bigger);
    assert_int_equal(kedge_metric_merge(&m, &alien), KEDGE_ERR_CONFIG);
    guard_free(alien.state);
    guard_free(m.state);
    guard_free(other.state);
}

static void test_sizes(void **unused)
{
    (void)unused;
    kedge_profile_config c = kedge_profile_defaults();
    assert_int_equal(kedge_metric_size(&c.base), KEDGE_PROFILE_BYTES);
    c.max_values = ((uint64_t)512 << 16) - 1;
    assert_int_equal(kedge_metric_size(&c.base), KEDGE_PROFILE_BYTES_FOR(512u, 16u));
    c.max_values++;
    assert_int_equal(kedge_metric_size(&c.base), KEDGE_PROFILE_BYTES_FOR(512u, 17u));
    assert_int_equal(kedge_profile_config_init(&c, 8), KEDGE_ERR_CONFIG);
    assert_int_equal(kedge_profile_config_init(NULL, sizeof c), KEDGE_ERR_NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_pass),     cmocka_unit_test(test_exact_while_small),
        cmocka_unit_test(test_merged_parts), cmocka_unit_test(test_compare),
        cmocka_unit_test(test_edges),        cmocka_unit_test(test_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
