/* SPDX-License-Identifier: MIT */
/* Frozen portfolios and ensembles: the parts' class shares, mixed, or with many classes the classes that they vote for, as auto.c
 * and votes.c have it; of a regression the weighted mean. Parameters: features that each part looks at; with many classes, 1: all
 * votes become scores. Doubles: the parts' weights. Words: each part's features, unless it looks at all. */
#include "base/fp.h"

#include <string.h>

#include "models/frozen_blob.h"

#include "base/number.h"
#include "models/row.h"

#define FROZEN_SMOOTHING 1e-3 /* AUTO_SMOOTHING */

/* Each part's features ascend and are there. */
static int frozen_looked_are_sound(const frozen_head *h)
{
    const uint32_t *words = frozen_words(h);
    uint32_t n_looked = h->params[FROZEN_LOOKED];
    uint64_t n = n_looked < h->n_features ? (uint64_t)h->n_parts * n_looked : 0;
    if (!kedge_i_u32_within(n_looked, 1, h->n_features) || h->n_words != n + n % 2)
        return 0;
    for (uint32_t i = 0; i < n; i++)
        if (words[i] >= h->n_features || (i % n_looked > 0 && words[i] <= words[i - 1]))
            return 0;
    return 1;
}

static int frozen_mixture_is_sound(const frozen_head *h)
{
    const double *weights = frozen_doubles(h);
    double sum = 0.0;
    if (h->n_parts == 0 || h->n_nodes != 0 || h->n_doubles != h->n_parts || h->params[FROZEN_SPREADS] > 1 ||
        !frozen_looked_are_sound(h) || !frozen_all_within(weights, h->n_parts, 0.0, 1.01))
        return 0;
    for (uint32_t k = 0; k < h->n_parts; k++)
        sum += weights[k];
    return sum > 0.5 && sum < 2.0;
}

/* A part and the row as it sees it. */
typedef struct frozen_asked {
    const frozen_head *part;
    const frozen_kind *kind;
    kedge_row_view view;
    kedge_row row;
} frozen_asked;

static void frozen_ask(const frozen_head *h, const frozen_head *part, uint32_t k, const kedge_row *x, frozen_asked *out)
{
    uint32_t n_looked = h->params[FROZEN_LOOKED];
    out->part = part;
    out->kind = kedge_i_frozen_kind(part->kind);
    out->row = *x;
    if (n_looked == h->n_features)
        return;
    out->view.of = x;
    out->view.index = frozen_words(h) + (size_t)k * n_looked;
    out->view.more = NULL;
    out->view.n = n_looked;
    out->view.reserved = 0;
    out->row = kedge_i_row_of_view(&out->view);
}

static void frozen_mix(const frozen_head *h, const kedge_row *x, double *scores)
{
    const frozen_head *part = frozen_first_part(h);
    double own[FROZEN_FEW];
    memset(scores, 0, h->n_classes * sizeof *scores);
    for (uint32_t k = 0; k < h->n_parts; k++, part = frozen_next_part(part)) {
        frozen_asked m;
        frozen_ask(h, part, k, x, &m);
        m.kind->score(m.part, &m.row, own);
        for (uint32_t c = 0; c < h->n_classes; c++)
            scores[c] += frozen_doubles(h)[k] * own[c];
    }
}

/* What each part says. */
static void frozen_poll(const frozen_head *h, const kedge_row *x, uint16_t *says)
{
    const frozen_head *part = frozen_first_part(h);
    for (uint32_t k = 0; k < h->n_parts; k++, part = frozen_next_part(part)) {
        frozen_asked m;
        double y;
        frozen_ask(h, part, k, x, &m);
        m.kind->predict(m.part, &m.row, &y);
        says[k] = (uint16_t)y;
    }
}

/* The class with most votes, and how many. */
static uint32_t frozen_elect(const frozen_head *h, const uint16_t *says, double *votes)
{
    uint32_t best = 0;
    *votes = 0.0;
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

/* The scores of many classes. */
static void frozen_poll_scores(const frozen_head *h, const kedge_row *x, double *scores)
{
    uint16_t says[FROZEN_PARTS_MAX];
    double votes;
    frozen_poll(h, x, says);
    for (uint32_t c = 0; c < h->n_classes; c++)
        scores[c] = h->params[FROZEN_SPREADS] ? 0.0 : FROZEN_SMOOTHING / h->n_classes;
    if (h->params[FROZEN_SPREADS] == 0) {
        uint32_t best = frozen_elect(h, says, &votes);
        scores[best] += votes;
        return;
    }
    for (uint32_t k = 0; k < h->n_parts; k++)
        scores[says[k]] += frozen_doubles(h)[k];
}

static double frozen_mean(const frozen_head *h, const kedge_row *x)
{
    const frozen_head *part = frozen_first_part(h);
    double sum = 0.0;
    for (uint32_t k = 0; k < h->n_parts; k++, part = frozen_next_part(part)) {
        frozen_asked m;
        double y;
        frozen_ask(h, part, k, x, &m);
        m.kind->predict(m.part, &m.row, &y);
        sum += frozen_doubles(h)[k] * y;
    }
    return sum;
}

static void frozen_mixture_predict(const frozen_head *h, const kedge_row *x, double *y)
{
    double scores[FROZEN_FEW];
    uint16_t says[FROZEN_PARTS_MAX];
    uint32_t best = 0;
    if (h->n_classes == 0) {
        *y = frozen_mean(h, x);
        return;
    }
    if (h->n_classes > FROZEN_FEW) {
        frozen_poll(h, x, says);
        *y = frozen_elect(h, says, scores);
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
    if (h->n_classes == 0) {
        *scores = frozen_mean(h, x);
        return;
    }
    if (h->n_classes <= FROZEN_FEW)
        frozen_mix(h, x, scores);
    else
        frozen_poll_scores(h, x, scores);
    for (uint32_t c = 0; c < h->n_classes; c++)
        sum += scores[c];
    for (uint32_t c = 0; c < h->n_classes; c++)
        scores[c] /= sum;
}

const frozen_kind kedge_i_frozen_mixture = {frozen_mixture_is_sound, frozen_mixture_predict, frozen_mixture_score};
