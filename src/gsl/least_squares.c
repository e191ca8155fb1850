/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Linear least squares by QR, with any number of rows in bounded memory.
 *
 * Golub, Van Loan 2013, "Matrix Computations", 4th edition: sections 5.2 (Householder QR), 5.3 (least squares by QR) and 5.4.2
 * (column pivoting reveals the rank); sequential QR: Lawson, Hanson 1974, "Solving Least Squares Problems", chapter 27. The columns
 * are [1 | standardised features | target], rows times the square root of their weight. Each block of rows is stacked on the
 * triangle R of all rows before and reduced again; what remains is R alone, and only its features are pivoted.
 *
 * GSL sees matrices over the work memory that have at least as many rows as columns and finite entries of moderate size, so it has
 * nothing to complain about and nothing to allocate. Cost: O(n_rows * n_features^2). */
#include "base/fp.h"

#include <float.h>
#include <string.h>

#include <gsl/gsl_linalg.h>

#include "kedge/gsl.h"

#include "base/check.h"
#include "base/number.h"
#include "gsl/linear_model.h"

enum { LEAST_SQUARES_BLOCK = 256 }; /* rows; fewer repeat the work on R too often, more leave the cache */

typedef struct least_squares_state {
    kedge_i_gsl_state linear;
    double tolerance;
} least_squares_state;

static const kedge_field least_squares_fields[] = {
    KEDGE_I_GSL_PARAMS(least_squares_state),
    KEDGE_PARAM(least_squares_state, tolerance, KEDGE_TYPE_F64),
    KEDGE_I_GSL_VALUES(least_squares_state),
};

/* A fit's work memory: where its arrays begin, in doubles. */
typedef struct least_squares_plan {
    size_t n_features;
    size_t width;       /* columns of the matrix: 1, features, target */
    size_t block;       /* rows stacked on R */
    uint64_t unit;      /* n_features each */
    uint64_t centre;
    uint64_t inverse_sd;
    uint64_t weight;
    uint64_t norm;      /* also the copy of a row */
    uint64_t order;     /* n_features size_t */
    uint64_t tau;       /* width */
    uint64_t matrix;    /* (width + block) * width */
    uint64_t total;
} least_squares_plan;

static void least_squares_defaults(void *config)
{
    kedge_gsl_least_squares_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_gsl_least_squares;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->base.n_features = 1;
    cfg->tolerance = 1e-12;
}

kedge_status kedge_gsl_least_squares_config_init(kedge_gsl_least_squares_config *cfg, size_t cfg_bytes, uint32_t n_features)
{
    kedge_status st = kedge_class_defaults(&kedge_gsl_least_squares.base, cfg, cfg_bytes, sizeof *cfg);
    if (st == KEDGE_OK)
        cfg->base.n_features = n_features;
    return st;
}

static void least_squares_configure(const void *config, void *fixed)
{
    const kedge_gsl_least_squares_config *cfg = config;
    least_squares_state *s = fixed;
    s->linear.model.n_features = cfg->base.n_features;
    s->linear.model.n_classes = cfg->base.n_classes;
    s->tolerance = cfg->tolerance;
}

static int least_squares_valid(const void *fixed)
{
    const least_squares_state *s = fixed;
    return kedge_i_u32_within(s->linear.model.n_features, 1, KEDGE_FEATURES_MAX) && s->linear.model.n_classes == 0 &&
           s->tolerance >= 0.0 && s->tolerance < 1.0;
}

static size_t least_squares_layout(void *fixed)
{
    return kedge_i_gsl_layout(fixed, sizeof(least_squares_state));
}

static int least_squares_check(const void *state)
{
    return least_squares_valid(state) && kedge_i_gsl_check(state);
}

static least_squares_plan least_squares_plan_work(const void *fixed, size_t n_rows)
{
    least_squares_plan p;
    uint64_t used = 0;
    p.n_features = ((const least_squares_state *)fixed)->linear.model.n_features;
    p.width = p.n_features + 2;
    p.block = p.width > LEAST_SQUARES_BLOCK ? p.width : LEAST_SQUARES_BLOCK;
    p.block = n_rows < p.block ? n_rows : p.block;
    p.unit = kedge_i_gsl_take(&used, p.n_features, 1);
    p.centre = kedge_i_gsl_take(&used, p.n_features, 1);
    p.inverse_sd = kedge_i_gsl_take(&used, p.n_features, 1);
    p.weight = kedge_i_gsl_take(&used, p.n_features, 1);
    p.norm = kedge_i_gsl_take(&used, p.n_features, 1);
    p.order = kedge_i_gsl_take(&used, p.n_features, 1);
    p.tau = kedge_i_gsl_take(&used, p.width, 1);
    p.matrix = kedge_i_gsl_take(&used, p.width + p.block, p.width);
    p.total = used;
    return p;
}

static size_t least_squares_fit_work(const void *fixed, size_t n_rows)
{
    return kedge_i_gsl_work_bytes(least_squares_plan_work(fixed, n_rows).total);
}

/* GSL's view of numbers that the caller owns. */
static gsl_vector least_squares_vector(double *data, size_t n, size_t stride)
{
    gsl_vector v = {n, stride, data, NULL, 0};
    return v;
}

static gsl_matrix least_squares_matrix(double *data, size_t n_rows, size_t n_columns, size_t row_stride)
{
    gsl_matrix m = {n_rows, n_columns, row_stride, data, NULL, 0};
    return m;
}

/* Unit and weighted mean of the target. */
static void least_squares_target(const kedge_i_gsl_columns *columns, const double *y, double *unit, double *centre)
{
    double most = 0.0;
    double sum = 0.0;
    double mean = 0.0;
    for (size_t i = 0; i < columns->x->n_rows; i++)
        if (kedge_i_gsl_weight(columns, i) > 0.0 && fabs(y[i]) > most)
            most = fabs(y[i]);
    *unit = kedge_i_gsl_unit(most);
    for (size_t i = 0; i < columns->x->n_rows; i++) {
        double w = kedge_i_gsl_weight(columns, i);
        if (w == 0.0)
            continue;
        sum += w;
        mean += w / sum * (y[i] * *unit - mean);
    }
    *centre = mean;
}

/* One weighted row [1 | features | target]. */
static void least_squares_fill(const kedge_i_gsl_columns *columns, size_t i_row, double target, double *row)
{
    size_t width = columns->x->n_columns + 2;
    double root = sqrt(kedge_i_gsl_weight(columns, i_row));
    row[0] = 1.0;
    kedge_i_gsl_standardise(columns, i_row, row + 1);
    row[width - 1] = target;
    for (size_t j = 0; j < width; j++)
        row[j] *= root;
}

/* Reduce R and n rows below it to a new R. GSL keeps its reflections below the diagonal; in R's rows they are 0, as R was. */
static void least_squares_reduce(const least_squares_plan *p, double *work, size_t n)
{
    gsl_matrix a = least_squares_matrix(work + p->matrix, p->width + n, p->width, p->width);
    gsl_vector tau = least_squares_vector(work + p->tau, p->width, 1);
    (void)gsl_linalg_QR_decomp(&a, &tau);
}

/* R of all rows, sequentially. */
static void least_squares_triangle(const least_squares_plan *p, double *work, const kedge_i_gsl_columns *columns, const double *y,
                                   double target_unit, double target_centre)
{
    double *stack = work + p->matrix + p->width * p->width;
    size_t n = 0;
    memset(work + p->matrix, 0, p->width * p->width * sizeof *work);
    for (size_t i = 0; i < columns->x->n_rows; i++) {
        if (kedge_i_gsl_weight(columns, i) == 0.0)
            continue;
        least_squares_fill(columns, i, y[i] * target_unit - target_centre, stack + n * p->width);
        if (++n == p->block) {
            least_squares_reduce(p, work, n);
            n = 0;
        }
    }
    if (n > 0)
        least_squares_reduce(p, work, n);
}

/* A pivot counts as zero below the tolerance, and below what rounding of the inputs can make: a column whose spread is small beside
 * its magnitude carries that many digits less. */
static size_t least_squares_rank(const least_squares_plan *p, const double *work, double tolerance, double weight_sum)
{
    const double *r = work + p->matrix + p->width + 1;
    const double *inverse_sd = work + p->inverse_sd;
    const size_t *order = (const size_t *)(const void *)(work + p->order);
    double first = fabs(r[0]);
    size_t rank = 0;
    for (; rank < p->n_features; rank++) {
        double pivot = fabs(r[rank * (p->width + 1)]);
        double noise = 8.0 * DBL_EPSILON * inverse_sd[order[rank]] * sqrt(weight_sum);
        if (!(pivot > tolerance * first && pivot > noise && pivot > DBL_EPSILON * first))
            break;
    }
    return rank;
}

/* Pivoted QR of the features' part of R; then the leading rank x rank triangle gives the weights. Returns the rank. */
static size_t least_squares_solve(const least_squares_plan *p, double *work, double tolerance, double weight_sum)
{
    double *r = work + p->matrix + p->width + 1;
    double *target = r + p->n_features;
    double *weight = work + p->weight;
    size_t *order = (size_t *)(void *)(work + p->order);
    gsl_matrix a = least_squares_matrix(r, p->n_features, p->n_features, p->width);
    gsl_vector b = least_squares_vector(target, p->n_features, p->width);
    gsl_vector tau = least_squares_vector(work + p->tau, p->n_features, 1);
    gsl_vector norm = least_squares_vector(work + p->norm, p->n_features, 1);
    gsl_permutation permutation = {p->n_features, order};
    int sign;
    (void)gsl_linalg_QRPT_decomp(&a, &tau, &permutation, &sign, &norm);
    (void)gsl_linalg_QR_QTvec(&a, &tau, &b);
    size_t rank = least_squares_rank(p, work, tolerance, weight_sum);
    memset(weight, 0, p->n_features * sizeof *weight);
    for (size_t i = rank; i-- > 0;) {
        double sum = target[i * p->width];
        for (size_t j = i + 1; j < rank; j++)
            sum -= r[i * p->width + j] * weight[order[j]];
        weight[order[i]] = sum / r[i * p->width + i];
    }
    return rank;
}

/* The residual is what no column reaches: the last diagonal element, and the target's part beyond the rank. */
static double least_squares_residual(const least_squares_plan *p, const double *work, size_t rank)
{
    const double *matrix = work + p->matrix;
    double last = matrix[p->width * p->width - 1];
    double sum = last * last;
    for (size_t i = rank; i < p->n_features; i++) {
        double rest = matrix[(i + 2) * p->width - 1];
        sum += rest * rest;
    }
    return sum;
}

/* First row of R: sum(1) * intercept + sum(features) . weights = sum(target), each over the square root of the count. */
static double least_squares_intercept(const least_squares_plan *p, const double *work)
{
    const double *matrix = work + p->matrix;
    double sum = matrix[p->width - 1];
    for (size_t j = 0; j < p->n_features; j++)
        sum -= matrix[j + 1] * work[p->weight + j];
    return sum / matrix[0];
}

static kedge_status least_squares_fit(const kedge_model_class *cls, void *state, const kedge_rows *x, const double *y, const double *weight, void *work_memory)
{
    (void)cls;
    least_squares_state *s = state;
    double *work = work_memory;
    least_squares_plan p = least_squares_plan_work(s, x->n_rows);
    kedge_i_gsl_columns columns = {x, weight, work + p.unit, work + p.centre, work + p.inverse_sd, work + p.norm, 0.0, 0.0, 0};
    double target_unit, target_centre;
    kedge_i_gsl_measure(&columns);
    if (columns.n_used == 0)
        return KEDGE_ERR_NUMERIC;
    least_squares_target(&columns, y, &target_unit, &target_centre);
    least_squares_triangle(&p, work, &columns, y, target_unit, target_centre);
    size_t rank = least_squares_solve(&p, work, s->tolerance, columns.weight_sum);
    double residual = least_squares_residual(&p, work, rank) * columns.weight_max / target_unit / target_unit;
    double intercept = target_centre + least_squares_intercept(&p, work);
    KEDGE_TRY(kedge_i_gsl_commit(s, &columns, work + p.weight, intercept, 1.0 / target_unit));
    s->linear.deviance = residual;
    s->linear.rank = (uint32_t)rank;
    s->linear.iterations = 1;
    return KEDGE_OK;
}

static kedge_status least_squares_predict(const kedge_model_class *cls, const void *state, const kedge_row *x, double *y)
{
    (void)cls;
    const least_squares_state *s = state;
    *y = s->linear.model.n_learned == 0 ? 0.0 : kedge_i_gsl_value(s, x);
    return s->linear.model.n_learned == 0 ? KEDGE_EMPTY : KEDGE_OK;
}

const kedge_model_class kedge_gsl_least_squares = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_MODEL,
            .version = 1,
            .name = "least_squares",
            .fixed_bytes = sizeof(least_squares_state),
            .config_bytes = sizeof(kedge_gsl_least_squares_config),
            .n_fields = sizeof least_squares_fields / sizeof *least_squares_fields,
            .fields = least_squares_fields,
            .defaults = least_squares_defaults,
            .configure = least_squares_configure,
            .valid = least_squares_valid,
            .layout = least_squares_layout,
            .start = kedge_i_gsl_start,
            .check = least_squares_check,
        },
    .fit_work = least_squares_fit_work,
    .fit = least_squares_fit,
    .predict = least_squares_predict,
    .score = least_squares_predict,
};
