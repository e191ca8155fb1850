/* SPDX-License-Identifier: MIT */
/* EWMA control chart: z <- (1 - lambda) z + lambda (x - level), of variance sigma^2 lambda / (2 - lambda) (1 - (1 - lambda)^2n).
 *
 * Roberts 1959, "Control chart tests based on geometric moving averages", Technometrics 1; Lucas, Saccucci 1990, "Exponentially
 * weighted moving average control schemes: properties and enhancements", Technometrics 32, section 1 (exact limits for every n).
 *
 * Cost: O(1), about a dozen cycles: squares are compared, so that no root is taken before an alarm. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/detectors/ewma_chart.h"

#include "base/number.h"
#include "detectors/record.h"
#include "detectors/reference.h"
#include "detectors/run.h"

#define EWMA_CHART_FORGOTTEN 1e-20 /* (1 - lambda)^2n below which 1 minus it is 1 */

typedef struct ewma_chart_state {
    kedge_state_head head;
    double lambda;
    double limit;
    double target;
    double sd;
    uint32_t n_learn;
    uint8_t reference;
    uint8_t direction;
    uint8_t is_above; /* 1: the average was above the level after the last observation */
    uint8_t reserved;
    detector_record record;
    detector_reference quiet;
    uint64_t n;       /* observations of the chart, behind the learning */
    double average;   /* of their distances from the level */
    double young;     /* (1 - lambda)^2n, 0 once it does not matter */
    uint64_t crossed_n; /* observations of the chart before the average crossed the level for the last time */
    double since_sum; /* sum of the distances behind them */
} ewma_chart_state;

static const kedge_field ewma_chart_fields[] = {
    KEDGE_PARAM(ewma_chart_state, lambda, KEDGE_TYPE_F64),
    KEDGE_PARAM(ewma_chart_state, limit, KEDGE_TYPE_F64),
    KEDGE_PARAM(ewma_chart_state, target, KEDGE_TYPE_F64),
    KEDGE_PARAM(ewma_chart_state, sd, KEDGE_TYPE_F64),
    KEDGE_PARAM(ewma_chart_state, n_learn, KEDGE_TYPE_U32),
    KEDGE_PARAM(ewma_chart_state, reference, KEDGE_TYPE_U8),
    KEDGE_PARAM(ewma_chart_state, direction, KEDGE_TYPE_U8),
    KEDGE_VALUE(ewma_chart_state, is_above, KEDGE_TYPE_U8),
    DETECTOR_RECORD_FIELDS(ewma_chart_state),
    DETECTOR_REFERENCE_FIELDS(ewma_chart_state, quiet),
    KEDGE_VALUE(ewma_chart_state, n, KEDGE_TYPE_U64),
    KEDGE_VALUE(ewma_chart_state, average, KEDGE_TYPE_F64),
    KEDGE_VALUE(ewma_chart_state, young, KEDGE_TYPE_F64),
    KEDGE_VALUE(ewma_chart_state, crossed_n, KEDGE_TYPE_U64),
    KEDGE_VALUE(ewma_chart_state, since_sum, KEDGE_TYPE_F64),
};

static void ewma_chart_defaults(void *config)
{
    kedge_ewma_chart_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_ewma_chart;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->lambda = 0.2;
    cfg->limit = 5.0;
    cfg->sd = 1.0;
    cfg->reference = KEDGE_REFERENCE_LEARNED;
    cfg->n_learn = 1000;
    cfg->direction = KEDGE_DIRECTION_BOTH;
}

kedge_status kedge_ewma_chart_config_init(kedge_ewma_chart_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_ewma_chart.base, cfg, cfg_bytes, sizeof *cfg);
}

static void ewma_chart_configure(const void *config, void *fixed)
{
    const kedge_ewma_chart_config *cfg = config;
    ewma_chart_state *s = fixed;
    s->lambda = cfg->lambda;
    s->limit = cfg->limit;
    s->target = cfg->target;
    s->sd = cfg->sd;
    s->n_learn = cfg->n_learn;
    s->reference = kedge_i_choice(cfg->reference);
    s->direction = kedge_i_choice(cfg->direction);
}

static int ewma_chart_valid(const void *fixed)
{
    const ewma_chart_state *s = fixed;
    return s->lambda > 0.0 && s->lambda <= 1.0 && s->limit > 0.0 && s->limit <= 1000.0 &&
           detector_reference_is_valid(s->reference, s->target, s->sd, s->n_learn) &&
           kedge_i_u32_within(s->direction, KEDGE_DIRECTION_BOTH, KEDGE_DIRECTION_DOWN);
}

static size_t ewma_chart_layout(void *fixed)
{
    (void)fixed;
    return sizeof(ewma_chart_state);
}

static void ewma_chart_restart(ewma_chart_state *s)
{
    detector_reference_start(&s->quiet, s->reference, s->target, s->sd);
    s->is_above = 0;
    s->n = s->crossed_n = 0;
    s->average = s->since_sum = 0.0;
    s->young = 1.0;
}

static void ewma_chart_start(void *state)
{
    ewma_chart_restart(state);
}

static int ewma_chart_check(const void *state)
{
    const ewma_chart_state *s = state;
    return ewma_chart_valid(s) && detector_record_is_sound(&s->record) && s->is_above <= 1 &&
           s->n + s->quiet.n <= s->record.n_seen && detector_reference_is_sound(&s->quiet, s->n_learn) &&
           kedge_i_within(s->average, -DETECTOR_REFERENCE_MAX, DETECTOR_REFERENCE_MAX) && kedge_i_within(s->young, 0.0, 1.0) &&
           s->crossed_n <= s->n &&
           kedge_i_within(s->since_sum, -DETECTOR_REFERENCE_MAX * (double)s->n, DETECTOR_REFERENCE_MAX * (double)s->n);
}

static inline double ewma_chart_variance(const ewma_chart_state *s)
{
    return s->quiet.variance * (s->lambda / (2.0 - s->lambda)) * (1.0 - s->young);
}

static inline kedge_status ewma_chart_step(ewma_chart_state *s, double x)
{
    s->record.n_seen++;
    if (s->reference == KEDGE_REFERENCE_LEARNED && s->quiet.n < s->n_learn) {
        detector_reference_learn(&s->quiet, x);
        return KEDGE_OK;
    }
    double distance = x - s->quiet.mean;
    double kept = 1.0 - s->lambda;
    s->n++;
    s->average = kept * s->average + s->lambda * distance;
    s->young = s->young > EWMA_CHART_FORGOTTEN ? s->young * kept * kept : 0.0;
    uint8_t is_above = s->average > 0.0;
    if (is_above != s->is_above) {
        s->is_above = is_above;
        s->crossed_n = s->n - 1;
        s->since_sum = 0.0;
    }
    s->since_sum += distance;
    if (!(s->average * s->average > s->limit * s->limit * ewma_chart_variance(s)))
        return KEDGE_OK;
    return s->direction == KEDGE_DIRECTION_BOTH || (s->direction == KEDGE_DIRECTION_UP) == is_above ? KEDGE_DRIFT : KEDGE_OK;
}

static double ewma_chart_statistic(const ewma_chart_state *s)
{
    double variance = ewma_chart_variance(s);
    return variance > 0.0 ? fabs(s->average) / sqrt(variance) : 0.0;
}

/* The change began where the average last crossed the level: Nishina 1992, "A comparison of control charts from the viewpoint of
 * change-point estimation", Quality and Reliability Engineering International 8. */
static void ewma_chart_raise(ewma_chart_state *s)
{
    uint64_t n_after = s->n - s->crossed_n;
    detector_record_raise(&s->record, n_after, s->quiet.mean, s->quiet.mean + s->since_sum / (double)(int64_t)n_after,
                          ewma_chart_statistic(s), s->limit, (double)NAN);
    ewma_chart_restart(s);
}

DETECTOR_RUN(ewma_chart)

static kedge_status ewma_chart_estimate(const void *state, kedge_estimate *out)
{
    const ewma_chart_state *s = state;
    kedge_status st = detector_record_estimate(&s->record, s->n + s->quiet.n, out);
    out->threshold = s->limit;
    if (s->n + s->quiet.n == 0)
        return st;
    out->mean = s->quiet.mean + s->average;
    out->variance = s->quiet.variance;
    out->statistic = ewma_chart_statistic(s);
    return st;
}

static kedge_status ewma_chart_alarm(const void *state, kedge_alarm *out)
{
    return detector_record_alarm(&((const ewma_chart_state *)state)->record, out);
}

const kedge_detector_class kedge_ewma_chart = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_DETECTOR,
            .version = 1,
            .name = "ewma_chart",
            .fixed_bytes = sizeof(ewma_chart_state),
            .config_bytes = sizeof(kedge_ewma_chart_config),
            .n_fields = sizeof ewma_chart_fields / sizeof *ewma_chart_fields,
            .fields = ewma_chart_fields,
            .defaults = ewma_chart_defaults,
            .configure = ewma_chart_configure,
            .valid = ewma_chart_valid,
            .layout = ewma_chart_layout,
            .start = ewma_chart_start,
            .check = ewma_chart_check,
        },
    .input_low = -KEDGE_DETECTOR_INPUT_MAX,
    .input_high = KEDGE_DETECTOR_INPUT_MAX,
    .run = ewma_chart_run,
    .update = ewma_chart_update,
    .estimate = ewma_chart_estimate,
    .alarm = ewma_chart_alarm,
    .knob = {offsetof(kedge_ewma_chart_config, limit), 0, 0.01, 1000.0},
};
