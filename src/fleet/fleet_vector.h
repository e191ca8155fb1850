/* SPDX-License-Identifier: MIT */
/* Neighbouring lanes in one register: the vector types that gcc and clang have on every machine, as wide as the machine that is
 * compiled for holds, or one lane at a time with other compilers. The same operations in the same order on each lane, so the width
 * changes no bit. Written out, not left to the compiler's own vectoriser, which gives up on loops with several selections. */
#ifndef KEDGE_FLEET_VECTOR_H
#define KEDGE_FLEET_VECTOR_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(__GNUC__) && defined(__SSE2__)
#include <immintrin.h>
#endif

#include "fleet/fleet_blocks.h"

#if defined(__GNUC__) && !defined(KEDGE_FLEET_ONE_LANE)

#if defined(__AVX512F__)
#define FLEET_WIDTH 8
#elif defined(__AVX__)
#define FLEET_WIDTH 4
#else
#define FLEET_WIDTH 2
#endif
typedef double fleet_vec __attribute__((vector_size(FLEET_WIDTH * 8)));
/* Two words a lane: with one of 64 bits gcc 12 sees truth values in these bits, and selects them one by one where SSE2 cannot. */
typedef int32_t fleet_mask __attribute__((vector_size(FLEET_WIDTH * 8)));

/* Lanes where a comparison holds: all bits set. */
#define FLEET_WHERE(comparison) ((fleet_mask)(comparison))
/* a where the mask is set, else b. */
#define FLEET_SELECT(mask, a, b) ((fleet_vec)(((((fleet_mask)(a)) ^ (fleet_mask)(b)) & (mask)) ^ (fleet_mask)(b)))

static inline fleet_vec fleet_all(double x)
{
    fleet_vec zero = {0.0};
    return x + zero;
}

/* Is the mask set in any lane? */
static inline int fleet_any(fleet_mask mask)
{
#if FLEET_WIDTH == 4
    return _mm256_movemask_pd((__m256d)mask) != 0;
#elif FLEET_WIDTH == 2 && defined(__SSE2__)
    return _mm_movemask_pd((__m128d)mask) != 0;
#else
    int32_t any = 0;
    for (int i = 0; i < 2 * FLEET_WIDTH; i++)
        any |= mask[i];
    return any != 0;
#endif
}

/* Is it set in lane i? */
static inline int fleet_has(fleet_mask mask, int i)
{
    return mask[2 * i] != 0;
}

#else

#define FLEET_WIDTH 1
typedef double fleet_vec;
typedef int64_t fleet_mask;
#define FLEET_WHERE(comparison) (-(int64_t)(comparison))
#define FLEET_SELECT(mask, a, b) ((mask) ? (a) : (b))

static inline fleet_vec fleet_all(double x)
{
    return x;
}

static inline int fleet_any(fleet_mask mask)
{
    return mask != 0;
}

static inline int fleet_has(fleet_mask mask, int i)
{
    (void)i;
    return mask != 0;
}

#endif

static inline fleet_vec fleet_get(const double *at)
{
    fleet_vec v;
    memcpy(&v, at, sizeof v);
    return v;
}

static inline void fleet_put(double *at, fleet_vec v)
{
    memcpy(at, &v, sizeof v);
}

/* What has no operator in these types is one instruction on x86; its sense is that of the C beside it, zeros and NaN included. */
#if FLEET_WIDTH == 8
#define FLEET_X86(operation) _mm512_##operation##_pd
#elif FLEET_WIDTH == 4
#define FLEET_X86(operation) _mm256_##operation##_pd
#elif FLEET_WIDTH == 2 && defined(__SSE2__)
#define FLEET_X86(operation) _mm_##operation##_pd
#endif

static inline fleet_vec fleet_min(fleet_vec a, fleet_vec b)
{
#ifdef FLEET_X86
    return (fleet_vec)FLEET_X86(min)(a, b);
#else
    return FLEET_SELECT(FLEET_WHERE(a < b), a, b);
#endif
}

static inline fleet_vec fleet_max(fleet_vec a, fleet_vec b)
{
#ifdef FLEET_X86
    return (fleet_vec)FLEET_X86(max)(a, b);
#else
    return FLEET_SELECT(FLEET_WHERE(a > b), a, b);
#endif
}

/* Of numbers that are not negative. */
static inline fleet_vec fleet_sqrt(fleet_vec x)
{
#ifdef FLEET_X86
    return (fleet_vec)FLEET_X86(sqrt)(x);
#else
    double lanes[FLEET_WIDTH];
    memcpy(lanes, &x, sizeof x);
    for (int i = 0; i < FLEET_WIDTH; i++)
        lanes[i] = sqrt(lanes[i]);
    memcpy(&x, lanes, sizeof x);
    return x;
#endif
}

/* Ask for what the next block holds where this one is worked on: `block` has n_fields, and its lanes from i on are at work. A block
 * is too short for the machine to guess ahead in each of its fields. The address is never read, so it may lie behind the state. */
static inline void fleet_ahead(const void *block, uint32_t n_fields, uint32_t i)
{
#if defined(__GNUC__)
    uintptr_t at = (uintptr_t)block + n_fields * sizeof(double) * (FLEET_LANES + i);
    for (uint32_t byte = 0; byte < n_fields * sizeof(double) * FLEET_WIDTH; byte += FLEET_LINE)
        __builtin_prefetch((const void *)(at + byte), 1);
#else
    (void)block;
    (void)n_fields;
    (void)i;
#endif
}

/* Lanes that have a value. */
static inline fleet_mask fleet_seen(fleet_vec x)
{
    return FLEET_WHERE(x == x);
}

#endif
