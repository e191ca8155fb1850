/* SPDX-License-Identifier: MIT */
/* Small tests on numbers. Written so that NaN fails them. */
#ifndef KEDGE_BASE_NUMBER_H
#define KEDGE_BASE_NUMBER_H

#include <math.h>

#include "kedge/base.h"

/* No counter gets there in a machine's life; below it a counter converts to double as a signed number, which is one instruction. */
#define KEDGE_I_COUNT_MAX ((uint64_t)1 << 62)
/* A counter that goes up one by one, unguarded, stays below that for good since it starts from here or below: no snapshot may say
 * more, be it forged. Merging stops earlier, so that what is counted from then on still fits a snapshot. */
#define KEDGE_I_COUNT_LOADED (KEDGE_I_COUNT_MAX / 2)
#define KEDGE_I_COUNT_MERGED (KEDGE_I_COUNT_LOADED / 2)

static inline int kedge_i_finite(double x)
{
    return x - x == 0.0;
}

static inline int kedge_i_within(double x, double low, double high)
{
    return x >= low && x <= high;
}

static inline int kedge_i_u32_within(uint32_t x, uint32_t low, uint32_t high)
{
    return x >= low && x <= high;
}

/* A choice from a small set in one byte; what does not fit becomes 0, which no set has. */
static inline uint8_t kedge_i_choice(uint32_t x)
{
    return x <= UINT8_MAX ? (uint8_t)x : 0;
}

/* Why a number was refused. */
static inline kedge_status kedge_i_refusal(double x)
{
    return kedge_i_finite(x) ? KEDGE_ERR_RANGE : KEDGE_ERR_NOT_FINITE;
}

/* Greatest i with 2^i <= n; n > 0. */
static inline uint32_t kedge_i_log2(uint64_t n)
{
#ifdef __GNUC__
    return 63u ^ (uint32_t)__builtin_clzll(n); /* not a difference, in which gcc does not see x86's own instruction */
#else
    uint32_t i = 0;
    while (n >>= 1)
        i++;
    return i;
#endif
}

#endif
