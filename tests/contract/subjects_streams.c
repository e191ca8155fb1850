/* SPDX-License-Identifier: MIT */
/* Streams, each with another pattern of change. */
#include "subjects.h"

static void config_series(any_config *cfg)
{
    kedge_series_config c = kedge_series_defaults();
    c.base.at = 100;
    c.distribution = KEDGE_SERIES_AR1;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

#define SPOIL_STREAM_BASE                                                                          \
    BAD(c->base.pattern = 0)                                                                       \
    BAD(c->base.pattern = 7)                                                                       \
    BAD(c->base.pattern = 257)                                                                     \
    BAD(c->base.at = UINT64_MAX)                                                                   \
    BAD(c->base.width = 0)                                                                         \
    BAD(c->base.width = UINT64_MAX)                                                                \
    BAD(c->base.period = 0)                                                                        \
    BAD(c->base.period = UINT64_MAX)                                                               \
    BAD(c->base.pattern = KEDGE_CHANGE_BLIP; c->base.width = c->base.period)                       \
    BAD(c->base.config_bytes = sizeof *c + 8)                                                      \
    BAD(c->base.cls = NULL)

static int spoil_series(any_config *cfg, size_t i)
{
    SPOIL(kedge_series_config, SPOIL_STREAM_BASE BAD(c->level_before = NAN_D) BAD(c->level_after = 1e101) BAD(c->spread_before = -1)
          BAD(c->spread_after = NAN_D) BAD(c->shape = 1) BAD(c->shape = NAN_D) BAD(c->distribution = 0) BAD(c->distribution = 6)
          BAD(c->distribution = 257) BAD(c->distribution = KEDGE_SERIES_BERNOULLI; c->level_after = 1.5)
          BAD(c->distribution = KEDGE_SERIES_STUDENT; c->shape = 0.4));
}

static void config_concepts(any_config *cfg, uint32_t family, uint32_t pattern)
{
    kedge_concepts_config c = kedge_concepts_defaults();
    c.family = family;
    c.base.pattern = pattern;
    c.base.at = 50;
    c.base.width = 60;
    c.base.period = 70;
    c.after = 3;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_sea(any_config *cfg)
{
    config_concepts(cfg, KEDGE_CONCEPTS_SEA, KEDGE_CHANGE_SUDDEN);
}

static void config_stagger(any_config *cfg)
{
    config_concepts(cfg, KEDGE_CONCEPTS_STAGGER, KEDGE_CHANGE_GRADUAL);
}

static void config_sine(any_config *cfg)
{
    config_concepts(cfg, KEDGE_CONCEPTS_SINE, KEDGE_CHANGE_RECURRING);
}

static void config_agrawal(any_config *cfg)
{
    config_concepts(cfg, KEDGE_CONCEPTS_AGRAWAL, KEDGE_CHANGE_BLIP);
}

static void config_led(any_config *cfg)
{
    config_concepts(cfg, KEDGE_CONCEPTS_LED, KEDGE_CHANGE_NONE);
}

static int spoil_concepts(any_config *cfg, size_t i)
{
    SPOIL(kedge_concepts_config,
          SPOIL_STREAM_BASE BAD(c->base.pattern = KEDGE_CHANGE_INCREMENTAL) BAD(c->noise = -0.1) BAD(c->noise = 1.1)
          BAD(c->noise = NAN_D) BAD(c->family = 0) BAD(c->family = 6) BAD(c->family = 258) BAD(c->before = 0)
          BAD(c->before = 11) BAD(c->after = 0) BAD(c->after = 11) BAD(c->family = KEDGE_CONCEPTS_STAGGER; c->after = 4));
}

static void config_hyperplane(any_config *cfg)
{
    kedge_hyperplane_config c = kedge_hyperplane_defaults();
    c.base.pattern = KEDGE_CHANGE_INCREMENTAL;
    c.base.at = 50;
    c.base.width = 100;
    c.n_drifting = 4;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_hyperplane(any_config *cfg, size_t i)
{
    SPOIL(kedge_hyperplane_config, SPOIL_STREAM_BASE BAD(c->noise = -0.1) BAD(c->noise = NAN_D) BAD(c->n_features = 0)
          BAD(c->n_features = UINT32_MAX) BAD(c->n_drifting = 0) BAD(c->n_drifting = 11));
}

static void config_centroids(any_config *cfg)
{
    kedge_centroids_config c = kedge_centroids_defaults();
    c.base.at = 50;
    c.n_features = 3;
    c.n_classes = 4;
    c.n_centroids = 5;
    c.n_drifting = 2;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static int spoil_centroids(any_config *cfg, size_t i)
{
    SPOIL(kedge_centroids_config, SPOIL_STREAM_BASE BAD(c->n_features = 0) BAD(c->n_features = UINT32_MAX) BAD(c->n_classes = 1)
          BAD(c->n_classes = UINT32_MAX) BAD(c->n_centroids = 0) BAD(c->n_centroids = UINT32_MAX) BAD(c->n_drifting = 0)
          BAD(c->n_drifting = 6));
}

static const subject subjects[] = {
    {"series", &noun_stream, config_series, spoil_series, feed_stream, feed_stream_many, 300},
    {"concepts, SEA", &noun_stream, config_sea, spoil_concepts, feed_stream, feed_stream_many, 200},
    {"concepts, STAGGER", &noun_stream, config_stagger, spoil_concepts, feed_stream, feed_stream_many, 200},
    {"concepts, SINE", &noun_stream, config_sine, spoil_concepts, feed_stream, feed_stream_many, 200},
    {"concepts, AGRAWAL", &noun_stream, config_agrawal, spoil_concepts, feed_stream, feed_stream_many, 200},
    {"concepts, LED", &noun_stream, config_led, spoil_concepts, feed_stream, feed_stream_many, 200},
    {"hyperplane", &noun_stream, config_hyperplane, spoil_hyperplane, feed_stream, feed_stream_many, 200},
    {"centroids", &noun_stream, config_centroids, spoil_centroids, feed_stream, feed_stream_many, 200},
};

const subject_group group_streams = {subjects, sizeof subjects / sizeof *subjects};
