/* SPDX-License-Identifier: MIT */
/* Random radial basis functions, as MOA's RandomRBFGeneratorDrift: Bifet, Holmes, Pfahringer, Kirkby, Gavalda 2009, "New ensemble
 * methods for evolving data streams", KDD, section 6.1. There the centroids move for ever; here from one place to another, so that
 * the truth can be told. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/stream.h"

#include "base/arena.h"
#include "streams/schedule.h"

enum { CENTROIDS_MAX_FEATURES = 1024, CENTROIDS_MAX_CLASSES = 1024, CENTROIDS_MAX = 4096 };

typedef struct centroids_state {
    kedge_state_head head;
    stream_schedule schedule;
    uint32_t n_features;
    uint32_t n_classes;
    uint32_t n_centroids;
    uint32_t n_drifting;
    uint32_t n_places; /* n_centroids * n_features */
    uint32_t before;   /* offsets: old places, centroid after centroid */
    uint32_t after;    /* new places */
    uint32_t spreads;  /* standard deviation of the distance */
    uint32_t weights;  /* running sum of the weights up to each centroid */
    uint32_t labels;
} centroids_state;

static const kedge_field centroids_fields[] = {
    STREAM_SCHEDULE_PARAMS(centroids_state),
    KEDGE_PARAM(centroids_state, n_features, KEDGE_TYPE_U32),
    KEDGE_PARAM(centroids_state, n_classes, KEDGE_TYPE_U32),
    KEDGE_PARAM(centroids_state, n_centroids, KEDGE_TYPE_U32),
    KEDGE_PARAM(centroids_state, n_drifting, KEDGE_TYPE_U32),
    STREAM_SCHEDULE_VALUES(centroids_state),
    KEDGE_ARRAY(centroids_state, before, n_places, KEDGE_TYPE_F64),
    KEDGE_ARRAY(centroids_state, after, n_places, KEDGE_TYPE_F64),
    KEDGE_ARRAY(centroids_state, spreads, n_centroids, KEDGE_TYPE_F64),
    KEDGE_ARRAY(centroids_state, weights, n_centroids, KEDGE_TYPE_F64),
    KEDGE_ARRAY(centroids_state, labels, n_centroids, KEDGE_TYPE_F64),
};

static void centroids_defaults(void *config)
{
    kedge_centroids_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    kedge_i_schedule_defaults(&cfg->base, &kedge_centroids, sizeof *cfg);
    cfg->n_features = 10;
    cfg->n_classes = 2;
    cfg->n_centroids = 50;
    cfg->n_drifting = 50;
}

kedge_status kedge_centroids_config_init(kedge_centroids_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_centroids.base, cfg, cfg_bytes, sizeof *cfg);
}

static void centroids_configure(const void *config, void *fixed)
{
    const kedge_centroids_config *cfg = config;
    centroids_state *s = fixed;
    kedge_i_schedule_configure(&cfg->base, &s->schedule);
    s->n_features = cfg->n_features;
    s->n_classes = cfg->n_classes;
    s->n_centroids = cfg->n_centroids;
    s->n_drifting = cfg->n_drifting;
}

static int centroids_valid(const void *fixed)
{
    const centroids_state *s = fixed;
    return kedge_i_schedule_valid(&s->schedule) && kedge_i_u32_within(s->n_features, 1, CENTROIDS_MAX_FEATURES) &&
           kedge_i_u32_within(s->n_classes, 2, CENTROIDS_MAX_CLASSES) && kedge_i_u32_within(s->n_centroids, 1, CENTROIDS_MAX) &&
           kedge_i_u32_within(s->n_drifting, 1, s->n_centroids);
}

static size_t centroids_layout(void *fixed)
{
    centroids_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->n_places = kedge_i_length(s->n_centroids, s->n_features);
    s->before = kedge_i_arena_take(&arena, s->n_places, sizeof(double));
    s->after = kedge_i_arena_take(&arena, s->n_places, sizeof(double));
    s->spreads = kedge_i_arena_take(&arena, s->n_centroids, sizeof(double));
    s->weights = kedge_i_arena_take(&arena, s->n_centroids, sizeof(double));
    s->labels = kedge_i_arena_take(&arena, s->n_centroids, sizeof(double));
    return kedge_i_arena_end(&arena);
}

static void centroids_start(void *state)
{
    centroids_state *s = state;
    kedge_rng *rng = &s->schedule.rng;
    double *before = kedge_i_at(s, s->before);
    double *after = kedge_i_at(s, s->after);
    double *spreads = kedge_i_at(s, s->spreads);
    double *weights = kedge_i_at(s, s->weights);
    double *labels = kedge_i_at(s, s->labels);
    double sum = 0.0;
    rng->state = s->schedule.seed;
    for (uint32_t i = 0; i < s->n_places; i++)
        before[i] = kedge_rng_uniform(rng);
    for (uint32_t i = 0; i < s->n_places; i++)
        after[i] = i / s->n_features < s->n_drifting ? kedge_rng_uniform(rng) : before[i];
    for (uint32_t i = 0; i < s->n_centroids; i++) {
        labels[i] = (double)kedge_rng_below(rng, s->n_classes);
        spreads[i] = kedge_rng_uniform(rng);
        sum += kedge_rng_uniform(rng);
        weights[i] = sum;
    }
}

static int centroids_check(const void *state)
{
    const centroids_state *s = state;
    if (!centroids_valid(s) || s->schedule.n > KEDGE_I_COUNT_MAX)
        return 0;
    const double *before = kedge_i_at_const(s, s->before);
    const double *after = kedge_i_at_const(s, s->after);
    const double *spreads = kedge_i_at_const(s, s->spreads);
    const double *weights = kedge_i_at_const(s, s->weights);
    const double *labels = kedge_i_at_const(s, s->labels);
    for (uint32_t i = 0; i < s->n_places; i++)
        if (!kedge_i_within(before[i], 0.0, 1.0) || !kedge_i_within(after[i], 0.0, 1.0))
            return 0;
    for (uint32_t i = 0; i < s->n_centroids; i++)
        if (!kedge_i_within(spreads[i], 0.0, 1.0) ||
            !kedge_i_within(weights[i], i ? weights[i - 1] : 0.0, (double)s->n_centroids) ||
            !kedge_i_within(labels[i], 0.0, (double)(s->n_classes - 1)) || labels[i] != floor(labels[i]))
            return 0;
    return 1;
}

/* A centroid by its weight: the first whose running sum exceeds a draw below the whole sum. */
static uint32_t centroids_pick(centroids_state *s)
{
    const double *weights = kedge_i_at(s, s->weights);
    double draw = weights[s->n_centroids - 1] * kedge_rng_uniform(&s->schedule.rng);
    uint32_t i = 0;
    while (i + 1 < s->n_centroids && weights[i] <= draw)
        i++;
    return i;
}

static int centroids_next(void *state, double *x, double *y)
{
    centroids_state *s = state;
    kedge_rng *rng = &s->schedule.rng;
    stream_place place = kedge_i_schedule_next(&s->schedule);
    uint32_t i = centroids_pick(s);
    const double *before = (const double *)kedge_i_at(s, s->before) + (size_t)i * s->n_features;
    const double *after = (const double *)kedge_i_at(s, s->after) + (size_t)i * s->n_features;
    double length = 0.0;
    for (uint32_t j = 0; j < s->n_features; j++) {
        x[j] = 2.0 * kedge_rng_uniform(rng) - 1.0;
        length += x[j] * x[j];
    }
    double distance = ((const double *)kedge_i_at(s, s->spreads))[i] * kedge_rng_normal(rng);
    double scale = length > 0.0 ? distance / sqrt(length) : 0.0;
    for (uint32_t j = 0; j < s->n_features; j++)
        x[j] = stream_between(before[j], after[j], place.share) + scale * x[j];
    *y = ((const double *)kedge_i_at(s, s->labels))[i];
    return place.changed;
}

static uint32_t centroids_n_features(const void *state)
{
    return ((const centroids_state *)state)->n_features;
}

static uint32_t centroids_n_classes(const void *state)
{
    return ((const centroids_state *)state)->n_classes;
}

const kedge_stream_class kedge_centroids = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_STREAM,
            .version = 1,
            .name = "centroids",
            .fixed_bytes = sizeof(centroids_state),
            .config_bytes = sizeof(kedge_centroids_config),
            .n_fields = sizeof centroids_fields / sizeof *centroids_fields,
            .fields = centroids_fields,
            .defaults = centroids_defaults,
            .configure = centroids_configure,
            .valid = centroids_valid,
            .layout = centroids_layout,
            .start = centroids_start,
            .check = centroids_check,
        },
    .n_features = centroids_n_features,
    .n_classes = centroids_n_classes,
    .next = centroids_next,
};
