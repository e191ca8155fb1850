/* SPDX-License-Identifier: MIT */
/* Laws of forged snapshots: the checksum is right, the contents are anything. */
#include "base/bytes.h"
#include "base/snapshot.h"
#include "laws.h"
#include "pipeline/pipeline_state.h"

static void seal(unsigned char *buf, size_t len)
{
    kedge_i_put(buf + len - 4, kedge_i_crc32(buf, len - 4), 4);
}

/* Forged snapshots: the checksum is right, the contents are anything. Either an error, or an object that keeps all its laws. */
void law_forged(void **unused)
{
    (void)unused;
    const noun *v = law_subject->noun;
    object o;
    size_t len;
    kedge_rng rng = {42};
    object_make(&o, 0xA5);
    law_subject->feed(&o.h, 0, law_subject->n / 2);
    unsigned char *buf = object_save(&o, &len);
    unsigned char *forged = guard_new(len, 0);
    unsigned char *mem = guard_new(o.bytes, 0x42);
    size_t n_rounds = len > 20000 ? 60000000 / len : 3000; /* as in law_damage, but 60 MB */
    contract_is_forged = 1;
    for (size_t round = 0; round < n_rounds; round++) {
        static const unsigned char nasty[] = {0x00, 0xFF, 0x7F, 0x80, 0xF0, 0x01};
        memcpy(forged, buf, len);
        size_t n_changes = 1 + kedge_rng_below(&rng, 8);
        size_t at = 32 + kedge_rng_below(&rng, len - 36);
        for (size_t i = 0; i < n_changes; i++) {
            if (i > 0 && kedge_rng_below(&rng, 3) == 0)
                at = 32 + kedge_rng_below(&rng, len - 36);
            forged[at] = kedge_rng_below(&rng, 2) ? nasty[kedge_rng_below(&rng, 6)] : (unsigned char)kedge_rng_next(&rng);
            at = at + 1 < len - 4 ? at + 1 : 32;
        }
        seal(forged, len);
        handle h = o.h;
        kedge_status st = v->load(&h, law_subject, mem, o.bytes, forged, len);
        if (st == KEDGE_OK) {
            assert_int_equal(v->check(&h), KEDGE_OK);
            v->read(&h, law_subject);
            law_subject->feed(&h, 0, law_subject->n > 40 ? 40 : law_subject->n);
            assert_int_equal(v->check(&h), KEDGE_OK);
        } else {
            assert_true(st < 0);
            assert_memory_equal(&h, &o.h, sizeof h);
        }
        guard_check(mem);
    }
    contract_is_forged = 0;
    guard_free(mem);
    guard_free(forged);
    guard_free(buf);
    object_free(&o);
}

/* One number of 64 bits in a snapshot, and the snapshots that it stands in, from the outermost on: all their checksums cover it. */
enum { FORGED_DEPTH = 5, FORGED_PER_FIELD = 16 };

typedef struct forged_place {
    const char *cls;
    const char *field;
    size_t at;
    size_t depth;
    size_t begins[FORGED_DEPTH];
} forged_place;

typedef struct forged_visit {
    const unsigned char *buf;
    void (*visit)(const forged_place *place, void *context);
    void *context;
} forged_visit;

static uint32_t forged_u32(const kedge_i_fixed *fixed, uint32_t offset)
{
    uint32_t x;
    memcpy(&x, fixed->bytes + offset, sizeof x);
    return x;
}

static size_t forged_length(const unsigned char *buf)
{
    return (size_t)kedge_i_get(buf + 12, 4);
}

/* Of a long array some elements stand for all. */
static void forged_elements(const forged_visit *v, forged_place place, size_t n)
{
    size_t step = n > FORGED_PER_FIELD ? n / FORGED_PER_FIELD : 1, first = place.at;
    for (size_t i = 0; i < n; i += step) {
        place.at = first + 8 * i;
        v->visit(&place, v->context);
    }
}

/* Calls visit for the numbers of the snapshot that begins at place.at, those of its parts too. */
static void forged_walk(const forged_visit *v, const kedge_class *cls, const kedge_class *const *parts, forged_place place)
{
    kedge_i_fixed fixed;
    const size_t begin = place.at;
    assert_true(place.depth < FORGED_DEPTH);
    assert_int_equal(kedge_i_snapshot_plan(cls, v->buf + begin, forged_length(v->buf + begin), &fixed), KEDGE_OK);
    place.cls = cls->name;
    place.begins[place.depth++] = begin;
    place.at += 32;
    for (uint32_t i = 0; i < cls->n_fields; i++) {
        const kedge_field *f = &cls->fields[i];
        size_t n = f->role < KEDGE_ROLE_ARRAY ? f->count : forged_u32(&fixed, f->count);
        place.field = f->name;
        if (f->role < KEDGE_ROLE_PART) {
            if (kedge_i_type_bytes(f->type) == 8 && f->type != KEDGE_TYPE_F64)
                forged_elements(v, place, n);
            place.at += n * kedge_i_type_bytes(f->type);
            continue;
        }
        size_t n_parts = n == 0 ? 0 : f->role == KEDGE_ROLE_PARTS ? forged_u32(&fixed, f->count + 4) : 1;
        for (size_t k = 0; k < n_parts; k++, place.at += forged_length(v->buf + place.at))
            forged_walk(v, (parts ? parts : cls->parts)[f->type], NULL, place);
    }
    assert_int_equal(place.at + 4, begin + forged_length(v->buf + begin));
}

/* The subject's class, and the classes of its parts where the noun names them, else NULL. The configuration of every other noun
 * begins with its class. */
static const kedge_class *forged_class(const object *o, const kedge_class **parts, const kedge_class *const **named)
{
    *named = NULL;
    if (law_subject->noun != &noun_pipeline)
        return &o->cfg.detector.cls->base;
    kedge_i_pipeline_name_parts(&o->h.pipeline, parts);
    *named = parts;
    return &kedge_i_pipeline_class;
}

typedef struct forged_trial {
    const object *o;
    const unsigned char *buf;
    unsigned char *forged;
    unsigned char *mem;
    size_t len;
} forged_trial;

static forged_place forged_now; /* what is tried, for tell_forged_counter */
static uint64_t forged_number;

int tell_forged_counter(void **unused)
{
    (void)unused;
    if (forged_now.field)
        print_error("while %s.%s was %llu\n", forged_now.cls, forged_now.field, (unsigned long long)forged_number);
    forged_now.field = NULL;
    return 0;
}

static void forged_try(const forged_trial *t, const forged_place *place, uint64_t number)
{
    const noun *v = law_subject->noun;
    handle h = t->o->h;
    size_t middle = law_subject->n / 2, to = middle + 40 < law_subject->n ? middle + 40 : law_subject->n;
    forged_number = number;
    memcpy(t->forged, t->buf, t->len);
    kedge_i_put(t->forged + place->at, number, 8);
    for (size_t i = place->depth; i-- > 0;)
        seal(t->forged + place->begins[i], forged_length(t->forged + place->begins[i]));
    kedge_status st = v->load(&h, law_subject, t->mem, t->o->bytes, t->forged, t->len);
    if (st < 0)
        return;
    assert_int_equal(v->check(&h), KEDGE_OK);
    law_subject->feed(&h, middle, to);
    assert_int_equal(v->check(&h), KEDGE_OK);
}

static void forged_try_all(const forged_place *place, void *context)
{
    static const uint64_t steps[] = {0, 1, 20};
    forged_now = *place;
    const size_t n_steps = test_cases(sizeof steps / sizeof *steps, 1);
    for (size_t power = 60; power <= 64; power++)
        for (size_t i = 0; i < n_steps; i++)
            forged_try(context, place, (power < 64 ? (uint64_t)1 << power : 0) - steps[i]);
    forged_now.field = NULL;
}

/* A counter that no run reaches: load refuses it, or the object goes on and stays sound. */
void law_forged_counters(void **unused)
{
    (void)unused;
    const kedge_class *parts[PIPELINE_N_PARTS];
    const kedge_class *const *named;
    const forged_place outermost = {0};
    object o;
    forged_trial t = {&o, NULL, NULL, NULL, 0};
    object_make(&o, 0xA5);
    law_subject->feed(&o.h, 0, law_subject->n / 2);
    unsigned char *buf = object_save(&o, &t.len);
    t.buf = buf;
    t.forged = guard_new(t.len, 0);
    t.mem = guard_new(o.bytes, 0x42);
    const forged_visit v = {buf, forged_try_all, &t};
    const kedge_class *cls = forged_class(&o, parts, &named);
    contract_is_forged = 1;
    forged_walk(&v, cls, named, outermost);
    contract_is_forged = 0;
    guard_free(t.mem);
    guard_free(t.forged);
    guard_free(buf);
    object_free(&o);
}
