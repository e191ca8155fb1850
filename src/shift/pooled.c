/* SPDX-License-Identifier: MIT */
/* Gathering, scaling and sampling the rows of two tables. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "base/check.h"
#include "base/number.h"
#include "base/rows.h"
#include "shift/pooled.h"

#define POOLED_BANDWIDTH_ROWS 1000 /* rows whose distances are looked at: half a million pairs */

/* One row to `to`. KEDGE_EMPTY: it has NaN. */
static kedge_status pooled_row(const kedge_rows *rows, size_t i, int refuse, double *to)
{
    kedge_status st = KEDGE_OK;
    for (size_t j = 0; j < rows->n_columns; j++) {
        double v = kedge_i_rows_at(rows, i, j);
        if (fabs(v) <= KEDGE_SHIFT_INPUT_MAX)
            to[j] = v;
        else if (v == v || refuse)
            return kedge_i_refusal(v);
        else
            st = KEDGE_EMPTY;
    }
    return st;
}

static kedge_status pooled_sample(const kedge_rows *rows, int refuse, double *to, size_t *n)
{
    *n = 0;
    for (size_t i = 0; i < rows->n_rows; i++) {
        kedge_status st = pooled_row(rows, i, refuse, to + *n * rows->n_columns);
        KEDGE_TRY(st);
        *n += st == KEDGE_OK ? 1 : 0;
    }
    return KEDGE_OK;
}

kedge_status kedge_i_pooled_gather(const kedge_shift_config *cfg, const kedge_rows *reference, const kedge_rows *current,
                                   size_t least, double *x, kedge_i_pooled *p, kedge_shift_result *out)
{
    int refuse = cfg->missing == KEDGE_MISSING_REFUSE;
    p->x = x;
    p->n_columns = reference->n_columns;
    KEDGE_TRY(pooled_sample(reference, refuse, x, &p->n));
    KEDGE_TRY(pooled_sample(current, refuse, x + p->n * p->n_columns, &p->m));
    out->n_reference = p->n;
    out->n_current = p->m;
    out->missing_reference = reference->n_rows - p->n;
    out->missing_current = current->n_rows - p->m;
    return p->n < least || p->m < least ? KEDGE_EMPTY : KEDGE_OK;
}

/* Centres a column; returns the greatest magnitude that is left. */
static double pooled_centre(kedge_i_pooled *p, size_t j)
{
    size_t n_all = p->n + p->m;
    double sum = 0.0;
    double greatest = 0.0;
    for (size_t i = 0; i < n_all; i++)
        sum += p->x[i * p->n_columns + j];
    for (size_t i = 0; i < n_all; i++) {
        double *v = &p->x[i * p->n_columns + j];
        *v -= sum / (double)n_all;
        greatest = fmax(greatest, fabs(*v));
    }
    return greatest;
}

void kedge_i_pooled_standardise(kedge_i_pooled *p)
{
    size_t n_all = p->n + p->m;
    for (size_t j = 0; j < p->n_columns; j++) {
        double greatest = pooled_centre(p, j);
        double squares = 0.0;
        if (greatest == 0.0)
            continue;
        for (size_t i = 0; i < n_all; i++) { /* over the greatest first, so that no square under- or overflows */
            double *v = &p->x[i * p->n_columns + j];
            *v /= greatest;
            squares += *v * *v;
        }
        for (size_t i = 0; i < n_all; i++)
            p->x[i * p->n_columns + j] /= sqrt(squares / (double)n_all);
    }
}

void kedge_i_pooled_draw(const kedge_i_pooled *p, size_t count, kedge_rng *rng, double *to)
{
    kedge_i_choice_of choice = {(double)(p->n + p->m), (double)count};
    for (size_t i = 0; choice.open > 0.0; i++) {
        if (!kedge_i_choose(&choice, rng))
            continue;
        memcpy(to, kedge_i_pooled_row(p, i), p->n_columns * sizeof *to);
        to += p->n_columns;
    }
}

static uint64_t pooled_bandwidth_rows(uint64_t n_all)
{
    return n_all < POOLED_BANDWIDTH_ROWS ? n_all : POOLED_BANDWIDTH_ROWS;
}

uint64_t kedge_i_bandwidth_scratch(uint64_t n_all, uint64_t n_columns)
{
    uint64_t rows = pooled_bandwidth_rows(n_all);
    return rows * n_columns + rows * (rows - (rows > 0)) / 2;
}

/* Moves what is smaller than a pivot before what is larger. Returns the last place of the former; neither part is empty. Hoare
 * 1962. */
static size_t pooled_part(double *v, size_t low, size_t high, kedge_rng *rng)
{
    size_t at = low + (size_t)kedge_rng_below(rng, high - low + 1);
    double pivot = v[at];
    v[at] = v[low];
    v[low] = pivot;
    for (size_t i = low, j = high;; i++, j--) {
        while (v[i] < pivot)
            i++;
        while (v[j] > pivot)
            j--;
        if (i >= j)
            return j;
        double keep = v[i];
        v[i] = v[j];
        v[j] = keep;
    }
}

/* The k-th smallest, k from 0; reorders. Hoare 1961, algorithm 65, "Find". */
static double pooled_find(double *v, size_t n, size_t k, kedge_rng *rng)
{
    size_t low = 0;
    size_t high = n - 1;
    while (low < high) {
        size_t last = pooled_part(v, low, high, rng);
        if (k <= last)
            high = last;
        else
            low = last + 1;
    }
    return v[k];
}

double kedge_i_bandwidth_median(const kedge_i_pooled *p, kedge_rng *rng, double *scratch)
{
    size_t rows = (size_t)pooled_bandwidth_rows(p->n + p->m);
    double *squares = scratch + rows * p->n_columns;
    size_t n_squares = 0;
    kedge_i_pooled_draw(p, rows, rng, scratch);
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < i; j++) {
            double square = kedge_i_square_distance(scratch + i * p->n_columns, scratch + j * p->n_columns, p->n_columns);
            if (square > 0.0)
                squares[n_squares++] = square;
        }
    }
    return n_squares > 0 ? sqrt(pooled_find(squares, n_squares, (n_squares - 1) / 2, rng)) : 1.0;
}
