/* SPDX-License-Identifier: MIT */
/* Cosines and sines without a branch on the angle, so that a processor need not guess and a compiler can take several at once.
 *
 * An angle is some quarters of a turn and a rest of at most pi / 4 (reduction in two steps: Cody, Waite 1980, "Software manual for
 * the elementary functions", chapter 8); of the rest the Taylor series, as far as terms matter beside 1. */
#include "base/fp.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/waves.h"

#define WAVES_FAR 1e6 /* below, the quarters times WAVES_QUARTER are exact: 20 bits and 33 */
#define WAVES_QUARTER 1.5707963267341256       /* the first 33 bits of pi / 2 */
#define WAVES_QUARTER_REST 6.077100506506192e-11 /* pi / 2 less those */
#define WAVES_QUARTERS_PER_RADIAN 0.6366197723675814
#define WAVES_WHOLE 6755399441055744.0 /* 3 * 2^51: a number added to this is rounded to a whole one, which its last bits then
                                        * hold */

static inline uint64_t waves_bits(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline double waves_number(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* (sin r - r) / r^3, with z = r^2; the next term is below 5e-17. */
static inline double waves_sine_series(double z)
{
    double sum = -1.0 / 1307674368000.0;
    sum = 1.0 / 6227020800.0 + z * sum;
    sum = -1.0 / 39916800.0 + z * sum;
    sum = 1.0 / 362880.0 + z * sum;
    sum = -1.0 / 5040.0 + z * sum;
    sum = 1.0 / 120.0 + z * sum;
    return -1.0 / 6.0 + z * sum;
}

/* (cos r - 1 + r^2 / 2) / r^4; the next term is below 3e-18. */
static inline double waves_cosine_series(double z)
{
    double sum = 1.0 / 20922789888000.0;
    sum = -1.0 / 87178291200.0 + z * sum;
    sum = 1.0 / 479001600.0 + z * sum;
    sum = -1.0 / 3628800.0 + z * sum;
    sum = 1.0 / 40320.0 + z * sum;
    sum = -1.0 / 720.0 + z * sum;
    return 1.0 / 24.0 + z * sum;
}

static inline void waves_near(double *x, size_t n, double unit)
{
    for (size_t i = 0; i < n; i++) {
        double counted = x[i] * WAVES_QUARTERS_PER_RADIAN + WAVES_WHOLE;
        double quarters = counted - WAVES_WHOLE;
        double r = (x[i] - quarters * WAVES_QUARTER) - quarters * WAVES_QUARTER_REST;
        double z = r * r;
        uint64_t turn = waves_bits(counted);
        uint64_t sine = waves_bits(unit * (r + r * z * waves_sine_series(z)));
        uint64_t cosine = waves_bits(unit * (1.0 - 0.5 * z + z * z * waves_cosine_series(z)));
        uint64_t swapped = (sine ^ cosine) & (0u - (turn & 1u)); /* after an odd number of quarters */
        x[i] = waves_number(cosine ^ swapped ^ ((turn + 1u) & 2u) << 62);
        x[n + i] = waves_number(sine ^ swapped ^ (turn & 2u) << 62);
    }
}

static void waves_far(double *x, size_t n, double unit)
{
    for (size_t i = 0; i < n; i++) {
        x[n + i] = unit * sin(x[i]);
        x[i] = unit * cos(x[i]);
    }
}

void kedge_i_waves(double *x, size_t n, double unit)
{
    double greatest = 0.0;
    for (size_t i = 0; i < n; i++)
        greatest = fabs(x[i]) > greatest ? fabs(x[i]) : greatest;
    if (greatest > WAVES_FAR)
        waves_far(x, n, unit);
    else
        waves_near(x, n, unit);
}
