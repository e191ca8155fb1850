/* SPDX-License-Identifier: MIT */
/* Control charts. */
#include "subjects.h"

static void config_cusum(any_config *cfg)
{
    kedge_cusum_config c = kedge_cusum_defaults();
    c.threshold = 10;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_cusum_fixed(any_config *cfg)
{
    kedge_cusum_config c = kedge_cusum_defaults();
    c.threshold = 5;
    c.target = 0.3;
    c.delta = 0.1;
    c.reference = KEDGE_REFERENCE_FIXED;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_cusum(any_config *cfg, size_t i)
{
    SPOIL(kedge_cusum_config, BAD(c->delta = -1) BAD(c->delta = NAN_D) BAD(c->threshold = 0) BAD(c->threshold = 1e101)
          BAD(c->threshold = NAN_D)
          BAD(c->target = 1e101) BAD(c->target = NAN_D) BAD(c->reference = 0) BAD(c->reference = 3) BAD(c->reference = 258)
          BAD(c->min_samples = 0) BAD(c->min_samples = UINT32_MAX) BAD(c->direction = 0) BAD(c->direction = 4)
          BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL));
}

static void config_ecdd(any_config *cfg)
{
    kedge_ecdd_config c = kedge_ecdd_defaults();
    c.limit = 2;
    c.direction = KEDGE_DIRECTION_BOTH;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_ecdd_moa(any_config *cfg)
{
    kedge_ecdd_config c;
    memset(cfg, 0, sizeof *cfg);
    assert_int_equal(kedge_ecdd_config_peer(&c, sizeof c, KEDGE_PEER_MOA), KEDGE_OK);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_ecdd(any_config *cfg, size_t i)
{
    SPOIL(kedge_ecdd_config, BAD(c->lambda = 0) BAD(c->lambda = 1.1) BAD(c->lambda = NAN_D) BAD(c->limit = 0) BAD(c->limit = 1001)
          BAD(c->limit = NAN_D) BAD(c->warning = 0) BAD(c->warning = 1.1) BAD(c->warning = NAN_D) BAD(c->form = 0) BAD(c->form = 3)
          BAD(c->form = 257) BAD(c->direction = 0) BAD(c->direction = 4) BAD(c->min_samples = 0) BAD(c->min_samples = UINT32_MAX)
          BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL));
}

static void config_ewma_chart(any_config *cfg)
{
    kedge_ewma_chart_config c = kedge_ewma_chart_defaults();
    c.n_learn = 50;
    c.limit = 4;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_ewma_chart(any_config *cfg, size_t i)
{
    SPOIL(kedge_ewma_chart_config, BAD(c->lambda = 0) BAD(c->lambda = 1.1) BAD(c->lambda = NAN_D) BAD(c->limit = 0)
          BAD(c->limit = 1001)
          BAD(c->limit = NAN_D) BAD(c->target = NAN_D) BAD(c->target = -1e101) BAD(c->sd = 0) BAD(c->sd = NAN_D) BAD(c->sd = 1e101)
          BAD(c->reference = 0) BAD(c->reference = 3) BAD(c->n_learn = 1) BAD(c->n_learn = UINT32_MAX) BAD(c->direction = 0)
          BAD(c->direction = 4) BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL));
}

static void config_gma(any_config *cfg)
{
    kedge_gma_config c = kedge_gma_defaults();
    c.threshold = 3;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_gma_raw(any_config *cfg)
{
    kedge_gma_config c;
    memset(cfg, 0, sizeof *cfg);
    assert_int_equal(kedge_gma_config_peer(&c, sizeof c, KEDGE_PEER_MOA), KEDGE_OK);
    c.threshold = 0.05;
    memcpy(cfg, &c, sizeof c);
}

static int spoil_gma(any_config *cfg, size_t i)
{
    SPOIL(kedge_gma_config, BAD(c->alpha = -0.1) BAD(c->alpha = 1) BAD(c->alpha = NAN_D) BAD(c->threshold = 0)
          BAD(c->threshold = 1e101)
          BAD(c->threshold = NAN_D) BAD(c->form = 0) BAD(c->form = 3) BAD(c->min_samples = 0) BAD(c->min_samples = UINT32_MAX)
          BAD(c->direction = 0) BAD(c->direction = 4) BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL));
}

static void config_shewhart(any_config *cfg)
{
    kedge_shewhart_config c = kedge_shewhart_defaults();
    c.n_learn = 50;
    c.limit = 2;
    c.runs = 1;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_shewhart(any_config *cfg, size_t i)
{
    SPOIL(kedge_shewhart_config, BAD(c->limit = 0) BAD(c->limit = 1001) BAD(c->limit = NAN_D) BAD(c->target = NAN_D)
          BAD(c->target = -1e101)
          BAD(c->sd = 0) BAD(c->sd = NAN_D) BAD(c->sd = 1e101) BAD(c->reference = 0) BAD(c->reference = 3) BAD(c->n_learn = 1)
          BAD(c->n_learn = UINT32_MAX) BAD(c->direction = 0) BAD(c->direction = 4) BAD(c->runs = 2) BAD(c->runs = 256)
          BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL));
}

static const subject subjects[] = {
    {"shewhart", &noun_detector, config_shewhart, spoil_shewhart, feed_detector, feed_detector_many, 1000},
    {"cusum", &noun_detector, config_cusum, spoil_cusum, feed_detector, feed_detector_many, 1000},
    {"cusum, fixed reference", &noun_detector, config_cusum_fixed, spoil_cusum, feed_detector, feed_detector_many, 1000},
    {"ecdd", &noun_detector, config_ecdd, spoil_ecdd, feed_detector, feed_detector_many, 1000},
    {"ecdd as in MOA", &noun_detector, config_ecdd_moa, spoil_ecdd, feed_detector, feed_detector_many, 1000},
    {"ewma_chart", &noun_detector, config_ewma_chart, spoil_ewma_chart, feed_detector, feed_detector_many, 1000},
    {"gma", &noun_detector, config_gma, spoil_gma, feed_detector, feed_detector_many, 1000},
    {"gma as in MOA", &noun_detector, config_gma_raw, spoil_gma, feed_detector, feed_detector_many, 1000},
};

const subject_group group_charts = {subjects, sizeof subjects / sizeof *subjects};
