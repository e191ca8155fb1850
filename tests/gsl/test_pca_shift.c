/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Methods by principal components: against two columns whose components are known, p-values without a change, power where no single
 * column changes, input at the edges, and hostile tables with an error handler of GSL that fails on any call. */
#include "gsl_support.h"

#include <float.h>
#include <stdlib.h>

#include <gsl/gsl_errno.h>

#include "../unit/tables.h"

static unsigned n_raised;

static void on_error(const char *reason, const char *file, int line, int code)
{
    n_raised++;
    print_error("GSL raised %d: %s (%s:%d)\n", code, reason, file, line);
}

static const kedge_shift_class *const methods[] = {&kedge_gsl_pca_cd, &kedge_gsl_pca_reconstruction};
enum { METHODS = 2, N = 41, M = 30 };

static kedge_gsl_pca_config config_of(const kedge_shift_class *cls)
{
    return cls == &kedge_gsl_pca_cd ? kedge_gsl_pca_cd_defaults() : kedge_gsl_pca_reconstruction_defaults();
}

/* The reference as the methods see it: shuffled by the seed, of which the first half is learned from. */
static void shuffle(double *x, size_t n, size_t d, uint64_t seed)
{
    kedge_rng rng = {seed};
    for (size_t i = n; i > 1; i--) {
        size_t other = (size_t)kedge_rng_below(&rng, i);
        for (size_t j = 0; j < d; j++) {
            double keep = x[(i - 1) * d + j];
            x[(i - 1) * d + j] = x[other * d + j];
            x[other * d + j] = keep;
        }
    }
}

/* Two columns have the components (1, 1) and (1, -1) over root 2, whatever their correlation above 0: coordinates are sums and
 * differences. */
static void test_two_columns(void **unused)
{
    (void)unused;
    double x[2 * N], y[2 * M], z[2 * N], before[N], now[M], again[N], later[M];
    for (uint64_t seed = 1; seed <= 20; seed++) {
        size_t half = (N + 1) / 2, held = N - half;
        kedge_gsl_pca_config c = kedge_gsl_pca_reconstruction_defaults(), cd = kedge_gsl_pca_cd_defaults();
        kedge_shift_config ks = kedge_ks_defaults(), mw = kedge_mann_whitney_defaults();
        kedge_shift_result r, plain, second;
        double mean[2] = {0, 0}, sd[2] = {0, 0}, error = 0, expected = 0, square = 0;
        c.base.seed = cd.base.seed = seed;
        fill_pairs(x, N, 2, 3, 0.8, seed);
        fill_pairs(y, M, 2.5, 2, 0.3, seed + 40);
        memcpy(z, x, sizeof z);
        shuffle(z, N, 2, seed);
        for (size_t j = 0; j < 2; j++) {
            for (size_t i = 0; i < half; i++)
                mean[j] += z[2 * i + j] / (double)half;
            for (size_t i = 0; i < half; i++)
                sd[j] += (z[2 * i + j] - mean[j]) * (z[2 * i + j] - mean[j]) / (double)half;
            sd[j] = sqrt(sd[j]);
        }
        for (size_t i = 0; i < held + M; i++) {
            const double *row = i < held ? z + 2 * (half + i) : y + 2 * (i - held);
            double a = (row[0] - mean[0]) / sd[0], b = (row[1] - mean[1]) / sd[1];
            *(i < held ? &before[i] : &now[i - held]) = (a - b) * (a - b) / 2;
            *(i < held ? &again[i] : &later[i - held]) = (a + b) / sqrt(2);
        }
        for (size_t i = 0; i < M; i++)
            error += now[i] / M;
        for (size_t i = 0; i < held; i++)
            expected += before[i] / (double)held;
        for (size_t i = 0; i < held; i++)
            square += (before[i] - expected) * (before[i] - expected) / (double)held;
        assert_true(compare(&c, x, N, y, M, 2, &r) >= 0);
        assert_true(compare(&mw, before, held, now, M, 1, &plain) >= 0);
        assert_close(r.statistic, error, 1e-9);
        assert_close(r.expected, expected, 1e-9);
        assert_close(r.effect, (error - expected) / sqrt(square), 1e-9);
        assert_close(r.p_value, plain.p_value, 1e-9);
        assert_true(r.n_reference == N && r.n_current == M && r.p_method == plain.p_method);
        c.method = &ks;
        assert_true(compare(&c, x, N, y, M, 2, &r) >= 0 && compare(&ks, before, held, now, M, 1, &plain) >= 0);
        assert_close(r.p_value, plain.p_value, 1e-9);
        for (size_t i = 0; i < held; i++) /* the second coordinate, up to its sign */
            before[i] = (z[2 * (half + i)] - mean[0]) / sd[0] - (z[2 * (half + i) + 1] - mean[1]) / sd[1];
        for (size_t i = 0; i < M; i++)
            now[i] = (y[2 * i] - mean[0]) / sd[0] - (y[2 * i + 1] - mean[1]) / sd[1];
        assert_true(compare(&ks, again, held, later, M, 1, &plain) >= 0 && compare(&ks, before, held, now, M, 1, &second) >= 0);
        assert_true(compare(&cd, x, N, y, M, 2, &r) >= 0);
        assert_close(r.p_value, fmin(1, 2 * fmin(plain.p_value, second.p_value)), 1e-9);
        assert_true(r.where == (plain.p_value <= second.p_value ? 0 : 1));
        assert_close(r.effect, plain.p_value <= second.p_value ? plain.effect : second.effect, 1e-9);
        cd.base.p_method = KEDGE_P_NONE;
        assert_true(compare(&cd, x, N, y, M, 2, &r) >= 0);
        assert_true(isnan(r.p_value) && fabs(r.effect - fmax(plain.effect, second.effect)) < 1e-9);
    }
}

static void test_uniform(void **unused)
{
    (void)unused;
    enum { SEEDS = 250 };
    for (size_t i = 0; i < METHODS; i++) {
        kedge_gsl_pca_config c = config_of(methods[i]);
        double n_alarms = 0;
        for (uint64_t seed = 1; seed <= SEEDS; seed++) {
            double x[200], y[120];
            kedge_shift_result r;
            c.base.seed = seed;
            fill_pairs(x, 100, 1, 2, 0.7, 2 * seed);
            fill_pairs(y, 60, 1, 2, 0.7, 2 * seed + 100001);
            assert_true(compare(&c, x, 100, y, 60, 2, &r) >= 0);
            n_alarms += r.p_value <= 0.05;
        }
        print_message("%s: %.3f at 5 %%\n", methods[i]->name, n_alarms / SEEDS);
        assert_true(n_alarms / SEEDS < 0.05 + 3.5 * sqrt(0.05 * 0.95 / SEEDS) && n_alarms / SEEDS > 0.005);
    }
}

static void test_power(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < METHODS; i++) {
        kedge_gsl_pca_config c = config_of(methods[i]);
        double x[1200], y[1200];
        int found[3] = {0, 0, 0};
        for (int change = 0; change < 3; change++)
            for (uint64_t seed = 1; seed <= 10; seed++) {
                kedge_shift_result r;
                fill_pairs(x, 600, 0, 1, 0.9, seed);
                fill_pairs(y, 600, change == 0 ? 1 : 0, change == 1 ? 2 : 1, change == 2 ? 0 : 0.9, seed + 100);
                found[change] += compare(&c, x, 600, y, 600, 2, &r) == KEDGE_DRIFT;
            }
        print_message("%s: mean %d, spread %d, dependence %d of 10\n", methods[i]->name, found[0], found[1], found[2]);
        assert_true(found[1] >= 9 && found[2] >= 9);
        assert_true(methods[i] == &kedge_gsl_pca_cd ? found[0] >= 9 : found[0] <= 3); /* the error does not see what moves along the
                                                                                       * components */
    }
}

static void test_edges(void **unused)
{
    (void)unused;
    double x[60], y[60];
    for (size_t i = 0; i < METHODS; i++) {
        kedge_gsl_pca_config c = config_of(methods[i]);
        kedge_shift_result r;
        for (size_t k = 0; k < 60; k++)
            x[k] = y[k] = 3;
        assert_int_equal(compare(&c, x, 20, y, 15, 3, &r), KEDGE_OK);
        assert_true(r.p_value == 1 && r.effect == 0);
        y[7] = 3.5; /* a constant column that no longer is one */
        for (size_t k = 9; k < 45; k++)
            y[k] = 4;
        assert_int_equal(compare(&c, x, 20, y, 15, 3, &r), KEDGE_DRIFT);
        fill_normal(x, 60, 0, 1, 5);
        fill_normal(y, 60, 0, 1, 6);
        assert_true(compare(&c, x, 3, y, 3, 20, &r) >= 0); /* more columns than rows */
        assert_true(isfinite(r.statistic) && r.p_value > 0.01);
        assert_int_equal(compare(&c, x, 2, y, 20, 3, &r), KEDGE_EMPTY);
        assert_true(isnan(r.statistic) && isnan(r.p_value) && r.n_reference == 2);
        assert_int_equal(compare(&c, x, 20, y, 0, 3, &r), KEDGE_EMPTY);
        assert_true(compare(&c, x, 20, y, 1, 3, &r) >= 0);
        x[4] = (double)NAN;
        assert_true(compare(&c, x, 20, y, 20, 3, &r) >= 0);
        assert_true(r.n_reference == 19 && r.missing_reference == 1);
        c.base.missing = KEDGE_MISSING_REFUSE;
        assert_int_equal(compare(&c, x, 20, y, 20, 3, &r), KEDGE_ERR_NOT_FINITE);
        x[4] = (double)INFINITY;
        assert_int_equal(compare(&c, x, 20, y, 20, 3, &r), KEDGE_ERR_NOT_FINITE);
        x[4] = 1e101;
        assert_int_equal(compare(&c, x, 20, y, 20, 3, &r), KEDGE_ERR_RANGE);
        kedge_gsl_pca_config nested = config_of(methods[i]);
        kedge_shift_config nominal = kedge_shift_defaults(&kedge_chi_squared);
        c = nested;
        c.method = &nested.base; /* not for one column */
        assert_int_equal(kedge_shift_work(&c.base, 9, 9, 2), 0);
        c.method = &nominal;
        assert_int_equal(kedge_shift_work(&c.base, 9, 9, 2), 0);
        c.method = NULL;
        c.explained = 0;
        assert_int_equal(kedge_shift_work(&c.base, 9, 9, 2), 0);
        c.explained = 1.1;
        assert_int_equal(kedge_shift_work(&c.base, 9, 9, 2), 0);
    }
}

/* Methods of one column may need more memory for fewer numbers (Cramer-von Mises goes exact), and the rows that are compared are
 * fewer than the table's. */
static void test_memory_of_the_method(void **unused)
{
    (void)unused;
    double x[120], y[6];
    kedge_shift_config inner = kedge_cramer_von_mises_defaults();
    kedge_shift_result r;
    inner.missing = KEDGE_MISSING_REFUSE; /* missing are rows here, not what they come to */
    fill_normal(y, 6, 0, 1, 12);
    for (size_t i = 0; i < METHODS; i++) {
        kedge_gsl_pca_config c = config_of(methods[i]);
        c.method = &inner;
        for (size_t n = 3; n <= 60; n++) {
            fill_normal(x, 120, 0, 1, n);
            assert_true(compare(&c, x, n, y, 3, 2, &r) >= 0);
            assert_true(n < 7 || isfinite(r.p_value));
            for (size_t k = 0; k < n; k += 5)
                x[2 * k] = (double)NAN;
            assert_true(compare(&c, x, n, y, 3, 2, &r) >= 0);
            assert_true(r.missing_reference == (n + 4) / 5);
        }
    }
}

/* A method without a p-value gives none: the effect decides, and the greatest one counts. */
static void test_no_p_value(void **unused)
{
    (void)unused;
    enum { ROWS = 60 };
    double x[2 * ROWS], y[2 * ROWS];
    kedge_shift_config inner = kedge_ks_defaults();
    inner.p_method = KEDGE_P_NONE;
    fill_normal(x, 2 * ROWS, 0, 1, 3);
    for (size_t i = 0; i < ROWS; i++) { /* of two components the difference moves, which is the second one */
        x[2 * i + 1] += 0.9 * x[2 * i];
        y[2 * i] = x[2 * i] + 5;
        y[2 * i + 1] = x[2 * i + 1] - 5;
    }
    for (size_t i = 0; i < METHODS; i++) {
        kedge_gsl_pca_config c = config_of(methods[i]);
        kedge_shift_result r;
        c.method = &inner;
        c.base.min_effect = 0.8;
        assert_int_equal(compare(&c, x, ROWS, x, ROWS, 2, &r), KEDGE_OK);
        assert_true(isnan(r.p_value) && r.p_method == KEDGE_P_NONE);
        assert_int_equal(compare(&c, x, ROWS, y, ROWS, 2, &r), KEDGE_DRIFT);
        assert_true(isnan(r.p_value) && (methods[i] == &kedge_gsl_pca_reconstruction || r.where == 1));
    }
}

/* Columns that determine each other have no error but rounding, which grows with the rows and says nothing. */
static void test_rounding_is_no_error(void **unused)
{
    (void)unused;
    double x[200], y[200];
    kedge_gsl_pca_config c = kedge_gsl_pca_reconstruction_defaults();
    kedge_shift_result r;
    fill_normal(x, 200, 0, 1, 8);
    for (size_t i = 0; i < 100; i++) {
        x[2 * i + 1] = 3 * x[2 * i];
        y[2 * i] = 100 * x[2 * i];
        y[2 * i + 1] = 3 * y[2 * i];
    }
    assert_int_equal(compare(&c, x, 100, y, 100, 2, &r), KEDGE_OK);
    assert_true(r.p_value == 1 && r.effect == 0 && r.statistic == 0 && r.expected == 0);
    for (size_t i = 0; i < 100; i++)
        y[2 * i + 1] = 0.5 - y[2 * i];
    assert_int_equal(compare(&c, x, 100, y, 100, 2, &r), KEDGE_DRIFT);
    assert_true(r.expected == 0 && r.effect == r.statistic);
}

/* Extremes of all sizes, copies and sums of columns: GSL says nothing, and ends. */
static void test_quiet(void **unused)
{
    (void)unused;
    enum { CASES = 1000, ROWS = 24, COLUMNS = 8 };
    static const double extremes[] = {0.0, 1e100, -1e100, DBL_MIN, 0x1p-1074, -0x1p-1074, DBL_EPSILON, 1.0, -1.0, 1e-100, 1e50};
    static double x[ROWS * COLUMNS], y[ROWS * COLUMNS];
    kedge_rng rng = {9};
    unsigned n_done = 0;
    gsl_error_handler_t *old = gsl_set_error_handler(on_error);
    for (unsigned k = 0; k < CASES; k++) {
        size_t d = 1 + (size_t)kedge_rng_below(&rng, COLUMNS), n = 1 + (size_t)kedge_rng_below(&rng, ROWS),
               m = 1 + (size_t)kedge_rng_below(&rng, ROWS);
        kedge_gsl_pca_config c = config_of(methods[k % METHODS]);
        kedge_shift_result r;
        c.explained = k % 3 ? c.explained : 1.0;
        c.base.seed = k;
        for (size_t j = 0; j < d; j++) {
            uint64_t kind = kedge_rng_below(&rng, 5);
            double scale = ldexp(1.0, (int)kedge_rng_below(&rng, 600) - 300);
            for (size_t i = 0; i < n + m; i++) {
                double *row = i < n ? x + i * d : y + (i - n) * d;
                row[j] = kind == 0   ? kedge_rng_normal(&rng) * scale
                         : kind == 1 ? extremes[kedge_rng_below(&rng, sizeof extremes / sizeof *extremes)]
                         : kind == 2 ? scale
                         : j > 0     ? row[j - 1] / 2 + (kind == 4 ? 1e-9 * kedge_rng_normal(&rng) : 0.0)
                                     : 0.0;
            }
        }
        time_limit(5);
        kedge_status st = compare(&c, x, n, y, m, d, &r);
        time_limit(0);
        assert_true(st >= 0 || st == KEDGE_ERR_RANGE);
        assert_true(st < 0 || st == KEDGE_EMPTY || (isfinite(r.statistic) && isfinite(r.effect) && r.p_value <= 1));
        n_done += st == KEDGE_OK || st == KEDGE_DRIFT;
    }
    gsl_set_error_handler(old);
    assert_int_equal(n_raised, 0);
    assert_true(n_done > CASES / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_columns), cmocka_unit_test(test_uniform), cmocka_unit_test(test_power),
        cmocka_unit_test(test_edges),       cmocka_unit_test(test_quiet),       cmocka_unit_test(test_memory_of_the_method),
        cmocka_unit_test(test_no_p_value),  cmocka_unit_test(test_rounding_is_no_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
