/* SPDX-License-Identifier: MIT */
/* The atomic operations of kedge_publish by name, so that tests/interleaving can put its own in their place and run the same steps
 * in every order. PUT and GET are accesses that need not be atomic: the protocol keeps others away from the place. */
#ifndef KEDGE_PIPELINE_PUBLISH_ATOMIC_H
#define KEDGE_PIPELINE_PUBLISH_ATOMIC_H

#include <stdint.h>

#include "base/atomic.h"

/* Lock-free, or not at all: a lock cannot live in memory that processes share, and libatomic is nothing that a device has. Machines
 * without it (Cortex-M0) get functions that refuse. */
#ifdef KEDGE_I_HAS_ATOMICS
#define PUBLISH_LOCK_FREE 1
typedef _Atomic uint32_t publish_word;
#define PUBLISH_RELAXED memory_order_relaxed
#define PUBLISH_ACQUIRE memory_order_acquire
#define PUBLISH_RELEASE memory_order_release
#define PUBLISH_ACQ_REL memory_order_acq_rel
#define PUBLISH_LOAD(word, order) atomic_load_explicit(word, order)
#define PUBLISH_STORE(word, value, order) atomic_store_explicit(word, value, order)
#define PUBLISH_ADD(word, value, order) atomic_fetch_add_explicit(word, value, order)
#define PUBLISH_EXCHANGE(word, value, order) atomic_exchange_explicit(word, value, order)
#else /* compiles; never runs */
#define PUBLISH_LOCK_FREE 0
typedef uint32_t publish_word;
#define PUBLISH_LOAD(word, order) (*(word))
#define PUBLISH_STORE(word, value, order) ((void)(*(word) = (value)))
#define PUBLISH_ADD(word, value, order) ((*(word) += (value)) - (value))
#define PUBLISH_EXCHANGE(word, value, order) publish_swap(word, value)
static inline uint32_t publish_swap(publish_word *word, uint32_t value)
{
    uint32_t before = *word;
    *word = value;
    return before;
}
#endif
#define PUBLISH_PUT(place, value) ((void)((place) = (value)))
#define PUBLISH_GET(place) (place)

#endif
