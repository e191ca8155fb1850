/* SPDX-License-Identifier: MIT */
/* Permutation tests of methods that draw a statistic under "no change" themselves. */
#ifndef KEDGE_SHIFT_DRAWS_H
#define KEDGE_SHIFT_DRAWS_H

#include "shift/pooled.h"

#define KEDGE_I_DRAWS_SLACK 1e-12 /* of the statistic: what rounding may do to it */

/* The statistic of one way to deal the rows out. */
typedef double (*kedge_i_draw)(void *context, kedge_rng *rng);

/* `statistic` is set already, and grows with the difference; sets expected, p_value and p_method unless the p_method is
 * KEDGE_P_NONE. */
static inline void kedge_i_draws_test(const kedge_shift_config *cfg, kedge_i_draw draw, void *context, kedge_rng *rng,
                                      kedge_shift_result *out)
{
    double far = 1.0; /* the samples as they are */
    double sum = 0.0;
    if (cfg->p_method == KEDGE_P_NONE)
        return;
    for (uint32_t i = 0; i < cfg->n_resamples; i++) {
        double t = draw(context, rng);
        far += t >= out->statistic * (1.0 - KEDGE_I_DRAWS_SLACK) ? 1.0 : 0.0;
        sum += t;
    }
    out->expected = sum / (double)cfg->n_resamples;
    out->p_value = far / (1.0 + (double)cfg->n_resamples);
    out->p_method = KEDGE_P_PERMUTATION;
}

/* A number from 0 to 1 for a row, by which rows of equal values are put in an order that knows nothing of their samples. */
static inline double kedge_i_draws_lot(uint64_t seed, uint64_t row)
{
    kedge_rng rng = {seed ^ (row + 1) * UINT64_C(0x9E3779B97F4A7C15)};
    return kedge_rng_uniform(&rng);
}

#endif
