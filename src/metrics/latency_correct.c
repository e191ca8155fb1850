/* SPDX-License-Identifier: MIT */
/* Correction for coordinated omission, while recording and after the fact (Tene 2013, "How not to measure latency"; the values are
 * those that HdrHistogram's recordValueWithExpectedInterval adds).
 *
 * A stall of ns that a client expecting an answer every interval ran into stands for the values ns - k interval, k = 1 ... K, down
 * to the interval: K = floor(ns / interval) - 1. They are not recorded one by one, a stall of an hour may stand for billions, but
 * bucket by bucket: how many of an arithmetic progression fall into a bucket is a division. */
#include "base/fp.h"

#include <string.h>

#include "kedge/metrics/latency.h"

#include "base/check.h"
#include "metrics/handle.h"
#include "metrics/latency_state.h"

/* K of a stall. */
static uint64_t latency_omitted(uint64_t ns, uint64_t interval_ns)
{
    return interval_ns > 0 && ns / interval_ns > 1 ? ns / interval_ns - 1 : 0;
}

/* The sum of c times the values ns - k interval, k = 1 ... K: of K c times the least one, and of c times interval K (K - 1) / 2
 * above that. K c is at most 2^62 and interval K below 2^64, so nothing runs over. */
static void latency_omitted_sum(latency_tally *t, uint64_t ns, uint64_t interval_ns, uint64_t n_omitted, uint64_t c)
{
    uint64_t high, low, odd = n_omitted & 1;
    kedge_i_wide_product(n_omitted * c, ns - n_omitted * interval_ns, &high, &low);
    kedge_i_wide_add(&t->sum_high, &t->sum_low, high, low);
    uint64_t times = odd ? n_omitted * c : n_omitted / 2 * c;
    uint64_t each = odd ? interval_ns * ((n_omitted - 1) / 2) : interval_ns * (n_omitted - 1);
    kedge_i_wide_product(times, each, &high, &low);
    kedge_i_wide_add(&t->sum_high, &t->sum_low, high, low);
}

/* c times the values that a stall stands for, K > 0; K c more must have room. */
static void latency_put_omitted(latency_state *s, uint64_t ns, uint64_t interval_ns, uint64_t n_omitted, uint64_t c)
{
    uint64_t *counts = kedge_i_latency_counts(s, s->place);
    uint64_t greatest = ns - interval_ns, least = ns - n_omitted * interval_ns;
    for (uint64_t k = 1; k <= n_omitted;) {
        uint32_t bucket = kedge_i_latency_bucket(&s->scale, ns - k * interval_ns);
        uint64_t last = (ns - kedge_i_latency_from(&s->scale, bucket)) / interval_ns; /* the last k of this bucket */
        last = last < n_omitted ? last : n_omitted;
        counts[bucket] += (last - k + 1) * c;
        k = last + 1;
    }
    s->n += n_omitted * c;
    s->now.n += n_omitted * c;
    s->now.min = least < s->now.min ? least : s->now.min;
    s->now.max = greatest > s->now.max ? greatest : s->now.max;
    latency_omitted_sum(&s->now, ns, interval_ns, n_omitted, c);
}

kedge_status kedge_latency_record_expected(kedge_metric *m, uint64_t ns, uint64_t interval_ns)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_latency));
    latency_state *s = m->state;
    uint64_t n_omitted = latency_omitted(ns, interval_ns);
    if (n_omitted >= KEDGE_I_COUNT_MAX - s->n)
        return KEDGE_ERR_RANGE;
    KEDGE_TRY(kedge_latency_record(m, ns));
    if (n_omitted > 0)
        latency_put_omitted(s, ns, interval_ns, n_omitted, 1);
    return KEDGE_OK;
}

/* What the values of a bucket count as in the correction: its upper end, as HdrHistogram has it, but not more than was recorded. */
static uint64_t latency_stall(const latency_view *v, uint32_t bucket)
{
    uint64_t upper = bucket == v->scale->n - 1 ? v->scale->highest : kedge_i_latency_to(v->scale, bucket);
    return upper < v->tally.max ? upper : v->tally.max;
}

/* Values that the correction of all adds; more than 2^62: 2^62 + 1. */
static uint64_t latency_omitted_of_all(const latency_view *v, uint64_t interval_ns)
{
    uint64_t n = 0;
    for (uint32_t b = 0; b < v->scale->n; b++) {
        uint64_t each = latency_omitted(latency_stall(v, b), interval_ns), c = kedge_i_latency_at(v, b);
        if (each > 0 && c > (KEDGE_I_COUNT_MAX - n) / each)
            return KEDGE_I_COUNT_MAX + 1;
        n += each * c;
    }
    return n;
}

kedge_status kedge_latency_copy(const kedge_metric *m, uint64_t interval_ns, kedge_metric *into)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_latency));
    KEDGE_TRY(kedge_i_metric_is(into, &kedge_latency));
    latency_state *to = into->state;
    latency_view v = kedge_i_latency_view(m->state, 0);
    if (m->state == into->state || !kedge_i_latency_scale_same(v.scale, &to->scale))
        return KEDGE_ERR_CONFIG;
    uint64_t n_omitted = latency_omitted_of_all(&v, interval_ns), room = KEDGE_I_COUNT_MAX - to->n;
    if (v.tally.n > room || n_omitted > room - v.tally.n)
        return KEDGE_ERR_RANGE;
    uint64_t *counts = kedge_i_latency_counts(to, to->place);
    for (uint32_t b = 0; b < v.scale->n; b++) {
        uint64_t c = kedge_i_latency_at(&v, b), each = latency_omitted(latency_stall(&v, b), interval_ns);
        counts[b] += c;
        if (c > 0 && each > 0)
            latency_put_omitted(to, latency_stall(&v, b), interval_ns, each, c);
    }
    to->n += v.tally.n;
    kedge_i_latency_join(&to->now, &v.tally);
    return KEDGE_OK;
}
