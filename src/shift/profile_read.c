/* SPDX-License-Identifier: MIT */
/* Quantiles and shares of a profile, and the distance of two, from their sketches. Walking through a sketch takes the least of the
 * heads of its levels each time; the pending values are not in order, so that all of them are looked at. */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/check.h"
#include "base/number.h"
#include "metrics/handle.h"
#include "shift/profile_state.h"

/* Values of a level up to x. */
static uint32_t profile_count_up_to(const double *sorted, uint32_t n, double x)
{
    uint32_t low = 0;
    while (n > 0) {
        uint32_t half = n / 2;
        int is_below = sorted[low + half] <= x;
        low += is_below ? half + 1 : 0;
        n = is_below ? n - half - 1 : half;
    }
    return low;
}

/* Values up to x that the profile stands for. */
static double profile_rank(const profile_state *s, double x)
{
    const double *pending = kedge_i_at_const(s, s->at_pending);
    uint64_t rank = 0;
    for (uint32_t i = 0; i < s->n_pending; i++)
        rank += pending[i] <= x;
    for (uint32_t level = 1; level <= s->n_levels; level++)
        if (s->occupied >> level & 1)
            rank += (uint64_t)profile_count_up_to(profile_level(s, level), s->level_size / 2, x) << level;
    return (double)rank;
}

/* Numbers as whole numbers in the same order, so that bisection ends after 64 steps. */
static int64_t profile_order(double x)
{
    int64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits < 0 ? INT64_MIN - bits : bits;
}

static double profile_from_order(int64_t order)
{
    int64_t bits = order < 0 ? INT64_MIN - order : order;
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

kedge_status kedge_profile_quantile(const kedge_metric *m, double q, double *x)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_profile));
    if (!x)
        return KEDGE_ERR_NULL;
    if (!kedge_i_within(q, 0.0, 1.0))
        return kedge_i_refusal(q);
    const profile_state *s = m->state;
    *x = (double)NAN;
    if (s->n == 0)
        return KEDGE_EMPTY;
    *x = q == 0.0 ? s->min : s->max;
    if (q == 0.0 || q == 1.0)
        return KEDGE_OK;
    double want = q * (double)s->n;
    int64_t low = profile_order(s->min); /* the answer lies in [low, high] */
    int64_t high = profile_order(s->max);
    while (low < high) {
        int64_t middle = low + (int64_t)(((uint64_t)high - (uint64_t)low) / 2);
        if (profile_rank(s, profile_from_order(middle)) >= want)
            high = middle;
        else
            low = middle + 1;
    }
    *x = profile_from_order(low) + 0.0; /* no negative zero */
    return KEDGE_OK;
}

kedge_status kedge_profile_shares(const kedge_metric *m, const double *limits, double *shares, size_t n)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_profile));
    if ((!limits || !shares) && n > 0)
        return KEDGE_ERR_NULL;
    for (size_t i = 0; i < n; i++)
        if (limits[i] != limits[i])
            return KEDGE_ERR_NOT_FINITE;
    const profile_state *s = m->state;
    for (size_t i = 0; i < n; i++) /* the extremes are exact, and the sketch may have thinned them out */
        shares[i] = s->n == 0             ? (double)NAN
                    : limits[i] < s->min  ? 0.0
                    : limits[i] >= s->max ? 1.0
                                          : profile_rank(s, limits[i]) / (double)s->n;
    return s->n ? KEDGE_OK : KEDGE_EMPTY;
}

void profile_cursor_begin(profile_cursor *c, const profile_state *s)
{
    memset(c, 0, sizeof *c);
    c->s = s;
    c->value = -DBL_MAX;
}

static double profile_pending_weight(const profile_state *s, double x)
{
    const double *pending = kedge_i_at_const(s, s->at_pending);
    double n = 0.0;
    for (uint32_t i = 0; i < s->n_pending; i++)
        n += pending[i] == x ? 1.0 : 0.0;
    return n;
}

int profile_cursor_next(profile_cursor *c)
{
    const profile_state *s = c->s;
    const double *pending = kedge_i_at_const(s, s->at_pending);
    uint32_t half = s->level_size / 2;
    double least = (double)INFINITY;
    for (uint32_t i = 0; i < s->n_pending; i++)
        least = pending[i] > c->value && pending[i] < least ? pending[i] : least;
    for (uint32_t level = 1; level <= s->n_levels; level++)
        if ((s->occupied >> level & 1) && c->at[level] < half && profile_level(s, level)[c->at[level]] < least)
            least = profile_level(s, level)[c->at[level]];
    if (least > DBL_MAX)
        return 0;
    c->value = least;
    c->weight = profile_pending_weight(s, least);
    for (uint32_t level = 1; level <= s->n_levels; level++)
        while ((s->occupied >> level & 1) && c->at[level] < half && profile_level(s, level)[c->at[level]] == least) {
            c->weight += ldexp(1.0, (int)level);
            c->at[level]++;
        }
    return 1;
}

/* One walk through both. */
static void profile_walk(const profile_state *a, const profile_state *b, kedge_profile_shift *out)
{
    profile_cursor at_a, at_b;
    double share_a = 0.0, share_b = 0.0, before = 0.0;
    profile_cursor_begin(&at_a, a);
    profile_cursor_begin(&at_b, b);
    int has_a = profile_cursor_next(&at_a);
    int has_b = profile_cursor_next(&at_b);
    out->ks = -1.0;
    out->wasserstein = 0.0;
    for (int is_first = 1; has_a || has_b; is_first = 0) {
        double x = !has_b || (has_a && at_a.value < at_b.value) ? at_a.value : at_b.value;
        out->wasserstein += is_first ? 0.0 : fabs(share_a - share_b) * (x - before);
        before = x;
        if (has_a && at_a.value == x) {
            share_a += at_a.weight / (double)a->n;
            has_a = profile_cursor_next(&at_a);
        }
        if (has_b && at_b.value == x) {
            share_b += at_b.weight / (double)b->n;
            has_b = profile_cursor_next(&at_b);
        }
        if (fabs(share_a - share_b) > out->ks) {
            out->ks = fabs(share_a - share_b);
            out->where = x;
        }
    }
}

static double profile_missing(const profile_state *s)
{
    double n = (double)s->n + (double)s->n_missing;
    return n > 0.0 ? (double)s->n_missing / n : (double)NAN;
}

static double profile_p_value(double distance, double n, double m)
{
    double p = distance > 0.0 ? 2.0 * exp(-2.0 * distance * distance * (n * (m / (n + m)))) : 1.0;
    return p < 1.0 ? p : 1.0;
}

kedge_status kedge_profile_compare(const kedge_metric *reference, const kedge_metric *current, kedge_profile_shift *out)
{
    kedge_profile_report before, after;
    KEDGE_TRY(kedge_i_metric_is(reference, &kedge_profile));
    KEDGE_TRY(kedge_i_metric_is(current, &kedge_profile));
    if (!out)
        return KEDGE_ERR_NULL;
    const profile_state *a = reference->state;
    const profile_state *b = current->state;
    out->ks = out->ks_error = out->where = out->ks_p_value = out->wasserstein = out->mean_difference = out->effect = (double)NAN;
    out->missing_reference = profile_missing(a);
    out->missing_current = profile_missing(b);
    if (kedge_profile_read(reference, &before) != KEDGE_OK || kedge_profile_read(current, &after) != KEDGE_OK)
        return KEDGE_EMPTY;
    profile_walk(a, b, out);
    out->ks_error = before.rank_error + after.rank_error;
    out->ks_p_value = profile_p_value(out->ks - out->ks_error, (double)a->n, (double)b->n);
    out->mean_difference = after.mean - before.mean;
    out->effect = out->mean_difference == 0.0 ? 0.0 : out->mean_difference / sqrt(before.variance);
    return KEDGE_OK;
}
