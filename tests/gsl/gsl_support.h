/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Models of kedge-gsl in memory that is exact to the byte, between guards. */
#ifndef KEDGE_TESTS_GSL_SUPPORT_H
#define KEDGE_TESTS_GSL_SUPPORT_H

#include "support.h"

#include <math.h>

#include "kedge/gsl.h"

/* A new model; its state is m.state, to be freed by guard_free(). */
static inline kedge_model gsl_model(const kedge_model_config *cfg)
{
    kedge_model m;
    size_t bytes = kedge_model_size(cfg);
    assert_true(bytes > 0);
    assert_int_equal(kedge_model_init(&m, cfg, guard_new(bytes, 0xA5), bytes), KEDGE_OK);
    return m;
}

/* Fit with exact, dirty work memory. Whatever comes out, no byte outside may change, the invariants hold, and an error changes
 * nothing. */
static inline kedge_status gsl_fit(kedge_model *m, const kedge_rows *x, const double *y, const double *weight)
{
    size_t bytes = kedge_model_work(m, x->n_rows);
    size_t state_bytes = ((const kedge_state_head *)m->state)->bytes;
    void *work = guard_new(bytes, 0x5C);
    void *before = guard_copy(m->state, state_bytes);
    kedge_status st = kedge_model_fit(m, x, y, weight, work, bytes);
    guard_check(m->state);
    if (st < 0)
        assert_memory_equal(m->state, before, state_bytes);
    assert_int_equal(kedge_model_check(m), KEDGE_OK);
    guard_free(before);
    guard_free(work);
    return st;
}

static inline void assert_ratio(double a, double b, double tolerance)
{
    assert_true(fabs(a - b) <= tolerance * fabs(b));
}

static inline double gsl_predict(const kedge_model *m, const double *x)
{
    double y = NAN;
    assert_int_equal(kedge_model_predict(m, x, &y), KEDGE_OK);
    return y;
}

static inline kedge_gsl_fit_summary gsl_summary(const kedge_model *m)
{
    kedge_gsl_fit_summary out;
    assert_int_equal(kedge_gsl_summary(m, &out), KEDGE_OK);
    return out;
}

#endif
