/* SPDX-License-Identifier: MIT */
#include "base/fp.h"

#include "models/committee.h"

#include <string.h>

#include "base/check.h"
#include "base/number.h"
#include "base/object.h"
#include "base/quick.h"
#include "models/row.h"

#define COMMITTEE_MEMORY 500.0  /* rows that a member's loss looks back */
#define COMMITTEE_LEAST  1e-100 /* errors below are none */
#define COMMITTEE_DOUBLING                                                                                                         \
    0.05 /* what twice the error costs: detectors tell errors from a thousandth to a thousand times what is usual */

enum { COMMITTEE_ANCHOR = 50 }; /* rows that tell what error is usual */

enum { COMMITTEE_MODEL, COMMITTEE_WARNING, COMMITTEE_DRIFT };

/* Class and configuration --- */

static kedge_status committee_detector_check(const kedge_detector_class *cls)
{
    if (!cls)
        return KEDGE_OK;
    KEDGE_TRY(kedge_class_check(&cls->base));
    if (cls->base.noun != KEDGE_NOUN_DETECTOR)
        return KEDGE_ERR_CLASS;
    return cls->update ? KEDGE_OK : KEDGE_ERR_NULL;
}

kedge_status kedge_i_committee_class(kedge_members_class *cls, const kedge_model_class *of, const kedge_model_class *member,
                                     const kedge_detector_class *warning, const kedge_detector_class *drift)
{
    if (!cls || !member)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_class_check(&member->base));
    if (member->base.noun != KEDGE_NOUN_MODEL)
        return KEDGE_ERR_CLASS;
    if (!member->learn || !member->predict || !member->score)
        return KEDGE_ERR_UNSUPPORTED;
    KEDGE_TRY(committee_detector_check(warning));
    KEDGE_TRY(committee_detector_check(drift));
    if (warning && !drift)
        return KEDGE_ERR_CONFIG;
    cls->model = *of;
    cls->model.takes_missing = member->takes_missing;
    cls->model.base.parts = cls->parts;
    cls->parts[COMMITTEE_MODEL] = &member->base;
    cls->parts[COMMITTEE_WARNING] = warning ? &warning->base : NULL;
    cls->parts[COMMITTEE_DRIFT] = drift ? &drift->base : NULL;
    return KEDGE_OK;
}

kedge_status kedge_i_members_config_init(void *cfg, size_t cfg_bytes, size_t least_bytes, const kedge_members_class *cls,
                                         uint32_t n_features, uint32_t n_classes)
{
    if (!cls)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_class_defaults(&cls->model.base, cfg, cfg_bytes, least_bytes));
    kedge_model_config *base = cfg;
    base->cls = &cls->model;
    base->n_features = n_features;
    base->n_classes = n_classes;
    return KEDGE_OK;
}

kedge_status kedge_i_committee_config_init(committee_config *cfg, size_t cfg_bytes, size_t least_bytes,
                                           const kedge_members_class *cls, uint32_t n_features, uint32_t n_classes)
{
    KEDGE_TRY(kedge_i_members_config_init(cfg, cfg_bytes, least_bytes, cls, n_features, n_classes));
    cfg->members.on_drift = cls->parts[COMMITTEE_WARNING] ? KEDGE_ON_DRIFT_REPLACE : KEDGE_ON_DRIFT_WORST;
    return KEDGE_OK;
}

/* A detector's configuration, or its class's defaults. */
typedef union committee_detector_config {
    kedge_detector_config base;
    uint64_t align;
    unsigned char bytes[KEDGE_CONFIG_MAX];
} committee_detector_config;

static const kedge_detector_config *committee_detector(const kedge_class *cls, const kedge_detector_config *given,
                                                       committee_detector_config *room)
{
    if (given)
        return given;
    cls->defaults(room);
    return &room->base;
}

/* Bytes of a detector; 0: there is none, UINT32_MAX: its configuration is of another class, or out of range. */
static uint32_t committee_detector_bytes(const kedge_class *cls, const kedge_detector_config *given)
{
    committee_detector_config room;
    if (!cls)
        return given ? UINT32_MAX : 0;
    const kedge_detector_config *cfg = committee_detector(cls, given, &room);
    if (&cfg->cls->base != cls)
        return UINT32_MAX;
    size_t bytes = kedge_i_object_size(cls, cfg, cfg->config_bytes);
    return bytes > 0 ? (uint32_t)bytes : UINT32_MAX;
}

void kedge_i_committee_configure(committee_state *s, const void *config)
{
    const committee_config *cfg = config;
    const kedge_members *m = &cfg->members;
    const kedge_class *const *parts = cfg->base.cls->base.parts;
    s->model.n_features = cfg->base.n_features;
    s->model.n_classes = cfg->base.n_classes;
    s->seed = m->seed;
    s->n_members = m->n;
    s->on_drift = m->on_drift;
    s->warning_bytes = committee_detector_bytes(parts[COMMITTEE_WARNING], m->warning);
    s->drift_bytes = committee_detector_bytes(parts[COMMITTEE_DRIFT], m->drift);
    if (m->model && m->model->cls && &m->model->cls->base == parts[COMMITTEE_MODEL]) {
        s->member_features = m->model->n_features;
        s->member_classes = m->model->n_classes;
        s->model_bytes = (uint32_t)kedge_i_object_size(parts[COMMITTEE_MODEL], m->model, m->model->config_bytes);
    }
}

static int committee_is_room(uint32_t bytes)
{
    return bytes != UINT32_MAX && bytes % KEDGE_ALIGN == 0;
}

int kedge_i_committee_valid(const committee_state *s, uint32_t most)
{
    return kedge_i_u32_within(s->model.n_features, 1, KEDGE_FEATURES_MAX) && s->model.n_classes <= KEDGE_CLASSES_MAX &&
           s->model.n_classes != 1 && kedge_i_u32_within(s->n_members, 1, most) &&
           kedge_i_u32_within(s->on_drift, KEDGE_ON_DRIFT_REPLACE, KEDGE_ON_DRIFT_WORST) &&
           kedge_i_u32_within(s->member_features, 1, s->model.n_features) && s->model_bytes >= sizeof(kedge_model_state) &&
           committee_is_room(s->model_bytes) && committee_is_room(s->warning_bytes) && committee_is_room(s->drift_bytes) &&
           (s->warning_bytes == 0 || s->drift_bytes > 0);
}

void kedge_i_committee_plan(committee_state *s, kedge_i_arena *arena)
{
    s->n_warnings = s->warning_bytes > 0 ? s->n_members : 0;
    s->n_drifts = s->drift_bytes > 0 ? s->n_members : 0;
    s->n_models = s->n_members + s->n_warnings;
    s->n_index = s->member_features < s->model.n_features ? s->n_models * s->member_features : 0;
    s->at_seen = kedge_i_arena_take(arena, s->n_models, sizeof(uint64_t));
    s->at_loss = kedge_i_arena_take(arena, s->n_models, sizeof(double));
    s->at_serving = kedge_i_arena_take(arena, s->n_members, sizeof(uint32_t));
    s->at_index = kedge_i_arena_take(arena, s->n_index, sizeof(uint32_t));
    s->at_models = kedge_i_arena_take(arena, s->n_models, s->model_bytes);
    s->at_warnings = kedge_i_arena_take(arena, s->n_warnings, s->warning_bytes);
    s->at_drifts = kedge_i_arena_take(arena, s->n_drifts, s->drift_bytes);
}

/* Parts --- */

static void *committee_model(committee_state *s, uint32_t k)
{
    return (unsigned char *)kedge_i_at(s, s->at_models) + (size_t)k * s->model_bytes;
}

static const void *committee_model_const(const committee_state *s, uint32_t k)
{
    return (const unsigned char *)kedge_i_at_const(s, s->at_models) + (size_t)k * s->model_bytes;
}

static uint32_t *committee_serving(committee_state *s)
{
    return kedge_i_at(s, s->at_serving);
}

/* The model that answers for a member; the models in the background stand behind those. */
static uint32_t committee_serves(const committee_state *s, uint32_t i)
{
    return ((const uint32_t *)kedge_i_at_const(s, s->at_serving))[i];
}

static uint32_t committee_front(const committee_state *s, uint32_t i)
{
    return i + (committee_serves(s, i) & 1) * s->n_members;
}

static uint32_t committee_back(const committee_state *s, uint32_t i)
{
    return i + (~committee_serves(s, i) & 1) * s->n_members;
}

static kedge_detector committee_watcher(const kedge_model_class *cls, committee_state *s, uint32_t which, uint32_t i)
{
    uint32_t at = which == COMMITTEE_WARNING ? s->at_warnings : s->at_drifts;
    uint32_t bytes = which == COMMITTEE_WARNING ? s->warning_bytes : s->drift_bytes;
    kedge_detector d;
    d.cls = (const kedge_detector_class *)(const void *)cls->base.parts[which];
    d.state = (unsigned char *)kedge_i_at(s, at) + (size_t)i * bytes;
    return d;
}

static const kedge_model_class *committee_member_class(const kedge_model_class *cls)
{
    return (const kedge_model_class *)(const void *)cls->base.parts[COMMITTEE_MODEL];
}

static void committee_begin_detectors(const kedge_class *cls, const kedge_detector_config *given, void *at, uint32_t bytes,
                                      uint32_t n)
{
    committee_detector_config room;
    for (uint32_t i = 0; i < n; i++) {
        const kedge_detector_config *cfg = committee_detector(cls, given, &room);
        kedge_status st = kedge_i_object_init(cls, cfg, cfg->config_bytes, (unsigned char *)at + (size_t)i * bytes, bytes);
        KEDGE_ASSERT(st == KEDGE_OK); /* its size was found */
        (void)st;
    }
}

void kedge_i_committee_begin(const kedge_class *cls, const void *config, void *state)
{
    const kedge_members *m = &((const committee_config *)config)->members;
    committee_state *s = state;
    for (uint32_t k = 0; k < s->n_models; k++) {
        kedge_status st = kedge_i_object_init(cls->parts[COMMITTEE_MODEL], m->model, m->model->config_bytes, committee_model(s, k),
                                              s->model_bytes);
        KEDGE_ASSERT(st == KEDGE_OK);
        (void)st;
    }
    committee_begin_detectors(cls->parts[COMMITTEE_WARNING], m->warning, kedge_i_at(s, s->at_warnings), s->warning_bytes,
                              s->n_warnings);
    committee_begin_detectors(cls->parts[COMMITTEE_DRIFT], m->drift, kedge_i_at(s, s->at_drifts), s->drift_bytes, s->n_drifts);
}

void kedge_i_committee_start(committee_state *s)
{
    s->rng.state = s->seed;
    for (uint32_t k = 0; k < s->n_models; k++)
        kedge_i_committee_draw(s, k, k);
}

/* Checks --- */

static int committee_index_is_good(const committee_state *s, uint32_t k)
{
    const uint32_t *index = (const uint32_t *)kedge_i_at_const(s, s->at_index) + (size_t)k * s->member_features;
    for (uint32_t j = 0; s->n_index > 0 && j < s->member_features; j++)
        if (index[j] >= s->model.n_features || (j > 0 && index[j] <= index[j - 1]))
            return 0;
    return 1;
}

int kedge_i_committee_check(const committee_state *s)
{
    const uint64_t *seen = kedge_i_at_const(s, s->at_seen);
    const double *loss = kedge_i_at_const(s, s->at_loss);
    if (s->model.n_learned > KEDGE_I_COUNT_MAX || !kedge_i_within(s->usual, 0.0, 4.0 * KEDGE_TARGET_MAX) ||
        s->n_begun > KEDGE_I_COUNT_MAX || s->n_usual > KEDGE_I_COUNT_MAX || s->n_replaced > KEDGE_I_COUNT_MAX)
        return 0;
    for (uint32_t i = 0; i < s->n_members; i++)
        if (committee_serves(s, i) > (s->n_warnings > 0 ? 3u : 0u))
            return 0;
    for (uint32_t k = 0; k < s->n_models; k++) {
        const kedge_model_state *m = committee_model_const(s, k);
        if (m->n_features != s->member_features || m->n_classes != s->member_classes || seen[k] > s->model.n_learned ||
            !kedge_i_within(loss[k], 0.0, 1.0) || !committee_index_is_good(s, k))
            return 0;
    }
    return 1;
}

/* Learning --- */

/* The k-th model and the row as it sees it. */
static void committee_ask_model(const kedge_model_class *cls, const committee_state *s, uint32_t k, const kedge_row *x,
                                committee_asked *out)
{
    out->cls = committee_member_class(cls);
    out->state = committee_model_const(s, k);
    out->row = *x;
    if (s->n_index == 0)
        return;
    out->view.of = x;
    out->view.index = (const uint32_t *)kedge_i_at_const(s, s->at_index) + (size_t)k * s->member_features;
    out->view.more = NULL;
    out->view.n = s->member_features;
    out->view.reserved = 0;
    out->row = kedge_i_row_of_view(&out->view);
}

void kedge_i_committee_ask(const kedge_model_class *cls, const committee_state *s, uint32_t i, const kedge_row *x,
                           committee_asked *out)
{
    committee_ask_model(cls, s, committee_front(s, i), x, out);
}

/* How far a regression is off, as far as targets go. */
static double committee_error(double says, double y)
{
    double error = says < y ? y - says : says - y;
    return error < 2.0 * KEDGE_TARGET_MAX ? error : 2.0 * KEDGE_TARGET_MAX;
}

/* A regression's error on a scale from 0 to 1, so that detectors of such numbers can watch it: 1/2 is what was usual when the
 * models were new, and each
 * COMMITTEE_DOUBLING more is twice that. The scale stands still, since a moving one would itself be a drift. Below 0: too early
 * to tell. */
static double committee_loss_of_error(committee_state *s, double error)
{
    if (s->n_usual < COMMITTEE_ANCHOR * s->n_members) {
        s->usual += (error - s->usual) / (double)(int64_t)++s->n_usual;
        return -1.0;
    }
    double usual = s->usual > COMMITTEE_LEAST ? s->usual : COMMITTEE_LEAST;
    if (error <= usual * 1e-4)
        return 0.0;
    double loss = 0.5 + COMMITTEE_DOUBLING / KEDGE_I_LN2 * kedge_i_quick_log(error / usual);
    return loss < 0.0 ? 0.0 : loss > 1.0 ? 1.0 : loss;
}

static double committee_loss_of(committee_state *s, double says, double y)
{
    if (s->member_classes > 0)
        return says == y ? 0.0 : 1.0;
    return committee_loss_of_error(s, committee_error(says, y));
}

static void committee_note(committee_state *s, uint32_t k, double loss)
{
    uint64_t *seen = (uint64_t *)kedge_i_at(s, s->at_seen) + k;
    double *mean = (double *)kedge_i_at(s, s->at_loss) + k;
    ++*seen;
    double n = (double)(int64_t)*seen;
    *mean += (loss - *mean) / (n < COMMITTEE_MEMORY ? n : COMMITTEE_MEMORY);
}

static double committee_test_model(const kedge_model_class *cls, committee_state *s, uint32_t k, const kedge_row *x, double y)
{
    committee_asked m;
    double says = 0.0;
    committee_ask_model(cls, s, k, x, &m);
    if (m.cls->predict(m.cls, m.state, &m.row, &says) != KEDGE_OK)
        return -1.0;
    double loss = committee_loss_of(s, says, y);
    if (loss >= 0.0)
        committee_note(s, k, loss);
    return loss;
}

double kedge_i_committee_test(const kedge_model_class *cls, committee_state *s, uint32_t i, const kedge_row *x, double y)
{
    return committee_test_model(cls, s, committee_front(s, i), x, y);
}

/* A model that refuses a row stays as it was. */
static void committee_teach_model(const kedge_model_class *cls, committee_state *s, uint32_t k, const kedge_row *x, double y,
                                  double weight)
{
    committee_asked m;
    committee_ask_model(cls, s, k, x, &m);
    (void)m.cls->learn(m.cls, committee_model(s, k), &m.row, y, weight < KEDGE_WEIGHT_MAX ? weight : KEDGE_WEIGHT_MAX);
}

void kedge_i_committee_teach(const kedge_model_class *cls, committee_state *s, uint32_t i, const kedge_row *x, double y,
                             double weight)
{
    int both = (committee_serves(s, i) & COMMITTEE_BACKGROUND) != 0;
    if (both)
        (void)committee_test_model(cls, s, committee_back(s, i), x, y);
    if (weight == 0.0)
        return;
    committee_teach_model(cls, s, committee_front(s, i), x, y, weight);
    if (both)
        committee_teach_model(cls, s, committee_back(s, i), x, y, weight);
}

static void committee_renew(const kedge_model_class *cls, committee_state *s, uint32_t k)
{
    kedge_i_object_reset(cls->base.parts[COMMITTEE_MODEL], committee_model(s, k));
    ((uint64_t *)kedge_i_at(s, s->at_seen))[k] = 0;
    ((double *)kedge_i_at(s, s->at_loss))[k] = 0.0;
    kedge_i_committee_draw(s, k, s->n_models);
}

static void committee_renew_watcher(const kedge_model_class *cls, committee_state *s, uint32_t which, uint32_t i)
{
    kedge_detector d = committee_watcher(cls, s, which, i);
    if (d.cls)
        kedge_i_object_reset(&d.cls->base, d.state);
}

/* What trains in the background takes a member's place, or a new model does. */
static void committee_replace(const kedge_model_class *cls, committee_state *s, uint32_t i)
{
    uint32_t *serving = &committee_serving(s)[i];
    if ((*serving & COMMITTEE_BACKGROUND) != 0)
        *serving = ~*serving & 1;
    else
        committee_renew(cls, s, committee_front(s, i));
    committee_renew_watcher(cls, s, COMMITTEE_WARNING, i);
    committee_renew_watcher(cls, s, COMMITTEE_DRIFT, i);
    s->usual = 0.0; /* the new model's errors will be of another size */
    s->n_usual = 0;
    s->n_replaced++;
}

static void committee_begin_background(const kedge_model_class *cls, committee_state *s, uint32_t i)
{
    committee_renew(cls, s, committee_back(s, i));
    committee_serving(s)[i] |= COMMITTEE_BACKGROUND;
    s->n_begun++;
}

int kedge_i_committee_watch(const kedge_model_class *cls, committee_state *s, uint32_t i, double loss)
{
    if (s->n_drifts == 0 || loss < 0.0)
        return 0;
    kedge_detector drift = committee_watcher(cls, s, COMMITTEE_DRIFT, i);
    kedge_detector warning = committee_watcher(cls, s, COMMITTEE_WARNING, i);
    if (warning.cls && kedge_detector_update(&warning, loss) == KEDGE_DRIFT)
        committee_begin_background(cls, s, i);
    if (kedge_detector_update(&drift, loss) != KEDGE_DRIFT)
        return 0;
    if (s->on_drift == KEDGE_ON_DRIFT_REPLACE)
        committee_replace(cls, s, i);
    return 1;
}

uint32_t kedge_i_committee_drop_worst(const kedge_model_class *cls, committee_state *s)
{
    uint32_t worst = 0;
    for (uint32_t i = 1; i < s->n_members; i++)
        if (kedge_i_committee_loss(s, i) > kedge_i_committee_loss(s, worst))
            worst = i;
    committee_replace(cls, s, worst);
    return worst;
}

double kedge_i_committee_loss(const committee_state *s, uint32_t i)
{
    return ((const double *)kedge_i_at_const(s, s->at_loss))[committee_front(s, i)];
}

/* Looking inside --- */

static kedge_status committee_of(const kedge_model *m, const void *out)
{
    if (!m || !m->cls || !m->state || !out)
        return KEDGE_ERR_NULL;
    return m->cls->base.begin_parts == kedge_i_committee_begin ? KEDGE_OK : KEDGE_ERR_CLASS;
}

kedge_status kedge_members_describe(const kedge_model *m, kedge_members_info *out)
{
    KEDGE_TRY(committee_of(m, out));
    const committee_state *s = m->state;
    out->n_members = s->n_members;
    out->n_background = 0;
    for (uint32_t i = 0; i < s->n_members; i++)
        out->n_background += committee_serves(s, i) / COMMITTEE_BACKGROUND;
    out->n_warnings = s->n_begun;
    out->n_drifts = s->n_replaced;
    return KEDGE_OK;
}

kedge_status kedge_members_get(const kedge_model *m, uint32_t i, kedge_model *member)
{
    KEDGE_TRY(committee_of(m, member));
    committee_state *s = m->state;
    if (i >= s->n_members)
        return KEDGE_ERR_RANGE;
    member->cls = committee_member_class(m->cls);
    member->state = committee_model(s, committee_front(s, i));
    return KEDGE_OK;
}
