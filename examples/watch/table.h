/* SPDX-License-Identifier: MIT */
/* The figures of all ways as one table: on a terminal, and in the report. */
#ifndef WATCH_TABLE_H
#define WATCH_TABLE_H

#include "ways.h"

enum { TABLE_COLUMNS = 13, TABLE_CELL = 32 };

/* Heading and meaning of a column. */
const char *table_heading(size_t column);
const char *table_meaning(size_t column);

/* A cell as text. */
void table_cell(const way *w, size_t column, char text[TABLE_CELL]);

void table_print(const data_set *d, const way *ways, size_t n_ways);

/* A duration, 3 digits and a unit. */
void table_duration(double ns, char text[TABLE_CELL]);

#endif
