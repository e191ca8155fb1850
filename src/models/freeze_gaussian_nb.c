/* SPDX-License-Identifier: MIT */
/* What prediction alone needs of Gaussian naive Bayes. */
#include "base/fp.h"

#include <math.h>

#include "models/gaussian_nb_state.h"

#include "base/check.h"
#include "models/freeze.h"

/* A class's means and one over its deviations; returns its base. */
static double gaussian_nb_freeze_class(const gaussian_nb_state *s, uint32_t c, double floor_variance, double *to)
{
    uint32_t n = s->model.n_features;
    const double *mean = gaussian_nb_class(s, c);
    double weight = gaussian_nb_weights(s)[c];
    double log_variances = 0.0;
    if (weight == 0.0)
        return FROZEN_ABSENT;
    for (uint32_t i = 0; i < n; i++) {
        double variance = mean[n + i] / weight + floor_variance;
        log_variances += log(variance);
        to[i] = mean[i];
        to[n + i] = 1.0 / sqrt(variance);
    }
    return log(weight / s->weight) - 0.5 * log_variances;
}

kedge_status kedge_i_gaussian_nb_freeze(const kedge_model_class *cls, const void *state, void *buf, size_t cap, size_t *len)
{
    const gaussian_nb_state *s = state;
    freeze_plan plan = {KEDGE_FROZEN_GAUSSIAN, 0, 0, 0, 0, 0, 0};
    freeze_block b;
    plan.n_doubles = (uint64_t)s->model.n_classes + s->n_moments;
    KEDGE_TRY(kedge_i_freeze_begin(cls, state, &plan, buf, cap, len, &b));
    double floor_variance = s->floor_variance;
    for (uint32_t c = 0; c < s->model.n_classes; c++)
        b.doubles[c] = gaussian_nb_freeze_class(s, c, floor_variance, b.doubles + s->model.n_classes + (size_t)c * s->n_all);
    return kedge_i_freeze_end(&b);
}
