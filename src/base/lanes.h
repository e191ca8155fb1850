/* SPDX-License-Identifier: MIT */
/* Doubles side by side: GNU C's vectors, which are SSE2's or NEON's registers, where the compiler has them, else (or with KEDGE_SCALAR) one double. Loops over
 * arrays take KEDGE_I_LANES at a time and what is left over one by one. Operators work on both; two types, so that bits and numbers are never confused. */
#ifndef KEDGE_BASE_LANES_H
#define KEDGE_BASE_LANES_H

#include <stdint.h>
#include <string.h>

#if defined(__GNUC__) && !defined(KEDGE_SCALAR)
#define KEDGE_I_LANES 2u
typedef double kedge_i_lanes __attribute__((vector_size(16)));
typedef uint64_t kedge_i_lane_bits __attribute__((vector_size(16)));
#else
#define KEDGE_I_LANES 1u
typedef double kedge_i_lanes;
typedef uint64_t kedge_i_lane_bits;
#endif

#define KEDGE_I_MANTISSA (((uint64_t)1 << 52) - 1) /* bits of a double */
#define KEDGE_I_ONE ((uint64_t)1023 << 52)         /* bits of 1.0 */

static inline kedge_i_lanes kedge_i_lanes_load(const double *from)
{
    kedge_i_lanes x;
    memcpy(&x, from, sizeof x);
    return x;
}

/* One number, 0 in the other lanes. */
static inline kedge_i_lanes kedge_i_lanes_load_one(const double *from)
{
#if defined(__GNUC__) && !defined(KEDGE_SCALAR)
    kedge_i_lanes x = {*from};
    return x;
#else
    return *from;
#endif
}

static inline void kedge_i_lanes_store(kedge_i_lanes x, double *to)
{
    memcpy(to, &x, sizeof x);
}

/* The same number in all lanes. */
static inline kedge_i_lanes kedge_i_lanes_of(double value)
{
    double all[KEDGE_I_LANES];
    for (uint32_t k = 0; k < KEDGE_I_LANES; k++)
        all[k] = value;
    return kedge_i_lanes_load(all);
}

static inline kedge_i_lane_bits kedge_i_lanes_bits(kedge_i_lanes x)
{
    kedge_i_lane_bits bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline kedge_i_lanes kedge_i_lanes_from_bits(kedge_i_lane_bits bits)
{
    kedge_i_lanes x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Numbers that lie apart: of all lanes, or the first one. */
static inline kedge_i_lanes kedge_i_lanes_pair(double first, double second)
{
#if defined(__GNUC__) && !defined(KEDGE_SCALAR)
    kedge_i_lanes x = {first, second};
    return x;
#else
    (void)second;
    return first;
#endif
}

/* The lesser of each lane and a number. */
static inline kedge_i_lanes kedge_i_lanes_min(kedge_i_lanes x, double most)
{
#if defined(__GNUC__) && !defined(KEDGE_SCALAR)
    kedge_i_lane_bits less = (kedge_i_lane_bits)(x < most);
    return kedge_i_lanes_from_bits((kedge_i_lanes_bits(x) & less) | (kedge_i_lanes_bits(kedge_i_lanes_of(most)) & ~less));
#else
    return x < most ? x : most;
#endif
}

/* y in the lanes where x is above a number, 0 in the others. */
static inline kedge_i_lanes kedge_i_lanes_where(kedge_i_lanes x, double least, kedge_i_lanes y)
{
#if defined(__GNUC__) && !defined(KEDGE_SCALAR)
    return kedge_i_lanes_from_bits(kedge_i_lanes_bits(y) & (kedge_i_lane_bits)(x > least));
#else
    return x > least ? y : 0.0;
#endif
}

static inline double kedge_i_lanes_first(kedge_i_lanes x)
{
    double all[KEDGE_I_LANES];
    kedge_i_lanes_store(x, all);
    return all[0];
}

static inline double kedge_i_lanes_last(kedge_i_lanes x)
{
    double all[KEDGE_I_LANES];
    kedge_i_lanes_store(x, all);
    return all[KEDGE_I_LANES - 1];
}

static inline double kedge_i_lanes_sum(kedge_i_lanes x)
{
    double all[KEDGE_I_LANES];
    kedge_i_lanes_store(x, all);
    return KEDGE_I_LANES == 1 ? all[0] : all[0] + all[KEDGE_I_LANES - 1];
}

static inline double kedge_i_lanes_product(kedge_i_lanes x)
{
    double all[KEDGE_I_LANES];
    kedge_i_lanes_store(x, all);
    return KEDGE_I_LANES == 1 ? all[0] : all[0] * all[KEDGE_I_LANES - 1];
}

static inline uint64_t kedge_i_bits_sum(kedge_i_lane_bits bits)
{
    uint64_t all[KEDGE_I_LANES];
    memcpy(all, &bits, sizeof all);
    return KEDGE_I_LANES == 1 ? all[0] : all[0] + all[KEDGE_I_LANES - 1];
}

static inline uint64_t kedge_i_bits_or(kedge_i_lane_bits bits)
{
    uint64_t all[KEDGE_I_LANES];
    memcpy(all, &bits, sizeof all);
    return all[0] | all[KEDGE_I_LANES - 1];
}

/* Bits of one double. */
static inline uint64_t kedge_i_bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline double kedge_i_from_bits(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* ln (a / b) of normal doubles > 0 to 0.06: by exponent, and by mantissa less 1. */
static inline double kedge_i_rough_log_ratio(double a, double b)
{
    return (double)(int64_t)(kedge_i_bits_of(a) - kedge_i_bits_of(b)) * (0.693147180559945309417 / ((double)KEDGE_I_MANTISSA + 1.0));
}

/* Is each of n doubles of magnitude below 2^power? power -1000 to 1024; infinity and NaN are not. By bits, since that needs no branch and raises no flag. */
static inline int kedge_i_all_below(const double *x, size_t n, int power)
{
    const uint64_t exponents = (uint64_t)2047 << 52, carry = (uint64_t)(1025 - power) << 52; /* from that power on, their sum reaches the sign's bit */
    if (n < KEDGE_I_LANES)
        return n == 0 || ((kedge_i_bits_of(x[0]) & exponents) + carry) >> 63 == 0;
    kedge_i_lane_bits seen = (kedge_i_lanes_bits(kedge_i_lanes_load(x + n - KEDGE_I_LANES)) & exponents) + carry; /* the last ones; some twice */
    for (size_t i = 0; i + KEDGE_I_LANES < n; i += KEDGE_I_LANES)
        seen |= (kedge_i_lanes_bits(kedge_i_lanes_load(x + i)) & exponents) + carry;
    return kedge_i_bits_or(seen) >> 63 == 0;
}

#endif
