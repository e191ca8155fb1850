/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The state of the class elastic_net, and its fit. */
#ifndef KEDGE_GSL_ELASTIC_NET_STATE_H
#define KEDGE_GSL_ELASTIC_NET_STATE_H

#include "kedge/gsl/elastic_net.h"

#include "gsl/linear_model.h"

#define KEDGE_I_ELASTIC_NET_ALPHA_MAX 1e200

enum { KEDGE_I_ELASTIC_NET_ALPHAS_MAX = 10000 };

typedef struct kedge_i_elastic_net_state {
    kedge_i_gsl_state linear;
    double alpha;      /* parameters */
    double l1_ratio;
    double tolerance;
    double path_ratio;
    uint64_t seed;
    uint32_t max_iterations;
    uint32_t standardise;
    uint32_t n_folds;
    uint32_t n_alphas;
    uint32_t shuffle;
    uint32_t one_error;
    double chosen;     /* values: the strength of the last fit */
    double gap;
    double error;
    double error_se;
    uint32_t converged;
    uint32_t n_judged; /* folds that counted */
} kedge_i_elastic_net_state;

/* Bytes of work for a fit, or for a path whose points lie elsewhere; 0: too many. */
size_t kedge_i_elastic_net_work(const kedge_i_elastic_net_state *s, size_t n_rows, size_t n_points);

kedge_status kedge_i_elastic_net_fit(kedge_i_elastic_net_state *s, const kedge_rows *x, const double *y, const double *weight,
                                     void *work);

/* A path; alphas and weights may be NULL. */
kedge_status kedge_i_elastic_net_path(const kedge_i_elastic_net_state *s, const kedge_rows *x, const double *y,
                                      const double *weight,
                                      const double *alphas, kedge_gsl_elastic_net_fit *points, size_t n, double *weights,
                                          void *work);

#endif
