/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of ridge regression share. */
#ifndef KEDGE_TESTS_RIDGE_ROWS_H
#define KEDGE_TESTS_RIDGE_ROWS_H

#include "gsl_support.h"

enum { N = 16, P = 3, MAX_P = 5, MAX_N = 60, MAX_K = 8 };

static const double sizes[N] = {.3, .5, .4, .9, .7, 1.2, 1, 2.1, 1.5, 2.2, 3.9, 2.4, 5, 4.1, 6.2, 7.7};

static inline void table(double *x, double *w)
{
    for (int i = 0; i < N; i++) {
        x[i * P] = i / 4. - 1.5;
        x[i * P + 1] = (i * 7 % 16) / 8. - 1;
        x[i * P + 2] = 100 + i + (i * 5 % 16) / 4.;
        w[i] = i % 3 + 1;
    }
}

static inline kedge_gsl_ridge_config config_of(uint32_t n_features, double low, double high, uint32_t n)
{
    kedge_gsl_ridge_config cfg = kedge_gsl_ridge_defaults(n_features);
    cfg.l2 = low;
    cfg.l2_high = high;
    cfg.n_l2 = n;
    cfg.path = 1;
    return cfg;
}

static inline kedge_gsl_ridge_fit summary_of(const kedge_model *m)
{
    kedge_gsl_ridge_fit out;
    assert_int_equal(kedge_gsl_ridge_summary(m, &out), KEDGE_OK);
    return out;
}

static inline void coefficients_of(const kedge_model *m, double *b, size_t p)
{
    assert_int_equal(kedge_gsl_coefficients(m, b + 1, p, b), KEDGE_OK);
}

/* Solves a x = b of n <= MAX_P + 1 equations, with pivots. */
static inline void solve(long double a[MAX_P + 1][MAX_P + 1], long double *b, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        size_t best = k;
        for (size_t i = k + 1; i < n; i++)
            best = fabsl(a[i][k]) > fabsl(a[best][k]) ? i : best;
        for (size_t j = 0; j < n; j++) {
            long double spare = a[k][j];
            a[k][j] = a[best][j];
            a[best][j] = spare;
        }
        long double spare = b[k];
        b[k] = b[best];
        b[best] = spare;
        for (size_t i = k + 1; i < n; i++) {
            long double f = a[i][k] / a[k][k];
            for (size_t j = k; j < n; j++)
                a[i][j] -= f * a[k][j];
            b[i] -= f * b[k];
        }
    }
    for (size_t k = n; k-- > 0;) {
        for (size_t j = k + 1; j < n; j++)
            b[k] -= a[k][j] * b[j];
        b[k] /= a[k][k];
    }
}

typedef struct naive {
    size_t n, p;
    double x[MAX_N * MAX_P], y[MAX_N], w[MAX_N], square[MAX_P]; /* square: what the penalty on column j is multiplied by */
} naive;

/* [1 x]' W [1 x] + l2 diag(0, square), without one row (n: with all), and the right side. */
static inline void naive_equations(const naive *t, double l2, size_t without, long double a[MAX_P + 1][MAX_P + 1], long double *b)
{
    memset(b, 0, (t->p + 1) * sizeof *b);
    for (size_t j = 0; j <= t->p; j++)
        for (size_t k = 0; k <= t->p; k++)
            a[j][k] = j == k && j > 0 ? (long double)l2 * t->square[j - 1] : 0;
    for (size_t i = 0; i < t->n; i++) {
        for (size_t j = 0; j <= t->p && i != without; j++) {
            long double wx = t->w[i] * (j == 0 ? 1 : (long double)t->x[i * t->p + j - 1]);
            b[j] += wx * t->y[i];
            for (size_t k = 0; k <= t->p; k++)
                a[j][k] += wx * (k == 0 ? 1 : (long double)t->x[i * t->p + k - 1]);
        }
    }
}

static inline void naive_fit(const naive *t, double l2, size_t without, long double *b)
{
    long double a[MAX_P + 1][MAX_P + 1];
    naive_equations(t, l2, without, a, b);
    solve(a, b, t->p + 1);
}

static inline void fill_naive(naive *t, kedge_rng *rng, int weighted, int standardise)
{
    t->n = 20 + (size_t)kedge_rng_below(rng, MAX_N - 20);
    t->p = 1 + (size_t)kedge_rng_below(rng, MAX_P);
    for (size_t i = 0; i < t->n; i++) {
        t->y[i] = 5 + kedge_rng_normal(rng);
        t->w[i] = weighted ? (double)kedge_rng_below(rng, 4) : 1;
        for (size_t j = 0; j < t->p; j++) {
            double more = j > 0 ? t->x[i * t->p + j - 1] : 10;
            t->x[i * t->p + j] = more + (double)(j + 1) * kedge_rng_normal(rng);
            t->y[i] += 0.3 * t->x[i * t->p + j];
        }
    }
    for (size_t j = 0; j < t->p; j++) {
        long double total = 0, sum = 0, squares = 0;
        for (size_t i = 0; i < t->n; i++) {
            total += t->w[i];
            sum += t->w[i] * t->x[i * t->p + j];
        }
        for (size_t i = 0; i < t->n; i++)
            squares += t->w[i] * (t->x[i * t->p + j] - sum / total) * (t->x[i * t->p + j] - sum / total);
        t->square[j] = standardise ? (double)(squares / total) : 1;
    }
}

#endif
