/* SPDX-License-Identifier: MIT */
/* Online boosting: Oza, Russell 2001, "Online bagging and boosting", AISTATS, figure 3. With detectors as in MOA's OzaBoostAdwin:
 * when one raises drift, the
 * member that errs most begins anew. Difference: weights may fade, so that a member is judged by what it does now; lambda stays
 * below BOOSTING_LAMBDA_MAX. As in the paper a member is judged on a row that it has just learned; its detector sees the answer
 * before that. */
#include "base/fp.h"

#include <string.h>

#include "base/number.h"
#include "base/quick.h"
#include "models/freeze_committee.h"
#include "models/poisson.h"

#define BOOSTING_LAMBDA_MAX 100.0
#define BOOSTING_SMOOTHING  1e-3 /* of the shares of right and wrong */
#define BOOSTING_SUM_MAX    1e18 /* of weights that were right, or wrong; beyond, both are halved */

typedef struct boosting_state {
    committee_state committee;
    double fading;
    uint32_t at_sums; /* layout: of each member the weights that it had right, and wrong */
    uint32_t n_sums;  /* layout */
} boosting_state;

static const kedge_field boosting_fields[] = {
    COMMITTEE_PARAMS(boosting_state), KEDGE_PARAM(boosting_state, fading, KEDGE_TYPE_F64),
    COMMITTEE_VALUES(boosting_state), KEDGE_ARRAY(boosting_state, at_sums, n_sums, KEDGE_TYPE_F64),
    COMMITTEE_ARRAYS(boosting_state), COMMITTEE_PARTS(boosting_state),
};

static void boosting_defaults(void *config)
{
    kedge_boosting_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.config_bytes = sizeof *cfg;
    cfg->members.seed = 1;
    cfg->members.n = 10;
    cfg->members.on_drift = KEDGE_ON_DRIFT_WORST;
    cfg->fading = 1.0;
}

static void boosting_configure(const void *config, void *fixed)
{
    boosting_state *s = fixed;
    kedge_i_committee_configure(&s->committee, config);
    s->fading = ((const kedge_boosting_config *)config)->fading;
}

static int boosting_valid(const void *fixed)
{
    const boosting_state *s = fixed;
    return kedge_i_committee_valid(&s->committee, KEDGE_MEMBERS_MAX) &&
           s->committee.member_classes == s->committee.model.n_classes && s->committee.member_classes >= 2 && s->fading > 0.0 &&
           s->fading <= 1.0;
}

static size_t boosting_layout(void *fixed)
{
    boosting_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->n_sums = 2 * s->committee.n_members;
    s->at_sums = kedge_i_arena_take(&arena, s->n_sums, sizeof(double));
    kedge_i_committee_plan(&s->committee, &arena);
    return kedge_i_arena_end(&arena);
}

static void boosting_start(void *state)
{
    kedge_i_committee_start(&((boosting_state *)state)->committee);
}

static double *boosting_sums(boosting_state *s, uint32_t i)
{
    return (double *)kedge_i_at(s, s->at_sums) + 2 * i;
}

static int boosting_check(const void *state)
{
    const boosting_state *s = state;
    if (!boosting_valid(s))
        return 0;
    for (uint32_t i = 0; i < s->n_sums; i++)
        if (!kedge_i_within(((const double *)kedge_i_at_const(s, s->at_sums))[i], 0.0, 2.0 * BOOSTING_SUM_MAX))
            return 0;
    return kedge_i_committee_check(&s->committee);
}

/* The weight of a row for the next member: more where this one is wrong. */
static double boosting_judge(boosting_state *s, uint32_t i, int is_wrong, double lambda, double weight)
{
    double *sums = boosting_sums(s, i);
    double keep = sums[0] + sums[1] > BOOSTING_SUM_MAX ? 0.5 : s->fading;
    double counts = lambda * weight;
    sums[0] *= keep;
    sums[1] *= keep;
    sums[is_wrong] += counts;
    double mine = sums[is_wrong];
    double next = mine > 0.0 ? lambda * (0.5 * (sums[0] + sums[1]) / (mine > 0.0 ? mine : 1.0)) : lambda;
    return next < BOOSTING_LAMBDA_MAX ? next : BOOSTING_LAMBDA_MAX;
}

static int boosting_is_wrong(const kedge_model_class *cls, const committee_state *c, uint32_t i, const kedge_row *x, double y)
{
    committee_asked m;
    double says = -1.0;
    kedge_i_committee_ask(cls, c, i, x, &m);
    (void)m.cls->predict(m.cls, m.state, &m.row, &says);
    return says != y;
}

/* A new model is judged anew. */
static void boosting_forget(boosting_state *s, uint32_t i)
{
    double *sums = boosting_sums(s, i);
    sums[0] = sums[1] = 0.0;
}

static kedge_status boosting_learn(const kedge_model_class *cls, void *state, const kedge_row *x, double y, double weight)
{
    boosting_state *s = state;
    committee_state *c = &s->committee;
    double lambda = 1.0;
    int is_drift = 0;
    for (uint32_t i = 0; i < c->n_members; i++) {
        double loss = kedge_i_committee_test(cls, c, i, x, y);
        kedge_i_committee_teach(cls, c, i, x, y, weight * kedge_i_poisson(&c->rng, lambda, kedge_i_poisson_none(lambda)));
        lambda = boosting_judge(s, i, boosting_is_wrong(cls, c, i, x, y), lambda, weight);
        if (!kedge_i_committee_watch(cls, c, i, loss))
            continue;
        is_drift = 1;
        if (c->on_drift == KEDGE_ON_DRIFT_REPLACE)
            boosting_forget(s, i);
    }
    if (is_drift && c->on_drift == KEDGE_ON_DRIFT_WORST)
        boosting_forget(s, kedge_i_committee_drop_worst(cls, c));
    c->model.n_learned++;
    return KEDGE_OK;
}

static double boosting_weight(const committee_state *c, uint32_t i)
{
    const boosting_state *s = (const boosting_state *)(const void *)c; /* its first member */
    const double *sums = (const double *)kedge_i_at_const(s, s->at_sums) + 2 * i;
    double smoothing = BOOSTING_SMOOTHING * (sums[0] + sums[1]);
    double right = sums[0] + smoothing;
    double wrong = sums[1] + smoothing;
    return right > wrong ? kedge_i_quick_log(right / wrong) : 0.0;
}

static kedge_status boosting_predict(const kedge_model_class *cls, const void *state, const kedge_row *x, double *y)
{
    return kedge_i_committee_predict(cls, state, x, boosting_weight, y);
}

static kedge_status boosting_score(const kedge_model_class *cls, const void *state, const kedge_row *x, double *scores)
{
    return kedge_i_committee_score(cls, state, x, boosting_weight, scores);
}

static kedge_status boosting_freeze(const kedge_model_class *cls, const void *state, void *buf, size_t cap, size_t *len)
{
    return kedge_i_freeze_committee(cls, state, boosting_weight, buf, cap, len);
}

static const kedge_model_class boosting_of = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_MODEL,
            .version = 1,
            .name = "boosting",
            .fixed_bytes = sizeof(boosting_state),
            .config_bytes = sizeof(kedge_boosting_config),
            .n_fields = sizeof boosting_fields / sizeof *boosting_fields,
            .fields = boosting_fields,
            .defaults = boosting_defaults,
            .configure = boosting_configure,
            .valid = boosting_valid,
            .layout = boosting_layout,
            .start = boosting_start,
            .check = boosting_check,
            .begin_parts = kedge_i_committee_begin,
        },
    .learn = boosting_learn,
    .predict = boosting_predict,
    .score = boosting_score,
    .freeze = boosting_freeze,
};

kedge_status kedge_boosting_class(kedge_members_class *cls, const kedge_model_class *member, const kedge_detector_class *warning,
                                  const kedge_detector_class *drift)
{
    return kedge_i_committee_class(cls, &boosting_of, member, warning, drift);
}

kedge_status kedge_boosting_config_init(kedge_boosting_config *cfg, size_t cfg_bytes, const kedge_members_class *cls,
                                        uint32_t n_features, uint32_t n_classes)
{
    return kedge_i_committee_config_init((committee_config *)(void *)cfg, cfg_bytes, sizeof *cfg, cls, n_features, n_classes);
}
