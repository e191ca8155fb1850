/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of the elastic net share. */
#ifndef KEDGE_TESTS_ELASTIC_ROWS_H
#define KEDGE_TESTS_ELASTIC_ROWS_H

#include "gsl_support.h"

#include "kedge/select.h"

enum { MAX_ROWS = 200, MAX_FEATURES = 12 };

typedef struct sample {
    size_t n, p;
    double x[MAX_ROWS * MAX_FEATURES], y[MAX_ROWS], weight[MAX_ROWS];
} sample;

/* Columns of different units that go together, as do those that count and those that do not. */
static inline void fill_sample(sample *s, size_t n, size_t p, uint64_t seed)
{
    kedge_rng rng = {seed};
    s->n = n;
    s->p = p;
    for (size_t i = 0; i < n; i++) {
        double common = kedge_rng_normal(&rng);
        s->y[i] = 10 + kedge_rng_normal(&rng);
        s->weight[i] = (double)kedge_rng_below(&rng, 3);
        for (size_t j = 0; j < p; j++) {
            double z = kedge_rng_normal(&rng) + (j % 2 ? 3 * common : 0);
            s->x[i * p + j] = z * (1 + (double)j) + 100;
            s->y[i] += j % 3 == 0 ? z * (double)(j + 1) : 0;
        }
    }
}

static inline kedge_rows rows_of(const sample *s)
{
    return kedge_rows_float64(s->x, s->n, s->p);
}

static inline kedge_gsl_elastic_net_config config_of(const sample *s, double alpha, double l1_ratio)
{
    kedge_gsl_elastic_net_config cfg = kedge_gsl_elastic_net_defaults((uint32_t)s->p);
    cfg.alpha = alpha;
    cfg.l1_ratio = l1_ratio;
    return cfg;
}

static inline kedge_gsl_elastic_net_fit told(const kedge_model *m)
{
    kedge_gsl_elastic_net_fit fit;
    assert_int_equal(kedge_gsl_elastic_net_summary(m, &fit), KEDGE_OK);
    return fit;
}

/* A fit; its weights and intercept. */
static inline kedge_gsl_elastic_net_fit fit_to(const sample *s, const kedge_gsl_elastic_net_config *cfg, const double *weight,
                                               double *b,
                                        double *intercept)
{
    kedge_rows rows = rows_of(s);
    kedge_model m = gsl_model(&cfg->base);
    assert_int_equal(gsl_fit(&m, &rows, s->y, weight), KEDGE_OK);
    assert_int_equal(kedge_gsl_coefficients(&m, b, s->p, intercept), KEDGE_OK);
    kedge_gsl_elastic_net_fit fit = told(&m);
    assert_close(fit.intercept, *intercept, 1e-13);
    guard_free(m.state);
    return fit;
}

static inline double row_value(const sample *s, size_t i, const double *b, double intercept)
{
    double sum = intercept;
    for (size_t j = 0; j < s->p; j++)
        sum += b[j] * s->x[i * s->p + j];
    return sum;
}

/* What a minimum fulfils (Friedman et al. 2010, eq. 5): the slope of the squares is that of the penalty, or within it where b =
 * 0. */
static inline void check_optimal(const sample *s, const kedge_gsl_elastic_net_config *cfg, const double *weight, const double *b,
                          double intercept, double tolerance)
{
    long double total = 0, residual = 0, scale = 0;
    for (size_t i = 0; i < s->n; i++) {
        long double w = weight ? weight[i] : 1;
        total += w;
        residual += w * (s->y[i] - (long double)row_value(s, i, b, intercept));
        scale += w * fabs(s->y[i]);
    }
    assert_true(fabsl(residual) <= tolerance * scale); /* the intercept is free */
    for (size_t j = 0; j < s->p; j++) {
        long double slope = 0, mean = 0, squares = 0;
        for (size_t i = 0; i < s->n; i++)
            mean += (weight ? weight[i] : 1) * s->x[i * s->p + j] / total;
        for (size_t i = 0; i < s->n; i++) {
            long double w = weight ? weight[i] : 1, x = s->x[i * s->p + j] - mean;
            slope += w * x * (s->y[i] - (long double)row_value(s, i, b, intercept)) / total;
            squares += w * x * x / total;
        }
        long double sd = cfg->standardise ? sqrtl(squares) : 1, l1 = cfg->alpha * cfg->l1_ratio * sd;
        long double penalty = l1 * (b[j] > 0 ? 1 : -1) + cfg->alpha * (1 - cfg->l1_ratio) * sd * sd * b[j];
        long double noise = tolerance * sqrtl(squares) * scale / total;
        if (b[j] != 0)
            assert_true(fabsl(slope - penalty) <= noise);
        else
            assert_true(fabsl(slope) <= l1 + noise);
    }
}

typedef struct path {
    kedge_gsl_elastic_net_fit point[128];
    double b[128 * MAX_FEATURES];
} path;

static inline kedge_status path_of(const sample *s, const kedge_gsl_elastic_net_config *cfg, const double *weight,
                                   const double *alphas,
                            size_t n, path *out)
{
    kedge_rows rows = rows_of(s);
    size_t bytes = kedge_gsl_elastic_net_path_work(cfg, s->n);
    void *work = guard_new(bytes, 0xFF), *points = guard_new(n * sizeof *out->point, 0xA5),
        *b = guard_new(n * s->p * sizeof(double), 0xA5);
    kedge_status st = kedge_gsl_elastic_net_path(cfg, &rows, s->y, weight, alphas, points, n, b, work, bytes);
    memcpy(out->point, points, n * sizeof *out->point);
    memcpy(out->b, b, n * s->p * sizeof(double));
    guard_free(b);
    guard_free(points);
    guard_free(work);
    return st;
}

#endif
