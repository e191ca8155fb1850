/* SPDX-License-Identifier: MIT */
/* Distribution functions for tests: each formula stands here once. All are right to about 1e-12 of their value, also far out in a
 * tail, down to the smallest normal double. They use exp, log, log1p, sqrt and erfc of libm, which differ between machines in the
 * last bits. */
#ifndef KEDGE_BASE_SPECIAL_H
#define KEDGE_BASE_SPECIAL_H

/* What Stirling's formula leaves out: ln Gamma(x + 1) - ((x + 1/2) ln x - x + ln sqrt(2 pi)), for x > 0. */
double kedge_i_stirling_rest(double x);

/* ln Gamma(x) for x > 0. */
double kedge_i_log_gamma(double x);

/* x ln(x / mean) + mean - x, for x >= 0, mean > 0: at least 0, half the deviance of a count. */
double kedge_i_deviance(double x, double mean);

/* mean^x e^-mean / Gamma(x + 1), for x >= 0, mean >= 0. */
double kedge_i_poisson_term(double x, double mean);

/* Gamma(n + 1) / (Gamma(x + 1) Gamma(n - x + 1)) p^x q^(n - x), where rest = n - x and q = 1 - p: both given, since a difference
 * would lose digits. For x, rest >= 0 and p, q in [0, 1]. */
double kedge_i_binomial_term(double x, double rest, double p, double q);

/* Chance of x marked ones among n_drawn out of n_marked + n_other. Whole numbers that fit. */
double kedge_i_hypergeometric_term(double x, double n_marked, double n_other, double n_drawn);

/* The regularised upper incomplete gamma function, a > 0: chance that a gamma variable exceeds x. O(sqrt(a)) near x = a. */
double kedge_i_gamma_upper(double a, double x);

/* The regularised incomplete beta function at x for a, b > 0; y = 1 - x, given, since a difference would lose digits.
 * O(sqrt(a + b)). */
double kedge_i_beta_lower(double a, double b, double x, double y);

double kedge_i_normal_upper(double x);                          /* P(Z > x) */
double kedge_i_chi_squared_upper(double x, double df);          /* P(X > x) */
double kedge_i_fisher_f_upper(double x, double d1, double d2);  /* P(F > x) */
double kedge_i_student_two_sided(double t, double df);          /* P(|T| > |t|) */

#endif
