/* SPDX-License-Identifier: MIT */
/* Contract subjects: controls, with what their calls refuse and what their read-outs must say. */
#include "subjects.h"

static void config_events(any_config *cfg)
{
    kedge_events_config c = kedge_events_defaults();
    c.n_events = 7;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_events(any_config *cfg, size_t i)
{
    SPOIL(kedge_events_config, BAD(c->n_events = 0) BAD(c->n_events = (1u << 20) + 1) BAD(c->n_events = UINT32_MAX)
          BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL));
}

/* A forged ring may be full: it refuses, and no more. */
static void feed_events(handle *h, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        const kedge_event event = {1 + (uint32_t)(i % 20), (uint32_t)i, -(int32_t)(i % 3), 1, 0, i * 1000, i / 10, (double)i,
                                   NAN_D};
        kedge_status st = kedge_events_put(&h->control, &event);
        assert_true(st == KEDGE_OK || st == KEDGE_ERR_RANGE);
    }
}

void refuse_events(kedge_control *c)
{
    unsigned char log[KEDGE_AUDIT_SEGMENT_BYTES];
    kedge_event event = {0, 0, 0, 0, 0, 0, 0, 0, 0};
    kedge_events_report report;
    kedge_audit audit;
    uint64_t next = UINT64_MAX;
    assert_int_equal(kedge_audit_begin(&audit, log, sizeof log, NULL, 0, NULL), KEDGE_OK);
    assert_int_equal(kedge_events_put(NULL, &event), KEDGE_ERR_NULL);
    assert_int_equal(kedge_events_put(c, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_events_put(c, &event), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_events_get(c, &next, &event), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_events_audit(c, &next, &audit), KEDGE_ERR_RANGE);
    assert_int_equal(next, UINT64_MAX);
    assert_int_equal(kedge_events_get(c, NULL, &event), KEDGE_ERR_NULL);
    assert_int_equal(kedge_events_get(c, &next, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_events_each(c, &next, NULL, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_events_audit(c, &next, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_events_audit(c, NULL, &audit), KEDGE_ERR_NULL);
    assert_int_equal(kedge_events_read(c, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_events_read(NULL, &report), KEDGE_ERR_NULL);
}

void read_events(const kedge_control *c)
{
    kedge_events_report r;
    kedge_event event;
    assert_int_equal(kedge_events_read(c, &r), KEDGE_OK);
    assert_true(r.first + r.n_kept == r.n);
    uint64_t next = 0, n_seen = 0;
    while (kedge_events_get(c, &next, &event) == KEDGE_OK) {
        assert_true(event.kind != 0 && event.number == r.first + n_seen);
        n_seen++;
    }
    assert_true(n_seen == r.n_kept && next == r.n);
}

static kedge_trigger trigger_list[KEDGE_TRIGGERS_MAX];

static void config_triggers(any_config *cfg)
{
    static const kedge_trigger init = KEDGE_TRIGGER_INIT;
    for (uint32_t i = 0; i < KEDGE_TRIGGER_SIGNAL; i++) {
        trigger_list[i] = init;
        trigger_list[i].kind = 1 + i;
        trigger_list[i].priority = i % 3;
        trigger_list[i].every = 5000;
        trigger_list[i].again_rows = 4;
    }
    trigger_list[KEDGE_TRIGGER_FLOOR - 1].limit = 0.2;
    trigger_list[KEDGE_TRIGGER_CEILING - 1].release = 0.8;
    trigger_list[KEDGE_TRIGGER_CEILING - 1].limit = 0.9;
    kedge_triggers_config c = kedge_triggers_defaults(trigger_list, KEDGE_TRIGGER_SIGNAL);
    c.budget = 3;
    c.budget_ns = 20000;
    c.cool_ns = 1000;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_triggers(any_config *cfg, size_t i)
{
    kedge_trigger *t = trigger_list;
    SPOIL(kedge_triggers_config, BAD(c->n_triggers = 0) BAD(c->n_triggers = KEDGE_TRIGGERS_MAX + 1) BAD(c->triggers = NULL)
          BAD(c->budget = 4097) BAD(c->budget_ns = 0) BAD(c->cool_ns = UINT64_MAX) BAD(c->cool_rows = UINT64_MAX)
          BAD(c->backoff = 0.5)
          BAD(c->backoff = NAN_D) BAD(c->backoff_max = 1e7) BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL)
          BAD(t[0].kind = 0) BAD(t[0].kind = 8) BAD(t[1].patience = 0) BAD(t[1].every = 0) BAD(t[1].offset_ns = 5000)
          BAD(t[KEDGE_TRIGGER_FLOOR - 1].release = 0.1) BAD(t[KEDGE_TRIGGER_CEILING - 1].release = 1.0)
          BAD(t[KEDGE_TRIGGER_FLOOR - 1].limit = NAN_D) BAD(t[KEDGE_TRIGGER_SIGNAL - 1].limit = 3) BAD(t[2].least_rows = UINT64_MAX)
          BAD(t[2].delay_rows = UINT64_MAX) BAD(t[2].again_rows = UINT64_MAX));
}

/* A forged state may stand at any time: what goes back is refused, and no more. */
static void feed_triggers(handle *h, size_t from, size_t to)
{
    kedge_triggers_call call;
    for (size_t i = from; i < to; i++) {
        kedge_control *c = &h->control;
        uint64_t now = 1000 * (uint64_t)i;
        kedge_status st = i % 3 == 0   ? kedge_triggers_rows(c, now, i % 5)
                          : i % 3 == 1 ? kedge_triggers_figure(c, now, 0, contract_value(i))
                                       : kedge_triggers_signal(c, now, 0, (kedge_status)(i % 9 == 2 ? KEDGE_DRIFT : KEDGE_OK));
        assert_true(st == KEDGE_OK || st == KEDGE_ERR_RANGE);
        st = i % 11 == 0 ? kedge_triggers_demand(c, now, (int32_t)i) : KEDGE_OK;
        assert_true(st == KEDGE_OK || st == KEDGE_ERR_RANGE);
        st = i % 4 == 0 ? kedge_triggers_start(c, now, &call) : KEDGE_EMPTY;
        assert_true(st >= 0 || st == KEDGE_ERR_RANGE);
        st = i % 4 == 2 ? kedge_triggers_end(c, now, 1 + (uint32_t)(i % 3)) : KEDGE_OK;
        assert_true(st == KEDGE_OK || st == KEDGE_ERR_STATE || st == KEDGE_ERR_RANGE);
    }
}

void refuse_triggers(kedge_control *c)
{
    kedge_triggers_report report;
    kedge_trigger_report of_one;
    kedge_triggers_call call;
    const uint64_t too_late = ((uint64_t)1 << 62) + 1, latest = (uint64_t)1 << 62;
    assert_int_equal(kedge_triggers_rows(NULL, 0, 0), KEDGE_ERR_NULL);
    assert_int_equal(kedge_triggers_rows(c, too_late, 0), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_triggers_rows(c, latest, UINT64_MAX), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_triggers_figure(c, latest, 0, (double)INFINITY), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_triggers_figure(c, latest, 9, 1.0), KEDGE_ERR_UNKNOWN);
    assert_int_equal(kedge_triggers_signal(c, latest, 9, KEDGE_DRIFT), KEDGE_ERR_UNKNOWN);
    assert_int_equal(kedge_triggers_signal(c, latest, 0, KEDGE_ERR_NULL), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_triggers_signal(c, latest, 0, 3), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_triggers_demand(c, too_late, 0), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_triggers_due(c, latest, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_triggers_start(c, latest, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_triggers_start(c, too_late, &call), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_triggers_end(c, latest, 0), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_triggers_end(c, latest, 5), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_triggers_read(c, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_triggers_read(NULL, &report), KEDGE_ERR_NULL);
    assert_int_equal(kedge_triggers_read_one(c, 0, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_triggers_read_one(c, KEDGE_TRIGGER_SIGNAL, &of_one), KEDGE_ERR_RANGE);
}

void read_triggers(const kedge_control *c)
{
    kedge_triggers_report r;
    kedge_trigger_report of_one;
    uint64_t n = 0;
    assert_int_equal(kedge_triggers_read(c, &r), KEDGE_OK);
    assert_true(r.n_promoted + r.n_refused + r.n_failed <= r.n_started && r.is_busy <= 1);
    for (uint32_t i = 0; kedge_triggers_read_one(c, i, &of_one) == KEDGE_OK; i++) {
        assert_true(of_one.n_started <= of_one.n_calls && of_one.is_calling <= 1 && of_one.is_armed <= 1);
        n += of_one.n_started;
    }
    assert_int_equal(n, r.n_started);
}

static kedge_stage stage_list[KEDGE_STAGES_MAX];

static void config_rollout(any_config *cfg)
{
    static const kedge_stage init = KEDGE_STAGE_INIT;
    for (uint32_t i = 0; i < 3; i++) {
        stage_list[i] = init;
        stage_list[i].kind = KEDGE_STAGE_SHADOW + i;
        stage_list[i].least_rows = 2;
        stage_list[i].most_rows = 6;
        stage_list[i].tolerance = 0.3;
    }
    stage_list[1].needs_approval = 1;
    stage_list[1].share = 0.5;
    kedge_rollout_config c = kedge_rollout_defaults(stage_list, 3);
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_rollout(any_config *cfg, size_t i)
{
    kedge_stage *s = stage_list;
    SPOIL(kedge_rollout_config, BAD(c->n_stages = 0) BAD(c->n_stages = 2) BAD(c->n_stages = KEDGE_STAGES_MAX + 1)
          BAD(c->stages = NULL)
          BAD(c->loss_max = 0) BAD(c->loss_max = NAN_D) BAD(c->loss_max = 1e101) BAD(c->confidence = 0) BAD(c->confidence = 1)
          BAD(c->confidence = NAN_D) BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL) BAD(s[0].kind = 0)
          BAD(s[0].kind = KEDGE_STAGE_PRODUCTION) BAD(s[2].kind = KEDGE_STAGE_CANARY) BAD(s[0].needs_approval = 2)
          BAD(s[0].needs_verdict = 2) BAD(s[0].both_answer = 2) BAD(s[0].undecided = 0) BAD(s[0].undecided = 3) BAD(s[0].share = 0)
          BAD(s[0].share = 1.1) BAD(s[0].share = NAN_D) BAD(s[0].tolerance = NAN_D) BAD(s[0].tolerance = -1e101)
          BAD(s[0].loss_limit = -1) BAD(s[0].loss_limit = NAN_D) BAD(s[0].least_rows = 7) BAD(s[0].most_rows = UINT64_MAX)
          BAD(s[0].least_ns = UINT64_MAX));
}

/* A forged state may stand at any time: what goes back is refused, and no more. */
static void feed_rollout(handle *h, size_t from, size_t to)
{
    kedge_control *c = &h->control;
    for (size_t i = from; i < to; i++) {
        kedge_rollout_request ask;
        kedge_rollout_action action;
        kedge_rollout_route route;
        uint64_t now = 1000 * (uint64_t)i;
        kedge_status st = kedge_rollout_begin(c, now, i + 1, NULL);
        assert_true(st == KEDGE_OK || st == KEDGE_ERR_STATE || st == KEDGE_ERR_RANGE);
        assert_int_equal(kedge_rollout_pick(c, i, &route), KEDGE_OK);
        st = route.both_answer ? kedge_rollout_record_pair(c, now, contract_value(i), contract_value(i + 1))
                               : kedge_rollout_record(c, now, route.is_challenger, contract_value(i));
        assert_true(st >= 0 || st == KEDGE_ERR_RANGE);
        assert_true(kedge_rollout_ask(c, &ask) >= 0);
        st = kedge_rollout_approve(c, now, ask.token, i);
        assert_true(st == KEDGE_OK || st == KEDGE_ERR_STATE || st == KEDGE_ERR_RANGE);
        st = i % 37 == 30 ? kedge_rollout_stop(c, now, (int32_t)i) : KEDGE_OK;
        assert_true(st == KEDGE_OK || st == KEDGE_ERR_STATE || st == KEDGE_ERR_RANGE);
        st = kedge_rollout_step(c, now, &action);
        assert_true(st == KEDGE_OK || st == KEDGE_ERR_RANGE);
    }
}

void refuse_rollout(kedge_control *c)
{
    kedge_rollout_report report;
    kedge_rollout_action action;
    const uint64_t too_late = ((uint64_t)1 << 62) + 1, latest = (uint64_t)1 << 62;
    assert_int_equal(kedge_rollout_begin(NULL, latest, 1, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_rollout_begin(c, latest, 0, NULL), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_rollout_begin(c, too_late, 1, NULL), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_rollout_pick(c, 0, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_rollout_record(c, latest, 0, -0.1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_rollout_record(c, latest, 0, 1.1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_rollout_record(c, latest, 0, NAN_D), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_rollout_record(c, too_late, 0, 0), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_rollout_record_pair(c, latest, 0, NAN_D), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_rollout_record_pair(c, latest, 2, 0), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_rollout_judge(c, too_late, 1, 0), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_rollout_stop(c, too_late, 0), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_rollout_ask(c, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_rollout_approve(c, latest, NULL, 0), KEDGE_ERR_NULL);
    assert_int_equal(kedge_rollout_step(c, latest, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_rollout_step(c, too_late, &action), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_rollout_read(c, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_rollout_read(NULL, &report), KEDGE_ERR_NULL);
}

void read_rollout(const kedge_control *c)
{
    kedge_rollout_report r;
    kedge_rollout_route route;
    assert_int_equal(kedge_rollout_read(c, &r), KEDGE_OK);
    assert_true(r.n_finished + r.n_rolled_back + (r.version != 0) == r.n_begun && r.stage < 3);
    assert_true(r.n_champion == 0 ? isnan(r.loss_champion) : isfinite(r.loss_champion) && r.loss_champion >= 0);
    assert_true(isnan(r.low) || r.low <= r.high);
    assert_int_equal(kedge_rollout_pick(c, 3, &route), KEDGE_OK);
    assert_true(route.is_challenger <= 1 && route.both_answer <= 1 && (r.version != 0 || !route.is_challenger));
}

static kedge_flow_step flow_list[KEDGE_FLOW_STEPS_MAX];

/* A diamond, and an effect behind it. */
static void config_flow(any_config *cfg)
{
    static const kedge_flow_step init = KEDGE_FLOW_STEP_INIT;
    static const uint32_t needs[5] = {0, 1, 1, 6, 8};
    for (uint32_t i = 0; i < 5; i++) {
        flow_list[i] = init;
        flow_list[i].name[0] = (char)('a' + i);
        flow_list[i].needs = needs[i];
        flow_list[i].max_retries = i;
        flow_list[i].retry_ns = 500;
        flow_list[i].timeout_ns = i == 2 ? 3000 : 0;
        flow_list[i].always_runs = i == 3;
        flow_list[i].is_once = i == 4;
        flow_list[i].config_digest[7] = (unsigned char)i;
    }
    kedge_flow_config c = kedge_flow_defaults(flow_list, 5);
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_flow(any_config *cfg, size_t i)
{
    kedge_flow_step *s = flow_list;
    SPOIL(kedge_flow_config, BAD(c->n_steps = 0) BAD(c->n_steps = KEDGE_FLOW_STEPS_MAX + 1) BAD(c->n_steps = UINT32_MAX)
          BAD(c->steps = NULL) BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL) BAD(s[0].needs = 1)
          BAD(s[1].needs = 2)
          BAD(s[1].needs = 4) BAD(s[4].needs = UINT32_MAX) BAD(s[1].name[0] = 'a') BAD(s[1].name[0] = 0)
          BAD(memset(s[2].name, 'x', sizeof s[2].name)) BAD(s[0].max_retries = 1001) BAD(s[0].retry_ns = UINT64_MAX)
          BAD(s[0].timeout_ns = UINT64_MAX) BAD(s[0].is_once = 2) BAD(s[0].always_runs = 2));
}

/* A forged state may be at any step of any run: what does not fit is refused, and no more. */
static void feed_flow(handle *h, size_t from, size_t to)
{
    kedge_control *c = &h->control;
    for (size_t i = from; i < to; i++) {
        unsigned char digest[KEDGE_HASH_BYTES] = {(unsigned char)(i / 20)};
        uint64_t now = 1000 * (uint64_t)i;
        kedge_flow_job job;
        kedge_status st = kedge_flow_begin(c, now, i + 1);
        assert_true(st == KEDGE_OK || st == KEDGE_ERR_STATE || st == KEDGE_ERR_RANGE);
        st = kedge_flow_set_input(c, (uint32_t)(i % 5), digest);
        assert_true(st == KEDGE_OK || st == KEDGE_ERR_BUSY);
        if (kedge_flow_next(c, now, &job) == KEDGE_OK) {
            assert_true(job.kind == KEDGE_FLOW_STEP && job.step < 5);
            assert_int_equal(kedge_flow_intend(c, now, &job), job.is_once ? KEDGE_OK : KEDGE_ERR_UNSUPPORTED);
            st = i % 4 == 3    ? kedge_flow_failed(c, now, &job, (int32_t)i)
                 : i % 11 == 8 ? KEDGE_OK
                               : kedge_flow_done(c, now, &job, digest, i);
            assert_int_equal(st, KEDGE_OK);
        }
        st = kedge_flow_settle(c, now, 4, (uint32_t)(i % 2), NULL, i);
        assert_true(st == KEDGE_OK || st == KEDGE_ERR_STATE);
        assert_int_equal(i % 13 == 12 ? kedge_flow_resume(c, now) : KEDGE_OK, KEDGE_OK);
        st = i % 47 == 46 ? kedge_flow_cancel(c, now) : KEDGE_OK;
        assert_true(st == KEDGE_OK || st == KEDGE_ERR_STATE);
    }
}

void refuse_flow(kedge_control *c)
{
    const uint64_t too_late = ((uint64_t)1 << 62) + 1, latest = (uint64_t)1 << 62;
    const unsigned char digest[KEDGE_HASH_BYTES] = {0};
    kedge_flow_job job = {0, 0, 0, 0, 5, 0, 0}, stale = {UINT64_MAX, 1, 0, 0, 0, 0, 0};
    kedge_flow_step_report one;
    kedge_flow_report report;
    kedge_event event;
    uint32_t i;
    size_t len;
    assert_int_equal(kedge_flow_begin(NULL, 0, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_flow_begin(c, too_late, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_flow_next(c, latest, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_flow_next(c, too_late, &job), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_flow_intend(c, 0, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_flow_intend(c, 0, &job), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_flow_intend(c, too_late, &stale), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_flow_intend(c, latest, &stale), KEDGE_ERR_STATE);
    assert_int_equal(kedge_flow_done(c, 0, NULL, digest, 0), KEDGE_ERR_NULL);
    assert_int_equal(kedge_flow_done(c, 0, &job, digest, 0), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_flow_done(c, latest, &stale, digest, 0), KEDGE_ERR_STATE);
    assert_int_equal(kedge_flow_failed(c, 0, NULL, 0), KEDGE_ERR_NULL);
    assert_int_equal(kedge_flow_failed(c, 0, &job, 0), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_flow_failed(c, latest, &stale, 0), KEDGE_ERR_STATE);
    assert_int_equal(kedge_flow_resume(NULL, 0), KEDGE_ERR_NULL);
    assert_int_equal(kedge_flow_resume(c, too_late), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_flow_settle(c, 0, 5, 0, NULL, 0), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_flow_settle(c, 0, 0, 2, NULL, 0), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_flow_settle(c, latest, 0, 1, NULL, 0), KEDGE_ERR_STATE);
    assert_int_equal(kedge_flow_cancel(c, too_late), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_flow_set_input(c, 5, digest), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_flow_set_input(c, 0, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_flow_set_config(c, 5, digest), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_flow_set_config(c, 0, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_flow_forget(c, 5), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_flow_find(c, NULL, &i), KEDGE_ERR_NULL);
    assert_int_equal(kedge_flow_find(c, "a", NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_flow_find(c, "nobody", &i), KEDGE_ERR_UNKNOWN);
    assert_int_equal(kedge_flow_read(c, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_flow_read(NULL, &report), KEDGE_ERR_NULL);
    assert_int_equal(kedge_flow_read_step(c, 0, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_flow_read_step(c, 5, &one), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_flow_event(c, 0, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_flow_event(c, 5, &event), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_flow_text(c, NULL, 0, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_flow_text(c, NULL, 1, &len), KEDGE_ERR_NULL);
    assert_int_equal(kedge_flow_text(NULL, NULL, 0, &len), KEDGE_ERR_NULL);
}

void read_flow(const kedge_control *c)
{
    kedge_flow_report r;
    kedge_event event;
    char text[1024];
    size_t len;
    assert_int_equal(kedge_flow_read(c, &r), KEDGE_OK);
    int is_open = r.state == KEDGE_FLOW_WAIT || r.state == KEDGE_FLOW_UNSURE;
    assert_true(r.n_done + r.n_failed + r.n_cancelled + (uint64_t)is_open == r.n_runs && r.n_steps == 5);
    assert_int_equal(r.waiting | r.running | r.unsure | r.done | r.failed | r.cancelled, r.state == KEDGE_FLOW_IDLE ? 0 : 31);
    for (uint32_t i = 0; i < 5; i++) {
        kedge_flow_step_report one;
        assert_int_equal(kedge_flow_read_step(c, i, &one), KEDGE_OK);
        assert_true(one.name[0] == 'a' + (int)i && one.state <= KEDGE_STEP_CANCELLED);
        assert_int_equal(kedge_flow_event(c, i, &event), one.state >= KEDGE_STEP_DONE ? KEDGE_OK : KEDGE_EMPTY);
    }
    assert_int_equal(kedge_flow_text(c, text, sizeof text, &len), KEDGE_OK);
    assert_int_equal(len, strlen(text));
}

static void config_store(any_config *cfg)
{
    kedge_store_config c = kedge_store_defaults();
    c.n_versions = 5;
    c.n_served = 4;
    c.n_figures = 2;
    c.artifact_bytes = 100;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_store(any_config *cfg, size_t i)
{
    SPOIL(kedge_store_config, BAD(c->n_versions = 1) BAD(c->n_versions = 4097) BAD(c->n_served = 0)
          BAD(c->n_served = (1u << 20) + 1)
          BAD(c->n_figures = 65) BAD(c->artifact_bytes = (1u << 31) + 1) BAD(c->keep_refused = 2)
          BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL));
}

/* A forged store may be full, its time anywhere: it refuses, and no more. */
static void feed_store(handle *h, size_t from, size_t to)
{
    static const char *const tags[] = {"", "good", "last"};
    kedge_control *c = &h->control;
    for (size_t i = from; i < to; i++) {
        kedge_store_version v = {0};
        uint64_t id = 0;
        v.created_ns = i;
        v.cost = (double)i;
        kedge_status st = i % 3 == 0 ? kedge_store_add(c, &v, &id) : KEDGE_OK;
        assert_true(st == KEDGE_OK || st == KEDGE_ERR_BUFFER || st == KEDGE_ERR_RANGE);
        for (uint32_t k = 0; kedge_store_at(c, k, &v) == KEDGE_OK; k++)
            id = (i * 7 + k) % 3 ? id : v.id;
        st = i % 4 == 1 ? kedge_store_serve(c, id, i) : i % 4 == 2 ? kedge_store_set_status(c, id, 2) : KEDGE_OK;
        assert_true(st == KEDGE_OK || st == KEDGE_ERR_UNKNOWN || st == KEDGE_ERR_STATE || st == KEDGE_ERR_RANGE);
        st = i % 5 == 3 ? kedge_store_put_artifact(c, id, tags, 1 + i % 30 / 10) : kedge_store_set_figure(c, id, i % 2, (double)i);
        assert_true(st == KEDGE_OK || st == KEDGE_ERR_UNKNOWN || st == KEDGE_ERR_BUFFER || st == KEDGE_ERR_RANGE);
        st = i % 6 == 4 ? kedge_store_set_tag(c, id, tags[i % 3]) : kedge_store_pin(c, id, i % 6 == 5);
        assert_true(st == KEDGE_OK || st == KEDGE_ERR_UNKNOWN);
    }
}

void refuse_store(kedge_control *c)
{
    kedge_store_version v = {0};
    kedge_store_report report;
    const void *bytes;
    uint64_t id;
    size_t n;
    double x;
    assert_int_equal(kedge_store_add(NULL, &v, &id), KEDGE_ERR_NULL);
    assert_int_equal(kedge_store_add(c, NULL, &id), KEDGE_ERR_NULL);
    assert_int_equal(kedge_store_add(c, &v, NULL), KEDGE_ERR_NULL);
    v.cost = NAN_D;
    assert_int_equal(kedge_store_add(c, &v, &id), KEDGE_ERR_NOT_FINITE);
    v.cost = 0;
    v.parent = UINT64_MAX;
    assert_int_equal(kedge_store_add(c, &v, &id), KEDGE_ERR_RANGE);
    v.parent = 0;
    memset(v.model_class, 'x', sizeof v.model_class);
    assert_int_equal(kedge_store_add(c, &v, &id), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_store_get(c, UINT64_MAX, &v), KEDGE_ERR_UNKNOWN);
    assert_int_equal(kedge_store_at(c, 0, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_store_set_figure(c, UINT64_MAX, 0, 1), KEDGE_ERR_UNKNOWN);
    assert_int_equal(kedge_store_figure(c, UINT64_MAX, 0, &x), KEDGE_ERR_UNKNOWN);
    assert_int_equal(kedge_store_set_status(c, UINT64_MAX, 1), KEDGE_ERR_UNKNOWN);
    assert_int_equal(kedge_store_serve(c, UINT64_MAX, UINT64_MAX), KEDGE_ERR_UNKNOWN);
    assert_int_equal(kedge_store_served_at(c, 0, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_store_history(c, 0, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_store_pin(c, UINT64_MAX, 1), KEDGE_ERR_UNKNOWN);
    assert_int_equal(kedge_store_set_tag(c, UINT64_MAX, "x"), KEDGE_ERR_UNKNOWN);
    assert_int_equal(kedge_store_find_tag(c, NULL, &id), KEDGE_ERR_NULL);
    assert_int_equal(kedge_store_find_tag(c, "nobody's", &id), KEDGE_ERR_UNKNOWN);
    assert_int_equal(kedge_store_find_digest(c, NULL, &id), KEDGE_ERR_NULL);
    assert_int_equal(kedge_store_put_artifact(c, UINT64_MAX, "x", 1), KEDGE_ERR_UNKNOWN);
    assert_int_equal(kedge_store_artifact(c, UINT64_MAX, &bytes, &n), KEDGE_ERR_UNKNOWN);
    assert_int_equal(kedge_store_digest(c, UINT64_MAX, v.config_digest), KEDGE_ERR_UNKNOWN);
    assert_int_equal(kedge_store_sign(c, UINT64_MAX, NULL, 0), KEDGE_ERR_UNKNOWN);
    assert_int_equal(kedge_store_export(c, UINT64_MAX, NULL, 0, &n), KEDGE_ERR_UNKNOWN);
    assert_int_equal(kedge_store_import(c, "KDGV", 4, &id), KEDGE_ERR_SNAPSHOT);
    assert_int_equal(kedge_store_import(c, NULL, 4, &id), KEDGE_ERR_NULL);
    assert_int_equal(kedge_store_read(c, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_store_read(NULL, &report), KEDGE_ERR_NULL);
}

void read_store(const kedge_control *c)
{
    static unsigned char buf[2048];
    kedge_store_report r;
    kedge_store_version v;
    kedge_store_stretch stretch;
    unsigned char hash[KEDGE_HASH_BYTES];
    const void *bytes;
    uint64_t id, last = 0;
    uint32_t used = 0, n = 0;
    size_t len;
    assert_int_equal(kedge_store_read(c, &r), KEDGE_OK);
    for (; kedge_store_at(c, n, &v) == KEDGE_OK; n++) {
        assert_true(v.id > last && (v.status == KEDGE_VERSION_SERVING) == (v.id == r.serving));
        last = v.id;
        used += v.artifact_bytes;
        kedge_status st = kedge_store_artifact(c, v.id, &bytes, &len); /* a forged one has another hash */
        assert_true(st == KEDGE_ERR_SNAPSHOT || st == (v.artifact_bytes ? KEDGE_OK : KEDGE_EMPTY));
        assert_int_equal(kedge_store_digest(c, v.id, hash), KEDGE_OK);
        st = kedge_store_export(c, v.id, buf, sizeof buf, &len);
        assert_true(st == KEDGE_OK || (st == KEDGE_ERR_BUFFER && len > sizeof buf));
    }
    assert_true(n == r.n_versions && used == r.artifact_bytes);
    for (n = 0; kedge_store_history(c, n, &stretch) == KEDGE_OK; n++)
        assert_true(stretch.from_ns <= stretch.to_ns);
    assert_int_equal(n, r.n_history);
    assert_int_equal(kedge_store_served_at(c, UINT64_MAX, &id), KEDGE_OK);
    assert_int_equal(id, r.serving);
}

static const subject subjects[] = {
    {"events", &noun_control, config_events, spoil_events, feed_events, NULL, 30},
    {"flow", &noun_control, config_flow, spoil_flow, feed_flow, NULL, 60},
    {"rollout", &noun_control, config_rollout, spoil_rollout, feed_rollout, NULL, 80},
    {"store", &noun_control, config_store, spoil_store, feed_store, NULL, 60},
    {"triggers", &noun_control, config_triggers, spoil_triggers, feed_triggers, NULL, 60},
};

const subject_group group_controls = {subjects, sizeof subjects / sizeof *subjects};
