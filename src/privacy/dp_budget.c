/* SPDX-License-Identifier: MIT */
/* Budgets of differential privacy, and the noise that a cost means.
 *
 * Basic composition: Dwork, Kenthapadi, McSherry, Mironov, Naor 2006; as a filter, Rogers, Roth, Ullman, Vadhan 2016. Advanced:
 * Whitehouse, Ramdas, Rogers, Wu 2023, "Fully-adaptive composition in differential privacy", theorem 1. Zero-concentrated: Bun,
 * Steinke 2016, propositions 1.3, 1.4 and lemma 1.7; into epsilon by Canonne, Kamath, Steinke 2020, proposition 12. Gaussian noise:
 * Balle, Wang 2018, "Improving the Gaussian mechanism for differential privacy", theorem 8. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "base/check.h"
#include "base/number.h"
#include "base/special.h"
#include "privacy/dp_budget.h"

#define DP_PI 3.14159265358979323846
#define DP_EULER 2.71828182845904523536
#define DP_EPSILON_LEAST 1e-9
#define DP_EPSILON_MOST 64.0
#define DP_DELTA_LEAST 1e-30
#define DP_DELTA_MOST 0.5
#define DP_BUDGET_EPSILON_MOST 1000.0
#define DP_SUM_MOST 1e6          /* no budget's sum gets there */
#define DP_SCALE_LEAST 0.015625  /* 2^-6 */
#define DP_LAPLACE_MOST 0x1p40
#define DP_GAUSSIAN_MOST 0x1p24
#define DP_SENSITIVITY_MOST ((uint64_t)1 << 32)
#define DP_UP (1.0 + 0x1p-50)    /* more than a quotient is rounded */
#define DP_SUMMED_SIGMA 64.0       /* below it delta is summed, above it bounded */
#define DP_NEGLIGIBLE 1e-16
#define DP_TAIL_ERROR 1e-11       /* relative: of a tail, and of what a sum leaves out */
#define DP_ROOM (1.0 + 1e-12)    /* so that ten tenths are one */
#define DP_ORDER_LEAST 1e-6      /* of the Renyi order minus 1 */
#define DP_ORDER_MOST 1e9

enum { DP_HALVINGS = 60, DP_ORDER_STEPS = 80 };

/* Noise
 * -------------------------------------------------------------------------------------------------------------------------------
 * */

/* What is summed is p(y) - e^epsilon p(y + sensitivity), over whole y above `from`, where it is positive; Canonne, Kamath, Steinke
 * 2020, theorem 7. A smaller change than the sensitivity gives less: p is log-concave, so that tails tell neighbours apart best. */
static double dp_delta_by_sum(double sigma, double from, double sensitivity)
{
    double y = floor(from) + 1.0, sum = 0.0, more;
    do {
        more = exp(-0.5 * y / sigma * (y / sigma)) * -expm1(-sensitivity / sigma * ((y - from) / sigma));
        sum += more;
        y += 1.0;
    } while (y <= 0.0 || more > DP_NEGLIGIBLE * sum);
    return sum;
}

/* Such a sum of a function with one peak is at most its integral, which is Balle and Wang's delta, and the peak. The function is at
 * most p(y) (1 - exp(-sensitivity (y - from) / sigma^2)), whose peak is below p(from) sensitivity / (e from), and below sensitivity
 * / (sigma sqrt(e)). */
double kedge_i_dp_gaussian_delta(double sigma, double epsilon, double sensitivity)
{
    double all = fmax(sqrt(2.0 * DP_PI) * sigma, 1.0); /* the sum of exp(-y^2 / (2 sigma^2)) is at least that */
    double from = epsilon * sigma * sigma / sensitivity - 0.5 * sensitivity;
    if (sigma < DP_SUMMED_SIGMA && sensitivity < DP_SUMMED_SIGMA)
        return dp_delta_by_sum(sigma, from, sensitivity) * (1.0 + DP_TAIL_ERROR) / all;
    double share = sensitivity / (2.0 * sigma), shift = epsilon * sigma / sensitivity;
    double first = kedge_i_normal_upper(shift - share);
    double integral = first - exp(epsilon) * kedge_i_normal_upper(shift + share) + DP_TAIL_ERROR * first;
    double peak = sensitivity / (sigma * sqrt(DP_EULER));
    if (from > 0.0)
        peak = fmin(peak, exp(-0.5 * from / sigma * (from / sigma)) * sensitivity / (DP_EULER * fmax(from, DP_SCALE_LEAST)));
    return fmax(integral, 0.0) + peak / all;
}

/* The least sigma that keeps to delta; above DP_GAUSSIAN_MOST if none up to there does. */
static double dp_sigma(double epsilon, double delta, double sensitivity)
{
    double low = log(DP_SCALE_LEAST), high = log(2.0 * DP_GAUSSIAN_MOST);
    for (int i = 0; i < DP_HALVINGS; i++) {
        double middle = 0.5 * (low + high);
        if (kedge_i_dp_gaussian_delta(exp(middle), epsilon, sensitivity) > delta)
            low = middle;
        else
            high = middle;
    }
    return exp(high);
}

static kedge_status dp_cost_check(const kedge_dp_cost *cost)
{
    if (!kedge_i_finite(cost->epsilon) || !kedge_i_finite(cost->delta))
        return KEDGE_ERR_NOT_FINITE;
    if (!kedge_i_within(cost->epsilon, DP_EPSILON_LEAST, DP_EPSILON_MOST) || cost->reserved != 0)
        return KEDGE_ERR_RANGE;
    if (cost->mechanism == KEDGE_DP_LAPLACE)
        return cost->delta == 0.0 ? KEDGE_OK : KEDGE_ERR_RANGE;
    if (cost->mechanism != KEDGE_DP_GAUSSIAN)
        return KEDGE_ERR_RANGE;
    return kedge_i_within(cost->delta, DP_DELTA_LEAST, DP_DELTA_MOST) ? KEDGE_OK : KEDGE_ERR_RANGE;
}

kedge_status kedge_i_dp_plan_release(const kedge_dp_cost *cost, uint64_t sensitivity, kedge_i_dp_plan *plan)
{
    KEDGE_TRY(dp_cost_check(cost));
    if (sensitivity == 0 || sensitivity > DP_SENSITIVITY_MOST)
        return KEDGE_ERR_RANGE;
    double change = (double)(int64_t)sensitivity;
    int is_laplace = cost->mechanism == KEDGE_DP_LAPLACE;
    double scale = is_laplace ? change / cost->epsilon * DP_UP : dp_sigma(cost->epsilon, cost->delta, change);
    if (scale > (is_laplace ? DP_LAPLACE_MOST : DP_GAUSSIAN_MOST))
        return KEDGE_ERR_RANGE;
    plan->scale = kedge_i_dp_scale_above(fmax(scale, DP_SCALE_LEAST));
    double ratio = change / ((double)(int64_t)plan->scale.above / (double)(int64_t)plan->scale.below);
    plan->rho = 0.5 * (is_laplace ? cost->epsilon * cost->epsilon : ratio * ratio);
    return KEDGE_OK;
}

void kedge_i_dp_plan_noise(const kedge_dp_cost *cost, const kedge_i_dp_plan *plan, kedge_dp_noise *out)
{
    out->scale = (double)(int64_t)plan->scale.above / (double)(int64_t)plan->scale.below;
    double above_1 = expm1(0.5 / out->scale); /* the Laplace's variance is 1 / (2 sinh(1 / (2 scale))^2) */
    double twice_sinh = above_1 + above_1 / (1.0 + above_1);
    out->sd = cost->mechanism == KEDGE_DP_LAPLACE ? sqrt(2.0) / twice_sinh : out->scale;
    out->rho = plan->rho;
}

kedge_status kedge_dp_noise_of(const kedge_dp_cost *cost, uint64_t sensitivity, kedge_dp_noise *out)
{
    kedge_i_dp_plan plan;
    if (!cost || !out)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_i_dp_plan_release(cost, sensitivity, &plan));
    kedge_i_dp_plan_noise(cost, &plan, out);
    return KEDGE_OK;
}

/* Budget ---------------------------------------------------------------------------------------------------------------------- */

static int dp_budget_is_sound(const kedge_dp_budget *b)
{
    return b->composition >= KEDGE_DP_BASIC && b->composition <= KEDGE_DP_ZCDP && b->epsilon > 0.0 &&
           b->epsilon <= DP_BUDGET_EPSILON_MOST && kedge_i_within(b->delta, 0.0, DP_DELTA_MOST) &&
           (b->delta >= DP_DELTA_LEAST || b->composition == KEDGE_DP_BASIC) && kedge_i_within(b->epsilon_sum, 0.0, DP_SUM_MOST) &&
           kedge_i_within(b->epsilon_squares, 0.0, DP_SUM_MOST) && kedge_i_within(b->delta_sum, 0.0, DP_SUM_MOST) &&
           kedge_i_within(b->rho_sum, 0.0, DP_SUM_MOST) && b->n_releases < KEDGE_I_COUNT_MAX;
}

kedge_status kedge_dp_budget_init(kedge_dp_budget *b, uint32_t composition, double epsilon, double delta)
{
    kedge_dp_budget fresh;
    if (!b)
        return KEDGE_ERR_NULL;
    if (!kedge_i_finite(epsilon) || !kedge_i_finite(delta))
        return KEDGE_ERR_NOT_FINITE;
    memset(&fresh, 0, sizeof fresh);
    fresh.composition = composition;
    fresh.epsilon = epsilon;
    fresh.delta = delta;
    if (!dp_budget_is_sound(&fresh))
        return KEDGE_ERR_RANGE;
    *b = fresh;
    return KEDGE_OK;
}

/* Epsilon of a zero-concentrated cost at a delta, by one order: every order gives a valid bound. */
static double dp_epsilon_by_order(double rho, double log_delta, double order_minus_1)
{
    double order = 1.0 + order_minus_1;
    return order * rho - (log_delta + log(order)) / order_minus_1 - log1p(1.0 / order_minus_1);
}

/* The least of them, by golden section on the logarithm of order - 1. */
static double dp_epsilon_of_rho(double rho, double delta)
{
    static const double golden = 0.6180339887498949;
    double low = log(DP_ORDER_LEAST), high = log(DP_ORDER_MOST), log_delta = log(delta);
    for (int i = 0; i < DP_ORDER_STEPS; i++) {
        double left = high - golden * (high - low), right = low + golden * (high - low);
        if (dp_epsilon_by_order(rho, log_delta, exp(left)) < dp_epsilon_by_order(rho, log_delta, exp(right)))
            high = right;
        else
            low = left;
    }
    return rho > 0.0 ? fmax(dp_epsilon_by_order(rho, log_delta, exp(0.5 * (low + high))), 0.0) : 0.0;
}

static double dp_spent(const kedge_dp_budget *b)
{
    if (b->composition == KEDGE_DP_BASIC)
        return b->epsilon_sum;
    if (b->composition == KEDGE_DP_ZCDP)
        return dp_epsilon_of_rho(b->rho_sum, b->delta);
    return 0.5 * b->epsilon_squares + sqrt(-2.0 * log(0.5 * b->delta) * b->epsilon_squares);
}

/* Of the budget's delta, what releases themselves may have. */
static double dp_delta_for_releases(const kedge_dp_budget *b)
{
    if (b->composition == KEDGE_DP_ZCDP)
        return DP_SUM_MOST; /* they are counted by rho */
    return b->composition == KEDGE_DP_ADVANCED ? 0.5 * b->delta : b->delta;
}

kedge_status kedge_dp_spent(const kedge_dp_budget *b, double *epsilon)
{
    if (!b || !epsilon)
        return KEDGE_ERR_NULL;
    if (!dp_budget_is_sound(b))
        return KEDGE_ERR_STATE;
    *epsilon = dp_spent(b);
    return KEDGE_OK;
}

kedge_status kedge_i_dp_budget_take(kedge_dp_budget *b, const kedge_dp_cost *cost, const kedge_i_dp_plan *plan)
{
    if (!dp_budget_is_sound(b))
        return KEDGE_ERR_STATE;
    kedge_dp_budget after = *b;
    after.epsilon_sum += cost->epsilon;
    after.epsilon_squares += cost->epsilon * cost->epsilon;
    after.delta_sum += cost->delta;
    after.rho_sum += plan->rho;
    after.n_releases++;
    if (!dp_budget_is_sound(&after) || dp_spent(&after) > b->epsilon * DP_ROOM ||
        after.delta_sum > dp_delta_for_releases(b) * DP_ROOM)
        return KEDGE_ERR_STATE;
    *b = after;
    return KEDGE_OK;
}

kedge_status kedge_dp_charge(kedge_dp_budget *b, const kedge_dp_cost *cost, uint64_t sensitivity)
{
    kedge_i_dp_plan plan;
    if (!b || !cost)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_i_dp_plan_release(cost, sensitivity, &plan));
    return kedge_i_dp_budget_take(b, cost, &plan);
}
