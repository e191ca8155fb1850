/* SPDX-License-Identifier: MIT */
/* What trainings use and cost. The library reads no clock, so the host tells after each call what it has used; a training in slices
 * adds up over several, and its version's record gets the sum when it has ended. Prices and formula are those of kedge_cost. */
#include "base/fp.h"

#include "base/check.h"
#include "base/number.h"
#include "pipeline/pipeline_state.h"

void kedge_i_spend_begin(pipeline_state *s)
{
    pipeline_counts *counts = pipeline_counts_of(s);
    counts->spend = PIPELINE_SPEND_NOTHING;
    counts->spend_version = 0;
    if (s->train_to == 0) /* else what its slices have used so far */
        counts->spent_ns = counts->spent_moved = 0;
}

void kedge_i_spend_part(pipeline_state *s)
{
    pipeline_counts_of(s)->spend = PIPELINE_SPEND_PART;
}

void kedge_i_spend_end(pipeline_state *s, uint64_t version)
{
    pipeline_counts_of(s)->spend = PIPELINE_SPEND_END;
    pipeline_counts_of(s)->spend_version = version;
}

/* What a whole training has used goes into the record of its version. */
static void spend_note(const kedge_pipeline *p, const kedge_metric *cost, uint64_t compute_ns, uint64_t bytes_moved)
{
    uint64_t version = pipeline_counts_of(pipeline_of(p))->spend_version;
    kedge_control store = kedge_i_pipeline_control(p, KEDGE_PIPELINE_STORE);
    kedge_cost_part part = {.price = 0.0};
    if (cost->state)
        KEDGE_IGNORE(kedge_cost_price(cost, compute_ns, bytes_moved, &part));
    if (store.state && version != 0)
        KEDGE_IGNORE(kedge_store_set_cost(&store, version, compute_ns, part.price));
}

kedge_status kedge_pipeline_spent(kedge_pipeline *p, uint64_t compute_ns, uint64_t bytes_moved)
{
    if (!pipeline_is_bound(p))
        return KEDGE_ERR_NULL;
    const pipeline_state *s = pipeline_of(p);
    pipeline_counts *counts = pipeline_counts_of(s);
    kedge_metric cost = pipeline_cost_of(p);
    int has_ended = counts->spend == PIPELINE_SPEND_END, by_hand = has_ended && s->train_to != 0; /* slices go on beside it */
    if (counts->spend == PIPELINE_SPEND_NOTHING)
        return KEDGE_EMPTY;
    if (compute_ns > KEDGE_I_COUNT_MAX - counts->spent_ns || bytes_moved > KEDGE_I_COUNT_MAX - counts->spent_moved)
        return KEDGE_ERR_RANGE;
    if (cost.state)
        KEDGE_TRY(kedge_cost_add(&cost, KEDGE_COST_TRAIN, (uint64_t)has_ended, compute_ns, bytes_moved));
    uint64_t before_ns = by_hand ? 0 : counts->spent_ns, before_moved = by_hand ? 0 : counts->spent_moved;
    if (has_ended)
        spend_note(p, &cost, before_ns + compute_ns, before_moved + bytes_moved);
    if (!by_hand) {
        counts->spent_ns += compute_ns; /* the next training begins with nothing */
        counts->spent_moved += bytes_moved;
    }
    counts->spend = PIPELINE_SPEND_NOTHING;
    return KEDGE_OK;
}

kedge_status kedge_pipeline_cost(const kedge_pipeline *p, kedge_metric *out)
{
    if (!pipeline_is_bound(p) || !out)
        return KEDGE_ERR_NULL;
    kedge_metric cost = pipeline_cost_of(p);
    if (!cost.state)
        return KEDGE_ERR_UNSUPPORTED;
    *out = cost;
    return KEDGE_OK;
}
