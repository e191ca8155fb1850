/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ridge regression: numbers of scikit-learn, a naive reference that leaves out one row after the other, penalties near and at 0,
 * dependent columns, hostile scales, degenerate tables, errors, and a state's life. */
#include "ridge_rows.h"

/* scikit-learn -------------------------------------------------------------------------------------------------------------- */

typedef struct golden {
    double alpha;
    int weighted, standardised;
    double b[P + 1];
} golden;

/* scikit-learn 1.9.1, Ridge(alpha, solver='svd').fit(x, y, sample_weight=w) on the table of table(); standardised: of (x - mean) /
 * deviation, both weighted, and brought back. */
static const golden goldens[] = {
    {0.1, 0, 0, {-8.09306677540279, 1.37588636670821, -0.799739820642338, 0.091733720220316}},
    {0.1, 1, 0, {-5.92518583349709, 1.34768222571232, -0.739234548391159, 0.0711044503340158}},
    {1, 0, 0, {-20.9118599084742, 0.855679436459017, -0.736774025523049, 0.210753661652177}},
    {1, 1, 0, {-16.7392403918852, 0.934750560132864, -0.718716211808802, 0.171531544963652}},
    {10, 0, 0, {-34.0102610638259, 0.257413178738253, -0.320550929601388, 0.33279951258239}},
    {10, 1, 0, {-32.6589716068468, 0.308957204914042, -0.433357653739989, 0.319541874519561}},
    {1, 0, 1, {-15.2187248320375, 1.04741235300588, -0.790932692348114, 0.158013823144124}},
    {1, 1, 1, {-13.0877650318459, 1.05637983779049, -0.75186791631597, 0.137675026068419}},
};

static void test_golden_numbers(void **unused)
{
    double x[N * P], w[N], b[P + 1];
    (void)unused;
    table(x, w);
    kedge_rows rows = kedge_rows_float64(x, N, P);
    for (size_t k = 0; k < 2 * sizeof goldens / sizeof *goldens; k++) {
        const golden *g = goldens + k / 2;
        kedge_gsl_ridge_config cfg = config_of(P, g->alpha, 1, 1);
        cfg.standardise = (uint32_t)g->standardised;
        cfg.method = k % 2 ? KEDGE_GSL_METHOD_NORMAL : KEDGE_GSL_METHOD_QR;
        kedge_model m = gsl_model(&cfg.base);
        assert_int_equal(gsl_fit(&m, &rows, sizes, g->weighted ? w : NULL), KEDGE_OK);
        coefficients_of(&m, b, P);
        for (int j = 0; j <= P; j++)
            assert_ratio(b[j], g->b[j], 1e-11);
        guard_free(m.state);
    }
}

/* RidgeCV(alphas=np.geomspace(1e-3, 1e3, 7), store_cv_results=True, gcv_mode='svd'): the chosen alpha, and the sum of cv_results_
 * over that of the weights. */
static void test_golden_path(void **unused)
{
    static const double loo[2][7] = {
        {1.08428651734426, 1.08352650527416, 1.07839793956426, 1.10038874655816, 1.328182424875, 1.66297585385346, 3.6362511909496},
        {1.11332454531889, 1.11240115774594, 1.10421415877976, 1.0718089611529, 1.1308328564811, 1.38076137315601,
         2.74680671929308}};
    static const uint32_t chosen[2] = {2, 3};
    double x[N * P], w[N], b[P + 1], all[7 * (P + 1)];
    kedge_gsl_ridge_point path[7];
    (void)unused;
    table(x, w);
    kedge_rows rows = kedge_rows_float64(x, N, P);
    for (int k = 0; k < 2; k++) {
        kedge_gsl_ridge_config cfg = config_of(P, 1e-3, 1e3, 7);
        kedge_model m = gsl_model(&cfg.base);
        assert_int_equal(gsl_fit(&m, &rows, sizes, k ? w : NULL), KEDGE_OK);
        assert_int_equal(kedge_gsl_ridge_path(&m, path, 7, all, 7 * (P + 1)), KEDGE_OK);
        for (int i = 0; i < 7; i++) {
            assert_ratio(path[i].l2, pow(10, i - 3), 1e-14);
            assert_ratio(path[i].loo, loo[k][i], 1e-11);
        }
        kedge_gsl_ridge_fit fit = summary_of(&m);
        assert_int_equal(fit.chosen, chosen[k]);
        coefficients_of(&m, b, P);
        for (int j = 0; j <= P; j++) {
            assert_ratio(b[j], goldens[k == 0 ? 0 : 3].b[j], 1e-11);
            assert_true(all[fit.chosen * (P + 1) + (uint32_t)j] == b[j]);
        }
        assert_true(fit.l2 == path[fit.chosen].l2 && fit.loo == path[fit.chosen].loo && fit.gcv == path[fit.chosen].gcv);
        assert_true(fit.df == path[fit.chosen].df && fit.deviance == gsl_summary(&m).deviance);
        assert_true(fit.n_rows == N && fit.rank == P && fit.n_l2 == 7);
        guard_free(m.state);
    }
}

/* A list of penalties in no ratio, 0 among them: each is worth what it is alone. */
static void test_list(void **unused)
{
    static const double list[5] = {0, 0.1, 1, 1, 10};
    double x[N * P], w[N], all[5 * (P + 1)], b[P + 1];
    kedge_gsl_ridge_point path[5];
    (void)unused;
    table(x, w);
    kedge_rows rows = kedge_rows_float64(x, N, P);
    kedge_gsl_ridge_config cfg = config_of(P, NAN, -1, 5); /* which do not count */
    double own[5];
    memcpy(own, list, sizeof own);
    cfg.penalties = own;
    kedge_model m = gsl_model(&cfg.base);
    memset(own, 0xFF, sizeof own); /* read when the model was made */
    assert_int_equal(kedge_model_reset(&m), KEDGE_OK);
    assert_int_equal(gsl_fit(&m, &rows, sizes, w), KEDGE_OK);
    assert_int_equal(kedge_gsl_ridge_path(&m, path, 5, all, 5 * (P + 1)), KEDGE_OK);
    for (int k = 0; k < 5; k++) {
        kedge_gsl_ridge_config alone = config_of(P, list[k], 1, 1);
        kedge_model one = gsl_model(&alone.base);
        assert_int_equal(gsl_fit(&one, &rows, sizes, w), KEDGE_OK);
        kedge_gsl_ridge_fit fit = summary_of(&one);
        coefficients_of(&one, b, P);
        assert_true(path[k].l2 == list[k] && path[k].loo == fit.loo && path[k].gcv == fit.gcv && path[k].df == fit.df &&
                    path[k].deviance == fit.deviance);
        assert_memory_equal(all + k * (P + 1), b, sizeof b);
        guard_free(one.state);
    }
    kedge_gsl_ridge_fit fit = summary_of(&m);
    assert_int_equal(fit.n_l2, 5);
    for (int k = 0; k < 5; k++)
        assert_true(fit.loo <= path[k].loo);
    assert_true(fit.chosen != 2); /* of equals the greatest penalty, the last */
    guard_free(m.state);
}

static long double naive_residual(const naive *t, const long double *b, size_t i)
{
    long double e = t->y[i] - b[0];
    for (size_t j = 0; j < t->p; j++)
        e -= b[j + 1] * t->x[i * t->p + j];
    return e;
}

/* Leverage of a row: what its prediction gets of a change of its target. */
static long double naive_leverage(const naive *t, double l2, size_t i)
{
    long double a[MAX_P + 1][MAX_P + 1], b[MAX_P + 1], h;
    naive_equations(t, l2, t->n, a, b);
    b[0] = t->w[i];
    for (size_t j = 0; j < t->p; j++)
        b[j + 1] = t->w[i] * (long double)t->x[i * t->p + j];
    solve(a, b, t->p + 1);
    h = b[0];
    for (size_t j = 0; j < t->p; j++)
        h += b[j + 1] * t->x[i * t->p + j];
    return h;
}

static kedge_gsl_ridge_point naive_point(const naive *t, double l2)
{
    long double b[MAX_P + 1], loo = 0, df = 0, deviance = 0, total = 0, n_used = 0;
    kedge_gsl_ridge_point p;
    for (size_t i = 0; i < t->n; i++) {
        if (t->w[i] == 0)
            continue;
        naive_fit(t, l2, i, b);
        loo += t->w[i] * naive_residual(t, b, i) * naive_residual(t, b, i);
        naive_fit(t, l2, t->n, b);
        deviance += t->w[i] * naive_residual(t, b, i) * naive_residual(t, b, i);
        df += naive_leverage(t, l2, i);
        total += t->w[i];
        n_used++;
    }
    p.l2 = l2;
    p.loo = (double)(loo / total);
    p.df = (double)df;
    p.deviance = (double)deviance;
    p.gcv = (double)(deviance / total / ((1 - df / n_used) * (1 - df / n_used)));
    return p;
}

/* Everything about every penalty, and of the coefficients, for tables of all shapes. */
static void test_against_naive(void **unused)
{
    static naive t;
    kedge_rng rng = {3};
    (void)unused;
    for (uint32_t round = 0; round < 60; round++) {
        kedge_gsl_ridge_point path[MAX_K];
        double all[MAX_K * (MAX_P + 1)], y;
        long double b[MAX_P + 1];
        fill_naive(&t, &rng, round % 2, round / 2 % 2);
        kedge_gsl_ridge_config cfg = config_of((uint32_t)t.p, 1e-4, 1e4, 2 + round % (MAX_K - 1));
        cfg.standardise = round / 2 % 2;
        cfg.method = round / 4 % 2 ? KEDGE_GSL_METHOD_NORMAL : KEDGE_GSL_METHOD_QR;
        cfg.choice = round / 8 % 2 ? KEDGE_RIDGE_LOO : KEDGE_RIDGE_GCV;
        kedge_model m = gsl_model(&cfg.base);
        kedge_rows rows = kedge_rows_float64(t.x, t.n, t.p);
        assert_int_equal(gsl_fit(&m, &rows, t.y, t.w), KEDGE_OK);
        assert_int_equal(kedge_gsl_ridge_path(&m, path, cfg.n_l2, all, cfg.n_l2 * (t.p + 1)), KEDGE_OK);
        uint32_t chosen = summary_of(&m).chosen;
        for (uint32_t k = 0; k < cfg.n_l2; k++) {
            kedge_gsl_ridge_point p = naive_point(&t, path[k].l2);
            naive_fit(&t, path[k].l2, t.n, b);
            for (size_t j = 0; j <= t.p; j++)
                assert_true(fabsl(all[k * (t.p + 1) + j] - b[j]) < 1e-9L * (1 + fabsl(b[j])));
            assert_ratio(path[k].df, p.df, 1e-10);
            assert_ratio(path[k].deviance, p.deviance, 1e-10);
            assert_ratio(path[k].gcv, p.gcv, 1e-10);
            if (cfg.choice == KEDGE_RIDGE_LOO)
                assert_ratio(path[k].loo, p.loo, 1e-10);
            else
                assert_true(path[k].loo == 0);
            assert_true(cfg.choice == KEDGE_RIDGE_LOO ? path[chosen].loo <= path[k].loo : path[chosen].gcv <= path[k].gcv);
        }
        naive_fit(&t, path[chosen].l2, t.n, b);
        y = gsl_predict(&m, t.x);
        assert_true(fabsl(t.y[0] - y - naive_residual(&t, b, 0)) < 1e-9L * (1 + fabsl(y)));
        guard_free(m.state);
    }
}

/* Penalties at and near 0 --------------------------------------------------------------------------------------------------- */

/* Without a penalty it is least squares, and a greater penalty never explains more nor bends more. */
static void test_limits(void **unused)
{
    enum { K = 40 };
    static naive t;
    kedge_rng rng = {8};
    kedge_gsl_ridge_point path[K];
    double a[MAX_P + 1], b[MAX_P + 1];
    (void)unused;
    for (int round = 0; round < 20; round++) {
        fill_naive(&t, &rng, round % 2, 0);
        kedge_rows rows = kedge_rows_float64(t.x, t.n, t.p);
        kedge_gsl_ridge_config cfg = config_of((uint32_t)t.p, 0, 0, 1), wide = config_of((uint32_t)t.p, 1e-12, 1e12, K);
        kedge_gsl_least_squares_config plain = kedge_gsl_least_squares_defaults((uint32_t)t.p);
        kedge_model m = gsl_model(&cfg.base), l = gsl_model(&plain.base), all = gsl_model(&wide.base);
        assert_int_equal(gsl_fit(&m, &rows, t.y, t.w), KEDGE_OK);
        assert_int_equal(gsl_fit(&l, &rows, t.y, t.w), KEDGE_OK);
        assert_int_equal(gsl_fit(&all, &rows, t.y, t.w), KEDGE_OK);
        coefficients_of(&m, a, t.p);
        coefficients_of(&l, b, t.p);
        for (size_t j = 0; j <= t.p; j++)
            assert_close(a[j], b[j], 1e-10 * (1 + fabs(b[j])));
        assert_ratio(summary_of(&m).df, (double)t.p + 1, 1e-14);
        assert_int_equal(kedge_gsl_ridge_path(&all, path, K, NULL, 0), KEDGE_OK);
        for (int k = 1; k < K; k++)
            assert_true(path[k].df <= path[k - 1].df && path[k].deviance >= path[k - 1].deviance * (1 - 1e-15));
        assert_true(path[K - 1].df < 1.001 && path[0].df > (double)t.p + 0.999 && summary_of(&m).loo > 0);
        guard_free(m.state);
        guard_free(l.state);
        guard_free(all.state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden_numbers),
        cmocka_unit_test(test_golden_path),
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_against_naive),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
