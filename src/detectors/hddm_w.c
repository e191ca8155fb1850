/* SPDX-License-Identifier: MIT */
/* HDDM-W: an exponentially weighted average against what it was at its surest extreme, by McDiarmid's bound.
 *
 * Frias-Blanco et al. 2015, "Online and non-parametric drift detection methods based on Hoeffding's bounds", IEEE TKDE 27, section
 * 4.2 (W-test) and algorithm 2. MOA's (HDDM_W_Test) keeps its averages in static members, so that two detectors of one program
 * disturb each other.
 *
 * The sum of squared weights follows from the number of observations alone and soon stands still; roots are taken only while it
 * moves. Cost: O(1), the latency of a weighted average: multiply, add. */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "kedge/detectors/hddm_w.h"

#include "base/number.h"
#include "detectors/record.h"
#include "detectors/run.h"

#define HDDM_W_SLACK 1e-9 /* relative margin of the quick test, far above rounding */

/* An exponentially weighted average and the sum of its squared weights. */
typedef struct hddm_w_average {
    double value;
    double squares; /* 0: no observation yet */
} hddm_w_average;

/* The average at its surest minimum (or, turned, maximum), and the one of what came behind. */
typedef struct hddm_w_side {
    double cut; /* value plus bound, or minus, at that point */
    hddm_w_average before;
    hddm_w_average behind;
    uint64_t n; /* observations up to that point */
} hddm_w_side;

typedef struct hddm_w_state {
    kedge_state_head head;
    double drift_confidence;
    double warning_confidence;
    double lambda;
    uint8_t direction;
    uint8_t first_faded;
    uint8_t in_warning;
    uint8_t reserved[5];
    double half_drift;   /* ln(1 / drift_confidence) / 2, kept for speed; the warning's likewise */
    double half_warning;
    detector_record record;
    uint64_t n; /* since the restart */
    hddm_w_average total;
    double reach; /* bound of the total */
    hddm_w_side low;
    hddm_w_side high;
} hddm_w_state;

#define HDDM_W_SIDE_FIELDS(side)                                                                   \
    KEDGE_VALUE(hddm_w_state, side.cut, KEDGE_TYPE_F64), KEDGE_VALUE(hddm_w_state, side.before.value, KEDGE_TYPE_F64),     \
        KEDGE_VALUE(hddm_w_state, side.before.squares, KEDGE_TYPE_F64),                                                     \
        KEDGE_VALUE(hddm_w_state, side.behind.value, KEDGE_TYPE_F64),                                                       \
        KEDGE_VALUE(hddm_w_state, side.behind.squares, KEDGE_TYPE_F64), KEDGE_VALUE(hddm_w_state, side.n, KEDGE_TYPE_U64)

static const kedge_field hddm_w_fields[] = {
    KEDGE_PARAM(hddm_w_state, drift_confidence, KEDGE_TYPE_F64),
    KEDGE_PARAM(hddm_w_state, warning_confidence, KEDGE_TYPE_F64),
    KEDGE_PARAM(hddm_w_state, lambda, KEDGE_TYPE_F64),
    KEDGE_PARAM(hddm_w_state, direction, KEDGE_TYPE_U8),
    KEDGE_PARAM(hddm_w_state, first_faded, KEDGE_TYPE_U8),
    KEDGE_VALUE(hddm_w_state, in_warning, KEDGE_TYPE_U8),
    KEDGE_VALUE(hddm_w_state, half_drift, KEDGE_TYPE_F64),
    KEDGE_VALUE(hddm_w_state, half_warning, KEDGE_TYPE_F64),
    DETECTOR_RECORD_FIELDS(hddm_w_state),
    KEDGE_VALUE(hddm_w_state, n, KEDGE_TYPE_U64),
    KEDGE_VALUE(hddm_w_state, total.value, KEDGE_TYPE_F64),
    KEDGE_VALUE(hddm_w_state, total.squares, KEDGE_TYPE_F64),
    KEDGE_VALUE(hddm_w_state, reach, KEDGE_TYPE_F64),
    HDDM_W_SIDE_FIELDS(low),
    HDDM_W_SIDE_FIELDS(high),
};

static void hddm_w_defaults(void *config)
{
    kedge_hddm_w_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_hddm_w;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->drift_confidence = 0.001;
    cfg->warning_confidence = 0.005;
    cfg->lambda = 0.05;
    cfg->direction = KEDGE_DIRECTION_BOTH;
}

kedge_status kedge_hddm_w_config_init(kedge_hddm_w_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_hddm_w.base, cfg, cfg_bytes, sizeof *cfg);
}

kedge_status kedge_hddm_w_config_peer(kedge_hddm_w_config *cfg, size_t cfg_bytes, uint32_t peer)
{
    if (peer < KEDGE_PEER_NONE || peer > KEDGE_PEER_MOA)
        return KEDGE_ERR_CONFIG;
    kedge_status st = kedge_hddm_w_config_init(cfg, cfg_bytes);
    if (st == KEDGE_OK && peer != KEDGE_PEER_NONE)
        cfg->direction = KEDGE_DIRECTION_UP;
    if (st == KEDGE_OK && peer == KEDGE_PEER_RIVER)
        cfg->first_faded = 1;
    return st;
}

static void hddm_w_configure(const void *config, void *fixed)
{
    const kedge_hddm_w_config *cfg = config;
    hddm_w_state *s = fixed;
    s->drift_confidence = cfg->drift_confidence;
    s->warning_confidence = cfg->warning_confidence;
    s->lambda = cfg->lambda;
    s->direction = kedge_i_choice(cfg->direction);
    s->first_faded = cfg->first_faded <= 1 ? (uint8_t)cfg->first_faded : UINT8_MAX;
}

static int hddm_w_valid(const void *fixed)
{
    const hddm_w_state *s = fixed;
    return s->drift_confidence > 0.0 && s->drift_confidence < 1.0 &&
           kedge_i_within(s->warning_confidence, s->drift_confidence, 1.0) && s->lambda > 0.0 && s->lambda < 1.0 &&
           kedge_i_u32_within(s->direction, KEDGE_DIRECTION_BOTH, KEDGE_DIRECTION_DOWN) && s->first_faded <= 1;
}

static size_t hddm_w_layout(void *fixed)
{
    (void)fixed;
    return sizeof(hddm_w_state);
}

static void hddm_w_restart(hddm_w_state *s)
{
    static const hddm_w_side none = {0.0, {0.0, 0.0}, {0.0, 0.0}, 0};
    s->in_warning = 0;
    s->n = 0;
    s->total.value = s->total.squares = s->reach = 0.0;
    s->low = s->high = none;
    s->low.cut = DBL_MAX;
    s->high.cut = -DBL_MAX;
}

static void hddm_w_start(void *state)
{
    hddm_w_state *s = state;
    s->half_drift = -0.5 * log(s->drift_confidence);
    s->half_warning = -0.5 * log(s->warning_confidence);
    hddm_w_restart(s);
}

static int hddm_w_average_is_sound(const hddm_w_average *a)
{
    return kedge_i_within(a->value, 0.0, 1.0) && kedge_i_within(a->squares, 0.0, 1.0);
}

static int hddm_w_side_is_sound(const hddm_w_state *s, const hddm_w_side *side)
{
    return kedge_i_finite(side->cut) && hddm_w_average_is_sound(&side->before) && hddm_w_average_is_sound(&side->behind) &&
           side->n <= s->n && (side->n > 0 || s->n == 0);
}

static int hddm_w_check(const void *state)
{
    const hddm_w_state *s = state;
    return hddm_w_valid(s) && detector_record_is_sound(&s->record) && s->in_warning <= 1 &&
           kedge_i_within(s->half_drift, 0.0, 1000.0) && kedge_i_within(s->half_warning, 0.0, s->half_drift) &&
           s->n <= s->record.n_seen && hddm_w_average_is_sound(&s->total) && kedge_i_within(s->reach, 0.0, 100.0) &&
           hddm_w_side_is_sound(s, &s->low) && hddm_w_side_is_sound(s, &s->high);
}

/* Equation (6), and the sum of squared weights of McDiarmid's bound (corollary 3). */
static inline void hddm_w_add(const hddm_w_state *s, hddm_w_average *a, double x)
{
    double kept = 1.0 - s->lambda;
    if (a->squares == 0.0) {
        a->value = x;
        a->squares = s->first_faded ? s->lambda * s->lambda + kept * kept : 1.0;
        return;
    }
    a->value = s->lambda * x + kept * a->value;
    a->squares = s->lambda * s->lambda + kept * kept * a->squares;
}

/* Corollary 4: the bound of a difference, squared. */
static inline double hddm_w_square(const hddm_w_side *side, double half)
{
    return (side->before.squares + side->behind.squares) * half;
}

/* Surely below the warning level? */
static inline int hddm_w_is_quiet(const hddm_w_state *s, const hddm_w_side *side, double apart)
{
    return side->behind.squares == 0.0 || apart < 0.0 ||
           apart * apart < hddm_w_square(side, s->half_warning) * (1.0 - HDDM_W_SLACK);
}

static kedge_status hddm_w_test(const hddm_w_state *s, const hddm_w_side *side, double apart)
{
    if (side->behind.squares == 0.0)
        return KEDGE_OK;
    if (apart > sqrt(hddm_w_square(side, s->half_drift)))
        return KEDGE_DRIFT;
    return apart > sqrt(hddm_w_square(side, s->half_warning)) ? KEDGE_WARNING : KEDGE_OK;
}

static inline void hddm_w_follow(const hddm_w_state *s, hddm_w_side *side, int is_extreme, double cut, double x)
{
    if (is_extreme) {
        side->cut = cut;
        side->before = s->total;
        side->behind.value = side->behind.squares = 0.0;
        side->n = s->n;
    } else {
        hddm_w_add(s, &side->behind, x);
    }
}

static inline kedge_status hddm_w_step(hddm_w_state *s, double x)
{
    double squares = s->total.squares;
    s->record.n_seen++;
    s->n++;
    hddm_w_add(s, &s->total, x);
    if (s->total.squares != squares)
        s->reach = sqrt(s->total.squares * s->half_drift);
    double low = s->total.value + s->reach;
    double high = s->total.value - s->reach;
    hddm_w_follow(s, &s->low, low < s->low.cut, low, x);
    hddm_w_follow(s, &s->high, high > s->high.cut, high, x);
    double rise = s->low.behind.value - s->low.before.value;
    double fall = s->high.before.value - s->high.behind.value;
    if (hddm_w_is_quiet(s, &s->low, rise) & hddm_w_is_quiet(s, &s->high, fall)) {
        s->in_warning = 0;
        return KEDGE_OK;
    }
    kedge_status up = s->direction == KEDGE_DIRECTION_DOWN ? KEDGE_OK : hddm_w_test(s, &s->low, rise);
    kedge_status down = s->direction == KEDGE_DIRECTION_UP ? KEDGE_OK : hddm_w_test(s, &s->high, fall);
    kedge_status st = up > down ? up : down;
    s->record.n_warnings += st == KEDGE_WARNING && !s->in_warning;
    s->in_warning = st == KEDGE_WARNING;
    return st;
}

static void hddm_w_raise(hddm_w_state *s)
{
    double rise = s->low.behind.value - s->low.before.value;
    int rose = s->direction != KEDGE_DIRECTION_DOWN && hddm_w_test(s, &s->low, rise) == KEDGE_DRIFT;
    const hddm_w_side *side = rose ? &s->low : &s->high;
    double apart = fabs(side->behind.value - side->before.value);
    double square = hddm_w_square(side, s->half_drift);
    detector_record_raise(&s->record, s->n - side->n, side->before.value, side->behind.value, apart, sqrt(square),
                          apart * apart / square * (2.0 * s->half_drift));
    hddm_w_restart(s);
}

DETECTOR_RUN(hddm_w)

static kedge_status hddm_w_estimate(const void *state, kedge_estimate *out)
{
    const hddm_w_state *s = state;
    kedge_status st = detector_record_estimate(&s->record, s->n, out);
    if (s->n == 0)
        return st;
    double rise = s->low.behind.squares > 0.0 ? s->low.behind.value - s->low.before.value : 0.0;
    double fall = s->high.behind.squares > 0.0 ? s->high.before.value - s->high.behind.value : 0.0;
    int up = s->direction == KEDGE_DIRECTION_UP || (s->direction == KEDGE_DIRECTION_BOTH && rise >= fall);
    out->mean = s->total.value;
    out->variance = s->total.value * (1.0 - s->total.value); /* of 0 and 1; the most that a stream within [0, 1] can have */
    out->statistic = up ? rise : fall;
    out->threshold = sqrt(hddm_w_square(up ? &s->low : &s->high, s->half_drift));
    return st;
}

static kedge_status hddm_w_alarm(const void *state, kedge_alarm *out)
{
    return detector_record_alarm(&((const hddm_w_state *)state)->record, out);
}

const kedge_detector_class kedge_hddm_w = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_DETECTOR,
            .version = 1,
            .name = "hddm_w",
            .fixed_bytes = sizeof(hddm_w_state),
            .config_bytes = sizeof(kedge_hddm_w_config),
            .n_fields = sizeof hddm_w_fields / sizeof *hddm_w_fields,
            .fields = hddm_w_fields,
            .defaults = hddm_w_defaults,
            .configure = hddm_w_configure,
            .valid = hddm_w_valid,
            .layout = hddm_w_layout,
            .start = hddm_w_start,
            .check = hddm_w_check,
        },
    .input_low = 0.0,
    .input_high = 1.0,
    .run = hddm_w_run,
    .update = hddm_w_update,
    .estimate = hddm_w_estimate,
    .alarm = hddm_w_alarm,
    .knob = {offsetof(kedge_hddm_w_config, drift_confidence), offsetof(kedge_hddm_w_config, warning_confidence), 0.5, 1e-300},
};
