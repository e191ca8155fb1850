/* SPDX-License-Identifier: MIT */
/* Where a concept comes back, so does the model that fitted it (Gama, Kosina 2014, "Recurrent concepts in data streams
 * classification", Knowledge and Information Systems 40): after a drift earlier models of the store are asked, in the challenger's
 * place. */
#include "base/fp.h"

#include <string.h>

#include "pipeline/pipeline_state.h"

enum { RECALL_UNIT_SHARE = 4 };

/* An artifact of this pipeline, in its parts. */
typedef struct recall_parts {
    const unsigned char *prep;
    const unsigned char *model;
    size_t prep_n;
    size_t model_n;
} recall_parts;

/* Are they snapshots of objects that fill the challenger's places? */
static int recall_split(const kedge_pipeline *p, const unsigned char *bytes, size_t n, recall_parts *out)
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

static int recall_load_parts(const kedge_pipeline *p, const recall_parts *from)
{
    const pipeline_state *s = pipeline_of(p);
    kedge_model m = pipeline_challenger_of(p);
    kedge_prep prep = pipeline_prep_of(p, 1);
    kedge_model_info info;
    kedge_prep_info prep_info;
    if (kedge_model_load(&m, p->model, m.state, s->challenger_bytes, from->model, from->model_n) < 0 ||
        kedge_model_describe(&m, &info) < 0)
        return 0;
    if (info.n_features != s->n_prepared || info.n_classes != s->n_classes)
        return 0;
    if (!p->prep)
        return 1;
    return kedge_prep_load(&prep, p->prep, prep.state, s->prep_bytes, from->prep, from->prep_n) == KEDGE_OK &&
           kedge_prep_describe(&prep, &prep_info) == KEDGE_OK && prep_info.n_columns == s->n_features &&
           prep_info.n_out == s->n_prepared;
}

/* An earlier model with its prep into the challenger's places; 0: there is none to be had, and some model or other lies there. */
static int recall_load(kedge_pipeline *p, uint64_t id)
{
    pipeline_state *s = pipeline_of(p);
    kedge_control store = kedge_i_pipeline_control(p, KEDGE_PIPELINE_STORE);
    recall_parts parts;
    const void *bytes;
    size_t n;
    if (kedge_store_artifact(&store, id, &bytes, &n) != KEDGE_OK || !recall_split(p, bytes, n, &parts))
        return 0;
    if (recall_load_parts(p, &parts))
        return 1;
    memcpy(kedge_i_at(s, s->at_challenger), kedge_i_at(s, s->at_champion),
           s->champion_bytes); /* forged: the places must hold objects */
    if (p->prep)
        memcpy(kedge_i_at(s, s->at_preps + s->prep_bytes), kedge_i_at(s, s->at_preps), s->prep_bytes);
    return 0;
}

/* How many have served before. */
static uint64_t recall_retired(const kedge_control *store)
{
    kedge_store_version v;
    uint64_t n = 0;
    for (uint32_t i = 0; kedge_store_at(store, i, &v) == KEDGE_OK; i++)
        n += v.status == KEDGE_VERSION_RETIRED;
    return n;
}

/* Earlier models have learned none of the rows since the drift; but the first of them give a regression's errors their unit, and so
 * must not judge: those of the first look's first quarter, the same at each look until they leave the window. */
static uint64_t recall_judges_from(const pipeline_state *s)
{
    uint64_t oldest = kedge_i_window_number(s, 0);
    if (s->n_classes > 0) /* their unit is 1 */
        return 0;
    return (oldest > s->judge_from ? oldest : s->judge_from) + s->recall_rows / RECALL_UNIT_SHARE;
}

/* Number behind the last labelled row that the champion was trained on; one that came back has learned none since the drift. */
static uint64_t recall_learned(const kedge_pipeline *p, const kedge_control *store)
{
    kedge_store_version v;
    return kedge_store_get(store, pipeline_of(p)->version, &v) == KEDGE_OK ? v.last_row + 1 : UINT64_MAX;
}

/* The best of these by what the rows since the drift say; 0, and an empty verdict: none surely is. */
static uint64_t recall_best(kedge_pipeline *p, kedge_i_verdict *verdict)
{
    kedge_control store = kedge_i_pipeline_control(p, KEDGE_PIPELINE_STORE);
    uint64_t best = 0, tries = recall_retired(&store);
    const uint64_t from = recall_judges_from(pipeline_of(p));
    const uint64_t learned = recall_learned(p, &store), judges_from = from > learned ? from : learned;
    const double unit = kedge_i_judge_unit(p, from);
    kedge_store_version v;
    kedge_i_verdict_begin(verdict);
    for (uint32_t i = 0; kedge_store_at(&store, i, &v) == KEDGE_OK; i++) {
        kedge_i_verdict its;
        if (v.status != KEDGE_VERSION_RETIRED || !recall_load(p, v.id) ||
            kedge_i_judge_kept(p, judges_from, tries, unit, &its) != KEDGE_OK)
            continue;
        if (best == 0 || kedge_i_verdict_wealth(&its, VERDICT_SAFE) > kedge_i_verdict_wealth(verdict, VERDICT_SAFE)) {
            *verdict = its;
            best = v.id;
        }
    }
    return best;
}

/* Who is in the challenger's place, on trial or overtaken in its rollout. */
static uint64_t recall_lender(const pipeline_state *s)
{
    return s->trial != 0 ? s->trial : s->staged;
}

/* Earlier models are looked at in the challenger's place: one that is there must be in the store as well. */
static int recall_may_lend(const kedge_pipeline *p)
{
    kedge_control store = kedge_i_pipeline_control(p, KEDGE_PIPELINE_STORE);
    const void *bytes;
    size_t n;
    uint64_t lender = recall_lender(pipeline_of(p));
    return lender == 0 || kedge_store_artifact(&store, lender, &bytes, &n) == KEDGE_OK;
}

/* Earlier models are asked some rows after a drift, and whenever a quarter more have come, until they fill the window: also after
 * another model took the champion's place, since one that was trained on the first rows knows little. */
void kedge_i_recall_step(kedge_pipeline *p)
{
    pipeline_state *s = pipeline_of(p);
    uint64_t since = s->n_labelled - s->judge_from;
    kedge_i_verdict verdict;
    if (s->recall_at == 0 || (s->staged != 0 && !kedge_i_deliver_is_overtaken(s)) || s->n_labelled < s->recall_at ||
        !recall_may_lend(p))
        return;
    s->recall_at = since < s->window_rows ? s->n_labelled + since / 4 : 0;
    uint64_t id = recall_best(p, &verdict);
    if (id == 0 || !recall_load(p, id)) {
        if (recall_lender(s) != 0)
            KEDGE_IGNORE(recall_load(p, recall_lender(s))); /* back into its place */
        return;
    }
    kedge_i_judge_drop(p);
    kedge_i_deliver_overtake(p);
    pipeline_counts_of(s)->n_recalls++;
    s->trained_to = 0; /* long before */
    kedge_i_deliver_tell(p, KEDGE_EVENT_RECALLED, id, 0, verdict.challenger / verdict.n, verdict.champion / verdict.n);
    kedge_i_versions_offer(p, id);
}
