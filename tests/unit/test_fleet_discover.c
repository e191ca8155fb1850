/* SPDX-License-Identifier: MIT */
/* e-BH against the definition by sorting; the false discovery rate of fleets that were simulated, and what is found in them. */
#include <math.h>
#include <stdlib.h>

#include "support.h"

enum { MAX_N = 300, STREAMS = 120 };

static int descending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

/* Wang, Ramdas 2022, section 3, as written: how many are rejected. *edge: some e-value is so near to its bar that rounding
 * decides. */
static size_t naive_e_bh(const double *log_e, size_t n, double alpha, int *edge)
{
    double sorted[MAX_N];
    size_t largest = 0;
    *edge = 0;
    memcpy(sorted, log_e, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, descending);
    for (size_t k = 1; k <= n; k++) {
        double over = sorted[k - 1] - (log((double)n / alpha) - log((double)k));
        *edge |= fabs(over) < 1e-9;
        largest = over >= 0 ? k : largest;
    }
    return largest;
}

static void test_e_bh_equals_definition(void **unused)
{
    (void)unused;
    kedge_rng rng = {11};
    size_t n_compared = 0, n_rejected = 0;
    for (int round = 0; round < 3000; round++) {
        double log_e[MAX_N], least = INFINITY;
        uint32_t work[MAX_N];
        uint8_t discovered[MAX_N];
        size_t n = 1 + kedge_rng_below(&rng, round % 2 ? 12 : MAX_N), found = 999, marked = 0;
        double alpha = round % 3 == 0 ? 1.0 : 0.001 + 0.5 * kedge_rng_uniform(&rng);
        for (size_t i = 0; i < n; i++) {
            log_e[i] = (kedge_rng_below(&rng, 3) ? 0.0 : 8.0) + 3.0 * kedge_rng_normal(&rng);
            if (kedge_rng_below(&rng, 10) == 0)
                log_e[i] = kedge_rng_below(&rng, 4) ? -(double)INFINITY : (double)INFINITY;
            if (i > 0 && kedge_rng_below(&rng, 5) == 0)
                log_e[i] = log_e[i - 1];
        }
        int edge;
        size_t want = naive_e_bh(log_e, n, alpha, &edge);
        memset(work, 0x5C, sizeof work);
        kedge_status st = kedge_e_bh(log_e, n, alpha, work, discovered, &found);
        assert_int_equal(st, found ? KEDGE_DRIFT : KEDGE_OK);
        for (size_t i = 0; i < n; i++) {
            marked += discovered[i];
            if (discovered[i])
                least = fmin(least, log_e[i]);
        }
        assert_int_equal(marked, found);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(discovered[i], log_e[i] >= least); /* the greatest, and ties together */
        if (edge)
            continue;
        assert_int_equal(found, want);
        n_compared++;
        n_rejected += found;
    }
    assert_true(n_compared > 2900 && n_rejected > 10000);
}

static void test_e_bh_edges(void **unused)
{
    (void)unused;
    double log_e[3] = {log(100.0), log(59.0), log(30.0)};
    uint32_t work[3];
    uint8_t discovered[3] = {7, 7, 7};
    size_t found = 5;
    assert_int_equal(kedge_e_bh(log_e, 3, 0.05, work, discovered, &found), KEDGE_DRIFT); /* bars 60, 30, 20 */
    assert_true(found == 3 && discovered[0] == 1 && discovered[1] == 1 && discovered[2] == 1);
    log_e[2] = log(19.0);
    assert_int_equal(kedge_e_bh(log_e, 3, 0.05, work, discovered, &found), KEDGE_DRIFT);
    assert_true(found == 2 && discovered[2] == 0);
    log_e[0] = log_e[1] = log(29.0);
    assert_int_equal(kedge_e_bh(log_e, 3, 0.05, work, discovered, &found), KEDGE_OK);
    assert_true(found == 0 && discovered[0] == 0);
    assert_int_equal(kedge_e_bh(NULL, 0, 0.05, NULL, NULL, &found), KEDGE_OK);
    assert_int_equal(found, 0);
    found = 5;
    memset(discovered, 7, sizeof discovered);
    assert_int_equal(kedge_e_bh(log_e, 3, 0.0, work, discovered, &found), KEDGE_ERR_CONFIG);
    assert_int_equal(kedge_e_bh(log_e, 3, 1.1, work, discovered, &found), KEDGE_ERR_CONFIG);
    assert_int_equal(kedge_e_bh(log_e, 3, (double)NAN, work, discovered, &found), KEDGE_ERR_CONFIG);
    assert_int_equal(kedge_e_bh(NULL, 3, 0.1, work, discovered, &found), KEDGE_ERR_NULL);
    assert_int_equal(kedge_e_bh(log_e, 3, 0.1, NULL, discovered, &found), KEDGE_ERR_NULL);
    assert_int_equal(kedge_e_bh(log_e, 3, 0.1, work, NULL, &found), KEDGE_ERR_NULL);
    assert_int_equal(kedge_e_bh(log_e, 3, 0.1, work, discovered, NULL), KEDGE_ERR_NULL);
    log_e[1] = (double)NAN;
    assert_int_equal(kedge_e_bh(log_e, 3, 0.1, work, discovered, &found), KEDGE_ERR_NOT_FINITE);
    assert_true(found == 5 && discovered[0] == 7);
}

/* A fleet whose first n_changed streams go from a mean of 0.2, the bound, to 0.5 at tick 150. shared: all streams move together. */
typedef struct trial {
    kedge_fleet fleet;
    void *mem;
    kedge_rng rng;
    size_t n_changed;
    int shared;
} trial;

static void trial_make(trial *t, size_t n_changed, int shared, uint64_t seed)
{
    kedge_fleet_e_detector_config c = kedge_fleet_e_detector_defaults(STREAMS);
    c.each.high = 0.2;
    c.each.direction = KEDGE_DIRECTION_UP;
    c.keep_evidence = 1;
    c.each.bets = 6;
    size_t bytes = kedge_fleet_size(&c.base);
    t->mem = guard_new(bytes, 0);
    t->rng.state = seed;
    t->n_changed = n_changed;
    t->shared = shared;
    assert_int_equal(kedge_fleet_init(&t->fleet, &c.base, t->mem, bytes), KEDGE_OK);
}

static void trial_tick(trial *t, size_t tick)
{
    double x[STREAMS], u = kedge_rng_uniform(&t->rng);
    uint8_t signals[STREAMS];
    for (size_t i = 0; i < STREAMS; i++) {
        u = t->shared ? u : kedge_rng_uniform(&t->rng);
        x[i] = u < (i < t->n_changed && tick >= 150 ? 0.5 : 0.2);
    }
    assert_int_equal(kedge_fleet_update(&t->fleet, x, STREAMS, signals, NULL), KEDGE_OK);
}

/* Discover now. Returns how many were found; adds the share of false ones among them, and of changed streams that are among
 * them. */
static size_t trial_discover(const trial *t, double alpha, uint64_t horizon, double *false_share, double *power)
{
    uint32_t work[STREAMS];
    uint8_t discovered[STREAMS];
    size_t found, n_true = 0;
    assert_true(kedge_fleet_discover(&t->fleet, alpha, horizon, work, discovered, &found) >= 0);
    for (size_t i = 0; i < t->n_changed; i++)
        n_true += discovered[i];
    if (found > 0)
        *false_share += (double)(found - n_true) / (double)found;
    if (t->n_changed > 0)
        *power += (double)n_true / (double)t->n_changed;
    return found;
}

/* At a fixed tick, independent and not. Nine changed streams in ten are found at a rate of a tenth. */
static void test_false_discovery_rate_at_a_fixed_time(void **unused)
{
    (void)unused;
    enum { ROUNDS = 40 };
    for (int shared = 0; shared <= 1; shared++) {
        double false_share = 0, power = 0;
        for (uint64_t round = 0; round < ROUNDS; round++) {
            trial t;
            trial_make(&t, 30, shared, round + 100);
            for (size_t tick = 0; tick < 350; tick++)
                trial_tick(&t, tick);
            trial_discover(&t, 0.1, 0, &false_share, &power);
            guard_free(t.mem);
        }
        assert_true(false_share / ROUNDS <= 0.1 + 3.0 * sqrt(0.1 * 0.9 / ROUNDS));
        assert_true(power / ROUNDS > 0.9);
    }
}

/* Nothing changes, and we stop where it looks worst: with a horizon the chance of any discovery is at most the rate. */
static void test_false_discovery_rate_at_any_time(void **unused)
{
    (void)unused;
    enum { ROUNDS = 60, HORIZON = 200 };
    for (int shared = 0; shared <= 1; shared++) {
        int n_false = 0;
        for (uint64_t round = 0; round < ROUNDS; round++) {
            trial t;
            double false_share = 0, power = 0;
            trial_make(&t, 0, shared, round + 900);
            for (size_t tick = 0; tick < HORIZON && false_share == 0; tick++) {
                trial_tick(&t, tick);
                trial_discover(&t, 0.3, HORIZON, &false_share, &power);
            }
            n_false += false_share > 0;
            guard_free(t.mem);
        }
        assert_true(n_false <= ROUNDS * 0.3 + 3.0 * sqrt(ROUNDS * 0.3 * 0.7));
    }
}

/* The e-values are the sum of the detector's over the number of observations or the horizon, and their mean is at most 1. */
static void test_evidence(void **unused)
{
    (void)unused;
    enum { ROUNDS = 30 };
    double log_e[STREAMS], sum = 0, sum_squares = 0;
    trial t;
    trial_make(&t, 10, 0, 77);
    assert_int_equal(kedge_fleet_log_evidence(&t.fleet, 0, log_e, STREAMS), KEDGE_OK);
    for (size_t i = 0; i < STREAMS; i++)
        assert_true(log_e[i] == 0.0);
    for (size_t tick = 0; tick < 60; tick++)
        trial_tick(&t, tick);
    for (uint64_t horizon = 0; horizon <= 100; horizon += 20) {
        assert_int_equal(kedge_fleet_log_evidence(&t.fleet, horizon, log_e, STREAMS), KEDGE_OK);
        for (uint32_t i = 0; i < STREAMS; i++) {
            kedge_estimate e;
            assert_int_equal(kedge_fleet_estimate(&t.fleet, i, &e), KEDGE_OK);
            if (horizon > 0 && horizon < 60)
                assert_true(log_e[i] == -(double)INFINITY);
            else
                assert_close(log_e[i], log(e.statistic / (horizon ? (double)horizon : 60.0)), 1e-12);
        }
    }
    assert_int_equal(kedge_fleet_log_evidence(&t.fleet, 0, log_e, STREAMS - 1), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_fleet_log_evidence(&t.fleet, 0, NULL, STREAMS), KEDGE_ERR_NULL);
    guard_free(t.mem);
    for (uint64_t round = 0; round < ROUNDS; round++) {
        trial_make(&t, 0, 0, round);
        for (size_t tick = 0; tick < 100; tick++)
            trial_tick(&t, tick);
        assert_int_equal(kedge_fleet_log_evidence(&t.fleet, 0, log_e, STREAMS), KEDGE_OK);
        for (size_t i = 0; i < STREAMS; i++) {
            sum += exp(log_e[i]);
            sum_squares += exp(2 * log_e[i]);
        }
        guard_free(t.mem);
    }
    double n = (double)ROUNDS * STREAMS, mean = sum / n;
    assert_true(mean <= 1.0 + 4.0 * sqrt(sum_squares / n / n) && mean > 0.5);
}

/* Evidence that is kept grows to a bound and stays there, finite, and no stream alarms. */
static void test_kept_evidence_is_bounded(void **unused)
{
    (void)unused;
    kedge_fleet_e_detector_config c = kedge_fleet_e_detector_defaults(2);
    c.keep_evidence = 1;
    c.each.high = 0.01;
    size_t bytes = kedge_fleet_size(&c.base);
    void *mem = guard_new(bytes, 0);
    kedge_fleet f;
    double x[2] = {1.0, 0.0}, log_e[2];
    uint8_t signals[2];
    kedge_estimate e;
    assert_int_equal(kedge_fleet_init(&f, &c.base, mem, bytes), KEDGE_OK);
    for (int tick = 0; tick < 3000; tick++)
        assert_int_equal(kedge_fleet_update(&f, x, 2, signals, NULL), KEDGE_OK);
    assert_int_equal(kedge_fleet_check(&f), KEDGE_OK);
    assert_int_equal(kedge_fleet_log_evidence(&f, 0, log_e, 2), KEDGE_OK);
    assert_true(log_e[0] > 440.0 && isfinite(log_e[0]) && log_e[1] < 0.1);
    assert_int_equal(kedge_fleet_estimate(&f, 0, &e), KEDGE_OK);
    assert_true(isinf(e.threshold) && e.n_drifts == 0);
    assert_int_equal(kedge_fleet_reset_one(&f, 0), KEDGE_OK);
    assert_int_equal(kedge_fleet_log_evidence(&f, 0, log_e, 2), KEDGE_OK);
    assert_true(log_e[0] == 0.0);
    guard_free(mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_e_bh_edges),
        cmocka_unit_test(test_e_bh_equals_definition),
        cmocka_unit_test(test_evidence),
        cmocka_unit_test(test_false_discovery_rate_at_a_fixed_time),
        cmocka_unit_test(test_false_discovery_rate_at_any_time),
        cmocka_unit_test(test_kept_evidence_is_bounded),
    };
    return cmocka_run_group_tests_name("false discoveries", tests, NULL, NULL);
}
