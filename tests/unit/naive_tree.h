/* SPDX-License-Identifier: MIT */
/* A Hoeffding tree as the papers say it, with numeric features and any number of nodes, and what the tests of trees share. */
#ifndef KEDGE_TESTS_NAIVE_TREE_H
#define KEDGE_TESTS_NAIVE_TREE_H

#include "support.h"

enum { NAIVE_FEATURES = 3, NAIVE_CLASSES = 3, NAIVE_NODES = 4000 };

/* Three classes in normal clouds that overlap, cut by lines. */
static inline int draw_row(kedge_rng *rng, double *x)
{
    for (int i = 0; i < NAIVE_FEATURES; i++)
        x[i] = kedge_rng_normal(rng);
    int y = x[0] + 0.5 * x[1] > 0.3 ? 2 : x[2] > x[1];
    return kedge_rng_uniform(rng) < 0.1 ? (int)kedge_rng_below(rng, 3) : y;
}

static inline void *new_tree(kedge_model *m, const kedge_hoeffding_tree_config *cfg)
{
    size_t bytes = kedge_model_size(&cfg->base);
    void *mem = guard_new(bytes, 0xA5);
    assert_int_equal(kedge_model_init(m, &cfg->base, mem, bytes), KEDGE_OK);
    return mem;
}

static inline double share_right(kedge_model *m, uint64_t seed, int n, int n_skipped)
{
    kedge_rng rng = {seed};
    int right = 0;
    for (int i = 0; i < n; i++) {
        double x[NAIVE_FEATURES], y;
        int label = draw_row(&rng, x);
        assert_true(kedge_model_predict(m, x, &y) >= 0);
        right += i >= n_skipped && (int)y == label;
        assert_int_equal(kedge_model_learn(m, x, label, 1), KEDGE_OK);
    }
    return (double)right / (n - n_skipped);
}

static inline void *new_forest(kedge_model *m, const kedge_adaptive_forest_config *cfg)
{
    size_t bytes = kedge_model_size(&cfg->base);
    void *mem = guard_new(bytes, 0xA5);
    assert_true(bytes > 0 && bytes <= cfg->growth.memory);
    assert_int_equal(kedge_model_init(m, &cfg->base, mem, bytes), KEDGE_OK);
    return mem;
}

#endif
