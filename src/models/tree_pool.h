/* SPDX-License-Identifier: MIT */
/* Trees that grow in a fixed room: nodes, always two children side by side, and blocks of statistics, which leaves get as long as
 * there are some. A node is reached from its parent and knows it, a block from its node and knows it, and what is nobody's is found
 * by a search. So there are no lists that a forged snapshot could tie into a knot: who is whose child and at which depth proves
 * that they are trees. */
#ifndef KEDGE_MODELS_TREE_POOL_H
#define KEDGE_MODELS_TREE_POOL_H

#include "kedge/class.h"

#include "base/arena.h"

#define TREE_NONE UINT32_MAX

enum { TREE_NODE_WORDS = 6, TREE_DEPTH_MAX = 200 };

/* Eight-byte members only: a snapshot carries nodes as an array of words. */
typedef struct tree_node {
    double threshold; /* of a split; in regression the mean of a leaf's targets */
    double weight;    /* of the rows that came by */
    double misses;    /* leaf without a block: weight of rows that were not of its majority; in regression of any leaf: sum of
                       * errors */
    uint64_t split;   /* feature * 2^32 + first child; 0: a leaf, since no node's child is node 0 */
    uint64_t held;    /* majority * 2^32 + block + 1; 0 in the lower half: no block */
    uint64_t place;   /* parent * 2^32 + depth, from 1; 0: nobody's */
} tree_node;

typedef struct tree_pool {
    uint32_t n_pairs;     /* layout: pairs of nodes; a root has a pair for itself */
    uint32_t n_blocks;    /* layout */
    uint32_t block_words; /* layout: doubles in a block; the first is its node + 1, 0: nobody's */
    uint32_t node_words;  /* layout: of all nodes */
    uint32_t pool_words;  /* layout: of all blocks */
    uint32_t at_nodes;    /* layout */
    uint32_t at_blocks;   /* layout */
    uint32_t next_pair;   /* where the search for a free pair begins */
    uint32_t next_block;
    uint32_t block_pairs; /* pairs for each block; set before the plan, 0: enough for many leaves that lost theirs */
    uint32_t aside_words; /* what a class keeps beside each node: 32-bit words; set before the plan, 0: nothing */
    uint32_t at_aside;    /* layout */
    uint32_t n_aside;     /* layout: words beside all nodes */
} tree_pool;

#define TREE_POOL_VALUES(state, pool)                                                              \
    KEDGE_VALUE(state, pool.next_pair, KEDGE_TYPE_U32), KEDGE_VALUE(state, pool.next_block, KEDGE_TYPE_U32)
#define TREE_POOL_ARRAYS(state, pool)                                                              \
    KEDGE_ARRAY(state, pool.at_nodes, pool.node_words, KEDGE_TYPE_F64),                            \
        KEDGE_ARRAY(state, pool.at_blocks, pool.pool_words, KEDGE_TYPE_F64)
#define TREE_ASIDE(state, pool) KEDGE_ARRAY(state, pool.at_aside, pool.n_aside, KEDGE_TYPE_U32)

static inline tree_node *tree_nodes(void *state, const tree_pool *p)
{
    return kedge_i_at(state, p->at_nodes);
}

static inline const tree_node *tree_nodes_const(const void *state, const tree_pool *p)
{
    return kedge_i_at_const(state, p->at_nodes);
}

static inline uint32_t tree_child(const tree_node *n)
{
    return (uint32_t)n->split;
}

static inline uint32_t tree_feature(const tree_node *n)
{
    return (uint32_t)(n->split >> 32);
}

static inline uint32_t tree_depth(const tree_node *n)
{
    return (uint32_t)n->place;
}

static inline uint32_t tree_parent(const tree_node *n)
{
    return (uint32_t)(n->place >> 32);
}

static inline int tree_has_block(const tree_node *n)
{
    return (uint32_t)n->held != 0;
}

static inline uint32_t tree_majority(const tree_node *n)
{
    return (uint32_t)(n->held >> 32);
}

static inline void tree_set_majority(tree_node *n, uint32_t c)
{
    n->held = (uint64_t)c << 32 | (uint32_t)n->held;
}

/* The block of a node that has one. */
static inline double *tree_block(void *state, const tree_pool *p, const tree_node *n)
{
    return (double *)kedge_i_at(state, p->at_blocks) + (size_t)((uint32_t)n->held - 1) * p->block_words;
}

static inline const double *tree_block_const(const void *state, const tree_pool *p, const tree_node *n)
{
    return (const double *)kedge_i_at_const(state, p->at_blocks) + (size_t)((uint32_t)n->held - 1) * p->block_words;
}

/* Offsets of as many blocks of so many doubles, and of nodes, as `bytes` behind the arena's beginning hold, with room left for
 * n_extra numbers for each node. 0: not enough for n_trees. */
int kedge_i_tree_pool_plan(tree_pool *p, kedge_i_arena *arena, uint64_t bytes, uint64_t block_words, uint32_t n_trees,
                           uint32_t n_extra);

static inline uint32_t *tree_aside(void *state, const tree_pool *p, uint32_t node)
{
    return (uint32_t *)kedge_i_at(state, p->at_aside) + (size_t)node * p->aside_words;
}

static inline const uint32_t *tree_aside_const(const void *state, const tree_pool *p, uint32_t node)
{
    return (const uint32_t *)kedge_i_at_const(state, p->at_aside) + (size_t)node * p->aside_words;
}

/* A root; with a block if there is one. TREE_NONE: no room. */
uint32_t kedge_i_tree_plant(void *state, tree_pool *p);
/* Two children for a leaf, without blocks. 0: no room, nothing changed. */
int kedge_i_tree_fork(void *state, tree_pool *p, uint32_t node, uint32_t feature, double threshold);
/* An empty block for a leaf that has none. 0: there is none. */
int kedge_i_tree_give_block(void *state, tree_pool *p, uint32_t node);
int kedge_i_tree_has_free_block(const void *state, const tree_pool *p);
void kedge_i_tree_take_block(void *state, tree_pool *p, uint32_t node);
/* A leaf's block becomes another leaf's that has none. */
void kedge_i_tree_hand_block(void *state, tree_pool *p, uint32_t from, uint32_t to);
/* Give back all that is below a node, which becomes a leaf. Returns by how many the leaves without a block have become fewer
 * (modulo 2^32). */
uint32_t kedge_i_tree_prune(void *state, tree_pool *p, uint32_t node);
/* Would a tree, in the place of a node, not be too deep? */
int kedge_i_tree_fits(const void *state, const tree_pool *p, uint32_t node, uint32_t root);
/* Let a tree that fits take the place of a leaf without a block. */
void kedge_i_tree_graft(void *state, tree_pool *p, uint32_t node, uint32_t root);
/* Give back a whole tree. Returns how many of its leaves had no block. */
uint32_t kedge_i_tree_fell(void *state, tree_pool *p, uint32_t root);

/* The structure's invariants; n_classes 0: of a regression; *n_roots: how many trees there are. What is in blocks is not looked
 * at. */
int kedge_i_tree_pool_check(const void *state, const tree_pool *p, uint32_t n_features, uint32_t n_classes, uint32_t *n_roots);

#endif
