/* SPDX-License-Identifier: MIT */
/* Random forest and CART: configuration, state and predictions. See the header for the papers; training is in wood_fit.c. */
#include "base/fp.h"

#include <string.h>

#include "base/check.h"
#include "base/number.h"
#include "models/freeze_grove.h"
#include "models/grove_answer.h"
#include "models/wood_state.h"

#define WOOD_VALUE_MAX 1e101
#define WOOD_LOSS_MAX 1e204 /* of a regression */

static const kedge_field wood_fields[] = {
    KEDGE_PARAM(wood_state, model.n_features, KEDGE_TYPE_U32),
    KEDGE_PARAM(wood_state, model.n_classes, KEDGE_TYPE_U32),
    KEDGE_PARAM(wood_state, seed, KEDGE_TYPE_U64),
    KEDGE_PARAM(wood_state, nominal[0], KEDGE_TYPE_U64),
    KEDGE_PARAM(wood_state, nominal[1], KEDGE_TYPE_U64),
    KEDGE_PARAM(wood_state, nominal[2], KEDGE_TYPE_U64),
    KEDGE_PARAM(wood_state, nominal[3], KEDGE_TYPE_U64),
    KEDGE_PARAM(wood_state, ccp_alpha, KEDGE_TYPE_F64),
    KEDGE_PARAM(wood_state, n_trees, KEDGE_TYPE_U32),
    KEDGE_PARAM(wood_state, max_leaves, KEDGE_TYPE_U32),
    KEDGE_PARAM(wood_state, max_depth, KEDGE_TYPE_U32),
    KEDGE_PARAM(wood_state, min_rows, KEDGE_TYPE_U32),
    KEDGE_PARAM(wood_state, n_subset, KEDGE_TYPE_U32),
    KEDGE_PARAM(wood_state, n_bins, KEDGE_TYPE_U32),
    KEDGE_PARAM(wood_state, bootstrap, KEDGE_TYPE_U32),
    KEDGE_PARAM(wood_state, out_of_bag, KEDGE_TYPE_U32),
    KEDGE_VALUE(wood_state, model.n_learned, KEDGE_TYPE_COUNT),
    KEDGE_VALUE(wood_state, bag_loss, KEDGE_TYPE_F64),
    KEDGE_VALUE(wood_state, n_bag, KEDGE_TYPE_COUNT),
    KEDGE_VALUE(wood_state, grove.n_trees, KEDGE_TYPE_U32),
    GROVE_ARRAYS(wood_state, grove),
};

static void wood_defaults(void *config)
{
    kedge_random_forest_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_random_forest;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->seed = 1;
    cfg->n_trees = 100;
    cfg->max_leaves = 1024;
    cfg->max_depth = KEDGE_RANDOM_FOREST_LEAVES_MAX;
    cfg->min_rows = 1;
    cfg->n_subset = 1;
    cfg->n_bins = 255;
    cfg->bootstrap = 1;
}

kedge_status kedge_random_forest_config_init(kedge_random_forest_config *cfg, size_t cfg_bytes, uint32_t n_features,
                                             uint32_t n_classes)
{
    kedge_status st = kedge_class_defaults(&kedge_random_forest.base, cfg, cfg_bytes, sizeof *cfg);
    if (st == KEDGE_OK) {
        cfg->base.n_features = n_features;
        cfg->base.n_classes = n_classes;
        cfg->n_subset = n_classes > 0 ? (uint32_t)(sqrt((double)n_features) + 0.5) : n_features / 3;
        cfg->n_subset = cfg->n_subset > 0 ? cfg->n_subset : 1;
    }
    return st;
}

static void wood_configure(const void *config, void *fixed)
{
    const kedge_random_forest_config *cfg = config;
    wood_state *s = fixed;
    s->model.n_features = cfg->base.n_features;
    s->model.n_classes = cfg->base.n_classes;
    s->seed = cfg->seed;
    memcpy(s->nominal, cfg->nominal, sizeof s->nominal);
    s->n_trees = cfg->n_trees;
    s->max_leaves = cfg->max_leaves;
    s->max_depth = cfg->max_depth;
    s->min_rows = cfg->min_rows;
    s->n_subset = cfg->n_subset;
    s->n_bins = cfg->n_bins;
    s->bootstrap = cfg->bootstrap;
    s->out_of_bag = cfg->out_of_bag;
    s->ccp_alpha = cfg->ccp_alpha;
}

static int wood_valid(const void *fixed)
{
    const wood_state *s = fixed;
    return kedge_i_u32_within(s->model.n_features, 1, KEDGE_FEATURES_MAX) && s->model.n_classes != 1 &&
           s->model.n_classes <= KEDGE_CLASSES_MAX && kedge_i_u32_within(s->n_trees, 1, 65536) &&
           kedge_i_u32_within(s->max_leaves, 2, KEDGE_RANDOM_FOREST_LEAVES_MAX) &&
           kedge_i_u32_within(s->max_depth, 1, KEDGE_RANDOM_FOREST_LEAVES_MAX) && kedge_i_u32_within(s->min_rows, 1, 1000000000) &&
           kedge_i_u32_within(s->n_subset, 1, s->model.n_features) && kedge_i_u32_within(s->n_bins, 2, 255) && s->bootstrap <= 1 &&
           s->out_of_bag <= s->bootstrap && kedge_i_within(s->ccp_alpha, 0.0, 1e300) &&
           kedge_i_grove_features_within(s->nominal, s->model.n_features);
}

static size_t wood_layout(void *fixed)
{
    wood_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    kedge_i_grove_layout(&s->grove, &arena, s->n_trees, s->max_leaves, s->model.n_classes > 0 ? s->model.n_classes : 1, s->nominal);
    s->grove.n_codes = s->n_bins;
    return kedge_i_arena_end(&arena);
}

/* Shares of classes are not negative, and make 1. */
static int wood_shares_are_sound(const wood_state *s)
{
    const double *values = kedge_i_at_const(s, s->grove.at_values);
    const uint32_t *leaves = kedge_i_at_const(s, s->grove.at_leaves);
    for (uint32_t t = 0; s->model.n_classes > 0 && t < s->grove.n_trees; t++) {
        const double *leaf = values + (size_t)t * s->max_leaves * s->model.n_classes;
        for (uint32_t i = 0; i < leaves[t]; i++, leaf += s->model.n_classes) {
            double sum = 0.0;
            int all = 1;
            for (uint32_t c = 0; c < s->model.n_classes; c++) {
                all &= leaf[c] >= 0.0;
                sum += leaf[c];
            }
            if (!all || !kedge_i_within(sum, 1.0 - 1e-9, 1.0 + 1e-9))
                return 0;
        }
    }
    return 1;
}

static int wood_check(const void *state)
{
    const wood_state *s = state;
    if (s->n_bag > s->model.n_learned || !kedge_i_within(s->bag_loss, 0.0, s->model.n_classes > 0 ? 1.0 : WOOD_LOSS_MAX))
        return 0;
    return wood_valid(s) && s->model.n_learned < KEDGE_I_COUNT_MAX &&
           s->grove.n_trees == (s->model.n_learned > 0 ? s->n_trees : 0) &&
           kedge_i_grove_check(s, &s->grove, s->model.n_features, s->nominal, WOOD_VALUE_MAX) && wood_shares_are_sound(s);
}

static size_t wood_fit_work(const void *fixed, size_t n_rows)
{
    return kedge_i_wood_work(fixed, n_rows);
}

static kedge_status wood_fit(const kedge_model_class *cls, void *state, const kedge_rows *x, const double *y, const double *weight,
                             void *work)
{
    (void)cls;
    return kedge_i_wood_fit(state, x, y, weight, work);
}

static const double *wood_answer(const void *state, uint32_t tree, const kedge_row *x)
{
    const wood_state *s = state;
    return grove_at(s, &s->grove, tree, x);
}

static grove_view wood_view(const wood_state *s)
{
    grove_view v = {s, wood_answer, s->grove.n_trees, s->model.n_classes, s->grove.width, NULL};
    return v;
}

static kedge_status wood_predict(const kedge_model_class *cls, const void *state, const kedge_row *x, double *y)
{
    (void)cls;
    const wood_state *s = state;
    grove_view v = wood_view(s);
    *y = s->model.n_learned == 0 ? 0.0 : grove_forest_predict(&v, x);
    return s->model.n_learned == 0 ? KEDGE_EMPTY : KEDGE_OK;
}

static kedge_status wood_score(const kedge_model_class *cls, const void *state, const kedge_row *x, double *scores)
{
    (void)cls;
    const wood_state *s = state;
    uint32_t n = s->grove.width;
    grove_view v = wood_view(s);
    for (uint32_t c = 0; s->model.n_learned == 0 && c < n; c++)
        scores[c] = s->model.n_classes > 0 ? 1.0 / n : 0.0;
    if (s->model.n_learned == 0)
        return KEDGE_EMPTY;
    grove_forest_score(&v, x, scores);
    return KEDGE_OK;
}

kedge_status kedge_random_forest_describe(const kedge_model *m, kedge_random_forest_info *out)
{
    if (!m || !m->state || !out)
        return KEDGE_ERR_NULL;
    if (m->cls != &kedge_random_forest)
        return KEDGE_ERR_CLASS;
    const wood_state *s = m->state;
    out->loss = s->bag_loss;
    out->n_out_of_bag = s->n_bag;
    out->n_leaves = kedge_i_grove_count(s, &s->grove);
    out->n_trees = s->grove.n_trees;
    out->reserved = 0;
    return s->model.n_learned == 0 ? KEDGE_EMPTY : KEDGE_OK;
}

static kedge_status wood_freeze(const kedge_model_class *cls, const void *state, void *buf, size_t cap, size_t *len)
{
    const wood_state *s = state;
    return kedge_i_freeze_grove(cls, state, &s->grove, NULL, buf, cap, len);
}

const kedge_model_class kedge_random_forest = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_MODEL,
            .version = 1,
            .name = "random_forest",
            .fixed_bytes = sizeof(wood_state),
            .config_bytes = sizeof(kedge_random_forest_config),
            .n_fields = sizeof wood_fields / sizeof *wood_fields,
            .fields = wood_fields,
            .defaults = wood_defaults,
            .configure = wood_configure,
            .valid = wood_valid,
            .layout = wood_layout,
            .check = wood_check,
        },
    .fit_work = wood_fit_work,
    .fit = wood_fit,
    .predict = wood_predict,
    .score = wood_score,
    .freeze = wood_freeze,
    .takes_missing = 1,
};
