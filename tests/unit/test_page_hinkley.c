/* SPDX-License-Identifier: MIT */
/* Page-Hinkley against the definition: cumulative sums kept whole, extremes looked up anew each time. */
#include <math.h>

#include "support.h"

enum { N = 3000 };

/* The textbook, with arrays and no state between steps: index of the next alarm after `from`, N if none; *changed = the extreme's
 * place. */
static size_t naive_next(const double *x, size_t from, const kedge_page_hinkley_config *c, size_t *changed, double *statistic)
{
    double up = 0, down = 0, mean = 0, least = INFINITY, most = -INFINITY;
    size_t at_least = from, at_most = from;
    for (size_t i = from; i < N; i++) {
        double n = (double)(i - from + 1);
        mean += 1.0 / n * (x[i] - mean);
        up = c->alpha * up + (x[i] - mean) - c->delta;
        down = c->alpha * down + (x[i] - mean) + c->delta;
        if (up < least) {
            least = up;
            at_least = i + 1;
        }
        if (down > most) {
            most = down;
            at_most = i + 1;
        }
        double rise = c->form == KEDGE_PAGE_HINKLEY_SUM ? up : up - least;
        double fall = c->form == KEDGE_PAGE_HINKLEY_SUM ? -down : most - down;
        int rises = rise > c->threshold && c->direction != KEDGE_DIRECTION_DOWN;
        int falls = fall > c->threshold && c->direction != KEDGE_DIRECTION_UP;
        if (n >= c->min_samples && (rises || falls)) {
            *changed = rises ? at_least : at_most;
            *statistic = rises ? rise : fall;
            return i;
        }
    }
    return N;
}

static void compare(const double *x, const kedge_page_hinkley_config *c)
{
    unsigned char *mem = guard_new(KEDGE_PAGE_HINKLEY_BYTES, 0xA5);
    kedge_detector d;
    size_t changed = 0, from = 0, n_drifts = 0;
    double statistic = 0;
    assert_int_equal(kedge_detector_size(&c->base), KEDGE_PAGE_HINKLEY_BYTES);
    assert_int_equal(kedge_detector_init(&d, &c->base, mem, KEDGE_PAGE_HINKLEY_BYTES), KEDGE_OK);
    size_t next = naive_next(x, 0, c, &changed, &statistic);
    for (size_t i = 0; i < N; i++) {
        kedge_status st = kedge_detector_update(&d, x[i]);
        assert_int_equal(st, i == next ? KEDGE_DRIFT : KEDGE_OK);
        if (st != KEDGE_DRIFT)
            continue;
        kedge_alarm a;
        assert_int_equal(kedge_detector_alarm(&d, &a), KEDGE_OK);
        assert_int_equal(a.at, i);
        assert_close(a.statistic, statistic, 1e-12);
        assert_true(a.statistic > a.threshold && a.threshold == c->threshold && isnan(a.log_evidence));
        if (c->form == KEDGE_PAGE_HINKLEY_EXCURSION) {
            double before = 0, after = 0;
            assert_int_equal(a.changed_at, changed);
            for (size_t j = from; j < changed; j++)
                before += x[j] / (double)(changed - from);
            for (size_t j = changed; j <= i; j++)
                after += x[j] / (double)(i + 1 - changed);
            assert_close(a.mean_before, before, 1e-9);
            assert_close(a.mean_after, after, 1e-9);
            assert_true(a.effect == a.mean_after - a.mean_before);
        }
        assert_true(a.changed_at >= from && a.changed_at <= i);
        n_drifts++;
        from = i + 1;
        next = naive_next(x, from, c, &changed, &statistic);
    }
    kedge_estimate e;
    assert_true(kedge_detector_estimate(&d, &e) >= 0);
    assert_int_equal(e.n_drifts, n_drifts);
    assert_int_equal(e.n_seen, N);
    assert_int_equal(e.width, N - from);
    guard_free(mem);
}

static void test_equals_definition(void **unused)
{
    (void)unused;
    static double x[N];
    kedge_rng rng = {99};
    for (uint64_t seed = 0; seed < 60; seed++) {
        kedge_page_hinkley_config c = kedge_page_hinkley_defaults();
        fill_normal(x, N / 3, 0, 1, seed);
        fill_normal(x + N / 3, N / 3, kedge_rng_normal(&rng), 1 + kedge_rng_uniform(&rng), seed + 1000);
        fill_bernoulli(x + 2 * (N / 3), N - 2 * (N / 3), kedge_rng_uniform(&rng), seed);
        c.threshold = 5 + 50 * kedge_rng_uniform(&rng);
        c.delta = 0.1 * kedge_rng_uniform(&rng);
        c.alpha = seed % 3 ? 1 - 0.01 * kedge_rng_uniform(&rng) : 1;
        c.min_samples = 1 + (uint32_t)kedge_rng_below(&rng, 60);
        c.direction = KEDGE_DIRECTION_BOTH + (uint32_t)(seed % 3);
        c.form = seed % 4 ? KEDGE_PAGE_HINKLEY_EXCURSION : KEDGE_PAGE_HINKLEY_SUM;
        compare(x, &c);
    }
}

static void test_estimate_is_of_the_concept(void **unused)
{
    (void)unused;
    unsigned char *mem = guard_new(KEDGE_PAGE_HINKLEY_BYTES, 0);
    kedge_page_hinkley_config c = kedge_page_hinkley_defaults();
    kedge_detector d;
    kedge_estimate e;
    double x[500], mean = 0, variance = 0;
    fill_normal(x, 500, 1e6, 3, 5); /* an offset that naive sums of squares do not survive */
    assert_int_equal(kedge_detector_init(&d, &c.base, mem, KEDGE_PAGE_HINKLEY_BYTES), KEDGE_OK);
    assert_int_equal(kedge_detector_estimate(&d, &e), KEDGE_EMPTY);
    assert_true(isnan(e.mean) && isnan(e.variance) && e.width == 0 && e.threshold == 50);
    c.threshold = 1e9;
    assert_int_equal(kedge_detector_init(&d, &c.base, mem, KEDGE_PAGE_HINKLEY_BYTES), KEDGE_OK);
    for (int i = 0; i < 500; i++) {
        assert_int_equal(kedge_detector_update(&d, x[i]), KEDGE_OK);
        mean += x[i] / 500;
    }
    for (int i = 0; i < 500; i++)
        variance += (x[i] - mean) * (x[i] - mean) / 500;
    assert_int_equal(kedge_detector_estimate(&d, &e), KEDGE_OK);
    assert_close(e.mean, mean, 1e-12);
    assert_close(e.variance, variance, 1e-9);
    assert_int_equal(e.width, 500);
    guard_free(mem);
}

static void test_extremes_stay_finite(void **unused)
{
    (void)unused;
    unsigned char *mem = guard_new(KEDGE_PAGE_HINKLEY_BYTES, 0);
    kedge_page_hinkley_config c = kedge_page_hinkley_defaults();
    kedge_detector d;
    kedge_rng rng = {3};
    const double extremes[] = {1e100, -1e100, 0, 5e-324, 1, -1e-300, 1e99};
    c.threshold = 1e100;
    assert_int_equal(kedge_detector_init(&d, &c.base, mem, KEDGE_PAGE_HINKLEY_BYTES), KEDGE_OK);
    for (int i = 0; i < 100000; i++) {
        assert_true(kedge_detector_update(&d, extremes[kedge_rng_below(&rng, 7)]) >= 0);
        if (i % 1000 == 0)
            assert_int_equal(kedge_detector_check(&d), KEDGE_OK);
    }
    guard_free(mem);
}

static void test_peers(void **unused)
{
    (void)unused;
    kedge_page_hinkley_config c, before;
    assert_int_equal(kedge_page_hinkley_config_peer(&c, sizeof c, KEDGE_PEER_MOA), KEDGE_OK);
    assert_int_equal(c.form, KEDGE_PAGE_HINKLEY_SUM);
    before = c;
    assert_int_equal(kedge_page_hinkley_config_peer(&c, sizeof c, 0), KEDGE_ERR_CONFIG);
    assert_int_equal(kedge_page_hinkley_config_peer(&c, sizeof c, 4), KEDGE_ERR_CONFIG);
    assert_int_equal(kedge_page_hinkley_config_peer(NULL, sizeof c, KEDGE_PEER_MOA), KEDGE_ERR_NULL);
    assert_int_equal(kedge_page_hinkley_config_init(&c, sizeof c - 1), KEDGE_ERR_CONFIG);
    assert_int_equal(kedge_page_hinkley_config_init(&c, sizeof c + 8), KEDGE_ERR_CONFIG);
    assert_int_equal(kedge_page_hinkley_config_init(NULL, sizeof c), KEDGE_ERR_NULL);
    assert_memory_equal(&c, &before, sizeof c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equals_definition),
        cmocka_unit_test(test_estimate_is_of_the_concept),
        cmocka_unit_test(test_extremes_stay_finite),
        cmocka_unit_test(test_peers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
