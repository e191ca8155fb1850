/* SPDX-License-Identifier: MIT */
/* Frozen regression trees and forests of them: the weighted mean of what their leaves say, as regress_head.c and forest_reg.c have
 * it. Doubles: the trees' weights, what is said if no tree has weight, then the leaves'. */
#include "base/fp.h"

#include "models/frozen_walk.h"

#include "base/number.h"

#define FROZEN_DEVIATIONS 6.0                      /* HEAD_FAR */
#define FROZEN_TARGET_MAX (4.0 * KEDGE_TARGET_MAX) /* rounding, and more */

/* Middle, bounds, and what features add. */
static int frozen_slopes_are_sound(const double *d, uint32_t n)
{
    const double *slope = d + FROZEN_SLOPE_FIRST;
    if (!kedge_i_within(d[FROZEN_MIDDLE], -100.0 * KEDGE_TARGET_MAX, 100.0 * KEDGE_TARGET_MAX) ||
        !kedge_i_within(d[FROZEN_LEAST], -FROZEN_TARGET_MAX, FROZEN_TARGET_MAX) ||
        !kedge_i_within(d[FROZEN_GREATEST], d[FROZEN_LEAST], FROZEN_TARGET_MAX))
        return 0;
    for (uint32_t k = 0; k < n; k++, slope += FROZEN_SLOPE_WORDS)
        if (!kedge_i_within(slope[0], -2.0 * TREE_INPUT_MAX, 2.0 * TREE_INPUT_MAX) || !kedge_i_within(slope[1], 0.0, 1e50) ||
            !kedge_i_within(slope[2], -100.0 * KEDGE_TARGET_MAX, 100.0 * KEDGE_TARGET_MAX))
            return 0;
    return 1;
}

static int frozen_linear_leaf_is_sound(const frozen_head *h, const frozen_node *n, frozen_pen *p)
{
    const double *d = frozen_doubles(h) + p->next_double;
    if (n->threshold != (double)p->next_word || p->next_word == h->n_words)
        return 0;
    const uint32_t *words = frozen_words(h) + p->next_word;
    uint64_t need = FROZEN_SLOPE_FIRST + FROZEN_SLOPE_WORDS * (uint64_t)words[0];
    if (words[0] > h->n_words - p->next_word - 1 || need > h->n_doubles - p->next_double)
        return 0;
    p->next_word += 1 + words[0];
    p->next_double += (uint32_t)need;
    return frozen_list_is_sound(words + 1, words[0], h->n_features) && frozen_slopes_are_sound(d, words[0]);
}

static int frozen_value_leaf_is_sound(const frozen_head *h, const frozen_node *n, frozen_pen *p)
{
    if (n->child != p->next_double || p->next_double == h->n_doubles)
        return 0;
    if (n->what == (FROZEN_LEAF | (uint32_t)FROZEN_SLOPES << 16))
        return frozen_linear_leaf_is_sound(h, n, p);
    p->next_double++;
    return n->what == FROZEN_LEAF && n->threshold == 0.0 &&
           frozen_all_within(frozen_leaf_doubles(h, n), 1, -FROZEN_TARGET_MAX, FROZEN_TARGET_MAX);
}

static int frozen_values_are_sound(const frozen_head *h)
{
    uint32_t n_trees = h->params[FROZEN_TREES];
    return h->n_parts == 0 && h->n_classes == 0 && kedge_i_u32_within(n_trees, 1, h->n_nodes) && n_trees < h->n_doubles &&
           h->n_words >= FROZEN_NOMINAL_WORDS && kedge_i_u32_within(h->params[FROZEN_VALUES], 1, 4096) &&
           frozen_all_within(frozen_doubles(h), n_trees, 0.0, 1e7) &&
           frozen_all_within(frozen_doubles(h) + n_trees, 1, -2.0 * KEDGE_TARGET_MAX, 2.0 * KEDGE_TARGET_MAX) &&
           frozen_nodes_are_sound(h, n_trees, n_trees + 1, frozen_value_leaf_is_sound);
}

static inline double frozen_bounded(double x, double low, double high)
{
    x = x < high ? x : high;
    return x > low ? x : low;
}

static double frozen_say(const frozen_view *v, const frozen_node *leaf)
{
    const double *d = frozen_leaf_doubles(v->h, leaf);
    if (frozen_leaf_kind(leaf->what) == FROZEN_VALUE)
        return d[0];
    const uint32_t *words = frozen_leaf_words(v->h, leaf);
    const double *slope = d + FROZEN_SLOPE_FIRST;
    double sum = d[FROZEN_MIDDLE];
    for (uint32_t k = 1; k <= words[0]; k++, slope += FROZEN_SLOPE_WORDS) {
        double value = v->plain ? v->plain[words[k]] : tree_input(v->x, words[k]);
        double known = value != value ? slope[0] : value; /* missing: as the mean */
        sum += slope[2] * frozen_bounded((known - slope[0]) * slope[1], -FROZEN_DEVIATIONS, FROZEN_DEVIATIONS);
    }
    return frozen_bounded(sum, d[FROZEN_LEAST], d[FROZEN_GREATEST]);
}

static void frozen_values_predict(const frozen_head *h, const kedge_row *x, double *y)
{
    const double *weights = frozen_doubles(h);
    frozen_view v = frozen_look(h, x);
    uint32_t n_trees = h->params[FROZEN_TREES];
    double sum = 0.0;
    double mean = weights[n_trees];
    for (uint32_t i = 0; i < n_trees; i++) {
        if (!(weights[i] > 0.0))
            continue;
        sum += weights[i];
        mean += (frozen_say(&v, frozen_find(&v, i)) - mean) * (weights[i] / sum);
    }
    *y = frozen_bounded(mean, -KEDGE_TARGET_MAX, KEDGE_TARGET_MAX);
}

const frozen_kind kedge_i_frozen_values = {frozen_values_are_sound, frozen_values_predict, frozen_values_predict};
