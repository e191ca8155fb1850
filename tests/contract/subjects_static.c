/* SPDX-License-Identifier: MIT */
/* Subjects: models that are only fitted. */
#include "subjects.h"

static void config_boosting_of(any_config *cfg, uint32_t n_features, uint32_t n_classes, uint32_t loss)
{
    kedge_gradient_boosting_config c = kedge_gradient_boosting_defaults(n_features, n_classes);
    c.n_rounds = 6;
    c.max_leaves = 7;
    c.min_rows = 3;
    c.loss = loss;
    if (n_classes > 2) {
        c.nominal[0] = 1;
        c.n_bins = 20;
    }
    if (n_classes < 3) {
        c.rising[0] = 2;
        c.holdout = 0.2;
        c.patience = 3;
        c.row_share = 0.8;
    }
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_boosting_two(any_config *cfg)
{
    config_boosting_of(cfg, 4, 2, KEDGE_BOOST_SQUARED);
}

static void config_boosting_many(any_config *cfg)
{
    config_boosting_of(cfg, 3, 4, KEDGE_BOOST_SQUARED);
}

static void config_boosting_squared(any_config *cfg)
{
    config_boosting_of(cfg, 5, 0, KEDGE_BOOST_SQUARED);
}

static void config_boosting_absolute(any_config *cfg)
{
    config_boosting_of(cfg, 2, 0, KEDGE_BOOST_ABSOLUTE);
}

static int spoil_boosting(any_config *cfg, size_t i)
{
    SPOIL(kedge_gradient_boosting_config,
          BAD(c->base.n_features = 0) BAD(c->base.n_features = UINT32_MAX) BAD(c->base.n_classes = 1)
          BAD(c->base.n_classes = UINT32_MAX)
          BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL) BAD(c->learning_rate = 0) BAD(c->learning_rate = 1.1)
          BAD(c->learning_rate = NAN_D) BAD(c->l2 = -1) BAD(c->l2 = 2e9) BAD(c->l2 = NAN_D) BAD(c->min_gain = -1)
          BAD(c->min_gain = NAN_D)
          BAD(c->min_hessian = 0) BAD(c->min_hessian = NAN_D) BAD(c->row_share = 0) BAD(c->row_share = 1.5)
          BAD(c->feature_share = 0)
          BAD(c->feature_share = NAN_D) BAD(c->holdout = -0.1) BAD(c->holdout = 0.95) BAD(c->loss = 0) BAD(c->loss = 3)
          BAD(c->n_rounds = 0)
          BAD(c->n_rounds = KEDGE_BOOST_ROUNDS_MAX + 1) BAD(c->max_leaves = 1) BAD(c->max_leaves = KEDGE_BOOST_LEAVES_MAX + 1)
          BAD(c->max_depth = 0) BAD(c->max_depth = UINT32_MAX) BAD(c->min_rows = 0) BAD(c->min_rows = UINT32_MAX) BAD(c->n_bins = 1)
          BAD(c->n_bins = 256) BAD(c->hold = 0) BAD(c->hold = 3) BAD(c->patience = 0) BAD(c->patience = 65537)
          BAD(c->nominal[0] = 1u << 5)
          BAD(c->nominal[3] = 1) BAD(c->rising[1] = 1) BAD(c->falling[0] = 1u << 6) BAD(c->nominal[0] = c->rising[0] = 1)
          BAD(c->nominal[0] = c->falling[0] = 1) BAD(c->rising[0] = c->falling[0] = 1)
          BAD((c->base.n_classes = 3, c->nominal[0] = 0, c->rising[0] = 2)));
}

static void config_forest_of(any_config *cfg, uint32_t n_features, uint32_t n_classes)
{
    kedge_random_forest_config c = kedge_random_forest_defaults(n_features, n_classes);
    c.n_trees = 4;
    c.max_leaves = 12;
    c.out_of_bag = 1;
    if (n_classes > 2) {
        c.nominal[0] = 1;
        c.n_bins = 20;
    }
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_forest(any_config *cfg)
{
    config_forest_of(cfg, 4, 3);
}

static void config_forest_regression(any_config *cfg)
{
    config_forest_of(cfg, 3, 0);
}

static void config_cart(any_config *cfg)
{
    config_forest_of(cfg, 5, 2);
    kedge_random_forest_config *c = (kedge_random_forest_config *)(void *)cfg;
    c->n_trees = 1;
    c->bootstrap = 0;
    c->out_of_bag = 0;
    c->ccp_alpha = 0.01;
    c->n_subset = 5;
}

static int spoil_forest(any_config *cfg, size_t i)
{
    SPOIL(kedge_random_forest_config,
          BAD(c->base.n_features = 0) BAD(c->base.n_features = UINT32_MAX) BAD(c->base.n_classes = 1)
          BAD(c->base.n_classes = UINT32_MAX)
          BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL) BAD(c->n_trees = 0) BAD(c->n_trees = 65537)
          BAD(c->max_leaves = 1)
          BAD(c->max_leaves = KEDGE_RANDOM_FOREST_LEAVES_MAX + 1) BAD(c->max_depth = 0) BAD(c->max_depth = UINT32_MAX)
          BAD(c->min_rows = 0)
          BAD(c->min_rows = UINT32_MAX) BAD(c->n_subset = 0) BAD(c->n_subset = c->base.n_features + 1) BAD(c->n_bins = 1)
          BAD(c->n_bins = 256)
          BAD(c->bootstrap = 2) BAD(c->out_of_bag = 2) BAD(c->ccp_alpha = -1e-300) BAD(c->ccp_alpha = NAN_D)
          BAD(c->nominal[0] = 1u << 7) BAD(c->nominal[3] = 1));
}

/* Of classes that learn, fit, or do both. */
static const kedge_model_config *candidate(uint32_t i, uint32_t n_classes)
{
    static kedge_random_forest_config forest[2];
    static kedge_logistic_config logistic;
    static kedge_gaussian_nb_config bayes;
    static kedge_rls_config rls;
    static kedge_baseline_config mean;
    kedge_random_forest_config *f = &forest[n_classes > 0];
    *f = kedge_random_forest_defaults(3, n_classes);
    f->n_trees = 3;
    f->max_leaves = 8;
    logistic = kedge_logistic_defaults(3, 3);
    bayes = kedge_gaussian_nb_defaults(3, 3);
    rls = kedge_rls_defaults(3);
    mean = kedge_baseline_defaults(3, 0);
    const kedge_model_config *const all[2][3] = {{&rls.base, &f->base, &mean.base}, {&bayes.base, &logistic.base, &f->base}};
    return all[n_classes > 0][i];
}

static void config_contest_of(any_config *cfg, kedge_contest_of *cls, uint32_t n_classes)
{
    const kedge_model_class *classes[3];
    kedge_contest_config c;
    for (uint32_t i = 0; i < 3; i++)
        classes[i] = candidate(i, n_classes)->cls;
    assert_int_equal(kedge_contest_class(cls, classes, 3), KEDGE_OK);
    assert_int_equal(kedge_contest_config_init(&c, sizeof c, cls, 3, n_classes), KEDGE_OK);
    c.least_rows = 20;
    for (uint32_t i = 0; i < 3; i++)
        c.candidates[i] = candidate(i, n_classes);
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_contest(any_config *cfg)
{
    static kedge_contest_of cls;
    config_contest_of(cfg, &cls, 3);
}

static void config_contest_regression(any_config *cfg)
{
    static kedge_contest_of cls;
    config_contest_of(cfg, &cls, 0);
}

static int spoil_contest(any_config *cfg, size_t i)
{
    SPOIL(kedge_contest_config,
          BAD(c->base.n_features = 0) BAD(c->base.n_features = 2) BAD(c->base.n_features = UINT32_MAX) BAD(c->base.n_classes = 1)
          BAD(c->base.n_classes += 2) BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL) BAD(c->holdout = 0)
          BAD(c->holdout = 1)
          BAD(c->holdout = NAN_D) BAD(c->max_fits = 0) BAD(c->max_rows = 0) BAD(c->least_rows = 0) BAD(c->score = 0)
          BAD(c->score = 99)
          BAD(c->score = c->base.n_classes > 0 ? KEDGE_SCORE_R2 : KEDGE_SCORE_BRIER) BAD(c->factor = 1) BAD(c->factor = 17)
          BAD(c->n_passes = 0) BAD(c->n_passes = 10001) BAD(c->candidates[0] = NULL) BAD(c->candidates[2] = NULL)
          BAD(c->candidates[1] = c->candidates[0]) BAD(c->candidates[3] = c->candidates[2]) BAD(c->candidates[7] = c->candidates[2])
          BAD(c->candidates[2] = candidate(c->base.n_classes > 0 ? 1 : 2, c->base.n_classes > 0 ? 0 : 3)));
}

static const subject subjects[] = {
    {"gradient boosting, two classes", &noun_model, config_boosting_two, spoil_boosting, fit_model, NULL, 100},
    {"gradient boosting, four classes", &noun_model, config_boosting_many, spoil_boosting, fit_model, NULL, 100},
    {"gradient boosting, squared error", &noun_model, config_boosting_squared, spoil_boosting, fit_model, NULL, 100},
    {"gradient boosting, absolute error", &noun_model, config_boosting_absolute, spoil_boosting, fit_model, NULL, 100},
    {"random forest", &noun_model, config_forest, spoil_forest, fit_model, NULL, 100},
    {"random forest, regression", &noun_model, config_forest_regression, spoil_forest, fit_model, NULL, 100},
    {"contest", &noun_model, config_contest, spoil_contest, fit_model, NULL, 100},
    {"contest, regression", &noun_model, config_contest_regression, spoil_contest, fit_model, NULL, 100},
    {"CART", &noun_model, config_cart, spoil_forest, fit_model, NULL, 100},
};

const subject_group group_static = {subjects, sizeof subjects / sizeof *subjects};
