/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The state of discriminant analysis. */
#ifndef KEDGE_GSL_DISCRIMINANT_STATE_H
#define KEDGE_GSL_DISCRIMINANT_STATE_H

#include "kedge/gsl/discriminant.h"

typedef struct kedge_i_discriminant_state {
    kedge_model_state model;
    double shrinkage;
    uint32_t quadratic;
    uint32_t unbiased;
    uint32_t n;            /* n_features */
    uint32_t n_directions; /* n_features * n_classes */
    uint32_t n_roots;      /* quadratic: n_classes triangles */
    uint32_t unit_at;      /* doubles, n: what x is multiplied by */
    uint32_t centre_at;    /* doubles, n: overall means in these units */
    uint32_t share_at;     /* doubles, a class: 0 to 1 */
    uint32_t constant_at;  /* doubles, a class: its score at the centre; quadratic: at its mean */
    uint32_t direction_at; /* doubles, class after class: linear weights; quadratic means, less the centre */
    uint32_t root_at;      /* doubles, class after class: T, row i at i (i + 1) / 2 */
} kedge_i_discriminant_state;

size_t kedge_i_discriminant_fit_work(const void *fixed, size_t n_rows);
kedge_status kedge_i_discriminant_fit(const kedge_model_class *cls, void *state, const kedge_rows *x, const double *y,
                                      const double *weight, void *work);

#endif
