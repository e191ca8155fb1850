/* SPDX-License-Identifier: MIT */
/* What linear models say, from wherever their weights lie: linear.c has them in its state, frozen_linear.c in a block of bytes. */
#ifndef KEDGE_MODELS_LINEAR_SERVE_H
#define KEDGE_MODELS_LINEAR_SERVE_H

#include <math.h>

#include "kedge/models/linear.h"

#include "models/logistic_lanes.h"
#include "models/row.h"

#define LINEAR_INPUT_MAX  1e100
#define LINEAR_INPUT_MIN  1e-100
#define LINEAR_MARGIN_MAX KEDGE_TARGET_MAX
#define LINEAR_LOG_MAX    230.0 /* margins of a Poisson regression; e^230 = 8e99 */

typedef struct linear_machine {
    const double *weights; /* of each vector n_features, then that of the constant 1 */
    size_t stride;         /* from one vector's weights to the next one's */
    const double *scales;  /* inputs are divided by these, or by their own magnitude if it is greater; NULL: they are not */
    const double *factors; /* of each vector; NULL: 1 */
    size_t factor_stride;
    double offset;    /* added to the margin */
    double input_max; /* magnitudes above count as that */
    double input_min; /* magnitudes below count as 0 */
    uint32_t n_features;
    uint32_t n_classes;
    uint32_t n_vectors;
    uint32_t loss;
} linear_machine;

/* A row of either kind: number j of n stands for feature at(j). */
typedef struct linear_source {
    const kedge_row *dense;
    const kedge_sparse *sparse; /* NULL: it is dense */
    uint32_t n;
    uint32_t reserved;
} linear_source;

static inline linear_source linear_from_dense(const kedge_row *x, uint32_t n_features)
{
    linear_source out = {x, NULL, n_features, 0};
    return out;
}

static inline linear_source linear_from_sparse(const kedge_sparse *x)
{
    linear_source out = {NULL, x, x->n, 0};
    return out;
}

static inline uint32_t linear_feature(const linear_source *x, uint32_t j)
{
    return x->sparse ? x->sparse->index[j] : j;
}

static inline double linear_clip(double x, double limit)
{
    x = x < limit ? x : limit;
    return x >= -limit ? x : -limit; /* not -0 for 0 where the limit is 0 */
}

static inline double linear_clean(double value, double most, double least)
{
    value = linear_clip(value, most);
    return fabs(value) >= least ? value : 0.0;
}

static inline double linear_source_at(const linear_source *x, uint32_t j)
{
    return x->sparse ? x->sparse->value[j] : kedge_i_row_at(x->dense, j);
}

/* Greatest magnitude with this value among those seen; never 0. */
static inline double linear_scale(double value, double scale)
{
    double size = fabs(value);
    scale = scale > size ? scale : size;
    return scale > LINEAR_INPUT_MIN ? scale : LINEAR_INPUT_MIN;
}

static inline double linear_sigmoid(double margin)
{
    double odds = logistic_odds(margin);
    return odds / (1.0 + odds);
}

static inline double linear_exp(double margin)
{
    return kedge_i_quick_exp2(linear_clip(margin, LINEAR_LOG_MAX) * (1.0 / KEDGE_I_LN2));
}

static inline double linear_margin(const linear_machine *m, uint32_t v, const linear_source *x)
{
    const double *w = m->weights + v * m->stride;
    double sum = 0.0;
    if (m->scales) {
        for (uint32_t j = 0; j < x->n; j++) {
            uint32_t i = linear_feature(x, j);
            double value = linear_clean(linear_source_at(x, j), m->input_max, m->input_min);
            sum += w[i] * (value / linear_scale(value, m->scales[i]));
        }
    } else {
        for (uint32_t j = 0; j < x->n; j++)
            sum += w[linear_feature(x, j)] * linear_clean(linear_source_at(x, j), m->input_max, m->input_min);
    }
    sum += w[m->n_features];
    if (m->factors)
        sum *= m->factors[v * m->factor_stride];
    return linear_clip(m->offset + sum, LINEAR_MARGIN_MAX);
}

static inline double linear_value(const linear_machine *m, double margin)
{
    return m->loss == KEDGE_LINEAR_POISSON ? linear_exp(margin) : margin;
}

/* What a margin says for its class, up to a factor that all classes share. */
static inline double linear_share(const linear_machine *m, double margin)
{
    return m->loss == KEDGE_LINEAR_SOFTMAX ? logistic_odds(margin) : linear_sigmoid(margin);
}

/* The greatest share, not the greatest margin: so that no rounding parts the prediction from the scores. */
static inline void linear_serve_predict(const linear_machine *m, const linear_source *x, double *y)
{
    double margin = linear_margin(m, 0, x);
    if (m->n_classes == 0) {
        *y = linear_value(m, margin);
        return;
    }
    double best = linear_share(m, margin);
    *y = m->n_vectors == 1 && best > 0.5;
    for (uint32_t v = 1; v < m->n_vectors; v++) {
        double share = linear_share(m, linear_margin(m, v, x));
        if (share > best) {
            best = share;
            *y = v;
        }
    }
}

static inline void linear_serve_score(const linear_machine *m, const linear_source *x, double *scores)
{
    double sum = 0.0;
    if (m->n_classes == 0) {
        scores[0] = linear_value(m, linear_margin(m, 0, x));
        return;
    }
    if (m->n_vectors == 1) {
        scores[1] = linear_share(m, linear_margin(m, 0, x));
        scores[0] = 1.0 - scores[1];
        return;
    }
    for (uint32_t v = 0; v < m->n_vectors; v++)
        sum += scores[v] = linear_share(m, linear_margin(m, v, x));
    for (uint32_t v = 0; v < m->n_vectors; v++)
        scores[v] /= sum;
}

#endif
