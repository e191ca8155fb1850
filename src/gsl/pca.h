/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Principal components of some rows, in the caller's memory. */
#ifndef KEDGE_GSL_PCA_H
#define KEDGE_GSL_PCA_H

#include <stddef.h>
#include <stdint.h>

#include "kedge/base.h"

/* Columns in deviations of the rows that were learned from; what was constant there has no part in the components. */
typedef struct kedge_i_pca {
    size_t n_columns;
    size_t n_live;       /* columns that were not constant */
    size_t n_components; /* kept, by falling variance; 0: all columns were constant */
    double *means;
    double *deviations;  /* 0: constant */
    double *live;        /* numbers of the columns that were not */
    double *scaled;      /* one row */
    double *values;      /* variances of the components, falling; they add up to n_live */
    double *vectors;     /* row j: component j */
    double *work;        /* n_live^2 + 4 n_live */
} kedge_i_pca;

/* Doubles of scratch. */
uint64_t kedge_i_pca_scratch(uint64_t n_columns);

/* Learn from n >= 2 rows, and keep the fewest components that explain a share of the variance. KEDGE_ERR_NUMERIC: GSL found none.
 * O(n d^2 + d^3). */
kedge_status kedge_i_pca_learn(kedge_i_pca *p, const double *rows, size_t n, size_t n_columns, double explained, double *scratch);

/* Coordinates of a row along the components. */
double kedge_i_pca_coordinate(const kedge_i_pca *p, size_t component);

/* Puts a row in deviations into p->scaled. Returns the square of what it has in columns that were constant: 0, or very far. */
double kedge_i_pca_scale(kedge_i_pca *p, const double *row);

/* Squared distance of the row in p->scaled from what the components say of it; 0 where it is rounding. */
double kedge_i_pca_error(const kedge_i_pca *p);

#endif
