/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a fit found, in the caller's units. */
#include "base/fp.h"

#include "kedge/gsl.h"

#include "base/check.h"
#include "gsl/linear_model.h"

kedge_status kedge_gsl_coefficients(const kedge_model *m, double *weights, size_t n_weights, double *intercept)
{
    const kedge_i_gsl_state *linear;
    double out = 0.0;
    if (!weights || !intercept)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_i_gsl_state_of(m, &linear));
    if (n_weights != linear->n)
        return KEDGE_ERR_SHAPE;
    const double *weight = kedge_i_at_const(linear, linear->weight_at);
    for (uint32_t i = 0; i < linear->n; i++)
        if (!kedge_i_gsl_in_units(linear, i, weight[i], &out))
            return KEDGE_ERR_NUMERIC;
    for (uint32_t i = 0; i < linear->n; i++)
        (void)kedge_i_gsl_in_units(linear, i, weight[i], weights + i);
    *intercept = kedge_i_gsl_intercept(linear);
    return linear->model.n_learned == 0 ? KEDGE_EMPTY : KEDGE_OK;
}

kedge_status kedge_gsl_summary(const kedge_model *m, kedge_gsl_fit_summary *out)
{
    const kedge_i_gsl_state *linear;
    if (!out)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_i_gsl_state_of(m, &linear));
    out->n_rows = linear->model.n_learned;
    out->rank = linear->rank;
    out->iterations = linear->iterations;
    out->deviance = linear->deviance;
    out->condition = linear->condition;
    return linear->model.n_learned == 0 ? KEDGE_EMPTY : KEDGE_OK;
}
