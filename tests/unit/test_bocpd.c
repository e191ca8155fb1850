/* SPDX-License-Identifier: MIT */
/* Bayesian online change point detection against the full recursion of the paper, all run lengths kept. */
#include "naive.h"

enum { N = 500 };

static double x[N];
static const kedge_bocpd_config *config;
static double reached; /* log odds after the newest observation */

/* Student's density with the posterior after x[from..to). */
static double predictive(const double *v, size_t from, size_t to, double mean, double beta)
{
    const kedge_bocpd_config *c = config;
    double n = (double)(to - from), next = v[to], sum = 0, scatter = 0;
    for (size_t i = from; i < to; i++)
        sum += v[i];
    if (c->family == KEDGE_BOCPD_BERNOULLI)
        return next > 0 ? (c->alpha + sum) / (c->alpha + c->beta + n) : (c->beta + n - sum) / (c->alpha + c->beta + n);
    double own = n > 0 ? sum / n : 0;
    for (size_t i = from; i < to; i++)
        scatter += (v[i] - own) * (v[i] - own);
    double kappa = c->kappa + n, alpha = c->alpha + n / 2;
    double mu = (c->kappa * mean + sum) / kappa, b = beta + scatter / 2 + c->kappa * n * (own - mean) * (own - mean) / (2 * kappa);
    double scale = b * (kappa + 1) / (alpha * kappa), t = (next - mu) * (next - mu) / scale;
    return exp(lgamma(alpha + 0.5) - lgamma(alpha) - 0.5 * log(2 * alpha * 3.14159265358979323846 * scale) -
               (alpha + 0.5) * log1p(t / (2 * alpha)));
}

/* Joint probabilities of run length and data, from the restart on: p[r]. */
static kedge_status bocpd(const double *v, size_t n, const void *cfg, size_t *began, double *statistic)
{
    static double p[N + 1], mean, beta;
    const kedge_bocpd_config *c = cfg;
    config = c;
    int learns = c->family == KEDGE_BOCPD_NORMAL && c->prior == KEDGE_REFERENCE_LEARNED;
    size_t first = learns ? c->min_samples : 0;
    if (n <= first) {
        memset(p, 0, sizeof p);
        if (n < first)
            return KEDGE_OK;
        double scatter = 0;
        mean = naive_mean(v, 0, n);
        for (size_t i = 0; i < n; i++)
            scatter += (v[i] - mean) * (v[i] - mean);
        beta = c->beta * scatter / (double)(n - 1);
        p[first] = 1; /* run length: all so far */
        return KEDGE_OK;
    }
    if (!learns && n == 1) {
        memset(p, 0, sizeof p);
        p[0] = 1;
        mean = c->mean;
        beta = c->beta;
    }
    double sum = 0, changed = 0;
    for (size_t r = 0; r < n; r++)
        p[r] *= predictive(v, n - 1 - r, n - 1, mean, beta);
    for (size_t r = 0; r < n; r++)
        sum += p[r];
    for (size_t r = 0; r < n; r++)
        p[r] /= sum;
    for (size_t r = 0; r + 1 < n; r++)
        changed += p[r];
    reached = log(changed / p[n - 1]);
    if (n >= c->min_samples && changed / p[n - 1] > c->odds) {
        size_t best = 0;
        for (size_t r = 1; r + 1 < n; r++)
            best = p[r] > p[best] ? r : best;
        *began = n - 1 - best;
        *statistic = reached;
        return KEDGE_DRIFT;
    }
    memmove(p + 1, p, n * sizeof *p);
    p[0] = c->hazard;
    for (size_t r = 1; r <= n; r++)
        p[r] *= 1 - c->hazard;
    return KEDGE_OK;
}

static void test_equals_definition(void **unused)
{
    (void)unused;
    size_t n_drifts = 0;
    kedge_bocpd_config c = kedge_bocpd_defaults();
    assert_int_equal(kedge_detector_size(&c.base), KEDGE_BOCPD_BYTES);
    c.max_run_lengths = N + 1;
    assert_int_equal(kedge_detector_size(&c.base), KEDGE_BOCPD_BYTES_FOR(N + 1u));
    c.hazard = 0.01;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        c.family = seed % 3 == 0 ? KEDGE_BOCPD_BERNOULLI : KEDGE_BOCPD_NORMAL;
        c.prior = seed % 2 ? KEDGE_REFERENCE_LEARNED : KEDGE_REFERENCE_FIXED;
        c.odds = seed < 4 ? 100 : 5;
        c.mean = 0.7;
        c.alpha = seed > 3 ? 0.5 : 1.5;
        naive_stream(x, N, c.family == KEDGE_BOCPD_BERNOULLI, seed);
        n_drifts += naive_compare(&c.base, bocpd, x, N);
    }
    assert_true(n_drifts > 5);
}

/* The 40 run lengths of the default against all: the log odds. */
static void test_pruned(void **unused)
{
    (void)unused;
    kedge_bocpd_config c = kedge_bocpd_defaults();
    unsigned char *mem = guard_new(KEDGE_BOCPD_BYTES, 0xA5);
    c.odds = 1e100;
    kedge_rng rng = {11};
    kedge_detector d;
    double worst = 0;
    assert_int_equal(kedge_detector_init(&d, &c.base, mem, KEDGE_BOCPD_BYTES), KEDGE_OK);
    for (size_t i = 0; i < 400; i++) {
        size_t began;
        double statistic;
        kedge_estimate e;
        x[i] = kedge_rng_normal(&rng) + (i >= 300);
        assert_int_equal(kedge_detector_update(&d, x[i]), KEDGE_OK);
        assert_int_equal(bocpd(x, i + 1, &c, &began, &statistic), KEDGE_OK);
        assert_int_equal(kedge_detector_estimate(&d, &e), KEDGE_OK);
        if (i >= 40)
            worst = fmax(worst, fabs(e.statistic - reached));
    }
    kedge_estimate e;
    assert_int_equal(kedge_detector_estimate(&d, &e), KEDGE_OK);
    assert_true(worst < 1.0);
    assert_true(e.statistic > 10 && fabs(e.statistic - reached) < 0.05);
    assert_true(e.width >= 90 && e.width <= 110 && fabs(e.mean - 1) < 0.3);
    guard_free(mem);
}

static void test_constants(void **unused)
{
    (void)unused;
    static const double constants[] = {0, 1, -1e100, 0.1, 1e-300};
    kedge_bocpd_config c = kedge_bocpd_defaults();
    naive_constants(&c.base, constants, 5);
    c.family = KEDGE_BOCPD_BERNOULLI;
    naive_constants(&c.base, constants, 2);
}

/* The level goes up to `top` for a while and back down: what is reported there and there. */
static void count(kedge_bocpd_config *c, double bottom, double top, int reported[2])
{
    unsigned char *mem = guard_new(KEDGE_BOCPD_BYTES, 0xA5);
    kedge_rng rng = {3};
    kedge_detector d;
    kedge_alarm a;
    reported[0] = reported[1] = 0;
    assert_int_equal(kedge_detector_init(&d, &c->base, mem, KEDGE_BOCPD_BYTES), KEDGE_OK);
    for (int i = 0; i < 1200; i++) {
        double level = i >= 400 && i < 800 ? top : bottom;
        double now = c->family == KEDGE_BOCPD_NORMAL ? level + kedge_rng_normal(&rng) : kedge_rng_uniform(&rng) < level;
        if (kedge_detector_update(&d, now) != KEDGE_DRIFT)
            continue;
        assert_int_equal(kedge_detector_alarm(&d, &a), KEDGE_OK);
        assert_true(i >= 400 && (i < 800 ? a.effect > 0 : a.effect < 0));
        reported[i >= 800]++;
    }
    guard_free(mem);
}

static void test_direction(void **unused)
{
    (void)unused;
    int reported[2];
    kedge_bocpd_config c = kedge_bocpd_defaults();
    assert_int_equal(c.direction, KEDGE_DIRECTION_BOTH);
    for (c.family = KEDGE_BOCPD_NORMAL; c.family <= KEDGE_BOCPD_BERNOULLI; c.family++)
        for (c.direction = KEDGE_DIRECTION_BOTH; c.direction <= KEDGE_DIRECTION_DOWN; c.direction++) {
            count(&c, 0.1, c.family == KEDGE_BOCPD_NORMAL ? 3 : 0.7, reported);
            assert_int_equal(reported[0], c.direction != KEDGE_DIRECTION_DOWN);
            assert_int_equal(reported[1], c.direction != KEDGE_DIRECTION_UP);
        }
    c.family = KEDGE_BOCPD_NORMAL;
    assert_int_equal(c.direction, KEDGE_DIRECTION_DOWN + 1);
    assert_int_equal(kedge_detector_size(&c.base), 0);
}

/* A change that is not told starts the detector afresh as one that is told does. */
static void test_silent_restart(void **unused)
{
    (void)unused;
    kedge_bocpd_config c = kedge_bocpd_defaults();
    unsigned char *mem[2] = {guard_new(KEDGE_BOCPD_BYTES, 0xA5), guard_new(KEDGE_BOCPD_BYTES, 0xA5)};
    kedge_detector d[2];
    kedge_rng rng = {8};
    int drifts = 0;
    for (int k = 0; k < 2; k++) {
        c.direction = k ? KEDGE_DIRECTION_DOWN : KEDGE_DIRECTION_BOTH;
        assert_int_equal(kedge_detector_init(&d[k], &c.base, mem[k], KEDGE_BOCPD_BYTES), KEDGE_OK);
    }
    for (int i = 0; i < 600; i++) {
        kedge_estimate e[2];
        double now = kedge_rng_normal(&rng) + (i >= 300 ? 3 : 0);
        drifts += kedge_detector_update(&d[0], now) == KEDGE_DRIFT;
        assert_int_equal(kedge_detector_update(&d[1], now), KEDGE_OK);
        assert_int_equal(kedge_detector_estimate(&d[0], &e[0]), kedge_detector_estimate(&d[1], &e[1]));
        assert_int_equal(e[0].width, e[1].width);
        assert_true(e[0].width == 0 || (e[0].mean == e[1].mean && e[0].statistic == e[1].statistic));
    }
    kedge_alarm a;
    assert_int_equal(drifts, 1);
    assert_int_equal(kedge_detector_alarm(&d[1], &a), KEDGE_EMPTY);
    guard_free(mem[0]);
    guard_free(mem[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equals_definition),
        cmocka_unit_test(test_pruned),
        cmocka_unit_test(test_constants),
        cmocka_unit_test(test_direction),
        cmocka_unit_test(test_silent_restart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
