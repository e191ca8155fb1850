/* SPDX-License-Identifier: MIT */
/* What the leaf of a regression tree, or a rule, knows of a feature: weight, mean and squared deviations of the targets in each of
 * a fixed number of bins.
 *
 * Mastelini, de Carvalho 2021, "Using dynamical quantization to perform split attempts in online tree regressors", Pattern
 * Recognition Letters 145: targets are summed up by the quantum that the feature falls into, here a numbered one: all are equally
 * wide, and when a value is outside of all of them, they become twice as wide, each two of them one, as often as it takes. So the
 * room is fixed, and a row costs O(1) for each feature. Of a nominal feature each category has a bin. The split found has the
 * greatest reduction of standard deviation: Ikonomovska, Gama, Dzeroski 2011, section 4.1. */
#ifndef KEDGE_MODELS_REGRESS_BINS_H
#define KEDGE_MODELS_REGRESS_BINS_H

#include "models/regress_head.h"

/* Lower end of the first bin, width (0: one value only so far, the lower end), and the bins' moments. A bin takes what is above its
 * lower end, up to its upper. */
enum { BINS_LOW, BINS_WIDTH, BINS_FIRST, BIN_WORDS = 3 };

/* Bins of a numeric slot: an even number, of which the inner ends are n_splits thresholds at least. */
static inline uint32_t bins_of_numeric(const tree_state *t)
{
    return (t->n_splits + 2) / 2 * 2;
}

/* Words of a slot. */
uint64_t kedge_i_bins_words(const tree_state *t);
void kedge_i_bins_take(const tree_state *t, double *slot, uint32_t feature, double value, double y, double weight);
/* Of all features that the block has slots of; merit: in units of the target; `weight` of the rows that the block saw. */
tree_split kedge_i_bins_find(const tree_state *t, const double *block, double weight);
/* The targets of both sides. */
void kedge_i_bins_sides(const tree_state *t, const double *block, const tree_split *split, head_moments *sides);
int kedge_i_bins_check(const tree_state *t, const double *slot, uint32_t feature);

#endif
