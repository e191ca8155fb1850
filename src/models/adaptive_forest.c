/* SPDX-License-Identifier: MIT */
/* Adaptive random forest: Gomes, Bifet, Read, Barddal, Enembreck, Pfahringer, Holmes, Abdessalem 2017, "Adaptive random forests for
 * evolving data stream classification", Machine Learning 106, algorithms 1 and 2. Bagging by Poisson draws: Oza, Russell 2001; with
 * a mean of 6: Bifet, Holmes, Pfahringer 2010, "Leveraging bagging for evolving data streams", ECML. Trees: tree_state.h; members
 * and detectors: tree_forest.h.
 *
 * Differences to the paper: one pool for all trees, so a new one takes the room of the one that went, and under shortage the least
 * promising leaves of any tree give way; a row is routed once for the detectors' test and for learning. */
#include "base/fp.h"

#include <string.h>

#include "kedge/models/adaptive_forest.h"

#include "base/number.h"
#include "models/forest_learn.h"
#include "models/freeze_tree.h"
#include "models/tree_forest.h"

enum { FOREST_CLASSES = 64 };

typedef struct forest_state {
    forest forest;
    uint32_t n_counts;  /* layout: numbers in the counts */
    uint32_t at_counts; /* layout: of each tree and each background rows and right answers since it was begun */
} forest_state;

static const kedge_field forest_fields[] = {
    TREE_PARAMS(forest),
    FOREST_PARAMS(forest),
    TREE_VALUES(forest),
    KEDGE_ARRAY(forest, at_members, n_roots, KEDGE_TYPE_U32),
    KEDGE_ARRAY(forest_state, at_counts, n_counts, KEDGE_TYPE_U64),
    TREE_ARRAYS(forest),
    KEDGE_PARTS(forest, at_detectors, detector_bytes, 0),
};

static void forest_defaults(void *config)
{
    kedge_adaptive_forest_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_adaptive_forest;
    cfg->base.config_bytes = sizeof *cfg;
    kedge_i_tree_growth_defaults(&cfg->growth);
    cfg->growth.delta = 0.01;
    cfg->growth.grace = 50;
    cfg->growth.memory = FOREST_MEMORY;
    cfg->seed = 1;
    cfg->lambda = 6.0;
    cfg->warning_delta = 0.01;
    cfg->drift_delta = 0.001;
    cfg->n_trees = 10;
}

kedge_status kedge_adaptive_forest_config_init(kedge_adaptive_forest_config *cfg, size_t cfg_bytes, uint32_t n_features,
                                               uint32_t n_classes)
{
    kedge_status st = kedge_class_defaults(&kedge_adaptive_forest.base, cfg, cfg_bytes, sizeof *cfg);
    if (st == KEDGE_OK) {
        cfg->base.n_features = n_features;
        cfg->base.n_classes = n_classes;
        cfg->n_subset = kedge_i_forest_subset(n_features);
        cfg->growth.memory = kedge_i_tree_memory(cfg->n_subset, n_classes, FOREST_MEMORY, FOREST_BLOCKS * cfg->n_trees);
    }
    return st;
}

static void forest_configure(const void *config, void *fixed)
{
    const kedge_adaptive_forest_config *cfg = config;
    forest *s = fixed;
    kedge_i_tree_configure(&s->tree, &cfg->base, &cfg->growth);
    s->tree.seed = cfg->seed;
    s->tree.n_subset = cfg->n_subset;
    s->lambda = cfg->lambda;
    s->warning_delta = cfg->warning_delta;
    s->drift_delta = cfg->drift_delta;
    s->n_trees = cfg->n_trees;
}

static int forest_valid(const void *fixed)
{
    const forest *f = fixed;
    return kedge_i_tree_valid(&f->tree) && f->tree.model.n_classes > 0 && kedge_i_forest_valid(f);
}

static size_t forest_layout(void *fixed)
{
    forest_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    kedge_i_forest_plan_members(&s->forest, &arena);
    s->n_counts = 4 * s->forest.n_trees;
    s->at_counts = kedge_i_arena_take(&arena, s->n_counts, sizeof(uint64_t));
    return kedge_i_forest_plan_pool(&s->forest, &arena, kedge_i_tree_plan) ? kedge_i_arena_end(&arena) : 0;
}

static void forest_start(void *state)
{
    kedge_i_forest_start(state);
}

/* Rows and right answers of a tree, which = 0, or of the one in the background, 1. */
static uint64_t *forest_counts(forest_state *s, uint32_t i, uint32_t which)
{
    return (uint64_t *)kedge_i_at(s, s->at_counts) + 4 * i + 2 * which;
}

static const uint64_t *forest_counts_const(const forest_state *s, uint32_t i)
{
    return (const uint64_t *)kedge_i_at_const(s, s->at_counts) + 4 * i;
}

static int forest_check(const void *state)
{
    const forest_state *s = state;
    const uint64_t *counts = forest_counts_const(s, 0);
    uint32_t n_trees;
    if (!forest_valid(s) || s->forest.tree.model.n_learned > KEDGE_I_COUNT_MAX || !kedge_i_forest_check(&s->forest, &n_trees))
        return 0;
    for (uint32_t i = 0; i < s->n_counts; i += 2)
        if (counts[i] > s->forest.tree.model.n_learned || counts[i + 1] > counts[i])
            return 0;
    return kedge_i_tree_check(&s->forest.tree, n_trees);
}

/* Learning --------------------------------------------------------------------------------------------------------------------- */

static void forest_count(uint64_t *counts, int is_right)
{
    counts[0]++;
    counts[1] += (uint64_t)is_right;
}

/* What a tree's votes count: how often it was right. One that never was has a little to say all the same. */
static double forest_weight(const void *state, uint32_t i)
{
    const uint64_t *counts = forest_counts_const(state, i);
    return ((double)(int64_t)counts[1] + 0.01) / ((double)(int64_t)counts[0] + 1.0);
}

/* As MOA, not the paper: a tree's detectors see whether it says what it has just learned, so that rows which it cannot fit raise
 * them (SEA: 0.885 instead of 0.880), and the tree in the background learns each row once. */
static void forest_learn_member(forest_state *s, uint32_t i, const kedge_row *x, uint32_t label, double weight, double *votes)
{
    tree_state *t = &s->forest.tree;
    const forest_member *m = &forest_members(&s->forest)[i];
    uint64_t *counts = forest_counts(s, i, 0);
    double drawn = forest_draw(&s->forest) * weight;
    tree_said said = {forest_weight(s, i), votes, 0, 0};
    uint32_t says;
    kedge_i_tree_learn_and_say(t, m->root, x, label, drawn, &said);
    forest_count(counts, said.before == label);
    if (m->background != TREE_NONE) {
        kedge_i_tree_learn(t, m->background, x, label, weight, &says);
        forest_count(counts + 2, says == label);
    }
    if (drawn == 0.0)
        return;
    int news = kedge_i_forest_watch(&s->forest, i, said.after == label ? 0.0 : 1.0);
    if ((news & FOREST_BEGAN) != 0)
        counts[2] = counts[3] = 0;
    if ((news & FOREST_REPLACED) != 0) {
        memcpy(counts, counts + 2, 2 * sizeof *counts);
        counts[2] = counts[3] = 0;
    }
}

/* votes NULL: nobody asks. */
static void forest_learn_row(forest_state *s, const kedge_row *x, uint32_t label, double weight, double *votes)
{
    tree_state *t = &s->forest.tree;
    t->model.n_learned++;
    for (uint32_t i = 0; i < s->forest.n_trees; i++)
        forest_learn_member(s, i, x, label, weight, votes);
    if (t->model.n_learned % FOREST_REVIEW == 0)
        kedge_i_tree_review(t);
}

static kedge_status forest_learn(const kedge_model_class *cls, void *state, const kedge_row *x, double y, double weight)
{
    (void)cls;
    forest_learn_row(state, x, (uint32_t)y, weight, NULL);
    return KEDGE_OK;
}

/* Votes become shares of the sum; all alike if there are none. */
static void forest_share(double *votes, uint32_t n)
{
    double sum = 0.0;
    for (uint32_t c = 0; c < n; c++)
        sum += votes[c];
    for (uint32_t c = 0; c < n; c++)
        votes[c] = sum > 0.0 ? votes[c] / sum : 1.0 / n;
}

void kedge_i_forest_learn_scored(void *state, const kedge_row *x, uint32_t label, double weight, double *scores)
{
    forest_state *s = state;
    uint32_t n = s->forest.tree.model.n_classes;
    memset(scores, 0, n * sizeof *scores);
    forest_learn_row(s, x, label, weight, scores);
    forest_share(scores, n);
}

/* Prediction ------------------------------------------------------------------------------------------------------------------- */

/* Votes for n classes from `first` on. */
static void forest_vote(const forest_state *s, const kedge_row *x, uint32_t first, uint32_t n, double *votes)
{
    const forest_member *m = forest_members_const(&s->forest);
    for (uint32_t c = 0; c < n; c++)
        votes[c] = 0.0;
    for (uint32_t i = 0; i < s->forest.n_trees; i++) {
        kedge_i_tree_vote(&s->forest.tree, m[i].root, x, forest_weight(s, i), first, n, votes);
    }
}

static kedge_status forest_predict(const kedge_model_class *cls, const void *state, const kedge_row *x, double *y)
{
    (void)cls;
    const forest_state *s = state;
    double most = 0.0;
    *y = 0.0;
    if (s->forest.tree.model.n_learned == 0)
        return KEDGE_EMPTY;
    for (uint32_t first = 0; first < s->forest.tree.model.n_classes; first += FOREST_CLASSES) {
        uint32_t n =
            s->forest.tree.model.n_classes - first < FOREST_CLASSES ? s->forest.tree.model.n_classes - first : FOREST_CLASSES;
        double votes[FOREST_CLASSES];
        forest_vote(s, x, first, n, votes);
        for (uint32_t c = 0; c < n; c++)
            if (votes[c] > most) {
                most = votes[c];
                *y = first + c;
            }
    }
    return KEDGE_OK;
}

static kedge_status forest_score(const kedge_model_class *cls, const void *state, const kedge_row *x, double *scores)
{
    (void)cls;
    const forest_state *s = state;
    uint32_t n = s->forest.tree.model.n_classes;
    memset(scores, 0, n * sizeof *scores);
    if (s->forest.tree.model.n_learned > 0)
        forest_vote(s, x, 0, n, scores);
    forest_share(scores, n);
    return s->forest.tree.model.n_learned == 0 ? KEDGE_EMPTY : KEDGE_OK;
}

static uint32_t forest_root(const void *state, uint32_t i)
{
    return forest_members_const(state)[i].root;
}

static kedge_status forest_freeze(const kedge_model_class *cls, const void *state, void *buf, size_t cap, size_t *len)
{
    const forest_state *s = state;
    const freeze_trees trees = {&s->forest.tree, &kedge_i_freeze_class_leaves, KEDGE_FROZEN_FOREST, s->forest.n_trees, forest_root,
                                forest_weight, 0, 0.0};
    return kedge_i_freeze_trees(cls, state, &trees, buf, cap, len);
}

kedge_status kedge_adaptive_forest_shape(const kedge_model *m, kedge_tree_shape *out)
{
    if (!m || !m->state || !out)
        return KEDGE_ERR_NULL;
    if (m->cls != &kedge_adaptive_forest)
        return KEDGE_ERR_CLASS;
    kedge_i_tree_shape(&((const forest_state *)m->state)->forest.tree, out);
    return KEDGE_OK;
}

const kedge_model_class kedge_adaptive_forest = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_MODEL,
            .version = 1,
            .name = "adaptive_forest",
            .fixed_bytes = sizeof(forest_state),
            .config_bytes = sizeof(kedge_adaptive_forest_config),
            .n_fields = sizeof forest_fields / sizeof *forest_fields,
            .fields = forest_fields,
            .defaults = forest_defaults,
            .configure = forest_configure,
            .valid = forest_valid,
            .layout = forest_layout,
            .start = forest_start,
            .check = forest_check,
            .parts = kedge_i_forest_parts,
        },
    .learn = forest_learn,
    .predict = forest_predict,
    .score = forest_score,
    .takes_missing = 1,
    .freeze = forest_freeze,
};
