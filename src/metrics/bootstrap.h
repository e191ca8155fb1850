/* SPDX-License-Identifier: MIT */
/* Confidence intervals of any statistics of a table's rows, all from the same resamples, so that a difference of two statistics is
 * a statistic too: that of a paired bootstrap. A resample is told by how often each row counts, so whatever had to be sorted is
 * sorted once. */
#ifndef KEDGE_METRICS_BOOTSTRAP_H
#define KEDGE_METRICS_BOOTSTRAP_H

#include "kedge/score.h"

/* The statistics where row i counts times[i] times: n_values numbers, each finite or, where the rows do not determine it, NaN. */
typedef void (*kedge_i_bootstrap_values)(void *context, const uint32_t *times, double *values);

typedef struct kedge_i_bootstrap {
    size_t n;             /* rows, 1 to 2^32 - 2 */
    size_t block;         /* neighbours that are drawn together, 1 to n: for rows in the order of time, which are not independent */
    uint32_t n_values;    /* statistics, >= 1 */
    uint32_t n_resamples; /* >= 1 */
    double confidence;    /* of each interval, (0, 1) */
    uint64_t seed;
    kedge_i_bootstrap_values values;
    void *context;
} kedge_i_bootstrap;

/* Bytes of work memory, a multiple of KEDGE_ALIGN; saturates at UINT64_MAX. */
uint64_t kedge_i_bootstrap_bytes(uint64_t n, uint32_t n_values, uint32_t n_resamples);

/* n_values estimates. No interval (NaN) where the rows determine no value, or in fewer than half of the resamples.
 * O(n_resamples + min(n, 200)) calls of `values`, each with O(n) besides. */
void kedge_i_bootstrap_run(const kedge_i_bootstrap *b, void *work, kedge_figure *out);

#endif
