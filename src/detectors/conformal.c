/* SPDX-License-Identifier: MIT */
/* Conformal test martingale: bets on the ranks of observations among those before them.
 *
 * Vovk, Petej, Nouretdinov, Ahlberg, Carlsson, Gammerman 2021, "Retrain or not retrain: conformal test martingales for change-point
 * detection", COPA, PMLR 152: smoothed conformal p-values (section 2), the Simple Jumper (algorithm 1) and the Shiryaev-Roberts
 * procedure (section 4), whose average run length is at least its threshold. The paper's bets are -1, 0 and 1; the bolder -2 and 2
 * are added, the greatest that cannot lose more than the stake. Where the paper's bag grows for ever, this one is emptied when it
 * is full: p-values remain uniform and independent, since they depend on observations after the emptying alone. To forget a part
 * would not do: ranks seen before tell of what is kept. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/detectors/conformal.h"

#include "base/arena.h"
#include "base/number.h"
#include "detectors/record.h"
#include "detectors/run.h"

enum { CONFORMAL_MAX_BAG = 1 << 20, CONFORMAL_BETS = 5 };

#define CONFORMAL_SUM_MAX (4.0 * KEDGE_DETECTOR_INPUT_MAX) /* of one observation's part in a sum, with room for rounding */

typedef struct conformal_state {
    kedge_state_head head;
    double arl;
    double jump;
    uint64_t seed;
    uint32_t max_bag;
    uint8_t score;
    uint8_t direction;
    uint8_t reserved[2];
    uint32_t at_bag; /* layout: observations ranked against, ascending */
    uint32_t n_bag;
    detector_record record;
    kedge_rng rng;
    double shares[CONFORMAL_BETS]; /* of the capital on each bet; they add up to 1 */
    double sum_of_wins;            /* Shiryaev-Roberts */
    double best_win;               /* CUSUM: of the most likely change point, which dates the change */
    uint64_t n;                    /* since the restart */
    uint64_t n_before;             /* observations before that change point */
    double origin;                 /* the first observation, taken from all in the sums */
    double total;
    double total_before;
} conformal_state;

static const kedge_field conformal_fields[] = {
    KEDGE_PARAM(conformal_state, arl, KEDGE_TYPE_F64),
    KEDGE_PARAM(conformal_state, jump, KEDGE_TYPE_F64),
    KEDGE_PARAM(conformal_state, seed, KEDGE_TYPE_U64),
    KEDGE_PARAM(conformal_state, max_bag, KEDGE_TYPE_U32),
    KEDGE_PARAM(conformal_state, score, KEDGE_TYPE_U8),
    KEDGE_PARAM(conformal_state, direction, KEDGE_TYPE_U8),
    KEDGE_VALUE(conformal_state, n_bag, KEDGE_TYPE_U32),
    DETECTOR_RECORD_FIELDS(conformal_state),
    KEDGE_VALUE(conformal_state, rng.state, KEDGE_TYPE_U64),
    KEDGE_VALUES(conformal_state, shares, CONFORMAL_BETS, KEDGE_TYPE_F64),
    KEDGE_VALUE(conformal_state, sum_of_wins, KEDGE_TYPE_F64),
    KEDGE_VALUE(conformal_state, best_win, KEDGE_TYPE_F64),
    KEDGE_VALUE(conformal_state, n, KEDGE_TYPE_U64),
    KEDGE_VALUE(conformal_state, n_before, KEDGE_TYPE_U64),
    KEDGE_VALUE(conformal_state, origin, KEDGE_TYPE_F64),
    KEDGE_VALUE(conformal_state, total, KEDGE_TYPE_F64),
    KEDGE_VALUE(conformal_state, total_before, KEDGE_TYPE_F64),
    KEDGE_ARRAY(conformal_state, at_bag, max_bag, KEDGE_TYPE_F64),
};

static void conformal_defaults(void *config)
{
    kedge_conformal_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_conformal;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->arl = 1e6;
    cfg->jump = 0.01;
    cfg->seed = 1;
    cfg->max_bag = 4000;
    cfg->score = KEDGE_CONFORMAL_VALUE;
    cfg->direction = KEDGE_DIRECTION_BOTH;
}

kedge_status kedge_conformal_config_init(kedge_conformal_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_conformal.base, cfg, cfg_bytes, sizeof *cfg);
}

static void conformal_configure(const void *config, void *fixed)
{
    const kedge_conformal_config *cfg = config;
    conformal_state *s = fixed;
    s->arl = cfg->arl;
    s->jump = cfg->jump;
    s->seed = cfg->seed;
    s->max_bag = cfg->max_bag;
    s->score = kedge_i_choice(cfg->score);
    s->direction = kedge_i_choice(cfg->direction);
}

static int conformal_valid(const void *fixed)
{
    const conformal_state *s = fixed;
    return kedge_i_within(s->arl, 2.0, 1e15) && s->jump > 0.0 && s->jump < 1.0 &&
           kedge_i_u32_within(s->max_bag, 16, CONFORMAL_MAX_BAG) &&
           kedge_i_u32_within(s->score, KEDGE_CONFORMAL_VALUE, KEDGE_CONFORMAL_DISTANCE) &&
           kedge_i_u32_within(s->direction, KEDGE_DIRECTION_BOTH, KEDGE_DIRECTION_DOWN);
}

static size_t conformal_layout(void *fixed)
{
    conformal_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->at_bag = kedge_i_arena_take(&arena, s->max_bag, sizeof(double));
    return kedge_i_arena_end(&arena);
}

/* Of a bet: from -2, on great scores, to 2, on small ones. */
static double conformal_slope(int bet)
{
    return (double)(bet - 2);
}

/* Is a bet one of the direction's? The cautious one, 0, always is. */
static int conformal_is_used(const conformal_state *s, int bet)
{
    double slope = conformal_slope(bet);
    return s->direction == KEDGE_DIRECTION_BOTH || slope == 0.0 || (slope < 0.0) == (s->direction == KEDGE_DIRECTION_UP);
}

static double conformal_n_used(const conformal_state *s)
{
    return s->direction == KEDGE_DIRECTION_BOTH ? 5.0 : 3.0;
}

static void conformal_empty(conformal_state *s)
{
    memset(kedge_i_at(s, s->at_bag), 0, s->n_bag * sizeof(double));
    s->n_bag = 0;
}

static void conformal_restart(conformal_state *s)
{
    conformal_empty(s);
    for (int bet = 0; bet < CONFORMAL_BETS; bet++)
        s->shares[bet] = conformal_is_used(s, bet) ? 1.0 / conformal_n_used(s) : 0.0;
    s->sum_of_wins = 0.0;
    s->best_win = 0.0;
    s->n = s->n_before = 0;
    s->origin = s->total = s->total_before = 0.0;
}

static void conformal_start(void *state)
{
    conformal_state *s = state;
    s->n_bag = 0;
    conformal_restart(s);
    kedge_rng apart = {s->seed};
    s->rng.state = kedge_rng_next(&apart); /* a stream drawn with the same seed must not move along with the draws */
}

static int conformal_check(const void *state)
{
    const conformal_state *s = state;
    const double *bag = kedge_i_at_const(s, s->at_bag);
    double most = CONFORMAL_SUM_MAX * (double)(int64_t)(s->n + 1);
    if (!(conformal_valid(s) && detector_record_is_sound(&s->record) && s->n_bag <= s->max_bag && s->n_bag <= s->n &&
          s->n <= s->record.n_seen && s->n_before <= s->n && kedge_i_within(s->sum_of_wins, 0.0, s->arl) &&
          kedge_i_within(s->best_win, 0.0, 2.0 * s->arl) &&
          kedge_i_within(s->origin, -KEDGE_DETECTOR_INPUT_MAX, KEDGE_DETECTOR_INPUT_MAX) && kedge_i_within(s->total, -most, most) &&
          kedge_i_within(s->total_before, -most, most)))
        return 0;
    double sum = 0.0;
    for (int bet = 0; bet < CONFORMAL_BETS; bet++) {
        if (!kedge_i_within(s->shares[bet], 0.0, conformal_is_used(s, bet) ? 1.0 + 1e-9 : 0.0))
            return 0;
        sum += s->shares[bet];
    }
    for (uint32_t i = 0; i < s->n_bag; i++)
        if (!kedge_i_within(bag[i], i ? bag[i - 1] : -KEDGE_DETECTOR_INPUT_MAX, KEDGE_DETECTOR_INPUT_MAX))
            return 0;
    return kedge_i_within(sum, 1.0 - 1e-9, 1.0 + 1e-9);
}

/* How many of the ascending values are below x, or, with `or_equal`, not above it. */
static uint32_t conformal_below(const double *values, uint32_t n, double x, int or_equal)
{
    uint32_t low = 0;
    while (n > 0) {
        uint32_t half = n / 2;
        double v = values[low + half];
        if (v < x || (or_equal && v == x)) {
            low += half + 1;
            n -= half + 1;
        } else {
            n = half;
        }
    }
    return low;
}

/* The k-th of the bag with x in its place `at`. */
static double conformal_kth(const double *bag, uint32_t at, double x, uint32_t k)
{
    return k < at ? bag[k] : k == at ? x : bag[k - 1];
}

/* How many of the bag are nearer to the centre than d, or, with `or_equal`, not farther. Distances fall towards the centre and rise
 * behind it, rounded as they are; `middle` of the bag are not above the centre. */
static uint32_t conformal_nearer(const double *bag, uint32_t n, uint32_t middle, double centre, double d, int or_equal)
{
    uint32_t low = 0; /* first that is near enough */
    for (uint32_t high = middle; low < high;) {
        uint32_t i = low + (high - low) / 2;
        double off = centre - bag[i];
        if (off < d || (or_equal && off == d))
            high = i;
        else
            low = i + 1;
    }
    uint32_t end = middle; /* first behind the centre that is too far */
    for (uint32_t high = n; end < high;) {
        uint32_t i = end + (high - end) / 2;
        double off = bag[i] - centre;
        if (off < d || (or_equal && off == d))
            end = i + 1;
        else
            high = i;
    }
    return end - low;
}

/* Smoothed p-value of x against the bag: small for a great score. Ties, x with itself included, are broken at random. `at`: x's
 * place. */
static double conformal_p_value(conformal_state *s, double x, uint32_t *at)
{
    const double *bag = kedge_i_at_const(s, s->at_bag);
    uint32_t n = s->n_bag;
    uint32_t less = conformal_below(bag, n, x, 0);
    uint32_t not_more;
    *at = less;
    if (s->score == KEDGE_CONFORMAL_VALUE) {
        not_more = conformal_below(bag, n, x, 1);
    } else {
        double centre = conformal_kth(bag, less, x, n / 2);
        uint32_t middle = conformal_below(bag, n, centre, 1);
        double d = fabs(x - centre);
        less = conformal_nearer(bag, n, middle, centre, d, 0);
        not_more = conformal_nearer(bag, n, middle, centre, d, 1);
    }
    double equal = (double)(not_more - less) + 1.0;
    return ((double)(n - not_more) + kedge_rng_uniform(&s->rng) * equal) / ((double)n + 1.0);
}

/* What the capital is multiplied by. */
static double conformal_bet(conformal_state *s, double p)
{
    double moved = s->jump / conformal_n_used(s);
    double sum = 0.0;
    for (int bet = 0; bet < CONFORMAL_BETS; bet++) {
        if (conformal_is_used(s, bet))
            s->shares[bet] = (s->shares[bet] * (1.0 - s->jump) + moved) * (1.0 + conformal_slope(bet) * (p - 0.5));
        sum += s->shares[bet];
    }
    for (int bet = 0; bet < CONFORMAL_BETS; bet++)
        s->shares[bet] /= sum;
    return sum;
}

static void conformal_raise(conformal_state *s)
{
    double n_after = (double)(int64_t)(s->n - s->n_before);
    double before = s->n_before ? s->origin + s->total_before / (double)(int64_t)s->n_before : (double)NAN;
    double after = s->origin + (s->total - s->total_before) / n_after;
    detector_record_raise(&s->record, s->n - s->n_before, before, after, s->sum_of_wins, s->arl, log(s->sum_of_wins));
    conformal_restart(s);
}

static inline kedge_status conformal_step(conformal_state *s, double x)
{
    double *bag = kedge_i_at(s, s->at_bag);
    uint32_t at;
    if (s->n == 0)
        s->origin = x;
    if (s->n_bag == s->max_bag)
        conformal_empty(s);
    double p = conformal_p_value(s, x, &at);
    memmove(&bag[at + 1], &bag[at], (s->n_bag - at) * sizeof *bag);
    bag[at] = x;
    s->n_bag++;
    if (s->best_win <= 1.0) {
        s->best_win = 1.0;
        s->n_before = s->n;
        s->total_before = s->total;
    }
    s->record.n_seen++;
    s->n++;
    s->total += x - s->origin;
    double win = conformal_bet(s, p);
    s->best_win *= win;
    s->sum_of_wins = (s->sum_of_wins + 1.0) * win;
    if (s->sum_of_wins < s->arl)
        return KEDGE_OK;
    conformal_raise(s);
    return KEDGE_DRIFT;
}

DETECTOR_RUN_IN_PLACE(conformal)

static kedge_status conformal_estimate(const void *state, kedge_estimate *out)
{
    const conformal_state *s = state;
    kedge_status st = detector_record_estimate(&s->record, s->n, out);
    out->threshold = s->arl;
    if (s->n == 0)
        return st;
    const double *bag = kedge_i_at_const(s, s->at_bag);
    double mean = 0.0;
    double scatter = 0.0;
    for (uint32_t i = 0; i < s->n_bag; i++) {
        double off = bag[i] - mean;
        mean += off / (double)(i + 1);
        scatter += off * (bag[i] - mean);
    }
    out->mean = s->origin + s->total / (double)(int64_t)s->n;
    out->variance = s->n_bag ? scatter / (double)s->n_bag : 0.0; /* of the bag */
    out->statistic = s->sum_of_wins;
    return st;
}

static kedge_status conformal_alarm(const void *state, kedge_alarm *out)
{
    return detector_record_alarm(&((const conformal_state *)state)->record, out);
}

/* The theorem's ARL is the knob itself. */
static double conformal_knob_of_arl(const void *config, double arl, double sd)
{
    (void)config;
    (void)sd;
    return arl;
}

const kedge_detector_class kedge_conformal = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_DETECTOR,
            .version = 1,
            .name = "conformal",
            .fixed_bytes = sizeof(conformal_state),
            .config_bytes = sizeof(kedge_conformal_config),
            .n_fields = sizeof conformal_fields / sizeof *conformal_fields,
            .fields = conformal_fields,
            .defaults = conformal_defaults,
            .configure = conformal_configure,
            .valid = conformal_valid,
            .layout = conformal_layout,
            .start = conformal_start,
            .check = conformal_check,
        },
    .input_low = -KEDGE_DETECTOR_INPUT_MAX,
    .input_high = KEDGE_DETECTOR_INPUT_MAX,
    .run = conformal_run,
    .update = conformal_update,
    .estimate = conformal_estimate,
    .alarm = conformal_alarm,
    .knob = {offsetof(kedge_conformal_config, arl), 0, 2.0, 1e15},
    .knob_of_arl = conformal_knob_of_arl,
};
