/* SPDX-License-Identifier: MIT */
/* Atomic operations on a plain uint32_t in the caller's memory. Only those of 32 bits that the processor has itself: so states have
 * the same layout everywhere, and no machine needs libatomic. Relaxed: they count, and publish nothing. */
#ifndef KEDGE_BASE_ATOMIC_H
#define KEDGE_BASE_ATOMIC_H

#include <stdint.h>

#ifndef __STDC_NO_ATOMICS__
#include <stdatomic.h>
#if ATOMIC_INT_LOCK_FREE == 2 && ATOMIC_LONG_LOCK_FREE == 2 /* always; uint32_t is one of the two */
#define KEDGE_I_HAS_ATOMICS 1
#endif
#endif

#ifdef KEDGE_I_HAS_ATOMICS

_Static_assert(sizeof(_Atomic(uint32_t)) == sizeof(uint32_t) && _Alignof(_Atomic(uint32_t)) == _Alignof(uint32_t),
               "an atomic number is laid out as a plain one");

static inline uint32_t kedge_i_atomic_add(uint32_t *x, uint32_t more)
{
    return atomic_fetch_add_explicit((_Atomic(uint32_t) *)x, more, memory_order_relaxed);
}

static inline uint32_t kedge_i_atomic_take(uint32_t *x)
{
    return atomic_exchange_explicit((_Atomic(uint32_t) *)x, 0, memory_order_relaxed);
}

static inline uint32_t kedge_i_atomic_load(uint32_t *x)
{
    return atomic_load_explicit((_Atomic(uint32_t) *)x, memory_order_relaxed);
}

/* x = max(x, other). Another thread's success is what makes a try fail, and it raises x: `tries` bounds how often that may happen.
 * Returns whether it is done; not done, x still is a value that was set. */
static inline int kedge_i_atomic_max(uint32_t *x, uint32_t other, int tries)
{
    uint32_t seen = kedge_i_atomic_load(x);
    while (seen < other && tries-- > 0)
        if (atomic_compare_exchange_weak_explicit((_Atomic(uint32_t) *)x, &seen, other, memory_order_relaxed, memory_order_relaxed))
            return 1;
    return seen >= other;
}

#endif

#endif
