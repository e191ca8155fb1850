/* SPDX-License-Identifier: MIT */
/* Distribution functions. Binomial, Poisson and hypergeometric terms in saddle-point form, which keeps the digits of large
 * factorials: Loader 2000, "Fast and accurate computation of binomial probabilities", sections 2 and 3. Incomplete gamma and beta
 * functions from these terms, by series and continued fractions: Abramowitz, Stegun 1964, 6.5.29, 6.5.31, 26.5.8, 26.6.2, 26.7.1.
 * libm's lgamma would write a global. */
#include "base/fp.h"

#include <math.h>

#include "base/special.h"

#define SPECIAL_TWO_PI 6.28318530717958647693

enum { SPECIAL_STEPS = 100000 };

/* Stirling's series, A&S 6.1.41; below 15 by Gamma(x + 2) = (x + 1) Gamma(x + 1). */
double kedge_i_stirling_rest(double x)
{
    double shift = 0.0;
    for (; x < 15.0; x += 1.0)
        shift += (x + 0.5) * log1p(1.0 / x) - 1.0;
    double inverse = 1.0 / x;
    double s = inverse * inverse;
    return shift +
           inverse * (1.0 / 12.0 -
                      s * (1.0 / 360.0 - s * (1.0 / 1260.0 - s * (1.0 / 1680.0 - s * (1.0 / 1188.0 - s * 691.0 / 360360.0)))));
}

double kedge_i_log_gamma(double x)
{
    return (x - 0.5) * log(x) - x + 0.5 * log(SPECIAL_TWO_PI) + kedge_i_stirling_rest(x);
}

/* Where both are alike, by the series of ln((1 + v) / (1 - v)). */
double kedge_i_deviance(double x, double mean)
{
    if (x == 0.0)
        return mean;
    double off = x - mean;
    if (fabs(off) >= 0.3 * (x + mean))
        return x * (log(x) - log(mean)) - off;
    double v = off / (x + mean);
    double sum = off * v;
    double power = 2.0 * x * v;
    for (int j = 3; j < 200; j += 2) {
        power *= v * v;
        double next = sum + power / (double)j;
        if (next == sum)
            break;
        sum = next;
    }
    return sum;
}

double kedge_i_poisson_term(double x, double mean)
{
    if (mean <= 0.0)
        return x == 0.0 ? 1.0 : 0.0;
    if (x == 0.0)
        return exp(-mean);
    return exp(-kedge_i_stirling_rest(x) - kedge_i_deviance(x, mean)) / sqrt(SPECIAL_TWO_PI * x);
}

/* (1 - p)^n, by whichever of p and q has the digits. */
static double special_none(double n, double p, double q)
{
    return exp(n * (p < 0.1 ? log1p(-p) : log(q)));
}

double kedge_i_binomial_term(double x, double rest, double p, double q)
{
    double n = x + rest;
    if (p <= 0.0 || q <= 0.0)
        return (p <= 0.0 ? x : rest) == 0.0 ? 1.0 : 0.0;
    if (x == 0.0)
        return special_none(n, p, q);
    if (rest == 0.0)
        return special_none(n, q, p);
    double level = kedge_i_stirling_rest(n) - kedge_i_stirling_rest(x) - kedge_i_stirling_rest(rest) - kedge_i_deviance(x, n * p) -
                   kedge_i_deviance(rest, n * q);
    return exp(level) * sqrt(n / (SPECIAL_TWO_PI * x * rest));
}

/* As binomial terms of a common p, which falls out (Loader 2000, section 3). No term is smaller than the result but for the first
 * divisor, which is at least 1 / (n + 1). */
double kedge_i_hypergeometric_term(double x, double n_marked, double n_other, double n_drawn)
{
    double p = n_drawn / (n_marked + n_other);
    double q = (n_marked + n_other - n_drawn) / (n_marked + n_other);
    double all = kedge_i_binomial_term(n_drawn, n_marked + n_other - n_drawn, p, q);
    return kedge_i_binomial_term(x, n_marked - x, p, q) / all * kedge_i_binomial_term(n_drawn - x, n_other - n_drawn + x, p, q);
}

/* The chance of less than x, where x is not far above a: A&S 6.5.29. */
static double special_gamma_series(double a, double x)
{
    double sum = 1.0;
    double term = 1.0;
    for (int k = 1; k < SPECIAL_STEPS && term > sum * (0.25 * DBL_EPSILON); k++) {
        term *= x / (a + (double)k);
        sum += term;
    }
    return kedge_i_poisson_term(a, x) * sum;
}

static double special_not_zero(double x)
{
    return fabs(x) > DBL_MIN ? x : DBL_MIN;
}

/* The chance of more than x > a + 1: the even part of A&S 6.5.31, by Lentz's method of 1976. */
static double special_gamma_fraction(double a, double x)
{
    double b = x + 1.0 - a;
    double c = 1.0 / DBL_MIN;
    double d = 1.0 / special_not_zero(b);
    double h = d;
    for (int k = 1; k < SPECIAL_STEPS; k++) {
        double top = -(double)k * ((double)k - a);
        b += 2.0;
        d = 1.0 / special_not_zero(top * d + b);
        c = special_not_zero(b + top / c);
        double step = d * c;
        h *= step;
        if (fabs(step - 1.0) < DBL_EPSILON)
            break;
    }
    return kedge_i_poisson_term(a, x) * a * h;
}

double kedge_i_gamma_upper(double a, double x)
{
    if (!(x > 0.0))
        return 1.0;
    return x < a + 1.0 ? 1.0 - special_gamma_series(a, x) : special_gamma_fraction(a, x);
}

/* The fraction of A&S 26.5.8, by Lentz's method; converges fast for x below the mean. */
static double special_beta_fraction(double a, double b, double x)
{
    double c = 1.0;
    double d = 1.0 / special_not_zero(1.0 - (a + b) * x / (a + 1.0));
    double h = d;
    for (int m = 1; m < SPECIAL_STEPS; m++) {
        double k = (double)m;
        double even = k * (b - k) * x / ((a + 2.0 * k - 1.0) * (a + 2.0 * k));
        double odd = -(a + k) * (a + b + k) * x / ((a + 2.0 * k) * (a + 2.0 * k + 1.0));
        d = 1.0 / special_not_zero(1.0 + even * d);
        c = special_not_zero(1.0 + even / c);
        h *= d * c;
        d = 1.0 / special_not_zero(1.0 + odd * d);
        c = special_not_zero(1.0 + odd / c);
        double step = d * c;
        h *= step;
        if (fabs(step - 1.0) < DBL_EPSILON)
            break;
    }
    return h;
}

double kedge_i_beta_lower(double a, double b, double x, double y)
{
    if (!(x > 0.0))
        return 0.0;
    if (!(y > 0.0))
        return 1.0;
    double front = kedge_i_binomial_term(a, b, x, y) / (a + b); /* x^a y^b / (a b B(a, b)) */
    if (x < (a + 1.0) / (a + b + 2.0))
        return front * b * special_beta_fraction(a, b, x);
    return 1.0 - front * a * special_beta_fraction(b, a, y);
}

double kedge_i_normal_upper(double x)
{
    return 0.5 * erfc(x * 0.70710678118654752440);
}

double kedge_i_chi_squared_upper(double x, double df)
{
    return kedge_i_gamma_upper(0.5 * df, 0.5 * x);
}

double kedge_i_fisher_f_upper(double x, double d1, double d2)
{
    if (!(x > 0.0))
        return 1.0;
    double odds = d1 / d2 * x;
    return kedge_i_beta_lower(0.5 * d2, 0.5 * d1, 1.0 / (1.0 + odds), odds < 1.0 ? odds / (1.0 + odds) : 1.0 / (1.0 + 1.0 / odds));
}

double kedge_i_student_two_sided(double t, double df)
{
    t = fabs(t) < 1e150 ? t : 1e150; /* before it is squared, since compilers may square first and choose then */
    return kedge_i_fisher_f_upper(t * t, 1.0, df); /* T^2 is F with 1 and df */
}
