/* SPDX-License-Identifier: MIT */
/* Classification trees that grow by the Hoeffding bound, any number in one pool: how rows find their leaf, what leaves keep, and
 * when they split.
 *
 * Domingos, Hulten 2000, "Mining high-speed data streams", KDD, table 1 (the tree); Gama, Rocha, Medas 2003, "Accurate decision
 * trees for mining high-speed data streams", KDD (naive Bayes in leaves); Holmes, Kirkby, Pfahringer 2005, "Stress-testing
 * Hoeffding trees", PKDD (adaptive leaves); Kirkby 2007, "Improving Hoeffding trees", PhD thesis, section 5 (normal distributions
 * of numeric features, ten thresholds; memory management by promise). */
#ifndef KEDGE_MODELS_TREE_STATE_H
#define KEDGE_MODELS_TREE_STATE_H

#include <string.h>

#include "kedge/models/tree.h"

#include "models/row.h"
#include "models/tree_pool.h"

#define TREE_INPUT_MAX 1e130   /* beyond, a feature counts as that: squares, summed with weights, stay finite */
#define TREE_WEIGHT_MAX 1e25     /* of the rows of one leaf; beyond, it learns no more */
#define TREE_NOMINAL 0x80000000u /* flag of a split's feature: the first child takes the rows whose value is the threshold */

/* A condition for a branch: else compilers choose by a number, which is there later than a guess. */
#ifdef __has_builtin
#if __has_builtin(__builtin_expect_with_probability)
#define TREE_GUESSED(condition) __builtin_expect_with_probability((condition), 1, 0.99)
#endif
#endif
#ifndef TREE_GUESSED
#define TREE_GUESSED(condition) (condition)
#endif

/* A block: these, weights of the classes, features that the leaf looks at if not all, and a slot for each. */
enum { TREE_OWNER, TREE_TOTAL, TREE_TRIED, TREE_MAJORITY_RIGHT, TREE_BAYES_RIGHT, TREE_WEIGHTS };

/* A slot of a numeric feature: least, greatest, one over their distance (0: a constant), and of each class weight, mean, sum of
 * squared deviations, least, greatest. Of a nominal one: weight by class and value. */
enum { TREE_LOW, TREE_HIGH, TREE_UNIT, TREE_CLASSES, TREE_MOMENTS = 5 };

typedef struct tree_state {
    kedge_model_state model;
    double delta;
    double tie;
    uint64_t seed;
    uint64_t nominal[4];
    uint32_t memory;
    uint32_t grace;
    uint32_t n_splits;
    uint32_t n_values;
    uint32_t leaf;
    uint32_t n_subset;   /* features that a leaf looks at */
    uint32_t at_subset;  /* layout: in a block */
    uint32_t at_slots;   /* layout: in a block */
    uint32_t slot_words; /* layout */
    uint32_t n_trees;    /* layout: most at a time */
    uint32_t n_without;  /* leaves without a block */
    uint32_t keeps;      /* layout: splits keep their blocks; 0: they give them back */
    kedge_rng rng;
    tree_pool pool;
} tree_state;

#define TREE_PARAMS(type)                                                                         \
    KEDGE_PARAM(type, tree.model.n_features, KEDGE_TYPE_U32), KEDGE_PARAM(type, tree.model.n_classes, KEDGE_TYPE_U32), \
        KEDGE_PARAM(type, tree.delta, KEDGE_TYPE_F64), KEDGE_PARAM(type, tree.tie, KEDGE_TYPE_F64), \
        KEDGE_PARAM(type, tree.seed, KEDGE_TYPE_U64), KEDGE_PARAM(type, tree.nominal[0], KEDGE_TYPE_U64), \
        KEDGE_PARAM(type, tree.nominal[1], KEDGE_TYPE_U64), KEDGE_PARAM(type, tree.nominal[2], KEDGE_TYPE_U64), \
        KEDGE_PARAM(type, tree.nominal[3], KEDGE_TYPE_U64), KEDGE_PARAM(type, tree.memory, KEDGE_TYPE_U32), \
        KEDGE_PARAM(type, tree.grace, KEDGE_TYPE_U32), KEDGE_PARAM(type, tree.n_splits, KEDGE_TYPE_U32), \
        KEDGE_PARAM(type, tree.n_values, KEDGE_TYPE_U32), KEDGE_PARAM(type, tree.leaf, KEDGE_TYPE_U32), \
        KEDGE_PARAM(type, tree.n_subset, KEDGE_TYPE_U32)
#define TREE_VALUES(type)                                                                         \
    KEDGE_VALUE(type, tree.model.n_learned, KEDGE_TYPE_COUNT), KEDGE_VALUE(type, tree.n_without, KEDGE_TYPE_U32), \
        KEDGE_VALUE(type, tree.rng.state, KEDGE_TYPE_U64), TREE_POOL_VALUES(type, tree.pool)
#define TREE_ARRAYS(type) TREE_POOL_ARRAYS(type, tree.pool)

/* A feature within TREE_INPUT_MAX; NaN, missing, stays one. By its bits, since comparing NaN by order raises a flag, and compilers
 * compute both sides of a choice. */
static inline double tree_input(const kedge_row *x, uint32_t i)
{
    const uint64_t sign = (uint64_t)1 << 63, limit = 0x5aecda62055b2d9eu, infinite = 0x7ff0000000000000u;
    double value = kedge_i_row_at(x, i);
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    if ((bits & ~sign) > limit && (bits & ~sign) <= infinite) {
        bits = (bits & sign) | limit;
        memcpy(&value, &bits, sizeof value);
    }
    return value;
}

static inline int tree_is_nominal(const tree_state *t, uint32_t feature)
{
    return feature < 256 && (t->nominal[feature / 64] >> feature % 64 & 1);
}

/* The feature of a block's i-th slot. */
static inline uint32_t tree_slot_feature(const tree_state *t, const double *block, uint32_t i)
{
    return t->n_subset == t->model.n_features ? i : (uint32_t)block[t->at_subset + i];
}

/* The category that a nominal value is; what is no number from 0 to n_values - 1 counts as the last. */
static inline uint32_t tree_category(const tree_state *t, double value)
{
    double within =
        value >= 0.0 && value < (double)t->n_values ? value : (double)t->n_values - 1.0; /* chosen before it is converted */
    return (uint32_t)within;
}

/* Which child of a split takes the row: 0 or 1. A missing value goes where most rows went. */
static inline uint32_t tree_side(const tree_state *t, const tree_node *nodes, const tree_node *n, const kedge_row *x)
{
    uint32_t feature = tree_feature(n);
    double value = kedge_i_row_at(x, feature & ~TREE_NOMINAL);
    if (value != value) {
        const tree_node *child = &nodes[tree_child(n)];
        return child[1].weight > child[0].weight;
    }
    return (feature & TREE_NOMINAL) != 0 ? (double)tree_category(t, value) != n->threshold : value > n->threshold;
}

/* The child of a split that takes the row, whose values are `plain` if they lie side by side. Two ways on instead of a sum: rows
 * often follow the ones before, and a processor that guesses the way need not wait for the values. */
static inline const tree_node *tree_next(const tree_state *t, const tree_node *nodes, const tree_node *n, const kedge_row *x,
                                         const double *plain)
{
    const tree_node *child = nodes + tree_child(n);
    uint32_t feature = tree_feature(n);
    if (!plain || (feature & TREE_NOMINAL) != 0 || plain[feature] != plain[feature])
        return child + tree_side(t, nodes, n, x);
    if (TREE_GUESSED(plain[feature] > n->threshold))
        return child + 1;
    return child;
}

static inline const tree_node *tree_leaf_of(const tree_state *t, const tree_node *nodes, uint32_t root, const kedge_row *x)
{
    const double *plain = kedge_i_row_plain(x);
    const tree_node *n = nodes + root;
    while (n->split != 0)
        n = tree_next(t, nodes, n, x, plain);
    return n;
}

static inline uint32_t tree_find(const tree_state *t, const tree_node *nodes, uint32_t at, const kedge_row *x)
{
    return (uint32_t)(tree_leaf_of(t, nodes, at, x) - nodes);
}

typedef struct tree_split {
    uint32_t feature;  /* with TREE_NOMINAL */
    uint32_t category; /* of a nominal feature; the threshold is the same number */
    double threshold;
    double merit;      /* information gain, bits; 0: there is none */
    double second;     /* the best of another feature, or 0 */
} tree_split;

void kedge_i_tree_growth_defaults(kedge_tree_growth *g);
/* What `memory` is by default: a size, or what that many blocks need. */
uint32_t kedge_i_tree_memory(uint32_t n_features, uint32_t n_classes, uint32_t least, uint32_t n_blocks);
void kedge_i_tree_configure(tree_state *t, const kedge_model_config *base, const kedge_tree_growth *g);
/* A regression's trees have no classes: other classes must ask for some themselves. */
int kedge_i_tree_valid(const tree_state *t);
/* Lays the pool out in what `memory` leaves behind the arena's beginning. 0: too little. */
int kedge_i_tree_plan(tree_state *t, kedge_i_arena *arena, uint32_t n_trees);
/* A new root; call start first, which seeds. */
void kedge_i_tree_start(tree_state *t);
uint32_t kedge_i_tree_new(tree_state *t);
/* Give a tree's room back. */
void kedge_i_tree_drop(tree_state *t, uint32_t root);
/* A block for a leaf without one, from one that promises less if none is free. 0: it has still none. */
int kedge_i_tree_seek_block(tree_state *t, uint32_t node);
/* Now and then: does a leaf without a block deserve one? */
void kedge_i_tree_review(tree_state *t);
/* Are pool and blocks sound, with that many trees? */
int kedge_i_tree_check(const tree_state *t, uint32_t n_trees);

/* *says: the class that the tree said before it learned the row, NULL: nobody asks; with weight 0 it only says that. */
void kedge_i_tree_learn(tree_state *t, uint32_t root, const kedge_row *x, uint32_t label, double weight, uint32_t *says);
/* What a tree says of a row before it has learned it and afterwards, and, if votes is not NULL, what it thought of all classes
 * before: shares of scale, added. */
typedef struct tree_said {
    double scale;
    double *votes;
    uint32_t before, after;
} tree_said;
void kedge_i_tree_learn_and_say(tree_state *t, uint32_t root, const kedge_row *x, uint32_t label, double weight, tree_said *said);
/* From a root to the leaf that takes the row; nodes count its weight. */
uint32_t kedge_i_tree_pass(tree_state *t, uint32_t root, const kedge_row *x, double weight);
/* Now and then a leaf with a block splits, if that is the best split by the bound. */
void kedge_i_tree_try(tree_state *t, uint32_t node);
/* The same for a leaf that the row has come to; it does not try to split. */
void kedge_i_tree_learn_leaf(tree_state *t, uint32_t leaf, const kedge_row *x, uint32_t label, double weight, uint32_t *says);
/* Has a node with a block taken that much weight since it was tried last? */
int kedge_i_tree_is_due(const tree_state *t, uint32_t node, uint32_t grace);
/* The best split of a node with a block, and the bound within which its merit is known, bits. 0: its rows are of one class. */
int kedge_i_tree_best(tree_state *t, uint32_t node, tree_split *best, double *bound);
/* Split a leaf with a block, if there is room. */
void kedge_i_tree_split(tree_state *t, uint32_t node, const tree_split *split);
/* Let a leaf with a block forget all but its majority. */
void kedge_i_tree_renew(tree_state *t, uint32_t leaf);
/* Give back all below a node. */
void kedge_i_tree_cut(tree_state *t, uint32_t node);
/* Give the node's own and all below back for the tree of a root, which fits there. */
void kedge_i_tree_swap(tree_state *t, uint32_t node, uint32_t root);
/* The class that the tree says. */
uint32_t kedge_i_tree_predict(const tree_state *t, uint32_t root, const kedge_row *x);
/* Adds what it thinks of n_wanted classes from `first` on to votes: shares of `scale`; nothing if its leaf knows nothing. */
void kedge_i_tree_vote(const tree_state *t, uint32_t root, const kedge_row *x, double scale, uint32_t first, uint32_t n_wanted,
                       double *votes);

/* The same of a classifier of one tree, with its root at node 0, that looks at all features. */
int kedge_i_tree_valid_one(const tree_state *t);
int kedge_i_tree_check_one(const tree_state *t, uint32_t n_trees);
kedge_status kedge_i_tree_predict_one(const tree_state *t, const kedge_row *x, double *y);
/* Votes become shares: all alike if there are none. */
void kedge_i_tree_share(double *votes, uint32_t n);
kedge_status kedge_i_tree_score_one(const tree_state *t, const kedge_row *x, double *scores);

void kedge_i_tree_shape(const tree_state *t, kedge_tree_shape *out);

/* Of one leaf, in tree_leaf.c. */
void kedge_i_leaf_open(tree_state *t, uint32_t node);
/* Only what the row tells; the leaf does not try itself on it. */
void kedge_i_leaf_take(tree_state *t, tree_node *n, const kedge_row *x, uint32_t label, double weight);
void kedge_i_leaf_learn(tree_state *t, tree_node *n, const kedge_row *x, uint32_t label, double weight, uint32_t *says);
void kedge_i_leaf_learn_and_say(tree_state *t, tree_node *n, const kedge_row *x, uint32_t label, double weight, tree_said *said);
uint32_t kedge_i_leaf_predict(const tree_state *t, const tree_node *n, const kedge_row *x);
void kedge_i_leaf_vote(const tree_state *t, const tree_node *n, const kedge_row *x, double scale, uint32_t first, uint32_t n_wanted,
                       double *votes);
int kedge_i_leaf_check(const tree_state *t, const tree_node *n);

/* Of a split, in tree_split.c. */
tree_split kedge_i_split_find(const tree_state *t, const double *block);
/* 0: no split gains so many bits. Much less work than to find one. */
int kedge_i_split_may_gain(const tree_state *t, const double *block, double bits);
/* Information gain of a split of a feature, with TREE_NOMINAL, at a threshold. */
double kedge_i_split_merit(const tree_state *t, const double *block, uint32_t feature, double threshold);
/* Weight of the rows of a class that the leaf saw and that go to the first child, side 0, or the second, 1. */
double kedge_i_split_weight(const tree_state *t, const double *block, const tree_split *split, uint32_t c, uint32_t side);

#endif
