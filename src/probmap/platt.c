/* SPDX-License-Identifier: MIT */
/* Platt's sigmoid: Platt 1999, "Probabilistic outputs for support vector machines and comparisons to regularized likelihood
 * methods", equation 1; Lin, Lin, Weng 2007, "A note on Platt's probabilistic outputs for support vector machines", Machine
 * Learning 68: Newton steps with backtracking, and a loss that loses no digits. Scores are standardised first, so that steps do
 * not depend on their unit. */
#include "base/fp.h"

#include <float.h>
#include <math.h>

#include "kedge/model.h"
#include "kedge/probmap.h"

#include "base/check.h"
#include "base/number.h"
#include "base/standard.h"

#define PLATT_STEPS     100
#define PLATT_RIDGE     1e-12 /* of Lin, Lin, Weng */
#define PLATT_STEP_MIN  1e-10 /* likewise */
#define PLATT_DECREASE  1e-4  /* likewise */
/* What of the loss a step can still win, as a share of the weight: below the first, full steps converge, and losses differ by
 * rounding only; below the second, it is done. */
#define PLATT_NEAR      1e-8
#define PLATT_ENOUGH    1e-24
#define PLATT_SLOPE_MAX 1e200 /* times the greatest score is finite */
#define PLATT_LEAST     1e-150 /* deviation, likewise */
#define PLATT_CONSTANT  1e-14 /* deviation, as a share of the mean, below which scores are all the same */

typedef struct platt_fit {
    const double *score;
    const double *y;
    const double *weight;
    size_t n;
    double mean, unit; /* of the scores: standardised ones are (score - mean) * unit */
    double target[2];  /* of the classes */
    double total;      /* weight */
} platt_fit;

typedef struct platt_sums {
    double loss;
    double g1, g2;        /* gradient */
    double h11, h21, h22; /* its derivatives */
} platt_sums;

static double platt_weight(const platt_fit *f, size_t i)
{
    return f->weight ? f->weight[i] : 1.0;
}

/* Loss of one row, t z + ln(1 + exp(-z)), in the form that fits the sign of z (equation 6). */
static double platt_loss(double t, double z, double tail)
{
    return (z >= 0.0 ? t * z : (t - 1.0) * z) + log1p(tail);
}

static platt_sums platt_sum(const platt_fit *f, double a, double b)
{
    platt_sums s = {0.0, 0.0, 0.0, PLATT_RIDGE, 0.0, PLATT_RIDGE};
    for (size_t i = 0; i < f->n; i++) {
        double w = platt_weight(f, i);
        double x = (f->score[i] - f->mean) * f->unit;
        double t = f->target[f->y[i] > 0.0];
        double z = a * x + b;
        double tail = exp(-fabs(z));
        double p = (z >= 0.0 ? tail : 1.0) / (1.0 + tail);
        double q = (z >= 0.0 ? 1.0 : tail) / (1.0 + tail);
        s.loss += w * platt_loss(t, z, tail);
        s.g1 += w * x * (t - p);
        s.g2 += w * (t - p);
        s.h11 += w * x * x * p * q;
        s.h21 += w * x * p * q;
        s.h22 += w * p * q;
    }
    return s;
}

static double platt_loss_at(const platt_fit *f, double a, double b)
{
    double loss = 0.0;
    for (size_t i = 0; i < f->n; i++) {
        double z = a * ((f->score[i] - f->mean) * f->unit) + b;
        loss += platt_weight(f, i) * platt_loss(f->target[f->y[i] > 0.0], z, exp(-fabs(z)));
    }
    return loss;
}

/* Algorithm 1. */
static void platt_newton(const platt_fit *f, double *a, double *b)
{
    for (int step = 0; step < PLATT_STEPS; step++) {
        platt_sums s = platt_sum(f, *a, *b);
        double det = s.h11 * s.h22 - s.h21 * s.h21;
        if (!(det > 0.0))
            return;
        double divisor = fmax(det, DBL_MIN); /* never 0, also where a compiler divides before it looks */
        double da = -(s.h22 * s.g1 - s.h21 * s.g2) / divisor;
        double db = -(s.h11 * s.g2 - s.h21 * s.g1) / divisor;
        double slope = s.g1 * da + s.g2 * db; /* of the loss along the step, below 0 */
        double size = 1.0;
        if (!(-slope > PLATT_ENOUGH * f->total))
            return;
        while (-slope > PLATT_NEAR * f->total && size >= PLATT_STEP_MIN &&
               !(platt_loss_at(f, *a + size * da, *b + size * db) < s.loss + PLATT_DECREASE * size * slope))
            size *= 0.5;
        if (size < PLATT_STEP_MIN)
            return; /* as far as digits go */
        *a += size * da;
        *b += size * db;
    }
}

/* Weight of each class; the first thing that is wrong. */
static kedge_status platt_check(const double *score, const double *y, const double *weight, size_t n, double *classes)
{
    for (size_t i = 0; i < n; i++) {
        double w = weight ? weight[i] : 1.0;
        if (!kedge_i_within(score[i], -KEDGE_TARGET_MAX, KEDGE_TARGET_MAX))
            return kedge_i_refusal(score[i]);
        if (y[i] != 0.0 && y[i] != 1.0)
            return kedge_i_refusal(y[i]);
        if (!kedge_i_within(w, 0.0, KEDGE_WEIGHT_MAX))
            return kedge_i_refusal(w);
        classes[y[i] > 0.0] += w;
    }
    return KEDGE_OK;
}

kedge_status kedge_platt_fit(const double *score, const double *y, const double *weight, size_t n, kedge_platt *out)
{
    platt_fit f = {.score = score, .y = y, .weight = weight, .n = n};
    double classes[2] = {0.0, 0.0};
    double deviation;
    if (!out || (n > 0 && (!score || !y)))
        return KEDGE_ERR_NULL;
    KEDGE_TRY(platt_check(score, y, weight, n, classes));
    f.total = classes[0] + classes[1];
    if (!(f.total > 0.0))
        return KEDGE_EMPTY;
    f.mean = kedge_i_standard_learn(score, n, 1, &deviation);
    int varies = deviation > PLATT_CONSTANT * fabs(f.mean) && deviation > PLATT_LEAST;
    f.unit = varies ? 1.0 / fmax(deviation, PLATT_LEAST) : 0.0; /* a compiler may divide before it looks */
    f.target[0] = 1.0 / (classes[0] + 2.0); /* section 3.2 of Platt */
    f.target[1] = (classes[1] + 1.0) / (classes[1] + 2.0);
    double a = 0.0;
    double b = log((classes[0] + 1.0) / (classes[1] + 1.0));
    platt_newton(&f, &a, &b);
    double slope = a * f.unit;
    out->slope = fmin(fmax(slope, -PLATT_SLOPE_MAX), PLATT_SLOPE_MAX);
    out->offset = b - a * (f.mean * f.unit);
    return KEDGE_OK;
}

double kedge_platt_apply(const kedge_platt *map, double score)
{
    if (!map || score != score || map->slope != map->slope)
        return (double)NAN;
    double z = fmin(fmax(map->slope, -PLATT_SLOPE_MAX), PLATT_SLOPE_MAX) * fmin(fmax(score, -KEDGE_TARGET_MAX), KEDGE_TARGET_MAX) +
               map->offset;
    double tail = exp(-fabs(z));
    return (z >= 0.0 ? tail : 1.0) / (1.0 + tail);
}
