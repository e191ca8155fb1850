/* SPDX-License-Identifier: MIT */
/* A pipeline whose rollout waits in its test stage for the gate's verdict on the challenger inside. */
#include <math.h>
#include <stdlib.h>

#include "support.h"

enum { FEATURES = 2, HELD_BACK = 1000, MOST = 4000 };

static double held[HELD_BACK * FEATURES], truth[HELD_BACK];

/* The sign of the first feature; from row 1000 on the other way round. */
static double row_of(uint64_t i, int flipped, double *x)
{
    kedge_rng rng = {i};
    x[0] = kedge_rng_normal(&rng);
    x[1] = kedge_rng_normal(&rng);
    return (x[0] > 0) != flipped;
}

/* What the gate says of the models inside, on rows of today. It must not be told from the state that it has judged. */
static int32_t verdict_of(const kedge_pipeline *p, double highest)
{
    static unsigned long long work[60000];
    kedge_battery_config battery = kedge_battery_defaults();
    kedge_gate_config gate = kedge_gate_defaults(&battery);
    kedge_gate_test range = KEDGE_GATE_TEST_INIT("a probability", KEDGE_TEST_RANGE);
    kedge_rows rows = kedge_rows_float64(held, HELD_BACK, FEATURES);
    kedge_gate_report report;
    kedge_model champion, challenger;
    assert_int_equal(kedge_pipeline_champion(p, &champion), KEDGE_OK);
    assert_int_equal(kedge_pipeline_challenger(p, &challenger), KEDGE_OK);
    assert_ptr_not_equal(champion.state, challenger.state);
    battery.checks = 1u << KEDGE_BATTERY_SAME | 1u << KEDGE_BATTERY_SOUND;
    battery.n_resamples = 100;
    range.output = 1;
    range.low = 0;
    range.high = highest;
    gate.tests = &range;
    gate.n_tests = 1;
    assert_int_equal(kedge_gate_judge(&gate, &champion, &challenger, &rows, truth, NULL, work, sizeof work, NULL, &report),
                     KEDGE_OK);
    assert_int_equal(kedge_pipeline_check(p), KEDGE_OK);
    return report.verdict;
}

/* Serve until something came of the first challenger that replaces another model. What it was. */
static kedge_pipeline_report run(double highest, int32_t expected)
{
    kedge_gaussian_nb_config model = kedge_gaussian_nb_defaults(FEATURES, 2);
    kedge_adwin_config detector = kedge_adwin_defaults();
    kedge_stage stages[2] = {KEDGE_STAGE_INIT, KEDGE_STAGE_INIT};
    kedge_rollout_config rollout_cfg = kedge_rollout_defaults(stages, 2);
    kedge_pipeline_config cfg = kedge_pipeline_defaults(&model.base, &detector.base);
    kedge_pipeline_report report;
    kedge_rollout_report stage;
    kedge_control rollout;
    kedge_pipeline p;
    kedge_model none;
    stages[0].kind = KEDGE_STAGE_TEST;
    stages[0].needs_verdict = 1;
    stages[0].least_rows = 0;
    stages[1].least_rows = 100;
    stages[1].most_rows = 200;
    cfg.rollout = &rollout_cfg.base;
    size_t bytes = kedge_pipeline_size(&cfg), work_bytes = kedge_pipeline_work(&cfg);
    void *mem = guard_new(bytes, 0xA5), *work = guard_new(work_bytes, 0xA5);
    assert_int_equal(kedge_pipeline_init(&p, &cfg, mem, bytes), KEDGE_OK);
    assert_int_equal(kedge_pipeline_challenger(&p, &none), KEDGE_EMPTY);
    uint32_t n_judged = 0;
    int is_over = 0;
    for (uint64_t i = 0; i < MOST && !is_over; i++) {
        double x[FEATURES], y, label = row_of(i, i >= 1000, x);
        assert_true(kedge_pipeline_predict(&p, i, i, x, &y) >= 0);
        assert_true(kedge_pipeline_label(&p, i, i, label) >= 0);
        assert_true(kedge_pipeline_step(&p, i, work, work_bytes) >= 0);
        assert_int_equal(kedge_pipeline_read(&p, &report), KEDGE_OK);
        assert_int_equal(kedge_pipeline_control(&p, KEDGE_PIPELINE_ROLLOUT, &rollout), KEDGE_OK);
        assert_int_equal(kedge_rollout_read(&rollout, &stage), KEDGE_OK);
        is_over = report.version == 2 && report.staged == 0;
        assert_int_equal(kedge_pipeline_challenger(&p, &none), report.staged ? KEDGE_OK : KEDGE_EMPTY);
        if (report.staged && stage.stage_kind == KEDGE_STAGE_PRODUCTION) { /* it serves already */
            kedge_model serving;
            assert_int_equal(kedge_pipeline_champion(&p, &serving), KEDGE_OK);
            assert_ptr_equal(serving.state, none.state);
        }
        if (stage.stage_kind != KEDGE_STAGE_TEST || stage.is_judged)
            continue;
        int32_t verdict = verdict_of(&p, highest);
        assert_int_equal(verdict, expected);
        kedge_status st = kedge_rollout_judge(&rollout, i, verdict == KEDGE_BATTERY_PASS, verdict);
        if (st == KEDGE_ERR_STATE)
            continue; /* the first stage is entered by the next step */
        assert_int_equal(st, KEDGE_OK);
        n_judged++;
        is_over = verdict != KEDGE_BATTERY_PASS;
    }
    assert_true(n_judged >= 1);
    assert_true(kedge_pipeline_step(&p, MOST, work, work_bytes) >= 0);
    assert_int_equal(kedge_pipeline_read(&p, &report), KEDGE_OK);
    assert_int_equal(kedge_pipeline_challenger(&p, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_pipeline_challenger(NULL, &none), KEDGE_ERR_NULL);
    guard_free(work);
    guard_free(mem);
    return report;
}

static int set_up(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < HELD_BACK; i++) /* after the flip */
        truth[i] = row_of(100000 + i, 1, held + i * FEATURES);
    return 0;
}

static void a_challenger_that_passes_is_promoted(void **state)
{
    (void)state;
    kedge_pipeline_report r = run(1, KEDGE_BATTERY_PASS);
    assert_int_equal(r.version, 2);
    assert_int_equal(r.n_rolled_back, 0);
    assert_true(r.n_promotions >= 2);
}

static void one_that_fails_is_taken_back(void **state)
{
    (void)state;
    kedge_pipeline_report r = run(0.5, KEDGE_BATTERY_FAIL); /* no probability above a half: none can pass */
    assert_int_equal(r.version, 1);
    assert_int_equal(r.n_rolled_back, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_challenger_that_passes_is_promoted, set_up),
        cmocka_unit_test_setup(one_that_fails_is_taken_back, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
