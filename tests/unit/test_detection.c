/* SPDX-License-Identifier: MIT */
/* Detection: by hand, against a brute-force pass over the whole stream, merging, and a detector that fires at random. */
#include <math.h>

#include "support.h"

enum { N = 5000 };

static union {
    double align;
    unsigned char bytes[KEDGE_DETECTION_BYTES];
} memory[2];

static kedge_metric detection(size_t i, uint64_t horizon, double confidence)
{
    kedge_detection_config cfg = kedge_detection_defaults();
    kedge_metric m = {NULL, NULL};
    cfg.horizon = horizon;
    cfg.confidence = confidence;
    assert_int_equal(kedge_metric_init(&m, &cfg.base, &memory[i], sizeof memory[i]), KEDGE_OK);
    return m;
}

static void test_size(void **unused)
{
    (void)unused;
    kedge_detection_config cfg = kedge_detection_defaults();
    kedge_metric m = detection(0, 10, 0.95);
    kedge_detection_report r;
    assert_int_equal(kedge_metric_size(&cfg.base), KEDGE_DETECTION_BYTES);
    assert_int_equal(kedge_detection_read(&m, &r), KEDGE_EMPTY);
    assert_true(isnan(r.delay) && isnan(r.missed) && isnan(r.arl) && isnan(r.random_delay));
}

/* A false alarm at 4, a change at 10 found by its third observation, alarmed again, a change at 20 that nobody sees in 5. */
static void test_by_hand(void **unused)
{
    (void)unused;
    kedge_metric m = detection(0, 5, 0.95);
    kedge_detection_report r;
    for (int i = 0; i < 30; i++)
        assert_int_equal(kedge_detection_record(&m, i == 10 || i == 20, i == 4 || i == 12 || i == 13 || i == 25), KEDGE_OK);
    assert_int_equal(kedge_detection_read(&m, &r), KEDGE_OK);
    assert_true(r.n == 30 && r.n_changes == 2 && r.n_alarms == 4 && r.n_detected == 1 && r.n_missed == 1 && r.n_open == 0 &&
                r.n_false == 3);
    assert_true(r.delay == 3 && r.delay_max == 3 && r.missed == 0.5);
    assert_close(r.arl, (30 - 3 - 5) / 3.0, 1e-15); /* in 8 observations an alarm was right, or would have been */
    assert_close(r.mean_time_ratio, r.arl / 3 * 0.5, 1e-15);
    assert_true(isnan(r.delay_low) && r.arl_low < r.arl && r.arl < r.arl_high && r.missed_low < 0.5 && r.missed_high > 0.5);
    assert_close(r.arl_low, 22 / 8.7672730749, 1e-8); /* chi-square quantiles with 8 and 6 degrees of freedom, halved */
    assert_close(r.arl_high, 22 / 0.6186721228, 1e-8);
}

static void test_no_false_alarm(void **unused)
{
    (void)unused;
    kedge_metric m = detection(0, 5, 0.95);
    kedge_detection_report r;
    for (int i = 0; i < 1000; i++)
        assert_int_equal(kedge_detection_record(&m, 0, 0), KEDGE_OK);
    assert_int_equal(kedge_detection_read(&m, &r), KEDGE_OK);
    assert_true(isinf(r.arl) && isinf(r.arl_high) && isnan(r.missed) && isnan(r.mean_time_ratio) && isnan(r.random_delay));
    assert_close(r.arl_low, 1000 / 3.688879454, 1e-8);
}

/* The definition, with the whole stream in sight. */
static void brute(const uint8_t *changed, const uint8_t *signals, size_t horizon, kedge_detection_report *out)
{
    double sum = 0, waited = 0;
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < N; i++) {
        out->n_alarms += signals[i] == KEDGE_DRIFT;
        if (!changed[i])
            continue;
        size_t end = i + 1;
        while (end < N && !changed[end] && end < i + horizon)
            end++;
        size_t at = i;
        while (at < end && signals[at] != KEDGE_DRIFT)
            at++;
        out->n_changes++;
        if (at < end) {
            out->n_detected++;
            sum += (double)(at - i + 1);
            waited += (double)(at - i + 1);
        } else {
            waited += (double)(end - i);
            out->n_open += end == N;
            out->n_missed += end < N;
        }
    }
    out->n_false = out->n_alarms - out->n_detected;
    out->delay = sum / (double)out->n_detected;
    out->arl = (N - waited) / (double)out->n_false;
}

static void test_equals_definition(void **unused)
{
    (void)unused;
    static uint8_t changed[N], signals[N];
    for (uint64_t seed = 1; seed <= 20; seed++) {
        kedge_rng rng = {seed};
        size_t horizon = 1 + (size_t)kedge_rng_below(&rng, 60), used = N / 3;
        kedge_metric m = detection(0, horizon, 0.95);
        kedge_detection_report r, want;
        for (size_t i = 0; i < N; i++) {
            changed[i] = kedge_rng_below(&rng, 40) == 0;
            signals[i] = (uint8_t)(kedge_rng_below(&rng, 30) == 0 ? KEDGE_DRIFT : kedge_rng_below(&rng, 2));
        }
        brute(changed, signals, horizon, &want);
        assert_int_equal(kedge_detection_record_many(&m, changed, signals, used), KEDGE_OK);
        assert_int_equal(kedge_detection_record_many(&m, changed + used, signals + used, N - used), KEDGE_OK);
        assert_int_equal(kedge_detection_read(&m, &r), KEDGE_OK);
        assert_true(r.n == N && r.n_changes == want.n_changes && r.n_alarms == want.n_alarms && r.n_detected == want.n_detected);
        assert_true(r.n_missed == want.n_missed && r.n_open == want.n_open && r.n_false == want.n_false);
        assert_close(r.delay, want.delay, 1e-12);
        assert_close(r.arl, want.arl, 1e-12);
    }
}

/* Two objects' streams merged give what one object says that saw both, one after the other. */
static void test_merge(void **unused)
{
    (void)unused;
    kedge_metric whole = detection(0, 30, 0.95), part = detection(1, 30, 0.95);
    kedge_detection_report r[2];
    kedge_rng rng = {3};
    unsigned char first[KEDGE_DETECTION_BYTES];
    for (int half = 0; half < 2; half++) {
        for (int i = 0; i < N; i++) {
            int changed = kedge_rng_below(&rng, 100) == 0, alarmed = kedge_rng_below(&rng, 50) == 0;
            assert_int_equal(kedge_detection_record(&whole, changed, alarmed), KEDGE_OK);
            assert_int_equal(kedge_detection_record(&part, changed, alarmed), KEDGE_OK);
        }
        assert_int_equal(kedge_detection_end(&whole), KEDGE_OK);
        if (half == 0) {
            memcpy(first, memory[1].bytes, sizeof first);
            assert_int_equal(kedge_metric_reset(&part), KEDGE_OK);
        }
    }
    kedge_metric other;
    void *mem = guard_copy(first, sizeof first);
    assert_int_equal(kedge_metric_open(&other, &kedge_detection, mem, sizeof first), KEDGE_OK);
    assert_int_equal(kedge_metric_merge(&part, &other), KEDGE_OK);
    assert_int_equal(kedge_detection_read(&whole, &r[0]), KEDGE_OK);
    assert_int_equal(kedge_detection_read(&part, &r[1]), KEDGE_OK);
    assert_true(r[0].n == r[1].n && r[0].n_detected == r[1].n_detected && r[0].n_missed == r[1].n_missed &&
                r[0].n_open == r[1].n_open);
    assert_close(r[0].delay, r[1].delay, 1e-12);
    assert_close(r[0].delay_low, r[1].delay_low, 1e-12);
    assert_close(r[0].arl, r[1].arl, 1e-12);
    guard_free(mem);
}

/* A detector that does fire at random gives what the report says of one, and a mean time ratio like it. */
static void test_random_detector(void **unused)
{
    (void)unused;
    kedge_metric m = detection(0, 200, 0.999);
    kedge_detection_report r;
    kedge_rng rng = {11};
    for (int i = 0; i < 2000000; i++)
        assert_int_equal(kedge_detection_record(&m, i % 500 == 0, kedge_rng_below(&rng, 150) == 0), KEDGE_OK);
    assert_int_equal(kedge_detection_read(&m, &r), KEDGE_OK);
    assert_true(r.delay_low < r.random_delay && r.random_delay < r.delay_high);
    assert_true(r.missed_low < r.random_missed && r.random_missed < r.missed_high);
    assert_true(r.arl_low < 150 && 150 < r.arl_high);
    assert_close(r.mean_time_ratio, r.random_mean_time_ratio, 0.05);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_size),           cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_no_false_alarm), cmocka_unit_test(test_equals_definition),
        cmocka_unit_test(test_merge),          cmocka_unit_test(test_random_detector),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
