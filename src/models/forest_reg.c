/* SPDX-License-Identifier: MIT */
/* Adaptive random forest for regression: Gomes, Barddal, Boiko Ferreira, Bifet 2018, "Adaptive random forests for data stream
 * regression", ESANN. Members and detectors: tree_forest.h; trees: regress_tree.h. Differences to the paper: one pool for all
 * trees, and answers weighted by how well each tree did of late. */
#include "base/fp.h"

#include <string.h>

#include "kedge/models/forest_reg.h"

#include "base/number.h"
#include "models/freeze_tree.h"
#include "models/regress_tree.h"
#include "models/tree_forest.h"

#define FOREST_REG_FADING 0.01 /* share of the newest error in a tree's squared error */
#define FOREST_REG_LEAST 1e-6  /* squared error below which trees are alike */

/* Of each tree and each background: rows since it was begun, and its squared error, in units. */
enum { RECORD_ROWS, RECORD_ERROR, RECORD_WORDS };

typedef struct forest_reg_state {
    forest forest;
    double target[3];    /* see kedge_i_regress_unit() */
    uint32_t n_records;  /* layout: numbers in the records */
    uint32_t at_records; /* layout: RECORD_WORDS of each tree and of its background */
} forest_reg_state;

static const kedge_field forest_reg_fields[] = {
    TREE_PARAMS(forest),
    FOREST_PARAMS(forest),
    TREE_VALUES(forest),
    KEDGE_VALUE(forest_reg_state, target[0], KEDGE_TYPE_F64),
    KEDGE_VALUE(forest_reg_state, target[1], KEDGE_TYPE_F64),
    KEDGE_VALUE(forest_reg_state, target[2], KEDGE_TYPE_F64),
    KEDGE_ARRAY(forest, at_members, n_roots, KEDGE_TYPE_U32),
    KEDGE_ARRAY(forest_reg_state, at_records, n_records, KEDGE_TYPE_F64),
    TREE_ARRAYS(forest),
    KEDGE_PARTS(forest, at_detectors, detector_bytes, 0),
};

static void forest_reg_defaults(void *config)
{
    kedge_forest_reg_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_forest_reg;
    cfg->base.config_bytes = sizeof *cfg;
    kedge_i_regress_growth_defaults(&cfg->growth);
    cfg->growth.delta = 0.01;
    cfg->growth.grace = 200;
    cfg->growth.n_splits = 7;
    cfg->growth.memory = FOREST_MEMORY;
    cfg->seed = 1;
    cfg->lambda = 6.0;
    cfg->warning_delta = 0.01;
    cfg->drift_delta = 0.001;
    cfg->n_trees = 10;
}

kedge_status kedge_forest_reg_config_init(kedge_forest_reg_config *cfg, size_t cfg_bytes, uint32_t n_features)
{
    kedge_status st = kedge_class_defaults(&kedge_forest_reg.base, cfg, cfg_bytes, sizeof *cfg);
    if (st == KEDGE_OK) {
        cfg->base.n_features = n_features;
        cfg->n_subset = kedge_i_forest_subset(n_features);
        cfg->growth.memory = kedge_i_regress_memory(n_features, cfg->n_subset, FOREST_MEMORY, FOREST_BLOCKS * cfg->n_trees);
    }
    return st;
}

static void forest_reg_configure(const void *config, void *fixed)
{
    const kedge_forest_reg_config *cfg = config;
    forest *f = fixed;
    kedge_i_tree_configure(&f->tree, &cfg->base, &cfg->growth);
    f->tree.seed = cfg->seed;
    f->tree.n_subset = cfg->n_subset;
    f->lambda = cfg->lambda;
    f->warning_delta = cfg->warning_delta;
    f->drift_delta = cfg->drift_delta;
    f->n_trees = cfg->n_trees;
}

static int forest_reg_valid(const void *fixed)
{
    const forest *f = fixed;
    return kedge_i_regress_valid(&f->tree) && kedge_i_forest_valid(f);
}

static int forest_reg_plan(tree_state *t, kedge_i_arena *arena, uint32_t n_trees)
{
    return kedge_i_regress_plan(t, arena, n_trees, 0, NULL);
}

static size_t forest_reg_layout(void *fixed)
{
    forest_reg_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    kedge_i_forest_plan_members(&s->forest, &arena);
    s->n_records = 2 * RECORD_WORDS * s->forest.n_trees;
    s->at_records = kedge_i_arena_take(&arena, s->n_records, sizeof(double));
    return kedge_i_forest_plan_pool(&s->forest, &arena, forest_reg_plan) ? kedge_i_arena_end(&arena) : 0;
}

static void forest_reg_start(void *state)
{
    kedge_i_forest_start(state);
}

static const double *forest_reg_records_const(const forest_reg_state *s, uint32_t i)
{
    return (const double *)kedge_i_at_const(s, s->at_records) + (size_t)2 * RECORD_WORDS * i;
}

static int forest_reg_check(const void *state)
{
    const forest_reg_state *s = state;
    const double *record = forest_reg_records_const(s, 0);
    uint32_t n_trees;
    if (!forest_reg_valid(s) || s->forest.tree.model.n_learned > KEDGE_I_COUNT_MAX || !kedge_i_regress_target_check(s->target) ||
        !kedge_i_forest_check(&s->forest, &n_trees))
        return 0;
    for (uint32_t i = 0; i < s->n_records; i += RECORD_WORDS, record += RECORD_WORDS)
        if (!kedge_i_within(record[RECORD_ROWS], 0.0, 1e19) || !kedge_i_within(record[RECORD_ERROR], 0.0, 1.001))
            return 0;
    return kedge_i_regress_check(&s->forest.tree, n_trees);
}

/* Learning --------------------------------------------------------------------------------------------------------------------- */

static void forest_reg_note(double *record, double error)
{
    record[RECORD_ROWS] += 1.0;
    double share = record[RECORD_ROWS] * FOREST_REG_FADING < 1.0 ? 1.0 / record[RECORD_ROWS] : FOREST_REG_FADING;
    record[RECORD_ERROR] += (error * error - record[RECORD_ERROR]) * share;
}

static double forest_reg_learn_tree(forest_reg_state *s, uint32_t root, double *record, const kedge_row *x, double y, double weight,
                                    double unit)
{
    double says;
    (void)kedge_i_regress_learn(&s->forest.tree, root, x, y, weight, &says);
    double error = record[RECORD_ROWS] > 0.0 ? regress_relative(y - says, unit, 1.0) : 0.0;
    forest_reg_note(record, error);
    return error;
}

static void forest_reg_learn_member(forest_reg_state *s, uint32_t i, const kedge_row *x, double y, double weight, double unit)
{
    const forest_member *m = &forest_members(&s->forest)[i];
    double *records = (double *)kedge_i_at(s, s->at_records) + (size_t)2 * RECORD_WORDS * i;
    double drawn = forest_draw(&s->forest) * weight;
    double error = forest_reg_learn_tree(s, m->root, records, x, y, drawn, unit);
    if (m->background != TREE_NONE)
        (void)forest_reg_learn_tree(s, m->background, records + RECORD_WORDS, x, y, weight, unit);
    int news = kedge_i_forest_watch(&s->forest, i, error);
    if ((news & FOREST_BEGAN) != 0)
        memset(records + RECORD_WORDS, 0, RECORD_WORDS * sizeof *records);
    if ((news & FOREST_REPLACED) != 0) {
        memcpy(records, records + RECORD_WORDS, RECORD_WORDS * sizeof *records);
        memset(records + RECORD_WORDS, 0, RECORD_WORDS * sizeof *records);
    }
}

static kedge_status forest_reg_learn(const kedge_model_class *cls, void *state, const kedge_row *x, double y, double weight)
{
    (void)cls;
    forest_reg_state *s = state;
    tree_state *t = &s->forest.tree;
    double unit = kedge_i_regress_unit(s->target, y);
    t->model.n_learned++;
    for (uint32_t i = 0; i < s->forest.n_trees; i++)
        forest_reg_learn_member(s, i, x, y, weight, unit);
    if (t->model.n_learned % FOREST_REVIEW == 0)
        kedge_i_tree_review(t);
    return KEDGE_OK;
}

/* Prediction ------------------------------------------------------------------------------------------------------------------- */

/* What a tree counts. One that has learned nothing yet has nothing to say. */
static double forest_reg_weight(const void *state, uint32_t i)
{
    const forest_reg_state *s = state;
    const tree_state *t = &s->forest.tree;
    const tree_node *root = &tree_nodes_const(t, &t->pool)[forest_members_const(&s->forest)[i].root];
    return root->weight > 0.0 ? 1.0 / (forest_reg_records_const(s, i)[RECORD_ERROR] + FOREST_REG_LEAST) : 0.0;
}

static kedge_status forest_reg_predict(const kedge_model_class *cls, const void *state, const kedge_row *x, double *y)
{
    (void)cls;
    const forest_reg_state *s = state;
    const tree_state *t = &s->forest.tree;
    const forest_member *m = forest_members_const(&s->forest);
    double weights = 0.0;
    double mean = s->target[1];
    for (uint32_t i = 0; i < s->forest.n_trees; i++) {
        double weight = forest_reg_weight(s, i);
        if (!(weight > 0.0))
            continue;
        weights += weight;
        mean += (kedge_i_regress_predict(t, m[i].root, x) - mean) * (weight / weights);
    }
    mean = mean < KEDGE_TARGET_MAX ? mean : KEDGE_TARGET_MAX; /* beyond only by rounding */
    *y = mean > -KEDGE_TARGET_MAX ? mean : -KEDGE_TARGET_MAX;
    return t->model.n_learned == 0 ? KEDGE_EMPTY : KEDGE_OK;
}

static uint32_t forest_reg_root(const void *state, uint32_t i)
{
    return forest_members_const(state)[i].root;
}

static kedge_status forest_reg_freeze(const kedge_model_class *cls, const void *state, void *buf, size_t cap, size_t *len)
{
    const forest_reg_state *s = state;
    const freeze_trees trees = {&s->forest.tree,
                                &kedge_i_freeze_value_leaves,
                                KEDGE_FROZEN_VALUES,
                                s->forest.n_trees,
                                forest_reg_root,
                                forest_reg_weight,
                                0,
                                s->target[1]};
    return kedge_i_freeze_trees(cls, state, &trees, buf, cap, len);
}

kedge_status kedge_forest_reg_shape(const kedge_model *m, kedge_tree_shape *out)
{
    if (!m || !m->state || !out)
        return KEDGE_ERR_NULL;
    if (m->cls != &kedge_forest_reg)
        return KEDGE_ERR_CLASS;
    kedge_i_tree_shape(&((const forest_reg_state *)m->state)->forest.tree, out);
    return KEDGE_OK;
}

const kedge_model_class kedge_forest_reg = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_MODEL,
            .version = 1,
            .name = "forest_reg",
            .fixed_bytes = sizeof(forest_reg_state),
            .config_bytes = sizeof(kedge_forest_reg_config),
            .n_fields = sizeof forest_reg_fields / sizeof *forest_reg_fields,
            .fields = forest_reg_fields,
            .defaults = forest_reg_defaults,
            .configure = forest_reg_configure,
            .valid = forest_reg_valid,
            .layout = forest_reg_layout,
            .start = forest_reg_start,
            .check = forest_reg_check,
            .parts = kedge_i_forest_parts,
        },
    .learn = forest_reg_learn,
    .predict = forest_reg_predict,
    .score = forest_reg_predict,
    .takes_missing = 1,
    .freeze = forest_reg_freeze,
};
