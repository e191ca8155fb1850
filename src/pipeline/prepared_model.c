/* SPDX-License-Identifier: MIT */
/* A model and its prep as one model whose rows are those that come. A row that the prep refuses is refused, as in service. Cost:
 * those of the two. */
#include "base/fp.h"

#include <string.h>

#include "pipeline/prepared_model.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/number.h"
#include "base/snapshot.h"
#include "models/row.h"
#include "pipeline/pipeline_state.h"

enum { PREPARED_PREP, PREPARED_MODEL };

typedef struct prepared_state {
    kedge_model_state model; /* n_features: of a row as it comes */
    uint32_t n_prepared;
    uint32_t prep_bytes;
    uint32_t model_bytes;
    uint32_t at_row; /* layout: a row as it comes, and behind it as the prep gives it; zero between calls, no part of a snapshot */
    uint32_t at_prep;
    uint32_t at_model;
} prepared_state;

typedef struct prepared_config {
    kedge_model_config base;
    const kedge_prep *prep;
    const kedge_model *model;
} prepared_config;

static const kedge_field prepared_fields[] = {
    KEDGE_PARAM(prepared_state, model.n_features, KEDGE_TYPE_U32),
    KEDGE_PARAM(prepared_state, model.n_classes, KEDGE_TYPE_U32),
    KEDGE_PARAM(prepared_state, n_prepared, KEDGE_TYPE_U32),
    KEDGE_PARAM(prepared_state, prep_bytes, KEDGE_TYPE_U32),
    KEDGE_PARAM(prepared_state, model_bytes, KEDGE_TYPE_U32),
    KEDGE_VALUE(prepared_state, model.n_learned, KEDGE_TYPE_U64),
    KEDGE_PART(prepared_state, at_prep, prep_bytes, PREPARED_PREP),
    KEDGE_PART(prepared_state, at_model, model_bytes, PREPARED_MODEL),
};

/* The object ------------------------------------------------------------------------------------------------------------------- */

static void prepared_defaults(void *config)
{
    prepared_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.config_bytes = sizeof *cfg;
}

static void prepared_configure(const void *config, void *fixed)
{
    const prepared_config *cfg = config;
    prepared_state *s = fixed;
    const kedge_model_state *m = cfg->model->state;
    s->model.n_features = cfg->base.n_features;
    s->model.n_classes = m->n_classes;
    s->n_prepared = m->n_features;
    s->prep_bytes = kedge_i_state_bytes(cfg->prep->state);
    s->model_bytes = kedge_i_state_bytes(m);
}

static int prepared_valid(const void *fixed)
{
    const prepared_state *s = fixed;
    return kedge_i_u32_within(s->model.n_features, 1, KEDGE_FEATURES_MAX) && s->model.n_classes != 1 &&
           s->model.n_classes <= KEDGE_CLASSES_MAX && kedge_i_u32_within(s->n_prepared, 1, KEDGE_FEATURES_MAX) &&
           s->prep_bytes >= sizeof(kedge_prep_state) && s->prep_bytes % KEDGE_ALIGN == 0 &&
           s->model_bytes >= sizeof(kedge_model_state) && s->model_bytes % KEDGE_ALIGN == 0;
}

static size_t prepared_layout(void *fixed)
{
    prepared_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->at_row = kedge_i_arena_take(&arena, s->model.n_features + s->n_prepared, sizeof(double));
    s->at_prep = kedge_i_arena_take(&arena, 1, s->prep_bytes);
    s->at_model = kedge_i_arena_take(&arena, 1, s->model_bytes);
    return kedge_i_arena_end(&arena);
}

static void prepared_begin(const kedge_class *cls, const void *config, void *state)
{
    const prepared_config *cfg = config;
    prepared_state *s = state;
    (void)cls;
    memcpy(kedge_i_at(s, s->at_prep), cfg->prep->state, s->prep_bytes);
    memcpy(kedge_i_at(s, s->at_model), cfg->model->state, s->model_bytes);
}

static void prepared_start(void *state)
{
    prepared_state *s = state;
    s->model.n_learned = ((const kedge_model_state *)kedge_i_at_const(s, s->at_model))->n_learned;
}

static int prepared_check(const void *state)
{
    const prepared_state *s = state;
    const kedge_model_state *m = kedge_i_at_const(s, s->at_model);
    const kedge_prep_state *prep = kedge_i_at_const(s, s->at_prep);
    return prep->n_columns == s->model.n_features && prep->n_out == s->n_prepared && m->n_features == s->n_prepared &&
           m->n_classes == s->model.n_classes && m->n_learned == s->model.n_learned;
}

/* Answers ---------------------------------------------------------------------------------------------------------------------- */

static kedge_model prepared_inner(const kedge_model_class *cls, const prepared_state *s)
{
    kedge_model m = {(const kedge_model_class *)(const void *)cls->base.parts[PREPARED_MODEL],
                     (unsigned char *)(uintptr_t)s + s->at_model};
    return m;
}

static kedge_prep prepared_prep(const kedge_model_class *cls, const prepared_state *s)
{
    kedge_prep prep = {(const kedge_prep_class *)(const void *)cls->base.parts[PREPARED_PREP],
                       (unsigned char *)(uintptr_t)s + s->at_prep};
    return prep;
}

static double *prepared_room(const prepared_state *s)
{
    return (double *)(void *)((unsigned char *)(uintptr_t)s + s->at_row);
}

/* The row into the room, and behind it as the model sees it. */
static kedge_status prepared_see(const kedge_model_class *cls, const prepared_state *s, const kedge_row *x)
{
    double *room = prepared_room(s);
    kedge_prep prep = prepared_prep(cls, s);
    for (uint32_t j = 0; j < s->model.n_features; j++)
        room[j] = kedge_i_row_at(x, j);
    return kedge_prep_transform(&prep, room, room + s->model.n_features);
}

static void prepared_forget(const prepared_state *s)
{
    memset(prepared_room(s), 0, ((size_t)s->model.n_features + s->n_prepared) * sizeof(double));
}

static kedge_status prepared_predict(const kedge_model_class *cls, const void *state, const kedge_row *x, double *y)
{
    const prepared_state *s = state;
    kedge_model m = prepared_inner(cls, s);
    kedge_status st = prepared_see(cls, s, x);
    if (st >= 0)
        st = kedge_model_predict(&m, prepared_room(s) + s->model.n_features, y);
    prepared_forget(s);
    return st;
}

static kedge_status prepared_score(const kedge_model_class *cls, const void *state, const kedge_row *x, double *scores)
{
    const prepared_state *s = state;
    kedge_model m = prepared_inner(cls, s);
    kedge_status st = prepared_see(cls, s, x);
    if (st >= 0)
        st = kedge_model_score(&m, prepared_room(s) + s->model.n_features, scores, s->model.n_classes > 0 ? s->model.n_classes : 1);
    prepared_forget(s);
    return st;
}

/* Training, as in the pipeline: the prep on the rows, the model on what it makes of them. */
static size_t prepared_work(const kedge_model_class *cls, const void *fixed, const void *config, size_t n_rows)
{
    kedge_model m = prepared_inner(cls, fixed);
    kedge_prep prep = prepared_prep(cls, fixed);
    return config ? 0 : kedge_i_prepared_fit_work(&prep, &m, n_rows); /* it is made of what lives already */
}

static kedge_status prepared_fit(const kedge_model_class *cls, void *state, const kedge_rows *x, const double *y,
                                 const double *weight, void *work)
{
    prepared_state *s = state;
    kedge_model m = prepared_inner(cls, s);
    kedge_prep prep = prepared_prep(cls, s);
    KEDGE_TRY(kedge_i_prepared_fit(&prep, &m, x, y, weight, work, kedge_i_prepared_fit_work(&prep, &m, x->n_rows)));
    prepared_start(s);
    return KEDGE_OK;
}

/* Making one ------------------------------------------------------------------------------------------------------------------- */

static const kedge_model_class prepared_of = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_MODEL,
            .version = 1,
            .name = "prepared",
            .fixed_bytes = sizeof(prepared_state),
            .config_bytes = sizeof(prepared_config),
            .n_fields = sizeof prepared_fields / sizeof *prepared_fields,
            .fields = prepared_fields,
            .defaults = prepared_defaults,
            .configure = prepared_configure,
            .valid = prepared_valid,
            .layout = prepared_layout,
            .start = prepared_start,
            .check = prepared_check,
            .begin_parts = prepared_begin,
        },
    .fit = prepared_fit,
    .predict = prepared_predict,
    .score = prepared_score,
    .takes_missing = 1, /* or the prep refuses the row */
    .parts_work = prepared_work,
};

void kedge_i_prepared_class_make(kedge_i_prepared_class *cls, const kedge_prep_class *prep, const kedge_model_class *model)
{
    cls->model = prepared_of;
    cls->model.base.parts = cls->parts;
    cls->parts[PREPARED_PREP] = &prep->base;
    cls->parts[PREPARED_MODEL] = &model->base;
}

static prepared_config prepared_config_of(const kedge_i_prepared_class *cls, const kedge_prep *prep, const kedge_model *m)
{
    const prepared_config cfg = {
        .base = {.cls = &cls->model,
                 .config_bytes = sizeof cfg,
                 .n_features = ((const kedge_prep_state *)prep->state)->n_columns,
                 .n_classes = ((const kedge_model_state *)m->state)->n_classes},
        .prep = prep,
        .model = m,
    };
    return cfg;
}

size_t kedge_i_prepared_plan(const kedge_i_prepared_class *cls, const kedge_prep *prep, const kedge_model *m, kedge_i_fixed *fixed)
{
    const prepared_config cfg = prepared_config_of(cls, prep, m);
    return kedge_i_object_plan_config(&cls->model.base, &cfg, sizeof cfg, fixed);
}

kedge_status kedge_i_prepared_copy(const kedge_i_prepared_class *cls, const kedge_prep *prep, const kedge_model *m, void *mem,
                                   size_t mem_bytes, kedge_model *out)
{
    const prepared_config cfg = prepared_config_of(cls, prep, m);
    return kedge_model_init(out, &cfg.base, mem, mem_bytes);
}

size_t kedge_i_prepared_snapshot(const kedge_i_prepared_class *cls, const kedge_prep *prep, const kedge_model *m)
{
    const prepared_state bare = {.prep_bytes = 0, .model_bytes = 0}; /* no parts */
    size_t own = 0, prep_bytes = 0, model_bytes = 0;
    KEDGE_IGNORE(kedge_i_snapshot_save(&cls->model.base, NULL, &bare, NULL, 0, &own)); /* all only ask for the length */
    KEDGE_IGNORE(kedge_prep_save(prep, NULL, 0, &prep_bytes));
    KEDGE_IGNORE(kedge_model_save(m, NULL, 0, &model_bytes));
    return own + prep_bytes + model_bytes;
}
