/* SPDX-License-Identifier: MIT */
/* What a prediction costs, for all that add it up: each formula stands here once. */
#ifndef KEDGE_METRICS_COSTS_H
#define KEDGE_METRICS_COSTS_H

#include <float.h>
#include <math.h>

/* -ln of the probability of what happened (Good 1952); below 2.2e-16 it counts as that, above 1 by rounding as 1. */
static inline double kedge_i_log_loss(double p)
{
    return p < 1.0 ? -log(fmax(p, DBL_EPSILON)) : 0.0;
}

/* Of one class: squared distance of its probability from what happened (Brier 1950). */
static inline double kedge_i_brier_part(double p, int happened)
{
    double off = p - (happened ? 1.0 : 0.0);
    return off * off;
}

/* Share of the truth's squared deviations that is explained; where there are none 1 without errors, else 0. Not below -1e200. */
static inline double kedge_i_r2(double squared_errors, double squared_deviations)
{
    if (!(squared_deviations > 0.0))
        return squared_errors > 0.0 ? 0.0 : 1.0;
    return 1.0 - squared_errors / fmax(squared_deviations, squared_errors * 1e-200);
}

#endif
