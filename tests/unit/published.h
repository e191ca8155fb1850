/* SPDX-License-Identifier: MIT */
/* A publication of versions that tell whether they are whole. */
#ifndef KEDGE_TESTS_PUBLISHED_H
#define KEDGE_TESTS_PUBLISHED_H

#include "support.h"

#include "pipeline/publish_steps.h"

enum { ROOM = 104 };

static inline kedge_publish_config slots_of(uint32_t n_slots, size_t bytes)
{
    kedge_publish_config cfg = kedge_publish_defaults(bytes);
    cfg.n_slots = n_slots;
    return cfg;
}

static inline void *publication(kedge_publish *p, uint32_t n_slots, size_t bytes)
{
    kedge_publish_config cfg = slots_of(n_slots, bytes);
    size_t size = kedge_publish_size(&cfg);
    void *mem = guard_new(size, 0xA5);
    assert_int_equal(kedge_publish_init(p, &cfg, mem, size), KEDGE_OK);
    assert_int_equal(kedge_publish_check(p), KEDGE_OK);
    return mem;
}

/* A version's content, by its number. */
static inline void fill(void *memory, uint64_t version)
{
    uint64_t *words = memory;
    for (uint64_t i = 0; i < ROOM / 8; i++)
        words[i] = version * 1000003u + i;
}

static inline int is_whole(const kedge_publish_ticket *t)
{
    const uint64_t *words = t->memory;
    for (uint64_t i = 0; i < ROOM / 8; i++)
        if (words[i] != t->version * 1000003u + i)
            return 0;
    return t->bytes == ROOM;
}

static inline kedge_status publish(kedge_publish *p, uint64_t version)
{
    void *memory;
    kedge_status st = kedge_publish_begin(p, &memory);
    if (st < 0)
        return st;
    fill(memory, version);
    return kedge_publish_commit(p, ROOM, version);
}

static inline uint32_t use_of(kedge_publish *p, uint32_t slot, uint32_t *tickets)
{
    kedge_publish_slot slots[KEDGE_PUBLISH_SLOTS_MAX];
    size_t n;
    assert_int_equal(kedge_publish_slots(p, slots, KEDGE_PUBLISH_SLOTS_MAX, &n), KEDGE_OK);
    assert_true(slot < n);
    if (tickets)
        *tickets = slots[slot].n_tickets;
    return slots[slot].use;
}

#endif
