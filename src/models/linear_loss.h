/* SPDX-License-Identifier: MIT */
/* The losses of linear.c: what the derivative by the margin is, how curved, and what the margin says as a prediction.
 *
 * Hinge: Vapnik 1995. Huber 1964, "Robust estimation of a location parameter", Annals of Mathematical Statistics 35. Quantile
 * (pinball): Koenker, Bassett 1978, "Regression quantiles", Econometrica 46. Poisson with log link: Nelder, Wedderburn 1972,
 * "Generalized linear models", JRSS A 135. */
#ifndef KEDGE_MODELS_LINEAR_LOSS_H
#define KEDGE_MODELS_LINEAR_LOSS_H

#include <math.h>

#include "models/linear_state.h"

/* Of a row's loss, by the margin. */
typedef struct linear_slope {
    double slope;
    double curvature; /* bound on the second derivative near here; 0 where the loss has a kink instead */
} linear_slope;

static inline double linear_violation_hinge(double margin, double sign)
{
    double loss = 1.0 - sign * margin;
    return loss > 0.0 ? loss : 0.0;
}

static inline double linear_violation_epsilon(double error, double epsilon)
{
    double loss = fabs(error) - epsilon;
    return loss > 0.0 ? loss : 0.0;
}

static inline linear_slope linear_huber(double error, double delta)
{
    double slope = linear_clip(error, delta);
    linear_slope out = {slope, slope == error ? 1.0 : 0.0};
    return out;
}

static inline linear_slope linear_kink(double slope)
{
    linear_slope out = {slope, 0.0};
    return out;
}

/* target: of a regression; else 1 for rows of the vector's class, 0 for others. For softmax the margin is the class's
 * probability. */
static inline linear_slope linear_loss(const linear_state *s, double margin, double target)
{
    double error = margin - target;
    double sign = 2.0 * target - 1.0;
    linear_slope out = {error, 1.0}; /* squared: half of the squared error */
    switch (s->loss) {
    case KEDGE_LINEAR_LOGISTIC:
        out.slope = linear_sigmoid(margin) - target;
        out.curvature = 0.25;
        return out;
    case KEDGE_LINEAR_SOFTMAX:
        out.curvature = 0.5; /* Boehning 1992 */
        return out;
    case KEDGE_LINEAR_HINGE:
        return linear_kink(linear_violation_hinge(margin, sign) > 0.0 ? -sign : 0.0);
    case KEDGE_LINEAR_HUBER:
        return linear_huber(error, s->delta);
    case KEDGE_LINEAR_QUANTILE:
        return linear_kink(error > 0.0 ? 1.0 - s->quantile : error < 0.0 ? -s->quantile : 0.0);
    case KEDGE_LINEAR_EPSILON:
        return linear_kink(linear_violation_epsilon(error, s->epsilon) > 0.0 ? (error > 0.0 ? 1.0 : -1.0) : 0.0);
    case KEDGE_LINEAR_POISSON:
        out.curvature = linear_exp(margin);
        out.slope = out.curvature - target;
        return out;
    default:
        return out;
    }
}

#endif
