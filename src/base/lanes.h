/* SPDX-License-Identifier: MIT */
/* Doubles side by side: GNU C's vectors, which are SSE2's or NEON's registers, where the compiler has them, else (or with
 * KEDGE_SCALAR) one double. Loops over arrays take KEDGE_I_LANES at a time and what is left over one by one. Operators work on
 * both; two types, so that bits and numbers are never confused. */
#ifndef KEDGE_BASE_LANES_H
#define KEDGE_BASE_LANES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define KEDGE_I_MANTISSA (((uint64_t)1 << 52) - 1) /* bits of a double */
#define KEDGE_I_ONE ((uint64_t)1023 << 52)         /* bits of 1.0 */

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

#if defined(__GNUC__) && !defined(KEDGE_SCALAR)
#define KEDGE_I_LANES 2u
typedef double kedge_i_lanes __attribute__((vector_size(16)));
typedef uint64_t kedge_i_lane_bits __attribute__((vector_size(16)));

#if defined(__SSE2__) && defined(__has_builtin)
#if __has_builtin(__builtin_ia32_maxpd) && __has_builtin(__builtin_ia32_minpd) /* one instruction instead of four, which no
                                                                               * compiler finds by itself */
#define KEDGE_I_LANES_MAX __builtin_ia32_maxpd
#define KEDGE_I_LANES_MIN __builtin_ia32_minpd
#endif
#if __has_builtin(__builtin_ia32_movmskpd)
#define KEDGE_I_LANES_SIGNS __builtin_ia32_movmskpd
#endif
#endif

/* Two numbers; with one lane, the first. */
static inline kedge_i_lanes kedge_i_lanes_pair(double first, double second)
{
    kedge_i_lanes x = {first, second};
    return x;
}

static inline kedge_i_lane_bits kedge_i_lanes_bits(kedge_i_lanes x)
{
    return (kedge_i_lane_bits)x;
}

static inline kedge_i_lanes kedge_i_lanes_from_bits(kedge_i_lane_bits bits)
{
    return (kedge_i_lanes)bits;
}

static inline double kedge_i_lanes_first(kedge_i_lanes x)
{
    return x[0];
}

static inline double kedge_i_lanes_last(kedge_i_lanes x)
{
    return x[1];
}

static inline double kedge_i_lanes_sum(kedge_i_lanes x)
{
    return x[0] + x[1];
}

static inline double kedge_i_lanes_product(kedge_i_lanes x)
{
    return x[0] * x[1];
}

static inline uint64_t kedge_i_bits_sum(kedge_i_lane_bits bits)
{
    return bits[0] + bits[1];
}

static inline uint64_t kedge_i_bits_or(kedge_i_lane_bits bits)
{
    return bits[0] | bits[1];
}

/* All bits of the lanes where x is below y. */
static inline kedge_i_lane_bits kedge_i_lanes_under(kedge_i_lanes x, kedge_i_lanes y)
{
    return (kedge_i_lane_bits)(x < y);
}

/* Is there a lane that has all bits? Each has all or none. */
static inline int kedge_i_bits_any(kedge_i_lane_bits bits)
{
#ifdef KEDGE_I_LANES_SIGNS
    return KEDGE_I_LANES_SIGNS((kedge_i_lanes)bits) != 0;
#else
    return kedge_i_bits_or(bits) != 0;
#endif
}

/* a in the lanes where x is below y, b in the others. */
static inline kedge_i_lanes kedge_i_lanes_below(kedge_i_lanes x, kedge_i_lanes y, kedge_i_lanes a, kedge_i_lanes b)
{
    kedge_i_lane_bits less = kedge_i_lanes_under(x, y);
    return (kedge_i_lanes)(((kedge_i_lane_bits)a & less) | ((kedge_i_lane_bits)b & ~less));
}
#else
#define KEDGE_I_LANES 1u
typedef double kedge_i_lanes;
typedef uint64_t kedge_i_lane_bits;

static inline kedge_i_lanes kedge_i_lanes_pair(double first, double second)
{
    (void)second;
    return first;
}

static inline kedge_i_lane_bits kedge_i_lanes_bits(kedge_i_lanes x)
{
    return kedge_i_bits_of(x);
}

static inline kedge_i_lanes kedge_i_lanes_from_bits(kedge_i_lane_bits bits)
{
    return kedge_i_from_bits(bits);
}

static inline double kedge_i_lanes_first(kedge_i_lanes x)
{
    return x;
}

static inline double kedge_i_lanes_last(kedge_i_lanes x)
{
    return x;
}

static inline double kedge_i_lanes_sum(kedge_i_lanes x)
{
    return x;
}

static inline double kedge_i_lanes_product(kedge_i_lanes x)
{
    return x;
}

static inline uint64_t kedge_i_bits_sum(kedge_i_lane_bits bits)
{
    return bits;
}

static inline uint64_t kedge_i_bits_or(kedge_i_lane_bits bits)
{
    return bits;
}

static inline kedge_i_lane_bits kedge_i_lanes_under(kedge_i_lanes x, kedge_i_lanes y)
{
    return x < y ? UINT64_MAX : 0;
}

static inline int kedge_i_bits_any(kedge_i_lane_bits bits)
{
    return bits != 0;
}

static inline kedge_i_lanes kedge_i_lanes_below(kedge_i_lanes x, kedge_i_lanes y, kedge_i_lanes a, kedge_i_lanes b)
{
    return x < y ? a : b;
}
#endif

static inline kedge_i_lanes kedge_i_lanes_load(const double *from)
{
    kedge_i_lanes x;
    memcpy(&x, from, sizeof x);
    return x;
}

/* One number, 0 in the other lane. */
static inline kedge_i_lanes kedge_i_lanes_load_one(const double *from)
{
    return kedge_i_lanes_pair(*from, 0.0);
}

static inline void kedge_i_lanes_store(kedge_i_lanes x, double *to)
{
    memcpy(to, &x, sizeof x);
}

/* The same number in all lanes. */
static inline kedge_i_lanes kedge_i_lanes_of(double value)
{
    return kedge_i_lanes_pair(value, value);
}

/* y in the lanes where x is above a number, 0 in the others. */
static inline kedge_i_lanes kedge_i_lanes_where(kedge_i_lanes x, double least, kedge_i_lanes y)
{
    return kedge_i_lanes_below(kedge_i_lanes_of(least), x, y, kedge_i_lanes_of(0.0));
}

/* The greater in each lane, of numbers. */
static inline kedge_i_lanes kedge_i_lanes_max(kedge_i_lanes x, kedge_i_lanes y)
{
#ifdef KEDGE_I_LANES_MAX
    return KEDGE_I_LANES_MAX(x, y);
#else
    return kedge_i_lanes_below(x, y, y, x);
#endif
}

/* The lesser of each lane and a number. */
static inline kedge_i_lanes kedge_i_lanes_min(kedge_i_lanes x, double most)
{
    kedge_i_lanes all = kedge_i_lanes_of(most);
#ifdef KEDGE_I_LANES_MIN
    return KEDGE_I_LANES_MIN(x, all);
#else
    return kedge_i_lanes_below(x, all, x, all);
#endif
}

static inline kedge_i_lanes kedge_i_lanes_abs(kedge_i_lanes x)
{
    return kedge_i_lanes_from_bits(kedge_i_lanes_bits(x) & ~((uint64_t)1 << 63));
}

/* A whole number below 2^52 as a double that is 2^52 more. */
static inline kedge_i_lanes kedge_i_lanes_of_bits(kedge_i_lane_bits bits)
{
    return kedge_i_lanes_from_bits(bits | ((uint64_t)0x433 << 52));
}

/* kedge_i_rough_log_ratio, by the upper 51 bits. */
static inline kedge_i_lanes kedge_i_lanes_rough_log_ratio(kedge_i_lanes a, kedge_i_lanes b)
{
    kedge_i_lanes difference =
        kedge_i_lanes_of_bits(kedge_i_lanes_bits(a) >> 12) - kedge_i_lanes_of_bits(kedge_i_lanes_bits(b) >> 12);
    return difference * (0.693147180559945309417 / 1099511627776.0);
}

/* ln (a / b) of normal doubles > 0 to 0.06: by exponent, and by mantissa less 1. */
static inline double kedge_i_rough_log_ratio(double a, double b)
{
    return (double)(int64_t)(kedge_i_bits_of(a) - kedge_i_bits_of(b)) *
           (0.693147180559945309417 / ((double)KEDGE_I_MANTISSA + 1.0));
}

/* Is each of n doubles of magnitude below 2^power? power -1000 to 1024; infinity and NaN are not. By bits, since that needs no
 * branch and raises no flag. */
static inline int kedge_i_all_below(const double *x, size_t n, int power)
{
    const uint64_t exponents = (uint64_t)2047 << 52, carry = (uint64_t)(1025 - power)
                                                             << 52; /* from that power on, their sum reaches the sign's bit */
    if (n < KEDGE_I_LANES)
        return n == 0 || ((kedge_i_bits_of(x[0]) & exponents) + carry) >> 63 == 0;
    size_t i = 0;
    kedge_i_lane_bits seen =
        (kedge_i_lanes_bits(kedge_i_lanes_load(x + n - KEDGE_I_LANES)) & exponents) + carry; /* the last ones; some twice */
    for (; i + 2 * KEDGE_I_LANES < n; i += 2 * KEDGE_I_LANES)
        seen |= ((kedge_i_lanes_bits(kedge_i_lanes_load(x + i)) & exponents) + carry) |
                ((kedge_i_lanes_bits(kedge_i_lanes_load(x + i + KEDGE_I_LANES)) & exponents) + carry);
    if (i + KEDGE_I_LANES < n)
        seen |= (kedge_i_lanes_bits(kedge_i_lanes_load(x + i)) & exponents) + carry;
    return kedge_i_bits_or(seen) >> 63 == 0;
}

#endif
