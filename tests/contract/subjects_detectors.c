/* SPDX-License-Identifier: MIT */
/* ADWIN, DDM, Page-Hinkley; MD3 and ensembles, which take numbers that mean something. */
#include "subjects.h"

static void config_adwin(any_config *cfg)
{
    kedge_adwin_config c = kedge_adwin_defaults();
    c.max_window = 500; /* full within the stream */
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_adwin_moa(any_config *cfg)
{
    kedge_adwin_config c;
    memset(cfg, 0, sizeof *cfg);
    assert_int_equal(kedge_adwin_config_peer(&c, sizeof c, KEDGE_PEER_MOA), KEDGE_OK);
    c.max_window = 1000;
    c.max_buckets = 2;
    c.clock = 1;
    memcpy(cfg, &c, sizeof c);
}

static void config_adwin_river(any_config *cfg)
{
    kedge_adwin_config c;
    memset(cfg, 0, sizeof *cfg);
    assert_int_equal(kedge_adwin_config_peer(&c, sizeof c, KEDGE_PEER_RIVER), KEDGE_OK);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_adwin(any_config *cfg, size_t i)
{
    SPOIL(kedge_adwin_config, BAD(c->delta = 0) BAD(c->delta = 1) BAD(c->delta = NAN_D) BAD(c->delta = -0.1) BAD(c->max_window = 63)
          BAD(c->max_window = ((uint64_t)1 << 40) + 1) BAD(c->max_window = UINT64_MAX) BAD(c->clock = 0) BAD(c->clock = UINT32_MAX)
          BAD(c->max_buckets = 1) BAD(c->max_buckets = 65) BAD(c->min_window = 0) BAD(c->min_window = UINT32_MAX)
          BAD(c->min_cut = 4)
          BAD(c->min_cut = UINT32_MAX) BAD(c->grace = UINT32_MAX) BAD(c->on_drift = 0) BAD(c->on_drift = 3) BAD(c->on_drift = 257)
          BAD(c->report = 0) BAD(c->report = 3) BAD(c->direction = 0) BAD(c->direction = 4) BAD(c->base.config_bytes = 0)
          BAD(c->base.config_bytes = sizeof *c + 1) BAD(c->base.cls = NULL));
}

static void config_ddm(any_config *cfg)
{
    kedge_ddm_config c = kedge_ddm_defaults();
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_ddm(any_config *cfg, size_t i)
{
    SPOIL(kedge_ddm_config, BAD(c->warning_threshold = -1) BAD(c->warning_threshold = NAN_D) BAD(c->warning_threshold = 4)
          BAD(c->drift_threshold = NAN_D) BAD(c->drift_threshold = (double)INFINITY) BAD(c->drift_threshold = 1)
          BAD(c->warm_start = 0) BAD(c->warm_start = UINT32_MAX) BAD(c->drift_warm_start = 29) BAD(c->drift_warm_start = UINT32_MAX)
          BAD(c->smooth = 2) BAD(c->smooth = 256) BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL));
}

static void config_page_hinkley(any_config *cfg)
{
    kedge_page_hinkley_config c = kedge_page_hinkley_defaults();
    c.threshold = 20;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_page_hinkley_sum(any_config *cfg)
{
    kedge_page_hinkley_config c;
    memset(cfg, 0, sizeof *cfg);
    assert_int_equal(kedge_page_hinkley_config_peer(&c, sizeof c, KEDGE_PEER_MOA), KEDGE_OK);
    c.threshold = 20;
    c.direction = KEDGE_DIRECTION_BOTH;
    memcpy(cfg, &c, sizeof c);
}

static int spoil_page_hinkley(any_config *cfg, size_t i)
{
    SPOIL(kedge_page_hinkley_config, BAD(c->delta = -1) BAD(c->delta = NAN_D) BAD(c->delta = (double)INFINITY) BAD(c->threshold = 0)
          BAD(c->threshold = NAN_D) BAD(c->threshold = 1e101) BAD(c->alpha = 0) BAD(c->alpha = 1.0001) BAD(c->alpha = NAN_D)
          BAD(c->min_samples = 0) BAD(c->min_samples = UINT32_MAX) BAD(c->direction = 0) BAD(c->direction = 4)
          BAD(c->direction = 258) BAD(c->form = 0) BAD(c->form = 3) BAD(c->base.config_bytes = sizeof *c + 8)
          BAD(c->base.cls = NULL));
}

static void config_md3(any_config *cfg)
{
    kedge_md3_config c = kedge_md3_defaults();
    c.reference = 100;
    c.n_labels = 10;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_md3(any_config *cfg, size_t i)
{
    SPOIL(kedge_md3_config, BAD(c->theta = 0) BAD(c->theta = 101) BAD(c->theta = NAN_D) BAD(c->fading = 0) BAD(c->fading = 1)
          BAD(c->fading = NAN_D) BAD(c->reference = 99) BAD(c->reference = UINT32_MAX) BAD(c->n_labels = 9)
          BAD(c->n_labels = UINT32_MAX)
          BAD(c->n_chunks = 1) BAD(c->n_chunks = 51) BAD(c->direction = 0) BAD(c->direction = 4)
          BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL));
}

/* Rows and labels in turn; in the second half both get worse. */
static double md3_observation(size_t i)
{
    int bad = contract_value(i) < (i < 500 ? 0.3 : 0.8);
    return i % 2 ? kedge_md3_margin(bad) : kedge_md3_label(!bad);
}

static void feed_md3(handle *h, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        assert_true(kedge_detector_update(&h->detector, md3_observation(i)) >= 0);
}

static void config_ensemble(any_config *cfg)
{
    kedge_ensemble_config c = kedge_ensemble_defaults(3, 2);
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_ensemble(any_config *cfg, size_t i)
{
    SPOIL(kedge_ensemble_config, BAD(c->window = 0) BAD(c->window = UINT64_MAX) BAD(c->n_members = 0) BAD(c->n_members = 17)
          BAD(c->votes = 0)
          BAD(c->votes = 4) BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL));
}

static void feed_ensemble(handle *h, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        assert_true(kedge_detector_update(&h->detector, floor(8 * contract_value(i)) * (i % 40 == 0)) >= 0);
}

static const subject subjects[] = {
    {"adwin", &noun_detector, config_adwin, spoil_adwin, feed_detector, feed_detector_many, 1000},
    {"adwin as in river", &noun_detector, config_adwin_river, spoil_adwin, feed_detector, feed_detector_many, 1000},
    {"adwin as in MOA", &noun_detector, config_adwin_moa, spoil_adwin, feed_detector, feed_detector_many, 1000},
    {"ddm", &noun_detector, config_ddm, spoil_ddm, feed_detector, feed_detector_many, 1000},
    {"page_hinkley", &noun_detector, config_page_hinkley, spoil_page_hinkley, feed_detector, feed_detector_many, 1000},
    {"page_hinkley sum", &noun_detector, config_page_hinkley_sum, spoil_page_hinkley, feed_detector, feed_detector_many, 1000},
    {"md3", &noun_detector, config_md3, spoil_md3, feed_md3, NULL, 1000},
    {"ensemble", &noun_detector, config_ensemble, spoil_ensemble, feed_ensemble, NULL, 500},
};

const subject_group group_detectors = {subjects, sizeof subjects / sizeof *subjects};
