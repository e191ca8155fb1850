/* SPDX-License-Identifier: MIT */
/* Releases under differential privacy: charge a copy of the budget, draw, and only then keep the charge and tell. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "base/check.h"
#include "base/number.h"
#include "base/rows.h"
#include "privacy/dp_budget.h"

enum { DP_MEAN_STEPS = 1 << 12 }; /* of the grid, from the middle of the range to its ends */

#define DP_RANGE_MOST 1e150

/* A plan for a cost, charged to a copy of the budget. */
static kedge_status dp_begin(const kedge_dp_budget *b, const kedge_dp_source *source, const kedge_dp_cost *cost,
                             uint64_t sensitivity, kedge_dp_budget *after, kedge_i_dp_plan *plan)
{
    if (!b || !source || !source->fill || !cost)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_i_dp_plan_release(cost, sensitivity, plan));
    *after = *b;
    return kedge_i_dp_budget_take(after, cost, plan);
}

static kedge_status dp_draw(const kedge_dp_source *source, const kedge_dp_cost *cost, const kedge_i_dp_plan *plan, int64_t *noise)
{
    return cost->mechanism == KEDGE_DP_LAPLACE ? kedge_i_dp_laplace(source, plan->scale, noise)
                                               : kedge_i_dp_gaussian(source, plan->scale, noise);
}

kedge_status kedge_dp_release(kedge_dp_budget *b, const kedge_dp_source *source, const kedge_dp_cost *cost, int64_t value,
                              uint64_t sensitivity, int64_t *noisy)
{
    kedge_dp_budget after;
    kedge_i_dp_plan plan;
    int64_t noise;
    if (!noisy)
        return KEDGE_ERR_NULL;
    if (value > (int64_t)KEDGE_I_COUNT_MAX || value < -(int64_t)KEDGE_I_COUNT_MAX)
        return KEDGE_ERR_RANGE;
    KEDGE_TRY(dp_begin(b, source, cost, sensitivity, &after, &plan));
    KEDGE_TRY(dp_draw(source, cost, &plan, &noise));
    *b = after;
    *noisy = value + noise;
    return KEDGE_OK;
}

kedge_status kedge_dp_histogram(kedge_dp_budget *b, const kedge_dp_source *source, const kedge_dp_cost *cost,
                                const uint64_t *counts, size_t n, int64_t *noisy)
{
    kedge_dp_budget after;
    kedge_i_dp_plan plan;
    if (!counts || !noisy)
        return KEDGE_ERR_NULL;
    if (n == 0)
        return KEDGE_ERR_RANGE;
    for (size_t i = 0; i < n; i++)
        if (counts[i] > KEDGE_I_COUNT_MAX)
            return KEDGE_ERR_RANGE;
    KEDGE_TRY(dp_begin(b, source, cost, 1, &after, &plan));
    for (size_t i = 0; i < n; i++) {
        int64_t noise;
        kedge_status st = dp_draw(source, cost, &plan, &noise);
        if (st < 0) {
            memset(noisy, 0, n * sizeof *noisy); /* nothing is charged, so nothing may be told */
            return st;
        }
        noisy[i] = (int64_t)counts[i] + noise;
    }
    *b = after;
    return KEDGE_OK;
}

/* The column's sum in steps from the middle of the range. */
static kedge_status dp_sum(const kedge_rows *x, size_t i_column, double low, double high, int64_t *sum)
{
    double half = 0.5 * (high - low), middle = low + half;
    *sum = 0;
    for (size_t i = 0; i < x->n_rows; i++) {
        double value = kedge_i_rows_at(x, i, i_column);
        if (!kedge_i_finite(value))
            return KEDGE_ERR_NOT_FINITE;
        double at = (fmin(fmax(value, low), high) - middle) / half;
        *sum += (int64_t)floor(fmin(fmax(at, -1.0), 1.0) * DP_MEAN_STEPS + 0.5);
    }
    return KEDGE_OK;
}

kedge_status kedge_dp_mean(kedge_dp_budget *b, const kedge_dp_source *source, const kedge_dp_cost *cost, const kedge_rows *x,
                           size_t i_column, double low, double high, kedge_dp_mean_report *out)
{
    kedge_dp_budget after_sum, after;
    kedge_i_dp_plan sum_plan, count_plan;
    kedge_dp_noise sum_noise, count_noise;
    int64_t sum, noise, count;
    if (!x || !out || !cost)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_i_rows_check(x));
    if (i_column >= x->n_columns)
        return KEDGE_ERR_SHAPE;
    if (!kedge_i_finite(low) || !kedge_i_finite(high))
        return KEDGE_ERR_NOT_FINITE;
    double half = 0.5 * (high - low);
    if (!(fmax(fabs(low), fabs(high)) <= DP_RANGE_MOST) || !(half > DBL_MIN))
        return KEDGE_ERR_RANGE;
    const kedge_dp_cost each = {cost->mechanism, cost->reserved, 0.5 * cost->epsilon, 0.5 * cost->delta};
    KEDGE_TRY(dp_begin(b, source, &each, DP_MEAN_STEPS, &after_sum, &sum_plan));
    KEDGE_TRY(dp_begin(&after_sum, source, &each, 1, &after, &count_plan));
    KEDGE_TRY(dp_sum(x, i_column, low, high, &sum));
    KEDGE_TRY(dp_draw(source, &each, &sum_plan, &noise));
    KEDGE_TRY(dp_draw(source, &each, &count_plan, &count));
    *b = after;
    kedge_i_dp_plan_noise(&each, &sum_plan, &sum_noise);
    kedge_i_dp_plan_noise(&each, &count_plan, &count_noise);
    double step = half / DP_MEAN_STEPS;
    out->count = (int64_t)x->n_rows + count;
    out->sum = (double)(sum + noise) * step;
    out->sum_sd = sum_noise.sd * step;
    out->count_sd = count_noise.sd;
    out->mean = fmin(fmax(low + half + out->sum / fmax((double)out->count, 1.0), low), high);
    return KEDGE_OK;
}
