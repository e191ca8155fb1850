/* SPDX-License-Identifier: MIT */
/* The shared recorder: collected figures against direct recording, carries, codes without their value, threads that record while
 * others collect, forged states. A test of its own runs the threads under the thread sanitizer. */
#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#include "support.h"

#include "metrics/latency_state.h"

static kedge_metric recorder(uint64_t highest, uint32_t digits, uint32_t n_lanes)
{
    kedge_latency_shared_config cfg = kedge_latency_shared_defaults();
    kedge_metric m = {NULL, NULL};
    cfg.highest = highest;
    cfg.digits = digits;
    cfg.n_lanes = n_lanes;
    size_t bytes = kedge_metric_size(&cfg.base);
    assert_int_equal(kedge_metric_init(&m, &cfg.base, guard_new(bytes, 0xA5), bytes), KEDGE_OK);
    return m;
}

static kedge_metric latency(uint64_t highest, uint32_t digits)
{
    kedge_latency_config cfg = kedge_latency_defaults();
    kedge_metric m = {NULL, NULL};
    cfg.highest = highest;
    cfg.digits = digits;
    size_t bytes = kedge_metric_size(&cfg.base);
    assert_int_equal(kedge_metric_init(&m, &cfg.base, guard_new(bytes, 0xA5), bytes), KEDGE_OK);
    return m;
}

/* The first lane's words: low and high halves of the counters, then the codes. */
static uint32_t *lane_words(const kedge_metric *m, size_t fixed_bytes)
{
    return (uint32_t *)m->state + fixed_bytes / sizeof(uint32_t) + 32;
}

static void test_size(void **unused)
{
    (void)unused;
    kedge_latency_shared_config cfg = kedge_latency_shared_defaults();
    assert_int_equal(kedge_metric_size(&cfg.base), KEDGE_LATENCY_SHARED_BYTES);
}

static void test_collected_is_as_direct(void **unused)
{
    (void)unused;
    kedge_rng rng = {1};
    for (uint32_t digits = 1; digits <= 4; digits++)
        for (uint32_t n_lanes = 1; n_lanes <= 4; n_lanes += 3) {
            uint64_t highest = digits % 2 ? 1000000 : (uint64_t)1 << 40;
            kedge_metric shared = recorder(highest, digits, n_lanes);
            kedge_metric got = latency(highest, digits), direct = latency(highest, digits);
            for (uint32_t round = 0; round < 20; round++) {
                for (uint32_t i = 0; i < round * 30; i++) {
                    uint64_t ns = kedge_rng_next(&rng) >> (20 + round + kedge_rng_below(&rng, 20));
                    assert_int_equal(kedge_latency_shared_record(&shared, i, ns), KEDGE_OK);
                    assert_int_equal(kedge_latency_record(&direct, ns), KEDGE_OK);
                }
                assert_int_equal(kedge_metric_check(&shared), KEDGE_OK);
                assert_int_equal(kedge_latency_shared_collect(&shared, &got), KEDGE_OK);
                assert_int_equal(kedge_metric_check(&got), KEDGE_OK);
                kedge_latency_report a, b;
                assert_int_equal(kedge_latency_read(&got, &a), kedge_latency_read(&direct, &b));
                assert_true(a.n == b.n && a.n_above == b.n_above && a.n_below == b.n_below);
                assert_true(a.min <= b.min && (double)(b.min - a.min) <= 3e-8 * (double)b.min);
                assert_true(a.max >= b.max && (double)(a.max - b.max) <= 3e-8 * (double)b.max);
                if (a.n_above == 0 && a.n > 0) {
                    assert_close(a.mean, b.mean, pow(10, -(double)digits));
                    assert_true(a.p50 == b.p50 && a.p90 == b.p90 && (a.p9999 == b.p9999 || a.p9999 == a.max));
                }
                assert_true(a.n == 0 || a.deviation == b.deviation);
            }
            guard_free(shared.state);
            guard_free(got.state);
            guard_free(direct.state);
        }
}

static void test_extremes_are_exact_below_67_ms(void **unused)
{
    (void)unused;
    kedge_metric shared = recorder((uint64_t)1 << 40, 1, 1), got = latency((uint64_t)1 << 40, 1);
    kedge_latency_report r;
    const uint64_t ns[] = {67108863, 12345, 7777777};
    for (int i = 0; i < 3; i++)
        assert_int_equal(kedge_latency_shared_record(&shared, 0, ns[i]), KEDGE_OK);
    assert_int_equal(kedge_latency_shared_collect(&shared, &got), KEDGE_OK);
    assert_int_equal(kedge_latency_read(&got, &r), KEDGE_OK);
    assert_true(r.n == 3 && r.min == 12345 && r.max == 67108863);
    assert_int_equal(kedge_latency_shared_record(&shared, 0, UINT64_MAX), KEDGE_OK);
    assert_int_equal(kedge_latency_shared_record(&shared, 0, 0), KEDGE_OK);
    assert_int_equal(kedge_latency_shared_collect(&shared, &got), KEDGE_OK);
    assert_int_equal(kedge_latency_read(&got, &r), KEDGE_OK);
    assert_true(r.n == 5 && r.min == 0 && r.max == UINT64_MAX && r.n_above == 1);
    guard_free(shared.state);
    guard_free(got.state);
}

/* What a collection between the counter and the extremes leaves: a value without codes, then codes without a value. */
static void test_codes_apart_from_their_value(void **unused)
{
    (void)unused;
    kedge_metric shared = recorder(100000, 1, 1), got = latency(100000, 1);
    kedge_latency_report r;
    kedge_latency_shared_config cfg = kedge_latency_shared_defaults();
    cfg.highest = 100000;
    cfg.digits = 1;
    latency_scale scale = {1, 100000, 1, 0, 0, 0};
    kedge_i_latency_scale_layout(&scale);
    size_t fixed = kedge_metric_size(&cfg.base) - ((size_t)2 * scale.n + 2 + 64) * sizeof(uint32_t);
    uint32_t *words = lane_words(&shared, fixed);
    words[2 * kedge_i_latency_bucket(&scale, 5000)] = 1; /* 4864 to 5119 */
    words[2 * (scale.n - 1)] = 1;
    assert_int_equal(kedge_latency_shared_collect(&shared, &got), KEDGE_OK);
    assert_int_equal(kedge_metric_check(&got), KEDGE_OK);
    assert_int_equal(kedge_latency_read(&got, &r), KEDGE_OK);
    assert_true(r.n == 2 && r.min == 4864 && r.max == 100001);
    words[2 * scale.n] = 90000;
    words[2 * scale.n + 1] = UINT32_MAX - 3;
    assert_int_equal(kedge_latency_shared_collect(&shared, &got), KEDGE_OK); /* nothing but codes */
    assert_true(words[2 * scale.n] == 0 && words[2 * scale.n + 1] == 0);
    words[2 * kedge_i_latency_bucket(&scale, 5000)] = 1;
    words[2 * scale.n] = 90000;                  /* not in its bucket */
    words[2 * scale.n + 1] = UINT32_MAX - 5100;
    assert_int_equal(kedge_metric_reset(&got), KEDGE_OK);
    assert_int_equal(kedge_latency_shared_collect(&shared, &got), KEDGE_OK);
    assert_int_equal(kedge_latency_read(&got, &r), KEDGE_OK);
    assert_true(r.n == 1 && r.min == 5100 && r.max == 5119);
    words[2 * kedge_i_latency_bucket(&scale, 5000)] = 1;
    words[2 * scale.n] = 4900; /* the least above the greatest */
    words[2 * scale.n + 1] = UINT32_MAX - 5100;
    assert_int_equal(kedge_metric_reset(&got), KEDGE_OK);
    assert_int_equal(kedge_latency_shared_collect(&shared, &got), KEDGE_OK);
    assert_int_equal(kedge_metric_check(&got), KEDGE_OK);
    assert_int_equal(kedge_latency_read(&got, &r), KEDGE_OK);
    assert_true(r.min == 4864 && r.max == 5119);
    guard_free(shared.state);
    guard_free(got.state);
}

static void test_carry(void **unused)
{
    (void)unused;
    kedge_metric shared = recorder(100000, 1, 1), got = latency(100000, 1);
    kedge_latency_report r;
    kedge_latency_shared_config cfg = kedge_latency_shared_defaults();
    cfg.highest = 100000;
    cfg.digits = 1;
    latency_scale scale = {1, 100000, 1, 0, 0, 0};
    kedge_i_latency_scale_layout(&scale);
    uint32_t *words = lane_words(&shared, kedge_metric_size(&cfg.base) - ((size_t)2 * scale.n + 2 + 64) * sizeof(uint32_t));
    words[2 * 7] = UINT32_MAX;
    assert_int_equal(kedge_latency_shared_record(&shared, 0, 7), KEDGE_OK);
    assert_true(words[2 * 7] == 0 && words[2 * 7 + 1] == 1);
    assert_int_equal(kedge_latency_shared_record(&shared, 0, 7), KEDGE_OK);
    assert_int_equal(kedge_latency_shared_collect(&shared, &got), KEDGE_OK);
    assert_int_equal(kedge_latency_read(&got, &r), KEDGE_OK);
    assert_true(r.n == ((uint64_t)1 << 32) + 1 && r.mean == 7);
    words[2 * 7 + 1] = 1u << 30; /* 2^62 values: more than a state may hold */
    assert_int_equal(kedge_metric_check(&shared), KEDGE_ERR_STATE);
    words[2 * 7 + 1] = 0;
    words[-1] = 1;
    assert_int_equal(kedge_metric_check(&shared), KEDGE_ERR_STATE);
    words[-1] = 0;
    words[2 * scale.n + 2] = 1;
    assert_int_equal(kedge_metric_check(&shared), KEDGE_ERR_STATE);
    guard_free(shared.state);
    guard_free(got.state);
}

static void test_refusals(void **unused)
{
    (void)unused;
    kedge_metric shared = recorder(100000, 2, 2), other = latency(100000, 1), full = latency(100000, 2);
    assert_int_equal(kedge_latency_shared_collect(&shared, &other), KEDGE_ERR_CONFIG);
    assert_int_equal(kedge_latency_shared_collect(&shared, &shared), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_latency_shared_collect(&other, &other), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_latency_shared_record(&other, 0, 1), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_latency_record_times(&full, 1, ((uint64_t)1 << 61) + 1), KEDGE_OK);
    assert_int_equal(kedge_latency_shared_record(&shared, 0, 5), KEDGE_OK);
    assert_int_equal(kedge_latency_shared_collect(&shared, &full), KEDGE_ERR_RANGE);
    guard_free(shared.state);
    guard_free(other.state);
    guard_free(full.state);
}

/* Threads ---------------------------------------------------------------------------------------------------------------------- */

enum { N_THREADS = 4, N_EACH = 100000 };

static kedge_metric common;
static uint32_t lanes_used;

static void *record_some(void *which)
{
    uint32_t thread = *(const uint32_t *)which;
    kedge_rng rng = {thread};
    for (int i = 0; i < N_EACH; i++)
        if (kedge_latency_shared_record(&common, thread % lanes_used, kedge_rng_below(&rng, 1000) + thread) != KEDGE_OK)
            return which;
    return NULL;
}

/* What four threads record while a fifth collects is there in the end, each value once. */
static void run_threads(uint32_t n_lanes)
{
    pthread_t threads[N_THREADS];
    uint32_t which[N_THREADS];
    kedge_metric got = latency(100000, 3), want = latency(100000, 3);
    kedge_latency_report a, b;
    common = recorder(100000, 3, n_lanes);
    lanes_used = n_lanes;
    for (uint32_t t = 0; t < N_THREADS; t++) {
        which[t] = t;
        assert_int_equal(pthread_create(&threads[t], NULL, record_some, &which[t]), 0);
    }
    for (int i = 0; i < 200; i++) {
        assert_int_equal(kedge_latency_shared_collect(&common, &got), KEDGE_OK);
        assert_int_equal(kedge_metric_check(&got), KEDGE_OK);
    }
    for (uint32_t t = 0; t < N_THREADS; t++) {
        void *failed;
        assert_int_equal(pthread_join(threads[t], &failed), 0);
        assert_null(failed);
        kedge_rng rng = {t};
        for (int i = 0; i < N_EACH; i++)
            assert_int_equal(kedge_latency_record(&want, kedge_rng_below(&rng, 1000) + t), KEDGE_OK);
    }
    assert_int_equal(kedge_latency_shared_collect(&common, &got), KEDGE_OK);
    assert_int_equal(kedge_latency_read(&got, &a), KEDGE_OK);
    assert_int_equal(kedge_latency_read(&want, &b), KEDGE_OK);
    assert_true(a.n == N_THREADS * N_EACH && a.n == b.n && a.min == b.min && a.max == b.max && a.mean == b.mean);
    for (uint64_t x = 0; x <= 1003; x++) { /* every value has a bucket of its own */
        uint64_t n, m;
        assert_int_equal(kedge_latency_count(&got, x, x, &n), KEDGE_OK);
        assert_int_equal(kedge_latency_count(&want, x, x, &m), KEDGE_OK);
        assert_true(n == m);
    }
    guard_free(common.state);
    guard_free(got.state);
    guard_free(want.state);
}

static void test_threads(void **unused)
{
    (void)unused;
    run_threads(1);
    run_threads(N_THREADS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_size),
        cmocka_unit_test(test_collected_is_as_direct),
        cmocka_unit_test(test_extremes_are_exact_below_67_ms),
        cmocka_unit_test(test_codes_apart_from_their_value),
        cmocka_unit_test(test_carry),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
