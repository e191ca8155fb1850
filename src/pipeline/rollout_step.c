/* SPDX-License-Identifier: MIT */
/* What is known of a challenger, and what a rollout does next. All tests hold at all times at once (base/confidence.h), so that
 * looking after every row costs no error: a paired sequence of the difference where both models answer the same rows, else one of
 * each model's own losses, at half the error each; beside them the guard (rollout_watch.c), which does not take the mean of the
 * whole stage. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "pipeline/rollout_state.h"

/* The guard -------------------------------------------------------------------------------------------------------------------- */

typedef struct rollout_interval {
    double mean; /* of the losses as they were */
    double low;
    double high;
} rollout_interval;

/* Of one model's mean loss; its sequence is not empty. */
static rollout_interval rollout_own(const rollout_state *s, const kedge_i_confidence *q)
{
    double middle = q->weighted / q->bets, width = kedge_i_confidence_width(q, s->log_alone);
    rollout_interval i = {s->loss_max * (q->total / q->n), s->loss_max * fmax(middle - width, 0.0),
                          s->loss_max * fmin(middle + width, 1.0)};
    return i;
}

/* Of the difference, challenger minus champion; NaN where nothing is known. */
static rollout_interval rollout_difference(const rollout_state *s)
{
    rollout_interval i = {(double)NAN, (double)NAN, (double)NAN};
    if (s->pairs.n > 0.0) {
        const kedge_i_confidence *q = &s->pairs;
        double middle = 2.0 * (q->weighted / q->bets) - 1.0, width = 2.0 * kedge_i_confidence_width(q, s->log_pair);
        i.mean = s->loss_max * (2.0 * (q->total / q->n) - 1.0);
        i.low = s->loss_max * fmax(middle - width, -1.0);
        i.high = s->loss_max * fmin(middle + width, 1.0);
    } else if (s->champion.n > 0.0 && s->challenger.n > 0.0) {
        rollout_interval a = rollout_own(s, &s->champion), b = rollout_own(s, &s->challenger);
        i.mean = b.mean - a.mean;
        i.low = b.low - a.high;
        i.high = b.high - a.low;
    }
    return i;
}

/* Why the challenger must go, 0: it need not. */
static uint32_t rollout_must_go(const rollout_state *s, const kedge_i_stage *stage, const rollout_interval *d)
{
    if (s->verdict == ROLLOUT_STOP)
        return KEDGE_ROLLOUT_STOPPED;
    if (s->verdict == ROLLOUT_BAD)
        return KEDGE_ROLLOUT_VERDICT;
    if (!stage || s->challenger.n == 0.0)
        return 0;
    const rollout_watch *w = rollout_watch_of(s);
    if (rollout_own(s, &s->challenger).low > stage->loss_limit || kedge_i_rollout_alarms(s, &w->over))
        return KEDGE_ROLLOUT_LIMIT;
    return d->low > stage->tolerance || kedge_i_rollout_alarms(s, &w->worse) ? KEDGE_ROLLOUT_WORSE : 0;
}

/* Has the stage seen and lasted what it must? */
static int rollout_is_ripe(const rollout_state *s, const kedge_i_stage *stage, uint64_t now_ns)
{
    if (stage->needs_verdict && s->verdict != ROLLOUT_GOOD)
        return 0;
    return s->challenger.n >= (double)stage->least_rows && now_ns - s->entered_ns >= stage->least_ns;
}

static int rollout_must_go_undecided(const kedge_i_stage *stage, const rollout_interval *d)
{
    return stage->undecided == KEDGE_UNDECIDED_ROLLS_BACK || d->mean > stage->tolerance;
}

/* Why the stage is passed, 0: it is not. *must_go: it never will be. */
static uint32_t rollout_passes(const rollout_state *s, const kedge_i_stage *stage, uint64_t now_ns, const rollout_interval *d,
                               int *must_go)
{
    *must_go = 0;
    if (!rollout_is_ripe(s, stage, now_ns))
        return 0;
    if (d->high <= stage->tolerance)
        return KEDGE_ROLLOUT_SURE;
    if (s->challenger.n == 0.0 && stage->least_rows == 0)
        return KEDGE_ROLLOUT_FREE;
    if (s->challenger.n < (double)stage->most_rows)
        return 0;
    *must_go = rollout_must_go_undecided(stage, d);
    return KEDGE_ROLLOUT_UNDECIDED;
}

/* Steps ------------------------------------------------------------------------------------------------------------------------ */

static void rollout_forget(kedge_i_confidence *q)
{
    memset(q, 0, sizeof *q);
}

/* Of the challenger, and in the stage. */
static void rollout_forget_stage(rollout_state *s)
{
    rollout_forget(&s->pairs);
    rollout_forget(&s->challenger);
    memset(rollout_watch_of(s), 0, sizeof(rollout_watch));
}

static void rollout_rest(rollout_state *s)
{
    s->phase = ROLLOUT_IDLE;
    s->stage = s->verdict = s->code = 0;
    s->version = s->begun_ns = s->entered_ns = 0;
    memset(s->digest, 0, sizeof s->digest);
    rollout_forget_stage(s);
    rollout_forget(&s->champion);
}

static void rollout_tell(const rollout_state *s, uint32_t kind, uint32_t why, kedge_rollout_action *out)
{
    rollout_interval d = rollout_difference(s);
    out->kind = kind;
    out->stage = s->stage;
    out->stage_kind = rollout_at(s, s->stage)->kind;
    out->why = why;
    memcpy(&out->code, &s->code, sizeof out->code);
    out->version = s->version;
    out->difference = d.mean;
    out->low = d.low;
    out->high = d.high;
}

static void rollout_go(rollout_state *s, uint32_t why, kedge_rollout_action *out)
{
    const kedge_i_stage *stage = rollout_serving(s);
    rollout_tell(s, KEDGE_ROLLOUT_ROLL_BACK, why, out);
    if (why == KEDGE_ROLLOUT_WORSE && kedge_i_rollout_alarms(s, &rollout_watch_of(s)->worse))
        kedge_i_rollout_tell_since(s, stage->tolerance, out);
    s->n_rolled_back++;
    rollout_rest(s);
}

/* In production the champion serves nobody any more: what is known of its losses is kept. */
static void rollout_enter(rollout_state *s, uint32_t why, kedge_rollout_action *out)
{
    int is_last = s->stage + 1 == s->n_stages;
    s->verdict = ROLLOUT_SILENT;
    s->code = 0;
    rollout_tell(s, is_last ? KEDGE_ROLLOUT_PROMOTE : KEDGE_ROLLOUT_ENTER, why, out);
    s->phase = ROLLOUT_RUNNING;
    s->entered_ns = s->now_ns;
    rollout_forget_stage(s);
    if (!is_last)
        rollout_forget(&s->champion);
}

/* The next stage is entered, or asked for. */
static void rollout_next(rollout_state *s, uint32_t why, kedge_rollout_action *out)
{
    if (s->phase == ROLLOUT_NEXT && rollout_at(s, s->stage)->needs_approval) {
        s->phase = ROLLOUT_ASKING;
        s->entered_ns = s->now_ns;
        rollout_tell(s, KEDGE_ROLLOUT_ASK, why, out);
        return;
    }
    rollout_enter(s, why, out);
}

static void rollout_pass(rollout_state *s, uint32_t why, kedge_rollout_action *out)
{
    if (s->stage + 1 == s->n_stages) {
        rollout_tell(s, KEDGE_ROLLOUT_FINISH, why, out);
        s->n_finished++;
        rollout_rest(s);
        return;
    }
    s->stage++;
    s->phase = ROLLOUT_NEXT;
    rollout_next(s, why, out);
}

kedge_status kedge_rollout_step(kedge_control *c, uint64_t now_ns, kedge_rollout_action *out)
{
    if (!out)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(rollout_look(c, now_ns));
    rollout_state *s = c->state;
    rollout_interval d = rollout_difference(s);
    const kedge_i_stage *stage = rollout_serving(s);
    memset(out, 0, sizeof *out);
    out->difference = out->low = out->high = (double)NAN;
    s->now_ns = now_ns;
    if (s->phase == ROLLOUT_IDLE)
        return KEDGE_OK;
    uint32_t why = rollout_must_go(s, stage, &d);
    if (why != 0) {
        rollout_go(s, why, out);
    } else if (s->phase == ROLLOUT_NEXT || s->phase == ROLLOUT_APPROVED) {
        rollout_next(s, 0, out);
    } else if (s->phase == ROLLOUT_RUNNING) {
        int must_go;
        why = rollout_passes(s, stage, now_ns, &d, &must_go);
        if (must_go)
            rollout_go(s, why, out);
        else if (why != 0)
            rollout_pass(s, why, out);
    }
    return KEDGE_OK;
}

int kedge_i_rollout_may_end(const kedge_control *c, uint64_t now_ns)
{
    const rollout_state *s = c->state;
    return s->phase == ROLLOUT_RUNNING && s->stage + 1 == s->n_stages && rollout_is_ripe(s, rollout_at(s, s->stage), now_ns);
}

void kedge_i_rollout_end(kedge_control *c, kedge_rollout_action *out)
{
    rollout_state *s = c->state;
    rollout_interval d = rollout_difference(s);
    memset(out, 0, sizeof *out);
    if (rollout_must_go_undecided(rollout_at(s, s->stage), &d))
        rollout_go(s, KEDGE_ROLLOUT_UNDECIDED, out);
    else
        rollout_pass(s, KEDGE_ROLLOUT_UNDECIDED, out);
}

kedge_status kedge_rollout_read(const kedge_control *c, kedge_rollout_report *out)
{
    KEDGE_TRY(kedge_i_control_is(c, &kedge_rollout));
    const rollout_state *s = c->state;
    if (!out)
        return KEDGE_ERR_NULL;
    rollout_interval d = rollout_difference(s);
    out->version = s->version;
    out->begun_ns = s->begun_ns;
    out->entered_ns = s->entered_ns;
    out->n_pairs = (uint64_t)s->pairs.n;
    out->n_champion = (uint64_t)s->champion.n;
    out->n_challenger = (uint64_t)s->challenger.n;
    out->loss_champion = s->champion.n > 0.0 ? rollout_own(s, &s->champion).mean : (double)NAN;
    out->loss_challenger = s->challenger.n > 0.0 ? rollout_own(s, &s->challenger).mean : (double)NAN;
    out->low = d.low;
    out->high = d.high;
    out->n_begun = s->n_begun;
    out->n_finished = s->n_finished;
    out->n_rolled_back = s->n_rolled_back;
    out->approver = s->approver;
    out->stage = s->stage;
    out->stage_kind = s->phase == ROLLOUT_IDLE ? 0 : rollout_at(s, s->stage)->kind;
    out->is_asking = s->phase == ROLLOUT_ASKING;
    out->is_judged = s->verdict == ROLLOUT_GOOD;
    out->is_serving = s->phase == ROLLOUT_RUNNING && s->stage + 1 == s->n_stages;
    out->reserved = 0;
    return KEDGE_OK;
}
