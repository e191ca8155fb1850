/* SPDX-License-Identifier: MIT */
/* All invariants of a counted B-tree, whatever the bytes: one walk over its keys, in order, then its free nodes, then the pairs. */
#include "base/fp.h"

#include <string.h>

#include "base/number.h"
#include "metrics/auc_nodes.h"

/* What a walk over all keys, in order, has seen. */
typedef struct auc_walk {
    const auc_nodes *v;
    const kedge_i_auc_tree *t;
    const double *scores;
    const uint8_t *marks;
    uint32_t n_ring;
    uint32_t n_leaves;
    uint32_t n_inners;
    uint32_t all;
    uint32_t marked;
    uint32_t last_place;
    double last_score;
} auc_walk;

/* A key must come after the last one, be that of its record, and not be before `low`. */
static int auc_walk_key(auc_walk *w, double score, uint32_t place, uint32_t mark, double low, uint32_t low_place)
{
    if (place >= w->n_ring || !(score == w->scores[place]) || mark != w->marks[place] ||
        auc_is_before(score, place, low, low_place))
        return 0;
    if (w->all > 0 && !auc_is_before(w->last_score, w->last_place, score, place))
        return 0;
    w->all++;
    w->marked += mark;
    w->last_score = score;
    w->last_place = place;
    return 1;
}

static int auc_walk_leaf(auc_walk *w, uint32_t leaf, double low, uint32_t low_place)
{
    const auc_nodes *v = w->v;
    uint32_t n = v->leaf_sizes[leaf];
    if (v->marks[leaf] & ~auc_low(n))
        return 0;
    for (uint32_t i = 0; i < n; i++) {
        size_t at = (size_t)leaf * AUC_LEAF_MOST + i;
        if (!auc_walk_key(w, v->scores[at], v->places[at], (uint32_t)(v->marks[leaf] >> i & 1), low, low_place))
            return 0;
    }
    w->n_leaves++;
    return 1;
}

/* A node and what is below it, not before `low`. Ends even if a forged node is its own child: levels are counted, and no key may
 * come twice. */
static int auc_walk_node(auc_walk *w, uint32_t level, uint32_t node, double low, uint32_t low_place)
{
    const auc_nodes *v = w->v;
    uint32_t least = level < w->t->height ? auc_least(level) : level > 0 ? 2 : 0;
    if (node >= (level > 0 ? w->t->n_inners : w->t->n_leaves))
        return 0;
    if (!kedge_i_u32_within(*auc_size(v, level, node), least, auc_most(level)))
        return 0;
    if (level == 0)
        return auc_walk_leaf(w, node, low, low_place);
    for (uint32_t i = 0; i < v->inner_sizes[node]; i++) {
        size_t at = (size_t)node * AUC_INNER_MOST + i;
        uint32_t all = w->all, marked = w->marked;
        if (i > 0) {
            low = v->split_scores[at];
            low_place = v->split_places[at];
            if (!kedge_i_finite(low) || !auc_is_before(w->last_score, w->last_place, low, low_place))
                return 0;
        }
        if (!auc_walk_node(w, level - 1, v->children[at], low, low_place))
            return 0;
        if (w->all - all != v->all[at] || w->marked - marked != v->marked[at])
            return 0;
    }
    w->n_inners++;
    return 1;
}

/* Nodes that the tree does not use are on the list, each once: a list that ends has no node twice. */
static int auc_free_is_sound(const kedge_i_auc_tree *t, const auc_nodes *v, uint32_t level, uint32_t n_used)
{
    uint32_t n = level > 0 ? t->n_inners : t->n_leaves;
    uint32_t node = level > 0 ? t->free_inner : t->free_leaf;
    for (uint32_t i = n_used; i < n; i++) {
        if (node >= n || *auc_size(v, level, node) != 0 || (level == t->height && node == t->root))
            return 0;
        node = level > 0 ? v->children[(size_t)node * AUC_INNER_MOST] : v->places[(size_t)node * AUC_LEAF_MOST];
    }
    return node == AUC_NONE;
}

/* Twice the pairs that marked records win, once the tree is known to be sound. */
static uint64_t auc_walk_pairs(const auc_walk *w)
{
    uint64_t pairs = 0;
    for (uint32_t i = 0; i < w->n_ring; i++)
        if (w->marks[i])
            pairs += kedge_i_auc_tree_pairs(w->t, w->scores[i], 1);
    return pairs;
}

int kedge_i_auc_tree_check(const kedge_i_auc_tree *t, const double *scores, const uint8_t *marks, uint32_t n, uint64_t pairs)
{
    if (t->height > AUC_MAX_HEIGHT || t->n != n)
        return 0;
    const auc_nodes v = auc_tree_view(t);
    auc_walk w;
    memset(&w, 0, sizeof w);
    w.v = &v;
    w.t = t;
    w.scores = scores;
    w.marks = marks;
    w.n_ring = n;
    return auc_walk_node(&w, t->height, t->root, -(double)INFINITY, 0) && w.all == n && w.marked == t->n_marked &&
           auc_free_is_sound(t, &v, 0, w.n_leaves) && auc_free_is_sound(t, &v, 1, w.n_inners) && auc_walk_pairs(&w) == pairs;
}
