/* SPDX-License-Identifier: MIT */
/* Tests of tables: against definitions written out, p-values without a change, power, and input at the edges. */
#include <math.h>
#include <stdlib.h>

#include "support.h"

#include "base/cholesky.h"

typedef union any_config {
    kedge_shift_config base;
    unsigned char bytes[KEDGE_SHIFT_CONFIG_MAX];
} any_config;

static any_config defaults_of(const kedge_shift_class *cls)
{
    any_config c;
    assert_int_equal(kedge_shift_config_init(cls, &c, cls->config_bytes), KEDGE_OK);
    return c;
}

/* Compares in exactly the memory that it asks for, dirty, between guards. */
static kedge_status compare(const void *config, const double *x, size_t n, const double *y, size_t m, size_t d,
                            kedge_shift_result *out)
{
    kedge_rows reference = kedge_rows_float64(x, n, d), current = kedge_rows_float64(y, m, d);
    size_t bytes = kedge_shift_work(config, n, m, d);
    assert_true(bytes > 0);
    void *work = guard_new(bytes, 0xA5);
    kedge_status st = kedge_shift_compare(config, &reference, &current, work, bytes, out);
    guard_free(work);
    return st;
}

/* Normal rows of 2 columns. */
static void fill_pairs(double *x, size_t n, double mean, double sd, double correlation, uint64_t seed)
{
    kedge_rng rng = {seed};
    for (size_t i = 0; i < n; i++) {
        double a = kedge_rng_normal(&rng), b = kedge_rng_normal(&rng);
        x[2 * i] = mean + sd * a;
        x[2 * i + 1] = mean + sd * (correlation * a + sqrt(1 - correlation * correlation) * b);
    }
}

static double square_distance(const double *a, const double *b, size_t d)
{
    double sum = 0;
    for (size_t j = 0; j < d; j++)
        sum += (a[j] - b[j]) * (a[j] - b[j]);
    return sum;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Columns over the standard deviation of both samples together, side by side. */
static double *pool(const double *x, size_t n, const double *y, size_t m, size_t d, int standardise)
{
    size_t n_all = n + m;
    double *z = calloc(n_all * d, sizeof *z);
    memcpy(z, x, n * d * sizeof *z);
    memcpy(z + n * d, y, m * d * sizeof *z);
    for (size_t j = 0; standardise && j < d; j++) {
        double mean = 0, var = 0;
        for (size_t i = 0; i < n_all; i++)
            mean += z[i * d + j] / (double)n_all;
        for (size_t i = 0; i < n_all; i++)
            var += (z[i * d + j] - mean) * (z[i * d + j] - mean) / (double)n_all;
        for (size_t i = 0; i < n_all; i++)
            z[i * d + j] /= sqrt(var);
    }
    return z;
}

static double naive_median(const double *z, size_t n, size_t d)
{
    double *all = calloc(n * n, sizeof *all);
    size_t k = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            if (square_distance(z + i * d, z + j * d, d) > 0)
                all[k++] = sqrt(square_distance(z + i * d, z + j * d, d));
    qsort(all, k, sizeof *all, compare_doubles);
    double median = all[(k - 1) / 2];
    free(all);
    return median;
}

/* Equation 3 of Gretton et al. 2012, sum by sum. */
static double naive_mmd(const double *z, size_t n, size_t m, size_t d, double width)
{
    double xx = 0, yy = 0, xy = 0;
    for (size_t i = 0; i < n + m; i++)
        for (size_t j = 0; j < n + m; j++) {
            double k = exp(-square_distance(z + i * d, z + j * d, d) / (2 * width * width));
            if (i < n && j < n && i != j)
                xx += k;
            else if (i >= n && j >= n && i != j)
                yy += k;
            else if (i < n && j >= n)
                xy += k;
        }
    return xx / ((double)n * (double)(n - 1)) + yy / ((double)m * (double)(m - 1)) - 2 * xy / ((double)n * (double)m);
}

static void test_mmd_definition(void **unused)
{
    (void)unused;
    enum { D = 3 };
    double x[40 * D], y[25 * D];
    fill_normal(x, 40 * D, 0, 1, 1);
    fill_normal(y, 25 * D, 0.7, 2, 2);
    for (size_t n = 2; n <= 40; n += 19)
        for (size_t m = 2; m <= 25; m += 23)
            for (uint32_t standardise = 0; standardise < 2; standardise++)
                for (uint32_t rule = KEDGE_BANDWIDTH_MEDIAN; rule <= KEDGE_BANDWIDTH_FIXED; rule++)
                    for (uint32_t p = KEDGE_P_PERMUTATION; p <= KEDGE_P_NONE; p++) {
                        kedge_mmd_config c = kedge_mmd_defaults();
                        kedge_shift_result r;
                        double *z = pool(x, n, y, m, D, (int)standardise);
                        c.standardise = standardise;
                        c.bandwidth_rule = rule;
                        c.bandwidth = 1.7;
                        c.base.p_method = p;
                        double width = rule == KEDGE_BANDWIDTH_FIXED ? 1.7 : naive_median(z, n + m, D);
                        double truth = naive_mmd(z, n, m, D, width);
                        assert_true(compare(&c, x, n, y, m, D, &r) >= 0);
                        assert_close(r.statistic, truth, 1e-12);
                        assert_close(r.effect, truth > 0 ? truth / 2 : 0, 1e-12);
                        assert_true(r.expected == 0 && isnan(r.mean_reference) && isnan(r.where));
                        assert_int_equal(r.n_reference, n);
                        assert_int_equal(r.n_current, m);
                        assert_int_equal(r.p_method, p);
                        free(z);
                    }
}

/* The chance of the statistic under all ways to deal 3 + 4 rows out, by the definition; the test's p-value comes close to it. */
static void check_mmd_against_all_ways(size_t n, size_t m)
{
    double x[7 * 2], y[7 * 2], dealt[7 * 2];
    kedge_mmd_config c = kedge_mmd_defaults();
    kedge_shift_result r;
    fill_normal(x, n * 2, 0, 1, 11);
    fill_normal(y, m * 2, 1, 1, 12);
    double *z = pool(x, n, y, m, 2, 1);
    double width = naive_median(z, 7, 2), truth = naive_mmd(z, n, m, 2, width), far = 0, ways = 0;
    for (unsigned mask = 0; mask < 128; mask++) {
        size_t i = 0, j = n;
        if ((size_t)__builtin_popcount(mask) != n)
            continue;
        for (size_t k = 0; k < 7; k++)
            memcpy(dealt + 2 * (mask >> k & 1 ? i++ : j++), z + 2 * k, 2 * sizeof *z);
        ways += 1;
        far += naive_mmd(dealt, n, m, 2, width) >= truth - 1e-12;
    }
    c.base.n_resamples = 100000;
    assert_true(compare(&c, x, n, y, m, 2, &r) >= 0);
    double p = far / ways;
    assert_true(fabs(r.p_value - p) < 5 * sqrt(p * (1 - p) / 1e5) + 1e-5);
    free(z);
}

static void test_mmd_permutations(void **unused)
{
    (void)unused;
    check_mmd_against_all_ways(3, 4);
    check_mmd_against_all_ways(5, 2);
}

/* The features' kernel is the Gaussian one: many of them come close to the exact figure, and so does the p-value. */
static void test_mmd_features(void **unused)
{
    (void)unused;
    enum { N = 150, M = 90 };
    double x[2 * N], y[2 * N];
    for (uint64_t seed = 1; seed <= 3; seed++) {
        kedge_mmd_config c = kedge_mmd_defaults();
        kedge_shift_result exact, features, none;
        fill_pairs(x, N, 0, 1, 0.8, seed);
        fill_pairs(y, N, 0.15, 1.2, 0.4, 100 + seed);
        c.base.n_resamples = 199;
        for (size_t m = M; m <= N; m += N - M) {
            for (int turn = 0; turn < 2; turn++) {
                c.form = KEDGE_MMD_EXACT;
                assert_true(compare(&c, turn ? y : x, turn ? m : N, turn ? x : y, turn ? N : m, 2, &exact) >= 0);
                c.form = KEDGE_MMD_FEATURES;
                c.n_features = 4000;
                assert_true(compare(&c, turn ? y : x, turn ? m : N, turn ? x : y, turn ? N : m, 2, &features) >= 0);
                assert_true(fabs(features.statistic - exact.statistic) < 0.1 * exact.statistic);
                assert_true(fabs(features.p_value - exact.p_value) < 0.05);
                c.base.p_method = KEDGE_P_NONE;
                assert_true(compare(&c, turn ? y : x, turn ? m : N, turn ? x : y, turn ? N : m, 2, &none) >= 0);
                assert_true(isnan(none.p_value));
                c.base.p_method = KEDGE_P_AUTO;
            }
        }
    }
}

/* AUTO takes pairs up to 2000 rows and features beyond. */
static void test_mmd_auto(void **unused)
{
    (void)unused;
    kedge_mmd_config c = kedge_mmd_defaults(), exact = c, features = c;
    exact.form = KEDGE_MMD_EXACT;
    features.form = KEDGE_MMD_FEATURES;
    assert_int_equal(kedge_shift_work(&c.base, 1200, 800, 4), kedge_shift_work(&exact.base, 1200, 800, 4));
    assert_int_equal(kedge_shift_work(&c.base, 1200, 801, 4), kedge_shift_work(&features.base, 1200, 801, 4));
    assert_true(kedge_shift_work(&exact.base, 1200, 801, 4) != kedge_shift_work(&features.base, 1200, 801, 4));
    assert_int_equal(kedge_shift_work(&exact.base, 4000000, 4000000, 1), 0);
    assert_true(kedge_shift_work(&c.base, 1, 1, 1000) > 0);
    assert_int_equal(kedge_shift_work(&c.base, 1, 1, 1001), 0);
}

static void test_mmd_ranges(void **unused)
{
    (void)unused;
    const kedge_mmd_config good = kedge_mmd_defaults();
#define BAD(field, value)                                                                          \
    do {                                                                                           \
        kedge_mmd_config c = good;                                                                 \
        c.field = value;                                                                           \
        assert_int_equal(kedge_shift_work(&c.base, 10, 10, 2), 0);                                 \
    } while (0)
    BAD(bandwidth, 0);
    BAD(bandwidth, NAN);
    BAD(bandwidth, 1e101);
    BAD(bandwidth_rule, 0);
    BAD(bandwidth_rule, 3);
    BAD(form, 0);
    BAD(form, 4);
    BAD(n_features, 0);
    BAD(n_features, 65537);
    BAD(standardise, 2);
    BAD(base.p_method, KEDGE_P_EXACT);
#undef BAD
}

/* Solves by elimination with row pivots; a is spoilt. */
static void naive_solve(double *a, double *b, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        size_t best = k;
        for (size_t i = k; i < n; i++)
            best = fabs(a[i * n + k]) > fabs(a[best * n + k]) ? i : best;
        for (size_t j = 0; j <= n; j++) {
            double *u = j < n ? &a[k * n + j] : &b[k], *v = j < n ? &a[best * n + j] : &b[best], keep = *u;
            *u = *v;
            *v = keep;
        }
        for (size_t i = 0; i < n; i++) {
            double f = a[i * n + k] / a[k * n + k];
            if (i == k)
                continue;
            for (size_t j = k; j < n; j++)
                a[i * n + j] -= f * a[k * n + j];
            b[i] -= f * b[k];
        }
    }
    for (size_t k = 0; k < n; k++)
        b[k] /= a[k * n + k];
}

static void test_cholesky(void **unused)
{
    (void)unused;
    enum { N = 12 };
    kedge_rng rng = {5};
    for (size_t n = 1; n <= N; n++) {
        double a[N * N], l[N * (N + 1) / 2], b[N], x[N], root[N * N];
        for (size_t i = 0; i < n * n; i++)
            root[i] = kedge_rng_normal(&rng);
        for (size_t i = 0; i < n; i++) {
            for (size_t j = 0; j < n; j++) {
                a[i * n + j] = i == j ? 0.1 : 0;
                for (size_t k = 0; k < n; k++)
                    a[i * n + j] += root[i * n + k] * root[j * n + k];
                if (j <= i)
                    l[i * (i + 1) / 2 + j] = a[i * n + j];
            }
            x[i] = b[i] = kedge_rng_normal(&rng);
        }
        assert_int_equal(kedge_i_cholesky_factor(l, n), KEDGE_OK);
        kedge_i_cholesky_solve(l, n, x);
        naive_solve(a, b, n);
        for (size_t i = 0; i < n; i++)
            assert_close(x[i], b[i], 1e-9 * fmax(1, fabs(b[i])));
    }
    assert_int_equal(kedge_i_cholesky_factor((double[3]){1, 2, 3}, 2), KEDGE_ERR_NUMERIC);
    assert_int_equal(kedge_i_cholesky_factor((double[3]){0.1, 0.1, 0.1}, 2), KEDGE_ERR_NUMERIC); /* singular up to rounding */
    assert_int_equal(kedge_i_cholesky_factor((double[1]){0}, 1), KEDGE_ERR_NUMERIC);
    assert_int_equal(kedge_i_cholesky_factor((double[1]){NAN}, 1), KEDGE_ERR_NUMERIC);
}

/* 2 h'theta - theta'H theta, term by term. */
static double naive_square(const double *big_h, const double *h, size_t k, double lambda)
{
    double *a = calloc(k * k, sizeof *a), *theta = calloc(k, sizeof *theta), sum = 0;
    memcpy(a, big_h, k * k * sizeof *a);
    memcpy(theta, h, k * sizeof *theta);
    for (size_t i = 0; i < k; i++)
        a[i * k + i] += lambda;
    naive_solve(a, theta, k);
    for (size_t i = 0; i < k; i++) {
        sum += 2 * h[i] * theta[i];
        for (size_t j = 0; j < k; j++)
            sum -= theta[i] * big_h[i * k + j] * theta[j];
    }
    free(a);
    free(theta);
    return sum;
}

typedef struct naive_figures {
    double statistic, effect;
} naive_figures;

static naive_figures naive_lsdd(const double *z, size_t n, size_t m, size_t d, const double *centres, size_t k, double width, double lambda)
{
    double *big_h = calloc(k * k, sizeof *big_h), *h = calloc(k, sizeof *h), *both = calloc(k, sizeof *both);
    for (size_t i = 0; i < k; i++) {
        for (size_t j = 0; j < k; j++)
            big_h[i * k + j] = exp(-square_distance(centres + i * d, centres + j * d, d) / (4 * width * width));
        for (size_t row = 0; row < n + m; row++) {
            double kernel = exp(-square_distance(z + row * d, centres + i * d, d) / (2 * width * width));
            h[i] += row < n ? kernel / (double)n : -kernel / (double)m;
            both[i] += kernel / (double)(row < n ? n : m);
        }
    }
    naive_figures f = {naive_square(big_h, h, k, lambda), 0};
    f.effect = f.statistic / naive_square(big_h, both, k, lambda);
    free(big_h);
    free(h);
    free(both);
    return f;
}

/* `count` rows of n_all, by the first draws of the seed: each is taken with the chance that leaves the right number. */
static void draw_centres(const double *z, size_t n_all, size_t d, size_t count, uint64_t seed, double *to)
{
    kedge_rng rng = {seed};
    for (size_t i = 0; count > 0; i++)
        if (kedge_rng_uniform(&rng) * (double)(n_all - i) < (double)count) {
            memcpy(to, z + i * d, d * sizeof *z);
            to += d;
            count--;
        }
}

static void test_lsdd_definition(void **unused)
{
    (void)unused;
    enum { D = 3 };
    double x[40 * D], y[25 * D], centres[65 * D];
    fill_normal(x, 40 * D, 0, 1, 1);
    fill_normal(y, 25 * D, 0.7, 2, 2);
    for (size_t n = 2; n <= 40; n += 19)
        for (size_t m = 2; m <= 25; m += 23)
            for (uint32_t standardise = 0; standardise < 2; standardise++)
                for (uint32_t rule = KEDGE_BANDWIDTH_MEDIAN; rule <= KEDGE_BANDWIDTH_FIXED; rule++)
                    for (uint32_t n_centres = 3; n_centres <= 100; n_centres += 97) {
                        kedge_lsdd_config c = kedge_lsdd_defaults();
                        kedge_shift_result r;
                        double *z = pool(x, n, y, m, D, (int)standardise);
                        size_t k = n_centres < n + m ? n_centres : n + m;
                        if (rule == KEDGE_BANDWIDTH_MEDIAN && n_centres == 3)
                            c.base.p_method = KEDGE_P_NONE;
                        c.standardise = standardise;
                        c.bandwidth_rule = rule;
                        c.bandwidth = 1.7;
                        c.base.seed = n + m;
                        c.n_centres = n_centres;
                        double width = rule == KEDGE_BANDWIDTH_FIXED ? 1.7 : naive_median(z, n + m, D);
                        assert_true(compare(&c, x, n, y, m, D, &r) >= 0);
                        if (rule == KEDGE_BANDWIDTH_FIXED || k == n + m) { /* else the width's draws come first */
                            draw_centres(z, n + m, D, k, c.base.seed, centres);
                            naive_figures truth = naive_lsdd(z, n, m, D, centres, k, width, 0.1);
                            assert_close(r.statistic, truth.statistic, 1e-11);
                            assert_close(r.effect, fmin(1, truth.effect), 1e-10);
                        }
                        assert_true(r.effect >= 0 && r.effect <= 1 && isnan(r.mean_reference) && isnan(r.where));
                        assert_int_equal(isnan(r.expected), c.base.p_method == KEDGE_P_NONE);
                        assert_int_equal(r.n_reference, n);
                        assert_int_equal(r.n_current, m);
                        free(z);
                    }
}

/* What alibi-detect's formula, h'(2 B - B'H B) h with B the inverse of H + lambda I, gives with NumPy. */
static void test_lsdd_peer(void **unused)
{
    (void)unused;
    double x[18], y[14];
    kedge_lsdd_config c = kedge_lsdd_defaults();
    kedge_shift_result r;
    for (int i = 0; i < 9; i++)
        for (int j = 0; j < 2; j++) {
            x[2 * i + j] = sin(i + 2 * j);
            if (i < 7)
                y[2 * i + j] = cos(0.7 * i * i + j) + 0.25;
        }
    c.standardise = 0;
    c.bandwidth_rule = KEDGE_BANDWIDTH_FIXED;
    c.bandwidth = 0.8;
    c.regularisation = 0.01;
    assert_true(compare(&c, x, 9, y, 7, 2, &r) >= 0);
    assert_close(r.statistic, 0.5387942724095937, 1e-12);
    assert_close(r.effect, 0.4584286020174889, 1e-12);
    c.regularisation = 0.25;
    assert_true(compare(&c, x, 9, y, 7, 2, &r) >= 0);
    assert_close(r.statistic, 0.48452091388287244, 1e-12);
    assert_close(r.effect, 0.42346685182675736, 1e-12);
}

/* For normal densities of distance delta the integral of (p - q)^2 is (1 - exp(-delta^2 / 4)) / sqrt(pi), and with a plus that of
 * (p + q)^2. */
static void test_lsdd_is_the_integral(void **unused)
{
    (void)unused;
    enum { N = 4000 };
    double *x = calloc(N, sizeof *x), *y = calloc(N, sizeof *y);
    const double pi = 3.141592653589793;
    for (double delta = 1; delta <= 4; delta *= 2) {
        kedge_lsdd_config c = kedge_lsdd_defaults();
        kedge_shift_result r;
        fill_normal(x, N, 0, 1, 3);
        fill_normal(y, N, delta, 1, 4);
        c.base.p_method = KEDGE_P_NONE;
        c.standardise = 0;
        c.bandwidth_rule = KEDGE_BANDWIDTH_FIXED;
        c.bandwidth = 0.7;
        c.regularisation = 1e-3;
        assert_true(compare(&c, x, N, y, N, 1, &r) >= 0);
        double like = exp(-delta * delta / 4);
        assert_close(r.statistic / sqrt(pi * 0.7 * 0.7), (1 - like) / sqrt(pi), 0.1 * (1 - like) / sqrt(pi));
        assert_close(r.effect, (1 - like) / (1 + like), 0.03);
    }
    free(x);
    free(y);
}

static void test_lsdd_permutations(void **unused)
{
    (void)unused;
    for (size_t n = 2; n <= 5; n++) {
        size_t m = 7 - n;
        double x[14], y[14], dealt[14];
        kedge_lsdd_config c = kedge_lsdd_defaults();
        kedge_shift_result r;
        fill_normal(x, n * 2, 0, 1, 11);
        fill_normal(y, m * 2, 1, 1, 12);
        double *z = pool(x, n, y, m, 2, 1);
        double width = naive_median(z, 7, 2), truth = naive_lsdd(z, n, m, 2, z, 7, width, 0.1).statistic, far = 0, ways = 0, sum = 0;
        for (unsigned mask = 0; mask < 128; mask++) {
            size_t i = 0, j = n;
            if ((size_t)__builtin_popcount(mask) != n)
                continue;
            for (size_t k = 0; k < 7; k++)
                memcpy(dealt + 2 * (mask >> k & 1 ? i++ : j++), z + 2 * k, 2 * sizeof *z);
            double one = naive_lsdd(dealt, n, m, 2, z, 7, width, 0.1).statistic;
            ways += 1;
            sum += one;
            far += one >= truth - 1e-12;
        }
        c.base.n_resamples = 40000;
        assert_true(compare(&c, x, n, y, m, 2, &r) >= 0);
        double p = far / ways;
        assert_true(fabs(r.p_value - p) < 5 * sqrt(p * (1 - p) / 4e4) + 1e-4);
        assert_close(r.expected, sum / ways, 0.02 * sum / ways);
        free(z);
    }
}

static void test_lsdd_ranges(void **unused)
{
    (void)unused;
    const kedge_lsdd_config good = kedge_lsdd_defaults();
#define BAD(field, value)                                                                          \
    do {                                                                                           \
        kedge_lsdd_config c = good;                                                                \
        c.field = value;                                                                           \
        assert_int_equal(kedge_shift_work(&c.base, 10, 10, 2), 0);                                 \
    } while (0)
    BAD(bandwidth, 0);
    BAD(bandwidth, NAN);
    BAD(bandwidth, 1e101);
    BAD(regularisation, -1e-9);
    BAD(regularisation, NAN);
    BAD(regularisation, 1001);
    BAD(bandwidth_rule, 0);
    BAD(bandwidth_rule, 3);
    BAD(n_centres, 0);
    BAD(n_centres, 1001);
    BAD(standardise, 2);
    BAD(reserved, 1);
    BAD(base.p_method, KEDGE_P_EXACT);
#undef BAD
    assert_true(kedge_shift_work(&good.base, 1, 1, 1000) > 0);
    assert_int_equal(kedge_shift_work(&good.base, 1, 1, 1001), 0);
}

/* Without regularisation rows that are alike leave H singular. */
static void test_lsdd_singular(void **unused)
{
    (void)unused;
    double x[8] = {1, 2, 3, 4, 1, 2, 9, 9}, y[6] = {5, 6, 7, 8, 0, 1};
    kedge_lsdd_config c = kedge_lsdd_defaults();
    kedge_shift_result r, same;
    memset(&r, 0x5A, sizeof r);
    same = r;
    c.regularisation = 0;
    assert_int_equal(compare(&c, x, 4, y, 3, 2, &r), KEDGE_ERR_NUMERIC);
    assert_memory_equal(&r, &same, sizeof r);
    assert_true(compare(&c, y, 2, y + 4, 1, 2, &r) == KEDGE_EMPTY);
    assert_true(compare(&c, x, 2, y, 3, 2, &r) >= 0);
    assert_true(r.p_value > 0 && r.p_value <= 1);
}

/* Without a change the p-value of 99 resamples is at most k / 100 in k of 100 cases: within 3.5 standard errors of the binomial,
 * over 500 seeds. */
static void check_uniform(const void *config, kedge_shift_config *base, size_t n, size_t m)
{
    enum { SEEDS = 500 };
    double x[200], y[200], at_most[3] = {0, 0, 0};
    const double level[3] = {0.05, 0.25, 0.5};
    base->n_resamples = 99;
    assert_true(n <= 100 && m <= 100);
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        kedge_shift_result r;
        fill_pairs(x, n, 0, 1, 0.5, 2 * seed);
        fill_pairs(y, m, 0, 1, 0.5, 2 * seed + 1000001);
        base->seed = seed;
        assert_true(compare(config, x, n, y, m, 2, &r) >= 0);
        for (int i = 0; i < 3; i++)
            at_most[i] += r.p_value <= level[i] + 1e-9;
    }
    for (int i = 0; i < 3; i++)
        if (fabs(at_most[i] / SEEDS - level[i]) > 3.5 * sqrt(level[i] * (1 - level[i]) / SEEDS))
            fail_msg("%s: %g of the p-values are at most %g", base->cls->name, at_most[i] / SEEDS, level[i]);
}

static void test_mmd_uniform(void **unused)
{
    (void)unused;
    kedge_mmd_config c = kedge_mmd_defaults();
    c.form = KEDGE_MMD_EXACT;
    check_uniform(&c, &c.base, 30, 20);
    check_uniform(&c, &c.base, 12, 25);
    c.form = KEDGE_MMD_FEATURES;
    c.n_features = 20;
    check_uniform(&c, &c.base, 30, 20);
    check_uniform(&c, &c.base, 12, 25);
}

/* Of 20 pairs of samples, how many are told apart? */
static int power(const void *config, size_t n, double mean, double sd, double correlation)
{
    double *x = calloc(2 * n, sizeof *x), *y = calloc(2 * n, sizeof *y);
    int n_found = 0;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        kedge_shift_result r;
        fill_pairs(x, n, 0, 1, 0, 2 * seed);
        fill_pairs(y, n, mean, sd, correlation, 2 * seed + 77777);
        n_found += compare(config, x, n, y, n, 2, &r) == KEDGE_DRIFT;
    }
    free(x);
    free(y);
    return n_found;
}

static void test_mmd_power(void **unused)
{
    (void)unused;
    kedge_mmd_config c = kedge_mmd_defaults();
    c.base.n_resamples = 199;
    for (c.form = KEDGE_MMD_EXACT; c.form <= KEDGE_MMD_FEATURES; c.form++) {
        assert_true(power(&c, 150, 0.5, 1, 0) >= 19);
        assert_true(power(&c, 150, 0, 2, 0) >= 19);
        assert_true(power(&c, 150, 0, 1, 0.8) >= 19); /* the margins are the same */
        assert_true(power(&c, 150, 0, 1, 0) <= 4);
    }
}

static void test_lsdd_uniform(void **unused)
{
    (void)unused;
    kedge_lsdd_config c = kedge_lsdd_defaults();
    c.n_centres = 15;
    check_uniform(&c, &c.base, 30, 20);
    check_uniform(&c, &c.base, 12, 25);
}

static void test_lsdd_power(void **unused)
{
    (void)unused;
    kedge_lsdd_config c = kedge_lsdd_defaults();
    c.base.n_resamples = 199;
    assert_true(power(&c, 150, 0.5, 1, 0) >= 19);
    assert_true(power(&c, 150, 0, 2, 0) >= 19);
    assert_true(power(&c, 150, 0, 1, 0.8) >= 19);
    assert_true(power(&c, 150, 0, 1, 0) <= 4);
}

static const kedge_shift_class *const rows_classes[] = {&kedge_lsdd, &kedge_mmd};
enum { N_ROWS_CLASSES = sizeof rows_classes / sizeof rows_classes[0] };

/* All configurations of the methods of tables that take a way of their own. */
static int next_form(any_config *c, int i)
{
    if (c->base.cls == &kedge_mmd)
        ((kedge_mmd_config *)(void *)c)->form = KEDGE_MMD_EXACT + (uint32_t)i;
    return c->base.cls == &kedge_mmd ? i < 2 : i < 1;
}

static void test_constants(void **unused)
{
    (void)unused;
    double x[60];
    for (size_t i = 0; i < 60; i++)
        x[i] = 0.1;
    for (int k = 0; k < N_ROWS_CLASSES; k++) {
        any_config c = defaults_of(rows_classes[k]);
        for (int i = 0; next_form(&c, i); i++) {
            kedge_shift_result r;
            assert_int_equal(compare(&c, x, 20, x, 10, 3, &r), KEDGE_OK);
            assert_true(r.p_value == 1 && fabs(r.effect) < 1e-9);
        }
    }
}

static void test_too_few(void **unused)
{
    (void)unused;
    double x[6] = {1, 2, 3, 4, 5, 7}, y[6] = {NAN, 1, 2, NAN, 1, 4};
    for (int k = 0; k < N_ROWS_CLASSES; k++) {
        any_config c = defaults_of(rows_classes[k]);
        for (int i = 0; next_form(&c, i); i++) {
            kedge_shift_result r;
            assert_int_equal(compare(&c, x, 3, x, 1, 2, &r), KEDGE_EMPTY);
            assert_true(isnan(r.statistic) && isnan(r.p_value) && isnan(r.effect));
            assert_int_equal(r.n_current, 1);
            assert_int_equal(compare(&c, x, 0, x, 0, 2, &r), KEDGE_EMPTY);
            assert_int_equal(compare(&c, x, 3, y, 3, 2, &r), KEDGE_EMPTY);
            assert_int_equal(r.n_current, 1);
            assert_int_equal(r.missing_current, 2);
        }
    }
}

static void test_huge(void **unused)
{
    (void)unused;
    double x[40], y[40];
    fill_normal(x, 40, 0, 3e99, 1);
    fill_normal(y, 40, 0, 1e-200, 2);
    for (size_t i = 0; i < 40; i++)
        x[i] = fmax(-1e100, fmin(1e100, x[i]));
    for (int k = 0; k < N_ROWS_CLASSES; k++) {
        any_config c = defaults_of(rows_classes[k]);
        for (int i = 0; next_form(&c, i); i++) {
            for (int side = 0; side < 3; side++) {
                kedge_shift_result r;
                const double *a = side == 0 ? x : y, *b = side == 1 ? x : y;
                assert_true(compare(&c, a, 20, b, 20, 2, &r) >= 0);
                assert_true(isfinite(r.statistic) && isfinite(r.effect) && r.p_value > 0 && r.p_value <= 1);
            }
        }
    }
}

/* NaN leaves a row out as if it had never been there, or is refused; infinity always is. */
static void test_missing_rows(void **unused)
{
    (void)unused;
    double x[60], y[60], holes[66];
    fill_normal(x, 60, 0, 1, 1);
    fill_normal(y, 60, 0, 1, 2);
    memcpy(holes + 6, x, sizeof x);
    memcpy(holes, (double[6]){1, NAN, 2, NAN, NAN, NAN}, 6 * sizeof *x);
    for (int k = 0; k < N_ROWS_CLASSES; k++) {
        any_config c = defaults_of(rows_classes[k]);
        for (int i = 0; next_form(&c, i); i++) {
            kedge_shift_result whole, r;
            assert_true(compare(&c, x, 20, y, 20, 3, &whole) >= 0);
            assert_true(compare(&c, holes, 22, y, 20, 3, &r) >= 0);
            assert_int_equal(r.missing_reference, 2);
            assert_int_equal(r.n_reference, 20);
            assert_true(r.statistic == whole.statistic && r.p_value == whole.p_value && r.effect == whole.effect);
            c.base.missing = KEDGE_MISSING_REFUSE;
            assert_int_equal(compare(&c, holes, 22, y, 20, 3, &r), KEDGE_ERR_NOT_FINITE);
            c.base.missing = KEDGE_MISSING_SKIP;
            holes[65] = INFINITY;
            assert_int_equal(compare(&c, y, 20, holes, 22, 3, &r), KEDGE_ERR_NOT_FINITE);
            holes[65] = -2e100;
            assert_int_equal(compare(&c, holes, 22, y, 20, 3, &r), KEDGE_ERR_RANGE);
            holes[65] = x[59];
        }
    }
}

/* Moving and stretching columns does not matter where they are standardised. */
static void test_units(void **unused)
{
    (void)unused;
    double x[100], y[100], u[100], v[100];
    fill_pairs(x, 50, 0, 1, 0, 1);
    fill_pairs(y, 50, 0.3, 1, 0.5, 2);
    for (size_t i = 0; i < 100; i++) {
        u[i] = i % 2 ? 1000 + 50 * x[i] : 1e-250 * x[i];
        v[i] = i % 2 ? 1000 + 50 * y[i] : 1e-250 * y[i];
    }
    for (int k = 0; k < N_ROWS_CLASSES; k++) {
        any_config c = defaults_of(rows_classes[k]);
        kedge_shift_result a, b;
        assert_true(compare(&c, x, 50, y, 50, 2, &a) >= 0);
        assert_true(compare(&c, u, 50, v, 50, 2, &b) >= 0);
        assert_close(a.statistic, b.statistic, 1e-9);
        assert_close(a.p_value, b.p_value, 1e-9);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mmd_definition),
        cmocka_unit_test(test_mmd_permutations),
        cmocka_unit_test(test_mmd_features),
        cmocka_unit_test(test_mmd_auto),
        cmocka_unit_test(test_mmd_ranges),
        cmocka_unit_test(test_mmd_uniform),
        cmocka_unit_test(test_mmd_power),
        cmocka_unit_test(test_cholesky),
        cmocka_unit_test(test_lsdd_definition),
        cmocka_unit_test(test_lsdd_peer),
        cmocka_unit_test(test_lsdd_is_the_integral),
        cmocka_unit_test(test_lsdd_permutations),
        cmocka_unit_test(test_lsdd_ranges),
        cmocka_unit_test(test_lsdd_singular),
        cmocka_unit_test(test_lsdd_uniform),
        cmocka_unit_test(test_lsdd_power),
        cmocka_unit_test(test_constants),
        cmocka_unit_test(test_too_few),
        cmocka_unit_test(test_huge),
        cmocka_unit_test(test_missing_rows),
        cmocka_unit_test(test_units),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
