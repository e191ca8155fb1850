/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The linear part of both trainers' states, and standardised columns. See linear_model.h for the units. */
#include "base/fp.h"

#include "gsl/linear_model.h"

#include <float.h>
#include <string.h>

#include "base/number.h"
#include "base/rows.h"

#define LINEAR_INPUT_MAX 1e200 /* inputs and sums in internal units are cut here, so that no prediction overflows */

size_t kedge_i_gsl_layout(kedge_i_gsl_state *linear, size_t fixed_bytes)
{
    kedge_i_arena arena = kedge_i_arena_begin(fixed_bytes);
    linear->n = linear->model.n_features;
    linear->weight_at = kedge_i_arena_take(&arena, linear->n, sizeof(double));
    linear->centre_at = kedge_i_arena_take(&arena, linear->n, sizeof(double));
    linear->unit_at = kedge_i_arena_take(&arena, linear->n, sizeof(double));
    return kedge_i_arena_end(&arena);
}

void kedge_i_gsl_start(void *state)
{
    kedge_i_gsl_state *linear = state;
    double *unit = kedge_i_at(state, linear->unit_at);
    linear->target_scale = 1.0;
    for (uint32_t i = 0; i < linear->n; i++)
        unit[i] = 1.0;
}

int kedge_i_gsl_check(const void *state)
{
    const kedge_i_gsl_state *linear = state;
    const double *weight = kedge_i_at_const(state, linear->weight_at);
    const double *centre = kedge_i_at_const(state, linear->centre_at);
    const double *unit = kedge_i_at_const(state, linear->unit_at);
    int good = kedge_i_within(linear->intercept, -KEDGE_I_GSL_NUMBER_MAX, KEDGE_I_GSL_NUMBER_MAX) &&
               kedge_i_within(linear->target_scale, DBL_MIN, KEDGE_TARGET_MAX) && kedge_i_within(linear->deviance, 0.0, DBL_MAX) &&
               linear->rank <= linear->n;
    for (uint32_t i = 0; i < linear->n && good; i++)
        good = kedge_i_within(weight[i], -KEDGE_I_GSL_NUMBER_MAX, KEDGE_I_GSL_NUMBER_MAX) && kedge_i_within(centre[i], -2.0, 2.0) &&
               unit[i] > 0.0 && unit[i] <= 1.0 / DBL_MIN;
    return good;
}

static inline double linear_cut(double x, double limit)
{
    return x > limit ? limit : x < -limit ? -limit : x;
}

/* |input| <= 1e200 and |weight| <= 1e100 give terms of at most 1e300, and 65536 of them are below DBL_MAX. */
double kedge_i_gsl_value(const void *state, const kedge_row *x)
{
    const kedge_i_gsl_state *linear = state;
    const double *weight = kedge_i_at_const(state, linear->weight_at);
    const double *centre = kedge_i_at_const(state, linear->centre_at);
    const double *unit = kedge_i_at_const(state, linear->unit_at);
    double sum = linear->intercept;
    for (uint32_t i = 0; i < linear->n; i++)
        sum += weight[i] * (linear_cut(kedge_row_at(x, (uint32_t)i) * unit[i], LINEAR_INPUT_MAX) - centre[i]);
    return linear->target_scale * linear_cut(sum, LINEAR_INPUT_MAX);
}

kedge_status kedge_i_gsl_commit(void *state, const kedge_i_gsl_columns *columns, double *weight, double intercept,
                                double target_scale)
{
    kedge_i_gsl_state *linear = state;
    size_t bytes = linear->n * sizeof(double);
    int good = kedge_i_within(intercept, -KEDGE_I_GSL_NUMBER_MAX, KEDGE_I_GSL_NUMBER_MAX);
    for (uint32_t i = 0; i < linear->n; i++) {
        weight[i] *= columns->inverse_sd[i];
        good &= kedge_i_within(weight[i], -KEDGE_I_GSL_NUMBER_MAX, KEDGE_I_GSL_NUMBER_MAX);
    }
    if (!good)
        return KEDGE_ERR_NUMERIC;
    memcpy(kedge_i_at(state, linear->weight_at), weight, bytes);
    memcpy(kedge_i_at(state, linear->centre_at), columns->centre, bytes);
    memcpy(kedge_i_at(state, linear->unit_at), columns->unit, bytes);
    linear->intercept = intercept;
    linear->target_scale = target_scale;
    linear->model.n_learned = columns->n_used;
    return KEDGE_OK;
}

double kedge_i_gsl_unit(double x)
{
    if (x == 0.0)
        return 1.0;
    return x < DBL_MIN ? 1.0 / DBL_MIN : scalbn(1.0, -ilogb(x)); /* down to 2^-1023, which a double holds exactly */
}

/* A row as contiguous doubles, in place where it already is that. */
static const double *linear_row(const kedge_rows *x, size_t i_row, double *copy)
{
    if (x->type == KEDGE_FLOAT64 && x->column_stride == 1)
        return (const double *)x->data + (ptrdiff_t)i_row * x->row_stride;
    for (size_t j = 0; j < x->n_columns; j++)
        copy[j] = kedge_i_rows_at(x, i_row, j);
    return copy;
}

/* One pass over the magnitudes: units, and the greatest weight. */
static void linear_measure_units(kedge_i_gsl_columns *columns)
{
    const kedge_rows *x = columns->x;
    double *most = columns->unit;
    memset(most, 0, x->n_columns * sizeof *most);
    columns->weight_max = 0.0;
    for (size_t i = 0; i < x->n_rows; i++) {
        double w = columns->weight ? columns->weight[i] : 1.0;
        if (w == 0.0)
            continue;
        columns->weight_max = w > columns->weight_max ? w : columns->weight_max;
        const double *row = linear_row(x, i, columns->copy);
        for (size_t j = 0; j < x->n_columns; j++)
            most[j] = fabs(row[j]) > most[j] ? fabs(row[j]) : most[j];
    }
    for (size_t j = 0; j < x->n_columns; j++)
        columns->unit[j] = kedge_i_gsl_unit(most[j]);
}

/* West 1979, "Updating mean and variance estimates", Communications of the ACM 22: exact 0 for a constant column. */
static void linear_measure_row(kedge_i_gsl_columns *columns, size_t i_row, double w)
{
    const double *row = linear_row(columns->x, i_row, columns->copy);
    const double *unit = columns->unit;
    double *centre = columns->centre;
    double *squares = columns->inverse_sd;
    double share = w / columns->weight_sum;
    for (size_t j = 0; j < columns->x->n_columns; j++) {
        double z = row[j] * unit[j];
        double off = z - centre[j];
        centre[j] += share * off;
        squares[j] += w * off * (z - centre[j]);
    }
}

void kedge_i_gsl_measure(kedge_i_gsl_columns *columns)
{
    const kedge_rows *x = columns->x;
    columns->n_used = 0;
    columns->weight_sum = 0.0;
    linear_measure_units(columns);
    if (columns->weight_max == 0.0)
        return;
    memset(columns->centre, 0, x->n_columns * sizeof(double));
    memset(columns->inverse_sd, 0, x->n_columns * sizeof(double));
    for (size_t i = 0; i < x->n_rows; i++) {
        double w = kedge_i_gsl_weight(columns, i);
        if (w == 0.0)
            continue;
        columns->n_used++;
        columns->weight_sum += w;
        linear_measure_row(columns, i, w);
    }
    for (size_t j = 0; j < x->n_columns; j++) { /* a spread that rounding alone can make is none */
        double sd = sqrt(columns->inverse_sd[j] / columns->weight_sum);
        columns->inverse_sd[j] = sd > 16.0 * DBL_EPSILON ? 1.0 / sd : 0.0;
    }
}

void kedge_i_gsl_standardise(const kedge_i_gsl_columns *columns, size_t i_row, double *out)
{
    const double *row = linear_row(columns->x, i_row, out);
    const double *unit = columns->unit;
    const double *centre = columns->centre;
    const double *inverse_sd = columns->inverse_sd;
    for (size_t j = 0; j < columns->x->n_columns; j++)
        out[j] = (row[j] * unit[j] - centre[j]) * inverse_sd[j];
}

uint64_t kedge_i_gsl_take(uint64_t *used, uint64_t n_rows, uint64_t n_columns)
{
    uint64_t at = *used;
    *used = n_columns != 0 && n_rows > (UINT64_MAX / 16 - at) / n_columns ? UINT64_MAX / 16 : at + n_rows * n_columns;
    return at;
}

size_t kedge_i_gsl_work_bytes(uint64_t n_doubles)
{
    return n_doubles > PTRDIFF_MAX / sizeof(double) ? 0 : (size_t)n_doubles * sizeof(double);
}
