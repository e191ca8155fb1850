/* SPDX-License-Identifier: MIT */
/* Detectors by betting. */
#include "subjects.h"

static void config_e_detector(any_config *cfg)
{
    kedge_e_detector_config c = kedge_e_detector_defaults();
    c.arl = 500;
    c.levels = 8;
    c.bets = 4;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_e_detector_bound(any_config *cfg)
{
    kedge_e_detector_config c = kedge_e_detector_defaults();
    c.arl = 500;
    c.told = KEDGE_E_BOUND;
    c.high = 0.3;
    c.form = KEDGE_E_CUSUM;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_e_detector(any_config *cfg, size_t i)
{
    SPOIL(kedge_e_detector_config, BAD(c->arl = 1) BAD(c->arl = 1e16) BAD(c->arl = NAN_D) BAD(c->low = -0.1) BAD(c->low = NAN_D)
          BAD(c->low = 0.9) BAD(c->high = 1.1) BAD(c->high = NAN_D) BAD(c->told = 0) BAD(c->told = 3) BAD(c->told = 257)
          BAD(c->form = 0) BAD(c->form = 3) BAD(c->direction = 0) BAD(c->direction = 4) BAD(c->levels = 1)
          BAD(c->levels = 1025) BAD(c->bets = 1) BAD(c->bets = 33) BAD(c->base.config_bytes = sizeof *c +
                                                                       8) BAD(c->base.cls = NULL));
}

static void config_conformal(any_config *cfg)
{
    kedge_conformal_config c = kedge_conformal_defaults();
    c.arl = 100;
    c.max_bag = 64;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_conformal_distance(any_config *cfg)
{
    kedge_conformal_config c = kedge_conformal_defaults();
    c.arl = 100;
    c.max_bag = 64;
    c.score = KEDGE_CONFORMAL_DISTANCE;
    c.direction = KEDGE_DIRECTION_UP;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_conformal(any_config *cfg, size_t i)
{
    SPOIL(kedge_conformal_config, BAD(c->arl = 1) BAD(c->arl = 1e16) BAD(c->arl = NAN_D) BAD(c->jump = 0) BAD(c->jump = 1)
          BAD(c->jump = NAN_D) BAD(c->max_bag = 15) BAD(c->max_bag = UINT32_MAX) BAD(c->score = 0) BAD(c->score = 3)
          BAD(c->direction = 0) BAD(c->direction = 4) BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL));
}

static void config_cs_detector(any_config *cfg)
{
    kedge_cs_detector_config c = kedge_cs_detector_defaults();
    c.arl = 20;
    c.max_sequences = 8;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_cs_detector(any_config *cfg, size_t i)
{
    SPOIL(kedge_cs_detector_config, BAD(c->arl = 1) BAD(c->arl = 1e16) BAD(c->arl = NAN_D) BAD(c->max_sequences = 7)
          BAD(c->max_sequences = 4097) BAD(c->direction = 0) BAD(c->direction = 4) BAD(c->base.config_bytes = sizeof *c + 8)
          BAD(c->base.cls = NULL));
}

static const subject subjects[] = {
    {"e_detector", &noun_detector, config_e_detector, spoil_e_detector, feed_detector, feed_detector_many, 600},
    {"e_detector, told a bound", &noun_detector, config_e_detector_bound, spoil_e_detector, feed_detector, feed_detector_many, 600},
    {"conformal", &noun_detector, config_conformal, spoil_conformal, feed_detector, feed_detector_many, 600},
    {"conformal, distances", &noun_detector, config_conformal_distance, spoil_conformal, feed_detector, feed_detector_many, 600},
    {"cs_detector", &noun_detector, config_cs_detector, spoil_cs_detector, feed_detector, feed_detector_many, 600},
};

const subject_group group_betting = {subjects, sizeof subjects / sizeof *subjects};
