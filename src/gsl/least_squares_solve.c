/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the triangle of all rows to weights, rank and errors.
 *
 * Golub, Van Loan 2013, "Matrix Computations", 4th edition: sections 5.3 (least squares by QR), 5.4.2 (column pivoting reveals the
 * rank) and 4.2 (Cholesky). GSL sees matrices over the work memory that have at least as many rows as columns and finite entries of
 * moderate size, so it has nothing to complain about and nothing to allocate. O(n_features^3). */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include <gsl/gsl_linalg.h>

#include "gsl/least_squares.h"

#include "base/check.h"
#include "base/cholesky.h"
#include "gsl/view.h"

#define SOLVE_ILL 1e4                         /* condition from which on normal equations lose 8 digits */
#define SOLVE_LOST (64.0 * DBL_EPSILON)       /* share of a column's squares that sums of products cannot tell from 0 */
#define SOLVE_LOST_CONDITION 8e6              /* the condition that this hides, 1 / sqrt(SOLVE_LOST) */
#define SOLVE_LEAST 1e-60                     /* a pivot below this has no reciprocal worth having */

/* Everything on the way. */
typedef struct solve {
    kedge_i_gsl_triangle *t;
    size_t n;           /* features */
    double weight_sum;
    double total;       /* squares of the target about its mean */
    double *weight;     /* n */
    double *norm;       /* n + 1 */
    double *tau;        /* n + 2 */
    double *inverse_sd; /* n */
    size_t *order;      /* n */
    double *square;     /* (n + 1)^2, with report */
    double *root;       /* packed, with report */
    size_t rank;
    int lost;           /* 1: Cholesky dropped a column */
} solve;

uint64_t kedge_i_least_squares_scratch(uint64_t n_features, uint32_t report)
{
    uint64_t used = 0;
    (void)kedge_i_gsl_take(&used, n_features, 5);
    (void)kedge_i_gsl_take(&used, 3, 1);
    if (report) {
        (void)kedge_i_gsl_take(&used, n_features + 1, n_features + 1);
        (void)kedge_i_gsl_take(&used, kedge_i_triangle(n_features + 1), 1);
    }
    return used;
}

static solve solve_at(kedge_i_gsl_triangle *t, double *scratch)
{
    solve s;
    memset(&s, 0, sizeof s);
    s.t = t;
    s.n = t->width - 2;
    s.weight = scratch;
    s.norm = s.weight + s.n;
    s.inverse_sd = s.norm + s.n + 1;
    s.order = (size_t *)(void *)(s.inverse_sd + s.n);
    s.tau = s.inverse_sd + 2 * s.n;
    s.square = s.tau + s.n + 2;
    s.root = s.square + (s.n + 1) * (s.n + 1);
    return s;
}

/* Standardise ------------------------------------------------------------------------------------------------------------------ */

/* Columns of R about their means and over their deviations. */
static void solve_standardise_triangle(solve *s)
{
    size_t width = s->t->width;
    double *r = s->t->matrix;
    s->weight_sum = r[0] * r[0];
    for (size_t j = 1; j <= s->n; j++) {
        double squares = 0.0;
        for (size_t i = 1; i <= j; i++)
            squares += r[i * width + j] * r[i * width + j];
        double factor = s->inverse_sd[j - 1] = kedge_i_gsl_inverse_sd(squares / s->weight_sum);
        for (size_t i = 0; i <= j; i++)
            r[i * width + j] *= factor;
    }
}

static void solve_standardise_products(solve *s)
{
    size_t width = s->t->width;
    double *g = s->t->matrix;
    s->weight_sum = g[0];
    for (size_t j = 1; j <= s->n; j++)
        s->inverse_sd[j - 1] = kedge_i_gsl_inverse_sd(g[j * width + j] / s->weight_sum);
    for (size_t i = 0; i < width; i++)
        for (size_t j = i; j < width; j++) {
            double left = i > 0 && i <= s->n ? s->inverse_sd[i - 1] : 1.0;
            double right = j > 0 && j <= s->n ? s->inverse_sd[j - 1] : 1.0;
            g[i * width + j] *= left * right;
        }
}

/* R of the products, in their place. What is left of a column that those before it determine is rounding: its row becomes 0. */
static void solve_cholesky(solve *s)
{
    size_t width = s->t->width;
    double *g = s->t->matrix;
    for (size_t k = 0; k < width; k++) {
        double *row = g + k * width;
        int feature = k > 0 && k <= s->n;
        double least = feature ? SOLVE_LOST * s->weight_sum : 0.0;
        if (!(row[k] > least)) {
            s->lost |= feature && s->inverse_sd[k - 1] > 0.0;
            memset(row + k, 0, (width - k) * sizeof *row);
            continue;
        }
        double inverse = 1.0 / sqrt(row[k]);
        for (size_t j = k; j < width; j++)
            row[j] *= inverse;
        for (size_t i = k + 1; i < width; i++)
            for (size_t j = i; j < width; j++)
                g[i * width + j] -= row[i] * row[j];
    }
}

/* Solve ------------------------------------------------------------------------------------------------------------------------ */

/* A pivot counts as zero below the tolerance, and below what rounding of the inputs can make: a column whose spread is small beside
 * its magnitude carries that many digits less. */
static size_t solve_rank(const solve *s, double tolerance)
{
    const double *r = s->t->matrix + s->t->width + 1;
    double first = fabs(r[0]);
    size_t rank = 0;
    for (; rank < s->n; rank++) {
        double pivot = fabs(r[rank * (s->t->width + 1)]);
        double noise = 8.0 * DBL_EPSILON * s->inverse_sd[s->order[rank]] * sqrt(s->weight_sum);
        if (!(pivot > tolerance * first && pivot > noise && pivot > DBL_EPSILON * first))
            break;
    }
    return rank;
}

/* Pivoted QR of the features' part of R; then the leading rank x rank triangle gives the weights. */
static void solve_weights(solve *s, double tolerance)
{
    size_t width = s->t->width;
    double *r = s->t->matrix + width + 1;
    double *target = r + s->n;
    gsl_matrix a = kedge_i_gsl_matrix(r, s->n, s->n, width);
    gsl_vector b = kedge_i_gsl_vector(target, s->n, width);
    gsl_vector tau = kedge_i_gsl_vector(s->tau, s->n, 1);
    gsl_vector norm = kedge_i_gsl_vector(s->norm, s->n, 1);
    gsl_permutation permutation = {s->n, s->order};
    int sign;
    (void)gsl_linalg_QRPT_decomp(&a, &tau, &permutation, &sign, &norm);
    (void)gsl_linalg_QR_QTvec(&a, &tau, &b);
    s->rank = solve_rank(s, tolerance);
    memset(s->weight, 0, s->n * sizeof *s->weight);
    for (size_t i = s->rank; i-- > 0;) {
        double sum = target[i * width];
        for (size_t j = i + 1; j < s->rank; j++)
            sum -= r[i * width + j] * s->weight[s->order[j]];
        s->weight[s->order[i]] = sum / r[i * width + i];
    }
}

/* The residual is what no column reaches: the last diagonal element, and the target's part beyond the rank. */
static double solve_residual(const solve *s)
{
    const double *matrix = s->t->matrix;
    double last = matrix[s->t->width * s->t->width - 1];
    double sum = last * last;
    for (size_t i = s->rank; i < s->n; i++) {
        double rest = matrix[(i + 2) * s->t->width - 1];
        sum += rest * rest;
    }
    return sum;
}

static double solve_total(const solve *s)
{
    double sum = 0.0;
    for (size_t i = 1; i < s->t->width; i++) {
        double x = s->t->matrix[(i + 1) * s->t->width - 1];
        sum += x * x;
    }
    return sum;
}

/* First row of R: sum(1) * intercept + sum(features) . weights = sum(target), each over the square root of the count. */
static double solve_intercept(const solve *s)
{
    const double *matrix = s->t->matrix;
    double sum = matrix[s->t->width - 1];
    for (size_t j = 0; j < s->n; j++)
        sum -= matrix[j + 1] * s->weight[j];
    return sum / matrix[0];
}

static double solve_condition(const solve *s)
{
    const double *r = s->t->matrix + s->t->width + 1;
    if (s->rank == 0)
        return 0.0;
    double ratio = fabs(r[0]) / fabs(r[(s->rank - 1) * (s->t->width + 1)]);
    return s->lost && ratio < SOLVE_LOST_CONDITION ? SOLVE_LOST_CONDITION : ratio;
}

/* Errors ----------------------------------------------------------------------------------------------------------------------- */

/* The columns of R that have a weight, and that of ones, as a triangle of k columns again: in natural order, so that the root is
 * one too. The pivots are in s->order from the solution; R is a copy from before it. Returns k. */
static size_t solve_kept(solve *s, size_t *kept)
{
    size_t m = s->n + 1, k = 1;
    double *a = s->square;
    kept[0] = 0;
    for (size_t j = 1; j < m; j++) { /* in place: a column never moves to the right */
        int has_weight = 0;
        for (size_t i = 0; i < s->rank; i++)
            has_weight |= s->order[i] == j - 1;
        if (!has_weight)
            continue;
        for (size_t i = 0; i < m; i++)
            a[i * m + k] = a[i * m + j];
        kept[k++] = j;
    }
    if (k < m) {
        gsl_matrix view = kedge_i_gsl_matrix(a, m, k, m);
        gsl_vector tau = kedge_i_gsl_vector(s->tau, k, 1);
        (void)gsl_linalg_QR_decomp(&view, &tau);
    }
    return k;
}

/* U = R^-1 in R's place, k x k. 0: a pivot is too small. */
static int solve_invert(double *a, size_t k, size_t stride)
{
    for (size_t j = 0; j < k; j++) {
        double pivot = a[j * stride + j];
        if (!(fabs(pivot) > SOLVE_LEAST))
            return 0;
        double inverse = 1.0 / pivot;
        for (size_t i = 0; i < j; i++) { /* U(i, j) = -(sum over l of U(i, l) R(l, j)) / R(j, j), l from i to j - 1 */
            double sum = 0.0;
            for (size_t l = i; l < j; l++)
                sum += a[i * stride + l] * a[l * stride + j];
            a[i * stride + j] = sum;
        }
        for (size_t i = 0; i < j; i++)
            a[i * stride + j] *= -inverse;
        a[j * stride + j] = inverse;
    }
    return 1;
}

/* The covariance of all coefficients is (R' R)^-1 = U U' times the residual variance, so U' is its root. */
static int solve_root(solve *s)
{
    size_t m = s->n + 1;
    size_t *kept = (size_t *)(void *)s->norm; /* which has done its service */
    size_t k = solve_kept(s, kept);
    memset(s->root, 0, (size_t)kedge_i_triangle(m) * sizeof *s->root);
    if (!solve_invert(s->square, k, m))
        return 0;
    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i <= j; i++)
            s->root[kedge_i_triangle(kept[j]) + kept[i]] = s->square[i * m + j];
    return 1;
}

/* Solution --------------------------------------------------------------------------------------------------------------------- */

static void solve_triangle(solve *s)
{
    kedge_i_gsl_triangle_centre(s->t);
    if (s->t->method == KEDGE_GSL_METHOD_NORMAL) {
        solve_standardise_products(s);
        solve_cholesky(s);
    } else {
        solve_standardise_triangle(s);
    }
    s->total = solve_total(s);
}

double kedge_i_least_squares_standardise(kedge_i_gsl_triangle *t, double *inverse_sd)
{
    solve s;
    memset(&s, 0, sizeof s);
    s.t = t;
    s.n = t->width - 2;
    s.inverse_sd = inverse_sd;
    solve_triangle(&s);
    return s.weight_sum;
}

/* Weights, intercept and what a report needs into the state. */
static kedge_status solve_commit(solve *s, kedge_i_gsl_state *linear, double residual, int has_root)
{
    const kedge_i_gsl_triangle *t = s->t;
    kedge_i_gsl_columns columns = {0};
    double weight_unit = t->scalars[KEDGE_I_GSL_WEIGHT_UNIT], target_unit = t->unit[t->width - 1];
    columns.unit = t->unit + 1;
    columns.centre = t->centre + 1;
    columns.inverse_sd = s->inverse_sd;
    columns.n_used = (uint64_t)t->scalars[KEDGE_I_GSL_USED];
    KEDGE_TRY(kedge_i_gsl_commit(linear, &columns, s->weight, t->centre[t->width - 1] + solve_intercept(s), 1.0 / target_unit));
    linear->deviance = residual / weight_unit / target_unit / target_unit;
    linear->condition = solve_condition(s);
    linear->rank = (uint32_t)s->rank;
    linear->iterations = 1;
    double df = (double)columns.n_used - (double)s->rank - 1.0;
    if (has_root && df > 0.0) {
        double left = s->total > residual ? residual / s->total : 1.0;
        kedge_i_gsl_commit_errors(linear, s->inverse_sd, s->root, sqrt(residual / df), df, sqrt(residual / df / weight_unit), left);
    }
    return KEDGE_OK;
}

kedge_status kedge_i_least_squares_solve(kedge_i_gsl_triangle *t, kedge_i_gsl_state *linear, double tolerance, int with_errors,
                                         double *scratch)
{
    solve s = solve_at(t, scratch);
    size_t m = s.n + 1;
    if (!(fabs(t->matrix[0]) > 0.0))
        return KEDGE_ERR_NUMERIC;
    solve_triangle(&s);
    for (size_t i = 0; with_errors && i < m; i++)
        memcpy(s.square + i * m, t->matrix + i * t->width, m * sizeof(double));
    solve_weights(&s, tolerance);
    int has_root = with_errors && solve_root(&s);
    KEDGE_TRY(solve_commit(&s, linear, solve_residual(&s), has_root));
    return t->method == KEDGE_GSL_METHOD_NORMAL && linear->condition > SOLVE_ILL ? KEDGE_WARNING : KEDGE_OK;
}
