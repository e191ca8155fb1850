/* SPDX-License-Identifier: MIT */
/* Random forests in guarded memory, fitted in guarded work memory. */
#ifndef KEDGE_TESTS_FITTED_FOREST_H
#define KEDGE_TESTS_FITTED_FOREST_H

#include "support.h"

typedef kedge_random_forest_config config;

static inline void make(kedge_model *m, const config *c)
{
    size_t bytes = kedge_model_size(&c->base);
    assert_true(bytes > 0);
    assert_int_equal(kedge_model_init(m, &c->base, guard_new(bytes, 0xA5), bytes), KEDGE_OK);
}

static inline void fit_rows(kedge_model *m, const kedge_rows *rows, const double *y, const double *weight)
{
    size_t bytes = kedge_model_work(m, rows->n_rows);
    void *work = guard_new(bytes, 0xA5);
    assert_int_equal(kedge_model_fit(m, rows, y, weight, work, bytes), KEDGE_OK);
    guard_free(work);
    assert_int_equal(kedge_model_check(m), KEDGE_OK);
}

static inline void make_fitted(kedge_model *m, const config *c, const kedge_rows *rows, const double *y, const double *weight)
{
    make(m, c);
    fit_rows(m, rows, y, weight);
}

static inline double says(const kedge_model *m, const double *x)
{
    double y;
    assert_int_equal(kedge_model_predict(m, x, &y), KEDGE_OK);
    return y;
}

static inline config cart(uint32_t n_features, uint32_t n_classes)
{
    config c = kedge_random_forest_defaults(n_features, n_classes);
    c.n_trees = 1;
    c.bootstrap = 0;
    c.n_subset = n_features;
    return c;
}

#endif
