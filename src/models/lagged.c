/* SPDX-License-Identifier: MIT */
/* Temporal augmentation: Zliobaite, Bifet, Read, Pfahringer, Holmes 2015, "Evaluation methods and decision theory for
 * classification of streaming data with
 * temporal dependence", Machine Learning 98, section 5. The row is not copied: the model sees it, and the lags behind it,
 * through a view. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/models/members.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/number.h"
#include "base/object.h"
#include "models/committee.h"
#include "models/row.h"

enum { LAGGED_MOST = 1024 };

typedef struct lagged_state {
    kedge_model_state model;
    uint32_t n_lags;
    uint32_t one_hot;
    uint32_t member_features;
    uint32_t takes_missing; /* the model: such are the lags that there are not yet */
    uint32_t n_more;        /* layout: numbers of all lags */
    uint32_t at_more;       /* layout */
    uint32_t at_member;     /* layout */
    uint32_t member_bytes;  /* parameter */
} lagged_state;

static const kedge_field lagged_fields[] = {
    KEDGE_PARAM(lagged_state, model.n_features, KEDGE_TYPE_U32), KEDGE_PARAM(lagged_state, model.n_classes, KEDGE_TYPE_U32),
    KEDGE_PARAM(lagged_state, n_lags, KEDGE_TYPE_U32),           KEDGE_PARAM(lagged_state, one_hot, KEDGE_TYPE_U32),
    KEDGE_PARAM(lagged_state, member_features, KEDGE_TYPE_U32),  KEDGE_PARAM(lagged_state, takes_missing, KEDGE_TYPE_U32),
    KEDGE_PARAM(lagged_state, member_bytes, KEDGE_TYPE_U32),     KEDGE_VALUE(lagged_state, model.n_learned, KEDGE_TYPE_COUNT),
    KEDGE_ARRAY(lagged_state, at_more, n_more, KEDGE_TYPE_F64),  KEDGE_PART(lagged_state, at_member, member_bytes, 0),
};

/* Numbers that a lag takes. */
static uint32_t lagged_width(uint32_t n_classes, uint32_t one_hot)
{
    return n_classes > 2 && one_hot ? n_classes : 1;
}

static uint64_t lagged_features(uint32_t n_features, uint32_t n_classes, uint32_t n_lags, uint32_t one_hot)
{
    return n_features + (uint64_t)n_lags * lagged_width(n_classes, one_hot);
}

static void lagged_defaults(void *config)
{
    kedge_lagged_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.config_bytes = sizeof *cfg;
    cfg->n_lags = 1;
    cfg->one_hot = 1;
}

static void lagged_configure(const void *config, void *fixed)
{
    const kedge_lagged_config *cfg = config;
    const kedge_class *member = cfg->base.cls->base.parts[0];
    lagged_state *s = fixed;
    s->model.n_features = cfg->base.n_features;
    s->model.n_classes = cfg->base.n_classes;
    s->n_lags = cfg->n_lags;
    s->one_hot = cfg->one_hot;
    s->takes_missing = cfg->base.cls->takes_missing == 1;
    if (!cfg->model || !cfg->model->cls || &cfg->model->cls->base != member || cfg->model->n_classes != cfg->base.n_classes)
        return;
    s->member_features = cfg->model->n_features;
    s->member_bytes = (uint32_t)kedge_i_object_size(member, cfg->model, cfg->model->config_bytes);
}

static int lagged_valid(const void *fixed)
{
    const lagged_state *s = fixed;
    return kedge_i_u32_within(s->model.n_features, 1, KEDGE_FEATURES_MAX) && s->model.n_classes <= KEDGE_CLASSES_MAX &&
           s->model.n_classes != 1 && kedge_i_u32_within(s->n_lags, 1, LAGGED_MOST) && s->one_hot <= 1 && s->takes_missing <= 1 &&
           s->member_features == lagged_features(s->model.n_features, s->model.n_classes, s->n_lags, s->one_hot) &&
           s->member_features <= KEDGE_FEATURES_MAX && s->member_bytes >= sizeof(kedge_model_state) &&
           s->member_bytes % KEDGE_ALIGN == 0;
}

static size_t lagged_layout(void *fixed)
{
    lagged_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->n_more = s->member_features - s->model.n_features;
    s->at_more = kedge_i_arena_take(&arena, s->n_more, sizeof(double));
    s->at_member = kedge_i_arena_take(&arena, 1, s->member_bytes);
    return kedge_i_arena_end(&arena);
}

static void lagged_begin(const kedge_class *cls, const void *config, void *state)
{
    const kedge_model_config *model = ((const kedge_lagged_config *)config)->model;
    lagged_state *s = state;
    kedge_status st = kedge_i_object_init(cls->parts[0], model, model->config_bytes, kedge_i_at(s, s->at_member), s->member_bytes);
    KEDGE_ASSERT(st == KEDGE_OK); /* its size was found */
    (void)st;
}

static void lagged_start(void *state)
{
    lagged_state *s = state;
    double *more = kedge_i_at(s, s->at_more);
    for (uint32_t i = 0; s->takes_missing && i < s->n_more; i++)
        more[i] = (double)NAN;
}

static int lagged_check(const void *state)
{
    const lagged_state *s = state;
    const kedge_model_state *member = kedge_i_at_const(s, s->at_member);
    const double *more = kedge_i_at_const(s, s->at_more);
    if (!lagged_valid(s) || s->model.n_learned > KEDGE_I_COUNT_MAX || member->n_features != s->member_features ||
        member->n_classes != s->model.n_classes || member->n_learned != s->model.n_learned)
        return 0;
    for (uint32_t i = 0; i < s->n_more; i++)
        if (more[i] != more[i] ? !s->takes_missing : !kedge_i_within(more[i], -KEDGE_TARGET_MAX, KEDGE_TARGET_MAX))
            return 0;
    return 1;
}

/* The row as the model sees it. */
static kedge_row lagged_row(const lagged_state *s, const kedge_row *x, kedge_row_view *view)
{
    view->of = x;
    view->index = NULL;
    view->more = kedge_i_at_const(s, s->at_more);
    view->n = s->model.n_features;
    view->reserved = 0;
    return kedge_i_row_of_view(view);
}

/* The newest target comes in front of the others. */
static void lagged_push(lagged_state *s, double y)
{
    uint32_t width = lagged_width(s->model.n_classes, s->one_hot);
    double *more = kedge_i_at(s, s->at_more);
    memmove(more + width, more, (s->n_more - width) * sizeof *more);
    if (width == 1) {
        *more = y;
        return;
    }
    for (uint32_t c = 0; c < width; c++)
        more[c] = 0.0;
    more[(uint32_t)y] = 1.0;
}

static const kedge_model_class *lagged_member(const kedge_model_class *cls)
{
    return (const kedge_model_class *)(const void *)cls->base.parts[0];
}

static kedge_status lagged_learn(const kedge_model_class *cls, void *state, const kedge_row *x, double y, double weight)
{
    lagged_state *s = state;
    const kedge_model_class *member = lagged_member(cls);
    kedge_row_view view;
    kedge_row row = lagged_row(s, x, &view);
    KEDGE_TRY(member->learn(member, kedge_i_at(s, s->at_member), &row, y, weight));
    lagged_push(s, y);
    s->model.n_learned++;
    return KEDGE_OK;
}

static kedge_status lagged_predict(const kedge_model_class *cls, const void *state, const kedge_row *x, double *y)
{
    const lagged_state *s = state;
    const kedge_model_class *member = lagged_member(cls);
    kedge_row_view view;
    kedge_row row = lagged_row(s, x, &view);
    return member->predict(member, kedge_i_at_const(s, s->at_member), &row, y);
}

static kedge_status lagged_score(const kedge_model_class *cls, const void *state, const kedge_row *x, double *scores)
{
    const lagged_state *s = state;
    const kedge_model_class *member = lagged_member(cls);
    kedge_row_view view;
    kedge_row row = lagged_row(s, x, &view);
    return member->score(member, kedge_i_at_const(s, s->at_member), &row, scores);
}

static const kedge_model_class lagged_of = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_MODEL,
            .version = 1,
            .name = "lagged",
            .fixed_bytes = sizeof(lagged_state),
            .config_bytes = sizeof(kedge_lagged_config),
            .n_fields = sizeof lagged_fields / sizeof *lagged_fields,
            .fields = lagged_fields,
            .defaults = lagged_defaults,
            .configure = lagged_configure,
            .valid = lagged_valid,
            .layout = lagged_layout,
            .start = lagged_start,
            .check = lagged_check,
            .begin_parts = lagged_begin,
        },
    .learn = lagged_learn,
    .predict = lagged_predict,
    .score = lagged_score,
};

kedge_status kedge_lagged_class(kedge_members_class *cls, const kedge_model_class *member)
{
    return kedge_i_committee_class(cls, &lagged_of, member, NULL, NULL);
}

kedge_status kedge_lagged_config_init(kedge_lagged_config *cfg, size_t cfg_bytes, const kedge_members_class *cls,
                                      uint32_t n_features, uint32_t n_classes)
{
    return kedge_i_members_config_init(cfg, cfg_bytes, sizeof *cfg, cls, n_features, n_classes);
}

uint32_t kedge_lagged_features(const kedge_lagged_config *cfg)
{
    uint64_t n = cfg ? lagged_features(cfg->base.n_features, cfg->base.n_classes, cfg->n_lags, cfg->one_hot) : 0;
    return n <= UINT32_MAX ? (uint32_t)n : 0;
}
