/* SPDX-License-Identifier: MIT */
/* Latency: a histogram whose buckets are as wide as the precision asks for, over the whole range.
 *
 * The layout is that of HdrHistogram (Tene 2012): values below 2^bits are counted exactly, each further power of two is divided into
 * 2^(bits - 1) equal buckets, so a bucket is at most 2^(1 - bits) of its values wide. bits is the least with 2^(1 - bits) <= 10^-digits,
 * and a quantile is the upper end of its bucket: right to `digits` digits. The sum has 128 bits, so that the mean is that of the values and
 * merging loses nothing.
 *
 * Cost: O(1) to record, a count of leading zeros and a shift; O(buckets) to read. */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "kedge/metric.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/number.h"
#include "base/object.h"
#include "base/wide.h"
#include "metrics/handle.h"

#define LATENCY_HIGHEST_MAX ((uint64_t)1 << 62)

typedef struct latency_state {
    kedge_state_head head;
    uint64_t highest;
    uint32_t digits;
    uint32_t bits;      /* layout: values below 2^bits have a bucket each */
    uint32_t n_buckets; /* layout */
    uint32_t at_counts; /* layout: uint64_t[n_buckets], sum n */
    uint64_t n;         /* values recorded */
    uint64_t n_above;   /* of these, above highest */
    uint64_t min;       /* UINT64_MAX before the first */
    uint64_t max;
    uint64_t sum_high;  /* sum of all values, exact: 2^64 sum_high + sum_low */
    uint64_t sum_low;
} latency_state;

static const kedge_field latency_fields[] = {
    KEDGE_PARAM(latency_state, highest, KEDGE_TYPE_U64),
    KEDGE_PARAM(latency_state, digits, KEDGE_TYPE_U32),
    KEDGE_VALUE(latency_state, n, KEDGE_TYPE_U64),
    KEDGE_VALUE(latency_state, n_above, KEDGE_TYPE_U64),
    KEDGE_VALUE(latency_state, min, KEDGE_TYPE_U64),
    KEDGE_VALUE(latency_state, max, KEDGE_TYPE_U64),
    KEDGE_VALUE(latency_state, sum_high, KEDGE_TYPE_U64),
    KEDGE_VALUE(latency_state, sum_low, KEDGE_TYPE_U64),
    KEDGE_ARRAY(latency_state, at_counts, n_buckets, KEDGE_TYPE_U64),
};

static void latency_defaults(void *config)
{
    kedge_latency_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_latency;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->highest = 3600000000000u;
    cfg->digits = 2;
}

kedge_status kedge_latency_config_init(kedge_latency_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_latency.base, cfg, cfg_bytes, sizeof *cfg);
}

static void latency_configure(const void *config, void *fixed)
{
    const kedge_latency_config *cfg = config;
    latency_state *s = fixed;
    s->highest = cfg->highest;
    s->digits = cfg->digits;
}

static int latency_valid(const void *fixed)
{
    const latency_state *s = fixed;
    return s->highest >= 1000 && s->highest <= LATENCY_HIGHEST_MAX && kedge_i_u32_within(s->digits, 1, 4);
}

/* The bucket of a value: above 2^bits, its power of two and its `bits` leading bits. */
static inline uint32_t latency_bucket(const latency_state *s, uint64_t ns)
{
    uint32_t power = kedge_i_log2(ns | 1);
    if (power < s->bits)
        return (uint32_t)ns;
    uint32_t shift = power - s->bits + 1;
    uint32_t half = 1u << (s->bits - 1);
    return shift * half + (uint32_t)(ns >> shift);
}

/* The greatest value of a bucket. */
static uint64_t latency_upper(const latency_state *s, uint32_t bucket)
{
    uint32_t half = 1u << (s->bits - 1);
    if (bucket < 2 * half)
        return bucket;
    uint32_t shift = bucket / half - 1;
    uint64_t lead = bucket - shift * half;
    return ((lead + 1) << shift) - 1;
}

static size_t latency_layout(void *fixed)
{
    static const uint8_t bits[] = {0, 5, 8, 11, 15}; /* by digits: 2^(1 - bits) <= 10^-digits */
    latency_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->bits = bits[s->digits];
    s->n_buckets = latency_bucket(s, s->highest) + 1;
    s->at_counts = kedge_i_arena_take(&arena, s->n_buckets, sizeof(uint64_t));
    return kedge_i_arena_end(&arena);
}

static void latency_start(void *state)
{
    ((latency_state *)state)->min = UINT64_MAX;
}

static uint64_t latency_told_apart(const latency_state *s, uint64_t ns)
{
    return ns <= s->highest ? ns : s->highest;
}

/* The extremes stand in the first and the last bucket that count anything, and the sum lies between n times each. */
static int latency_extremes_are_sound(const latency_state *s)
{
    const uint64_t *counts = kedge_i_at_const(s, s->at_counts);
    uint32_t first = latency_bucket(s, latency_told_apart(s, s->min));
    uint32_t last = latency_bucket(s, latency_told_apart(s, s->max));
    if (s->min > s->max || counts[first] == 0 || counts[last] == 0 || (s->n_above > 0) != (s->max > s->highest) ||
        (s->n_above == s->n) != (s->min > s->highest))
        return 0;
    for (uint32_t i = 0; i < s->n_buckets; i++)
        if ((i < first || i > last) && counts[i] != 0)
            return 0;
    double n = (double)(int64_t)s->n;
    double sum = kedge_i_wide_value(s->sum_high, s->sum_low);
    return kedge_i_within(sum, n * (double)s->min * (1.0 - 1e-12), n * (double)s->max * (1.0 + 1e-12));
}

static int latency_check(const void *state)
{
    const latency_state *s = state;
    const uint64_t *counts = kedge_i_at_const(s, s->at_counts);
    uint64_t sum = 0;
    if (!latency_valid(s) || s->n > KEDGE_I_COUNT_MAX || s->n_above > counts[s->n_buckets - 1])
        return 0;
    for (uint32_t i = 0; i < s->n_buckets; i++) {
        if (counts[i] > s->n - sum)
            return 0;
        sum += counts[i];
    }
    if (sum != s->n)
        return 0;
    return s->n == 0 ? s->min == UINT64_MAX && s->max == 0 && s->sum_high == 0 && s->sum_low == 0 : latency_extremes_are_sound(s);
}

static inline void latency_take(latency_state *s, uint64_t ns)
{
    uint64_t *counts = kedge_i_at(s, s->at_counts);
    counts[latency_bucket(s, latency_told_apart(s, ns))]++;
    s->n++;
    s->n_above += ns > s->highest;
    s->min = ns < s->min ? ns : s->min;
    s->max = ns > s->max ? ns : s->max;
    kedge_i_wide_add(&s->sum_high, &s->sum_low, 0, ns);
}

kedge_status kedge_latency_record(kedge_metric *m, uint64_t ns)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_latency));
    latency_take(m->state, ns);
    return KEDGE_OK;
}

kedge_status kedge_latency_record_many(kedge_metric *m, const uint64_t *ns, size_t n)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_latency));
    if (!ns && n > 0)
        return KEDGE_ERR_NULL;
    for (size_t i = 0; i < n; i++)
        latency_take(m->state, ns[i]);
    return KEDGE_OK;
}

/* ceil(q n). A q is a decimal that was rounded to a double: 0.07 of 100 is 7, though their product rounds to a little more. */
static uint64_t latency_rank(const latency_state *s, double q)
{
    double n = (double)s->n;
    double rank = ceil(q * n * (1.0 - 2.0 * DBL_EPSILON));
    return rank < n ? (uint64_t)rank : s->n;
}

/* The value of a rank, as the upper end of the bucket that holds it. The first value is known, and so is which ranks are above highest:
 * they are a bucket of their own whose upper end is max. */
static uint64_t latency_value(const latency_state *s, uint64_t rank, uint32_t bucket)
{
    if (rank <= 1)
        return s->min;
    if (rank > s->n - s->n_above)
        return s->max;
    uint64_t most = latency_told_apart(s, s->max);
    uint64_t upper = latency_upper(s, bucket);
    upper = upper < most ? upper : most;
    return upper > s->min ? upper : s->min;
}

/* Quantiles for k ascending shares in one pass over a histogram that is not empty. */
static void latency_quantiles(const latency_state *s, const double *q, uint32_t k, uint64_t *ns)
{
    const uint64_t *counts = kedge_i_at_const(s, s->at_counts);
    uint64_t reached = counts[0];
    uint32_t bucket = 0;
    for (uint32_t i = 0; i < k; i++) {
        uint64_t rank = latency_rank(s, q[i]);
        while (reached < rank && bucket + 1 < s->n_buckets)
            reached += counts[++bucket];
        ns[i] = latency_value(s, rank, bucket);
    }
}

kedge_status kedge_latency_quantile(const kedge_metric *m, double q, uint64_t *ns)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_latency));
    if (!ns)
        return KEDGE_ERR_NULL;
    if (!kedge_i_within(q, 0.0, 1.0))
        return kedge_i_refusal(q);
    const latency_state *s = m->state;
    *ns = 0;
    if (s->n == 0)
        return KEDGE_EMPTY;
    latency_quantiles(s, &q, 1, ns);
    return KEDGE_OK;
}

kedge_status kedge_latency_read(const kedge_metric *m, kedge_latency_report *out)
{
    static const double shares[] = {0.5, 0.9, 0.99, 0.999};
    uint64_t quantiles[4];
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_latency));
    if (!out)
        return KEDGE_ERR_NULL;
    const latency_state *s = m->state;
    memset(out, 0, sizeof *out);
    out->mean = (double)NAN;
    if (s->n == 0)
        return KEDGE_EMPTY;
    latency_quantiles(s, shares, 4, quantiles);
    out->n = s->n;
    out->n_above = s->n_above;
    out->min = s->min;
    out->max = s->max;
    out->mean = kedge_i_wide_value(s->sum_high, s->sum_low) / (double)s->n;
    out->p50 = quantiles[0];
    out->p90 = quantiles[1];
    out->p99 = quantiles[2];
    out->p999 = quantiles[3];
    return KEDGE_OK;
}

static int latency_alike(const void *state, const void *other)
{
    const latency_state *a = state;
    const latency_state *b = other;
    return a->highest == b->highest && a->digits == b->digits;
}

static kedge_status latency_merge(void *state, const void *other)
{
    latency_state *a = state;
    const latency_state *b = other;
    uint64_t *counts = kedge_i_at(a, a->at_counts);
    const uint64_t *more = kedge_i_at_const(b, b->at_counts);
    if (b->n > KEDGE_I_COUNT_MAX - a->n)
        return KEDGE_ERR_RANGE;
    for (uint32_t i = 0; i < a->n_buckets; i++)
        counts[i] += more[i];
    a->n += b->n;
    a->n_above += b->n_above;
    a->min = b->min < a->min ? b->min : a->min;
    a->max = b->max > a->max ? b->max : a->max;
    kedge_i_wide_add(&a->sum_high, &a->sum_low, b->sum_high, b->sum_low);
    return KEDGE_OK;
}

const kedge_metric_class kedge_latency = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_METRIC,
            .version = 1,
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
