/* SPDX-License-Identifier: MIT */
/* A training table in bins, column by column in a fit's work memory: at most 255 bins a feature and one for missing values. */
#ifndef KEDGE_MODELS_BIN_TABLE_H
#define KEDGE_MODELS_BIN_TABLE_H

#include "kedge/base.h"

enum { BIN_TABLE_SAMPLE = 200000 }; /* rows that cuts are made from, at most (scikit-learn) */

typedef struct bin_table {
    const kedge_rows *x;
    uint8_t *codes;      /* n_rows of feature 0, then of feature 1 ...; n_bins[feature] is a missing value */
    double *edges;       /* max_bins - 1 a feature: values <= edge i are in bin i or below */
    uint32_t *n_bins;    /* of a feature */
    uint32_t *features;  /* those with anything to split, ascending */
    uint32_t n_features; /* how many there are in `features` */
    uint32_t max_bins;   /* also categories of a nominal feature */
    const uint64_t *nominal;
} bin_table;

/* Rows `rows`, 0 to n - 1, are trained on; all rows are coded. Room for two arrays of the lesser of n and BIN_TABLE_SAMPLE
 * doubles. */
void kedge_i_bin_table_fill(bin_table *b, const uint32_t *rows, size_t n, double *sample, double *spare);

static inline const uint8_t *bin_table_column(const bin_table *b, uint32_t feature)
{
    return b->codes + (size_t)feature * b->x->n_rows;
}

static inline double bin_table_edge(const bin_table *b, uint32_t feature, uint32_t bin)
{
    return b->edges[(size_t)feature * (b->max_bins - 1) + bin];
}

#endif
