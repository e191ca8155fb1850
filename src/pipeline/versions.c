/* SPDX-License-Identifier: MIT */
/* Versions of a pipeline's model: each one that is trained gets a number and, where there is a store, a record; a model that was refused or
 * taken back before is known by the hash of its snapshot and not proposed again; and where a concept comes back, so does the model that
 * fitted it (Gama, Kosina 2014, "Recurrent concepts in data streams classification", Knowledge and Information Systems 40). */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "pipeline/pipeline_state.h"

#include "base/check.h"

/* A recalled model must be better by so many standard errors of the paired difference: several are asked, again and again. */
#define VERSIONS_SURE 3.0

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
static void versions_tell(const kedge_pipeline *p, uint32_t kind, uint64_t id)
{
    const pipeline_state *s = pipeline_of(p);
    kedge_i_deliver_tell(p, kind, id, 0, versions_error(s->gate_challenger), versions_error(s->gate_champion));
}

static void versions_figures(kedge_control *store, const pipeline_state *s, uint64_t id)
{
    if (s->gate_champion < 0.0)
        return;
    KEDGE_IGNORE(kedge_store_set_figure(store, id, 0, s->gate_challenger));
    KEDGE_IGNORE(kedge_store_set_figure(store, id, 1, s->gate_champion));
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
                             const pipeline_scratch *scratch, unsigned char *digest)
{
    pipeline_state *s = pipeline_of(p);
    kedge_control store = kedge_i_pipeline_control(p, KEDGE_PIPELINE_STORE);
    kedge_store_version v;
    uint64_t id;
    size_t n = 0;
    memset(digest, 0, KEDGE_HASH_BYTES);
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

void kedge_i_versions_born(kedge_pipeline *p, const pipeline_birth *birth, int is_first, int has_passed, const pipeline_scratch *scratch)
{
    kedge_model m = is_first ? pipeline_champion_of(p) : pipeline_challenger_of(p);
    kedge_control store = kedge_i_pipeline_control(p, KEDGE_PIPELINE_STORE);
    unsigned char digest[KEDGE_HASH_BYTES];
    uint64_t id = versions_add(p, birth, &m, is_first, scratch, digest);
    if (is_first) {
        kedge_i_deliver_promote(p, id, 1);
        return;
    }
    versions_tell(p, KEDGE_EVENT_TRAINED, id);
    if (id == 0 || !has_passed) {
        if (store.state && id != 0)
            KEDGE_IGNORE(kedge_store_set_status(&store, id, KEDGE_VERSION_REFUSED));
        if (id != 0)
            versions_tell(p, KEDGE_EVENT_REFUSED, id);
        kedge_i_deliver_end(p, KEDGE_OUTCOME_REFUSED);
        return;
    }
    versions_tell(p, KEDGE_EVENT_PASSED, id);
    kedge_i_deliver_offer(p, id, digest);
}

/* Earlier models ------------------------------------------------------------------------------------------------------------------ */

/* How surely does the challenger's place hold a model that fits the newest n rows better? In standard errors of the paired difference. */
static double versions_advantage(const kedge_pipeline *p, uint32_t n)
{
    const pipeline_state *s = pipeline_of(p);
    kedge_model now = pipeline_champion_of(p), then = pipeline_challenger_of(p);
    double mean = 0.0, scatter = 0.0;
    uint32_t k = 0;
    for (uint32_t i = s->window_n - n; i < s->window_n; i++) {
        double y, by_now, by_then;
        const double *x = kedge_i_window_row(s, i, &y);
        if (kedge_model_predict(&now, x, &by_now) < 0 || kedge_model_predict(&then, x, &by_then) < 0)
            return 0.0;
        double gain = pipeline_error(s, by_now, y) - pipeline_error(s, by_then, y), off = gain - mean;
        mean += off / ++k;
        scatter += off * (gain - mean);
    }
    if (k < 2 || !(mean > s->gate_margin))
        return 0.0;
    double error = sqrt(fmax(scatter, 1.0 / k) / (k - 1.0) / k); /* at least as if one row were in doubt */
    return mean / error;
}

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

/* The best of the models that have served, and how sure that is. */
static uint64_t versions_best(kedge_pipeline *p, uint32_t n_rows, double *advantage)
{
    kedge_control store = kedge_i_pipeline_control(p, KEDGE_PIPELINE_STORE);
    kedge_store_version v;
    uint64_t best = 0;
    *advantage = VERSIONS_SURE;
    for (uint32_t i = 0; kedge_store_at(&store, i, &v) == KEDGE_OK; i++) {
        if (v.status != KEDGE_VERSION_RETIRED || !versions_load(p, v.id))
            continue;
        double a = versions_advantage(p, n_rows);
        if (a > *advantage) {
            *advantage = a;
            best = v.id;
        }
    }
    return best;
}

/* Earlier models are asked some rows after a change, and at twice as many again, as long as nothing else took the champion's place. */
void kedge_i_versions_recall(kedge_pipeline *p)
{
    pipeline_state *s = pipeline_of(p);
    uint64_t since = s->n_labelled - s->changed_row;
    double advantage;
    if (s->recall_at == 0 || s->staged != 0 || s->n_labelled < s->recall_at)
        return;
    uint32_t n = since < s->window_n ? (uint32_t)since : s->window_n;
    s->recall_at = since < s->window_rows ? s->n_labelled + since : 0;
    uint64_t id = versions_best(p, n, &advantage);
    if (id == 0 || !versions_load(p, id))
        return;
    kedge_control store = kedge_i_pipeline_control(p, KEDGE_PIPELINE_STORE);
    kedge_store_version v;
    pipeline_counts_of(s)->n_recalls++;
    s->recall_at = 0;
    kedge_i_deliver_tell(p, KEDGE_EVENT_RECALLED, id, 0, advantage, VERSIONS_SURE);
    kedge_i_deliver_offer(p, id, kedge_store_get(&store, id, &v) == KEDGE_OK ? v.model_digest : NULL);
}
