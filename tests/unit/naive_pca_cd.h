/* SPDX-License-Identifier: MIT */
/* PCA-CD as its paper says it. */
#ifndef KEDGE_TESTS_NAIVE_PCA_CD_H
#define KEDGE_TESTS_NAIVE_PCA_CD_H

#include <math.h>

#include "support.h"

static inline kedge_detector make(const kedge_pca_cd_config *c, unsigned char **mem)
{
    kedge_detector d;
    size_t bytes = kedge_detector_size(&c->base);
    *mem = guard_new(bytes, 0x5C);
    assert_int_equal(kedge_detector_init(&d, &c->base, *mem, bytes), KEDGE_OK);
    return d;
}

/* Five features that go together; from some row on two of them have another mean, or spread, or nothing to do with the others. */
static inline void draw(kedge_rng *rng, int kind, double *row)
{
    double shared = kedge_rng_normal(rng);
    for (int j = 0; j < 5; j++) {
        double own = kedge_rng_normal(rng), x = sqrt(0.5) * (shared + own);
        row[j] = j > 1 ? x : kind == 1 ? x + 1 : kind == 2 ? 2 * x : kind == 3 ? own : x;
    }
}

#endif
