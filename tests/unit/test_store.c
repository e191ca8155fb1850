/* SPDX-License-Identifier: MIT */
/* Store: random lives against a plain list of versions and of the serving history, who may be evicted, artifacts, signatures,
 * exports that are cut or damaged at every byte. */
#include <math.h>
#include <stdlib.h>

#include "support.h"

enum { N_STEPS = 3000, N_LIST = 4000, ROOM = 8, N_HISTORY = 16, N_ARTIFACTS = 300 };

static kedge_control made(uint32_t n_versions, uint32_t artifact_bytes, uint32_t keep_refused)
{
    kedge_store_config cfg = kedge_store_defaults();
    kedge_control c = {NULL, NULL};
    cfg.n_versions = n_versions;
    cfg.artifact_bytes = artifact_bytes;
    cfg.keep_refused = keep_refused;
    cfg.n_served = N_HISTORY;
    cfg.n_figures = 3;
    size_t bytes = kedge_control_size(&cfg.base);
    assert_true(bytes > 0);
    assert_int_equal(kedge_control_init(&c, &cfg.base, guard_new(bytes, 0xA5), bytes), KEDGE_OK);
    return c;
}

static uint64_t add(kedge_control *c, uint64_t parent)
{
    kedge_store_version v = {0};
    uint64_t id;
    v.parent = parent;
    assert_int_equal(kedge_store_add(c, &v, &id), KEDGE_OK);
    return id;
}

static uint32_t status_of(const kedge_control *c, uint64_t id)
{
    kedge_store_version v;
    kedge_status st = kedge_store_get(c, id, &v);
    assert_true(st == KEDGE_OK || st == KEDGE_ERR_UNKNOWN);
    return st == KEDGE_OK ? v.status : 0;
}

/* The list of all versions that ever were. */
typedef struct entry {
    uint32_t status;
    int is_pinned, is_tagged, has_served, is_gone;
    size_t artifact; /* length */
    double figure;
} entry;

typedef struct list {
    entry of[N_LIST]; /* by id */
    uint64_t n, serving;
    uint64_t served_id[N_LIST], served_from[N_LIST];
    size_t n_history;
} list;

static int may_go(const entry *e)
{
    return !e->is_gone && !e->is_pinned && !e->is_tagged && e->status != KEDGE_VERSION_STAGED && e->status != KEDGE_VERSION_SERVING;
}

/* Who goes next by the rule of the header: those that never served first, unless they wait as candidates. */
static uint64_t next_to_go(const list *l, int with_artifact, uint64_t spared)
{
    for (int pass = 0; pass < 2; pass++)
        for (uint64_t id = 1; id <= l->n; id++) {
            const entry *e = &l->of[id];
            if (may_go(e) && id != spared && (!with_artifact || e->artifact) &&
                (pass || (!e->has_served && e->status != KEDGE_VERSION_CANDIDATE)))
                return id;
        }
    return 0;
}

static size_t kept(const list *l)
{
    size_t n = 0;
    for (uint64_t id = 1; id <= l->n; id++)
        n += !l->of[id].is_gone;
    return n;
}

static size_t artifacts(const list *l)
{
    size_t n = 0;
    for (uint64_t id = 1; id <= l->n; id++)
        n += l->of[id].is_gone ? 0 : l->of[id].artifact;
    return n;
}

static void list_add(list *l, kedge_control *c)
{
    kedge_store_version v = {0};
    uint64_t id = 0, victim = kept(l) == ROOM ? next_to_go(l, 0, 0) : 0;
    kedge_status st = kedge_store_add(c, &v, &id);
    if (kept(l) == ROOM && victim == 0) {
        assert_int_equal(st, KEDGE_ERR_BUFFER);
        return;
    }
    assert_int_equal(st, KEDGE_OK);
    if (victim)
        l->of[victim].is_gone = 1;
    assert_int_equal(id, ++l->n);
    l->of[id] = (entry){.status = KEDGE_VERSION_CANDIDATE, .figure = (double)NAN};
}

static void list_artifact(list *l, kedge_control *c, uint64_t id, size_t n)
{
    unsigned char bytes[N_ARTIFACTS];
    size_t must_stay = 0;
    for (uint64_t i = 1; i <= l->n; i++)
        must_stay += i != id && !l->of[i].is_gone && !may_go(&l->of[i]) ? l->of[i].artifact : 0;
    memset(bytes, (int)(id * 31 + n), n);
    kedge_status st = kedge_store_put_artifact(c, id, bytes, n);
    if (must_stay + n > N_ARTIFACTS) {
        assert_int_equal(st, KEDGE_ERR_BUFFER);
        return;
    }
    assert_int_equal(st, KEDGE_OK);
    l->of[id].artifact = 0;
    while (artifacts(l) + n > N_ARTIFACTS)
        l->of[next_to_go(l, 1, id)].artifact = 0;
    l->of[id].artifact = n;
}

static void list_serve(list *l, kedge_control *c, uint64_t id, uint64_t now)
{
    assert_int_equal(kedge_store_serve(c, id, now), KEDGE_OK);
    if (id == l->serving)
        return;
    if (l->serving)
        l->of[l->serving].status = KEDGE_VERSION_RETIRED;
    if (id) {
        l->of[id].status = KEDGE_VERSION_SERVING;
        l->of[id].has_served = 1;
    }
    l->serving = id;
    l->served_id[l->n_history] = id;
    l->served_from[l->n_history++] = now;
}

static void list_step(list *l, kedge_control *c, kedge_rng *rng, uint64_t now)
{
    uint64_t id = 1 + kedge_rng_below(rng, l->n ? l->n : 1), what = kedge_rng_below(rng, 8);
    id = l->n > 12 && id < l->n - 12 ? l->n - kedge_rng_below(rng, 12) : id;
    if (what == 0 || l->n == 0) {
        list_add(l, c);
        return;
    }
    entry *e = &l->of[id];
    if (e->is_gone) {
        assert_int_equal(kedge_store_pin(c, id, 1), KEDGE_ERR_UNKNOWN);
        return;
    }
    uint32_t status = 1 + (uint32_t)kedge_rng_below(rng, 6);
    if (what == 1) {
        list_serve(l, c, kedge_rng_below(rng, 10) ? id : 0, now);
    } else if (what == 2) {
        e->is_pinned = kedge_rng_below(rng, 8) == 0;
        assert_int_equal(kedge_store_pin(c, id, e->is_pinned), KEDGE_OK);
    } else if (what == 3) {
        kedge_status want = status == KEDGE_VERSION_SERVING      ? KEDGE_ERR_RANGE
                            : e->status == KEDGE_VERSION_SERVING ? KEDGE_ERR_STATE
                                                                 : KEDGE_OK;
        assert_int_equal(kedge_store_set_status(c, id, status), want);
        e->status = want == KEDGE_OK ? status : e->status;
    } else if (what == 4) {
        int is_tagged = kedge_rng_below(rng, 4) == 0;
        for (uint64_t i = 1; i <= l->n && is_tagged; i++)
            l->of[i].is_tagged = 0;
        e->is_tagged = is_tagged;
        assert_int_equal(kedge_store_set_tag(c, id, is_tagged ? "the one" : ""), KEDGE_OK);
    } else if (what == 5) {
        e->figure = kedge_rng_uniform(rng);
        assert_int_equal(kedge_store_set_figure(c, id, 2, e->figure), KEDGE_OK);
    } else {
        list_artifact(l, c, id, 1 + kedge_rng_below(rng, 120));
    }
}

static void assert_like_list(const list *l, const kedge_control *c)
{
    kedge_store_version v;
    kedge_store_report r;
    uint32_t place = 0;
    for (uint64_t id = 1; id <= l->n; id++) {
        const entry *e = &l->of[id];
        const void *bytes;
        size_t n;
        double figure;
        if (e->is_gone) {
            assert_int_equal(kedge_store_get(c, id, &v), KEDGE_ERR_UNKNOWN);
            continue;
        }
        assert_int_equal(kedge_store_at(c, place++, &v), KEDGE_OK);
        assert_true(v.id == id && v.status == e->status && (int)v.is_pinned == e->is_pinned && (v.tag[0] != 0) == e->is_tagged);
        assert_int_equal(v.artifact_bytes, e->artifact);
        assert_int_equal(kedge_store_figure(c, id, 2, &figure), KEDGE_OK);
        assert_true(figure == e->figure || (isnan(figure) && isnan(e->figure)));
        assert_int_equal(kedge_store_artifact(c, id, &bytes, &n), e->artifact ? KEDGE_OK : KEDGE_EMPTY);
        for (size_t i = 0; i < e->artifact; i++)
            assert_int_equal(((const unsigned char *)bytes)[i], (unsigned char)(id * 31 + n));
    }
    assert_int_equal(kedge_store_read(c, &r), KEDGE_OK);
    assert_true(r.n_versions == place && r.n_added == l->n && r.serving == l->serving && r.n_evicted == l->n - place);
    assert_int_equal(r.artifact_bytes, artifacts(l));
}

static void assert_history(const list *l, const kedge_control *c, uint64_t until)
{
    size_t lost = l->n_history > N_HISTORY ? l->n_history - N_HISTORY : 0;
    for (uint64_t when = 0; when <= until; when += 3) {
        uint64_t id = 99, want = 0;
        size_t i = 0;
        for (; i < l->n_history && l->served_from[i] <= when; i++)
            want = l->served_id[i];
        kedge_status st = kedge_store_served_at(c, when, &id);
        assert_int_equal(st, i <= lost && lost > 0 ? KEDGE_ERR_UNKNOWN : KEDGE_OK);
        assert_true(st != KEDGE_OK || id == want);
    }
}

static void test_random_life(void **unused)
{
    (void)unused;
    static list l;
    static unsigned char snapshot[16384];
    kedge_control c = made(ROOM, N_ARTIFACTS, 0);
    size_t bytes = ((const kedge_state_head *)c.state)->bytes, len;
    kedge_rng rng = {3};
    for (uint64_t now = 0; now < N_STEPS; now++) {
        list_step(&l, &c, &rng, now);
        assert_int_equal(kedge_control_check(&c), KEDGE_OK);
        assert_like_list(&l, &c);
        if (now % 100 != 0)
            continue;
        assert_history(&l, &c, now);
        assert_int_equal(kedge_control_save(&c, snapshot, sizeof snapshot, &len), KEDGE_OK); /* as if restarted */
        memset(c.state, 0xA5, bytes);
        assert_int_equal(kedge_control_load(&c, &kedge_store, c.state, bytes, snapshot, len), KEDGE_OK);
    }
    assert_true(l.n > 200 && l.n_history > 3 * N_HISTORY);
    guard_free(c.state);
}

/* By age alone, if refused versions are as good as others. */
static void test_keep_refused(void **unused)
{
    (void)unused;
    for (uint32_t keep = 0; keep < 2; keep++) {
        kedge_control c = made(3, 0, keep);
        uint64_t first = add(&c, 0), second = add(&c, first), third = add(&c, first);
        assert_int_equal(kedge_store_serve(&c, first, 0), KEDGE_OK);
        assert_int_equal(kedge_store_serve(&c, third, 1), KEDGE_OK);
        assert_int_equal(kedge_store_set_status(&c, second, KEDGE_VERSION_REFUSED), KEDGE_OK);
        (void)add(&c, third);
        assert_int_equal(status_of(&c, first), keep ? 0 : KEDGE_VERSION_RETIRED);
        assert_int_equal(status_of(&c, second), keep ? KEDGE_VERSION_REFUSED : 0);
        guard_free(c.state);
    }
}

static void test_full_of_what_must_stay(void **unused)
{
    (void)unused;
    kedge_control c = made(2, 10, 0);
    kedge_store_version v = {0};
    uint64_t id = 7, first = add(&c, 0), second = add(&c, 0);
    assert_int_equal(kedge_store_pin(&c, first, 1), KEDGE_OK);
    assert_int_equal(kedge_store_set_tag(&c, second, "good"), KEDGE_OK);
    assert_int_equal(kedge_store_add(&c, &v, &id), KEDGE_ERR_BUFFER);
    assert_int_equal(id, 7);
    assert_int_equal(kedge_store_put_artifact(&c, first, "123456", 6), KEDGE_OK);
    assert_int_equal(kedge_store_put_artifact(&c, second, "12345", 5), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_store_put_artifact(&c, first, "1234567890", 10), KEDGE_OK);
    assert_int_equal(kedge_store_put_artifact(&c, first, "12345678901", 11), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_store_put_artifact(&c, first, "", 0), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_store_set_tag(&c, second, "sixteen letters!"), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_store_find_tag(&c, "good", &id), KEDGE_OK);
    assert_int_equal(id, second);
    assert_int_equal(kedge_store_set_tag(&c, first, "good"), KEDGE_OK);
    assert_int_equal(kedge_store_find_tag(&c, "good", &id), KEDGE_OK);
    assert_int_equal(id, first);
    assert_int_equal(kedge_store_find_tag(&c, "", &id), KEDGE_ERR_UNKNOWN);
    guard_free(c.state);
}

/* What is signed does not change with what becomes of a version, and does with everything that was known of it. */
static void test_digest(void **unused)
{
    (void)unused;
    kedge_control c = made(16, 100, 0);
    unsigned char first[KEDGE_HASH_BYTES], again[KEDGE_HASH_BYTES];
    kedge_store_version v = {0};
    uint64_t id, other;
    v.n_rows = 10;
    memcpy(v.model_class, "adwin", 5);
    assert_int_equal(kedge_store_add(&c, &v, &id), KEDGE_OK);
    assert_int_equal(kedge_store_put_artifact(&c, id, "model", 5), KEDGE_OK);
    assert_int_equal(kedge_store_digest(&c, id, first), KEDGE_OK);
    assert_int_equal(kedge_store_sign(&c, id, first, 32), KEDGE_OK);
    assert_int_equal(kedge_store_serve(&c, id, 5), KEDGE_OK);
    assert_int_equal(kedge_store_pin(&c, id, 1), KEDGE_OK);
    assert_int_equal(kedge_store_set_tag(&c, id, "x"), KEDGE_OK);
    assert_int_equal(kedge_store_digest(&c, id, again), KEDGE_OK);
    assert_memory_equal(first, again, sizeof first);
    assert_int_equal(kedge_store_get(&c, id, &v), KEDGE_OK);
    assert_true(v.signature_bytes == 32 && memcmp(v.signature, first, 32) == 0);
    for (int i = 0; i < 5; i++) {
        kedge_store_version w = v;
        w.n_rows += i == 0;
        w.seed += i == 1;
        w.config_digest[3] ^= i == 2;
        w.trigger_value += i == 3;
        w.model_digest[0] ^= i == 4;
        assert_int_equal(kedge_store_add(&c, &w, &other), KEDGE_OK);
        assert_int_equal(kedge_store_digest(&c, other, again), KEDGE_OK);
        assert_memory_not_equal(first, again, sizeof first);
    }
    assert_int_equal(kedge_store_find_digest(&c, v.model_digest, &other), KEDGE_OK);
    assert_int_equal(other, id + 4);
    assert_int_equal(kedge_store_put_artifact(&c, id, "another", 7), KEDGE_OK);
    assert_int_equal(kedge_store_get(&c, id, &v), KEDGE_OK);
    assert_int_equal(v.signature_bytes, 0);
    assert_int_equal(kedge_store_sign(&c, id, first, KEDGE_SIGNATURE_BYTES + 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_store_sign(&c, id, NULL, 1), KEDGE_ERR_NULL);
    guard_free(c.state);
}

/* An artifact that was changed in memory is found. */
static void test_damaged_artifact(void **unused)
{
    (void)unused;
    kedge_control c = made(2, 100, 0);
    const void *bytes;
    size_t n;
    uint64_t id = add(&c, 0);
    assert_int_equal(kedge_store_put_artifact(&c, id, "model", 5), KEDGE_OK);
    assert_int_equal(kedge_store_artifact(&c, id, &bytes, &n), KEDGE_OK);
    assert_true(n == 5 && memcmp(bytes, "model", 5) == 0);
    ((unsigned char *)c.state)[(const unsigned char *)bytes - (const unsigned char *)c.state] ^= 1;
    assert_int_equal(kedge_store_artifact(&c, id, &bytes, &n), KEDGE_ERR_SNAPSHOT);
    guard_free(c.state);
}

/* From one store to another, and nothing of it if a single byte is missing or wrong. */
static void test_export(void **unused)
{
    (void)unused;
    kedge_control from = made(4, 100, 0), to = made(4, 60, 0);
    kedge_store_version v = {0}, w;
    unsigned char digest[KEDGE_HASH_BYTES], same[KEDGE_HASH_BYTES];
    const void *bytes;
    uint64_t id, got = 0;
    size_t n, len, state_bytes = ((const kedge_state_head *)to.state)->bytes;
    double x;
    v.trigger_value = (double)NAN;
    v.training_ns = 123;
    assert_int_equal(kedge_store_add(&from, &v, &id), KEDGE_OK);
    assert_int_equal(kedge_store_put_artifact(&from, id, "a model of some kind", 20), KEDGE_OK);
    assert_int_equal(kedge_store_set_figure(&from, id, 1, 0.25), KEDGE_OK);
    assert_int_equal(kedge_store_digest(&from, id, digest), KEDGE_OK);
    assert_int_equal(kedge_store_sign(&from, id, digest, 32), KEDGE_OK);
    assert_int_equal(kedge_store_serve(&from, id, 9), KEDGE_OK);
    assert_int_equal(kedge_store_export(&from, id, NULL, 0, &len), KEDGE_ERR_BUFFER);
    unsigned char *buf = guard_new(len, 0);
    assert_int_equal(kedge_store_export(&from, id, buf, len - 1, &len), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_store_export(&from, id, buf, len, &len), KEDGE_OK);
    void *before = malloc(state_bytes);
    memcpy(before, to.state, state_bytes);
    for (size_t i = 0; i < len; i++) {
        assert_int_equal(kedge_store_import(&to, buf, i, &got), KEDGE_ERR_SNAPSHOT);
        buf[i] ^= (unsigned char)(1u << i % 8);
        assert_int_equal(kedge_store_import(&to, buf, len, &got), KEDGE_ERR_SNAPSHOT);
        buf[i] ^= (unsigned char)(1u << i % 8);
    }
    assert_memory_equal(before, to.state, state_bytes);
    assert_int_equal(kedge_store_import(&to, buf, len, &got), KEDGE_OK);
    assert_int_equal(kedge_store_get(&to, got, &w), KEDGE_OK);
    assert_true(got == 1 && w.training_ns == 123 && isnan(w.trigger_value) && w.status == KEDGE_VERSION_CANDIDATE &&
                w.n_served == 0);
    assert_true(w.signature_bytes == 32 && memcmp(w.signature, digest, 32) == 0);
    assert_int_equal(kedge_store_digest(&to, got, same), KEDGE_OK);
    assert_memory_equal(digest, same, sizeof same);
    assert_int_equal(kedge_store_artifact(&to, got, &bytes, &n), KEDGE_OK);
    assert_true(n == 20 && memcmp(bytes, "a model of some kind", 20) == 0);
    assert_int_equal(kedge_store_figure(&to, got, 1, &x), KEDGE_OK);
    assert_true(x == 0.25);
    for (int i = 0; i < 2; i++) { /* room for three of them; the third pinned one leaves none for a fourth */
        assert_int_equal(kedge_store_import(&to, buf, len, &got), KEDGE_OK);
        assert_int_equal(kedge_store_pin(&to, got, 1), KEDGE_OK);
    }
    assert_int_equal(kedge_store_pin(&to, 1, 1), KEDGE_OK);
    memcpy(before, to.state, state_bytes);
    assert_int_equal(kedge_store_import(&to, buf, len, &got), KEDGE_ERR_BUFFER);
    assert_memory_equal(before, to.state, state_bytes);
    free(before);
    guard_free(buf);
    guard_free(from.state);
    guard_free(to.state);
}

/* What is told later goes everywhere with the version; a signature is one over what stands there. */
static void test_facts(void **unused)
{
    (void)unused;
    kedge_control c = made(4, 100, 0), other = made(4, 100, 0);
    kedge_store_version v;
    unsigned char digest[KEDGE_HASH_BYTES], same[KEDGE_HASH_BYTES], buf[1024];
    uint64_t id = add(&c, 0), got;
    size_t len;
    assert_int_equal(kedge_store_digest(&c, id, digest), KEDGE_OK);
    assert_int_equal(kedge_store_set_cost(&c, id, 1200, 0.75), KEDGE_OK);
    assert_int_equal(kedge_store_set_tests(&c, id, 6, 1, 8), KEDGE_OK);
    assert_int_equal(kedge_store_digest(&c, id, same), KEDGE_OK);
    assert_memory_not_equal(digest, same, sizeof same); /* they are signed too */
    for (int i = 0; i < 2; i++) {
        assert_int_equal(kedge_store_sign(&c, id, same, 32), KEDGE_OK);
        assert_int_equal(kedge_store_set_cost(&c, id, 1200, 0.75), KEDGE_OK); /* nothing new */
        assert_int_equal(kedge_store_set_tests(&c, id, 6, 1, 8), KEDGE_OK);
        assert_int_equal(kedge_store_get(&c, id, &v), KEDGE_OK);
        assert_true(v.signature_bytes == 32 && v.compute_ns == 1200 && v.cost == 0.75 && v.tests_failed == 1);
        assert_int_equal(i == 0 ? kedge_store_set_cost(&c, id, 1201, 0.75) : kedge_store_set_tests(&c, id, 6, 0, 8), KEDGE_OK);
        assert_int_equal(kedge_store_get(&c, id, &v), KEDGE_OK);
        assert_int_equal(v.signature_bytes, 0);
        assert_int_equal(kedge_store_set_cost(&c, id, 1200, 0.75), KEDGE_OK);
    }
    assert_int_equal(kedge_store_export(&c, id, buf, sizeof buf, &len), KEDGE_OK);
    assert_int_equal(kedge_store_import(&other, buf, len, &got), KEDGE_OK);
    assert_int_equal(kedge_store_get(&other, got, &v), KEDGE_OK);
    assert_true(v.compute_ns == 1200 && v.cost == 0.75 && v.tests_passed == 6 && v.tests_undecided == 8);
    assert_int_equal(kedge_store_set_cost(&c, id, 1, (double)NAN), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_store_set_cost(&c, 99, 1, 0.0), KEDGE_ERR_UNKNOWN);
    assert_int_equal(kedge_store_set_cost(NULL, id, 1, 0.0), KEDGE_ERR_NULL);
    guard_free(other.state);
    guard_free(c.state);
}

static void test_figure_names(void **unused)
{
    (void)unused;
    kedge_control c = made(4, 100, 0);
    char name[KEDGE_TAG_BYTES], card[256];
    uint64_t id = add(&c, 0);
    size_t len;
    assert_int_equal(kedge_store_figure_name(&c, 2, name), KEDGE_OK);
    assert_string_equal(name, "");
    assert_int_equal(kedge_store_name_figure(&c, 2, "recall of sick"), KEDGE_OK);
    assert_int_equal(kedge_store_name_figure(&c, 1, "gone again"), KEDGE_OK);
    assert_int_equal(kedge_store_name_figure(&c, 1, ""), KEDGE_OK);
    assert_int_equal(kedge_store_set_figure(&c, id, 1, 0.25), KEDGE_OK);
    assert_int_equal(kedge_store_set_figure(&c, id, 2, 0.5), KEDGE_OK);
    assert_int_equal(kedge_store_card(&c, id, NULL, NULL, card, sizeof card, &len), KEDGE_OK);
    assert_non_null(strstr(card, "\nfigure 1:   0.25\nrecall of sick: 0.5\n"));
    assert_int_equal(kedge_control_check(&c), KEDGE_OK);
    assert_int_equal(kedge_store_name_figure(&c, 3, "none"), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_store_name_figure(&c, 0, "sixteen bytes!!!"), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_store_name_figure(&c, 0, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_store_name_figure(NULL, 0, "a"), KEDGE_ERR_NULL);
    assert_int_equal(kedge_store_figure_name(&c, 3, name), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_store_figure_name(&c, 0, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_store_figure_name(&c, 2, name), KEDGE_OK);
    assert_string_equal(name, "recall of sick");
    assert_int_equal(kedge_control_reset(&c), KEDGE_OK);
    assert_int_equal(kedge_store_figure_name(&c, 2, name), KEDGE_OK);
    assert_string_equal(name, "");
    guard_free(c.state);
}

/* Golden text, every room from none to enough; and names of other bytes. */
static void test_card(void **unused)
{
    (void)unused;
    static const char want[] =
        "# Weather, version 2\n\nFor tomorrow's rain.\n\nstatus:     retired, pinned\ntag:        good\nclass:      gaussian_nb\n"
        "parent:     1\ncreated:    70 ns\nreason:     figure 3 was 0.7, below its floor 0.75\nrows:       100 to 299\n"
        "trained on: 160 rows\ncompute:    9000 ns\ncost:       1.5\npassed:     quality, last\nfailed:     better, test 31\n"
        "figure 1:   0.25\n"
        "served:     80 to 90 ns\nsettings:   SHA-256 00ab000000000000000000000000000000000000000000000000000000000000\n"
        "model:      SHA-256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\nsnapshot:   4 bytes\n"
        "signature:  0102\n";
    kedge_control c = made(4, 100, 0);
    kedge_store_version v = {0};
    uint64_t id;
    size_t len;
    (void)add(&c, 0);
    v.parent = 1;
    v.created_ns = 70;
    v.trigger_kind = 5;
    v.trigger_source = 3;
    v.trigger_value = 0.7;
    v.trigger_limit = 0.75;
    v.first_row = 100;
    v.last_row = 299;
    v.n_rows = 160;
    v.compute_ns = 9000;
    v.cost = 1.5;
    v.tests_passed = 5;
    v.tests_failed = 1u << 31 | 1u << KEDGE_GATE_BETTER;
    v.config_digest[1] = 0xAB;
    memcpy(v.model_class, "gaussian_nb", 11);
    assert_int_equal(kedge_store_add(&c, &v, &id), KEDGE_OK);
    assert_int_equal(kedge_store_put_artifact(&c, id, "test", 4), KEDGE_OK);
    assert_int_equal(kedge_store_sign(&c, id, (const unsigned char *)"\1\2", 2), KEDGE_OK);
    assert_int_equal(kedge_store_set_figure(&c, id, 1, 0.25), KEDGE_OK);
    assert_int_equal(kedge_store_set_tag(&c, id, "good"), KEDGE_OK);
    assert_int_equal(kedge_store_pin(&c, id, 1), KEDGE_OK);
    assert_int_equal(kedge_store_serve(&c, id, 80), KEDGE_OK);
    assert_int_equal(kedge_store_serve(&c, 0, 90), KEDGE_OK);
    for (size_t cap = 0; cap < sizeof want; cap++) {
        char *buf = guard_new(cap, 0x5C);
        assert_int_equal(kedge_store_card(&c, id, "Weather", "For tomorrow's rain.", buf, cap, &len), KEDGE_ERR_BUFFER);
        assert_int_equal(len, sizeof want - 1);
        for (size_t i = 0; i < cap; i++)
            assert_int_equal(buf[i], 0x5C);
        guard_free(buf);
    }
    char *buf = guard_new(sizeof want, 0x5C);
    assert_int_equal(kedge_store_card(&c, id, "Weather", "For tomorrow's rain.", buf, sizeof want, &len), KEDGE_OK);
    assert_string_equal(buf, want);
    assert_int_equal(kedge_store_card(&c, 99, NULL, NULL, buf, sizeof want, &len), KEDGE_ERR_UNKNOWN);
    assert_int_equal(kedge_store_card(&c, id, NULL, NULL, buf, sizeof want, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_store_card(&c, id, NULL, NULL, NULL, 5, &len), KEDGE_ERR_NULL);
    assert_int_equal(kedge_store_card(&c, 1, "a\nb\x80", NULL, buf, sizeof want, &len), KEDGE_OK);
    assert_string_equal(buf, "# a\xEF\xBF\xBD" "b\xEF\xBF\xBD, version 1\n\nstatus:     candidate\n");
    guard_free(buf);
    guard_free(c.state);
}

static void test_strings(void **unused)
{
    (void)unused;
    assert_string_equal(kedge_store_status_string(KEDGE_VERSION_CANDIDATE), "candidate");
    assert_string_equal(kedge_store_status_string(KEDGE_VERSION_ROLLED_BACK), "rolled back");
    assert_string_equal(kedge_store_status_string(KEDGE_VERSION_ROLLED_BACK + 1), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_life), cmocka_unit_test(test_keep_refused), cmocka_unit_test(test_full_of_what_must_stay),
        cmocka_unit_test(test_digest),      cmocka_unit_test(test_damaged_artifact), cmocka_unit_test(test_export),
        cmocka_unit_test(test_card),        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_facts),       cmocka_unit_test(test_figure_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
