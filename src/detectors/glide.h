/* SPDX-License-Identifier: MIT */
/* Error-rate detectors compare a level p + s with others: the least so far, that of warning, that of drift. An observation whose
 * level surely stays between two of these changes nothing but the rate, so its level itself is not needed, only where it lies, and
 * squares tell that without a root: p + s > a <=> s^2 > (a - p)^2, or a < p. A batch takes such observations in pairs, where the
 * compiler has vectors: else divisions and comparisons take longer than the chain of the rate, which is all that an observation
 * should wait for. */
#ifndef KEDGE_DETECTORS_GLIDE_H
#define KEDGE_DETECTORS_GLIDE_H

#include <stdint.h>

#ifdef __GNUC__
#define DETECTOR_GLIDES 1
#define DETECTOR_GLIDE_MARGIN 4e-15 /* far above what rounding can do to levels up to 2, on either side */
#define DETECTOR_GLIDE_COUNT_MAX ((uint64_t)1 << 52) /* counts beyond it are not all doubles */

typedef double detector_pair __attribute__((vector_size(16)));
typedef int64_t detector_pair_bits __attribute__((vector_size(16)));

/* x |x| */
static inline detector_pair detector_signed_square(detector_pair x)
{
    detector_pair_bits magnitude = (detector_pair_bits)x & INT64_MAX;
    return x * (detector_pair)magnitude;
}

/* Are both levels surely above low and below high? From rates and squared deviations. */
static inline int detector_is_between(detector_pair rate, detector_pair square, double low, double high)
{
    detector_pair above = (low + DETECTOR_GLIDE_MARGIN) - rate;
    detector_pair below = (high - DETECTOR_GLIDE_MARGIN) - rate;
    detector_pair_bits sure = (square > detector_signed_square(above)) & (square < detector_signed_square(below));
    return (sure[0] & sure[1]) != 0;
}

#endif

#endif
