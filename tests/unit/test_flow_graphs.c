/* SPDX-License-Identifier: MIT */
/* Random graphs with random hosts beside a naive interpreter of flows: symbols in place of hashes, recursion in place of passes. */
#include "flows.h"

enum { N_GRAPHS = 300, N_CALLS = 400, ROOM = 32768 };

typedef struct ref_step {
    uint32_t state, n_failed, intended, has, forgotten;
    uint64_t attempt, at, started, config, input, output, key[34];
} ref_step;

typedef struct ref_flow {
    const kedge_flow_step *list;
    uint32_t n, active, cancelled;
    uint64_t run, now;
    ref_step s[KEDGE_FLOW_STEPS_MAX];
} ref_flow;

static int ref_good(const ref_step *t)
{
    return t->state == KEDGE_STEP_DONE || t->state == KEDGE_STEP_SKIPPED;
}

static int ref_lost(const ref_flow *r, uint32_t i)
{
    if (r->s[i].state == KEDGE_STEP_FAILED || r->s[i].state == KEDGE_STEP_CANCELLED)
        return 1;
    for (uint32_t j = 0; j < i; j++)
        if ((r->list[i].needs >> j & 1u) && ref_lost(r, j))
            return 1;
    return 0;
}

static void ref_settle(ref_flow *r)
{
    uint32_t n_open = 0;
    for (uint32_t i = 0; i < r->n; i++) {
        if (r->s[i].state == KEDGE_STEP_WAITING && ref_lost(r, i))
            r->s[i].state = KEDGE_STEP_CANCELLED;
        n_open += r->s[i].state < KEDGE_STEP_DONE;
    }
    if (n_open == 0)
        r->active = 0;
}

static void ref_back(ref_flow *r, uint32_t i)
{
    ref_step *t = &r->s[i];
    t->intended = 0;
    t->state = r->cancelled ? KEDGE_STEP_CANCELLED : t->n_failed > r->list[i].max_retries ? KEDGE_STEP_FAILED : KEDGE_STEP_WAITING;
}

static void ref_fail(ref_flow *r, uint32_t i)
{
    ref_step *t = &r->s[i];
    t->at = r->now + (r->list[i].retry_ns << t->n_failed);
    t->n_failed++;
    if (t->intended)
        t->state = KEDGE_STEP_UNSURE;
    else
        ref_back(r, i);
}

static void ref_key(const ref_flow *r, uint32_t i, uint64_t *key)
{
    memset(key, 0, 34 * sizeof *key);
    key[32] = r->s[i].config;
    key[33] = r->s[i].input;
    for (uint32_t j = 0; j < i; j++)
        if (r->list[i].needs >> j & 1u)
            key[j] = r->s[j].output;
}

static int ref_ready(const ref_flow *r, uint32_t i)
{
    for (uint32_t j = 0; j < i; j++)
        if ((r->list[i].needs >> j & 1u) && !ref_good(&r->s[j]))
            return 0;
    return r->s[i].state == KEDGE_STEP_WAITING && r->s[i].at <= r->now;
}

/* The step that is handed out, n if none is. */
static uint32_t ref_next(ref_flow *r)
{
    for (uint32_t i = 0; i < r->n; i++)
        if (r->s[i].state == KEDGE_STEP_RUNNING && r->list[i].timeout_ns && r->now >= r->s[i].started + r->list[i].timeout_ns)
            ref_fail(r, i);
    ref_settle(r);
    for (uint32_t i = 0; i < r->n; i++) {
        uint64_t key[34];
        ref_key(r, i, key);
        if (!ref_ready(r, i))
            continue;
        if (!r->s[i].has || r->s[i].forgotten || r->list[i].always_runs || memcmp(key, r->s[i].key, sizeof key) != 0) {
            r->s[i].state = KEDGE_STEP_RUNNING;
            r->s[i].started = r->now;
            r->s[i].attempt++;
            return i;
        }
        r->s[i].state = KEDGE_STEP_SKIPPED;
    }
    ref_settle(r);
    return r->n;
}

static void ref_done(ref_flow *r, uint32_t i, uint64_t output)
{
    ref_key(r, i, r->s[i].key);
    r->s[i].output = output;
    r->s[i].has = 1;
    r->s[i].forgotten = 0;
    r->s[i].state = KEDGE_STEP_DONE;
    ref_settle(r);
}

static void ref_begin(ref_flow *r, uint64_t run)
{
    r->run = run;
    r->active = 1;
    r->cancelled = 0;
    for (uint32_t i = 0; i < r->n; i++) {
        ref_step *t = &r->s[i];
        t->state = KEDGE_STEP_WAITING;
        t->n_failed = t->intended = 0;
        t->attempt = t->at = t->started = 0;
    }
}

static void ref_stop(ref_flow *r, int is_cancel)
{
    r->cancelled |= (uint32_t)is_cancel;
    for (uint32_t i = 0; i < r->n; i++) {
        ref_step *t = &r->s[i];
        if (t->state == KEDGE_STEP_RUNNING)
            t->state = t->intended ? KEDGE_STEP_UNSURE : is_cancel ? KEDGE_STEP_CANCELLED : KEDGE_STEP_WAITING;
        if (t->state == KEDGE_STEP_WAITING && is_cancel)
            t->state = KEDGE_STEP_CANCELLED;
    }
    ref_settle(r);
}

static void assert_alike(const kedge_control *c, const ref_flow *r)
{
    kedge_flow_report all;
    assert_int_equal(kedge_control_check(c), KEDGE_OK);
    assert_int_equal(kedge_flow_read(c, &all), KEDGE_OK);
    assert_int_equal(all.state == KEDGE_FLOW_WAIT || all.state == KEDGE_FLOW_UNSURE, r->active);
    assert_int_equal(all.run, r->run);
    for (uint32_t i = 0; i < r->n; i++) {
        kedge_flow_step_report one;
        uint64_t output;
        assert_int_equal(kedge_flow_read_step(c, i, &one), KEDGE_OK);
        memcpy(&output, one.output, sizeof output);
        assert_int_equal(one.state, r->s[i].state);
        assert_int_equal(one.attempt, r->s[i].attempt);
        assert_int_equal(one.n_failed, r->s[i].n_failed);
        assert_int_equal(one.has_output, r->s[i].has);
        assert_true(!one.has_output || output == r->s[i].output);
    }
}

/* Into a snapshot, back into other memory, and the same again. */
static void through_snapshot(kedge_control *c)
{
    static unsigned char shot[ROOM], again[ROOM];
    size_t len = 0, more = 0, bytes = 0;
    assert_int_equal(kedge_control_save(c, shot, sizeof shot, &len), KEDGE_OK);
    assert_int_equal(kedge_control_load_size(&kedge_flow, shot, len, &bytes), KEDGE_OK);
    guard_free(c->state);
    assert_int_equal(kedge_control_load(c, &kedge_flow, guard_new(bytes, 0x5C), bytes, shot, len), KEDGE_OK);
    assert_int_equal(kedge_control_save(c, again, sizeof again, &more), KEDGE_OK);
    assert_true(len == more && memcmp(shot, again, len) == 0);
}

static uint64_t below(kedge_rng *rng, uint64_t n)
{
    return kedge_rng_next(rng) % n;
}

static void random_graph(kedge_rng *rng, kedge_flow_step *list, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        list[i] = flow_init;
        list[i].name[0] = (char)('A' + i);
        for (uint32_t j = 0; j < i; j++)
            list[i].needs |= (uint32_t)(below(rng, 4) == 0) << j;
        list[i].max_retries = (uint32_t)below(rng, 4);
        list[i].retry_ns = below(rng, 3) * 5;
        list[i].timeout_ns = below(rng, 3) == 0 ? 30 : 0;
        list[i].is_once = below(rng, 4) == 0;
        list[i].always_runs = below(rng, 8) == 0;
    }
}

/* One random call on both. A job is kept of each step's latest attempt. */
static void random_call(kedge_rng *rng, kedge_control *c, ref_flow *r, kedge_flow_job *jobs)
{
    uint32_t i = (uint32_t)below(rng, r->n);
    ref_step *t = &r->s[i];
    unsigned char digest[KEDGE_HASH_BYTES];
    uint64_t id = 1 + below(rng, 3), what = below(rng, 100);
    int is_busy = t->state == KEDGE_STEP_RUNNING || t->state == KEDGE_STEP_UNSURE;
    r->now += below(rng, 6);
    digest_of(id, digest);
    if (!r->active) {
        ref_begin(r, r->run + 1);
        assert_int_equal(kedge_flow_begin(c, r->now, r->run), KEDGE_OK);
    } else if (what < 40) {
        kedge_flow_job job;
        uint32_t expected = ref_next(r);
        assert_int_equal(kedge_flow_next(c, r->now, &job), expected < r->n ? KEDGE_OK : KEDGE_EMPTY);
        assert_int_equal(job.step < r->n && job.kind == KEDGE_FLOW_STEP ? job.step : r->n, expected);
        if (expected < r->n)
            jobs[expected] = job;
    } else if (what < 85 && t->state == KEDGE_STEP_RUNNING) {
        int fails = below(rng, 4) == 0;
        if (r->list[i].is_once && (t->intended || below(rng, 2))) {
            t->intended = 1;
            assert_int_equal(kedge_flow_intend(c, r->now, &jobs[i]), KEDGE_OK);
            if (below(rng, 3) == 0)
                return; /* it stays intended, maybe into a restart or behind its timeout */
        }
        if (fails) {
            ref_fail(r, i);
            ref_settle(r);
            assert_int_equal(kedge_flow_failed(c, r->now, &jobs[i], (int32_t)id), KEDGE_OK);
        } else {
            kedge_status st = kedge_flow_done(c, r->now, &jobs[i], digest, id);
            assert_int_equal(st, r->list[i].is_once && !t->intended ? KEDGE_ERR_STATE : KEDGE_OK);
            if (st == KEDGE_OK)
                ref_done(r, i, id);
        }
    } else if (what < 85 && t->state == KEDGE_STEP_UNSURE) {
        uint32_t happened = (uint32_t)below(rng, 2);
        assert_int_equal(kedge_flow_settle(c, r->now, i, happened, digest, id), KEDGE_OK);
        if (happened)
            ref_done(r, i, id);
        else
            ref_back(r, i);
        ref_settle(r);
    } else if (what < 90) {
        assert_int_equal(kedge_flow_set_input(c, i, digest), is_busy ? KEDGE_ERR_BUSY : KEDGE_OK);
        t->input = is_busy ? t->input : id;
    } else if (what < 92) {
        assert_int_equal(kedge_flow_set_config(c, i, digest), is_busy ? KEDGE_ERR_BUSY : KEDGE_OK);
        t->config = is_busy ? t->config : id;
    } else if (what < 94) {
        assert_int_equal(kedge_flow_forget(c, i), is_busy ? KEDGE_ERR_BUSY : KEDGE_OK);
        t->forgotten |= !is_busy;
    } else if (what < 95) {
        ref_stop(r, 1);
        assert_int_equal(kedge_flow_cancel(c, r->now), KEDGE_OK);
    } else if (what < 98) {
        through_snapshot(c);
        ref_stop(r, 0);
        assert_int_equal(kedge_flow_resume(c, r->now), KEDGE_OK);
    }
}

static void test_random_graphs(void **unused)
{
    (void)unused;
    kedge_rng rng = {20};
    uint64_t n_runs = 0;
    for (int g = 0; g < N_GRAPHS; g++) {
        kedge_flow_step list[KEDGE_FLOW_STEPS_MAX];
        kedge_flow_job jobs[KEDGE_FLOW_STEPS_MAX] = {{0, 0, 0, 0, 0, 0, 0}};
        ref_flow r;
        memset(&r, 0, sizeof r);
        r.list = list;
        r.n = g % 10 == 0 ? KEDGE_FLOW_STEPS_MAX : 1 + (uint32_t)below(&rng, 9);
        random_graph(&rng, list, r.n);
        kedge_control c = made(list, r.n);
        for (int i = 0; i < N_CALLS; i++) {
            random_call(&rng, &c, &r, jobs);
            assert_alike(&c, &r);
        }
        n_runs += r.run;
        guard_free(c.state);
    }
    assert_true(n_runs > 1000); /* else the hosts were stuck */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_random_graphs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
