/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The linear part of both trainers' states, and standardised columns. See linear_model.h for the units. */
#include "base/fp.h"

#include "gsl/linear_model.h"

#include <float.h>
#include <string.h>

#include "base/check.h"
#include "base/cholesky.h"
#include "base/lanes.h"
#include "base/number.h"
#include "base/rows.h"

#define LINEAR_INPUT_MAX 1e200 /* inputs and sums in internal units are cut here, so that no prediction overflows */
#define LINEAR_HALF_MIN  400.0 /* a probability below exp(-800) is 0 */
#define LINEAR_SPREAD_MIN (16.0 * DBL_EPSILON) /* a spread that rounding alone can make is none */

size_t kedge_i_gsl_layout(kedge_i_gsl_state *linear, size_t fixed_bytes)
{
    kedge_i_arena arena = kedge_i_arena_begin(fixed_bytes);
    linear->n = linear->model.n_features;
    linear->weight_at = kedge_i_arena_take(&arena, linear->n, sizeof(double));
    linear->centre_at = kedge_i_arena_take(&arena, linear->n, sizeof(double));
    linear->unit_at = kedge_i_arena_take(&arena, linear->n, sizeof(double));
    linear->n_root = linear->report ? (uint32_t)kedge_i_triangle(linear->n + 1) : 0;
    linear->root_at = kedge_i_arena_take(&arena, linear->n_root, sizeof(double));
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
               kedge_i_within(linear->condition, 0.0, DBL_MAX) &&
               linear->rank <= linear->n && linear->report <= 1 && linear->has_root <= linear->report &&
               kedge_i_within(linear->df, 0.0, DBL_MAX) && kedge_i_within(linear->spread, 0.0, KEDGE_I_GSL_NUMBER_MAX) &&
               kedge_i_within(linear->unexplained, 0.0, 1.0);
    return good && kedge_i_gsl_all_within(weight, linear->n, KEDGE_I_GSL_NUMBER_MAX) &&
           kedge_i_gsl_all_within(centre, linear->n, 2.0) && kedge_i_gsl_units_valid(unit, linear->n) &&
           kedge_i_gsl_all_within(kedge_i_at_const(state, linear->root_at), linear->n_root, KEDGE_I_GSL_NUMBER_MAX);
}

static inline double linear_cut(double x, double limit)
{
    return x > limit ? limit : x < -limit ? -limit : x;
}

/* x * unit, cut; what would overflow is cut before. */
double kedge_i_gsl_input(double x, double unit)
{
    double limit = LINEAR_INPUT_MAX / (unit > 1.0 ? unit : 1.0);
    return linear_cut(linear_cut(x, unit > 1.0 ? limit : DBL_MAX) * unit, LINEAR_INPUT_MAX);
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
        sum += weight[i] * (kedge_i_gsl_input(kedge_row_at(x, i), unit[i]) - centre[i]);
    return linear->target_scale * linear_cut(sum, LINEAR_INPUT_MAX);
}

kedge_status kedge_i_gsl_predict(const kedge_model_class *cls, const void *state, const kedge_row *x, double *y)
{
    (void)cls;
    const kedge_i_gsl_state *linear = state;
    *y = linear->model.n_learned == 0 ? 0.0 : kedge_i_gsl_value(state, x);
    return linear->model.n_learned == 0 ? KEDGE_EMPTY : KEDGE_OK;
}

static void linear_clear_errors(kedge_i_gsl_state *linear)
{
    memset(kedge_i_at(linear, linear->root_at), 0, linear->n_root * sizeof(double));
    linear->has_root = 0;
    linear->df = 0.0;
    linear->spread = 0.0;
    linear->unexplained = 0.0;
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
    linear_clear_errors(linear);
    return KEDGE_OK;
}

void kedge_i_gsl_commit_errors(void *state, const double *inverse_sd, double *root, double scale, double df, double spread,
                               double unexplained)
{
    kedge_i_gsl_state *linear = state;
    int good = kedge_i_within(spread, 0.0, KEDGE_I_GSL_NUMBER_MAX);
    for (uint32_t i = 0; i <= linear->n && good; i++) {
        double *row = root + kedge_i_triangle(i);
        for (uint32_t j = 0; j <= i; j++) {
            row[j] *= j == 0 ? scale : scale * inverse_sd[j - 1];
            good &= kedge_i_within(row[j], -KEDGE_I_GSL_NUMBER_MAX, KEDGE_I_GSL_NUMBER_MAX);
        }
    }
    if (!good)
        return;
    memcpy(kedge_i_at(state, linear->root_at), root, linear->n_root * sizeof(double));
    linear->has_root = 1;
    linear->df = df;
    linear->spread = spread;
    linear->unexplained = unexplained;
}

/* The gradient of the value, [1 | x - centre]: element i, over `most`, so that no square overflows. */
static double linear_gradient(const kedge_i_gsl_state *linear, const kedge_row *x, uint32_t i, double most)
{
    if (i == 0)
        return 1.0 / most;
    const double *centre = kedge_i_at_const(linear, linear->centre_at);
    const double *unit = kedge_i_at_const(linear, linear->unit_at);
    double z = x ? kedge_i_gsl_input(kedge_row_at(x, i - 1), unit[i - 1]) : 0.0;
    return (z - centre[i - 1]) / most;
}

double kedge_i_gsl_value_error(const void *state, const kedge_row *x)
{
    const kedge_i_gsl_state *linear = state;
    const double *root = kedge_i_at_const(state, linear->root_at);
    double most = 1.0;
    double squares = 0.0;
    for (uint32_t i = 1; i <= linear->n; i++)
        most = fmax(most, fabs(linear_gradient(linear, x, i, 1.0)));
    for (uint32_t i = 0; i <= linear->n; i++) {
        const double *row = root + kedge_i_triangle(i);
        double sum = 0.0;
        for (uint32_t j = 0; j <= i; j++)
            sum += row[j] * linear_gradient(linear, x, j, most);
        squares += sum * sum;
    }
    return fmin(most * sqrt(squares), 1e300);
}

double kedge_i_gsl_weight_error(const void *state, uint32_t i)
{
    const kedge_i_gsl_state *linear = state;
    const double *root = kedge_i_at_const(state, linear->root_at);
    double squares = 0.0;
    for (uint32_t j = i + 1; j <= linear->n; j++) {
        double x = root[kedge_i_triangle(j) + i + 1];
        squares += x * x;
    }
    return sqrt(squares);
}

/* The small factors first. */
int kedge_i_gsl_rescale(double weight, double unit, double scale, double *out)
{
    double up = unit > 1.0 ? unit : 1.0;
    double scaled = weight * (unit > 1.0 ? 1.0 : unit) * scale;
    if (fabs(scaled) > 0.5 * DBL_MAX / up)
        return 0;
    *out = scaled * up;
    return 1;
}

int kedge_i_gsl_in_units(const kedge_i_gsl_state *linear, uint32_t i, double weight, double *out)
{
    const double *unit = kedge_i_at_const(linear, linear->unit_at);
    return kedge_i_gsl_rescale(weight, unit[i], linear->target_scale, out);
}

double kedge_i_gsl_intercept_of(const kedge_i_gsl_state *linear, double intercept, const double *weight)
{
    const double *centre = kedge_i_at_const(linear, linear->centre_at);
    double sum = intercept;
    for (uint32_t i = 0; i < linear->n; i++)
        sum -= weight[i] * centre[i];
    return sum * linear->target_scale;
}

double kedge_i_gsl_intercept(const kedge_i_gsl_state *linear)
{
    return kedge_i_gsl_intercept_of(linear, linear->intercept, kedge_i_at_const(linear, linear->weight_at));
}

kedge_status kedge_i_gsl_state_of(const kedge_model *m, const kedge_i_gsl_state **linear)
{
    if (!m || !m->cls || !m->state)
        return KEDGE_ERR_NULL;
    if (m->cls->base.start != kedge_i_gsl_start)
        return KEDGE_ERR_CLASS;
    *linear = m->state;
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

/* The operand is chosen before it divides: compilers divide before they look. */
double kedge_i_gsl_inverse_sd(double mean_squares)
{
    double sd = sqrt(fmax(mean_squares, 0.0));
    double inverse = 1.0 / fmax(sd, LINEAR_SPREAD_MIN);
    return sd > LINEAR_SPREAD_MIN ? inverse : 0.0;
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
    for (size_t j = 0; j < x->n_columns; j++)
        columns->inverse_sd[j] = kedge_i_gsl_inverse_sd(columns->inverse_sd[j] / columns->weight_sum);
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
    return n_doubles >= PTRDIFF_MAX / sizeof(double) ? 0 : (size_t)n_doubles * sizeof(double);
}

/* Are all features of a row finite? */
static int linear_row_is_finite(const kedge_rows *x, size_t i)
{
    if (x->type == KEDGE_FLOAT64 && x->column_stride == 1)
        return kedge_i_all_below((const double *)x->data + (ptrdiff_t)i * x->row_stride, x->n_columns, 1024);
    for (size_t j = 0; j < x->n_columns; j++)
        if (!kedge_i_finite(kedge_i_rows_at(x, i, j)))
            return 0;
    return 1;
}

kedge_status kedge_i_gsl_check_rows(const kedge_rows *x, const double *y, const double *weight)
{
    for (size_t i = 0; i < x->n_rows; i++) {
        if (!linear_row_is_finite(x, i))
            return KEDGE_ERR_NOT_FINITE;
        if (y && !kedge_i_within(y[i], -KEDGE_TARGET_MAX, KEDGE_TARGET_MAX))
            return kedge_i_refusal(y[i]);
        if (weight && !kedge_i_within(weight[i], 0.0, KEDGE_WEIGHT_MAX))
            return kedge_i_refusal(weight[i]);
    }
    return KEDGE_OK;
}

int kedge_i_gsl_all_within(const double *x, size_t n, double most)
{
    int good = 1;
    for (size_t i = 0; i < n; i++)
        good &= kedge_i_within(x[i], -most, most);
    return good;
}

int kedge_i_gsl_units_valid(const double *unit, size_t n)
{
    int good = 1;
    for (size_t i = 0; i < n; i++)
        good &= unit[i] > 0.0 && unit[i] <= 1.0 / DBL_MIN;
    return good;
}

/* Halves do not overflow. */
void kedge_i_gsl_probabilities(double *values, const double *share, size_t n)
{
    double best = -DBL_MAX;
    double sum = 0.0;
    for (size_t k = 0; k < n; k++)
        best = !share || share[k] > 0.0 ? fmax(best, values[k]) : best;
    for (size_t k = 0; k < n; k++) {
        double less = 0.5 * values[k] - 0.5 * best;
        int counts = (!share || share[k] > 0.0) && !(less < -LINEAR_HALF_MIN);
        values[k] = counts ? exp(2.0 * less) : 0.0;
        sum += values[k];
    }
    for (size_t k = 0; k < n; k++)
        values[k] /= sum;
}

kedge_status kedge_i_gsl_check_room(const void *memory, size_t bytes, size_t need)
{
    if (!memory)
        return KEDGE_ERR_NULL;
    if (!kedge_i_aligned(memory))
        return KEDGE_ERR_ALIGN;
    return bytes < need ? KEDGE_ERR_BUFFER : KEDGE_OK;
}
