/* SPDX-License-Identifier: MIT */
/* Statistics of sums over pairs of rows, with a permutation test that computes each pair's figure once and keeps it. */
#ifndef KEDGE_SHIFT_PAIRS_H
#define KEDGE_SHIFT_PAIRS_H

#include "shift/pooled.h"

/* The figure of two rows at the square of their distance. */
typedef double (*kedge_i_pair_figure)(double square_distance, double width);

/* Sums over pairs, each counted once. */
typedef struct kedge_i_pair_sums {
    double n;         /* rows of the reference */
    double m;         /* rows of the current sample */
    double reference; /* both rows from it: n (n - 1) / 2 */
    double current;   /* likewise */
    double across;    /* one from each: n m */
} kedge_i_pair_sums;

typedef double (*kedge_i_pair_statistic)(const kedge_i_pair_sums *sums);

typedef struct kedge_i_pairs {
    kedge_i_pair_figure figure;
    double width;
    kedge_i_pair_statistic statistic;
} kedge_i_pairs;

/* Doubles of scratch; UINT64_MAX: too many rows. */
uint64_t kedge_i_pairs_scratch(const kedge_shift_config *cfg, uint64_t n_all);

/* Sets statistic, and p_value and p_method unless the p_method is KEDGE_P_NONE. O(N^2 columns + n_resamples min(n, m)^2). */
kedge_i_pair_sums kedge_i_pairs_test(const kedge_shift_config *cfg, const kedge_i_pairs *pairs, const kedge_i_pooled *p,
                                     kedge_rng *rng, double *scratch, kedge_shift_result *out);

#endif
