/* SPDX-License-Identifier: MIT */
/* HDDM-A: the mean against what it was at its surest extreme, by Hoeffding's bound.
 *
 * Frias-Blanco et al. 2015, "Online and non-parametric drift detection methods based on Hoeffding's bounds", IEEE TKDE 27, section
 * 4.1 (A-test) and algorithm 1. MOA's (HDDM_A_Test) restarts without a word when the mean falls; river's (binary.HDDM_A) ignores
 * that by default.
 *
 * Cost: O(1): one root and two divisions, none of which waits for another observation; the test compares squares. */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "kedge/detectors/hddm_a.h"

#include "base/number.h"
#include "detectors/record.h"
#include "detectors/run.h"

#define HDDM_A_SLACK 1e-9 /* relative margin of the quick test, far above rounding */

/* The point up to which the mean was surely lowest (or, turned, highest). */
typedef struct hddm_a_side {
    uint64_t n;   /* observations up to it, 0: none yet */
    double total; /* their sum */
    double mean;
    double bound; /* mean + b(n), or mean - b(n) */
} hddm_a_side;

typedef struct hddm_a_state {
    kedge_state_head head;
    double drift_confidence;
    double warning_confidence;
    uint8_t direction;
    uint8_t silent_falls;
    uint8_t in_warning;
    uint8_t reserved[5];
    double log_drift;   /* ln(1 / drift_confidence), kept for speed; the warning's likewise */
    double log_warning;
    detector_record record;
    uint64_t n;   /* since the restart */
    double total; /* their sum */
    hddm_a_side low;
    hddm_a_side high;
} hddm_a_state;

#define HDDM_A_SIDE_FIELDS(side)                                                                   \
    KEDGE_VALUE(hddm_a_state, side.n, KEDGE_TYPE_U64), KEDGE_VALUE(hddm_a_state, side.total, KEDGE_TYPE_F64),        \
        KEDGE_VALUE(hddm_a_state, side.mean, KEDGE_TYPE_F64), KEDGE_VALUE(hddm_a_state, side.bound, KEDGE_TYPE_F64)

static const kedge_field hddm_a_fields[] = {
    KEDGE_PARAM(hddm_a_state, drift_confidence, KEDGE_TYPE_F64),
    KEDGE_PARAM(hddm_a_state, warning_confidence, KEDGE_TYPE_F64),
    KEDGE_PARAM(hddm_a_state, direction, KEDGE_TYPE_U8),
    KEDGE_PARAM(hddm_a_state, silent_falls, KEDGE_TYPE_U8),
    KEDGE_VALUE(hddm_a_state, in_warning, KEDGE_TYPE_U8),
    KEDGE_VALUE(hddm_a_state, log_drift, KEDGE_TYPE_F64),
    KEDGE_VALUE(hddm_a_state, log_warning, KEDGE_TYPE_F64),
    DETECTOR_RECORD_FIELDS(hddm_a_state),
    KEDGE_VALUE(hddm_a_state, n, KEDGE_TYPE_U64),
    KEDGE_VALUE(hddm_a_state, total, KEDGE_TYPE_F64),
    HDDM_A_SIDE_FIELDS(low),
    HDDM_A_SIDE_FIELDS(high),
};

static void hddm_a_defaults(void *config)
{
    kedge_hddm_a_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_hddm_a;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->drift_confidence = 0.001;
    cfg->warning_confidence = 0.005;
    cfg->direction = KEDGE_DIRECTION_BOTH;
}

kedge_status kedge_hddm_a_config_init(kedge_hddm_a_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_hddm_a.base, cfg, cfg_bytes, sizeof *cfg);
}

kedge_status kedge_hddm_a_config_peer(kedge_hddm_a_config *cfg, size_t cfg_bytes, uint32_t peer)
{
    if (peer < KEDGE_PEER_NONE || peer > KEDGE_PEER_MOA)
        return KEDGE_ERR_CONFIG;
    kedge_status st = kedge_hddm_a_config_init(cfg, cfg_bytes);
    if (st == KEDGE_OK && peer != KEDGE_PEER_NONE)
        cfg->direction = KEDGE_DIRECTION_UP;
    if (st == KEDGE_OK && peer == KEDGE_PEER_MOA)
        cfg->silent_falls = 1;
    return st;
}

static void hddm_a_configure(const void *config, void *fixed)
{
    const kedge_hddm_a_config *cfg = config;
    hddm_a_state *s = fixed;
    s->drift_confidence = cfg->drift_confidence;
    s->warning_confidence = cfg->warning_confidence;
    s->direction = kedge_i_choice(cfg->direction);
    s->silent_falls = cfg->silent_falls <= 1 ? (uint8_t)cfg->silent_falls : UINT8_MAX;
}

static int hddm_a_valid(const void *fixed)
{
    const hddm_a_state *s = fixed;
    return s->drift_confidence > 0.0 && s->drift_confidence < 1.0 &&
           kedge_i_within(s->warning_confidence, s->drift_confidence, 1.0) &&
           kedge_i_u32_within(s->direction, KEDGE_DIRECTION_BOTH, KEDGE_DIRECTION_DOWN) && s->silent_falls <= 1 &&
           (!s->silent_falls || s->direction == KEDGE_DIRECTION_UP);
}

static size_t hddm_a_layout(void *fixed)
{
    (void)fixed;
    return sizeof(hddm_a_state);
}

static void hddm_a_restart(hddm_a_state *s)
{
    static const hddm_a_side none = {0, 0.0, 0.0, 0.0};
    s->in_warning = 0;
    s->n = 0;
    s->total = 0.0;
    s->low = s->high = none;
    s->low.bound = DBL_MAX;
    s->high.bound = -DBL_MAX;
}

static void hddm_a_start(void *state)
{
    hddm_a_state *s = state;
    s->log_drift = -log(s->drift_confidence);
    s->log_warning = -log(s->warning_confidence);
    hddm_a_restart(s);
}

static int hddm_a_side_is_sound(const hddm_a_state *s, const hddm_a_side *side)
{
    return side->n <= s->n && (side->n > 0 || s->n == 0) && kedge_i_within(side->total, 0.0, (double)side->n) &&
           kedge_i_within(side->mean, 0.0, 1.0) && kedge_i_finite(side->bound);
}

static int hddm_a_check(const void *state)
{
    const hddm_a_state *s = state;
    return hddm_a_valid(s) && detector_record_is_sound(&s->record) && s->in_warning <= 1 &&
           kedge_i_within(s->log_drift, 0.0, 1000.0) && kedge_i_within(s->log_warning, 0.0, s->log_drift) &&
           s->n <= s->record.n_seen && kedge_i_within(s->total, 0.0, (double)s->n) && hddm_a_side_is_sound(s, &s->low) &&
           hddm_a_side_is_sound(s, &s->high);
}

/* Corollary 1: that the means up to the side's point and up to now differ by more than the bound is less likely than the
 * confidence. The bound squared, for one of the two logarithms; the paper's ln(1 / c) is ln(2 / c) in both libraries. */
static inline double hddm_a_square(const hddm_a_state *s, const hddm_a_side *side, double log_term)
{
    double n = (double)(int64_t)s->n;
    double n_side = (double)(int64_t)side->n;
    return (n - n_side) / n_side * (1.0 / n) * 0.5 * (0.69314718055994530942 + log_term);
}

/* How the mean has moved away from a side, and whether that is news. */
static kedge_status hddm_a_test(const hddm_a_state *s, const hddm_a_side *side, double apart)
{
    if (side->n == s->n)
        return KEDGE_OK;
    if (apart >= sqrt(hddm_a_square(s, side, s->log_drift)))
        return KEDGE_DRIFT;
    return apart >= sqrt(hddm_a_square(s, side, s->log_warning)) ? KEDGE_WARNING : KEDGE_OK;
}

/* Surely below the warning level? The bound's square times n n_side, so that nothing is divided. */
static inline int hddm_a_is_quiet(const hddm_a_state *s, const hddm_a_side *side, double apart)
{
    double n = (double)(int64_t)s->n;
    double n_side = (double)(int64_t)side->n;
    return apart < 0.0 ||
           apart * apart * n_side * n < (n - n_side) * (0.5 * (0.69314718055994530942 + s->log_warning) * (1.0 - HDDM_A_SLACK));
}

static inline void hddm_a_keep(const hddm_a_state *s, hddm_a_side *side, double mean, double bound)
{
    side->n = s->n;
    side->total = s->total;
    side->mean = mean;
    side->bound = bound;
}

static inline kedge_status hddm_a_step(hddm_a_state *s, double x)
{
    s->record.n_seen++;
    s->n++;
    s->total += x;
    double n = (double)(int64_t)s->n;
    double mean = s->total / n;
    double reach = sqrt(1.0 / (2.0 * n) * s->log_drift); /* b(n), Hoeffding 1963 */
    if (mean + reach <= s->low.bound)
        hddm_a_keep(s, &s->low, mean, mean + reach);
    if (mean - reach >= s->high.bound)
        hddm_a_keep(s, &s->high, mean, mean - reach);
    double rise = mean - s->low.mean;
    double fall = s->high.mean - mean;
    if (hddm_a_is_quiet(s, &s->low, rise) & hddm_a_is_quiet(s, &s->high, fall)) {
        s->in_warning = 0;
        return KEDGE_OK;
    }
    kedge_status up = s->direction == KEDGE_DIRECTION_DOWN ? KEDGE_OK : hddm_a_test(s, &s->low, rise);
    kedge_status down = s->direction == KEDGE_DIRECTION_UP && !s->silent_falls ? KEDGE_OK : hddm_a_test(s, &s->high, fall);
    if (up != KEDGE_DRIFT && s->silent_falls) {
        int falls = down == KEDGE_DRIFT;
        down = KEDGE_OK;
        if (falls)
            hddm_a_restart(s);
    }
    kedge_status st = up > down ? up : down;
    s->record.n_warnings += st == KEDGE_WARNING && !s->in_warning;
    s->in_warning = st == KEDGE_WARNING && s->n > 0;
    return st;
}

static void hddm_a_raise(hddm_a_state *s)
{
    double n = (double)(int64_t)s->n;
    double mean = s->total / n;
    int rose = s->direction != KEDGE_DIRECTION_DOWN && hddm_a_test(s, &s->low, mean - s->low.mean) == KEDGE_DRIFT;
    const hddm_a_side *side = rose ? &s->low : &s->high;
    double apart = rose ? mean - side->mean : side->mean - mean;
    double square = hddm_a_square(s, side, s->log_drift);
    double evidence = apart * apart / square * (0.69314718055994530942 + s->log_drift); /* ln(2 / p) of the bound that it just
                                                                                         * reaches */
    uint64_t n_after = s->n - side->n;
    detector_record_raise(&s->record, n_after, side->mean, (s->total - side->total) / (double)(int64_t)n_after, apart, sqrt(square),
                          evidence);
    hddm_a_restart(s);
}

DETECTOR_RUN(hddm_a)

static kedge_status hddm_a_estimate(const void *state, kedge_estimate *out)
{
    const hddm_a_state *s = state;
    kedge_status st = detector_record_estimate(&s->record, s->n, out);
    if (s->n == 0)
        return st;
    double mean = s->total / (double)(int64_t)s->n;
    double rise = mean - s->low.mean;
    double fall = s->high.mean - mean;
    int up = s->direction == KEDGE_DIRECTION_UP || (s->direction == KEDGE_DIRECTION_BOTH && rise >= fall);
    out->mean = mean;
    out->variance = mean * (1.0 - mean); /* of 0 and 1; the most that a stream within [0, 1] can have */
    out->statistic = up ? rise : fall;
    out->threshold = sqrt(hddm_a_square(s, up ? &s->low : &s->high, s->log_drift));
    return st;
}

static kedge_status hddm_a_alarm(const void *state, kedge_alarm *out)
{
    return detector_record_alarm(&((const hddm_a_state *)state)->record, out);
}

const kedge_detector_class kedge_hddm_a = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_DETECTOR,
            .version = 1,
            .name = "hddm_a",
            .fixed_bytes = sizeof(hddm_a_state),
            .config_bytes = sizeof(kedge_hddm_a_config),
            .n_fields = sizeof hddm_a_fields / sizeof *hddm_a_fields,
            .fields = hddm_a_fields,
            .defaults = hddm_a_defaults,
            .configure = hddm_a_configure,
            .valid = hddm_a_valid,
            .layout = hddm_a_layout,
            .start = hddm_a_start,
            .check = hddm_a_check,
        },
    .input_low = 0.0,
    .input_high = 1.0,
    .run = hddm_a_run,
    .update = hddm_a_update,
    .estimate = hddm_a_estimate,
    .alarm = hddm_a_alarm,
    .knob = {offsetof(kedge_hddm_a_config, drift_confidence), offsetof(kedge_hddm_a_config, warning_confidence), 0.5, 1e-300},
};
