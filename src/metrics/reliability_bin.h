/* SPDX-License-Identifier: MIT */
/* The bins of a reliability diagram: equal widths over [0, 1], each includes its upper end. */
#ifndef KEDGE_METRICS_RELIABILITY_BIN_H
#define KEDGE_METRICS_RELIABILITY_BIN_H

#include <stdint.h>

/* Upper end of a bin, as NumPy divides an interval. */
static inline double kedge_i_bin_end(uint32_t n_bins, uint32_t bin)
{
    return bin + 1 == n_bins ? 1.0 : (bin + 1) * (1.0 / n_bins);
}

/* The bin whose ends hold p, which is in [0, 1]. */
static inline uint32_t kedge_i_bin(uint32_t n_bins, double p)
{
    uint32_t bin = (uint32_t)(p * n_bins);
    bin = bin < n_bins ? bin : n_bins - 1;
    while (bin > 0 && p <= kedge_i_bin_end(n_bins, bin - 1))
        bin--;
    while (p > kedge_i_bin_end(n_bins, bin))
        bin++;
    return bin;
}

#endif
