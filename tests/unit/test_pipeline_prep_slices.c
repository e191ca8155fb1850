/* SPDX-License-Identifier: MIT */
/* A prep inside a pipeline that retrains: fitted anew for each challenger, in slices, replayed, and never half. */
#include <math.h>

#include "prepared.h"
#include "pipeline/pipeline_state.h"

/* A change is answered by a challenger with a prep of its own, fitted on the rows that the challenger was trained on and no
 * others. */
static void test_retraining(void **unused)
{
    (void)unused;
    rig r;
    rig_default(&r);
    r.cfg.window_rows = r.cfg.min_rows; /* one training after the change */
    rig_make(&r);
    assert_true(accuracy(&r, 0, 1000, 1000) > 0.7);
    by_hand h = by_hand_new(&r);
    uint64_t i = 1000;
    while (rig_report(&r).n_promotions < 2 && i < 2000)
        (void)serve(&r, i++, 1000);
    assert_true(i < 2000);
    by_hand_fit(&h, i - r.cfg.min_rows, i, r.cfg.holdout_every, 1000);
    assert_is_champion(&h, &r);
    assert_true(accuracy(&r, i, i + 500, 1000) > 0.9);
    by_hand_free(&h);
    rig_free(&r);
}

/* In slices the prep learns the rows, then the model learns them as the prep that is ready gives them. */
static void test_slices(void **unused)
{
    (void)unused;
    rig r;
    rig_default(&r);
    r.cfg.window_rows = r.cfg.min_rows;
    r.cfg.slice_rows = 7;
    rig_make(&r);
    (void)accuracy(&r, 0, 1000, 1000);
    uint64_t i = 1000;
    while (rig_report(&r).n_promotions < 2 && i < 2000)
        (void)serve(&r, i++, 1000);
    assert_true(i < 2000);
    by_hand h = by_hand_new(&r);
    double x[COLUMNS], row[2];
    for (int pass = 0; pass < 2; pass++)
        for (uint64_t k = i - r.cfg.min_rows; k < i; k++) {
            double y = row_at(k, 1000, x);
            if (k % 5 == 4)
                continue;
            if (pass == 0) {
                assert_int_equal(kedge_prep_learn(&h.prep, x, y, NULL), KEDGE_OK);
                continue;
            }
            assert_int_equal(kedge_prep_transform(&h.prep, x, row), KEDGE_OK);
            assert_int_equal(kedge_model_learn(&h.model, row, y, 1.0), KEDGE_OK);
        }
    assert_is_champion(&h, &r);
    by_hand_free(&h);
    rig_free(&r);
}

/* One slice a row, in a reservoir too: both passes are counted, the state is sound all the time, and a snapshot in the middle goes
 * on. */
static void test_slices_while_serving(void **unused)
{
    (void)unused;
    static unsigned char snapshot[ROOM];
    rig r;
    size_t len, n_more = 0;
    uint64_t last = 0;
    rig_default(&r);
    r.cfg.window_rows = 400;
    r.cfg.reservoir_rows = 30;
    r.cfg.slice_rows = 3;
    rig_make(&r);
    for (uint64_t i = 0; i < N_ROWS; i++) {
        double x[COLUMNS], predicted, y = row_at(i, 1000, x);
        assert_true(kedge_pipeline_predict(&r.p, i, i, x, &predicted) >= 0);
        assert_true(kedge_pipeline_label(&r.p, i, i, y) >= 0);
        kedge_status st = kedge_pipeline_step(&r.p, i, r.work, r.work_bytes);
        uint64_t left = rig_report(&r).rows_to_train;
        assert_true(st == KEDGE_MORE ? left > 0 : st == KEDGE_OK && left == 0);
        assert_true(last == 0 || left < last);
        last = left;
        n_more += st == KEDGE_MORE;
        if (i % 50 == 0) {
            assert_int_equal(kedge_pipeline_save(&r.p, snapshot, sizeof snapshot, &len), KEDGE_OK);
            memset(r.mem, 0xA5, r.bytes);
            assert_int_equal(
                kedge_pipeline_load(&r.p, &kedge_logistic, &kedge_ddm, &r.kind.prep, r.mem, r.bytes, snapshot, len), KEDGE_OK);
        }
    }
    kedge_pipeline_report p = rig_report(&r);
    assert_true(n_more > 100 && p.n_promotions >= 2 && p.n_failures == 0);
    rig_free(&r);
}

/* The same log gives the same bytes; NaN of another form is the same hole. */
static void test_replay(void **unused)
{
    (void)unused;
    rig r[2];
    for (int k = 0; k < 2; k++) {
        rig_default(&r[k]);
        rig_make(&r[k]);
        for (uint64_t i = 0; i < N_ROWS; i++) {
            double x[COLUMNS], y, label = row_at(i, 1500, x);
            if (isnan(x[1]))
                x[1] = k == 0 ? (double)NAN : -(double)NAN;
            assert_true(kedge_pipeline_predict(&r[k].p, i, i, x, &y) >= 0);
            assert_true(kedge_pipeline_label(&r[k].p, i, i, label) >= 0);
            assert_int_equal(kedge_pipeline_step(&r[k].p, i, r[k].work, r[k].work_bytes), KEDGE_OK);
        }
    }
    assert_true(rig_report(&r[0]).n_promotions >= 2);
    assert_memory_equal(r[0].mem, r[1].mem, r[0].bytes);
    rig_free(&r[0]);
    rig_free(&r[1]);
}

/* A training that fails leaves the champion and its prep. */
static void test_failed_training(void **unused)
{
    (void)unused;
    rig r;
    rig_default(&r);
    r.cfg.prep = &r.scale.base;
    r.cfg.policy = KEDGE_POLICY_STATIC;
    r.cfg.model = &r.nb.base;
    rig_make(&r);
    by_hand h = by_hand_new(&r);
    for (uint64_t i = 0; i < 400; i++) {
        double x[2] = {(double)(i % 5), 3.0}, y;
        assert_true(kedge_pipeline_predict(&r.p, i, i, x, &y) >= 0);
        assert_true(kedge_pipeline_label(&r.p, i, i, 0.0) >= 0);
        if (i == 100) /* a hole, as no call lets it in: the model refuses what the prep lets pass */
            ((double *)((unsigned char *)r.mem + ((const pipeline_state *)r.mem)->at_rows))[40] = (double)NAN;
        assert_int_equal(kedge_pipeline_step(&r.p, i, r.work, r.work_bytes), KEDGE_OK);
    }
    assert_true(rig_report(&r).n_failures >= 1 && rig_report(&r).n_promotions == 0);
    assert_is_champion(&h, &r);
    by_hand_free(&h);
    rig_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_retraining),
        cmocka_unit_test(test_slices),
        cmocka_unit_test(test_slices_while_serving),
        cmocka_unit_test(test_replay),
        cmocka_unit_test(test_failed_training),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
