/* SPDX-License-Identifier: MIT */
/* STEPD against the definition: all errors are kept and counted anew, Z and the hypergeometric tail are computed as the books
 * write them. */
#include <fenv.h>
#include <math.h>

#include "support.h"

#include "kedge/detectors/stepd.h"

enum { N = 3000 };

static double count(const double *x, size_t from, size_t to)
{
    double errors = 0;
    for (size_t i = from; i < to; i++)
        errors += x[i] > 0.5;
    return errors;
}

static double log_choose(double n, double k)
{
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1);
}

/* Twice the probability of r or more (if r is above expectation, else of r or fewer) errors among w of n, given k in all. */
static double naive_fisher(double n, double k, double w, double r)
{
    double tail = 0;
    for (double i = 0; i <= w; i++)
        if ((r * n > k * w ? i >= r : i <= r) && i <= k && w - i <= n - k)
            tail += exp(log_choose(k, i) + log_choose(n - k, w - i) - log_choose(n, w));
    return fmin(2 * tail, 1);
}

static kedge_status naive_status(const kedge_stepd_config *c, double n, double k, double r)
{
    double w = c->window_size, n_old = n - w, old = k - r;
    if (n < 2 * w)
        return KEDGE_OK;
    double q = 1 / n_old + 1 / w, p = k / n, apart = fabs(old / n_old - r / w) - q / 2;
    double z = !c->absolute && apart <= 1e-12 ? 0 : fabs(apart) / sqrt(p * (1 - p) * q), p_value = erfc(z / sqrt(2));
    int rises = r * n > k * w, falls = r * n < k * w;
    if (p_value < c->alpha_warning && c->exact && w * fmin(k, n - k) < 5 * n && p_value < 1)
        p_value = p_value < c->alpha_drift ? naive_fisher(n, k, w, r) : fmax(naive_fisher(n, k, w, r), c->alpha_drift);
    if ((c->direction == KEDGE_DIRECTION_UP && !rises) || (c->direction == KEDGE_DIRECTION_DOWN && !falls))
        return KEDGE_OK;
    return p_value < c->alpha_drift ? KEDGE_DRIFT : p_value < c->alpha_warning ? KEDGE_WARNING : KEDGE_OK;
}

static double likelihood(const double *x, size_t from, size_t to)
{
    double n = (double)(to - from), k = count(x, from, to);
    return (k > 0 ? k * log(k / n) : 0) + (k < n ? (n - k) * log(1 - k / n) : 0);
}

static void compare_alarm(const double *x, const kedge_stepd_config *c, const kedge_alarm *a, size_t from, size_t i, size_t zone)
{
    double best = -INFINITY;
    assert_int_equal(a->at, i);
    for (size_t cut = i + 1 - c->window_size; cut <= i; cut++)
        best = fmax(best, likelihood(x, from, cut) + likelihood(x, cut, i + 1));
    if (zone < i + 1 - c->window_size && zone > from)
        best = fmax(best, likelihood(x, from, zone) + likelihood(x, zone, i + 1));
    assert_true(a->changed_at > from && a->changed_at <= i);
    assert_close(likelihood(x, from, a->changed_at) + likelihood(x, a->changed_at, i + 1), best, 1e-12);
    assert_close(a->mean_before, count(x, from, a->changed_at) / (double)(a->changed_at - from), 1e-12);
    assert_close(a->mean_after, count(x, a->changed_at, i + 1) / (double)(i + 1 - a->changed_at), 1e-12);
    assert_true(a->statistic >= a->threshold * (1 - 1e-9));
    assert_close(erfc(a->threshold / sqrt(2)), c->alpha_drift, 1e-12);
    assert_true(a->log_evidence > -log(c->alpha_drift) - 1e-9);
}

static size_t compare(const double *x, const kedge_stepd_config *c)
{
    unsigned char *mem = guard_new(KEDGE_STEPD_BYTES, 0xA5);
    kedge_detector d;
    kedge_estimate e;
    kedge_alarm a;
    size_t n_drifts = 0, n_warnings = 0, from = 0, zone = 0;
    int warned = 0;
    assert_int_equal(kedge_detector_size(&c->base), KEDGE_STEPD_BYTES);
    assert_int_equal(kedge_detector_init(&d, &c->base, mem, KEDGE_STEPD_BYTES), KEDGE_OK);
    for (size_t i = 0; i < N; i++) {
        kedge_status st = kedge_detector_update(&d, x[i]);
        size_t back = i + 1 - from < c->window_size ? from : i + 1 - c->window_size;
        assert_int_equal(st, naive_status(c, (double)(i + 1 - from), count(x, from, i + 1), count(x, back, i + 1)));
        if (st == KEDGE_WARNING && !warned) {
            n_warnings++;
            zone = i;
        }
        if (i % 64 == 0)
            assert_int_equal(kedge_detector_check(&d), KEDGE_OK);
        if (st == KEDGE_DRIFT) {
            assert_int_equal(kedge_detector_alarm(&d, &a), KEDGE_OK);
            compare_alarm(x, c, &a, from, i, warned ? zone : i);
            n_drifts++;
            from = i + 1;
        }
        warned = st == KEDGE_WARNING;
    }
    assert_true(kedge_detector_estimate(&d, &e) >= 0);
    assert_int_equal(e.n_drifts, n_drifts);
    assert_int_equal(e.n_warnings, n_warnings);
    assert_int_equal(e.width, N - from);
    guard_free(mem);
    return n_drifts;
}

static void test_equals_definition(void **unused)
{
    (void)unused;
    static double x[N];
    static const uint32_t windows[] = {2, 10, 30, 64, 65, 128, 300, 1024};
    kedge_rng rng = {7};
    size_t n_drifts = 0;
    for (uint64_t seed = 0; seed < 72; seed++) {
        kedge_stepd_config c = kedge_stepd_defaults();
        size_t cut = kedge_rng_below(&rng, N);
        fill_bernoulli(x, cut, seed % 3 ? kedge_rng_uniform(&rng) : 0.05 * kedge_rng_uniform(&rng), seed);
        double after = kedge_rng_uniform(&rng);
        fill_bernoulli(x + cut, N - cut, seed % 3 == 1 ? 0.95 + 0.05 * after : after, seed + 50);
        c.window_size = windows[seed % 8];
        c.direction = 1 + (uint32_t)kedge_rng_below(&rng, 3);
        c.exact = (uint32_t)kedge_rng_below(&rng, 2);
        c.absolute = (uint32_t)kedge_rng_below(&rng, 2);
        c.alpha_drift = pow(10, -1 - 4 * kedge_rng_uniform(&rng));
        c.alpha_warning = c.alpha_drift * (1 + 20 * kedge_rng_uniform(&rng));
        n_drifts += compare(x, &c);
    }
    assert_true(n_drifts > 200);
}

/* Of streams that do not change: equal values never alarm, rare errors no more often than alpha says, where MOA's way does. */
static size_t alarms_of(double rate, int moa)
{
    static double x[200000];
    unsigned char *mem = guard_new(KEDGE_STEPD_BYTES, 0);
    uint8_t *signals = guard_new(200000, 0);
    kedge_stepd_config c;
    kedge_detector d;
    kedge_estimate e;
    size_t used;
    fill_bernoulli(x, 200000, rate, 11);
    assert_int_equal(kedge_stepd_config_peer(&c, sizeof c, moa ? KEDGE_PEER_MOA : KEDGE_PEER_NONE), KEDGE_OK);
    assert_int_equal(kedge_detector_init(&d, &c.base, mem, KEDGE_STEPD_BYTES), KEDGE_OK);
    feclearexcept(FE_ALL_EXCEPT);
    assert_true(kedge_detector_signal_many(&d, x, 200000, signals, &used) >= 0);
    assert_true(kedge_detector_estimate(&d, &e) >= 0);
    assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
    guard_free(signals);
    guard_free(mem);
    return e.n_drifts;
}

static void test_no_change(void **unused)
{
    (void)unused;
    assert_int_equal(alarms_of(0, 0), 0);
    assert_int_equal(alarms_of(1, 0), 0);
    assert_true(alarms_of(0, 1) == 200000 / 60 && alarms_of(1, 1) == 200000 / 60);
    assert_true(10 * alarms_of(0.001, 0) < alarms_of(0.001, 1));
    for (int i = 1; i <= 9; i++)
        assert_true((double)alarms_of(0.1 * i, 0) <= 0.003 * 200000);
}

/* Rates count by the side of 0.5; the rarest alarms in the longest window. */
static void test_extremes(void **unused)
{
    (void)unused;
    unsigned char *mem = guard_new(KEDGE_STEPD_BYTES, 0);
    kedge_stepd_config c = kedge_stepd_defaults();
    kedge_detector d;
    kedge_estimate e;
    kedge_alarm a;
    c.alpha_drift = 1e-300;
    c.alpha_warning = 1;
    c.window_size = 1024;
    assert_int_equal(kedge_detector_init(&d, &c.base, mem, KEDGE_STEPD_BYTES), KEDGE_OK);
    feclearexcept(FE_ALL_EXCEPT);
    for (int i = 0; i < 4000; i++)
        assert_int_equal(kedge_detector_update(&d, i % 2 ? 0.5 : 5e-324), KEDGE_OK);
    int n = 0;
    while (n < 2000 && kedge_detector_update(&d, 0.5000001) != KEDGE_DRIFT)
        n++;
    assert_int_equal(kedge_detector_alarm(&d, &a), KEDGE_OK);
    assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
    assert_true(a.changed_at == 4000 && a.mean_before == 0 && a.mean_after == 1 && a.log_evidence >= 300 * log(10));
    assert_int_equal(kedge_detector_estimate(&d, &e), KEDGE_EMPTY);
    guard_free(mem);
}

static void test_read_outs(void **unused)
{
    (void)unused;
    unsigned char *mem = guard_new(KEDGE_STEPD_BYTES, 0);
    kedge_stepd_config c = kedge_stepd_defaults();
    kedge_detector d;
    kedge_estimate e;
    kedge_alarm a;
    c.direction = KEDGE_DIRECTION_DOWN;
    assert_int_equal(kedge_detector_init(&d, &c.base, mem, KEDGE_STEPD_BYTES), KEDGE_OK);
    assert_int_equal(kedge_detector_estimate(&d, &e), KEDGE_EMPTY);
    assert_true(isnan(e.mean) && isnan(e.threshold));
    assert_int_equal(kedge_detector_alarm(&d, &a), KEDGE_EMPTY);
    for (int i = 0; i < 130; i++)
        assert_true(kedge_detector_update(&d, i < 100 ? i % 4 == 0 : i % 2 == 0) >= 0);
    assert_int_equal(kedge_detector_estimate(&d, &e), KEDGE_OK);
    double q = 1.0 / 100 + 1.0 / 30, p = 40.0 / 130;
    assert_close(e.mean, p, 1e-12);
    assert_close(e.variance, p * (1 - p), 1e-12);
    assert_close(e.statistic, -(0.25 - q / 2) / sqrt(p * (1 - p) * q), 1e-12); /* more errors: away from what is looked for */
    assert_close(e.threshold, 2.9677379253417833, 1e-12);
    assert_int_equal(kedge_stepd_config_peer(&c, sizeof c, KEDGE_PEER_RIVER), KEDGE_ERR_CONFIG); /* river has none */
    assert_int_equal(kedge_stepd_config_peer(NULL, sizeof c, KEDGE_PEER_MOA), KEDGE_ERR_NULL);
    assert_int_equal(kedge_stepd_config_init(&c, 8), KEDGE_ERR_CONFIG);
    guard_free(mem);
}

/* The knob's ends are valid with the warning level moved in proportion, and alarms get rarer along it. */
static void test_knob(void **unused)
{
    (void)unused;
    static double x[20000];
    size_t before = SIZE_MAX;
    fill_bernoulli(x, 20000, 0.2, 3);
    for (double to = kedge_stepd.knob.often; to >= kedge_stepd.knob.seldom; to = to > 1e-4 ? to / 5 : to / 1e5) {
        kedge_stepd_config c = kedge_stepd_defaults();
        c.alpha_warning *= to / c.alpha_drift;
        c.alpha_drift = to;
        size_t n_alarms = count_alarms(&c.base, x, 20000);
        assert_true(n_alarms <= before);
        before = n_alarms;
    }
    assert_int_equal(before, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equals_definition), cmocka_unit_test(test_no_change), cmocka_unit_test(test_extremes),
        cmocka_unit_test(test_read_outs),         cmocka_unit_test(test_knob),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
