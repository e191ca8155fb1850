/* SPDX-License-Identifier: MIT */
/* How long things took, in a few buckets: eight to a power of two, as in Tene's HdrHistogram, from 2^20 ns (a millisecond) to 2^56
 * ns (two years). A quantile is the middle of its bucket, not above the longest: at most 1/16 off what it should be, below the
 * first power at most 2^19 ns. */
#ifndef KEDGE_METRICS_SPANS_H
#define KEDGE_METRICS_SPANS_H

#include <math.h>
#include <stdint.h>

#include "base/number.h"

enum {
    KEDGE_I_SPANS_FIRST = 20, /* power of two that the second bucket starts at */
    KEDGE_I_SPANS_LAST = 56,  /* and the last one */
    KEDGE_I_SPANS_BITS = 3,   /* of a value that tell apart within a power */
    KEDGE_I_SPANS = 2 + ((KEDGE_I_SPANS_LAST - KEDGE_I_SPANS_FIRST) << KEDGE_I_SPANS_BITS)
};

static inline uint32_t kedge_i_span_of(uint64_t ns)
{
    const uint32_t each = 1u << KEDGE_I_SPANS_BITS;
    uint32_t power = ns > 0 ? kedge_i_log2(ns) : 0;
    if (power < KEDGE_I_SPANS_FIRST)
        return 0;
    if (power >= KEDGE_I_SPANS_LAST)
        return KEDGE_I_SPANS - 1;
    return 1 + (power - KEDGE_I_SPANS_FIRST) * each + ((uint32_t)(ns >> (power - KEDGE_I_SPANS_BITS)) & (each - 1));
}

/* Middle of a bucket; of the last one its start. */
static inline uint64_t kedge_i_span_middle(uint32_t i)
{
    const uint32_t each = 1u << KEDGE_I_SPANS_BITS;
    if (i == 0)
        return (uint64_t)1 << (KEDGE_I_SPANS_FIRST - 1);
    if (i == KEDGE_I_SPANS - 1)
        return (uint64_t)1 << KEDGE_I_SPANS_LAST;
    uint32_t power = KEDGE_I_SPANS_FIRST + (i - 1) / each;
    uint64_t eighths = 2 * (each + (i - 1) % each) + 1;
    return eighths << (power - KEDGE_I_SPANS_BITS - 1);
}

/* The least of n spans that a share q of them does not exceed; NaN without any. The greatest of all is told exactly. */
static inline double kedge_i_spans_quantile(const uint32_t *counts, uint64_t n, uint64_t max_ns, double q)
{
    double rank = ceil(q * (double)(int64_t)n);
    double sum = 0.0;
    uint32_t i = 0;
    if (n == 0)
        return (double)NAN;
    while (i < KEDGE_I_SPANS - 1 && sum + counts[i] < rank)
        sum += counts[i++];
    uint64_t middle = kedge_i_span_middle(i);
    return rank < (double)(int64_t)n && middle < max_ns ? (double)middle : (double)max_ns;
}

#endif
