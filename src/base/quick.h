/* SPDX-License-Identifier: MIT */
/* Functions where ten digits do: a few times as fast as libm's, and their bits are the same on every platform, so that decisions
 * made from them are. No branch, so that they vectorise. */
#ifndef KEDGE_BASE_QUICK_H
#define KEDGE_BASE_QUICK_H

#include <stdint.h>
#include <string.h>

#define KEDGE_I_LN2 0.693147180559945309417

/* 2^x to 1e-14, |x| <= 1000: 2^k e^r with |r| <= ln(2) / 2, and Taylor's polynomial of e^r in Estrin's order. */
static inline double kedge_i_quick_exp2(double x)
{
    const double magic = 6755399441055744.0; /* 1.5 * 2^52: a sum with it has the rounded integer in its lowest bits */
    double shifted = x + magic;
    double r = (x - (shifted - magic)) * KEDGE_I_LN2;
    double r2 = r * r;
    double r4 = r2 * r2;
    double low = (1.0 + r) + r2 * (1.0 / 2.0 + r * (1.0 / 6.0));
    double middle = (1.0 / 24.0 + r * (1.0 / 120.0)) + r2 * (1.0 / 720.0 + r * (1.0 / 5040.0));
    double high = (1.0 / 40320.0 + r * (1.0 / 362880.0)) + r2 * (1.0 / 3628800.0 + r * (1.0 / 39916800.0));
    double power;
    uint64_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (bits << 52) + ((uint64_t)1023 << 52); /* 2^k */
    memcpy(&power, &bits, sizeof power);
    return power * ((low + r4 * middle) + (r4 * r4) * high);
}

/* ln x to 1e-11 of an x that is normal and above 0: the exponent, and 2 artanh((m - 1) / (m + 1)) of a mantissa between the roots
 * of 1/2 and 2. */
static inline double kedge_i_quick_log(double x)
{
    const uint64_t root_half = 0x3fe6a09e667f3bcdu; /* bits of the root of 1/2 */
    uint64_t bits;
    double m;
    memcpy(&bits, &x, sizeof bits);
    int64_t k = (int64_t)(bits - root_half) >> 52;
    bits -= (uint64_t)k << 52;
    memcpy(&m, &bits, sizeof m);
    double f = (m - 1.0) / (m + 1.0);
    double f2 = f * f;
    double series = 1.0 + f2 * (1.0 / 3.0 + f2 * (1.0 / 5.0 + f2 * (1.0 / 7.0 + f2 * (1.0 / 9.0 + f2 * (1.0 / 11.0)))));
    return (double)k * KEDGE_I_LN2 + 2.0 * f * series;
}

/* P(Z <= z) of a standard normal Z to 1e-7: Abramowitz, Stegun 1964, formula 26.2.17. */
static inline double kedge_i_quick_normal_lower(double z)
{
    double far = z < 0.0 ? -z : z;
    far = far < 30.0 ? far : 30.0;
    double t = 1.0 / (1.0 + 0.2316419 * far);
    double density = 0.398942280401432678 * kedge_i_quick_exp2(far * far * (-0.5 / KEDGE_I_LN2));
    double upper = density * t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
    return z < 0.0 ? upper : 1.0 - upper;
}

#endif
