/* SPDX-License-Identifier: MIT */
/* Freezing models over members: a mixture of those that know something, by the weights that they have now, as votes.c mixes them.
 */
#include "base/fp.h"

#include "models/freeze_committee.h"

#include "models/freeze.h"

/* The i-th member. Returns what it counts beside the others: 0 if it knows nothing. */
static double freeze_ask(const kedge_model_class *cls, const committee_state *s, uint32_t i, committee_weight weight,
                         committee_asked *out)
{
    static const double zero = 0.0;
    const kedge_row row = {&zero, 0, KEDGE_FLOAT64, 0, NULL};
    kedge_i_committee_ask(cls, s, i, &row, out);
    if (((const kedge_model_state *)out->state)->n_learned == 0)
        return 0.0;
    double own = s->model.n_classes > 0 ? weight(s, i) : 1.0; /* a regression: the mean */
    return own > 0.0 ? own : 0.0;
}

static double freeze_total(const kedge_model_class *cls, const committee_state *s, committee_weight weight)
{
    double sum = 0.0;
    for (uint32_t i = 0; i < s->n_members; i++) {
        committee_asked m;
        sum += freeze_ask(cls, s, i, weight, &m);
    }
    return sum;
}

typedef struct freeze_votes {
    freeze_mixture mix; /* first, see freeze_voter() */
    committee_weight weight;
} freeze_votes;

static void freeze_voter(const freeze_mixture *mix, const kedge_model_class *cls, const void *state, uint32_t i, freeze_member *out)
{
    committee_weight weight = ((const freeze_votes *)(const void *)mix)->weight;
    const committee_state *s = state;
    committee_asked m;
    double own = freeze_ask(cls, s, i, weight, &m);
    out->cls = m.cls;
    out->state = m.state;
    out->features = s->n_index > 0 ? m.view.index : NULL;
    out->weight = own / freeze_total(cls, s, weight); /* above 0: see below */
}

kedge_status kedge_i_freeze_committee(const kedge_model_class *cls, const committee_state *s, committee_weight weight, void *buf,
                                      size_t cap, size_t *len)
{
    const freeze_votes votes = {{s->n_members, s->member_features, 1, freeze_voter}, weight};
    if (!(freeze_total(cls, s, weight) > 0.0)) /* nobody has anything to say */
        return kedge_i_freeze_constant(cls, s, buf, cap, len);
    return kedge_i_freeze_mixture(cls, s, &votes.mix, buf, cap, len);
}
