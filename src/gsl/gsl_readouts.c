/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a fit of either class found, in the caller's units. In a file of its own, since it names both classes. */
#include "base/fp.h"

#include "kedge/gsl.h"

#include "base/check.h"
#include "base/number.h"
#include "gsl/linear_model.h"

static kedge_status readouts_state(const kedge_model *m, const kedge_i_gsl_state **linear)
{
    if (!m || !m->cls || !m->state)
        return KEDGE_ERR_NULL;
    if (m->cls != &kedge_gsl_least_squares && m->cls != &kedge_gsl_logistic)
        return KEDGE_ERR_CLASS;
    *linear = m->state;
    return KEDGE_OK;
}

/* target_scale * weight * unit, the small factors first. */
static double readouts_weight(const kedge_i_gsl_state *linear, size_t i)
{
    const double *weight = kedge_i_at_const(linear, linear->weight_at);
    const double *unit = kedge_i_at_const(linear, linear->unit_at);
    return unit[i] < 1.0 ? weight[i] * unit[i] * linear->target_scale : weight[i] * linear->target_scale * unit[i];
}

static double readouts_intercept(const kedge_i_gsl_state *linear)
{
    const double *weight = kedge_i_at_const(linear, linear->weight_at);
    const double *centre = kedge_i_at_const(linear, linear->centre_at);
    double sum = linear->intercept;
    for (uint32_t i = 0; i < linear->n; i++)
        sum -= weight[i] * centre[i];
    return sum * linear->target_scale;
}

kedge_status kedge_gsl_coefficients(const kedge_model *m, double *weights, size_t n_weights, double *intercept)
{
    const kedge_i_gsl_state *linear;
    if (!weights || !intercept)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(readouts_state(m, &linear));
    if (n_weights != linear->n)
        return KEDGE_ERR_SHAPE;
    for (size_t i = 0; i < n_weights; i++)
        if (!kedge_i_finite(readouts_weight(linear, i)))
            return KEDGE_ERR_NUMERIC;
    for (size_t i = 0; i < n_weights; i++)
        weights[i] = readouts_weight(linear, i);
    *intercept = readouts_intercept(linear);
    return linear->model.n_learned == 0 ? KEDGE_EMPTY : KEDGE_OK;
}

kedge_status kedge_gsl_summary(const kedge_model *m, kedge_gsl_fit_summary *out)
{
    const kedge_i_gsl_state *linear;
    if (!out)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(readouts_state(m, &linear));
    out->n_rows = linear->model.n_learned;
    out->rank = linear->rank;
    out->iterations = linear->iterations;
    out->deviance = linear->deviance;
    return linear->model.n_learned == 0 ? KEDGE_EMPTY : KEDGE_OK;
}
