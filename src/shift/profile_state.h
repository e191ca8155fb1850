/* SPDX-License-Identifier: MIT */
/* The state of a profile, and walking through its values in order. */
#ifndef KEDGE_SHIFT_PROFILE_STATE_H
#define KEDGE_SHIFT_PROFILE_STATE_H

#include "kedge/profile.h"

#include "base/arena.h"

enum { PROFILE_MAX_LEVELS = 48 };

typedef struct profile_moments {
    double n;
    double mean;
    double m2; /* sums of powers of the distances from the mean */
    double m3;
    double m4;
} profile_moments;

typedef struct profile_state {
    kedge_state_head head;
    uint64_t max_values;
    uint64_t seed;
    uint32_t level_size;
    uint32_t n_levels;   /* layout: level_size 2^n_levels > max_values */
    uint32_t n_kept;     /* layout: values in all levels: n_levels level_size / 2 */
    uint32_t at_pending; /* layout: the newest values, as they came; the rest is 0 */
    uint32_t at_scratch; /* layout: level_size values, 0 between calls */
    uint32_t
        at_levels; /* layout: level h = 1, 2, ...: level_size / 2 values, ascending, each standing for 2^h; 0 while it is free */
    uint32_t n_pending;
    uint32_t reserved;
    uint64_t n; /* values */
    uint64_t n_missing;
    uint64_t occupied; /* bit h: level h holds a run */
    uint64_t offsets;  /* bit h: the offset that level h was thinned out with last */
    uint64_t paired;   /* bit h: it owes the opposite one */
    kedge_rng rng;
    double min; /* 0 before the first */
    double max;
    profile_moments moments; /* of all but the pending ones */
    double error;            /* sum of the greatest errors of all steps, in values */
    double error_square;     /* sum of their squares, over the random ones */
} profile_state;

static inline const double *profile_level(const profile_state *s, uint32_t level)
{
    return (const double *)kedge_i_at_const(s, s->at_levels) + (size_t)(level - 1) * (s->level_size / 2);
}

/* Error of a share with a chance of 1 %: Hoeffding 1963, for independent errors of these sizes. */
double profile_rank_error(const profile_state *s);

/* Walks through the distinct values of a profile, ascending. */
typedef struct profile_cursor {
    const profile_state *s;
    double value;                        /* the present one */
    double weight;                       /* values that it stands for */
    uint32_t at[PROFILE_MAX_LEVELS + 1]; /* how far each level has been read */
    int has_begun;
} profile_cursor;

void profile_cursor_begin(profile_cursor *c, const profile_state *s);
/* 1: at the next value; 0: there is none. */
int profile_cursor_next(profile_cursor *c);

#endif
