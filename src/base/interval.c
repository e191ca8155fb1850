/* SPDX-License-Identifier: MIT */
/* Confidence intervals: Clopper, Pearson 1934 "The use of confidence or fiducial limits illustrated in the case of the binomial";
 * Garwood 1936 "Fiducial limits for the Poisson distribution"; Wilson, Hilferty 1931 "The distribution of chi-square"; Wilson 1927
 * "Probable inference, the law of succession, and statistical inference". */
#include "base/fp.h"

#include <float.h>
#include <math.h>

#include "base/interval.h"
#include "base/special.h"

#define INTERVAL_PI 3.14159265358979323846

enum { INTERVAL_EXACT = 200, INTERVAL_EXACT_SHARE = 10000, INTERVAL_HALVINGS = 60, INTERVAL_STEPS = 4 };

double kedge_i_normal_quantile(double p)
{
    if (p > 0.5) /* the smaller tail keeps its digits */
        return -kedge_i_normal_quantile(1.0 - p);
    double t = sqrt(-2.0 * log(p)); /* Hastings 1955, sheet 67: right to 3e-3 */
    double x = (2.30753 + 0.27061 * t) / (1.0 + 0.99229 * t + 0.04481 * t * t) - t;
    for (int i = 0; i < INTERVAL_STEPS; i++) { /* Halley's method */
        double density = exp(-0.5 * x * x) / sqrt(2.0 * INTERVAL_PI);
        double off = (0.5 * erfc(-x / sqrt(2.0)) - p) / density;
        x -= off / (1.0 + 0.5 * x * off);
    }
    return x;
}

/* Probability of at most k events where mean are expected: terms downward from the k-th, each i / mean of the one before. */
static double interval_poisson_below(uint64_t k, double mean)
{
    double log_term = -mean + (double)k * log(mean);
    double sum = 0.0;
    for (uint64_t i = 2; i <= k; i++)
        log_term -= log((double)i);
    double term = exp(log_term);
    for (uint64_t i = k; i > 0 && term > 0.0; i--) {
        sum += term;
        term *= (double)i / mean;
    }
    return sum + term;
}

/* The mean at which at most k events have this probability, for few events. */
static double interval_poisson_mean(uint64_t k, double probability)
{
    double low = DBL_MIN;
    double high = 2.0 * (double)k + 60.0;
    for (int i = 0; i < INTERVAL_HALVINGS; i++) {
        double middle = 0.5 * (low + high);
        if (interval_poisson_below(k, middle) > probability)
            low = middle;
        else
            high = middle;
    }
    return 0.5 * (low + high);
}

/* The same for many: half of the chi-square quantile with 2 (k + 1) degrees of freedom, by Wilson and Hilferty. */
static double interval_chi_square_half(double k_plus_1, double z)
{
    double share = 1.0 / (9.0 * k_plus_1);
    double root = 1.0 - share + z * sqrt(share);
    return k_plus_1 * root * root * root;
}

kedge_i_interval kedge_i_poisson_interval(uint64_t k, double confidence)
{
    double tail = 0.5 * (1.0 - confidence);
    kedge_i_interval out = {0.0, 0.0};
    if (k > INTERVAL_EXACT) {
        double z = -kedge_i_normal_quantile(tail);
        out.low = interval_chi_square_half((double)k, -z);
        out.high = interval_chi_square_half((double)k + 1.0, z);
        return out;
    }
    out.low = k == 0 ? 0.0 : interval_poisson_mean(k - 1, 1.0 - tail);
    out.high = interval_poisson_mean(k, tail);
    return out;
}

kedge_i_interval kedge_i_wilson(double share, double n, double z)
{
    double spread = z * z / n;
    double centre = (share + 0.5 * spread) / (1.0 + spread);
    double half = z / (1.0 + spread) * sqrt(share * (1.0 - share) / n + 0.25 * spread / n);
    /* Rounding must not leave out the share itself. */
    kedge_i_interval out = {fmax(0.0, fmin(centre - half, share)), fmin(1.0, fmax(centre + half, share))};
    return out;
}

kedge_i_interval kedge_i_share_interval(double k, double n, double confidence)
{
    return kedge_i_wilson(k / n, n, -kedge_i_normal_quantile(0.5 * (1.0 - confidence)));
}

/* The share at which at least k of n have this chance; 0 < k. */
static double interval_share(double k, double n, double chance)
{
    double low = 0.0;
    double high = k / n;
    for (int i = 0; i < INTERVAL_HALVINGS; i++) {
        double middle = 0.5 * (low + high);
        if (kedge_i_beta_lower(k, n - k + 1.0, middle, 1.0 - middle) < chance)
            low = middle;
        else
            high = middle;
    }
    return 0.5 * (low + high);
}

kedge_i_interval kedge_i_exact_share_interval(double k, double n, double confidence)
{
    double tail = 0.5 * (1.0 - confidence);
    if (n > INTERVAL_EXACT_SHARE)
        return kedge_i_share_interval(k, n, confidence);
    kedge_i_interval out = {0.0, 1.0};
    if (k > 0.0)
        out.low = interval_share(k, n, tail);
    if (k < n)
        out.high = 1.0 - interval_share(n - k, n, tail);
    return out;
}

/* Tango 1998, "Equivalence test and confidence interval for the difference in proportions for the paired-sample design",
 * Statistics in
 * Medicine 17, equations 3 to 6: the score statistic of the difference d, where the share that is lost is the likeliest under d. */
static double interval_paired_score(double won, double lost, double n, double d)
{
    double b = (2.0 * n - won + lost) * d - won - lost;
    double c = -lost * d * (1.0 - d);
    double root = sqrt(fmax(b * b - 8.0 * n * c, 0.0));
    double likeliest = fmax((root - b) / (4.0 * n), 0.0);
    double variance = n * fmax(2.0 * likeliest + d * (1.0 - d), 0.0);
    return (won - lost - n * d) / sqrt(fmax(variance, 1e-30));
}

/* The difference at which the statistic, which falls as d grows, is z. */
static double interval_paired_end(double won, double lost, double n, double z)
{
    double low = -1.0, high = 1.0;
    for (int i = 0; i < INTERVAL_HALVINGS; i++) {
        double middle = 0.5 * (low + high);
        if (interval_paired_score(won, lost, n, middle) > z)
            low = middle;
        else
            high = middle;
    }
    return 0.5 * (low + high);
}

kedge_i_interval kedge_i_paired_interval(double won, double lost, double n, double z)
{
    double difference = (won - lost) / n;
    kedge_i_interval out = {fmin(interval_paired_end(won, lost, n, z), difference),
                            fmax(interval_paired_end(won, lost, n, -z), difference)};
    return out;
}
