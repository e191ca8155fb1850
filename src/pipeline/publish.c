/* SPDX-License-Identifier: MIT */
/* Publication of the serving model: checks arguments, lays out the slots, and takes the steps of publish_steps.h, where the
 * algorithm and its sources stand. */
#include "base/fp.h"

#include <string.h>

#include "kedge/publish.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/number.h"
#include "base/object.h"
#include "pipeline/publish_steps.h"

enum { PUBLISH_LINE = 64 }; /* bytes of a cache line, of most machines */

_Static_assert(sizeof(publish_word) == 4, "a word is 32 bits, or the layout would differ between machines");
_Static_assert(sizeof(publish_slot) == PUBLISH_LINE && offsetof(publish_state, current) == PUBLISH_LINE, "lines of 64 bytes");
_Static_assert(sizeof(publish_state) == 2 * PUBLISH_LINE, "KEDGE_PUBLISH_BYTES_FOR");
_Static_assert(KEDGE_PUBLISH_SLOTS_MAX <= PUBLISH_NONE, "the slot of none is no slot");
_Static_assert(KEDGE_PUBLISH_TICKETS_MAX < UINT32_MAX / 2 / PUBLISH_TICKET + 1,
               "half the range of a count tells too many from too few");

/* The class -------------------------------------------------------------------------------------------------------------------- */

static const kedge_field publish_fields[] = {
    KEDGE_PARAM(publish_state, n_slots, KEDGE_TYPE_U32),
    KEDGE_PARAM(publish_state, slot_bytes, KEDGE_TYPE_U32),
};

static void publish_defaults(void *config);

static void publish_configure(const void *config, void *fixed)
{
    const kedge_publish_config *cfg = config;
    publish_state *s = fixed;
    s->n_slots = cfg->n_slots;
    s->slot_bytes = cfg->slot_bytes;
}

static int publish_valid(const void *fixed)
{
    const publish_state *s = fixed;
    return kedge_i_u32_within(s->n_slots, 2, KEDGE_PUBLISH_SLOTS_MAX) && s->slot_bytes > 0;
}

static size_t publish_layout(void *fixed)
{
    publish_state *s = fixed;
    uint64_t stride = ((uint64_t)s->slot_bytes + PUBLISH_LINE - 1) / PUBLISH_LINE * PUBLISH_LINE;
    uint64_t at = sizeof *s + (uint64_t)s->n_slots * sizeof(publish_slot);
    uint64_t bytes = at + s->n_slots * stride;
    if (bytes > UINT32_MAX)
        return 0;
    s->stride = (uint32_t)stride;
    s->at_memory = (uint32_t)at;
    return (size_t)bytes;
}

static void publish_start(void *state)
{
    publish_state *s = state;
    PUBLISH_STORE(&s->writing, PUBLISH_NONE, PUBLISH_RELAXED);
    PUBLISH_STORE(&s->current, PUBLISH_NONE, PUBLISH_RELEASE);
}

/* Readers in a slot that is not lost. `left` is loaded first, so that who leaves meanwhile is not missed among those who
 * entered. */
static uint32_t publish_readers(publish_state *s, publish_slot *slot, uint32_t phase)
{
    uint32_t left = PUBLISH_LOAD(&slot->left, PUBLISH_ACQUIRE);
    uint32_t entered = PUBLISH_GET(slot->entered);
    if (phase == PUBLISH_IS_SERVING)
        entered = publish_count_of(PUBLISH_LOAD(&s->current, PUBLISH_RELAXED));
    return (entered - left) >> PUBLISH_SLOT_BITS;
}

static int publish_slot_is_sound(publish_state *s, uint32_t i, uint32_t current)
{
    publish_slot *slot = &s->slots[i];
    uint32_t phase = PUBLISH_LOAD(&slot->phase, PUBLISH_RELAXED), readers = publish_readers(s, slot, phase);
    if (phase > PUBLISH_IS_RETIRED || slot->bytes > s->slot_bytes || publish_slot_of(slot->entered) != 0 ||
        publish_slot_of(PUBLISH_LOAD(&slot->left, PUBLISH_RELAXED)) != 0)
        return 0;
    if (i == current)
        return phase == PUBLISH_IS_SERVING && readers <= KEDGE_PUBLISH_TICKETS_MAX;
    if (phase == PUBLISH_IS_SERVING) /* lost */
        return 1;
    return phase == PUBLISH_IS_RETIRED ? readers <= KEDGE_PUBLISH_TICKETS_MAX : readers == 0;
}

static int publish_check(const void *state)
{
    publish_state *s = (publish_state *)(uintptr_t)state; /* atomic loads want it so; nothing is written */
    uint32_t current = publish_slot_of(PUBLISH_LOAD(&s->current, PUBLISH_RELAXED));
    uint32_t writing = PUBLISH_LOAD(&s->writing, PUBLISH_RELAXED);
    if ((current >= s->n_slots && current != PUBLISH_NONE) || (writing >= s->n_slots && writing != PUBLISH_NONE))
        return 0;
    if (s->newest >= s->n_slots)
        return 0;
    for (uint32_t i = 0; i < s->n_slots; i++)
        if (!publish_slot_is_sound(s, i, current))
            return 0;
    return 1;
}

static const kedge_class publish_class = {
    .abi = KEDGE_CLASS_ABI,
    .noun = KEDGE_NOUN_PUBLISH,
    .version = 1,
    .name = "publish",
    .fixed_bytes = sizeof(publish_state),
    .config_bytes = sizeof(kedge_publish_config),
    .n_fields = sizeof publish_fields / sizeof publish_fields[0],
    .fields = publish_fields,
    .defaults = publish_defaults,
    .configure = publish_configure,
    .valid = publish_valid,
    .layout = publish_layout,
    .start = publish_start,
    .check = publish_check,
};

static void publish_defaults(void *config)
{
    kedge_publish_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->cls = &publish_class;
    cfg->config_bytes = sizeof *cfg;
    cfg->n_slots = 4;
}

kedge_status kedge_publish_config_init(kedge_publish_config *cfg, size_t cfg_bytes, size_t slot_bytes)
{
    if (slot_bytes > UINT32_MAX)
        return KEDGE_ERR_CONFIG;
    KEDGE_TRY(kedge_class_defaults(&publish_class, cfg, cfg_bytes, sizeof *cfg));
    cfg->slot_bytes = (uint32_t)slot_bytes;
    return KEDGE_OK;
}

/* All -------------------------------------------------------------------------------------------------------------------------- */

static int publish_is_bound(const kedge_publish *p)
{
    return p && p->state;
}

static void *publish_memory(publish_state *s, uint32_t slot)
{
    return (unsigned char *)s + s->at_memory + (size_t)slot * s->stride;
}

size_t kedge_publish_size(const kedge_publish_config *cfg)
{
    return cfg && PUBLISH_LOCK_FREE ? kedge_i_object_size(&publish_class, cfg, cfg->config_bytes) : 0;
}

kedge_status kedge_publish_init(kedge_publish *p, const kedge_publish_config *cfg, void *mem, size_t mem_bytes)
{
    if (!p || !cfg || !mem)
        return KEDGE_ERR_NULL;
    if (!PUBLISH_LOCK_FREE)
        return KEDGE_ERR_UNSUPPORTED;
    KEDGE_TRY(kedge_i_object_init(&publish_class, cfg, cfg->config_bytes, mem, mem_bytes));
    p->state = mem;
    return KEDGE_OK;
}

kedge_status kedge_publish_open(kedge_publish *p, void *mem, size_t mem_bytes)
{
    if (!p || !mem)
        return KEDGE_ERR_NULL;
    if (!PUBLISH_LOCK_FREE)
        return KEDGE_ERR_UNSUPPORTED;
    KEDGE_TRY(kedge_i_object_open(&publish_class, mem, mem_bytes));
    p->state = mem;
    return KEDGE_OK;
}

kedge_status kedge_publish_check(kedge_publish *p)
{
    return publish_is_bound(p) ? kedge_i_object_check(&publish_class, p->state) : KEDGE_ERR_NULL;
}

/* Writer ----------------------------------------------------------------------------------------------------------------------- */

kedge_status kedge_publish_begin(kedge_publish *p, void **memory)
{
    if (!publish_is_bound(p) || !memory)
        return KEDGE_ERR_NULL;
    publish_state *s = p->state;
    if (PUBLISH_LOAD(&s->writing, PUBLISH_RELAXED) != PUBLISH_NONE)
        return KEDGE_ERR_STATE;
    uint32_t slot = publish_begin(s);
    if (slot == PUBLISH_NONE)
        return KEDGE_ERR_BUSY;
    *memory = publish_memory(s, slot);
    return KEDGE_OK;
}

kedge_status kedge_publish_commit(kedge_publish *p, size_t bytes, uint64_t version)
{
    if (!publish_is_bound(p))
        return KEDGE_ERR_NULL;
    publish_state *s = p->state;
    if (PUBLISH_LOAD(&s->writing, PUBLISH_RELAXED) == PUBLISH_NONE)
        return KEDGE_ERR_STATE;
    if (bytes > s->slot_bytes)
        return KEDGE_ERR_RANGE;
    publish_commit(s, (uint32_t)bytes, version);
    return KEDGE_OK;
}

kedge_status kedge_publish_cancel(kedge_publish *p)
{
    if (!publish_is_bound(p))
        return KEDGE_ERR_NULL;
    publish_cancel(p->state);
    return KEDGE_OK;
}

kedge_status kedge_publish_copy(kedge_publish *p, const void *bytes, size_t n, uint64_t version)
{
    void *memory;
    if (!publish_is_bound(p) || (n > 0 && !bytes))
        return KEDGE_ERR_NULL;
    if (n > ((const publish_state *)p->state)->slot_bytes)
        return KEDGE_ERR_BUFFER;
    KEDGE_TRY(kedge_publish_begin(p, &memory));
    if (n > 0)
        memcpy(memory, bytes, n);
    return kedge_publish_commit(p, n, version);
}

kedge_status kedge_publish_model(kedge_publish *p, const kedge_model *m, uint64_t version)
{
    if (!m || !m->state)
        return KEDGE_ERR_NULL;
    return kedge_publish_copy(p, m->state, kedge_i_state_bytes(m->state), version);
}

/* The prep lies first, so that its own length tells where the model begins. */
static size_t publish_model_at(const void *prep)
{
    return (size_t)kedge_i_round_up(kedge_i_state_bytes(prep));
}

kedge_status kedge_publish_prepared(kedge_publish *p, const kedge_prep *prep, const kedge_model *m, uint64_t version)
{
    void *memory;
    if (!publish_is_bound(p) || !prep || !prep->state || !m || !m->state)
        return KEDGE_ERR_NULL;
    size_t at = publish_model_at(prep->state), n = kedge_i_state_bytes(m->state);
    uint32_t room = ((const publish_state *)p->state)->slot_bytes;
    if (at > room || n > room - at)
        return KEDGE_ERR_BUFFER;
    KEDGE_TRY(kedge_publish_begin(p, &memory));
    memcpy(memory, prep->state, kedge_i_state_bytes(prep->state));
    memcpy((unsigned char *)memory + at, m->state, n);
    return kedge_publish_commit(p, at + n, version);
}

/* Readers ---------------------------------------------------------------------------------------------------------------------- */

kedge_status kedge_publish_acquire(const kedge_publish *p, kedge_publish_ticket *ticket)
{
    if (!publish_is_bound(p) || !ticket)
        return KEDGE_ERR_NULL;
    publish_state *s = p->state;
    uint32_t slot = publish_enter(s);
    if (slot == PUBLISH_NONE) {
        memset(ticket, 0, sizeof *ticket);
        return KEDGE_EMPTY;
    }
    ticket->memory = publish_memory(s, slot);
    ticket->version = PUBLISH_GET(s->slots[slot].version);
    ticket->bytes = PUBLISH_GET(s->slots[slot].bytes);
    ticket->slot = slot;
    return KEDGE_OK;
}

kedge_status kedge_publish_release(const kedge_publish *p, kedge_publish_ticket *ticket)
{
    if (!publish_is_bound(p) || !ticket)
        return KEDGE_ERR_NULL;
    publish_state *s = p->state;
    if (!ticket->memory || ticket->slot >= s->n_slots)
        return KEDGE_ERR_STATE;
    publish_leave(s, ticket->slot);
    memset(ticket, 0, sizeof *ticket);
    return KEDGE_OK;
}

/* A handle on a model in the memory of a ticket. */
static kedge_status publish_bind_model(const kedge_model_class *cls, const void *mem, size_t bytes, kedge_model *m)
{
    if (cls->base.noun != KEDGE_NOUN_MODEL || kedge_i_object_bind(&cls->base, mem, bytes) < 0)
        return KEDGE_ERR_CLASS;
    m->cls = cls;
    m->state = (void *)(uintptr_t)mem;
    return KEDGE_OK;
}

kedge_status kedge_publish_model_acquire(const kedge_publish *p, const kedge_model_class *cls, kedge_publish_ticket *ticket,
                                         kedge_model *m)
{
    if (!cls || !m)
        return KEDGE_ERR_NULL;
    kedge_status st = kedge_publish_acquire(p, ticket);
    if (st != KEDGE_OK)
        return st;
    st = publish_bind_model(cls, ticket->memory, ticket->bytes, m);
    if (st < 0)
        KEDGE_IGNORE(kedge_publish_release(p, ticket));
    return st;
}

static kedge_status publish_bind_both(const kedge_prep_class *prep_cls, const kedge_model_class *cls,
                                      const kedge_publish_ticket *ticket, kedge_prep *prep, kedge_model *m)
{
    if (prep_cls->base.noun != KEDGE_NOUN_PREP || kedge_i_object_bind(&prep_cls->base, ticket->memory, ticket->bytes) < 0)
        return KEDGE_ERR_CLASS;
    size_t at = publish_model_at(ticket->memory);
    if (at > ticket->bytes) /* a prep alone */
        return KEDGE_ERR_CLASS;
    KEDGE_TRY(publish_bind_model(cls, (const unsigned char *)ticket->memory + at, ticket->bytes - at, m));
    prep->cls = prep_cls;
    prep->state = (void *)(uintptr_t)ticket->memory;
    return KEDGE_OK;
}

kedge_status kedge_publish_prepared_acquire(const kedge_publish *p, const kedge_prep_class *prep_cls, const kedge_model_class *cls,
                                            kedge_publish_ticket *ticket, kedge_prep *prep, kedge_model *m)
{
    if (!prep_cls || !cls || !prep || !m)
        return KEDGE_ERR_NULL;
    kedge_status st = kedge_publish_acquire(p, ticket);
    if (st != KEDGE_OK)
        return st;
    st = publish_bind_both(prep_cls, cls, ticket, prep, m);
    if (st < 0)
        KEDGE_IGNORE(kedge_publish_release(p, ticket));
    return st;
}

/* Upkeep ----------------------------------------------------------------------------------------------------------------------- */

static uint32_t publish_use(publish_state *s, uint32_t i, uint32_t phase, uint32_t readers)
{
    if (phase == PUBLISH_IS_SERVING)
        return publish_slot_of(PUBLISH_LOAD(&s->current, PUBLISH_RELAXED)) == i ? KEDGE_PUBLISH_SERVING : KEDGE_PUBLISH_LOST;
    if (phase == PUBLISH_IS_WRITTEN)
        return KEDGE_PUBLISH_WRITING;
    return readers > 0 ? KEDGE_PUBLISH_HELD : KEDGE_PUBLISH_FREE;
}

static void publish_tell(publish_state *s, uint32_t i, kedge_publish_slot *out)
{
    publish_slot *slot = &s->slots[i];
    uint32_t phase = PUBLISH_LOAD(&slot->phase, PUBLISH_RELAXED), readers = publish_readers(s, slot, phase);
    out->version = slot->version;
    out->bytes = slot->bytes;
    out->use = publish_use(s, i, phase, readers);
    out->n_tickets = out->use == KEDGE_PUBLISH_LOST ? 0 : readers;
    out->reserved = 0;
}

kedge_status kedge_publish_slots(kedge_publish *p, kedge_publish_slot *slots, size_t cap, size_t *n)
{
    if (!publish_is_bound(p) || !n || (cap > 0 && !slots))
        return KEDGE_ERR_NULL;
    publish_state *s = p->state;
    *n = s->n_slots;
    if (cap < s->n_slots)
        return KEDGE_ERR_BUFFER;
    for (uint32_t i = 0; i < s->n_slots; i++)
        publish_tell(s, i, &slots[i]);
    return KEDGE_OK;
}

kedge_status kedge_publish_reclaim(kedge_publish *p, uint32_t slot)
{
    if (!publish_is_bound(p))
        return KEDGE_ERR_NULL;
    publish_state *s = p->state;
    if (slot >= s->n_slots)
        return KEDGE_ERR_RANGE;
    if (publish_slot_of(PUBLISH_LOAD(&s->current, PUBLISH_RELAXED)) == slot || PUBLISH_LOAD(&s->writing, PUBLISH_RELAXED) == slot)
        return KEDGE_ERR_STATE;
    s->slots[slot].entered = PUBLISH_LOAD(&s->slots[slot].left, PUBLISH_ACQUIRE);
    PUBLISH_STORE(&s->slots[slot].phase, PUBLISH_IS_FREE, PUBLISH_RELEASE);
    return KEDGE_OK;
}
