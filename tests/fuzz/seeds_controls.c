/* SPDX-License-Identifier: MIT */
/* Snapshots of controls. */
#include "seeds.h"

static int seed_triggers(kedge_control *c, size_t i)
{
    kedge_triggers_call call;
    kedge_status st = kedge_triggers_rows(c, i, 1);
    st = st < 0 ? st : kedge_triggers_figure(c, i, 0, seed_value(i));
    st = st < 0 ? st : kedge_triggers_signal(c, i, 0, i % 90 == 3 ? KEDGE_DRIFT : KEDGE_OK);
    st = st < 0 ? st : kedge_triggers_start(c, i, &call);
    return st == KEDGE_OK ? kedge_triggers_end(c, i, 1 + (uint32_t)(i % 4)) >= 0 : st >= 0;
}

/* The challenger waits for an approval half of the time. */
static int seed_rollout(kedge_control *c, size_t i)
{
    kedge_rollout_action action;
    kedge_rollout_request ask;
    if (i % 600 == 0 && kedge_rollout_begin(c, i, i + 1, NULL) < 0)
        return 0;
    if (i % 600 == 400 && kedge_rollout_ask(c, &ask) == KEDGE_OK && kedge_rollout_approve(c, i, ask.token, 1) < 0)
        return 0;
    if (i % 600 == 599 && kedge_rollout_stop(c, i, 0) < 0)
        return 0;
    return kedge_rollout_record_pair(c, i, seed_value(i), seed_value(i + 1)) >= 0 && kedge_rollout_step(c, i, &action) >= 0;
}

static int seed_store(kedge_control *c, size_t i)
{
    kedge_store_version v = {0};
    uint64_t id;
    v.created_ns = i;
    if (kedge_store_add(c, &v, &id) < 0 || kedge_store_put_artifact(c, id, "artifact", 1 + i % 8) < 0)
        return 0;
    return i % 3 ? kedge_store_set_status(c, id, 2 + (uint32_t)(i % 2)) >= 0 || i % 2 == 0 : kedge_store_serve(c, id, i) >= 0;
}

/* Two steps and an effect; the second fails at times, the effect is unsure at times. */
static int seed_flow(kedge_control *c, size_t i)
{
    kedge_flow_job job;
    kedge_status st = kedge_flow_begin(c, i, i + 1);
    if (st < 0 && st != KEDGE_ERR_STATE)
        return 0;
    st = kedge_flow_next(c, i, &job);
    if (st == KEDGE_OK && job.is_once)
        st = kedge_flow_intend(c, i, &job);
    if (st == KEDGE_OK)
        return i % 5 == 3 ? kedge_flow_failed(c, i, &job, 7) >= 0 : kedge_flow_done(c, i, &job, NULL, i) >= 0;
    return st >= 0 && (job.kind != KEDGE_FLOW_UNSURE || kedge_flow_settle(c, i, job.step, i % 2, NULL, i) >= 0);
}

/* Learns, finishes, checks. */
static int seed_schema(kedge_control *c, size_t i)
{
    const double x[3] = {seed_value(i), (double)(i % 3), i % 10 == 9 ? (double)NAN : (double)(i % 2)};
    kedge_schema_verdict v;
    if (i < 450)
        return kedge_schema_learn(c, x, 3) == KEDGE_OK;
    if (i == 450 && kedge_schema_finish(c) < 0)
        return 0;
    return (i != 950 || kedge_schema_renew(c) >= 0) && kedge_schema_check_row(c, i, x, 3, &v) >= KEDGE_ERR_SKEW;
}

/* A control that has seen n things. */
size_t seed_control(const kedge_control_class *cls, size_t n, unsigned char *buf, size_t cap)
{
    kedge_control c;
    size_t len = 0;
    static kedge_stage stages[2] = {KEDGE_STAGE_INIT, KEDGE_STAGE_INIT};
    static kedge_trigger triggers[2] = {KEDGE_TRIGGER_INIT, KEDGE_TRIGGER_INIT};
    static kedge_flow_step steps[3] = {KEDGE_FLOW_STEP_INIT, KEDGE_FLOW_STEP_INIT, KEDGE_FLOW_STEP_INIT};
    cls->base.defaults(seed_config);
    if (cls == &kedge_triggers) {
        kedge_triggers_config *cfg = (kedge_triggers_config *)(void *)seed_config;
        triggers[0].kind = KEDGE_TRIGGER_SIGNAL;
        triggers[1].kind = KEDGE_TRIGGER_CEILING;
        triggers[1].release = triggers[1].limit = 0.5;
        cfg->triggers = triggers;
        cfg->n_triggers = 2;
        cfg->budget = 3;
        cfg->cool_ns = 10;
    }
    if (cls == &kedge_flow) {
        kedge_flow_config *cfg = (kedge_flow_config *)(void *)seed_config;
        for (uint32_t i = 0; i < 3; i++) {
            steps[i].name[0] = (char)('a' + i);
            steps[i].needs = i > 0 ? 1u << (i - 1) : 0;
            steps[i].max_retries = i;
            steps[i].is_once = i == 2;
        }
        cfg->steps = steps;
        cfg->n_steps = 3;
    }
    if (cls == &kedge_rollout) {
        kedge_rollout_config *cfg = (kedge_rollout_config *)(void *)seed_config;
        stages[0].kind = KEDGE_STAGE_SHADOW;
        stages[0].most_rows = 200;
        stages[1].needs_approval = 1;
        cfg->stages = stages;
        cfg->n_stages = 2;
    }
    if (cls == &kedge_schema) {
        kedge_schema_config *cfg = (kedge_schema_config *)(void *)seed_config;
        cfg->n_columns = 3;
        cfg->max_categories = 8;
        cfg->sample_rows = cfg->window = 64;
    }
    if (cls == &kedge_store) {
        kedge_store_config *cfg = (kedge_store_config *)(void *)seed_config;
        cfg->n_versions = 4;
        cfg->n_served = 5;
        cfg->n_figures = 1;
        cfg->artifact_bytes = 100;
    }
    if (kedge_control_init(&c, (const kedge_control_config *)(const void *)seed_config, seed_mem, SEED_MEM) < 0)
        return 0;
    for (size_t i = 0; i < n; i++) {
        const kedge_event event = {1 + (uint32_t)(i % 20), (uint32_t)i, 0, 0, 0, i, 0, seed_value(i), 0.5};
        if (cls == &kedge_events && kedge_events_put(&c, &event) < 0)
            return 0;
        if (cls == &kedge_flow && !seed_flow(&c, i))
            return 0;
        if (cls == &kedge_rollout && !seed_rollout(&c, i))
            return 0;
        if (cls == &kedge_schema && !seed_schema(&c, i))
            return 0;
        if (cls == &kedge_store && !seed_store(&c, i))
            return 0;
        if (cls == &kedge_triggers && !seed_triggers(&c, i))
            return 0;
    }
    return kedge_control_save(&c, buf, cap, &len) < 0 ? 0 : len;
}
