/* SPDX-License-Identifier: MIT */
/* Frozen trees, what their writer and their reader agree on.
 *
 * Parameters: trees, values of a nominal feature, features that a leaf looks at, 1: a tree's scores sum to 1 even where its leaf is
 * silent. Words: which features are nominal, then what leaves need. Doubles: weights of the trees, then what leaves say. Nodes: the
 * roots first; a child stands behind its parent, so that every way down ends.
 *
 * A leaf's node has its kind and majority in `what`, where its doubles begin in `child`, and where its words begin as its
 * threshold. Naive Bayes, of the classes of which the leaf has rows. Words: how many, which, and which features it looks at if not
 * all. Doubles: of each class its base; then of each numeric feature one over its range, the classes' means, and their precisions
 * in such units (0: no value was seen); of each nominal one logarithms, those of all classes for the first value, for the second
 * ... What values that were not seen cost is in the bases. */
#ifndef KEDGE_MODELS_FROZEN_TREE_H
#define KEDGE_MODELS_FROZEN_TREE_H

#include "models/frozen_blob.h"

#define FROZEN_LEAF           0x80000000u /* flags of `what` */
#define FROZEN_NOMINAL        0x40000000u /* of a split */
#define FROZEN_MISSING_SECOND 0x20000000u /* of a split: where missing values go */
#define FROZEN_FEATURE        0x0001FFFFu /* of a split */
#define FROZEN_MAJORITY       0x0000FFFFu /* of a leaf */
#define FROZEN_SPREAD         1e-2        /* LEAF_SPREAD, LEAF_FAR and LEAF_UNSEEN of tree_leaf.c */
#define FROZEN_LEAST_WEIGHT   1e-9        /* LEAF_LEAST */
#define FROZEN_LEAF_FAR       1e6
#define FROZEN_UNSEEN         1e4

enum { FROZEN_TREES, FROZEN_VALUES, FROZEN_SUBSET, FROZEN_SHARED }; /* parameters */
enum { FROZEN_NOMINAL_WORDS = 8 };

/* Kinds of leaves, times 2^16 in `what`. */
enum {
    FROZEN_SILENT = 0,  /* adds nothing to votes */
    FROZEN_MAJORITY_OF, /* two doubles: share of the majority, share of each other class */
    FROZEN_SHARES,      /* a double for each class */
    FROZEN_BAYES
};

/* The same of trees of values. */
enum {
    FROZEN_VALUE = 0, /* a double */
    FROZEN_SLOPES /* words: how many features, which; doubles: what it says in the middle, least and greatest answer, and of each
                   * feature mean, one over its deviation, and what a deviation more adds */
};
enum { FROZEN_MIDDLE, FROZEN_LEAST, FROZEN_GREATEST, FROZEN_SLOPE_FIRST, FROZEN_SLOPE_WORDS = 3 };

static inline uint32_t frozen_leaf_kind(uint32_t what)
{
    return what >> 16 & 0x7FFFu;
}

static inline int frozen_is_nominal(const uint32_t *words, uint32_t feature)
{
    return feature < 32 * FROZEN_NOMINAL_WORDS && (words[feature / 32] >> feature % 32 & 1) != 0;
}

/* Doubles of a feature in a naive Bayes leaf with rows of so many classes. */
static inline uint64_t frozen_slot(uint32_t n_present, uint32_t n_values, int is_nominal)
{
    return is_nominal ? (uint64_t)n_values * n_present : 1u + 2u * (uint64_t)n_present;
}

#endif
