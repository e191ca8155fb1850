/* SPDX-License-Identifier: MIT */
/* Orders drawn at random. */
#ifndef KEDGE_BASE_SHUFFLE_H
#define KEDGE_BASE_SHUFFLE_H

#include "kedge/base.h"

/* All orders alike: Durstenfeld 1964, after Fisher and Yates. */
static inline void kedge_i_shuffle(uint32_t *x, size_t n, kedge_rng *rng)
{
    for (size_t i = n; i > 1; i--) {
        size_t k = (size_t)kedge_rng_below(rng, i);
        uint32_t keep = x[k];
        x[k] = x[i - 1];
        x[i - 1] = keep;
    }
}

static inline void kedge_i_count_up(uint32_t *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        x[i] = (uint32_t)i;
}

#endif
