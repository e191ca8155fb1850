/* SPDX-License-Identifier: MIT */
/* Frozen portfolios: the parts' class shares, mixed, or with many classes the class that they vote for; as auto.c has it. Doubles: the parts' weights. */
#include "base/fp.h"

#include <string.h>

#include "models/frozen_blob.h"

#define FROZEN_SMOOTHING 1e-3 /* AUTO_SMOOTHING */

static int frozen_mixture_is_sound(const frozen_head *h)
{
    const double *weights = frozen_doubles(h);
    double sum = 0.0;
    if (h->n_parts == 0 || h->n_nodes != 0 || h->n_words != 0 || h->n_classes < 2 || h->n_doubles != h->n_parts || !frozen_all_within(weights, h->n_parts, 0.0, 1.01))
        return 0;
    for (uint32_t k = 0; k < h->n_parts; k++)
        sum += weights[k];
    return sum > 0.5 && sum < 2.0;
}

static void frozen_mix(const frozen_head *h, const kedge_row *x, double *scores)
{
    const frozen_head *part = frozen_first_part(h);
    double own[FROZEN_FEW];
    memset(scores, 0, h->n_classes * sizeof *scores);
    for (uint32_t k = 0; k < h->n_parts; k++, part = frozen_next_part(part)) {
        kedge_i_frozen_kind(part->kind)->score(part, x, own);
        for (uint32_t c = 0; c < h->n_classes; c++)
            scores[c] += frozen_doubles(h)[k] * own[c];
    }
}

static double frozen_mixture_vote(const frozen_head *h, const kedge_row *x, double *votes)
{
    const frozen_head *part = frozen_first_part(h);
    double says[FROZEN_PARTS_MAX];
    double best = 0.0;
    *votes = 0.0;
    for (uint32_t k = 0; k < h->n_parts; k++, part = frozen_next_part(part))
        kedge_i_frozen_kind(part->kind)->predict(part, x, &says[k]);
    for (uint32_t k = 0; k < h->n_parts; k++) {
        double sum = 0.0;
        for (uint32_t j = 0; j < h->n_parts; j++)
            sum += says[j] == says[k] ? frozen_doubles(h)[j] : 0.0;
        if (sum > *votes) {
            *votes = sum;
            best = says[k];
        }
    }
    return best;
}

static void frozen_mixture_predict(const frozen_head *h, const kedge_row *x, double *y)
{
    double scores[FROZEN_FEW];
    uint32_t best = 0;
    if (h->n_classes > FROZEN_FEW) {
        *y = frozen_mixture_vote(h, x, scores);
        return;
    }
    frozen_mix(h, x, scores);
    for (uint32_t c = 1; c < h->n_classes; c++)
        if (scores[c] > scores[best])
            best = c;
    *y = best;
}

static void frozen_mixture_score(const frozen_head *h, const kedge_row *x, double *scores)
{
    double sum = 0.0;
    double votes;
    if (h->n_classes <= FROZEN_FEW) {
        frozen_mix(h, x, scores);
    } else {
        double best = frozen_mixture_vote(h, x, &votes);
        for (uint32_t c = 0; c < h->n_classes; c++)
            scores[c] = FROZEN_SMOOTHING / h->n_classes;
        scores[(uint32_t)best] += votes;
    }
    for (uint32_t c = 0; c < h->n_classes; c++)
        sum += scores[c];
    for (uint32_t c = 0; c < h->n_classes; c++)
        scores[c] /= sum;
}

const frozen_kind kedge_i_frozen_mixture = {frozen_mixture_is_sound, frozen_mixture_predict, frozen_mixture_score};
