/* SPDX-License-Identifier: MIT */
/* Model selection inside of a model: what a contest is made of, and its winner, who answers. The race is in contest_fit.c. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "select/contest_state.h"

#include "base/check.h"
#include "base/number.h"
#include "base/object.h"
#include "metrics/score.h"
#include "models/freeze.h"
#include "select/rounds.h"

enum { CONTEST_LEAST_ROWS = 500, CONTEST_FACTOR = 2, CONTEST_FACTOR_MOST = 16, CONTEST_PASSES_MOST = 10000 };

static const kedge_field contest_fields[] = {
    KEDGE_PARAM(contest_state, model.n_features, KEDGE_TYPE_U32),
    KEDGE_PARAM(contest_state, model.n_classes, KEDGE_TYPE_U32),
    KEDGE_PARAM(contest_state, holdout, KEDGE_TYPE_F64),
    KEDGE_PARAM(contest_state, max_fits, KEDGE_TYPE_U64),
    KEDGE_PARAM(contest_state, max_rows, KEDGE_TYPE_U64),
    KEDGE_PARAM(contest_state, least_rows, KEDGE_TYPE_U64),
    KEDGE_PARAM(contest_state, score, KEDGE_TYPE_U32),
    KEDGE_PARAM(contest_state, factor, KEDGE_TYPE_U32),
    KEDGE_PARAM(contest_state, n_passes, KEDGE_TYPE_U32),
    KEDGE_PARAM(contest_state, places[0].bytes, KEDGE_TYPE_U32),
    KEDGE_PARAM(contest_state, places[1].bytes, KEDGE_TYPE_U32),
    KEDGE_PARAM(contest_state, places[2].bytes, KEDGE_TYPE_U32),
    KEDGE_PARAM(contest_state, places[3].bytes, KEDGE_TYPE_U32),
    KEDGE_PARAM(contest_state, places[4].bytes, KEDGE_TYPE_U32),
    KEDGE_PARAM(contest_state, places[5].bytes, KEDGE_TYPE_U32),
    KEDGE_PARAM(contest_state, places[6].bytes, KEDGE_TYPE_U32),
    KEDGE_PARAM(contest_state, places[7].bytes, KEDGE_TYPE_U32),
    KEDGE_VALUE(contest_state, model.n_learned, KEDGE_TYPE_COUNT),
    KEDGE_VALUE(contest_state, winner, KEDGE_TYPE_U32),
    KEDGE_VALUES(contest_state, statuses, KEDGE_CONTEST_MAX, KEDGE_TYPE_U32),
    KEDGE_VALUES(contest_state, scores, KEDGE_CONTEST_MAX, KEDGE_TYPE_F64),
    KEDGE_VALUES(contest_state, rows, KEDGE_CONTEST_MAX, KEDGE_TYPE_U64),
    KEDGE_VALUE(contest_state, n_fits, KEDGE_TYPE_U64),
    KEDGE_VALUE(contest_state, n_rows, KEDGE_TYPE_U64),
    KEDGE_VALUE(contest_state, n_held, KEDGE_TYPE_U64),
    KEDGE_PART(contest_state, places[0].at, places[0].bytes, 0),
    KEDGE_PART(contest_state, places[1].at, places[1].bytes, 1),
    KEDGE_PART(contest_state, places[2].at, places[2].bytes, 2),
    KEDGE_PART(contest_state, places[3].at, places[3].bytes, 3),
    KEDGE_PART(contest_state, places[4].at, places[4].bytes, 4),
    KEDGE_PART(contest_state, places[5].at, places[5].bytes, 5),
    KEDGE_PART(contest_state, places[6].at, places[6].bytes, 6),
    KEDGE_PART(contest_state, places[7].at, places[7].bytes, 7),
};

static void contest_defaults(void *config)
{
    kedge_contest_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.config_bytes = sizeof *cfg;
    cfg->holdout = 0.25;
    cfg->max_fits = UINT64_MAX;
    cfg->max_rows = UINT64_MAX;
    cfg->least_rows = CONTEST_LEAST_ROWS;
    cfg->score = KEDGE_SCORE_ACCURACY;
    cfg->factor = CONTEST_FACTOR;
    cfg->n_passes = 1;
}

/* Bytes of a candidate's state; 1, which no state has: it is none for this place. */
static uint32_t contest_place_bytes(const kedge_contest_config *cfg, uint32_t i)
{
    const kedge_class *cls = cfg->base.cls->base.parts[i];
    const kedge_model_config *candidate = cfg->candidates[i];
    if (!cls || !candidate)
        return cls || candidate ? 1 : 0;
    if (!candidate->cls || &candidate->cls->base != cls || candidate->n_features != cfg->base.n_features ||
        candidate->n_classes != cfg->base.n_classes)
        return 1;
    size_t bytes = kedge_i_object_size(cls, candidate, candidate->config_bytes);
    return bytes > 0 ? (uint32_t)bytes : 1;
}

static void contest_configure(const void *config, void *fixed)
{
    const kedge_contest_config *cfg = config;
    contest_state *s = fixed;
    s->model.n_features = cfg->base.n_features;
    s->model.n_classes = cfg->base.n_classes;
    s->holdout = cfg->holdout;
    s->max_fits = cfg->max_fits;
    s->max_rows = cfg->max_rows;
    s->least_rows = cfg->least_rows;
    s->score = cfg->score;
    s->factor = cfg->factor;
    s->n_passes = cfg->n_passes;
    for (uint32_t i = 0; i < KEDGE_CONTEST_MAX; i++)
        s->places[i].bytes = contest_place_bytes(cfg, i);
}

/* States side by side, without a gap. */
static int contest_places_valid(const contest_state *s)
{
    for (uint32_t i = 0; i < KEDGE_CONTEST_MAX; i++) {
        uint32_t bytes = s->places[i].bytes;
        if (bytes == 0 ? i == 0 : bytes < sizeof(kedge_model_state) || bytes % KEDGE_ALIGN != 0)
            return 0;
        if (bytes > 0 && i > 0 && s->places[i - 1].bytes == 0)
            return 0;
    }
    return 1;
}

static int contest_valid(const void *fixed)
{
    const contest_state *s = fixed;
    return kedge_i_u32_within(s->model.n_features, 1, KEDGE_FEATURES_MAX) && s->model.n_classes != 1 &&
           s->model.n_classes <= KEDGE_CLASSES_MAX && s->holdout > 0.0 && s->holdout < 1.0 && s->max_fits >= 1 &&
           s->max_rows >= 1 && s->least_rows >= 1 && kedge_i_score_fits(s->score, s->model.n_classes) &&
           kedge_i_u32_within(s->factor, 2, CONTEST_FACTOR_MOST) && kedge_i_u32_within(s->n_passes, 1, CONTEST_PASSES_MOST) &&
           contest_places_valid(s);
}

static size_t contest_layout(void *fixed)
{
    contest_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->n = 0;
    for (uint32_t i = 0; i < KEDGE_CONTEST_MAX; i++) {
        s->places[i].at = kedge_i_arena_take(&arena, 1, s->places[i].bytes);
        s->n += s->places[i].bytes > 0;
    }
    return kedge_i_arena_end(&arena);
}

static void contest_begin(const kedge_class *cls, const void *config, void *state)
{
    const kedge_contest_config *cfg = config;
    contest_state *s = state;
    for (uint32_t i = 0; i < s->n; i++) {
        kedge_status st = kedge_i_object_init(cls->parts[i], cfg->candidates[i], cfg->candidates[i]->config_bytes,
                                              kedge_i_at(s, s->places[i].at), s->places[i].bytes);
        KEDGE_ASSERT(st == KEDGE_OK); /* its size was found */
        (void)st;
    }
}

/* A result is one that a race can leave; behind the last candidate there is none. */
static int contest_result_is_sound(const contest_state *s, uint32_t i)
{
    kedge_status st = (kedge_status)s->statuses[i];
    if (i >= s->n)
        return st == KEDGE_OK && s->scores[i] == 0.0 && s->rows[i] == 0;
    if (s->rows[i] > KEDGE_I_COUNT_MAX || (st == KEDGE_OK ? !kedge_i_finite(s->scores[i]) : s->scores[i] != 0.0))
        return 0;
    return st == KEDGE_OK || st == KEDGE_EMPTY || (st < 0 && st >= KEDGE_ERR_BUSY);
}

/* A candidate is of the contest's shape, and only the winner has learned. */
static int contest_candidate_is_sound(const contest_state *s, uint32_t i)
{
    const kedge_model_state *m = contest_at(s, i);
    return m->n_features == s->model.n_features && m->n_classes == s->model.n_classes &&
           m->n_learned == (i == s->winner ? s->model.n_learned : 0);
}

static int contest_check(const void *state)
{
    const contest_state *s = state;
    if (!contest_valid(s) || s->model.n_learned > KEDGE_I_COUNT_MAX || s->winner >= s->n)
        return 0;
    for (uint32_t i = 0; i < KEDGE_CONTEST_MAX; i++)
        if (!contest_result_is_sound(s, i) || (i < s->n && !contest_candidate_is_sound(s, i)))
            return 0;
    return 1;
}

static kedge_status contest_predict(const kedge_model_class *cls, const void *state, const kedge_row *x, double *y)
{
    const contest_state *s = state;
    const kedge_model_class *winner = contest_class_of(cls, s->winner);
    return winner->predict(winner, contest_at(s, s->winner), x, y);
}

static kedge_status contest_score(const kedge_model_class *cls, const void *state, const kedge_row *x, double *scores)
{
    const contest_state *s = state;
    const kedge_model_class *winner = contest_class_of(cls, s->winner);
    return winner->score(winner, contest_at(s, s->winner), x, scores);
}

static kedge_status contest_freeze(const kedge_model_class *cls, const void *state, void *buf, size_t cap, size_t *len)
{
    const contest_state *s = state;
    return kedge_i_freeze(contest_class_of(cls, s->winner), contest_at(s, s->winner), buf, cap, len);
}

static const kedge_model_class *contest_answering(const kedge_model_class *cls, const void *state, uint32_t *candidate)
{
    const contest_state *s = state;
    *candidate = s->winner;
    return contest_class_of(cls, s->winner);
}

static const kedge_model_class contest_of = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_MODEL,
            .version = 1,
            .name = "contest",
            .fixed_bytes = sizeof(contest_state),
            .config_bytes = sizeof(kedge_contest_config),
            .n_fields = sizeof contest_fields / sizeof *contest_fields,
            .fields = contest_fields,
            .defaults = contest_defaults,
            .configure = contest_configure,
            .valid = contest_valid,
            .layout = contest_layout,
            .check = contest_check,
            .begin_parts = contest_begin,
        },
    .fit = kedge_i_contest_fit,
    .predict = contest_predict,
    .score = contest_score,
    .freeze = contest_freeze,
    .parts_work = kedge_i_contest_work,
    .answering = contest_answering,
};

/* Making one ------------------------------------------------------------------------------------------------------------------- */

static kedge_status contest_candidate_check(const kedge_model_class *cls)
{
    if (!cls)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_class_check(&cls->base));
    if (cls->base.noun != KEDGE_NOUN_MODEL)
        return KEDGE_ERR_CLASS;
    return cls->predict && cls->score && (cls->learn || cls->fit) ? KEDGE_OK : KEDGE_ERR_NULL;
}

kedge_status kedge_contest_class(kedge_contest_of *cls, const kedge_model_class *const *candidates, uint32_t n)
{
    uint32_t takes_missing = 1;
    if (!cls || !candidates)
        return KEDGE_ERR_NULL;
    if (!kedge_i_u32_within(n, 1, KEDGE_CONTEST_MAX))
        return KEDGE_ERR_RANGE;
    for (uint32_t i = 0; i < n; i++) {
        KEDGE_TRY(contest_candidate_check(candidates[i]));
        takes_missing &= candidates[i]->takes_missing == 1;
    }
    cls->model = contest_of;
    cls->model.takes_missing = takes_missing;
    cls->model.base.parts = cls->parts;
    for (uint32_t i = 0; i < KEDGE_CONTEST_MAX; i++)
        cls->parts[i] = i < n ? &candidates[i]->base : NULL;
    return KEDGE_OK;
}

kedge_status kedge_contest_config_init(kedge_contest_config *cfg, size_t cfg_bytes, const kedge_contest_of *cls,
                                       uint32_t n_features, uint32_t n_classes)
{
    if (!cls)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_class_defaults(&cls->model.base, cfg, cfg_bytes, sizeof *cfg));
    cfg->base.cls = &cls->model;
    cfg->base.n_features = n_features;
    cfg->base.n_classes = n_classes;
    cfg->score = n_classes > 0 ? KEDGE_SCORE_ACCURACY : KEDGE_SCORE_MAE;
    return KEDGE_OK;
}

/* Looking inside --------------------------------------------------------------------------------------------------------------- */

static kedge_status contest_is_mine(const kedge_model *m, const void *out)
{
    if (!m || !m->cls || !m->state || !out)
        return KEDGE_ERR_NULL;
    return m->cls->base.begin_parts == contest_begin ? KEDGE_OK : KEDGE_ERR_CLASS;
}

kedge_status kedge_contest_read(const kedge_model *m, kedge_contest_report *out)
{
    KEDGE_TRY(contest_is_mine(m, out));
    const contest_state *s = m->state;
    memset(out, 0, sizeof *out);
    out->winner = s->winner;
    out->n_candidates = s->n;
    out->n_fits = s->n_fits;
    out->n_rows = s->n_rows;
    out->n_held = s->n_held;
    for (uint32_t i = 0; i < KEDGE_CONTEST_MAX; i++) {
        kedge_contest_result *result = &out->candidates[i];
        result->status = i < s->n && s->model.n_learned > 0 ? (kedge_status)s->statuses[i] : KEDGE_EMPTY;
        result->score = result->status == KEDGE_OK ? s->scores[i] : (double)NAN;
        result->n_rows = s->rows[i];
    }
    return s->model.n_learned > 0 ? KEDGE_OK : KEDGE_EMPTY;
}

kedge_status kedge_contest_get(const kedge_model *m, uint32_t i, kedge_model *candidate)
{
    KEDGE_TRY(contest_is_mine(m, candidate));
    contest_state *s = m->state;
    if (i >= s->n)
        return KEDGE_ERR_RANGE;
    candidate->cls = contest_class_of(m->cls, i);
    candidate->state = kedge_i_at(s, s->places[i].at);
    return KEDGE_OK;
}
