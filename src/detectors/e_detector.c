/* SPDX-License-Identifier: MIT */
/* E-detector: bets that the mean of a stream in [0, 1] has changed.
 *
 * Shin, Ramdas, Rinaldo 2024, "E-detectors: a nonparametric framework for sequential change detection", NEJSDS 2, definitions 2.1
 * and 2.3, and section 3 (mixtures); bets 1 + lambda (x - m): Waudby-Smith, Ramdas 2024, "Estimating means of bounded random
 * variables by betting", JRSS B 86.
 *
 * If the mean given the past is at most m, E[1 + lambda (x - m) | past] <= 1 for any 0 <= lambda <= 1 / m. So with R <- (R + 1)
 * (1 + lambda (x - m)), R_n - n is a supermartingale, at a stopping time E[R] <= E[time], and alarming at R >= arl gives
 * E[time] >= arl. Mixtures over lambda keep that, and the CUSUM form, max(R, 1) for R + 1, is never more.
 *
 * Nothing told: [0, 1] is cut into levels. A level is ruled out for good when bets against it, from the restart on, have won
 * LEVEL_ODDS times the stake, or when its own e-detector has reached arl / (1 - 1 / LEVEL_ODDS). Drift is when all levels are. If
 * the mean is the same m all the time, the level that holds m falls by the first way with a chance of at most 1 / LEVEL_ODDS (Ville
 * 1939); E[time] >= E[R] >= arl by the second. So E[time] >= arl whatever m is. (The idea that old and new data together rule out
 * every constant mean: Shekhar, Ramdas 2023, "Reducing sequential change detection to sequential estimation".) A level is an
 * interval: rises are bet on against its upper end, falls against its lower end.
 *
 * Cost: O(bets) for each level not yet ruled out: a few after some hundred observations. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/detectors/e_detector.h"

#include "base/arena.h"
#include "base/number.h"
#include "detectors/e_direction.h"
#include "detectors/record.h"
#include "detectors/run.h"

#define E_LEVEL_ODDS 100.0
#define E_LEAST_SHARE 0.01 /* of the boldest bet that cannot lose all; sizes lie evenly in logarithm from here */
#define E_MOST_SHARE 0.9   /* to here */
#define E_LEAST_ROOM 1e-100 /* a narrower one would let a bet overflow */
#define E_LOST 1e-250      /* wealth below this counts as lost: denormal numbers are slow */

enum { E_MAX_LEVELS = 1024, E_MAX_BETS = 32, E_RECENT = 128 };

typedef struct e_detector_state {
    kedge_state_head head;
    double arl;
    double low;
    double high;
    uint32_t levels;
    uint32_t bets;
    uint8_t told;
    uint8_t form;
    uint8_t direction;
    uint8_t reserved[5];
    uint32_t n_levels;  /* layout: levels, or 1 */
    uint32_t n_wealth;  /* layout: n_levels * bets, length of each of the wealths */
    uint32_t at_rise;   /* layout: e-detectors for rises, level by level, bet by bet */
    uint32_t at_fall;   /* and for falls */
    uint32_t at_above;  /* layout: bets from the restart on that the mean is above the level */
    uint32_t at_below;  /* and below */
    uint32_t at_out;    /* layout: uint8_t[n_levels], 1: ruled out */
    uint32_t n_possible; /* levels not ruled out */
    uint32_t at_recent; /* layout: the newest observations, a ring by n */
    uint32_t n_recent;  /* layout: E_RECENT */
    detector_record record;
    uint64_t n;         /* since the restart */
    double total;       /* their sum */
    double evidence;    /* logarithm of the e-value that ruled out the last level */
} e_detector_state;

static const kedge_field e_detector_fields[] = {
    KEDGE_PARAM(e_detector_state, arl, KEDGE_TYPE_F64),
    KEDGE_PARAM(e_detector_state, low, KEDGE_TYPE_F64),
    KEDGE_PARAM(e_detector_state, high, KEDGE_TYPE_F64),
    KEDGE_PARAM(e_detector_state, levels, KEDGE_TYPE_U32),
    KEDGE_PARAM(e_detector_state, bets, KEDGE_TYPE_U32),
    KEDGE_PARAM(e_detector_state, told, KEDGE_TYPE_U8),
    KEDGE_PARAM(e_detector_state, form, KEDGE_TYPE_U8),
    KEDGE_PARAM(e_detector_state, direction, KEDGE_TYPE_U8),
    KEDGE_VALUE(e_detector_state, n_possible, KEDGE_TYPE_U32),
    DETECTOR_RECORD_FIELDS(e_detector_state),
    KEDGE_VALUE(e_detector_state, n, KEDGE_TYPE_U64),
    KEDGE_VALUE(e_detector_state, total, KEDGE_TYPE_F64),
    KEDGE_VALUE(e_detector_state, evidence, KEDGE_TYPE_F64),
    KEDGE_ARRAY(e_detector_state, at_recent, n_recent, KEDGE_TYPE_F64),
    KEDGE_ARRAY(e_detector_state, at_rise, n_wealth, KEDGE_TYPE_F64),
    KEDGE_ARRAY(e_detector_state, at_fall, n_wealth, KEDGE_TYPE_F64),
    KEDGE_ARRAY(e_detector_state, at_above, n_wealth, KEDGE_TYPE_F64),
    KEDGE_ARRAY(e_detector_state, at_below, n_wealth, KEDGE_TYPE_F64),
    KEDGE_ARRAY(e_detector_state, at_out, n_levels, KEDGE_TYPE_U8),
};

static void e_detector_defaults(void *config)
{
    kedge_e_detector_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_e_detector;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->arl = 1e6;
    cfg->high = 0.5;
    cfg->told = KEDGE_E_NOTHING;
    cfg->form = KEDGE_E_SHIRYAEV_ROBERTS;
    cfg->direction = KEDGE_DIRECTION_BOTH;
    cfg->levels = 64;
    cfg->bets = 12;
}

kedge_status kedge_e_detector_config_init(kedge_e_detector_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_e_detector.base, cfg, cfg_bytes, sizeof *cfg);
}

static void e_detector_configure(const void *config, void *fixed)
{
    const kedge_e_detector_config *cfg = config;
    e_detector_state *s = fixed;
    s->arl = cfg->arl;
    s->low = cfg->low;
    s->high = cfg->high;
    s->levels = cfg->levels;
    s->bets = cfg->bets;
    s->told = kedge_i_choice(cfg->told);
    s->form = kedge_i_choice(cfg->form);
    s->direction = kedge_i_choice(cfg->direction);
}

static int e_detector_valid(const void *fixed)
{
    const e_detector_state *s = fixed;
    return kedge_i_within(s->arl, 2.0, 1e15) && kedge_i_within(s->low, 0.0, 1.0) && kedge_i_within(s->high, s->low, 1.0) &&
           kedge_i_u32_within(s->levels, 2, E_MAX_LEVELS) && kedge_i_u32_within(s->bets, 2, E_MAX_BETS) &&
           kedge_i_u32_within(s->told, KEDGE_E_NOTHING, KEDGE_E_BOUND) &&
           kedge_i_u32_within(s->form, KEDGE_E_SHIRYAEV_ROBERTS, KEDGE_E_CUSUM) &&
           kedge_i_u32_within(s->direction, KEDGE_DIRECTION_BOTH, KEDGE_DIRECTION_DOWN);
}

static size_t e_detector_layout(void *fixed)
{
    e_detector_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->n_levels = s->told == KEDGE_E_BOUND ? 1 : s->levels;
    s->n_wealth = s->n_levels * s->bets;
    s->n_recent = E_RECENT;
    s->at_recent = kedge_i_arena_take(&arena, s->n_recent, sizeof(double));
    s->at_rise = kedge_i_arena_take(&arena, s->n_wealth, sizeof(double));
    s->at_fall = kedge_i_arena_take(&arena, s->n_wealth, sizeof(double));
    s->at_above = kedge_i_arena_take(&arena, s->n_wealth, sizeof(double));
    s->at_below = kedge_i_arena_take(&arena, s->n_wealth, sizeof(double));
    s->at_out = kedge_i_arena_take(&arena, s->n_levels, sizeof(uint8_t));
    return kedge_i_arena_end(&arena);
}

/* Share of the stake that goes on each bet of a direction that has all of it. */
static double e_detector_stake(const e_detector_state *s)
{
    return 1.0 / (double)s->bets;
}

static void e_detector_restart(e_detector_state *s)
{
    double *above = kedge_i_at(s, s->at_above);
    double *below = kedge_i_at(s, s->at_below);
    memset(kedge_i_at(s, s->at_recent), 0, s->n_recent * sizeof(double));
    memset(kedge_i_at(s, s->at_rise), 0, s->n_wealth * sizeof(double));
    memset(kedge_i_at(s, s->at_fall), 0, s->n_wealth * sizeof(double));
    memset(kedge_i_at(s, s->at_out), 0, s->n_levels);
    for (uint32_t i = 0; i < s->n_wealth; i++)
        above[i] = below[i] = 0.5 / (double)s->bets;
    s->n_possible = s->n_levels;
    s->n = 0;
    s->total = s->evidence = 0.0;
}

static void e_detector_start(void *state)
{
    e_detector_restart(state);
}

static int e_detector_wealth_is_sound(const e_detector_state *s, uint32_t at)
{
    const double *wealth = kedge_i_at_const(s, at);
    for (uint32_t i = 0; i < s->n_wealth; i++)
        if (!kedge_i_within(wealth[i], 0.0, 1e200))
            return 0;
    return 1;
}

static int e_detector_check(const void *state)
{
    const e_detector_state *s = state;
    if (!e_detector_valid(s) || !detector_record_is_sound(&s->record) || s->n > s->record.n_seen ||
        !kedge_i_within(s->total, 0.0, (double)s->n) || !kedge_i_within(s->evidence, -700.0, 700.0))
        return 0;
    const uint8_t *out = kedge_i_at_const(s, s->at_out);
    const double *recent = kedge_i_at_const(s, s->at_recent);
    uint32_t n_possible = 0;
    for (uint32_t i = 0; i < s->n_levels; i++) {
        if (out[i] > 1)
            return 0;
        n_possible += out[i] == 0;
    }
    for (uint32_t i = 0; i < s->n_recent; i++)
        if (!kedge_i_within(recent[i], 0.0, 1.0))
            return 0;
    return n_possible == s->n_possible && n_possible > 0 && e_detector_wealth_is_sound(s, s->at_rise) &&
           e_detector_wealth_is_sound(s, s->at_fall) && e_detector_wealth_is_sound(s, s->at_above) &&
           e_detector_wealth_is_sound(s, s->at_below);
}

/* The interval of a level. */
static inline double e_detector_low(const e_detector_state *s, uint32_t level)
{
    return s->told == KEDGE_E_BOUND ? s->low : (double)level / (double)s->n_levels;
}

static inline double e_detector_high(const e_detector_state *s, uint32_t level)
{
    return s->told == KEDGE_E_BOUND ? s->high : (double)(level + 1) / (double)s->n_levels;
}

/* What the boldest bet on a rise, or fall, that cannot lose all wins: (x - m) / m, at least -1, or (m - x) / (1 - m). An end of 0
 * or 1 leaves nothing to bet on. */
static inline double e_detector_win(double gain, double room)
{
    return room > E_LEAST_ROOM ? gain / room : 0.0;
}

/* Shares of the boldest bet, ascending. */
static void e_detector_shares(const e_detector_state *s, double *shares)
{
    double step = log(E_MOST_SHARE / E_LEAST_SHARE) / (double)(s->bets - 1);
    for (uint32_t k = 0; k < s->bets; k++)
        shares[k] = E_LEAST_SHARE * exp(step * (double)k);
}

/* One observation for a level's e-detector in one direction; returns its e-value. */
static inline double e_detector_bet(const e_detector_state *s, double *wealth, const double *shares, double stake, double win)
{
    double sum = 0.0;
    if (s->form == KEDGE_E_SHIRYAEV_ROBERTS) {
        for (uint32_t k = 0; k < s->bets; k++) {
            wealth[k] = (wealth[k] + stake) * (1.0 + shares[k] * win);
            sum += wealth[k];
        }
        return sum;
    }
    for (uint32_t k = 0; k < s->bets; k++) {
        double base = wealth[k] > stake ? wealth[k] : stake;
        wealth[k] = base * (1.0 + shares[k] * win);
        sum += wealth[k];
    }
    return sum;
}

/* One observation for the bets from the restart on; returns what they are worth. */
static inline double e_detector_test(const e_detector_state *s, double *wealth, const double *shares, double win)
{
    double sum = 0.0;
    for (uint32_t k = 0; k < s->bets; k++) {
        double next = wealth[k] * (1.0 + shares[k] * win);
        wealth[k] = next > E_LOST ? next : 0.0;
        sum += wealth[k];
    }
    return sum;
}

static double e_detector_threshold(const e_detector_state *s)
{
    return s->told == KEDGE_E_BOUND ? s->arl : s->arl / (1.0 - 1.0 / E_LEVEL_ODDS);
}

/* Is a level ruled out by this observation? */
static inline int e_detector_rules_out(e_detector_state *s, uint32_t level, const double *shares, double stake, double x)
{
    size_t at = (size_t)level * s->bets;
    double low = e_detector_low(s, level);
    double high = e_detector_high(s, level);
    double rise = e_detector_win(x - high, high);
    double fall = e_detector_win(low - x, 1.0 - low);
    double value = 0.0;
    uint32_t direction = kedge_i_e_direction(s->direction, low, high);
    stake *= direction == KEDGE_DIRECTION_BOTH ? 0.5 : 1.0;
    if (direction != KEDGE_DIRECTION_DOWN)
        value += e_detector_bet(s, (double *)kedge_i_at(s, s->at_rise) + at, shares, stake, rise);
    if (direction != KEDGE_DIRECTION_UP)
        value += e_detector_bet(s, (double *)kedge_i_at(s, s->at_fall) + at, shares, stake, fall);
    if (value >= e_detector_threshold(s)) {
        s->evidence = log(value);
        return 1;
    }
    if (s->told == KEDGE_E_BOUND)
        return 0;
    double against = e_detector_test(s, (double *)kedge_i_at(s, s->at_above) + at, shares, rise) +
                     e_detector_test(s, (double *)kedge_i_at(s, s->at_below) + at, shares, fall);
    if (against < E_LEVEL_ODDS)
        return 0;
    s->evidence = log(against);
    return 1;
}

/* Nothing more is bet on a level that is ruled out; its wealth is cleared, so that it cannot grow without bound. */
static void e_detector_clear(e_detector_state *s, uint32_t level)
{
    const uint32_t wealths[] = {s->at_rise, s->at_fall, s->at_above, s->at_below};
    for (size_t i = 0; i < sizeof wealths / sizeof *wealths; i++)
        memset((double *)kedge_i_at(s, wealths[i]) + (size_t)level * s->bets, 0, s->bets * sizeof(double));
    ((uint8_t *)kedge_i_at(s, s->at_out))[level] = 1;
    s->n_possible--;
}

/* The likeliest place of the change within the newest observations: the split of the greatest difference of means in its own
 * deviation. */
static uint64_t e_detector_locate(const e_detector_state *s, double *before, double *after)
{
    const double *recent = kedge_i_at_const(s, s->at_recent);
    uint64_t held = s->n < s->n_recent ? s->n : s->n_recent;
    uint64_t best = held < 1 ? 1 : held;
    double n = (double)s->n;
    double mean = s->total / n;
    double sum = 0.0;
    double greatest = -1.0;
    for (uint64_t k = 1; k <= held; k++) {
        sum += recent[(s->n - k) % s->n_recent];
        double rest = n - (double)k;
        double apart = sum - mean * (double)k;
        double score = rest > 0.0 ? apart * apart / ((double)k * rest) : 0.0;
        if (score > greatest) {
            greatest = score;
            best = k;
            *after = sum / (double)k;
            *before = rest > 0.0 ? (s->total - sum) / rest : mean;
        }
    }
    return best;
}

static void e_detector_raise(e_detector_state *s)
{
    double before = (double)NAN;
    double after = (double)NAN;
    uint64_t n_after = e_detector_locate(s, &before, &after);
    detector_record_raise(&s->record, n_after, before, after, exp(s->evidence), e_detector_threshold(s), s->evidence);
    e_detector_restart(s);
}

static kedge_status e_detector_step(e_detector_state *s, double x, const double *shares, double stake)
{
    const uint8_t *out = kedge_i_at(s, s->at_out);
    ((double *)kedge_i_at(s, s->at_recent))[s->n % s->n_recent] = x;
    s->record.n_seen++;
    s->n++;
    s->total += x;
    for (uint32_t level = 0; level < s->n_levels; level++)
        if (!out[level] && e_detector_rules_out(s, level, shares, stake, x))
            e_detector_clear(s, level);
    if (s->n_possible > 0)
        return KEDGE_OK;
    e_detector_raise(s);
    return KEDGE_DRIFT;
}

static kedge_status e_detector_run(void *state, const double *x, size_t n, uint8_t *signals, size_t *used)
{
    double shares[E_MAX_BETS];
    kedge_status st = KEDGE_OK;
    size_t i = 0;
    e_detector_shares(state, shares);
    double stake = e_detector_stake(state);
    while (i < n && !(st == KEDGE_DRIFT && !signals)) {
        st = e_detector_step(state, x[i], shares, stake);
        if (signals)
            signals[i] = (uint8_t)st;
        i++;
    }
    *used = i;
    return st;
}

static kedge_status e_detector_update(void *state, double x)
{
    size_t used;
    return e_detector_run(state, &x, 1, NULL, &used);
}

/* The least e-value of the levels that are still possible. */
static double e_detector_statistic(const e_detector_state *s)
{
    const uint8_t *out = kedge_i_at_const(s, s->at_out);
    const double *rise = kedge_i_at_const(s, s->at_rise);
    const double *fall = kedge_i_at_const(s, s->at_fall);
    double least = 1e200;
    for (uint32_t level = 0; level < s->n_levels; level++) {
        double value = 0.0;
        for (uint32_t k = level * s->bets; k < (level + 1) * s->bets; k++)
            value += rise[k] + fall[k];
        least = !out[level] && value < least ? value : least;
    }
    return least;
}

static kedge_status e_detector_estimate(const void *state, kedge_estimate *out)
{
    const e_detector_state *s = state;
    kedge_status st = detector_record_estimate(&s->record, s->n, out);
    out->threshold = e_detector_threshold(s);
    if (s->n == 0)
        return st;
    out->mean = s->total / (double)(int64_t)s->n;
    out->variance = out->mean * (1.0 - out->mean); /* of 0 and 1; the most that a stream within [0, 1] can have */
    out->statistic = e_detector_statistic(s);
    return st;
}

static kedge_status e_detector_alarm(const void *state, kedge_alarm *out)
{
    return detector_record_alarm(&((const e_detector_state *)state)->record, out);
}

/* The theorem's ARL is the knob itself. */
static double e_detector_knob_of_arl(const void *config, double arl, double sd)
{
    (void)config;
    (void)sd;
    return arl;
}

const kedge_detector_class kedge_e_detector = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_DETECTOR,
            .version = 1,
            .name = "e_detector",
            .fixed_bytes = sizeof(e_detector_state),
            .config_bytes = sizeof(kedge_e_detector_config),
            .n_fields = sizeof e_detector_fields / sizeof *e_detector_fields,
            .fields = e_detector_fields,
            .defaults = e_detector_defaults,
            .configure = e_detector_configure,
            .valid = e_detector_valid,
            .layout = e_detector_layout,
            .start = e_detector_start,
            .check = e_detector_check,
        },
    .input_low = 0.0,
    .input_high = 1.0,
    .run = e_detector_run,
    .update = e_detector_update,
    .estimate = e_detector_estimate,
    .alarm = e_detector_alarm,
    .knob = {offsetof(kedge_e_detector_config, arl), 0, 2.0, 1e15},
    .knob_of_arl = e_detector_knob_of_arl,
};
