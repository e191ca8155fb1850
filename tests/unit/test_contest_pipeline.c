/* SPDX-License-Identifier: MIT */
/* A contest inside a pipeline, which knows nothing of it: after a drift another class wins, as the store's records and the model
 * tell; a hundred kills change nothing; slices and the online policy. */
#include "contested.h"

enum { N_DRIFT = 1500, N_ROWS = 3000, ROOM = 1 << 18 };

typedef struct rig {
    contested c;
    kedge_adwin_config detector;
    kedge_store_config store;
    kedge_events_config events;
    kedge_pipeline_config cfg;
    kedge_pipeline p;
    void *mem, *work;
    size_t bytes, work_bytes;
} rig;

#include "pipeline_rig.h"

static void rig_default(rig *r)
{
    contested_make(&r->c);
    r->detector = kedge_adwin_defaults();
    r->store = kedge_store_defaults();
    r->store.artifact_bytes = 1 << 17;
    r->events = kedge_events_defaults();
    r->cfg = kedge_pipeline_defaults(&r->c.cfg.base, &r->detector.base);
    r->cfg.window_rows = 800;
    r->cfg.store = &r->store.base;
    r->cfg.events = &r->events.base;
}

/* Predict, label, step; what was predicted. */
static double serve(rig *r, uint64_t i)
{
    double x[CONTESTED_FEATURES], y = contested_row(i, i >= N_DRIFT, x);
    double predicted = rig_serve(r, i, i, x, y);
    guard_check(r->work);
    return predicted;
}

static uint32_t winner(const rig *r)
{
    kedge_model m;
    kedge_contest_report report;
    assert_int_equal(kedge_pipeline_champion(&r->p, &m), KEDGE_OK);
    assert_int_equal(kedge_contest_read(&m, &report), KEDGE_OK);
    return report.winner;
}

/* What the store says of the version that an event of the pipeline names. */
static void check_record(const rig *r, uint64_t version, uint32_t candidate)
{
    kedge_control store;
    kedge_store_version v;
    kedge_contest_report told;
    kedge_model m;
    const void *artifact;
    size_t n, need;
    assert_int_equal(kedge_pipeline_control(&r->p, KEDGE_PIPELINE_STORE, &store), KEDGE_OK);
    assert_int_equal(kedge_store_get(&store, version, &v), KEDGE_OK);
    assert_int_equal(v.candidate, candidate);
    assert_string_equal(v.model_class, r->c.cfg.candidates[candidate]->cls->base.name);
    assert_int_equal(kedge_store_artifact(&store, version, &artifact, &n), KEDGE_OK); /* and its snapshot says the same */
    assert_int_equal(kedge_model_load_size(&r->c.cls.model, artifact, n, &need), KEDGE_OK);
    unsigned char *state = guard_new(need, 0x5C);
    assert_int_equal(kedge_model_load(&m, &r->c.cls.model, state, need, artifact, n), KEDGE_OK);
    assert_int_equal(kedge_contest_read(&m, &told), KEDGE_OK);
    assert_int_equal(told.winner, candidate);
    guard_free(state);
}

/* The best class changes at the drift, and with it who serves; events name the versions, records their winners. */
static void test_another_class_wins(void **unused)
{
    (void)unused;
    static rig r;
    uint64_t next = 0, n_right = 0, version = 0;
    uint32_t n_promoted = 0, first = UINT32_MAX, before_drift = UINT32_MAX;
    kedge_control events;
    kedge_event e;
    rig_default(&r);
    rig_make(&r);
    assert_int_equal(kedge_pipeline_control(&r.p, KEDGE_PIPELINE_EVENTS, &events), KEDGE_OK);
    for (uint64_t i = 0; i < N_ROWS; i++) {
        double x[CONTESTED_FEATURES], y = contested_row(i, i >= N_DRIFT, x);
        n_right += serve(&r, i) == y && i >= N_ROWS - 500;
        before_drift = i == N_DRIFT - 1 ? winner(&r) : before_drift;
        while (kedge_events_get(&events, &next, &e) == KEDGE_OK)
            if (e.kind == KEDGE_EVENT_PROMOTED) {
                check_record(&r, e.version, winner(&r));
                first = n_promoted++ == 0 ? winner(&r) : first;
                version = e.version;
            }
    }
    assert_true(first == BAYES || first == LOGISTIC);
    assert_true(before_drift == BAYES || before_drift == LOGISTIC);
    assert_int_equal(winner(&r), FOREST);
    assert_true(n_right > 440 && n_promoted >= 2);
    assert_int_equal(rig_report(&r).version, version);
    rig_free(&r);
}

/* A program is killed at random moments and goes on from its latest snapshot, reading the rows since then once more. */
static void test_kills(void **unused)
{
    (void)unused;
    enum { N_KILLS = 100 };
    static rig steady, killed;
    static double predicted[N_ROWS];
    static unsigned char snapshot[ROOM];
    kedge_rng rng = {7};
    size_t len = 0;
    uint32_t n_kills = 0;
    uint64_t saved_at = 0;
    rig_default(&steady);
    rig_make(&steady);
    for (uint64_t i = 0; i < N_ROWS; i++)
        predicted[i] = serve(&steady, i);
    rig_default(&killed);
    rig_make(&killed);
    assert_int_equal(kedge_pipeline_save(&killed.p, snapshot, sizeof snapshot, &len), KEDGE_OK);
    for (uint64_t i = 0; i < N_ROWS; i++) {
        assert_true(serve(&killed, i) == predicted[i]);
        if (kedge_rng_below(&rng, 25) == 0) {
            assert_int_equal(kedge_pipeline_save(&killed.p, snapshot, sizeof snapshot, &len), KEDGE_OK);
            saved_at = i + 1;
        }
        if (n_kills < N_KILLS && kedge_rng_below(&rng, 25) == 0) {
            memset(killed.mem, 0xA5, killed.bytes);
            assert_int_equal(
                kedge_pipeline_load(&killed.p, &killed.c.cls.model, &kedge_adwin, NULL, killed.mem, killed.bytes, snapshot, len),
                KEDGE_OK);
            n_kills++;
            i = saved_at - 1; /* the rows since then once more */
        }
    }
    assert_int_equal(n_kills, N_KILLS);
    assert_memory_equal(steady.mem, killed.mem, steady.bytes);
    assert_true(rig_report(&steady).n_promotions >= 2 && winner(&steady) == FOREST);
    rig_free(&steady);
    rig_free(&killed);
}

/* With slices a contest races nevertheless, in one step. Learning row by row it leaves to others. */
static void test_slices(void **unused)
{
    (void)unused;
    static rig r;
    rig_default(&r);
    r.cfg.slice_rows = 10;
    rig_make(&r);
    for (uint64_t i = 0; i < N_ROWS; i++)
        (void)serve(&r, i); /* never KEDGE_MORE */
    assert_int_equal(winner(&r), FOREST);
    rig_free(&r);
    r.cfg.policy = KEDGE_POLICY_ONLINE;
    assert_int_equal(kedge_pipeline_size(&r.cfg), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_another_class_wins), cmocka_unit_test(test_kills),
                                       cmocka_unit_test(test_slices)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
