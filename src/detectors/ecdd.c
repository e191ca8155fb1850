/* SPDX-License-Identifier: MIT */
/* ECDD: an exponentially weighted moving average of the errors against their mean.
 *
 * Ross, Adams, Tasoulis, Hand 2012, "Exponentially weighted moving average charts for detecting concept drift", Pattern Recognition
 * Letters 33, section 3: Z_t = (1 - lambda) Z_{t-1} + lambda X_t with Z_0 = 0 and sigma_Z^2 = p (1 - p) lambda / (2 - lambda)
 * (1 - (1 - lambda)^2t); the control limit L is table 1's polynomial in p. At its average run length of 400 a stream of a million
 * observations that never changes raises thousands of alarms, so kedge's default is a fixed limit that the user sets.
 *
 * Cost: O(1), the latency of the running rate: the root is only taken near the warning limit. */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "kedge/detectors/ecdd.h"

#include "base/number.h"
#include "detectors/record.h"
#include "detectors/run.h"

#define ECDD_SLACK 1e-9        /* relative margin of the quick test, far above rounding */
#define ECDD_FORGOTTEN 1e-20   /* (1 - lambda)^2t below which 1 minus it is 1 */

enum { ECDD_MAX_SAMPLES = 1 << 30 };

typedef struct ecdd_state {
    kedge_state_head head;
    double lambda;
    double limit;
    double warning;
    uint32_t min_samples;
    uint8_t form;
    uint8_t direction;
    uint8_t in_warning;
    uint8_t reserved;
    detector_record record;
    uint64_t n;     /* since the restart */
    double errors;  /* their sum */
    double p;       /* their mean */
    double z;       /* their exponentially weighted average, from 0 */
    double young;   /* (1 - lambda)^2n, 0 once it does not matter */
    uint64_t above_n;  /* observations when z last stood at or below p: a rise began then */
    double above_p;    /* their mean */
    uint64_t below_n;  /* observations when z last stood above p */
    double below_p;
} ecdd_state;

static const kedge_field ecdd_fields[] = {
    KEDGE_PARAM(ecdd_state, lambda, KEDGE_TYPE_F64),
    KEDGE_PARAM(ecdd_state, limit, KEDGE_TYPE_F64),
    KEDGE_PARAM(ecdd_state, warning, KEDGE_TYPE_F64),
    KEDGE_PARAM(ecdd_state, min_samples, KEDGE_TYPE_U32),
    KEDGE_PARAM(ecdd_state, form, KEDGE_TYPE_U8),
    KEDGE_PARAM(ecdd_state, direction, KEDGE_TYPE_U8),
    KEDGE_VALUE(ecdd_state, in_warning, KEDGE_TYPE_U8),
    DETECTOR_RECORD_FIELDS(ecdd_state),
    KEDGE_VALUE(ecdd_state, n, KEDGE_TYPE_U64),
    KEDGE_VALUE(ecdd_state, errors, KEDGE_TYPE_F64),
    KEDGE_VALUE(ecdd_state, p, KEDGE_TYPE_F64),
    KEDGE_VALUE(ecdd_state, z, KEDGE_TYPE_F64),
    KEDGE_VALUE(ecdd_state, young, KEDGE_TYPE_F64),
    KEDGE_VALUE(ecdd_state, above_n, KEDGE_TYPE_U64),
    KEDGE_VALUE(ecdd_state, above_p, KEDGE_TYPE_F64),
    KEDGE_VALUE(ecdd_state, below_n, KEDGE_TYPE_U64),
    KEDGE_VALUE(ecdd_state, below_p, KEDGE_TYPE_F64),
};

static void ecdd_defaults(void *config)
{
    kedge_ecdd_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_ecdd;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->lambda = 0.2;
    cfg->limit = 6.0;
    cfg->warning = 0.5;
    cfg->form = KEDGE_ECDD_FIXED;
    cfg->direction = KEDGE_DIRECTION_UP;
    cfg->min_samples = 29;
}

kedge_status kedge_ecdd_config_init(kedge_ecdd_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_ecdd.base, cfg, cfg_bytes, sizeof *cfg);
}

kedge_status kedge_ecdd_config_peer(kedge_ecdd_config *cfg, size_t cfg_bytes, uint32_t peer)
{
    if (peer != KEDGE_PEER_NONE && peer != KEDGE_PEER_MOA)
        return KEDGE_ERR_CONFIG;
    kedge_status st = kedge_ecdd_config_init(cfg, cfg_bytes);
    if (st == KEDGE_OK && peer == KEDGE_PEER_MOA) {
        cfg->form = KEDGE_ECDD_POLYNOMIAL;
    }
    return st;
}

static void ecdd_configure(const void *config, void *fixed)
{
    const kedge_ecdd_config *cfg = config;
    ecdd_state *s = fixed;
    s->lambda = cfg->lambda;
    s->limit = cfg->limit;
    s->warning = cfg->warning;
    s->min_samples = cfg->min_samples;
    s->form = kedge_i_choice(cfg->form);
    s->direction = kedge_i_choice(cfg->direction);
}

static int ecdd_valid(const void *fixed)
{
    const ecdd_state *s = fixed;
    return s->lambda > 0.0 && s->lambda <= 1.0 && s->limit > 0.0 && s->limit <= 1000.0 && s->warning > 0.0 && s->warning <= 1.0 &&
           kedge_i_u32_within(s->min_samples, 1, ECDD_MAX_SAMPLES) &&
           kedge_i_u32_within(s->form, KEDGE_ECDD_FIXED, KEDGE_ECDD_POLYNOMIAL) &&
           kedge_i_u32_within(s->direction, KEDGE_DIRECTION_BOTH, KEDGE_DIRECTION_DOWN);
}

static size_t ecdd_layout(void *fixed)
{
    (void)fixed;
    return sizeof(ecdd_state);
}

static void ecdd_restart(ecdd_state *s)
{
    s->in_warning = 0;
    s->n = s->above_n = s->below_n = 0;
    s->errors = s->p = s->z = s->above_p = s->below_p = 0.0;
    s->young = 1.0;
}

static void ecdd_start(void *state)
{
    ecdd_restart(state);
}

static int ecdd_check(const void *state)
{
    const ecdd_state *s = state;
    return ecdd_valid(s) && detector_record_is_sound(&s->record) && s->in_warning <= 1 && s->n <= s->record.n_seen &&
           s->above_n <= s->n && s->below_n <= s->n && kedge_i_within(s->errors, 0.0, (double)(int64_t)s->n) &&
           kedge_i_within(s->p, 0.0, 1.0) && kedge_i_within(s->z, 0.0, 1.0) && kedge_i_within(s->young, 0.0, 1.0) &&
           kedge_i_within(s->above_p, 0.0, 1.0) && kedge_i_within(s->below_p, 0.0, 1.0);
}

/* sigma_Z^2 of section 3. */
static inline double ecdd_variance(const ecdd_state *s)
{
    return s->p * (1.0 - s->p) * (s->lambda / (2.0 - s->lambda)) * (1.0 - s->young);
}

/* Table 1: L for an average run length of 400 with lambda = 0.2. */
static inline double ecdd_limit(const ecdd_state *s)
{
    double square = s->p * s->p;
    if (s->form == KEDGE_ECDD_FIXED)
        return s->limit;
    return 3.97 + s->p * (-6.56 + square * (48.73 + square * (-330.13 + square * 848.18)));
}

static inline double ecdd_distance(const ecdd_state *s)
{
    double off = s->z - s->p;
    return s->direction == KEDGE_DIRECTION_UP ? off : s->direction == KEDGE_DIRECTION_DOWN ? -off : fabs(off);
}

/* The exact test, near or above the warning limit. */
static kedge_status ecdd_test(ecdd_state *s, double distance, double limit)
{
    double reach = limit * sqrt(ecdd_variance(s));
    if (distance > reach && s->n > s->min_samples)
        return KEDGE_DRIFT;
    if (!(distance > s->warning * reach)) {
        s->in_warning = 0;
        return KEDGE_OK;
    }
    s->record.n_warnings += !s->in_warning;
    s->in_warning = 1;
    return KEDGE_WARNING;
}

static inline kedge_status ecdd_step(ecdd_state *s, double x)
{
    double kept = 1.0 - s->lambda;
    s->record.n_seen++;
    s->n++;
    s->errors += x;
    s->p = s->errors / (double)(int64_t)s->n; /* a sum waits less for itself than a running mean */
    s->z += s->lambda * (x - s->z);
    s->young = s->young > ECDD_FORGOTTEN ? s->young * kept * kept : 0.0;
    if (s->z > s->p) {
        s->below_n = s->n;
        s->below_p = s->p;
    } else {
        s->above_n = s->n;
        s->above_p = s->p;
    }
    if (s->n < s->min_samples)
        return KEDGE_OK;
    double distance = ecdd_distance(s);
    double limit = ecdd_limit(s);
    double reach = s->warning * limit;
    if (distance < 0.0 || distance * distance < reach * reach * ecdd_variance(s) * (1.0 - ECDD_SLACK)) {
        s->in_warning = 0;
        return KEDGE_OK;
    }
    return ecdd_test(s, distance, limit);
}

/* The change began where the average last crossed the mean: Nishina 1992, "A comparison of control charts from the viewpoint of
 * change-point estimation", Quality and Reliability Engineering International 8. */
static void ecdd_raise(ecdd_state *s)
{
    int rose = s->z > s->p;
    uint64_t n_before = rose ? s->above_n : s->below_n;
    double before = rose ? s->above_p : s->below_p;
    double deviation = sqrt(ecdd_variance(s));
    n_before -= n_before == s->n; /* the crossing itself is the alarm */
    double n_after = (double)(int64_t)(s->n - n_before);
    double after = (s->p * (double)(int64_t)s->n - before * (double)(int64_t)n_before) / n_after;
    after = after < 0.0 ? 0.0 : after > 1.0 ? 1.0 : after; /* rounding */
    detector_record_raise(&s->record, s->n - n_before, before, after, deviation > 0.0 ? ecdd_distance(s) / deviation : DBL_MAX,
                          ecdd_limit(s), (double)NAN);
    ecdd_restart(s);
}

DETECTOR_RUN(ecdd)

static kedge_status ecdd_estimate(const void *state, kedge_estimate *out)
{
    const ecdd_state *s = state;
    kedge_status st = detector_record_estimate(&s->record, s->n, out);
    if (s->n == 0)
        return st;
    double deviation = sqrt(ecdd_variance(s));
    out->mean = s->p;
    out->variance = s->p * (1.0 - s->p);
    out->statistic = deviation > 0.0 ? ecdd_distance(s) / deviation : 0.0;
    out->threshold = ecdd_limit(s);
    return st;
}

static kedge_status ecdd_alarm(const void *state, kedge_alarm *out)
{
    return detector_record_alarm(&((const ecdd_state *)state)->record, out);
}

const kedge_detector_class kedge_ecdd = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_DETECTOR,
            .version = 1,
            .name = "ecdd",
            .fixed_bytes = sizeof(ecdd_state),
            .config_bytes = sizeof(kedge_ecdd_config),
            .n_fields = sizeof ecdd_fields / sizeof *ecdd_fields,
            .fields = ecdd_fields,
            .defaults = ecdd_defaults,
            .configure = ecdd_configure,
            .valid = ecdd_valid,
            .layout = ecdd_layout,
            .start = ecdd_start,
            .check = ecdd_check,
        },
    .input_low = 0.0,
    .input_high = 1.0,
    .run = ecdd_run,
    .update = ecdd_update,
    .estimate = ecdd_estimate,
    .alarm = ecdd_alarm,
    .knob = {offsetof(kedge_ecdd_config, limit), 0, 0.01, 1000.0},
};
