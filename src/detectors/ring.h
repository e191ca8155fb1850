/* SPDX-License-Identifier: MIT */
/* The newest rows in a ring of `size`, of which `held` are there and the next one goes to `place`. */
#ifndef KEDGE_DETECTORS_RING_H
#define KEDGE_DETECTORS_RING_H

#include <stddef.h>
#include <stdint.h>

typedef struct detector_ring {
    const double *rows;
    uint32_t width; /* numbers in a row */
    uint32_t size;
    uint32_t place;
} detector_ring;

/* The i-th newest row, i from 1 to held. */
static inline const double *detector_ring_newest(const detector_ring *r, uint32_t i)
{
    return r->rows + (size_t)((r->place + r->size - i) % r->size) * r->width;
}

/* Mean of a column of the n newest, n >= 1. */
static inline double detector_ring_mean(const detector_ring *r, uint32_t column, uint32_t n)
{
    double mean = 0.0;
    for (uint32_t i = 1; i <= n; i++)
        mean += (detector_ring_newest(r, i)[column] - mean) / (double)i;
    return mean;
}

/* And their variance (of n), where that is the mean. */
static inline double detector_ring_variance(const detector_ring *r, uint32_t column, uint32_t n, double mean)
{
    double variance = 0.0;
    for (uint32_t i = 1; i <= n; i++) {
        double off = detector_ring_newest(r, i)[column] - mean;
        variance += off * off / (double)n;
    }
    return variance;
}

/* Which of the newest rows are of a new concept: the cut behind which the squared sum of the rows' excesses, over their number, is
 * greatest, the first sum of a normal log-likelihood. Fed from the newest row on. */
typedef struct detector_cut {
    double excess;
    double greatest;
    uint32_t n_after;
} detector_cut;

static inline detector_cut detector_cut_begin(void)
{
    detector_cut c = {0.0, -1.0, 1};
    return c;
}

static inline void detector_cut_add(detector_cut *c, uint32_t i, double excess)
{
    c->excess += excess;
    if (c->excess * c->excess / (double)i > c->greatest) {
        c->greatest = c->excess * c->excess / (double)i;
        c->n_after = i;
    }
}

#endif
