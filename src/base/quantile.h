/* SPDX-License-Identifier: MIT */
/* Quantiles of Student's and Fisher's distributions, for tests of two samples. */
#ifndef KEDGE_BASE_QUANTILE_H
#define KEDGE_BASE_QUANTILE_H

/* The x with P(T > x) = q, q in (0, 0.5), for df >= 1 degrees of freedom. Some 10 us. */
double kedge_i_student_upper(double q, double df);

/* The x with P(F > x) = q, q in (0, 1), for d1 and d2 >= 1 degrees of freedom. Some 10 us. */
double kedge_i_fisher_upper(double q, double d1, double d2);

#endif
