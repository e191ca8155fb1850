/* SPDX-License-Identifier: MIT */
/* Confidence intervals, two-sided. */
#ifndef KEDGE_BASE_INTERVAL_H
#define KEDGE_BASE_INTERVAL_H

#include <stdint.h>

typedef struct kedge_i_interval {
    double low;
    double high;
} kedge_i_interval;

/* Quantile of the standard normal distribution, 0 < p < 1, by Halley's method on erfc; right to about 1e-14 relative. */
double kedge_i_normal_quantile(double p);

/* Of a Poisson mean after k events (Garwood 1936, exact; above 200 events by Wilson, Hilferty 1931, relative error below 1e-5). */
kedge_i_interval kedge_i_poisson_interval(uint64_t k, double confidence);

/* Of a share seen in n rows, which need not be whole, n >= 1e-100, with z normal deviations (Wilson 1927). */
kedge_i_interval kedge_i_wilson(double share, double n, double z);

/* Of a share after k of n, which need not be whole, n >= 1e-100 (Wilson 1927). */
kedge_i_interval kedge_i_share_interval(double k, double n, double confidence);

/* Of a share after k of n, whole numbers, n > 0 (Clopper, Pearson 1934, exact; above 10,000 Wilson 1927). Where many shares are
 * looked at together, and their confidence is high, those of few records need it. O(sqrt(n)). */
kedge_i_interval kedge_i_exact_share_interval(double k, double n, double confidence);

/* Of the share of n >= 1 pairs that were won minus the share that were lost, won + lost <= n, z >= 0 normal deviations to each side
 * (Tango 1998). For pairs where most are neither, and ends far out in the tail, it keeps its level where the normal approximation
 * does not: of 20 to 300 pairs the chance of an error at z = 3.09 is at most 0.001, at 1.645 at most 0.0525. */
kedge_i_interval kedge_i_paired_interval(double won, double lost, double n, double z);

#endif
