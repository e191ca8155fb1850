/* SPDX-License-Identifier: MIT */
/* ADWIN's exponential histogram: Bifet, Gavalda 2007, section 4, after Datar, Gionis, Indyk, Motwani 2002, "Maintaining stream
 * statistics over sliding windows".
 *
 * Row r holds up to max_buckets buckets of 2^r observations each, oldest first, the oldest of all in the highest row. Where a row
 * would overflow its two oldest buckets merge into the next row. Between two scans nobody looks at the buckets, so new observations
 * are only put aside, and enter the rows together just before a scan: the same buckets as one by one, without the cost of starting
 * at row 0 each time. Cost: O(1) amortised for each observation. */
#include "base/fp.h"

#include "detectors/adwin_window.h"

#include <float.h>
#include <string.h>

#include "base/number.h"

static inline uint32_t *adwin_held(adwin_state *s)
{
    return kedge_i_at(s, s->at_held);
}

static inline adwin_bucket *adwin_row(adwin_state *s, uint32_t r)
{
    return (adwin_bucket *)kedge_i_at(s, s->at_buckets) + (size_t)r * s->max_buckets;
}

/* Could n observations have these moments? With room for rounding. */
static int adwin_is_sound(double total, double spread, double n)
{
    double reach = 2.0 * KEDGE_DETECTOR_INPUT_MAX;
    return kedge_i_within(total, -reach * n, reach * n) && kedge_i_within(spread, 0.0, 2.0 * reach * reach * n);
}

static int adwin_check_rows(const adwin_state *s)
{
    const uint32_t *held = kedge_i_at_const(s, s->at_held);
    const adwin_bucket *b = kedge_i_at_const(s, s->at_buckets);
    uint64_t width = 0;
    for (uint32_t r = 0; r < s->n_rows; r++) {
        if (held[r] > s->max_buckets)
            return 0;
        width += (uint64_t)held[r] << r;
        for (uint32_t i = 0; i < s->max_buckets; i++, b++)
            if (!adwin_is_sound(b->total, b->spread, i < held[r] ? (double)((int64_t)1 << r) : 0.0))
                return 0;
    }
    return width == s->width;
}

static int adwin_check_aside(const adwin_state *s)
{
    for (uint32_t i = 0; i < ADWIN_ASIDE; i++)
        if (!kedge_i_within(s->aside[i], -KEDGE_DETECTOR_INPUT_MAX, KEDGE_DETECTOR_INPUT_MAX))
            return 0;
    return s->n_aside < ADWIN_ASIDE && s->n_aside < s->clock;
}

int kedge_i_adwin_check(const adwin_state *s)
{
    return adwin_is_sound(s->total, s->spread, (double)s->width) && adwin_check_aside(s) && adwin_check_rows(s);
}

/* The oldest bucket's row: the highest that holds any. The window must not be empty. */
static uint32_t adwin_oldest_row(adwin_state *s)
{
    uint32_t r = s->n_rows - 1;
    while (adwin_held(s)[r] == 0)
        r--;
    return r;
}

/* Take the n oldest buckets out of a row and put n_new behind the rest. Places that were held and are no longer become zero. */
static inline void adwin_shift(adwin_state *s, uint32_t r, uint32_t n, const adwin_bucket *new_buckets, uint32_t n_new)
{
    static const adwin_bucket none = {0.0, 0.0};
    adwin_bucket *row = adwin_row(s, r);
    uint32_t held = adwin_held(s)[r];
    uint32_t to = 0;
    for (uint32_t from = n; from < held; from++)
        row[to++] = row[from];
    for (uint32_t i = 0; i < n_new; i++)
        row[to++] = new_buckets[i];
    adwin_held(s)[r] = to;
    for (; to < held; to++)
        row[to] = none;
}

void kedge_i_adwin_drop_oldest(adwin_state *s)
{
    uint32_t r = adwin_oldest_row(s);
    adwin_bucket b = adwin_row(s, r)[0];
    double n = (double)((int64_t)1 << r);
    adwin_shift(s, r, 1, NULL, 0);
    s->width -= (uint64_t)1 << r;
    if (s->width == 0) {
        s->total = 0.0;
        s->spread = 0.0;
        return;
    }
    s->total -= b.total;
    double width = (double)(int64_t)s->width;
    double apart = b.total / n - s->total / width;
    s->spread -= b.spread + n * width * apart * apart / (n + width);
    if (!(s->spread > 0.0))
        s->spread = 0.0; /* rounding */
}

/* Two buckets of n observations each as one; half = 1 / (2 n). */
static inline adwin_bucket adwin_merge(adwin_bucket a, adwin_bucket b, double half)
{
    double apart = a.total - b.total;
    adwin_bucket pair = {a.total + b.total, a.spread + b.spread + apart * apart * half};
    return pair;
}

/* Append n buckets to row r. What it cannot hold leaves from its old end, two merged into one of `out` (section 4, "compress").
 * Returns how many came out. */
static uint32_t adwin_append(adwin_state *s, uint32_t r, const adwin_bucket *in, uint32_t n, adwin_bucket *out, double half)
{
    const adwin_bucket *row = adwin_row(s, r);
    uint32_t held = adwin_held(s)[r];
    uint32_t n_out = held + n > s->max_buckets ? (held + n - s->max_buckets + 1) / 2 : 0;
    uint32_t leaving = 2 * n_out < held ? 2 * n_out : held; /* the rest of the 2 n_out comes from `in` */
    for (uint32_t i = 0; i < leaving; i += 2)
        out[i / 2] = adwin_merge(row[i], i + 1 < leaving ? row[i + 1] : in[0], half);
    for (uint32_t i = (leaving + 1) / 2; i < n_out; i++)
        out[i] = adwin_merge(in[2 * i - leaving], in[2 * i - leaving + 1], half);
    uint32_t next = 2 * n_out - leaving;
    adwin_shift(s, r, leaving, in + next, n - next);
    return n_out;
}

/* The highest row has no next one: the window forgets its oldest bucket instead. */
static void adwin_make_room(adwin_state *s, uint32_t r, uint32_t n)
{
    while (r + 1 == s->n_rows && adwin_held(s)[r] + n > s->max_buckets)
        kedge_i_adwin_drop_oldest(s);
}

/* Moments of the window with the observations that stand aside (Chan, Golub, LeVeque 1979, equation 2.1). */
adwin_window kedge_i_adwin_moments(const adwin_state *s)
{
    adwin_window w = {s->width, s->total, s->spread};
    if (s->n_aside == 0)
        return w;
    double n = s->n_aside;
    double sums[4] = {0.0, 0.0, 0.0, 0.0}; /* four chains of additions, since one would wait for itself */
    double squares[4] = {0.0, 0.0, 0.0, 0.0};
    for (uint32_t i = 0; i < s->n_aside; i++)
        sums[i % 4] += s->aside[i];
    double total = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    double mean = total / n;
    for (uint32_t i = 0; i < s->n_aside; i++)
        squares[i % 4] += (s->aside[i] - mean) * (s->aside[i] - mean);
    double spread = (squares[0] + squares[1]) + (squares[2] + squares[3]);
    if (s->width > 0) {
        double width = (double)(int64_t)s->width;
        double apart = mean - s->total / width;
        spread += apart * apart * (width * n / (width + n));
    }
    w.width += s->n_aside;
    w.total += total;
    w.spread += spread;
    return w;
}

/* Let the observations that stand aside enter the rows. */
void kedge_i_adwin_enter(adwin_state *s)
{
    adwin_bucket even[ADWIN_ASIDE]; /* what enters rows 0, 2, 4 ... */
    adwin_bucket odd[ADWIN_ASIDE / 2]; /* and rows 1, 3, 5 ...: at most half as many */
    adwin_window w = kedge_i_adwin_moments(s);
    uint32_t n = s->n_aside;
    for (uint32_t i = 0; i < n; i++) {
        even[i].total = s->aside[i];
        even[i].spread = 0.0;
    }
    s->n_seen += n;
    s->n_aside = 0;
    s->width = w.width;
    s->total = w.total;
    s->spread = w.spread;
    double half = 0.5;
    for (uint32_t r = 0; n > 0; r++) {
        adwin_make_room(s, r, n);
        n = adwin_append(s, r, r % 2 ? odd : even, n, r % 2 ? even : odd, half);
        half *= 0.5;
    }
}

void kedge_i_adwin_empty(adwin_state *s)
{
    memset(kedge_i_at(s, s->at_held), 0, s->n_rows * sizeof(uint32_t));
    memset(kedge_i_at(s, s->at_buckets), 0, s->bucket_words * sizeof(double));
    s->width = 0;
    s->total = 0.0;
    s->spread = 0.0;
}
