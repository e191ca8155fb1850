/* SPDX-License-Identifier: MIT */
/* Online linear models: a loss (linear_loss.h) and an optimiser (linear_step.h), for dense and sparse rows.
 *
 * A row goes through once: its numbers are cleaned into scratch, one vector after the other gives its margin, then each is moved.
 * Inputs that are 0 change nothing, and sums run in the order of the features, so that a dense row and the same row as sparse give
 * the same bits. Scratch is in the state, zero between calls; read-outs do without.
 *
 * Cost: O(numbers in the row * vectors). NAG: a division for each number, and a division and a root for each of them and vector. */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "kedge/models/linear.h"

#include "base/arena.h"
#include "base/number.h"
#include "base/object.h"
#include "models/frozen_linear.h"
#include "models/linear_step.h"
#include "models/row.h"

#define LINEAR_TARGET_RATE 1e-3 /* least weight of the newest target in its location and scale */

static const kedge_field linear_fields[] = {
    KEDGE_PARAM(linear_state, model.n_features, KEDGE_TYPE_U32),
    KEDGE_PARAM(linear_state, model.n_classes, KEDGE_TYPE_U32),
    KEDGE_PARAM(linear_state, rate, KEDGE_TYPE_F64),
    KEDGE_PARAM(linear_state, decay, KEDGE_TYPE_F64),
    KEDGE_PARAM(linear_state, memory, KEDGE_TYPE_F64),
    KEDGE_PARAM(linear_state, beta, KEDGE_TYPE_F64),
    KEDGE_PARAM(linear_state, l1, KEDGE_TYPE_F64),
    KEDGE_PARAM(linear_state, l2, KEDGE_TYPE_F64),
    KEDGE_PARAM(linear_state, aggressiveness, KEDGE_TYPE_F64),
    KEDGE_PARAM(linear_state, alpha, KEDGE_TYPE_F64),
    KEDGE_PARAM(linear_state, delta, KEDGE_TYPE_F64),
    KEDGE_PARAM(linear_state, quantile, KEDGE_TYPE_F64),
    KEDGE_PARAM(linear_state, epsilon, KEDGE_TYPE_F64),
    KEDGE_PARAM(linear_state, loss, KEDGE_TYPE_U32),
    KEDGE_PARAM(linear_state, optimiser, KEDGE_TYPE_U32),
    KEDGE_VALUE(linear_state, model.n_learned, KEDGE_TYPE_COUNT),
    KEDGE_VALUE(linear_state, norm, KEDGE_TYPE_F64),
    KEDGE_VALUE(linear_state, offset, KEDGE_TYPE_F64),
    KEDGE_VALUE(linear_state, unit, KEDGE_TYPE_F64),
    KEDGE_ARRAY(linear_state, at_parameters, n_parameters, KEDGE_TYPE_F64),
    KEDGE_ARRAY(linear_state, at_scales, n_scales, KEDGE_TYPE_F64),
    KEDGE_ARRAY(linear_state, at_balls, n_balls, KEDGE_TYPE_F64),
};

/* Numbers that an optimiser keeps for a weight. */
static const uint8_t linear_slots[] = {
    [KEDGE_LINEAR_NAG] = 2, [KEDGE_LINEAR_SGD] = 1, [KEDGE_LINEAR_FTRL] = 3, [KEDGE_LINEAR_COIN] = 5,
    [KEDGE_LINEAR_PA1] = 1, [KEDGE_LINEAR_PA2] = 1, [KEDGE_LINEAR_ALMA] = 1,
};

static void linear_defaults(void *config)
{
    kedge_linear_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_linear;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->rate = 2.0;
    cfg->decay = 0.01;
    cfg->memory = 0.99;
    cfg->beta = 1.0;
    cfg->aggressiveness = 1.0;
    cfg->alpha = 0.9;
    cfg->delta = 1.0;
    cfg->quantile = 0.5;
    cfg->epsilon = 0.1;
    cfg->loss = KEDGE_LINEAR_SQUARED;
    cfg->optimiser = KEDGE_LINEAR_NAG;
}

kedge_status kedge_linear_config_init(kedge_linear_config *cfg, size_t cfg_bytes, uint32_t n_features, uint32_t n_classes)
{
    kedge_status st = kedge_class_defaults(&kedge_linear.base, cfg, cfg_bytes, sizeof *cfg);
    if (st == KEDGE_OK) {
        cfg->base.n_features = n_features;
        cfg->base.n_classes = n_classes;
        if (n_classes > 0)
            cfg->loss = n_classes == 2 ? KEDGE_LINEAR_LOGISTIC : KEDGE_LINEAR_SOFTMAX;
    }
    return st;
}

static void linear_configure(const void *config, void *fixed)
{
    const kedge_linear_config *cfg = config;
    linear_state *s = fixed;
    s->model.n_features = cfg->base.n_features;
    s->model.n_classes = cfg->base.n_classes;
    s->rate = cfg->rate;
    s->decay = cfg->decay;
    s->memory = cfg->memory;
    s->beta = cfg->beta;
    s->l1 = cfg->l1;
    s->l2 = cfg->l2;
    s->aggressiveness = cfg->aggressiveness;
    s->alpha = cfg->alpha;
    s->delta = cfg->delta;
    s->quantile = cfg->quantile;
    s->epsilon = cfg->epsilon;
    s->loss = cfg->loss;
    s->optimiser = cfg->optimiser;
}

/* Does the loss mean anything for so many classes, and the optimiser for the loss? */
static int linear_is_sensible(const linear_state *s)
{
    uint32_t least = s->loss == KEDGE_LINEAR_SOFTMAX ? 3 : s->loss <= KEDGE_LINEAR_HINGE ? 2 : 0;
    uint32_t most = s->loss <= KEDGE_LINEAR_HINGE ? KEDGE_CLASSES_MAX : 0;
    if (!kedge_i_u32_within(s->model.n_classes, least, most))
        return 0;
    if (s->optimiser == KEDGE_LINEAR_PA1 || s->optimiser == KEDGE_LINEAR_PA2)
        return s->loss == KEDGE_LINEAR_HINGE || s->loss == KEDGE_LINEAR_EPSILON;
    return s->optimiser != KEDGE_LINEAR_ALMA || s->loss == KEDGE_LINEAR_HINGE;
}

static int linear_valid(const void *fixed)
{
    const linear_state *s = fixed;
    return kedge_i_u32_within(s->model.n_features, 1, KEDGE_FEATURES_MAX) &&
           kedge_i_u32_within(s->loss, KEDGE_LINEAR_LOGISTIC, KEDGE_LINEAR_POISSON) &&
           kedge_i_u32_within(s->optimiser, KEDGE_LINEAR_NAG, KEDGE_LINEAR_ALMA) && linear_is_sensible(s) &&
           kedge_i_within(s->rate, 1e-9, 100.0) && kedge_i_within(s->decay, 0.0, 1e9) && kedge_i_within(s->memory, 0.0, 1.0) &&
           kedge_i_within(s->beta, 1e-9, 1e9) && kedge_i_within(s->l1, 0.0, 1e9) && kedge_i_within(s->l2, 0.0, 1e9) &&
           kedge_i_within(s->aggressiveness, 1e-9, 1e9) && kedge_i_within(s->alpha, 1e-3, 1.0) &&
           kedge_i_within(s->delta, 1e-100, 1e100) && kedge_i_within(s->quantile, 0.0, 1.0) &&
           kedge_i_within(s->epsilon, 0.0, 1e100);
}

static size_t linear_layout(void *fixed)
{
    linear_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->n_vectors = KEDGE_LINEAR_VECTORS(s->model.n_classes);
    s->n_inputs = s->model.n_features + 1;
    s->n_slots = linear_slots[s->optimiser];
    s->n_parameters = kedge_i_length(s->n_vectors * s->n_slots, s->n_inputs);
    s->n_scales = s->optimiser == KEDGE_LINEAR_NAG ? s->model.n_features : 0;
    s->n_balls = s->optimiser == KEDGE_LINEAR_ALMA ? s->n_vectors * 3 : 0;
    s->n_scratch = 2 * s->n_inputs + s->n_vectors;
    s->at_parameters = kedge_i_arena_take(&arena, s->n_parameters, sizeof(double));
    s->at_scales = kedge_i_arena_take(&arena, s->n_scales, sizeof(double));
    s->at_balls = kedge_i_arena_take(&arena, s->n_balls, sizeof(double));
    s->at_scratch = kedge_i_arena_take(&arena, s->n_scratch, sizeof(double));
    return kedge_i_arena_end(&arena);
}

/* Is the target's unit learned too? */
static int linear_has_offset(const linear_state *s)
{
    return s->optimiser == KEDGE_LINEAR_NAG && s->model.n_classes == 0 && s->loss != KEDGE_LINEAR_POISSON;
}

static void linear_start(void *state)
{
    linear_state *s = state;
    linear_ball *balls = kedge_i_at(s, s->at_balls);
    s->unit = linear_has_offset(s) ? 0.0 : 1.0;
    for (uint32_t v = 0; v < s->n_balls / 3; v++)
        balls[v].scale = 1.0;
}

static int linear_all_within(const double *x, uint32_t n, double low, double high)
{
    for (uint32_t i = 0; i < n; i++)
        if (!kedge_i_within(x[i], low, high))
            return 0;
    return 1;
}

/* The slots of one vector, slot by slot. */
static int linear_check_vector(const linear_state *s, const double *w)
{
    static const double most[][LINEAR_MAX_SLOTS] = {
        [KEDGE_LINEAR_NAG] = {LINEAR_WEIGHT_MAX, 1e240},
        [KEDGE_LINEAR_FTRL] = {LINEAR_WEIGHT_MAX, LINEAR_FTRL_Z_MAX, LINEAR_FTRL_N_MAX},
        [KEDGE_LINEAR_COIN] = {LINEAR_WEIGHT_MAX, LINEAR_GRADIENT_MAX, LINEAR_COIN_SUM_MAX, LINEAR_COIN_REWARD_MAX,
                               LINEAR_COIN_SUM_MAX},
        [KEDGE_LINEAR_SGD] = {LINEAR_WEIGHT_MAX},
        [KEDGE_LINEAR_PA1] = {LINEAR_WEIGHT_MAX},
        [KEDGE_LINEAR_PA2] = {LINEAR_WEIGHT_MAX},
        [KEDGE_LINEAR_ALMA] = {LINEAR_WEIGHT_MAX},
    };
    static const uint8_t has_sign[][LINEAR_MAX_SLOTS] = {
        [KEDGE_LINEAR_NAG] = {1, 0}, [KEDGE_LINEAR_FTRL] = {1, 1, 0}, [KEDGE_LINEAR_COIN] = {1, 0, 0, 0, 1},
        [KEDGE_LINEAR_SGD] = {1},    [KEDGE_LINEAR_PA1] = {1},        [KEDGE_LINEAR_PA2] = {1},
        [KEDGE_LINEAR_ALMA] = {1},
    };
    for (uint32_t k = 0; k < s->n_slots; k++) {
        double high = most[s->optimiser][k];
        if (!linear_all_within(w + (size_t)k * s->n_inputs, s->n_inputs, has_sign[s->optimiser][k] ? -high : 0.0, high))
            return 0;
    }
    return 1;
}

static const double *linear_weights(const linear_state *s, uint32_t v)
{
    return (const double *)kedge_i_at_const(s, s->at_parameters) + (size_t)v * s->n_slots * s->n_inputs;
}

static int linear_check_balls(const linear_state *s)
{
    const linear_ball *balls = kedge_i_at_const(s, s->at_balls);
    for (uint32_t v = 0; v < s->n_balls / 3; v++)
        if (!kedge_i_within(balls[v].scale, LINEAR_BALL_SCALE_MIN, 1.0) || !kedge_i_within(balls[v].square, 0.0, 1.0) ||
            !kedge_i_within(balls[v].steps, 0.0, (double)(int64_t)s->model.n_learned))
            return 0;
    return 1;
}

static int linear_check(const void *state)
{
    const linear_state *s = state;
    if (!linear_valid(s) || s->model.n_learned > KEDGE_I_COUNT_MAX)
        return 0;
    double n = (double)(int64_t)s->model.n_learned;
    double unit_max = linear_has_offset(s) ? 2.001 * KEDGE_TARGET_MAX : 1.0;
    if (!kedge_i_within(s->norm, 0.0, 1.001 * n * s->n_inputs) || !kedge_i_within(s->unit, unit_max == 1.0 ? 1.0 : 0.0, unit_max) ||
        !kedge_i_within(s->offset, -KEDGE_TARGET_MAX, KEDGE_TARGET_MAX) ||
        !linear_all_within(kedge_i_at_const(s, s->at_scales), s->n_scales, 0.0, LINEAR_INPUT_MAX) || !linear_check_balls(s))
        return 0;
    for (uint32_t v = 0; v < s->n_vectors; v++)
        if (!linear_check_vector(s, linear_weights(s, v)))
            return 0;
    return 1;
}

/* Rows ------------------------------------------------------------------------------------------------------------------------- */

static inline double linear_input(const linear_source *x, uint32_t j)
{
    return linear_clean(linear_source_at(x, j), LINEAR_INPUT_MAX, LINEAR_INPUT_MIN);
}

/* Read-outs -------------------------------------------------------------------------------------------------------------------- */

static linear_machine linear_machine_of(const linear_state *s)
{
    linear_machine m;
    m.weights = linear_weights(s, 0);
    m.stride = (size_t)s->n_slots * s->n_inputs;
    m.scales = s->n_scales > 0 ? kedge_i_at_const(s, s->at_scales) : NULL;
    m.factors = s->n_balls > 0 ? &((const linear_ball *)kedge_i_at_const(s, s->at_balls))->scale : NULL;
    m.factor_stride = sizeof(linear_ball) / sizeof(double);
    m.offset = s->offset;
    m.input_max = LINEAR_INPUT_MAX;
    m.input_min = LINEAR_INPUT_MIN;
    m.n_features = s->model.n_features;
    m.n_classes = s->model.n_classes;
    m.n_vectors = s->n_vectors;
    m.loss = s->loss;
    return m;
}

static kedge_status linear_status(const linear_state *s)
{
    return s->model.n_learned == 0 ? KEDGE_EMPTY : KEDGE_OK;
}

static kedge_status linear_predict_from(const linear_state *s, const linear_source *x, double *y)
{
    linear_machine m = linear_machine_of(s);
    linear_serve_predict(&m, x, y);
    return linear_status(s);
}

static kedge_status linear_score_from(const linear_state *s, const linear_source *x, double *scores)
{
    linear_machine m = linear_machine_of(s);
    linear_serve_score(&m, x, scores);
    return linear_status(s);
}

static kedge_status linear_predict(const kedge_model_class *cls, const void *state, const kedge_row *x, double *y)
{
    (void)cls;
    const linear_state *s = state;
    linear_source source = linear_from_dense(x, s->model.n_features);
    return linear_predict_from(s, &source, y);
}

static kedge_status linear_score(const kedge_model_class *cls, const void *state, const kedge_row *x, double *scores)
{
    (void)cls;
    const linear_state *s = state;
    linear_source source = linear_from_dense(x, s->model.n_features);
    return linear_score_from(s, &source, scores);
}

static kedge_status linear_predict_sparse(const kedge_model_class *cls, const void *state, const kedge_sparse *x, double *y)
{
    (void)cls;
    linear_source source = linear_from_sparse(x);
    return linear_predict_from(state, &source, y);
}

static kedge_status linear_score_sparse(const kedge_model_class *cls, const void *state, const kedge_sparse *x, double *scores)
{
    (void)cls;
    linear_source source = linear_from_sparse(x);
    return linear_score_from(state, &source, scores);
}

static kedge_status linear_freeze(const kedge_model_class *cls, const void *state, void *buf, size_t cap, size_t *len)
{
    linear_machine m = linear_machine_of(state);
    return kedge_i_freeze_linear(cls, state, &m, buf, cap, len);
}

/* Learning --------------------------------------------------------------------------------------------------------------------- */

/* Ross, Mineiro, Langford 2013, algorithm 2: scales grow before the margin is taken, and the squares of gradients go to the new
 * ones. */
static void linear_rescale(linear_state *s, uint32_t i, double ratio)
{
    double *squares = (double *)kedge_i_at(s, s->at_parameters) + s->n_inputs + i;
    for (uint32_t v = 0; v < s->n_vectors; v++)
        squares[(size_t)v * s->n_slots * s->n_inputs] *= ratio * ratio;
}

static void linear_normalise(linear_state *s, const linear_source *x, linear_view *view)
{
    double *scales = kedge_i_at(s, s->at_scales);
    double norm = 1.0; /* the constant */
    for (uint32_t j = 0; j < x->n; j++) {
        uint32_t i = linear_feature(x, j);
        double value = view->inputs[j];
        double scale = linear_scale(value, scales[i]);
        if (fabs(value) > scales[i]) {
            linear_rescale(s, i, scales[i] / scale);
            scales[i] = scale;
        }
        view->inputs[j] = value / scale;
    }
    for (uint32_t j = 0; j < x->n; j++)
        norm += view->inputs[j] * view->inputs[j];
    s->norm += norm;
}

static linear_view linear_enter(linear_state *s, const linear_source *x)
{
    double *scratch = kedge_i_at(s, s->at_scratch);
    linear_view view = {x->sparse ? x->sparse->index : NULL, scratch, scratch + s->n_inputs, x->n + 1, s->model.n_features};
    for (uint32_t j = 0; j < x->n; j++)
        view.inputs[j] = linear_input(x, j);
    view.inputs[x->n] = 1.0;
    if (s->n_scales > 0)
        linear_normalise(s, x, &view);
    return view;
}

/* Location and scale of the target; the first one has no deviation. */
static void linear_enter_target(linear_state *s, double y)
{
    double n = (double)(int64_t)s->model.n_learned;
    double rate = (n + 1.0) * LINEAR_TARGET_RATE < 1.0 ? 1.0 / (n + 1.0) : LINEAR_TARGET_RATE;
    double off = y - s->offset;
    s->offset = linear_clip(s->offset + rate * off, KEDGE_TARGET_MAX);
    if (n >= 1.0) {
        double unit_rate = n * LINEAR_TARGET_RATE < 1.0 ? 1.0 / n : LINEAR_TARGET_RATE;
        s->unit += unit_rate * (fabs(off) - s->unit);
    }
}

static double linear_margin_from(const linear_state *s, uint32_t v, double sum)
{
    if (s->optimiser == KEDGE_LINEAR_ALMA)
        sum *= ((const linear_ball *)kedge_i_at_const(s, s->at_balls))[v].scale;
    return linear_clip(s->offset + sum, LINEAR_MARGIN_MAX);
}

static double linear_view_margin(const linear_state *s, uint32_t v, const linear_view *x)
{
    const double *w = linear_weights(s, v);
    double sum = 0.0;
    for (uint32_t j = 0; j < x->n_inputs; j++)
        sum += w[linear_position(x, x->index, j)] * x->inputs[j];
    return linear_margin_from(s, v, sum);
}

static void linear_softmax(const linear_state *s, double *margins)
{
    double sum = 0.0;
    if (s->loss != KEDGE_LINEAR_SOFTMAX)
        return;
    for (uint32_t v = 0; v < s->n_vectors; v++)
        sum += margins[v] = logistic_odds(margins[v]);
    for (uint32_t v = 0; v < s->n_vectors; v++)
        margins[v] /= sum;
}

/* PA and ALMA: by the margin itself. */
static void linear_correct(linear_state *s, uint32_t v, const linear_view *x, double margin, double target, double weight)
{
    double *w = (double *)kedge_i_at(s, s->at_parameters) + (size_t)v * s->n_inputs;
    double sign = 2.0 * target - 1.0;
    if (s->optimiser == KEDGE_LINEAR_ALMA)
        linear_step_alma(s, w, (linear_ball *)kedge_i_at(s, s->at_balls) + v, x, margin, sign, weight);
    else if (s->loss == KEDGE_LINEAR_HINGE)
        linear_step_passive(s, w, x, linear_violation_hinge(margin, sign), sign, weight);
    else
        linear_step_passive(s, w, x, linear_violation_epsilon(margin - target, s->epsilon), target > margin ? 1.0 : -1.0, weight);
}

static void linear_descend(linear_state *s, uint32_t v, const linear_view *x, double margin, double target, double weight)
{
    double *w = (double *)kedge_i_at(s, s->at_parameters) + (size_t)v * s->n_slots * s->n_inputs;
    linear_slope by = linear_loss(s, margin, target);
    by.slope *= weight;
    by.curvature *= weight;
    if (s->optimiser == KEDGE_LINEAR_SGD)
        linear_step_sgd(s, w, x, by);
    else if (s->optimiser == KEDGE_LINEAR_FTRL)
        linear_step_ftrl(s, w, x, by.slope);
    else if (s->optimiser == KEDGE_LINEAR_COIN)
        linear_step_coin(s, w, x, by.slope);
    else if (x->index)
        linear_step_nag(s, w, w + s->n_inputs, x, x->index, by);
    else
        linear_step_nag(s, w, w + s->n_inputs, x, NULL, by);
}

static kedge_status linear_learn_from(linear_state *s, const linear_source *source, double y, double weight)
{
    double *scratch = kedge_i_at(s, s->at_scratch);
    double *margins = scratch + 2 * (size_t)s->n_inputs;
    if (s->loss == KEDGE_LINEAR_POISSON && y < 0.0)
        return KEDGE_ERR_RANGE;
    linear_view x = linear_enter(s, source);
    if (linear_has_offset(s))
        linear_enter_target(s, y);
    for (uint32_t v = 0; v < s->n_vectors; v++)
        margins[v] = linear_view_margin(s, v, &x);
    linear_softmax(s, margins);
    for (uint32_t v = 0; v < s->n_vectors; v++) {
        double target = s->n_vectors == 1 ? y : y == (double)v;
        if (s->optimiser >= KEDGE_LINEAR_PA1)
            linear_correct(s, v, &x, margins[v], target, weight);
        else
            linear_descend(s, v, &x, margins[v], target, weight);
    }
    memset(x.inputs, 0, x.n_inputs * sizeof *x.inputs);
    memset(x.along, 0, x.n_inputs * sizeof *x.along);
    memset(margins, 0, s->n_vectors * sizeof *margins);
    s->model.n_learned++;
    return KEDGE_OK;
}

static kedge_status linear_learn(const kedge_model_class *cls, void *state, const kedge_row *x, double y, double weight)
{
    (void)cls;
    linear_state *s = state;
    linear_source source = linear_from_dense(x, s->model.n_features);
    return linear_learn_from(s, &source, y, weight);
}

static kedge_status linear_learn_sparse(const kedge_model_class *cls, void *state, const kedge_sparse *x, double y, double weight)
{
    (void)cls;
    linear_source source = linear_from_sparse(x);
    return linear_learn_from(state, &source, y, weight);
}

const kedge_model_class kedge_linear = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_MODEL,
            .version = 1,
            .name = "linear",
            .fixed_bytes = sizeof(linear_state),
            .config_bytes = sizeof(kedge_linear_config),
            .n_fields = sizeof linear_fields / sizeof *linear_fields,
            .fields = linear_fields,
            .defaults = linear_defaults,
            .configure = linear_configure,
            .valid = linear_valid,
            .layout = linear_layout,
            .start = linear_start,
            .check = linear_check,
        },
    .learn = linear_learn,
    .predict = linear_predict,
    .score = linear_score,
    .learn_sparse = linear_learn_sparse,
    .predict_sparse = linear_predict_sparse,
    .score_sparse = linear_score_sparse,
    .freeze = linear_freeze,
};
