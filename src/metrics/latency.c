/* SPDX-License-Identifier: MIT */
/* Latency: a histogram whose buckets are as wide as the precision asks for, over the whole range.
 *
 * The layout is that of HdrHistogram (Tene 2012): 2^bits buckets of 2^unit values each, unit being floor(log2 lowest), then each
 * further power of two is divided into 2^(bits - 1) equal buckets, so a bucket is at most 2^(1 - bits) of its values wide. bits is
 * the least with 2^(1 - bits) <= 10^-digits, and a quantile is the upper end of its bucket: right to `digits` digits. One bucket
 * more holds what is above `highest`. The sum has 128 bits, so that the mean is that of the values and merging loses nothing.
 *
 * Over a window there is such a histogram for each slot, one for the ended slots together that are in the window, and one for all
 * ended slots: recording touches that of now alone, and reading adds two.
 *
 * Cost: O(1) to record, a count of leading zeros and a shift; O(buckets) to read, and for each slot that passes. */
#include "base/fp.h"

#include <stddef.h>
#include <string.h>

#include "kedge/metrics/latency.h"

#include "base/check.h"
#include "base/object.h"
#include "metrics/handle.h"
#include "metrics/latency_state.h"

enum { LATENCY_MAX_SLOTS = 1 << 16 };

static const kedge_field latency_fields[] = {
    KEDGE_PARAM(latency_state, scale.lowest, KEDGE_TYPE_U64),
    KEDGE_PARAM(latency_state, scale.highest, KEDGE_TYPE_U64),
    KEDGE_PARAM(latency_state, scale.digits, KEDGE_TYPE_U32),
    KEDGE_PARAM(latency_state, window_ns, KEDGE_TYPE_U64),
    KEDGE_PARAM(latency_state, over, KEDGE_TYPE_U32),
    KEDGE_PARAM(latency_state, n_slots, KEDGE_TYPE_U32),
    KEDGE_VALUE(latency_state, place, KEDGE_TYPE_U32),
    KEDGE_VALUE(latency_state, started, KEDGE_TYPE_U32),
    KEDGE_VALUE(latency_state, last_ns, KEDGE_TYPE_U64),
    KEDGE_VALUE(latency_state, n, KEDGE_TYPE_U64),
    KEDGE_VALUE(latency_state, now.n, KEDGE_TYPE_U64),
    KEDGE_VALUE(latency_state, now.min, KEDGE_TYPE_U64),
    KEDGE_VALUE(latency_state, now.max, KEDGE_TYPE_U64),
    KEDGE_VALUE(latency_state, now.sum_high, KEDGE_TYPE_U64),
    KEDGE_VALUE(latency_state, now.sum_low, KEDGE_TYPE_U64),
    KEDGE_ARRAY(latency_state, at_counts, n_counts, KEDGE_TYPE_U64),
    KEDGE_ARRAY(latency_state, at_tallies, n_tallies, KEDGE_TYPE_U64),
};

static void latency_defaults(void *config)
{
    kedge_latency_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_latency;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->highest = 3600000000000u;
    cfg->digits = 2;
    cfg->over = KEDGE_OVER_ALL;
    cfg->lowest = 1;
    cfg->window_ns = 60000000000u;
    cfg->n_slots = 60;
}

kedge_status kedge_latency_config_init(kedge_latency_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_latency.base, cfg, cfg_bytes, offsetof(kedge_latency_config, lowest));
}

static void latency_configure(const void *config, void *fixed)
{
    const kedge_latency_config *cfg = config;
    latency_state *s = fixed;
    s->scale.lowest = cfg->lowest;
    s->scale.highest = cfg->highest;
    s->scale.digits = cfg->digits;
    s->over = cfg->over;
    s->window_ns = cfg->window_ns;
    s->n_slots = cfg->n_slots;
}

static int latency_valid(const void *fixed)
{
    const latency_state *s = fixed;
    if (!kedge_i_latency_scale_valid(&s->scale) || (s->over != KEDGE_OVER_ALL && s->over != KEDGE_OVER_WINDOW))
        return 0;
    return kedge_i_u32_within(s->n_slots, 1, LATENCY_MAX_SLOTS) && s->window_ns >= s->n_slots && s->window_ns <= KEDGE_I_COUNT_MAX;
}

static size_t latency_layout(void *fixed)
{
    latency_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    int slides = s->over == KEDGE_OVER_WINDOW;
    kedge_i_latency_scale_layout(&s->scale);
    s->slot_ns = (s->window_ns - 1) / s->n_slots + 1;
    s->n_counts = kedge_i_length(s->scale.n, slides ? s->n_slots + 2 : 1);
    s->n_tallies = slides ? LATENCY_TALLY * (s->n_slots + 1) : 0;
    s->at_counts = kedge_i_arena_take(&arena, s->n_counts, sizeof(uint64_t));
    s->at_tallies = kedge_i_arena_take(&arena, s->n_tallies, sizeof(uint64_t));
    return kedge_i_arena_end(&arena);
}

static latency_tally *latency_tallies(latency_state *s)
{
    return kedge_i_at(s, s->at_tallies);
}

static const latency_tally *latency_tallies_of(const latency_state *s)
{
    return kedge_i_at_const(s, s->at_tallies);
}

static void latency_start(void *state)
{
    latency_state *s = state;
    s->now = kedge_i_latency_nothing();
    for (uint32_t i = 0; i < s->n_tallies / LATENCY_TALLY; i++)
        latency_tallies(s)[i] = kedge_i_latency_nothing();
}

latency_view kedge_i_latency_view(const latency_state *s, int life)
{
    latency_view v = {&s->scale, kedge_i_latency_counts_of(s, s->place), NULL, s->now};
    if (s->over == KEDGE_OVER_ALL)
        return v;
    v.ended = kedge_i_latency_counts_of(s, s->n_slots + (life ? 1 : 0));
    if (life)
        kedge_i_latency_join(&v.tally, &latency_tallies_of(s)[s->n_slots]);
    for (uint32_t i = 0; i < s->n_slots && !life; i++)
        kedge_i_latency_join(&v.tally, &latency_tallies_of(s)[i]);
    return v;
}

/* Checking --------------------------------------------------------------------------------------------------------------------- */

/* Counts add up to n without running over, and are 0 outside of the buckets of the extremes, where they are not. The sum lies
 * between n times each extreme. */
static int latency_tally_is_sound(const latency_scale *scale, const latency_tally *t, const uint64_t *counts)
{
    uint64_t n = 0;
    uint32_t first = kedge_i_latency_bucket(scale, t->min), last = kedge_i_latency_bucket(scale, t->max);
    if (t->n > KEDGE_I_COUNT_MAX || (t->n > 0 && (t->min > t->max || counts[first] == 0 || counts[last] == 0)))
        return 0;
    for (uint32_t i = 0; i < scale->n; i++) {
        if (counts[i] > t->n - n || (counts[i] != 0 && (i < first || i > last)))
            return 0;
        n += counts[i];
    }
    if (n != t->n)
        return 0;
    if (n == 0)
        return t->min == UINT64_MAX && t->max == 0 && t->sum_high == 0 && t->sum_low == 0;
    double sum = kedge_i_wide_value(t->sum_high, t->sum_low);
    return kedge_i_within(sum, (double)n * (double)t->min * (1.0 - 1e-12), (double)n * (double)t->max * (1.0 + 1e-12));
}

/* Every slot and all ended ones are sound, and the ended ones in the window add up to what is kept of them. */
static int latency_slots_are_sound(const latency_state *s)
{
    const latency_tally *tallies = latency_tallies_of(s), *ended = &tallies[s->n_slots], nothing = kedge_i_latency_nothing();
    const uint64_t *window = kedge_i_latency_counts_of(s, s->n_slots), *life = kedge_i_latency_counts_of(s, s->n_slots + 1);
    if (ended->n > s->n || ended->n + s->now.n != s->n || memcmp(&tallies[s->place], &nothing, sizeof nothing) != 0 ||
        !latency_tally_is_sound(&s->scale, ended, life))
        return 0;
    for (uint32_t i = 0; i < s->n_slots; i++)
        if (i != s->place && !latency_tally_is_sound(&s->scale, &tallies[i], kedge_i_latency_counts_of(s, i)))
            return 0;
    for (uint32_t b = 0; b < s->scale.n; b++) {
        uint64_t n = 0;
        for (uint32_t i = 0; i < s->n_slots; i++) {
            uint64_t more = i != s->place ? kedge_i_latency_counts_of(s, i)[b] : 0;
            if (more > life[b] - n)
                return 0;
            n += more;
        }
        if (n != window[b])
            return 0;
    }
    return 1;
}

static int latency_check(const void *state)
{
    const latency_state *s = state;
    int slides = s->over == KEDGE_OVER_WINDOW;
    if (!latency_valid(s) || s->started > 1 || s->n > KEDGE_I_COUNT_MAX || (!s->started && s->last_ns != 0))
        return 0;
    if (slides ? s->place >= s->n_slots : s->place != 0 || s->started)
        return 0;
    if (!latency_tally_is_sound(&s->scale, &s->now, kedge_i_latency_counts_of(s, s->place)))
        return 0;
    return slides ? latency_slots_are_sound(s) : s->now.n == s->n;
}

/* Recording -------------------------------------------------------------------------------------------------------------------- */

/* By branches where hardly a value needs the store. */
static inline void latency_take(latency_state *s, uint64_t *counts, uint64_t ns)
{
    counts[kedge_i_latency_bucket(&s->scale, ns)]++;
    s->n++;
    s->now.n++;
    if (ns < s->now.min)
        s->now.min = ns;
    if (ns > s->now.max)
        s->now.max = ns;
    s->now.sum_low += ns;
    if (s->now.sum_low < ns)
        s->now.sum_high++;
}

kedge_status kedge_latency_record(kedge_metric *m, uint64_t ns)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_latency));
    latency_state *s = m->state;
    if (s->n >= KEDGE_I_COUNT_MAX)
        return KEDGE_ERR_RANGE;
    latency_take(s, kedge_i_latency_counts(s, s->place), ns);
    return KEDGE_OK;
}

kedge_status kedge_latency_record_many(kedge_metric *m, const uint64_t *ns, size_t n)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_latency));
    latency_state *s = m->state;
    if (!ns && n > 0)
        return KEDGE_ERR_NULL;
    if (n > KEDGE_I_COUNT_MAX - s->n)
        return KEDGE_ERR_RANGE;
    uint64_t *counts = kedge_i_latency_counts(s, s->place);
    for (size_t i = 0; i < n; i++)
        latency_take(s, counts, ns[i]);
    return KEDGE_OK;
}

kedge_status kedge_latency_record_times(kedge_metric *m, uint64_t ns, uint64_t n)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_latency));
    latency_state *s = m->state;
    if (n > KEDGE_I_COUNT_MAX - s->n)
        return KEDGE_ERR_RANGE;
    if (n == 0)
        return KEDGE_OK;
    kedge_i_latency_counts(s, s->place)[kedge_i_latency_bucket(&s->scale, ns)] += n;
    s->n += n;
    kedge_i_latency_tally(&s->now, ns, n);
    return KEDGE_OK;
}

/* Time ------------------------------------------------------------------------------------------------------------------------- */

/* The slot of now ends and the next one begins, empty: what its place held leaves the window. With one slot that is what just
 * ended. */
static void latency_turn(latency_state *s)
{
    uint64_t *now = kedge_i_latency_counts(s, s->place);
    uint32_t next = s->place + 1 < s->n_slots ? s->place + 1 : 0;
    uint64_t *leaving = kedge_i_latency_counts(s, next);
    uint64_t *window = kedge_i_latency_counts(s, s->n_slots), *life = kedge_i_latency_counts(s, s->n_slots + 1);
    for (uint32_t b = 0; b < s->scale.n; b++) {
        window[b] += now[b];
        life[b] += now[b];
        window[b] -= leaving[b];
        leaving[b] = 0;
    }
    latency_tally *tallies = latency_tallies(s);
    kedge_i_latency_join(&tallies[s->n_slots], &s->now);
    tallies[s->place] = s->now;
    tallies[next] = s->now = kedge_i_latency_nothing();
    s->place = next;
}

kedge_status kedge_latency_advance(kedge_metric *m, uint64_t now_ns)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_latency));
    latency_state *s = m->state;
    if (s->over == KEDGE_OVER_ALL)
        return KEDGE_OK;
    if (s->started && now_ns < s->last_ns)
        return KEDGE_ERR_RANGE;
    uint64_t passed = s->started ? now_ns / s->slot_ns - s->last_ns / s->slot_ns : 0;
    for (uint32_t i = 0; i < s->n_slots && i < passed; i++) /* after n_slots nothing is left */
        latency_turn(s);
    s->started = 1;
    s->last_ns = now_ns;
    return KEDGE_OK;
}

/* Merging ---------------------------------------------------------------------------------------------------------------------- */

static int latency_alike(const void *state, const void *other)
{
    const latency_state *a = state, *b = other;
    return kedge_i_latency_scale_same(&a->scale, &b->scale) && a->over == b->over && a->window_ns == b->window_ns &&
           a->n_slots == b->n_slots;
}

static kedge_status latency_merge(void *state, const void *other)
{
    latency_state *a = state;
    const latency_state *b = other;
    if (a->over != KEDGE_OVER_ALL)
        return KEDGE_ERR_UNSUPPORTED;
    if (b->n > KEDGE_I_COUNT_MAX - a->n)
        return KEDGE_ERR_RANGE;
    uint64_t *counts = kedge_i_latency_counts(a, 0);
    const uint64_t *more = kedge_i_latency_counts_of(b, 0);
    for (uint32_t i = 0; i < a->scale.n; i++)
        counts[i] += more[i];
    a->n += b->n;
    kedge_i_latency_join(&a->now, &b->now);
    return KEDGE_OK;
}

const kedge_metric_class kedge_latency = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_METRIC,
            .version = 2,
            .name = "latency",
            .fixed_bytes = sizeof(latency_state),
            .config_bytes = sizeof(kedge_latency_config),
            .n_fields = sizeof latency_fields / sizeof *latency_fields,
            .fields = latency_fields,
            .defaults = latency_defaults,
            .configure = latency_configure,
            .valid = latency_valid,
            .layout = latency_layout,
            .start = latency_start,
            .check = latency_check,
        },
    .alike = latency_alike,
    .merge = latency_merge,
};
