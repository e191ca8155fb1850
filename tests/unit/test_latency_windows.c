/* SPDX-License-Identifier: MIT */
/* Latencies over windows of time, and states that are forged. */
#include <fenv.h>
#include <math.h>

#include "latencies.h"

#include "metrics/latency_state.h"

static subject window(uint64_t window_ns, uint32_t n_slots, uint32_t digits)
{
    kedge_latency_config cfg = kedge_latency_defaults();
    subject s = {{NULL, NULL}, 0};
    cfg.highest = 5000;
    cfg.digits = digits;
    cfg.over = KEDGE_OVER_WINDOW;
    cfg.window_ns = window_ns;
    cfg.n_slots = n_slots;
    s.bytes = kedge_metric_size(&cfg.base);
    assert_true(s.bytes > 0);
    assert_int_equal(kedge_metric_init(&s.m, &cfg.base, guard_new(s.bytes, 0xA5), s.bytes), KEDGE_OK);
    return s;
}

static void assert_same_report(const kedge_latency_report *a, const kedge_latency_report *b)
{
    assert_true(a->n == b->n && a->n_above == b->n_above && a->n_below == b->n_below && a->min == b->min && a->max == b->max);
    assert_true(a->p50 == b->p50 && a->p90 == b->p90 && a->p99 == b->p99 && a->p999 == b->p999 && a->p9999 == b->p9999);
    assert_true(a->n == 0 ? isnan(a->mean) && isnan(a->deviation) : a->mean == b->mean && a->deviation == b->deviation);
}

/* A program of random records and steps in time, against a histogram that is filled anew from the list of what is in the window. */
static void run_window(uint64_t window_ns, uint32_t n_slots, uint64_t start, uint64_t seed)
{
    enum { STEPS = 400 };
    static uint64_t slot_of[STEPS];
    kedge_rng rng = {seed};
    subject s = window(window_ns, n_slots, 2);
    uint64_t slot_ns = window_ns / n_slots + (window_ns % n_slots != 0), now = start;
    size_t n = 0;
    for (size_t step = 0; step < STEPS; step++) {
        uint64_t gap = kedge_rng_below(&rng, 10) == 0 ? kedge_rng_below(&rng, 2 * window_ns) : kedge_rng_below(&rng, slot_ns + 1);
        if (step > 3) { /* the first values come before any time */
            now += step % 3 == 0 && gap <= UINT64_MAX - now ? gap : 0;
            assert_int_equal(kedge_latency_advance(&s.m, now), KEDGE_OK);
        }
        values[n] = kedge_rng_next(&rng) >> (50 + kedge_rng_below(&rng, 14));
        slot_of[n++] = now / slot_ns;
        assert_int_equal(kedge_latency_record(&s.m, values[n - 1]), KEDGE_OK);
        if (step % 7 > 0)
            continue;
        subject covered = latency(5000, 2), all = latency(5000, 2);
        kedge_latency_report want, have;
        for (size_t i = 0; i < n; i++)
            if (slot_of[i] + n_slots > now / slot_ns)
                assert_int_equal(kedge_latency_record(&covered.m, values[i]), KEDGE_OK);
        assert_int_equal(kedge_latency_record_many(&all.m, values, n), KEDGE_OK);
        assert_int_equal(kedge_metric_check(&s.m), KEDGE_OK);
        feclearexcept(FE_ALL_EXCEPT);
        assert_int_equal(kedge_latency_read(&s.m, &have), kedge_latency_read(&covered.m, &want));
        uint64_t covered_n = want.n;
        assert_same_report(&have, &want);
        assert_true(quantile(&s.m, 0.37) == quantile(&covered.m, 0.37));
        assert_int_equal(kedge_latency_read_life(&s.m, &have), kedge_latency_read(&all.m, &want));
        assert_same_report(&have, &want);
        assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
        assert_int_equal(kedge_latency_copy(&s.m, 0, &all.m), KEDGE_OK);
        assert_int_equal(kedge_latency_read(&all.m, &have), KEDGE_OK);
        assert_true(have.n == n + covered_n);
        guard_free(covered.m.state);
        guard_free(all.m.state);
    }
    assert_int_equal(kedge_metric_reset(&s.m), KEDGE_OK);
    subject fresh = window(window_ns, n_slots, 2);
    assert_memory_equal(fresh.m.state, s.m.state, s.bytes);
    guard_free(fresh.m.state);
    guard_free(s.m.state);
}

static void test_windows(void **unused)
{
    (void)unused;
    static const uint32_t slots[] = {1, 2, 3, 10, 60};
    for (size_t i = 0; i < sizeof slots / sizeof *slots; i++) {
        run_window(slots[i] * 1000, slots[i], 0, i);
        run_window(1003, slots[i], 12345, i + 100);
        run_window(1003, slots[i], UINT64_MAX - 5000, i + 200); /* until the end of time */
    }
}

static void test_window_refuses(void **unused)
{
    (void)unused;
    subject s = window(1000, 10, 1), twin = window(1000, 10, 1), plain = latency(5000, 1);
    assert_int_equal(kedge_latency_advance(&s.m, 500), KEDGE_OK);
    void *before = guard_copy(s.m.state, s.bytes);
    assert_int_equal(kedge_latency_advance(&s.m, 499), KEDGE_ERR_RANGE);
    assert_memory_equal(s.m.state, before, s.bytes);
    assert_int_equal(kedge_metric_merge(&s.m, &twin.m), KEDGE_ERR_UNSUPPORTED);
    void *untouched = guard_copy(plain.m.state, plain.bytes);
    assert_int_equal(kedge_latency_advance(&plain.m, 5), KEDGE_OK); /* without a window time is nothing */
    assert_memory_equal(plain.m.state, untouched, plain.bytes);
    guard_free(untouched);
    guard_free(before);
    guard_free(s.m.state);
    guard_free(twin.m.state);
    guard_free(plain.m.state);
}

/* A struct of the first release, without lowest and window, still is a configuration. */
static void test_an_old_caller(void **unused)
{
    (void)unused;
    kedge_latency_config cfg;
    memset(&cfg, 0xEE, sizeof cfg);
    assert_int_equal(kedge_latency_config_init(&cfg, offsetof(kedge_latency_config, lowest)), KEDGE_OK);
    cfg.digits = 3;
    subject want = latency(cfg.highest, 3);
    assert_int_equal(kedge_metric_size(&cfg.base), want.bytes);
    guard_free(want.m.state);
}

/* Every number of the state replaced in turn, by any of these. */
static void test_check_finds_forged(void **unused)
{
    (void)unused;
    const uint64_t bad[] = {UINT64_MAX - 1, 0x7FF8000000000000u, (uint64_t)1 << 63, (uint64_t)1 << 40, 3};
    subject s = latency(100000, 2);
    latency_state *state = s.m.state;
    uint64_t *counts = kedge_i_latency_counts(state, 0);
    uint64_t *places[] = {&state->n, &state->now.n, &state->now.min, &state->now.max, &state->now.sum_high, &state->now.sum_low,
                          &counts[5], &counts[6], &counts[state->scale.n - 1]};
    assert_int_equal(kedge_latency_record(&s.m, 5), KEDGE_OK);
    assert_int_equal(kedge_latency_record(&s.m, 90), KEDGE_OK);
    assert_int_equal(kedge_metric_check(&s.m), KEDGE_OK);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
            uint64_t kept = *places[i];
            *places[i] = bad[k];
            assert_int_equal(kedge_metric_check(&s.m), KEDGE_ERR_STATE);
            *places[i] = kept;
        }
    assert_int_equal(kedge_metric_check(&s.m), KEDGE_OK);
    guard_free(s.m.state);
}

/* Likewise of a window: each slot, what has ended, place and time. */
static void test_check_finds_forged_windows(void **unused)
{
    (void)unused;
    subject s = window(1000, 4, 1);
    latency_state *state = s.m.state;
    for (uint64_t t = 0; t < 2000; t += 100) {
        assert_int_equal(kedge_latency_advance(&s.m, t), KEDGE_OK);
        assert_int_equal(kedge_latency_record(&s.m, 5 + t), KEDGE_OK);
    }
    assert_int_equal(kedge_metric_check(&s.m), KEDGE_OK);
    uint64_t *numbers = kedge_i_at(state, state->at_counts);
    for (uint32_t i = 0; i < state->n_counts + state->n_tallies; i++) {
        uint64_t *at = i < state->n_counts ? &numbers[i] : (uint64_t *)kedge_i_at(state, state->at_tallies) + (i - state->n_counts);
        uint64_t kept = *at;
        *at += (uint64_t)1 << 61;
        assert_int_equal(kedge_metric_check(&s.m), KEDGE_ERR_STATE);
        *at = kept;
    }
    state->place = 4;
    assert_int_equal(kedge_metric_check(&s.m), KEDGE_ERR_STATE);
    guard_free(s.m.state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_windows),
        cmocka_unit_test(test_window_refuses),
        cmocka_unit_test(test_an_old_caller),
        cmocka_unit_test(test_check_finds_forged),
        cmocka_unit_test(test_check_finds_forged_windows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
