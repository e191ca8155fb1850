/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Robust regression: the class. The fit is in robust_fit.c; see include/kedge/gsl/robust.h. */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "kedge/gsl.h"

#include "base/check.h"
#include "base/number.h"
#include "base/special.h"
#include "gsl/robust_state.h"
#include "models/row.h"

#define ROBUST_SCALE_MAX 1e290
#define ROBUST_WALD_FAR  1e300

static const kedge_field robust_fields[] = {
    KEDGE_I_GSL_PARAMS(robust_state),
    KEDGE_I_GSL_REPORT(robust_state),
    KEDGE_PARAM(robust_state, tuning, KEDGE_TYPE_F64),
    KEDGE_PARAM(robust_state, tolerance, KEDGE_TYPE_F64),
    KEDGE_PARAM(robust_state, norm, KEDGE_TYPE_U32),
    KEDGE_PARAM(robust_state, max_iterations, KEDGE_TYPE_U32),
    KEDGE_VALUE(robust_state, converged, KEDGE_TYPE_U32),
    KEDGE_VALUE(robust_state, exact, KEDGE_TYPE_U32),
    KEDGE_VALUE(robust_state, scale, KEDGE_TYPE_F64),
    KEDGE_VALUE(robust_state, share, KEDGE_TYPE_F64),
    KEDGE_VALUE(robust_state, wald, KEDGE_TYPE_F64),
    KEDGE_I_GSL_VALUES(robust_state),
};

static void robust_defaults(void *config)
{
    kedge_gsl_robust_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_gsl_robust;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->base.n_features = 1;
    cfg->norm = KEDGE_ROBUST_HUBER;
    cfg->tuning = 1.345;
    cfg->tolerance = 1e-10;
    cfg->max_iterations = 200;
}

kedge_status kedge_gsl_robust_config_init(kedge_gsl_robust_config *cfg, size_t cfg_bytes, uint32_t n_features, uint32_t norm)
{
    kedge_status st = kedge_class_defaults(&kedge_gsl_robust.base, cfg, cfg_bytes, sizeof *cfg);
    if (st != KEDGE_OK)
        return st;
    cfg->base.n_features = n_features;
    cfg->norm = norm;
    cfg->tuning = norm == KEDGE_ROBUST_BISQUARE ? 4.685 : 1.345;
    return KEDGE_OK;
}

static void robust_configure(const void *config, void *fixed)
{
    const kedge_gsl_robust_config *cfg = config;
    robust_state *s = fixed;
    s->linear.model.n_features = cfg->base.n_features;
    s->linear.model.n_classes = cfg->base.n_classes;
    s->linear.report = cfg->report;
    s->tuning = cfg->tuning;
    s->tolerance = cfg->tolerance;
    s->norm = cfg->norm;
    s->max_iterations = cfg->max_iterations;
}

/* A bisquare that reaches less far than the median of the residuals could leave no row. */
static int robust_valid(const void *fixed)
{
    const robust_state *s = fixed;
    return kedge_i_u32_within(s->linear.model.n_features, 1, KEDGE_FEATURES_MAX) && s->linear.model.n_classes == 0 &&
           s->linear.report <= 1 && kedge_i_u32_within(s->norm, KEDGE_ROBUST_HUBER, KEDGE_ROBUST_BISQUARE) &&
           kedge_i_within(s->tuning, s->norm == KEDGE_ROBUST_HUBER ? 0.01 : 1.0, 1e6) && s->tolerance > 0.0 && s->tolerance < 1.0 &&
           kedge_i_u32_within(s->max_iterations, 1, 10000);
}

static size_t robust_layout(void *fixed)
{
    return kedge_i_gsl_layout(fixed, sizeof(robust_state));
}


static int robust_check(const void *state)
{
    const robust_state *s = state;
    return robust_valid(state) && kedge_i_gsl_check(state) && s->converged <= 1 && s->exact <= 1 &&
           kedge_i_within(s->scale, s->linear.model.n_learned == 0 ? 0.0 : DBL_MIN, ROBUST_SCALE_MAX) &&
           kedge_i_within(s->share, 0.0, 1.0) &&
           kedge_i_within(s->wald, 0.0, DBL_MAX);
}

static size_t robust_fit_work(const void *fixed, size_t n_rows)
{
    const robust_state *s = fixed;
    return kedge_i_robust_work(s->linear.model.n_features, s->linear.report, n_rows);
}

static kedge_status robust_fit(const kedge_model_class *cls, void *state, const kedge_rows *x, const double *y,
                               const double *weight, void *work)
{
    (void)cls;
    return kedge_i_robust_fit(state, x, y, weight, work);
}

/* Read-outs ----------------------------------------------------------------------------------------------------------------- */

static kedge_status robust_state_of(const kedge_model *m, const robust_state **s)
{
    if (!m || !m->cls || !m->state)
        return KEDGE_ERR_NULL;
    if (m->cls != &kedge_gsl_robust)
        return KEDGE_ERR_CLASS;
    *s = m->state;
    return KEDGE_OK;
}

kedge_status kedge_gsl_robust_summary(const kedge_model *m, kedge_gsl_robust_fit *out)
{
    const robust_state *s;
    if (!out)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(robust_state_of(m, &s));
    double rank = (double)s->linear.rank;
    out->n_rows = s->linear.model.n_learned;
    out->rank = s->linear.rank;
    out->iterations = s->linear.iterations;
    out->converged = s->converged;
    out->exact = s->exact;
    out->scale = s->exact ? 0.0 : s->scale;
    out->share = s->share;
    out->df = s->linear.model.n_learned == 0 ? 0.0 : (double)s->linear.model.n_learned - rank - 1.0;
    out->wald = s->wald;
    out->wald_p_value = s->linear.rank == 0 ? 1.0 : kedge_i_chi_squared_upper(fmin(s->wald, ROBUST_WALD_FAR), rank);
    return s->linear.model.n_learned == 0 ? KEDGE_EMPTY : KEDGE_OK;
}

kedge_status kedge_gsl_robust_weights(const kedge_model *m, const kedge_rows *x, const double *y, double *weights, size_t n_weights)
{
    const robust_state *s;
    kedge_rows whole;
    if (!x || !y || !weights)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(robust_state_of(m, &s));
    KEDGE_TRY(kedge_rows_slice(x, 0, x->n_rows, &whole)); /* says whether it is a table */
    if (x->n_columns != s->linear.n || x->n_rows != n_weights)
        return KEDGE_ERR_SHAPE;
    KEDGE_TRY(kedge_i_gsl_check_rows(x, y, NULL));
    if (s->linear.model.n_learned == 0)
        return KEDGE_EMPTY;
    for (size_t i = 0; i < x->n_rows; i++) {
        kedge_row row = kedge_i_row_of_rows(x, i);
        weights[i] = kedge_i_robust_weight(s->norm, s->tuning, s->scale, y[i] - kedge_i_gsl_value(s, &row));
    }
    return KEDGE_OK;
}

const kedge_model_class kedge_gsl_robust = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_MODEL,
            .version = 1,
            .name = "robust",
            .fixed_bytes = sizeof(robust_state),
            .config_bytes = sizeof(kedge_gsl_robust_config),
            .n_fields = sizeof robust_fields / sizeof *robust_fields,
            .fields = robust_fields,
            .defaults = robust_defaults,
            .configure = robust_configure,
            .valid = robust_valid,
            .layout = robust_layout,
            .start = kedge_i_gsl_start,
            .check = robust_check,
        },
    .fit_work = robust_fit_work,
    .fit = robust_fit,
    .predict = kedge_i_gsl_predict,
    .score = kedge_i_gsl_predict,
};
