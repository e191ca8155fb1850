/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums over the rows of a table for trainers whose loss of a row depends on a linear predictor: of the loss, its gradient
 * and the weighted matrix. */
#ifndef KEDGE_GSL_IRLS_H
#define KEDGE_GSL_IRLS_H

#include "gsl/linear_model.h"
#include "gsl/newton.h"

#define KEDGE_I_IRLS_VARIANCE_MIN 1e-12 /* of a row: keeps the matrix regular where all probabilities are 0 or 1 */

/* Rows that are looked at together; arrays of `n` numbers. */
typedef struct kedge_i_irls_block {
    size_t n;
    double *eta;   /* linear predictors */
    double *y;     /* targets */
    double *share; /* weights, of all rows together 1 */
    double *slope; /* to be written: share * derivative of the loss by eta */
    double *curve; /* to be written: share * second derivative, or what is expected of it; positive */
} kedge_i_irls_block;

/* Returns the sum of share * loss, infinity where an eta is not possible. */
typedef double (*kedge_i_irls_loss)(const void *family, kedge_i_irls_block *b);

/* u[0] is the intercept at the columns' centres, u[1 + j] belongs to the standardised column j. With `loss` the mean loss of
 * a row, f(u) = loss + ridge / 2 * |u|^2, the intercept left out. */
typedef struct kedge_i_irls {
    kedge_i_newton newton;
    kedge_i_gsl_columns columns;
    const double *y;
    kedge_i_irls_loss row_loss;
    const void *family;
    double ridge;
    size_t fixed;    /* number in u that stays as it is, 0: none */
    size_t every;    /* look at every so many rows; 1: all */
    size_t capacity; /* rows in a block, a multiple of 4 */
    double *rows;    /* standardised, with 1 in front */
    double *figures; /* arrays of the block */
    double loss;     /* at the point that was evaluated last */
} kedge_i_irls;

/* Doubles of work memory, saturating. */
uint64_t kedge_i_irls_room(uint32_t n_features);

/* Hand out arrays of that room. */
void kedge_i_irls_place(kedge_i_irls *t, uint32_t n_features, double *room);

/* Measure the columns of x, through weights. KEDGE_ERR_NUMERIC: no row has one. */
kedge_status kedge_i_irls_begin(kedge_i_irls *t, const kedge_rows *x, const double *y, const double *weight);

/* Add four rows of `stride` numbers, of which `width` count, times their weights `curve`, to the upper triangle of a matrix. */
void kedge_i_irls_add_matrix(const double *rows, size_t width, size_t stride, const double *curve, double *matrix,
                             size_t matrix_stride);

/* Minimise f from newton.now, of which the intercept and the fixed number may differ from 0, and set loss. Long tables first
 * on a part of their rows, which brings the start close. */
kedge_status kedge_i_irls_minimise(kedge_i_irls *t, double tolerance, uint32_t max_iterations);

/* Weight of all rows. */
static inline double kedge_i_irls_weight(const kedge_i_irls *t)
{
    return t->columns.weight_max * t->columns.weight_sum;
}

/* A penalty beside the sum of losses as one beside their mean; bounded where rows weigh next to nothing. */
static inline double kedge_i_irls_ridge(const kedge_i_irls *t, double l2)
{
    double total = kedge_i_irls_weight(t);
    return l2 < KEDGE_I_GSL_NUMBER_MAX * total ? l2 / total : KEDGE_I_GSL_NUMBER_MAX;
}

/* Share of a row in the weight of all. */
static inline double kedge_i_irls_share(const kedge_i_irls *t, size_t i_row)
{
    return kedge_i_gsl_weight(&t->columns, i_row) / t->columns.weight_sum;
}

#endif
