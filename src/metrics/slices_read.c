/* SPDX-License-Identifier: MIT */
/* Figures of slices: shares, and how much worse each is than the rest. Intervals: slices.c. Cost: O(slices). */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/metrics/slices.h"

#include "base/check.h"
#include "base/interval.h"
#include "metrics/handle.h"
#include "metrics/slices_state.h"

static double slices_number(uint64_t n)
{
    return (double)(int64_t)n;
}

static double slices_root(double a, double b)
{
    return sqrt(a * a + b * b);
}

/* The table that the figures are of. */
static const slices_table *slices_shown(const slices_state *s)
{
    return s->over == KEDGE_OVER_TUMBLING ? &s->last : &s->now;
}

/* Records of no slice in the table. */
static uint64_t slices_others(const slices_state *s, const slices_table *t)
{
    uint64_t n, n_wrong;
    kedge_i_slices_sum(s, t, &n, &n_wrong);
    return t->n - n;
}

static void slices_describe(const slices_state *s, const slices_table *t, const slices_place *p, uint64_t n_others,
                            kedge_slice *out)
{
    uint64_t n_rest = t->n - p->n;
    double confidence = 1.0 - (1.0 - s->confidence) / t->n_slices;
    kedge_i_interval own = kedge_i_exact_share_interval(slices_number(p->n_wrong), slices_number(p->n), confidence);
    out->slice = p->slice;
    out->n = p->n;
    out->n_wrong = p->n_wrong;
    out->n_missed = p->n_missed < n_others ? p->n_missed : n_others;
    out->rest = out->error_rate = slices_number(p->n_wrong) / slices_number(p->n);
    out->low = own.low;
    out->high = own.high;
    out->excess = out->excess_low = out->excess_high = 0.0;
    if (n_rest == 0)
        return;
    double rest_wrong = slices_number(t->n_wrong - p->n_wrong);
    kedge_i_interval rest = kedge_i_exact_share_interval(rest_wrong, slices_number(n_rest), confidence);
    out->rest = rest_wrong / slices_number(n_rest);
    out->excess = out->error_rate - out->rest;
    out->excess_low = out->excess - slices_root(out->error_rate - own.low, rest.high - out->rest);
    out->excess_high = out->excess + slices_root(own.high - out->error_rate, out->rest - rest.low);
}

kedge_status kedge_slices_read(const kedge_metric *m, kedge_slices_report *out)
{
    uint64_t n, n_wrong;
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_slices));
    if (!out)
        return KEDGE_ERR_NULL;
    const slices_state *s = m->state;
    const slices_table *t = slices_shown(s);
    memset(out, 0, sizeof *out);
    kedge_i_slices_sum(s, t, &n, &n_wrong);
    out->n = t->n;
    out->n_wrong = t->n_wrong;
    out->n_other = t->n - n;
    out->n_other_wrong = t->n_wrong - n_wrong;
    out->n_evicted = t->n_evicted;
    out->n_slices = t->n_slices;
    out->error_rate = out->low = out->high = (double)NAN;
    if (t->n == 0)
        return KEDGE_EMPTY;
    kedge_i_interval all = kedge_i_share_interval(slices_number(t->n_wrong), slices_number(t->n), s->confidence);
    out->error_rate = slices_number(t->n_wrong) / slices_number(t->n);
    out->low = all.low;
    out->high = all.high;
    return KEDGE_OK;
}

static int slices_is_worse(const kedge_slice *a, const kedge_slice *b)
{
    return a->excess_low > b->excess_low || (a->excess_low == b->excess_low && a->excess > b->excess);
}

kedge_status kedge_slices_worst(const kedge_metric *m, kedge_slice *out, size_t cap, size_t *n)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_slices));
    if (!n || (!out && cap > 0))
        return KEDGE_ERR_NULL;
    const slices_state *s = m->state;
    const slices_table *t = slices_shown(s);
    uint64_t n_others = slices_others(s, t);
    size_t held = 0;
    for (uint32_t i = 0; i < t->n_slices && cap > 0; i++) {
        kedge_slice one;
        slices_describe(s, t, &kedge_i_slices_held(s, t)[i], n_others, &one);
        if (held == cap && !slices_is_worse(&one, &out[held - 1]))
            continue;
        size_t place = held < cap ? held++ : held - 1; /* the last gives way */
        for (; place > 0 && slices_is_worse(&one, &out[place - 1]); place--)
            out[place] = out[place - 1];
        out[place] = one;
    }
    *n = held;
    return KEDGE_OK;
}

kedge_status kedge_slices_find(const kedge_metric *m, uint64_t slice, kedge_slice *out)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_slices));
    if (!out)
        return KEDGE_ERR_NULL;
    const slices_state *s = m->state;
    const slices_table *t = slices_shown(s);
    uint32_t i = kedge_i_slices_place(s, t, slice);
    memset(out, 0, sizeof *out);
    if (kedge_i_slices_has(s, t, i, slice)) {
        slices_describe(s, t, &kedge_i_slices_held(s, t)[i], slices_others(s, t), out);
        return KEDGE_OK;
    }
    out->slice = slice;
    uint64_t unseen = kedge_i_slices_unseen(s, t);
    uint64_t n_others = slices_others(s, t);
    out->n_missed = unseen < n_others ? unseen : n_others;
    out->error_rate = out->low = out->high = out->rest = out->excess = out->excess_low = out->excess_high = (double)NAN;
    return KEDGE_EMPTY;
}
