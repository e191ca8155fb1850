/* SPDX-License-Identifier: MIT */
/* Rotating hyperplane: Hulten, Spencer, Domingos 2001, "Mining time-changing data streams", KDD, section 4. Their plane turns all
 * the time by adding to its weights; here it goes evenly from one plane to another, so that the truth can be told. */
#include "base/fp.h"

#include <string.h>

#include "kedge/stream.h"

#include "base/arena.h"
#include "streams/schedule.h"

enum { HYPERPLANE_MAX_FEATURES = 65536 };

typedef struct hyperplane_state {
    kedge_state_head head;
    stream_schedule schedule;
    double noise;
    uint32_t n_features;
    uint32_t n_drifting;
    uint32_t before; /* offset of the old weights */
    uint32_t after;  /* and of the new ones */
} hyperplane_state;

static const kedge_field hyperplane_fields[] = {
    STREAM_SCHEDULE_PARAMS(hyperplane_state),
    KEDGE_PARAM(hyperplane_state, noise, KEDGE_TYPE_F64),
    KEDGE_PARAM(hyperplane_state, n_features, KEDGE_TYPE_U32),
    KEDGE_PARAM(hyperplane_state, n_drifting, KEDGE_TYPE_U32),
    STREAM_SCHEDULE_VALUES(hyperplane_state),
    KEDGE_ARRAY(hyperplane_state, before, n_features, KEDGE_TYPE_F64),
    KEDGE_ARRAY(hyperplane_state, after, n_features, KEDGE_TYPE_F64),
};

static void hyperplane_defaults(void *config)
{
    kedge_hyperplane_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    kedge_i_schedule_defaults(&cfg->base, &kedge_hyperplane, sizeof *cfg);
    cfg->noise = 0.05;
    cfg->n_features = 10;
    cfg->n_drifting = 10;
}

kedge_status kedge_hyperplane_config_init(kedge_hyperplane_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_hyperplane.base, cfg, cfg_bytes, sizeof *cfg);
}

static void hyperplane_configure(const void *config, void *fixed)
{
    const kedge_hyperplane_config *cfg = config;
    hyperplane_state *s = fixed;
    kedge_i_schedule_configure(&cfg->base, &s->schedule);
    s->noise = cfg->noise;
    s->n_features = cfg->n_features;
    s->n_drifting = cfg->n_drifting;
}

static int hyperplane_valid(const void *fixed)
{
    const hyperplane_state *s = fixed;
    return kedge_i_schedule_valid(&s->schedule) && kedge_i_within(s->noise, 0.0, 1.0) &&
           kedge_i_u32_within(s->n_features, 1, HYPERPLANE_MAX_FEATURES) && kedge_i_u32_within(s->n_drifting, 1, s->n_features);
}

static size_t hyperplane_layout(void *fixed)
{
    hyperplane_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->before = kedge_i_arena_take(&arena, s->n_features, sizeof(double));
    s->after = kedge_i_arena_take(&arena, s->n_features, sizeof(double));
    return kedge_i_arena_end(&arena);
}

static void hyperplane_start(void *state)
{
    hyperplane_state *s = state;
    double *before = kedge_i_at(s, s->before);
    double *after = kedge_i_at(s, s->after);
    s->schedule.rng.state = s->schedule.seed;
    for (uint32_t i = 0; i < s->n_features; i++)
        before[i] = kedge_rng_uniform(&s->schedule.rng);
    for (uint32_t i = 0; i < s->n_features; i++)
        after[i] = i < s->n_drifting ? kedge_rng_uniform(&s->schedule.rng) : before[i];
}

static int hyperplane_check(const void *state)
{
    const hyperplane_state *s = state;
    const double *before = kedge_i_at_const(s, s->before);
    const double *after = kedge_i_at_const(s, s->after);
    if (!hyperplane_valid(s) || s->schedule.n > KEDGE_I_COUNT_MAX)
        return 0;
    for (uint32_t i = 0; i < s->n_features; i++)
        if (!kedge_i_within(before[i], 0.0, 1.0) || !kedge_i_within(after[i], 0.0, 1.0))
            return 0;
    return 1;
}

static int hyperplane_next(void *state, double *x, double *y)
{
    hyperplane_state *s = state;
    const double *before = kedge_i_at(s, s->before);
    const double *after = kedge_i_at(s, s->after);
    stream_place place = kedge_i_schedule_next(&s->schedule);
    double side = 0.0; /* sum of w (x - 1/2): above the plane through the middle if positive */
    for (uint32_t i = 0; i < s->n_features; i++) {
        x[i] = kedge_rng_uniform(&s->schedule.rng);
        side += stream_between(before[i], after[i], place.share) * (x[i] - 0.5);
    }
    *y = stream_flip(&s->schedule.rng, side >= 0.0, s->noise);
    return place.changed;
}

static uint32_t hyperplane_n_features(const void *state)
{
    return ((const hyperplane_state *)state)->n_features;
}

static uint32_t hyperplane_n_classes(const void *state)
{
    (void)state;
    return 2;
}

const kedge_stream_class kedge_hyperplane = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_STREAM,
            .version = 1,
            .name = "hyperplane",
            .fixed_bytes = sizeof(hyperplane_state),
            .config_bytes = sizeof(kedge_hyperplane_config),
            .n_fields = sizeof hyperplane_fields / sizeof *hyperplane_fields,
            .fields = hyperplane_fields,
            .defaults = hyperplane_defaults,
            .configure = hyperplane_configure,
            .valid = hyperplane_valid,
            .layout = hyperplane_layout,
            .start = hyperplane_start,
            .check = hyperplane_check,
        },
    .n_features = hyperplane_n_features,
    .n_classes = hyperplane_n_classes,
    .next = hyperplane_next,
};
