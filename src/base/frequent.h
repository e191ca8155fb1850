/* SPDX-License-Identifier: MIT */
/* The values that are there most often. */
#ifndef KEDGE_BASE_FREQUENT_H
#define KEDGE_BASE_FREQUENT_H

#include <stddef.h>
#include <stdint.h>

/* Of n sorted numbers the at most `most` (at least 1) most frequent ones, by falling frequency, and how often each is there.
 * Returns how many. */
uint32_t kedge_i_frequent(const double *x, size_t n, uint32_t most, double *values, uint32_t *counts);

#endif
