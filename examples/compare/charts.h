/* SPDX-License-Identifier: MIT */
/* The report's plots, as SVG: a column's distribution in the reference and in the current rows. */
#ifndef COMPARE_CHARTS_H
#define COMPARE_CHARTS_H

#include <stdio.h>

#include "drift.h"

/* A histogram of a numeric column, bars for a column of categories. 0: out of memory. */
int charts_column(FILE *out, const drift *d, const frame *f, size_t column);

#endif
