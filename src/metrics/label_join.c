/* SPDX-License-Identifier: MIT */
/* Predictions that wait for their label: entries in a list by age, found through a hash table.
 *
 * Open addressing with linear probing, at most half full; an entry that leaves is closed up behind, so there are no tombstones
 * and the table never has to be built anew (Knuth 1998, volume 3, section 6.4, algorithm R). As time never goes back the list is
 * in order of time, so what expires next is its head. All links are numbers of entries plus 1, 0 where there is none. Cost:
 * O(1). */
#include "base/fp.h"

#include <string.h>

#include "kedge/metrics/joiner.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/number.h"
#include "base/object.h"
#include "metrics/handle.h"

enum { JOIN_MAX_CAPACITY = 1 << 24 };

#define JOIN_FREE UINT32_MAX /* older[] of an entry that is free */

typedef struct join_state {
    kedge_state_head head;
    uint64_t max_age;
    uint32_t capacity;
    uint32_t n_slots;      /* layout: of the table, a power of two, at least 2 capacity */
    uint32_t at_ids;       /* layout: uint64_t[capacity] */
    uint32_t at_times;     /* layout: uint64_t[capacity] */
    uint32_t at_predicted; /* layout: double[capacity] */
    uint32_t at_scores;    /* layout: double[capacity] */
    uint32_t at_weights;   /* layout: double[capacity] */
    uint32_t at_older;     /* layout: uint32_t[capacity]: the entry before, JOIN_FREE */
    uint32_t at_newer;     /* layout: uint32_t[capacity]: the entry behind, or the next free one */
    uint32_t at_table;     /* layout: uint32_t[n_slots]: entries, each at or behind where its id belongs, with no gap between */
    uint32_t oldest;
    uint32_t newest;
    uint32_t free;
    uint32_t n_waiting;
    uint64_t now; /* the last time that was told */
    uint64_t n_joined;
    uint64_t n_expired;
    uint64_t n_evicted;
    uint64_t delay_max;
    double delay_mean;
} join_state;

static const kedge_field join_fields[] = {
    KEDGE_PARAM(join_state, max_age, KEDGE_TYPE_U64),
    KEDGE_PARAM(join_state, capacity, KEDGE_TYPE_U32),
    KEDGE_VALUE(join_state, oldest, KEDGE_TYPE_U32),
    KEDGE_VALUE(join_state, newest, KEDGE_TYPE_U32),
    KEDGE_VALUE(join_state, free, KEDGE_TYPE_U32),
    KEDGE_VALUE(join_state, n_waiting, KEDGE_TYPE_U32),
    KEDGE_VALUE(join_state, now, KEDGE_TYPE_U64),
    KEDGE_VALUE(join_state, n_joined, KEDGE_TYPE_U64),
    KEDGE_VALUE(join_state, n_expired, KEDGE_TYPE_U64),
    KEDGE_VALUE(join_state, n_evicted, KEDGE_TYPE_U64),
    KEDGE_VALUE(join_state, delay_max, KEDGE_TYPE_U64),
    KEDGE_VALUE(join_state, delay_mean, KEDGE_TYPE_F64),
    KEDGE_ARRAY(join_state, at_ids, capacity, KEDGE_TYPE_U64),
    KEDGE_ARRAY(join_state, at_times, capacity, KEDGE_TYPE_U64),
    KEDGE_ARRAY(join_state, at_predicted, capacity, KEDGE_TYPE_F64),
    KEDGE_ARRAY(join_state, at_scores, capacity, KEDGE_TYPE_F64),
    KEDGE_ARRAY(join_state, at_weights, capacity, KEDGE_TYPE_F64),
    KEDGE_ARRAY(join_state, at_older, capacity, KEDGE_TYPE_U32),
    KEDGE_ARRAY(join_state, at_newer, capacity, KEDGE_TYPE_U32),
    KEDGE_ARRAY(join_state, at_table, n_slots, KEDGE_TYPE_U32),
};

static void join_defaults(void *config)
{
    kedge_joiner_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_joiner;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->max_age = KEDGE_I_COUNT_MAX;
    cfg->capacity = 10000;
}

kedge_status kedge_joiner_config_init(kedge_joiner_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_joiner.base, cfg, cfg_bytes, sizeof *cfg);
}

static void join_configure(const void *config, void *fixed)
{
    const kedge_joiner_config *cfg = config;
    join_state *s = fixed;
    s->max_age = cfg->max_age;
    s->capacity = cfg->capacity;
}

static int join_valid(const void *fixed)
{
    const join_state *s = fixed;
    return s->max_age > 0 && s->max_age <= KEDGE_I_COUNT_MAX && kedge_i_u32_within(s->capacity, 1, JOIN_MAX_CAPACITY);
}

static size_t join_layout(void *fixed)
{
    join_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->n_slots = (uint32_t)2 << kedge_i_log2(2 * (uint64_t)s->capacity - 1);
    s->at_ids = kedge_i_arena_take(&arena, s->capacity, sizeof(uint64_t));
    s->at_times = kedge_i_arena_take(&arena, s->capacity, sizeof(uint64_t));
    s->at_predicted = kedge_i_arena_take(&arena, s->capacity, sizeof(double));
    s->at_scores = kedge_i_arena_take(&arena, s->capacity, sizeof(double));
    s->at_weights = kedge_i_arena_take(&arena, s->capacity, sizeof(double));
    s->at_older = kedge_i_arena_take(&arena, s->capacity, sizeof(uint32_t));
    s->at_newer = kedge_i_arena_take(&arena, s->capacity, sizeof(uint32_t));
    s->at_table = kedge_i_arena_take(&arena, s->n_slots, sizeof(uint32_t));
    return kedge_i_arena_end(&arena);
}

static void join_start(void *state)
{
    join_state *s = state;
    uint32_t *older = kedge_i_at(s, s->at_older);
    uint32_t *newer = kedge_i_at(s, s->at_newer);
    for (uint32_t i = 0; i < s->capacity; i++) {
        older[i] = JOIN_FREE;
        newer[i] = i + 1 < s->capacity ? i + 2 : 0;
    }
    s->free = 1;
}

/* The table ---------------------------------------------------------------------------------------------------------------- */

static inline uint32_t join_home(const join_state *s, uint64_t id)
{
    kedge_rng mixer = {id};
    return (uint32_t)kedge_rng_next(&mixer) & (s->n_slots - 1);
}

/* The slot of an id, or the empty one where it would go: there always is one. */
static uint32_t join_slot(const join_state *s, uint64_t id)
{
    const uint64_t *ids = kedge_i_at_const(s, s->at_ids);
    const uint32_t *table = kedge_i_at_const(s, s->at_table);
    uint32_t slot = join_home(s, id);
    while (table[slot] != 0 && ids[table[slot] - 1] != id)
        slot = (slot + 1) & (s->n_slots - 1);
    return slot;
}

static uint32_t join_entry(const join_state *s, uint64_t id)
{
    const uint32_t *table = kedge_i_at_const(s, s->at_table);
    return table[join_slot(s, id)];
}

/* Algorithm R: whatever the gap would cut off from where it belongs moves into it. */
static void join_close(join_state *s, uint32_t gap)
{
    const uint64_t *ids = kedge_i_at_const(s, s->at_ids);
    uint32_t *table = kedge_i_at(s, s->at_table);
    uint32_t mask = s->n_slots - 1;
    for (uint32_t slot = (gap + 1) & mask; table[slot] != 0; slot = (slot + 1) & mask) {
        uint32_t way = (slot - join_home(s, ids[table[slot] - 1])) & mask;
        if (way >= ((slot - gap) & mask)) {
            table[gap] = table[slot];
            gap = slot;
        }
    }
    table[gap] = 0;
}

/* The list ----------------------------------------------------------------------------------------------------------------- */

static void join_remove(join_state *s, uint32_t entry)
{
    const uint64_t *ids = kedge_i_at_const(s, s->at_ids);
    uint32_t *older = kedge_i_at(s, s->at_older);
    uint32_t *newer = kedge_i_at(s, s->at_newer);
    uint32_t before = older[entry - 1], behind = newer[entry - 1];
    join_close(s, join_slot(s, ids[entry - 1]));
    *(before ? &newer[before - 1] : &s->oldest) = behind;
    *(behind ? &older[behind - 1] : &s->newest) = before;
    older[entry - 1] = JOIN_FREE;
    newer[entry - 1] = s->free;
    s->free = entry;
    s->n_waiting--;
}

static inline int join_is_old(const join_state *s, uint32_t entry, uint64_t now)
{
    const uint64_t *times = kedge_i_at_const(s, s->at_times);
    return now - times[entry - 1] > s->max_age;
}

static void join_advance(join_state *s, uint64_t now)
{
    s->now = now;
    while (s->oldest && join_is_old(s, s->oldest, now)) {
        join_remove(s, s->oldest);
        s->n_expired++;
    }
}

static kedge_status join_time(const join_state *s, uint64_t now)
{
    return now >= s->now && now <= KEDGE_I_COUNT_MAX ? KEDGE_OK : KEDGE_ERR_RANGE;
}

/* All that was ever added. */
static uint64_t join_added(const join_state *s)
{
    return s->n_joined + s->n_expired + s->n_evicted + s->n_waiting;
}

static kedge_status join_admits(const join_state *s, const kedge_prediction *p)
{
    if (!kedge_i_finite(p->predicted) || !kedge_i_finite(p->score))
        return KEDGE_ERR_NOT_FINITE;
    if (!kedge_i_within(p->weight, 0.0, KEDGE_I_RECORD_WEIGHT_MAX))
        return kedge_i_refusal(p->weight);
    KEDGE_TRY(join_time(s, p->made_at));
    if (join_added(s) >= KEDGE_I_COUNT_MAX)
        return KEDGE_ERR_RANGE;
    uint32_t twin = join_entry(s, p->id);
    return twin && !join_is_old(s, twin, p->made_at) ? KEDGE_ERR_STATE : KEDGE_OK;
}

static kedge_status join_keep(join_state *s, const kedge_prediction *p)
{
    KEDGE_TRY(join_admits(s, p));
    join_advance(s, p->made_at);
    if (s->n_waiting == s->capacity) {
        join_remove(s, s->oldest);
        s->n_evicted++;
    }
    uint32_t *older = kedge_i_at(s, s->at_older);
    uint32_t *newer = kedge_i_at(s, s->at_newer);
    uint32_t entry = s->free, i = entry - 1;
    ((uint32_t *)kedge_i_at(s, s->at_table))[join_slot(s, p->id)] = entry;
    s->free = newer[i];
    ((uint64_t *)kedge_i_at(s, s->at_ids))[i] = p->id;
    ((uint64_t *)kedge_i_at(s, s->at_times))[i] = p->made_at;
    ((double *)kedge_i_at(s, s->at_predicted))[i] = p->predicted;
    ((double *)kedge_i_at(s, s->at_scores))[i] = p->score;
    ((double *)kedge_i_at(s, s->at_weights))[i] = p->weight;
    older[i] = s->newest;
    newer[i] = 0;
    *(s->newest ? &newer[s->newest - 1] : &s->oldest) = entry;
    s->newest = entry;
    s->n_waiting++;
    return KEDGE_OK;
}

kedge_status kedge_joiner_add(kedge_metric *m, const kedge_prediction *p)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_joiner));
    return p ? join_keep(m->state, p) : KEDGE_ERR_NULL;
}

kedge_status kedge_joiner_add_many(kedge_metric *m, const kedge_prediction *p, size_t n, size_t *used)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_joiner));
    if (!used || (n > 0 && !p))
        return KEDGE_ERR_NULL;
    kedge_status st = KEDGE_OK;
    for (*used = 0; *used < n; ++*used) {
        st = join_keep(m->state, &p[*used]);
        if (st < 0)
            break;
    }
    return st;
}

static void join_copy(const join_state *s, uint32_t entry, kedge_prediction *out)
{
    uint32_t i = entry - 1;
    out->id = ((const uint64_t *)kedge_i_at_const(s, s->at_ids))[i];
    out->made_at = ((const uint64_t *)kedge_i_at_const(s, s->at_times))[i];
    out->predicted = ((const double *)kedge_i_at_const(s, s->at_predicted))[i];
    out->score = ((const double *)kedge_i_at_const(s, s->at_scores))[i];
    out->weight = ((const double *)kedge_i_at_const(s, s->at_weights))[i];
}

static kedge_status join_pair(join_state *s, uint64_t id, uint64_t now, double truth, kedge_joined *out)
{
    kedge_prediction p;
    if (!kedge_i_finite(truth))
        return KEDGE_ERR_NOT_FINITE;
    KEDGE_TRY(join_time(s, now));
    uint32_t entry = join_entry(s, id);
    if (!entry || join_is_old(s, entry, now))
        return KEDGE_ERR_UNKNOWN;
    join_copy(s, entry, &p);
    join_remove(s, entry);
    join_advance(s, now);
    out->id = id;
    out->made_at = p.made_at;
    out->delay = now - p.made_at;
    out->predicted = p.predicted;
    out->score = p.score;
    out->weight = p.weight;
    out->truth = truth;
    s->n_joined++;
    s->delay_mean += ((double)out->delay - s->delay_mean) / (double)s->n_joined;
    s->delay_max = out->delay > s->delay_max ? out->delay : s->delay_max;
    return KEDGE_OK;
}

kedge_status kedge_joiner_join(kedge_metric *m, uint64_t id, uint64_t now, double truth, kedge_joined *out)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_joiner));
    return out ? join_pair(m->state, id, now, truth, out) : KEDGE_ERR_NULL;
}

kedge_status kedge_joiner_join_many(kedge_metric *m, const uint64_t *ids, const double *truth, size_t n, uint64_t now,
                                    kedge_joined *out, size_t *n_out, size_t *used)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_joiner));
    if (!n_out || !used || (n > 0 && (!ids || !truth || !out)))
        return KEDGE_ERR_NULL;
    *n_out = 0;
    for (*used = 0; *used < n; ++*used) {
        kedge_status st = join_pair(m->state, ids[*used], now, truth[*used], &out[*n_out]);
        if (st < 0 && st != KEDGE_ERR_UNKNOWN)
            return st;
        *n_out += st >= 0;
    }
    return KEDGE_OK;
}

kedge_status kedge_joiner_expire(kedge_metric *m, uint64_t now)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_joiner));
    KEDGE_TRY(join_time(m->state, now));
    join_advance(m->state, now);
    return KEDGE_OK;
}

/* Reading ------------------------------------------------------------------------------------------------------------------ */

kedge_status kedge_joiner_find(const kedge_metric *m, uint64_t id, kedge_prediction *out)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_joiner));
    if (!out)
        return KEDGE_ERR_NULL;
    uint32_t entry = join_entry(m->state, id);
    if (!entry)
        return KEDGE_ERR_UNKNOWN;
    join_copy(m->state, entry, out);
    return KEDGE_OK;
}

kedge_status kedge_joiner_oldest(const kedge_metric *m, kedge_prediction *out)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_joiner));
    if (!out)
        return KEDGE_ERR_NULL;
    const join_state *s = m->state;
    if (!s->oldest)
        return KEDGE_EMPTY;
    join_copy(s, s->oldest, out);
    return KEDGE_OK;
}

kedge_status kedge_joiner_read(const kedge_metric *m, kedge_joiner_report *out)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_joiner));
    if (!out)
        return KEDGE_ERR_NULL;
    const join_state *s = m->state;
    const uint64_t *times = kedge_i_at_const(s, s->at_times);
    out->n_added = join_added(s);
    out->n_joined = s->n_joined;
    out->n_expired = s->n_expired;
    out->n_evicted = s->n_evicted;
    out->n_waiting = s->n_waiting;
    out->oldest_at = s->oldest ? times[s->oldest - 1] : 0;
    out->delay_max = s->delay_max;
    out->delay_mean = s->n_joined > 0 ? s->delay_mean : (double)NAN;
    return s->n_joined > 0 ? KEDGE_OK : KEDGE_EMPTY;
}

/* Check -------------------------------------------------------------------------------------------------------------------- */

/* A list that ends after as many steps as it should has no entry twice. */
static int join_list_is_sound(const join_state *s)
{
    const uint64_t *times = kedge_i_at_const(s, s->at_times);
    const uint32_t *older = kedge_i_at_const(s, s->at_older);
    const uint32_t *newer = kedge_i_at_const(s, s->at_newer);
    uint32_t entry = s->oldest, before = 0;
    for (uint32_t i = 0; i < s->n_waiting; i++) {
        if (entry == 0 || entry > s->capacity || older[entry - 1] != before)
            return 0;
        if (times[entry - 1] > s->now || (before && times[entry - 1] < times[before - 1]))
            return 0;
        before = entry;
        entry = newer[entry - 1];
    }
    if (entry != 0 || before != s->newest)
        return 0;
    entry = s->free;
    for (uint32_t i = s->n_waiting; i < s->capacity; i++) {
        if (entry == 0 || entry > s->capacity || older[entry - 1] != JOIN_FREE)
            return 0;
        entry = newer[entry - 1];
    }
    return entry == 0;
}

/* As many slots are used as entries wait, and each of these is found. */
static int join_table_is_sound(const join_state *s)
{
    const uint64_t *ids = kedge_i_at_const(s, s->at_ids);
    const uint32_t *newer = kedge_i_at_const(s, s->at_newer);
    const uint32_t *table = kedge_i_at_const(s, s->at_table);
    uint32_t n_used = 0;
    for (uint32_t i = 0; i < s->n_slots; i++) {
        if (table[i] > s->capacity)
            return 0;
        n_used += table[i] != 0;
    }
    if (n_used != s->n_waiting)
        return 0;
    for (uint32_t entry = s->oldest; entry; entry = newer[entry - 1])
        if (join_entry(s, ids[entry - 1]) != entry)
            return 0;
    return 1;
}

static int join_values_are_sound(const join_state *s)
{
    const double *predicted = kedge_i_at_const(s, s->at_predicted);
    const double *scores = kedge_i_at_const(s, s->at_scores);
    const double *weights = kedge_i_at_const(s, s->at_weights);
    for (uint32_t i = 0; i < s->capacity; i++)
        if (!kedge_i_finite(predicted[i]) || !kedge_i_finite(scores[i]) ||
            !kedge_i_within(weights[i], 0.0, KEDGE_I_RECORD_WEIGHT_MAX))
            return 0;
    return 1;
}

static int join_check(const void *state)
{
    const join_state *s = state;
    if (!join_valid(s) || s->now > KEDGE_I_COUNT_MAX || s->n_waiting > s->capacity)
        return 0;
    if (s->n_joined > KEDGE_I_COUNT_MAX || s->n_expired > KEDGE_I_COUNT_MAX || s->n_evicted > KEDGE_I_COUNT_MAX ||
        join_added(s) > KEDGE_I_COUNT_MAX)
        return 0;
    if (s->delay_max > s->now || !kedge_i_within(s->delay_mean, 0.0, (double)KEDGE_I_COUNT_MAX))
        return 0;
    if (s->n_joined == 0 && (s->delay_max != 0 || s->delay_mean != 0.0))
        return 0;
    return join_list_is_sound(s) && join_table_is_sound(s) && join_values_are_sound(s);
}

const kedge_metric_class kedge_joiner = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_METRIC,
            .version = 1,
            .name = "joiner",
            .fixed_bytes = sizeof(join_state),
            .config_bytes = sizeof(kedge_joiner_config),
            .n_fields = sizeof join_fields / sizeof *join_fields,
            .fields = join_fields,
            .defaults = join_defaults,
            .configure = join_configure,
            .valid = join_valid,
            .layout = join_layout,
            .start = join_start,
            .check = join_check,
        },
};
