/* SPDX-License-Identifier: MIT */
/* One version in a store, as an object: its field table is what a snapshot and an export carry of it. */
#include "base/fp.h"

#include <string.h>

#include "pipeline/store_state.h"

#include "base/number.h"
#include "base/object.h"

#define SLOT_U64(member) KEDGE_VALUE(store_slot, v.member, KEDGE_TYPE_U64)
#define SLOT_U32(member) KEDGE_VALUE(store_slot, v.member, KEDGE_TYPE_U32)
#define SLOT_F64(member) KEDGE_VALUE(store_slot, v.member, KEDGE_TYPE_F64)
#define SLOT_BYTES(member, n) KEDGE_VALUES(store_slot, v.member, n, KEDGE_TYPE_U8)

static const kedge_field slot_fields[] = {
    SLOT_U64(id),
    SLOT_U64(parent),
    SLOT_U64(created_ns),
    SLOT_U64(first_row),
    SLOT_U64(last_row),
    SLOT_U64(from_ns),
    SLOT_U64(to_ns),
    SLOT_U64(n_rows),
    SLOT_U64(seed),
    SLOT_U64(training_ns),
    SLOT_U64(compute_ns),
    SLOT_F64(cost),
    SLOT_F64(trigger_value),
    SLOT_F64(trigger_limit),
    SLOT_U32(trigger_kind),
    SLOT_U32(trigger_source),
    SLOT_U32(trigger_code),
    SLOT_U32(candidate),
    SLOT_U32(tests_passed),
    SLOT_U32(tests_failed),
    SLOT_U32(tests_undecided),
    SLOT_U32(status),
    SLOT_U32(is_pinned),
    SLOT_U32(artifact_bytes),
    SLOT_U32(signature_bytes),
    SLOT_U32(n_served),
    SLOT_BYTES(model_class, KEDGE_NAME_BYTES),
    SLOT_BYTES(tag, KEDGE_TAG_BYTES),
    SLOT_BYTES(config_digest, KEDGE_HASH_BYTES),
    SLOT_BYTES(prep_digest, KEDGE_HASH_BYTES),
    SLOT_BYTES(model_digest, KEDGE_HASH_BYTES),
    SLOT_BYTES(signature, KEDGE_SIGNATURE_BYTES),
};

typedef struct slot_config {
    const kedge_class *cls;
    uint32_t config_bytes;
    uint32_t reserved;
} slot_config;

static void slot_defaults(void *config)
{
    slot_config *cfg = config;
    cfg->cls = &kedge_i_store_slot_class;
    cfg->config_bytes = sizeof *cfg;
    cfg->reserved = 0;
}

static void slot_configure(const void *config, void *fixed)
{
    (void)config;
    (void)fixed;
}

static int slot_valid(const void *fixed)
{
    (void)fixed;
    return 1;
}

static size_t slot_layout(void *fixed)
{
    (void)fixed;
    return sizeof(store_slot);
}

static int slot_is_zero(const unsigned char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (bytes[i] != 0)
            return 0;
    return 1;
}

int kedge_i_store_name_ends(const char *name, size_t n)
{
    size_t used = 0;
    while (used < n && name[used])
        used++;
    return used < n && slot_is_zero((const unsigned char *)name + used, n - used);
}

static int slot_check(const void *state)
{
    const kedge_store_version *v = &((const store_slot *)state)->v;
    if (v->status == 0)
        return slot_is_zero((const unsigned char *)v, sizeof *v);
    if (v->status > KEDGE_VERSION_ROLLED_BACK || v->is_pinned > 1 || v->signature_bytes > KEDGE_SIGNATURE_BYTES || v->id == 0)
        return 0;
    if (v->parent >= v->id || !kedge_i_finite(v->cost))
        return 0;
    return kedge_i_store_name_ends(v->model_class, sizeof v->model_class) && kedge_i_store_name_ends(v->tag, sizeof v->tag) &&
           slot_is_zero(v->signature + v->signature_bytes, KEDGE_SIGNATURE_BYTES - v->signature_bytes);
}

void kedge_i_store_free(store_slot *slot)
{
    slot_config cfg;
    slot_defaults(&cfg);
    kedge_status st = kedge_i_object_init(&kedge_i_store_slot_class, &cfg, sizeof cfg, slot, sizeof *slot);
    KEDGE_ASSERT(st == KEDGE_OK);
    (void)st;
}

const kedge_class kedge_i_store_slot_class = {
    .abi = KEDGE_CLASS_ABI,
    .noun = KEDGE_NOUN_CONTROL,
    .version = 1,
    .name = "version",
    .fixed_bytes = sizeof(store_slot),
    .config_bytes = sizeof(slot_config),
    .n_fields = sizeof slot_fields / sizeof *slot_fields,
    .fields = slot_fields,
    .defaults = slot_defaults,
    .configure = slot_configure,
    .valid = slot_valid,
    .layout = slot_layout,
    .check = slot_check,
};
