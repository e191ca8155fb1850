/* SPDX-License-Identifier: MIT */
/* The report's plots, as SVG. */
#ifndef WATCH_CHARTS_H
#define WATCH_CHARTS_H

#include <stdio.h>

#include "ways.h"

/* Accuracy over the stream, with a lane of alarms and retrainings for each way below it. */
void charts_accuracy(FILE *f, const data_set *d, const way *ways, size_t n_ways);

/* Time a row against the share of rows that took no longer. */
void charts_latency(FILE *f, const way *ways, size_t n_ways);

#endif
