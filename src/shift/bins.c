/* SPDX-License-Identifier: MIT */
/* Bins of two sorted samples. Counts are differences of positions, which galloping finds in O(log of the bin's values), so a
 * histogram of few bins costs next to nothing. Quantile edges come from the reference. A value that fills more than one of its bins
 * by itself is a bin of its own, so that a column of few values, or a constant one, still shows what leaves it, to either side. */
#include "base/fp.h"

#include <math.h>

#include "shift/bins.h"

/* Is v on the near side of an edge at `edge`, to which the edge itself belongs if `closed`? */
static int bins_is_before(double v, double edge, int closed)
{
    return v < edge || (closed && v == edge);
}

/* First position from `at` on that is behind the edge, at most n. */
static size_t bins_seek(const double *x, size_t at, size_t n, double edge, int closed)
{
    size_t step = 1;
    while (at < n && n - at >= step && bins_is_before(x[at + step - 1], edge, closed)) {
        at += step;
        step *= 2;
    }
    size_t end = n - at < step ? n : at + step - 1; /* all before `at` are before the edge, what is at `end` is not */
    while (at < end) {
        size_t middle = at + (end - at) / 2;
        if (bins_is_before(x[middle], edge, closed))
            at = middle + 1;
        else
            end = middle;
    }
    return at;
}

static void bins_advance(kedge_i_bins *b, double edge, int closed)
{
    b->i = bins_seek(b->s->reference, b->i, b->s->n_reference, edge, closed);
    b->j = bins_seek(b->s->current, b->j, b->s->n_current, edge, closed);
}

static void bins_take_rest(kedge_i_bins *b)
{
    b->i = b->s->n_reference;
    b->j = b->s->n_current;
}

/* The least value from here on; there is one. */
static double bins_least(const kedge_shift_samples *s, size_t i, size_t j)
{
    if (j == s->n_current || (i < s->n_reference && s->reference[i] < s->current[j]))
        return s->reference[i];
    return s->current[j];
}

/* The greatest of the first i and j values; there is one. */
static double bins_greatest(const kedge_shift_samples *s, size_t i, size_t j)
{
    if (j == 0 || (i > 0 && s->reference[i - 1] > s->current[j - 1]))
        return s->reference[i - 1];
    return s->current[j - 1];
}

static void bins_next_value(kedge_i_bins *b)
{
    bins_advance(b, bins_least(b->s, b->i, b->j), 1);
}

/* Bins hold their lower edge, the last one both, as in NumPy's histogram. */
static void bins_next_equal(kedge_i_bins *b)
{
    double low = bins_least(b->s, 0, 0);
    double high = bins_greatest(b->s, b->s->n_reference, b->s->n_current);
    if (b->cut == b->cfg->n_bins)
        bins_take_rest(b);
    else
        bins_advance(b, low + (high - low) / (double)b->cfg->n_bins * (double)b->cut++, 0);
}

/* Position of the reference's next quantile edge that is not in a bin already, or n. The k-th edge is the least value with at least
 * k / n_bins of all values up to it. */
static size_t bins_next_quantile(kedge_i_bins *b)
{
    uint64_t n = b->s->n_reference;
    uint64_t bins = b->cfg->n_bins;
    while (b->cut < bins) {
        size_t at = (size_t)((b->cut++ * n + bins - 1) / bins) - 1;
        if (at >= b->i)
            return at;
    }
    return (size_t)n;
}

/* Bins hold their upper edge. A heavy value ends two bins: that before it, and its own. */
static void bins_next_by_quantiles(kedge_i_bins *b)
{
    const double *x = b->s->reference;
    size_t n = b->s->n_reference;
    if (b->is_heavy) {
        b->is_heavy = 0;
        bins_advance(b, b->heavy, 1);
        return;
    }
    size_t at = bins_next_quantile(b);
    if (at == n) {
        bins_take_rest(b);
        return;
    }
    size_t copies = bins_seek(x, at, n, x[at], 1) - bins_seek(x, b->i, n, x[at], 0);
    b->is_heavy = copies > 1 && (uint64_t)copies * b->cfg->n_bins > n;
    b->heavy = x[at];
    bins_advance(b, x[at], !b->is_heavy);
}

static void bins_next_any(kedge_i_bins *b)
{
    if (b->cfg->binning == KEDGE_BINS_VALUES)
        bins_next_value(b);
    else if (b->cfg->binning == KEDGE_BINS_EQUAL)
        bins_next_equal(b);
    else
        bins_next_by_quantiles(b);
}

int kedge_i_bins_next(kedge_i_bins *b)
{
    size_t i = b->i;
    size_t j = b->j;
    while (b->i + b->j < b->s->n_reference + b->s->n_current) {
        bins_next_any(b);
        b->n_here = b->i - i;
        b->m_here = b->j - j;
        if (b->n_here + b->m_here > 0)
            return 1;
    }
    return 0;
}

kedge_i_bins kedge_i_bins_begin(const kedge_histogram_config *cfg, const kedge_shift_samples *s)
{
    kedge_i_bins b = {cfg, s, cfg->pseudo_count, 0.0, 0, 0, 0, 0, 0.0, 0, 1};
    kedge_i_bins count = b;
    double n_bins = 0.0;
    while (b.unit > 0.0 && kedge_i_bins_next(&count))
        n_bins += 1.0;
    b.n_bins = n_bins;
    return b;
}

double kedge_i_bins_middle(const kedge_i_bins *b)
{
    double low = bins_least(b->s, b->i - b->n_here, b->j - b->m_here);
    double high = bins_greatest(b->s, b->i, b->j);
    return low + (high - low) / 2.0;
}
