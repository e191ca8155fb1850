/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The matrix of second derivatives of multinomial logistic regression, from blocks of rows. */
#ifndef KEDGE_GSL_SOFTMAX_MATRIX_H
#define KEDGE_GSL_SOFTMAX_MATRIX_H

#include "gsl/irls.h"

/* For each pair of outputs k <= l a sum over the rows of curve * s s', s a standardised row with 1 in front. These are products of
 * two tables: of the columns s_i s_j, i <= j, and of the curves. */
typedef struct kedge_i_softmax_matrix {
    size_t width;    /* of a row */
    size_t capacity; /* of a block */
    size_t n_outputs;
    size_t n_pairs;  /* of outputs: (0, 0), (0, 1), .. (1, 1), .. */
    double *column;  /* width x capacity: the block by columns */
    double *product; /* 2 x capacity */
    double *curve;   /* n_pairs x capacity: to be written */
    double *sum;     /* width (width + 1) / 2 x n_pairs, and as many as one of these to spare */
} kedge_i_softmax_matrix;

/* Doubles of all arrays; saturates. */
uint64_t kedge_i_softmax_matrix_room(uint64_t n_features, uint64_t n_outputs);

void kedge_i_softmax_matrix_place(kedge_i_softmax_matrix *m, const kedge_i_irls *t, size_t n_features, double *room);

/* No rows. */
void kedge_i_softmax_matrix_begin(kedge_i_softmax_matrix *m);

/* n rows, `stride` apart, whose curves are written. */
void kedge_i_softmax_matrix_add(kedge_i_softmax_matrix *m, const double *rows, size_t stride, size_t n);

/* The upper triangle of Newton's matrix: blocks of `stride` rows and columns, which are symmetric. */
void kedge_i_softmax_matrix_end(const kedge_i_softmax_matrix *m, kedge_i_newton *to, size_t stride);

#endif
