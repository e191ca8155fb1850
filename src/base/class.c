/* SPDX-License-Identifier: MIT */
/* Is a class table well formed? Asked at every init, open and load, since a host may bring its own. */
#include "base/fp.h"

#include <string.h>

#include "base/object.h"

static int class_name_is_good(const char *name)
{
    size_t n = 0;
    for (; name[n] != '\0' && n < KEDGE_NAME_BYTES; n++)
        if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789_", name[n]))
            return 0;
    return n > 0 && n < KEDGE_NAME_BYTES;
}

static int class_field_is_good(const kedge_class *cls, const kedge_field *f)
{
    uint32_t at = f->offset;
    uint64_t bytes = 4;
    if (f->role < KEDGE_ROLE_PART && (f->type < KEDGE_TYPE_U8 || f->type > KEDGE_TYPE_COUNT))
        return 0;
    if (f->role == KEDGE_ROLE_PARAM && (f->count != 1 || f->type == KEDGE_TYPE_COUNT))
        return 0;
    if (f->role == KEDGE_ROLE_PARAM || f->role == KEDGE_ROLE_VALUE)
        bytes = (uint64_t)f->count * kedge_i_type_bytes(f->type);
    else if (f->count < sizeof(kedge_state_head) || f->count > cls->fixed_bytes - (f->role == KEDGE_ROLE_PARTS ? 8u : 4u))
        return 0;
    return at >= sizeof(kedge_state_head) && at + bytes <= cls->fixed_bytes;
}

static int class_fields_are_good(const kedge_class *cls)
{
    uint16_t role = KEDGE_ROLE_PARAM;
    for (uint32_t i = 0; i < cls->n_fields; i++) {
        const kedge_field *f = &cls->fields[i];
        if (f->role < role || f->role > KEDGE_ROLE_PARTS || !class_field_is_good(cls, f))
            return 0;
        role = f->role;
    }
    return 1;
}

kedge_status kedge_class_check(const kedge_class *cls)
{
    if (!cls || !cls->name || !cls->fields)
        return KEDGE_ERR_NULL;
    if (cls->abi != KEDGE_CLASS_ABI)
        return KEDGE_ERR_CLASS;
    if (!cls->defaults || !cls->configure || !cls->valid || !cls->layout || !cls->check)
        return KEDGE_ERR_NULL;
    if (cls->fixed_bytes < sizeof(kedge_state_head) || cls->fixed_bytes > KEDGE_FIXED_MAX || cls->config_bytes > KEDGE_CONFIG_MAX)
        return KEDGE_ERR_CLASS;
    if (cls->begin_parts && !cls->parts)
        return KEDGE_ERR_NULL;
    return class_name_is_good(cls->name) && class_fields_are_good(cls) ? KEDGE_OK : KEDGE_ERR_CLASS;
}
