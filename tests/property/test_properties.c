/* SPDX-License-Identifier: MIT */
/* What must hold for any stream and any configuration, tried on random ones. */
#include <math.h>
#include <stdlib.h>

#include "support.h"

enum { N = 4000, ROUNDS = 60, MEM = 1 << 16 };

static double stream[N], turned[N];

typedef union config {
    kedge_detector_config base;
    kedge_adwin_config adwin;
    kedge_ddm_config ddm;
    kedge_page_hinkley_config page_hinkley;
} config;

static const kedge_detector_class *const classes[] = {&kedge_adwin, &kedge_ddm, &kedge_page_hinkley};

/* Pieces of different levels: errors for DDM, anything for the others. */
static void random_stream(kedge_rng *rng, const kedge_detector_class *cls)
{
    int errors = cls == &kedge_ddm || kedge_rng_below(rng, 2);
    for (size_t at = 0; at < N;) {
        size_t n = 100 + kedge_rng_below(rng, 1500);
        double level = kedge_rng_uniform(rng);
        for (; n > 0 && at < N; n--, at++)
            stream[at] = errors ? (double)(kedge_rng_uniform(rng) < level) : 4 * level + kedge_rng_normal(rng);
    }
}

static config random_config(kedge_rng *rng, const kedge_detector_class *cls)
{
    config c;
    memset(&c, 0, sizeof c);
    cls->base.defaults(&c);
    uint32_t coin = (uint32_t)kedge_rng_below(rng, 2);
    if (cls == &kedge_adwin) {
        c.adwin.delta = kedge_rng_uniform(rng) * 0.2 + 1e-6;
        c.adwin.clock = 1 + (uint32_t)kedge_rng_below(rng, 70);
        c.adwin.max_buckets = 2 + (uint32_t)kedge_rng_below(rng, 8);
        c.adwin.max_window = 64 + kedge_rng_below(rng, 5000);
        c.adwin.on_drift = KEDGE_ADWIN_KEEP + coin;
        c.adwin.report = KEDGE_ADWIN_EACH_CHANGE + (uint32_t)kedge_rng_below(rng, 2);
    } else if (cls == &kedge_ddm) {
        c.ddm.warm_start = 1 + (uint32_t)kedge_rng_below(rng, 60);
        c.ddm.drift_warm_start = c.ddm.warm_start + coin;
        c.ddm.warning_threshold = 3 * kedge_rng_uniform(rng);
        c.ddm.smooth = coin;
    } else {
        c.page_hinkley.threshold = 1 + 60 * kedge_rng_uniform(rng);
        c.page_hinkley.alpha = coin ? 1 : 0.999;
        c.page_hinkley.form = KEDGE_PAGE_HINKLEY_EXCURSION + (uint32_t)kedge_rng_below(rng, 2);
    }
    return c;
}

static void make(kedge_detector *d, const config *c, void *mem)
{
    assert_int_equal(kedge_detector_init(d, &c->base, mem, MEM), KEDGE_OK);
}

/* Status of every observation, one at a time. */
static void feed(const config *c, const double *x, uint8_t *signals, unsigned char *mem)
{
    kedge_detector d;
    make(&d, c, mem);
    for (size_t i = 0; i < N; i++) {
        kedge_status st = kedge_detector_update(&d, x[i]);
        assert_true(st >= 0);
        signals[i] = (uint8_t)st;
    }
    assert_int_equal(kedge_detector_check(&d), KEDGE_OK);
}

typedef void property(kedge_rng *rng, const config *c, const uint8_t *signals, unsigned char *mem);

static void for_all(property *holds)
{
    static uint8_t signals[N];
    unsigned char *mem = guard_new(MEM, 0xA5), *other = guard_new(MEM, 0x5A);
    kedge_rng rng = {2024};
    size_t n_drifts = 0;
    for (int round = 0; round < ROUNDS; round++) {
        const kedge_detector_class *cls = classes[round % 3];
        config c = random_config(&rng, cls);
        random_stream(&rng, cls);
        feed(&c, stream, signals, mem);
        for (size_t i = 0; i < N; i++)
            n_drifts += signals[i] == KEDGE_DRIFT;
        holds(&rng, &c, signals, other);
        guard_check(mem);
    }
    assert_true(n_drifts > ROUNDS); /* the streams were worth looking at */
    guard_free(other);
    guard_free(mem);
}

/* However a stream is cut into batches of either form, it says the same. */
static void any_cuts(kedge_rng *rng, const config *c, const uint8_t *signals, unsigned char *mem)
{
    kedge_detector d;
    uint8_t part[N];
    make(&d, c, mem);
    for (size_t at = 0; at < N;) {
        size_t n = kedge_rng_below(rng, 200), used = 0;
        n = n < N - at ? n : N - at;
        if (kedge_rng_below(rng, 2)) {
            assert_true(kedge_detector_signal_many(&d, stream + at, n, part, &used) >= 0);
            assert_int_equal(used, n);
            assert_memory_equal(part, signals + at, n);
        } else {
            kedge_status st = kedge_detector_update_many(&d, stream + at, n, &used);
            for (size_t i = 0; i + 1 < used; i++)
                assert_int_not_equal(signals[at + i], KEDGE_DRIFT);
            assert_true(used == n || st == KEDGE_DRIFT);
            if (used > 0)
                assert_int_equal(st, signals[at + used - 1]);
        }
        at += used;
    }
}

/* Refused numbers in between leave no trace. */
static void bad_input_is_skipped(kedge_rng *rng, const config *c, const uint8_t *signals, unsigned char *mem)
{
    static const double bad[] = {(double)NAN, (double)INFINITY, -(double)INFINITY, 1e300};
    kedge_detector d;
    make(&d, c, mem);
    for (size_t i = 0; i < N; i++) {
        while (kedge_rng_below(rng, 3) == 0)
            assert_true(kedge_detector_update(&d, bad[kedge_rng_below(rng, 4)]) < 0);
        assert_int_equal(kedge_detector_update(&d, stream[i]), signals[i]);
    }
}

/* Moving to a copy by memcpy or by a snapshot, at random times, changes nothing. */
static void moves_are_invisible(kedge_rng *rng, const config *c, const uint8_t *signals, unsigned char *mem)
{
    static unsigned char snapshot[MEM];
    unsigned char *home[2] = {mem, guard_new(MEM, 0x11)};
    size_t bytes = kedge_detector_size(&c->base), len;
    kedge_detector d;
    int here = 0;
    make(&d, c, home[0]);
    for (size_t i = 0; i < N; i++) {
        if (kedge_rng_below(rng, 50) == 0) {
            if (kedge_rng_below(rng, 2)) {
                memcpy(home[1 - here], home[here], bytes);
                assert_int_equal(kedge_detector_open(&d, c->base.cls, home[1 - here], bytes), KEDGE_OK);
            } else {
                assert_int_equal(kedge_detector_save(&d, snapshot, sizeof snapshot, &len), KEDGE_OK);
                assert_int_equal(kedge_detector_load(&d, c->base.cls, home[1 - here], MEM, snapshot, len), KEDGE_OK);
            }
            memset(home[here], 0xDD, bytes);
            here = 1 - here;
        }
        assert_int_equal(kedge_detector_update(&d, stream[i]), signals[i]);
    }
    guard_free(home[1]);
}

/* The mirrored stream raises the same alarms: two-sided detectors do not prefer a side. Page-Hinkley's sides swap. */
static void mirror(kedge_rng *rng, const config *c, const uint8_t *signals, unsigned char *mem)
{
    static uint8_t mirrored[N];
    config other = *c;
    (void)rng;
    if (c->base.cls == &kedge_ddm)
        return;
    for (size_t i = 0; i < N; i++)
        turned[i] = -stream[i];
    feed(&other, turned, mirrored, mem);
    assert_memory_equal(mirrored, signals, N);
}

/* An alarm's story fits the stream: it lies where the alarm was, and says what was there. */
static void alarms_fit(kedge_rng *rng, const config *c, const uint8_t *signals, unsigned char *mem)
{
    kedge_detector d;
    kedge_alarm a;
    (void)rng, (void)signals;
    make(&d, c, mem);
    for (size_t i = 0; i < N; i++) {
        if (kedge_detector_update(&d, stream[i]) != KEDGE_DRIFT)
            continue;
        double sum = 0;
        assert_int_equal(kedge_detector_alarm(&d, &a), KEDGE_OK);
        assert_int_equal(a.at, i);
        assert_true(a.changed_at <= i && a.statistic > a.threshold && a.effect == a.mean_after - a.mean_before);
        for (size_t j = a.changed_at; j <= i; j++)
            sum += stream[j];
        if (c->base.cls == &kedge_adwin || a.changed_at < i)
            assert_close(a.mean_after, sum / (double)(i + 1 - a.changed_at), 1e-9);
    }
}

static void test_any_cuts(void **unused) { (void)unused; for_all(any_cuts); }
static void test_bad_input_is_skipped(void **unused) { (void)unused; for_all(bad_input_is_skipped); }
static void test_moves_are_invisible(void **unused) { (void)unused; for_all(moves_are_invisible); }
static void test_mirror(void **unused) { (void)unused; for_all(mirror); }
static void test_alarms_fit(void **unused) { (void)unused; for_all(alarms_fit); }

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_cuts), cmocka_unit_test(test_bad_input_is_skipped), cmocka_unit_test(test_moves_are_invisible),
        cmocka_unit_test(test_mirror),   cmocka_unit_test(test_alarms_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
