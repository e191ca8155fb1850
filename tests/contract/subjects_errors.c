/* SPDX-License-Identifier: MIT */
/* Detectors on error rates: EDDM, RDDM, STEPD; Linear Four Rates, which takes codes. */
#include "subjects.h"

#include "kedge/detectors/eddm.h"
#include "kedge/detectors/lfr.h"

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

static void config_eddm_both(any_config *cfg)
{
    kedge_eddm_config c = kedge_eddm_defaults();
    memset(cfg, 0, sizeof *cfg);
    c.direction = KEDGE_DIRECTION_BOTH;
    memcpy(cfg, &c, sizeof c);
}

static int spoil_eddm(any_config *cfg, size_t i)
{
    SPOIL(kedge_eddm_config, BAD(c->drift_threshold = 0) BAD(c->drift_threshold = -1) BAD(c->drift_threshold = NAN_D)
          BAD(c->drift_threshold = 1.01; c->warning_threshold = 2) BAD(c->warning_threshold = 0.5) BAD(c->warning_threshold = NAN_D)
          BAD(c->warning_threshold = (double)INFINITY) BAD(c->warm_start = 0) BAD(c->warm_start = UINT32_MAX) BAD(c->min_errors = 0)
          BAD(c->min_errors = UINT32_MAX) BAD(c->peak_errors = UINT32_MAX) BAD(c->sample_deviation = 2)
          BAD(c->sample_deviation = 256) BAD(c->peak_ends_warning = 2) BAD(c->peak_ends_warning = 257)
          BAD(c->direction = 0) BAD(c->direction = 4)
          BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL));
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
    SPOIL(kedge_stepd_config, BAD(c->alpha_warning = 0.001) BAD(c->alpha_warning = NAN_D) BAD(c->alpha_drift = 0)
          BAD(c->alpha_drift = 1) BAD(c->alpha_drift = NAN_D) BAD(c->window_size = 1) BAD(c->window_size = 1025)
          BAD(c->direction = 0) BAD(c->direction = 4) BAD(c->exact = 2) BAD(c->exact = 256) BAD(c->absolute = 2)
          BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL));
}

static void config_stepd_wide(any_config *cfg)
{
    kedge_stepd_config c = kedge_stepd_defaults();
    c.window_size = 100; /* more than a word */
    c.direction = KEDGE_DIRECTION_BOTH;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_lfr(any_config *cfg)
{
    kedge_lfr_config c = kedge_lfr_defaults();
    c.warm_start = 20;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_lfr(any_config *cfg, size_t i)
{
    SPOIL(kedge_lfr_config, BAD(c->decay = 0.4) BAD(c->decay = 1) BAD(c->decay = NAN_D) BAD(c->alpha_warning = 1e-5)
          BAD(c->alpha_warning = NAN_D) BAD(c->alpha_warning = (double)INFINITY) BAD(c->alpha_drift = 0) BAD(c->alpha_drift = 1)
          BAD(c->alpha_drift = NAN_D) BAD(c->warm_start = 9) BAD(c->warm_start = UINT32_MAX) BAD(c->direction = 0)
          BAD(c->direction = 4) BAD(c->direction = 257) BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL));
}

/* Truths and predictions that are wrong more often in the middle. */
static double lfr_value(size_t i)
{
    int truth = i * 2654435761u % 1000 < 400;
    return kedge_lfr_observation(truth, contract_value(i) > 0.5 ? !truth : truth);
}

static void feed_lfr(handle *h, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        assert_true(kedge_detector_update(&h->detector, lfr_value(i)) >= 0);
}

static void feed_lfr_many(handle *h, size_t from, size_t to)
{
    size_t n = to - from, used;
    double *x = guard_new(n * sizeof *x, 0);
    uint8_t *signals = guard_new(n, 0);
    for (size_t i = 0; i < n; i++)
        x[i] = lfr_value(from + i);
    assert_true(kedge_detector_signal_many(&h->detector, x, n, signals, &used) >= 0);
    assert_int_equal(used, n);
    guard_free(signals);
    guard_free(x);
}

static const subject subjects[] = {
    {"eddm", &noun_detector, config_eddm, spoil_eddm, feed_detector, feed_detector_many, 1000},
    {"eddm as in river", &noun_detector, config_eddm_river, spoil_eddm, feed_detector, feed_detector_many, 1000},
    {"eddm, both directions", &noun_detector, config_eddm_both, spoil_eddm, feed_detector, feed_detector_many, 1000},
    {"eddm as in MOA", &noun_detector, config_eddm_moa, spoil_eddm, feed_detector, feed_detector_many, 1000},
    {"rddm", &noun_detector, config_rddm, spoil_rddm, feed_detector, feed_detector_many, 1000},
    {"rddm as in MOA", &noun_detector, config_rddm_moa, spoil_rddm, feed_detector, feed_detector_many, 600},
    {"stepd", &noun_detector, config_stepd, spoil_stepd, feed_detector, feed_detector_many, 1000},
    {"stepd with a wide window", &noun_detector, config_stepd_wide, spoil_stepd, feed_detector, feed_detector_many, 1000},
    {"stepd as in MOA", &noun_detector, config_stepd_moa, spoil_stepd, feed_detector, feed_detector_many, 1000},
    {"lfr", &noun_detector, config_lfr, spoil_lfr, feed_lfr, feed_lfr_many, 1000},
    {"lfr on rates", &noun_detector, config_lfr, spoil_lfr, feed_detector, feed_detector_many, 1000},
};

const subject_group group_errors = {subjects, sizeof subjects / sizeof *subjects};
