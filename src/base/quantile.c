/* SPDX-License-Identifier: MIT */
/* Quantiles of Student's and Fisher's distributions, from the incomplete beta function's continued fraction: Abramowitz, Stegun 1964, 26.5.8,
 * 26.6.2, 26.7.1; Stirling's series 6.1.41. libm's lgamma would write a global. */
#include "base/fp.h"

#include <float.h>
#include <math.h>

#include "base/quantile.h"

/* For x > 0. */
static double log_gamma(double x)
{
    double shift = 0.0;
    for (; x < 15.0; x += 1.0)
        shift += log(x);
    double inverse = 1.0 / x;
    double square = inverse * inverse;
    double series = inverse * (1.0 / 12.0 - square * (1.0 / 360.0 - square * (1.0 / 1260.0 - square * (1.0 / 1680.0))));
    return (x - 0.5) * log(x) - x + 0.91893853320467274178 + series - shift; /* ln sqrt(2 pi) */
}

/* log(B(a, b)) */
static double log_beta(double a, double b)
{
    return log_gamma(a) + log_gamma(b) - log_gamma(a + b);
}

/* The fraction of 26.5.8, by Lentz's method of 1976; converges fast for x below the mean. */
static double beta_fraction(double a, double b, double x)
{
    double c = 1.0;
    double d = 1.0 - (a + b) * x / (a + 1.0);
    d = 1.0 / (fabs(d) > DBL_MIN ? d : DBL_MIN);
    double h = d;
    for (int m = 1; m < 10000; m++) {
        double k = (double)m;
        double even = k * (b - k) * x / ((a + 2.0 * k - 1.0) * (a + 2.0 * k));
        double odd = -(a + k) * (a + b + k) * x / ((a + 2.0 * k) * (a + 2.0 * k + 1.0));
        d = 1.0 + even * d;
        d = 1.0 / (fabs(d) > DBL_MIN ? d : DBL_MIN);
        c = 1.0 + even / (fabs(c) > DBL_MIN ? c : DBL_MIN);
        h *= d * c;
        d = 1.0 + odd * d;
        d = 1.0 / (fabs(d) > DBL_MIN ? d : DBL_MIN);
        c = 1.0 + odd / (fabs(c) > DBL_MIN ? c : DBL_MIN);
        double step = d * c;
        h *= step;
        if (fabs(step - 1.0) < DBL_EPSILON)
            break;
    }
    return h;
}

/* The regularised incomplete beta function of x, and, the more exact where it is small, of its complement: y = 1 - x. */
static double beta_share(double a, double b, double x, double y, double log_b, int complement)
{
    double front = exp(a * log(x) + b * log(y) - log_b);
    if (x < (a + 1.0) / (a + b + 2.0)) {
        double share = front * beta_fraction(a, b, x) / a;
        return complement ? 1.0 - share : share;
    }
    double rest = front * beta_fraction(b, a, y) / b;
    return complement ? rest : 1.0 - rest;
}

/* The ratio x / (1 - x) above which a beta variable of a and b is with chance q, by bisection of its logarithm: 60 halvings. */
static double beta_odds(double a, double b, double q)
{
    double log_b = log_beta(a, b);
    double low = -700.0;
    double high = 700.0;
    for (int i = 0; i < 60; i++) {
        double middle = 0.5 * (low + high);
        double odds = exp(middle);
        double x = odds / (1.0 + odds);
        double y = 1.0 / (1.0 + odds);
        if (x > 0.0 && (y <= 0.0 || beta_share(a, b, x, y, log_b, 1) < q))
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
