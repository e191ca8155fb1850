/* SPDX-License-Identifier: MIT */
/* Local adaptive streaming tree: Assis, Barddal, Enembreck 2024, "Just change on change: adaptive splitting time for decision
 * trees in data stream classification", SAC. One tree in the pool, with an ADWIN beside each node, see tree_watch.h. */
#include "base/fp.h"

#include <string.h>

#include "kedge/models/last_tree.h"

#include "base/number.h"
#include "models/freeze_tree.h"
#include "models/tree_state.h"
#include "models/tree_watch.h"

enum { LAST_MEMORY = 256 * 1024, LAST_BLOCKS = 64 };

typedef struct last_state {
    tree_state tree;
    double drift_delta;
    double max_share;
    uint32_t watches;
    uint32_t reserved;
} last_state;

static const kedge_field last_fields[] = {
    TREE_PARAMS(last_state),
    KEDGE_PARAM(last_state, drift_delta, KEDGE_TYPE_F64),
    KEDGE_PARAM(last_state, max_share, KEDGE_TYPE_F64),
    KEDGE_PARAM(last_state, watches, KEDGE_TYPE_U32),
    TREE_VALUES(last_state),
    TREE_ARRAYS(last_state),
    TREE_ASIDE(last_state, tree.pool),
};

static void last_defaults(void *config)
{
    kedge_last_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_last;
    cfg->base.config_bytes = sizeof *cfg;
    kedge_i_tree_growth_defaults(&cfg->growth);
    cfg->growth.memory = LAST_MEMORY;
    cfg->drift_delta = 0.002;
    cfg->max_share = 0.99;
    cfg->watches = KEDGE_LAST_ERROR;
}

kedge_status kedge_last_config_init(kedge_last_config *cfg, size_t cfg_bytes, uint32_t n_features, uint32_t n_classes)
{
    kedge_status st = kedge_class_defaults(&kedge_last.base, cfg, cfg_bytes, sizeof *cfg);
    if (st == KEDGE_OK) {
        cfg->base.n_features = n_features;
        cfg->base.n_classes = n_classes;
        cfg->growth.memory = kedge_i_tree_memory(n_features, n_classes, LAST_MEMORY, LAST_BLOCKS);
    }
    return st;
}

static void last_configure(const void *config, void *fixed)
{
    const kedge_last_config *cfg = config;
    last_state *s = fixed;
    kedge_i_tree_configure(&s->tree, &cfg->base, &cfg->growth);
    s->drift_delta = cfg->drift_delta;
    s->max_share = cfg->max_share;
    s->watches = cfg->watches;
}

static int last_valid(const void *fixed)
{
    const last_state *s = fixed;
    return kedge_i_tree_valid_one(&s->tree) && s->drift_delta > 0.0 && s->drift_delta < 1.0 &&
           s->max_share > 0.0 && s->max_share <= 1.0 && kedge_i_u32_within(s->watches, KEDGE_LAST_ERROR, KEDGE_LAST_IMPURITY);
}

static size_t last_layout(void *fixed)
{
    last_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->tree.pool.block_pairs = 1; /* no leaf is without a block */
    s->tree.pool.aside_words = TREE_WATCH_WORDS;
    return kedge_i_tree_plan(&s->tree, &arena, 1) ? kedge_i_arena_end(&arena) : 0;
}

static void last_start(void *state)
{
    last_state *s = state;
    kedge_i_tree_start(&s->tree);
    (void)kedge_i_tree_new(&s->tree); /* node 0 */
}

static int last_check(const void *state)
{
    const last_state *s = state;
    const tree_node *nodes = tree_nodes_const(s, &s->tree.pool);
    if (!last_valid(s) || s->tree.n_without != 0 || !kedge_i_tree_check_one(&s->tree, 1))
        return 0;
    for (uint32_t i = 0; i < 2 * s->tree.pool.n_pairs; i++) {
        const tree_watch *w = (const tree_watch *)tree_aside_const(s, &s->tree.pool, i);
        int is_idle = nodes[i].place == 0 || nodes[i].split != 0;
        if (!kedge_i_watch_check(w) || w->link != 0 || (is_idle && (w->width != 0 || w->since != 0)))
            return 0;
    }
    return 1;
}

/* The best split, whatever its bound, unless nearly all rows are of one class already. */
static void last_split(last_state *s, uint32_t leaf)
{
    tree_state *t = &s->tree;
    const tree_node *n = &tree_nodes_const(t, &t->pool)[leaf];
    const double *b = tree_block_const(t, &t->pool, n);
    tree_split best;
    double bound;
    if (b[TREE_WEIGHTS + tree_majority(n)] > s->max_share * b[TREE_TOTAL])
        return;
    if (!kedge_i_tree_best(t, leaf, &best, &bound) || !(best.merit > 0.0))
        return;
    if (kedge_i_tree_has_free_block(t, &t->pool))
        kedge_i_tree_split(t, leaf, &best);
    memset(tree_aside(t, &t->pool, leaf), 0, sizeof(tree_watch));
    if (n->split == 0) /* no room */
        kedge_i_tree_renew(t, leaf);
}

static void last_learn_row(last_state *s, const kedge_row *x, uint32_t label, double weight)
{
    tree_state *t = &s->tree;
    uint32_t leaf = kedge_i_tree_pass(t, 0, x, weight);
    uint32_t majority = tree_majority(&tree_nodes_const(t, &t->pool)[leaf]);
    uint32_t says;
    kedge_i_tree_learn_leaf(t, leaf, x, label, weight, &says);
    uint32_t is_wrong = (s->watches == KEDGE_LAST_ERROR ? says : majority) != label;
    if (kedge_i_watch_take((tree_watch *)tree_aside(t, &t->pool, leaf), is_wrong, s->drift_delta) > 0)
        last_split(s, leaf);
}

static kedge_status last_learn(const kedge_model_class *cls, void *state, const kedge_row *x, double y, double weight)
{
    (void)cls;
    last_state *s = state;
    last_learn_row(s, x, (uint32_t)y, weight);
    s->tree.model.n_learned++;
    return KEDGE_OK;
}

static kedge_status last_predict(const kedge_model_class *cls, const void *state, const kedge_row *x, double *y)
{
    (void)cls;
    const last_state *s = state;
    return kedge_i_tree_predict_one(&s->tree, x, y);
}

static kedge_status last_score(const kedge_model_class *cls, const void *state, const kedge_row *x, double *scores)
{
    (void)cls;
    const last_state *s = state;
    kedge_status st = kedge_i_tree_score_one(&s->tree, x, scores);
    kedge_i_tree_share(scores, s->tree.model.n_classes);
    return st;
}

static kedge_status last_freeze(const kedge_model_class *cls, const void *state, void *buf, size_t cap, size_t *len)
{
    const last_state *s = state;
    return kedge_i_freeze_tree_one(cls, &s->tree, 1, buf, cap, len);
}

kedge_status kedge_last_shape(const kedge_model *m, kedge_tree_shape *out)
{
    if (!m || !m->state || !out)
        return KEDGE_ERR_NULL;
    if (m->cls != &kedge_last)
        return KEDGE_ERR_CLASS;
    kedge_i_tree_shape(&((const last_state *)m->state)->tree, out);
    return KEDGE_OK;
}

const kedge_model_class kedge_last = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_MODEL,
            .version = 1,
            .name = "last_tree",
            .fixed_bytes = sizeof(last_state),
            .config_bytes = sizeof(kedge_last_config),
            .n_fields = sizeof last_fields / sizeof *last_fields,
            .fields = last_fields,
            .defaults = last_defaults,
            .configure = last_configure,
            .valid = last_valid,
            .layout = last_layout,
            .start = last_start,
            .check = last_check,
        },
    .learn = last_learn,
    .predict = last_predict,
    .score = last_score,
    .takes_missing = 1,
    .freeze = last_freeze,
};
