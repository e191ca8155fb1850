/* SPDX-License-Identifier: MIT */
/* A sorted list of the scores of a window, with a mark on some, that tells how many stand before a score: a B-tree (Bayer,
 * McCreight 1972) whose inner nodes know how many keys, and how many marked ones, each child has (Knuth 1998, volume 3, section
 * 6.2.4, and 6.2.3 for ranks).
 *
 * A key is a score and the place of its record in the window's ring, so no two are equal, and a check can tell that exactly the
 * ring's records are there. Nodes are split before they are full when a key comes, and filled before they are poor when one goes,
 * on the way down, so nothing ever climbs back. The marks of a leaf are one word. Cost: O(log n) for all but the check. */
#ifndef KEDGE_METRICS_AUC_TREE_H
#define KEDGE_METRICS_AUC_TREE_H

#include "kedge/class.h"

#include "base/arena.h"

enum { KEDGE_I_AUC_TREE_MAX = 1 << 24 }; /* keys */

/* First member of a state that has such a tree. */
typedef struct kedge_i_auc_tree {
    kedge_state_head head;
    uint32_t most;             /* parameter: keys */
    uint32_t n_leaves;         /* layout: nodes that most keys can need */
    uint32_t n_leaf_slots;     /* layout */
    uint32_t n_inners;         /* layout */
    uint32_t n_inner_slots;    /* layout */
    uint32_t at_scores;        /* layout: double[n_leaf_slots]: of each leaf its keys, ascending */
    uint32_t at_places;        /* layout: uint32_t[n_leaf_slots]: their places; of a free leaf first the next free one */
    uint32_t at_marks;         /* layout: uint64_t[n_leaves]: which of them are marked */
    uint32_t at_leaf_sizes;    /* layout: uint32_t[n_leaves]: keys; 0: free, or the root of an empty tree */
    uint32_t at_split_scores;  /* layout: double[n_inner_slots]: no key of a child is before this one and none of the child
                                * before it is not; of each */
    uint32_t at_split_places;  /* layout: uint32_t[n_inner_slots]: node's first child without meaning */
    uint32_t at_children;      /* layout: uint32_t[n_inner_slots]: nodes; of a free node first the next free one */
    uint32_t at_all;           /* layout: uint32_t[n_inner_slots]: keys below each child */
    uint32_t at_marked;        /* layout: uint32_t[n_inner_slots]: marked ones */
    uint32_t at_inner_sizes;   /* layout: uint32_t[n_inners]: children; 0: free */
    uint32_t height;           /* levels of inner nodes above the leaves */
    uint32_t root;
    uint32_t free_leaf;        /* first of those that are free, or UINT32_MAX */
    uint32_t free_inner;
    uint32_t n;                /* keys */
    uint32_t n_marked;
} kedge_i_auc_tree;

/* Lines of a field table. */
#define KEDGE_I_AUC_TREE_PARAMS(state) KEDGE_PARAM(state, tree.most, KEDGE_TYPE_U32)
#define KEDGE_I_AUC_TREE_VALUES(state)                                                             \
    KEDGE_VALUE(state, tree.height, KEDGE_TYPE_U32), KEDGE_VALUE(state, tree.root, KEDGE_TYPE_U32),     \
        KEDGE_VALUE(state, tree.free_leaf, KEDGE_TYPE_U32), KEDGE_VALUE(state, tree.free_inner, KEDGE_TYPE_U32), \
        KEDGE_VALUE(state, tree.n, KEDGE_TYPE_U32), KEDGE_VALUE(state, tree.n_marked, KEDGE_TYPE_U32)
#define KEDGE_I_AUC_TREE_ARRAYS(state)                                                             \
    KEDGE_ARRAY(state, tree.at_scores, tree.n_leaf_slots, KEDGE_TYPE_F64),                         \
        KEDGE_ARRAY(state, tree.at_places, tree.n_leaf_slots, KEDGE_TYPE_U32),                     \
        KEDGE_ARRAY(state, tree.at_marks, tree.n_leaves, KEDGE_TYPE_U64),                          \
        KEDGE_ARRAY(state, tree.at_leaf_sizes, tree.n_leaves, KEDGE_TYPE_U32),                     \
        KEDGE_ARRAY(state, tree.at_split_scores, tree.n_inner_slots, KEDGE_TYPE_F64),              \
        KEDGE_ARRAY(state, tree.at_split_places, tree.n_inner_slots, KEDGE_TYPE_U32),              \
        KEDGE_ARRAY(state, tree.at_children, tree.n_inner_slots, KEDGE_TYPE_U32),                  \
        KEDGE_ARRAY(state, tree.at_all, tree.n_inner_slots, KEDGE_TYPE_U32),                       \
        KEDGE_ARRAY(state, tree.at_marked, tree.n_inner_slots, KEDGE_TYPE_U32),                    \
        KEDGE_ARRAY(state, tree.at_inner_sizes, tree.n_inners, KEDGE_TYPE_U32)

/* From most: the room behind what the arena holds so far. */
void kedge_i_auc_tree_layout(kedge_i_auc_tree *t, kedge_i_arena *arena);

/* On zeroed memory: no key. */
void kedge_i_auc_tree_start(kedge_i_auc_tree *t);

/* A key that is not there; there are fewer than most. */
void kedge_i_auc_tree_insert(kedge_i_auc_tree *t, double score, uint32_t place, uint32_t mark);

/* A key that is there, with its mark. */
void kedge_i_auc_tree_remove(kedge_i_auc_tree *t, double score, uint32_t place, uint32_t mark);

/* Of the pairs that a record, which is not there, makes with those that are: twice how many a marked one wins, scores that are
 * equal once. */
uint64_t kedge_i_auc_tree_pairs(const kedge_i_auc_tree *t, double score, uint32_t mark);

/* Are there exactly the n records of a ring, scores with marks, in order, and all counts right? `pairs`: twice the pairs that
 * marked ones win. */
int kedge_i_auc_tree_check(const kedge_i_auc_tree *t, const double *scores, const uint8_t *marks, uint32_t n, uint64_t pairs);

#endif
