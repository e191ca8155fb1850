/* SPDX-License-Identifier: MIT */
/* Where a version comes from: the settings of prep and model as one hash, and the seed. Both are read from the table of fields that
 * every class has, so they hold for a host's own classes too. */
#include "base/fp.h"

#include <string.h>

#include "pipeline/pipeline_state.h"

#include "base/bytes.h"
#include "base/object.h"
#include "base/sha256.h"

static uint32_t provenance_u32(const void *state, uint32_t offset)
{
    uint32_t x;
    memcpy(&x, (const unsigned char *)state + offset, sizeof x);
    return x;
}

/* A parameter as a snapshot has it: little-endian. */
static void provenance_add(kedge_i_sha256 *h, const kedge_field *f, const void *state)
{
    const unsigned char *from = (const unsigned char *)state + f->offset;
    uint32_t width = kedge_i_type_bytes(f->type);
    unsigned char bytes[8];
    uint64_t x = *from;
    if (width == 4)
        x = provenance_u32(state, f->offset);
    if (width == 8)
        memcpy(&x, from, sizeof x);
    kedge_i_put(bytes, x, width);
    kedge_i_sha256_add(h, bytes, width);
}

/* Name, version and parameters. Of its parts only those that the caller chose: the others follow from them. */
static void provenance_settings(kedge_i_sha256 *h, const kedge_class *cls, const void *state)
{
    unsigned char head[KEDGE_NAME_BYTES + 4] = {0};
    memcpy(head, cls->name, strlen(cls->name));
    kedge_i_put(head + KEDGE_NAME_BYTES, ((uint32_t)cls->noun << 24) | cls->version, 4);
    kedge_i_sha256_add(h, head, sizeof head);
    for (uint32_t i = 0; i < cls->n_fields; i++) {
        const kedge_field *f = &cls->fields[i];
        if (f->role == KEDGE_ROLE_PARAM)
            provenance_add(h, f, state);
        if (f->role < KEDGE_ROLE_PART || !cls->begin_parts)
            continue;
        uint32_t bytes = provenance_u32(state, f->count), n = f->role == KEDGE_ROLE_PARTS ? provenance_u32(state, f->count + 4) : 1;
        const unsigned char *part = (const unsigned char *)state + provenance_u32(state, f->offset);
        for (uint32_t j = 0; bytes > 0 && j < n; j++, part += bytes)
            provenance_settings(h, cls->parts[f->type], part);
    }
}

void kedge_i_provenance_digest(const kedge_model *m, const kedge_prep *prep, unsigned char *digest)
{
    kedge_i_sha256 h;
    kedge_i_sha256_begin(&h);
    if (prep->state)
        provenance_settings(&h, &prep->cls->base, prep->state);
    provenance_settings(&h, &m->cls->base, m->state);
    kedge_i_sha256_end(&h, digest);
}

/* The parameter of that name, wherever in the struct. */
static int provenance_is_seed(const kedge_field *f)
{
    static const char seed[] = "seed";
    size_t n = strlen(f->name), of = sizeof seed - 1;
    if (f->role != KEDGE_ROLE_PARAM || f->type != KEDGE_TYPE_U64 || n < of || strcmp(f->name + n - of, seed) != 0)
        return 0;
    return n == of || f->name[n - of - 1] == '.';
}

uint64_t kedge_i_provenance_seed(const kedge_model *m)
{
    uint64_t seed = 0;
    for (uint32_t i = 0; i < m->cls->base.n_fields; i++)
        if (provenance_is_seed(&m->cls->base.fields[i]))
            memcpy(&seed, (const unsigned char *)m->state + m->cls->base.fields[i].offset, sizeof seed);
    return seed;
}
