/* SPDX-License-Identifier: MIT */
/* Detectors by likelihood ratios. */
#include "subjects.h"

static void config_focus(any_config *cfg, uint32_t family, uint32_t direction, uint32_t max_candidates)
{
    kedge_focus_config c = kedge_focus_defaults();
    c.threshold = 6;
    c.family = family;
    c.direction = direction;
    c.max_candidates = max_candidates;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_focus_normal(any_config *cfg)
{
    config_focus(cfg, KEDGE_FOCUS_NORMAL, KEDGE_DIRECTION_BOTH, 64);
}

static void config_focus_known(any_config *cfg)
{
    config_focus(cfg, KEDGE_FOCUS_NORMAL_KNOWN, KEDGE_DIRECTION_UP, 8);
}

static void config_focus_bernoulli(any_config *cfg)
{
    config_focus(cfg, KEDGE_FOCUS_BERNOULLI, KEDGE_DIRECTION_BOTH, 8);
}

static int spoil_focus(any_config *cfg, size_t i)
{
    SPOIL(kedge_focus_config, BAD(c->threshold = 0) BAD(c->threshold = 1e7) BAD(c->threshold = NAN_D) BAD(c->mean = NAN_D)
          BAD(c->mean = 1e101)
          BAD(c->family = KEDGE_FOCUS_BERNOULLI_KNOWN; c->mean = 1) BAD(c->sd = 0) BAD(c->sd = NAN_D) BAD(c->sd = 1e101)
          BAD(c->family = 0)
          BAD(c->family = 6) BAD(c->family = 257) BAD(c->direction = 0) BAD(c->direction = 4) BAD(c->min_samples = 1)
          BAD(c->min_samples = UINT32_MAX) BAD(c->max_candidates = 7) BAD(c->max_candidates = UINT32_MAX)
          BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL));
}

static void config_bocpd(any_config *cfg)
{
    kedge_bocpd_config c = kedge_bocpd_defaults();
    c.odds = 10;
    c.max_run_lengths = 8;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_bocpd_bernoulli(any_config *cfg)
{
    kedge_bocpd_config c = kedge_bocpd_defaults();
    c.odds = 10;
    c.max_run_lengths = 50;
    c.family = KEDGE_BOCPD_BERNOULLI;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_bocpd_fixed(any_config *cfg)
{
    kedge_bocpd_config c = kedge_bocpd_defaults();
    c.odds = 10;
    c.prior = KEDGE_REFERENCE_FIXED;
    c.mean = 0.4;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_bocpd(any_config *cfg, size_t i)
{
    SPOIL(kedge_bocpd_config, BAD(c->hazard = 0) BAD(c->hazard = 0.6) BAD(c->hazard = NAN_D) BAD(c->odds = 0) BAD(c->odds = 1e101)
          BAD(c->odds = NAN_D) BAD(c->mean = NAN_D) BAD(c->mean = 1e101) BAD(c->kappa = 0) BAD(c->kappa = NAN_D) BAD(c->alpha = 0)
          BAD(c->alpha = 101) BAD(c->alpha = NAN_D) BAD(c->beta = 0) BAD(c->beta = NAN_D) BAD(c->beta = 1e101) BAD(c->family = 0)
          BAD(c->family = 3) BAD(c->family = 257) BAD(c->prior = 0) BAD(c->prior = 3) BAD(c->min_samples = 1) BAD(c->min_samples =
          UINT32_MAX) BAD(c->max_run_lengths = 3) BAD(c->max_run_lengths = 4097) BAD(c->direction = 0) BAD(c->direction = 4)
          BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls
          = NULL));
}

static const subject subjects[] = {
    {"focus", &noun_detector, config_focus_normal, spoil_focus, feed_detector, feed_detector_many, 600},
    {"focus, known mean", &noun_detector, config_focus_known, spoil_focus, feed_detector, feed_detector_many, 600},
    {"focus, Bernoulli", &noun_detector, config_focus_bernoulli, spoil_focus, feed_detector, feed_detector_many, 600},
    {"bocpd", &noun_detector, config_bocpd, spoil_bocpd, feed_detector, feed_detector_many, 600},
    {"bocpd, Bernoulli", &noun_detector, config_bocpd_bernoulli, spoil_bocpd, feed_detector, feed_detector_many, 600},
    {"bocpd, fixed prior", &noun_detector, config_bocpd_fixed, spoil_bocpd, feed_detector, feed_detector_many, 600},
};

const subject_group group_likelihood = {subjects, sizeof subjects / sizeof *subjects};
