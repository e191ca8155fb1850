/* SPDX-License-Identifier: MIT */
/* Which trigger's call is answered, what holds calls back, and what a training's end leaves. The back-off after trainings in vain
 * is the usual exponential one, with a bound. Cost: O(triggers). */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "pipeline/triggers_state.h"

#include "base/check.h"
#include "base/number.h"
#include "pipeline/controls.h"

/* Why any call waits. */
static uint32_t triggers_held(const triggers_state *s, const kedge_i_trigger_clock *clock)
{
    const uint64_t *starts = kedge_i_at_const(s, s->at_starts);
    uint32_t held = s->is_busy ? KEDGE_HELD_BUSY : 0;
    if (clock->now_ns < s->cool_until_ns || clock->n_rows < s->cool_until_row)
        held |= KEDGE_HELD_COOL;
    if (s->budget > 0 && s->n_started >= s->budget && clock->now_ns - starts[s->n_started % s->budget] < s->budget_ns)
        held |= KEDGE_HELD_BUDGET;
    return held;
}

/* Why this one's call waits for rows. */
static uint32_t triggers_held_for_rows(const kedge_i_trigger *t, const kedge_i_trigger_clock *clock)
{
    uint64_t since = t->is_calling ? t->since_row : clock->n_rows;
    int is_short = clock->n_rows - clock->started_row < t->least_rows || clock->n_rows - since < t->delay_rows;
    return is_short ? KEDGE_HELD_ROWS : 0;
}

/* One that need not wait comes before those that must; then priority, then place. */
static int triggers_comes_before(const kedge_i_trigger *t, uint32_t held, const kedge_i_trigger *best, uint32_t best_held)
{
    if (!best || (held == 0) != (best_held == 0))
        return !best || held == 0;
    return t->priority > best->priority;
}

static kedge_status triggers_ask(const triggers_state *s, const kedge_i_trigger_clock *clock, kedge_triggers_call *out)
{
    const kedge_i_trigger *best = NULL;
    uint32_t of_all = triggers_held(s, clock);
    memset(out, 0, sizeof *out);
    out->trigger = UINT32_MAX;
    out->new_rows = clock->n_rows - clock->started_row;
    for (uint32_t i = 0; i < s->n_triggers; i++) {
        const kedge_i_trigger *t = triggers_at_const(s, i);
        if (!t->is_calling && !kedge_i_trigger_is_reached(t, clock))
            continue;
        out->n_calling++;
        uint32_t held = of_all | triggers_held_for_rows(t, clock);
        if (!triggers_comes_before(t, held, best, out->held))
            continue;
        best = t;
        out->trigger = i;
        out->held = held;
    }
    if (!best)
        return KEDGE_EMPTY;
    kedge_i_trigger_describe(best, clock, out);
    return out->held ? KEDGE_EMPTY : KEDGE_OK;
}

kedge_status kedge_triggers_due(const kedge_control *c, uint64_t now_ns, kedge_triggers_call *out)
{
    kedge_i_trigger_clock clock;
    if (!out)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_i_triggers_look(c, now_ns, 0, &clock));
    const triggers_state *s = c->state;
    if (s->is_begun)
        return triggers_ask(s, &clock, out);
    memset(out, 0, sizeof *out);
    out->trigger = UINT32_MAX;
    return KEDGE_EMPTY;
}

static void triggers_answer(triggers_state *s, uint32_t reason)
{
    uint64_t *starts = kedge_i_at(s, s->at_starts);
    if (s->budget > 0)
        starts[s->n_started % s->budget] = s->clock.now_ns;
    for (uint32_t i = 0; i < s->n_triggers; i++)
        kedge_i_trigger_answer(triggers_at(s, i));
    triggers_at(s, reason)->n_started++;
    s->n_started++;
    s->is_busy = 1;
    s->clock.started_ns = s->clock.now_ns;
    s->clock.started_row = s->clock.n_rows;
}

kedge_status kedge_triggers_start(kedge_control *c, uint64_t now_ns, kedge_triggers_call *out)
{
    kedge_i_trigger_clock clock;
    if (!out)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_i_triggers_look(c, now_ns, 0, &clock));
    triggers_state *s = c->state;
    kedge_i_triggers_tick(s, &clock);
    kedge_status st = triggers_ask(s, &clock, out);
    if (st == KEDGE_OK && s->n_started >= KEDGE_I_COUNT_MAX)
        return KEDGE_ERR_RANGE;
    if (st == KEDGE_OK)
        triggers_answer(s, out->trigger);
    return st;
}

/* A wait that grows with the trainings in vain, and the moment at which it ends; at most 2^62 long. */
static uint64_t triggers_cool(const triggers_state *s, uint64_t wait, uint64_t from)
{
    if (wait == 0)
        return 0;
    double times = 1.0;
    for (uint32_t i = 0; i < s->in_vain && times < s->backoff_max && s->backoff > 1.0; i++)
        times *= s->backoff;
    double longest = (double)wait * fmin(times, s->backoff_max);
    return from + (longest < (double)KEDGE_I_COUNT_MAX ? (uint64_t)longest : KEDGE_I_COUNT_MAX);
}

kedge_status kedge_triggers_end(kedge_control *c, uint64_t now_ns, uint32_t outcome)
{
    kedge_i_trigger_clock clock;
    KEDGE_TRY(kedge_i_triggers_look(c, now_ns, 0, &clock));
    triggers_state *s = c->state;
    int was_promoted = outcome == KEDGE_OUTCOME_PROMOTED, is_rollback = outcome == KEDGE_OUTCOME_ROLLED_BACK;
    if (!kedge_i_u32_within(outcome, KEDGE_OUTCOME_PROMOTED, KEDGE_OUTCOME_ROLLED_BACK))
        return KEDGE_ERR_RANGE;
    if (!s->is_busy && !(is_rollback && s->last_outcome == KEDGE_OUTCOME_PROMOTED))
        return KEDGE_ERR_STATE;
    kedge_i_triggers_tick(s, &clock);
    s->clock.promoted_row = was_promoted ? clock.n_rows : clock.promoted_row;
    for (uint32_t i = 0; i < s->n_triggers; i++)
        kedge_i_trigger_settle(triggers_at(s, i), &clock, was_promoted);
    s->in_vain = was_promoted ? 0 : s->in_vain + (s->in_vain < 1u << 30);
    s->cool_until_ns = triggers_cool(s, s->cool_ns, now_ns);
    s->cool_until_row = triggers_cool(s, s->cool_rows, clock.n_rows);
    s->n_outcomes[outcome - 1]++;
    s->last_outcome = outcome;
    s->is_busy = 0;
    return KEDGE_OK;
}

int kedge_i_triggers_waits_for_end(const kedge_control *c, const kedge_triggers_call *call)
{
    const triggers_state *s = c->state;
    return call->held == KEDGE_HELD_BUSY && s->cool_ns == 0 && s->cool_rows == 0;
}

/* The cool-down counts from the beginning of the training here: the world that it was for has ended since. */
int kedge_i_triggers_may_overtake(const kedge_control *c, uint64_t now_ns, const kedge_triggers_call *call)
{
    const triggers_state *s = c->state;
    return call->held == KEDGE_HELD_BUSY && call->new_rows >= s->cool_rows && now_ns - s->clock.started_ns >= s->cool_ns;
}

void kedge_i_triggers_overtaken(kedge_control *c)
{
    triggers_state *s = c->state;
    s->cool_until_ns = s->cool_until_row = 0;
}

void kedge_i_triggers_settled(kedge_control *c, uint32_t source)
{
    triggers_state *s = c->state;
    for (uint32_t i = 0; i < s->n_triggers; i++)
        if (triggers_at(s, i)->kind == KEDGE_TRIGGER_SIGNAL && triggers_at(s, i)->source == source)
            triggers_at(s, i)->retry_row = 0;
}
