/* SPDX-License-Identifier: MIT */
/* Labels as classes 0, 1, ...: numbers in the order of numbers, other texts in the order of texts. */
#ifndef WATCH_LABELS_H
#define WATCH_LABELS_H

#include <stddef.h>

/* Writes the class of each of n texts to y and the distinct labels, sorted, to classes. Returns how many there are; more than max:
 * max + 1, and y is not complete; then *at is the first row of one too many. */
size_t labels_map(char *const *texts, size_t n, size_t max, double *y, char **classes, size_t *at);

#endif
