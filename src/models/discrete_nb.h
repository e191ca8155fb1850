/* SPDX-License-Identifier: MIT */
/* The state that multinomial and Bernoulli naive Bayes share, for what learns and serves it and for what freezes it. */
#ifndef KEDGE_MODELS_DISCRETE_NB_H
#define KEDGE_MODELS_DISCRETE_NB_H

#include "kedge/models/bayes.h"

#include "base/arena.h"
#include "models/row.h"

#define DISCRETE_NB_SHARE_MIN 1e-200 /* least factor that a logarithm is put off for, and least share of a class */

typedef struct discrete_nb_state {
    kedge_model_state model;
    double alpha;
    double fading;
    double threshold;    /* Bernoulli */
    double weight;       /* of all rows */
    uint32_t complement; /* multinomial */
    uint32_t n_counts;   /* layout: features times classes */
    uint32_t at_weights; /* layout: double[n_classes], weight of each class's rows, sum `weight` */
    uint32_t at_counts;  /* layout: double[class][feature], weighted sums */
    uint32_t at_totals;  /* layout: double[n_classes], multinomial: sum of each class's counts */
    uint32_t at_all;     /* layout: double[n_features], multinomial: sums over classes */
} discrete_nb_state;

static inline int discrete_nb_is_multinomial(const discrete_nb_state *s)
{
    return s->at_totals != 0;
}

static inline const double *discrete_nb_weights_of(const discrete_nb_state *s)
{
    return kedge_i_at_const(s, s->at_weights);
}

static inline const double *discrete_nb_class_of(const discrete_nb_state *s, uint32_t c)
{
    return (const double *)kedge_i_at_const(s, s->at_counts) + (size_t)c * s->model.n_features;
}

/* A class's share of all rows; above 0 where it has rows, however little they weigh. */
static inline double discrete_nb_prior(const discrete_nb_state *s, uint32_t c)
{
    double share = discrete_nb_weights_of(s)[c] / s->weight;
    return share > DISCRETE_NB_SHARE_MIN ? share : DISCRETE_NB_SHARE_MIN;
}

kedge_status kedge_i_discrete_nb_freeze(const kedge_model_class *cls, const void *state, void *buf, size_t cap, size_t *len);

/* What a feature adds to its sum, at weight 1. */
static inline double discrete_nb_input(const discrete_nb_state *s, const kedge_row *x, uint32_t i)
{
    double value = kedge_i_row_at(x, i);
    if (!discrete_nb_is_multinomial(s))
        return value > s->threshold ? 1.0 : 0.0;
    value = value < KEDGE_COUNT_MAX ? value : KEDGE_COUNT_MAX;
    return value > 0.0 ? value : 0.0;
}

kedge_status kedge_i_discrete_nb_predict(const kedge_model_class *cls, const void *state, const kedge_row *x, double *y);
kedge_status kedge_i_discrete_nb_score(const kedge_model_class *cls, const void *state, const kedge_row *x, double *scores);

#endif
