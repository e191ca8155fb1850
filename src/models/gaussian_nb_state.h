/* SPDX-License-Identifier: MIT */
/* Gaussian naive Bayes: the state, and how the values of a row count. */
#ifndef KEDGE_MODELS_GAUSSIAN_NB_STATE_H
#define KEDGE_MODELS_GAUSSIAN_NB_STATE_H

#include "kedge/model.h"

#include "base/arena.h"
#include "base/lanes.h"
#include "models/row.h"

#define GAUSSIAN_NB_INPUT_MAX 1e140
#define GAUSSIAN_NB_WEIGHT_MAX 1e25    /* of all rows together */
#define GAUSSIAN_NB_FADED 1e-100       /* a class of less weight counts as never seen */

/* Features at a time: copies of their values, or where they lie; and 2^465 is less than the greatest input. */
enum { GAUSSIAN_NB_COPIES = 64, GAUSSIAN_NB_PLAIN = 1000, GAUSSIAN_NB_INPUT_POWER = 465 };

/* Moments of n features, of the rows of one class or of all: mean[n], then m2[n], the weighted sums of squared deviations, >= 0. */
typedef struct gaussian_nb_state {
    kedge_model_state model;
    double smoothing;
    double fading;
    double weight;        /* of all rows */
    uint32_t n_moments;   /* layout: doubles in the moments of all classes */
    uint32_t n_all;       /* layout: doubles in the moments of all rows */
    uint32_t at_weights;  /* layout: double[n_classes], weight of each class's rows, sum `weight` */
    uint32_t at_all;      /* layout: moments of all rows */
    uint32_t at_moments;  /* layout: moments of each class */
    uint32_t reserved;
} gaussian_nb_state;

static inline const double *gaussian_nb_weights(const gaussian_nb_state *s)
{
    return kedge_i_at_const(s, s->at_weights);
}

static inline const double *gaussian_nb_class(const gaussian_nb_state *s, uint32_t c)
{
    return (const double *)kedge_i_at_const(s, s->at_moments) + (size_t)c * s->n_all;
}

static inline double *gaussian_nb_class_of(gaussian_nb_state *s, uint32_t c)
{
    return (double *)kedge_i_at(s, s->at_moments) + (size_t)c * s->n_all;
}

static inline double gaussian_nb_clip(double value)
{
    value = value < GAUSSIAN_NB_INPUT_MAX ? value : GAUSSIAN_NB_INPUT_MAX;
    return value > -GAUSSIAN_NB_INPUT_MAX ? value : -GAUSSIAN_NB_INPUT_MAX;
}

static inline double gaussian_nb_input(const kedge_row *x, uint32_t i)
{
    return gaussian_nb_clip(kedge_i_row_at(x, i));
}

/* Values of a row as they count, some at a time: where they lie, or copies. */
typedef struct gaussian_nb_values {
    const double *at;
    uint32_t first; /* feature of at[0] */
    uint32_t n;     /* 0: nothing was read yet */
    double copies[GAUSSIAN_NB_COPIES];
} gaussian_nb_values;

static inline void gaussian_nb_copy(gaussian_nb_values *v, const kedge_row *x, uint32_t first, uint32_t left)
{
    v->first = first;
    v->n = left < GAUSSIAN_NB_COPIES ? left : GAUSSIAN_NB_COPIES;
    for (uint32_t i = 0; i < v->n; i++)
        v->copies[i] = gaussian_nb_input(x, first + i);
    v->at = v->copies;
}

/* The values from `first` on; what the last call read is not read again. */
static inline void gaussian_nb_read(gaussian_nb_values *v, const kedge_row *x, uint32_t first, uint32_t n_features)
{
    if (v->n > 0 && v->first == first)
        return;
    const double *plain = kedge_i_row_plain(x);
    uint32_t left = n_features - first;
    uint32_t n = left < GAUSSIAN_NB_PLAIN ? left : GAUSSIAN_NB_PLAIN;
    if (!plain || !kedge_i_all_below(plain + first, n, GAUSSIAN_NB_INPUT_POWER)) {
        gaussian_nb_copy(v, x, first, left);
        return;
    }
    v->at = plain + first;
    v->first = first;
    v->n = n;
}

/* Chan, Golub, LeVeque 1979, equations 2.1; weight_a + weight_b > 0. */
static inline void gaussian_nb_join(double *a, const double *b, uint32_t n, double weight_a, double weight_b)
{
    double share = weight_b / (weight_a + weight_b);
    for (uint32_t i = 0; i < n; i++) {
        double off = b[i] - a[i];
        a[i] += share * off;
        a[n + i] += b[n + i] + off * off * (weight_a * share);
    }
}

size_t kedge_i_gaussian_nb_work(const void *fixed, size_t n_rows);
kedge_status kedge_i_gaussian_nb_fit(const kedge_model_class *cls, void *state, const kedge_rows *x, const double *y, const double *weight, void *work);
kedge_status kedge_i_gaussian_nb_predict(const kedge_model_class *cls, const void *state, const kedge_row *x, double *y);
kedge_status kedge_i_gaussian_nb_score(const kedge_model_class *cls, const void *state, const kedge_row *x, double *scores);
kedge_status kedge_i_gaussian_nb_freeze(const kedge_model_class *cls, const void *state, void *buf, size_t cap, size_t *len);

#endif
