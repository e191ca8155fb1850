/* SPDX-License-Identifier: MIT */
/* What tests on empirical distribution functions share. */
#ifndef KEDGE_SHIFT_EDF_H
#define KEDGE_SHIFT_EDF_H

#include "kedge/shift.h"

#include "shift/runs.h"

/* A sum with the digits that each addition would lose: Neumaier 1974. Terms are not negative. */
typedef struct kedge_i_exact_sum {
    double sum, rest;
} kedge_i_exact_sum;

static inline void kedge_i_add(kedge_i_exact_sum *s, double term)
{
    double next = s->sum + term;
    s->rest += s->sum >= term ? s->sum - next + term : term - next + s->sum;
    s->sum = next;
}

/* n m (G - F) at a run, F and G being the means of their values left and right of it. */
static inline double kedge_i_runs_gap(const kedge_i_runs *r)
{
    double u = (double)r->i - 0.5 * (double)r->n_here;
    double v = (double)r->j - 0.5 * (double)r->m_here;
    return (double)r->s->n_reference * v - (double)r->s->n_current * u;
}

/* Are all values of both samples the same? Then every way to deal them out is the same as well. */
static inline int kedge_i_samples_are_constant(const kedge_shift_samples *s)
{
    double first = s->reference[0];
    return s->reference[s->n_reference - 1] <= first && s->current[0] >= first && s->current[s->n_current - 1] <= first;
}

/* Is a value there more than once, in one sample or in both? */
static inline int kedge_i_samples_have_ties(const kedge_shift_samples *s)
{
    for (kedge_i_runs r = kedge_i_runs_begin(s); kedge_i_runs_next(&r);)
        if (r.n_here + r.m_here > 1)
            return 1;
    return 0;
}

/* What E ((n m (G - F))^2) (N - 1) / (n m N^2) is at a run of `here` values after `left` others, if nothing changed: exact, ties
 * or not. */
static inline double kedge_i_edf_variance(double n_all, double left, double here)
{
    double right = n_all - left - here;
    return (left * right + 0.25 * here * (left + right)) / (n_all * n_all);
}

/* Of S = sum over all values of weight times (n m (G - F))^2 (N - 1) / (n m N^3), if nothing changed. The weight is 1, or one
 * over the above, `in_tails`. The samples are not constant. O(N). */
typedef struct kedge_i_edf_moments {
    double mean;
    double variance; /* of the normal limit; that of N numbers is a little different */
} kedge_i_edf_moments;

kedge_i_edf_moments kedge_i_edf_moments_of(const kedge_shift_samples *s, int in_tails);

/* Likewise for N different values. */
kedge_i_edf_moments kedge_i_edf_moments_untied(double n_all, int in_tails);

/* An effect: the integral of (F - G)^2 / (H (1 - H)) dH, H = (F + G) / 2, all jumping halfway: 0 to 8 ln 2 - 4, apart. */
double kedge_i_tail_distance(const kedge_shift_samples *s);

/* Scratch where AUTO goes through all ways if they are few, and else takes a limit law. */
uint64_t kedge_i_edf_scratch(const void *config, uint64_t n, uint64_t m, uint64_t n_columns);

#endif
