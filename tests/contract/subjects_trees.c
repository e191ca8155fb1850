/* SPDX-License-Identifier: MIT */
/* Trees, ensembles of them, portfolios and baselines. The trees' rooms are small, so that the streams fill them. */
#include "subjects.h"

static void config_hoeffding_tree(any_config *cfg)
{
    kedge_hoeffding_tree_config c = kedge_hoeffding_tree_defaults(4, 3);
    c.growth.memory = 8192;
    c.growth.grace = 20;
    c.growth.delta = 0.1;
    c.growth.tie = 0.5;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_hoeffding_tree_full(any_config *cfg)
{
    kedge_hoeffding_tree_config c = kedge_hoeffding_tree_defaults(3, 2);
    c.growth.memory = 2400;
    c.growth.grace = 5;
    c.growth.delta = 0.3;
    c.growth.tie = 2;
    c.growth.nominal[0] = 2;
    c.growth.n_values = 4;
    c.growth.leaf = KEDGE_LEAF_BAYES;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_efdt(any_config *cfg)
{
    kedge_efdt_config c = kedge_efdt_defaults(4, 3);
    c.growth.memory = 12000;
    c.growth.grace = 20;
    c.growth.delta = 0.1;
    c.growth.tie = 0.5;
    c.reevaluate = 30;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_efdt_full(any_config *cfg)
{
    kedge_efdt_config c = kedge_efdt_defaults(3, 2);
    c.growth.memory = 2400;
    c.growth.grace = 5;
    c.growth.delta = 0.3;
    c.growth.tie = 2;
    c.growth.nominal[0] = 2;
    c.growth.n_values = 4;
    c.reevaluate = 1;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_adaptive_tree(any_config *cfg)
{
    kedge_adaptive_tree_config c = kedge_adaptive_tree_defaults(4, 3);
    c.growth.memory = 12000;
    c.growth.grace = 20;
    c.growth.delta = 0.1;
    c.growth.tie = 0.5;
    c.drift_delta = 0.9;
    c.swap_delta = 0.9;
    c.least = 20;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_adaptive_tree_full(any_config *cfg)
{
    kedge_adaptive_tree_config c = kedge_adaptive_tree_defaults(3, 2);
    c.growth.memory = 4800;
    c.growth.grace = 10;
    c.growth.delta = 0.5;
    c.growth.tie = 10;
    c.growth.nominal[0] = 2;
    c.growth.n_values = 4;
    c.growth.leaf = KEDGE_LEAF_BAYES;
    c.drift_delta = 0.99;
    c.swap_delta = 0.99;
    c.least = 5;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_last_tree(any_config *cfg)
{
    kedge_last_config c = kedge_last_defaults(4, 3);
    c.growth.memory = 12000;
    c.drift_delta = 0.99;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_last_tree_full(any_config *cfg)
{
    kedge_last_config c = kedge_last_defaults(3, 2);
    c.growth.memory = 2400;
    c.growth.nominal[0] = 2;
    c.growth.n_values = 4;
    c.growth.leaf = KEDGE_LEAF_MAJORITY;
    c.drift_delta = 0.99;
    c.watches = KEDGE_LAST_IMPURITY;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_forest(any_config *cfg)
{
    kedge_adaptive_forest_config c = kedge_adaptive_forest_defaults(4, 6);
    c.growth.memory = 40000;
    c.n_trees = 3;
    c.drift_delta = c.warning_delta = 0.5;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_forest_majority(any_config *cfg)
{
    kedge_adaptive_forest_config c = kedge_adaptive_forest_defaults(2, 2);
    c.growth.memory = 30000;
    c.growth.leaf = KEDGE_LEAF_MAJORITY;
    c.growth.grace = 10;
    c.growth.tie = 1;
    c.n_trees = 5;
    c.n_subset = 1;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_auto(any_config *cfg)
{
    kedge_auto_config c = kedge_auto_defaults(3, 3);
    c.memory = 82000; /* with neighbours */
    c.n_trees = 3;
    c.n_near = 101;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_auto_budget(any_config *cfg)
{
    kedge_auto_config c = kedge_auto_defaults(3, 3);
    c.memory = 82000; /* with neighbours */
    c.n_trees = 3;
    c.n_near = 101;
    c.budget_ns = 700;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_baseline(any_config *cfg, uint32_t n_classes, uint32_t kind, double fading)
{
    kedge_baseline_config c = kedge_baseline_defaults(2, n_classes);
    c.kind = kind;
    c.fading = fading;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_usual(any_config *cfg)
{
    config_baseline(cfg, 3, KEDGE_BASELINE_USUAL, 0.9);
}

static void config_last(any_config *cfg)
{
    config_baseline(cfg, 3, KEDGE_BASELINE_LAST, 1);
}

static void config_mean(any_config *cfg)
{
    config_baseline(cfg, 0, KEDGE_BASELINE_USUAL, 0.99);
}

static void config_last_value(any_config *cfg)
{
    config_baseline(cfg, 0, KEDGE_BASELINE_LAST, 1);
}

static void config_auto_values(any_config *cfg)
{
    kedge_auto_config c = kedge_auto_defaults(3, 0);
    c.memory = 60000;
    c.n_trees = 2;
    c.rest = 3;
    c.budget_ns = 1000;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_auto_values(any_config *cfg, size_t i)
{
    SPOIL(kedge_auto_config, BAD(c->base.n_features = 0) BAD(c->base.n_classes = 1) BAD(c->base.n_classes = 2)
          BAD(c->memory = 10000) BAD(c->n_lags = 65) BAD(c->n_near = 100) BAD(c->rest = 0) BAD(c->rest = 1001));
}

static int spoil_auto(any_config *cfg, size_t i)
{
    SPOIL(kedge_auto_config, BAD(c->base.n_features = 0) BAD(c->base.n_features = UINT32_MAX) BAD(c->n_lags = 1)
          BAD(c->base.n_classes = 1)
          BAD(c->base.n_classes = UINT32_MAX) BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL) BAD(c->memory = 0)
          BAD(c->memory = 10000)
          BAD(c->n_trees = 0) BAD(c->n_trees = KEDGE_FOREST_TREES_MAX + 1) BAD(c->n_near = 99)
          BAD(c->n_near = KEDGE_KNN_WINDOW_MAX + 1) BAD(c->budget_ns = 0));
}

static int spoil_baseline(any_config *cfg, size_t i)
{
    SPOIL(kedge_baseline_config, BAD(c->base.n_features = 0) BAD(c->base.n_features = UINT32_MAX) BAD(c->base.n_classes = 1)
          BAD(c->base.n_classes = UINT32_MAX)
          BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL) BAD(c->fading = 0) BAD(c->fading = 1.5)
          BAD(c->fading = NAN_D) BAD(c->kind = 0)
          BAD(c->kind = 3));
}

#define SPOIL_TREE                                                                                 \
    BAD(c->base.n_features = 0)                                                                    \
    BAD(c->base.n_features = UINT32_MAX)                                                           \
    BAD(c->base.n_classes = 0)                                                                     \
    BAD(c->base.n_classes = 1)                                                                     \
    BAD(c->base.n_classes = UINT32_MAX)                                                            \
    BAD(c->base.config_bytes = sizeof *c + 8)                                                      \
    BAD(c->base.cls = NULL)                                                                        \
    BAD(c->growth.delta = 0)                                                                       \
    BAD(c->growth.delta = 1)                                                                       \
    BAD(c->growth.delta = NAN_D)                                                                   \
    BAD(c->growth.tie = -1)                                                                        \
    BAD(c->growth.tie = NAN_D)                                                                     \
    BAD(c->growth.memory = 0)                                                                      \
    BAD(c->growth.memory = 500)                                                                    \
    BAD(c->growth.grace = 0)                                                                       \
    BAD(c->growth.grace = UINT32_MAX)                                                              \
    BAD(c->growth.n_splits = 0)                                                                    \
    BAD(c->growth.n_splits = 1001)                                                                 \
    BAD(c->growth.n_values = 1)                                                                    \
    BAD(c->growth.n_values = 4097)                                                                 \
    BAD(c->growth.nominal[3] = 1)                                                                  \
    BAD(c->growth.nominal[0] = 1u << 4)                                                            \
    BAD(c->growth.leaf = 0)                                                                        \
    BAD(c->growth.leaf = 4)

static int spoil_hoeffding_tree(any_config *cfg, size_t i)
{
    SPOIL(kedge_hoeffding_tree_config, SPOIL_TREE);
}

static int spoil_efdt(any_config *cfg, size_t i)
{
    SPOIL(kedge_efdt_config, SPOIL_TREE BAD(c->reevaluate = 0) BAD(c->reevaluate = UINT32_MAX));
}

static int spoil_adaptive_tree(any_config *cfg, size_t i)
{
    SPOIL(kedge_adaptive_tree_config, SPOIL_TREE BAD(c->drift_delta = 0) BAD(c->drift_delta = 1) BAD(c->drift_delta = NAN_D)
          BAD(c->swap_delta = 0) BAD(c->swap_delta = 1)
          BAD(c->swap_delta = NAN_D) BAD(c->least = 0) BAD(c->least = 10001));
}

static int spoil_last_tree(any_config *cfg, size_t i)
{
    SPOIL(kedge_last_config, SPOIL_TREE BAD(c->drift_delta = 0) BAD(c->drift_delta = 1) BAD(c->drift_delta = NAN_D)
          BAD(c->max_share = 0) BAD(c->max_share = 1.1)
          BAD(c->max_share = NAN_D) BAD(c->watches = 0) BAD(c->watches = 3));
}

static int spoil_forest(any_config *cfg, size_t i)
{
    SPOIL(kedge_adaptive_forest_config, SPOIL_TREE BAD(c->lambda = 0) BAD(c->lambda = 101) BAD(c->lambda = NAN_D)
          BAD(c->warning_delta = 0) BAD(c->warning_delta = 1)
          BAD(c->drift_delta = 0) BAD(c->drift_delta = NAN_D) BAD(c->n_trees = 0) BAD(c->n_trees = KEDGE_FOREST_TREES_MAX + 1)
          BAD(c->n_subset = 0) BAD(c->n_subset = 5));
}

static const subject subjects[] = {
    {"hoeffding_tree", &noun_model, config_hoeffding_tree, spoil_hoeffding_tree, feed_model, feed_model_many, 600},
    {"hoeffding_tree full", &noun_model, config_hoeffding_tree_full, spoil_hoeffding_tree, feed_model, feed_model_many, 600},
    {"efdt", &noun_model, config_efdt, spoil_efdt, feed_model, feed_model_many, 600},
    {"efdt full", &noun_model, config_efdt_full, spoil_efdt, feed_model, feed_model_many, 600},
    {"adaptive_tree", &noun_model, config_adaptive_tree, spoil_adaptive_tree, feed_model, feed_model_many, 600},
    {"adaptive_tree full", &noun_model, config_adaptive_tree_full, spoil_adaptive_tree, feed_model, feed_model_many, 600},
    {"last_tree", &noun_model, config_last_tree, spoil_last_tree, feed_model, feed_model_many, 600},
    {"last_tree full", &noun_model, config_last_tree_full, spoil_last_tree, feed_model, feed_model_many, 600},
    {"adaptive_forest", &noun_model, config_forest, spoil_forest, feed_model, feed_model_many, 600},
    {"auto values", &noun_model, config_auto_values, spoil_auto_values, feed_model, feed_model_many, 300},
    {"auto", &noun_model, config_auto, spoil_auto, feed_model, feed_model_many, 400},
    {"auto budget", &noun_model, config_auto_budget, spoil_auto, feed_model, feed_model_many, 300},
    {"baseline usual", &noun_model, config_usual, spoil_baseline, feed_model, feed_model_many, 200},
    {"baseline last", &noun_model, config_last, spoil_baseline, feed_model, feed_model_many, 200},
    {"baseline mean", &noun_model, config_mean, spoil_baseline, feed_model, feed_model_many, 200},
    {"baseline last value", &noun_model, config_last_value, spoil_baseline, feed_model, feed_model_many, 200},
    {"adaptive_forest majority", &noun_model, config_forest_majority, spoil_forest, feed_model, feed_model_many, 400},
};

const subject_group group_trees = {subjects, sizeof subjects / sizeof *subjects};
