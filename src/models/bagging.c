/* SPDX-License-Identifier: MIT */
/* Online bagging: Oza, Russell 2001, "Online bagging and boosting", AISTATS, figure 1; with a mean of 6 and ADWIN: Bifet, Holmes,
 * Pfahringer 2010, "Leveraging bagging for evolving data streams", ECML PKDD, section 2; on features drawn for each member: Gomes,
 * Read, Bifet 2019, "Streaming random patches for evolving
 * data stream classification", ICDM, algorithm 1. Differences: a row is tested before it is learned, and new models learn it too;
 * as many of the worst members go
 * as detectors raised drift, in place of one; votes count by the odds that a member is right of late. */
#include "base/fp.h"

#include <string.h>

#include "base/quick.h"
#include "models/freeze_committee.h"
#include "models/poisson.h"

#define BAGGING_SMOOTHING    0.01 /* of the shares of right and wrong */
#define BAGGING_LEAST_WEIGHT 0.01 /* of a vote: who was never right has a little to say all the same */

typedef struct bagging_state {
    committee_state committee;
    double lambda;
    double none; /* layout */
} bagging_state;

static const kedge_field bagging_fields[] = {
    COMMITTEE_PARAMS(bagging_state), KEDGE_PARAM(bagging_state, lambda, KEDGE_TYPE_F64),
    COMMITTEE_VALUES(bagging_state), COMMITTEE_ARRAYS(bagging_state),
    COMMITTEE_PARTS(bagging_state),
};

static void bagging_defaults(void *config)
{
    kedge_bagging_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.config_bytes = sizeof *cfg;
    cfg->members.seed = 1;
    cfg->members.n = 10;
    cfg->members.on_drift = KEDGE_ON_DRIFT_WORST;
    cfg->lambda = 6.0;
}

static void bagging_configure(const void *config, void *fixed)
{
    bagging_state *s = fixed;
    kedge_i_committee_configure(&s->committee, config);
    s->lambda = ((const kedge_bagging_config *)config)->lambda;
}

static int bagging_valid(const void *fixed)
{
    const bagging_state *s = fixed;
    return kedge_i_committee_valid(&s->committee, KEDGE_MEMBERS_MAX) &&
           s->committee.member_classes == s->committee.model.n_classes && s->lambda > 0.0 && s->lambda <= 100.0;
}

static size_t bagging_layout(void *fixed)
{
    bagging_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->none = kedge_i_poisson_none(s->lambda);
    kedge_i_committee_plan(&s->committee, &arena);
    return kedge_i_arena_end(&arena);
}

static void bagging_start(void *state)
{
    kedge_i_committee_start(&((bagging_state *)state)->committee);
}

static int bagging_check(const void *state)
{
    return bagging_valid(state) && kedge_i_committee_check(&((const bagging_state *)state)->committee);
}

static kedge_status bagging_learn(const kedge_model_class *cls, void *state, const kedge_row *x, double y, double weight)
{
    bagging_state *s = state;
    committee_state *c = &s->committee;
    uint32_t n_drifts = 0;
    for (uint32_t i = 0; i < c->n_members; i++)
        n_drifts += (uint32_t)kedge_i_committee_watch(cls, c, i, kedge_i_committee_test(cls, c, i, x, y));
    while (c->on_drift == KEDGE_ON_DRIFT_WORST && n_drifts-- > 0)
        (void)kedge_i_committee_drop_worst(cls, c);
    for (uint32_t i = 0; i < c->n_members; i++)
        kedge_i_committee_teach(cls, c, i, x, y, weight * kedge_i_poisson(&c->rng, s->lambda, s->none));
    c->model.n_learned++;
    return KEDGE_OK;
}

/* ln of the odds that a member is right, beside those of a guess: what independent voters deserve. */
static double bagging_weight(const committee_state *c, uint32_t i)
{
    double loss = kedge_i_committee_loss(c, i);
    double odds = (1.0 + BAGGING_SMOOTHING - loss) / (loss + BAGGING_SMOOTHING) * ((double)c->model.n_classes - 1.0);
    double weight = kedge_i_quick_log(odds);
    return weight > BAGGING_LEAST_WEIGHT ? weight : BAGGING_LEAST_WEIGHT;
}

static kedge_status bagging_predict(const kedge_model_class *cls, const void *state, const kedge_row *x, double *y)
{
    return kedge_i_committee_predict(cls, state, x, bagging_weight, y);
}

static kedge_status bagging_score(const kedge_model_class *cls, const void *state, const kedge_row *x, double *scores)
{
    return kedge_i_committee_score(cls, state, x, bagging_weight, scores);
}

static kedge_status bagging_freeze(const kedge_model_class *cls, const void *state, void *buf, size_t cap, size_t *len)
{
    return kedge_i_freeze_committee(cls, state, bagging_weight, buf, cap, len);
}

static const kedge_model_class bagging_of = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_MODEL,
            .version = 1,
            .name = "bagging",
            .fixed_bytes = sizeof(bagging_state),
            .config_bytes = sizeof(kedge_bagging_config),
            .n_fields = sizeof bagging_fields / sizeof *bagging_fields,
            .fields = bagging_fields,
            .defaults = bagging_defaults,
            .configure = bagging_configure,
            .valid = bagging_valid,
            .layout = bagging_layout,
            .start = bagging_start,
            .check = bagging_check,
            .begin_parts = kedge_i_committee_begin,
        },
    .learn = bagging_learn,
    .predict = bagging_predict,
    .score = bagging_score,
    .freeze = bagging_freeze,
};

kedge_status kedge_bagging_class(kedge_members_class *cls, const kedge_model_class *member, const kedge_detector_class *warning,
                                 const kedge_detector_class *drift)
{
    return kedge_i_committee_class(cls, &bagging_of, member, warning, drift);
}

kedge_status kedge_bagging_config_init(kedge_bagging_config *cfg, size_t cfg_bytes, const kedge_members_class *cls,
                                       uint32_t n_features, uint32_t n_classes)
{
    return kedge_i_committee_config_init((committee_config *)(void *)cfg, cfg_bytes, sizeof *cfg, cls, n_features, n_classes);
}
