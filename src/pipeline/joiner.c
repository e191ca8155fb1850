/* SPDX-License-Identifier: MIT */
/* Predictions that wait for their label: a ring in the order in which they were made. A label leaves a hole; a full ring expires
 * its oldest. Labels usually come in about the same order or at once, so looking from the newest, or near the oldest, finds them
 * soon. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "pipeline/pipeline_state.h"

static uint32_t joiner_place(const pipeline_state *s, uint32_t i)
{
    uint32_t place = s->pending_head + i;
    return place >= s->pending_rows ? place - s->pending_rows : place;
}

static int joiner_waits_for(const pipeline_state *s, uint32_t place, uint64_t id)
{
    const uint8_t *waiting = kedge_i_at_const(s, s->at_waiting);
    const uint64_t *ids = kedge_i_at_const(s, s->at_ids);
    return waiting[place] && ids[place] == id;
}

/* From both ends at once. */
uint32_t kedge_i_joiner_find(const pipeline_state *s, uint64_t id)
{
    for (uint32_t i = 0; i < (s->pending_n + 1) / 2; i++) {
        uint32_t newest = joiner_place(s, s->pending_n - 1 - i);
        uint32_t oldest = joiner_place(s, i);
        if (joiner_waits_for(s, newest, id))
            return newest;
        if (joiner_waits_for(s, oldest, id))
            return oldest;
    }
    return UINT32_MAX;
}

/* Holes at the oldest end make room at once. */
static void joiner_drop_holes(pipeline_state *s)
{
    const uint8_t *waiting = kedge_i_at_const(s, s->at_waiting);
    while (s->pending_n > 0 && !waiting[s->pending_head]) {
        s->pending_head = joiner_place(s, 1);
        s->pending_n--;
    }
}

void kedge_i_joiner_remove(pipeline_state *s, uint32_t place)
{
    uint8_t *waiting = kedge_i_at(s, s->at_waiting);
    waiting[place] = 0;
    s->n_waiting--;
    joiner_drop_holes(s);
}

/* NaN in one of its forms, so that the bytes of a replayed log compare. */
static void joiner_keep(pipeline_state *s, uint32_t place, const double *x)
{
    double *row = (double *)kedge_i_at(s, s->at_pending) + (size_t)place * s->n_features;
    memcpy(row, x, s->n_features * sizeof *row);
    for (uint32_t i = 0; s->n_preps > 0 && i < s->n_features; i++)
        row[i] = row[i] == row[i] ? row[i] : (double)NAN;
}

void kedge_i_joiner_add(pipeline_state *s, uint64_t now_ns, uint64_t id, const double *x, const pipeline_answer *answer)
{
    uint32_t twin = kedge_i_joiner_find(s, id);
    if (twin == UINT32_MAX && s->pending_n == s->pending_rows)
        twin = s->pending_head; /* the oldest waits: holes were dropped */
    if (twin != UINT32_MAX) {
        pipeline_counts_of(s)->n_expired++;
        kedge_i_joiner_remove(s, twin);
    }
    if (s->pending_n == s->pending_rows) { /* the twin left a hole in the middle, and the ring is full */
        pipeline_counts_of(s)->n_expired++;
        kedge_i_joiner_remove(s, s->pending_head);
    }
    uint32_t place = joiner_place(s, s->pending_n++);
    ((uint64_t *)kedge_i_at(s, s->at_ids))[place] = id;
    ((uint64_t *)kedge_i_at(s, s->at_times))[place] = now_ns;
    ((double *)kedge_i_at(s, s->at_predicted))[place] = answer->predicted;
    ((double *)kedge_i_at(s, s->at_other))[place] = answer->other;
    ((uint64_t *)kedge_i_at(s, s->at_server))[place] = answer->server;
    ((uint8_t *)kedge_i_at(s, s->at_waiting))[place] = 1;
    joiner_keep(s, place, x);
    s->n_waiting++;
}

const double *kedge_i_joiner_row(const pipeline_state *s, uint32_t place)
{
    return (const double *)kedge_i_at_const(s, s->at_pending) + (size_t)place * s->n_features;
}
