/* SPDX-License-Identifier: MIT */
/* What all methods share: exact working memory, missing values, refusals, several methods at once. And a method of the host's
 * own. */
#include <math.h>
#include <stdlib.h>

#include "support.h"

static kedge_rows column(const double *x, size_t n)
{
    return kedge_rows_float64(x, n, 1);
}

/* Compares in exactly the memory that it asks for, dirty, between guards. */
static kedge_status compare(const kedge_shift_config *cfg, const double *x, size_t n, const double *y, size_t m,
                            kedge_shift_result *out)
{
    kedge_rows reference = column(x, n), current = column(y, m);
    size_t bytes = kedge_shift_work(cfg, n, m, 1);
    assert_true(bytes > 0);
    void *work = guard_new(bytes, 0xA5);
    kedge_status st = kedge_shift_compare(cfg, &reference, &current, work, bytes, out);
    guard_free(work);
    return st;
}

static void test_exact_memory(void **unused)
{
    (void)unused;
    double x[60], y[60];
    fill_normal(x, 60, 0, 1, 1);
    fill_normal(y, 60, 0.3, 1, 2);
    for (const kedge_shift_class *const *cls = kedge_shift_classes(); *cls; cls++) {
        for (uint32_t p = KEDGE_P_AUTO; p <= KEDGE_P_NONE; p++) {
            union {
                kedge_shift_config base;
                unsigned char bytes[KEDGE_SHIFT_CONFIG_MAX];
            } c;
            kedge_shift_result r, again;
            assert_int_equal(kedge_shift_config_init(*cls, &c, (*cls)->config_bytes), KEDGE_OK);
            c.base.p_method = p;
            c.base.n_resamples = 19;
            if (!((*cls)->p_methods >> p & 1)) {
                assert_int_equal(kedge_shift_work(&c.base, 5, 5, 1), 0);
                continue;
            }
            for (size_t n = 1; n <= 60; n += n < 4 ? 1 : 2 * n) {
                for (size_t m = 1; m <= 60; m += m < 4 ? 1 : 3 * m) {
                    for (int ties = 0; ties < 2; ties++) {
                        double a[60], b[60];
                        for (size_t i = 0; i < 60; i++) {
                            a[i] = ties || !((*cls)->kinds & KEDGE_KIND_NUMERIC) ? x[i] > 0 : x[i];
                            b[i] = ties || !((*cls)->kinds & KEDGE_KIND_NUMERIC) ? y[i] > 0 : y[i];
                        }
                        kedge_status st = compare(&c.base, a, n, b, m, &r);
                        assert_true(st >= 0 || st == KEDGE_ERR_UNSUPPORTED);
                        if (st == KEDGE_OK || st == KEDGE_DRIFT) {
                            assert_true(isfinite(r.statistic) && isfinite(r.effect) && !isinf(r.expected) && !isinf(r.where));
                            assert_true(p == KEDGE_P_NONE ? isnan(r.p_value) : r.p_value >= 0 && r.p_value <= 1);
                            assert_int_equal(r.p_method == KEDGE_P_NONE, p == KEDGE_P_NONE);
                            assert_int_equal(compare(&c.base, a, n, b, m, &again), st);
                            assert_memory_equal(&r, &again, sizeof r);
                        }
                    }
                }
            }
        }
    }
}

static void test_constant_columns(void **unused)
{
    (void)unused;
    double x[40];
    for (size_t i = 0; i < 40; i++)
        x[i] = 3.25;
    for (const kedge_shift_class *const *cls = kedge_shift_classes(); *cls; cls++) {
        union {
            kedge_shift_config base;
            unsigned char bytes[KEDGE_SHIFT_CONFIG_MAX];
        } c;
        kedge_shift_result r;
        assert_int_equal(kedge_shift_config_init(*cls, &c, (*cls)->config_bytes), KEDGE_OK);
        assert_int_equal(compare(&c.base, x, 40, x, 25, &r), KEDGE_OK);
        if (r.p_value != 1)
            fail_msg("%s: p-value %g of a constant column", (*cls)->name, r.p_value);
    }
}

static void test_missing(void **unused)
{
    (void)unused;
    const double x[5] = {1, NAN, 2, 3, NAN}, y[3] = {NAN, NAN, NAN}, z[2] = {2, 5};
    kedge_shift_config c = kedge_ks_defaults();
    kedge_shift_result r, kept;
    assert_int_equal(compare(&c, x, 5, z, 2, &r), KEDGE_OK);
    assert_int_equal(r.n_reference, 3);
    assert_int_equal(r.missing_reference, 2);
    assert_int_equal(r.n_current, 2);
    assert_close(r.mean_reference, 2, 1e-15);
    assert_close(r.mean_current, 3.5, 1e-15);
    assert_int_equal(compare(&c, x, 5, y, 3, &r), KEDGE_EMPTY);
    assert_true(isnan(r.statistic) && isnan(r.p_value) && isnan(r.mean_current));
    assert_int_equal(r.missing_current, 3);
    assert_int_equal(compare(&c, x, 5, y, 0, &r), KEDGE_EMPTY);
    c.missing = KEDGE_MISSING_REFUSE;
    kept = r;
    assert_int_equal(compare(&c, x, 5, z, 2, &r), KEDGE_ERR_NOT_FINITE);
    assert_memory_equal(&r, &kept, sizeof r);
}

static void test_refusals(void **unused)
{
    (void)unused;
    double x[4] = {1, 2, 3, 4}, work[64];
    kedge_rows rows = column(x, 4), wide = kedge_rows_float64(x, 2, 2);
    kedge_shift_config c = kedge_ks_defaults();
    kedge_shift_result r;
    size_t bytes = kedge_shift_work(&c, 4, 4, 1);
    double *large = calloc(1, bytes);
    assert_int_equal(kedge_shift_compare(NULL, &rows, &rows, large, bytes, &r), KEDGE_ERR_NULL);
    assert_int_equal(kedge_shift_compare(&c, NULL, &rows, large, bytes, &r), KEDGE_ERR_NULL);
    assert_int_equal(kedge_shift_compare(&c, &rows, NULL, large, bytes, &r), KEDGE_ERR_NULL);
    assert_int_equal(kedge_shift_compare(&c, &rows, &rows, NULL, bytes, &r), KEDGE_ERR_NULL);
    assert_int_equal(kedge_shift_compare(&c, &rows, &rows, large, bytes, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_shift_compare(&c, &rows, &rows, large, bytes - 1, &r), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_shift_compare(&c, &rows, &rows, (char *)large + 4, bytes, &r), KEDGE_ERR_ALIGN);
    assert_int_equal(kedge_shift_compare(&c, &wide, &wide, large, bytes, &r), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_shift_compare(&c, &rows, &wide, large, bytes, &r), KEDGE_ERR_SHAPE);
    x[2] = INFINITY;
    assert_int_equal(kedge_shift_compare(&c, &rows, &rows, large, bytes, &r), KEDGE_ERR_NOT_FINITE);
    x[2] = 1e101;
    assert_int_equal(kedge_shift_compare(&c, &rows, &rows, large, bytes, &r), KEDGE_ERR_RANGE);
    free(large);
    (void)work;
}

static void test_config_ranges(void **unused)
{
    (void)unused;
    const kedge_shift_config good = kedge_ks_defaults();
    assert_true(kedge_shift_work(&good, 10, 10, 1) > 0);
#define BAD(field, value)                                                                          \
    do {                                                                                           \
        kedge_shift_config c = good;                                                               \
        c.field = value;                                                                           \
        assert_int_equal(kedge_shift_work(&c, 10, 10, 1), 0);                                      \
    } while (0)
    BAD(cls, NULL);
    BAD(config_bytes, 8);
    BAD(config_bytes, 200);
    BAD(p_method, 0);
    BAD(p_method, 6);
    BAD(alpha, 0);
    BAD(alpha, 1);
    BAD(alpha, NAN);
    BAD(min_effect, -1);
    BAD(min_effect, NAN);
    BAD(n_resamples, 0);
    BAD(missing, 0);
    BAD(missing, 3);
#undef BAD
    assert_int_equal(kedge_shift_work(&good, 10, 10, 2), 0);
    assert_int_equal(kedge_shift_work(&good, 10, 10, 0), 0);
    assert_int_equal(kedge_shift_work(NULL, 10, 10, 1), 0);
    assert_int_equal(kedge_shift_config_init(&kedge_ks, NULL, sizeof good), KEDGE_ERR_NULL);
    kedge_shift_config c;
    assert_int_equal(kedge_shift_config_init(&kedge_ks, &c, sizeof c - 1), KEDGE_ERR_CONFIG);
    assert_int_equal(kedge_shift_config_init(NULL, &c, sizeof c), KEDGE_ERR_NULL);
}

/* A large sample alone does not alarm; no p-value leaves the effect to decide. */
static void test_verdict(void **unused)
{
    (void)unused;
    enum { N = 20000 };
    double *x = calloc(N, sizeof *x), *y = calloc(N, sizeof *y);
    fill_normal(x, N, 0, 1, 1);
    fill_normal(y, N, 0.06, 1, 2);
    kedge_shift_config c = kedge_ks_defaults();
    kedge_shift_result r;
    assert_int_equal(compare(&c, x, N, y, N, &r), KEDGE_DRIFT);
    assert_int_equal(r.p_method, KEDGE_P_ASYMPTOTIC);
    c.min_effect = 0.1;
    assert_int_equal(compare(&c, x, N, y, N, &r), KEDGE_OK);
    c.p_method = KEDGE_P_NONE;
    assert_int_equal(compare(&c, x, N, y, N, &r), KEDGE_OK);
    c.min_effect = 0.01;
    assert_int_equal(compare(&c, x, N, y, N, &r), KEDGE_DRIFT);
    free(x);
    free(y);
}

/* float32, strides and order of the rows do not matter. */
static void test_strides(void **unused)
{
    (void)unused;
    float wide[30];
    double x[10], y[10];
    kedge_shift_config c = kedge_ks_defaults();
    kedge_shift_result r, s;
    for (size_t i = 0; i < 30; i++)
        wide[i] = (float)(i * 7 % 11);
    for (size_t i = 0; i < 10; i++) {
        x[9 - i] = wide[3 * i];
        y[i] = wide[3 * i + 1];
    }
    kedge_rows a = kedge_rows_float32(wide, 10, 3), b = kedge_rows_float32(wide + 1, 10, 3);
    a.n_columns = b.n_columns = 1;
    size_t bytes = kedge_shift_work(&c, 10, 10, 1);
    void *work = guard_new(bytes, 0);
    assert_true(kedge_shift_compare(&c, &a, &b, work, bytes, &r) >= 0);
    assert_true(compare(&c, x, 10, y, 10, &s) >= 0);
    assert_memory_equal(&r, &s, sizeof r);
    guard_free(work);
}

static uint64_t own_scratch(const void *config, uint64_t n, uint64_t m, uint64_t n_columns)
{
    (void)config;
    (void)n;
    (void)m;
    return n_columns;
}

/* Difference of the tables' first elements. */
static kedge_status own_rows(const void *config, const kedge_rows *reference, const kedge_rows *current, double *scratch,
                             kedge_shift_result *out)
{
    double a, b;
    (void)config;
    for (size_t j = 0; j < reference->n_columns; j++)
        scratch[j] = 0;
    if (kedge_rows_get(reference, 0, 0, &a) < 0 || kedge_rows_get(current, 0, 0, &b) < 0)
        return KEDGE_ERR_RANGE;
    out->statistic = out->effect = b - a;
    out->p_value = 0.5;
    return KEDGE_OK;
}

static const kedge_shift_class own = {
    .abi = KEDGE_SHIFT_CLASS_ABI, .config_bytes = sizeof(kedge_shift_config), .name = "own", .kinds = KEDGE_KIND_NUMERIC,
    .p_methods = 1u << KEDGE_P_AUTO, .max_columns = 5, .scratch = own_scratch, .rows = own_rows};

static void test_many_and_own_class(void **unused)
{
    (void)unused;
    double x[50], y[40];
    fill_normal(x, 50, 0, 1, 5);
    fill_normal(y, 40, 1.5, 1, 6);
    kedge_shift_config a = kedge_ks_defaults(), b = kedge_shift_defaults(&own), c = a;
    const kedge_shift_config *cfgs[3] = {&b, &a, &c};
    kedge_shift_result r[3], alone;
    kedge_rows reference = column(x, 50), current = column(y, 40);
    c.p_method = KEDGE_P_PERMUTATION;
    size_t bytes = kedge_shift_work_many(cfgs, 3, 50, 40, 1);
    assert_int_equal(bytes, kedge_shift_work(&c, 50, 40, 1));
    void *work = guard_new(bytes, 0x5C);
    assert_int_equal(kedge_shift_compare_many(cfgs, 3, &reference, &current, work, bytes, r), KEDGE_DRIFT);
    assert_int_equal(r[0].status, KEDGE_OK);
    assert_true(r[0].statistic == y[0] - x[0] && isnan(r[0].mean_reference));
    assert_int_equal(compare(&a, x, 50, y, 40, &alone), KEDGE_DRIFT);
    assert_memory_equal(&alone, &r[1], sizeof alone);
    assert_int_equal(compare(&c, x, 50, y, 40, &alone), KEDGE_DRIFT);
    assert_memory_equal(&alone, &r[2], sizeof alone);
    reference.n_rows = 0;
    assert_int_equal(kedge_shift_compare_many(cfgs, 1, &reference, &current, work, bytes, r), KEDGE_OK);
    assert_int_equal(r[0].status, KEDGE_ERR_RANGE);
    assert_true(isnan(r[0].statistic));
    guard_free(work);
    kedge_shift_class bad = own;
    bad.samples = kedge_ks.samples;
    assert_int_equal(kedge_shift_config_init(&bad, &a, sizeof a), KEDGE_ERR_CLASS);
    bad = own;
    bad.name = "Own";
    assert_int_equal(kedge_shift_config_init(&bad, &a, sizeof a), KEDGE_ERR_CLASS);
}

static void test_registry(void **unused)
{
    (void)unused;
    const char *last = "";
    for (const kedge_shift_class *const *cls = kedge_shift_classes(); *cls; cls++) {
        assert_true(strcmp(last, (*cls)->name) < 0);
        assert_ptr_equal(kedge_shift_find((*cls)->name), *cls);
        last = (*cls)->name;
    }
    assert_null(kedge_shift_find("none"));
    assert_null(kedge_shift_find(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exact_memory), cmocka_unit_test(test_constant_columns),   cmocka_unit_test(test_missing),
        cmocka_unit_test(test_refusals),     cmocka_unit_test(test_config_ranges),      cmocka_unit_test(test_verdict),
        cmocka_unit_test(test_strides),      cmocka_unit_test(test_many_and_own_class), cmocka_unit_test(test_registry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
