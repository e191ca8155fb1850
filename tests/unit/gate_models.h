/* SPDX-License-Identifier: MIT */
/* Models for the tests of the gate whose answers stand in their rows. */
#ifndef KEDGE_TESTS_GATE_MODELS_H
#define KEDGE_TESTS_GATE_MODELS_H

#include <math.h>

#include "support.h"

enum { GATE_WIDTH = 5 };

enum {
    SAYS_COLUMN, /* the class, or value, that stands in feature `column` */
    LINEAR,      /* x0 - x1 + 2 x2, as a regression's value or the logit of class 1 */
    BROKEN,      /* not a number */
    FAILING,     /* an error for each row with x4 > 1 */
    TWO_FACED,   /* a loaded one says something else: its answer depends on a byte that snapshots do not hold */
    DULL         /* learns without success */
};

typedef struct says_config {
    kedge_model_config base;
    uint32_t kind;
    uint32_t column;
} says_config;

typedef struct says_state {
    kedge_model_state model;
    uint32_t kind;
    uint32_t column;
    uint64_t twin; /* where it lies in memory, for TWO_FACED */
} says_state;

static const kedge_field says_fields[] = {
    KEDGE_PARAM(says_state, model.n_features, KEDGE_TYPE_U32), KEDGE_PARAM(says_state, model.n_classes, KEDGE_TYPE_U32),
    KEDGE_PARAM(says_state, kind, KEDGE_TYPE_U32),             KEDGE_PARAM(says_state, column, KEDGE_TYPE_U32),
    KEDGE_VALUE(says_state, model.n_learned, KEDGE_TYPE_U64),
};

static uint64_t says_now, says_cost; /* a clock, and what a prediction takes */
static const void *says_first;       /* the state of the TWO_FACED model that was trained */

static void says_defaults(void *config)
{
    memset(config, 0, sizeof(says_config));
    ((says_config *)config)->base.config_bytes = sizeof(says_config);
}

static void says_configure(const void *config, void *fixed)
{
    const says_config *c = config;
    says_state *s = fixed;
    s->model.n_features = c->base.n_features;
    s->model.n_classes = c->base.n_classes;
    s->kind = c->kind;
    s->column = c->column;
}

static int says_valid(const void *fixed)
{
    const says_state *s = fixed;
    return s->model.n_features == GATE_WIDTH && s->model.n_classes <= 3 && s->column < GATE_WIDTH;
}

static size_t says_layout(void *fixed)
{
    (void)fixed;
    return sizeof(says_state);
}

static kedge_status says_learn(const kedge_model_class *cls, void *state, const kedge_row *x, double y, double weight)
{
    (void)cls, (void)x, (void)y, (void)weight;
    ((kedge_model_state *)state)->n_learned++;
    return KEDGE_OK;
}

static double says_value(const says_state *s, const kedge_row *x)
{
    double value = kedge_row_at(x, s->column);
    if (s->kind == LINEAR)
        value = kedge_row_at(x, 0) - kedge_row_at(x, 1) + 2 * kedge_row_at(x, 2);
    if (s->kind == TWO_FACED)
        value = s == says_first;
    if (s->kind == DULL)
        value = 0;
    return value;
}

static double says_probability(const says_state *s, const kedge_row *x)
{
    double value = says_value(s, x);
    return s->kind == LINEAR ? 1 / (1 + exp(-fmax(-30, fmin(30, value)))) : value != 0 ? 0.9 : 0.1;
}

static kedge_status says_predict(const kedge_model_class *cls, const void *state, const kedge_row *x, double *y)
{
    const says_state *s = state;
    (void)cls;
    says_now += says_cost;
    *y = s->model.n_classes == 0 ? says_value(s, x) : says_probability(s, x) > 0.5;
    if (s->kind == BROKEN)
        *y = (double)NAN;
    return s->kind == FAILING && kedge_row_at(x, 4) > 1 ? KEDGE_ERR_NUMERIC : KEDGE_OK;
}

static kedge_status says_score(const kedge_model_class *cls, const void *state, const kedge_row *x, double *scores)
{
    const says_state *s = state;
    double p = s->model.n_classes > 0 ? says_probability(s, x) : 0;
    (void)cls;
    scores[0] = s->model.n_classes == 0 ? says_value(s, x) : 1 - p;
    if (s->model.n_classes > 0)
        scores[1] = p;
    if (s->model.n_classes == 3)
        scores[2] = 0;
    return KEDGE_OK;
}

static const kedge_model_class says = {
    .base = {.abi = KEDGE_CLASS_ABI, .noun = KEDGE_NOUN_MODEL, .version = 1, .name = "says", .fixed_bytes = sizeof(says_state),
             .config_bytes = sizeof(says_config), .n_fields = 5, .fields = says_fields, .defaults = says_defaults,
             .configure = says_configure, .valid = says_valid, .layout = says_layout, .check = says_valid},
    .learn = says_learn, .predict = says_predict, .score = says_score,
};

static says_config says_config_of(uint32_t n_classes, uint32_t kind, uint32_t column)
{
    says_config cfg = {{&says, sizeof cfg, GATE_WIDTH, n_classes, 0}, kind, column};
    return cfg;
}

static kedge_model says_new(says_state *mem, uint32_t n_classes, uint32_t kind, uint32_t column)
{
    says_config cfg = says_config_of(n_classes, kind, column);
    kedge_model m;
    assert_int_equal(kedge_model_init(&m, &cfg.base, mem, sizeof *mem), KEDGE_OK);
    return m;
}

/* Judge in exactly as much guarded memory as it takes. */
static inline kedge_gate_report gate_judged(const kedge_gate_config *cfg, const kedge_model *champion,
                                            const kedge_model *challenger, const kedge_rows *rows, const double *y,
                                            const double *weight, kedge_gate_outcome *outcomes)
{
    kedge_gate_report report;
    size_t bytes = kedge_gate_work(cfg, champion, challenger, rows->n_rows);
    assert_true(bytes > 0);
    void *work = guard_new(bytes, 0xA5);
    assert_int_equal(kedge_gate_judge(cfg, champion, challenger, rows, y, weight, work, bytes, outcomes, &report), KEDGE_OK);
    guard_free(work);
    return report;
}

#endif
