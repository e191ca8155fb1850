/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Principal components (Jolliffe 2002, "Principal component analysis", 2nd edition, section 2.3) of the correlation matrix, by
 * GSL's symmetric eigensolver in memory that it is given. The matrix has the diagonal 1 and finite entries, the scale at which that
 * solver's loop ends. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include <gsl/gsl_eigen.h>

#include "gsl/pca.h"

#include "base/check.h"
#include "base/standard.h"

#define PCA_NOISE 1e-12 /* an error below this share of a row's square is what rounding leaves */

uint64_t kedge_i_pca_scratch(uint64_t n_columns)
{
    return 2 * n_columns * n_columns + 9 * n_columns;
}

static void pca_moments(kedge_i_pca *p, const double *rows, size_t n)
{
    for (size_t j = 0; j < p->n_columns; j++) {
        p->means[j] = kedge_i_standard_learn(rows + j, n, p->n_columns, &p->deviations[j]);
        if (p->deviations[j] > 0.0)
            p->live[p->n_live++] = (double)j;
    }
}

double kedge_i_pca_scale(kedge_i_pca *p, const double *row)
{
    double dead = 0.0;
    for (size_t j = 0; j < p->n_columns; j++) {
        p->scaled[j] = kedge_i_standard(row[j], p->means[j], p->deviations[j]);
        dead += p->deviations[j] > 0.0 ? 0.0 : p->scaled[j] * p->scaled[j];
    }
    return dead;
}

/* The lower triangle, row by row of the table. */
static void pca_correlate(kedge_i_pca *p, const double *rows, size_t n)
{
    size_t d = p->n_live;
    memset(p->work, 0, d * d * sizeof *p->work);
    for (size_t i = 0; i < n; i++) {
        kedge_i_pca_scale(p, rows + i * p->n_columns);
        for (size_t a = 0; a < d; a++) {
            double x = p->scaled[(size_t)p->live[a]] / (double)n;
            for (size_t b = 0; b <= a; b++)
                p->work[a * d + b] += x * p->scaled[(size_t)p->live[b]];
        }
    }
    for (size_t a = 0; a < d; a++)
        for (size_t b = 0; b < a; b++)
            p->work[b * d + a] = p->work[a * d + b];
}

/* Eigenvectors stand in columns: as rows, by falling value, with a positive greatest entry. */
static void pca_sort(kedge_i_pca *p)
{
    size_t d = p->n_live;
    const double *from = p->work;
    for (size_t k = 0; k < d; k++) {
        size_t most = 0;
        size_t greatest = 0;
        for (size_t j = 1; j < d; j++)
            most = p->values[j] > p->values[most] ? j : most;
        for (size_t i = 0; i < d; i++)
            greatest = fabs(from[i * d + most]) > fabs(from[greatest * d + most]) ? i : greatest;
        double sign = from[greatest * d + most] < 0.0 ? -1.0 : 1.0;
        for (size_t i = 0; i < d; i++)
            p->vectors[k * d + i] = sign * from[i * d + most];
        p->scaled[k] = p->values[most] > 0.0 ? p->values[most] : 0.0;
        p->values[most] = -1e300; /* taken */
    }
    memcpy(p->values, p->scaled, d * sizeof *p->values);
}

static size_t pca_needed(const kedge_i_pca *p, double explained)
{
    double total = 0.0;
    double sum = 0.0;
    size_t k = 0;
    for (size_t j = 0; j < p->n_live; j++)
        total += p->values[j];
    while (k < p->n_live && (k == 0 || sum < explained * total))
        sum += p->values[k++];
    return k;
}

static kedge_status pca_solve(kedge_i_pca *p)
{
    size_t d = p->n_live;
    double *room = p->work + d * d;
    gsl_matrix a = {d, d, d, p->work, 0, 0};
    gsl_matrix vectors = {d, d, d, p->vectors, 0, 0};
    gsl_vector values = {d, 1, p->values, 0, 0};
    gsl_eigen_symmv_workspace w = {d, room, room + d, room + 2 * d, room + 3 * d};
    if (gsl_eigen_symmv(&a, &values, &vectors, &w) != 0)
        return KEDGE_ERR_NUMERIC;
    memcpy(p->work, p->vectors, d * d * sizeof *p->work);
    pca_sort(p);
    return KEDGE_OK;
}

kedge_status kedge_i_pca_learn(kedge_i_pca *p, const double *rows, size_t n, size_t n_columns, double explained, double *scratch)
{
    p->n_columns = n_columns;
    p->n_live = p->n_components = 0;
    p->means = scratch;
    p->deviations = p->means + n_columns;
    p->live = p->deviations + n_columns;
    p->scaled = p->live + n_columns;
    p->values = p->scaled + n_columns;
    p->vectors = p->values + n_columns;
    p->work = p->vectors + n_columns * n_columns;
    pca_moments(p, rows, n);
    if (p->n_live == 0)
        return KEDGE_OK;
    pca_correlate(p, rows, n);
    KEDGE_TRY(pca_solve(p));
    p->n_components = pca_needed(p, explained);
    return KEDGE_OK;
}

double kedge_i_pca_coordinate(const kedge_i_pca *p, size_t component)
{
    double sum = 0.0;
    for (size_t i = 0; i < p->n_live; i++)
        sum += p->vectors[component * p->n_live + i] * p->scaled[(size_t)p->live[i]];
    return sum;
}

double kedge_i_pca_error(const kedge_i_pca *p)
{
    double sum = 0.0;
    for (size_t i = 0; i < p->n_live; i++) {
        double left = p->scaled[(size_t)p->live[i]];
        sum += left * left;
    }
    double noise = PCA_NOISE * sum;
    for (size_t k = 0; k < p->n_components; k++) {
        double x = kedge_i_pca_coordinate(p, k);
        sum -= x * x;
    }
    return sum > noise ? sum : 0.0;
}
