/* SPDX-License-Identifier: MIT */
/* Frozen logistic regression: logistic_serve.h, on the block's numbers. Parameter: lanes. Doubles: mix, doubts, locations, scales,
 * weights. */
#include "base/fp.h"

#include "models/frozen_blob.h"

#include "base/number.h"

#if defined(__GNUC__) && !defined(__clang__) /* as logistic.c, for its reason */
#pragma GCC push_options
#pragma GCC optimize("no-tree-loop-vectorize")
#endif

#include "models/logistic_serve.h"

#define FROZEN_LOGISTIC_WEIGHT_MAX 1e6 /* a learner's are smaller: see LOGISTIC_WEIGHT_MAX */

static logistic_machine frozen_logistic_machine(const frozen_head *h)
{
    logistic_machine m;
    m.n_features = h->n_features;
    m.n_vectors = frozen_n_vectors(h);
    m.n_lanes = h->params[0];
    m.reserved = 0;
    m.mix = frozen_doubles(h);
    m.doubts = m.mix + m.n_lanes;
    m.location = m.doubts + m.n_lanes;
    m.scale = m.location + m.n_features;
    m.weights = m.scale + m.n_features;
    return m;
}

static int frozen_logistic_is_sound(const frozen_head *h)
{
    uint32_t n_lanes = h->params[0];
    uint64_t n_weights = (uint64_t)frozen_n_vectors(h) * (h->n_features + 1u) * n_lanes; /* < 2^32 */
    if (h->n_nodes != 0 || h->n_words != 0 || h->n_parts != 0 || h->n_classes < 2 ||
        n_lanes == 0 || n_lanes > LOGISTIC_MAX_LANES || n_lanes % LOGISTIC_LANES != 0 ||
        h->n_doubles != 2u * ((uint64_t)n_lanes + h->n_features) + n_weights)
        return 0;
    logistic_machine m = frozen_logistic_machine(h);
    double sum = 0.0;
    for (uint32_t e = 0; e < n_lanes; e++)
        sum += m.mix[e];
    return kedge_i_within(sum, 0.99, 1.01) && frozen_all_within(m.mix, n_lanes, 0.0, 1.01) &&
           frozen_all_within(m.doubts, n_lanes, 0.0, 1.0) &&
           frozen_all_within(m.location, m.n_features, -LOGISTIC_LOCATION_MAX, LOGISTIC_LOCATION_MAX) &&
           frozen_all_within(m.scale, m.n_features, 0.0, LOGISTIC_SCALE_MAX) &&
           frozen_all_within(m.weights, (size_t)n_weights, -FROZEN_LOGISTIC_WEIGHT_MAX, FROZEN_LOGISTIC_WEIGHT_MAX);
}

static void frozen_logistic_predict(const frozen_head *h, const kedge_row *x, double *y)
{
    logistic_machine m = frozen_logistic_machine(h);
    *y = logistic_serve_predict(&m, x);
}

static void frozen_logistic_score(const frozen_head *h, const kedge_row *x, double *scores)
{
    logistic_machine m = frozen_logistic_machine(h);
    logistic_serve_score(&m, x, scores);
}

const frozen_kind kedge_i_frozen_logistic = {frozen_logistic_is_sound, frozen_logistic_predict, frozen_logistic_score};

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC pop_options
#endif
