/* SPDX-License-Identifier: MIT */
/* Reading a row through its stride. */
#ifndef KEDGE_MODELS_ROW_H
#define KEDGE_MODELS_ROW_H

#include "kedge/model.h"

#include "base/rows.h"

#if defined(__GNUC__)
#define ROW_PURE __attribute__((pure)) /* so that loops over plain rows stay as they are */
#else
#define ROW_PURE
#endif

/* What the dispatch has found out about a row, in `reserved`: plain doubles, all of magnitude below 2^KEDGE_I_ROW_POWER, which
 * nanoseconds since 1970 are until
 * 2043. 0: nothing. */
enum { KEDGE_I_ROW_NEAR = 1, KEDGE_I_ROW_POWER = 61 };

double kedge_i_row_seen(const kedge_row_view *view, uint32_t i) ROW_PURE;

static inline double kedge_i_row_at(const kedge_row *x, uint32_t i)
{
    if (x->view)
        return kedge_i_row_seen(x->view, i);
    ptrdiff_t at = (ptrdiff_t)i * x->stride;
    return x->type == KEDGE_FLOAT32 ? (double)((const float *)x->data)[at] : ((const double *)x->data)[at];
}

/* The values of a row that is plain contiguous doubles, else NULL. */
static inline const double *kedge_i_row_plain(const kedge_row *x)
{
    return !x->view && x->type == KEDGE_FLOAT64 && x->stride == 1 ? x->data : NULL;
}

static inline int kedge_i_row_is_near(const kedge_row *x)
{
    return x->reserved == KEDGE_I_ROW_NEAR;
}

/* n contiguous doubles as a row. */
static inline kedge_row kedge_i_row_of(const double *x)
{
    kedge_row row = {x, 1, KEDGE_FLOAT64, 0, NULL};
    return row;
}

static inline kedge_row kedge_i_row_of_view(const kedge_row_view *view)
{
    kedge_row row = {NULL, 1, KEDGE_FLOAT64, 0, view};
    return row;
}

/* Row i of a checked table. */
static inline kedge_row kedge_i_row_of_rows(const kedge_rows *rows, size_t i)
{
    ptrdiff_t at = (ptrdiff_t)i * rows->row_stride;
    kedge_row row = {NULL, rows->column_stride, rows->type, 0, NULL};
    row.data = rows->type == KEDGE_FLOAT32 ? (const void *)((const float *)rows->data + at)
                                           : (const void *)((const double *)rows->data + at);
    return row;
}

#endif
