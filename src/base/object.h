/* SPDX-License-Identifier: MIT */
/* What all nouns do alike with their objects, driven by the class table: size, init, open, check, reset. */
#ifndef KEDGE_BASE_OBJECT_H
#define KEDGE_BASE_OBJECT_H

#include "kedge/class.h"

/* A state struct or a configuration on the stack. */
typedef union kedge_i_fixed {
    uint64_t align;
    unsigned char bytes[KEDGE_FIXED_MAX];
} kedge_i_fixed;

typedef union kedge_i_config {
    uint64_t align;
    unsigned char bytes[KEDGE_CONFIG_MAX];
} kedge_i_config;

static inline uint32_t kedge_i_type_bytes(uint16_t type)
{
    static const uint8_t bytes[] = {0, 1, 4, 8, 8, 4, 8}; /* by KEDGE_TYPE_... */
    return bytes[type];
}

/* `config` of `config_bytes` as the caller has it. 0 if anything is out of range. */
size_t kedge_i_object_size(const kedge_class *cls, const void *config, uint32_t config_bytes);
kedge_status kedge_i_object_init(const kedge_class *cls, const void *config, uint32_t config_bytes, void *mem, size_t mem_bytes);
kedge_status kedge_i_object_open(const kedge_class *cls, const void *mem, size_t mem_bytes);
/* The same for a class that was checked before. */
kedge_status kedge_i_object_bind(const kedge_class *cls, const void *mem, size_t mem_bytes);
kedge_status kedge_i_object_check(const kedge_class *cls, const void *state);
void kedge_i_object_reset(const kedge_class *cls, void *state);
/* Have two states of a class the same parameters? */
int kedge_i_object_alike(const kedge_class *cls, const void *a, const void *b);

/* Configurations grow at their end: a caller built against an older release brings a shorter one, whose missing fields are
 * defaults. 0: it is no configuration of this class. */
int kedge_i_object_complete(const kedge_class *cls, const void *config, uint32_t config_bytes, kedge_i_config *whole);

/* The parts that the codec shares: from parameters in a zeroed struct to a begun state. `fixed` gets head, offsets; returns
 * bytes. */
size_t kedge_i_object_plan(const kedge_class *cls, void *fixed);
size_t kedge_i_object_plan_config(const kedge_class *cls, const void *config, uint32_t config_bytes, kedge_i_fixed *fixed);
void kedge_i_object_begin(const kedge_class *cls, const void *fixed, void *mem);
kedge_status kedge_i_object_room(size_t bytes, const void *mem, size_t mem_bytes);

uint32_t kedge_i_state_bytes(const void *state);

#endif
