/* SPDX-License-Identifier: MIT */
/* Logistic regression by stochastic gradient that nobody has to tune.
 *
 * Four parts, each from its paper. Steps: AdaGrad, Duchi, Hazan, Singer 2011, "Adaptive subgradient methods", JMLR 12, the
 * diagonal update of figure 1, with squared gradients that fade by `memory`, so that old ones do not slow down a model whose world
 * drifts. Rates: a geometric grid of them runs side by side, as in van Erven, Koolen 2016, "MetaGrad: multiple learning rates in
 * online learning". Noise: behind them run models that hold labels to be wrong at times, Bootkrajang, Kaban 2012, "Label-noise
 * robust logistic regression and its applications", ECML PKDD, here with one rate of errors for all classes. Mixing: each model
 * is an expert under log loss, weighted by how well it predicted; the fixed share update of Herbster, Warmuth 1998, "Tracking the
 * best expert", section 4, lets the weight move when the best one changes.
 *
 * Differences to Duchi et al.: the rates share one sum of squares for each input, that of the gradients of their mixture; and the
 * newest gradient counts in a step's denominator as large as it could have been, which bounds every step by its rate and shortens
 * the chain of operations that a row waits for. On weather, elec2 and SEA this predicts as well as a sum for each rate, or better.
 *
 * Scale: features enter as (x - location) / scale, running mean and running mean absolute deviation, clipped. These are exact under
 * shift and scaling of a feature, and unlike squares they do not overflow. No step is longer than its rate, logits and weights are
 * clipped: no input makes it diverge. With two classes one vector of weights serves, else softmax with one for each class.
 *
 * The exponential is a polynomial of our own: it runs over the rates side by side, and its bits are those of no libm, so that every
 * platform learns the same weights. Cost: O(n_features * vectors * models) to learn and to predict; to learn, two divisions and a
 * root for each input. */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "kedge/model.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/number.h"
#include "base/object.h"

/* Loops here are short and their lengths vary: vectorised, the start and end of each cost more than the middle saves (8 features,
 * gcc 12: 127 ns a row instead of 107, and twice the code). The four rates are vectorised all the same, as straight code. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC push_options
#pragma GCC optimize("no-tree-loop-vectorize")
#endif

#include "models/freeze.h"
#include "models/logistic_serve.h"

#define LOGISTIC_SCALE_RATE 1e-3 /* least weight of the newest row in location and scale: they follow a drift over 1000 rows */
#define LOGISTIC_WEIGHT_MAX 1e3
#define LOGISTIC_GRID 0.25       /* each rate is this part of the one before */
#define LOGISTIC_DOUBT_FIRST 0.1   /* part of the labels that says nothing, in the eyes of a model that expects noise */
#define LOGISTIC_DOUBT_LEAST 0.001
#define LOGISTIC_DOUBT_MOST 0.5    /* more, and a model whose world has turned would hold all news to be noise */
#define LOGISTIC_DOUBT_RATE 0.003  /* it looks back some 300 rows */

enum {
    LOGISTIC_SWEEP = 64 /* rows from one clip of the weights to the next; in between they exceed it by that many steps at most */
};

typedef struct logistic_state {
    kedge_model_state model;
    double rate;
    double memory;
    double share;
    uint32_t n_rates;
    uint32_t n_noisy;
    uint32_t n_models;    /* layout: n_rates + n_noisy */
    uint32_t n_lanes;     /* layout: n_models rounded up to LOGISTIC_LANES; what lies beyond n_models stays 0 */
    uint32_t n_vectors;   /* layout: 1 for two classes, else n_classes */
    uint32_t n_inputs;    /* layout: n_features + 1, the last one is the constant 1 */
    uint32_t n_squares;   /* layout: n_vectors * n_inputs */
    uint32_t n_weights;   /* layout: n_squares * n_lanes */
    uint32_t n_scratch;   /* layout: 2 * n_inputs + n_vectors * n_lanes */
    uint32_t at_mix;      /* layout: double[n_lanes], weights of the experts, sum 1 */
    uint32_t at_doubts;   /* layout: double[n_lanes], part of the labels that each expert holds to be noise, 0 but of the noisy */
    uint32_t at_location; /* layout: double[n_features], times LOGISTIC_UNIT */
    uint32_t at_scale;    /* layout: double[n_features], times LOGISTIC_UNIT, >= 0 */
    uint32_t at_weights;  /* layout: double[vector][input][lane] */
    uint32_t at_squares;  /* layout: double[vector][input], faded sums of squared gradients, >= 0 */
    uint32_t at_scratch;  /* layout: inputs, their directions, double[vector][lane] probabilities; zero between calls */
} logistic_state;

static const kedge_field logistic_fields[] = {
    KEDGE_PARAM(logistic_state, model.n_features, KEDGE_TYPE_U32),
    KEDGE_PARAM(logistic_state, model.n_classes, KEDGE_TYPE_U32),
    KEDGE_PARAM(logistic_state, rate, KEDGE_TYPE_F64),
    KEDGE_PARAM(logistic_state, memory, KEDGE_TYPE_F64),
    KEDGE_PARAM(logistic_state, share, KEDGE_TYPE_F64),
    KEDGE_PARAM(logistic_state, n_rates, KEDGE_TYPE_U32),
    KEDGE_PARAM(logistic_state, n_noisy, KEDGE_TYPE_U32),
    KEDGE_VALUE(logistic_state, model.n_learned, KEDGE_TYPE_COUNT),
    KEDGE_ARRAY(logistic_state, at_mix, n_lanes, KEDGE_TYPE_F64),
    KEDGE_ARRAY(logistic_state, at_doubts, n_lanes, KEDGE_TYPE_F64),
    KEDGE_ARRAY(logistic_state, at_location, model.n_features, KEDGE_TYPE_F64),
    KEDGE_ARRAY(logistic_state, at_scale, model.n_features, KEDGE_TYPE_F64),
    KEDGE_ARRAY(logistic_state, at_weights, n_weights, KEDGE_TYPE_F64),
    KEDGE_ARRAY(logistic_state, at_squares, n_squares, KEDGE_TYPE_F64),
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
    cfg->n_rates = 3;
    cfg->n_noisy = 1;
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
    s->n_noisy = cfg->n_noisy;
}

static int logistic_valid(const void *fixed)
{
    const logistic_state *s = fixed;
    return kedge_i_u32_within(s->model.n_features, 1, KEDGE_FEATURES_MAX) &&
           kedge_i_u32_within(s->model.n_classes, 2, KEDGE_CLASSES_MAX) && s->rate > 0.0 && s->rate <= 100.0 &&
           kedge_i_within(s->memory, 0.0, 1.0) && kedge_i_within(s->share, 0.0, 0.5) &&
           kedge_i_u32_within(s->n_rates, 1, LOGISTIC_MAX_RATES) && s->n_noisy <= LOGISTIC_MAX_RATES;
}

static size_t logistic_layout(void *fixed)
{
    logistic_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->n_vectors = s->model.n_classes == 2 ? 1 : s->model.n_classes;
    s->n_models = s->n_rates + s->n_noisy;
    s->n_lanes = (s->n_models + LOGISTIC_LANES - 1) / LOGISTIC_LANES * LOGISTIC_LANES;
    s->n_inputs = s->model.n_features + 1;
    s->n_squares = kedge_i_length(s->n_vectors, s->n_inputs);
    s->n_weights = kedge_i_length(s->n_squares, s->n_lanes);
    s->n_scratch = 2 * s->n_inputs + s->n_vectors * s->n_lanes;
    s->at_mix = kedge_i_arena_take(&arena, s->n_lanes, sizeof(double));
    s->at_doubts = kedge_i_arena_take(&arena, s->n_lanes, sizeof(double));
    s->at_location = kedge_i_arena_take(&arena, s->model.n_features, sizeof(double));
    s->at_scale = kedge_i_arena_take(&arena, s->model.n_features, sizeof(double));
    s->at_weights = kedge_i_arena_take(&arena, s->n_weights, sizeof(double));
    s->at_squares = kedge_i_arena_take(&arena, s->n_squares, sizeof(double));
    s->at_scratch = kedge_i_arena_take(&arena, s->n_scratch, sizeof(double));
    return kedge_i_arena_end(&arena);
}

static void logistic_start(void *state)
{
    logistic_state *s = state;
    double *mix = kedge_i_at(s, s->at_mix);
    double *doubts = kedge_i_at(s, s->at_doubts);
    for (uint32_t e = 0; e < s->n_models; e++)
        mix[e] = 1.0 / s->n_models;
    for (uint32_t e = s->n_rates; e < s->n_models; e++)
        doubts[e] = LOGISTIC_DOUBT_FIRST;
}

static int logistic_all_within(const logistic_state *s, uint32_t at, uint32_t n, double low, double high)
{
    const double *x = kedge_i_at_const(s, at);
    for (uint32_t i = 0; i < n; i++)
        if (!kedge_i_within(x[i], low, high))
            return 0;
    return 1;
}

/* Doubts, and nothing beside them, in all n_lanes. */
static int logistic_doubts_are_good(const logistic_state *s)
{
    uint32_t at = s->at_doubts;
    uint32_t one = sizeof(double);
    return logistic_all_within(s, at, s->n_rates, 0.0, 0.0) &&
           logistic_all_within(s, at + s->n_rates * one, s->n_noisy, LOGISTIC_DOUBT_LEAST, LOGISTIC_DOUBT_MOST) &&
           logistic_all_within(s, at + s->n_models * one, s->n_lanes - s->n_models, 0.0, 0.0);
}

static int logistic_check(const void *state)
{
    const logistic_state *s = state;
    const double *mix = kedge_i_at_const(s, s->at_mix);
    double weight_max =
        LOGISTIC_WEIGHT_MAX + (double)(s->model.n_learned % LOGISTIC_SWEEP) * (1.001 * s->rate + 1e-9); /* rounding */
    double sum = 0.0;
    if (!logistic_valid(s) || s->model.n_learned > KEDGE_I_COUNT_MAX || !logistic_all_within(s, s->at_mix, s->n_lanes, 0.0, 1.001))
        return 0;
    for (uint32_t e = 0; e < s->n_models; e++)
        sum += mix[e];
    return kedge_i_within(sum, 0.999, 1.001) && logistic_doubts_are_good(s) &&
           logistic_all_within(s, s->at_mix + s->n_models * (uint32_t)sizeof *mix, s->n_lanes - s->n_models, 0.0, 0.0) &&
           logistic_all_within(s, s->at_location, s->model.n_features, -LOGISTIC_LOCATION_MAX, LOGISTIC_LOCATION_MAX) &&
           logistic_all_within(s, s->at_scale, s->model.n_features, 0.0, LOGISTIC_SCALE_MAX) &&
           logistic_all_within(s, s->at_weights, s->n_weights, -weight_max, weight_max) &&
           logistic_all_within(s, s->at_squares, s->n_squares, 0.0, DBL_MAX / 2.0);
}

/* Prediction ---------------------------------------------------------------------------------------------------------------- */

static logistic_machine logistic_machine_of(const logistic_state *s)
{
    logistic_machine m;
    m.mix = kedge_i_at_const(s, s->at_mix);
    m.doubts = kedge_i_at_const(s, s->at_doubts);
    m.location = kedge_i_at_const(s, s->at_location);
    m.scale = kedge_i_at_const(s, s->at_scale);
    m.weights = kedge_i_at_const(s, s->at_weights);
    m.n_features = s->model.n_features;
    m.n_vectors = s->n_vectors;
    m.n_lanes = s->n_lanes;
    m.reserved = 0;
    return m;
}

static kedge_status logistic_score(const kedge_model_class *cls, const void *state, const kedge_row *x, double *scores)
{
    (void)cls;
    const logistic_state *s = state;
    logistic_machine m = logistic_machine_of(s);
    logistic_serve_score(&m, x, scores);
    return s->model.n_learned == 0 ? KEDGE_EMPTY : KEDGE_OK;
}

static kedge_status logistic_predict(const kedge_model_class *cls, const void *state, const kedge_row *x, double *y)
{
    (void)cls;
    const logistic_state *s = state;
    logistic_machine m = logistic_machine_of(s);
    *y = logistic_serve_predict(&m, x);
    return s->model.n_learned == 0 ? KEDGE_EMPTY : KEDGE_OK;
}

static kedge_status logistic_freeze(const kedge_model_class *cls, const void *state, void *buf, size_t cap, size_t *len)
{
    const logistic_state *s = state;
    logistic_machine m = logistic_machine_of(s);
    freeze_plan plan = {KEDGE_FROZEN_LOGISTIC, 0, 0, 0, 0, 0, 0};
    freeze_block b;
    plan.n_doubles = 2 * ((uint64_t)s->n_lanes + s->model.n_features) + s->n_weights;
    KEDGE_TRY(kedge_i_freeze_begin(cls, state, &plan, buf, cap, len, &b));
    b.head->params[0] = s->n_lanes;
    double *to = b.doubles;
    memcpy(to, m.mix, s->n_lanes * sizeof *to);
    memcpy(to + s->n_lanes, m.doubts, s->n_lanes * sizeof *to);
    to += 2 * (size_t)s->n_lanes;
    memcpy(to, m.location, s->model.n_features * sizeof *to);
    memcpy(to + s->model.n_features, m.scale, s->model.n_features * sizeof *to);
    memcpy(to + 2 * (size_t)s->model.n_features, m.weights, s->n_weights * sizeof *to);
    return kedge_i_freeze_end(&b);
}

/* Learning ------------------------------------------------------------------------------------------------------------------ */

/* Standardised inputs of a row. At the same time it moves location and scale, which count every row alike. */
static void logistic_enter(logistic_state *s, const kedge_row *x, double *inputs)
{
    double *location = kedge_i_at(s, s->at_location);
    double *scale = kedge_i_at(s, s->at_scale);
    uint32_t n_features = s->model.n_features;
    double n = (double)(int64_t)s->model.n_learned; /* before this row */
    double rate = (n + 1.0) * LOGISTIC_SCALE_RATE < 1.0 ? 1.0 / (n + 1.0) : LOGISTIC_SCALE_RATE;
    double scale_rate = 0.0; /* the first row has no deviation */
    if (n >= 1.0)
        scale_rate = n * LOGISTIC_SCALE_RATE < 1.0 ? 1.0 / n : LOGISTIC_SCALE_RATE;
    for (uint32_t i = 0; i < n_features; i++) {
        double off = logistic_off(x, i, location[i]);
        double known = kedge_i_row_at(x, i) == kedge_i_row_at(x, i) ? scale_rate : 0.0;
        inputs[i] = logistic_standard(off, scale[i]);
        location[i] += rate * off;
        scale[i] += known * (fabs(off) - scale[i]);
    }
    inputs[n_features] = 1.0;
}

/* Probability of each vector's class by LOGISTIC_LANES rates, from lane b on. Two classes: the other one's logit is 0. */
static void logistic_forward(const logistic_state *s, uint32_t b, const double *inputs, double *p)
{
    const double *w = (const double *)kedge_i_at_const(s, s->at_weights) + b;
    double sums[LOGISTIC_LANES] = {0.0};
    for (uint32_t v = 0; v < s->n_vectors; v++, w += (size_t)s->n_inputs * s->n_lanes) {
        double logits[LOGISTIC_LANES] = {0.0};
        logistic_add(w, s->n_lanes, inputs, s->n_inputs, logits);
        for (uint32_t e = 0; e < LOGISTIC_LANES; e++) {
            logits[e] = logistic_odds(logits[e]);
            sums[e] += logits[e];
        }
        memcpy(p + (size_t)v * s->n_lanes + b, logits, sizeof logits);
    }
    double other = s->n_vectors == 1 ? 1.0 : 0.0;
    for (uint32_t v = 0; v < s->n_vectors; v++)
        for (uint32_t e = 0; e < LOGISTIC_LANES; e++)
            p[(size_t)v * s->n_lanes + b + e] /= other + sums[e];
}

/* Fixed share (Herbster, Warmuth 1998, section 4): loss update by the probability that each expert gave the label, then a share for
 * all. One that expects noise gives the label what its model does, or an even share where the label is noise; `own` is how
 * probable it is that this label is none, 1 for the others. */
static void logistic_mix(logistic_state *s, uint32_t label, const double *p, double *own)
{
    const double *doubts = kedge_i_at_const(s, s->at_doubts);
    double even = 1.0 / s->model.n_classes;
    double *mix = kedge_i_at(s, s->at_mix);
    double against = s->n_vectors == 1 ? 1.0 - label : 0.0;
    double sum = 0.0;
    if (s->n_vectors > 1)
        p += (size_t)label * s->n_lanes;
    for (uint32_t e = 0; e < s->n_rates; e++) {
        own[e] = 1.0;
        mix[e] *= fabs(against - p[e]);
        sum += mix[e];
    }
    for (uint32_t e = s->n_rates; e < s->n_models; e++) {
        double by_model = (1.0 - doubts[e]) * fabs(against - p[e]);
        double given = by_model + doubts[e] * even;
        own[e] = by_model / given;
        mix[e] *= given;
        sum += mix[e];
    }
    double keep = (1.0 - s->share) / sum;
    double add = s->share / s->n_models;
    for (uint32_t e = 0; e < s->n_models; e++)
        mix[e] = mix[e] * keep + add;
}

/* Expectation and maximisation, a row at a time (Cappe, Moulines 2009, "Online expectation-maximization algorithm for latent data
 * models", Journal of the Royal Statistical Society B 71, section 2): the part of the labels that was noise of late. */
static void logistic_doubt(logistic_state *s, const double *own)
{
    double *doubts = kedge_i_at(s, s->at_doubts);
    for (uint32_t e = s->n_rates; e < s->n_models; e++) {
        double doubt = doubts[e] + LOGISTIC_DOUBT_RATE * (1.0 - own[e] - doubts[e]);
        doubt = doubt < LOGISTIC_DOUBT_MOST ? doubt : LOGISTIC_DOUBT_MOST;
        doubts[e] = doubt > LOGISTIC_DOUBT_LEAST ? doubt : LOGISTIC_DOUBT_LEAST;
    }
}

/* Each input over the root of its faded sum of squared gradients (Duchi, Hazan, Singer 2011, figure 1): times rate and slope, the
 * step. A slope is the derivative of the row's loss by the logit; none exceeds the row's weight; the newest counts as that. */
static void logistic_directions(const logistic_state *s, const double *inputs, double weight, double slope, double *squares,
                                double *along)
{
    double memory = s->memory;
    for (uint32_t i = 0; i < s->n_inputs; i++) {
        double faded = memory * squares[i];
        double most = weight * inputs[i];
        double gradient = slope * inputs[i];
        double sum = faded + most * most;
        along[i] = inputs[i] / sqrt(sum > DBL_MIN ? sum : DBL_MIN);
        squares[i] = faded + gradient * gradient;
    }
}

/* One step of vector v for all models. Where a label may be noise, the slope of the loss is less by the probability that it is. The
 * noisy models have the grid's rates from the second on. */
static void logistic_descend(logistic_state *s, uint32_t v, double target, double weight, const double *genuine, double *inputs)
{
    const double *mix = kedge_i_at_const(s, s->at_mix);
    double *along = inputs + s->n_inputs;
    const double *p = along + s->n_inputs + (size_t)v * s->n_lanes;
    double *squares = (double *)kedge_i_at(s, s->at_squares) + (size_t)v * s->n_inputs;
    double *w = (double *)kedge_i_at(s, s->at_weights) + (size_t)v * s->n_inputs * s->n_lanes;
    double steps[LOGISTIC_MAX_LANES] = {0.0};
    double slope = 0.0; /* of the mixture */
    double rate = s->rate;
    for (uint32_t e = 0; e < s->n_models; e++) {
        double own = weight * (p[e] - target) * genuine[e];
        rate = e == s->n_rates ? s->rate * LOGISTIC_GRID : rate;
        slope += mix[e] * own;
        steps[e] = rate * own;
        rate *= LOGISTIC_GRID;
    }
    logistic_directions(s, inputs, weight, slope, squares, along);
    for (uint32_t b = 0; b < s->n_lanes; b += LOGISTIC_LANES)
        logistic_move(w + b, s->n_lanes, steps + b, along, s->n_inputs);
}

static void logistic_sweep(logistic_state *s)
{
    double *w = kedge_i_at(s, s->at_weights);
    for (uint32_t i = 0; i < s->n_weights; i++)
        w[i] = logistic_clip(w[i], LOGISTIC_WEIGHT_MAX);
}

static kedge_status logistic_learn(const kedge_model_class *cls, void *state, const kedge_row *x, double y, double weight)
{
    (void)cls;
    logistic_state *s = state;
    double *inputs = kedge_i_at(s, s->at_scratch);
    double *p = inputs + 2 * (size_t)s->n_inputs;
    double genuine[LOGISTIC_MAX_LANES];
    uint32_t label = (uint32_t)y;
    logistic_enter(s, x, inputs);
    for (uint32_t b = 0; b < s->n_lanes; b += LOGISTIC_LANES)
        logistic_forward(s, b, inputs, p);
    logistic_mix(s, label, p, genuine);
    logistic_doubt(s, genuine);
    for (uint32_t v = 0; v < s->n_vectors; v++)
        logistic_descend(s, v, s->n_vectors == 1 ? label : v == label, weight, genuine, inputs);
    memset(inputs, 0, s->n_scratch * sizeof *inputs);
    s->model.n_learned++;
    if (s->model.n_learned % LOGISTIC_SWEEP == 0)
        logistic_sweep(s);
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
    .freeze = logistic_freeze,
    .takes_missing = 1,
};

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC pop_options
#endif
