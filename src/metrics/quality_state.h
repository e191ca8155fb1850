/* SPDX-License-Identifier: MIT */
/* The state of quality: what quality.c keeps and quality_read.c makes figures of. */
#ifndef KEDGE_METRICS_QUALITY_STATE_H
#define KEDGE_METRICS_QUALITY_STATE_H

#include "kedge/metric.h"

#include "base/arena.h"

typedef struct quality_state {
    kedge_state_head head;
    double fading;
    double beta;
    double confidence;
    uint32_t n_classes;
    uint32_t over;
    uint32_t window;
    uint32_t n_ring;     /* layout: window where it slides, else 0 */
    uint32_t n_cells;    /* layout: n_classes^2 */
    uint32_t at_cells;   /* layout: double[truth][predicted], weight sums, >= 0 */
    uint32_t at_ring;    /* layout: uint32_t[n_ring], cell of each record */
    uint32_t at_weights; /* layout: double[n_ring]: before place weights, from place on what the cell holds of its kind without
                          * them */
    uint32_t at_changes; /* layout: double[n_ring]: likewise, of the weight with another truth than the record before */
    uint32_t at_older;   /* layout: double[n_older]: sliding: the ring's records from place on; cells has those before place;
                          * tumbling: the last whole window */
    uint32_t n_older;    /* layout: n_cells where a window is used, else 0 */
    uint32_t place;      /* n mod window where one is used, else 0 */
    uint32_t last;       /* the truth of the last record; before the first 0 */
    uint32_t reserved;
    uint64_t n;          /* records since init */
    double increment;    /* fading: what weight 1 added at the last record; else 1 */
    double turns[2];     /* weight with the truth of the record before (0 where it slides), and with another one; covers what cells
                          * does */
    double older_changes; /* the latter of what at_older covers */
} quality_state;

#endif
