/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows into a triangle, block by block. Sequential QR: Lawson, Hanson 1974, "Solving Least Squares Problems", chapter 27. See
 * triangle.h. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "gsl/triangle.h"

#include "base/lanes.h"
#include "base/rows.h"
#include "gsl/linear_model.h"

#define TRIANGLE_LEAST 1e-290 /* greatest magnitudes down to here are compared by their exponents */

enum { TRIANGLE_STRIDE = KEDGE_I_GSL_BLOCK, TRIANGLE_LINE = 8, TRIANGLE_WEIGHT_POWER = 1022 };

/* Rows of a table that make a block. */
typedef struct triangle_rows {
    const kedge_rows *x;
    const double *y;
    kedge_i_gsl_triangle_visit visit;
    void *context;
    size_t n;
    size_t i[KEDGE_I_GSL_BLOCK];
} triangle_rows;

uint64_t kedge_i_gsl_triangle_numbers(uint64_t n_features)
{
    uint64_t used = 0;
    (void)kedge_i_gsl_take(&used, n_features + 2, n_features + 2);
    (void)kedge_i_gsl_take(&used, n_features + 2, 3);
    (void)kedge_i_gsl_take(&used, KEDGE_I_GSL_SCALARS, 1);
    return used;
}

uint64_t kedge_i_gsl_triangle_block(uint64_t n_features)
{
    return (n_features + 2) * KEDGE_I_GSL_BLOCK + TRIANGLE_LINE;
}

kedge_i_gsl_triangle kedge_i_gsl_triangle_at(double *memory, size_t n_features, int32_t method)
{
    kedge_i_gsl_triangle t;
    t.width = n_features + 2;
    t.matrix = memory;
    t.unit = t.matrix + t.width * t.width;
    t.centre = t.unit + t.width;
    t.most = t.centre + t.width;
    t.scalars = t.most + t.width;
    t.method = method;
    kedge_i_gsl_triangle_room(&t, t.scalars + KEDGE_I_GSL_SCALARS);
    return t;
}

void kedge_i_gsl_triangle_room(kedge_i_gsl_triangle *t, double *rest)
{
    t->rest = rest;
    t->block = rest + ((uintptr_t)0 - (uintptr_t)rest) / sizeof(double) % TRIANGLE_LINE; /* loads that cross cache lines are
                                                                                          * slower */
}

void kedge_i_gsl_triangle_begin(kedge_i_gsl_triangle *t)
{
    memset(t->matrix, 0, (t->width * t->width + 3 * t->width + KEDGE_I_GSL_SCALARS) * sizeof(double));
    for (size_t j = 0; j < t->width; j++)
        t->unit[j] = 1.0;
    t->scalars[KEDGE_I_GSL_WEIGHT_UNIT] = 1.0;
}

/* Units and centres ------------------------------------------------------------------------------------------------------------ */

/* Column j times 2^power. */
static void triangle_scale(kedge_i_gsl_triangle *t, size_t j, int power)
{
    int products = t->method == KEDGE_GSL_METHOD_NORMAL;
    for (size_t i = 0; i <= j; i++)
        t->matrix[i * t->width + j] = scalbn(t->matrix[i * t->width + j], products && i == j ? 2 * power : power);
    for (size_t k = j + 1; products && k < t->width; k++)
        t->matrix[j * t->width + k] = scalbn(t->matrix[j * t->width + k], power);
    t->centre[j] = scalbn(t->centre[j], power);
}

/* A column's unit follows its greatest magnitude. */
static void triangle_raise(kedge_i_gsl_triangle *t, size_t j, double most)
{
    if (!(most > t->most[j]))
        return;
    double unit = kedge_i_gsl_unit(most);
    if (unit != t->unit[j] && t->most[j] > 0.0)
        triangle_scale(t, j, ilogb(unit) - ilogb(t->unit[j]));
    t->unit[j] = unit;
    t->most[j] = most;
}

/* All weights times 4^power: R's rows times 2^power. */
static void triangle_raise_weight(kedge_i_gsl_triangle *t, double most)
{
    if (!(most > t->scalars[KEDGE_I_GSL_WEIGHT_MOST]))
        return;
    int power = -(ilogb(most) - (ilogb(most) & 1));
    double unit = scalbn(1.0, power < TRIANGLE_WEIGHT_POWER ? power : TRIANGLE_WEIGHT_POWER);
    int change = ilogb(unit) - ilogb(t->scalars[KEDGE_I_GSL_WEIGHT_UNIT]);
    if (change != 0 && t->scalars[KEDGE_I_GSL_USED] > 0.0)
        for (size_t i = 0; i < t->width * t->width; i++)
            t->matrix[i] = scalbn(t->matrix[i], t->method == KEDGE_GSL_METHOD_NORMAL ? change : change / 2);
    t->scalars[KEDGE_I_GSL_WEIGHT_UNIT] = unit;
    t->scalars[KEDGE_I_GSL_WEIGHT_MOST] = most;
}

/* Column j about a centre that is `shift` higher: less shift times the column of ones. */
static void triangle_shift(kedge_i_gsl_triangle *t, size_t j, double shift)
{
    double *m = t->matrix;
    if (t->method == KEDGE_GSL_METHOD_NORMAL) {
        m[j * t->width + j] += shift * (shift * m[0] - 2.0 * m[j]);
        for (size_t i = 1; i < j; i++)
            m[i * t->width + j] -= shift * m[i];
        for (size_t k = j + 1; k < t->width; k++)
            m[j * t->width + k] -= shift * m[k];
    }
    m[j] -= shift * m[0];
}

/* Column j about its mean so far. */
static void triangle_recentre(kedge_i_gsl_triangle *t, size_t j)
{
    double centre = t->centre[j] + t->matrix[j] / t->matrix[0];
    centre = centre > 2.0 ? 2.0 : centre < -2.0 ? -2.0 : centre; /* no mean is there but by rounding */
    triangle_shift(t, j, centre - t->centre[j]);
    t->centre[j] = centre;
}

/* Is the mean of column j farther from the centre than a deviation? */
static int triangle_is_off(const kedge_i_gsl_triangle *t, size_t j)
{
    const double *m = t->matrix;
    double squares = 0.0;
    if (t->method == KEDGE_GSL_METHOD_NORMAL)
        return 2.0 * m[j] * m[j] > m[j * t->width + j] * m[0];
    for (size_t i = 1; i <= j; i++)
        squares += m[i * t->width + j] * m[i * t->width + j];
    return m[j] * m[j] > squares;
}

static void triangle_follow(kedge_i_gsl_triangle *t)
{
    if (!(fabs(t->matrix[0]) > 0.0))
        return;
    for (size_t j = 1; j < t->width; j++)
        if (triangle_is_off(t, j))
            triangle_recentre(t, j);
}

void kedge_i_gsl_triangle_centre(kedge_i_gsl_triangle *t)
{
    for (size_t j = 1; j < t->width; j++)
        triangle_recentre(t, j);
}

/* Blocks ----------------------------------------------------------------------------------------------------------------------- */

/* Columns of doubles whose rows are contiguous, row by row since memory likes that; returns how many columns it has done. */
static size_t triangle_gather_doubles(const triangle_rows *rows, double *out)
{
    const double *data = rows->x->data;
    size_t n_columns = rows->x->n_columns / 2 * 2;
    size_t r = 0;
    for (; r + 2 <= rows->n && KEDGE_I_LANES == 2; r += 2) {
        const double *first = data + (ptrdiff_t)rows->i[r] * rows->x->row_stride;
        const double *second = data + (ptrdiff_t)rows->i[r + 1] * rows->x->row_stride;
        for (size_t j = 0; j < n_columns; j += 2) {
            kedge_i_lanes a = kedge_i_lanes_load(first + j), b = kedge_i_lanes_load(second + j);
            double *to = out + j * TRIANGLE_STRIDE + r;
            kedge_i_lanes_store(kedge_i_lanes_pair(kedge_i_lanes_first(a), kedge_i_lanes_first(b)), to);
            kedge_i_lanes_store(kedge_i_lanes_pair(kedge_i_lanes_last(a), kedge_i_lanes_last(b)), to + TRIANGLE_STRIDE);
        }
    }
    for (; r < rows->n; r++)
        for (size_t j = 0; j < n_columns; j++)
            out[j * TRIANGLE_STRIDE + r] = data[(ptrdiff_t)rows->i[r] * rows->x->row_stride + (ptrdiff_t)j];
    return n_columns;
}

/* All columns as they stand in the table, the target behind them. */
static void triangle_gather(kedge_i_gsl_triangle *t, const triangle_rows *rows)
{
    double *out = t->block + TRIANGLE_STRIDE;
    size_t j = 0;
    if (rows->x->type == KEDGE_FLOAT64 && rows->x->column_stride == 1)
        j = triangle_gather_doubles(rows, out);
    for (; j < rows->x->n_columns; j++)
        for (size_t r = 0; r < rows->n; r++)
            out[j * TRIANGLE_STRIDE + r] = kedge_i_rows_at(rows->x, rows->i[r], j);
    for (size_t r = 0; r < rows->n; r++)
        out[j * TRIANGLE_STRIDE + r] = rows->y ? rows->y[rows->i[r]] : 0.0;
}

/* Units for the block; only a magnitude of a greater power of two than all before can change one. */
static void triangle_measure(kedge_i_gsl_triangle *t, size_t n)
{
    for (size_t j = 1; j < t->width; j++) {
        const double *column = t->block + j * TRIANGLE_STRIDE;
        double most = 0.0;
        if (t->most[j] > TRIANGLE_LEAST && kedge_i_all_below(column, n, ilogb(t->most[j]) + 1))
            continue;
        for (size_t r = 0; r < n; r++)
            most = fabs(column[r]) > most ? fabs(column[r]) : most;
        triangle_raise(t, j, most);
    }
}

/* The first block's mean; exactly the value of a constant column. Rows that hardly weigh do not draw the centre to them, where the
 * others' digits would be lost. */
static double triangle_first_centre(const double *column, const double *root, size_t n, double unit)
{
    size_t heaviest = 0;
    double sum = 0.0, total = 0.0;
    for (size_t r = 1; r < n; r++)
        heaviest = root[r] > root[heaviest] ? r : heaviest;
    double first = column[heaviest] * unit;
    for (size_t r = 0; r < n; r++) {
        sum += (column[r] * unit - first) * (root[r] * root[r]);
        total += root[r] * root[r];
    }
    return first + sum / total;
}

/* In units, about the centre, times the root of the weight; and rows of 0 up to a multiple of 4. */
static size_t triangle_standardise(kedge_i_gsl_triangle *t, size_t n, int weighted)
{
    size_t full = (n + 3) / 4 * 4;
    const double *root = t->block;
    for (size_t j = 1; j < t->width; j++) {
        double *column = t->block + j * TRIANGLE_STRIDE;
        double unit = t->unit[j], centre = t->centre[j];
        for (size_t r = 0; r < n; r++)
            column[r] = column[r] * unit - centre;
        for (size_t r = 0; weighted && r < n; r++)
            column[r] *= root[r];
    }
    for (size_t j = 0; j < t->width && full > n; j++)
        memset(t->block + j * TRIANGLE_STRIDE + n, 0, (full - n) * sizeof(double));
    return full;
}

static void triangle_reduce(kedge_i_gsl_triangle *t, size_t n)
{
    if (t->method == KEDGE_GSL_METHOD_NORMAL)
        kedge_i_gsl_block_products(t->matrix, t->width, t->block, n);
    else
        kedge_i_gsl_block_reflect(t->matrix, t->width, t->block, n);
}

/* The roots of the weights into the first column. Are they other than 1? */
static int triangle_weigh(kedge_i_gsl_triangle *t, const triangle_rows *rows, const double *weight)
{
    double most = 0.0;
    for (size_t r = 0; r < rows->n; r++) {
        double w = weight ? weight[rows->i[r]] : 1.0;
        most = w > most ? w : most;
        t->block[r] = w;
    }
    triangle_raise_weight(t, most);
    double unit = t->scalars[KEDGE_I_GSL_WEIGHT_UNIT];
    int weighted = weight != NULL || unit != 1.0;
    for (size_t r = 0; weighted && r < rows->n; r++)
        t->block[r] = sqrt(t->block[r] * unit);
    return weighted;
}

static void triangle_add_block(kedge_i_gsl_triangle *t, const triangle_rows *rows, const double *weight)
{
    int first = t->scalars[KEDGE_I_GSL_USED] == 0.0;
    int weighted = triangle_weigh(t, rows, weight);
    triangle_gather(t, rows);
    triangle_measure(t, rows->n);
    if (first)
        for (size_t j = 1; j < t->width; j++)
            t->centre[j] = triangle_first_centre(t->block + j * TRIANGLE_STRIDE, t->block, rows->n, t->unit[j]);
    t->scalars[KEDGE_I_GSL_USED] += (double)rows->n;
    triangle_reduce(t, triangle_standardise(t, rows->n, weighted));
    triangle_follow(t);
}

static void triangle_show_block(kedge_i_gsl_triangle *t, const triangle_rows *rows, const double *weight)
{
    int weighted = triangle_weigh(t, rows, weight);
    triangle_gather(t, rows);
    rows->visit(rows->context, t->block, triangle_standardise(t, rows->n, weighted));
}

static void triangle_block(kedge_i_gsl_triangle *t, triangle_rows *rows, const double *weight)
{
    if (rows->visit)
        triangle_show_block(t, rows, weight);
    else
        triangle_add_block(t, rows, weight);
    rows->n = 0;
}

/* Rows that have a weight (and, with a split, are tested in a fold), block by block: added where there is no visit, else shown. */
static void triangle_each(kedge_i_gsl_triangle *t, triangle_rows *rows, const double *weight, const kedge_split *split,
                          uint32_t i_fold)
{
    rows->n = 0;
    for (size_t i = 0; i < rows->x->n_rows; i++) {
        if ((weight && weight[i] == 0.0) || (split && kedge_split_side(split, i_fold, i) != KEDGE_SIDE_TEST))
            continue;
        rows->i[rows->n++] = i;
        if (rows->n == KEDGE_I_GSL_BLOCK)
            triangle_block(t, rows, weight);
    }
    if (rows->n > 0)
        triangle_block(t, rows, weight);
}

void kedge_i_gsl_triangle_add(kedge_i_gsl_triangle *t, const kedge_rows *x, const double *y, const double *weight)
{
    kedge_i_gsl_triangle_add_fold(t, x, y, weight, NULL, 0);
}

void kedge_i_gsl_triangle_add_fold(kedge_i_gsl_triangle *t, const kedge_rows *x, const double *y, const double *weight,
                                   const kedge_split *split, uint32_t i_fold)
{
    triangle_rows rows;
    rows.x = x;
    rows.y = y;
    rows.visit = NULL;
    triangle_each(t, &rows, weight, split, i_fold);
}

void kedge_i_gsl_triangle_show(kedge_i_gsl_triangle *t, const kedge_rows *x, const double *y, const double *weight,
                               kedge_i_gsl_triangle_visit visit, void *context)
{
    triangle_rows rows;
    rows.x = x;
    rows.y = y;
    rows.visit = visit;
    rows.context = context;
    triangle_each(t, &rows, weight, NULL, 0);
}

/* Merging ---------------------------------------------------------------------------------------------------------------------- */

void kedge_i_gsl_triangle_align(kedge_i_gsl_triangle *t, kedge_i_gsl_triangle *other)
{
    triangle_raise_weight(t, other->scalars[KEDGE_I_GSL_WEIGHT_MOST]);
    triangle_raise_weight(other, t->scalars[KEDGE_I_GSL_WEIGHT_MOST]);
    for (size_t j = 1; j < t->width; j++) {
        triangle_raise(t, j, other->most[j]);
        triangle_raise(other, j, t->most[j]);
        triangle_shift(other, j, t->centre[j] - other->centre[j]);
        other->centre[j] = t->centre[j];
    }
}

/* Some rows of the other triangle as a block. */
static size_t triangle_rows_of(kedge_i_gsl_triangle *t, const kedge_i_gsl_triangle *other, size_t from, size_t n)
{
    size_t full = (n + 3) / 4 * 4;
    for (size_t j = 0; j < t->width; j++)
        for (size_t r = 0; r < full; r++)
            t->block[j * TRIANGLE_STRIDE + r] = r < n ? other->matrix[(from + r) * t->width + j] : 0.0;
    return full;
}

void kedge_i_gsl_triangle_merge(kedge_i_gsl_triangle *t, kedge_i_gsl_triangle *other)
{
    if (other->scalars[KEDGE_I_GSL_USED] == 0.0)
        return;
    if (t->scalars[KEDGE_I_GSL_USED] == 0.0) {
        memcpy(t->matrix, other->matrix, (t->width * t->width + 3 * t->width + KEDGE_I_GSL_SCALARS) * sizeof(double));
        return;
    }
    kedge_i_gsl_triangle_align(t, other);
    if (t->method == KEDGE_GSL_METHOD_NORMAL)
        for (size_t i = 0; i < t->width * t->width; i++)
            t->matrix[i] += other->matrix[i];
    else
        for (size_t from = 0; from < t->width; from += KEDGE_I_GSL_BLOCK) {
            size_t n = t->width - from < KEDGE_I_GSL_BLOCK ? t->width - from : KEDGE_I_GSL_BLOCK;
            triangle_reduce(t, triangle_rows_of(t, other, from, n));
        }
    t->scalars[KEDGE_I_GSL_USED] += other->scalars[KEDGE_I_GSL_USED];
    triangle_follow(t);
}
