/* SPDX-License-Identifier: MIT */
/* Multinomial and Bernoulli naive Bayes, frozen: for each class a base and what each feature adds to it. */
#include "base/fp.h"

#include <math.h>

#include "models/discrete_nb.h"

#include "base/check.h"
#include "models/freeze.h"
#include "models/frozen_bayes.h"

/* What one of each feature adds to the class's joint, as discrete_nb_log_counts(). Returns the base. */
static double multinomial_nb_freeze_class(const discrete_nb_state *s, uint32_t c, double *to)
{
    const double *own = discrete_nb_class_of(s, c);
    double total = ((const double *)kedge_i_at_const(s, s->at_totals))[c] + s->alpha * s->model.n_features;
    for (uint32_t i = 0; i < s->model.n_features; i++)
        to[i] = log((own[i] + s->alpha) / total);
    return log(discrete_nb_prior(s, c));
}

static double complement_nb_freeze_class(const discrete_nb_state *s, uint32_t c, double *to)
{
    const double *own = discrete_nb_class_of(s, c);
    const double *all = kedge_i_at_const(s, s->at_all);
    double total = s->alpha * s->model.n_features;
    for (uint32_t i = 0; i < s->model.n_features; i++)
        total += all[i] > own[i] ? all[i] - own[i] : 0.0;
    for (uint32_t i = 0; i < s->model.n_features; i++)
        to[i] = -log(((all[i] > own[i] ? all[i] - own[i] : 0.0) + s->alpha) / total);
    return 0.0;
}

/* The base is that of a row of no; a yes adds what it is more likely. */
static double bernoulli_nb_freeze_class(const discrete_nb_state *s, uint32_t c, double *to)
{
    const double *own = discrete_nb_class_of(s, c);
    double weight = discrete_nb_weights_of(s)[c];
    double total = weight + 2.0 * s->alpha;
    double base = log(discrete_nb_prior(s, c));
    for (uint32_t i = 0; i < s->model.n_features; i++) {
        double no = log((weight - own[i] + s->alpha) / total);
        to[i] = log((own[i] + s->alpha) / total) - no;
        base += no;
    }
    return base;
}

static double discrete_nb_freeze_class(const discrete_nb_state *s, uint32_t c, double *to)
{
    if (discrete_nb_weights_of(s)[c] == 0.0)
        return FROZEN_ABSENT;
    if (!discrete_nb_is_multinomial(s))
        return bernoulli_nb_freeze_class(s, c, to);
    return s->complement ? complement_nb_freeze_class(s, c, to) : multinomial_nb_freeze_class(s, c, to);
}

kedge_status kedge_i_discrete_nb_freeze(const kedge_model_class *cls, const void *state, void *buf, size_t cap, size_t *len)
{
    const discrete_nb_state *s = state;
    uint32_t n_classes = s->model.n_classes;
    freeze_plan plan = {KEDGE_FROZEN_TABLE, 0, 0, 0, 0, 0, 0};
    freeze_block b;
    plan.n_doubles = 1u + (uint64_t)n_classes + s->n_counts;
    KEDGE_TRY(kedge_i_freeze_begin(cls, state, &plan, buf, cap, len, &b));
    b.head->params[0] = discrete_nb_is_multinomial(s) ? FROZEN_COUNTS : FROZEN_YES_NO;
    b.doubles[0] = s->threshold;
    for (uint32_t c = 0; c < n_classes; c++)
        b.doubles[1 + c] = discrete_nb_freeze_class(s, c, b.doubles + 1 + n_classes + (size_t)c * s->model.n_features);
    return kedge_i_freeze_end(&b);
}
