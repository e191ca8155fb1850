/* SPDX-License-Identifier: MIT */
/* Figures of latencies: quantiles, shares and counts by walking the buckets that a view covers, and the usual ones in one
 * report. */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "kedge/metrics/latency.h"

#include "base/check.h"
#include "metrics/handle.h"
#include "metrics/latency_state.h"

/* ceil(q n). A q is a decimal that was rounded to a double: 0.07 of 100 is 7, though their product rounds to a little more. */
static uint64_t latency_rank(const latency_view *v, double q)
{
    double n = (double)v->tally.n;
    double rank = ceil(q * n * (1.0 - 2.0 * DBL_EPSILON));
    return rank < n ? (uint64_t)rank : v->tally.n;
}

/* The value of a rank, as the upper end of the bucket that holds it. The first value is known, and so is the last. */
static uint64_t latency_value(const latency_view *v, uint64_t rank, uint32_t bucket)
{
    if (rank <= 1)
        return v->tally.min;
    uint64_t upper = kedge_i_latency_to(v->scale, bucket);
    upper = upper < v->tally.max ? upper : v->tally.max;
    return upper > v->tally.min ? upper : v->tally.min;
}

/* Quantiles for k ascending shares in one pass over values that are there. */
static void latency_quantiles(const latency_view *v, const double *q, uint32_t k, uint64_t *ns)
{
    uint64_t reached = kedge_i_latency_at(v, 0);
    uint32_t bucket = 0;
    for (uint32_t i = 0; i < k; i++) {
        uint64_t rank = latency_rank(v, q[i]);
        while (reached < rank && bucket + 1 < v->scale->n)
            reached += kedge_i_latency_at(v, ++bucket);
        ns[i] = latency_value(v, rank, bucket);
    }
}

kedge_status kedge_latency_quantile(const kedge_metric *m, double q, uint64_t *ns)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_latency));
    if (!ns)
        return KEDGE_ERR_NULL;
    if (!kedge_i_within(q, 0.0, 1.0))
        return kedge_i_refusal(q);
    latency_view v = kedge_i_latency_view(m->state, 0);
    *ns = 0;
    if (v.tally.n == 0)
        return KEDGE_EMPTY;
    latency_quantiles(&v, &q, 1, ns);
    return KEDGE_OK;
}

/* Values in the buckets from one to another. */
static uint64_t latency_sum(const latency_view *v, uint32_t first, uint32_t last)
{
    uint64_t n = 0;
    for (uint32_t b = first; b <= last; b++)
        n += kedge_i_latency_at(v, b);
    return n;
}

kedge_status kedge_latency_share(const kedge_metric *m, uint64_t ns, double *share)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_latency));
    if (!share)
        return KEDGE_ERR_NULL;
    latency_view v = kedge_i_latency_view(m->state, 0);
    *share = (double)NAN;
    if (v.tally.n == 0)
        return KEDGE_EMPTY;
    *share = (double)latency_sum(&v, 0, kedge_i_latency_bucket(v.scale, ns)) / (double)v.tally.n;
    return KEDGE_OK;
}

kedge_status kedge_latency_count(const kedge_metric *m, uint64_t from_ns, uint64_t to_ns, uint64_t *n)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_latency));
    if (!n)
        return KEDGE_ERR_NULL;
    if (to_ns < from_ns)
        return KEDGE_ERR_RANGE;
    latency_view v = kedge_i_latency_view(m->state, 0);
    *n = latency_sum(&v, kedge_i_latency_bucket(v.scale, from_ns), kedge_i_latency_bucket(v.scale, to_ns));
    return KEDGE_OK;
}

/* What HdrHistogram takes a bucket's values to be; what is above highest is only known to be more than that. */
static double latency_middle(const latency_scale *s, uint32_t bucket)
{
    uint64_t lower = kedge_i_latency_lower(bucket, s->bits, s->unit);
    uint64_t width = kedge_i_latency_lower(bucket + 1, s->bits, s->unit) - lower;
    return bucket == s->n - 1 ? (double)s->highest : (double)(lower + (width >> 1));
}

static double latency_deviation(const latency_view *v)
{
    double n = (double)v->tally.n, mean = 0.0, squares = 0.0;
    for (uint32_t b = 0; b < v->scale->n; b++)
        mean += (double)kedge_i_latency_at(v, b) / n * latency_middle(v->scale, b);
    for (uint32_t b = 0; b < v->scale->n; b++) {
        double off = latency_middle(v->scale, b) - mean;
        squares += (double)kedge_i_latency_at(v, b) / n * (off * off);
    }
    return sqrt(squares);
}

static kedge_status latency_report(const kedge_metric *m, int life, kedge_latency_report *out)
{
    static const double shares[] = {0.5, 0.9, 0.99, 0.999, 0.9999};
    uint64_t quantiles[5];
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_latency));
    if (!out)
        return KEDGE_ERR_NULL;
    latency_view v = kedge_i_latency_view(m->state, life);
    memset(out, 0, sizeof *out);
    out->mean = out->deviation = (double)NAN;
    if (v.tally.n == 0)
        return KEDGE_EMPTY;
    latency_quantiles(&v, shares, 5, quantiles);
    out->n = v.tally.n;
    out->n_above = kedge_i_latency_at(&v, v.scale->n - 1);
    out->n_below = kedge_i_latency_at(&v, 0);
    out->min = v.tally.min;
    out->max = v.tally.max;
    out->mean = kedge_i_wide_value(v.tally.sum_high, v.tally.sum_low) / (double)v.tally.n;
    out->deviation = latency_deviation(&v);
    out->p50 = quantiles[0];
    out->p90 = quantiles[1];
    out->p99 = quantiles[2];
    out->p999 = quantiles[3];
    out->p9999 = quantiles[4];
    return KEDGE_OK;
}

kedge_status kedge_latency_read(const kedge_metric *m, kedge_latency_report *out)
{
    return latency_report(m, 0, out);
}

kedge_status kedge_latency_read_life(const kedge_metric *m, kedge_latency_report *out)
{
    return latency_report(m, 1, out);
}
