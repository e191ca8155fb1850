/* SPDX-License-Identifier: MIT */
/* Single steps: what an access to memory gives and changes, and what is wrong with it. */
#include "explore_world.h"

static union {
    uint64_t align;
    unsigned char bytes[sizeof(publish_state) + SLOTS * sizeof(publish_slot)];
} frame;
publish_state *const explore_state = (publish_state *)&frame;
uint32_t explore_payload[SLOTS][PAYLOAD];
explore_run run;
world now;

void explore_fault(const char *what)
{
    run.result.fault = what;
    longjmp(run.faulty, 1);
}

/* Steps
 * ------------------------------------------------------------------------------------------------------------------------------ */

/* The second publication dies before one of its actions. Then another writer takes over. */
int explore_is_dead(void)
{
    return run.self_index == WRITER && run.plan->dies_at > 0 && run.self->op == 1 && run.self->n_log >= run.plan->dies_at;
}

/* Is what comes in the log? A new step ends the run if it has taken one already. `is_step` 0: nobody else can tell when it
 * happens. */
static int replay(int is_step, uint32_t *value)
{
    if (run.at_log < run.self->n_log) {
        *value = run.self->log[run.at_log++];
        return 1;
    }
    if ((is_step && run.is_done) || explore_is_dead())
        longjmp(run.yield, 1);
    run.is_done |= is_step;
    run.self->n_steps = (uint8_t)(run.self->n_steps + is_step);
    return 0;
}

static uint32_t record(uint32_t value)
{
    if (run.at_log >= LOG)
        explore_fault("the log is full: an operation without a bound");
    run.self->log[run.at_log++] = value;
    run.self->n_log = (uint8_t)run.at_log;
    return value;
}

static void join(view *to, const view *from)
{
    for (int i = 0; i < SLOTS; i++)
        to->left[i] = to->left[i] > from->left[i] ? to->left[i] : from->left[i];
    for (int i = 0; i < THREADS; i++)
        to->clock[i] = to->clock[i] > from->clock[i] ? to->clock[i] : from->clock[i];
}

/* What a read-modify-write takes over from the value before and leaves with the value behind. */
static view modify(const view *before, int order)
{
    view out = *before; /* the release sequence goes on */
    if (order & PUBLISH_ACQUIRE)
        join(&run.self->knows, before);
    if (order & PUBLISH_RELEASE) {
        join(&out, &run.self->knows);
        run.self->knows.clock[run.self_index]++;
    }
    return out;
}

static int weaken(int order, int mutant, int without)
{
    return run.plan->mutant == mutant ? order & ~without : order;
}

static int slot_with(const void *member, size_t offset)
{
    for (int i = 0; i < SLOTS; i++)
        if (member == (const unsigned char *)&explore_state->slots[i] + offset)
            return i;
    return -1;
}

int explore_readers_in(uint32_t slot)
{
    int n = 0;
    for (int t = 1; t <= run.plan->n_readers; t++)
        n += now.threads[t].inside == slot + 1;
    return n;
}

/* Words that only the writer uses: their order is that of the program. */
static uint32_t *own_word(const publish_word *word)
{
    int i = slot_with(word, offsetof(publish_slot, phase));
    return i >= 0 ? &now.phase[i] : word == &explore_state->writing ? &now.writing : NULL;
}

static uint32_t load_left(int slot, int order)
{
    int last = now.n_left[slot] - 1, known = run.self->knows.left[slot], i = last - run.choice;
    run.n_choices = run.plan->stale ? last - known + 1 : 1;
    if (i < known)
        i = known;
    run.self->knows.left[slot] = (uint8_t)i;
    if (weaken(order, EXPLORE_FREE_RELAXED, PUBLISH_ACQUIRE) & PUBLISH_ACQUIRE)
        join(&run.self->knows, &now.left[slot][i].with);
    return now.left[slot][i].value;
}

uint32_t explore_load(const publish_word *word, int order)
{
    uint32_t value, *own = own_word(word);
    int slot = slot_with(word, offsetof(publish_slot, left));
    if (replay(slot >= 0, &value))
        return value;
    if (slot < 0)
        return record(own ? *own : now.current.value);
    value = load_left(slot, order);
    if (run.plan->mutant == EXPLORE_ALWAYS_FREE)
        value = now.places[slot][0].value;
    if (run.plan->mutant == EXPLORE_NEVER_FREE)
        value ^= PUBLISH_TICKET;
    if (!run.plan->stale && value != now.places[slot][0].value && explore_readers_in((uint32_t)slot) == 0)
        explore_fault("a slot is lost: it serves nobody, nobody reads it, and it is not free");
    return record(value);
}

void explore_store(publish_word *word, uint32_t value)
{
    uint32_t logged;
    if (!replay(0, &logged))
        *own_word(word) = record(value);
}

static uint32_t add_left(int slot, uint32_t value, int order)
{
    message *last = &now.left[slot][now.n_left[slot] - 1];
    if (now.n_left[slot] == HISTORY)
        explore_fault("the history is full");
    last[1].value = last->value + value;
    run.self->knows.left[slot] = now.n_left[slot];
    last[1].with = modify(&last->with, weaken(order, EXPLORE_LEAVE_RELAXED, PUBLISH_RELEASE));
    if (last[1].with.left[slot] < now.n_left[slot] && (order & PUBLISH_RELEASE))
        last[1].with.left[slot] = now.n_left[slot];
    now.n_left[slot]++;
    run.self->inside = 0;
    return last->value;
}

static void enter(uint32_t before)
{
    uint32_t slot = publish_slot_of(before);
    run.self->serving = now.serving;
    run.self->inside = slot == PUBLISH_NONE ? 0 : (uint8_t)(slot + 1);
}

uint32_t explore_add(publish_word *word, uint32_t value, int order)
{
    uint32_t before;
    int slot = slot_with(word, offsetof(publish_slot, left));
    if (run.plan->mutant == EXPLORE_ENTER_IN_TWO && slot < 0) {
        if (!replay(1, &before))
            before = record(now.current.value);
        enter(before);
        uint32_t done;
        if (!replay(1, &done)) {
            now.current.value = record(before + value);
            now.current.with = modify(&now.current.with, order);
        }
        return before;
    }
    if (replay(1, &before))
        return before;
    if (slot >= 0)
        return record(add_left(slot, value, order));
    before = now.current.value;
    enter(before);
    order = weaken(order, EXPLORE_ENTER_NO_ACQUIRE, PUBLISH_ACQUIRE);
    now.current.with = modify(&now.current.with, weaken(order, EXPLORE_ENTER_NO_RELEASE, PUBLISH_RELEASE));
    now.current.value += value;
    return record(before);
}

uint32_t explore_exchange(publish_word *word, uint32_t value, int order)
{
    uint32_t before, done;
    (void)word; /* there is one */
    if (run.plan->mutant == EXPLORE_COUNT_FROM_ZERO)
        value = publish_slot_of(value);
    if (run.plan->mutant == EXPLORE_EXCHANGE_IN_TWO && !replay(1, &before))
        before = record(now.current.value);
    if (replay(1, &done))
        return run.plan->mutant == EXPLORE_EXCHANGE_IN_TWO ? before : done;
    done = now.current.value;
    order = weaken(order, EXPLORE_EXCHANGE_NO_RELEASE, PUBLISH_RELEASE);
    order = weaken(order, EXPLORE_EXCHANGE_NO_ACQUIRE, PUBLISH_ACQUIRE);
    now.current.with = modify(&now.current.with, order);
    now.current.value = value;
    now.serving = (uint32_t)now.places[publish_slot_of(value)][2].value;
    record(done);
    return run.plan->mutant == EXPLORE_EXCHANGE_IN_TWO ? before : done;
}

/* Plain memory
 * --------------------------------------------------------------------------------------------------------------------- */

static place *place_of(const void *address, int *is_payload)
{
    static const size_t members[] = {offsetof(publish_slot, entered), offsetof(publish_slot, bytes),
                                     offsetof(publish_slot, version)};
    *is_payload = 0;
    for (int i = 0; i < 3; i++)
        if (slot_with(address, members[i]) >= 0)
            return &now.places[slot_with(address, members[i])][i];
    *is_payload = 1;
    for (int i = 0; i < SLOTS; i++)
        for (int j = 0; j < PAYLOAD; j++)
            if (address == &explore_payload[i][j])
                return &now.places[i][3 + j];
    return NULL;
}

static void order_with_write(const place *p)
{
    if (p->written > run.self->knows.clock[p->writer])
        explore_fault("data race: an access is not ordered with a write before it");
}

void explore_put(void *address, size_t bytes, uint64_t value)
{
    int is_payload;
    uint32_t logged;
    place *p = place_of(address, &is_payload);
    (void)bytes;
    if (replay(p && is_payload, &logged))
        return;
    record((uint32_t)value);
    if (!p) {
        now.newest = (uint32_t)value;
        return;
    }
    if (run.plan->mutant == EXPLORE_NO_TRANSFER && slot_with(address, offsetof(publish_slot, entered)) >= 0)
        return;
    order_with_write(p);
    for (int i = 0; i < THREADS; i++)
        if (p->read[i] > run.self->knows.clock[i])
            explore_fault("data race: a write is not ordered with a read before it");
    p->value = (uint32_t)value;
    p->writer = (uint8_t)run.self_index;
    p->written = run.self->knows.clock[run.self_index];
}

uint64_t explore_get(const void *address, size_t bytes)
{
    int is_payload;
    uint32_t value;
    place *p = place_of(address, &is_payload);
    (void)bytes;
    if (replay(p && is_payload, &value))
        return value;
    if (!p)
        return record(now.newest);
    order_with_write(p);
    p->read[run.self_index] = run.self->knows.clock[run.self_index];
    return record(p->value);
}
