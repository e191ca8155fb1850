/* SPDX-License-Identifier: MIT */
/* Frozen trees of any kind: that they are trees, and the way down to a leaf, as tree.c has it. */
#ifndef KEDGE_MODELS_FROZEN_WALK_H
#define KEDGE_MODELS_FROZEN_WALK_H

#include "models/frozen_tree.h"

#include "base/lanes.h"
#include "models/row.h"
#include "models/tree_state.h"

enum { FROZEN_INPUT_POWER = 431 }; /* 2^431 is less than TREE_INPUT_MAX */

/* Where the writer stood: each node, number and word has one owner, in the order in which they were written, so looking at all
 * takes O(bytes). */
typedef struct frozen_pen {
    uint32_t next_node;
    uint32_t next_double;
    uint32_t next_word;
} frozen_pen;

static inline int frozen_split_is_sound(const frozen_head *h, const frozen_node *n, frozen_pen *p)
{
    uint32_t feature = n->what & FROZEN_FEATURE;
    if ((n->what & ~(FROZEN_NOMINAL | FROZEN_MISSING_SECOND | FROZEN_FEATURE)) != 0 || feature >= h->n_features ||
        frozen_is_nominal(frozen_words(h), feature) != ((n->what & FROZEN_NOMINAL) != 0) || n->child != p->next_node ||
        h->n_nodes - p->next_node < 2)
        return 0;
    p->next_node += 2;
    return 1;
}

/* Ascending, each below `limit`? */
static inline int frozen_list_is_sound(const uint32_t *list, uint32_t n, uint32_t limit)
{
    for (uint32_t i = 0; i < n; i++)
        if (list[i] >= limit || (i > 0 && list[i] <= list[i - 1]))
            return 0;
    return 1;
}

/* A leaf's own numbers; moves the pen. */
typedef int (*frozen_leaf_check)(const frozen_head *h, const frozen_node *n, frozen_pen *p);

static inline int frozen_node_is_sound(const frozen_head *h, uint32_t i, frozen_leaf_check leaf, frozen_pen *p)
{
    const frozen_node *n = &frozen_nodes(h)[i];
    return (n->what & FROZEN_LEAF) != 0 ? leaf(h, n, p) : frozen_split_is_sound(h, n, p);
}

/* Tree after tree, as they were written; so many doubles stand before those of leaves. */
static inline int frozen_nodes_are_sound(const frozen_head *h, uint32_t n_trees, uint32_t n_ahead, frozen_leaf_check leaf)
{
    frozen_pen p = {n_trees, n_ahead, FROZEN_NOMINAL_WORDS};
    uint32_t at = n_trees;
    for (uint32_t i = 0; i < n_trees; i++) {
        if (!frozen_node_is_sound(h, i, leaf, &p))
            return 0;
        for (; at < p.next_node; at++)
            if (!frozen_node_is_sound(h, at, leaf, &p))
                return 0;
    }
    return p.next_node == h->n_nodes && p.next_double == h->n_doubles && p.next_word + p.next_word % 2 == h->n_words;
}

/* A row as trees see it. */
typedef struct frozen_view {
    const frozen_head *h;
    const kedge_row *x;
    const double *plain; /* the row's values, side by side, none of them missing or beyond TREE_INPUT_MAX; else NULL */
    int has_nominal;
} frozen_view;

static inline frozen_view frozen_look(const frozen_head *h, const kedge_row *x)
{
    frozen_view v = {h, x, kedge_i_row_plain(x), 0};
    for (uint32_t i = 0; i < FROZEN_NOMINAL_WORDS; i++)
        v.has_nominal |= frozen_words(h)[i] != 0;
    if (v.plain && !kedge_i_all_below(v.plain, h->n_features, FROZEN_INPUT_POWER))
        v.plain = NULL;
    return v;
}

static inline uint32_t frozen_category(const frozen_head *h, double value)
{
    uint32_t n_values = h->params[FROZEN_VALUES];
    double within = value >= 0.0 && value < (double)n_values ? value : (double)n_values - 1.0; /* chosen before it is converted */
    return (uint32_t)within;
}

static inline uint32_t frozen_side(const frozen_view *v, const frozen_node *n)
{
    double value = kedge_i_row_at(v->x, n->what & FROZEN_FEATURE);
    if (value != value)
        return (n->what & FROZEN_MISSING_SECOND) != 0;
    return (n->what & FROZEN_NOMINAL) != 0 ? (double)frozen_category(v->h, value) != n->threshold : value > n->threshold;
}

/* As tree_next(): two ways on instead of a sum, so that a processor that guesses need not wait. */
static inline const frozen_node *frozen_find(const frozen_view *v, uint32_t root)
{
    const frozen_node *nodes = frozen_nodes(v->h);
    const frozen_node *n = nodes + root;
    while ((n->what & FROZEN_LEAF) == 0) {
        const frozen_node *child = nodes + n->child;
        if (!v->plain || (n->what & FROZEN_NOMINAL) != 0)
            n = child + frozen_side(v, n);
        else if (TREE_GUESSED(v->plain[n->what & FROZEN_FEATURE] > n->threshold))
            n = child + 1;
        else
            n = child;
    }
    return n;
}

static inline const double *frozen_leaf_doubles(const frozen_head *h, const frozen_node *n)
{
    return frozen_doubles(h) + n->child;
}

/* The words of a leaf that has some. */
static inline const uint32_t *frozen_leaf_words(const frozen_head *h, const frozen_node *n)
{
    return frozen_words(h) + (uint32_t)n->threshold;
}

#endif
