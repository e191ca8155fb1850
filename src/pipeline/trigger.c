/* SPDX-License-Identifier: MIT */
/* One reason to train. What depends on rows and time alone is a pure question (kedge_i_trigger_is_reached), so that asking whether
 * a training is due need not change anything; figures and signals leave marks when they are told. */
#include "base/fp.h"

#include <string.h>

#include "pipeline/trigger.h"

#include "base/arena.h"
#include "base/number.h"
#include "base/object.h"

enum { TRIGGER_PATIENCE_MAX = 1 << 20 };

#define TRIGGER_FIELD(member, type) KEDGE_PARAM(kedge_i_trigger, member, type)
#define TRIGGER_MARK(member, type) KEDGE_VALUE(kedge_i_trigger, member, type)

static const kedge_field trigger_fields[] = {
    TRIGGER_FIELD(kind, KEDGE_TYPE_U32),       TRIGGER_FIELD(source, KEDGE_TYPE_U32),     TRIGGER_FIELD(priority, KEDGE_TYPE_U32),
    TRIGGER_FIELD(patience, KEDGE_TYPE_U32),   TRIGGER_FIELD(limit, KEDGE_TYPE_F64),      TRIGGER_FIELD(release, KEDGE_TYPE_F64),
    TRIGGER_FIELD(every, KEDGE_TYPE_U64),      TRIGGER_FIELD(offset_ns, KEDGE_TYPE_U64),  TRIGGER_FIELD(least_rows, KEDGE_TYPE_U64),
    TRIGGER_FIELD(delay_rows, KEDGE_TYPE_U64), TRIGGER_FIELD(again_rows, KEDGE_TYPE_U64), TRIGGER_MARK(is_calling, KEDGE_TYPE_U32),
    TRIGGER_MARK(has_called, KEDGE_TYPE_U32),  TRIGGER_MARK(n_beyond, KEDGE_TYPE_U32),    TRIGGER_MARK(code, KEDGE_TYPE_U32),
    TRIGGER_MARK(is_answered, KEDGE_TYPE_U32), TRIGGER_MARK(value, KEDGE_TYPE_F64),       TRIGGER_MARK(since_ns, KEDGE_TYPE_U64),
    TRIGGER_MARK(since_row, KEDGE_TYPE_U64),   TRIGGER_MARK(slot, KEDGE_TYPE_U64),        TRIGGER_MARK(retry_row, KEDGE_TYPE_U64),
    TRIGGER_MARK(n_calls, KEDGE_TYPE_U64),     TRIGGER_MARK(n_started, KEDGE_TYPE_U64),
};

static void trigger_defaults(void *config)
{
    static const kedge_trigger init = KEDGE_TRIGGER_INIT;
    kedge_i_trigger_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->cls = &kedge_i_trigger_class;
    cfg->config_bytes = sizeof *cfg;
    cfg->trigger = init;
}

static void trigger_configure(const void *config, void *fixed)
{
    const kedge_trigger *from = &((const kedge_i_trigger_config *)config)->trigger;
    kedge_i_trigger *t = fixed;
    t->kind = from->kind;
    t->source = from->source;
    t->priority = from->priority;
    t->patience = from->patience;
    t->limit = from->limit;
    t->release = from->release;
    t->every = from->every;
    t->offset_ns = from->offset_ns;
    t->least_rows = from->least_rows;
    t->delay_rows = from->delay_rows;
    t->again_rows = from->again_rows;
}

static int trigger_limits_are_valid(const kedge_i_trigger *t)
{
    if (t->kind == KEDGE_TRIGGER_SIGNAL)
        return t->limit == KEDGE_WARNING || t->limit == KEDGE_DRIFT;
    if (!kedge_i_finite(t->limit) || !kedge_i_finite(t->release))
        return 0;
    if (t->kind == KEDGE_TRIGGER_FLOOR)
        return t->release >= t->limit;
    return t->kind != KEDGE_TRIGGER_CEILING || t->release <= t->limit;
}

static int trigger_valid(const void *fixed)
{
    const kedge_i_trigger *t = fixed;
    if (!kedge_i_u32_within(t->kind, KEDGE_TRIGGER_DEMAND, KEDGE_TRIGGER_SIGNAL) || !trigger_limits_are_valid(t))
        return 0;
    if (!kedge_i_u32_within(t->patience, 1, TRIGGER_PATIENCE_MAX) || t->every < 1 || t->every > KEDGE_I_COUNT_MAX)
        return 0;
    if (t->kind == KEDGE_TRIGGER_SCHEDULE && t->offset_ns >= t->every)
        return 0;
    return t->least_rows <= KEDGE_I_COUNT_MAX && t->delay_rows <= KEDGE_I_COUNT_MAX && t->again_rows <= KEDGE_I_COUNT_MAX;
}

int kedge_i_trigger_valid(const kedge_trigger *trigger)
{
    kedge_i_trigger_config cfg;
    kedge_i_fixed fixed;
    trigger_defaults(&cfg);
    cfg.trigger = *trigger;
    memset(&fixed, 0, sizeof fixed);
    trigger_configure(&cfg, &fixed);
    return trigger_valid(&fixed);
}

static size_t trigger_layout(void *fixed)
{
    (void)fixed;
    return sizeof(kedge_i_trigger);
}

static int trigger_check(const void *state)
{
    const kedge_i_trigger *t = state;
    if (t->is_calling > 1 || t->has_called > 1 || t->is_answered > 1 || t->n_beyond > t->patience || t->reserved != 0)
        return 0;
    if (t->since_ns > KEDGE_I_COUNT_MAX || t->since_row > KEDGE_I_COUNT_MAX || t->slot > KEDGE_I_COUNT_MAX)
        return 0;
    if (!kedge_i_finite(t->value) || t->n_calls > KEDGE_I_COUNT_MAX || t->n_started > t->n_calls ||
        t->retry_row > 2 * KEDGE_I_COUNT_MAX)
        return 0;
    if (t->has_called && !kedge_i_trigger_is_figure(t))
        return 0;
    if (t->is_calling > t->n_calls - t->n_started) /* a call is answered once */
        return 0;
    return t->n_calls > 0 || (!t->is_calling && !t->has_called && !t->is_answered);
}

/* Periods of a schedule that have begun by then. */
static uint64_t trigger_slot(const kedge_i_trigger *t, uint64_t now_ns)
{
    return now_ns < t->offset_ns ? 0 : 1 + (now_ns - t->offset_ns) / t->every;
}

int kedge_i_trigger_is_reached(const kedge_i_trigger *t, const kedge_i_trigger_clock *clock)
{
    switch (t->kind) {
    case KEDGE_TRIGGER_SCHEDULE:
        return trigger_slot(t, clock->now_ns) > t->slot;
    case KEDGE_TRIGGER_ROWS:
        return clock->n_rows - clock->started_row >= t->every;
    case KEDGE_TRIGGER_AGE:
        return clock->now_ns - clock->started_ns >= t->every;
    case KEDGE_TRIGGER_SIGNAL:
        return t->retry_row > 0 && clock->n_rows >= t->retry_row;
    default:
        return 0;
    }
}

/* What is told of a trigger that begins to call. */
static double trigger_value(const kedge_i_trigger *t, const kedge_i_trigger_clock *clock)
{
    switch (t->kind) {
    case KEDGE_TRIGGER_SCHEDULE:
        return (double)clock->now_ns;
    case KEDGE_TRIGGER_ROWS:
        return (double)(clock->n_rows - clock->started_row);
    case KEDGE_TRIGGER_AGE:
        return (double)(clock->now_ns - clock->started_ns);
    default:
        return t->value;
    }
}

static void trigger_call(kedge_i_trigger *t, const kedge_i_trigger_clock *clock, double value)
{
    if (t->is_calling || t->n_calls >= KEDGE_I_COUNT_MAX)
        return;
    t->is_calling = 1;
    t->value = value;
    t->since_ns = clock->now_ns;
    t->since_row = clock->n_rows;
    t->n_calls++;
}

void kedge_i_trigger_describe(const kedge_i_trigger *t, const kedge_i_trigger_clock *clock, kedge_triggers_call *out)
{
    int is_timed = t->kind == KEDGE_TRIGGER_SCHEDULE || t->kind == KEDGE_TRIGGER_ROWS || t->kind == KEDGE_TRIGGER_AGE;
    out->kind = t->kind;
    out->source = t->source;
    memcpy(&out->code, &t->code, sizeof out->code);
    out->value = t->is_calling ? t->value : trigger_value(t, clock);
    out->limit = is_timed ? (double)t->every : t->limit;
    out->since_ns = t->is_calling ? t->since_ns : clock->now_ns;
    out->since_row = t->is_calling ? t->since_row : clock->n_rows;
}

/* Periods before the first time that is told are nobody's. */
void kedge_i_trigger_first(kedge_i_trigger *t, uint64_t now_ns)
{
    if (t->kind == KEDGE_TRIGGER_SCHEDULE)
        t->slot = trigger_slot(t, now_ns);
}

void kedge_i_trigger_tick(kedge_i_trigger *t, const kedge_i_trigger_clock *clock)
{
    if (!kedge_i_trigger_is_reached(t, clock))
        return;
    trigger_call(t, clock, trigger_value(t, clock));
    t->retry_row = 0;
    if (t->kind == KEDGE_TRIGGER_SCHEDULE)
        t->slot = trigger_slot(t, clock->now_ns);
}

static void trigger_count(kedge_i_trigger *t, int is_beyond)
{
    t->n_beyond = is_beyond ? t->n_beyond + (t->n_beyond < t->patience) : 0;
}

static void trigger_release(kedge_i_trigger *t)
{
    t->has_called = 0;
    t->is_calling = 0;
}

void kedge_i_trigger_figure(kedge_i_trigger *t, const kedge_i_trigger_clock *clock, double value)
{
    int is_floor = t->kind == KEDGE_TRIGGER_FLOOR;
    trigger_count(t, is_floor ? value < t->limit : value > t->limit);
    if (is_floor ? value >= t->release : value <= t->release)
        trigger_release(t);
    if (t->again_rows > 0 && !t->is_answered && clock->n_rows - clock->promoted_row >= t->again_rows)
        t->has_called = t->is_calling;
    if (t->n_beyond < t->patience || t->has_called)
        return;
    trigger_call(t, clock, value);
    t->has_called = t->is_calling;
}

void kedge_i_trigger_signal(kedge_i_trigger *t, const kedge_i_trigger_clock *clock, kedge_status status)
{
    trigger_count(t, (double)status >= t->limit);
    if (t->n_beyond < t->patience)
        return;
    t->n_beyond = 0;
    t->code = (uint32_t)status;
    trigger_call(t, clock, (double)status);
}

void kedge_i_trigger_demand(kedge_i_trigger *t, const kedge_i_trigger_clock *clock, int32_t code)
{
    t->code = (uint32_t)code;
    trigger_call(t, clock, 0.0);
}

void kedge_i_trigger_answer(kedge_i_trigger *t)
{
    t->is_answered = t->is_calling;
    t->is_calling = 0;
    t->retry_row = 0;
}

/* A training in vain leaves its reason standing: a figure may call again, a signal does after a while. */
void kedge_i_trigger_settle(kedge_i_trigger *t, const kedge_i_trigger_clock *clock, int was_promoted)
{
    if (!was_promoted && t->is_answered) {
        t->has_called = 0;
        t->n_beyond = 0;
        if (t->kind == KEDGE_TRIGGER_SIGNAL && t->again_rows > 0)
            t->retry_row = clock->n_rows + t->again_rows;
    }
    t->is_answered = 0;
}

const char *kedge_trigger_string(uint32_t kind)
{
    static const char *const words[] = {"none", "demand", "schedule", "rows", "age", "floor", "ceiling", "signal"};
    return kind < sizeof words / sizeof *words ? words[kind] : "unknown";
}

const kedge_class kedge_i_trigger_class = {
    .abi = KEDGE_CLASS_ABI,
    .noun = KEDGE_NOUN_CONTROL,
    .version = 1,
    .name = "trigger",
    .fixed_bytes = sizeof(kedge_i_trigger),
    .config_bytes = sizeof(kedge_i_trigger_config),
    .n_fields = sizeof trigger_fields / sizeof *trigger_fields,
    .fields = trigger_fields,
    .defaults = trigger_defaults,
    .configure = trigger_configure,
    .valid = trigger_valid,
    .layout = trigger_layout,
    .check = trigger_check,
};
