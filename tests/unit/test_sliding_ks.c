/* SPDX-License-Identifier: MIT */
/* Sliding Kolmogorov-Smirnov against its definition, observation by observation, and what its alarms tell. */
#include <math.h>
#include <stdlib.h>

#include "sliding.h"

enum { N = 3000, MAX_SAMPLE = 64 };

static double share_up_to(const double *x, size_t n, double limit)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += x[i] <= limit;
    return (double)count / (double)n;
}

/* Greatest F(window) - F(reference), sign = 1, or the reverse, sign = -1, over all values of both. */
static double naive_side(const double *reference, size_t n, const double *window, size_t m, double sign)
{
    double most = 0;
    for (size_t i = 0; i < n + m; i++) {
        double at = i < n ? reference[i] : window[i - n];
        double apart = sign * (share_up_to(window, m, at) - share_up_to(reference, n, at));
        most = apart > most ? apart : most;
    }
    return most;
}

static double naive_distance(const double *reference, size_t n, const double *window, size_t m, uint32_t direction)
{
    double down = naive_side(reference, n, window, m, 1);
    double up = naive_side(reference, n, window, m, -1);
    if (direction == KEDGE_DIRECTION_BOTH)
        return up > down ? up : down;
    return direction == KEDGE_DIRECTION_UP ? up : down;
}

/* Every statistic and every alarm from the definition. Returns the alarms. */
static unsigned compare(const double *x, const kedge_sliding_ks_config *c)
{
    size_t bytes = kedge_detector_size(&c->base);
    unsigned char *mem = guard_new(bytes, 0xA5);
    kedge_detector d;
    const double *reference = x;
    size_t from = c->n_reference; /* where the window can begin */
    double sides = c->direction == KEDGE_DIRECTION_BOTH ? 2 : 1;
    double weight = 2.0 * c->n_reference * c->window_size / (c->n_reference + c->window_size);
    double critical = sqrt(log(sides / c->alpha) / weight);
    unsigned n_alarms = 0;
    critical = critical > c->min_distance ? critical : c->min_distance;
    assert_int_equal(kedge_detector_init(&d, &c->base, mem, bytes), KEDGE_OK);
    for (size_t i = 0; i < N; i++) {
        kedge_status st = kedge_detector_update(&d, x[i]);
        kedge_estimate e;
        assert_int_equal(kedge_detector_check(&d), KEDGE_OK);
        if (i < from) {
            assert_int_equal(st, KEDGE_OK);
            assert_int_equal(kedge_detector_estimate(&d, &e), KEDGE_EMPTY);
            continue;
        }
        size_t held = i + 1 - from < c->window_size ? i + 1 - from : c->window_size;
        double distance = naive_distance(reference, c->n_reference, x + i + 1 - held, held, c->direction);
        if (held < c->window_size || distance < critical - 1e-9) {
            assert_int_equal(st, KEDGE_OK);
            assert_int_equal(kedge_detector_estimate(&d, &e), KEDGE_OK);
            assert_int_equal(e.width, held);
            assert_close(e.statistic, held == c->window_size ? distance : 0, 1e-12);
            continue;
        }
        kedge_alarm a;
        assert_int_equal(st, KEDGE_DRIFT);
        assert_int_equal(kedge_detector_alarm(&d, &a), KEDGE_OK);
        assert_close(a.statistic, distance, 1e-12);
        assert_close(a.log_evidence, fmax(0, distance * distance * weight - log(sides)), 1e-9);
        assert_true(a.at == i && a.changed_at <= i && a.changed_at > i - held);
        n_alarms++;
        from = i + 1;
        if (c->on_drift == KEDGE_SLIDING_RELEARN) {
            reference = x + from;
            from += c->n_reference;
        }
    }
    guard_free(mem);
    return n_alarms;
}

static void test_equals_definition(void **unused)
{
    (void)unused;
    static double x[N];
    kedge_rng rng = {3};
    unsigned n_alarms = 0;
    for (uint64_t seed = 0; seed < 30; seed++) {
        kedge_sliding_ks_config c = kedge_sliding_ks_defaults();
        double levels = (double)(1 + kedge_rng_below(&rng, 40)); /* few: many ties */
        c.n_reference = 2 + (uint32_t)kedge_rng_below(&rng, MAX_SAMPLE);
        c.window_size = 2 + (uint32_t)kedge_rng_below(&rng, MAX_SAMPLE);
        c.alpha = 0.2 * kedge_rng_uniform(&rng) + 1e-4;
        c.direction = KEDGE_DIRECTION_BOTH + (uint32_t)seed % 3;
        c.on_drift = seed % 2 ? KEDGE_SLIDING_KEEP : KEDGE_SLIDING_RELEARN;
        fill_normal(x, N, 0, 1, seed);
        for (size_t i = 0; i < N; i++) {
            double value = x[i] * (i > N / 2 ? 2 : 1) + (i % 500 > 250 ? 1 : 0);
            x[i] = seed % 4 ? floor(value * levels) / levels : value;
        }
        n_alarms += compare(x, &c);
    }
    assert_true(n_alarms > 100);
}

static void test_reference(void **unused)
{
    (void)unused;
    kedge_sliding_ks_config c = kedge_sliding_ks_defaults();
    c.n_reference = SLIDING_REFERENCE;
    c.window_size = 300;
    sliding_expect_reference(&c.base, kedge_sliding_ks_reference, 0.05);
}

/* A variance that doubles leaves the mean alone; a difference below the floor is none, however sure. */
static void test_shape_and_floor(void **unused)
{
    (void)unused;
    for (int floor_is_high = 0; floor_is_high < 2; floor_is_high++) {
        kedge_sliding_ks_config c = kedge_sliding_ks_defaults();
        c.min_distance = floor_is_high ? 0.4 : 0.05;
        size_t bytes = kedge_detector_size(&c.base);
        assert_int_equal(bytes, KEDGE_SLIDING_KS_BYTES);
        unsigned char *mem = guard_new(bytes, 0);
        static double x[6000];
        unsigned n_alarms = 0;
        kedge_detector d;
        assert_int_equal(kedge_detector_init(&d, &c.base, mem, bytes), KEDGE_OK);
        fill_normal(x, 3000, 0, 1, 5);
        fill_normal(x + 3000, 3000, 0, 3, 6);
        for (size_t i = 0; i < 6000; i++) {
            int is_drift = kedge_detector_update(&d, x[i]) == KEDGE_DRIFT;
            assert_false(is_drift && i < 3000);
            n_alarms += (unsigned)is_drift;
        }
        assert_int_equal(n_alarms, floor_is_high ? 0 : 1);
        guard_free(mem);
    }
}

static void test_sizes(void **unused)
{
    (void)unused;
    for (uint32_t n = 2; n < 600; n += 1 + n / 7) {
        kedge_sliding_ks_config c = kedge_sliding_ks_defaults();
        uint32_t n_blocks = 1;
        c.n_reference = n;
        c.window_size = 2 * n;
        while (n_blocks < (2 * n + 8) / 8)
            n_blocks *= 2;
        assert_int_equal(kedge_detector_size(&c.base), KEDGE_SLIDING_KS_BYTES_FOR(n, 2 * n, n_blocks));
    }
    kedge_sliding_ks_config c;
    assert_int_equal(kedge_sliding_ks_config_init(&c, 8), KEDGE_ERR_CONFIG);
    assert_int_equal(kedge_sliding_ks_config_init(NULL, sizeof c), KEDGE_ERR_NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equals_definition),
        cmocka_unit_test(test_reference),
        cmocka_unit_test(test_shape_and_floor),
        cmocka_unit_test(test_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
