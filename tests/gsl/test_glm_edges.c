/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Generalised linear models at the edges: no answer, perfect fits, dependent columns, refusals. */
#include "glm_rows.h"

#include <fenv.h>

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
        cmocka_unit_test(test_no_answer),
        cmocka_unit_test(test_perfect_fits),
        cmocka_unit_test(test_dependent_columns_and_units),
        cmocka_unit_test(test_configuration),
        cmocka_unit_test(test_life),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
