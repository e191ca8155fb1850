/* SPDX-License-Identifier: MIT */
/* The joiner against a plain list, in random programs: what waits, what is refused, what is counted. */
#include <float.h>
#include <math.h>

#include "support.h"

enum { NAIVE_MAX = 1000 };

/* Predictions in the order in which they were made. */
typedef struct naive_joiner {
    kedge_prediction waiting[NAIVE_MAX];
    size_t n, capacity;
    uint64_t max_age, now, added, joined, expired, evicted, delay_max;
    double delay_sum;
} naive_joiner;

static void naive_drop(naive_joiner *q, size_t i)
{
    memmove(q->waiting + i, q->waiting + i + 1, (q->n - i - 1) * sizeof *q->waiting);
    q->n--;
}

static size_t naive_find(const naive_joiner *q, uint64_t id, uint64_t now)
{
    size_t i = 0;
    while (i < q->n && (q->waiting[i].id != id || now - q->waiting[i].made_at > q->max_age))
        i++;
    return i;
}

static void naive_advance(naive_joiner *q, uint64_t now)
{
    q->now = now;
    while (q->n > 0 && now - q->waiting[0].made_at > q->max_age) {
        naive_drop(q, 0);
        q->expired++;
    }
}

static kedge_status naive_add(naive_joiner *q, const kedge_prediction *p)
{
    if (p->made_at < q->now)
        return KEDGE_ERR_RANGE;
    if (naive_find(q, p->id, p->made_at) < q->n)
        return KEDGE_ERR_STATE;
    naive_advance(q, p->made_at);
    if (q->n == q->capacity) {
        naive_drop(q, 0);
        q->evicted++;
    }
    q->waiting[q->n++] = *p;
    q->added++;
    return KEDGE_OK;
}

static kedge_status naive_join(naive_joiner *q, uint64_t id, uint64_t now, kedge_prediction *p)
{
    if (now < q->now)
        return KEDGE_ERR_RANGE;
    size_t i = naive_find(q, id, now);
    if (i == q->n)
        return KEDGE_ERR_UNKNOWN;
    *p = q->waiting[i];
    naive_drop(q, i);
    naive_advance(q, now);
    q->joined++;
    q->delay_sum += (double)(now - p->made_at);
    q->delay_max = now - p->made_at > q->delay_max ? now - p->made_at : q->delay_max;
    return KEDGE_OK;
}

static size_t joiner_bytes(uint32_t capacity, uint64_t max_age)
{
    kedge_joiner_config cfg = kedge_joiner_defaults();
    cfg.capacity = capacity;
    cfg.max_age = max_age;
    return kedge_metric_size(&cfg.base);
}

static kedge_metric joiner(uint32_t capacity, uint64_t max_age)
{
    kedge_joiner_config cfg = kedge_joiner_defaults();
    kedge_metric m = {NULL, NULL};
    cfg.capacity = capacity;
    cfg.max_age = max_age;
    size_t bytes = kedge_metric_size(&cfg.base);
    assert_true(bytes > 0 && bytes <= 224 + 64 * (size_t)capacity + 8);
    assert_int_equal(kedge_metric_init(&m, &cfg.base, guard_new(bytes, 0xA5), bytes), KEDGE_OK);
    return m;
}

static void assert_same(const kedge_metric *m, const naive_joiner *q)
{
    kedge_joiner_report r;
    kedge_prediction p;
    assert_int_equal(kedge_metric_check(m), KEDGE_OK);
    assert_int_equal(kedge_joiner_read(m, &r), q->joined > 0 ? KEDGE_OK : KEDGE_EMPTY);
    assert_int_equal(r.n_added, q->added);
    assert_int_equal(r.n_joined, q->joined);
    assert_int_equal(r.n_expired, q->expired);
    assert_int_equal(r.n_evicted, q->evicted);
    assert_int_equal(r.n_waiting, q->n);
    assert_int_equal(r.n_added, r.n_joined + r.n_expired + r.n_evicted + r.n_waiting);
    assert_int_equal(r.oldest_at, q->n > 0 ? q->waiting[0].made_at : 0);
    assert_int_equal(r.delay_max, q->delay_max);
    if (q->joined > 0)
        assert_close(r.delay_mean, q->delay_sum / (double)q->joined, 1e-11);
    else
        assert_true(isnan(r.delay_mean));
    assert_int_equal(kedge_joiner_oldest(m, &p), q->n > 0 ? KEDGE_OK : KEDGE_EMPTY);
    if (q->n > 0)
        assert_memory_equal(&p, q->waiting, sizeof p);
    for (size_t i = 0; i < q->n; i++) {
        assert_int_equal(kedge_joiner_find(m, q->waiting[i].id, &p), KEDGE_OK);
        assert_memory_equal(&p, &q->waiting[i], sizeof p);
    }
}

/* Ids from a small set, so that duplicates and ids that come again are many. */
static void run_program(uint32_t capacity, uint64_t max_age, uint64_t n_ids, uint64_t seed)
{
    static naive_joiner q;
    kedge_metric m = joiner(capacity, max_age);
    kedge_rng rng = {seed};
    memset(&q, 0, sizeof q);
    q.capacity = capacity;
    q.max_age = max_age;
    for (int step = 0; step < 3000; step++) {
        uint64_t now = q.now + kedge_rng_below(&rng, 4) - (kedge_rng_below(&rng, 20) == 0);
        uint64_t id = kedge_rng_below(&rng, n_ids) * 0x9E3779B97F4A7C15u;
        if (now > (uint64_t)1 << 62)
            now = 0;
        if (kedge_rng_below(&rng, 100) < 55) {
            const kedge_prediction p = {id, now, kedge_rng_uniform(&rng), kedge_rng_uniform(&rng), 1.5};
            assert_int_equal(kedge_joiner_add(&m, &p), naive_add(&q, &p));
        } else if (kedge_rng_below(&rng, 20) > 0) {
            kedge_joined pair;
            kedge_prediction p;
            kedge_status st = naive_join(&q, id, now, &p);
            assert_int_equal(kedge_joiner_join(&m, id, now, 2.5, &pair), st);
            if (st == KEDGE_OK)
                assert_true(pair.id == p.id && pair.made_at == p.made_at && pair.predicted == p.predicted && pair.score == p.score);
            if (st == KEDGE_OK)
                assert_true(pair.weight == 1.5 && pair.truth == 2.5 && pair.delay == now - p.made_at);
        } else {
            assert_int_equal(kedge_joiner_expire(&m, now), now < q.now ? KEDGE_ERR_RANGE : KEDGE_OK);
            if (now >= q.now)
                naive_advance(&q, now);
        }
        if (step % 29 == 0)
            assert_same(&m, &q);
    }
    assert_same(&m, &q);
    assert_true(q.joined > 0);
    guard_free(m.state);
}

static void test_random_programs(void **unused)
{
    (void)unused;
    static const uint32_t capacities[] = {1, 2, 3, 5, 16, 17, 60, 500};
    for (size_t i = 0; i < sizeof capacities / sizeof *capacities; i++) {
        run_program(capacities[i], 40, 50, i + 1);
        run_program(capacities[i], (uint64_t)1 << 62, 200, i + 100);
        run_program(capacities[i], 1, 7, i + 200);
    }
}

/* Ids in a row, ids that differ in high bits only: whatever the caller counts by. */
static void test_ids_of_all_kinds(void **unused)
{
    (void)unused;
    enum { N = 300 };
    for (int shift = 0; shift <= 55; shift += 11) {
        kedge_metric m = joiner(N, (uint64_t)1 << 62);
        kedge_joined pair;
        for (uint64_t i = 0; i < N; i++) {
            const kedge_prediction p = {i << shift, i, (double)i, 0, 1};
            assert_int_equal(kedge_joiner_add(&m, &p), KEDGE_OK);
        }
        for (uint64_t i = N; i-- > 0;) {
            assert_int_equal(kedge_joiner_join(&m, i << shift, N, 1, &pair), KEDGE_OK);
            assert_true(pair.predicted == (double)i && pair.delay == N - i);
            assert_int_equal(kedge_joiner_join(&m, i << shift, N, 1, &pair), KEDGE_ERR_UNKNOWN);
        }
        assert_int_equal(kedge_metric_check(&m), KEDGE_OK);
        guard_free(m.state);
    }
}

/* Full, the oldest gives way; its id is free again; what expired in time does not count as evicted. */
static void test_expiry_and_eviction(void **unused)
{
    (void)unused;
    kedge_metric m = joiner(2, 10);
    kedge_prediction p = {1, 0, 1, 0.5, 1};
    kedge_joined pair;
    kedge_joiner_report r;
    assert_int_equal(kedge_joiner_add(&m, &p), KEDGE_OK);
    p.made_at = 10;
    assert_int_equal(kedge_joiner_add(&m, &p), KEDGE_ERR_STATE); /* 10 old is not too old */
    p.made_at = 11;
    assert_int_equal(kedge_joiner_add(&m, &p), KEDGE_OK); /* now it is, and its id may come again */
    p.id = 2;
    assert_int_equal(kedge_joiner_add(&m, &p), KEDGE_OK);
    p.id = 3;
    assert_int_equal(kedge_joiner_add(&m, &p), KEDGE_OK);
    assert_int_equal(kedge_joiner_read(&m, &r), KEDGE_EMPTY);
    assert_true(r.n_expired == 1 && r.n_evicted == 1 && r.n_waiting == 2 && isnan(r.delay_mean));
    assert_int_equal(kedge_joiner_join(&m, 1, 12, 0, &pair), KEDGE_ERR_UNKNOWN);
    assert_int_equal(kedge_joiner_join(&m, 2, 22, 0, &pair), KEDGE_ERR_UNKNOWN); /* too old, not yet counted */
    assert_int_equal(kedge_joiner_read(&m, &r), KEDGE_EMPTY);
    assert_true(r.n_expired == 1 && r.n_waiting == 2);
    assert_int_equal(kedge_joiner_expire(&m, 22), KEDGE_OK);
    assert_int_equal(kedge_joiner_read(&m, &r), KEDGE_EMPTY);
    assert_true(r.n_expired == 3 && r.n_waiting == 0 && r.oldest_at == 0);
    assert_int_equal(kedge_joiner_expire(&m, 21), KEDGE_ERR_RANGE);
    guard_free(m.state);
}

static void test_refusals(void **unused)
{
    (void)unused;
    kedge_metric m = joiner(4, 10);
    const kedge_prediction good = {1, 5, 1, 0.5, 1};
    kedge_prediction p = good;
    kedge_joined pair;
    assert_int_equal(kedge_joiner_add(&m, NULL), KEDGE_ERR_NULL);
    p.predicted = (double)NAN;
    assert_int_equal(kedge_joiner_add(&m, &p), KEDGE_ERR_NOT_FINITE);
    p = good;
    p.score = (double)INFINITY;
    assert_int_equal(kedge_joiner_add(&m, &p), KEDGE_ERR_NOT_FINITE);
    p = good;
    p.weight = -1;
    assert_int_equal(kedge_joiner_add(&m, &p), KEDGE_ERR_RANGE);
    p = good;
    p.made_at = ((uint64_t)1 << 62) + 1;
    assert_int_equal(kedge_joiner_add(&m, &p), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_joiner_add(&m, &good), KEDGE_OK);
    assert_int_equal(kedge_joiner_add(&m, &good), KEDGE_ERR_STATE);
    assert_int_equal(kedge_joiner_join(&m, 1, 6, (double)NAN, &pair), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_joiner_join(&m, 1, 4, 1, &pair), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_joiner_join(&m, 1, 6, 1, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_joiner_join(&m, 2, 6, 1, &pair), KEDGE_ERR_UNKNOWN);
    assert_int_equal(kedge_joiner_find(&m, 2, &p), KEDGE_ERR_UNKNOWN);
    assert_int_equal(kedge_joiner_find(&m, 1, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_joiner_join(&m, 1, 5, 0, &pair), KEDGE_OK);
    assert_true(pair.delay == 0);
    guard_free(m.state);
}

/* Batches against single calls: bytes, pairs, what is passed over, where it stops. */
static void test_batches(void **unused)
{
    (void)unused;
    enum { N = 40 };
    kedge_prediction p[N];
    kedge_joined pairs[N], pair;
    uint64_t ids[N];
    double truth[N];
    kedge_metric many = joiner(25, 30), single = joiner(25, 30);
    size_t bytes = joiner_bytes(25, 30), used = 99, n_out = 99, n_single = 0;
    for (size_t i = 0; i < N; i++) {
        p[i] = (kedge_prediction){i * 77, i, (double)i, 0.5, 1.0};
        ids[i] = (N - 1 - i) * 77; /* those of the first 15 were evicted */
        truth[i] = (double)(i % 3);
    }
    p[30].weight = (double)NAN;
    assert_int_equal(kedge_joiner_add_many(&many, p, N, &used), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(used, 30);
    p[30].weight = 1.0;
    assert_int_equal(kedge_joiner_add_many(&many, p + 30, N - 30, &used), KEDGE_OK);
    assert_int_equal(used, N - 30);
    for (size_t i = 0; i < N; i++)
        assert_int_equal(kedge_joiner_add(&single, &p[i]), KEDGE_OK);
    truth[35] = (double)INFINITY;
    assert_int_equal(kedge_joiner_join_many(&many, ids, truth, N, 50, pairs, &n_out, &used), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(used, 35);
    for (size_t i = 0; i < 35; i++) {
        kedge_status st = kedge_joiner_join(&single, ids[i], 50, truth[i], &pair);
        assert_true(st == KEDGE_OK || st == KEDGE_ERR_UNKNOWN);
        if (st == KEDGE_OK)
            assert_memory_equal(&pair, &pairs[n_single++], sizeof pair);
    }
    assert_int_equal(n_out, n_single);
    assert_int_equal(n_out, 20); /* at 50 what was made before 20 is too old */
    assert_memory_equal(many.state, single.state, bytes);
    assert_int_equal(kedge_joiner_join_many(&many, ids, truth, 1, 49, pairs, &n_out, &used), KEDGE_ERR_RANGE);
    assert_int_equal(used + n_out, 0);
    assert_int_equal(kedge_joiner_join_many(&many, NULL, NULL, 0, 50, NULL, &n_out, &used), KEDGE_OK);
    assert_int_equal(kedge_joiner_add_many(&many, NULL, 0, &used), KEDGE_OK);
    assert_int_equal(kedge_joiner_add_many(&many, NULL, 1, &used), KEDGE_ERR_NULL);
    assert_int_equal(kedge_joiner_add_many(&many, p, 1, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_joiner_join_many(&many, ids, truth, 1, 50, NULL, &n_out, &used), KEDGE_ERR_NULL);
    assert_int_equal(kedge_joiner_join_many(&many, ids, truth, 1, 50, pairs, NULL, &used), KEDGE_ERR_NULL);
    assert_int_equal(kedge_joiner_join_many(&many, ids, NULL, 1, 50, pairs, &n_out, &used), KEDGE_ERR_NULL);
    assert_memory_equal(many.state, single.state, bytes);
    guard_free(many.state);
    guard_free(single.state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_programs),
        cmocka_unit_test(test_ids_of_all_kinds),
        cmocka_unit_test(test_expiry_and_eviction),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_batches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
