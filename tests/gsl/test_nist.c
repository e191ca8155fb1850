/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Least squares on NIST's reference data: as many correct digits as GSL's singular value decomposition (McCullough 1998, "Assessing
 * the reliability of statistical software", The American Statistician 52: LRE = -log10 of the relative error). gsl_multifit_linear
 * allocates, so only the test calls it. */
#include "gsl_support.h"

#include <float.h>
#include <stdlib.h>

#include <gsl/gsl_multifit.h>

#include "nist.h"

#define NIST_DIGITS 15.0 /* of the certified values */

/* Correct digits of a value; of the magnitude where 0 is right. */
static double nist_lre(double have, double want)
{
    double error = want != 0 ? fabs(have / want - 1) : fabs(have);
    return error > 0 ? fmin(NIST_DIGITS, fmax(0, -log10(error))) : NIST_DIGITS;
}

static void nist_table(const nist_set *s, double *x)
{
    for (size_t i = 0; i < s->n; i++) {
        double power = 1;
        for (size_t j = 0; j < s->features; j++) {
            power *= s->powers ? s->x[i] : 0;
            x[i * s->features + j] = s->powers ? power : s->x[i * s->features + j];
        }
    }
}

/* Worst digits over the coefficients, and over their errors (those of a perfect fit are 0 in the limit: not compared). */
typedef struct nist_digits {
    double value;
    double error;
    double residual;
} nist_digits;

static nist_digits nist_compare(const nist_set *s, const double *value, const double *error, double residual)
{
    nist_digits d = {NIST_DIGITS, NIST_DIGITS, NIST_DIGITS};
    for (size_t j = 0; j <= s->features; j++) {
        d.value = fmin(d.value, nist_lre(value[j], s->certified[j]));
        if (s->residual > 0)
            d.error = fmin(d.error, nist_lre(error[j], s->deviation[j]));
    }
    if (s->residual > 0)
        d.residual = nist_lre(residual, s->residual);
    return d;
}

static nist_digits nist_gsl(const nist_set *s, const double *x)
{
    size_t p = s->features + 1;
    gsl_multifit_linear_workspace *w = gsl_multifit_linear_alloc(s->n, p);
    gsl_matrix *a = gsl_matrix_alloc(s->n, p), *covariance = gsl_matrix_alloc(p, p);
    gsl_vector *c = gsl_vector_alloc(p);
    gsl_vector_const_view y = gsl_vector_const_view_array(s->y, s->n);
    double value[NIST_COLUMNS + 1], error[NIST_COLUMNS + 1], squares;
    for (size_t i = 0; i < s->n; i++)
        for (size_t j = 0; j < p; j++)
            gsl_matrix_set(a, i, j, j ? x[i * s->features + j - 1] : 1);
    (void)gsl_multifit_linear(a, &y.vector, c, covariance, &squares, w);
    for (size_t j = 0; j < p; j++) {
        value[j] = gsl_vector_get(c, j);
        error[j] = sqrt(gsl_matrix_get(covariance, j, j));
    }
    gsl_vector_free(c);
    gsl_matrix_free(covariance);
    gsl_matrix_free(a);
    gsl_multifit_linear_free(w);
    return nist_compare(s, value, error, sqrt(squares / (double)(s->n - p)));
}

static nist_digits nist_kedge(const nist_set *s, const double *x, double tolerance)
{
    kedge_gsl_least_squares_config cfg = kedge_gsl_least_squares_defaults((uint32_t)s->features);
    cfg.report = 1;
    cfg.tolerance = tolerance;
    kedge_model m = gsl_model(&cfg.base);
    kedge_rows rows = kedge_rows_float64(x, s->n, s->features);
    kedge_gsl_coefficient b[NIST_COLUMNS + 1];
    kedge_gsl_fit_report fit;
    double value[NIST_COLUMNS + 1], error[NIST_COLUMNS + 1];
    assert_int_equal(gsl_fit(&m, &rows, s->y, NULL), KEDGE_OK);
    assert_int_equal(kedge_gsl_report(&m, 0.95, &fit, b, s->features + 1), KEDGE_OK);
    assert_int_equal(fit.rank, s->features);
    for (size_t j = 0; j <= s->features; j++) {
        value[j] = b[j].value;
        error[j] = b[j].standard_error;
    }
    guard_free(m.state);
    return nist_compare(s, value, error, fit.residual_error);
}

static void test_digits(void **unused)
{
    (void)unused;
    for (size_t k = 0; k < NIST_SETS; k++) {
        const nist_set *s = nist_sets + k;
        double x[NIST_ROWS * NIST_COLUMNS];
        nist_table(s, x);
        nist_digits have = nist_kedge(s, x, 1e-12), gsl = nist_gsl(s, x);
        print_message("%-8s digits of coefficients %4.1f (SVD %4.1f), errors %4.1f (%4.1f), residual %4.1f (%4.1f)\n", s->name,
                      have.value, gsl.value, have.error, gsl.error, have.residual, gsl.residual);
        assert_true(have.value > fmin(14, gsl.value - 0.1)); /* one bit is 0.3 digits */
        assert_true(have.error > fmin(13.5, gsl.error - 0.1) && have.residual > fmin(13.5, gsl.residual - 0.5));
        assert_true(have.value > (s->features > 9 ? 7.5 : s->residual > 1e7 ? 6 : 8));
    }
}

/* Longley's table with columns that say nothing new: a copy, a sum, a constant, a multiple. The rank stays 6, and residual and
 * fitted values are those of the six columns, as they are for GSL's minimum norm solution. */
static void test_rank_deficient(void **unused)
{
    (void)unused;
    enum { N = 16, P = 10 };
    const nist_set *s = nist_sets + 2;
    double x[N * P];
    for (size_t i = 0; i < N; i++) {
        const double *from = s->x + i * 6;
        const double row[P] = {from[0], from[1], from[1], from[2], from[3], 2.5, from[4], from[5], from[2] + from[3], 3 * from[0]};
        memcpy(x + i * P, row, sizeof row);
    }
    kedge_gsl_least_squares_config cfg = kedge_gsl_least_squares_defaults(P), six = kedge_gsl_least_squares_defaults(6);
    cfg.report = 1;
    kedge_model m = gsl_model(&cfg.base), reference = gsl_model(&six.base);
    kedge_rows rows = kedge_rows_float64(x, N, P), rows_six = kedge_rows_float64(s->x, N, 6);
    kedge_gsl_fit_report fit;
    assert_int_equal(gsl_fit(&m, &rows, s->y, NULL), KEDGE_OK);
    assert_int_equal(gsl_fit(&reference, &rows_six, s->y, NULL), KEDGE_OK);
    assert_int_equal(kedge_gsl_report(&m, 0.95, &fit, NULL, 0), KEDGE_OK);
    assert_int_equal(fit.rank, 6);
    assert_true(nist_lre(fit.residual_error, s->residual) > 12);
    for (size_t i = 0; i < N; i++)
        assert_close(gsl_predict(&m, x + i * P), gsl_predict(&reference, s->x + i * 6), 1e-12);
    guard_free(m.state);
    guard_free(reference.state);
}

/* Digits of the weights of the standardised columns, of the greatest one: what a condition speaks of. */
static double nist_standardised(const nist_set *s, const double *x, const double *value)
{
    double worst = 0, most = 0;
    for (size_t j = 0; j < s->features; j++) {
        double mean = 0, squares = 0;
        for (size_t i = 0; i < s->n; i++)
            mean += x[i * s->features + j] / (double)s->n;
        for (size_t i = 0; i < s->n; i++)
            squares += pow(x[i * s->features + j] - mean, 2);
        double sd = sqrt(squares / (double)s->n);
        worst = fmax(worst, fabs(value[j + 1] - s->certified[j + 1]) * sd);
        most = fmax(most, fabs(s->certified[j + 1]) * sd);
    }
    return nist_lre(1 + worst / most, 1);
}

/* Normal equations on the same data: they say so where fewer than 8 digits are left, and keep 8 where they say nothing. */
static void test_normal_equations(void **unused)
{
    (void)unused;
    int n_warned = 0;
    for (size_t k = 0; k < NIST_SETS; k++) {
        const nist_set *s = nist_sets + k;
        double x[NIST_ROWS * NIST_COLUMNS], value[NIST_COLUMNS + 1];
        nist_table(s, x);
        kedge_gsl_least_squares_config cfg = kedge_gsl_least_squares_defaults((uint32_t)s->features);
        cfg.method = KEDGE_GSL_METHOD_NORMAL;
        kedge_model m = gsl_model(&cfg.base);
        kedge_rows rows = kedge_rows_float64(x, s->n, s->features);
        kedge_status st = gsl_fit(&m, &rows, s->y, NULL);
        assert_true(st == KEDGE_OK || st == KEDGE_WARNING);
        assert_int_equal(kedge_gsl_coefficients(&m, value + 1, s->features, value), KEDGE_OK);
        double digits = nist_standardised(s, x, value), condition = gsl_summary(&m).condition;
        print_message("%-8s normal equations: %4.1f digits, condition %.1e%s\n", s->name, digits, condition,
                      st == KEDGE_WARNING ? ", warned" : "");
        assert_true((st == KEDGE_WARNING) == (condition > 1e4));
        assert_true(st == KEDGE_WARNING || digits > (s->residual > 1e7 ? 6 : 8)); /* Wampler5's noise is 20 times what is to be
                                                                                   * found */
        n_warned += st == KEDGE_WARNING;
        guard_free(m.state);
    }
    assert_true(n_warned >= 1 && nist_sets[3].features == 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_digits), cmocka_unit_test(test_rank_deficient),
                                       cmocka_unit_test(test_normal_equations)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
