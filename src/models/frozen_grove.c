/* SPDX-License-Identifier: MIT */
/* Frozen random forests and gradient boosting: the same walk and the same sums as alive. */
#include "base/fp.h"

#include "models/frozen_grove.h"

#include "base/number.h"
#include "models/grove_answer.h"

/* A node of a tree with so many leaves; `next_word` is where its set has to be. */
static int frozen_grove_node_is_sound(const frozen_head *h, const frozen_node *n, uint32_t at, uint32_t n_leaves,
                                      uint32_t *next_word)
{
    const uint32_t flags = GROVE_NOMINAL | GROVE_MISSING_LEFT;
    if ((n->what & ~(GROVE_FEATURE | flags)) != 0 || (n->what & GROVE_FEATURE) >= h->n_features ||
        !grove_child_is_sound(n->child & 0xFFFF, at, n_leaves) || !grove_child_is_sound(n->child >> 16, at, n_leaves))
        return 0;
    if ((n->what & GROVE_NOMINAL) == 0)
        return 1;
    if (n->threshold != (double)*next_word || h->n_words - *next_word < GROVE_SET)
        return 0;
    *next_word += GROVE_SET;
    return 1;
}

/* Trees follow each other without a gap, and each node stands in one. */
static int frozen_grove_trees_are_sound(const frozen_head *h)
{
    const uint32_t n_trees = h->params[FROZEN_GROVE_TREES];
    const uint32_t *leaves = frozen_words(h);
    uint32_t next_word = n_trees + 1;
    uint32_t next_node = 0;
    if (leaves[0] != 0)
        return 0;
    for (uint32_t t = 0; t < n_trees; t++) {
        uint32_t n = leaves[t + 1] - leaves[t];
        if (leaves[t + 1] < leaves[t] || !kedge_i_u32_within(n, 1, GROVE_LEAF) || n - 1 > h->n_nodes - next_node)
            return 0;
        for (uint32_t i = 0; i + 1 < n; i++)
            if (!frozen_grove_node_is_sound(h, &frozen_nodes(h)[next_node + i], i, n, &next_word))
                return 0;
        next_node += n - 1;
    }
    return next_node == h->n_nodes && next_word + next_word % 2 == h->n_words;
}

/* Shares of classes are not negative, and make 1. */
static int frozen_grove_shares_are_sound(const frozen_head *h, const double *leaf, uint32_t n_leaves)
{
    for (uint32_t i = 0; i < n_leaves; i++, leaf += h->n_classes) {
        double sum = 0.0;
        if (!frozen_all_within(leaf, h->n_classes, 0.0, 1.0 + 1e-9))
            return 0;
        for (uint32_t c = 0; c < h->n_classes; c++)
            sum += leaf[c];
        if (!kedge_i_within(sum, 1.0 - 1e-9, 1.0 + 1e-9))
            return 0;
    }
    return 1;
}

static int frozen_grove_is_sound(const frozen_head *h)
{
    uint32_t n_trees = h->params[FROZEN_GROVE_TREES];
    uint32_t sums = h->params[FROZEN_GROVE_SUMS];
    uint32_t ahead = frozen_grove_ahead(h->n_classes, sums);
    if (h->n_parts != 0 || sums > 1 || !kedge_i_u32_within(h->params[FROZEN_GROVE_CODES], 2, 32 * GROVE_SET) ||
        n_trees >= h->n_words || (n_trees == 0 && !sums) || !frozen_grove_trees_are_sound(h))
        return 0;
    uint32_t n_leaves = frozen_words(h)[n_trees];
    return h->n_doubles == ahead + (uint64_t)n_leaves * frozen_grove_width(h->n_classes, sums) &&
           frozen_all_within(frozen_doubles(h), h->n_doubles, -FROZEN_GROVE_VALUE_MAX, FROZEN_GROVE_VALUE_MAX) &&
           (sums || h->n_classes == 0 || frozen_grove_shares_are_sound(h, frozen_doubles(h), n_leaves));
}

static const double *frozen_grove_leaf(const void *block, uint32_t tree, const kedge_row *x)
{
    const frozen_head *h = block;
    const uint32_t *words = frozen_words(h);
    const frozen_node *nodes = frozen_nodes(h) + (words[tree] - tree);
    const double *plain = kedge_i_row_plain(x);
    uint32_t sums = h->params[FROZEN_GROVE_SUMS];
    uint32_t at = words[tree + 1] - words[tree] > 1 ? 0 : GROVE_LEAF;
    while (at < GROVE_LEAF) {
        const frozen_node *n = nodes + at;
        double value = grove_value(x, plain, n->what);
        const uint32_t *set = (n->what & GROVE_NOMINAL) != 0 ? words + (uint32_t)n->threshold : NULL;
        int left = grove_goes_left(n->what, n->threshold, set, value, h->params[FROZEN_GROVE_CODES]);
        at = left ? n->child & 0xFFFF : n->child >> 16;
    }
    size_t leaf = (size_t)words[tree] + (at - GROVE_LEAF);
    return frozen_doubles(h) + frozen_grove_ahead(h->n_classes, sums) + leaf * frozen_grove_width(h->n_classes, sums);
}

static grove_view frozen_grove_view(const frozen_head *h)
{
    uint32_t sums = h->params[FROZEN_GROVE_SUMS];
    grove_view v = {h, frozen_grove_leaf, h->params[FROZEN_GROVE_TREES], h->n_classes, 0, frozen_doubles(h)};
    v.n_outputs = sums ? frozen_grove_ahead(h->n_classes, 1) : frozen_grove_width(h->n_classes, 0);
    return v;
}

static void frozen_grove_predict(const frozen_head *h, const kedge_row *x, double *y)
{
    grove_view v = frozen_grove_view(h);
    *y = h->params[FROZEN_GROVE_SUMS] ? grove_boost_predict(&v, x) : grove_forest_predict(&v, x);
}

static void frozen_grove_score(const frozen_head *h, const kedge_row *x, double *scores)
{
    grove_view v = frozen_grove_view(h);
    if (h->params[FROZEN_GROVE_SUMS])
        grove_boost_score(&v, x, scores);
    else
        grove_forest_score(&v, x, scores);
}

const frozen_kind kedge_i_frozen_grove = {frozen_grove_is_sound, frozen_grove_predict, frozen_grove_score};
