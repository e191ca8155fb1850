/* SPDX-License-Identifier: MIT */
/* Reading a row through its stride. */
#ifndef KEDGE_MODELS_ROW_H
#define KEDGE_MODELS_ROW_H

#include "kedge/model.h"

#include "base/rows.h"

static inline double kedge_i_row_at(const kedge_row *x, uint32_t i)
{
    ptrdiff_t at = (ptrdiff_t)i * x->stride;
    return x->type == KEDGE_FLOAT32 ? (double)((const float *)x->data)[at] : ((const double *)x->data)[at];
}

/* n contiguous doubles as a row. */
static inline kedge_row kedge_i_row_of(const double *x)
{
    kedge_row row = {x, 1, KEDGE_FLOAT64, 0};
    return row;
}

/* Row i of a checked table. */
static inline kedge_row kedge_i_row_of_rows(const kedge_rows *rows, size_t i)
{
    ptrdiff_t at = (ptrdiff_t)i * rows->row_stride;
    kedge_row row = {NULL, rows->column_stride, rows->type, 0};
    row.data = rows->type == KEDGE_FLOAT32 ? (const void *)((const float *)rows->data + at)
                                           : (const void *)((const double *)rows->data + at);
    return row;
}

#endif
