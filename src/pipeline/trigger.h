/* SPDX-License-Identifier: MIT */
/* One reason to train: an object inside the list of triggers. */
#ifndef KEDGE_PIPELINE_TRIGGER_H
#define KEDGE_PIPELINE_TRIGGER_H

#include "kedge/controls/triggers.h"

/* What the list knows, and each trigger needs. */
typedef struct kedge_i_trigger_clock {
    uint64_t now_ns;
    uint64_t n_rows;
    uint64_t started_ns;  /* when the last training began; before the first, when something was told first */
    uint64_t started_row; /* labelled rows until then */
    uint64_t promoted_row; /* labelled rows until the last promotion */
} kedge_i_trigger_clock;

typedef struct kedge_i_trigger {
    kedge_state_head head;
    uint32_t kind;
    uint32_t source;
    uint32_t priority;
    uint32_t patience;
    double limit;
    double release;
    uint64_t every;
    uint64_t offset_ns;
    uint64_t least_rows;
    uint64_t delay_rows;
    uint64_t again_rows;
    uint32_t is_calling;
    uint32_t has_called; /* floor, ceiling: not released since */
    uint32_t n_beyond;   /* reports in a row beyond the limit, at most patience */
    uint32_t code;       /* the int32_t's bits */
    uint32_t is_answered; /* the training under way answers it */
    uint32_t reserved;
    double value;        /* at the call */
    uint64_t since_ns;
    uint64_t since_row;
    uint64_t slot;      /* schedule: periods that have passed, as far as they were answered */
    uint64_t retry_row; /* signal: calls again then; 0: not */
    uint64_t n_calls;
    uint64_t n_started;
} kedge_i_trigger;

extern const kedge_class kedge_i_trigger_class;

/* The class's configuration. */
typedef struct kedge_i_trigger_config {
    const kedge_class *cls;
    uint32_t config_bytes;
    uint32_t reserved;
    kedge_trigger trigger;
} kedge_i_trigger_config;

int kedge_i_trigger_valid(const kedge_trigger *trigger);

static inline int kedge_i_trigger_is_figure(const kedge_i_trigger *t)
{
    return t->kind == KEDGE_TRIGGER_FLOOR || t->kind == KEDGE_TRIGGER_CEILING;
}

/* Does rows' or time's passing make it call, though it was not told yet? */
int kedge_i_trigger_is_reached(const kedge_i_trigger *t, const kedge_i_trigger_clock *clock);
/* What it calls with; calls already, or is reached. */
void kedge_i_trigger_describe(const kedge_i_trigger *t, const kedge_i_trigger_clock *clock, kedge_triggers_call *out);
void kedge_i_trigger_first(kedge_i_trigger *t, uint64_t now_ns); /* the first time that is told */
void kedge_i_trigger_tick(kedge_i_trigger *t, const kedge_i_trigger_clock *clock);
void kedge_i_trigger_figure(kedge_i_trigger *t, const kedge_i_trigger_clock *clock, double value);
void kedge_i_trigger_signal(kedge_i_trigger *t, const kedge_i_trigger_clock *clock, kedge_status status);
void kedge_i_trigger_demand(kedge_i_trigger *t, const kedge_i_trigger_clock *clock, int32_t code);
void kedge_i_trigger_answer(kedge_i_trigger *t); /* a training begins */
void kedge_i_trigger_settle(kedge_i_trigger *t, const kedge_i_trigger_clock *clock, int was_promoted); /* it has ended */

/* Does this call wait for nothing but the end of the training under way, not even for a cool-down after it? */
int kedge_i_triggers_waits_for_end(const kedge_control *c, const kedge_triggers_call *call);
/* Likewise where the training under way has given a model that the world has overtaken; and that training has just ended. */
int kedge_i_triggers_may_overtake(const kedge_control *c, uint64_t now_ns, const kedge_triggers_call *call);
void kedge_i_triggers_overtaken(kedge_control *c);

/* The last training was one more answer to a drift that has its model already: what the detectors' triggers of that source wait for
 * is over. */
void kedge_i_triggers_settled(kedge_control *c, uint32_t source);

#endif
