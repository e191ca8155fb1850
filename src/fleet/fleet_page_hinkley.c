/* SPDX-License-Identifier: MIT */
/* Page-Hinkley for a fleet: the same numbers, to the last bit, as the detector in detectors/page_hinkley.c gives for each stream by
 * itself; papers and equations stand there.
 *
 * A fall is a rise of the stream upside down: rounding is symmetric, so the sums of both sides go through the same loop with the
 * deviation's sign turned. A direction that is not asked for has no lanes at all.
 *
 * Cost: 88 bytes a stream that every tick reads and writes, 56 with one direction, and 64 that only alarms touch. */
#include "base/fp.h"

#include "kedge/fleet.h"

#include <math.h>
#include <string.h>

#include "fleet/fleet_blocks.h"
#include "fleet/fleet_mean.h"

typedef struct fleet_page_hinkley_state {
    fleet_common common;
    double delta;
    double threshold;
    double alpha;
    uint32_t min_samples;
    uint8_t direction;
    uint8_t form;
    uint8_t reserved[2];
} fleet_page_hinkley_state;

/* One of the two sums, turned so that a change lets it rise above its least. */
typedef struct fleet_page_hinkley_side {
    double sum[FLEET_LANES];
    double least[FLEET_LANES];      /* DBL_MAX before the first; sum form: 0 */
    double least_n[FLEET_LANES];    /* observations since the restart when it stood there, or beyond */
    double least_mean[FLEET_LANES]; /* their mean */
} fleet_page_hinkley_side;

typedef struct fleet_page_hinkley_lanes {
    fleet_mean mean;
    fleet_page_hinkley_side side[2]; /* rises, falls; with one direction only the first is there */
} fleet_page_hinkley_lanes;

enum {
    FLEET_PAGE_HINKLEY_SIDE_FIELDS = sizeof(fleet_page_hinkley_side) / (sizeof(double) * FLEET_LANES),
    FLEET_PAGE_HINKLEY_LEAST = 1 /* number of that field in its side */
};

static const kedge_field fleet_page_hinkley_fields[] = {
    FLEET_PARAMS(fleet_page_hinkley_state),
    KEDGE_PARAM(fleet_page_hinkley_state, delta, KEDGE_TYPE_F64),
    KEDGE_PARAM(fleet_page_hinkley_state, threshold, KEDGE_TYPE_F64),
    KEDGE_PARAM(fleet_page_hinkley_state, alpha, KEDGE_TYPE_F64),
    KEDGE_PARAM(fleet_page_hinkley_state, min_samples, KEDGE_TYPE_U32),
    KEDGE_PARAM(fleet_page_hinkley_state, direction, KEDGE_TYPE_U8),
    KEDGE_PARAM(fleet_page_hinkley_state, form, KEDGE_TYPE_U8),
    FLEET_VALUES(fleet_page_hinkley_state),
};

static void fleet_page_hinkley_defaults(void *config)
{
    kedge_fleet_page_hinkley_config *cfg = config;
    FLEET_DEFAULTS(cfg, &kedge_fleet_page_hinkley, &kedge_page_hinkley);
}

kedge_status kedge_fleet_page_hinkley_config_init(kedge_fleet_page_hinkley_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_fleet_page_hinkley.base, cfg, cfg_bytes, sizeof *cfg);
}

static void fleet_page_hinkley_configure(const void *config, void *fixed)
{
    const kedge_fleet_page_hinkley_config *cfg = config;
    fleet_page_hinkley_state *s = fixed;
    s->common.n_streams = cfg->each.base.cls == &kedge_page_hinkley ? cfg->base.n_streams : 0;
    s->delta = cfg->each.delta;
    s->threshold = cfg->each.threshold;
    s->alpha = cfg->each.alpha;
    s->min_samples = cfg->each.min_samples;
    s->direction = kedge_i_choice(cfg->each.direction);
    s->form = kedge_i_choice(cfg->each.form);
}

/* What the detector by itself takes. */
static int fleet_page_hinkley_valid(const void *fixed)
{
    const fleet_page_hinkley_state *s = fixed;
    kedge_page_hinkley_config each;
    kedge_page_hinkley.base.defaults(&each);
    each.delta = s->delta;
    each.threshold = s->threshold;
    each.alpha = s->alpha;
    each.min_samples = s->min_samples;
    each.direction = s->direction;
    each.form = s->form;
    return s->common.n_streams > 0 && kedge_detector_size(&each.base) > 0;
}

static uint32_t fleet_page_hinkley_sides(const fleet_page_hinkley_state *s)
{
    return s->direction == KEDGE_DIRECTION_BOTH ? 2 : 1;
}

static size_t fleet_page_hinkley_layout(void *fixed)
{
    fleet_page_hinkley_state *s = fixed;
    uint32_t n_fields = FLEET_MEAN_FIELDS + fleet_page_hinkley_sides(s) * FLEET_PAGE_HINKLEY_SIDE_FIELDS;
    return kedge_i_fleet_layout(&s->common, sizeof *s, n_fields);
}

static double fleet_page_hinkley_fresh(const void *state, uint32_t field)
{
    const fleet_page_hinkley_state *s = state;
    int is_least = field >= FLEET_MEAN_FIELDS &&
                   (field - FLEET_MEAN_FIELDS) % FLEET_PAGE_HINKLEY_SIDE_FIELDS == FLEET_PAGE_HINKLEY_LEAST;
    return is_least && s->form == KEDGE_PAGE_HINKLEY_EXCURSION ? DBL_MAX : 0.0;
}

static int fleet_page_hinkley_side_is_sound(const fleet_page_hinkley_side *side, uint32_t i, double n)
{
    double reach = 4.0 * KEDGE_DETECTOR_INPUT_MAX * n;
    int fresh = n == 0.0 && kedge_i_finite(side->least[i]);
    return kedge_i_within(side->sum[i], -reach, reach) && (fresh || kedge_i_within(side->least[i], -reach, reach)) &&
           kedge_i_within(side->least_mean[i], -FLEET_MEAN_MAX, FLEET_MEAN_MAX) && kedge_i_fleet_count(side->least_n[i], n);
}

static int fleet_page_hinkley_sound(const void *state, const void *block, uint32_t lane)
{
    const fleet_page_hinkley_lanes *b = block;
    double n = b->mean.n[lane];
    int sound = fleet_mean_is_sound(&b->mean, lane) && fleet_page_hinkley_side_is_sound(&b->side[0], lane, n);
    return sound && (fleet_page_hinkley_sides(state) == 1 || fleet_page_hinkley_side_is_sound(&b->side[1], lane, n));
}

static inline double fleet_page_hinkley_excess(const fleet_page_hinkley_side *side, uint32_t lane)
{
    return side->sum[lane] - side->least[lane];
}

/* What a step needs of the configuration, in every lane. */
typedef struct fleet_page_hinkley_limits {
    fleet_vec alpha;
    fleet_vec delta;
    fleet_vec threshold;
    fleet_vec min_samples;
    fleet_mask excursion; /* set: the least is the sum's; not: it is 0, and stays */
} fleet_page_hinkley_limits;

/* Page 1954, section 4, for one side and the lanes from i on; returns the sums' distance from their least. */
FLEET_INLINE fleet_vec fleet_page_hinkley_add(const fleet_page_hinkley_limits *limits, fleet_page_hinkley_side *side, uint32_t i,
                                              const fleet_moment *now, int down, int missing)
{
    fleet_vec before = fleet_get(side->sum + i), least = fleet_get(side->least + i);
    fleet_vec sum = limits->alpha * before;
    sum = (down ? sum - now->distance : sum + now->distance) - limits->delta;
    if (missing)
        sum = FLEET_SELECT(now->seen, sum, before);
    fleet_mask lower = FLEET_WHERE(sum < least);
    if (missing)
        lower &= now->seen;
    least = missing ? FLEET_SELECT(lower, FLEET_SELECT(limits->excursion, sum, fleet_all(0.0)), least) : fleet_min(sum, least);
    fleet_put(side->sum + i, sum);
    fleet_put(side->least + i, least);
    fleet_put(side->least_n + i, FLEET_SELECT(lower, now->n, fleet_get(side->least_n + i)));
    fleet_put(side->least_mean + i, FLEET_SELECT(lower, now->mean, fleet_get(side->least_mean + i)));
    return sum - least;
}

/* All lanes of a block; returns whether any alarms. The sum form, which only MOA has, has no loop for blocks without missing
 * values. */
FLEET_INLINE int fleet_page_hinkley_block(const fleet_page_hinkley_state *s, fleet_page_hinkley_lanes *b, const double *x,
                                          uint32_t direction, int missing)
{
    const fleet_page_hinkley_limits limits = {fleet_all(s->alpha), fleet_all(s->delta), fleet_all(s->threshold),
                                              fleet_all((double)s->min_samples),
                                              FLEET_WHERE(fleet_all(s->form == KEDGE_PAGE_HINKLEY_EXCURSION ? 1.0 : 0.0) > 0.0)};
    fleet_mask any = FLEET_WHERE(limits.alpha < 0.0);
    for (uint32_t i = 0; i < FLEET_LANES; i += FLEET_WIDTH) {
        fleet_ahead(b, FLEET_MEAN_FIELDS + (direction == KEDGE_DIRECTION_BOTH ? 2 : 1) * FLEET_PAGE_HINKLEY_SIDE_FIELDS, i);
        fleet_moment now = fleet_mean_add(&b->mean, x, i, missing);
        fleet_mask ready = FLEET_WHERE(now.n >= limits.min_samples);
        fleet_vec most = fleet_page_hinkley_add(&limits, &b->side[0], i, &now, direction == KEDGE_DIRECTION_DOWN, missing);
        if (direction == KEDGE_DIRECTION_BOTH)
            most = fleet_max(fleet_page_hinkley_add(&limits, &b->side[1], i, &now, 1, missing), most);
        if (missing)
            ready &= now.seen;
        any |= FLEET_WHERE(most > limits.threshold) & ready;
    }
    return fleet_any(any);
}

FLEET_LOOPS(fleet_page_hinkley)

/* Which lanes alarm? */
static void fleet_page_hinkley_tell(const fleet_page_hinkley_state *s, const fleet_page_hinkley_lanes *b, const double *x,
                                    uint8_t *signals)
{
    for (uint32_t i = 0; i < FLEET_LANES; i++) {
        int beyond = fleet_page_hinkley_excess(&b->side[0], i) > s->threshold ||
                     (s->direction == KEDGE_DIRECTION_BOTH && fleet_page_hinkley_excess(&b->side[1], i) > s->threshold);
        signals[i] = beyond && b->mean.n[i] >= (double)s->min_samples && x[i] == x[i] ? KEDGE_DRIFT : KEDGE_OK;
    }
}

static int fleet_page_hinkley_step(const void *state, void *block, const double *x, int missing, uint8_t *signals)
{
    const fleet_page_hinkley_state *s = state;
    int some = missing || s->form == KEDGE_PAGE_HINKLEY_SUM;
    int any = fleet_page_hinkley_loops[some][s->direction](s, block, x);
    if (any)
        fleet_page_hinkley_tell(s, block, x, signals);
    return any;
}

/* As page_hinkley_raise(). */
static void fleet_page_hinkley_raise(const void *state, const void *block, uint32_t lane, fleet_record *r)
{
    const fleet_page_hinkley_state *s = state;
    const fleet_page_hinkley_lanes *b = block;
    int first = s->direction != KEDGE_DIRECTION_BOTH || fleet_page_hinkley_excess(&b->side[0], lane) > s->threshold;
    const fleet_page_hinkley_side *side = first ? &b->side[0] : &b->side[1];
    double n = b->mean.n[lane];
    double n_after = n - side->least_n[lane];
    double before = side->least_mean[lane];
    r->before = before;
    r->after = n_after > 0.0 ? (b->mean.mean[lane] * n - before * side->least_n[lane]) / n_after : b->mean.mean[lane];
    r->changed_at = r->n_before + (n_after > 0.0 ? side->least_n[lane] : n - 1.0);
    r->statistic = fleet_page_hinkley_excess(side, lane);
    r->threshold = s->threshold;
}

static const fleet_kernel fleet_page_hinkley_kernel = {fleet_page_hinkley_step, fleet_page_hinkley_raise, fleet_page_hinkley_fresh,
                                                       fleet_page_hinkley_sound};

FLEET_SLOTS(fleet_page_hinkley)

static kedge_status fleet_page_hinkley_estimate(const void *state, uint32_t i_stream, kedge_estimate *out)
{
    const fleet_page_hinkley_state *s = state;
    const fleet_page_hinkley_lanes *b = (const void *)kedge_i_fleet_block(&s->common, i_stream);
    uint32_t lane = i_stream % FLEET_LANES;
    kedge_status st = kedge_i_fleet_estimate(&s->common, i_stream, out);
    out->threshold = s->threshold;
    if (st == KEDGE_EMPTY)
        return st;
    double most = fleet_page_hinkley_excess(&b->side[0], lane);
    if (s->direction == KEDGE_DIRECTION_BOTH && fleet_page_hinkley_excess(&b->side[1], lane) >= most)
        most = fleet_page_hinkley_excess(&b->side[1], lane);
    fleet_mean_estimate(&b->mean, lane, out);
    out->statistic = most;
    return st;
}

const kedge_fleet_class kedge_fleet_page_hinkley = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_FLEET,
            .version = 1,
            .name = "page_hinkley",
            .fixed_bytes = sizeof(fleet_page_hinkley_state),
            .config_bytes = sizeof(kedge_fleet_page_hinkley_config),
            .n_fields = sizeof fleet_page_hinkley_fields / sizeof *fleet_page_hinkley_fields,
            .fields = fleet_page_hinkley_fields,
            .defaults = fleet_page_hinkley_defaults,
            .configure = fleet_page_hinkley_configure,
            .valid = fleet_page_hinkley_valid,
            .layout = fleet_page_hinkley_layout,
            .start = fleet_page_hinkley_start,
            .check = fleet_page_hinkley_check,
        },
    .input_low = -KEDGE_DETECTOR_INPUT_MAX,
    .input_high = KEDGE_DETECTOR_INPUT_MAX,
    .n_streams = kedge_i_fleet_n_streams,
    .update = fleet_page_hinkley_update,
    .estimate = fleet_page_hinkley_estimate,
    .alarm = kedge_i_fleet_alarm,
    .reset_one = fleet_page_hinkley_reset_one,
};
