/* SPDX-License-Identifier: MIT */
/* Symmetric positive definite systems. Row i of the lower triangle stands at i (i + 1) / 2. Golub, Van Loan 2013, "Matrix
 * computations", section 4.2. */
#ifndef KEDGE_BASE_CHOLESKY_H
#define KEDGE_BASE_CHOLESKY_H

#include <stddef.h>

#include "kedge/base.h"

/* Numbers in a triangle of n rows. */
static inline uint64_t kedge_i_triangle(uint64_t n)
{
    return n * (n + 1) / 2;
}

/* Writes the factor L of A = L L' over the triangle of A. KEDGE_ERR_NUMERIC: A is not positive definite up to rounding; then the
 * triangle is spoilt. O(n^3 / 6). */
kedge_status kedge_i_cholesky_factor(double *a, size_t n);

/* Writes the solution x of L L' x = b over b. O(n^2). */
void kedge_i_cholesky_solve(const double *l, size_t n, double *b);

#endif
