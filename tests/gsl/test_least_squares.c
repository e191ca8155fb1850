/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Least squares: certified and hand-computed results, a naive reference, rank, weights, scales, errors. */
#include "gsl_support.h"

#include <float.h>
#include <stdlib.h>

enum { MAX_FEATURES = 24 };

static kedge_model new_model(uint32_t n_features)
{
    kedge_gsl_least_squares_config cfg = kedge_gsl_least_squares_defaults(n_features);
    return gsl_model(&cfg.base);
}

/* NIST Statistical Reference Datasets, Longley (1967): higher level of difficulty, multicollinear. */
static void test_longley(void **unused)
{
    (void)unused;
    static const double y[16] = {60323, 61122, 60171, 61187, 63221, 63639, 64989, 63761,
                                 66019, 67857, 68169, 66513, 68655, 69564, 69331, 70551};
    static const double x[16][6] = {
        {83.0, 234289, 2356, 1590, 107608, 1947},  {88.5, 259426, 2325, 1456, 108632, 1948},
        {88.2, 258054, 3682, 1616, 109773, 1949},  {89.5, 284599, 3351, 1650, 110929, 1950},
        {96.2, 328975, 2099, 3099, 112075, 1951},  {98.1, 346999, 1932, 3594, 113270, 1952},
        {99.0, 365385, 1870, 3547, 115094, 1953},  {100.0, 363112, 3578, 3350, 116219, 1954},
        {101.2, 397469, 2904, 3048, 117388, 1955}, {104.6, 419180, 2822, 2857, 118734, 1956},
        {108.4, 442769, 2936, 2798, 120445, 1957}, {110.8, 444546, 4681, 2637, 121950, 1958},
        {112.6, 482704, 3813, 2552, 123366, 1959}, {114.2, 502601, 3931, 2514, 125368, 1960},
        {115.7, 518173, 4806, 2572, 127852, 1961}, {116.9, 554894, 4007, 2827, 130081, 1962}};
    static const double certified[7] = {-3482258.63459582, 15.0618722713733,      -0.358191792925910E-01, -2.02022980381683,
                                        -1.03322686717359, -0.511041056535807E-01, 1829.15146461355};
    kedge_model m = new_model(6);
    kedge_rows rows = kedge_rows_float64(&x[0][0], 16, 6);
    double weights[7];
    assert_int_equal(gsl_fit(&m, &rows, y, NULL), KEDGE_OK);
    assert_int_equal(kedge_gsl_coefficients(&m, weights + 1, 6, weights), KEDGE_OK);
    for (int i = 0; i < 7; i++)
        assert_true(fabs(weights[i] / certified[i] - 1) < 1e-11);
    assert_close(gsl_summary(&m).deviance, 836424.055505915, 1e-11);
    assert_int_equal(gsl_summary(&m).rank, 6);
    guard_free(m.state);
}

/* Points (0,1) (1,3) (2,2): slope 1/2, intercept 3/2, squared residuals 1/4 + 1 + 1/4. With weights 1, 1, 0 the line through two.
 * */
static void test_by_hand(void **unused)
{
    (void)unused;
    const double x[3] = {0, 1, 2}, y[3] = {1, 3, 2}, weight[3] = {1, 1, 0}, at = 4;
    kedge_rows rows = kedge_rows_float64(x, 3, 1);
    kedge_model m = new_model(1);
    double w, intercept;
    assert_int_equal(gsl_fit(&m, &rows, y, NULL), KEDGE_OK);
    assert_int_equal(kedge_gsl_coefficients(&m, &w, 1, &intercept), KEDGE_OK);
    assert_close(w, 0.5, 1e-15);
    assert_close(intercept, 1.5, 1e-15);
    assert_close(gsl_summary(&m).deviance, 1.5, 1e-15);
    assert_close(gsl_predict(&m, &at), 3.5, 1e-15);
    assert_int_equal(gsl_fit(&m, &rows, y, weight), KEDGE_OK);
    assert_close(gsl_predict(&m, &at), 9, 1e-15);
    assert_int_equal(gsl_summary(&m).n_rows, 2);
    guard_free(m.state);
}

/* Normal equations by Gauss with pivoting, in long double: b = (A'WA)^-1 A'Wy, A = [1 | x]. */
static void naive_fit(const double *x, const double *y, const double *weight, size_t n, size_t p, double *b)
{
    long double a[MAX_FEATURES + 1][MAX_FEATURES + 2] = {{0}};
    size_t q = p + 1;
    for (size_t r = 0; r < n; r++)
        for (size_t i = 0; i < q; i++) {
            long double xi = (long double)weight[r] * (i ? x[r * p + i - 1] : 1.0);
            for (size_t j = 0; j < q; j++)
                a[i][j] += xi * (j ? x[r * p + j - 1] : 1.0);
            a[i][q] += xi * y[r];
        }
    for (size_t k = 0; k < q; k++) {
        size_t best = k;
        for (size_t i = k; i < q; i++)
            best = fabsl(a[i][k]) > fabsl(a[best][k]) ? i : best;
        for (size_t j = 0; j <= q; j++) {
            long double t = a[k][j];
            a[k][j] = a[best][j];
            a[best][j] = t;
        }
        for (size_t i = 0; i < q; i++)
            for (size_t j = q + 1; j-- > k && i != k;)
                a[i][j] -= a[i][k] / a[k][k] * a[k][j];
    }
    for (size_t i = 0; i < q; i++)
        b[i] = (double)(a[i][q] / a[i][i]);
}

/* Row counts on both sides of the blocks' edges. */
static void test_against_naive(void **unused)
{
    (void)unused;
    static const size_t counts[] = {2, 2, 3, 3, 30, 30, 119, 119, 120, 120, 121, 121, 240, 240, 241, 241, 242, 243, 1000, 1000};
    double *x = malloc(1000 * MAX_FEATURES * sizeof *x), *y = malloc(1000 * sizeof *y), *weight = malloc(1000 * sizeof *weight);
    kedge_rng rng = {11};
    for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
        size_t n = counts[k], p = n < 30 ? 1 : 1 + (size_t)kedge_rng_below(&rng, MAX_FEATURES);
        double want[MAX_FEATURES + 1], have[MAX_FEATURES + 1];
        for (size_t i = 0; i < n; i++) {
            y[i] = 5 + kedge_rng_normal(&rng);
            weight[i] = 0.1 + 3 * kedge_rng_uniform(&rng);
            for (size_t j = 0; j < p; j++) {
                x[i * p + j] = (double)j + (1 + 10 * (double)j) * kedge_rng_normal(&rng);
                y[i] += x[i * p + j] / (1 + (double)j);
            }
        }
        kedge_gsl_least_squares_config cfg = kedge_gsl_least_squares_defaults((uint32_t)p);
        cfg.method = k % 2 ? KEDGE_GSL_METHOD_QR : KEDGE_GSL_METHOD_NORMAL;
        kedge_model m = gsl_model(&cfg.base);
        kedge_rows rows = kedge_rows_float64(x, n, p);
        naive_fit(x, y, weight, n, p, want);
        assert_int_equal(gsl_fit(&m, &rows, y, weight), KEDGE_OK);
        assert_int_equal(kedge_gsl_coefficients(&m, have + 1, p, have), KEDGE_OK);
        double residual = 0;
        for (size_t i = 0; i < n; i++) {
            double value = want[0];
            for (size_t j = 0; j < p; j++)
                value += want[j + 1] * x[i * p + j];
            assert_close(gsl_predict(&m, x + i * p), value, 1e-11);
            residual += weight[i] * (y[i] - value) * (y[i] - value);
        }
        for (size_t j = 0; j <= p; j++)
            assert_close(have[j], want[j], 1e-11);
        assert_close(gsl_summary(&m).deviance, residual, 1e-10);
        assert_int_equal(gsl_summary(&m).rank, p);
        guard_free(m.state);
    }
    free(x);
    free(y);
    free(weight);
}

/* Columns: a, constant, b, 2a - b, a again. Two of them count; the predictions are those of a and b alone. */
static void test_dependent_columns_get_weight_zero(void **unused)
{
    (void)unused;
    enum { N = 300 };
    double x[N][5], two[N][2], y[N], weights[5], intercept;
    kedge_rng rng = {5};
    for (int i = 0; i < N; i++) {
        double a = kedge_rng_normal(&rng), b = 100 + 7 * kedge_rng_normal(&rng);
        const double row[5] = {a, 0.1, b, 2 * a - b, a};
        memcpy(x[i], row, sizeof row);
        two[i][0] = a;
        two[i][1] = b;
        y[i] = 3 * a - b + kedge_rng_normal(&rng);
    }
    kedge_model m = new_model(5), reference = new_model(2);
    kedge_rows rows = kedge_rows_float64(&x[0][0], N, 5), rows_two = kedge_rows_float64(&two[0][0], N, 2);
    assert_int_equal(gsl_fit(&m, &rows, y, NULL), KEDGE_OK);
    assert_int_equal(gsl_fit(&reference, &rows_two, y, NULL), KEDGE_OK);
    assert_int_equal(gsl_summary(&m).rank, 2);
    assert_close(gsl_summary(&m).deviance, gsl_summary(&reference).deviance, 1e-12);
    for (int i = 0; i < N; i++)
        assert_close(gsl_predict(&m, x[i]), gsl_predict(&reference, two[i]), 1e-12);
    assert_int_equal(kedge_gsl_coefficients(&m, weights, 5, &intercept), KEDGE_OK);
    int n_zero = 0;
    for (int j = 0; j < 5; j++)
        n_zero += weights[j] == 0;
    assert_int_equal(n_zero, 3);
    assert_true(weights[1] == 0);
    guard_free(m.state);
    guard_free(reference.state);
}

/* The same by normal equations, with a warning, since a copied column cannot be told from one that differs by 1e-9; and two columns
 * that are nearly one: QR keeps both, normal equations say that they lost digits. Orthogonal columns have condition 1. */
static void test_condition(void **unused)
{
    (void)unused;
    enum { N = 300 };
    double x[N][2], y[N], square[4][2] = {{1, 1}, {1, -1}, {-1, 1}, {-1, -1}};
    kedge_rng rng = {5};
    for (int i = 0; i < N; i++) {
        x[i][0] = kedge_rng_normal(&rng);
        x[i][1] = x[i][0] + 1e-5 * kedge_rng_normal(&rng);
        y[i] = x[i][1] + 0.1 * kedge_rng_normal(&rng);
    }
    for (uint32_t method = KEDGE_GSL_METHOD_QR; method <= KEDGE_GSL_METHOD_NORMAL; method++) {
        kedge_gsl_least_squares_config cfg = kedge_gsl_least_squares_defaults(2);
        cfg.method = method;
        kedge_model m = gsl_model(&cfg.base);
        kedge_rows rows = kedge_rows_float64(&x[0][0], N, 2), orthogonal = kedge_rows_float64(&square[0][0], 4, 2);
        assert_int_equal(gsl_fit(&m, &rows, y, NULL), method == KEDGE_GSL_METHOD_QR ? KEDGE_OK : KEDGE_WARNING);
        assert_int_equal(gsl_summary(&m).rank, 2);
        assert_true(gsl_summary(&m).condition > 3e4 && gsl_summary(&m).condition < 3e5);
        assert_int_equal(gsl_fit(&m, &orthogonal, y, NULL), KEDGE_OK);
        assert_close(gsl_summary(&m).condition, 1, 1e-14);
        for (int i = 0; i < N; i++)
            x[i][1] = method == KEDGE_GSL_METHOD_QR ? x[i][1] : x[i][0];
        assert_int_equal(gsl_fit(&m, &rows, y, NULL), method == KEDGE_GSL_METHOD_QR ? KEDGE_OK : KEDGE_WARNING);
        assert_int_equal(gsl_summary(&m).rank, method == KEDGE_GSL_METHOD_QR ? 2 : 1);
        guard_free(m.state);
    }
}

/* Columns that agree but for rounding, far from 0: the rounding is not taken for information. */
static void test_rounding_is_no_information(void **unused)
{
    (void)unused;
    enum { N = 200 };
    double x[N][2], y[N], weights[2], intercept;
    kedge_rng rng = {6};
    for (int i = 0; i < N; i++) {
        x[i][0] = 1e10 + kedge_rng_uniform(&rng);
        x[i][1] = x[i][0] / 3;
        y[i] = x[i][0] - 1e10 + kedge_rng_normal(&rng);
    }
    kedge_model m = new_model(2);
    kedge_rows rows = kedge_rows_float64(&x[0][0], N, 2);
    assert_int_equal(gsl_fit(&m, &rows, y, NULL), KEDGE_OK);
    assert_int_equal(gsl_summary(&m).rank, 1);
    assert_int_equal(kedge_gsl_coefficients(&m, weights, 2, &intercept), KEDGE_OK);
    assert_true(fabs(weights[0]) + fabs(weights[1]) / 3 < 2);
    guard_free(m.state);
}

/* Fewer rows than columns: the fit goes through all points. One row: its value everywhere. */
static void test_wide_and_single(void **unused)
{
    (void)unused;
    double x[6 * 40], y[6];
    fill_normal(x, 6 * 40, 2, 3, 7);
    fill_normal(y, 6, 0, 1, 8);
    for (size_t n = 1; n <= 6; n++) {
        kedge_model m = new_model(40);
        kedge_rows rows = kedge_rows_float64(x, n, 40);
        assert_int_equal(gsl_fit(&m, &rows, y, NULL), KEDGE_OK);
        assert_int_equal(gsl_summary(&m).rank, n - 1);
        assert_true(gsl_summary(&m).deviance < 1e-25);
        for (size_t i = 0; i < n; i++)
            assert_close(gsl_predict(&m, x + 40 * i), y[i], 1e-12);
        guard_free(m.state);
    }
}

/* A weight of k is the row k times; weight 0 is no row; a factor common to all weights changes no prediction. */
static void test_weights(void **unused)
{
    (void)unused;
    double x[40 * 2], y[40], weight[40], tiny[40], many[200 * 2], many_y[200];
    size_t n_many = 0;
    fill_normal(x, 80, 1, 2, 9);
    fill_normal(y, 40, 0, 1, 10);
    for (size_t i = 0; i < 40; i++) {
        weight[i] = (double)(i % 5);
        tiny[i] = weight[i] * 0x1p-1000;
        for (size_t k = 0; k < i % 5; k++, n_many++) {
            memcpy(many + 2 * n_many, x + 2 * i, 2 * sizeof *x);
            many_y[n_many] = y[i];
        }
    }
    kedge_model a = new_model(2), b = new_model(2), c = new_model(2);
    kedge_rows rows = kedge_rows_float64(x, 40, 2), rows_many = kedge_rows_float64(many, n_many, 2);
    assert_int_equal(gsl_fit(&a, &rows, y, weight), KEDGE_OK);
    assert_int_equal(gsl_fit(&b, &rows_many, many_y, NULL), KEDGE_OK);
    assert_int_equal(gsl_fit(&c, &rows, y, tiny), KEDGE_OK);
    assert_close(gsl_summary(&a).deviance, gsl_summary(&b).deviance, 1e-13);
    for (size_t i = 0; i < 40; i++) {
        assert_close(gsl_predict(&a, x + 2 * i), gsl_predict(&b, x + 2 * i), 1e-13);
        assert_true(gsl_predict(&a, x + 2 * i) == gsl_predict(&c, x + 2 * i));
    }
    memset(weight, 0, sizeof weight);
    assert_int_equal(gsl_fit(&a, &rows, y, weight), KEDGE_ERR_NUMERIC);
    assert_close(gsl_predict(&a, x), gsl_predict(&b, x), 1e-13);
    guard_free(a.state);
    guard_free(b.state);
    guard_free(c.state);
}

/* Powers of two in the features and the target change no bit of the fit; column-major and float tables give the same. */
static void test_units_and_strides(void **unused)
{
    (void)unused;
    static const double factor[4] = {0x1p-1000, 0x1p990, 1, 0x1p-60};
    enum { N = 50 };
    double x[N][4], scaled[N][4], transposed[4][N], y[N], scaled_y[N];
    float narrow[N][4];
    kedge_rng rng = {12};
    for (int i = 0; i < N; i++) {
        y[i] = kedge_rng_normal(&rng);
        scaled_y[i] = y[i] * 0x1p-900;
        for (int j = 0; j < 4; j++) {
            narrow[i][j] = (float)kedge_rng_normal(&rng);
            x[i][j] = transposed[j][i] = (double)narrow[i][j];
            scaled[i][j] = x[i][j] * factor[j];
        }
    }
    kedge_model a = new_model(4), b = new_model(4), c = new_model(4), d = new_model(4);
    kedge_rows rows = kedge_rows_float64(&x[0][0], N, 4), rows_scaled = kedge_rows_float64(&scaled[0][0], N, 4);
    kedge_rows rows_narrow = kedge_rows_float32(&narrow[0][0], N, 4), columns = kedge_rows_float64(&transposed[0][0], N, 4);
    columns.row_stride = 1;
    columns.column_stride = N;
    assert_int_equal(gsl_fit(&a, &rows, y, NULL), KEDGE_OK);
    assert_int_equal(gsl_fit(&b, &rows_scaled, scaled_y, NULL), KEDGE_OK);
    assert_int_equal(gsl_fit(&c, &rows_narrow, y, NULL), KEDGE_OK);
    assert_int_equal(gsl_fit(&d, &columns, y, NULL), KEDGE_OK);
    size_t bytes = ((const kedge_state_head *)a.state)->bytes;
    assert_memory_equal(a.state, c.state, bytes);
    assert_memory_equal(a.state, d.state, bytes);
    for (int i = 0; i < N; i++)
        assert_true(gsl_predict(&a, x[i]) * 0x1p-900 == gsl_predict(&b, scaled[i]));
    double weights[4] = {7, 7, 7, 7}, intercept = 7;
    assert_int_equal(kedge_gsl_coefficients(&b, weights, 4, &intercept), KEDGE_OK); /* 2^(1000 - 900) */
    for (int i = 0; i < N; i++)
        scaled_y[i] = y[i] * 0x1p200;
    assert_int_equal(gsl_fit(&b, &rows_scaled, scaled_y, NULL), KEDGE_OK);
    weights[0] = weights[3] = intercept = 7;
    assert_int_equal(kedge_gsl_coefficients(&b, weights, 4, &intercept), KEDGE_ERR_NUMERIC); /* 2^1200 */
    assert_true(weights[0] == 7 && weights[3] == 7 && intercept == 7);
    assert_true(gsl_predict(&a, x[3]) * 0x1p200 == gsl_predict(&b, scaled[3]));
    guard_free(a.state);
    guard_free(b.state);
    guard_free(c.state);
    guard_free(d.state);
}

static void test_predictions_are_finite(void **unused)
{
    (void)unused;
    double x[3][2] = {{1e-300, -DBL_MAX}, {2e-300, DBL_MAX}, {-3e-300, DBL_MAX / 3}}, y[3] = {1e100, -1e100, 3};
    static const double far[5][2] = {
        {DBL_MAX, DBL_MAX}, {-DBL_MAX, DBL_MAX}, {DBL_MAX, -DBL_MAX}, {0, 0}, {DBL_MIN, -DBL_MAX}};
    kedge_model m = new_model(2);
    kedge_rows rows = kedge_rows_float64(&x[0][0], 3, 2);
    assert_int_equal(gsl_fit(&m, &rows, y, NULL), KEDGE_OK);
    for (int i = 0; i < 3; i++)
        assert_true(fabs(gsl_predict(&m, x[i]) - y[i]) < 1e88);
    for (int i = 0; i < 5; i++)
        assert_true(fabs(gsl_predict(&m, far[i])) <= 1e301);
    guard_free(m.state);
}

static void test_refusals_change_nothing(void **unused)
{
    (void)unused;
    double x[8] = {1, 2, 3, 4, 5, 7, 7, 8}, y[4] = {1, 2, 3, 5}, weight[4] = {1, 1, 1, 1}, one[2] = {1, 2}, out = 7;
    kedge_model m = new_model(2);
    kedge_rows rows = kedge_rows_float64(x, 4, 2), none = kedge_rows_float64(x, 0, 2), wide = kedge_rows_float64(x, 2, 4);
    double weights[2], intercept;
    assert_int_equal(kedge_model_predict(&m, one, &out), KEDGE_EMPTY);
    assert_true(out == 0);
    assert_int_equal(kedge_gsl_coefficients(&m, weights, 2, &intercept), KEDGE_EMPTY);
    assert_true(weights[0] == 0 && weights[1] == 0 && intercept == 0);
    assert_int_equal(gsl_fit(&m, &rows, y, weight), KEDGE_OK);
    for (int k = 0; k < 3; k++) {
        static const double bad[3] = {(double)NAN, (double)INFINITY, -(double)INFINITY};
        x[5] = bad[k];
        assert_int_equal(gsl_fit(&m, &rows, y, weight), KEDGE_ERR_NOT_FINITE);
        x[5] = 7;
        y[3] = bad[k];
        assert_int_equal(gsl_fit(&m, &rows, y, weight), KEDGE_ERR_NOT_FINITE);
        y[3] = 5;
        weight[2] = bad[k];
        assert_int_equal(gsl_fit(&m, &rows, y, weight), KEDGE_ERR_NOT_FINITE);
        weight[2] = 1;
    }
    y[0] = 2 * KEDGE_TARGET_MAX;
    assert_int_equal(gsl_fit(&m, &rows, y, weight), KEDGE_ERR_RANGE);
    assert_int_equal(gsl_fit(&m, &none, y, weight), KEDGE_ERR_SHAPE);
    assert_int_equal(gsl_fit(&m, &wide, y, weight), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_gsl_coefficients(&m, weights, 1, &intercept), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_gsl_coefficients(&m, NULL, 2, &intercept), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_coefficients(&m, weights, 2, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_coefficients(NULL, weights, 2, &intercept), KEDGE_ERR_NULL);
    kedge_model other = {&kedge_rls, m.state};
    kedge_gsl_fit_summary summary;
    assert_int_equal(kedge_gsl_coefficients(&other, weights, 2, &intercept), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_gsl_summary(&other, &summary), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_gsl_summary(&m, NULL), KEDGE_ERR_NULL);
    guard_free(m.state);
}

static void test_configuration(void **unused)
{
    (void)unused;
    kedge_gsl_least_squares_config cfg = kedge_gsl_least_squares_defaults(3), bad = cfg;
    assert_true(kedge_model_size(&cfg.base) > 0 && kedge_model_size(&cfg.base) % KEDGE_ALIGN == 0);
    bad.tolerance = 1;
    assert_int_equal(kedge_model_size(&bad.base), 0);
    bad.tolerance = (double)NAN;
    assert_int_equal(kedge_model_size(&bad.base), 0);
    bad = cfg;
    bad.base.n_classes = 2;
    assert_int_equal(kedge_model_size(&bad.base), 0);
    bad = cfg;
    bad.base.n_features = 0;
    assert_int_equal(kedge_model_size(&bad.base), 0);
    assert_true(kedge_model_fit_work(&cfg.base, 1) == kedge_model_fit_work(&cfg.base, 1u << 30));
    bad = cfg;
    bad.report = 2;
    assert_int_equal(kedge_model_size(&bad.base), 0);
    bad.report = 1;
    assert_int_equal(kedge_model_size(&bad.base), kedge_model_size(&cfg.base) + 10 * sizeof(double));
    bad = cfg;
    bad.method = 0;
    assert_int_equal(kedge_model_size(&bad.base), 0);
    bad.method = 3;
    assert_int_equal(kedge_model_size(&bad.base), 0);
    assert_string_equal(kedge_gsl_license(), "GPL-3.0-or-later");
}

/* Fit again and come back from a snapshot: the same bytes; reset: as new. */
static void test_life(void **unused)
{
    (void)unused;
    enum { N = 20 };
    double x[N * 3], y[N];
    unsigned char snapshot[1024];
    fill_normal(x, N * 3, 0, 1, 20);
    fill_normal(y, N, 0, 1, 21);
    kedge_gsl_least_squares_config cfg = kedge_gsl_least_squares_defaults(3);
    size_t bytes = kedge_model_size(&cfg.base), len;
    kedge_model a = gsl_model(&cfg.base), b, fresh = gsl_model(&cfg.base);
    kedge_rows rows = kedge_rows_float64(x, N, 3), half = kedge_rows_float64(x, N / 2, 3);
    assert_int_equal(gsl_fit(&a, &rows, y, NULL), KEDGE_OK);
    void *first = guard_copy(a.state, bytes), *mem = guard_new(bytes, 0x77);
    assert_int_equal(gsl_fit(&a, &half, y, NULL), KEDGE_OK);
    assert_memory_not_equal(a.state, first, bytes);
    assert_int_equal(gsl_fit(&a, &rows, y, NULL), KEDGE_OK);
    assert_memory_equal(a.state, first, bytes);
    assert_int_equal(kedge_model_save(&a, snapshot, sizeof snapshot, &len), KEDGE_OK);
    assert_int_equal(kedge_model_load(&b, &kedge_gsl_least_squares, mem, bytes, snapshot, len), KEDGE_OK);
    assert_memory_equal(b.state, first, bytes);
    assert_int_equal(kedge_model_reset(&a), KEDGE_OK);
    assert_memory_equal(a.state, fresh.state, bytes);
    guard_free(first);
    guard_free(mem);
    guard_free(a.state);
    guard_free(fresh.state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_longley),
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_against_naive),
        cmocka_unit_test(test_dependent_columns_get_weight_zero),
        cmocka_unit_test(test_condition),
        cmocka_unit_test(test_rounding_is_no_information),
        cmocka_unit_test(test_wide_and_single),
        cmocka_unit_test(test_weights),
        cmocka_unit_test(test_units_and_strides),
        cmocka_unit_test(test_predictions_are_finite),
        cmocka_unit_test(test_refusals_change_nothing),
        cmocka_unit_test(test_configuration),
        cmocka_unit_test(test_life),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
