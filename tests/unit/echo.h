/* SPDX-License-Identifier: MIT */
/* A class of a host whose rows are what it says: the probabilities of the classes, or the value of a regression. So a test chooses
 * the predictions. It learns nothing but how many rows there were, and their targets' weighted sum. */
#ifndef KEDGE_TESTS_ECHO_H
#define KEDGE_TESTS_ECHO_H

#include "support.h"

typedef struct echo_config {
    kedge_model_config base;
} echo_config;

typedef struct echo_state {
    kedge_model_state model;
    double learned; /* sum of weight * (target + 1) */
} echo_state;

static const kedge_field echo_fields[] = {
    KEDGE_PARAM(echo_state, model.n_features, KEDGE_TYPE_U32),
    KEDGE_PARAM(echo_state, model.n_classes, KEDGE_TYPE_U32),
    KEDGE_VALUE(echo_state, model.n_learned, KEDGE_TYPE_U64),
    KEDGE_VALUE(echo_state, learned, KEDGE_TYPE_F64),
};

static void echo_defaults(void *config)
{
    memset(config, 0, sizeof(echo_config));
    ((echo_config *)config)->base.config_bytes = sizeof(echo_config);
}

static void echo_configure(const void *config, void *fixed)
{
    ((echo_state *)fixed)->model.n_features = ((const echo_config *)config)->base.n_features;
    ((echo_state *)fixed)->model.n_classes = ((const echo_config *)config)->base.n_classes;
}

static int echo_valid(const void *fixed)
{
    const kedge_model_state *s = fixed;
    return s->n_features == (s->n_classes > 0 ? s->n_classes : 1) && s->n_classes != 1 && s->n_features <= 64;
}

static size_t echo_layout(void *fixed)
{
    (void)fixed;
    return sizeof(echo_state);
}

static int echo_check(const void *state)
{
    return echo_valid(state);
}

static kedge_status echo_learn(const kedge_model_class *cls, void *state, const kedge_row *x, double y, double weight)
{
    echo_state *s = state;
    (void)cls;
    (void)x;
    s->learned += weight * (y + 1);
    s->model.n_learned++;
    return KEDGE_OK;
}

static kedge_status echo_score(const kedge_model_class *cls, const void *state, const kedge_row *x, double *scores)
{
    const echo_state *s = state;
    (void)cls;
    for (uint32_t j = 0; j < s->model.n_features; j++)
        scores[j] = kedge_row_at(x, j);
    return KEDGE_OK;
}

static kedge_status echo_predict(const kedge_model_class *cls, const void *state, const kedge_row *x, double *y)
{
    const echo_state *s = state;
    uint32_t best = 0;
    (void)cls;
    for (uint32_t j = 1; j < s->model.n_features; j++)
        if (kedge_row_at(x, j) > kedge_row_at(x, best))
            best = j;
    *y = s->model.n_classes > 0 ? best : kedge_row_at(x, 0);
    return KEDGE_OK;
}

static const kedge_model_class echo_class = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_MODEL,
            .version = 1,
            .name = "echo",
            .fixed_bytes = sizeof(echo_state),
            .config_bytes = sizeof(echo_config),
            .n_fields = 4,
            .fields = echo_fields,
            .defaults = echo_defaults,
            .configure = echo_configure,
            .valid = echo_valid,
            .layout = echo_layout,
            .check = echo_check,
        },
    .learn = echo_learn,
    .predict = echo_predict,
    .score = echo_score,
};

static inline echo_config echo_of(uint32_t n_classes)
{
    echo_config c = {{&echo_class, sizeof(echo_config), n_classes > 0 ? n_classes : 1, n_classes, 0}};
    return c;
}

#endif
