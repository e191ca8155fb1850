/* SPDX-License-Identifier: MIT */
/* The best split of a leaf: Chen, Guestrin 2016, "XGBoost", equations 6 and 7, with both sides tried for missing values (section
 * 3.4). */
#include "base/fp.h"

#include <string.h>

#include "models/boost_state.h"

#define BOOST_SMOOTH 10.0     /* rows of no effect in each category, so that rare ones do not end the order (LightGBM,
                               * scikit-learn) */
#define BOOST_ROUNDING 1e-12       /* of a gain, beside what it is the difference of */

/* One feature of one leaf. */
typedef struct split_search {
    const boost_fit *f;
    const boost_leaf *leaf;
    const boost_bin *bins; /* n_bins, then that of missing values */
    uint32_t feature;
    uint32_t n_bins;
    int direction;         /* 1: rising, -1: falling, 0: free */
    double parent;         /* what the leaf gains as it is */
    boost_split *best;
} split_search;

double kedge_i_boost_step(const boost_state *s, double g, double h, double low, double high)
{
    double curvature = h + s->l2;
    double step = -g / (curvature >= 1e-300 ? curvature : DBL_MAX);
    step = step > low ? step : low;
    return step < high ? step : high;
}

/* Twice what the loss falls by a step. */
static inline double split_worth(const boost_state *s, double g, double h, double step)
{
    return -(2.0 * g + (h + s->l2) * step) * step;
}

/* A split of which everything but the gain is known. */
static inline void split_try(const split_search *q, double g_left, double h_left, uint64_t n_left, uint32_t bin,
                             uint32_t missing_left)
{
    const boost_state *s = q->f->s;
    double g_right = q->leaf->g - g_left;
    double h_right = q->leaf->h - h_left;
    if (n_left < s->min_rows || q->leaf->n - n_left < s->min_rows || !(h_left >= s->min_hessian) || !(h_right >= s->min_hessian))
        return;
    double left = kedge_i_boost_step(s, g_left, h_left, q->leaf->low, q->leaf->high);
    double right = kedge_i_boost_step(s, g_right, h_right, q->leaf->low, q->leaf->high);
    if (q->direction > 0 ? left > right : q->direction < 0 && left < right)
        return;
    double both = split_worth(s, g_left, h_left, left) + split_worth(s, g_right, h_right, right);
    double gain = both - q->parent;
    if (!(gain > q->best->gain) || !(gain * q->f->gain_unit > s->min_gain) || !(gain > BOOST_ROUNDING * both))
        return;
    boost_split found = {gain, g_left, h_left, left, right, n_left, {0, 0, 0, 0}, q->feature, bin, missing_left, 0};
    *q->best = found;
}

/* Thresholds from low to high, with missing values on one side. */
static void split_scan(const split_search *q, uint32_t missing_left)
{
    boost_bin missing = q->bins[q->n_bins];
    uint32_t n = missing.n > 0 && !missing_left ? q->n_bins : q->n_bins - 1; /* may all values go left? */
    double g = missing_left ? missing.g : 0.0;
    double h = missing_left ? missing.h : 0.0;
    uint64_t n_left = missing_left ? missing.n : 0;
    for (uint32_t b = 0; b < n; b++) {
        if (q->bins[b].n == 0)
            continue;
        g += q->bins[b].g;
        h += q->bins[b].h;
        n_left += q->bins[b].n;
        split_try(q, g, h, n_left, b, missing_left);
    }
}

static void split_numeric(const split_search *q)
{
    if (q->n_bins == 0)
        return;
    split_scan(q, 0);
    if (q->bins[q->n_bins].n > 0)
        split_scan(q, 1);
    if (q->best->feature == q->feature && q->best->gain > 0.0 && q->bins[q->n_bins].n == 0)
        q->best->missing_left = 2 * q->best->n_left > q->leaf->n;
}

static double split_mean(const boost_bin *bin)
{
    return bin->g / (bin->h + BOOST_SMOOTH);
}

/* Categories that occur, by their mean gradient; returns how many. Missing values are one. */
static uint32_t split_order(const split_search *q, uint8_t *order)
{
    uint32_t n = 0;
    for (uint32_t b = 0; b <= q->n_bins; b++) {
        if (q->bins[b].n == 0)
            continue;
        double mean = split_mean(&q->bins[b]);
        uint32_t at = n++;
        for (; at > 0 && split_mean(&q->bins[order[at - 1]]) > mean; at--)
            order[at] = order[at - 1];
        order[at] = (uint8_t)b;
    }
    return n;
}

/* The first n of `order` go left; what the leaf has not seen goes with missing values, and those with most rows where there are
 * none. */
static void split_make_set(const split_search *q, const uint8_t *order, uint32_t n)
{
    boost_split *best = q->best;
    const boost_bin *missing = &q->bins[q->n_bins];
    uint32_t missing_left = 2 * best->n_left > q->leaf->n;
    memset(best->set, 0, sizeof best->set);
    for (uint32_t i = 0; i < n; i++)
        best->set[order[i] / 64] |= (uint64_t)1 << order[i] % 64;
    if (missing->n > 0)
        missing_left = (uint32_t)(best->set[q->n_bins / 64] >> q->n_bins % 64 & 1);
    for (uint32_t b = 0; b < q->n_bins; b++)
        if (q->bins[b].n == 0 && missing_left)
            best->set[b / 64] |= (uint64_t)1 << b % 64;
    best->missing_left = missing_left;
}

/* Fisher 1958, "On grouping for maximum homogeneity": the best set is a beginning of the order by mean. */
static void split_nominal(const split_search *q)
{
    uint8_t order[256];
    uint32_t n = split_order(q, order);
    uint32_t taken = 0;
    double g = 0.0;
    double h = 0.0;
    uint64_t n_left = 0;
    for (uint32_t i = 0; i + 1 < n; i++) {
        const boost_bin *bin = &q->bins[order[i]];
        double before = q->best->gain;
        g += bin->g;
        h += bin->h;
        n_left += bin->n;
        split_try(q, g, h, n_left, 0, 0);
        taken = q->best->gain > before ? i + 1 : taken;
    }
    if (taken > 0)
        split_make_set(q, order, taken);
}

void kedge_i_boost_find(const boost_fit *f, boost_leaf *leaf)
{
    const boost_bin *histogram = boost_histogram(f, leaf->slot);
    memset(&leaf->best, 0, sizeof leaf->best);
    split_search q = {f, leaf, NULL, 0, 0, 0, split_worth(f->s, leaf->g, leaf->h, leaf->step), &leaf->best};
    for (uint32_t i = 0; i < f->n_chosen; i++) {
        q.feature = f->chosen[i];
        q.n_bins = f->table.n_bins[q.feature];
        q.bins = histogram + f->offsets[q.feature];
        q.direction = grove_has(f->s->rising, q.feature) - grove_has(f->s->falling, q.feature);
        if (grove_has(f->s->nominal, q.feature))
            split_nominal(&q);
        else
            split_numeric(&q);
    }
}
