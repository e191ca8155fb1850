/* SPDX-License-Identifier: MIT */
/* Events: readers at several paces against a plain list, what a slow one missed, the way into an audit log. */
#include <math.h>

#include "support.h"

enum { N_RING = 8, N_PUTS = 3000, N_READERS = 3 };

static kedge_control ring(uint32_t n_events)
{
    kedge_events_config cfg = kedge_events_defaults();
    kedge_control c = {NULL, NULL};
    cfg.n_events = n_events;
    size_t bytes = kedge_control_size(&cfg.base);
    assert_int_equal(bytes, KEDGE_EVENTS_BYTES_FOR(n_events));
    assert_int_equal(kedge_control_init(&c, &cfg.base, guard_new(bytes, 0xA5), bytes), KEDGE_OK);
    return c;
}

static kedge_event made(uint64_t i)
{
    kedge_rng rng = {i};
    kedge_event e = {1 + (uint32_t)kedge_rng_below(&rng, 300), (uint32_t)kedge_rng_next(&rng), -(int32_t)kedge_rng_below(&rng, 70),
                     (uint32_t)i, i, kedge_rng_next(&rng), kedge_rng_next(&rng), kedge_rng_uniform(&rng), -1.0};
    return e;
}

static void assert_same(const kedge_event *a, const kedge_event *b)
{
    assert_true(a->kind == b->kind && a->subject == b->subject && a->code == b->code && a->pipeline == b->pipeline);
    assert_true(a->number == b->number && a->at_ns == b->at_ns && a->version == b->version);
    assert_true(a->value == b->value && a->limit == b->limit);
}

static void test_size(void **unused)
{
    (void)unused;
    kedge_events_config cfg = kedge_events_defaults();
    assert_int_equal(kedge_control_size(&cfg.base), KEDGE_EVENTS_BYTES);
    for (cfg.n_events = 1; cfg.n_events < 40; cfg.n_events++)
        assert_int_equal(kedge_control_size(&cfg.base), KEDGE_EVENTS_BYTES_FOR(cfg.n_events));
    assert_int_equal(kedge_control_size(NULL), 0);
}

/* Readers of several paces; the list is the function made(). */
static void test_readers(void **unused)
{
    (void)unused;
    kedge_control c = ring(N_RING);
    uint64_t next[N_READERS] = {0}, missed[N_READERS] = {0};
    for (uint64_t i = 0; i < N_PUTS; i++) {
        kedge_event e = made(i), seen;
        e.number = 12345; /* the ring's to set */
        assert_int_equal(kedge_events_put(&c, &e), KEDGE_OK);
        for (uint64_t r = 0; r < N_READERS; r++) {
            if (i % (1 + 6 * r) != 0)
                continue;
            uint64_t expected = next[r];
            while (kedge_events_get(&c, &next[r], &seen) == KEDGE_OK) {
                missed[r] += seen.number - expected;
                expected = seen.number + 1;
                e = made(seen.number);
                assert_same(&seen, &e);
                assert_int_equal(next[r], expected);
            }
            assert_int_equal(next[r], i + 1);
        }
    }
    assert_true(missed[0] == 0 && missed[1] == 0);
    assert_int_equal(missed[2], (13 - N_RING) * (uint64_t)((N_PUTS - 1) / 13)); /* of each 13 the first 5 */
    guard_free(c.state);
}

typedef struct stopper {
    uint64_t n_seen, stop_at;
} stopper;

static int stop(void *user, const kedge_event *event)
{
    stopper *s = user;
    s->n_seen++;
    return event->number == s->stop_at;
}

static void test_callback(void **unused)
{
    (void)unused;
    kedge_control c = ring(N_RING);
    stopper s = {0, 2};
    uint64_t next = 0;
    assert_int_equal(kedge_events_each(&c, &next, stop, &s), KEDGE_EMPTY);
    for (uint64_t i = 0; i < 5; i++) {
        kedge_event e = made(i);
        assert_int_equal(kedge_events_put(&c, &e), KEDGE_OK);
    }
    assert_int_equal(kedge_events_each(&c, &next, stop, &s), KEDGE_OK);
    assert_true(s.n_seen == 3 && next == 3);
    assert_int_equal(kedge_events_each(&c, &next, stop, &s), KEDGE_EMPTY);
    assert_true(s.n_seen == 5 && next == 5);
    guard_free(c.state);
}

/* Every event comes into the log once, in order, over segments that are too small; what was overwritten is told. */
static void test_audit(void **unused)
{
    (void)unused;
    enum { SEGMENT = KEDGE_AUDIT_SEGMENT_BYTES + 3 * KEDGE_AUDIT_RECORD_BYTES_FOR(KEDGE_EVENT_BYTES) };
    kedge_control c = ring(N_RING);
    unsigned char *log = guard_new(SEGMENT, 0);
    kedge_audit audit;
    kedge_audit_record record;
    kedge_event e, seen;
    uint64_t next = 0, expected = 0, n_lost = 0;
    assert_int_equal(kedge_audit_begin(&audit, log, SEGMENT, "key", 3, NULL), KEDGE_OK);
    for (uint64_t i = 0; i < 100; i++) {
        e = made(i);
        assert_int_equal(kedge_events_put(&c, &e), KEDGE_OK);
        if (i % 10 != 9)
            continue;
        kedge_status st;
        do {
            st = kedge_events_audit(&c, &next, &audit);
            assert_true(st == KEDGE_OK || st == KEDGE_ERR_BUFFER);
            size_t at = 0;
            while (kedge_audit_next(log, audit.used, &at, &record) == KEDGE_OK) {
                assert_int_equal(kedge_audit_read_event(&record, &seen), KEDGE_OK);
                assert_int_equal(seen.number, expected);
                if (seen.kind == KEDGE_EVENT_LOST) {
                    expected += (uint64_t)seen.value;
                    n_lost += (uint64_t)seen.value;
                    continue;
                }
                e = made(expected++);
                assert_same(&seen, &e);
                assert_int_equal(record.time_ns, e.at_ns);
            }
            assert_int_equal(kedge_audit_rotate(&audit, log, SEGMENT), KEDGE_OK);
        } while (st == KEDGE_ERR_BUFFER);
        assert_int_equal(next, i + 1);
    }
    assert_true(expected == 100 && n_lost == 20);
    guard_free(log);
    guard_free(c.state);
}

static void test_records_of_others(void **unused)
{
    (void)unused;
    unsigned char log[512];
    kedge_audit audit;
    kedge_audit_record record = {NULL, NULL, 0, 0, 0, 0, 0};
    kedge_event e;
    size_t at = 0;
    assert_int_equal(kedge_audit_read_event(&record, &e), KEDGE_ERR_NULL);
    assert_int_equal(kedge_audit_begin(&audit, log, sizeof log, NULL, 0, NULL), KEDGE_OK);
    assert_int_equal(kedge_audit_append(&audit, KEDGE_AUDIT_DRIFT, 1, "x", 1), KEDGE_OK);
    assert_int_equal(kedge_audit_append(&audit, KEDGE_AUDIT_EVENT, 1, "x", 1), KEDGE_OK);
    assert_int_equal(kedge_audit_next(log, audit.used, &at, &record), KEDGE_OK);
    assert_int_equal(kedge_audit_read_event(&record, &e), KEDGE_ERR_CLASS);
    assert_int_equal(kedge_audit_next(log, audit.used, &at, &record), KEDGE_OK);
    assert_int_equal(kedge_audit_read_event(&record, &e), KEDGE_ERR_SHAPE);
}

static void test_text(void **unused)
{
    (void)unused;
    kedge_event e = {KEDGE_EVENT_REFUSED, 0, 0, 0, 3, 1045, 7, 0.125, 0.1};
    char line[160];
    size_t len;
    assert_int_equal(kedge_event_text(&e, line, sizeof line, &len), KEDGE_OK);
    assert_string_equal(line, "1045 ns: refused, version 7: 0.125, limit 0.1");
    assert_int_equal(len, strlen(line));
    assert_int_equal(kedge_event_text(&e, line, len, &len), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_event_text(&e, line, len + 1, &len), KEDGE_OK);
    assert_int_equal(kedge_event_text(&e, NULL, 0, &len), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_event_text(NULL, line, sizeof line, &len), KEDGE_ERR_NULL);
    e = (kedge_event){UINT32_MAX, UINT32_MAX, INT32_MIN, UINT32_MAX, 0, UINT64_MAX, UINT64_MAX, -1.2346e-300, (double)NAN};
    assert_int_equal(kedge_event_text(&e, line, sizeof line, &len), KEDGE_OK); /* the longest */
    assert_string_equal(
        line, "18446744073709551615 ns: own 4294967295, version 18446744073709551615, pipeline 4294967295, subject 4294967295, "
              "code -2147483648: -1.235e-300, limit nan");
    e = (kedge_event){KEDGE_EVENT_DRIFT, 0, 2, 0, 0, 5, 0, 0, 0};
    assert_int_equal(kedge_event_text(&e, line, sizeof line, &len), KEDGE_OK);
    assert_string_equal(line, "5 ns: drift, code 2");
}

/* Each kind has a name of its own. */
static void test_strings(void **unused)
{
    (void)unused;
    for (uint32_t i = 0; i <= KEDGE_EVENT_UNKEPT; i++)
        for (uint32_t j = 0; j < i; j++)
            assert_string_not_equal(kedge_event_string(i), kedge_event_string(j));
    assert_string_equal(kedge_event_string(KEDGE_EVENT_ROLLED_BACK), "rolled back");
    assert_string_equal(kedge_event_string(KEDGE_EVENT_LOST), "lost");
    assert_string_equal(kedge_event_string(KEDGE_EVENT_UNKEPT + 1), "unknown");
    assert_string_equal(kedge_event_string(UINT32_MAX), "own");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_size),  cmocka_unit_test(test_readers),           cmocka_unit_test(test_callback),
        cmocka_unit_test(test_audit), cmocka_unit_test(test_records_of_others), cmocka_unit_test(test_text), cmocka_unit_test(test_strings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
