/* SPDX-License-Identifier: MIT */
#include "base/fp.h"

#include <math.h>

#include "kedge/models/fimt_dd.h"

#include "models/regress_head.h"

#include "base/number.h"

#define HEAD_VARIANCE_LEAST 1e-80 /* of a feature; less counts as none */
#define HEAD_SLOPE_MAX 10.0       /* ranges of targets that a deviation may add */
#define HEAD_BIAS_MAX 4.0         /* ranges of targets by which the intercept may leave them */
#define HEAD_JUMP 10.0            /* factor by which a deviation may change at once and the slope still means something */
#define HEAD_RATE_LEAST 0.1       /* share of an error that a step repairs in the end */
#define HEAD_FADING 0.02          /* share of the newest error in the faded ones */
#define HEAD_PRIOR 30.0           /* rows that an inherited head counts for */
#define HEAD_SURE 30.0            /* rows from which on deviations are believed */

static inline double head_clip(double x, double low, double high)
{
    x = x < high ? x : high;
    return x > low ? x : low;
}

static inline const double *head_of_input(const double *head, uint32_t i)
{
    return head + HEAD_INPUTS + (size_t)i * INPUT_WORDS;
}

static double head_unit(const double *in)
{
    double variance = in[INPUT_WEIGHT] > 0.0 ? in[INPUT_M2] / in[INPUT_WEIGHT] : 0.0;
    return variance > HEAD_VARIANCE_LEAST ? 1.0 / sqrt(variance) : 0.0;
}

double kedge_i_head_input(const double *head, uint32_t feature, double value)
{
    const double *in = head_of_input(head, feature);
    double unit = in[INPUT_UNIT];
    double known = value != value ? in[INPUT_MEAN] : value; /* NaN is never compared by order: that would raise a flag */
    double far = unit > 0.0 && in[INPUT_WEIGHT] >= HEAD_SURE ? HEAD_FAR / unit : 2.0 * TREE_INPUT_MAX;
    double clipped = head_clip(known, in[INPUT_MEAN] - far, in[INPUT_MEAN] + far);
    return value != value ? value : clipped;
}

/* In deviations; 0 for what is missing or says nothing. */
static inline double head_scaled(const double *in, double value)
{
    double known = value != value ? in[INPUT_MEAN] : value;
    return head_clip((known - in[INPUT_MEAN]) * in[INPUT_UNIT], -HEAD_FAR, HEAD_FAR);
}

/* The linear function, and the squared length of its inputs with the constant 1. */
static double head_linear(const tree_state *t, const double *head, const kedge_row *x, double *length)
{
    const double *in = head + HEAD_INPUTS;
    double sum = head[HEAD_BIAS];
    *length = 1.0;
    for (uint32_t i = 0; i < t->model.n_features; i++, in += INPUT_WORDS) {
        double z = tree_is_nominal(t, i) ? 0.0 : head_scaled(in, tree_input(x, i));
        sum += in[INPUT_SLOPE] * z;
        *length += z * z;
    }
    double wide = HEAD_WIDEN * (head[HEAD_HIGH] - head[HEAD_LOW]);
    return head_clip(sum, head[HEAD_LOW] - wide, head[HEAD_HIGH] + wide);
}

double kedge_i_head_predict(const tree_state *t, const double *head, const kedge_row *x)
{
    double length;
    double says = head_is_linear(t, head) ? head_linear(t, head, x, &length) : head[HEAD_MEAN];
    return head_clip(says, -KEDGE_TARGET_MAX, KEDGE_TARGET_MAX);
}

/* Share of the error that this step repairs: the harmonic one of averages first, times the length, since a step goes in one
 * direction of many. */
static double head_rate(const double *head, double length, double weight)
{
    double rate = length / (length + head[HEAD_STEPS]);
    rate = rate > HEAD_RATE_LEAST ? rate : HEAD_RATE_LEAST;
    rate = rate < 0.5 ? rate : 0.5;
    return rate * weight / (1.0 + rate * (weight - 1.0)); /* as that many rows would, about */
}

/* A feature's moments move, and the function stays the same. */
static void head_move(double *head, double *in, double value, double weight)
{
    double mean = in[INPUT_MEAN];
    double unit = in[INPUT_UNIT];
    head_take(in, value, weight);
    in[INPUT_UNIT] = head_unit(in);
    if (in[INPUT_SLOPE] == 0.0)
        return;
    double moved = head_clip((in[INPUT_MEAN] - mean) * unit, -HEAD_FAR, HEAD_FAR);
    head[HEAD_BIAS] += in[INPUT_SLOPE] * moved;
    int jumps = !(unit > 0.0 && in[INPUT_UNIT] * HEAD_JUMP > unit);
    in[INPUT_SLOPE] = jumps ? 0.0 : in[INPUT_SLOPE] * (unit / in[INPUT_UNIT]);
}

static void head_step(const tree_state *t, double *head, const kedge_row *x, double step, double weight)
{
    double *in = head + HEAD_INPUTS;
    double range = head[HEAD_HIGH] - head[HEAD_LOW];
    head[HEAD_BIAS] += step;
    for (uint32_t i = 0; i < t->model.n_features; i++, in += INPUT_WORDS) {
        double value = tree_is_nominal(t, i) ? NAN : kedge_i_head_input(head, i, tree_input(x, i));
        if (value != value)
            continue;
        in[INPUT_SLOPE] += step * head_scaled(in, value);
        head_move(head, in, value, weight);
        in[INPUT_SLOPE] = head_clip(in[INPUT_SLOPE], -HEAD_SLOPE_MAX * range, HEAD_SLOPE_MAX * range);
    }
    head[HEAD_BIAS] = head_clip(head[HEAD_BIAS], head[HEAD_LOW] - HEAD_BIAS_MAX * range, head[HEAD_HIGH] + HEAD_BIAS_MAX * range);
}

static inline void head_fade(double *error, double off, double share)
{
    *error += (off * off - *error) * share;
}

double kedge_i_head_learn(const tree_state *t, double *head, const kedge_row *x, double y, double weight)
{
    int is_first = head[HEAD_WEIGHT] == 0.0;
    double length;
    double linear = is_first ? y : head_linear(t, head, x, &length);
    double mean = is_first ? 0.0 : head[HEAD_MEAN];
    double says = is_first ? 0.0 : head_is_linear(t, head) ? linear : mean;
    if (is_first) {
        head[HEAD_LOW] = head[HEAD_HIGH] = head[HEAD_BIAS] = y;
        length = 1.0;
    } else {
        double share = weight / (weight + head[HEAD_STEPS]);
        share = share > HEAD_FADING ? share : HEAD_FADING;
        head_fade(&head[HEAD_MEAN_ERROR], y - mean, share);
        head_fade(&head[HEAD_LINEAR_ERROR], y - linear, share);
    }
    head[HEAD_LOW] = y < head[HEAD_LOW] ? y : head[HEAD_LOW];
    head[HEAD_HIGH] = y > head[HEAD_HIGH] ? y : head[HEAD_HIGH];
    head_take(head, y, weight);
    head_step(t, head, x, head_rate(head, length, weight) * (y - linear) / length, weight);
    head[HEAD_STEPS] += weight;
    return says;
}

void kedge_i_head_inherit(const tree_state *t, double *head, const double *from, head_moments part)
{
    memmove(head, from, head_words(t->model.n_features) * sizeof *head);
    head[HEAD_WEIGHT] = part.weight;
    head[HEAD_MEAN] = part.mean;
    head[HEAD_M2] = part.m2;
    head[HEAD_STEPS] = head[HEAD_STEPS] < HEAD_PRIOR ? head[HEAD_STEPS] : HEAD_PRIOR;
    double *in = head + HEAD_INPUTS;
    for (uint32_t i = 0; i < t->model.n_features; i++, in += INPUT_WORDS) {
        if (in[INPUT_WEIGHT] <= HEAD_PRIOR)
            continue;
        in[INPUT_M2] *= HEAD_PRIOR / in[INPUT_WEIGHT];
        in[INPUT_WEIGHT] = HEAD_PRIOR;
        in[INPUT_UNIT] = head_unit(in);
    }
}

static int head_input_is_sound(const double *in, double range)
{
    double most = 1.001 * HEAD_SLOPE_MAX * range;
    return kedge_i_within(in[INPUT_WEIGHT], 0.0, TREE_WEIGHT_MAX) &&
           kedge_i_within(in[INPUT_MEAN], -2.0 * TREE_INPUT_MAX, 2.0 * TREE_INPUT_MAX) &&
           kedge_i_within(in[INPUT_M2], 0.0, 1e300) && in[INPUT_UNIT] == head_unit(in) &&
           kedge_i_within(in[INPUT_SLOPE], -most, most);
}

int kedge_i_head_check(const tree_state *t, const double *head)
{
    double range = head[HEAD_HIGH] - head[HEAD_LOW];
    if (!kedge_i_within(head[HEAD_WEIGHT], 0.0, TREE_WEIGHT_MAX) || !kedge_i_within(head[HEAD_STEPS], 0.0, TREE_WEIGHT_MAX) ||
        !kedge_i_within(head[HEAD_LOW], -KEDGE_TARGET_MAX, KEDGE_TARGET_MAX) ||
        !kedge_i_within(head[HEAD_HIGH], head[HEAD_LOW], KEDGE_TARGET_MAX) ||
        !kedge_i_within(head[HEAD_MEAN], -2.0 * KEDGE_TARGET_MAX, 2.0 * KEDGE_TARGET_MAX) ||
        !kedge_i_within(head[HEAD_M2], 0.0, 1e240) || !kedge_i_within(head[HEAD_MEAN_ERROR], 0.0, 1e210) ||
        !kedge_i_within(head[HEAD_LINEAR_ERROR], 0.0, 1e210) ||
        !kedge_i_within(head[HEAD_BIAS], -20.0 * KEDGE_TARGET_MAX, 20.0 * KEDGE_TARGET_MAX))
        return 0;
    for (uint32_t i = 0; i < t->model.n_features; i++)
        if (!head_input_is_sound(head_of_input(head, i), range))
            return 0;
    return 1;
}
