/* SPDX-License-Identifier: MIT */
/* The complete rows of two tables as one, which is what tests of several columns work on. All that is learned from them, scales and
 * bandwidth, does not know which row came from which sample, so dealing the rows out anew stays a valid test. */
#ifndef KEDGE_SHIFT_POOLED_H
#define KEDGE_SHIFT_POOLED_H

#include <math.h>

#include "kedge/shift.h"

typedef struct kedge_i_pooled {
    double *x; /* n + m rows of n_columns numbers, the reference's first */
    size_t n;  /* rows of the reference */
    size_t m;  /* rows of the current sample */
    size_t n_columns;
} kedge_i_pooled;

/* Copies the rows without NaN to x, which has room for all, and sets the counts. KEDGE_EMPTY: a sample has fewer than `least`. */
kedge_status kedge_i_pooled_gather(const kedge_shift_config *cfg, const kedge_rows *reference, const kedge_rows *current,
                                   size_t least, double *x, kedge_i_pooled *p, kedge_shift_result *out);

/* Gives each column the mean 0 and, unless it is constant, the variance 1 (of n). */
void kedge_i_pooled_standardise(kedge_i_pooled *p);

static inline const double *kedge_i_pooled_row(const kedge_i_pooled *p, size_t i)
{
    return p->x + i * p->n_columns;
}

static inline double kedge_i_square_distance(const double *a, const double *b, size_t n)
{
    double sum = 0.0;
    for (size_t j = 0; j < n; j++)
        sum += (a[j] - b[j]) * (a[j] - b[j]);
    return sum;
}

static inline double kedge_i_gaussian(double square_distance, double bandwidth)
{
    return exp(-0.5 * (square_distance / bandwidth) / bandwidth);
}

/* k of the numbers 0 to n - 1 in rising order, every choice equally likely. Knuth 1997, volume 2, section 3.4.2, algorithm S. */
typedef struct kedge_i_choice_of {
    double left;  /* numbers to come */
    double open;  /* of these to be chosen */
} kedge_i_choice_of;

static inline int kedge_i_choose(kedge_i_choice_of *c, kedge_rng *rng)
{
    int yes = kedge_rng_uniform(rng) * c->left < c->open;
    c->left -= 1.0;
    c->open -= yes ? 1.0 : 0.0;
    return yes;
}

/* Copies `count` rows, chosen at random, to `to`. */
void kedge_i_pooled_draw(const kedge_i_pooled *p, size_t count, kedge_rng *rng, double *to);

/* The median rule for the width of a kernel: the median of the distances above 0 (the lower one of two) among 1000 rows chosen at
 * random, or all if they are fewer; 1 where all are 0. Gretton et al. 2012, section 8. */
uint64_t kedge_i_bandwidth_scratch(uint64_t n_all, uint64_t n_columns);
double kedge_i_bandwidth_median(const kedge_i_pooled *p, kedge_rng *rng, double *scratch);

#endif
