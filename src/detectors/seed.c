/* SPDX-License-Identifier: MIT */
/* SEED: blocks of observations, tested at every cut between them, merged where neighbours are alike.
 *
 * Huang, Koh, Dobbie, Pears 2014, "Detecting volatility shift in data streams", ICDM 2014, section III: block compression with
 * linearly growing tolerance at fixed terms. The bound of a cut is that of Bifet, Gavalda 2007 (ADWIN), equation (3.1), with ln(2
 * ln W / delta) as in MOA.
 *
 * Cost: O(1), and a pass over the blocks every block_size observations. All cuts are first tried without divisions or roots; the
 * exact comparison decides where this cannot rule out a change, so no decision depends on it. */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "kedge/detectors/seed.h"

#include "base/arena.h"
#include "base/number.h"
#include "detectors/record.h"
#include "detectors/run.h"

#define SEED_SLACK 1e-9     /* relative margin by which the quick test stays on the safe side of rounding in the bound, */
#define SEED_ROUNDING 1e-13 /* and of rounding in the difference of the means */
#define SEED_MEAN_MAX 1e110    /* of a sound state: twice the largest input, and room */
#define SEED_SCATTER_MAX 1e250 /* likewise, by observation: its square, and room */

enum { SEED_MAX = 65536 };

typedef struct seed_state {
    kedge_state_head head;
    double delta;
    double epsilon_prime;
    double alpha;
    uint32_t block_size;
    uint32_t compress_term;
    uint32_t max_blocks;
    uint8_t variance;
    uint8_t direction;
    uint8_t reserved[2];
    uint32_t at_totals;   /* layout: sums of the blocks, the oldest first, less origin each */
    uint32_t at_scatters; /* layout: of the blocks, sums of squared distances from their means (MOA: its increments) */
    uint32_t at_sizes;    /* layout: of the blocks */
    uint32_t n_blocks;    /* full ones */
    uint32_t since_merge; /* blocks begun since the last merging */
    uint32_t n_tail;      /* observations that do not yet fill a block */
    double tail_total;    /* of these */
    double tail_squares;  /* of these; MOA: increments */
    double origin;        /* taken from every observation, so that squares stay small: the first one (MOA: 0) */
    uint64_t n_full;      /* observations in full blocks */
    double total;         /* of the window, the tail included */
    double scatter;       /* of the full blocks together (MOA: of the window) */
    detector_record record;
} seed_state;

static const kedge_field seed_fields[] = {
    KEDGE_PARAM(seed_state, delta, KEDGE_TYPE_F64),
    KEDGE_PARAM(seed_state, epsilon_prime, KEDGE_TYPE_F64),
    KEDGE_PARAM(seed_state, alpha, KEDGE_TYPE_F64),
    KEDGE_PARAM(seed_state, block_size, KEDGE_TYPE_U32),
    KEDGE_PARAM(seed_state, compress_term, KEDGE_TYPE_U32),
    KEDGE_PARAM(seed_state, max_blocks, KEDGE_TYPE_U32),
    KEDGE_PARAM(seed_state, variance, KEDGE_TYPE_U8),
    KEDGE_PARAM(seed_state, direction, KEDGE_TYPE_U8),
    KEDGE_VALUE(seed_state, n_blocks, KEDGE_TYPE_U32),
    KEDGE_VALUE(seed_state, since_merge, KEDGE_TYPE_U32),
    KEDGE_VALUE(seed_state, n_tail, KEDGE_TYPE_U32),
    KEDGE_VALUE(seed_state, tail_total, KEDGE_TYPE_F64),
    KEDGE_VALUE(seed_state, tail_squares, KEDGE_TYPE_F64),
    KEDGE_VALUE(seed_state, origin, KEDGE_TYPE_F64),
    KEDGE_VALUE(seed_state, n_full, KEDGE_TYPE_U64),
    KEDGE_VALUE(seed_state, total, KEDGE_TYPE_F64),
    KEDGE_VALUE(seed_state, scatter, KEDGE_TYPE_F64),
    DETECTOR_RECORD_FIELDS(seed_state),
    KEDGE_ARRAY(seed_state, at_totals, max_blocks, KEDGE_TYPE_F64),
    KEDGE_ARRAY(seed_state, at_scatters, max_blocks, KEDGE_TYPE_F64),
    KEDGE_ARRAY(seed_state, at_sizes, max_blocks, KEDGE_TYPE_U64),
};

static void seed_defaults(void *config)
{
    kedge_seed_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_seed;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->delta = 0.002;
    cfg->epsilon_prime = 0.01;
    cfg->alpha = 0.8;
    cfg->block_size = 32;
    cfg->compress_term = 75;
    cfg->max_blocks = 256;
    cfg->variance = KEDGE_SEED_EXACT;
    cfg->direction = KEDGE_DIRECTION_BOTH;
}

kedge_status kedge_seed_config_init(kedge_seed_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_seed.base, cfg, cfg_bytes, sizeof *cfg);
}

kedge_status kedge_seed_config_peer(kedge_seed_config *cfg, size_t cfg_bytes, uint32_t peer)
{
    if (peer != KEDGE_PEER_NONE && peer != KEDGE_PEER_MOA)
        return KEDGE_ERR_CONFIG;
    kedge_status st = kedge_seed_config_init(cfg, cfg_bytes);
    if (st == KEDGE_OK && peer == KEDGE_PEER_MOA) {
        cfg->delta = 0.05;
        cfg->variance = KEDGE_SEED_MOA;
    }
    return st;
}

static void seed_configure(const void *config, void *fixed)
{
    const kedge_seed_config *cfg = config;
    seed_state *s = fixed;
    s->delta = cfg->delta;
    s->epsilon_prime = cfg->epsilon_prime;
    s->alpha = cfg->alpha;
    s->block_size = cfg->block_size;
    s->compress_term = cfg->compress_term;
    s->max_blocks = cfg->max_blocks;
    s->variance = kedge_i_choice(cfg->variance);
    s->direction = kedge_i_choice(cfg->direction);
}

static int seed_valid(const void *fixed)
{
    const seed_state *s = fixed;
    return s->delta > 0.0 && s->delta < 1.0 && s->epsilon_prime > 0.0 && s->epsilon_prime <= KEDGE_DETECTOR_INPUT_MAX &&
           s->alpha > 0.0 && s->alpha <= KEDGE_DETECTOR_INPUT_MAX && kedge_i_u32_within(s->block_size, 2, SEED_MAX) &&
           kedge_i_u32_within(s->compress_term, 1, SEED_MAX) && kedge_i_u32_within(s->max_blocks, 4, SEED_MAX) &&
           kedge_i_u32_within(s->variance, KEDGE_SEED_EXACT, KEDGE_SEED_MOA) &&
           kedge_i_u32_within(s->direction, KEDGE_DIRECTION_BOTH, KEDGE_DIRECTION_DOWN);
}

static size_t seed_layout(void *fixed)
{
    seed_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->at_totals = kedge_i_arena_take(&arena, s->max_blocks, sizeof(double));
    s->at_scatters = kedge_i_arena_take(&arena, s->max_blocks, sizeof(double));
    s->at_sizes = kedge_i_arena_take(&arena, s->max_blocks, sizeof(uint64_t));
    return kedge_i_arena_end(&arena);
}

static void seed_start(void *state)
{
    (void)state; /* zero is empty */
}

/* One block; what is computed from several. */
typedef struct seed_block {
    uint64_t n;
    double total;
    double scatter;
} seed_block;

static seed_block seed_get(const seed_state *s, uint32_t i)
{
    const double *totals = kedge_i_at_const(s, s->at_totals);
    const double *scatters = kedge_i_at_const(s, s->at_scatters);
    const uint64_t *sizes = kedge_i_at_const(s, s->at_sizes);
    seed_block b = {sizes[i], totals[i], scatters[i]};
    return b;
}

static void seed_put(seed_state *s, uint32_t i, seed_block b)
{
    ((double *)kedge_i_at(s, s->at_totals))[i] = b.total;
    ((double *)kedge_i_at(s, s->at_scatters))[i] = b.scatter;
    ((uint64_t *)kedge_i_at(s, s->at_sizes))[i] = b.n;
}

static double seed_count(uint64_t n)
{
    return (double)(int64_t)n;
}

/* Two as one. The scatter is that of Chan, Golub, LeVeque 1983; MOA adds up. */
static seed_block seed_join(const seed_state *s, seed_block a, seed_block b)
{
    seed_block both = {a.n + b.n, b.total + a.total, b.scatter + a.scatter};
    if (s->variance == KEDGE_SEED_EXACT && a.n && b.n) {
        double apart = a.total / seed_count(a.n) - b.total / seed_count(b.n);
        both.scatter += apart * apart * (seed_count(a.n) * seed_count(b.n) / seed_count(both.n));
    }
    return both;
}

/* Can n observations add up to that? Far above what they can, so that rounding has room, and far enough below the greatest numbers
 * for the sums of the next ones to be finite and to pass too. */
static int seed_sums_are_sound(double total, double scatter, uint64_t n)
{
    double most = SEED_MEAN_MAX * (seed_count(n) + 1.0);
    double most_scattered = SEED_SCATTER_MAX * (seed_count(n) + 1.0);
    return kedge_i_within(total, -most, most) && kedge_i_within(scatter, -most_scattered, most_scattered);
}

static int seed_check(const void *state)
{
    const seed_state *s = state;
    uint64_t n = 0;
    if (!(seed_valid(s) && detector_record_is_sound(&s->record) && s->n_blocks <= s->max_blocks && s->n_tail < s->block_size &&
          s->since_merge <= s->compress_term + 1 && s->n_full <= s->record.n_seen && s->n_full + s->n_tail <= s->record.n_seen &&
          seed_sums_are_sound(s->tail_total, s->tail_squares, s->n_tail) && s->tail_squares >= 0.0 &&
          kedge_i_within(s->origin, -KEDGE_DETECTOR_INPUT_MAX, KEDGE_DETECTOR_INPUT_MAX) &&
          seed_sums_are_sound(s->total, s->scatter, s->n_full + s->n_tail) && (s->n_blocks || s->n_full == 0)))
        return 0;
    for (uint32_t i = 0; i < s->n_blocks; i++) {
        seed_block b = seed_get(s, i);
        n += b.n;
        if (b.n < 1 || b.n > s->n_full || !seed_sums_are_sound(b.total, b.scatter, b.n) || b.scatter < 0.0)
            return 0;
    }
    return n == s->n_full;
}

/* What the bound of a cut is made of. */
typedef struct seed_bound {
    double n;
    double total;
    double variance;
    double log_term;
} seed_bound;

/* Of the full blocks. MOA's increments may have run below zero where blocks were dropped. */
static seed_bound seed_bound_of(const seed_state *s)
{
    seed_bound b;
    b.n = seed_count(s->n_full);
    b.total = s->total - s->tail_total;
    b.variance = s->scatter > 0.0 ? s->scatter / b.n : 0.0;
    b.log_term = log(2.0 * log(b.n) / s->delta);
    return b;
}

/* Difference of means over its bound; 0 where rounding could be all of it. */
static double seed_ratio(const seed_bound *b, double n_new, double total_new)
{
    double n_old = b->n - n_new;
    double old = (b->total - total_new) / n_old;
    double new = total_new / n_new;
    double inverse = 1.0 / n_old + 1.0 / n_new;
    double bound = sqrt(2.0 * inverse * b->variance * b->log_term) + 2.0 / 3.0 * b->log_term * inverse;
    double apart = fabs(new - old);
    if (apart <= SEED_ROUNDING * (fabs(new) + fabs(old)))
        return 0.0;
    return apart > bound ? fmax(apart / bound, 1.0 + DBL_EPSILON) : fmin(apart / bound, 1.0); /* the division must not decide */
}

/* The newest cut that is a change, as the number of the oldest block behind it; 0 if there is none. The quick test is the
 * difference of means times n_old n_new / n: a distance of the newer sum from its share, less the linear part of the bound, against
 * its root, squared. */
static uint32_t seed_find(const seed_state *s, const seed_bound *b)
{
    const double *totals = kedge_i_at_const(s, s->at_totals);
    const uint64_t *sizes = kedge_i_at_const(s, s->at_sizes);
    double mean = b->total / b->n;
    double root = 2.0 * b->variance * b->log_term / b->n * (1.0 - SEED_SLACK);
    double rounding = SEED_ROUNDING * sqrt(b->n * (b->variance * b->n + b->total * mean)); /* Cauchy, Schwarz: above |total_new| */
    double linear = 2.0 / 3.0 * b->log_term * (1.0 - SEED_SLACK) - rounding;
    double n_new = 0.0;
    double total_new = 0.0;
    for (uint32_t i = s->n_blocks; i-- > 1;) {
        n_new += seed_count(sizes[i]);
        total_new += totals[i];
        double beyond = fabs(total_new - mean * n_new) - linear;
        if (beyond > 0.0 && beyond * beyond > root * n_new * (b->n - n_new) && seed_ratio(b, n_new, total_new) > 1.0)
            return i;
    }
    return 0;
}

/* The full blocks of one range as one. */
static seed_block seed_range(const seed_state *s, uint32_t from, uint32_t to)
{
    seed_block all = {0, 0.0, 0.0};
    for (uint32_t i = to; i-- > from;)
        all = seed_join(s, seed_get(s, i), all);
    return all;
}

/* Drop blocks `from` on to the oldest. MOA takes the increments of what goes from its sum. */
static void seed_forget(seed_state *s, uint32_t from)
{
    for (uint32_t i = from; i-- > 0;) {
        seed_block b = seed_get(s, i);
        s->total -= b.total;
        s->scatter -= b.scatter;
        s->n_full -= b.n;
    }
    for (uint32_t i = from; i < s->n_blocks; i++)
        seed_put(s, i - from, seed_get(s, i));
    seed_block none = {0, 0.0, 0.0};
    for (uint32_t i = s->n_blocks - from; i < s->n_blocks; i++)
        seed_put(s, i, none);
    s->n_blocks -= from;
    if (s->variance == KEDGE_SEED_EXACT) {
        seed_block left = seed_range(s, 0, s->n_blocks);
        s->total = left.total;
        s->scatter = left.scatter;
    }
}

/* Look for a change; what is older goes. */
static kedge_status seed_test(seed_state *s)
{
    seed_bound bound = seed_bound_of(s);
    uint32_t from = seed_find(s, &bound);
    if (from == 0)
        return KEDGE_OK;
    seed_block old = seed_range(s, 0, from);
    seed_block new = seed_range(s, from, s->n_blocks);
    double before = old.total / seed_count(old.n);
    double after = new.total / seed_count(new.n);
    double ratio = seed_ratio(&bound, seed_count(new.n), new.total);
    seed_forget(s, from);
    if (s->direction != KEDGE_DIRECTION_BOTH && (after > before) != (s->direction == KEDGE_DIRECTION_UP))
        return KEDGE_OK;
    detector_record_raise(&s->record, new.n, before + s->origin, after + s->origin, ratio, 1.0, (double)NAN);
    return KEDGE_DRIFT;
}

/* From the newest pair on, neighbours whose means differ by less than a growing tolerance become one. Filled from the end. */
static void seed_merge(seed_state *s)
{
    uint32_t place = s->n_blocks;
    double tolerance = 0.0;
    seed_block current = seed_get(s, s->n_blocks - 1);
    for (uint32_t i = s->n_blocks - 1; i-- > 0;) {
        seed_block older = seed_get(s, i);
        tolerance += s->epsilon_prime * s->alpha;
        if (fabs(older.total / seed_count(older.n) - current.total / seed_count(current.n)) < tolerance) {
            current = seed_join(s, older, current);
        } else {
            seed_put(s, --place, current);
            current = older;
        }
    }
    seed_put(s, --place, current);
    seed_block none = {0, 0.0, 0.0};
    uint32_t left = s->n_blocks - place;
    for (uint32_t i = 0; i < s->n_blocks; i++)
        seed_put(s, i, i < left ? seed_get(s, place + i) : none);
    s->n_blocks = left;
    s->since_merge = 0;
}

/* Room for one more block: the two oldest become one. */
static void seed_make_room(seed_state *s)
{
    seed_put(s, 1, seed_join(s, seed_get(s, 0), seed_get(s, 1)));
    for (uint32_t i = 1; i < s->n_blocks; i++)
        seed_put(s, i - 1, seed_get(s, i));
    s->n_blocks--;
}

/* A block is full. */
static kedge_status seed_close(seed_state *s)
{
    double spread = s->tail_squares - s->tail_total * (s->tail_total / seed_count(s->n_tail));
    seed_block tail = {s->n_tail, s->tail_total, s->variance == KEDGE_SEED_MOA ? s->tail_squares : fmax(spread, 0.0)};
    if (s->variance == KEDGE_SEED_EXACT) {
        seed_block full = {s->n_full, s->total - s->tail_total, s->scatter};
        s->scatter = seed_join(s, full, tail).scatter;
    }
    if (s->n_blocks == s->max_blocks)
        seed_make_room(s);
    seed_put(s, s->n_blocks++, tail);
    s->n_full += s->n_tail;
    s->n_tail = 0;
    s->tail_total = s->tail_squares = 0.0;
    kedge_status st = s->n_blocks > 1 ? seed_test(s) : KEDGE_OK;
    if (s->n_blocks > 1 && s->since_merge > s->compress_term)
        seed_merge(s);
    s->since_merge += s->since_merge <= s->compress_term;
    return st;
}

/* MOA's increment: squared distance from the sum, x included, over the number without x. */
static double seed_increment(const seed_state *s, double x)
{
    double n = seed_count(s->n_full + s->n_tail);
    double off = x - s->total / (n - 1.0);
    return n >= 2.0 ? (n - 1.0) * off * off / n : 0.0;
}

static inline kedge_status seed_step(seed_state *s, double x)
{
    if (s->n_full + s->n_tail == 0 && s->variance == KEDGE_SEED_EXACT)
        s->origin = x;
    double y = x - s->origin;
    s->record.n_seen++;
    s->n_tail++;
    s->tail_total += y;
    s->total += y;
    if (s->variance == KEDGE_SEED_EXACT) {
        s->tail_squares += y * y;
    } else {
        double increment = seed_increment(s, x);
        s->tail_squares += increment;
        s->scatter += increment;
    }
    return s->n_tail == s->block_size ? seed_close(s) : KEDGE_OK;
}

DETECTOR_RUN_IN_PLACE(seed)

static kedge_status seed_estimate(const void *state, kedge_estimate *out)
{
    const seed_state *s = state;
    uint64_t width = s->n_full + s->n_tail;
    kedge_status st = detector_record_estimate(&s->record, width, out);
    out->threshold = 1.0;
    if (width == 0)
        return st;
    seed_block full = {s->n_full, s->total - s->tail_total, s->scatter};
    seed_block tail = {s->n_tail, s->tail_total, s->tail_squares};
    if (s->variance == KEDGE_SEED_MOA)
        full.scatter -= s->tail_squares; /* it has them already */
    else if (s->n_tail)
        tail.scatter = fmax(s->tail_squares - s->tail_total * (s->tail_total / seed_count(s->n_tail)), 0.0);
    seed_block all = seed_join(s, full, tail);
    out->mean = s->origin + all.total / seed_count(width);
    out->variance = fmax(all.scatter, 0.0) / seed_count(width);
    out->statistic = 0.0;
    if (s->n_blocks > 1) {
        seed_bound bound = seed_bound_of(s);
        seed_block new = {0, 0.0, 0.0};
        for (uint32_t i = s->n_blocks; i-- > 1;) {
            new = seed_join(s, seed_get(s, i), new);
            out->statistic = fmax(out->statistic, seed_ratio(&bound, seed_count(new.n), new.total));
        }
    }
    return st;
}

static kedge_status seed_alarm(const void *state, kedge_alarm *out)
{
    return detector_record_alarm(&((const seed_state *)state)->record, out);
}

const kedge_detector_class kedge_seed = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_DETECTOR,
            .version = 1,
            .name = "seed",
            .fixed_bytes = sizeof(seed_state),
            .config_bytes = sizeof(kedge_seed_config),
            .n_fields = sizeof seed_fields / sizeof *seed_fields,
            .fields = seed_fields,
            .defaults = seed_defaults,
            .configure = seed_configure,
            .valid = seed_valid,
            .layout = seed_layout,
            .start = seed_start,
            .check = seed_check,
        },
    .input_low = -KEDGE_DETECTOR_INPUT_MAX,
    .input_high = KEDGE_DETECTOR_INPUT_MAX,
    .run = seed_run,
    .update = seed_update,
    .estimate = seed_estimate,
    .alarm = seed_alarm,
    .knob = {offsetof(kedge_seed_config, delta), 0, 0.9, 1e-14},
};
