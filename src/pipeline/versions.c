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

/* The artifact of a version: the snapshot of its prep, if it has one, and behind it that of its model, as a row goes through them. Its length,
 * 0: it does not fit; and the length of the first. */
static size_t versions_save(const kedge_model *m, const kedge_prep *prep, const pipeline_scratch *scratch, size_t *prep_n)
{
    unsigned char *to = scratch->bytes;
    size_t n;
    *prep_n = 0;
    if (!to || (prep->state && kedge_prep_save(prep, to, scratch->n, prep_n) < 0))
        return 0;
    return kedge_model_save(m, to + *prep_n, scratch->n - *prep_n, &n) < 0 ? 0 : *prep_n + n;
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

/* A number for a new model, with its record where there is a store; 0: known from before, or the store is full of versions that must stay. */
static uint64_t versions_add(kedge_pipeline *p, const pipeline_birth *birth, int is_first, const pipeline_scratch *scratch)
{
    pipeline_state *s = pipeline_of(p);
    kedge_control store = kedge_i_pipeline_control(p, KEDGE_PIPELINE_STORE);
    kedge_store_version v;
    uint64_t id;
    size_t prep_n;
    unsigned char digest[KEDGE_HASH_BYTES];
    if (!store.state)
        return pipeline_counts_of(s)->n_trainings;
    kedge_model m = is_first ? pipeline_champion_of(p) : pipeline_challenger_of(p);
    kedge_prep prep = pipeline_prep_of(p, !is_first);
    versions_describe(p, birth, &m, &prep, &v);
    size_t n = versions_save(&m, &prep, scratch, &prep_n);
    if (n > 0) {
        KEDGE_IGNORE(kedge_sha256(scratch->bytes, n, digest));
        if (!is_first && versions_is_repeated(&store, digest)) { /* what serves already was proposed by the host */
            pipeline_counts_of(s)->n_repeated++;
            kedge_i_deliver_tell(p, KEDGE_EVENT_REFUSED, 0, KEDGE_ERR_STATE, 0.0, 0.0);
            return 0;
        }
        memcpy(v.model_digest, digest, sizeof v.model_digest);
        if (prep_n > 0)
            KEDGE_IGNORE(kedge_sha256(scratch->bytes, prep_n, v.prep_digest));
    }
    kedge_status st = versions_store(p, &v, &id);
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
    uint64_t id = versions_add(p, birth, is_first, scratch);
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

/* An artifact of this pipeline, in its parts. */
typedef struct versions_parts {
    const unsigned char *prep;
    const unsigned char *model;
    size_t prep_n;
    size_t model_n;
} versions_parts;

/* Are they snapshots of objects that fill the challenger's places? */
static int versions_part(const kedge_pipeline *p, const unsigned char *bytes, size_t n, versions_parts *out)
{
    const pipeline_state *s = pipeline_of(p);
    size_t need;
    out->prep = bytes;
    out->prep_n = 0;
    if (p->prep && (kedge_snapshot_length(bytes, n, &out->prep_n) < 0 ||
                    kedge_prep_load_size(p->prep, bytes, out->prep_n, &need) < 0 || need != s->prep_bytes))
        return 0;
    out->model = bytes + out->prep_n;
    out->model_n = n - out->prep_n;
    return kedge_model_load_size(p->model, out->model, out->model_n, &need) == KEDGE_OK && need == s->challenger_bytes;
}

static int versions_load_parts(const kedge_pipeline *p, const versions_parts *from)
{
    const pipeline_state *s = pipeline_of(p);
    kedge_model m = pipeline_challenger_of(p);
    kedge_prep prep = pipeline_prep_of(p, 1);
    kedge_model_info info;
    kedge_prep_info prep_info;
    if (kedge_model_load(&m, p->model, m.state, s->challenger_bytes, from->model, from->model_n) < 0 || kedge_model_describe(&m, &info) < 0)
        return 0;
    if (info.n_features != s->n_prepared || info.n_classes != s->n_classes)
        return 0;
    if (!p->prep)
        return 1;
    return kedge_prep_load(&prep, p->prep, prep.state, s->prep_bytes, from->prep, from->prep_n) == KEDGE_OK &&
           kedge_prep_describe(&prep, &prep_info) == KEDGE_OK && prep_info.n_columns == s->n_features && prep_info.n_out == s->n_prepared;
}

/* An earlier model with its prep into the challenger's places; 0: there is none to be had, and some model or other lies there. */
static int versions_load(kedge_pipeline *p, uint64_t id)
{
    pipeline_state *s = pipeline_of(p);
    kedge_control store = kedge_i_pipeline_control(p, KEDGE_PIPELINE_STORE);
    versions_parts parts;
    const void *bytes;
    size_t n;
    if (kedge_store_artifact(&store, id, &bytes, &n) != KEDGE_OK || !versions_part(p, bytes, n, &parts))
        return 0;
    if (versions_load_parts(p, &parts))
        return 1;
    memcpy(kedge_i_at(s, s->at_challenger), kedge_i_at(s, s->at_champion), s->champion_bytes); /* forged: the places must hold objects */
    if (p->prep)
        memcpy(kedge_i_at(s, s->at_preps + s->prep_bytes), kedge_i_at(s, s->at_preps), s->prep_bytes);
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

/* The best of these by what the rows since the drift say; 0, and an empty verdict: none surely is. */
static uint64_t versions_best(kedge_pipeline *p, kedge_i_verdict *verdict)
{
    kedge_control store = kedge_i_pipeline_control(p, KEDGE_PIPELINE_STORE);
    uint64_t best = 0, tries = versions_retired(&store);
    const double unit = kedge_i_judge_unit(p);
    kedge_store_version v;
    kedge_i_verdict_begin(verdict);
    for (uint32_t i = 0; kedge_store_at(&store, i, &v) == KEDGE_OK; i++) {
        kedge_i_verdict its;
        if (v.status != KEDGE_VERSION_RETIRED || !versions_load(p, v.id) || kedge_i_judge_kept(p, 0, tries, unit, &its) != KEDGE_OK)
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
    s->trained_to = 0; /* long before */
    kedge_i_deliver_tell(p, KEDGE_EVENT_RECALLED, id, 0, verdict.challenger / verdict.n, verdict.champion / verdict.n);
    kedge_i_deliver_offer(p, id, kedge_store_get(&store, id, &v) == KEDGE_OK ? v.model_digest : NULL);
}
