/* SPDX-License-Identifier: MIT */
/* How members vote: their class shares, mixed; where there are more classes than the stack has room for, the classes that they
 * say. */
#include "base/fp.h"

#include <string.h>

#include "models/committee.h"

enum { VOTES_CLASSES = 64 };

/* Shares of few classes. 0: no member knows anything yet. */
static double votes_mix(const kedge_model_class *cls, const committee_state *s, const kedge_row *x, committee_weight weight,
                        double *scores)
{
    double own[VOTES_CLASSES];
    double total = 0.0;
    uint32_t n = s->model.n_classes;
    memset(scores, 0, n * sizeof *scores);
    for (uint32_t i = 0; i < s->n_members; i++) {
        committee_asked m;
        double w = weight(s, i);
        kedge_i_committee_ask(cls, s, i, x, &m);
        if (m.cls->score(m.cls, m.state, &m.row, own) != KEDGE_OK || w <= 0.0)
            continue;
        total += w;
        for (uint32_t c = 0; c < n; c++)
            scores[c] += w * own[c];
    }
    return total;
}

/* What each member says; of one that knows nothing, n_classes. */
static void votes_ask(const kedge_model_class *cls, const committee_state *s, const kedge_row *x, uint16_t *says)
{
    for (uint32_t i = 0; i < s->n_members; i++) {
        committee_asked m;
        double y = 0.0;
        kedge_i_committee_ask(cls, s, i, x, &m);
        says[i] = m.cls->predict(m.cls, m.state, &m.row, &y) == KEDGE_OK ? (uint16_t)y : (uint16_t)s->model.n_classes;
    }
}

static double votes_for(const committee_state *s, const uint16_t *says, uint16_t c, committee_weight weight)
{
    double sum = 0.0;
    for (uint32_t i = 0; i < s->n_members; i++)
        sum += says[i] == c ? weight(s, i) : 0.0;
    return sum;
}

static double votes_count(const kedge_model_class *cls, const committee_state *s, const kedge_row *x, committee_weight weight,
                          double *y)
{
    uint16_t says[KEDGE_MEMBERS_MAX];
    double most = 0.0;
    votes_ask(cls, s, x, says);
    for (uint32_t i = 0; i < s->n_members; i++) {
        double sum = says[i] < s->model.n_classes ? votes_for(s, says, says[i], weight) : 0.0;
        if (sum > most) {
            most = sum;
            *y = says[i];
        }
    }
    return most;
}

/* The mean of a regression's members. */
static kedge_status votes_mean(const kedge_model_class *cls, const committee_state *s, const kedge_row *x, double *y)
{
    double sum = 0.0;
    double n = 0.0;
    for (uint32_t i = 0; i < s->n_members; i++) {
        committee_asked m;
        double own = 0.0;
        kedge_i_committee_ask(cls, s, i, x, &m);
        if (m.cls->predict(m.cls, m.state, &m.row, &own) != KEDGE_OK)
            continue;
        sum += own;
        n += 1.0;
    }
    *y = n > 0.0 ? sum / (n > 0.0 ? n : 1.0) : 0.0;
    return n > 0.0 ? KEDGE_OK : KEDGE_EMPTY;
}

kedge_status kedge_i_committee_predict(const kedge_model_class *cls, const committee_state *s, const kedge_row *x,
                                       committee_weight weight, double *y)
{
    double scores[VOTES_CLASSES];
    uint32_t best = 0;
    *y = 0.0;
    if (s->model.n_classes == 0)
        return votes_mean(cls, s, x, y);
    if (s->model.n_classes > VOTES_CLASSES)
        return votes_count(cls, s, x, weight, y) > 0.0 ? KEDGE_OK : KEDGE_EMPTY;
    double total = votes_mix(cls, s, x, weight, scores);
    for (uint32_t c = 1; c < s->model.n_classes; c++)
        if (scores[c] > scores[best])
            best = c;
    *y = best;
    return total > 0.0 ? KEDGE_OK : KEDGE_EMPTY;
}

kedge_status kedge_i_committee_score(const kedge_model_class *cls, const committee_state *s, const kedge_row *x,
                                     committee_weight weight, double *scores)
{
    uint32_t n = s->model.n_classes;
    if (n == 0)
        return votes_mean(cls, s, x, scores);
    double total = 0.0;
    if (n <= VOTES_CLASSES) {
        total = votes_mix(cls, s, x, weight, scores);
    } else {
        uint16_t says[KEDGE_MEMBERS_MAX];
        votes_ask(cls, s, x, says);
        memset(scores, 0, n * sizeof *scores);
        for (uint32_t i = 0; i < s->n_members; i++)
            if (says[i] < n)
                scores[says[i]] += weight(s, i);
        for (uint32_t c = 0; c < n; c++)
            total += scores[c];
    }
    for (uint32_t c = 0; c < n; c++)
        scores[c] = total > 0.0 ? scores[c] / total : 1.0 / n;
    return total > 0.0 ? KEDGE_OK : KEDGE_EMPTY;
}
