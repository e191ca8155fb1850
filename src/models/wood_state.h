/* SPDX-License-Identifier: MIT */
/* Random forests of static trees: the state, and a fit's work memory. */
#ifndef KEDGE_MODELS_WOOD_STATE_H
#define KEDGE_MODELS_WOOD_STATE_H

#include "kedge/models/random_forest.h"

#include "models/bin_table.h"
#include "models/grove.h"

typedef struct wood_state {
    kedge_model_state model;
    uint64_t seed;
    uint64_t nominal[4];
    double ccp_alpha;
    uint32_t n_trees, max_leaves, max_depth, min_rows, n_subset, n_bins, bootstrap, out_of_bag;
    double bag_loss;
    uint64_t n_bag;
    grove grove;
} wood_state;

/* A leaf that may be split, and how. */
typedef struct wood_leaf {
    size_t first, n;
    uint32_t depth, node, is_left; /* parent */
    uint32_t reserved;
} wood_leaf;

typedef struct wood_split {
    double gain;
    size_t n_left;
    uint32_t feature, bin, missing_left, reserved;
    uint64_t set[4]; /* categories that go left */
} wood_split;

/* A bin has its weight, its rows and its outputs' sums. */
typedef struct wood_job {
    wood_state *s;
    bin_table table;
    const double *y;
    const double *weight;
    double weight_mean, base, unit, inverse_unit;
    uint32_t n_outputs, stride; /* doubles a bin */
    size_t n_train;
    uint32_t *rows, *order, *spare;
    double *bins, *total, *left;
    wood_leaf *queue;
    double tree_weight;              /* of the rows of the tree that grows */
    double *gains, *node_values, *leaf_values; /* with ccp_alpha: of each split, what it would say as a leaf, and room for leaves */
    uint32_t *renumbered;            /* likewise: nodes that stay */
    double *votes;                   /* out of bag: of each training row, sums over the trees that did not draw it */
    uint32_t *n_votes;               /* and how many trees */
    uint8_t *is_drawn;               /* by the tree that grows */
    grove_tree tree;
    kedge_rng rng;
} wood_job;

#define WOOD_WEIGHT_MIN 1e-290 /* of rows that are told apart */

/* A weight that can be divided by. */
static inline double wood_divisor(double weight)
{
    return weight > WOOD_WEIGHT_MIN ? weight : DBL_MAX;
}

static inline double wood_weight(const wood_job *f, size_t row)
{
    return f->weight ? f->weight[row] / f->weight_mean : 1.0;
}

/* Adds a row to a bin, or to the sums of a leaf. */
static inline void wood_add(const wood_job *f, double *bin, size_t row)
{
    double w = wood_weight(f, row);
    bin[0] += w;
    bin[1] += 1.0;
    if (f->s->model.n_classes > 0)
        bin[2 + (size_t)f->y[row]] += w;
    else
        bin[2] += w * ((f->y[row] - f->base) * f->inverse_unit);
}

/* wood_split.c: the best split among n_subset random features that vary in the leaf, whose sums are in `total`; its gain is 0 if
 * there is none. */
wood_split kedge_i_wood_find(wood_job *f, const wood_leaf *leaf);

/* wood_grow.c: a tree on the rows in `order`. */
void kedge_i_wood_grow(wood_job *f);

/* wood_prune.c: the smallest subtree of the tree just grown that costs least. */
void kedge_i_wood_prune(wood_job *f);

/* wood_bag.c: the tree just grown answers the rows that it did not draw; in the end, how right all answers were. */
void kedge_i_wood_vote(wood_job *f);
void kedge_i_wood_judge(wood_job *f);

size_t kedge_i_wood_work(const wood_state *s, size_t n_rows);
kedge_status kedge_i_wood_fit(wood_state *s, const kedge_rows *x, const double *y, const double *weight, void *work);

#endif
