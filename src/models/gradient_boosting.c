/* SPDX-License-Identifier: MIT */
/* Gradient boosting: configuration, state and predictions. See the header for the papers; training is in boost_fit.c. */
#include "base/fp.h"

#include <string.h>

#include "base/check.h"
#include "base/number.h"
#include "models/boost_state.h"
#include "models/freeze_grove.h"
#include "models/grove_answer.h"

static const kedge_field boost_fields[] = {
    KEDGE_PARAM(boost_state, model.n_features, KEDGE_TYPE_U32),
    KEDGE_PARAM(boost_state, model.n_classes, KEDGE_TYPE_U32),
    KEDGE_PARAM(boost_state, learning_rate, KEDGE_TYPE_F64),
    KEDGE_PARAM(boost_state, l2, KEDGE_TYPE_F64),
    KEDGE_PARAM(boost_state, min_gain, KEDGE_TYPE_F64),
    KEDGE_PARAM(boost_state, min_hessian, KEDGE_TYPE_F64),
    KEDGE_PARAM(boost_state, row_share, KEDGE_TYPE_F64),
    KEDGE_PARAM(boost_state, feature_share, KEDGE_TYPE_F64),
    KEDGE_PARAM(boost_state, holdout, KEDGE_TYPE_F64),
    KEDGE_PARAM(boost_state, seed, KEDGE_TYPE_U64),
    KEDGE_PARAM(boost_state, nominal[0], KEDGE_TYPE_U64),
    KEDGE_PARAM(boost_state, nominal[1], KEDGE_TYPE_U64),
    KEDGE_PARAM(boost_state, nominal[2], KEDGE_TYPE_U64),
    KEDGE_PARAM(boost_state, nominal[3], KEDGE_TYPE_U64),
    KEDGE_PARAM(boost_state, rising[0], KEDGE_TYPE_U64),
    KEDGE_PARAM(boost_state, rising[1], KEDGE_TYPE_U64),
    KEDGE_PARAM(boost_state, rising[2], KEDGE_TYPE_U64),
    KEDGE_PARAM(boost_state, rising[3], KEDGE_TYPE_U64),
    KEDGE_PARAM(boost_state, falling[0], KEDGE_TYPE_U64),
    KEDGE_PARAM(boost_state, falling[1], KEDGE_TYPE_U64),
    KEDGE_PARAM(boost_state, falling[2], KEDGE_TYPE_U64),
    KEDGE_PARAM(boost_state, falling[3], KEDGE_TYPE_U64),
    KEDGE_PARAM(boost_state, loss, KEDGE_TYPE_U32),
    KEDGE_PARAM(boost_state, n_rounds, KEDGE_TYPE_U32),
    KEDGE_PARAM(boost_state, max_leaves, KEDGE_TYPE_U32),
    KEDGE_PARAM(boost_state, max_depth, KEDGE_TYPE_U32),
    KEDGE_PARAM(boost_state, min_rows, KEDGE_TYPE_U32),
    KEDGE_PARAM(boost_state, n_bins, KEDGE_TYPE_U32),
    KEDGE_PARAM(boost_state, hold, KEDGE_TYPE_U32),
    KEDGE_PARAM(boost_state, patience, KEDGE_TYPE_U32),
    KEDGE_VALUE(boost_state, model.n_learned, KEDGE_TYPE_COUNT),
    KEDGE_VALUE(boost_state, holdout_loss, KEDGE_TYPE_F64),
    KEDGE_VALUE(boost_state, n_tried, KEDGE_TYPE_U32),
    KEDGE_VALUE(boost_state, n_held_out, KEDGE_TYPE_U32),
    KEDGE_VALUE(boost_state, grove.n_trees, KEDGE_TYPE_U32),
    KEDGE_ARRAY(boost_state, at_bases, n_outputs, KEDGE_TYPE_F64),
    GROVE_ARRAYS(boost_state, grove),
};

static void boost_defaults(void *config)
{
    kedge_gradient_boosting_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_gradient_boosting;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->learning_rate = 0.1;
    cfg->min_hessian = 1e-3;
    cfg->row_share = 1.0;
    cfg->feature_share = 1.0;
    cfg->seed = 1;
    cfg->loss = KEDGE_BOOST_SQUARED;
    cfg->n_rounds = 100;
    cfg->max_leaves = 31;
    cfg->max_depth = KEDGE_BOOST_LEAVES_MAX;
    cfg->min_rows = 20;
    cfg->n_bins = KEDGE_BOOST_BINS_MAX;
    cfg->hold = KEDGE_HOLD_LAST;
    cfg->patience = 10;
}

kedge_status kedge_gradient_boosting_config_init(kedge_gradient_boosting_config *cfg, size_t cfg_bytes, uint32_t n_features,
                                                 uint32_t n_classes)
{
    kedge_status st = kedge_class_defaults(&kedge_gradient_boosting.base, cfg, cfg_bytes, sizeof *cfg);
    if (st == KEDGE_OK) {
        cfg->base.n_features = n_features;
        cfg->base.n_classes = n_classes;
    }
    return st;
}

static void boost_configure(const void *config, void *fixed)
{
    const kedge_gradient_boosting_config *cfg = config;
    boost_state *s = fixed;
    s->model.n_features = cfg->base.n_features;
    s->model.n_classes = cfg->base.n_classes;
    s->learning_rate = cfg->learning_rate;
    s->l2 = cfg->l2;
    s->min_gain = cfg->min_gain;
    s->min_hessian = cfg->min_hessian;
    s->row_share = cfg->row_share;
    s->feature_share = cfg->feature_share;
    s->holdout = cfg->holdout;
    s->seed = cfg->seed;
    memcpy(s->nominal, cfg->nominal, sizeof s->nominal);
    memcpy(s->rising, cfg->rising, sizeof s->rising);
    memcpy(s->falling, cfg->falling, sizeof s->falling);
    s->loss = cfg->loss;
    s->n_rounds = cfg->n_rounds;
    s->max_leaves = cfg->max_leaves;
    s->max_depth = cfg->max_depth;
    s->min_rows = cfg->min_rows;
    s->n_bins = cfg->n_bins;
    s->hold = cfg->hold;
    s->patience = cfg->patience;
}

/* Sets of features that there are, each in one of them at most, and constraints only where an answer has one direction. */
static int boost_sets_are_valid(const boost_state *s)
{
    int any = 0;
    for (uint32_t i = 0; i < 4; i++) {
        if (((s->nominal[i] & s->rising[i]) | (s->nominal[i] & s->falling[i]) | (s->rising[i] & s->falling[i])) != 0)
            return 0;
        any |= (s->rising[i] | s->falling[i]) != 0;
    }
    return kedge_i_grove_features_within(s->nominal, s->model.n_features) &&
           kedge_i_grove_features_within(s->rising, s->model.n_features) &&
           kedge_i_grove_features_within(s->falling, s->model.n_features) && !(any && s->model.n_classes > 2);
}

static int boost_shape_is_valid(const boost_state *s)
{
    return kedge_i_u32_within(s->model.n_features, 1, KEDGE_FEATURES_MAX) && s->model.n_classes != 1 &&
           s->model.n_classes <= KEDGE_CLASSES_MAX && kedge_i_u32_within(s->n_rounds, 1, KEDGE_BOOST_ROUNDS_MAX) &&
           kedge_i_u32_within(s->max_leaves, 2, KEDGE_BOOST_LEAVES_MAX) &&
           kedge_i_u32_within(s->max_depth, 1, KEDGE_BOOST_LEAVES_MAX) && kedge_i_u32_within(s->min_rows, 1, 1000000000) &&
           kedge_i_u32_within(s->n_bins, 2, KEDGE_BOOST_BINS_MAX) &&
           kedge_i_u32_within(s->hold, KEDGE_HOLD_LAST, KEDGE_HOLD_RANDOM) && kedge_i_u32_within(s->patience, 1, 65536) &&
           kedge_i_u32_within(s->loss, KEDGE_BOOST_SQUARED, KEDGE_BOOST_ABSOLUTE);
}

static int boost_valid(const void *fixed)
{
    const boost_state *s = fixed;
    return boost_shape_is_valid(s) && boost_sets_are_valid(s) && kedge_i_within(s->learning_rate, 1e-10, 1.0) &&
           kedge_i_within(s->l2, 0.0, 1e9) && kedge_i_within(s->min_gain, 0.0, 1e300) &&
           kedge_i_within(s->min_hessian, 1e-10, 1e9) && kedge_i_within(s->row_share, 1e-10, 1.0) &&
           kedge_i_within(s->feature_share, 1e-10, 1.0) && kedge_i_within(s->holdout, 0.0, 0.9);
}

static size_t boost_layout(void *fixed)
{
    boost_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->n_outputs = s->model.n_classes > 2 ? s->model.n_classes : 1;
    s->at_bases = kedge_i_arena_take(&arena, s->n_outputs, sizeof(double));
    kedge_i_grove_layout(&s->grove, &arena, kedge_i_length(s->n_rounds, s->n_outputs), s->max_leaves, 1, s->nominal);
    s->grove.n_codes = s->n_bins;
    return kedge_i_arena_end(&arena);
}

static int boost_check(const void *state)
{
    const boost_state *s = state;
    const double *bases = kedge_i_at_const(s, s->at_bases);
    for (uint32_t k = 0; k < s->n_outputs; k++)
        if (!kedge_i_within(bases[k], -BOOST_VALUE_MAX, BOOST_VALUE_MAX))
            return 0;
    return boost_valid(s) && kedge_i_within(s->holdout_loss, 0.0, 1e300) && s->n_tried <= s->n_rounds &&
           s->grove.n_trees % s->n_outputs == 0 && s->model.n_learned < KEDGE_I_COUNT_MAX &&
           kedge_i_grove_check(s, &s->grove, s->model.n_features, s->nominal, BOOST_VALUE_MAX);
}

static size_t boost_fit_work(const void *fixed, size_t n_rows)
{
    return (size_t)kedge_i_boost_plan(fixed, n_rows).total;
}

static kedge_status boost_model_fit(const kedge_model_class *cls, void *state, const kedge_rows *x, const double *y,
                                    const double *weight, void *work)
{
    (void)cls;
    return kedge_i_boost_fit(state, x, y, weight, work);
}

/* Serving ---------------------------------------------------------------------------------------------------------------------- */

static const double *boost_answer(const void *state, uint32_t tree, const kedge_row *x)
{
    const boost_state *s = state;
    return grove_at(s, &s->grove, tree, x);
}

static const double *boost_bases(const boost_state *s)
{
    return kedge_i_at_const(s, s->at_bases);
}

static grove_view boost_view(const boost_state *s)
{
    grove_view v = {s, boost_answer, s->grove.n_trees, s->model.n_classes, s->n_outputs, boost_bases(s)};
    return v;
}

static kedge_status boost_predict(const kedge_model_class *cls, const void *state, const kedge_row *x, double *y)
{
    (void)cls;
    const boost_state *s = state;
    grove_view v = boost_view(s);
    *y = grove_boost_predict(&v, x);
    return s->model.n_learned == 0 ? KEDGE_EMPTY : KEDGE_OK;
}

static kedge_status boost_score(const kedge_model_class *cls, const void *state, const kedge_row *x, double *scores)
{
    (void)cls;
    const boost_state *s = state;
    grove_view v = boost_view(s);
    grove_boost_score(&v, x, scores);
    return s->model.n_learned == 0 ? KEDGE_EMPTY : KEDGE_OK;
}

static kedge_status boost_freeze(const kedge_model_class *cls, const void *state, void *buf, size_t cap, size_t *len)
{
    const boost_state *s = state;
    return kedge_i_freeze_grove(cls, state, &s->grove, boost_bases(s), buf, cap, len);
}

kedge_status kedge_gradient_boosting_describe(const kedge_model *m, kedge_gradient_boosting_info *out)
{
    if (!m || !m->state || !out)
        return KEDGE_ERR_NULL;
    if (m->cls != &kedge_gradient_boosting)
        return KEDGE_ERR_CLASS;
    const boost_state *s = m->state;
    out->loss = s->holdout_loss;
    out->n_leaves = kedge_i_grove_count(s, &s->grove);
    out->n_trees = s->grove.n_trees;
    out->n_rounds = s->grove.n_trees / s->n_outputs;
    out->n_tried = s->n_tried;
    out->n_held_out = s->n_held_out;
    return s->model.n_learned == 0 ? KEDGE_EMPTY : KEDGE_OK;
}

const kedge_model_class kedge_gradient_boosting = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_MODEL,
            .version = 1,
            .name = "gradient_boost",
            .fixed_bytes = sizeof(boost_state),
            .config_bytes = sizeof(kedge_gradient_boosting_config),
            .n_fields = sizeof boost_fields / sizeof *boost_fields,
            .fields = boost_fields,
            .defaults = boost_defaults,
            .configure = boost_configure,
            .valid = boost_valid,
            .layout = boost_layout,
            .check = boost_check,
        },
    .fit_work = boost_fit_work,
    .fit = boost_model_fit,
    .predict = boost_predict,
    .score = boost_score,
    .freeze = boost_freeze,
    .takes_missing = 1,
};
