/* SPDX-License-Identifier: MIT */
/* What the tests of methods of tables share. */
#ifndef KEDGE_TESTS_TABLES_H
#define KEDGE_TESTS_TABLES_H

#include <math.h>
#include <stdlib.h>

#include "support.h"

/* Compares in exactly the memory that it asks for, dirty, between guards. */
static inline kedge_status compare(const void *config, const double *x, size_t n, const double *y, size_t m, size_t d,
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
static inline void fill_pairs(double *x, size_t n, double mean, double sd, double correlation, uint64_t seed)
{
    kedge_rng rng = {seed};
    for (size_t i = 0; i < n; i++) {
        double a = kedge_rng_normal(&rng), b = kedge_rng_normal(&rng);
        x[2 * i] = mean + sd * a;
        x[2 * i + 1] = mean + sd * (correlation * a + sqrt(1 - correlation * correlation) * b);
    }
}

static inline double square_distance(const double *a, const double *b, size_t d)
{
    double sum = 0;
    for (size_t j = 0; j < d; j++)
        sum += (a[j] - b[j]) * (a[j] - b[j]);
    return sum;
}

static inline int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Columns over the standard deviation of both samples together, side by side. */
static inline double *pool(const double *x, size_t n, const double *y, size_t m, size_t d, int standardise)
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

static inline double naive_median(const double *z, size_t n, size_t d)
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

/* Without a change the p-value of 99 resamples is at most k / 100 in k of 100 cases: within 3.5 standard errors of the binomial,
 * over 500 seeds. */
static inline void check_uniform(const void *config, kedge_shift_config *base, size_t n, size_t m)
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

/* Of 20 pairs of samples, how many are told apart? */
static inline int power(const void *config, size_t n, double mean, double sd, double correlation)
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

#endif
