/* SPDX-License-Identifier: MIT */
/* A pipeline that prepares and delivers: what its store knows of a version, and that a prep goes with its model wherever that goes,
 * through rollout, rollback, recall and a thousand kills. */
#include "delivered.h"

typedef struct prepared {
    rig r;
    kedge_chain_class kind;
    kedge_chain_config chain;
    kedge_impute_config impute;
    kedge_scale_config scale;
} prepared;

static void prepared_default(prepared *q)
{
    const kedge_prep_class *const kinds[] = {&kedge_impute, &kedge_scale};
    rig_default(&q->r);
    assert_int_equal(kedge_chain_class_init(&q->kind, kinds, 2), KEDGE_OK);
    assert_int_equal(kedge_chain_config_init(&q->chain, sizeof q->chain, &q->kind, FEATURES), KEDGE_OK);
    q->impute = kedge_impute_defaults(FEATURES);
    q->scale = kedge_scale_defaults(FEATURES);
    q->chain.steps[0] = &q->impute.base;
    q->chain.steps[1] = &q->scale.base;
    q->r.cfg.prep = &q->chain.base;
    q->r.store.artifact_bytes = 65536;
}

/* Concept 1 lies elsewhere too, so that a prep of the other concept makes nonsense of its rows; some values are missing. */
static double raw_at(uint64_t i, uint32_t concept, double *x)
{
    double y = row_at(i, concept, x);
    x[0] = (concept ? 5000.0 : -5000.0) + 10.0 * x[0];
    x[1] = i % 5 == 1 ? (double)NAN : 1e-4 * x[1];
    return y;
}

/* Predict, label, step; what was predicted. */
static double serve_raw(rig *r, uint64_t i, uint32_t concept, int *is_right)
{
    double x[FEATURES], predicted, y = raw_at(i, concept, x);
    assert_true(kedge_pipeline_predict(&r->p, 10 * i, i, x, &predicted) >= 0);
    assert_true(kedge_pipeline_label(&r->p, 10 * i + 3, i, y) >= 0);
    assert_true(kedge_pipeline_step(&r->p, 10 * i + 4, r->work, r->work_bytes) >= 0);
    *is_right = predicted == y;
    return predicted;
}

static double accuracy_raw(rig *r, uint64_t from, uint64_t to, uint32_t concept)
{
    uint64_t n = 0;
    for (uint64_t i = from; i < to; i++) {
        int is_right;
        (void)serve_raw(r, i, concept, &is_right);
        n += (uint64_t)is_right;
    }
    return (double)n / (double)(to - from);
}

static kedge_store_version version(const rig *r, uint64_t id)
{
    kedge_control store = control(r, KEDGE_PIPELINE_STORE);
    kedge_store_version v;
    assert_int_equal(kedge_store_get(&store, id, &v), KEDGE_OK);
    return v;
}

/* The artifact of the version that serves is the snapshot of the prep that serves, and behind it that of the model. */
static void assert_serves(const rig *r, uint64_t id)
{
    kedge_control store = control(r, KEDGE_PIPELINE_STORE);
    kedge_store_version v = version(r, id);
    unsigned char own[4096], hash[KEDGE_HASH_BYTES];
    const void *bytes;
    size_t n, prep_n, len;
    kedge_prep prep;
    kedge_model m;
    assert_int_equal(rig_report(r).version, id);
    assert_int_equal(v.status, KEDGE_VERSION_SERVING);
    assert_int_equal(kedge_store_artifact(&store, id, &bytes, &n), KEDGE_OK);
    assert_int_equal(kedge_snapshot_length(bytes, n, &prep_n), KEDGE_OK);
    assert_int_equal(kedge_pipeline_champion_prep(&r->p, &prep), KEDGE_OK);
    assert_int_equal(kedge_prep_save(&prep, own, sizeof own, &len), KEDGE_OK);
    assert_int_equal(len, prep_n);
    assert_memory_equal(own, bytes, len);
    assert_int_equal(kedge_sha256(own, len, hash), KEDGE_OK);
    assert_memory_equal(v.prep_digest, hash, sizeof hash);
    assert_int_equal(kedge_pipeline_champion(&r->p, &m), KEDGE_OK);
    assert_int_equal(kedge_model_save(&m, own, sizeof own, &len), KEDGE_OK);
    assert_int_equal(prep_n + len, n);
    assert_memory_equal(own, (const unsigned char *)bytes + prep_n, len);
}

/* From the first model to a challenger that passed its stages: another prep serves, and the record says all that there is to
 * say. */
static void test_record(void **unused)
{
    (void)unused;
    prepared q;
    prepared_default(&q);
    q.r.cfg.window_rows = q.r.cfg.min_rows;
    rig_make(&q.r);
    assert_true(accuracy_raw(&q.r, 0, 1000, 0) > 0.7);
    assert_serves(&q.r, 1);
    uint64_t i = 1000;
    int is_right;
    while (rig_report(&q.r).n_promotions < 2 && i < 4000)
        (void)serve_raw(&q.r, i++, 1, &is_right);
    kedge_store_version first = version(&q.r, 1), second = version(&q.r, rig_report(&q.r).version);
    assert_serves(&q.r, second.id);
    assert_true(accuracy_raw(&q.r, i, i + 300, 1) > 0.9);
    assert_memory_equal(first.config_digest, second.config_digest, KEDGE_HASH_BYTES);
    assert_memory_not_equal(first.prep_digest, second.prep_digest, KEDGE_HASH_BYTES);
    assert_true(first.first_row == 0 && first.last_row == 199 && first.n_rows == 200 && first.from_ns == 0 && first.to_ns == 1990);
    assert_true(second.from_ns == 10 * second.first_row && second.to_ns == 10 * second.last_row && second.n_rows == 160);
    kedge_control store = control(&q.r, KEDGE_PIPELINE_STORE);
    char card[2048];
    size_t len;
    assert_int_equal(kedge_store_card(&store, second.id, NULL, NULL, card, sizeof card, &len), KEDGE_OK);
    assert_non_null(strstr(card, "\nsettings:   "));
    assert_non_null(strstr(card, "\nprep:       "));
    assert_true(first.training_ns == 0 && second.training_ns == 0); /* at once: in no time of the caller's clock */
    rig_free(&q.r);
}

static void digest_with(double fading, double scale_low, uint32_t has_prep, unsigned char digest[KEDGE_HASH_BYTES])
{
    prepared q;
    prepared_default(&q);
    q.scale.method = KEDGE_SCALE_MIN_MAX;
    q.scale.low = scale_low;
    q.r.model.fading = fading;
    if (!has_prep)
        q.r.cfg.prep = NULL;
    rig_make(&q.r);
    for (uint64_t i = 0; i < 200; i++) {
        double x[FEATURES], predicted, y = row_at(i, 0, x);
        assert_true(kedge_pipeline_predict(&q.r.p, i, i, x, &predicted) >= 0);
        assert_true(kedge_pipeline_label(&q.r.p, i, i, y) >= 0);
        assert_int_equal(kedge_pipeline_step(&q.r.p, i, q.r.work, q.r.work_bytes), KEDGE_OK);
    }
    memcpy(digest, version(&q.r, 1).config_digest, KEDGE_HASH_BYTES);
    rig_free(&q.r);
}

/* Whatever setting of model or prep is another one, the digest is. */
static void test_settings(void **unused)
{
    (void)unused;
    unsigned char digests[5][KEDGE_HASH_BYTES], again[KEDGE_HASH_BYTES];
    digest_with(1.0, 0.0, 1, digests[0]);
    digest_with(0.99, 0.0, 1, digests[1]);
    digest_with(1.0, -1.0, 1, digests[2]);
    digest_with(1.0, 0.0, 0, digests[3]);
    memset(digests[4], 0, sizeof digests[4]);
    for (int i = 0; i < 5; i++)
        for (int j = 0; j < i; j++)
            assert_memory_not_equal(digests[i], digests[j], KEDGE_HASH_BYTES);
    digest_with(1.0, 0.0, 1, again);
    assert_memory_equal(again, digests[0], sizeof again);
}

/* The seed of a class that has one; how long a training in slices went on, and what its rows were. */
static void test_slices(void **unused)
{
    (void)unused;
    prepared q;
    prepared_default(&q);
    kedge_sam_knn_config learner = kedge_sam_knn_defaults(FEATURES, 2);
    learner.seed = 77;
    q.r.cfg.model = &learner.base;
    q.r.cfg.slice_rows = 20;
    q.r.cfg.window_rows = q.r.cfg.min_rows;
    rig_make(&q.r);
    (void)accuracy_raw(&q.r, 0, 1000, 0);
    uint64_t i = 1000;
    int is_right;
    while (rig_report(&q.r).n_trainings < 2 && i < 4000)
        (void)serve_raw(&q.r, i++, 1, &is_right);
    kedge_store_version v = version(&q.r, 2);
    assert_int_equal(v.seed, 77);
    assert_true(v.from_ns == 10 * v.first_row && v.to_ns == 10 * v.last_row && v.last_row - v.first_row + 1 == 200);
    /* 160 rows for the prep, then those that the window still had for the model, 20 a step, a step every 10 ns */
    assert_true(v.training_ns >= 130 && v.training_ns <= 160 && v.n_rows >= 140 && v.n_rows < 160);
    rig_free(&q.r);
}

/* A version that had to go is told, and so are tests that failed. */
static void test_told(void **unused)
{
    (void)unused;
    prepared q;
    uint64_t next = 0, i = 1000;
    int is_right;
    prepared_default(&q);
    q.r.store.n_versions = 2;
    q.r.stages[0].needs_verdict = 1;
    rig_make(&q.r);
    (void)accuracy_raw(&q.r, 0, 1000, 0);
    while (rig_report(&q.r).staged == 0 && i < 4000)
        (void)serve_raw(&q.r, i++, 1, &is_right);
    uint64_t staged = rig_report(&q.r).staged;
    (void)serve_raw(&q.r, i++, 1, &is_right); /* its first stage begins */
    kedge_control rollout = control(&q.r, KEDGE_PIPELINE_ROLLOUT);
    kedge_prep prep, serving;
    assert_int_equal(kedge_pipeline_challenger_prep(&q.r.p, &prep), KEDGE_OK);
    assert_int_equal(kedge_pipeline_champion_prep(&q.r.p, &serving), KEDGE_OK);
    assert_true(prep.state != serving.state);
    assert_int_equal(kedge_rollout_judge(&rollout, 10 * i, 0, 4711), KEDGE_OK);
    (void)serve_raw(&q.r, i++, 1, &is_right);
    kedge_event e = find(&q.r, &next, KEDGE_EVENT_TESTED);
    assert_true(e.version == staged && e.code == 4711 && e.subject == 0);
    assert_int_equal(find(&q.r, &next, KEDGE_EVENT_ROLLED_BACK).version, staged);
    assert_serves(&q.r, 1);
    kedge_control store = control(&q.r, KEDGE_PIPELINE_STORE);
    kedge_store_report kept;
    do {
        (void)serve_raw(&q.r, i++, 1, &is_right);
        assert_int_equal(kedge_store_read(&store, &kept), KEDGE_OK);
    } while (kept.n_evicted == 0 && i < 9000);
    next = 0;
    e = find(&q.r, &next, KEDGE_EVENT_EVICTED);
    assert_true(e.version == 2 && kept.n_evicted == 1);
    rig_free(&q.r);
}

/* In production the challenger turns out bad and is taken back: the old model serves with the old prep. */
static void test_rolled_back(void **unused)
{
    (void)unused;
    prepared q;
    prepared_default(&q);
    q.r.stages[2].least_rows = 400;
    q.r.stages[2].most_rows = 2000;
    rig_make(&q.r);
    (void)accuracy_raw(&q.r, 0, 1000, 0);
    kedge_prep prep;
    kedge_model m;
    unsigned char prep_was[4096], model_was[4096];
    assert_int_equal(kedge_pipeline_champion_prep(&q.r.p, &prep), KEDGE_OK);
    assert_int_equal(kedge_pipeline_champion(&q.r.p, &m), KEDGE_OK);
    size_t prep_bytes = kedge_prep_size(q.r.cfg.prep), model_bytes = kedge_model_size(q.r.cfg.model);
    assert_true(prep_bytes <= sizeof prep_was && model_bytes <= sizeof model_was);
    memcpy(prep_was, prep.state, prep_bytes);
    memcpy(model_was, m.state, model_bytes);
    uint64_t i = 1000;
    int is_right;
    while (rig_report(&q.r).version == 1 && i < 5000)
        (void)serve_raw(&q.r, i++, 1, &is_right);
    assert_true(rig_report(&q.r).staged != 0 && rig_report(&q.r).version == rig_report(&q.r).staged);
    assert_memory_not_equal(prep.state, prep_was, prep_bytes);
    kedge_control rollout = control(&q.r, KEDGE_PIPELINE_ROLLOUT);
    assert_int_equal(kedge_rollout_stop(&rollout, 10 * i, 1), KEDGE_OK);
    (void)serve_raw(&q.r, i++, 1, &is_right);
    assert_int_equal(rig_report(&q.r).n_rolled_back, 1);
    assert_serves(&q.r, 1);
    assert_memory_equal(prep.state, prep_was, prep_bytes);
    assert_memory_equal(m.state, model_was, model_bytes);
    rig_free(&q.r);
}

/* The first concept comes back, and with the first model its prep; an artifact whose parts are not this pipeline's is passed
 * over. */
static void test_recalled(void **unused)
{
    (void)unused;
    for (int is_spoiled = 0; is_spoiled < 2; is_spoiled++) {
        prepared q;
        unsigned char bytes[8192];
        const void *artifact;
        size_t n;
        prepared_default(&q);
        q.r.cfg.recall_rows = 16;
        rig_make(&q.r);
        (void)accuracy_raw(&q.r, 0, 1500, 0);
        assert_true(accuracy_raw(&q.r, 1500, 4000, 1) > 0.7);
        kedge_control store = control(&q.r, KEDGE_PIPELINE_STORE);
        uint64_t last = rig_report(&q.r).version;
        assert_true(last > 1);
        assert_int_equal(kedge_store_artifact(&store, 1, &artifact, &n), KEDGE_OK);
        assert_true(n <= sizeof bytes);
        memcpy(bytes, artifact, n);
        if (is_spoiled) /* the model's snapshot is missing */
            assert_int_equal(kedge_store_put_artifact(&store, 1, bytes, n / 2), KEDGE_OK);
        uint64_t i = 4000;
        int is_right;
        while (rig_report(&q.r).version == last && i < 6000)
            (void)serve_raw(&q.r, i++, 0, &is_right);
        assert_int_equal(rig_report(&q.r).n_recalls, !is_spoiled);
        assert_true(is_spoiled ? rig_report(&q.r).version > last : rig_report(&q.r).version == 1);
        assert_serves(&q.r, rig_report(&q.r).version);
        assert_true(accuracy_raw(&q.r, i, i + 500, 0) > 0.85);
        rig_free(&q.r);
    }
}

/* As in the test of delivery: a program that is killed again and again makes the same predictions and ends in the same bytes. */
static void test_kills(void **unused)
{
    (void)unused;
    enum { N_ROWS = 9000, N_KILLS = 1000 };
    static double predicted[N_ROWS];
    static unsigned char snapshot[2 * ROOM];
    prepared steady, killed;
    kedge_rng rng = {7};
    size_t len = 0, n_kills = 0;
    uint64_t saved_at = 0;
    int is_right;
    prepared *const both[2] = {&steady, &killed};
    for (int k = 0; k < 2; k++) {
        prepared_default(both[k]);
        both[k]->r.cfg.recall_rows = 20;
        both[k]->r.cfg.slice_rows = 30;
        rig_make(&both[k]->r);
    }
    for (uint64_t i = 0; i < N_ROWS; i++)
        predicted[i] = serve_raw(&steady.r, i, i / 1500 % 2, &is_right);
    rig *r = &killed.r;
    assert_int_equal(kedge_pipeline_save(&r->p, snapshot, sizeof snapshot, &len), KEDGE_OK);
    for (uint64_t i = 0; i < N_ROWS; i++) {
        assert_true(serve_raw(r, i, i / 1500 % 2, &is_right) == predicted[i]);
        if (kedge_rng_below(&rng, 15) == 0) {
            assert_int_equal(kedge_pipeline_save(&r->p, snapshot, sizeof snapshot, &len), KEDGE_OK);
            saved_at = i + 1;
        }
        if (n_kills < N_KILLS && kedge_rng_below(&rng, 15) == 0) {
            memset(r->mem, 0xA5, r->bytes);
            assert_int_equal(
                kedge_pipeline_load(&r->p, &kedge_gaussian_nb, &kedge_adwin, &killed.kind.prep, r->mem, r->bytes, snapshot,
                                    len), KEDGE_OK);
            n_kills++;
            i = saved_at - 1; /* the rows since then once more */
        }
    }
    assert_int_equal(n_kills, N_KILLS);
    assert_memory_equal(steady.r.mem, r->mem, r->bytes);
    kedge_pipeline_report p = rig_report(&steady.r);
    assert_true(p.n_promotions >= 4 && p.n_recalls >= 1 && p.n_drifts >= 4);
    rig_free(&steady.r);
    rig_free(r);
}

/* Snapshots one behind the other: where each ends, and what is none. */
static void test_snapshot_length(void **unused)
{
    (void)unused;
    kedge_scale_config cfg = kedge_scale_defaults(3);
    unsigned char mem[1024] __attribute__((aligned(8))), bytes[2048];
    kedge_prep p;
    size_t n, length = 0;
    assert_int_equal(kedge_prep_init(&p, &cfg.base, mem, sizeof mem), KEDGE_OK);
    assert_int_equal(kedge_prep_save(&p, bytes, sizeof bytes, &n), KEDGE_OK);
    memcpy(bytes + n, bytes, n);
    assert_int_equal(kedge_snapshot_length(bytes, 2 * n, &length), KEDGE_OK);
    assert_int_equal(length, n);
    assert_int_equal(kedge_snapshot_length(bytes, n, &length), KEDGE_OK);
    assert_int_equal(kedge_snapshot_length(bytes, n - 1, &length), KEDGE_ERR_SNAPSHOT);
    assert_int_equal(kedge_snapshot_length(bytes, 12, &length), KEDGE_ERR_SNAPSHOT);
    assert_int_equal(kedge_snapshot_length(bytes + 1, n, &length), KEDGE_ERR_SNAPSHOT);
    bytes[12] = 35; /* shorter than a head and a sum */
    bytes[13] = bytes[14] = bytes[15] = 0;
    assert_int_equal(kedge_snapshot_length(bytes, n, &length), KEDGE_ERR_SNAPSHOT);
    assert_int_equal(kedge_snapshot_length(NULL, n, &length), KEDGE_ERR_NULL);
    assert_int_equal(kedge_snapshot_length(bytes, n, NULL), KEDGE_ERR_NULL);
    assert_int_equal(length, n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_record), cmocka_unit_test(test_settings),        cmocka_unit_test(test_slices),
        cmocka_unit_test(test_told),   cmocka_unit_test(test_rolled_back),     cmocka_unit_test(test_recalled),
        cmocka_unit_test(test_kills),  cmocka_unit_test(test_snapshot_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
