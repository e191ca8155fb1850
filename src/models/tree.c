/* SPDX-License-Identifier: MIT */
#include "base/fp.h"

#include "models/tree_state.h"

#include <math.h>
#include <string.h>

#include "base/number.h"
#include "base/quick.h"

enum { TREE_SWAPS = 16 }; /* blocks that a review hands over at most */

/* Configuration ---------------------------------------------------------------------------------------------------------------- */

void kedge_i_tree_growth_defaults(kedge_tree_growth *g)
{
    memset(g, 0, sizeof *g);
    g->delta = 1e-7;
    g->tie = 0.05;
    g->memory = 256u * 1024u;
    g->grace = 200;
    g->n_splits = 10;
    g->n_values = 16;
    g->leaf = KEDGE_LEAF_ADAPTIVE;
}

uint32_t kedge_i_tree_memory(uint32_t n_features, uint32_t n_classes, uint32_t least, uint32_t n_blocks)
{
    double words = 16.0 + n_classes + (double)n_features * (TREE_CLASSES + (double)TREE_MOMENTS * n_classes);
    double bytes = n_blocks * (8.0 * words + 6.0 * sizeof(tree_node));
    return bytes <= least ? least : bytes < 1e9 ? (uint32_t)bytes : 1000000000u;
}

void kedge_i_tree_configure(tree_state *t, const kedge_model_config *base, const kedge_tree_growth *g)
{
    t->model.n_features = base->n_features;
    t->model.n_classes = base->n_classes;
    t->delta = g->delta;
    t->tie = g->tie;
    t->memory = g->memory;
    t->grace = g->grace;
    t->n_splits = g->n_splits;
    t->n_values = g->n_values;
    t->leaf = g->leaf;
    memcpy(t->nominal, g->nominal, sizeof t->nominal);
    t->n_subset = base->n_features;
}

/* Is no feature nominal that there is not? */
static int tree_nominal_is_valid(const tree_state *t)
{
    for (uint32_t i = 0; i < 4; i++)
        for (uint32_t j = 0; j < 64; j++)
            if ((t->nominal[i] >> j & 1) != 0 && 64 * i + j >= t->model.n_features)
                return 0;
    return 1;
}

int kedge_i_tree_valid(const tree_state *t)
{
    return tree_nominal_is_valid(t) && kedge_i_u32_within(t->model.n_features, 1, KEDGE_FEATURES_MAX) &&
           (t->model.n_classes == 0 || kedge_i_u32_within(t->model.n_classes, 2, KEDGE_CLASSES_MAX)) && t->delta > 0.0 &&
           t->delta < 1.0 && kedge_i_within(t->tie, 0.0, 1e3) && kedge_i_u32_within(t->grace, 1, 1u << 30) &&
           kedge_i_u32_within(t->n_splits, 1, 1000) && kedge_i_u32_within(t->n_values, 2, 4096) &&
           kedge_i_u32_within(t->leaf, KEDGE_LEAF_MAJORITY, KEDGE_LEAF_ADAPTIVE) &&
           kedge_i_u32_within(t->n_subset, 1, t->model.n_features);
}

int kedge_i_tree_plan(tree_state *t, kedge_i_arena *arena, uint32_t n_trees)
{
    uint64_t numeric = TREE_CLASSES + (uint64_t)TREE_MOMENTS * t->model.n_classes;
    uint64_t nominal =
        (t->nominal[0] | t->nominal[1] | t->nominal[2] | t->nominal[3]) != 0 ? (uint64_t)t->n_values * t->model.n_classes : 0;
    uint64_t slot = numeric > nominal ? numeric : nominal;
    t->at_subset = TREE_WEIGHTS + t->model.n_classes;
    t->at_slots = t->at_subset + (t->n_subset < t->model.n_features ? t->n_subset : 0);
    t->slot_words = (uint32_t)slot;
    t->n_trees = n_trees;
    return kedge_i_tree_pool_plan(&t->pool, arena, t->memory, t->at_slots + slot * t->n_subset, n_trees, 0);
}

void kedge_i_tree_start(tree_state *t)
{
    t->rng.state = t->seed;
}

int kedge_i_tree_check(const tree_state *t, uint32_t n_trees)
{
    const tree_node *nodes = tree_nodes_const(t, &t->pool);
    uint32_t n_roots, n_without = 0;
    if (!kedge_i_tree_pool_check(t, &t->pool, t->model.n_features, t->model.n_classes, &n_roots) || n_roots != n_trees)
        return 0;
    for (uint32_t i = 0; i < 2 * t->pool.n_pairs; i++) {
        if (nodes[i].place == 0)
            continue;
        uint32_t feature = tree_feature(&nodes[i]);
        if (nodes[i].split != 0 && ((feature & TREE_NOMINAL) != 0) != tree_is_nominal(t, feature & ~TREE_NOMINAL))
            return 0;
        if (tree_has_block(&nodes[i]) && !kedge_i_leaf_check(t, &nodes[i]))
            return 0;
        n_without += nodes[i].split == 0 && !tree_has_block(&nodes[i]);
    }
    return n_without == t->n_without;
}

int kedge_i_tree_valid_one(const tree_state *t)
{
    return kedge_i_tree_valid(t) && t->model.n_classes > 0 && t->n_subset == t->model.n_features && t->seed == 0;
}

int kedge_i_tree_check_one(const tree_state *t, uint32_t n_trees)
{
    const tree_node *nodes = tree_nodes_const(t, &t->pool);
    return t->model.n_learned <= KEDGE_I_COUNT_MAX && t->rng.state == t->seed && kedge_i_tree_check(t, n_trees) &&
           tree_depth(&nodes[0]) == 1 && (t->model.n_learned > 0) == (nodes[0].weight > 0.0);
}

/* Who gets a block ------------------------------------------------------------------------------------------------------------- */

/* What a leaf could gain by splitting: the weight of its rows that are not of its majority; in regression the sum of its errors. */
static double tree_promise(const tree_state *t, const tree_node *n)
{
    if (!tree_has_block(n) || t->model.n_classes == 0)
        return n->misses;
    const double *b = tree_block_const(t, &t->pool, n);
    double promise = b[TREE_TOTAL] - b[TREE_WEIGHTS + tree_majority(n)];
    return promise > 0.0 ? promise : 0.0; /* rounding */
}

/* The leaf with a block that promises least, or the one without that promises most; TREE_NONE: there is none. */
static uint32_t tree_pick(const tree_state *t, int with_block)
{
    const tree_node *nodes = tree_nodes_const(t, &t->pool);
    uint32_t picked = TREE_NONE;
    double extreme = 0.0;
    for (uint32_t i = 0; i < 2 * t->pool.n_pairs; i++) {
        if (nodes[i].place == 0 || nodes[i].split != 0 || tree_has_block(&nodes[i]) != with_block)
            continue;
        double promise = tree_promise(t, &nodes[i]);
        if (picked == TREE_NONE || (with_block ? promise < extreme : promise > extreme)) {
            extreme = promise;
            picked = i;
        }
    }
    return picked;
}

/* Take a leaf's block away; it remembers its majority and goes on counting what is not of it. */
static void tree_close_leaf(tree_state *t, uint32_t node)
{
    tree_node *n = &tree_nodes(t, &t->pool)[node];
    n->misses = tree_promise(t, n);
    kedge_i_tree_take_block(t, &t->pool, node);
    t->n_without++;
}

static int tree_open_leaf(tree_state *t, uint32_t node)
{
    tree_node *n = &tree_nodes(t, &t->pool)[node];
    if (!kedge_i_tree_give_block(t, &t->pool, node))
        return 0;
    if (t->model.n_classes > 0) {
        double *b = tree_block(t, &t->pool, n);
        b[TREE_WEIGHTS + tree_majority(n)] = b[TREE_TOTAL] = b[TREE_TRIED] = 1.0; /* as one row of its majority */
        n->misses = 0.0;
    }
    kedge_i_leaf_open(t, node);
    t->n_without--;
    return 1;
}

void kedge_i_tree_renew(tree_state *t, uint32_t leaf)
{
    tree_close_leaf(t, leaf);
    (void)tree_open_leaf(t, leaf); /* its own block is free */
}

/* A block for a leaf without one, from one that promises less if none is free. */
int kedge_i_tree_seek_block(tree_state *t, uint32_t node)
{
    if (tree_open_leaf(t, node))
        return 1;
    const tree_node *nodes = tree_nodes_const(t, &t->pool);
    uint32_t least = tree_pick(t, 1);
    if (least == TREE_NONE || tree_promise(t, &nodes[least]) >= tree_promise(t, &nodes[node]))
        return 0;
    tree_close_leaf(t, least);
    return tree_open_leaf(t, node);
}

void kedge_i_tree_review(tree_state *t)
{
    int goes_on = 1;
    for (uint32_t i = 0; i < TREE_SWAPS && goes_on && t->n_without > 0; i++)
        goes_on = kedge_i_tree_seek_block(t, tree_pick(t, 0));
}

/* A new tree matters more than any leaf: without a free block it takes the one that promises least. */
uint32_t kedge_i_tree_new(tree_state *t)
{
    uint32_t root = kedge_i_tree_plant(t, &t->pool);
    uint32_t least = root == TREE_NONE ? TREE_NONE : tree_pick(t, 1);
    if (root == TREE_NONE)
        return root;
    if (!tree_has_block(&tree_nodes(t, &t->pool)[root]) && least != TREE_NONE) {
        tree_close_leaf(t, least);
        (void)kedge_i_tree_give_block(t, &t->pool, root);
    }
    kedge_i_leaf_open(t, root);
    return root;
}

/* Growth ----------------------------------------------------------------------------------------------------------------------- */

/* A child begins with the classes that the split gives it, and nothing of their features. */
static void tree_begin_child(tree_state *t, const double *b, const tree_split *split, uint32_t child, uint32_t side)
{
    tree_node *n = &tree_nodes(t, &t->pool)[child];
    double total = 0.0;
    double most = 0.0;
    for (uint32_t c = 0; c < t->model.n_classes; c++) {
        double weight = kedge_i_split_weight(t, b, split, c, side);
        total += weight;
        if (weight > most) {
            most = weight;
            tree_set_majority(n, c);
        }
    }
    n->weight = total;
    n->misses = total - most;
    t->n_without++;
}

/* The classes themselves, once the child has a block: the parent's block must still be there. */
static void tree_fill_child(tree_state *t, const double *b, const tree_split *split, uint32_t child, uint32_t side)
{
    tree_node *n = &tree_nodes(t, &t->pool)[child];
    double *own = tree_block(t, &t->pool, n);
    own[TREE_TOTAL] = 0.0;
    for (uint32_t c = 0; c < t->model.n_classes; c++)
        own[TREE_TOTAL] += own[TREE_WEIGHTS + c] = kedge_i_split_weight(t, b, split, c, side);
    own[TREE_TRIED] = own[TREE_TOTAL];
}

/* The parent's block, unless it keeps it, is freed last, so with a full pool the second child takes it, emptied. */
void kedge_i_tree_split(tree_state *t, uint32_t node, const tree_split *split)
{
    tree_node *nodes = tree_nodes(t, &t->pool);
    const double *b = tree_block(t, &t->pool, &nodes[node]);
    if (!kedge_i_tree_fork(t, &t->pool, node, split->feature, split->threshold))
        return;
    uint32_t child = tree_child(&nodes[node]);
    for (uint32_t side = 0; side < 2; side++) {
        tree_begin_child(t, b, split, child + side, side);
        if (!tree_open_leaf(t, child + side))
            continue;
        tree_fill_child(t, b, split, child + side, side);
    }
    if (!t->keeps || !tree_has_block(&nodes[child + 1]))
        kedge_i_tree_take_block(t, &t->pool, node);
    for (uint32_t side = 0; side < 2; side++)
        if (!tree_has_block(&nodes[child + side]))
            (void)kedge_i_tree_seek_block(t, child + side);
}

void kedge_i_tree_cut(tree_state *t, uint32_t node)
{
    t->n_without -= kedge_i_tree_prune(t, &t->pool, node);
}

void kedge_i_tree_swap(tree_state *t, uint32_t node, uint32_t root)
{
    kedge_i_tree_cut(t, node);
    t->n_without -= !tree_has_block(&tree_nodes(t, &t->pool)[node]);
    kedge_i_tree_take_block(t, &t->pool, node);
    kedge_i_tree_graft(t, &t->pool, node, root);
}

/* Hoeffding 1963: after rows of this weight a mean of numbers within `range` is that close to its expectation. */
static double tree_bound(const tree_state *t, double range, double weight)
{
    return range * sqrt(-log(t->delta) / (2.0 * weight));
}

static uint32_t tree_n_seen_classes(const tree_state *t, const double *b)
{
    uint32_t n = 0;
    for (uint32_t c = 0; c < t->model.n_classes; c++)
        n += b[TREE_WEIGHTS + c] > 0.0;
    return n;
}

/* A node with a block is tried. Returns how many classes it knows, and the bound on gains. */
static uint32_t tree_begin_try(tree_state *t, uint32_t node, double *bound)
{
    double *b = tree_block(t, &t->pool, &tree_nodes(t, &t->pool)[node]);
    uint32_t n_classes = tree_n_seen_classes(t, b);
    b[TREE_TRIED] = b[TREE_TOTAL];
    *bound = n_classes < 2 ? 0.0 : tree_bound(t, kedge_i_quick_log((double)n_classes) / KEDGE_I_LN2, b[TREE_TOTAL]);
    return n_classes;
}

int kedge_i_tree_best(tree_state *t, uint32_t node, tree_split *best, double *bound)
{
    if (tree_begin_try(t, node, bound) < 2)
        return 0;
    *best = kedge_i_split_find(t, tree_block_const(t, &t->pool, &tree_nodes_const(t, &t->pool)[node]));
    return 1;
}

static void tree_try(tree_state *t, uint32_t node)
{
    const double *b = tree_block_const(t, &t->pool, &tree_nodes_const(t, &t->pool)[node]);
    double bound;
    if (tree_begin_try(t, node, &bound) < 2 || (bound >= t->tie && !kedge_i_split_may_gain(t, b, bound)))
        return;
    tree_split split = kedge_i_split_find(t, b);
    if (split.merit > 0.0 && (split.merit - split.second > bound || bound < t->tie))
        kedge_i_tree_split(t, node, &split);
}

/* The leaf that a row of this weight comes to. */
static tree_node *tree_pass(tree_state *t, uint32_t root, const kedge_row *x, double weight)
{
    tree_node *nodes = tree_nodes(t, &t->pool);
    const double *plain = kedge_i_row_plain(x);
    tree_node *n = nodes + root;
    n->weight += weight;
    while (n->split != 0) {
        n = nodes + (tree_next(t, nodes, n, x, plain) - nodes);
        n->weight += weight;
    }
    return n;
}

uint32_t kedge_i_tree_pass(tree_state *t, uint32_t root, const kedge_row *x, double weight)
{
    return (uint32_t)(tree_pass(t, root, x, weight) - tree_nodes_const(t, &t->pool));
}

int kedge_i_tree_is_due(const tree_state *t, uint32_t node, uint32_t grace)
{
    const double *b = tree_block_const(t, &t->pool, &tree_nodes_const(t, &t->pool)[node]);
    return b[TREE_TOTAL] - b[TREE_TRIED] >= grace - 1e-6; /* a child begins with a fraction: rounding must not cost a row */
}

void kedge_i_tree_try(tree_state *t, uint32_t leaf)
{
    if (tree_has_block(&tree_nodes_const(t, &t->pool)[leaf]) && kedge_i_tree_is_due(t, leaf, t->grace))
        tree_try(t, leaf);
}

void kedge_i_tree_learn_leaf(tree_state *t, uint32_t leaf, const kedge_row *x, uint32_t label, double weight, uint32_t *says)
{
    tree_node *n = &tree_nodes(t, &t->pool)[leaf];
    if (tree_has_block(n)) {
        kedge_i_leaf_learn(t, n, x, label, weight, says);
        return;
    }
    n->misses += label == tree_majority(n) ? 0.0 : weight;
    if (says)
        *says = tree_majority(n);
}

void kedge_i_tree_learn(tree_state *t, uint32_t root, const kedge_row *x, uint32_t label, double weight, uint32_t *says)
{
    uint32_t leaf = kedge_i_tree_pass(t, root, x, weight);
    kedge_i_tree_learn_leaf(t, leaf, x, label, weight, says);
    kedge_i_tree_try(t, leaf);
}

void kedge_i_tree_learn_and_say(tree_state *t, uint32_t root, const kedge_row *x, uint32_t label, double weight, tree_said *said)
{
    tree_node *n = tree_pass(t, root, x, weight);
    uint32_t leaf = (uint32_t)(n - tree_nodes_const(t, &t->pool));
    if (!tree_has_block(n)) {
        n->weight -= weight;
        if (said->votes)
            kedge_i_leaf_vote(t, n, x, said->scale, 0, t->model.n_classes, said->votes);
        n->weight += weight;
        n->misses += label == tree_majority(n) ? 0.0 : weight;
        said->before = said->after = tree_majority(n);
        return;
    }
    kedge_i_leaf_learn_and_say(t, n, x, label, weight, said);
    kedge_i_tree_try(t, leaf);
    if (n->split != 0)
        said->after = kedge_i_tree_predict(t, leaf, x);
}

uint32_t kedge_i_tree_predict(const tree_state *t, uint32_t root, const kedge_row *x)
{
    const tree_node *nodes = tree_nodes_const(t, &t->pool);
    return kedge_i_leaf_predict(t, tree_leaf_of(t, nodes, root, x), x);
}

kedge_status kedge_i_tree_predict_one(const tree_state *t, const kedge_row *x, double *y)
{
    *y = kedge_i_tree_predict(t, 0, x);
    return t->model.n_learned == 0 ? KEDGE_EMPTY : KEDGE_OK;
}

kedge_status kedge_i_tree_score_one(const tree_state *t, const kedge_row *x, double *scores)
{
    uint32_t n = t->model.n_classes;
    for (uint32_t c = 0; c < n; c++)
        scores[c] = t->model.n_learned == 0 ? 1.0 / n : 0.0;
    if (t->model.n_learned > 0)
        kedge_i_tree_vote(t, 0, x, 1.0, 0, n, scores);
    return t->model.n_learned == 0 ? KEDGE_EMPTY : KEDGE_OK;
}

void kedge_i_tree_share(double *votes, uint32_t n)
{
    double sum = 0.0;
    for (uint32_t c = 0; c < n; c++)
        sum += votes[c];
    for (uint32_t c = 0; c < n; c++)
        votes[c] = sum > 0.0 ? votes[c] / sum : 1.0 / n;
}

void kedge_i_tree_vote(const tree_state *t, uint32_t root, const kedge_row *x, double scale, uint32_t first, uint32_t n_wanted,
                       double *votes)
{
    const tree_node *nodes = tree_nodes_const(t, &t->pool);
    kedge_i_leaf_vote(t, &nodes[tree_find(t, nodes, root, x)], x, scale, first, n_wanted, votes);
}

void kedge_i_tree_drop(tree_state *t, uint32_t root)
{
    t->n_without -= kedge_i_tree_fell(t, &t->pool, root);
}

void kedge_i_tree_shape(const tree_state *t, kedge_tree_shape *out)
{
    const tree_node *nodes = tree_nodes_const(t, &t->pool);
    memset(out, 0, sizeof *out);
    for (uint32_t i = 0; i < 2 * t->pool.n_pairs; i++) {
        if (nodes[i].place == 0)
            continue;
        out->n_trees += tree_depth(&nodes[i]) == 1;
        out->n_splits += nodes[i].split != 0;
        out->n_leaves += nodes[i].split == 0;
        out->depth = tree_depth(&nodes[i]) - 1 > out->depth ? tree_depth(&nodes[i]) - 1 : out->depth;
    }
    out->n_inactive = t->n_without;
}
