/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of principal components share. */
#ifndef KEDGE_TESTS_COMPONENT_ROWS_H
#define KEDGE_TESTS_COMPONENT_ROWS_H

#include "gsl_support.h"

enum { MAX_ROWS = 120, MAX_FEATURES = 8 };

typedef struct sample {
    size_t n, p;
    double x[MAX_ROWS * MAX_FEATURES], weight[MAX_ROWS];
} sample;

static inline void fill_sample(sample *s, size_t n, size_t p, uint64_t seed)
{
    kedge_rng rng = {seed};
    s->n = n;
    s->p = p;
    for (size_t i = 0; i < n; i++) {
        double common = kedge_rng_normal(&rng);
        s->weight[i] = (double)kedge_rng_below(&rng, 4);
        for (size_t j = 0; j < p; j++)
            s->x[i * p + j] = 10 * (double)j + (1 + (double)(j * j)) * (kedge_rng_normal(&rng) + (j % 2 ? 2 : -1) * common);
    }
}

static inline kedge_rows rows_of(const sample *s)
{
    return kedge_rows_float64(s->x, s->n, s->p);
}

static inline kedge_gsl_pca new_pca(const kedge_gsl_pca_settings *how)
{
    kedge_gsl_pca pca;
    size_t bytes = kedge_gsl_pca_size(how);
    assert_true(bytes > 0);
    assert_int_equal(kedge_gsl_pca_init(&pca, how, guard_new(bytes, 0xA5), bytes), KEDGE_OK);
    return pca;
}

static inline kedge_status fit(kedge_gsl_pca *pca, const kedge_gsl_pca_settings *how, const sample *s, const double *weight)
{
    kedge_rows rows = rows_of(s);
    size_t bytes = kedge_gsl_pca_work(how), state_bytes = kedge_gsl_pca_size(how);
    void *work = guard_new(bytes, 0xFF), *before = guard_copy(pca->state, state_bytes);
    kedge_gsl_pca again;
    kedge_status st = kedge_gsl_pca_fit(pca, &rows, weight, work, bytes);
    guard_check(pca->state);
    if (st < 0)
        assert_memory_equal(pca->state, before, state_bytes);
    assert_int_equal(kedge_gsl_pca_open(&again, pca->state, state_bytes), KEDGE_OK);
    guard_free(before);
    guard_free(work);
    return st;
}

typedef struct answer {
    double component[MAX_FEATURES * MAX_FEATURES], variance[MAX_FEATURES], share[MAX_FEATURES], mean[MAX_FEATURES],
        deviation[MAX_FEATURES];
    kedge_gsl_pca_found found;
} answer;

static inline void read_all(const kedge_gsl_pca *pca, answer *a)
{
    assert_int_equal(kedge_gsl_pca_summary(pca, &a->found), KEDGE_OK);
    size_t k = a->found.n_components, n = a->found.n_features;
    assert_int_equal(kedge_gsl_pca_components(pca, a->component, k * n), KEDGE_OK);
    assert_int_equal(kedge_gsl_pca_variances(pca, a->variance, a->share, k), KEDGE_OK);
    assert_int_equal(kedge_gsl_pca_centre(pca, a->mean, a->deviation, n), KEDGE_OK);
}

/* A fit of a new state, which is freed again. */
static inline void answer_to(const sample *s, const kedge_gsl_pca_settings *how, const double *weight, answer *a)
{
    kedge_gsl_pca pca = new_pca(how);
    assert_int_equal(fit(&pca, how, s, weight), KEDGE_OK);
    read_all(&pca, a);
    guard_free(pca.state);
}

#endif
