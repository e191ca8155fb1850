/* SPDX-License-Identifier: MIT */
/* Detection: delay, missed changes and false alarms of a detector on a stream whose changes are known.
 *
 * Bifet 2017, "Classifier concept drift detection and the illusion of progress", section 4 (mean time between false alarms, mean
 * time to detection, missed detection rate, and the mean time ratio of the three). A detector that fires at random with a chance of
 * q an observation has run lengths of 1 / q, detects within h observations with the chance 1 - (1 - q)^h, and if it does, after
 * 1 / q - h (1 - q)^h / (1 - (1 - q)^h) of them on average: any detector has to be better than that. Cost: O(1). */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/metric.h"

#include "base/check.h"
#include "base/interval.h"
#include "base/number.h"
#include "base/object.h"
#include "metrics/handle.h"

typedef struct detection_state {
    kedge_state_head head;
    uint64_t horizon;
    double confidence;
    uint64_t n;          /* observations */
    uint64_t n_changes;
    uint64_t n_alarms;
    uint64_t n_detected;
    uint64_t n_missed;
    uint64_t n_closed;   /* changes that were still waiting when their stream ended, or in an object that was merged into this
                          * one */
    uint64_t n_waited;   /* observations in which an alarm was a detection, or would have been */
    uint64_t since;      /* observations since the change that waits, 0: none does */
    double delay_mean;
    double delay_m2;     /* sum of the squared deviations from it */
    double delay_max;
} detection_state;

static const kedge_field detection_fields[] = {
    KEDGE_PARAM(detection_state, horizon, KEDGE_TYPE_U64),
    KEDGE_PARAM(detection_state, confidence, KEDGE_TYPE_F64),
    KEDGE_VALUE(detection_state, n, KEDGE_TYPE_U64),
    KEDGE_VALUE(detection_state, n_changes, KEDGE_TYPE_U64),
    KEDGE_VALUE(detection_state, n_alarms, KEDGE_TYPE_U64),
    KEDGE_VALUE(detection_state, n_detected, KEDGE_TYPE_U64),
    KEDGE_VALUE(detection_state, n_missed, KEDGE_TYPE_U64),
    KEDGE_VALUE(detection_state, n_closed, KEDGE_TYPE_U64),
    KEDGE_VALUE(detection_state, n_waited, KEDGE_TYPE_U64),
    KEDGE_VALUE(detection_state, since, KEDGE_TYPE_U64),
    KEDGE_VALUE(detection_state, delay_mean, KEDGE_TYPE_F64),
    KEDGE_VALUE(detection_state, delay_m2, KEDGE_TYPE_F64),
    KEDGE_VALUE(detection_state, delay_max, KEDGE_TYPE_F64),
};

static void detection_defaults(void *config)
{
    kedge_detection_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_detection;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->horizon = KEDGE_I_COUNT_MAX;
    cfg->confidence = 0.95;
}

kedge_status kedge_detection_config_init(kedge_detection_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_detection.base, cfg, cfg_bytes, sizeof *cfg);
}

static void detection_configure(const void *config, void *fixed)
{
    const kedge_detection_config *cfg = config;
    detection_state *s = fixed;
    s->horizon = cfg->horizon;
    s->confidence = cfg->confidence;
}

static int detection_valid(const void *fixed)
{
    const detection_state *s = fixed;
    return s->horizon >= 1 && s->horizon <= KEDGE_I_COUNT_MAX && s->confidence > 0.0 && s->confidence < 1.0;
}

static size_t detection_layout(void *fixed)
{
    (void)fixed;
    return sizeof(detection_state);
}

static int detection_check(const void *state)
{
    const detection_state *s = state;
    if (!detection_valid(s) || s->n > KEDGE_I_COUNT_MAX || s->n_changes > s->n || s->n_alarms > s->n || s->n_waited > s->n ||
        s->since > s->n)
        return 0;
    if (s->n_detected > s->n_changes || s->n_missed > s->n_changes || s->n_closed > s->n_changes || s->n_detected > s->n_alarms)
        return 0;
    return s->n_detected + s->n_missed + s->n_closed + (s->since > 0) == s->n_changes && s->since <= s->horizon &&
           kedge_i_within(s->delay_mean, 0.0, (double)s->n) && kedge_i_within(s->delay_max, 0.0, (double)s->n) &&
           kedge_i_within(s->delay_m2, 0.0, 2.0 * (double)s->n * (double)s->n * (double)s->n);
}

/* Welford 1962. */
static void detection_detected(detection_state *s)
{
    double delay = (double)s->since;
    s->n_detected++;
    double off = delay - s->delay_mean;
    s->delay_mean += off / (double)s->n_detected;
    s->delay_m2 += off * (delay - s->delay_mean);
    s->delay_max = delay > s->delay_max ? delay : s->delay_max;
    s->since = 0;
}

static void detection_step(detection_state *s, int changed, int alarmed)
{
    if (changed) {
        s->n_missed += s->since > 0;
        s->n_changes++;
        s->since = 1;
    } else if (s->since > 0 && ++s->since > s->horizon) {
        s->n_missed++;
        s->since = 0;
    }
    s->n++;
    s->n_waited += s->since > 0;
    s->n_alarms += alarmed != 0;
    if (alarmed && s->since > 0)
        detection_detected(s);
}

kedge_status kedge_detection_record(kedge_metric *m, int changed, int alarmed)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_detection));
    detection_state *s = m->state;
    if (s->n >= KEDGE_I_COUNT_MAX)
        return KEDGE_ERR_RANGE;
    detection_step(s, changed, alarmed);
    return KEDGE_OK;
}

kedge_status kedge_detection_record_many(kedge_metric *m, const uint8_t *changed, const uint8_t *signals, size_t n)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_detection));
    if (!signals && n > 0)
        return KEDGE_ERR_NULL;
    detection_state *s = m->state;
    if (n > KEDGE_I_COUNT_MAX - s->n)
        return KEDGE_ERR_RANGE;
    for (size_t i = 0; i < n; i++)
        detection_step(s, changed && changed[i], signals[i] == KEDGE_DRIFT);
    return KEDGE_OK;
}

kedge_status kedge_detection_end(kedge_metric *m)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_detection));
    detection_state *s = m->state;
    s->n_closed += s->since > 0;
    s->since = 0;
    return KEDGE_OK;
}

static void detection_read_delay(const detection_state *s, kedge_detection_report *out)
{
    double n = (double)s->n_detected;
    if (s->n_detected == 0)
        return;
    out->delay = s->delay_mean;
    out->delay_max = s->delay_max;
    if (s->n_detected < 2)
        return;
    double half = -kedge_i_normal_quantile(0.5 * (1.0 - s->confidence)) * sqrt(s->delay_m2 / (n - 1.0) / n);
    out->delay_low = s->delay_mean - half;
    out->delay_high = s->delay_mean + half;
}

static void detection_read_missed(const detection_state *s, kedge_detection_report *out)
{
    uint64_t decided = s->n_detected + s->n_missed;
    if (decided == 0)
        return;
    kedge_i_interval share = kedge_i_share_interval((double)s->n_missed, (double)decided, s->confidence);
    out->missed = (double)s->n_missed / (double)decided;
    out->missed_low = share.low;
    out->missed_high = share.high;
}

static void detection_read_arl(const detection_state *s, kedge_detection_report *out)
{
    double quiet = (double)(s->n - s->n_waited);
    kedge_i_interval count = kedge_i_poisson_interval(out->n_false, s->confidence);
    if (quiet == 0.0)
        return;
    out->arl = out->n_false ? quiet / (double)out->n_false : (double)INFINITY;
    out->arl_low = quiet / count.high;
    out->arl_high = count.low > 0.0 ? quiet / count.low : (double)INFINITY;
}

static double detection_time_ratio(double arl, double delay, double missed)
{
    return arl / delay * (1.0 - missed);
}

/* What firing at random with the same frequency gives, see the head of this file. */
static void detection_read_random(const detection_state *s, kedge_detection_report *out)
{
    double q = (double)s->n_alarms / (double)s->n;
    if (s->n_alarms == 0 || s->n_changes == 0)
        return;
    double h = (double)s->horizon;
    double span = (double)s->n / (double)s->n_changes; /* a change waits no longer than its concept lasts */
    h = h < span ? h : span;
    double miss = q < 1.0 ? exp(h * log1p(-q)) : 0.0;
    if (!(miss < 1.0))
        return;
    out->random_missed = miss;
    out->random_delay = 1.0 / q - h * miss / (1.0 - miss);
    out->random_mean_time_ratio = detection_time_ratio(1.0 / q, out->random_delay, miss);
}

kedge_status kedge_detection_read(const kedge_metric *m, kedge_detection_report *out)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_detection));
    if (!out)
        return KEDGE_ERR_NULL;
    const detection_state *s = m->state;
    out->n = s->n;
    out->n_changes = s->n_changes;
    out->n_alarms = s->n_alarms;
    out->n_detected = s->n_detected;
    out->n_missed = s->n_missed;
    out->n_open = s->n_closed + (s->since > 0);
    out->n_false = s->n_alarms - s->n_detected;
    out->delay = out->delay_low = out->delay_high = out->delay_max = out->missed = out->missed_low = out->missed_high = (double)NAN;
    out->arl = out->arl_low = out->arl_high = out->mean_time_ratio = (double)NAN;
    out->random_delay = out->random_missed = out->random_mean_time_ratio = (double)NAN;
    if (s->n == 0)
        return KEDGE_EMPTY;
    detection_read_delay(s, out);
    detection_read_missed(s, out);
    detection_read_arl(s, out);
    detection_read_random(s, out);
    if (s->n_detected > 0)
        out->mean_time_ratio = detection_time_ratio(out->arl, out->delay, out->missed);
    return KEDGE_OK;
}

static int detection_alike(const void *state, const void *other)
{
    const detection_state *a = state;
    const detection_state *b = other;
    return a->horizon == b->horizon && a->confidence == b->confidence;
}

/* Chan, Golub, LeVeque 1979 for the deviations of the delays. What waits in the other object waits for nothing here. */
static kedge_status detection_merge(void *state, const void *other)
{
    detection_state *a = state;
    const detection_state *b = other;
    if (b->n > KEDGE_I_COUNT_MAX - a->n)
        return KEDGE_ERR_RANGE;
    double n_a = (double)a->n_detected;
    double n_b = (double)b->n_detected;
    if (n_b > 0.0) {
        double off = b->delay_mean - a->delay_mean;
        a->delay_mean += off * (n_b / (n_a + n_b));
        a->delay_m2 += b->delay_m2 + off * off * (n_a * n_b / (n_a + n_b));
    }
    a->delay_max = b->delay_max > a->delay_max ? b->delay_max : a->delay_max;
    a->n += b->n;
    a->n_changes += b->n_changes;
    a->n_alarms += b->n_alarms;
    a->n_detected += b->n_detected;
    a->n_missed += b->n_missed;
    a->n_closed += b->n_closed + (b->since > 0);
    a->n_waited += b->n_waited;
    return KEDGE_OK;
}

const kedge_metric_class kedge_detection = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_METRIC,
            .version = 1,
            .name = "detection",
            .fixed_bytes = sizeof(detection_state),
            .config_bytes = sizeof(kedge_detection_config),
            .n_fields = sizeof detection_fields / sizeof *detection_fields,
            .fields = detection_fields,
            .defaults = detection_defaults,
            .configure = detection_configure,
            .valid = detection_valid,
            .layout = detection_layout,
            .check = detection_check,
        },
    .alike = detection_alike,
    .merge = detection_merge,
};
