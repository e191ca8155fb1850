/* SPDX-License-Identifier: MIT */
/* Subjects: naive Bayes of counts and of yes or no. */
#include "subjects.h"

static void config_multinomial_nb(any_config *cfg)
{
    kedge_multinomial_nb_config c = kedge_multinomial_nb_defaults(4, 3);
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_complement_nb(any_config *cfg)
{
    kedge_multinomial_nb_config c = kedge_multinomial_nb_defaults(4, 3);
    c.complement = 1;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_multinomial_nb_fading(any_config *cfg)
{
    kedge_multinomial_nb_config c = kedge_multinomial_nb_defaults(4, 3);
    c.fading = 0.98;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_bernoulli_nb(any_config *cfg)
{
    kedge_bernoulli_nb_config c = kedge_bernoulli_nb_defaults(4, 3);
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_bernoulli_nb_fading(any_config *cfg)
{
    kedge_bernoulli_nb_config c = kedge_bernoulli_nb_defaults(4, 3);
    c.fading = 0.98;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_multinomial_nb(any_config *cfg, size_t i)
{
    SPOIL(kedge_multinomial_nb_config,
          BAD(c->base.n_features = 0) BAD(c->base.n_features = UINT32_MAX) BAD(c->base.n_classes = 0) BAD(c->base.n_classes = 1)
          BAD(c->base.n_classes = UINT32_MAX) BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL) BAD(c->alpha = 0)
          BAD(c->alpha = NAN_D) BAD(c->alpha = 1e10) BAD(c->fading = 0) BAD(c->fading = 1.5) BAD(c->fading = NAN_D)
          BAD(c->complement = 2));
}

static int spoil_bernoulli_nb(any_config *cfg, size_t i)
{
    SPOIL(kedge_bernoulli_nb_config,
          BAD(c->base.n_features = 0) BAD(c->base.n_features = UINT32_MAX) BAD(c->base.n_classes = 0) BAD(c->base.n_classes = 1)
          BAD(c->base.n_classes = UINT32_MAX) BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL) BAD(c->alpha = 0)
          BAD(c->alpha = NAN_D) BAD(c->alpha = 1e10) BAD(c->fading = 0) BAD(c->fading = 1.5) BAD(c->fading = NAN_D)
          BAD(c->threshold = NAN_D) BAD(c->threshold = (double)INFINITY));
}

static const subject subjects[] = {
    {"multinomial_nb", &noun_model, config_multinomial_nb, spoil_multinomial_nb, feed_model, feed_model_many, 300},
    {"multinomial_nb complement", &noun_model, config_complement_nb, spoil_multinomial_nb, feed_model, feed_model_many, 300},
    {"multinomial_nb fading", &noun_model, config_multinomial_nb_fading, spoil_multinomial_nb, feed_model, feed_model_many, 300},
    {"multinomial_nb fitted", &noun_model, config_multinomial_nb, spoil_multinomial_nb, fit_model, NULL, 100},
    {"bernoulli_nb", &noun_model, config_bernoulli_nb, spoil_bernoulli_nb, feed_model, feed_model_many, 300},
    {"bernoulli_nb fading", &noun_model, config_bernoulli_nb_fading, spoil_bernoulli_nb, feed_model, feed_model_many, 300},
    {"bernoulli_nb fitted", &noun_model, config_bernoulli_nb, spoil_bernoulli_nb, fit_model, NULL, 100},
};

const subject_group group_bayes = {subjects, sizeof subjects / sizeof *subjects};
