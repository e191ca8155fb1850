/* SPDX-License-Identifier: MIT */
/* All orders of the steps. */
#include "explore_world.h"

#include <stdlib.h>
#include <string.h>

/* What the threads do
 * -------------------------------------------------------------------------------------------------------------- */

/* Old versions that are held only become fewer while the writer looks. */
static void verify_refusal(void)
{
    run.result.n_refused++;
    if ((int)run.plan->n_slots >= run.plan->n_readers + 2 && !run.plan->stale && !run.plan->dies_at)
        explore_fault("the writer was refused although there are two more slots than readers");
}

static void write_version(uint32_t version)
{
    uint32_t slot = publish_begin(explore_state);
    if (slot == PUBLISH_NONE) {
        verify_refusal();
        return;
    }
    for (int i = 0; i < PAYLOAD; i++) {
        if (run.at_log == run.self->n_log && (explore_readers_in(slot) > 0 || slot == publish_slot_of(now.current.value)))
            explore_fault("used after reclaim: the writer writes into a slot that a reader reads or that serves");
        explore_put(&explore_payload[slot][i], sizeof explore_payload[slot][i], version);
    }
    publish_commit(explore_state, PAYLOAD, version);
}

static void read_version(void)
{
    uint32_t slot = publish_enter(explore_state), version, bytes, words[PAYLOAD];
    if (slot == PUBLISH_NONE) {
        if (run.self->serving != 0)
            explore_fault("nothing was served although a version was published");
        return;
    }
    version = PUBLISH_GET(explore_state->slots[slot].version);
    bytes = PUBLISH_GET(explore_state->slots[slot].bytes);
    for (int i = 0; i < PAYLOAD; i++)
        words[i] = PUBLISH_GET(explore_payload[slot][i]);
    if (version != run.self->serving || bytes != PAYLOAD)
        explore_fault("not the version that served when the reader entered");
    for (int i = 0; i < PAYLOAD; i++)
        if (words[i] != version)
            explore_fault("torn: a version is not what was written as it");
    publish_leave(explore_state, slot);
}

static int ops_of(int t)
{
    return t == WRITER ? run.plan->writer_ops + (run.plan->dies_at > 0) : run.plan->reader_ops;
}

static void operate(void)
{
    if (run.self_index != WRITER)
        read_version();
    else if (run.plan->dies_at > 0 && run.self->op == 2)
        publish_cancel(explore_state);
    else
        write_version(run.self->op + 1u);
    if (run.self_index != WRITER && run.self->n_steps > 2 + PAYLOAD && run.plan->mutant != EXPLORE_ENTER_IN_TWO)
        explore_fault("a reader needs more than an addition to enter and one to leave");
}

static void finish_operation(void)
{
    run.died |= explore_is_dead();
    run.self->op++;
    run.self->n_log = run.self->n_steps = 0;
    run.self->serving = 0;
    memset(run.self->log, 0, sizeof run.self->log);
}

/* One step of a thread, by what was chosen. */
static void step(int t)
{
    run.self_index = t;
    run.self = &now.threads[t];
    run.at_log = run.is_done = 0;
    run.n_choices = 1;
    if (setjmp(run.yield) == 0) {
        operate();
        finish_operation();
    } else if (explore_is_dead()) {
        finish_operation();
    }
}

/* All orders
 * ------------------------------------------------------------------------------------------------------------------------ */

typedef struct mark {
    uint64_t a, b;
} mark;

static mark *met; /* open addressing; a zero is free */
static size_t met_room;

static mark mark_of(const world *w)
{
    uint64_t x, a = 0x9E3779B97F4A7C15u, b = 0xC2B2AE3D27D4EB4Fu;
    const unsigned char *bytes = (const unsigned char *)w;
    for (size_t i = 0; i + sizeof x <= sizeof *w; i += sizeof x) {
        memcpy(&x, bytes + i, sizeof x);
        a = (a ^ x) * 0xFF51AFD7ED558CCDu;
        a ^= a >> 32;
        b = (b + x) * 0xC4CEB9FE1A85EC53u;
        b ^= b >> 29;
    }
    return (mark){a | 1u, b};
}

static void met_put(mark m)
{
    size_t i = (size_t)m.a & (met_room - 1);
    while (met[i].a != 0)
        i = (i + 1) & (met_room - 1);
    met[i] = m;
}

static void met_grow(void)
{
    mark *old = met;
    size_t room = met_room;
    met_room = room ? 2 * room : 1 << 16;
    met = calloc(met_room, sizeof *met);
    if (!met)
        abort();
    for (size_t i = 0; i < room; i++)
        if (old[i].a != 0)
            met_put(old[i]);
    free(old);
}

static int is_new(void)
{
    mark m = mark_of(&now);
    if (run.result.n_worlds * 2 >= met_room)
        met_grow();
    size_t i = (size_t)m.a & (met_room - 1);
    for (; met[i].a != 0; i = (i + 1) & (met_room - 1))
        if (met[i].a == m.a && met[i].b == m.b)
            return 0;
    met[i] = m;
    run.result.n_worlds++;
    return 1;
}

/* All is quiet: the counts agree, and a slot that does not serve is free. */
static void verify_end(void)
{
    uint32_t serving = publish_slot_of(now.current.value);
    for (uint32_t i = 0; i < run.plan->n_slots; i++) {
        uint32_t left = now.left[i][now.n_left[i] - 1].value;
        uint32_t entered = i == serving ? publish_count_of(now.current.value) : now.places[i][0].value;
        int is_lost = now.phase[i] == PUBLISH_IS_SERVING && i != serving;
        if (left != entered && !is_lost)
            explore_fault("all readers have left, and a slot's counts differ");
        if ((is_lost || now.phase[i] == PUBLISH_IS_WRITTEN) && !run.plan->dies_at)
            explore_fault("all is done, and a slot is not free");
        if (now.phase[i] == PUBLISH_IS_WRITTEN)
            explore_fault("a writer's death has left a slot in writing");
    }
}

static void follow(size_t depth)
{
    world here = now;
    int n_done = 0;
    if (!is_new())
        return;
    if (depth >= STEPS)
        explore_fault("too many steps");
    for (int t = 0; t <= run.plan->n_readers; t++) {
        if (here.threads[t].op >= ops_of(t)) {
            n_done++;
            continue;
        }
        int n = 1;
        for (int c = 0; c < n; c++) {
            now = here;
            run.choice = c;
            run.result.path[depth] = c > 0 ? (char)('0' + c) : "wab"[t];
            run.result.path[depth + 1] = '\0';
            step(t);
            n = run.n_choices;
            follow(depth + 1);
        }
    }
    if (n_done == run.plan->n_readers + 1)
        verify_end();
}

static void begin_world(void)
{
    memset(&now, 0, sizeof now);
    now.current.value = PUBLISH_NONE;
    now.writing = PUBLISH_NONE;
    for (int t = 0; t < THREADS; t++)
        now.threads[t].knows.clock[t] = 1;
    for (int i = 0; i < SLOTS; i++)
        now.n_left[i] = 1;
}

explore_result explore(const explore_plan *wanted)
{
    run.plan = wanted;
    memset(&run.result, 0, sizeof run.result);
    explore_state->n_slots = run.plan->n_slots;
    begin_world();
    run.died = 0;
    if (setjmp(run.faulty) == 0)
        follow(0);
    run.result.died = run.died;
    free(met);
    met = NULL;
    met_room = 0;
    return run.result;
}
