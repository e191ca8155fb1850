/* SPDX-License-Identifier: MIT */
/* Level and spread of a quiet stream, for charts: given by the configuration, or learned from the first observations and then
 * frozen. */
#ifndef KEDGE_DETECTORS_REFERENCE_H
#define KEDGE_DETECTORS_REFERENCE_H

#include "kedge/detector.h"

#include "base/number.h"

#define DETECTOR_REFERENCE_MAX (8.0 * KEDGE_DETECTOR_INPUT_MAX) /* of a distance from a level, with room for rounding */
#define DETECTOR_REFERENCE_LEAST 1e-26 /* variance of rounding, as a share of the squared level: a constant stream has no less */

enum { DETECTOR_REFERENCE_LEARN_MAX = 1 << 30 };

typedef struct detector_reference {
    uint64_t n;      /* observations learned from */
    double mean;
    double m2;       /* sum of squared deviations from it, >= 0 */
    double variance; /* with n - 1; where a stream has none, that of rounding */
} detector_reference;

#define DETECTOR_REFERENCE_FIELDS(type, member)                                                    \
    KEDGE_VALUE(type, member.n, KEDGE_TYPE_U64), KEDGE_VALUE(type, member.mean, KEDGE_TYPE_F64),                     \
        KEDGE_VALUE(type, member.m2, KEDGE_TYPE_F64), KEDGE_VALUE(type, member.variance, KEDGE_TYPE_F64)

static inline int detector_reference_is_valid(uint32_t reference, double target, double sd, uint32_t n_learn)
{
    return kedge_i_u32_within(reference, KEDGE_REFERENCE_LEARNED, KEDGE_REFERENCE_FIXED) &&
           kedge_i_within(target, -KEDGE_DETECTOR_INPUT_MAX, KEDGE_DETECTOR_INPUT_MAX) && sd > 0.0 &&
           sd <= KEDGE_DETECTOR_INPUT_MAX && kedge_i_u32_within(n_learn, 2, DETECTOR_REFERENCE_LEARN_MAX);
}

static inline int detector_reference_is_sound(const detector_reference *r, uint32_t n_learn)
{
    double most = DETECTOR_REFERENCE_MAX * DETECTOR_REFERENCE_MAX;
    return r->n <= n_learn && kedge_i_within(r->mean, -DETECTOR_REFERENCE_MAX, DETECTOR_REFERENCE_MAX) &&
           kedge_i_within(r->m2, 0.0, most * (double)n_learn) && kedge_i_within(r->variance, 0.0, most);
}

static inline void detector_reference_start(detector_reference *r, uint32_t reference, double target, double sd)
{
    int is_fixed = reference == KEDGE_REFERENCE_FIXED;
    r->n = 0;
    r->m2 = 0.0;
    r->mean = is_fixed ? target : 0.0;
    r->variance = is_fixed ? sd * sd : 0.0;
}

/* Welford 1962. */
static inline void detector_reference_learn(detector_reference *r, double x)
{
    r->n++;
    double off = x - r->mean;
    r->mean += 1.0 / (double)(int64_t)r->n * off;
    r->m2 += off * (x - r->mean);
    double least = DETECTOR_REFERENCE_LEAST * (r->mean * r->mean);
    double variance = r->n > 1 ? r->m2 / (double)(int64_t)(r->n - 1) : 0.0;
    r->variance = variance > least ? variance : least;
}

#endif
