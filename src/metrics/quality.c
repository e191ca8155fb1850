/* SPDX-License-Identifier: MIT */
/* Quality of a classifier, from its confusion matrix: over everything, over a sliding window, or fading.
 *
 * Kappa: Cohen 1960, "A coefficient of agreement for nominal scales". Prequential error over windows and with fading: Gama, Sebastiao,
 * Rodrigues 2013, "On evaluating stream learning algorithms", Machine Learning 90. Fading lets the increment grow instead of shrinking
 * every cell, so a record costs O(1); before the increment leaves the range of doubles all cells are scaled back. A window never subtracts,
 * since what rounding leaves behind would make a class that has left the window look present: it is a queue of two stacks. Records since
 * the last turn of the ring are summed as they come; each older one keeps what its cell will hold once it has left.
 *
 * Cost: O(1) to record, in a window on average (each turn costs O(window)), with fading on average too (once in
 * 575 / -ln(fading) records all cells are scaled back); O(n_classes^2) to read. */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "kedge/metric.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/number.h"
#include "base/object.h"
#include "metrics/handle.h"

#define QUALITY_INCREMENT_MAX 1e250 /* times all weights that fading leaves: below 1e276 */
#define QUALITY_SPARSE_MAX 1e30 /* a record's weight is far below its last bit */
#define QUALITY_SUM_MAX (4.0 * KEDGE_I_RECORD_WEIGHT_MAX) /* a record, with room for rounding in a long sum */

enum { QUALITY_MAX_CLASSES = 1024, QUALITY_MAX_WINDOW = 1 << 24 };

typedef struct quality_state {
    kedge_state_head head;
    double fading;
    uint32_t n_classes;
    uint32_t over;
    uint32_t window;
    uint32_t n_ring;     /* layout: window where it is used, else 0 */
    uint32_t n_cells;    /* layout: n_classes^2 */
    uint32_t at_cells;   /* layout: double[truth][predicted], weight sums, >= 0 */
    uint32_t at_ring;    /* layout: uint32_t[n_ring], cell of each record */
    uint32_t at_weights; /* layout: double[n_ring]: before place weights, from place on what the cell holds of its kind without them */
    uint32_t at_older;   /* layout: double[n_older], sums over the ring's records from place on; cells has those before place */
    uint32_t n_older;    /* layout: n_cells where a window is used, else 0 */
    uint32_t place;      /* of the ring, where the next record goes: n mod n_ring */
    uint32_t reserved;
    uint64_t n;          /* records since init */
    double increment;    /* fading: what weight 1 added at the last record; else 1 */
} quality_state;

static const kedge_field quality_fields[] = {
    KEDGE_PARAM(quality_state, fading, KEDGE_TYPE_F64),
    KEDGE_PARAM(quality_state, n_classes, KEDGE_TYPE_U32),
    KEDGE_PARAM(quality_state, over, KEDGE_TYPE_U32),
    KEDGE_PARAM(quality_state, window, KEDGE_TYPE_U32),
    KEDGE_VALUE(quality_state, place, KEDGE_TYPE_U32),
    KEDGE_VALUE(quality_state, n, KEDGE_TYPE_U64),
    KEDGE_VALUE(quality_state, increment, KEDGE_TYPE_F64),
    KEDGE_ARRAY(quality_state, at_cells, n_cells, KEDGE_TYPE_F64),
    KEDGE_ARRAY(quality_state, at_older, n_older, KEDGE_TYPE_F64),
    KEDGE_ARRAY(quality_state, at_ring, n_ring, KEDGE_TYPE_U32),
    KEDGE_ARRAY(quality_state, at_weights, n_ring, KEDGE_TYPE_F64),
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
}

/* A field that the kind of covering does not use is not looked at, but must not hold a value that nobody could use. */
static int quality_valid(const void *fixed)
{
    const quality_state *s = fixed;
    return kedge_i_u32_within(s->n_classes, 2, QUALITY_MAX_CLASSES) && kedge_i_u32_within(s->over, KEDGE_OVER_ALL, KEDGE_OVER_FADING) &&
           kedge_i_u32_within(s->window, 1, QUALITY_MAX_WINDOW) && s->fading > 0.0 && s->fading < 1.0;
}

static size_t quality_layout(void *fixed)
{
    quality_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->n_cells = s->n_classes * s->n_classes;
    s->n_ring = s->over == KEDGE_OVER_WINDOW ? s->window : 0;
    s->n_older = s->over == KEDGE_OVER_WINDOW ? s->n_cells : 0;
    s->at_cells = kedge_i_arena_take(&arena, s->n_cells, sizeof(double));
    s->at_older = kedge_i_arena_take(&arena, s->n_older, sizeof(double));
    s->at_ring = kedge_i_arena_take(&arena, s->n_ring, sizeof(uint32_t));
    s->at_weights = kedge_i_arena_take(&arena, s->n_ring, sizeof(double));
    return kedge_i_arena_end(&arena);
}

static void quality_start(void *state)
{
    ((quality_state *)state)->increment = 1.0;
}

static double *quality_cells(quality_state *s)
{
    return kedge_i_at(s, s->at_cells);
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

/* Every record of the ring has its cell; those of this turn sum to the cells, older ones promise no more than a window can hold, and places
 * not yet used are empty. Where a turn does not visit all cells, what was forged into the others would stay: there any sums are taken that
 * no record can carry out of range. */
static int quality_ring_is_sound(const quality_state *s)
{
    const double *cells = kedge_i_at_const(s, s->at_cells);
    const double *older = kedge_i_at_const(s, s->at_older);
    const double *weights = kedge_i_at_const(s, s->at_weights);
    const uint32_t *ring = kedge_i_at_const(s, s->at_ring);
    double most = quality_is_sparse(s) ? QUALITY_SPARSE_MAX : QUALITY_SUM_MAX * (double)s->n_ring;
    if (s->place != s->n % s->n_ring)
        return 0;
    if (!quality_all_within(cells, s->n_cells, most) || !quality_all_within(older, s->n_older, most) ||
        !quality_all_within(weights, s->place, KEDGE_I_RECORD_WEIGHT_MAX) ||
        !quality_all_within(weights + s->place, s->n_ring - s->place, most))
        return 0;
    for (uint32_t i = 0; i < s->n_ring; i++)
        if (ring[i] >= s->n_cells || (i >= s->n && (ring[i] != 0 || weights[i] != 0.0)))
            return 0;
    if (s->n < s->n_ring && quality_sum(older, s->n_older) != 0.0)
        return 0;
    double sum = quality_sum(weights, s->place);
    return quality_is_sparse(s) || fabs(quality_sum(cells, s->n_cells) - sum) <= 1e-6 * sum;
}

static int quality_check(const void *state)
{
    const quality_state *s = state;
    double n = (double)(int64_t)s->n;
    if (!quality_valid(s) || s->n > KEDGE_I_COUNT_MAX || !quality_increment_is_sound(s))
        return 0;
    if (s->over == KEDGE_OVER_WINDOW)
        return quality_ring_is_sound(s);
    if (s->over == KEDGE_OVER_FADING)
        n = fmin(n, 1.0 / (1.0 - s->fading));
    return s->place == 0 && quality_all_within(kedge_i_at_const(s, s->at_cells), s->n_cells, QUALITY_SUM_MAX * s->increment * n);
}

/* Fading ---------------------------------------------------------------------------------------------------------------------------- */

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
    s->increment = 1.0;
}

/* Window ---------------------------------------------------------------------------------------------------------------------------- */

/* The ring is full of this turn's records. From the newest back: each keeps what its cell holds of newer ones. */
static void quality_turn(quality_state *s)
{
    const uint32_t *ring = kedge_i_at(s, s->at_ring);
    double *weights = kedge_i_at(s, s->at_weights);
    double *older = kedge_i_at(s, s->at_older);
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
    }
    s->place = 0;
}

static void quality_slide(quality_state *s, uint32_t cell, double weight)
{
    uint32_t *ring = kedge_i_at(s, s->at_ring);
    double *weights = kedge_i_at(s, s->at_weights);
    double *older = kedge_i_at(s, s->at_older);
    older[ring[s->place]] = weights[s->place]; /* the oldest record leaves; a place not yet used leaves 0 where nothing is */
    ring[s->place] = cell;
    weights[s->place] = weight;
    quality_cells(s)[cell] += weight;
    if (++s->place == s->n_ring)
        quality_turn(s);
}

/* Recording -------------------------------------------------------------------------------------------------------------------------- */

static inline kedge_status quality_take(quality_state *s, uint32_t truth, uint32_t predicted, double weight)
{
    if (truth >= s->n_classes || predicted >= s->n_classes)
        return KEDGE_ERR_RANGE;
    if (!kedge_i_within(weight, 0.0, KEDGE_I_RECORD_WEIGHT_MAX))
        return kedge_i_refusal(weight);
    uint32_t cell = truth * s->n_classes + predicted;
    if (s->over == KEDGE_OVER_WINDOW) {
        quality_slide(s, cell, weight);
    } else {
        if (s->over == KEDGE_OVER_FADING && s->n > 0)
            quality_grow(s);
        quality_cells(s)[cell] += weight * s->increment;
    }
    s->n++;
    return KEDGE_OK;
}

kedge_status kedge_quality_record(kedge_metric *m, uint32_t truth, uint32_t predicted, double weight)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_quality));
    return quality_take(m->state, truth, predicted, weight);
}

kedge_status kedge_quality_record_many(kedge_metric *m, const uint32_t *truth, const uint32_t *predicted, const double *weight, size_t n,
                                       size_t *used)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_quality));
    if (!used || (n > 0 && (!truth || !predicted)))
        return KEDGE_ERR_NULL;
    kedge_status st = KEDGE_OK;
    size_t i = 0;
    for (; i < n && st == KEDGE_OK; i++)
        st = quality_take(m->state, truth[i], predicted[i], weight ? weight[i] : 1.0);
    *used = st < 0 ? i - 1 : i;
    return st;
}

/* Reading ---------------------------------------------------------------------------------------------------------------------------- */

static double quality_cell(const quality_state *s, uint32_t truth, uint32_t predicted)
{
    const double *cells = kedge_i_at_const(s, s->at_cells);
    const double *older = kedge_i_at_const(s, s->at_older);
    uint32_t cell = truth * s->n_classes + predicted;
    return s->n_older > 0 ? older[cell] + cells[cell] : cells[cell] / s->increment;
}

/* How often a class occurred, was predicted, was predicted rightly; occurred without being predicted, and the other way round. What
 * could be told by subtraction is summed, because differences of great sums lose the small ones. */
typedef struct quality_sums {
    double occurred;
    double predicted;
    double right;
    double missed;
    double claimed;
} quality_sums;

static quality_sums quality_sums_of(const quality_state *s, uint32_t c)
{
    quality_sums sums = {0.0, 0.0, quality_cell(s, c, c), 0.0, 0.0};
    for (uint32_t i = 0; i < s->n_classes; i++) {
        sums.missed += i == c ? 0.0 : quality_cell(s, c, i);
        sums.claimed += i == c ? 0.0 : quality_cell(s, i, c);
    }
    sums.occurred = sums.right + sums.missed;
    sums.predicted = sums.right + sums.claimed;
    return sums;
}

/* Weight of all records whose truth is another class than c; c = n_classes: of all. */
static double quality_others(const quality_state *s, uint32_t c)
{
    double total = 0.0;
    for (uint32_t t = 0; t < s->n_classes; t++)
        for (uint32_t p = 0; p < s->n_classes && t != c; p++)
            total += quality_cell(s, t, p);
    return total;
}

/* Disagreement by chance, 1 - chance of Cohen 1960: occurred share times predicted share, summed over all pairs of different classes. No
 * difference is taken, so nothing is lost where almost all is one class. */
typedef struct quality_chance {
    double disagree;
    double occurred; /* of the classes so far */
    double predicted;
} quality_chance;

static void quality_chance_add(quality_chance *q, double occurred, double predicted)
{
    q->disagree += occurred * q->predicted + predicted * q->occurred;
    q->occurred += occurred;
    q->predicted += predicted;
}

/* Kappa as 1 - observed / expected disagreement, the same as (accuracy - chance) / (1 - chance). */
static double quality_kappa(const quality_chance *q, double wrong)
{
    double kappa = q->disagree > 0.0 ? 1.0 - wrong / q->disagree : 0.0;
    return kappa > -1.0 ? kappa : -1.0;
}

/* A share; 0 where there is nothing to be a share of, which is counted. Rounding of sums must not take it above 1. */
static double quality_share(double part, double whole, uint32_t *n_undefined)
{
    if (!(whole > 0.0)) {
        (*n_undefined)++;
        return 0.0;
    }
    return part < whole ? part / whole : 1.0;
}

static kedge_status quality_read_nothing(const quality_state *s, kedge_quality_report *out)
{
    memset(out, 0, sizeof *out);
    out->n = s->over == KEDGE_OVER_WINDOW && s->n > s->n_ring ? s->n_ring : s->n;
    out->accuracy = out->error_rate = out->kappa = (double)NAN;
    out->precision_macro = out->recall_macro = out->f1_macro = (double)NAN;
    out->precision_weighted = out->recall_weighted = out->f1_weighted = out->f1_micro = (double)NAN;
    return KEDGE_EMPTY;
}

kedge_status kedge_quality_read(const kedge_metric *m, kedge_quality_report *out)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_quality));
    if (!out)
        return KEDGE_ERR_NULL;
    const quality_state *s = m->state;
    double total = quality_others(s, s->n_classes);
    (void)quality_read_nothing(s, out);
    if (!(total > 0.0))
        return KEDGE_EMPTY;
    double right = 0.0, wrong = 0.0;
    quality_chance chance = {0.0, 0.0, 0.0};
    double macro[3] = {0.0, 0.0, 0.0}, weighted[3] = {0.0, 0.0, 0.0};
    uint32_t n_present = 0;
    double gone = s->over == KEDGE_OVER_FADING ? DBL_EPSILON * total : 0.0; /* a class faded away must not weigh on the macro figures */
    for (uint32_t c = 0; c < s->n_classes; c++) {
        quality_sums sums = quality_sums_of(s, c);
        right += sums.right;
        wrong += sums.missed;
        quality_chance_add(&chance, sums.occurred / total, sums.predicted / total);
        if (!(sums.occurred + sums.predicted > gone))
            continue;
        double precision = quality_share(sums.right, sums.predicted, &out->n_undefined);
        double recall = quality_share(sums.right, sums.occurred, &out->n_undefined);
        double f1 = 2.0 * sums.right / (sums.occurred + sums.predicted);
        n_present++;
        const double figures[3] = {precision, recall, f1};
        for (int i = 0; i < 3; i++) {
            macro[i] += figures[i];
            weighted[i] += figures[i] * sums.occurred / total;
        }
    }
    out->weight = total;
    out->accuracy = right < total ? right / total : 1.0;
    out->error_rate = wrong < total ? wrong / total : 1.0; /* 1 - accuracy would lose few errors among many */
    out->kappa = quality_kappa(&chance, wrong / total);
    out->precision_macro = macro[0] / n_present;
    out->recall_macro = macro[1] / n_present;
    out->f1_macro = macro[2] / n_present;
    out->precision_weighted = weighted[0];
    out->recall_weighted = weighted[1];
    out->f1_weighted = weighted[2];
    out->f1_micro = out->accuracy;
    return KEDGE_OK;
}

kedge_status kedge_quality_read_class(const kedge_metric *m, uint32_t i_class, kedge_quality_class_report *out)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_quality));
    if (!out)
        return KEDGE_ERR_NULL;
    const quality_state *s = m->state;
    if (i_class >= s->n_classes)
        return KEDGE_ERR_RANGE;
    quality_sums sums = quality_sums_of(s, i_class);
    double others = quality_others(s, i_class);
    memset(out, 0, sizeof *out);
    if (!(sums.occurred + others > 0.0)) {
        out->precision = out->recall = out->f1 = out->false_positive_rate = out->false_negative_rate = (double)NAN;
        return KEDGE_EMPTY;
    }
    out->support = sums.occurred;
    out->predicted = sums.predicted;
    out->precision = quality_share(sums.right, sums.predicted, &out->n_undefined);
    out->recall = quality_share(sums.right, sums.occurred, &out->n_undefined);
    out->f1 = quality_share(2.0 * sums.right, sums.occurred + sums.predicted, &out->n_undefined);
    out->false_positive_rate = quality_share(sums.claimed, others, &out->n_undefined);
    out->false_negative_rate = quality_share(sums.missed, sums.occurred, &out->n_undefined);
    return KEDGE_OK;
}

kedge_status kedge_quality_read_cell(const kedge_metric *m, uint32_t truth, uint32_t predicted, double *weight)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_quality));
    if (!weight)
        return KEDGE_ERR_NULL;
    const quality_state *s = m->state;
    if (truth >= s->n_classes || predicted >= s->n_classes)
        return KEDGE_ERR_RANGE;
    *weight = quality_cell(s, truth, predicted);
    return KEDGE_OK;
}

/* Merging: only what covers everything has no order. */
static int quality_alike(const void *state, const void *other)
{
    const quality_state *a = state;
    const quality_state *b = other;
    return a->n_classes == b->n_classes && a->over == b->over;
}

static kedge_status quality_merge(void *state, const void *other)
{
    quality_state *a = state;
    const quality_state *b = other;
    const double *more = kedge_i_at_const(b, b->at_cells);
    if (a->over != KEDGE_OVER_ALL)
        return KEDGE_ERR_UNSUPPORTED;
    if (b->n > KEDGE_I_COUNT_MAX - a->n)
        return KEDGE_ERR_RANGE;
    for (uint32_t i = 0; i < a->n_cells; i++)
        quality_cells(a)[i] += more[i];
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
