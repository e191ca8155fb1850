/* SPDX-License-Identifier: MIT */
/* All methods of tables: input at the edges. */
#include "tables.h"

typedef union any_config {
    kedge_shift_config base;
    unsigned char bytes[KEDGE_SHIFT_CONFIG_MAX];
} any_config;

static any_config defaults_of(const kedge_shift_class *cls)
{
    any_config c;
    assert_int_equal(kedge_shift_config_init(cls, &c, cls->config_bytes), KEDGE_OK);
    return c;
}

static const kedge_shift_class *const rows_classes[] = {&kedge_classifier_test, &kedge_lsdd, &kedge_mmd};
enum { N_ROWS_CLASSES = sizeof rows_classes / sizeof rows_classes[0] };

/* All configurations of the methods of tables that take a way of their own. */
static int next_form(any_config *c, int i)
{
    if (c->base.cls == &kedge_mmd)
        ((kedge_mmd_config *)(void *)c)->form = KEDGE_MMD_EXACT + (uint32_t)i;
    return c->base.cls == &kedge_mmd ? i < 2 : i < 1;
}

static void test_constants(void **unused)
{
    (void)unused;
    double x[60];
    for (size_t i = 0; i < 60; i++)
        x[i] = 0.1;
    for (int k = 0; k < N_ROWS_CLASSES; k++) {
        any_config c = defaults_of(rows_classes[k]);
        for (int i = 0; next_form(&c, i); i++) {
            kedge_shift_result r;
            assert_int_equal(compare(&c, x, 20, x, 10, 3, &r), KEDGE_OK);
            assert_true(r.p_value == 1 && fabs(r.effect) < 1e-9);
        }
    }
}

static void test_too_few(void **unused)
{
    (void)unused;
    double x[6] = {1, 2, 3, 4, 5, 7}, y[6] = {NAN, 1, 2, NAN, 1, 4};
    for (int k = 0; k < N_ROWS_CLASSES; k++) {
        any_config c = defaults_of(rows_classes[k]);
        for (int i = 0; next_form(&c, i); i++) {
            kedge_shift_result r;
            assert_int_equal(compare(&c, x, 3, x, 1, 2, &r), KEDGE_EMPTY);
            assert_true(isnan(r.statistic) && isnan(r.p_value) && isnan(r.effect));
            assert_int_equal(r.n_current, 1);
            assert_int_equal(compare(&c, x, 0, x, 0, 2, &r), KEDGE_EMPTY);
            assert_int_equal(compare(&c, x, 3, y, 3, 2, &r), KEDGE_EMPTY);
            assert_int_equal(r.n_current, 1);
            assert_int_equal(r.missing_current, 2);
        }
    }
}

static void test_huge(void **unused)
{
    (void)unused;
    double x[40], y[40];
    fill_normal(x, 40, 0, 3e99, 1);
    fill_normal(y, 40, 0, 1e-200, 2);
    for (size_t i = 0; i < 40; i++)
        x[i] = fmax(-1e100, fmin(1e100, x[i]));
    for (int k = 0; k < N_ROWS_CLASSES; k++) {
        any_config c = defaults_of(rows_classes[k]);
        for (int i = 0; next_form(&c, i); i++) {
            for (int side = 0; side < 3; side++) {
                kedge_shift_result r;
                const double *a = side == 0 ? x : y, *b = side == 1 ? x : y;
                assert_true(compare(&c, a, 20, b, 20, 2, &r) >= 0);
                assert_true(isfinite(r.statistic) && isfinite(r.effect) && r.p_value > 0 && r.p_value <= 1);
            }
        }
    }
}

/* NaN leaves a row out as if it had never been there, or is refused; infinity always is. */
static void test_missing_rows(void **unused)
{
    (void)unused;
    double x[60], y[60], holes[66];
    fill_normal(x, 60, 0, 1, 1);
    fill_normal(y, 60, 0, 1, 2);
    memcpy(holes + 6, x, sizeof x);
    memcpy(holes, (double[6]){1, NAN, 2, NAN, NAN, NAN}, 6 * sizeof *x);
    for (int k = 0; k < N_ROWS_CLASSES; k++) {
        any_config c = defaults_of(rows_classes[k]);
        for (int i = 0; next_form(&c, i); i++) {
            kedge_shift_result whole, r;
            assert_true(compare(&c, x, 20, y, 20, 3, &whole) >= 0);
            assert_true(compare(&c, holes, 22, y, 20, 3, &r) >= 0);
            assert_int_equal(r.missing_reference, 2);
            assert_int_equal(r.n_reference, 20);
            assert_true(r.statistic == whole.statistic && r.p_value == whole.p_value && r.effect == whole.effect);
            c.base.missing = KEDGE_MISSING_REFUSE;
            assert_int_equal(compare(&c, holes, 22, y, 20, 3, &r), KEDGE_ERR_NOT_FINITE);
            c.base.missing = KEDGE_MISSING_SKIP;
            holes[65] = INFINITY;
            assert_int_equal(compare(&c, y, 20, holes, 22, 3, &r), KEDGE_ERR_NOT_FINITE);
            holes[65] = -2e100;
            assert_int_equal(compare(&c, holes, 22, y, 20, 3, &r), KEDGE_ERR_RANGE);
            holes[65] = x[59];
        }
    }
}

/* Moving and stretching columns does not matter where they are standardised. */
static void test_units(void **unused)
{
    (void)unused;
    double x[100], y[100], u[100], v[100];
    fill_pairs(x, 50, 0, 1, 0, 1);
    fill_pairs(y, 50, 0.3, 1, 0.5, 2);
    for (size_t i = 0; i < 100; i++) {
        u[i] = i % 2 ? 1000 + 50 * x[i] : 1e-250 * x[i];
        v[i] = i % 2 ? 1000 + 50 * y[i] : 1e-250 * y[i];
    }
    for (int k = 0; k < N_ROWS_CLASSES; k++) {
        any_config c = defaults_of(rows_classes[k]);
        kedge_shift_result a, b;
        assert_true(compare(&c, x, 50, y, 50, 2, &a) >= 0);
        assert_true(compare(&c, u, 50, v, 50, 2, &b) >= 0);
        assert_close(a.statistic, b.statistic, 1e-9);
        assert_close(a.p_value, b.p_value, 1e-9);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_constants),
        cmocka_unit_test(test_too_few),
        cmocka_unit_test(test_huge),
        cmocka_unit_test(test_missing_rows),
        cmocka_unit_test(test_units),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
