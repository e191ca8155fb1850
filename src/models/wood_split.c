/* SPDX-License-Identifier: MIT */
/* The best split of a leaf of CART: Breiman et al. 1984, sections 4.3 (Gini) and 8.4 (squared error). Both are one criterion: the
 * sum over outputs of (sum of the output)^2 / weight on both sides, where outputs are the classes' indicators or the target. */
#include "base/fp.h"

#include <string.h>

#include "models/wood_state.h"

#define WOOD_ROUNDING 1e-12 /* of a gain, beside what it is the difference of */

static void wood_count(const wood_job *f, const wood_leaf *leaf, uint32_t feature)
{
    const uint8_t *codes = bin_table_column(&f->table, feature);
    memset(f->bins, 0, (size_t)(f->table.n_bins[feature] + 1) * f->stride * sizeof *f->bins);
    for (size_t i = 0; i < leaf->n; i++) {
        size_t row = f->order[leaf->first + i];
        wood_add(f, f->bins + codes[row] * f->stride, row);
    }
}

static void wood_move_left(const wood_job *f, const double *bin)
{
    for (uint32_t k = 0; k < f->stride; k++)
        f->left[k] += bin[k];
}

/* Sum over outputs of squared sums over weight. */
static double wood_worth(const wood_job *f, const double *bin)
{
    double squares = 0.0;
    for (uint32_t k = 2; k < f->stride; k++)
        squares += bin[k] * bin[k];
    return squares / wood_divisor(bin[0]);
}

/* The same of a leaf without `left`. */
static double wood_worth_right(const wood_job *f)
{
    double squares = 0.0;
    double weight = f->total[0] - f->left[0];
    for (uint32_t k = 2; k < f->stride; k++)
        squares += (f->total[k] - f->left[k]) * (f->total[k] - f->left[k]);
    return squares / wood_divisor(weight);
}

/* Is it the best split so far to send left what is in `left`? */
static int wood_try(const wood_job *f, double parent, wood_split *best)
{
    if (f->left[1] < f->s->min_rows || f->total[1] - f->left[1] < f->s->min_rows)
        return 0;
    double both = wood_worth(f, f->left) + wood_worth_right(f);
    double gain = both - parent;
    if (!(gain > best->gain) || !(gain > WOOD_ROUNDING * both))
        return 0;
    best->gain = gain;
    best->n_left = (size_t)f->left[1];
    return 1;
}

static void wood_begin_left(const wood_job *f)
{
    memset(f->left, 0, f->stride * sizeof *f->left);
}

/* Thresholds from low to high, with missing values on one side. */
static void wood_scan(const wood_job *f, uint32_t feature, uint32_t missing_left, double parent, wood_split *best)
{
    uint32_t n_bins = f->table.n_bins[feature];
    const double *missing = f->bins + n_bins * (size_t)f->stride;
    uint32_t n = missing[1] > 0.0 && !missing_left ? n_bins : n_bins - 1; /* may all values go left? */
    wood_begin_left(f);
    if (missing_left)
        wood_move_left(f, missing);
    for (uint32_t b = 0; b < n; b++) {
        const double *bin = f->bins + b * (size_t)f->stride;
        if (bin[1] == 0.0)
            continue;
        wood_move_left(f, bin);
        if (wood_try(f, parent, best)) {
            best->feature = feature;
            best->bin = b;
            best->missing_left = missing[1] > 0.0 ? missing_left : 2.0 * f->left[1] > f->total[1];
        }
    }
}

static void wood_numeric(const wood_job *f, uint32_t feature, double parent, wood_split *best)
{
    uint32_t n_bins = f->table.n_bins[feature];
    wood_scan(f, feature, 0, parent, best);
    if (f->bins[n_bins * (size_t)f->stride + 1] > 0.0)
        wood_scan(f, feature, 1, parent, best);
}

/* The output that categories are ordered by: class 1 of two, else the most frequent class of the leaf. */
static uint32_t wood_order_by(const wood_job *f)
{
    uint32_t best = 2;
    for (uint32_t k = 3; k < f->stride; k++)
        best = f->total[k] > f->total[best] ? k : best;
    return f->s->model.n_classes == 2 ? 3 : best;
}

static double wood_mean(const wood_job *f, uint32_t bin, uint32_t output)
{
    const double *b = f->bins + bin * (size_t)f->stride;
    return b[output] / wood_divisor(b[0]);
}

/* Categories that occur, by the mean of an output; returns how many. Missing values are one. */
static uint32_t wood_order(const wood_job *f, uint32_t feature, uint8_t *order)
{
    uint32_t output = wood_order_by(f);
    uint32_t n = 0;
    for (uint32_t b = 0; b <= f->table.n_bins[feature]; b++) {
        if (f->bins[b * (size_t)f->stride + 1] == 0.0)
            continue;
        double mean = wood_mean(f, b, output);
        uint32_t at = n++;
        for (; at > 0 && wood_mean(f, order[at - 1], output) > mean; at--)
            order[at] = order[at - 1];
        order[at] = (uint8_t)b;
    }
    return n;
}

/* The first n of `order` go left; what the leaf has not seen goes with missing values, and those with most rows where there are
 * none. */
static void wood_make_set(const wood_job *f, uint32_t feature, const uint8_t *order, uint32_t n, wood_split *best)
{
    uint32_t n_bins = f->table.n_bins[feature];
    best->feature = feature;
    best->missing_left = 2.0 * (double)best->n_left > f->total[1];
    memset(best->set, 0, sizeof best->set);
    for (uint32_t i = 0; i < n; i++)
        best->set[order[i] / 64] |= (uint64_t)1 << order[i] % 64;
    if (f->bins[n_bins * (size_t)f->stride + 1] > 0.0)
        best->missing_left = (uint32_t)(best->set[n_bins / 64] >> n_bins % 64 & 1);
    for (uint32_t b = 0; b < n_bins; b++)
        if (f->bins[b * (size_t)f->stride + 1] == 0.0 && best->missing_left)
            best->set[b / 64] |= (uint64_t)1 << b % 64;
}

static void wood_nominal(const wood_job *f, uint32_t feature, double parent, wood_split *best)
{
    uint8_t order[256];
    uint32_t n = wood_order(f, feature, order);
    uint32_t taken = 0;
    wood_begin_left(f);
    for (uint32_t i = 0; i + 1 < n; i++) {
        wood_move_left(f, f->bins + order[i] * (size_t)f->stride);
        taken = wood_try(f, parent, best) ? i + 1 : taken;
    }
    if (taken > 0)
        wood_make_set(f, feature, order, taken, best);
}

/* Is more than one bin of the feature taken? */
static int wood_varies(const wood_job *f, uint32_t feature)
{
    uint32_t taken = 0;
    for (uint32_t b = 0; b <= f->table.n_bins[feature] && taken < 2; b++)
        taken += f->bins[b * (size_t)f->stride + 1] > 0.0;
    return taken > 1;
}

/* The best split among n_subset random features that vary in the leaf, whose sums are in `total`. */
wood_split kedge_i_wood_find(wood_job *f, const wood_leaf *leaf)
{
    wood_split best;
    double parent = wood_worth(f, f->total);
    uint32_t looked = 0;
    memset(&best, 0, sizeof best);
    for (uint32_t i = 0; i < f->table.n_features && looked < f->s->n_subset; i++) {
        uint32_t j = i + (uint32_t)kedge_rng_below(&f->rng, f->table.n_features - i);
        uint32_t feature = f->table.features[j];
        f->table.features[j] = f->table.features[i];
        f->table.features[i] = feature;
        wood_count(f, leaf, feature);
        if (!wood_varies(f, feature))
            continue;
        looked++;
        if (grove_has(f->s->nominal, feature))
            wood_nominal(f, feature, parent, &best);
        else
            wood_numeric(f, feature, parent, &best);
    }
    return best;
}
