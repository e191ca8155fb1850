/* SPDX-License-Identifier: MIT */
/* The standard tests inside a pipeline: a challenger waits in its test stage until kedge_pipeline_judge() has judged it on rows
 * that neither model was trained on. */
#include <math.h>
#include <string.h>

#include "support.h"

enum { FEATURES = 2, MOST = 4000 };

/* The sign of the first feature; from row 1000 on the other way round. */
static double row_of(uint64_t i, double *x)
{
    kedge_rng rng = {i};
    x[0] = kedge_rng_normal(&rng);
    x[1] = kedge_rng_normal(&rng);
    return (x[0] > 0) == (i < 1000);
}

typedef struct rig {
    kedge_gaussian_nb_config model;
    kedge_adwin_config detector;
    kedge_scale_config scale;
    kedge_stage stages[2];
    kedge_rollout_config rollout;
    kedge_store_config store;
    kedge_events_config events;
    kedge_pipeline_config cfg;
    kedge_battery_config battery;
    kedge_gate_test range;
    kedge_gate_config gate;
    kedge_pipeline p;
    void *mem, *work;
    size_t bytes, work_bytes;
} rig;

#include "pipeline_rig.h"

static void rig_default(rig *r)
{
    memset(r, 0, sizeof *r);
    r->model = kedge_gaussian_nb_defaults(FEATURES, 2);
    r->detector = kedge_adwin_defaults();
    r->scale = kedge_scale_defaults(FEATURES);
    r->stages[0] = r->stages[1] = (kedge_stage)KEDGE_STAGE_INIT;
    r->stages[0].kind = KEDGE_STAGE_TEST;
    r->stages[0].needs_verdict = 1;
    r->stages[0].least_rows = 0;
    r->stages[1].least_rows = 100;
    r->stages[1].most_rows = 200;
    r->rollout = kedge_rollout_defaults(r->stages, 2);
    r->store = kedge_store_defaults();
    r->events = kedge_events_defaults();
    r->cfg = kedge_pipeline_defaults(&r->model.base, &r->detector.base);
    r->cfg.rollout = &r->rollout.base;
    r->cfg.store = &r->store.base;
    r->cfg.events = &r->events.base;
    r->battery = kedge_battery_defaults();
    r->battery.checks = 1u << KEDGE_BATTERY_SAME | 1u << KEDGE_BATTERY_SOUND;
    r->battery.n_resamples = 100;
    r->range = (kedge_gate_test)KEDGE_GATE_TEST_INIT("a probability", KEDGE_TEST_RANGE);
    r->range.output = 1;
    r->range.low = 0;
    r->range.high = 1;
    r->gate = kedge_gate_defaults(&r->battery);
    r->gate.tests = &r->range;
    r->gate.n_tests = 1;
}

static void serve(rig *r, uint64_t i)
{
    double x[FEATURES], y, label = row_of(i, x);
    assert_true(kedge_pipeline_predict(&r->p, i, i, x, &y) >= 0);
    assert_true(kedge_pipeline_label(&r->p, i, i, label) >= 0);
    assert_true(kedge_pipeline_step(&r->p, i, r->work, r->work_bytes) >= 0);
}

/* Judge with exactly the work memory that it asks for. */
static kedge_status judge(rig *r, uint64_t now, kedge_gate_report *report)
{
    size_t bytes = kedge_pipeline_judge_work(&r->p, &r->gate);
    void *work = guard_new(bytes, 0x5A);
    kedge_status st = kedge_pipeline_judge(&r->p, now, &r->gate, work, bytes, NULL, report);
    guard_free(work);
    assert_int_equal(st == KEDGE_EMPTY, bytes == 0);
    return st;
}

static uint32_t count_events(const rig *r, uint32_t kind, uint32_t *subject)
{
    kedge_control events;
    kedge_event e;
    uint64_t next = 0;
    uint32_t n = 0;
    assert_int_equal(kedge_pipeline_control(&r->p, KEDGE_PIPELINE_EVENTS, &events), KEDGE_OK);
    while (kedge_events_get(&events, &next, &e) == KEDGE_OK)
        if (e.kind == kind) {
            n++;
            *subject = (uint32_t)e.subject;
        }
    return n;
}

/* Serve and judge until the first challenger was judged, then some rows more. */
static kedge_gate_report run(rig *r)
{
    kedge_gate_report report;
    uint64_t i = 0;
    memset(&report, 0x77, sizeof report);
    for (; i < MOST; i++) {
        serve(r, i);
        kedge_status st = judge(r, i, &report);
        assert_true(st == KEDGE_OK || st == KEDGE_EMPTY);
        if (st == KEDGE_OK && report.verdict != KEDGE_BATTERY_UNDECIDED)
            break;
    }
    assert_true(i > 1000 && i < MOST);
    kedge_gate_report again = report;
    assert_int_equal(judge(r, i, &again), KEDGE_EMPTY); /* a verdict is wanted once */
    assert_memory_equal(&again, &report, sizeof report);
    for (uint64_t end = i + 300; i < end; i++)
        serve(r, i + 1);
    return report;
}

static void test_passes(void **unused)
{
    (void)unused;
    for (int with_prep = 0; with_prep < 2; with_prep++) {
        rig r;
        uint32_t subject;
        rig_default(&r);
        r.cfg.prep = with_prep ? &r.scale.base : NULL;
        rig_make(&r);
        kedge_gate_report report = run(&r);
        assert_int_equal(report.verdict, KEDGE_BATTERY_PASS);
        assert_true(report.n_rows >= 20 && report.n_rows < 200); /* held back, or after the training */
        assert_int_equal(report.failed, 0);
        assert_true(report.passed >> KEDGE_GATE_TESTS & 1u);
        assert_true(report.passed >> KEDGE_GATE_BETTER & 1u);
        kedge_pipeline_report now = rig_report(&r);
        assert_true(now.version >= 2);
        assert_int_equal(now.n_rolled_back, 0);
        assert_int_equal(count_events(&r, KEDGE_EVENT_CHECK, &subject), 0);
        kedge_control store;
        kedge_store_version v;
        assert_int_equal(kedge_pipeline_control(&r.p, KEDGE_PIPELINE_STORE, &store), KEDGE_OK);
        assert_int_equal(kedge_store_get(&store, 2, &v), KEDGE_OK);
        assert_int_equal(v.tests_passed, report.passed);
        assert_int_equal(v.tests_failed, 0);
        rig_free(&r);
    }
}

static void test_fails(void **unused)
{
    (void)unused;
    rig r;
    uint32_t subject = 0;
    rig_default(&r);
    r.range.high = 0.5; /* no probability above a half: none can pass */
    rig_make(&r);
    kedge_gate_report report = run(&r);
    assert_int_equal(report.verdict, KEDGE_BATTERY_FAIL);
    kedge_pipeline_report now = rig_report(&r);
    assert_int_equal(now.version, 1);
    assert_int_equal(now.n_rolled_back, 1);
    assert_int_equal(count_events(&r, KEDGE_EVENT_CHECK, &subject), 1);
    assert_int_equal(subject, KEDGE_GATE_TESTS);
    kedge_control store;
    kedge_store_version v;
    assert_int_equal(kedge_pipeline_control(&r.p, KEDGE_PIPELINE_STORE, &store), KEDGE_OK);
    assert_int_equal(kedge_store_get(&store, 2, &v), KEDGE_OK);
    assert_int_equal(v.tests_failed, 1u << KEDGE_GATE_TESTS);
    assert_int_equal(v.status, KEDGE_VERSION_ROLLED_BACK);
    rig_free(&r);
}

static void test_refusals(void **unused)
{
    (void)unused;
    rig r;
    kedge_gate_report report;
    static const uint32_t groups[MOST];
    rig_default(&r);
    rig_make(&r);
    memset(&report, 0x77, sizeof report);
    kedge_gate_report untouched = report;
    uint64_t i = 0, here[4] = {0};
    assert_int_equal(kedge_pipeline_judge(&r.p, 0, &r.gate, here, sizeof here, NULL, &report), KEDGE_EMPTY);
    for (; i < MOST && kedge_pipeline_judge_work(&r.p, &r.gate) == 0; i++)
        serve(&r, i);
    assert_true(i < MOST);
    size_t bytes = kedge_pipeline_judge_work(&r.p, &r.gate);
    unsigned char *work = guard_new(bytes, 0);
    unsigned char *before = test_malloc(r.bytes);
    memcpy(before, r.mem, r.bytes);
    assert_int_equal(kedge_pipeline_judge(NULL, i, &r.gate, work, bytes, NULL, &report), KEDGE_ERR_NULL);
    assert_int_equal(kedge_pipeline_judge(&r.p, i, NULL, work, bytes, NULL, &report), KEDGE_ERR_NULL);
    assert_int_equal(kedge_pipeline_judge(&r.p, i, &r.gate, NULL, bytes, NULL, &report), KEDGE_ERR_NULL);
    assert_int_equal(kedge_pipeline_judge(&r.p, i, &r.gate, work, bytes, NULL, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_pipeline_judge(&r.p, i, &r.gate, work, bytes - 1, NULL, &report), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_pipeline_judge(&r.p, i, &r.gate, work + 4, bytes, NULL, &report), KEDGE_ERR_ALIGN);
    r.gate.groups = groups;
    assert_int_equal(kedge_pipeline_judge(&r.p, i, &r.gate, work, bytes, NULL, &report), KEDGE_ERR_UNSUPPORTED);
    r.gate.groups = NULL;
    r.gate.confidence = 2.0;
    assert_int_equal(kedge_pipeline_judge(&r.p, i, &r.gate, work, bytes, NULL, &report), KEDGE_ERR_CONFIG);
    assert_int_equal(kedge_pipeline_judge_work(&r.p, &r.gate), 0);
    assert_int_equal(kedge_pipeline_judge_work(NULL, &r.gate), 0);
    assert_int_equal(kedge_pipeline_judge_work(&r.p, NULL), 0);
    assert_memory_equal(before, r.mem, r.bytes);
    assert_memory_equal(&report, &untouched, sizeof report);
    test_free(before);
    guard_free(work);
    rig_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_passes),
        cmocka_unit_test(test_fails),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
