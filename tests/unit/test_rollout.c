/* SPDX-License-Identifier: MIT */
/* Rollout: a whole way by hand, approvals that let no other model pass, who answers, the guard's errors over many rollouts, and
 * random hosts whose rollout is restored from its snapshot after every call. */
#include <math.h>

#include "support.h"

enum { N_IDS = 20000, N_ROLLOUTS = 300, N_ROWS = 2000, ROOM = 4096 };

static kedge_control made(const kedge_stage *stages, uint32_t n)
{
    kedge_rollout_config cfg = kedge_rollout_defaults(stages, n);
    kedge_control c = {NULL, NULL};
    size_t bytes = kedge_control_size(&cfg.base);
    assert_true(bytes > 0);
    assert_int_equal(kedge_control_init(&c, &cfg.base, guard_new(bytes, 0xA5), bytes), KEDGE_OK);
    return c;
}

static kedge_rollout_action step(kedge_control *c, uint64_t now)
{
    kedge_rollout_action a;
    assert_int_equal(kedge_rollout_step(c, now, &a), KEDGE_OK);
    assert_int_equal(kedge_control_check(c), KEDGE_OK);
    return a;
}

static void assert_action(kedge_control *c, uint64_t now, uint32_t kind, uint32_t stage, uint32_t why)
{
    kedge_rollout_action a = step(c, now);
    assert_int_equal(a.kind, kind);
    assert_int_equal(a.stage, stage);
    assert_int_equal(a.why, why);
}

static kedge_rollout_route pick(const kedge_control *c, uint64_t id)
{
    kedge_rollout_route r;
    assert_int_equal(kedge_rollout_pick(c, id, &r), KEDGE_OK);
    return r;
}

/* Development by verdict, test by pairs, shadow, canary after an approval, production. */
static void test_whole_way(void **unused)
{
    (void)unused;
    const kedge_stage init = KEDGE_STAGE_INIT;
    kedge_stage s[5] = {init, init, init, init, init};
    kedge_rollout_request ask;
    kedge_rollout_report r;
    for (uint32_t i = 0; i < 4; i++)
        s[i].kind = KEDGE_STAGE_DEVELOPMENT + i + (i > 1);
    s[0].needs_verdict = 1;
    s[0].least_rows = 0;
    s[1].tolerance = s[2].tolerance = s[3].tolerance = s[4].tolerance = 0.2;
    s[3].needs_approval = 1;
    s[3].share = 0.25;
    s[4].least_ns = 1000;
    s[4].most_rows = 100;
    kedge_control c = made(s, 5);
    assert_action(&c, 0, KEDGE_ROLLOUT_NONE, 0, 0);
    assert_int_equal(kedge_rollout_begin(&c, 1, 9, NULL), KEDGE_OK);
    assert_int_equal(kedge_rollout_begin(&c, 1, 10, NULL), KEDGE_ERR_STATE);
    assert_action(&c, 1, KEDGE_ROLLOUT_ENTER, 0, 0);
    assert_action(&c, 2, KEDGE_ROLLOUT_NONE, 0, 0);
    assert_int_equal(kedge_rollout_judge(&c, 3, 1, 77), KEDGE_OK);
    assert_action(&c, 3, KEDGE_ROLLOUT_ENTER, 1, KEDGE_ROLLOUT_FREE);
    assert_false(pick(&c, 1).is_challenger || pick(&c, 1).both_answer);
    for (int i = 0; i < 400; i++)
        assert_int_equal(kedge_rollout_record_pair(&c, 4, i % 2, i % 4 == 1), KEDGE_OK);
    assert_action(&c, 4, KEDGE_ROLLOUT_ENTER, 2, KEDGE_ROLLOUT_SURE);
    assert_true(!pick(&c, 1).is_challenger && pick(&c, 1).both_answer);
    for (int i = 0; i < 400; i++)
        assert_int_equal(kedge_rollout_record_pair(&c, 5, i % 2, i % 4 == 1), KEDGE_OK);
    assert_action(&c, 5, KEDGE_ROLLOUT_ASK, 3, KEDGE_ROLLOUT_SURE);
    assert_action(&c, 6, KEDGE_ROLLOUT_NONE, 0, 0);
    assert_true(!pick(&c, 1).is_challenger && pick(&c, 1).both_answer); /* the shadow goes on */
    assert_int_equal(kedge_rollout_ask(&c, &ask), KEDGE_OK);
    assert_true(ask.version == 9 && ask.stage == 3 && ask.stage_kind == KEDGE_STAGE_CANARY && ask.asked_ns == 5);
    assert_int_equal(kedge_rollout_approve(&c, 7, ask.token, 42), KEDGE_OK);
    assert_int_equal(kedge_rollout_approve(&c, 7, ask.token, 42), KEDGE_ERR_STATE);
    assert_action(&c, 7, KEDGE_ROLLOUT_ENTER, 3, 0);
    for (uint64_t id = 0; id < 9000; id++)
        assert_int_equal(kedge_rollout_record(&c, 8, pick(&c, id).is_challenger, id % 3 == 0), KEDGE_OK);
    assert_action(&c, 8, KEDGE_ROLLOUT_PROMOTE, 4, KEDGE_ROLLOUT_SURE);
    assert_int_equal(kedge_rollout_read(&c, &r), KEDGE_OK);
    assert_true(r.n_champion > 6000 && r.n_challenger == 0 && r.approver == 42 && r.stage_kind == KEDGE_STAGE_PRODUCTION);
    assert_true(pick(&c, 1).is_challenger && !pick(&c, 1).both_answer);
    for (int i = 0; i < 100; i++)
        assert_int_equal(kedge_rollout_record(&c, 9, 1, i % 3 == 0), KEDGE_OK);
    assert_action(&c, 1007, KEDGE_ROLLOUT_NONE, 0, 0);
    assert_action(&c, 1008, KEDGE_ROLLOUT_FINISH, 4, KEDGE_ROLLOUT_UNDECIDED);
    assert_int_equal(kedge_rollout_read(&c, &r), KEDGE_OK);
    assert_true(r.n_begun == 1 && r.n_finished == 1 && r.n_rolled_back == 0 && r.version == 0 && isnan(r.loss_champion));
    assert_false(pick(&c, 1).is_challenger);
    assert_int_equal(kedge_rollout_record(&c, 1009, 1, 0), KEDGE_EMPTY); /* a late label */
    guard_free(c.state);
}

/* A token is of one version, one model, one stage, one time. */
static void test_tokens(void **unused)
{
    (void)unused;
    const unsigned char digest[KEDGE_HASH_BYTES] = {1}, other_digest[KEDGE_HASH_BYTES] = {2};
    kedge_stage s[2] = {KEDGE_STAGE_INIT, KEDGE_STAGE_INIT};
    kedge_rollout_request first, again;
    s[0].kind = KEDGE_STAGE_TEST;
    s[0].least_rows = 0;
    s[0].needs_approval = s[1].needs_approval = 1;
    kedge_control c = made(s, 2);
    assert_int_equal(kedge_rollout_ask(&c, &first), KEDGE_EMPTY);
    const struct {
        uint64_t version;
        const unsigned char *digest;
        uint64_t now;
    } others[] = {{1, digest, 10}, {2, digest, 10}, {1, other_digest, 10}, {1, NULL, 10}, {1, digest, 11}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_int_equal(kedge_control_reset(&c), KEDGE_OK);
        assert_int_equal(kedge_rollout_begin(&c, others[i].now, others[i].version, others[i].digest), KEDGE_OK);
        assert_action(&c, others[i].now, KEDGE_ROLLOUT_ASK, 0, 0);
        assert_int_equal(kedge_rollout_ask(&c, i == 0 ? &first : &again), KEDGE_OK);
        if (i > 0)
            assert_int_equal(kedge_rollout_approve(&c, 20, first.token, 1), KEDGE_ERR_UNKNOWN);
    }
    assert_int_equal(kedge_rollout_approve(&c, 20, NULL, 1), KEDGE_ERR_NULL);
    assert_int_equal(kedge_rollout_approve(&c, 20, again.token, 1), KEDGE_OK);
    assert_action(&c, 20, KEDGE_ROLLOUT_ENTER, 0, 0);
    assert_action(&c, 20, KEDGE_ROLLOUT_ASK, 1, KEDGE_ROLLOUT_FREE);
    assert_int_equal(kedge_rollout_approve(&c, 21, again.token, 1), KEDGE_ERR_UNKNOWN); /* of the stage before */
    assert_int_equal(kedge_rollout_stop(&c, 22, -3), KEDGE_OK);
    kedge_rollout_action a = step(&c, 22);
    assert_true(a.kind == KEDGE_ROLLOUT_ROLL_BACK && a.why == KEDGE_ROLLOUT_STOPPED && a.code == -3 && a.version == 1);
    assert_int_equal(kedge_rollout_stop(&c, 23, 0), KEDGE_ERR_STATE);
    guard_free(c.state);
}

/* Shares are what they should be, nested, and other ids are chosen for another version. */
static void test_shares(void **unused)
{
    (void)unused;
    const kedge_stage init = KEDGE_STAGE_INIT;
    const double shares[] = {0.01, 0.1, 0.5, 1.0};
    kedge_stage s[5] = {init, init, init, init, init};
    static uint8_t was[N_IDS], first[N_IDS];
    for (uint32_t i = 0; i < 4; i++) {
        s[i].kind = KEDGE_STAGE_CANARY;
        s[i].share = shares[i];
        s[i].least_rows = 0;
    }
    s[2].both_answer = 1;
    kedge_control c = made(s, 5);
    for (uint64_t version = 1; version <= 2; version++) {
        size_t n_same = 0;
        memset(was, 0, sizeof was);
        assert_int_equal(kedge_rollout_begin(&c, version, version, NULL), KEDGE_OK);
        for (uint32_t stage = 0; stage < 4; stage++) {
            assert_int_equal(step(&c, version).stage, stage);
            size_t n = 0;
            for (uint64_t id = 0; id < N_IDS; id++) {
                kedge_rollout_route r = pick(&c, id);
                assert_true(r.is_challenger >= was[id] && r.both_answer == (stage == 2));
                was[id] = (uint8_t)r.is_challenger;
                n += r.is_challenger;
            }
            assert_true(fabs((double)n - shares[stage] * N_IDS) <= 5 * sqrt(shares[stage] * (1 - shares[stage]) * N_IDS));
            for (size_t i = 0; i < N_IDS && stage == 1; i++) {
                n_same += version == 2 && was[i] && first[i];
                first[i] = was[i];
            }
        }
        assert_true((double)n_same < 0.03 * N_IDS); /* a hundredth by chance */
        assert_int_equal(kedge_rollout_stop(&c, version, 0), KEDGE_OK);
        assert_int_equal(step(&c, version).kind, KEDGE_ROLLOUT_ROLL_BACK);
    }
    guard_free(c.state);
}

typedef struct tally {
    size_t n_passed, n_worse, n_undecided;
    double rows;
} tally;

/* Many rollouts of challengers with that loss beside a champion of 0.3. */
static tally rollouts(double loss, int is_pair, uint32_t undecided)
{
    kedge_stage s[2] = {KEDGE_STAGE_INIT, KEDGE_STAGE_INIT};
    tally t = {0, 0, 0, 0};
    s[0].kind = is_pair ? KEDGE_STAGE_SHADOW : KEDGE_STAGE_CANARY;
    s[0].share = 0.5;
    s[0].tolerance = 0.05;
    s[0].most_rows = is_pair ? N_ROWS : N_ROWS / 2;
    s[0].undecided = undecided;
    kedge_control c = made(s, 2);
    for (uint64_t k = 0; k < N_ROLLOUTS; k++) {
        kedge_rng rng = {k * 1000003 + (uint64_t)(loss * 1000)};
        assert_int_equal(kedge_control_reset(&c), KEDGE_OK);
        assert_int_equal(kedge_rollout_begin(&c, 0, 1 + k, NULL), KEDGE_OK);
        assert_int_equal(step(&c, 0).kind, KEDGE_ROLLOUT_ENTER);
        for (uint64_t i = 0;; i++) {
            double a = kedge_rng_uniform(&rng) < 0.3, b = kedge_rng_uniform(&rng) < loss;
            uint32_t is_challenger = pick(&c, i).is_challenger;
            assert_int_equal(is_pair ? kedge_rollout_record_pair(&c, i, a, b)
                                     : kedge_rollout_record(&c, i, is_challenger, is_challenger ? b : a),
                             KEDGE_OK);
            kedge_rollout_action action;
            assert_int_equal(kedge_rollout_step(&c, i, &action), KEDGE_OK);
            if (action.kind == KEDGE_ROLLOUT_NONE)
                continue;
            assert_true(i < 3 * N_ROWS);
            t.n_undecided += action.why == KEDGE_ROLLOUT_UNDECIDED;
            t.n_passed += action.why == KEDGE_ROLLOUT_SURE;
            t.n_worse += action.why == KEDGE_ROLLOUT_WORSE;
            t.rows += (double)(i + 1) / N_ROLLOUTS;
            assert_int_equal(action.kind,
                             action.why == KEDGE_ROLLOUT_SURE || (action.why == KEDGE_ROLLOUT_UNDECIDED &&
                                                                  action.difference <= 0.05 && undecided == KEDGE_UNDECIDED_PASSES)
                                 ? KEDGE_ROLLOUT_PROMOTE
                                 : KEDGE_ROLLOUT_ROLL_BACK);
            break;
        }
    }
    guard_free(c.state);
    return t;
}

/* On the border neither answer comes more often than the confidence allows, though the test looks after every row (300 rollouts: 5
 * % and three standard errors are 26); far from it the right one comes, and early. */
static void test_guard(void **unused)
{
    (void)unused;
    for (int is_pair = 0; is_pair < 2; is_pair++) {
        tally border = rollouts(0.35, is_pair, KEDGE_UNDECIDED_ROLLS_BACK);
        assert_true(border.n_passed <= 26 && border.n_worse <= 26 && border.n_undecided >= N_ROLLOUTS - 52);
        tally worse = rollouts(0.8, is_pair, KEDGE_UNDECIDED_PASSES);
        assert_true(worse.n_worse == N_ROLLOUTS && worse.rows < 400);
        tally better = rollouts(0.05, is_pair, KEDGE_UNDECIDED_ROLLS_BACK);
        assert_true(better.n_passed == N_ROLLOUTS && better.rows < (is_pair ? 400 : 800));
    }
}

/* Its own limit, whatever the champion does, and the guard while an approval is awaited. */
static void test_limit(void **unused)
{
    (void)unused;
    kedge_stage s[2] = {KEDGE_STAGE_INIT, KEDGE_STAGE_INIT};
    s[0].kind = KEDGE_STAGE_SHADOW;
    s[0].tolerance = s[1].tolerance = 1.0;
    s[0].loss_limit = 0.5;
    s[0].least_rows = 1;
    s[1].needs_approval = 1;
    kedge_control c = made(s, 2);
    assert_int_equal(kedge_rollout_begin(&c, 0, 1, NULL), KEDGE_OK);
    assert_action(&c, 0, KEDGE_ROLLOUT_ENTER, 0, 0);
    assert_int_equal(kedge_rollout_record_pair(&c, 0, 1, 1), KEDGE_OK);
    assert_action(&c, 0, KEDGE_ROLLOUT_ASK, 1, KEDGE_ROLLOUT_SURE); /* within a tolerance of 1 everything is */
    uint64_t i = 0;
    kedge_rollout_action a;
    do {
        assert_int_equal(kedge_rollout_record_pair(&c, ++i, 1, 1), KEDGE_OK);
        a = step(&c, i);
    } while (a.kind == KEDGE_ROLLOUT_NONE && i < 1000);
    assert_true(a.kind == KEDGE_ROLLOUT_ROLL_BACK && a.why == KEDGE_ROLLOUT_LIMIT && i < 100);
    guard_free(c.state);
}

/* Losses of another scale give the same decisions. */
static void test_scale(void **unused)
{
    (void)unused;
    kedge_stage s[2] = {KEDGE_STAGE_INIT, KEDGE_STAGE_INIT};
    kedge_rollout_action a[2];
    s[0].kind = KEDGE_STAGE_SHADOW;
    for (int k = 0; k < 2; k++) {
        double scale = k ? 1024.0 : 1.0;
        s[0].tolerance = 0.125 * scale;
        kedge_rollout_config cfg = kedge_rollout_defaults(s, 2);
        kedge_rng rng = {5};
        kedge_control c = {NULL, NULL};
        cfg.loss_max = scale;
        size_t bytes = kedge_control_size(&cfg.base);
        assert_int_equal(kedge_control_init(&c, &cfg.base, guard_new(bytes, 0xA5), bytes), KEDGE_OK);
        assert_int_equal(kedge_rollout_begin(&c, 0, 1, NULL), KEDGE_OK);
        assert_int_equal(step(&c, 0).kind, KEDGE_ROLLOUT_ENTER);
        uint64_t i = 0;
        do {
            double x = kedge_rng_uniform(&rng), y = kedge_rng_uniform(&rng);
            assert_int_equal(kedge_rollout_record_pair(&c, i, scale * x, scale * y), KEDGE_OK);
            a[k] = step(&c, i++);
        } while (a[k].kind == KEDGE_ROLLOUT_NONE);
        a[k].difference /= scale;
        a[k].low /= scale;
        a[k].high /= scale;
        assert_int_equal(kedge_rollout_record_pair(&c, i, scale * 1.001, 0), KEDGE_ERR_RANGE);
        assert_int_equal(kedge_rollout_record_pair(&c, i, 0, -scale), KEDGE_ERR_RANGE);
        assert_int_equal(kedge_rollout_record(&c, i, 0, (double)NAN), KEDGE_ERR_NOT_FINITE);
        guard_free(c.state);
    }
    assert_memory_equal(&a[0], &a[1], sizeof a[0]);
}

static kedge_status say(kedge_control *c, kedge_rng *rng, uint64_t now)
{
    kedge_rollout_request ask;
    uint64_t what = kedge_rng_below(rng, 40), id = kedge_rng_below(rng, 1000);
    double a = kedge_rng_uniform(rng), b = kedge_rng_uniform(rng);
    if (what == 0)
        return kedge_rollout_begin(c, now, 1 + id, NULL);
    if (what == 1)
        return kedge_rollout_judge(c, now, id > 10, (int32_t)id);
    if (what == 2)
        return id < 50 ? kedge_rollout_stop(c, now, 1) : KEDGE_OK;
    if (what == 3 && kedge_rollout_ask(c, &ask) == KEDGE_OK)
        return kedge_rollout_approve(c, now, ask.token, id);
    return pick(c, id).both_answer ? kedge_rollout_record_pair(c, now, a, b * 0.8)
                                   : kedge_rollout_record(c, now, pick(c, id).is_challenger, a);
}

/* A program that is killed after each call and goes on from its snapshot takes the same actions as one that is not. */
static void test_killed_and_restored(void **unused)
{
    (void)unused;
    const kedge_stage init = KEDGE_STAGE_INIT;
    kedge_stage s[4] = {init, init, init, init};
    size_t n_actions[6] = {0};
    for (uint32_t i = 0; i < 4; i++) {
        s[i].kind = i == 0 ? KEDGE_STAGE_PREPRODUCTION : i + 3;
        s[i].least_rows = 10 * i;
        s[i].most_rows = 60;
        s[i].tolerance = 0.1;
        s[i].needs_verdict = i == 0;
        s[i].share = 0.5;
        s[i].needs_approval = i % 2;
    }
    kedge_control steady = made(s, 4), killed = made(s, 4);
    kedge_rng rng = {1}, twin = {1};
    static unsigned char snapshot[ROOM];
    size_t bytes = ((const kedge_state_head *)steady.state)->bytes, len;
    for (uint64_t now = 0; now < 20000; now++) {
        kedge_rollout_action a, b;
        assert_int_equal(say(&steady, &rng, now), say(&killed, &twin, now));
        assert_int_equal(kedge_control_save(&killed, snapshot, sizeof snapshot, &len), KEDGE_OK);
        memset(killed.state, 0xA5, bytes);
        assert_int_equal(kedge_control_load(&killed, &kedge_rollout, killed.state, bytes, snapshot, len), KEDGE_OK);
        a = step(&steady, now);
        b = step(&killed, now);
        assert_memory_equal(&a, &b, sizeof a);
        assert_memory_equal(steady.state, killed.state, bytes);
        n_actions[a.kind]++;
    }
    for (size_t i = 1; i < 6; i++)
        assert_true(n_actions[i] > 10);
    guard_free(steady.state);
    guard_free(killed.state);
}

static void test_strings(void **unused)
{
    (void)unused;
    assert_string_equal(kedge_stage_string(KEDGE_STAGE_DEVELOPMENT), "development");
    assert_string_equal(kedge_stage_string(KEDGE_STAGE_PRODUCTION), "production");
    assert_string_equal(kedge_stage_string(KEDGE_STAGE_PRODUCTION + 1), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_way), cmocka_unit_test(test_tokens), cmocka_unit_test(test_shares),
        cmocka_unit_test(test_guard),     cmocka_unit_test(test_limit),  cmocka_unit_test(test_scale),
        cmocka_unit_test(test_killed_and_restored), cmocka_unit_test(test_strings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
