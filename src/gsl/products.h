/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Products of two columns with four at once: eight sums, so that each number that is read serves several. */
#ifndef KEDGE_GSL_PRODUCTS_H
#define KEDGE_GSL_PRODUCTS_H

#include <stddef.h>

#include "base/lanes.h"

/* Adds to first[0..3] the products of a, and to second[0..3] those of b, with the columns at c, c + stride, c + 2 stride, c + 3
 * stride. n is a multiple of KEDGE_I_LANES. */
static inline void kedge_i_products_four(const double *a, const double *b, const double *c, size_t stride, size_t n, double *first,
                                         double *second)
{
    const double *c0 = c, *c1 = c0 + stride, *c2 = c1 + stride, *c3 = c2 + stride;
    kedge_i_lanes s0 = kedge_i_lanes_of(0.0), s1 = s0, s2 = s0, s3 = s0, t0 = s0, t1 = s0, t2 = s0, t3 = s0;
    for (size_t i = 0; i < n; i += KEDGE_I_LANES) {
        kedge_i_lanes x = kedge_i_lanes_load(a + i), y = kedge_i_lanes_load(b + i), z = kedge_i_lanes_load(c0 + i);
        s0 += x * z;
        t0 += y * z;
        z = kedge_i_lanes_load(c1 + i);
        s1 += x * z;
        t1 += y * z;
        z = kedge_i_lanes_load(c2 + i);
        s2 += x * z;
        t2 += y * z;
        z = kedge_i_lanes_load(c3 + i);
        s3 += x * z;
        t3 += y * z;
    }
    first[0] += kedge_i_lanes_sum(s0);
    first[1] += kedge_i_lanes_sum(s1);
    first[2] += kedge_i_lanes_sum(s2);
    first[3] += kedge_i_lanes_sum(s3);
    second[0] += kedge_i_lanes_sum(t0);
    second[1] += kedge_i_lanes_sum(t1);
    second[2] += kedge_i_lanes_sum(t2);
    second[3] += kedge_i_lanes_sum(t3);
}

#endif
