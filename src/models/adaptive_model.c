/* SPDX-License-Identifier: MIT */
/* A model that a detector watches: Gama, Medas, Castillo, Rodrigues 2004, "Learning with drift detection", SBIA, section 3. A
 * committee of one. */
#include "base/fp.h"

#include <string.h>

#include "models/freeze_committee.h"

typedef struct adaptive_model_state {
    committee_state committee;
} adaptive_model_state;

static const kedge_field adaptive_model_fields[] = {
    COMMITTEE_PARAMS(adaptive_model_state),
    COMMITTEE_VALUES(adaptive_model_state),
    COMMITTEE_ARRAYS(adaptive_model_state),
    COMMITTEE_PARTS(adaptive_model_state),
};

static void adaptive_model_defaults(void *config)
{
    kedge_adaptive_model_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.config_bytes = sizeof *cfg;
    cfg->members.seed = 1;
    cfg->members.n = 1;
    cfg->members.on_drift = KEDGE_ON_DRIFT_REPLACE;
}

static void adaptive_model_configure(const void *config, void *fixed)
{
    kedge_i_committee_configure(&((adaptive_model_state *)fixed)->committee, config);
}

static int adaptive_model_valid(const void *fixed)
{
    const committee_state *c = &((const adaptive_model_state *)fixed)->committee;
    return kedge_i_committee_valid(c, 1) && c->member_classes == c->model.n_classes && c->drift_bytes > 0;
}

static size_t adaptive_model_layout(void *fixed)
{
    adaptive_model_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    kedge_i_committee_plan(&s->committee, &arena);
    return kedge_i_arena_end(&arena);
}

static void adaptive_model_start(void *state)
{
    kedge_i_committee_start(&((adaptive_model_state *)state)->committee);
}

static int adaptive_model_check(const void *state)
{
    return adaptive_model_valid(state) && kedge_i_committee_check(&((const adaptive_model_state *)state)->committee);
}

static kedge_status adaptive_model_learn(const kedge_model_class *cls, void *state, const kedge_row *x, double y, double weight)
{
    committee_state *c = &((adaptive_model_state *)state)->committee;
    double loss = kedge_i_committee_test(cls, c, 0, x, y);
    if (kedge_i_committee_watch(cls, c, 0, loss) && c->on_drift == KEDGE_ON_DRIFT_WORST)
        (void)kedge_i_committee_drop_worst(cls, c);
    kedge_i_committee_teach(cls, c, 0, x, y, weight); /* behind the detectors, so that a new model has this row */
    c->model.n_learned++;
    return KEDGE_OK;
}

static kedge_status adaptive_model_predict(const kedge_model_class *cls, const void *state, const kedge_row *x, double *y)
{
    committee_asked m;
    kedge_i_committee_ask(cls, state, 0, x, &m);
    return m.cls->predict(m.cls, m.state, &m.row, y);
}

static kedge_status adaptive_model_score(const kedge_model_class *cls, const void *state, const kedge_row *x, double *scores)
{
    committee_asked m;
    kedge_i_committee_ask(cls, state, 0, x, &m);
    return m.cls->score(m.cls, m.state, &m.row, scores);
}

static double adaptive_model_weight(const committee_state *c, uint32_t i)
{
    (void)c, (void)i;
    return 1.0;
}

/* Its model itself, unless that does not look at all features. */
static kedge_status adaptive_model_freeze(const kedge_model_class *cls, const void *state, void *buf, size_t cap, size_t *len)
{
    const committee_state *c = &((const adaptive_model_state *)state)->committee;
    committee_asked m;
    const kedge_row row = {NULL, 0, KEDGE_FLOAT64, 0, NULL};
    if (c->n_index > 0)
        return kedge_i_freeze_committee(cls, c, adaptive_model_weight, buf, cap, len);
    kedge_i_committee_ask(cls, c, 0, &row, &m);
    return kedge_i_freeze(m.cls, m.state, buf, cap, len);
}

static const kedge_model_class adaptive_model_of = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_MODEL,
            .version = 1,
            .name = "adaptive_model",
            .fixed_bytes = sizeof(adaptive_model_state),
            .config_bytes = sizeof(kedge_adaptive_model_config),
            .n_fields = sizeof adaptive_model_fields / sizeof *adaptive_model_fields,
            .fields = adaptive_model_fields,
            .defaults = adaptive_model_defaults,
            .configure = adaptive_model_configure,
            .valid = adaptive_model_valid,
            .layout = adaptive_model_layout,
            .start = adaptive_model_start,
            .check = adaptive_model_check,
            .begin_parts = kedge_i_committee_begin,
        },
    .learn = adaptive_model_learn,
    .predict = adaptive_model_predict,
    .score = adaptive_model_score,
    .freeze = adaptive_model_freeze,
};

kedge_status kedge_adaptive_model_class(kedge_members_class *cls, const kedge_model_class *member,
                                        const kedge_detector_class *warning, const kedge_detector_class *drift)
{
    if (!drift)
        return KEDGE_ERR_NULL;
    return kedge_i_committee_class(cls, &adaptive_model_of, member, warning, drift);
}

kedge_status kedge_adaptive_model_config_init(kedge_adaptive_model_config *cfg, size_t cfg_bytes, const kedge_members_class *cls,
                                              uint32_t n_features, uint32_t n_classes)
{
    return kedge_i_committee_config_init((committee_config *)(void *)cfg, cfg_bytes, sizeof *cfg, cls, n_features, n_classes);
}
