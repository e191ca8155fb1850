/* SPDX-License-Identifier: MIT */
/* An alarm as it is reported, for detectors that have no measure of evidence. */
#ifndef KEDGE_DETECTORS_ALARM_H
#define KEDGE_DETECTORS_ALARM_H

#include <math.h>

#include "kedge/detector.h"

static inline kedge_status kedge_i_alarm(kedge_alarm *out, uint64_t at, uint64_t changed_at, double before, double after,
                                         double statistic, double threshold)
{
    out->at = at;
    out->changed_at = changed_at;
    out->mean_before = before;
    out->mean_after = after;
    out->effect = after - before;
    out->statistic = statistic;
    out->threshold = threshold;
    out->log_evidence = (double)NAN;
    return KEDGE_OK;
}

#endif
