/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The state of the class least_squares, and the way from a triangle to it. */
#ifndef KEDGE_GSL_LEAST_SQUARES_H
#define KEDGE_GSL_LEAST_SQUARES_H

#include "gsl/linear_model.h"
#include "gsl/triangle.h"

typedef struct least_squares_state {
    kedge_i_gsl_state linear;
    double tolerance; /* parameter */
    uint32_t method;  /* parameter: KEDGE_GSL_METHOD_... */
    uint32_t spare;   /* 0 */
} least_squares_state;

/* Doubles that the solution needs beside the triangle; saturates. */
uint64_t kedge_i_least_squares_scratch(uint64_t n_features, uint32_t report);

/* Columns of a triangle of at least one row about their means and over their deviations; from normal equations the triangle itself,
 * R. Writes one over the deviation of each feature, 0 for a constant one. Returns the sum of the weights in their unit. */
double kedge_i_least_squares_standardise(kedge_i_gsl_triangle *t, double *inverse_sd);

/* Fit the linear part of a state to a triangle, which is spoilt; with_errors: it has a report, which gets its root. KEDGE_WARNING:
 * fitted, by normal equations that lost digits. KEDGE_ERR_NUMERIC: there are no rows; the state is as it was. */
kedge_status kedge_i_least_squares_solve(kedge_i_gsl_triangle *t, kedge_i_gsl_state *linear, double tolerance, int with_errors,
                                         double *scratch);

#endif
