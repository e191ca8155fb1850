/* SPDX-License-Identifier: MIT */
/* Kolmogorov's distribution for n numbers, by the formula that is exact or best in each region (Simard, L'Ecuyer 2011, "Computing
 * the two-sided Kolmogorov-Smirnov distribution", J. Statist. Software 39, section 3): Ruben and Gambino's closed forms at both
 * ends, Durbin's matrix in the form of Marsaglia, Tsang, Wang 2003, Pelz and Good's series of 1976, twice the one-sided chance
 * (Miller 1956) in the upper tail. */
#include "base/fp.h"

#include <math.h>

#include "base/ks_limit.h"

#include "base/special.h"

#define KS_PI 3.14159265358979323846
#define KS_TWO_PI (2.0 * KS_PI)

enum { KS_MATRIX = KEDGE_I_KOLMOGOROV_SCRATCH / 3, KS_FEW = 140, KS_MANY = 10000, KS_TERMS = 20 };

/* Smirnov 1944, Birnbaum and Tingey 1951: a sum of binomial terms, each of its own p. */
double kedge_i_smirnov_upper(double n, double d)
{
    double last = floor(n * (1.0 - d));
    double sum = 0.0;
    for (double j = 0.0; j <= last; j += 1.0) {
        double p = d + j / n;
        double q = (n - j) / n - d;
        if (q > 0.0)
            sum += kedge_i_binomial_term(j, n - j, p, q) * (d / p);
    }
    return sum < 1.0 ? sum : 1.0;
}

/* Marsaglia, Tsang, Wang 2003: P(D_n < d) = n! / n^n times the middle element of H^n, where H is 1 / (i - j + 1)! but in its first
 * column and last row. Only the middle column of H^i is carried along, scaled by e^-i. */
static double ks_matrix(double n, double d, double *scratch)
{
    int k = (int)ceil(n * d);
    int m = 2 * k - 1;
    double h = (double)k - n * d;
    double *v = scratch;
    double *inverse = scratch + KS_MATRIX; /* 1 / i! */
    double *edge = inverse + KS_MATRIX;    /* h^i / i! */
    inverse[0] = edge[0] = 1.0;
    for (int i = 1; i <= m; i++) {
        inverse[i] = inverse[i - 1] / (double)i;
        edge[i] = edge[i - 1] * h / (double)i;
    }
    double corner = h > 0.5 ? pow(2.0 * h - 1.0, (double)m) * inverse[m] : 0.0;
    for (int i = 0; i < m; i++)
        v[i] = i == k - 1 ? 1.0 : 0.0;
    for (double step = 0.0; step < n; step += 1.0) {
        double first = v[0];
        double above = 0.0; /* v[i + 1] as it was */
        double last = first * corner;
        for (int j = 0; j < m; j++)
            last += v[j] * (inverse[m - j] - edge[m - j]);
        last -= first * edge[m];
        for (int i = m - 1; i >= 0; i--) {
            double was = v[i];
            double sum = above - first * edge[i + 1];
            for (int j = 0; j <= i; j++)
                sum += v[j] * inverse[i - j + 1];
            v[i] = (i == m - 1 ? last : sum) * 0.36787944117144232160;
            above = was;
        }
    }
    return v[k - 1] * sqrt(KS_TWO_PI * n) * exp(kedge_i_stirling_rest(n));
}

/* Terms of Pelz and Good's K0 to K3 with k + 1/2 (u: pi^2 (k + 1/2)^2) and with k (w: pi^2 k^2), z: sqrt(n) d. */
static double ks_half_terms(double z, double u, double root)
{
    double s = z * z;
    double k0 = 1.0;
    double k1 = (u - s) / (6.0 * s * s);
    double k2 = (6.0 * s * s * s + 2.0 * s * s + u * (2.0 * s * s - 5.0 * s) + u * u * (1.0 - 2.0 * s)) / (72.0 * s * s * s * s);
    double k3 = (u * u * u * (5.0 - 30.0 * s) + u * u * (212.0 * s * s - 60.0 * s) + u * (135.0 * s * s - 96.0 * s * s * s) -
                 30.0 * s * s * s - 90.0 * s * s * s * s) / (6480.0 * s * s * s * s * s);
    return (k0 / z + k1 / root + k2 * z / (root * root) + k3 / (root * root * root)) * exp(-u / (2.0 * s));
}

static double ks_whole_terms(double z, double w, double root)
{
    double s = z * z;
    double k2 = -w / (36.0 * s * z);
    double k3 = (3.0 * w * s - w * w) / (216.0 * s * s * s);
    return (k2 / (root * root) + k3 / (root * root * root)) * exp(-w / (2.0 * s));
}

/* P(D_n < d) = K0 + K1 / sqrt(n) + K2 / n + K3 / n^1.5 */
static double ks_series(double n, double d)
{
    double root = sqrt(n);
    double z = root * d;
    double half = 0.0;
    double whole = 0.0;
    for (int i = 0; i < KS_TERMS; i++) {
        double k = (double)i + 0.5;
        half += ks_half_terms(z, KS_PI * KS_PI * k * k, root);
        k += 0.5;
        whole += ks_whole_terms(z, KS_PI * KS_PI * k * k, root);
    }
    return sqrt(KS_TWO_PI) * (half + whole); /* both signs of k are alike */
}

static double ks_closest(double n, double t)
{
    return t <= 0.5 ? 0.0 : exp(n * (log(2.0 * t - 1.0) - 1.0) + 0.5 * log(KS_TWO_PI * n) + kedge_i_stirling_rest(n));
}

double kedge_i_kolmogorov_upper(double n, double d, double *scratch)
{
    double t = n * d;
    double square = t * d;
    if (!(d > 0.0) || d >= 1.0)
        return d >= 1.0 ? 0.0 : 1.0;
    if (t <= 1.0)
        return 1.0 - ks_closest(n, t);
    if (t >= n - 1.0)
        return 2.0 * exp(n * log1p(-d));
    if (d >= 0.5 || square >= (n <= KS_FEW ? 4.0 : 2.2)) {
        double twice = 2.0 * kedge_i_smirnov_upper(n, d);
        return twice < 1.0 ? twice : 1.0;
    }
    int matrix = n <= KS_FEW || (n <= KS_MANY && n * d * sqrt(d) <= 1.4);
    double below = matrix ? ks_matrix(n, d, scratch) : ks_series(n, d);
    return below < 1.0 ? 1.0 - below : 0.0;
}

/* Kuiper 1960, "Tests concerning random points on a circle"; for small x by the theta function's other series, which falls as fast
 * there. */
double kedge_i_kuiper_upper(double x)
{
    double s = x * x;
    double sum = 0.0;
    if (!(x > 0.3)) /* 1 - P < 1e-20 */
        return 1.0;
    for (double k = 1.0; k <= 6.0; k += 1.0) {
        if (x < 1.0)
            sum += k * k * exp(-0.5 * KS_PI * KS_PI * k * k / s);
        else
            sum += (4.0 * k * k * s - 1.0) * exp(-2.0 * k * k * s);
    }
    return x < 1.0 ? 1.0 - sqrt(KS_TWO_PI) * KS_PI * KS_PI / (s * x) * sum : 2.0 * sum;
}
