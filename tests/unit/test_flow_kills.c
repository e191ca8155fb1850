/* SPDX-License-Identifier: MIT */
/* Hosts of a flow that are killed between any two actions, and go on from a snapshot: each effect happens exactly once if the host
 * can ask its own store, at most once if it cannot. */
#include "flows.h"

enum { N_KILLS = 1000, ROOM = 8192 };

static uint64_t below(kedge_rng *rng, uint64_t n)
{
    return kedge_rng_next(rng) % n;
}

enum { KILL_STEPS = 6, KILL_RUNS = 3, KILL_MODE_ASKS, KILL_MODE_BLIND, KILL_MODE_OLD };

/* The host's memory is lost at any point; its disk and the world stay. */
typedef struct killed_world {
    unsigned char disk[8][ROOM]; /* the last snapshots, in a ring */
    size_t len[8];
    uint32_t n_saved;
    uint32_t effects[KILL_RUNS + 1][KILL_STEPS]; /* by the key; what the host's own store knows */
    int64_t budget;              /* actions until the kill */
    int is_dead;
} killed_world;

/* May one more action be made? A kill is between any two. */
static int alive(killed_world *w)
{
    if (w->budget-- <= 0)
        w->is_dead = 1;
    return !w->is_dead;
}

static void to_disk(killed_world *w, const kedge_control *c)
{
    uint32_t at = (w->n_saved + 1) % 8;
    if (!alive(w))
        return;
    assert_int_equal(kedge_control_save(c, w->disk[at], ROOM, &w->len[at]), KEDGE_OK);
    w->n_saved++;
}

static void make_effect(killed_world *w, const kedge_flow_job *job, int mode)
{
    if (mode == KILL_MODE_OLD && w->effects[job->run][job->step] > 0) /* asks before each effect */
        return;
    if (alive(w))
        w->effects[job->run][job->step]++;
}

static void answer(killed_world *w, kedge_control *c, uint64_t now, const kedge_flow_job *job, int mode)
{
    uint32_t happened = mode == KILL_MODE_BLIND || w->effects[job->run][job->step] > 0;
    assert_int_equal(kedge_flow_settle(c, now, job->step, happened, NULL, 1), KEDGE_OK);
    to_disk(w, c);
}

static void do_step(killed_world *w, kedge_control *c, uint64_t now, const kedge_flow_job *job, int mode)
{
    to_disk(w, c);
    if (job->is_once && alive(w)) {
        assert_int_equal(kedge_flow_intend(c, now, job), KEDGE_OK);
        to_disk(w, c);
        if (!w->is_dead)
            make_effect(w, job, mode);
    }
    if (!alive(w))
        return;
    if (job->step == 2 && job->attempt == 1) /* training fails once */
        assert_int_equal(kedge_flow_failed(c, now, job, 1), KEDGE_OK);
    else
        assert_int_equal(kedge_flow_done(c, now, job, NULL, job->run), KEDGE_OK);
    to_disk(w, c);
}

/* From the disk on until all runs are over, or the kill. Returns 1 when all is over. */
static int live(killed_world *w, uint64_t *now, uint32_t age, int mode)
{
    kedge_control c;
    kedge_flow_job job;
    size_t bytes = KEDGE_FLOW_BYTES_FOR(KILL_STEPS);
    uint32_t at = (w->n_saved - (age < w->n_saved ? age : w->n_saved - 1)) % 8;
    void *mem = guard_new(bytes, 0xA5);
    w->is_dead = 0;
    assert_int_equal(kedge_control_load(&c, &kedge_flow, mem, bytes, w->disk[at], w->len[at]), KEDGE_OK);
    assert_int_equal(kedge_flow_resume(&c, *now), KEDGE_OK);
    int is_over = 0;
    while (!w->is_dead && !is_over && alive(w)) {
        *now += 1;
        if (kedge_flow_next(&c, *now, &job) == KEDGE_OK)
            do_step(w, &c, *now, &job, mode);
        else if (job.kind == KEDGE_FLOW_UNSURE)
            answer(w, &c, *now, &job, mode);
        else if (job.kind != KEDGE_FLOW_WAIT && job.run == KILL_RUNS)
            is_over = 1;
        else if (job.kind != KEDGE_FLOW_WAIT)
            assert_int_equal(kedge_flow_begin(&c, *now, job.run + 1), KEDGE_OK);
    }
    assert_int_equal(kedge_control_check(&c), KEDGE_OK);
    guard_free(mem);
    return is_over;
}

static void begin_world(killed_world *w)
{
    static const uint32_t needs[KILL_STEPS] = {0, 1, 2, 4, 8, 16};
    kedge_flow_step s[KILL_STEPS];
    memset(w, 0, sizeof *w);
    for (uint32_t i = 0; i < KILL_STEPS; i++) {
        named(&s[i], (const char *[]){"prepare", "validate", "train", "notify", "gate", "promote"}[i], needs[i]);
        s[i].is_once = i == 3 || i == 5;
        s[i].always_runs = 1;
        s[i].max_retries = 3;
    }
    kedge_control c = made(s, KILL_STEPS);
    w->budget = 1;
    to_disk(w, &c);
    guard_free(c.state);
}

/* The asking host: exactly once. The blind one: at most once. */
static void assert_effects(const killed_world *w, int mode)
{
    for (uint32_t run = 1; run <= KILL_RUNS; run++)
        for (uint32_t i = 0; i < KILL_STEPS; i++) {
            uint32_t n = w->effects[run][i], most = i == 3 || i == 5;
            assert_true(mode == KILL_MODE_BLIND ? n <= most : n == most);
        }
}

static void test_kill_at_each_point(void **unused)
{
    (void)unused;
    static killed_world w;
    for (int mode = KILL_MODE_ASKS; mode <= KILL_MODE_OLD; mode++) {
        int is_over = 0;
        for (int64_t point = 0; !is_over; point++) { /* killed once after `point` actions */
            uint64_t now = 0;
            begin_world(&w);
            w.budget = point;
            is_over = live(&w, &now, 0, mode);
            w.budget = INT64_MAX;
            assert_int_equal(live(&w, &now, mode == KILL_MODE_OLD ? (uint32_t)point % 6 : 0, mode), 1);
            assert_effects(&w, mode);
            assert_true(point < 1000);
        }
    }
}

static void test_kill_at_random(void **unused)
{
    (void)unused;
    static killed_world w;
    kedge_rng rng = {20};
    uint32_t n_kills = 0, n_blind = 0;
    for (uint32_t host = 0; n_kills < 3 * N_KILLS; host++) {
        int mode = KILL_MODE_ASKS + (int)(host % 3);
        uint64_t now = 0;
        begin_world(&w);
        w.budget = 12 + (int64_t)below(&rng, 40);
        while (!live(&w, &now, mode == KILL_MODE_OLD ? (uint32_t)below(&rng, 6) : 0, mode)) {
            n_kills++;
            w.budget = 12 + (int64_t)below(&rng, 40); /* a snapshot five back costs some actions again */
        }
        assert_effects(&w, mode);
        for (uint32_t run = 1; mode == KILL_MODE_BLIND && run <= KILL_RUNS; run++)
            n_blind += 2 - w.effects[run][3] - w.effects[run][5];
    }
    assert_true(n_blind > 0); /* the kills did hit between intention and effect */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kill_at_each_point),
        cmocka_unit_test(test_kill_at_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
