/* SPDX-License-Identifier: MIT */
/* The optimisers of linear.c: each moves one vector of weights by one row, given the slope of the row's loss.
 *
 * A step along a curved loss is braked by 1 / (1 + curvature * what the step does to the margin by unit of slope): the implicit
 * update of Kulis, Bartlett 2010, "Implicit online learning", ICML, with the loss replaced by its parabola. However long the rate,
 * the margin goes at most to the parabola's minimum. */
#ifndef KEDGE_MODELS_LINEAR_STEP_H
#define KEDGE_MODELS_LINEAR_STEP_H

#include <float.h>
#include <math.h>

#include "models/linear_loss.h"

static inline double linear_braked(double pace, double effect, double curvature)
{
    double curved = pace * effect;
    return pace / (1.0 + curvature * (curved < LINEAR_CURVED_MAX ? curved : LINEAR_CURVED_MAX));
}

static inline double linear_square_norm(const linear_view *x)
{
    double sum = 0.0;
    for (uint32_t j = 0; j < x->n_inputs; j++)
        sum += x->inputs[j] * x->inputs[j];
    return sum;
}

static inline void linear_add(double *w, const linear_view *x, const uint32_t *index, const double *along, double step)
{
    for (uint32_t j = 0; j < x->n_inputs; j++) {
        uint32_t i = linear_position(x, index, j);
        w[i] = linear_clip(w[i] + step * along[j], LINEAR_WEIGHT_MAX);
    }
}

/* Plain gradient: rate / sqrt(1 + decay * rows so far). */
static inline void linear_step_sgd(const linear_state *s, double *w, const linear_view *x, linear_slope by)
{
    double pace = s->rate / sqrt(1.0 + s->decay * (double)(int64_t)s->model.n_learned);
    double braked = linear_braked(pace, linear_square_norm(x), by.curvature);
    linear_add(w, x, x->index, x->inputs, -(braked * by.slope));
}

/* Ross, Mineiro, Langford 2013, algorithm 2 (NAG), in weights and gradients of the normalised inputs, so that a new scale leaves
 * the weights alone. squares: sums of squared gradients, faded by `memory` at each row in which the input is not zero. */
static inline void linear_step_nag(const linear_state *s, double *w, double *squares, const linear_view *x, const uint32_t *index,
                                   linear_slope by)
{
    double memory = s->memory;
    double effect = 0.0;
    for (uint32_t j = 0; j < x->n_inputs; j++) {
        uint32_t i = linear_position(x, index, j);
        double z = x->inputs[j];
        double gradient = by.slope * z;
        double faded = z != 0.0 ? memory * squares[i] : squares[i];
        double sum = faded + gradient * gradient;
        squares[i] = sum;
        x->along[j] = z / sqrt(sum > DBL_MIN ? sum : DBL_MIN);
    }
    for (uint32_t j = 0; j < x->n_inputs; j++)
        effect += x->inputs[j] * x->along[j];
    double pace = s->rate * s->unit * sqrt((double)(int64_t)(s->model.n_learned + 1) / s->norm);
    double braked = linear_braked(pace, effect, by.curvature);
    linear_add(w, x, index, x->along, -(braked * by.slope));
}

/* A gradient whose square and whose inverse are finite. */
static inline double linear_gradient(double slope, double input)
{
    double g = linear_clip(slope * input, LINEAR_GRADIENT_MAX);
    return fabs(g) >= LINEAR_GRADIENT_MIN ? g : 0.0;
}

#define LINEAR_FTRL_Z_MAX 1e200
#define LINEAR_FTRL_N_MAX 1e220

/* McMahan et al. 2013, "Ad click prediction: a view from the trenches", KDD, algorithm 1; its alpha is `rate`. */
static inline void linear_step_ftrl(const linear_state *s, double *w, const linear_view *x, double slope)
{
    double *z = w + s->n_inputs;
    double *n = z + s->n_inputs;
    for (uint32_t j = 0; j < x->n_inputs; j++) {
        uint32_t i = linear_position(x, x->index, j);
        double g = linear_gradient(slope, x->inputs[j]);
        double more = n[i] + g * g;
        double root = sqrt(more);
        double sigma = (root - sqrt(n[i])) / s->rate;
        z[i] = linear_clip(z[i] + (g - sigma * w[i]), LINEAR_FTRL_Z_MAX);
        n[i] = more < LINEAR_FTRL_N_MAX ? more : LINEAR_FTRL_N_MAX;
        double shrunk = z[i] > s->l1 ? s->l1 - z[i] : z[i] < -s->l1 ? -s->l1 - z[i] : 0.0;
        w[i] = linear_clip(shrunk / ((s->beta + root) / s->rate + s->l2), LINEAR_WEIGHT_MAX);
    }
}

#define LINEAR_COIN_ALPHA 100.0 /* Orabona, Tommasi 2017 */
#define LINEAR_COIN_SUM_MAX 1e120
#define LINEAR_COIN_REWARD_MAX 1e250

/* Orabona, Tommasi 2017, "Training deep networks without learning rates through coin betting", NIPS, algorithm 2, from weights 0;
 * the betting itself is Orabona, Pal 2016, "Coin betting and parameter-free online learning", NIPS. */
static inline void linear_step_coin(const linear_state *s, double *w, const linear_view *x, double slope)
{
    double *largest = w + s->n_inputs;
    double *sum = largest + s->n_inputs;
    double *reward = sum + s->n_inputs;
    double *theta = reward + s->n_inputs;
    for (uint32_t j = 0; j < x->n_inputs; j++) {
        uint32_t i = linear_position(x, x->index, j);
        double g = -linear_gradient(slope, x->inputs[j]);
        double size = fabs(g);
        double ever = size > largest[i] ? size : largest[i];
        double most = ever > LINEAR_GRADIENT_MIN ? ever : LINEAR_GRADIENT_MIN; /* while nothing was bet on, the rest is 0 */
        double total = sum[i] + size;
        double won = reward[i] + w[i] * g;
        double won_max = most * LINEAR_WEIGHT_MAX;
        won = won > 0.0 ? won : 0.0;
        largest[i] = ever;
        sum[i] = total < LINEAR_COIN_SUM_MAX ? total : LINEAR_COIN_SUM_MAX;
        reward[i] = won < won_max ? won : won_max;
        theta[i] = linear_clip(theta[i] + g, sum[i]);
        double floor_sum = LINEAR_COIN_ALPHA * most;
        double bet = theta[i] / (sum[i] + most > floor_sum ? sum[i] + most : floor_sum);
        w[i] = linear_clip(bet * (1.0 + reward[i] / most), LINEAR_WEIGHT_MAX);
    }
}

/* Crammer et al. 2006, "Online passive-aggressive algorithms", JMLR 7, figures 1 and 3; a row's weight scales the
 * aggressiveness. */
static inline void linear_step_passive(const linear_state *s, double *w, const linear_view *x, double loss, double toward,
                                       double weight)
{
    double square = linear_square_norm(x); /* >= 1, the constant */
    double most = s->aggressiveness * weight > LINEAR_INPUT_MIN ? s->aggressiveness * weight : LINEAR_INPUT_MIN;
    double tau = s->optimiser == KEDGE_LINEAR_PA2 ? loss / (square + 0.5 / most) : loss / square;
    if (s->optimiser == KEDGE_LINEAR_PA1 && tau > most)
        tau = most;
    linear_add(w, x, x->index, x->inputs, toward * tau);
}

#define LINEAR_BALL_SCALE_MIN 1e-9

/* A small scale goes into the weights, before these grow large. */
static inline void linear_ball_settle(const linear_state *s, double *w, linear_ball *ball)
{
    if (ball->scale >= LINEAR_BALL_SCALE_MIN)
        return;
    for (uint32_t i = 0; i < s->n_inputs; i++)
        w[i] *= ball->scale;
    ball->scale = 1.0;
}

/* Gentile 2001, "A new approximate maximal margin classification algorithm", JMLR 2, figure 1 with p = 2, B = 1 / alpha,
 * C = sqrt(2). A row's weight scales the step. */
static inline void linear_step_alma(const linear_state *s, double *w, linear_ball *ball, const linear_view *x, double margin,
                                    double sign, double weight)
{
    double length = sqrt(linear_square_norm(x));
    double root = sqrt(ball->steps + 1.0);
    double reached = sign * margin / length;
    if (reached > (1.0 - s->alpha) / (s->alpha * root))
        return;
    double eta = weight * 1.41421356237309504880 / root;
    linear_add(w, x, x->index, x->inputs, sign * eta / (length * ball->scale));
    double square = ball->square + 2.0 * eta * reached + eta * eta;
    if (square > 1.0) {
        ball->scale /= sqrt(square);
        square = 1.0;
    }
    ball->square = square > 0.0 ? square : 0.0; /* less only by rounding */
    ball->steps += 1.0;
    linear_ball_settle(s, w, ball);
}

#endif
