/* SPDX-License-Identifier: MIT */
/* CUSUM: the cumulative sum of deviations from a reference mean, that starts over whenever it falls below 0.
 *
 * Page 1954, "Continuous inspection schemes", Biometrika 41, section 2 (the sum as a reflected walk); the reference is given, or it
 * is the running mean since the restart, the newest observation included, as in MOA (CusumDM), whose sum is one-sided.
 *
 * Cost: O(1), about a dozen cycles, the latency of the running mean. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/detectors/cusum.h"

#include "base/number.h"
#include "detectors/record.h"
#include "detectors/run.h"

#define CUSUM_MEAN_MAX (2.0 * KEDGE_DETECTOR_INPUT_MAX) /* with room for rounding */

#define CUSUM_OVERSHOOT 1.166 /* mean excess of a normal walk over a far barrier and below 0, in deviations (Siegmund 1985) */

enum { CUSUM_MAX_SAMPLES = 1 << 30, CUSUM_HALVINGS = 80 };

/* One of the two sums, turned so that a change lets it rise from 0. */
typedef struct cusum_side {
    double sum;
    uint64_t zero_n; /* observations since the restart when it was last 0 */
    double zero_mean; /* their mean */
} cusum_side;

typedef struct cusum_state {
    kedge_state_head head;
    double delta;
    double threshold;
    double target;
    uint32_t min_samples;
    uint8_t reference;
    uint8_t direction;
    uint8_t reserved[2];
    detector_record record;
    uint64_t n;  /* since the restart */
    double mean; /* of these */
    double m2;   /* sum of their squared deviations from it, >= 0 */
    cusum_side up;
    cusum_side down;
} cusum_state;

static const kedge_field cusum_fields[] = {
    KEDGE_PARAM(cusum_state, delta, KEDGE_TYPE_F64),
    KEDGE_PARAM(cusum_state, threshold, KEDGE_TYPE_F64),
    KEDGE_PARAM(cusum_state, target, KEDGE_TYPE_F64),
    KEDGE_PARAM(cusum_state, min_samples, KEDGE_TYPE_U32),
    KEDGE_PARAM(cusum_state, reference, KEDGE_TYPE_U8),
    KEDGE_PARAM(cusum_state, direction, KEDGE_TYPE_U8),
    DETECTOR_RECORD_FIELDS(cusum_state),
    KEDGE_VALUE(cusum_state, n, KEDGE_TYPE_U64),
    KEDGE_VALUE(cusum_state, mean, KEDGE_TYPE_F64),
    KEDGE_VALUE(cusum_state, m2, KEDGE_TYPE_F64),
    KEDGE_VALUE(cusum_state, up.sum, KEDGE_TYPE_F64),
    KEDGE_VALUE(cusum_state, up.zero_n, KEDGE_TYPE_U64),
    KEDGE_VALUE(cusum_state, up.zero_mean, KEDGE_TYPE_F64),
    KEDGE_VALUE(cusum_state, down.sum, KEDGE_TYPE_F64),
    KEDGE_VALUE(cusum_state, down.zero_n, KEDGE_TYPE_U64),
    KEDGE_VALUE(cusum_state, down.zero_mean, KEDGE_TYPE_F64),
};

static void cusum_defaults(void *config)
{
    kedge_cusum_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_cusum;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->delta = 0.005;
    cfg->threshold = 50.0;
    cfg->reference = KEDGE_REFERENCE_LEARNED;
    cfg->min_samples = 30;
    cfg->direction = KEDGE_DIRECTION_BOTH;
}

kedge_status kedge_cusum_config_init(kedge_cusum_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_cusum.base, cfg, cfg_bytes, sizeof *cfg);
}

kedge_status kedge_cusum_config_peer(kedge_cusum_config *cfg, size_t cfg_bytes, uint32_t peer)
{
    if (peer != KEDGE_PEER_NONE && peer != KEDGE_PEER_MOA)
        return KEDGE_ERR_CONFIG;
    kedge_status st = kedge_cusum_config_init(cfg, cfg_bytes);
    if (st == KEDGE_OK && peer == KEDGE_PEER_MOA) {
        cfg->min_samples = 29;
        cfg->direction = KEDGE_DIRECTION_UP;
    }
    return st;
}

static void cusum_configure(const void *config, void *fixed)
{
    const kedge_cusum_config *cfg = config;
    cusum_state *s = fixed;
    s->delta = cfg->delta;
    s->threshold = cfg->threshold;
    s->target = cfg->target;
    s->min_samples = cfg->min_samples;
    s->reference = kedge_i_choice(cfg->reference);
    s->direction = kedge_i_choice(cfg->direction);
}

static int cusum_valid(const void *fixed)
{
    const cusum_state *s = fixed;
    return kedge_i_within(s->delta, 0.0, KEDGE_DETECTOR_INPUT_MAX) && s->threshold > 0.0 &&
           s->threshold <= KEDGE_DETECTOR_INPUT_MAX &&
           kedge_i_within(s->target, -KEDGE_DETECTOR_INPUT_MAX, KEDGE_DETECTOR_INPUT_MAX) &&
           kedge_i_u32_within(s->min_samples, 1, CUSUM_MAX_SAMPLES) &&
           kedge_i_u32_within(s->reference, KEDGE_REFERENCE_LEARNED, KEDGE_REFERENCE_FIXED) &&
           kedge_i_u32_within(s->direction, KEDGE_DIRECTION_BOTH, KEDGE_DIRECTION_DOWN);
}

static size_t cusum_layout(void *fixed)
{
    (void)fixed;
    return sizeof(cusum_state);
}

static void cusum_restart(cusum_state *s)
{
    static const cusum_side fresh = {0.0, 0, 0.0};
    s->n = 0;
    s->mean = s->m2 = 0.0;
    s->up = s->down = fresh;
}

static void cusum_start(void *state)
{
    cusum_restart(state);
}

/* No step moves a sum by more than the greatest deviation. */
static int cusum_side_is_sound(const cusum_state *s, const cusum_side *side)
{
    return kedge_i_within(side->sum, 0.0, 4.0 * KEDGE_DETECTOR_INPUT_MAX * (double)s->n) && side->zero_n <= s->n &&
           kedge_i_within(side->zero_mean, -CUSUM_MEAN_MAX, CUSUM_MEAN_MAX);
}

static int cusum_check(const void *state)
{
    const cusum_state *s = state;
    return cusum_valid(s) && detector_record_is_sound(&s->record) && s->n <= s->record.n_seen &&
           kedge_i_within(s->mean, -CUSUM_MEAN_MAX, CUSUM_MEAN_MAX) &&
           kedge_i_within(s->m2, 0.0, 8.0 * KEDGE_DETECTOR_INPUT_MAX * KEDGE_DETECTOR_INPUT_MAX * (double)s->n) &&
           cusum_side_is_sound(s, &s->up) && cusum_side_is_sound(s, &s->down);
}

/* Page 1954, section 2: S <- max(0, S + deviation - delta). */
static inline void cusum_add(const cusum_state *s, cusum_side *side, double deviation)
{
    side->sum += deviation - s->delta;
    if (side->sum <= 0.0) {
        side->sum = 0.0;
        side->zero_n = s->n;
        side->zero_mean = s->mean;
    }
}

static inline double cusum_statistic(const cusum_state *s)
{
    double rise = s->direction == KEDGE_DIRECTION_DOWN ? 0.0 : s->up.sum;
    double fall = s->direction == KEDGE_DIRECTION_UP ? 0.0 : s->down.sum;
    return rise > fall ? rise : fall;
}

static inline kedge_status cusum_step(cusum_state *s, double x)
{
    s->record.n_seen++;
    s->n++;
    double off = x - s->mean;
    s->mean += 1.0 / (double)(int64_t)s->n * off; /* the division waits for nobody: it is off the dependency chain */
    s->m2 += off * (x - s->mean);
    int fixed = s->reference == KEDGE_REFERENCE_FIXED;
    double deviation = x - (fixed ? s->target : s->mean);
    cusum_add(s, &s->up, deviation);
    cusum_add(s, &s->down, -deviation);
    return cusum_statistic(s) > s->threshold && (fixed || s->n >= s->min_samples) ? KEDGE_DRIFT : KEDGE_OK;
}

/* The change began behind the last 0: the likeliest place for a shift of 2 delta (Page 1954, section 2.1). */
static void cusum_raise(cusum_state *s)
{
    double statistic = cusum_statistic(s);
    const cusum_side *side = s->direction != KEDGE_DIRECTION_DOWN && s->up.sum == statistic ? &s->up : &s->down;
    double n_after = (double)(int64_t)(s->n - side->zero_n);
    double after = (s->mean * (double)(int64_t)s->n - side->zero_mean * (double)(int64_t)side->zero_n) / n_after;
    double before = s->reference == KEDGE_REFERENCE_FIXED ? s->target : side->zero_mean;
    detector_record_raise(&s->record, s->n - side->zero_n, before, after, statistic, s->threshold, (double)NAN);
    cusum_restart(s);
}

DETECTOR_RUN(cusum)

static kedge_status cusum_estimate(const void *state, kedge_estimate *out)
{
    const cusum_state *s = state;
    kedge_status st = detector_record_estimate(&s->record, s->n, out);
    out->threshold = s->threshold;
    if (s->n == 0)
        return st;
    out->mean = s->mean;
    out->variance = s->m2 / (double)(int64_t)s->n;
    out->statistic = cusum_statistic(s);
    return st;
}

static kedge_status cusum_alarm(const void *state, kedge_alarm *out)
{
    return detector_record_alarm(&((const cusum_state *)state)->record, out);
}

/* ARL of one side for normal observations, by Siegmund 1985, "Sequential analysis": that of a Brownian motion whose barrier is
 * farther by 1.166 deviations, the mean overshoot at both ends. Drift and barrier in deviations. */
static double cusum_side_arl(double drift, double barrier)
{
    double turns = 2.0 * drift * barrier;
    return turns < 1e-4 ? barrier * barrier * (1.0 + turns / 3.0) : (expm1(turns) - turns) / (2.0 * drift * drift);
}

/* The threshold by bisection, in deviations; the two sides alarm independently of each other. */
static double cusum_knob_of_arl(const void *config, double arl, double sd)
{
    const kedge_cusum_config *cfg = config;
    double low = CUSUM_OVERSHOOT;
    double high = CUSUM_OVERSHOOT + sqrt(2.0 * arl);
    if (cfg->reference != KEDGE_REFERENCE_FIXED)
        return (double)NAN;
    double side = cfg->direction == KEDGE_DIRECTION_BOTH ? 2.0 * arl : arl;
    for (int i = 0; i < CUSUM_HALVINGS; i++) {
        double middle = 0.5 * (low + high);
        if (cusum_side_arl(cfg->delta / sd, middle) < side)
            low = middle;
        else
            high = middle;
    }
    return (0.5 * (low + high) - CUSUM_OVERSHOOT) * sd;
}

const kedge_detector_class kedge_cusum = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_DETECTOR,
            .version = 1,
            .name = "cusum",
            .fixed_bytes = sizeof(cusum_state),
            .config_bytes = sizeof(kedge_cusum_config),
            .n_fields = sizeof cusum_fields / sizeof *cusum_fields,
            .fields = cusum_fields,
            .defaults = cusum_defaults,
            .configure = cusum_configure,
            .valid = cusum_valid,
            .layout = cusum_layout,
            .start = cusum_start,
            .check = cusum_check,
        },
    .input_low = -KEDGE_DETECTOR_INPUT_MAX,
    .input_high = KEDGE_DETECTOR_INPUT_MAX,
    .run = cusum_run,
    .update = cusum_update,
    .estimate = cusum_estimate,
    .alarm = cusum_alarm,
    .knob = {offsetof(kedge_cusum_config, threshold), 0, 1e-3, 1e9},
    .knob_of_arl = cusum_knob_of_arl,
};
