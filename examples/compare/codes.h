/* SPDX-License-Identifier: MIT */
/* A column's fields as numbers: of what kind it is, and the codes of categories. */
#ifndef COMPARE_CODES_H
#define COMPARE_CODES_H

#include <stddef.h>

#include "frame.h"

/* Is the field 0, 1, false or true? */
int codes_boolean(const char *text, double *value);

/* Decides the column's kind, unless it is given, and fills in the rest from n cells, stride apart. 0: out of memory. */
int codes_column(frame_column *c, const char *const *cells, size_t n, size_t stride);

#endif
