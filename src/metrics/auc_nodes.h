/* SPDX-License-Identifier: MIT */
/* The nodes of a counted B-tree, see auc_tree.h, for the file that changes them and the one that checks them. Level 0 is that of
 * the leaves. */
#ifndef KEDGE_METRICS_AUC_NODES_H
#define KEDGE_METRICS_AUC_NODES_H

#include "metrics/auc_tree.h"

/* Keys of a leaf, children of an inner node: at most, and at least where it is not the root. A node that would fall below the
 * least is joined with a neighbour, or shares with it. Leaves: as many as a word has bits. */
enum { AUC_LEAF_MOST = 64, AUC_LEAF_LEAST = 24, AUC_INNER_MOST = 32, AUC_INNER_LEAST = 12, AUC_MAX_HEIGHT = 7 };

#define AUC_NONE UINT32_MAX

/* The arrays of a tree; a check only reads through them. */
typedef struct auc_nodes {
    double *scores;
    uint32_t *places;
    uint64_t *marks;
    uint32_t *leaf_sizes;
    double *split_scores;
    uint32_t *split_places;
    uint32_t *children;
    uint32_t *all;
    uint32_t *marked;
    uint32_t *inner_sizes;
} auc_nodes;

static inline auc_nodes auc_tree_nodes(kedge_i_auc_tree *t)
{
    auc_nodes v;
    v.scores = kedge_i_at(t, t->at_scores);
    v.places = kedge_i_at(t, t->at_places);
    v.marks = kedge_i_at(t, t->at_marks);
    v.leaf_sizes = kedge_i_at(t, t->at_leaf_sizes);
    v.split_scores = kedge_i_at(t, t->at_split_scores);
    v.split_places = kedge_i_at(t, t->at_split_places);
    v.children = kedge_i_at(t, t->at_children);
    v.all = kedge_i_at(t, t->at_all);
    v.marked = kedge_i_at(t, t->at_marked);
    v.inner_sizes = kedge_i_at(t, t->at_inner_sizes);
    return v;
}

/* A view for reading only: what is const stays so. */
static inline auc_nodes auc_tree_view(const kedge_i_auc_tree *t)
{
    union {
        const kedge_i_auc_tree *seen;
        kedge_i_auc_tree *taken;
    } tree;
    tree.seen = t;
    return auc_tree_nodes(tree.taken);
}

static inline uint32_t auc_most(uint32_t level)
{
    return level > 0 ? AUC_INNER_MOST : AUC_LEAF_MOST;
}

static inline uint32_t auc_least(uint32_t level)
{
    return level > 0 ? AUC_INNER_LEAST : AUC_LEAF_LEAST;
}

static inline uint32_t *auc_size(const auc_nodes *v, uint32_t level, uint32_t node)
{
    return (level > 0 ? v->inner_sizes : v->leaf_sizes) + node;
}

/* The lowest n bits. */
static inline uint64_t auc_low(uint32_t n)
{
    return n < 64 ? ((uint64_t)1 << n) - 1 : UINT64_MAX;
}

static inline int auc_is_before(double score, uint32_t place, double other, uint32_t other_place)
{
    return (score < other) | ((score == other) & (place < other_place)); /* no branch: nobody could foretell it */
}

#endif
