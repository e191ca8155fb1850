/* SPDX-License-Identifier: MIT */
/* Errors per slice in a bounded table.
 *
 * Which slices have a place: Space-Saving, Metwally, Agrawal, El Abbadi 2005, "Efficient computation of frequent and top-k
 * elements in data streams". There a newcomer inherits the count of the one that it drives out; here it inherits the rank alone
 * and counts its own records, since its share of errors must be its own. Merging: Agarwal et al. 2012, "Mergeable summaries": a
 * slice that only one side holds may have been missed by the other as often as the least rank there. Intervals of slices are exact
 * where there are few records, since with many slices some of the smallest look bad by chance; of a difference of shares Newcombe
 * 1998, "Interval estimation for the difference between independent proportions", method 10, from these; for all slices at once
 * after Bonferroni.
 *
 * Slices stand in the order of their numbers. A sliding window keeps each record and, chained from the oldest to the newest, those
 * that count for each place: what leaves the window is taken off only if it is the oldest of its place's chain. Counts are whole,
 * so nothing is left behind. A slice without a place may have had all records that count for none. Figures: slices_read.c.
 *
 * Cost: O(log slices) to record, of a slice that comes or goes O(slices). */
#include "base/fp.h"

#include <string.h>

#include "kedge/metrics/slices.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/number.h"
#include "base/object.h"
#include "metrics/handle.h"
#include "metrics/slices_state.h"

enum { SLICES_MAX = 4096, SLICES_MAX_WINDOW = 1 << 24 };

#define SLICES_TABLE(member)                                                                       \
    KEDGE_VALUE(slices_state, member.n, KEDGE_TYPE_U64), KEDGE_VALUE(slices_state, member.n_wrong, KEDGE_TYPE_U64), \
        KEDGE_VALUE(slices_state, member.n_evicted, KEDGE_TYPE_U64), KEDGE_VALUE(slices_state, member.n_slices, KEDGE_TYPE_U32)

static const kedge_field slices_fields[] = {
    KEDGE_PARAM(slices_state, confidence, KEDGE_TYPE_F64),
    KEDGE_PARAM(slices_state, over, KEDGE_TYPE_U32),
    KEDGE_PARAM(slices_state, window, KEDGE_TYPE_U32),
    KEDGE_PARAM(slices_state, max_slices, KEDGE_TYPE_U32),
    KEDGE_VALUE(slices_state, place, KEDGE_TYPE_U32),
    KEDGE_VALUE(slices_state, n_since, KEDGE_TYPE_U64),
    SLICES_TABLE(now),
    SLICES_TABLE(last),
    KEDGE_ARRAY(slices_state, now.at_places, n_words, KEDGE_TYPE_U64),
    KEDGE_ARRAY(slices_state, last.at_places, n_last_words, KEDGE_TYPE_U64),
    KEDGE_ARRAY(slices_state, at_ring, n_ring, KEDGE_TYPE_U64),
    KEDGE_ARRAY(slices_state, at_next, n_ring, KEDGE_TYPE_U32),
    KEDGE_ARRAY(slices_state, at_ends, n_ends, KEDGE_TYPE_U32),
};

static void slices_defaults(void *config)
{
    kedge_slices_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_slices;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->confidence = 0.95;
    cfg->max_slices = 256;
    cfg->over = KEDGE_OVER_ALL;
    cfg->window = 1000;
}

kedge_status kedge_slices_config_init(kedge_slices_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_slices.base, cfg, cfg_bytes, sizeof *cfg);
}

static void slices_configure(const void *config, void *fixed)
{
    const kedge_slices_config *cfg = config;
    slices_state *s = fixed;
    s->confidence = cfg->confidence;
    s->over = cfg->over;
    s->window = cfg->window;
    s->max_slices = cfg->max_slices;
}

/* Whole counts do not fade. */
static int slices_valid(const void *fixed)
{
    const slices_state *s = fixed;
    return s->confidence > 0.0 && s->confidence < 1.0 && kedge_i_u32_within(s->max_slices, 2, SLICES_MAX) &&
           (s->over == KEDGE_OVER_ALL || s->over == KEDGE_OVER_WINDOW || s->over == KEDGE_OVER_TUMBLING) &&
           kedge_i_u32_within(s->window, 1, SLICES_MAX_WINDOW);
}

static size_t slices_layout(void *fixed)
{
    slices_state *s = fixed;
    int slides = s->over == KEDGE_OVER_WINDOW;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->n_words = s->max_slices * SLICES_WORDS;
    s->n_last_words = s->over == KEDGE_OVER_TUMBLING ? s->n_words : 0;
    s->n_ring = slides ? s->window : 0;
    s->n_ends = slides ? 2 * s->max_slices : 0;
    s->now.at_places = kedge_i_arena_take(&arena, s->n_words, sizeof(uint64_t));
    s->last.at_places = kedge_i_arena_take(&arena, s->n_last_words, sizeof(uint64_t));
    s->at_ring = kedge_i_arena_take(&arena, s->n_ring, sizeof(uint64_t));
    s->at_next = kedge_i_arena_take(&arena, s->n_ring, sizeof(uint32_t));
    s->at_ends = kedge_i_arena_take(&arena, s->n_ends, sizeof(uint32_t));
    return kedge_i_arena_end(&arena);
}

static slices_place *slices_places(slices_state *s)
{
    return kedge_i_at(s, s->now.at_places);
}

void kedge_i_slices_sum(const slices_state *s, const slices_table *t, uint64_t *n, uint64_t *n_wrong)
{
    const slices_place *p = kedge_i_slices_held(s, t);
    *n = *n_wrong = 0;
    for (uint32_t i = 0; i < t->n_slices; i++) {
        *n += p[i].n;
        *n_wrong += p[i].n_wrong;
    }
}

/* Invariants ------------------------------------------------------------------------------------------------------------------- */

static int slices_are_zero(const uint64_t *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (x[i] != 0)
            return 0;
    return 1;
}

/* Ascending, none empty, all together not more than the table covers; nothing behind them. */
static int slices_places_are_sound(const slices_state *s, const slices_table *t, uint64_t *n, uint64_t *n_wrong)
{
    const slices_place *p = kedge_i_slices_held(s, t);
    *n = *n_wrong = 0;
    if (t->n_slices > s->max_slices)
        return 0;
    for (uint32_t i = 0; i < t->n_slices; i++) {
        if ((i > 0 && p[i].slice <= p[i - 1].slice) || p[i].n == 0 || p[i].n > t->n - *n || p[i].n_wrong > p[i].n)
            return 0;
        *n += p[i].n;
        *n_wrong += p[i].n_wrong;
    }
    for (uint32_t i = 0; i < t->n_slices; i++)
        if (p[i].n_missed > (s->n_ring > 0 ? s->n_ring : t->n - *n))
            return 0;
    return slices_are_zero((const uint64_t *)(p + t->n_slices), (size_t)(s->max_slices - t->n_slices) * SLICES_WORDS);
}

static int slices_table_is_sound(const slices_state *s, const slices_table *t)
{
    uint64_t n, n_wrong;
    if (t->n_wrong > t->n || !slices_places_are_sound(s, t, &n, &n_wrong) || n_wrong > t->n_wrong ||
        t->n_wrong - n_wrong > t->n - n)
        return 0;
    if (s->n_ring > 0)
        return t->n_evicted <= s->n_since && (t->n == n || t->n_evicted > 0);
    return t->n_evicted <= t->n - t->n_slices && (t->n_evicted > 0) == (t->n > n) && (t->n == n || t->n_slices == s->max_slices);
}

/* How many records came before the one at place i of the ring. */
static uint64_t slices_age(const slices_state *s, uint32_t i)
{
    if (s->n_since < s->n_ring)
        return i;
    return i >= s->place ? i - s->place : i + s->n_ring - s->place;
}

/* The chain of a place's records: as many as it counts, of its slice, ever newer ones, from end to end. */
static int slices_chain_is_sound(const slices_state *s, uint32_t i_place)
{
    const slices_place *p = &kedge_i_slices_held(s, &s->now)[i_place];
    const uint64_t *ring = kedge_i_at_const(s, s->at_ring);
    const uint32_t *next = kedge_i_at_const(s, s->at_next);
    const uint32_t *ends = (const uint32_t *)kedge_i_at_const(s, s->at_ends) + 2 * (size_t)i_place;
    uint32_t at = ends[0], newest = 0;
    uint64_t n_wrong = 0, n = 0;
    for (; n < p->n; n++) {
        if (at == 0 || at > s->now.n || ring[at - 1] != p->slice ||
            (newest > 0 && slices_age(s, at - 1) <= slices_age(s, newest - 1)))
            return 0;
        newest = at;
        n_wrong += (next[at - 1] & SLICES_WRONG) != 0;
        at = next[at - 1] & ~SLICES_WRONG;
    }
    return at == 0 && newest == ends[1] && n_wrong == p->n_wrong;
}

static int slices_ring_is_sound(const slices_state *s)
{
    const uint64_t *ring = kedge_i_at_const(s, s->at_ring);
    const uint32_t *next = kedge_i_at_const(s, s->at_next);
    const uint32_t *ends = kedge_i_at_const(s, s->at_ends);
    uint64_t n_wrong = 0;
    for (uint32_t i = 0; i < s->n_ring; i++) {
        if (i >= s->now.n && (ring[i] != 0 || next[i] != 0))
            return 0;
        n_wrong += (next[i] & SLICES_WRONG) != 0;
    }
    for (uint32_t i = 0; i < s->max_slices; i++)
        if (i < s->now.n_slices ? !slices_chain_is_sound(s, i) : ends[2 * i] != 0 || ends[2 * i + 1] != 0)
            return 0;
    return n_wrong == s->now.n_wrong;
}

static int slices_check(const void *state)
{
    const slices_state *s = state;
    if (!slices_valid(s) || s->n_since > KEDGE_I_COUNT_MAX || s->place != (s->over == KEDGE_OVER_ALL ? 0 : s->n_since % s->window))
        return 0;
    uint64_t held = s->over == KEDGE_OVER_TUMBLING ? s->place : s->n_since;
    uint64_t last = s->over == KEDGE_OVER_TUMBLING && s->n_since >= s->window ? s->window : 0;
    if (s->over == KEDGE_OVER_WINDOW && held > s->window)
        held = s->window;
    if (s->now.n != held || !slices_table_is_sound(s, &s->now) || s->last.n != last)
        return 0;
    if (s->over == KEDGE_OVER_TUMBLING ? !slices_table_is_sound(s, &s->last)
                                       : s->last.n_wrong + s->last.n_evicted + s->last.n_slices != 0)
        return 0;
    return s->over != KEDGE_OVER_WINDOW || slices_ring_is_sound(s);
}

/* The table -------------------------------------------------------------------------------------------------------------------- */

uint32_t kedge_i_slices_place(const slices_state *s, const slices_table *t, uint64_t slice)
{
    const slices_place *p = kedge_i_slices_held(s, t);
    uint32_t low = 0;
    uint32_t n = t->n_slices;
    while (n > 0) {
        uint32_t half = n / 2;
        int is_below = p[low + half].slice < slice;
        low += is_below ? half + 1 : 0;
        n = is_below ? n - half - 1 : half;
    }
    return low;
}

/* The slice of least rank. */
static uint32_t slices_least(const slices_state *s, const slices_table *t)
{
    const slices_place *p = kedge_i_slices_held(s, t);
    uint32_t least = 0;
    for (uint32_t i = 1; i < t->n_slices; i++)
        least = kedge_i_slices_rank(&p[i]) < kedge_i_slices_rank(&p[least]) ? i : least;
    return least;
}

uint64_t kedge_i_slices_unseen(const slices_state *s, const slices_table *t)
{
    uint64_t n, n_wrong;
    if (t->n_evicted == 0)
        return 0;
    if (s->over != KEDGE_OVER_WINDOW)
        return kedge_i_slices_rank(&kedge_i_slices_held(s, t)[slices_least(s, t)]);
    kedge_i_slices_sum(s, t, &n, &n_wrong);
    return t->n - n;
}

static void slices_remove(slices_state *s, uint32_t i)
{
    slices_place *p = slices_places(s);
    uint32_t *ends = kedge_i_at(s, s->at_ends);
    uint32_t n = --s->now.n_slices;
    memmove(&p[i], &p[i + 1], (n - i) * sizeof *p);
    memset(&p[n], 0, sizeof *p);
    if (s->n_ends == 0)
        return;
    memmove(&ends[2 * i], &ends[2 * i + 2], 2 * (size_t)(n - i) * sizeof *ends);
    ends[2 * n] = ends[2 * n + 1] = 0;
}

/* Returns its place, where there is room for one more. */
static uint32_t slices_insert(slices_state *s, const slices_place *one)
{
    slices_place *p = slices_places(s);
    uint32_t *ends = kedge_i_at(s, s->at_ends);
    uint32_t i = kedge_i_slices_place(s, &s->now, one->slice);
    uint32_t n = s->now.n_slices++;
    memmove(&p[i + 1], &p[i], (n - i) * sizeof *p);
    p[i] = *one;
    if (s->n_ends > 0) {
        memmove(&ends[2 * i + 2], &ends[2 * i], 2 * (size_t)(n - i) * sizeof *ends);
        ends[2 * i] = ends[2 * i + 1] = 0;
    }
    return i;
}

/* Recording -------------------------------------------------------------------------------------------------------------------- */

/* A place for a slice that has none. */
static uint32_t slices_admit(slices_state *s, uint64_t slice)
{
    slices_place one = {slice, 0, 0, 0};
    if (s->now.n_slices == s->max_slices) {
        uint32_t least = slices_least(s, &s->now);
        one.n_missed = kedge_i_slices_rank(&kedge_i_slices_held(s, &s->now)[least]);
        slices_remove(s, least);
        s->now.n_evicted++;
    }
    if (s->over == KEDGE_OVER_WINDOW)
        one.n_missed = kedge_i_slices_unseen(s, &s->now);
    return slices_insert(s, &one);
}

/* The oldest record leaves the window: off its place's count if it counts there. */
static void slices_expire(slices_state *s)
{
    uint64_t slice = ((const uint64_t *)kedge_i_at(s, s->at_ring))[s->place];
    uint32_t link = ((const uint32_t *)kedge_i_at(s, s->at_next))[s->place];
    uint32_t *ends = kedge_i_at(s, s->at_ends);
    uint32_t i = kedge_i_slices_place(s, &s->now, slice);
    uint64_t wrong = (link & SLICES_WRONG) != 0;
    s->now.n--;
    s->now.n_wrong -= wrong;
    if (!kedge_i_slices_has(s, &s->now, i, slice))
        return;
    slices_place *p = &slices_places(s)[i];
    if (ends[2 * i] != s->place + 1) {
        p->n_missed -= p->n_missed > 0;
        return;
    }
    ends[2 * i] = link & ~SLICES_WRONG;
    p->n_wrong -= wrong;
    if (--p->n == 0)
        slices_remove(s, i);
}

/* The newest record of place i into the ring. */
static void slices_chain(slices_state *s, uint32_t i, uint64_t slice, int wrong)
{
    uint32_t *next = kedge_i_at(s, s->at_next);
    uint32_t *ends = (uint32_t *)kedge_i_at(s, s->at_ends) + 2 * (size_t)i;
    ((uint64_t *)kedge_i_at(s, s->at_ring))[s->place] = slice;
    next[s->place] = wrong ? SLICES_WRONG : 0;
    if (ends[1] > 0)
        next[ends[1] - 1] |= s->place + 1;
    else
        ends[0] = s->place + 1;
    ends[1] = s->place + 1;
}

/* The window is full: the next one begins. */
static void slices_tumble(slices_state *s)
{
    uint32_t at_places = s->last.at_places;
    memcpy(kedge_i_at(s, at_places), slices_places(s), s->n_words * sizeof(uint64_t));
    memset(slices_places(s), 0, s->n_words * sizeof(uint64_t));
    s->last = s->now;
    s->last.at_places = at_places;
    s->now.n = s->now.n_wrong = s->now.n_evicted = 0;
    s->now.n_slices = 0;
}

static void slices_take(slices_state *s, uint64_t slice, int wrong)
{
    if (s->over == KEDGE_OVER_WINDOW && s->now.n == s->n_ring)
        slices_expire(s);
    uint32_t i = kedge_i_slices_place(s, &s->now, slice);
    if (!kedge_i_slices_has(s, &s->now, i, slice))
        i = slices_admit(s, slice);
    slices_places(s)[i].n++;
    slices_places(s)[i].n_wrong += wrong != 0;
    s->now.n++;
    s->now.n_wrong += wrong != 0;
    s->n_since++;
    if (s->over == KEDGE_OVER_ALL)
        return;
    if (s->over == KEDGE_OVER_WINDOW)
        slices_chain(s, i, slice, wrong);
    if (++s->place < s->window)
        return;
    s->place = 0;
    if (s->over == KEDGE_OVER_TUMBLING)
        slices_tumble(s);
}

kedge_status kedge_slices_record(kedge_metric *m, uint64_t slice, int wrong)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_slices));
    slices_state *s = m->state;
    if (s->n_since == KEDGE_I_COUNT_MAX)
        return KEDGE_ERR_RANGE;
    slices_take(s, slice, wrong);
    return KEDGE_OK;
}

kedge_status kedge_slices_record_many(kedge_metric *m, const uint64_t *slices, const uint8_t *wrong, size_t n)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_slices));
    if (n > 0 && (!slices || !wrong))
        return KEDGE_ERR_NULL;
    slices_state *s = m->state;
    if (n > KEDGE_I_COUNT_MAX - s->n_since)
        return KEDGE_ERR_RANGE;
    for (size_t i = 0; i < n; i++)
        slices_take(s, slices[i], wrong[i]);
    return KEDGE_OK;
}

/* Merging ---------------------------------------------------------------------------------------------------------------------- */

static int slices_alike(const void *state, const void *other)
{
    const slices_state *a = state;
    const slices_state *b = other;
    return a->confidence == b->confidence && a->max_slices == b->max_slices && a->over == b->over;
}

/* A slice of the other table that this one does not hold. Its records stay among the others if all here have a higher rank. */
static void slices_join(slices_state *a, const slices_place *one)
{
    if (a->now.n_slices == a->max_slices) {
        uint32_t least = slices_least(a, &a->now);
        a->now.n_evicted++;
        if (kedge_i_slices_rank(one) <= kedge_i_slices_rank(&slices_places(a)[least]))
            return;
        slices_remove(a, least);
    }
    (void)slices_insert(a, one);
}

static kedge_status slices_merge(void *state, const void *other)
{
    slices_state *a = state;
    const slices_state *b = other;
    slices_place *p = slices_places(a);
    const slices_place *others = kedge_i_slices_held(b, &b->now);
    uint64_t unseen_a = kedge_i_slices_unseen(a, &a->now), unseen_b = kedge_i_slices_unseen(b, &b->now), n, n_wrong;
    if (a->over != KEDGE_OVER_ALL)
        return KEDGE_ERR_UNSUPPORTED;
    if (b->n_since > KEDGE_I_COUNT_MAX - a->n_since)
        return KEDGE_ERR_RANGE;
    for (uint32_t i = 0; i < a->now.n_slices; i++) {
        uint32_t k = kedge_i_slices_place(b, &b->now, p[i].slice);
        const slices_place *q = &others[k];
        int both = kedge_i_slices_has(b, &b->now, k, p[i].slice);
        p[i].n_missed += both ? q->n_missed : unseen_b;
        p[i].n += both ? q->n : 0;
        p[i].n_wrong += both ? q->n_wrong : 0;
    }
    a->n_since += b->n_since;
    a->now.n += b->now.n;
    a->now.n_wrong += b->now.n_wrong;
    a->now.n_evicted += b->now.n_evicted;
    for (uint32_t k = 0; k < b->now.n_slices; k++) {
        slices_place one = others[k];
        one.n_missed += unseen_a;
        if (!kedge_i_slices_has(a, &a->now, kedge_i_slices_place(a, &a->now, one.slice), one.slice))
            slices_join(a, &one);
    }
    kedge_i_slices_sum(a, &a->now, &n, &n_wrong);
    for (uint32_t i = 0; i < a->now.n_slices; i++) /* what was missed is among the others */
        p[i].n_missed = p[i].n_missed < a->now.n - n ? p[i].n_missed : a->now.n - n;
    return KEDGE_OK;
}

const kedge_metric_class kedge_slices = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_METRIC,
            .version = 1,
            .name = "slices",
            .fixed_bytes = sizeof(slices_state),
            .config_bytes = sizeof(kedge_slices_config),
            .n_fields = sizeof slices_fields / sizeof *slices_fields,
            .fields = slices_fields,
            .defaults = slices_defaults,
            .configure = slices_configure,
            .valid = slices_valid,
            .layout = slices_layout,
            .check = slices_check,
        },
    .alike = slices_alike,
    .merge = slices_merge,
};
