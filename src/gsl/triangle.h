/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All that least squares needs to know of any number of rows, in one pass: the triangle R of the columns [1 | features | target],
 * or their sums of products. Memory does not grow with the rows.
 *
 * Columns are brought to magnitudes below 2 by powers of two, and about a centre. Neither need be known beforehand: a new unit
 * multiplies a column of R by a power of two, which is exact, and a new centre subtracts a multiple of its first column, which has
 * one element. Units follow the greatest magnitude so far, centres the mean so far: a block whose mean is far from that of the rows
 * before adds as much to the column's spread as it loses digits, so the rounding is that of columns centred beforehand, up to a
 * small factor. */
#ifndef KEDGE_GSL_TRIANGLE_H
#define KEDGE_GSL_TRIANGLE_H

#include "kedge/gsl.h"
#include "kedge/select.h"

#include "gsl/block.h"

/* Views of the caller's memory, which holds them one after the other. */
typedef struct kedge_i_gsl_triangle {
    size_t width;    /* columns: 1, the features, the target */
    double *matrix;  /* width x width by rows, upper triangle; below the diagonal 0 */
    double *unit;    /* width: what a column is multiplied by; the first is 1 */
    double *centre;  /* width: what is then subtracted; the first is 0 */
    double *most;    /* width: greatest magnitude so far */
    double *scalars; /* see KEDGE_I_GSL_WEIGHT_UNIT */
    double *rest;    /* room of kedge_i_gsl_triangle_block() numbers, free between two blocks */
    double *block;   /* in there: width x KEDGE_I_GSL_BLOCK, at a cache line */
    int32_t method;  /* KEDGE_GSL_METHOD_... */
} kedge_i_gsl_triangle;

enum {
    KEDGE_I_GSL_WEIGHT_UNIT, /* power of 4 that weights are multiplied by: the greatest so far comes to [1, 4) */
    KEDGE_I_GSL_WEIGHT_MOST, /* greatest weight so far */
    KEDGE_I_GSL_USED,        /* rows that had a weight */
    KEDGE_I_GSL_SCALARS
};

/* Doubles of all arrays but the block, which comes last; saturates. */
uint64_t kedge_i_gsl_triangle_numbers(uint64_t n_features);

/* Doubles of the block for so many rows at a time; saturates. */
uint64_t kedge_i_gsl_triangle_block(uint64_t n_features);

/* The arrays in memory, the room for the block behind them. */
kedge_i_gsl_triangle kedge_i_gsl_triangle_at(double *memory, size_t n_features, int32_t method);

/* The block elsewhere. */
void kedge_i_gsl_triangle_room(kedge_i_gsl_triangle *t, double *rest);

/* No rows. */
void kedge_i_gsl_triangle_begin(kedge_i_gsl_triangle *t);

/* Checked rows; y may be NULL: all 0; weight may be NULL: all 1. */
void kedge_i_gsl_triangle_add(kedge_i_gsl_triangle *t, const kedge_rows *x, const double *y, const double *weight);

/* Those of them that a fold of a split tests. */
void kedge_i_gsl_triangle_add_fold(kedge_i_gsl_triangle *t, const kedge_rows *x, const double *y, const double *weight,
                                   const kedge_split *split, uint32_t i_fold);

/* Both in the greater units, the other about this one's centres. */
void kedge_i_gsl_triangle_align(kedge_i_gsl_triangle *t, kedge_i_gsl_triangle *other);
/* Gets a block by columns, KEDGE_I_GSL_BLOCK numbers apart: the roots of the weights, the features, the target; filled up by rows
 * of 0 to n_rows, a multiple of 4. It may be spoilt. */
typedef void (*kedge_i_gsl_triangle_visit)(void *context, double *block, size_t n_rows);

/* Show rows that were added, in the units and about the centres that the triangle has now, times the root of their weight. */
void kedge_i_gsl_triangle_show(kedge_i_gsl_triangle *t, const kedge_rows *x, const double *y, const double *weight,
                               kedge_i_gsl_triangle_visit visit, void *context);

/* Add the rows that another one has seen. Its matrix is changed on the way to the same units and centres. */
void kedge_i_gsl_triangle_merge(kedge_i_gsl_triangle *t, kedge_i_gsl_triangle *other);

/* Columns about their means, exactly enough that the first row has no more to say. */
void kedge_i_gsl_triangle_centre(kedge_i_gsl_triangle *t);

#endif
