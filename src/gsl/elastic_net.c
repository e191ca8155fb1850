/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The class of the elastic net: Zou, Hastie 2005, "Regularization and variable selection via the elastic net", Journal of the Royal
 * Statistical Society B 67; lasso: Tibshirani 1996, "Regression shrinkage and selection via the lasso", ibid. 58. The fit is in
 * elastic_net_path.c, the minimum in coordinate.c. */
#include "base/fp.h"

#include <float.h>
#include <string.h>

#include "gsl/elastic_net_state.h"

#include "base/check.h"
#include "base/number.h"

enum { ELASTIC_NET_FOLDS_MAX = 1000, ELASTIC_NET_ITERATIONS_MAX = 1000000 };

static const kedge_field elastic_net_fields[] = {
    KEDGE_I_GSL_PARAMS(kedge_i_elastic_net_state),
    KEDGE_PARAM(kedge_i_elastic_net_state, alpha, KEDGE_TYPE_F64),
    KEDGE_PARAM(kedge_i_elastic_net_state, l1_ratio, KEDGE_TYPE_F64),
    KEDGE_PARAM(kedge_i_elastic_net_state, tolerance, KEDGE_TYPE_F64),
    KEDGE_PARAM(kedge_i_elastic_net_state, path_ratio, KEDGE_TYPE_F64),
    KEDGE_PARAM(kedge_i_elastic_net_state, seed, KEDGE_TYPE_U64),
    KEDGE_PARAM(kedge_i_elastic_net_state, max_iterations, KEDGE_TYPE_U32),
    KEDGE_PARAM(kedge_i_elastic_net_state, standardise, KEDGE_TYPE_U32),
    KEDGE_PARAM(kedge_i_elastic_net_state, n_folds, KEDGE_TYPE_U32),
    KEDGE_PARAM(kedge_i_elastic_net_state, n_alphas, KEDGE_TYPE_U32),
    KEDGE_PARAM(kedge_i_elastic_net_state, shuffle, KEDGE_TYPE_U32),
    KEDGE_PARAM(kedge_i_elastic_net_state, one_error, KEDGE_TYPE_U32),
    KEDGE_VALUE(kedge_i_elastic_net_state, chosen, KEDGE_TYPE_F64),
    KEDGE_VALUE(kedge_i_elastic_net_state, gap, KEDGE_TYPE_F64),
    KEDGE_VALUE(kedge_i_elastic_net_state, error, KEDGE_TYPE_F64),
    KEDGE_VALUE(kedge_i_elastic_net_state, error_se, KEDGE_TYPE_F64),
    KEDGE_VALUE(kedge_i_elastic_net_state, converged, KEDGE_TYPE_U32),
    KEDGE_VALUE(kedge_i_elastic_net_state, n_judged, KEDGE_TYPE_U32),
    KEDGE_I_GSL_VALUES(kedge_i_elastic_net_state),
};

static void elastic_net_defaults(void *config)
{
    kedge_gsl_elastic_net_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_gsl_elastic_net;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->base.n_features = 1;
    cfg->alpha = 1.0;
    cfg->l1_ratio = 0.5;
    cfg->tolerance = 1e-15;
    cfg->path_ratio = 1e-3;
    cfg->seed = 1;
    cfg->max_iterations = 1000;
    cfg->n_alphas = 100;
}

kedge_status kedge_gsl_elastic_net_config_init(kedge_gsl_elastic_net_config *cfg, size_t cfg_bytes, uint32_t n_features)
{
    kedge_status st = kedge_class_defaults(&kedge_gsl_elastic_net.base, cfg, cfg_bytes, sizeof *cfg);
    if (st == KEDGE_OK)
        cfg->base.n_features = n_features;
    return st;
}

static void elastic_net_configure(const void *config, void *fixed)
{
    const kedge_gsl_elastic_net_config *cfg = config;
    kedge_i_elastic_net_state *s = fixed;
    s->linear.model.n_features = cfg->base.n_features;
    s->linear.model.n_classes = cfg->base.n_classes;
    s->alpha = cfg->alpha;
    s->l1_ratio = cfg->l1_ratio;
    s->tolerance = cfg->tolerance;
    s->path_ratio = cfg->path_ratio;
    s->seed = cfg->seed;
    s->max_iterations = cfg->max_iterations;
    s->standardise = cfg->standardise;
    s->n_folds = cfg->n_folds;
    s->n_alphas = cfg->n_alphas;
    s->shuffle = cfg->shuffle;
    s->one_error = cfg->one_error;
}

static int elastic_net_valid(const void *fixed)
{
    const kedge_i_elastic_net_state *s = fixed;
    return kedge_i_u32_within(s->linear.model.n_features, 1, KEDGE_FEATURES_MAX) && s->linear.model.n_classes == 0 &&
           kedge_i_within(s->alpha, 0.0, KEDGE_I_ELASTIC_NET_ALPHA_MAX) && kedge_i_within(s->l1_ratio, 0.0, 1.0) &&
               s->tolerance > 0.0 &&
           s->tolerance < 1.0 && s->path_ratio > 0.0 && s->path_ratio < 1.0 &&
           kedge_i_u32_within(s->max_iterations, 1, ELASTIC_NET_ITERATIONS_MAX) && s->standardise <= 1 &&
           (s->n_folds == 0 || kedge_i_u32_within(s->n_folds, 2, ELASTIC_NET_FOLDS_MAX)) &&
           kedge_i_u32_within(s->n_alphas, 1, KEDGE_I_ELASTIC_NET_ALPHAS_MAX) && s->shuffle <= 1 && s->one_error <= 1;
}

static size_t elastic_net_layout(void *fixed)
{
    return kedge_i_gsl_layout(fixed, sizeof(kedge_i_elastic_net_state));
}

static int elastic_net_check(const void *state)
{
    const kedge_i_elastic_net_state *s = state;
    return elastic_net_valid(state) && kedge_i_gsl_check(state) && kedge_i_within(s->chosen, 0.0, DBL_MAX) &&
           kedge_i_within(s->gap, 0.0, DBL_MAX) && kedge_i_within(s->error, 0.0, DBL_MAX) && kedge_i_within(s->error_se, 0.0,
                                                                                                            DBL_MAX) &&
           s->converged <= 1 && s->n_judged <= s->n_folds;
}

static size_t elastic_net_fit_work(const void *fixed, size_t n_rows)
{
    const kedge_i_elastic_net_state *s = fixed;
    return kedge_i_elastic_net_work(s, n_rows, s->n_folds > 0 ? s->n_alphas : 1);
}

static kedge_status elastic_net_fit(const kedge_model_class *cls, void *state, const kedge_rows *x, const double *y,
                                    const double *weight, void *work)
{
    (void)cls;
    return kedge_i_elastic_net_fit(state, x, y, weight, work);
}

kedge_status kedge_gsl_elastic_net_summary(const kedge_model *m, kedge_gsl_elastic_net_fit *out)
{
    if (!m || !m->cls || !m->state || !out)
        return KEDGE_ERR_NULL;
    if (m->cls != &kedge_gsl_elastic_net)
        return KEDGE_ERR_CLASS;
    const kedge_i_elastic_net_state *s = m->state;
    memset(out, 0, sizeof *out);
    if (s->linear.model.n_learned == 0)
        return KEDGE_EMPTY;
    out->n_rows = s->linear.model.n_learned;
    out->alpha = s->chosen;
    out->intercept = kedge_i_gsl_intercept(&s->linear);
    out->deviance = s->linear.deviance;
    out->r2 = 1.0 - s->linear.unexplained;
    out->gap = s->gap;
    out->error = s->error;
    out->error_se = s->error_se;
    out->n_nonzero = s->linear.rank;
    out->iterations = s->linear.iterations;
    out->converged = s->converged;
    out->n_folds = s->n_judged;
    return KEDGE_OK;
}

/* The parameters of a path; 0: the configuration is out of range. */
static int elastic_net_of(const kedge_gsl_elastic_net_config *cfg, kedge_i_elastic_net_state *s)
{
    memset(s, 0, sizeof *s);
    if (!cfg || cfg->base.cls != &kedge_gsl_elastic_net || kedge_model_size(&cfg->base) == 0)
        return 0;
    elastic_net_configure(cfg, s);
    return 1;
}

size_t kedge_gsl_elastic_net_path_work(const kedge_gsl_elastic_net_config *cfg, size_t n_rows)
{
    kedge_i_elastic_net_state s;
    return elastic_net_of(cfg, &s) ? kedge_i_elastic_net_work(&s, n_rows, 0) : 0;
}

kedge_status kedge_gsl_elastic_net_path(const kedge_gsl_elastic_net_config *cfg, const kedge_rows *x, const double *y,
                                        const double *weight,
                                        const double *alphas, kedge_gsl_elastic_net_fit *points, size_t n, double *weights,
                                            void *work, size_t work_bytes)
{
    kedge_i_elastic_net_state s;
    kedge_rows whole;
    if (!cfg || !x || !y || !points)
        return KEDGE_ERR_NULL;
    if (!elastic_net_of(cfg, &s))
        return KEDGE_ERR_CONFIG;
    KEDGE_TRY(kedge_rows_slice(x, 0, x->n_rows, &whole)); /* says whether it is a table */
    size_t need = kedge_i_elastic_net_work(&s, x->n_rows, 0);
    if (x->n_columns != cfg->base.n_features || x->n_rows == 0 || n == 0 || n > KEDGE_I_ELASTIC_NET_ALPHAS_MAX || need == 0)
        return KEDGE_ERR_SHAPE;
    for (size_t i = 0; alphas && i < n; i++)
        if (!kedge_i_within(alphas[i], 0.0, KEDGE_I_ELASTIC_NET_ALPHA_MAX))
            return kedge_i_refusal(alphas[i]);
    KEDGE_TRY(kedge_i_gsl_check_rows(x, y, weight));
    KEDGE_TRY(kedge_i_gsl_check_room(work, work_bytes, need));
    return kedge_i_elastic_net_path(&s, x, y, weight, alphas, points, n, weights, work);
}

const kedge_model_class kedge_gsl_elastic_net = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_MODEL,
            .version = 1,
            .name = "elastic_net",
            .fixed_bytes = sizeof(kedge_i_elastic_net_state),
            .config_bytes = sizeof(kedge_gsl_elastic_net_config),
            .n_fields = sizeof elastic_net_fields / sizeof *elastic_net_fields,
            .fields = elastic_net_fields,
            .defaults = elastic_net_defaults,
            .configure = elastic_net_configure,
            .valid = elastic_net_valid,
            .layout = elastic_net_layout,
            .start = kedge_i_gsl_start,
            .check = elastic_net_check,
        },
    .fit_work = elastic_net_fit_work,
    .fit = elastic_net_fit,
    .predict = kedge_i_gsl_predict,
    .score = kedge_i_gsl_predict,
};
