/* SPDX-License-Identifier: MIT */
/* Series of numbers of a named distribution. Student's t by Bailey 1994, "Polar generation of random variates with the
 * t-distribution", Mathematics of Computation 62: right for any degrees of freedom, without a gamma variate. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/stream.h"

#include "streams/schedule.h"

#define SERIES_MAX 1e100
#define SERIES_TWO_PI 6.28318530717958647693

typedef struct series_state {
    kedge_state_head head;
    stream_schedule schedule;
    double level_before;
    double level_after;
    double spread_before;
    double spread_after;
    double shape;
    double z; /* AR1: the last deviation, in units of spread */
    uint8_t distribution;
    uint8_t reserved[7];
} series_state;

static const kedge_field series_fields[] = {
    STREAM_SCHEDULE_PARAMS(series_state),
    KEDGE_PARAM(series_state, level_before, KEDGE_TYPE_F64),
    KEDGE_PARAM(series_state, level_after, KEDGE_TYPE_F64),
    KEDGE_PARAM(series_state, spread_before, KEDGE_TYPE_F64),
    KEDGE_PARAM(series_state, spread_after, KEDGE_TYPE_F64),
    KEDGE_PARAM(series_state, shape, KEDGE_TYPE_F64),
    KEDGE_PARAM(series_state, distribution, KEDGE_TYPE_U8),
    STREAM_SCHEDULE_VALUES(series_state),
    KEDGE_VALUE(series_state, z, KEDGE_TYPE_F64),
};

static void series_defaults(void *config)
{
    kedge_series_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    kedge_i_schedule_defaults(&cfg->base, &kedge_series, sizeof *cfg);
    cfg->level_before = 0.2;
    cfg->level_after = 0.5;
    cfg->spread_before = 1.0;
    cfg->spread_after = 1.0;
    cfg->shape = 0.5;
    cfg->distribution = KEDGE_SERIES_BERNOULLI;
}

kedge_status kedge_series_config_init(kedge_series_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_series.base, cfg, cfg_bytes, sizeof *cfg);
}

static void series_configure(const void *config, void *fixed)
{
    const kedge_series_config *cfg = config;
    series_state *s = fixed;
    kedge_i_schedule_configure(&cfg->base, &s->schedule);
    s->level_before = cfg->level_before;
    s->level_after = cfg->level_after;
    s->spread_before = cfg->spread_before;
    s->spread_after = cfg->spread_after;
    s->shape = cfg->shape;
    s->distribution = kedge_i_choice(cfg->distribution);
}

static int series_valid(const void *fixed)
{
    const series_state *s = fixed;
    int is_rate = s->distribution == KEDGE_SERIES_BERNOULLI;
    double low = is_rate ? 0.0 : -SERIES_MAX;
    double high = is_rate ? 1.0 : SERIES_MAX;
    if (s->distribution == KEDGE_SERIES_STUDENT && !kedge_i_within(s->shape, 0.5, 1e6))
        return 0;
    if (s->distribution == KEDGE_SERIES_AR1 && !(s->shape > -1.0 && s->shape < 1.0))
        return 0;
    return kedge_i_schedule_valid(&s->schedule) && s->distribution >= KEDGE_SERIES_BERNOULLI &&
           s->distribution <= KEDGE_SERIES_AR1 && kedge_i_within(s->level_before, low, high) &&
           kedge_i_within(s->level_after, low, high) && kedge_i_within(s->spread_before, 0.0, SERIES_MAX) &&
           kedge_i_within(s->spread_after, 0.0, SERIES_MAX) && kedge_i_finite(s->shape);
}

static size_t series_layout(void *fixed)
{
    (void)fixed;
    return sizeof(series_state);
}

static void series_start(void *state)
{
    series_state *s = state;
    s->schedule.rng.state = s->schedule.seed;
    if (s->distribution == KEDGE_SERIES_AR1)
        s->z = kedge_rng_normal(&s->schedule.rng); /* as if it had been going on for ever */
}

static int series_check(const void *state)
{
    const series_state *s = state;
    return series_valid(s) && s->schedule.n <= KEDGE_I_COUNT_MAX && kedge_i_within(s->z, -1e6, 1e6);
}

static double series_student(kedge_rng *rng, double nu)
{
    double u = 1.0 - kedge_rng_uniform(rng); /* above 0 */
    double angle = SERIES_TWO_PI * kedge_rng_uniform(rng);
    return sqrt(nu * expm1(-2.0 / nu * log(u))) * cos(angle);
}

/* A draw with level 0 and spread 1. */
static double series_unit(series_state *s)
{
    kedge_rng *rng = &s->schedule.rng;
    switch (s->distribution) {
    case KEDGE_SERIES_NORMAL:
        return kedge_rng_normal(rng);
    case KEDGE_SERIES_UNIFORM:
        return 2.0 * kedge_rng_uniform(rng) - 1.0;
    case KEDGE_SERIES_STUDENT:
        return series_student(rng, s->shape);
    default: /* KEDGE_SERIES_AR1 */
        s->z = s->shape * s->z + sqrt(1.0 - s->shape * s->shape) * kedge_rng_normal(rng);
        return s->z;
    }
}

static int series_next(void *state, double *x, double *y)
{
    series_state *s = state;
    stream_place place = kedge_i_schedule_next(&s->schedule);
    double level = stream_between(s->level_before, s->level_after, place.share);
    (void)x;
    if (s->distribution == KEDGE_SERIES_BERNOULLI)
        *y = kedge_rng_uniform(&s->schedule.rng) < level;
    else
        *y = level + stream_between(s->spread_before, s->spread_after, place.share) * series_unit(s);
    return place.changed;
}

static uint32_t series_n_features(const void *state)
{
    (void)state;
    return 0;
}

static uint32_t series_n_classes(const void *state)
{
    return ((const series_state *)state)->distribution == KEDGE_SERIES_BERNOULLI ? 2 : 0;
}

const kedge_stream_class kedge_series = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_STREAM,
            .version = 1,
            .name = "series",
            .fixed_bytes = sizeof(series_state),
            .config_bytes = sizeof(kedge_series_config),
            .n_fields = sizeof series_fields / sizeof *series_fields,
            .fields = series_fields,
            .defaults = series_defaults,
            .configure = series_configure,
            .valid = series_valid,
            .layout = series_layout,
            .start = series_start,
            .check = series_check,
        },
    .n_features = series_n_features,
    .n_classes = series_n_classes,
    .next = series_next,
};
