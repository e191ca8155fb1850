/* SPDX-License-Identifier: MIT */
/* The state of a contest: a place for each candidate, who won, and how each of them did. */
#ifndef KEDGE_SELECT_CONTEST_STATE_H
#define KEDGE_SELECT_CONTEST_STATE_H

#include "kedge/models/contest.h"
#include "kedge/select.h"

#include "base/arena.h"

typedef struct contest_place {
    uint32_t at;    /* layout */
    uint32_t bytes; /* parameter; 0: there is no such candidate */
} contest_place;

typedef struct contest_state {
    kedge_model_state model;
    double holdout;
    uint64_t max_fits;
    uint64_t max_rows;
    uint64_t least_rows;
    uint32_t score;
    uint32_t factor;
    uint32_t n_passes;
    uint32_t n;                            /* layout: candidates */
    contest_place places[KEDGE_CONTEST_MAX];
    uint32_t winner;                       /* 0 before the first fit */
    uint32_t statuses[KEDGE_CONTEST_MAX];  /* of the last race, as all below: bits of a kedge_status; the codec knows no signs */
    double scores[KEDGE_CONTEST_MAX];      /* 0 where there is none */
    uint64_t rows[KEDGE_CONTEST_MAX];
    uint64_t n_fits;
    uint64_t n_rows;
    uint64_t n_held;
} contest_state;

static inline const kedge_model_class *contest_class_of(const kedge_model_class *cls, uint32_t i)
{
    return (const kedge_model_class *)(const void *)cls->base.parts[i];
}

static inline const void *contest_at(const contest_state *s, uint32_t i)
{
    return kedge_i_at_const(s, s->places[i].at);
}

/* The model class's slots. */
size_t kedge_i_contest_work(const kedge_model_class *cls, const void *fixed, const void *config, size_t n_rows);
kedge_status kedge_i_contest_fit(const kedge_model_class *cls, void *state, const kedge_rows *x, const double *y,
                                 const double *weight, void *work);

#endif
