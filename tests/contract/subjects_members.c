/* SPDX-License-Identifier: MIT */
/* Subjects: models over members of classes that the caller chose. */
#include "subjects.h"

static const kedge_members_class *class_of_bagging(void)
{
    static kedge_members_class cls;
    assert_int_equal(kedge_bagging_class(&cls, &kedge_gaussian_nb, &kedge_adwin, &kedge_ddm), KEDGE_OK);
    return &cls;
}

static const kedge_model_config *bayes(uint32_t n_features)
{
    static kedge_gaussian_nb_config of_all, of_some;
    kedge_gaussian_nb_config *c = n_features == 3 ? &of_all : &of_some;
    *c = kedge_gaussian_nb_defaults(n_features, 3);
    return &c->base;
}

static const kedge_model_config *least_squares(void)
{
    static kedge_rls_config c;
    c = kedge_rls_defaults(3);
    return &c.base;
}

/* On patches, with backgrounds. */
static void config_bagging(any_config *cfg)
{
    kedge_bagging_config c;
    assert_int_equal(kedge_bagging_config_init(&c, sizeof c, class_of_bagging(), 3, 3), KEDGE_OK);
    c.members.model = bayes(2);
    c.members.n = 3;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_bagging_regression(any_config *cfg)
{
    static kedge_members_class cls;
    kedge_bagging_config c;
    assert_int_equal(kedge_bagging_class(&cls, &kedge_rls, NULL, &kedge_adwin), KEDGE_OK);
    assert_int_equal(kedge_bagging_config_init(&c, sizeof c, &cls, 3, 0), KEDGE_OK);
    c.members.model = least_squares();
    c.members.n = 2;
    c.lambda = 1;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_boosting(any_config *cfg)
{
    static kedge_members_class cls;
    kedge_boosting_config c;
    assert_int_equal(kedge_boosting_class(&cls, &kedge_gaussian_nb, NULL, &kedge_ddm), KEDGE_OK);
    assert_int_equal(kedge_boosting_config_init(&c, sizeof c, &cls, 3, 3), KEDGE_OK);
    c.members.model = bayes(3);
    c.members.n = 3;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_adaptive_model(any_config *cfg)
{
    static kedge_members_class cls;
    kedge_adaptive_model_config c;
    assert_int_equal(kedge_adaptive_model_class(&cls, &kedge_gaussian_nb, &kedge_hddm_a, &kedge_ddm), KEDGE_OK);
    assert_int_equal(kedge_adaptive_model_config_init(&c, sizeof c, &cls, 3, 3), KEDGE_OK);
    c.members.model = bayes(3);
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_lagged(any_config *cfg)
{
    static kedge_members_class cls;
    static kedge_hoeffding_tree_config tree;
    kedge_lagged_config c;
    assert_int_equal(kedge_lagged_class(&cls, &kedge_hoeffding_tree), KEDGE_OK);
    assert_int_equal(kedge_lagged_config_init(&c, sizeof c, &cls, 3, 3), KEDGE_OK);
    c.n_lags = 2;
    tree = kedge_hoeffding_tree_defaults(kedge_lagged_features(&c), 3);
    tree.growth.memory = 8192;
    c.model = &tree.base;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_lagged_regression(any_config *cfg)
{
    static kedge_members_class cls;
    kedge_lagged_config c;
    assert_int_equal(kedge_lagged_class(&cls, &kedge_rls), KEDGE_OK);
    assert_int_equal(kedge_lagged_config_init(&c, sizeof c, &cls, 1, 0), KEDGE_OK);
    c.n_lags = 2;
    c.model = least_squares();
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_calibrated(any_config *cfg, uint32_t method)
{
    static kedge_members_class cls;
    kedge_calibrated_config c;
    assert_int_equal(kedge_calibrated_class(&cls, &kedge_gaussian_nb), KEDGE_OK);
    assert_int_equal(kedge_calibrated_config_init(&c, sizeof c, &cls, 3, 3), KEDGE_OK);
    c.model = bayes(3);
    c.method = method;
    c.window = 50;
    c.every = 20;
    c.max_points = 8;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_calibrated_platt(any_config *cfg)
{
    config_calibrated(cfg, KEDGE_MAP_PLATT);
}

static void config_calibrated_isotonic(any_config *cfg)
{
    config_calibrated(cfg, KEDGE_MAP_ISOTONIC);
}

static void config_sgbt(any_config *cfg, uint32_t n_classes)
{
    static kedge_members_class cls;
    kedge_sgbt_config c;
    assert_int_equal(kedge_sgbt_class(&cls, &kedge_rls), KEDGE_OK);
    assert_int_equal(kedge_sgbt_config_init(&c, sizeof c, &cls, 4, n_classes), KEDGE_OK);
    c.members.model = least_squares(); /* three of four features */
    c.members.n = 3;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_sgbt_classes(any_config *cfg)
{
    config_sgbt(cfg, 3);
}

static void config_sgbt_values(any_config *cfg)
{
    config_sgbt(cfg, 0);
}

static int spoil_sgbt(any_config *cfg, size_t i)
{
    SPOIL(kedge_sgbt_config,
          BAD(c->base.n_features = 0) BAD(c->base.n_features = 2) BAD(c->base.n_features = UINT32_MAX) BAD(c->base.n_classes = 1)
              BAD(c->base.n_classes = KEDGE_SGBT_CLASSES_MAX + 1) BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL)
                  BAD(c->members.n = 0) BAD(c->members.n = KEDGE_MEMBERS_MAX + 1) BAD(c->members.n = UINT32_MAX)
                      BAD(c->members.model = NULL) BAD(c->members.model = bayes(3))
                          BAD(c->members.drift = (const kedge_detector_config *)(const void *)c) BAD(c->rate = 0) BAD(c->rate = 1.5)
                              BAD(c->rate = NAN_D));
}

static int spoil_lagged(any_config *cfg, size_t i)
{
    SPOIL(kedge_lagged_config,
          BAD(c->base.n_features = 0) BAD(c->base.n_features = 2) BAD(c->base.n_features = UINT32_MAX) BAD(c->base.n_classes += 1)
              BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL) BAD(c->n_lags = 0) BAD(c->n_lags = 1)
                  BAD(c->n_lags = 1025) BAD(c->one_hot = 2) BAD(c->model = NULL) BAD(c->model = bayes(3)));
}

#define SPOIL_MEMBERS                                                                                                              \
    BAD(c->base.n_features = 0)                                                                                                    \
    BAD(c->base.n_features = 1)                                                                                                    \
    BAD(c->base.n_features = UINT32_MAX)                                                                                           \
    BAD(c->base.n_classes = 0)                                                                                                     \
    BAD(c->base.n_classes = 1)                                                                                                     \
    BAD(c->base.n_classes = 2)                                                                                                     \
    BAD(c->base.config_bytes = sizeof *c + 8)                                                                                      \
    BAD(c->base.cls = NULL)                                                                                                        \
    BAD(c->members.model = NULL)                                                                                                   \
    BAD(c->members.model = least_squares())                                                                                        \
    BAD(c->members.n = 0)                                                                                                          \
    BAD(c->members.n = KEDGE_MEMBERS_MAX + 1)                                                                                      \
    BAD(c->members.on_drift = 0)                                                                                                   \
    BAD(c->members.on_drift = 3)                                                                                                   \
    BAD(c->members.drift = &stranger.base)                                                                                         \
    BAD(c->members.warning = &stranger.base)

static int spoil_bagging(any_config *cfg, size_t i)
{
    static kedge_page_hinkley_config stranger;
    stranger = kedge_page_hinkley_defaults();
    SPOIL(kedge_bagging_config, SPOIL_MEMBERS BAD(c->lambda = 0) BAD(c->lambda = 101) BAD(c->lambda = NAN_D));
}

static int spoil_bagging_regression(any_config *cfg, size_t i)
{
    SPOIL(kedge_bagging_config,
          BAD(c->base.n_classes = 2) BAD(c->members.model = bayes(3)) BAD(c->members.model = NULL) BAD(c->lambda = 0));
}

static int spoil_boosting(any_config *cfg, size_t i)
{
    static kedge_page_hinkley_config stranger;
    stranger = kedge_page_hinkley_defaults();
    SPOIL(kedge_boosting_config, SPOIL_MEMBERS BAD(c->fading = 0) BAD(c->fading = 1.5) BAD(c->fading = NAN_D));
}

static int spoil_calibrated(any_config *cfg, size_t i)
{
    SPOIL(kedge_calibrated_config,
          BAD(c->base.n_features = 0) BAD(c->base.n_features = 2) BAD(c->base.n_classes += 1) BAD(c->base.n_classes = 0)
              BAD(c->base.n_classes = KEDGE_CALIBRATED_CLASSES_MAX + 1) BAD(c->base.config_bytes = sizeof *c +
                                                                            8) BAD(c->base.cls = NULL)
                  BAD(c->method = 0) BAD(c->method = 3) BAD(c->window = 9) BAD(c->window = (1u << 20) + 1) BAD(c->every = 0)
                      BAD(c->every = (1u << 20) + 1) BAD(c->max_points = 1) BAD(c->max_points = 65537) BAD(c->model = NULL)
                          BAD(c->model = least_squares()));
}
static int spoil_adaptive_model(any_config *cfg, size_t i)
{
    static kedge_page_hinkley_config stranger;
    stranger = kedge_page_hinkley_defaults();
    SPOIL(kedge_adaptive_model_config, SPOIL_MEMBERS BAD(c->members.n = 2));
}

static const subject subjects[] = {
    {"bagging", &noun_model, config_bagging, spoil_bagging, feed_model, feed_model_many, 300},
    {"bagging regression", &noun_model, config_bagging_regression, spoil_bagging_regression, feed_model, feed_model_many, 300},
    {"boosting", &noun_model, config_boosting, spoil_boosting, feed_model, feed_model_many, 300},
    {"adaptive_model", &noun_model, config_adaptive_model, spoil_adaptive_model, feed_model, feed_model_many, 300},
    {"sgbt classes", &noun_model, config_sgbt_classes, spoil_sgbt, feed_model, feed_model_many, 300},
    {"sgbt values", &noun_model, config_sgbt_values, spoil_sgbt, feed_model, feed_model_many, 300},
    {"calibrated platt", &noun_model, config_calibrated_platt, spoil_calibrated, feed_model, feed_model_many, 300},
    {"calibrated isotonic", &noun_model, config_calibrated_isotonic, spoil_calibrated, feed_model, feed_model_many, 300},
    {"lagged", &noun_model, config_lagged, spoil_lagged, feed_model, feed_model_many, 300},
    {"lagged regression", &noun_model, config_lagged_regression, spoil_lagged, feed_model, feed_model_many, 300},
};

const subject_group group_members = {subjects, sizeof subjects / sizeof *subjects};
