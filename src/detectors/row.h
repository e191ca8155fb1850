/* SPDX-License-Identifier: MIT */
/* Rows of numbers for detectors that take several at once. */
#ifndef KEDGE_DETECTORS_ROW_H
#define KEDGE_DETECTORS_ROW_H

#include "kedge/detector.h"

#include "base/number.h"
#include "base/rows.h"

/* Copies row i of a checked table of n columns, or refuses it and copies nothing. */
static inline kedge_status detector_row_take(const kedge_rows *rows, size_t i, uint32_t n, double *row)
{
    for (uint32_t j = 0; j < n; j++) {
        double x = kedge_i_rows_at(rows, i, j);
        if (!kedge_i_within(x, -KEDGE_DETECTOR_INPUT_MAX, KEDGE_DETECTOR_INPUT_MAX))
            return kedge_i_refusal(x);
    }
    for (uint32_t j = 0; j < n; j++)
        row[j] = kedge_i_rows_at(rows, i, j);
    return KEDGE_OK;
}

#endif
