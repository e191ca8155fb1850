/* SPDX-License-Identifier: MIT */
/* The split of a leaf with the greatest information gain, from what the leaf knows. A numeric feature has thresholds at equal
 * distances within its range (Pfahringer, Holmes, Kirkby 2008, "Handling numeric attributes in Hoeffding trees", PAKDD: normal
 * distributions, ten thresholds); a nominal one is split into one value and all others, so that a tree of any number of values is
 * binary. */
#include "base/fp.h"

#include <math.h>

#include "models/tree_state.h"

#include "base/quick_lanes.h"

#define SPLIT_LEAST 0.01 /* share of the rows that each side of a split must have (MOA) */
#define SPLIT_TINY 1e-9  /* weight that counts as none */
#define SPLIT_ROUNDING 1e-6

enum { SPLIT_CHUNK = 16 }; /* thresholds at a time */

/* w ln w. */
static inline double split_term(double w)
{
    return w > SPLIT_TINY ? w * kedge_i_quick_log(w) : 0.0;
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

/* The sums of several thresholds of a numeric slot. */
typedef struct split_chunk {
    double all, all_terms;
    double threshold[SPLIT_CHUNK], first[SPLIT_CHUNK], second[SPLIT_CHUNK], terms[SPLIT_CHUNK];
} split_chunk;

/* w ln w. */
static inline kedge_i_lanes split_terms(kedge_i_lanes w)
{
    kedge_i_lanes one = kedge_i_lanes_of(1.0);
    return w * kedge_i_lanes_quick_log(kedge_i_lanes_below(kedge_i_lanes_of(SPLIT_TINY), w, w, one));
}

/* As split_below, of a class with a variance > 1e-300 and its root's reciprocal. */
static inline kedge_i_lanes split_below_lanes(const double *m, double per_deviation, kedge_i_lanes threshold)
{
    kedge_i_lanes normal = m[0] * kedge_i_lanes_quick_normal_lower((threshold - m[1]) * per_deviation);
    kedge_i_lanes within = kedge_i_lanes_below(threshold, kedge_i_lanes_of(m[4]), normal, kedge_i_lanes_of(m[0]));
    return kedge_i_lanes_below(threshold, kedge_i_lanes_of(m[3]), kedge_i_lanes_of(0.0), within);
}

/* The k-th threshold and its neighbour divide a class. */
static inline void split_chunk_divide(split_chunk *s, uint32_t k, kedge_i_lanes first, kedge_i_lanes second, kedge_i_lanes terms)
{
    kedge_i_lanes_store(kedge_i_lanes_load(s->first + k) + first, s->first + k);
    kedge_i_lanes_store(kedge_i_lanes_load(s->second + k) + second, s->second + k);
    kedge_i_lanes_store(kedge_i_lanes_load(s->terms + k) + terms, s->terms + k);
}

/* Thresholds outside a class's range, of which there are many where classes are, leave it whole. */
static void split_chunk_add(split_chunk *s, const double *slot, uint32_t c, uint32_t n)
{
    const double *m = slot + TREE_CLASSES + (size_t)c * TREE_MOMENTS;
    double variance = m[0] > 1.0 ? m[2] / (m[0] - 1.0) : 0.0;
    double per_deviation = 1.0 / sqrt(variance > 1e-300 ? variance : 1.0);
    if (!(m[0] > 0.0))
        return;
    double term = split_term(m[0]);
    s->all += m[0];
    s->all_terms += term;
    for (uint32_t k = 0; k < n; k += KEDGE_I_LANES) {
        double low = s->threshold[k], high = s->threshold[k + KEDGE_I_LANES - 1];
        if (high < m[3] || low >= m[4]) {
            double first = high < m[3] ? 0.0 : m[0];
            split_chunk_divide(s, k, kedge_i_lanes_of(first), kedge_i_lanes_of(m[0] - first), kedge_i_lanes_of(term));
            continue;
        }
        kedge_i_lanes first = variance > 1e-300 ? split_below_lanes(m, per_deviation, kedge_i_lanes_load(s->threshold + k))
                                                : kedge_i_lanes_pair(split_below(slot, c, low), split_below(slot, c, high));
        split_chunk_divide(s, k, first, m[0] - first, split_terms(first) + split_terms(m[0] - first));
    }
}

/* Bits of gain of the k-th threshold and its neighbour; none if a side has too few rows. */
static inline kedge_i_lanes split_chunk_gain(const split_chunk *s, uint32_t k)
{
    kedge_i_lanes first = kedge_i_lanes_load(s->first + k), second = kedge_i_lanes_load(s->second + k);
    kedge_i_lanes sides = split_terms(first) + split_terms(second) - kedge_i_lanes_load(s->terms + k);
    kedge_i_lanes gain = (split_term(s->all) - s->all_terms) - sides;
    double least = SPLIT_LEAST * s->all;
    return kedge_i_lanes_where(first, least, kedge_i_lanes_where(second, least, gain / (s->all * KEDGE_I_LN2)));
}

/* Thresholds from the first_k-th on, at equal distances; the best of them if it is better. */
static void split_try_chunk(const tree_state *t, const double *slot, uint32_t first_k, double step, tree_split *best)
{
    uint32_t n = t->n_splits - first_k < SPLIT_CHUNK ? t->n_splits - first_k : SPLIT_CHUNK;
    split_chunk s;
    memset(&s, 0, sizeof s);
    for (uint32_t k = 0; k < SPLIT_CHUNK; k++)
        s.threshold[k] = slot[TREE_LOW] + step * ((double)(first_k + (k < n ? k : n - 1)) + 1.0);
    for (uint32_t c = 0; c < t->model.n_classes; c++)
        split_chunk_add(&s, slot, c, n);
    for (uint32_t k = 0; k < n && s.all > 0.0; k += KEDGE_I_LANES) {
        double gains[KEDGE_I_LANES];
        kedge_i_lanes_store(split_chunk_gain(&s, k), gains);
        for (uint32_t j = 0; j < KEDGE_I_LANES; j++)
            if (gains[j] > best->merit) {
                best->merit = gains[j];
                best->threshold = s.threshold[k + j];
            }
    }
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

static void split_try_values(const tree_state *t, const double *slot, tree_split *best)
{
    for (uint32_t k = 0; k < t->n_values; k++) {
        double merit = split_gain_nominal(t, slot, k);
        if (merit > best->merit) {
            best->merit = merit;
            best->threshold = (double)k;
            best->category = k;
        }
    }
}

/* The best split of one slot. */
static tree_split split_of_slot(const tree_state *t, const double *slot, uint32_t feature)
{
    int is_nominal = tree_is_nominal(t, feature);
    tree_split best = {feature | (is_nominal ? TREE_NOMINAL : 0), 0, 0.0, 0.0, 0.0};
    double step = (slot[TREE_HIGH] - slot[TREE_LOW]) / ((double)t->n_splits + 1.0);
    if (is_nominal)
        split_try_values(t, slot, &best);
    for (uint32_t k = 0; !is_nominal && step > 0.0 && k < t->n_splits; k += SPLIT_CHUNK)
        split_try_chunk(t, slot, k, step, &best);
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

/* Bits that the classes of a slot are apart: no split gains more. */
static double split_entropy(const tree_state *t, const double *slot, int is_nominal)
{
    double all = 0.0, terms = 0.0;
    for (uint32_t c = 0; c < t->model.n_classes; c++) {
        double weight = is_nominal ? split_weight_nominal(t, slot, c) : slot[TREE_CLASSES + (size_t)c * TREE_MOMENTS];
        all += weight;
        terms += split_term(weight);
    }
    return all > 0.0 ? (split_term(all) - terms) / (all * KEDGE_I_LN2) : 0.0;
}

int kedge_i_split_may_gain(const tree_state *t, const double *block, double bits)
{
    const double *slot = block + t->at_slots;
    for (uint32_t i = 0; i < t->n_subset; i++, slot += t->slot_words)
        if (split_entropy(t, slot, tree_is_nominal(t, tree_slot_feature(t, block, i))) > bits - SPLIT_ROUNDING)
            return 1;
    return 0;
}

/* The slot of a split's feature. */
static const double *split_slot(const tree_state *t, const double *block, uint32_t feature)
{
    uint32_t i = 0;
    while (tree_slot_feature(t, block, i) != (feature & ~TREE_NOMINAL))
        i++;
    return block + t->at_slots + (size_t)i * t->slot_words;
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

double kedge_i_split_merit(const tree_state *t, const double *block, uint32_t feature, double threshold)
{
    const double *slot = split_slot(t, block, feature);
    return (feature & TREE_NOMINAL) != 0 ? split_gain_nominal(t, slot, tree_category(t, threshold))
                                         : split_gain_numeric(t, slot, threshold);
}

double kedge_i_split_weight(const tree_state *t, const double *block, const tree_split *split, uint32_t c, uint32_t side)
{
    const double *slot = split_slot(t, block, split->feature);
    int is_nominal = (split->feature & TREE_NOMINAL) != 0;
    double weight = is_nominal ? split_weight_nominal(t, slot, c) : slot[TREE_CLASSES + (size_t)c * TREE_MOMENTS];
    double first = 0.0;
    if (weight > 0.0)
        first = is_nominal ? slot[(size_t)c * t->n_values + split->category] : split_below(slot, c, split->threshold);
    return side == 0 ? first : weight - first > 0.0 ? weight - first : 0.0;
}
