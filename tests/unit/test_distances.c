/* SPDX-License-Identifier: MIT */
/* Distances of two samples against their definitions, written out plainly; what makes them distances; and input on the edge. */
#include <math.h>
#include <stdlib.h>

#include "distances.h"

static any_config of(const kedge_shift_class *cls, uint32_t p_method)
{
    any_config c;
    assert_int_equal(kedge_shift_config_init(cls, &c, cls->config_bytes), KEDGE_OK);
    c.base.p_method = p_method;
    return c;
}

static double distance(const kedge_shift_class *cls, const double *x, size_t n, const double *y, size_t m)
{
    any_config c = of(cls, KEDGE_P_NONE);
    kedge_shift_result r = compare(&c, x, n, y, m);
    assert_true(isnan(r.p_value) && isnan(r.expected) && r.p_method == KEDGE_P_NONE);
    return r.statistic;
}

/* E|X - Y| over all pairs. */
static double pairs(const double *x, size_t n, const double *y, size_t m)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < m; j++)
            sum += fabs(x[i] - y[j]);
    return sum / (double)n / (double)m;
}

/* Each of n values split into m equal parts and the other way round: then the k-th goes to the k-th. */
static double transport(const double *x, size_t n, const double *y, size_t m)
{
    double a[32], b[32], sum = 0;
    memcpy(a, x, n * sizeof *a);
    memcpy(b, y, m * sizeof *b);
    qsort(a, n, sizeof *a, rising);
    qsort(b, m, sizeof *b, rising);
    for (size_t k = 0; k < n * m; k++)
        sum += fabs(a[k / m] - b[k / n]);
    return sum / (double)(n * m);
}

static double deviation(const double *x, size_t n)
{
    double mean = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        mean += x[i] / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += (x[i] - mean) * (x[i] - mean);
    return sqrt(squares / (double)n);
}

static void test_against_definitions(void **unused)
{
    (void)unused;
    kedge_rng rng = {9};
    any_config w = of(&kedge_wasserstein, KEDGE_P_NONE), e = of(&kedge_energy, KEDGE_P_NONE);
    for (int round = 0; round < 300; round++) {
        double x[32], y[32];
        size_t n = 2 + kedge_rng_below(&rng, 31), m = 2 + kedge_rng_below(&rng, 31);
        fill(x, n, round % 3, 0, &rng);
        fill(y, m, round % 3, 0.5, &rng);
        kedge_shift_result r = compare(&w, x, n, y, m);
        assert_close(r.statistic, transport(x, n, y, m), 1e-12);
        if (deviation(x, n) > 0)
            assert_close(r.effect, r.statistic / deviation(x, n), 1e-12);
        r = compare(&e, x, n, y, m);
        double square = 2 * pairs(x, n, y, m) - pairs(x, n, x, n) - pairs(y, m, y, m);
        assert_close(r.statistic * r.statistic, square, 1e-12);
        if (pairs(x, n, y, m) > 0)
            assert_close(r.effect, square / 2 / pairs(x, n, y, m), 1e-12);
        assert_true(r.effect >= 0 && r.effect <= 1);
    }
}

static void test_what_makes_a_distance(void **unused)
{
    (void)unused;
    static const kedge_shift_class *const cls[] = {&kedge_wasserstein, &kedge_energy};
    kedge_rng rng = {21};
    for (int round = 0; round < 100; round++) {
        double x[40], y[30], z[50];
        fill(x, 40, round % 3, 0, &rng);
        fill(y, 30, round % 3, 0.3, &rng);
        fill(z, 50, round % 3, -0.4, &rng);
        for (size_t k = 0; k < 2; k++) {
            double xy = distance(cls[k], x, 40, y, 30), yx = distance(cls[k], y, 30, x, 40);
            double xz = distance(cls[k], x, 40, z, 50), zy = distance(cls[k], z, 50, y, 30);
            assert_close(xy, yx, 1e-14);
            assert_true(xy <= xz + zy + 1e-12);
            assert_true(distance(cls[k], x, 40, x, 40) == 0);
            assert_true(xy > 0);
        }
    }
}

static void test_constants(void **unused)
{
    (void)unused;
    double x[20], y[15];
    any_config w = of(&kedge_wasserstein, KEDGE_P_AUTO), e = of(&kedge_energy, KEDGE_P_AUTO);
    for (size_t i = 0; i < 20; i++)
        x[i] = 0.1;
    for (size_t i = 0; i < 15; i++)
        y[i] = 0.4;
    kedge_shift_result r = compare(&w, x, 20, y, 15);
    assert_close(r.statistic, 0.3, 1e-14);
    assert_close(r.effect, 35 / sqrt(20 * 15), 1e-12); /* over the spread of all values */
    assert_true(r.status == KEDGE_DRIFT && r.p_value == 0.001);
    r = compare(&e, x, 20, y, 15);
    assert_close(r.statistic, sqrt(0.6), 1e-14);
    assert_close(r.effect, 1, 1e-14);
    assert_true(r.status == KEDGE_DRIFT && r.p_value == 0.001);
    for (size_t k = 0; k < 2; k++) {
        r = compare(k ? &w : &e, x, 20, x, 13);
        assert_true(r.statistic == 0 && r.effect == 0 && r.p_value == 1 && r.expected == 0 && r.status == KEDGE_OK);
    }
}

/* Values of any size that is allowed, and of the least there is. */
static void test_sizes_of_values(void **unused)
{
    (void)unused;
    static const double sizes[] = {1e100, 1e-100, 1e-300, 5e-324};
    any_config w = of(&kedge_wasserstein, KEDGE_P_EXACT), e = of(&kedge_energy, KEDGE_P_EXACT);
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        double s = sizes[k], x[4] = {-s, 0, 0, s}, y[3] = {s, s, 0}, z[2] = {s, s}, zero[2] = {0, 0};
        kedge_shift_result r = compare(&w, x, 4, y, 3);
        assert_close(r.p_value, compare(&e, x, 4, y, 3).p_value, 0.5);
        if (k < 3) {
            assert_close(r.statistic / s, 2.0 / 3, 1e-12);
            assert_close(r.effect, sqrt(8.0) / 3, 1e-12);
        }
        assert_true(isfinite(r.statistic) && isfinite(r.effect) && r.p_value > 0 && r.expected >= 0);
        r = compare(&e, x, 4, y, 3);
        assert_true(isfinite(r.statistic) && r.statistic >= 0 && r.effect >= 0 && r.effect <= 1);
        r = compare(&w, zero, 2, z, 2);
        assert_true(r.statistic == s && r.effect > 0 && r.effect <= 1e100);
    }
    double x[3] = {0, 1e-300, 0}, y[2] = {1e100, 1e100}; /* far outside of what the reference's spread can measure */
    kedge_shift_result r = compare(&w, x, 3, y, 2);
    assert_true(r.statistic == 1e100 && r.effect == 1e100);
}

/* Share of all ways to take n of n + m values whose statistic is at least the observed one. */
static double naive_p(const kedge_shift_class *cls, const double *all, size_t n, size_t m, double *expected)
{
    double observed = distance(cls, all, n, all + n, m), ways = 0, far = 0, sum = 0;
    for (uint32_t bits = 0; bits < 1u << (n + m); bits++) {
        double side[2][12];
        size_t count[2] = {0, 0};
        for (size_t i = 0; i < n + m; i++)
            side[bits >> i & 1][count[bits >> i & 1]++] = all[i];
        if (count[0] != n)
            continue;
        double d = distance(cls, side[0], n, side[1], m);
        ways++;
        far += d >= observed * (1 - 1e-12);
        sum += d;
    }
    *expected = sum / ways;
    return far / ways;
}

static void test_exact(void **unused)
{
    (void)unused;
    kedge_rng rng = {31};
    for (int round = 0; round < 12; round++) {
        double all[9], expected;
        fill(all, 4, round % 3, 0, &rng);
        fill(all + 4, 5, round % 3, 0.6, &rng);
        for (size_t k = 0; k < N_CLASSES; k++) {
            any_config c = of(all_classes[k], KEDGE_P_AUTO);
            kedge_shift_result r = compare(&c, all, 4, all + 4, 5);
            assert_int_equal(r.p_method, KEDGE_P_EXACT);
            assert_close(r.p_value, naive_p(all_classes[k], all, 4, 5, &expected), 1e-14);
            assert_close(r.expected, expected, 1e-12);
        }
    }
}

/* If nothing changed, a p-value of at most 0.05 comes in 5 of 100 cases: (1 + n_resamples) alpha is whole. 500 of them: 25, give or
 * take 4.9. */
static void test_false_alarms(void **unused)
{
    (void)unused;
    for (size_t k = 0; k < N_CLASSES; k++) {
        any_config c = of(all_classes[k], KEDGE_P_PERMUTATION);
        int alarms = 0;
        c.base.n_resamples = 99;
        for (uint64_t seed = 0; seed < 500; seed++) {
            double x[60], y[40];
            fill_normal(x, 60, 0, 1, seed);
            fill_normal(y, 40, 0, 1, seed + 1000);
            c.base.seed = seed + 2000;
            alarms += compare(&c, x, 60, y, 40).status == KEDGE_DRIFT;
        }
        if (alarms < 25 - 15 || alarms > 25 + 15)
            fail_msg("%s: %d of 500 samples without a change alarm at 0.05", all_classes[k]->name, alarms);
    }
}

/* Each class by the name of its own defaults. */
static void test_defaults(void **unused)
{
    (void)unused;
    assert_ptr_equal(kedge_bhattacharyya_defaults().base.cls, &kedge_bhattacharyya);
    assert_ptr_equal(kedge_hellinger_defaults().base.cls, &kedge_hellinger);
    assert_ptr_equal(kedge_histogram_intersection_defaults().base.cls, &kedge_histogram_intersection);
    assert_ptr_equal(kedge_jensen_shannon_defaults().base.cls, &kedge_jensen_shannon);
    assert_ptr_equal(kedge_kullback_leibler_defaults().base.cls, &kedge_kullback_leibler);
    assert_ptr_equal(kedge_l_infinity_defaults().base.cls, &kedge_l_infinity);
    assert_ptr_equal(kedge_psi_defaults().base.cls, &kedge_psi);
    assert_ptr_equal(kedge_total_variation_defaults().base.cls, &kedge_total_variation);
    assert_ptr_equal(kedge_wasserstein_defaults().cls, &kedge_wasserstein);
    assert_ptr_equal(kedge_energy_defaults().cls, &kedge_energy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_definitions),
        cmocka_unit_test(test_what_makes_a_distance),
        cmocka_unit_test(test_constants),
        cmocka_unit_test(test_sizes_of_values),
        cmocka_unit_test(test_exact),
        cmocka_unit_test(test_false_alarms),
        cmocka_unit_test(test_defaults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
