/* SPDX-License-Identifier: MIT */
/* Sorting numbers that carry another one along. */
#ifndef KEDGE_BASE_SORT_PAIRS_H
#define KEDGE_BASE_SORT_PAIRS_H

#include <stddef.h>

typedef struct kedge_i_pair {
    double key;   /* finite */
    double value; /* anything */
} kedge_i_pair;

/* Sort n pairs by their keys, upwards; equal keys stay in their order, but -0 and 0 may stand in any. `spare` has room for as many.
 * n < 2^32. O(n). */
void kedge_i_sort_pairs(kedge_i_pair *x, size_t n, kedge_i_pair *spare);

#endif
