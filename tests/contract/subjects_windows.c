/* SPDX-License-Identifier: MIT */
/* Detectors that compare parts of a window. */
#include "subjects.h"

static void config_kswin(any_config *cfg)
{
    kedge_kswin_config c = kedge_kswin_defaults();
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_kswin_river(any_config *cfg)
{
    kedge_kswin_config c;
    memset(cfg, 0, sizeof *cfg);
    assert_int_equal(kedge_kswin_config_peer(&c, sizeof c, KEDGE_PEER_RIVER), KEDGE_OK);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_kswin(any_config *cfg, size_t i)
{
    SPOIL(kedge_kswin_config, BAD(c->alpha = 0) BAD(c->alpha = 1) BAD(c->alpha = NAN_D) BAD(c->min_distance = -0.1)
          BAD(c->min_distance = 1.1) BAD(c->min_distance = NAN_D) BAD(c->window_size = 3) BAD(c->window_size = 4097) BAD(c->stat_size = 1)
          BAD(c->stat_size = 51) BAD(c->older = 0) BAD(c->older = 3) BAD(c->older = 257) BAD(c->base.config_bytes = sizeof *c + 8)
          BAD(c->base.cls = NULL));
}

static const subject subjects[] = {
    {"kswin", &noun_detector, config_kswin, spoil_kswin, feed_detector, feed_detector_many, 600},
    {"kswin as in river", &noun_detector, config_kswin_river, spoil_kswin, feed_detector, feed_detector_many, 600},
};

const subject_group group_windows = {subjects, sizeof subjects / sizeof *subjects};
