/* SPDX-License-Identifier: MIT */
/* DDM against the definition, computed from counts alone at every step. */
#include <math.h>

#include "support.h"

enum { N = 4000 };

/* A hand-made machine that knows only how many errors there were in how many observations. */
typedef struct naive {
    size_t n;
    double errors, least, p_min, s_min;
} naive;

static kedge_status naive_update(naive *m, const kedge_ddm_config *c, double x)
{
    if (m->n == 0)
        m->least = INFINITY;
    m->n++;
    m->errors += x;
    if (m->n <= c->warm_start)
        return KEDGE_OK;
    double n = (double)m->n, p = m->errors / n, s = sqrt(p * (1 - p) / n);
    if (p + s <= m->least) {
        m->least = p + s;
        m->p_min = p;
        m->s_min = p == 0 && c->smooth ? sqrt(1 / (n + 2) * (1 - 1 / (n + 2)) / n) : s;
    }
    if (p + s > m->p_min + c->drift_threshold * m->s_min && m->n > c->drift_warm_start) {
        memset(m, 0, sizeof *m);
        return KEDGE_DRIFT;
    }
    return p + s > m->p_min + c->warning_threshold * m->s_min ? KEDGE_WARNING : KEDGE_OK;
}

static void compare(const double *x, const kedge_ddm_config *c)
{
    unsigned char *mem = guard_new(KEDGE_DDM_BYTES, 0xA5);
    kedge_detector d;
    kedge_estimate e;
    naive m = {0, 0, 0, 0, 0};
    size_t n_drifts = 0, n_warnings = 0, from = 0;
    int warned = 0;
    assert_int_equal(kedge_detector_size(&c->base), KEDGE_DDM_BYTES);
    assert_int_equal(kedge_detector_init(&d, &c->base, mem, KEDGE_DDM_BYTES), KEDGE_OK);
    for (size_t i = 0; i < N; i++) {
        kedge_status st = kedge_detector_update(&d, x[i]);
        assert_int_equal(st, naive_update(&m, c, x[i]));
        n_warnings += st == KEDGE_WARNING && !warned;
        warned = st == KEDGE_WARNING;
        if (st == KEDGE_DRIFT) {
            kedge_alarm a;
            double before = 0, after = 0;
            assert_int_equal(kedge_detector_alarm(&d, &a), KEDGE_OK);
            assert_int_equal(a.at, i);
            assert_true(a.changed_at >= from && a.changed_at <= i && a.statistic > a.threshold);
            for (size_t j = from; j < a.changed_at; j++)
                before += x[j] / (double)(a.changed_at - from);
            for (size_t j = a.changed_at; j <= i; j++)
                after += x[j] / (double)(i + 1 - a.changed_at);
            if (a.changed_at < i) { /* there was a warning zone */
                assert_close(a.mean_before, before, 1e-9);
                assert_close(a.mean_after, after, 1e-9);
            }
            n_drifts++;
            from = i + 1;
        }
    }
    assert_true(kedge_detector_estimate(&d, &e) >= 0);
    assert_int_equal(e.n_drifts, n_drifts);
    assert_int_equal(e.n_warnings, n_warnings);
    assert_int_equal(e.width, N - from);
    guard_free(mem);
}

static void test_equals_definition(void **unused)
{
    (void)unused;
    static double x[N];
    kedge_rng rng = {7};
    for (uint64_t seed = 0; seed < 80; seed++) {
        kedge_ddm_config c = kedge_ddm_defaults();
        size_t cut = kedge_rng_below(&rng, N);
        fill_bernoulli(x, cut, seed % 5 ? kedge_rng_uniform(&rng) : 0, seed);
        fill_bernoulli(x + cut, N - cut, kedge_rng_uniform(&rng), seed + 50);
        c.warning_threshold = 1 + kedge_rng_uniform(&rng);
        c.drift_threshold = c.warning_threshold + kedge_rng_uniform(&rng);
        c.warm_start = 1 + (uint32_t)kedge_rng_below(&rng, 50);
        c.drift_warm_start = c.warm_start + (uint32_t)kedge_rng_below(&rng, 20);
        c.smooth = seed % 2;
        compare(x, &c);
    }
}

/* A batch glides over pairs of quiet observations; it must end in the same bytes and give the same signals as one at a time. */
static void test_batch_equals_single(void **unused)
{
    (void)unused;
    enum { LONG = 20000 };
    static double x[LONG];
    static uint8_t signals[LONG];
    kedge_rng rng = {11};
    unsigned n_warnings = 0, n_drifts = 0;
    for (uint64_t seed = 0; seed < 60; seed++) {
        unsigned char *one = guard_new(KEDGE_DDM_BYTES, 0);
        unsigned char *many = guard_new(KEDGE_DDM_BYTES, 0xA5);
        kedge_ddm_config c = kedge_ddm_defaults();
        kedge_detector single, batch;
        size_t cut = kedge_rng_below(&rng, LONG);
        size_t used;
        fill_bernoulli(x, cut, seed % 7 ? kedge_rng_uniform(&rng) : 0, seed);
        fill_bernoulli(x + cut, LONG - cut, seed % 6 ? kedge_rng_uniform(&rng) : 1, seed + 50);
        for (size_t i = 0; i < LONG && seed % 3 == 0; i++) /* rates, tiny and whole ones too */
            x[i] = i % 5 == 0 ? 0x1p-1060 : x[i] * kedge_rng_uniform(&rng);
        c.warning_threshold = seed % 4 ? 2.5 * kedge_rng_uniform(&rng) : 0;
        c.drift_threshold = c.warning_threshold + 2 * kedge_rng_uniform(&rng);
        c.warm_start = 1 + (uint32_t)kedge_rng_below(&rng, 50);
        c.drift_warm_start = c.warm_start + (uint32_t)kedge_rng_below(&rng, 1000);
        c.smooth = seed % 2;
        assert_int_equal(kedge_detector_init(&single, &c.base, one, KEDGE_DDM_BYTES), KEDGE_OK);
        assert_int_equal(kedge_detector_init(&batch, &c.base, many, KEDGE_DDM_BYTES), KEDGE_OK);
        assert_true(kedge_detector_signal_many(&batch, x, LONG, signals, &used) >= 0);
        assert_int_equal(used, LONG);
        for (size_t i = 0; i < LONG; i++) {
            kedge_status st = kedge_detector_update(&single, x[i]);
            assert_int_equal(st, signals[i]);
            n_warnings += st == KEDGE_WARNING;
            n_drifts += st == KEDGE_DRIFT;
        }
        assert_memory_equal(one, many, KEDGE_DDM_BYTES);
        guard_free(one);
        guard_free(many);
    }
    assert_true(n_warnings > 1000 && n_drifts > 100);
}

/* The first error after a run of zeros: an alarm in the peers, none by default. */
static void test_first_error_after_zeros(void **unused)
{
    (void)unused;
    for (uint32_t smooth = 0; smooth < 2; smooth++) {
        unsigned char *mem = guard_new(KEDGE_DDM_BYTES, 0);
        kedge_ddm_config c = kedge_ddm_defaults();
        kedge_detector d;
        c.smooth = smooth;
        assert_int_equal(kedge_detector_init(&d, &c.base, mem, KEDGE_DDM_BYTES), KEDGE_OK);
        for (int i = 0; i < 200; i++)
            assert_int_equal(kedge_detector_update(&d, 0), KEDGE_OK);
        assert_int_equal(kedge_detector_update(&d, 1) == KEDGE_DRIFT, smooth == 0);
        guard_free(mem);
    }
}

static void test_read_outs(void **unused)
{
    (void)unused;
    unsigned char *mem = guard_new(KEDGE_DDM_BYTES, 0);
    kedge_ddm_config c = kedge_ddm_defaults();
    kedge_detector d;
    kedge_estimate e;
    kedge_alarm a;
    assert_int_equal(kedge_detector_init(&d, &c.base, mem, KEDGE_DDM_BYTES), KEDGE_OK);
    assert_int_equal(kedge_detector_estimate(&d, &e), KEDGE_EMPTY);
    assert_true(isnan(e.mean) && isnan(e.threshold));
    assert_int_equal(kedge_detector_alarm(&d, &a), KEDGE_EMPTY);
    assert_true(a.at == 0 && a.statistic == 0);
    for (int i = 0; i < 100; i++)
        assert_true(kedge_detector_update(&d, i % 4 == 0) >= 0);
    assert_int_equal(kedge_detector_estimate(&d, &e), KEDGE_OK);
    assert_close(e.mean, 0.25, 1e-12);
    assert_close(e.variance, 0.1875, 1e-12);
    assert_close(e.statistic, 0.25 + sqrt(0.1875 / 100), 1e-12);
    assert_true(e.threshold > e.statistic);
    kedge_ddm_config peer;
    assert_int_equal(kedge_ddm_config_peer(&peer, sizeof peer, 9), KEDGE_ERR_CONFIG);
    assert_int_equal(kedge_ddm_config_peer(NULL, sizeof peer, KEDGE_PEER_MOA), KEDGE_ERR_NULL);
    assert_int_equal(kedge_ddm_config_init(&peer, 8), KEDGE_ERR_CONFIG);
    guard_free(mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equals_definition),
        cmocka_unit_test(test_batch_equals_single),
        cmocka_unit_test(test_first_error_after_zeros),
        cmocka_unit_test(test_read_outs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
