/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Singular values by rotations of rows, in place. */
#ifndef KEDGE_GSL_JACOBI_H
#define KEDGE_GSL_JACOBI_H

#include <stddef.h>

/* Make the rows of an n x n matrix, which stand `stride` numbers apart, orthogonal to each other by rotations from the left: A
 * becomes J A = S V', so that the norms of its rows are the singular values, in no order, and the rows over their norms are V'.
 * What stands behind the n numbers of a row, up to n_more of them, is rotated along. Rows that are below 1e-140 become 0. Entries
 * are finite and of magnitude up to 1e100. At most 30 sweeps of n^2 / 2 rotations, usually under 12. `room` has 2 n numbers. */
void kedge_i_gsl_jacobi(double *a, size_t n, size_t stride, size_t n_more, double *room);

/* Square of the norm of a row. */
double kedge_i_gsl_jacobi_square(const double *row, size_t n);

#endif
