/* SPDX-License-Identifier: MIT */
/* A model whose probabilities pass a map that is fitted, again and again, to what it said of the last rows before it learned them:
 * predictions that were tested first (Dawid 1984, "Present position and potential developments: the prequential approach") are as
 * good as a hold-out. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/models/calibrated.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/number.h"
#include "base/object.h"
#include "models/committee.h"
#include "probmap/maps.h"

enum { CALIBRATED_LEAST = 10, CALIBRATED_MOST = 1 << 20 };

typedef struct calibrated_state {
    kedge_model_state model;
    uint32_t method;
    uint32_t window;
    uint32_t every;
    uint32_t max_points;
    uint32_t n_maps;       /* layout */
    uint32_t n_points;     /* layout: of all maps */
    uint32_t at_count;     /* layout: uint32_t[n_maps], see kedge_i_maps */
    uint32_t at_at;        /* layout: double[n_points] */
    uint32_t at_value;     /* layout: double[n_points] */
    uint32_t n_scores;     /* layout: window * n_classes */
    uint32_t at_scores;    /* layout: the ring: what the model said of a row, */
    uint32_t at_targets;   /* layout: its class, */
    uint32_t at_weights;   /* layout: its weight */
    uint32_t at_work;      /* layout: to fit the map; zero between calls, no part of a snapshot */
    uint32_t work_bytes;   /* layout */
    uint32_t at_member;    /* layout */
    uint32_t member_bytes; /* parameter */
    uint32_t place;        /* of the ring, where the next row goes */
    uint64_t n_seen;       /* rows that the ring was given */
} calibrated_state;

static const kedge_field calibrated_fields[] = {
    KEDGE_PARAM(calibrated_state, model.n_features, KEDGE_TYPE_U32),
    KEDGE_PARAM(calibrated_state, model.n_classes, KEDGE_TYPE_U32),
    KEDGE_PARAM(calibrated_state, method, KEDGE_TYPE_U32),
    KEDGE_PARAM(calibrated_state, window, KEDGE_TYPE_U32),
    KEDGE_PARAM(calibrated_state, every, KEDGE_TYPE_U32),
    KEDGE_PARAM(calibrated_state, max_points, KEDGE_TYPE_U32),
    KEDGE_PARAM(calibrated_state, member_bytes, KEDGE_TYPE_U32),
    KEDGE_VALUE(calibrated_state, model.n_learned, KEDGE_TYPE_COUNT),
    KEDGE_VALUE(calibrated_state, place, KEDGE_TYPE_U32),
    KEDGE_VALUE(calibrated_state, n_seen, KEDGE_TYPE_U64),
    KEDGE_ARRAY(calibrated_state, at_count, n_maps, KEDGE_TYPE_U32),
    KEDGE_ARRAY(calibrated_state, at_at, n_points, KEDGE_TYPE_F64),
    KEDGE_ARRAY(calibrated_state, at_value, n_points, KEDGE_TYPE_F64),
    KEDGE_ARRAY(calibrated_state, at_scores, n_scores, KEDGE_TYPE_F64),
    KEDGE_ARRAY(calibrated_state, at_targets, window, KEDGE_TYPE_F64),
    KEDGE_ARRAY(calibrated_state, at_weights, window, KEDGE_TYPE_F64),
    KEDGE_PART(calibrated_state, at_member, member_bytes, 0),
};

static void calibrated_defaults(void *config)
{
    kedge_calibrated_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.config_bytes = sizeof *cfg;
    cfg->method = KEDGE_MAP_PLATT;
    cfg->window = 1000;
    cfg->every = 100;
    cfg->max_points = 256;
}

static void calibrated_configure(const void *config, void *fixed)
{
    const kedge_calibrated_config *cfg = config;
    const kedge_class *member = cfg->base.cls->base.parts[0];
    calibrated_state *s = fixed;
    s->model.n_features = cfg->base.n_features;
    s->model.n_classes = cfg->base.n_classes;
    s->method = cfg->method;
    s->window = cfg->window;
    s->every = cfg->every;
    s->max_points = cfg->max_points;
    if (!cfg->model || !cfg->model->cls || &cfg->model->cls->base != member || cfg->model->n_classes != cfg->base.n_classes ||
        cfg->model->n_features != cfg->base.n_features)
        return;
    s->member_bytes = (uint32_t)kedge_i_object_size(member, cfg->model, cfg->model->config_bytes);
}

static int calibrated_valid(const void *fixed)
{
    const calibrated_state *s = fixed;
    return kedge_i_u32_within(s->model.n_features, 1, KEDGE_FEATURES_MAX) && s->model.n_classes <= KEDGE_CALIBRATED_CLASSES_MAX &&
           kedge_i_maps_valid(s->method, s->model.n_classes, s->max_points) &&
           kedge_i_u32_within(s->window, CALIBRATED_LEAST, CALIBRATED_MOST) && kedge_i_u32_within(s->every, 1, CALIBRATED_MOST) &&
           s->member_bytes >= sizeof(kedge_model_state) && s->member_bytes % KEDGE_ALIGN == 0;
}

static size_t calibrated_layout(void *fixed)
{
    calibrated_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->n_maps = kedge_i_maps_n(s->model.n_classes);
    s->n_points = kedge_i_length(s->n_maps, kedge_i_maps_room(s->method, s->max_points));
    s->n_scores = kedge_i_length(s->window, s->model.n_classes);
    s->work_bytes = (uint32_t)kedge_i_maps_work(s->method, s->window); /* at most 52 * 2^20 */
    s->at_count = kedge_i_arena_take(&arena, s->n_maps, sizeof(uint32_t));
    s->at_at = kedge_i_arena_take(&arena, s->n_points, sizeof(double));
    s->at_value = kedge_i_arena_take(&arena, s->n_points, sizeof(double));
    s->at_scores = kedge_i_arena_take(&arena, s->n_scores, sizeof(double));
    s->at_targets = kedge_i_arena_take(&arena, s->window, sizeof(double));
    s->at_weights = kedge_i_arena_take(&arena, s->window, sizeof(double));
    s->at_work = kedge_i_arena_take(&arena, 1, s->work_bytes);
    s->at_member = kedge_i_arena_take(&arena, 1, s->member_bytes);
    return kedge_i_arena_end(&arena);
}

static void calibrated_begin(const kedge_class *cls, const void *config, void *state)
{
    const kedge_model_config *model = ((const kedge_calibrated_config *)config)->model;
    calibrated_state *s = state;
    kedge_status st = kedge_i_object_init(cls->parts[0], model, model->config_bytes, kedge_i_at(s, s->at_member), s->member_bytes);
    KEDGE_ASSERT(st == KEDGE_OK); /* its size was found */
    (void)st;
}

/* The maps; those of a state that is only read are only read. */
static kedge_i_maps calibrated_maps(const calibrated_state *s)
{
    unsigned char *base = (unsigned char *)(uintptr_t)s;
    kedge_i_maps maps = {s->method,
                         s->model.n_classes,
                         kedge_i_maps_room(s->method, s->max_points),
                         (uint32_t *)(void *)(base + s->at_count),
                         (double *)(void *)(base + s->at_at),
                         (double *)(void *)(base + s->at_value)};
    return maps;
}

static uint32_t calibrated_n_ring(const calibrated_state *s)
{
    return s->n_seen < s->window ? (uint32_t)s->n_seen : s->window;
}

static int calibrated_ring_is_sound(const calibrated_state *s)
{
    const double *scores = kedge_i_at_const(s, s->at_scores);
    const double *targets = kedge_i_at_const(s, s->at_targets);
    const double *weights = kedge_i_at_const(s, s->at_weights);
    for (uint32_t i = 0; i < s->n_scores; i++)
        if (!kedge_i_within(scores[i], 0.0, 2.0))
            return 0;
    for (uint32_t i = 0; i < s->window; i++)
        if (!kedge_i_within(targets[i], 0.0, s->model.n_classes - 1.0) || targets[i] != (double)(uint32_t)targets[i] ||
            !kedge_i_within(weights[i], 0.0, KEDGE_WEIGHT_MAX))
            return 0;
    return 1;
}

static int calibrated_check(const void *state)
{
    const calibrated_state *s = state;
    if (!calibrated_valid(s) || s->model.n_learned > KEDGE_I_COUNT_MAX || s->n_seen > s->model.n_learned ||
        s->place != s->n_seen % s->window)
        return 0;
    const kedge_model_state *member = kedge_i_at_const(s, s->at_member);
    if (member->n_features != s->model.n_features || member->n_classes != s->model.n_classes ||
        member->n_learned != s->model.n_learned)
        return 0;
    kedge_i_maps maps = calibrated_maps(s);
    return kedge_i_maps_check(&maps) && calibrated_ring_is_sound(s);
}

static const kedge_model_class *calibrated_member(const kedge_model_class *cls)
{
    return (const kedge_model_class *)(const void *)cls->base.parts[0];
}

static kedge_status calibrated_ask(const kedge_model_class *cls, const calibrated_state *s, const kedge_row *x, double *scores)
{
    const kedge_model_class *member = calibrated_member(cls);
    return member->score(member, kedge_i_at_const(s, s->at_member), x, scores);
}

static void calibrated_refit(calibrated_state *s)
{
    kedge_i_maps maps = calibrated_maps(s);
    void *work = kedge_i_at(s, s->at_work);
    kedge_i_maps_fit(&maps, kedge_i_at(s, s->at_scores), kedge_i_at(s, s->at_targets), kedge_i_at(s, s->at_weights),
                     calibrated_n_ring(s), work);
    memset(work, 0, s->work_bytes);
}

static void calibrated_push(calibrated_state *s, const double *scores, double y, double weight)
{
    double *to = (double *)kedge_i_at(s, s->at_scores) + (size_t)s->place * s->model.n_classes;
    for (uint32_t c = 0; c < s->model.n_classes; c++) {
        if (!kedge_i_within(scores[c], 0.0, 2.0)) /* a class of the host's */
            return;
    }
    memcpy(to, scores, s->model.n_classes * sizeof *to);
    ((double *)kedge_i_at(s, s->at_targets))[s->place] = y;
    ((double *)kedge_i_at(s, s->at_weights))[s->place] = weight;
    s->place = s->place + 1 == s->window ? 0 : s->place + 1;
    s->n_seen++;
    if (s->n_seen % s->every == 0 && s->n_seen >= CALIBRATED_LEAST)
        calibrated_refit(s);
}

static kedge_status calibrated_learn(const kedge_model_class *cls, void *state, const kedge_row *x, double y, double weight)
{
    calibrated_state *s = state;
    const kedge_model_class *member = calibrated_member(cls);
    double scores[KEDGE_CALIBRATED_CLASSES_MAX];
    kedge_status said = calibrated_ask(cls, s, x, scores);
    KEDGE_TRY(said);
    KEDGE_TRY(member->learn(member, kedge_i_at(s, s->at_member), x, y, weight));
    s->model.n_learned++;
    if (said == KEDGE_OK)
        calibrated_push(s, scores, y, weight);
    return KEDGE_OK;
}

static kedge_status calibrated_score(const kedge_model_class *cls, const void *state, const kedge_row *x, double *scores)
{
    kedge_i_maps maps = calibrated_maps(state);
    kedge_status st = calibrated_ask(cls, state, x, scores);
    if (st == KEDGE_OK)
        kedge_i_maps_apply(&maps, scores);
    return st;
}

static kedge_status calibrated_predict(const kedge_model_class *cls, const void *state, const kedge_row *x, double *y)
{
    const calibrated_state *s = state;
    double scores[KEDGE_CALIBRATED_CLASSES_MAX];
    uint32_t best = 0;
    kedge_status st = calibrated_score(cls, state, x, scores);
    KEDGE_TRY(st);
    for (uint32_t c = 1; c < s->model.n_classes; c++)
        best = scores[c] > scores[best] ? c : best;
    *y = (double)best;
    return st;
}

static const kedge_model_class calibrated_of = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_MODEL,
            .version = 1,
            .name = "calibrated",
            .fixed_bytes = sizeof(calibrated_state),
            .config_bytes = sizeof(kedge_calibrated_config),
            .n_fields = sizeof calibrated_fields / sizeof *calibrated_fields,
            .fields = calibrated_fields,
            .defaults = calibrated_defaults,
            .configure = calibrated_configure,
            .valid = calibrated_valid,
            .layout = calibrated_layout,
            .check = calibrated_check,
            .begin_parts = calibrated_begin,
        },
    .learn = calibrated_learn,
    .predict = calibrated_predict,
    .score = calibrated_score,
};

kedge_status kedge_calibrated_class(kedge_members_class *cls, const kedge_model_class *member)
{
    return kedge_i_committee_class(cls, &calibrated_of, member, NULL, NULL);
}

kedge_status kedge_calibrated_config_init(kedge_calibrated_config *cfg, size_t cfg_bytes, const kedge_members_class *cls,
                                          uint32_t n_features, uint32_t n_classes)
{
    return kedge_i_members_config_init(cfg, cfg_bytes, sizeof *cfg, cls, n_features, n_classes);
}
