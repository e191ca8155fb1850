/* SPDX-License-Identifier: MIT */
/* The core's static trainers allocate nothing, raise no flag of floating point and do not hang, whatever a caller brings: random
 * and hostile tables with an allocator that counts, an alarm for each case, and guards around exact memory. */
#include "quiet.h"

#include <float.h>
#include <math.h>

/* What is asked of a class: a configuration for case k, and targets that it takes. */
typedef struct quiet_subject {
    const kedge_model_config *(*configure)(const quiet_case *c, unsigned k, uint32_t n_classes);
    int targets;
    int takes_missing; /* NaN among the features is an answer that is missing */
} quiet_subject;

static const kedge_model_config *gaussian_config(const quiet_case *c, unsigned k, uint32_t n_classes)
{
    static kedge_gaussian_nb_config cfg;
    cfg = kedge_gaussian_nb_defaults((uint32_t)c->p, n_classes);
    cfg.smoothing = k % 3 ? cfg.smoothing : 0.0;
    return &cfg.base;
}

static const kedge_model_config *multinomial_config(const quiet_case *c, unsigned k, uint32_t n_classes)
{
    static kedge_multinomial_nb_config cfg;
    cfg = kedge_multinomial_nb_defaults((uint32_t)c->p, n_classes);
    cfg.alpha = k % 3 ? 1.0 : 1e-10;
    cfg.complement = k / 2 % 2;
    return &cfg.base;
}

static const kedge_model_config *bernoulli_config(const quiet_case *c, unsigned k, uint32_t n_classes)
{
    static kedge_bernoulli_nb_config cfg;
    cfg = kedge_bernoulli_nb_defaults((uint32_t)c->p, n_classes);
    cfg.alpha = k % 3 ? 1.0 : 1e-10;
    return &cfg.base;
}

/* Small forests, so that many cases fit into a minute. */
static kedge_random_forest_config *wood_config(const quiet_case *c, unsigned k, uint32_t n_classes)
{
    static kedge_random_forest_config cfg;
    cfg = kedge_random_forest_defaults((uint32_t)c->p, n_classes);
    cfg.n_trees = 3;
    cfg.max_leaves = k % 5 ? 16 : 2;
    cfg.min_rows = 1 + k % 3;
    cfg.n_bins = k % 4 ? 255 : 2;
    cfg.nominal[0] = k % 6 == 0;
    cfg.ccp_alpha = k % 7 ? 0.0 : k % 2 ? 1e-3 : 1e300;
    return &cfg;
}

static const kedge_model_config *forest_config(const quiet_case *c, unsigned k, uint32_t n_classes)
{
    kedge_random_forest_config *cfg = wood_config(c, k, n_classes);
    cfg->out_of_bag = k % 2;
    return &cfg->base;
}

static const kedge_model_config *cart_config(const quiet_case *c, unsigned k, uint32_t n_classes)
{
    kedge_random_forest_config *cfg = wood_config(c, k, n_classes);
    cfg->n_trees = 1;
    cfg->bootstrap = 0;
    cfg->n_subset = (uint32_t)c->p;
    return &cfg->base;
}

static const kedge_model_config *boosting_config(const quiet_case *c, unsigned k, uint32_t n_classes)
{
    static kedge_gradient_boosting_config cfg;
    cfg = kedge_gradient_boosting_defaults((uint32_t)c->p, n_classes);
    cfg.loss = k % 2 ? KEDGE_BOOST_SQUARED : KEDGE_BOOST_ABSOLUTE;
    cfg.n_rounds = k % 11 ? 4 : 30;
    cfg.max_leaves = k % 5 ? 8 : 2;
    cfg.min_rows = k % 3 ? 1 : 5;
    cfg.n_bins = k % 4 ? 255 : 2;
    cfg.learning_rate = k % 7 ? 0.1 : 1.0;
    cfg.l2 = k % 3 ? 0.0 : 1e9;
    cfg.min_hessian = k % 2 ? 1e-3 : 1e-10;
    cfg.row_share = k % 8 ? 1.0 : 0.5;
    cfg.holdout = k % 9 ? 0.0 : 0.3;
    cfg.hold = k % 2 ? KEDGE_HOLD_LAST : KEDGE_HOLD_RANDOM;
    cfg.patience = 2;
    cfg.nominal[0] = k % 6 == 0;
    cfg.rising[0] = k % 10 == 5 && n_classes <= 2;
    return &cfg.base;
}

/* A contest between a forest and what cannot take missing values, or boosting, which can. */
static const kedge_model_config *contest_config(const quiet_case *c, unsigned k, uint32_t n_classes)
{
    static const uint32_t of_classes[] = {KEDGE_SCORE_ACCURACY, KEDGE_SCORE_LOG_LOSS, KEDGE_SCORE_BRIER};
    static const uint32_t of_numbers[] = {KEDGE_SCORE_MAE, KEDGE_SCORE_RMSE, KEDGE_SCORE_R2};
    static kedge_contest_of cls;
    static kedge_contest_config cfg;
    const kedge_model_class *const classes[2] = {n_classes > 0 ? &kedge_gaussian_nb : &kedge_gradient_boosting,
                                                 &kedge_random_forest};
    assert_int_equal(kedge_contest_class(&cls, classes, 2), KEDGE_OK);
    assert_int_equal(kedge_contest_config_init(&cfg, sizeof cfg, &cls, (uint32_t)c->p, n_classes), KEDGE_OK);
    cfg.candidates[0] = n_classes > 0 ? gaussian_config(c, k, n_classes) : boosting_config(c, k, n_classes);
    cfg.candidates[1] = forest_config(c, k, n_classes);
    cfg.score = n_classes > 0 ? of_classes[k % 3] : of_numbers[k % 3];
    cfg.holdout = k % 4 ? 0.25 : 0.9;
    cfg.least_rows = k % 5 ? 500 : 4;
    return &cfg.base;
}

/* What a fit must say: an error of the table, of its weights, or nothing. */
static kedge_status status_due(const quiet_case *c, const quiet_subject *subject)
{
    double total = 0.0;
    for (size_t i = 0; i < c->n; i++) {
        if (c->y[i] - c->y[i] != 0)
            return KEDGE_ERR_NOT_FINITE;
        total += c->weighted ? c->weight[i] : 1.0;
        for (size_t j = 0; j < c->p; j++) {
            double v = c->x[i * c->p + j];
            if (v - v != 0 && !(subject->takes_missing && v != v))
                return KEDGE_ERR_NOT_FINITE;
        }
    }
    return total > 0.0 ? KEDGE_OK : KEDGE_ERR_NUMERIC;
}

/* Counts alone are a table for multinomial naive Bayes. */
static int holds_counts(const quiet_case *c)
{
    for (size_t i = 0; i < c->n * c->p; i++)
        if (!(c->x[i] >= 0.0 && c->x[i] <= KEDGE_COUNT_MAX))
            return 0;
    return 1;
}

static void make_counts(quiet_case *c)
{
    for (size_t i = 0; i < c->n * c->p; i++)
        if (c->x[i] - c->x[i] == 0)
            c->x[i] = fmin(fabs(c->x[i]), KEDGE_COUNT_MAX);
}

static void check_scores(const double *scores, size_t n_classes, double y)
{
    double sum = 0.0, best = 0.0;
    for (size_t i = 0; i < n_classes; i++) {
        assert_true(scores[i] >= 0.0);
        sum += scores[i];
        best = fmax(best, scores[i]);
    }
    assert_true(fabs(sum - 1.0) < 1e-14);
    assert_true(y >= 0.0 && y < (double)n_classes && scores[(size_t)y] >= best * (1.0 - 1e-14));
}

/* Predictions and scores for rows of the table and rows it never saw, all finite. */
static void check_predictions(quiet_case *c, const quiet_subject *subject, const kedge_model *m, size_t n_classes)
{
    double at[QUIET_FEATURES], y = NAN, scores[QUIET_CLASSES] = {NAN, NAN, NAN};
    for (int k = 0; k < 6; k++) {
        size_t i_row = (size_t)kedge_rng_below(&c->rng, c->n);
        for (size_t j = 0; j < c->p; j++) {
            at[j] = k < 3 ? c->x[i_row * c->p + j] : quiet_draw(c, 2);
            if (subject->configure == multinomial_config)
                at[j] = fmin(fabs(at[j]), KEDGE_COUNT_MAX);
        }
        assert_int_equal(kedge_model_predict(m, at, &y), KEDGE_OK);
        assert_true(y - y == 0);
        assert_int_equal(kedge_model_score(m, at, scores, n_classes ? n_classes : 1), KEDGE_OK);
        if (n_classes > 0)
            check_scores(scores, n_classes, y);
        else
            assert_true(scores[0] == y);
    }
}

static void run_case(quiet_case *c, const quiet_subject *subject, unsigned k, unsigned *counts)
{
    const kedge_model_config *cfg = subject->configure(c, k, (uint32_t)quiet_n_classes(subject->targets));
    size_t bytes = kedge_model_size(cfg), work_bytes = kedge_model_fit_work(cfg, c->n);
    kedge_status due = status_due(c, subject);
    kedge_model m;
    kedge_rows rows = kedge_rows_float64(c->x, c->n, c->p);
    void *mem = guard_new(bytes, 0xA5), *work = guard_new(work_bytes, 0xFF); /* 0xFF: NaN, if read before it is written */
    assert_int_equal(kedge_model_init(&m, cfg, mem, bytes), KEDGE_OK);
    void *before = guard_copy(mem, bytes);
    unsigned long n_before = quiet_allocations;
    quiet_clear_flags();
    kedge_status st = kedge_model_fit(&m, &rows, c->y, c->weighted ? c->weight : NULL, work, work_bytes);
    assert_true(c->hostile || !quiet_raised()); /* telling NaN or infinity from a number may raise one */
    if (due != KEDGE_ERR_NOT_FINITE && subject->configure == multinomial_config && !holds_counts(c))
        due = KEDGE_ERR_RANGE;
    assert_int_equal(st, due);
    assert_int_equal(kedge_model_check(&m), KEDGE_OK);
    if (st == KEDGE_OK)
        check_predictions(c, subject, &m, cfg->n_classes);
    else
        assert_memory_equal(mem, before, bytes);
    assert_true(c->hostile || !quiet_raised());
    assert_int_equal(quiet_allocations, n_before);
    counts[st == KEDGE_OK ? 0 : 1]++;
    guard_free(before);
    guard_free(work);
    guard_free(mem);
}

static void run_cases(const quiet_subject *subject)
{
    static quiet_case c;
    unsigned counts[2] = {0}, n = quiet_cases();
    for (unsigned k = 0; k < n; k++) {
        quiet_begin(k);
        quiet_fill(&c, ((uint64_t)subject->targets << 40) + k, subject->targets);
        if (subject->configure == multinomial_config && k % 8)
            make_counts(&c);
        run_case(&c, subject, k, counts);
    }
    quiet_end();
    print_message("%u fitted, %u refused\n", counts[0], counts[1]);
    assert_true(counts[0] > n / 2 && counts[1] > n / 40);
}

static void test_instruments(void **unused)
{
    (void)unused;
    quiet_check_counting();
}

static void test_naive_bayes_is_quiet(void **unused)
{
    (void)unused;
    run_cases(&(quiet_subject){gaussian_config, QUIET_CLASSES_3, 0});
    run_cases(&(quiet_subject){multinomial_config, QUIET_CLASSES_3, 0});
    run_cases(&(quiet_subject){bernoulli_config, QUIET_CLASSES_2, 0});
}

static void test_cart_is_quiet(void **unused)
{
    (void)unused;
    run_cases(&(quiet_subject){cart_config, QUIET_CLASSES_3, 1});
    run_cases(&(quiet_subject){cart_config, QUIET_NUMBERS, 1});
}

static void test_forest_is_quiet(void **unused)
{
    (void)unused;
    run_cases(&(quiet_subject){forest_config, QUIET_CLASSES_2, 1});
    run_cases(&(quiet_subject){forest_config, QUIET_NUMBERS, 1});
}

static void test_boosting_is_quiet(void **unused)
{
    (void)unused;
    run_cases(&(quiet_subject){boosting_config, QUIET_CLASSES_2, 1});
    run_cases(&(quiet_subject){boosting_config, QUIET_CLASSES_3, 1});
    run_cases(&(quiet_subject){boosting_config, QUIET_NUMBERS, 1});
}

static void test_contest_is_quiet(void **unused)
{
    (void)unused;
    run_cases(&(quiet_subject){contest_config, QUIET_CLASSES_3, 0});
    run_cases(&(quiet_subject){contest_config, QUIET_NUMBERS, 1});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_instruments),       cmocka_unit_test(test_naive_bayes_is_quiet), cmocka_unit_test(test_cart_is_quiet),
        cmocka_unit_test(test_forest_is_quiet),   cmocka_unit_test(test_boosting_is_quiet),
        cmocka_unit_test(test_contest_is_quiet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
