/* SPDX-License-Identifier: MIT */
/* Confidence-based performance estimation: the confusion matrix that is to be expected.
 *
 * If probabilities are calibrated, a record predicted as d is of class c with its probability p(c), so the expected cell (c, d)
 * is the sum of those (NannyML's CBPE; Kivimaki, Bialek, Kuberski, Nurminen 2025, "Performance estimation in binary
 * classification using calibrated confidence"). Figures are those of that matrix. Each cell is a sum of independent trials, of
 * variance p (1 - p) each, which gives the sampling error of a sum at once and of a ratio by first differentials. The slots of
 * the covering are the predicted classes. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/metrics/cbpe.h"
#include "kedge/model.h"

#include "base/check.h"
#include "base/interval.h"
#include "base/number.h"
#include "base/object.h"
#include "base/rows.h"
#include "metrics/cover.h"
#include "metrics/handle.h"

enum { CBPE_MAX_CLASSES = 24, CBPE_MAX_WIDTH = 2 * CBPE_MAX_CLASSES + 1 };

#define CBPE_SUM_ROOM 1e-3 /* as in a reliability */

/* What a record adds to the slot of its predicted class: its weight; of each class weight times probability; and of each the
 * variance of that. */
typedef struct cbpe_state {
    kedge_i_cover cover;
    double confidence;
    uint32_t n_classes;
    uint32_t reserved;
} cbpe_state;

static const kedge_field cbpe_fields[] = {
    KEDGE_I_COVER_PARAMS(cbpe_state),
    KEDGE_PARAM(cbpe_state, confidence, KEDGE_TYPE_F64),
    KEDGE_PARAM(cbpe_state, n_classes, KEDGE_TYPE_U32),
    KEDGE_I_COVER_VALUES(cbpe_state),
};

static void cbpe_defaults(void *config)
{
    kedge_cbpe_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_cbpe;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->fading = 0.999;
    cfg->confidence = 0.95;
    cfg->n_classes = 2;
    cfg->over = KEDGE_OVER_ALL;
    cfg->window = 1000;
}

kedge_status kedge_cbpe_config_init(kedge_cbpe_config *cfg, size_t cfg_bytes, uint32_t n_classes)
{
    kedge_status st = kedge_class_defaults(&kedge_cbpe.base, cfg, cfg_bytes, sizeof *cfg);
    if (st == KEDGE_OK)
        cfg->n_classes = n_classes;
    return st;
}

static void cbpe_configure(const void *config, void *fixed)
{
    const kedge_cbpe_config *cfg = config;
    cbpe_state *s = fixed;
    s->cover.fading = cfg->fading;
    s->cover.over = cfg->over;
    s->cover.window = cfg->window;
    s->confidence = cfg->confidence;
    s->n_classes = cfg->n_classes;
}

static int cbpe_valid(const void *fixed)
{
    const cbpe_state *s = fixed;
    return kedge_i_cover_valid(&s->cover) && s->confidence > 0.0 && s->confidence < 1.0 &&
           kedge_i_u32_within(s->n_classes, 2, CBPE_MAX_CLASSES);
}

static size_t cbpe_layout(void *fixed)
{
    cbpe_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    kedge_i_cover_layout(&s->cover, &arena, s->n_classes, 2 * s->n_classes + 1, KEDGE_I_COVER_SUMS);
    return kedge_i_arena_end(&arena);
}

static int cbpe_check(const void *state)
{
    const cbpe_state *s = state;
    kedge_i_cover_range ranges[CBPE_MAX_WIDTH];
    if (!cbpe_valid(s))
        return 0;
    for (uint32_t k = 0; k < s->cover.width; k++) {
        ranges[k].low = 0.0;
        ranges[k].high = k <= s->n_classes ? KEDGE_I_RECORD_WEIGHT_MAX : KEDGE_I_RECORD_WEIGHT_MAX * KEDGE_I_RECORD_WEIGHT_MAX;
    }
    return kedge_i_cover_check(&s->cover, ranges);
}

/* Recording ---------------------------------------------------------------------------------------------------------------- */

static kedge_status cbpe_take(cbpe_state *s, uint32_t predicted, const kedge_rows *scores, size_t i_row, double weight)
{
    double more[CBPE_MAX_WIDTH];
    double sum = 0.0;
    if (predicted >= s->n_classes)
        return KEDGE_ERR_RANGE;
    if (!kedge_i_within(weight, 0.0, KEDGE_I_RECORD_WEIGHT_MAX))
        return kedge_i_refusal(weight);
    more[0] = weight;
    for (uint32_t c = 0; c < s->n_classes; c++) {
        double p = kedge_i_rows_at(scores, i_row, c);
        if (!kedge_i_within(p, 0.0, 1.0))
            return kedge_i_refusal(p);
        more[1 + c] = weight * p;
        more[1 + s->n_classes + c] = weight * weight * (p * (1.0 - p));
        sum += p;
    }
    if (!(fabs(sum - 1.0) <= CBPE_SUM_ROOM))
        return KEDGE_ERR_RANGE;
    return kedge_i_cover_record(&s->cover, predicted, more);
}

kedge_status kedge_cbpe_record(kedge_metric *m, uint32_t predicted, const double *scores, size_t n_scores, double weight)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_cbpe));
    if (!scores)
        return KEDGE_ERR_NULL;
    cbpe_state *s = m->state;
    if (n_scores != s->n_classes)
        return KEDGE_ERR_SHAPE;
    const kedge_rows row = kedge_rows_float64(scores, 1, n_scores);
    return cbpe_take(s, predicted, &row, 0, weight);
}

kedge_status kedge_cbpe_record_many(kedge_metric *m, const uint32_t *predicted, const kedge_rows *scores, const double *weight,
                                    size_t *used)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_cbpe));
    if (!scores || !used || (!predicted && scores->n_rows > 0))
        return KEDGE_ERR_NULL;
    cbpe_state *s = m->state;
    KEDGE_TRY(kedge_i_rows_check(scores));
    if (scores->n_columns != s->n_classes)
        return KEDGE_ERR_SHAPE;
    for (*used = 0; *used < scores->n_rows; ++*used)
        KEDGE_TRY(cbpe_take(s, predicted[*used], scores, *used, weight ? weight[*used] : 1.0));
    return KEDGE_OK;
}

/* Reading ------------------------------------------------------------------------------------------------------------------ */

/* Weight predicted as d; how much of it is c; and the variance of that. */
static double cbpe_weight(const cbpe_state *s, uint32_t d)
{
    return kedge_i_cover_one(&s->cover, d, 0);
}

static double cbpe_cell(const cbpe_state *s, uint32_t c, uint32_t d)
{
    return kedge_i_cover_one(&s->cover, d, 1 + c);
}

static double cbpe_variance(const cbpe_state *s, uint32_t c, uint32_t d)
{
    return kedge_i_cover_one(&s->cover, d, 1 + s->n_classes + c);
}

static double cbpe_all(const cbpe_state *s)
{
    double weight = 0.0;
    for (uint32_t d = 0; d < s->n_classes; d++)
        weight += cbpe_weight(s, d);
    return weight;
}

/* a / b, 0 where b is; operands are chosen before anything is divided. */
static double cbpe_ratio(double a, double b)
{
    double part = b > 0.0 ? a : 0.0;
    double whole = b > 0.0 ? b : 1.0;
    return part < whole ? part / whole : 1.0;
}

/* Error of a / (a + b) for independent a, b with these variances. */
static double cbpe_ratio_error(double a, double b, double variance_a, double variance_b)
{
    double whole = a + b;
    double share_a = cbpe_ratio(a, whole);
    double share_b = cbpe_ratio(b, whole);
    return sqrt(share_b * share_b * variance_a + share_a * share_a * variance_b) / (whole > 0.0 ? whole : 1.0);
}

static void cbpe_class(const cbpe_state *s, uint32_t c, kedge_cbpe_class_report *r)
{
    double squares = kedge_i_cover_squares(&s->cover);
    double hits = cbpe_cell(s, c, c), missed = 0.0, rejected = 0.0;
    double of_hits = squares * cbpe_variance(s, c, c), of_missed = 0.0;
    memset(r, 0, sizeof *r);
    r->predicted = cbpe_weight(s, c);
    for (uint32_t d = 0; d < s->n_classes; d++) {
        if (d == c)
            continue;
        missed += cbpe_cell(s, c, d);
        rejected += fmax(cbpe_weight(s, d) - cbpe_cell(s, c, d), 0.0);
        of_missed += squares * cbpe_variance(s, c, d);
    }
    double alarms = fmax(r->predicted - hits, 0.0);
    double both = r->predicted + hits + missed;
    r->support = hits + missed;
    r->precision = cbpe_ratio(hits, r->predicted);
    r->precision_error = sqrt(of_hits) / (r->predicted > 0.0 ? r->predicted : 1.0);
    r->recall = cbpe_ratio(hits, r->support);
    r->recall_error = cbpe_ratio_error(hits, missed, of_hits, of_missed);
    r->specificity = cbpe_ratio(rejected, rejected + alarms);
    r->specificity_error = cbpe_ratio_error(rejected, alarms, of_missed, of_hits);
    r->f1 = cbpe_ratio(2.0 * hits, both);
    double by_hits = 2.0 * cbpe_ratio(r->predicted + missed, both); /* differentials of 2 hits / both, times both */
    double by_missed = 2.0 * cbpe_ratio(hits, both);
    r->f1_error = sqrt(by_hits * by_hits * of_hits + by_missed * by_missed * of_missed) / (both > 0.0 ? both : 1.0);
}

static void cbpe_interval(const cbpe_state *s, kedge_cbpe_report *r)
{
    double right = 0.0, variance = 0.0;
    for (uint32_t d = 0; d < s->n_classes; d++) {
        right += cbpe_cell(s, d, d);
        variance += cbpe_variance(s, d, d);
    }
    r->accuracy = cbpe_ratio(right, r->weight);
    r->accuracy_error = sqrt(kedge_i_cover_squares(&s->cover) * variance) / r->weight;
    double reach = r->accuracy_error * -kedge_i_normal_quantile(0.5 * (1.0 - s->confidence));
    r->accuracy_low = fmax(r->accuracy - reach, 0.0);
    r->accuracy_high = fmin(r->accuracy + reach, 1.0);
}

kedge_status kedge_cbpe_read(const kedge_metric *m, kedge_cbpe_report *out)
{
    kedge_cbpe_class_report of_class;
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_cbpe));
    if (!out)
        return KEDGE_ERR_NULL;
    const cbpe_state *s = m->state;
    memset(out, 0, sizeof *out);
    out->n = kedge_i_cover_n(&s->cover);
    out->weight = cbpe_all(s);
    if (!(out->weight > 0.0)) {
        out->accuracy = out->accuracy_error = out->accuracy_low = out->accuracy_high = (double)NAN;
        out->precision_macro = out->recall_macro = out->specificity_macro = out->f1_macro = (double)NAN;
        return KEDGE_EMPTY;
    }
    cbpe_interval(s, out);
    for (uint32_t c = 0; c < s->n_classes; c++) {
        cbpe_class(s, c, &of_class);
        out->precision_macro += of_class.precision / s->n_classes;
        out->recall_macro += of_class.recall / s->n_classes;
        out->specificity_macro += of_class.specificity / s->n_classes;
        out->f1_macro += of_class.f1 / s->n_classes;
    }
    return KEDGE_OK;
}

kedge_status kedge_cbpe_read_class(const kedge_metric *m, uint32_t i_class, kedge_cbpe_class_report *out)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_cbpe));
    if (!out)
        return KEDGE_ERR_NULL;
    const cbpe_state *s = m->state;
    if (i_class >= s->n_classes)
        return KEDGE_ERR_RANGE;
    cbpe_class(s, i_class, out);
    if (cbpe_all(s) > 0.0)
        return KEDGE_OK;
    out->precision = out->precision_error = out->recall = out->recall_error = (double)NAN;
    out->specificity = out->specificity_error = out->f1 = out->f1_error = (double)NAN;
    return KEDGE_EMPTY;
}

kedge_status kedge_cbpe_read_cell(const kedge_metric *m, uint32_t truth, uint32_t predicted, double *out)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_cbpe));
    if (!out)
        return KEDGE_ERR_NULL;
    const cbpe_state *s = m->state;
    if (truth >= s->n_classes || predicted >= s->n_classes)
        return KEDGE_ERR_RANGE;
    *out = cbpe_cell(s, truth, predicted);
    return KEDGE_OK;
}

static int cbpe_alike(const void *state, const void *other)
{
    const cbpe_state *a = state;
    const cbpe_state *b = other;
    return kedge_i_cover_alike(&a->cover, &b->cover) && a->confidence == b->confidence;
}

static kedge_status cbpe_merge(void *state, const void *other)
{
    return kedge_i_cover_merge(&((cbpe_state *)state)->cover, &((const cbpe_state *)other)->cover);
}

const kedge_metric_class kedge_cbpe = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_METRIC,
            .version = 1,
            .name = "cbpe",
            .fixed_bytes = sizeof(cbpe_state),
            .config_bytes = sizeof(kedge_cbpe_config),
            .n_fields = sizeof cbpe_fields / sizeof *cbpe_fields,
            .fields = cbpe_fields,
            .defaults = cbpe_defaults,
            .configure = cbpe_configure,
            .valid = cbpe_valid,
            .layout = cbpe_layout,
            .check = cbpe_check,
        },
    .alike = cbpe_alike,
    .merge = cbpe_merge,
};
