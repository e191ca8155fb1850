/* SPDX-License-Identifier: MIT */
/* Static training of Gaussian naive Bayes, in two passes. */
#include "base/fp.h"

#include <string.h>

#include "models/gaussian_nb_state.h"

size_t kedge_i_gaussian_nb_work(const void *fixed, size_t n_rows)
{
    (void)fixed, (void)n_rows;
    return KEDGE_ALIGN; /* none is needed; 0 would say that there is no fit */
}

static double gaussian_nb_total(const double *weight, size_t n)
{
    double total = 0.0;
    for (size_t i = 0; i < n; i++)
        total += weight ? weight[i] : 1.0;
    return total;
}

/* First pass: means, by shares of the final weights, so that no sum can overflow. */
static void gaussian_nb_fit_means(gaussian_nb_state *s, const kedge_rows *x, const double *y, const double *weight)
{
    double *all = kedge_i_at(s, s->at_all);
    const double *class_weight = gaussian_nb_weights(s);
    for (size_t r = 0; r < x->n_rows; r++) {
        kedge_row row = kedge_i_row_of_rows(x, r);
        uint32_t c = (uint32_t)y[r];
        double *own = gaussian_nb_class_of(s, c);
        double w = weight ? weight[r] : 1.0;
        if (w == 0.0)
            continue;
        double share_all = w / s->weight;
        double share_own = w / class_weight[c];
        for (uint32_t i = 0; i < s->model.n_features; i++) {
            double value = gaussian_nb_input(&row, i);
            all[i] += share_all * value;
            own[i] += share_own * value;
        }
    }
}

/* Second pass: squared deviations. */
static void gaussian_nb_fit_squares(gaussian_nb_state *s, const kedge_rows *x, const double *y, const double *weight)
{
    uint32_t n = s->model.n_features;
    double *all = kedge_i_at(s, s->at_all);
    for (size_t r = 0; r < x->n_rows; r++) {
        kedge_row row = kedge_i_row_of_rows(x, r);
        double *own = gaussian_nb_class_of(s, (uint32_t)y[r]);
        double w = weight ? weight[r] : 1.0;
        for (uint32_t i = 0; i < n; i++) {
            double value = gaussian_nb_input(&row, i);
            all[n + i] += w * (value - all[i]) * (value - all[i]);
            own[n + i] += w * (value - own[i]) * (value - own[i]);
        }
    }
}

kedge_status kedge_i_gaussian_nb_fit(const kedge_model_class *cls, void *state, const kedge_rows *x, const double *y, const double *weight, void *work)
{
    (void)cls;
    gaussian_nb_state *s = state;
    double total = gaussian_nb_total(weight, x->n_rows);
    (void)work;
    if (!(total > 0.0))
        return KEDGE_ERR_NUMERIC;
    if (total > GAUSSIAN_NB_WEIGHT_MAX)
        return KEDGE_ERR_RANGE;
    double *class_weight = kedge_i_at(s, s->at_weights);
    memset(class_weight, 0, s->model.n_classes * sizeof(double));
    memset(kedge_i_at(s, s->at_all), 0, s->n_all * sizeof(double));
    memset(kedge_i_at(s, s->at_moments), 0, s->n_moments * sizeof(double));
    s->weight = total;
    s->model.n_learned = 0;
    for (size_t i = 0; i < x->n_rows; i++) {
        double w = weight ? weight[i] : 1.0;
        class_weight[(size_t)y[i]] += w;
        s->model.n_learned += w > 0.0;
    }
    gaussian_nb_fit_means(s, x, y, weight);
    gaussian_nb_fit_squares(s, x, y, weight);
    return KEDGE_OK;
}
