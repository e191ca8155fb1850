/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The elastic net at the edges: units, few rows, slow convergence, refusals. */
#include "elastic_rows.h"

#include "kedge/select.h"

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
        cmocka_unit_test(test_units),
        cmocka_unit_test(test_little),
        cmocka_unit_test(test_slow),
        cmocka_unit_test(test_configuration),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
