/* SPDX-License-Identifier: MIT */
/* The functions of quick.h for doubles side by side: the same operations in the same order, so the same bits. */
#ifndef KEDGE_BASE_QUICK_LANES_H
#define KEDGE_BASE_QUICK_LANES_H

#include "base/lanes.h"
#include "base/quick.h"

/* kedge_i_quick_exp2. */
static inline kedge_i_lanes kedge_i_lanes_quick_exp2(kedge_i_lanes x)
{
    const double magic = 6755399441055744.0;
    kedge_i_lanes shifted = x + magic;
    kedge_i_lanes r = (x - (shifted - magic)) * KEDGE_I_LN2;
    kedge_i_lanes r2 = r * r;
    kedge_i_lanes r4 = r2 * r2;
    kedge_i_lanes low = (1.0 + r) + r2 * (1.0 / 2.0 + r * (1.0 / 6.0));
    kedge_i_lanes middle = (1.0 / 24.0 + r * (1.0 / 120.0)) + r2 * (1.0 / 720.0 + r * (1.0 / 5040.0));
    kedge_i_lanes high = (1.0 / 40320.0 + r * (1.0 / 362880.0)) + r2 * (1.0 / 3628800.0 + r * (1.0 / 39916800.0));
    kedge_i_lane_bits power = (kedge_i_lanes_bits(shifted) << 52) + KEDGE_I_ONE; /* 2^k */
    return kedge_i_lanes_from_bits(power) * ((low + r4 * middle) + (r4 * r4) * high);
}

/* kedge_i_quick_log. */
static inline kedge_i_lanes kedge_i_lanes_quick_log(kedge_i_lanes x)
{
    const uint64_t root_half = 0x3fe6a09e667f3bcdu;
    const uint64_t integers = (uint64_t)0x433 << 52; /* bits of 2^52: with an integer below in their place, those of 2^52 + the
                                                      * integer */
    kedge_i_lane_bits bits = kedge_i_lanes_bits(x);
    kedge_i_lane_bits k = (bits - root_half + KEDGE_I_ONE) >> 52; /* 1023 more than the exponent, so that it is not negative */
    kedge_i_lanes m = kedge_i_lanes_from_bits(bits - (k << 52) + KEDGE_I_ONE);
    kedge_i_lanes exponent = kedge_i_lanes_from_bits(k | integers) - (4503599627370496.0 + 1023.0);
    kedge_i_lanes f = (m - 1.0) / (m + 1.0);
    kedge_i_lanes f2 = f * f;
    kedge_i_lanes series = 1.0 + f2 * (1.0 / 3.0 + f2 * (1.0 / 5.0 + f2 * (1.0 / 7.0 + f2 * (1.0 / 9.0 + f2 * (1.0 / 11.0)))));
    return exponent * KEDGE_I_LN2 + 2.0 * f * series;
}

/* kedge_i_quick_normal_lower. */
static inline kedge_i_lanes kedge_i_lanes_quick_normal_lower(kedge_i_lanes z)
{
    kedge_i_lanes far = kedge_i_lanes_min(kedge_i_lanes_abs(z), 30.0);
    kedge_i_lanes t = 1.0 / (1.0 + 0.2316419 * far);
    kedge_i_lanes density = 0.398942280401432678 * kedge_i_lanes_quick_exp2(far * far * (-0.5 / KEDGE_I_LN2));
    kedge_i_lanes upper =
        density * t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
    return kedge_i_lanes_below(z, kedge_i_lanes_of(0.0), upper, 1.0 - upper);
}

#endif
