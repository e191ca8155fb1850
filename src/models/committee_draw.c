/* SPDX-License-Identifier: MIT */
/* Which features the members of a committee look at. */
#include "base/fp.h"

#include "models/committee.h"

enum { COMMITTEE_FEW = 64 }; /* features that are shared out evenly */

/* As many features as a member looks at, each draw alike probable: Knuth, The Art of Computer Programming 2, algorithm 3.4.2 S. */
static void committee_draw_any(committee_state *s, uint32_t *index)
{
    uint32_t taken = 0;
    for (uint32_t j = 0; taken < s->member_features; j++)
        if (kedge_rng_below(&s->rng, s->model.n_features - j) < s->member_features - taken)
            index[taken++] = j;
}

/* Of the features that are not taken yet, one of those with the fewest users, each of them alike probable. */
static uint32_t committee_draw_rarest(committee_state *s, const uint32_t *users, const uint8_t *taken)
{
    uint32_t best = 0, n_best = 0;
    for (uint32_t j = 0; j < s->model.n_features; j++) {
        if (taken[j] || (n_best > 0 && users[j] > users[best]))
            continue;
        n_best = n_best > 0 && users[j] == users[best] ? n_best + 1 : 1;
        if (kedge_rng_below(&s->rng, n_best) == 0)
            best = j;
    }
    return best;
}

/* Of few features, those at which the fewest of the models 0 .. n_drawn - 1 look: chance alone would leave some pairs of features
 * to a member or two. */
static void committee_draw_evenly(committee_state *s, uint32_t k, uint32_t n_drawn)
{
    uint32_t *all = kedge_i_at(s, s->at_index);
    uint32_t users[COMMITTEE_FEW] = {0};
    uint8_t taken[COMMITTEE_FEW] = {0};
    for (uint32_t i = 0; i < n_drawn; i++)
        for (uint32_t j = 0; j < s->member_features && i != k; j++)
            users[all[(size_t)i * s->member_features + j]]++;
    for (uint32_t j = 0; j < s->member_features; j++)
        taken[committee_draw_rarest(s, users, taken)] = 1;
    uint32_t *index = all + (size_t)k * s->member_features;
    for (uint32_t j = 0; j < s->model.n_features; j++)
        if (taken[j])
            *index++ = j;
}

void kedge_i_committee_draw(committee_state *s, uint32_t k, uint32_t n_drawn)
{
    if (s->n_index == 0)
        return;
    if (s->model.n_features <= COMMITTEE_FEW)
        committee_draw_evenly(s, k, n_drawn);
    else
        committee_draw_any(s, (uint32_t *)kedge_i_at(s, s->at_index) + (size_t)k * s->member_features);
}
