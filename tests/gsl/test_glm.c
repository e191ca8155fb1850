/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Generalised linear models: numbers of statsmodels for every family and link, the estimating equations at random fits, offsets,
 * weights, data without an answer, hostile scales, errors, and a state's life. */
#include "glm_rows.h"

/* With offset log(1 + i % 3), statsmodels likewise. */
static const golden golden_offset = {KEDGE_GLM_POISSON,
                                     KEDGE_LINK_LOG,
                                     {-0.076201174218149, 0.785850198213245, -0.171464960219549},
                                     {0.150602000066837, 0.101576429834573, 0.157270021445254},
                                     27.6287786756018,
                                     111.967588458406,
                                     30.2961065812537,
                                     1};

static void check_golden(const kedge_model *m, const golden *g, const uint32_t *at, size_t n_coefficients)
{
    kedge_gsl_coefficient b[MAX_FEATURES + 1];
    kedge_gsl_glm_fit fit = summary_of(m);
    assert_int_equal(kedge_gsl_report(m, 0.95, NULL, b, n_coefficients), KEDGE_OK);
    for (int j = 0; j < 3; j++) {
        assert_ratio(b[at[j]].value, g->value[j], 1e-8);
        assert_ratio(b[at[j]].standard_error, g->error[j], 1e-8);
        assert_ratio(b[at[j]].statistic, g->value[j] / g->error[j], 1e-8);
        assert_close(b[at[j]].p_value, erfc(fabs(g->value[j] / g->error[j]) / sqrt(2)), 1e-8);
        assert_close(b[at[j]].high - b[at[j]].low, 2 * 1.95996398454005423552 * g->error[j], 1e-8);
    }
    assert_ratio(fit.deviance, g->deviance, 1e-10);
    assert_ratio(fit.null_deviance, g->null_deviance, 1e-10);
    assert_ratio(fit.pearson, g->pearson, 1e-8);
    assert_ratio(fit.dispersion, g->dispersion, 1e-8);
    assert_true(fit.n_rows == N && fit.rank == P && fit.df == N - P - 1);
}

static void test_golden_numbers(void **unused)
{
    static const uint32_t at[3] = {0, 1, 2};
    double x[N * P], y[N], w[N];
    (void)unused;
    table(x, w);
    kedge_rows rows = kedge_rows_float64(x, N, P);
    for (int k = 0; k < N_GOLDENS; k++) {
        kedge_gsl_glm_config cfg = config_of(P, goldens[k].family, goldens[k].link);
        kedge_model m = gsl_model(&cfg.base);
        targets(goldens + k, y);
        assert_int_equal(gsl_fit(&m, &rows, y, w), KEDGE_OK);
        check_golden(&m, goldens + k, at, P + 1);
        guard_free(m.state);
    }
}

static void test_offset(void **unused)
{
    static const uint32_t at[3] = {0, 1, 3};
    double x[N * P], with[N * 3], w[N];
    (void)unused;
    table(x, w);
    for (int i = 0; i < N; i++) {
        with[3 * i] = x[P * i];
        with[3 * i + 1] = log(1 + i % 3);
        with[3 * i + 2] = x[P * i + 1];
    }
    kedge_rows rows = kedge_rows_float64(with, N, 3);
    kedge_gsl_glm_config cfg = config_of(3, KEDGE_GLM_POISSON, KEDGE_LINK_LOG);
    cfg.offset = 1;
    kedge_model m = gsl_model(&cfg.base);
    kedge_gsl_coefficient b[4];
    assert_int_equal(gsl_fit(&m, &rows, counts, w), KEDGE_OK);
    check_golden(&m, &golden_offset, at, 4);
    assert_int_equal(kedge_gsl_report(&m, 0.95, NULL, b, 4), KEDGE_OK);
    assert_true(b[2].value == 1 && b[2].standard_error == 0);
    double one[3] = {0.5, 0, -0.25}, five[3] = {0.5, log(5), -0.25}; /* a mean is in proportion to its exposure */
    assert_ratio(gsl_predict(&m, one), 1.43274211, 1e-8);
    assert_ratio(gsl_predict(&m, five), 5 * gsl_predict(&m, one), 1e-14);
    cfg.offset = 3;
    assert_int_equal(kedge_model_size(&cfg.base), 0);
    guard_free(m.state);
}

/* statsmodels, get_prediction([1, 0.5, -0.25]).summary_frame(). */
static void test_intervals_of_means(void **unused)
{
    static const double expected[N_GOLDENS][3] = {{0.55097956, 0.35347245, 0.73362031},    {0.54967192, 0.35671246, 0.73135798},
                                                  {0.5118371, 0.32722185, 0.72677946},     {3.39048306, 2.70888397, 4.24358352},
                                                  {12.80160761, 11.44717108, 14.15604413}, {1.90938109, 1.73547484, 2.10071392},
                                                  {7.24011021, 7.01093086, 7.48477912}};
    double x[N * P], y[N], w[N], at[P] = {0.5, -0.25};
    (void)unused;
    table(x, w);
    kedge_rows rows = kedge_rows_float64(x, N, P);
    for (int k = 0; k < N_GOLDENS; k++) {
        kedge_gsl_glm_config cfg = config_of(P, goldens[k].family, goldens[k].link);
        kedge_model m = gsl_model(&cfg.base);
        kedge_gsl_glm_interval out = {0, 0, 0, 0, 0};
        assert_int_equal(kedge_gsl_glm_predict_interval(&m, at, 0.95, &out), KEDGE_EMPTY);
        assert_int_equal(kedge_gsl_glm_summary(&m, &(kedge_gsl_glm_fit){0}), KEDGE_EMPTY);
        targets(goldens + k, y);
        assert_int_equal(gsl_fit(&m, &rows, y, w), KEDGE_OK);
        assert_int_equal(kedge_gsl_glm_predict_interval(&m, at, 0.95, &out), KEDGE_OK);
        assert_ratio(out.value, expected[k][0], 1e-7);
        assert_ratio(out.low, expected[k][1], 1e-7);
        assert_ratio(out.high, expected[k][2], 1e-7);
        assert_true(out.value == gsl_predict(&m, at));
        assert_int_equal(kedge_gsl_glm_predict_interval(&m, at, 1, &out), KEDGE_ERR_RANGE);
        assert_int_equal(kedge_gsl_glm_predict_interval(&m, (double[]){NAN, 0}, 0.9, &out), KEDGE_ERR_NOT_FINITE);
        assert_int_equal(kedge_gsl_glm_predict_interval(&m, NULL, 0.9, &out), KEDGE_ERR_NULL);
        guard_free(m.state);
    }
}

/* The estimating equations, sum of w (y - m) m'/V x = 0, by numbers that know nothing of the fit but its coefficients. */
static double worst_equation(const kedge_gsl_glm_config *cfg, const double *b, const double *x, const double *y, const double *w,
                             size_t n)
{
    size_t p = cfg->base.n_features;
    double worst = 0;
    for (size_t j = 0; j <= p; j++) {
        long double sum = 0, size = 0;
        for (size_t i = 0; i < n; i++) {
            long double eta = b[0], slope, mean, variance;
            for (size_t k = 0; k < p; k++)
                eta += (long double)b[k + 1] * x[i * p + k];
            mean = cfg->link == KEDGE_LINK_LOGIT     ? 1 / (1 + expl(-eta))
                   : cfg->link == KEDGE_LINK_PROBIT  ? erfcl(-eta / sqrtl(2)) / 2
                   : cfg->link == KEDGE_LINK_CLOGLOG ? 1 - expl(-expl(eta))
                   : cfg->link == KEDGE_LINK_LOG     ? expl(eta)
                   : cfg->link == KEDGE_LINK_INVERSE ? 1 / eta
                                                     : eta;
            slope = cfg->link == KEDGE_LINK_LOGIT     ? mean * (1 - mean)
                    : cfg->link == KEDGE_LINK_PROBIT  ? expl(-eta * eta / 2) / sqrtl(2 * 3.14159265358979323846264338328L)
                    : cfg->link == KEDGE_LINK_CLOGLOG ? expl(eta) * (1 - mean)
                    : cfg->link == KEDGE_LINK_LOG     ? mean
                    : cfg->link == KEDGE_LINK_INVERSE ? -mean * mean
                                                      : 1;
            variance = cfg->family == KEDGE_GLM_BINOMIAL  ? mean * (1 - mean)
                       : cfg->family == KEDGE_GLM_POISSON ? mean
                                                          : mean * mean;
            long double term = w[i] * (y[i] - mean) * slope / variance * (j == 0 ? 1 : x[i * p + j - 1]);
            sum += term;
            size += fabsl(term);
        }
        worst = fmax(worst, (double)(fabsl(sum) / size));
    }
    return worst;
}

static double draw_target(kedge_rng *rng, uint32_t family, double level)
{
    double u = kedge_rng_uniform(rng);
    if (family == KEDGE_GLM_BINOMIAL)
        return u < 1 / (1 + exp(-level));
    if (family == KEDGE_GLM_GAMMA)
        return exp(0.2 * level) * (0.2 + u);
    return floor((8 + 2 * level) * (0.3 + 1.4 * u));
}

static void test_equations_hold(void **unused)
{
    static double x[MAX_ROWS * MAX_FEATURES], y[MAX_ROWS], w[MAX_ROWS];
    kedge_rng rng = {5};
    (void)unused;
    for (int k = 0; k < 20 * N_GOLDENS; k++) {
        kedge_gsl_glm_config cfg =
            config_of(1 + (uint32_t)k % MAX_FEATURES, goldens[k % N_GOLDENS].family, goldens[k % N_GOLDENS].link);
        size_t p = cfg.base.n_features, n = 60 + (size_t)kedge_rng_below(&rng, MAX_ROWS - 60);
        for (size_t i = 0; i < n; i++) {
            double level = 0;
            for (size_t j = 0; j < p; j++) {
                double z = fmax(-2, fmin(2, kedge_rng_normal(&rng)));
                x[i * p + j] = 3 * (double)j + (1 + (double)j) * z;
                level += 0.5 * z;
            }
            y[i] = draw_target(&rng, cfg.family, level);
            w[i] = 0.2 + kedge_rng_uniform(&rng);
        }
        double b[MAX_FEATURES + 1];
        kedge_rows rows = kedge_rows_float64(x, n, p);
        kedge_model m = gsl_model(&cfg.base);
        kedge_status st = gsl_fit(&m, &rows, y, w);
        if (cfg.link != KEDGE_LINK_IDENTITY || st == KEDGE_OK) { /* that one's best mean may be on the border of what it can be */
            assert_int_equal(st, KEDGE_OK);
            assert_int_equal(kedge_gsl_coefficients(&m, b + 1, p, b), KEDGE_OK);
            assert_true(worst_equation(&cfg, b, x, y, w, n) < 1e-8);
        }
        guard_free(m.state);
    }
}

/* A row of weight 3 is three rows; scaling all weights scales the deviances and nothing else. */
static void test_weights(void **unused)
{
    double x[N * P], w[N], again[6 * N * P], y_again[6 * N], y[N], ones[N];
    size_t n = 0;
    (void)unused;
    table(x, w);
    targets(goldens + 3, y);
    for (int i = 0; i < N; i++)
        for (int k = 0; k < (int)w[i]; k++, n++) {
            memcpy(again + P * n, x + P * i, P * sizeof *x);
            y_again[n] = y[i];
        }
    for (int i = 0; i < N; i++)
        ones[i] = 1e-3 * w[i];
    kedge_rows rows = kedge_rows_float64(x, N, P), more = kedge_rows_float64(again, n, P);
    kedge_gsl_glm_config cfg = config_of(P, KEDGE_GLM_POISSON, KEDGE_LINK_LOG);
    kedge_model a = gsl_model(&cfg.base), b = gsl_model(&cfg.base), c = gsl_model(&cfg.base);
    assert_int_equal(gsl_fit(&a, &rows, y, w), KEDGE_OK);
    assert_int_equal(gsl_fit(&b, &more, y_again, NULL), KEDGE_OK);
    assert_int_equal(gsl_fit(&c, &rows, y, ones), KEDGE_OK);
    kedge_gsl_coefficient of_a[3], of_b[3], of_c[3];
    assert_int_equal(kedge_gsl_report(&a, 0.9, NULL, of_a, 3), KEDGE_OK);
    assert_int_equal(kedge_gsl_report(&b, 0.9, NULL, of_b, 3), KEDGE_OK);
    assert_int_equal(kedge_gsl_report(&c, 0.9, NULL, of_c, 3), KEDGE_OK);
    for (int j = 0; j < 3; j++) {
        assert_ratio(of_a[j].value, of_b[j].value, 1e-10);
        assert_ratio(of_a[j].standard_error, of_b[j].standard_error, 1e-10);
        assert_ratio(of_c[j].value, of_a[j].value, 1e-10);
        assert_ratio(of_c[j].standard_error, of_a[j].standard_error * sqrt(1e3), 1e-10);
    }
    assert_ratio(summary_of(&a).deviance, summary_of(&b).deviance, 1e-12);
    assert_ratio(summary_of(&c).null_deviance, summary_of(&a).null_deviance * 1e-3, 1e-12);
    guard_free(a.state);
    guard_free(b.state);
    guard_free(c.state);
}

static void test_as_logistic_regression(void **unused)
{
    double x[N * P], w[N], of_glm[P], of_logistic[P], a, b;
    (void)unused;
    table(x, w);
    kedge_rows rows = kedge_rows_float64(x, N, P);
    for (int k = 0; k < 2; k++) {
        kedge_gsl_glm_config cfg = kedge_gsl_glm_defaults(P, KEDGE_GLM_BINOMIAL);
        kedge_gsl_logistic_config same = kedge_gsl_logistic_defaults(P);
        cfg.l2 = same.l2 = k;
        kedge_model m = gsl_model(&cfg.base), l = gsl_model(&same.base);
        assert_int_equal(gsl_fit(&m, &rows, classes, w), KEDGE_OK);
        assert_int_equal(gsl_fit(&l, &rows, classes, w), KEDGE_OK);
        assert_int_equal(kedge_gsl_coefficients(&m, of_glm, P, &a), KEDGE_OK);
        assert_int_equal(kedge_gsl_coefficients(&l, of_logistic, P, &b), KEDGE_OK);
        assert_close(a, b, 1e-12);
        assert_close(of_glm[0], of_logistic[0], 1e-12);
        assert_close(of_glm[1], of_logistic[1], 1e-12);
        assert_ratio(summary_of(&m).deviance, gsl_summary(&l).deviance, 1e-12);
        guard_free(m.state);
        guard_free(l.state);
    }
}

/* Long tables begin on a part of their rows: the same answer, also where that part says nothing. */
static void test_long_tables(void **unused)
{
    enum { ROWS = 40000 };
    static double x[ROWS * 2], y[ROWS];
    kedge_rng rng = {11};
    (void)unused;
    for (int kind = 0; kind < 3; kind++) {
        for (int i = 0; i < ROWS; i++) {
            x[2 * i] = kedge_rng_normal(&rng);
            x[2 * i + 1] = kind == 1 ? i % 16 != 0 : kedge_rng_normal(&rng); /* 1: constant in every 16th row */
            y[i] = kedge_rng_uniform(&rng) < 1 / (1 + exp(-0.5 * x[2 * i] - x[2 * i + 1]));
            if (kind == 2 && i % 16 == 0)
                y[i] = 0; /* one class only there */
        }
        kedge_rows rows = kedge_rows_float64(x, ROWS, 2);
        kedge_gsl_glm_config cfg = config_of(2, KEDGE_GLM_BINOMIAL, KEDGE_LINK_LOGIT);
        kedge_model m = gsl_model(&cfg.base);
        double b[3];
        assert_int_equal(gsl_fit(&m, &rows, y, NULL), KEDGE_OK);
        assert_int_equal(kedge_gsl_coefficients(&m, b + 1, 2, b), KEDGE_OK);
        long double sum[3] = {0, 0, 0};
        for (int i = 0; i < ROWS; i++) {
            long double off = 1 / (1 + expl(-(b[0] + (long double)b[1] * x[2 * i] + (long double)b[2] * x[2 * i + 1]))) - y[i];
            sum[0] += off;
            sum[1] += off * x[2 * i];
            sum[2] += off * x[2 * i + 1];
        }
        assert_true(fabsl(sum[0]) < 1e-7 && fabsl(sum[1]) < 1e-7 && fabsl(sum[2]) < 1e-7);
        guard_free(m.state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden_numbers),
        cmocka_unit_test(test_offset),
        cmocka_unit_test(test_intervals_of_means),
        cmocka_unit_test(test_equations_hold),
        cmocka_unit_test(test_weights),
        cmocka_unit_test(test_as_logistic_regression),
        cmocka_unit_test(test_long_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
