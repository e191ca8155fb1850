/* SPDX-License-Identifier: MIT */
/* Distances of two histograms: p, the reference's share of a bin, and q, the current sample's. Each distance is a sum (or the
 * greatest) of one term a bin, written so that it stays accurate where p and q are close: then all logarithms are of numbers near
 * 1. */
#ifndef KEDGE_BASE_DIVERGENCE_H
#define KEDGE_BASE_DIVERGENCE_H

#include <math.h>

/* ln(p / q), both above 0. */
static inline double kedge_i_log_ratio(double p, double q)
{
    double x = (p - q) / q;
    return fabs(x) < 0.5 ? log1p(x) : log(p / q);
}

static inline double kedge_i_gap_term(double p, double q)
{
    return fabs(p - q);
}

/* Siddiqi 2006, "Credit risk scorecards": the sum of both Kullback-Leibler divergences (Jeffreys 1946). */
static inline double kedge_i_psi_term(double p, double q)
{
    return (p - q) * kedge_i_log_ratio(p, q);
}

/* Kullback, Leibler 1951, "On information and sufficiency". q - p, which sums to 0, makes each term at least 0. */
static inline double kedge_i_kullback_leibler_term(double p, double q)
{
    return (p - q) - q * kedge_i_log_ratio(p, q);
}

static inline double kedge_i_x_log_1_plus(double e)
{
    return e > -1.0 ? (1.0 + e) * log1p(e) : 0.0;
}

/* Lin 1991, "Divergence measures based on the Shannon entropy", section IV, with weights of 1/2.
 * With m = (p + q) / 2, p is m (1 + e) and q is m (1 - e). */
static inline double kedge_i_jensen_shannon_term(double p, double q)
{
    double e = (p - q) / (p + q);
    return (p + q) / 4.0 * (kedge_i_x_log_1_plus(e) + kedge_i_x_log_1_plus(-e));
}

/* (sqrt p - sqrt q)^2 / 2, which sums to 1 - the sum of sqrt(p q). */
static inline double kedge_i_hellinger_term(double p, double q)
{
    double d = (p - q) / (sqrt(p) + sqrt(q));
    return d * d / 2.0;
}

static inline double kedge_i_affinity_term(double p, double q)
{
    return sqrt(p) * sqrt(q);
}

/* Pearson 1900, "On the criterion that a given system of deviations ...": times the number of current observations it is his
 * statistic of goodness of fit. */
static inline double kedge_i_chi_squared_term(double p, double q)
{
    return (q - p) / p * (q - p);
}

/* What of p is not in q: 1 - the sum of min(p, q). */
static inline double kedge_i_missed_term(double p, double q)
{
    return p > q ? p - q : 0.0;
}

#endif
