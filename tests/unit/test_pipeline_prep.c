/* SPDX-License-Identifier: MIT */
/* Data preparation inside a pipeline: one prep beside each model, fitted on the rows that the model was trained on, in training, at
 * the gate and in service. Against the same steps by hand, with the verbs of preps and models. */
#include <math.h>

#include "prepared.h"
#include "pipeline/pipeline_state.h"

/* The first model is trained on all rows, its prep too; what it then says of a row is what prep and model say by hand. */
static void test_first_training(void **unused)
{
    (void)unused;
    for (int has_fit = 0; has_fit < 2; has_fit++) {
        rig r;
        rig_default(&r);
        r.cfg.model = has_fit ? &r.nb.base : &r.logistic.base;
        rig_make(&r);
        by_hand h = by_hand_new(&r);
        assert_is_champion(&h, &r);
        accuracy(&r, 0, 200, UINT64_MAX);
        by_hand_fit(&h, 0, 200, 0, UINT64_MAX);
        assert_is_champion(&h, &r);
        for (uint64_t i = 1000; i < 1100; i++) {
            double x[COLUMNS], row[COLUMNS], served, said;
            (void)row_at(i, UINT64_MAX, x);
            assert_int_equal(kedge_pipeline_predict(&r.p, i, i, x, &served), KEDGE_OK);
            assert_int_equal(kedge_prep_transform(&h.prep, x, row), KEDGE_OK);
            assert_int_equal(kedge_model_predict(&h.model, row, &said), KEDGE_OK);
            assert_true(served == said);
        }
        by_hand_free(&h);
        rig_free(&r);
    }
}

/* A row as the model saw it in training is the row as it sees it in service, bit for bit. */
static void test_training_is_service(void **unused)
{
    (void)unused;
    enum { N = 300 };
    static double x[N * COLUMNS], out[N * 2], y[N];
    rig r;
    rig_default(&r);
    for (uint64_t i = 0; i < N; i++)
        y[i] = row_at(i, UINT64_MAX, x + i * COLUMNS);
    rig_make(&r);
    kedge_rows rows = kedge_rows_float64(x, N, COLUMNS);
    size_t bytes = kedge_pipeline_train_work(&r.p, N);
    void *work = guard_new(bytes, 0xA5);
    assert_int_equal(kedge_pipeline_train(&r.p, &rows, y, work, bytes), KEDGE_OK);
    by_hand h = by_hand_new(&r);
    size_t prep_bytes = kedge_prep_work(&h.prep, N);
    void *prep_work = guard_new(prep_bytes, 0xA5);
    assert_int_equal(kedge_prep_fit(&h.prep, &rows, y, prep_work, prep_bytes, out), KEDGE_OK);
    kedge_prep prep = champion_prep(&r);
    for (uint64_t i = 0; i < N; i++) {
        double row[2];
        assert_int_equal(kedge_prep_transform(&prep, x + i * COLUMNS, row), KEDGE_OK);
        assert_memory_equal(row, out + 2 * i, sizeof row);
    }
    assert_true(rig_report(&r).n_promotions == 1 && rig_report(&r).version == 1);
    guard_free(prep_work);
    guard_free(work);
    by_hand_free(&h);
    rig_free(&r);
}

/* A table that one of the two refuses leaves both as they were. */
static void test_train_or_not(void **unused)
{
    (void)unused;
    enum { N = 50 };
    static double x[N * COLUMNS], y[N];
    static unsigned char before[ROOM];
    rig r;
    rig_default(&r);
    r.cfg.policy = KEDGE_POLICY_STATIC;
    rig_make(&r);
    accuracy(&r, 0, 250, UINT64_MAX);
    for (uint64_t i = 0; i < N; i++)
        y[i] = row_at(i, UINT64_MAX, x + i * COLUMNS);
    kedge_rows rows = kedge_rows_float64(x, N, COLUMNS), narrow = kedge_rows_float64(x, N, COLUMNS - 1),
               none = kedge_rows_float64(x, 0, COLUMNS);
    size_t bytes = kedge_pipeline_train_work(&r.p, N);
    unsigned char *work = guard_new(bytes + 8, 0xA5);
    assert_true(r.bytes <= sizeof before && bytes > 0);
    memcpy(before, r.mem, r.bytes);
    assert_int_equal(kedge_pipeline_train(&r.p, &rows, y, work, bytes - 1), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_pipeline_train(&r.p, &rows, y, work + 4, bytes), KEDGE_ERR_ALIGN);
    assert_int_equal(kedge_pipeline_train(&r.p, &rows, y, NULL, bytes), KEDGE_ERR_NULL);
    assert_int_equal(kedge_pipeline_train(&r.p, &rows, NULL, work, bytes), KEDGE_ERR_NULL);
    assert_int_equal(kedge_pipeline_train(&r.p, NULL, y, work, bytes), KEDGE_ERR_NULL);
    assert_int_equal(kedge_pipeline_train(&r.p, &narrow, y, work, bytes), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_pipeline_train(&r.p, &none, y, work, bytes), KEDGE_ERR_SHAPE);
    y[N - 1] = 2.0; /* no class: the prep has been fitted by then */
    assert_int_equal(kedge_pipeline_train(&r.p, &rows, y, work, bytes), KEDGE_ERR_RANGE);
    y[N - 1] = 1.0;
    x[N * COLUMNS - 2] = (double)INFINITY;
    assert_int_equal(kedge_pipeline_train(&r.p, &rows, y, work, bytes), KEDGE_ERR_NOT_FINITE);
    assert_memory_equal(before, r.mem, r.bytes);
    x[N * COLUMNS - 2] = 0.0;
    assert_int_equal(kedge_pipeline_train(&r.p, &rows, y, work, bytes), KEDGE_OK);
    assert_int_equal(kedge_pipeline_train_work(NULL, N), 0);
    assert_int_equal(kedge_pipeline_train_work(&r.p, 0), 0);
    assert_int_equal(kedge_pipeline_train_work(&r.p, SIZE_MAX), 0);
    guard_free(work);
    rig_free(&r);
}

/* Without a prep the work is the model's own. */
static void test_train_work_without(void **unused)
{
    (void)unused;
    rig r;
    rig_default(&r);
    r.cfg.prep = NULL;
    for (int has_fit = 0; has_fit < 2; has_fit++) {
        r.cfg.model = has_fit ? &r.nb.base : &r.logistic.base;
        rig_make(&r);
        assert_int_equal(kedge_pipeline_train_work(&r.p, 70), has_fit ? kedge_model_fit_work(r.cfg.model, 70) : 0);
        rig_free(&r);
    }
    kedge_store_config store = kedge_store_defaults(); /* keeps a snapshot, for which there must be room */
    store.artifact_bytes = 4096;
    r.cfg.store = &store.base;
    r.cfg.model = &r.logistic.base;
    rig_make(&r);
    double x[2] = {1, 2}, y = 1;
    kedge_rows rows = kedge_rows_float64(x, 1, 2);
    size_t bytes = kedge_pipeline_train_work(&r.p, 1);
    void *work = guard_new(bytes, 0xA5);
    kedge_control c;
    kedge_store_version v;
    assert_int_equal(kedge_pipeline_train(&r.p, &rows, &y, work, bytes), KEDGE_OK);
    assert_int_equal(kedge_pipeline_train(&r.p, &rows, &y, NULL, 0), KEDGE_OK);
    assert_int_equal(kedge_pipeline_control(&r.p, KEDGE_PIPELINE_STORE, &c), KEDGE_OK);
    assert_int_equal(kedge_store_get(&c, 1, &v), KEDGE_OK);
    assert_true(v.artifact_bytes > 0);
    assert_int_equal(kedge_store_get(&c, 2, &v), KEDGE_OK);
    assert_true(v.artifact_bytes == 0 && v.n_rows == 1);
    guard_free(work);
    rig_free(&r);
}

/* Learning online is the prep's learning, then the model's, of the row as training sees it. */
static void test_online(void **unused)
{
    (void)unused;
    rig r;
    rig_default(&r);
    r.cfg.policy = KEDGE_POLICY_ONLINE;
    rig_make(&r);
    by_hand h = by_hand_new(&r);
    for (uint64_t i = 0; i < 2000; i++) {
        double x[COLUMNS], row[2], y = row_at(i, 1000, x);
        assert_int_equal(kedge_prep_learn(&h.prep, x, y, row), KEDGE_OK);
        assert_int_equal(kedge_model_learn(&h.model, row, y, 1.0), KEDGE_OK);
        (void)serve(&r, i, 1000);
    }
    assert_is_champion(&h, &r);
    assert_true(accuracy(&r, 2000, 3000, 1000) > 0.95);
    by_hand_free(&h);
    rig_free(&r);
}

/* A row that prep or model refuses is neither served nor kept; one that the model would refuse is not learned by the prep. */
static void test_refusals(void **unused)
{
    (void)unused;
    static unsigned char before[ROOM];
    double x[COLUMNS] = {1, 2, 3}, y = 7;
    rig r;
    rig_default(&r);
    r.cfg.model = &r.nb.base;   /* takes none */
    r.cfg.prep = &r.scale.base; /* fills no hole */
    r.cfg.policy = KEDGE_POLICY_ONLINE;
    rig_make(&r);
    memcpy(before, r.mem, r.bytes);
    x[1] = (double)NAN;
    assert_int_equal(kedge_pipeline_predict(&r.p, 1, 1, x, &y), KEDGE_ERR_NOT_FINITE);
    x[1] = (double)INFINITY;
    assert_int_equal(kedge_pipeline_predict(&r.p, 1, 1, x, &y), KEDGE_ERR_NOT_FINITE);
    x[1] = 1e301;
    assert_int_equal(kedge_pipeline_predict(&r.p, 1, 1, x, &y), KEDGE_ERR_RANGE);
    assert_true(y == 7);
    assert_memory_equal(before, r.mem, r.bytes);
    x[1] = 2;
    assert_true(kedge_pipeline_predict(&r.p, 1, 1, x, &y) >= 0);
    memcpy(before, r.mem, r.bytes);
    assert_int_equal(kedge_pipeline_label(&r.p, 2, 1, 2.0), KEDGE_ERR_RANGE);
    assert_memory_equal(before, r.mem, r.bytes);
    assert_int_equal(kedge_pipeline_label(&r.p, 2, 1, 1.0), KEDGE_OK);
    rig_free(&r);
    r.cfg.model = &r.logistic.base; /* takes a hole */
    rig_make(&r);
    x[1] = (double)NAN;
    assert_true(kedge_pipeline_predict(&r.p, 1, 1, x, &y) >= 0);
    assert_int_equal(kedge_pipeline_label(&r.p, 2, 1, 1.0), KEDGE_OK);
    rig_free(&r);
}

/* A category that the prep refuses is not served; after a training that gave its prep no room for one, its rows are still learned
 * or refused as a whole. */
static void test_unknown_category(void **unused)
{
    (void)unused;
    static unsigned char before[ROOM];
    rig r;
    double y, x = 0;
    rig_default(&r);
    kedge_ordinal_config ordinal = kedge_ordinal_defaults(1);
    ordinal.codes.unseen = KEDGE_UNSEEN_ERROR;
    ordinal.codes.max = 2;
    kedge_logistic_config model = kedge_logistic_defaults(1, 2);
    r.cfg.model = &model.base;
    r.cfg.prep = &ordinal.base;
    r.cfg.policy = KEDGE_POLICY_ONLINE;
    rig_make(&r);
    assert_int_equal(kedge_pipeline_predict(&r.p, 1, 1, &x, &y), KEDGE_EMPTY); /* nothing is known yet, and the model says so */
    double table[3] = {5, 6, 6}, labels[3] = {0, 1, 1}, other[2] = {8, 9};
    kedge_rows rows = kedge_rows_float64(table, 3, 1), others = kedge_rows_float64(other, 2, 1),
        one = kedge_rows_float64(other, 1, 1);
    size_t bytes = kedge_pipeline_train_work(&r.p, 3);
    void *work = guard_new(bytes, 0xA5);
    assert_int_equal(kedge_pipeline_train(&r.p, &rows, labels, work, bytes), KEDGE_OK);
    assert_int_equal(kedge_pipeline_predict(&r.p, 1, 3, &x, &y), KEDGE_ERR_UNKNOWN);
    assert_int_equal(kedge_pipeline_predict(&r.p, 1, 1, table, &y), KEDGE_OK);
    assert_int_equal(kedge_pipeline_predict(&r.p, 1, 2, table + 1, &y), KEDGE_OK);
    assert_int_equal(kedge_pipeline_train(&r.p, &one, labels, work, bytes), KEDGE_OK); /* it knows 8 only */
    assert_int_equal(kedge_pipeline_label(&r.p, 2, 1, 1.0), KEDGE_OK);                 /* and learns 5: there is room */
    memcpy(before, r.mem, r.bytes);
    assert_int_equal(kedge_pipeline_label(&r.p, 2, 2, 1.0), KEDGE_ERR_UNKNOWN); /* but none for 6 */
    assert_memory_equal(before, r.mem, r.bytes);
    assert_int_equal(kedge_pipeline_train(&r.p, &others, labels, work, bytes), KEDGE_OK);
    guard_free(work);
    rig_free(&r);
}

/* A pipeline that begins with nothing gathers rows whose categories nobody knows yet, and trains on them; only then it refuses
 * others. */
static void test_begins_with_categories(void **unused)
{
    (void)unused;
    rig r;
    rig_default(&r);
    kedge_one_hot_config one_hot = kedge_one_hot_defaults(1);
    one_hot.codes.unseen = KEDGE_UNSEEN_ERROR;
    one_hot.codes.max = 3;
    kedge_logistic_config model = kedge_logistic_defaults(kedge_prep_width(&one_hot.base), 2);
    r.cfg.model = &model.base;
    r.cfg.prep = &one_hot.base;
    rig_make(&r);
    for (uint64_t i = 0; i < 400; i++) {
        double x = (double)(i % 3), y;
        assert_int_equal(kedge_pipeline_predict(&r.p, i, i, &x, &y), i < 200 ? KEDGE_EMPTY : KEDGE_OK);
        assert_int_equal(kedge_pipeline_label(&r.p, i, i, x == 1), KEDGE_OK);
        assert_int_equal(kedge_pipeline_step(&r.p, i, r.work, r.work_bytes), KEDGE_OK);
        assert_true(i < 200 || y == (x == 1));
    }
    double unknown = 3, y;
    assert_int_equal(kedge_pipeline_predict(&r.p, 400, 400, &unknown, &y), KEDGE_ERR_UNKNOWN);
    assert_int_equal(rig_report(&r).n_predicted, 400);
    rig_free(&r);
}

/* Open and load want the prep's class, or none where there is none. */
static void test_classes(void **unused)
{
    (void)unused;
    static unsigned char snapshot[ROOM];
    rig r;
    size_t len;
    for (int has_prep = 0; has_prep < 2; has_prep++) {
        kedge_pipeline p = {NULL, NULL, NULL, NULL};
        rig_default(&r);
        r.cfg.prep = has_prep ? &r.chain.base : NULL;
        rig_make(&r);
        const kedge_prep_class *right = has_prep ? &r.kind.prep : NULL, *wrong = has_prep ? NULL : &r.kind.prep;
        assert_int_equal(kedge_pipeline_save(&r.p, snapshot, sizeof snapshot, &len), KEDGE_OK);
        void *mem = guard_new(r.bytes, 0xA5), *was = guard_copy(mem, r.bytes);
        assert_int_equal(kedge_pipeline_load(&p, &kedge_logistic, &kedge_ddm, wrong, mem, r.bytes, snapshot, len), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_pipeline_load(&p, &kedge_logistic, &kedge_ddm, &kedge_clip, mem, r.bytes, snapshot, len),
                         KEDGE_ERR_CLASS);
        assert_memory_equal(mem, was, r.bytes);
        assert_int_equal(kedge_pipeline_open(&p, &kedge_logistic, &kedge_ddm, wrong, r.mem, r.bytes), KEDGE_ERR_CLASS);
        assert_int_equal(kedge_pipeline_open(&p, &kedge_logistic, &kedge_ddm, &kedge_clip, r.mem, r.bytes), KEDGE_ERR_CLASS);
        assert_null(p.state);
        assert_int_equal(kedge_pipeline_open(&p, &kedge_logistic, &kedge_ddm, right, r.mem, r.bytes), KEDGE_OK);
        assert_int_equal(kedge_pipeline_load(&p, &kedge_logistic, &kedge_ddm, right, mem, r.bytes, snapshot, len), KEDGE_OK);
        assert_memory_equal(mem, r.mem, r.bytes);
        kedge_prep prep = {NULL, NULL};
        assert_int_equal(kedge_pipeline_champion_prep(&p, &prep), has_prep ? KEDGE_OK : KEDGE_ERR_UNSUPPORTED);
        assert_int_equal(kedge_pipeline_challenger_prep(&p, &prep), has_prep ? KEDGE_EMPTY : KEDGE_ERR_UNSUPPORTED);
        assert_int_equal(kedge_pipeline_champion_prep(&p, NULL), KEDGE_ERR_NULL);
        assert_int_equal(kedge_pipeline_challenger_prep(NULL, &prep), KEDGE_ERR_NULL);
        guard_free(was);
        guard_free(mem);
        rig_free(&r);
    }
}

static void assert_refused(rig *r, kedge_status why)
{
    unsigned char *mem = guard_new(8, 0xA5);
    assert_int_equal(kedge_pipeline_size(&r->cfg), 0);
    assert_int_equal(kedge_pipeline_work(&r->cfg), 0);
    assert_int_equal(kedge_pipeline_init(&r->p, &r->cfg, mem, 8), why);
    guard_free(mem);
}

/* Widths that do not fit, a prep out of range, targets that would leak; and configurations that were made before there were
 * preps. */
static void test_config(void **unused)
{
    (void)unused;
    rig r;
    rig_default(&r);
    kedge_logistic_config wide = kedge_logistic_defaults(COLUMNS, 2);
    r.cfg.model = &wide.base;
    assert_refused(&r, KEDGE_ERR_SHAPE);
    rig_default(&r);
    r.chain.steps[1] = NULL;
    assert_refused(&r, KEDGE_ERR_CONFIG);
    rig_default(&r);
    kedge_target_code_config target = kedge_target_code_defaults(2);
    r.cfg.prep = &target.base;
    assert_true(kedge_pipeline_size(&r.cfg) > 0);
    r.cfg.slice_rows = 5;
    assert_refused(&r, KEDGE_ERR_UNSUPPORTED);
    r.cfg.policy = KEDGE_POLICY_ONLINE;
    assert_true(kedge_pipeline_size(&r.cfg) > 0);
    target.base.cls = NULL;
    assert_refused(&r, KEDGE_ERR_NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_training),
        cmocka_unit_test(test_training_is_service),
        cmocka_unit_test(test_train_or_not),
        cmocka_unit_test(test_train_work_without),
        cmocka_unit_test(test_online),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_begins_with_categories),
        cmocka_unit_test(test_unknown_category),
        cmocka_unit_test(test_classes),
        cmocka_unit_test(test_config),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
