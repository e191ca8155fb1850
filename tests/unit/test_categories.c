/* SPDX-License-Identifier: MIT */
/* Profiles of nominal columns against counting all: exact while they fit, within the stated error beyond, merged like the whole,
 * honest p-values. */
#include <math.h>
#include <stdlib.h>

#include "support.h"

enum { CODES = 400 };

static kedge_metric begin(uint32_t max_categories)
{
    kedge_categories_config c = kedge_categories_defaults();
    kedge_metric m;
    c.max_categories = max_categories;
    size_t bytes = kedge_metric_size(&c.base);
    assert_int_equal(bytes, KEDGE_CATEGORIES_BYTES_FOR(max_categories));
    assert_int_equal(kedge_metric_init(&m, &c.base, guard_new(bytes, 0xA5), bytes), KEDGE_OK);
    return m;
}

/* Small codes are frequent: density falls as 1 / code. */
static double draw(kedge_rng *rng, double n_codes)
{
    return floor(pow(n_codes, kedge_rng_uniform(rng))) - 1;
}

static void record(kedge_metric *m, double code, uint64_t *truth)
{
    assert_int_equal(kedge_categories_record(m, code), KEDGE_OK);
    truth[(size_t)code]++;
}

static void check_counts(const kedge_metric *m, const uint64_t *truth, uint32_t max_categories)
{
    kedge_categories_report r;
    uint64_t n = 0, sum = 0;
    assert_int_equal(kedge_metric_check(m), KEDGE_OK);
    assert_int_equal(kedge_categories_read(m, &r), KEDGE_OK);
    for (size_t i = 0; i < CODES; i++) {
        kedge_category c;
        assert_int_equal(kedge_categories_find(m, (double)i, &c), KEDGE_OK);
        assert_true(c.count <= truth[i] && truth[i] <= c.count_max);
        n += truth[i];
        sum += c.count;
    }
    assert_int_equal(r.n, n);
    assert_int_equal(r.n_other, n - sum);
    assert_true(r.error <= n / (max_categories + 1));
}

static void test_counts(void **unused)
{
    (void)unused;
    static const uint32_t sizes[] = {2, 5, 32, 399, 400};
    for (size_t k = 0; k < 5; k++) {
        uint64_t truth[CODES] = {0};
        kedge_metric m = begin(sizes[k]);
        kedge_rng rng = {k};
        kedge_categories_report r;
        for (int i = 0; i < 20000; i++)
            record(&m, draw(&rng, CODES), truth);
        check_counts(&m, truth, sizes[k]);
        assert_int_equal(kedge_categories_read(&m, &r), KEDGE_OK);
        assert_int_equal(r.error == 0, sizes[k] >= 399); /* codes 0 to 398 */
        guard_free(m.state);
    }
}

static void test_merge(void **unused)
{
    (void)unused;
    for (uint64_t seed = 0; seed < 20; seed++) {
        uint32_t size = seed % 2 ? 16 : 400;
        uint64_t truth[CODES] = {0};
        kedge_metric all = begin(size), part = begin(size);
        kedge_rng rng = {seed};
        for (int p = 0; p < 30; p++) {
            assert_int_equal(kedge_metric_reset(&part), KEDGE_OK);
            for (uint64_t i = kedge_rng_below(&rng, 300); i > 0; i--)
                record(&part, draw(&rng, CODES), truth);
            assert_int_equal(kedge_categories_record(&part, (double)NAN), KEDGE_OK);
            assert_int_equal(kedge_metric_merge(&all, &part), KEDGE_OK);
        }
        kedge_categories_report r;
        check_counts(&all, truth, size);
        assert_int_equal(kedge_categories_read(&all, &r), KEDGE_OK);
        assert_int_equal(r.n_missing, 30);
        guard_free(all.state);
        guard_free(part.state);
    }
    kedge_metric a = begin(4), b = begin(5);
    assert_int_equal(kedge_metric_merge(&a, &b), KEDGE_ERR_CONFIG);
    guard_free(a.state);
    guard_free(b.state);
}

static void test_top(void **unused)
{
    (void)unused;
    const double codes[] = {5, -1, 5, 7, -1, 5, 9, 0.5, 9};
    kedge_metric m = begin(8);
    kedge_category top[8];
    size_t n;
    for (size_t i = 0; i < 9; i++)
        assert_int_equal(kedge_categories_record(&m, codes[i]), KEDGE_OK);
    assert_int_equal(kedge_categories_top(&m, top, 8, &n), KEDGE_OK);
    assert_int_equal(n, 5);
    const double order[] = {5, -1, 9, 0.5, 7};
    for (size_t i = 0; i < n; i++)
        assert_true(top[i].code == order[i]);
    assert_true(top[0].count == 3 && top[1].count == 2 && top[2].count == 2 && top[3].count == 1);
    assert_int_equal(kedge_categories_top(&m, top, 2, &n), KEDGE_OK);
    assert_true(n == 2 && top[0].code == 5 && top[1].code == -1);
    assert_int_equal(kedge_categories_top(&m, NULL, 0, &n), KEDGE_OK);
    assert_int_equal(n, 0);
    guard_free(m.state);
}

/* Pearson's statistic by its definition, from counts of the same categories. */
static double naive_chi(const double *a, const double *b, size_t k)
{
    double n = 0, m = 0, chi = 0;
    for (size_t i = 0; i < k; i++) {
        n += a[i];
        m += b[i];
    }
    for (size_t i = 0; i < k; i++) {
        double expect_a = n * (a[i] + b[i]) / (n + m), expect_b = m * (a[i] + b[i]) / (n + m);
        chi += (a[i] - expect_a) * (a[i] - expect_a) / expect_a + (b[i] - expect_b) * (b[i] - expect_b) / expect_b;
    }
    return chi;
}

static void fill(kedge_metric *m, const double *counts, size_t k, double first)
{
    for (size_t i = 0; i < k; i++)
        for (int j = 0; j < (int)counts[i]; j++)
            assert_int_equal(kedge_categories_record(m, first + (double)i), KEDGE_OK);
}

static void test_compare(void **unused)
{
    (void)unused;
    const double before[4] = {100, 50, 30, 20}, now[4] = {40, 60, 0, 25}, rare[2] = {1, 2};
    kedge_metric a = begin(16), b = begin(64);
    kedge_categories_shift s, back;
    assert_int_equal(kedge_categories_compare(&a, &b, &s), KEDGE_EMPTY);
    assert_true(isnan(s.missing_reference));
    fill(&a, before, 4, 0);
    fill(&b, now, 4, 0);
    assert_int_equal(kedge_categories_compare(&a, &b, &s), KEDGE_OK);
    assert_int_equal(kedge_categories_compare(&b, &a, &back), KEDGE_OK);
    assert_close(s.chi_squared, naive_chi(before, now, 4), 1e-12);
    assert_close(back.chi_squared, s.chi_squared, 1e-12);
    assert_close(back.psi, s.psi, 1e-12);
    assert_close(s.effect, sqrt(s.chi_squared / 325), 1e-12);
    assert_close(s.total_variation, 0.5 * (fabs(0.5 - 0.32) + fabs(0.25 - 0.48) + 0.15 + fabs(0.1 - 0.2)), 1e-12);
    assert_true(s.p_value > 0 && s.p_value < 1e-6 && s.where == 1 && s.share_reference == 0.25 && s.share_current == 0.48);
    assert_true(s.unseen == 0 && back.unseen == 0.15);
    fill(&b, rare, 2, 10); /* two new categories, too rare for a column of their own */
    const double with_a[5] = {100, 50, 30, 20, 0}, with_b[5] = {40, 60, 0, 25, 3};
    assert_int_equal(kedge_categories_compare(&a, &b, &s), KEDGE_OK);
    assert_close(s.chi_squared, naive_chi(with_a, with_b, 5), 1e-12);
    assert_close(s.unseen, 3.0 / 128, 1e-12);
    guard_free(a.state);
    guard_free(b.state);
}

/* One category: nothing can have changed. Wholly other ones: all has. */
static void test_extremes(void **unused)
{
    (void)unused;
    const double many[1] = {1000};
    kedge_metric a = begin(2), b = begin(2);
    kedge_categories_shift s;
    fill(&a, many, 1, 7);
    fill(&b, many, 1, 7);
    assert_int_equal(kedge_categories_compare(&a, &b, &s), KEDGE_OK);
    assert_true(s.chi_squared == 0 && s.p_value == 1 && s.effect == 0);
    assert_int_equal(kedge_metric_reset(&b), KEDGE_OK);
    fill(&b, many, 1, -1e300);
    assert_int_equal(kedge_categories_compare(&a, &b, &s), KEDGE_OK);
    assert_true(s.p_value < 1e-300 && s.unseen == 1 && s.total_variation == 1 && s.psi < 100);
    assert_close(s.effect, 1, 1e-12);
    assert_int_equal(kedge_categories_record(&b, -0.0), KEDGE_OK); /* the same category as 0 */
    assert_int_equal(kedge_categories_record(&b, 0.0), KEDGE_OK);
    kedge_category zero;
    assert_int_equal(kedge_categories_find(&b, 0, &zero), KEDGE_OK);
    assert_int_equal(zero.count, 2);
    guard_free(a.state);
    guard_free(b.state);
}

/* Nothing changes: p-values at most 0.05 come as often as that, or more seldom where categories do not fit. */
static void test_false_alarms(void **unused)
{
    (void)unused;
    for (uint32_t size = 8; size <= 64; size += 56) {
        int n = 0;
        for (uint64_t seed = 0; seed < 1000; seed++) {
            kedge_metric a = begin(size), b = begin(size);
            kedge_categories_shift s;
            kedge_rng rng = {seed * 77 + size};
            for (int i = 0; i < 900; i++)
                assert_int_equal(kedge_categories_record(i % 3 ? &a : &b, draw(&rng, 40)), KEDGE_OK);
            assert_int_equal(kedge_categories_compare(&a, &b, &s), KEDGE_OK);
            n += s.p_value <= 0.05;
            guard_free(a.state);
            guard_free(b.state);
        }
        assert_true(n <= 72 && (size == 8 || n >= 30)); /* three deviations */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts),  cmocka_unit_test(test_merge),    cmocka_unit_test(test_top),
        cmocka_unit_test(test_compare), cmocka_unit_test(test_extremes), cmocka_unit_test(test_false_alarms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
