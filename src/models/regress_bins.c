/* SPDX-License-Identifier: MIT */
#include "base/fp.h"

#include <math.h>

#include "models/regress_bins.h"

#include "base/number.h"

#define BINS_FINEST 1e-13 /* least width, share of the magnitude of the values: finer ones do not tell numbers apart */
#define BINS_LEAST 0.01   /* share of the rows that each side of a split must have, as in classification trees (MOA) */
#define BINS_ROWS 5.0     /* rows that each side must have: fewer have no deviation to speak of */

uint64_t kedge_i_bins_words(const tree_state *t)
{
    uint32_t numeric = bins_of_numeric(t);
    uint64_t any = t->nominal[0] | t->nominal[1] | t->nominal[2] | t->nominal[3];
    return BINS_FIRST + (uint64_t)BIN_WORDS * (any != 0 && t->n_values > numeric ? t->n_values : numeric);
}

static inline uint32_t bins_count(const tree_state *t, uint32_t feature)
{
    return tree_is_nominal(t, feature) ? t->n_values : bins_of_numeric(t);
}

/* Twice as wide, upwards or downwards. */
static void bins_widen(double *slot, uint32_t n, int down)
{
    double *bins = slot + BINS_FIRST;
    uint32_t half = n / 2;
    for (uint32_t i = 0; i < half; i++) {
        uint32_t k = down ? half - 1 - i : i; /* in an order in which none is overwritten before it is read */
        head_moments sum =
            head_join(head_moments_of(bins + (size_t)2 * k * BIN_WORDS), head_moments_of(bins + ((size_t)2 * k + 1) * BIN_WORDS));
        double *to = bins + (size_t)(down ? half + k : k) * BIN_WORDS;
        to[0] = sum.weight;
        to[1] = sum.mean;
        to[2] = sum.m2;
    }
    memset(bins + (down ? 0 : (size_t)half * BIN_WORDS), 0, (size_t)half * BIN_WORDS * sizeof *bins);
    slot[BINS_LOW] -= down ? n * slot[BINS_WIDTH] : 0.0;
    slot[BINS_WIDTH] *= 2.0;
}

/* Two different values give the first width: both are in the middle of a bin. */
static void bins_open(double *slot, uint32_t n, double value)
{
    double old = slot[BINS_LOW];
    double *bins = slot + BINS_FIRST;
    double magnitude = fabs(old) > fabs(value) ? fabs(old) : fabs(value);
    double width = fabs(value - old) * 2.0 / n;
    slot[BINS_WIDTH] = width > BINS_FINEST * magnitude ? width : BINS_FINEST * magnitude;
    slot[BINS_LOW] = old - 0.5 * slot[BINS_WIDTH];
    if (value < old) { /* from the first bin into the last */
        slot[BINS_LOW] -= (n - 1) * slot[BINS_WIDTH];
        memcpy(bins + (size_t)(n - 1) * BIN_WORDS, bins, BIN_WORDS * sizeof *bins);
        memset(bins, 0, BIN_WORDS * sizeof *bins);
    }
}

/* The bin of a value within all bins. */
static uint32_t bins_at(const double *slot, uint32_t n, double value)
{
    double at = ceil((value - slot[BINS_LOW]) / slot[BINS_WIDTH]) - 1.0;
    at = at > 0.0 ? at : 0.0;
    at = at < n - 1.0 ? at : n - 1.0;
    return (uint32_t)at;
}

static uint32_t bins_place(double *slot, uint32_t n, double value)
{
    if (slot[BINS_WIDTH] == 0.0) {
        if (slot[BINS_FIRST] == 0.0)
            slot[BINS_LOW] = value;
        if (value == slot[BINS_LOW])
            return 0;
        if (fabs(value - slot[BINS_LOW]) < 1e-150) /* too close to tell apart by widths whose inverses are finite */
            return 0;
        bins_open(slot, n, value);
    }
    while (value > slot[BINS_LOW] + n * slot[BINS_WIDTH])
        bins_widen(slot, n, 0);
    while (value <= slot[BINS_LOW])
        bins_widen(slot, n, 1);
    return bins_at(slot, n, value);
}

void kedge_i_bins_take(const tree_state *t, double *slot, uint32_t feature, double value, double y, double weight)
{
    uint32_t at = tree_is_nominal(t, feature) ? tree_category(t, value) : bins_place(slot, bins_of_numeric(t), value);
    head_take(slot + BINS_FIRST + (size_t)at * BIN_WORDS, y, weight);
}

/* Splits ----------------------------------------------------------------------------------------------------------------------- */

static head_moments bins_total(const double *slot, uint32_t n)
{
    head_moments sum = {0.0, 0.0, 0.0};
    for (uint32_t k = 0; k < n; k++)
        sum = head_join(sum, head_moments_of(slot + BINS_FIRST + (size_t)k * BIN_WORDS));
    return sum;
}

/* The whole without a part of it. */
static head_moments bins_rest(head_moments whole, head_moments part)
{
    head_moments rest = {whole.weight - part.weight, whole.mean, 0.0};
    if (!(rest.weight > 1e-9 * whole.weight)) {
        rest.weight = 0.0;
        return rest;
    }
    double off = part.mean - whole.mean;
    double back = -off * (part.weight / rest.weight);
    double m2 = whole.m2 - part.m2 - part.weight * off * off - rest.weight * back * back;
    rest.mean = whole.mean + back;
    rest.m2 = m2 > 0.0 ? m2 : 0.0;
    return rest;
}

static inline double bins_deviations(head_moments m)
{
    return sqrt(m.weight * m.m2); /* weight times standard deviation */
}

/* Ikonomovska et al. 2011, equation 3; 0 for a side with too few rows. */
static double bins_merit(head_moments whole, head_moments part)
{
    head_moments rest = bins_rest(whole, part);
    double least = BINS_LEAST * whole.weight > BINS_ROWS ? BINS_LEAST * whole.weight : BINS_ROWS;
    if (!(part.weight >= least && rest.weight >= least))
        return 0.0;
    double merit = bins_deviations(whole) - bins_deviations(part) - bins_deviations(rest);
    return merit / whole.weight;
}

/* The first of the two sides of a split after, or at, bin k. */
static head_moments bins_side(const double *slot, uint32_t k, int is_nominal)
{
    return is_nominal ? head_moments_of(slot + BINS_FIRST + (size_t)k * BIN_WORDS) : bins_total(slot, k + 1);
}

static tree_split bins_best(const tree_state *t, const double *slot, uint32_t feature, double weight)
{
    int is_nominal = tree_is_nominal(t, feature);
    uint32_t n = bins_count(t, feature);
    tree_split best = {feature | (is_nominal ? TREE_NOMINAL : 0), 0, 0.0, 0.0, 0.0};
    head_moments whole = bins_total(slot, n);
    head_moments sum = {0.0, 0.0, 0.0};
    double share = whole.weight < weight ? whole.weight / weight : 1.0; /* what is missing does not profit */
    for (uint32_t k = 0; k < (is_nominal ? n : n - 1); k++) {
        head_moments bin = head_moments_of(slot + BINS_FIRST + (size_t)k * BIN_WORDS);
        sum = is_nominal ? bin : head_join(sum, bin);
        if (!(bin.weight > 0.0))
            continue;
        double merit = share * bins_merit(whole, sum);
        if (merit > best.merit) {
            best.merit = merit;
            best.category = k;
            best.threshold = is_nominal ? (double)k : slot[BINS_LOW] + (k + 1.0) * slot[BINS_WIDTH];
        }
    }
    return best;
}

tree_split kedge_i_bins_find(const tree_state *t, const double *block, double weight)
{
    tree_split best = {0, 0, 0.0, 0.0, 0.0};
    const double *slot = block + t->at_slots;
    for (uint32_t i = 0; i < t->n_subset; i++, slot += t->slot_words) {
        tree_split here = bins_best(t, slot, tree_slot_feature(t, block, i), weight);
        if (here.merit > best.merit) {
            here.second = best.merit;
            best = here;
        } else if (here.merit > best.second) {
            best.second = here.merit;
        }
    }
    return best;
}

void kedge_i_bins_sides(const tree_state *t, const double *block, const tree_split *split, head_moments *sides)
{
    uint32_t feature = split->feature & ~TREE_NOMINAL;
    uint32_t i = 0;
    while (tree_slot_feature(t, block, i) != feature)
        i++;
    const double *slot = block + t->at_slots + (size_t)i * t->slot_words;
    sides[0] = bins_side(slot, split->category, (split->feature & TREE_NOMINAL) != 0);
    sides[1] = bins_rest(bins_total(slot, bins_count(t, feature)), sides[0]);
}

int kedge_i_bins_check(const tree_state *t, const double *slot, uint32_t feature)
{
    if (!kedge_i_within(slot[BINS_LOW], -16.0 * TREE_INPUT_MAX, 16.0 * TREE_INPUT_MAX) ||
        !kedge_i_within(slot[BINS_WIDTH], 0.0, 8.0 * TREE_INPUT_MAX) || (slot[BINS_WIDTH] > 0.0 && slot[BINS_WIDTH] < 1e-160))
        return 0;
    for (uint32_t k = 0; k < bins_count(t, feature); k++) {
        const double *m = slot + BINS_FIRST + (size_t)k * BIN_WORDS;
        if (!kedge_i_within(m[0], 0.0, TREE_WEIGHT_MAX) || !kedge_i_within(m[1], -2.0 * KEDGE_TARGET_MAX, 2.0 * KEDGE_TARGET_MAX) ||
            !kedge_i_within(m[2], 0.0, 1e240))
            return 0;
    }
    return 1;
}
