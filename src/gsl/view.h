/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GSL's views of numbers that the caller owns: public structs, the same in all versions from 2.5 on. */
#ifndef KEDGE_GSL_VIEW_H
#define KEDGE_GSL_VIEW_H

#include <stddef.h>

#include <gsl/gsl_matrix.h>
#include <gsl/gsl_vector.h>

static inline gsl_vector kedge_i_gsl_vector(double *data, size_t n, size_t stride)
{
    gsl_vector v = {n, stride, data, NULL, 0};
    return v;
}

static inline gsl_matrix kedge_i_gsl_matrix(double *data, size_t n_rows, size_t n_columns, size_t row_stride)
{
    gsl_matrix m = {n_rows, n_columns, row_stride, data, NULL, 0};
    return m;
}

#endif
