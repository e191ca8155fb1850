/* SPDX-License-Identifier: MIT */
/* splitmix64: Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators", figure 17, with its mixer of variant 13.
 * One word of state, so it lives in any state struct; passes BigCrush; period 2^64. */
#include "base/fp.h"

#include <math.h>

#include "kedge/base.h"

uint64_t kedge_rng_next(kedge_rng *rng)
{
    if (!rng)
        return 0;
    uint64_t z = rng->state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

double kedge_rng_uniform(kedge_rng *rng)
{
    return (double)(kedge_rng_next(rng) >> 11) * 0x1p-53;
}

/* Rejects the uneven rest of the range, so that all values are equally likely. */
uint64_t kedge_rng_below(kedge_rng *rng, uint64_t n)
{
    if (!rng || n == 0)
        return 0;
    uint64_t least = (0 - n) % n; /* 2^64 mod n */
    uint64_t r = kedge_rng_next(rng);
    while (r < least)
        r = kedge_rng_next(rng);
    return r % n;
}

double kedge_rng_normal(kedge_rng *rng)
{
    if (!rng)
        return 0.0;
    double u = kedge_rng_uniform(rng);
    double v = kedge_rng_uniform(rng);
    return sqrt(-2.0 * log(1.0 - u)) * cos(6.283185307179586 * v);
}
