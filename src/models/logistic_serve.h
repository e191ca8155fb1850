/* SPDX-License-Identifier: MIT */
/* What logistic regression says, from wherever its weights lie: logistic.c has them in its state, frozen_logistic.c in a block of
 * bytes. */
#ifndef KEDGE_MODELS_LOGISTIC_SERVE_H
#define KEDGE_MODELS_LOGISTIC_SERVE_H

#include <string.h>

#include "models/logistic_lanes.h"
#include "models/row.h"

#define LOGISTIC_UNIT         0.125 /* location and scale are kept in eighths of a feature: then no difference overflows */
#define LOGISTIC_LOCATION_MAX (DBL_MAX / 4.0)
#define LOGISTIC_SCALE_MAX    (DBL_MAX / 2.0)

enum { LOGISTIC_MAX_RATES = 8, LOGISTIC_MAX_LANES = 2 * LOGISTIC_MAX_RATES, LOGISTIC_BLOCK = 16 /* inputs on the stack */ };

typedef struct logistic_machine {
    const double *mix;      /* n_lanes weights of the experts, sum 1 */
    const double *doubts;   /* n_lanes, part of its answer that each gives to all classes alike */
    const double *location; /* n_features, times LOGISTIC_UNIT */
    const double *scale;    /* n_features, times LOGISTIC_UNIT, >= 0 */
    const double *weights;  /* [vector][input][lane] */
    uint32_t n_features;
    uint32_t n_vectors;
    uint32_t n_lanes;
    uint32_t reserved;
} logistic_machine;

/* How far a feature is from its location, in LOGISTIC_UNIT; a missing one counts as if it were there. */
static inline double logistic_off(const kedge_row *x, uint32_t i, double location)
{
    double value = kedge_i_row_at(x, i);
    return value == value ? value * LOGISTIC_UNIT - location : 0.0;
}

/* e^logit of vector v by each rate. Inputs are computed in blocks on the stack, and again for each vector. */
static inline void logistic_odds_of(const logistic_machine *m, const kedge_row *x, uint32_t v, double *odds)
{
    uint32_t n_inputs = m->n_features + 1;
    const double *w = m->weights + (size_t)v * n_inputs * m->n_lanes;
    double inputs[LOGISTIC_BLOCK];
    memset(odds, 0, m->n_lanes * sizeof *odds);
    for (uint32_t i = 0; i < n_inputs; i += LOGISTIC_BLOCK) {
        uint32_t n = n_inputs - i < LOGISTIC_BLOCK ? n_inputs - i : LOGISTIC_BLOCK;
        uint32_t n_here = i + n == n_inputs ? n - 1 : n; /* features among them */
        for (uint32_t j = 0; j < n_here; j++)
            inputs[j] = logistic_standard(logistic_off(x, i + j, m->location[i + j]), m->scale[i + j]);
        if (n_here < n)
            inputs[n_here] = 1.0;
        for (uint32_t b = 0; b < m->n_lanes; b += LOGISTIC_LANES)
            logistic_add(w + (size_t)i * m->n_lanes + b, m->n_lanes, inputs, n, odds + b);
    }
    for (uint32_t b = 0; b < m->n_lanes; b += LOGISTIC_LANES)
        for (uint32_t e = 0; e < LOGISTIC_LANES; e++)
            odds[b + e] = logistic_odds(odds[b + e]);
}

/* What expert e, whose model gives a class p, gives it. */
static inline double logistic_doubted(const logistic_machine *m, uint32_t e, double p, double even)
{
    return (1.0 - m->doubts[e]) * p + m->doubts[e] * even;
}

/* Two classes: probability of class 1, mixed over the experts. */
static inline double logistic_mixed(const logistic_machine *m, const kedge_row *x)
{
    double odds[LOGISTIC_MAX_LANES];
    double p = 0.0;
    logistic_odds_of(m, x, 0, odds);
    for (uint32_t e = 0; e < m->n_lanes; e++)
        p += m->mix[e] * logistic_doubted(m, e, odds[e] / (1.0 + odds[e]), 0.5);
    return p < 1.0 ? p : 1.0;
}

/* More classes: the sums of e^logit by each rate. Logits are clipped, so the sums need no shift. */
static inline void logistic_sums(const logistic_machine *m, const kedge_row *x, double *sums)
{
    double odds[LOGISTIC_MAX_LANES];
    memset(sums, 0, m->n_lanes * sizeof *sums);
    for (uint32_t v = 0; v < m->n_vectors; v++) {
        logistic_odds_of(m, x, v, odds);
        for (uint32_t e = 0; e < m->n_lanes; e++)
            sums[e] += odds[e];
    }
}

static inline double logistic_mixed_class(const logistic_machine *m, const kedge_row *x, uint32_t v, const double *sums)
{
    double odds[LOGISTIC_MAX_LANES];
    double even = 1.0 / m->n_vectors;
    double p = 0.0;
    logistic_odds_of(m, x, v, odds);
    for (uint32_t e = 0; e < m->n_lanes; e++)
        p += m->mix[e] * logistic_doubted(m, e, odds[e] / sums[e], even);
    return p;
}

static inline void logistic_serve_score(const logistic_machine *m, const kedge_row *x, double *scores)
{
    double sums[LOGISTIC_MAX_LANES];
    double total = 0.0;
    if (m->n_vectors == 1) {
        scores[1] = logistic_mixed(m, x);
        scores[0] = 1.0 - scores[1];
        return;
    }
    logistic_sums(m, x, sums);
    for (uint32_t v = 0; v < m->n_vectors; v++)
        total += scores[v] = logistic_mixed_class(m, x, v, sums);
    for (uint32_t v = 0; v < m->n_vectors; v++)
        scores[v] /= total;
}

static inline uint32_t logistic_serve_predict(const logistic_machine *m, const kedge_row *x)
{
    double sums[LOGISTIC_MAX_LANES];
    double highest = -1.0;
    uint32_t best = 0;
    if (m->n_vectors == 1)
        return logistic_mixed(m, x) > 0.5;
    logistic_sums(m, x, sums);
    for (uint32_t v = 0; v < m->n_vectors; v++) {
        double p = logistic_mixed_class(m, x, v, sums);
        if (p > highest) {
            highest = p;
            best = v;
        }
    }
    return best;
}

#endif
