/* SPDX-License-Identifier: MIT */
/* Detectors by Hoeffding's and McDiarmid's bounds. */
#include "subjects.h"

static void config_hddm_a(any_config *cfg)
{
    kedge_hddm_a_config c = kedge_hddm_a_defaults();
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_hddm_a_moa(any_config *cfg)
{
    kedge_hddm_a_config c;
    memset(cfg, 0, sizeof *cfg);
    assert_int_equal(kedge_hddm_a_config_peer(&c, sizeof c, KEDGE_PEER_MOA), KEDGE_OK);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_hddm_a(any_config *cfg, size_t i)
{
    SPOIL(kedge_hddm_a_config, BAD(c->drift_confidence = 0) BAD(c->drift_confidence = 1) BAD(c->drift_confidence = NAN_D)
          BAD(c->warning_confidence = 0.0001) BAD(c->warning_confidence = 1.1) BAD(c->warning_confidence = NAN_D)
          BAD(c->direction = 0)
          BAD(c->direction = 4) BAD(c->silent_falls = 2) BAD(c->silent_falls = 256)
          BAD(c->silent_falls = 1; c->direction = KEDGE_DIRECTION_BOTH) BAD(c->base.config_bytes = sizeof *c + 8)
          BAD(c->base.cls = NULL));
}

static void config_hddm_w(any_config *cfg)
{
    kedge_hddm_w_config c = kedge_hddm_w_defaults();
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_hddm_w_river(any_config *cfg)
{
    kedge_hddm_w_config c;
    memset(cfg, 0, sizeof *cfg);
    assert_int_equal(kedge_hddm_w_config_peer(&c, sizeof c, KEDGE_PEER_RIVER), KEDGE_OK);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_hddm_w(any_config *cfg, size_t i)
{
    SPOIL(kedge_hddm_w_config, BAD(c->drift_confidence = 0) BAD(c->drift_confidence = 1) BAD(c->drift_confidence = NAN_D)
          BAD(c->warning_confidence = 0.0001) BAD(c->warning_confidence = 1.1) BAD(c->lambda = 0) BAD(c->lambda = 1)
          BAD(c->lambda = NAN_D)
          BAD(c->direction = 0) BAD(c->direction = 4) BAD(c->first_faded = 2) BAD(c->first_faded = 256)
          BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL));
}

static void config_fhddm(any_config *cfg)
{
    kedge_fhddm_config c = kedge_fhddm_defaults();
    c.form = KEDGE_FHDDM_STACKED;
    c.direction = KEDGE_DIRECTION_BOTH;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_fhddm_river(any_config *cfg)
{
    kedge_fhddm_config c;
    memset(cfg, 0, sizeof *cfg);
    assert_int_equal(kedge_fhddm_config_peer(&c, sizeof c, KEDGE_PEER_RIVER), KEDGE_OK);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_fhddm(any_config *cfg, size_t i)
{
    SPOIL(kedge_fhddm_config, BAD(c->confidence = 0) BAD(c->confidence = 1) BAD(c->confidence = NAN_D) BAD(c->window = 1)
          BAD(c->window = 4097) BAD(c->short_window = 0) BAD(c->short_window = 100) BAD(c->form = 0) BAD(c->form = 3)
          BAD(c->form = 257)
          BAD(c->direction = 0) BAD(c->direction = 4) BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL));
}

static void config_mddm(any_config *cfg)
{
    kedge_mddm_config c = kedge_mddm_defaults();
    c.direction = KEDGE_DIRECTION_BOTH;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_mddm_euler(any_config *cfg)
{
    kedge_mddm_config c = kedge_mddm_defaults();
    c.form = KEDGE_MDDM_EULER;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_mddm(any_config *cfg, size_t i)
{
    SPOIL(kedge_mddm_config, BAD(c->confidence = 0) BAD(c->confidence = 1) BAD(c->confidence = NAN_D) BAD(c->weight = 0)
          BAD(c->weight = 1.1)
          BAD(c->weight = NAN_D) BAD(c->window = 1) BAD(c->window = 4097) BAD(c->form = 0) BAD(c->form = 4) BAD(c->form = 257)
          BAD(c->form = KEDGE_MDDM_EULER; c->window = 400; c->weight = 1) BAD(c->direction = 0) BAD(c->direction = 4)
          BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL));
}

static const subject subjects[] = {
    {"mddm", &noun_detector, config_mddm, spoil_mddm, feed_detector, feed_detector_many, 1000},
    {"mddm, Euler", &noun_detector, config_mddm_euler, spoil_mddm, feed_detector, feed_detector_many, 1000},
    {"fhddm", &noun_detector, config_fhddm, spoil_fhddm, feed_detector, feed_detector_many, 1000},
    {"fhddm as in river", &noun_detector, config_fhddm_river, spoil_fhddm, feed_detector, feed_detector_many, 1000},
    {"hddm_a", &noun_detector, config_hddm_a, spoil_hddm_a, feed_detector, feed_detector_many, 1000},
    {"hddm_a as in MOA", &noun_detector, config_hddm_a_moa, spoil_hddm_a, feed_detector, feed_detector_many, 1000},
    {"hddm_w", &noun_detector, config_hddm_w, spoil_hddm_w, feed_detector, feed_detector_many, 1000},
    {"hddm_w as in river", &noun_detector, config_hddm_w_river, spoil_hddm_w, feed_detector, feed_detector_many, 1000},
};

const subject_group group_hoeffding = {subjects, sizeof subjects / sizeof *subjects};
