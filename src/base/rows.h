/* SPDX-License-Identifier: MIT */
/* Reading tables through their strides. */
#ifndef KEDGE_BASE_ROWS_H
#define KEDGE_BASE_ROWS_H

#include "kedge/base.h"

/* Are the pointer, type and lengths of a table such that every element can be addressed? */
kedge_status kedge_i_rows_check(const kedge_rows *rows);

/* Element of a checked table. */
static inline double kedge_i_rows_at(const kedge_rows *rows, size_t i_row, size_t i_column)
{
    ptrdiff_t at = (ptrdiff_t)i_row * rows->row_stride + (ptrdiff_t)i_column * rows->column_stride;
    if (rows->type == KEDGE_FLOAT32)
        return (double)((const float *)rows->data)[at];
    return ((const double *)rows->data)[at];
}

/* Doubles side by side, row after row? */
static inline int kedge_i_rows_are_plain(const kedge_rows *rows)
{
    return rows->type == KEDGE_FLOAT64 && rows->column_stride == 1 && rows->row_stride == (ptrdiff_t)rows->n_columns;
}

#endif
