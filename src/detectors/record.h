/* SPDX-License-Identifier: MIT */
/* What every detector counts, and its last alarm. An algorithm's state holds one as its member `record`, lists
 * DETECTOR_RECORD_FIELDS in its field table, and hands the record to these functions. */
#ifndef KEDGE_DETECTORS_RECORD_H
#define KEDGE_DETECTORS_RECORD_H

#include <math.h>

#include "kedge/detector.h"

#include "base/number.h"

typedef struct detector_record {
    uint64_t n_seen;     /* since init */
    uint64_t n_warnings; /* zones entered since init */
    uint64_t n_drifts;   /* since init */
    uint64_t at;         /* the last alarm, as in kedge_alarm; all 0 before the first */
    uint64_t changed_at;
    double before;
    double after;
    double statistic;
    double threshold;
    double log_evidence;
} detector_record;

#define DETECTOR_RECORD_FIELDS(type)                                                               \
    KEDGE_VALUE(type, record.n_seen, KEDGE_TYPE_COUNT), KEDGE_VALUE(type, record.n_warnings, KEDGE_TYPE_U64),      \
        KEDGE_VALUE(type, record.n_drifts, KEDGE_TYPE_U64), KEDGE_VALUE(type, record.at, KEDGE_TYPE_U64),        \
        KEDGE_VALUE(type, record.changed_at, KEDGE_TYPE_U64), KEDGE_VALUE(type, record.before, KEDGE_TYPE_F64),  \
        KEDGE_VALUE(type, record.after, KEDGE_TYPE_F64), KEDGE_VALUE(type, record.statistic, KEDGE_TYPE_F64),    \
        KEDGE_VALUE(type, record.threshold, KEDGE_TYPE_F64), KEDGE_VALUE(type, record.log_evidence, KEDGE_TYPE_F64)

/* For a class's check slot. Means and evidence of an alarm may be anything, NaN included: nothing is computed from them. */
static inline int detector_record_is_sound(const detector_record *r)
{
    return r->n_seen <= KEDGE_I_COUNT_MAX && r->n_drifts <= r->n_seen && r->n_warnings <= r->n_seen && r->at <= r->n_seen &&
           r->changed_at <= r->at;
}

/* Keep an alarm that the newest observation, number n_seen - 1, has raised. n_after: observations of the new concept, that one
 * included, at least 1. Counts the drift. */
static inline void detector_record_raise(detector_record *r, uint64_t n_after, double before, double after, double statistic,
                                         double threshold, double log_evidence)
{
    r->n_drifts++;
    r->at = r->n_seen - 1;
    r->changed_at = r->n_seen - n_after;
    r->before = before;
    r->after = after;
    r->statistic = statistic;
    r->threshold = threshold;
    r->log_evidence = log_evidence;
}

/* The alarm slot of a class. */
static inline kedge_status detector_record_alarm(const detector_record *r, kedge_alarm *out)
{
    if (r->n_drifts == 0)
        return KEDGE_EMPTY;
    out->at = r->at;
    out->changed_at = r->changed_at;
    out->mean_before = r->before;
    out->mean_after = r->after;
    out->effect = r->after - r->before;
    out->statistic = r->statistic;
    out->threshold = r->threshold;
    out->log_evidence = r->log_evidence;
    return KEDGE_OK;
}

/* The estimate slot of a class: counts, and NaN for the rest, which the class then fills in. Returns what the slot returns. */
static inline kedge_status detector_record_estimate(const detector_record *r, uint64_t width, kedge_estimate *out)
{
    out->n_seen = r->n_seen;
    out->n_warnings = r->n_warnings;
    out->n_drifts = r->n_drifts;
    out->width = width;
    out->mean = out->variance = out->statistic = out->threshold = (double)NAN;
    return width ? KEDGE_OK : KEDGE_EMPTY;
}

#endif
