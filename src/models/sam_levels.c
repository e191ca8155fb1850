/* SPDX-License-Identifier: MIT */
/* How large the short-term memory of sam_knn.c should be: Losing, Hammer, Wersing 2016, ICDM, section IV.
 *
 * Interleaved test-train errors: a mark of each row says of each halving (level) of the short-term memory whether it was wrong
 * about the row. One pass over the short-term memory, latest rows first, tries a new row at all levels.
 *
 * Cost, in distances: a level of n rows in full n^2 / 2, at most once in n / SAM_TRUST rows, or when it is new, for which as many
 * rows must come. */
#include "base/fp.h"

#include "models/sam_state.h"

enum { SAM_TRUST = 4 }; /* a level that was tried in full less than this part of its size ago is trusted */

/* A level is no longer tried on rows from .. to - 1. */
void kedge_i_sam_leave(sam_state *s, uint32_t level, uint32_t from, uint32_t to)
{
    uint32_t *marks = sam_marks(s);
    for (uint32_t slot = from; slot < to; slot++) {
        s->wrong[level] -= marks[slot] >> level & 1;
        marks[slot] &= ~((uint32_t)1 << level);
    }
}

void kedge_i_sam_mark(sam_state *s, uint32_t slot, uint32_t bit)
{
    sam_marks(s)[slot] |= (uint32_t)1 << bit;
    *(bit >= SAM_SHORT ? &s->right[bit - SAM_SHORT] : &s->wrong[bit]) += 1;
}

/* A level in full: each of its rows by those before it. */
static void sam_try_in_full(sam_state *s, uint32_t level)
{
    near_list *list = sam_list(s, SAM_LIST_BOTH);
    uint32_t from = sam_level_at(s, level, sam_n_short(s), s->near.n_held);
    kedge_i_sam_leave(s, level, from, s->near.n_held);
    for (uint32_t slot = from + s->near.k; slot < s->near.n_held; slot++) {
        near_query query;
        kedge_row row = near_row(&s->near, slot);
        kedge_i_near_ask(&s->near, &query, &row);
        kedge_i_near_begin(list, s->near.k);
        kedge_i_near_scan(&s->near, &query, from, slot, list);
        if (kedge_i_near_class(&s->near, list) != near_targets(&s->near)[slot])
            kedge_i_sam_mark(s, slot, level);
    }
    s->age[level] = 0;
}

/* Is a level's error less than another's? */
static int sam_is_better(const sam_state *s, uint32_t level, uint32_t than)
{
    uint32_t n = sam_n_short(s), k = s->near.k;
    return (uint64_t)s->wrong[level] * ((n >> than) - k) < (uint64_t)s->wrong[than] * ((n >> level) - k);
}

/* The level of least error; of equals the largest. */
static uint32_t sam_best_level(const sam_state *s)
{
    uint32_t best = 0;
    for (uint32_t level = 1; level < SAM_LEVELS && sam_n_short(s) >> level >= s->min_short; level++)
        best = sam_is_better(s, level, best) ? level : best;
    return best;
}

/* The same, once those that seem better than the whole have been tried in full, unless they were lately. */
uint32_t kedge_i_sam_choose_level(sam_state *s)
{
    if (sam_best_level(s) == 0)
        return 0;
    for (uint32_t level = 1; level < SAM_LEVELS && sam_n_short(s) >> level >= s->min_short; level++)
        if (s->age[level] > (sam_n_short(s) >> level) / SAM_TRUST && sam_is_better(s, level, 0))
            sam_try_in_full(s, level);
    return sam_best_level(s);
}

/* The level that the short-term memory's last row has brought about, if any. */
void kedge_i_sam_begin_levels(sam_state *s)
{
    uint32_t n = sam_n_short(s);
    for (uint32_t level = 1; level < SAM_LEVELS; level++)
        if (n >> level >= s->min_short && (n - 1) >> level < s->min_short)
            sam_try_in_full(s, level);
}

/* Neighbours of a new row of class y in the short-term memory, latest rows first, and at the start of each level whether that is
 * wrong, as marks. */
uint32_t kedge_i_sam_try_levels(sam_state *s, near_query *query, double y, near_list *list)
{
    uint32_t n = sam_n_short(s), end = s->near.n_held, to = end, marks = 0;
    kedge_i_near_begin(list, s->near.k);
    for (uint32_t level = SAM_LEVELS; level-- > 0;) {
        uint32_t was_at = sam_level_at(s, level, n, end), at = sam_level_at(s, level, n + 1, end + 1);
        if (level > 0 && was_at == end)
            continue; /* there is none yet */
        kedge_i_sam_leave(s, level, sam_tried_at(s, level, n, end), sam_tried_at(s, level, n + 1, end + 1));
        kedge_i_near_scan(&s->near, query, at, to, list);
        if (end - at >= s->near.k)
            marks |= (uint32_t)(kedge_i_near_class(&s->near, list) != y) << level;
        s->age[level] += s->age[level] < UINT32_MAX;
        to = at;
    }
    return marks;
}
