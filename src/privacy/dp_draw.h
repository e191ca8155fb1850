/* SPDX-License-Identifier: MIT */
/* Exact draws from the discrete Laplace and Gaussian distributions, by integer arithmetic on uniform bits alone. */
#ifndef KEDGE_PRIVACY_DP_DRAW_H
#define KEDGE_PRIVACY_DP_DRAW_H

#include "kedge/privacy.h"

/* A scale as a fraction: above / below, where below is a power of two. */
typedef struct kedge_i_dp_scale {
    uint64_t above;
    uint64_t below;
} kedge_i_dp_scale;

/* The least such fraction, with 12 bits or none behind the point, that is not below x; 2^-6 <= x <= 2^40. */
kedge_i_dp_scale kedge_i_dp_scale_above(double x);

/* P(noise = k) in proportion to exp(-|k| / scale), scale <= 2^40; to exp(-k^2 / (2 scale^2)), scale <= 2^24. Below 2^51 in
 * magnitude. */
kedge_status kedge_i_dp_laplace(const kedge_dp_source *source, kedge_i_dp_scale scale, int64_t *noise);
kedge_status kedge_i_dp_gaussian(const kedge_dp_source *source, kedge_i_dp_scale scale, int64_t *noise);

#endif
