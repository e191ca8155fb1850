/* SPDX-License-Identifier: MIT */
/* The limits of statistics of empirical distribution functions: their laws, and how near small samples are to them. */
#include <math.h>
#include <stdlib.h>

#include "edf_samples.h"

#include "base/edf_limit.h"
#include "base/ks_limit.h"

/* The limit is near the random ways, and so is AUTO. */
static void test_limits_agree(void **unused)
{
    (void)unused;
    static const size_t sizes[][2] = {{50, 50}, {50, 90}, {200, 100}, {200, 200}};
    for (size_t i = 0; i < METHODS * 4 * 6 * 3; i++) {
        const struct method *method = &methods[i % METHODS];
        const size_t *size = sizes[i / METHODS % 4];
        double levels = (double)(i / METHODS / 24) * 9; /* none, 9, 18 */
        double x[MOST], y[MOST];
        kedge_shift_config limit = config(method, KEDGE_P_ASYMPTOTIC), some = config(method, KEDGE_P_PERMUTATION);
        kedge_shift_result a, b;
        kedge_rng rng = {i};
        some.n_resamples = 3999;
        fill(x, size[0], levels, 0, &rng);
        fill(y, size[1], levels, (double)(i / METHODS / 4 % 6) / 12, &rng);
        if (levels > 0 && method->cls == &kedge_bws) { /* there is no limit with ties, AUTO deals out anew */
            assert_int_equal(compare(&limit, x, size[0], y, size[1], &a), KEDGE_ERR_UNSUPPORTED);
            limit.p_method = KEDGE_P_AUTO;
            assert_true(compare(&limit, x, size[0], y, size[1], &a) >= 0);
            assert_int_equal(a.p_method, KEDGE_P_PERMUTATION);
            continue;
        }
        assert_true(compare(&limit, x, size[0], y, size[1], &a) >= 0);
        assert_true(compare(&some, x, size[0], y, size[1], &b) >= 0);
        assert_true(a.p_method == KEDGE_P_ASYMPTOTIC && b.p_method == KEDGE_P_PERMUTATION);
        double allowed = levels > 0 && !method->exact_has_ties ? fmax(0, b.p_value - a.p_value) : fabs(a.p_value - b.p_value);
        if (!(allowed <= 0.003 + 0.06 * b.p_value + 4 * sqrt(b.p_value * (1 - b.p_value) / 4000)))
            fail_msg("%s %zu %zu, %g levels: limit %g, random ways %g", method->cls->name, size[0], size[1], levels,
                     a.p_value, b.p_value);
        if (!isnan(a.expected))
            assert_close(a.expected, b.expected, 0.1);
    }
}

/* Sums of squares by their characteristic function (Gil-Pelaez 1951): P = 1/2 + integral of sin(theta(t)) / (pi t rho(t)), the
 * k-th square having theta = atan(2 w t) / 2 and rho = (1 + 4 w^2 t^2)^(1/4); what is left of the infinite product as its mean. */
static double gil_pelaez(double (*weight)(double), double mean, double x)
{
    double sum = 0, step = 0.02;
    double rest = mean;
    for (double k = 1; k <= 400; k++)
        rest -= weight(k);
    for (double t = step / 2; t < 700; t += step) {
        double angle = t * (rest - x), log_rho = 0;
        for (double k = 1; k <= 400; k++) {
            double a = 2 * weight(k) * t;
            angle += atan(a) / 2;
            log_rho += log1p(a * a) / 4;
            if (log_rho > 36)
                break;
        }
        if (log_rho > 36)
            break;
        sum += sin(angle) / t * exp(-log_rho);
    }
    return 0.5 + step * sum / 3.14159265358979323846;
}

static double weight_squares(double k)
{
    return 1 / (9.86960440108935861883 * k * k);
}

static double weight_products(double k)
{
    return 1 / (k * (k + 1));
}

static void test_laws(void **unused)
{
    (void)unused;
    static const double squares[] = {0.02, 0.1, 0.3, 0.46136, 0.9}, products[] = {0.2, 0.6, 1.3, 2.492, 4};
    for (size_t i = 0; i < 5; i++) {
        assert_close(kedge_i_cramer_von_mises_upper(squares[i]), gil_pelaez(weight_squares, 1.0 / 6, squares[i]), 1e-6);
        assert_close(kedge_i_anderson_darling_upper(products[i]), gil_pelaez(weight_products, 1, products[i]), 1e-6);
    }
    /* Anderson, Darling 1952, table 1; Marsaglia, Marsaglia 2004, section 1 */
    assert_close(kedge_i_cramer_von_mises_upper(0.46136), 0.05, 1e-6);
    assert_close(kedge_i_cramer_von_mises_upper(1.16786), 0.001, 1e-6);
    assert_close(kedge_i_anderson_darling_upper(2.4924), 0.05, 1e-5);
    assert_close(kedge_i_anderson_darling_upper(3.8781), 0.01, 1e-5);
    assert_true(kedge_i_cramer_von_mises_upper(0.002) == 1 && kedge_i_anderson_darling_upper(0.02) == 1);
    assert_true(kedge_i_cramer_von_mises_upper(141) == 0 && kedge_i_anderson_darling_upper(700) == 0);
    /* Far out the first square alone counts: P = c P(Z^2 > x / w), c = prod of (1 - w_k / w_1)^(-1/2), which is 2^(1/2) and
     * 3^(1/2). */
    for (double x = 20; x < 130; x += 10) {
        double z = sqrt(x) * 3.14159265358979323846;
        double far = sqrt(2) * erfc(z / sqrt(2)), off = kedge_i_cramer_von_mises_upper(x) / far - 1;
        assert_true(fabs(off) < 0.6 / x);
        far = sqrt(3) * erfc(sqrt(x));
        off = kedge_i_anderson_darling_upper(x) / far - 1;
        assert_true(fabs(off) < 1.5 / x);
    }
}

/* Up to 20 rows each AUTO is exact, missing values or not; EXACT goes on while its memory is small. */
static void test_cramer_von_mises_sizes(void **unused)
{
    (void)unused;
    double x[MOST], y[MOST];
    kedge_rng rng = {7};
    kedge_shift_config c = kedge_cramer_von_mises_defaults();
    kedge_shift_result r, limit;
    fill(x, MOST, 0, 0, &rng);
    fill(y, MOST, 0, 0.4, &rng);
    for (size_t rows = 12; rows <= 20; rows += 4) {
        double a[20], b[20];
        for (size_t missing = 0; missing < 4; missing++) {
            for (size_t i = 0; i < rows; i++) {
                a[i] = i < missing ? (double)NAN : x[i];
                b[i] = i < missing / 2 ? (double)NAN : y[i];
            }
            assert_true(compare(&c, a, rows, b, rows, &r) >= 0);
            assert_true(r.p_method == KEDGE_P_EXACT && r.p_value > 0 && r.p_value < 1);
        }
    }
    assert_true(compare(&c, x, 21, y, 20, &r) >= 0);
    assert_int_equal(r.p_method, KEDGE_P_ASYMPTOTIC);
    for (size_t n = 15; n <= 80; n += 13) {
        size_t m = n > 40 ? n : n + 2;
        c.p_method = KEDGE_P_EXACT;
        assert_true(compare(&c, x, n, y, m, &r) >= 0);
        c.p_method = KEDGE_P_ASYMPTOTIC;
        assert_true(compare(&c, x, n, y, m, &limit) >= 0);
        assert_close(r.p_value, limit.p_value, 0.005);
    }
    c.p_method = KEDGE_P_EXACT;
    assert_int_equal(compare(&c, x, 101, y, 100, &r), KEDGE_ERR_UNSUPPORTED);
    x[1] = x[0];
    assert_int_equal(compare(&c, x, 30, y, 30, &r), KEDGE_ERR_UNSUPPORTED);
}

/* Stephens 1970, table 1: upper points of the limit law. Both of its series are alike where one takes over. */
static void test_kuiper_law(void **unused)
{
    (void)unused;
    assert_close(kedge_i_kuiper_upper(1.620), 0.1, 3e-4);
    assert_close(kedge_i_kuiper_upper(1.747), 0.05, 3e-4);
    assert_close(kedge_i_kuiper_upper(2.001), 0.01, 5e-5);
    assert_true(kedge_i_kuiper_upper(0) == 1 && kedge_i_kuiper_upper(0.31) == 1);
    double below = kedge_i_kuiper_upper(1 - 1e-9), above = kedge_i_kuiper_upper(1);
    assert_close(below, above, 1e-8);
    assert_true(kedge_i_kuiper_upper(18) > 1e-290 && kedge_i_kuiper_upper(18) < 1e-270);
}

/* Apart, the samples are two arcs of a circle: N of the C(N, n) ways. */
static void test_kuiper_sizes(void **unused)
{
    (void)unused;
    enum { MANY = 10001 };
    double *x = calloc(MANY, sizeof *x), *y = calloc(MANY, sizeof *y), ways = 1;
    kedge_shift_config c = kedge_kuiper_defaults();
    kedge_shift_result r, limit;
    for (int i = 0; i < MANY; i++) {
        x[i] = i;
        y[i] = i + MANY;
    }
    for (int i = 0; i < 60; i++)
        ways *= (91.0 + i) / (1.0 + i);
    for (int rotated = 0; rotated < 2; rotated++) {
        assert_int_equal(compare(&c, x, 90, y, 60, &r), KEDGE_DRIFT);
        assert_close(r.p_value * ways / 150, 1, 1e-12);
        for (int i = 0; i < 20; i++)
            y[i] = -1 - i; /* a third of the current values comes before: the same circle */
    }
    kedge_rng rng = {3};
    fill(x, 1000, 0, 0, &rng);
    fill(y, 1000, 0, 0.05, &rng);
    assert_true(compare(&c, x, 1000, y, 1000, &r) >= 0);
    assert_int_equal(r.p_method, KEDGE_P_EXACT);
    c.p_method = KEDGE_P_ASYMPTOTIC;
    assert_true(compare(&c, x, 1000, y, 1000, &limit) >= 0);
    assert_close(r.p_value, limit.p_value, 0.02);
    c.p_method = KEDGE_P_AUTO;
    assert_true(compare(&c, x, 1001, y, 1000, &r) >= 0);
    assert_int_equal(r.p_method, KEDGE_P_ASYMPTOTIC);
    c.p_method = KEDGE_P_EXACT;
    assert_int_equal(compare(&c, x, MANY, y, 10000, &r), KEDGE_ERR_UNSUPPORTED);
    assert_int_equal(compare(&c, x, MANY, y, 3, &r), KEDGE_DRIFT);
    free(x);
    free(y);
}

/* Tied and few: the law is too rough for AUTO. */
static void test_anderson_darling_auto(void **unused)
{
    (void)unused;
    static const size_t sizes[] = {20, 100, 101};
    for (size_t k = 0; k < 3; k++)
        for (int ties = 0; ties < 2; ties++) {
            double x[101], y[101], work[4096];
            kedge_shift_config c = kedge_shift_defaults(&kedge_anderson_darling);
            kedge_shift_result r;
            for (size_t i = 0; i < sizes[k]; i++) {
                x[i] = ties ? (double)(i % 2) : (double)(2 * i);
                y[i] = ties ? (double)(i % 3 == 0) : (double)(2 * i + 1);
            }
            kedge_rows reference = kedge_rows_float64(x, sizes[k], 1), current = kedge_rows_float64(y, sizes[k], 1);
            assert_true(kedge_shift_work(&c, sizes[k], sizes[k], 1) <= sizeof work);
            assert_true(kedge_shift_compare(&c, &reference, &current, work, sizeof work, &r) >= 0);
            assert_int_equal(r.p_method, ties && sizes[k] <= 100 ? KEDGE_P_PERMUTATION : KEDGE_P_ASYMPTOTIC);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_limits_agree),
        cmocka_unit_test(test_laws),
        cmocka_unit_test(test_cramer_von_mises_sizes),
        cmocka_unit_test(test_kuiper_law),
        cmocka_unit_test(test_kuiper_sizes),
        cmocka_unit_test(test_anderson_darling_auto),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
