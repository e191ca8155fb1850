/* SPDX-License-Identifier: MIT */
/* How often a row counts for a member of an ensemble. */
#ifndef KEDGE_MODELS_POISSON_H
#define KEDGE_MODELS_POISSON_H

#include "kedge/base.h"

#include "base/quick.h"

/* Probability that a draw of mean lambda is 0; lambda at most 100. */
static inline double kedge_i_poisson_none(double lambda)
{
    return kedge_i_quick_exp2(-lambda * (1.0 / KEDGE_I_LN2));
}

/* A draw: the least k whose distribution function is above a uniform draw. */
static inline double kedge_i_poisson(kedge_rng *rng, double lambda, double none)
{
    double u = kedge_rng_uniform(rng);
    double share = none;
    double sum = share;
    double k = 0.0;
    while (u >= sum && k < 1000.0) {
        k += 1.0;
        share *= lambda / k;
        sum += share;
    }
    return k;
}

#endif
