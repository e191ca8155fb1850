/* SPDX-License-Identifier: MIT */
/* The conformal test martingale against its definition, and its guarantee. */
#include "naive.h"

enum { N = 3000 };

static double x[N];
static kedge_rng draws;

static double median(const double *v, size_t n)
{
    double sorted[N];
    memcpy(sorted, v, n * sizeof *v);
    for (size_t i = 1; i < n; i++)
        for (size_t k = i; k > 0 && sorted[k] < sorted[k - 1]; k--) {
            double t = sorted[k];
            sorted[k] = sorted[k - 1];
            sorted[k - 1] = t;
        }
    return sorted[(n - 1) / 2];
}

static kedge_status conformal(const double *v, size_t n, const void *cfg, size_t *began, double *statistic)
{
    static double capital[5], sum, best;
    static size_t start;
    const kedge_conformal_config *c = cfg;
    size_t from = (n - 1) / c->max_bag * c->max_bag, used = 0, greater = 0, equal = 0;
    int is_used[5];
    for (int b = 0; b < 5; b++) {
        is_used[b] = b == 2 || c->direction == KEDGE_DIRECTION_BOTH || (b < 2) == (c->direction == KEDGE_DIRECTION_UP);
        used += (size_t)is_used[b];
    }
    if (n == 1) {
        sum = best = 0;
        for (int b = 0; b < 5; b++)
            capital[b] = is_used[b] ? 1 / (double)used : 0;
    }
    double centre = c->score == KEDGE_CONFORMAL_DISTANCE ? median(v + from, n - from) : 0;
    for (size_t i = from; i < n; i++) {
        double mine = c->score == KEDGE_CONFORMAL_VALUE ? v[n - 1] : fabs(v[n - 1] - centre);
        double other = c->score == KEDGE_CONFORMAL_VALUE ? v[i] : fabs(v[i] - centre);
        greater += other > mine;
        equal += other == mine;
    }
    double p = ((double)greater + kedge_rng_uniform(&draws) * (double)equal) / (double)(n - from), before = 0, after = 0;
    for (int b = 0; b < 5; b++)
        before += capital[b];
    for (int b = 0; b < 5; b++) {
        if (is_used[b])
            capital[b] = ((1 - c->jump) * capital[b] + c->jump * before / (double)used) * (1 + (b - 2) * (p - 0.5));
        after += capital[b];
    }
    for (int b = 0; b < 5; b++)
        capital[b] /= after;
    if (best <= 1) {
        best = 1;
        start = n - 1;
    }
    best *= after / before;
    sum = (sum + 1) * after / before;
    *began = start;
    *statistic = sum;
    return sum >= c->arl ? KEDGE_DRIFT : KEDGE_OK;
}

static void test_equals_definition(void **unused)
{
    (void)unused;
    size_t n_drifts = 0;
    kedge_conformal_config c = kedge_conformal_defaults();
    assert_int_equal(kedge_detector_size(&c.base), KEDGE_CONFORMAL_BYTES);
    c.max_bag = 300;
    assert_int_equal(kedge_detector_size(&c.base), KEDGE_CONFORMAL_BYTES_FOR(300u));
    c.arl = 300;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        kedge_rng start = {c.seed = seed};
        draws.state = kedge_rng_next(&start);
        c.score = seed % 2 ? KEDGE_CONFORMAL_VALUE : KEDGE_CONFORMAL_DISTANCE;
        c.direction = (uint32_t)(seed % 3 + 1);
        naive_stream(x, N, seed > 4, seed);
        n_drifts += naive_compare(&c.base, conformal, x, N);
    }
    assert_true(n_drifts > 20);
}

/* The mean of run lengths without a change is at least arl, whatever the distribution, ties included. */
static void test_average_run_length(void **unused)
{
    (void)unused;
    unsigned char *mem = guard_new(KEDGE_CONFORMAL_BYTES_FOR(200u), 0xA5);
    for (int kind = 0; kind < 4; kind++) {
        kedge_conformal_config c = kedge_conformal_defaults();
        kedge_rng rng = {(uint64_t)kind + 1};
        kedge_detector d;
        kedge_estimate e;
        c.arl = 200;
        c.max_bag = 200;
        c.score = kind == 3 ? KEDGE_CONFORMAL_DISTANCE : KEDGE_CONFORMAL_VALUE;
        assert_int_equal(kedge_detector_init(&d, &c.base, mem, KEDGE_CONFORMAL_BYTES_FOR(200u)), KEDGE_OK);
        for (int i = 0; i < 200000; i++) {
            double u = kedge_rng_uniform(&rng);
            assert_true(kedge_detector_update(&d,
                                              kind == 0 ? u < 0.01 : kind == 1 ? tan(3.1 * (u - 0.5)) : kind == 2 ? 7 : u) >= 0);
        }
        assert_int_equal(kedge_detector_estimate(&d, &e), KEDGE_OK);
        double mean = 200000 / ((double)e.n_drifts + 1), error = mean / sqrt((double)e.n_drifts + 1);
        assert_true(mean > 200 - 3 * error && mean < 400);
    }
    guard_free(mem);
}

/* A change of the spread is seen in distances, not in values. */
static void test_spread(void **unused)
{
    (void)unused;
    unsigned char *mem = guard_new(KEDGE_CONFORMAL_BYTES, 0xA5);
    uint64_t drifts[2];
    for (uint32_t score = KEDGE_CONFORMAL_VALUE; score <= KEDGE_CONFORMAL_DISTANCE; score++) {
        kedge_conformal_config c = kedge_conformal_defaults();
        kedge_rng rng = {9};
        kedge_detector d;
        kedge_estimate e;
        c.score = score;
        assert_int_equal(kedge_detector_init(&d, &c.base, mem, KEDGE_CONFORMAL_BYTES), KEDGE_OK);
        for (int i = 0; i < 1300; i++)
            assert_true(kedge_detector_update(&d, kedge_rng_normal(&rng) * (i < 1000 ? 1 : 3)) >= 0);
        assert_int_equal(kedge_detector_estimate(&d, &e), KEDGE_OK);
        drifts[score - KEDGE_CONFORMAL_VALUE] = e.n_drifts;
    }
    assert_int_equal(drifts[0], 0);
    assert_int_equal(drifts[1], 1);
    guard_free(mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equals_definition),
        cmocka_unit_test(test_average_run_length),
        cmocka_unit_test(test_spread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
