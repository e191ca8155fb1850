/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests and intervals. Student's distribution by the incomplete beta function of base/special.h: GSL's inverse distribution
 * functions raise on valid arguments. */
#include "base/fp.h"

#include <float.h>
#include <math.h>

#include "gsl/inference.h"

#include "base/interval.h"
#include "base/number.h"
#include "base/quantile.h"
#include "base/special.h"

#define INFERENCE_DF_MANY 1e7 /* Student's quantile is the normal one and a first correction from here on, to 1e-14 */

/* Cornish, Fisher 1938: t = z + (z^3 + z) / (4 df) + O(1 / df^2); A&S 26.7.5. */
double kedge_i_gsl_critical(double confidence, double df)
{
    double tail = 0.5 * (1.0 - confidence);
    if (df != KEDGE_I_GSL_NORMAL && df < INFERENCE_DF_MANY)
        return kedge_i_student_upper(tail, df);
    double z = -kedge_i_normal_quantile(tail);
    return df == KEDGE_I_GSL_NORMAL ? z : z + z * (z * z + 1.0) / (4.0 * df);
}

double kedge_i_gsl_two_sided(double statistic, double df)
{
    if (df == KEDGE_I_GSL_NORMAL)
        return 2.0 * kedge_i_normal_upper(fabs(statistic));
    return kedge_i_student_two_sided(statistic, df);
}

double kedge_i_gsl_ratio(double numerator, double denominator)
{
    if (numerator == 0.0)
        return 0.0;
    if (!(denominator > fabs(numerator) * 1e-300))
        return numerator < 0.0 ? -DBL_MAX : DBL_MAX;
    return numerator / denominator;
}

kedge_status kedge_i_gsl_infer(double value, double standard_error, double df, double critical, kedge_gsl_coefficient *out)
{
    if (!kedge_i_within(value, -0.5 * DBL_MAX, 0.5 * DBL_MAX) ||
        !kedge_i_within(standard_error, 0.0, 0.25 * DBL_MAX / (critical + 1.0)))
        return KEDGE_ERR_NUMERIC;
    out->value = value;
    out->standard_error = standard_error;
    out->statistic = kedge_i_gsl_ratio(value, standard_error);
    out->p_value = kedge_i_gsl_two_sided(out->statistic, df);
    out->low = value - critical * standard_error;
    out->high = value + critical * standard_error;
    return KEDGE_OK;
}
