/* SPDX-License-Identifier: MIT */
/* Maximum mean discrepancy: against its definition written out, p-values without a change, and power. */
#include "tables.h"

/* Equation 3 of Gretton et al. 2012, sum by sum. */
static double naive_mmd(const double *z, size_t n, size_t m, size_t d, double width)
{
    double xx = 0, yy = 0, xy = 0;
    for (size_t i = 0; i < n + m; i++)
        for (size_t j = 0; j < n + m; j++) {
            double k = exp(-square_distance(z + i * d, z + j * d, d) / (2 * width * width));
            if (i < n && j < n && i != j)
                xx += k;
            else if (i >= n && j >= n && i != j)
                yy += k;
            else if (i < n && j >= n)
                xy += k;
        }
    return xx / ((double)n * (double)(n - 1)) + yy / ((double)m * (double)(m - 1)) - 2 * xy / ((double)n * (double)m);
}

static void test_mmd_definition(void **unused)
{
    (void)unused;
    enum { D = 3 };
    double x[40 * D], y[25 * D];
    fill_normal(x, 40 * D, 0, 1, 1);
    fill_normal(y, 25 * D, 0.7, 2, 2);
    for (size_t n = 2; n <= 40; n += 19)
        for (size_t m = 2; m <= 25; m += 23)
            for (uint32_t standardise = 0; standardise < 2; standardise++)
                for (uint32_t rule = KEDGE_BANDWIDTH_MEDIAN; rule <= KEDGE_BANDWIDTH_FIXED; rule++)
                    for (uint32_t p = KEDGE_P_PERMUTATION; p <= KEDGE_P_NONE; p++) {
                        kedge_mmd_config c = kedge_mmd_defaults();
                        kedge_shift_result r;
                        double *z = pool(x, n, y, m, D, (int)standardise);
                        c.standardise = standardise;
                        c.bandwidth_rule = rule;
                        c.bandwidth = 1.7;
                        c.base.p_method = p;
                        double width = rule == KEDGE_BANDWIDTH_FIXED ? 1.7 : sqrt(0.5) * naive_median(z, n + m, D);
                        double truth = naive_mmd(z, n, m, D, width);
                        assert_true(compare(&c, x, n, y, m, D, &r) >= 0);
                        assert_close(r.statistic, truth, 1e-12);
                        assert_close(r.effect, truth > 0 ? truth / 2 : 0, 1e-12);
                        assert_true(r.expected == 0 && isnan(r.mean_reference) && isnan(r.where));
                        assert_int_equal(r.n_reference, n);
                        assert_int_equal(r.n_current, m);
                        assert_int_equal(r.p_method, p);
                        free(z);
                    }
}

/* The chance of the statistic under all ways to deal 3 + 4 rows out, by the definition; the test's p-value comes close to it. */
static void check_mmd_against_all_ways(size_t n, size_t m)
{
    double x[7 * 2], y[7 * 2], dealt[7 * 2];
    kedge_mmd_config c = kedge_mmd_defaults();
    kedge_shift_result r;
    fill_normal(x, n * 2, 0, 1, 11);
    fill_normal(y, m * 2, 1, 1, 12);
    double *z = pool(x, n, y, m, 2, 1);
    double width = sqrt(0.5) * naive_median(z, 7, 2), truth = naive_mmd(z, n, m, 2, width), far = 0, ways = 0;
    for (unsigned mask = 0; mask < 128; mask++) {
        size_t i = 0, j = n;
        if ((size_t)__builtin_popcount(mask) != n)
            continue;
        for (size_t k = 0; k < 7; k++)
            memcpy(dealt + 2 * (mask >> k & 1 ? i++ : j++), z + 2 * k, 2 * sizeof *z);
        ways += 1;
        far += naive_mmd(dealt, n, m, 2, width) >= truth - 1e-12;
    }
    c.base.n_resamples = 100000;
    assert_true(compare(&c, x, n, y, m, 2, &r) >= 0);
    double p = far / ways;
    assert_true(fabs(r.p_value - p) < 5 * sqrt(p * (1 - p) / 1e5) + 1e-5);
    free(z);
}

static void test_mmd_permutations(void **unused)
{
    (void)unused;
    check_mmd_against_all_ways(3, 4);
    check_mmd_against_all_ways(5, 2);
}

/* The features' kernel is the Gaussian one: many of them come close to the exact figure, and so does the p-value. */
static void test_mmd_features(void **unused)
{
    (void)unused;
    enum { N = 150, M = 90 };
    double x[2 * N], y[2 * N];
    for (uint64_t seed = 1; seed <= 3; seed++) {
        kedge_mmd_config c = kedge_mmd_defaults();
        kedge_shift_result exact, features, none;
        fill_pairs(x, N, 0, 1, 0.8, seed);
        fill_pairs(y, N, 0.15, 1.2, 0.4, 100 + seed);
        c.base.n_resamples = 199;
        for (size_t m = M; m <= N; m += N - M) {
            for (int turn = 0; turn < 2; turn++) {
                c.form = KEDGE_MMD_EXACT;
                assert_true(compare(&c, turn ? y : x, turn ? m : N, turn ? x : y, turn ? N : m, 2, &exact) >= 0);
                c.form = KEDGE_MMD_FEATURES;
                c.n_features = 4000;
                assert_true(compare(&c, turn ? y : x, turn ? m : N, turn ? x : y, turn ? N : m, 2, &features) >= 0);
                assert_true(fabs(features.statistic - exact.statistic) < 0.1 * exact.statistic);
                assert_true(fabs(features.p_value - exact.p_value) < 0.05);
                c.base.p_method = KEDGE_P_NONE;
                assert_true(compare(&c, turn ? y : x, turn ? m : N, turn ? x : y, turn ? N : m, 2, &none) >= 0);
                assert_true(isnan(none.p_value));
                c.base.p_method = KEDGE_P_AUTO;
            }
        }
    }
}

/* AUTO takes pairs up to 2000 rows and features beyond. */
static void test_mmd_auto(void **unused)
{
    (void)unused;
    kedge_mmd_config c = kedge_mmd_defaults(), exact = c, features = c;
    exact.form = KEDGE_MMD_EXACT;
    features.form = KEDGE_MMD_FEATURES;
    assert_int_equal(kedge_shift_work(&c.base, 1200, 800, 4), kedge_shift_work(&exact.base, 1200, 800, 4));
    assert_int_equal(kedge_shift_work(&c.base, 1200, 801, 4), kedge_shift_work(&features.base, 1200, 801, 4));
    assert_true(kedge_shift_work(&exact.base, 1200, 801, 4) != kedge_shift_work(&features.base, 1200, 801, 4));
    assert_int_equal(kedge_shift_work(&exact.base, 4000000, 4000000, 1), 0);
    assert_true(kedge_shift_work(&c.base, 1, 1, 1000) > 0);
    assert_int_equal(kedge_shift_work(&c.base, 1, 1, 1001), 0);
}

static void test_mmd_ranges(void **unused)
{
    (void)unused;
    const kedge_mmd_config good = kedge_mmd_defaults();
#define BAD(field, value)                                                                          \
    do {                                                                                           \
        kedge_mmd_config c = good;                                                                 \
        c.field = value;                                                                           \
        assert_int_equal(kedge_shift_work(&c.base, 10, 10, 2), 0);                                 \
    } while (0)
    BAD(bandwidth, 0);
    BAD(bandwidth, NAN);
    BAD(bandwidth, 1e101);
    BAD(bandwidth_rule, 0);
    BAD(bandwidth_rule, 3);
    BAD(form, 0);
    BAD(form, 4);
    BAD(n_features, 0);
    BAD(n_features, 65537);
    BAD(standardise, 2);
    BAD(base.p_method, KEDGE_P_EXACT);
#undef BAD
}

static void test_mmd_uniform(void **unused)
{
    (void)unused;
    kedge_mmd_config c = kedge_mmd_defaults();
    c.form = KEDGE_MMD_EXACT;
    check_uniform(&c, &c.base, 30, 20);
    check_uniform(&c, &c.base, 12, 25);
    c.form = KEDGE_MMD_FEATURES;
    c.n_features = 20;
    check_uniform(&c, &c.base, 30, 20);
    check_uniform(&c, &c.base, 12, 25);
}

static void test_mmd_power(void **unused)
{
    (void)unused;
    kedge_mmd_config c = kedge_mmd_defaults();
    c.base.n_resamples = 199;
    for (c.form = KEDGE_MMD_EXACT; c.form <= KEDGE_MMD_FEATURES; c.form++) {
        assert_true(power(&c, 150, 0.5, 1, 0) >= 19);
        assert_true(power(&c, 150, 0, 2, 0) >= 19);
        assert_true(power(&c, 150, 0, 1, 0.8) >= 19); /* the margins are the same */
        assert_true(power(&c, 150, 0, 1, 0) <= 4);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mmd_definition),
        cmocka_unit_test(test_mmd_permutations),
        cmocka_unit_test(test_mmd_features),
        cmocka_unit_test(test_mmd_auto),
        cmocka_unit_test(test_mmd_ranges),
        cmocka_unit_test(test_mmd_uniform),
        cmocka_unit_test(test_mmd_power),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
