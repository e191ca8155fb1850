/* SPDX-License-Identifier: MIT */
/* Training inside a pipeline that delivers: in slices, on a sample of older rows, by hand, and what is refused. */
#include <stddef.h>

#include "delivered.h"
#include "pipeline/pipeline_state.h"

/* Predict and label; then steps until there is nothing more to do at once. Returns how many slices of a training that were. */
static size_t serve_in_slices(rig *r, uint64_t i, uint32_t concept)
{
    double x[FEATURES], predicted, y = row_at(i, concept, x);
    size_t n = 0;
    assert_true(kedge_pipeline_predict(&r->p, 10 * i, i, x, &predicted) >= 0);
    assert_true(kedge_pipeline_label(&r->p, 10 * i + 3, i, y) >= 0);
    kedge_status st;
    while ((st = kedge_pipeline_step(&r->p, 10 * i + 4, r->work, r->work_bytes)) == KEDGE_MORE) {
        assert_true(rig_report(r).rows_to_train > 0);
        n++;
    }
    assert_int_equal(st, KEDGE_OK);
    assert_int_equal(rig_report(r).rows_to_train, 0);
    return n;
}

/* A model trained in slices between two rows is the very model that is trained at once; with rows in between it learns the same
 * rows. */
static void test_slices(void **unused)
{
    (void)unused;
    kedge_logistic_config learner = kedge_logistic_defaults(FEATURES, 2);
    rig r[2];
    size_t n_slices[2] = {0, 0};
    for (int k = 0; k < 2; k++) {
        rig_default(&r[k]);
        r[k].cfg.model = &learner.base;
        r[k].cfg.reservoir_rows = 50;
        r[k].cfg.window_rows = 600;
        r[k].cfg.slice_rows = k ? 7 : 0;
        rig_make(&r[k]);
        for (uint64_t i = 0; i < 4000; i++)
            n_slices[k] += serve_in_slices(&r[k], i, i / 1300 % 2);
    }
    assert_true(n_slices[0] == 0 && n_slices[1] > 50);
    kedge_pipeline_report a = rig_report(&r[0]), b = rig_report(&r[1]);
    assert_true(a.n_trainings == b.n_trainings && a.n_trainings >= 3 && a.version == b.version && a.reservoir_rows == 50);
    kedge_model one, other;
    assert_int_equal(kedge_pipeline_champion(&r[0].p, &one), KEDGE_OK);
    assert_int_equal(kedge_pipeline_champion(&r[1].p, &other), KEDGE_OK);
    assert_memory_equal(one.state, other.state, ((const kedge_state_head *)one.state)->bytes);
    rig_free(&r[0]);
    rig_free(&r[1]);
}

/* One slice a row, while rows go on coming and the window moves on. */
static void test_slices_while_serving(void **unused)
{
    (void)unused;
    kedge_logistic_config learner = kedge_logistic_defaults(FEATURES, 2);
    rig r;
    uint64_t n_training = 0;
    int is_right;
    rig_default(&r);
    r.cfg.model = &learner.base;
    r.cfg.window_rows = 250;
    r.cfg.slice_rows = 1;
    r.cfg.rollout = NULL;
    rig_make(&r);
    (void)accuracy(&r, 0, 800, 0);
    for (uint64_t i = 800; i < 2400; i++) {
        double x[FEATURES], y = row_at(i, 1, x);
        assert_true(kedge_pipeline_predict(&r.p, i, i, x, &y) >= 0);
        assert_true(kedge_pipeline_label(&r.p, i, i, row_at(i, 1, x)) >= 0);
        kedge_status st = kedge_pipeline_step(&r.p, i, r.work, r.work_bytes);
        assert_true(st == KEDGE_OK || st == KEDGE_MORE);
        n_training += st == KEDGE_MORE;
        assert_int_equal(kedge_pipeline_check(&r.p), KEDGE_OK);
    }
    assert_true(n_training >= 150 && rig_report(&r).n_promotions >= 2);
    size_t n_right = 0;
    for (uint64_t i = 2400; i < 2500; i++) {
        (void)serve(&r, i, 1, &is_right);
        n_right += (size_t)is_right;
    }
    assert_true(n_right > 90);
    rig_free(&r);
}

/* The reservoir is a uniform sample of the rows that have left the window: here x tells the row's number. */
static void test_reservoir(void **unused)
{
    (void)unused;
    enum { N = 4000, R = 500, W = 100, BINS = 10 };
    rig r;
    size_t n[BINS] = {0};
    rig_default(&r);
    r.cfg.reservoir_rows = R;
    r.cfg.window_rows = W;
    r.cfg.min_rows = 50;
    r.cfg.pending_rows = 1;
    rig_make(&r);
    for (uint64_t i = 0; i < N + W; i++) {
        double x[FEATURES] = {(double)i, 0}, y;
        assert_true(kedge_pipeline_predict(&r.p, i, i, x, &y) >= 0);
        assert_true(kedge_pipeline_label(&r.p, i, i, (double)(i % 2)) >= 0);
    }
    assert_int_equal(rig_report(&r).reservoir_rows, R);
    const double *rows = kedge_i_at_const(r.mem, pipeline_of(&r.p)->at_old_rows);
    for (size_t k = 0; k < R; k++)
        n[(size_t)rows[FEATURES * k] * BINS / N]++;
    double chi2 = 0;
    for (size_t b = 0; b < BINS; b++)
        chi2 += ((double)n[b] - R / BINS) * ((double)n[b] - R / BINS) / (R / BINS);
    assert_true(chi2 < 27.9); /* 9 degrees of freedom: one in a thousand is above */
    rig_free(&r);
}

/* Calls by hand: requests go to the triggers, figures too, training is refused while a challenger is on its way. */
static void test_by_hand(void **unused)
{
    (void)unused;
    rig r;
    double x[FEATURES * 4] = {0}, y[4] = {0, 1, 0, 1};
    kedge_rows rows = kedge_rows_float64(x, 4, FEATURES);
    kedge_control c;
    int is_right;
    rig_default(&r);
    r.when[1].kind = KEDGE_TRIGGER_FLOOR;
    r.when[1].source = 5;
    r.when[1].limit = 0.5;
    r.when[1].release = 0.5;
    r.cfg.holdout_every = 0;
    rig_make(&r);
    (void)accuracy(&r, 0, 500, 0);
    assert_int_equal(kedge_pipeline_figure(&r.p, 5000, 6, 0.1), KEDGE_EMPTY);
    assert_int_equal(kedge_pipeline_figure(&r.p, 5000, 5, 0.1), KEDGE_OK);
    assert_int_equal(rig_report(&r).retrain_due, 1);
    (void)serve(&r, 501, 0, &is_right);
    assert_int_equal(rig_report(&r).staged, 2);
    assert_int_equal(kedge_pipeline_train(&r.p, &rows, y, r.work, r.work_bytes), KEDGE_ERR_STATE);
    (void)accuracy(&r, 502, 1500, 0);
    assert_int_equal(rig_report(&r).version, 2);
    assert_int_equal(kedge_pipeline_request(&r.p), KEDGE_OK);
    assert_int_equal(rig_report(&r).retrain_due, 1);
    assert_int_equal(kedge_pipeline_control(&r.p, 0, &c), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_pipeline_control(&r.p, KEDGE_PIPELINE_SCHEMA + 1, &c), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_pipeline_control(&r.p, KEDGE_PIPELINE_SCHEMA, &c), KEDGE_ERR_UNSUPPORTED);
    rig_free(&r);
    rig_default(&r);
    r.cfg.triggers = NULL;
    rig_make(&r);
    assert_int_equal(kedge_pipeline_control(&r.p, KEDGE_PIPELINE_TRIGGERS, &c), KEDGE_ERR_UNSUPPORTED);
    assert_int_equal(kedge_pipeline_figure(&r.p, 1, 5, 0.1), KEDGE_EMPTY);
    assert_int_equal(kedge_pipeline_figure(&r.p, 1, 5, (double)NAN), KEDGE_EMPTY);
    assert_int_equal(kedge_pipeline_figure(&r.p, 1, 5, (double)INFINITY), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_pipeline_figure(NULL, 1, 5, 0.1), KEDGE_ERR_NULL);
    rig_free(&r);
}

static size_t no_work(const void *fixed, size_t n_rows)
{
    (void)fixed;
    (void)n_rows;
    return 0; /* "the table is too large" */
}

/* A class that cannot be fitted on so many rows: the training is refused before a byte of the work memory is written. */
static void test_no_work_is_enough(void **unused)
{
    (void)unused;
    static kedge_model_class picky;
    unsigned char *little = guard_new(8, 0xA5);
    rig r;
    double x[FEATURES], y;
    picky = kedge_gaussian_nb;
    picky.fit_work = no_work;
    rig_default(&r);
    r.model.base.cls = &picky;
    assert_int_equal(kedge_pipeline_work(&r.cfg), 0);
    size_t bytes = kedge_pipeline_size(&r.cfg);
    void *mem = guard_new(bytes, 0xA5);
    assert_int_equal(kedge_pipeline_init(&r.p, &r.cfg, mem, bytes), KEDGE_OK);
    for (uint64_t i = 0; i < 199; i++) {
        double label = row_at(i, 0, x);
        assert_true(kedge_pipeline_predict(&r.p, i, i, x, &y) >= 0 && kedge_pipeline_label(&r.p, i, i, label) >= 0);
        assert_int_equal(kedge_pipeline_step(&r.p, i, NULL, 0), KEDGE_OK);
    }
    assert_true(kedge_pipeline_predict(&r.p, 199, 199, x, &y) >= 0 && kedge_pipeline_label(&r.p, 199, 199, 1) >= 0);
    assert_int_equal(rig_report(&r).retrain_due, 1);
    assert_int_equal(kedge_pipeline_step(&r.p, 199, little, 8), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_pipeline_step(&r.p, 199, NULL, 0), KEDGE_ERR_NULL);
    guard_free(little);
    guard_free(mem);
}

/* What the host trains by hand serves, also a model that was taken back before; and has no figures of a gate that it did not
 * meet. */
static void test_trained_by_hand(void **unused)
{
    (void)unused;
    enum { ROWS = 300 };
    static double x[ROWS * FEATURES], y[ROWS];
    kedge_rows rows = kedge_rows_float64(x, ROWS, FEATURES);
    kedge_store_version v;
    double figure;
    rig r;
    uint64_t serving;
    for (uint64_t i = 0; i < ROWS; i++)
        y[i] = row_at(i, 0, x + FEATURES * i);
    rig_default(&r);
    rig_make(&r);
    (void)accuracy(&r, 0, 2500, 0);
    for (int turn = 0; turn < 2; turn++) {
        assert_int_equal(kedge_pipeline_train(&r.p, &rows, y, r.work, r.work_bytes), KEDGE_OK);
        kedge_control store = control(&r, KEDGE_PIPELINE_STORE);
        serving = rig_report(&r).version;
        assert_int_equal(kedge_store_get(&store, serving, &v), KEDGE_OK);
        assert_true(v.status == KEDGE_VERSION_SERVING && v.n_rows == ROWS && v.artifact_bytes > 0);
        assert_int_equal(kedge_store_figure(&store, serving, 0, &figure), KEDGE_OK);
        assert_true(isnan(figure));
        assert_int_equal(kedge_store_serve(&store, 0, 10 * 2499 + 4), KEDGE_OK);
        assert_int_equal(kedge_store_set_status(&store, serving, KEDGE_VERSION_ROLLED_BACK), KEDGE_OK);
        assert_int_equal(rig_report(&r).n_repeated, 0);
    }
    rig_free(&r);
}

/* A figure that nobody watches changes nothing, the clock neither. */
static void test_figure_unwatched(void **unused)
{
    (void)unused;
    rig r;
    rig_default(&r);
    rig_make(&r);
    (void)accuracy(&r, 0, 100, 0);
    void *before = guard_new(r.bytes, 0);
    memcpy(before, r.mem, r.bytes);
    assert_int_equal(kedge_pipeline_figure(&r.p, 1000000, 99, 0.5), KEDGE_EMPTY);
    assert_int_equal(kedge_pipeline_figure(&r.p, 1000000, 99, (double)INFINITY), KEDGE_ERR_NOT_FINITE);
    assert_memory_equal(before, r.mem, r.bytes);
    guard_free(before);
    rig_free(&r);
}

static void test_config(void **unused)
{
    (void)unused;
    rig r;
    rig_default(&r);
    r.cfg.recall_rows = 7;
    assert_int_equal(kedge_pipeline_size(&r.cfg), 0);
    r.cfg.recall_rows = 8;
    assert_true(kedge_pipeline_size(&r.cfg) > 0);
    r.cfg.store = NULL;
    assert_int_equal(kedge_pipeline_size(&r.cfg), 0);
    rig_default(&r);
    r.cfg.policy = KEDGE_POLICY_ONLINE;
    assert_int_equal(kedge_pipeline_size(&r.cfg), 0);
    r.cfg.triggers = NULL;
    assert_int_equal(kedge_pipeline_size(&r.cfg), 0);
    r.cfg.rollout = NULL;
    assert_true(kedge_pipeline_size(&r.cfg) > 0);
    rig_default(&r);
    r.cfg.rollout = r.cfg.triggers;
    assert_int_equal(kedge_pipeline_size(&r.cfg), 0);
    r.mem = guard_new(ROOM, 0);
    assert_int_equal(kedge_pipeline_init(&r.p, &r.cfg, r.mem, ROOM), KEDGE_ERR_CLASS);
    guard_free(r.mem);
    rig_default(&r);
    r.cfg.config_bytes = offsetof(kedge_pipeline_config, events); /* shorter than that of the first release */
    assert_int_equal(kedge_pipeline_size(&r.cfg), 0);
    r.cfg.config_bytes = sizeof r.cfg + 1;
    assert_int_equal(kedge_pipeline_size(&r.cfg), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slices), cmocka_unit_test(test_slices_while_serving), cmocka_unit_test(test_reservoir),
        cmocka_unit_test(test_by_hand), cmocka_unit_test(test_no_work_is_enough), cmocka_unit_test(test_trained_by_hand),
        cmocka_unit_test(test_figure_unwatched), cmocka_unit_test(test_config),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
