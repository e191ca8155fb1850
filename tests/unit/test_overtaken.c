/* SPDX-License-Identifier: MIT */
/* The world changes while a challenger is in its rollout. What it was trained for is over, so it must not keep a model of the new
 * world waiting: as soon as one may be trained, or an earlier one fits, it goes. One that serves already is the guard's to judge,
 * as long as its stage must last. */
#include "delivered.h"

enum { ASKED = 600, CHANGE = 1000, END = 1500 };

/* No gate, and a shadow that takes longer than the world waits. */
static void slow_default(rig *r)
{
    rig_default(r);
    r->cfg.holdout_every = 0;
    r->when[1].every = ASKED;
    r->stages[0].least_rows = 5000;
    r->stages[0].most_rows = 6000;
}

/* Version 2 is in its shadow when the world turns round; the row at which version 3 took its place, 0: it did not. */
static uint64_t overtaken_at(rig *r)
{
    uint64_t at = 0;
    (void)accuracy(r, 0, ASKED, 0);
    if (!r->cfg.triggers)
        assert_int_equal(kedge_pipeline_request(&r->p), KEDGE_OK);
    (void)accuracy(r, ASKED, CHANGE, 0);
    assert_int_equal(rig_report(r).staged, 2);
    for (uint64_t i = CHANGE; i < END && at == 0; i++) {
        (void)accuracy(r, i, i + 1, 1);
        at = rig_report(r).staged == 3 ? i : 0;
    }
    return at;
}

static void test_training(void **unused)
{
    (void)unused;
    for (int has_triggers = 0; has_triggers < 2; has_triggers++) {
        rig r;
        uint64_t next = 0;
        kedge_store_version v;
        slow_default(&r);
        r.triggers.cool_rows = 300; /* version 2's training began longer ago */
        r.cfg.triggers = has_triggers ? r.cfg.triggers : NULL;
        rig_make(&r);
        uint64_t at = overtaken_at(&r);
        assert_true(at >= CHANGE + r.cfg.min_rows - 20 && at <= CHANGE + r.cfg.min_rows + 20);
        kedge_control store = control(&r, KEDGE_PIPELINE_STORE);
        assert_int_equal(kedge_store_get(&store, 2, &v), KEDGE_OK);
        assert_int_equal(v.status, KEDGE_VERSION_ROLLED_BACK);
        assert_true(rig_report(&r).version == 1 && rig_report(&r).n_rolled_back == 1);
        (void)find(&r, &next, KEDGE_EVENT_DRIFT);
        kedge_event e = find(&r, &next, KEDGE_EVENT_ROLLED_BACK);
        assert_true(e.version == 2 && e.code == KEDGE_ROLLOUT_STOPPED);
        if (has_triggers)
            assert_int_equal(find(&r, &next, KEDGE_EVENT_TRIGGER).code, KEDGE_TRIGGER_SIGNAL);
        assert_int_equal(find(&r, &next, KEDGE_EVENT_TRAINED).version, 3);
        (void)accuracy(&r, at + 1, at + 1000, 1); /* one drift overtakes once */
        assert_int_equal(rig_report(&r).staged, 3);
        rig_free(&r);
    }
}

/* Where the cool-down would not let another training begin, the rollout goes on. */
static void test_cool_down(void **unused)
{
    (void)unused;
    for (int is_time = 0; is_time < 2; is_time++) {
        rig r;
        slow_default(&r);
        r.triggers.cool_rows = is_time ? 0 : 5000;
        r.triggers.cool_ns = is_time ? 50000 : 0;
        rig_make(&r);
        assert_int_equal(overtaken_at(&r), 0);
        assert_int_equal(rig_report(&r).staged, 2);
        rig_free(&r);
    }
}

/* In production the old champion stays as long as it must; then both are models of a world that has ended, and neither is
 * better. */
static void test_production(void **unused)
{
    (void)unused;
    for (uint32_t undecided = KEDGE_UNDECIDED_PASSES; undecided <= KEDGE_UNDECIDED_ROLLS_BACK; undecided++)
        for (int has_lasted = 0; has_lasted < 2; has_lasted++) {
            rig r;
            uint64_t next = 0;
            slow_default(&r);
            r.stages[0].kind = KEDGE_STAGE_PRODUCTION;
            r.stages[0].tolerance = 0.0; /* equal models are never surely within it */
            r.stages[0].undecided = undecided;
            r.stages[0].least_rows = has_lasted ? 100 : 5000;
            r.rollout.n_stages = 1;
            rig_make(&r);
            uint64_t at = overtaken_at(&r);
            kedge_pipeline_report now = rig_report(&r);
            if (!has_lasted) {
                assert_true(at == 0 && now.staged == 2 && now.version == 2);
            } else {
                assert_true(at >= CHANGE + r.cfg.min_rows - 20 && at <= CHANGE + r.cfg.min_rows + 20);
                int is_kept = undecided == KEDGE_UNDECIDED_PASSES;
                kedge_event e = find(&r, &next, is_kept ? KEDGE_EVENT_FINISHED : KEDGE_EVENT_ROLLED_BACK);
                assert_true(e.version == 2 && e.code == KEDGE_ROLLOUT_UNDECIDED);
                (void)accuracy(&r, at + 1, at + 2, 1);
                assert_int_equal(find(&r, &next, KEDGE_EVENT_PROMOTED).version, 3);
                assert_int_equal(now.n_rolled_back, !is_kept);
            }
            rig_free(&r);
        }
}

/* In production, where the new model answers alone, the guard takes it back because of the world. The old one is as wrong in that
 * world, from its first row on: no detector would ever see a change. */
static void test_production_alone(void **unused)
{
    (void)unused;
    for (int has_triggers = 0; has_triggers < 2; has_triggers++)
        for (int by_limit = 0; by_limit < 2; by_limit++) {
            rig r;
            uint64_t next = 0;
            slow_default(&r);
            r.stages[0] = r.stages[1];
            r.stages[1] = r.stages[2];
            r.stages[1].both_answer = 0;
            r.stages[1].least_rows = 5000;
            r.stages[1].most_rows = 6000;
            if (by_limit) {
                r.stages[1].tolerance = 1.0;
                r.stages[1].loss_limit = 0.2;
            }
            r.rollout.n_stages = 2;
            r.cfg.triggers = has_triggers ? r.cfg.triggers : NULL;
            rig_make(&r);
            (void)accuracy(&r, 0, ASKED, 0);
            if (!has_triggers)
                assert_int_equal(kedge_pipeline_request(&r.p), KEDGE_OK);
            (void)accuracy(&r, ASKED, CHANGE, 0);
            assert_true(rig_report(&r).staged == 2 && rig_report(&r).version == 2);
            (void)accuracy(&r, CHANGE, CHANGE + 100, 1);
            kedge_event e = find(&r, &next, KEDGE_EVENT_ROLLED_BACK);
            assert_int_equal(e.code, by_limit ? KEDGE_ROLLOUT_LIMIT : KEDGE_ROLLOUT_WORSE);
            assert_int_equal(find(&r, &next, KEDGE_EVENT_RETURNED).version, 1);
            assert_int_equal(find(&r, &next, KEDGE_EVENT_DRIFT).version, 1);
            assert_true(rig_report(&r).n_drifts >= 1);
            (void)accuracy(&r, CHANGE + 100, CHANGE + 700, 1);
            kedge_pipeline_report now = rig_report(&r);
            assert_true(now.version > 2 && accuracy(&r, CHANGE + 700, CHANGE + 900, 1) > 0.9);
            rig_free(&r);
        }
}

/* The first concept comes back while a model of the second waits for an approval that nobody gives. */
static void test_recall(void **unused)
{
    (void)unused;
    for (int is_kept = 0; is_kept < 2; is_kept++) { /* with the waiting model in the store, and without */
        rig r;
        kedge_rollout_request ask;
        uint64_t i = 0, next = 0;
        slow_default(&r);
        r.stages[0] = r.stages[1];
        r.stages[0].needs_approval = 1;
        r.stages[1] = r.stages[2];
        r.rollout.n_stages = 2;
        r.when[1].every = 900;
        r.cfg.recall_rows = 16;
        r.store.artifact_bytes = is_kept ? 16384 : 500; /* two models: 1 is pinned, 2 serves */
        rig_make(&r);
        kedge_control rollout = control(&r, KEDGE_PIPELINE_ROLLOUT), store = control(&r, KEDGE_PIPELINE_STORE);
        for (; rig_report(&r).staged != 3; i++) { /* version 2 is let through, version 3 waits */
            (void)accuracy(&r, i, i + 1, i >= 500);
            if (kedge_rollout_ask(&rollout, &ask) == KEDGE_OK && ask.version == 2)
                assert_int_equal(kedge_rollout_approve(&rollout, 10 * i + 9, ask.token, 1), KEDGE_OK);
            if (rig_report(&r).version == 1)
                assert_int_equal(kedge_store_pin(&store, 1, 1), KEDGE_OK);
            assert_true(i < 3000);
        }
        kedge_store_version v;
        assert_int_equal(rig_report(&r).version, 2);
        assert_int_equal(kedge_store_get(&store, 3, &v), KEDGE_OK);
        assert_int_equal(v.artifact_bytes > 0, is_kept);
        assert_int_equal(kedge_store_get(&store, 1, &v), KEDGE_OK);
        assert_true(v.artifact_bytes > 0);
        (void)accuracy(&r, i, i + 150, 1);
        (void)accuracy(&r, i + 150, i + 250, 0);
        assert_int_equal(rig_report(&r).n_recalls, is_kept);
        assert_int_equal(rig_report(&r).staged, is_kept ? 1 : 3);
        if (is_kept) {
            (void)find(&r, &next, KEDGE_EVENT_ROLLED_BACK);
            assert_int_equal(find(&r, &next, KEDGE_EVENT_RECALLED).version, 1);
        }
        rig_free(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_training), cmocka_unit_test(test_cool_down),
        cmocka_unit_test(test_production), cmocka_unit_test(test_production_alone), cmocka_unit_test(test_recall),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
