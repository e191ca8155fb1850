/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Standard errors, tests and intervals of a fitted linear model, from the root of its covariance. See
 * include/kedge/gsl/report.h. */
#include "base/fp.h"

#include <float.h>
#include <math.h>

#include "kedge/gsl/report.h"

#include "base/check.h"
#include "base/number.h"
#include "base/special.h"
#include "gsl/inference.h"
#include "gsl/linear_model.h"

#define REPORT_FAR 1e300 /* in the caller's units: what is beyond is cut instead of overflowing */
#define REPORT_CUT 1e200 /* in units of target_scale, likewise */

/* A fitted state that has errors to report. */
static kedge_status report_state(const kedge_model *m, double confidence, const kedge_i_gsl_state **linear)
{
    KEDGE_TRY(kedge_i_gsl_state_of(m, linear));
    if (!(*linear)->report)
        return KEDGE_ERR_UNSUPPORTED;
    if (!(confidence > 0.0 && confidence < 1.0))
        return KEDGE_ERR_RANGE;
    if ((*linear)->model.n_learned == 0)
        return KEDGE_EMPTY;
    return (*linear)->has_root ? KEDGE_OK : KEDGE_ERR_NUMERIC;
}

/* Generalised linear models have no line with one spread about it: theirs is unknown, see kedge/gsl/glm.h. */
static int report_is_line(const kedge_i_gsl_state *linear)
{
    return linear->df != KEDGE_I_GSL_NORMAL || linear->spread > 0.0;
}

/* Coefficient i, the intercept first, with its standard error. */
static kedge_status report_coefficient(const kedge_i_gsl_state *linear, size_t i, double critical, kedge_gsl_coefficient *out)
{
    const double *weight = kedge_i_at_const(linear, linear->weight_at);
    double value = 0.0;
    double error = 0.0;
    if (i == 0) {
        value = kedge_i_gsl_intercept(linear);
        error = fmin(kedge_i_gsl_value_error(linear, NULL), REPORT_CUT) * linear->target_scale;
    } else {
        uint32_t j = (uint32_t)i - 1;
        if (!kedge_i_gsl_in_units(linear, j, weight[j], &value) ||
            !kedge_i_gsl_in_units(linear, j, kedge_i_gsl_weight_error(linear, j), &error))
            return KEDGE_ERR_NUMERIC;
    }
    return kedge_i_gsl_infer(value, error, linear->df, critical, out);
}

/* F = (explained / rank) / (unexplained / df). */
static void report_fit(const kedge_i_gsl_state *linear, kedge_gsl_fit_report *out)
{
    double left = linear->unexplained;
    double rank = (double)linear->rank;
    out->n_rows = linear->model.n_learned;
    out->rank = linear->rank;
    out->reserved = 0;
    out->df = linear->df;
    out->residual_error = linear->spread * linear->target_scale;
    out->r2 = 1.0 - left;
    out->adjusted_r2 = 1.0 - left * (((double)linear->model.n_learned - 1.0) / linear->df);
    out->f = 0.0;
    out->f_p_value = 1.0;
    if (linear->rank == 0)
        return;
    out->f = kedge_i_gsl_ratio((1.0 - left) / rank, left / linear->df);
    out->f_p_value = kedge_i_fisher_f_upper(fmin(out->f, REPORT_FAR), rank, linear->df);
}

kedge_status kedge_gsl_report(const kedge_model *m, double confidence, kedge_gsl_fit_report *out,
                              kedge_gsl_coefficient *coefficients, size_t n_coefficients)
{
    const kedge_i_gsl_state *linear;
    kedge_gsl_coefficient one;
    kedge_status st = report_state(m, confidence, &linear);
    if (st < 0)
        return st;
    if (n_coefficients != (coefficients ? (size_t)linear->n + 1 : 0))
        return KEDGE_ERR_SHAPE;
    if (st == KEDGE_EMPTY)
        return st;
    if (out && !report_is_line(linear))
        return KEDGE_ERR_UNSUPPORTED;
    double critical = kedge_i_gsl_critical(confidence, linear->df);
    for (size_t i = 0; i < n_coefficients; i++)
        KEDGE_TRY(report_coefficient(linear, i, critical, &one));
    for (size_t i = 0; i < n_coefficients; i++)
        KEDGE_TRY(report_coefficient(linear, i, critical, coefficients + i));
    if (out)
        report_fit(linear, out);
    return KEDGE_OK;
}

kedge_status kedge_gsl_predict_interval(const kedge_model *m, const double *x, double confidence, kedge_gsl_interval *out)
{
    const kedge_i_gsl_state *linear;
    if (!x || !out)
        return KEDGE_ERR_NULL;
    kedge_status st = report_state(m, confidence, &linear);
    if (st != KEDGE_OK)
        return st;
    if (!report_is_line(linear))
        return KEDGE_ERR_UNSUPPORTED;
    for (uint32_t i = 0; i < linear->n; i++)
        if (!kedge_i_finite(x[i]))
            return KEDGE_ERR_NOT_FINITE;
    kedge_row row = {x, 1, KEDGE_FLOAT64, 0, NULL};
    double critical = kedge_i_gsl_critical(confidence, linear->df);
    double error = fmin(kedge_i_gsl_value_error(linear, &row), REPORT_CUT);
    double reach = fmin(critical * error, REPORT_CUT) * linear->target_scale;
    double reach_new = fmin(critical * hypot(error, linear->spread), REPORT_CUT) * linear->target_scale;
    double value = kedge_i_gsl_value(linear, &row);
    out->value = value;
    out->standard_error = error * linear->target_scale;
    out->mean_low = value - reach;
    out->mean_high = value + reach;
    out->low = value - reach_new;
    out->high = value + reach_new;
    return KEDGE_OK;
}
