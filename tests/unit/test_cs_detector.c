/* SPDX-License-Identifier: MIT */
/* Change detection by confidence sequences against its definition, every start kept, and its guarantee. */
#include "naive.h"

enum { N = 1200 };

static double x[N];

/* Bounds of the sequence of v[from..n), with all of its past; widens nothing. */
static void sequence(const double *v, size_t from, size_t n, double arl, double *low, double *high)
{
    double term = log(2 * arl), total = 0, scatter = 0, bets = 0, weighted = 0, correction = 0;
    for (size_t k = from; k < n; k++) {
        double i = (double)(k - from + 1), mean = (0.5 + total) / i, variance = (0.25 + scatter) / i;
        double bet = fmin(0.5, sqrt(2 * term / (variance * i * log(i + 1))));
        bets += bet;
        weighted += bet * v[k];
        correction += 4 * (v[k] - mean) * (v[k] - mean) * (-log(1 - bet) - bet) / 4;
        total += v[k];
        scatter += pow(v[k] - (0.5 + total) / (i + 1), 2);
    }
    *low = fmax(*low, weighted / bets - (term + correction) / bets);
    *high = fmin(*high, weighted / bets + (term + correction) / bets);
}

static kedge_status definition(const double *v, size_t n, const void *cfg, size_t *began, double *statistic)
{
    static double low, high;
    const kedge_cs_detector_config *c = cfg;
    (void)began;
    if (n == 1) {
        low = 0;
        high = 1;
    }
    for (size_t from = 0; from < n; from++)
        sequence(v, from, n, c->arl, &low, &high);
    *statistic = low - high;
    return low > high ? KEDGE_DRIFT : KEDGE_OK;
}

static void test_equals_definition(void **unused)
{
    (void)unused;
    size_t n_drifts = 0;
    kedge_cs_detector_config c = kedge_cs_detector_defaults();
    assert_int_equal(kedge_detector_size(&c.base), KEDGE_CS_DETECTOR_BYTES);
    c.max_sequences = N;
    assert_int_equal(kedge_detector_size(&c.base), KEDGE_CS_DETECTOR_BYTES_FOR((size_t)N));
    c.arl = 100;
    for (uint64_t seed = 1; seed <= 2; seed++) {
        naive_stream(x, N, 1, seed);
        kedge_rng rng = {seed};
        for (size_t i = 0; seed == 2 && i < N; i++) /* not only 0 and 1 */
            x[i] = 0.7 * x[i] + 0.3 * kedge_rng_uniform(&rng);
        n_drifts += naive_compare(&c.base, definition, x, N);
    }
    assert_true(n_drifts >= 3);
}

/* Few alarms on whatever has a mean that stays: independent, dependent, and drawn to provoke. */
static void test_average_run_length(void **unused)
{
    (void)unused;
    unsigned char *mem = guard_new(KEDGE_CS_DETECTOR_BYTES, 0xA5);
    for (int kind = 0; kind < 3; kind++) {
        kedge_cs_detector_config c = kedge_cs_detector_defaults();
        kedge_rng rng = {(uint64_t)kind + 1};
        kedge_detector d;
        kedge_estimate e;
        double sum = 0;
        c.arl = 50;
        assert_int_equal(kedge_detector_init(&d, &c.base, mem, KEDGE_CS_DETECTOR_BYTES), KEDGE_OK);
        for (int i = 0; i < 100000; i++) {
            double u = kedge_rng_uniform(&rng);
            double x_i = kind == 0   ? u < 0.3
                         : kind == 1 ? (sum > 0 ? 0.5 + (u < 0.5 ? 0.5 : -0.5) : 0.5 + 0.1 * (u - 0.5))
                                     : (u < 0.01 ? 1 : 0.49 / 0.99);
            sum += x_i - 0.5;
            assert_true(kedge_detector_update(&d, x_i) >= 0);
        }
        assert_int_equal(kedge_detector_estimate(&d, &e), KEDGE_OK);
        assert_true(e.n_drifts * 50 < 100000);
    }
    guard_free(mem);
}

/* A change is found, dated, and reported in its direction. */
static void test_change(void **unused)
{
    (void)unused;
    unsigned char *mem = guard_new(KEDGE_CS_DETECTOR_BYTES, 0xA5);
    for (uint32_t direction = KEDGE_DIRECTION_BOTH; direction <= KEDGE_DIRECTION_DOWN; direction++)
        for (int up = 0; up < 2; up++) {
            kedge_cs_detector_config c = kedge_cs_detector_defaults();
            kedge_rng rng = {6};
            kedge_detector d;
            kedge_alarm a;
            int drifts = 0;
            c.direction = direction;
            assert_int_equal(kedge_detector_init(&d, &c.base, mem, KEDGE_CS_DETECTOR_BYTES), KEDGE_OK);
            for (int i = 0; i < 4000; i++)
                drifts += kedge_detector_update(&d, kedge_rng_uniform(&rng) < (up == (i >= 2000) ? 0.6 : 0.2)) == KEDGE_DRIFT;
            assert_int_equal(drifts, direction == KEDGE_DIRECTION_BOTH || (direction == KEDGE_DIRECTION_UP) == up);
            if (drifts) {
                assert_int_equal(kedge_detector_alarm(&d, &a), KEDGE_OK);
                assert_true(a.changed_at > 1900 && a.changed_at < 2100 && a.at < 2300);
                assert_true(fabs(a.effect - (up ? 0.4 : -0.4)) < 0.15);
            }
        }
    guard_free(mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equals_definition),
        cmocka_unit_test(test_average_run_length),
        cmocka_unit_test(test_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
