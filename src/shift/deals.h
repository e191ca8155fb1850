/* SPDX-License-Identifier: MIT */
/* Permutation tests of statistics that depend on two sums of vectors, in one pass over the rows: each row's vector is computed once
 * and goes to the sums of all deals at once, so memory does not grow with the rows. */
#ifndef KEDGE_SHIFT_DEALS_H
#define KEDGE_SHIFT_DEALS_H

#include "kedge/shift.h"

/* A statistic that grows with the difference of two samples, from the sums of their rows' vectors. */
typedef double (*kedge_i_deals_statistic)(const void *context, const double *reference, const double *current);

typedef struct kedge_i_deals {
    double *total;        /* n_numbers: over all rows */
    double *other;        /* n_numbers: of the side that has no sum */
    double *sums;         /* n_numbers of the smaller sample: as it is, then of each deal */
    double *open;         /* of each deal: places that are left in the smaller sample */
    unsigned char *rngs;  /* kedge_rng[] of the deals */
    size_t n_numbers;
    size_t n_rows[2];     /* of the reference and of the current sample */
    uint64_t n_left;      /* rows to come */
    uint32_t n_deals;
} kedge_i_deals;

/* Doubles of scratch. At most 2^32 deals of 2^30 numbers. */
uint64_t kedge_i_deals_scratch(const kedge_shift_config *cfg, uint64_t n_numbers);

kedge_i_deals kedge_i_deals_begin(const kedge_shift_config *cfg, size_t n, size_t m, size_t n_numbers, kedge_rng *rng,
                                  double *scratch);

/* The next row's vector; n + m of them. */
void kedge_i_deals_add(kedge_i_deals *d, const double *vector, int is_current);

/* Sets statistic, and expected (unless none), p_value and p_method unless the p_method is KEDGE_P_NONE. `slack`: what rounding may
 * do to the statistic. */
void kedge_i_deals_test(const kedge_shift_config *cfg, kedge_i_deals *d, kedge_i_deals_statistic statistic, const void *context,
                        double slack, kedge_shift_result *out);

#endif
