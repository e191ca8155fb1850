/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Coordinate descent with covariance updates: Friedman, Hastie, Tibshirani 2010, "Regularization paths for generalized linear
 * models via coordinate descent", Journal of Statistical Software 33, sections 2.2 and 2.6. With the slopes c = Z'(y - Z v), column
 * j moves to
 *     v = S(c + v, l1) / (1 + l2),   S(z, l) = sign(z) max(|z| - l, 0)                                               (their eq. 5
 *     and 8)
 * Sweeps over all columns find those that take part, sweeps over these alone follow. Where columns go together these creep; so they
 * end with the minimum for the signs found, by Cholesky, or with the first sign that changes on the way there (as in Osborne,
 * Presnell, Turlach 2000, "A new approach to variable selection in least squares problems", section 3): the objective falls in each
 * such step.
 *
 * The loop ends by the duality gap. For a dual point s (y - Z v) it is, with f the penalty of a column and f* its conjugate,
 *     (1 - s)^2 |y - Z v|^2 / 2 + sum of f(v) + f*(s c) - v s c
 * a sum of terms >= 0, so nothing cancels and small gaps are exact. s <= 1 makes |s c| <= l1 where l2 is (nearly) 0. */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "gsl/coordinate.h"

#include "gsl/linear_model.h"
#include "gsl/newton.h"

#define NET_RIDGE_MIN 1e-10 /* of l2, from which on its conjugate serves in the gap */
#define NET_STILL     1e-14 /* a sweep that moves no column farther has no more to say */
enum {
    NET_SWEEPS = 8, /* over the columns that take part, at least; as many more as a solution for them costs */
    NET_CORNERS = 8 /* changes of signs in one go */
};

uint64_t kedge_i_net_room(uint64_t n)
{
    uint64_t used = 0;
    (void)kedge_i_gsl_take(&used, n, n);
    (void)kedge_i_gsl_take(&used, n, kedge_i_newton_stride(n));
    (void)kedge_i_gsl_take(&used, n, 8);
    return used;
}

void kedge_i_net_place(kedge_i_net *t, size_t n, double *room)
{
    memset(t, 0, sizeof *t);
    t->n = n;
    t->gram = room;
    t->system = t->gram + n * n;
    t->target = t->system + n * (size_t)kedge_i_newton_stride(n);
    t->l1 = t->target + n;
    t->l2 = t->l1 + n;
    t->v = t->l2 + n;
    t->slope = t->v + n;
    t->step = t->slope + n;
    t->diagonal = t->step + n;
    t->active = (size_t *)(void *)(t->diagonal + n);
    memset(t->v, 0, n * sizeof *t->v);
}

static int net_is_live(const kedge_i_net *t, size_t j)
{
    return t->gram[j * (t->n + 1)] > 0.0;
}

/* Add `by` to a number. */
static void net_shift(kedge_i_net *t, size_t j, double by)
{
    const double *row = t->gram + j * t->n;
    t->v[j] += by;
    for (size_t i = 0; i < t->n; i++)
        t->slope[i] -= by * row[i];
}

/* Slopes anew, without what updates have lost. */
static void net_refresh(kedge_i_net *t)
{
    memcpy(t->slope, t->target, t->n * sizeof *t->slope);
    for (size_t j = 0; j < t->n; j++)
        if (t->v[j] != 0.0) {
            double v = t->v[j];
            t->v[j] = 0.0;
            net_shift(t, j, v);
        }
}

/* Returns how far it moved. */
static double net_move(kedge_i_net *t, size_t j)
{
    double old = t->v[j];
    double z = t->slope[j] + old;
    double rest = fabs(z) - t->l1[j];
    double v = rest > 0.0 ? rest / (1.0 + t->l2[j]) : 0.0;
    double by = (z < 0.0 ? -v : v) - old;
    if (by == 0.0)
        return 0.0;
    net_shift(t, j, by);
    t->v[j] = z < 0.0 ? -v : v; /* exactly */
    return fabs(by);
}

static void net_sweep_all(kedge_i_net *t)
{
    t->iterations++;
    for (size_t j = 0; j < t->n; j++)
        if (net_is_live(t, j))
            (void)net_move(t, j);
}

static size_t net_collect(kedge_i_net *t)
{
    size_t m = 0;
    for (size_t j = 0; j < t->n; j++)
        if (t->v[j] != 0.0)
            t->active[m++] = j;
    return m;
}

static void net_sweep_active(kedge_i_net *t, size_t m, uint32_t max_sweeps)
{
    uint64_t worth = NET_SWEEPS + (uint64_t)m * m / (3 * (uint64_t)t->n);
    double most = 1.0;
    for (uint64_t i = 0; i < worth && t->iterations < max_sweeps && most > NET_STILL; i++) {
        most = 0.0;
        t->iterations++;
        for (size_t k = 0; k < m; k++)
            most = fmax(most, net_move(t, t->active[k]));
    }
}

/* The step to the minimum for the signs of the m active columns; none in what the columns before determine. */
static void net_solve(kedge_i_net *t, size_t m)
{
    kedge_i_newton u;
    memset(&u, 0, sizeof u);
    u.width = m;
    u.stride = (size_t)kedge_i_newton_stride(m);
    u.diagonal = t->diagonal;
    u.matrix = t->system;
    for (size_t i = 0; i < m; i++) {
        size_t a = t->active[i];
        for (size_t k = i; k < m; k++)
            t->system[i * u.stride + k] = t->gram[a * t->n + t->active[k]];
        t->system[i * (u.stride + 1)] += t->l2[a];
        t->step[i] = t->slope[a] - (t->v[a] > 0.0 ? t->l1[a] : -t->l1[a]) - t->l2[a] * t->v[a];
    }
    kedge_i_newton_decompose(&u);
    kedge_i_newton_solve(&u, t->step);
}

/* Up to the first number that becomes 0. Returns whether there was one. */
static int net_advance(kedge_i_net *t, size_t m)
{
    double length = 1.0;
    size_t first = m;
    for (size_t i = 0; i < m; i++) {
        double v = t->v[t->active[i]];
        if (v > 0.0 ? v + length * t->step[i] >= 0.0 : v + length * t->step[i] <= 0.0)
            continue;
        length = -v / t->step[i];
        first = i;
    }
    for (size_t i = 0; i < m; i++)
        t->v[t->active[i]] += length * t->step[i];
    if (first < m)
        t->v[t->active[first]] = 0.0;
    net_refresh(t);
    return first < m;
}

static void net_finish(kedge_i_net *t, size_t m)
{
    for (int i = 0; i < NET_CORNERS && m > 0; i++) {
        net_solve(t, m);
        if (!net_advance(t, m))
            return;
        m = net_collect(t);
    }
}

double kedge_i_net_residual(const kedge_i_net *t)
{
    double squares = 1.0;
    for (size_t j = 0; j < t->n; j++)
        squares -= t->v[j] * (t->target[j] + t->slope[j]);
    return fmax(squares, 0.0);
}

/* The s that makes the dual point feasible for all columns of a ridge part below `least`; penalties on magnitudes are larger by
 * `noise`. */
static double net_dual_scale(const kedge_i_net *t, double noise, double least)
{
    double s = 1.0;
    for (size_t j = 0; j < t->n; j++) {
        double c = fabs(t->slope[j]), most = t->l1[j] + noise;
        if (net_is_live(t, j) && t->l2[j] < least && s * c > most)
            s = most / c;
    }
    return s;
}

static double net_gap_at(const kedge_i_net *t, double noise, double s)
{
    double gap = 0.5 * (1.0 - s) * (1.0 - s) * kedge_i_net_residual(t);
    for (size_t j = 0; j < t->n; j++) {
        if (!net_is_live(t, j))
            continue;
        double v = t->v[j], c = s * t->slope[j], most = t->l1[j] + noise;
        double excess = fmax(fabs(c) - most, 0.0);
        gap += fabs(v) * most - v * c + 0.5 * t->l2[j] * v * v + 0.5 * excess * excess / fmax(t->l2[j], NET_RIDGE_MIN);
    }
    return fmax(gap, 0.0);
}

/* The better of two dual points. Is it small enough? Slopes are rounded, so penalties are taken to be that much larger, which
 * counts for nothing. */
static int net_is_near(kedge_i_net *t, double tolerance)
{
    double sum = 0.0;
    for (size_t j = 0; j < t->n; j++)
        sum += fabs(t->v[j]);
    double noise = 4.0 * DBL_EPSILON * (1.0 + sum);
    double with_ridge = net_gap_at(t, noise, net_dual_scale(t, noise, NET_RIDGE_MIN));
    t->gap = fmin(with_ridge, net_gap_at(t, noise, net_dual_scale(t, noise, DBL_MAX)));
    return t->gap <= tolerance + 2.0 * noise * sum;
}

int kedge_i_net_minimise(kedge_i_net *t, double tolerance, uint32_t max_sweeps)
{
    uint32_t before = t->iterations;
    uint32_t end = max_sweeps < UINT32_MAX - before ? before + max_sweeps : UINT32_MAX;
    net_refresh(t);
    do {
        net_sweep_all(t);
        t->converged = net_is_near(t, tolerance);
        if (t->converged || t->iterations >= end)
            break;
        net_sweep_active(t, net_collect(t), end);
        net_finish(t, net_collect(t));
        t->converged = net_is_near(t, tolerance);
    } while (!t->converged && t->iterations < end);
    return t->converged;
}
