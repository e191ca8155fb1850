/* SPDX-License-Identifier: MIT */
/* FOCuS against the definition: the likelihood ratio of every change point, at every observation. */
#include "naive.h"

enum { N = 900, SEEDS = 2 };

static double x[N];
static const uint32_t directions[] = {KEDGE_DIRECTION_BOTH, KEDGE_DIRECTION_UP, KEDGE_DIRECTION_DOWN};

static double ones(double k, double n)
{
    return (k > 0 ? k * log(k / n) : 0) + (n - k > 0 ? (n - k) * log((n - k) / n) : 0);
}

/* Log-likelihood ratio of a change behind the first t of n. */
static double ratio(const double *v, size_t t, size_t n, const kedge_focus_config *c)
{
    double a = (double)t, b = (double)(n - t), m0 = t ? naive_mean(v, 0, t) : 0, m1 = naive_mean(v, t, n), m = naive_mean(v, 0, n);
    double explained = a * (m0 - m) * (m0 - m) + b * (m1 - m) * (m1 - m), all = 0;
    for (size_t i = 0; c->family == KEDGE_FOCUS_NORMAL && i < n; i++)
        all += (v[i] - m) * (v[i] - m);
    switch (c->family) {
    case KEDGE_FOCUS_NORMAL:
        return -0.5 * (double)n * log1p(-explained / all);
    case KEDGE_FOCUS_NORMAL_SD:
        return explained / (2 * c->sd * c->sd);
    case KEDGE_FOCUS_NORMAL_KNOWN:
        return b * (m1 - c->mean) * (m1 - c->mean) / (2 * c->sd * c->sd);
    case KEDGE_FOCUS_BERNOULLI:
        return ones(a * m0, a) + ones(b * m1, b) - ones((a + b) * m, a + b);
    default:
        return ones(b * m1, b) - b * m1 * log(c->mean) - b * (1 - m1) * log(1 - c->mean);
    }
}

static kedge_status focus(const double *v, size_t n, const void *cfg, size_t *began, double *statistic)
{
    const kedge_focus_config *c = cfg;
    int known = c->family == KEDGE_FOCUS_NORMAL_KNOWN || c->family == KEDGE_FOCUS_BERNOULLI_KNOWN;
    double best = 0;
    for (size_t t = known ? 0 : 1; t < n && n >= c->min_samples; t++) {
        double before = known ? c->mean : naive_mean(v, 0, t), after = naive_mean(v, t, n);
        if ((c->direction == KEDGE_DIRECTION_UP && after < before) || (c->direction == KEDGE_DIRECTION_DOWN && after > before))
            continue;
        double r = ratio(v, t, n, c);
        if (r > best + 1e-12) {
            best = r;
            *began = t;
        }
    }
    *statistic = best;
    return best > c->threshold ? KEDGE_DRIFT : KEDGE_OK;
}

static void test_equals_definition(void **unused)
{
    (void)unused;
    size_t n_drifts = 0;
    kedge_focus_config c = kedge_focus_defaults();
    assert_int_equal(kedge_detector_size(&c.base), KEDGE_FOCUS_BYTES);
    c.max_candidates = 100;
    assert_int_equal(kedge_detector_size(&c.base), KEDGE_FOCUS_BYTES_FOR(100u));
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        for (c.family = KEDGE_FOCUS_NORMAL; c.family <= KEDGE_FOCUS_BERNOULLI_KNOWN; c.family++)
            for (size_t k = 0; k < 3; k++) {
                naive_stream(x, N, c.family >= KEDGE_FOCUS_BERNOULLI, 10 * seed + k);
                c.direction = directions[k];
                c.threshold = 8;
                c.mean = c.family == KEDGE_FOCUS_BERNOULLI_KNOWN ? 0.45 : 1.3;
                c.sd = 1.2;
                n_drifts += naive_compare(&c.base, focus, x, N);
            }
    assert_true(n_drifts > 100);
}

/* The read-out between alarms is the same maximum. */
static void test_statistic(void **unused)
{
    (void)unused;
    kedge_focus_config c = kedge_focus_defaults();
    c.threshold = 1e6;
    for (c.family = KEDGE_FOCUS_NORMAL; c.family <= KEDGE_FOCUS_BERNOULLI; c.family++) {
        unsigned char *mem = guard_new(KEDGE_FOCUS_BYTES, 0xA5);
        kedge_detector d;
        kedge_estimate e;
        naive_stream(x, N, c.family == KEDGE_FOCUS_BERNOULLI, c.family);
        assert_int_equal(kedge_detector_init(&d, &c.base, mem, KEDGE_FOCUS_BYTES), KEDGE_OK);
        for (size_t i = 0; i < 600; i++) {
            size_t began;
            double statistic;
            assert_int_equal(kedge_detector_update(&d, x[i]), KEDGE_OK);
            if (i < c.min_samples || i % 7)
                continue;
            focus(x, i + 1, &c, &began, &statistic);
            assert_int_equal(kedge_detector_estimate(&d, &e), KEDGE_OK);
            assert_close(e.statistic, statistic, 1e-9);
            assert_close(e.mean, naive_mean(x, 0, i + 1), 1e-12);
        }
        guard_free(mem);
    }
}

/* Neither unit nor offset matter where the variance is unknown. */
static void test_scale_free(void **unused)
{
    (void)unused;
    static const double scales[] = {1, 1e-60, 1e80}, offsets[] = {0, 1e-57, -1e83};
    uint64_t at[3], changed_at[3];
    kedge_focus_config c = kedge_focus_defaults();
    unsigned char *mem = guard_new(KEDGE_FOCUS_BYTES, 0xA5);
    for (int k = 0; k < 3; k++) {
        kedge_rng rng = {4};
        kedge_detector d;
        kedge_alarm a;
        kedge_status st = KEDGE_OK;
        assert_int_equal(kedge_detector_init(&d, &c.base, mem, KEDGE_FOCUS_BYTES), KEDGE_OK);
        for (int i = 0; st == KEDGE_OK && i < 2000; i++)
            st = kedge_detector_update(&d, offsets[k] + scales[k] * (kedge_rng_normal(&rng) + (i >= 1000)));
        assert_int_equal(st, KEDGE_DRIFT);
        assert_int_equal(kedge_detector_alarm(&d, &a), KEDGE_OK);
        at[k] = a.at;
        changed_at[k] = a.changed_at;
        assert_true(a.changed_at > 980 && a.changed_at < 1020 && a.log_evidence == a.statistic);
    }
    assert_true(at[0] == at[1] && at[0] == at[2] && changed_at[0] == changed_at[1] && changed_at[0] == changed_at[2]);
    guard_free(mem);
}

static void test_constants(void **unused)
{
    (void)unused;
    static const double constants[] = {0, 1, 0.3, -3.7, 1e100, -1e100, 4.9e-324};
    kedge_focus_config c = kedge_focus_defaults();
    naive_constants(&c.base, constants, sizeof constants / sizeof *constants);
    c.family = KEDGE_FOCUS_BERNOULLI;
    naive_constants(&c.base, constants, 3);
}

/* A staircase makes every observation a corner. The list forgets, the detector goes on, and finds the change. */
static void test_full_list(void **unused)
{
    (void)unused;
    kedge_focus_config c = kedge_focus_defaults();
    size_t bytes;
    kedge_detector d;
    kedge_status st = KEDGE_OK;
    c.max_candidates = 8;
    c.family = KEDGE_FOCUS_NORMAL_SD;
    c.threshold = 200;
    bytes = kedge_detector_size(&c.base);
    unsigned char *mem = guard_new(bytes, 0xA5);
    assert_int_equal(kedge_detector_init(&d, &c.base, mem, bytes), KEDGE_OK);
    for (int i = 0; i < 200; i++) {
        assert_int_equal(kedge_detector_update(&d, 0.02 * i), KEDGE_OK);
        assert_int_equal(kedge_detector_check(&d), KEDGE_OK);
    }
    for (int i = 0; st == KEDGE_OK && i < 200; i++)
        st = kedge_detector_update(&d, 10);
    assert_int_equal(st, KEDGE_DRIFT);
    guard_free(mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equals_definition), cmocka_unit_test(test_statistic), cmocka_unit_test(test_scale_free),
        cmocka_unit_test(test_constants),         cmocka_unit_test(test_full_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
