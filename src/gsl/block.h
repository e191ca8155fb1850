/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two kernels that training on tall tables spends its time in: a block of rows is reduced into a triangle, or into sums of
 * products.
 *
 * A block stands by columns, KEDGE_I_GSL_BLOCK numbers apart; n_rows of it are in use, a multiple of 4, filled up by rows of 0. The
 * matrix, width x width, stands by rows; only its upper triangle is read and written. */
#ifndef KEDGE_GSL_BLOCK_H
#define KEDGE_GSL_BLOCK_H

#include <stddef.h>

enum { KEDGE_I_GSL_BLOCK = 120 }; /* rows: 20 columns of them lie in 32 KiB, and an odd number of cache lines apart */

/* Householder reflections bring the block below the triangle R to 0: afterwards R' R is what R' R + block' block was. Since R is a
 * triangle, each reflection touches one row of it and the block (Golub, Van Loan 2013, section 5.2.2; with R = 0 at the start this
 * is modified Gram-Schmidt, Bjorck 1967, "Solving linear least squares problems by Gram-Schmidt orthogonalization"). The block is
 * spoilt. Numbers below 1e-140 count as 0. 2 n_rows width^2 operations. */
void kedge_i_gsl_block_reflect(double *r, size_t width, double *block, size_t n_rows);

/* Adds block' block to the matrix. n_rows width^2 operations. */
void kedge_i_gsl_block_products(double *sums, size_t width, const double *block, size_t n_rows);

#endif
