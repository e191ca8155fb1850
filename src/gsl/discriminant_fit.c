/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fit of discriminant analysis: means, squares within classes, and what follows from them; see discriminant.c. Two
 * passes after those that measure the columns. */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "gsl/discriminant_state.h"

#include "base/check.h"
#include "base/cholesky.h"
#include "base/number.h"
#include "gsl/irls.h"

#define DISCRIMINANT_VARIANCE_MIN 1e-26 /* within classes, of columns with the variance 1: less is rounding */
#define DISCRIMINANT_RATIO_MAX    1e100 /* of columns' spreads */
enum { DISCRIMINANT_TOGETHER = 4 };

/* A fit: arrays in the work memory. A group is what has a covariance: all rows, or a class. */
typedef struct discriminant_task {
    kedge_i_gsl_columns columns;
    const double *y;
    size_t n;
    size_t stride;
    size_t n_classes;
    size_t n_groups;
    double *total;    /* weight of a class, of all together 1 */
    double *rows;     /* rows of a class that have a weight */
    double *mean;     /* n_classes x stride */
    double *matrix;   /* n_groups x n x stride */
    double *waiting;  /* n_groups x 4 x stride: rows less their class's mean */
    double *curve;    /* n_groups x 4: their weights */
    double *filled;   /* n_groups: how many there are */
    double *spread;   /* of the columns, over the greatest */
    double *diagonal; /* stride */
    double *constant; /* n_classes */
    double *root;     /* quadratic: n_classes triangles */
} discriminant_task;

static uint64_t discriminant_place(discriminant_task *t, const kedge_i_discriminant_state *s, double *work)
{
    uint64_t used = 0, n = s->model.n_features, k = s->model.n_classes, stride = kedge_i_newton_stride(n);
    uint64_t groups = s->quadratic ? k : 1;
    uint64_t at[10];
    at[0] = kedge_i_gsl_take(&used, n, 4); /* unit, centre, inverse_sd, copy */
    at[1] = kedge_i_gsl_take(&used, k, 2);
    at[2] = kedge_i_gsl_take(&used, k, stride);
    at[3] = kedge_i_gsl_take(&used, groups * n, stride);
    at[4] = kedge_i_gsl_take(&used, groups * DISCRIMINANT_TOGETHER, stride + 1);
    at[5] = kedge_i_gsl_take(&used, groups, 1);
    at[6] = kedge_i_gsl_take(&used, n, 1);
    at[7] = kedge_i_gsl_take(&used, stride, 1);
    at[8] = kedge_i_gsl_take(&used, k, 1);
    at[9] = kedge_i_gsl_take(&used, s->quadratic ? k : 0, kedge_i_triangle(n));
    if (!work)
        return used;
    memset(work, 0, (size_t)used * sizeof *work);
    t->n = (size_t)n;
    t->stride = (size_t)stride;
    t->n_classes = (size_t)k;
    t->n_groups = (size_t)groups;
    t->columns.unit = work + at[0];
    t->columns.centre = t->columns.unit + n;
    t->columns.inverse_sd = t->columns.centre + n;
    t->columns.copy = t->columns.inverse_sd + n;
    t->total = work + at[1];
    t->rows = t->total + k;
    t->mean = work + at[2];
    t->matrix = work + at[3];
    t->waiting = work + at[4];
    t->curve = t->waiting + groups * DISCRIMINANT_TOGETHER * stride;
    t->filled = work + at[5];
    t->spread = work + at[6];
    t->diagonal = work + at[7];
    t->constant = work + at[8];
    t->root = work + at[9];
    return used;
}

size_t kedge_i_discriminant_fit_work(const void *fixed, size_t n_rows)
{
    (void)n_rows;
    return kedge_i_gsl_work_bytes(discriminant_place(NULL, fixed, NULL));
}

/* Shares and means of the classes. KEDGE_ERR_NUMERIC: there are fewer than two. */
static kedge_status discriminant_means(discriminant_task *t)
{
    size_t n_seen = 0;
    for (size_t i = 0; i < t->columns.x->n_rows; i++) {
        double share = kedge_i_gsl_weight(&t->columns, i) / t->columns.weight_sum;
        size_t k = (size_t)t->y[i];
        if (!(share > 0.0))
            continue;
        double *mean = t->mean + k * t->stride;
        kedge_i_gsl_standardise(&t->columns, i, t->columns.copy);
        t->total[k] += share;
        t->rows[k] += 1.0;
        for (size_t j = 0; j < t->n; j++)
            mean[j] += share * t->columns.copy[j];
    }
    for (size_t k = 0; k < t->n_classes; k++) {
        n_seen += t->total[k] > 0.0;
        for (size_t j = 0; j < t->n && t->total[k] > 0.0; j++)
            t->mean[k * t->stride + j] /= t->total[k];
    }
    return n_seen < 2 ? KEDGE_ERR_NUMERIC : KEDGE_OK;
}

static double *discriminant_matrix(const discriminant_task *t, size_t group)
{
    return t->matrix + group * t->n * t->stride;
}

/* The rows that wait go into the group's matrix; those that are not there weigh nothing. */
static void discriminant_flush(discriminant_task *t, size_t group)
{
    double *curve = t->curve + group * DISCRIMINANT_TOGETHER;
    kedge_i_irls_add_matrix(t->waiting + group * DISCRIMINANT_TOGETHER * t->stride, t->n, t->stride, curve,
                            discriminant_matrix(t, group), t->stride);
    memset(curve, 0, DISCRIMINANT_TOGETHER * sizeof *curve);
    t->filled[group] = 0.0;
}

/* Squares within classes. */
static void discriminant_scatter(discriminant_task *t)
{
    for (size_t i = 0; i < t->columns.x->n_rows; i++) {
        double share = kedge_i_gsl_weight(&t->columns, i) / t->columns.weight_sum;
        size_t k = (size_t)t->y[i];
        size_t group = t->n_groups > 1 ? k : 0;
        if (!(share > 0.0))
            continue;
        size_t slot = group * DISCRIMINANT_TOGETHER + (size_t)t->filled[group];
        double *row = t->waiting + slot * t->stride;
        kedge_i_gsl_standardise(&t->columns, i, row);
        for (size_t j = 0; j < t->n; j++)
            row[j] -= t->mean[k * t->stride + j];
        t->curve[slot] = share / (t->n_groups > 1 ? t->total[k] : 1.0);
        t->filled[group] += 1.0;
        if (t->filled[group] == DISCRIMINANT_TOGETHER)
            discriminant_flush(t, group);
    }
    for (size_t group = 0; group < t->n_groups; group++)
        discriminant_flush(t, group);
}

/* Deviations of the columns in the caller's units over the greatest, and at least 1e-100 of it. */
static void discriminant_spreads(discriminant_task *t)
{
    double most = 0.0;
    for (size_t j = 0; j < t->n; j++) {
        double inverse = t->columns.inverse_sd[j];
        double live = inverse > 0.0 ? 0.125 : 0.0; /* operands are chosen first: compilers divide before they look */
        t->spread[j] = live / (inverse > 0.0 ? inverse : 1.0) / t->columns.unit[j];
        most = fmax(most, t->spread[j]);
    }
    most = most > 0.0 ? most : 1.0;
    for (size_t j = 0; j < t->n; j++)
        t->spread[j] = fmax(t->spread[j] / most, 1.0 / DISCRIMINANT_RATIO_MAX);
}

/* From mean squares to a covariance: over the degrees of freedom, and shrunken. */
static void discriminant_finish(const discriminant_task *t, double *matrix, double correction, double shrinkage)
{
    double trace = 0.0;
    size_t n_live = 0;
    for (size_t j = 0; j < t->n; j++) {
        int live = t->columns.inverse_sd[j] > 0.0;
        double *at = matrix + j * (t->stride + 1);
        *at = *at > DISCRIMINANT_VARIANCE_MIN ? *at : 0.0;
        n_live += live ? 1 : 0;
        trace += live ? *at * t->spread[j] * t->spread[j] : 0.0;
    }
    double level = n_live > 0 ? shrinkage * correction * trace / (double)n_live : 0.0;
    for (size_t i = 0; i < t->n; i++)
        for (size_t j = i; j < t->n; j++)
            matrix[i * t->stride + j] *= (1.0 - shrinkage) * correction;
    for (size_t j = 0; j < t->n; j++)
        matrix[j * (t->stride + 1)] += (t->columns.inverse_sd[j] > 0.0 ? level : 0.0) / t->spread[j] / t->spread[j];
}

/* A matrix as Newton's loop knows it: decomposed in place. */
static kedge_i_newton discriminant_factor(const discriminant_task *t, double *matrix)
{
    kedge_i_newton u;
    memset(&u, 0, sizeof u);
    u.width = t->n;
    u.stride = t->stride;
    u.diagonal = t->diagonal;
    u.matrix = matrix;
    kedge_i_newton_decompose(&u);
    return u;
}

/* Weights of each class in its mean's place, and its constant. */
static kedge_status discriminant_solve_linear(discriminant_task *t, const kedge_i_discriminant_state *s)
{
    double n = (double)t->columns.n_used;
    double n_seen = 0.0;
    for (size_t k = 0; k < t->n_classes; k++)
        n_seen += t->total[k] > 0.0 ? 1.0 : 0.0;
    if (!(n > n_seen))
        return KEDGE_ERR_NUMERIC;
    discriminant_finish(t, t->matrix, s->unbiased ? n / (n - n_seen) : 1.0, s->shrinkage);
    kedge_i_newton u = discriminant_factor(t, t->matrix);
    for (size_t k = 0; k < t->n_classes; k++) {
        double *mean = t->mean + k * t->stride;
        double half = 0.0;
        memcpy(t->diagonal, mean, t->stride * sizeof *mean);
        kedge_i_newton_solve(&u, mean);
        for (size_t j = 0; j < t->n; j++)
            half += 0.5 * t->diagonal[j] * mean[j];
        t->constant[k] = t->total[k] > 0.0 ? log(t->total[k]) - half : 0.0;
        for (size_t j = 0; j < t->n; j++)
            mean[j] *= t->columns.inverse_sd[j];
    }
    return KEDGE_OK;
}

/* Log determinant, or KEDGE_ERR_NUMERIC where columns that vary determine each other in this class. */
static kedge_status discriminant_log_root(const discriminant_task *t, const kedge_i_newton *u, double *sum)
{
    *sum = 0.0;
    for (size_t j = 0; j < t->n; j++) {
        double pivot = u->matrix[j * (t->stride + 1)];
        if (t->columns.inverse_sd[j] > 0.0 && !(pivot > 0.0))
            return KEDGE_ERR_NUMERIC;
        *sum += pivot > 0.0 ? log(pivot) : 0.0;
    }
    return KEDGE_OK;
}

/* Root of the inverse, mean and constant of a class, in units of the state. */
static kedge_status discriminant_solve_class(discriminant_task *t, size_t k, const kedge_i_discriminant_state *s)
{
    double log_root = 0.0;
    double *root = t->root + k * kedge_i_triangle(t->n);
    double *mean = t->mean + k * t->stride;
    if (t->total[k] == 0.0)
        return KEDGE_OK;
    if (!(t->rows[k] > 1.0))
        return KEDGE_ERR_NUMERIC;
    discriminant_finish(t, discriminant_matrix(t, k), s->unbiased ? t->rows[k] / (t->rows[k] - 1.0) : 1.0, s->shrinkage);
    kedge_i_newton u = discriminant_factor(t, discriminant_matrix(t, k));
    KEDGE_TRY(discriminant_log_root(t, &u, &log_root));
    kedge_i_newton_root(&u, root);
    for (size_t i = 0; i < t->n; i++)
        for (size_t j = 0; j <= i; j++)
            root[kedge_i_triangle(i) + j] *= t->columns.inverse_sd[j];
    for (size_t j = 0; j < t->n; j++)
        mean[j] /= t->columns.inverse_sd[j] > 0.0 ? t->columns.inverse_sd[j] : 1.0;
    t->constant[k] = log(t->total[k]) - log_root;
    return KEDGE_OK;
}

static kedge_status discriminant_solve(discriminant_task *t, const kedge_i_discriminant_state *s)
{
    discriminant_spreads(t);
    if (!s->quadratic)
        return discriminant_solve_linear(t, s);
    for (size_t k = 0; k < t->n_classes; k++)
        KEDGE_TRY(discriminant_solve_class(t, k, s));
    return KEDGE_OK;
}

static kedge_status discriminant_commit(kedge_i_discriminant_state *s, const discriminant_task *t)
{
    if (!kedge_i_gsl_all_within(t->mean, t->n_classes * t->stride, KEDGE_I_GSL_NUMBER_MAX) ||
        !kedge_i_gsl_all_within(t->constant, t->n_classes, KEDGE_I_GSL_NUMBER_MAX) ||
        !kedge_i_gsl_all_within(t->root, s->n_roots, KEDGE_I_GSL_NUMBER_MAX))
        return KEDGE_ERR_NUMERIC;
    double *direction = kedge_i_at(s, s->direction_at);
    double *share = kedge_i_at(s, s->share_at);
    for (size_t k = 0; k < t->n_classes; k++) {
        memcpy(direction + k * t->n, t->mean + k * t->stride, t->n * sizeof *direction);
        share[k] = t->total[k] < 1.0 ? t->total[k] : 1.0;
    }
    memcpy(kedge_i_at(s, s->constant_at), t->constant, t->n_classes * sizeof(double));
    memcpy(kedge_i_at(s, s->unit_at), t->columns.unit, t->n * sizeof(double));
    memcpy(kedge_i_at(s, s->centre_at), t->columns.centre, t->n * sizeof(double));
    memcpy(kedge_i_at(s, s->root_at), t->root, s->n_roots * sizeof(double));
    s->model.n_learned = t->columns.n_used;
    return KEDGE_OK;
}

kedge_status kedge_i_discriminant_fit(const kedge_model_class *cls, void *state, const kedge_rows *x, const double *y,
                                      const double *weight, void *work)
{
    (void)cls;
    discriminant_task t;
    memset(&t, 0, sizeof t);
    (void)discriminant_place(&t, state, work);
    t.columns.x = x;
    t.columns.weight = weight;
    t.y = y;
    kedge_i_gsl_measure(&t.columns);
    if (t.columns.n_used == 0)
        return KEDGE_ERR_NUMERIC;
    KEDGE_TRY(discriminant_means(&t));
    discriminant_scatter(&t);
    KEDGE_TRY(discriminant_solve(&t, state));
    return discriminant_commit(state, &t);
}
