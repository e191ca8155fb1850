/* SPDX-License-Identifier: MIT */
/* A flow of steps: its list, what must hold of it, and what can be read out. A step needs only steps before it, so one pass in the
 * order of the list is a pass in topological order. How a run goes is in flow_run.c. */
#include "base/fp.h"

#include <string.h>

#include "kedge/controls/flow.h"

#include "base/bytes.h"
#include "base/check.h"
#include "base/number.h"
#include "base/object.h"
#include "pipeline/flow_state.h"

#define FLOW_VALUE(member, type) KEDGE_VALUE(kedge_i_flow, member, type)

static const kedge_field flow_fields[] = {
    KEDGE_PARAM(kedge_i_flow, n_steps, KEDGE_TYPE_U32),
    FLOW_VALUE(state, KEDGE_TYPE_U32),
    FLOW_VALUE(is_cancelled, KEDGE_TYPE_U32),
    FLOW_VALUE(run, KEDGE_TYPE_U64),
    FLOW_VALUE(now_ns, KEDGE_TYPE_U64),
    FLOW_VALUE(began_ns, KEDGE_TYPE_U64),
    FLOW_VALUE(ended_ns, KEDGE_TYPE_U64),
    FLOW_VALUE(n_runs, KEDGE_TYPE_U64),
    KEDGE_VALUES(kedge_i_flow, n_ended, 3, KEDGE_TYPE_U64),
    KEDGE_PARTS(kedge_i_flow, at_steps, step_bytes, 0),
};

static const kedge_class *const flow_parts[] = {&kedge_i_flow_step_class};

static void flow_defaults(void *config)
{
    kedge_flow_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_flow;
    cfg->base.config_bytes = sizeof *cfg;
}

kedge_status kedge_flow_config_init(kedge_flow_config *cfg, size_t cfg_bytes, const kedge_flow_step *steps, uint32_t n_steps)
{
    KEDGE_TRY(kedge_class_defaults(&kedge_flow.base, cfg, cfg_bytes, sizeof *cfg));
    cfg->steps = steps;
    cfg->n_steps = n_steps;
    return KEDGE_OK;
}

static int flow_needs_are_earlier(uint32_t needs, uint32_t i)
{
    return needs < (uint32_t)1 << i;
}

/* How many there are; 0, which is out of range, if one is no step, needs one that is not before it, or has a name twice. */
static uint32_t flow_count(const kedge_flow_config *cfg)
{
    if (!cfg->steps || cfg->n_steps > KEDGE_FLOW_STEPS_MAX)
        return 0;
    for (uint32_t i = 0; i < cfg->n_steps; i++) {
        if (!kedge_i_flow_step_valid(&cfg->steps[i]) || !flow_needs_are_earlier(cfg->steps[i].needs, i))
            return 0;
        for (uint32_t j = 0; j < i; j++)
            if (strcmp(cfg->steps[i].name, cfg->steps[j].name) == 0)
                return 0;
    }
    return cfg->n_steps;
}

static void flow_configure(const void *config, void *fixed)
{
    ((kedge_i_flow *)fixed)->n_steps = flow_count(config);
}

static int flow_valid(const void *fixed)
{
    return kedge_i_u32_within(((const kedge_i_flow *)fixed)->n_steps, 1, KEDGE_FLOW_STEPS_MAX);
}

static size_t flow_layout(void *fixed)
{
    kedge_i_flow *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->step_bytes = sizeof(kedge_i_flow_step);
    s->at_steps = kedge_i_arena_take(&arena, s->n_steps, sizeof(kedge_i_flow_step));
    return kedge_i_arena_end(&arena);
}

static void flow_begin_parts(const kedge_class *cls, const void *config, void *state)
{
    const kedge_flow_config *cfg = config;
    kedge_i_flow *s = state;
    (void)cls;
    for (uint32_t i = 0; i < s->n_steps; i++) {
        kedge_i_flow_step_config one;
        kedge_i_flow_step_class.defaults(&one);
        one.step = cfg->steps[i];
        kedge_status st =
            kedge_i_object_init(&kedge_i_flow_step_class, &one, sizeof one, kedge_i_flow_at(s, i), sizeof(kedge_i_flow_step));
        KEDGE_ASSERT(st == KEDGE_OK);
        (void)st;
    }
}

/* A step may have begun only behind what it needs, and waits for nothing that will not come. */
static int flow_step_fits(const kedge_i_flow *s, uint32_t i)
{
    const kedge_i_flow_step *t = kedge_i_flow_at_const(s, i);
    uint32_t good = kedge_i_flow_set(s, KEDGE_STEP_DONE) | kedge_i_flow_set(s, KEDGE_STEP_SKIPPED);
    uint32_t lost = kedge_i_flow_set(s, KEDGE_STEP_FAILED) | kedge_i_flow_set(s, KEDGE_STEP_CANCELLED);
    int has_begun = t->state != KEDGE_STEP_IDLE && t->state != KEDGE_STEP_WAITING && t->state != KEDGE_STEP_CANCELLED;
    if (t->started_ns > s->now_ns || t->ended_ns > s->now_ns || (t->state == KEDGE_STEP_IDLE) != (s->state == KEDGE_FLOW_IDLE))
        return 0;
    if (has_begun && (t->needs & ~good) != 0)
        return 0;
    if (t->state == KEDGE_STEP_WAITING && ((t->needs & lost) != 0 || s->is_cancelled))
        return 0;
    return !(t->state == KEDGE_STEP_RUNNING && s->is_cancelled);
}

static int flow_steps_are_sound(const kedge_i_flow *s)
{
    for (uint32_t i = 0; i < s->n_steps; i++) {
        const kedge_i_flow_step *t = kedge_i_flow_at_const(s, i);
        if (!flow_needs_are_earlier(t->needs, i) || !flow_step_fits(s, i))
            return 0;
        for (uint32_t j = 0; j < i; j++)
            if (memcmp(t->name, kedge_i_flow_at_const(s, j)->name, sizeof t->name) == 0)
                return 0;
    }
    return 1;
}

static uint32_t flow_open_steps(const kedge_i_flow *s)
{
    return kedge_i_flow_set(s, KEDGE_STEP_WAITING) | kedge_i_flow_set(s, KEDGE_STEP_RUNNING) |
           kedge_i_flow_set(s, KEDGE_STEP_UNSURE);
}

static int flow_check(const void *state)
{
    const kedge_i_flow *s = state;
    uint64_t n = s->state == KEDGE_FLOW_WAIT;
    if (s->is_cancelled > 1 || s->reserved != 0 || s->state == KEDGE_FLOW_STEP || s->state == KEDGE_FLOW_UNSURE)
        return 0;
    if (s->state > KEDGE_FLOW_CANCELLED || s->run > KEDGE_I_COUNT_MAX || s->n_runs > s->run || s->now_ns > KEDGE_I_COUNT_MAX)
        return 0;
    for (uint32_t i = 0; i < 3; i++) {
        if (s->n_ended[i] > s->n_runs)
            return 0;
        n += s->n_ended[i];
    }
    if (n != s->n_runs || (s->n_runs == 0) != (s->state == KEDGE_FLOW_IDLE) || s->began_ns > s->now_ns || s->ended_ns > s->now_ns)
        return 0;
    return (flow_open_steps(s) != 0) == (s->state == KEDGE_FLOW_WAIT) && flow_steps_are_sound(s);
}

static void flow_name(const kedge_i_flow_step *t, char *name)
{
    unsigned char bytes[KEDGE_FLOW_NAME_BYTES];
    for (uint32_t i = 0; i < 2; i++)
        kedge_i_put(bytes + 8u * i, t->name[i], 8);
    memcpy(name, bytes, sizeof bytes);
}

kedge_status kedge_flow_find(const kedge_control *c, const char *name, uint32_t *step)
{
    char one[KEDGE_FLOW_NAME_BYTES];
    KEDGE_TRY(kedge_i_control_is(c, &kedge_flow));
    const kedge_i_flow *s = c->state;
    if (!name || !step)
        return KEDGE_ERR_NULL;
    for (uint32_t i = 0; i < s->n_steps; i++) {
        flow_name(kedge_i_flow_at_const(s, i), one);
        if (strcmp(one, name) == 0) {
            *step = i;
            return KEDGE_OK;
        }
    }
    return KEDGE_ERR_UNKNOWN;
}

/* The step of a change that is not the run's; it must not be one whose key is being used. */
static kedge_status flow_own(kedge_control *c, uint32_t step, kedge_i_flow_step **out)
{
    KEDGE_TRY(kedge_i_control_is(c, &kedge_flow));
    kedge_i_flow *s = c->state;
    if (step >= s->n_steps)
        return KEDGE_ERR_RANGE;
    *out = kedge_i_flow_at(s, step);
    return (*out)->state == KEDGE_STEP_RUNNING || (*out)->state == KEDGE_STEP_UNSURE ? KEDGE_ERR_BUSY : KEDGE_OK;
}

kedge_status kedge_flow_set_input(kedge_control *c, uint32_t step, const unsigned char digest[KEDGE_HASH_BYTES])
{
    kedge_i_flow_step *t;
    if (!digest)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(flow_own(c, step, &t));
    memcpy(t->input, digest, sizeof t->input);
    return KEDGE_OK;
}

kedge_status kedge_flow_set_config(kedge_control *c, uint32_t step, const unsigned char digest[KEDGE_HASH_BYTES])
{
    kedge_i_flow_step *t;
    if (!digest)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(flow_own(c, step, &t));
    memcpy(t->config, digest, sizeof t->config);
    return KEDGE_OK;
}

kedge_status kedge_flow_forget(kedge_control *c, uint32_t step)
{
    kedge_i_flow_step *t;
    KEDGE_TRY(flow_own(c, step, &t));
    t->is_forgotten = 1;
    return KEDGE_OK;
}

/* Nanoseconds from a step's first attempt to its end. */
static uint64_t flow_took(const kedge_i_flow_step *t)
{
    return kedge_i_flow_step_has_ended(t) && t->attempt > 0 ? t->ended_ns - t->first_ns : 0;
}

/* The longest chain that ends with each step is known when those of its needs are. */
static void flow_critical(const kedge_i_flow *s, kedge_flow_report *out)
{
    uint64_t longest[KEDGE_FLOW_STEPS_MAX];
    uint32_t chain[KEDGE_FLOW_STEPS_MAX], best = 0;
    for (uint32_t i = 0; i < s->n_steps; i++) {
        const kedge_i_flow_step *t = kedge_i_flow_at_const(s, i);
        uint64_t before = 0;
        chain[i] = 0;
        for (uint32_t j = 0; j < i; j++)
            if ((t->needs >> j & 1u) && (longest[j] > before || chain[i] == 0)) {
                before = longest[j];
                chain[i] = chain[j];
            }
        longest[i] = before + flow_took(t);
        chain[i] |= (uint32_t)1 << i;
        best = longest[i] > longest[best] ? i : best;
    }
    out->critical_ns = longest[best];
    out->critical = longest[best] > 0 ? chain[best] : 0;
}

kedge_status kedge_flow_read(const kedge_control *c, kedge_flow_report *out)
{
    KEDGE_TRY(kedge_i_control_is(c, &kedge_flow));
    const kedge_i_flow *s = c->state;
    if (!out)
        return KEDGE_ERR_NULL;
    memset(out, 0, sizeof *out);
    out->run = s->run;
    out->began_ns = s->began_ns;
    out->ended_ns = s->ended_ns;
    out->n_runs = s->n_runs;
    out->n_done = s->n_ended[0];
    out->n_failed = s->n_ended[1];
    out->n_cancelled = s->n_ended[2];
    out->n_steps = s->n_steps;
    out->waiting = kedge_i_flow_set(s, KEDGE_STEP_WAITING);
    out->running = kedge_i_flow_set(s, KEDGE_STEP_RUNNING);
    out->unsure = kedge_i_flow_set(s, KEDGE_STEP_UNSURE);
    out->skipped = kedge_i_flow_set(s, KEDGE_STEP_SKIPPED);
    out->done = out->skipped | kedge_i_flow_set(s, KEDGE_STEP_DONE);
    out->failed = kedge_i_flow_set(s, KEDGE_STEP_FAILED);
    out->cancelled = kedge_i_flow_set(s, KEDGE_STEP_CANCELLED);
    out->state = out->unsure ? KEDGE_FLOW_UNSURE : s->state;
    flow_critical(s, out);
    return KEDGE_OK;
}

kedge_status kedge_flow_read_step(const kedge_control *c, uint32_t step, kedge_flow_step_report *out)
{
    KEDGE_TRY(kedge_i_control_is(c, &kedge_flow));
    const kedge_i_flow *s = c->state;
    if (!out)
        return KEDGE_ERR_NULL;
    if (step >= s->n_steps)
        return KEDGE_ERR_RANGE;
    const kedge_i_flow_step *t = kedge_i_flow_at_const(s, step);
    memset(out, 0, sizeof *out);
    flow_name(t, out->name);
    out->state = t->state;
    out->needs = t->needs;
    out->attempt = t->attempt;
    out->n_failed = t->n_failed;
    out->n_timeouts = t->n_timeouts;
    memcpy(&out->code, &t->code, sizeof out->code);
    out->has_output = t->has_output;
    out->retry_at_ns = t->state == KEDGE_STEP_WAITING ? t->retry_at_ns : 0;
    out->first_ns = t->first_ns;
    out->started_ns = t->started_ns;
    out->ended_ns = t->ended_ns;
    out->artifact = t->artifact;
    out->n_done = t->n_done;
    out->n_skipped = t->n_skipped;
    memcpy(out->output, t->output, sizeof out->output);
    memcpy(out->key, t->key, sizeof out->key);
    return KEDGE_OK;
}

kedge_status kedge_flow_event(const kedge_control *c, uint32_t step, kedge_event *out)
{
    KEDGE_TRY(kedge_i_control_is(c, &kedge_flow));
    const kedge_i_flow *s = c->state;
    if (!out)
        return KEDGE_ERR_NULL;
    if (step >= s->n_steps)
        return KEDGE_ERR_RANGE;
    const kedge_i_flow_step *t = kedge_i_flow_at_const(s, step);
    if (!kedge_i_flow_step_has_ended(t))
        return KEDGE_EMPTY;
    memset(out, 0, sizeof *out);
    out->kind = KEDGE_EVENT_STEP;
    out->subject = step;
    if (t->state == KEDGE_STEP_FAILED)
        memcpy(&out->code, &t->code, sizeof out->code);
    out->at_ns = t->ended_ns;
    out->version = kedge_i_flow_step_is_good(t) ? t->artifact : 0;
    out->value = (double)flow_took(t);
    out->limit = (double)t->timeout_ns;
    return KEDGE_OK;
}

const kedge_control_class kedge_flow = {
    .base = {
        .abi = KEDGE_CLASS_ABI,
        .noun = KEDGE_NOUN_CONTROL,
        .version = 1,
        .name = "flow",
        .fixed_bytes = sizeof(kedge_i_flow),
        .config_bytes = sizeof(kedge_flow_config),
        .n_fields = sizeof flow_fields / sizeof *flow_fields,
        .fields = flow_fields,
        .defaults = flow_defaults,
        .configure = flow_configure,
        .valid = flow_valid,
        .layout = flow_layout,
        .check = flow_check,
        .parts = flow_parts,
        .begin_parts = flow_begin_parts,
    },
};
