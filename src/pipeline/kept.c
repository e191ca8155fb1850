/* SPDX-License-Identifier: MIT */
/* The kept rows: a ring of the newest labelled ones, and a uniform sample of those that have left it (Vitter 1985, "Random sampling
 * with a reservoir", ACM TOMS 11, algorithm R), which is what a new model can learn of older concepts. */
#include "base/fp.h"

#include <string.h>

#include "pipeline/pipeline_state.h"

static void kept_put(pipeline_state *s, uint32_t at_rows, uint32_t at_targets, uint32_t place, const double *x, double y)
{
    memcpy((double *)kedge_i_at(s, at_rows) + (size_t)place * s->n_features, x, s->n_features * sizeof(double));
    ((double *)kedge_i_at(s, at_targets))[place] = y;
}

static const double *kept_get(const pipeline_state *s, uint32_t at_rows, uint32_t at_targets, uint32_t place, double *y)
{
    *y = ((const double *)kedge_i_at_const(s, at_targets))[place];
    return (const double *)kedge_i_at_const(s, at_rows) + (size_t)place * s->n_features;
}

/* Of the i-th oldest row. */
static uint32_t kept_place(const pipeline_state *s, uint32_t i)
{
    uint32_t place = s->window_head + i;
    return place >= s->window_rows ? place - s->window_rows : place;
}

const double *kedge_i_window_row(const pipeline_state *s, uint32_t i, double *y)
{
    return kept_get(s, s->at_rows, s->at_targets, kept_place(s, i), y);
}

uint64_t kedge_i_window_time(const pipeline_state *s, uint32_t i)
{
    return ((const uint64_t *)kedge_i_at_const(s, s->at_row_times))[kept_place(s, i)];
}

uint32_t kedge_i_old_rows(const pipeline_state *s)
{
    uint64_t left = s->n_labelled - s->window_n;
    return left < s->reservoir_rows ? (uint32_t)left : s->reservoir_rows;
}

const double *kedge_i_old_row(const pipeline_state *s, uint32_t i, double *y)
{
    return kept_get(s, s->at_old_rows, s->at_old_targets, i, y);
}

/* The oldest row leaves the ring, as the `left`-th to do so. */
static void kept_leave(pipeline_state *s, uint64_t left)
{
    kedge_rng rng = {s->draws};
    double y;
    if (s->reservoir_rows == 0)
        return;
    uint64_t place = left <= s->reservoir_rows ? left - 1 : kedge_rng_below(&rng, left);
    s->draws = rng.state;
    if (place < s->reservoir_rows)
        kept_put(s, s->at_old_rows, s->at_old_targets, (uint32_t)place, kedge_i_window_row(s, 0, &y),
                 ((const double *)kedge_i_at_const(s, s->at_targets))[s->window_head]);
}

uint64_t kedge_i_window_number(const pipeline_state *s, uint32_t i)
{
    return s->n_labelled - s->window_n + i;
}

int kedge_i_window_holds_back(const pipeline_state *s, uint64_t number)
{
    return s->holdout_every > 0 && number % s->holdout_every == s->holdout_every - 1u;
}

void kedge_i_window_add(pipeline_state *s, const double *x, double y, uint64_t came_ns)
{
    if (s->window_n == s->window_rows) {
        kept_leave(s, s->n_labelled - s->window_n); /* the new one is counted already */
        s->window_head = s->window_head + 1 == s->window_rows ? 0 : s->window_head + 1;
        s->window_n--;
    }
    uint32_t place = kept_place(s, s->window_n);
    kept_put(s, s->at_rows, s->at_targets, place, x, y);
    ((uint64_t *)kedge_i_at(s, s->at_row_times))[place] = came_ns;
    s->window_n++;
}
