/* SPDX-License-Identifier: MIT */
/* kedge_publish by one thread, where every step has one outcome: a program of random calls against a naive publication that keeps
 * lists, and what is refused. Readers and writers that die are in test_publish_deaths.c, threads in tests/interleaving. */
#include "published.h"

enum { MANY = 40 };

static void test_sizes(void **unused)
{
    static const uint32_t rooms[] = {1, 63, 64, 65, 1000};
    (void)unused;
    for (uint32_t n = 2; n <= KEDGE_PUBLISH_SLOTS_MAX; n++)
        for (size_t i = 0; i < sizeof rooms / sizeof rooms[0]; i++) {
            kedge_publish_config cfg = slots_of(n, rooms[i]);
            assert_int_equal(kedge_publish_size(&cfg), KEDGE_PUBLISH_BYTES_FOR(n, rooms[i]));
        }
    assert_int_equal(kedge_publish_defaults(8).n_slots, 4);
    assert_int_equal(kedge_publish_size(NULL), 0);
    for (uint32_t n = 0; n < 200; n++) {
        kedge_publish_config cfg = slots_of(n, 8);
        assert_int_equal(kedge_publish_size(&cfg) > 0, n >= 2 && n <= KEDGE_PUBLISH_SLOTS_MAX);
    }
    kedge_publish_config none = slots_of(2, 0), large = slots_of(2, 0x7FFFFF40u), over = slots_of(2, 0x7FFFFF41u);
    assert_int_equal(kedge_publish_size(&none), 0);
    assert_int_equal(kedge_publish_size(&over), 0);
    assert_int_equal(kedge_publish_size(&large), 0xFFFFFF80u);
    if (SIZE_MAX > UINT32_MAX) {
        kedge_publish_config wide = kedge_publish_defaults((size_t)UINT32_MAX + 1);
        assert_int_equal(kedge_publish_size(&wide), 0);
        assert_int_equal(kedge_publish_config_init(&wide, sizeof wide, (size_t)UINT32_MAX + 1), KEDGE_ERR_CONFIG);
    }
}

static void test_init_and_open(void **unused)
{
    kedge_publish p, q;
    kedge_publish_config cfg = slots_of(3, ROOM);
    size_t size = kedge_publish_size(&cfg);
    unsigned char *mem = guard_new(size + 8, 0x5A), *other = guard_new(size, 0xA5);
    (void)unused;
    assert_int_equal(kedge_publish_init(NULL, &cfg, mem, size), KEDGE_ERR_NULL);
    assert_int_equal(kedge_publish_init(&p, NULL, mem, size), KEDGE_ERR_NULL);
    assert_int_equal(kedge_publish_init(&p, &cfg, NULL, size), KEDGE_ERR_NULL);
    assert_int_equal(kedge_publish_init(&p, &cfg, mem, size - 1), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_publish_init(&p, &cfg, mem + 4, size), KEDGE_ERR_ALIGN);
    cfg.n_slots = 1;
    assert_int_equal(kedge_publish_init(&p, &cfg, mem, size), KEDGE_ERR_CONFIG);
    cfg.n_slots = 3;
    assert_int_equal(kedge_publish_init(&p, &cfg, mem, size), KEDGE_OK);
    assert_int_equal(kedge_publish_init(&q, &cfg, other, size), KEDGE_OK);
    assert_memory_equal(mem, other, size);
    assert_int_equal(kedge_publish_open(&q, mem, size), KEDGE_OK);
    assert_int_equal(kedge_publish_open(NULL, mem, size), KEDGE_ERR_NULL);
    assert_int_equal(kedge_publish_open(&q, NULL, size), KEDGE_ERR_NULL);
    assert_int_equal(kedge_publish_open(&q, mem, size - 1), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_publish_open(&q, mem, 16), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_publish_open(&q, mem + 4, size), KEDGE_ERR_ALIGN);
    mem[3] ^= 1;
    assert_int_equal(kedge_publish_open(&q, mem, size), KEDGE_ERR_CLASS);
    mem[3] ^= 1;
    assert_int_equal(publish(&q, 7), KEDGE_OK);
    memcpy(other, mem, size); /* a value, as all states */
    assert_int_equal(kedge_publish_open(&p, other, size), KEDGE_OK);
    kedge_publish_ticket t;
    assert_int_equal(kedge_publish_acquire(&p, &t), KEDGE_OK);
    assert_true(is_whole(&t) && (const unsigned char *)t.memory > other && (const unsigned char *)t.memory < other + size);
    guard_free(mem);
    guard_free(other);
}

static void test_null(void **unused)
{
    kedge_publish p = {NULL}, *none[] = {NULL, &p};
    kedge_publish_ticket t = {NULL, 0, 0, 0};
    kedge_publish_slot slot;
    kedge_model m = {NULL, NULL};
    void *memory;
    size_t n;
    (void)unused;
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(kedge_publish_check(none[i]), KEDGE_ERR_NULL);
        assert_int_equal(kedge_publish_begin(none[i], &memory), KEDGE_ERR_NULL);
        assert_int_equal(kedge_publish_commit(none[i], 0, 0), KEDGE_ERR_NULL);
        assert_int_equal(kedge_publish_cancel(none[i]), KEDGE_ERR_NULL);
        assert_int_equal(kedge_publish_copy(none[i], &t, 1, 0), KEDGE_ERR_NULL);
        assert_int_equal(kedge_publish_acquire(none[i], &t), KEDGE_ERR_NULL);
        assert_int_equal(kedge_publish_release(none[i], &t), KEDGE_ERR_NULL);
        assert_int_equal(kedge_publish_slots(none[i], &slot, 1, &n), KEDGE_ERR_NULL);
        assert_int_equal(kedge_publish_reclaim(none[i], 0), KEDGE_ERR_NULL);
        assert_int_equal(kedge_publish_model_acquire(none[i], &kedge_linear, &t, &m), KEDGE_ERR_NULL);
    }
    void *mem = publication(&p, 2, ROOM);
    assert_int_equal(kedge_publish_begin(&p, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_publish_copy(&p, NULL, 1, 0), KEDGE_ERR_NULL);
    assert_int_equal(kedge_publish_acquire(&p, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_publish_release(&p, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_publish_slots(&p, &slot, 1, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_publish_slots(&p, NULL, 1, &n), KEDGE_ERR_NULL);
    assert_int_equal(kedge_publish_model(&p, NULL, 0), KEDGE_ERR_NULL);
    assert_int_equal(kedge_publish_model(&p, &m, 0), KEDGE_ERR_NULL);
    assert_int_equal(kedge_publish_model_acquire(&p, NULL, &t, &m), KEDGE_ERR_NULL);
    assert_int_equal(kedge_publish_model_acquire(&p, &kedge_linear, &t, NULL), KEDGE_ERR_NULL);
    assert_int_equal(kedge_publish_copy(&p, NULL, 0, 5), KEDGE_OK); /* an empty version is one */
    assert_int_equal(kedge_publish_acquire(&p, &t), KEDGE_OK);
    assert_int_equal(t.bytes, 0);
    guard_free(mem);
}

static void test_one_after_the_other(void **unused)
{
    kedge_publish p;
    kedge_publish_ticket a, b, none;
    void *mem = publication(&p, 2, ROOM), *memory;
    (void)unused;
    memset(&none, 0xFF, sizeof none);
    assert_int_equal(kedge_publish_acquire(&p, &none), KEDGE_EMPTY);
    assert_null(none.memory);
    assert_int_equal(kedge_publish_release(&p, &none), KEDGE_ERR_STATE);
    assert_int_equal(kedge_publish_commit(&p, 0, 0), KEDGE_ERR_STATE);
    assert_int_equal(publish(&p, 1), KEDGE_OK);
    assert_int_equal(kedge_publish_acquire(&p, &a), KEDGE_OK);
    assert_int_equal(kedge_publish_begin(&p, &memory), KEDGE_OK);
    assert_int_equal(kedge_publish_begin(&p, &memory), KEDGE_ERR_STATE);
    assert_int_equal(kedge_publish_copy(&p, &a, 1, 0), KEDGE_ERR_STATE);
    assert_int_equal(kedge_publish_commit(&p, ROOM + 1, 2), KEDGE_ERR_RANGE);
    fill(memory, 2);
    assert_int_equal(kedge_publish_acquire(&p, &b), KEDGE_OK); /* half written is not published */
    assert_true(b.version == 1 && is_whole(&b));
    assert_int_equal(kedge_publish_release(&p, &b), KEDGE_OK);
    assert_int_equal(kedge_publish_release(&p, &b), KEDGE_ERR_STATE); /* called twice */
    assert_int_equal(kedge_publish_commit(&p, ROOM, 2), KEDGE_OK);
    assert_int_equal(kedge_publish_begin(&p, &memory), KEDGE_ERR_BUSY); /* a reads the other one */
    assert_true(a.version == 1 && is_whole(&a));
    assert_int_equal(kedge_publish_acquire(&p, &b), KEDGE_OK);
    assert_true(b.version == 2 && is_whole(&b));
    assert_int_equal(kedge_publish_release(&p, &a), KEDGE_OK);
    assert_int_equal(kedge_publish_begin(&p, &memory), KEDGE_OK);
    assert_int_equal(kedge_publish_cancel(&p), KEDGE_OK);
    assert_int_equal(kedge_publish_cancel(&p), KEDGE_OK);
    assert_int_equal(publish(&p, 3), KEDGE_OK);
    assert_true(is_whole(&b));
    a = b;
    a.slot = 2; /* a ticket from elsewhere */
    assert_int_equal(kedge_publish_release(&p, &a), KEDGE_ERR_STATE);
    assert_int_equal(kedge_publish_release(&p, &b), KEDGE_OK);
    assert_int_equal(kedge_publish_copy(&p, mem, ROOM + 1, 0), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_publish_check(&p), KEDGE_OK);
    guard_free(mem);
}

/* The naive publication: which versions stand in which slots, and a list of who holds what. */
typedef struct naive {
    uint64_t newest;
    size_t n_held; /* tickets that are out */
    kedge_publish_ticket held[MANY];
} naive;

static size_t naive_slots_held(const naive *n)
{
    size_t slots = 0;
    for (size_t i = 0; i < n->n_held; i++) {
        size_t j = 0;
        while (j < i && n->held[j].version != n->held[i].version)
            j++;
        slots += j == i && n->held[i].version != n->newest;
    }
    return slots;
}

static void program_step(kedge_publish *p, naive *n, kedge_rng *rng, uint32_t n_slots)
{
    kedge_publish_ticket *last = &n->held[n->n_held];
    switch (kedge_rng_below(rng, 4)) {
    case 0: {
        kedge_status st = publish(p, n->newest + 1); /* one serves, and each older version that is held has a slot */
        assert_int_equal(st, naive_slots_held(n) + 1 < n_slots ? KEDGE_OK : KEDGE_ERR_BUSY);
        n->newest += st == KEDGE_OK;
        break;
    }
    case 1:
        if (n->n_held < MANY) {
            assert_int_equal(kedge_publish_acquire(p, last), n->newest > 0 ? KEDGE_OK : KEDGE_EMPTY);
            assert_int_equal(last->version, n->newest);
            n->n_held += n->newest > 0;
        }
        break;
    default:
        if (n->n_held > 0) {
            size_t i = (size_t)kedge_rng_below(rng, n->n_held);
            assert_int_equal(kedge_publish_release(p, &n->held[i]), KEDGE_OK);
            n->held[i] = n->held[--n->n_held];
        }
    }
}

static void program_verify(kedge_publish *p, const naive *n, uint32_t n_slots)
{
    kedge_publish_slot slots[KEDGE_PUBLISH_SLOTS_MAX];
    size_t total = 0, used;
    assert_int_equal(kedge_publish_slots(p, slots, n_slots, &used), KEDGE_OK);
    for (size_t i = 0; i < n->n_held; i++) {
        assert_true(is_whole(&n->held[i]));
        assert_int_equal(slots[n->held[i].slot].version, n->held[i].version);
    }
    for (uint32_t i = 0; i < n_slots; i++) {
        size_t held = 0;
        for (size_t j = 0; j < n->n_held; j++)
            held += n->held[j].slot == i;
        assert_int_equal(slots[i].n_tickets, held);
        assert_int_equal(slots[i].use == KEDGE_PUBLISH_SERVING, n->newest > 0 && slots[i].version == n->newest);
        total += held;
    }
    assert_int_equal(total, n->n_held);
    assert_int_equal(kedge_publish_check(p), KEDGE_OK);
}

/* Begins `before` tickets before the counts of all slots wrap. */
static void run_program(uint32_t n_slots, uint32_t before, uint64_t seed)
{
    kedge_publish p;
    kedge_rng rng = {seed};
    naive n = {0, 0, {{NULL, 0, 0, 0}}};
    void *mem = publication(&p, n_slots, ROOM);
    publish_state *s = p.state;
    for (uint32_t i = 0; i < n_slots; i++)
        s->slots[i].left = s->slots[i].entered = 0u - before * PUBLISH_TICKET;
    for (int i = 0; i < 3000; i++) {
        program_step(&p, &n, &rng, n_slots);
        program_verify(&p, &n, n_slots);
    }
    guard_free(mem);
}

static void test_program(void **unused)
{
    (void)unused;
    for (uint32_t n_slots = 2; n_slots <= 9; n_slots++)
        for (uint32_t before = 0; before < 60; before += 20)
            run_program(n_slots, before, n_slots + before);
    run_program(KEDGE_PUBLISH_SLOTS_MAX, 7, 1);
}

/* Two slots more than tickets: the writer is never refused, whichever versions the readers hold. */
static void test_slots_suffice(void **unused)
{
    kedge_publish p;
    kedge_publish_ticket held[5];
    kedge_rng rng = {3};
    void *mem = publication(&p, 7, ROOM);
    (void)unused;
    assert_int_equal(publish(&p, 1), KEDGE_OK);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(kedge_publish_acquire(&p, &held[i]), KEDGE_OK);
    for (uint64_t version = 2; version < 5000; version++) {
        kedge_publish_ticket *t = &held[kedge_rng_below(&rng, 5)];
        assert_int_equal(publish(&p, version), KEDGE_OK);
        assert_true(is_whole(t));
        assert_int_equal(kedge_publish_release(&p, t), KEDGE_OK);
        assert_int_equal(kedge_publish_acquire(&p, t), KEDGE_OK);
        assert_int_equal(t->version, version);
    }
    guard_free(mem);
}

static void test_check_finds(void **unused)
{
    kedge_publish p;
    kedge_publish_ticket t, copy;
    void *mem = publication(&p, 3, ROOM);
    publish_state *s = p.state;
    publish_slot whole;
    (void)unused;
    assert_int_equal(publish(&p, 1), KEDGE_OK);
    assert_int_equal(kedge_publish_acquire(&p, &t), KEDGE_OK);
    copy = t;
    assert_int_equal(kedge_publish_release(&p, &t), KEDGE_OK);
    assert_int_equal(kedge_publish_release(&p, &copy), KEDGE_OK); /* the ticket was copied and given back twice */
    assert_int_equal(kedge_publish_check(&p), KEDGE_ERR_STATE);
    assert_int_equal(kedge_publish_acquire(&p, &t), KEDGE_OK);
    assert_int_equal(kedge_publish_check(&p), KEDGE_OK);
    whole = s->slots[0];
    for (size_t i = 0; i < 24; i++) { /* each byte of a slot's words is looked at, but for the version and what is unused */
        ((unsigned char *)&s->slots[0])[i] ^= 0xFF;
        assert_int_equal(kedge_publish_check(&p), i < 16 ? KEDGE_ERR_STATE : KEDGE_OK);
        s->slots[0] = whole;
    }
    s->current ^= 0x3F;
    assert_int_equal(kedge_publish_check(&p), KEDGE_ERR_STATE);
    s->current ^= 0x3F;
    s->writing = 3;
    assert_int_equal(kedge_publish_check(&p), KEDGE_ERR_STATE);
    s->writing = PUBLISH_NONE;
    s->newest = 3;
    assert_int_equal(kedge_publish_check(&p), KEDGE_ERR_STATE);
    guard_free(mem);
}

static void test_models(void **unused)
{
    kedge_linear_config cfg = kedge_linear_defaults(2, 0);
    size_t size = kedge_model_size(&cfg.base);
    void *trained = guard_new(size, 0), *small_mem, *mem;
    kedge_model m, serving;
    kedge_publish p, small;
    kedge_publish_ticket t;
    double x[2] = {0.5, -1.0}, before, served, after;
    (void)unused;
    mem = publication(&p, 3, size);
    small_mem = publication(&small, 3, size - 1);
    assert_int_equal(kedge_model_init(&m, &cfg.base, trained, size), KEDGE_OK);
    assert_int_equal(kedge_publish_model_acquire(&p, &kedge_linear, &t, &serving), KEDGE_EMPTY);
    for (int i = 0; i < 50; i++)
        assert_int_equal(kedge_model_learn(&m, x, 3.0, 1.0), KEDGE_OK);
    assert_int_equal(kedge_model_predict(&m, x, &before), KEDGE_OK);
    assert_int_equal(kedge_publish_model(&small, &m, 1), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_publish_model(&p, &m, 1), KEDGE_OK);
    assert_int_equal(kedge_publish_model_acquire(&p, &kedge_logistic, &t, &serving), KEDGE_ERR_CLASS);
    assert_null(t.memory);
    assert_int_equal(kedge_publish_model_acquire(&p, &kedge_linear, &t, &serving), KEDGE_OK);
    for (int i = 0; i < 50; i++)
        assert_int_equal(kedge_model_learn(&m, x, -3.0, 1.0), KEDGE_OK);
    assert_int_equal(kedge_publish_model(&p, &m, 2), KEDGE_OK);
    assert_int_equal(kedge_model_check(&serving), KEDGE_OK);
    assert_int_equal(kedge_model_predict(&serving, x, &served), KEDGE_OK);
    assert_int_equal(kedge_model_predict(&m, x, &after), KEDGE_OK);
    assert_true(served == before && after != before);
    assert_int_equal(kedge_publish_release(&p, &t), KEDGE_OK);
    assert_int_equal(kedge_publish_check(&p), KEDGE_OK);
    guard_free(mem);
    guard_free(small_mem);
    guard_free(trained);
}

/* A prep and its model, as of a pipeline: both of one version, whatever the writer learns meanwhile. */
static void test_prepared(void **unused)
{
    kedge_linear_config cfg = kedge_linear_defaults(2, 0);
    kedge_scale_config scale_cfg = kedge_scale_defaults(2);
    size_t size = kedge_model_size(&cfg.base), prep_size = kedge_prep_size(&scale_cfg.base);
    void *trained = guard_new(size, 0), *scaled = guard_new(prep_size, 0), *mem, *small_mem;
    kedge_model m, serving;
    kedge_prep prep, seen;
    kedge_publish p, small;
    kedge_publish_ticket t;
    double x[2] = {5.0, -10.0}, row[2], before, served;
    (void)unused;
    mem = publication(&p, 3, prep_size + size);
    small_mem = publication(&small, 3, prep_size + size - 1);
    assert_int_equal(kedge_model_init(&m, &cfg.base, trained, size), KEDGE_OK);
    assert_int_equal(kedge_prep_init(&prep, &scale_cfg.base, scaled, prep_size), KEDGE_OK);
    assert_int_equal(kedge_publish_prepared_acquire(&p, &kedge_scale, &kedge_linear, &t, &seen, &serving), KEDGE_EMPTY);
    for (int i = 0; i < 50; i++) {
        x[0] += 1.0;
        assert_int_equal(kedge_prep_learn(&prep, x, 3.0, row), KEDGE_OK);
        assert_int_equal(kedge_model_learn(&m, row, 3.0, 1.0), KEDGE_OK);
    }
    assert_int_equal(kedge_prep_transform(&prep, x, row), KEDGE_OK);
    assert_int_equal(kedge_model_predict(&m, row, &before), KEDGE_OK);
    assert_int_equal(kedge_publish_prepared(&small, &prep, &m, 1), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_publish_prepared(&p, &prep, &m, 1), KEDGE_OK);
    assert_int_equal(kedge_publish_prepared_acquire(&p, &kedge_clip, &kedge_linear, &t, &seen, &serving), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_publish_prepared_acquire(&p, &kedge_scale, &kedge_logistic, &t, &seen, &serving), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_publish_model_acquire(&p, &kedge_linear, &t, &serving), KEDGE_ERR_CLASS);
    assert_null(t.memory);
    assert_int_equal(kedge_publish_prepared_acquire(&p, &kedge_scale, &kedge_linear, &t, &seen, &serving), KEDGE_OK);
    double far[2] = {1e6, 1e6};
    assert_int_equal(kedge_prep_learn(&prep, far, 3.0, row), KEDGE_OK);
    assert_int_equal(kedge_model_learn(&m, row, -3.0, 1.0), KEDGE_OK);
    assert_int_equal(kedge_publish_model(&p, &m, 2), KEDGE_OK);
    assert_int_equal(kedge_prep_check(&seen), KEDGE_OK);
    assert_int_equal(kedge_model_check(&serving), KEDGE_OK);
    assert_int_equal(kedge_prep_transform(&seen, x, row), KEDGE_OK);
    assert_int_equal(kedge_model_predict(&serving, row, &served), KEDGE_OK);
    assert_true(served == before && t.version == 1);
    assert_int_equal(kedge_publish_release(&p, &t), KEDGE_OK);
    assert_int_equal(kedge_publish_prepared_acquire(&p, &kedge_scale, &kedge_linear, &t, &seen, &serving), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_publish_copy(&p, scaled, prep_size, 3), KEDGE_OK); /* a prep alone */
    assert_int_equal(kedge_publish_prepared_acquire(&p, &kedge_scale, &kedge_linear, &t, &seen, &serving), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_publish_prepared(NULL, &prep, &m, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_publish_prepared(&p, NULL, &m, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_publish_prepared(&p, &prep, NULL, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_publish_prepared_acquire(&p, NULL, &kedge_linear, &t, &seen, &serving), KEDGE_ERR_NULL);
    assert_int_equal(kedge_publish_prepared_acquire(&p, &kedge_scale, &kedge_linear, &t, NULL, &serving), KEDGE_ERR_NULL);
    assert_int_equal(kedge_publish_check(&p), KEDGE_OK);
    guard_free(mem);
    guard_free(small_mem);
    guard_free(trained);
    guard_free(scaled);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes),       cmocka_unit_test(test_init_and_open),
        cmocka_unit_test(test_null),        cmocka_unit_test(test_one_after_the_other),
        cmocka_unit_test(test_program),     cmocka_unit_test(test_slots_suffice),
        cmocka_unit_test(test_check_finds), cmocka_unit_test(test_models),
        cmocka_unit_test(test_prepared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
