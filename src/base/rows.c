/* SPDX-License-Identifier: MIT */
/* Tables of the caller, seen through strides. */
#include "base/fp.h"

#include "base/rows.h"

#include "base/check.h"

static kedge_rows rows_dense(const void *data, int32_t type, size_t n_rows, size_t n_columns)
{
    kedge_rows rows;
    rows.data = data;
    rows.type = type;
    rows.reserved = 0;
    rows.n_rows = n_rows;
    rows.n_columns = n_columns;
    rows.row_stride = (ptrdiff_t)n_columns;
    rows.column_stride = 1;
    return rows;
}

kedge_rows kedge_rows_float64(const double *data, size_t n_rows, size_t n_columns)
{
    return rows_dense(data, KEDGE_FLOAT64, n_rows, n_columns);
}

kedge_rows kedge_rows_float32(const float *data, size_t n_rows, size_t n_columns)
{
    return rows_dense(data, KEDGE_FLOAT32, n_rows, n_columns);
}

/* (n - 1) * |stride| elements must not leave the address space. */
static int rows_span_fits(size_t n, ptrdiff_t stride, size_t element)
{
    size_t step = stride < 0 ? (size_t)0 - (size_t)stride : (size_t)stride;
    return n <= 1 || step == 0 || n - 1 <= (size_t)PTRDIFF_MAX / 2 / element / step;
}

kedge_status kedge_i_rows_check(const kedge_rows *rows)
{
    if (!rows)
        return KEDGE_ERR_NULL;
    if (rows->type != KEDGE_FLOAT32 && rows->type != KEDGE_FLOAT64)
        return KEDGE_ERR_SHAPE;
    size_t element = rows->type == KEDGE_FLOAT32 ? sizeof(float) : sizeof(double);
    if (rows->n_columns == 0 || !rows_span_fits(rows->n_rows, rows->row_stride, element) ||
        !rows_span_fits(rows->n_columns, rows->column_stride, element))
        return KEDGE_ERR_SHAPE;
    if (rows->n_rows == 0)
        return KEDGE_OK;
    if (!rows->data)
        return KEDGE_ERR_NULL;
    return ((uintptr_t)rows->data & (element - 1)) == 0 ? KEDGE_OK : KEDGE_ERR_ALIGN;
}

/* Address of an element of a checked table. */
static const void *rows_at(const kedge_rows *rows, ptrdiff_t at)
{
    if (rows->type == KEDGE_FLOAT32)
        return (const float *)rows->data + at;
    return (const double *)rows->data + at;
}

kedge_status kedge_rows_slice(const kedge_rows *rows, size_t first, size_t n_rows, kedge_rows *out)
{
    if (!out)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_i_rows_check(rows));
    if (first > rows->n_rows || n_rows > rows->n_rows - first)
        return KEDGE_ERR_SHAPE;
    kedge_rows part = *rows;
    part.n_rows = n_rows;
    if (n_rows != 0)
        part.data = rows_at(rows, (ptrdiff_t)first * rows->row_stride);
    *out = part;
    return KEDGE_OK;
}

kedge_status kedge_rows_column(const kedge_rows *rows, size_t i_column, kedge_rows *out)
{
    if (!out)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_i_rows_check(rows));
    if (i_column >= rows->n_columns)
        return KEDGE_ERR_SHAPE;
    kedge_rows column = *rows;
    column.n_columns = 1;
    if (rows->n_rows != 0)
        column.data = rows_at(rows, (ptrdiff_t)i_column * rows->column_stride);
    *out = column;
    return KEDGE_OK;
}

kedge_status kedge_rows_get(const kedge_rows *rows, size_t i_row, size_t i_column, double *out)
{
    if (!out)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_i_rows_check(rows));
    if (i_row >= rows->n_rows || i_column >= rows->n_columns)
        return KEDGE_ERR_SHAPE;
    *out = kedge_i_rows_at(rows, i_row, i_column);
    return KEDGE_OK;
}
