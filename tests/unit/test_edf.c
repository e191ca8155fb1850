/* SPDX-License-Identifier: MIT */
/* Tests on empirical distribution functions: each against its definition, its exact p-value against all ways to deal the values
 * out, its limit against random ways, its false alarms against alpha. */
#include <math.h>

#include "edf_samples.h"

#include "base/edf_limit.h"
#include "base/ks_limit.h"

static void test_statistics(void **unused)
{
    (void)unused;
    kedge_rng rng = {4};
    double x[40], y[40];
    for (size_t k = 0; k < METHODS; k++) {
        kedge_shift_config c = config(&methods[k], KEDGE_P_NONE);
        for (int round = 0; round < 400; round++) {
            size_t n = 2 + kedge_rng_below(&rng, 38), m = 2 + kedge_rng_below(&rng, 38);
            kedge_shift_result r;
            double levels = (double)(round % 4) * 3;
            fill(x, n, levels, 0, &rng);
            fill(y, m, levels, round % 3, &rng);
            assert_true(compare(&c, x, n, y, m, &r) >= 0);
            assert_close(r.statistic, methods[k].naive(x, n, y, m), 1e-11);
            assert_close(r.effect, methods[k].effect(x, n, y, m), 1e-11);
            assert_true(isnan(r.p_value));
        }
    }
}

/* Share of the ways to deal the values out that are at least as far. */
static double naive_p(const struct method *method, const double *all, size_t n, size_t m, double *mean)
{
    double ways = 0, far = 0, least = method->far(all, n, all + n, m);
    *mean = 0;
    for (uint32_t bits = 0; bits < 1u << (n + m); bits++) {
        double x[12], y[12];
        size_t nx = 0, ny = 0, ones = 0;
        for (size_t i = 0; i < n + m; i++)
            ones += bits >> i & 1;
        if (ones != n)
            continue;
        for (size_t i = 0; i < n + m; i++)
            *(bits >> i & 1 ? &x[nx++] : &y[ny++]) = all[i];
        ways++;
        far += method->far(x, n, y, m) >= least - 1e-10;
        *mean += method->naive(x, n, y, m);
    }
    *mean /= ways;
    return far / ways;
}

static void test_exact(void **unused)
{
    (void)unused;
    static const size_t sizes[][2] = {{1, 3}, {2, 3}, {5, 2}, {4, 4}, {6, 4}, {3, 7}, {6, 6}, {1, 9}};
    for (size_t i = 0; i < METHODS * 8 * 8; i++) {
        const struct method *method = &methods[i % METHODS];
        const size_t *size = sizes[i / METHODS % 8];
        double all[12], mean, levels = i / METHODS / 8 % 2 ? 4 : 0;
        kedge_shift_config c = config(method, KEDGE_P_EXACT);
        kedge_shift_result r;
        kedge_rng rng = {i};
        fill(all, size[0], levels, 0, &rng);
        fill(all + size[0], size[1], levels, (double)(i % 3), &rng);
        kedge_status st = compare(&c, all, size[0], all + size[0], size[1], &r);
        assert_true(st >= 0 && r.p_method == KEDGE_P_EXACT);
        double p = naive_p(method, all, size[0], size[1], &mean);
        c.p_method = KEDGE_P_NONE;
        kedge_shift_result alone;
        assert_true(compare(&c, all, size[0], all + size[0], size[1], &alone) >= 0);
        if (!isnan(alone.expected)) /* by formula */
            assert_close(alone.expected, mean, 1e-11);
        if (levels == 0 || method->exact_has_ties) {
            assert_close(r.p_value, p, 1e-12);
            if (!isnan(r.expected))
                assert_close(r.expected, mean, 1e-10);
        } else {
            assert_true(r.p_value >= p - 1e-12);
        }
    }
}

static double alarms(const struct method *method, size_t n, size_t m, double levels, size_t n_seeds)
{
    double count = 0, x[MOST], y[MOST];
    kedge_shift_config c = config(method, KEDGE_P_AUTO);
    c.n_resamples = 199;
    for (uint64_t seed = 0; seed < n_seeds; seed++) {
        kedge_shift_result r;
        kedge_rng rng = {seed + n};
        fill(x, n, levels, 0, &rng);
        fill(y, m, levels, 0, &rng);
        kedge_status st = compare(&c, x, n, y, m, &r);
        assert_true(st >= 0 && r.p_value > 0 && r.p_value <= 1);
        count += st == KEDGE_DRIFT;
    }
    return count;
}

/* 50 of 1000 are expected; 30 to 72 are within three standard deviations. Steps of p-values, and coarse ties, may only lower it. Of
 * 100 in other builds there may be none, and 12 are within three standard deviations. */
static void test_false_alarms(void **unused)
{
    (void)unused;
    static const double levels[] = {0, 40, 5, 2};
    static const size_t sizes[][2] = {{20, 20}, {200, 200}, {200, 30}};
    const size_t n_seeds = test_cases(1000, 100);
    for (size_t i = 0; i < METHODS * 12; i++) {
        const struct method *method = &methods[i / 12];
        const size_t *size = sizes[i % 3];
        double l = levels[i / 3 % 4];
        double count = alarms(method, size[0], size[1], l, n_seeds);
        double least = l > 0 || n_seeds < 1000 ? 0 : size[0] == 20 ? method->lowest_step : 30;
        double most = n_seeds < 1000 ? 12 : 72;
        if (!(count <= most && count >= least))
            fail_msg("%s: %g false alarms at %zu and %zu values, %g levels", method->cls->name, count, size[0], size[1], l);
    }
}

/* All methods: constants, whole range, small and apart. p is a chance, whatever the samples. */
static void test_chances(void **unused)
{
    (void)unused;
    double x[MOST], y[MOST];
    for (size_t i = 0; i < METHODS * 3 * 4 * 40; i++) {
        const struct method *method = &methods[i % METHODS];
        kedge_shift_config c = config(method, KEDGE_P_EXACT + (uint32_t)(i / METHODS % 3));
        kedge_shift_result r;
        kedge_rng rng = {i};
        size_t n = 1 + kedge_rng_below(&rng, i % 7 == 0 ? MOST : 12), m = 1 + kedge_rng_below(&rng, i % 5 == 0 ? MOST : 12);
        double levels = (double)(i / METHODS / 3 % 4);
        c.n_resamples = 9;
        fill(x, n, levels, 0, &rng);
        fill(y, m, levels, i % 2 ? 20 : 0, &rng);
        kedge_status st = compare(&c, x, n, y, m, &r);
        if (st != KEDGE_OK && st != KEDGE_DRIFT)
            assert_true(st == KEDGE_ERR_UNSUPPORTED || (st == KEDGE_EMPTY && n + m < method->least));
        else if (!(r.p_value > 0 && r.p_value <= 1 && isfinite(r.statistic) && r.effect >= 0 && r.effect < 2))
            fail_msg("%s %zu %zu: p %g, statistic %g, effect %g", method->cls->name, n, m, r.p_value, r.statistic, r.effect);
        if (levels == 1 && st >= 0 && st != KEDGE_EMPTY)
            assert_true(r.p_value == 1 && r.effect == 0);
    }
}

/* Equal samples are not apart, and the effect does not depend on how many values there are. */
static void test_effects(void **unused)
{
    (void)unused;
    double x[MOST], y[MOST];
    for (size_t k = 0; k < METHODS; k++) {
        kedge_shift_config c = config(&methods[k], KEDGE_P_NONE);
        kedge_shift_result few, many;
        for (size_t i = 0; i < MOST; i++) {
            x[i] = (double)(i % 50);
            y[i] = (double)(i % 50) * 1.2 + 3.3;
        }
        assert_int_equal(compare(&c, x, 50, x, MOST, &few), KEDGE_DRIFT); /* without a p-value any effect counts */
        assert_true(few.effect < 1e-30);
        assert_true(compare(&c, x, 50, y, 50, &few) >= 0);
        assert_true(compare(&c, x, MOST, y, MOST, &many) >= 0);
        assert_close(few.effect, many.effect, 1e-12);
    }
}

/* Apart, p is 2 / C(n + m, n): the chances of paths keep their digits. */
static void test_smallest(void **unused)
{
    (void)unused;
    double x[60], y[60], ways = 1;
    kedge_shift_config c = kedge_cramer_von_mises_defaults();
    kedge_shift_result r;
    c.p_method = KEDGE_P_EXACT;
    for (int i = 0; i < 60; i++) {
        x[i] = i;
        y[i] = 100 + i;
        ways *= (61.0 + i) / (1.0 + i);
    }
    assert_int_equal(compare(&c, x, 60, y, 60, &r), KEDGE_DRIFT);
    assert_close(r.p_value * ways / 2, 1, 1e-12);
    assert_close(r.effect, 1.0 / 3, 1e-3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_statistics),
        cmocka_unit_test(test_exact),
        cmocka_unit_test(test_false_alarms),
        cmocka_unit_test(test_chances),
        cmocka_unit_test(test_effects),
        cmocka_unit_test(test_smallest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
