/* SPDX-License-Identifier: MIT */
/* The pipeline as a whole, MLOps level 2: triggers, gate, rollout, store and events around a model; a challenger that turns out
 * worse and is taken back; a concept that comes back with its model; and a thousand kills, after which the program goes on from its
 * latest snapshot. */
#include "delivered.h"

/* A flip is found, trained for, and the new model passes its stages in order; all of it is told, recorded, and answered by the
 * triggers. */
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
    kedge_pipeline_report p = rig_report(&r);
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
    assert_int_equal(rig_report(&r).version, 1);
    assert_int_equal(kedge_rollout_approve(&rollout, 10 * (i + 50), ask.token, 42), KEDGE_OK);
    (void)serve(&r, i + 50, 1, &is_right);
    kedge_event e = find(&r, &next, KEDGE_EVENT_APPROVED);
    assert_true(e.version == 2 && e.code == KEDGE_STAGE_PRODUCTION && e.value == 42.0);
    assert_int_equal(find(&r, &next, KEDGE_EVENT_PROMOTED).version, 2);
    assert_int_equal(rig_report(&r).version, 2);
    rig_free(&r);
}

/* The same drift is a reason again whenever the rows since the change have doubled, until they fill the window; and not for
 * ever. */
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
    kedge_pipeline_report p = rig_report(&r);
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
    while (rig_report(&r).staged == 0) /* until a challenger for concept 1 is in its shadow */
        (void)serve(&r, i++, 1, &is_right);
    assert_true(i < 2000);
    assert_true(accuracy(&r, i, i + 100, 0) > 0.95); /* concept 0 again: the champion was right to stay */
    kedge_pipeline_report p = rig_report(&r);
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
    uint64_t i = 1000, id, next = 0;
    rig_default(&r);
    r.stages[2].most_rows = 100000;
    r.stages[2].least_rows = 100000;
    rig_make(&r);
    (void)accuracy(&r, 0, 1000, 0);
    do
        (void)serve(&r, i++, 1, &is_right);
    while (rig_report(&r).version == 1 && i < 3000);
    assert_int_equal(rig_report(&r).version, 2);
    kedge_control c = control(&r, KEDGE_PIPELINE_ROLLOUT);
    assert_int_equal(kedge_rollout_read(&c, &rollout), KEDGE_OK);
    assert_true(rollout.is_serving && rollout.stage_kind == KEDGE_STAGE_PRODUCTION);
    uint64_t change = i + 100;
    assert_true(accuracy(&r, i, change, 1) > 0.9);
    for (i = change; rig_report(&r).n_rolled_back == 0; i++)
        (void)serve(&r, i, 0, &is_right);
    assert_true(i < change + 50 && rig_report(&r).version == 1); /* though it began well */
    kedge_event e = find(&r, &next, KEDGE_EVENT_ROLLED_BACK);
    assert_true(e.version == 2 && e.code == KEDGE_ROLLOUT_WORSE && e.value > 0.7 && e.limit == r.stages[2].tolerance);
    assert_true(accuracy(&r, i, i + 30, 0) > 0.95);
    kedge_control store = control(&r, KEDGE_PIPELINE_STORE), triggers = control(&r, KEDGE_PIPELINE_TRIGGERS);
    kedge_triggers_report t;
    assert_int_equal(kedge_store_served_at(&store, 10 * change, &id), KEDGE_OK);
    assert_int_equal(id, 2);
    assert_int_equal(kedge_store_served_at(&store, 10 * i, &id), KEDGE_OK);
    assert_int_equal(id, 1);
    assert_int_equal(kedge_triggers_read(&triggers, &t), KEDGE_OK);
    assert_true(t.n_promoted == 1 && t.n_rolled_back == rig_report(&r).n_rolled_back);
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
    *n_recalls = rig_report(&r).n_recalls;
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
    assert_true(n_recalls >= 2); /* and maybe a better one of the same concept later */
    assert_true(fresh > 0 && recalled > 0 && 2 * recalled <= fresh);
}

static void train_first(rig *r, uint64_t n)
{
    double x[500][FEATURES], y[500];
    assert_true(n <= 500);
    for (uint64_t i = 0; i < n; i++)
        y[i] = row_at(1000000 + i, 0, x[i]);
    kedge_rows rows = kedge_rows_float64(&x[0][0], n, FEATURES);
    assert_int_equal(kedge_pipeline_train(&r->p, &rows, y, r->work, r->work_bytes), KEDGE_OK);
}

/* A new model that was trained on the first few rows of a concept that came back may be the first to pass; the earlier one takes
 * its place when it is asked. */
static void test_recall_after_a_training(void **unused)
{
    (void)unused;
    rig r;
    uint64_t i = 4500;
    int is_right;
    rig_default(&r);
    r.when[1].kind = KEDGE_TRIGGER_DEMAND;
    r.triggers.cool_rows = 1200; /* the first training of a concept stays alone for long */
    r.triggers.backoff = 1.0;
    r.cfg.rollout = NULL;
    r.cfg.min_rows = 20;
    r.cfg.recall_rows = 400;
    rig_make(&r);
    train_first(&r, 500);
    (void)accuracy(&r, 0, 1500, 0);
    (void)accuracy(&r, 1500, i, 1);
    uint64_t other = rig_report(&r).version;
    assert_true(other > 1 && rig_report(&r).n_recalls == 0);
    while (rig_report(&r).version == other && i < 4900)
        (void)serve(&r, i++, 0, &is_right);
    assert_true(rig_report(&r).version > other && rig_report(&r).n_recalls == 0);
    (void)accuracy(&r, i, 5400, 0);
    assert_int_equal(rig_report(&r).n_recalls, 1);
    assert_int_equal(rig_report(&r).version, 1);
    rig_free(&r);
}

/* A program is killed at random moments and goes on from its latest snapshot, reading the rows since then once more: it makes the
 * same predictions, versions and decisions as one that was never killed. */
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
        versions[i] = (uint32_t)rig_report(&steady).version;
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
            assert_int_equal(
                kedge_pipeline_load(&killed.p, &kedge_gaussian_nb, &kedge_adwin, NULL, killed.mem, killed.bytes, snapshot, len),
                KEDGE_OK);
            n_kills++;
            i = saved_at - 1; /* the rows since then once more */
            continue;
        }
        if (i % 10 == 0)
            assert_int_equal(rig_report(&killed).version, versions[i]);
    }
    assert_int_equal(n_kills, N_KILLS);
    assert_memory_equal(steady.mem, killed.mem, steady.bytes);
    kedge_pipeline_report p = rig_report(&steady);
    assert_true(p.n_promotions >= 4 && p.n_recalls >= 1 && p.n_drifts >= 4);
    rig_free(&steady);
    rig_free(&killed);
}

/* A store whose room is less than a model keeps versions without one, and says so; one that has no room at all was told to. */
static void test_unkept(void **unused)
{
    (void)unused;
    for (uint32_t room = 0; room <= 100; room += 100) {
        rig r;
        uint64_t next = 0;
        kedge_event e;
        kedge_store_version v;
        size_t used;
        rig_default(&r);
        r.store.artifact_bytes = room;
        rig_make(&r);
        kedge_control events = control(&r, KEDGE_PIPELINE_EVENTS), store = control(&r, KEDGE_PIPELINE_STORE);
        double x[4] = {1, 2, 3, 4}, y[2] = {0, 1};
        kedge_rows rows = kedge_rows_float64(x, 2, FEATURES);
        size_t bytes = kedge_pipeline_train_work(&r.p, 2), fit = kedge_model_fit_work(&r.model.base, 2);
        void *work = guard_new(bytes, 0xA5);
        assert_int_equal(kedge_pipeline_train(&r.p, &rows, y, work, bytes), KEDGE_OK);
        assert_int_equal(kedge_pipeline_train(&r.p, &rows, y, work, fit), KEDGE_OK);
        for (used = 0; kedge_events_get(&events, &next, &e) == KEDGE_OK;) {
            if (e.kind != KEDGE_EVENT_UNKEPT)
                continue;
            used++;
            assert_true(e.version == used && e.limit == 100.0);
            assert_true(used == 1 ? e.value > 100.0 && e.value < 400.0 : isnan(e.value));
        }
        assert_int_equal(used, room > 0 ? 2 : 0);
        assert_int_equal(kedge_store_get(&store, 2, &v), KEDGE_OK);
        assert_int_equal(v.artifact_bytes, 0);
        guard_free(work);
        rig_free(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_drift_to_promotion), cmocka_unit_test(test_approved), cmocka_unit_test(test_doubling),
        cmocka_unit_test(test_rolled_back), cmocka_unit_test(test_rolled_back_in_production),
        cmocka_unit_test(test_recall), cmocka_unit_test(test_recall_after_a_training),
        cmocka_unit_test(test_kills),  cmocka_unit_test(test_unkept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
