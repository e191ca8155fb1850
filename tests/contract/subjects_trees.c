/* SPDX-License-Identifier: MIT */
/* Trees and ensembles of them. Their rooms are small, so that the streams fill them. */
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
    BAD(c->growth.memory = 700)                                                                    \
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

static int spoil_forest(any_config *cfg, size_t i)
{
    SPOIL(kedge_adaptive_forest_config, SPOIL_TREE BAD(c->lambda = 0) BAD(c->lambda = 101) BAD(c->lambda = NAN_D) BAD(c->warning_delta = 0) BAD(c->warning_delta = 1)
          BAD(c->drift_delta = 0) BAD(c->drift_delta = NAN_D) BAD(c->n_trees = 0) BAD(c->n_trees = KEDGE_FOREST_TREES_MAX + 1) BAD(c->n_subset = 0) BAD(c->n_subset = 5));
}

static const subject subjects[] = {
    {"hoeffding_tree", &noun_model, config_hoeffding_tree, spoil_hoeffding_tree, feed_model, feed_model_many, 600},
    {"hoeffding_tree full", &noun_model, config_hoeffding_tree_full, spoil_hoeffding_tree, feed_model, feed_model_many, 600},
    {"adaptive_forest", &noun_model, config_forest, spoil_forest, feed_model, feed_model_many, 600},
    {"adaptive_forest majority", &noun_model, config_forest_majority, spoil_forest, feed_model, feed_model_many, 400},
};

const subject_group group_trees = {subjects, sizeof subjects / sizeof *subjects};
