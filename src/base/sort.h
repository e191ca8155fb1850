/* SPDX-License-Identifier: MIT */
/* Sorting in the caller's memory: libc's qsort may allocate. */
#ifndef KEDGE_BASE_SORT_H
#define KEDGE_BASE_SORT_H

#include <stddef.h>
#include <stdint.h>

/* Sort n finite numbers upwards; `spare` has room for as many. -0 and 0 may stand in any order. O(n), some 25 ns a number, and O(n
 * log n) below a thousand. */
void kedge_i_sort(double *x, size_t n, double *spare);

/* The indices 0 to n - 1 in the order of what they stand for. is_behind: does a stand behind b? Never both ways. O(n log n), no
 * memory. */
void kedge_i_sort_indices(uint32_t *order, size_t n, int (*is_behind)(const void *context, uint32_t a, uint32_t b),
                          const void *context);

#endif
