/* SPDX-License-Identifier: MIT */
/* EDDM: the distance between errors against the best it has been.
 *
 * Baena-Garcia et al. 2006, "Early drift detection method", IWKDDS 2006, section 3: with p' the mean distance between two
 * errors and s' its deviation, keep the greatest p' + 2 s'; after 30 errors, warning when p' + 2 s' falls below alpha = 0.95 of
 * the greatest, drift when below beta = 0.9. The first distance is counted from the restart, as in river and MOA. The paper
 * does not say from when on the greatest counts. In river and MOA it does before the 30 errors, where a level of a few
 * distances may be anything: on streams that do not change they alarm again and again by the 31st error. peak_errors sets it.
 *
 * The paper sees errors that come closer together. Errors that become rarer are seen by the same level against the least it
 * has been, drift when that is below beta of the level. A mirror with p' - 2 s' would be none: distances at a steady rate are
 * geometric, s' is nearly p', and the difference negative; but p' + 2 s' scales with the distances, so that a quotient does not
 * depend on the rate either way.
 *
 * Cost: O(1); a division and a square root at errors, counting elsewhere. */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "kedge/detectors/eddm.h"

#include "base/number.h"
#include "detectors/record.h"

#define EDDM_DISTANCE_MAX 0x1p63  /* above any count, with room for rounding */
#define EDDM_SQUARES_MAX 0x1p190  /* sum of as many squares of distances */

enum { EDDM_MAX_START = 1 << 30, EDDM_BLOCK = 96 };

typedef struct eddm_state {
    kedge_state_head head;
    double warning_threshold;
    double drift_threshold;
    uint32_t warm_start;
    uint32_t min_errors;
    uint32_t peak_errors;
    uint8_t sample_deviation;
    uint8_t peak_ends_warning;
    uint8_t in_warning; /* 1: the last error was in the warning zone */
    uint8_t direction;
    detector_record record;
    uint64_t n;          /* since the restart, at most n_seen */
    uint64_t n_errors;   /* of these */
    uint64_t last_error; /* observations from the restart to the last error, it included; 0 before the first */
    double mean;         /* p': of the distances between errors */
    double m2;           /* sum of their squared deviations from mean, >= 0 */
    double peak;         /* greatest p' + 2 s', 0 before the first; upwards */
    double trough;       /* least p' + 2 s', 0 before the first; downwards */
    uint64_t warning_n;  /* in the zone, and at an alarm: observations since the restart up to the last error before it */
    uint64_t warning_errors; /* errors among these */
} eddm_state;

static const kedge_field eddm_fields[] = {
    KEDGE_PARAM(eddm_state, warning_threshold, KEDGE_TYPE_F64),
    KEDGE_PARAM(eddm_state, drift_threshold, KEDGE_TYPE_F64),
    KEDGE_PARAM(eddm_state, warm_start, KEDGE_TYPE_U32),
    KEDGE_PARAM(eddm_state, min_errors, KEDGE_TYPE_U32),
    KEDGE_PARAM(eddm_state, peak_errors, KEDGE_TYPE_U32),
    KEDGE_PARAM(eddm_state, sample_deviation, KEDGE_TYPE_U8),
    KEDGE_PARAM(eddm_state, peak_ends_warning, KEDGE_TYPE_U8),
    KEDGE_PARAM(eddm_state, direction, KEDGE_TYPE_U8),
    KEDGE_VALUE(eddm_state, in_warning, KEDGE_TYPE_U8),
    DETECTOR_RECORD_FIELDS(eddm_state),
    KEDGE_VALUE(eddm_state, n, KEDGE_TYPE_U64),
    KEDGE_VALUE(eddm_state, n_errors, KEDGE_TYPE_U64),
    KEDGE_VALUE(eddm_state, last_error, KEDGE_TYPE_U64),
    KEDGE_VALUE(eddm_state, mean, KEDGE_TYPE_F64),
    KEDGE_VALUE(eddm_state, m2, KEDGE_TYPE_F64),
    KEDGE_VALUE(eddm_state, peak, KEDGE_TYPE_F64),
    KEDGE_VALUE(eddm_state, trough, KEDGE_TYPE_F64),
    KEDGE_VALUE(eddm_state, warning_n, KEDGE_TYPE_U64),
    KEDGE_VALUE(eddm_state, warning_errors, KEDGE_TYPE_U64),
};

static void eddm_defaults(void *config)
{
    kedge_eddm_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_eddm;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->warning_threshold = 0.95;
    cfg->drift_threshold = 0.9;
    cfg->warm_start = 30;
    cfg->min_errors = 30;
    cfg->peak_errors = 30;
    cfg->sample_deviation = 1;
    cfg->peak_ends_warning = 1;
    cfg->direction = KEDGE_DIRECTION_UP;
}

kedge_status kedge_eddm_config_init(kedge_eddm_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_eddm.base, cfg, cfg_bytes, sizeof *cfg);
}

kedge_status kedge_eddm_config_peer(kedge_eddm_config *cfg, size_t cfg_bytes, uint32_t peer)
{
    if (peer < KEDGE_PEER_NONE || peer > KEDGE_PEER_MOA)
        return KEDGE_ERR_CONFIG;
    kedge_status st = kedge_eddm_config_init(cfg, cfg_bytes);
    if (st < 0 || peer == KEDGE_PEER_NONE)
        return st;
    cfg->peak_errors = 0;
    if (peer == KEDGE_PEER_RIVER) {
        cfg->peak_ends_warning = 0;
    } else {
        cfg->warm_start = 29;
        cfg->sample_deviation = 0;
    }
    return st;
}

static void eddm_configure(const void *config, void *fixed)
{
    const kedge_eddm_config *cfg = config;
    eddm_state *s = fixed;
    s->warning_threshold = cfg->warning_threshold;
    s->drift_threshold = cfg->drift_threshold;
    s->warm_start = cfg->warm_start;
    s->min_errors = cfg->min_errors;
    s->peak_errors = cfg->peak_errors;
    s->sample_deviation = cfg->sample_deviation <= 1 ? (uint8_t)cfg->sample_deviation : UINT8_MAX;
    s->peak_ends_warning = cfg->peak_ends_warning <= 1 ? (uint8_t)cfg->peak_ends_warning : UINT8_MAX;
    s->direction = kedge_i_choice(cfg->direction);
}

static int eddm_valid(const void *fixed)
{
    const eddm_state *s = fixed;
    return s->drift_threshold > 0.0 && s->drift_threshold <= 1.0 &&
           kedge_i_within(s->warning_threshold, s->drift_threshold, DBL_MAX) &&
           kedge_i_u32_within(s->warm_start, 1, EDDM_MAX_START) && kedge_i_u32_within(s->min_errors, 1, EDDM_MAX_START) &&
           s->peak_errors <= EDDM_MAX_START && s->sample_deviation <= 1 && s->peak_ends_warning <= 1 &&
           kedge_i_u32_within(s->direction, KEDGE_DIRECTION_BOTH, KEDGE_DIRECTION_DOWN);
}

static size_t eddm_layout(void *fixed)
{
    (void)fixed;
    return sizeof(eddm_state);
}

static int eddm_check(const void *state)
{
    const eddm_state *s = state;
    return eddm_valid(s) && detector_record_is_sound(&s->record) && s->in_warning <= 1 && s->n <= s->record.n_seen &&
           s->last_error <= s->n && s->n_errors <= s->last_error && kedge_i_within(s->mean, 0.0, EDDM_DISTANCE_MAX) &&
           kedge_i_within(s->m2, 0.0, EDDM_SQUARES_MAX) && kedge_i_within(s->peak, 0.0, EDDM_SQUARES_MAX) &&
           kedge_i_within(s->trough, 0.0, EDDM_SQUARES_MAX) &&
           s->warning_n <= s->last_error && s->warning_errors <= s->warning_n && s->warning_errors <= s->n_errors &&
           (!s->in_warning || (s->warning_n < s->last_error && s->warning_errors < s->n_errors));
}

/* Everything that a restart forgets. */
static void eddm_restart(eddm_state *s)
{
    s->n = s->n_errors = s->last_error = 0;
    s->mean = s->m2 = s->peak = s->trough = 0.0;
    s->in_warning = 0;
    s->warning_n = s->warning_errors = 0;
}

/* p' + 2 s' (Baena-Garcia et al. 2006, section 3). m2 of a single distance is 0. */
static inline double eddm_level(const eddm_state *s)
{
    uint64_t divisor = s->n_errors > 1 ? s->n_errors - s->sample_deviation : 1;
    return s->mean + 2.0 * sqrt(s->m2 / (double)(int64_t)divisor);
}

static inline kedge_status eddm_zone(const eddm_state *s)
{
    return s->in_warning ? KEDGE_WARNING : KEDGE_OK;
}

/* Of two levels of which the greater was, or is, the quieter: how much less the other one is. */
static inline kedge_status eddm_compare(const eddm_state *s, double lesser, double greater)
{
    if (!(lesser < s->warning_threshold * greater))
        return KEDGE_OK;
    return lesser < s->drift_threshold * greater ? KEDGE_DRIFT : KEDGE_WARNING;
}

/* Errors come closer together: the level against its greatest. */
static inline kedge_status eddm_upwards(eddm_state *s, double level, int *is_extreme)
{
    if (s->direction == KEDGE_DIRECTION_DOWN)
        return KEDGE_OK;
    if (!(level > s->peak))
        return eddm_compare(s, level, s->peak);
    s->peak = level;
    *is_extreme = 1;
    return KEDGE_OK;
}

/* Errors become rarer: the level against its least. */
static inline kedge_status eddm_downwards(eddm_state *s, double level, int *is_extreme)
{
    if (s->direction == KEDGE_DIRECTION_UP)
        return KEDGE_OK;
    if (s->trough > 0.0 && !(level < s->trough))
        return eddm_compare(s, s->trough, level);
    s->trough = level;
    *is_extreme = 1;
    return KEDGE_OK;
}

/* An error: one more distance. */
static inline kedge_status eddm_error(eddm_state *s)
{
    uint64_t previous = s->last_error;
    s->last_error = s->n;
    s->n_errors++;
    double distance = (double)(int64_t)(s->n - previous);
    double off = distance - s->mean;
    s->mean += 1.0 / (double)(int64_t)s->n_errors * off;
    s->m2 += off * (distance - s->mean);
    if (s->n <= s->warm_start || s->n_errors <= s->peak_errors)
        return eddm_zone(s);
    double level = eddm_level(s);
    int is_extreme = 0;
    kedge_status up = eddm_upwards(s, level, &is_extreme);
    kedge_status down = eddm_downwards(s, level, &is_extreme);
    kedge_status st = up > down ? up : down;
    if (s->n_errors <= s->min_errors || st == KEDGE_OK) {
        s->in_warning &= (uint8_t)(is_extreme && !s->peak_ends_warning);
        return eddm_zone(s);
    }
    if (!s->in_warning) {
        s->warning_n = st == KEDGE_DRIFT && up == st ? s->n - 1 : previous;
        s->warning_errors = s->n_errors - 1;
    }
    if (st == KEDGE_WARNING && !s->in_warning) {
        s->in_warning = 1;
        s->record.n_warnings++;
    }
    return st;
}

static double eddm_rate(uint64_t n_errors, uint64_t n)
{
    return n ? (double)(int64_t)n_errors / (double)(int64_t)n : (double)NAN;
}

/* A share of an extreme; 1 where there is none yet. The divisor is chosen before the division, which a compiler may do in any
 * case. */
static double eddm_share(double lesser, double greater, double extreme)
{
    return (extreme > 0.0 ? lesser : 1.0) / (extreme > 0.0 ? greater : 1.0);
}

/* How far the level is below its greatest, or its least below the level. */
static double eddm_distance(const eddm_state *s)
{
    double level = eddm_level(s);
    double up = eddm_share(level, s->peak, s->peak);
    double down = eddm_share(s->trough, level, s->trough);
    double share = up < down ? up : down;
    return share < 1.0 ? 1.0 - share : 0.0;
}

/* Keep what the alarm saw and start afresh. The new concept began behind the last error before the warning zone (section 3:
 * examples are kept from the warning level on); if there was no zone, with this error alone, and downwards with the distance that
 * it ends, which is what was long. */
static void eddm_raise(eddm_state *s)
{
    uint64_t n_after = s->n - s->warning_n;
    double before = eddm_rate(s->warning_errors, s->warning_n);
    double after = eddm_rate(s->n_errors - s->warning_errors, n_after);
    detector_record_raise(&s->record, n_after, before, after, eddm_distance(s), 1.0 - s->drift_threshold, (double)NAN);
    eddm_restart(s);
}

static kedge_status eddm_update(void *state, double x)
{
    eddm_state *s = state;
    s->record.n_seen++;
    s->n++;
    kedge_status st = x > 0.5 ? eddm_error(s) : eddm_zone(s);
    if (st == KEDGE_DRIFT)
        eddm_raise(s);
    return st;
}

/* Feed up to EDDM_BLOCK observations, up to the first that is drift, and return how many were fed. First their errors are
 * listed without a branch, since a branch on them has no pattern; then only errors take time. */
static size_t eddm_feed(eddm_state *state, const double *x, size_t n, uint8_t *signals, kedge_status *st)
{
    uint8_t at[EDDM_BLOCK];
    size_t n_at = 0;
    for (size_t i = 0; i < n; i++) {
        at[n_at] = (uint8_t)i;
        n_at += x[i] > 0.5;
    }
    eddm_state s = *state;
    uint64_t n_before = s.n;
    *st = eddm_zone(&s);
    if (signals)
        memset(signals, *st, n);
    for (size_t k = 0; k < n_at && *st != KEDGE_DRIFT; k++) {
        s.n = n_before + at[k] + 1u;
        kedge_status now = eddm_error(&s);
        if (now == *st)
            continue;
        *st = now;
        if (signals)
            memset(signals + at[k], now, n - at[k]);
        if (now == KEDGE_DRIFT)
            n = at[k] + 1u;
    }
    s.n = n_before + n;
    s.record.n_seen += n;
    *state = s;
    return n;
}

static kedge_status eddm_run(void *state, const double *x, size_t n, uint8_t *signals, size_t *used)
{
    kedge_status st = KEDGE_OK;
    size_t i = 0;
    while (i < n && !(st == KEDGE_DRIFT && !signals)) {
        i += eddm_feed(state, x + i, n - i < EDDM_BLOCK ? n - i : EDDM_BLOCK, signals ? signals + i : NULL, &st);
        if (st == KEDGE_DRIFT)
            eddm_raise(state);
    }
    *used = i;
    return st;
}

static kedge_status eddm_estimate(const void *state, kedge_estimate *out)
{
    const eddm_state *s = state;
    kedge_status st = detector_record_estimate(&s->record, s->n, out);
    if (st != KEDGE_OK)
        return st;
    out->mean = eddm_rate(s->n_errors, s->n);
    out->variance = out->mean * (1.0 - out->mean);
    out->statistic = eddm_distance(s);
    out->threshold = 1.0 - s->drift_threshold;
    return KEDGE_OK;
}

static kedge_status eddm_alarm(const void *state, kedge_alarm *out)
{
    const eddm_state *s = state;
    return detector_record_alarm(&s->record, out);
}

const kedge_detector_class kedge_eddm = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_DETECTOR,
            .version = 1,
            .name = "eddm",
            .fixed_bytes = sizeof(eddm_state),
            .config_bytes = sizeof(kedge_eddm_config),
            .n_fields = sizeof eddm_fields / sizeof *eddm_fields,
            .fields = eddm_fields,
            .defaults = eddm_defaults,
            .configure = eddm_configure,
            .valid = eddm_valid,
            .layout = eddm_layout,
            .check = eddm_check,
        },
    .input_low = 0.0,
    .input_high = 1.0,
    .run = eddm_run,
    .update = eddm_update,
    .estimate = eddm_estimate,
    .alarm = eddm_alarm,
    .knob = {offsetof(kedge_eddm_config, drift_threshold), offsetof(kedge_eddm_config, warning_threshold), 1.0, 0.01},
};
