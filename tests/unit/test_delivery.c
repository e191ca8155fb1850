/* SPDX-License-Identifier: MIT */
/* The pipeline as a whole, MLOps level 2: triggers, gate, rollout, store and events around a model; a challenger that turns out worse and is
 * taken back; a concept that comes back with its model; and a thousand kills, after which the program goes on from its latest snapshot. */
#include <math.h>
#include <stdlib.h>

#include "pipeline/pipeline_state.h"
#include "support.h"

enum { FEATURES = 2, N_TRIGGERS = 3, N_STAGES = 3, N_EVENTS = 512, ROOM = 1 << 17 };

typedef struct rig {
    kedge_gaussian_nb_config model;
    kedge_adwin_config detector;
    kedge_trigger when[N_TRIGGERS];
    kedge_stage stages[N_STAGES];
    kedge_triggers_config triggers;
    kedge_rollout_config rollout;
    kedge_store_config store;
    kedge_events_config events;
    kedge_pipeline_config cfg;
    kedge_pipeline p;
    void *mem, *work;
    size_t bytes, work_bytes;
} rig;

static void rig_default(rig *r)
{
    static const kedge_trigger trigger = KEDGE_TRIGGER_INIT;
    static const kedge_stage stage = KEDGE_STAGE_INIT;
    memset(r, 0, sizeof *r);
    r->model = kedge_gaussian_nb_defaults(FEATURES, 2);
    r->detector = kedge_adwin_defaults();
    for (size_t i = 0; i < N_TRIGGERS; i++)
        r->when[i] = trigger;
    r->when[0].kind = KEDGE_TRIGGER_SIGNAL;
    r->when[0].priority = 2;
    r->when[0].again_rows = 200;
    r->when[1].kind = KEDGE_TRIGGER_ROWS;
    r->when[1].every = 3000;
    r->triggers = kedge_triggers_defaults(r->when, N_TRIGGERS);
    for (size_t i = 0; i < N_STAGES; i++) {
        r->stages[i] = stage;
        r->stages[i].kind = KEDGE_STAGE_SHADOW + (uint32_t)i;
        r->stages[i].least_rows = 50;
        r->stages[i].most_rows = 200;
        r->stages[i].tolerance = 0.05;
        r->stages[i].share = 0.5;
        r->stages[i].both_answer = 1;
    }
    r->rollout = kedge_rollout_defaults(r->stages, N_STAGES);
    r->store = kedge_store_defaults();
    r->store.artifact_bytes = 16384;
    r->events = kedge_events_defaults();
    r->events.n_events = N_EVENTS;
    r->cfg = kedge_pipeline_defaults(&r->model.base, &r->detector.base);
    r->cfg.triggers = &r->triggers.base;
    r->cfg.rollout = &r->rollout.base;
    r->cfg.store = &r->store.base;
    r->cfg.events = &r->events.base;
}

static void rig_make(rig *r)
{
    r->bytes = kedge_pipeline_size(&r->cfg);
    r->work_bytes = kedge_pipeline_work(&r->cfg);
    assert_true(r->bytes > 0 && r->work_bytes > 0);
    r->mem = guard_new(r->bytes, 0xA5);
    r->work = guard_new(r->work_bytes, 0xA5);
    assert_int_equal(kedge_pipeline_init(&r->p, &r->cfg, r->mem, r->bytes), KEDGE_OK);
}

static void rig_free(rig *r)
{
    guard_free(r->work);
    guard_free(r->mem);
}

/* Two normal features; concept 1 is concept 0 the other way round. */
static double row_at(uint64_t i, uint32_t concept, double *x)
{
    kedge_rng rng = {i};
    x[0] = kedge_rng_normal(&rng);
    x[1] = kedge_rng_normal(&rng);
    return (x[0] > 0) == (concept == 0);
}

/* Predict, label, step; what was predicted. */
static double serve(rig *r, uint64_t i, uint32_t concept, int *is_right)
{
    double x[FEATURES], predicted, y = row_at(i, concept, x);
    assert_true(kedge_pipeline_predict(&r->p, 10 * i, i, x, &predicted) >= 0);
    assert_true(kedge_pipeline_label(&r->p, 10 * i + 3, i, y) >= 0);
    assert_int_equal(kedge_pipeline_step(&r->p, 10 * i + 4, r->work, r->work_bytes), KEDGE_OK);
    *is_right = predicted == y;
    return predicted;
}

static double accuracy(rig *r, uint64_t from, uint64_t to, uint32_t concept)
{
    uint64_t n = 0;
    for (uint64_t i = from; i < to; i++) {
        int is_right;
        (void)serve(r, i, concept, &is_right);
        n += (uint64_t)is_right;
    }
    return (double)n / (double)(to - from);
}

static kedge_pipeline_report report(const rig *r)
{
    kedge_pipeline_report out;
    assert_int_equal(kedge_pipeline_read(&r->p, &out), KEDGE_OK);
    assert_int_equal(kedge_pipeline_check(&r->p), KEDGE_OK);
    return out;
}

static kedge_control control(const rig *r, uint32_t which)
{
    kedge_control c;
    assert_int_equal(kedge_pipeline_control(&r->p, which, &c), KEDGE_OK);
    return c;
}

/* The next event of that kind. */
static kedge_event find(const rig *r, uint64_t *next, uint32_t kind)
{
    kedge_control events = control(r, KEDGE_PIPELINE_EVENTS);
    kedge_event e = {0, 0, 0, 0, 0, 0, 0, 0, 0};
    do
        assert_int_equal(kedge_events_get(&events, next, &e), KEDGE_OK);
    while (e.kind != kind);
    return e;
}

/* A flip is found, trained for, and the new model passes its stages in order; all of it is told, recorded, and answered by the triggers. */
static void test_drift_to_promotion(void **unused)
{
    (void)unused;
    rig r;
    rig_default(&r);
    r.cfg.window_rows = r.cfg.min_rows; /* full at once: no second training when its rows have doubled */
    rig_make(&r);
    assert_true(accuracy(&r, 0, 1000, 0) > 0.7);
    assert_true(accuracy(&r, 1000, 2500, 1) > 0.5);
    assert_true(accuracy(&r, 2500, 3500, 1) > 0.95);
    kedge_pipeline_report p = report(&r);
    assert_true(p.n_promotions == 2 && p.version == 2 && p.staged == 0 && p.n_drifts >= 1 && p.n_rolled_back == 0);
    uint64_t next = 0;
    assert_int_equal(find(&r, &next, KEDGE_EVENT_PROMOTED).version, 1);
    (void)find(&r, &next, KEDGE_EVENT_DRIFT);
    assert_int_equal(find(&r, &next, KEDGE_EVENT_TRIGGER).code, KEDGE_TRIGGER_SIGNAL);
    (void)find(&r, &next, KEDGE_EVENT_TRAINING);
    assert_int_equal(find(&r, &next, KEDGE_EVENT_TRAINED).version, 2);
    assert_int_equal(find(&r, &next, KEDGE_EVENT_PASSED).version, 2);
    for (int stage = KEDGE_STAGE_SHADOW; stage <= KEDGE_STAGE_PRODUCTION; stage++)
        assert_int_equal(find(&r, &next, KEDGE_EVENT_STAGE).code, stage);
    assert_int_equal(find(&r, &next, KEDGE_EVENT_PROMOTED).version, 2);
    assert_int_equal(find(&r, &next, KEDGE_EVENT_FINISHED).version, 2);
    kedge_control store = control(&r, KEDGE_PIPELINE_STORE), triggers = control(&r, KEDGE_PIPELINE_TRIGGERS);
    kedge_store_version v;
    kedge_triggers_report t;
    uint64_t id;
    assert_int_equal(kedge_store_get(&store, 2, &v), KEDGE_OK);
    assert_true(v.parent == 1 && v.status == KEDGE_VERSION_SERVING && v.trigger_kind == KEDGE_TRIGGER_SIGNAL && v.first_row >= 900);
    assert_string_equal(v.model_class, "gaussian_nb");
    assert_true(v.artifact_bytes > 0 && v.n_rows >= 150);
    assert_int_equal(kedge_store_served_at(&store, 10000, &id), KEDGE_OK);
    assert_int_equal(id, 1);
    assert_int_equal(kedge_triggers_read(&triggers, &t), KEDGE_OK);
    assert_true(t.n_started == 1 && t.n_promoted == 1 && !t.is_busy);
    rig_free(&r);
}

/* Production waits for somebody, and the events say who it was. */
static void test_approved(void **unused)
{
    (void)unused;
    rig r;
    kedge_rollout_request ask;
    uint64_t next = 0, i = 1000;
    int is_right;
    rig_default(&r);
    r.stages[2].needs_approval = 1;
    rig_make(&r);
    (void)accuracy(&r, 0, 1000, 0);
    kedge_control rollout = control(&r, KEDGE_PIPELINE_ROLLOUT);
    while (kedge_rollout_ask(&rollout, &ask) == KEDGE_EMPTY && i < 2500)
        (void)serve(&r, i++, 1, &is_right);
    assert_int_equal(find(&r, &next, KEDGE_EVENT_ASKED).code, KEDGE_STAGE_PRODUCTION);
    (void)accuracy(&r, i, i + 50, 1);
    assert_int_equal(report(&r).version, 1);
    assert_int_equal(kedge_rollout_approve(&rollout, 10 * (i + 50), ask.token, 42), KEDGE_OK);
    (void)serve(&r, i + 50, 1, &is_right);
    kedge_event e = find(&r, &next, KEDGE_EVENT_APPROVED);
    assert_true(e.version == 2 && e.code == KEDGE_STAGE_PRODUCTION && e.value == 42.0);
    assert_int_equal(find(&r, &next, KEDGE_EVENT_PROMOTED).version, 2);
    assert_int_equal(report(&r).version, 2);
    rig_free(&r);
}

/* The same drift is a reason again whenever the rows since the change have doubled, until they fill the window; and not for ever. */
static void test_doubling(void **unused)
{
    (void)unused;
    rig r;
    rig_default(&r);
    r.when[0].again_rows = 200; /* for the first answer only: one more that is refused is no reason to go on */
    r.when[1].kind = KEDGE_TRIGGER_DEMAND;
    r.cfg.rollout = NULL;
    rig_make(&r);
    accuracy(&r, 0, 1000, 0);
    accuracy(&r, 1000, 6000, 1);
    kedge_control triggers = control(&r, KEDGE_PIPELINE_TRIGGERS);
    kedge_triggers_report t;
    assert_int_equal(kedge_triggers_read(&triggers, &t), KEDGE_OK);
    kedge_pipeline_report p = report(&r);
    assert_int_equal(p.n_drifts, 1);
    assert_int_equal(t.n_started, 4); /* on about 200, 400, 800 rows, and on the window of 1,000 */
    assert_int_equal(p.n_trainings, 5);
    uint64_t next = 0;
    double rows = 100.0;
    for (int i = 0; i < 4; i++) {
        assert_int_equal(find(&r, &next, KEDGE_EVENT_TRIGGER).code, KEDGE_TRIGGER_SIGNAL);
        double now = find(&r, &next, KEDGE_EVENT_TRAINING).value;
        assert_true(now >= fmin(2.0 * rows, 1000.0) && now <= fmin(2.0 * rows + 1.0, 1000.0) + (i == 0 ? 60.0 : 0.0));
        rows = now;
    }
    assert_true(rows == 1000.0);
    rig_free(&r);
}

/* Without a gate every challenger is proposed: one that was trained on a concept that is over by then does not get far. */
static void test_rolled_back(void **unused)
{
    (void)unused;
    rig r;
    rig_default(&r);
    r.cfg.holdout_every = 0;
    rig_make(&r);
    (void)accuracy(&r, 0, 1000, 0);
    uint64_t i = 1000;
    int is_right;
    while (report(&r).staged == 0) /* until a challenger for concept 1 is in its shadow */
        (void)serve(&r, i++, 1, &is_right);
    assert_true(i < 2000);
    assert_true(accuracy(&r, i, i + 100, 0) > 0.95); /* concept 0 again: the champion was right to stay */
    kedge_pipeline_report p = report(&r);
    assert_true(p.n_rolled_back == 1 && p.version == 1 && p.staged == 0);
    uint64_t next = 0;
    kedge_event e = find(&r, &next, KEDGE_EVENT_ROLLED_BACK);
    assert_true(e.version == 2 && e.code == KEDGE_ROLLOUT_WORSE && e.value > 0.5);
    kedge_control store = control(&r, KEDGE_PIPELINE_STORE);
    kedge_store_version v;
    assert_int_equal(kedge_store_get(&store, 2, &v), KEDGE_OK);
    assert_int_equal(v.status, KEDGE_VERSION_ROLLED_BACK);
    rig_free(&r);
}

/* Taken back in production: the old champion serves again at once, and the history says so. */
static void test_rolled_back_in_production(void **unused)
{
    (void)unused;
    rig r;
    kedge_rollout_report rollout;
    int is_right;
    uint64_t i = 1000, id;
    rig_default(&r);
    r.stages[2].most_rows = 100000;
    r.stages[2].least_rows = 100000;
    rig_make(&r);
    (void)accuracy(&r, 0, 1000, 0);
    do
        (void)serve(&r, i++, 1, &is_right);
    while (report(&r).version == 1 && i < 3000);
    assert_int_equal(report(&r).version, 2);
    kedge_control c = control(&r, KEDGE_PIPELINE_ROLLOUT);
    assert_int_equal(kedge_rollout_read(&c, &rollout), KEDGE_OK);
    assert_true(rollout.is_serving && rollout.stage_kind == KEDGE_STAGE_PRODUCTION);
    uint64_t change = i + 100;
    assert_true(accuracy(&r, i, change, 1) > 0.9);
    for (i = change; report(&r).n_rolled_back == 0; i++)
        (void)serve(&r, i, 0, &is_right);
    assert_true(i < change + 600 && report(&r).version == 1); /* the mean since the promotion must be surely worse: it began well */
    assert_true(accuracy(&r, i, i + 30, 0) > 0.95);
    kedge_control store = control(&r, KEDGE_PIPELINE_STORE), triggers = control(&r, KEDGE_PIPELINE_TRIGGERS);
    kedge_triggers_report t;
    assert_int_equal(kedge_store_served_at(&store, 10 * change, &id), KEDGE_OK);
    assert_int_equal(id, 2);
    assert_int_equal(kedge_store_served_at(&store, 10 * i, &id), KEDGE_OK);
    assert_int_equal(id, 1);
    assert_int_equal(kedge_triggers_read(&triggers, &t), KEDGE_OK);
    assert_true(t.n_promoted == 1 && t.n_rolled_back == 1);
    rig_free(&r);
}

/* Rows until the service is right again (18 of the last 20), after the n-th change between two concepts. */
static uint64_t rows_to_recover(uint32_t recall_rows, uint64_t *n_recalls)
{
    rig r;
    uint64_t i = 0, recovered = 0;
    rig_default(&r);
    r.cfg.recall_rows = recall_rows;
    r.cfg.rollout = NULL;
    rig_make(&r);
    for (uint32_t change = 0; change < 4; change++) {
        unsigned last = 0;
        for (uint64_t k = 0; k < 1500; k++) {
            int is_right;
            (void)serve(&r, i++, change % 2, &is_right);
            last = (last << 1 | (unsigned)is_right) & 0xFFFFFu;
            if (change < 2 || recovered >= (change - 1) * 10000u || k < 20)
                continue;
            unsigned n = 0;
            for (unsigned bits = last; bits; bits &= bits - 1)
                n++;
            if (n >= 18)
                recovered = (change - 1) * 10000u + recovered % 10000u + k;
        }
    }
    *n_recalls = report(&r).n_recalls;
    rig_free(&r);
    return recovered % 10000u;
}

/* A concept that comes back is recovered in less than half of the rows of a fresh training. */
static void test_recall(void **unused)
{
    (void)unused;
    uint64_t n_recalls;
    uint64_t fresh = rows_to_recover(0, &n_recalls);
    assert_int_equal(n_recalls, 0);
    uint64_t recalled = rows_to_recover(10, &n_recalls);
    assert_int_equal(n_recalls, 2);
    assert_true(fresh > 0 && recalled > 0 && 2 * recalled <= fresh);
}

/* Predict and label; then steps until there is nothing more to do at once. Returns how many slices of a training that were. */
static size_t serve_in_slices(rig *r, uint64_t i, uint32_t concept)
{
    double x[FEATURES], predicted, y = row_at(i, concept, x);
    size_t n = 0;
    assert_true(kedge_pipeline_predict(&r->p, 10 * i, i, x, &predicted) >= 0);
    assert_true(kedge_pipeline_label(&r->p, 10 * i + 3, i, y) >= 0);
    kedge_status st;
    while ((st = kedge_pipeline_step(&r->p, 10 * i + 4, r->work, r->work_bytes)) == KEDGE_MORE) {
        assert_true(report(r).rows_to_train > 0);
        n++;
    }
    assert_int_equal(st, KEDGE_OK);
    assert_int_equal(report(r).rows_to_train, 0);
    return n;
}

/* A model trained in slices between two rows is the very model that is trained at once; with rows in between it learns the same rows. */
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
    kedge_pipeline_report a = report(&r[0]), b = report(&r[1]);
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
    assert_true(n_training >= 150 && report(&r).n_promotions >= 2);
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
    assert_int_equal(report(&r).reservoir_rows, R);
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
    assert_int_equal(kedge_pipeline_figure(&r.p, 5000, 6, 0.1), KEDGE_ERR_UNKNOWN);
    assert_int_equal(kedge_pipeline_figure(&r.p, 5000, 5, 0.1), KEDGE_OK);
    assert_int_equal(report(&r).retrain_due, 1);
    (void)serve(&r, 501, 0, &is_right);
    assert_int_equal(report(&r).staged, 2);
    assert_int_equal(kedge_pipeline_train(&r.p, &rows, y, r.work, r.work_bytes), KEDGE_ERR_STATE);
    (void)accuracy(&r, 502, 1500, 0);
    assert_int_equal(report(&r).version, 2);
    assert_int_equal(kedge_pipeline_request(&r.p), KEDGE_OK);
    assert_int_equal(report(&r).retrain_due, 1);
    assert_int_equal(kedge_pipeline_control(&r.p, 0, &c), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_pipeline_control(&r.p, 5, &c), KEDGE_ERR_RANGE);
    rig_free(&r);
    rig_default(&r);
    r.cfg.triggers = NULL;
    rig_make(&r);
    assert_int_equal(kedge_pipeline_control(&r.p, KEDGE_PIPELINE_TRIGGERS, &c), KEDGE_ERR_UNSUPPORTED);
    assert_int_equal(kedge_pipeline_figure(&r.p, 1, 5, 0.1), KEDGE_ERR_UNSUPPORTED);
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
    assert_int_equal(report(&r).retrain_due, 1);
    assert_int_equal(kedge_pipeline_step(&r.p, 199, little, 8), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_pipeline_step(&r.p, 199, NULL, 0), KEDGE_ERR_NULL);
    guard_free(little);
    guard_free(mem);
}

/* What the host trains by hand serves, also a model that was taken back before; and has no figures of a gate that it did not meet. */
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
        serving = report(&r).version;
        assert_int_equal(kedge_store_get(&store, serving, &v), KEDGE_OK);
        assert_true(v.status == KEDGE_VERSION_SERVING && v.n_rows == ROWS && v.artifact_bytes > 0);
        assert_int_equal(kedge_store_figure(&store, serving, 0, &figure), KEDGE_OK);
        assert_true(isnan(figure));
        assert_int_equal(kedge_store_serve(&store, 0, 10 * 2499 + 4), KEDGE_OK);
        assert_int_equal(kedge_store_set_status(&store, serving, KEDGE_VERSION_ROLLED_BACK), KEDGE_OK);
        assert_int_equal(report(&r).n_repeated, 0);
    }
    rig_free(&r);
}

/* A figure that nobody watches changes nothing, the clock neither. */
static void test_figure_refused(void **unused)
{
    (void)unused;
    rig r;
    rig_default(&r);
    rig_make(&r);
    (void)accuracy(&r, 0, 100, 0);
    void *before = guard_new(r.bytes, 0);
    memcpy(before, r.mem, r.bytes);
    assert_int_equal(kedge_pipeline_figure(&r.p, 1000000, 99, 0.5), KEDGE_ERR_UNKNOWN);
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
    r.cfg.config_bytes = offsetof(kedge_pipeline_config, recall_rows); /* an older caller's: no controls */
    void *again = guard_new(ROOM, 0);
    assert_int_equal(kedge_pipeline_init(&r.p, &r.cfg, again, ROOM), KEDGE_OK);
    guard_free(again);
}

/* A program is killed at random moments and goes on from its latest snapshot, reading the rows since then once more: it makes the same
 * predictions, versions and decisions as one that was never killed. */
static void test_kills(void **unused)
{
    (void)unused;
    enum { N_ROWS = 12000, N_KILLS = 1000 };
    static double predicted[N_ROWS];
    static unsigned char snapshot[ROOM];
    static uint32_t versions[N_ROWS];
    rig steady, killed;
    kedge_rng rng = {7};
    size_t len = 0, n_kills = 0;
    uint64_t saved_at = 0;
    int is_right;
    rig_default(&steady);
    steady.cfg.recall_rows = 20;
    rig_make(&steady);
    for (uint64_t i = 0; i < N_ROWS; i++) {
        predicted[i] = serve(&steady, i, i / 2000 % 2, &is_right);
        versions[i] = (uint32_t)report(&steady).version;
    }
    rig_default(&killed);
    killed.cfg.recall_rows = 20;
    rig_make(&killed);
    assert_int_equal(kedge_pipeline_save(&killed.p, snapshot, sizeof snapshot, &len), KEDGE_OK);
    for (uint64_t i = 0; i < N_ROWS; i++) {
        double again = serve(&killed, i, i / 2000 % 2, &is_right);
        assert_true(again == predicted[i]);
        if (kedge_rng_below(&rng, 20) == 0) {
            assert_int_equal(kedge_pipeline_save(&killed.p, snapshot, sizeof snapshot, &len), KEDGE_OK);
            saved_at = i + 1;
        }
        if (n_kills < N_KILLS && kedge_rng_below(&rng, 20) == 0) {
            memset(killed.mem, 0xA5, killed.bytes);
            assert_int_equal(kedge_pipeline_load(&killed.p, &kedge_gaussian_nb, &kedge_adwin, killed.mem, killed.bytes, snapshot, len), KEDGE_OK);
            n_kills++;
            i = saved_at - 1; /* the rows since then once more */
            continue;
        }
        if (i % 10 == 0)
            assert_int_equal(report(&killed).version, versions[i]);
    }
    assert_int_equal(n_kills, N_KILLS);
    assert_memory_equal(steady.mem, killed.mem, steady.bytes);
    kedge_pipeline_report p = report(&steady);
    assert_true(p.n_promotions >= 4 && p.n_recalls >= 1 && p.n_drifts >= 4);
    rig_free(&steady);
    rig_free(&killed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_drift_to_promotion), cmocka_unit_test(test_approved), cmocka_unit_test(test_doubling),
        cmocka_unit_test(test_rolled_back), cmocka_unit_test(test_rolled_back_in_production),
        cmocka_unit_test(test_recall),             cmocka_unit_test(test_by_hand),     cmocka_unit_test(test_config), cmocka_unit_test(test_no_work_is_enough), cmocka_unit_test(test_trained_by_hand),
        cmocka_unit_test(test_figure_refused),
        cmocka_unit_test(test_slices),             cmocka_unit_test(test_slices_while_serving), cmocka_unit_test(test_reservoir),
        cmocka_unit_test(test_kills),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
