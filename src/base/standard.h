/* SPDX-License-Identifier: MIT */
/* Numbers in deviations from the mean of a reference. In a header only, since kedge-gsl, which reaches no hidden function of the
 * library, scales too. */
#ifndef KEDGE_BASE_STANDARD_H
#define KEDGE_BASE_STANDARD_H

#include <math.h>
#include <stddef.h>

#define KEDGE_I_STANDARD_FAR 1e6 /* deviations beyond which a number is taken for this far */

/* The mean of n numbers, `stride` apart, and their deviation (of n), 0 where all are the same. Over the greatest magnitude first,
 * so that no square under- or overflows. */
static inline double kedge_i_standard_learn(const double *x, size_t n, size_t stride, double *deviation)
{
    double mean = 0.0;
    double greatest = 0.0;
    double squares = 0.0;
    for (size_t i = 0; i < n; i++)
        mean += (x[i * stride] - mean) / (double)(i + 1);
    for (size_t i = 0; i < n; i++)
        greatest = fmax(greatest, fabs(x[i * stride] - mean));
    double unit = greatest > 0.0 ? greatest : 1.0;
    for (size_t i = 0; i < n; i++) {
        double off = (x[i * stride] - mean) / unit;
        squares += off * off;
    }
    *deviation = greatest * sqrt(squares / (double)n);
    return mean;
}

/* A number in deviations. Other than the one value of a constant reference is as far as can be. */
static inline double kedge_i_standard(double x, double mean, double deviation)
{
    double off = x - mean;
    double limit = KEDGE_I_STANDARD_FAR * deviation;
    if (off > limit)
        return KEDGE_I_STANDARD_FAR;
    if (off < -limit)
        return -KEDGE_I_STANDARD_FAR;
    return off / (deviation > 0.0 ? deviation : 1.0);
}

#endif
