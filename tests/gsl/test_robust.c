/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Robust regression: numbers of statsmodels, the estimating equations, scale and covariance by naive formulas at random fits, rows
 * far off, exact fits, weights, degenerate tables, errors, and a state's life. */
#include "robust_rows.h"

/* statsmodels --------------------------------------------------------------------------------------------------------------- */

/* Brownlee 1965, "Statistical theory and methodology in science and engineering", page 454: a plant's air flow, water temperature,
 * acid concentration and stack loss of 21 days. */
static const double stack[STACK][P + 1] = {
    {80, 27, 89, 42}, {80, 27, 88, 37}, {75, 25, 90, 37}, {62, 24, 87, 28}, {62, 22, 87, 18}, {62, 23, 87, 18}, {62, 24, 93, 19},
    {62, 24, 93, 20}, {58, 23, 87, 15}, {58, 18, 80, 14}, {58, 18, 89, 14}, {58, 17, 88, 13}, {58, 18, 82, 11}, {58, 19, 93, 12},
    {50, 18, 89, 8},  {50, 18, 86, 7},  {50, 19, 72, 8},  {50, 19, 79, 8},  {50, 20, 80, 9},  {56, 20, 82, 15}, {70, 20, 91, 15}};

/* statsmodels 0.15.0, RLM(y, add_constant(X), M).fit(conv='coefs', tol=1e-15), the bisquare from Huber's answer: params, bse (H1),
 * scale. */
typedef struct golden {
    uint32_t norm;
    double b[P + 1], error[P + 1], scale;
} golden;

static const golden of_stack[2] = {
    {KEDGE_ROBUST_HUBER,
     {-41.0264983524003, 0.829384334600108, 0.926065966196653, -0.127846724945785},
     {9.7918985413493, 0.111005213354505, 0.30293016310859, 0.12864961493537},
     2.44053609172107},
    {KEDGE_ROBUST_BISQUARE,
     {-42.2853507793297, 0.927557322755518, 0.650717687214313, -0.112333153790901},
     {9.50449192491874, 0.107747047163174, 0.294038717509339, 0.124873559620098},
     2.28188133495116}};

static void check_golden(const kedge_model *m, const golden *g)
{
    kedge_gsl_coefficient b[P + 1];
    assert_int_equal(kedge_gsl_report(m, 0.95, NULL, b, P + 1), KEDGE_OK);
    for (int j = 0; j <= P; j++) {
        double z = g->b[j] / g->error[j];
        assert_ratio(b[j].value, g->b[j], 1e-8);
        assert_ratio(b[j].standard_error, g->error[j], 1e-8);
        assert_ratio(b[j].statistic, z, 1e-7);
        assert_close(b[j].p_value, erfc(fabs(z) / sqrt(2)), 1e-8);
        assert_ratio(b[j].high - b[j].low, 2 * 1.95996398454005423552 * g->error[j], 1e-8);
    }
    assert_ratio(summary_of(m).scale, g->scale, 1e-9);
}

static void test_stack_loss(void **unused)
{
    double y[STACK];
    (void)unused;
    for (int i = 0; i < STACK; i++)
        y[i] = stack[i][P];
    kedge_rows rows = {stack, KEDGE_FLOAT64, 0, STACK, P, P + 1, 1};
    for (int k = 0; k < 2; k++) {
        kedge_gsl_robust_config cfg = config_of(P, of_stack[k].norm);
        kedge_model m = gsl_model(&cfg.base);
        assert_int_equal(gsl_fit(&m, &rows, y, NULL), KEDGE_OK);
        check_golden(&m, of_stack + k);
        kedge_gsl_robust_fit fit = summary_of(&m);
        assert_true(fit.converged == 1 && fit.exact == 0 && fit.rank == P && fit.n_rows == STACK && fit.df == STACK - P - 1);
        guard_free(m.state);
    }
}

/* Likewise of table(), with what the rows count, and Wald's statistic of the three weights by cov_params(). */
static const golden of_table[2] = {{KEDGE_ROBUST_HUBER,
                                    {1.51427454894272, 1.29574247447921, -0.692905433982083, 0.0368375804263421},
                                    {2.15493997369363, 1.11728540763941, 0.541732930261572, 0.269811039321299},
                                    0.978866583865672},
                                   {KEDGE_ROBUST_BISQUARE,
                                    {1.92903689121131, 1.74295903450041, -0.718643402384394, -0.0232118655069126},
                                    {1.95378523730502, 1.01299143454125, 0.49116440115632, 0.244625294404058},
                                    0.976964125088857}};
static const double of_table_counts[2][N] = {
    {1, 1, 1, 0.165627007053563, 1, 1, 1, 1, 1, 1, 1, 1, 0.157543445219916, 1, 1, 0.487070184895167},
    {0.99321810434247, 0.952181380873229, 0.931056810658557, 0, 0.998675125825668, 0.96877562248323, 0.973476451077687,
     0.951963638022729, 0.893995636891932, 0.998553903327441, 0.99187289492481, 0.913490944475007, 0, 0.99130240115304,
     0.965265797569942, 0.541893750594927}};
static const double of_table_wald[2] = {31.5569488901533, 49.9346667861475};
static const double of_table_share[2] = {0.86314003982304, 0.816607653888792};

static void test_what_rows_count(void **unused)
{
    double x[N * P], y[N], counts[N];
    (void)unused;
    table(x, y);
    kedge_rows rows = kedge_rows_float64(x, N, P);
    for (int k = 0; k < 2; k++) {
        kedge_gsl_robust_config cfg = config_of(P, of_table[k].norm);
        kedge_model m = gsl_model(&cfg.base);
        assert_int_equal(gsl_fit(&m, &rows, y, NULL), KEDGE_OK);
        check_golden(&m, of_table + k);
        assert_int_equal(kedge_gsl_robust_weights(&m, &rows, y, counts, N), KEDGE_OK);
        for (int i = 0; i < N; i++)
            assert_close(counts[i], of_table_counts[k][i], 1e-8);
        kedge_gsl_robust_fit fit = summary_of(&m);
        assert_ratio(fit.wald, of_table_wald[k], 1e-8);
        assert_ratio(fit.share, of_table_share[k], 1e-8);
        double x2 = fit.wald, p = erfc(sqrt(x2 / 2)) + sqrt(2 * x2 / 3.14159265358979323846) * exp(-x2 / 2); /* 3 degrees of freedom
                                                                                                              * */
        assert_ratio(fit.wald_p_value, p, 1e-9);
        guard_free(m.state);
    }
}

/* Naive reference ----------------------------------------------------------------------------------------------------------- */

typedef struct naive {
    size_t n, p;
    double x[MAX_N * MAX_P], y[MAX_N], w[MAX_N];
} naive;

static void fill_naive(naive *t, kedge_rng *rng, int weighted)
{
    t->n = 30 + (size_t)kedge_rng_below(rng, MAX_N - 30);
    t->p = 1 + (size_t)kedge_rng_below(rng, MAX_P);
    for (size_t i = 0; i < t->n; i++) {
        t->y[i] = 20 + kedge_rng_normal(rng);
        t->w[i] = weighted ? (double)kedge_rng_below(rng, 4) : 1;
        for (size_t j = 0; j < t->p; j++) {
            t->x[i * t->p + j] = 10 * (double)j + kedge_rng_normal(rng);
            t->y[i] += (double)(j + 1) * t->x[i * t->p + j];
        }
        if (kedge_rng_below(rng, 8) == 0)
            t->y[i] += 30 * kedge_rng_normal(rng);
    }
}

static double naive_residual(const naive *t, const double *b, size_t i)
{
    long double e = t->y[i] - (long double)b[0];
    for (size_t j = 0; j < t->p; j++)
        e -= (long double)b[j + 1] * t->x[i * t->p + j];
    return (double)e;
}

static void sort(double *x, size_t n)
{
    for (size_t i = 1; i < n; i++)
        for (size_t j = i; j > 0 && x[j] < x[j - 1]; j--) {
            double spare = x[j];
            x[j] = x[j - 1];
            x[j - 1] = spare;
        }
}

/* numpy's median of |residual| of all rows, each as often as it weighs, over 0.6745. */
static double naive_scale(const naive *t, const double *b)
{
    double sizes[4 * MAX_N];
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++)
        for (int k = 0; k < (int)t->w[i]; k++)
            sizes[n++] = fabs(naive_residual(t, b, i));
    sort(sizes, n);
    return 0.5 * (sizes[(n - 1) / 2] + sizes[n / 2]) / 0.6744897501960817;
}

static double naive_psi(uint32_t norm, double u)
{
    if (norm == KEDGE_ROBUST_HUBER)
        return u > 1.345 ? 1.345 : u < -1.345 ? -1.345 : u;
    return fabs(u) > 4.685 ? 0 : u * pow(1 - pow(u / 4.685, 2), 2);
}

static double naive_slope(uint32_t norm, double u)
{
    double h = 1e-6;
    return (naive_psi(norm, u + h) - naive_psi(norm, u - h)) / (2 * h);
}

/* Inverse of a symmetric matrix of m rows, by Gauss and Jordan. */
static void naive_invert(long double a[MAX_P + 1][2 * (MAX_P + 1)], size_t m)
{
    for (size_t k = 0; k < m; k++) {
        long double pivot = a[k][k];
        for (size_t j = 0; j < 2 * m; j++)
            a[k][j] /= pivot;
        for (size_t i = 0; i < m; i++) {
            long double f = a[i][k];
            for (size_t j = 0; j < 2 * m && i != k; j++)
                a[i][j] -= f * a[k][j];
        }
    }
}

/* Standard errors by H1. */
static void naive_errors(const naive *t, const double *b, double scale, uint32_t norm, double *error)
{
    long double a[MAX_P + 1][2 * (MAX_P + 1)], mean = 0, variance = 0, squares = 0, total = 0;
    size_t m = t->p + 1, n = 0;
    memset(a, 0, sizeof a);
    for (size_t i = 0; i < t->n; i++) {
        long double row[MAX_P + 1] = {1};
        double u = naive_residual(t, b, i) / scale;
        for (size_t j = 0; j < t->p; j++)
            row[j + 1] = t->x[i * t->p + j];
        for (size_t j = 0; j < m; j++)
            for (size_t k = 0; k < m; k++)
                a[j][k] += t->w[i] * row[j] * row[k];
        total += t->w[i];
        n += t->w[i] > 0;
        mean += t->w[i] * naive_slope(norm, u);
        squares += t->w[i] * naive_psi(norm, u) * naive_psi(norm, u);
    }
    mean /= total;
    for (size_t i = 0; i < t->n; i++) {
        double slope = naive_slope(norm, naive_residual(t, b, i) / scale);
        variance += t->w[i] * (slope - mean) * (slope - mean) / total;
    }
    for (size_t j = 0; j < m; j++)
        a[j][m + j] = 1;
    naive_invert(a, m);
    long double factor = 1 + (long double)m / n * variance / (mean * mean);
    for (size_t j = 0; j < m; j++)
        error[j] = (double)sqrtl(factor * factor * squares / (n - m) * scale * scale / (mean * mean) * a[j][m + j]);
}

/* The estimating equations sum of w psi(r / s) x = 0 hold, with the scale that belongs to these residuals, and the errors are those
 * of the formula. */
static void check_naive(const kedge_model *m, const naive *t, uint32_t norm)
{
    kedge_gsl_coefficient c[MAX_P + 1];
    double b[MAX_P + 1], error[MAX_P + 1];
    kedge_gsl_robust_fit fit = summary_of(m);
    assert_int_equal(kedge_gsl_coefficients(m, b + 1, t->p, b), KEDGE_OK);
    assert_ratio(fit.scale, naive_scale(t, b), 1e-8);
    for (size_t j = 0; j <= t->p; j++) {
        double sum = 0, size = 0;
        for (size_t i = 0; i < t->n; i++) {
            double x = j == 0 ? 1 : t->x[i * t->p + j - 1];
            double term = t->w[i] * naive_psi(norm, naive_residual(t, b, i) / fit.scale) * x;
            sum += term;
            size += fabs(term);
        }
        assert_true(fabs(sum) < 1e-7 * size);
    }
    naive_errors(t, b, fit.scale, norm, error);
    assert_int_equal(kedge_gsl_report(m, 0.9, NULL, c, t->p + 1), KEDGE_OK);
    for (size_t j = 0; j <= t->p; j++) {
        assert_ratio(c[j].value, b[j], 1e-9);
        assert_ratio(c[j].standard_error, error[j], 1e-6);
    }
    assert_int_equal(fit.converged, 1);
}

static void test_against_naive(void **unused)
{
    static naive t;
    kedge_rng rng = {6};
    int n_converged = 0;
    (void)unused;
    for (uint32_t round = 0; round < 80; round++) {
        uint32_t norm = round % 2 ? KEDGE_ROBUST_BISQUARE : KEDGE_ROBUST_HUBER;
        kedge_gsl_robust_config cfg = config_of(0, norm);
        fill_naive(&t, &rng, round / 2 % 2);
        cfg.base.n_features = (uint32_t)t.p;
        cfg.max_iterations = 2000;
        kedge_model m = gsl_model(&cfg.base);
        kedge_rows rows = kedge_rows_float64(t.x, t.n, t.p);
        kedge_status st = gsl_fit(&m, &rows, t.y, t.w);
        assert_true(st == KEDGE_OK || st == KEDGE_WARNING); /* the median may jump to and fro between two rows */
        if (st == KEDGE_OK)
            check_naive(&m, &t, norm);
        n_converged += st == KEDGE_OK;
        guard_free(m.state);
    }
    assert_true(n_converged > 70);
}

/* A row of weight k is k rows; a factor common to all weights changes nothing; weight 0 is no row. */
static void test_weights(void **unused)
{
    static naive t, many;
    kedge_rng rng = {16};
    (void)unused;
    for (uint32_t round = 0; round < 10; round++) {
        uint32_t norm = round % 2 ? KEDGE_ROBUST_BISQUARE : KEDGE_ROBUST_HUBER;
        double b[MAX_P + 1], c[MAX_P + 1], d[MAX_P + 1], scaled[MAX_N];
        do
            fill_naive(&t, &rng, 1);
        while (t.n > MAX_N / 2);
        many.n = 0;
        many.p = t.p;
        for (size_t i = 0; i < t.n; i++) {
            t.w[i] = (double)(i % 3); /* a third of the rows is none */
            scaled[i] = 0x1p-60 * t.w[i];
            for (int k = 0; k < (int)t.w[i]; k++, many.n++) {
                memcpy(many.x + many.n * t.p, t.x + i * t.p, t.p * sizeof *t.x);
                many.y[many.n] = t.y[i];
            }
        }
        kedge_gsl_robust_config cfg = config_of((uint32_t)t.p, norm);
        cfg.max_iterations = 2000;
        kedge_model m = gsl_model(&cfg.base), n = gsl_model(&cfg.base), o = gsl_model(&cfg.base);
        kedge_rows rows = kedge_rows_float64(t.x, t.n, t.p), all = kedge_rows_float64(many.x, many.n, t.p);
        kedge_status st = gsl_fit(&m, &rows, t.y, t.w);
        assert_int_equal(gsl_fit(&n, &all, many.y, NULL), st);
        assert_int_equal(gsl_fit(&o, &rows, t.y, scaled), st);
        assert_int_equal(kedge_gsl_coefficients(&m, b + 1, t.p, b), KEDGE_OK);
        assert_int_equal(kedge_gsl_coefficients(&n, c + 1, t.p, c), KEDGE_OK);
        assert_int_equal(kedge_gsl_coefficients(&o, d + 1, t.p, d), KEDGE_OK);
        for (size_t j = 0; j <= t.p && st == KEDGE_OK; j++) {
            assert_close(b[j], c[j], 1e-7);
            assert_true(b[j] == d[j]);
        }
        assert_true(st != KEDGE_OK || fabs(summary_of(&m).scale - summary_of(&n).scale) < 1e-8);
        assert_true(summary_of(&m).scale == summary_of(&o).scale && summary_of(&m).wald == summary_of(&o).wald);
        assert_ratio(gsl_summary(&o).deviance, 0x1p-60 * gsl_summary(&m).deviance, 1e-14);
        guard_free(m.state);
        guard_free(n.state);
        guard_free(o.state);
    }
}

/* A reach beyond all residuals is least squares. */
static void test_far_reach(void **unused)
{
    double x[N * P], y[N], a[P + 1], b[P + 1];
    (void)unused;
    table(x, y);
    kedge_rows rows = kedge_rows_float64(x, N, P);
    kedge_gsl_least_squares_config plain = kedge_gsl_least_squares_defaults(P);
    for (uint32_t norm = KEDGE_ROBUST_HUBER; norm <= KEDGE_ROBUST_BISQUARE; norm++) {
        kedge_gsl_robust_config cfg = config_of(P, norm);
        cfg.tuning = 1e6;
        kedge_model m = gsl_model(&cfg.base), l = gsl_model(&plain.base);
        assert_int_equal(gsl_fit(&m, &rows, y, NULL), KEDGE_OK);
        assert_int_equal(gsl_fit(&l, &rows, y, NULL), KEDGE_OK);
        assert_int_equal(kedge_gsl_coefficients(&m, a + 1, P, a), KEDGE_OK);
        assert_int_equal(kedge_gsl_coefficients(&l, b + 1, P, b), KEDGE_OK);
        for (int j = 0; j <= P; j++)
            assert_close(a[j], b[j], norm == KEDGE_ROBUST_HUBER ? 1e-12 : 1e-9);
        assert_ratio(gsl_summary(&m).deviance, gsl_summary(&l).deviance, 1e-9);
        guard_free(m.state);
        guard_free(l.state);
    }
}

/* Rows far off -------------------------------------------------------------------------------------------------------------- */

/* One row of five is up to 10^12 deviations off, on one side: Huber's line is a little off, the bisquare's is that of the rest
 * alone. */
static void test_rows_far_off(void **unused)
{
    enum { ROWS = 200 };
    static double x[ROWS * 2], y[ROWS], good[ROWS];
    kedge_rng rng = {33};
    (void)unused;
    for (int k = 0; k < 4; k++) {
        double far = pow(10, 3 * (k + 1)), a[3], b[3];
        for (int i = 0; i < ROWS; i++) {
            x[2 * i] = kedge_rng_normal(&rng);
            x[2 * i + 1] = 1e3 + kedge_rng_normal(&rng);
            good[i] = i % 5 > 0;
            y[i] = 5 + 2 * x[2 * i] - x[2 * i + 1] + kedge_rng_normal(&rng);
            y[i] += good[i] == 0 ? far * (1 + kedge_rng_uniform(&rng)) : 0;
        }
        kedge_rows rows = kedge_rows_float64(x, ROWS, 2);
        kedge_gsl_robust_config huber = config_of(2, KEDGE_ROBUST_HUBER), bisquare = config_of(2, KEDGE_ROBUST_BISQUARE);
        kedge_model h = gsl_model(&huber.base), m = gsl_model(&bisquare.base);
        assert_int_equal(gsl_fit(&h, &rows, y, NULL), KEDGE_OK);
        assert_int_equal(gsl_fit(&m, &rows, y, NULL), KEDGE_OK);
        assert_int_equal(kedge_gsl_coefficients(&h, a + 1, 2, a), KEDGE_OK);
        assert_int_equal(kedge_gsl_coefficients(&m, b + 1, 2, b), KEDGE_OK);
        assert_true(fabs(a[1] - 2) < 1 && fabs(b[1] - 2) < 0.5 && fabs(b[2] + 1) < 0.5);
        for (int i = 0; i < ROWS; i++) {
            double count = NAN;
            kedge_rows one = kedge_rows_float64(x + 2 * i, 1, 2);
            assert_int_equal(kedge_gsl_robust_weights(&m, &one, y + i, &count, 1), KEDGE_OK);
            assert_true((count > 0) == (good[i] != 0));
            assert_int_equal(kedge_gsl_robust_weights(&h, &one, y + i, &count, 1), KEDGE_OK);
            assert_true(good[i] != 0 ? count > 0.1 : count < 0.05);
        }
        guard_free(h.state);
        guard_free(m.state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stack_loss),
        cmocka_unit_test(test_what_rows_count),
        cmocka_unit_test(test_against_naive),
        cmocka_unit_test(test_weights),
        cmocka_unit_test(test_far_reach),
        cmocka_unit_test(test_rows_far_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
