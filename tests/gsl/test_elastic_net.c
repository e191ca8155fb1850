/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The elastic net: a case by hand, the conditions that a minimum fulfils, computed from rows; scikit-learn's numbers; paths; folds
 * against a naive reference; units; data that say little; configurations and refusals. */
#include "gsl_support.h"

#include <float.h>
#include <stdlib.h>

#include "kedge/select.h"

enum { MAX_ROWS = 200, MAX_FEATURES = 12 };

typedef struct sample {
    size_t n, p;
    double x[MAX_ROWS * MAX_FEATURES], y[MAX_ROWS], weight[MAX_ROWS];
} sample;

/* Columns of different units that go together, as do those that count and those that do not. */
static void fill_sample(sample *s, size_t n, size_t p, uint64_t seed)
{
    kedge_rng rng = {seed};
    s->n = n;
    s->p = p;
    for (size_t i = 0; i < n; i++) {
        double common = kedge_rng_normal(&rng);
        s->y[i] = 10 + kedge_rng_normal(&rng);
        s->weight[i] = (double)kedge_rng_below(&rng, 3);
        for (size_t j = 0; j < p; j++) {
            double z = kedge_rng_normal(&rng) + (j % 2 ? 3 * common : 0);
            s->x[i * p + j] = z * (1 + (double)j) + 100;
            s->y[i] += j % 3 == 0 ? z * (double)(j + 1) : 0;
        }
    }
}

/* The table that scikit-learn 1.9.1 was given. */
static void fill_golden(sample *s)
{
    s->n = 40;
    s->p = 6;
    for (size_t i = 0; i < s->n; i++) {
        double *x = s->x + i * s->p;
        for (size_t j = 0; j < s->p; j++)
            x[j] = sin(1.3 * (double)((i + 1) * (j + 1))) * (double)(j + 1) + 2 * (double)j;
        x[5] = x[0] + 0.1 * x[5];
        s->y[i] = 2 * x[0] - x[1] + 0.5 * cos(3 * (double)(i + 1));
        s->weight[i] = 1 + (double)((i + 1) % 3);
    }
}

static kedge_rows rows_of(const sample *s)
{
    return kedge_rows_float64(s->x, s->n, s->p);
}

static kedge_gsl_elastic_net_config config_of(const sample *s, double alpha, double l1_ratio)
{
    kedge_gsl_elastic_net_config cfg = kedge_gsl_elastic_net_defaults((uint32_t)s->p);
    cfg.alpha = alpha;
    cfg.l1_ratio = l1_ratio;
    return cfg;
}

static kedge_gsl_elastic_net_fit told(const kedge_model *m)
{
    kedge_gsl_elastic_net_fit fit;
    assert_int_equal(kedge_gsl_elastic_net_summary(m, &fit), KEDGE_OK);
    return fit;
}

/* A fit; its weights and intercept. */
static kedge_gsl_elastic_net_fit fit_to(const sample *s, const kedge_gsl_elastic_net_config *cfg, const double *weight, double *b,
                                        double *intercept)
{
    kedge_rows rows = rows_of(s);
    kedge_model m = gsl_model(&cfg->base);
    assert_int_equal(gsl_fit(&m, &rows, s->y, weight), KEDGE_OK);
    assert_int_equal(kedge_gsl_coefficients(&m, b, s->p, intercept), KEDGE_OK);
    kedge_gsl_elastic_net_fit fit = told(&m);
    assert_close(fit.intercept, *intercept, 1e-13);
    guard_free(m.state);
    return fit;
}

static double row_value(const sample *s, size_t i, const double *b, double intercept)
{
    double sum = intercept;
    for (size_t j = 0; j < s->p; j++)
        sum += b[j] * s->x[i * s->p + j];
    return sum;
}

/* One column of variance v: b = S(covariance, alpha l1_ratio) / (v + alpha (1 - l1_ratio)). */
static void test_by_hand(void **unused)
{
    sample s = {4, 1, {0, 2, 4, 6}, {1, 5, 9, 13}, {0}}; /* variance 5, covariance 10 */
    double b, intercept;
    (void)unused;
    for (int k = 0; k < 5; k++) {
        static const double ratio[5] = {1, 1, 0.5, 0, 1}, alpha[5] = {2.5, 10, 4, 5, 12};
        double expected = fmax(10 - alpha[k] * ratio[k], 0) / (5 + alpha[k] * (1 - ratio[k]));
        kedge_gsl_elastic_net_config cfg = config_of(&s, alpha[k], ratio[k]);
        kedge_gsl_elastic_net_fit fit = fit_to(&s, &cfg, NULL, &b, &intercept);
        assert_close(b, expected, 1e-14);
        assert_close(intercept, 7 - 3 * expected, 1e-14);
        assert_true(fit.n_nonzero == (expected > 0) && fit.n_rows == 4 && fit.converged == 1 && fit.alpha == alpha[k]);
        assert_close(fit.deviance, 4 * 5 * (2 - expected) * (2 - expected), 1e-13);
        assert_close(fit.r2, 1 - (2 - expected) * (2 - expected) / 4, 1e-14);
    }
}

/* What a minimum fulfils (Friedman et al. 2010, eq. 5): the slope of the squares is that of the penalty, or within it where b =
 * 0. */
static void check_optimal(const sample *s, const kedge_gsl_elastic_net_config *cfg, const double *weight, const double *b,
                          double intercept, double tolerance)
{
    long double total = 0, residual = 0, scale = 0;
    for (size_t i = 0; i < s->n; i++) {
        long double w = weight ? weight[i] : 1;
        total += w;
        residual += w * (s->y[i] - (long double)row_value(s, i, b, intercept));
        scale += w * fabs(s->y[i]);
    }
    assert_true(fabsl(residual) <= tolerance * scale); /* the intercept is free */
    for (size_t j = 0; j < s->p; j++) {
        long double slope = 0, mean = 0, squares = 0;
        for (size_t i = 0; i < s->n; i++)
            mean += (weight ? weight[i] : 1) * s->x[i * s->p + j] / total;
        for (size_t i = 0; i < s->n; i++) {
            long double w = weight ? weight[i] : 1, x = s->x[i * s->p + j] - mean;
            slope += w * x * (s->y[i] - (long double)row_value(s, i, b, intercept)) / total;
            squares += w * x * x / total;
        }
        long double sd = cfg->standardise ? sqrtl(squares) : 1, l1 = cfg->alpha * cfg->l1_ratio * sd;
        long double penalty = l1 * (b[j] > 0 ? 1 : -1) + cfg->alpha * (1 - cfg->l1_ratio) * sd * sd * b[j];
        long double noise = tolerance * sqrtl(squares) * scale / total;
        if (b[j] != 0)
            assert_true(fabsl(slope - penalty) <= noise);
        else
            assert_true(fabsl(slope) <= l1 + noise);
    }
}

static void test_minimum(void **unused)
{
    static sample s;
    double b[MAX_FEATURES], intercept;
    size_t n_zero = 0;
    (void)unused;
    for (uint32_t k = 0; k < 120; k++) {
        static const double alphas[5] = {10, 1, 0.1, 0.01, 1e-6}, ratios[4] = {1, 0.7, 0.1, 0};
        fill_sample(&s, 40 + k, 1 + k % MAX_FEATURES, k);
        kedge_gsl_elastic_net_config cfg = config_of(&s, alphas[k % 5], ratios[k / 5 % 4]);
        cfg.standardise = k / 2 % 2;
        const double *weight = k / 4 % 2 ? s.weight : NULL;
        kedge_gsl_elastic_net_fit fit = fit_to(&s, &cfg, weight, b, &intercept);
        check_optimal(&s, &cfg, weight, b, intercept, 1e-12);
        assert_true(fit.gap < 1e-12);
        n_zero += s.p - fit.n_nonzero;
    }
    assert_true(n_zero > 100);
}

/* scikit-learn 1.9.1: ElasticNet(alpha, l1_ratio, tol=1e-16).fit(X, y, sample_weight), Ridge(40 alpha) where the ratio is 0. */
static void test_golden(void **unused)
{
    static const struct {
        double alpha, ratio;
        int weighted;
        double b[6], intercept;
    } golden[] = {
        {0.1, 1, 0, {1.8046049429708322, -0.99544353139615749, 0, 0, 0, 0}, -0.0038955839149790172},
        {0.1, 0.5, 1, {1.4099952205002384, -0.99309553937474915, 0, -0.002561540603028929, 0, 0.2824959551132985},
         -0.26583371288765489},
        {1, 0.2, 0, {0.46828026514275001, -0.67755135100313812, 0, 0, 0, 0.39312786281806322}, -1.0072651479028334},
        {0.01, 0.9, 1, {1.9100958296139936, -1.0414990265907234, 0.0013766371461140354, -0.0045818119101240281,
                        0.0018850659406432855, 0},
         0.10035359449852499},
        {0.5, 0, 0, {0.72718928865246801, -0.83722859815086548, 0.0031034292591894026, -0.011569699606702916,
                     0.0020225108866878841, 0.54013236117742702},
         -0.8086934449476697},
    };
    static sample s;
    double b[6], intercept;
    (void)unused;
    fill_golden(&s);
    for (size_t k = 0; k < sizeof golden / sizeof *golden; k++) {
        kedge_gsl_elastic_net_config cfg = config_of(&s, golden[k].alpha, golden[k].ratio);
        (void)fit_to(&s, &cfg, golden[k].weighted ? s.weight : NULL, b, &intercept);
        for (size_t j = 0; j < 6; j++) {
            assert_close(b[j], golden[k].b[j], 1e-10);
            assert_true((b[j] == 0) == (golden[k].b[j] == 0));
        }
        assert_close(intercept, golden[k].intercept, 1e-10);
    }
}

/* scikit-learn 1.9.1: ElasticNetCV(l1_ratio, cv=5, alphas=100, tol=1e-15).fit(X, y, sample_weight): alpha_, the least of
 * mse_path_'s means, coef_. */
static void test_golden_choice(void **unused)
{
    static const struct {
        double ratio;
        int weighted;
        double alpha, error, b[6], intercept;
    } golden[] = {
        {1, 0, 0.045555038644904691, 0.14812825206064753, {1.9111941542638897, -1.0224533097765749, 0, 0, 0, 0},
         0.046918902772719928},
        {0.5, 0, 0.0059944346950084543, 0.15542969055307224,
         {1.9832888934429955, -1.0419992457300755, 0.00027334447653202252, 0.0017527444078630639, 0.0008205872970339453, 0},
             0.064812959489926492},
        {0.5, 1, 0.0076064282864133177, 0.15427223697372766,
         {1.9096955290217024, -1.0425413982194884, 0.0025169793431357628, -0.0052829135123480461, 0.0023892369669005816, 0},
             0.097567747971209373},
    };
    static sample s;
    double b[6], intercept;
    (void)unused;
    fill_golden(&s);
    for (size_t k = 0; k < sizeof golden / sizeof *golden; k++) {
        kedge_gsl_elastic_net_config cfg = config_of(&s, 7, golden[k].ratio);
        cfg.n_folds = 5;
        kedge_gsl_elastic_net_fit fit = fit_to(&s, &cfg, golden[k].weighted ? s.weight : NULL, b, &intercept);
        assert_close(fit.alpha / golden[k].alpha, 1, 1e-12);
        assert_close(fit.error / golden[k].error, 1, 1e-9);
        assert_true(fit.n_folds == 5 && fit.converged == 1 && fit.error_se > 0);
        for (size_t j = 0; j < 6; j++)
            assert_close(b[j], golden[k].b[j], 1e-10);
        assert_close(intercept, golden[k].intercept, 1e-10);
    }
}

typedef struct path {
    kedge_gsl_elastic_net_fit point[128];
    double b[128 * MAX_FEATURES];
} path;

static kedge_status path_of(const sample *s, const kedge_gsl_elastic_net_config *cfg, const double *weight, const double *alphas,
                            size_t n, path *out)
{
    kedge_rows rows = rows_of(s);
    size_t bytes = kedge_gsl_elastic_net_path_work(cfg, s->n);
    void *work = guard_new(bytes, 0xFF), *points = guard_new(n * sizeof *out->point, 0xA5),
        *b = guard_new(n * s->p * sizeof(double), 0xA5);
    kedge_status st = kedge_gsl_elastic_net_path(cfg, &rows, s->y, weight, alphas, points, n, b, work, bytes);
    memcpy(out->point, points, n * sizeof *out->point);
    memcpy(out->b, b, n * s->p * sizeof(double));
    guard_free(b);
    guard_free(points);
    guard_free(work);
    return st;
}

/* Each point is the fit for its strength; the first has no column, the next has one; the explained share rises. */
static void test_path(void **unused)
{
    static sample s;
    static path p;
    double b[MAX_FEATURES], intercept;
    (void)unused;
    for (uint32_t standardise = 0; standardise < 2; standardise++) {
        fill_sample(&s, 150, 10, 3 + standardise);
        kedge_gsl_elastic_net_config cfg = config_of(&s, 1, 0.8);
        cfg.standardise = standardise;
        assert_int_equal(path_of(&s, &cfg, s.weight, NULL, 60, &p), KEDGE_OK);
        assert_true(p.point[0].n_nonzero == 0 && p.point[0].r2 < 1e-15 && p.point[1].n_nonzero >= 1 && p.point[59].n_nonzero >= 4);
        assert_close(p.point[59].alpha / p.point[0].alpha, cfg.path_ratio, 1e-12);
        for (size_t k = 0; k < 60; k++) {
            cfg.alpha = p.point[k].alpha;
            kedge_gsl_elastic_net_fit fit = fit_to(&s, &cfg, s.weight, b, &intercept);
            for (size_t j = 0; j < s.p; j++)
                assert_close(p.b[k * s.p + j], b[j], 1e-9);
            assert_close(p.point[k].intercept, intercept, 1e-9);
            assert_close(p.point[k].deviance, fit.deviance, 1e-9);
            assert_true(k == 0 || p.point[k].r2 >= p.point[k - 1].r2);
            assert_true(p.point[k].n_folds == 0 && p.point[k].error == 0 && p.point[k].converged == 1);
        }
    }
}

/* The rows of a side of a fold. */
static void take_side(const sample *s, const kedge_split *split, uint32_t i_fold, int32_t side, sample *out)
{
    out->n = 0;
    out->p = s->p;
    for (size_t i = 0; i < s->n; i++)
        if (kedge_split_side(split, i_fold, i) == side) {
            memcpy(out->x + out->n * s->p, s->x + i * s->p, s->p * sizeof(double));
            out->y[out->n] = s->y[i];
            out->weight[out->n++] = s->weight[i];
        }
}

/* Fold after fold from rows: fit the rest, predict, square. */
static void check_errors(const sample *s, const kedge_gsl_elastic_net_config *cfg, const path *p, size_t n)
{
    static sample train, test;
    static path one;
    static uint64_t room[4096];
    static double alphas[128], errors[128][16];
    kedge_split_config how = kedge_split_defaults();
    kedge_gsl_elastic_net_config alone = *cfg;
    kedge_split split;
    how.n_folds = cfg->n_folds;
    how.shuffle = cfg->shuffle;
    how.seed = cfg->seed;
    alone.n_folds = 0;
    assert_int_equal(kedge_split_init(&split, &how, s->n, NULL, 0, room, sizeof room), KEDGE_OK);
    for (size_t k = 0; k < n; k++)
        alphas[k] = p->point[k].alpha;
    for (uint32_t f = 0; f < cfg->n_folds; f++) {
        take_side(s, &split, f, KEDGE_SIDE_TRAIN, &train);
        take_side(s, &split, f, KEDGE_SIDE_TEST, &test);
        assert_int_equal(path_of(&train, &alone, train.weight, alphas, n, &one), KEDGE_OK);
        for (size_t k = 0; k < n; k++) {
            double squares = 0, total = 0;
            for (size_t i = 0; i < test.n; i++) {
                double off = test.y[i] - row_value(&test, i, one.b + k * s->p, one.point[k].intercept);
                squares += test.weight[i] * off * off;
                total += test.weight[i];
            }
            errors[k][f] = squares / total;
        }
    }
    for (size_t k = 0; k < n; k++) {
        double mean = 0, squares = 0, m = cfg->n_folds;
        for (uint32_t f = 0; f < cfg->n_folds; f++)
            mean += errors[k][f] / m;
        for (uint32_t f = 0; f < cfg->n_folds; f++)
            squares += (errors[k][f] - mean) * (errors[k][f] - mean);
        assert_close(p->point[k].error / mean, 1, 1e-9);
        assert_close(p->point[k].error_se / sqrt(squares / (m * (m - 1))), 1, 1e-8);
    }
}

static void test_folds(void **unused)
{
    static sample s;
    static path p;
    double b[MAX_FEATURES], intercept;
    (void)unused;
    for (uint32_t k = 0; k < 8; k++) {
        fill_sample(&s, 90 + k, 9, 40 + k);
        kedge_gsl_elastic_net_config cfg = config_of(&s, 1, k % 3 ? 0.6 : 1);
        cfg.n_folds = 2 + k;
        cfg.n_alphas = 20;
        cfg.shuffle = k / 2 % 2;
        cfg.seed = k;
        cfg.standardise = k / 4;
        assert_int_equal(path_of(&s, &cfg, s.weight, NULL, 20, &p), KEDGE_OK);
        check_errors(&s, &cfg, &p, 20);
        size_t best = 0, first = 0;
        for (size_t i = 0; i < 20; i++)
            best = p.point[i].error < p.point[best].error ? i : best;
        while (p.point[first].error > p.point[best].error + p.point[best].error_se)
            first++;
        kedge_gsl_elastic_net_fit fit = fit_to(&s, &cfg, s.weight, b, &intercept);
        assert_true(fit.alpha == p.point[best].alpha && fit.error == p.point[best].error && fit.n_folds == cfg.n_folds);
        for (size_t j = 0; j < s.p; j++)
            assert_close(b[j], p.b[best * s.p + j], 1e-12);
        cfg.one_error = 1;
        fit = fit_to(&s, &cfg, s.weight, b, &intercept);
        assert_true(fit.alpha == p.point[first].alpha && first <= best);
    }
}

/* Standardised, units do not count. As it is, a column in a unit a millionth as large has a weight that the penalty hardly
 * reaches. */
static void test_units(void **unused)
{
    static sample s, t;
    static const double unit[4] = {1e300, 1e-300, 1e-5, 1};
    double b[4], c[4], intercept, other;
    (void)unused;
    fill_sample(&s, 100, 4, 11);
    t = s;
    for (size_t i = 0; i < s.n; i++)
        for (size_t j = 0; j < 4; j++)
            t.x[i * 4 + j] *= unit[j] / 1000;
    kedge_gsl_elastic_net_config cfg = config_of(&s, 0.5, 0.5);
    cfg.standardise = 1;
    kedge_rows rows = rows_of(&t);
    (void)fit_to(&s, &cfg, NULL, b, &intercept);
    kedge_model m = gsl_model(&cfg.base);
    assert_int_equal(gsl_fit(&m, &rows, t.y, NULL), KEDGE_OK);
    for (size_t i = 0; i < s.n; i++)
        assert_close(gsl_predict(&m, t.x + i * 4), row_value(&s, i, b, intercept), 1e-11);
    guard_free(m.state);
    cfg.standardise = 0;
    m = gsl_model(&cfg.base);
    assert_int_equal(gsl_fit(&m, &rows, t.y, NULL), KEDGE_OK);
    assert_int_equal(kedge_gsl_coefficients(&m, c, 4, &other), KEDGE_OK);
    assert_true(c[0] != 0 && c[1] == 0 && c[2] == 0); /* cheap, and beyond all means */
    guard_free(m.state);
    for (size_t i = 0; i < s.n; i++)
        t.y[i] = s.y[i] * 0x1p300; /* target and strength together; the ridge part has no unit of the target */
    cfg = config_of(&t, 0.5 * 0x1p300, 1);
    memcpy(t.x, s.x, sizeof s.x);
    (void)fit_to(&t, &cfg, NULL, c, &other);
    cfg.alpha = 0.5;
    (void)fit_to(&s, &cfg, NULL, b, &intercept);
    for (size_t j = 0; j < 4; j++)
        assert_true(c[j] == b[j] * 0x1p300);
}

/* What says nothing gets no weight; what has no answer changes nothing. */
static void test_little(void **unused)
{
    static sample s;
    double b[MAX_FEATURES], intercept, zero[MAX_ROWS] = {0}, only[MAX_ROWS] = {0};
    (void)unused;
    fill_sample(&s, 60, 4, 5);
    kedge_rows rows = rows_of(&s);
    kedge_gsl_elastic_net_config cfg = config_of(&s, 0.1, 0.5);
    for (size_t i = 0; i < s.n; i++) {
        s.x[i * 4 + 1] = 3;               /* constant */
        s.x[i * 4 + 2] = s.x[i * 4 + 3]; /* a copy: both get the same weight */
    }
    kedge_gsl_elastic_net_fit fit = fit_to(&s, &cfg, NULL, b, &intercept);
    assert_true(b[1] == 0 && b[2] != 0 && fit.converged == 1);
    assert_close(b[2], b[3], 1e-9);
    cfg.l1_ratio = 1;
    assert_true(fit_to(&s, &cfg, NULL, b, &intercept).converged == 1); /* the lasso does not say which of the two */
    cfg = config_of(&s, 0, 1);
    fit = fit_to(&s, &cfg, NULL, b, &intercept);
    assert_true(fit.converged == 1);
    check_optimal(&s, &cfg, NULL, b, intercept, 1e-12); /* least squares */
    kedge_model m = gsl_model(&cfg.base);
    assert_int_equal(kedge_gsl_elastic_net_summary(&m, &fit), KEDGE_EMPTY);
    assert_int_equal(kedge_model_predict(&m, s.x, &intercept), KEDGE_EMPTY);
    assert_true(intercept == 0 && fit.n_rows == 0);
    assert_int_equal(gsl_fit(&m, &rows, s.y, zero), KEDGE_ERR_NUMERIC);
    guard_free(m.state);
    cfg.n_folds = 3;
    cfg.n_alphas = 5;
    m = gsl_model(&cfg.base);
    assert_int_equal(gsl_fit(&m, &rows, s.y, zero), KEDGE_ERR_NUMERIC);
    only[0] = only[1] = 1;
    assert_int_equal(gsl_fit(&m, &rows, s.y, only), KEDGE_ERR_NUMERIC); /* all in the first fold */
    only[30] = 1;
    assert_int_equal(gsl_fit(&m, &rows, s.y, only), KEDGE_OK);
    assert_true(told(&m).n_folds == 2);
    rows.n_rows = 2;
    assert_int_equal(gsl_fit(&m, &rows, s.y, NULL), KEDGE_ERR_NUMERIC); /* fewer rows than folds */
    rows.n_rows = s.n;
    for (size_t i = 0; i < s.n; i++)
        s.y[i] = 0.1;
    assert_int_equal(gsl_fit(&m, &rows, s.y, NULL), KEDGE_OK); /* a constant target */
    assert_true(told(&m).n_nonzero == 0 && told(&m).r2 == 0 && told(&m).alpha == 1e-15);
    assert_close(gsl_predict(&m, s.x), 0.1, 1e-15);
    guard_free(m.state);
}

/* Too few sweeps: fitted, and said so; more of them bring the gap down. */
static void test_slow(void **unused)
{
    static sample s;
    static path p;
    (void)unused;
    fill_sample(&s, 120, 12, 8);
    kedge_rows rows = rows_of(&s);
    static const uint32_t sweeps[2] = {1, 50};
    double gaps[2];
    for (int k = 0; k < 2; k++) {
        kedge_gsl_elastic_net_config cfg = config_of(&s, 1e-3, 0.9);
        cfg.max_iterations = sweeps[k];
        kedge_model m = gsl_model(&cfg.base);
        assert_int_equal(gsl_fit(&m, &rows, s.y, NULL), k == 0 ? KEDGE_WARNING : KEDGE_OK);
        assert_true(told(&m).converged == (uint32_t)k && told(&m).iterations <= sweeps[k]);
        gaps[k] = told(&m).gap;
        guard_free(m.state);
        assert_int_equal(path_of(&s, &cfg, NULL, NULL, 5, &p), k == 0 ? KEDGE_WARNING : KEDGE_OK);
    }
    assert_true(gaps[0] > 1e-6 && gaps[1] < 1e-12);
    kedge_gsl_elastic_net_config loose = config_of(&s, 1e-3, 0.9);
    loose.tolerance = 1e-3;
    kedge_model m = gsl_model(&loose.base);
    assert_int_equal(gsl_fit(&m, &rows, s.y, NULL), KEDGE_OK);
    assert_true(told(&m).gap <= 1e-3);
    guard_free(m.state);
}

static void test_configuration(void **unused)
{
    kedge_gsl_elastic_net_config cfg = kedge_gsl_elastic_net_defaults(3), bad;
    (void)unused;
    assert_true(cfg.alpha == 1 && cfg.l1_ratio == 0.5 && cfg.tolerance == 1e-15 && cfg.path_ratio == 1e-3 &&
                cfg.max_iterations == 1000 &&
                cfg.n_alphas == 100 && cfg.seed == 1 && cfg.n_folds == 0 && cfg.shuffle == 0 && cfg.standardise == 0 &&
                    cfg.one_error == 0);
    assert_int_equal(kedge_gsl_elastic_net_config_init(NULL, sizeof cfg, 3), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_elastic_net_config_init(&bad, sizeof cfg + 1, 3), KEDGE_ERR_CONFIG);
    cfg.n_folds = 4;
    assert_true(kedge_model_fit_work(&cfg.base, 4) == kedge_model_fit_work(&cfg.base, 1u << 30));
    cfg.shuffle = 1;
    assert_true(kedge_model_fit_work(&cfg.base, 1u << 30) > 4ull << 30);
    assert_int_equal(kedge_model_fit_work(&cfg.base, (size_t)1 << 33), 0); /* folds have numbers of 32 bits */
    bad = kedge_gsl_elastic_net_defaults(KEDGE_FEATURES_MAX);
    bad.n_folds = 1000;
    assert_true(kedge_model_size(&bad.base) > 0 && kedge_model_fit_work(&bad.base, 5000) > 0);
}

static void test_refusals(void **unused)
{
    static sample s;
    static uint64_t work[65536];
    kedge_gsl_elastic_net_fit p[3];
    double alphas[3] = {3, 2, 1}, b[12];
    (void)unused;
    fill_sample(&s, 20, 4, 1);
    kedge_rows rows = rows_of(&s), none = rows, wide = kedge_rows_float64(s.x, 10, 8);
    kedge_gsl_elastic_net_config cfg = config_of(&s, 1, 1), bad = cfg;
    kedge_gsl_least_squares_config squares = kedge_gsl_least_squares_defaults(4);
    kedge_model m = gsl_model(&squares.base);
    size_t bytes = kedge_gsl_elastic_net_path_work(&cfg, s.n);
    none.n_rows = 0;
    bad.l1_ratio = 2;
    assert_true(bytes > 0 && bytes < sizeof work - 8 && kedge_gsl_elastic_net_path_work(&bad, 20) == 0 &&
                kedge_gsl_elastic_net_path_work(NULL, 20) == 0);
    assert_int_equal(kedge_gsl_elastic_net_path(&cfg, &rows, s.y, NULL, alphas, p, 3, b, work, bytes), KEDGE_OK);
    assert_int_equal(kedge_gsl_elastic_net_path(&cfg, &rows, s.y, NULL, alphas, p, 3, NULL, work, bytes), KEDGE_OK);
    assert_int_equal(kedge_gsl_elastic_net_path(NULL, &rows, s.y, NULL, alphas, p, 3, b, work, bytes), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_elastic_net_path(&cfg, NULL, s.y, NULL, alphas, p, 3, b, work, bytes), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_elastic_net_path(&cfg, &rows, NULL, NULL, alphas, p, 3, b, work, bytes), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_elastic_net_path(&cfg, &rows, s.y, NULL, alphas, NULL, 3, b, work, bytes), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_elastic_net_path(&cfg, &rows, s.y, NULL, alphas, p, 3, b, NULL, bytes), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_elastic_net_path(&bad, &rows, s.y, NULL, alphas, p, 3, b, work, bytes), KEDGE_ERR_CONFIG);
    assert_int_equal(kedge_gsl_elastic_net_path(&cfg, &wide, s.y, NULL, alphas, p, 3, b, work, bytes), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_gsl_elastic_net_path(&cfg, &none, s.y, NULL, alphas, p, 3, b, work, bytes), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_gsl_elastic_net_path(&cfg, &rows, s.y, NULL, alphas, p, 0, b, work, bytes), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_gsl_elastic_net_path(&cfg, &rows, s.y, NULL, alphas, p, 3, b, work, bytes - 1), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_gsl_elastic_net_path(&cfg, &rows, s.y, NULL, alphas, p, 3, b, (char *)work + 4, bytes), KEDGE_ERR_ALIGN);
    alphas[1] = -1;
    assert_int_equal(kedge_gsl_elastic_net_path(&cfg, &rows, s.y, NULL, alphas, p, 3, b, work, bytes), KEDGE_ERR_RANGE);
    alphas[1] = (double)NAN;
    assert_int_equal(kedge_gsl_elastic_net_path(&cfg, &rows, s.y, NULL, alphas, p, 3, b, work, bytes), KEDGE_ERR_NOT_FINITE);
    s.weight[3] = -1;
    assert_int_equal(kedge_gsl_elastic_net_path(&cfg, &rows, s.y, s.weight, NULL, p, 3, b, work, bytes), KEDGE_ERR_RANGE);
    s.x[5] = (double)INFINITY;
    assert_int_equal(kedge_gsl_elastic_net_path(&cfg, &rows, s.y, NULL, NULL, p, 3, b, work, bytes), KEDGE_ERR_NOT_FINITE);
    assert_int_equal(kedge_gsl_elastic_net_summary(&m, p), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_gsl_elastic_net_summary(NULL, p), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_elastic_net_summary(&m, NULL), KEDGE_ERR_NULL);
    guard_free(m.state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand), cmocka_unit_test(test_minimum), cmocka_unit_test(test_golden),
            cmocka_unit_test(test_golden_choice),
        cmocka_unit_test(test_path),    cmocka_unit_test(test_folds),   cmocka_unit_test(test_units),
            cmocka_unit_test(test_little),
        cmocka_unit_test(test_slow),    cmocka_unit_test(test_configuration), cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
