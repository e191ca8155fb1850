/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of robust regression share. */
#ifndef KEDGE_TESTS_ROBUST_ROWS_H
#define KEDGE_TESTS_ROBUST_ROWS_H

#include "gsl_support.h"

enum { N = 16, P = 3, STACK = 21, MAX_N = 80, MAX_P = 4 };

static inline kedge_gsl_robust_config config_of(uint32_t n_features, uint32_t norm)
{
    kedge_gsl_robust_config cfg = kedge_gsl_robust_defaults(n_features, norm);
    cfg.report = 1;
    return cfg;
}

static inline kedge_gsl_robust_fit summary_of(const kedge_model *m)
{
    kedge_gsl_robust_fit out;
    assert_int_equal(kedge_gsl_robust_summary(m, &out), KEDGE_OK);
    return out;
}

static inline void table(double *x, double *y)
{
    static const double targets[N] = {.3, .5, .4, 9, .7, 1.2, 1, 2.1, 1.5, 2.2, 3.9, 2.4, -4, 4.1, 6.2, 7.7};
    for (int i = 0; i < N; i++) {
        x[i * P] = i / 4. - 1.5;
        x[i * P + 1] = (i * 7 % 16) / 8. - 1;
        x[i * P + 2] = i + (i * 5 % 16) / 4.;
        y[i] = targets[i];
    }
}

#endif
