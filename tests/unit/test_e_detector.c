/* SPDX-License-Identifier: MIT */
/* E-detectors against their definition, and their guarantee: the average run length without a change is at least what was asked
 * for, on independent, dependent and adversarial streams. */
#include "naive.h"

enum { N = 1500 };

static double x[N];

/* The definition for a told bound: the mixture over bets of the sum (or maximum) over all starts of the product of gains. */
static double value_of(const double *v, size_t n, const kedge_e_detector_config *c, int falls)
{
    double m = falls ? c->low : c->high, room = falls ? 1 - m : m,
           stake = (c->direction == KEDGE_DIRECTION_BOTH ? 0.5 : 1.0) / c->bets, value = 0;
    for (uint32_t k = 0; k < c->bets; k++) {
        double share = 0.01 * pow(90, (double)k / (c->bets - 1)), product = 1, sum = 0, best = 0;
        for (size_t j = n; j-- > 0;) { /* starting at j */
            product *= 1 + (room > 0 ? share * (falls ? m - v[j] : v[j] - m) / room : 0);
            sum += product;
            best = product > best ? product : best;
        }
        value += stake * (c->form == KEDGE_E_CUSUM ? best : sum);
    }
    return value;
}

static kedge_status told(const double *v, size_t n, const void *cfg, size_t *began, double *statistic)
{
    const kedge_e_detector_config *c = cfg;
    (void)began;
    *statistic = 0;
    if (c->direction != KEDGE_DIRECTION_DOWN)
        *statistic += value_of(v, n, c, 0);
    if (c->direction != KEDGE_DIRECTION_UP)
        *statistic += value_of(v, n, c, 1);
    return *statistic >= c->arl ? KEDGE_DRIFT : KEDGE_OK;
}

static void test_equals_definition(void **unused)
{
    (void)unused;
    size_t n_drifts = 0;
    kedge_e_detector_config c = kedge_e_detector_defaults();
    assert_int_equal(kedge_detector_size(&c.base), KEDGE_E_DETECTOR_BYTES);
    c.told = KEDGE_E_BOUND;
    c.arl = 500;
    c.low = 0.3;
    c.high = 0.6;
    c.bets = 5;
    assert_int_equal(kedge_detector_size(&c.base), KEDGE_E_DETECTOR_BYTES_FOR(1u, 5u));
    for (uint32_t k = 0; k < 6; k++) {
        naive_stream(x, N, 1, k + 1);
        c.form = k < 3 ? KEDGE_E_SHIRYAEV_ROBERTS : KEDGE_E_CUSUM;
        c.direction = KEDGE_DIRECTION_BOTH + k % 3;
        n_drifts += naive_compare(&c.base, told, x, N);
    }
    assert_true(n_drifts > 20);
}

/* The next observation of a stream that never changes, in the sense of the guarantee. state: its memory. */
typedef double quiet_stream(kedge_rng *rng, double *state);

static double independent(kedge_rng *rng, double *state)
{
    (void)state;
    return kedge_rng_uniform(rng) < 0.3;
}

static double even(kedge_rng *rng, double *state)
{
    (void)state;
    return 0.6 * kedge_rng_uniform(rng);
}

/* A Markov chain: given the past its mean is 0.3 or 0.05. */
static double markov(kedge_rng *rng, double *state)
{
    *state = kedge_rng_uniform(rng) < (*state > 0 ? 0.3 : 0.05);
    return *state;
}

/* Mean 0.3 always, but an adversary chooses the shape by what came before: rare jackpots after a loss, small sure gains after a
 * win. */
static double adversary(kedge_rng *rng, double *state)
{
    double win = *state > 0 ? 0.35 : 1;
    double got = kedge_rng_uniform(rng) < 0.3 / win ? win : 0;
    *state = got;
    return got;
}

/* Average run length over many runs, and its standard error. Runs are cut at 40 times the wanted length, which only shortens the
 * average. */
static double run_length(const kedge_e_detector_config *c, quiet_stream *stream, double *error)
{
    enum { RUNS = 500 };
    size_t bytes = kedge_detector_size(&c->base);
    unsigned char *mem = guard_new(bytes, 0xA5);
    double sum = 0, squares = 0;
    for (uint64_t run = 1; run <= RUNS; run++) {
        kedge_rng rng = {run};
        kedge_detector d;
        double state = 0, length = 0;
        assert_int_equal(kedge_detector_init(&d, &c->base, mem, bytes), KEDGE_OK);
        do
            length++;
        while (kedge_detector_update(&d, stream(&rng, &state)) != KEDGE_DRIFT && length < 40 * c->arl);
        sum += length;
        squares += length * length;
    }
    guard_free(mem);
    *error = sqrt((squares / RUNS - sum / RUNS * (sum / RUNS)) / RUNS);
    return sum / RUNS;
}

static void test_guarantee(void **unused)
{
    (void)unused;
    static quiet_stream *const streams[] = {independent, even, markov, adversary};
    kedge_e_detector_config c = kedge_e_detector_defaults();
    double error;
    c.arl = 100;
    c.low = 0;
    c.high = 0.3;
    c.bets = 6;
    for (size_t i = 0; i < 4; i++)
        for (c.form = KEDGE_E_SHIRYAEV_ROBERTS; c.form <= KEDGE_E_CUSUM; c.form++) {
            c.told = KEDGE_E_BOUND;
            double length = run_length(&c, streams[i], &error);
            assert_true(length + 3 * error >= c.arl);
        }
    c.told = KEDGE_E_NOTHING;
    c.form = KEDGE_E_SHIRYAEV_ROBERTS;
    c.levels = 16;
    for (size_t i = 0; i < 4; i++) {
        if (streams[i] == markov) /* its mean given the past is not the same all the time */
            continue;
        double length = run_length(&c, streams[i], &error);
        assert_true(length + 3 * error >= c.arl);
    }
}

/* Told nothing, it finds a change of either direction, dates it, and says from what to what. */
static void test_finds(void **unused)
{
    (void)unused;
    kedge_e_detector_config c = kedge_e_detector_defaults();
    unsigned char *mem = guard_new(KEDGE_E_DETECTOR_BYTES, 0xA5);
    for (int fall = 0; fall < 2; fall++) {
        kedge_rng rng = {3};
        kedge_detector d;
        kedge_alarm a;
        kedge_status st = KEDGE_OK;
        assert_int_equal(kedge_detector_init(&d, &c.base, mem, KEDGE_E_DETECTOR_BYTES), KEDGE_OK);
        for (int i = 0; i < 3200 && st == KEDGE_OK; i++)
            st = kedge_detector_update(&d, kedge_rng_uniform(&rng) < ((i >= 3000) != fall ? 0.6 : 0.2));
        assert_int_equal(st, KEDGE_DRIFT);
        assert_int_equal(kedge_detector_alarm(&d, &a), KEDGE_OK);
        assert_true(a.at >= 3000 && a.changed_at > 2970 && a.changed_at < 3030);
        assert_true(fabs(a.mean_before - (fall ? 0.6 : 0.2)) < 0.05 && fabs(fabs(a.effect) - 0.4) < 0.15 && (a.effect < 0) == fall);
        assert_true(a.log_evidence >= log(1e6) && a.statistic >= a.threshold);
    }
    guard_free(mem);
}

static void test_constants(void **unused)
{
    (void)unused;
    static const double constants[] = {0, 1, 0.5, 0.3, 0.999};
    kedge_e_detector_config c = kedge_e_detector_defaults();
    naive_constants(&c.base, constants, sizeof constants / sizeof *constants);
}

/* No mean is below 0 or above 1: a stream that stays at either is nothing to bet on, however long it is. */
static void test_constants_at_the_ends(void **unused)
{
    (void)unused;
    for (uint32_t told = KEDGE_E_NOTHING; told <= KEDGE_E_BOUND; told++)
        for (int value = 0; value < 2; value++) {
            kedge_e_detector_config c = kedge_e_detector_defaults();
            c.told = told;
            c.arl = 1000;
            c.low = value ? 0.7 : 0;
            c.high = value ? 1 : 0.3;
            size_t bytes = kedge_detector_size(&c.base);
            unsigned char *mem = guard_new(bytes, 0);
            kedge_detector d;
            assert_int_equal(kedge_detector_init(&d, &c.base, mem, bytes), KEDGE_OK);
            for (int i = 0; i < 30000; i++)
                assert_int_equal(kedge_detector_update(&d, value), KEDGE_OK);
            guard_free(mem);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_constants_at_the_ends),
        cmocka_unit_test(test_equals_definition),
        cmocka_unit_test(test_guarantee),
        cmocka_unit_test(test_finds),
        cmocka_unit_test(test_constants),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
