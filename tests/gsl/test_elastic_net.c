/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The elastic net: a case by hand, the conditions that a minimum fulfils, computed from rows; scikit-learn's numbers; paths; folds
 * against a naive reference; units; data that say little; configurations and refusals. */
#include "elastic_rows.h"

#include "kedge/select.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_minimum),
        cmocka_unit_test(test_golden),
        cmocka_unit_test(test_golden_choice),
        cmocka_unit_test(test_path),
        cmocka_unit_test(test_folds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
