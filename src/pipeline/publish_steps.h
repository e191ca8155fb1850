/* SPDX-License-Identifier: MIT */
/* The protocol of kedge_publish: split reference counts (Williams, "C++ Concurrency in Action", section 7.2.4; Sutter), of which
 * one half stands in the word that names the serving slot, so that a reader learns the slot and is counted in the same step. Hart,
 * McKenney, Demke Brown, Walpole 2007, "Performance of memory reclamation for lockless synchronization", compare what else there
 * is: hazard pointers need a fence and a retry, epochs let one slow reader hold everything. Ramalhete, Correia 2013, "Left-right",
 * keeps readers wait-free too, but its writer waits for them.
 *
 *     current     slot that serves (7 bits), and above it how many readers entered, ever (25 bits, may wrap)
 *     left        of each slot: how many readers left, ever, counted like that
 *     entered     of each slot that serves no more: what current said when it was replaced
 *
 * A reader enters by one addition to `current` and leaves by one to its slot's `left`: wait-free. The count is above the slot, so
 * what it carries out of the word is lost and touches nothing; a version may be used any number of times. The writer replaces
 * `current` by one exchange, which ends the counting for the old slot: `entered` is exact, since all operations on one word have
 * one order. The slot is free when left == entered. The count of a slot goes on from its last value when the slot serves again, so
 * `left` is never reset and readers who leave late miss nothing. Counts are equal modulo 2^25 only if they are equal, or 2^25
 * readers are inside.
 *
 * Linearizable (Herlihy, Wing 1990): a reader gets the version of the last exchange before its addition; these are the points.
 *
 * Why these orders suffice under C11, where no order is sequentially consistent:
 *  - exchange(release) -> addition(acquire): a reader sees the version whole. Readers' additions are read-modify-writes and so
 *    continue the release sequence of the exchange: it does not matter whose value the reader's addition finds.
 *  - leaving(release) -> load(acquire): all reads of a version happen before the slot is written again. Likewise a release
 *    sequence: the load that finds the last leaving synchronises with all before it.
 *  - A load of `left` may be old, which only makes a free slot look held. For an old value to look like 2^25 more, the writer would
 *    have to miss as many leavings; but a reader's addition also releases, and the exchange also acquires, so the writer sees
 *    all leavings of every reader up to its last ticket.
 * A writer may die at any instruction; the order of the writer's own stores lets another go on. `writing` is set before a slot is
 * taken and cleared after all else; `phase` says retired only once `entered` is there. Death between the exchange and that leaves a
 * slot which serves nobody and yet is not free (KEDGE_PUBLISH_LOST), instead of one that looks free with readers inside.
 *
 * tests/interleaving runs these very steps in every order, with old values where C11 allows them, and finds each of them
 * weakened. */
#ifndef KEDGE_PIPELINE_PUBLISH_STEPS_H
#define KEDGE_PIPELINE_PUBLISH_STEPS_H

#include "kedge/publish.h"

#include "pipeline/publish_atomic.h"

#ifndef PUBLISH_SLOT_BITS
#define PUBLISH_SLOT_BITS 7 /* tests leave few bits for the counts, which then wrap soon */
#endif
#define PUBLISH_TICKET (UINT32_C(1) << PUBLISH_SLOT_BITS) /* one reader, in a word */
#define PUBLISH_NONE (PUBLISH_TICKET - 1u)                /* the slot of a word that names none, and the bits of the slot */

/* What a slot is for, as its writer knows it. */
enum { PUBLISH_IS_FREE, PUBLISH_IS_WRITTEN, PUBLISH_IS_SERVING, PUBLISH_IS_RETIRED };

/* Words that readers change stand 64 bytes from each other and from what they read, or they would slow each other down. */
typedef struct publish_slot {
    publish_word left;  /* readers of this slot that left: multiples of PUBLISH_TICKET */
    uint32_t entered;   /* readers that entered before it was replaced; while it serves: before it began */
    publish_word phase; /* PUBLISH_IS_...; the writer's */
    uint32_t bytes;     /* of the version */
    uint64_t version;
    uint64_t apart[5];
} publish_slot;

typedef struct publish_state {
    kedge_state_head head;
    uint32_t n_slots;      /* parameter */
    uint32_t slot_bytes;   /* parameter */
    uint32_t stride;       /* bytes from a slot's memory to the next */
    uint32_t at_memory;    /* offset of the first */
    publish_word writing;  /* slot that was begun, PUBLISH_NONE: none; the writer's */
    uint32_t newest;       /* slot that was published last, where the search begins; the writer's */
    uint64_t apart[2];
    publish_word current;  /* at 64 */
    uint32_t alone[15];
    publish_slot slots[]; /* n_slots of them */
} publish_state;

static inline uint32_t publish_slot_of(uint32_t word)
{
    return word & PUBLISH_NONE;
}

static inline uint32_t publish_count_of(uint32_t word)
{
    return word & ~PUBLISH_NONE;
}

/* Reader: the slot to read, PUBLISH_NONE if there is none (and then there is nothing to leave). */
static inline uint32_t publish_enter(publish_state *s)
{
    return publish_slot_of(PUBLISH_ADD(&s->current, PUBLISH_TICKET, PUBLISH_ACQ_REL));
}

/* Reader: done with the slot. */
static inline void publish_leave(publish_state *s, uint32_t slot)
{
    (void)PUBLISH_ADD(&s->slots[slot].left, PUBLISH_TICKET, PUBLISH_RELEASE);
}

static inline int publish_is_free(publish_slot *slot)
{
    uint32_t phase = PUBLISH_LOAD(&slot->phase, PUBLISH_RELAXED);
    return phase == PUBLISH_IS_FREE ||
           (phase == PUBLISH_IS_RETIRED && PUBLISH_LOAD(&slot->left, PUBLISH_ACQUIRE) == PUBLISH_GET(slot->entered));
}

/* Writer: a slot to write, the longest retired first; PUBLISH_NONE if readers hold all. */
static inline uint32_t publish_begin(publish_state *s)
{
    uint32_t n = s->n_slots, newest = PUBLISH_GET(s->newest);
    for (uint32_t i = 1; i <= n; i++) {
        uint32_t slot = (newest + i) % n;
        if (publish_is_free(&s->slots[slot])) {
            PUBLISH_STORE(&s->writing, slot, PUBLISH_RELAXED);
            PUBLISH_STORE(&s->slots[slot].phase, PUBLISH_IS_WRITTEN, PUBLISH_RELEASE);
            return slot;
        }
    }
    return PUBLISH_NONE;
}

/* Writer: the old slot's count is complete. */
static inline void publish_retire(publish_slot *slot, uint32_t word)
{
    PUBLISH_PUT(slot->entered, publish_count_of(word));
    PUBLISH_STORE(&slot->phase, PUBLISH_IS_RETIRED, PUBLISH_RELEASE);
}

/* Writer: what was begun serves from here on. */
static inline void publish_commit(publish_state *s, uint32_t bytes, uint64_t version)
{
    uint32_t slot = PUBLISH_LOAD(&s->writing, PUBLISH_RELAXED);
    PUBLISH_PUT(s->slots[slot].bytes, bytes);
    PUBLISH_PUT(s->slots[slot].version, version);
    PUBLISH_STORE(&s->slots[slot].phase, PUBLISH_IS_SERVING, PUBLISH_RELAXED);
    uint32_t word = PUBLISH_EXCHANGE(&s->current, PUBLISH_GET(s->slots[slot].entered) | slot, PUBLISH_ACQ_REL);
    if (publish_slot_of(word) != PUBLISH_NONE)
        publish_retire(&s->slots[publish_slot_of(word)], word);
    PUBLISH_PUT(s->newest, slot);
    PUBLISH_STORE(&s->writing, PUBLISH_NONE, PUBLISH_RELEASE);
}

/* Writer: a free slot after all, whose counts are equal; unless the writer who began it died behind the exchange. */
static inline void publish_cancel(publish_state *s)
{
    uint32_t slot = PUBLISH_LOAD(&s->writing, PUBLISH_RELAXED);
    if (slot != PUBLISH_NONE && publish_slot_of(PUBLISH_LOAD(&s->current, PUBLISH_RELAXED)) != slot)
        PUBLISH_STORE(&s->slots[slot].phase, PUBLISH_IS_FREE, PUBLISH_RELAXED);
    PUBLISH_STORE(&s->writing, PUBLISH_NONE, PUBLISH_RELEASE);
}

#endif
