/* SPDX-License-Identifier: MIT */
/* A flow and its steps in memory; each step is an object inside the flow. */
#ifndef KEDGE_PIPELINE_FLOW_STATE_H
#define KEDGE_PIPELINE_FLOW_STATE_H

#include "kedge/controls/flow.h"

#include "base/arena.h"
#include "pipeline/controls.h"

typedef struct kedge_i_flow_step {
    kedge_state_head head;
    uint64_t name[2];      /* parameters are numbers: the bytes, little-endian */
    uint64_t settings[4];  /* likewise: the configuration's digest */
    uint32_t needs;
    uint32_t max_retries;
    uint64_t retry_ns;
    uint64_t timeout_ns;
    uint32_t is_once;
    uint32_t always_runs;
    uint32_t state;        /* KEDGE_STEP_... */
    uint32_t n_failed;     /* at most max_retries + 1 */
    uint32_t n_timeouts;
    uint32_t code;         /* the int32_t's bits */
    uint32_t has_output;
    uint32_t is_intended;  /* only of once-steps that run, are unsure or done */
    uint32_t is_forgotten; /* 1: has an output, but is not to be skipped for it */
    uint32_t reserved;
    uint64_t attempt;      /* all but those below are of the latest run */
    uint64_t retry_at_ns;
    uint64_t first_ns;
    uint64_t started_ns;
    uint64_t ended_ns;
    uint64_t artifact;     /* from here on: over all runs */
    uint64_t n_done;
    uint64_t n_skipped;
    unsigned char config[KEDGE_HASH_BYTES]; /* settings in force */
    unsigned char input[KEDGE_HASH_BYTES];
    unsigned char output[KEDGE_HASH_BYTES];
    unsigned char key[KEDGE_HASH_BYTES];    /* what the output came from */
} kedge_i_flow_step;

extern const kedge_class kedge_i_flow_step_class;

/* The class's configuration. */
typedef struct kedge_i_flow_step_config {
    const kedge_class *cls;
    uint32_t config_bytes;
    uint32_t reserved;
    kedge_flow_step step;
} kedge_i_flow_step_config;

typedef struct kedge_i_flow {
    kedge_state_head head;
    uint32_t at_steps;   /* layout */
    uint32_t step_bytes; /* layout; of each */
    uint32_t n_steps;
    uint32_t state;      /* KEDGE_FLOW_WAIT: a run is under way; else idle, or how the last one ended */
    uint32_t is_cancelled;
    uint32_t reserved;
    uint64_t run;
    uint64_t now_ns;     /* the latest time that was told */
    uint64_t began_ns;
    uint64_t ended_ns;
    uint64_t n_runs;
    uint64_t n_ended[3]; /* by KEDGE_FLOW_... - KEDGE_FLOW_DONE */
} kedge_i_flow;

int kedge_i_flow_step_valid(const kedge_flow_step *step);

static inline kedge_i_flow_step *kedge_i_flow_at(kedge_i_flow *s, uint32_t i)
{
    return (kedge_i_flow_step *)kedge_i_at(s, s->at_steps) + i;
}

static inline const kedge_i_flow_step *kedge_i_flow_at_const(const kedge_i_flow *s, uint32_t i)
{
    return (const kedge_i_flow_step *)kedge_i_at_const(s, s->at_steps) + i;
}

static inline int kedge_i_flow_step_is_good(const kedge_i_flow_step *t)
{
    return t->state == KEDGE_STEP_DONE || t->state == KEDGE_STEP_SKIPPED;
}

static inline int kedge_i_flow_step_has_ended(const kedge_i_flow_step *t)
{
    return t->state >= KEDGE_STEP_DONE;
}

/* The sets of steps that are in a state. */
static inline uint32_t kedge_i_flow_set(const kedge_i_flow *s, uint32_t state)
{
    uint32_t set = 0;
    for (uint32_t i = 0; i < s->n_steps; i++)
        set |= (uint32_t)(kedge_i_flow_at_const(s, i)->state == state) << i;
    return set;
}

#endif
