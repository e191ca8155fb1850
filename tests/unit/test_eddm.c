/* SPDX-License-Identifier: MIT */
/* EDDM against the definition: every error's position is kept, and mean and deviation are computed anew from all distances. */
#include <fenv.h>
#include <math.h>

#include "support.h"

#include "kedge/detectors/eddm.h"

enum { N = 3000 };

typedef struct naive {
    size_t n, n_errors, entered; /* entered: observations before the warning zone, as the alarm is to report it */
    size_t at[N];                /* 1-based positions of the errors */
    double peak, trough, quotient; /* quotient: of the level and its extreme, at most 1 */
    int warned;
} naive;

static double naive_level(const naive *m, const kedge_eddm_config *c)
{
    double k = (double)m->n_errors, mean = (double)m->at[m->n_errors - 1] / k, m2 = 0;
    for (size_t i = 0; i < m->n_errors; i++)
        m2 += pow((double)(m->at[i] - (i ? m->at[i - 1] : 0)) - mean, 2);
    return mean + 2 * (k > 1 ? sqrt(m2 / (k - c->sample_deviation)) : 0);
}

static kedge_status naive_update(naive *m, const kedge_eddm_config *c, double x)
{
    m->n++;
    if (x > 0.5) {
        m->at[m->n_errors++] = m->n;
        if (m->n > c->warm_start && m->n_errors > c->peak_errors) {
            double level = naive_level(m, c);
            int counts = m->n_errors > c->min_errors;
            int is_peak = c->direction != KEDGE_DIRECTION_DOWN && level > m->peak * (1 + 1e-12);
            int is_trough = c->direction != KEDGE_DIRECTION_UP && (m->trough == 0 || level < m->trough * (1 - 1e-12));
            m->peak = is_peak ? level : m->peak;
            m->trough = is_trough ? level : m->trough;
            double up = is_peak || m->peak == 0 ? INFINITY : level / m->peak * (1 + 1e-12);
            double down = is_trough || m->trough == 0 ? INFINITY : m->trough / level * (1 + 1e-12);
            m->quotient = fmin(up, down);
            int drifted = counts && m->quotient < c->drift_threshold;
            int warned = counts && m->quotient < c->warning_threshold;
            if (warned && !m->warned)
                m->entered = drifted && up < c->drift_threshold ? m->n - 1 : m->n_errors > 1 ? m->at[m->n_errors - 2] : 0;
            if (drifted)
                return KEDGE_DRIFT;
            if (warned || !(is_peak || is_trough) || c->peak_ends_warning)
                m->warned = warned;
        }
    }
    return m->warned ? KEDGE_WARNING : KEDGE_OK;
}

static double rate(const double *x, size_t from, size_t to)
{
    double errors = 0;
    for (size_t i = from; i < to; i++)
        errors += x[i] > 0.5;
    return errors / (double)(to - from);
}

static size_t compare(const double *x, const kedge_eddm_config *c)
{
    static naive m;
    unsigned char *mem = guard_new(KEDGE_EDDM_BYTES, 0xA5);
    kedge_detector d;
    kedge_estimate e;
    size_t n_drifts = 0, n_warnings = 0, from = 0;
    int warned = 0;
    memset(&m, 0, sizeof m);
    assert_int_equal(kedge_detector_size(&c->base), KEDGE_EDDM_BYTES);
    assert_int_equal(kedge_detector_init(&d, &c->base, mem, KEDGE_EDDM_BYTES), KEDGE_OK);
    for (size_t i = 0; i < N; i++) {
        kedge_status st = kedge_detector_update(&d, x[i]);
        assert_int_equal(st, naive_update(&m, c, x[i]));
        n_warnings += st == KEDGE_WARNING && !warned;
        warned = st == KEDGE_WARNING;
        if (st != KEDGE_DRIFT)
            continue;
        kedge_alarm a;
        assert_int_equal(kedge_detector_alarm(&d, &a), KEDGE_OK);
        assert_int_equal(a.at, i);
        assert_int_equal(a.changed_at, from + m.entered);
        assert_true(a.statistic >= a.threshold);
        if (a.changed_at > from)
            assert_close(a.mean_before, rate(x, from, a.changed_at), 1e-12);
        assert_close(a.mean_after, rate(x, a.changed_at, i + 1), 1e-12);
        assert_close(a.statistic, 1 - m.quotient, 1e-9);
        n_drifts++;
        from = i + 1;
        memset(&m, 0, sizeof m);
    }
    assert_true(kedge_detector_estimate(&d, &e) >= 0);
    assert_int_equal(e.n_drifts, n_drifts);
    assert_int_equal(e.n_warnings, n_warnings);
    assert_int_equal(e.width, N - from);
    assert_int_equal(kedge_detector_check(&d), KEDGE_OK);
    guard_free(mem);
    return n_drifts;
}

static void test_equals_definition(void **unused)
{
    (void)unused;
    static double x[N];
    kedge_rng rng = {7};
    size_t n_drifts[4] = {0, 0, 0, 0};
    for (uint64_t seed = 0; seed < 120; seed++) {
        kedge_eddm_config c = kedge_eddm_defaults();
        size_t cut = kedge_rng_below(&rng, N);
        fill_bernoulli(x, cut, 0.3 * kedge_rng_uniform(&rng), seed);
        fill_bernoulli(x + cut, N - cut, kedge_rng_uniform(&rng), seed + 50);
        c.drift_threshold = 0.7 + 0.3 * kedge_rng_uniform(&rng);
        c.warning_threshold = c.drift_threshold + 0.1 * kedge_rng_uniform(&rng);
        c.warm_start = 1 + (uint32_t)kedge_rng_below(&rng, 50);
        c.min_errors = 1 + (uint32_t)kedge_rng_below(&rng, 50);
        c.peak_errors = (uint32_t)kedge_rng_below(&rng, 50);
        c.sample_deviation = seed % 2;
        c.peak_ends_warning = seed / 2 % 2;
        if (seed >= 60)
            c.direction = seed % 3 ? KEDGE_DIRECTION_DOWN : KEDGE_DIRECTION_BOTH;
        n_drifts[c.direction] += compare(x, &c);
    }
    assert_true(n_drifts[KEDGE_DIRECTION_UP] > 100 && n_drifts[KEDGE_DIRECTION_DOWN] > 50 && n_drifts[KEDGE_DIRECTION_BOTH] > 50);
}

/* The level of few distances is noise: what the peers make of it on streams that do not change, and what the default does. */
static void test_fewer_false_alarms(void **unused)
{
    (void)unused;
    static double x[20000];
    size_t n_alarms[2] = {0, 0};
    for (uint64_t seed = 0; seed < 10; seed++) {
        fill_bernoulli(x, 20000, 0.2, seed);
        for (int peer = 0; peer < 2; peer++) {
            unsigned char *mem = guard_new(KEDGE_EDDM_BYTES, 0);
            kedge_eddm_config c;
            kedge_detector d;
            assert_int_equal(kedge_eddm_config_peer(&c, sizeof c, peer ? KEDGE_PEER_MOA : KEDGE_PEER_NONE), KEDGE_OK);
            assert_int_equal(kedge_detector_init(&d, &c.base, mem, KEDGE_EDDM_BYTES), KEDGE_OK);
            for (size_t i = 0; i < 20000; i++)
                n_alarms[peer] += kedge_detector_update(&d, x[i]) == KEDGE_DRIFT;
            guard_free(mem);
        }
    }
    assert_true(2 * n_alarms[0] < n_alarms[1]);
}

/* No error, only errors, errors at even distances: nothing changes, so nothing is raised. Rates count by the side of 0.5. */
static void test_constants(void **unused)
{
    (void)unused;
    static const double levels[] = {0, 5e-324, 0.3, 0.5, 0.5000001, 1};
    for (uint32_t peer = KEDGE_PEER_NONE; peer <= KEDGE_PEER_MOA; peer++) {
        for (size_t k = 0; k < sizeof levels / sizeof *levels + 1; k++) {
            unsigned char *mem = guard_new(KEDGE_EDDM_BYTES, 0);
            kedge_eddm_config c;
            kedge_detector d;
            kedge_estimate e;
            assert_int_equal(kedge_eddm_config_peer(&c, sizeof c, peer), KEDGE_OK);
            assert_int_equal(kedge_detector_init(&d, &c.base, mem, KEDGE_EDDM_BYTES), KEDGE_OK);
            feclearexcept(FE_ALL_EXCEPT);
            for (size_t i = 0; i < 5000; i++)
                assert_int_equal(kedge_detector_update(&d, k < 6 ? levels[k] : (double)(i % 7 == 6)), KEDGE_OK);
            assert_int_equal(kedge_detector_estimate(&d, &e), KEDGE_OK);
            assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
            assert_true(e.statistic == 0 && e.mean == (k < 4 ? 0.0 : k < 6 ? 1.0 : 714.0 / 5000));
            guard_free(mem);
        }
    }
}

static void test_read_outs(void **unused)
{
    (void)unused;
    unsigned char *mem = guard_new(KEDGE_EDDM_BYTES, 0);
    kedge_eddm_config c = kedge_eddm_defaults();
    kedge_detector d;
    kedge_estimate e;
    kedge_alarm a;
    size_t used;
    double x[600];
    c.peak_errors = 5;
    c.min_errors = 10;
    assert_int_equal(kedge_detector_init(&d, &c.base, mem, KEDGE_EDDM_BYTES), KEDGE_OK);
    assert_int_equal(kedge_detector_estimate(&d, &e), KEDGE_EMPTY);
    assert_true(isnan(e.mean) && isnan(e.threshold));
    assert_int_equal(kedge_detector_alarm(&d, &a), KEDGE_EMPTY);
    for (int i = 0; i < 600; i++)
        x[i] = i < 300 ? i % 10 == 9 : 1; /* from 300 on, each distance is 1 */
    assert_int_equal(kedge_detector_update_many(&d, x, 300, &used), KEDGE_OK);
    assert_int_equal(kedge_detector_estimate(&d, &e), KEDGE_OK);
    assert_close(e.mean, 0.1, 1e-12);
    assert_close(e.variance, 0.09, 1e-12);
    assert_close(e.threshold, 0.1, 1e-12);
    assert_true(e.statistic == 0);
    assert_int_equal(kedge_detector_update_many(&d, x + 300, 300, &used), KEDGE_DRIFT);
    assert_int_equal(kedge_detector_alarm(&d, &a), KEDGE_OK);
    assert_int_equal(a.at, 300 + used - 1);
    assert_true(a.mean_before < 0.5 && a.mean_after > 0.9 && a.changed_at >= 300 && isnan(a.log_evidence));
    assert_int_equal(kedge_detector_estimate(&d, &e), KEDGE_EMPTY);
    assert_int_equal(kedge_eddm_config_peer(&c, sizeof c, 9), KEDGE_ERR_CONFIG);
    assert_int_equal(kedge_eddm_config_peer(&c, sizeof c, 0), KEDGE_ERR_CONFIG);
    assert_int_equal(kedge_eddm_config_peer(NULL, sizeof c, KEDGE_PEER_MOA), KEDGE_ERR_NULL);
    assert_int_equal(kedge_eddm_config_init(&c, 8), KEDGE_ERR_CONFIG);
    guard_free(mem);
}

/* Streams of 40 seeds, of which this many alarm behind observation 3000, where the rate changes; before it none may. */
static int found(uint32_t direction, double from, double to)
{
    static double x[6000];
    int n_found = 0;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        unsigned char *mem = guard_new(KEDGE_EDDM_BYTES, 0xA5);
        kedge_eddm_config c = kedge_eddm_defaults();
        kedge_detector d;
        kedge_alarm a;
        size_t used;
        c.drift_threshold = 0.5;
        c.warning_threshold = 0.55; /* at 0.95 the zone is entered by chance, long before, and the means are those of that time */
        c.direction = direction;
        fill_bernoulli(x, 3000, from, seed);
        fill_bernoulli(x + 3000, 3000, to, seed + 100);
        assert_int_equal(kedge_detector_init(&d, &c.base, mem, KEDGE_EDDM_BYTES), KEDGE_OK);
        if (kedge_detector_update_many(&d, x, 6000, &used) == KEDGE_DRIFT) {
            assert_true(used > 3000);
            assert_int_equal(kedge_detector_alarm(&d, &a), KEDGE_OK);
            assert_true((a.mean_after > a.mean_before) == (to > from) && a.statistic > 0.5);
            n_found++;
        }
        guard_free(mem);
    }
    return n_found;
}

static void test_direction(void **unused)
{
    (void)unused;
    kedge_eddm_config c = kedge_eddm_defaults();
    assert_int_equal(c.direction, KEDGE_DIRECTION_UP);
    assert_int_equal(found(KEDGE_DIRECTION_UP, 0.1, 0.6), 40);
    assert_int_equal(found(KEDGE_DIRECTION_UP, 0.6, 0.1), 0);
    assert_int_equal(found(KEDGE_DIRECTION_DOWN, 0.1, 0.6), 0);
    assert_int_equal(found(KEDGE_DIRECTION_DOWN, 0.6, 0.1), 40);
    assert_int_equal(found(KEDGE_DIRECTION_BOTH, 0.1, 0.6), 40);
    assert_int_equal(found(KEDGE_DIRECTION_BOTH, 0.6, 0.1), 40);
    c.direction = KEDGE_DIRECTION_DOWN + 1;
    assert_int_equal(kedge_detector_size(&c.base), 0);
}

/* The quotient of p' + 2 s' and its extreme does not depend on the rate, and how often a quiet stream alarms does not either;
 * downwards more often at the same threshold, since one long distance raises the level more than a short one lowers it. */
static void test_quiet_by_direction(void **unused)
{
    (void)unused;
    static double x[5000];
    for (int k = 0; k < 2; k++) {
        int quiet[4] = {0, 0, 0, 0}; /* by direction */
        for (uint64_t seed = 1; seed <= 200; seed++) {
            fill_bernoulli(x, 5000, k ? 0.5 : 0.05, seed);
            for (uint32_t direction = KEDGE_DIRECTION_BOTH; direction <= KEDGE_DIRECTION_DOWN; direction++) {
                unsigned char *mem = guard_new(KEDGE_EDDM_BYTES, 0xA5);
                kedge_eddm_config c = kedge_eddm_defaults();
                kedge_detector d;
                size_t used;
                c.drift_threshold = 0.7;
                c.direction = direction;
                assert_int_equal(kedge_detector_init(&d, &c.base, mem, KEDGE_EDDM_BYTES), KEDGE_OK);
                quiet[direction] += kedge_detector_update_many(&d, x, 5000, &used) != KEDGE_DRIFT;
                guard_free(mem);
            }
        }
        assert_true(quiet[KEDGE_DIRECTION_UP] >= 180 && quiet[KEDGE_DIRECTION_DOWN] >= 150 && quiet[KEDGE_DIRECTION_DOWN] <= 185);
        assert_true(quiet[KEDGE_DIRECTION_BOTH] <= quiet[KEDGE_DIRECTION_UP]);
        assert_true(quiet[KEDGE_DIRECTION_BOTH] <= quiet[KEDGE_DIRECTION_DOWN]);
    }
}

/* The knob's ends are valid with the warning level moved in proportion, and alarms get rarer along it. */
static void test_knob(void **unused)
{
    (void)unused;
    static double x[20000];
    size_t before = SIZE_MAX;
    fill_bernoulli(x, 20000, 0.2, 3);
    assert_true(kedge_eddm.knob.offset == offsetof(kedge_eddm_config, drift_threshold));
    for (double to = kedge_eddm.knob.often; to > kedge_eddm.knob.seldom / 2; to = to > 0.8 ? to - 0.05 : to / 10) {
        kedge_eddm_config c = kedge_eddm_defaults();
        c.warning_threshold *= to / c.drift_threshold;
        c.drift_threshold = to;
        size_t n_alarms = count_alarms(&c.base, x, 20000);
        assert_true(n_alarms <= before);
        before = n_alarms;
    }
    assert_int_equal(before, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equals_definition), cmocka_unit_test(test_fewer_false_alarms), cmocka_unit_test(test_constants),
        cmocka_unit_test(test_read_outs),         cmocka_unit_test(test_knob),               cmocka_unit_test(test_direction),
        cmocka_unit_test(test_quiet_by_direction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
