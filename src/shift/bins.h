/* SPDX-License-Identifier: MIT */
/* Walks through two sorted samples bin by bin, without storing an edge. */
#ifndef KEDGE_SHIFT_BINS_H
#define KEDGE_SHIFT_BINS_H

#include "kedge/shift.h"

typedef struct kedge_i_bins {
    const kedge_histogram_config *cfg;
    const kedge_shift_samples *s;
    double unit;           /* the pseudo-count: what a count is larger by, and the sum of all by that for each bin */
    double n_bins;         /* bins with values, where unit > 0 */
    size_t i, j;           /* values of the reference and of the current sample up to this bin, itself included */
    size_t n_here, m_here; /* how many of each are in it; not both 0 */
    double heavy;          /* the value whose bin is next, where is_heavy */
    int is_heavy;
    uint32_t cut;          /* the next edge between n_bins bins, from 1 */
} kedge_i_bins;

kedge_i_bins kedge_i_bins_begin(const kedge_histogram_config *cfg, const kedge_shift_samples *s);

/* The next bin that has values; 0 at the end. */
int kedge_i_bins_next(kedge_i_bins *b);

/* Shares of this bin, smoothed. */
static inline double kedge_i_bins_share_reference(const kedge_i_bins *b)
{
    return ((double)b->n_here + b->unit) / ((double)b->s->n_reference + b->n_bins * b->unit);
}

static inline double kedge_i_bins_share_current(const kedge_i_bins *b)
{
    return ((double)b->m_here + b->unit) / ((double)b->s->n_current + b->n_bins * b->unit);
}

/* The middle between the least and the greatest value in this bin. */
double kedge_i_bins_middle(const kedge_i_bins *b);

#endif
