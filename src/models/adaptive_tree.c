/* SPDX-License-Identifier: MIT */
/* Hoeffding adaptive tree: Bifet, Gavalda 2009, "Adaptive learning from evolving data streams", IDA, section 4. One tree in the
 * pool, with an ADWIN beside each node, see tree_watch.h; trees beside nodes are further roots in the pool. A node's watch links
 * to the root beside it, and that root's back.
 *
 * All nodes on a row's way are right or wrong together, since what they say is what the leaf says: it is asked once. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/models/adaptive_tree.h"

#include "base/number.h"
#include "models/tree_state.h"
#include "models/tree_watch.h"

enum { ADAPTIVE_REVIEW = 1024, ADAPTIVE_MEMORY = 256 * 1024, ADAPTIVE_BLOCKS = 64, ADAPTIVE_CLASSES = 64 };

typedef struct adaptive_state {
    tree_state tree;
    double drift_delta;
    double swap_delta;
    uint32_t least;
    uint32_t n_beside; /* trees beside nodes */
} adaptive_state;

static const kedge_field adaptive_fields[] = {
    TREE_PARAMS(adaptive_state),
    KEDGE_PARAM(adaptive_state, drift_delta, KEDGE_TYPE_F64),
    KEDGE_PARAM(adaptive_state, swap_delta, KEDGE_TYPE_F64),
    KEDGE_PARAM(adaptive_state, least, KEDGE_TYPE_U32),
    TREE_VALUES(adaptive_state),
    KEDGE_VALUE(adaptive_state, n_beside, KEDGE_TYPE_U32),
    TREE_ARRAYS(adaptive_state),
    TREE_ASIDE(adaptive_state, tree.pool),
};

static void adaptive_defaults(void *config)
{
    kedge_adaptive_tree_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_adaptive_tree;
    cfg->base.config_bytes = sizeof *cfg;
    kedge_i_tree_growth_defaults(&cfg->growth);
    cfg->growth.memory = ADAPTIVE_MEMORY;
    cfg->drift_delta = 0.002;
    cfg->swap_delta = 0.05;
    cfg->least = 300;
}

kedge_status kedge_adaptive_tree_config_init(kedge_adaptive_tree_config *cfg, size_t cfg_bytes, uint32_t n_features,
                                             uint32_t n_classes)
{
    kedge_status st = kedge_class_defaults(&kedge_adaptive_tree.base, cfg, cfg_bytes, sizeof *cfg);
    if (st == KEDGE_OK) {
        cfg->base.n_features = n_features;
        cfg->base.n_classes = n_classes;
        cfg->growth.memory = kedge_i_tree_memory(n_features, n_classes, ADAPTIVE_MEMORY, ADAPTIVE_BLOCKS);
    }
    return st;
}

static void adaptive_configure(const void *config, void *fixed)
{
    const kedge_adaptive_tree_config *cfg = config;
    adaptive_state *s = fixed;
    kedge_i_tree_configure(&s->tree, &cfg->base, &cfg->growth);
    s->drift_delta = cfg->drift_delta;
    s->swap_delta = cfg->swap_delta;
    s->least = cfg->least;
}

static int adaptive_valid(const void *fixed)
{
    const adaptive_state *s = fixed;
    return kedge_i_tree_valid_one(&s->tree) && s->drift_delta > 0.0 && s->drift_delta < 1.0 &&
           s->swap_delta > 0.0 && s->swap_delta < 1.0 && kedge_i_u32_within(s->least, 1, 10000);
}

static size_t adaptive_layout(void *fixed)
{
    adaptive_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->tree.pool.block_pairs = 2;
    s->tree.pool.aside_words = TREE_WATCH_WORDS;
    return kedge_i_tree_plan(&s->tree, &arena, 1) ? kedge_i_arena_end(&arena) : 0;
}

static void adaptive_start(void *state)
{
    adaptive_state *s = state;
    kedge_i_tree_start(&s->tree);
    (void)kedge_i_tree_new(&s->tree); /* node 0 */
}

static tree_watch *adaptive_watch(adaptive_state *s, uint32_t node)
{
    return (tree_watch *)tree_aside(s, &s->tree.pool, node);
}

static const tree_watch *adaptive_watch_const(const adaptive_state *s, uint32_t node)
{
    return (const tree_watch *)tree_aside_const(s, &s->tree.pool, node);
}

/* The root of the tree that a node is in. */
static uint32_t adaptive_root(const tree_node *nodes, uint32_t node)
{
    while (tree_depth(&nodes[node]) > 1)
        node = tree_parent(&nodes[node]);
    return node;
}

/* Checks ---------------------------------------------------------------------------------------------------------------- */

/* A link leads from a node of the main tree to another root, and back. */
static int adaptive_link_is_sound(const adaptive_state *s, uint32_t i)
{
    const tree_node *nodes = tree_nodes_const(s, &s->tree.pool);
    uint32_t link = adaptive_watch_const(s, i)->link;
    if (link == 0)
        return i == 0 || tree_depth(&nodes[i]) != 1;
    uint32_t at = link - 1;
    if (at >= 2 * s->tree.pool.n_pairs || nodes[at].place == 0 || adaptive_watch_const(s, at)->link != i + 1)
        return 0;
    uint32_t beside = adaptive_root(nodes, i) == 0 ? at : i;
    uint32_t node = beside == at ? i : at;
    return beside != 0 && tree_depth(&nodes[beside]) == 1 && adaptive_root(nodes, node) == 0;
}

static int adaptive_check(const void *state)
{
    const adaptive_state *s = state;
    const tree_node *nodes = tree_nodes_const(s, &s->tree.pool);
    if (!adaptive_valid(s) || s->n_beside >= s->tree.pool.n_pairs || !kedge_i_tree_check_one(&s->tree, 1 + s->n_beside))
        return 0;
    for (uint32_t i = 0; i < 2 * s->tree.pool.n_pairs; i++) {
        const tree_watch *w = adaptive_watch_const(s, i);
        if (!kedge_i_watch_check(w))
            return 0;
        if (nodes[i].place == 0 ? w->width != 0 || w->since != 0 || w->link != 0 : !adaptive_link_is_sound(s, i))
            return 0;
    }
    return 1;
}

/* Trees beside nodes ---------------------------------------------------------------------------------------------------- */

static void adaptive_begin_beside(adaptive_state *s, uint32_t node)
{
    uint32_t root = kedge_i_tree_new(&s->tree);
    if (root == TREE_NONE)
        return;
    adaptive_watch(s, node)->link = root + 1;
    adaptive_watch(s, root)->link = node + 1;
    s->n_beside++;
}

static void adaptive_drop_beside(adaptive_state *s, uint32_t node)
{
    kedge_i_tree_drop(&s->tree, adaptive_watch(s, node)->link - 1);
    adaptive_watch(s, node)->link = 0;
    s->n_beside--;
}

/* Is a node below another one? */
static int adaptive_is_below(const tree_node *nodes, uint32_t node, uint32_t above)
{
    while (tree_depth(&nodes[node]) > tree_depth(&nodes[above]))
        node = tree_parent(&nodes[node]);
    return node == above;
}

/* The tree beside a node takes its place; those beside nodes below it go with these. */
static void adaptive_swap(adaptive_state *s, uint32_t node)
{
    const tree_node *nodes = tree_nodes_const(s, &s->tree.pool);
    uint32_t root = adaptive_watch(s, node)->link - 1;
    for (uint32_t i = 0; i < 2 * s->tree.pool.n_pairs; i++)
        if (i != node && adaptive_watch(s, i)->link != 0 && tree_depth(&nodes[i]) > 1 && adaptive_is_below(nodes, i, node))
            adaptive_drop_beside(s, i);
    memset(adaptive_watch(s, node), 0, sizeof(tree_watch));
    adaptive_watch(s, root)->link = 0;
    kedge_i_tree_swap(&s->tree, node, root);
    s->n_beside--;
}

/* Which of both is better, if the errors differ by more than the bound: section 4.2's test as MOA has it. */
static void adaptive_compare(adaptive_state *s, uint32_t node)
{
    const tree_watch *w = adaptive_watch(s, node);
    const tree_watch *beside = adaptive_watch(s, w->link - 1);
    if (w->width <= s->least || beside->width <= s->least)
        return;
    double error = watch_mean(w);
    double better = error - watch_mean(beside);
    double bound = sqrt(2.0 * error * (1.0 - error) * log(2.0 / s->swap_delta) * (1.0 / w->width + 1.0 / beside->width));
    if (fabs(better) <= bound)
        return;
    if (better > 0.0 && kedge_i_tree_fits(s, &s->tree.pool, node, w->link - 1))
        adaptive_swap(s, node);
    else
        adaptive_drop_beside(s, node);
}

/* Learning -------------------------------------------------------------------------------------------------------------- */

/* A row for the tree of a root; its nodes' watches take whether it was wrong. Returns that. */
static uint32_t adaptive_learn_tree(adaptive_state *s, uint32_t root, const kedge_row *x, uint32_t label, double weight,
                                    uint32_t *leaf)
{
    uint32_t says;
    *leaf = kedge_i_tree_pass(&s->tree, root, x, weight);
    kedge_i_tree_learn_leaf(&s->tree, *leaf, x, label, weight, &says);
    return says != label;
}

/* The tree beside a node, which has none beside its own. */
static void adaptive_learn_beside(adaptive_state *s, uint32_t root, const kedge_row *x, uint32_t label, double weight)
{
    const tree_node *nodes = tree_nodes_const(s, &s->tree.pool);
    uint32_t leaf;
    uint32_t is_wrong = adaptive_learn_tree(s, root, x, label, weight, &leaf);
    for (uint32_t at = leaf; at != root; at = tree_parent(&nodes[at]))
        (void)kedge_i_watch_take(adaptive_watch(s, at), is_wrong, s->drift_delta);
    (void)kedge_i_watch_take(adaptive_watch(s, root), is_wrong, s->drift_delta);
    kedge_i_tree_try(&s->tree, leaf);
}

static void adaptive_visit(adaptive_state *s, uint32_t node, uint32_t is_wrong, const kedge_row *x, uint32_t label, double weight)
{
    int change = kedge_i_watch_take(adaptive_watch(s, node), is_wrong, s->drift_delta);
    if (change > 0 && adaptive_watch(s, node)->link == 0)
        adaptive_begin_beside(s, node);
    if (adaptive_watch(s, node)->link == 0)
        return;
    adaptive_learn_beside(s, adaptive_watch(s, node)->link - 1, x, label, weight);
    adaptive_compare(s, node);
}

/* From the leaf up, so that what a swap takes away has been visited. */
static void adaptive_learn_row(adaptive_state *s, const kedge_row *x, uint32_t label, double weight)
{
    const tree_node *nodes = tree_nodes_const(s, &s->tree.pool);
    uint32_t leaf;
    uint32_t is_wrong = adaptive_learn_tree(s, 0, x, label, weight, &leaf);
    uint32_t at = leaf;
    kedge_i_tree_try(&s->tree, leaf);
    while (at != 0) {
        uint32_t above = tree_parent(&nodes[at]);
        adaptive_visit(s, at, is_wrong, x, label, weight);
        at = above;
    }
    adaptive_visit(s, 0, is_wrong, x, label, weight);
}

static kedge_status adaptive_learn(const kedge_model_class *cls, void *state, const kedge_row *x, double y, double weight)
{
    (void)cls;
    adaptive_state *s = state;
    adaptive_learn_row(s, x, (uint32_t)y, weight);
    s->tree.model.n_learned++;
    if (s->tree.model.n_learned % ADAPTIVE_REVIEW == 0)
        kedge_i_tree_review(&s->tree);
    return KEDGE_OK;
}

/* Prediction ------------------------------------------------------------------------------------------------------------ */

/* What the tree of a node says, weighted by one over its squared error, by Laplace's rule, as in MOA and river: 0.835 instead of
 * 0.810 on Elec2. */
static void adaptive_vote_node(const adaptive_state *s, uint32_t node, const kedge_row *x, uint32_t first, uint32_t n,
                               double *votes)
{
    const tree_watch *w = adaptive_watch_const(s, node);
    double error = (w->ones + 1.0) / (w->width + 2.0);
    kedge_i_tree_vote(&s->tree, node, x, 1.0 / (error * error), first, n, votes);
}

/* Votes for n classes from `first` on: of the leaf, and of all trees beside the way to it. */
static void adaptive_vote(const adaptive_state *s, const kedge_row *x, uint32_t first, uint32_t n, double *votes)
{
    const tree_node *nodes = tree_nodes_const(s, &s->tree.pool);
    uint32_t at = tree_find(&s->tree, nodes, 0, x);
    for (uint32_t c = 0; c < n; c++)
        votes[c] = 0.0;
    adaptive_vote_node(s, at, x, first, n, votes);
    for (int is_root = 0; !is_root; at = tree_parent(&nodes[at])) {
        uint32_t link = adaptive_watch_const(s, at)->link;
        if (link != 0)
            adaptive_vote_node(s, link - 1, x, first, n, votes);
        is_root = at == 0;
    }
}

static kedge_status adaptive_predict(const kedge_model_class *cls, const void *state, const kedge_row *x, double *y)
{
    (void)cls;
    const adaptive_state *s = state;
    double most = 0.0;
    *y = 0.0;
    for (uint32_t first = 0; first < s->tree.model.n_classes; first += ADAPTIVE_CLASSES) {
        uint32_t n = s->tree.model.n_classes - first < ADAPTIVE_CLASSES ? s->tree.model.n_classes - first : ADAPTIVE_CLASSES;
        double votes[ADAPTIVE_CLASSES];
        adaptive_vote(s, x, first, n, votes);
        for (uint32_t c = 0; c < n; c++)
            if (votes[c] > most) {
                most = votes[c];
                *y = first + c;
            }
    }
    return s->tree.model.n_learned == 0 ? KEDGE_EMPTY : KEDGE_OK;
}

static kedge_status adaptive_score(const kedge_model_class *cls, const void *state, const kedge_row *x, double *scores)
{
    (void)cls;
    const adaptive_state *s = state;
    adaptive_vote(s, x, 0, s->tree.model.n_classes, scores);
    kedge_i_tree_share(scores, s->tree.model.n_classes);
    return s->tree.model.n_learned == 0 ? KEDGE_EMPTY : KEDGE_OK;
}

kedge_status kedge_adaptive_tree_shape(const kedge_model *m, kedge_tree_shape *out)
{
    if (!m || !m->state || !out)
        return KEDGE_ERR_NULL;
    if (m->cls != &kedge_adaptive_tree)
        return KEDGE_ERR_CLASS;
    kedge_i_tree_shape(&((const adaptive_state *)m->state)->tree, out);
    return KEDGE_OK;
}

const kedge_model_class kedge_adaptive_tree = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_MODEL,
            .version = 1,
            .name = "adaptive_tree",
            .fixed_bytes = sizeof(adaptive_state),
            .config_bytes = sizeof(kedge_adaptive_tree_config),
            .n_fields = sizeof adaptive_fields / sizeof *adaptive_fields,
            .fields = adaptive_fields,
            .defaults = adaptive_defaults,
            .configure = adaptive_configure,
            .valid = adaptive_valid,
            .layout = adaptive_layout,
            .start = adaptive_start,
            .check = adaptive_check,
        },
    .learn = adaptive_learn,
    .predict = adaptive_predict,
    .score = adaptive_score,
    .takes_missing = 1,
};
