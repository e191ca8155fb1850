/* SPDX-License-Identifier: MIT */
/* What a version of a store carries beside its record: names, its snapshot, its signature; and the way from one store to another.
 * An export is: magic "KDGV", format, lengths (16 bytes); the record as a snapshot of its own; figures; the artifact; SHA-256 of
 * all that. */
#include "base/fp.h"

#include <string.h>

#include "pipeline/store_state.h"

#include "base/bytes.h"
#include "base/object.h"
#include "base/sha256.h"
#include "base/snapshot.h"

enum { EXPORT_FORMAT = 1, EXPORT_HEAD_BYTES = 16, EXPORT_RECORD_ROOM = 512 };

/* Names ------------------------------------------------------------------------------------------------------------------------ */

kedge_status kedge_store_pin(kedge_control *c, uint64_t id, int32_t is_pinned)
{
    uint32_t place;
    KEDGE_TRY(store_look(c, id, &place));
    store_slot_at(c->state, place)->v.is_pinned = is_pinned != 0;
    return KEDGE_OK;
}

static uint32_t artifact_tagged(const store_state *s, const char *tag)
{
    uint32_t i = 0;
    while (i < s->n_kept && (tag[0] == 0 || strcmp(store_slot_const(s, i)->v.tag, tag) != 0))
        i++;
    return i;
}

kedge_status kedge_store_set_tag(kedge_control *c, uint64_t id, const char *tag)
{
    uint32_t place;
    KEDGE_TRY(store_look(c, id, &place));
    store_state *s = c->state;
    if (!tag)
        return KEDGE_ERR_NULL;
    if (!memchr(tag, 0, KEDGE_TAG_BYTES))
        return KEDGE_ERR_RANGE;
    uint32_t had = artifact_tagged(s, tag);
    if (had < s->n_kept)
        memset(store_slot_at(s, had)->v.tag, 0, KEDGE_TAG_BYTES);
    char *to = store_slot_at(s, place)->v.tag;
    memset(to, 0, KEDGE_TAG_BYTES);
    memcpy(to, tag, strlen(tag));
    return KEDGE_OK;
}

kedge_status kedge_store_find_tag(const kedge_control *c, const char *tag, uint64_t *id)
{
    KEDGE_TRY(kedge_i_control_is(c, &kedge_store));
    const store_state *s = c->state;
    if (!tag || !id)
        return KEDGE_ERR_NULL;
    uint32_t place = artifact_tagged(s, tag);
    if (place == s->n_kept)
        return KEDGE_ERR_UNKNOWN;
    *id = store_slot_const(s, place)->v.id;
    return KEDGE_OK;
}

kedge_status kedge_store_find_digest(const kedge_control *c, const unsigned char *digest, uint64_t *id)
{
    KEDGE_TRY(kedge_i_control_is(c, &kedge_store));
    const store_state *s = c->state;
    if (!digest || !id)
        return KEDGE_ERR_NULL;
    for (uint32_t i = s->n_kept; i-- > 0;) {
        if (memcmp(store_slot_const(s, i)->v.model_digest, digest, KEDGE_HASH_BYTES) != 0)
            continue;
        *id = store_slot_const(s, i)->v.id;
        return KEDGE_OK;
    }
    return KEDGE_ERR_UNKNOWN;
}

/* Artifacts -------------------------------------------------------------------------------------------------------------------- */

static uint32_t artifact_at(const store_state *s, uint32_t place)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < place; i++)
        at += store_slot_const(s, i)->v.artifact_bytes;
    return at;
}

void kedge_i_store_drop_artifact(store_state *s, uint32_t place)
{
    unsigned char *bytes = kedge_i_at(s, s->at_artifacts);
    uint32_t at = artifact_at(s, place), n = store_slot_const(s, place)->v.artifact_bytes;
    memmove(bytes + at, bytes + at + n, s->artifact_used - at - n);
    s->artifact_used -= n;
    memset(bytes + s->artifact_used, 0, n);
    store_slot_at(s, place)->v.artifact_bytes = 0;
}

int kedge_i_store_fits(const store_state *s, uint32_t place, size_t n)
{
    uint64_t must_stay = 0;
    for (uint32_t i = 0; i < s->n_kept; i++)
        if (i != place && store_is_needed(&store_slot_const(s, i)->v))
            must_stay += store_slot_const(s, i)->v.artifact_bytes;
    return must_stay <= s->artifact_bytes && n <= s->artifact_bytes - must_stay;
}

void kedge_i_store_lay(store_state *s, uint32_t place, const unsigned char *bytes, uint32_t n)
{
    kedge_i_store_drop_artifact(s, place);
    while (s->artifact_bytes - s->artifact_used < n) {
        kedge_i_store_drop_artifact(s, kedge_i_store_victim(s, 1, place));
        s->n_dropped++;
    }
    unsigned char *to = (unsigned char *)kedge_i_at(s, s->at_artifacts) + artifact_at(s, place);
    unsigned char *end = (unsigned char *)kedge_i_at(s, s->at_artifacts) + s->artifact_used;
    memmove(to + n, to, (size_t)(end - to));
    memcpy(to, bytes, n);
    s->artifact_used += n;
    store_slot_at(s, place)->v.artifact_bytes = n;
}

static void artifact_hash(const unsigned char *bytes, size_t n, unsigned char *hash)
{
    kedge_i_sha256 h;
    kedge_i_sha256_begin(&h);
    kedge_i_sha256_add(&h, bytes, n);
    kedge_i_sha256_end(&h, hash);
}

kedge_status kedge_store_put_artifact(kedge_control *c, uint64_t id, const void *bytes, size_t n)
{
    uint32_t place;
    KEDGE_TRY(store_look(c, id, &place));
    store_state *s = c->state;
    kedge_store_version *v = &store_slot_at(s, place)->v;
    if (!bytes)
        return KEDGE_ERR_NULL;
    if (n == 0)
        return KEDGE_ERR_RANGE;
    if (!kedge_i_store_fits(s, place, n))
        return KEDGE_ERR_BUFFER;
    kedge_i_store_lay(s, place, bytes, (uint32_t)n);
    artifact_hash(bytes, n, v->model_digest);
    kedge_i_store_unsign(v);
    return KEDGE_OK;
}

kedge_status kedge_store_artifact(const kedge_control *c, uint64_t id, const void **bytes, size_t *n)
{
    unsigned char hash[KEDGE_HASH_BYTES];
    uint32_t place;
    KEDGE_TRY(store_look(c, id, &place));
    const store_state *s = c->state;
    const kedge_store_version *v = &store_slot_const(s, place)->v;
    if (!bytes || !n)
        return KEDGE_ERR_NULL;
    if (v->artifact_bytes == 0)
        return KEDGE_EMPTY;
    const unsigned char *at = (const unsigned char *)kedge_i_at_const(s, s->at_artifacts) + artifact_at(s, place);
    artifact_hash(at, v->artifact_bytes, hash);
    if (memcmp(hash, v->model_digest, sizeof hash) != 0)
        return KEDGE_ERR_SNAPSHOT;
    *bytes = at;
    *n = v->artifact_bytes;
    return KEDGE_OK;
}

/* Signatures ------------------------------------------------------------------------------------------------------------------- */

void kedge_i_store_unsign(kedge_store_version *v)
{
    memset(v->signature, 0, sizeof v->signature);
    v->signature_bytes = 0;
}

/* A record without what the store sets, and without the places that another store would give it. */
static void artifact_plain(const store_slot *from, store_slot *to)
{
    *to = *from;
    to->v.id = to->v.status = 1;
    to->v.parent = 0;
    to->v.is_pinned = to->v.artifact_bytes = to->v.signature_bytes = to->v.n_served = 0;
    memset(to->v.tag, 0, sizeof to->v.tag);
    memset(to->v.signature, 0, sizeof to->v.signature);
}

kedge_status kedge_store_digest(const kedge_control *c, uint64_t id, unsigned char hash[KEDGE_HASH_BYTES])
{
    unsigned char record[EXPORT_RECORD_ROOM];
    store_slot plain;
    uint32_t place;
    size_t n;
    KEDGE_TRY(store_look(c, id, &place));
    if (!hash)
        return KEDGE_ERR_NULL;
    artifact_plain(store_slot_const(c->state, place), &plain);
    KEDGE_TRY(kedge_i_snapshot_save(&kedge_i_store_slot_class, NULL, &plain, record, sizeof record, &n));
    artifact_hash(record, n, hash);
    return KEDGE_OK;
}

kedge_status kedge_store_sign(kedge_control *c, uint64_t id, const unsigned char *signature, size_t n)
{
    uint32_t place;
    KEDGE_TRY(store_look(c, id, &place));
    kedge_store_version *v = &store_slot_at(c->state, place)->v;
    if (!signature && n > 0)
        return KEDGE_ERR_NULL;
    if (n > KEDGE_SIGNATURE_BYTES)
        return KEDGE_ERR_RANGE;
    memset(v->signature, 0, sizeof v->signature);
    if (n > 0)
        memcpy(v->signature, signature, n);
    v->signature_bytes = (uint32_t)n;
    return KEDGE_OK;
}

/* From store to store ---------------------------------------------------------------------------------------------------------- */

/* Lengths of the parts of an export. */
typedef struct export_plan {
    size_t record;
    size_t figures;
    size_t artifact;
    size_t total;
} export_plan;

static void export_sum(export_plan *p)
{
    p->total = EXPORT_HEAD_BYTES + p->record + 8 * p->figures + p->artifact + KEDGE_HASH_BYTES;
}

static void export_write(const store_state *s, uint32_t place, const export_plan *p, const unsigned char *record, unsigned char *to)
{
    const double *figures = (const double *)kedge_i_at_const(s, s->at_figures) + (size_t)place * s->n_figures;
    const unsigned char *artifact = (const unsigned char *)kedge_i_at_const(s, s->at_artifacts) + artifact_at(s, place);
    unsigned char *begin = to;
    memcpy(to, "KDGV", 4);
    kedge_i_put(to + 4, EXPORT_FORMAT, 2);
    kedge_i_put(to + 6, p->record, 2);
    kedge_i_put(to + 8, p->figures, 4);
    kedge_i_put(to + 12, p->artifact, 4);
    memcpy(to + EXPORT_HEAD_BYTES, record, p->record);
    to += EXPORT_HEAD_BYTES + p->record;
    for (size_t i = 0; i < p->figures; i++, to += 8) {
        uint64_t bits;
        memcpy(&bits, figures + i, sizeof bits);
        kedge_i_put(to, bits, 8);
    }
    memcpy(to, artifact, p->artifact);
    to += p->artifact;
    artifact_hash(begin, (size_t)(to - begin), to);
}

kedge_status kedge_store_export(const kedge_control *c, uint64_t id, void *buf, size_t cap, size_t *len)
{
    unsigned char record[EXPORT_RECORD_ROOM];
    export_plan p;
    uint32_t place;
    KEDGE_TRY(store_look(c, id, &place));
    const store_state *s = c->state;
    if (!len)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_i_snapshot_save(&kedge_i_store_slot_class, NULL, store_slot_const(s, place), record, sizeof record, &p.record));
    p.figures = s->n_figures;
    p.artifact = store_slot_const(s, place)->v.artifact_bytes;
    export_sum(&p);
    *len = p.total;
    if (cap < p.total)
        return KEDGE_ERR_BUFFER;
    if (!buf)
        return KEDGE_ERR_NULL;
    export_write(s, place, &p, record, buf);
    return KEDGE_OK;
}

/* Intact, and a record that a store can have written? */
static kedge_status import_read(const unsigned char *buf, size_t len, export_plan *p, store_slot *slot)
{
    unsigned char hash[KEDGE_HASH_BYTES];
    if (len < EXPORT_HEAD_BYTES + KEDGE_HASH_BYTES || memcmp(buf, "KDGV", 4) != 0 || kedge_i_get(buf + 4, 2) != EXPORT_FORMAT)
        return KEDGE_ERR_SNAPSHOT;
    p->record = (size_t)kedge_i_get(buf + 6, 2);
    p->figures = (size_t)kedge_i_get(buf + 8, 4);
    p->artifact = (size_t)kedge_i_get(buf + 12, 4);
    if (p->figures > len / 8 || p->artifact > len)
        return KEDGE_ERR_SNAPSHOT;
    export_sum(p);
    if (p->total != len)
        return KEDGE_ERR_SNAPSHOT;
    artifact_hash(buf, len - KEDGE_HASH_BYTES, hash);
    if (memcmp(hash, buf + len - KEDGE_HASH_BYTES, sizeof hash) != 0)
        return KEDGE_ERR_SNAPSHOT;
    kedge_status st =
        kedge_i_snapshot_load(&kedge_i_store_slot_class, NULL, slot, sizeof *slot, buf + EXPORT_HEAD_BYTES, p->record);
    return st == KEDGE_OK && slot->v.status != 0 && slot->v.artifact_bytes == p->artifact ? KEDGE_OK : KEDGE_ERR_SNAPSHOT;
}

static void import_figures(store_state *s, uint32_t place, const unsigned char *from, size_t n)
{
    double *figures = (double *)kedge_i_at(s, s->at_figures) + (size_t)place * s->n_figures;
    for (size_t i = 0; i < n && i < s->n_figures; i++) {
        uint64_t bits = kedge_i_get(from + 8 * i, 8);
        memcpy(figures + i, &bits, sizeof bits);
    }
}

kedge_status kedge_store_import(kedge_control *c, const void *buf, size_t len, uint64_t *id)
{
    const unsigned char *from = buf;
    export_plan p;
    store_slot slot;
    KEDGE_TRY(kedge_i_control_is(c, &kedge_store));
    store_state *s = c->state;
    if (!buf || !id)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(import_read(from, len, &p, &slot));
    slot.v.parent = 0;
    if (p.artifact > 0) {
        unsigned char hash[KEDGE_HASH_BYTES];
        artifact_hash(from + EXPORT_HEAD_BYTES + p.record + 8 * p.figures, p.artifact, hash);
        if (memcmp(hash, slot.v.model_digest, sizeof hash) != 0)
            return KEDGE_ERR_SNAPSHOT;
    }
    if (!kedge_i_store_fits(s, UINT32_MAX, p.artifact))
        return KEDGE_ERR_BUFFER;
    KEDGE_TRY(kedge_store_add(c, &slot.v, id));
    uint32_t place = s->n_kept - 1;
    import_figures(s, place, from + EXPORT_HEAD_BYTES + p.record, p.figures);
    if (p.artifact > 0)
        kedge_i_store_lay(s, place, from + EXPORT_HEAD_BYTES + p.record + 8 * p.figures, (uint32_t)p.artifact);
    kedge_store_version *v = &store_slot_at(s, place)->v;
    memcpy(v->signature, slot.v.signature, sizeof v->signature);
    v->signature_bytes = slot.v.signature_bytes;
    return KEDGE_OK;
}
