/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the triangle of all rows to the whole path of ridge regression.
 *
 * With the columns X = U S V' about their means, the weights for a penalty l are V (S^2 + l)^-1 S U' y, the leverage of row i is
 * h = 1/n + sum over j of t_j^2 / (s_j^2 + l) with t = V' x_i, and its error where it is left out is its residual over 1 - h
 * (Golub, Heath, Wahba 1979, "Generalized cross-validation as a method for choosing a good ridge parameter", Technometrics 21,
 * equation 1.3). S, V and U' y come from the p x p triangle: pivoted QR (Golub, Van Loan 2013, "Matrix Computations", section
 * 5.4.2), then Jacobi rotations. */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include <gsl/gsl_linalg.h>

#include "gsl/ridge_path.h"

#include "gsl/jacobi.h"
#include "gsl/least_squares.h"
#include "gsl/view.h"

#define PATH_NOISE   (32.0 * DBL_EPSILON) /* what rounding of a column in units can make, a row */
#define PATH_LEAST   1e-200               /* entries below this are 0, for GSL's sake */
#define PATH_DECIDES 1e-10                /* what a row that determines its own value leaves of its residual */

enum { PATH_EXPONENT = 900, PATH_STRIDE = KEDGE_I_GSL_BLOCK };

uint64_t kedge_i_ridge_scratch(uint64_t n_features, int with_loo)
{
    uint64_t used = 0;
    (void)kedge_i_gsl_take(&used, n_features, 7);
    if (with_loo) {
        (void)kedge_i_gsl_take(&used, n_features, n_features);
        (void)kedge_i_gsl_take(&used, n_features + 2, PATH_STRIDE);
    }
    return used;
}

static kedge_i_ridge path_at(kedge_i_gsl_triangle *t, double *scratch)
{
    kedge_i_ridge r;
    memset(&r, 0, sizeof r);
    r.t = t;
    r.n = t->width - 2;
    r.inverse_sd = scratch;
    r.scale = r.inverse_sd + r.n;
    r.square = r.scale + r.n;
    r.weight = r.square + r.n;
    r.tau = r.weight + r.n;
    r.norm = r.tau + r.n;
    r.order = (size_t *)(void *)(r.norm + r.n);
    r.basis = r.norm + 2 * r.n;
    r.turned = r.basis + r.n * r.n;
    r.leverage = r.turned + r.n * PATH_STRIDE;
    r.residual = r.leverage + PATH_STRIDE;
    return r;
}

/* Row j of the decomposition: n numbers, then the target's. */
static inline double *path_row(const kedge_i_ridge *r, size_t j)
{
    return r->t->matrix + (j + 1) * r->t->width + 1;
}

/* Scale --------------------------------------------------------------------------------------------------------------------- */

/* The unit of the column that has the greatest magnitudes, among those that have a spread. */
static int path_unit(const kedge_i_ridge *r)
{
    int unit = INT32_MAX;
    for (size_t k = 0; k < r->n; k++)
        if (r->inverse_sd[k] > 0.0 && ilogb(r->t->unit[k + 1]) < unit)
            unit = ilogb(r->t->unit[k + 1]);
    return unit == INT32_MAX ? 0 : unit;
}

/* Columns over their deviations into the scale that the penalty goes by. */
static void path_scale(kedge_i_ridge *r, int standardise)
{
    r->unit = path_unit(r);
    for (size_t k = 0; k < r->n; k++) {
        double inverse_sd = r->inverse_sd[k];
        int exponent = r->unit - ilogb(r->t->unit[k + 1]); /* above 0 only of constant columns */
        double power = scalbn(1.0, exponent < 0 ? exponent : 0);
        r->scale[k] = standardise || !(inverse_sd > 0.0) ? inverse_sd : power;
        double factor = standardise || !(inverse_sd > 0.0) ? 1.0 : power / fmax(inverse_sd, DBL_EPSILON);
        for (size_t i = 0; i <= k + 1; i++) {
            double *x = r->t->matrix + i * r->t->width + k + 1;
            double scaled = *x * factor;
            *x = fabs(scaled) < PATH_LEAST ? 0.0 : scaled;
        }
    }
}

double kedge_i_ridge_penalty(const kedge_i_ridge *r, double l2, int standardise)
{
    int power = ilogb(r->t->scalars[KEDGE_I_GSL_WEIGHT_UNIT]) + (standardise ? 0 : 2 * r->unit);
    if (l2 == 0.0)
        return 0.0;
    return ilogb(l2) + power > PATH_EXPONENT ? scalbn(1.0, PATH_EXPONENT) : scalbn(l2, power);
}

/* Decompose ----------------------------------------------------------------------------------------------------------------- */

/* R Q = Q' R' with the greatest rows first; below the diagonal 0. */
static void path_pivot(kedge_i_ridge *r)
{
    size_t width = r->t->width;
    gsl_matrix a = kedge_i_gsl_matrix(path_row(r, 0), r->n, r->n, width);
    gsl_vector b = kedge_i_gsl_vector(path_row(r, 0) + r->n, r->n, width);
    gsl_vector tau = kedge_i_gsl_vector(r->tau, r->n, 1);
    gsl_vector norm = kedge_i_gsl_vector(r->norm, r->n, 1);
    gsl_permutation permutation = {r->n, r->order};
    int sign;
    (void)gsl_linalg_QRPT_decomp(&a, &tau, &permutation, &sign, &norm);
    (void)gsl_linalg_QR_QTvec(&a, &tau, &b);
    for (size_t j = 1; j < r->n; j++)
        memset(path_row(r, j), 0, j * sizeof(double));
}

/* A singular value that rounding of the columns can make is none: along v, the columns' rounding adds up to that of the scaled
 * columns times v. */
static void path_rank(kedge_i_ridge *r)
{
    double most = 0.0, least = DBL_MAX;
    for (size_t j = 0; j < r->n; j++) {
        const double *row = path_row(r, j);
        double square = kedge_i_gsl_jacobi_square(row, r->n);
        double value = sqrt(square), noise = 0.0;
        for (size_t i = 0; i < r->n; i++) {
            double part = r->scale[r->order[i]] * (row[i] / fmax(value, DBL_MIN));
            noise += part * part;
        }
        int counts = value > PATH_NOISE * sqrt(r->weight_sum * noise);
        r->square[j] = counts ? square : 0.0;
        r->rank += (size_t)counts;
        most = counts && value > most ? value : most;
        least = counts && value < least ? value : least;
    }
    r->condition = r->rank > 0 ? most / least : 0.0;
}

kedge_i_ridge kedge_i_ridge_decompose(kedge_i_gsl_triangle *t, int standardise, double *scratch)
{
    kedge_i_ridge r = path_at(t, scratch);
    r.weight_sum = kedge_i_least_squares_standardise(t, r.inverse_sd);
    for (size_t i = 1; i < t->width; i++)
        memset(t->matrix + i * t->width, 0, i * sizeof(double));
    path_scale(&r, standardise);
    path_pivot(&r);
    kedge_i_gsl_jacobi(path_row(&r, 0), r.n, t->width, 1, r.tau); /* the room of tau and norm, which GSL no longer needs */
    path_rank(&r);
    return r;
}

/* Penalties ----------------------------------------------------------------------------------------------------------------- */

/* What the penalty leaves of the target's part along singular vector j, over that part times s^2: 1 / (s^2 + l). */
static inline double path_factor(const kedge_i_ridge *r, size_t j, double penalty)
{
    double counts = r->square[j] > 0.0 ? 1.0 : 0.0;
    return counts / (r->square[j] > 0.0 ? r->square[j] + penalty : 1.0);
}

kedge_i_ridge_worth kedge_i_ridge_assess(const kedge_i_ridge *r, double penalty)
{
    kedge_i_ridge_worth w = {0.0, KEDGE_I_RIDGE_UNKNOWN, 1.0, 0.0};
    double n_rows = r->t->scalars[KEDGE_I_GSL_USED];
    double last = r->t->matrix[r->t->width * r->t->width - 1];
    double rest = last * last;
    for (size_t j = 0; j < r->n; j++) {
        double along = path_row(r, j)[r->n];
        double factor = path_factor(r, j, penalty);
        double left = factor > 0.0 ? along * (penalty * factor) : along;
        w.df += r->square[j] * factor;
        rest += left * left;
    }
    w.deviance = rest;
    double free = 1.0 - w.df / n_rows;
    double divisor = free > PATH_DECIDES ? free : 1.0;
    double gcv = rest / r->weight_sum / (divisor * divisor);
    w.gcv = free > PATH_DECIDES ? gcv : KEDGE_I_RIDGE_UNKNOWN;
    return w;
}

double kedge_i_ridge_solve(const kedge_i_ridge *r, double penalty)
{
    const double *first = r->t->matrix;
    memset(r->weight, 0, r->n * sizeof *r->weight);
    for (size_t j = 0; j < r->n; j++) {
        const double *row = path_row(r, j);
        double along = row[r->n] * path_factor(r, j, penalty);
        for (size_t i = 0; i < r->n; i++)
            r->weight[r->order[i]] += along * row[i];
    }
    double sum = first[r->t->width - 1]; /* the first row: sum(1) * intercept + sum(features) . weights = sum(target) */
    for (size_t k = 0; k < r->n; k++)
        sum -= first[k + 1] * r->weight[k];
    return r->t->centre[r->t->width - 1] + sum / first[0];
}

/* Leave one out ------------------------------------------------------------------------------------------------------------- */

typedef struct path_pass {
    kedge_i_ridge *r;
    const double *penalty;
    kedge_i_ridge_worth *worth;
    size_t n;
} path_pass;

/* V' in natural order, times the scale. */
static void path_make_basis(kedge_i_ridge *r)
{
    for (size_t j = 0; j < r->n; j++) {
        const double *row = path_row(r, j);
        double value = sqrt(r->square[j]);
        double inverse = value > 0.0 ? 1.0 / fmax(value, DBL_MIN) : 0.0;
        for (size_t i = 0; i < r->n; i++)
            r->basis[j * r->n + r->order[i]] = row[i] * inverse * r->scale[r->order[i]];
    }
}

/* A column's share in a coordinate of all rows. */
static inline void path_add(double *to, const double *column, double factor, size_t n_rows)
{
    for (size_t i = 0; i < n_rows; i++)
        to[i] += factor * column[i];
}

/* Four columns at once: what is loaded and stored of the coordinate serves for all. */
static inline void path_add_four(double *to, const double *column, const double *factor, size_t n_rows)
{
    const double *b = column + PATH_STRIDE, *c = b + PATH_STRIDE, *d = c + PATH_STRIDE;
    for (size_t i = 0; i < n_rows; i++)
        to[i] += (factor[0] * column[i] + factor[1] * b[i]) + (factor[2] * c[i] + factor[3] * d[i]);
}

static void path_turn(kedge_i_ridge *r, const double *block, size_t n_rows)
{
    for (size_t j = 0; j < r->n; j++) {
        const double *factor = r->basis + j * r->n;
        double *to = r->turned + j * PATH_STRIDE;
        size_t k = 0;
        memset(to, 0, n_rows * sizeof *to);
        if (r->square[j] == 0.0)
            continue;
        for (; k + 4 <= r->n; k += 4)
            path_add_four(to, block + (k + 1) * PATH_STRIDE, factor + k, n_rows);
        for (; k < r->n; k++)
            path_add(to, block + (k + 1) * PATH_STRIDE, factor[k], n_rows);
    }
}

/* What is left of the leverages, and the residuals, of a block for one penalty. */
static void path_predict(kedge_i_ridge *r, const double *block, size_t n_rows, double penalty)
{
    const double *target = block + (r->n + 1) * PATH_STRIDE;
    double *leverage = r->leverage, *residual = r->residual;
    double share = 1.0 / r->weight_sum;
    for (size_t i = 0; i < n_rows; i++) {
        leverage[i] = 1.0 - block[i] * block[i] * share;
        residual[i] = target[i];
    }
    for (size_t j = 0; j < r->n; j++) {
        const double *turned = r->turned + j * PATH_STRIDE;
        double factor = path_factor(r, j, penalty);
        double along = path_row(r, j)[r->n] * factor * sqrt(r->square[j]);
        for (size_t i = 0; i < n_rows; i++) {
            leverage[i] -= factor * (turned[i] * turned[i]);
            residual[i] -= along * turned[i];
        }
    }
}

static void path_visit(void *context, double *block, size_t n_rows)
{
    const path_pass *pass = context;
    kedge_i_ridge *r = pass->r;
    path_turn(r, block, n_rows);
    for (size_t k = 0; k < pass->n; k++) {
        double *loo = &pass->worth[k].loo;
        double sum = 0.0, free = 1.0;
        if (*loo == KEDGE_I_RIDGE_UNKNOWN)
            continue;
        path_predict(r, block, n_rows, pass->penalty[k]);
        for (size_t i = 0; i < n_rows; i++) {
            double left = r->residual[i] / fmax(r->leverage[i], PATH_DECIDES);
            sum += left * left;
            free = r->leverage[i] < free ? r->leverage[i] : free;
        }
        *loo = free > PATH_DECIDES ? *loo + sum : KEDGE_I_RIDGE_UNKNOWN;
    }
}

void kedge_i_ridge_leave_out(kedge_i_ridge *r, const kedge_rows *x, const double *y, const double *weight, const double *penalty,
                             kedge_i_ridge_worth *worth, size_t n)
{
    path_pass pass = {r, penalty, worth, n};
    path_make_basis(r);
    for (size_t k = 0; k < n; k++)
        worth[k].loo = 0.0;
    kedge_i_gsl_triangle_show(r->t, x, y, weight, path_visit, &pass);
    for (size_t k = 0; k < n; k++)
        worth[k].loo = worth[k].loo == KEDGE_I_RIDGE_UNKNOWN ? KEDGE_I_RIDGE_UNKNOWN : worth[k].loo / r->weight_sum;
}
