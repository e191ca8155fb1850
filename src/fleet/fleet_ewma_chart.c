/* SPDX-License-Identifier: MIT */
/* EWMA charts for a fleet: the same numbers, to the last bit, as the detector in detectors/ewma_chart.c gives for each stream by
 * itself; papers and equations stand there.
 *
 * A stream that still learns its level goes through a loop of its own, lane by lane: learning ends. While it lasts the lane of the
 * distances holds the sum of squares that only learning needs.
 *
 * Cost: 56 bytes a stream that every tick reads, 40 of which it writes, and 64 that only alarms touch. */
#include "base/fp.h"

#include "kedge/fleet.h"

#include <math.h>
#include <string.h>

#include "detectors/reference.h"
#include "fleet/fleet_blocks.h"
#include "fleet/fleet_vector.h"

#define FLEET_EWMA_FORGOTTEN 1e-20 /* as in detectors/ewma_chart.c */

typedef struct fleet_ewma_chart_state {
    fleet_common common;
    double lambda;
    double limit;
    double target;
    double sd;
    uint32_t n_learn;
    uint8_t reference;
    uint8_t direction;
    uint8_t reserved[2];
} fleet_ewma_chart_state;

typedef struct fleet_ewma_chart_lanes {
    double n[FLEET_LANES];         /* observations since the restart; the first n_learn of them teach the level */
    double level[FLEET_LANES];
    double variance[FLEET_LANES];  /* of the quiet stream */
    double average[FLEET_LANES];   /* of the distances from the level */
    double young[FLEET_LANES];     /* (1 - lambda)^2n, n without learning; 0 once it does not matter */
    double crossed_n[FLEET_LANES]; /* observations of the chart before the average crossed the level for the last time */
    double since[FLEET_LANES];     /* sum of the distances behind them; while learning: of squared deviations from the level */
} fleet_ewma_chart_lanes;

enum { FLEET_EWMA_CHART_FIELDS = sizeof(fleet_ewma_chart_lanes) / (sizeof(double) * FLEET_LANES) };

static const kedge_field fleet_ewma_chart_fields[] = {
    FLEET_PARAMS(fleet_ewma_chart_state),
    KEDGE_PARAM(fleet_ewma_chart_state, lambda, KEDGE_TYPE_F64),
    KEDGE_PARAM(fleet_ewma_chart_state, limit, KEDGE_TYPE_F64),
    KEDGE_PARAM(fleet_ewma_chart_state, target, KEDGE_TYPE_F64),
    KEDGE_PARAM(fleet_ewma_chart_state, sd, KEDGE_TYPE_F64),
    KEDGE_PARAM(fleet_ewma_chart_state, n_learn, KEDGE_TYPE_U32),
    KEDGE_PARAM(fleet_ewma_chart_state, reference, KEDGE_TYPE_U8),
    KEDGE_PARAM(fleet_ewma_chart_state, direction, KEDGE_TYPE_U8),
    FLEET_VALUES(fleet_ewma_chart_state),
};

static void fleet_ewma_chart_defaults(void *config)
{
    kedge_fleet_ewma_chart_config *cfg = config;
    FLEET_DEFAULTS(cfg, &kedge_fleet_ewma_chart, &kedge_ewma_chart);
}

kedge_status kedge_fleet_ewma_chart_config_init(kedge_fleet_ewma_chart_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_fleet_ewma_chart.base, cfg, cfg_bytes, sizeof *cfg);
}

static void fleet_ewma_chart_configure(const void *config, void *fixed)
{
    const kedge_fleet_ewma_chart_config *cfg = config;
    fleet_ewma_chart_state *s = fixed;
    s->common.n_streams = cfg->each.base.cls == &kedge_ewma_chart ? cfg->base.n_streams : 0;
    s->lambda = cfg->each.lambda;
    s->limit = cfg->each.limit;
    s->target = cfg->each.target;
    s->sd = cfg->each.sd;
    s->n_learn = cfg->each.n_learn;
    s->reference = kedge_i_choice(cfg->each.reference);
    s->direction = kedge_i_choice(cfg->each.direction);
}

/* What the detector by itself takes. */
static int fleet_ewma_chart_valid(const void *fixed)
{
    const fleet_ewma_chart_state *s = fixed;
    kedge_ewma_chart_config each;
    kedge_ewma_chart.base.defaults(&each);
    each.lambda = s->lambda;
    each.limit = s->limit;
    each.target = s->target;
    each.sd = s->sd;
    each.n_learn = s->n_learn;
    each.reference = s->reference;
    each.direction = s->direction;
    return s->common.n_streams > 0 && kedge_detector_size(&each.base) > 0;
}

static size_t fleet_ewma_chart_layout(void *fixed)
{
    fleet_ewma_chart_state *s = fixed;
    return kedge_i_fleet_layout(&s->common, sizeof *s, FLEET_EWMA_CHART_FIELDS);
}

static double fleet_ewma_chart_fresh(const void *state, uint32_t field)
{
    const fleet_ewma_chart_state *s = state;
    int is_fixed = s->reference == KEDGE_REFERENCE_FIXED;
    const double fresh[FLEET_EWMA_CHART_FIELDS] = {0.0, is_fixed ? s->target : 0.0, is_fixed ? s->sd * s->sd : 0.0, 0.0, 1.0, 0.0,
                                                   0.0};
    return fresh[field];
}

/* Observations of a lane that teach the level. */
static inline double fleet_ewma_chart_learn_n(const fleet_ewma_chart_state *s)
{
    return s->reference == KEDGE_REFERENCE_FIXED ? 0.0 : (double)s->n_learn;
}

static int fleet_ewma_chart_sound(const void *state, const void *block, uint32_t lane)
{
    const fleet_ewma_chart_lanes *b = block;
    double most = DETECTOR_REFERENCE_MAX, learn_n = fleet_ewma_chart_learn_n(state);
    int learns = b->n[lane] < learn_n;
    double chart_n = learns ? 0.0 : b->n[lane] - learn_n;
    int since = learns ? kedge_i_within(b->since[lane], 0.0, most * most * learn_n)
                       : kedge_i_within(b->since[lane], -most * chart_n, most * chart_n);
    return kedge_i_within(b->level[lane], -most, most) && kedge_i_within(b->variance[lane], 0.0, most * most) &&
           kedge_i_within(b->average[lane], -most, most) && kedge_i_within(b->young[lane], 0.0, 1.0) &&
           kedge_i_fleet_count(b->crossed_n[lane], chart_n) && since;
}

/* What a step needs of the configuration, in every lane. */
typedef struct fleet_ewma_chart_limits {
    fleet_vec learn_n;
    fleet_vec lambda;
    fleet_vec kept;
    fleet_vec share;   /* of the variance that an old average has */
    fleet_vec squared; /* the limit */
    fleet_mask up;     /* averages above the level may alarm */
    fleet_mask down;   /* and below */
} fleet_ewma_chart_limits;

static inline fleet_ewma_chart_limits fleet_ewma_chart_read(const fleet_ewma_chart_state *s)
{
    fleet_ewma_chart_limits limits;
    limits.learn_n = fleet_all(fleet_ewma_chart_learn_n(s));
    limits.lambda = fleet_all(s->lambda);
    limits.kept = fleet_all(1.0 - s->lambda);
    limits.share = fleet_all(s->lambda / (2.0 - s->lambda));
    limits.squared = fleet_all(s->limit * s->limit);
    limits.up = FLEET_WHERE(fleet_all(s->direction != KEDGE_DIRECTION_DOWN ? 1.0 : 0.0) > 0.0);
    limits.down = FLEET_WHERE(fleet_all(s->direction != KEDGE_DIRECTION_UP ? 1.0 : 0.0) > 0.0);
    return limits;
}

/* One observation for the charts of the lanes from i on, as in ewma_chart_step(); returns the lanes that alarm. some: not all lanes
 * have a value and a level. */
FLEET_INLINE fleet_mask fleet_ewma_chart_add(const fleet_ewma_chart_limits *limits, fleet_ewma_chart_lanes *b, uint32_t i,
                                             const double *x, int some)
{
    fleet_vec n = fleet_get(b->n + i), average = fleet_get(b->average + i), young = fleet_get(b->young + i);
    fleet_vec crossed_n = fleet_get(b->crossed_n + i), since = fleet_get(b->since + i);
    fleet_vec distance = fleet_get(x + i) - fleet_get(b->level + i);
    fleet_vec next = limits->kept * average + limits->lambda * distance;
    fleet_vec old = FLEET_SELECT(FLEET_WHERE(young > FLEET_EWMA_FORGOTTEN), young * limits->kept * limits->kept, fleet_all(0.0));
    fleet_mask above = FLEET_WHERE(next > 0.0);
    fleet_mask crossed = above ^ FLEET_WHERE(average > 0.0);
    fleet_vec sum = FLEET_SELECT(crossed, fleet_all(0.0), since) + distance;
    fleet_vec variance = fleet_get(b->variance + i) * limits->share * (1.0 - old);
    fleet_mask drifts = FLEET_WHERE(next * next > limits->squared * variance) & ((above & limits->up) | (~above & limits->down));
    fleet_vec now = n + 1.0;
    if (some) {
        fleet_mask charts = FLEET_WHERE(n >= limits->learn_n) & FLEET_WHERE(distance == distance);
        now = FLEET_SELECT(charts, now, n);
        next = FLEET_SELECT(charts, next, average);
        old = FLEET_SELECT(charts, old, young);
        sum = FLEET_SELECT(charts, sum, since);
        crossed &= charts;
        drifts &= charts;
    }
    fleet_put(b->n + i, now);
    fleet_put(b->average + i, next);
    fleet_put(b->young + i, old);
    fleet_put(b->crossed_n + i, FLEET_SELECT(crossed, n - limits->learn_n, crossed_n));
    fleet_put(b->since + i, sum);
    return drifts;
}

/* All lanes; returns the signals' lanes, and whether any alarms. */
FLEET_INLINE int fleet_ewma_chart_block(const fleet_ewma_chart_state *s, fleet_ewma_chart_lanes *b, const double *x, int some,
                                        uint8_t *signals)
{
    const fleet_ewma_chart_limits limits = fleet_ewma_chart_read(s);
    int any = 0;
    for (uint32_t i = 0; i < FLEET_LANES; i += FLEET_WIDTH) {
        fleet_ahead(b, FLEET_EWMA_CHART_FIELDS, i);
        fleet_mask drifts = fleet_ewma_chart_add(&limits, b, i, x, some);
        if (!fleet_any(drifts))
            continue;
        if (!any)
            memset(signals, KEDGE_OK, FLEET_LANES);
        any = 1;
        for (int k = 0; k < FLEET_WIDTH; k++)
            signals[i + (uint32_t)k] = fleet_has(drifts, k) ? KEDGE_DRIFT : KEDGE_OK;
    }
    return any;
}

/* One observation for a lane that learns, as in detector_reference_learn(). */
static void fleet_ewma_chart_learn(const fleet_ewma_chart_state *s, fleet_ewma_chart_lanes *b, uint32_t i, double x)
{
    detector_reference r = {(uint64_t)(int64_t)b->n[i], b->level[i], b->since[i], b->variance[i]};
    detector_reference_learn(&r, x);
    b->n[i] += 1.0;
    b->level[i] = r.mean;
    b->variance[i] = r.variance;
    b->since[i] = r.n < s->n_learn ? r.m2 : 0.0;
}

/* Does any lane learn? */
static int fleet_ewma_chart_learns(const fleet_ewma_chart_state *s, const fleet_ewma_chart_lanes *b)
{
    const fleet_vec learn_n = fleet_all(fleet_ewma_chart_learn_n(s));
    fleet_mask any = FLEET_WHERE(learn_n < 0.0);
    for (uint32_t i = 0; i < FLEET_LANES; i += FLEET_WIDTH)
        any |= FLEET_WHERE(fleet_get(b->n + i) < learn_n);
    return fleet_any(any);
}

static int fleet_ewma_chart_some(const fleet_ewma_chart_state *s, fleet_ewma_chart_lanes *b, const double *x, uint8_t *signals)
{
    uint8_t learns[FLEET_LANES];
    for (uint32_t i = 0; i < FLEET_LANES; i++)
        learns[i] = b->n[i] < fleet_ewma_chart_learn_n(s) && x[i] == x[i];
    int any = fleet_ewma_chart_block(s, b, x, 1, signals);
    for (uint32_t i = 0; i < FLEET_LANES; i++)
        if (learns[i])
            fleet_ewma_chart_learn(s, b, i, x[i]);
    return any;
}

static int fleet_ewma_chart_step(const void *state, void *block, const double *x, int missing, uint8_t *signals)
{
    if (missing || fleet_ewma_chart_learns(state, block))
        return fleet_ewma_chart_some(state, block, x, signals);
    return fleet_ewma_chart_block(state, block, x, 0, signals);
}

static double fleet_ewma_chart_statistic(const fleet_ewma_chart_state *s, const fleet_ewma_chart_lanes *b, uint32_t lane)
{
    double variance = b->variance[lane] * (s->lambda / (2.0 - s->lambda)) * (1.0 - b->young[lane]);
    return variance > 0.0 ? fabs(b->average[lane]) / sqrt(variance) : 0.0;
}

/* As ewma_chart_raise(). */
static void fleet_ewma_chart_raise(const void *state, const void *block, uint32_t lane, fleet_record *r)
{
    const fleet_ewma_chart_state *s = state;
    const fleet_ewma_chart_lanes *b = block;
    double learn_n = fleet_ewma_chart_learn_n(s);
    double n_after = b->n[lane] - learn_n - b->crossed_n[lane];
    r->before = b->level[lane];
    r->after = b->level[lane] + b->since[lane] / n_after;
    r->changed_at = r->n_before + learn_n + b->crossed_n[lane];
    r->statistic = fleet_ewma_chart_statistic(s, b, lane);
    r->threshold = s->limit;
}

static const fleet_kernel fleet_ewma_chart_kernel = {fleet_ewma_chart_step, fleet_ewma_chart_raise, fleet_ewma_chart_fresh,
                                                     fleet_ewma_chart_sound};

FLEET_SLOTS(fleet_ewma_chart)

static kedge_status fleet_ewma_chart_estimate(const void *state, uint32_t i_stream, kedge_estimate *out)
{
    const fleet_ewma_chart_state *s = state;
    const fleet_ewma_chart_lanes *b = (const void *)kedge_i_fleet_block(&s->common, i_stream);
    uint32_t lane = i_stream % FLEET_LANES;
    kedge_status st = kedge_i_fleet_estimate(&s->common, i_stream, out);
    out->threshold = s->limit;
    if (st == KEDGE_EMPTY)
        return st;
    out->mean = b->level[lane] + b->average[lane];
    out->variance = b->variance[lane];
    out->statistic = fleet_ewma_chart_statistic(s, b, lane);
    return st;
}

const kedge_fleet_class kedge_fleet_ewma_chart = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_FLEET,
            .version = 1,
            .name = "ewma_chart",
            .fixed_bytes = sizeof(fleet_ewma_chart_state),
            .config_bytes = sizeof(kedge_fleet_ewma_chart_config),
            .n_fields = sizeof fleet_ewma_chart_fields / sizeof *fleet_ewma_chart_fields,
            .fields = fleet_ewma_chart_fields,
            .defaults = fleet_ewma_chart_defaults,
            .configure = fleet_ewma_chart_configure,
            .valid = fleet_ewma_chart_valid,
            .layout = fleet_ewma_chart_layout,
            .start = fleet_ewma_chart_start,
            .check = fleet_ewma_chart_check,
        },
    .input_low = -KEDGE_DETECTOR_INPUT_MAX,
    .input_high = KEDGE_DETECTOR_INPUT_MAX,
    .n_streams = kedge_i_fleet_n_streams,
    .update = fleet_ewma_chart_update,
    .estimate = fleet_ewma_chart_estimate,
    .alarm = kedge_i_fleet_alarm,
    .reset_one = fleet_ewma_chart_reset_one,
};
