/* SPDX-License-Identifier: MIT */
/* The Hoeffding tree as a class: one tree in the pool. See tree_state.h. */
#include "base/fp.h"

#include <string.h>

#include "models/freeze_tree.h"

#include "base/number.h"

enum { HOEFFDING_TREE_REVIEW = 1024, HOEFFDING_TREE_MEMORY = 256 * 1024, HOEFFDING_TREE_BLOCKS = 64 };

typedef struct hoeffding_tree_state {
    tree_state tree;
} hoeffding_tree_state;

static const kedge_field hoeffding_tree_fields[] = {
    TREE_PARAMS(hoeffding_tree_state),
    TREE_VALUES(hoeffding_tree_state),
    TREE_ARRAYS(hoeffding_tree_state),
};

static void hoeffding_tree_defaults(void *config)
{
    kedge_hoeffding_tree_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_hoeffding_tree;
    cfg->base.config_bytes = sizeof *cfg;
    kedge_i_tree_growth_defaults(&cfg->growth);
    cfg->growth.memory = HOEFFDING_TREE_MEMORY;
}

kedge_status kedge_hoeffding_tree_config_init(kedge_hoeffding_tree_config *cfg, size_t cfg_bytes, uint32_t n_features,
                                              uint32_t n_classes)
{
    kedge_status st = kedge_class_defaults(&kedge_hoeffding_tree.base, cfg, cfg_bytes, sizeof *cfg);
    if (st == KEDGE_OK) {
        cfg->base.n_features = n_features;
        cfg->base.n_classes = n_classes;
        cfg->growth.memory = kedge_i_tree_memory(n_features, n_classes, HOEFFDING_TREE_MEMORY, HOEFFDING_TREE_BLOCKS);
    }
    return st;
}

static void hoeffding_tree_configure(const void *config, void *fixed)
{
    const kedge_hoeffding_tree_config *cfg = config;
    hoeffding_tree_state *s = fixed;
    kedge_i_tree_configure(&s->tree, &cfg->base, &cfg->growth);
}

static int hoeffding_tree_valid(const void *fixed)
{
    const hoeffding_tree_state *s = fixed;
    return kedge_i_tree_valid_one(&s->tree);
}

static size_t hoeffding_tree_layout(void *fixed)
{
    hoeffding_tree_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    return kedge_i_tree_plan(&s->tree, &arena, 1) ? kedge_i_arena_end(&arena) : 0;
}

static void hoeffding_tree_start(void *state)
{
    hoeffding_tree_state *s = state;
    kedge_i_tree_start(&s->tree);
    (void)kedge_i_tree_new(&s->tree); /* node 0 */
}

static int hoeffding_tree_check(const void *state)
{
    const hoeffding_tree_state *s = state;
    return hoeffding_tree_valid(s) && kedge_i_tree_check_one(&s->tree, 1);
}

static kedge_status hoeffding_tree_learn(const kedge_model_class *cls, void *state, const kedge_row *x, double y, double weight)
{
    (void)cls;
    hoeffding_tree_state *s = state;
    kedge_i_tree_learn(&s->tree, 0, x, (uint32_t)y, weight, NULL);
    s->tree.model.n_learned++;
    if (s->tree.model.n_learned % HOEFFDING_TREE_REVIEW == 0)
        kedge_i_tree_review(&s->tree);
    return KEDGE_OK;
}

static kedge_status hoeffding_tree_predict(const kedge_model_class *cls, const void *state, const kedge_row *x, double *y)
{
    (void)cls;
    const hoeffding_tree_state *s = state;
    return kedge_i_tree_predict_one(&s->tree, x, y);
}

static kedge_status hoeffding_tree_score(const kedge_model_class *cls, const void *state, const kedge_row *x, double *scores)
{
    (void)cls;
    const hoeffding_tree_state *s = state;
    return kedge_i_tree_score_one(&s->tree, x, scores);
}

static kedge_status hoeffding_tree_freeze(const kedge_model_class *cls, const void *state, void *buf, size_t cap, size_t *len)
{
    const hoeffding_tree_state *s = state;
    return kedge_i_freeze_tree_one(cls, &s->tree, 0, buf, cap, len);
}

kedge_status kedge_hoeffding_tree_shape(const kedge_model *m, kedge_tree_shape *out)
{
    if (!m || !m->state || !out)
        return KEDGE_ERR_NULL;
    if (m->cls != &kedge_hoeffding_tree)
        return KEDGE_ERR_CLASS;
    kedge_i_tree_shape(&((const hoeffding_tree_state *)m->state)->tree, out);
    return KEDGE_OK;
}

const kedge_model_class kedge_hoeffding_tree = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_MODEL,
            .version = 1,
            .name = "hoeffding_tree",
            .fixed_bytes = sizeof(hoeffding_tree_state),
            .config_bytes = sizeof(kedge_hoeffding_tree_config),
            .n_fields = sizeof hoeffding_tree_fields / sizeof *hoeffding_tree_fields,
            .fields = hoeffding_tree_fields,
            .defaults = hoeffding_tree_defaults,
            .configure = hoeffding_tree_configure,
            .valid = hoeffding_tree_valid,
            .layout = hoeffding_tree_layout,
            .start = hoeffding_tree_start,
            .check = hoeffding_tree_check,
        },
    .learn = hoeffding_tree_learn,
    .predict = hoeffding_tree_predict,
    .score = hoeffding_tree_score,
    .takes_missing = 1,
    .freeze = hoeffding_tree_freeze,
};
