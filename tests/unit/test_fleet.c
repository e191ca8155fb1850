/* SPDX-License-Identifier: MIT */
/* Fleets against as many detectors, one for each stream: the naive way, and the same to the last bit. */
#include <math.h>
#include <stdlib.h>

#include "support.h"

enum { MAX_STREAMS = 200, DETECTOR_BYTES = 4096 };

/* One fleet and its detectors. */
typedef struct pair {
    kedge_fleet fleet;
    void *mem;
    size_t bytes;
    kedge_detector each[MAX_STREAMS];
    uint32_t n;
    int dates; /* 1: both date changes alike */
} pair;

static _Alignas(8) unsigned char detector_mem[MAX_STREAMS][DETECTOR_BYTES];

static void pair_make(pair *p, const kedge_fleet_config *fleet, const kedge_detector_config *each)
{
    p->n = fleet->n_streams;
    p->dates = (const void *)fleet->cls != &kedge_fleet_e_detector;
    p->bytes = kedge_fleet_size(fleet);
    assert_true(p->bytes > 0 && p->n <= MAX_STREAMS);
    p->mem = guard_new(p->bytes, 0xA5);
    assert_int_equal(kedge_fleet_init(&p->fleet, fleet, p->mem, p->bytes), KEDGE_OK);
    assert_int_equal(kedge_fleet_streams(&p->fleet), p->n);
    for (uint32_t i = 0; i < p->n; i++)
        assert_int_equal(kedge_detector_init(&p->each[i], each, detector_mem[i], DETECTOR_BYTES), KEDGE_OK);
}

static void assert_same_number(double a, double b)
{
    if (!(a == b || (isnan(a) && isnan(b))))
        fail_msg("%.17g is not %.17g", a, b);
}

static void assert_same_estimate(const kedge_fleet *f, uint32_t i, const kedge_detector *d)
{
    kedge_estimate a, b;
    assert_int_equal(kedge_fleet_estimate(f, i, &a), kedge_detector_estimate(d, &b));
    assert_true(a.n_seen == b.n_seen && a.n_warnings == b.n_warnings && a.n_drifts == b.n_drifts && a.width == b.width);
    assert_same_number(a.mean, b.mean);
    assert_same_number(a.variance, b.variance);
    assert_same_number(a.statistic, b.statistic);
    assert_same_number(a.threshold, b.threshold);
}

static void assert_same_alarm(const kedge_fleet *f, uint32_t i, const kedge_detector *d, int dates)
{
    kedge_alarm a, b;
    assert_int_equal(kedge_fleet_alarm(f, i, &a), kedge_detector_alarm(d, &b));
    assert_true(a.at == b.at && a.changed_at <= a.at);
    if (dates) {
        assert_true(a.changed_at == b.changed_at);
        assert_same_number(a.mean_before, b.mean_before);
        assert_same_number(a.mean_after, b.mean_after);
        assert_same_number(a.effect, b.effect);
    }
    assert_same_number(a.statistic, b.statistic);
    assert_same_number(a.threshold, b.threshold);
    assert_same_number(a.log_evidence, b.log_evidence);
}

/* One of several ways in which a stream goes: level and spread of its own, changes at times of its own, one in some values missing.
 * */
typedef struct world {
    uint64_t seed;
    double jump;     /* size of changes */
    int is_rate;     /* 1: zeros and ones, or rates between */
    uint32_t missing; /* one in so many; 0: none */
} world;

static double world_value(const world *w, kedge_rng *rng, uint32_t stream, size_t tick)
{
    size_t period = 150 + 13 * (size_t)stream;
    double level = (tick / period) % 2 ? w->jump : 0.0;
    if (w->missing && kedge_rng_below(rng, w->missing) == 0)
        return (double)NAN;
    if (!w->is_rate)
        return level * (stream % 2 ? 1.0 : -1.0) + (1.0 + stream % 5) * 0.2 * kedge_rng_normal(rng);
    double rate = stream % 7 == 0 && level == 0.0 ? 0.002 : 0.05 + 0.5 * level;
    double hit = kedge_rng_uniform(rng) < rate;
    return stream % 5 == 4 ? 0.3 * hit + 0.1 * kedge_rng_uniform(rng) : hit;
}

/* Feed both, and compare all that either says. Returns the number of alarms. */
static uint64_t pair_run(pair *p, const world *w, size_t n_ticks)
{
    kedge_rng rng = {w->seed};
    double x[MAX_STREAMS];
    uint8_t signals[MAX_STREAMS];
    uint64_t n_drifts = 0;
    for (size_t tick = 0; tick < n_ticks; tick++) {
        kedge_fleet_news news;
        uint64_t missing = 0, drifts = 0, warnings = 0;
        for (uint32_t i = 0; i < p->n; i++)
            x[i] = world_value(w, &rng, i, tick);
        memset(signals, 0x77, sizeof signals);
        kedge_status st = kedge_fleet_update(&p->fleet, x, p->n, signals, &news);
        for (uint32_t i = 0; i < p->n; i++) {
            kedge_status want = isnan(x[i]) ? KEDGE_OK : kedge_detector_update(&p->each[i], x[i]);
            if (want != signals[i])
                fail_msg("tick %zu, stream %u: %d is not %d", tick, i, signals[i], want);
            missing += x[i] != x[i];
            drifts += want == KEDGE_DRIFT;
            warnings += want == KEDGE_WARNING;
            if (want == KEDGE_DRIFT)
                assert_same_alarm(&p->fleet, i, &p->each[i], p->dates);
        }
        if (p->n < MAX_STREAMS)
            assert_int_equal(signals[p->n], 0x77);
        assert_int_equal(st, drifts ? KEDGE_DRIFT : warnings ? KEDGE_WARNING : KEDGE_OK);
        assert_true(news.n_ticks == 1 && news.n_missing == missing && news.n_observed == p->n - missing &&
                    news.n_drifts == drifts && news.n_warnings == warnings && news.refused == p->n);
        n_drifts += drifts;
        if (tick % 97 == 0 || tick < 3)
            for (uint32_t i = 0; i < p->n; i++)
                assert_same_estimate(&p->fleet, i, &p->each[i]);
        if (tick % 211 == 210) {
            uint32_t one = (uint32_t)kedge_rng_below(&rng, p->n);
            assert_int_equal(kedge_fleet_reset_one(&p->fleet, one), KEDGE_OK);
            assert_int_equal(kedge_detector_reset(&p->each[one]), KEDGE_OK);
        }
    }
    assert_int_equal(kedge_fleet_check(&p->fleet), KEDGE_OK);
    for (uint32_t i = 0; i < p->n; i++) {
        assert_same_estimate(&p->fleet, i, &p->each[i]);
        assert_same_alarm(&p->fleet, i, &p->each[i], p->dates);
    }
    guard_free(p->mem);
    return n_drifts;
}

/* A fleet of every size around the blocks, without and with missing values. */
static void compare(kedge_fleet_config *fleet, const kedge_detector_config *each, double jump, int is_rate)
{
    static const uint32_t sizes[] = {1, 63, 64, 65, 130};
    uint64_t n_drifts = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (uint32_t missing = 0; missing < 12; missing += 4) {
            pair p;
            world w = {i + 10 * missing, jump, is_rate, missing};
            fleet->n_streams = sizes[i];
            pair_make(&p, fleet, each);
            n_drifts += pair_run(&p, &w, sizes[i] == 1 ? 3000 : 700);
        }
    assert_true(n_drifts > 20);
}

static void test_page_hinkley(void **unused)
{
    (void)unused;
    for (uint32_t direction = KEDGE_DIRECTION_BOTH; direction <= KEDGE_DIRECTION_DOWN; direction++)
        for (uint32_t form = KEDGE_PAGE_HINKLEY_EXCURSION; form <= KEDGE_PAGE_HINKLEY_SUM; form++) {
            kedge_fleet_page_hinkley_config c = kedge_fleet_page_hinkley_defaults(1);
            c.each.direction = direction;
            c.each.form = form;
            c.each.threshold = 12.0;
            c.each.delta = 0.1;
            c.each.alpha = form == KEDGE_PAGE_HINKLEY_SUM ? 1.0 : 0.999;
            compare(&c.base, &c.each.base, 1.5, 0);
        }
}

static void test_cusum(void **unused)
{
    (void)unused;
    for (uint32_t direction = KEDGE_DIRECTION_BOTH; direction <= KEDGE_DIRECTION_DOWN; direction++)
        for (uint32_t reference = KEDGE_REFERENCE_LEARNED; reference <= KEDGE_REFERENCE_FIXED; reference++) {
            kedge_fleet_cusum_config c = kedge_fleet_cusum_defaults(1);
            c.each.direction = direction;
            c.each.reference = reference;
            c.each.target = 0.05;
            c.each.threshold = 9.0;
            c.each.delta = 0.25;
            compare(&c.base, &c.each.base, 1.5, 0);
        }
}

static void test_ewma_chart(void **unused)
{
    (void)unused;
    for (uint32_t direction = KEDGE_DIRECTION_BOTH; direction <= KEDGE_DIRECTION_DOWN; direction++)
        for (uint32_t reference = KEDGE_REFERENCE_LEARNED; reference <= KEDGE_REFERENCE_FIXED; reference++) {
            kedge_fleet_ewma_chart_config c = kedge_fleet_ewma_chart_defaults(1);
            c.each.direction = direction;
            c.each.reference = reference;
            c.each.n_learn = 40;
            c.each.sd = 0.7;
            c.each.limit = 4.0;
            compare(&c.base, &c.each.base, 1.5, 0);
        }
}

static void test_ddm(void **unused)
{
    (void)unused;
    for (uint32_t smooth = 0; smooth <= 1; smooth++)
        for (uint32_t start = 1; start <= 30; start += 29) {
            kedge_fleet_ddm_config c = kedge_fleet_ddm_defaults(1);
            c.each.smooth = smooth;
            c.each.warm_start = start;
            c.each.drift_warm_start = start + 10;
            compare(&c.base, &c.each.base, 1.0, 1);
        }
}

static void test_e_detector(void **unused)
{
    (void)unused;
    for (uint32_t direction = KEDGE_DIRECTION_BOTH; direction <= KEDGE_DIRECTION_DOWN; direction++)
        for (uint32_t form = KEDGE_E_SHIRYAEV_ROBERTS; form <= KEDGE_E_CUSUM; form++) {
            kedge_fleet_e_detector_config c = kedge_fleet_e_detector_defaults(1);
            c.each.direction = direction;
            c.each.form = form;
            c.each.low = direction == KEDGE_DIRECTION_BOTH && form == KEDGE_E_CUSUM ? 0.0 : 0.3;
            c.each.high = 0.4;
            c.each.arl = 1e4;
            c.each.bets = direction == KEDGE_DIRECTION_UP ? 5 : 12;
            compare(&c.base, &c.each.base, 1.0, 1);
        }
}

/* Where a jump was, from bounds on one side. */
static void test_e_detector_dates_changes(void **unused)
{
    (void)unused;
    kedge_fleet_e_detector_config c = kedge_fleet_e_detector_defaults(70);
    c.each.low = 0.0;
    c.each.high = 0.2;
    c.each.arl = 1e6;
    size_t bytes = kedge_fleet_size(&c.base);
    void *mem = guard_new(bytes, 0x5C);
    kedge_fleet f;
    kedge_rng rng = {5};
    double x[70];
    uint8_t signals[70];
    uint8_t found[70] = {0};
    int n_alarms = 0;
    double off = 0;
    assert_int_equal(kedge_fleet_init(&f, &c.base, mem, bytes), KEDGE_OK);
    for (int tick = 0; tick < 700; tick++) {
        for (int i = 0; i < 70; i++)
            x[i] = kedge_rng_uniform(&rng) < (tick < 500 ? 0.1 : 0.6);
        assert_true(kedge_fleet_update(&f, x, 70, signals, NULL) >= 0);
        for (uint32_t i = 0; i < 70; i++)
            if (signals[i] == KEDGE_DRIFT && !found[i]) {
                kedge_alarm a;
                found[i] = 1;
                assert_int_equal(kedge_fleet_alarm(&f, i, &a), KEDGE_OK);
                assert_true(tick >= 500 && a.at == (uint64_t)tick && a.changed_at >= 400);
                off += fabs((double)a.changed_at - 500.0);
                assert_true(fabs(a.mean_before - 0.1) < 0.06 && a.mean_after > 0.25 && a.log_evidence >= log(1e6));
                n_alarms++;
            }
    }
    assert_true(n_alarms == 70 && off / n_alarms < 15.0);
    guard_free(mem);
}

/* Ticks at once, in parts, and one by one: the same bytes and signals, and news that add up. */
static void test_many_is_single(void **unused)
{
    (void)unused;
    enum { N = 150, TICKS = 120 };
    static double x[TICKS * N];
    static uint8_t single[TICKS * N], many[TICKS * N];
    world w = {9, 1.0, 1, 7};
    kedge_rng rng = {9};
    for (size_t i = 0; i < TICKS * N; i++)
        x[i] = world_value(&w, &rng, (uint32_t)(i % N), i / N * 3);
    for (const kedge_fleet_class *const *cls = kedge_fleet_classes(); *cls; cls++) {
        union {
            kedge_fleet_config base;
            kedge_fleet_e_detector_config e;
            unsigned char bytes[KEDGE_CONFIG_MAX];
        } cfg;
        (*cls)->base.defaults(&cfg);
        cfg.base.n_streams = N;
        if (*cls == &kedge_fleet_e_detector)
            cfg.e.each.arl = 50.0;
        size_t bytes = kedge_fleet_size(&cfg.base);
        void *a = guard_new(bytes, 1), *b = guard_new(bytes, 2);
        kedge_fleet f, g;
        kedge_fleet_news news, sum = {0, 0, 0, 0, 0, 0};
        assert_int_equal(kedge_fleet_init(&f, &cfg.base, a, bytes), KEDGE_OK);
        assert_int_equal(kedge_fleet_init(&g, &cfg.base, b, bytes), KEDGE_OK);
        for (size_t tick = 0; tick < TICKS; tick++) {
            assert_true(kedge_fleet_update(&f, x + tick * N, N, single + tick * N, &news) >= 0);
            sum.n_observed += news.n_observed;
            sum.n_missing += news.n_missing;
            sum.n_warnings += news.n_warnings;
            sum.n_drifts += news.n_drifts;
        }
        assert_true(kedge_fleet_update_many(&g, x, 50, many, &news) >= 0);
        assert_true(news.n_ticks == 50 && news.refused == 50 * N);
        sum.n_observed -= news.n_observed;
        sum.n_drifts -= news.n_drifts;
        kedge_status st = kedge_fleet_update_many(&g, x + 50 * N, TICKS - 50, many + 50 * N, &news);
        assert_int_equal(st, news.n_drifts ? KEDGE_DRIFT : news.n_warnings ? KEDGE_WARNING : KEDGE_OK);
        assert_true(sum.n_observed == news.n_observed && sum.n_drifts == news.n_drifts);
        assert_memory_equal(single, many, sizeof many);
        assert_memory_equal(a, b, bytes);
        guard_free(b);
        guard_free(a);
    }
}

/* A value that is refused: its tick and those behind it are not applied, those before are. */
static void test_refusals(void **unused)
{
    (void)unused;
    enum { N = 100, TICKS = 10 };
    static double x[TICKS * N];
    static uint8_t signals[TICKS * N];
    kedge_fleet_ddm_config c = kedge_fleet_ddm_defaults(N);
    size_t bytes = kedge_fleet_size(&c.base);
    void *a = guard_new(bytes, 1), *b = guard_new(bytes, 2);
    kedge_fleet f, g;
    kedge_fleet_news news;
    static const double bad[] = {INFINITY, -INFINITY, 1.0000001, -1e-9, 1e300};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        for (size_t at = 0; at < TICKS * N; at += 37) {
            fill_bernoulli(x, TICKS * N, 0.2, at);
            x[3] = (double)NAN;
            x[at] = bad[i];
            memset(signals, 0x55, sizeof signals);
            assert_int_equal(kedge_fleet_init(&f, &c.base, a, bytes), KEDGE_OK);
            assert_int_equal(kedge_fleet_init(&g, &c.base, b, bytes), KEDGE_OK);
            kedge_status st = kedge_fleet_update_many(&f, x, TICKS, signals, &news);
            assert_int_equal(st, i < 2 ? KEDGE_ERR_NOT_FINITE : KEDGE_ERR_RANGE);
            assert_true(news.refused == at && news.n_ticks == at / N && news.n_observed + news.n_missing == at / N * N);
            for (size_t k = 0; k < TICKS * N; k++)
                assert_true((signals[k] == 0x55) == (k >= at / N * N));
            assert_true(kedge_fleet_update_many(&g, x, at / N, signals, NULL) >= 0);
            assert_memory_equal(a, b, bytes);
            assert_int_equal(kedge_fleet_update(&f, x + at / N * N, N, signals, &news), st);
            assert_true(news.refused == at % N && news.n_ticks == 0);
            assert_memory_equal(a, b, bytes);
        }
    assert_int_equal(kedge_fleet_update(&f, x, N - 1, signals, &news), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_fleet_update(&f, x, N + 1, signals, &news), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_fleet_update_many(&f, x, SIZE_MAX, signals, &news), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_fleet_update_many(&f, NULL, 0, NULL, &news), KEDGE_OK);
    assert_true(news.n_ticks == 0 && news.refused == 0);
    guard_free(b);
    guard_free(a);
}

/* A value that is missing leaves its stream's bytes alone; a tick without any value leaves all but the count of ticks. */
static void test_missing_changes_nothing(void **unused)
{
    (void)unused;
    enum { N = 70 };
    kedge_fleet_page_hinkley_config c = kedge_fleet_page_hinkley_defaults(N);
    size_t bytes = kedge_fleet_size(&c.base);
    unsigned char *mem = guard_new(bytes, 1);
    kedge_fleet f;
    double x[N];
    uint8_t signals[N];
    assert_int_equal(kedge_fleet_init(&f, &c.base, mem, bytes), KEDGE_OK);
    fill_normal(x, N, 0, 1, 3);
    assert_int_equal(kedge_fleet_update(&f, x, N, signals, NULL), KEDGE_OK);
    unsigned char *before = guard_copy(mem, bytes);
    for (size_t i = 0; i < N; i++)
        x[i] = (double)NAN;
    assert_int_equal(kedge_fleet_update(&f, x, N, signals, NULL), KEDGE_OK);
    size_t n_changed = 0;
    for (size_t i = 0; i < bytes; i++)
        n_changed += mem[i] != before[i];
    assert_int_equal(n_changed, 1);
    guard_free(before);
    guard_free(mem);
}

static void test_pick(void **unused)
{
    (void)unused;
    uint8_t signals[300];
    uint32_t streams[300];
    size_t n;
    memset(signals, 0, sizeof signals);
    assert_int_equal(kedge_fleet_pick(signals, 300, KEDGE_DRIFT, streams, 300, &n), KEDGE_OK);
    assert_int_equal(n, 0);
    signals[0] = signals[299] = signals[100] = KEDGE_DRIFT;
    signals[7] = KEDGE_WARNING;
    assert_int_equal(kedge_fleet_pick(signals, 300, KEDGE_DRIFT, streams, 300, &n), KEDGE_OK);
    assert_true(n == 3 && streams[0] == 0 && streams[1] == 100 && streams[2] == 299);
    streams[2] = 7777;
    assert_int_equal(kedge_fleet_pick(signals, 300, KEDGE_DRIFT, streams, 2, &n), KEDGE_MORE);
    assert_true(n == 3 && streams[2] == 7777);
    assert_int_equal(kedge_fleet_pick(signals, 300, KEDGE_WARNING, NULL, 0, &n), KEDGE_MORE);
    assert_int_equal(n, 1);
    assert_int_equal(kedge_fleet_pick(NULL, 0, KEDGE_WARNING, NULL, 0, &n), KEDGE_OK);
    assert_int_equal(kedge_fleet_pick(NULL, 1, KEDGE_WARNING, streams, 1, &n), KEDGE_ERR_NULL);
    assert_int_equal(kedge_fleet_pick(signals, 1, KEDGE_WARNING, NULL, 1, &n), KEDGE_ERR_NULL);
    assert_int_equal(kedge_fleet_pick(signals, 1, KEDGE_WARNING, streams, 1, NULL), KEDGE_ERR_NULL);
}

/* Static sizes are those of the configurations; a million streams fit, four billion do not. */
static void test_sizes(void **unused)
{
    (void)unused;
    static const uint32_t sizes[] = {1, 64, 65, 1000, 1000000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        uint32_t n = sizes[i];
        kedge_fleet_page_hinkley_config ph = kedge_fleet_page_hinkley_defaults(n);
        kedge_fleet_cusum_config cusum = kedge_fleet_cusum_defaults(n);
        kedge_fleet_ddm_config ddm = kedge_fleet_ddm_defaults(n);
        kedge_fleet_ewma_chart_config ewma = kedge_fleet_ewma_chart_defaults(n);
        kedge_fleet_e_detector_config e = kedge_fleet_e_detector_defaults(n);
        assert_int_equal(kedge_fleet_size(&ph.base), KEDGE_FLEET_PAGE_HINKLEY_BYTES_FOR(n, 2));
        assert_int_equal(kedge_fleet_size(&cusum.base), KEDGE_FLEET_CUSUM_BYTES_FOR(n, 2));
        assert_int_equal(kedge_fleet_size(&ddm.base), KEDGE_FLEET_DDM_BYTES_FOR(n));
        assert_int_equal(kedge_fleet_size(&ewma.base), KEDGE_FLEET_EWMA_CHART_BYTES_FOR(n));
        assert_int_equal(kedge_fleet_size(&e.base), KEDGE_FLEET_E_DETECTOR_BYTES_FOR(n, 1, 12)); /* nothing falls below 0 */
        e.each.low = 0.1;
        assert_int_equal(kedge_fleet_size(&e.base), KEDGE_FLEET_E_DETECTOR_BYTES_FOR(n, 2, 12));
        ph.each.direction = cusum.each.direction = e.each.direction = KEDGE_DIRECTION_DOWN;
        assert_int_equal(kedge_fleet_size(&ph.base), KEDGE_FLEET_PAGE_HINKLEY_BYTES_FOR(n, 1));
        assert_int_equal(kedge_fleet_size(&cusum.base), KEDGE_FLEET_CUSUM_BYTES_FOR(n, 1));
        assert_int_equal(kedge_fleet_size(&e.base), KEDGE_FLEET_E_DETECTOR_BYTES_FOR(n, 1, 12));
        ph.base.n_streams = UINT32_MAX;
        assert_int_equal(kedge_fleet_size(&ph.base), 0);
        ph.base.n_streams = 1u << 29;
        assert_int_equal(kedge_fleet_size(&ph.base), 0);
    }
}

static const struct CMUnitTest fleet_tests[] = {
    cmocka_unit_test(test_cusum),
    cmocka_unit_test(test_ddm),
    cmocka_unit_test(test_e_detector),
    cmocka_unit_test(test_e_detector_dates_changes),
    cmocka_unit_test(test_ewma_chart),
    cmocka_unit_test(test_many_is_single),
    cmocka_unit_test(test_missing_changes_nothing),
    cmocka_unit_test(test_page_hinkley),
    cmocka_unit_test(test_pick),
    cmocka_unit_test(test_refusals),
    cmocka_unit_test(test_sizes),
};

int main(void)
{
    return cmocka_run_group_tests_name("fleet", fleet_tests, NULL, NULL);
}
