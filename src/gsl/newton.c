/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Newton's method with halved steps (Nocedal, Wright 2006, "Numerical Optimization", 2nd edition, section 3.3): d = -f''^-1
 * f'. What f falls by as Newton sees it is the gain, -f' . d / 2 (Boyd, Vandenberghe 2004, "Convex Optimization", section
 * 9.5: half the squared decrement).
 *
 * Close to the minimum f'' hardly changes, so the decomposition of an earlier step serves until the gain no longer falls
 * fast (the simplified method, Kelley 1995, "Iterative Methods for Linear and Nonlinear Equations", section 5.4.1): a pass
 * over the rows without the matrix costs a third. */
#include "base/fp.h"

#include "gsl/newton.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/cholesky.h"
#include "base/number.h"

#define NEWTON_PIVOT_MIN 1e-13 /* share of a column that must be its own */
#define NEWTON_STALL     1e-9  /* no step helps: fine if so little was left to gain */
#define NEWTON_ROUNDING  1e-12 /* gains below this share that no longer fall are rounding */
#define NEWTON_NEAR      1e-6  /* where a pass with the matrix costs three times one without it */
#define NEWTON_SLOW      1e-3
#define NEWTON_SURE      1e-8  /* a step of so little gain needs no look at f */
enum { NEWTON_HALVINGS = 40 };

void kedge_i_newton_place(kedge_i_newton *t, size_t width, double *room)
{
    size_t stride = (size_t)kedge_i_newton_stride(width);
    memset(room, 0, (size_t)kedge_i_newton_room(width) * sizeof *room);
    t->width = width;
    t->stride = stride;
    t->now = room;
    t->next = room + stride;
    t->step = room + 2 * stride;
    t->gradient = room + 3 * stride;
    t->diagonal = room + 4 * stride;
    t->matrix = room + 5 * stride;
    t->ready = 0;
    t->partial = 0;
    t->near = NEWTON_NEAR;
    t->slow = NEWTON_SLOW;
}

/* Golub, Van Loan section 4.2.5, outer product form, on the upper triangle. A column without a share of its own gets a zero
 * row in U, and so a zero in the step: GSL's own decomposition aborts on it. */
void kedge_i_newton_decompose(kedge_i_newton *t)
{
    size_t width = t->width;
    t->rank = 0;
    for (size_t j = 0; j < width; j++)
        t->diagonal[j] = t->matrix[j * (t->stride + 1)];
    for (size_t k = 0; k < width; k++) {
        double *row = t->matrix + k * t->stride;
        double root = row[k] > NEWTON_PIVOT_MIN * t->diagonal[k] ? sqrt(row[k]) : 0.0;
        t->rank += k > 0 && root > 0.0;
        for (size_t j = k; j < width; j++)
            row[j] = root > 0.0 ? row[j] / root : 0.0;
        for (size_t i = k + 1; i < width && root > 0.0; i++)
            for (size_t j = i; j < width; j++)
                t->matrix[i * t->stride + j] -= row[i] * row[j];
    }
}

void kedge_i_newton_solve(const kedge_i_newton *t, double *x)
{
    size_t width = t->width;
    for (size_t k = 0; k < width; k++) {
        const double *row = t->matrix + k * t->stride;
        x[k] = row[k] > 0.0 ? x[k] / row[k] : 0.0;
        for (size_t j = k + 1; j < width; j++)
            x[j] -= row[j] * x[k];
    }
    for (size_t k = width; k-- > 0;) {
        const double *row = t->matrix + k * t->stride;
        double sum = x[k];
        for (size_t j = k + 1; j < width; j++)
            sum -= row[j] * x[j];
        x[k] = row[k] > 0.0 ? sum / row[k] : 0.0;
    }
}

void kedge_i_newton_root(const kedge_i_newton *t, double *root)
{
    for (size_t i = 0; i < t->width; i++) { /* U' T = I, row by row of T */
        const double *u = t->matrix + i;
        double pivot = u[i * t->stride];
        double *row = root + kedge_i_triangle(i);
        for (size_t j = 0; j <= i; j++) {
            double sum = i == j ? 1.0 : 0.0;
            for (size_t k = j; k < i; k++)
                sum -= u[k * t->stride] * root[kedge_i_triangle(k) + j];
            row[j] = pivot > 0.0 ? sum / pivot : 0.0;
        }
    }
}

/* The step at `next`; returns its gain. */
static double newton_direct(kedge_i_newton *t)
{
    double gain = 0.0;
    for (size_t j = 0; j < t->width; j++)
        t->step[j] = -t->gradient[j];
    kedge_i_newton_solve(t, t->step);
    for (size_t j = 0; j < t->width; j++)
        gain -= 0.5 * t->gradient[j] * t->step[j];
    return gain;
}

void kedge_i_newton_refresh(kedge_i_newton *t)
{
    memcpy(t->next, t->now, t->width * sizeof *t->next);
    t->objective = t->evaluate(t->problem, 1);
    kedge_i_newton_decompose(t);
}

static void newton_advance(kedge_i_newton *t, double length)
{
    for (size_t j = 0; j < t->width; j++)
        t->next[j] = t->now[j] + length * t->step[j];
}

/* Move along the step, halving it until f does not rise. 0: it rises always; then u stays. */
static int newton_move(kedge_i_newton *t, int n_halvings, int with_matrix)
{
    double length = 1.0;
    for (int i = 0; i <= n_halvings; i++, length *= 0.5) {
        newton_advance(t, length);
        double objective = t->evaluate(t->problem, with_matrix);
        if (objective <= t->objective) {
            memcpy(t->now, t->next, t->width * sizeof *t->now);
            t->objective = objective;
            return 1;
        }
    }
    return 0;
}

/* The last step: none follows that would gain anything. */
static void newton_finish(kedge_i_newton *t, double gain)
{
    if (gain > NEWTON_SURE * t->objective) {
        (void)newton_move(t, 0, 0);
        return;
    }
    newton_advance(t, 1.0);
    memcpy(t->now, t->next, t->width * sizeof *t->now);
    t->objective -= gain < t->objective ? gain : t->objective;
}

/* Does f still fall along a column of which the matrix, being that of a part, has seen nothing? A step leaves it alone. */
static int newton_is_blind(const kedge_i_newton *t, double least)
{
    int blind = 0;
    for (size_t j = 0; j < t->width; j++)
        blind |= t->matrix[j * (t->stride + 1)] == 0.0 && t->gradient[j] * t->gradient[j] > least;
    return blind;
}

/* Once more with the whole matrix. */
static int newton_again(kedge_i_newton *t, int *kept)
{
    kedge_i_newton_refresh(t);
    *kept = 0;
    return 1;
}

/* One step. 1: go on; 0: done; negative: an error. `*before` is the gain of the step before, `*kept` says that the
 * decomposition is that of an earlier one. */
static int newton_step(kedge_i_newton *t, double tolerance, double *before, int *kept)
{
    double gain = newton_direct(t);
    double scale = t->objective > t->scale ? t->objective : t->scale;
    if (!kedge_i_within(gain, 0.0, DBL_MAX) || t->objective < t->hopeless)
        return KEDGE_ERR_NUMERIC;
    double ratio = gain < *before ? gain / *before : 1.0;
    int rounding = gain <= NEWTON_ROUNDING * scale && ratio > 0.5;
    if (*kept && ratio > t->slow && gain > NEWTON_ROUNDING * scale)
        return newton_again(t, kept);
    if (gain * ratio <= tolerance * tolerance * scale || rounding) {
        if (t->partial && newton_is_blind(t, tolerance * tolerance * scale))
            return newton_again(t, kept);
        newton_finish(t, gain);
        return 0;
    }
    *before = gain;
    *kept = gain <= t->near * scale;
    if (!newton_move(t, NEWTON_HALVINGS, !*kept))
        return t->partial ? newton_again(t, kept) : gain <= NEWTON_STALL * scale ? KEDGE_OK : KEDGE_ERR_NUMERIC;
    if (!*kept)
        kedge_i_newton_decompose(t);
    return 1;
}

/* f and f' where to start, and a decomposition, unless one is there. */
static void newton_begin(kedge_i_newton *t)
{
    if (t->ready) {
        memcpy(t->next, t->now, t->width * sizeof *t->next);
        t->objective = t->evaluate(t->problem, 0);
    } else {
        kedge_i_newton_refresh(t);
    }
    t->ready = 0;
}

kedge_status kedge_i_newton_minimise(kedge_i_newton *t, double tolerance, uint32_t max_iterations)
{
    int kept = t->ready != 0;
    newton_begin(t);
    if (!kedge_i_within(t->objective, 0.0, DBL_MAX))
        return KEDGE_ERR_NUMERIC;
    double before = t->objective;
    for (t->iterations = 1; t->iterations <= max_iterations; t->iterations++) {
        int more = newton_step(t, tolerance, &before, &kept);
        if (more <= 0)
            return more;
    }
    return KEDGE_ERR_NUMERIC;
}
