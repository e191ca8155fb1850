/* SPDX-License-Identifier: MIT */
/* Models that predict by neighbours. Windows reach further than the streams where rows are forgotten, and are full elsewhere. */
#include "subjects.h"

static void config_knn_of(any_config *cfg, uint32_t n_features, uint32_t n_classes, uint32_t k, uint32_t window)
{
    kedge_knn_config c = kedge_knn_defaults(n_features, n_classes);
    c.k = k;
    c.window = window;
    if (n_features == 2) {
        c.distance = KEDGE_KNN_MANHATTAN;
        c.weights = KEDGE_KNN_INVERSE;
        c.scale = KEDGE_KNN_RAW;
    }
    if (n_classes == 0)
        c.scale = KEDGE_KNN_RANGE;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_knn(any_config *cfg)
{
    config_knn_of(cfg, 4, 3, 5, 60);
}

static void config_knn_raw(any_config *cfg)
{
    config_knn_of(cfg, 2, 2, 3, 60);
}

static void config_knn_regression(any_config *cfg)
{
    config_knn_of(cfg, 3, 0, 4, 60);
}

static void config_knn_full(any_config *cfg) /* rows that have left cannot be forgotten: fading, as the law calls it */
{
    config_knn_of(cfg, 3, 2, 4, 13);
}

static int spoil_knn(any_config *cfg, size_t i)
{
    SPOIL(kedge_knn_config,
          BAD(c->base.n_features = 0) BAD(c->base.n_features = UINT32_MAX) BAD(c->base.n_classes = 1)
          BAD(c->base.n_classes = UINT32_MAX) BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL) BAD(c->k = 0)
          BAD(c->k = 65) BAD(c->window = c->k - 1)
          BAD(c->window = KEDGE_KNN_WINDOW_MAX + 1) BAD(c->distance = 0) BAD(c->distance = 3) BAD(c->weights = 0)
          BAD(c->weights = 3)
          BAD(c->scale = 0) BAD(c->scale = 4) BAD((c->base.n_features = KEDGE_FEATURES_MAX, c->window = KEDGE_KNN_WINDOW_MAX)));
}

static void config_sam_of(any_config *cfg, uint32_t n_features, uint32_t n_classes, uint32_t k, uint32_t window)
{
    kedge_sam_knn_config c = kedge_sam_knn_defaults(n_features, n_classes);
    c.k = k;
    c.window = window;
    c.min_short = window / 8 > k ? window / 8 : k + 1;
    memset(cfg, 0, sizeof *cfg);
    memcpy(cfg, &c, sizeof c);
}

static void config_sam(any_config *cfg)
{
    config_sam_of(cfg, 3, 3, 3, 40);
}

static void config_sam_small(any_config *cfg)
{
    config_sam_of(cfg, 2, 2, 1, 8);
}

static int spoil_sam(any_config *cfg, size_t i)
{
    SPOIL(kedge_sam_knn_config,
          BAD(c->base.n_features = 0) BAD(c->base.n_features = UINT32_MAX) BAD(c->base.n_classes = 0) BAD(c->base.n_classes = 1)
          BAD(c->base.n_classes = UINT32_MAX) BAD(c->base.config_bytes = sizeof *c + 8) BAD(c->base.cls = NULL) BAD(c->k = 0)
          BAD(c->k = c->min_short) BAD(c->window = KEDGE_KNN_WINDOW_MAX + 1) BAD(c->window = 4 * c->min_short - 1)
          BAD(c->min_short = 0) BAD(c->min_short = c->window / 4 + 1) BAD(c->distance = 0) BAD(c->distance = 3) BAD(c->weights = 0)
          BAD(c->weights = 3) BAD(c->scale = 0) BAD(c->scale = 4) BAD(c->long_share = 0) BAD(c->long_share = 1)
          BAD(c->long_share = NAN_D) BAD((c->base.n_features = KEDGE_FEATURES_MAX, c->window = KEDGE_KNN_WINDOW_MAX)));
}

static const subject subjects[] = {
    {"nearest neighbours", &noun_model, config_knn, spoil_knn, feed_model, feed_model_many, 60},
    {"nearest neighbours, raw, Manhattan, weighted", &noun_model, config_knn_raw, spoil_knn, feed_model, feed_model_many, 60},
    {"nearest neighbours, regression", &noun_model, config_knn_regression, spoil_knn, feed_model, feed_model_many, 60},
    {"nearest neighbours, full window, fading", &noun_model, config_knn_full, spoil_knn, feed_model, feed_model_many, 200},
    {"self-adjusting memory", &noun_model, config_sam, spoil_sam, feed_model, feed_model_many, 300},
    {"self-adjusting memory, least", &noun_model, config_sam_small, spoil_sam, feed_model, feed_model_many, 100},
};

const subject_group group_neighbours = {subjects, sizeof subjects / sizeof *subjects};
