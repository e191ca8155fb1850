/* SPDX-License-Identifier: MIT */
/* Extremely fast decision tree: Manapragada, Webb, Salehi 2018, "Extremely fast decision tree", KDD, algorithms 1 to 3
 * (Hoeffding anytime tree). One tree in the pool whose splits keep their blocks. See tree_state.h.
 *
 * Differences to the paper: the merit of a split is its own, at its threshold, not the best one of its feature, so that a
 * threshold may move; ties as MOA has them. */
#include "base/fp.h"

#include <string.h>

#include "kedge/models/efdt.h"

#include "base/number.h"
#include "models/freeze_tree.h"
#include "models/tree_state.h"

enum { EFDT_MEMORY = 256 * 1024, EFDT_BLOCKS = 64 };

typedef struct efdt_state {
    tree_state tree;
    uint32_t reevaluate;
    uint32_t reserved;
} efdt_state;

static const kedge_field efdt_fields[] = {
    TREE_PARAMS(efdt_state),
    KEDGE_PARAM(efdt_state, reevaluate, KEDGE_TYPE_U32),
    TREE_VALUES(efdt_state),
    TREE_ARRAYS(efdt_state),
};

static void efdt_defaults(void *config)
{
    kedge_efdt_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_efdt;
    cfg->base.config_bytes = sizeof *cfg;
    kedge_i_tree_growth_defaults(&cfg->growth);
    cfg->growth.memory = EFDT_MEMORY;
    cfg->reevaluate = 2000;
}

kedge_status kedge_efdt_config_init(kedge_efdt_config *cfg, size_t cfg_bytes, uint32_t n_features, uint32_t n_classes)
{
    kedge_status st = kedge_class_defaults(&kedge_efdt.base, cfg, cfg_bytes, sizeof *cfg);
    if (st == KEDGE_OK) {
        cfg->base.n_features = n_features;
        cfg->base.n_classes = n_classes;
        cfg->growth.memory = kedge_i_tree_memory(n_features, n_classes, EFDT_MEMORY, EFDT_BLOCKS);
    }
    return st;
}

static void efdt_configure(const void *config, void *fixed)
{
    const kedge_efdt_config *cfg = config;
    efdt_state *s = fixed;
    kedge_i_tree_configure(&s->tree, &cfg->base, &cfg->growth);
    s->reevaluate = cfg->reevaluate;
}

static int efdt_valid(const void *fixed)
{
    const efdt_state *s = fixed;
    return kedge_i_tree_valid_one(&s->tree) && kedge_i_u32_within(s->reevaluate, 1, 1u << 30);
}

static size_t efdt_layout(void *fixed)
{
    efdt_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->tree.keeps = 1;
    s->tree.pool.block_pairs = 1; /* no leaf is without a block */
    return kedge_i_tree_plan(&s->tree, &arena, 1) ? kedge_i_arena_end(&arena) : 0;
}

static void efdt_start(void *state)
{
    efdt_state *s = state;
    kedge_i_tree_start(&s->tree);
    (void)kedge_i_tree_new(&s->tree); /* node 0 */
}

static int efdt_check(const void *state)
{
    const efdt_state *s = state;
    return efdt_valid(s) && s->tree.n_without == 0 && kedge_i_tree_check_one(&s->tree, 1);
}

/* Is there a block for one more leaf? Splits with more than a third of all give one back: that which the fewest rows came by. */
static int efdt_has_room(efdt_state *s)
{
    tree_state *t = &s->tree;
    const tree_node *nodes = tree_nodes_const(t, &t->pool);
    uint32_t n_splits = 0;
    uint32_t least = 0;
    if (kedge_i_tree_has_free_block(t, &t->pool))
        return 1;
    for (uint32_t i = 0; i < 2 * t->pool.n_pairs; i++) {
        if (nodes[i].split == 0 || !tree_has_block(&nodes[i]))
            continue;
        if (n_splits++ == 0 || nodes[i].weight < nodes[least].weight)
            least = i;
    }
    if (n_splits <= t->pool.n_blocks / 3)
        return 0;
    kedge_i_tree_take_block(t, &t->pool, least);
    return 1;
}

/* Algorithm 2, a leaf: is any split better than none? */
static void efdt_try(efdt_state *s, uint32_t leaf)
{
    tree_split best;
    double bound;
    if (!kedge_i_tree_best(&s->tree, leaf, &best, &bound) || !(best.merit > 0.0))
        return;
    if ((best.merit > bound || bound < s->tree.tie) && efdt_has_room(s))
        kedge_i_tree_split(&s->tree, leaf, &best);
}

/* Algorithm 3, a split: is none better, or another one? */
static void efdt_reevaluate(efdt_state *s, uint32_t node)
{
    tree_state *t = &s->tree;
    const tree_node *n = &tree_nodes_const(t, &t->pool)[node];
    tree_split best;
    double bound;
    if (!kedge_i_tree_best(t, node, &best, &bound))
        return;
    double better = best.merit - kedge_i_split_merit(t, tree_block_const(t, &t->pool, n), tree_feature(n), n->threshold);
    if (best.merit > 0.0 && !(better > bound || (bound < t->tie && better > 0.5 * t->tie)))
        return;
    kedge_i_tree_cut(t, node);
    if (best.merit > 0.0)
        kedge_i_tree_split(t, node, &best);
}

/* Algorithm 1: from the root down to a leaf, every node learns; a split that is taken back has learned the row as a leaf. */
static void efdt_learn_row(efdt_state *s, const kedge_row *x, uint32_t label, double weight)
{
    tree_state *t = &s->tree;
    tree_node *nodes = tree_nodes(t, &t->pool);
    const double *plain = kedge_i_row_plain(x);
    uint32_t at = 0;
    nodes[0].weight += weight;
    while (nodes[at].split != 0) {
        if (tree_has_block(&nodes[at])) {
            kedge_i_leaf_take(t, &nodes[at], x, label, weight);
            if (kedge_i_tree_is_due(t, at, s->reevaluate))
                efdt_reevaluate(s, at);
            if (nodes[at].split == 0)
                return;
        }
        at = (uint32_t)(tree_next(t, nodes, &nodes[at], x, plain) - nodes);
        nodes[at].weight += weight;
    }
    kedge_i_tree_learn_leaf(t, at, x, label, weight, NULL);
    if (kedge_i_tree_is_due(t, at, t->grace))
        efdt_try(s, at);
}

static kedge_status efdt_learn(const kedge_model_class *cls, void *state, const kedge_row *x, double y, double weight)
{
    (void)cls;
    efdt_state *s = state;
    efdt_learn_row(s, x, (uint32_t)y, weight);
    s->tree.model.n_learned++;
    return KEDGE_OK;
}

static kedge_status efdt_predict(const kedge_model_class *cls, const void *state, const kedge_row *x, double *y)
{
    (void)cls;
    const efdt_state *s = state;
    return kedge_i_tree_predict_one(&s->tree, x, y);
}

static kedge_status efdt_score(const kedge_model_class *cls, const void *state, const kedge_row *x, double *scores)
{
    (void)cls;
    const efdt_state *s = state;
    kedge_status st = kedge_i_tree_score_one(&s->tree, x, scores);
    kedge_i_tree_share(scores, s->tree.model.n_classes);
    return st;
}

static kedge_status efdt_freeze(const kedge_model_class *cls, const void *state, void *buf, size_t cap, size_t *len)
{
    const efdt_state *s = state;
    return kedge_i_freeze_tree_one(cls, &s->tree, 1, buf, cap, len);
}

kedge_status kedge_efdt_shape(const kedge_model *m, kedge_tree_shape *out)
{
    if (!m || !m->state || !out)
        return KEDGE_ERR_NULL;
    if (m->cls != &kedge_efdt)
        return KEDGE_ERR_CLASS;
    kedge_i_tree_shape(&((const efdt_state *)m->state)->tree, out);
    return KEDGE_OK;
}

const kedge_model_class kedge_efdt = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_MODEL,
            .version = 1,
            .name = "efdt",
            .fixed_bytes = sizeof(efdt_state),
            .config_bytes = sizeof(kedge_efdt_config),
            .n_fields = sizeof efdt_fields / sizeof *efdt_fields,
            .fields = efdt_fields,
            .defaults = efdt_defaults,
            .configure = efdt_configure,
            .valid = efdt_valid,
            .layout = efdt_layout,
            .start = efdt_start,
            .check = efdt_check,
        },
    .learn = efdt_learn,
    .predict = efdt_predict,
    .score = efdt_score,
    .takes_missing = 1,
    .freeze = efdt_freeze,
};
