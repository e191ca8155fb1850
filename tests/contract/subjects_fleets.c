/* SPDX-License-Identifier: MIT */
/* Fleets: more streams than a block holds, and fewer. */
#include "subjects.h"

#define CONFIG_FLEET(name, n, ...)                                                                 \
    static void config_fleet_##name(any_config *cfg)                                               \
    {                                                                                              \
        kedge_fleet_##name##_config c = kedge_fleet_##name##_defaults(n);                          \
        __VA_ARGS__                                                                                \
        memset(cfg, 0, sizeof *cfg);                                                               \
        memcpy(cfg, &c, sizeof c);                                                                 \
    }

CONFIG_FLEET(cusum, 3, c.each.threshold = 3; c.each.delta = 0.1;)
CONFIG_FLEET(ddm, 66, c.each.warm_start = 10;)
CONFIG_FLEET(e_detector, 5, c.each.low = 0.1; c.each.high = 0.3; c.each.arl = 200; c.each.bets = 4;)
CONFIG_FLEET(ewma_chart, 64, c.each.n_learn = 20; c.each.limit = 3;)
CONFIG_FLEET(page_hinkley, 65, c.each.threshold = 3; c.each.delta = 0.1;)

static void config_fleet_one_sided(any_config *cfg)
{
    config_fleet_page_hinkley(cfg);
    ((kedge_fleet_page_hinkley_config *)(void *)cfg)->each.direction = KEDGE_DIRECTION_DOWN;
    cfg->fleet.n_streams = 1;
}

static void config_fleet_evidence(any_config *cfg)
{
    config_fleet_e_detector(cfg);
    ((kedge_fleet_e_detector_config *)(void *)cfg)->keep_evidence = 1;
}

#define SPOIL_FLEET_BASE                                                                           \
    BAD(c->base.n_streams = 0)                                                                     \
    BAD(c->base.n_streams = UINT32_MAX)                                                            \
    BAD(c->base.config_bytes = sizeof *c + 8)                                                      \
    BAD(c->base.cls = NULL)                                                                        \
    BAD(c->each.base.cls = NULL)                                                                   \
    BAD(c->each.base.cls = &kedge_adwin)

static int spoil_fleet_cusum(any_config *cfg, size_t i)
{
    SPOIL(kedge_fleet_cusum_config, SPOIL_FLEET_BASE BAD(c->each.delta = -1) BAD(c->each.threshold = 0) BAD(c->each.target = NAN_D)
          BAD(c->each.reference = 257) BAD(c->each.direction = 4) BAD(c->each.min_samples = 0));
}

static int spoil_fleet_ddm(any_config *cfg, size_t i)
{
    SPOIL(kedge_fleet_ddm_config, SPOIL_FLEET_BASE BAD(c->each.warning_threshold = NAN_D) BAD(c->each.drift_threshold = 1)
          BAD(c->each.warm_start = 0) BAD(c->each.drift_warm_start = 9) BAD(c->each.smooth = 2) BAD(c->each.smooth = 256));
}

static int spoil_fleet_e_detector(any_config *cfg, size_t i)
{
    SPOIL(kedge_fleet_e_detector_config, SPOIL_FLEET_BASE BAD(c->keep_evidence = 2) BAD(c->keep_evidence = 256)
          BAD(c->each.told = KEDGE_E_NOTHING) BAD(c->each.arl = 1) BAD(c->each.low = 0.4)
          BAD(c->each.high = NAN_D) BAD(c->each.bets = 1) BAD(c->each.bets = 33) BAD(c->each.form = 0) BAD(c->each.direction = 0));
}

static int spoil_fleet_ewma_chart(any_config *cfg, size_t i)
{
    SPOIL(kedge_fleet_ewma_chart_config, SPOIL_FLEET_BASE BAD(c->each.lambda = 0) BAD(c->each.limit = NAN_D) BAD(c->each.sd = 0)
          BAD(c->each.n_learn = 1) BAD(c->each.reference = 3) BAD(c->each.direction = 257));
}

static int spoil_fleet_page_hinkley(any_config *cfg, size_t i)
{
    SPOIL(kedge_fleet_page_hinkley_config, SPOIL_FLEET_BASE BAD(c->each.delta = NAN_D) BAD(c->each.threshold = 0)
          BAD(c->each.alpha = 0)
          BAD(c->each.alpha = 1.1) BAD(c->each.min_samples = 0) BAD(c->each.direction = 4) BAD(c->each.form = 258));
}

static const subject subjects[] = {
    {"fleet of CUSUM", &noun_fleet, config_fleet_cusum, spoil_fleet_cusum, feed_fleet, feed_fleet_many, 200},
    {"fleet of DDM", &noun_fleet, config_fleet_ddm, spoil_fleet_ddm, feed_fleet, feed_fleet_many, 200},
    {"fleet of e-detectors", &noun_fleet, config_fleet_e_detector, spoil_fleet_e_detector, feed_fleet, feed_fleet_many, 200},
    {"fleet that keeps evidence", &noun_fleet, config_fleet_evidence, spoil_fleet_e_detector, feed_fleet, feed_fleet_many, 200},
    {"fleet of EWMA charts", &noun_fleet, config_fleet_ewma_chart, spoil_fleet_ewma_chart, feed_fleet, feed_fleet_many, 200},
    {"fleet of Page-Hinkley", &noun_fleet, config_fleet_page_hinkley, spoil_fleet_page_hinkley, feed_fleet, feed_fleet_many, 200},
    {"fleet of one, one direction", &noun_fleet, config_fleet_one_sided, spoil_fleet_page_hinkley, feed_fleet, feed_fleet_many,
     200},
};

const subject_group group_fleets = {subjects, sizeof subjects / sizeof *subjects};
