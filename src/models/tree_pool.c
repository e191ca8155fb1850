/* SPDX-License-Identifier: MIT */
#include "base/fp.h"

#include "models/tree_pool.h"

#include <string.h>

#include "kedge/model.h"

#include "base/check.h"
#include "base/number.h"

enum { TREE_PAIRS_PER_BLOCK = 3 }; /* nodes cost little: leaves that lost their block, and splits above leaves, need none */

int kedge_i_tree_pool_plan(tree_pool *p, kedge_i_arena *arena, uint64_t bytes, uint64_t block_words, uint32_t n_trees,
                           uint32_t n_extra)
{
    uint64_t pair_bytes = 2 * (sizeof(tree_node) + n_extra * sizeof(double) + p->aside_words * sizeof(uint32_t));
    uint64_t each = block_words * sizeof(double) + (p->block_pairs ? p->block_pairs : TREE_PAIRS_PER_BLOCK) * pair_bytes;
    if (block_words > UINT32_MAX / sizeof(double) || bytes <= arena->used || bytes > UINT32_MAX)
        return 0;
    uint64_t room = bytes - arena->used;
    uint64_t n_blocks = room / each;
    if (n_blocks < n_trees)
        return 0;
    p->n_blocks = (uint32_t)n_blocks;
    p->n_pairs = (uint32_t)((room - n_blocks * block_words * sizeof(double)) / pair_bytes);
    p->block_words = (uint32_t)block_words;
    p->node_words = 2 * TREE_NODE_WORDS * p->n_pairs;
    p->pool_words = (uint32_t)(n_blocks * block_words);
    p->n_aside = 2 * p->aside_words * p->n_pairs;
    p->at_nodes = kedge_i_arena_take(arena, p->node_words, sizeof(double));
    p->at_blocks = kedge_i_arena_take(arena, p->pool_words, sizeof(double));
    p->at_aside = kedge_i_arena_take(arena, p->n_aside, sizeof(uint32_t));
    return 1;
}

static double *pool_block(void *state, const tree_pool *p, uint32_t i)
{
    return (double *)kedge_i_at(state, p->at_blocks) + (size_t)i * p->block_words;
}

/* The next pair that is nobody's, from `least` on, or TREE_NONE. */
static uint32_t pool_find_pair(void *state, tree_pool *p, uint32_t least)
{
    const tree_node *nodes = tree_nodes(state, p);
    for (uint32_t i = 0, at = p->next_pair; i < p->n_pairs; i++) {
        if (at >= least && nodes[2 * at].place == 0) {
            p->next_pair = at;
            return 2 * at;
        }
        at = at + 1 < p->n_pairs ? at + 1 : 0;
    }
    return TREE_NONE;
}

int kedge_i_tree_give_block(void *state, tree_pool *p, uint32_t node)
{
    tree_node *n = &tree_nodes(state, p)[node];
    for (uint32_t i = 0, at = p->next_block; i < p->n_blocks; i++) {
        if (pool_block(state, p, at)[0] == 0.0) {
            p->next_block = at;
            pool_block(state, p, at)[0] = (double)node + 1.0;
            n->held = (n->held >> 32 << 32) | (at + 1);
            return 1;
        }
        at = at + 1 < p->n_blocks ? at + 1 : 0;
    }
    return 0;
}

int kedge_i_tree_has_free_block(const void *state, const tree_pool *p)
{
    const double *blocks = kedge_i_at_const(state, p->at_blocks);
    for (uint32_t i = 0; i < p->n_blocks; i++)
        if (blocks[(size_t)i * p->block_words] == 0.0)
            return 1;
    return 0;
}

void kedge_i_tree_take_block(void *state, tree_pool *p, uint32_t node)
{
    tree_node *n = &tree_nodes(state, p)[node];
    if (!tree_has_block(n))
        return;
    p->next_block = (uint32_t)n->held - 1;
    memset(tree_block(state, p, n), 0, p->block_words * sizeof(double));
    n->held = n->held >> 32 << 32;
}

uint32_t kedge_i_tree_plant(void *state, tree_pool *p)
{
    tree_node *nodes = tree_nodes(state, p);
    uint32_t root = pool_find_pair(state, p, 0);
    if (root == TREE_NONE)
        return TREE_NONE;
    nodes[root].place = 1;
    (void)kedge_i_tree_give_block(state, p, root);
    return root;
}

/* Node 0 is nobody's child: its number says "leaf". Only a root may have its pair. */
int kedge_i_tree_fork(void *state, tree_pool *p, uint32_t node, uint32_t feature, double threshold)
{
    tree_node *nodes = tree_nodes(state, p);
    uint32_t depth = tree_depth(&nodes[node]);
    uint32_t child = depth < TREE_DEPTH_MAX ? pool_find_pair(state, p, 1) : TREE_NONE;
    if (child == TREE_NONE)
        return 0;
    nodes[child].place = nodes[child + 1].place = (uint64_t)node << 32 | (depth + 1);
    nodes[node].threshold = threshold;
    nodes[node].split = (uint64_t)feature << 32 | child;
    return 1;
}

/* Returns 1 if the node was a leaf without a block. */
static uint32_t pool_forget_node(void *state, tree_pool *p, uint32_t node)
{
    tree_node *n = &tree_nodes(state, p)[node];
    uint32_t was_without = n->split == 0 && !tree_has_block(n);
    kedge_i_tree_take_block(state, p, node);
    memset(n, 0, sizeof *n);
    if (p->aside_words > 0)
        memset(tree_aside(state, p, node), 0, p->aside_words * sizeof(uint32_t));
    return was_without;
}

/* Down to a split above two leaves, which go; then on from it, until the node is a leaf. */
uint32_t kedge_i_tree_prune(void *state, tree_pool *p, uint32_t node)
{
    tree_node *nodes = tree_nodes(state, p);
    uint32_t n_without = 0;
    uint32_t at = node;
    while (nodes[node].split != 0) {
        uint32_t child = tree_child(&nodes[at]);
        uint32_t above = at == node ? node : tree_parent(&nodes[at]);
        if (nodes[child].split != 0) {
            at = child;
        } else if (nodes[child + 1].split != 0) {
            at = child + 1;
        } else {
            n_without += pool_forget_node(state, p, child) + pool_forget_node(state, p, child + 1);
            p->next_pair = child / 2;
            nodes[at].split = 0;
            nodes[at].threshold = 0.0;
            n_without -= !tree_has_block(&nodes[at]); /* it is a leaf now, until it goes itself */
            at = above;
        }
    }
    return n_without;
}

uint32_t kedge_i_tree_fell(void *state, tree_pool *p, uint32_t root)
{
    uint32_t n_without = kedge_i_tree_prune(state, p, root);
    p->next_pair = root / 2;
    return n_without + pool_forget_node(state, p, root);
}

void kedge_i_tree_hand_block(void *state, tree_pool *p, uint32_t from, uint32_t to)
{
    tree_node *nodes = tree_nodes(state, p);
    tree_block(state, p, &nodes[from])[0] = (double)to + 1.0;
    nodes[to].held |= (uint32_t)nodes[from].held;
    nodes[from].held = nodes[from].held >> 32 << 32;
}

/* The node that comes behind one when all below `top` are visited, parents first; TREE_NONE: that was the last. */
static uint32_t pool_next_below(const tree_node *nodes, uint32_t at, uint32_t top)
{
    if (nodes[at].split != 0)
        return tree_child(&nodes[at]);
    while (at != top && at % 2 == 1) /* a second child */
        at = tree_parent(&nodes[at]);
    return at == top ? TREE_NONE : at + 1;
}

static uint32_t pool_deepest(const tree_node *nodes, uint32_t top)
{
    uint32_t deepest = 0;
    for (uint32_t at = top; at != TREE_NONE; at = pool_next_below(nodes, at, top))
        deepest = tree_depth(&nodes[at]) > deepest ? tree_depth(&nodes[at]) : deepest;
    return deepest;
}

/* All of a root but its place becomes the node's. */
static void pool_move_node(void *state, tree_pool *p, uint32_t node, uint32_t root)
{
    tree_node *nodes = tree_nodes(state, p);
    uint64_t place = nodes[node].place;
    nodes[node] = nodes[root];
    nodes[node].place = place;
    if (tree_has_block(&nodes[node]))
        tree_block(state, p, &nodes[node])[0] = (double)node + 1.0;
    memset(&nodes[root], 0, sizeof nodes[root]);
    memcpy(tree_aside(state, p, node), tree_aside(state, p, root), p->aside_words * sizeof(uint32_t));
    memset(tree_aside(state, p, root), 0, p->aside_words * sizeof(uint32_t));
}

int kedge_i_tree_fits(const void *state, const tree_pool *p, uint32_t node, uint32_t root)
{
    const tree_node *nodes = tree_nodes_const(state, p);
    return pool_deepest(nodes, root) + tree_depth(&nodes[node]) - 1 <= TREE_DEPTH_MAX;
}

void kedge_i_tree_graft(void *state, tree_pool *p, uint32_t node, uint32_t root)
{
    tree_node *nodes = tree_nodes(state, p);
    uint32_t lower = tree_depth(&nodes[node]) - 1;
    for (uint32_t at = root; at != TREE_NONE; at = pool_next_below(nodes, at, root))
        if (at != root)
            nodes[at].place += lower;
    pool_move_node(state, p, node, root);
    if (nodes[node].split != 0)
        for (uint32_t side = 0; side < 2; side++) {
            tree_node *child = &nodes[tree_child(&nodes[node]) + side];
            child->place = (uint64_t)node << 32 | (uint32_t)child->place;
        }
}

/* Checks ----------------------------------------------------------------------------------------------------------------------- */

static int pool_is_empty(const tree_node *n)
{
    return n->place == 0 && n->threshold == 0.0 && n->weight == 0.0 && n->misses == 0.0 && n->split == 0 && n->held == 0;
}

static int pool_node_is_sound(const void *state, const tree_pool *p, uint32_t i, uint32_t n_features, uint32_t n_classes)
{
    const tree_node *nodes = tree_nodes_const(state, p);
    const tree_node *n = &nodes[i];
    uint32_t child = tree_child(n);
    uint32_t block = (uint32_t)n->held;
    if (!kedge_i_u32_within(tree_depth(n), 1, TREE_DEPTH_MAX) || !kedge_i_within(n->weight, 0.0, 1e300) ||
        !kedge_i_within(n->misses, 0.0, 1e300) || !kedge_i_finite(n->threshold) ||
        tree_majority(n) >= (n_classes > 0 ? n_classes : 1) || block > p->n_blocks)
        return 0;
    if (block != 0 && tree_block_const(state, p, n)[0] != (double)i + 1.0)
        return 0;
    if (n->split == 0)
        return n_classes > 0 ? n->threshold == 0.0 : kedge_i_within(n->threshold, -2.0 * KEDGE_TARGET_MAX, 2.0 * KEDGE_TARGET_MAX);
    if (child == 0 || child % 2 != 0 || child / 2 >= p->n_pairs || (tree_feature(n) & 0x7fffffffu) >= n_features)
        return 0;
    uint64_t place = (uint64_t)i << 32 | (tree_depth(n) + 1);
    return nodes[child].place == place && nodes[child + 1].place == place;
}

static int pool_pair_is_sound(const void *state, const tree_pool *p, uint32_t pair, uint32_t n_features, uint32_t n_classes)
{
    const tree_node *nodes = tree_nodes_const(state, p);
    uint32_t i = 2 * pair;
    if (nodes[i].place == 0)
        return pool_is_empty(&nodes[i]) && pool_is_empty(&nodes[i + 1]);
    if (!pool_node_is_sound(state, p, i, n_features, n_classes))
        return 0;
    if (tree_depth(&nodes[i]) == 1) /* a root */
        return tree_parent(&nodes[i]) == 0 && pool_is_empty(&nodes[i + 1]);
    uint32_t parent = tree_parent(&nodes[i]);
    return parent < 2 * p->n_pairs && nodes[parent].place != 0 && tree_child(&nodes[parent]) == i &&
           pool_node_is_sound(state, p, i + 1, n_features, n_classes);
}

static int pool_block_is_sound(const void *state, const tree_pool *p, uint32_t i)
{
    const double *block = (const double *)kedge_i_at_const(state, p->at_blocks) + (size_t)i * p->block_words;
    if (block[0] == 0.0) {
        for (uint32_t j = 0; j < p->block_words; j++)
            if (block[j] != 0.0)
                return 0;
        return 1;
    }
    if (!kedge_i_within(block[0], 1.0, 2.0 * p->n_pairs) || block[0] != (double)(uint32_t)block[0])
        return 0;
    return (uint32_t)tree_nodes_const(state, p)[(uint32_t)block[0] - 1].held == i + 1;
}

int kedge_i_tree_pool_check(const void *state, const tree_pool *p, uint32_t n_features, uint32_t n_classes, uint32_t *n_roots)
{
    const tree_node *nodes = tree_nodes_const(state, p);
    *n_roots = 0;
    if (p->next_pair >= p->n_pairs || p->next_block >= p->n_blocks)
        return 0;
    for (uint32_t i = 0; i < p->n_pairs; i++) {
        if (!pool_pair_is_sound(state, p, i, n_features, n_classes))
            return 0;
        *n_roots += tree_depth(&nodes[2 * i]) == 1;
    }
    for (uint32_t i = 0; i < p->n_blocks; i++)
        if (!pool_block_is_sound(state, p, i))
            return 0;
    return 1;
}
