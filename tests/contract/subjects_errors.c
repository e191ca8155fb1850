/* SPDX-License-Identifier: MIT */
/* Detectors on error rates: EDDM. */
#include "subjects.h"

#include "kedge/detectors/eddm.h"

static void config_eddm(any_config *cfg)
{
    kedge_eddm_config c = kedge_eddm_defaults();
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_eddm_river(any_config *cfg)
{
    kedge_eddm_config c;
    memset(cfg, 0, sizeof *cfg);
    assert_int_equal(kedge_eddm_config_peer(&c, sizeof c, KEDGE_PEER_RIVER), KEDGE_OK);
    memcpy(cfg, &c, sizeof c);
}

static void config_eddm_moa(any_config *cfg)
{
    kedge_eddm_config c;
    memset(cfg, 0, sizeof *cfg);
    assert_int_equal(kedge_eddm_config_peer(&c, sizeof c, KEDGE_PEER_MOA), KEDGE_OK);
    c.drift_threshold = c.warning_threshold = 1;
    memcpy(cfg, &c, sizeof c);
}

static int spoil_eddm(any_config *cfg, size_t i)
{
    SPOIL(kedge_eddm_config, BAD(c->drift_threshold = 0) BAD(c->drift_threshold = -1) BAD(c->drift_threshold = NAN_D)
          BAD(c->drift_threshold = 1.01; c->warning_threshold = 2) BAD(c->warning_threshold = 0.5) BAD(c->warning_threshold = NAN_D)
          BAD(c->warning_threshold = (double)INFINITY) BAD(c->warm_start = 0) BAD(c->warm_start = UINT32_MAX) BAD(c->min_errors = 0)
          BAD(c->min_errors = UINT32_MAX) BAD(c->peak_errors = UINT32_MAX) BAD(c->sample_deviation = 2) BAD(c->sample_deviation = 256)
          BAD(c->peak_ends_warning = 2) BAD(c->peak_ends_warning = 257) BAD(c->base.config_bytes = sizeof *c + 8)
          BAD(c->base.cls = NULL));
}

static void config_rddm(any_config *cfg)
{
    kedge_rddm_config c = kedge_rddm_defaults();
    c.min_stable = 100;
    c.max_concept = 300;
    c.warm_start = 30;
    c.warn_limit = 50;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_rddm_moa(any_config *cfg)
{
    kedge_rddm_config c;
    memset(cfg, 0, sizeof *cfg);
    assert_int_equal(kedge_rddm_config_peer(&c, sizeof c, KEDGE_PEER_MOA), KEDGE_OK);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_rddm(any_config *cfg, size_t i)
{
    SPOIL(kedge_rddm_config, BAD(c->warning_threshold = -1) BAD(c->warning_threshold = NAN_D) BAD(c->drift_threshold = NAN_D)
          BAD(c->drift_threshold = 0) BAD(c->warm_start = 0) BAD(c->warm_start = UINT32_MAX) BAD(c->max_concept = 199)
          BAD(c->max_concept = UINT32_MAX) BAD(c->min_stable = 0) BAD(c->min_stable = UINT32_MAX) BAD(c->warn_limit = 0)
          BAD(c->warn_limit = UINT32_MAX) BAD(c->keep_minimum = 2) BAD(c->keep_minimum = 257) BAD(c->smooth = 2)
          BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL));
}

static void config_stepd(any_config *cfg)
{
    kedge_stepd_config c = kedge_stepd_defaults();
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_stepd_moa(any_config *cfg)
{
    kedge_stepd_config c;
    memset(cfg, 0, sizeof *cfg);
    assert_int_equal(kedge_stepd_config_peer(&c, sizeof c, KEDGE_PEER_MOA), KEDGE_OK);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_stepd(any_config *cfg, size_t i)
{
    SPOIL(kedge_stepd_config, BAD(c->alpha_warning = 0.001) BAD(c->alpha_warning = NAN_D) BAD(c->alpha_drift = 0) BAD(c->alpha_drift = 1)
          BAD(c->alpha_drift = NAN_D) BAD(c->window_size = 1) BAD(c->window_size = 1025) BAD(c->direction = 0) BAD(c->direction = 4)
          BAD(c->exact = 2) BAD(c->exact = 256) BAD(c->absolute = 2) BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL));
}

static const subject subjects[] = {
    {"eddm", &noun_detector, config_eddm, spoil_eddm, feed_detector, feed_detector_many, 1000},
    {"eddm as in river", &noun_detector, config_eddm_river, spoil_eddm, feed_detector, feed_detector_many, 1000},
    {"eddm as in MOA", &noun_detector, config_eddm_moa, spoil_eddm, feed_detector, feed_detector_many, 1000},
    {"rddm", &noun_detector, config_rddm, spoil_rddm, feed_detector, feed_detector_many, 1000},
    {"rddm as in MOA", &noun_detector, config_rddm_moa, spoil_rddm, feed_detector, feed_detector_many, 600},
    {"stepd", &noun_detector, config_stepd, spoil_stepd, feed_detector, feed_detector_many, 1000},
    {"stepd as in MOA", &noun_detector, config_stepd_moa, spoil_stepd, feed_detector, feed_detector_many, 1000},
};

const subject_group group_errors = {subjects, sizeof subjects / sizeof *subjects};
