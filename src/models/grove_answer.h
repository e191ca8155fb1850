/* SPDX-License-Identifier: MIT */
/* What groves answer, alive or frozen: forests by means of their leaves' numbers, gradient boosting by sums of them. */
#ifndef KEDGE_MODELS_GROVE_ANSWER_H
#define KEDGE_MODELS_GROVE_ANSWER_H

#include <math.h>
#include <stdint.h>

#include "base/quick.h"
#include "models/row.h"

#define GROVE_LOG2_E 1.44269504088896340736
#define GROVE_FAR 600.0 /* of a score from the greatest; no farther ones count less */

enum { GROVE_CLASSES = 64 /* whose shares are summed at a time */ };

typedef struct grove_view {
    const void *of; /* state or block */
    const double *(*leaf)(const void *of, uint32_t tree, const kedge_row *x); /* the numbers of a row's leaf */
    uint32_t n_trees;
    uint32_t n_classes; /* 0: regression */
    uint32_t n_outputs; /* numbers of a forest's leaf; sums of boosting, to which trees add in turn */
    const double *bases; /* of boosting: where the sums start */
} grove_view;

/* Forests ---------------------------------------------------------------------------------------------------------------------- */

/* Sums over all trees of n numbers of a row's leaves, from number `first` on. */
static inline void grove_add_up(const grove_view *v, const kedge_row *x, uint32_t first, uint32_t n, double *sums)
{
    for (uint32_t c = 0; c < n; c++)
        sums[c] = 0.0;
    for (uint32_t t = 0; t < v->n_trees; t++) {
        const double *leaf = v->leaf(v->of, t, x) + first;
        for (uint32_t c = 0; c < n; c++)
            sums[c] += leaf[c];
    }
}

static inline double grove_forest_predict(const grove_view *v, const kedge_row *x)
{
    double sums[GROVE_CLASSES];
    double most = -1.0;
    uint32_t best = 0;
    if (v->n_classes == 0) {
        grove_add_up(v, x, 0, 1, sums);
        return sums[0] / v->n_trees;
    }
    for (uint32_t first = 0; first < v->n_classes; first += GROVE_CLASSES) {
        uint32_t left = v->n_classes - first;
        uint32_t n = left < GROVE_CLASSES ? left : GROVE_CLASSES;
        grove_add_up(v, x, first, n, sums);
        for (uint32_t c = 0; c < n; c++) {
            best = sums[c] > most ? first + c : best;
            most = sums[c] > most ? sums[c] : most;
        }
    }
    return best;
}

static inline void grove_forest_score(const grove_view *v, const kedge_row *x, double *scores)
{
    double all = 0.0;
    grove_add_up(v, x, 0, v->n_outputs, scores);
    for (uint32_t c = 0; c < v->n_outputs; c++)
        all += scores[c];
    for (uint32_t c = 0; c < v->n_outputs; c++)
        scores[c] /= v->n_classes > 0 ? all : v->n_trees;
}

/* Gradient boosting ------------------------------------------------------------------------------------------------------------ */

static inline double grove_sum(const grove_view *v, const kedge_row *x, uint32_t k)
{
    double sum = v->bases[k];
    for (uint32_t t = k; t < v->n_trees; t += v->n_outputs)
        sum += *v->leaf(v->of, t, x);
    return sum;
}

static inline double grove_boost_predict(const grove_view *v, const kedge_row *x)
{
    double most = grove_sum(v, x, 0);
    uint32_t best = 0;
    for (uint32_t k = 1; k < v->n_outputs; k++) {
        double sum = grove_sum(v, x, k);
        best = sum > most ? k : best;
        most = sum > most ? sum : most;
    }
    return v->n_classes == 0 ? most : v->n_classes == 2 ? most > 0.0 : best;
}

/* e^-far: at most 1. */
static inline double grove_odds(double far)
{
    double odds = kedge_i_quick_exp2(-(far < GROVE_FAR ? far : GROVE_FAR) * GROVE_LOG2_E);
    return odds < 1.0 ? odds : 1.0;
}

static inline void grove_share_two(double sum, double *scores)
{
    double odds = grove_odds(fabs(sum));
    double less = odds / (1.0 + odds);
    scores[sum > 0.0] = 1.0 - less;
    scores[!(sum > 0.0)] = less;
}

static inline void grove_share_many(double *scores, uint32_t n)
{
    double most = scores[0];
    double sum = 0.0;
    for (uint32_t k = 1; k < n; k++)
        most = scores[k] > most ? scores[k] : most;
    for (uint32_t k = 0; k < n; k++)
        sum += scores[k] = grove_odds(most - scores[k]);
    for (uint32_t k = 0; k < n; k++)
        scores[k] /= sum;
}

static inline void grove_boost_score(const grove_view *v, const kedge_row *x, double *scores)
{
    for (uint32_t k = 0; k < v->n_outputs; k++)
        scores[k] = grove_sum(v, x, k);
    if (v->n_classes == 2)
        grove_share_two(scores[0], scores);
    if (v->n_classes > 2)
        grove_share_many(scores, v->n_outputs);
}

#endif
