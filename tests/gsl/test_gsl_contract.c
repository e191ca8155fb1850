/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The contract of all nouns, for the classes of kedge-gsl. */
#include "../contract/subjects.h"

#include "kedge/gsl.h"

static void take(any_config *cfg, const void *config, size_t bytes)
{
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, config, bytes);
}

/* As fit_model(), for classes that need not have an answer where their parameters were forged; others keep what they had. */
static void fit_or_not(handle *h, size_t from, size_t to)
{
    double *x, *y;
    kedge_model_info info;
    assert_int_equal(kedge_model_describe(&h->model, &info), KEDGE_OK);
    if (from == to || to < 30 || info.n_features > CONTRACT_MAX_FEATURES || info.n_classes > CONTRACT_MAX_CLASSES)
        return;
    size_t work_bytes = kedge_model_work(&h->model, to);
    x = guard_new(to * info.n_features * sizeof *x, 0);
    y = guard_new(to * sizeof *y, 0);
    void *work = guard_new(work_bytes, 0xA5);
    kedge_rows rows = kedge_rows_float64(x, to, info.n_features);
    for (size_t i = 0; i < to; i++)
        contract_row(i, x + i * info.n_features, info.n_features, y + i, info.n_classes);
    for (size_t i = 0; i < to && strcmp(h->model.cls->base.name, "glm") == 0; i++)
        y[i] = fabs(y[i]);
    kedge_status st = kedge_model_fit(&h->model, &rows, y, NULL, work, work_bytes);
    assert_true(st == KEDGE_OK || st == KEDGE_WARNING || st == KEDGE_ERR_NUMERIC || st == KEDGE_ERR_RANGE);
    guard_free(work);
    guard_free(y);
    guard_free(x);
}

#define BAD_BASE                                                                                   \
    BAD(c->base.n_features = 0)                                                                    \
    BAD(c->base.n_features = UINT32_MAX)                                                           \
    BAD(c->base.n_classes = 1)                                                                     \
    BAD(c->base.n_classes = UINT32_MAX)                                                            \
    BAD(c->base.config_bytes = sizeof *c + 8)                                                      \
    BAD(c->base.cls = NULL)

static void config_squares(any_config *cfg)
{
    kedge_gsl_least_squares_config c = kedge_gsl_least_squares_defaults(4);
    c.report = 1;
    take(cfg, &c, sizeof c);
}

static int spoil_squares(any_config *cfg, size_t i)
{
    SPOIL(kedge_gsl_least_squares_config,
          BAD_BASE BAD(c->base.n_classes = 2) BAD(c->tolerance = -1) BAD(c->tolerance = 1) BAD(c->tolerance = NAN_D)
          BAD(c->report = 2) BAD(c->method = 0) BAD(c->method = 3));
}

static void config_logistic(any_config *cfg)
{
    kedge_gsl_logistic_config c = kedge_gsl_logistic_defaults(3);
    take(cfg, &c, sizeof c);
}

static int spoil_logistic(any_config *cfg, size_t i)
{
    SPOIL(kedge_gsl_logistic_config,
          BAD_BASE BAD(c->base.n_classes = 0) BAD(c->base.n_classes = 3) BAD(c->l2 = -1) BAD(c->l2 = 2e9) BAD(c->l2 = NAN_D)
          BAD(c->tolerance = 0) BAD(c->tolerance = 1) BAD(c->tolerance = NAN_D) BAD(c->max_iterations = 0)
          BAD(c->max_iterations = 10001));
}

static void config_counts(any_config *cfg)
{
    kedge_gsl_glm_config c = kedge_gsl_glm_defaults(3, KEDGE_GLM_POISSON);
    c.report = 1;
    take(cfg, &c, sizeof c);
}

static int spoil_counts(any_config *cfg, size_t i)
{
    SPOIL(kedge_gsl_glm_config,
          BAD_BASE BAD(c->base.n_classes = 2) BAD(c->l2 = -1) BAD(c->l2 = 1) BAD(c->l2 = NAN_D) BAD(c->tolerance = 0)
          BAD(c->tolerance = NAN_D) BAD(c->family = 0) BAD(c->family = 4) BAD(c->link = 0) BAD(c->link = KEDGE_LINK_LOGIT)
          BAD(c->offset = 3)
          BAD(c->max_iterations = 0) BAD(c->max_iterations = 10001) BAD(c->report = 2));
}


static void config_discriminant(any_config *cfg)
{
    kedge_gsl_discriminant_config c = kedge_gsl_discriminant_defaults(4, 3);
    take(cfg, &c, sizeof c);
}

static void config_quadratic(any_config *cfg)
{
    kedge_gsl_discriminant_config c = kedge_gsl_discriminant_defaults(3, 2);
    c.quadratic = 1;
    c.shrinkage = 0.1;
    take(cfg, &c, sizeof c);
}

static int spoil_discriminant(any_config *cfg, size_t i)
{
    SPOIL(kedge_gsl_discriminant_config,
          BAD_BASE BAD(c->base.n_classes = 0) BAD(c->shrinkage = -1) BAD(c->shrinkage = 1.5) BAD(c->shrinkage = NAN_D)
          BAD(c->quadratic = 2) BAD(c->unbiased = 2));
}

static void config_net(any_config *cfg)
{
    kedge_gsl_elastic_net_config c = kedge_gsl_elastic_net_defaults(5);
    c.alpha = 0.1;
    take(cfg, &c, sizeof c);
}

static void config_net_folds(any_config *cfg)
{
    kedge_gsl_elastic_net_config c = kedge_gsl_elastic_net_defaults(4);
    c.l1_ratio = 1;
    c.n_folds = 3;
    c.n_alphas = 7;
    c.shuffle = 1;
    c.standardise = 1;
    take(cfg, &c, sizeof c);
}

static int spoil_net(any_config *cfg, size_t i)
{
    SPOIL(kedge_gsl_elastic_net_config,
          BAD_BASE BAD(c->base.n_classes = 2) BAD(c->alpha = -1) BAD(c->alpha = 2e200) BAD(c->alpha = NAN_D)
          BAD(c->l1_ratio = -1) BAD(c->l1_ratio = 1.1) BAD(c->l1_ratio = NAN_D) BAD(c->tolerance = 0) BAD(c->tolerance = 1)
          BAD(c->tolerance = NAN_D)
          BAD(c->path_ratio = 0) BAD(c->path_ratio = 1) BAD(c->path_ratio = NAN_D) BAD(c->max_iterations = 0)
          BAD(c->max_iterations = 1000001)
          BAD(c->standardise = 2) BAD(c->n_folds = 1) BAD(c->n_folds = 1001) BAD(c->n_alphas = 0) BAD(c->n_alphas = 10001)
          BAD(c->shuffle = 2)
          BAD(c->one_error = 2));
}

static void config_ridge(any_config *cfg)
{
    kedge_gsl_ridge_config c = kedge_gsl_ridge_defaults(3);
    c.l2 = 0.01;
    c.l2_high = 100;
    c.n_l2 = 5;
    c.path = 1;
    take(cfg, &c, sizeof c);
}

static void config_ridge_alone(any_config *cfg)
{
    kedge_gsl_ridge_config c = kedge_gsl_ridge_defaults(5);
    c.choice = KEDGE_RIDGE_GCV;
    c.method = KEDGE_GSL_METHOD_NORMAL;
    c.standardise = 1;
    take(cfg, &c, sizeof c);
}

static void config_ridge_list(any_config *cfg)
{
    static const double list[4] = {0, 0.5, 0.5, 100};
    kedge_gsl_ridge_config c = kedge_gsl_ridge_defaults(2);
    c.penalties = list;
    c.n_l2 = 4;
    take(cfg, &c, sizeof c);
}

static int spoil_ridge_list(any_config *cfg, size_t i)
{
    SPOIL(kedge_gsl_ridge_config, BAD_BASE BAD(c->n_l2 = 0) BAD(c->n_l2 = KEDGE_RIDGE_LIST_MAX + 1));
}

static int spoil_ridge(any_config *cfg, size_t i)
{
    SPOIL(kedge_gsl_ridge_config,
          BAD_BASE BAD(c->base.n_classes = 2) BAD(c->l2 = -1e-300) BAD(c->l2 = 2e100) BAD(c->l2 = NAN_D) BAD(c->l2_high = NAN_D)
          BAD(c->l2_high = -1) BAD(c->n_l2 = 0) BAD(c->n_l2 = KEDGE_RIDGE_PATH_MAX + 1) BAD((c->n_l2 = 2, c->l2 = 0))
          BAD((c->n_l2 = 2, c->l2_high = 0.5 * c->l2)) BAD(c->choice = 0) BAD(c->choice = 3) BAD(c->standardise = 2)
          BAD(c->method = 0) BAD(c->method = 3) BAD(c->path = 2));
}

static void config_softmax(any_config *cfg)
{
    kedge_gsl_softmax_config c = kedge_gsl_softmax_defaults(3, 4);
    take(cfg, &c, sizeof c);
}

static void config_softmax_report(any_config *cfg)
{
    kedge_gsl_softmax_config c = kedge_gsl_softmax_defaults(2, 3);
    c.l2 = 0;
    c.report = 1;
    take(cfg, &c, sizeof c);
}

static int spoil_softmax(any_config *cfg, size_t i)
{
    SPOIL(kedge_gsl_softmax_config, BAD_BASE BAD(c->base.n_classes = 0) BAD(c->l2 = -1) BAD(c->l2 = 2e9) BAD(c->l2 = NAN_D)
          BAD((c->l2 = 1, c->report = 1)) BAD(c->tolerance = 0) BAD(c->tolerance = 1) BAD(c->tolerance = NAN_D)
          BAD(c->max_iterations = 0) BAD(c->max_iterations = 10001) BAD(c->standardise = 2) BAD(c->report = 2));
}

static void config_huber(any_config *cfg)
{
    kedge_gsl_robust_config c = kedge_gsl_robust_defaults(3, KEDGE_ROBUST_HUBER);
    c.report = 1;
    take(cfg, &c, sizeof c);
}

static void config_bisquare(any_config *cfg)
{
    kedge_gsl_robust_config c = kedge_gsl_robust_defaults(4, KEDGE_ROBUST_BISQUARE);
    take(cfg, &c, sizeof c);
}

static int spoil_robust(any_config *cfg, size_t i)
{
    SPOIL(kedge_gsl_robust_config,
          BAD_BASE BAD(c->base.n_classes = 2) BAD(c->norm = 0) BAD(c->norm = 3) BAD(c->tuning = 0.009) BAD(c->tuning = 2e6)
          BAD(c->tuning = NAN_D) BAD((c->norm = KEDGE_ROBUST_BISQUARE, c->tuning = 0.99)) BAD(c->tolerance = 0)
          BAD(c->tolerance = 1) BAD(c->tolerance = NAN_D) BAD(c->max_iterations = 0) BAD(c->max_iterations = 10001)
          BAD(c->report = 2));
}

static const subject gsl_subjects[] = {
    {"least squares", &noun_model, config_squares, spoil_squares, fit_or_not, NULL, 100},
    {"logistic regression by IRLS", &noun_model, config_logistic, spoil_logistic, fit_or_not, NULL, 100},
    {"generalised linear model", &noun_model, config_counts, spoil_counts, fit_or_not, NULL, 100},
    {"linear discriminants", &noun_model, config_discriminant, spoil_discriminant, fit_or_not, NULL, 100},
    {"quadratic discriminants", &noun_model, config_quadratic, spoil_discriminant, fit_or_not, NULL, 100},
    {"ridge path", &noun_model, config_ridge, spoil_ridge, fit_or_not, NULL, 100},
    {"ridge, a list", &noun_model, config_ridge_list, spoil_ridge_list, fit_or_not, NULL, 100},
    {"ridge, one penalty", &noun_model, config_ridge_alone, spoil_ridge, fit_or_not, NULL, 100},
    {"softmax by IRLS", &noun_model, config_softmax, spoil_softmax, fit_or_not, NULL, 100},
    {"softmax by IRLS, errors", &noun_model, config_softmax_report, spoil_softmax, fit_or_not, NULL, 100},
    {"robust regression, Huber", &noun_model, config_huber, spoil_robust, fit_or_not, NULL, 100},
    {"robust regression, bisquare", &noun_model, config_bisquare, spoil_robust, fit_or_not, NULL, 100},
    {"elastic net", &noun_model, config_net, spoil_net, fit_or_not, NULL, 100},
    {"elastic net, folds", &noun_model, config_net_folds, spoil_net, fit_or_not, NULL, 100},
};

static const subject_group group_gsl = {gsl_subjects, sizeof gsl_subjects / sizeof *gsl_subjects};

int main(void)
{
    const subject_group *const groups[] = {&group_gsl};
    return contract_run(groups, 1) > 0;
}
