/* SPDX-License-Identifier: MIT */
/* Tails of sums of weighted squares, by Smirnov's formula of 1937 (Durbin 1973, "Distribution theory for tests based on the
 * sample distribution function"): with weights w_1 > w_2 > ..., D(u) = (1 - w_1 u) (1 - w_2 u) ...,
 *     P(Q > x) = 1 / pi sum over j = 1, 2, ... of (-1)^(j + 1) integral from 1 / w_(2j-1) to 1 / w_2j of
 *                e^(-u x / 2) / (u sqrt |D(u)|) du.
 * The series of cumulative distributions (Anderson, Darling 1952; Marsaglia, Marsaglia 2004) lose the tail's digits in 1 - F;
 * here the first integral is the tail. D is known: sin(sqrt u) / sqrt u for Cramer-von Mises (Anderson, Darling 1952, section
 * 4), and for Anderson-Darling -cos(pi/2 sqrt(1 + 4u)) / (pi u). With t for sqrt u / pi, and for sqrt(u + 1/4), both are
 * intervals of length one, at whose ends D has its zeros:
 *     P(Q > x) = 2 / sqrt(pi) sum of (-1)^(j + 1) integral of height(t) e^(-x rate(t)) / sqrt |sin pi (t - start)| dt,
 * for which Chebyshev's nodes converge faster than any power. */
#include "base/fp.h"

#include <float.h>
#include <math.h>

#include "base/edf_limit.h"

#define EDF_PI 3.14159265358979323846

#define EDF_LEAST_POWER 690.0 /* e^-690 is 1e-300 */

typedef struct edf_law {
    double start;                /* of the first interval; the next ones start at + 2, + 4, ... */
    double least;                /* below, 1 - P is less than 1e-17 */
    double (*height)(double t);
    double (*rate)(double t);
} edf_law;

static double edf_squares_height(double t)
{
    return 1.0 / sqrt(t);
}

static double edf_squares_rate(double t)
{
    return 0.5 * EDF_PI * EDF_PI * t * t;
}

static double edf_products_height(double t)
{
    return t / sqrt(t * t - 0.25);
}

static double edf_products_rate(double t)
{
    return 0.5 * (t * t - 0.25);
}

/* The integral over one interval. Nodes: enough for the exponential, which falls by e^(-2 fall), and the zeros of D beyond. */
static double edf_integral(const edf_law *law, double start, double x)
{
    double first = law->rate(start);
    double fall = 0.5 * x * (law->rate(start + 1.0) - first);
    double n = ceil(16.0 + 5.0 * sqrt(fall));
    double sum = 0.0;
    for (double k = 0.5; k < n; k += 1.0) {
        double s = sin(0.5 * EDF_PI * k / n);
        double c = cos(0.5 * EDF_PI * k / n);
        double t = start + s * s;
        double zero = sin(EDF_PI * fmin(s * s, c * c));
        sum += law->height(t) * s * c / sqrt(zero) * exp(-x * (law->rate(t) - first));
    }
    return EDF_PI / n * exp(-x * first) * sum;
}

/* The terms change sign and fall to nothing; those of a large x at once. */
static double edf_upper(const edf_law *law, double x)
{
    double sum = 0.0;
    double sign = 1.0;
    double term = 1.0;
    if (!(x >= law->least))
        return 1.0;
    if (x * law->rate(law->start) > EDF_LEAST_POWER)
        return 0.0;
    for (double start = law->start; term > 0.25 * DBL_EPSILON * sum; start += 2.0) {
        term = edf_integral(law, start, x);
        sum += sign * term;
        sign = -sign;
    }
    return fmin(1.0, 1.12837916709551257390 * sum); /* 2 / sqrt(pi) */
}

double kedge_i_cramer_von_mises_upper(double x)
{
    static const edf_law squares = {1.0, 0.003, edf_squares_height, edf_squares_rate};
    return edf_upper(&squares, x);
}

double kedge_i_anderson_darling_upper(double x)
{
    static const edf_law products = {1.5, 0.03, edf_products_height, edf_products_rate};
    return edf_upper(&products, x);
}
