/* SPDX-License-Identifier: MIT */
#include "base/fp.h"

#include <string.h>

#include "models/frozen_linear.h"

#include "base/check.h"

static double *freeze_linear_put(double *to, const double *from, size_t n)
{
    memcpy(to, from, n * sizeof *to);
    return to + n;
}

kedge_status kedge_i_freeze_linear(const kedge_model_class *cls, const void *state, const linear_machine *m, void *buf, size_t cap,
                                   size_t *len)
{
    uint32_t n_inputs = m->n_features + 1;
    freeze_plan plan = {KEDGE_FROZEN_LINEAR, 0, 0, 0, 0, 0, 0};
    freeze_block b;
    plan.n_doubles = FROZEN_LINEAR_REST + (m->scales ? m->n_features : 0u) + (m->factors ? m->n_vectors : 0u) +
                     (uint64_t)m->n_vectors * n_inputs;
    KEDGE_TRY(kedge_i_freeze_begin(cls, state, &plan, buf, cap, len, &b));
    b.head->params[FROZEN_LINEAR_LOSS] = m->loss;
    b.head->params[FROZEN_LINEAR_HAS] = (m->scales ? FROZEN_LINEAR_SCALES : 0u) | (m->factors ? FROZEN_LINEAR_FACTORS : 0u);
    b.doubles[FROZEN_LINEAR_MAX] = m->input_max;
    b.doubles[FROZEN_LINEAR_MIN] = m->input_min;
    b.doubles[FROZEN_LINEAR_OFFSET] = m->offset;
    double *to = b.doubles + FROZEN_LINEAR_REST;
    if (m->scales)
        to = freeze_linear_put(to, m->scales, m->n_features);
    for (uint32_t v = 0; m->factors && v < m->n_vectors; v++)
        *to++ = m->factors[v * m->factor_stride];
    for (uint32_t v = 0; v < m->n_vectors; v++)
        to = freeze_linear_put(to, m->weights + v * m->stride, n_inputs);
    return kedge_i_freeze_end(&b);
}
