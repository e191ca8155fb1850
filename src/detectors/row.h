/* SPDX-License-Identifier: MIT */
/* Detectors of rows: from a function that takes the row that came in to the step for single numbers and to the two verbs for
 * rows. */
#ifndef KEDGE_DETECTORS_ROW_H
#define KEDGE_DETECTORS_ROW_H

#include "kedge/detector.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/number.h"
#include "base/rows.h"
#include "detectors/run.h"

static inline kedge_status detector_row_handle(const kedge_detector *d, const kedge_detector_class *cls)
{
    if (!d || !d->cls || !d->state)
        return KEDGE_ERR_NULL;
    return d->cls == cls ? KEDGE_OK : KEDGE_ERR_CLASS;
}

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

/* The state has `length` (a member: numbers in a row), `filled` (numbers of a row that is begun) and at_row (where they lie), and
 * `static kedge_status <alg>_row(<alg>_state *)` takes a whole one. `between`: what a number within a row answers, an expression of
 * the state s. */
#define DETECTOR_RUN_ROWS(alg, length, between)                                                    \
    static inline kedge_status alg##_step(alg##_state *s, double x)                                \
    {                                                                                              \
        ((double *)kedge_i_at(s, s->at_row))[s->filled++] = x;                                     \
        if (s->filled < s->length)                                                                 \
            return between;                                                                        \
        s->filled = 0;                                                                             \
        return alg##_row(s);                                                                       \
    }                                                                                              \
                                                                                                   \
    DETECTOR_RUN_IN_PLACE(alg)                                                                     \
                                                                                                   \
    static kedge_status alg##_ready(const kedge_detector *d)                                       \
    {                                                                                              \
        KEDGE_TRY(detector_row_handle(d, &kedge_##alg));                                           \
        return ((const alg##_state *)d->state)->filled == 0 ? KEDGE_OK : KEDGE_ERR_STATE;          \
    }                                                                                              \
                                                                                                   \
    static kedge_status alg##_feed(alg##_state *s, const kedge_rows *rows, size_t i)               \
    {                                                                                              \
        KEDGE_TRY(detector_row_take(rows, i, s->length, kedge_i_at(s, s->at_row)));                \
        return alg##_row(s);                                                                       \
    }                                                                                              \
                                                                                                   \
    kedge_status kedge_##alg##_update(kedge_detector *d, const double *row)                        \
    {                                                                                              \
        KEDGE_TRY(alg##_ready(d));                                                                 \
        if (!row)                                                                                  \
            return KEDGE_ERR_NULL;                                                                 \
        alg##_state *s = d->state;                                                                 \
        kedge_rows one = kedge_rows_float64(row, 1, s->length);                                    \
        return alg##_feed(s, &one, 0);                                                             \
    }                                                                                              \
                                                                                                   \
    kedge_status kedge_##alg##_update_rows(kedge_detector *d, const kedge_rows *rows, size_t *used) \
    {                                                                                              \
        if (!used)                                                                                 \
            return KEDGE_ERR_NULL;                                                                 \
        KEDGE_TRY(alg##_ready(d));                                                                 \
        KEDGE_TRY(kedge_i_rows_check(rows));                                                       \
        alg##_state *s = d->state;                                                                 \
        if (rows->n_columns != s->length)                                                          \
            return KEDGE_ERR_SHAPE;                                                                \
        kedge_status st = KEDGE_OK;                                                                \
        size_t i = 0;                                                                              \
        while (i < rows->n_rows && st != KEDGE_DRIFT) {                                            \
            st = alg##_feed(s, rows, i);                                                           \
            if (st < 0)                                                                            \
                break;                                                                             \
            i++;                                                                                   \
        }                                                                                          \
        *used = i;                                                                                 \
        return st;                                                                                 \
    }

#endif
