/* SPDX-License-Identifier: MIT */
/* Usage and its cost: compute time, energy, bytes held and moved, at the caller's prices.
 *
 * All that is counted is whole numbers, so objects merge without rounding, and prices are worked out when they are read. Bytes held
 * are RAM-hours: Bifet, Holmes, Pfahringer, Frank 2010, "Fast perceptron decision tree learning from evolving data streams", PAKDD.
 * Whether a retraining is worth its price: Zliobaite, Budka, Stahl 2015, "Towards cost-sensitive adaptation: when is it worth
 * updating your predictive model?", Neurocomputing 150, who take it as an investment. Cost: O(1). */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "kedge/metrics/cost.h"

#include "base/check.h"
#include "base/number.h"
#include "base/object.h"
#include "base/wide.h"
#include "metrics/handle.h"

enum { COST_KINDS = KEDGE_COST_OTHER };

#define COST_PRICE_MAX 1e12
#define COST_WATTS_MAX 1e9
#define COST_POINTS_MAX 100.0
#define COST_POINTS_LEAST 1e-9 /* less is what rounding leaves of gains and losses that make up for each other */
#define COST_ROWS_MAX 1e18
#define COST_TRAINING_MAX 1e30
#define COST_NEVER 1e-200 /* a row that earns less of the price never pays it */
#define COST_GIB 1073741824.0
#define COST_KWH 3.6e6     /* joules */
#define COST_HOUR_NS 3.6e12

typedef struct cost_state {
    kedge_state_head head;
    double price_compute;
    double price_held;
    double price_moved;
    double price_energy;
    double watts;
    uint64_t n[COST_KINDS];  /* each at most KEDGE_I_COUNT_MAX */
    uint64_t ns[COST_KINDS]; /* together at most that, as bytes moved */
    uint64_t moved[COST_KINDS];
    uint64_t held_high;      /* bytes times nanoseconds, exact: 2^64 held_high + held_low, at most peak_bytes time_ns */
    uint64_t held_low;
    uint64_t now_bytes;
    uint64_t peak_bytes;
    uint64_t time_ns;        /* of the last hold */
    uint64_t n_gains;        /* at most the trainings */
    double points;
    uint32_t started;        /* 1: there was a hold */
    uint32_t reserved;
} cost_state;

static const kedge_field cost_fields[] = {
    KEDGE_PARAM(cost_state, price_compute, KEDGE_TYPE_F64),
    KEDGE_PARAM(cost_state, price_held, KEDGE_TYPE_F64),
    KEDGE_PARAM(cost_state, price_moved, KEDGE_TYPE_F64),
    KEDGE_PARAM(cost_state, price_energy, KEDGE_TYPE_F64),
    KEDGE_PARAM(cost_state, watts, KEDGE_TYPE_F64),
    KEDGE_VALUES(cost_state, n, COST_KINDS, KEDGE_TYPE_U64),
    KEDGE_VALUES(cost_state, ns, COST_KINDS, KEDGE_TYPE_U64),
    KEDGE_VALUES(cost_state, moved, COST_KINDS, KEDGE_TYPE_U64),
    KEDGE_VALUE(cost_state, held_high, KEDGE_TYPE_U64),
    KEDGE_VALUE(cost_state, held_low, KEDGE_TYPE_U64),
    KEDGE_VALUE(cost_state, now_bytes, KEDGE_TYPE_U64),
    KEDGE_VALUE(cost_state, peak_bytes, KEDGE_TYPE_U64),
    KEDGE_VALUE(cost_state, time_ns, KEDGE_TYPE_U64),
    KEDGE_VALUE(cost_state, n_gains, KEDGE_TYPE_U64),
    KEDGE_VALUE(cost_state, points, KEDGE_TYPE_F64),
    KEDGE_VALUE(cost_state, started, KEDGE_TYPE_U32),
};

static void cost_defaults(void *config)
{
    kedge_cost_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_cost;
    cfg->base.config_bytes = sizeof *cfg;
}

kedge_status kedge_cost_config_init(kedge_cost_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_cost.base, cfg, cfg_bytes, sizeof *cfg);
}

static void cost_configure(const void *config, void *fixed)
{
    const kedge_cost_config *cfg = config;
    cost_state *s = fixed;
    s->price_compute = cfg->price_compute;
    s->price_held = cfg->price_held;
    s->price_moved = cfg->price_moved;
    s->price_energy = cfg->price_energy;
    s->watts = cfg->watts;
}

static int cost_valid(const void *fixed)
{
    const cost_state *s = fixed;
    return kedge_i_within(s->price_compute, 0.0, COST_PRICE_MAX) && kedge_i_within(s->price_held, 0.0, COST_PRICE_MAX) &&
           kedge_i_within(s->price_moved, 0.0, COST_PRICE_MAX) && kedge_i_within(s->price_energy, 0.0, COST_PRICE_MAX) &&
           kedge_i_within(s->watts, 0.0, COST_WATTS_MAX);
}

static size_t cost_layout(void *fixed)
{
    (void)fixed;
    return sizeof(cost_state);
}

static uint64_t cost_sum(const uint64_t *of_kinds)
{
    uint64_t sum = 0;
    for (int i = 0; i < COST_KINDS; i++)
        sum += of_kinds[i];
    return sum;
}

/* Is there room for more? No count is above KEDGE_I_COUNT_MAX. */
static inline int cost_fits(uint64_t count, uint64_t more)
{
    return more <= KEDGE_I_COUNT_MAX - count;
}

static int cost_counts_are_sound(const cost_state *s)
{
    uint64_t ns = 0, moved = 0;
    for (int i = 0; i < COST_KINDS; i++) {
        if (s->n[i] > KEDGE_I_COUNT_MAX || !cost_fits(ns, s->ns[i]) || !cost_fits(moved, s->moved[i]))
            return 0;
        ns += s->ns[i];
        moved += s->moved[i];
    }
    return 1;
}

static int cost_held_is_sound(const cost_state *s)
{
    uint64_t high, low;
    if (s->started > 1 || s->peak_bytes > KEDGE_I_COUNT_MAX || s->now_bytes > s->peak_bytes || s->time_ns > KEDGE_I_COUNT_MAX)
        return 0;
    if (!s->started && (s->peak_bytes != 0 || s->time_ns != 0))
        return 0;
    kedge_i_wide_product(s->peak_bytes, s->time_ns, &high, &low);
    return s->held_high < high || (s->held_high == high && s->held_low <= low);
}

static int cost_check(const void *state)
{
    const cost_state *s = state;
    if (!cost_valid(s) || !cost_counts_are_sound(s) || !cost_held_is_sound(s) || s->n_gains > s->n[KEDGE_COST_TRAIN - 1])
        return 0;
    double bound = 2.0 * COST_POINTS_MAX * (double)s->n_gains; /* room for rounding */
    return kedge_i_within(s->points, -bound, bound);
}

/* Recording -------------------------------------------------------------------------------------------------------------------- */

static int cost_is_kind(uint32_t kind)
{
    return kedge_i_u32_within(kind, KEDGE_COST_PREDICT, KEDGE_COST_OTHER);
}

kedge_status kedge_cost_add(kedge_metric *m, uint32_t kind, uint64_t n, uint64_t compute_ns, uint64_t bytes_moved)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_cost));
    cost_state *s = m->state;
    if (!cost_is_kind(kind) || !cost_fits(s->n[kind - 1], n) || !cost_fits(cost_sum(s->ns), compute_ns) ||
        !cost_fits(cost_sum(s->moved), bytes_moved))
        return KEDGE_ERR_RANGE;
    s->n[kind - 1] += n;
    s->ns[kind - 1] += compute_ns;
    s->moved[kind - 1] += bytes_moved;
    return KEDGE_OK;
}

/* Up to a time that is not before the last: what was held since then, was held for so long. */
static void cost_advance(cost_state *s, uint64_t time_ns)
{
    uint64_t high, low;
    if (s->started) {
        kedge_i_wide_product(s->now_bytes, time_ns - s->time_ns, &high, &low);
        kedge_i_wide_add(&s->held_high, &s->held_low, high, low);
    }
    s->started = 1;
    s->time_ns = time_ns;
}

kedge_status kedge_cost_hold(kedge_metric *m, uint64_t bytes, uint64_t time_ns)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_cost));
    cost_state *s = m->state;
    if (bytes > KEDGE_I_COUNT_MAX || time_ns > KEDGE_I_COUNT_MAX || time_ns < s->time_ns)
        return KEDGE_ERR_RANGE;
    cost_advance(s, time_ns);
    s->now_bytes = bytes;
    s->peak_bytes = bytes > s->peak_bytes ? bytes : s->peak_bytes;
    return KEDGE_OK;
}

kedge_status kedge_cost_gain(kedge_metric *m, double points)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_cost));
    cost_state *s = m->state;
    if (!kedge_i_within(points, -COST_POINTS_MAX, COST_POINTS_MAX))
        return kedge_i_refusal(points);
    if (s->n_gains == s->n[KEDGE_COST_TRAIN - 1])
        return KEDGE_ERR_STATE;
    s->n_gains++;
    s->points += points;
    return KEDGE_OK;
}

/* Reading ---------------------------------------------------------------------------------------------------------------------- */

static void cost_work_out(const cost_state *s, uint64_t n, uint64_t ns, uint64_t moved, kedge_cost_part *out)
{
    double seconds = (double)ns * 1e-9;
    out->n = n;
    out->compute_ns = ns;
    out->bytes_moved = moved;
    out->joules = s->watts * seconds;
    out->price_compute = s->price_compute * seconds;
    out->price_moved = s->price_moved * ((double)moved / COST_GIB);
    out->price_energy = s->price_energy * (out->joules / COST_KWH);
    out->price = out->price_compute + out->price_moved + out->price_energy;
}

static void cost_price_kind(const cost_state *s, uint32_t kind, kedge_cost_part *out)
{
    cost_work_out(s, s->n[kind - 1], s->ns[kind - 1], s->moved[kind - 1], out);
}

/* A price by a number, which is NaN where there is nothing to divide by. */
static double cost_per(double price, double number, double least)
{
    double share = price / fmax(number, least);
    return number >= least ? share : (double)NAN;
}

kedge_status kedge_cost_price(const kedge_metric *m, uint64_t compute_ns, uint64_t bytes_moved, kedge_cost_part *out)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_cost));
    if (!out)
        return KEDGE_ERR_NULL;
    if (!cost_fits(0, compute_ns) || !cost_fits(0, bytes_moved))
        return KEDGE_ERR_RANGE;
    cost_work_out(m->state, 0, compute_ns, bytes_moved, out);
    return KEDGE_OK;
}

kedge_status kedge_cost_read_kind(const kedge_metric *m, uint32_t kind, kedge_cost_part *out)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_cost));
    if (!out)
        return KEDGE_ERR_NULL;
    if (!cost_is_kind(kind))
        return KEDGE_ERR_RANGE;
    cost_price_kind(m->state, kind, out);
    return out->n > 0 || out->compute_ns > 0 || out->bytes_moved > 0 ? KEDGE_OK : KEDGE_EMPTY;
}

static int cost_is_empty(const cost_state *s)
{
    for (int i = 0; i < COST_KINDS; i++)
        if (s->n[i] > 0 || s->ns[i] > 0 || s->moved[i] > 0)
            return 0;
    return !s->started;
}

kedge_status kedge_cost_read(const kedge_metric *m, kedge_cost_report *out)
{
    kedge_cost_part all, predict, train;
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_cost));
    if (!out)
        return KEDGE_ERR_NULL;
    const cost_state *s = m->state;
    cost_work_out(s, 0, cost_sum(s->ns), cost_sum(s->moved), &all);
    cost_price_kind(s, KEDGE_COST_PREDICT, &predict);
    cost_price_kind(s, KEDGE_COST_TRAIN, &train);
    out->compute_ns = all.compute_ns;
    out->bytes_moved = all.bytes_moved;
    out->bytes_now = s->now_bytes;
    out->bytes_peak = s->peak_bytes;
    out->n_gains = s->n_gains;
    out->joules = all.joules;
    out->gib_hours = kedge_i_wide_value(s->held_high, s->held_low) / (COST_GIB * COST_HOUR_NS);
    out->price_compute = all.price_compute;
    out->price_moved = all.price_moved;
    out->price_energy = all.price_energy;
    out->price_held = s->price_held * out->gib_hours;
    out->price = all.price + out->price_held;
    out->per_thousand = cost_per(1000.0 * predict.price, (double)predict.n, 1.0);
    out->per_thousand_all = cost_per(1000.0 * out->price, (double)predict.n, 1.0);
    out->per_training = cost_per(train.price, (double)train.n, 1.0);
    out->points = s->points;
    out->per_point = cost_per(train.price, s->points, COST_POINTS_LEAST);
    return cost_is_empty(s) ? KEDGE_EMPTY : KEDGE_OK;
}

/* Is it worth it? -------------------------------------------------------------------------------------------------------------- */

static kedge_status cost_case_check(const kedge_cost_case *c)
{
    const double limits[][3] = {
        {c->gain, -COST_POINTS_MAX, COST_POINTS_MAX}, {c->gain_low, -COST_POINTS_MAX, c->gain},
        {c->gain_high, c->gain, COST_POINTS_MAX},     {c->right_value, 0.0, COST_PRICE_MAX},
        {c->rows, 0.0, COST_ROWS_MAX},                {c->price, 0.0, COST_TRAINING_MAX},
    };
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        if (!kedge_i_within(limits[i][0], limits[i][1], limits[i][2]))
            return kedge_i_refusal(limits[i][0]);
    return KEDGE_OK;
}

static double cost_net(const kedge_cost_case *c, double points)
{
    return points / 100.0 * c->right_value * c->rows - c->price;
}

static double cost_break_even(const kedge_cost_case *c, double points)
{
    double row = points / 100.0 * c->right_value;
    double least = c->price * COST_NEVER + DBL_MIN;
    double rows = c->price / fmax(row, least);
    return row >= least ? rows : (double)INFINITY;
}

kedge_status kedge_cost_worth(const kedge_cost_case *offer, kedge_cost_verdict *out)
{
    if (!offer || !out)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(cost_case_check(offer));
    out->reserved = 0;
    out->net = cost_net(offer, offer->gain);
    out->net_low = cost_net(offer, offer->gain_low);
    out->net_high = cost_net(offer, offer->gain_high);
    out->break_even = cost_break_even(offer, offer->gain);
    out->break_even_low = cost_break_even(offer, offer->gain_high);
    out->break_even_high = cost_break_even(offer, offer->gain_low);
    out->worth = out->net_low > 0.0 ? KEDGE_WORTH_YES : out->net_high > 0.0 ? KEDGE_WORTH_UNDECIDED : KEDGE_WORTH_NO;
    return KEDGE_OK;
}

/* Merging ---------------------------------------------------------------------------------------------------------------------- */

static int cost_alike(const void *state, const void *other)
{
    const cost_state *a = state;
    const cost_state *b = other;
    return a->price_compute == b->price_compute && a->price_held == b->price_held && a->price_moved == b->price_moved &&
           a->price_energy == b->price_energy && a->watts == b->watts;
}

static int cost_has_room(const cost_state *a, const cost_state *b)
{
    for (int i = 0; i < COST_KINDS; i++)
        if (!cost_fits(a->n[i], b->n[i]))
            return 0;
    return cost_fits(cost_sum(a->ns), cost_sum(b->ns)) && cost_fits(cost_sum(a->moved), cost_sum(b->moved)) &&
           cost_fits(a->peak_bytes, b->peak_bytes);
}

/* What is held on both sides is held together, from the later of both times on. */
static void cost_merge_held(cost_state *a, const cost_state *b)
{
    cost_state late = *b;
    uint64_t time_ns = a->time_ns > b->time_ns ? a->time_ns : b->time_ns;
    cost_advance(a, time_ns);
    cost_advance(&late, time_ns);
    kedge_i_wide_add(&a->held_high, &a->held_low, late.held_high, late.held_low);
    a->now_bytes += b->now_bytes;
    a->peak_bytes += b->peak_bytes;
}

static kedge_status cost_merge(void *state, const void *other)
{
    cost_state *a = state;
    const cost_state *b = other;
    if (!cost_has_room(a, b))
        return KEDGE_ERR_RANGE;
    for (int i = 0; i < COST_KINDS; i++) {
        a->n[i] += b->n[i];
        a->ns[i] += b->ns[i];
        a->moved[i] += b->moved[i];
    }
    if (b->started)
        cost_merge_held(a, b);
    a->n_gains += b->n_gains;
    a->points += b->points;
    return KEDGE_OK;
}

const kedge_metric_class kedge_cost = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_METRIC,
            .version = 1,
            .name = "cost",
            .fixed_bytes = sizeof(cost_state),
            .config_bytes = sizeof(kedge_cost_config),
            .n_fields = sizeof cost_fields / sizeof *cost_fields,
            .fields = cost_fields,
            .defaults = cost_defaults,
            .configure = cost_configure,
            .valid = cost_valid,
            .layout = cost_layout,
            .check = cost_check,
        },
    .alike = cost_alike,
    .merge = cost_merge,
};
