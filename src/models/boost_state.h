/* SPDX-License-Identifier: MIT */
/* Gradient boosting: the state, a fit's work memory and the growth of one tree. */
#ifndef KEDGE_MODELS_BOOST_STATE_H
#define KEDGE_MODELS_BOOST_STATE_H

#include "kedge/models/gradient_boosting.h"

#include "models/bin_table.h"
#include "models/grove.h"

#define BOOST_STEP_MAX 100.0     /* of a leaf's correction */
#define BOOST_VALUE_MAX 1e110    /* of a number in a state */

typedef struct boost_state {
    kedge_model_state model;
    double learning_rate, l2, min_gain, min_hessian, row_share, feature_share, holdout;
    uint64_t seed;
    uint64_t nominal[4], rising[4], falling[4];
    uint32_t loss, n_rounds, max_leaves, max_depth, min_rows, n_bins, hold, patience;
    double holdout_loss;
    uint32_t n_tried;
    uint32_t n_held_out;
    grove grove;
    uint32_t at_bases; /* n_outputs doubles: where the sums start */
    uint32_t n_outputs;
} boost_state;

/* First derivative, second derivative. */
typedef struct boost_pair {
    double g, h;
} boost_pair;

typedef struct boost_bin {
    double g, h;
    uint64_t n; /* rows */
} boost_bin;

typedef struct boost_split {
    double gain; /* above min_gain; 0: there is none */
    double g_left, h_left;
    double left, right; /* the children's steps, which part the range of a constrained feature */
    uint64_t n_left;
    uint64_t set[4]; /* of a nominal feature: categories that go left */
    uint32_t feature;
    uint32_t bin;    /* of a numeric one: the last that goes left */
    uint32_t missing_left;
    uint32_t reserved;
} boost_split;

/* A leaf of the tree that grows. */
typedef struct boost_leaf {
    size_t first, n;  /* its rows in `order` */
    double g, h;
    double low, high; /* bounds of its step, by constrained features above */
    double step;
    uint32_t depth;
    uint32_t node;    /* parent */
    uint32_t is_left;
    uint32_t slot;    /* of its histograms; BOOST_NO_SLOT: it is not split any more */
    boost_split best;
} boost_leaf;

#define BOOST_NO_SLOT UINT32_MAX

/* Where a fit's work memory has its arrays, in bytes. */
typedef struct boost_plan {
    uint64_t codes, edges, n_bins, features, chosen, offsets, rows, order, spare, pairs, ordered, scores, norms, histograms,
        free_slots, leaves;
    uint64_t slots;
    uint64_t total;
} boost_plan;

typedef struct boost_fit {
    boost_state *s;
    bin_table table;
    const double *y;
    const double *weight;   /* NULL: all 1 */
    double weight_mean;     /* which is the unit of weights */
    double gain_unit;       /* of a split's gain, in what min_gain is in */
    double base, unit, inverse_unit; /* a regression's scores are in units, from the base on */
    size_t n_train, n_held; /* `rows` has these, ascending, then those */
    size_t n_grown;         /* rows of a tree, in front in `order`, then the rest of the training rows */
    uint32_t *rows, *order, *spare;
    boost_pair *pairs;      /* of all rows of the table */
    boost_pair *ordered;    /* of a leaf's rows, side by side */
    double *scores;         /* n_rows of output 0, then of output 1 ... */
    double *norms;          /* with more than two classes: log of the sum of exp(score) */
    boost_bin *histograms;  /* `slots` times `slot_bins` */
    size_t slot_bins;       /* of all features */
    uint32_t *offsets;      /* of a feature in a slot */
    uint32_t *chosen;       /* features of this tree */
    uint32_t n_chosen;
    uint32_t *free_slots;   /* a stack */
    uint32_t n_free;
    uint32_t n_leaves;
    boost_leaf *leaves;
    grove_tree tree;
    kedge_rng rng;
    int is_bounded;         /* any constrained feature? */
} boost_fit;

boost_plan kedge_i_boost_plan(const boost_state *s, size_t n_rows);
kedge_status kedge_i_boost_fit(boost_state *s, const kedge_rows *x, const double *y, const double *weight, void *work);

/* boost_tree.c: grow `tree` on the first n_grown rows of `order` by `pairs`; leaves' rows stay side by side in `order`, their steps
 * in `leaves`. */
void kedge_i_boost_grow(boost_fit *f);

/* boost_split.c: the best split of a leaf by its histograms. */
void kedge_i_boost_find(const boost_fit *f, boost_leaf *leaf);
double kedge_i_boost_step(const boost_state *s, double g, double h, double low, double high);

/* boost_loss.c: where the sums start (in units; scores are set to it), the derivatives of output k, the steps of leaves that are
 * medians, and the mean loss of the rows held out. */
void kedge_i_boost_start(boost_fit *f);
void kedge_i_boost_norms(boost_fit *f);
void kedge_i_boost_derive(boost_fit *f, uint32_t k);
void kedge_i_boost_medians(boost_fit *f, uint32_t k);
double kedge_i_boost_held_loss(const boost_fit *f);

static inline int boost_is_log(const boost_state *s)
{
    return s->model.n_classes > 0;
}

static inline int boost_is_absolute(const boost_state *s)
{
    return s->model.n_classes == 0 && s->loss == KEDGE_BOOST_ABSOLUTE;
}

static inline double boost_weight(const boost_fit *f, size_t row)
{
    return f->weight ? f->weight[row] / f->weight_mean : 1.0;
}

static inline boost_bin *boost_histogram(const boost_fit *f, uint32_t slot)
{
    return f->histograms + slot * f->slot_bins;
}

#endif
