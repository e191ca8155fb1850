/* SPDX-License-Identifier: MIT */
/* Logistic regression by stochastic gradient that nobody has to tune.
 *
 * Three parts, each from its paper. Steps: AdaGrad, Duchi, Hazan, Singer 2011, "Adaptive subgradient methods", JMLR 12, the diagonal update
 * of figure 1, with squared gradients that fade by `memory`, so that old gradients do not slow down a model whose world drifts. Rates: a
 * geometric grid of them runs side by side, as in van Erven, Koolen 2016, "MetaGrad: multiple learning rates in online learning". Mixing:
 * each rate's model is an expert under log loss, weighted by how well it predicted; the fixed share update of Herbster, Warmuth 1998,
 * "Tracking the best expert", section 4, lets the weight move when the best rate changes.
 *
 * Scale: features enter as (x - location) / scale, running mean and running mean absolute deviation, clipped. These are exact under shift
 * and scaling of a feature, and unlike squares they do not overflow. No step is longer than its rate, logits and weights are clipped: no
 * input makes it diverge. With two classes one vector of weights serves, else softmax with one for each class.
 *
 * Cost: O(n_features * vectors * n_rates) to learn and to predict, a division and a root each when learning. */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "kedge/model.h"

#include "base/arena.h"
#include "base/number.h"
#include "base/object.h"
#include "models/row.h"

#define LOGISTIC_INPUT_MAX 1e307 /* larger magnitudes count as this one: differences stay finite */
#define LOGISTIC_CLIP 6.0        /* deviations; beyond, a value says no more */
#define LOGISTIC_LOGIT_MAX 30.0  /* probabilities stay within 1e-13 of 0 and 1, so log loss and its gradient stay alive */
#define LOGISTIC_WEIGHT_MAX 1e3
#define LOGISTIC_SCALE_RATE 1e-3 /* least weight of the newest row in location and scale: they follow a drift over 1000 rows */

enum { LOGISTIC_MAX_RATES = 8 };

typedef struct logistic_state {
    kedge_model_state model;
    double rate;
    double memory;
    double share;
    uint32_t n_rates;
    uint32_t n_vectors;   /* layout: 1 for two classes, else n_classes */
    uint32_t n_weights;   /* layout: n_vectors * (n_features + 1) * n_rates */
    uint32_t n_logits;    /* layout: n_vectors * n_rates */
    uint32_t n_inputs;    /* layout: n_features + 1, the last one is the constant 1 */
    uint32_t at_mix;      /* layout: double[n_rates], weights of the experts, sum 1 */
    uint32_t at_location; /* layout: double[n_features] */
    uint32_t at_scale;    /* layout: double[n_features], >= 0 */
    uint32_t at_weights;  /* layout: double[vector][input][rate] */
    uint32_t at_squares;  /* layout: the same shape: faded sums of squared gradients, >= 0 */
    uint32_t at_inputs;   /* layout: double[n_inputs], scratch, zero between calls */
    uint32_t at_logits;   /* layout: double[vector][rate], scratch, zero between calls */
} logistic_state;

static const kedge_field logistic_fields[] = {
    KEDGE_PARAM(logistic_state, model.n_features, KEDGE_TYPE_U32),
    KEDGE_PARAM(logistic_state, model.n_classes, KEDGE_TYPE_U32),
    KEDGE_PARAM(logistic_state, rate, KEDGE_TYPE_F64),
    KEDGE_PARAM(logistic_state, memory, KEDGE_TYPE_F64),
    KEDGE_PARAM(logistic_state, share, KEDGE_TYPE_F64),
    KEDGE_PARAM(logistic_state, n_rates, KEDGE_TYPE_U32),
    KEDGE_VALUE(logistic_state, model.n_learned, KEDGE_TYPE_U64),
    KEDGE_ARRAY(logistic_state, at_mix, n_rates, KEDGE_TYPE_F64),
    KEDGE_ARRAY(logistic_state, at_location, model.n_features, KEDGE_TYPE_F64),
    KEDGE_ARRAY(logistic_state, at_scale, model.n_features, KEDGE_TYPE_F64),
    KEDGE_ARRAY(logistic_state, at_weights, n_weights, KEDGE_TYPE_F64),
    KEDGE_ARRAY(logistic_state, at_squares, n_weights, KEDGE_TYPE_F64),
};

static void logistic_defaults(void *config)
{
    kedge_logistic_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_logistic;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->rate = 2.0;
    cfg->memory = 0.99;
    cfg->share = 0.001;
    cfg->n_rates = 4;
}

kedge_status kedge_logistic_config_init(kedge_logistic_config *cfg, size_t cfg_bytes, uint32_t n_features, uint32_t n_classes)
{
    kedge_status st = kedge_class_defaults(&kedge_logistic.base, cfg, cfg_bytes, sizeof *cfg);
    if (st == KEDGE_OK) {
        cfg->base.n_features = n_features;
        cfg->base.n_classes = n_classes;
    }
    return st;
}

static void logistic_configure(const void *config, void *fixed)
{
    const kedge_logistic_config *cfg = config;
    logistic_state *s = fixed;
    s->model.n_features = cfg->base.n_features;
    s->model.n_classes = cfg->base.n_classes;
    s->rate = cfg->rate;
    s->memory = cfg->memory;
    s->share = cfg->share;
    s->n_rates = cfg->n_rates;
}

static int logistic_valid(const void *fixed)
{
    const logistic_state *s = fixed;
    return kedge_i_u32_within(s->model.n_features, 1, KEDGE_FEATURES_MAX) &&
           kedge_i_u32_within(s->model.n_classes, 2, KEDGE_CLASSES_MAX) && s->rate > 0.0 && s->rate <= 100.0 &&
           kedge_i_within(s->memory, 0.0, 1.0) && kedge_i_within(s->share, 0.0, 0.5) &&
           kedge_i_u32_within(s->n_rates, 1, LOGISTIC_MAX_RATES);
}

static size_t logistic_layout(void *fixed)
{
    logistic_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->n_vectors = s->model.n_classes == 2 ? 1 : s->model.n_classes;
    s->n_inputs = s->model.n_features + 1;
    s->n_logits = s->n_vectors * s->n_rates;
    s->n_weights = kedge_i_length(s->n_logits, s->n_inputs);
    s->at_mix = kedge_i_arena_take(&arena, s->n_rates, sizeof(double));
    s->at_location = kedge_i_arena_take(&arena, s->model.n_features, sizeof(double));
    s->at_scale = kedge_i_arena_take(&arena, s->model.n_features, sizeof(double));
    s->at_weights = kedge_i_arena_take(&arena, s->n_weights, sizeof(double));
    s->at_squares = kedge_i_arena_take(&arena, s->n_weights, sizeof(double));
    s->at_inputs = kedge_i_arena_take(&arena, s->n_inputs, sizeof(double));
    s->at_logits = kedge_i_arena_take(&arena, s->n_logits, sizeof(double));
    return kedge_i_arena_end(&arena);
}

static void logistic_start(void *state)
{
    logistic_state *s = state;
    double *mix = kedge_i_at(s, s->at_mix);
    for (uint32_t e = 0; e < s->n_rates; e++)
        mix[e] = 1.0 / s->n_rates;
}

static int logistic_all_within(const logistic_state *s, uint32_t at, uint32_t n, double low, double high)
{
    const double *x = kedge_i_at_const(s, at);
    for (uint32_t i = 0; i < n; i++)
        if (!kedge_i_within(x[i], low, high))
            return 0;
    return 1;
}

static int logistic_check(const void *state)
{
    const logistic_state *s = state;
    const double *mix = kedge_i_at_const(s, s->at_mix);
    double sum = 0.0;
    if (!logistic_valid(s) || s->model.n_learned > KEDGE_I_COUNT_MAX || !logistic_all_within(s, s->at_mix, s->n_rates, 0.0, 1.0))
        return 0;
    for (uint32_t e = 0; e < s->n_rates; e++)
        sum += mix[e];
    return kedge_i_within(sum, 0.999, 1.001) &&
           logistic_all_within(s, s->at_location, s->model.n_features, -LOGISTIC_INPUT_MAX, LOGISTIC_INPUT_MAX) &&
           logistic_all_within(s, s->at_scale, s->model.n_features, 0.0, 2.0 * LOGISTIC_INPUT_MAX) &&
           logistic_all_within(s, s->at_weights, s->n_weights, -LOGISTIC_WEIGHT_MAX, LOGISTIC_WEIGHT_MAX) &&
           logistic_all_within(s, s->at_squares, s->n_weights, 0.0, DBL_MAX / 2.0);
}

static inline double logistic_clip(double x, double limit)
{
    x = x < limit ? x : limit;
    return x > -limit ? x : -limit;
}

/* Feature i in deviations from its running location; the input behind the last feature is 1. */
static inline double logistic_input(const logistic_state *s, const kedge_row *x, uint32_t i)
{
    if (i == s->model.n_features)
        return 1.0;
    double scale = ((const double *)kedge_i_at_const(s, s->at_scale))[i];
    double location = ((const double *)kedge_i_at_const(s, s->at_location))[i];
    double off = logistic_clip(kedge_i_row_at(x, i), LOGISTIC_INPUT_MAX) - location;
    return scale >= DBL_MIN ? logistic_clip(off / scale, LOGISTIC_CLIP) : 0.0;
}

/* Logits of vector v for all rates. */
static inline void logistic_add(const logistic_state *s, uint32_t v, uint32_t i, double input, double *logits)
{
    const double *w = (const double *)kedge_i_at_const(s, s->at_weights) + ((size_t)v * s->n_inputs + i) * s->n_rates;
    for (uint32_t e = 0; e < s->n_rates; e++)
        logits[e] += w[e] * input;
}

static void logistic_logits_of(const logistic_state *s, const kedge_row *x, uint32_t v, double *logits)
{
    memset(logits, 0, s->n_rates * sizeof *logits);
    for (uint32_t i = 0; i < s->n_inputs; i++)
        logistic_add(s, v, i, logistic_input(s, x, i), logits);
    for (uint32_t e = 0; e < s->n_rates; e++)
        logits[e] = logistic_clip(logits[e], LOGISTIC_LOGIT_MAX);
}

static inline double logistic_sigmoid(double logit)
{
    return 1.0 / (1.0 + exp(-logit));
}

/* Two classes: probability of class 1, mixed over the rates. */
static double logistic_mixed(const logistic_state *s, const kedge_row *x)
{
    const double *mix = kedge_i_at_const(s, s->at_mix);
    double logits[LOGISTIC_MAX_RATES];
    double p = 0.0;
    logistic_logits_of(s, x, 0, logits);
    for (uint32_t e = 0; e < s->n_rates; e++)
        p += mix[e] * logistic_sigmoid(logits[e]);
    return p < 1.0 ? p : 1.0;
}

/* More classes: the sums of exp(logit) of each rate. Logits are clipped, so the sums need no shift. */
static void logistic_sums(const logistic_state *s, const kedge_row *x, double *sums)
{
    double logits[LOGISTIC_MAX_RATES];
    memset(sums, 0, s->n_rates * sizeof *sums);
    for (uint32_t v = 0; v < s->n_vectors; v++) {
        logistic_logits_of(s, x, v, logits);
        for (uint32_t e = 0; e < s->n_rates; e++)
            sums[e] += exp(logits[e]);
    }
}

static double logistic_mixed_class(const logistic_state *s, const kedge_row *x, uint32_t v, const double *sums)
{
    const double *mix = kedge_i_at_const(s, s->at_mix);
    double logits[LOGISTIC_MAX_RATES];
    double p = 0.0;
    logistic_logits_of(s, x, v, logits);
    for (uint32_t e = 0; e < s->n_rates; e++)
        p += mix[e] * exp(logits[e]) / sums[e];
    return p;
}

static kedge_status logistic_score(const void *state, const kedge_row *x, double *scores)
{
    const logistic_state *s = state;
    if (s->n_vectors == 1) {
        scores[1] = logistic_mixed(s, x);
        scores[0] = 1.0 - scores[1];
    } else {
        double sums[LOGISTIC_MAX_RATES];
        double total = 0.0;
        logistic_sums(s, x, sums);
        for (uint32_t v = 0; v < s->n_vectors; v++)
            total += scores[v] = logistic_mixed_class(s, x, v, sums);
        for (uint32_t v = 0; v < s->n_vectors; v++)
            scores[v] /= total;
    }
    return s->model.n_learned == 0 ? KEDGE_EMPTY : KEDGE_OK;
}

static kedge_status logistic_predict(const void *state, const kedge_row *x, double *y)
{
    const logistic_state *s = state;
    uint32_t best = 0;
    if (s->n_vectors == 1) {
        best = logistic_mixed(s, x) > 0.5;
    } else {
        double sums[LOGISTIC_MAX_RATES];
        double highest = -1.0;
        logistic_sums(s, x, sums);
        for (uint32_t v = 0; v < s->n_vectors; v++) {
            double p = logistic_mixed_class(s, x, v, sums);
            if (p > highest) {
                highest = p;
                best = v;
            }
        }
    }
    *y = best;
    return s->model.n_learned == 0 ? KEDGE_EMPTY : KEDGE_OK;
}

/* Scratch: inputs, and the probability of each vector's class by each rate. */
static void logistic_forward(logistic_state *s, const kedge_row *x)
{
    double *inputs = kedge_i_at(s, s->at_inputs);
    double *p = kedge_i_at(s, s->at_logits);
    double sums[LOGISTIC_MAX_RATES] = {0.0};
    for (uint32_t i = 0; i < s->n_inputs; i++)
        inputs[i] = logistic_input(s, x, i);
    for (uint32_t v = 0; v < s->n_vectors; v++)
        for (uint32_t i = 0; i < s->n_inputs; i++)
            logistic_add(s, v, i, inputs[i], p + (size_t)v * s->n_rates);
    for (uint32_t i = 0; i < s->n_logits; i++) {
        double logit = logistic_clip(p[i], LOGISTIC_LOGIT_MAX);
        p[i] = s->n_vectors == 1 ? logistic_sigmoid(logit) : exp(logit);
        sums[i % s->n_rates] += p[i];
    }
    for (uint32_t i = 0; s->n_vectors > 1 && i < s->n_logits; i++)
        p[i] /= sums[i % s->n_rates];
}

/* Fixed share (Herbster, Warmuth 1998, section 4): loss update by the probability that each expert gave the label, then a share for all. */
static void logistic_mix(logistic_state *s, uint32_t label)
{
    double *mix = kedge_i_at(s, s->at_mix);
    const double *p = kedge_i_at_const(s, s->at_logits);
    double sum = 0.0;
    for (uint32_t e = 0; e < s->n_rates; e++) {
        double q = s->n_vectors > 1 ? p[(size_t)label * s->n_rates + e] : label ? p[e] : 1.0 - p[e];
        mix[e] *= q;
        sum += mix[e];
    }
    for (uint32_t e = 0; e < s->n_rates; e++)
        mix[e] = sum > 0.0 ? (1.0 - s->share) * (mix[e] / sum) + s->share / s->n_rates : 1.0 / s->n_rates;
}

/* One AdaGrad step of one weight (Duchi, Hazan, Singer 2011, figure 1); never longer than the rate. */
static inline void logistic_step(double *w, double *square, double gradient, double rate, double memory)
{
    *square = memory * *square + gradient * gradient;
    if (*square >= DBL_MIN)
        *w = logistic_clip(*w - rate * (gradient / sqrt(*square)), LOGISTIC_WEIGHT_MAX);
}

static void logistic_descend(logistic_state *s, uint32_t label, double weight)
{
    double *w = kedge_i_at(s, s->at_weights);
    double *squares = kedge_i_at(s, s->at_squares);
    const double *inputs = kedge_i_at_const(s, s->at_inputs);
    const double *p = kedge_i_at_const(s, s->at_logits);
    for (uint32_t v = 0; v < s->n_vectors; v++, p += s->n_rates) {
        double target = s->n_vectors > 1 ? v == label : label;
        for (uint32_t i = 0; i < s->n_inputs; i++) {
            double rate = s->rate;
            for (uint32_t e = 0; e < s->n_rates; e++, w++, squares++) {
                logistic_step(w, squares, weight * (p[e] - target) * inputs[i], rate, s->memory);
                rate *= 0.25;
            }
        }
    }
}

/* Running mean and mean absolute deviation. The first row has no deviation. */
static void logistic_rescale(logistic_state *s, const kedge_row *x)
{
    double *location = kedge_i_at(s, s->at_location);
    double *scale = kedge_i_at(s, s->at_scale);
    double n = (double)(int64_t)s->model.n_learned;
    double rate = n * LOGISTIC_SCALE_RATE < 1.0 ? 1.0 / n : LOGISTIC_SCALE_RATE;
    double scale_rate = n < 2.0 ? 0.0 : (n - 1.0) * LOGISTIC_SCALE_RATE < 1.0 ? 1.0 / (n - 1.0) : LOGISTIC_SCALE_RATE;
    for (uint32_t i = 0; i < s->model.n_features; i++) {
        double off = logistic_clip(kedge_i_row_at(x, i), LOGISTIC_INPUT_MAX) - location[i];
        location[i] += rate * off;
        scale[i] += scale_rate * (fabs(off) - scale[i]);
    }
}

static kedge_status logistic_learn(void *state, const kedge_row *x, double y, double weight)
{
    logistic_state *s = state;
    uint32_t label = (uint32_t)y;
    logistic_forward(s, x);
    logistic_mix(s, label);
    logistic_descend(s, label, weight);
    memset(kedge_i_at(s, s->at_inputs), 0, s->n_inputs * sizeof(double));
    memset(kedge_i_at(s, s->at_logits), 0, s->n_logits * sizeof(double));
    s->model.n_learned++;
    logistic_rescale(s, x);
    return KEDGE_OK;
}

const kedge_model_class kedge_logistic = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_MODEL,
            .version = 1,
            .name = "logistic",
            .fixed_bytes = sizeof(logistic_state),
            .config_bytes = sizeof(kedge_logistic_config),
            .n_fields = sizeof logistic_fields / sizeof *logistic_fields,
            .fields = logistic_fields,
            .defaults = logistic_defaults,
            .configure = logistic_configure,
            .valid = logistic_valid,
            .layout = logistic_layout,
            .start = logistic_start,
            .check = logistic_check,
        },
    .learn = logistic_learn,
    .predict = logistic_predict,
    .score = logistic_score,
};
