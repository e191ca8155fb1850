/* SPDX-License-Identifier: MIT */
/* The list of triggers: what it is told goes to those that watch for it. Cost: O(triggers). */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "pipeline/triggers_state.h"

#include "base/check.h"
#include "base/number.h"
#include "base/object.h"
#include "pipeline/controls.h"

enum { TRIGGERS_BUDGET_MAX = 4096 };

#define TRIGGERS_DAY_NS UINT64_C(86400000000000)

#define TRIGGERS_VALUE(member) KEDGE_VALUE(triggers_state, member, KEDGE_TYPE_U64)

static const kedge_field triggers_fields[] = {
    KEDGE_PARAM(triggers_state, budget, KEDGE_TYPE_U32),
    KEDGE_PARAM(triggers_state, budget_ns, KEDGE_TYPE_U64),
    KEDGE_PARAM(triggers_state, cool_ns, KEDGE_TYPE_U64),
    KEDGE_PARAM(triggers_state, cool_rows, KEDGE_TYPE_U64),
    KEDGE_PARAM(triggers_state, backoff, KEDGE_TYPE_F64),
    KEDGE_PARAM(triggers_state, backoff_max, KEDGE_TYPE_F64),
    KEDGE_PARAM(triggers_state, n_triggers, KEDGE_TYPE_U32),
    KEDGE_VALUE(triggers_state, is_begun, KEDGE_TYPE_U32),
    KEDGE_VALUE(triggers_state, is_busy, KEDGE_TYPE_U32),
    KEDGE_VALUE(triggers_state, in_vain, KEDGE_TYPE_U32),
    KEDGE_VALUE(triggers_state, last_outcome, KEDGE_TYPE_U32),
    TRIGGERS_VALUE(clock.now_ns),
    TRIGGERS_VALUE(clock.n_rows),
    TRIGGERS_VALUE(clock.started_ns),
    TRIGGERS_VALUE(clock.started_row),
    TRIGGERS_VALUE(clock.promoted_row),
    TRIGGERS_VALUE(cool_until_ns),
    TRIGGERS_VALUE(cool_until_row),
    KEDGE_VALUES(triggers_state, n_outcomes, 4, KEDGE_TYPE_U64),
    TRIGGERS_VALUE(n_started),
    KEDGE_ARRAY(triggers_state, at_starts, budget, KEDGE_TYPE_U64),
    KEDGE_PARTS(triggers_state, at_triggers, trigger_bytes, 0),
};

static const kedge_class *const triggers_parts[] = {&kedge_i_trigger_class};

static void triggers_defaults(void *config)
{
    kedge_triggers_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_triggers;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->budget_ns = TRIGGERS_DAY_NS;
    cfg->backoff = 2.0;
    cfg->backoff_max = 64.0;
}

kedge_status kedge_triggers_config_init(kedge_triggers_config *cfg, size_t cfg_bytes, const kedge_trigger *triggers,
                                        uint32_t n_triggers)
{
    KEDGE_TRY(kedge_class_defaults(&kedge_triggers.base, cfg, cfg_bytes, sizeof *cfg));
    cfg->triggers = triggers;
    cfg->n_triggers = n_triggers;
    return KEDGE_OK;
}

/* How many there are; 0, which is out of range, if one of them is no trigger. */
static uint32_t triggers_count(const kedge_triggers_config *cfg)
{
    if (!cfg->triggers || cfg->n_triggers > KEDGE_TRIGGERS_MAX)
        return 0;
    for (uint32_t i = 0; i < cfg->n_triggers; i++)
        if (!kedge_i_trigger_valid(&cfg->triggers[i]))
            return 0;
    return cfg->n_triggers;
}

static void triggers_configure(const void *config, void *fixed)
{
    const kedge_triggers_config *cfg = config;
    triggers_state *s = fixed;
    s->n_triggers = triggers_count(cfg);
    s->budget = cfg->budget;
    s->budget_ns = cfg->budget_ns;
    s->cool_ns = cfg->cool_ns;
    s->cool_rows = cfg->cool_rows;
    s->backoff = cfg->backoff;
    s->backoff_max = cfg->backoff_max;
}

static int triggers_valid(const void *fixed)
{
    const triggers_state *s = fixed;
    if (!kedge_i_u32_within(s->n_triggers, 1, KEDGE_TRIGGERS_MAX) || s->budget > TRIGGERS_BUDGET_MAX)
        return 0;
    if (s->budget_ns < 1 || s->budget_ns > KEDGE_I_COUNT_MAX || s->cool_ns > KEDGE_I_COUNT_MAX || s->cool_rows > KEDGE_I_COUNT_MAX)
        return 0;
    return kedge_i_within(s->backoff, 1.0, 100.0) && kedge_i_within(s->backoff_max, 1.0, 1e6);
}

static size_t triggers_layout(void *fixed)
{
    triggers_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->at_starts = kedge_i_arena_take(&arena, s->budget, sizeof(uint64_t));
    s->trigger_bytes = sizeof(kedge_i_trigger);
    s->at_triggers = kedge_i_arena_take(&arena, s->n_triggers, sizeof(kedge_i_trigger));
    return kedge_i_arena_end(&arena);
}

static void triggers_begin_parts(const kedge_class *cls, const void *config, void *state)
{
    const kedge_triggers_config *cfg = config;
    triggers_state *s = state;
    (void)cls;
    for (uint32_t i = 0; i < s->n_triggers; i++) {
        kedge_i_trigger_config one;
        kedge_i_trigger_class.defaults(&one);
        one.trigger = cfg->triggers[i];
        kedge_status st = kedge_i_object_init(&kedge_i_trigger_class, &one, sizeof one, triggers_at(s, i), sizeof(kedge_i_trigger));
        KEDGE_ASSERT(st == KEDGE_OK);
        (void)st;
    }
}

/* No mark may lie in the future of the clock: differences are taken without a look. */
static int triggers_clock_is_sound(const triggers_state *s)
{
    const kedge_i_trigger_clock *c = &s->clock;
    if (c->now_ns > KEDGE_I_COUNT_MAX || c->n_rows > KEDGE_I_COUNT_MAX || c->started_ns > c->now_ns || c->started_row > c->n_rows)
        return 0;
    return c->promoted_row <= c->n_rows && s->cool_until_ns <= 2 * KEDGE_I_COUNT_MAX && s->cool_until_row <= 2 * KEDGE_I_COUNT_MAX;
}

static int triggers_starts_are_sound(const triggers_state *s)
{
    const uint64_t *starts = kedge_i_at_const(s, s->at_starts);
    for (uint32_t i = 0; i < s->budget; i++)
        if (starts[i] > s->clock.now_ns || (i >= s->n_started && starts[i] != 0))
            return 0;
    return 1;
}

static int triggers_check(const void *state)
{
    const triggers_state *s = state;
    uint64_t n_ended = 0, n_started = 0;
    if (s->is_begun > 1 || s->is_busy > 1 || s->in_vain > 1u << 30 || s->last_outcome > KEDGE_OUTCOME_ROLLED_BACK ||
        s->reserved != 0)
        return 0;
    if (!triggers_clock_is_sound(s) || !triggers_starts_are_sound(s) || s->n_started > KEDGE_I_COUNT_MAX)
        return 0;
    for (uint32_t i = 0; i < 3; i++) { /* a rollback follows a promotion or comes alone */
        if (s->n_outcomes[i] > s->n_started - n_ended)
            return 0;
        n_ended += s->n_outcomes[i];
    }
    if (s->n_outcomes[3] > s->n_started || (s->n_started == 0 && s->last_outcome != 0) || n_ended > s->n_started - s->is_busy)
        return 0;
    for (uint32_t i = 0; i < s->n_triggers; i++) {
        const kedge_i_trigger *t = triggers_at_const(s, i);
        if (t->n_started > s->n_started - n_started || t->since_ns > s->clock.now_ns || t->since_row > s->clock.n_rows)
            return 0;
        n_started += t->n_started;
    }
    return n_started == s->n_started && (s->is_begun || (s->clock.now_ns == 0 && s->clock.n_rows == 0 && s->n_started == 0));
}

kedge_status kedge_i_triggers_look(const kedge_control *c, uint64_t now_ns, uint64_t n, kedge_i_trigger_clock *out)
{
    KEDGE_TRY(kedge_i_control_is(c, &kedge_triggers));
    const triggers_state *s = c->state;
    if (now_ns < s->clock.now_ns || now_ns > KEDGE_I_COUNT_MAX || n > KEDGE_I_COUNT_MAX - s->clock.n_rows)
        return KEDGE_ERR_RANGE;
    *out = s->clock;
    out->now_ns = now_ns;
    out->n_rows += n;
    if (!s->is_begun)
        out->started_ns = now_ns;
    return KEDGE_OK;
}

void kedge_i_triggers_tick(triggers_state *s, const kedge_i_trigger_clock *clock)
{
    for (uint32_t i = 0; i < s->n_triggers; i++) {
        if (!s->is_begun)
            kedge_i_trigger_first(triggers_at(s, i), clock->now_ns);
        kedge_i_trigger_tick(triggers_at(s, i), clock);
    }
    s->clock = *clock;
    s->is_begun = 1;
}

kedge_status kedge_triggers_rows(kedge_control *c, uint64_t now_ns, uint64_t n)
{
    kedge_i_trigger_clock clock;
    KEDGE_TRY(kedge_i_triggers_look(c, now_ns, n, &clock));
    kedge_i_triggers_tick(c->state, &clock);
    return KEDGE_OK;
}

/* Does somebody watch this? */
static int triggers_watch(const triggers_state *s, uint32_t source, int is_signal)
{
    for (uint32_t i = 0; i < s->n_triggers; i++) {
        const kedge_i_trigger *t = triggers_at_const(s, i);
        if (t->source == source && (is_signal ? t->kind == KEDGE_TRIGGER_SIGNAL : kedge_i_trigger_is_figure(t)))
            return 1;
    }
    return 0;
}

kedge_status kedge_triggers_figure(kedge_control *c, uint64_t now_ns, uint32_t source, double value)
{
    kedge_i_trigger_clock clock;
    KEDGE_TRY(kedge_i_triggers_look(c, now_ns, 0, &clock));
    triggers_state *s = c->state;
    if (!isnan(value) && !kedge_i_finite(value))
        return KEDGE_ERR_NOT_FINITE;
    if (!triggers_watch(s, source, 0))
        return KEDGE_ERR_UNKNOWN;
    kedge_i_triggers_tick(s, &clock);
    for (uint32_t i = 0; i < s->n_triggers && !isnan(value); i++) {
        kedge_i_trigger *t = triggers_at(s, i);
        if (t->source == source && kedge_i_trigger_is_figure(t))
            kedge_i_trigger_figure(t, &clock, value);
    }
    return KEDGE_OK;
}

kedge_status kedge_triggers_signal(kedge_control *c, uint64_t now_ns, uint32_t source, kedge_status status)
{
    kedge_i_trigger_clock clock;
    KEDGE_TRY(kedge_i_triggers_look(c, now_ns, 0, &clock));
    triggers_state *s = c->state;
    if (status < KEDGE_OK || status > KEDGE_DRIFT)
        return KEDGE_ERR_RANGE;
    if (!triggers_watch(s, source, 1))
        return KEDGE_ERR_UNKNOWN;
    kedge_i_triggers_tick(s, &clock);
    for (uint32_t i = 0; i < s->n_triggers; i++) {
        kedge_i_trigger *t = triggers_at(s, i);
        if (t->source == source && t->kind == KEDGE_TRIGGER_SIGNAL)
            kedge_i_trigger_signal(t, &clock, status);
    }
    return KEDGE_OK;
}

kedge_status kedge_triggers_demand(kedge_control *c, uint64_t now_ns, int32_t code)
{
    kedge_i_trigger_clock clock;
    int is_heard = 0;
    KEDGE_TRY(kedge_i_triggers_look(c, now_ns, 0, &clock));
    triggers_state *s = c->state;
    for (uint32_t i = 0; i < s->n_triggers; i++)
        is_heard |= triggers_at(s, i)->kind == KEDGE_TRIGGER_DEMAND;
    if (!is_heard)
        return KEDGE_ERR_UNSUPPORTED;
    kedge_i_triggers_tick(s, &clock);
    for (uint32_t i = 0; i < s->n_triggers; i++)
        if (triggers_at(s, i)->kind == KEDGE_TRIGGER_DEMAND)
            kedge_i_trigger_demand(triggers_at(s, i), &clock, code);
    return KEDGE_OK;
}

kedge_status kedge_triggers_read(const kedge_control *c, kedge_triggers_report *out)
{
    KEDGE_TRY(kedge_i_control_is(c, &kedge_triggers));
    const triggers_state *s = c->state;
    if (!out)
        return KEDGE_ERR_NULL;
    out->n_rows = s->clock.n_rows;
    out->n_started = s->n_started;
    out->n_promoted = s->n_outcomes[KEDGE_OUTCOME_PROMOTED - 1];
    out->n_refused = s->n_outcomes[KEDGE_OUTCOME_REFUSED - 1];
    out->n_failed = s->n_outcomes[KEDGE_OUTCOME_FAILED - 1];
    out->n_rolled_back = s->n_outcomes[KEDGE_OUTCOME_ROLLED_BACK - 1];
    out->started_ns = s->n_started > 0 ? s->clock.started_ns : 0;
    out->cool_until_ns = s->cool_until_ns;
    out->in_vain = s->in_vain;
    out->is_busy = s->is_busy;
    return KEDGE_OK;
}

kedge_status kedge_triggers_read_one(const kedge_control *c, uint32_t i, kedge_trigger_report *out)
{
    KEDGE_TRY(kedge_i_control_is(c, &kedge_triggers));
    const triggers_state *s = c->state;
    if (!out)
        return KEDGE_ERR_NULL;
    if (i >= s->n_triggers)
        return KEDGE_ERR_RANGE;
    const kedge_i_trigger *t = triggers_at_const(s, i);
    out->n_calls = t->n_calls;
    out->n_started = t->n_started;
    out->is_calling = t->is_calling;
    out->is_armed = !t->has_called;
    out->n_beyond = t->n_beyond;
    out->reserved = 0;
    return KEDGE_OK;
}

const kedge_control_class kedge_triggers = {
    .base = {
        .abi = KEDGE_CLASS_ABI,
        .noun = KEDGE_NOUN_CONTROL,
        .version = 1,
        .name = "triggers",
        .fixed_bytes = sizeof(triggers_state),
        .config_bytes = sizeof(kedge_triggers_config),
        .n_fields = sizeof triggers_fields / sizeof *triggers_fields,
        .fields = triggers_fields,
        .defaults = triggers_defaults,
        .configure = triggers_configure,
        .valid = triggers_valid,
        .layout = triggers_layout,
        .check = triggers_check,
        .parts = triggers_parts,
        .begin_parts = triggers_begin_parts,
    },
};
