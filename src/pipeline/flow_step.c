/* SPDX-License-Identifier: MIT */
/* One step of a flow: its parameters and where it stands, as an object, so that the list is part of the flow's snapshot. */
#include "base/fp.h"

#include <string.h>

#include "pipeline/flow_state.h"

#include "base/bytes.h"
#include "base/number.h"
#include "base/object.h"

enum { FLOW_STEP_RETRIES_MAX = 1000 };

#define FLOW_STEP_PARAM(member, type) KEDGE_PARAM(kedge_i_flow_step, member, type)
#define FLOW_STEP_VALUE(member, type) KEDGE_VALUE(kedge_i_flow_step, member, type)
#define FLOW_STEP_HASH(member) KEDGE_VALUES(kedge_i_flow_step, member, KEDGE_HASH_BYTES, KEDGE_TYPE_U8)

static const kedge_field flow_step_fields[] = {
    FLOW_STEP_PARAM(name[0], KEDGE_TYPE_U64),     FLOW_STEP_PARAM(name[1], KEDGE_TYPE_U64),
    FLOW_STEP_PARAM(settings[0], KEDGE_TYPE_U64), FLOW_STEP_PARAM(settings[1], KEDGE_TYPE_U64),
    FLOW_STEP_PARAM(settings[2], KEDGE_TYPE_U64), FLOW_STEP_PARAM(settings[3], KEDGE_TYPE_U64),
    FLOW_STEP_PARAM(needs, KEDGE_TYPE_U32),       FLOW_STEP_PARAM(max_retries, KEDGE_TYPE_U32),
    FLOW_STEP_PARAM(retry_ns, KEDGE_TYPE_U64),    FLOW_STEP_PARAM(timeout_ns, KEDGE_TYPE_U64),
    FLOW_STEP_PARAM(is_once, KEDGE_TYPE_U32),     FLOW_STEP_PARAM(always_runs, KEDGE_TYPE_U32),
    FLOW_STEP_VALUE(state, KEDGE_TYPE_U32),       FLOW_STEP_VALUE(n_failed, KEDGE_TYPE_U32),
    FLOW_STEP_VALUE(n_timeouts, KEDGE_TYPE_U32),  FLOW_STEP_VALUE(code, KEDGE_TYPE_U32),
    FLOW_STEP_VALUE(has_output, KEDGE_TYPE_U32),  FLOW_STEP_VALUE(is_intended, KEDGE_TYPE_U32),
    FLOW_STEP_VALUE(is_forgotten, KEDGE_TYPE_U32), FLOW_STEP_VALUE(attempt, KEDGE_TYPE_U64),
    FLOW_STEP_VALUE(retry_at_ns, KEDGE_TYPE_U64), FLOW_STEP_VALUE(first_ns, KEDGE_TYPE_U64),
    FLOW_STEP_VALUE(started_ns, KEDGE_TYPE_U64),  FLOW_STEP_VALUE(ended_ns, KEDGE_TYPE_U64),
    FLOW_STEP_VALUE(artifact, KEDGE_TYPE_U64),    FLOW_STEP_VALUE(n_done, KEDGE_TYPE_U64),
    FLOW_STEP_VALUE(n_skipped, KEDGE_TYPE_U64),
    FLOW_STEP_HASH(config),                       FLOW_STEP_HASH(input),
    FLOW_STEP_HASH(output),                       FLOW_STEP_HASH(key),
};

static void flow_step_defaults(void *config)
{
    static const kedge_flow_step init = KEDGE_FLOW_STEP_INIT;
    kedge_i_flow_step_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->cls = &kedge_i_flow_step_class;
    cfg->config_bytes = sizeof *cfg;
    cfg->step = init;
}

/* A name without an ending zero keeps its last byte, and is refused for it. */
static void flow_step_configure(const void *config, void *fixed)
{
    const kedge_flow_step *from = &((const kedge_i_flow_step_config *)config)->step;
    unsigned char name[KEDGE_FLOW_NAME_BYTES] = {0};
    kedge_i_flow_step *t = fixed;
    for (uint32_t i = 0; i < KEDGE_FLOW_NAME_BYTES && from->name[i]; i++)
        name[i] = (unsigned char)from->name[i];
    for (uint32_t i = 0; i < 2; i++)
        t->name[i] = kedge_i_get(name + 8u * i, 8);
    for (uint32_t i = 0; i < 4; i++)
        t->settings[i] = kedge_i_get(from->config_digest + 8u * i, 8);
    t->needs = from->needs;
    t->max_retries = from->max_retries;
    t->retry_ns = from->retry_ns;
    t->timeout_ns = from->timeout_ns;
    t->is_once = from->is_once;
    t->always_runs = from->always_runs;
}

/* 1 to 15 bytes, then zeros. */
static int flow_step_name_is_valid(const kedge_i_flow_step *t)
{
    unsigned char name[KEDGE_FLOW_NAME_BYTES];
    uint32_t n = 0;
    for (uint32_t i = 0; i < 2; i++)
        kedge_i_put(name + 8u * i, t->name[i], 8);
    for (uint32_t i = 0; i < KEDGE_FLOW_NAME_BYTES; i++)
        if (name[i])
            n = n == i ? i + 1 : KEDGE_FLOW_NAME_BYTES;
    return kedge_i_u32_within(n, 1, KEDGE_FLOW_NAME_BYTES - 1);
}

static int flow_step_valid(const void *fixed)
{
    const kedge_i_flow_step *t = fixed;
    if (!flow_step_name_is_valid(t) || t->max_retries > FLOW_STEP_RETRIES_MAX || t->is_once > 1 || t->always_runs > 1)
        return 0;
    return t->retry_ns <= KEDGE_I_COUNT_MAX && t->timeout_ns <= KEDGE_I_COUNT_MAX;
}

int kedge_i_flow_step_valid(const kedge_flow_step *step)
{
    kedge_i_flow_step_config cfg;
    kedge_i_fixed fixed;
    flow_step_defaults(&cfg);
    cfg.step = *step;
    memset(&fixed, 0, sizeof fixed);
    flow_step_configure(&cfg, &fixed);
    return flow_step_valid(&fixed);
}

static size_t flow_step_layout(void *fixed)
{
    (void)fixed;
    return sizeof(kedge_i_flow_step);
}

static void flow_step_start(void *state)
{
    kedge_i_flow_step *t = state;
    for (uint32_t i = 0; i < 4; i++)
        kedge_i_put(t->config + 8u * i, t->settings[i], 8);
}

static int flow_step_times_are_sound(const kedge_i_flow_step *t)
{
    if (t->retry_at_ns > 2 * KEDGE_I_COUNT_MAX || t->started_ns > KEDGE_I_COUNT_MAX || t->first_ns > t->started_ns)
        return 0;
    if (t->ended_ns > KEDGE_I_COUNT_MAX || (t->attempt == 0 && t->started_ns != 0))
        return 0;
    return kedge_i_flow_step_has_ended(t) ? t->ended_ns >= t->started_ns : t->ended_ns == 0;
}

/* What a state says of the counters. */
static int flow_step_state_is_sound(const kedge_i_flow_step *t)
{
    switch (t->state) {
    case KEDGE_STEP_IDLE:
        return t->attempt == 0;
    case KEDGE_STEP_WAITING:
        return !t->is_intended && t->n_failed <= t->max_retries;
    case KEDGE_STEP_RUNNING:
        return t->attempt > 0 && t->n_failed <= t->max_retries;
    case KEDGE_STEP_UNSURE:
        return t->attempt > 0 && t->is_intended;
    case KEDGE_STEP_DONE:
        return t->attempt > 0 && t->has_output && t->is_intended == t->is_once;
    case KEDGE_STEP_SKIPPED:
        return t->has_output && !t->is_intended && !t->always_runs;
    case KEDGE_STEP_FAILED:
        return t->n_failed > t->max_retries && !t->is_intended;
    default:
        return !t->is_intended;
    }
}

static int flow_step_check(const void *state)
{
    const kedge_i_flow_step *t = state;
    if (t->state > KEDGE_STEP_CANCELLED || t->has_output > 1 || t->is_intended > t->is_once || t->attempt > KEDGE_I_COUNT_MAX)
        return 0;
    if (t->n_failed > t->max_retries + 1 || t->n_failed > t->attempt || t->n_timeouts > t->n_failed ||
        (t->has_output && t->n_done == 0))
        return 0;
    if (t->is_forgotten > 1 || t->reserved != 0 || t->n_done > KEDGE_I_COUNT_MAX || t->n_skipped > KEDGE_I_COUNT_MAX)
        return 0;
    return flow_step_times_are_sound(t) && flow_step_state_is_sound(t);
}

const kedge_class kedge_i_flow_step_class = {
    .abi = KEDGE_CLASS_ABI,
    .noun = KEDGE_NOUN_CONTROL,
    .version = 1,
    .name = "flow_step",
    .fixed_bytes = sizeof(kedge_i_flow_step),
    .config_bytes = sizeof(kedge_i_flow_step_config),
    .n_fields = sizeof flow_step_fields / sizeof *flow_step_fields,
    .fields = flow_step_fields,
    .defaults = flow_step_defaults,
    .configure = flow_step_configure,
    .valid = flow_step_valid,
    .layout = flow_step_layout,
    .start = flow_step_start,
    .check = flow_step_check,
};
