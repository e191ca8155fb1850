/* SPDX-License-Identifier: MIT */
/* Sorting in the caller's memory: libc's qsort may allocate. */
#ifndef KEDGE_BASE_SORT_H
#define KEDGE_BASE_SORT_H

#include <stddef.h>

/* Sort n finite numbers upwards; `spare` has room for as many. -0 and 0 may stand in any order. O(n), some 25 ns a number, and O(n log n) below
 * a thousand. */
void kedge_i_sort(double *x, size_t n, double *spare);

#endif
