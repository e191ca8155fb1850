/* SPDX-License-Identifier: MIT */
/* Part of a table for a round of successive halving. */
#ifndef KEDGE_SELECT_SAMPLE_H
#define KEDGE_SELECT_SAMPLE_H

#include "kedge/select.h"

typedef struct kedge_i_sample {
    kedge_rows rows;
    const double *y;
    const double *weight; /* NULL: all 1 */
} kedge_i_sample;

/* Bytes that a sample of n rows takes, a multiple of KEDGE_ALIGN; saturates at 2^63. */
uint64_t kedge_i_sample_bytes(uint64_t n_features, uint64_t n_classes, uint64_t n);

/* n of the rows of a checked table, drawn without replacement, copied into memory in the order of the table. With classes, of each
 * its share, give or take a row. */
kedge_i_sample kedge_i_sample_draw(const kedge_i_sample *table, uint32_t n_classes, size_t n, uint64_t seed, void *memory);

/* The last n rows, where they stand. */
kedge_i_sample kedge_i_sample_newest(const kedge_i_sample *table, size_t n);

#endif
