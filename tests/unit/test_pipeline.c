/* SPDX-License-Identifier: MIT */
/* The pipeline: joining late labels, retraining, the gate, learning online. */
#include <math.h>

#include "support.h"

enum { FEATURES = 2 };

/* Two normal features; the label depends on the first one, the other way round from `flip` on. */
static double row_at(uint64_t i, uint64_t flip, double *x)
{
    kedge_rng rng = {i};
    x[0] = kedge_rng_normal(&rng);
    x[1] = kedge_rng_normal(&rng);
    return (x[0] > 0) == (i < flip);
}

typedef struct rig {
    kedge_gaussian_nb_config model;
    kedge_ddm_config detector;
    kedge_pipeline_config cfg;
    kedge_pipeline p;
    void *mem, *work;
    size_t bytes, work_bytes;
} rig;

#include "pipeline_rig.h"

static void rig_default(rig *r)
{
    r->model = kedge_gaussian_nb_defaults(FEATURES, 2);
    r->detector = kedge_ddm_defaults();
    r->cfg = kedge_pipeline_defaults(&r->model.base, &r->detector.base);
}

/* Predict, label, step; returns whether the prediction was right. */
static int serve(rig *r, uint64_t i, uint64_t flip)
{
    double x[FEATURES], predicted, y = row_at(i, flip, x);
    assert_true(kedge_pipeline_predict(&r->p, 10 * i, i, x, &predicted) >= 0);
    assert_true(kedge_pipeline_label(&r->p, 10 * i + 3, i, y) >= 0);
    assert_int_equal(kedge_pipeline_step(&r->p, 10 * i + 4, r->work, r->work_bytes), KEDGE_OK);
    return predicted == y;
}

static double accuracy(rig *r, uint64_t from, uint64_t to, uint64_t flip)
{
    uint64_t right = 0;
    for (uint64_t i = from; i < to; i++)
        right += (uint64_t)serve(r, i, flip);
    return (double)right / (double)(to - from);
}

static void test_policies_after_a_flip(void **unused)
{
    (void)unused;
    for (uint32_t policy = KEDGE_POLICY_STATIC; policy <= KEDGE_POLICY_ONLINE; policy++) {
        rig r;
        rig_default(&r);
        kedge_logistic_config logistic = kedge_logistic_defaults(FEATURES, 2);
        if (policy == KEDGE_POLICY_ONLINE)
            r.cfg.model = &logistic.base;
        r.cfg.policy = policy;
        rig_make(&r);
        assert_true(accuracy(&r, 0, 2000, 2000) > 0.85);
        double after = accuracy(&r, 3000, 6000, 2000);
        kedge_pipeline_report report = rig_report(&r);
        assert_int_equal(report.n_labelled, 5000);
        assert_int_equal(report.n_pending, 0);
        assert_int_equal(report.label_delay_ns, 3);
        assert_true(report.n_drifts >= 1);
        if (policy == KEDGE_POLICY_STATIC) {
            assert_true(after < 0.1);
            assert_int_equal(report.n_trainings, 1);
        } else {
            assert_true(after > 0.85);
        }
        if (policy == KEDGE_POLICY_RETRAIN) {
            assert_true(report.n_promotions >= 2 && report.n_trainings >= report.n_promotions);
            assert_true(report.n_rejections > 0 || report.gate_challenger < report.gate_champion);
            assert_true(report.promoted_at_ns > 30000 && report.drift_at_ns > 30000); /* the flip is seen from row 3000 on, 10 ns
                                                                                       * each */
        }
        rig_free(&r);
    }
}

/* A challenger that is no better goes on trial, and is refused when rows enough have shown it: the champion stays. Somebody asks
 * for a training. */
static void test_gate_refuses(void **unused)
{
    (void)unused;
    rig r;
    rig_default(&r);
    rig_make(&r);
    accuracy(&r, 0, 1500, UINT64_MAX);
    unsigned char before[4096];
    kedge_model champion;
    assert_int_equal(kedge_pipeline_champion(&r.p, &champion), KEDGE_OK);
    size_t bytes = kedge_model_size(&r.model.base);
    memcpy(before, champion.state, bytes);
    assert_int_equal(kedge_pipeline_request(&r.p), KEDGE_OK);
    assert_int_equal(rig_report(&r).retrain_due, 1);
    assert_int_equal(kedge_pipeline_step(&r.p, 1, NULL, r.work_bytes), KEDGE_ERR_NULL);
    assert_int_equal(kedge_pipeline_step(&r.p, 1, r.work, r.work_bytes - 1), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_pipeline_step(&r.p, 1, (char *)r.work + 4, r.work_bytes), KEDGE_ERR_ALIGN);
    assert_int_equal(rig_report(&r).n_trainings, 1);
    assert_int_equal(kedge_pipeline_step(&r.p, 1, r.work, r.work_bytes), KEDGE_OK);
    kedge_pipeline_report report = rig_report(&r);
    assert_int_equal(report.n_trainings, 2);
    assert_int_equal(report.n_rejections, 0);
    assert_true(report.trial > 0 && report.trial_rows >= 20 && report.trial_rows <= 300);
    assert_int_equal(kedge_pipeline_check(&r.p), KEDGE_OK);
    accuracy(&r, 1500, 1510, UINT64_MAX);
    assert_int_equal(rig_report(&r).trial_rows, report.trial_rows + 10);
    accuracy(&r, 1510, 2500, UINT64_MAX);
    report = rig_report(&r);
    assert_int_equal(report.n_rejections, 1);
    assert_int_equal(report.n_undecided, 0);
    assert_int_equal(report.n_promotions, 1);
    assert_int_equal(report.trial, 0);
    assert_int_equal(report.trial_rows, 0);
    assert_memory_equal(champion.state, before, bytes);
    rig_free(&r);
}

static void train_parted(kedge_pipeline *p, double right, rig *r)
{
    double x[200][FEATURES], y[200];
    kedge_rng rng = {3};
    for (int i = 0; i < 200; i++) {
        y[i] = i % 2;
        x[i][0] = (i % 2 ? right : -2.0) + kedge_rng_normal(&rng);
        x[i][1] = kedge_rng_normal(&rng);
    }
    kedge_rows rows = kedge_rows_float64(&x[0][0], 200, FEATURES);
    assert_int_equal(kedge_pipeline_train(p, &rows, y, r->work, r->work_bytes), KEDGE_OK);
}

/* Class 0 lies around -2 and class 1 around 6, which all models know, but for every 20th row: a 0 at 1, where the champion says 1.
 * With is_over nothing is right any more but these rows. */
static void serve_parted(rig *r, uint64_t i, int is_over)
{
    kedge_rng rng = {i};
    int is_rare = i % 20 == 0, side = (int)(i % 2);
    double x[FEATURES] = {is_rare ? 1.0 : side ? 6.0 : -2.0,
                          kedge_rng_normal(&rng)}, predicted, y = is_rare ? 0.0 : side != is_over;
    x[0] += is_rare ? 0.0 : kedge_rng_normal(&rng);
    assert_int_equal(kedge_pipeline_predict(&r->p, i, i, x, &predicted), KEDGE_OK);
    assert_true(kedge_pipeline_label(&r->p, i, i, y) >= 0);
    assert_int_equal(kedge_pipeline_step(&r->p, i, r->work, r->work_bytes), KEDGE_OK);
}

/* Rows until the challenger serves, 0: it did not within 1,000. From row `over` on the concept of its training is over. */
static uint64_t rows_until_promoted(uint64_t over, uint64_t back)
{
    rig r;
    uint64_t i = 1000;
    rig_default(&r);
    kedge_page_hinkley_config blind = kedge_page_hinkley_defaults();
    blind.threshold = 1e6;
    r.cfg.detector = &blind.base;
    r.cfg.window_rows = 200;
    r.cfg.holdout_every = 1000;
    r.cfg.holdout_min = 1;
    rig_make(&r);
    train_parted(&r.p, 2.0, &r);
    for (; i < 1200; i++)
        serve_parted(&r, i % 20 ? i : i + 1, 0);
    assert_int_equal(kedge_pipeline_request(&r.p), KEDGE_OK);
    for (uint64_t k = 1; k <= 1000; k++, i++) {
        serve_parted(&r, i, k >= over && k < back);
        assert_int_equal(rig_report(&r).n_drifts, 0);
        if (rig_report(&r).n_promotions == 2) {
            rig_free(&r);
            return k;
        }
    }
    rig_free(&r);
    return 0;
}

/* A challenger that has all but passed when its concept ends, and errs on nearly all rows since, waits, though what is left of its
 * gains goes on. When the concept is back, it passes; also when it has been better for so long that many errors are usual. */
static void test_concept_over_on_trial(void **unused)
{
    (void)unused;
    uint64_t steady = rows_until_promoted(UINT64_MAX, UINT64_MAX);
    assert_true(steady > 100 && steady < 400);
    assert_true(rows_until_promoted(steady - 40, UINT64_MAX) > 2 * steady);
    uint64_t later = rows_until_promoted(steady - 40, steady + 100);
    assert_true(later > steady + 100 && later <= steady + 100 + 64);
}

/* What is undecided when its rows are over is given up, at once where there is no trial, or when another training begins. */
static void test_gate_gives_up(void **unused)
{
    (void)unused;
    for (uint32_t gate_rows = 0; gate_rows <= 2000; gate_rows += 1000) {
        rig r;
        rig_default(&r);
        r.cfg.gate_rows = gate_rows;
        r.cfg.gate_confidence = 0.9999; /* so soon nothing is sure */
        r.cfg.gate_sought = 0.0;        /* nor in vain */
        r.cfg.select = KEDGE_SELECT_WINDOW;
        rig_make(&r);
        accuracy(&r, 0, 1500, UINT64_MAX);
        assert_int_equal(kedge_pipeline_request(&r.p), KEDGE_OK);
        assert_int_equal(kedge_pipeline_step(&r.p, 1, r.work, r.work_bytes), KEDGE_OK);
        kedge_pipeline_report report = rig_report(&r);
        assert_int_equal(report.n_undecided, gate_rows == 0);
        assert_int_equal(report.trial != 0, gate_rows > 0);
        uint64_t missing = gate_rows - report.trial_rows; /* without a trial none were looked at */
        accuracy(&r, 1500, 1500 + (gate_rows < 2000 ? missing : 10), UINT64_MAX);
        assert_int_equal(rig_report(&r).n_undecided, gate_rows < 2000);
        assert_int_equal(kedge_pipeline_request(&r.p), KEDGE_OK);
        assert_int_equal(kedge_pipeline_step(&r.p, 1, r.work, r.work_bytes), KEDGE_OK);
        report = rig_report(&r);
        assert_int_equal(report.n_undecided, gate_rows == 0 ? 2 : 1);
        assert_int_equal(report.n_trainings, 3);
        assert_int_equal(report.n_promotions, 1);
        rig_free(&r);
    }
}

/* Trainings cost no more than they may: rows that they use for each labelled one, and what was saved up. */
static void test_training_has_a_price(void **unused)
{
    (void)unused;
    rig r;
    rig_default(&r);
    r.cfg.train_share = 0.5;
    r.cfg.select = KEDGE_SELECT_WINDOW;
    rig_make(&r);
    accuracy(&r, 0, 1000, UINT64_MAX);
    uint64_t saved = 2 * r.cfg.window_rows, first = rig_report(&r).n_trainings, used = 0, n;
    for (uint64_t i = 1000; i < 4000; i++) {
        accuracy(&r, i, i + 1, UINT64_MAX);
        assert_int_equal(kedge_pipeline_request(&r.p), KEDGE_OK);
        assert_int_equal(kedge_pipeline_step(&r.p, 1, r.work, r.work_bytes), KEDGE_OK);
        n = rig_report(&r).n_trainings - first;
        used = n * r.cfg.window_rows;
        assert_true(used <= saved + (i - 999) / 2);
        assert_true(i < 1002 || used + r.cfg.window_rows + 1 > saved + (i - 1000) / 2); /* and no less often than it is allowed */
    }
    assert_true(used >= 3 * r.cfg.window_rows);
    rig_free(&r);
}

static void test_no_gate_promotes(void **unused)
{
    (void)unused;
    rig r;
    rig_default(&r);
    r.cfg.holdout_every = 0;
    r.cfg.select = KEDGE_SELECT_WINDOW;
    rig_make(&r);
    accuracy(&r, 0, 1500, UINT64_MAX);
    assert_int_equal(kedge_pipeline_request(&r.p), KEDGE_OK);
    assert_int_equal(kedge_pipeline_step(&r.p, 1, r.work, r.work_bytes), KEDGE_OK);
    kedge_pipeline_report report = rig_report(&r);
    assert_int_equal(report.n_promotions, 2);
    assert_true(isnan(report.gate_champion));
    rig_free(&r);
}

/* A row is held back from all trainings or from none. Labels are noise, and a forest knows by heart what it was trained on: were
 * the champion judged on rows of an earlier training, it would look as if it were right there. */
static void test_gate_is_fair(void **unused)
{
    (void)unused;
    rig r;
    kedge_rng rng = {7};
    rig_default(&r);
    kedge_random_forest_config forest = kedge_random_forest_defaults(FEATURES, 2);
    forest.n_trees = 10;
    r.cfg.model = &forest.base;
    r.cfg.window_rows = r.cfg.min_rows = 400;
    r.cfg.gate_confidence = r.cfg.gate_safe = 0.5; /* the champion is to change, though nothing is better */
    r.cfg.select = KEDGE_SELECT_WINDOW;
    rig_make(&r);
    uint32_t n = 0;
    for (uint64_t i = 0; i < 2000; i++) {
        double x[FEATURES], y;
        row_at(i, 0, x);
        if (i >= 800 && i % 123 == 0) {
            kedge_pipeline_report before = rig_report(&r);
            assert_int_equal(kedge_pipeline_request(&r.p), KEDGE_OK);
            assert_int_equal(kedge_pipeline_step(&r.p, i, r.work, r.work_bytes), KEDGE_OK);
            kedge_pipeline_report after = rig_report(&r);
            assert_int_equal(after.n_trainings, before.n_trainings + 1);
            /* 80 rows: five deviations below one half. The first champion had no rows held back, but its rows have left the
             * window. */
            assert_true(after.gate_champion > 0.22 && after.gate_challenger > 0.22);
            n++;
        }
        assert_true(kedge_pipeline_predict(&r.p, i, i, x, &y) >= 0);
        assert_true(kedge_pipeline_label(&r.p, i, i, (double)kedge_rng_below(&rng, 2)) >= 0);
        assert_int_equal(kedge_pipeline_step(&r.p, i, r.work, r.work_bytes), KEDGE_OK);
    }
    assert_true(n >= 9 && rig_report(&r).n_promotions >= 2);
    rig_free(&r);
}

/* Labels in any order, some never: what does not fit expires, oldest first; nothing is lost silently. */
static void test_joins_late_labels(void **unused)
{
    (void)unused;
    rig r;
    double x[FEATURES] = {1, 1}, y;
    rig_default(&r);
    r.cfg.pending_rows = 8;
    rig_make(&r);
    for (uint64_t id = 0; id < 8; id++)
        assert_int_equal(kedge_pipeline_predict(&r.p, id, id, x, &y), KEDGE_EMPTY);
    assert_int_equal(kedge_pipeline_label(&r.p, 50, 3, 1), KEDGE_OK);
    assert_int_equal(kedge_pipeline_label(&r.p, 50, 3, 1), KEDGE_ERR_UNKNOWN);
    assert_int_equal(kedge_pipeline_label(&r.p, 50, 7, 2), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_pipeline_label(&r.p, 50, 7, 0.5), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_pipeline_label(&r.p, 50, 7, (double)NAN), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_pipeline_label(&r.p, 50, 7, 0), KEDGE_OK); /* it went on waiting */
    assert_int_equal(rig_report(&r).n_pending, 6);
    assert_int_equal(kedge_pipeline_predict(&r.p, 60, 8, x, &y), KEDGE_EMPTY); /* the ring is full, holes included: 0 expires */
    assert_int_equal(kedge_pipeline_label(&r.p, 61, 0, 1), KEDGE_ERR_UNKNOWN);
    assert_int_equal(kedge_pipeline_predict(&r.p, 62, 5, x, &y), KEDGE_EMPTY); /* the same id again: the older one expires */
    kedge_pipeline_report report = rig_report(&r);
    assert_int_equal(report.n_predicted, 10);
    assert_int_equal(report.n_labelled + report.n_expired + report.n_pending, report.n_predicted);
    assert_int_equal(kedge_pipeline_label(&r.p, 63, 5, 1), KEDGE_OK);
    assert_int_equal(rig_report(&r).label_delay_ns, 47);
    rig_free(&r);
}

/* Against a list: random predictions and labels, some ids twice, some labels for nothing. */
static void test_joiner_keeps_count(void **unused)
{
    (void)unused;
    rig r;
    kedge_rng rng = {5};
    double x[FEATURES] = {0, 0}, y;
    rig_default(&r);
    r.cfg.pending_rows = 13;
    r.cfg.policy = KEDGE_POLICY_STATIC;
    rig_make(&r);
    for (int i = 0; i < 20000; i++) {
        uint64_t id = kedge_rng_below(&rng, 40);
        kedge_pipeline_report before = rig_report(&r);
        if (kedge_rng_below(&rng, 2)) {
            assert_true(kedge_pipeline_predict(&r.p, 1, id, x, &y) >= 0);
        } else {
            kedge_status st = kedge_pipeline_label(&r.p, 2, id, (double)kedge_rng_below(&rng, 2));
            kedge_pipeline_report after = rig_report(&r);
            assert_int_equal(after.n_labelled, before.n_labelled + (st != KEDGE_ERR_UNKNOWN));
        }
        kedge_pipeline_report report = rig_report(&r);
        assert_int_equal(report.n_labelled + report.n_expired + report.n_pending, report.n_predicted);
        assert_true(report.n_pending <= 13);
    }
    rig_free(&r);
}

/* One class only in the window: naive Bayes can take it; a training that fails leaves the champion and is counted. */
static kedge_status failing_fit(const kedge_model_class *cls, void *state, const kedge_rows *x, const double *y,
                                const double *weight, void *work)
{
    (void)cls;
    (void)state, (void)x, (void)y, (void)weight, (void)work;
    return KEDGE_ERR_NUMERIC;
}

static void test_failed_training_is_counted(void **unused)
{
    (void)unused;
    rig r;
    kedge_model_class failing = kedge_gaussian_nb;
    failing.fit = failing_fit; /* a host's class */
    rig_default(&r);
    r.model.base.cls = &failing;
    rig_make(&r);
    accuracy(&r, 0, 450, UINT64_MAX);
    kedge_pipeline_report report = rig_report(&r);
    assert_int_equal(report.n_failures, 2); /* at 200 rows, and again with 200 more */
    assert_int_equal(report.last_failure, KEDGE_ERR_NUMERIC);
    assert_int_equal(report.n_promotions, 0);
    rig_free(&r);
}

static void test_train_by_hand(void **unused)
{
    (void)unused;
    rig r;
    double x[400 * FEATURES], y[400], one[FEATURES], predicted;
    rig_default(&r);
    r.cfg.policy = KEDGE_POLICY_STATIC;
    rig_make(&r);
    for (uint64_t i = 0; i < 400; i++)
        y[i] = row_at(i, UINT64_MAX, x + FEATURES * i);
    kedge_rows rows = kedge_rows_float64(x, 400, FEATURES);
    unsigned char *before = guard_copy(r.mem, r.bytes);
    y[399] = 2;
    assert_int_equal(kedge_pipeline_train(&r.p, &rows, y, r.work, r.work_bytes), KEDGE_ERR_RANGE);
    assert_memory_equal(r.mem, before, r.bytes);
    y[399] = 1;
    assert_int_equal(kedge_pipeline_train(&r.p, &rows, y, r.work, r.work_bytes), KEDGE_OK);
    one[0] = 2, one[1] = 0;
    assert_int_equal(kedge_pipeline_predict(&r.p, 1, 1, one, &predicted), KEDGE_OK);
    assert_true(predicted == 1);
    accuracy(&r, 1000, 1500, UINT64_MAX);
    assert_int_equal(rig_report(&r).n_trainings, 1); /* no second first training */
    assert_int_equal(kedge_pipeline_request(&r.p), KEDGE_ERR_UNSUPPORTED);
    guard_free(before);
    rig_free(&r);
}

/* Rows in ring order: what the first training learns is what a model learns from the same rows. */
static void test_trains_on_the_newest_rows(void **unused)
{
    (void)unused;
    rig r;
    rig_default(&r);
    r.cfg.window_rows = 300;
    r.cfg.holdout_every = 0;
    r.cfg.select = KEDGE_SELECT_WINDOW;
    rig_make(&r);
    accuracy(&r, 0, 1000, UINT64_MAX);
    assert_int_equal(kedge_pipeline_request(&r.p), KEDGE_OK);
    assert_int_equal(kedge_pipeline_step(&r.p, 1, r.work, r.work_bytes), KEDGE_OK);
    static double x[300 * FEATURES], y[300];
    for (uint64_t i = 0; i < 300; i++)
        y[i] = row_at(700 + i, UINT64_MAX, x + FEATURES * i);
    kedge_rows rows = kedge_rows_float64(x, 300, FEATURES);
    size_t bytes = kedge_model_size(&r.model.base);
    void *mem = guard_new(bytes, 0);
    kedge_model m, champion;
    size_t work_bytes = kedge_model_fit_work(&r.model.base, 300);
    void *work = guard_new(work_bytes, 0xA5);
    assert_int_equal(kedge_model_init(&m, &r.model.base, mem, bytes), KEDGE_OK);
    assert_int_equal(kedge_model_fit(&m, &rows, y, NULL, work, work_bytes), KEDGE_OK);
    guard_free(work);
    assert_int_equal(kedge_pipeline_champion(&r.p, &champion), KEDGE_OK);
    assert_memory_equal(champion.state, mem, bytes);
    guard_free(mem);
    rig_free(&r);
}

static void test_static_only_model_cannot_learn_online(void **unused)
{
    (void)unused;
    rig r;
    kedge_model_class fixed = kedge_gaussian_nb;
    unsigned char mem[8];
    fixed.learn = NULL;
    rig_default(&r);
    r.model.base.cls = &fixed;
    r.cfg.policy = KEDGE_POLICY_ONLINE;
    assert_int_equal(kedge_pipeline_size(&r.cfg), 0);
    assert_int_equal(kedge_pipeline_work(&r.cfg), 0);
    assert_int_equal(kedge_pipeline_init(&r.p, &r.cfg, mem, sizeof mem), KEDGE_ERR_UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_policies_after_a_flip),
        cmocka_unit_test(test_gate_refuses),
        cmocka_unit_test(test_gate_gives_up),
        cmocka_unit_test(test_training_has_a_price),
        cmocka_unit_test(test_no_gate_promotes),
        cmocka_unit_test(test_gate_is_fair),
        cmocka_unit_test(test_joins_late_labels),
        cmocka_unit_test(test_joiner_keeps_count),
        cmocka_unit_test(test_failed_training_is_counted),
        cmocka_unit_test(test_train_by_hand),
        cmocka_unit_test(test_trains_on_the_newest_rows),
        cmocka_unit_test(test_concept_over_on_trial),
        cmocka_unit_test(test_static_only_model_cannot_learn_online),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
