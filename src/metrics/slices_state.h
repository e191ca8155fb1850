/* SPDX-License-Identifier: MIT */
/* The state of slices: what slices.c keeps and slices_read.c makes figures of. */
#ifndef KEDGE_METRICS_SLICES_STATE_H
#define KEDGE_METRICS_SLICES_STATE_H

#include "kedge/metrics/slices.h"

#include "base/arena.h"

typedef struct slices_place {
    uint64_t slice;
    uint64_t n;        /* >= 1 */
    uint64_t n_wrong;  /* <= n */
    uint64_t n_missed; /* records that it may have had before; n + n_missed is its rank */
} slices_place;

enum { SLICES_WORDS = sizeof(slices_place) / sizeof(uint64_t) };

typedef struct slices_table {
    uint64_t n;         /* records covered */
    uint64_t n_wrong;
    uint64_t n_evicted; /* since it is empty; sliding: since init */
    uint32_t n_slices;
    uint32_t at_places; /* layout: slices_place[max_slices]: ascending, zeros behind */
} slices_table;

typedef struct slices_state {
    kedge_state_head head;
    double confidence;
    uint32_t over;
    uint32_t window;
    uint32_t max_slices;
    uint32_t n_words;      /* layout: of all places */
    uint32_t n_last_words; /* layout: the same where windows follow each other, else 0 */
    uint32_t n_ring;       /* layout: window where it slides, else 0 */
    uint32_t n_ends;       /* layout: 2 max_slices where it slides, else 0 */
    uint32_t at_ring;      /* layout: uint64_t[n_ring]: slice of each record */
    uint32_t at_next;      /* layout: uint32_t[n_ring]: SLICES_WRONG, and 1 + where the next record that counts for the same place
                            * is */
    uint32_t at_ends;      /* layout: uint32_t[n_ends]: 1 + where the oldest and the newest record that counts for each place are */
    uint32_t place;        /* n_since mod window where one is used, else 0 */
    uint32_t reserved;
    uint64_t n_since;      /* records since init */
    slices_table now;      /* of all, of the window, or of the one under way */
    slices_table last;     /* tumbling: of the last whole window; else empty */
} slices_state;

#define SLICES_WRONG ((uint32_t)1 << 31)

static inline const slices_place *kedge_i_slices_held(const slices_state *s, const slices_table *t)
{
    return kedge_i_at_const(s, t->at_places);
}

static inline uint64_t kedge_i_slices_rank(const slices_place *p)
{
    return p->n + p->n_missed;
}

/* First place whose number is not below this one. */
uint32_t kedge_i_slices_place(const slices_state *s, const slices_table *t, uint64_t slice);

/* Is place i this slice's? */
static inline int kedge_i_slices_has(const slices_state *s, const slices_table *t, uint32_t i, uint64_t slice)
{
    return i < t->n_slices && kedge_i_slices_held(s, t)[i].slice == slice;
}

/* Counts of the slices in a table. */
void kedge_i_slices_sum(const slices_state *s, const slices_table *t, uint64_t *n, uint64_t *n_wrong);

/* How many records a slice that has no place may have had. */
uint64_t kedge_i_slices_unseen(const slices_state *s, const slices_table *t);

#endif
