/* SPDX-License-Identifier: MIT */
/* Names in a table's first line. */
#ifndef EXAMPLES_HEADER_H
#define EXAMPLES_HEADER_H

#include "csv.h"

/* Says that no column is called name[0 .. n-1], which `option` named, and which there are. Always 0, as csv_fail(). */
int header_unknown(char *const *header, size_t n_columns, const char *option, const char *name, size_t n, csv_error *error);

#endif
