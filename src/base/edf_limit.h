/* SPDX-License-Identifier: MIT */
/* The limit laws of tests that add up squared differences of distribution functions. Right to about 1e-13 of their value, also
 * far out. */
#ifndef KEDGE_BASE_EDF_LIMIT_H
#define KEDGE_BASE_EDF_LIMIT_H

/* Cramer-von Mises: P(W^2 > x), W^2 = sum over k = 1, 2, ... of Z_k^2 / (pi k)^2 with normal Z_k: mean 1/6, variance 1/45. */
double kedge_i_cramer_von_mises_upper(double x);

/* Anderson-Darling: P(A^2 > x), A^2 = sum of Z_k^2 / (k (k + 1)): mean 1, variance 2 pi^2 / 3 - 6. */
double kedge_i_anderson_darling_upper(double x);

#endif
