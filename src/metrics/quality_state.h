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
    uint32_t at_tables[2]; /* layout: double[truth][predicted] each, weight sums, >= 0. Sliding: records of this turn; the ring's
                            * records from place on. Tumbling: of this window; of the last whole one. Fading: all, and no second.
                            * Over everything: every other record; the others */
    uint32_t at_ring;    /* layout: uint32_t[n_ring], cell of each record */
    uint32_t at_weights; /* layout: double[n_ring]: before place weights, from place on what the cell holds of its kind without
                          * them */
    uint32_t at_changes; /* layout: double[n_ring]: likewise, of the weight with another truth than the record before */
    uint32_t n_older;    /* layout: of the second table: n_cells, but 0 where the past fades */
    uint32_t place;      /* n mod window where one is used, else 0 */
    uint32_t last;       /* the truth of the last record; before the first 0 */
    uint32_t reserved;
    uint64_t n;          /* records since init */
    uint64_t n_plain;    /* layout: below as many records are plainly added: KEDGE_I_COUNT_MAX over everything, else 0 */
    double increment;    /* fading: what weight 1 added at the last record; else 1 */
    double turns[2];     /* weight with another truth than the record before's, of what each table covers */
} quality_state;

#endif
