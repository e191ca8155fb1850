/* SPDX-License-Identifier: MIT */
/* Prefix sums over places, with their greatest and least, kept up to date as counts change one by one: a tree over blocks of
 * places. */
#ifndef KEDGE_DETECTORS_SLIDING_TREE_H
#define KEDGE_DETECTORS_SLIDING_TREE_H

#include <stdint.h>

enum { SLIDING_TREE_BLOCK = 8 }; /* places a block: scanned one by one */

/* What the sums are made of. Place i has step * counts[i], less weight_step * weights[i / 2] where i is odd and i / 2 < n_distinct.
 */
typedef struct sliding_tree {
    uint32_t n_places;
    uint32_t step;
    uint32_t weight_step;
    uint32_t n_distinct;
    const uint32_t *weights;
    const uint32_t *counts;
} sliding_tree;

/* Numbers in the tree: three for each node, the root is node 1. */
uint32_t kedge_i_sliding_tree_words(uint32_t n_places);
void kedge_i_sliding_tree_build(const sliding_tree *t, int64_t *nodes);
/* One place has changed. */
void kedge_i_sliding_tree_refresh(const sliding_tree *t, int64_t *nodes, uint32_t place);
/* Are all nodes what the counts make them, or, while there is no reference, 0? */
int kedge_i_sliding_tree_is_sound(const sliding_tree *t, const int64_t *nodes);
/* The first place whose prefix sum is the greatest, which is `distance`, or, if is_least, the least, which is -distance. */
uint32_t kedge_i_sliding_tree_find(const sliding_tree *t, const int64_t *nodes, int64_t distance, int is_least);

/* Ascending, in place. */
void kedge_i_sliding_sort(double *x, uint32_t n);

static inline int64_t sliding_tree_greatest(const int64_t *nodes)
{
    return nodes[3 + 1];
}

static inline int64_t sliding_tree_least(const int64_t *nodes)
{
    return nodes[3 + 2];
}

#endif
