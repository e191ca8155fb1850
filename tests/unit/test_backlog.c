/* SPDX-License-Identifier: MIT */
/* Backlog: hand-computed queues, random ones against a list of items, full rings, Little's law, refusals, forged states. */
#include <fenv.h>
#include <math.h>

#include "support.h"

enum { N_ITEMS = 20000 };

static kedge_metric backlog(uint32_t capacity, uint32_t n_servers)
{
    kedge_backlog_config cfg = kedge_backlog_defaults();
    kedge_metric m = {NULL, NULL};
    cfg.capacity = capacity;
    cfg.n_servers = n_servers;
    size_t bytes = kedge_metric_size(&cfg.base);
    assert_int_equal(bytes, KEDGE_BACKLOG_BYTES_FOR(capacity));
    assert_int_equal(kedge_metric_init(&m, &cfg.base, guard_new(bytes, 0xA5), bytes), KEDGE_OK);
    return m;
}

static void test_by_hand(void **unused)
{
    (void)unused;
    kedge_metric m = backlog(8, 2);
    kedge_backlog_report r;
    assert_int_equal(kedge_backlog_read(&m, &r), KEDGE_EMPTY);
    assert_true(r.depth == 0 && r.oldest_ns == 0 && isnan(r.depth_mean) && isnan(r.stay_ns) && isnan(r.little_ns));
    assert_int_equal(kedge_backlog_arrive(&m, 3, 1000), KEDGE_OK); /* depth 3 for 100, 1 for 300, 0 for 600 */
    assert_int_equal(kedge_backlog_done(&m, 2, 1100), KEDGE_OK);
    assert_int_equal(kedge_backlog_read(&m, &r), KEDGE_OK);
    assert_true(r.depth == 1 && r.depth_max == 3 && r.oldest_ns == 100 && r.oldest_max_ns == 100 && r.stay_ns == 100);
    assert_int_equal(kedge_backlog_done(&m, 1, 1400), KEDGE_OK);
    assert_int_equal(kedge_backlog_done(&m, 0, 2000), KEDGE_OK);
    assert_int_equal(kedge_backlog_read(&m, &r), KEDGE_OK);
    assert_true(r.n_arrived == 3 && r.n_done == 3 && r.depth == 0 && r.oldest_ns == 0);
    assert_true(r.oldest_max_ns == 400 && r.elapsed_ns == 1000);
    assert_close(r.depth_mean, 0.6, 1e-15);
    assert_close(r.utilisation, (2 * 100 + 300) / 2000.0, 1e-15);
    assert_close(r.stay_ns, (100 + 100 + 400) / 3.0, 1e-15);
    assert_close(r.little_ns, r.stay_ns, 1e-15); /* an empty queue at both ends: the law is exact */
    assert_close(r.arrived_per_second, 3e6, 1e-15);
    assert_close(r.done_per_second, 3e6, 1e-15);
    guard_free(m.state);
}

/* Every item by itself. Figures are sums over the items that came and left. */
typedef struct naive_queue {
    uint64_t came[N_ITEMS], left[N_ITEMS];
    size_t n_came, n_left;
} naive_queue;

static naive_queue items;

static double naive_depth_integral(uint64_t now)
{
    double sum = 0;
    for (size_t i = 0; i < items.n_came; i++)
        sum += (double)((i < items.n_left ? items.left[i] : now) - items.came[i]);
    return sum;
}

static void assert_same_queue(const kedge_metric *m, uint64_t start, uint64_t now, uint64_t depth_max, double busy)
{
    kedge_backlog_report r;
    double stay = 0;
    uint64_t oldest_max = 0;
    for (size_t i = 0; i < items.n_came; i++) {
        uint64_t age = (i < items.n_left ? items.left[i] : now) - items.came[i];
        stay += i < items.n_left ? (double)age : 0;
        oldest_max = age > oldest_max ? age : oldest_max;
    }
    assert_int_equal(kedge_backlog_read(m, &r), now > start ? KEDGE_OK : KEDGE_EMPTY);
    assert_true(r.n_arrived == items.n_came && r.n_done == items.n_left && r.depth == items.n_came - items.n_left);
    assert_true(r.depth_max == depth_max && r.n_blurred == 0 && r.elapsed_ns == now - start);
    assert_true(r.oldest_ns == (r.depth > 0 ? now - items.came[items.n_left] : 0) && r.oldest_max_ns == oldest_max);
    assert_true(r.n_done > 0 ? fabs(r.stay_ns - stay / (double)r.n_done) <= 1e-9 * r.stay_ns : isnan(r.stay_ns));
    if (now == start)
        return;
    double elapsed = (double)(now - start);
    assert_close(r.depth_mean, naive_depth_integral(now) / elapsed, 1e-12);
    assert_close(r.utilisation, busy / elapsed, 1e-12);
    if (r.n_arrived > 0)
        assert_close(r.little_ns * r.arrived_per_second * 1e-9, r.depth_mean, 1e-12); /* L = lambda W */
}

static void run_queue(uint32_t capacity, uint32_t n_servers, uint64_t start, uint64_t seed)
{
    kedge_metric m = backlog(capacity, n_servers);
    kedge_rng rng = {seed};
    uint64_t now = start, depth_max = 0, times = 0;
    double busy = 0;
    memset(&items, 0, sizeof items);
    for (int step = 0; step < 2000; step++) {
        uint64_t passed = step > 0 ? kedge_rng_below(&rng, 50) : 0, depth = items.n_came - items.n_left;
        now += passed;
        busy += (double)passed * (double)(depth < n_servers ? depth : n_servers) / n_servers;
        times = depth == 0 ? 0 : times;
        if (kedge_rng_below(&rng, 2) && times < capacity) { /* never more times than have a place */
            uint64_t n = kedge_rng_below(&rng, 5);
            for (uint64_t i = 0; i < n; i++)
                items.came[items.n_came++] = now;
            times += n > 0;
            assert_int_equal(kedge_backlog_arrive(&m, n, now), KEDGE_OK);
        } else {
            uint64_t n = kedge_rng_below(&rng, depth + 1);
            n = kedge_rng_below(&rng, 3) == 0 || times >= capacity ? depth : n;
            for (uint64_t i = 0; i < n; i++)
                items.left[items.n_left++] = now;
            assert_int_equal(kedge_backlog_done(&m, n, now), KEDGE_OK);
        }
        depth = items.n_came - items.n_left;
        depth_max = depth > depth_max ? depth : depth_max;
        if (step % 40 == 0) {
            feclearexcept(FE_ALL_EXCEPT);
            assert_same_queue(&m, start, now, depth_max, busy);
            assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
            assert_int_equal(kedge_metric_check(&m), KEDGE_OK);
        }
    }
    guard_free(m.state);
}

static void test_random_queues(void **unused)
{
    (void)unused;
    static const uint32_t capacities[] = {1, 2, 7, 64};
    for (uint32_t i = 0; i < 4; i++)
        for (uint32_t servers = 1; servers <= 8; servers *= 2) {
            run_queue(capacities[i], servers, 0, i * 10 + servers);
            run_queue(capacities[i], servers, (uint64_t)1 << 63, i * 10 + servers + 100);
        }
}

/* More times than places: nothing is lost, ages are those of the newest time that has a place. */
static void test_full_ring(void **unused)
{
    (void)unused;
    kedge_metric m = backlog(2, 1);
    kedge_backlog_report r;
    for (uint64_t t = 0; t < 10; t++)
        assert_int_equal(kedge_backlog_arrive(&m, 2, t * 100), KEDGE_OK);
    assert_int_equal(kedge_backlog_read(&m, &r), KEDGE_OK);
    assert_true(r.depth == 20 && r.n_blurred == 16 && r.oldest_ns == 900);
    assert_int_equal(kedge_backlog_done(&m, 2, 900), KEDGE_OK);
    assert_int_equal(kedge_backlog_read(&m, &r), KEDGE_OK);
    assert_true(r.depth == 18 && r.oldest_ns == 800 && r.stay_ns == 900);
    assert_int_equal(kedge_backlog_arrive(&m, 1, 1000), KEDGE_OK); /* a place again */
    assert_int_equal(kedge_backlog_done(&m, 18, 1000), KEDGE_OK);
    assert_int_equal(kedge_backlog_read(&m, &r), KEDGE_OK);
    assert_true(r.depth == 1 && r.n_blurred == 16 && r.oldest_ns == 0 && r.oldest_max_ns == 900);
    assert_int_equal(kedge_metric_check(&m), KEDGE_OK);
    guard_free(m.state);
}

/* Integrals beyond 2^64: 2^62 items for 2^63 nanoseconds. */
static void test_extremes(void **unused)
{
    (void)unused;
    const uint64_t most = (uint64_t)1 << 62;
    kedge_metric m = backlog(4, 1u << 31);
    kedge_backlog_report r;
    assert_int_equal(kedge_backlog_arrive(&m, most, 0), KEDGE_OK);
    assert_int_equal(kedge_backlog_arrive(&m, 1, 0), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_backlog_done(&m, most + 1, 5), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_backlog_done(&m, most, UINT64_MAX), KEDGE_OK);
    assert_int_equal(kedge_backlog_done(&m, 1, UINT64_MAX), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_backlog_read(&m, &r), KEDGE_OK);
    assert_close(r.depth_mean, (double)most, 1e-15);
    assert_close(r.stay_ns, (double)UINT64_MAX, 1e-15);
    assert_true(r.utilisation == 1 && r.oldest_max_ns == UINT64_MAX);
    assert_int_equal(kedge_metric_check(&m), KEDGE_OK);
    guard_free(m.state);
}

static void test_refuses_and_stays(void **unused)
{
    (void)unused;
    kedge_metric m = backlog(4, 1);
    assert_int_equal(kedge_backlog_done(&m, 1, 0), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_backlog_arrive(&m, 5, 100), KEDGE_OK);
    void *before = guard_copy(m.state, KEDGE_BACKLOG_BYTES_FOR(4));
    assert_int_equal(kedge_backlog_arrive(&m, 1, 99), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_backlog_done(&m, 1, 99), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_backlog_done(&m, 6, 200), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_backlog_arrive(&m, UINT64_MAX, 200), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_metric_merge(&m, &m), KEDGE_ERR_UNSUPPORTED);
    assert_memory_equal(m.state, before, KEDGE_BACKLOG_BYTES_FOR(4));
    guard_free(before);
    guard_free(m.state);
}

/* Every number behind the parameters and offsets gets too great in turn; some may be, such as what was blurred among what came. */
static void test_check_finds_forged(void **unused)
{
    (void)unused;
    kedge_metric m = backlog(4, 1);
    unsigned char *bytes = m.state;
    size_t n_found = 0;
    for (uint64_t t = 1; t < 7; t++) {
        assert_int_equal(kedge_backlog_arrive(&m, 2, t * 100), KEDGE_OK);
        assert_int_equal(kedge_backlog_done(&m, 1, t * 100 + 50), KEDGE_OK);
    }
    assert_int_equal(kedge_metric_check(&m), KEDGE_OK);
    for (size_t at = 56; at < KEDGE_BACKLOG_BYTES_FOR(4); at += 8) {
        const uint64_t bad = (uint64_t)1 << 63;
        uint64_t kept;
        memcpy(&kept, bytes + at, sizeof kept);
        memcpy(bytes + at, &bad, sizeof bad);
        n_found += kedge_metric_check(&m) == KEDGE_ERR_STATE;
        memcpy(bytes + at, &kept, sizeof kept);
    }
    assert_int_equal(n_found, (KEDGE_BACKLOG_BYTES_FOR(4) - 56) / 8 - 1); /* last_ns may be late */
    guard_free(m.state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_random_queues),
        cmocka_unit_test(test_full_ring),
        cmocka_unit_test(test_extremes),
        cmocka_unit_test(test_refuses_and_stays),
        cmocka_unit_test(test_check_finds_forged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
