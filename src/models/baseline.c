/* SPDX-License-Identifier: MIT */
/* Baselines: the last target again, or the usual one. The yardsticks of every study; for streams Zliobaite, Bifet, Read,
 * Pfahringer, Holmes 2015, "Evaluation methods and decision theory for classification of streaming data with temporal dependence",
 * Machine Learning 98, section 3.
 *
 * With fading a row weighs less than the next one by a factor. All weights would have to be multiplied for each row; they are,
 * O(n_classes), so that states stay small numbers. */
#include "base/fp.h"

#include <string.h>

#include "kedge/models/baseline.h"

#include "base/arena.h"
#include "base/number.h"
#include "models/freeze.h"

#define BASELINE_WEIGHT_MAX 1e28 /* of all rows together: 2^62 of the heaviest */

typedef struct baseline_state {
    kedge_model_state model;
    double fading;
    double weight; /* of all rows, faded */
    double same;   /* of those with the class of the row before */
    double last;   /* target of the newest row */
    double mean;   /* of a regression's targets */
    uint32_t kind;
    uint32_t at_weights; /* layout: double[n_classes], of each class, faded */
} baseline_state;

static const kedge_field baseline_fields[] = {
    KEDGE_PARAM(baseline_state, model.n_features, KEDGE_TYPE_U32),
    KEDGE_PARAM(baseline_state, model.n_classes, KEDGE_TYPE_U32),
    KEDGE_PARAM(baseline_state, fading, KEDGE_TYPE_F64),
    KEDGE_PARAM(baseline_state, kind, KEDGE_TYPE_U32),
    KEDGE_VALUE(baseline_state, model.n_learned, KEDGE_TYPE_COUNT),
    KEDGE_VALUE(baseline_state, weight, KEDGE_TYPE_F64),
    KEDGE_VALUE(baseline_state, same, KEDGE_TYPE_F64),
    KEDGE_VALUE(baseline_state, last, KEDGE_TYPE_F64),
    KEDGE_VALUE(baseline_state, mean, KEDGE_TYPE_F64),
    KEDGE_ARRAY(baseline_state, at_weights, model.n_classes, KEDGE_TYPE_F64),
};

static void baseline_defaults(void *config)
{
    kedge_baseline_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_baseline;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->fading = 1.0;
    cfg->kind = KEDGE_BASELINE_USUAL;
}

kedge_status kedge_baseline_config_init(kedge_baseline_config *cfg, size_t cfg_bytes, uint32_t n_features, uint32_t n_classes)
{
    kedge_status st = kedge_class_defaults(&kedge_baseline.base, cfg, cfg_bytes, sizeof *cfg);
    if (st == KEDGE_OK) {
        cfg->base.n_features = n_features;
        cfg->base.n_classes = n_classes;
    }
    return st;
}

static void baseline_configure(const void *config, void *fixed)
{
    const kedge_baseline_config *cfg = config;
    baseline_state *s = fixed;
    s->model.n_features = cfg->base.n_features;
    s->model.n_classes = cfg->base.n_classes;
    s->fading = cfg->fading;
    s->kind = cfg->kind;
}

static int baseline_valid(const void *fixed)
{
    const baseline_state *s = fixed;
    return kedge_i_u32_within(s->model.n_features, 1, KEDGE_FEATURES_MAX) && s->model.n_classes != 1 &&
           s->model.n_classes <= KEDGE_CLASSES_MAX && s->fading > 0.0 && s->fading <= 1.0 &&
           kedge_i_u32_within(s->kind, KEDGE_BASELINE_LAST, KEDGE_BASELINE_USUAL);
}

static size_t baseline_layout(void *fixed)
{
    baseline_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->at_weights = kedge_i_arena_take(&arena, s->model.n_classes, sizeof(double));
    return kedge_i_arena_end(&arena);
}

static const double *baseline_weights(const baseline_state *s)
{
    return kedge_i_at_const(s, s->at_weights);
}

static int baseline_check(const void *state)
{
    const baseline_state *s = state;
    const double *w = baseline_weights(s);
    double sum = 0.0;
    if (!baseline_valid(s) || s->model.n_learned > KEDGE_I_COUNT_MAX || !kedge_i_within(s->weight, 0.0, BASELINE_WEIGHT_MAX) ||
        !kedge_i_within(s->same, 0.0, s->weight) || (s->model.n_learned > 0) != (s->weight > 0.0))
        return 0;
    for (uint32_t c = 0; c < s->model.n_classes; c++) {
        if (!kedge_i_within(w[c], 0.0, s->weight))
            return 0;
        sum += w[c];
    }
    if (s->model.n_classes == 0)
        return kedge_i_within(s->last, -KEDGE_TARGET_MAX, KEDGE_TARGET_MAX) &&
               kedge_i_within(s->mean, -2.0 * KEDGE_TARGET_MAX, 2.0 * KEDGE_TARGET_MAX);
    return kedge_i_within(sum, 0.999 * s->weight, 1.001 * s->weight) &&
           kedge_i_within(s->last, 0.0, (double)s->model.n_classes - 1.0) && s->last == (double)(uint32_t)s->last;
}

static kedge_status baseline_learn(const kedge_model_class *cls, void *state, const kedge_row *x, double y, double weight)
{
    (void)cls;
    baseline_state *s = state;
    double *w = kedge_i_at(s, s->at_weights);
    double same = s->model.n_learned > 0 && y == s->last ? weight : 0.0;
    (void)x;
    for (uint32_t c = 0; s->fading < 1.0 && c < s->model.n_classes; c++)
        w[c] *= s->fading;
    s->weight = s->weight * s->fading + weight;
    s->same = s->same * s->fading + same;
    if (s->same > s->weight) /* rounding */
        s->same = s->weight;
    if (s->model.n_classes > 0)
        w[(uint32_t)y] = w[(uint32_t)y] + weight < s->weight ? w[(uint32_t)y] + weight : s->weight;
    else
        s->mean += (y - s->mean) * (weight / s->weight);
    s->last = y;
    s->model.n_learned++;
    return KEDGE_OK;
}

static uint32_t baseline_usual(const baseline_state *s)
{
    const double *w = baseline_weights(s);
    uint32_t best = 0;
    for (uint32_t c = 1; c < s->model.n_classes; c++)
        if (w[c] > w[best])
            best = c;
    return best;
}

static kedge_status baseline_predict(const kedge_model_class *cls, const void *state, const kedge_row *x, double *y)
{
    (void)cls;
    const baseline_state *s = state;
    (void)x;
    *y = 0.0;
    if (s->model.n_learned == 0)
        return KEDGE_EMPTY;
    if (s->kind == KEDGE_BASELINE_LAST)
        *y = s->last;
    else
        *y = s->model.n_classes > 0 ? (double)baseline_usual(s) : s->mean;
    return KEDGE_OK;
}

/* The share of the last class, at least a half, so that it is the greatest. */
static double baseline_share_same(const baseline_state *s)
{
    double share = (s->same + 1.0) / (s->weight + 2.0);
    return share > 0.5 ? share : 0.5;
}

/* Shares of the classes, `except` left out if it is one, that sum to `whole`. */
static void baseline_shares(const baseline_state *s, uint32_t except, double whole, double *scores)
{
    const double *w = baseline_weights(s);
    double sum = 0.0;
    for (uint32_t c = 0; c < s->model.n_classes; c++)
        sum += c == except ? 0.0 : w[c] + 1.0;
    for (uint32_t c = 0; c < s->model.n_classes; c++)
        scores[c] = c == except ? 0.0 : whole * ((w[c] + 1.0) / sum);
}

static kedge_status baseline_score(const kedge_model_class *cls, const void *state, const kedge_row *x, double *scores)
{
    (void)cls;
    const baseline_state *s = state;
    if (s->model.n_classes == 0)
        return baseline_predict(cls, state, x, scores);
    if (s->kind == KEDGE_BASELINE_LAST && s->model.n_learned > 0) {
        double same = baseline_share_same(s);
        baseline_shares(s, (uint32_t)s->last, 1.0 - same, scores);
        scores[(uint32_t)s->last] = same;
    } else {
        baseline_shares(s, UINT32_MAX, 1.0, scores);
    }
    return s->model.n_learned == 0 ? KEDGE_EMPTY : KEDGE_OK;
}

const kedge_model_class kedge_baseline = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_MODEL,
            .version = 1,
            .name = "baseline",
            .fixed_bytes = sizeof(baseline_state),
            .config_bytes = sizeof(kedge_baseline_config),
            .n_fields = sizeof baseline_fields / sizeof *baseline_fields,
            .fields = baseline_fields,
            .defaults = baseline_defaults,
            .configure = baseline_configure,
            .valid = baseline_valid,
            .layout = baseline_layout,
            .check = baseline_check,
        },
    .learn = baseline_learn,
    .predict = baseline_predict,
    .score = baseline_score,
    .freeze = kedge_i_freeze_constant,
    .takes_missing = 1,
};
