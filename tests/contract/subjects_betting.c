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
          BAD(c->low = 0.9) BAD(c->high = 1.1) BAD(c->high = NAN_D) BAD(c->told = 0) BAD(c->told = 3) BAD(c->told = 257) BAD(c->form = 0)
          BAD(c->form = 3) BAD(c->direction = 0) BAD(c->direction = 4) BAD(c->levels = 1) BAD(c->levels = 1025) BAD(c->bets = 1)
          BAD(c->bets = 33) BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL));
}

static const subject subjects[] = {
    {"e_detector", &noun_detector, config_e_detector, spoil_e_detector, feed_detector, feed_detector_many, 600},
    {"e_detector, told a bound", &noun_detector, config_e_detector_bound, spoil_e_detector, feed_detector, feed_detector_many, 600},
};

const subject_group group_betting = {subjects, sizeof subjects / sizeof *subjects};
