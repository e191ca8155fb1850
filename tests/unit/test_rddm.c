/* SPDX-License-Identifier: MIT */
/* RDDM against the definition: all errors are kept, and every rate is counted anew. */
#include <fenv.h>
#include <fenv.h>
#include <math.h>

#include "support.h"

#include "kedge/detectors/rddm.h"

enum { N = 6000 };

typedef struct naive {
    size_t from, zone; /* the rate is that of x[from .. now]; zone: first observation of the warning zone, SIZE_MAX outside */
    double least, p_min, s_min;
} naive;

static double count(const double *x, size_t from, size_t to)
{
    double errors = 0;
    for (size_t i = from; i < to; i++)
        errors += x[i] > 0.5;
    return errors;
}

static void naive_forget(naive *m)
{
    m->least = INFINITY;
    m->p_min = m->s_min = 0;
}

static double naive_lower(naive *m, const kedge_rddm_config *c, double errors, double n)
{
    double p = errors / n, s = sqrt(p * (1 - p) / n);
    if (p + s < m->least) {
        m->least = p + s;
        m->p_min = p;
        m->s_min = s;
    }
    if (errors == 0 && c->smooth)
        m->s_min = sqrt(1 / (n + 2) * (1 - 1 / (n + 2)) / n);
    return p + s;
}

static void naive_replay(naive *m, const kedge_rddm_config *c, const double *x, size_t from, size_t to)
{
    m->from = from;
    m->zone = SIZE_MAX;
    naive_forget(m);
    if (c->keep_minimum)
        for (size_t n = c->warm_start + 2; n <= to - from; n++)
            naive_lower(m, c, count(x, from, from + n), (double)n);
}

/* Sets *begin to where the new concept begins. */
static kedge_status naive_update(naive *m, const kedge_rddm_config *c, const double *x, size_t i, size_t *begin)
{
    size_t n = i + 1 - m->from;
    if (n <= c->warm_start)
        return KEDGE_OK;
    double level = naive_lower(m, c, count(x, m->from, i + 1), (double)n);
    int is_drift = level > m->p_min + c->drift_threshold * m->s_min;
    if (!(level > m->p_min + c->warning_threshold * m->s_min)) {
        m->zone = SIZE_MAX;
        if (n >= c->max_concept) {
            m->from = i + 1 - c->min_stable;
            if (!c->keep_minimum)
                naive_forget(m);
        }
        return KEDGE_OK;
    }
    if (!is_drift && m->zone == SIZE_MAX)
        m->zone = i;
    *begin = m->zone == SIZE_MAX ? i : m->zone;
    if (!is_drift && i + 1 - *begin <= c->warn_limit)
        return KEDGE_WARNING;
    size_t back = !is_drift ? i : i + 1 - *begin > c->min_stable ? i + 1 - c->min_stable : *begin;
    naive_replay(m, c, x, back, i + 1);
    return KEDGE_DRIFT;
}

static size_t compare(const double *x, const kedge_rddm_config *c)
{
    size_t bytes = KEDGE_RDDM_BYTES_FOR(c->min_stable), n_drifts = 0, n_warnings = 0, begin = 0, forced = 0;
    unsigned char *mem = guard_new(bytes, 0xA5);
    kedge_detector d;
    kedge_estimate e;
    naive m = {0, SIZE_MAX, INFINITY, 0, 0};
    int warned = 0;
    assert_int_equal(kedge_detector_size(&c->base), bytes);
    assert_int_equal(kedge_detector_init(&d, &c->base, mem, bytes), KEDGE_OK);
    for (size_t i = 0; i < N; i++) {
        size_t from = m.from;
        kedge_status st = kedge_detector_update(&d, x[i]);
        assert_int_equal(st, naive_update(&m, c, x, i, &begin));
        n_warnings += st == KEDGE_WARNING && !warned;
        warned = st == KEDGE_WARNING;
        if (i % 64 == 0 || st == KEDGE_DRIFT) {
            assert_int_equal(kedge_detector_estimate(&d, &e), KEDGE_OK);
            assert_int_equal(e.width, i + 1 - m.from);
            assert_close(e.mean, count(x, m.from, i + 1) / (double)e.width, 1e-12);
            assert_int_equal(kedge_detector_check(&d), KEDGE_OK);
        }
        if (st != KEDGE_DRIFT)
            continue;
        kedge_alarm a;
        assert_int_equal(kedge_detector_alarm(&d, &a), KEDGE_OK);
        assert_int_equal(a.at, i);
        assert_int_equal(a.changed_at, begin);
        forced += a.statistic <= a.threshold;
        assert_close(a.mean_before, count(x, from, begin) / (double)(begin - from), 1e-12);
        assert_close(a.mean_after, count(x, begin, i + 1) / (double)(i + 1 - begin), 1e-12);
        n_drifts++;
    }
    assert_int_equal(e.n_drifts, n_drifts);
    assert_true(e.n_warnings <= n_warnings && n_warnings <= e.n_warnings + n_drifts + 1);
    guard_free(mem);
    return n_drifts + 1000 * forced;
}

static void test_equals_definition(void **unused)
{
    (void)unused;
    static double x[N];
    kedge_rng rng = {7};
    size_t n_drifts = 0;
    for (uint64_t seed = 0; seed < 40; seed++) {
        kedge_rddm_config c = kedge_rddm_defaults();
        for (size_t at = 0, next; at < N; at = next) {
            next = at + 1 + kedge_rng_below(&rng, 3000);
            next = next < N ? next : N;
            fill_bernoulli(x + at, next - at, seed % 4 ? kedge_rng_uniform(&rng) : 0.02 * kedge_rng_uniform(&rng), seed + at);
        }
        c.warning_threshold = 1 + kedge_rng_uniform(&rng);
        c.drift_threshold = c.warning_threshold + kedge_rng_uniform(&rng);
        c.warm_start = 1 + (uint32_t)kedge_rng_below(&rng, 150);
        c.min_stable = 1 + (uint32_t)kedge_rng_below(&rng, 300);
        c.max_concept = 2 * c.min_stable + (uint32_t)kedge_rng_below(&rng, 1000);
        c.warn_limit = 1 + (uint32_t)kedge_rng_below(&rng, 400);
        c.keep_minimum = seed % 2;
        c.smooth = seed / 2 % 2;
        n_drifts += compare(x, &c);
    }
    assert_true(n_drifts % 1000 > 100 && n_drifts > 20000); /* of both kinds */
}

/* One change should be one alarm: a least level from the replayed rise is exceeded at once. */
static void test_no_alarm_twice(void **unused)
{
    (void)unused;
    static double x[N];
    size_t n_twice[2] = {0, 0};
    for (uint64_t seed = 0; seed < 60; seed++) {
        fill_bernoulli(x, N / 2, 0.1, seed);
        for (size_t i = 0; i < N / 2; i++)
            fill_bernoulli(x + N / 2 + i, 1, 0.1 + 0.3 * (double)i / (N / 2), 1000 + seed * N + i);
        for (int moa = 0; moa < 2; moa++) {
            unsigned char *mem = guard_new(KEDGE_RDDM_BYTES, 0);
            kedge_rddm_config c;
            kedge_detector d;
            size_t last = 0;
            assert_int_equal(kedge_rddm_config_peer(&c, sizeof c, moa ? KEDGE_PEER_MOA : KEDGE_PEER_NONE), KEDGE_OK);
            assert_int_equal(kedge_detector_size(&c.base), KEDGE_RDDM_BYTES);
            assert_int_equal(kedge_detector_init(&d, &c.base, mem, KEDGE_RDDM_BYTES), KEDGE_OK);
            for (size_t i = 0; i < N; i++)
                if (kedge_detector_update(&d, x[i]) == KEDGE_DRIFT) {
                    n_twice[moa] += last > 0 && i - last <= 2;
                    last = i;
                }
            guard_free(mem);
        }
    }
    assert_int_equal(n_twice[0], 0);
    assert_true(n_twice[1] >= 3);
}

/* Equal values have one level for ever, over cuts too. */
static void test_constants(void **unused)
{
    (void)unused;
    static const double levels[] = {0, 5e-324, 0.5, 0.5000001, 1};
    for (size_t k = 0; k < 10; k++) {
        kedge_rddm_config c = kedge_rddm_defaults();
        c.min_stable = 100;
        c.max_concept = 777;
        c.smooth = c.keep_minimum = k >= 5;
        size_t bytes = kedge_detector_size(&c.base), used;
        unsigned char *mem = guard_new(bytes, 0);
        kedge_detector d;
        kedge_estimate e;
        static double x[20000];
        for (size_t i = 0; i < 20000; i++)
            x[i] = levels[k % 5];
        assert_int_equal(kedge_detector_init(&d, &c.base, mem, bytes), KEDGE_OK);
        feclearexcept(FE_ALL_EXCEPT);
        assert_int_equal(kedge_detector_update_many(&d, x, 20000, &used), KEDGE_OK);
        assert_int_equal(kedge_detector_estimate(&d, &e), KEDGE_OK);
        assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
        assert_int_equal(used, 20000);
        assert_true(e.n_warnings == 0 && e.variance == 0 && e.mean == (levels[k % 5] > 0.5));
        guard_free(mem);
    }
}

/* The first error after a run of zeros: an alarm in MOA, none by default. */
static void test_first_error_after_zeros(void **unused)
{
    (void)unused;
    for (int moa = 0; moa < 2; moa++) {
        unsigned char *mem = guard_new(KEDGE_RDDM_BYTES, 0);
        kedge_rddm_config c;
        kedge_detector d;
        assert_int_equal(kedge_rddm_config_peer(&c, sizeof c, moa ? KEDGE_PEER_MOA : KEDGE_PEER_NONE), KEDGE_OK);
        assert_int_equal(kedge_detector_init(&d, &c.base, mem, KEDGE_RDDM_BYTES), KEDGE_OK);
        for (int i = 0; i < 500; i++)
            assert_int_equal(kedge_detector_update(&d, 0), KEDGE_OK);
        assert_int_equal(kedge_detector_update(&d, 1) == KEDGE_DRIFT, moa);
        guard_free(mem);
    }
}

/* A batch glides over pairs of quiet observations; it must end in the same bytes and give the same signals as one at a time. */
static void test_batch_equals_single(void **unused)
{
    (void)unused;
    enum { LONG = 30000 };
    static double x[LONG];
    static uint8_t signals[LONG];
    kedge_rng rng = {13};
    unsigned n_warnings = 0, n_drifts = 0;
    for (uint64_t seed = 0; seed < 40; seed++) {
        kedge_rddm_config c = kedge_rddm_defaults();
        kedge_detector single, batch;
        size_t cut = kedge_rng_below(&rng, LONG);
        size_t used;
        fill_bernoulli(x, cut, seed % 7 ? kedge_rng_uniform(&rng) : 0, seed);
        fill_bernoulli(x + cut, LONG - cut, seed % 6 ? kedge_rng_uniform(&rng) : 1, seed + 50);
        c.warning_threshold = seed % 4 ? 2.5 * kedge_rng_uniform(&rng) : 0;
        c.drift_threshold = c.warning_threshold + 2 * kedge_rng_uniform(&rng);
        c.warm_start = 1 + (uint32_t)kedge_rng_below(&rng, 100);
        c.min_stable = 1 + (uint32_t)kedge_rng_below(&rng, 1000);
        c.max_concept = 2 * c.min_stable + (uint32_t)kedge_rng_below(&rng, 3000);
        c.warn_limit = 1 + (uint32_t)kedge_rng_below(&rng, 1000);
        c.keep_minimum = seed % 3 == 0;
        c.smooth = seed % 2;
        size_t bytes = kedge_detector_size(&c.base);
        unsigned char *one = guard_new(bytes, 0);
        unsigned char *many = guard_new(bytes, 0xA5);
        assert_int_equal(kedge_detector_init(&single, &c.base, one, bytes), KEDGE_OK);
        assert_int_equal(kedge_detector_init(&batch, &c.base, many, bytes), KEDGE_OK);
        feclearexcept(FE_ALL_EXCEPT);
        assert_true(kedge_detector_signal_many(&batch, x, LONG, signals, &used) >= 0);
        assert_false(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW));
        assert_int_equal(used, LONG);
        for (size_t i = 0; i < LONG; i++) {
            kedge_status st = kedge_detector_update(&single, x[i]);
            assert_int_equal(st, signals[i]);
            n_warnings += st == KEDGE_WARNING;
            n_drifts += st == KEDGE_DRIFT;
        }
        assert_memory_equal(one, many, bytes);
        guard_free(one);
        guard_free(many);
    }
    assert_true(n_warnings > 1000 && n_drifts > 100);
}

static void test_read_outs(void **unused)
{
    (void)unused;
    unsigned char *mem = guard_new(KEDGE_RDDM_BYTES, 0);
    kedge_rddm_config c = kedge_rddm_defaults();
    kedge_detector d;
    kedge_estimate e;
    kedge_alarm a;
    assert_int_equal(kedge_detector_init(&d, &c.base, mem, KEDGE_RDDM_BYTES), KEDGE_OK);
    assert_int_equal(kedge_detector_estimate(&d, &e), KEDGE_EMPTY);
    assert_true(isnan(e.mean) && isnan(e.threshold));
    assert_int_equal(kedge_detector_alarm(&d, &a), KEDGE_EMPTY);
    for (int i = 0; i < 200; i++)
        assert_true(kedge_detector_update(&d, i % 4 == 0) >= 0);
    assert_int_equal(kedge_detector_estimate(&d, &e), KEDGE_OK);
    assert_close(e.mean, 0.25, 1e-12);
    assert_close(e.variance, 0.1875, 1e-12);
    assert_close(e.statistic, 0.25 + sqrt(0.1875 / 200), 1e-12);
    assert_true(e.threshold > e.statistic);
    assert_int_equal(kedge_rddm_config_peer(&c, sizeof c, KEDGE_PEER_RIVER), KEDGE_ERR_CONFIG); /* river has none */
    assert_int_equal(kedge_rddm_config_peer(NULL, sizeof c, KEDGE_PEER_MOA), KEDGE_ERR_NULL);
    assert_int_equal(kedge_rddm_config_init(&c, 8), KEDGE_ERR_CONFIG);
    guard_free(mem);
}

/* The knob's ends are valid with the warning level moved in proportion, and alarms get rarer along it. */
static void test_knob(void **unused)
{
    (void)unused;
    static double x[N];
    size_t before = SIZE_MAX;
    fill_bernoulli(x, N, 0.2, 3);
    for (double to = kedge_rddm.knob.often; to <= kedge_rddm.knob.seldom; to *= 10) {
        kedge_rddm_config c = kedge_rddm_defaults();
        c.warning_threshold *= to / c.drift_threshold;
        c.drift_threshold = to;
        size_t n_alarms = count_alarms(&c.base, x, N);
        assert_true(n_alarms <= before);
        before = n_alarms;
    }
    assert_int_equal(before, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equals_definition),       cmocka_unit_test(test_batch_equals_single),
        cmocka_unit_test(test_no_alarm_twice), cmocka_unit_test(test_constants),
        cmocka_unit_test(test_first_error_after_zeros), cmocka_unit_test(test_read_outs),      cmocka_unit_test(test_knob),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
