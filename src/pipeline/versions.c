/* SPDX-License-Identifier: MIT */
/* Versions of a pipeline's model: each one that is trained gets a number and, where there is a store, a record; a model that was
 * refused or taken back before is known by the hash of its snapshot and not proposed again. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "pipeline/pipeline_state.h"

#include "base/check.h"

/* A snapshot has no more than the state's bytes for its values, and 36 for the head and sum of each object, whose own head has
 * 24. */
size_t kedge_i_versions_room(size_t model_bytes, size_t prep_bytes)
{
    if (model_bytes > SIZE_MAX / 4 - 64 || prep_bytes > SIZE_MAX / 4 - 64)
        return SIZE_MAX;
    return 2 * model_bytes + 64 + (prep_bytes > 0 ? 2 * prep_bytes + 64 : 0);
}

/* An error at the gate; NaN where there was no gate. */
static double versions_error(double error)
{
    return error < 0.0 ? (double)NAN : error;
}

/* The model and what the gate measured. */
static void versions_tell(const kedge_pipeline *p, uint32_t kind, uint64_t id, int32_t code)
{
    const pipeline_numbers *numbers = pipeline_numbers_of(pipeline_of(p));
    kedge_i_deliver_tell(p, kind, id, code, versions_error(numbers->gate_challenger), versions_error(numbers->gate_champion));
}

static void versions_figures(kedge_control *store, const pipeline_state *s, uint64_t id)
{
    const pipeline_numbers *numbers = pipeline_numbers_of(s);
    if (numbers->gate_champion < 0.0)
        return;
    KEDGE_IGNORE(kedge_store_set_figure(store, id, 0, numbers->gate_challenger));
    KEDGE_IGNORE(kedge_store_set_figure(store, id, 1, numbers->gate_champion));
}

void kedge_i_versions_name(const kedge_pipeline *p)
{
    kedge_control store = kedge_i_pipeline_control(p, KEDGE_PIPELINE_STORE);
    if (!store.state)
        return;
    KEDGE_IGNORE(kedge_store_name_figure(&store, 0, "gate error")); /* a store may have no room for figures */
    KEDGE_IGNORE(kedge_store_name_figure(&store, 1, "champion's"));
}

/* Who answers: the model itself, or the candidate that it chose. */
static void versions_name(const kedge_model *m, kedge_store_version *v)
{
    const kedge_model_class *cls = m->cls->answering ? m->cls->answering(m->cls, m->state, &v->candidate) : m->cls;
    memcpy(v->model_class, cls->base.name, strlen(cls->base.name));
}

static void versions_describe(const kedge_pipeline *p, const pipeline_birth *birth, const kedge_model *m, const kedge_prep *prep,
                              kedge_store_version *v)
{
    const pipeline_state *s = pipeline_of(p);
    memset(v, 0, sizeof *v);
    v->parent = s->version;
    v->created_ns = s->clock_ns;
    v->first_row = birth->first_row;
    v->last_row = birth->last_row;
    v->n_rows = birth->n_rows;
    v->from_ns = birth->from_ns;
    v->to_ns = birth->to_ns;
    v->training_ns = birth->took_ns;
    v->trigger_kind = birth->call.kind;
    v->trigger_source = birth->call.source;
    v->trigger_code = birth->call.code;
    v->trigger_value = birth->call.value;
    v->trigger_limit = birth->call.limit;
    v->seed = kedge_i_provenance_seed(m);
    kedge_i_provenance_digest(m, prep, v->config_digest);
    versions_name(m, v);
}

/* Was this very model refused or taken back before? */
static int versions_is_repeated(const kedge_control *store, const unsigned char *digest)
{
    kedge_store_version v;
    uint64_t id;
    if (kedge_store_find_digest(store, digest, &id) < 0 || kedge_store_get(store, id, &v) < 0)
        return 0;
    return v.status == KEDGE_VERSION_REFUSED || v.status == KEDGE_VERSION_ROLLED_BACK;
}

/* The artifact of a version: the snapshot of its prep, if it has one, and behind it that of its model, as a row goes through them;
 * its hashes go into the record. Its length, 0: it does not fit. */
static size_t versions_save(const kedge_model *m, const kedge_prep *prep, const pipeline_scratch *scratch, kedge_store_version *v)
{
    unsigned char *to = scratch->bytes;
    size_t n, prep_n = 0;
    if (!to || (prep->state && kedge_prep_save(prep, to, scratch->n, &prep_n) < 0))
        return 0;
    if (kedge_model_save(m, to + prep_n, scratch->n - prep_n, &n) < 0)
        return 0;
    KEDGE_IGNORE(kedge_sha256(to, prep_n + n, v->model_digest));
    if (prep_n > 0)
        KEDGE_IGNORE(kedge_sha256(to, prep_n, v->prep_digest));
    return prep_n + n;
}

/* A record for a new version; an older one may have to go. */
static kedge_status versions_store(const kedge_pipeline *p, const kedge_store_version *v, uint64_t *id)
{
    kedge_control store = kedge_i_pipeline_control(p, KEDGE_PIPELINE_STORE);
    kedge_store_report before, after;
    KEDGE_TRY(kedge_store_read(&store, &before));
    KEDGE_TRY(kedge_store_add(&store, v, id));
    if (kedge_store_read(&store, &after) == KEDGE_OK && after.n_evicted > before.n_evicted)
        kedge_i_deliver_tell(p, KEDGE_EVENT_EVICTED, after.last_evicted, 0, 0.0, 0.0);
    return KEDGE_OK;
}

/* The snapshot of n bytes, 0: there is none, where a store has room for any. A version that it cannot take is kept without one; who
 * counts on recalls must hear of that. */
static void versions_lay(const kedge_pipeline *p, uint64_t id, const unsigned char *bytes, size_t n)
{
    kedge_control store = kedge_i_pipeline_control(p, KEDGE_PIPELINE_STORE);
    kedge_store_report r;
    if (kedge_store_read(&store, &r) < 0 || r.artifact_bytes + r.artifact_free == 0)
        return;
    if (n == 0 || kedge_store_put_artifact(&store, id, bytes, n) < 0)
        kedge_i_deliver_tell(p, KEDGE_EVENT_UNKEPT, id, 0, n > 0 ? (double)n : (double)NAN,
                             (double)r.artifact_bytes + (double)r.artifact_free);
}

/* A number for a new model, with its record where there is a store; 0: known from before, or the store is full of versions that
 * must stay. */
static uint64_t versions_add(kedge_pipeline *p, const pipeline_birth *birth, int is_first, const pipeline_scratch *scratch)
{
    pipeline_state *s = pipeline_of(p);
    kedge_control store = kedge_i_pipeline_control(p, KEDGE_PIPELINE_STORE);
    kedge_store_version v;
    uint64_t id;
    if (!store.state)
        return pipeline_counts_of(s)->n_trainings;
    kedge_model m = is_first ? pipeline_champion_of(p) : pipeline_challenger_of(p);
    kedge_prep prep = pipeline_prep_of(p, !is_first);
    versions_describe(p, birth, &m, &prep, &v);
    size_t n = versions_save(&m, &prep, scratch, &v);
    if (n > 0 && !is_first && versions_is_repeated(&store, v.model_digest)) { /* what serves already was proposed by the host */
        pipeline_counts_of(s)->n_repeated++;
        kedge_i_deliver_tell(p, KEDGE_EVENT_REFUSED, 0, KEDGE_ERR_STATE, 0.0, 0.0);
        return 0;
    }
    kedge_status st = versions_store(p, &v, &id);
    if (st < 0) {
        kedge_i_deliver_tell(p, KEDGE_EVENT_FAILED, 0, st, 0.0, 0.0);
        return 0;
    }
    versions_lay(p, id, scratch->bytes, n);
    if (!is_first) /* it met no gate */
        versions_figures(&store, s, id);
    return id;
}

void kedge_i_versions_offer(kedge_pipeline *p, uint64_t id)
{
    kedge_control store = kedge_i_pipeline_control(p, KEDGE_PIPELINE_STORE);
    kedge_store_version v;
    kedge_i_deliver_offer(p, id, store.state && kedge_store_get(&store, id, &v) == KEDGE_OK ? v.model_digest : NULL);
}

void kedge_i_versions_passed(kedge_pipeline *p, uint64_t id)
{
    kedge_control store = kedge_i_pipeline_control(p, KEDGE_PIPELINE_STORE);
    if (store.state)
        versions_figures(&store, pipeline_of(p), id);
    versions_tell(p, KEDGE_EVENT_PASSED, id, 0);
    kedge_i_versions_offer(p, id);
}

void kedge_i_versions_refused(kedge_pipeline *p, uint64_t id, int32_t code)
{
    pipeline_counts *counts = pipeline_counts_of(pipeline_of(p));
    kedge_control store = kedge_i_pipeline_control(p, KEDGE_PIPELINE_STORE);
    if (code == KEDGE_MORE)
        counts->n_undecided++;
    else
        counts->n_rejections++;
    if (store.state) {
        versions_figures(&store, pipeline_of(p), id);
        KEDGE_IGNORE(kedge_store_set_status(&store, id, KEDGE_VERSION_REFUSED));
    }
    versions_tell(p, KEDGE_EVENT_REFUSED, id, code);
    kedge_i_deliver_end(p, KEDGE_OUTCOME_REFUSED);
}

void kedge_i_versions_born(kedge_pipeline *p, const pipeline_birth *birth, int is_first, kedge_status verdict,
                           const pipeline_scratch *scratch)
{
    pipeline_state *s = pipeline_of(p);
    uint64_t id = versions_add(p, birth, is_first, scratch);
    kedge_i_spend_end(s, id);
    if (is_first) {
        kedge_i_deliver_promote(p, id, 1);
        return;
    }
    versions_tell(p, KEDGE_EVENT_TRAINED, id, 0);
    if (id == 0) {
        pipeline_counts_of(s)->n_rejections++;
        kedge_i_deliver_end(p, KEDGE_OUTCOME_REFUSED);
    } else if (verdict == KEDGE_OK) {
        kedge_i_versions_passed(p, id);
    } else if (verdict == KEDGE_MORE && s->gate_rows > 0) {
        s->trial = id;
        versions_tell(p, KEDGE_EVENT_TRIAL, id, 0);
    } else {
        kedge_i_versions_refused(p, id, verdict == KEDGE_MORE ? KEDGE_MORE : 0);
    }
}
