/* SPDX-License-Identifier: MIT */
/* Contests whose candidates fail: in the race, on all rows, or for want of work memory; who fails leaves no trace. */
#include "contest_rig.h"

/* A class like logistic regression whose fit fails on so many rows or fewer, or on more than so many. */
static size_t fails_below, fails_above, no_work_above;

static size_t moody_work(const void *fixed, size_t n_rows)
{
    (void)fixed;
    return n_rows > no_work_above ? 0 : KEDGE_ALIGN;
}

static kedge_status moody_fit(const kedge_model_class *cls, void *state, const kedge_rows *x, const double *y, const double *weight,
                              void *work)
{
    (void)work;
    for (size_t i = 0; i < x->n_rows; i++) {
        double at[2] = {((const double *)x->data)[2 * i], ((const double *)x->data)[2 * i + 1]};
        const kedge_row row = {at, 1, KEDGE_FLOAT64, 0, NULL};
        (void)kedge_logistic.learn(cls, state, &row, y[i], weight ? weight[i] : 1.0);
    }
    return x->n_rows < fails_below || x->n_rows > fails_above ? -99 : KEDGE_OK; /* and it has changed the state, as it must not */
}

static void moody_make(rig *r, kedge_model_class *moody)
{
    const kedge_model_class *const classes[2] = {moody, &kedge_random_forest};
    contested_make(&r->c);
    *moody = kedge_logistic;
    moody->fit = moody_fit;
    moody->fit_work = moody_work;
    fails_below = 0;
    fails_above = no_work_above = SIZE_MAX;
    assert_int_equal(kedge_contest_class(&r->c.cls, classes, 2), KEDGE_OK);
    assert_int_equal(kedge_contest_config_init(&r->c.cfg, sizeof r->c.cfg, &r->c.cls, CONTESTED_FEATURES, 2), KEDGE_OK);
    r->c.logistic.base.cls = moody;
    r->c.cfg.candidates[0] = &r->c.logistic.base;
    r->c.cfg.candidates[1] = &r->c.forest.base;
    r->c.cfg.candidates[2] = NULL;
    rig_rows(r, 0);
}

/* Who fails is out, and no error while somebody is left; in the race, or on all rows though it won. */
static void test_failures(void **unused)
{
    (void)unused;
    static rig r;
    static kedge_model_class moody;
    for (int how = 0; how < 4; how++) {
        moody_make(&r, &moody);
        fails_below = how == 0 ? SIZE_MAX : 0;
        fails_above = how == 1 ? N - 1 : SIZE_MAX;
        no_work_above = how == 2 ? N - 1 : SIZE_MAX;
        rig_model(&r);
        assert_int_equal(rig_fit(&r), KEDGE_OK);
        kedge_contest_report report = rig_read(&r);
        assert_int_equal(report.winner, how == 3 ? 0 : 1);
        assert_int_equal(report.n_fits, how == 2 ? 1 : 2); /* who cannot be trained on all rows need not run */
        assert_int_equal(report.candidates[0].status, how == 2 ? KEDGE_ERR_SHAPE : how == 3 ? KEDGE_OK : KEDGE_ERR_NUMERIC);
        assert_int_equal(report.candidates[1].status, KEDGE_OK);
        assert_true(how == 3 || isnan(report.candidates[0].score));
        rig_free(&r);
    }
}

/* Whom the budget did not let run comes before whom it did, in vain. */
static void test_untried_before_failed(void **unused)
{
    (void)unused;
    static rig r;
    static kedge_model_class moody;
    moody_make(&r, &moody);
    r.c.cfg.max_fits = 1;
    fails_below = N; /* on all rows it would not fail */
    rig_model(&r);
    assert_int_equal(rig_fit(&r), KEDGE_OK);
    kedge_contest_report report = rig_read(&r);
    assert_true(report.winner == 1 && report.n_fits == 1 && report.candidates[1].status == KEDGE_EMPTY &&
                report.candidates[1].n_rows == 0);
    rig_free(&r);
}

/* Those that failed on few rows are tried on all once nobody else is left; where all fail nothing has changed. */
static void test_all_fail(void **unused)
{
    (void)unused;
    static rig r;
    static kedge_model_class moody;
    const kedge_model_class *const classes[2] = {&moody, &moody};
    moody_make(&r, &moody);
    assert_int_equal(kedge_contest_class(&r.c.cls, classes, 2), KEDGE_OK);
    r.c.cfg.candidates[1] = &r.c.logistic.base;
    rig_model(&r);
    fails_below = N;
    assert_int_equal(rig_fit(&r), KEDGE_OK);
    kedge_contest_report report = rig_read(&r);
    assert_true(report.winner == 0 && report.candidates[0].status == KEDGE_EMPTY &&
                report.candidates[1].status == KEDGE_ERR_NUMERIC);
    void *before = guard_copy(r.mem, r.bytes);
    fails_below = SIZE_MAX;
    assert_int_equal(rig_fit(&r), -99);
    assert_memory_equal(r.mem, before, r.bytes);
    no_work_above = N - 1;
    assert_int_equal(kedge_model_work(&r.m, N), 0); /* nobody can be trained on so many rows */
    assert_int_equal(kedge_model_fit(&r.m, &r.rows, r.y, NULL, r.work, r.work_bytes), KEDGE_ERR_SHAPE);
    assert_memory_equal(r.mem, before, r.bytes);
    guard_free(before);
    rig_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_failures), cmocka_unit_test(test_untried_before_failed),
                                       cmocka_unit_test(test_all_fail)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
