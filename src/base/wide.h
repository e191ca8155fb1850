/* SPDX-License-Identifier: MIT */
/* Whole numbers of 128 bits in two halves, for exact sums that outgrow 64: what is added up in any order is the same. */
#ifndef KEDGE_BASE_WIDE_H
#define KEDGE_BASE_WIDE_H

#include <stdint.h>

static inline void kedge_i_wide_add(uint64_t *high, uint64_t *low, uint64_t more_high, uint64_t more_low)
{
    *low += more_low;
    *high += more_high + (*low < more_low);
}

/* a b, by halves: Knuth, The Art of Computer Programming 2, section 4.3.1, algorithm M. */
static inline void kedge_i_wide_product(uint64_t a, uint64_t b, uint64_t *high, uint64_t *low)
{
    uint64_t a_high = a >> 32, a_low = a & UINT32_MAX;
    uint64_t b_high = b >> 32, b_low = b & UINT32_MAX;
    uint64_t least = a_low * b_low;
    uint64_t middle = a_high * b_low + (least >> 32);
    uint64_t other = a_low * b_high + (middle & UINT32_MAX);
    *high = a_high * b_high + (middle >> 32) + (other >> 32);
    *low = (other << 32) | (least & UINT32_MAX);
}

static inline double kedge_i_wide_value(uint64_t high, uint64_t low)
{
    return (double)high * 18446744073709551616.0 + (double)low;
}

#endif
