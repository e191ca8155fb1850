/* SPDX-License-Identifier: MIT */
/* Kolmogorov's distribution: how far the empirical distribution of n independent numbers is from their continuous one. */
#ifndef KEDGE_BASE_KS_LIMIT_H
#define KEDGE_BASE_KS_LIMIT_H

enum { KEDGE_I_KOLMOGOROV_SCRATCH = 3 * 64 };

/* P(D_n >= d) for whole n >= 1; scratch: that many doubles. Exact up to n = 140 and in the upper tail, else to 1e-10. O(n). */
double kedge_i_kolmogorov_upper(double n, double d, double *scratch);

/* P(D_n+ >= d), one-sided, exact. O(n). */
double kedge_i_smirnov_upper(double n, double d);

/* Kuiper's limit law: P(sqrt(n) V_n >= x). To 1e-14 of its value. */
double kedge_i_kuiper_upper(double x);

#endif
