/* SPDX-License-Identifier: MIT */
/* How a run of a flow goes. A step is skipped if a hash over its settings, its input and the outputs of its needs is the one that
 * its last output came from; that is how build systems with content hashes decide (Mokhov, Mitchell, Peyton Jones 2018,
 * constructive traces with one entry a step). A once-step that was intended leaves RUNNING by kedge_flow_done() only: any other way
 * out is UNSURE. */
#include "base/fp.h"

#include <string.h>

#include "kedge/controls/flow.h"

#include "base/bytes.h"
#include "base/check.h"
#include "base/number.h"
#include "base/sha256.h"
#include "pipeline/flow_state.h"

static inline uint64_t flow_bump(uint64_t n)
{
    return n + (n < KEDGE_I_COUNT_MAX);
}

/* The time as the flow has it: a clock that went back stands still, for after a restart it may be another one. */
static kedge_status flow_clock(const kedge_control *c, uint64_t *now_ns)
{
    KEDGE_TRY(kedge_i_control_is(c, &kedge_flow));
    const kedge_i_flow *s = c->state;
    if (*now_ns > KEDGE_I_COUNT_MAX)
        return KEDGE_ERR_RANGE;
    if (*now_ns < s->now_ns)
        *now_ns = s->now_ns;
    return KEDGE_OK;
}

static void flow_end_step(kedge_i_flow_step *t, uint64_t now_ns, uint32_t state)
{
    t->state = state;
    t->ended_ns = now_ns;
    t->is_intended = state == KEDGE_STEP_DONE && t->is_once;
}

/* What needs a step that is lost will never run; the list's order makes one pass enough. */
static void flow_lose(kedge_i_flow *s, uint64_t now_ns)
{
    uint32_t lost = 0;
    for (uint32_t i = 0; i < s->n_steps; i++) {
        kedge_i_flow_step *t = kedge_i_flow_at(s, i);
        if (t->state == KEDGE_STEP_WAITING && (t->needs & lost) != 0)
            flow_end_step(t, now_ns, KEDGE_STEP_CANCELLED);
        lost |= (uint32_t)(t->state == KEDGE_STEP_FAILED || t->state == KEDGE_STEP_CANCELLED) << i;
    }
}

/* Is the run over by now? */
static void flow_close(kedge_i_flow *s)
{
    uint32_t ended = KEDGE_FLOW_DONE;
    for (uint32_t i = 0; i < s->n_steps; i++) {
        const kedge_i_flow_step *t = kedge_i_flow_at_const(s, i);
        if (!kedge_i_flow_step_has_ended(t))
            return;
        if (!kedge_i_flow_step_is_good(t))
            ended = KEDGE_FLOW_FAILED;
    }
    s->state = s->is_cancelled ? KEDGE_FLOW_CANCELLED : ended;
    s->ended_ns = s->now_ns;
    s->n_ended[s->state - KEDGE_FLOW_DONE]++;
}

/* After an attempt that came to nothing: again, or given up. */
static void flow_again(kedge_i_flow *s, kedge_i_flow_step *t)
{
    if (s->is_cancelled)
        flow_end_step(t, s->now_ns, KEDGE_STEP_CANCELLED);
    else if (t->n_failed > t->max_retries)
        flow_end_step(t, s->now_ns, KEDGE_STEP_FAILED);
    else
        t->state = KEDGE_STEP_WAITING;
    t->is_intended = 0;
    flow_lose(s, s->now_ns);
}

/* retry_ns * 2^(failures - 1), at most 2^62. */
static uint64_t flow_pause(const kedge_i_flow_step *t)
{
    uint64_t wait = t->retry_ns;
    for (uint32_t i = 1; i < t->n_failed && wait > 0 && wait < KEDGE_I_COUNT_MAX; i++)
        wait *= 2;
    return wait < KEDGE_I_COUNT_MAX ? wait : KEDGE_I_COUNT_MAX;
}

static void flow_fail(kedge_i_flow *s, kedge_i_flow_step *t, int32_t code)
{
    t->n_failed++;
    t->code = (uint32_t)code;
    t->retry_at_ns = s->now_ns + flow_pause(t);
    if (t->is_intended)
        t->state = KEDGE_STEP_UNSURE;
    else
        flow_again(s, t);
}

static void flow_key(const kedge_i_flow *s, const kedge_i_flow_step *t, unsigned char *key)
{
    kedge_i_sha256 hash;
    kedge_i_sha256_begin(&hash);
    kedge_i_sha256_add(&hash, t->config, sizeof t->config);
    kedge_i_sha256_add(&hash, t->input, sizeof t->input);
    for (uint32_t i = 0; i < s->n_steps; i++)
        if (t->needs >> i & 1u)
            kedge_i_sha256_add(&hash, kedge_i_flow_at_const(s, i)->output, KEDGE_HASH_BYTES);
    kedge_i_sha256_end(&hash, key);
}

static void flow_succeed(kedge_i_flow *s, uint32_t i, const unsigned char *output, uint64_t artifact)
{
    kedge_i_flow_step *t = kedge_i_flow_at(s, i);
    unsigned char id[12];
    flow_key(s, t, t->key);
    kedge_i_put(id, s->run, 8);
    kedge_i_put(id + 8, i, 4);
    if (output)
        memcpy(t->output, output, sizeof t->output);
    else
        kedge_i_hash(&(const kedge_i_hash_key){{0}, {0}, 0}, id, sizeof id, t->output); /* no other run has it */
    t->artifact = artifact;
    t->has_output = 1;
    t->is_forgotten = 0;
    t->n_done = flow_bump(t->n_done);
    flow_end_step(t, s->now_ns, KEDGE_STEP_DONE);
}

static void flow_begin_step(kedge_i_flow_step *t)
{
    t->state = KEDGE_STEP_WAITING;
    t->n_failed = 0;
    t->n_timeouts = 0;
    t->code = 0;
    t->is_intended = 0;
    t->attempt = 0;
    t->retry_at_ns = 0;
    t->first_ns = 0;
    t->started_ns = 0;
    t->ended_ns = 0;
}

kedge_status kedge_flow_begin(kedge_control *c, uint64_t now_ns, uint64_t run)
{
    KEDGE_TRY(flow_clock(c, &now_ns));
    kedge_i_flow *s = c->state;
    if (s->state == KEDGE_FLOW_WAIT)
        return KEDGE_ERR_STATE;
    if (run <= s->run || run > KEDGE_I_COUNT_MAX)
        return KEDGE_ERR_RANGE;
    for (uint32_t i = 0; i < s->n_steps; i++)
        flow_begin_step(kedge_i_flow_at(s, i));
    s->state = KEDGE_FLOW_WAIT;
    s->is_cancelled = 0;
    s->run = run;
    s->now_ns = now_ns;
    s->began_ns = now_ns;
    s->ended_ns = 0;
    s->n_runs++;
    return KEDGE_OK;
}

static void flow_time_out(kedge_i_flow *s)
{
    for (uint32_t i = 0; i < s->n_steps; i++) {
        kedge_i_flow_step *t = kedge_i_flow_at(s, i);
        if (t->state != KEDGE_STEP_RUNNING || t->timeout_ns == 0 || s->now_ns - t->started_ns < t->timeout_ns)
            continue;
        t->n_timeouts++;
        flow_fail(s, t, KEDGE_ERR_BUSY);
    }
}

static int flow_is_unchanged(const kedge_i_flow *s, const kedge_i_flow_step *t)
{
    unsigned char key[KEDGE_HASH_BYTES];
    if (!t->has_output || t->is_forgotten || t->always_runs)
        return 0;
    flow_key(s, t, key);
    return kedge_i_hash_equal(key, t->key);
}

/* Skip what is unchanged; the first step that is ready, n_steps if none is. */
static uint32_t flow_ready(kedge_i_flow *s)
{
    uint32_t good = 0;
    for (uint32_t i = 0; i < s->n_steps; i++) {
        kedge_i_flow_step *t = kedge_i_flow_at(s, i);
        if (t->state == KEDGE_STEP_WAITING && (t->needs & ~good) == 0 && t->retry_at_ns <= s->now_ns) {
            if (!flow_is_unchanged(s, t))
                return i;
            t->n_skipped = flow_bump(t->n_skipped);
            flow_end_step(t, s->now_ns, KEDGE_STEP_SKIPPED);
        }
        good |= (uint32_t)kedge_i_flow_step_is_good(t) << i;
    }
    return s->n_steps;
}

static void flow_hand_out(kedge_i_flow *s, uint32_t i, kedge_flow_job *job)
{
    kedge_i_flow_step *t = kedge_i_flow_at(s, i);
    t->state = KEDGE_STEP_RUNNING;
    t->first_ns = t->attempt == 0 ? s->now_ns : t->first_ns;
    t->attempt = flow_bump(t->attempt);
    t->started_ns = s->now_ns;
    job->attempt = t->attempt;
    job->until_ns = t->timeout_ns > 0 ? t->started_ns + t->timeout_ns : UINT64_MAX;
    job->kind = KEDGE_FLOW_STEP;
    job->step = i;
    job->is_once = t->is_once;
}

/* When time alone changes something: a pause or an attempt's time ends. A step whose needs are not done has no pause. */
static uint64_t flow_until(const kedge_i_flow *s)
{
    uint64_t until = UINT64_MAX;
    for (uint32_t i = 0; i < s->n_steps; i++) {
        const kedge_i_flow_step *t = kedge_i_flow_at_const(s, i);
        uint64_t at = UINT64_MAX;
        if (t->state == KEDGE_STEP_WAITING && t->retry_at_ns > s->now_ns)
            at = t->retry_at_ns;
        if (t->state == KEDGE_STEP_RUNNING && t->timeout_ns > 0)
            at = t->started_ns + t->timeout_ns;
        until = at < until ? at : until;
    }
    return until;
}

static void flow_wait(const kedge_i_flow *s, kedge_flow_job *job)
{
    uint32_t unsure = kedge_i_flow_set(s, KEDGE_STEP_UNSURE);
    job->kind = unsure ? KEDGE_FLOW_UNSURE : s->state;
    if (s->state == KEDGE_FLOW_WAIT)
        job->until_ns = flow_until(s);
    if (unsure)
        job->step = kedge_i_log2(unsure & (~unsure + 1u)); /* the first one */
}

kedge_status kedge_flow_next(kedge_control *c, uint64_t now_ns, kedge_flow_job *job)
{
    uint32_t i;
    KEDGE_TRY(flow_clock(c, &now_ns));
    kedge_i_flow *s = c->state;
    if (!job)
        return KEDGE_ERR_NULL;
    memset(job, 0, sizeof *job);
    job->run = s->run;
    job->until_ns = UINT64_MAX;
    job->step = UINT32_MAX;
    s->now_ns = now_ns;
    if (s->state == KEDGE_FLOW_WAIT) {
        flow_time_out(s);
        i = flow_ready(s);
        if (i < s->n_steps) {
            flow_hand_out(s, i, job);
            return KEDGE_OK;
        }
        flow_close(s);
    }
    flow_wait(s, job);
    return KEDGE_EMPTY;
}

/* The step of an attempt that still counts. */
static kedge_status flow_of_job(kedge_control *c, uint64_t *now_ns, const kedge_flow_job *job, kedge_i_flow_step **out)
{
    KEDGE_TRY(flow_clock(c, now_ns));
    kedge_i_flow *s = c->state;
    if (!job)
        return KEDGE_ERR_NULL;
    if (job->step >= s->n_steps)
        return KEDGE_ERR_RANGE;
    *out = kedge_i_flow_at(s, job->step);
    if (job->run != s->run || job->attempt != (*out)->attempt)
        return KEDGE_ERR_STATE;
    return (*out)->state == KEDGE_STEP_RUNNING || (*out)->state == KEDGE_STEP_UNSURE ? KEDGE_OK : KEDGE_ERR_STATE;
}

kedge_status kedge_flow_intend(kedge_control *c, uint64_t now_ns, const kedge_flow_job *job)
{
    kedge_i_flow_step *t;
    KEDGE_TRY(flow_of_job(c, &now_ns, job, &t));
    if (!t->is_once)
        return KEDGE_ERR_UNSUPPORTED;
    if (t->state != KEDGE_STEP_RUNNING)
        return KEDGE_ERR_STATE;
    t->is_intended = 1;
    ((kedge_i_flow *)c->state)->now_ns = now_ns;
    return KEDGE_OK;
}

kedge_status kedge_flow_done(kedge_control *c, uint64_t now_ns, const kedge_flow_job *job, const unsigned char *output,
                             uint64_t artifact)
{
    kedge_i_flow_step *t;
    KEDGE_TRY(flow_of_job(c, &now_ns, job, &t));
    kedge_i_flow *s = c->state;
    if (t->is_once && !t->is_intended)
        return KEDGE_ERR_STATE;
    s->now_ns = now_ns;
    flow_succeed(s, job->step, output, artifact);
    flow_close(s);
    return KEDGE_OK;
}

kedge_status kedge_flow_failed(kedge_control *c, uint64_t now_ns, const kedge_flow_job *job, int32_t code)
{
    kedge_i_flow_step *t;
    KEDGE_TRY(flow_of_job(c, &now_ns, job, &t));
    kedge_i_flow *s = c->state;
    if (t->state != KEDGE_STEP_RUNNING)
        return KEDGE_ERR_STATE;
    s->now_ns = now_ns;
    flow_fail(s, t, code);
    flow_close(s);
    return KEDGE_OK;
}

kedge_status kedge_flow_resume(kedge_control *c, uint64_t now_ns)
{
    KEDGE_TRY(flow_clock(c, &now_ns));
    kedge_i_flow *s = c->state;
    s->now_ns = now_ns;
    for (uint32_t i = 0; i < s->n_steps; i++) {
        kedge_i_flow_step *t = kedge_i_flow_at(s, i);
        if (t->state == KEDGE_STEP_RUNNING)
            t->state = t->is_intended ? KEDGE_STEP_UNSURE : KEDGE_STEP_WAITING;
    }
    return KEDGE_OK;
}

kedge_status kedge_flow_settle(kedge_control *c, uint64_t now_ns, uint32_t step, uint32_t happened, const unsigned char *output,
                               uint64_t artifact)
{
    KEDGE_TRY(flow_clock(c, &now_ns));
    kedge_i_flow *s = c->state;
    if (step >= s->n_steps || happened > 1)
        return KEDGE_ERR_RANGE;
    kedge_i_flow_step *t = kedge_i_flow_at(s, step);
    if (t->state != KEDGE_STEP_UNSURE)
        return KEDGE_ERR_STATE;
    s->now_ns = now_ns;
    if (happened)
        flow_succeed(s, step, output, artifact);
    else
        flow_again(s, t);
    flow_close(s);
    return KEDGE_OK;
}

kedge_status kedge_flow_cancel(kedge_control *c, uint64_t now_ns)
{
    KEDGE_TRY(flow_clock(c, &now_ns));
    kedge_i_flow *s = c->state;
    if (s->state != KEDGE_FLOW_WAIT)
        return KEDGE_ERR_STATE;
    s->now_ns = now_ns;
    s->is_cancelled = 1;
    for (uint32_t i = 0; i < s->n_steps; i++) {
        kedge_i_flow_step *t = kedge_i_flow_at(s, i);
        if (t->is_intended && t->state == KEDGE_STEP_RUNNING)
            t->state = KEDGE_STEP_UNSURE;
        else if (t->state == KEDGE_STEP_WAITING || t->state == KEDGE_STEP_RUNNING)
            flow_end_step(t, now_ns, KEDGE_STEP_CANCELLED);
    }
    flow_close(s);
    return KEDGE_OK;
}
