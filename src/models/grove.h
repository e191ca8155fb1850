/* SPDX-License-Identifier: MIT */
/* Binary trees that are grown once: all of the same room, side by side in a state. Node 0 of a tree is its root, children stand
 * behind their parents, and a child is a node or, with GROVE_LEAF, a leaf. Thresholds are values of the features, so a walk needs
 * no bins. */
#ifndef KEDGE_MODELS_GROVE_H
#define KEDGE_MODELS_GROVE_H

#include <math.h>

#include "base/arena.h"
#include "models/row.h"

enum {
    GROVE_LEAF = 0x8000,          /* in a child: a leaf */
    GROVE_NOMINAL = 1 << 16,      /* in a node's first word, beside the feature */
    GROVE_MISSING_LEFT = 1 << 17, /* missing values go left */
    GROVE_FEATURE = 0xFFFF,
    GROVE_SET = 8 /* words of a set of categories */
};

/* Filled by kedge_i_grove_layout(), but for the first two. Fields of a state. */
typedef struct grove {
    uint32_t n_trees;  /* value: trees grown */
    uint32_t reserved;
    uint32_t max_trees;
    uint32_t max_leaves; /* of a tree */
    uint32_t width;      /* numbers of a leaf */
    uint32_t n_codes;    /* categories of a nominal feature */
    uint32_t at_leaves, n_leaves;         /* uint32_t a tree: its leaves */
    uint32_t at_thresholds, n_thresholds; /* double a node */
    uint32_t at_nodes, n_nodes;           /* two uint32_t a node: feature and flags; left and right child */
    uint32_t at_values, n_values;         /* width doubles a leaf */
    uint32_t at_sets, n_sets;             /* GROVE_SET uint32_t a node: categories that go left; none without nominal features */
} grove;

#define GROVE_ARRAYS(state, member)                                                                \
    KEDGE_ARRAY(state, member.at_leaves, member.n_leaves, KEDGE_TYPE_U32),                         \
        KEDGE_ARRAY(state, member.at_thresholds, member.n_thresholds, KEDGE_TYPE_F64),             \
        KEDGE_ARRAY(state, member.at_nodes, member.n_nodes, KEDGE_TYPE_U32),                       \
        KEDGE_ARRAY(state, member.at_values, member.n_values, KEDGE_TYPE_F64),                     \
        KEDGE_ARRAY(state, member.at_sets, member.n_sets, KEDGE_TYPE_U32)

/* The arrays of one tree. */
typedef struct grove_tree {
    double *thresholds;
    uint32_t *nodes;
    double *values;
    uint32_t *sets; /* NULL: no nominal features */
    uint32_t *n_leaves;
} grove_tree;

/* Are the bits of a set of features all below n_features? */
int kedge_i_grove_features_within(const uint64_t set[4], uint32_t n_features);

static inline int grove_has(const uint64_t set[4], uint32_t feature)
{
    return feature < 256 && (set[feature / 64] >> feature % 64 & 1) != 0;
}

void kedge_i_grove_layout(grove *g, kedge_i_arena *arena, uint32_t max_trees, uint32_t max_leaves, uint32_t width,
                          const uint64_t nominal[4]);
void kedge_i_grove_clear(void *state, grove *g);
grove_tree kedge_i_grove_tree(void *state, const grove *g, uint32_t tree);

/* May the trees be walked, whatever their bytes? Numbers of leaves are within +-limit. */
int kedge_i_grove_check(const void *state, const grove *g, uint32_t n_features, const uint64_t nominal[4], double limit);

uint64_t kedge_i_grove_count(const void *state, const grove *g); /* leaves of all trees */

static inline uint32_t grove_code(double x, uint32_t n_codes)
{
    double code = x >= 0.0 && x < n_codes ? x : (double)n_codes - 1.0; /* chosen before it is converted, which raises a flag for
                                                                        * numbers beyond */
    return (uint32_t)code;
}

static inline int grove_goes_left(uint32_t what, double threshold, const uint32_t *set, double x, uint32_t n_codes)
{
    if (x != x)
        return (what & GROVE_MISSING_LEFT) != 0;
    if ((what & GROVE_NOMINAL) == 0)
        return x <= threshold;
    uint32_t code = grove_code(x, n_codes);
    return (int)(set[code / 32] >> code % 32 & 1);
}

/* What a node looks at; `plain` are the numbers of a row where they lie side by side, as most do. */
static inline double grove_value(const kedge_row *x, const double *plain, uint32_t what)
{
    uint32_t i = what & GROVE_FEATURE;
    return plain ? plain[i] : kedge_i_row_at(x, i);
}

/* A child of node `at`: a node behind it, or a leaf that there is. */
static inline int grove_child_is_sound(uint32_t child, uint32_t at, uint32_t n_leaves)
{
    return child >= GROVE_LEAF ? child - GROVE_LEAF < n_leaves : child > at && child < n_leaves - 1;
}

/* The leaf of a row in a tree. */
static inline uint32_t grove_walk(const void *state, const grove *g, uint32_t tree, const kedge_row *x)
{
    size_t first = (size_t)tree * (g->max_leaves - 1);
    const uint32_t *nodes = (const uint32_t *)kedge_i_at_const(state, g->at_nodes) + 2 * first;
    const double *thresholds = (const double *)kedge_i_at_const(state, g->at_thresholds) + first;
    const uint32_t *sets = (const uint32_t *)kedge_i_at_const(state, g->at_sets) + (g->n_sets > 0 ? GROVE_SET * first : 0);
    const double *plain = kedge_i_row_plain(x);
    uint32_t at = ((const uint32_t *)kedge_i_at_const(state, g->at_leaves))[tree] > 1 ? 0 : GROVE_LEAF;
    while (at < GROVE_LEAF) {
        const uint32_t *node = nodes + 2 * (size_t)at;
        double value = grove_value(x, plain, node[0]);
        int left = grove_goes_left(node[0], thresholds[at], sets + GROVE_SET * (size_t)at, value, g->n_codes);
        at = left ? node[1] & 0xFFFF : node[1] >> 16;
    }
    return at - GROVE_LEAF;
}

/* The numbers of a row's leaf. */
static inline const double *grove_at(const void *state, const grove *g, uint32_t tree, const kedge_row *x)
{
    size_t leaf = (size_t)tree * g->max_leaves + grove_walk(state, g, tree, x);
    return (const double *)kedge_i_at_const(state, g->at_values) + leaf * g->width;
}

#endif
