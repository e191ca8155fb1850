/* SPDX-License-Identifier: MIT */
/* What trainings cost: the host tells what a call has used, the pipeline adds up slices, works out the price and writes both into
 * the record of the version; and why each was trained, with triggers or without. */
#include "delivered.h"

enum { STEP_NS = 1000000, STEP_MOVED = 1 << 20 };

typedef struct priced {
    rig r;
    kedge_cost_config cost;
    uint64_t n_steps[16]; /* of each training, by its number: calls that counted for it */
} priced;

static void priced_default(priced *q)
{
    memset(q, 0, sizeof *q);
    rig_default(&q->r);
    q->cost = kedge_cost_defaults();
    q->cost.price_compute = 3.0;
    q->cost.price_energy = 0.25;
    q->cost.price_moved = 2.0;
    q->cost.watts = 40.0;
    q->r.cfg.cost = &q->cost.base;
    q->r.cfg.rollout = NULL;
    q->r.cfg.triggers = NULL;
}

static double price_of(const priced *q, uint64_t n_steps)
{
    double seconds = (double)(n_steps * STEP_NS) * 1e-9;
    return q->cost.price_compute * seconds + q->cost.price_energy * q->cost.watts * seconds / 3.6e6 +
           q->cost.price_moved * (double)(n_steps * STEP_MOVED) / 1073741824.0;
}

/* As if killed and started again. */
static void killed(rig *r)
{
    static unsigned char snapshot[ROOM];
    size_t len;
    assert_int_equal(kedge_pipeline_save(&r->p, snapshot, sizeof snapshot, &len), KEDGE_OK);
    memset(r->mem, 0x5C, r->bytes);
    assert_int_equal(kedge_pipeline_load(&r->p, &kedge_gaussian_nb, &kedge_adwin, NULL, r->mem, r->bytes, snapshot, len), KEDGE_OK);
}

/* Each step takes its time, whatever it does; only what trains counts, and once. */
static void spend_row(priced *q, uint64_t i)
{
    rig *r = &q->r;
    double x[FEATURES], predicted, y = row_at(i, i >= 1000, x);
    assert_true(kedge_pipeline_predict(&r->p, 10 * i, i, x, &predicted) >= 0);
    assert_true(kedge_pipeline_label(&r->p, 10 * i + 3, i, y) >= 0);
    uint64_t training = rig_report(r).n_trainings + 1;
    kedge_status stepped = kedge_pipeline_step(&r->p, 10 * i + 4, r->work, r->work_bytes);
    int has_trained = stepped == KEDGE_MORE || rig_report(r).n_trainings == training;
    if (i % 3 == 0)
        killed(r);
    assert_int_equal(kedge_pipeline_spent(&r->p, STEP_NS, STEP_MOVED), has_trained ? KEDGE_OK : KEDGE_EMPTY);
    assert_int_equal(kedge_pipeline_spent(&r->p, STEP_NS, STEP_MOVED), KEDGE_EMPTY);
    assert_int_equal(kedge_pipeline_check(&r->p), KEDGE_OK);
    q->n_steps[training] += (uint64_t)has_trained;
}

static kedge_store_version version(const rig *r, uint64_t id)
{
    kedge_control store = control(r, KEDGE_PIPELINE_STORE);
    kedge_store_version v;
    assert_int_equal(kedge_store_get(&store, id, &v), KEDGE_OK);
    return v;
}

/* At once one step counts for a training, in slices all of its own; the sum of all is in the pipeline's cost. */
static void test_trainings(void **unused)
{
    (void)unused;
    for (uint32_t slice = 0; slice <= 20; slice += 20) {
        priced q;
        uint64_t n_trainings, n_steps = 0;
        kedge_metric cost;
        kedge_cost_part all;
        priced_default(&q);
        q.r.cfg.slice_rows = slice;
        rig_make(&q.r);
        for (uint64_t i = 0; i < 2200; i++)
            spend_row(&q, i);
        n_trainings = rig_report(&q.r).n_trainings;
        assert_true(n_trainings >= 3);
        for (uint64_t id = 1; id <= n_trainings; id++) {
            kedge_store_version v = version(&q.r, id);
            assert_true(id == 1 || slice == 0 ? q.n_steps[id] == 1 : q.n_steps[id] > 5);
            assert_int_equal(v.compute_ns, q.n_steps[id] * STEP_NS);
            assert_true(fabs(v.cost - price_of(&q, q.n_steps[id])) < 1e-12 * v.cost);
            n_steps += q.n_steps[id];
        }
        assert_int_equal(kedge_pipeline_cost(&q.r.p, &cost), KEDGE_OK);
        assert_int_equal(kedge_cost_read_kind(&cost, KEDGE_COST_TRAIN, &all), KEDGE_OK);
        assert_true(all.n == n_trainings && all.compute_ns >= n_steps * STEP_NS);
        assert_int_equal(kedge_pipeline_reset(&q.r.p), KEDGE_OK);
        assert_int_equal(kedge_cost_read_kind(&cost, KEDGE_COST_TRAIN, &all), KEDGE_EMPTY);
        assert_int_equal(kedge_pipeline_check(&q.r.p), KEDGE_OK);
        rig_free(&q.r);
    }
}

/* A training by hand while another one goes on in slices: each has its own. */
static void test_by_hand(void **unused)
{
    (void)unused;
    priced q;
    priced_default(&q);
    q.r.cfg.slice_rows = 20;
    rig_make(&q.r);
    uint64_t i = 0;
    for (; i < 3000 && (rig_report(&q.r).rows_to_train == 0 || q.n_steps[2] < 3); i++)
        spend_row(&q, i);
    double x[40 * FEATURES], y[40];
    for (uint64_t k = 0; k < 40; k++)
        y[k] = row_at(k, 0, x + FEATURES * k);
    kedge_rows rows = kedge_rows_float64(x, 40, FEATURES);
    assert_int_equal(kedge_pipeline_train(&q.r.p, &rows, y, q.r.work, q.r.work_bytes), KEDGE_OK);
    assert_int_equal(kedge_pipeline_spent(&q.r.p, 77, 0), KEDGE_OK);
    assert_int_equal(version(&q.r, 2).compute_ns, 77);
    assert_int_equal(version(&q.r, 2).trigger_kind, KEDGE_TRIGGER_DEMAND);
    q.n_steps[3] = q.n_steps[2];
    for (; i < 4000 && rig_report(&q.r).n_trainings < 3; i++)
        spend_row(&q, i);
    assert_int_equal(version(&q.r, 3).compute_ns, q.n_steps[3] * STEP_NS);
    rig_free(&q.r);
}

/* Without prices and without a store: nothing to write into, no error. */
static void test_without(void **unused)
{
    (void)unused;
    priced q;
    kedge_metric cost;
    priced_default(&q);
    q.r.cfg.cost = NULL;
    rig_make(&q.r);
    for (uint64_t i = 0; i < 250; i++)
        spend_row(&q, i);
    assert_int_equal(version(&q.r, 1).compute_ns, STEP_NS);
    assert_true(version(&q.r, 1).cost == 0.0);
    assert_int_equal(kedge_pipeline_cost(&q.r.p, &cost), KEDGE_ERR_UNSUPPORTED);
    assert_int_equal(kedge_pipeline_cost(&q.r.p, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_pipeline_cost(NULL, &cost), KEDGE_ERR_NULL);
    assert_int_equal(kedge_pipeline_spent(NULL, 0, 0), KEDGE_ERR_NULL);
    rig_free(&q.r);
    priced_default(&q);
    q.r.cfg.store = NULL;
    rig_make(&q.r);
    for (uint64_t i = 0; i < 250; i++)
        spend_row(&q, i);
    rig_free(&q.r);
}

/* Too much is refused, and changes nothing; so are other metrics than a cost. */
static void test_refusals(void **unused)
{
    (void)unused;
    priced q;
    double x[FEATURES], predicted;
    kedge_quality_config quality = kedge_quality_defaults(2);
    priced_default(&q);
    rig_make(&q.r);
    for (uint64_t i = 0; i < 200; i++) {
        double y = row_at(i, 0, x);
        assert_true(kedge_pipeline_predict(&q.r.p, i, i, x, &predicted) >= 0);
        assert_true(kedge_pipeline_label(&q.r.p, i, i, y) >= 0);
        assert_int_equal(kedge_pipeline_step(&q.r.p, i, q.r.work, q.r.work_bytes), KEDGE_OK);
    }
    unsigned char *before = test_malloc(q.r.bytes);
    memcpy(before, q.r.mem, q.r.bytes);
    assert_int_equal(kedge_pipeline_spent(&q.r.p, UINT64_MAX, 0), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_pipeline_spent(&q.r.p, 0, (UINT64_C(1) << 62) + 1), KEDGE_ERR_RANGE);
    assert_memory_equal(before, q.r.mem, q.r.bytes);
    assert_int_equal(kedge_pipeline_spent(&q.r.p, UINT64_C(1) << 62, 0), KEDGE_OK);
    test_free(before);
    rig_free(&q.r);
    priced_default(&q);
    q.r.cfg.cost = &quality.base;
    assert_int_equal(kedge_pipeline_size(&q.r.cfg), 0);
    unsigned char mem[64] __attribute__((aligned(8)));
    assert_int_equal(kedge_pipeline_init(&q.r.p, &q.r.cfg, mem, sizeof mem), KEDGE_ERR_CLASS);
    q.r.cfg.cost = &q.cost.base;
    q.cost.price_moved = -1.0;
    assert_int_equal(kedge_pipeline_init(&q.r.p, &q.r.cfg, mem, sizeof mem), KEDGE_ERR_CONFIG);
}

/* Why a version was trained stands in its record without triggers too. */
static void test_reasons(void **unused)
{
    (void)unused;
    priced q;
    priced_default(&q);
    q.r.cfg.select = KEDGE_SELECT_WINDOW;
    rig_make(&q.r);
    uint64_t i = 0;
    for (; i < 500; i++)
        spend_row(&q, i);
    kedge_store_version v = version(&q.r, 1);
    assert_true(v.trigger_kind == KEDGE_TRIGGER_ROWS && v.trigger_value == 200.0 && v.trigger_limit == 200.0);
    assert_int_equal(kedge_pipeline_request(&q.r.p), KEDGE_OK);
    for (; i < 1200 && rig_report(&q.r).n_trainings < 2; i++)
        spend_row(&q, i);
    assert_int_equal(version(&q.r, 2).trigger_kind, KEDGE_TRIGGER_DEMAND);
    for (; i < 3000 && rig_report(&q.r).n_trainings < 3; i++)
        spend_row(&q, i);
    v = version(&q.r, 3);
    assert_int_equal(v.trigger_kind, KEDGE_TRIGGER_SIGNAL);
    assert_true(v.trigger_source == KEDGE_SOURCE_DETECTOR && v.trigger_code == KEDGE_DRIFT);
    rig_free(&q.r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trainings), cmocka_unit_test(test_by_hand), cmocka_unit_test(test_without),
        cmocka_unit_test(test_refusals),  cmocka_unit_test(test_reasons),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
