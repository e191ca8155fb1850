/* SPDX-License-Identifier: MIT */
/* What the leaf of a regression tree, or a rule, says: the mean of its targets, a linear function of the features, or the one of
 * both that errs less.
 *
 * The linear function is learned by normalised least mean squares (Nagumo, Noda 1967; Widrow, Hoff 1960; the papers on model trees
 * and rules use plain gradient steps on inputs that were scaled before) in units of the features' running standard deviations, from
 * HEAD_FAR of which a number counts as that. A step repairs a part of the error whatever the scales are, so it never diverges;
 * slopes and answers are bounded by the range of the targets seen. When mean or deviation of a feature move, intercept and slope
 * move with them, so that the function stays the same. */
#ifndef KEDGE_MODELS_REGRESS_HEAD_H
#define KEDGE_MODELS_REGRESS_HEAD_H

#include "kedge/models/fimt_dd.h"

#include "models/tree_state.h"

/* What all heads know; then INPUT_WORDS for each feature. HEAD_MEAN_ERROR, HEAD_LINEAR_ERROR: squared, faded. HEAD_STEPS: of the
 * linear function. */
enum {
    HEAD_WEIGHT,
    HEAD_MEAN,
    HEAD_M2,
    HEAD_LOW,
    HEAD_HIGH,
    HEAD_MEAN_ERROR,
    HEAD_LINEAR_ERROR,
    HEAD_STEPS,
    HEAD_BIAS,
    HEAD_INPUTS
};
/* Moments of the feature, one over its standard deviation (0: a constant), and what a deviation more adds to the target. */
enum { INPUT_WEIGHT, INPUT_MEAN, INPUT_M2, INPUT_UNIT, INPUT_SLOPE, INPUT_WORDS };

#define HEAD_FAR 6.0
#define HEAD_WIDEN 0.1 /* share of the range of targets by which answers may leave it */

static inline uint64_t head_words(uint32_t n_features)
{
    return HEAD_INPUTS + (uint64_t)INPUT_WORDS * n_features;
}

/* Does it say what its linear function says? */
static inline int head_is_linear(const tree_state *t, const double *head)
{
    return t->leaf == KEDGE_HEAD_LINEAR || (t->leaf == KEDGE_HEAD_ADAPTIVE && head[HEAD_LINEAR_ERROR] < head[HEAD_MEAN_ERROR]);
}

/* Weight, mean and sum of squared deviations of targets. */
typedef struct head_moments {
    double weight, mean, m2;
} head_moments;

static inline head_moments head_moments_of(const double *m)
{
    head_moments out = {m[0], m[1], m[2]};
    return out;
}

/* Into three numbers in a row: West 1979. */
static inline void head_take(double *m, double y, double weight)
{
    double off = y - m[1];
    m[0] += weight;
    double step = off * (weight / m[0]);
    double more = weight * off * (off - step);
    m[1] += step;
    m[2] += more > 0.0 ? more : 0.0; /* less only by rounding */
}

/* Of both together: Chan, Golub, LeVeque 1979. */
static inline head_moments head_join(head_moments a, head_moments b)
{
    head_moments out = {a.weight + b.weight, 0.0, 0.0};
    if (!(out.weight > 0.0))
        return out;
    double share = b.weight / out.weight;
    double off = b.mean - a.mean;
    out.mean = a.mean + off * share;
    out.m2 = a.m2 + b.m2 + off * off * share * a.weight;
    return out;
}

/* A feature's value, clipped to HEAD_FAR deviations from its mean once some rows were seen; NaN stays. */
double kedge_i_head_input(const double *head, uint32_t feature, double value);
/* `kind`: KEDGE_HEAD_...; 0 where nothing was learned. */
double kedge_i_head_predict(const tree_state *t, const double *head, const kedge_row *x);
/* Returns what it would have said before. */
double kedge_i_head_learn(const tree_state *t, double *head, const kedge_row *x, double y, double weight);
/* A head for a part of the rows: the linear function of the whole, targets of that part. */
void kedge_i_head_inherit(const tree_state *t, double *head, const double *from, head_moments part);
int kedge_i_head_check(const tree_state *t, const double *head);

#endif
