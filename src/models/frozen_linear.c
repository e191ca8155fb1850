/* SPDX-License-Identifier: MIT */
/* What frozen linear models say: linear_serve.h, on the block's numbers. */
#include "base/fp.h"

#include "models/frozen_linear.h"

#include "base/number.h"

#define FROZEN_LINEAR_WEIGHT_MAX 1e150 /* times inputs of 1e100, and 65,537 of them, is finite */

static uint32_t frozen_linear_has(const frozen_head *h, uint32_t what, uint32_t n)
{
    return (h->params[FROZEN_LINEAR_HAS] & what) != 0 ? n : 0;
}

static linear_machine frozen_linear_machine(const frozen_head *h)
{
    const double *d = frozen_doubles(h);
    linear_machine m;
    m.n_features = h->n_features;
    m.n_classes = h->n_classes;
    m.n_vectors = frozen_n_vectors(h);
    m.loss = h->params[FROZEN_LINEAR_LOSS];
    m.scales = frozen_linear_has(h, FROZEN_LINEAR_SCALES, 1) ? d + FROZEN_LINEAR_REST : NULL;
    m.factors = d + FROZEN_LINEAR_REST + frozen_linear_has(h, FROZEN_LINEAR_SCALES, m.n_features);
    m.weights = m.factors + frozen_linear_has(h, FROZEN_LINEAR_FACTORS, m.n_vectors);
    m.factors = frozen_linear_has(h, FROZEN_LINEAR_FACTORS, 1) ? m.factors : NULL;
    m.stride = (size_t)m.n_features + 1;
    m.factor_stride = 1;
    m.offset = d[FROZEN_LINEAR_OFFSET];
    m.input_max = d[FROZEN_LINEAR_MAX];
    m.input_min = d[FROZEN_LINEAR_MIN];
    return m;
}

/* Does the loss mean anything for so many classes? */
static int frozen_linear_is_sensible(const frozen_head *h)
{
    uint32_t loss = h->params[FROZEN_LINEAR_LOSS];
    uint32_t least = loss == KEDGE_LINEAR_SOFTMAX ? 3 : loss <= KEDGE_LINEAR_HINGE ? 2 : 0;
    uint32_t most = loss <= KEDGE_LINEAR_HINGE ? KEDGE_CLASSES_MAX : 0;
    return kedge_i_u32_within(loss, KEDGE_LINEAR_LOGISTIC, KEDGE_LINEAR_POISSON) && kedge_i_u32_within(h->n_classes, least, most);
}

static int frozen_linear_is_sound(const frozen_head *h)
{
    uint64_t n_vectors = frozen_n_vectors(h);
    uint64_t need = FROZEN_LINEAR_REST + (uint64_t)frozen_linear_has(h, FROZEN_LINEAR_SCALES, h->n_features) +
                    frozen_linear_has(h, FROZEN_LINEAR_FACTORS, (uint32_t)n_vectors) + n_vectors * (h->n_features + 1u);
    if (h->n_nodes != 0 || h->n_words != 0 || h->n_parts != 0 || h->n_doubles != need || h->flags != 0 ||
        !frozen_linear_is_sensible(h))
        return 0;
    linear_machine m = frozen_linear_machine(h);
    return kedge_i_within(m.input_max, 0.0, LINEAR_INPUT_MAX) && kedge_i_within(m.input_min, 0.0, LINEAR_INPUT_MAX) &&
           kedge_i_within(m.offset, -KEDGE_TARGET_MAX, KEDGE_TARGET_MAX) &&
           (!m.scales || frozen_all_within(m.scales, m.n_features, 0.0, LINEAR_INPUT_MAX)) &&
           (!m.factors || frozen_all_within(m.factors, m.n_vectors, 0.0, 1.0)) &&
           frozen_all_within(m.weights, (size_t)m.n_vectors * m.stride, -FROZEN_LINEAR_WEIGHT_MAX, FROZEN_LINEAR_WEIGHT_MAX);
}

static void frozen_linear_predict(const frozen_head *h, const kedge_row *x, double *y)
{
    linear_machine m = frozen_linear_machine(h);
    linear_source source = linear_from_dense(x, h->n_features);
    linear_serve_predict(&m, &source, y);
}

static void frozen_linear_score(const frozen_head *h, const kedge_row *x, double *scores)
{
    linear_machine m = frozen_linear_machine(h);
    linear_source source = linear_from_dense(x, h->n_features);
    linear_serve_score(&m, &source, scores);
}

const frozen_kind kedge_i_frozen_linear = {frozen_linear_is_sound, frozen_linear_predict, frozen_linear_score};
