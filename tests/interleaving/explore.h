/* SPDX-License-Identifier: MIT */
/* A model checker for the steps of kedge_publish: it stands in for src/pipeline/publish_atomic.h, so that the very source that
 * ships runs here with every atomic operation as a step of its own, and tries all orders of the steps of one writer and some
 * readers.
 *
 * A thread is a list of operations (publish once; enter, read, leave). To take the next step of a thread its operation runs from
 * its start; what earlier steps gave comes from a log, then one new step is done, and at the one after it the operation is
 * left by longjmp. So the whole world is one plain struct: it is saved, restored and remembered by its bytes, no step is tried
 * twice from the same world, and a world that was met before is not followed again.
 *
 * Memory is that of C11 for what the steps use: values of `left` stay readable until a thread knows newer ones (its view), acquire
 * takes over the view that a release, or the release sequence that it heads, left with the value, read-modify-writes see the last
 * value. The other words are only read by who wrote last or by read-modify-writes. Vector clocks find every access to plain memory
 * that is not ordered with an earlier one: a data race, whatever the values. Kang, Hur, Lahav, Vafeiadis, Dreyer 2017, "A promising
 * semantics for relaxed-memory concurrency" (views); Flanagan, Freund 2009, "FastTrack" (clocks). */
#ifndef KEDGE_TESTS_EXPLORE_H
#define KEDGE_TESTS_EXPLORE_H

#include <stddef.h>
#include <stdint.h>

/* Instead of publish_atomic.h. */
#define KEDGE_PIPELINE_PUBLISH_ATOMIC_H
#define PUBLISH_LOCK_FREE 1
typedef uint32_t publish_word;
enum { PUBLISH_RELAXED = 0, PUBLISH_ACQUIRE = 1, PUBLISH_RELEASE = 2, PUBLISH_ACQ_REL = 3 };
#define PUBLISH_LOAD(word, order) explore_load(word, order)
#define PUBLISH_STORE(word, value, order) explore_store(word, value)
#define PUBLISH_ADD(word, value, order) explore_add(word, value, order)
#define PUBLISH_EXCHANGE(word, value, order) explore_exchange(word, value, order)
#define PUBLISH_PUT(place, value) explore_put(&(place), sizeof(place), value)
#define PUBLISH_GET(place) ((uint32_t)explore_get(&(place), sizeof(place)))

/* Two bits count readers, so that they wrap after four. */
#define PUBLISH_SLOT_BITS 30

uint32_t explore_load(const publish_word *word, int order);
void explore_store(publish_word *word, uint32_t value);
uint32_t explore_add(publish_word *word, uint32_t value, int order);
uint32_t explore_exchange(publish_word *word, uint32_t value, int order);
void explore_put(void *place, size_t bytes, uint64_t value);
uint64_t explore_get(const void *place, size_t bytes);

/* What is left out or weakened, to see that the checker notices. */
enum {
    EXPLORE_FAITHFUL,
    EXPLORE_ENTER_NO_ACQUIRE,
    EXPLORE_ENTER_NO_RELEASE,
    EXPLORE_LEAVE_RELAXED,
    EXPLORE_FREE_RELAXED,      /* the load that asks whether a slot is free */
    EXPLORE_EXCHANGE_NO_RELEASE,
    EXPLORE_EXCHANGE_NO_ACQUIRE,
    EXPLORE_NO_TRANSFER,       /* of the count, when a slot retires */
    EXPLORE_COUNT_FROM_ZERO,   /* when a slot serves again */
    EXPLORE_ENTER_IN_TWO,      /* a load and a store instead of one addition */
    EXPLORE_EXCHANGE_IN_TWO,
    EXPLORE_NEVER_FREE,        /* slots that readers left stay lost */
    EXPLORE_ALWAYS_FREE,       /* nobody looks who is inside */
    EXPLORE_MUTANTS
};

typedef struct explore_plan {
    uint32_t n_slots;
    int n_readers;      /* 1 or 2 */
    int reader_ops;     /* each reader enters so often */
    int writer_ops;     /* times the writer tries to publish */
    int dies_at;        /* the writer dies after so many actions of its second publication, and another goes on; 0: it does not */
    int stale;          /* 1: old values of `left` may be read, as C11 allows; 0: sequentially consistent */
    int mutant;         /* EXPLORE_... */
} explore_plan;

typedef struct explore_result {
    const char *fault;    /* what is wrong, NULL: nothing in any order */
    char path[256];       /* the threads in the order of the steps that led there: w, a, b; small digits choose an old value */
    uint64_t n_worlds;    /* different ones */
    uint64_t n_refused;   /* times that the writer found no slot */
    int died;             /* 1: the writer did die */
} explore_result;

explore_result explore(const explore_plan *plan);

#endif
