/* SPDX-License-Identifier: MIT */
/* The histogram of latencies, which recording, reading and correction share, and the buckets, which the shared recorder has too. */
#ifndef KEDGE_METRICS_LATENCY_STATE_H
#define KEDGE_METRICS_LATENCY_STATE_H

#include "kedge/metrics/latency.h"

#include "base/arena.h"
#include "base/number.h"
#include "base/wide.h"

/* Buckets of values up to 2^64, see the head of latency.c. */
typedef struct latency_scale {
    uint64_t lowest;
    uint64_t highest;
    uint32_t digits;
    uint32_t bits;  /* layout: 2^bits buckets of the least width, then 2^(bits - 1) for each power of two */
    uint32_t unit;  /* layout: the least width is 2^unit */
    uint32_t n;     /* layout: buckets; the last one holds what is above highest */
} latency_scale;

/* What is known of a set of values besides its buckets. As many numbers of 64 bits side by side, in states too. */
typedef struct latency_tally {
    uint64_t n;
    uint64_t min; /* UINT64_MAX before the first */
    uint64_t max;
    uint64_t sum_high; /* sum of all values, exact: 2^64 sum_high + sum_low */
    uint64_t sum_low;
} latency_tally;

enum { LATENCY_TALLY = sizeof(latency_tally) / sizeof(uint64_t) };

typedef struct latency_state {
    kedge_state_head head;
    latency_scale scale;
    uint64_t window_ns;
    uint64_t slot_ns; /* layout */
    uint32_t over;
    uint32_t n_slots;
    uint32_t n_counts;   /* layout: over a window (n_slots + 2) scale.n: the slots, the ended ones in the window, all ended ones */
    uint32_t at_counts;  /* layout: uint64_t[n_counts] */
    uint32_t n_tallies;  /* layout: over a window LATENCY_TALLY (n_slots + 1): the slots, that of now left empty, all ended ones */
    uint32_t at_tallies; /* layout: uint64_t[n_tallies] */
    uint32_t place;      /* of the slot of now, the next one's is behind it; without a window 0 */
    uint32_t started;    /* 1: a time was told */
    uint64_t last_ns;    /* the last one */
    uint64_t n;          /* values since init, at most 2^62: so no sum of counts overflows */
    latency_tally now;   /* of the slot of now, or of everything */
} latency_state;

/* The values that a figure covers. */
typedef struct latency_view {
    const latency_scale *scale;
    const uint64_t *now;   /* counts of the slot of now, or of everything */
    const uint64_t *ended; /* those of the ended slots; NULL: none */
    latency_tally tally;
} latency_view;

static inline uint32_t kedge_i_latency_bits(uint32_t digits)
{
    static const uint8_t bits[] = {0, 5, 8, 11, 15, 18}; /* the least with 2^(1 - bits) <= 10^-digits */
    return bits[digits];
}

static inline int kedge_i_latency_scale_valid(const latency_scale *s)
{
    return s->highest >= 1000 && s->highest <= KEDGE_I_COUNT_MAX && kedge_i_u32_within(s->digits, 1, 5) && s->lowest >= 1 &&
           s->lowest <= s->highest / 2 && s->lowest <= (uint64_t)1 << 40;
}

static inline int kedge_i_latency_scale_same(const latency_scale *a, const latency_scale *b)
{
    return a->lowest == b->lowest && a->highest == b->highest && a->digits == b->digits;
}

/* The bucket of a value that is not above highest: its power of two and its bits - 1 leading bits behind the first. */
static inline uint32_t kedge_i_latency_step(uint64_t ns, uint32_t bits, uint32_t unit)
{
    uint32_t half = bits - 1;
    uint32_t power = kedge_i_log2(ns | (uint64_t)1 << (half + unit)); /* none is narrower than the least width */
    uint32_t shift = power - half;
    return ((shift - unit) << half) + (uint32_t)(ns >> shift);
}

static inline uint32_t kedge_i_latency_bucket(const latency_scale *s, uint64_t ns)
{
    uint32_t step = kedge_i_latency_step(ns, s->bits, s->unit);
    return ns > s->highest ? s->n - 1 : step;
}

/* The least value of a step. */
static inline uint64_t kedge_i_latency_lower(uint32_t step, uint32_t bits, uint32_t unit)
{
    uint32_t half = 1u << (bits - 1);
    uint32_t power = step < 2 * half ? 0 : step / half - 1;
    return (uint64_t)(step - power * half) << (power + unit);
}

/* The least and the greatest value of a bucket. */
static inline uint64_t kedge_i_latency_from(const latency_scale *s, uint32_t bucket)
{
    return bucket == s->n - 1 ? s->highest + 1 : kedge_i_latency_lower(bucket, s->bits, s->unit);
}

static inline uint64_t kedge_i_latency_to(const latency_scale *s, uint32_t bucket)
{
    if (bucket >= s->n - 2)
        return bucket == s->n - 1 ? UINT64_MAX : s->highest;
    return kedge_i_latency_lower(bucket + 1, s->bits, s->unit) - 1;
}

static inline void kedge_i_latency_scale_layout(latency_scale *s)
{
    s->bits = kedge_i_latency_bits(s->digits);
    s->unit = kedge_i_log2(s->lowest);
    s->n = kedge_i_latency_step(s->highest, s->bits, s->unit) + 2;
}

/* n times the same value. */
static inline void kedge_i_latency_tally(latency_tally *t, uint64_t ns, uint64_t n)
{
    uint64_t high, low;
    kedge_i_wide_product(ns, n, &high, &low);
    t->n += n;
    t->min = ns < t->min ? ns : t->min;
    t->max = ns > t->max ? ns : t->max;
    kedge_i_wide_add(&t->sum_high, &t->sum_low, high, low);
}

static inline void kedge_i_latency_join(latency_tally *t, const latency_tally *other)
{
    t->n += other->n;
    t->min = other->min < t->min ? other->min : t->min;
    t->max = other->max > t->max ? other->max : t->max;
    kedge_i_wide_add(&t->sum_high, &t->sum_low, other->sum_high, other->sum_low);
}

static inline latency_tally kedge_i_latency_nothing(void)
{
    latency_tally t = {0, UINT64_MAX, 0, 0, 0};
    return t;
}

/* Counts of a slot, of the ended ones in the window (n_slots) or of all ended ones (n_slots + 1). */
static inline uint64_t *kedge_i_latency_counts(latency_state *s, uint32_t place)
{
    return (uint64_t *)kedge_i_at(s, s->at_counts) + (size_t)place * s->scale.n;
}

static inline const uint64_t *kedge_i_latency_counts_of(const latency_state *s, uint32_t place)
{
    return (const uint64_t *)kedge_i_at_const(s, s->at_counts) + (size_t)place * s->scale.n;
}

static inline uint64_t kedge_i_latency_at(const latency_view *v, uint32_t bucket)
{
    return v->now[bucket] + (v->ended ? v->ended[bucket] : 0);
}

/* What the figures cover: the window if there is one, or everything since init. */
latency_view kedge_i_latency_view(const latency_state *s, int life);

#endif
