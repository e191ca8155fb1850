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

/* Learns a row, and gives the scores that it had before, unless they are NULL: one search for both. */
void kedge_i_sam_learn_scored(void *state, const kedge_row *x, uint32_t label, double weight, double *scores);
/* The long-term memory to half as many centres of each class, in its first slots; returns how many. Slots behind and deviations
 * are left to do. */
uint32_t kedge_i_sam_condense(sam_state *s);

#endif
