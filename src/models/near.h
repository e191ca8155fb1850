/* SPDX-License-Identifier: MIT */
/* A table of held rows and the nearest of them, for the classes that predict by neighbours. Slots 0 .. n_held - 1 hold rows.
 * Values stand in blocks of NEAR_LANES rows, feature by feature, as doubles: the distances of a block are summed side by side in
 * vector registers, whatever the number of features. */
#ifndef KEDGE_MODELS_NEAR_H
#define KEDGE_MODELS_NEAR_H

#include <string.h>

#include "kedge/models/knn.h"

#include "base/arena.h"
#include "models/row.h"

#define NEAR_INPUT_MAX 1e140 /* magnitudes above count as that: squares, summed over all features, stay finite */

enum { NEAR_LANES = 8, NEAR_CHUNK = 32 };

/* First member of the state of a class that holds rows. */
typedef struct near_state {
    kedge_model_state model;
    uint32_t k;
    uint32_t window;
    uint32_t distance;
    uint32_t weights;
    uint32_t scale;
    uint32_t n_held;     /* rows that are held, <= window */
    uint32_t n_stale;    /* rows taken out since the moments were last computed anew, < window */
    uint32_t n_moments;  /* layout: NEAR_MOMENTS * n_features */
    uint32_t n_slots;    /* layout: window and spare ones, each filled up to whole blocks */
    uint32_t n_values;   /* layout: of all slots */
    uint32_t at_values;  /* layout: double[n_values]; NaN: missing; free slots are 0, as in the two arrays that follow */
    uint32_t at_targets; /* layout: double[n_slots], class or target */
    uint32_t at_weights; /* layout: double[n_slots], > 0 where a row is held */
    uint32_t at_moments; /* layout: double[n_moments]: mean, m2, peak, inverse of each feature */
    uint32_t at_counts;  /* layout: uint32_t[n_features], rows held in which the feature is not missing */
    uint32_t reserved;
} near_state;

/* Of one feature over the rows held. */
typedef struct near_moments {
    double mean;    /* in ranges: the least value */
    double m2;      /* sum of squared deviations, >= 0; in ranges: greatest minus least */
    double peak;    /* greatest m2 since the moments were last computed anew: the more m2 has lost, the more rounding weighs; in
                     * ranges: the greatest value */
    double inverse; /* 1 / deviation or range, what differences are multiplied with; 0: constant up to rounding; 1: raw */
} near_moments;

enum { NEAR_MOMENTS = sizeof(near_moments) / sizeof(double) };

/* The nearest so far, ascending; of equally near ones those found first. */
typedef struct near_list {
    double far; /* distance that a further one must be below */
    uint32_t k;
    uint32_t n;
    double distance[KEDGE_KNN_K_MAX]; /* Euclidean: squared */
    uint32_t slot[KEDGE_KNN_K_MAX];
} near_list;

/* What a row's features count as: a part of them at a time. */
typedef struct near_query {
    const kedge_row *row;
    uint32_t first;   /* feature at values[0]; UINT32_MAX: none yet */
    uint32_t missing; /* 1: features are missing in it or in rows that are held */
    double values[NEAR_CHUNK];
} near_query;

/* Snapshot lines; parameters stand first. */
#define NEAR_PARAMS(state)                                                                         \
    KEDGE_PARAM(state, near.model.n_features, KEDGE_TYPE_U32), KEDGE_PARAM(state, near.model.n_classes, KEDGE_TYPE_U32), \
        KEDGE_PARAM(state, near.k, KEDGE_TYPE_U32), KEDGE_PARAM(state, near.window, KEDGE_TYPE_U32), \
        KEDGE_PARAM(state, near.distance, KEDGE_TYPE_U32), KEDGE_PARAM(state, near.weights, KEDGE_TYPE_U32), \
        KEDGE_PARAM(state, near.scale, KEDGE_TYPE_U32)
#define NEAR_VALUES(state)                                                                         \
    KEDGE_VALUE(state, near.model.n_learned, KEDGE_TYPE_COUNT), KEDGE_VALUE(state, near.n_held, KEDGE_TYPE_U32), \
        KEDGE_VALUE(state, near.n_stale, KEDGE_TYPE_U32)
#define NEAR_ARRAYS(state)                                                                         \
    KEDGE_ARRAY(state, near.at_values, near.n_values, KEDGE_TYPE_F64), \
        KEDGE_ARRAY(state, near.at_targets, near.n_slots, KEDGE_TYPE_F64), \
        KEDGE_ARRAY(state, near.at_weights, near.n_slots, KEDGE_TYPE_F64), \
        KEDGE_ARRAY(state, near.at_moments, near.n_moments, KEDGE_TYPE_F64), \
        KEDGE_ARRAY(state, near.at_counts, near.model.n_features, KEDGE_TYPE_U32)

static inline size_t near_at(const near_state *s, uint32_t slot, uint32_t feature)
{
    return ((size_t)(slot / NEAR_LANES) * s->model.n_features + feature) * NEAR_LANES + slot % NEAR_LANES;
}

static inline const double *near_values(const near_state *s)
{
    return kedge_i_at_const(s, s->at_values);
}

static inline const double *near_targets(const near_state *s)
{
    return kedge_i_at_const(s, s->at_targets);
}

static inline const double *near_weights(const near_state *s)
{
    return kedge_i_at_const(s, s->at_weights);
}

static inline const near_moments *near_moments_in(const near_state *s)
{
    return kedge_i_at_const(s, s->at_moments);
}

static inline const uint32_t *near_counts(const near_state *s)
{
    return kedge_i_at_const(s, s->at_counts);
}

/* A feature within NEAR_INPUT_MAX; NaN becomes the one NaN that snapshots hold. By its bits, since comparing NaN by order raises
 * a flag, and compilers compute both sides of a choice. */
static inline double near_input(const kedge_row *x, uint32_t i)
{
    const uint64_t sign = (uint64_t)1 << 63, limit = 0x5d00cb70d24b7379u;
    const uint64_t infinite = 0x7ff0000000000000u, missing = 0x7ff8000000000000u;
    double value = kedge_i_row_at(x, i);
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint64_t size = bits & ~sign;
    if (size > limit) {
        bits = size > infinite ? missing : (bits & sign) | limit;
        memcpy(&value, &bits, sizeof value);
    }
    return value;
}

static inline int near_is_missing(double x)
{
    return x != x;
}

/* Of the first spare slot. */
static inline uint32_t near_spare(const near_state *s)
{
    return (s->window + (NEAR_LANES - 1u)) / NEAR_LANES * NEAR_LANES;
}

/* A held row as a row. */
static inline kedge_row near_row(const near_state *s, uint32_t slot)
{
    kedge_row row = {near_values(s) + near_at(s, slot, 0), NEAR_LANES, KEDGE_FLOAT64, 0, NULL};
    return row;
}

/* Parameters, layout, invariants. */
int kedge_i_near_valid(const near_state *s);
void kedge_i_near_layout(near_state *s, kedge_i_arena *arena, uint32_t n_spare);
void kedge_i_near_start(near_state *s);
int kedge_i_near_check(const near_state *s);

/* Rows in and out. The moments follow with `add` and `drop`; `put`, `move`, `swap` and `clear` leave them. Settling as many drops
 * as the window has rows counts and computes all anew. */
void kedge_i_near_put(near_state *s, uint32_t slot, const kedge_row *x, double y, double weight);
void kedge_i_near_move(near_state *s, uint32_t from, uint32_t to);
void kedge_i_near_swap(near_state *s, uint32_t a, uint32_t b);
void kedge_i_near_clear(near_state *s, uint32_t slot);
void kedge_i_near_add(near_state *s, uint32_t slot);  /* a row that was put */
void kedge_i_near_drop(near_state *s, uint32_t slot); /* a row that is to go */
void kedge_i_near_settle(near_state *s, uint32_t n_dropped); /* after drops and adds, all rows held in place */
int kedge_i_near_holds(const near_state *s, uint32_t slot, const kedge_row *x, double y);

/* The k nearest of slots from .. to - 1, later slots first among equals, on top of what the list has. */
void kedge_i_near_begin(near_list *list, uint32_t k);
void kedge_i_near_ask(const near_state *s, near_query *query, const kedge_row *x);
void kedge_i_near_scan(const near_state *s, near_query *query, uint32_t from, uint32_t to, near_list *list);

void kedge_i_near_merge(near_list *list, const near_list *more);

/* Distances to slots from .. to - 1, where they are less than what stands there. */
void kedge_i_near_lower(const near_state *s, near_query *query, uint32_t from, uint32_t to, double *distances);

/* What the neighbours say; a list that is not empty. */
double kedge_i_near_class(const near_state *s, const near_list *list);
void kedge_i_near_scores(const near_state *s, const near_list *list, double *scores);
double kedge_i_near_value(const near_state *s, const near_list *list);

#endif
