/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Generalised linear models: numbers of statsmodels for every family and link, the estimating equations at random fits, offsets,
 * weights, data without an answer, hostile scales, errors, and a state's life. */
#include "gsl_support.h"

#include <fenv.h>
#include <float.h>

enum { N = 16, P = 2, MAX_ROWS = 400, MAX_FEATURES = 4 };

typedef struct golden {
    uint32_t family, link;
    double value[3], error[3];
    double deviance, null_deviance, pearson, dispersion;
} golden;

/* statsmodels 0.15, GLM(y, add_constant(X), family, var_weights=w).fit(tol=1e-15, tol_criterion='params') on the table of table(). */
static const golden goldens[] = {
    {KEDGE_GLM_BINOMIAL,
     KEDGE_LINK_LOGIT,
     {-0.0293129741669815, 0.675031428984144, 0.414293698242244},
     {0.403749192466999, 0.366476505814336, 0.675717900149919},
     38.653232314923,
     42.6843477509405,
     30.5589901354841,
     1},
    {KEDGE_GLM_BINOMIAL,
     KEDGE_LINK_PROBIT,
     {-0.027472456616339, 0.425185189390456, 0.241150550980908},
     {0.247732833842918, 0.219018097459309, 0.410127637162173},
     38.6098710779913,
     42.6843477509405,
     30.5595409401396,
     1},
    {KEDGE_GLM_BINOMIAL,
     KEDGE_LINK_CLOGLOG,
     {-0.714821412954312, 0.740506809634505, -0.0481462133107771},
     {0.351749699734253, 0.275757619417755, 0.482517220754722},
     3.95027401550394,
     12.3517682969478,
     3.52815855431284,
     1},
    {KEDGE_GLM_POISSON,
     KEDGE_LINK_LOG,
     {0.758720310704648, 0.770609889536786, -0.307788605405415},
     {0.148131370860653, 0.0961575207834455, 0.159751755552768},
     10.8666669944336,
     98.5269007498619,
     7.6354193184902,
     1},
    {KEDGE_GLM_POISSON,
     KEDGE_LINK_IDENTITY,
     {11.1265561627878, 2.72252379042791, -1.25515819697227},
     {0.609003386446465, 0.552359511829881, 1.03487392015949},
     3.39813130867843,
     30.926204022656,
     3.34592502827407,
     1},
    {KEDGE_GLM_GAMMA,
     KEDGE_LINK_LOG,
     {0.174172651222526, 0.799083394087681, -0.292259226715654},
     {0.0486699934714264, 0.0412595796829254, 0.0793762809558851},
     0.834997078160697,
     24.2665388644555,
     0.845363480774671,
     0.06502796005959},
    {KEDGE_GLM_GAMMA,
     KEDGE_LINK_INVERSE,
     {0.155845011356956, -0.029764613194592, 0.0113730409782395},
     {0.00277249835522332, 0.00196209786173265, 0.00369271363488603},
     0.0993518360975533,
     2.09499629952012,
     0.100816650041947,
     0.00775512692630365},
};
enum { N_GOLDENS = sizeof goldens / sizeof *goldens };

/* With offset log(1 + i % 3), statsmodels likewise. */
static const golden golden_offset = {KEDGE_GLM_POISSON,
                                     KEDGE_LINK_LOG,
                                     {-0.076201174218149, 0.785850198213245, -0.171464960219549},
                                     {0.150602000066837, 0.101576429834573, 0.157270021445254},
                                     27.6287786756018,
                                     111.967588458406,
                                     30.2961065812537,
                                     1};

static const double classes[N] = {0, 0, 1, 0, 1, 0, 0, 1, 0, 1, 1, 0, 1, 1, 1, 1};
static const double eighths[N] = {1, 0, 3, 2, 1, 4, 2, 3, 5, 4, 3, 6, 5, 7, 8, 6};
static const double counts[N] = {0, 1, 0, 2, 1, 3, 2, 2, 4, 3, 6, 5, 9, 7, 12, 10};
static const double sizes[N] = {.3, .5, .4, .9, .7, 1.2, 1, 2.1, 1.5, 2.2, 3.9, 2.4, 5, 4.1, 6.2, 7.7};

static void table(double *x, double *w)
{
    for (int i = 0; i < N; i++) {
        x[i * P] = i / 4. - 1.5;
        x[i * P + 1] = (i * 7 % 16) / 8. - 1;
        w[i] = i % 3 + 1;
    }
}

static void targets(const golden *g, double *y)
{
    for (int i = 0; i < N; i++) {
        if (g->family == KEDGE_GLM_BINOMIAL)
            y[i] = g->link == KEDGE_LINK_CLOGLOG ? eighths[i] / 8 : classes[i];
        else if (g->family == KEDGE_GLM_POISSON)
            y[i] = counts[i] + (g->link == KEDGE_LINK_IDENTITY ? 8 : 0);
        else
            y[i] = sizes[i] + (g->link == KEDGE_LINK_INVERSE ? 5 : 0);
    }
}

static kedge_gsl_glm_config config_of(uint32_t n_features, uint32_t family, uint32_t link)
{
    kedge_gsl_glm_config cfg = kedge_gsl_glm_defaults(n_features, family);
    cfg.link = link;
    cfg.report = 1;
    return cfg;
}

static kedge_gsl_glm_fit summary_of(const kedge_model *m)
{
    kedge_gsl_glm_fit out;
    assert_int_equal(kedge_gsl_glm_summary(m, &out), KEDGE_OK);
    return out;
}

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

static kedge_status fit_status(uint32_t family, uint32_t link, const double *x, const double *y, size_t n, size_t p)
{
    kedge_gsl_glm_config cfg = config_of((uint32_t)p, family, link);
    kedge_model m = gsl_model(&cfg.base);
    kedge_rows rows = kedge_rows_float64(x, n, p);
    kedge_status st = gsl_fit(&m, &rows, y, NULL);
    guard_free(m.state);
    return st;
}

static void test_no_answer(void **unused)
{
    double x[6] = {0, 1, 2, 3, 4, 5}, zeros[6] = {0}, ones[6] = {1, 1, 1, 1, 1, 1}, apart[6] = {0, 0, 0, 1, 1, 1};
    double negative[6] = {1, 2, -1, 3, 4, 5}, tiny[6] = {1, 2, 1e-200, 3, 4, 5}, large[6] = {0, 1, 0, 1, 0, 1.5};
    (void)unused;
    for (uint32_t link = KEDGE_LINK_LOGIT; link <= KEDGE_LINK_CLOGLOG; link++) {
        assert_int_equal(fit_status(KEDGE_GLM_BINOMIAL, link, x, zeros, 6, 1), KEDGE_ERR_NUMERIC);
        assert_int_equal(fit_status(KEDGE_GLM_BINOMIAL, link, x, ones, 6, 1), KEDGE_ERR_NUMERIC);
        assert_int_equal(fit_status(KEDGE_GLM_BINOMIAL, link, x, apart, 6, 1), KEDGE_ERR_NUMERIC);
        assert_int_equal(fit_status(KEDGE_GLM_BINOMIAL, link, x, large, 6, 1), KEDGE_ERR_RANGE);
        assert_int_equal(fit_status(KEDGE_GLM_BINOMIAL, link, x, negative, 6, 1), KEDGE_ERR_RANGE);
    }
    assert_int_equal(fit_status(KEDGE_GLM_POISSON, KEDGE_LINK_LOG, x, zeros, 6, 1), KEDGE_ERR_NUMERIC);
    assert_int_equal(fit_status(KEDGE_GLM_POISSON, KEDGE_LINK_LOG, x, negative, 6, 1), KEDGE_ERR_RANGE);
    assert_int_equal(fit_status(KEDGE_GLM_POISSON, KEDGE_LINK_LOG, x, tiny, 6, 1), KEDGE_ERR_RANGE);
    assert_int_equal(fit_status(KEDGE_GLM_GAMMA, KEDGE_LINK_LOG, x, zeros, 6, 1), KEDGE_ERR_RANGE);
    assert_int_equal(fit_status(KEDGE_GLM_GAMMA, KEDGE_LINK_INVERSE, x, tiny, 6, 1), KEDGE_ERR_RANGE);
}

/* Targets that one number, or a number for each row, fits exactly. */
static void test_perfect_fits(void **unused)
{
    double x[6] = {0, 1, 2, 3, 4, 5}, same[6] = {2, 2, 2, 2, 2, 2}, halves[6] = {.5, .5, .5, .5, .5, .5},
           powers[6] = {1, 2, 4, 8, 16, 32};
    double two[2] = {3, 5};
    (void)unused;
    for (int k = 0; k < N_GOLDENS; k++) {
        int share = goldens[k].family == KEDGE_GLM_BINOMIAL;
        assert_int_equal(fit_status(goldens[k].family, goldens[k].link, x, share ? halves : same, 6, 1), KEDGE_OK);
        assert_int_equal(fit_status(goldens[k].family, goldens[k].link, x, share ? halves : same, 1, 1), KEDGE_OK);
    }
    assert_int_equal(fit_status(KEDGE_GLM_POISSON, KEDGE_LINK_LOG, x, powers, 6, 1), KEDGE_OK);
    assert_int_equal(fit_status(KEDGE_GLM_GAMMA, KEDGE_LINK_LOG, x, powers, 6, 1), KEDGE_OK);
    assert_int_equal(fit_status(KEDGE_GLM_GAMMA, KEDGE_LINK_LOG, x, two, 2, 1), KEDGE_OK);
    kedge_gsl_glm_config cfg = config_of(1, KEDGE_GLM_GAMMA, KEDGE_LINK_LOG);
    kedge_model m = gsl_model(&cfg.base);
    kedge_rows rows = kedge_rows_float64(x, 2, 1);
    kedge_gsl_coefficient b[2];
    assert_int_equal(gsl_fit(&m, &rows, two, NULL), KEDGE_OK);
    assert_true(summary_of(&m).df == 0 && summary_of(&m).dispersion == 0);
    assert_int_equal(kedge_gsl_report(&m, 0.95, NULL, b, 2), KEDGE_ERR_NUMERIC); /* nothing is left to estimate the dispersion */
    guard_free(m.state);
}

/* Copies, constants and columns of any size: the same means. */
static void test_dependent_columns_and_units(void **unused)
{
    double x[N * P], w[N], y[N], wide[N * 4], at[4];
    (void)unused;
    table(x, w);
    for (int i = 0; i < N; i++) {
        wide[4 * i] = 1e300 * x[P * i];
        wide[4 * i + 1] = 7;
        wide[4 * i + 2] = 1e-300 * x[P * i + 1];
        wide[4 * i + 3] = x[P * i] + x[P * i + 1];
    }
    kedge_rows rows = kedge_rows_float64(x, N, P), more = kedge_rows_float64(wide, N, 4);
    for (int k = 0; k < N_GOLDENS; k++) {
        kedge_gsl_glm_config cfg = config_of(P, goldens[k].family, goldens[k].link),
                             four = config_of(4, goldens[k].family, goldens[k].link);
        kedge_model m = gsl_model(&cfg.base), n = gsl_model(&four.base);
        targets(goldens + k, y);
        assert_int_equal(gsl_fit(&m, &rows, y, w), KEDGE_OK);
        (void)feclearexcept(FE_ALL_EXCEPT);
        assert_int_equal(gsl_fit(&n, &more, y, w), KEDGE_OK);
        assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
        assert_int_equal(summary_of(&n).rank, P);
        assert_ratio(summary_of(&n).deviance, summary_of(&m).deviance, 1e-9);
        for (int i = 0; i < N; i++) {
            memcpy(at, wide + 4 * i, sizeof at);
            assert_ratio(gsl_predict(&n, at), gsl_predict(&m, x + P * i), 1e-7);
        }
        guard_free(m.state);
        guard_free(n.state);
    }
}

static void test_configuration(void **unused)
{
    kedge_gsl_glm_config cfg = kedge_gsl_glm_defaults(3, KEDGE_GLM_GAMMA), bad;
    (void)unused;
    assert_true(cfg.link == KEDGE_LINK_LOG && cfg.l2 == 0 && cfg.tolerance == 1e-10 && cfg.offset == KEDGE_GLM_NO_OFFSET);
    assert_true(cfg.max_iterations == 100 && cfg.report == 0 && kedge_model_size(&cfg.base) > 0);
    assert_int_equal(kedge_gsl_glm_config_init(NULL, sizeof cfg, 3, KEDGE_GLM_GAMMA), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_glm_config_init(&bad, sizeof cfg - 1, 3, KEDGE_GLM_GAMMA), KEDGE_ERR_CONFIG);
    for (uint32_t family = 0; family < 5; family++)
        for (uint32_t link = 0; link < 8; link++) {
            bad = cfg;
            bad.family = family;
            bad.link = link;
            int fits = (family == KEDGE_GLM_BINOMIAL && link >= KEDGE_LINK_LOGIT && link <= KEDGE_LINK_CLOGLOG) ||
                       (family == KEDGE_GLM_POISSON && (link == KEDGE_LINK_LOG || link == KEDGE_LINK_IDENTITY)) ||
                       (family == KEDGE_GLM_GAMMA && (link == KEDGE_LINK_LOG || link == KEDGE_LINK_INVERSE));
            assert_true((kedge_model_size(&bad.base) > 0) == fits);
        }
    bad = cfg, bad.l2 = NAN;
    assert_int_equal(kedge_model_size(&bad.base), 0);
    bad = cfg, bad.l2 = 1, bad.report = 1;
    assert_int_equal(kedge_model_size(&bad.base), 0);
    bad = cfg, bad.tolerance = 0;
    assert_int_equal(kedge_model_size(&bad.base), 0);
    bad = cfg, bad.max_iterations = 0;
    assert_int_equal(kedge_model_size(&bad.base), 0);
    bad = cfg, bad.report = 2;
    assert_int_equal(kedge_model_size(&bad.base), 0);
    bad = cfg, bad.base.n_classes = 2;
    assert_int_equal(kedge_model_size(&bad.base), 0);
    assert_true(kedge_model_fit_work(&cfg.base, 10) == kedge_model_fit_work(&cfg.base, 1u << 30));
}

/* Save, load, reset; what others' functions say of it. */
static void test_life(void **unused)
{
    double x[N * P], w[N], y[N];
    unsigned char snapshot[4096];
    size_t length = 0, bytes = 0;
    (void)unused;
    table(x, w);
    targets(goldens + 5, y);
    kedge_rows rows = kedge_rows_float64(x, N, P);
    kedge_gsl_glm_config cfg = config_of(P, KEDGE_GLM_GAMMA, KEDGE_LINK_LOG);
    kedge_model m = gsl_model(&cfg.base), again;
    size_t state_bytes = kedge_model_size(&cfg.base);
    void *fresh = guard_copy(m.state, state_bytes);
    assert_true(kedge_class_check(&kedge_gsl_glm.base) == KEDGE_OK);
    assert_int_equal(kedge_model_predict(&m, x, y), KEDGE_EMPTY);
    targets(goldens + 5, y);
    assert_int_equal(gsl_fit(&m, &rows, y, w), KEDGE_OK);
    assert_int_equal(kedge_model_save(&m, snapshot, sizeof snapshot, &length), KEDGE_OK);
    assert_int_equal(kedge_model_load_size(&kedge_gsl_glm, snapshot, length, &bytes), KEDGE_OK);
    assert_int_equal(bytes, state_bytes);
    void *mem = guard_new(bytes, 0x5C);
    assert_int_equal(kedge_model_load(&again, &kedge_gsl_glm, mem, bytes, snapshot, length), KEDGE_OK);
    assert_memory_equal(mem, m.state, bytes);
    kedge_gsl_fit_report whole;
    assert_int_equal(kedge_gsl_report(&m, 0.95, &whole, NULL, 0), KEDGE_ERR_UNSUPPORTED); /* F and R2 are of least squares */
    assert_int_equal(kedge_gsl_predict_interval(&m, x, 0.95, &(kedge_gsl_interval){0}), KEDGE_ERR_UNSUPPORTED);
    kedge_gsl_logistic_config other = kedge_gsl_logistic_defaults(P);
    kedge_model l = gsl_model(&other.base);
    assert_int_equal(kedge_gsl_glm_summary(&l, &(kedge_gsl_glm_fit){0}), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_gsl_glm_predict_interval(&l, x, 0.9, &(kedge_gsl_glm_interval){0}), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_gsl_glm_summary(&m, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_model_reset(&m), KEDGE_OK);
    assert_memory_equal(m.state, fresh, state_bytes);
    guard_free(l.state);
    guard_free(mem);
    guard_free(fresh);
    guard_free(m.state);
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
        cmocka_unit_test(test_no_answer),
        cmocka_unit_test(test_perfect_fits),
        cmocka_unit_test(test_dependent_columns_and_units),
        cmocka_unit_test(test_configuration),
        cmocka_unit_test(test_life),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
