/* SPDX-License-Identifier: MIT */
/* Flows: runs by hand, what is skipped, and what a once-step may do. */
#include "flows.h"

static kedge_flow_job next_is(kedge_control *c, uint64_t now, uint32_t kind, uint32_t step)
{
    kedge_flow_job job;
    kedge_status st = kedge_flow_next(c, now, &job);
    assert_int_equal(st, kind == KEDGE_FLOW_STEP ? KEDGE_OK : KEDGE_EMPTY);
    assert_int_equal(job.kind, kind);
    assert_int_equal(job.step, step);
    assert_int_equal(kedge_control_check(c), KEDGE_OK);
    return job;
}

static kedge_status done(kedge_control *c, uint64_t now, const kedge_flow_job *job, uint64_t output)
{
    unsigned char digest[KEDGE_HASH_BYTES];
    digest_of(output, digest);
    return kedge_flow_done(c, now, job, digest, output);
}

static uint32_t state_of(const kedge_control *c, uint32_t step)
{
    kedge_flow_step_report r;
    assert_int_equal(kedge_flow_read_step(c, step, &r), KEDGE_OK);
    return r.state;
}

/* A step is retried after 10, 20, 40 ns; the third attempt takes too long; what does not need it runs meanwhile. */
static void test_by_hand(void **unused)
{
    (void)unused;
    kedge_flow_step s[4];
    kedge_flow_report r;
    kedge_flow_step_report one;
    kedge_event event;
    char text[512];
    size_t len;
    uint32_t found;
    named(&s[0], "prepare", 0);
    named(&s[1], "train", 1);
    named(&s[2], "describe", 1);
    named(&s[3], "gate", 6);
    s[1].max_retries = 3;
    s[1].retry_ns = 10;
    s[1].timeout_ns = 100;
    kedge_control c = made(s, 4);
    assert_int_equal(next_is(&c, 5, KEDGE_FLOW_IDLE, UINT32_MAX).run, 0);
    assert_int_equal(kedge_flow_cancel(&c, 5), KEDGE_ERR_STATE);
    assert_int_equal(kedge_flow_begin(&c, 10, 0), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_flow_begin(&c, 10, 7), KEDGE_OK);
    assert_int_equal(kedge_flow_begin(&c, 10, 8), KEDGE_ERR_STATE);
    kedge_flow_job a = next_is(&c, 20, KEDGE_FLOW_STEP, 0);
    assert_true(a.run == 7 && a.attempt == 1 && a.until_ns == UINT64_MAX && !a.is_once);
    assert_int_equal(next_is(&c, 25, KEDGE_FLOW_WAIT, UINT32_MAX).until_ns, UINT64_MAX);
    assert_int_equal(done(&c, 30, &a, 1), KEDGE_OK);
    assert_int_equal(done(&c, 30, &a, 1), KEDGE_ERR_STATE);
    kedge_flow_job b = next_is(&c, 100, KEDGE_FLOW_STEP, 1);
    assert_int_equal(b.until_ns, 200);
    kedge_flow_job d = next_is(&c, 100, KEDGE_FLOW_STEP, 2);
    assert_int_equal(kedge_flow_failed(&c, 110, &b, -5), KEDGE_OK);
    assert_int_equal(next_is(&c, 119, KEDGE_FLOW_WAIT, UINT32_MAX).until_ns, 120);
    b = next_is(&c, 120, KEDGE_FLOW_STEP, 1);
    assert_int_equal(kedge_flow_failed(&c, 130, &b, -6), KEDGE_OK);
    assert_int_equal(next_is(&c, 1, KEDGE_FLOW_WAIT, UINT32_MAX).until_ns, 150); /* the clock stands still */
    b = next_is(&c, 150, KEDGE_FLOW_STEP, 1);
    assert_int_equal(b.attempt, 3);
    assert_int_equal(next_is(&c, 249, KEDGE_FLOW_WAIT, UINT32_MAX).until_ns, 250);
    assert_int_equal(next_is(&c, 250, KEDGE_FLOW_WAIT, UINT32_MAX).until_ns, 290);
    assert_int_equal(done(&c, 260, &b, 2), KEDGE_ERR_STATE); /* too late */
    b = next_is(&c, 290, KEDGE_FLOW_STEP, 1);
    assert_int_equal(done(&c, 300, &b, 2), KEDGE_OK);
    next_is(&c, 300, KEDGE_FLOW_WAIT, UINT32_MAX);
    assert_int_equal(done(&c, 310, &d, 3), KEDGE_OK);
    kedge_flow_job g = next_is(&c, 310, KEDGE_FLOW_STEP, 3);
    assert_int_equal(kedge_flow_intend(&c, 310, &g), KEDGE_ERR_UNSUPPORTED);
    assert_int_equal(kedge_flow_event(&c, 3, &event), KEDGE_EMPTY);
    assert_int_equal(kedge_flow_failed(&c, 330, &g, 42), KEDGE_OK);
    next_is(&c, 330, KEDGE_FLOW_FAILED, UINT32_MAX);
    assert_int_equal(kedge_flow_read_step(&c, 1, &one), KEDGE_OK);
    assert_true(one.attempt == 4 && one.n_failed == 3 && one.n_timeouts == 1 && one.code == KEDGE_ERR_BUSY && one.first_ns == 100);
    assert_true(one.ended_ns == 300 && one.artifact == 2 && one.output[0] == 2);
    assert_int_equal(kedge_flow_read(&c, &r), KEDGE_OK);
    assert_true(r.run == 7 && r.state == KEDGE_FLOW_FAILED && r.done == 7 && r.failed == 8 && r.n_failed == 1);
    /* prepare 10, train 200, describe 210, gate 20 */
    assert_true(r.critical_ns == 240 && r.critical == (1 | 4 | 8) && r.began_ns == 10 && r.ended_ns == 330);
    assert_int_equal(kedge_flow_event(&c, 3, &event), KEDGE_OK);
    assert_true(event.kind == KEDGE_EVENT_STEP && event.subject == 3 && event.code == 42 && event.at_ns == 330 &&
                event.value == 20.0);
    assert_int_equal(kedge_flow_find(&c, "gate", &found), KEDGE_OK);
    assert_int_equal(found, 3);
    assert_int_equal(kedge_flow_text(&c, text, sizeof text, &len), KEDGE_OK);
    assert_string_equal(text, "run 7: failed, 320 ns, longest chain 240 ns\nprepare: done, 10 ns\n"
                              "  train <- prepare: done, attempt 4, code -14, 200 ns\n  describe <- prepare: done, 210 ns\n"
                              "    gate <- train, describe: failed, code 42, 20 ns\n");
    assert_int_equal(kedge_flow_text(&c, text, len, &len), KEDGE_ERR_BUFFER);
    guard_free(c.state);
}

/* Runs everything that is not skipped; each step makes a fixed output. Returns the set that ran. */
static uint32_t run_all(kedge_control *c, uint64_t run, const uint64_t *outputs)
{
    kedge_flow_job job;
    uint32_t ran = 0;
    assert_int_equal(kedge_flow_begin(c, run, run), KEDGE_OK);
    while (kedge_flow_next(c, run, &job) == KEDGE_OK) {
        ran |= 1u << job.step;
        if (job.is_once)
            assert_int_equal(kedge_flow_intend(c, run, &job), KEDGE_OK);
        assert_int_equal(outputs[job.step] ? done(c, run, &job, outputs[job.step]) : kedge_flow_done(c, run, &job, NULL, 0),
                         KEDGE_OK);
    }
    assert_int_equal(job.kind, KEDGE_FLOW_DONE);
    assert_int_equal(kedge_control_check(c), KEDGE_OK);
    return ran;
}

static void test_skips(void **unused)
{
    (void)unused;
    kedge_flow_step s[4];
    uint64_t outputs[4] = {1, 2, 3, 4};
    unsigned char digest[KEDGE_HASH_BYTES];
    named(&s[0], "prepare", 0);
    named(&s[1], "train", 1);
    named(&s[2], "gate", 2);
    named(&s[3], "promote", 4);
    s[3].is_once = 1;
    kedge_control c = made(s, 4);
    assert_int_equal(run_all(&c, 1, outputs), 15);
    assert_int_equal(run_all(&c, 2, outputs), 0);
    assert_int_equal(state_of(&c, 3), KEDGE_STEP_SKIPPED);
    digest_of(99, digest);
    assert_int_equal(kedge_flow_set_input(&c, 0, digest), KEDGE_OK);
    assert_int_equal(run_all(&c, 3, outputs), 1); /* other input, same output: the rest stands */
    outputs[1] = 22;
    assert_int_equal(kedge_flow_set_config(&c, 1, digest), KEDGE_OK);
    assert_int_equal(run_all(&c, 4, outputs), 6);
    assert_int_equal(kedge_flow_forget(&c, 1), KEDGE_OK);
    assert_int_equal(run_all(&c, 5, outputs), 2);
    assert_int_equal(run_all(&c, 6, outputs), 0);
    outputs[1] = 0; /* no digest: what needs it runs */
    assert_int_equal(kedge_flow_forget(&c, 1), KEDGE_OK);
    assert_int_equal(run_all(&c, 7, outputs), 6);
    assert_int_equal(kedge_flow_forget(&c, 1), KEDGE_OK);
    assert_int_equal(run_all(&c, 8, outputs), 6);
    guard_free(c.state);
    s[3].always_runs = 1;
    c = made(s, 4);
    assert_int_equal(run_all(&c, 1, outputs), 15);
    assert_int_equal(run_all(&c, 2, outputs), 8);
    guard_free(c.state);
}

/* What a failed run had done is not done again by the next one. */
static void test_failed_run_goes_on(void **unused)
{
    (void)unused;
    kedge_flow_step s[4];
    const uint64_t outputs[4] = {1, 2, 3, 4};
    named(&s[0], "a", 0);
    named(&s[1], "b", 1);
    named(&s[2], "c", 2);
    named(&s[3], "other", 0);
    kedge_control c = made(s, 4);
    assert_int_equal(kedge_flow_begin(&c, 1, 1), KEDGE_OK);
    kedge_flow_job a = next_is(&c, 1, KEDGE_FLOW_STEP, 0), d = next_is(&c, 1, KEDGE_FLOW_STEP, 3);
    assert_int_equal(done(&c, 1, &a, 1), KEDGE_OK);
    kedge_flow_job b = next_is(&c, 1, KEDGE_FLOW_STEP, 1);
    assert_int_equal(kedge_flow_failed(&c, 1, &b, 1), KEDGE_OK);
    assert_int_equal(state_of(&c, 2), KEDGE_STEP_CANCELLED);
    next_is(&c, 1, KEDGE_FLOW_WAIT, UINT32_MAX);
    assert_int_equal(done(&c, 1, &d, 4), KEDGE_OK);
    next_is(&c, 1, KEDGE_FLOW_FAILED, UINT32_MAX);
    assert_int_equal(run_all(&c, 2, outputs), 6);
    guard_free(c.state);
}

/* Each way out of an intended attempt. */
static void test_once(void **unused)
{
    (void)unused;
    kedge_flow_step s[1];
    unsigned char digest[KEDGE_HASH_BYTES] = {1};
    named(&s[0], "promote", 0);
    s[0].is_once = 1;
    s[0].always_runs = 1;
    s[0].max_retries = 1;
    s[0].timeout_ns = 100;
    kedge_control c = made(s, 1);
    assert_int_equal(kedge_flow_begin(&c, 0, 1), KEDGE_OK);
    kedge_flow_job job = next_is(&c, 0, KEDGE_FLOW_STEP, 0), old = job;
    assert_int_equal(done(&c, 0, &job, 1), KEDGE_ERR_STATE); /* not intended */
    assert_int_equal(kedge_flow_failed(&c, 0, &job, 1), KEDGE_OK); /* nor has it begun: no harm */
    assert_int_equal(kedge_flow_intend(&c, 0, &old), KEDGE_ERR_STATE);
    job = next_is(&c, 0, KEDGE_FLOW_STEP, 0);
    assert_int_equal(kedge_flow_intend(&c, 0, &old), KEDGE_ERR_STATE);
    assert_int_equal(kedge_flow_intend(&c, 0, &job), KEDGE_OK);
    assert_int_equal(kedge_flow_intend(&c, 0, &job), KEDGE_OK);
    assert_int_equal(kedge_flow_set_input(&c, 0, digest), KEDGE_ERR_BUSY);
    assert_int_equal(kedge_flow_settle(&c, 0, 0, 1, NULL, 0), KEDGE_ERR_STATE);
    next_is(&c, 100, KEDGE_FLOW_UNSURE, 0); /* its time is over */
    assert_int_equal(kedge_flow_set_input(&c, 0, digest), KEDGE_ERR_BUSY);
    assert_int_equal(kedge_flow_failed(&c, 100, &job, 1), KEDGE_ERR_STATE);
    assert_int_equal(kedge_flow_cancel(&c, 100), KEDGE_OK);
    next_is(&c, 100, KEDGE_FLOW_UNSURE, 0);
    assert_int_equal(kedge_flow_begin(&c, 100, 2), KEDGE_ERR_STATE);
    assert_int_equal(done(&c, 101, &job, 5), KEDGE_OK); /* late, but now it is known */
    next_is(&c, 101, KEDGE_FLOW_CANCELLED, UINT32_MAX);
    assert_int_equal(state_of(&c, 0), KEDGE_STEP_DONE);
    assert_int_equal(kedge_flow_begin(&c, 200, 1), KEDGE_ERR_RANGE); /* the key would be the same */
    assert_int_equal(kedge_flow_begin(&c, 200, 2), KEDGE_OK);
    for (int i = 0; i < 5; i++) { /* crashes spend no retries */
        job = next_is(&c, 200, KEDGE_FLOW_STEP, 0);
        assert_int_equal(kedge_flow_intend(&c, 200, &job), KEDGE_OK);
        assert_int_equal(kedge_flow_resume(&c, 200), KEDGE_OK);
        next_is(&c, 200, KEDGE_FLOW_UNSURE, 0);
        assert_int_equal(kedge_flow_settle(&c, 200, 0, 0, NULL, 0), KEDGE_OK);
    }
    for (int i = 0; i < 2; i++) { /* failures do */
        job = next_is(&c, 200, KEDGE_FLOW_STEP, 0);
        assert_int_equal(kedge_flow_intend(&c, 200, &job), KEDGE_OK);
        assert_int_equal(kedge_flow_failed(&c, 200, &job, 9), KEDGE_OK);
        next_is(&c, 200, KEDGE_FLOW_UNSURE, 0);
        assert_int_equal(kedge_flow_settle(&c, 200, 0, 0, NULL, 0), KEDGE_OK);
    }
    next_is(&c, 200, KEDGE_FLOW_FAILED, UINT32_MAX);
    guard_free(c.state);
}

static void test_long_pauses(void **unused)
{
    (void)unused;
    kedge_flow_step s[1];
    named(&s[0], "a", 0);
    s[0].max_retries = 1000;
    s[0].retry_ns = (uint64_t)3 << 60;
    kedge_control c = made(s, 1);
    assert_int_equal(kedge_flow_begin(&c, 0, (uint64_t)1 << 62), KEDGE_OK);
    kedge_flow_job job = next_is(&c, 5, KEDGE_FLOW_STEP, 0);
    assert_int_equal(kedge_flow_failed(&c, 5, &job, 1), KEDGE_OK);
    job = next_is(&c, ((uint64_t)3 << 60) + 5, KEDGE_FLOW_STEP, 0);
    assert_int_equal(kedge_flow_failed(&c, 5, &job, 1), KEDGE_OK);
    job = next_is(&c, (uint64_t)1 << 62, KEDGE_FLOW_WAIT, UINT32_MAX); /* never: 2^62 is the end of time */
    assert_true(job.until_ns == ((uint64_t)3 << 60) + 5 + ((uint64_t)1 << 62));
    guard_free(c.state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand), cmocka_unit_test(test_skips),       cmocka_unit_test(test_failed_run_goes_on),
        cmocka_unit_test(test_once),    cmocka_unit_test(test_long_pauses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
