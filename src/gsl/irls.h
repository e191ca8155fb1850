/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums over the rows of a table for trainers whose loss of a row depends on a linear predictor: of the loss, its gradient
 * and the weighted matrix. */
#ifndef KEDGE_GSL_IRLS_H
#define KEDGE_GSL_IRLS_H

#include <math.h>

#include "gsl/linear_model.h"
#include "gsl/newton.h"

#define KEDGE_I_IRLS_VARIANCE_MIN 1e-12 /* of a row: keeps the matrix regular where all probabilities are 0 or 1 */

enum { KEDGE_I_IRLS_TOGETHER = 4 }; /* rows added to the matrix at once */

/* Rows that are looked at together; arrays of `n` numbers, `capacity` apart for each output. */
typedef struct kedge_i_irls_block {
    size_t n;
    double *y;     /* targets */
    double *share; /* weights, of all rows together 1 */
    double *curve; /* to be written: share * second derivative, or what is expected of it; positive */
    double *eta;   /* linear predictors */
    double *slope; /* to be written: share * derivative of the loss by eta */
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
    size_t stride;   /* numbers from one row of a block to the next; what is behind a row is 0 */
    size_t n_outputs; /* linear predictors of a row */
    size_t capacity; /* rows in a block, a multiple of 4 */
    double *rows;    /* standardised, with 1 in front */
    double *figures; /* arrays of the block */
    double loss;     /* at the point that was evaluated last */
} kedge_i_irls;

/* Doubles of work memory, saturating. With several outputs, u holds the weights of one after the other, `stride` apart. */
uint64_t kedge_i_irls_room(uint32_t n_features, uint64_t n_outputs);

/* Rows in a block, a multiple of 4. */
uint64_t kedge_i_irls_capacity(uint64_t n_features);

/* Hand out arrays of that room; newton.evaluate is for one output. */
void kedge_i_irls_place(kedge_i_irls *t, uint32_t n_features, size_t n_outputs, double *room);

/* Measure the columns of x, through weights. KEDGE_ERR_NUMERIC: no row has one. */
kedge_status kedge_i_irls_begin(kedge_i_irls *t, const kedge_rows *x, const double *y, const double *weight);

/* Add four rows of `stride` numbers, of which `width` count, times their weights `curve`, to the upper triangle of a matrix. */
void kedge_i_irls_add_matrix(const double *rows, size_t width, size_t stride, const double *curve, double *matrix,
                             size_t matrix_stride);

/* What a function of several outputs is made of: */

/* The block's arrays, without rows. */
kedge_i_irls_block kedge_i_irls_block_of(const kedge_i_irls *t);

/* The next rows that have a weight, from row `*i_row`. */
void kedge_i_irls_gather(kedge_i_irls *t, size_t *i_row, kedge_i_irls_block *b);

/* Linear predictors of n rows by the weights u. */
void kedge_i_irls_predict(const kedge_i_irls *t, const double *u, size_t n, double *eta);

/* Figures of a last group's rows that are not there, 0: they count nothing. */
void kedge_i_irls_fill(double *figures, size_t n);

/* Adds n rows times their slopes, filled up. */
void kedge_i_irls_add_gradient(const kedge_i_irls *t, const double *slope, size_t n, double *gradient);

/* Minimise on a part of the rows, where it is large enough to say about where the least is. 0: it was not, or said nothing. */
int kedge_i_irls_approach(kedge_i_irls *t, uint32_t max_iterations);

/* Compensated sum: Neumaier 1974, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen". */
static inline void kedge_i_irls_add(double *sum, double *lost, double x)
{
    double now = *sum + x;
    *lost += fabs(*sum) >= fabs(x) ? (*sum - now) + x : (x - now) + *sum;
    *sum = now;
}

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
