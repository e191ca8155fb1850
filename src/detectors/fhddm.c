/* SPDX-License-Identifier: MIT */
/* FHDDM: the error rate of a sliding window against the best it has been.
 *
 * Pesaranghader, Viktor 2016, "Fast Hoeffding drift detection method for evolving data streams", ECML PKDD, section 3 and algorithm
 * 1 (theirs counts right predictions, here errors are counted: the mirror image); Pesaranghader, Viktor, Paquet 2018, Machine
 * Learning 107, algorithm 3 (FHDDMS). Errors are counted in whole numbers, so the test is a comparison of counts. river's
 * (binary.FHDDM) takes 1 for right although its text says error, and so sees a model only when it gets better.
 *
 * Cost: O(1). */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/detectors/fhddm.h"

#include "base/arena.h"
#include "base/number.h"
#include "detectors/record.h"
#include "detectors/run.h"

enum { FHDDM_MAX_WINDOW = 4096 };

/* Errors in one of the windows, and the fewest and most they have been since the restart. */
typedef struct fhddm_count {
    uint32_t now;
    uint32_t least;
    uint32_t most;
    uint32_t limit; /* a difference above this is drift; follows from the configuration, kept for speed */
} fhddm_count;

typedef struct fhddm_state {
    kedge_state_head head;
    double confidence;
    uint32_t window;
    uint32_t short_window;
    uint8_t form;
    uint8_t direction;
    uint8_t reserved[2];
    uint32_t n_words; /* layout: 64-bit words of the ring */
    uint32_t at_bits; /* layout: the newest `window` observations, 1: error */
    uint32_t place;   /* where the next one goes, below window */
    detector_record record;
    uint64_t n;       /* since the restart */
    uint64_t least_n; /* observations up to where the long window's rate was last at its extreme, for each side */
    uint64_t most_n;
    fhddm_count wide;
    fhddm_count brief;
} fhddm_state;

#define FHDDM_COUNT_FIELDS(count)                                                                  \
    KEDGE_VALUE(fhddm_state, count.now, KEDGE_TYPE_U32), KEDGE_VALUE(fhddm_state, count.least, KEDGE_TYPE_U32),     \
        KEDGE_VALUE(fhddm_state, count.most, KEDGE_TYPE_U32), KEDGE_VALUE(fhddm_state, count.limit, KEDGE_TYPE_U32)

static const kedge_field fhddm_fields[] = {
    KEDGE_PARAM(fhddm_state, confidence, KEDGE_TYPE_F64),
    KEDGE_PARAM(fhddm_state, window, KEDGE_TYPE_U32),
    KEDGE_PARAM(fhddm_state, short_window, KEDGE_TYPE_U32),
    KEDGE_PARAM(fhddm_state, form, KEDGE_TYPE_U8),
    KEDGE_PARAM(fhddm_state, direction, KEDGE_TYPE_U8),
    KEDGE_VALUE(fhddm_state, place, KEDGE_TYPE_U32),
    DETECTOR_RECORD_FIELDS(fhddm_state),
    KEDGE_VALUE(fhddm_state, n, KEDGE_TYPE_U64),
    KEDGE_VALUE(fhddm_state, least_n, KEDGE_TYPE_U64),
    KEDGE_VALUE(fhddm_state, most_n, KEDGE_TYPE_U64),
    FHDDM_COUNT_FIELDS(wide),
    FHDDM_COUNT_FIELDS(brief),
    KEDGE_ARRAY(fhddm_state, at_bits, n_words, KEDGE_TYPE_U64),
};

static void fhddm_defaults(void *config)
{
    kedge_fhddm_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_fhddm;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->confidence = 1e-6;
    cfg->window = 100;
    cfg->short_window = 25;
    cfg->form = KEDGE_FHDDM_SINGLE;
    cfg->direction = KEDGE_DIRECTION_UP;
}

kedge_status kedge_fhddm_config_init(kedge_fhddm_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_fhddm.base, cfg, cfg_bytes, sizeof *cfg);
}

kedge_status kedge_fhddm_config_peer(kedge_fhddm_config *cfg, size_t cfg_bytes, uint32_t peer)
{
    if (peer != KEDGE_PEER_NONE && peer != KEDGE_PEER_RIVER)
        return KEDGE_ERR_CONFIG;
    kedge_status st = kedge_fhddm_config_init(cfg, cfg_bytes);
    if (st == KEDGE_OK && peer == KEDGE_PEER_RIVER) {
        cfg->direction = KEDGE_DIRECTION_DOWN;
    }
    return st;
}

static void fhddm_configure(const void *config, void *fixed)
{
    const kedge_fhddm_config *cfg = config;
    fhddm_state *s = fixed;
    s->confidence = cfg->confidence;
    s->window = cfg->window;
    s->short_window = cfg->short_window;
    s->form = kedge_i_choice(cfg->form);
    s->direction = kedge_i_choice(cfg->direction);
}

static int fhddm_valid(const void *fixed)
{
    const fhddm_state *s = fixed;
    return s->confidence > 0.0 && s->confidence < 1.0 && kedge_i_u32_within(s->window, 2, FHDDM_MAX_WINDOW) &&
           kedge_i_u32_within(s->short_window, 1, s->window - 1) &&
           kedge_i_u32_within(s->form, KEDGE_FHDDM_SINGLE, KEDGE_FHDDM_STACKED) &&
           kedge_i_u32_within(s->direction, KEDGE_DIRECTION_BOTH, KEDGE_DIRECTION_DOWN);
}

static size_t fhddm_layout(void *fixed)
{
    fhddm_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->n_words = (s->window + 63) / 64;
    s->at_bits = kedge_i_arena_take(&arena, s->n_words, sizeof(uint64_t));
    return kedge_i_arena_end(&arena);
}

/* Hoeffding's bound of a window's rate (section 3, theorem 1), in rates. */
static double fhddm_bound(const fhddm_state *s, uint32_t window)
{
    return sqrt(-log(s->confidence) / (2.0 * (double)window));
}

static void fhddm_start_count(const fhddm_state *s, fhddm_count *count, uint32_t window)
{
    count->now = count->most = 0;
    count->least = window;
    count->limit = (uint32_t)floor(fhddm_bound(s, window) * (double)window); /* counts are whole: above the bound is above its
                                                                              * floor */
}

static void fhddm_restart(fhddm_state *s)
{
    memset(kedge_i_at(s, s->at_bits), 0, s->n_words * sizeof(uint64_t));
    s->place = 0;
    s->n = s->least_n = s->most_n = 0;
    fhddm_start_count(s, &s->wide, s->window);
    fhddm_start_count(s, &s->brief, s->short_window);
}

static void fhddm_start(void *state)
{
    fhddm_restart(state);
}

static inline uint32_t fhddm_bit(const uint64_t *bits, uint32_t place)
{
    return (uint32_t)(bits[place / 64] >> (place % 64) & 1);
}

/* Does it count the errors among the newest `window` observations? */
static int fhddm_count_is_sound(const fhddm_state *s, const fhddm_count *count, uint32_t window)
{
    const uint64_t *bits = kedge_i_at_const(s, s->at_bits);
    uint32_t n_errors = 0, place = s->place;
    for (uint32_t i = 0; i < window; i++) {
        place = place == 0 ? s->window - 1 : place - 1;
        n_errors += fhddm_bit(bits, place);
    }
    return count->now == n_errors && count->least <= window && count->most <= window;
}

static int fhddm_check(const void *state)
{
    const fhddm_state *s = state;
    return fhddm_valid(s) && detector_record_is_sound(&s->record) && s->place < s->window && s->n <= s->record.n_seen &&
           s->least_n <= s->n && s->most_n <= s->n && fhddm_count_is_sound(s, &s->wide, s->window) &&
           fhddm_count_is_sound(s, &s->brief, s->short_window);
}

/* One observation comes, one goes. */
static inline void fhddm_slide(fhddm_count *count, uint32_t comes, uint32_t goes)
{
    count->now += comes - goes;
}

/* The extremes follow a full window. Returns whether its rate has left one of them by more than the bound. */
static inline int fhddm_follow(const fhddm_state *s, fhddm_count *count)
{
    count->least = count->now < count->least ? count->now : count->least;
    count->most = count->now > count->most ? count->now : count->most;
    int rises = s->direction != KEDGE_DIRECTION_DOWN && count->now - count->least > count->limit;
    int falls = s->direction != KEDGE_DIRECTION_UP && count->most - count->now > count->limit;
    return rises | falls;
}

static double fhddm_ratio(const fhddm_state *s, const fhddm_count *count, uint32_t window)
{
    uint32_t rise = s->direction == KEDGE_DIRECTION_DOWN || count->now < count->least ? 0 : count->now - count->least;
    uint32_t fall = s->direction == KEDGE_DIRECTION_UP || count->most < count->now ? 0 : count->most - count->now;
    return (double)(rise > fall ? rise : fall) / (double)window / fhddm_bound(s, window);
}

static double fhddm_statistic(const fhddm_state *s)
{
    double ratio = s->n >= s->window ? fhddm_ratio(s, &s->wide, s->window) : 0.0;
    double brief = s->form == KEDGE_FHDDM_STACKED && s->n >= s->window ? fhddm_ratio(s, &s->brief, s->short_window) : 0.0;
    return ratio > brief ? ratio : brief;
}

/* The change began behind the last window that stood at the extreme, but not before the window that alarms. */
static void fhddm_raise(fhddm_state *s)
{
    uint32_t rise = s->wide.now - s->wide.least;
    uint32_t fall = s->wide.most - s->wide.now;
    int rose = s->direction == KEDGE_DIRECTION_UP || (s->direction == KEDGE_DIRECTION_BOTH && rise >= fall);
    uint64_t n_after = s->n - (rose ? s->least_n : s->most_n);
    double window = (double)s->window;
    n_after = n_after > s->window ? s->window : n_after > 0 ? n_after : 1;
    detector_record_raise(&s->record, n_after, (double)(rose ? s->wide.least : s->wide.most) / window, (double)s->wide.now / window,
                          fhddm_statistic(s), 1.0, (double)NAN);
    fhddm_restart(s);
}

static inline kedge_status fhddm_step(fhddm_state *s, double x)
{
    uint64_t *bits = kedge_i_at(s, s->at_bits);
    uint32_t error = x > 0.5;
    uint32_t short_place = s->place >= s->short_window ? s->place - s->short_window : s->place + s->window - s->short_window;
    uint64_t mask = (uint64_t)1 << (s->place % 64);
    s->record.n_seen++;
    s->n++;
    fhddm_slide(&s->brief, error, fhddm_bit(bits, short_place));
    fhddm_slide(&s->wide, error, fhddm_bit(bits, s->place));
    bits[s->place / 64] = error ? bits[s->place / 64] | mask : bits[s->place / 64] & ~mask;
    s->place = s->place + 1 == s->window ? 0 : s->place + 1;
    if (s->n < s->window)
        return KEDGE_OK;
    s->least_n = s->wide.now <= s->wide.least ? s->n : s->least_n;
    s->most_n = s->wide.now >= s->wide.most ? s->n : s->most_n;
    int drifts = fhddm_follow(s, &s->wide);
    if (s->form == KEDGE_FHDDM_STACKED)
        drifts |= fhddm_follow(s, &s->brief);
    if (!drifts)
        return KEDGE_OK;
    fhddm_raise(s);
    return KEDGE_DRIFT;
}

DETECTOR_RUN_IN_PLACE(fhddm)

static kedge_status fhddm_estimate(const void *state, kedge_estimate *out)
{
    const fhddm_state *s = state;
    uint64_t width = s->n < s->window ? s->n : s->window;
    kedge_status st = detector_record_estimate(&s->record, width, out);
    out->threshold = 1.0;
    if (width == 0)
        return st;
    double rate = (double)s->wide.now / (double)width;
    out->mean = rate < 1.0 ? rate : 1.0;
    out->variance = out->mean * (1.0 - out->mean);
    out->statistic = fhddm_statistic(s);
    return st;
}

static kedge_status fhddm_alarm(const void *state, kedge_alarm *out)
{
    return detector_record_alarm(&((const fhddm_state *)state)->record, out);
}

const kedge_detector_class kedge_fhddm = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_DETECTOR,
            .version = 1,
            .name = "fhddm",
            .fixed_bytes = sizeof(fhddm_state),
            .config_bytes = sizeof(kedge_fhddm_config),
            .n_fields = sizeof fhddm_fields / sizeof *fhddm_fields,
            .fields = fhddm_fields,
            .defaults = fhddm_defaults,
            .configure = fhddm_configure,
            .valid = fhddm_valid,
            .layout = fhddm_layout,
            .start = fhddm_start,
            .check = fhddm_check,
        },
    .input_low = 0.0,
    .input_high = 1.0,
    .run = fhddm_run,
    .update = fhddm_update,
    .estimate = fhddm_estimate,
    .alarm = fhddm_alarm,
    .knob = {offsetof(kedge_fhddm_config, confidence), 0, 0.5, 1e-300},
};
