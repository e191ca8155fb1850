/* SPDX-License-Identifier: MIT */
/* Linear Four Rates against the definition: all observations of a rate are kept, its weights are written out, and the bound is
 * the supremum that it stands for. Whether it is a bound, simulation tells. */
#include <fenv.h>
#include <math.h>

#include "support.h"

#include "kedge/detectors/lfr.h"

enum { N = 1200 };

/* sup over t of t x - sum over i of (t a_i)^2 m(t a), with m(y) the greatest phi(z) / z^2 for z up to y: on a grid, then by
 * halving steps. */
static double exponent_at(double t, double x, double v, double a, double p)
{
    double q = 1 - p, y = t * a, m = p * q / 2;
    if (p < 0.5) {
        double z = fmin(y, 2 * log(q / p));
        m = z > 1e-4 ? (log(q + p * exp(z)) - p * z) / (z * z) : m;
    }
    return t * x - v * t * t * m;
}

static double supremum(double x, double v, double a, double p)
{
    double t = 0, step = x / (v * p * (1 - p));
    while (step > 1e-9 * (1 + t)) {
        if (exponent_at(t + step, x, v, a, p) > exponent_at(t, x, v, a, p))
            t += step;
        else if (t >= step && exponent_at(t - step, x, v, a, p) > exponent_at(t, x, v, a, p))
            t -= step;
        else
            step /= 2;
    }
    return exponent_at(t, x, v, a, p);
}

typedef struct naive_rate {
    size_t n, turn; /* turn: observations before the fading mean last changed sides */
    size_t at[N];   /* index in the stream */
    int right[N];
    int below;
    double evidence;
} naive_rate;

static double mean_of(const naive_rate *r, size_t from, size_t to)
{
    double right = 0;
    for (size_t i = from; i < to; i++)
        right += r->right[i];
    return right / (double)(to - from);
}

static void naive_add(naive_rate *r, const kedge_lfr_config *c, size_t at, int right)
{
    double total = 0, fading = 0, v = 0, greatest = 0, plain, n;
    r->at[r->n] = at;
    r->right[r->n++] = right;
    n = (double)r->n;
    for (size_t i = 0; i < r->n; i++)
        total += pow(c->decay, (double)i);
    for (size_t i = 0; i < r->n; i++) {
        double w = pow(c->decay, (double)i) / total;
        fading += w * r->right[r->n - 1 - i];
        v += (w - 1 / n) * (w - 1 / n);
        greatest = fmax(greatest, w - 1 / n);
    }
    plain = mean_of(r, 0, r->n);
    double x = fabs(fading - plain) < 1e-13 ? 0 : fading - plain;
    if ((x < 0) != r->below) {
        r->below = x < 0;
        r->turn = r->n - 1;
    }
    r->evidence = 0;
    if (r->n <= c->warm_start || (c->direction == KEDGE_DIRECTION_UP && x < 0) || (c->direction == KEDGE_DIRECTION_DOWN && x > 0))
        return;
    double p = (plain * n + 1) / (n + 2);
    r->evidence = supremum(fabs(x), v, greatest, x > 0 ? p : 1 - p);
}

static size_t compare(const int *codes, const kedge_lfr_config *c)
{
    static naive_rate rates[4];
    unsigned char *mem = guard_new(KEDGE_LFR_BYTES, 0xA5);
    double limit = c->direction == KEDGE_DIRECTION_BOTH ? log(2) : 0;
    kedge_detector d;
    kedge_estimate e;
    kedge_alarm a;
    size_t n_drifts = 0, n_warnings = 0, from = 0;
    int warned = 0;
    memset(rates, 0, sizeof rates);
    assert_int_equal(kedge_detector_size(&c->base), KEDGE_LFR_BYTES);
    assert_int_equal(kedge_detector_init(&d, &c->base, mem, KEDGE_LFR_BYTES), KEDGE_OK);
    for (size_t i = 0; i < N; i++) {
        int truth = codes[i] / 2, predicted = codes[i] % 2;
        kedge_status want = KEDGE_OK, st = kedge_detector_update(&d, kedge_lfr_observation(truth, predicted));
        naive_add(&rates[truth], c, i, truth == predicted);
        naive_add(&rates[2 + predicted], c, i, truth == predicted);
        const naive_rate *best = rates;
        for (int k = 0; k < 4; k++) {
            if (rates[k].evidence > best->evidence)
                best = &rates[k];
            if (rates[k].n > c->warm_start && rates[k].evidence > limit - log(c->alpha_warning) && want == KEDGE_OK)
                want = KEDGE_WARNING;
            if (rates[k].evidence > limit - log(c->alpha_drift))
                want = KEDGE_DRIFT;
        }
        assert_int_equal(st, want);
        n_warnings += st == KEDGE_WARNING && !warned;
        warned = st == KEDGE_WARNING;
        if (i % 16 == 0 && st != KEDGE_DRIFT) {
            assert_int_equal(kedge_detector_check(&d), KEDGE_OK);
            assert_int_equal(kedge_detector_estimate(&d, &e), KEDGE_OK);
            assert_close(e.statistic, best->evidence, 1e-6);
            assert_close(e.threshold, limit - log(c->alpha_drift), 1e-12);
        }
        if (st != KEDGE_DRIFT)
            continue;
        assert_int_equal(kedge_detector_alarm(&d, &a), KEDGE_OK);
        assert_int_equal(a.at, i);
        assert_close(a.statistic, best->evidence, 1e-6);
        assert_close(a.log_evidence, a.statistic - limit, 1e-12);
        assert_int_equal(a.changed_at, best->at[best->turn]);
        assert_close(a.mean_after, mean_of(best, best->turn, best->n), 1e-12);
        if (best->turn > 0)
            assert_close(a.mean_before, mean_of(best, 0, best->turn), 1e-12);
        memset(rates, 0, sizeof rates);
        n_drifts++;
        from = i + 1;
    }
    assert_true(kedge_detector_estimate(&d, &e) >= 0);
    assert_int_equal(e.n_drifts, n_drifts);
    assert_int_equal(e.n_warnings, n_warnings);
    assert_int_equal(e.width, N - from);
    guard_free(mem);
    return n_drifts;
}

static void fill_codes(int *codes, size_t n, double positive, double sensitivity, double specificity, kedge_rng *rng)
{
    for (size_t i = 0; i < n; i++) {
        int truth = kedge_rng_uniform(rng) < positive;
        int right = kedge_rng_uniform(rng) < (truth ? sensitivity : specificity);
        codes[i] = 2 * truth + (right ? truth : !truth);
    }
}

static void test_equals_definition(void **unused)
{
    (void)unused;
    static int codes[N];
    kedge_rng rng = {7};
    size_t n_drifts = 0;
    for (int round = 0; round < 16; round++) {
        kedge_lfr_config c = kedge_lfr_defaults();
        size_t cut = kedge_rng_below(&rng, N);
        double positive = kedge_rng_uniform(&rng);
        fill_codes(codes, cut, positive, 0.5 + 0.5 * kedge_rng_uniform(&rng), 0.5 + 0.5 * kedge_rng_uniform(&rng), &rng);
        fill_codes(codes + cut, N - cut, positive, kedge_rng_uniform(&rng), kedge_rng_uniform(&rng), &rng);
        c.decay = 0.5 + 0.49 * kedge_rng_uniform(&rng);
        c.alpha_drift = pow(10, -0.3 - 3 * kedge_rng_uniform(&rng));
        c.alpha_warning = c.alpha_drift * (1 + 20 * kedge_rng_uniform(&rng));
        c.warm_start = 10 + (uint32_t)kedge_rng_below(&rng, 40);
        c.direction = 1 + (uint32_t)(round % 3);
        n_drifts += compare(codes, &c);
    }
    assert_true(n_drifts > 20);
}

/* By simulation: of rates that do not change, no more warn than alpha says, and not far fewer than a tenth of them. */
static void test_is_a_bound(void **unused)
{
    (void)unused;
    enum { DRAWS = 6000 };
    static const double shares[] = {0.05, 0.3, 0.5, 0.8, 0.95};
    kedge_rng rng = {11};
    size_t n_all = 0;
    double expected = 0;
    for (int k = 0; k < 5; k++) {
        for (int j = 0; j < 2; j++) {
            unsigned char *mem = guard_new(KEDGE_LFR_BYTES, 0);
            kedge_lfr_config c = kedge_lfr_defaults();
            kedge_detector d;
            size_t n_warnings = 0;
            c.alpha_warning = j ? 0.02 : 0.2;
            c.alpha_drift = 1e-9;
            assert_int_equal(kedge_detector_init(&d, &c.base, mem, KEDGE_LFR_BYTES), KEDGE_OK);
            for (size_t i = 0; i < DRAWS; i++) {
                assert_int_equal(kedge_detector_reset(&d), KEDGE_OK);
                kedge_status st = KEDGE_OK;
                for (int n = 0; n < 150; n++) /* all are positive: sensitivity moves, and precision is 1 or 0 for ever */
                    st = kedge_detector_update(&d, kedge_lfr_observation(1, kedge_rng_uniform(&rng) < shares[k]));
                n_warnings += st == KEDGE_WARNING;
            }
            assert_true((double)n_warnings <= c.alpha_warning * DRAWS);
            n_all += n_warnings;
            expected += c.alpha_warning * DRAWS;
            guard_free(mem);
        }
    }
    assert_true((double)n_all > 0.05 * expected);
}

/* A rare class is lost while the error rate stays: errors of the other class become fewer. */
static void test_sees_what_the_error_rate_hides(void **unused)
{
    (void)unused;
    static int codes[8000];
    size_t n_seen = 0, n_ddm = 0;
    for (uint64_t seed = 0; seed < 20; seed++) {
        kedge_rng rng = {seed};
        unsigned char *mem = guard_new(KEDGE_LFR_BYTES, 0);
        unsigned char *ddm_mem = guard_new(KEDGE_DDM_BYTES, 0);
        kedge_lfr_config c = kedge_lfr_defaults();
        kedge_ddm_config ddm = kedge_ddm_defaults();
        kedge_detector d, by_errors;
        kedge_alarm a;
        fill_codes(codes, 4000, 0.1, 0.9, 0.9, &rng);
        fill_codes(codes + 4000, 4000, 0.1, 0.3, 0.97, &rng); /* error rates 0.1 and 0.097 */
        assert_int_equal(kedge_detector_init(&d, &c.base, mem, KEDGE_LFR_BYTES), KEDGE_OK);
        assert_int_equal(kedge_detector_init(&by_errors, &ddm.base, ddm_mem, KEDGE_DDM_BYTES), KEDGE_OK);
        for (size_t i = 0; i < 8000; i++) {
            n_ddm += kedge_detector_update(&by_errors, codes[i] == 1 || codes[i] == 2) == KEDGE_DRIFT && i >= 4000;
            if (kedge_detector_update(&d, codes[i]) == KEDGE_DRIFT && i >= 4000) {
                assert_int_equal(kedge_detector_alarm(&d, &a), KEDGE_OK);
                n_seen++;
                assert_true(a.changed_at >= 3800 && a.changed_at < 4300 && fabs(a.effect) > 0.2);
                break;
            }
        }
        guard_free(ddm_mem);
        guard_free(mem);
    }
    assert_true(n_seen >= 19 && n_ddm <= 5);
}

/* Constant codes, and what is between two codes, which counts as the nearer. */
static void test_constants(void **unused)
{
    (void)unused;
    for (int k = 0; k < 12; k++) {
        static const double inputs[] = {0, 1, 2, 3, 5e-324, 0.4999, 0.5001, 1.5, 2.4999, 2.5001, 2.9999, 1.0001};
        static const int codes[] = {0, 1, 2, 3, 0, 0, 1, 2, 2, 3, 3, 1};
        unsigned char *mem = guard_new(KEDGE_LFR_BYTES, 0);
        kedge_lfr_config c = kedge_lfr_defaults();
        kedge_detector d;
        kedge_estimate e;
        c.alpha_drift = c.alpha_warning = 0.9999;
        c.direction = KEDGE_DIRECTION_UP + (uint32_t)(k % 2);
        c.decay = k % 3 ? 0.9999 : 0.5;
        assert_int_equal(kedge_detector_init(&d, &c.base, mem, KEDGE_LFR_BYTES), KEDGE_OK);
        feclearexcept(FE_ALL_EXCEPT);
        for (int i = 0; i < 20000; i++)
            assert_int_equal(kedge_detector_update(&d, inputs[k]), KEDGE_OK);
        assert_int_equal(kedge_detector_estimate(&d, &e), KEDGE_OK);
        assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
        assert_true(e.mean == (codes[k] == 0 || codes[k] == 3) && e.variance == 0 && e.statistic < 1e-9);
        guard_free(mem);
    }
    assert_true(kedge_lfr_observation(0, 0) == 0 && kedge_lfr_observation(0, 5) == 1 && kedge_lfr_observation(7, 0) == 2 &&
                kedge_lfr_observation(1, 1) == 3);
}

static void test_read_outs(void **unused)
{
    (void)unused;
    unsigned char *mem = guard_new(KEDGE_LFR_BYTES, 0);
    kedge_lfr_config c = kedge_lfr_defaults();
    kedge_detector d;
    kedge_estimate e;
    kedge_alarm a;
    assert_int_equal(kedge_detector_init(&d, &c.base, mem, KEDGE_LFR_BYTES), KEDGE_OK);
    assert_int_equal(kedge_detector_estimate(&d, &e), KEDGE_EMPTY);
    assert_true(isnan(e.mean) && isnan(e.threshold));
    assert_int_equal(kedge_detector_alarm(&d, &a), KEDGE_EMPTY);
    for (int i = 0; i < 400; i++)
        assert_true(kedge_detector_update(&d, kedge_lfr_observation(i % 2, i % 8 == 0 ? !(i % 2) : i % 2)) >= 0);
    assert_int_equal(kedge_detector_estimate(&d, &e), KEDGE_OK);
    assert_close(e.mean, 0.875, 1e-12);
    assert_close(e.variance, 0.109375, 1e-12);
    assert_true(e.statistic >= 0 && e.statistic < e.threshold);
    assert_int_equal(kedge_detector_update(&d, 3.01), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_lfr_config_init(&c, 8), KEDGE_ERR_CONFIG);
    assert_int_equal(kedge_lfr_config_init(NULL, sizeof c), KEDGE_ERR_NULL);
    guard_free(mem);
}

/* The knob's ends are valid with the warning level moved in proportion, and alarms get rarer along it. */
static void test_knob(void **unused)
{
    (void)unused;
    static int codes[20000];
    static double x[20000];
    kedge_rng rng = {5};
    size_t before = SIZE_MAX;
    fill_codes(codes, 20000, 0.3, 0.8, 0.9, &rng);
    for (size_t i = 0; i < 20000; i++)
        x[i] = codes[i];
    for (double to = kedge_lfr.knob.often; to >= kedge_lfr.knob.seldom; to = to > 1e-4 ? to / 5 : to / 1e5) {
        kedge_lfr_config c = kedge_lfr_defaults();
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
        cmocka_unit_test(test_equals_definition),
        cmocka_unit_test(test_is_a_bound),
        cmocka_unit_test(test_sees_what_the_error_rate_hides),
        cmocka_unit_test(test_constants),
        cmocka_unit_test(test_read_outs),
        cmocka_unit_test(test_knob),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
