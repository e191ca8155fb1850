/* SPDX-License-Identifier: MIT */
/* The state of a rollout, and what its two files share. */
#ifndef KEDGE_PIPELINE_ROLLOUT_STATE_H
#define KEDGE_PIPELINE_ROLLOUT_STATE_H

#include <math.h>

#include "kedge/controls/rollout.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/confidence.h"
#include "base/number.h"
#include "pipeline/controls.h"
#include "pipeline/guard.h"
#include "pipeline/stage.h"

/* Where it stands. */
enum { ROLLOUT_IDLE, ROLLOUT_NEXT, ROLLOUT_ASKING, ROLLOUT_APPROVED, ROLLOUT_RUNNING };

/* The host's words, kept until the next step. */
enum { ROLLOUT_SILENT, ROLLOUT_GOOD, ROLLOUT_BAD, ROLLOUT_STOP };

/* What the guard has seen in a stage. Doubles only, all 0 at its beginning. */
typedef struct rollout_watch {
    kedge_i_guard worse; /* than the champion, by more than the tolerance */
    kedge_i_guard over;  /* loss_limit */
    double n_champion;   /* losses of rows that one of them answered, not compared yet: one of them is still without */
    double champion;     /* sum, / loss_max */
    double n_challenger;
    double challenger;
} rollout_watch;

typedef struct rollout_state {
    kedge_state_head head;
    uint64_t seed;
    double loss_max;
    double confidence;
    uint32_t at_stages;   /* layout */
    uint32_t stage_bytes; /* layout; of each */
    uint32_t n_stages;
    uint32_t at_watch;  /* layout: rollout_watch, as so many numbers */
    uint32_t n_watch;
    double log_pair;  /* layout: log(2 / error) of one sequence */
    double log_alone; /* layout: of each of two, which err half as often */
    uint32_t phase;
    uint32_t stage;  /* under way, or to be entered */
    uint32_t verdict;
    uint32_t code;   /* the int32_t's bits */
    uint32_t spare;
    uint64_t version; /* of the challenger; 0: idle */
    uint64_t begun_ns;
    uint64_t entered_ns; /* or asked, or passed the stage before */
    uint64_t now_ns;
    uint64_t n_begun;
    uint64_t n_finished;
    uint64_t n_rolled_back;
    uint64_t approver;
    kedge_i_confidence pairs;      /* of the difference, moved into [0, 1] */
    kedge_i_confidence champion;   /* of its loss / loss_max, pairs included */
    kedge_i_confidence challenger; /* likewise */
    uint8_t digest[KEDGE_HASH_BYTES];
} rollout_state;

static inline const kedge_i_stage *rollout_at(const rollout_state *s, uint32_t i)
{
    return (const kedge_i_stage *)kedge_i_at_const(s, s->at_stages) + i;
}

static inline rollout_watch *rollout_watch_of(const rollout_state *s)
{
    return (rollout_watch *)(void *)((unsigned char *)(uintptr_t)s + s->at_watch);
}

static inline kedge_status rollout_look(const kedge_control *c, uint64_t now_ns)
{
    KEDGE_TRY(kedge_i_control_is(c, &kedge_rollout));
    const rollout_state *s = c->state;
    return now_ns < s->now_ns || now_ns > KEDGE_I_COUNT_MAX ? KEDGE_ERR_RANGE : KEDGE_OK;
}

/* rollout_step.c: may production end before it is decided, having seen and lasted what it must? It then ends as after most_rows. */
int kedge_i_rollout_may_end(const kedge_control *c, uint64_t now_ns);
void kedge_i_rollout_end(kedge_control *c, kedge_rollout_action *out);

/* The stage whose traffic rules hold: while the next one is awaited, the one before. NULL: none. */
static inline const kedge_i_stage *rollout_serving(const rollout_state *s)
{
    if (s->phase == ROLLOUT_RUNNING)
        return rollout_at(s, s->stage);
    return s->phase != ROLLOUT_IDLE && s->stage > 0 ? rollout_at(s, s->stage - 1) : NULL;
}

/* rollout_watch.c: a loss of a row that one model answered, or both; / loss_max. A stage is under way. */
void kedge_i_rollout_see(rollout_state *s, uint32_t is_challenger, double loss);
void kedge_i_rollout_see_pair(rollout_state *s, double champion, double challenger);
int kedge_i_rollout_alarms(const rollout_state *s, const kedge_i_guard *g);
/* Of an alarm that it is worse: since when, and by how much since then. */
void kedge_i_rollout_tell_since(const rollout_state *s, double tolerance, kedge_rollout_action *out);
int kedge_i_rollout_watch_check(const rollout_state *s);

#endif
