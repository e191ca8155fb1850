/* SPDX-License-Identifier: MIT */
/* A recorder of latencies that threads share: buckets as in latency.c, a counter each of two atomic halves of 32 bits.
 *
 * Who makes the low half run over adds one to the high half. Who collects takes both by exchange with 0, low half first: a carry
 * that is under way then is found by the next collection, so every value is collected exactly once, though maybe its 2^32nd
 * neighbours a moment later than itself. Nothing else is counted: the number of values is the sum of the counters, so a collection
 * is consistent in itself.
 *
 * The extremes are kept as codes of 32 bits, the steps of a histogram with 27 bits, which grow with the value: so one comparison of
 * 32 bits keeps the greatest, and that of the complement the least. They are raised after the counter; a collection between the two
 * finds a bucket's end instead, and the next one a code without its value: codes outside of the outermost buckets that hold
 * anything are ignored. Orders are relaxed: nothing is read through these numbers.
 *
 * Lanes are padded so that no two share a line of the cache. */
#include "base/fp.h"

#include <string.h>

#include "kedge/metrics/latency_shared.h"

#include "base/arena.h"
#include "base/atomic.h"
#include "base/check.h"
#include "base/object.h"
#include "metrics/handle.h"
#include "metrics/latency_state.h"

enum {
    SHARED_MAX_LANES = 1024,
    SHARED_PAD = 32,       /* words before the first lane and behind each: the 128 bytes that processors fetch in pairs of lines */
    SHARED_CODE_BITS = 27, /* of the extremes' codes: with values of 64 bits, below 2^32 */
    SHARED_TRIES = 64
};

typedef struct latency_shared_state {
    kedge_state_head head;
    latency_scale scale;
    uint32_t n_lanes;
    uint32_t n_words;  /* layout: a pad, then for each lane low and high halves of the counters, greatest code, greatest complement
                        * of a code, 0 before the first, and a pad */
    uint32_t at_words; /* layout: uint32_t[n_words] */
    uint32_t reserved;
} latency_shared_state;

static const kedge_field latency_shared_fields[] = {
    KEDGE_PARAM(latency_shared_state, scale.lowest, KEDGE_TYPE_U64),
    KEDGE_PARAM(latency_shared_state, scale.highest, KEDGE_TYPE_U64),
    KEDGE_PARAM(latency_shared_state, scale.digits, KEDGE_TYPE_U32),
    KEDGE_PARAM(latency_shared_state, n_lanes, KEDGE_TYPE_U32),
    KEDGE_ARRAY(latency_shared_state, at_words, n_words, KEDGE_TYPE_U32),
};

static void latency_shared_defaults(void *config)
{
    kedge_latency_shared_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_latency_shared;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->highest = 3600000000000u;
    cfg->lowest = 1;
    cfg->digits = 2;
    cfg->n_lanes = 1;
}

kedge_status kedge_latency_shared_config_init(kedge_latency_shared_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_latency_shared.base, cfg, cfg_bytes, sizeof *cfg);
}

static void latency_shared_configure(const void *config, void *fixed)
{
    const kedge_latency_shared_config *cfg = config;
    latency_shared_state *s = fixed;
    s->scale.lowest = cfg->lowest;
    s->scale.highest = cfg->highest;
    s->scale.digits = cfg->digits;
    s->n_lanes = cfg->n_lanes;
}

static int latency_shared_valid(const void *fixed)
{
    const latency_shared_state *s = fixed;
    return kedge_i_latency_scale_valid(&s->scale) && kedge_i_u32_within(s->n_lanes, 1, SHARED_MAX_LANES);
}

static uint32_t shared_lane_words(const latency_shared_state *s)
{
    return 2 * s->scale.n + 2 + SHARED_PAD;
}

static size_t latency_shared_layout(void *fixed)
{
    latency_shared_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    kedge_i_latency_scale_layout(&s->scale);
    uint64_t words = SHARED_PAD + (uint64_t)shared_lane_words(s) * s->n_lanes;
    s->n_words = words > UINT32_MAX ? UINT32_MAX : (uint32_t)words;
    s->at_words = kedge_i_arena_take(&arena, s->n_words, sizeof(uint32_t));
    return kedge_i_arena_end(&arena);
}

/* All counters together stay below 2^61, and pads are empty. Extremes are believed only where they fit the counters. */
static int latency_shared_check(const void *state)
{
    const latency_shared_state *s = state;
    const uint32_t *words = kedge_i_at_const(s, s->at_words);
    uint64_t n = 0, most = KEDGE_I_COUNT_MAX / 2;
    if (!latency_shared_valid(s))
        return 0;
    for (uint32_t i = 0; i < SHARED_PAD; i++)
        if (*words++ != 0)
            return 0;
    for (uint32_t lane = 0; lane < s->n_lanes; lane++) {
        for (uint32_t b = 0; b < s->scale.n; b++, words += 2) {
            uint64_t count = (uint64_t)words[1] << 32 | words[0];
            if (count > most - n)
                return 0;
            n += count;
        }
        words += 2;
        for (uint32_t i = 0; i < SHARED_PAD; i++)
            if (*words++ != 0)
                return 0;
    }
    return 1;
}

#ifdef KEDGE_I_HAS_ATOMICS

static uint32_t *shared_lane(const kedge_metric *m, uint32_t lane)
{
    latency_shared_state *s = m->state;
    return (uint32_t *)kedge_i_at(s, s->at_words) + SHARED_PAD + (size_t)lane * shared_lane_words(s);
}

kedge_status kedge_latency_shared_record(const kedge_metric *m, uint32_t lane, uint64_t ns)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_latency_shared));
    const latency_shared_state *s = m->state;
    uint32_t *words = shared_lane(m, lane < s->n_lanes ? lane : lane % s->n_lanes);
    uint32_t *count = words + 2 * (size_t)kedge_i_latency_bucket(&s->scale, ns), *extremes = words + 2 * (size_t)s->scale.n;
    uint32_t code = kedge_i_latency_step(ns, SHARED_CODE_BITS, 0);
    if (kedge_i_atomic_add(count, 1) == UINT32_MAX)
        (void)kedge_i_atomic_add(count + 1, 1);
    (void)kedge_i_atomic_max(&extremes[0], code, SHARED_TRIES);
    (void)kedge_i_atomic_max(&extremes[1], UINT32_MAX - code, SHARED_TRIES);
    return KEDGE_OK;
}

/* A counter's value since the last collection. Most are 0, which a load tells cheaper than an exchange. */
static uint64_t shared_count(uint32_t *count)
{
    uint64_t low = kedge_i_atomic_load(count) > 0 ? kedge_i_atomic_take(count) : 0;
    uint64_t high = kedge_i_atomic_load(count + 1) > 0 ? kedge_i_atomic_take(count + 1) : 0;
    return high << 32 | low;
}

static uint64_t shared_middle(const latency_scale *s, uint32_t bucket)
{
    uint64_t from = kedge_i_latency_from(s, bucket);
    return bucket == s->n - 1 ? from : from + (kedge_i_latency_to(s, bucket) - from) / 2;
}

/* The ends of what the outermost buckets hold, by the codes if they fit. Above highest nothing but a code tells of a greatest
 * value. */
static void shared_extremes(const latency_scale *s, const uint32_t *codes, uint32_t first, uint32_t last, uint64_t *min,
                            uint64_t *max)
{
    uint64_t from = kedge_i_latency_from(s, first), to = kedge_i_latency_to(s, last);
    uint64_t least = kedge_i_latency_lower(UINT32_MAX - codes[1], SHARED_CODE_BITS, 0);
    uint64_t greatest = kedge_i_latency_lower(codes[0] + 1, SHARED_CODE_BITS, 0) - 1;
    *min = codes[1] != 0 && least >= from && least <= kedge_i_latency_to(s, first) ? least : from;
    *max = greatest >= kedge_i_latency_from(s, last) && greatest <= to ? greatest : last == s->n - 1 ? s->highest + 1 : to;
    if (*min > *max) {
        *min = from;
        *max = last == s->n - 1 ? s->highest + 1 : to;
    }
}

/* What one lane has counted goes into the latency, each value as its bucket's middle, between the extremes. */
static void shared_take(uint32_t *words, latency_state *to)
{
    const latency_scale *scale = &to->scale;
    uint64_t *counts = kedge_i_latency_counts(to, to->place), n_first = 0, n_last = 0, min, max;
    uint32_t first = scale->n, last = 0, codes[2];
    latency_tally t = kedge_i_latency_nothing();
    for (uint32_t b = 0; b < scale->n; b++, words += 2) {
        uint64_t n = shared_count(words);
        if (n == 0)
            continue;
        counts[b] += n;
        if (first == scale->n) {
            first = b;
            n_first = n;
            continue;
        }
        if (n_last > 0)
            kedge_i_latency_tally(&t, shared_middle(scale, last), n_last);
        last = b;
        n_last = n;
    }
    codes[0] = kedge_i_atomic_take(&words[0]);
    codes[1] = kedge_i_atomic_take(&words[1]);
    if (n_first == 0)
        return;
    shared_extremes(scale, codes, first, n_last > 0 ? last : first, &min, &max);
    uint64_t low = shared_middle(scale, first), high = shared_middle(scale, last);
    low = low > min ? low : min;
    kedge_i_latency_tally(&t, low < max ? low : max, n_first);
    if (n_last > 0)
        kedge_i_latency_tally(&t, high < max ? high : max, n_last);
    t.min = min;
    t.max = max;
    to->n += t.n;
    kedge_i_latency_join(&to->now, &t);
}

kedge_status kedge_latency_shared_collect(kedge_metric *m, kedge_metric *into)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_latency_shared));
    KEDGE_TRY(kedge_i_metric_is(into, &kedge_latency));
    const latency_shared_state *s = m->state;
    latency_state *to = into->state;
    if (!kedge_i_latency_scale_same(&s->scale, &to->scale))
        return KEDGE_ERR_CONFIG;
    if (to->n > KEDGE_I_COUNT_MAX / 2)
        return KEDGE_ERR_RANGE;
    for (uint32_t lane = 0; lane < s->n_lanes; lane++)
        shared_take(shared_lane(m, lane), to);
    return KEDGE_OK;
}

#else

kedge_status kedge_latency_shared_record(const kedge_metric *m, uint32_t lane, uint64_t ns)
{
    (void)lane;
    (void)ns;
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_latency_shared));
    return KEDGE_ERR_UNSUPPORTED;
}

kedge_status kedge_latency_shared_collect(kedge_metric *m, kedge_metric *into)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_latency_shared));
    KEDGE_TRY(kedge_i_metric_is(into, &kedge_latency));
    return KEDGE_ERR_UNSUPPORTED;
}

#endif

const kedge_metric_class kedge_latency_shared = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_METRIC,
            .version = 1,
            .name = "latency_shared",
            .fixed_bytes = sizeof(latency_shared_state),
            .config_bytes = sizeof(kedge_latency_shared_config),
            .n_fields = sizeof latency_shared_fields / sizeof *latency_shared_fields,
            .fields = latency_shared_fields,
            .defaults = latency_shared_defaults,
            .configure = latency_shared_configure,
            .valid = latency_shared_valid,
            .layout = latency_shared_layout,
            .check = latency_shared_check,
        },
};
