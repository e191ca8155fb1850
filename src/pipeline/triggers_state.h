/* SPDX-License-Identifier: MIT */
/* The state of the list of triggers, and what its files share. */
#ifndef KEDGE_PIPELINE_TRIGGERS_STATE_H
#define KEDGE_PIPELINE_TRIGGERS_STATE_H

#include "base/arena.h"
#include "pipeline/trigger.h"

typedef struct triggers_state {
    kedge_state_head head;
    uint32_t budget;
    uint32_t reserved;
    uint64_t budget_ns;
    uint64_t cool_ns;
    uint64_t cool_rows;
    double backoff;
    double backoff_max;
    uint32_t at_starts;     /* layout: u64[budget]: when the last trainings began, the k-th at k modulo budget */
    uint32_t at_triggers;   /* layout */
    uint32_t trigger_bytes; /* layout; of each */
    uint32_t n_triggers;
    uint32_t is_begun;      /* 1: a time was told */
    uint32_t is_busy;
    uint32_t in_vain;       /* trainings in a row without a promotion, at most 2^30 */
    uint32_t last_outcome;  /* KEDGE_OUTCOME_..., 0: none */
    kedge_i_trigger_clock clock;
    uint64_t cool_until_ns;
    uint64_t cool_until_row;
    uint64_t n_outcomes[4]; /* by KEDGE_OUTCOME_... - 1 */
    uint64_t n_started;
} triggers_state;

static inline kedge_i_trigger *triggers_at(triggers_state *s, uint32_t i)
{
    return (kedge_i_trigger *)kedge_i_at(s, s->at_triggers) + i;
}

static inline const kedge_i_trigger *triggers_at_const(const triggers_state *s, uint32_t i)
{
    return (const kedge_i_trigger *)kedge_i_at_const(s, s->at_triggers) + i;
}

/* The clock as it would stand then, n rows later. */
kedge_status kedge_i_triggers_look(const kedge_control *c, uint64_t now_ns, uint64_t n, kedge_i_trigger_clock *out);
void kedge_i_triggers_tick(triggers_state *s, const kedge_i_trigger_clock *clock);

#endif
