/* SPDX-License-Identifier: MIT */
/* The split of a leaf with the greatest information gain, from what the leaf knows. A numeric feature has thresholds at equal distances within its range
 * (Pfahringer, Holmes, Kirkby 2008, "Handling numeric attributes in Hoeffding trees", PAKDD: normal distributions, ten thresholds); a nominal one is split
 * into one value and all others, so that a tree of any number of values is binary. */
#include "base/fp.h"

#include <math.h>

#include "models/tree_state.h"

#include "base/quick.h"

#define SPLIT_LEAST 0.01 /* share of the rows that each side of a split must have (MOA) */

/* w ln w. */
static inline double split_term(double w)
{
    return w > 1e-9 ? w * kedge_i_quick_log(w) : 0.0;
}

/* Sums over the classes from which the gain follows. */
typedef struct split_sums {
    double all, first, second; /* weights */
    double all_terms, first_terms, second_terms;
} split_sums;

static inline void split_add(split_sums *s, double weight, double first)
{
    s->all += weight;
    s->first += first;
    s->second += weight - first;
    s->all_terms += split_term(weight);
    s->first_terms += split_term(first);
    s->second_terms += split_term(weight - first);
}

/* Bits; the whole entropy less that of both sides. */
static double split_gain(const split_sums *s)
{
    if (!(s->first > SPLIT_LEAST * s->all && s->second > SPLIT_LEAST * s->all))
        return 0.0;
    double whole = split_term(s->all) - s->all_terms;
    double sides = split_term(s->first) - s->first_terms + split_term(s->second) - s->second_terms;
    return (whole - sides) / (s->all * KEDGE_I_LN2);
}

/* Weight of the rows of a class in a numeric slot that are at most the threshold. */
static inline double split_below(const double *slot, uint32_t c, double threshold)
{
    const double *m = slot + TREE_CLASSES + (size_t)c * TREE_MOMENTS;
    double variance = m[0] > 1.0 ? m[2] / (m[0] - 1.0) : 0.0;
    double off = threshold - m[1];
    if (threshold < m[3] || threshold >= m[4])
        return threshold < m[3] ? 0.0 : m[0];
    if (!(variance > 1e-300))
        return off >= 0.0 ? m[0] : 0.0;
    return m[0] * kedge_i_quick_normal_lower(off / sqrt(variance));
}

static double split_gain_numeric(const tree_state *t, const double *slot, double threshold)
{
    split_sums sums = {0};
    for (uint32_t c = 0; c < t->model.n_classes; c++) {
        double weight = slot[TREE_CLASSES + (size_t)c * TREE_MOMENTS];
        if (weight > 0.0)
            split_add(&sums, weight, split_below(slot, c, threshold));
    }
    return split_gain(&sums);
}

static double split_weight_nominal(const tree_state *t, const double *slot, uint32_t c)
{
    double sum = 0.0;
    for (uint32_t v = 0; v < t->n_values; v++)
        sum += slot[(size_t)c * t->n_values + v];
    return sum;
}

static double split_gain_nominal(const tree_state *t, const double *slot, uint32_t v)
{
    split_sums sums = {0};
    for (uint32_t c = 0; c < t->model.n_classes; c++)
        split_add(&sums, split_weight_nominal(t, slot, c), slot[(size_t)c * t->n_values + v]);
    return split_gain(&sums);
}

/* The best split of one slot. */
static tree_split split_of_slot(const tree_state *t, const double *slot, uint32_t feature)
{
    int is_nominal = tree_is_nominal(t, feature);
    tree_split best = {feature | (is_nominal ? TREE_NOMINAL : 0), 0, 0.0, 0.0, 0.0};
    double step = (slot[TREE_HIGH] - slot[TREE_LOW]) / ((double)t->n_splits + 1.0);
    uint32_t n = is_nominal ? t->n_values : step > 0.0 ? t->n_splits : 0;
    for (uint32_t k = 0; k < n; k++) {
        double threshold = is_nominal ? (double)k : slot[TREE_LOW] + step * ((double)k + 1.0);
        double merit = is_nominal ? split_gain_nominal(t, slot, k) : split_gain_numeric(t, slot, threshold);
        if (merit > best.merit) {
            best.merit = merit;
            best.threshold = threshold;
            best.category = k;
        }
    }
    return best;
}

tree_split kedge_i_split_find(const tree_state *t, const double *block)
{
    tree_split best = {0, 0, 0.0, 0.0, 0.0};
    const double *slot = block + t->at_slots;
    for (uint32_t i = 0; i < t->n_subset; i++, slot += t->slot_words) {
        tree_split here = split_of_slot(t, slot, tree_slot_feature(t, block, i));
        if (here.merit > best.merit) {
            here.second = best.merit;
            best = here;
        } else if (here.merit > best.second) {
            best.second = here.merit;
        }
    }
    return best;
}

/* The slot of a split's feature. */
static const double *split_slot(const tree_state *t, const double *block, const tree_split *split)
{
    uint32_t i = 0;
    while (tree_slot_feature(t, block, i) != (split->feature & ~TREE_NOMINAL))
        i++;
    return block + t->at_slots + (size_t)i * t->slot_words;
}

double kedge_i_split_weight(const tree_state *t, const double *block, const tree_split *split, uint32_t c, uint32_t side)
{
    const double *slot = split_slot(t, block, split);
    int is_nominal = (split->feature & TREE_NOMINAL) != 0;
    double weight = is_nominal ? split_weight_nominal(t, slot, c) : slot[TREE_CLASSES + (size_t)c * TREE_MOMENTS];
    double first = 0.0;
    if (weight > 0.0)
        first = is_nominal ? slot[(size_t)c * t->n_values + split->category] : split_below(slot, c, split->threshold);
    return side == 0 ? first : weight - first > 0.0 ? weight - first : 0.0;
}
