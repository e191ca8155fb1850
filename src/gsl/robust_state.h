/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The state of the class robust, and the fit of it. */
#ifndef KEDGE_GSL_ROBUST_STATE_H
#define KEDGE_GSL_ROBUST_STATE_H

#include "gsl/linear_model.h"

typedef struct robust_state {
    kedge_i_gsl_state linear;
    double tuning;    /* parameters */
    double tolerance;
    uint32_t norm;
    uint32_t max_iterations;
    uint32_t converged; /* 0 or 1 */
    uint32_t exact;     /* 0 or 1 */
    double scale;       /* positive; where the fit is exact, what rounding makes */
    double share;       /* [0, 1] */
    double wald;        /* >= 0 */
} robust_state;

/* Bytes of work memory; 0: too many. */
size_t kedge_i_robust_work(uint32_t n_features, uint32_t report, size_t n_rows);

/* Fit checked rows. KEDGE_WARNING: fitted, but the iterations were not enough. KEDGE_ERR_NUMERIC: no row has a weight; nothing has
 * changed. */
kedge_status kedge_i_robust_fit(robust_state *s, const kedge_rows *x, const double *y, const double *weight, double *work);

/* What a residual counts. */
double kedge_i_robust_weight(uint32_t norm, double tuning, double scale, double residual);

#endif
