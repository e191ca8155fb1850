/* SPDX-License-Identifier: MIT */
/* A schema inside a pipeline: it learns until a model serves; rows that break it reach no model and are told; a shift calls for a
 * training, and the model that comes of it renews the reference. */
#include "delivered.h"

static kedge_schema_config schema_cfg;

/* Triggers: a shift only. */
static void schema_rig_default(rig *r)
{
    rig_default(r);
    schema_cfg = kedge_schema_defaults(NULL, FEATURES);
    schema_cfg.sample_rows = schema_cfg.window = 256;
    r->cfg.schema = &schema_cfg.base;
    r->when[0].source = KEDGE_SOURCE_SCHEMA;
    r->when[1] = r->when[2] = r->when[0];
    r->cfg.rollout = NULL;
    r->cfg.holdout_every = 0;
}

static void schema_rig(rig *r)
{
    schema_rig_default(r);
    rig_make(r);
}

static kedge_schema_report of_rows(const rig *r)
{
    kedge_schema_report out;
    kedge_control schema = control(r, KEDGE_PIPELINE_SCHEMA);
    assert_int_equal(kedge_schema_read(&schema, &out), KEDGE_OK);
    return out;
}

/* Serves rows whose first feature is moved. */
static void serve_moved(rig *r, uint64_t from, uint64_t to, double by)
{
    for (uint64_t i = from; i < to; i++) {
        double x[FEATURES], predicted, y = row_at(i, 0, x);
        x[0] += by;
        assert_true(kedge_pipeline_predict(&r->p, 10 * i, i, x, &predicted) >= 0);
        assert_true(kedge_pipeline_label(&r->p, 10 * i + 3, i, y) >= 0);
        assert_int_equal(kedge_pipeline_step(&r->p, 10 * i + 4, r->work, r->work_bytes), KEDGE_OK);
    }
}

static void test_skew(void **unused)
{
    (void)unused;
    rig r;
    kedge_event e;
    uint64_t next = 0;
    double x[FEATURES] = {0.5, 1e6}, y = 9.0;
    schema_rig(&r);
    serve_moved(&r, 0, 150, 0.0);
    assert_true(of_rows(&r).n_learned == 150 && !of_rows(&r).is_finished);
    serve_moved(&r, 150, 400, 0.0);
    kedge_pipeline_report before = rig_report(&r);
    assert_true(before.n_promotions == 1 && before.n_refused_rows == 0 && of_rows(&r).is_finished && of_rows(&r).n_checked > 100);
    assert_int_equal(kedge_pipeline_predict(&r.p, 4000, 400, x, &y), KEDGE_ERR_SKEW);
    assert_int_equal(kedge_pipeline_label(&r.p, 4001, 400, 1), KEDGE_ERR_UNKNOWN);
    kedge_pipeline_report after = rig_report(&r);
    assert_true(y == 9.0 && after.n_predicted == before.n_predicted && after.n_pending == before.n_pending &&
                after.n_refused_rows == 1);
    e = find(&r, &next, KEDGE_EVENT_SKEW);
    assert_true(e.subject == 1 && e.code == KEDGE_SCHEMA_RANGE && e.value == 1e6 && e.at_ns == 4000 && e.version == 1);
    x[1] = (double)NAN;
    assert_int_equal(kedge_pipeline_predict(&r.p, 4002, 401, x, &y), KEDGE_ERR_SKEW); /* not: not finite */
    assert_int_equal(find(&r, &next, KEDGE_EVENT_SKEW).code, KEDGE_SCHEMA_MISSING);
    x[1] = 0.5;
    assert_int_equal(kedge_pipeline_predict(&r.p, 4003, 402, x, &y), KEDGE_OK);
    rig_free(&r);
}

static void test_shift(void **unused)
{
    (void)unused;
    rig r;
    uint64_t next = 0;
    schema_rig(&r);
    serve_moved(&r, 0, 1000, 0.0);
    kedge_pipeline_report p = rig_report(&r);
    assert_true(p.n_promotions == 1 && p.n_shifts == 0);
    serve_moved(&r, 1000, 1600, 1.0);
    p = rig_report(&r);
    assert_true(p.n_promotions == 2 && p.n_shifts == 1);
    kedge_event e = find(&r, &next, KEDGE_EVENT_SHIFT);
    assert_true(e.subject == 0 && e.code == KEDGE_SCHEMA_SHIFT && e.value > e.limit && e.at_ns > 10000 && e.at_ns < 16000);
    e = find(&r, &next, KEDGE_EVENT_TRIGGER);
    assert_int_equal(e.code, KEDGE_TRIGGER_SIGNAL);
    assert_int_equal(find(&r, &next, KEDGE_EVENT_PROMOTED).version, 2);
    serve_moved(&r, 1600, 3200, 1.0); /* renewed: what moved is what is expected now */
    p = rig_report(&r);
    assert_true(p.n_promotions == 2 && p.n_shifts == 1 && of_rows(&r).n_watched == FEATURES);
    rig_free(&r);
}

/* In production, which a rollout has come to because of a shift; the reference is still the old champion's. */
static kedge_control shifted_to_production(rig *r, uint64_t least_rows)
{
    schema_rig_default(r);
    r->stages[2].least_rows = least_rows;
    r->stages[2].most_rows = 100000;
    r->cfg.rollout = &r->rollout.base;
    rig_make(r);
    serve_moved(r, 0, 1000, 0.0);
    uint64_t i = 1000;
    while (rig_report(r).version == 1 && i < 2000) {
        serve_moved(r, i, i + 1, 1.0);
        i++;
    }
    assert_int_equal(rig_report(r).version, 2);
    serve_moved(r, i, 2300, 1.0);
    return control(r, KEDGE_PIPELINE_ROLLOUT);
}

/* Whoever is taken back leaves the old champion's reference: rows as that knew them are no shift, and others are one. */
static void test_rollback(void **unused)
{
    (void)unused;
    rig r;
    kedge_control rollout = shifted_to_production(&r, 100000);
    assert_true(rig_report(&r).staged == 2 && rig_report(&r).n_shifts == 1);
    assert_true(of_rows(&r).n_reference > 0 && !of_rows(&r).is_renewing);
    assert_int_equal(kedge_rollout_stop(&rollout, 23000, 0), KEDGE_OK);
    serve_moved(&r, 2300, 4000, 0.0);
    assert_true(rig_report(&r).version == 1 && rig_report(&r).n_rolled_back == 1 && rig_report(&r).n_shifts == 1);
    serve_moved(&r, 4000, 4600, 1.0);
    assert_int_equal(rig_report(&r).n_shifts, 2);
    rig_free(&r);
}

/* Whoever stays has the rows from then on as its reference. */
static void test_production_passed(void **unused)
{
    (void)unused;
    rig r;
    (void)shifted_to_production(&r, 2000);
    assert_true(rig_report(&r).staged == 2 && !of_rows(&r).is_renewing);
    uint64_t i = 2300;
    while (rig_report(&r).staged != 0 && i < 4000) {
        serve_moved(&r, i, i + 1, 1.0);
        i++;
    }
    assert_true(rig_report(&r).version == 2 && of_rows(&r).is_renewing && of_rows(&r).n_reference == 0);
    serve_moved(&r, i, i + 1500, 1.0);
    assert_true(rig_report(&r).n_shifts == 1 && !of_rows(&r).is_renewing);
    rig_free(&r);
}

/* Tables are looked at before a model learns them; the first one is what the schema learns. */
static void test_tables(void **unused)
{
    enum { N = 300 };
    static double x[N][FEATURES], y[N];
    (void)unused;
    rig r;
    schema_rig(&r);
    for (size_t i = 0; i < N; i++)
        y[i] = row_at(i, 0, x[i]);
    kedge_rows rows = kedge_rows_float64(&x[0][0], N, FEATURES);
    assert_int_equal(kedge_pipeline_train(&r.p, &rows, y, r.work, r.work_bytes), KEDGE_OK);
    assert_true(of_rows(&r).is_finished && of_rows(&r).n_learned == N && of_rows(&r).n_reference == 256);
    x[7][1] = 1e6;
    void *before = guard_copy(r.mem, r.bytes);
    assert_int_equal(kedge_pipeline_train(&r.p, &rows, y, r.work, r.work_bytes), KEDGE_ERR_SKEW);
    assert_memory_equal(before, r.mem, r.bytes);
    guard_free(before);
    rig_free(&r);
}

static void test_config(void **unused)
{
    (void)unused;
    rig r;
    kedge_pipeline p;
    double mem[4];
    rig_default(&r);
    schema_cfg = kedge_schema_defaults(NULL, FEATURES + 1);
    r.cfg.schema = &schema_cfg.base;
    assert_int_equal(kedge_pipeline_size(&r.cfg), 0);
    assert_int_equal(kedge_pipeline_init(&p, &r.cfg, mem, sizeof mem), KEDGE_ERR_SHAPE);
    r.cfg.schema = &r.events.base;
    assert_int_equal(kedge_pipeline_init(&p, &r.cfg, mem, sizeof mem), KEDGE_ERR_CLASS);
}

/* Online there is no training: the schema learns until enough labels have come. */
static void test_online(void **unused)
{
    (void)unused;
    rig r;
    rig_default(&r);
    kedge_logistic_config model = kedge_logistic_defaults(FEATURES, 2);
    schema_cfg = kedge_schema_defaults(NULL, FEATURES);
    r.cfg = kedge_pipeline_defaults(&model.base, &r.detector.base);
    r.cfg.policy = KEDGE_POLICY_ONLINE;
    r.cfg.min_rows = 50;
    r.cfg.schema = &schema_cfg.base;
    r.bytes = kedge_pipeline_size(&r.cfg);
    r.mem = guard_new(r.bytes, 0xA5);
    r.work = guard_new(8, 0xA5);
    assert_int_equal(kedge_pipeline_init(&r.p, &r.cfg, r.mem, r.bytes), KEDGE_OK);
    serve_moved(&r, 0, 50, 0.0);
    assert_false(of_rows(&r).is_finished);
    serve_moved(&r, 50, 52, 0.0);
    assert_true(of_rows(&r).is_finished);
    rig_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_skew), cmocka_unit_test(test_shift), cmocka_unit_test(test_tables), cmocka_unit_test(test_config),
        cmocka_unit_test(test_online), cmocka_unit_test(test_rollback), cmocka_unit_test(test_production_passed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
