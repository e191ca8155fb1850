/* SPDX-License-Identifier: MIT */
/* Gaussian naive Bayes: the state, and how the values of a row count. */
#ifndef KEDGE_MODELS_GAUSSIAN_NB_STATE_H
#define KEDGE_MODELS_GAUSSIAN_NB_STATE_H

#include <float.h>

#include "kedge/model.h"

#include "base/arena.h"
#include "base/lanes.h"
#include "models/row.h"

#define GAUSSIAN_NB_INPUT_MAX 1e140
#define GAUSSIAN_NB_WEIGHT_MAX 1e25    /* of all rows together */
#define GAUSSIAN_NB_NEAR (1.01 * 2305843009213693952.0) /* no mean of near rows, below 2^61 each, is greater */
#define GAUSSIAN_NB_FADED 1e-100       /* a class of less weight counts as never seen */

/* Features at a time: copies of their values, or where they lie; and 2^465 is less than the greatest input. */
enum { GAUSSIAN_NB_COPIES = 64, GAUSSIAN_NB_PLAIN = 1000, GAUSSIAN_NB_INPUT_POWER = 465 };

#if defined(__GNUC__)
#define GAUSSIAN_NB_APART __attribute__((noinline)) /* so that the usual way needs no stack for copies of values */
#else
#define GAUSSIAN_NB_APART
#endif

/* Moments of n features, of the rows of one class or of all: mean[n], then m2[n], the weighted sums of squared deviations, >= 0. */
typedef struct gaussian_nb_state {
    kedge_model_state model;
    double smoothing;
    double fading;
    double weight;        /* of all rows */
    double floor_variance; /* gaussian_nb_floor() of the rest, kept since each prediction needs it */
    uint32_t n_moments;   /* layout: doubles in the moments of all classes */
    uint32_t n_all;       /* layout: doubles in the moments of all rows */
    uint32_t at_weights;  /* layout: double[n_classes], weight of each class's rows, sum `weight` */
    uint32_t at_all;      /* layout: moments of all rows */
    uint32_t at_moments;  /* layout: moments of each class */
    uint32_t is_far;      /* 0: all moments are within GAUSSIAN_NB_NEAR; 1: perhaps not */
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

/* The share of the greatest variance that is added to all, from the greatest of m2; there is weight. */
static inline double gaussian_nb_floor_of(const gaussian_nb_state *s, double greatest)
{
    double divisor = s->weight > GAUSSIAN_NB_FADED ? s->weight : 1.0; /* that cannot overflow; by it before the greatest is known */
    double floor_variance =
        s->weight > GAUSSIAN_NB_FADED ? greatest * (s->smoothing / divisor) : s->smoothing * (greatest / s->weight);
    return floor_variance > DBL_MIN ? floor_variance : DBL_MIN;
}

static inline double gaussian_nb_floor(const gaussian_nb_state *s)
{
    const double *m2 = (const double *)kedge_i_at_const(s, s->at_all) + s->model.n_features;
    double greatest = 0.0;
    for (uint32_t i = 0; i < s->model.n_features; i++)
        greatest = m2[i] > greatest ? m2[i] : greatest;
    return s->weight > 0.0 ? gaussian_nb_floor_of(s, greatest) : 0.0;
}

/* Are n means of rows of this weight within a bound, and the squares such as rows within it have? A step of learning adds at most
 * weight * (2 * farthest)^2. */
static inline int gaussian_nb_are_within(const double *m, uint32_t n, double weight, double farthest)
{
    double reach = 4.0 * farthest * farthest * weight;
    int all = 1;
    farthest = weight > 0.0 ? farthest : 0.0;
    for (uint32_t i = 0; i < n; i++)
        all &= m[i] >= -farthest && m[i] <= farthest && m[n + i] >= 0.0 && m[n + i] <= reach;
    return all;
}

/* All moments, of every class and of all rows. */
static inline int gaussian_nb_all_within(const gaussian_nb_state *s, double farthest)
{
    const double *weights = gaussian_nb_weights(s);
    int all = gaussian_nb_are_within(kedge_i_at_const(s, s->at_all), s->model.n_features, s->weight, farthest);
    for (uint32_t c = 0; c < s->model.n_classes; c++)
        all &= gaussian_nb_are_within(gaussian_nb_class(s, c), s->model.n_features, weights[c], farthest);
    return all;
}

/* After moments have changed in another way than by a row: what is known of them. */
static inline void gaussian_nb_settle(gaussian_nb_state *s)
{
    s->is_far = !gaussian_nb_all_within(s, GAUSSIAN_NB_NEAR);
    s->floor_variance = gaussian_nb_floor(s);
}

size_t kedge_i_gaussian_nb_work(const void *fixed, size_t n_rows);
kedge_status kedge_i_gaussian_nb_fit(const kedge_model_class *cls, void *state, const kedge_rows *x, const double *y,
                                     const double *weight, void *work);
kedge_status kedge_i_gaussian_nb_predict(const kedge_model_class *cls, const void *state, const kedge_row *x, double *y);
kedge_status kedge_i_gaussian_nb_score(const kedge_model_class *cls, const void *state, const kedge_row *x, double *scores);
kedge_status kedge_i_gaussian_nb_freeze(const kedge_model_class *cls, const void *state, void *buf, size_t cap, size_t *len);

#endif
