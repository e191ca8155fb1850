/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ridge regression from a triangle: one decomposition that serves all penalties. */
#ifndef KEDGE_GSL_RIDGE_PATH_H
#define KEDGE_GSL_RIDGE_PATH_H

#include "gsl/linear_model.h"
#include "gsl/triangle.h"

/* What one penalty is worth, in units of the target and the weights. */
typedef struct kedge_i_ridge_worth {
    double loo, gcv, df, deviance;
} kedge_i_ridge_worth;

enum { KEDGE_I_RIDGE_WORTHS = sizeof(kedge_i_ridge_worth) / sizeof(double) };

#define KEDGE_I_RIDGE_UNKNOWN DBL_MAX /* an error that no row tells */

/* The matrix of the triangle, from its second row on, becomes S V' with U' target behind it: columns stand in the order of the
 * pivots. */
typedef struct kedge_i_ridge {
    kedge_i_gsl_triangle *t;
    size_t n;            /* features */
    double weight_sum;
    double *inverse_sd;  /* n; afterwards free */
    double *scale;       /* n: what a column in units, about its centre, is multiplied by; 0: constant */
    double *square;      /* n: of a singular value; 0: it does not count */
    double *weight;      /* n: of the columns in scale, natural order */
    double *tau, *norm;  /* n each, for GSL */
    size_t *order;       /* n: natural numbers of the columns */
    double *basis;       /* n x n: row j brings a row of the table to coordinate j, natural order */
    double *turned;      /* n x KEDGE_I_GSL_BLOCK: a block of rows in these coordinates */
    double *leverage;    /* KEDGE_I_GSL_BLOCK */
    double *residual;    /* KEDGE_I_GSL_BLOCK */
    int unit;            /* the scale is 2^unit times what the caller's columns are multiplied by, without standardise */
    size_t rank;
    double condition;    /* 0: no columns */
} kedge_i_ridge;

/* Doubles of scratch; saturates. */
uint64_t kedge_i_ridge_scratch(uint64_t n_features, int with_loo);

/* Decompose a triangle of at least one row. */
kedge_i_ridge kedge_i_ridge_decompose(kedge_i_gsl_triangle *t, int standardise, double *scratch);

/* A penalty in the units of the decomposition. */
double kedge_i_ridge_penalty(const kedge_i_ridge *r, double l2, int standardise);

/* All of a penalty but its leave-one-out error, which becomes 0. */
kedge_i_ridge_worth kedge_i_ridge_assess(const kedge_i_ridge *r, double penalty);

/* Weights for a penalty into r->weight. Returns the intercept at the centre. */
double kedge_i_ridge_solve(const kedge_i_ridge *r, double penalty);

/* Leave-one-out errors of n penalties, from the rows that the triangle has seen. O(n_rows * n_features * (n_features + 2 n)). */
void kedge_i_ridge_leave_out(kedge_i_ridge *r, const kedge_rows *x, const double *y, const double *weight, const double *penalty,
                             kedge_i_ridge_worth *worth, size_t n);

#endif
