/* SPDX-License-Identifier: MIT */
/* Online linear models as the papers write their steps. */
#ifndef KEDGE_TESTS_NAIVE_LINEAR_H
#define KEDGE_TESTS_NAIVE_LINEAR_H

#include <math.h>

#include "support.h"

enum { MAX_FEATURES = 5, MAX_CLASSES = 4 };

static inline double clip(double x, double limit)
{
    return fmax(-limit, fmin(limit, x));
}

/* The same models in the units of the features, with the constant at [f]. */
typedef struct naive {
    kedge_linear_config c;
    double w[MAX_CLASSES][MAX_FEATURES + 1];
    double a[4][MAX_CLASSES][MAX_FEATURES + 1]; /* what the optimiser keeps besides */
    double scale[MAX_FEATURES + 1], norm, offset, unit, k[MAX_CLASSES];
    uint64_t n;
} naive;

static inline uint32_t naive_vectors(const naive *m)
{
    return m->c.base.n_classes > 2 ? m->c.base.n_classes : 1;
}

static inline int naive_adapts_to_target(const naive *m)
{
    return m->c.optimiser == KEDGE_LINEAR_NAG && m->c.base.n_classes == 0 && m->c.loss != KEDGE_LINEAR_POISSON;
}

static inline double naive_margin(const naive *m, uint32_t v, const double *x)
{
    double sum = m->offset;
    for (uint32_t i = 0; i <= m->c.base.n_features; i++)
        sum += m->w[v][i] * x[i];
    return sum;
}

/* First and second derivative of the loss by the margin of vector v. */
static inline double naive_slope(const naive *m, const double *margins, uint32_t v, double y, double *curvature)
{
    const kedge_linear_config *c = &m->c;
    double p = margins[v], sum = 0, t = naive_vectors(m) == 1 ? y : y == v, sign = t > 0 ? 1 : -1;
    *curvature = 0;
    switch (c->loss) {
    case KEDGE_LINEAR_LOGISTIC:
        *curvature = 0.25;
        return 1 / (1 + exp(-p)) - t;
    case KEDGE_LINEAR_SOFTMAX:
        for (uint32_t k = 0; k < c->base.n_classes; k++)
            sum += exp(margins[k]);
        *curvature = 0.5;
        return exp(p) / sum - t;
    case KEDGE_LINEAR_HINGE:
        return sign * p < 1 ? -sign : 0;
    case KEDGE_LINEAR_SQUARED:
        *curvature = 1;
        return p - y;
    case KEDGE_LINEAR_HUBER:
        *curvature = fabs(p - y) <= c->delta;
        return clip(p - y, c->delta);
    case KEDGE_LINEAR_QUANTILE:
        return p > y ? 1 - c->quantile : p < y ? -c->quantile : 0;
    case KEDGE_LINEAR_EPSILON:
        return p - y > c->epsilon ? 1 : y - p > c->epsilon ? -1 : 0;
    default:
        *curvature = exp(p);
        return exp(p) - y;
    }
}

static inline void naive_sgd(naive *m, uint32_t v, const double *x, double slope, double curvature)
{
    double square = 0, eta = m->c.rate / sqrt(1 + m->c.decay * (double)m->n);
    for (uint32_t i = 0; i <= m->c.base.n_features; i++)
        square += x[i] * x[i];
    for (uint32_t i = 0; i <= m->c.base.n_features; i++)
        m->w[v][i] -= eta * slope * x[i] / (1 + curvature * eta * square);
}

/* Ross, Mineiro, Langford 2013, algorithm 2, as printed, but for memory, unit and brake. Scales are up to date. */
static inline void naive_nag(naive *m, uint32_t v, const double *x, double slope, double curvature)
{
    double pace = m->c.rate * m->unit * sqrt((double)(m->n + 1) / m->norm), effect = 0, d[MAX_FEATURES + 1] = {0};
    for (uint32_t i = 0; i <= m->c.base.n_features; i++)
        if (x[i] != 0) {
            double g = slope * x[i];
            m->a[0][v][i] = m->c.memory * m->a[0][v][i] + g * g;
            d[i] = m->a[0][v][i] > 0 ? 1 / (m->scale[i] * sqrt(m->a[0][v][i])) : 0;
            effect += pace * d[i] * x[i] * x[i];
        }
    for (uint32_t i = 0; i <= m->c.base.n_features; i++)
        m->w[v][i] -= pace * d[i] * slope * x[i] / (1 + curvature * effect);
}

static inline void naive_nag_scales(naive *m, const double *x)
{
    for (uint32_t i = 0; i <= m->c.base.n_features; i++) {
        for (uint32_t v = 0; v < naive_vectors(m); v++)
            if (fabs(x[i]) > m->scale[i])
                m->w[v][i] *= m->scale[i] / fabs(x[i]);
        m->scale[i] = fmax(m->scale[i], fabs(x[i]));
        m->norm += x[i] != 0 ? pow(x[i] / m->scale[i], 2) : 0;
    }
}

/* McMahan et al. 2013, algorithm 1. */
static inline void naive_ftrl(naive *m, uint32_t v, const double *x, double slope)
{
    const kedge_linear_config *c = &m->c;
    for (uint32_t i = 0; i <= c->base.n_features; i++) {
        double g = slope * x[i], *z = &m->a[0][v][i], *n = &m->a[1][v][i];
        double sigma = (sqrt(*n + g * g) - sqrt(*n)) / c->rate;
        *z += g - sigma * m->w[v][i];
        *n += g * g;
        m->w[v][i] = fabs(*z) <= c->l1 ? 0 : -(*z - (*z > 0 ? 1 : -1) * c->l1) / ((c->beta + sqrt(*n)) / c->rate + c->l2);
    }
}

/* Orabona, Tommasi 2017, algorithm 2; g is the negative gradient. */
static inline void naive_coin(naive *m, uint32_t v, const double *x, double slope)
{
    for (uint32_t i = 0; i <= m->c.base.n_features; i++) {
        double g = -slope * x[i], *l = &m->a[0][v][i], *sum = &m->a[1][v][i], *reward = &m->a[2][v][i], *theta = &m->a[3][v][i];
        *l = fmax(*l, fabs(g));
        *sum += fabs(g);
        *reward = fmax(*reward + m->w[v][i] * g, 0);
        *theta += g;
        m->w[v][i] = *l > 0 ? *theta / (*l * fmax(*sum + *l, 100 * *l)) * (*l + *reward) : 0;
    }
}

/* Crammer et al. 2006 and Gentile 2001: corrections. */
static inline void naive_correct(naive *m, uint32_t v, const double *x, double p, double y, double weight)
{
    const kedge_linear_config *c = &m->c;
    double t = naive_vectors(m) == 1 ? y : y == v, toward = t > 0 ? 1 : -1, square = 0, length = 0;
    double loss = fmax(0, 1 - toward * p);
    if (c->loss == KEDGE_LINEAR_EPSILON) {
        toward = y > p ? 1 : -1;
        loss = fmax(0, fabs(y - p) - c->epsilon);
    }
    for (uint32_t i = 0; i <= c->base.n_features; i++)
        square += x[i] * x[i];
    double tau = c->optimiser == KEDGE_LINEAR_PA1 ? fmin(c->aggressiveness * weight, loss / square)
                                                  : loss / (square + 1 / (2 * c->aggressiveness * weight));
    if (c->optimiser == KEDGE_LINEAR_ALMA) {
        double k = m->k[v] + 1, gamma = 1 / c->alpha / sqrt(k);
        if (toward * p / sqrt(square) > (1 - c->alpha) * gamma)
            return;
        tau = weight * sqrt(2) / sqrt(k) / sqrt(square);
        m->k[v]++;
    }
    for (uint32_t i = 0; i <= c->base.n_features; i++) {
        m->w[v][i] += tau * toward * x[i];
        length += m->w[v][i] * m->w[v][i];
    }
    for (uint32_t i = 0; c->optimiser == KEDGE_LINEAR_ALMA && i <= c->base.n_features; i++)
        m->w[v][i] /= fmax(1, sqrt(length));
}

static inline void naive_target(naive *m, double y)
{
    double n = (double)m->n, off = y - m->offset;
    m->offset += fmax(1 / (n + 1), 1e-3) * off;
    m->unit = n > 0 ? m->unit + fmax(1 / n, 1e-3) * (fabs(off) - m->unit) : 0;
}

static inline void naive_learn(naive *m, const double *features, double y, double weight)
{
    double x[MAX_FEATURES + 1] = {0}, margins[MAX_CLASSES], curvature;
    memcpy(x, features, m->c.base.n_features * sizeof *x);
    x[m->c.base.n_features] = 1;
    if (m->n == 0)
        m->unit = 1;
    if (m->c.optimiser == KEDGE_LINEAR_NAG)
        naive_nag_scales(m, x);
    if (naive_adapts_to_target(m))
        naive_target(m, y);
    for (uint32_t v = 0; v < naive_vectors(m); v++)
        margins[v] = naive_margin(m, v, x);
    for (uint32_t v = 0; v < naive_vectors(m); v++) {
        double slope = weight * naive_slope(m, margins, v, y, &curvature);
        if (m->c.optimiser == KEDGE_LINEAR_SGD)
            naive_sgd(m, v, x, slope, weight * curvature);
        else if (m->c.optimiser == KEDGE_LINEAR_NAG)
            naive_nag(m, v, x, slope, weight * curvature);
        else if (m->c.optimiser == KEDGE_LINEAR_FTRL)
            naive_ftrl(m, v, x, slope);
        else if (m->c.optimiser == KEDGE_LINEAR_COIN)
            naive_coin(m, v, x, slope);
        else
            naive_correct(m, v, x, margins[v], y, weight);
    }
    m->n++;
}

static inline void naive_score(const naive *m, const double *features, double *scores)
{
    double x[MAX_FEATURES + 1] = {0}, sum = 0;
    uint32_t k = m->c.base.n_classes;
    memcpy(x, features, m->c.base.n_features * sizeof *x);
    x[m->c.base.n_features] = 1;
    for (uint32_t v = 0; v < naive_vectors(m); v++) {
        double p = naive_margin(m, v, x);
        scores[v] = k == 0 ? (m->c.loss == KEDGE_LINEAR_POISSON ? exp(p) : p) : 1 / (1 + exp(-clip(p, 30)));
        if (m->c.loss == KEDGE_LINEAR_SOFTMAX)
            scores[v] = exp(p);
        sum += scores[v];
    }
    for (uint32_t v = 0; k > 2 && v < k; v++)
        scores[v] /= sum;
    if (k == 2) {
        scores[1] = scores[0];
        scores[0] = 1 - scores[1];
    }
}

#endif
