/* SPDX-License-Identifier: MIT */
/* What a release costs, how much noise that means, and whether the budget has it. */
#ifndef KEDGE_PRIVACY_DP_BUDGET_H
#define KEDGE_PRIVACY_DP_BUDGET_H

#include "kedge/privacy.h"

#include "privacy/dp_draw.h"

/* The noise of a release. */
typedef struct kedge_i_dp_plan {
    kedge_i_dp_scale scale;
    double rho;
} kedge_i_dp_plan;

kedge_status kedge_i_dp_plan_release(const kedge_dp_cost *cost, uint64_t sensitivity, kedge_i_dp_plan *plan);

void kedge_i_dp_plan_noise(const kedge_dp_cost *cost, const kedge_i_dp_plan *plan, kedge_dp_noise *out);

/* Charges a release, or leaves the budget alone. */
kedge_status kedge_i_dp_budget_take(kedge_dp_budget *b, const kedge_dp_cost *cost, const kedge_i_dp_plan *plan);

/* The bound on delta of discrete Gaussian noise. */
double kedge_i_dp_gaussian_delta(double sigma, double epsilon, double sensitivity);

#endif
