/* SPDX-License-Identifier: MIT */
/* Lays out a state: a class's layout() takes array after array, and size and init both go through it, so they cannot differ. Sums
 * saturate: a layout that does not fit 32 bits ends as size 0, never as a small number. */
#ifndef KEDGE_BASE_ARENA_H
#define KEDGE_BASE_ARENA_H

#include "kedge/base.h"

typedef struct kedge_i_arena {
    uint64_t used; /* bytes, a multiple of KEDGE_ALIGN; above UINT32_MAX: too large */
} kedge_i_arena;

static inline uint64_t kedge_i_round_up(uint64_t bytes)
{
    return (bytes + (KEDGE_ALIGN - 1u)) & ~(uint64_t)(KEDGE_ALIGN - 1u);
}

static inline kedge_i_arena kedge_i_arena_begin(size_t fixed_bytes)
{
    kedge_i_arena arena;
    arena.used = kedge_i_round_up(fixed_bytes);
    return arena;
}

/* Offset of n elements of `bytes` each. n and bytes stay below 2^32, so the product fits 64 bits. */
static inline uint32_t kedge_i_arena_take(kedge_i_arena *arena, uint32_t n, uint32_t bytes)
{
    uint64_t at = arena->used;
    uint64_t need = kedge_i_round_up((uint64_t)n * bytes);
    if (at > UINT32_MAX || need > UINT32_MAX) {
        arena->used = (uint64_t)UINT32_MAX + 1;
        return 0;
    }
    arena->used = at + need;
    return (uint32_t)at;
}

static inline size_t kedge_i_arena_end(const kedge_i_arena *arena)
{
    return arena->used > UINT32_MAX ? 0 : (size_t)arena->used;
}

/* Product of two lengths that must fit 32 bits; UINT32_MAX, which no layout can hold as doubles, if it does not. */
static inline uint32_t kedge_i_length(uint32_t a, uint32_t b)
{
    uint64_t n = (uint64_t)a * b;
    return n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

/* The array at an offset of a state. */
static inline void *kedge_i_at(void *state, uint32_t offset)
{
    return (unsigned char *)state + offset;
}

static inline const void *kedge_i_at_const(const void *state, uint32_t offset)
{
    return (const unsigned char *)state + offset;
}

#endif
