/* SPDX-License-Identifier: MIT */
/* The state of nearest neighbours with self-adjusting memory; see sam_knn.c. */
#ifndef KEDGE_MODELS_SAM_STATE_H
#define KEDGE_MODELS_SAM_STATE_H

#include "kedge/models/sam_knn.h"

#include "models/near.h"

enum { SAM_LEVELS = 17, SAM_SHORT = 29, SAM_LONG, SAM_BOTH }; /* bits of marks: wrong at a level; right as the memory was then */

typedef struct sam_state {
    near_state near;
    uint64_t seed;
    double long_share;
    kedge_rng rng;
    uint32_t min_short;
    uint32_t n_long;
    uint32_t wrong[SAM_LEVELS]; /* marks of each level, over the rows that it is tried on */
    uint32_t age[SAM_LEVELS];   /* rows since the level was tried in full; level 0 never is */
    uint32_t right[3];          /* marks SAM_SHORT, SAM_LONG, SAM_BOTH over the short-term memory */
    uint32_t at_marks;          /* layout: uint32_t[window], 0 but for the short-term memory */
    uint32_t at_lists;          /* layout: near_list[SAM_LISTS], zero between calls, as all that follow */
    uint32_t at_distances;      /* layout: double[window] */
    uint32_t at_centres;        /* layout: uint32_t[window], the centre of a row that is condensed */
    uint32_t at_sizes;          /* layout: uint32_t[window], rows of a centre, then those that know a feature */
} sam_state;

enum { SAM_LIST_SHORT, SAM_LIST_LONG, SAM_LIST_BOTH, SAM_LISTS };

static inline near_list *sam_list(sam_state *s, int which)
{
    return (near_list *)kedge_i_at(s, s->at_lists) + which;
}

static inline uint32_t *sam_marks(sam_state *s)
{
    return kedge_i_at(s, s->at_marks);
}

/* Rows of the short-term memory. */
static inline uint32_t sam_n_short(const sam_state *s)
{
    return s->near.n_held - s->n_long;
}

/* The first slot of a level, where the short-term memory has n rows and ends at `end`; `end` if there is no such level. */
static inline uint32_t sam_level_at(const sam_state *s, uint32_t level, uint32_t n, uint32_t end)
{
    uint32_t size = n >> level;
    return level == 0 || size >= s->min_short ? end - size : end;
}

/* The first slot of a level that it is tried on: each has k rows before it. */
static inline uint32_t sam_tried_at(const sam_state *s, uint32_t level, uint32_t n, uint32_t end)
{
    uint32_t at = sam_level_at(s, level, n, end);
    return end - at > s->near.k ? at + s->near.k : end;
}

/* Learns a row, and gives the scores that it had before, unless they are NULL: one search for both. */
void kedge_i_sam_learn_scored(void *state, const kedge_row *x, uint32_t label, double weight, double *scores);
/* The long-term memory to half as many centres of each class, in its first slots; returns how many. Slots behind and deviations
 * are left to do. */
uint32_t kedge_i_sam_condense(sam_state *s);

/* A level is no longer tried on rows from .. to - 1. */
void kedge_i_sam_leave(sam_state *s, uint32_t level, uint32_t from, uint32_t to);
void kedge_i_sam_mark(sam_state *s, uint32_t slot, uint32_t bit);
/* Neighbours of a new row of class y in the short-term memory, latest rows first; returns its marks. */
uint32_t kedge_i_sam_try_levels(sam_state *s, near_query *query, double y, near_list *list);
void kedge_i_sam_begin_levels(sam_state *s);
uint32_t kedge_i_sam_choose_level(sam_state *s);

#endif
