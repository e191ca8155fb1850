/* SPDX-License-Identifier: MIT */
/* Several pipelines side by side: each event bears the number of its pipeline, wherever it was told from, and keeps it in the text
 * and in an audit log that holds those of all. */
#include <stdio.h>

#include "delivered.h"

enum { N = 2, LOG_BYTES = 1 << 18 };

static const uint32_t numbers[N] = {7, UINT32_MAX};

/* All that tells events: a schema, a stage that waits for a verdict, a store that is soon full. */
static void side_make(rig *r, kedge_schema_config *schema, uint32_t number)
{
    rig_default(r);
    *schema = kedge_schema_defaults(NULL, FEATURES);
    r->cfg.schema = &schema->base;
    r->cfg.number = number;
    r->store.n_versions = 2;
    r->stages[0].needs_verdict = 1;
    rig_make(r);
}

/* Fails on purpose. */
static void side_judge(rig *r, uint64_t now)
{
    kedge_battery_config battery = kedge_battery_defaults();
    kedge_gate_test never = KEDGE_GATE_TEST_INIT("never", KEDGE_TEST_RANGE);
    kedge_gate_config gate = kedge_gate_defaults(&battery);
    kedge_gate_report report;
    battery.checks = 0;
    never.low = 6.0;
    never.high = 7.0;
    gate.tests = &never;
    gate.n_tests = 1;
    size_t bytes = kedge_pipeline_judge_work(&r->p, &gate);
    void *work = bytes > 0 ? test_malloc(bytes) : NULL;
    if (bytes > 0) {
        assert_int_equal(kedge_pipeline_judge(&r->p, now, &gate, work, bytes, NULL, &report), KEDGE_OK);
        assert_true(report.failed != 0);
    }
    test_free(work);
}

static void side_serve(rig *r, uint64_t i)
{
    double x[FEATURES], predicted, y = row_at(i, i >= 1000, x);
    if (i == 900) {
        x[0] = 1e6; /* beyond what the schema has seen */
        assert_int_equal(kedge_pipeline_predict(&r->p, 10 * i, i, x, &predicted), KEDGE_ERR_SKEW);
        return;
    }
    kedge_status st = kedge_pipeline_predict(&r->p, 10 * i, i, x, &predicted);
    assert_true(st >= 0 || st == KEDGE_ERR_SKEW);
    if (st >= 0)
        assert_true(kedge_pipeline_label(&r->p, 10 * i + 3, i, y) >= 0);
    assert_int_equal(kedge_pipeline_step(&r->p, 10 * i + 4, r->work, r->work_bytes), KEDGE_OK);
    side_judge(r, 10 * i + 5);
}

static void side_save_and_load(rig *r)
{
    static unsigned char snapshot[ROOM];
    size_t len;
    assert_int_equal(kedge_pipeline_save(&r->p, snapshot, sizeof snapshot, &len), KEDGE_OK);
    memset(r->mem, 0x5C, r->bytes);
    assert_int_equal(kedge_pipeline_load(&r->p, &kedge_gaussian_nb, &kedge_adwin, NULL, r->mem, r->bytes, snapshot, len), KEDGE_OK);
}

static void test_numbers(void **unused)
{
    (void)unused;
    static unsigned char log[LOG_BYTES];
    rig r[N];
    kedge_schema_config schemas[N];
    uint64_t next[N] = {0}, kinds[N] = {0};
    uint32_t n[N] = {0};
    kedge_audit audit;
    for (int k = 0; k < N; k++)
        side_make(&r[k], &schemas[k], numbers[k]);
    assert_int_equal(kedge_audit_begin(&audit, log, sizeof log, NULL, 0, NULL), KEDGE_OK);
    for (uint64_t i = 0; i < 4000; i++)
        for (int k = 0; k < N; k++) {
            kedge_control events = control(&r[k], KEDGE_PIPELINE_EVENTS);
            side_serve(&r[k], i);
            if (i % 1000 == 500)
                side_save_and_load(&r[k]);
            assert_int_equal(kedge_events_audit(&events, &next[k], &audit), KEDGE_OK);
        }
    kedge_audit_record record;
    kedge_event e;
    size_t at = 0, len;
    while (kedge_audit_next(log, audit.used, &at, &record) == KEDGE_OK) {
        char line[KEDGE_EVENT_TEXT_BYTES], shown[40];
        if (kedge_audit_read_event(&record, &e) != KEDGE_OK)
            continue;
        int k = e.pipeline == numbers[1];
        assert_int_equal(e.pipeline, numbers[k]);
        kinds[k] |= UINT64_C(1) << e.kind;
        n[k]++;
        assert_int_equal(kedge_event_text(&e, line, sizeof line, &len), KEDGE_OK);
        (void)snprintf(shown, sizeof shown, "pipeline %u", (unsigned)numbers[k]);
        assert_non_null(strstr(line, shown));
    }
    const uint32_t told[] = {KEDGE_EVENT_SKEW,  KEDGE_EVENT_DRIFT,  KEDGE_EVENT_TRIGGER, KEDGE_EVENT_TRAINING, KEDGE_EVENT_TRAINED,
                             KEDGE_EVENT_STAGE, KEDGE_EVENT_TESTED, KEDGE_EVENT_CHECK,   KEDGE_EVENT_EVICTED,
                                 KEDGE_EVENT_ROLLED_BACK};
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        assert_true(kinds[0] >> told[i] & 1u);
    assert_true(kinds[0] == kinds[1] && n[0] == n[1] && n[0] > 10);
    for (int k = 0; k < N; k++)
        rig_free(&r[k]);
}

/* Who served when, from the log alone, as from a store that forgets nothing; rollbacks in production among it. */
static void test_served(void **unused)
{
    (void)unused;
    static unsigned char log[LOG_BYTES];
    static const unsigned char none[8];
    rig r;
    uint64_t next = 0, id, by_store, n_back = 0, n_versions = 0, last = 0;
    kedge_audit audit;
    int is_right;
    rig_default(&r);
    r.cfg.number = 9;
    r.stages[0].kind = KEDGE_STAGE_PRODUCTION;
    r.stages[0].both_answer = 0;
    r.rollout = kedge_rollout_defaults(r.stages, 1);
    rig_make(&r);
    assert_int_equal(kedge_audit_begin(&audit, log, sizeof log, NULL, 0, NULL), KEDGE_OK);
    kedge_control events = control(&r, KEDGE_PIPELINE_EVENTS), rollout = control(&r, KEDGE_PIPELINE_ROLLOUT);
    for (uint64_t i = 0; i < 6000; i++) {
        (void)serve(&r, i, i / 1000 % 2, &is_right);
        uint64_t serving = rig_report(&r).version;
        n_versions += serving != last;
        if (serving > last && rig_report(&r).staged == serving && serving % 2 == 0) /* each second one is stopped at once */
            assert_int_equal(kedge_rollout_stop(&rollout, 10 * i + 5, 1), KEDGE_OK);
        n_back += serving < last;
        last = serving;
        assert_int_equal(kedge_events_audit(&events, &next, &audit), KEDGE_OK);
    }
    assert_true(n_back > 0 && n_versions > n_back + 2);
    kedge_control store = control(&r, KEDGE_PIPELINE_STORE);
    for (uint64_t when = 0; when < 61000; when += 7) {
        id = 0;
        assert_int_equal(kedge_store_served_at(&store, when, &by_store), KEDGE_OK);
        kedge_status st = kedge_audit_served_at(log, audit.used, 9, when, &id);
        assert_int_equal(st, by_store == 0 ? KEDGE_EMPTY : KEDGE_OK);
        assert_int_equal(id, by_store);
    }
    id = 77;
    assert_int_equal(kedge_audit_served_at(log, audit.used, 8, UINT64_MAX, &id), KEDGE_EMPTY);
    assert_int_equal(id, 77);
    assert_int_equal(kedge_audit_served_at(none, sizeof none, 9, 1, &id), KEDGE_ERR_SNAPSHOT);
    assert_int_equal(kedge_audit_served_at(NULL, 0, 9, 1, &id), KEDGE_ERR_NULL);
    assert_int_equal(kedge_audit_served_at(log, audit.used, 9, 1, NULL), KEDGE_ERR_NULL);
    rig_free(&r);
}

/* A reset forgets what happened, not whose it was. */
static void test_reset(void **unused)
{
    (void)unused;
    rig r;
    kedge_schema_config schema;
    kedge_event e;
    uint64_t next = 0;
    side_make(&r, &schema, 5);
    for (uint64_t i = 0; i < 300; i++)
        side_serve(&r, i);
    assert_int_equal(kedge_pipeline_reset(&r.p), KEDGE_OK);
    kedge_control events = control(&r, KEDGE_PIPELINE_EVENTS);
    assert_int_equal(kedge_events_get(&events, &next, &e), KEDGE_EMPTY);
    for (uint64_t i = 0; i < 300; i++)
        side_serve(&r, i);
    assert_int_equal(kedge_events_get(&events, &next, &e), KEDGE_OK);
    assert_int_equal(e.pipeline, 5);
    rig_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_numbers), cmocka_unit_test(test_served), cmocka_unit_test(test_reset)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
