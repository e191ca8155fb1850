/* SPDX-License-Identifier: MIT */
/* Room and checks of trees that are grown once. */
#include "base/fp.h"

#include "models/grove.h"

#include <string.h>

#include "base/number.h"

int kedge_i_grove_features_within(const uint64_t set[4], uint32_t n_features)
{
    for (uint32_t i = 0; i < 256; i++)
        if (i >= n_features && grove_has(set, i))
            return 0;
    return 1;
}

void kedge_i_grove_layout(grove *g, kedge_i_arena *arena, uint32_t max_trees, uint32_t max_leaves, uint32_t width,
                          const uint64_t nominal[4])
{
    uint32_t nodes = kedge_i_length(max_trees, max_leaves - 1);
    g->max_trees = max_trees;
    g->max_leaves = max_leaves;
    g->width = width;
    g->n_leaves = max_trees;
    g->n_thresholds = nodes;
    g->n_nodes = kedge_i_length(nodes, 2);
    g->n_values = kedge_i_length(kedge_i_length(max_trees, max_leaves), width);
    g->n_sets = (nominal[0] | nominal[1] | nominal[2] | nominal[3]) != 0 ? kedge_i_length(nodes, GROVE_SET) : 0;
    g->at_leaves = kedge_i_arena_take(arena, g->n_leaves, sizeof(uint32_t));
    g->at_thresholds = kedge_i_arena_take(arena, g->n_thresholds, sizeof(double));
    g->at_nodes = kedge_i_arena_take(arena, g->n_nodes, sizeof(uint32_t));
    g->at_values = kedge_i_arena_take(arena, g->n_values, sizeof(double));
    g->at_sets = kedge_i_arena_take(arena, g->n_sets, sizeof(uint32_t));
}

void kedge_i_grove_clear(void *state, grove *g)
{
    g->n_trees = 0;
    memset(kedge_i_at(state, g->at_leaves), 0, g->n_leaves * sizeof(uint32_t));
    memset(kedge_i_at(state, g->at_thresholds), 0, g->n_thresholds * sizeof(double));
    memset(kedge_i_at(state, g->at_nodes), 0, g->n_nodes * sizeof(uint32_t));
    memset(kedge_i_at(state, g->at_values), 0, g->n_values * sizeof(double));
    memset(kedge_i_at(state, g->at_sets), 0, g->n_sets * sizeof(uint32_t));
}

grove_tree kedge_i_grove_tree(void *state, const grove *g, uint32_t tree)
{
    size_t first = (size_t)tree * (g->max_leaves - 1);
    grove_tree t;
    t.thresholds = (double *)kedge_i_at(state, g->at_thresholds) + first;
    t.nodes = (uint32_t *)kedge_i_at(state, g->at_nodes) + 2 * first;
    t.values = (double *)kedge_i_at(state, g->at_values) + (size_t)tree * g->max_leaves * g->width;
    t.sets = g->n_sets > 0 ? (uint32_t *)kedge_i_at(state, g->at_sets) + GROVE_SET * first : NULL;
    t.n_leaves = (uint32_t *)kedge_i_at(state, g->at_leaves) + tree;
    return t;
}

static int grove_node_is_sound(const uint32_t *node, double threshold, uint32_t at, uint32_t n_leaves, uint32_t n_features,
                               const uint64_t nominal[4])
{
    uint32_t feature = node[0] & GROVE_FEATURE;
    uint32_t flags = node[0] & ~(uint32_t)GROVE_FEATURE;
    return feature < n_features && (flags & ~(uint32_t)(GROVE_NOMINAL | GROVE_MISSING_LEFT)) == 0 &&
           grove_has(nominal, feature) == ((flags & GROVE_NOMINAL) != 0) && kedge_i_finite(threshold) &&
           grove_child_is_sound(node[1] & 0xFFFF, at, n_leaves) && grove_child_is_sound(node[1] >> 16, at, n_leaves);
}

static int grove_values_are_within(const double *values, size_t n, double limit)
{
    int all = 1;
    for (size_t i = 0; i < n; i++)
        all &= kedge_i_within(values[i], -limit, limit);
    return all;
}

int kedge_i_grove_check(const void *state, const grove *g, uint32_t n_features, const uint64_t nominal[4], double limit)
{
    const uint32_t *leaves = kedge_i_at_const(state, g->at_leaves);
    const uint32_t *nodes = kedge_i_at_const(state, g->at_nodes);
    const double *thresholds = kedge_i_at_const(state, g->at_thresholds);
    size_t room = g->max_leaves - 1;
    if (g->n_trees > g->max_trees || g->reserved != 0)
        return 0;
    for (uint32_t t = 0; t < g->n_trees; t++) {
        if (!kedge_i_u32_within(leaves[t], 1, g->max_leaves))
            return 0;
        for (uint32_t i = 0; i + 1 < leaves[t]; i++)
            if (!grove_node_is_sound(nodes + 2 * (t * room + i), thresholds[t * room + i], i, leaves[t], n_features, nominal))
                return 0;
    }
    return grove_values_are_within(kedge_i_at_const(state, g->at_values), g->n_values, limit);
}

uint64_t kedge_i_grove_count(const void *state, const grove *g)
{
    const uint32_t *leaves = kedge_i_at_const(state, g->at_leaves);
    uint64_t n = 0;
    for (uint32_t t = 0; t < g->n_trees; t++)
        n += leaves[t];
    return n;
}
