/* SPDX-License-Identifier: MIT */
/* A store of versions: the object, and versions coming, being found and going. What such a store must hold is what registries of
 * models hold (Vartak et al. 2016, "ModelDB"; the MLflow model registry), and what was asked of them in vain: who served when. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "pipeline/store_state.h"

#include "base/number.h"
#include "base/object.h"

enum { STORE_VERSIONS_MAX = 4096, STORE_SERVED_MAX = 1 << 20, STORE_FIGURES_MAX = 64 };

#define STORE_ARTIFACT_MAX ((uint32_t)1 << 31)

static const kedge_field store_fields[] = {
    KEDGE_PARAM(store_state, n_versions, KEDGE_TYPE_U32),
    KEDGE_PARAM(store_state, n_served, KEDGE_TYPE_U32),
    KEDGE_PARAM(store_state, n_figures, KEDGE_TYPE_U32),
    KEDGE_PARAM(store_state, artifact_bytes, KEDGE_TYPE_U32),
    KEDGE_PARAM(store_state, keep_refused, KEDGE_TYPE_U32),
    KEDGE_VALUE(store_state, n_kept, KEDGE_TYPE_U32),
    KEDGE_VALUE(store_state, artifact_used, KEDGE_TYPE_U32),
    KEDGE_VALUE(store_state, n_added, KEDGE_TYPE_U64),
    KEDGE_VALUE(store_state, n_evicted, KEDGE_TYPE_U64),
    KEDGE_VALUE(store_state, last_evicted, KEDGE_TYPE_U64),
    KEDGE_VALUE(store_state, n_dropped, KEDGE_TYPE_COUNT),
    KEDGE_VALUE(store_state, n_history, KEDGE_TYPE_U64),
    KEDGE_VALUE(store_state, serving, KEDGE_TYPE_U64),
    KEDGE_ARRAY(store_state, at_figures, n_values, KEDGE_TYPE_F64),
    KEDGE_ARRAY(store_state, at_names, n_name_bytes, KEDGE_TYPE_U8),
    KEDGE_ARRAY(store_state, at_served_id, n_served, KEDGE_TYPE_U64),
    KEDGE_ARRAY(store_state, at_served_from, n_served, KEDGE_TYPE_U64),
    KEDGE_ARRAY(store_state, at_artifacts, artifact_bytes, KEDGE_TYPE_U8),
    KEDGE_PARTS(store_state, at_slots, slot_bytes, 0),
};

static const kedge_class *const store_parts[] = {&kedge_i_store_slot_class};

/* The object ------------------------------------------------------------------------------------------------------------------- */

static void store_defaults(void *config)
{
    kedge_store_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_store;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->n_versions = 32;
    cfg->n_served = 256;
    cfg->n_figures = 8;
}

kedge_status kedge_store_config_init(kedge_store_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_store.base, cfg, cfg_bytes, sizeof *cfg);
}

static void store_configure(const void *config, void *fixed)
{
    const kedge_store_config *cfg = config;
    store_state *s = fixed;
    s->n_versions = cfg->n_versions;
    s->n_served = cfg->n_served;
    s->n_figures = cfg->n_figures;
    s->artifact_bytes = cfg->artifact_bytes;
    s->keep_refused = cfg->keep_refused;
}

static int store_valid(const void *fixed)
{
    const store_state *s = fixed;
    return kedge_i_u32_within(s->n_versions, 2, STORE_VERSIONS_MAX) && kedge_i_u32_within(s->n_served, 1, STORE_SERVED_MAX) &&
           s->n_figures <= STORE_FIGURES_MAX && s->artifact_bytes <= STORE_ARTIFACT_MAX && s->keep_refused <= 1;
}

static size_t store_layout(void *fixed)
{
    store_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->n_values = kedge_i_length(s->n_versions, s->n_figures);
    s->at_figures = kedge_i_arena_take(&arena, s->n_values, sizeof(double));
    s->n_name_bytes = s->n_figures * KEDGE_TAG_BYTES;
    s->at_names = kedge_i_arena_take(&arena, s->n_name_bytes, 1);
    s->at_served_id = kedge_i_arena_take(&arena, s->n_served, sizeof(uint64_t));
    s->at_served_from = kedge_i_arena_take(&arena, s->n_served, sizeof(uint64_t));
    s->at_artifacts = kedge_i_arena_take(&arena, s->artifact_bytes, 1);
    s->slot_bytes = sizeof(store_slot);
    s->n_slots = s->n_versions;
    s->at_slots = kedge_i_arena_take(&arena, s->n_slots, sizeof(store_slot));
    return kedge_i_arena_end(&arena);
}

static void store_free_figures(store_state *s, uint32_t from)
{
    double *figures = kedge_i_at(s, s->at_figures);
    for (uint32_t i = from * s->n_figures; i < s->n_values; i++)
        figures[i] = (double)NAN;
}

static void store_begin_parts(const kedge_class *cls, const void *config, void *state)
{
    store_state *s = state;
    (void)cls;
    (void)config;
    for (uint32_t i = 0; i < s->n_slots; i++)
        kedge_i_store_free(store_slot_at(s, i));
}

static void store_start(void *state)
{
    store_free_figures(state, 0);
}

/* Invariants ------------------------------------------------------------------------------------------------------------------- */

static int store_slots_are_sound(const store_state *s)
{
    uint64_t used = 0, last = 0;
    int n_serving = 0;
    for (uint32_t i = 0; i < s->n_slots; i++) {
        const kedge_store_version *v = &store_slot_const(s, i)->v;
        if ((v->status != 0) != (i < s->n_kept))
            return 0;
        if (v->status == 0)
            continue;
        if (v->id <= last || v->id > s->n_added || (v->status == KEDGE_VERSION_SERVING) != (v->id == s->serving))
            return 0;
        n_serving += v->status == KEDGE_VERSION_SERVING;
        last = v->id;
        used += v->artifact_bytes;
    }
    return used == s->artifact_used && n_serving == (s->serving != 0);
}

static int store_figures_are_free(const store_state *s)
{
    const double *figures = kedge_i_at_const(s, s->at_figures);
    for (uint32_t i = s->n_kept * s->n_figures; i < s->n_values; i++)
        if (!isnan(figures[i]))
            return 0;
    return 1;
}

static int store_names_end(const store_state *s)
{
    for (uint32_t i = 0; i < s->n_figures; i++)
        if (!kedge_i_store_name_ends(store_figure_name(s, i), KEDGE_TAG_BYTES))
            return 0;
    return 1;
}

static uint32_t store_history_kept(const store_state *s)
{
    return s->n_history < s->n_served ? (uint32_t)s->n_history : s->n_served;
}

/* The i-th entry kept, oldest first. */
static uint32_t store_history_place(const store_state *s, uint32_t i)
{
    return (uint32_t)((s->n_history - store_history_kept(s) + i) % s->n_served);
}

static int store_history_is_sound(const store_state *s)
{
    const uint64_t *ids = kedge_i_at_const(s, s->at_served_id), *from = kedge_i_at_const(s, s->at_served_from);
    uint32_t kept = store_history_kept(s);
    uint64_t last_from = 0, last_id = 0;
    for (uint32_t i = kept; i < s->n_served; i++) /* fewer than there is room for: none was overwritten */
        if (ids[i] != 0 || from[i] != 0)
            return 0;
    for (uint32_t i = 0; i < kept; i++) {
        uint32_t at = store_history_place(s, i);
        if (from[at] < last_from || ids[at] > s->n_added)
            return 0;
        last_from = from[at];
        last_id = ids[at];
    }
    return last_id == s->serving;
}

static int store_artifacts_are_free(const store_state *s)
{
    const unsigned char *bytes = kedge_i_at_const(s, s->at_artifacts);
    for (uint32_t i = s->artifact_used; i < s->artifact_bytes; i++)
        if (bytes[i] != 0)
            return 0;
    return 1;
}

static int store_check(const void *state)
{
    const store_state *s = state;
    if (s->n_kept > s->n_versions || s->artifact_used > s->artifact_bytes || s->spare != 0 || s->n_added > KEDGE_I_COUNT_MAX)
        return 0;
    if (s->n_evicted > s->n_added || s->n_added - s->n_evicted != s->n_kept || s->last_evicted > s->n_added ||
        (s->last_evicted != 0) != (s->n_evicted != 0) || s->n_dropped > KEDGE_I_COUNT_MAX || s->n_history > KEDGE_I_COUNT_MAX)
        return 0;
    return store_slots_are_sound(s) && store_figures_are_free(s) && store_names_end(s) && store_history_is_sound(s) &&
           store_artifacts_are_free(s);
}

/* Coming and going ------------------------------------------------------------------------------------------------------------- */

uint32_t kedge_i_store_victim(const store_state *s, int with_artifact, uint32_t spared)
{
    uint32_t oldest = s->n_kept;
    for (uint32_t i = 0; i < s->n_kept; i++) {
        const kedge_store_version *v = &store_slot_const(s, i)->v;
        if (i == spared || store_is_needed(v) || (with_artifact && v->artifact_bytes == 0))
            continue;
        if (s->keep_refused || (v->n_served == 0 && v->status != KEDGE_VERSION_CANDIDATE))
            return i;
        oldest = oldest < s->n_kept ? oldest : i;
    }
    return oldest;
}

static void store_evict(store_state *s, uint32_t place)
{
    double *figures = kedge_i_at(s, s->at_figures);
    uint32_t behind = s->n_kept - place - 1;
    kedge_i_store_drop_artifact(s, place);
    s->last_evicted = store_slot_const(s, place)->v.id;
    s->n_evicted++;
    s->n_kept--;
    memmove(store_slot_at(s, place), store_slot_at(s, place + 1), (size_t)behind * sizeof(store_slot));
    memmove(figures + (size_t)place * s->n_figures, figures + (size_t)(place + 1) * s->n_figures,
            (size_t)behind * s->n_figures * sizeof(double));
    kedge_i_store_free(store_slot_at(s, s->n_kept));
    store_free_figures(s, s->n_kept);
}

/* Only what the caller knows goes in. */
static void store_take(kedge_store_version *to, const kedge_store_version *from, uint64_t id)
{
    *to = *from;
    to->id = id;
    to->status = KEDGE_VERSION_CANDIDATE;
    to->is_pinned = to->artifact_bytes = to->signature_bytes = to->n_served = 0;
    memset(to->tag, 0, sizeof to->tag);
    memset(to->signature, 0, sizeof to->signature);
    memset(to->model_class, 0, sizeof to->model_class);
    for (size_t i = 0; i < sizeof to->model_class && from->model_class[i]; i++)
        to->model_class[i] = from->model_class[i];
}

kedge_status kedge_store_add(kedge_control *c, const kedge_store_version *version, uint64_t *id)
{
    KEDGE_TRY(kedge_i_control_is(c, &kedge_store));
    store_state *s = c->state;
    if (!version || !id)
        return KEDGE_ERR_NULL;
    if (!kedge_i_finite(version->cost))
        return KEDGE_ERR_NOT_FINITE;
    if (version->parent > s->n_added || s->n_added >= KEDGE_I_COUNT_MAX || !memchr(version->model_class, 0, KEDGE_NAME_BYTES))
        return KEDGE_ERR_RANGE;
    if (s->n_kept == s->n_versions) {
        uint32_t victim = kedge_i_store_victim(s, 0, UINT32_MAX);
        if (victim == s->n_kept)
            return KEDGE_ERR_BUFFER;
        store_evict(s, victim);
    }
    s->n_added++;
    store_take(&store_slot_at(s, s->n_kept)->v, version, s->n_added);
    s->n_kept++;
    *id = s->n_added;
    return KEDGE_OK;
}

kedge_status kedge_store_get(const kedge_control *c, uint64_t id, kedge_store_version *out)
{
    uint32_t place;
    KEDGE_TRY(store_look(c, id, &place));
    if (!out)
        return KEDGE_ERR_NULL;
    *out = store_slot_const(c->state, place)->v;
    return KEDGE_OK;
}

kedge_status kedge_store_at(const kedge_control *c, uint32_t i, kedge_store_version *out)
{
    KEDGE_TRY(kedge_i_control_is(c, &kedge_store));
    const store_state *s = c->state;
    if (!out)
        return KEDGE_ERR_NULL;
    if (i >= s->n_kept)
        return KEDGE_EMPTY;
    *out = store_slot_const(s, i)->v;
    return KEDGE_OK;
}

/* Status and service ----------------------------------------------------------------------------------------------------------- */

kedge_status kedge_store_set_status(kedge_control *c, uint64_t id, uint32_t status)
{
    uint32_t place;
    KEDGE_TRY(store_look(c, id, &place));
    kedge_store_version *v = &store_slot_at(c->state, place)->v;
    if (!kedge_i_u32_within(status, KEDGE_VERSION_CANDIDATE, KEDGE_VERSION_ROLLED_BACK) || status == KEDGE_VERSION_SERVING)
        return KEDGE_ERR_RANGE;
    if (v->status == KEDGE_VERSION_SERVING)
        return KEDGE_ERR_STATE;
    v->status = status;
    return KEDGE_OK;
}

static void store_history_add(store_state *s, uint64_t id, uint64_t now_ns)
{
    uint32_t at = (uint32_t)(s->n_history % s->n_served);
    ((uint64_t *)kedge_i_at(s, s->at_served_id))[at] = id;
    ((uint64_t *)kedge_i_at(s, s->at_served_from))[at] = now_ns;
    s->n_history++;
}

static uint64_t store_history_last(const store_state *s)
{
    return s->n_history ? ((const uint64_t *)kedge_i_at_const(s, s->at_served_from))[(s->n_history - 1) % s->n_served] : 0;
}

kedge_status kedge_store_serve(kedge_control *c, uint64_t id, uint64_t now_ns)
{
    uint32_t place = UINT32_MAX;
    KEDGE_TRY(id ? store_look(c, id, &place) : kedge_i_control_is(c, &kedge_store));
    store_state *s = c->state;
    if (now_ns < store_history_last(s) || s->n_history >= KEDGE_I_COUNT_MAX)
        return KEDGE_ERR_RANGE;
    if (s->serving == id)
        return KEDGE_OK;
    if (s->serving)
        store_slot_at(s, store_find(s, s->serving))->v.status = KEDGE_VERSION_RETIRED;
    if (id) {
        kedge_store_version *v = &store_slot_at(s, place)->v;
        v->status = KEDGE_VERSION_SERVING;
        v->n_served += v->n_served < UINT32_MAX;
    }
    s->serving = id;
    store_history_add(s, id, now_ns);
    return KEDGE_OK;
}

kedge_status kedge_store_served_at(const kedge_control *c, uint64_t when_ns, uint64_t *id)
{
    KEDGE_TRY(kedge_i_control_is(c, &kedge_store));
    const store_state *s = c->state;
    const uint64_t *ids = kedge_i_at_const(s, s->at_served_id), *from = kedge_i_at_const(s, s->at_served_from);
    uint32_t low = 0, high = store_history_kept(s);
    if (!id)
        return KEDGE_ERR_NULL;
    while (low < high) { /* entries that began by then */
        uint32_t middle = low + (high - low) / 2;
        if (from[store_history_place(s, middle)] <= when_ns)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0 && s->n_history > s->n_served)
        return KEDGE_ERR_UNKNOWN;
    *id = low == 0 ? 0 : ids[store_history_place(s, low - 1)];
    return KEDGE_OK;
}

kedge_status kedge_store_history(const kedge_control *c, uint32_t i, kedge_store_stretch *out)
{
    KEDGE_TRY(kedge_i_control_is(c, &kedge_store));
    const store_state *s = c->state;
    const uint64_t *ids = kedge_i_at_const(s, s->at_served_id), *from = kedge_i_at_const(s, s->at_served_from);
    if (!out)
        return KEDGE_ERR_NULL;
    if (i >= store_history_kept(s))
        return KEDGE_EMPTY;
    out->id = ids[store_history_place(s, i)];
    out->from_ns = from[store_history_place(s, i)];
    out->to_ns = i + 1 < store_history_kept(s) ? from[store_history_place(s, i + 1)] : UINT64_MAX;
    return KEDGE_OK;
}

kedge_status kedge_store_read(const kedge_control *c, kedge_store_report *out)
{
    KEDGE_TRY(kedge_i_control_is(c, &kedge_store));
    const store_state *s = c->state;
    if (!out)
        return KEDGE_ERR_NULL;
    out->n_added = s->n_added;
    out->n_evicted = s->n_evicted;
    out->last_evicted = s->last_evicted;
    out->n_dropped = s->n_dropped;
    out->serving = s->serving;
    out->served_before =
        s->n_history > s->n_served ? ((const uint64_t *)kedge_i_at_const(s, s->at_served_from))[store_history_place(s, 0)] : 0;
    out->n_versions = s->n_kept;
    out->n_history = store_history_kept(s);
    out->artifact_bytes = s->artifact_used;
    out->artifact_free = s->artifact_bytes - s->artifact_used;
    return KEDGE_OK;
}

const char *kedge_store_status_string(uint32_t status)
{
    static const char *const words[] = {"none", "candidate", "refused", "staged", "serving", "retired", "rolled back"};
    return status < sizeof words / sizeof *words ? words[status] : "unknown";
}

const kedge_control_class kedge_store = {
    .base = {
        .abi = KEDGE_CLASS_ABI,
        .noun = KEDGE_NOUN_CONTROL,
        .version = 1,
        .name = "store",
        .fixed_bytes = sizeof(store_state),
        .config_bytes = sizeof(kedge_store_config),
        .n_fields = sizeof store_fields / sizeof *store_fields,
        .fields = store_fields,
        .defaults = store_defaults,
        .configure = store_configure,
        .valid = store_valid,
        .layout = store_layout,
        .start = store_start,
        .check = store_check,
        .parts = store_parts,
        .begin_parts = store_begin_parts,
    },
};
