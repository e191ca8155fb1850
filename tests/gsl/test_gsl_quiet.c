/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GSL inside the library raises nothing, allocates nothing and does not hang, whatever a caller brings: random and hostile tables
 * with an error handler that fails on any call, an allocator that counts, an alarm for each case, and guards around exact memory.
 * Here the model classes; test_pca_quiet.c has the components, tests/unit/test_fit_quiet.c what needs no GSL. */
#include "gsl_quiet.h"

#include <float.h>

enum { MAX_PATH = 7 };

/* What is asked of a class: a configuration for case k, and targets that it takes. */
typedef struct quiet_subject {
    const kedge_model_config *(*configure)(const quiet_case *c, unsigned k);
    int targets;
    int always; /* has an answer wherever a row has a weight */
} quiet_subject;

static const kedge_model_config *squares_config(const quiet_case *c, unsigned k)
{
    static kedge_gsl_least_squares_config cfg;
    cfg = kedge_gsl_least_squares_defaults((uint32_t)c->p);
    cfg.tolerance = k % 5 ? 1e-12 : 0.0;
    cfg.report = k % 3 == 0;
    cfg.method = k % 4 ? KEDGE_GSL_METHOD_QR : KEDGE_GSL_METHOD_NORMAL;
    return &cfg.base;
}

static const double penalties[4] = {1, 0, 1e-9, 1e9};

static const kedge_model_config *logistic_config(const quiet_case *c, unsigned k)
{
    static kedge_gsl_logistic_config cfg;
    cfg = kedge_gsl_logistic_defaults((uint32_t)c->p);
    cfg.l2 = penalties[k % 4];
    return &cfg.base;
}

static const kedge_model_config *glm_config(const quiet_case *c, unsigned k, uint32_t family, uint32_t link)
{
    static kedge_gsl_glm_config cfg;
    cfg = kedge_gsl_glm_defaults((uint32_t)c->p, family);
    cfg.link = link;
    cfg.report = k % 2;
    cfg.l2 = cfg.report ? 0 : penalties[k / 2 % 4];
    cfg.offset = k % 5 == 0 ? 0 : KEDGE_GLM_NO_OFFSET;
    return &cfg.base;
}

static const kedge_model_config *binomial_config(const quiet_case *c, unsigned k)
{
    return glm_config(c, k, KEDGE_GLM_BINOMIAL,
                      k % 3 == 0   ? KEDGE_LINK_LOGIT
                      : k % 3 == 1 ? KEDGE_LINK_PROBIT
                                   : KEDGE_LINK_CLOGLOG);
}

static const kedge_model_config *poisson_config(const quiet_case *c, unsigned k)
{
    return glm_config(c, k, KEDGE_GLM_POISSON, k % 3 ? KEDGE_LINK_LOG : KEDGE_LINK_IDENTITY);
}

static const kedge_model_config *gamma_config(const quiet_case *c, unsigned k)
{
    return glm_config(c, k, KEDGE_GLM_GAMMA, k % 3 ? KEDGE_LINK_LOG : KEDGE_LINK_INVERSE);
}

static const kedge_model_config *ridge_config(const quiet_case *c, unsigned k)
{
    static const double list[] = {0, 0, 1e-300, 1, 1e100};
    static kedge_gsl_ridge_config cfg;
    cfg = kedge_gsl_ridge_defaults((uint32_t)c->p);
    cfg.l2 = k % 3 ? 1e-9 : penalties[k / 3 % 4];
    cfg.l2_high = 1e9;
    cfg.n_l2 = k % 3 ? 1 + k % 7 : 1;
    cfg.choice = k % 5 ? KEDGE_RIDGE_LOO : KEDGE_RIDGE_GCV;
    cfg.method = k % 4 ? KEDGE_GSL_METHOD_QR : KEDGE_GSL_METHOD_NORMAL;
    cfg.standardise = k / 2 % 2;
    cfg.path = 1;
    if (k % 11 == 0) {
        cfg.penalties = list;
        cfg.n_l2 = sizeof list / sizeof *list;
    }
    return &cfg.base;
}

static const kedge_model_config *robust_config(const quiet_case *c, unsigned k)
{
    static kedge_gsl_robust_config cfg;
    cfg = kedge_gsl_robust_defaults((uint32_t)c->p, k % 2 ? KEDGE_ROBUST_BISQUARE : KEDGE_ROBUST_HUBER);
    cfg.report = k % 3 > 0;
    cfg.max_iterations = k % 5 ? 20 : 1;
    cfg.tuning = k % 7 ? cfg.tuning : 1.0;
    return &cfg.base;
}

static const kedge_model_config *discriminant_config(const quiet_case *c, unsigned k)
{
    static const double shrinkages[4] = {0, 1e-9, 0.5, 1};
    static kedge_gsl_discriminant_config cfg;
    cfg = kedge_gsl_discriminant_defaults((uint32_t)c->p, QUIET_CLASSES);
    cfg.quadratic = k % 2;
    cfg.shrinkage = shrinkages[k / 2 % 4];
    cfg.unbiased = k / 8 % 2;
    return &cfg.base;
}

static const kedge_model_config *softmax_config(const quiet_case *c, unsigned k)
{
    static kedge_gsl_softmax_config cfg;
    cfg = kedge_gsl_softmax_defaults((uint32_t)c->p, QUIET_CLASSES);
    cfg.l2 = penalties[k % 4];
    cfg.standardise = k / 4 % 2;
    cfg.report = cfg.l2 == 0;
    return &cfg.base;
}

static const kedge_model_config *net_config(const quiet_case *c, unsigned k)
{
    static const double ratios[4] = {1, 0.5, 1e-3, 0}, alphas[5] = {1, 1e-9, 0, 1e200, 1e3};
    static kedge_gsl_elastic_net_config cfg;
    cfg = kedge_gsl_elastic_net_defaults((uint32_t)c->p);
    cfg.l1_ratio = ratios[k % 4];
    cfg.alpha = alphas[k / 4 % 5];
    cfg.standardise = k / 2 % 2;
    cfg.max_iterations = k % 3 ? 1000 : 5;
    cfg.n_folds = k % 7 == 0 ? 2 + k % 5 : 0;
    cfg.shuffle = k % 2;
    cfg.n_alphas = 10;
    cfg.one_error = k / 2 % 2;
    return &cfg.base;
}

/* Predictions and scores for rows of the table and rows it never saw, all finite. */
static void check_predictions(quiet_case *c, const kedge_model *m, size_t n_classes)
{
    double at[QUIET_FEATURES], y = NAN, scores[QUIET_CLASSES] = {NAN, NAN, NAN};
    for (int k = 0; k < 6; k++) {
        size_t i_row = (size_t)kedge_rng_below(&c->rng, c->n);
        for (size_t j = 0; j < c->p; j++)
            at[j] = k < 3 ? c->x[i_row * c->p + j] : quiet_draw(c, 2);
        assert_int_equal(kedge_model_predict(m, at, &y), KEDGE_OK);
        assert_true(y - y == 0);
        assert_int_equal(kedge_model_score(m, at, scores, n_classes ? n_classes : 1), KEDGE_OK);
        if (n_classes == 0) {
            assert_true(scores[0] == y && fabs(y) <= 1e301);
            continue;
        }
        double sum = 0, best = 0;
        for (size_t i = 0; i < n_classes; i++) {
            assert_true(scores[i] >= 0);
            sum += scores[i];
            best = fmax(best, scores[i]);
        }
        assert_true(fabs(sum - 1) < 1e-15 * (double)(2 * n_classes) && scores[(int)y] == best);
    }
}

static void check_path(const kedge_model *m, size_t p)
{
    kedge_gsl_ridge_fit fit;
    kedge_gsl_ridge_point path[MAX_PATH];
    double b[MAX_PATH * (QUIET_FEATURES + 1)];
    if (kedge_gsl_ridge_summary(m, &fit) < 0)
        return;
    size_t n = fit.n_l2;
    assert_true(n <= MAX_PATH && fit.chosen < n);
    assert_int_equal(kedge_gsl_ridge_path(m, path, n, NULL, 0), KEDGE_OK);
    for (size_t k = 0; k < n; k++)
        assert_true(path[k].loo >= 0 && path[k].gcv >= 0 && path[k].df >= 1 && path[k].deviance >= 0 &&
                    path[k].loo - path[k].loo == 0 &&
                    path[k].gcv - path[k].gcv == 0 && path[k].df <= (double)p + 1 && path[k].deviance - path[k].deviance == 0);
    kedge_status st = kedge_gsl_ridge_path(m, NULL, 0, b, n * (p + 1));
    for (size_t k = 0; k < n * (p + 1) && st == KEDGE_OK; k++)
        assert_true(b[k] - b[k] == 0);
}

static void check_counts(const quiet_case *c, const kedge_model *m)
{
    kedge_gsl_robust_fit fit;
    double counts[QUIET_ROWS];
    kedge_rows rows = kedge_rows_float64(c->x, c->n, c->p);
    if (kedge_gsl_robust_summary(m, &fit) < 0)
        return;
    assert_true(fit.scale >= 0 && (fit.exact == 1) == (fit.scale == 0) && fit.share > 0 && fit.share <= 1 && fit.wald >= 0);
    assert_true(fit.wald_p_value >= 0 && fit.wald_p_value <= 1 && fit.wald - fit.wald == 0 && fit.scale - fit.scale == 0);
    assert_int_equal(kedge_gsl_robust_weights(m, &rows, c->y, counts, c->n), KEDGE_OK);
    for (size_t i = 0; i < c->n; i++)
        assert_true(counts[i] >= 0 && counts[i] <= 1);
}

/* Read-outs of a fit: finite, or an error that has written nothing. */
static void check_readouts(quiet_case *c, const kedge_model *m)
{
    double at[QUIET_FEATURES], weights[QUIET_FEATURES], intercept;
    kedge_gsl_coefficient b[QUIET_FEATURES + 1];
    kedge_gsl_glm_interval mean = {0, 0, 0, 0, 0};
    kedge_status st = kedge_gsl_coefficients(m, weights, c->p, &intercept);
    for (size_t j = 0; j < c->p && st == KEDGE_OK; j++)
        assert_true(weights[j] - weights[j] == 0 && intercept - intercept == 0);
    st = kedge_gsl_report(m, 0.95, NULL, b, c->p + 1);
    for (size_t j = 0; j <= c->p && st == KEDGE_OK; j++)
        assert_true(b[j].value - b[j].value == 0 && b[j].standard_error >= 0 && b[j].low <= b[j].high && b[j].p_value >= 0 &&
                    b[j].p_value <= 1);
    for (size_t j = 0; j < c->p; j++)
        at[j] = c->x[j];
    check_path(m, c->p);
    check_counts(c, m);
    st = kedge_gsl_glm_predict_interval(m, at, 0.95, &mean);
    assert_true(st < 0 || (mean.low <= mean.value && mean.value <= mean.high && mean.high - mean.low >= 0));
}

/* Likewise of the softmax. */
static void check_softmax(const quiet_case *c, const kedge_model *m)
{
    double weights[QUIET_FEATURES], intercept;
    kedge_gsl_coefficient b[QUIET_FEATURES + 1];
    kedge_gsl_softmax_fit fit;
    if (m->cls != &kedge_gsl_softmax)
        return;
    assert_int_equal(kedge_gsl_softmax_summary(m, &fit), KEDGE_OK);
    assert_true(fit.deviance - fit.deviance == 0 && fit.null_deviance >= 0 && fit.p_value >= 0 && fit.p_value <= 1);
    for (uint32_t k = 0; k < QUIET_CLASSES; k++) {
        kedge_status st = kedge_gsl_softmax_coefficients(m, k, weights, c->p, &intercept);
        for (size_t j = 0; j < c->p && st == KEDGE_OK; j++)
            assert_true(weights[j] - weights[j] == 0 && intercept - intercept == 0);
        st = kedge_gsl_softmax_report(m, k, 0.95, b, c->p + 1);
        for (size_t j = 0; j <= c->p && st == KEDGE_OK; j++)
            assert_true(b[j].value - b[j].value == 0 && b[j].standard_error >= 0 && b[j].low <= b[j].high && b[j].p_value >= 0 &&
                        b[j].p_value <= 1);
    }
}

/* A fit may say that there is no answer, but only where that is so. */
static void check_status(const quiet_case *c, kedge_status st, const quiet_subject *subject, unsigned k)
{
    double total[2] = {0, 0};
    if (c->hostile) {
        assert_int_equal(st, KEDGE_ERR_NOT_FINITE);
        return;
    }
    for (size_t i = 0; i < c->n; i++)
        total[subject->targets == QUIET_CLASSES_2 && c->y[i] == 1.0] += c->weighted ? c->weight[i] : 1.0;
    double less = fmin(total[0], total[1]), more = fmax(total[0], total[1]);
    if (more == 0 || (subject->targets == QUIET_CLASSES_2 && less == 0))
        assert_int_equal(st, KEDGE_ERR_NUMERIC);
    else if (subject->configure == squares_config || subject->configure == robust_config)
        assert_true(st == KEDGE_OK || st == KEDGE_WARNING); /* normal equations lost digits; iterations were not enough */
    else if (subject->configure == net_config)
        assert_true(st == KEDGE_OK || st == KEDGE_WARNING || (st == KEDGE_ERR_NUMERIC && k % 7 == 0)); /* fewer rows than folds */
    else if (subject->configure == softmax_config && penalties[k % 4] > 0 && k / 4 % 2 && !c->weighted) {
        int one = 1;
        for (size_t i = 1; i < c->n; i++)
            one &= c->y[i] == c->y[0];
        assert_int_equal(st, one ? KEDGE_ERR_NUMERIC : KEDGE_OK);
    } else if (subject->always || (subject->configure == logistic_config && penalties[k % 4] > 0 && !c->weighted))
        assert_int_equal(st, KEDGE_OK);
    else
        assert_true(st == KEDGE_OK || st == KEDGE_ERR_NUMERIC); /* separable, or weights beyond all measure */
}

static void run_case(quiet_case *c, const quiet_subject *subject, unsigned k, unsigned *counts)
{
    const kedge_model_config *cfg = subject->configure(c, k);
    size_t bytes = kedge_model_size(cfg), work_bytes = kedge_model_fit_work(cfg, c->n);
    kedge_model m;
    kedge_rows rows = kedge_rows_float64(c->x, c->n, c->p);
    void *mem = guard_new(bytes, 0xA5), *work = guard_new(work_bytes, 0xFF); /* 0xFF: NaN, if read before it is written */
    assert_int_equal(kedge_model_init(&m, cfg, mem, bytes), KEDGE_OK);
    void *before = guard_copy(mem, bytes);
    unsigned long n_before = quiet_allocations;
    if (!c->hostile)
        quiet_clear_flags();
    kedge_status st = kedge_model_fit(&m, &rows, c->y, c->weighted ? c->weight : NULL, work, work_bytes);
    int flags = quiet_raised();
    assert_true(c->hostile || flags == 0); /* telling infinity from a number may raise one */
    assert_int_equal(quiet_allocations, n_before);
    check_status(c, st, subject, k);
    assert_int_equal(kedge_model_check(&m), KEDGE_OK);
    n_before = quiet_allocations;
    if (st >= KEDGE_OK) {
        check_predictions(c, &m, cfg->n_classes);
        check_readouts(c, &m);
        check_softmax(c, &m);
    } else {
        assert_memory_equal(mem, before, bytes);
    }
    assert_int_equal(quiet_allocations, n_before);
    counts[st >= KEDGE_OK ? 0 : st == KEDGE_ERR_NUMERIC ? 1 : 2]++;
    guard_free(before);
    guard_free(work);
    guard_free(mem);
}

static void run_cases(const quiet_subject *subject)
{
    static quiet_case c;
    unsigned counts[3] = {0}, n = quiet_cases();
    for (unsigned k = 0; k < n; k++) {
        quiet_begin(k);
        quiet_fill(&c, ((uint64_t)subject->targets << 40) + k, subject->targets);
        run_case(&c, subject, k, counts);
        assert_int_equal(gsl_raised, 0);
    }
    quiet_end();
    print_message("%u fitted, %u without an answer, %u refused\n", counts[0], counts[1], counts[2]);
    assert_true(counts[0] > n / 5 && counts[1] > 0 && counts[2] > n / 40);
}

static void test_least_squares_is_quiet(void **unused)
{
    (void)unused;
    run_cases(&(quiet_subject){squares_config, QUIET_NUMBERS, 1});
}

static void test_elastic_net_is_quiet(void **unused)
{
    (void)unused;
    run_cases(&(quiet_subject){net_config, QUIET_NUMBERS, 0});
}

static void test_logistic_is_quiet(void **unused)
{
    (void)unused;
    run_cases(&(quiet_subject){logistic_config, QUIET_CLASSES_2, 0});
}

static void test_glm_is_quiet(void **unused)
{
    (void)unused;
    run_cases(&(quiet_subject){binomial_config, QUIET_SHARES, 0});
    run_cases(&(quiet_subject){poisson_config, QUIET_COUNTS, 0});
    run_cases(&(quiet_subject){gamma_config, QUIET_POSITIVES, 0});
}

static void test_ridge_is_quiet(void **unused)
{
    (void)unused;
    run_cases(&(quiet_subject){ridge_config, QUIET_NUMBERS, 1});
}

static void test_robust_is_quiet(void **unused)
{
    (void)unused;
    run_cases(&(quiet_subject){robust_config, QUIET_NUMBERS, 0});
}

static void test_discriminant_is_quiet(void **unused)
{
    (void)unused;
    run_cases(&(quiet_subject){discriminant_config, QUIET_CLASSES_3, 0});
}

static void test_softmax_is_quiet(void **unused)
{
    (void)unused;
    run_cases(&(quiet_subject){softmax_config, QUIET_CLASSES_3, 0});
}

/* The rows in two passes that are merged: a sound model, or no rows. */
static void check_one_pass(quiet_case *c, const kedge_gsl_least_squares_config *cfg)
{
    kedge_gsl_one_pass a, b;
    kedge_model m;
    size_t bytes = kedge_gsl_one_pass_size(cfg), work_bytes = kedge_gsl_one_pass_work(cfg),
        mem_bytes = kedge_model_size(&cfg->base);
    size_t n = c->n / 2;
    void *mem_a = guard_new(bytes, 0xA5), *mem_b = guard_new(bytes, 0xA5), *work = guard_new(work_bytes, 0xFF),
         *mem = guard_new(mem_bytes, 0);
    kedge_rows first = kedge_rows_float64(c->x, n, c->p), second = kedge_rows_float64(c->x + n * c->p, c->n - n, c->p);
    unsigned long n_before = quiet_allocations;
    assert_int_equal(kedge_gsl_one_pass_init(&a, cfg, mem_a, bytes), KEDGE_OK);
    assert_int_equal(kedge_gsl_one_pass_init(&b, cfg, mem_b, bytes), KEDGE_OK);
    assert_int_equal(kedge_model_init(&m, &cfg->base, mem, mem_bytes), KEDGE_OK);
    quiet_clear_flags();
    kedge_status st_a = kedge_gsl_one_pass_add(&a, &first, c->y, c->weighted ? c->weight : NULL, work, work_bytes);
    kedge_status st_b = kedge_gsl_one_pass_add(&b, &second, c->y + n, c->weighted ? c->weight + n : NULL, work, work_bytes);
    assert_true(c->hostile ? st_a == KEDGE_ERR_NOT_FINITE || st_b == KEDGE_ERR_NOT_FINITE : st_a == KEDGE_OK && st_b == KEDGE_OK);
    assert_int_equal(kedge_gsl_one_pass_merge(&a, &b, work, work_bytes), KEDGE_OK);
    kedge_status st = kedge_gsl_one_pass_solve(&a, &m, work, work_bytes);
    assert_true(st >= 0 || st == KEDGE_ERR_NUMERIC);
    assert_int_equal(kedge_model_check(&m), KEDGE_OK);
    assert_true(c->hostile || quiet_raised() == 0);
    if (st >= 0)
        check_readouts(c, &m);
    assert_true(c->hostile || quiet_raised() == 0);
    assert_int_equal(quiet_allocations, n_before);
    guard_free(mem);
    guard_free(work);
    guard_free(mem_b);
    guard_free(mem_a);
}

static void test_one_pass_is_quiet(void **unused)
{
    static quiet_case c;
    unsigned n = quiet_cases() / 2;
    (void)unused;
    for (unsigned k = 0; k < n; k++) {
        quiet_begin(k);
        quiet_fill(&c, k, QUIET_NUMBERS);
        check_one_pass(&c, (const kedge_gsl_least_squares_config *)(const void *)squares_config(&c, k));
        assert_int_equal(gsl_raised, 0);
    }
    quiet_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_instruments),
        cmocka_unit_test(test_least_squares_is_quiet),
        cmocka_unit_test(test_elastic_net_is_quiet),
        cmocka_unit_test(test_logistic_is_quiet),
        cmocka_unit_test(test_glm_is_quiet),
        cmocka_unit_test(test_ridge_is_quiet),
        cmocka_unit_test(test_robust_is_quiet),
        cmocka_unit_test(test_discriminant_is_quiet),
        cmocka_unit_test(test_softmax_is_quiet),
        cmocka_unit_test(test_one_pass_is_quiet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
