/* SPDX-License-Identifier: MIT */
/* Least-squares density difference: against its definition written out, p-values without a change, and power. */
#include "tables.h"

#include "base/cholesky.h"

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
    for (int i = 0; i < 100; i++) { /* of rank 1 */
        double u = kedge_rng_normal(&rng), v = kedge_rng_normal(&rng);
        assert_int_equal(kedge_i_cholesky_factor((double[3]){u * u, u * v, v * v}, 2), KEDGE_ERR_NUMERIC);
    }
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

static naive_figures naive_lsdd(const double *z, size_t n, size_t m, size_t d, const double *centres, size_t k, double width,
                                double lambda)
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
        double width = naive_median(z, 7, 2), truth = naive_lsdd(z, n, m, 2, z, 7, width,
                                                                 0.1).statistic, far = 0, ways = 0, sum = 0;
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cholesky),
        cmocka_unit_test(test_lsdd_definition),
        cmocka_unit_test(test_lsdd_peer),
        cmocka_unit_test(test_lsdd_is_the_integral),
        cmocka_unit_test(test_lsdd_permutations),
        cmocka_unit_test(test_lsdd_ranges),
        cmocka_unit_test(test_lsdd_singular),
        cmocka_unit_test(test_lsdd_uniform),
        cmocka_unit_test(test_lsdd_power),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
