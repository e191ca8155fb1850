/* SPDX-License-Identifier: MIT */
/* Regression trees, forests of them and rules. Their rooms are small, so that the streams fill them. */
#include "subjects.h"

static void config_fimt_dd(any_config *cfg)
{
    kedge_fimt_dd_config c = kedge_fimt_dd_defaults(3);
    c.growth.memory = 20000;
    c.growth.grace = 10;
    c.growth.delta = 0.3;
    c.growth.tie = 0.5;
    c.drift_threshold = 2;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_fimt_dd_full(any_config *cfg)
{
    kedge_fimt_dd_config c = kedge_fimt_dd_defaults(3);
    c.growth.memory = 6000;
    c.growth.grace = 5;
    c.growth.delta = 0.3;
    c.growth.tie = 2;
    c.growth.nominal[0] = 2;
    c.growth.n_values = 4;
    c.growth.n_splits = 4;
    c.growth.leaf = KEDGE_HEAD_MEAN;
    c.drift_threshold = 0;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_forest_reg(any_config *cfg)
{
    kedge_forest_reg_config c = kedge_forest_reg_defaults(4);
    c.growth.memory = 60000;
    c.growth.grace = 30;
    c.n_trees = 3;
    c.drift_delta = c.warning_delta = 0.5;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_forest_reg_mean(any_config *cfg)
{
    kedge_forest_reg_config c = kedge_forest_reg_defaults(2);
    c.growth.memory = 40000;
    c.growth.leaf = KEDGE_HEAD_MEAN;
    c.growth.grace = 10;
    c.growth.tie = 1;
    c.growth.nominal[0] = 1;
    c.n_trees = 5;
    c.n_subset = 1;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_amrules(any_config *cfg)
{
    kedge_amrules_config c = kedge_amrules_defaults(3);
    c.growth.memory = 20000;
    c.growth.grace = 10;
    c.growth.delta = 0.3;
    c.growth.tie = 0.5;
    c.drift_threshold = 2;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_amrules_unordered(any_config *cfg)
{
    kedge_amrules_config c = kedge_amrules_defaults(3);
    c.growth.memory = 8000;
    c.growth.grace = 5;
    c.growth.tie = 2;
    c.growth.nominal[0] = 2;
    c.growth.n_values = 4;
    c.growth.n_splits = 4;
    c.growth.leaf = KEDGE_HEAD_MEAN;
    c.ordered = 0;
    c.anomaly = 0;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

#define SPOIL_REGRESSION_TREE                                                                      \
    BAD(c->base.n_features = 0)                                                                    \
    BAD(c->base.n_features = UINT32_MAX)                                                           \
    BAD(c->base.n_classes = 2)                                                                     \
    BAD(c->base.n_classes = UINT32_MAX)                                                            \
    BAD(c->base.config_bytes = sizeof *c + 8)                                                      \
    BAD(c->base.cls = NULL)                                                                        \
    BAD(c->growth.delta = 0)                                                                       \
    BAD(c->growth.delta = NAN_D)                                                                   \
    BAD(c->growth.tie = -1)                                                                        \
    BAD(c->growth.memory = 0)                                                                      \
    BAD(c->growth.memory = 900)                                                                    \
    BAD(c->growth.grace = 0)                                                                       \
    BAD(c->growth.n_splits = 0)                                                                    \
    BAD(c->growth.n_splits = 1001)                                                                 \
    BAD(c->growth.n_values = 1)                                                                    \
    BAD(c->growth.nominal[0] = 1u << 4)                                                            \
    BAD(c->growth.leaf = 0)                                                                        \
    BAD(c->growth.leaf = 4)

static int spoil_fimt_dd(any_config *cfg, size_t i)
{
    SPOIL(kedge_fimt_dd_config, SPOIL_REGRESSION_TREE BAD(c->drift_delta = -1) BAD(c->drift_delta = 2) BAD(c->drift_delta = NAN_D)
          BAD(c->drift_threshold = -1)
          BAD(c->drift_threshold = 1e10) BAD(c->drift_threshold = NAN_D));
}

static int spoil_amrules(any_config *cfg, size_t i)
{
    SPOIL(kedge_amrules_config, SPOIL_REGRESSION_TREE BAD(c->drift_delta = -1) BAD(c->drift_delta = 2) BAD(c->drift_threshold = -1)
          BAD(c->drift_threshold = NAN_D)
          BAD(c->anomaly = 1) BAD(c->anomaly = -1001) BAD(c->anomaly = NAN_D) BAD(c->ordered = 2));
}

static int spoil_forest_reg(any_config *cfg, size_t i)
{
    SPOIL(kedge_forest_reg_config, SPOIL_REGRESSION_TREE BAD(c->lambda = 0) BAD(c->lambda = 101) BAD(c->lambda = NAN_D)
          BAD(c->warning_delta = 0)
          BAD(c->warning_delta = 1) BAD(c->drift_delta = 0) BAD(c->drift_delta = NAN_D) BAD(c->n_trees = 0)
          BAD(c->n_trees = KEDGE_FOREST_TREES_MAX + 1)
          BAD(c->n_subset = 0) BAD(c->n_subset = 5));
}

static const subject subjects[] = {
    {"fimt_dd", &noun_model, config_fimt_dd, spoil_fimt_dd, feed_model, feed_model_many, 600},
    {"fimt_dd full", &noun_model, config_fimt_dd_full, spoil_fimt_dd, feed_model, feed_model_many, 600},
    {"amrules", &noun_model, config_amrules, spoil_amrules, feed_model, feed_model_many, 600},
    {"amrules unordered", &noun_model, config_amrules_unordered, spoil_amrules, feed_model, feed_model_many, 600},
    {"forest_reg", &noun_model, config_forest_reg, spoil_forest_reg, feed_model, feed_model_many, 600},
    {"forest_reg mean", &noun_model, config_forest_reg_mean, spoil_forest_reg, feed_model, feed_model_many, 400},
};

const subject_group group_regression = {subjects, sizeof subjects / sizeof *subjects};
