/* SPDX-License-Identifier: MIT */
#include "base/fp.h"

#include "models/row.h"

double kedge_i_row_seen(const kedge_row_view *view, uint32_t i)
{
    if (i >= view->n)
        return view->more[i - view->n];
    return kedge_i_row_at(view->of, view->index ? view->index[i] : i);
}

double kedge_row_at(const kedge_row *x, uint32_t j)
{
    return kedge_i_row_at(x, j);
}
