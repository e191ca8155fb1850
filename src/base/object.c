/* SPDX-License-Identifier: MIT */
/* Objects of all classes: size, init, open, check and reset. A class only says what its parameters are, whether they are valid and
 * how its state is laid out and begins; nothing here knows any algorithm. */
#include "base/fp.h"

#include "base/object.h"

#include <string.h>

#include "base/check.h"

static uint32_t object_version(const kedge_class *cls)
{
    return ((uint32_t)cls->noun << 24) | cls->version;
}

static void object_head(const kedge_class *cls, size_t bytes, kedge_state_head *head)
{
    size_t n = strlen(cls->name);
    memset(head, 0, sizeof *head);
    memcpy(head->name, cls->name, n < sizeof head->name ? n : sizeof head->name - 1);
    head->version = object_version(cls);
    head->bytes = (uint32_t)bytes;
}

/* The bytes of the parameters, in and out of a struct: only they survive a reset. */
static void object_copy_params(const kedge_class *cls, const void *from, void *to)
{
    for (uint32_t i = 0; i < cls->n_fields && cls->fields[i].role == KEDGE_ROLE_PARAM; i++) {
        const kedge_field *f = &cls->fields[i];
        memcpy((unsigned char *)to + f->offset, (const unsigned char *)from + f->offset, kedge_i_type_bytes(f->type));
    }
}

static uint32_t object_u32(const void *fixed, uint32_t offset)
{
    uint32_t x;
    memcpy(&x, (const unsigned char *)fixed + offset, sizeof x);
    return x;
}

/* Where the caller chose the classes of the parts, there is a part exactly where one is named: bytes may be of a state of
 * others. */
static int object_names_its_parts(const kedge_class *cls, const void *fixed)
{
    for (uint32_t i = 0; cls->begin_parts && i < cls->n_fields; i++) {
        const kedge_field *f = &cls->fields[i];
        if (f->role >= KEDGE_ROLE_PART && (object_u32(fixed, f->count) > 0) != (cls->parts[f->type] != NULL))
            return 0;
    }
    return 1;
}

size_t kedge_i_object_plan(const kedge_class *cls, void *fixed)
{
    if (!cls->valid(fixed))
        return 0;
    size_t bytes = cls->layout(fixed);
    if (bytes == 0 || !object_names_its_parts(cls, fixed))
        return 0;
    object_head(cls, bytes, fixed);
    return bytes;
}

/* Zero everything but the parts, which begin by themselves. Layouts place parts in the order of the field table. */
static void object_clear(const kedge_class *cls, const void *fixed, unsigned char *mem)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < cls->n_fields; i++) {
        const kedge_field *f = &cls->fields[i];
        if (f->role < KEDGE_ROLE_PART)
            continue;
        uint32_t part = object_u32(fixed, f->offset);
        KEDGE_ASSERT(part >= at);
        memset(mem + at, 0, part - at);
        at = part + object_u32(fixed, f->count) * (f->role == KEDGE_ROLE_PARTS ? object_u32(fixed, f->count + 4) : 1u);
    }
    memset(mem + at, 0, ((const kedge_state_head *)fixed)->bytes - at);
}

void kedge_i_object_begin(const kedge_class *cls, const void *fixed, void *mem)
{
    object_clear(cls, fixed, mem);
    memcpy(mem, fixed, cls->fixed_bytes);
    if (cls->start)
        cls->start(mem);
    KEDGE_ASSERT(cls->begin_parts || cls->check(mem)); /* or else the parts may not live yet */
}

kedge_status kedge_i_object_room(size_t bytes, const void *mem, size_t mem_bytes)
{
    if (mem_bytes < bytes)
        return KEDGE_ERR_BUFFER;
    return kedge_i_aligned(mem) ? KEDGE_OK : KEDGE_ERR_ALIGN;
}

int kedge_i_object_complete(const kedge_class *cls, const void *config, uint32_t config_bytes, kedge_i_config *whole)
{
    if (config_bytes > cls->config_bytes || config_bytes < sizeof(void *) + sizeof(uint32_t))
        return 0;
    cls->defaults(whole);
    memcpy(whole, config, config_bytes);
    return 1;
}

size_t kedge_i_object_plan_config(const kedge_class *cls, const void *config, uint32_t config_bytes, kedge_i_fixed *fixed)
{
    kedge_i_config whole;
    if (!kedge_i_object_complete(cls, config, config_bytes, &whole))
        return 0;
    memset(fixed, 0, sizeof *fixed);
    cls->configure(&whole, fixed);
    return kedge_i_object_plan(cls, fixed);
}

size_t kedge_i_object_size(const kedge_class *cls, const void *config, uint32_t config_bytes)
{
    kedge_i_fixed fixed;
    return kedge_class_check(cls) < 0 ? 0 : kedge_i_object_plan_config(cls, config, config_bytes, &fixed);
}

/* Where the i-th part of a field of parts stands, 0 behind the last. */
static size_t object_part(const kedge_field *f, const void *state, uint32_t i)
{
    if (f->role < KEDGE_ROLE_PART)
        return 0;
    uint32_t bytes = object_u32(state, f->count);
    uint32_t n = f->role == KEDGE_ROLE_PARTS ? object_u32(state, f->count + 4) : 1u;
    return bytes > 0 && i < n ? object_u32(state, f->offset) + (size_t)i * bytes : 0;
}

/* Parts begin in a state of which only the struct stands. */
static void object_begin_parts(const kedge_class *cls, const void *config, uint32_t config_bytes, const kedge_i_fixed *fixed,
                               void *mem)
{
    kedge_i_config whole;
    (void)kedge_i_object_complete(cls, config, config_bytes, &whole);
    memcpy(mem, fixed, cls->fixed_bytes);
    cls->begin_parts(cls, &whole, mem);
}

kedge_status kedge_i_object_init(const kedge_class *cls, const void *config, uint32_t config_bytes, void *mem, size_t mem_bytes)
{
    kedge_i_fixed fixed;
    KEDGE_TRY(kedge_class_check(cls));
    size_t bytes = kedge_i_object_plan_config(cls, config, config_bytes, &fixed);
    if (bytes == 0)
        return KEDGE_ERR_CONFIG;
    KEDGE_TRY(kedge_i_object_room(bytes, mem, mem_bytes));
    if (cls->begin_parts)
        object_begin_parts(cls, config, config_bytes, &fixed, mem);
    kedge_i_object_begin(cls, &fixed, mem);
    KEDGE_ASSERT(cls->check(mem));
    return KEDGE_OK;
}

static void object_reset_parts(const kedge_class *cls, void *state)
{
    for (uint32_t i = 0; i < cls->n_fields; i++) {
        const kedge_field *f = &cls->fields[i];
        size_t at;
        for (uint32_t j = 0; (at = object_part(f, state, j)) != 0; j++)
            kedge_i_object_reset(cls->parts[f->type], (unsigned char *)state + at);
    }
}

static kedge_status object_check_parts(const kedge_class *cls, const void *state)
{
    for (uint32_t i = 0; i < cls->n_fields; i++) {
        const kedge_field *f = &cls->fields[i];
        size_t at;
        for (uint32_t j = 0; (at = object_part(f, state, j)) != 0; j++) {
            const unsigned char *part = (const unsigned char *)state + at;
            if (kedge_i_object_check(cls->parts[f->type], part) < 0 || kedge_i_state_bytes(part) != object_u32(state, f->count))
                return KEDGE_ERR_STATE;
        }
    }
    return KEDGE_OK;
}

void kedge_i_object_reset(const kedge_class *cls, void *state)
{
    kedge_i_fixed fixed;
    memset(&fixed, 0, sizeof fixed);
    object_copy_params(cls, state, &fixed);
    size_t bytes = kedge_i_object_plan(cls, &fixed);
    KEDGE_ASSERT(bytes == kedge_i_state_bytes(state));
    if (bytes != kedge_i_state_bytes(state))
        return;
    if (cls->begin_parts)
        object_reset_parts(cls, state);
    kedge_i_object_begin(cls, &fixed, state);
}

/* Are the parts of the classes that this class names? */
static kedge_status object_open_parts(const kedge_class *cls, const void *state)
{
    if (!object_names_its_parts(cls, state))
        return KEDGE_ERR_CLASS;
    for (uint32_t i = 0; i < cls->n_fields; i++) {
        const kedge_field *f = &cls->fields[i];
        size_t at;
        for (uint32_t j = 0; (at = object_part(f, state, j)) != 0; j++) {
            uint32_t bytes = object_u32(state, f->count);
            if (at > kedge_i_state_bytes(state) || bytes > kedge_i_state_bytes(state) - at)
                return KEDGE_ERR_BUFFER;
            KEDGE_TRY(kedge_i_object_open(cls->parts[f->type], (const unsigned char *)state + at, bytes));
        }
    }
    return KEDGE_OK;
}

kedge_status kedge_i_object_open(const kedge_class *cls, const void *mem, size_t mem_bytes)
{
    KEDGE_TRY(kedge_class_check(cls));
    return kedge_i_object_bind(cls, mem, mem_bytes);
}

kedge_status kedge_i_object_bind(const kedge_class *cls, const void *mem, size_t mem_bytes)
{
    kedge_state_head want;
    kedge_state_head have;
    KEDGE_TRY(kedge_i_object_room(cls->fixed_bytes, mem, mem_bytes));
    memcpy(&have, mem, sizeof have);
    object_head(cls, have.bytes, &want);
    if (memcmp(&want, &have, sizeof want) != 0)
        return KEDGE_ERR_CLASS;
    if (have.bytes < cls->fixed_bytes || have.bytes > mem_bytes)
        return KEDGE_ERR_BUFFER;
    return cls->begin_parts ? object_open_parts(cls, mem) : KEDGE_OK;
}

/* The head and the layout must be what the parameters give; then the class's own invariants. */
kedge_status kedge_i_object_check(const kedge_class *cls, const void *state)
{
    kedge_i_fixed fixed;
    memset(&fixed, 0, sizeof fixed);
    object_copy_params(cls, state, &fixed);
    size_t bytes = kedge_i_object_plan(cls, &fixed);
    if (bytes == 0 || memcmp(&fixed, state, sizeof(kedge_state_head)) != 0)
        return KEDGE_ERR_STATE;
    if (cls->begin_parts)
        KEDGE_TRY(object_check_parts(cls, state));
    return cls->check(state) ? KEDGE_OK : KEDGE_ERR_STATE;
}

int kedge_i_object_alike(const kedge_class *cls, const void *a, const void *b)
{
    for (uint32_t i = 0; i < cls->n_fields && cls->fields[i].role == KEDGE_ROLE_PARAM; i++) {
        const kedge_field *f = &cls->fields[i];
        if (memcmp((const char *)a + f->offset, (const char *)b + f->offset, kedge_i_type_bytes(f->type)) != 0)
            return 0;
    }
    return 1;
}

uint32_t kedge_i_state_bytes(const void *state)
{
    return ((const kedge_state_head *)state)->bytes;
}

kedge_status kedge_class_defaults(const kedge_class *cls, void *config, size_t config_bytes, size_t first_bytes)
{
    union {
        uint64_t align;
        unsigned char bytes[KEDGE_CONFIG_MAX];
    } whole;
    if (!config)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_class_check(cls));
    if (config_bytes < first_bytes || config_bytes > cls->config_bytes)
        return KEDGE_ERR_CONFIG;
    cls->defaults(&whole);
    memcpy(config, &whole, config_bytes);
    uint32_t own_bytes = (uint32_t)config_bytes; /* second member of every configuration's base */
    memcpy((unsigned char *)config + sizeof(void *), &own_bytes, sizeof own_bytes);
    return KEDGE_OK;
}
