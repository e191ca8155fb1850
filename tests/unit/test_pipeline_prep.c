/* SPDX-License-Identifier: MIT */
/* Data preparation inside a pipeline: one prep beside each model, fitted on the rows that the model was trained on, in training, at
 * the gate and in service. Against the same steps by hand, with the verbs of preps and models. */
#include <math.h>
#include <stddef.h>

#include "pipeline/pipeline_state.h"
#include "support.h"

enum { COLUMNS = 3, N_ROWS = 3000, ROOM = 1 << 16 };

/* A chain that leaves the last column out, fills holes and scales; a model of its two columns. */
typedef struct rig {
    kedge_chain_class kind;
    kedge_chain_config chain;
    kedge_impute_config impute;
    kedge_scale_config scale;
    kedge_gaussian_nb_config nb;
    kedge_logistic_config logistic;
    kedge_ddm_config detector;
    kedge_pipeline_config cfg;
    kedge_pipeline p;
    void *mem, *work;
    size_t bytes, work_bytes;
} rig;

#include "pipeline_rig.h"

static void rig_default(rig *r)
{
    const kedge_prep_class *const kinds[] = {&kedge_impute, &kedge_scale};
    memset(r, 0, sizeof *r);
    assert_int_equal(kedge_chain_class_init(&r->kind, kinds, 2), KEDGE_OK);
    assert_int_equal(kedge_chain_config_init(&r->chain, sizeof r->chain, &r->kind, COLUMNS), KEDGE_OK);
    r->impute = kedge_impute_defaults(2);
    r->scale = kedge_scale_defaults(2);
    r->chain.base.columns.n = 2;
    r->chain.steps[0] = &r->impute.base;
    r->chain.steps[1] = &r->scale.base;
    r->nb = kedge_gaussian_nb_defaults(2, 2);
    r->logistic = kedge_logistic_defaults(2, 2);
    r->detector = kedge_ddm_defaults();
    r->cfg = kedge_pipeline_defaults(&r->logistic.base, &r->detector.base);
    r->cfg.prep = &r->chain.base;
}

/* Large and off zero, with holes; from row `flip` on the label is the other way round. The last column is a number of the row. */
static double row_at(uint64_t i, uint64_t flip, double *x)
{
    kedge_rng rng = {i};
    double a = kedge_rng_normal(&rng), b = kedge_rng_normal(&rng);
    x[0] = 1e6 + 1000.0 * a;
    x[1] = i % 7 == 3 ? (double)NAN : 1e-3 * b;
    x[2] = (double)i;
    return (a > 0) == (i < flip);
}

/* Predict, label, step until nothing is to be done; was it right? */
static int serve(rig *r, uint64_t i, uint64_t flip)
{
    double x[COLUMNS], predicted, y = row_at(i, flip, x);
    kedge_status st;
    assert_true(kedge_pipeline_predict(&r->p, 10 * i, i, x, &predicted) >= 0);
    assert_true(kedge_pipeline_label(&r->p, 10 * i + 3, i, y) >= 0);
    while ((st = kedge_pipeline_step(&r->p, 10 * i + 4, r->work, r->work_bytes)) == KEDGE_MORE)
        ;
    assert_int_equal(st, KEDGE_OK);
    return predicted == y;
}

static double accuracy(rig *r, uint64_t from, uint64_t to, uint64_t flip)
{
    uint64_t n = 0;
    for (uint64_t i = from; i < to; i++)
        n += (uint64_t)serve(r, i, flip);
    return (double)n / (double)(to - from);
}

static size_t state_bytes(const void *state)
{
    return ((const kedge_state_head *)state)->bytes;
}

static kedge_prep champion_prep(const rig *r)
{
    kedge_prep prep;
    assert_int_equal(kedge_pipeline_champion_prep(&r->p, &prep), KEDGE_OK);
    return prep;
}

static kedge_model champion(const rig *r)
{
    kedge_model m;
    assert_int_equal(kedge_pipeline_champion(&r->p, &m), KEDGE_OK);
    return m;
}

/* A prep and a model beside the pipeline, of its configuration. */
typedef struct by_hand {
    kedge_prep prep;
    kedge_model model;
} by_hand;

static by_hand by_hand_new(const rig *r)
{
    by_hand h;
    size_t prep_bytes = kedge_prep_size(r->cfg.prep), model_bytes = kedge_model_size(r->cfg.model);
    assert_int_equal(kedge_prep_init(&h.prep, r->cfg.prep, guard_new(prep_bytes, 0x5C), prep_bytes), KEDGE_OK);
    assert_int_equal(kedge_model_init(&h.model, r->cfg.model, guard_new(model_bytes, 0x5C), model_bytes), KEDGE_OK);
    return h;
}

static void by_hand_free(by_hand *h)
{
    guard_free(h->prep.state);
    guard_free(h->model.state);
}

static void assert_is_champion(const by_hand *h, const rig *r)
{
    assert_memory_equal(champion_prep(r).state, h->prep.state, state_bytes(h->prep.state));
    assert_memory_equal(champion(r).state, h->model.state, state_bytes(h->model.state));
}

/* Fit on rows from..to - 1 but those held back; the model by fit, or by learning. */
static void by_hand_fit(by_hand *h, uint64_t from, uint64_t to, uint32_t holdout_every, uint64_t flip)
{
    static double x[N_ROWS * COLUMNS], out[N_ROWS * 2], y[N_ROWS];
    size_t n = 0, used;
    for (uint64_t i = from; i < to; i++)
        if (holdout_every == 0 || i % holdout_every != holdout_every - 1u) {
            y[n] = row_at(i, flip, x + n * COLUMNS);
            n++;
        }
    kedge_rows raw = kedge_rows_float64(x, n, COLUMNS), rows = kedge_rows_float64(out, n, 2);
    size_t bytes = kedge_prep_work(&h->prep, n), model_bytes = kedge_model_work(&h->model, n);
    void *work = guard_new(bytes > model_bytes ? bytes : model_bytes, 0x5C);
    assert_int_equal(kedge_prep_fit(&h->prep, &raw, y, work, bytes, out), KEDGE_OK);
    if (h->model.cls->fit) {
        assert_int_equal(kedge_model_fit(&h->model, &rows, y, NULL, work, model_bytes), KEDGE_OK);
    } else {
        assert_int_equal(kedge_model_reset(&h->model), KEDGE_OK);
        assert_int_equal(kedge_model_learn_many(&h->model, &rows, y, NULL, &used), KEDGE_OK);
    }
    guard_free(work);
}

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
    kedge_rows rows = kedge_rows_float64(table, 3, 1), others = kedge_rows_float64(other, 2, 1), one = kedge_rows_float64(other, 1, 1);
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

/* A pipeline that begins with nothing gathers rows whose categories nobody knows yet, and trains on them; only then it refuses others. */
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

/* A change is answered by a challenger with a prep of its own, fitted on the rows that the challenger was trained on and no others. */
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

/* One slice a row, in a reservoir too: both passes are counted, the state is sound all the time, and a snapshot in the middle goes on. */
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
        assert_int_equal(kedge_pipeline_load(&p, &kedge_logistic, &kedge_ddm, &kedge_clip, mem, r.bytes, snapshot, len), KEDGE_ERR_CLASS);
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

/* Widths that do not fit, a prep out of range, targets that would leak; and configurations that were made before there were preps. */
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
        cmocka_unit_test(test_first_training),      cmocka_unit_test(test_training_is_service), cmocka_unit_test(test_train_or_not),
        cmocka_unit_test(test_train_work_without),  cmocka_unit_test(test_online),              cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_begins_with_categories),
        cmocka_unit_test(test_unknown_category),    cmocka_unit_test(test_retraining),          cmocka_unit_test(test_slices),
        cmocka_unit_test(test_slices_while_serving), cmocka_unit_test(test_replay),             cmocka_unit_test(test_classes),
        cmocka_unit_test(test_config),              cmocka_unit_test(test_failed_training),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
