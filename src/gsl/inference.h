/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From estimates and their standard errors to tests and intervals: what the reports of all classes share. */
#ifndef KEDGE_GSL_INFERENCE_H
#define KEDGE_GSL_INFERENCE_H

#include "kedge/gsl/report.h"

#define KEDGE_I_GSL_NORMAL 0.0 /* in place of degrees of freedom: the normal distribution instead of Student's */

/* The x with P(|T| <= x) = confidence, in (0, 1); df > 0, or KEDGE_I_GSL_NORMAL. Some 10 us, for df of 1e7 some milliseconds. */
double kedge_i_gsl_critical(double confidence, double df);

/* P(|T| > |statistic|). */
double kedge_i_gsl_two_sided(double statistic, double df);

/* All of a coefficient; critical as from kedge_i_gsl_critical(). KEDGE_ERR_NUMERIC: a number does not fit; nothing is written. */
kedge_status kedge_i_gsl_infer(double value, double standard_error, double df, double critical, kedge_gsl_coefficient *out);

/* numerator / denominator, both >= 0 or the first of any sign, cut at the greatest double instead of overflowing; 0 / 0 is 0. */
double kedge_i_gsl_ratio(double numerator, double denominator);

#endif
