/* SPDX-License-Identifier: MIT */
/* Linear models: each optimiser with one of its losses; recursive least squares. */
#include "subjects.h"

static void config_linear(any_config *cfg, uint32_t n_classes, uint32_t loss, uint32_t optimiser)
{
    kedge_linear_config c = kedge_linear_defaults(3, n_classes);
    c.loss = loss;
    c.optimiser = optimiser;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_nag(any_config *cfg)
{
    config_linear(cfg, 2, KEDGE_LINEAR_LOGISTIC, KEDGE_LINEAR_NAG);
}

static void config_nag_softmax(any_config *cfg)
{
    config_linear(cfg, 3, KEDGE_LINEAR_SOFTMAX, KEDGE_LINEAR_NAG);
}

static void config_nag_squared(any_config *cfg)
{
    config_linear(cfg, 0, KEDGE_LINEAR_SQUARED, KEDGE_LINEAR_NAG);
}

static void config_sgd(any_config *cfg)
{
    config_linear(cfg, 0, KEDGE_LINEAR_HUBER, KEDGE_LINEAR_SGD);
}

static void config_ftrl(any_config *cfg)
{
    config_linear(cfg, 3, KEDGE_LINEAR_LOGISTIC, KEDGE_LINEAR_FTRL);
}

static void config_coin(any_config *cfg)
{
    config_linear(cfg, 0, KEDGE_LINEAR_QUANTILE, KEDGE_LINEAR_COIN);
}

static void config_pa1(any_config *cfg)
{
    config_linear(cfg, 3, KEDGE_LINEAR_HINGE, KEDGE_LINEAR_PA1);
}

static void config_pa2(any_config *cfg)
{
    config_linear(cfg, 0, KEDGE_LINEAR_EPSILON, KEDGE_LINEAR_PA2);
}

static void config_alma(any_config *cfg)
{
    config_linear(cfg, 3, KEDGE_LINEAR_HINGE, KEDGE_LINEAR_ALMA);
}

static int spoil_linear(any_config *cfg, size_t i)
{
    SPOIL(kedge_linear_config,
          BAD(c->base.n_features = 0) BAD(c->base.n_features = UINT32_MAX) BAD(c->base.n_classes = 1)
          BAD(c->base.n_classes = UINT32_MAX)
          BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL) BAD(c->rate = 0) BAD(c->rate = NAN_D) BAD(c->rate = 101)
          BAD(c->decay = -1) BAD(c->decay = NAN_D) BAD(c->memory = 1.1) BAD(c->memory = NAN_D) BAD(c->beta = 0) BAD(c->beta = NAN_D)
          BAD(c->l1 = -1) BAD(c->l1 = NAN_D) BAD(c->l2 = -1) BAD(c->l2 = NAN_D) BAD(c->aggressiveness = 0)
          BAD(c->aggressiveness = NAN_D)
          BAD(c->alpha = 0) BAD(c->alpha = NAN_D) BAD(c->delta = 0) BAD(c->delta = NAN_D) BAD(c->quantile = 2)
          BAD(c->quantile = NAN_D)
          BAD(c->epsilon = -1) BAD(c->epsilon = NAN_D) BAD(c->loss = 0) BAD(c->loss = 9) BAD(c->optimiser = 0)
          BAD(c->optimiser = 8));
}

static void config_rls(any_config *cfg)
{
    kedge_rls_config c = kedge_rls_defaults(4);
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_rls(any_config *cfg, size_t i)
{
    SPOIL(kedge_rls_config,
          BAD(c->base.n_features = 0) BAD(c->base.n_features = UINT32_MAX) BAD(c->base.n_classes = 2)
          BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL) BAD(c->forgetting = 0) BAD(c->forgetting = 1.1)
          BAD(c->forgetting = NAN_D) BAD(c->ridge = 0)
          BAD(c->ridge = NAN_D));
}

static const subject subjects[] = {
    {"linear, logistic, NAG", &noun_model, config_nag, spoil_linear, feed_model, feed_model_many, 300},
    {"linear, softmax, NAG", &noun_model, config_nag_softmax, spoil_linear, feed_model, feed_model_many, 300},
    {"linear, squared, NAG", &noun_model, config_nag_squared, spoil_linear, feed_model, feed_model_many, 300},
    {"linear, Huber, SGD", &noun_model, config_sgd, spoil_linear, feed_model, feed_model_many, 300},
    {"linear, logistic, FTRL", &noun_model, config_ftrl, spoil_linear, feed_model, feed_model_many, 300},
    {"linear, quantile, coin betting", &noun_model, config_coin, spoil_linear, feed_model, feed_model_many, 300},
    {"linear, hinge, PA-I", &noun_model, config_pa1, spoil_linear, feed_model, feed_model_many, 300},
    {"linear, epsilon, PA-II", &noun_model, config_pa2, spoil_linear, feed_model, feed_model_many, 300},
    {"linear, hinge, ALMA", &noun_model, config_alma, spoil_linear, feed_model, feed_model_many, 300},
    {"recursive least squares", &noun_model, config_rls, spoil_rls, feed_model, feed_model_many, 300},
};

const subject_group group_linear = {subjects, sizeof subjects / sizeof *subjects};
