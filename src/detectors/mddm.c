/* SPDX-License-Identifier: MIT */
/* MDDM: the weighted error rate of a sliding window against the best it has been.
 *
 * Pesaranghader, Viktor, Paquet 2018, "McDiarmid drift detection methods for evolving data streams", IJCNN, section III and
 * algorithm 1 (theirs counts right predictions, here errors are counted: the mirror image). Equation 5: the bound is sqrt(sum of
 * v_i^2 ln(1 / c) / 2) with the weights v_i scaled to sum 1.
 *
 * The weighted sum slides by a recurrence. Arithmetic weights are counted in whole numbers; with the others an old rounding error
 * shrinks by the ratio of neighbouring weights at each step. Cost: O(1). */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/detectors/mddm.h"

#include "base/arena.h"
#include "base/number.h"
#include "detectors/record.h"
#include "detectors/run.h"

enum { MDDM_MAX_WINDOW = 4096 };

typedef struct mddm_state {
    kedge_state_head head;
    double confidence;
    double weight;
    uint32_t window;
    uint8_t form;
    uint8_t direction;
    uint8_t reserved[2];
    uint32_t n_words; /* layout: 64-bit words of the ring */
    uint32_t at_bits; /* layout: the newest `window` observations, 1: error */
    uint32_t place;   /* where the next one goes, below window */
    uint32_t errors;  /* in the window */
    uint64_t ranks;   /* sum of their places i, for arithmetic weights */
    double powers;    /* sum of their weights, for the others */
    double ratio;     /* of neighbouring weights, of the greatest weight, sum of all, and the bound; follow from the
                       * configuration */
    double top;
    double all;
    double bound;
    detector_record record;
    uint64_t n;       /* since the restart */
    double least;     /* weighted rates so far, of full windows */
    double most;
    uint64_t least_n; /* observations up to where it was last there */
    uint64_t most_n;
} mddm_state;

static const kedge_field mddm_fields[] = {
    KEDGE_PARAM(mddm_state, confidence, KEDGE_TYPE_F64),
    KEDGE_PARAM(mddm_state, weight, KEDGE_TYPE_F64),
    KEDGE_PARAM(mddm_state, window, KEDGE_TYPE_U32),
    KEDGE_PARAM(mddm_state, form, KEDGE_TYPE_U8),
    KEDGE_PARAM(mddm_state, direction, KEDGE_TYPE_U8),
    KEDGE_VALUE(mddm_state, place, KEDGE_TYPE_U32),
    KEDGE_VALUE(mddm_state, errors, KEDGE_TYPE_U32),
    KEDGE_VALUE(mddm_state, ranks, KEDGE_TYPE_U64),
    KEDGE_VALUE(mddm_state, powers, KEDGE_TYPE_F64),
    KEDGE_VALUE(mddm_state, ratio, KEDGE_TYPE_F64),
    KEDGE_VALUE(mddm_state, top, KEDGE_TYPE_F64),
    KEDGE_VALUE(mddm_state, all, KEDGE_TYPE_F64),
    KEDGE_VALUE(mddm_state, bound, KEDGE_TYPE_F64),
    DETECTOR_RECORD_FIELDS(mddm_state),
    KEDGE_VALUE(mddm_state, n, KEDGE_TYPE_U64),
    KEDGE_VALUE(mddm_state, least, KEDGE_TYPE_F64),
    KEDGE_VALUE(mddm_state, most, KEDGE_TYPE_F64),
    KEDGE_VALUE(mddm_state, least_n, KEDGE_TYPE_U64),
    KEDGE_VALUE(mddm_state, most_n, KEDGE_TYPE_U64),
    KEDGE_ARRAY(mddm_state, at_bits, n_words, KEDGE_TYPE_U64),
};

static void mddm_defaults(void *config)
{
    kedge_mddm_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_mddm;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->confidence = 1e-6;
    cfg->weight = 0.01;
    cfg->window = 100;
    cfg->form = KEDGE_MDDM_ARITHMETIC;
    cfg->direction = KEDGE_DIRECTION_UP;
}

kedge_status kedge_mddm_config_init(kedge_mddm_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_mddm.base, cfg, cfg_bytes, sizeof *cfg);
}

static void mddm_configure(const void *config, void *fixed)
{
    const kedge_mddm_config *cfg = config;
    mddm_state *s = fixed;
    s->confidence = cfg->confidence;
    s->weight = cfg->weight;
    s->window = cfg->window;
    s->form = kedge_i_choice(cfg->form);
    s->direction = kedge_i_choice(cfg->direction);
}

/* Weights may grow to exp(600) from one end of the window to the other, so that their squares are finite too. */
static int mddm_valid(const void *fixed)
{
    const mddm_state *s = fixed;
    return s->confidence > 0.0 && s->confidence < 1.0 && s->weight > 0.0 && s->weight <= 1.0 &&
           kedge_i_u32_within(s->window, 2, MDDM_MAX_WINDOW) &&
           kedge_i_u32_within(s->form, KEDGE_MDDM_ARITHMETIC, KEDGE_MDDM_EULER) &&
           (s->form == KEDGE_MDDM_ARITHMETIC || s->weight * (double)s->window <= 300.0) &&
           kedge_i_u32_within(s->direction, KEDGE_DIRECTION_BOTH, KEDGE_DIRECTION_DOWN);
}

static size_t mddm_layout(void *fixed)
{
    mddm_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->n_words = (s->window + 63) / 64;
    s->at_bits = kedge_i_arena_take(&arena, s->n_words, sizeof(uint64_t));
    return kedge_i_arena_end(&arena);
}

static double mddm_weight(const mddm_state *s, uint32_t i)
{
    return s->form == KEDGE_MDDM_ARITHMETIC ? 1.0 + s->weight * (double)i : pow(s->ratio, (double)i);
}

/* What follows from the configuration. */
static void mddm_prepare(mddm_state *s)
{
    double squares = 0.0;
    s->ratio = s->form == KEDGE_MDDM_EULER ? exp(s->weight) : 1.0 + s->weight;
    s->all = 0.0;
    for (uint32_t i = 0; i < s->window; i++) {
        double weight = mddm_weight(s, i);
        s->all += weight;
        squares += weight * weight;
    }
    s->top = mddm_weight(s, s->window - 1);
    s->bound = sqrt(squares / (s->all * s->all) * -log(s->confidence) / 2.0);
}

static void mddm_restart(mddm_state *s)
{
    memset(kedge_i_at(s, s->at_bits), 0, s->n_words * sizeof(uint64_t));
    s->place = s->errors = 0;
    s->ranks = 0;
    s->powers = 0.0;
    s->n = s->least_n = s->most_n = 0;
    s->least = 1.0;
    s->most = 0.0;
}

static void mddm_start(void *state)
{
    mddm_prepare(state);
    mddm_restart(state);
}

/* Do the sums of the arithmetic form count the errors in the ring, the oldest of rank 0? Other forms leave them alone. */
static int mddm_counts_are_sound(const mddm_state *s)
{
    const uint64_t *bits = kedge_i_at_const(s, s->at_bits);
    uint64_t errors = 0, ranks = 0;
    for (uint32_t rank = 0, place = s->place; rank < s->window && s->form == KEDGE_MDDM_ARITHMETIC; rank++) {
        uint64_t error = bits[place / 64] >> (place % 64) & 1;
        errors += error;
        ranks += error * rank;
        place = place + 1 == s->window ? 0 : place + 1;
    }
    return s->errors == errors && s->ranks == ranks;
}

static int mddm_check(const void *state)
{
    const mddm_state *s = state;
    return mddm_valid(s) && detector_record_is_sound(&s->record) && s->place < s->window && mddm_counts_are_sound(s) &&
           kedge_i_within(s->ratio, 1.0, 3.0) &&
           kedge_i_within(s->top, 1.0, 1e150) && kedge_i_within(s->all, 1.0, 1e155) && kedge_i_within(s->powers, 0.0, 1e155) &&
           s->bound > 0.0 && s->bound <= 1e3 && s->n <= s->record.n_seen && s->least_n <= s->n && s->most_n <= s->n &&
           kedge_i_within(s->least, 0.0, 1.0) && kedge_i_within(s->most, 0.0, 1.0);
}

/* The weighted error rate, within [0, 1] up to rounding. */
static inline double mddm_rate(const mddm_state *s)
{
    double sum = s->form == KEDGE_MDDM_ARITHMETIC ? (double)s->errors + s->weight * (double)(int64_t)s->ranks : s->powers;
    double rate = sum / s->all;
    return rate < 1.0 ? rate : 1.0;
}

/* The window slides: every place i becomes i - 1. The powers of a forged state may be less than it holds. */
static inline void mddm_slide(mddm_state *s, uint32_t comes)
{
    uint64_t *bits = kedge_i_at(s, s->at_bits);
    uint64_t mask = (uint64_t)1 << (s->place % 64);
    uint32_t goes = (bits[s->place / 64] & mask) != 0;
    bits[s->place / 64] = comes ? bits[s->place / 64] | mask : bits[s->place / 64] & ~mask;
    s->place = s->place + 1 == s->window ? 0 : s->place + 1;
    if (s->form == KEDGE_MDDM_ARITHMETIC) {
        s->errors -= goes;
        s->ranks -= s->errors;
        s->errors += comes;
        s->ranks += comes ? s->window - 1 : 0;
    } else {
        double left = (s->powers - (double)goes) / s->ratio;
        s->powers = (left > 0.0 ? left : 0.0) + (comes ? s->top : 0.0);
    }
}

static double mddm_statistic(const mddm_state *s, double rate)
{
    double rise = s->direction == KEDGE_DIRECTION_DOWN ? 0.0 : rate - s->least;
    double fall = s->direction == KEDGE_DIRECTION_UP ? 0.0 : s->most - rate;
    double apart = rise > fall ? rise : fall;
    return apart > 0.0 ? apart / s->bound : 0.0;
}

/* The change began behind the last window that stood at the extreme, but not before the window that alarms. */
static void mddm_raise(mddm_state *s, double rate)
{
    int rose = s->direction == KEDGE_DIRECTION_UP || (s->direction == KEDGE_DIRECTION_BOTH && rate - s->least >= s->most - rate);
    uint64_t n_after = s->n - (rose ? s->least_n : s->most_n);
    n_after = n_after > s->window ? s->window : n_after > 0 ? n_after : 1;
    detector_record_raise(&s->record, n_after, rose ? s->least : s->most, rate, mddm_statistic(s, rate), 1.0, (double)NAN);
    mddm_restart(s);
}

static inline kedge_status mddm_step(mddm_state *s, double x)
{
    s->record.n_seen++;
    s->n++;
    mddm_slide(s, x > 0.5);
    if (s->n < s->window)
        return KEDGE_OK;
    double rate = mddm_rate(s);
    if (rate <= s->least) {
        s->least = rate;
        s->least_n = s->n;
    }
    if (rate >= s->most) {
        s->most = rate;
        s->most_n = s->n;
    }
    int rises = s->direction != KEDGE_DIRECTION_DOWN && rate - s->least >= s->bound;
    int falls = s->direction != KEDGE_DIRECTION_UP && s->most - rate >= s->bound;
    if (!rises && !falls)
        return KEDGE_OK;
    mddm_raise(s, rate);
    return KEDGE_DRIFT;
}

DETECTOR_RUN_IN_PLACE(mddm)

static kedge_status mddm_estimate(const void *state, kedge_estimate *out)
{
    const mddm_state *s = state;
    uint64_t width = s->n < s->window ? s->n : s->window;
    kedge_status st = detector_record_estimate(&s->record, width, out);
    out->threshold = 1.0;
    if (width == 0)
        return st;
    double rate = mddm_rate(s);
    out->mean = rate;
    out->variance = rate * (1.0 - rate);
    out->statistic = s->n >= s->window ? mddm_statistic(s, rate) : 0.0;
    return st;
}

static kedge_status mddm_alarm(const void *state, kedge_alarm *out)
{
    return detector_record_alarm(&((const mddm_state *)state)->record, out);
}

const kedge_detector_class kedge_mddm = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_DETECTOR,
            .version = 1,
            .name = "mddm",
            .fixed_bytes = sizeof(mddm_state),
            .config_bytes = sizeof(kedge_mddm_config),
            .n_fields = sizeof mddm_fields / sizeof *mddm_fields,
            .fields = mddm_fields,
            .defaults = mddm_defaults,
            .configure = mddm_configure,
            .valid = mddm_valid,
            .layout = mddm_layout,
            .start = mddm_start,
            .check = mddm_check,
        },
    .input_low = 0.0,
    .input_high = 1.0,
    .run = mddm_run,
    .update = mddm_update,
    .estimate = mddm_estimate,
    .alarm = mddm_alarm,
    .knob = {offsetof(kedge_mddm_config, confidence), 0, 0.5, 1e-300},
};
