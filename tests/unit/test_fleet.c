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
} pair;

static _Alignas(8) unsigned char detector_mem[MAX_STREAMS][DETECTOR_BYTES];

static void pair_make(pair *p, const kedge_fleet_config *fleet, const kedge_detector_config *each)
{
    p->n = fleet->n_streams;
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

static void assert_same_alarm(const kedge_fleet *f, uint32_t i, const kedge_detector *d)
{
    kedge_alarm a, b;
    assert_int_equal(kedge_fleet_alarm(f, i, &a), kedge_detector_alarm(d, &b));
    assert_true(a.at == b.at && a.changed_at == b.changed_at);
    assert_same_number(a.mean_before, b.mean_before);
    assert_same_number(a.mean_after, b.mean_after);
    assert_same_number(a.effect, b.effect);
    assert_same_number(a.statistic, b.statistic);
    assert_same_number(a.threshold, b.threshold);
    assert_same_number(a.log_evidence, b.log_evidence);
}

/* One of several ways in which a stream goes: level and spread of its own, changes at times of its own, one in some values missing. */
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
                assert_same_alarm(&p->fleet, i, &p->each[i]);
        }
        if (p->n < MAX_STREAMS)
            assert_int_equal(signals[p->n], 0x77);
        assert_int_equal(st, drifts ? KEDGE_DRIFT : warnings ? KEDGE_WARNING : KEDGE_OK);
        assert_true(news.n_ticks == 1 && news.n_missing == missing && news.n_observed == p->n - missing && news.n_drifts == drifts &&
                    news.n_warnings == warnings && news.refused == p->n);
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
        assert_same_alarm(&p->fleet, i, &p->each[i]);
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

static const struct CMUnitTest fleet_tests[] = {
    cmocka_unit_test(test_page_hinkley),
};

int main(void)
{
    return cmocka_run_group_tests_name("fleet", fleet_tests, NULL, NULL);
}
