/* SPDX-License-Identifier: MIT */
/* Bins of equal width within a range, the outer ones open. */
#ifndef KEDGE_DETECTORS_EQUAL_BINS_H
#define KEDGE_DETECTORS_EQUAL_BINS_H

#include <stdint.h>

/* A number below the range is in the first bin, one above it in the last; so it is for a range of one number, which has the middle
 * one. */
static inline uint32_t detector_equal_bin(double x, double low, double high, uint32_t n_bins)
{
    double range = high > low ? high - low : 1.0;
    double inside = x > low ? x : low;
    inside = (inside < high ? inside : high) - low;
    if (low == high && x == low)
        return n_bins / 2;
    if (x >= high)
        return n_bins - 1;
    uint32_t bin = (uint32_t)(inside / range * (double)n_bins);
    return bin < n_bins ? bin : n_bins - 1;
}

#endif
