/* SPDX-License-Identifier: MIT */
/* Quantiles of Student's and Fisher's distributions, from the incomplete beta function: Abramowitz, Stegun 1964, 26.6.2, 26.7.1. */
#include "base/fp.h"

#include <math.h>

#include "base/quantile.h"
#include "base/special.h"

/* The ratio x / (1 - x) above which a beta variable of a and b is with chance q, by bisection of its logarithm: 60 halvings. */
static double beta_odds(double a, double b, double q)
{
    double low = -700.0;
    double high = 700.0;
    for (int i = 0; i < 60; i++) {
        double middle = 0.5 * (low + high);
        double odds = exp(middle);
        double x = odds / (1.0 + odds);
        double y = 1.0 / (1.0 + odds);
        if (x > 0.0 && (y <= 0.0 || kedge_i_beta_lower(b, a, y, x) < q))
            high = middle;
        else
            low = middle;
    }
    return exp(0.5 * (low + high));
}

double kedge_i_fisher_upper(double q, double d1, double d2)
{
    return beta_odds(0.5 * d1, 0.5 * d2, q) * (d2 / d1);
}

double kedge_i_student_upper(double q, double df)
{
    return sqrt(kedge_i_fisher_upper(2.0 * q, 1.0, df)); /* T^2 is F with 1 and df */
}
