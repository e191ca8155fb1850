/* SPDX-License-Identifier: MIT */
/* Streaming gradient boosted trees: Gunasekara, Pfahringer, Gomes, Bifet 2024, "Gradient boosted trees for evolving data streams",
 * Machine Learning 113, algorithm 1, over any regression model. Second order steps as Chen, Guestrin 2016, "XGBoost", KDD,
 * equation 5: a step learns the
 * target -g / h with weight h;
 * such targets are cut as in Friedman, Hastie, Tibshirani 2000, "Additive logistic regression", Annals of Statistics 28, section
 * 4 (LogitBoost). */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/models/members.h"

#include "base/number.h"
#include "models/committee.h"

#define SGBT_TARGET_MAX 4.0  /* of a step for classes */
#define SGBT_LEAST      1e-3 /* of a curvature */
#define SGBT_MARGIN_MAX 500.0

typedef struct sgbt_state {
    committee_state committee; /* its members: the steps, of each one model a class, or one of all */
    double rate;
    double mean; /* regression: of the targets, where the first step begins */
    uint32_t n_steps;
    uint32_t reserved;
} sgbt_state;

static const kedge_field sgbt_fields[] = {
    COMMITTEE_PARAMS(sgbt_state), KEDGE_PARAM(sgbt_state, rate, KEDGE_TYPE_F64), KEDGE_PARAM(sgbt_state, n_steps, KEDGE_TYPE_U32),
    COMMITTEE_VALUES(sgbt_state), KEDGE_VALUE(sgbt_state, mean, KEDGE_TYPE_F64), COMMITTEE_ARRAYS(sgbt_state),
    COMMITTEE_PARTS(sgbt_state),
};

/* Sums that are boosted side by side: one, or one for each of more than two classes. */
static uint32_t sgbt_width(uint32_t n_classes)
{
    return n_classes > 2 ? n_classes : 1;
}

static void sgbt_defaults(void *config)
{
    kedge_sgbt_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.config_bytes = sizeof *cfg;
    cfg->members.seed = 1;
    cfg->members.n = 100;
    cfg->members.on_drift = KEDGE_ON_DRIFT_REPLACE;
    cfg->rate = 0.0125;
}

static void sgbt_configure(const void *config, void *fixed)
{
    sgbt_state *s = fixed;
    kedge_i_committee_configure(&s->committee, config);
    s->rate = ((const kedge_sgbt_config *)config)->rate;
    s->n_steps = s->committee.n_members;
    if (s->n_steps <= KEDGE_MEMBERS_MAX && s->committee.model.n_classes <= KEDGE_SGBT_CLASSES_MAX)
        s->committee.n_members = s->n_steps * sgbt_width(s->committee.model.n_classes);
}

static int sgbt_valid(const void *fixed)
{
    const sgbt_state *s = fixed;
    const committee_state *c = &s->committee;
    return c->model.n_classes <= KEDGE_SGBT_CLASSES_MAX && kedge_i_u32_within(s->n_steps, 1, KEDGE_MEMBERS_MAX) &&
           c->n_members == s->n_steps * sgbt_width(c->model.n_classes) && kedge_i_committee_valid(c, c->n_members) &&
           c->member_classes == 0 && c->drift_bytes == 0 && s->rate > 0.0 && s->rate <= 1.0;
}

static size_t sgbt_layout(void *fixed)
{
    sgbt_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    kedge_i_committee_plan(&s->committee, &arena);
    return kedge_i_arena_end(&arena);
}

static void sgbt_start(void *state)
{
    kedge_i_committee_start(&((sgbt_state *)state)->committee);
}

static int sgbt_check(const void *state)
{
    const sgbt_state *s = state;
    return sgbt_valid(s) && kedge_i_within(s->mean, -KEDGE_TARGET_MAX, KEDGE_TARGET_MAX) && kedge_i_committee_check(&s->committee);
}

/* What the model of a step says, within what it can have learned. */
static double sgbt_ask(const kedge_model_class *cls, const sgbt_state *s, uint32_t i, const kedge_row *x)
{
    committee_asked m;
    double says = 0.0;
    double most = s->committee.model.n_classes > 0 ? SGBT_TARGET_MAX : KEDGE_TARGET_MAX;
    kedge_i_committee_ask(cls, &s->committee, i, x, &m);
    (void)m.cls->predict(m.cls, m.state, &m.row, &says);
    return says > most ? most : says < -most ? -most : says;
}

/* The sums of all steps. */
static void sgbt_sum(const kedge_model_class *cls, const sgbt_state *s, const kedge_row *x, double *sums)
{
    uint32_t width = sgbt_width(s->committee.model.n_classes);
    for (uint32_t k = 0; k < width; k++)
        sums[k] = s->mean;
    for (uint32_t i = 0; i < s->committee.n_members; i++)
        sums[i % width] += s->rate * sgbt_ask(cls, s, i, x);
}

/* Class shares of sums, in place of them for more than two classes. */
static void sgbt_shares(const double *sums, uint32_t n, double *shares)
{
    double most = sums[0];
    double total = 0.0;
    if (n == 2) {
        double margin = sums[0] > SGBT_MARGIN_MAX ? SGBT_MARGIN_MAX : sums[0] < -SGBT_MARGIN_MAX ? -SGBT_MARGIN_MAX : sums[0];
        shares[1] = 1.0 / (1.0 + exp(-margin));
        shares[0] = 1.0 - shares[1];
        return;
    }
    for (uint32_t k = 1; k < n; k++)
        most = sums[k] > most ? sums[k] : most;
    for (uint32_t k = 0; k < n; k++) {
        double below = sums[k] - most;
        shares[k] = exp(below > -SGBT_MARGIN_MAX ? below : -SGBT_MARGIN_MAX);
        total += shares[k];
    }
    for (uint32_t k = 0; k < n; k++)
        shares[k] /= total;
}

/* Learning --- */

static void sgbt_learn_value(const kedge_model_class *cls, sgbt_state *s, const kedge_row *x, double y, double weight)
{
    double n = (double)(int64_t)s->committee.model.n_learned + 1.0;
    s->mean += (y - s->mean) / n;
    double sum = s->mean;
    for (uint32_t i = 0; i < s->committee.n_members; i++) {
        double says = sgbt_ask(cls, s, i, x);
        double target = y - sum;
        target = target > KEDGE_TARGET_MAX ? KEDGE_TARGET_MAX : target < -KEDGE_TARGET_MAX ? -KEDGE_TARGET_MAX : target;
        kedge_i_committee_teach(cls, &s->committee, i, x, target, weight);
        sum += s->rate * says;
    }
}

/* One step: a Newton step of the log loss for each class, from the shares that the steps before it give. */
static void sgbt_learn_step(const kedge_model_class *cls, sgbt_state *s, uint32_t step, const kedge_row *x, uint32_t label,
                            double weight, double *sums)
{
    uint32_t n = s->committee.model.n_classes;
    uint32_t width = sgbt_width(n);
    double shares[KEDGE_SGBT_CLASSES_MAX];
    sgbt_shares(sums, n, shares);
    for (uint32_t k = 0; k < width; k++) {
        uint32_t c = width == 1 ? 1 : k;
        double curvature = shares[c] * (1.0 - shares[c]);
        curvature = curvature > SGBT_LEAST ? curvature : SGBT_LEAST;
        double target = ((label == c ? 1.0 : 0.0) - shares[c]) / curvature;
        target = target > SGBT_TARGET_MAX ? SGBT_TARGET_MAX : target < -SGBT_TARGET_MAX ? -SGBT_TARGET_MAX : target;
        double says = sgbt_ask(cls, s, step * width + k, x);
        kedge_i_committee_teach(cls, &s->committee, step * width + k, x, target, 4.0 * curvature * weight);
        sums[k] += s->rate * says;
    }
}

static kedge_status sgbt_learn(const kedge_model_class *cls, void *state, const kedge_row *x, double y, double weight)
{
    sgbt_state *s = state;
    double sums[KEDGE_SGBT_CLASSES_MAX] = {0.0};
    if (s->committee.model.n_classes == 0)
        sgbt_learn_value(cls, s, x, y, weight);
    else
        for (uint32_t step = 0; step < s->n_steps; step++)
            sgbt_learn_step(cls, s, step, x, (uint32_t)y, weight, sums);
    s->committee.model.n_learned++;
    return KEDGE_OK;
}

/* Prediction --- */

static kedge_status sgbt_predict(const kedge_model_class *cls, const void *state, const kedge_row *x, double *y)
{
    const sgbt_state *s = state;
    uint32_t n = s->committee.model.n_classes;
    double sums[KEDGE_SGBT_CLASSES_MAX];
    uint32_t best = 0;
    *y = 0.0;
    if (s->committee.model.n_learned == 0)
        return KEDGE_EMPTY;
    sgbt_sum(cls, s, x, sums);
    for (uint32_t k = 1; n > 2 && k < n; k++)
        if (sums[k] > sums[best])
            best = k;
    *y = n == 0 ? sums[0] : n == 2 ? (double)(sums[0] > 0.0) : (double)best;
    return KEDGE_OK;
}

static kedge_status sgbt_score(const kedge_model_class *cls, const void *state, const kedge_row *x, double *scores)
{
    const sgbt_state *s = state;
    uint32_t n = s->committee.model.n_classes;
    double sums[KEDGE_SGBT_CLASSES_MAX];
    if (n == 0)
        return sgbt_predict(cls, state, x, scores);
    for (uint32_t c = 0; c < n; c++)
        scores[c] = 1.0 / n;
    if (s->committee.model.n_learned == 0)
        return KEDGE_EMPTY;
    sgbt_sum(cls, s, x, sums);
    sgbt_shares(sums, n, scores);
    return KEDGE_OK;
}

static const kedge_model_class sgbt_of = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_MODEL,
            .version = 1,
            .name = "sgbt",
            .fixed_bytes = sizeof(sgbt_state),
            .config_bytes = sizeof(kedge_sgbt_config),
            .n_fields = sizeof sgbt_fields / sizeof *sgbt_fields,
            .fields = sgbt_fields,
            .defaults = sgbt_defaults,
            .configure = sgbt_configure,
            .valid = sgbt_valid,
            .layout = sgbt_layout,
            .start = sgbt_start,
            .check = sgbt_check,
            .begin_parts = kedge_i_committee_begin,
        },
    .learn = sgbt_learn,
    .predict = sgbt_predict,
    .score = sgbt_score,
};

kedge_status kedge_sgbt_class(kedge_members_class *cls, const kedge_model_class *member)
{
    return kedge_i_committee_class(cls, &sgbt_of, member, NULL, NULL);
}

kedge_status kedge_sgbt_config_init(kedge_sgbt_config *cfg, size_t cfg_bytes, const kedge_members_class *cls, uint32_t n_features,
                                    uint32_t n_classes)
{
    return kedge_i_committee_config_init((committee_config *)(void *)cfg, cfg_bytes, sizeof *cfg, cls, n_features, n_classes);
}
