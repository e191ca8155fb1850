/* SPDX-License-Identifier: MIT */
/* What the tests of the portfolio share: a model in guarded memory, and rows of kinds that each member has its time with. */
#ifndef KEDGE_TESTS_PORTFOLIO_H
#define KEDGE_TESTS_PORTFOLIO_H

#include "support.h"

static inline void *new_model(kedge_model *m, const kedge_model_config *cfg)
{
    size_t bytes = kedge_model_size(cfg);
    void *mem = guard_new(bytes, 0xA5);
    assert_true(bytes > 0);
    assert_int_equal(kedge_model_init(m, cfg, mem, bytes), KEDGE_OK);
    return mem;
}

/* Rows of five kinds, so that each member has its time: a product (trees), a line (logistic), clouds that jump (naive Bayes),
 * labels that last, labels that the row says nothing of. */
static inline int draw_row(kedge_rng *rng, int kind, int i, int last, double *x)
{
    for (int j = 0; j < 4; j++)
        x[j] = kedge_rng_normal(rng);
    switch (kind) {
    case 0:
        return x[0] * x[1] > 0;
    case 1:
        return x[0] + 0.7 * x[1] - 0.4 * x[2] + x[3] > 0;
    case 2: {
        int y = (int)kedge_rng_below(rng, 2);
        for (int j = 0; j < 4; j++)
            x[j] += (y ? 1.3 : -1.3) * (i / 500 % 2 ? -1 : 1);
        return y;
    }
    case 3:
        return kedge_rng_uniform(rng) < 0.95 ? last : 1 - last;
    default:
        return kedge_rng_uniform(rng) < 0.9;
    }
}

/* Values of four kinds: a step (trees), a plane (least squares), a walk (the last value), noise around a level (the mean). */
static inline double draw_value(kedge_rng *rng, int kind, double last, double *x)
{
    for (int j = 0; j < 4; j++)
        x[j] = kedge_rng_normal(rng);
    switch (kind) {
    case 0:
        return (x[0] > 0 ? 10.0 : 0.0) * (x[1] > 0 ? 1.0 : -1.0) + kedge_rng_normal(rng);
    case 1:
        return 3 * x[0] - 2 * x[1] + x[2] + 0.1 * kedge_rng_normal(rng);
    case 2:
        return last + kedge_rng_normal(rng);
    default:
        return 50 + 5 * kedge_rng_normal(rng);
    }
}

#endif
