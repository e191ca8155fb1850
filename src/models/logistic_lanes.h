/* SPDX-License-Identifier: MIT */
/* The arithmetic of logistic.c, for LOGISTIC_LANES rates side by side, so that compilers keep them in vector registers. */
#ifndef KEDGE_MODELS_LOGISTIC_LANES_H
#define KEDGE_MODELS_LOGISTIC_LANES_H

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#define LOGISTIC_CLIP 6.0        /* deviations; beyond, a value says no more */
#define LOGISTIC_LOGIT_MAX 30.0  /* probabilities stay within 1e-13 of 0 and 1, so log loss and its gradient stay alive */
#define LOGISTIC_LN2 0.693147180559945309417

enum { LOGISTIC_LANES = 4 };

static inline double logistic_clip(double x, double limit)
{
    x = x < limit ? x : limit;
    return x > -limit ? x : -limit;
}

/* e^logit, the logit clipped to LOGISTIC_LOGIT_MAX, to 1e-14. Without a branch, so that it vectorises: the clip is half of `twice`;
 * then 2^x = 2^k e^r with |r| <= ln(2) / 2, and Taylor's polynomial of e^r in Estrin's order. */
static inline double logistic_odds(double logit)
{
    const double magic = 6755399441055744.0; /* 1.5 * 2^52: a sum with it has the rounded integer in its lowest bits */
    double twice = fabs(logit + LOGISTIC_LOGIT_MAX) - fabs(logit - LOGISTIC_LOGIT_MAX);
    double x = twice * (0.5 / LOGISTIC_LN2);
    double shifted = x + magic;
    double r = (x - (shifted - magic)) * LOGISTIC_LN2;
    double r2 = r * r;
    double r4 = r2 * r2;
    double low = (1.0 + r) + r2 * (1.0 / 2.0 + r * (1.0 / 6.0));
    double middle = (1.0 / 24.0 + r * (1.0 / 120.0)) + r2 * (1.0 / 720.0 + r * (1.0 / 5040.0));
    double high = (1.0 / 40320.0 + r * (1.0 / 362880.0)) + r2 * (1.0 / 3628800.0 + r * (1.0 / 39916800.0));
    double power;
    uint64_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (bits << 52) + ((uint64_t)1023 << 52); /* 2^k */
    memcpy(&power, &bits, sizeof power);
    return power * ((low + r4 * middle) + (r4 * r4) * high);
}

/* A value `off` its location, in units of scale. A feature that never moved says nothing. */
static inline double logistic_standard(double off, double scale)
{
    double z = logistic_clip(off / (scale > DBL_MIN ? scale : DBL_MIN), LOGISTIC_CLIP);
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
