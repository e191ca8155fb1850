/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Logistic regression of two classes by iteratively reweighted least squares, that is by Newton's method.
 *
 * McCullagh, Nelder 1989, "Generalized Linear Models", 2nd edition, section 2.5, with the ridge penalty of le Cessie, van
 * Houwelingen 1992, "Ridge estimators in logistic regression", Applied Statistics 41. With s the standardised row (1 in front), v =
 * P(1 - P), W the sum of the rows' weights w and u the weights (u[0], the intercept, is free of the penalty), minimise
 *     f(u) = (sum of w * log loss + l2 / 2 * |u|^2) / W
 * by steps d that solve (S' diag(w v) S + l2 I) d = -f'(u) W, see newton.c.
 *
 * Cost: O(n_rows * n_features^2) a step, usually under 10, of which the last ones need no matrix; the standardised table is never
 * stored. */
#include "base/fp.h"

#include <string.h>

#include "kedge/gsl.h"

#include "base/check.h"
#include "base/number.h"
#include "gsl/irls.h"

#define LOGISTIC_IRLS_SEPARATED 1e-10 /* mean log loss of separable classes: without a penalty it falls for ever */
#define LOGISTIC_IRLS_SHARE_MIN 1e-4  /* of a class, for where to start */

typedef struct logistic_irls_state {
    kedge_i_gsl_state linear;
    double l2;
    double tolerance;
    uint32_t max_iterations;
    uint32_t reserved;
} logistic_irls_state;

static const kedge_field logistic_irls_fields[] = {
    KEDGE_I_GSL_PARAMS(logistic_irls_state),
    KEDGE_PARAM(logistic_irls_state, l2, KEDGE_TYPE_F64),
    KEDGE_PARAM(logistic_irls_state, tolerance, KEDGE_TYPE_F64),
    KEDGE_PARAM(logistic_irls_state, max_iterations, KEDGE_TYPE_U32),
    KEDGE_I_GSL_VALUES(logistic_irls_state),
};

static void logistic_irls_defaults(void *config)
{
    kedge_gsl_logistic_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_gsl_logistic;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->base.n_features = 1;
    cfg->base.n_classes = 2;
    cfg->l2 = 1.0;
    cfg->tolerance = 1e-10;
    cfg->max_iterations = 100;
}

kedge_status kedge_gsl_logistic_config_init(kedge_gsl_logistic_config *cfg, size_t cfg_bytes, uint32_t n_features)
{
    kedge_status st = kedge_class_defaults(&kedge_gsl_logistic.base, cfg, cfg_bytes, sizeof *cfg);
    if (st == KEDGE_OK)
        cfg->base.n_features = n_features;
    return st;
}

static void logistic_irls_configure(const void *config, void *fixed)
{
    const kedge_gsl_logistic_config *cfg = config;
    logistic_irls_state *s = fixed;
    s->linear.model.n_features = cfg->base.n_features;
    s->linear.model.n_classes = cfg->base.n_classes;
    s->l2 = cfg->l2;
    s->tolerance = cfg->tolerance;
    s->max_iterations = cfg->max_iterations;
}

static int logistic_irls_valid(const void *fixed)
{
    const logistic_irls_state *s = fixed;
    return kedge_i_u32_within(s->linear.model.n_features, 1, KEDGE_FEATURES_MAX) && s->linear.model.n_classes == 2 &&
           kedge_i_within(s->l2, 0.0, 1e9) && s->tolerance > 0.0 && s->tolerance < 1.0 &&
           kedge_i_u32_within(s->max_iterations, 1, 10000);
}

static size_t logistic_irls_layout(void *fixed)
{
    return kedge_i_gsl_layout(fixed, sizeof(logistic_irls_state));
}

static int logistic_irls_check(const void *state)
{
    return logistic_irls_valid(state) && kedge_i_gsl_check(state);
}

static size_t logistic_irls_fit_work(const void *fixed, size_t n_rows)
{
    (void)n_rows;
    return kedge_i_gsl_work_bytes(kedge_i_irls_room(((const logistic_irls_state *)fixed)->linear.model.n_features, 1));
}

/* e = exp(-|eta|) gives log loss, residual and variance without overflow or cancellation. */
static double logistic_irls_loss(const void *family, kedge_i_irls_block *b)
{
    double sum = 0.0;
    (void)family;
    for (size_t i = 0; i < b->n; i++) {
        double eta = b->eta[i];
        double e = exp(-fabs(eta));
        double far = 1.0 / (1.0 + e); /* probability of the class on eta's side */
        double near = e * far;
        int right = (eta >= 0.0) == (b->y[i] == 1.0);
        double variance = far * near;
        b->slope[i] = b->share[i] * (right ? near : far) * (b->y[i] == 1.0 ? -1.0 : 1.0); /* P - y */
        b->curve[i] = b->share[i] * (variance > KEDGE_I_IRLS_VARIANCE_MIN ? variance : KEDGE_I_IRLS_VARIANCE_MIN);
        sum += b->share[i] * (log1p(e) + (right ? 0.0 : fabs(eta)));
    }
    return sum;
}

/* Where to start: no weights, and the intercept of the classes' shares. KEDGE_ERR_NUMERIC: there is one class only. */
static kedge_status logistic_irls_begin(kedge_i_irls *t)
{
    double ones = 0.0, zeros = 0.0;
    for (size_t i = 0; i < t->columns.x->n_rows; i++) {
        double share = kedge_i_irls_share(t, i);
        ones += t->y[i] == 1.0 ? share : 0.0;
        zeros += t->y[i] == 1.0 ? 0.0 : share;
    }
    if (!(ones > 0.0 && zeros > 0.0))
        return KEDGE_ERR_NUMERIC;
    ones = ones > LOGISTIC_IRLS_SHARE_MIN ? ones : LOGISTIC_IRLS_SHARE_MIN;
    zeros = zeros > LOGISTIC_IRLS_SHARE_MIN ? zeros : LOGISTIC_IRLS_SHARE_MIN;
    t->newton.now[0] = log(ones / zeros);
    return KEDGE_OK;
}

static kedge_status logistic_irls_fit(const kedge_model_class *cls, void *state, const kedge_rows *x, const double *y,
                                      const double *weight, void *work)
{
    (void)cls;
    logistic_irls_state *s = state;
    kedge_i_irls t;
    memset(&t, 0, sizeof t);
    kedge_i_irls_place(&t, s->linear.model.n_features, 1, work);
    t.row_loss = logistic_irls_loss;
    KEDGE_TRY(kedge_i_irls_begin(&t, x, y, weight));
    KEDGE_TRY(logistic_irls_begin(&t));
    t.ridge = kedge_i_irls_ridge(&t, s->l2);
    t.newton.hopeless = t.ridge == 0.0 ? LOGISTIC_IRLS_SEPARATED : 0.0;
    KEDGE_TRY(kedge_i_irls_minimise(&t, s->tolerance, s->max_iterations));
    double deviance = 2.0 * t.loss * kedge_i_irls_weight(&t);
    KEDGE_TRY(kedge_i_gsl_commit(s, &t.columns, t.newton.now + 1, t.newton.now[0], 1.0));
    s->linear.deviance = deviance;
    s->linear.rank = t.newton.rank;
    s->linear.iterations = t.newton.iterations;
    return KEDGE_OK;
}

static kedge_status logistic_irls_predict(const kedge_model_class *cls, const void *state, const kedge_row *x, double *y)
{
    (void)cls;
    const logistic_irls_state *s = state;
    *y = s->linear.model.n_learned != 0 && kedge_i_gsl_value(s, x) > 0.0 ? 1.0 : 0.0;
    return s->linear.model.n_learned == 0 ? KEDGE_EMPTY : KEDGE_OK;
}

static kedge_status logistic_irls_score(const kedge_model_class *cls, const void *state, const kedge_row *x, double *scores)
{
    (void)cls;
    const logistic_irls_state *s = state;
    double eta = s->linear.model.n_learned == 0 ? 0.0 : kedge_i_gsl_value(s, x);
    double e = exp(-fabs(eta));
    scores[eta >= 0.0] = 1.0 / (1.0 + e);
    scores[eta < 0.0] = e / (1.0 + e);
    return s->linear.model.n_learned == 0 ? KEDGE_EMPTY : KEDGE_OK;
}

const kedge_model_class kedge_gsl_logistic = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_MODEL,
            .version = 1,
            .name = "logistic_irls",
            .fixed_bytes = sizeof(logistic_irls_state),
            .config_bytes = sizeof(kedge_gsl_logistic_config),
            .n_fields = sizeof logistic_irls_fields / sizeof *logistic_irls_fields,
            .fields = logistic_irls_fields,
            .defaults = logistic_irls_defaults,
            .configure = logistic_irls_configure,
            .valid = logistic_irls_valid,
            .layout = logistic_irls_layout,
            .start = kedge_i_gsl_start,
            .check = logistic_irls_check,
        },
    .fit_work = logistic_irls_fit_work,
    .fit = logistic_irls_fit,
    .predict = logistic_irls_predict,
    .score = logistic_irls_score,
};
