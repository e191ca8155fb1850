/* SPDX-License-Identifier: MIT */
/* Reliability of probabilities: proper scores and calibration by bins.
 *
 * Log loss: Good 1952. Brier 1950, "Verification of forecasts expressed in terms of probability". Calibration error: Naeini,
 * Cooper, Hauskrecht 2015; of the top class: Guo, Pleiss, Sun, Weinberger 2017, "On calibration of modern neural networks",
 * equation 3. Each bin is a slot of the covering, and what is over all bins is their sum. Cost: O(n_classes) to record. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/metrics/reliability.h"
#include "kedge/model.h"

#include "base/check.h"
#include "base/number.h"
#include "base/object.h"
#include "base/rows.h"
#include "metrics/costs.h"
#include "metrics/cover.h"
#include "metrics/handle.h"
#include "metrics/reliability_bin.h"
#include "metrics/reliability_classes.h"

/* What a record adds to its bin, each times its weight. */
enum {
    RELIABILITY_WEIGHT,
    RELIABILITY_CONFIDENCE,
    RELIABILITY_OBSERVED,
    RELIABILITY_LOG_LOSS,
    RELIABILITY_BRIER,
    RELIABILITY_WIDTH
};

enum { RELIABILITY_MAX_BINS = 1000 };

#define RELIABILITY_LOG_LOSS_MAX 37.0 /* -log(DBL_EPSILON) is 36.04 */
#define RELIABILITY_BRIER_MAX 2.1     /* 2, and a sum of probabilities that is not quite 1 */
#define RELIABILITY_SUM_ROOM 1e-3

typedef struct reliability_state {
    kedge_i_cover cover;
    uint32_t n_classes;
    uint32_t n_bins;
    uint32_t binned;
    uint32_t reserved;
} reliability_state;

static const kedge_field reliability_fields[] = {
    KEDGE_I_COVER_PARAMS(reliability_state),
    KEDGE_PARAM(reliability_state, n_classes, KEDGE_TYPE_U32),
    KEDGE_PARAM(reliability_state, n_bins, KEDGE_TYPE_U32),
    KEDGE_PARAM(reliability_state, binned, KEDGE_TYPE_U32),
    KEDGE_I_COVER_VALUES(reliability_state),
};

static void reliability_defaults(void *config)
{
    kedge_reliability_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_reliability;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->fading = 0.999;
    cfg->n_classes = 2;
    cfg->over = KEDGE_OVER_ALL;
    cfg->window = 1000;
    cfg->n_bins = 10;
    cfg->binned = KEDGE_TOP_CLASS;
}

kedge_status kedge_reliability_config_init(kedge_reliability_config *cfg, size_t cfg_bytes, uint32_t n_classes)
{
    kedge_status st = kedge_class_defaults(&kedge_reliability.base, cfg, cfg_bytes, sizeof *cfg);
    if (st == KEDGE_OK)
        cfg->n_classes = n_classes;
    return st;
}

static void reliability_configure(const void *config, void *fixed)
{
    const kedge_reliability_config *cfg = config;
    reliability_state *s = fixed;
    s->cover.fading = cfg->fading;
    s->cover.over = cfg->over;
    s->cover.window = cfg->window;
    s->n_classes = cfg->n_classes;
    s->n_bins = cfg->n_bins;
    s->binned = cfg->binned;
}

static int reliability_valid(const void *fixed)
{
    const reliability_state *s = fixed;
    return kedge_i_cover_valid(&s->cover) && kedge_i_u32_within(s->n_classes, 2, KEDGE_CLASSES_MAX) &&
           kedge_i_u32_within(s->n_bins, 1, RELIABILITY_MAX_BINS) && (s->binned == KEDGE_TOP_CLASS || s->binned < s->n_classes);
}

static size_t reliability_layout(void *fixed)
{
    reliability_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    kedge_i_cover_layout(&s->cover, &arena, s->n_bins, RELIABILITY_WIDTH, KEDGE_I_COVER_SUMS);
    return kedge_i_arena_end(&arena);
}

static int reliability_check(const void *state)
{
    static const double weight = KEDGE_I_RECORD_WEIGHT_MAX;
    const kedge_i_cover_range ranges[RELIABILITY_WIDTH] = {
        [RELIABILITY_WEIGHT] = {0.0, weight},
        [RELIABILITY_CONFIDENCE] = {0.0, weight},
        [RELIABILITY_OBSERVED] = {0.0, weight},
        [RELIABILITY_LOG_LOSS] = {0.0, weight * RELIABILITY_LOG_LOSS_MAX},
        [RELIABILITY_BRIER] = {0.0, weight * RELIABILITY_BRIER_MAX},
    };
    return reliability_valid(state) && kedge_i_cover_check(&((const reliability_state *)state)->cover, ranges);
}

/* Recording -------------------------------------------------------------------------------------------------------------------- */

/* A row of probabilities, in a table or not. */
typedef struct reliability_scores {
    const kedge_rows *rows; /* NULL: p is the row */
    size_t i_row;
    const double *p;
} reliability_scores;

static inline double reliability_at(const reliability_scores *x, uint32_t c)
{
    return x->rows ? kedge_i_rows_at(x->rows, x->i_row, c) : x->p[c];
}

/* What a row of probabilities says about its truth. */
typedef struct reliability_row {
    double of_truth; /* probability of what happened */
    double distance; /* sum of squared distances from it */
    double top;      /* the greatest probability */
    uint32_t i_top;  /* the first class that has it */
    uint32_t reserved;
} reliability_row;

static kedge_status reliability_measure(const reliability_state *s, const reliability_scores *x, uint32_t truth,
                                        reliability_row *row)
{
    double sum = 0.0;
    memset(row, 0, sizeof *row);
    row->top = -1.0;
    for (uint32_t c = 0; c < s->n_classes; c++) {
        double p = reliability_at(x, c);
        if (!kedge_i_within(p, 0.0, 1.0))
            return kedge_i_refusal(p);
        row->distance += kedge_i_brier_part(p, c == truth);
        row->of_truth = c == truth ? p : row->of_truth;
        row->i_top = p > row->top ? c : row->i_top;
        row->top = p > row->top ? p : row->top;
        sum += p;
    }
    return fabs(sum - 1.0) <= RELIABILITY_SUM_ROOM ? KEDGE_OK : KEDGE_ERR_RANGE;
}

static kedge_status reliability_take(reliability_state *s, const reliability_scores *x, uint32_t truth, double weight)
{
    reliability_row row;
    if (truth >= s->n_classes)
        return KEDGE_ERR_RANGE;
    if (!kedge_i_within(weight, 0.0, KEDGE_I_RECORD_WEIGHT_MAX))
        return kedge_i_refusal(weight);
    KEDGE_TRY(reliability_measure(s, x, truth, &row));
    uint32_t of = s->binned == KEDGE_TOP_CLASS ? row.i_top : s->binned;
    double confidence = reliability_at(x, of);
    double of_one = kedge_i_brier_part(reliability_at(x, 1), truth == 1); /* what counts of two classes */
    double more[RELIABILITY_WIDTH];
    more[RELIABILITY_WEIGHT] = weight;
    more[RELIABILITY_CONFIDENCE] = weight * confidence;
    more[RELIABILITY_OBSERVED] = of == truth ? weight : 0.0;
    more[RELIABILITY_LOG_LOSS] = weight * kedge_i_log_loss(row.of_truth);
    more[RELIABILITY_BRIER] = weight * (s->n_classes == 2 ? of_one : row.distance);
    return kedge_i_cover_record(&s->cover, kedge_i_bin(s->n_bins, confidence), more);
}

kedge_status kedge_reliability_record(kedge_metric *m, uint32_t truth, const double *scores, size_t n_scores, double weight)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_reliability));
    if (!scores)
        return KEDGE_ERR_NULL;
    reliability_state *s = m->state;
    if (n_scores != s->n_classes)
        return KEDGE_ERR_SHAPE;
    const reliability_scores x = {NULL, 0, scores};
    return reliability_take(s, &x, truth, weight);
}

kedge_status kedge_reliability_record_many(kedge_metric *m, const uint32_t *truth, const kedge_rows *scores, const double *weight,
                                           size_t *used)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_reliability));
    if (!scores || !used || (!truth && scores->n_rows > 0))
        return KEDGE_ERR_NULL;
    reliability_state *s = m->state;
    KEDGE_TRY(kedge_i_rows_check(scores));
    if (scores->n_columns != s->n_classes)
        return KEDGE_ERR_SHAPE;
    reliability_scores x = {scores, 0, NULL};
    for (*used = 0; *used < scores->n_rows; ++*used) {
        x.i_row = *used;
        KEDGE_TRY(reliability_take(s, &x, truth[*used], weight ? weight[*used] : 1.0));
    }
    return KEDGE_OK;
}

/* Reading ---------------------------------------------------------------------------------------------------------------------- */

/* A share of a weight. No record takes it beyond `most`, but a forged snapshot could. */
static double reliability_mean(double sum, double weight, double most)
{
    return sum < most * weight ? sum / weight : most;
}

kedge_status kedge_reliability_read_bin(const kedge_metric *m, uint32_t i_bin, kedge_reliability_bin_report *out)
{
    double sum[RELIABILITY_WIDTH];
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_reliability));
    if (!out)
        return KEDGE_ERR_NULL;
    const reliability_state *s = m->state;
    if (i_bin >= s->n_bins)
        return KEDGE_ERR_RANGE;
    kedge_i_cover_read(&s->cover, i_bin, sum);
    out->low = i_bin > 0 ? kedge_i_bin_end(s->n_bins, i_bin - 1) : 0.0;
    out->high = kedge_i_bin_end(s->n_bins, i_bin);
    out->weight = sum[RELIABILITY_WEIGHT];
    out->confidence = out->observed = (double)NAN;
    if (!(out->weight > 0.0))
        return KEDGE_EMPTY;
    out->confidence = reliability_mean(sum[RELIABILITY_CONFIDENCE], out->weight, 1.0);
    out->observed = reliability_mean(sum[RELIABILITY_OBSERVED], out->weight, 1.0);
    return KEDGE_OK;
}

kedge_status kedge_reliability_read(const kedge_metric *m, kedge_reliability_report *out)
{
    double all[RELIABILITY_WIDTH] = {0.0};
    double apart_sum = 0.0, apart_most = 0.0;
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_reliability));
    if (!out)
        return KEDGE_ERR_NULL;
    const reliability_state *s = m->state;
    for (uint32_t i = 0; i < s->n_bins; i++) {
        double sum[RELIABILITY_WIDTH];
        kedge_i_cover_read(&s->cover, i, sum);
        kedge_i_cover_add(&s->cover, all, sum);
        if (!(sum[RELIABILITY_WEIGHT] > 0.0))
            continue;
        double apart = fabs(sum[RELIABILITY_OBSERVED] - sum[RELIABILITY_CONFIDENCE]);
        apart_sum += apart;
        apart_most = fmax(apart_most, reliability_mean(apart, sum[RELIABILITY_WEIGHT], 1.0));
    }
    double weight = all[RELIABILITY_WEIGHT];
    memset(out, 0, sizeof *out);
    out->n = kedge_i_cover_n(&s->cover);
    out->log_loss = out->brier = out->confidence = out->observed = out->ece = out->mce = (double)NAN;
    if (!(weight > 0.0))
        return KEDGE_EMPTY;
    out->weight = weight;
    out->log_loss = reliability_mean(all[RELIABILITY_LOG_LOSS], weight, RELIABILITY_LOG_LOSS_MAX);
    out->brier = reliability_mean(all[RELIABILITY_BRIER], weight, RELIABILITY_BRIER_MAX);
    out->confidence = reliability_mean(all[RELIABILITY_CONFIDENCE], weight, 1.0);
    out->observed = reliability_mean(all[RELIABILITY_OBSERVED], weight, 1.0);
    out->ece = reliability_mean(apart_sum, weight, 1.0);
    out->mce = apart_most;
    return KEDGE_OK;
}

uint32_t kedge_i_reliability_classes(const kedge_metric *m)
{
    return ((const reliability_state *)m->state)->n_classes;
}

static int reliability_alike(const void *state, const void *other)
{
    const reliability_state *a = state;
    const reliability_state *b = other;
    return kedge_i_cover_alike(&a->cover, &b->cover) && a->n_classes == b->n_classes && a->binned == b->binned;
}

static kedge_status reliability_merge(void *state, const void *other)
{
    return kedge_i_cover_merge(&((reliability_state *)state)->cover, &((const reliability_state *)other)->cover);
}

const kedge_metric_class kedge_reliability = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_METRIC,
            .version = 1,
            .name = "reliability",
            .fixed_bytes = sizeof(reliability_state),
            .config_bytes = sizeof(kedge_reliability_config),
            .n_fields = sizeof reliability_fields / sizeof *reliability_fields,
            .fields = reliability_fields,
            .defaults = reliability_defaults,
            .configure = reliability_configure,
            .valid = reliability_valid,
            .layout = reliability_layout,
            .check = reliability_check,
        },
    .alike = reliability_alike,
    .merge = reliability_merge,
};
