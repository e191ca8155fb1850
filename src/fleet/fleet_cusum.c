/* SPDX-License-Identifier: MIT */
/* CUSUM for a fleet: the same numbers, to the last bit, as the detector in detectors/cusum.c gives for each stream by itself;
 * papers and equations stand there. A direction that is not asked for has no lanes.
 *
 * Cost: 72 bytes a stream that every tick reads and writes, 48 with one direction, and 64 that only alarms touch. */
#include "base/fp.h"

#include "kedge/fleet.h"

#include <string.h>

#include "fleet/fleet_blocks.h"
#include "fleet/fleet_mean.h"

typedef struct fleet_cusum_state {
    fleet_common common;
    double delta;
    double threshold;
    double target;
    uint32_t min_samples;
    uint8_t reference;
    uint8_t direction;
    uint8_t reserved[2];
} fleet_cusum_state;

/* One of the two sums, turned so that a change lets it rise from 0. */
typedef struct fleet_cusum_side {
    double sum[FLEET_LANES];
    double zero_n[FLEET_LANES];    /* observations since the restart when it was last 0 */
    double zero_mean[FLEET_LANES]; /* their mean */
} fleet_cusum_side;

typedef struct fleet_cusum_lanes {
    fleet_mean mean;
    fleet_cusum_side side[2]; /* rises, falls; with one direction only the first is there */
} fleet_cusum_lanes;

enum { FLEET_CUSUM_SIDE_FIELDS = sizeof(fleet_cusum_side) / (sizeof(double) * FLEET_LANES) };

static const kedge_field fleet_cusum_fields[] = {
    FLEET_PARAMS(fleet_cusum_state),
    KEDGE_PARAM(fleet_cusum_state, delta, KEDGE_TYPE_F64),
    KEDGE_PARAM(fleet_cusum_state, threshold, KEDGE_TYPE_F64),
    KEDGE_PARAM(fleet_cusum_state, target, KEDGE_TYPE_F64),
    KEDGE_PARAM(fleet_cusum_state, min_samples, KEDGE_TYPE_U32),
    KEDGE_PARAM(fleet_cusum_state, reference, KEDGE_TYPE_U8),
    KEDGE_PARAM(fleet_cusum_state, direction, KEDGE_TYPE_U8),
    FLEET_VALUES(fleet_cusum_state),
};

static void fleet_cusum_defaults(void *config)
{
    kedge_fleet_cusum_config *cfg = config;
    FLEET_DEFAULTS(cfg, &kedge_fleet_cusum, &kedge_cusum);
}

kedge_status kedge_fleet_cusum_config_init(kedge_fleet_cusum_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_fleet_cusum.base, cfg, cfg_bytes, sizeof *cfg);
}

static void fleet_cusum_configure(const void *config, void *fixed)
{
    const kedge_fleet_cusum_config *cfg = config;
    fleet_cusum_state *s = fixed;
    s->common.n_streams = cfg->each.base.cls == &kedge_cusum ? cfg->base.n_streams : 0;
    s->delta = cfg->each.delta;
    s->threshold = cfg->each.threshold;
    s->target = cfg->each.target;
    s->min_samples = cfg->each.min_samples;
    s->reference = kedge_i_choice(cfg->each.reference);
    s->direction = kedge_i_choice(cfg->each.direction);
}

/* What the detector by itself takes. */
static int fleet_cusum_valid(const void *fixed)
{
    const fleet_cusum_state *s = fixed;
    kedge_cusum_config each;
    kedge_cusum.base.defaults(&each);
    each.delta = s->delta;
    each.threshold = s->threshold;
    each.target = s->target;
    each.min_samples = s->min_samples;
    each.reference = s->reference;
    each.direction = s->direction;
    return s->common.n_streams > 0 && kedge_detector_size(&each.base) > 0;
}

static uint32_t fleet_cusum_sides(const fleet_cusum_state *s)
{
    return s->direction == KEDGE_DIRECTION_BOTH ? 2 : 1;
}

static size_t fleet_cusum_layout(void *fixed)
{
    fleet_cusum_state *s = fixed;
    return kedge_i_fleet_layout(&s->common, sizeof *s, FLEET_MEAN_FIELDS + fleet_cusum_sides(s) * FLEET_CUSUM_SIDE_FIELDS);
}

static double fleet_cusum_fresh(const void *state, uint32_t field)
{
    (void)state;
    (void)field;
    return 0.0;
}

static int fleet_cusum_side_is_sound(const fleet_cusum_side *side, uint32_t i, double n)
{
    return kedge_i_within(side->sum[i], 0.0, 4.0 * KEDGE_DETECTOR_INPUT_MAX * n) && kedge_i_fleet_count(side->zero_n[i], n) &&
           kedge_i_within(side->zero_mean[i], -FLEET_MEAN_MAX, FLEET_MEAN_MAX);
}

static int fleet_cusum_sound(const void *state, const void *block, uint32_t lane)
{
    const fleet_cusum_lanes *b = block;
    double n = b->mean.n[lane];
    return fleet_mean_is_sound(&b->mean, lane) && fleet_cusum_side_is_sound(&b->side[0], lane, n) &&
           (fleet_cusum_sides(state) == 1 || fleet_cusum_side_is_sound(&b->side[1], lane, n));
}

/* No alarm before so many observations. */
static double fleet_cusum_min(const fleet_cusum_state *s)
{
    return s->reference == KEDGE_REFERENCE_FIXED ? 0.0 : (double)s->min_samples;
}

/* Page 1954, section 2, for one side and the lanes from i on; returns the sums. */
FLEET_INLINE fleet_vec fleet_cusum_add(fleet_cusum_side *side, uint32_t i, const fleet_moment *now, fleet_vec distance,
                                       fleet_vec delta, int missing)
{
    fleet_vec before = fleet_get(side->sum + i);
    fleet_vec sum = before + (distance - delta);
    fleet_mask empty = FLEET_WHERE(sum <= 0.0);
    sum = FLEET_SELECT(empty, fleet_all(0.0), sum);
    if (missing) {
        sum = FLEET_SELECT(now->seen, sum, before);
        empty &= now->seen;
    }
    fleet_put(side->sum + i, sum);
    fleet_put(side->zero_n + i, FLEET_SELECT(empty, now->n, fleet_get(side->zero_n + i)));
    fleet_put(side->zero_mean + i, FLEET_SELECT(empty, now->mean, fleet_get(side->zero_mean + i)));
    return sum;
}

/* All lanes of a block; returns whether any alarms. */
FLEET_INLINE int fleet_cusum_block(const fleet_cusum_state *s, fleet_cusum_lanes *b, const double *x, uint32_t direction,
                                   int missing)
{
    const fleet_vec delta = fleet_all(s->delta), threshold = fleet_all(s->threshold), min = fleet_all(fleet_cusum_min(s));
    const fleet_vec target = fleet_all(s->target);
    const int is_fixed = s->reference == KEDGE_REFERENCE_FIXED;
    fleet_mask any = FLEET_WHERE(threshold < 0.0);
    for (uint32_t i = 0; i < FLEET_LANES; i += FLEET_WIDTH) {
        fleet_ahead(b, FLEET_MEAN_FIELDS + (direction == KEDGE_DIRECTION_BOTH ? 2 : 1) * FLEET_CUSUM_SIDE_FIELDS, i);
        fleet_moment now = fleet_mean_add(&b->mean, x, i, missing);
        fleet_vec distance = is_fixed ? fleet_get(x + i) - target : now.distance;
        fleet_vec most =
            fleet_cusum_add(&b->side[0], i, &now, direction == KEDGE_DIRECTION_DOWN ? -distance : distance, delta, missing);
        if (direction == KEDGE_DIRECTION_BOTH)
            most = fleet_max(fleet_cusum_add(&b->side[1], i, &now, -distance, delta, missing), most);
        fleet_mask ready = FLEET_WHERE(now.n >= min);
        if (missing)
            ready &= now.seen;
        any |= FLEET_WHERE(most > threshold) & ready;
    }
    return fleet_any(any);
}

FLEET_LOOPS(fleet_cusum)

static inline double fleet_cusum_statistic(const fleet_cusum_state *s, const fleet_cusum_lanes *b, uint32_t lane)
{
    double first = b->side[0].sum[lane];
    return s->direction == KEDGE_DIRECTION_BOTH && !(first > b->side[1].sum[lane]) ? b->side[1].sum[lane] : first;
}

static int fleet_cusum_step(const void *state, void *block, const double *x, int missing, uint8_t *signals)
{
    const fleet_cusum_state *s = state;
    const fleet_cusum_lanes *b = block;
    if (!fleet_cusum_loops[missing][s->direction](s, block, x))
        return 0;
    for (uint32_t i = 0; i < FLEET_LANES; i++) {
        int is_drift = fleet_cusum_statistic(s, b, i) > s->threshold && b->mean.n[i] >= fleet_cusum_min(s) && x[i] == x[i];
        signals[i] = is_drift ? KEDGE_DRIFT : KEDGE_OK;
    }
    return 1;
}

/* As cusum_raise(). */
static void fleet_cusum_raise(const void *state, const void *block, uint32_t lane, fleet_record *r)
{
    const fleet_cusum_state *s = state;
    const fleet_cusum_lanes *b = block;
    double statistic = fleet_cusum_statistic(s, b, lane);
    const fleet_cusum_side *side = b->side[0].sum[lane] == statistic ? &b->side[0] : &b->side[1];
    double n = b->mean.n[lane];
    double zero_n = side->zero_n[lane];
    r->before = s->reference == KEDGE_REFERENCE_FIXED ? s->target : side->zero_mean[lane];
    r->after = (b->mean.mean[lane] * n - side->zero_mean[lane] * zero_n) / (n - zero_n);
    r->changed_at = r->n_before + zero_n;
    r->statistic = statistic;
    r->threshold = s->threshold;
}

static const fleet_kernel fleet_cusum_kernel = {fleet_cusum_step, fleet_cusum_raise, fleet_cusum_fresh, fleet_cusum_sound};

FLEET_SLOTS(fleet_cusum)

static kedge_status fleet_cusum_estimate(const void *state, uint32_t i_stream, kedge_estimate *out)
{
    const fleet_cusum_state *s = state;
    const fleet_cusum_lanes *b = (const void *)kedge_i_fleet_block(&s->common, i_stream);
    kedge_status st = kedge_i_fleet_estimate(&s->common, i_stream, out);
    out->threshold = s->threshold;
    if (st == KEDGE_EMPTY)
        return st;
    fleet_mean_estimate(&b->mean, i_stream % FLEET_LANES, out);
    out->statistic = fleet_cusum_statistic(s, b, i_stream % FLEET_LANES);
    return st;
}

const kedge_fleet_class kedge_fleet_cusum = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_FLEET,
            .version = 1,
            .name = "cusum",
            .fixed_bytes = sizeof(fleet_cusum_state),
            .config_bytes = sizeof(kedge_fleet_cusum_config),
            .n_fields = sizeof fleet_cusum_fields / sizeof *fleet_cusum_fields,
            .fields = fleet_cusum_fields,
            .defaults = fleet_cusum_defaults,
            .configure = fleet_cusum_configure,
            .valid = fleet_cusum_valid,
            .layout = fleet_cusum_layout,
            .start = fleet_cusum_start,
            .check = fleet_cusum_check,
        },
    .input_low = -KEDGE_DETECTOR_INPUT_MAX,
    .input_high = KEDGE_DETECTOR_INPUT_MAX,
    .n_streams = kedge_i_fleet_n_streams,
    .update = fleet_cusum_update,
    .estimate = fleet_cusum_estimate,
    .alarm = kedge_i_fleet_alarm,
    .reset_one = fleet_cusum_reset_one,
};
