/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Generalised linear models by Fisher's scoring, that is iteratively reweighted least squares: McCullagh, Nelder 1989,
 * "Generalized Linear Models", 2nd edition, section 2.5. Steps are halved until the deviance does not rise; see newton.c.
 * Wald tests: section 4.4 with the expected information. */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "kedge/gsl/glm.h"

#include "base/check.h"
#include "base/cholesky.h"
#include "base/number.h"
#include "gsl/glm_family.h"
#include "gsl/inference.h"

#define GLM_SEPARATED       1e-10  /* half the mean deviance of classes that a plane separates: it falls for ever */
#define GLM_TOTAL_MIN       1e-150 /* of the weights over the dispersion: less says nothing */
#define GLM_OFFSET_UNIT_MIN 1e-120 /* offsets are below about the inverse of this */
#define GLM_REACH_MOST      1e200  /* of an interval, in linear predictors */
#define GLM_SCALE           1e-3   /* of the null deviance: what a deviance near 0 is measured by */

typedef struct glm_state {
    kedge_i_gsl_state linear;
    double l2;
    double tolerance;
    uint32_t family;
    uint32_t link;
    uint32_t offset;
    uint32_t max_iterations;
    double null_deviance;
    double pearson;
    double dispersion;
} glm_state;

static const kedge_field glm_fields[] = {
    KEDGE_I_GSL_PARAMS(glm_state),
    KEDGE_I_GSL_REPORT(glm_state),
    KEDGE_PARAM(glm_state, l2, KEDGE_TYPE_F64),
    KEDGE_PARAM(glm_state, tolerance, KEDGE_TYPE_F64),
    KEDGE_PARAM(glm_state, family, KEDGE_TYPE_U32),
    KEDGE_PARAM(glm_state, link, KEDGE_TYPE_U32),
    KEDGE_PARAM(glm_state, offset, KEDGE_TYPE_U32),
    KEDGE_PARAM(glm_state, max_iterations, KEDGE_TYPE_U32),
    KEDGE_VALUE(glm_state, null_deviance, KEDGE_TYPE_F64),
    KEDGE_VALUE(glm_state, pearson, KEDGE_TYPE_F64),
    KEDGE_VALUE(glm_state, dispersion, KEDGE_TYPE_F64),
    KEDGE_I_GSL_VALUES(glm_state),
};

static void glm_defaults(void *config)
{
    kedge_gsl_glm_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_gsl_glm;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->base.n_features = 1;
    cfg->tolerance = 1e-10;
    cfg->max_iterations = 100;
    cfg->family = KEDGE_GLM_BINOMIAL;
    cfg->link = KEDGE_LINK_LOGIT;
    cfg->offset = KEDGE_GLM_NO_OFFSET;
}

kedge_status kedge_gsl_glm_config_init(kedge_gsl_glm_config *cfg, size_t cfg_bytes, uint32_t n_features, uint32_t family)
{
    kedge_status st = kedge_class_defaults(&kedge_gsl_glm.base, cfg, cfg_bytes, sizeof *cfg);
    if (st != KEDGE_OK)
        return st;
    cfg->base.n_features = n_features;
    cfg->family = family;
    cfg->link = family == KEDGE_GLM_BINOMIAL ? KEDGE_LINK_LOGIT : KEDGE_LINK_LOG;
    return KEDGE_OK;
}

static void glm_configure(const void *config, void *fixed)
{
    const kedge_gsl_glm_config *cfg = config;
    glm_state *s = fixed;
    s->linear.model.n_features = cfg->base.n_features;
    s->linear.model.n_classes = cfg->base.n_classes;
    s->linear.report = cfg->report;
    s->l2 = cfg->l2;
    s->tolerance = cfg->tolerance;
    s->family = cfg->family;
    s->link = cfg->link;
    s->offset = cfg->offset;
    s->max_iterations = cfg->max_iterations;
}

static kedge_i_glm_family glm_family(const glm_state *s)
{
    kedge_i_glm_family f = {s->family, s->link};
    return f;
}

static int glm_valid(const void *fixed)
{
    const glm_state *s = fixed;
    kedge_i_glm_family f = glm_family(s);
    return kedge_i_u32_within(s->linear.model.n_features, 1, KEDGE_FEATURES_MAX) && s->linear.model.n_classes == 0 &&
           s->linear.report <= 1 && kedge_i_within(s->l2, 0.0, 1e9) && (s->l2 == 0.0 || !s->linear.report) && s->tolerance > 0.0 &&
           s->tolerance < 1.0 && kedge_i_glm_family_valid(&f) &&
           (s->offset < s->linear.model.n_features || s->offset == KEDGE_GLM_NO_OFFSET) &&
           kedge_i_u32_within(s->max_iterations, 1, 10000);
}

static size_t glm_layout(void *fixed)
{
    return kedge_i_gsl_layout(fixed, sizeof(glm_state));
}

static int glm_check(const void *state)
{
    const glm_state *s = state;
    return glm_valid(state) && kedge_i_gsl_check(state) && kedge_i_within(s->null_deviance, 0.0, DBL_MAX) &&
           kedge_i_within(s->pearson, 0.0, DBL_MAX) && kedge_i_within(s->dispersion, 0.0, DBL_MAX);
}

static uint64_t glm_root_room(const glm_state *s)
{
    return s->linear.report ? kedge_i_triangle((uint64_t)s->linear.model.n_features + 1) : 0;
}

static size_t glm_fit_work(const void *fixed, size_t n_rows)
{
    const glm_state *s = fixed;
    (void)n_rows;
    return kedge_i_gsl_work_bytes(kedge_i_irls_room(s->linear.model.n_features, 1) + glm_root_room(s));
}

static kedge_status glm_check_targets(const kedge_i_glm_family *f, const double *y, size_t n_rows)
{
    for (size_t i = 0; i < n_rows; i++)
        if (!kedge_i_glm_target_valid(f, y[i]))
            return KEDGE_ERR_RANGE;
    return KEDGE_OK;
}

/* A fit: sums over the rows, and what the rows' targets are like. */
typedef struct glm_task {
    kedge_i_irls irls;
    kedge_i_glm_family family;
    double offset_mean;
    double null_loss; /* half the mean deviance of the intercept alone */
    int only_classes; /* all targets are 0 or 1 */
} glm_task;

/* The column whose coefficient is 1: neither centred nor scaled, and never a part of a step. KEDGE_ERR_NUMERIC: it is beyond all
 * means. */
static kedge_status glm_set_offset(glm_task *g, uint32_t offset)
{
    kedge_i_irls *t = &g->irls;
    if (offset == KEDGE_GLM_NO_OFFSET)
        return KEDGE_OK;
    if (t->columns.unit[offset] < GLM_OFFSET_UNIT_MIN)
        return KEDGE_ERR_NUMERIC;
    t->fixed = (size_t)offset + 1;
    g->offset_mean = t->columns.centre[offset] / t->columns.unit[offset];
    t->columns.centre[offset] = 0.0;
    t->columns.inverse_sd[offset] = 1.0;
    t->newton.now[t->fixed] = t->newton.next[t->fixed] = 1.0 / t->columns.unit[offset];
    return KEDGE_OK;
}

/* The model of the intercept (and the offset) alone: where to start, and the null deviance. KEDGE_ERR_NUMERIC: it has no
 * bound, as where all counts are 0. */
static kedge_status glm_fit_null(glm_task *g, const glm_state *s)
{
    kedge_i_irls *t = &g->irls;
    double mean = 0.0;
    g->only_classes = s->family == KEDGE_GLM_BINOMIAL;
    for (size_t i = 0; i < t->columns.x->n_rows; i++) {
        mean += kedge_i_irls_share(t, i) * t->y[i];
        g->only_classes &= t->y[i] == 0.0 || t->y[i] == 1.0;
    }
    if (!kedge_i_glm_mean_valid(&g->family, mean))
        return KEDGE_ERR_NUMERIC;
    t->newton.now[0] = kedge_i_glm_link(&g->family, mean) - g->offset_mean;
    size_t width = t->newton.width;
    t->newton.width = 1;
    kedge_status st = kedge_i_newton_minimise(&t->newton, s->tolerance, s->max_iterations);
    t->newton.width = width;
    g->null_loss = t->newton.objective;
    return st;
}

/* Mean of Pearson's statistic at the fit. */
static double glm_pearson(glm_task *g)
{
    kedge_i_irls *t = &g->irls;
    double ridge = t->ridge;
    memcpy(t->newton.next, t->newton.now, t->newton.width * sizeof(double));
    t->row_loss = kedge_i_glm_pearson;
    t->ridge = 0.0;
    double mean = t->newton.evaluate(t, 0);
    t->row_loss = kedge_i_glm_loss;
    t->ridge = ridge;
    return mean;
}

static kedge_status glm_begin(glm_task *g, const glm_state *s, const kedge_rows *x, const double *y, const double *weight,
                              double *work)
{
    memset(g, 0, sizeof *g);
    g->family = glm_family(s);
    KEDGE_TRY(glm_check_targets(&g->family, y, x->n_rows));
    kedge_i_irls_place(&g->irls, s->linear.model.n_features, 1, work);
    g->irls.row_loss = kedge_i_glm_loss;
    g->irls.family = &g->family;
    KEDGE_TRY(kedge_i_irls_begin(&g->irls, x, y, weight));
    return glm_set_offset(g, s->offset);
}

static kedge_status glm_minimise(glm_task *g, const glm_state *s)
{
    kedge_i_irls *t = &g->irls;
    KEDGE_TRY(glm_fit_null(g, s));
    t->ridge = kedge_i_irls_ridge(t, s->l2);
    t->newton.hopeless = g->only_classes && t->ridge == 0.0 ? GLM_SEPARATED : 0.0;
    t->newton.scale = GLM_SCALE * g->null_loss;
    return kedge_i_irls_minimise(t, s->tolerance, s->max_iterations);
}

/* Of the family, or Pearson's estimate (section 8.3.6); 0: no degrees of freedom are left to estimate it. */
static double glm_dispersion(const glm_state *s, double pearson, double df)
{
    if (s->family != KEDGE_GLM_GAMMA)
        return 1.0;
    return df > 0.0 ? pearson / df : 0.0;
}

/* Covariance = dispersion * (X' W X)^-1, in units of the rows' total weight: T' T with T the inverse of U'. */
static void glm_commit_errors(glm_task *g, glm_state *s, double total, double *root)
{
    if (!s->linear.report || s->dispersion == 0.0 || !(total > GLM_TOTAL_MIN * s->dispersion))
        return;
    kedge_i_newton_root(&g->irls.newton, root);
    double left = s->null_deviance > s->linear.deviance ? s->linear.deviance / s->null_deviance : 1.0;
    kedge_i_gsl_commit_errors(s, g->irls.columns.inverse_sd, root, sqrt(s->dispersion / total), KEDGE_I_GSL_NORMAL, 0.0, left);
}

static kedge_status glm_fit(const kedge_model_class *cls, void *state, const kedge_rows *x, const double *y, const double *weight,
                            void *work)
{
    (void)cls;
    glm_state *s = state;
    glm_task g;
    KEDGE_TRY(glm_begin(&g, s, x, y, weight, work));
    KEDGE_TRY(glm_minimise(&g, s));
    kedge_i_irls *t = &g.irls;
    double total = kedge_i_irls_weight(t);
    double loss = t->loss;
    double pearson = glm_pearson(&g);
    if (!kedge_i_within(pearson, 0.0, DBL_MAX))
        return KEDGE_ERR_NUMERIC; /* the last step left the means that the family has */
    if (s->linear.report)
        kedge_i_newton_refresh(&t->newton);
    KEDGE_TRY(kedge_i_gsl_commit(s, &t->columns, t->newton.now + 1, t->newton.now[0], 1.0));
    s->linear.deviance = 2.0 * loss * total;
    s->linear.rank = t->newton.rank;
    s->linear.iterations = t->newton.iterations;
    s->null_deviance = 2.0 * g.null_loss * total;
    s->pearson = pearson * total;
    s->dispersion = glm_dispersion(s, s->pearson, (double)t->columns.n_used - (double)t->newton.rank - 1.0);
    glm_commit_errors(&g, s, total, (double *)work + kedge_i_irls_room(s->linear.model.n_features, 1));
    return KEDGE_OK;
}

static kedge_status glm_predict(const kedge_model_class *cls, const void *state, const kedge_row *x, double *y)
{
    (void)cls;
    const glm_state *s = state;
    kedge_i_glm_family f = glm_family(s);
    int is_empty = s->linear.model.n_learned == 0;
    *y = is_empty ? 0.0 : kedge_i_glm_mean(&f, kedge_i_gsl_value(s, x));
    return is_empty ? KEDGE_EMPTY : KEDGE_OK;
}

static kedge_status glm_state_of(const kedge_model *m, const glm_state **s)
{
    if (!m || !m->cls || !m->state)
        return KEDGE_ERR_NULL;
    if (m->cls != &kedge_gsl_glm)
        return KEDGE_ERR_CLASS;
    *s = m->state;
    return KEDGE_OK;
}

kedge_status kedge_gsl_glm_summary(const kedge_model *m, kedge_gsl_glm_fit *out)
{
    const glm_state *s;
    if (!out)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(glm_state_of(m, &s));
    out->n_rows = s->linear.model.n_learned;
    out->rank = s->linear.rank;
    out->iterations = s->linear.iterations;
    out->df = s->linear.model.n_learned == 0 ? 0.0 : (double)s->linear.model.n_learned - (double)s->linear.rank - 1.0;
    out->deviance = s->linear.deviance;
    out->null_deviance = s->null_deviance;
    out->pearson = s->pearson;
    out->dispersion = s->dispersion;
    return s->linear.model.n_learned == 0 ? KEDGE_EMPTY : KEDGE_OK;
}

kedge_status kedge_gsl_glm_predict_interval(const kedge_model *m, const double *x, double confidence, kedge_gsl_glm_interval *out)
{
    const glm_state *s;
    if (!x || !out)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(glm_state_of(m, &s));
    if (!s->linear.report)
        return KEDGE_ERR_UNSUPPORTED;
    if (!(confidence > 0.0 && confidence < 1.0))
        return KEDGE_ERR_RANGE;
    for (uint32_t i = 0; i < s->linear.n; i++)
        if (!kedge_i_finite(x[i]))
            return KEDGE_ERR_NOT_FINITE;
    if (s->linear.model.n_learned == 0)
        return KEDGE_EMPTY;
    if (!s->linear.has_root)
        return KEDGE_ERR_NUMERIC;
    kedge_row row = {x, 1, KEDGE_FLOAT64, 0, NULL};
    kedge_i_glm_family f = glm_family(s);
    double eta = kedge_i_gsl_value(s, &row);
    double error = kedge_i_gsl_value_error(s, &row);
    double reach = fmin(error, GLM_REACH_MOST) * kedge_i_gsl_critical(confidence, KEDGE_I_GSL_NORMAL);
    double low = kedge_i_glm_mean(&f, eta - reach);
    double high = kedge_i_glm_mean(&f, eta + reach);
    out->value = kedge_i_glm_mean(&f, eta);
    out->linear = eta;
    out->standard_error = error;
    out->low = low < high ? low : high; /* the inverse link falls */
    out->high = low < high ? high : low;
    return KEDGE_OK;
}

const kedge_model_class kedge_gsl_glm = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_MODEL,
            .version = 1,
            .name = "glm",
            .fixed_bytes = sizeof(glm_state),
            .config_bytes = sizeof(kedge_gsl_glm_config),
            .n_fields = sizeof glm_fields / sizeof *glm_fields,
            .fields = glm_fields,
            .defaults = glm_defaults,
            .configure = glm_configure,
            .valid = glm_valid,
            .layout = glm_layout,
            .start = kedge_i_gsl_start,
            .check = glm_check,
        },
    .fit_work = glm_fit_work,
    .fit = glm_fit,
    .predict = glm_predict,
    .score = glm_predict,
};
