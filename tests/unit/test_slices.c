/* SPDX-License-Identifier: MIT */
/* Slices against a plain list of all of them, statsmodels' intervals, and what a full table promises. */
#include <math.h>
#include <stdlib.h>

#include "support.h"

enum { N_CODES = 60 };

/* The naive reference: every slice, however many. */
typedef struct tally {
    uint64_t n[N_CODES], wrong[N_CODES];
    uint64_t n_all, wrong_all;
} tally;

static kedge_metric slices_of(uint32_t max_slices)
{
    kedge_slices_config cfg = kedge_slices_defaults();
    kedge_metric m = {NULL, NULL};
    cfg.max_slices = max_slices;
    size_t bytes = kedge_metric_size(&cfg.base);
    assert_int_equal(bytes, KEDGE_SLICES_BYTES_FOR(max_slices));
    assert_int_equal(kedge_metric_init(&m, &cfg.base, guard_new(bytes, 0xA5), bytes), KEDGE_OK);
    return m;
}

/* A number that is far from the code, so that order in the table is not order of coming. */
static uint64_t name_of(uint64_t code)
{
    return code * 0x9E3779B97F4A7C15u;
}

static void feed(kedge_metric *m, tally *t, uint64_t code, int wrong)
{
    assert_int_equal(kedge_slices_record(m, name_of(code), wrong), KEDGE_OK);
    t->n[code]++;
    t->wrong[code] += wrong != 0;
    t->n_all++;
    t->wrong_all += wrong != 0;
}

static void record_times(kedge_metric *m, uint64_t slice, int n_wrong, int n)
{
    for (int i = 0; i < n; i++)
        assert_int_equal(kedge_slices_record(m, slice, i < n_wrong), KEDGE_OK);
}

/* statsmodels 0.15.0: proportion_confint(method='wilson') of all, (method='beta', alpha=0.05 / 3) of slices, square-and-add in
 * NumPy. */
static void test_equals_statsmodels(void **unused)
{
    (void)unused;
    kedge_metric m = slices_of(8);
    kedge_slices_report r;
    kedge_slice s[9];
    size_t n = 0;
    record_times(&m, 5, 12, 40);
    record_times(&m, UINT64_MAX, 30, 300);
    record_times(&m, 0, 0, 5);
    assert_int_equal(kedge_slices_read(&m, &r), KEDGE_OK);
    assert_true(r.n == 345 && r.n_wrong == 42 && r.n_slices == 3 && r.n_other == 0 && r.n_evicted == 0);
    assert_close(r.low, 0.09133947691335875, 1e-13);
    assert_close(r.high, 0.1604696375125873, 1e-13);
    assert_int_equal(kedge_slices_worst(&m, s, 9, &n), KEDGE_OK);
    assert_int_equal(n, 3);
    const struct {
        uint64_t slice, n, n_wrong;
        double low, high, excess_low, excess_high;
    } golden[] = {
        {5, 40, 12, 0.14318224551872738, 0.4998638106868828, 0.03759826839691319, 0.4048452555048925},
        {0, 5, 0, 0.0, 0.6161480503626224, -0.17241243666544007, 0.49387212936310476},
        {UINT64_MAX, 300, 30, 0.06270456631650781, 0.1488771674410037, -0.3558026382452133, -0.017803873882944243},
    };
    for (size_t i = 0; i < 3; i++) {
        assert_true(s[i].slice == golden[i].slice && s[i].n == golden[i].n && s[i].n_wrong == golden[i].n_wrong);
        assert_true(s[i].n_missed == 0);
        assert_close(s[i].low, golden[i].low, 1e-12);
        assert_close(s[i].high, golden[i].high, 1e-12);
        assert_close(s[i].excess_low, golden[i].excess_low, 1e-12);
        assert_close(s[i].excess_high, golden[i].excess_high, 1e-12);
        assert_close(s[i].rest, (double)(42 - s[i].n_wrong) / (double)(345 - s[i].n), 1e-15);
    }
    guard_free(m.state);
}

/* While there is room everything is exact, in every order of coming. */
static void test_exact_while_there_is_room(void **unused)
{
    (void)unused;
    for (uint64_t seed = 1; seed < 6; seed++) {
        kedge_rng rng = {seed};
        kedge_metric m = slices_of(N_CODES);
        kedge_slices_report r;
        kedge_slice worst[N_CODES], one;
        tally t = {{0}, {0}, 0, 0};
        size_t n = 0;
        for (int i = 0; i < 3000; i++) {
            uint64_t code = kedge_rng_below(&rng, 1 + kedge_rng_below(&rng, N_CODES));
            feed(&m, &t, code, kedge_rng_below(&rng, 20) < 1 + code % 7);
        }
        assert_int_equal(kedge_metric_check(&m), KEDGE_OK);
        assert_int_equal(kedge_slices_read(&m, &r), KEDGE_OK);
        assert_true(r.n == t.n_all && r.n_wrong == t.wrong_all && r.n_other == 0 && r.n_evicted == 0);
        for (uint64_t code = 0; code < N_CODES; code++) {
            kedge_status st = kedge_slices_find(&m, name_of(code), &one);
            assert_int_equal(st, t.n[code] > 0 ? KEDGE_OK : KEDGE_EMPTY);
            assert_true(one.n == t.n[code] && one.n_wrong == t.wrong[code] && one.n_missed == 0 && one.slice == name_of(code));
            if (st == KEDGE_OK) {
                double rest = (double)(t.wrong_all - one.n_wrong) / (double)(t.n_all - one.n);
                assert_close(one.excess, (double)one.n_wrong / (double)one.n - rest, 1e-14);
                assert_true(one.low <= one.error_rate && one.error_rate <= one.high);
                assert_true(one.excess_low <= one.excess && one.excess <= one.excess_high);
            } else {
                assert_true(isnan(one.error_rate) && isnan(one.excess_low));
            }
        }
        assert_int_equal(kedge_slices_worst(&m, worst, N_CODES, &n), KEDGE_OK);
        assert_int_equal(n, r.n_slices);
        for (size_t i = 1; i < n; i++)
            assert_true(worst[i].excess_low <= worst[i - 1].excess_low);
        for (size_t cap = 0; cap < 9; cap++) { /* a shorter list begins alike */
            kedge_slice few[9];
            size_t n_few = 99;
            assert_int_equal(kedge_slices_worst(&m, few, cap, &n_few), KEDGE_OK);
            assert_int_equal(n_few, cap);
            assert_memory_equal(few, worst, cap * sizeof *few);
        }
        guard_free(m.state);
    }
}

/* What is told of a table with a tail of slices behind it is true. */
static void assert_promises(const kedge_metric *m, const tally *t, uint32_t max_slices)
{
    kedge_slices_report r;
    uint64_t n_told = 0, wrong_told = 0;
    assert_int_equal(kedge_metric_check(m), KEDGE_OK);
    assert_int_equal(kedge_slices_read(m, &r), KEDGE_OK);
    for (uint64_t code = 0; code < N_CODES; code++) {
        kedge_slice one;
        kedge_status st = kedge_slices_find(m, name_of(code), &one);
        assert_true(one.n <= t->n[code] && t->n[code] <= one.n + one.n_missed && one.n_wrong <= t->wrong[code]);
        if (t->n[code] * max_slices > t->n_all)
            assert_int_equal(st, KEDGE_OK);
        n_told += one.n;
        wrong_told += one.n_wrong;
    }
    assert_true(r.n == t->n_all && r.n_wrong == t->wrong_all);
    assert_true(r.n_other == r.n - n_told && r.n_other_wrong == r.n_wrong - wrong_told);
    assert_true(r.n_slices == max_slices && r.n_evicted > 0 && r.n_other > 0);
}

static void test_a_full_table_keeps_its_promises(void **unused)
{
    (void)unused;
    for (uint32_t max_slices = 2; max_slices < 30; max_slices += 3) {
        kedge_rng rng = {max_slices};
        kedge_metric m = slices_of(max_slices);
        tally t = {{0}, {0}, 0, 0};
        for (int i = 0; i < 3000; i++) {
            uint64_t code = kedge_rng_below(&rng, 3) ? kedge_rng_below(&rng, N_CODES) : (uint64_t)i / 1000;
            feed(&m, &t, code, kedge_rng_below(&rng, 4) == 0);
            if (i > 200 && i % 100 == 0)
                assert_promises(&m, &t, max_slices);
        }
        guard_free(m.state);
    }
}

static void test_merge_keeps_the_promises(void **unused)
{
    (void)unused;
    for (uint64_t seed = 1; seed < 30; seed++) {
        enum { MAX = 7 };
        kedge_rng rng = {seed};
        kedge_metric a = slices_of(MAX), b = slices_of(MAX), wide = slices_of(8);
        tally t = {{0}, {0}, 0, 0};
        uint64_t n_codes = seed % 3 ? N_CODES : 5; /* the second may have room left */
        for (int i = 0; i < 800; i++)
            feed(&a, &t, kedge_rng_below(&rng, 2) ? kedge_rng_below(&rng, N_CODES) : 7, i % 3 == 0);
        for (int i = 0; i < 500; i++)
            feed(&b, &t, kedge_rng_below(&rng, 2) ? kedge_rng_below(&rng, n_codes) : 3, i % 5 == 0);
        assert_int_equal(kedge_metric_merge(&a, &b), KEDGE_OK);
        assert_promises(&a, &t, MAX);
        for (int i = 0; i < 300; i++)
            feed(&a, &t, kedge_rng_below(&rng, N_CODES), i % 2);
        assert_promises(&a, &t, MAX);
        assert_int_equal(kedge_metric_merge(&a, &wide), KEDGE_ERR_CONFIG);
        guard_free(a.state);
        guard_free(b.state);
        guard_free(wide.state);
    }
}

/* Merging two tables with room is counting all in one. */
static void test_merge_is_exact_while_there_is_room(void **unused)
{
    (void)unused;
    kedge_metric a = slices_of(40), b = slices_of(40), all = slices_of(40);
    for (uint64_t i = 0; i < 500; i++) {
        uint64_t slice = name_of(i % (i < 250 ? 11 : 37));
        assert_int_equal(kedge_slices_record(i < 250 ? &a : &b, slice, i % 7 == 0), KEDGE_OK);
        assert_int_equal(kedge_slices_record(&all, slice, i % 7 == 0), KEDGE_OK);
    }
    assert_int_equal(kedge_metric_merge(&a, &b), KEDGE_OK);
    assert_memory_equal(a.state, all.state, KEDGE_SLICES_BYTES_FOR(40u));
    guard_free(a.state);
    guard_free(b.state);
    guard_free(all.state);
}

/* Slices of a few records, all alike: some have only errors, yet none may be told to be worse. */
static void test_bounds_hold_for_small_slices(void **unused)
{
    (void)unused;
    int wrong = 0, all_wrong = 0;
    kedge_metric m = slices_of(200);
    kedge_slice s[200];
    size_t n;
    for (uint64_t seed = 0; seed < 100; seed++) {
        kedge_rng rng = {seed};
        assert_int_equal(kedge_metric_reset(&m), KEDGE_OK);
        for (int i = 0; i < 500; i++)
            assert_int_equal(kedge_slices_record(&m, kedge_rng_below(&rng, 200), kedge_rng_below(&rng, 10) < 3), KEDGE_OK);
        assert_int_equal(kedge_slices_worst(&m, s, 200, &n), KEDGE_OK);
        wrong += s[0].excess_low > 0;
        for (size_t i = 0; i < n; i++)
            all_wrong += s[i].error_rate == 1;
    }
    assert_true(all_wrong > 100 && wrong <= 11); /* 5 expected at most, 3 deviations more */
    guard_free(m.state);
}

/* All slices alike: the chance that any of 20 is told to be worse or better than the rest is at most 5 %. */
static void test_bounds_hold_for_all_at_once(void **unused)
{
    (void)unused;
    int wrong = 0;
    kedge_metric m = slices_of(20);
    kedge_slice s[20];
    size_t n;
    for (uint64_t seed = 0; seed < 200; seed++) {
        kedge_rng rng = {seed};
        int told = 0;
        assert_int_equal(kedge_metric_reset(&m), KEDGE_OK);
        for (int i = 0; i < 2000; i++)
            assert_int_equal(kedge_slices_record(&m, kedge_rng_below(&rng, 20), kedge_rng_below(&rng, 10) == 0), KEDGE_OK);
        assert_int_equal(kedge_slices_worst(&m, s, 20, &n), KEDGE_OK);
        for (size_t i = 0; i < n; i++)
            told |= s[i].excess_low > 0 || s[i].excess_high < 0;
        wrong += told;
    }
    assert_true(wrong <= 20); /* 10 expected at most, 3 deviations more */
    guard_free(m.state);
}

static void test_degenerate(void **unused)
{
    (void)unused;
    kedge_metric m = slices_of(2);
    kedge_slices_report r;
    kedge_slice s;
    size_t n = 9;
    assert_int_equal(kedge_slices_read(&m, &r), KEDGE_EMPTY);
    assert_true(r.n == 0 && isnan(r.error_rate) && isnan(r.low));
    assert_int_equal(kedge_slices_worst(&m, &s, 1, &n), KEDGE_OK);
    assert_int_equal(n, 0);
    record_times(&m, 3, 2, 2);
    assert_int_equal(kedge_slices_find(&m, 3, &s), KEDGE_OK); /* there is no rest */
    assert_true(s.error_rate == 1 && s.high == 1 && s.low < 0.5 && s.rest == 1);
    assert_true(s.excess == 0 && s.excess_low == 0 && s.excess_high == 0);
    record_times(&m, 4, 0, 1);
    record_times(&m, 5, 1, 1); /* drives out 4 */
    assert_int_equal(kedge_slices_find(&m, 4, &s), KEDGE_EMPTY);
    assert_true(s.n == 0 && s.n_missed == 1); /* the least rank is that of 5, one of its own and one of 4; but one record is of no
                                               * slice */
    assert_int_equal(kedge_slices_find(&m, 5, &s), KEDGE_OK);
    assert_true(s.n == 1 && s.n_missed == 1);
    assert_int_equal(kedge_slices_read(&m, &r), KEDGE_OK);
    assert_true(r.n == 4 && r.n_other == 1 && r.n_other_wrong == 0 && r.n_evicted == 1 && r.n_slices == 2);
    guard_free(m.state);
}

/* Windows against the list of their records: exact while there is room; else no slice has more than it is told to have missed. */
static void assert_is_window(const kedge_metric *m, const tally *t, uint32_t max_slices, int has_room)
{
    kedge_slices_report r;
    kedge_slice s[N_CODES];
    size_t n = 0;
    uint64_t held = 0, held_wrong = 0;
    assert_int_equal(kedge_metric_check(m), KEDGE_OK);
    assert_int_equal(kedge_slices_read(m, &r), t->n_all > 0 ? KEDGE_OK : KEDGE_EMPTY);
    assert_true(r.n == t->n_all && r.n_wrong == t->wrong_all);
    assert_int_equal(kedge_slices_worst(m, s, N_CODES, &n), KEDGE_OK);
    assert_true(n == r.n_slices && n <= max_slices);
    for (size_t i = 0; i < n; i++) {
        held += s[i].n;
        held_wrong += s[i].n_wrong;
    }
    assert_true(r.n_other == r.n - held && r.n_other_wrong == r.n_wrong - held_wrong);
    for (uint64_t code = 0; code < N_CODES; code++) {
        kedge_slice one;
        kedge_status st = kedge_slices_find(m, name_of(code), &one);
        assert_true(one.n <= t->n[code] && t->n[code] <= one.n + one.n_missed && one.n_missed <= r.n_other);
        assert_true(st == KEDGE_EMPTY || (one.n > 0 && one.n_wrong <= t->wrong[code]));
        if (has_room)
            assert_true(one.n == t->n[code] && one.n_wrong == t->wrong[code] && one.n_missed == 0 && r.n_evicted == 0);
    }
}

static void test_windows_are_their_lists(void **unused)
{
    (void)unused;
    enum { N = 600 };
    static uint64_t code[N];
    static uint8_t wrong[N];
    for (uint32_t seed = 0; seed < 24; seed++) {
        const uint32_t over = seed % 2 ? KEDGE_OVER_WINDOW : KEDGE_OVER_TUMBLING, window = seed % 3 ? 1 + seed * 7 : 100;
        const uint32_t n_codes = 3 + seed * 2, max_slices = seed % 4 < 2 ? 64 : 2 + seed % 5;
        kedge_slices_config cfg = kedge_slices_defaults();
        kedge_metric m;
        kedge_rng rng = {seed};
        cfg.over = over;
        cfg.window = window;
        cfg.max_slices = max_slices;
        size_t bytes = kedge_metric_size(&cfg.base), places = 32 * (size_t)max_slices;
        assert_int_equal(bytes, KEDGE_SLICES_BYTES_FOR(max_slices) +
                                    (over == KEDGE_OVER_TUMBLING ? places : 8 * (size_t)max_slices +
                                     (12 * (size_t)window + 7) / 8 * 8));
        assert_int_equal(kedge_metric_init(&m, &cfg.base, guard_new(bytes, 0xA5), bytes), KEDGE_OK);
        for (size_t n = 0; n < N; n++) {
            code[n] = kedge_rng_below(&rng, 3) ? kedge_rng_below(&rng, n_codes) : n / 100 % n_codes;
            wrong[n] = kedge_rng_below(&rng, 4) == 0;
            assert_int_equal(kedge_slices_record(&m, name_of(code[n]), wrong[n]), KEDGE_OK);
            if (n % 11 > 1)
                continue;
            size_t to = over == KEDGE_OVER_TUMBLING ? (n + 1) / window * window : n + 1;
            tally t;
            memset(&t, 0, sizeof t);
            for (size_t i = to > window ? to - window : 0; i < to; i++) {
                t.n[code[i]]++;
                t.wrong[code[i]] += wrong[i];
                t.n_all++;
                t.wrong_all += wrong[i];
            }
            assert_is_window(&m, &t, max_slices, max_slices >= n_codes);
        }
        guard_free(m.state);
    }
}

/* Every number of a window's state in turn replaced: the check finds it, or the state goes on without breaking. */
static void test_forged_windows(void **unused)
{
    (void)unused;
    const uint32_t bad[] = {0, 1, 2, 7, UINT32_MAX, (uint32_t)1 << 31};
    kedge_slices_config cfg = kedge_slices_defaults();
    kedge_metric m, forged;
    size_t found = 0, tried = 0;
    cfg.over = KEDGE_OVER_WINDOW;
    cfg.window = 6;
    cfg.max_slices = 3;
    size_t bytes = kedge_metric_size(&cfg.base);
    assert_int_equal(kedge_metric_init(&m, &cfg.base, guard_new(bytes, 0xA5), bytes), KEDGE_OK);
    for (uint32_t i = 0; i < 10; i++)
        assert_int_equal(kedge_slices_record(&m, i % 4 * (i % 3), i % 2), KEDGE_OK);
    for (size_t at = KEDGE_SLICES_BYTES_FOR(0u) - 80; at + 4 <= bytes; at += 4)
        /* reserved, and where places are */
        for (size_t k = 0; k < sizeof bad / sizeof *bad && at != 76 && at != 116 && at != 148; k++) {
            void *copy = guard_copy(m.state, bytes);
            memcpy((unsigned char *)copy + at, &bad[k], 4);
            assert_int_equal(kedge_metric_open(&forged, m.cls, copy, bytes), KEDGE_OK);
            tried++;
            if (kedge_metric_check(&forged) < 0)
                found++;
            else
                for (uint32_t i = 0; i < 30; i++) {
                    assert_int_equal(kedge_slices_record(&forged, i % 5, i % 2), KEDGE_OK);
                    assert_int_equal(kedge_metric_check(&forged), KEDGE_OK);
                }
            guard_free(copy);
        }
    assert_true(found > tried / 2);
    guard_free(m.state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equals_statsmodels),
        cmocka_unit_test(test_exact_while_there_is_room),
        cmocka_unit_test(test_a_full_table_keeps_its_promises),
        cmocka_unit_test(test_merge_keeps_the_promises),
        cmocka_unit_test(test_merge_is_exact_while_there_is_room),
        cmocka_unit_test(test_bounds_hold_for_small_slices),
        cmocka_unit_test(test_bounds_hold_for_all_at_once),
        cmocka_unit_test(test_degenerate),
        cmocka_unit_test(test_windows_are_their_lists),
        cmocka_unit_test(test_forged_windows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
