/* SPDX-License-Identifier: MIT */
/* Events: readers at several paces against a plain list, what a slow one missed, the way into an audit log. */
#include <math.h>

#include <kedge.h>

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
    char line[KEDGE_EVENT_TEXT_BYTES];
    size_t len;
    assert_int_equal(kedge_event_text(&e, line, sizeof line, &len), KEDGE_OK);
    assert_string_equal(line, "1045 ns: refused, version 7: gains too little, error 0.125, champion's 0.1");
    assert_int_equal(len, strlen(line));
    assert_int_equal(kedge_event_text(&e, line, len, &len), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_event_text(&e, line, len + 1, &len), KEDGE_OK);
    assert_int_equal(kedge_event_text(&e, NULL, 0, &len), KEDGE_ERR_BUFFER);
    assert_int_equal(kedge_event_text(NULL, line, sizeof line, &len), KEDGE_ERR_NULL);
    e = (kedge_event){UINT32_MAX, UINT32_MAX, INT32_MIN, UINT32_MAX, 0, UINT64_MAX, UINT64_MAX, -1.2346e-300, (double)NAN};
    assert_int_equal(kedge_event_text(&e, line, sizeof line, &len), KEDGE_OK);
    assert_string_equal(
        line, "18446744073709551615 ns: own 4294967295, version 18446744073709551615, pipeline 4294967295, subject 4294967295, "
              "code -2147483648: -1.235e-300, limit nan");
}

/* What a kind means by its members, in words. */
static void test_words(void **unused)
{
    (void)unused;
    const double nan = (double)NAN;
    const struct {
        kedge_event e;
        const char *text;
    } told[] = {
        {{KEDGE_EVENT_WARNING, 0, KEDGE_WARNING, 0, 0, 5, 1, 0, 0}, "warning, version 1"},
        {{KEDGE_EVENT_WARNING, 2, KEDGE_SCHEMA_NEW, 0, 0, 5, 1, 7, 3}, "warning, version 1: column 2, new category, 7, limit 3"},
        {{KEDGE_EVENT_DRIFT, 0, KEDGE_DRIFT, 0, 0, 5, 0, 0, 0}, "drift"},
        {{KEDGE_EVENT_SKEW, 0, KEDGE_SCHEMA_RANGE, 4, 0, 5, 2, 212, 106.5},
         "schema skew, version 2, pipeline 4: column 0, out of range, 212, limit 106.5"},
        {{KEDGE_EVENT_SHIFT, 1, 0, 0, 0, 5, 0, 12, 9}, "shift: column 1, 12, limit 9"},
        {{KEDGE_EVENT_TRIGGER, 0, KEDGE_TRIGGER_DEMAND, 0, 0, 5, 0, 0, 0}, "trigger: on demand"},
        {{KEDGE_EVENT_TRIGGER, 0, KEDGE_TRIGGER_SCHEDULE, 0, 0, 5, 0, 1500, 1500}, "trigger: schedule, every 1500 ns"},
        {{KEDGE_EVENT_TRIGGER, 0, KEDGE_TRIGGER_ROWS, 0, 0, 5, 0, 1001, 1000}, "trigger: 1001 new rows, asked for at 1000"},
        {{KEDGE_EVENT_TRIGGER, 0, KEDGE_TRIGGER_AGE, 0, 0, 5, 0, 2501, 2500},
         "trigger: the last training was 2501 ns ago, asked for at 2500"},
        {{KEDGE_EVENT_TRIGGER, 3, KEDGE_TRIGGER_FLOOR, 0, 0, 5, 0, 0.79, 0.8}, "trigger: figure 3 was 0.79, below its floor 0.8"},
        {{KEDGE_EVENT_TRIGGER, 3, KEDGE_TRIGGER_CEILING, 0, 0, 5, 0, 9, 8}, "trigger: figure 3 was 9, above its ceiling 8"},
        {{KEDGE_EVENT_TRIGGER, 1, KEDGE_TRIGGER_SIGNAL, 0, 0, 5, 0, KEDGE_DRIFT, 2}, "trigger: drift signalled by source 1"},
        {{KEDGE_EVENT_TRIGGER, 0, KEDGE_TRIGGER_SIGNAL, 0, 0, 5, 0, KEDGE_WARNING, 1}, "trigger: warning signalled by source 0"},
        {{KEDGE_EVENT_TRIGGER, 0, 99, 0, 0, 5, 0, 1, 2}, "trigger: kind 99: 1, limit 2"},
        {{KEDGE_EVENT_TRAINING, 0, 0, 0, 0, 5, 0, 200, 0}, "training: on 200 rows"},
        {{KEDGE_EVENT_TRAINED, 0, 0, 0, 0, 5, 2, 0.25, 0.5}, "trained, version 2: error 0.25, champion's 0.5"},
        {{KEDGE_EVENT_TRAINED, 0, 0, 0, 0, 5, 2, nan, nan}, "trained, version 2"},
        {{KEDGE_EVENT_FAILED, 0, KEDGE_ERR_NUMERIC, 0, 0, 5, 0, 0, 0}, "failed: the data determine no answer"},
        {{KEDGE_EVENT_PASSED, 0, 0, 0, 0, 5, 2, 0, 0.5}, "passed, version 2: error 0, champion's 0.5"},
        {{KEDGE_EVENT_REFUSED, 0, KEDGE_MORE, 0, 0, 5, 2, 0, 0}, "refused, version 2: still undecided, error 0, champion's 0"},
        {{KEDGE_EVENT_REFUSED, 0, KEDGE_ERR_STATE, 0, 0, 5, 0, 0, 0},
         "refused: the same as one that was refused or taken back before"},
        {{KEDGE_EVENT_REFUSED, 0, -9, 0, 0, 5, 2, 0.25, 0}, "refused, version 2: code -9, error 0.25, champion's 0"},
        {{KEDGE_EVENT_STAGE, 0, KEDGE_STAGE_SHADOW, 0, 0, 5, 2, 0, 0}, "stage, version 2: shadow"},
        {{KEDGE_EVENT_STAGE, 0, KEDGE_STAGE_CANARY, 0, 0, 5, 2, -0.5, 0.25},
         "stage, version 2: canary, worse by -0.5 in the stage before, at most 0.25"},
        {{KEDGE_EVENT_STAGE, 0, KEDGE_STAGE_CANARY, 0, 0, 5, 2, nan, nan}, "stage, version 2: canary"},
        {{KEDGE_EVENT_ASKED, 0, KEDGE_STAGE_PRODUCTION, 0, 0, 5, 2, 0, 0}, "approval asked, version 2: for production"},
        {{KEDGE_EVENT_APPROVED, 0, KEDGE_STAGE_PRODUCTION, 0, 0, 5, 2, 42, 0}, "approved, version 2: for production, by 42"},
        {{KEDGE_EVENT_PROMOTED, 0, 0, 0, 0, 5, 2, 0, 0}, "promoted, version 2"},
        {{KEDGE_EVENT_ROLLED_BACK, 0, KEDGE_ROLLOUT_WORSE, 0, 0, 5, 2, 0.5, 0.25},
         "rolled back, version 2: surely worse than the champion, worse by 0.5, at least 0.25"},
        {{KEDGE_EVENT_ROLLED_BACK, 0, KEDGE_ROLLOUT_STOPPED, 0, 0, 5, 2, 0, 0},
         "rolled back, version 2: stopped, by the host or for a newer model"},
        {{KEDGE_EVENT_RECALLED, 0, 0, 0, 0, 5, 2, 0.25, 0.5}, "recalled, version 2: error 0.25, champion's 0.5"},
        {{KEDGE_EVENT_EVICTED, 0, 0, 0, 0, 5, 2, 0, 0}, "evicted, version 2"},
        {{KEDGE_EVENT_TESTED, 1, 7, 0, 0, 5, 2, 0, 0}, "test failed, version 2: stage 1, code 7"},
        {{KEDGE_EVENT_STEP, 3, 7, 0, 0, 5, 0, 210, 900}, "step, subject 3, code 7: 210, limit 900"},
        {{KEDGE_EVENT_LOST, 0, 0, 0, 0, 5, 0, 3, 0}, "lost: 3 events"},
        {{KEDGE_EVENT_FINISHED, 0, KEDGE_ROLLOUT_SURE, 0, 0, 5, 2, 0.5, 0.75},
         "finished, version 2: surely no worse, worse by 0.5, at most 0.75"},
        {{KEDGE_EVENT_TRIAL, 0, 0, 0, 0, 5, 2, 0.25, 0.25}, "on trial, version 2: error 0.25, champion's 0.25"},
        {{KEDGE_EVENT_CHECK, KEDGE_GATE_TESTS, KEDGE_WHY_UNEXPECTED, 0, 0, 5, 2, 1, 0},
         "check failed, version 2: tests, an answer is not what was expected, 1, limit 0"},
        {{KEDGE_EVENT_CHECK, KEDGE_BATTERY_SAME, KEDGE_WHY_BROKEN, 0, 0, 5, 2, nan, 0},
         "check failed, version 2: same, the model gives no sound answers"},
        {{KEDGE_EVENT_UNKEPT, 0, 0, 0, 0, 5, 2, 900, 500}, "kept without its model, version 2: its 900 bytes do not fit into 500"},
        {{KEDGE_EVENT_UNKEPT, 0, 0, 0, 0, 5, 2, nan, 500}, "kept without its model, version 2: too little work memory"},
        {{KEDGE_EVENT_RETURNED, 0, 0, 0, 0, 5, 2, 0, 0}, "returned, version 2"},
    };
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        char line[KEDGE_EVENT_TEXT_BYTES];
        size_t len;
        assert_int_equal(kedge_event_text(&told[i].e, line, sizeof line, &len), KEDGE_OK);
        assert_memory_equal(line, "5 ns: ", 6);
        assert_string_equal(line + 6, told[i].text);
    }
}

/* Whatever stands in an event, there is room for its line. */
static void test_longest(void **unused)
{
    (void)unused;
    size_t longest = 0, len;
    char line[KEDGE_EVENT_TEXT_BYTES];
    for (uint32_t kind = 1; kind <= KEDGE_EVENT_OWN; kind += kind == KEDGE_EVENT_RETURNED + 1 ? KEDGE_EVENT_OWN - kind : 1)
        for (int32_t code = -20; code <= 40; code++)
            for (uint32_t subject = 0; subject <= 26; subject++) {
                kedge_event e = {kind, subject == 26 ? UINT32_MAX : subject, code == 40 ? INT32_MIN : code, UINT32_MAX, 0,
                                 UINT64_MAX, UINT64_MAX, -1.2346e-300, -1.2346e-300};
                assert_int_equal(kedge_event_text(&e, line, sizeof line, &len), KEDGE_OK);
                longest = len > longest ? len : longest;
            }
    assert_true(longest > 140 && longest < 200);
}

/* Each kind has a name of its own. */
static void test_strings(void **unused)
{
    (void)unused;
    for (uint32_t i = 0; i <= KEDGE_EVENT_RETURNED; i++)
        for (uint32_t j = 0; j < i; j++)
            assert_string_not_equal(kedge_event_string(i), kedge_event_string(j));
    assert_string_equal(kedge_event_string(KEDGE_EVENT_ROLLED_BACK), "rolled back");
    assert_string_equal(kedge_event_string(KEDGE_EVENT_LOST), "lost");
    assert_string_equal(kedge_event_string(KEDGE_EVENT_RETURNED + 1), "unknown");
    assert_string_equal(kedge_event_string(UINT32_MAX), "own");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_size),  cmocka_unit_test(test_readers),           cmocka_unit_test(test_callback),
        cmocka_unit_test(test_audit), cmocka_unit_test(test_records_of_others), cmocka_unit_test(test_text),
        cmocka_unit_test(test_words), cmocka_unit_test(test_longest),           cmocka_unit_test(test_strings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
