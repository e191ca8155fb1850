/* SPDX-License-Identifier: MIT */
/* DDM: the error rate against the least level it has reached.
 *
 * Gama, Medas, Castillo, Rodrigues 2004, "Learning with drift detection", SBIA 2004, section 3: with p the error rate and
 * s = sqrt(p (1 - p) / n), keep the p and s of the least p + s; warning when p + s > p_min + 2 s_min, drift when > p_min + 3 s_min.
 * Step order is river's (drift.binary.DDM). The paper is silent about p_min = 0, where s_min is 0 too and any error at all is an
 * alarm, as in river and MOA (smooth = 0); smooth = 1 takes s_min from Laplace's (0 + 1) / (n + 2) there. As in the paper, only a
 * rise is drift.
 *
 * Cost: O(1): the latency of the running rate, subtract, multiply, add. In a batch quiet observations take no root. */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "kedge/detector.h"

#include "base/number.h"
#include "base/object.h"
#include "detectors/alarm.h"
#include "detectors/glide.h"

enum { DDM_MAX_WARM_START = 1 << 30 };

typedef struct ddm_state {
    kedge_state_head head;
    double warning_threshold;
    double drift_threshold;
    uint32_t warm_start;
    uint32_t drift_warm_start;
    uint8_t smooth;
    uint8_t in_warning; /* 1: the last observation was in the warning zone */
    uint8_t reserved[6];
    uint64_t n_seen;     /* since init */
    uint64_t n_warnings; /* zones entered since init */
    uint64_t n_drifts;   /* since init */
    uint64_t n;          /* since the restart, at most n_seen */
    double p;            /* error rate of these, in [0, 1] */
    double least;        /* least p + s so far, DBL_MAX before the first */
    double p_min;        /* p where it stood there */
    double s_min;        /* s there, or the smoothed one */
    uint64_t warning_n;  /* in the zone: observations since the restart before it was entered; else n */
    double warning_p;    /* their error rate */
    uint64_t alarm_changed_at; /* the last alarm; it was raised at n_seen - n - 1 */
    double alarm_before;
    double alarm_after;
    double alarm_statistic;
    double alarm_threshold;
} ddm_state;

static const kedge_field ddm_fields[] = {
    KEDGE_PARAM(ddm_state, warning_threshold, KEDGE_TYPE_F64),
    KEDGE_PARAM(ddm_state, drift_threshold, KEDGE_TYPE_F64),
    KEDGE_PARAM(ddm_state, warm_start, KEDGE_TYPE_U32),
    KEDGE_PARAM(ddm_state, drift_warm_start, KEDGE_TYPE_U32),
    KEDGE_PARAM(ddm_state, smooth, KEDGE_TYPE_U8),
    KEDGE_VALUE(ddm_state, in_warning, KEDGE_TYPE_U8),
    KEDGE_VALUE(ddm_state, n_seen, KEDGE_TYPE_COUNT),
    KEDGE_VALUE(ddm_state, n_warnings, KEDGE_TYPE_U64),
    KEDGE_VALUE(ddm_state, n_drifts, KEDGE_TYPE_U64),
    KEDGE_VALUE(ddm_state, n, KEDGE_TYPE_U64),
    KEDGE_VALUE(ddm_state, p, KEDGE_TYPE_F64),
    KEDGE_VALUE(ddm_state, least, KEDGE_TYPE_F64),
    KEDGE_VALUE(ddm_state, p_min, KEDGE_TYPE_F64),
    KEDGE_VALUE(ddm_state, s_min, KEDGE_TYPE_F64),
    KEDGE_VALUE(ddm_state, warning_n, KEDGE_TYPE_U64),
    KEDGE_VALUE(ddm_state, warning_p, KEDGE_TYPE_F64),
    KEDGE_VALUE(ddm_state, alarm_changed_at, KEDGE_TYPE_U64),
    KEDGE_VALUE(ddm_state, alarm_before, KEDGE_TYPE_F64),
    KEDGE_VALUE(ddm_state, alarm_after, KEDGE_TYPE_F64),
    KEDGE_VALUE(ddm_state, alarm_statistic, KEDGE_TYPE_F64),
    KEDGE_VALUE(ddm_state, alarm_threshold, KEDGE_TYPE_F64),
};

static void ddm_defaults(void *config)
{
    kedge_ddm_config *cfg = config;
    cfg->base.cls = &kedge_ddm;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->base.reserved = 0;
    cfg->warning_threshold = 2.0;
    cfg->drift_threshold = 3.0;
    cfg->warm_start = 30;
    cfg->drift_warm_start = 30;
    cfg->smooth = 1;
    cfg->reserved = 0;
}

kedge_status kedge_ddm_config_init(kedge_ddm_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_ddm.base, cfg, cfg_bytes, sizeof *cfg);
}

kedge_status kedge_ddm_config_peer(kedge_ddm_config *cfg, size_t cfg_bytes, uint32_t peer)
{
    if (peer < KEDGE_PEER_NONE || peer > KEDGE_PEER_MOA)
        return KEDGE_ERR_CONFIG;
    kedge_status st = kedge_ddm_config_init(cfg, cfg_bytes);
    if (st == KEDGE_OK && peer != KEDGE_PEER_NONE)
        cfg->smooth = 0;
    if (st == KEDGE_OK && peer == KEDGE_PEER_MOA) {
        cfg->warm_start = 28;
        cfg->drift_warm_start = 29;
    }
    return st;
}

static void ddm_configure(const void *config, void *fixed)
{
    const kedge_ddm_config *cfg = config;
    ddm_state *s = fixed;
    s->warning_threshold = cfg->warning_threshold;
    s->drift_threshold = cfg->drift_threshold;
    s->warm_start = cfg->warm_start;
    s->drift_warm_start = cfg->drift_warm_start;
    s->smooth = cfg->smooth <= 1 ? (uint8_t)cfg->smooth : UINT8_MAX;
}

static int ddm_valid(const void *fixed)
{
    const ddm_state *s = fixed;
    return kedge_i_within(s->warning_threshold, 0.0, DBL_MAX) &&
           kedge_i_within(s->drift_threshold, s->warning_threshold, DBL_MAX) &&
           kedge_i_u32_within(s->warm_start, 1, DDM_MAX_WARM_START) &&
           kedge_i_u32_within(s->drift_warm_start, s->warm_start, DDM_MAX_WARM_START) && s->smooth <= 1;
}

static size_t ddm_layout(void *fixed)
{
    (void)fixed;
    return sizeof(ddm_state);
}

/* Everything that a restart forgets. */
static inline void ddm_restart(ddm_state *s)
{
    s->n = 0;
    s->p = 0.0;
    s->least = DBL_MAX;
    s->p_min = 0.0;
    s->s_min = 0.0;
    s->in_warning = 0;
    s->warning_n = 0;
    s->warning_p = 0.0;
}

static void ddm_start(void *state)
{
    ddm_restart(state);
}

static int ddm_check(const void *state)
{
    const ddm_state *s = state;
    return ddm_valid(s) && s->n_seen <= KEDGE_I_COUNT_MAX && s->n <= s->n_seen && s->n_drifts <= s->n_seen &&
           s->n_warnings <= s->n_seen && s->in_warning <= 1 && s->warning_n <= s->n && kedge_i_within(s->p, 0.0, 1.0) &&
           kedge_i_within(s->warning_p, 0.0, 1.0) && kedge_i_within(s->least, 0.0, DBL_MAX) && kedge_i_within(s->p_min, 0.0, 1.0) &&
           kedge_i_within(s->s_min, 0.0, 1.0) && s->alarm_changed_at <= s->n_seen && kedge_i_within(s->alarm_before, 0.0, 1.0) &&
           kedge_i_within(s->alarm_after, 0.0, 1.0) && kedge_i_within(s->alarm_statistic, 0.0, 2.0) &&
           kedge_i_within(s->alarm_threshold, 0.0, DBL_MAX);
}

/* Standard deviation of an error rate (Gama et al. 2004, section 3), from the inverse of the number of observations. */
static inline double ddm_deviation(double p, double inverse)
{
    return sqrt(p * (1.0 - p) * inverse);
}

static inline double ddm_inverse(uint64_t n)
{
    return 1.0 / (double)(int64_t)n;
}

/* So many deviations above the least level. */
static inline double ddm_level(const ddm_state *s, double deviations)
{
    return s->p_min + deviations * s->s_min;
}

/* Remember the least level, and the levels of warning and drift that follow from it. Written as selections, so that compilers may
 * take them without a branch: on a quiet stream one observation in six lowers it, with no pattern. */
static inline void ddm_lower(ddm_state *s, double level, double deviation)
{
    int lower = level <= s->least;
    s->least = lower ? level : s->least;
    s->p_min = lower ? s->p : s->p_min;
    s->s_min = lower ? deviation : s->s_min;
    if (s->p == 0.0 && s->smooth)
        s->s_min = ddm_deviation(1.0 / ((double)(int64_t)s->n + 2.0), ddm_inverse(s->n));
}

static inline kedge_status ddm_step(ddm_state *s, double x)
{
    double p_before = s->p;
    s->n_seen++;
    s->n++;
    double inverse = ddm_inverse(s->n);
    s->p += inverse * (x - s->p);
    if (s->n <= s->warm_start)
        return KEDGE_OK;
    double deviation = ddm_deviation(s->p, inverse);
    double level = s->p + deviation;
    ddm_lower(s, level, deviation);
    if (!(level > ddm_level(s, s->warning_threshold))) {
        s->in_warning = 0;
        return KEDGE_OK;
    }
    if (level > ddm_level(s, s->drift_threshold) && s->n > s->drift_warm_start)
        return KEDGE_DRIFT;
    if (!s->in_warning) {
        s->in_warning = 1;
        s->n_warnings++;
        s->warning_n = s->n - 1;
        s->warning_p = p_before;
    }
    return KEDGE_WARNING;
}

/* Keep what the alarm saw and start afresh. The new concept began where the warning zone was entered (section 3). */
static void ddm_raise(ddm_state *s)
{
    uint64_t n_before = s->in_warning ? s->warning_n : s->n - 1;
    double n_after = (double)(int64_t)(s->n - n_before);
    double before = s->in_warning ? s->warning_p : s->p_min;
    double after = (s->p * (double)(int64_t)s->n - before * (double)(int64_t)n_before) / n_after;
    s->alarm_changed_at = s->n_seen - s->n + n_before;
    s->alarm_before = before;
    s->alarm_after = after < 0.0 ? 0.0 : after > 1.0 ? 1.0 : after; /* rounding */
    s->alarm_statistic = s->p + ddm_deviation(s->p, ddm_inverse(s->n));
    s->alarm_threshold = ddm_level(s, s->drift_threshold);
    s->n_drifts++;
    ddm_restart(s);
}

static kedge_status ddm_update(void *state, double x)
{
    kedge_status st = ddm_step(state, x);
    if (st == KEDGE_DRIFT)
        ddm_raise(state);
    return st;
}

/* Takes pairs of observations as long as each surely stays in the zone in which the last one was and leaves the least level alone;
 * returns how many observations. */
static inline size_t ddm_glide(ddm_state *s, const double *x, size_t n)
{
    size_t i = 0;
#ifdef DETECTOR_GLIDES
    if (s->n <= s->warm_start || s->n >= DETECTOR_GLIDE_COUNT_MAX)
        return 0;
    double warning = ddm_level(s, s->warning_threshold);
    double low = s->in_warning && warning > s->least ? warning : s->least;
    double high = s->in_warning ? ddm_level(s, s->drift_threshold) : warning;
    double p = s->p;
    detector_pair count = {(double)(int64_t)(s->n + 1), (double)(int64_t)(s->n + 2)};
    for (; n - i >= 2; i += 2) {
        detector_pair inverse = 1.0 / count;
        double first = p + inverse[0] * (x[i] - p);
        double second = first + inverse[1] * (x[i + 1] - first);
        detector_pair rate = {first, second};
        if (!detector_is_between(rate, rate * (1.0 - rate) * inverse, low, high))
            break;
        p = second;
        count += 2.0;
    }
    s->p = p;
    s->n += i;
    s->n_seen += i;
#else
    (void)s;
    (void)x;
    (void)n;
#endif
    return i;
}

static kedge_status ddm_run(void *state, const double *x, size_t n, uint8_t *signals, size_t *used)
{
    kedge_status st = KEDGE_OK;
    size_t i = 0;
    while (i < n && !(st == KEDGE_DRIFT && !signals)) {
        size_t begin = i;
        st = ddm_update(state, x[i++]);
        if (st != KEDGE_DRIFT)
            i += ddm_glide(state, x + i, n - i);
        if (signals)
            memset(signals + begin, (int)st, i - begin);
    }
    *used = i;
    return st;
}

static kedge_status ddm_estimate(const void *state, kedge_estimate *out)
{
    const ddm_state *s = state;
    out->n_seen = s->n_seen;
    out->n_warnings = s->n_warnings;
    out->n_drifts = s->n_drifts;
    out->width = s->n;
    out->mean = out->variance = out->statistic = out->threshold = (double)NAN;
    if (s->n == 0)
        return KEDGE_EMPTY;
    out->mean = s->p;
    out->variance = s->p * (1.0 - s->p);
    out->statistic = s->p + ddm_deviation(s->p, ddm_inverse(s->n));
    if (s->least < DBL_MAX)
        out->threshold = ddm_level(s, s->drift_threshold);
    return KEDGE_OK;
}

static kedge_status ddm_alarm(const void *state, kedge_alarm *out)
{
    const ddm_state *s = state;
    if (s->n_drifts == 0)
        return KEDGE_EMPTY;
    return kedge_i_alarm(out, s->n_seen - s->n - 1, s->alarm_changed_at, s->alarm_before, s->alarm_after, s->alarm_statistic,
                         s->alarm_threshold);
}

const kedge_detector_class kedge_ddm = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_DETECTOR,
            .version = 1,
            .name = "ddm",
            .fixed_bytes = sizeof(ddm_state),
            .config_bytes = sizeof(kedge_ddm_config),
            .n_fields = sizeof ddm_fields / sizeof *ddm_fields,
            .fields = ddm_fields,
            .defaults = ddm_defaults,
            .configure = ddm_configure,
            .valid = ddm_valid,
            .layout = ddm_layout,
            .start = ddm_start,
            .check = ddm_check,
        },
    .input_low = 0.0,
    .input_high = 1.0,
    .run = ddm_run,
    .update = ddm_update,
    .estimate = ddm_estimate,
    .alarm = ddm_alarm,
    .knob = {offsetof(kedge_ddm_config, drift_threshold), offsetof(kedge_ddm_config, warning_threshold), 0.01, 100.0},
};
