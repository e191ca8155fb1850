/* SPDX-License-Identifier: MIT */
/* Tables for gradient boosting, and fits of them in memory of exactly the size. */
#ifndef KEDGE_TESTS_BOOSTED_H
#define KEDGE_TESTS_BOOSTED_H

#include <fenv.h>
#include <math.h>
#include <stdlib.h>

#include "support.h"

enum { ROWS = 120, FEATURES = 4, OUTPUTS = 3, LEAVES = 12 };

typedef kedge_gradient_boosting_config config;

/* A table of few values, the last feature nominal. */
typedef struct table {
    double x[ROWS][FEATURES];
    double y[ROWS];
    double weight[ROWS];
    kedge_rows rows;
} table;

static inline void table_fill(table *t, uint64_t seed, uint32_t n_classes, int missing)
{
    kedge_rng rng = {seed};
    double values[FEATURES][9];
    t->rows = kedge_rows_float64(&t->x[0][0], ROWS, FEATURES);
    for (int j = 0; j < FEATURES; j++)
        for (int k = 0; k < 9; k++)
            values[j][k] = j == FEATURES - 1 ? k : kedge_rng_normal(&rng);
    for (int i = 0; i < ROWS; i++) {
        double sum = 0;
        for (int j = 0; j < FEATURES; j++) {
            t->x[i][j] = values[j][kedge_rng_below(&rng, j == 1 ? 3 : 9)];
            sum += j == FEATURES - 1 ? sin(3 * t->x[i][j]) : t->x[i][j];
            if (missing && kedge_rng_below(&rng, 5) == 0)
                t->x[i][j] = (double)NAN;
        }
        sum += kedge_rng_normal(&rng);
        t->y[i] = n_classes == 0 ? sum : n_classes == 2 ? sum > 0 : (sum > -1) + (sum > 1);
        t->weight[i] = 0.5 + kedge_rng_uniform(&rng);
    }
}

static inline void fit_table(kedge_model *m, const kedge_rows *rows, const double *y, const double *weight)
{
    size_t bytes = kedge_model_work(m, rows->n_rows);
    void *work = guard_new(bytes, 0xA5);
    assert_int_equal(kedge_model_fit(m, rows, y, weight, work, bytes), KEDGE_OK);
    guard_free(work);
    assert_int_equal(kedge_model_check(m), KEDGE_OK);
}

static inline void make(kedge_model *m, const config *c)
{
    size_t bytes = kedge_model_size(&c->base);
    assert_true(bytes > 0);
    assert_int_equal(kedge_model_init(m, &c->base, guard_new(bytes, 0xA5), bytes), KEDGE_OK);
}

static inline void make_fitted(kedge_model *m, const config *c, const kedge_rows *rows, const double *y, const double *weight)
{
    make(m, c);
    fit_table(m, rows, y, weight);
}

static inline double predict(const kedge_model *m, const double *x)
{
    double y;
    assert_int_equal(kedge_model_predict(m, x, &y), KEDGE_OK);
    return y;
}

static inline kedge_gradient_boosting_info info_of(const kedge_model *m)
{
    kedge_gradient_boosting_info info;
    assert_int_equal(kedge_gradient_boosting_describe(m, &info), KEDGE_OK);
    return info;
}

static inline config stump(uint32_t n_features, uint32_t n_classes)
{
    config c = kedge_gradient_boosting_defaults(n_features, n_classes);
    c.n_rounds = 1;
    c.max_leaves = 2;
    c.min_rows = 1;
    c.learning_rate = 1;
    return c;
}

#endif
