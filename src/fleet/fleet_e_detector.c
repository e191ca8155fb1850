/* SPDX-License-Identifier: MIT */
/* E-detectors for a fleet, told that each mean stays within [low, high]: the same e-values and signals, to the last bit, as the
 * detector in detectors/e_detector.c gives for each stream by itself; papers and the proof of its average run length stand there.
 *
 * The detector keeps the newest 128 observations to say where a change began; 1,024 bytes a stream are too much for a fleet. Here
 * it began where Page's sum of the distances from the nearer bound was last 0 (Page 1954, "Continuous inspection schemes",
 * Biometrika 41, section 2.1).
 *
 * Evidence. Let R be the sum of the e-values that started at each observation since the stream's restart (the CUSUM form is never
 * more), n their number. While the mean given the past stays within the bounds, R - n is a supermartingale (Shin, Ramdas, Rinaldo
 * 2024, definition 2.3). So at a time that is fixed beforehand E[R] <= n, and R / n is an e-value; a restart at a stopping time
 * changes nothing, since it holds given what was before. At any stopping time E[R] <= E[n], so R / horizon is an e-value as long as
 * n <= horizon, and 0 is one behind it.
 *
 * Cost: 16 + (24 + 8 bets) bytes for each direction that every tick reads and writes, and 64 that only alarms touch. */
#include "base/fp.h"

#include "kedge/fleet.h"

#include <math.h>
#include <string.h>

#include "detectors/e_direction.h"
#include "fleet/fleet_blocks.h"
#include "fleet/fleet_vector.h"

#define FLEET_E_LEAST_SHARE 0.01  /* these four as in detectors/e_detector.c */
#define FLEET_E_MOST_SHARE 0.9
#define FLEET_E_LEAST_ROOM 1e-100
#define FLEET_E_WEALTH_MAX 1e200 /* evidence that is kept grows no further: less of it is evidence, too */

enum { FLEET_E_MAX_BETS = 32 };

typedef struct fleet_e_detector_state {
    fleet_common common;
    double arl;
    double low;
    double high;
    uint32_t bets;
    uint8_t form;
    uint8_t direction;
    uint8_t keep_evidence;
    uint8_t reserved;
    double shares[FLEET_E_MAX_BETS]; /* from bets, at the start: of the boldest bet, ascending */
} fleet_e_detector_state;

/* One direction: Page's sum, to date a change, and the e-values of the bets, which follow behind the struct:
 * double[bets][FLEET_LANES]. */
typedef struct fleet_e_detector_side {
    double sum[FLEET_LANES];        /* of distances beyond the bound, started over at 0 */
    double zero_n[FLEET_LANES];     /* observations since the restart when it was last 0 */
    double zero_total[FLEET_LANES]; /* their sum */
} fleet_e_detector_side;

typedef struct fleet_e_detector_lanes {
    double n[FLEET_LANES];     /* observations since the restart */
    double total[FLEET_LANES]; /* their sum */
} fleet_e_detector_lanes;

enum {
    FLEET_E_FIELDS = sizeof(fleet_e_detector_lanes) / (sizeof(double) * FLEET_LANES),
    FLEET_E_SIDE_FIELDS = sizeof(fleet_e_detector_side) / (sizeof(double) * FLEET_LANES)
};

static const kedge_field fleet_e_detector_fields[] = {
    FLEET_PARAMS(fleet_e_detector_state),
    KEDGE_PARAM(fleet_e_detector_state, arl, KEDGE_TYPE_F64),
    KEDGE_PARAM(fleet_e_detector_state, low, KEDGE_TYPE_F64),
    KEDGE_PARAM(fleet_e_detector_state, high, KEDGE_TYPE_F64),
    KEDGE_PARAM(fleet_e_detector_state, bets, KEDGE_TYPE_U32),
    KEDGE_PARAM(fleet_e_detector_state, form, KEDGE_TYPE_U8),
    KEDGE_PARAM(fleet_e_detector_state, direction, KEDGE_TYPE_U8),
    KEDGE_PARAM(fleet_e_detector_state, keep_evidence, KEDGE_TYPE_U8),
    FLEET_VALUES(fleet_e_detector_state),
};

static void fleet_e_detector_defaults(void *config)
{
    kedge_fleet_e_detector_config *cfg = config;
    FLEET_DEFAULTS(cfg, &kedge_fleet_e_detector, &kedge_e_detector);
    cfg->each.told = KEDGE_E_BOUND;
}

kedge_status kedge_fleet_e_detector_config_init(kedge_fleet_e_detector_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_fleet_e_detector.base, cfg, cfg_bytes, sizeof *cfg);
}

static void fleet_e_detector_configure(const void *config, void *fixed)
{
    const kedge_fleet_e_detector_config *cfg = config;
    fleet_e_detector_state *s = fixed;
    int fits = cfg->each.base.cls == &kedge_e_detector && cfg->each.told == KEDGE_E_BOUND;
    s->common.n_streams = fits ? cfg->base.n_streams : 0;
    s->arl = cfg->each.arl;
    s->low = cfg->each.low;
    s->high = cfg->each.high;
    s->bets = cfg->each.bets;
    s->form = kedge_i_choice(cfg->each.form);
    s->direction = kedge_i_choice(kedge_i_e_direction(cfg->each.direction, cfg->each.low, cfg->each.high));
    s->keep_evidence = cfg->keep_evidence <= 1 ? (uint8_t)cfg->keep_evidence : UINT8_MAX;
}

/* What the detector by itself takes. */
static int fleet_e_detector_valid(const void *fixed)
{
    const fleet_e_detector_state *s = fixed;
    kedge_e_detector_config each;
    kedge_e_detector.base.defaults(&each);
    each.told = KEDGE_E_BOUND;
    each.arl = s->arl;
    each.low = s->low;
    each.high = s->high;
    each.bets = s->bets;
    each.form = s->form;
    each.direction = s->direction;
    return s->common.n_streams > 0 && s->keep_evidence <= 1 && kedge_detector_size(&each.base) > 0;
}

static inline uint32_t fleet_e_detector_sides(const fleet_e_detector_state *s)
{
    return s->direction == KEDGE_DIRECTION_BOTH ? 2 : 1;
}

static size_t fleet_e_detector_layout(void *fixed)
{
    fleet_e_detector_state *s = fixed;
    return kedge_i_fleet_layout(&s->common, sizeof *s,
                                FLEET_E_FIELDS + fleet_e_detector_sides(s) * (FLEET_E_SIDE_FIELDS + s->bets));
}

static double fleet_e_detector_fresh(const void *state, uint32_t field)
{
    (void)state;
    (void)field;
    return 0.0;
}

/* Side 0 or 1 of a block, and its e-values. */
static inline fleet_e_detector_side *fleet_e_detector_side_at(const fleet_e_detector_state *s, const void *block, uint32_t side)
{
    unsigned char *at = (unsigned char *)(uintptr_t)block;
    size_t bytes = sizeof(fleet_e_detector_side) + (size_t)s->bets * FLEET_LANES * sizeof(double);
    return (fleet_e_detector_side *)(void *)(at + sizeof(fleet_e_detector_lanes) + side * bytes);
}

static inline double *fleet_e_detector_wealth(fleet_e_detector_side *side)
{
    return (double *)(void *)(side + 1);
}

static int fleet_e_detector_side_is_sound(const fleet_e_detector_state *s, const fleet_e_detector_lanes *b, uint32_t i_side,
                                          uint32_t lane)
{
    fleet_e_detector_side *side = fleet_e_detector_side_at(s, b, i_side);
    const double *wealth = fleet_e_detector_wealth(side);
    for (uint32_t k = 0; k < s->bets; k++)
        if (!kedge_i_within(wealth[k * FLEET_LANES + lane], 0.0, FLEET_E_WEALTH_MAX))
            return 0;
    return kedge_i_within(side->sum[lane], 0.0, b->n[lane]) && kedge_i_fleet_count(side->zero_n[lane], b->n[lane]) &&
           kedge_i_within(side->zero_total[lane], 0.0, b->n[lane]);
}

static int fleet_e_detector_sound(const void *state, const void *block, uint32_t lane)
{
    const fleet_e_detector_lanes *b = block;
    return kedge_i_within(b->total[lane], 0.0, b->n[lane]) && fleet_e_detector_side_is_sound(state, b, 0, lane) &&
           (fleet_e_detector_sides(state) == 1 || fleet_e_detector_side_is_sound(state, b, 1, lane));
}

/* Evidence that raises an alarm. */
static double fleet_e_detector_threshold(const fleet_e_detector_state *s)
{
    return s->keep_evidence ? (double)INFINITY : s->arl;
}

/* Share of the stake that goes on each bet: all of it on one direction, or half on each. */
static double fleet_e_detector_stake(const fleet_e_detector_state *s)
{
    return (s->direction == KEDGE_DIRECTION_BOTH ? 0.5 : 1.0) / (double)s->bets;
}

/* What the boldest bet that cannot lose all wins, as e_detector_win(). */
FLEET_INLINE fleet_vec fleet_e_detector_win(fleet_vec gain, double room)
{
    return room > FLEET_E_LEAST_ROOM ? gain / room : fleet_all(0.0);
}

/* Page's sum for the lanes from i on, see the head of this file. */
FLEET_INLINE void fleet_e_detector_date(fleet_e_detector_side *side, uint32_t i, fleet_vec gain, fleet_vec n, fleet_vec total,
                                        fleet_mask seen)
{
    fleet_vec before = fleet_get(side->sum + i);
    fleet_vec sum = before + gain;
    fleet_mask empty = FLEET_WHERE(sum <= 0.0) & seen;
    sum = FLEET_SELECT(empty, fleet_all(0.0), sum);
    fleet_put(side->sum + i, FLEET_SELECT(seen, sum, before));
    fleet_put(side->zero_n + i, FLEET_SELECT(empty, n, fleet_get(side->zero_n + i)));
    fleet_put(side->zero_total + i, FLEET_SELECT(empty, total, fleet_get(side->zero_total + i)));
}

/* All bets of one direction for the lanes from i on, as e_detector_bet(); returns what they are worth together. */
FLEET_INLINE fleet_vec fleet_e_detector_bet(const fleet_e_detector_state *s, double *wealth, fleet_vec win, fleet_mask seen,
                                            int takes_best, int missing)
{
    const fleet_vec stake = fleet_all(fleet_e_detector_stake(s)), most = fleet_all(FLEET_E_WEALTH_MAX);
    fleet_vec sum = fleet_all(0.0);
    for (uint32_t k = 0; k < s->bets; k++, wealth += FLEET_LANES) {
        fleet_vec before = fleet_get(wealth);
        fleet_vec next = (takes_best ? fleet_max(before, stake) : before + stake) * (1.0 + s->shares[k] * win);
        next = fleet_min(next, most);
        next = missing ? FLEET_SELECT(seen, next, before) : next;
        fleet_put(wealth, next);
        sum += next;
    }
    return sum;
}

/* One direction for the lanes from i on. */
FLEET_INLINE fleet_vec fleet_e_detector_add(const fleet_e_detector_state *s, fleet_e_detector_lanes *b, uint32_t i_side, uint32_t i,
                                            fleet_vec gain, double room, fleet_mask seen, int missing)
{
    fleet_e_detector_side *side = fleet_e_detector_side_at(s, b, i_side);
    double *wealth = fleet_e_detector_wealth(side) + i;
    fleet_vec win = fleet_e_detector_win(gain, room);
    fleet_e_detector_date(side, i, gain, fleet_get(b->n + i), fleet_get(b->total + i), seen);
    return s->form == KEDGE_E_CUSUM ? fleet_e_detector_bet(s, wealth, win, seen, 1, missing)
                                    : fleet_e_detector_bet(s, wealth, win, seen, 0, missing);
}

/* All lanes of a block; returns whether any alarms. */
FLEET_INLINE int fleet_e_detector_block(const fleet_e_detector_state *s, fleet_e_detector_lanes *b, const double *x,
                                        uint32_t direction, int missing)
{
    const double low = s->low, high = s->high;
    const fleet_vec threshold = fleet_all(fleet_e_detector_threshold(s));
    fleet_mask any = FLEET_WHERE(threshold < 0.0);
    for (uint32_t i = 0; i < FLEET_LANES; i += FLEET_WIDTH) {
        fleet_ahead(b, s->common.n_fields, i);
        fleet_vec value = fleet_get(x + i), worth = fleet_all(0.0), n = fleet_get(b->n + i), total = fleet_get(b->total + i);
        fleet_mask seen = fleet_seen(value);
        fleet_put(b->n + i, FLEET_SELECT(seen, n + 1.0, n));
        fleet_put(b->total + i, FLEET_SELECT(seen, total + value, total));
        if (direction != KEDGE_DIRECTION_DOWN)
            worth += fleet_e_detector_add(s, b, 0, i, value - high, high, seen, missing);
        if (direction != KEDGE_DIRECTION_UP)
            worth += fleet_e_detector_add(s, b, direction == KEDGE_DIRECTION_BOTH, i, low - value, 1.0 - low, seen, missing);
        any |= FLEET_WHERE(worth >= threshold) & seen;
    }
    return fleet_any(any);
}

FLEET_LOOPS(fleet_e_detector)

/* What one direction of a lane is worth, added up as the bets are. */
static double fleet_e_detector_side_worth(const fleet_e_detector_state *s, const fleet_e_detector_lanes *b, uint32_t i_side,
                                          uint32_t lane)
{
    const double *wealth = fleet_e_detector_wealth(fleet_e_detector_side_at(s, b, i_side));
    double sum = 0.0;
    for (uint32_t k = 0; k < s->bets; k++)
        sum += wealth[k * FLEET_LANES + lane];
    return sum;
}

static double fleet_e_detector_worth(const fleet_e_detector_state *s, const fleet_e_detector_lanes *b, uint32_t lane)
{
    double worth = fleet_e_detector_side_worth(s, b, 0, lane);
    return fleet_e_detector_sides(s) == 2 ? worth + fleet_e_detector_side_worth(s, b, 1, lane) : worth;
}

static int fleet_e_detector_step(const void *state, void *block, const double *x, int missing, uint8_t *signals)
{
    const fleet_e_detector_state *s = state;
    if (!fleet_e_detector_loops[missing][s->direction](s, block, x))
        return 0;
    for (uint32_t i = 0; i < FLEET_LANES; i++)
        signals[i] = x[i] == x[i] && fleet_e_detector_worth(s, block, i) >= fleet_e_detector_threshold(s) ? KEDGE_DRIFT : KEDGE_OK;
    return 1;
}

/* The direction that has won more is the one that has changed. The record's statistic is the logarithm of the evidence. */
static void fleet_e_detector_raise(const void *state, const void *block, uint32_t lane, fleet_record *r)
{
    const fleet_e_detector_state *s = state;
    const fleet_e_detector_lanes *b = block;
    int second = fleet_e_detector_sides(s) == 2 &&
                 fleet_e_detector_side_worth(s, b, 1, lane) > fleet_e_detector_side_worth(s, b, 0, lane);
    const fleet_e_detector_side *side = fleet_e_detector_side_at(s, b, second ? 1 : 0);
    double n = b->n[lane];
    double zero_n = side->zero_n[lane] < n ? side->zero_n[lane] : n - 1.0;
    double zero_total = side->zero_n[lane] < n ? side->zero_total[lane] : b->total[lane] * (zero_n / n);
    r->before = zero_n > 0.0 ? zero_total / zero_n : (double)NAN;
    r->after = (b->total[lane] - zero_total) / (n - zero_n);
    r->changed_at = r->n_before + zero_n;
    r->statistic = log(fleet_e_detector_worth(s, b, lane));
    r->threshold = s->arl;
}

static const fleet_kernel fleet_e_detector_kernel = {fleet_e_detector_step, fleet_e_detector_raise, fleet_e_detector_fresh,
                                                     fleet_e_detector_sound};

/* The slots but start and check, which look after the shares as well. */
FLEET_SLOTS(fleet_e_detector)

static void fleet_e_detector_begin(void *state)
{
    fleet_e_detector_state *s = state;
    double step = log(FLEET_E_MOST_SHARE / FLEET_E_LEAST_SHARE) / (double)(s->bets - 1);
    for (uint32_t k = 0; k < s->bets; k++)
        s->shares[k] = FLEET_E_LEAST_SHARE * exp(step * (double)k);
    fleet_e_detector_start(state);
}

static int fleet_e_detector_holds(const void *state)
{
    const fleet_e_detector_state *s = state;
    if (!fleet_e_detector_check(state))
        return 0;
    for (uint32_t k = 0; k < s->bets; k++)
        if (!kedge_i_within(s->shares[k], 0.99 * FLEET_E_LEAST_SHARE, 1.01 * FLEET_E_MOST_SHARE))
            return 0;
    return 1;
}

/* The same, added up as e_detector_statistic() does. */
static double fleet_e_detector_statistic(const fleet_e_detector_state *s, const fleet_e_detector_lanes *b, uint32_t lane)
{
    uint32_t both = fleet_e_detector_sides(s) == 2;
    const double *first = fleet_e_detector_wealth(fleet_e_detector_side_at(s, b, 0)) + lane;
    const double *second = fleet_e_detector_wealth(fleet_e_detector_side_at(s, b, both)) + lane;
    double sum = 0.0;
    for (uint32_t k = 0; k < s->bets; k++)
        sum += both ? first[k * FLEET_LANES] + second[k * FLEET_LANES] : first[k * FLEET_LANES];
    return sum;
}

static kedge_status fleet_e_detector_estimate(const void *state, uint32_t i_stream, kedge_estimate *out)
{
    const fleet_e_detector_state *s = state;
    const fleet_e_detector_lanes *b = (const void *)kedge_i_fleet_block(&s->common, i_stream);
    uint32_t lane = i_stream % FLEET_LANES;
    kedge_status st = kedge_i_fleet_estimate(&s->common, i_stream, out);
    out->threshold = fleet_e_detector_threshold(s);
    if (st == KEDGE_EMPTY)
        return st;
    out->mean = b->total[lane] / b->n[lane];
    out->variance = out->mean * (1.0 - out->mean);
    out->statistic = fleet_e_detector_statistic(s, b, lane);
    return st;
}

static kedge_status fleet_e_detector_alarm(const void *state, uint32_t i_stream, kedge_alarm *out)
{
    kedge_status st = kedge_i_fleet_alarm(state, i_stream, out);
    if (st == KEDGE_OK) {
        out->log_evidence = out->statistic;
        out->statistic = exp(out->log_evidence);
    }
    return st;
}

/* See the head of this file. A stream that has seen nothing has the e-value 1, which says nothing. */
static double fleet_e_detector_log_evidence(const void *state, uint32_t i_stream, uint64_t horizon)
{
    const fleet_e_detector_state *s = state;
    const fleet_e_detector_lanes *b = (const void *)kedge_i_fleet_block(&s->common, i_stream);
    uint32_t lane = i_stream % FLEET_LANES;
    double n = b->n[lane];
    if (!(n > 0.0))
        return 0.0;
    if (horizon > 0 && n > (double)horizon)
        return -(double)INFINITY;
    return log(fleet_e_detector_worth(s, b, lane) / (horizon > 0 ? (double)horizon : n));
}

const kedge_fleet_class kedge_fleet_e_detector = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_FLEET,
            .version = 1,
            .name = "e_detector",
            .fixed_bytes = sizeof(fleet_e_detector_state),
            .config_bytes = sizeof(kedge_fleet_e_detector_config),
            .n_fields = sizeof fleet_e_detector_fields / sizeof *fleet_e_detector_fields,
            .fields = fleet_e_detector_fields,
            .defaults = fleet_e_detector_defaults,
            .configure = fleet_e_detector_configure,
            .valid = fleet_e_detector_valid,
            .layout = fleet_e_detector_layout,
            .start = fleet_e_detector_begin,
            .check = fleet_e_detector_holds,
        },
    .input_low = 0.0,
    .input_high = 1.0,
    .n_streams = kedge_i_fleet_n_streams,
    .update = fleet_e_detector_update,
    .estimate = fleet_e_detector_estimate,
    .alarm = fleet_e_detector_alarm,
    .reset_one = fleet_e_detector_reset_one,
    .log_evidence = fleet_e_detector_log_evidence,
};
