/* SPDX-License-Identifier: MIT */
/* On which rows the gate inside a pipeline judges, and in which unit it takes the errors of a regression. */
#include <fenv.h>
#include <math.h>

#include "support.h"

#include "pipeline/pipeline_state.h"

enum { FEATURES = 2, WINDOW = 400 };

typedef struct rig {
    kedge_random_forest_config forest;
    kedge_rls_config line;
    kedge_adwin_config adwin;
    kedge_stage stages[2];
    kedge_rollout_config rollout;
    kedge_pipeline_config cfg;
    kedge_pipeline p;
    void *mem, *work;
    size_t bytes, work_bytes;
} rig;

#include "pipeline_rig.h"

/* A forest that knows by heart what it was trained on. */
static void rig_default(rig *r)
{
    r->forest = kedge_random_forest_defaults(FEATURES, 2);
    r->forest.n_trees = 10;
    r->adwin = kedge_adwin_defaults();
    r->cfg = kedge_pipeline_defaults(&r->forest.base, &r->adwin.base);
    r->cfg.window_rows = r->cfg.min_rows = WINDOW;
    r->cfg.select = KEDGE_SELECT_WINDOW;
}

static void rig_row(uint64_t i, double *x)
{
    kedge_rng rng = {i};
    x[0] = kedge_rng_normal(&rng);
    x[1] = kedge_rng_normal(&rng);
}

/* Labels are noise: nobody can be right more often than by chance, but on rows that he was trained on. */
static void rig_noise(rig *r, uint64_t from, uint64_t to)
{
    double x[FEATURES];
    for (uint64_t i = from; i < to; i++) {
        kedge_rng rng = {~i};
        rig_row(i, x);
        (void)rig_serve(r, i, i, x, (double)kedge_rng_below(&rng, 2));
    }
}

static void rig_request(rig *r)
{
    assert_int_equal(kedge_pipeline_request(&r->p), KEDGE_OK);
    assert_int_equal(kedge_pipeline_step(&r->p, 0, r->work, r->work_bytes), KEDGE_OK);
}

/* The first model has learned all rows, those too that are held back from challengers. */
static void test_rows_of_the_first_training_do_not_speak(void **unused)
{
    (void)unused;
    rig r;
    rig_default(&r);
    rig_make(&r);
    rig_noise(&r, 0, WINDOW + 100);
    assert_int_equal(rig_report(&r).n_trainings, 1);
    rig_request(&r);
    assert_int_equal(rig_report(&r).n_trainings, 2);
    assert_int_equal(rig_report(&r).trial_rows, 100 / 5);
    assert_true(rig_report(&r).gate_champion > 0.15); /* by heart it would be 0.02 */
    rig_free(&r);
}

/* Nor do those that were kept before a training by hand, of whose table they may have been. */
static void test_rows_before_a_training_by_hand_do_not_speak(void **unused)
{
    (void)unused;
    static double x[WINDOW * FEATURES], y[WINDOW];
    rig r;
    rig_default(&r);
    rig_make(&r);
    rig_noise(&r, 0, 2 * WINDOW);
    for (uint64_t i = 0; i < WINDOW; i++) {
        kedge_rng rng = {~(i + WINDOW)};
        rig_row(i + WINDOW, x + i * FEATURES);
        y[i] = (double)kedge_rng_below(&rng, 2);
    }
    kedge_rows rows = kedge_rows_float64(x, WINDOW, FEATURES);
    assert_int_equal(kedge_pipeline_train(&r.p, &rows, y, r.work, r.work_bytes), KEDGE_OK);
    rig_noise(&r, 2 * WINDOW, 2 * WINDOW + 50);
    rig_request(&r);
    assert_int_equal(rig_report(&r).trial_rows, 50 / 5);
    rig_free(&r);
}

/* A pipeline without a gate holds no rows back: in a rollout the challenger is judged on those that came after its training
 * only. */
static void test_rows_of_a_training_without_gate_do_not_speak(void **unused)
{
    (void)unused;
    static unsigned long long work[400000];
    kedge_battery_config battery = kedge_battery_defaults();
    kedge_gate_config gate = kedge_gate_defaults(&battery);
    kedge_gate_report report;
    rig r;
    battery.checks = 1u << KEDGE_BATTERY_SAME | 1u << KEDGE_BATTERY_SOUND;
    rig_default(&r);
    r.stages[0] = r.stages[1] = (kedge_stage)KEDGE_STAGE_INIT;
    r.stages[0].kind = KEDGE_STAGE_TEST;
    r.stages[0].needs_verdict = 1;
    r.rollout = kedge_rollout_defaults(r.stages, 2);
    r.cfg.rollout = &r.rollout.base;
    r.cfg.holdout_every = 0;
    rig_make(&r);
    rig_noise(&r, 0, WINDOW + 100);
    rig_request(&r);
    assert_int_equal(kedge_pipeline_step(&r.p, 0, r.work, r.work_bytes), KEDGE_OK);
    assert_int_equal(rig_report(&r).staged, 2);
    assert_int_equal(kedge_pipeline_judge_work(&r.p, &gate), 0);
    assert_int_equal(kedge_pipeline_judge(&r.p, 0, &gate, work, sizeof work, NULL, &report), KEDGE_EMPTY);
    rig_noise(&r, WINDOW + 100, WINDOW + 130);
    assert_true(kedge_pipeline_judge_work(&r.p, &gate) > 0);
    assert_int_equal(kedge_pipeline_judge(&r.p, WINDOW + 200, &gate, work, sizeof work, NULL, &report), KEDGE_OK);
    assert_int_equal(report.battery.n_rows, 30);
    rig_free(&r);
}

/* A line that changes its direction at row 1000; a training is asked for when the window has seen enough of it. Is the new line
 * promoted? */
static uint64_t regression_promotions(double scale, double outlier, double margin)
{
    rig r;
    double x[FEATURES];
    rig_default(&r);
    kedge_page_hinkley_config watcher = kedge_page_hinkley_defaults();
    watcher.threshold = 1e100; /* never: here it is asked for */
    r.line = kedge_rls_defaults(FEATURES);
    r.cfg.model = &r.line.base;
    r.cfg.detector = &watcher.base;
    r.cfg.gate_margin = margin;
    rig_make(&r);
    feclearexcept(FE_ALL_EXCEPT);
    for (uint64_t i = 0; i < 2500; i++) {
        kedge_rng rng = {~i};
        rig_row(i, x);
        double y = scale * ((i < 1000 ? 1.0 : -1.0) * x[0] + 0.1 * kedge_rng_normal(&rng));
        (void)rig_serve(&r, i, i, x, i == 500 || i == 1450 ? y + outlier : y);
        if (i == 1410 || i == 1500)
            rig_request(&r);
    }
    assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
    uint64_t n = rig_report(&r).n_promotions;
    rig_free(&r);
    return n;
}

/* Of any size: the unit is what the champion errs by. */
static void test_unit_has_the_size_of_errors(void **unused)
{
    (void)unused;
    const double scales[] = {1e-280, 1e-100, 1.0, 1e60, 1e98};
    for (size_t i = 0; i < sizeof scales / sizeof *scales; i++) {
        assert_true(regression_promotions(scales[i], 0.0, 0.0) >= 2);
        assert_true(regression_promotions(scales[i], 0.0, 0.1 * scales[i]) >= 2);
        assert_int_equal(regression_promotions(scales[i], 0.0, 1e300), 1);
    }
}

/* One label that is far off, before the change or after it, does not hide what all other rows say. */
static void test_one_label_does_not_blind_the_gate(void **unused)
{
    (void)unused;
    assert_true(regression_promotions(1.0, 1e9, 0.0) >= 2);
    assert_true(regression_promotions(1.0, -1e99, 0.0) >= 2);
}

/* The unit is not taken from the rows that are to judge in it: the test would be of numbers that it has itself set. */
static void test_rows_that_judge_do_not_set_the_unit(void **unused)
{
    (void)unused;
    rig r;
    double x[FEATURES];
    rig_default(&r);
    r.line = kedge_rls_defaults(FEATURES);
    kedge_page_hinkley_config watcher = kedge_page_hinkley_defaults();
    r.cfg.model = &r.line.base;
    r.cfg.detector = &watcher.base;
    rig_make(&r);
    for (uint64_t i = 0; i < 2 * WINDOW; i++) {
        rig_row(i, x);
        (void)rig_serve(&r, i, i, x, x[0] + x[1] * x[1]);
    }
    const pipeline_state *s = r.p.state;
    const uint64_t trained_to = s->n_labelled - 100;
    const double unit = kedge_i_judge_unit(&r.p, trained_to);
    assert_true(unit > 1.0 && unit < 10.0);
    double *targets = kedge_i_at(r.p.state, s->at_targets);
    for (uint32_t i = 0; i < s->window_n; i++) /* held back, or newer than the training */
        if (kedge_i_judge_is_new(s, kedge_i_window_number(s, i), trained_to))
            targets[(s->window_head + i) % s->window_rows] += 50.0;
    assert_true(kedge_i_judge_unit(&r.p, trained_to) == unit);
    for (uint32_t i = 0; i < s->window_n; i++)
        targets[i] += 50.0;
    assert_true(kedge_i_judge_unit(&r.p, trained_to) > 10.0 * unit);
    rig_free(&r);
}

/* How often does an earlier line come back? At row 1000 the line turns round, at row 2000 the first one comes back, or one that
 * nobody has seen; `scale` is the size of the errors, and one label after the change is far off. */
static uint64_t regression_recalls(double scale, double outlier, uint32_t comes_back)
{
    rig r;
    double x[FEATURES];
    rig_default(&r);
    kedge_page_hinkley_config watcher = kedge_page_hinkley_defaults();
    kedge_store_config store = kedge_store_defaults();
    watcher.threshold = 20.0 * scale;
    watcher.delta *= scale;
    store.artifact_bytes = 4096;
    r.line = kedge_rls_defaults(FEATURES);
    r.cfg.model = &r.line.base;
    r.cfg.detector = &watcher.base;
    r.cfg.store = &store.base;
    r.cfg.select = KEDGE_SELECT_CHANGE;
    r.cfg.min_rows = 200;
    r.cfg.recall_rows = 40;
    rig_make(&r);
    for (uint64_t i = 0; i < 3000; i++) {
        kedge_rng rng = {~i};
        rig_row(i, x);
        double slope = i < 1000 ? 1.0 : i < 2000 ? -1.0 : comes_back ? 1.0 : -3.0;
        double y = scale * (slope * x[0] + 0.1 * kedge_rng_normal(&rng));
        (void)rig_serve(&r, i, i, x, i == 2040 ? y + outlier : y);
    }
    assert_true(rig_report(&r).n_promotions >= 3);
    uint64_t n = rig_report(&r).n_recalls;
    rig_free(&r);
    return n;
}

/* Earlier lines are judged in a unit from rows before those that judge, of whatever size errors are. */
static void test_recall_has_a_unit_of_its_own(void **unused)
{
    (void)unused;
    const double scales[] = {1e-60, 1.0, 1e60};
    for (size_t i = 0; i < sizeof scales / sizeof *scales; i++) {
        assert_int_equal(regression_recalls(scales[i], 0.0, 1), 1);
        assert_int_equal(regression_recalls(scales[i], 1e9 * scales[i], 1), 1);
        assert_int_equal(regression_recalls(scales[i], 0.0, 0), 0);
    }
}

/* What no pipeline can have come to. */
static void test_forged_states_are_found(void **unused)
{
    (void)unused;
    rig r;
    rig_default(&r);
    rig_make(&r);
    rig_noise(&r, 0, WINDOW + 10);
    pipeline_state *s = r.p.state;
    pipeline_counts_of(s)->n_trainings = UINT64_MAX - 1; /* a version's number, without a store */
    assert_int_equal(kedge_pipeline_check(&r.p), KEDGE_ERR_STATE);
    pipeline_counts_of(s)->n_trainings = 1;
    assert_int_equal(kedge_pipeline_check(&r.p), KEDGE_OK);
    s->train_to = s->n_labelled; /* a training in slices of no rows would never end */
    assert_int_equal(kedge_pipeline_check(&r.p), KEDGE_ERR_STATE);
    rig_free(&r);
}

/* A boundary that turns slowly from row 2,000 on, and noise: the detector signals the same drift again while the challenger that
 * answers it is on trial. Triggers must not hear of it, or each signal would cost the challenger its place. */
static void test_same_drift(void **unused)
{
    (void)unused;
    uint32_t n_again = 0;
    for (uint64_t seed = 1; seed <= 100; seed++) {
        kedge_gaussian_nb_config model = kedge_gaussian_nb_defaults(2, 2);
        kedge_adwin_config detector = kedge_adwin_defaults();
        kedge_trigger when = KEDGE_TRIGGER_INIT;
        kedge_triggers_config triggers = kedge_triggers_defaults(&when, 1);
        kedge_pipeline_config cfg = kedge_pipeline_defaults(&model.base, &detector.base);
        kedge_pipeline p;
        kedge_rng rng = {seed};
        when.kind = KEDGE_TRIGGER_SIGNAL;
        detector.delta = 0.2; /* quick to signal */
        cfg.triggers = &triggers.base;
        size_t bytes = kedge_pipeline_size(&cfg), work_bytes = kedge_pipeline_work(&cfg);
        void *mem = guard_new(bytes, 0xA5), *work = guard_new(work_bytes, 0xA5);
        assert_int_equal(kedge_pipeline_init(&p, &cfg, mem, bytes), KEDGE_OK);
        const pipeline_state *s = p.state;
        for (uint64_t i = 0; i < 5000; i++) {
            double x[2] = {kedge_rng_normal(&rng), kedge_rng_normal(&rng)}, y;
            double turn = i < 2000 ? -0.9 : i < 4000 ? ((double)i - 3000) * 9e-4 : 0.9;
            uint64_t trial = s->trial, watched_from = s->watched_from;
            kedge_detector d;
            kedge_alarm alarm;
            assert_true(kedge_pipeline_predict(&p, i, i, x, &y) >= 0);
            kedge_status st = kedge_pipeline_label(&p, i, i, x[0] + turn * x[1] + kedge_rng_normal(&rng) > 0);
            assert_true(st >= 0);
            assert_int_equal(kedge_pipeline_watcher(&p, &d), KEDGE_OK);
            int is_same = trial != 0 && st == KEDGE_DRIFT && kedge_detector_alarm(&d, &alarm) == KEDGE_OK && alarm.effect > 0 &&
                          watched_from + alarm.changed_at < s->trained_to && !s->due;
            uint64_t trainings = pipeline_counts_of(s)->n_trainings;
            assert_true(kedge_pipeline_step(&p, i, work, work_bytes) >= 0);
            if (is_same)
                assert_int_equal(pipeline_counts_of(s)->n_trainings, trainings);
            n_again += (uint32_t)is_same;
        }
        guard_free(work);
        guard_free(mem);
    }
    assert_true(n_again > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_of_the_first_training_do_not_speak),
        cmocka_unit_test(test_rows_before_a_training_by_hand_do_not_speak),
        cmocka_unit_test(test_rows_of_a_training_without_gate_do_not_speak),
        cmocka_unit_test(test_unit_has_the_size_of_errors),
        cmocka_unit_test(test_one_label_does_not_blind_the_gate),
        cmocka_unit_test(test_rows_that_judge_do_not_set_the_unit),
        cmocka_unit_test(test_recall_has_a_unit_of_its_own),
        cmocka_unit_test(test_forged_states_are_found),
        cmocka_unit_test(test_same_drift),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
