/* SPDX-License-Identifier: MIT */
/* Geometric moving average of the deviations from the running mean.
 *
 * Roberts 1959, "Control chart tests based on geometric moving averages", Technometrics 1: S <- alpha S + (1 - alpha) (x - m), of
 * variance sigma^2 (1 - alpha) / (1 + alpha) (1 - alpha^2n). MOA (GeometricMovingAverageDM) compares S with a threshold of 1 in the
 * unit of the stream; kedge's default divides by the deviation that follows from the stream's own variance.
 *
 * Cost: O(1), about a dozen cycles: squares are compared, so that no root is taken before an alarm. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/detectors/gma.h"

#include "base/number.h"
#include "detectors/record.h"
#include "detectors/run.h"

#define GMA_MEAN_MAX (2.0 * KEDGE_DETECTOR_INPUT_MAX) /* with room for rounding */
#define GMA_FORGOTTEN 1e-20 /* alpha^2n below which 1 minus it is 1 */

enum { GMA_MAX_SAMPLES = 1 << 30 };

typedef struct gma_state {
    kedge_state_head head;
    double alpha;
    double threshold;
    uint32_t min_samples;
    uint8_t form;
    uint8_t direction;
    uint8_t is_above; /* 1: the average was above 0 after the last observation */
    uint8_t reserved;
    detector_record record;
    uint64_t n;     /* since the restart */
    double mean;    /* of these */
    double m2;      /* sum of their squared deviations from it, >= 0 */
    double average; /* S */
    double young;   /* alpha^2n, 0 once it does not matter */
    uint64_t crossed_n;  /* observations before the average crossed 0 for the last time */
    double crossed_mean; /* their mean */
} gma_state;

static const kedge_field gma_fields[] = {
    KEDGE_PARAM(gma_state, alpha, KEDGE_TYPE_F64),
    KEDGE_PARAM(gma_state, threshold, KEDGE_TYPE_F64),
    KEDGE_PARAM(gma_state, min_samples, KEDGE_TYPE_U32),
    KEDGE_PARAM(gma_state, form, KEDGE_TYPE_U8),
    KEDGE_PARAM(gma_state, direction, KEDGE_TYPE_U8),
    KEDGE_VALUE(gma_state, is_above, KEDGE_TYPE_U8),
    DETECTOR_RECORD_FIELDS(gma_state),
    KEDGE_VALUE(gma_state, n, KEDGE_TYPE_U64),
    KEDGE_VALUE(gma_state, mean, KEDGE_TYPE_F64),
    KEDGE_VALUE(gma_state, m2, KEDGE_TYPE_F64),
    KEDGE_VALUE(gma_state, average, KEDGE_TYPE_F64),
    KEDGE_VALUE(gma_state, young, KEDGE_TYPE_F64),
    KEDGE_VALUE(gma_state, crossed_n, KEDGE_TYPE_U64),
    KEDGE_VALUE(gma_state, crossed_mean, KEDGE_TYPE_F64),
};

static void gma_defaults(void *config)
{
    kedge_gma_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_gma;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->alpha = 0.99;
    cfg->threshold = 5.0;
    cfg->form = KEDGE_GMA_STANDARD;
    cfg->min_samples = 100;
    cfg->direction = KEDGE_DIRECTION_BOTH;
}

kedge_status kedge_gma_config_init(kedge_gma_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_gma.base, cfg, cfg_bytes, sizeof *cfg);
}

kedge_status kedge_gma_config_peer(kedge_gma_config *cfg, size_t cfg_bytes, uint32_t peer)
{
    if (peer != KEDGE_PEER_NONE && peer != KEDGE_PEER_MOA)
        return KEDGE_ERR_CONFIG;
    kedge_status st = kedge_gma_config_init(cfg, cfg_bytes);
    if (st == KEDGE_OK && peer == KEDGE_PEER_MOA) {
        cfg->threshold = 1.0;
        cfg->form = KEDGE_GMA_RAW;
        cfg->min_samples = 29;
        cfg->direction = KEDGE_DIRECTION_UP;
    }
    return st;
}

static void gma_configure(const void *config, void *fixed)
{
    const kedge_gma_config *cfg = config;
    gma_state *s = fixed;
    s->alpha = cfg->alpha;
    s->threshold = cfg->threshold;
    s->min_samples = cfg->min_samples;
    s->form = kedge_i_choice(cfg->form);
    s->direction = kedge_i_choice(cfg->direction);
}

static int gma_valid(const void *fixed)
{
    const gma_state *s = fixed;
    return s->alpha >= 0.0 && s->alpha < 1.0 && s->threshold > 0.0 && s->threshold <= KEDGE_DETECTOR_INPUT_MAX &&
           kedge_i_u32_within(s->min_samples, 1, GMA_MAX_SAMPLES) &&
           kedge_i_u32_within(s->form, KEDGE_GMA_STANDARD, KEDGE_GMA_RAW) &&
           kedge_i_u32_within(s->direction, KEDGE_DIRECTION_BOTH, KEDGE_DIRECTION_DOWN);
}

static size_t gma_layout(void *fixed)
{
    (void)fixed;
    return sizeof(gma_state);
}

static void gma_restart(gma_state *s)
{
    s->is_above = 0;
    s->n = s->crossed_n = 0;
    s->mean = s->m2 = s->average = s->crossed_mean = 0.0;
    s->young = 1.0;
}

static void gma_start(void *state)
{
    gma_restart(state);
}

static int gma_check(const void *state)
{
    const gma_state *s = state;
    return gma_valid(s) && detector_record_is_sound(&s->record) && s->is_above <= 1 && s->n <= s->record.n_seen &&
           kedge_i_within(s->mean, -GMA_MEAN_MAX, GMA_MEAN_MAX) &&
           kedge_i_within(s->m2, 0.0, 8.0 * KEDGE_DETECTOR_INPUT_MAX * KEDGE_DETECTOR_INPUT_MAX * (double)s->n) &&
           kedge_i_within(s->average, -2.0 * GMA_MEAN_MAX, 2.0 * GMA_MEAN_MAX) && kedge_i_within(s->young, 0.0, 1.0) &&
           s->crossed_n <= s->n && kedge_i_within(s->crossed_mean, -GMA_MEAN_MAX, GMA_MEAN_MAX);
}

/* Variance of the average (Roberts 1959), or 1 where its own size counts. */
static inline double gma_variance(const gma_state *s)
{
    if (s->form == KEDGE_GMA_RAW)
        return 1.0;
    return s->m2 / (double)(int64_t)s->n * ((1.0 - s->alpha) / (1.0 + s->alpha)) * (1.0 - s->young);
}

/* Rounding of the mean alone is no deviation. */
static inline int gma_is_beyond(const gma_state *s)
{
    double limit = s->threshold * s->threshold * gma_variance(s);
    double noise = 1e-14 * s->mean;
    double square = s->average * s->average;
    return square > limit && square > noise * noise;
}

static inline kedge_status gma_step(gma_state *s, double x)
{
    double before = s->mean;
    s->record.n_seen++;
    s->n++;
    double off = x - s->mean;
    s->mean += 1.0 / (double)(int64_t)s->n * off; /* the division waits for nobody: it is off the dependency chain */
    double deviation = x - s->mean;
    s->m2 += off * deviation;
    s->average = s->alpha * s->average + (1.0 - s->alpha) * deviation;
    s->young = s->young > GMA_FORGOTTEN ? s->young * s->alpha * s->alpha : 0.0;
    uint8_t is_above = s->average > 0.0;
    if (is_above != s->is_above) {
        s->is_above = is_above;
        s->crossed_n = s->n - 1;
        s->crossed_mean = before;
    }
    if (!gma_is_beyond(s) || s->n < s->min_samples)
        return KEDGE_OK;
    return s->direction == KEDGE_DIRECTION_BOTH || (s->direction == KEDGE_DIRECTION_UP) == is_above ? KEDGE_DRIFT : KEDGE_OK;
}

static double gma_statistic(const gma_state *s)
{
    double variance = gma_variance(s);
    return variance > 0.0 ? fabs(s->average) / sqrt(variance) : 0.0;
}

/* The change began where the average last crossed 0: Nishina 1992, "A comparison of control charts from the viewpoint of
 * change-point estimation", Quality and Reliability Engineering International 8. */
static void gma_raise(gma_state *s)
{
    double n_after = (double)(int64_t)(s->n - s->crossed_n);
    double after = (s->mean * (double)(int64_t)s->n - s->crossed_mean * (double)(int64_t)s->crossed_n) / n_after;
    detector_record_raise(&s->record, s->n - s->crossed_n, s->crossed_mean, after, gma_statistic(s), s->threshold, (double)NAN);
    gma_restart(s);
}

DETECTOR_RUN(gma)

static kedge_status gma_estimate(const void *state, kedge_estimate *out)
{
    const gma_state *s = state;
    kedge_status st = detector_record_estimate(&s->record, s->n, out);
    out->threshold = s->threshold;
    if (s->n == 0)
        return st;
    out->mean = s->mean;
    out->variance = s->m2 / (double)(int64_t)s->n;
    out->statistic = gma_statistic(s);
    return st;
}

static kedge_status gma_alarm(const void *state, kedge_alarm *out)
{
    return detector_record_alarm(&((const gma_state *)state)->record, out);
}

const kedge_detector_class kedge_gma = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_DETECTOR,
            .version = 1,
            .name = "gma",
            .fixed_bytes = sizeof(gma_state),
            .config_bytes = sizeof(kedge_gma_config),
            .n_fields = sizeof gma_fields / sizeof *gma_fields,
            .fields = gma_fields,
            .defaults = gma_defaults,
            .configure = gma_configure,
            .valid = gma_valid,
            .layout = gma_layout,
            .start = gma_start,
            .check = gma_check,
        },
    .input_low = -KEDGE_DETECTOR_INPUT_MAX,
    .input_high = KEDGE_DETECTOR_INPUT_MAX,
    .run = gma_run,
    .update = gma_update,
    .estimate = gma_estimate,
    .alarm = gma_alarm,
    .knob = {offsetof(kedge_gma_config, threshold), 0, 1e-3, 1e3},
};
