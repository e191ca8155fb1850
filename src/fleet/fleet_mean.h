/* SPDX-License-Identifier: MIT */
/* The running mean of each lane, and its distance from the newest value: what Page-Hinkley and CUSUM begin with. */
#ifndef KEDGE_FLEET_MEAN_H
#define KEDGE_FLEET_MEAN_H

#include "fleet/fleet_blocks.h"
#include "fleet/fleet_vector.h"

#define FLEET_MEAN_MAX (2.0 * KEDGE_DETECTOR_INPUT_MAX) /* with room for rounding */

/* First member of a block's lanes. */
typedef struct fleet_mean {
    double n[FLEET_LANES];    /* observations since the restart */
    double mean[FLEET_LANES]; /* of these */
    double m2[FLEET_LANES];   /* sum of their squared deviations from it, >= 0 */
} fleet_mean;

enum { FLEET_MEAN_FIELDS = sizeof(fleet_mean) / (sizeof(double) * FLEET_LANES) };

/* What a step hands on to its sums. */
typedef struct fleet_moment {
    fleet_vec n;
    fleet_vec mean;     /* with the newest value in it */
    fleet_vec distance; /* of that value from it; NaN where there is none */
    fleet_mask seen;    /* lanes that have a value */
} fleet_moment;

/* Welford 1962, for the lanes from i on. */
FLEET_INLINE fleet_moment fleet_mean_add(fleet_mean *m, const double *x, uint32_t i, int missing)
{
    fleet_moment now;
    fleet_vec value = fleet_get(x + i), n = fleet_get(m->n + i), mean = fleet_get(m->mean + i), m2 = fleet_get(m->m2 + i);
    fleet_vec off = value - mean;
    now.seen = fleet_seen(value);
    now.n = n + 1.0;
    now.mean = mean + 1.0 / now.n * off;
    now.distance = value - now.mean;
    fleet_vec grown = m2 + off * now.distance;
    if (missing) {
        now.n = FLEET_SELECT(now.seen, now.n, n);
        now.mean = FLEET_SELECT(now.seen, now.mean, mean);
        grown = FLEET_SELECT(now.seen, grown, m2);
    }
    fleet_put(m->n + i, now.n);
    fleet_put(m->mean + i, now.mean);
    fleet_put(m->m2 + i, grown);
    return now;
}

static inline int fleet_mean_is_sound(const fleet_mean *m, uint32_t lane)
{
    return kedge_i_within(m->mean[lane], -FLEET_MEAN_MAX, FLEET_MEAN_MAX) &&
           kedge_i_within(m->m2[lane], 0.0, 8.0 * KEDGE_DETECTOR_INPUT_MAX * KEDGE_DETECTOR_INPUT_MAX * m->n[lane]);
}

static inline void fleet_mean_estimate(const fleet_mean *m, uint32_t lane, kedge_estimate *out)
{
    out->mean = m->mean[lane];
    out->variance = m->m2[lane] / m->n[lane];
}

#endif
