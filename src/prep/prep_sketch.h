/* SPDX-License-Identifier: MIT */
/* Quantiles of columns row by row: a profile for each column, as parts of a prep. They are asked for anew each time there are a
 * sixteenth part more values, so that asking costs less than learning. */
#ifndef KEDGE_PREP_PREP_SKETCH_H
#define KEDGE_PREP_PREP_SKETCH_H

#include "kedge/class.h"

enum { PREP_SKETCH_LEVEL = 128 }; /* default level size */

extern const kedge_class *const kedge_i_sketch_parts[];

/* Bytes of the sketch of a column; 0: no such level size. */
uint32_t kedge_i_sketch_bytes(uint32_t level_size);
/* n sketches of so many bytes each, side by side. */
void kedge_i_sketch_begin(void *sketches, uint32_t bytes, uint32_t n, uint32_t level_size);
int kedge_i_sketch_check(const void *sketches, uint32_t bytes, uint32_t n);

/* One value; finite. 1: quantiles are due to be asked for; then set *due again. */
int kedge_i_sketch_take(void *sketch, double x, double *due);
/* Values that it has taken. */
uint64_t kedge_i_sketch_n(const void *sketch);
/* Values until they are due next. */
double kedge_i_sketch_due(const void *sketch);
/* A quantile of a sketch that has values. */
double kedge_i_sketch_quantile(const void *sketch, double q);

#endif
