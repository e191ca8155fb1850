/* SPDX-License-Identifier: MIT */
/* The laws. */
#include <stdio.h>
#include <stdlib.h>

#include "laws.h"

const subject *law_subject;

void object_make(object *o, unsigned char fill)
{
    memset(o, 0, sizeof *o);
    law_subject->config(&o->cfg);
    o->bytes = law_subject->noun->size(&o->cfg);
    assert_true(o->bytes > 0);
    o->mem = guard_new(o->bytes, fill);
    assert_int_equal(law_subject->noun->init(&o->h, &o->cfg, o->mem, o->bytes), KEDGE_OK);
    assert_int_equal(law_subject->noun->check(&o->h), KEDGE_OK);
}

void object_free(object *o)
{
    guard_free(o->mem);
}

unsigned char *object_save(const object *o, size_t *len)
{
    *len = 0;
    assert_int_equal(law_subject->noun->save(&o->h, NULL, 0, len), KEDGE_ERR_BUFFER);
    assert_true(*len > 36);
    unsigned char *buf = guard_new(*len, 0x77);
    size_t written = 0;
    assert_int_equal(law_subject->noun->save(&o->h, buf, *len, &written), KEDGE_OK);
    assert_int_equal(written, *len);
    guard_check(buf);
    return buf;
}

/* A few points of the stream, its start and end among them. */
static size_t law_point(size_t i)
{
    static const size_t shares[] = {0, 1, 3, 10, 33, 50, 77, 100};
    return i < sizeof shares / sizeof *shares ? law_subject->n * shares[i] / 100 : SIZE_MAX;
}

static void law_size(void **unused)
{
    (void)unused;
    const noun *v = law_subject->noun;
    object o;
    for (int fill = 0; fill < 3; fill++) {
        static const unsigned char fills[] = {0x00, 0x5C, 0xFF};
        object other;
        object_make(&o, 0xA5);
        object_make(&other, fills[fill]);
        assert_memory_equal(o.mem, other.mem, o.bytes); /* dirty memory shows nowhere, padding included */
        object_free(&other);
        object_free(&o);
    }
    object_make(&o, 0xA5);
    unsigned char *mem = guard_new(o.bytes + 8, 0x3C);
    unsigned char *before = guard_copy(mem, o.bytes + 8);
    handle h;
    memset(&h, 0x11, sizeof h);
    handle h_before = h;
    assert_int_equal(v->init(&h, &o.cfg, mem, o.bytes - 1), KEDGE_ERR_BUFFER);
    assert_int_equal(v->init(&h, &o.cfg, mem, 0), KEDGE_ERR_BUFFER);
    for (size_t off = 1; off < KEDGE_ALIGN; off++)
        assert_int_equal(v->init(&h, &o.cfg, mem + off, o.bytes), KEDGE_ERR_ALIGN);
    assert_int_equal(v->init(&h, &o.cfg, NULL, o.bytes), KEDGE_ERR_NULL);
    assert_int_equal(v->init(&h, NULL, mem, o.bytes), KEDGE_ERR_NULL);
    assert_int_equal(v->init(NULL, &o.cfg, mem, o.bytes), KEDGE_ERR_NULL);
    assert_int_equal(v->size(NULL), 0);
    assert_memory_equal(mem, before, o.bytes + 8);
    assert_memory_equal(&h, &h_before, sizeof h);
    guard_free(before);
    guard_free(mem);
    object_free(&o);
}

static void law_config(void **unused)
{
    (void)unused;
    const noun *v = law_subject->noun;
    object o;
    object_make(&o, 0xA5);
    unsigned char *before = guard_copy(o.mem, o.bytes);
    size_t i = 0;
    for (any_config bad = o.cfg; law_subject->spoil(&bad, i); bad = o.cfg, i++) {
        handle h = o.h;
        if (v->size(&bad) != 0)
            fail_msg("%s: spoilt configuration %zu has a size", law_subject->name, i);
        kedge_status st = v->init(&h, &bad, o.mem, o.bytes);
        if (st != KEDGE_ERR_CONFIG && st != KEDGE_ERR_NULL && st != KEDGE_ERR_UNSUPPORTED)
            fail_msg("%s: spoilt configuration %zu gives %d", law_subject->name, i, (int)st);
        assert_memory_equal(o.mem, before, o.bytes);
        assert_memory_equal(&h, &o.h, sizeof h);
    }
    assert_true(i > 0);
    guard_free(before);
    object_free(&o);
}

static void law_reset(void **unused)
{
    (void)unused;
    object fresh, o;
    object_make(&fresh, 0);
    object_make(&o, 0xA5);
    assert_int_equal(law_subject->noun->reset(&o.h), KEDGE_OK);
    assert_memory_equal(o.mem, fresh.mem, o.bytes);
    law_subject->feed(&o.h, 0, law_subject->n);
    assert_int_equal(law_subject->noun->check(&o.h), KEDGE_OK);
    assert_true(memcmp(o.mem, fresh.mem, o.bytes) != 0);
    assert_int_equal(law_subject->noun->reset(&o.h), KEDGE_OK);
    assert_memory_equal(o.mem, fresh.mem, o.bytes);
    object_free(&o);
    object_free(&fresh);
}

static void law_batch(void **unused)
{
    (void)unused;
    object single;
    if (!law_subject->feed_many)
        return;
    object_make(&single, 0xA5);
    law_subject->feed(&single.h, 0, law_subject->n);
    size_t step = law_subject->n > 400 ? law_subject->n / 150 : 1;
    for (size_t cut = 0; cut <= law_subject->n; cut += step) {
        object batch;
        object_make(&batch, 0x5C);
        law_subject->feed_many(&batch.h, 0, cut);
        law_subject->feed_many(&batch.h, cut, law_subject->n);
        assert_memory_equal(batch.mem, single.mem, single.bytes);
        object_free(&batch);
    }
    object_free(&single);
}

/* memcpy makes a clone; open binds it; both have the same future. */
static void law_clone(void **unused)
{
    (void)unused;
    const noun *v = law_subject->noun;
    size_t at;
    for (size_t i = 0; (at = law_point(i)) != SIZE_MAX; i++) {
        object o;
        object_make(&o, 0xA5);
        law_subject->feed(&o.h, 0, at);
        void *mem = guard_copy(o.mem, o.bytes);
        handle h, none;
        memset(&h, 0, sizeof h);
        memset(&none, 0, sizeof none);
        assert_int_equal(v->open(&h, law_subject, mem, o.bytes), KEDGE_OK);
        assert_int_equal(v->check(&h), KEDGE_OK);
        law_subject->feed(&o.h, at, law_subject->n);
        law_subject->feed(&h, at, law_subject->n);
        assert_memory_equal(mem, o.mem, o.bytes);

        h = none;
        assert_int_equal(v->open(&h, law_subject, mem, o.bytes - 1), KEDGE_ERR_BUFFER);
        assert_int_equal(v->open(&h, law_subject, mem, 3), KEDGE_ERR_BUFFER);
        assert_int_equal(v->open(&h, law_subject, NULL, o.bytes), KEDGE_ERR_NULL);
        assert_int_equal(v->open(NULL, law_subject, mem, o.bytes), KEDGE_ERR_NULL);
        unsigned char *shifted = guard_new(o.bytes + 8, 0);
        memcpy(shifted + 4, mem, o.bytes);
        assert_int_equal(v->open(&h, law_subject, shifted + 4, o.bytes), KEDGE_ERR_ALIGN);
        assert_int_equal(v->open(&h, law_subject, shifted, o.bytes), KEDGE_ERR_CLASS); /* zeros, then the wrong bytes */
        ((unsigned char *)mem)[0] ^= 1;
        assert_int_equal(v->open(&h, law_subject, mem, o.bytes), KEDGE_ERR_CLASS);
        assert_memory_equal(&h, &none, sizeof h);
        guard_free(shifted);
        guard_free(mem);
        object_free(&o);
    }
}

static void law_snapshot(void **unused)
{
    (void)unused;
    const noun *v = law_subject->noun;
    size_t at;
    for (size_t i = 0; (at = law_point(i)) != SIZE_MAX; i++) {
        object o;
        size_t len, need = 0;
        object_make(&o, 0xA5);
        law_subject->feed(&o.h, 0, at);
        unsigned char *buf = object_save(&o, &len);
        void *mem = guard_new(o.bytes, 0x99);
        handle h;
        memset(&h, 0, sizeof h);
        assert_int_equal(v->load_size(law_subject, buf, len, &need), KEDGE_OK);
        assert_int_equal(need, o.bytes);
        assert_int_equal(v->load(&h, law_subject, mem, o.bytes, buf, len), KEDGE_OK);
        assert_memory_equal(mem, o.mem, o.bytes);
        law_subject->feed(&o.h, at, law_subject->n);
        law_subject->feed(&h, at, law_subject->n);
        assert_memory_equal(mem, o.mem, o.bytes);

        unsigned char *small = guard_new(len - 1, 0x77);
        size_t short_len = 0;
        assert_int_equal(v->save(&o.h, small, len - 1, &short_len), KEDGE_ERR_BUFFER);
        assert_int_equal(short_len, len);
        for (size_t j = 0; j < len - 1; j++)
            assert_int_equal(small[j], 0x77);
        assert_int_equal(v->save(&o.h, small, len - 1, NULL), KEDGE_ERR_NULL);
        assert_int_equal(v->save(&o.h, NULL, len, &short_len), KEDGE_ERR_NULL);
        guard_free(small);
        guard_free(mem);
        guard_free(buf);
        object_free(&o);
    }
}

/* One try to load damaged bytes: an error, and nothing changed. */
static void expect_refused(const object *o, const void *buf, size_t len, unsigned char *mem, const unsigned char *mem_before)
{
    handle h = o->h;
    size_t need = 12345;
    kedge_status st = law_subject->noun->load(&h, law_subject, mem, o->bytes, buf, len);
    if (st != KEDGE_ERR_SNAPSHOT && st != KEDGE_ERR_CLASS)
        fail_msg("%s: damaged snapshot of %zu bytes gives %d", law_subject->name, len, (int)st);
    assert_true(law_subject->noun->load_size(law_subject, buf, len, &need) < 0);
    assert_int_equal(need, 12345);
    assert_memory_equal(mem, mem_before, o->bytes);
    assert_memory_equal(&h, &o->h, sizeof h);
}

static void law_damage(void **unused)
{
    (void)unused;
    const noun *v = law_subject->noun;
    object o;
    size_t len, need;
    object_make(&o, 0xA5);
    law_subject->feed(&o.h, 0, law_subject->n * 3 / 4);
    unsigned char *buf = object_save(&o, &len);
    unsigned char *mem = guard_new(o.bytes + 8, 0x42);
    unsigned char *before = guard_copy(mem, o.bytes + 8);
    /* A try reads it all: not more than 40 MB, and every bit of a byte in turn. The checksum refuses these tries before the reader
     * sees them, so a sanitizer learns little from more. */
    size_t step = (8 * len * len / test_cases(40000000, 2000000)) | 1;
    for (size_t cut = 0; cut < len; cut += cut < 300 ? 1 : step) {
        void *part = guard_copy(buf, cut);
        expect_refused(&o, part, cut, mem, before);
        guard_free(part);
    }
    for (size_t bit = 0; bit < 8 * len; bit += bit < 2400 ? 1 : step) {
        buf[bit / 8] ^= (unsigned char)(1u << bit % 8);
        expect_refused(&o, buf, len, mem, before);
        buf[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
    handle h = o.h;
    assert_int_equal(v->load(&h, law_subject, mem, o.bytes - 1, buf, len), KEDGE_ERR_BUFFER);
    assert_int_equal(v->load(&h, law_subject, mem + 4, o.bytes, buf, len), KEDGE_ERR_ALIGN);
    assert_int_equal(v->load(&h, law_subject, NULL, o.bytes, buf, len), KEDGE_ERR_NULL);
    assert_int_equal(v->load(&h, law_subject, mem, o.bytes, NULL, len), KEDGE_ERR_NULL);
    assert_int_equal(v->load(NULL, law_subject, mem, o.bytes, buf, len), KEDGE_ERR_NULL);
    assert_int_equal(v->load_size(law_subject, buf, len, NULL), KEDGE_ERR_NULL);
    assert_int_equal(v->load_size(law_subject, NULL, len, &need), KEDGE_ERR_NULL);
    assert_memory_equal(mem, before, o.bytes + 8);
    assert_memory_equal(&h, &o.h, sizeof h);
    guard_free(before);
    guard_free(mem);
    guard_free(buf);
    object_free(&o);
}

static void law_refusals(void **unused)
{
    (void)unused;
    size_t at;
    for (size_t i = 0; (at = law_point(i)) != SIZE_MAX; i++) {
        object o;
        object_make(&o, 0xA5);
        law_subject->feed(&o.h, 0, at);
        unsigned char *before = guard_copy(o.mem, o.bytes);
        law_subject->noun->refusals(&o.h, law_subject);
        assert_memory_equal(o.mem, before, o.bytes);
        law_subject->noun->read(&o.h, law_subject);
        assert_memory_equal(o.mem, before, o.bytes); /* read-outs change nothing */
        guard_free(before);
        object_free(&o);
    }
}

static void law_null_handles(void **unused)
{
    (void)unused;
    const noun *v = law_subject->noun;
    handle none;
    size_t len;
    unsigned char buf[8];
    memset(&none, 0, sizeof none);
    assert_int_equal(v->check(NULL), KEDGE_ERR_NULL);
    assert_int_equal(v->check(&none), KEDGE_ERR_NULL);
    assert_int_equal(v->reset(NULL), KEDGE_ERR_NULL);
    assert_int_equal(v->reset(&none), KEDGE_ERR_NULL);
    assert_int_equal(v->save(NULL, buf, sizeof buf, &len), KEDGE_ERR_NULL);
    assert_int_equal(v->save(&none, buf, sizeof buf, &len), KEDGE_ERR_NULL);
}

/* A state whose bytes were changed behind the library's back is found, or is sound. */
static void law_check_finds(void **unused)
{
    (void)unused;
    const noun *v = law_subject->noun;
    object o;
    object_make(&o, 0xA5);
    law_subject->feed(&o.h, 0, law_subject->n / 2);
    unsigned char *m = o.mem;
    for (size_t i = 0; i < sizeof(kedge_state_head); i++) {
        m[i] ^= 0x10;
        assert_int_equal(v->check(&o.h), KEDGE_ERR_STATE);
        m[i] ^= 0x10;
    }
    assert_int_equal(v->check(&o.h), KEDGE_OK);
    object_free(&o);
}

/* What only one noun promises. */
static void law_of_the_noun(void **unused)
{
    (void)unused;
    if (law_subject->noun == &noun_model)
        model_laws(law_subject);
}

static int contract_run_laws(void)
{
    const struct CMUnitTest laws[] = {
        cmocka_unit_test(law_size),
        cmocka_unit_test(law_config),
        cmocka_unit_test(law_reset),
        cmocka_unit_test(law_batch),
        cmocka_unit_test(law_clone),
        cmocka_unit_test(law_snapshot),
        cmocka_unit_test(law_damage),
        cmocka_unit_test(law_forged),
        cmocka_unit_test_teardown(law_forged_counters, tell_forged_counter),
        cmocka_unit_test(law_refusals),
        cmocka_unit_test(law_null_handles),
        cmocka_unit_test(law_check_finds),
        cmocka_unit_test(law_of_the_noun),
    };
    int failed = cmocka_run_group_tests_name(law_subject->name, laws, NULL, NULL);
    if (failed > 0)
        fprintf(stderr, "of the subject \"%s\"\n", law_subject->name);
    return failed;
}

int contract_run(const subject_group *const *groups, size_t n)
{
    const char *wanted = getenv("KEDGE_SUBJECTS");
    int failed = 0;
    size_t n_run = 0;
    for (size_t g = 0; g < n; g++)
        for (size_t i = 0; i < groups[g]->n; i++) {
            law_subject = &groups[g]->subjects[i];
            if (wanted && !strstr(law_subject->name, wanted))
                continue;
            failed += contract_run_laws();
            n_run++;
        }
    if (n_run > 0)
        return failed;
    fprintf(stderr, "KEDGE_SUBJECTS=%s: no subject has that in its name; nothing was run\n", wanted ? wanted : "");
    return 1;
}
