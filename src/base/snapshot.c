/* SPDX-License-Identifier: MIT */
/* Snapshots: head (32 bytes), parameters, values, arrays, parts, CRC-32; all little-endian, nothing padded. The length of every
 * array follows from the parameters, so the bytes carry no lengths that could lie. */
#include "base/fp.h"

#include "base/snapshot.h"

#include <string.h>

#include "base/bytes.h"
#include "base/check.h"
#include "base/number.h"
#include "base/object.h"

enum {
    SNAPSHOT_FORMAT = 1,
    SNAPSHOT_HEAD_BYTES = 32, /* magic 4, format 2, noun 2, class version 4, whole length 4, class name 16 */
    SNAPSHOT_CRC_BYTES = 4
};

static uint32_t snapshot_u32(const void *state, uint32_t offset)
{
    uint32_t x;
    memcpy(&x, (const unsigned char *)state + offset, sizeof x);
    return x;
}

/* The classes of an object's parts: as the noun names them, or as its class does. */
static const kedge_class *const *snapshot_parts(const kedge_class *cls, const kedge_class *const *parts)
{
    return parts ? parts : cls->parts;
}

/* How many parts a field of parts has; 0: those that would have no bytes. */
static uint32_t snapshot_n_parts(const kedge_field *f, const void *state)
{
    if (snapshot_u32(state, f->count) == 0)
        return 0;
    return f->role == KEDGE_ROLE_PARTS ? snapshot_u32(state, f->count + 4) : 1;
}

/* Where a field's elements stand in the state, and how many there are. Parts count bytes of each. */
static uint32_t snapshot_place(const kedge_field *f, const void *state, uint32_t *n)
{
    if (f->role >= KEDGE_ROLE_ARRAY) {
        *n = snapshot_u32(state, f->count);
        return snapshot_u32(state, f->offset);
    }
    *n = f->count;
    return f->offset;
}

static uint64_t snapshot_bytes(const kedge_class *cls, const kedge_class *const *parts, const void *state)
{
    uint64_t total = SNAPSHOT_HEAD_BYTES + SNAPSHOT_CRC_BYTES;
    for (uint32_t i = 0; i < cls->n_fields; i++) {
        const kedge_field *f = &cls->fields[i];
        uint32_t n;
        uint32_t at = snapshot_place(f, state, &n);
        for (uint32_t j = 0; f->role >= KEDGE_ROLE_PART && j < snapshot_n_parts(f, state); j++)
            total += snapshot_bytes(snapshot_parts(cls, parts)[f->type], NULL, (const unsigned char *)state + at + (size_t)j * n);
        if (f->role < KEDGE_ROLE_PART)
            total += (uint64_t)n * kedge_i_type_bytes(f->type);
    }
    return total;
}

/* Elements to little-endian bytes and back, one type for all: the machine's integer of that width in between. */
static void snapshot_put_elements(unsigned char *to, const unsigned char *from, uint32_t n, uint32_t width)
{
    for (uint32_t i = 0; i < n; i++, to += width, from += width) {
        uint64_t wide = 0;
        uint32_t narrow;
        if (width == 8) {
            memcpy(&wide, from, sizeof wide);
        } else if (width == 4) {
            memcpy(&narrow, from, sizeof narrow);
            wide = narrow;
        } else {
            wide = *from;
        }
        kedge_i_put(to, wide, width);
    }
}

static void snapshot_get_elements(unsigned char *to, const unsigned char *from, uint32_t n, uint32_t width)
{
    for (uint32_t i = 0; i < n; i++, to += width, from += width) {
        uint64_t wide = kedge_i_get(from, width);
        uint32_t narrow = (uint32_t)wide;
        if (width == 8)
            memcpy(to, &wide, sizeof wide);
        else if (width == 4)
            memcpy(to, &narrow, sizeof narrow);
        else
            *to = (unsigned char)wide;
    }
}

static void snapshot_put_head(unsigned char *to, const kedge_class *cls, uint32_t total)
{
    size_t n = strlen(cls->name);
    memset(to, 0, SNAPSHOT_HEAD_BYTES);
    memcpy(to, "KDGE", 4);
    kedge_i_put(to + 4, SNAPSHOT_FORMAT, 2);
    kedge_i_put(to + 6, cls->noun, 2);
    kedge_i_put(to + 8, cls->version, 4);
    kedge_i_put(to + 12, total, 4);
    memcpy(to + 16, cls->name, n < KEDGE_NAME_BYTES ? n : KEDGE_NAME_BYTES - 1);
}

/* Writes a snapshot of known length; the caller has made room. */
static void snapshot_write(const kedge_class *cls, const kedge_class *const *parts, const void *state, unsigned char *buf,
                           uint32_t total)
{
    unsigned char *to = buf + SNAPSHOT_HEAD_BYTES;
    snapshot_put_head(buf, cls, total);
    for (uint32_t i = 0; i < cls->n_fields; i++) {
        const kedge_field *f = &cls->fields[i];
        uint32_t n;
        const unsigned char *from = (const unsigned char *)state + snapshot_place(f, state, &n);
        if (f->role < KEDGE_ROLE_PART) {
            snapshot_put_elements(to, from, n, kedge_i_type_bytes(f->type));
            to += (size_t)n * kedge_i_type_bytes(f->type);
            continue;
        }
        for (uint32_t j = snapshot_n_parts(f, state); j > 0; j--, from += n) {
            uint32_t bytes = (uint32_t)snapshot_bytes(snapshot_parts(cls, parts)[f->type], NULL, from);
            snapshot_write(snapshot_parts(cls, parts)[f->type], NULL, from, to, bytes);
            to += bytes;
        }
    }
    kedge_i_put(to, kedge_i_crc32(buf, total - SNAPSHOT_CRC_BYTES), SNAPSHOT_CRC_BYTES);
}

kedge_status kedge_i_snapshot_save(const kedge_class *cls, const kedge_class *const *parts, const void *state, void *buf,
                                   size_t cap, size_t *len)
{
    if (!len)
        return KEDGE_ERR_NULL;
    uint64_t total = snapshot_bytes(cls, parts, state);
    if (total > UINT32_MAX)
        return KEDGE_ERR_UNSUPPORTED;
    *len = (size_t)total;
    if (cap < total)
        return KEDGE_ERR_BUFFER;
    if (!buf)
        return KEDGE_ERR_NULL;
    snapshot_write(cls, parts, state, buf, (uint32_t)total);
    return KEDGE_OK;
}

/* Is this an intact snapshot of that class? Touches nothing. */
static kedge_status snapshot_verify(const kedge_class *cls, const unsigned char *buf, size_t len)
{
    unsigned char want[SNAPSHOT_HEAD_BYTES];
    if (len < SNAPSHOT_HEAD_BYTES + SNAPSHOT_CRC_BYTES || len > UINT32_MAX)
        return KEDGE_ERR_SNAPSHOT;
    snapshot_put_head(want, cls, (uint32_t)len);
    if (memcmp(buf, want, 6) != 0 || memcmp(buf + 12, want + 12, 4) != 0)
        return KEDGE_ERR_SNAPSHOT;
    if (kedge_i_get(buf + len - SNAPSHOT_CRC_BYTES, SNAPSHOT_CRC_BYTES) != kedge_i_crc32(buf, len - SNAPSHOT_CRC_BYTES))
        return KEDGE_ERR_SNAPSHOT;
    return memcmp(buf, want, sizeof want) == 0 ? KEDGE_OK : KEDGE_ERR_CLASS;
}

/* Parameters out of a verified snapshot into a planned struct; *used = bytes read. */
static kedge_status snapshot_plan(const kedge_class *cls, const unsigned char *buf, size_t len, kedge_i_fixed *fixed, size_t *bytes,
                                  size_t *used)
{
    size_t at = SNAPSHOT_HEAD_BYTES;
    memset(fixed, 0, sizeof *fixed);
    for (uint32_t i = 0; i < cls->n_fields && cls->fields[i].role == KEDGE_ROLE_PARAM; i++) {
        const kedge_field *f = &cls->fields[i];
        uint32_t width = kedge_i_type_bytes(f->type);
        if (len - SNAPSHOT_CRC_BYTES - at < width)
            return KEDGE_ERR_SNAPSHOT;
        snapshot_get_elements(fixed->bytes + f->offset, buf + at, 1, width);
        at += width;
    }
    *used = at;
    *bytes = kedge_i_object_plan(cls, fixed);
    return *bytes == 0 ? KEDGE_ERR_SNAPSHOT : KEDGE_OK;
}

/* Values and arrays need as many bytes as the parameters say. Returns what is left for the parts, which measure themselves. */
static kedge_status snapshot_measure(const kedge_class *cls, const void *fixed, size_t have, size_t *for_parts)
{
    uint64_t need = 0;
    for (uint32_t i = 0; i < cls->n_fields; i++) {
        const kedge_field *f = &cls->fields[i];
        uint32_t n;
        if (f->role != KEDGE_ROLE_VALUE && f->role != KEDGE_ROLE_ARRAY)
            continue;
        (void)snapshot_place(f, fixed, &n);
        need += (uint64_t)n * kedge_i_type_bytes(f->type);
    }
    if (need > have)
        return KEDGE_ERR_SNAPSHOT;
    *for_parts = (size_t)(have - need);
    return KEDGE_OK;
}

/* One part, from a whole snapshot of it; in a dry run, with mem NULL, nothing is written. *used = bytes read. */
static kedge_status snapshot_read_part(const kedge_class *part, void *mem, uint32_t room, const unsigned char *buf, size_t len,
                                       size_t *used)
{
    kedge_i_fixed plan;
    size_t bytes, ignored;
    if (len < SNAPSHOT_HEAD_BYTES + SNAPSHOT_CRC_BYTES)
        return KEDGE_ERR_SNAPSHOT;
    *used = (size_t)kedge_i_get(buf + 12, 4);
    if (*used > len)
        return KEDGE_ERR_SNAPSHOT;
    if (mem)
        return kedge_i_snapshot_load(part, NULL, mem, room, buf, *used);
    KEDGE_TRY(snapshot_verify(part, buf, *used));
    KEDGE_TRY(snapshot_plan(part, buf, *used, &plan, &bytes, &ignored));
    return bytes == room ? KEDGE_OK : KEDGE_ERR_SNAPSHOT;
}

/* Parts: one behind the other; together they fill what is left. In a dry run nothing is written. */
static kedge_status snapshot_read_parts(const kedge_class *cls, const kedge_class *const *parts, const void *fixed, void *mem,
                                        const unsigned char *buf, size_t len)
{
    for (uint32_t i = 0; i < cls->n_fields; i++) {
        const kedge_field *f = &cls->fields[i];
        uint32_t room;
        size_t used = 0;
        if (f->role < KEDGE_ROLE_PART)
            continue;
        unsigned char *at = mem ? (unsigned char *)mem + snapshot_place(f, fixed, &room) : NULL;
        (void)snapshot_place(f, fixed, &room);
        for (uint32_t j = snapshot_n_parts(f, fixed); j > 0; j--, buf += used, len -= used) {
            KEDGE_TRY(snapshot_read_part(snapshot_parts(cls, parts)[f->type], at, room, buf, len, &used));
            at = at ? at + room : NULL;
        }
    }
    return len == 0 ? KEDGE_OK : KEDGE_ERR_SNAPSHOT;
}

static const unsigned char *snapshot_read_values(const kedge_class *cls, void *mem, const unsigned char *from)
{
    for (uint32_t i = 0; i < cls->n_fields; i++) {
        const kedge_field *f = &cls->fields[i];
        uint32_t n;
        if (f->role != KEDGE_ROLE_VALUE && f->role != KEDGE_ROLE_ARRAY)
            continue;
        uint32_t at = snapshot_place(f, mem, &n);
        uint32_t width = kedge_i_type_bytes(f->type);
        snapshot_get_elements((unsigned char *)mem + at, from, n, width);
        from += (size_t)n * width;
    }
    return from;
}

/* Does every counter leave room for all that may come? */
static int snapshot_counters_are_sound(const kedge_class *cls, const void *mem)
{
    for (uint32_t i = 0; i < cls->n_fields; i++) {
        const kedge_field *f = &cls->fields[i];
        uint32_t n;
        if (f->role >= KEDGE_ROLE_PART || f->type != KEDGE_TYPE_COUNT)
            continue;
        const uint64_t *count = (const uint64_t *)(const void *)((const unsigned char *)mem + snapshot_place(f, mem, &n));
        for (uint32_t j = 0; j < n; j++)
            if (count[j] > KEDGE_I_COUNT_LOADED)
                return 0;
    }
    return 1;
}

kedge_status kedge_snapshot_length(const void *buf, size_t len, size_t *bytes)
{
    const unsigned char *from = buf;
    if (!buf || !bytes)
        return KEDGE_ERR_NULL;
    if (len < SNAPSHOT_HEAD_BYTES + SNAPSHOT_CRC_BYTES || memcmp(from, "KDGE", 4) != 0)
        return KEDGE_ERR_SNAPSHOT;
    uint64_t n = kedge_i_get(from + 12, 4);
    if (n < SNAPSHOT_HEAD_BYTES + SNAPSHOT_CRC_BYTES || n > len)
        return KEDGE_ERR_SNAPSHOT;
    *bytes = (size_t)n;
    return KEDGE_OK;
}

kedge_status kedge_i_snapshot_plan(const kedge_class *cls, const void *buf, size_t len, kedge_i_fixed *fixed)
{
    size_t used, need;
    KEDGE_TRY(kedge_class_check(cls));
    KEDGE_TRY(snapshot_verify(cls, buf, len));
    return snapshot_plan(cls, buf, len, fixed, &need, &used);
}

kedge_status kedge_i_snapshot_load_size(const kedge_class *cls, const void *buf, size_t len, size_t *bytes)
{
    kedge_i_fixed fixed;
    if (!buf || !bytes)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_i_snapshot_plan(cls, buf, len, &fixed));
    *bytes = kedge_i_state_bytes(&fixed);
    return KEDGE_OK;
}

kedge_status kedge_i_snapshot_load(const kedge_class *cls, const kedge_class *const *parts, void *mem, size_t mem_bytes,
                                   const void *buf, size_t len)
{
    kedge_i_fixed fixed;
    size_t bytes, used, part_bytes;
    const unsigned char *from = buf;
    if (!mem || !buf)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_class_check(cls));
    KEDGE_TRY(snapshot_verify(cls, from, len));
    KEDGE_TRY(snapshot_plan(cls, from, len, &fixed, &bytes, &used));
    KEDGE_TRY(kedge_i_object_room(bytes, mem, mem_bytes));
    KEDGE_TRY(snapshot_measure(cls, &fixed, len - SNAPSHOT_CRC_BYTES - used, &part_bytes));
    const unsigned char *tail = from + (len - SNAPSHOT_CRC_BYTES - part_bytes);
    KEDGE_TRY(snapshot_read_parts(cls, parts, &fixed, NULL, tail, part_bytes));

    /* From here on only a forged snapshot can fail: its checksum is right, its contents break an invariant. */
    kedge_i_object_begin(cls, &fixed, mem);
    (void)snapshot_read_values(cls, mem, from + used);
    kedge_status st = snapshot_read_parts(cls, parts, mem, mem, tail, part_bytes);
    if (st < 0 || !snapshot_counters_are_sound(cls, mem) || !cls->check(mem)) {
        memset(mem, 0, bytes);
        return KEDGE_ERR_SNAPSHOT;
    }
    return KEDGE_OK;
}
