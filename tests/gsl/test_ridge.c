/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ridge regression: numbers of scikit-learn, a naive reference that leaves out one row after the other, penalties near and at 0,
 * dependent columns, hostile scales, degenerate tables, errors, and a state's life. */
#include "gsl_support.h"

#include <fenv.h>
#include <float.h>

enum { N = 16, P = 3, MAX_P = 5, MAX_N = 60, MAX_K = 8 };

static const double sizes[N] = {.3, .5, .4, .9, .7, 1.2, 1, 2.1, 1.5, 2.2, 3.9, 2.4, 5, 4.1, 6.2, 7.7};

static void table(double *x, double *w)
{
    for (int i = 0; i < N; i++) {
        x[i * P] = i / 4. - 1.5;
        x[i * P + 1] = (i * 7 % 16) / 8. - 1;
        x[i * P + 2] = 100 + i + (i * 5 % 16) / 4.;
        w[i] = i % 3 + 1;
    }
}

static kedge_gsl_ridge_config config_of(uint32_t n_features, double low, double high, uint32_t n)
{
    kedge_gsl_ridge_config cfg = kedge_gsl_ridge_defaults(n_features);
    cfg.l2 = low;
    cfg.l2_high = high;
    cfg.n_l2 = n;
    cfg.path = 1;
    return cfg;
}

static kedge_gsl_ridge_fit summary_of(const kedge_model *m)
{
    kedge_gsl_ridge_fit out;
    assert_int_equal(kedge_gsl_ridge_summary(m, &out), KEDGE_OK);
    return out;
}

static void coefficients_of(const kedge_model *m, double *b, size_t p)
{
    assert_int_equal(kedge_gsl_coefficients(m, b + 1, p, b), KEDGE_OK);
}

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

/* Naive reference ----------------------------------------------------------------------------------------------------------- */

/* Solves a x = b of n <= MAX_P + 1 equations, with pivots. */
static void solve(long double a[MAX_P + 1][MAX_P + 1], long double *b, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        size_t best = k;
        for (size_t i = k + 1; i < n; i++)
            best = fabsl(a[i][k]) > fabsl(a[best][k]) ? i : best;
        for (size_t j = 0; j < n; j++) {
            long double spare = a[k][j];
            a[k][j] = a[best][j];
            a[best][j] = spare;
        }
        long double spare = b[k];
        b[k] = b[best];
        b[best] = spare;
        for (size_t i = k + 1; i < n; i++) {
            long double f = a[i][k] / a[k][k];
            for (size_t j = k; j < n; j++)
                a[i][j] -= f * a[k][j];
            b[i] -= f * b[k];
        }
    }
    for (size_t k = n; k-- > 0;) {
        for (size_t j = k + 1; j < n; j++)
            b[k] -= a[k][j] * b[j];
        b[k] /= a[k][k];
    }
}

typedef struct naive {
    size_t n, p;
    double x[MAX_N * MAX_P], y[MAX_N], w[MAX_N], square[MAX_P]; /* square: what the penalty on column j is multiplied by */
} naive;

/* [1 x]' W [1 x] + l2 diag(0, square), without one row (n: with all), and the right side. */
static void naive_equations(const naive *t, double l2, size_t without, long double a[MAX_P + 1][MAX_P + 1], long double *b)
{
    memset(b, 0, (t->p + 1) * sizeof *b);
    for (size_t j = 0; j <= t->p; j++)
        for (size_t k = 0; k <= t->p; k++)
            a[j][k] = j == k && j > 0 ? (long double)l2 * t->square[j - 1] : 0;
    for (size_t i = 0; i < t->n; i++) {
        for (size_t j = 0; j <= t->p && i != without; j++) {
            long double wx = t->w[i] * (j == 0 ? 1 : (long double)t->x[i * t->p + j - 1]);
            b[j] += wx * t->y[i];
            for (size_t k = 0; k <= t->p; k++)
                a[j][k] += wx * (k == 0 ? 1 : (long double)t->x[i * t->p + k - 1]);
        }
    }
}

static void naive_fit(const naive *t, double l2, size_t without, long double *b)
{
    long double a[MAX_P + 1][MAX_P + 1];
    naive_equations(t, l2, without, a, b);
    solve(a, b, t->p + 1);
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

static void fill_naive(naive *t, kedge_rng *rng, int weighted, int standardise)
{
    t->n = 20 + (size_t)kedge_rng_below(rng, MAX_N - 20);
    t->p = 1 + (size_t)kedge_rng_below(rng, MAX_P);
    for (size_t i = 0; i < t->n; i++) {
        t->y[i] = 5 + kedge_rng_normal(rng);
        t->w[i] = weighted ? (double)kedge_rng_below(rng, 4) : 1;
        for (size_t j = 0; j < t->p; j++) {
            double more = j > 0 ? t->x[i * t->p + j - 1] : 10;
            t->x[i * t->p + j] = more + (double)(j + 1) * kedge_rng_normal(rng);
            t->y[i] += 0.3 * t->x[i * t->p + j];
        }
    }
    for (size_t j = 0; j < t->p; j++) {
        long double total = 0, sum = 0, squares = 0;
        for (size_t i = 0; i < t->n; i++) {
            total += t->w[i];
            sum += t->w[i] * t->x[i * t->p + j];
        }
        for (size_t i = 0; i < t->n; i++)
            squares += t->w[i] * (t->x[i * t->p + j] - sum / total) * (t->x[i * t->p + j] - sum / total);
        t->square[j] = standardise ? (double)(squares / total) : 1;
    }
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

/* Two copies share the weight of one, whatever the penalty, and none at all is the least that fits; constant columns have no
 * weight. */
static void test_dependent_columns(void **unused)
{
    enum { ROWS = 50 };
    static const double penalties[5] = {0, 1e-9, 1, 100, 1e6};
    double x[ROWS * 4], one[ROWS], y[ROWS], b[5], single[2];
    kedge_rng rng = {2};
    (void)unused;
    for (int i = 0; i < ROWS; i++) {
        one[i] = 7 + kedge_rng_normal(&rng);
        x[4 * i] = x[4 * i + 1] = one[i];
        x[4 * i + 2] = 0.1;
        x[4 * i + 3] = 2 * one[i];
        y[i] = 3 * one[i] + kedge_rng_normal(&rng);
    }
    kedge_rows rows = kedge_rows_float64(x, ROWS, 4), alone = kedge_rows_float64(one, ROWS, 1);
    for (int k = 0; k < 10; k++) {
        /* the penalty on (v, v, 2v), which stands for the weight 6v, is that on 6v over 6 */
        kedge_gsl_ridge_config cfg = config_of(4, penalties[k % 5], 0, 1), same = config_of(1, penalties[k % 5] / 6, 0, 1);
        cfg.method = same.method = k / 5 ? KEDGE_GSL_METHOD_NORMAL : KEDGE_GSL_METHOD_QR;
        kedge_model m = gsl_model(&cfg.base), s = gsl_model(&same.base);
        assert_int_equal(gsl_fit(&m, &rows, y, NULL), KEDGE_OK);
        assert_int_equal(gsl_fit(&s, &alone, y, NULL), KEDGE_OK);
        coefficients_of(&m, b, 4);
        coefficients_of(&s, single, 1);
        assert_ratio(6 * b[1], single[1], 1e-9);
        assert_ratio(6 * b[2], single[1], 1e-9);
        assert_ratio(3 * b[4], single[1], 1e-9);
        assert_true(b[3] == 0 && summary_of(&m).rank == 1 && gsl_summary(&m).condition == 1);
        assert_ratio(summary_of(&m).loo, summary_of(&s).loo, 1e-9);
        assert_ratio(summary_of(&m).df, summary_of(&s).df, 1e-12);
        guard_free(m.state);
        guard_free(s.state);
    }
}

/* Columns of very different units are as exact as each of them alone: the penalty is far below some and far above others. */
static void test_scales_apart(void **unused)
{
    static naive t, scaled;
    static const double factors[MAX_P] = {1, 1e-9, 1e7, 1e-4, 1e3};
    kedge_rng rng = {21};
    double b[MAX_P + 1];
    long double expected[MAX_P + 1];
    (void)unused;
    for (int round = 0; round < 20; round++) {
        fill_naive(&t, &rng, 0, 0);
        scaled = t;
        for (size_t j = 0; j < t.p; j++) {
            t.square[j] = 1 / (factors[j] * factors[j]); /* the same problem in other units */
            for (size_t i = 0; i < t.n; i++)
                scaled.x[i * t.p + j] = factors[j] * t.x[i * t.p + j];
        }
        kedge_rows rows = kedge_rows_float64(scaled.x, t.n, t.p);
        kedge_gsl_ridge_config cfg = config_of((uint32_t)t.p, 1e-2, 0, 1);
        kedge_model m = gsl_model(&cfg.base);
        assert_int_equal(gsl_fit(&m, &rows, t.y, NULL), KEDGE_OK);
        coefficients_of(&m, b, t.p);
        naive_fit(&t, 1e-2, t.n, expected);
        for (size_t j = 0; j < t.p; j++)
            assert_ratio(b[j + 1] * factors[j], (double)expected[j + 1], 1e-7);
        guard_free(m.state);
    }
}

/* With standardise, units do not matter at all; and features of any magnitude are fine. */
static void test_any_magnitude(void **unused)
{
    double x[N * P], w[N], wide[N * P];
    (void)unused;
    table(x, w);
    for (int i = 0; i < N; i++) {
        wide[P * i] = 0x1p1000 * x[P * i];
        wide[P * i + 1] = 0x1p-1000 * x[P * i + 1];
        wide[P * i + 2] = x[P * i + 2];
    }
    kedge_rows rows = kedge_rows_float64(x, N, P), more = kedge_rows_float64(wide, N, P);
    kedge_gsl_ridge_config cfg = config_of(P, 0.1, 10, 5);
    cfg.standardise = 1;
    kedge_model m = gsl_model(&cfg.base), n = gsl_model(&cfg.base);
    (void)feclearexcept(FE_ALL_EXCEPT);
    assert_int_equal(gsl_fit(&m, &rows, sizes, w), KEDGE_OK);
    assert_int_equal(gsl_fit(&n, &more, sizes, w), KEDGE_OK);
    for (int i = 0; i < N; i++)
        assert_true(gsl_predict(&m, x + P * i) == gsl_predict(&n, wide + P * i));
    assert_true(summary_of(&m).loo == summary_of(&n).loo && summary_of(&m).chosen == summary_of(&n).chosen);
    guard_free(n.state);
    cfg.standardise = 0;
    n = gsl_model(&cfg.base);
    double b[P];
    assert_int_equal(gsl_fit(&n, &more, sizes, w), KEDGE_OK); /* all but the first are nothing beside it */
    assert_int_equal(summary_of(&n).rank, 1);
    assert_int_equal(kedge_gsl_coefficients(&n, b, P, b), KEDGE_OK);
    assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
    guard_free(m.state);
    guard_free(n.state);
}

/* Degenerate tables --------------------------------------------------------------------------------------------------------- */

static void test_degenerate(void **unused)
{
    const double x[6] = {0, 1, 2, 3, 4, 5}, same[6] = {4, 4, 4, 4, 4, 4}, zero[6] = {0}, y[6] = {1, 4, 2, 8, 5, 7};
    const double only[6] = {0, 0, 2, 0, 0, 0};
    kedge_rows rows = kedge_rows_float64(x, 6, 1), one = kedge_rows_float64(x + 3, 1, 1), two = kedge_rows_float64(x, 2, 1),
               flat = kedge_rows_float64(same, 6, 1);
    kedge_gsl_ridge_config cfg = config_of(1, 0.5, 2, 3), none = config_of(1, 0, 0, 1);
    kedge_model m = gsl_model(&cfg.base), n = gsl_model(&none.base);
    kedge_gsl_ridge_fit fit;
    double at = 100;
    (void)unused;
    assert_int_equal(gsl_fit(&m, &rows, y, zero), KEDGE_ERR_NUMERIC);
    assert_int_equal(gsl_fit(&m, &one, y, NULL), KEDGE_OK); /* a row alone cannot be left out: the greatest penalty */
    fit = summary_of(&m);
    assert_true(fit.loo == DBL_MAX && fit.gcv == DBL_MAX && fit.df == 1 && fit.rank == 0 && fit.chosen == 2 && fit.l2 == 2);
    assert_true(fit.deviance == 0 && gsl_predict(&m, &at) == 1);
    assert_int_equal(gsl_fit(&m, &rows, y, only), KEDGE_OK);
    assert_true(summary_of(&m).loo == DBL_MAX && summary_of(&m).n_rows == 1 && gsl_predict(&m, &at) == 2);
    assert_int_equal(gsl_fit(&m, &flat, y, NULL), KEDGE_OK); /* no column: the mean, and leave-one-out of that */
    fit = summary_of(&m);
    double squares = 0;
    for (int i = 0; i < 6; i++)
        squares += (y[i] - 4.5) * (y[i] - 4.5);
    assert_ratio(fit.loo, squares / 6 * 36 / 25, 1e-14);
    assert_ratio(fit.gcv, squares / 6 * 36 / 25, 1e-14);
    assert_true(fit.df == 1 && fit.rank == 0);
    assert_int_equal(gsl_fit(&m, &rows, same, NULL), KEDGE_OK); /* a constant target */
    fit = summary_of(&m);
    assert_true(fit.loo == 0 && fit.deviance == 0 && gsl_predict(&m, &at) == 4);
    assert_int_equal(gsl_fit(&n, &two, y, NULL), KEDGE_OK); /* as many numbers as rows: nothing is known of its errors */
    fit = summary_of(&n);
    assert_true(fit.loo == DBL_MAX && fit.gcv == DBL_MAX && fit.df == 2);
    assert_close(gsl_predict(&n, x + 1), 4, 1e-14);
    guard_free(m.state);
    guard_free(n.state);
}

/* Tables whose rows do not lie one behind the other, and blocks of rows that are not full: the same. */
static void test_strides(void **unused)
{
    enum { ROWS = 259 };
    static float narrow[ROWS * 3];
    static double turned[3 * ROWS], straight[ROWS * 3], y[ROWS];
    kedge_rng rng = {4};
    (void)unused;
    for (int i = 0; i < ROWS; i++) {
        y[i] = kedge_rng_normal(&rng);
        for (int j = 0; j < 3; j++) {
            narrow[3 * i + j] = (float)kedge_rng_normal(&rng);
            straight[3 * i + j] = turned[ROWS * j + i] = (double)narrow[3 * i + j];
            y[i] += straight[3 * i + j] / (1 + j);
        }
    }
    kedge_rows tables[3] = {kedge_rows_float64(straight, ROWS, 3),
                            {narrow, KEDGE_FLOAT32, 0, ROWS, 3, 3, 1},
                            {turned, KEDGE_FLOAT64, 0, ROWS, 3, 1, ROWS}};
    kedge_gsl_ridge_config cfg = config_of(3, 0.01, 100, 9);
    void *first = NULL;
    for (int k = 0; k < 3; k++) {
        kedge_model m = gsl_model(&cfg.base);
        assert_int_equal(gsl_fit(&m, tables + k, y, NULL), KEDGE_OK);
        if (first)
            assert_memory_equal(first, m.state, kedge_model_size(&cfg.base));
        else
            first = guard_copy(m.state, kedge_model_size(&cfg.base));
        guard_free(m.state);
    }
    guard_free(first);
}

/* Configurations, errors, life ---------------------------------------------------------------------------------------------- */

/* The first two fall, the others are out of range each. */
static const double falling[4] = {1, 0.5, -1, 2e100}, zeros[KEDGE_RIDGE_LIST_MAX + 1];

#define BAD(change)                                                                                \
    do {                                                                                           \
        kedge_gsl_ridge_config c = cfg;                                                            \
        change;                                                                                    \
        assert_int_equal(kedge_model_size(&c.base), 0);                                            \
    } while (0)

static void test_configuration(void **unused)
{
    kedge_gsl_ridge_config cfg = kedge_gsl_ridge_defaults(3);
    (void)unused;
    assert_true(cfg.l2 == 1 && cfg.l2_high == 1 && cfg.n_l2 == 1 && cfg.choice == KEDGE_RIDGE_LOO && cfg.standardise == 0);
    assert_true(cfg.method == KEDGE_GSL_METHOD_QR && cfg.path == 0 && kedge_model_size(&cfg.base) > 0);
    assert_int_equal(kedge_gsl_ridge_config_init(NULL, sizeof cfg, 3), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_ridge_config_init(&(kedge_gsl_ridge_config){.l2 = 0}, sizeof cfg - 1, 3), KEDGE_ERR_CONFIG);
    BAD(c.base.n_features = 0);
    BAD(c.base.n_features = KEDGE_FEATURES_MAX + 1);
    BAD(c.base.n_classes = 2);
    BAD(c.l2 = -1e-300);
    BAD(c.l2 = 2e100);
    BAD(c.l2 = NAN);
    BAD(c.l2_high = NAN);
    BAD(c.l2_high = -1);
    BAD(c.n_l2 = 0);
    BAD(c.n_l2 = KEDGE_RIDGE_PATH_MAX + 1);
    BAD((c.n_l2 = 2, c.l2 = 0));
    BAD((c.n_l2 = 2, c.l2_high = 0.5));
    BAD(c.choice = 0);
    BAD(c.choice = 3);
    BAD(c.standardise = 2);
    BAD(c.method = 0);
    BAD(c.method = 3);
    BAD(c.path = 2);
    BAD((c.penalties = falling, c.n_l2 = 2));
    BAD((c.penalties = falling + 1, c.n_l2 = 2));
    BAD((c.penalties = falling + 2, c.n_l2 = 1));
    BAD((c.penalties = falling + 3, c.n_l2 = 1));
    BAD((c.penalties = falling, c.n_l2 = 0));
    BAD((c.penalties = zeros, c.n_l2 = KEDGE_RIDGE_LIST_MAX + 1));
    cfg.l2_high = 0; /* does not count */
    assert_true(kedge_model_size(&cfg.base) > 0);
    assert_true(kedge_model_fit_work(&cfg.base, 10) == kedge_model_fit_work(&cfg.base, 1u << 30));
    cfg.base.n_features = KEDGE_FEATURES_MAX;
    cfg.n_l2 = KEDGE_RIDGE_PATH_MAX;
    cfg.l2_high = 2;
    cfg.path = 1;
    assert_true(kedge_model_size(&cfg.base) > (size_t)8 * KEDGE_RIDGE_PATH_MAX * KEDGE_FEATURES_MAX);
}

static void test_errors(void **unused)
{
    double x[N * P], w[N], b[3 * (P + 1)];
    kedge_gsl_ridge_point path[3];
    kedge_gsl_ridge_fit fit;
    kedge_gsl_ridge_config cfg = config_of(P, 0.5, 2, 3), bare = cfg;
    kedge_gsl_least_squares_config plain = kedge_gsl_least_squares_defaults(P);
    (void)unused;
    table(x, w);
    kedge_rows rows = kedge_rows_float64(x, N, P);
    bare.path = 0;
    kedge_model m = gsl_model(&cfg.base), l = gsl_model(&plain.base), n = gsl_model(&bare.base), nothing = {NULL, NULL};
    assert_int_equal(kedge_gsl_ridge_summary(&m, &fit), KEDGE_EMPTY);
    assert_true(fit.n_rows == 0 && fit.loo == 0 && fit.df == 0 && fit.l2 == 0.5);
    assert_int_equal(kedge_gsl_ridge_path(&m, path, 3, b, 3 * (P + 1)), KEDGE_EMPTY);
    assert_int_equal(kedge_model_predict(&m, x, b), KEDGE_EMPTY);
    assert_int_equal(gsl_fit(&m, &rows, sizes, NULL), KEDGE_OK);
    assert_int_equal(gsl_fit(&n, &rows, sizes, NULL), KEDGE_OK);
    assert_int_equal(kedge_gsl_ridge_path(&m, path, 2, NULL, 0), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_gsl_ridge_path(&m, NULL, 3, NULL, 0), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_gsl_ridge_path(&m, NULL, 0, b, 3 * P), KEDGE_ERR_SHAPE);
    assert_int_equal(kedge_gsl_ridge_path(&m, NULL, 0, NULL, 0), KEDGE_OK);
    assert_int_equal(kedge_gsl_ridge_path(&n, NULL, 0, b, 3 * (P + 1)), KEDGE_ERR_UNSUPPORTED);
    assert_int_equal(kedge_gsl_ridge_path(&n, path, 3, NULL, 0), KEDGE_OK);
    assert_int_equal(kedge_gsl_ridge_path(&l, path, 3, NULL, 0), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_gsl_ridge_path(&nothing, path, 3, NULL, 0), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_ridge_path(NULL, path, 3, NULL, 0), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_ridge_summary(&l, &fit), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_gsl_ridge_summary(&m, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_gsl_report(&m, 0.95, NULL, (kedge_gsl_coefficient[P + 1]){{0}}, P + 1), KEDGE_ERR_UNSUPPORTED);
    assert_int_equal(kedge_gsl_predict_interval(&m, x, 0.95, &(kedge_gsl_interval){0}), KEDGE_ERR_UNSUPPORTED);
    for (int i = 0; i < N * P; i++)
        x[i] *= 0x1p-1020; /* a weight of 2^1020 times something */
    cfg.l2 = 0;
    cfg.n_l2 = 1;
    for (int i = 0; i < N; i++)
        w[i] = 1e10 * sizes[i];
    kedge_model tiny = gsl_model(&cfg.base);
    assert_int_equal(gsl_fit(&tiny, &rows, w, NULL), KEDGE_OK);
    memset(b, 0x5C, sizeof b);
    void *before = guard_copy(b, sizeof b);
    assert_int_equal(kedge_gsl_ridge_path(&tiny, NULL, 0, b, P + 1), KEDGE_ERR_NUMERIC);
    assert_memory_equal(b, before, sizeof b);
    guard_free(before);
    guard_free(tiny.state);
    guard_free(m.state);
    guard_free(l.state);
    guard_free(n.state);
}

/* Save, load, reset. */
static void test_life(void **unused)
{
    double x[N * P], w[N];
    unsigned char snapshot[4096];
    size_t length = 0, bytes = 0;
    (void)unused;
    table(x, w);
    kedge_rows rows = kedge_rows_float64(x, N, P);
    kedge_gsl_ridge_config cfg = config_of(P, 0.01, 100, 5);
    size_t state_bytes = kedge_model_size(&cfg.base);
    kedge_model m = gsl_model(&cfg.base), again;
    void *fresh = guard_copy(m.state, state_bytes);
    assert_int_equal(kedge_class_check(&kedge_gsl_ridge.base), KEDGE_OK);
    assert_int_equal(gsl_fit(&m, &rows, sizes, w), KEDGE_OK);
    assert_int_equal(kedge_model_save(&m, snapshot, sizeof snapshot, &length), KEDGE_OK);
    assert_int_equal(kedge_model_load_size(&kedge_gsl_ridge, snapshot, length, &bytes), KEDGE_OK);
    assert_int_equal(bytes, state_bytes);
    void *mem = guard_new(bytes, 0x5C);
    assert_int_equal(kedge_model_load(&again, &kedge_gsl_ridge, mem, bytes, snapshot, length), KEDGE_OK);
    assert_memory_equal(mem, m.state, bytes);
    assert_int_equal(kedge_model_reset(&m), KEDGE_OK);
    assert_memory_equal(m.state, fresh, state_bytes);
    guard_free(mem);
    guard_free(fresh);
    guard_free(m.state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden_numbers), cmocka_unit_test(test_golden_path),       cmocka_unit_test(test_list),
        cmocka_unit_test(test_against_naive),
        cmocka_unit_test(test_limits),         cmocka_unit_test(test_dependent_columns), cmocka_unit_test(test_scales_apart),
        cmocka_unit_test(test_any_magnitude),  cmocka_unit_test(test_degenerate),        cmocka_unit_test(test_strides),
        cmocka_unit_test(test_configuration),  cmocka_unit_test(test_errors),            cmocka_unit_test(test_life),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
