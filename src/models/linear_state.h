/* SPDX-License-Identifier: MIT */
/* The state of linear.c and the bounds that keep all of its arithmetic finite. */
#ifndef KEDGE_MODELS_LINEAR_STATE_H
#define KEDGE_MODELS_LINEAR_STATE_H

#include "kedge/models/linear.h"

#include "models/linear_serve.h"

/* With LINEAR_INPUT_MAX and LINEAR_INPUT_MIN of linear_serve.h: no product below leaves the range of doubles, whatever the rows:
 * margins are sums of 65,537 weights times inputs (1e255), slopes at most two targets times a row's weight (2e109), a step at most
 * a slope times an input times a rate (2e211). */
#define LINEAR_WEIGHT_MAX 1e150
#define LINEAR_GRADIENT_MAX 1e100
#define LINEAR_GRADIENT_MIN 1e-150
#define LINEAR_CURVED_MAX 1e150 /* of a step's effect on the margin by unit of slope */

enum { LINEAR_MAX_SLOTS = 5 };

typedef struct linear_state {
    kedge_model_state model;
    double rate;
    double decay;
    double memory;
    double beta;
    double l1;
    double l2;
    double aggressiveness;
    double alpha;
    double delta;
    double quantile;
    double epsilon;
    double norm;            /* normalised gradient: sum over all rows of the squared normalised inputs */
    double offset;          /* normalised gradient, regression: running mean of the target */
    double unit;            /* likewise: running mean absolute deviation from it, >= 0 */
    uint32_t loss;
    uint32_t optimiser;
    uint32_t n_vectors;     /* layout: 1 for a regression and for two classes, else n_classes */
    uint32_t n_inputs;      /* layout: n_features + 1, the last one is the constant 1 */
    uint32_t n_slots;       /* layout: numbers that the optimiser keeps for a weight, itself included */
    uint32_t n_parameters;  /* layout: n_vectors * n_slots * n_inputs */
    uint32_t n_scales;      /* layout: n_features for the normalised gradient, else 0 */
    uint32_t n_balls;       /* layout: n_vectors * 3 for ALMA, else 0 */
    uint32_t n_scratch;     /* layout: 2 * n_inputs + n_vectors */
    uint32_t at_parameters; /* layout: double[vector][slot][input], slot 0 the weights */
    uint32_t at_scales;     /* layout: double[n_features], greatest magnitude so far */
    uint32_t at_balls;      /* layout: linear_ball[vector] */
    uint32_t at_scratch;    /* layout: inputs, their directions, margins of the vectors; zero between calls */
    uint32_t reserved;
} linear_state;

/* ALMA: what it knows of a vector besides the weights. */
typedef struct linear_ball {
    double scale;  /* the vector is this times the weights in slot 0, (0, 1]; so that a projection costs O(1) */
    double square; /* squared norm of the vector, at most 1 */
    double steps;  /* corrections so far */
} linear_ball;

/* A row that is being learned: inputs clean and, for the normalised gradient, normalised; the last one is the constant. */
typedef struct linear_view {
    const uint32_t *index; /* where the inputs stand, but for the constant; NULL: all of them, in order */
    double *inputs;        /* n_inputs of them */
    double *along;         /* room for as many */
    uint32_t n_inputs;
    uint32_t at_constant;  /* where the constant stands */
} linear_view;

static inline uint32_t linear_position(const linear_view *x, const uint32_t *index, uint32_t j)
{
    if (!index)
        return j;
    return j + 1 < x->n_inputs ? index[j] : x->at_constant;
}

#endif
