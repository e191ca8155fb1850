/* SPDX-License-Identifier: MIT */
/* Three candidates, and rows of two concepts: of the first a line parts the classes, of the second opposite corners belong
 * together, which none of the candidates sees but the forest. */
#ifndef KEDGE_TESTS_CONTESTED_H
#define KEDGE_TESTS_CONTESTED_H

#include <math.h>

#include "support.h"

enum { CONTESTED_FEATURES = 2, BAYES = 0, LOGISTIC = 1, FOREST = 2, N_CANDIDATES = 3 };

typedef struct contested {
    kedge_gaussian_nb_config bayes;
    kedge_logistic_config logistic;
    kedge_random_forest_config forest;
    kedge_contest_of cls;
    kedge_contest_config cfg;
} contested;

static inline void contested_make(contested *c)
{
    const kedge_model_class *const classes[N_CANDIDATES] = {&kedge_gaussian_nb, &kedge_logistic, &kedge_random_forest};
    c->bayes = kedge_gaussian_nb_defaults(CONTESTED_FEATURES, 2);
    c->logistic = kedge_logistic_defaults(CONTESTED_FEATURES, 2);
    c->forest = kedge_random_forest_defaults(CONTESTED_FEATURES, 2);
    c->forest.n_trees = 10;
    c->forest.max_leaves = 32;
    assert_int_equal(kedge_contest_class(&c->cls, classes, N_CANDIDATES), KEDGE_OK);
    assert_int_equal(kedge_contest_config_init(&c->cfg, sizeof c->cfg, &c->cls, CONTESTED_FEATURES, 2), KEDGE_OK);
    c->cfg.candidates[BAYES] = &c->bayes.base;
    c->cfg.candidates[LOGISTIC] = &c->logistic.base;
    c->cfg.candidates[FOREST] = &c->forest.base;
}

static inline double contested_row(uint64_t i, uint32_t concept, double *x)
{
    kedge_rng rng = {i};
    x[0] = kedge_rng_normal(&rng);
    x[1] = kedge_rng_normal(&rng);
    return concept == 0 ? x[0] + 0.5 * x[1] > 0.2 : x[0] * x[1] > 0;
}

#endif
