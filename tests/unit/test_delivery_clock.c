/* SPDX-License-Identifier: MIT */
/* A host that tells a control inside a pipeline a later time than it has told the pipeline, by a clock of its own or between two
 * calls. */
#include "delivered.h"

#define LATER ((uint64_t)1 << 61)

/* The one who approves has another clock: the rollout goes on. */
static void test_approved_by_another_clock(void **unused)
{
    (void)unused;
    rig r;
    kedge_rollout_request ask;
    uint64_t i = 1000;
    int is_right;
    rig_default(&r);
    r.stages[2].needs_approval = 1;
    rig_make(&r);
    (void)accuracy(&r, 0, 1000, 0);
    kedge_control rollout = control(&r, KEDGE_PIPELINE_ROLLOUT);
    while (kedge_rollout_ask(&rollout, &ask) == KEDGE_EMPTY && i < 2500)
        (void)serve(&r, i++, 1, &is_right);
    assert_int_equal(kedge_rollout_approve(&rollout, LATER, ask.token, 42), KEDGE_OK);
    (void)accuracy(&r, i, i + 500, 1);
    kedge_pipeline_report now = rig_report(&r);
    assert_true(now.version >= 2 && now.promoted_at_ns == LATER);
    rig_free(&r);
}

/* So has the one who asks for a training: it is done, and ended. */
static void test_asked_by_another_clock(void **unused)
{
    (void)unused;
    rig r;
    kedge_triggers_report t;
    rig_default(&r);
    r.cfg.rollout = NULL;
    rig_make(&r);
    (void)accuracy(&r, 0, 1000, 0);
    kedge_control triggers = control(&r, KEDGE_PIPELINE_TRIGGERS);
    assert_int_equal(kedge_triggers_demand(&triggers, LATER, 7), KEDGE_OK);
    (void)accuracy(&r, 1000, 1001, 0);
    assert_int_equal(rig_report(&r).n_trainings, 2);
    assert_int_equal(kedge_pipeline_request(&r.p), KEDGE_OK);
    (void)accuracy(&r, 1001, 4000, 0);
    assert_int_equal(kedge_triggers_read(&triggers, &t), KEDGE_OK);
    assert_true(t.n_started >= 2 && t.n_refused + t.n_promoted >= 1);
    rig_free(&r);
}

/* A training by hand ends the trial of a challenger; triggers hear of it, though they were told a later time just before. */
static void test_trained_by_hand_meanwhile(void **unused)
{
    (void)unused;
    static double x[200 * FEATURES], y[200];
    rig r;
    kedge_triggers_report t;
    rig_default(&r);
    r.cfg.rollout = NULL;
    r.cfg.gate_sought = 0; /* nothing is in vain: it stays undecided */
    rig_make(&r);
    (void)accuracy(&r, 0, 1000, 0);
    assert_int_equal(kedge_pipeline_request(&r.p), KEDGE_OK);
    (void)accuracy(&r, 1000, 1001, 0);
    assert_true(rig_report(&r).trial > 0);
    kedge_control triggers = control(&r, KEDGE_PIPELINE_TRIGGERS);
    assert_int_equal(kedge_triggers_rows(&triggers, 10 * 1002, 0), KEDGE_OK);
    for (uint64_t i = 0; i < 200; i++)
        y[i] = row_at(5000 + i, 0, x + i * FEATURES);
    kedge_rows rows = kedge_rows_float64(x, 200, FEATURES);
    assert_int_equal(kedge_pipeline_train(&r.p, &rows, y, r.work, r.work_bytes), KEDGE_OK);
    assert_int_equal(rig_report(&r).trial, 0);
    assert_int_equal(kedge_triggers_read(&triggers, &t), KEDGE_OK);
    assert_true(t.n_started == 1 && t.n_refused == 1 && !t.is_busy);
    rig_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_approved_by_another_clock),
        cmocka_unit_test(test_asked_by_another_clock),
        cmocka_unit_test(test_trained_by_hand_meanwhile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
