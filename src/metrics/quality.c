/* SPDX-License-Identifier: MIT */
/* Quality of a classifier: its confusion matrix over everything, over a sliding or tumbling window, or fading. Figures:
 * quality_read.c.
 *
 * Beside the cells stands how much weight had another truth than the record before it: what guessing the last truth again gets
 * wrong, for the temporal kappa (Zliobaite, Bifet, Read, Pfahringer, Holmes 2015). Prequential error over windows and with fading:
 * Gama, Sebastiao, Rodrigues 2013, "On evaluating stream learning algorithms", Machine Learning 90. Fading lets the increment grow
 * instead of shrinking every cell, so a record costs O(1); before the increment leaves the range of doubles all cells are scaled
 * back. A window never subtracts, since what rounding leaves behind would make a class that has left the window look present: it
 * is a queue of two stacks. Records since the last turn of the ring are summed as they come; each older one keeps what its
 * cell will hold once it has left. Over everything two tables take turns, since a sum that was just stored is slow to add to again:
 * a record is 1.5 times as fast where nearly all fall into one cell.
 *
 * Cost: O(1) to record, in a window on average (each turn costs O(window)), with fading on average too (once in
 * 575 / -ln(fading) records all cells are scaled back). */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/metric.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/number.h"
#include "base/object.h"
#include "metrics/handle.h"
#include "metrics/quality_state.h"

#define QUALITY_INCREMENT_MAX 1e250 /* times all weights that fading leaves: below 1e276 */
#define QUALITY_SPARSE_MAX 1e30 /* a record's weight is far below its last bit */
#define QUALITY_MAX_BETA 1e3
#define QUALITY_SUM_MAX (4.0 * KEDGE_I_RECORD_WEIGHT_MAX) /* a record, with room for rounding in a long sum */

enum { QUALITY_MAX_CLASSES = 1024, QUALITY_MAX_WINDOW = 1 << 24 };

static const kedge_field quality_fields[] = {
    KEDGE_PARAM(quality_state, fading, KEDGE_TYPE_F64),
    KEDGE_PARAM(quality_state, beta, KEDGE_TYPE_F64),
    KEDGE_PARAM(quality_state, confidence, KEDGE_TYPE_F64),
    KEDGE_PARAM(quality_state, n_classes, KEDGE_TYPE_U32),
    KEDGE_PARAM(quality_state, over, KEDGE_TYPE_U32),
    KEDGE_PARAM(quality_state, window, KEDGE_TYPE_U32),
    KEDGE_VALUE(quality_state, place, KEDGE_TYPE_U32),
    KEDGE_VALUE(quality_state, last, KEDGE_TYPE_U32),
    KEDGE_VALUE(quality_state, n, KEDGE_TYPE_U64),
    KEDGE_VALUE(quality_state, increment, KEDGE_TYPE_F64),
    KEDGE_VALUE(quality_state, turns[0], KEDGE_TYPE_F64),
    KEDGE_VALUE(quality_state, turns[1], KEDGE_TYPE_F64),
    KEDGE_ARRAY(quality_state, at_tables[0], n_cells, KEDGE_TYPE_F64),
    KEDGE_ARRAY(quality_state, at_tables[1], n_older, KEDGE_TYPE_F64),
    KEDGE_ARRAY(quality_state, at_ring, n_ring, KEDGE_TYPE_U32),
    KEDGE_ARRAY(quality_state, at_weights, n_ring, KEDGE_TYPE_F64),
    KEDGE_ARRAY(quality_state, at_changes, n_ring, KEDGE_TYPE_F64),
};

static void quality_defaults(void *config)
{
    kedge_quality_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_quality;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->fading = 0.999;
    cfg->over = KEDGE_OVER_ALL;
    cfg->window = 1000;
    cfg->beta = 1.0;
    cfg->confidence = 0.95;
}

kedge_status kedge_quality_config_init(kedge_quality_config *cfg, size_t cfg_bytes, uint32_t n_classes)
{
    kedge_status st = kedge_class_defaults(&kedge_quality.base, cfg, cfg_bytes, sizeof *cfg);
    if (st == KEDGE_OK)
        cfg->n_classes = n_classes;
    return st;
}

static void quality_configure(const void *config, void *fixed)
{
    const kedge_quality_config *cfg = config;
    quality_state *s = fixed;
    s->fading = cfg->fading;
    s->n_classes = cfg->n_classes;
    s->over = cfg->over;
    s->window = cfg->window;
    s->beta = cfg->beta;
    s->confidence = cfg->confidence;
}

/* A field that the kind of covering does not use is not looked at, but must not hold a value that nobody could use. */
static int quality_valid(const void *fixed)
{
    const quality_state *s = fixed;
    return kedge_i_u32_within(s->n_classes, 2, QUALITY_MAX_CLASSES) &&
           kedge_i_u32_within(s->over, KEDGE_OVER_ALL, KEDGE_OVER_TUMBLING) &&
           kedge_i_u32_within(s->window, 1, QUALITY_MAX_WINDOW) && s->fading > 0.0 && s->fading < 1.0 && s->beta > 0.0 &&
           s->beta <= QUALITY_MAX_BETA && s->confidence > 0.0 && s->confidence < 1.0;
}

/* Up to how many records are plainly added. */
static uint64_t quality_plain(const quality_state *s)
{
    return s->over == KEDGE_OVER_ALL ? KEDGE_I_COUNT_MAX : 0;
}

static size_t quality_layout(void *fixed)
{
    quality_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->n_cells = s->n_classes * s->n_classes;
    s->n_ring = s->over == KEDGE_OVER_WINDOW ? s->window : 0;
    s->n_older = s->over == KEDGE_OVER_FADING ? 0 : s->n_cells;
    s->n_plain = quality_plain(s);
    s->at_tables[0] = kedge_i_arena_take(&arena, s->n_cells, sizeof(double));
    s->at_tables[1] = kedge_i_arena_take(&arena, s->n_older, sizeof(double));
    s->at_ring = kedge_i_arena_take(&arena, s->n_ring, sizeof(uint32_t));
    s->at_weights = kedge_i_arena_take(&arena, s->n_ring, sizeof(double));
    s->at_changes = kedge_i_arena_take(&arena, s->n_ring, sizeof(double));
    return kedge_i_arena_end(&arena);
}

static void quality_start(void *state)
{
    ((quality_state *)state)->increment = 1.0;
}

static double *quality_cells(quality_state *s)
{
    return kedge_i_at(s, s->at_tables[0]);
}

static int quality_all_within(const double *x, uint32_t n, double most)
{
    for (uint32_t i = 0; i < n; i++)
        if (!kedge_i_within(x[i], 0.0, most))
            return 0;
    return 1;
}

static double quality_sum(const double *x, uint32_t n)
{
    double sum = 0.0;
    for (uint32_t i = 0; i < n; i++)
        sum += x[i];
    return sum;
}

/* But for rounding. */
static int quality_is_sum(double x, const double *terms, uint32_t n)
{
    double sum = quality_sum(terms, n);
    return fabs(x - sum) <= 1e-6 * sum;
}

/* More cells than a turn may touch: then it visits those of its records, since all others are 0, unless a snapshot was forged. */
static int quality_is_sparse(const quality_state *s)
{
    return s->n_cells / 2 > s->n_ring;
}

/* n records grow the increment by 1 / fading each but the first; rounding may double a step where fading is nearly 1. */
static int quality_increment_is_sound(const quality_state *s)
{
    double steps = s->n > 1 ? (double)(int64_t)(s->n - 1) : 0.0;
    if (s->over != KEDGE_OVER_FADING)
        return s->increment == 1.0;
    return kedge_i_within(s->increment, 1.0, QUALITY_INCREMENT_MAX) && log(s->increment) <= -2.0 * steps * log(s->fading);
}

/* Every record of the ring has its cell; those of this turn sum to the cells, older ones promise no more than a window can hold,
 * and places not yet used are empty. Where a turn does not visit all cells, what was forged into the others would stay: there any
 * sums are taken that no record can carry out of range. */
static int quality_ring_is_sound(const quality_state *s)
{
    const double *cells = kedge_i_at_const(s, s->at_tables[0]);
    const double *older = kedge_i_at_const(s, s->at_tables[1]);
    const double *weights = kedge_i_at_const(s, s->at_weights);
    const double *changes = kedge_i_at_const(s, s->at_changes);
    const uint32_t *ring = kedge_i_at_const(s, s->at_ring);
    double each = QUALITY_SUM_MAX * (double)s->n_ring;
    double most = quality_is_sparse(s) ? QUALITY_SPARSE_MAX : each;
    if (!quality_all_within(s->turns, 2, each) || !quality_all_within(changes, s->place, KEDGE_I_RECORD_WEIGHT_MAX) ||
        !quality_all_within(changes + s->place, s->n_ring - s->place, each) || !quality_is_sum(s->turns[0], changes, s->place))
        return 0;
    if (!quality_all_within(cells, s->n_cells, most) || !quality_all_within(older, s->n_older, most) ||
        !quality_all_within(weights, s->place, KEDGE_I_RECORD_WEIGHT_MAX) ||
        !quality_all_within(weights + s->place, s->n_ring - s->place, most))
        return 0;
    for (uint32_t i = 0; i < s->n_ring; i++)
        if (ring[i] >= s->n_cells || (i >= s->n && (ring[i] != 0 || weights[i] != 0.0 || changes[i] != 0.0)))
            return 0;
    if (s->n < s->n_ring && (quality_sum(older, s->n_older) != 0.0 || s->turns[1] != 0.0))
        return 0;
    return quality_is_sparse(s) || quality_is_sum(quality_sum(cells, s->n_cells), weights, s->place);
}

/* What both tables hold, without a ring. */
static int quality_sums_are_sound(const quality_state *s)
{
    double n = s->over == KEDGE_OVER_TUMBLING ? (double)s->place : (double)(int64_t)s->n;
    double before = s->over == KEDGE_OVER_TUMBLING && s->n >= s->window ? QUALITY_SUM_MAX * s->window : 0.0;
    if (s->over == KEDGE_OVER_FADING)
        n = fmin(n, 1.0 / (1.0 - s->fading));
    double most = QUALITY_SUM_MAX * s->increment * n;
    before = s->over == KEDGE_OVER_ALL ? most : before;
    return quality_all_within(kedge_i_at_const(s, s->at_tables[0]), s->n_cells, most) && quality_all_within(s->turns, 1, most) &&
           quality_all_within(kedge_i_at_const(s, s->at_tables[1]), s->n_older, before) &&
           quality_all_within(s->turns + 1, 1, before);
}

static int quality_counts_are_sound(const quality_state *s)
{
    int has_place = s->over == KEDGE_OVER_WINDOW || s->over == KEDGE_OVER_TUMBLING;
    return s->n <= KEDGE_I_COUNT_MAX && s->n_plain == quality_plain(s) && s->place == (has_place ? s->n % s->window : 0);
}

static int quality_check(const void *state)
{
    const quality_state *s = state;
    if (!quality_valid(s) || !quality_counts_are_sound(s) || s->last >= s->n_classes || !quality_increment_is_sound(s))
        return 0;
    return s->over == KEDGE_OVER_WINDOW ? quality_ring_is_sound(s) : quality_sums_are_sound(s);
}

/* Fading ----------------------------------------------------------------------------------------------------------------------- */

/* What weight 1 adds at this record: 1 / fading times what it added at the last one. */
static void quality_grow(quality_state *s)
{
    double next = s->increment / s->fading;
    if (next <= QUALITY_INCREMENT_MAX) {
        s->increment = next;
        return;
    }
    double shrink = s->fading / s->increment;
    for (uint32_t i = 0; i < s->n_cells; i++)
        quality_cells(s)[i] *= shrink;
    s->turns[0] *= shrink;
    s->increment = 1.0;
}

/* Windows ------------------------------------------------------------------------------------------------------------------ */

/* The ring is full of this turn's records. From the newest back: each keeps what its cell holds of newer ones. */
static void quality_turn(quality_state *s)
{
    const uint32_t *ring = kedge_i_at(s, s->at_ring);
    double *weights = kedge_i_at(s, s->at_weights);
    double *older = kedge_i_at(s, s->at_tables[1]);
    double *changes = kedge_i_at(s, s->at_changes);
    double newer_changes = 0.0;
    if (quality_is_sparse(s)) {
        for (uint32_t i = 0; i < s->n_ring; i++)
            older[ring[i]] = quality_cells(s)[ring[i]] = 0.0;
    } else {
        memset(older, 0, s->n_older * sizeof *older);
        memset(quality_cells(s), 0, s->n_cells * sizeof(double));
    }
    for (uint32_t i = s->n_ring; i-- > 0;) {
        double newer = older[ring[i]];
        older[ring[i]] = newer + weights[i];
        weights[i] = newer;
        double before = newer_changes;
        newer_changes += changes[i];
        changes[i] = before;
    }
    s->turns[0] = 0.0;
    s->turns[1] = newer_changes;
    s->place = 0;
}

static void quality_slide(quality_state *s, uint32_t cell, double weight, double changed)
{
    double *changes = kedge_i_at(s, s->at_changes);
    uint32_t *ring = kedge_i_at(s, s->at_ring);
    double *weights = kedge_i_at(s, s->at_weights);
    double *older = kedge_i_at(s, s->at_tables[1]);
    older[ring[s->place]] = weights[s->place]; /* the oldest record leaves; a place not yet used leaves 0 where nothing is */
    s->turns[1] = changes[s->place];
    ring[s->place] = cell;
    weights[s->place] = weight;
    changes[s->place] = changed;
    quality_cells(s)[cell] += weight;
    s->turns[0] += changed;
    if (++s->place == s->n_ring)
        quality_turn(s);
}

/* The window is full: the next one begins. */
static void quality_tumble(quality_state *s)
{
    memcpy(kedge_i_at(s, s->at_tables[1]), quality_cells(s), s->n_cells * sizeof(double));
    memset(quality_cells(s), 0, s->n_cells * sizeof(double));
    s->turns[1] = s->turns[0];
    s->turns[0] = 0.0;
    s->place = 0;
}

/* Recording -------------------------------------------------------------------------------------------------------------------- */

static void quality_cover(quality_state *s, uint32_t cell, double weight, double changed)
{
    if (s->over == KEDGE_OVER_WINDOW) {
        quality_slide(s, cell, weight, changed);
        return;
    }
    if (s->over == KEDGE_OVER_FADING && s->n > 0)
        quality_grow(s);
    quality_cells(s)[cell] += weight * s->increment;
    s->turns[0] += changed * s->increment;
    if (s->over == KEDGE_OVER_TUMBLING && ++s->place == s->window)
        quality_tumble(s);
}

static inline uint64_t quality_bits(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* x or 0. No branch: it would be guessed wrong every other time. */
static inline double quality_x_if(uint32_t is, double x)
{
    uint64_t bits = quality_bits(x) & ((uint64_t)0 - is);
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Where not everything counts alike, or something is wrong. */
KEDGE_I_APART static kedge_status quality_take_other(quality_state *s, uint32_t truth, uint32_t predicted, double weight)
{
    if (truth >= s->n_classes || predicted >= s->n_classes || s->n >= KEDGE_I_COUNT_MAX)
        return KEDGE_ERR_RANGE;
    if (!kedge_i_within(weight, 0.0, KEDGE_I_RECORD_WEIGHT_MAX))
        return kedge_i_refusal(weight);
    quality_cover(s, truth * s->n_classes + predicted, weight, quality_x_if(truth != s->last, weight));
    s->last = truth;
    s->n++;
    return KEDGE_OK;
}

/* A class of the state's and a weight? Numbers of 0 up order as their bits do; -0 and what is no weight have greater ones. */
static inline int quality_is_plain(uint32_t n_classes, uint32_t truth, uint32_t predicted, double weight)
{
    return truth < n_classes && predicted < n_classes && quality_bits(weight) <= quality_bits(KEDGE_I_RECORD_WEIGHT_MAX);
}

static inline kedge_status quality_take(quality_state *s, uint32_t truth, uint32_t predicted, double weight)
{
    uint64_t n = s->n;
    if (!quality_is_plain(s->n_classes, truth, predicted, weight) || n >= s->n_plain)
        return quality_take_other(s, truth, predicted, weight);
    double *table = kedge_i_at(s, s->at_tables[n & 1]);
    table[truth * s->n_classes + predicted] += weight;
    s->turns[n & 1] += quality_x_if(truth != s->last, weight);
    s->last = truth;
    s->n = n + 1;
    return KEDGE_OK;
}

kedge_status kedge_quality_record(kedge_metric *m, uint32_t truth, uint32_t predicted, double weight)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_quality));
    return quality_take(m->state, truth, predicted, weight);
}

/* As quality_take() does, with what changes in registers, up to the first record that is not plain. Returns how many were taken. */
static size_t quality_take_run(quality_state *s, const uint32_t *truth, const uint32_t *predicted, const double *weight, size_t n)
{
    const uint32_t n_classes = s->n_classes;
    const uint32_t odd = (uint32_t)s->n & 1u;
    double *next = kedge_i_at(s, s->at_tables[odd]);
    double *other = kedge_i_at(s, s->at_tables[1u - odd]);
    double turns = s->turns[odd];
    double turns_of_other = s->turns[1u - odd];
    uint32_t last = s->last;
    size_t i = 0;
    if (n > s->n_plain - s->n)
        n = (size_t)(s->n_plain - s->n);
    for (; i < n && quality_is_plain(n_classes, truth[i], predicted[i], weight ? weight[i] : 1.0); i++) {
        double w = weight ? weight[i] : 1.0;
        double sum = turns + quality_x_if(truth[i] != last, w);
        next[truth[i] * n_classes + predicted[i]] += w;
        last = truth[i];
        double *table = next;
        next = other;
        other = table;
        turns = turns_of_other;
        turns_of_other = sum;
    }
    s->n += i;
    s->last = last;
    s->turns[s->n & 1] = turns;
    s->turns[1 - (s->n & 1)] = turns_of_other;
    return i;
}

kedge_status kedge_quality_record_many(kedge_metric *m, const uint32_t *truth, const uint32_t *predicted, const double *weight,
                                       size_t n, size_t *used)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_quality));
    if (!used || (n > 0 && (!truth || !predicted)))
        return KEDGE_ERR_NULL;
    quality_state *s = m->state;
    kedge_status st = KEDGE_OK;
    size_t i = s->n < s->n_plain ? quality_take_run(s, truth, predicted, weight, n) : 0;
    for (; i < n && st == KEDGE_OK; i++)
        st = quality_take(s, truth[i], predicted[i], weight ? weight[i] : 1.0);
    *used = st < 0 ? i - 1 : i;
    return st;
}

/* Merging: only what covers everything has no order. */
static int quality_alike(const void *state, const void *other)
{
    const quality_state *a = state;
    const quality_state *b = other;
    return a->n_classes == b->n_classes && a->over == b->over && a->beta == b->beta && a->confidence == b->confidence;
}

static void quality_add_table(uint32_t n, double *table, const double *more)
{
    for (uint32_t i = 0; i < n; i++)
        table[i] += more[i];
}

static kedge_status quality_merge(void *state, const void *other)
{
    quality_state *a = state;
    const quality_state *b = other;
    if (a->over != KEDGE_OVER_ALL)
        return KEDGE_ERR_UNSUPPORTED;
    if (b->n > KEDGE_I_COUNT_MAX - a->n)
        return KEDGE_ERR_RANGE;
    for (int i = 0; i < 2; i++) {
        quality_add_table(a->n_cells, kedge_i_at(a, a->at_tables[i]), kedge_i_at_const(b, b->at_tables[i]));
        a->turns[i] += b->turns[i];
    }
    a->last = b->n > 0 ? b->last : a->last;
    a->n += b->n;
    return KEDGE_OK;
}

const kedge_metric_class kedge_quality = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_METRIC,
            .version = 1,
            .name = "quality",
            .fixed_bytes = sizeof(quality_state),
            .config_bytes = sizeof(kedge_quality_config),
            .n_fields = sizeof quality_fields / sizeof *quality_fields,
            .fields = quality_fields,
            .defaults = quality_defaults,
            .configure = quality_configure,
            .valid = quality_valid,
            .layout = quality_layout,
            .start = quality_start,
            .check = quality_check,
        },
    .alike = quality_alike,
    .merge = quality_merge,
};
