/* SPDX-License-Identifier: MIT */
/* The arithmetic of logistic.c, for LOGISTIC_LANES rates side by side, so that compilers keep them in vector registers. */
#ifndef KEDGE_MODELS_LOGISTIC_LANES_H
#define KEDGE_MODELS_LOGISTIC_LANES_H

#include <float.h>
#include <math.h>
#include <stdint.h>

#include "base/quick.h"

#define LOGISTIC_CLIP 6.0        /* deviations; beyond, a value says no more */
#define LOGISTIC_LOGIT_MAX 30.0  /* probabilities stay within 1e-13 of 0 and 1, so log loss and its gradient stay alive */

enum { LOGISTIC_LANES = 4 };

static inline double logistic_clip(double x, double limit)
{
    x = x < limit ? x : limit;
    return x > -limit ? x : -limit;
}

/* e^logit, the logit clipped to LOGISTIC_LOGIT_MAX, to 1e-14. The clip is half of `twice`, without a branch, so that it
 * vectorises. */
static inline double logistic_odds(double logit)
{
    double twice = fabs(logit + LOGISTIC_LOGIT_MAX) - fabs(logit - LOGISTIC_LOGIT_MAX);
    return kedge_i_quick_exp2(twice * (0.5 / KEDGE_I_LN2));
}

/* A value `off` its location, in units of scale. A feature that never moved says nothing. */
static inline double logistic_standard(double off, double scale)
{
    int is_far = fabs(off) * (1.0 / LOGISTIC_CLIP) >= scale; /* then the quotient, which might overflow, is not needed */
    double z = (is_far ? copysign(LOGISTIC_CLIP, off) : off) / (is_far ? 1.0 : scale);
    return scale >= DBL_MIN ? z : 0.0;
}

/* Add n inputs to the logits of LOGISTIC_LANES rates. */
static inline void logistic_add(const double *w, uint32_t n_lanes, const double *inputs, uint32_t n, double *logits)
{
    double sum0 = logits[0], sum1 = logits[1], sum2 = logits[2], sum3 = logits[3];
    for (uint32_t i = 0; i < n; i++, w += n_lanes) {
        sum0 += w[0] * inputs[i];
        sum1 += w[1] * inputs[i];
        sum2 += w[2] * inputs[i];
        sum3 += w[3] * inputs[i];
    }
    logits[0] = sum0;
    logits[1] = sum1;
    logits[2] = sum2;
    logits[3] = sum3;
}

/* The step itself, for LOGISTIC_LANES rates. */
static inline void logistic_move(double *w, uint32_t n_lanes, const double *steps, const double *along, uint32_t n)
{
    double step0 = steps[0], step1 = steps[1], step2 = steps[2], step3 = steps[3];
    for (uint32_t i = 0; i < n; i++, w += n_lanes) {
        double a = along[i];
        double w0 = w[0] - step0 * a, w1 = w[1] - step1 * a, w2 = w[2] - step2 * a, w3 = w[3] - step3 * a;
        w[0] = w0;
        w[1] = w1;
        w[2] = w2;
        w[3] = w3;
    }
}

#endif
