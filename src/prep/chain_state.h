/* SPDX-License-Identifier: MIT */
/* A chain's state, for those who look into chains. */
#ifndef KEDGE_PREP_CHAIN_STATE_H
#define KEDGE_PREP_CHAIN_STATE_H

#include "prep/prep_state.h"

/* A part as the codec wants it: the offset, then the bytes. */
typedef struct chain_step {
    uint32_t at;    /* layout */
    uint32_t bytes; /* parameter; 0: no such step */
} chain_step;

typedef struct chain_state {
    kedge_prep_state prep;
    chain_step steps[KEDGE_CHAIN_MAX];
    uint32_t width[KEDGE_CHAIN_MAX]; /* parameter: numbers that a step gives */
    uint32_t n_steps;                /* layout */
    uint32_t widest;                 /* layout: numbers of the widest row inside */
    uint32_t at_rows;                /* layout: double[2][widest], rows on their way; zero between calls, no part of a snapshot */
} chain_state;

/* Is this a class of chains? */
int kedge_i_chain_is(const kedge_prep_class *cls);

static inline const kedge_prep_class *chain_class(const kedge_prep_class *cls, uint32_t i)
{
    return (const kedge_prep_class *)(const void *)cls->base.parts[i];
}

static inline const void *chain_part(const chain_state *s, uint32_t i)
{
    return kedge_i_at_const(s, s->steps[i].at);
}

#endif
