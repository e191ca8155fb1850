/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The state of the class softmax_irls, and its fit. */
#ifndef KEDGE_GSL_SOFTMAX_STATE_H
#define KEDGE_GSL_SOFTMAX_STATE_H

#include "kedge/gsl/softmax.h"

/* value of class k = intercept[k] + sum over j of weight[k][j] * (x[j] * unit[j] - centre[j]), for classes that were seen. */
typedef struct kedge_i_softmax_state {
    kedge_model_state model;
    double l2;        /* parameters */
    double tolerance;
    uint32_t max_iterations;
    uint32_t standardise;
    uint32_t report;
    uint32_t n;            /* n_features */
    uint32_t n_weights;    /* n_features * n_classes */
    uint32_t n_root;       /* a triangle of (n_classes - 1) (n_features + 1) rows, or 0 without report */
    uint32_t unit_at;      /* doubles, n: what x is multiplied by, positive */
    uint32_t centre_at;    /* doubles, n, in [-2, 2] */
    uint32_t seen_at;      /* doubles, a class: 1: it had rows, 0: not */
    uint32_t intercept_at; /* doubles, a class */
    uint32_t weight_at;    /* doubles, class after class */
    uint32_t root_at;      /* doubles: T, row i at i (i + 1) / 2, with T' T the covariance of intercept and weights of the classes
                            * that were seen, one after the other, the first of them left out */
    double deviance;       /* values */
    double null_deviance;
    uint32_t rank;
    uint32_t iterations;
    uint32_t has_root; /* 1: the last fit gave one */
    uint32_t spare;    /* 0 */
} kedge_i_softmax_state;

size_t kedge_i_softmax_fit_work(const void *fixed, size_t n_rows);
kedge_status kedge_i_softmax_fit(const kedge_model_class *cls, void *state, const kedge_rows *x, const double *y,
                                 const double *weight,
                                 void *work);

#endif
