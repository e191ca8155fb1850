/* SPDX-License-Identifier: MIT */
/* Triggers: each kind by hand, hysteresis and patience, what holds a call back, the back-off, and random lives, in which asking
 * never changes anything and beginning does what asking told. */
#include <math.h>
#include <stdlib.h>

#include "support.h"

#include "pipeline/triggers_state.h"

enum { N_LIVES = 200, N_STEPS = 400, N_SOURCES = 3 };

static kedge_control made(const kedge_triggers_config *cfg)
{
    kedge_control c = {NULL, NULL};
    size_t bytes = kedge_control_size(&cfg->base);
    assert_true(bytes > 0);
    assert_int_equal(kedge_control_init(&c, &cfg->base, guard_new(bytes, 0xA5), bytes), KEDGE_OK);
    return c;
}

static kedge_control one(const kedge_trigger *t)
{
    kedge_triggers_config cfg = kedge_triggers_defaults(t, 1);
    return made(&cfg);
}

static int is_due(const kedge_control *c, uint64_t now)
{
    kedge_triggers_call call;
    kedge_status st = kedge_triggers_due(c, now, &call);
    assert_true(st == KEDGE_OK || st == KEDGE_EMPTY);
    assert_true((st == KEDGE_OK) == (call.trigger != UINT32_MAX && call.held == 0));
    return st == KEDGE_OK;
}

static uint32_t held(const kedge_control *c, uint64_t now)
{
    kedge_triggers_call call;
    assert_true(kedge_triggers_due(c, now, &call) >= 0);
    return call.held;
}

static void train(kedge_control *c, uint64_t now, uint32_t outcome)
{
    kedge_triggers_call call;
    assert_int_equal(kedge_triggers_start(c, now, &call), KEDGE_OK);
    assert_int_equal(kedge_triggers_start(c, now, &call), KEDGE_EMPTY);
    assert_int_equal(kedge_triggers_end(c, now, outcome), KEDGE_OK);
    assert_int_equal(kedge_control_check(c), KEDGE_OK);
}

static void test_demand(void **unused)
{
    (void)unused;
    kedge_trigger t = KEDGE_TRIGGER_INIT;
    t.least_rows = 3;
    kedge_control c = one(&t);
    kedge_triggers_call call;
    assert_false(is_due(&c, 0));
    assert_int_equal(kedge_triggers_demand(&c, 5, -7), KEDGE_OK);
    assert_int_equal(held(&c, 5), KEDGE_HELD_ROWS);
    assert_int_equal(kedge_triggers_rows(&c, 6, 3), KEDGE_OK);
    assert_int_equal(kedge_triggers_start(&c, 7, &call), KEDGE_OK);
    assert_true(call.trigger == 0 && call.kind == KEDGE_TRIGGER_DEMAND && call.code == -7 && call.since_ns == 5);
    assert_true(call.since_row == 0 && call.new_rows == 3 && call.n_calling == 1);
    assert_int_equal(held(&c, 7), 0); /* nobody calls */
    assert_int_equal(kedge_triggers_demand(&c, 8, 1), KEDGE_OK);
    assert_int_equal(held(&c, 8), KEDGE_HELD_BUSY | KEDGE_HELD_ROWS);
    assert_int_equal(kedge_triggers_end(&c, 9, KEDGE_OUTCOME_PROMOTED), KEDGE_OK);
    assert_int_equal(kedge_triggers_end(&c, 9, KEDGE_OUTCOME_PROMOTED), KEDGE_ERR_STATE);
    assert_int_equal(kedge_triggers_end(&c, 9, KEDGE_OUTCOME_ROLLED_BACK), KEDGE_OK);
    assert_int_equal(kedge_triggers_end(&c, 9, KEDGE_OUTCOME_ROLLED_BACK), KEDGE_ERR_STATE);
    guard_free(c.state);
}

/* Periods before the first time are nobody's; several that are missed are one call. */
static void test_schedule(void **unused)
{
    (void)unused;
    kedge_trigger t = KEDGE_TRIGGER_INIT;
    t.kind = KEDGE_TRIGGER_SCHEDULE;
    t.every = 100;
    t.offset_ns = 30;
    kedge_control c = one(&t);
    assert_false(is_due(&c, 1000));
    assert_int_equal(kedge_triggers_rows(&c, 1000, 0), KEDGE_OK);
    assert_false(is_due(&c, 1029));
    assert_true(is_due(&c, 1030));
    train(&c, 1350, KEDGE_OUTCOME_PROMOTED);
    assert_false(is_due(&c, 1429));
    assert_true(is_due(&c, 1430));
    assert_int_equal(kedge_triggers_rows(&c, 1435, 0), KEDGE_OK); /* told, but not answered yet */
    assert_true(is_due(&c, 1436));
    train(&c, 1440, KEDGE_OUTCOME_REFUSED);
    assert_false(is_due(&c, 1529));
    assert_true(is_due(&c, 1530));
    guard_free(c.state);
}

static void test_rows_and_age(void **unused)
{
    (void)unused;
    kedge_trigger t[2] = {KEDGE_TRIGGER_INIT, KEDGE_TRIGGER_INIT};
    kedge_triggers_config cfg = kedge_triggers_defaults(t, 2);
    kedge_triggers_call call;
    t[0].kind = KEDGE_TRIGGER_ROWS;
    t[0].every = 50;
    t[1].kind = KEDGE_TRIGGER_AGE;
    t[1].every = 1000;
    kedge_control c = made(&cfg);
    assert_int_equal(kedge_triggers_rows(&c, 400, 49), KEDGE_OK);
    assert_false(is_due(&c, 1399));
    assert_true(is_due(&c, 1400));
    assert_int_equal(kedge_triggers_rows(&c, 500, 1), KEDGE_OK);
    assert_int_equal(kedge_triggers_start(&c, 600, &call), KEDGE_OK);
    assert_true(call.trigger == 0 && call.value == 50 && call.limit == 50 && call.since_ns == 500);
    assert_int_equal(kedge_triggers_end(&c, 700, KEDGE_OUTCOME_PROMOTED), KEDGE_OK);
    assert_false(is_due(&c, 1599));
    assert_int_equal(kedge_triggers_start(&c, 1600, &call), KEDGE_OK);
    assert_true(call.trigger == 1 && call.value == 1000 && call.limit == 1000 && call.since_ns == 1600 && call.new_rows == 0);
    guard_free(c.state);
}

/* Patience, hysteresis, withdrawal, a training in vain, again_rows. */
static void figures(uint32_t kind, double sign)
{
    kedge_trigger t = KEDGE_TRIGGER_INIT;
    kedge_triggers_call call;
    t.kind = kind;
    t.source = 7;
    t.patience = 3;
    t.limit = sign * 10;
    t.release = sign * 12;
    t.again_rows = 100;
    kedge_control c = one(&t);
    const double below = sign * 9, between = sign * 11, back = sign * 12;
    assert_int_equal(kedge_triggers_figure(&c, 0, 7, below), KEDGE_OK);
    assert_int_equal(kedge_triggers_figure(&c, 1, 7, below), KEDGE_OK);
    assert_int_equal(kedge_triggers_figure(&c, 2, 7, between), KEDGE_OK); /* breaks the run */
    assert_int_equal(kedge_triggers_figure(&c, 3, 7, below), KEDGE_OK);
    assert_int_equal(kedge_triggers_figure(&c, 4, 7, (double)NAN), KEDGE_OK); /* does not */
    assert_int_equal(kedge_triggers_figure(&c, 5, 7, below), KEDGE_OK);
    assert_false(is_due(&c, 5));
    assert_int_equal(kedge_triggers_figure(&c, 6, 7, below), KEDGE_OK);
    assert_true(is_due(&c, 6));
    assert_int_equal(kedge_triggers_figure(&c, 7, 7, between), KEDGE_OK);
    assert_true(is_due(&c, 7));
    assert_int_equal(kedge_triggers_figure(&c, 8, 7, back), KEDGE_OK); /* the reason is gone before a training began */
    assert_false(is_due(&c, 8));
    for (uint64_t i = 9; i < 12; i++)
        assert_int_equal(kedge_triggers_figure(&c, i, 7, below), KEDGE_OK);
    assert_int_equal(kedge_triggers_start(&c, 12, &call), KEDGE_OK);
    assert_true(call.value == below && call.limit == t.limit && call.source == 7 && call.since_ns == 11);
    assert_int_equal(kedge_triggers_end(&c, 13, KEDGE_OUTCOME_REFUSED), KEDGE_OK);
    assert_false(is_due(&c, 13));
    for (uint64_t i = 14; i < 17; i++)
        assert_int_equal(kedge_triggers_figure(&c, i, 7, below), KEDGE_OK);
    train(&c, 17, KEDGE_OUTCOME_PROMOTED);
    for (uint64_t i = 18; i < 30; i++) /* not released: it keeps still */
        assert_int_equal(kedge_triggers_figure(&c, i, 7, i % 2 ? below : between), KEDGE_OK);
    assert_false(is_due(&c, 30));
    assert_int_equal(kedge_triggers_rows(&c, 31, 99), KEDGE_OK);
    for (uint64_t i = 32; i < 35; i++)
        assert_int_equal(kedge_triggers_figure(&c, i, 7, below), KEDGE_OK);
    assert_false(is_due(&c, 35));
    assert_int_equal(kedge_triggers_rows(&c, 35, 1), KEDGE_OK);
    assert_int_equal(kedge_triggers_figure(&c, 36, 7, below), KEDGE_OK);
    assert_true(is_due(&c, 36));
    guard_free(c.state);
}

static void test_floor_and_ceiling(void **unused)
{
    (void)unused;
    figures(KEDGE_TRIGGER_FLOOR, 1.0);
    figures(KEDGE_TRIGGER_CEILING, -1.0);
}

static void test_signal(void **unused)
{
    (void)unused;
    kedge_trigger t[2] = {KEDGE_TRIGGER_INIT, KEDGE_TRIGGER_INIT};
    kedge_triggers_config cfg = kedge_triggers_defaults(t, 2);
    kedge_triggers_call call;
    t[0].kind = t[1].kind = KEDGE_TRIGGER_SIGNAL;
    t[0].delay_rows = 10;
    t[0].again_rows = 40;
    t[1].limit = KEDGE_WARNING;
    t[1].patience = 2;
    t[1].priority = 9;
    kedge_control c = made(&cfg);
    assert_int_equal(kedge_triggers_signal(&c, 0, 0, KEDGE_WARNING), KEDGE_OK);
    assert_int_equal(kedge_triggers_signal(&c, 1, 0, KEDGE_DRIFT), KEDGE_OK);
    assert_int_equal(kedge_triggers_start(&c, 2, &call), KEDGE_OK); /* the other one waits for rows, and has lower priority */
    assert_true(call.trigger == 1 && call.n_calling == 2 && call.value == KEDGE_DRIFT && call.code == KEDGE_DRIFT);
    assert_int_equal(kedge_triggers_end(&c, 3, KEDGE_OUTCOME_FAILED), KEDGE_OK);
    assert_int_equal(kedge_triggers_rows(&c, 4, 39), KEDGE_OK);
    assert_false(is_due(&c, 4));
    assert_int_equal(kedge_triggers_rows(&c, 5, 1), KEDGE_OK);
    assert_int_equal(held(&c, 5), KEDGE_HELD_ROWS);
    assert_int_equal(kedge_triggers_rows(&c, 6, 10), KEDGE_OK);
    train(&c, 6, KEDGE_OUTCOME_PROMOTED);
    assert_int_equal(kedge_triggers_rows(&c, 7, 1000), KEDGE_OK);
    assert_false(is_due(&c, 7));
    guard_free(c.state);
}

/* Cool-downs double with each training in vain up to the bound, and start afresh with a promotion. */
static void test_backoff(void **unused)
{
    (void)unused;
    kedge_trigger t = KEDGE_TRIGGER_INIT;
    kedge_triggers_config cfg = kedge_triggers_defaults(&t, 1);
    const uint64_t waits[] = {10, 20, 40, 50, 50};
    kedge_triggers_report r;
    uint64_t now = 100;
    cfg.cool_ns = 5;
    cfg.backoff_max = 10.0;
    kedge_control c = made(&cfg);
    assert_int_equal(kedge_triggers_demand(&c, now, 0), KEDGE_OK);
    train(&c, now, KEDGE_OUTCOME_PROMOTED);
    now += 5;
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(kedge_triggers_demand(&c, now, 0), KEDGE_OK);
        assert_true(is_due(&c, now));
        train(&c, now, i % 2 ? KEDGE_OUTCOME_REFUSED : KEDGE_OUTCOME_FAILED);
        assert_int_equal(kedge_triggers_demand(&c, now, 0), KEDGE_OK);
        assert_int_equal(held(&c, now + waits[i] - 1), KEDGE_HELD_COOL);
        assert_true(is_due(&c, now + waits[i]));
        now += waits[i];
    }
    assert_int_equal(kedge_triggers_read(&c, &r), KEDGE_OK);
    assert_true(r.in_vain == 5 && r.n_started == 6 && r.n_promoted == 1 && r.n_refused == 2 && r.n_failed == 3);
    train(&c, now, KEDGE_OUTCOME_PROMOTED);
    assert_int_equal(kedge_triggers_demand(&c, now, 0), KEDGE_OK);
    assert_true(is_due(&c, now + 5) && !is_due(&c, now + 4));
    guard_free(c.state);
}

/* A sliding budget: at any time at most two trainings began within the last 100 ns. */
static void test_budget(void **unused)
{
    (void)unused;
    kedge_trigger t = KEDGE_TRIGGER_INIT;
    kedge_triggers_config cfg = kedge_triggers_defaults(&t, 1);
    uint64_t begun[64];
    size_t n = 0;
    cfg.budget = 2;
    cfg.budget_ns = 100;
    kedge_control c = made(&cfg);
    for (uint64_t now = 0; now < 1000; now += 7) {
        assert_int_equal(kedge_triggers_demand(&c, now, 0), KEDGE_OK);
        int has_room = n < 2 || now - begun[n - 2] >= 100;
        assert_int_equal(is_due(&c, now), has_room);
        if (!has_room) {
            assert_int_equal(held(&c, now), KEDGE_HELD_BUDGET);
            continue;
        }
        begun[n++] = now;
        train(&c, now, KEDGE_OUTCOME_PROMOTED);
    }
    assert_int_equal(n, 20);
    guard_free(c.state);
}

static kedge_trigger random_trigger(kedge_rng *rng)
{
    kedge_trigger t = KEDGE_TRIGGER_INIT;
    t.kind = 1 + (uint32_t)kedge_rng_below(rng, 7);
    t.source = (uint32_t)kedge_rng_below(rng, N_SOURCES);
    t.priority = (uint32_t)kedge_rng_below(rng, 3);
    t.patience = 1 + (uint32_t)kedge_rng_below(rng, 4);
    t.limit = t.kind == KEDGE_TRIGGER_SIGNAL ? 1.0 + (double)kedge_rng_below(rng, 2) : kedge_rng_uniform(rng);
    t.release = t.limit + (t.kind == KEDGE_TRIGGER_FLOOR ? 0.1 : -0.1);
    t.every = 1 + kedge_rng_below(rng, 60);
    t.offset_ns = kedge_rng_below(rng, t.every);
    t.least_rows = kedge_rng_below(rng, 10);
    t.delay_rows = kedge_rng_below(rng, 5);
    t.again_rows = kedge_rng_below(rng, 3) * 20;
    return t;
}

static void tell(kedge_control *c, kedge_rng *rng, uint64_t now)
{
    uint32_t source = (uint32_t)kedge_rng_below(rng, N_SOURCES);
    kedge_status st;
    switch (kedge_rng_below(rng, 4)) {
    case 0:
        st = kedge_triggers_rows(c, now, kedge_rng_below(rng, 4));
        break;
    case 1:
        st = kedge_triggers_figure(c, now, source, kedge_rng_uniform(rng));
        break;
    case 2:
        st = kedge_triggers_signal(c, now, source, (kedge_status)kedge_rng_below(rng, 3));
        break;
    default:
        st = kedge_rng_below(rng, 8) ? KEDGE_OK : kedge_triggers_demand(c, now, (int32_t)now);
    }
    assert_true(st == KEDGE_OK || st == KEDGE_ERR_UNKNOWN || st == KEDGE_ERR_UNSUPPORTED);
}

/* Asking changes no byte; beginning gives the same call; counts add up; no training begins in a cool-down. */
static void random_life(uint64_t seed, uint64_t *n_trainings)
{
    kedge_rng rng = {seed};
    kedge_trigger list[KEDGE_TRIGGERS_MAX];
    uint32_t n = 1 + (uint32_t)kedge_rng_below(&rng, KEDGE_TRIGGERS_MAX);
    kedge_triggers_config cfg = kedge_triggers_defaults(list, n);
    kedge_triggers_report r;
    kedge_trigger_report of_one;
    uint64_t now = kedge_rng_below(&rng, 100), rest_until = 0;
    cfg.cool_ns = kedge_rng_below(&rng, 2) * 15;
    cfg.cool_rows = kedge_rng_below(&rng, 2) * 5;
    cfg.budget = (uint32_t)kedge_rng_below(&rng, 4);
    cfg.budget_ns = 50;
    for (uint32_t i = 0; i < n; i++)
        list[i] = random_trigger(&rng);
    kedge_control c = made(&cfg);
    size_t bytes = kedge_control_size(&cfg.base);
    void *before = malloc(bytes);
    for (size_t step = 0; step < N_STEPS; step++) {
        kedge_triggers_call asked, begun;
        now += kedge_rng_below(&rng, 6);
        tell(&c, &rng, now);
        memcpy(before, c.state, bytes);
        kedge_status st = kedge_triggers_due(&c, now, &asked);
        assert_memory_equal(before, c.state, bytes);
        assert_int_equal(kedge_control_check(&c), KEDGE_OK);
        if (kedge_rng_below(&rng, 3) != 0)
            continue;
        assert_int_equal(kedge_triggers_start(&c, now, &begun), st);
        if (st == KEDGE_OK) {
            assert_memory_equal(&asked, &begun, sizeof asked);
            assert_true(now >= rest_until);
            assert_int_equal(kedge_triggers_read(&c, &r), KEDGE_OK);
            assert_true(r.is_busy && r.started_ns == now);
        } else if (kedge_triggers_end(&c, now, 1 + (uint32_t)kedge_rng_below(&rng, 4)) == KEDGE_OK) {
            rest_until = now + cfg.cool_ns;
        }
    }
    uint64_t n_of_each = 0;
    assert_int_equal(kedge_triggers_read(&c, &r), KEDGE_OK);
    for (uint32_t i = 0; i < n; i++) {
        assert_int_equal(kedge_triggers_read_one(&c, i, &of_one), KEDGE_OK);
        n_of_each += of_one.n_started;
    }
    assert_int_equal(n_of_each, r.n_started);
    *n_trainings += r.n_started;
    free(before);
    guard_free(c.state);
}

static void test_random_lives(void **unused)
{
    (void)unused;
    uint64_t n_trainings = 0;
    for (uint64_t seed = 1; seed <= N_LIVES; seed++)
        random_life(seed, &n_trainings);
    assert_true(n_trainings > 5 * N_LIVES);
}

static void test_time_does_not_go_back(void **unused)
{
    (void)unused;
    kedge_trigger t = KEDGE_TRIGGER_INIT;
    kedge_triggers_call call;
    kedge_control c = one(&t);
    assert_int_equal(kedge_triggers_rows(&c, 100, 1), KEDGE_OK);
    assert_int_equal(kedge_triggers_rows(&c, 99, 1), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_triggers_rows(&c, 100, UINT64_MAX), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_triggers_rows(&c, UINT64_MAX, 0), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_triggers_demand(&c, 99, 0), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_triggers_due(&c, 99, &call), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_triggers_start(&c, 99, &call), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_triggers_figure(&c, 100, 0, 1.0), KEDGE_ERR_UNKNOWN);
    assert_int_equal(kedge_triggers_signal(&c, 100, 0, KEDGE_DRIFT), KEDGE_ERR_UNKNOWN);
    guard_free(c.state);
}

static void test_strings(void **unused)
{
    (void)unused;
    assert_string_equal(kedge_trigger_string(KEDGE_TRIGGER_DEMAND), "demand");
    assert_string_equal(kedge_trigger_string(KEDGE_TRIGGER_SIGNAL), "signal");
    assert_string_equal(kedge_trigger_string(KEDGE_TRIGGER_SIGNAL + 1), "unknown");
}

/* A call that nobody has made, and that the next training would answer. */
static void test_forged_call_is_found(void **unused)
{
    (void)unused;
    kedge_trigger when = KEDGE_TRIGGER_INIT;
    when.kind = KEDGE_TRIGGER_CEILING;
    kedge_triggers_config cfg = kedge_triggers_defaults(&when, 1);
    kedge_control c;
    size_t bytes = kedge_control_size(&cfg.base);
    void *mem = guard_new(bytes, 0xA5);
    assert_int_equal(kedge_control_init(&c, &cfg.base, mem, bytes), KEDGE_OK);
    assert_int_equal(kedge_triggers_figure(&c, 1, 0, 9.0), KEDGE_OK);
    triggers_state *s = c.state;
    s->n_started = triggers_at(s, 0)->n_started = s->n_outcomes[KEDGE_OUTCOME_REFUSED - 1] = 1;
    s->last_outcome = KEDGE_OUTCOME_REFUSED;
    assert_int_equal(kedge_control_check(&c), KEDGE_ERR_STATE);
    triggers_at(s, 0)->n_calls = 2;
    assert_int_equal(kedge_control_check(&c), KEDGE_OK);
    guard_free(mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_demand),  cmocka_unit_test(test_schedule),     cmocka_unit_test(test_rows_and_age),
        cmocka_unit_test(test_floor_and_ceiling), cmocka_unit_test(test_signal), cmocka_unit_test(test_backoff),
        cmocka_unit_test(test_budget),  cmocka_unit_test(test_random_lives), cmocka_unit_test(test_time_does_not_go_back),
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_forged_call_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
