/* SPDX-License-Identifier: MIT */
/* Walks through two sorted samples by their distinct values. */
#ifndef KEDGE_SHIFT_RUNS_H
#define KEDGE_SHIFT_RUNS_H

#include "kedge/shift.h"

typedef struct kedge_i_runs {
    const kedge_shift_samples *s;
    size_t i, j;          /* values of the reference and of the current sample up to this run, itself included */
    size_t n_here, m_here; /* how many of each have its value */
    double value;
} kedge_i_runs;

static inline kedge_i_runs kedge_i_runs_begin(const kedge_shift_samples *s)
{
    kedge_i_runs r = {s, 0, 0, 0, 0, 0.0};
    return r;
}

/* The next distinct value; 0 at the end. */
static inline int kedge_i_runs_next(kedge_i_runs *r)
{
    const kedge_shift_samples *s = r->s;
    size_t i = r->i;
    size_t j = r->j;
    if (i == s->n_reference && j == s->n_current)
        return 0;
    if (j == s->n_current || (i < s->n_reference && s->reference[i] <= s->current[j]))
        r->value = s->reference[i];
    else
        r->value = s->current[j];
    while (i < s->n_reference && s->reference[i] <= r->value)
        i++;
    while (j < s->n_current && s->current[j] <= r->value)
        j++;
    r->n_here = i - r->i;
    r->m_here = j - r->j;
    r->i = i;
    r->j = j;
    return 1;
}

#endif
