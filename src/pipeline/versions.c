/* SPDX-License-Identifier: MIT */
/* Versions of a pipeline's model: each one that is trained gets a number and, where there is a store, a record; a model that was refused or
 * taken back before is known by the hash of its snapshot and not proposed again; and where a concept comes back, so does the model that
 * fitted it (Gama, Kosina 2014, "Recurrent concepts in data streams classification", Knowledge and Information Systems 40). */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "pipeline/pipeline_state.h"

#include "base/check.h"

/* A snapshot has no more than the state's bytes for its values, and 36 for the head and sum of each object, whose own head has 24. */
size_t kedge_i_versions_room(size_t model_bytes)
{
    return model_bytes > SIZE_MAX / 2 - 64 ? SIZE_MAX : 2 * model_bytes + 64;
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

/* Who answers: the model itself, or the candidate that it chose. */
static void versions_name(const kedge_model *m, kedge_store_version *v)
{
    const kedge_model_class *cls = m->cls->answering ? m->cls->answering(m->cls, m->state, &v->candidate) : m->cls;
    memcpy(v->model_class, cls->base.name, strlen(cls->base.name));
}

static void versions_describe(const kedge_pipeline *p, const pipeline_birth *birth, const kedge_model *m, kedge_store_version *v)
{
    const pipeline_state *s = pipeline_of(p);
    memset(v, 0, sizeof *v);
    v->parent = s->version;
    v->created_ns = s->clock_ns;
    v->first_row = birth->first_row;
    v->last_row = birth->last_row;
    v->n_rows = birth->n_rows;
    v->trigger_kind = birth->call.kind;
    v->trigger_source = birth->call.source;
    v->trigger_code = birth->call.code;
    v->trigger_value = birth->call.value;
    v->trigger_limit = birth->call.limit;
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

/* A number for a new model, with its record where there is a store; 0: known from before, or the store is full of versions that must stay. */
static uint64_t versions_add(kedge_pipeline *p, const pipeline_birth *birth, const kedge_model *m, int is_first,
                             const pipeline_scratch *scratch)
{
    pipeline_state *s = pipeline_of(p);
    kedge_control store = kedge_i_pipeline_control(p, KEDGE_PIPELINE_STORE);
    kedge_store_version v;
    uint64_t id;
    size_t n = 0;
    unsigned char digest[KEDGE_HASH_BYTES];
    if (!store.state)
        return pipeline_counts_of(s)->n_trainings;
    versions_describe(p, birth, m, &v);
    if (scratch->bytes && kedge_model_save(m, scratch->bytes, scratch->n, &n) == KEDGE_OK) {
        KEDGE_IGNORE(kedge_sha256(scratch->bytes, n, digest));
        if (!is_first && versions_is_repeated(&store, digest)) { /* what serves already was proposed by the host */
            pipeline_counts_of(s)->n_repeated++;
            kedge_i_deliver_tell(p, KEDGE_EVENT_REFUSED, 0, KEDGE_ERR_STATE, 0.0, 0.0);
            return 0;
        }
        memcpy(v.model_digest, digest, sizeof v.model_digest);
    }
    kedge_status st = kedge_store_add(&store, &v, &id);
    if (st < 0) {
        kedge_i_deliver_tell(p, KEDGE_EVENT_FAILED, 0, st, 0.0, 0.0);
        return 0;
    }
    if (n > 0)
        KEDGE_IGNORE(kedge_store_put_artifact(&store, id, scratch->bytes, n)); /* no room: a record without one */
    if (!is_first) /* it met no gate */
        versions_figures(&store, s, id);
    return id;
}

void kedge_i_versions_passed(kedge_pipeline *p, uint64_t id)
{
    kedge_control store = kedge_i_pipeline_control(p, KEDGE_PIPELINE_STORE);
    kedge_store_version v;
    if (store.state)
        versions_figures(&store, pipeline_of(p), id);
    versions_tell(p, KEDGE_EVENT_PASSED, id, 0);
    kedge_i_deliver_offer(p, id, store.state && kedge_store_get(&store, id, &v) == KEDGE_OK ? v.model_digest : NULL);
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

void kedge_i_versions_born(kedge_pipeline *p, const pipeline_birth *birth, int is_first, kedge_status verdict, const pipeline_scratch *scratch)
{
    pipeline_state *s = pipeline_of(p);
    kedge_model m = is_first ? pipeline_champion_of(p) : pipeline_challenger_of(p);
    uint64_t id = versions_add(p, birth, &m, is_first, scratch);
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

/* Earlier models ------------------------------------------------------------------------------------------------------------------ */

/* An earlier model into the challenger's place; 0: there is none to be had, and some model or other lies there. */
static int versions_load(kedge_pipeline *p, uint64_t id)
{
    pipeline_state *s = pipeline_of(p);
    kedge_control store = kedge_i_pipeline_control(p, KEDGE_PIPELINE_STORE);
    kedge_model m;
    kedge_model_info info;
    const void *bytes;
    size_t n, need;
    if (kedge_store_artifact(&store, id, &bytes, &n) != KEDGE_OK || kedge_model_load_size(p->model, bytes, n, &need) < 0)
        return 0;
    if (need != s->challenger_bytes)
        return 0;
    if (kedge_model_load(&m, p->model, kedge_i_at(s, s->at_challenger), need, bytes, n) == KEDGE_OK &&
        kedge_model_describe(&m, &info) == KEDGE_OK && info.n_features == s->n_features && info.n_classes == s->n_classes)
        return 1;
    memcpy(kedge_i_at(s, s->at_challenger), kedge_i_at(s, s->at_champion), need); /* forged: the place must hold a model */
    return 0;
}

/* How many have served before. */
static uint64_t versions_retired(const kedge_control *store)
{
    kedge_store_version v;
    uint64_t n = 0;
    for (uint32_t i = 0; kedge_store_at(store, i, &v) == KEDGE_OK; i++)
        n += v.status == KEDGE_VERSION_RETIRED;
    return n;
}

/* The best of these by what the rows since the drift say; 0: none surely is. */
static uint64_t versions_best(kedge_pipeline *p, kedge_i_verdict *verdict)
{
    kedge_control store = kedge_i_pipeline_control(p, KEDGE_PIPELINE_STORE);
    uint64_t best = 0, tries = versions_retired(&store);
    kedge_store_version v;
    for (uint32_t i = 0; kedge_store_at(&store, i, &v) == KEDGE_OK; i++) {
        kedge_i_verdict its;
        if (v.status != KEDGE_VERSION_RETIRED || !versions_load(p, v.id) || kedge_i_judge_kept(p, 0, tries, &its) != KEDGE_OK)
            continue;
        if (best == 0 || kedge_i_verdict_wealth(&its, VERDICT_SAFE) > kedge_i_verdict_wealth(verdict, VERDICT_SAFE)) {
            *verdict = its;
            best = v.id;
        }
    }
    return best;
}

/* Earlier models are looked at in the challenger's place: one that is on trial there must be in the store as well. */
static int versions_may_lend(const kedge_pipeline *p)
{
    kedge_control store = kedge_i_pipeline_control(p, KEDGE_PIPELINE_STORE);
    const void *bytes;
    size_t n;
    return pipeline_of(p)->trial == 0 || kedge_store_artifact(&store, pipeline_of(p)->trial, &bytes, &n) == KEDGE_OK;
}

/* Earlier models are asked some rows after a drift, and at twice as many again, as long as nothing else took the champion's place. */
void kedge_i_versions_recall(kedge_pipeline *p)
{
    pipeline_state *s = pipeline_of(p);
    uint64_t since = s->n_labelled - s->judge_from;
    kedge_i_verdict verdict;
    if (s->recall_at == 0 || s->staged != 0 || s->n_labelled < s->recall_at || !versions_may_lend(p))
        return;
    s->recall_at = since < s->window_rows ? s->n_labelled + since : 0;
    uint64_t id = versions_best(p, &verdict);
    if (id == 0 || !versions_load(p, id)) {
        if (s->trial != 0)
            KEDGE_IGNORE(versions_load(p, s->trial)); /* back into its place */
        return;
    }
    kedge_i_judge_drop(p);
    kedge_control store = kedge_i_pipeline_control(p, KEDGE_PIPELINE_STORE);
    kedge_store_version v;
    pipeline_counts_of(s)->n_recalls++;
    s->recall_at = 0;
    kedge_i_deliver_tell(p, KEDGE_EVENT_RECALLED, id, 0, verdict.challenger / verdict.n, verdict.champion / verdict.n);
    kedge_i_deliver_offer(p, id, kedge_store_get(&store, id, &v) == KEDGE_OK ? v.model_digest : NULL);
}
