/* SPDX-License-Identifier: MIT */
/* Two-sample Anderson-Darling test (Scholz, Stephens 1987, "K-sample Anderson-Darling tests"): squared gaps of the distribution
 * functions, each over its variance, so that tails count as much as the middle. With gaps e = n m (G - F) halfway through each
 * run of l values after L, and R behind it,
 *     A2 = (N - 1) / (N n m) sum of l e^2 / (L R + (L + R) l / 4),
 * their A2akN of (7), whose mean is 1 with any ties. The statistic is A2 less 1 over its standard deviation without ties, (4).
 * For two samples its limit law is that of the one-sample statistic; the law of N numbers is taken for that of the same mean and
 * variance. */
#include "base/fp.h"

#include <math.h>

#include "kedge/shift.h"

#include "base/check.h"
#include "base/edf_limit.h"
#include "shift/edf.h"
#include "shift/resample.h"
#include "shift/runs.h"

#define AD_LIMIT_VARIANCE 0.57973626739290574588 /* 2 pi^2 / 3 - 6 */

enum {
    AD_LEAST = 4,   /* values: the variance of less is not defined */
    AD_TIED = 200   /* values up to which the limit alarms too often where values are tied: 40 of two values 7.8 times in 100 at 5
                     * % */
};

static double ad_statistic(const void *config, const kedge_shift_samples *s)
{
    double n = (double)s->n_reference;
    double m = (double)s->n_current;
    double all = n + m;
    kedge_i_exact_sum sum = {0.0, 0.0};
    (void)config;
    if (kedge_i_samples_are_constant(s))
        return 0.0;
    for (kedge_i_runs r = kedge_i_runs_begin(s); kedge_i_runs_next(&r);) {
        double here = (double)(r.n_here + r.m_here);
        double e = kedge_i_runs_gap(&r) / all;
        kedge_i_add(&sum, here * e * e / kedge_i_edf_variance(all, (double)(r.i + r.j) - here, here));
    }
    return (all - 1.0) / (all * n * m) * (sum.sum + sum.rest);
}

/* Scholz, Stephens 1987, (4), for k = 2; g is their double sum over i < j of 1 / ((N - i) j), as one walk. */
static double ad_variance(double n, double m)
{
    double all = n + m;
    double h = 0.0;
    double g = 0.0;
    for (double i = all - 1.0; i >= 1.0; i -= 1.0) {
        g += i < all - 1.0 ? h / (all - i) : 0.0;
        h += 1.0 / i;
    }
    double both = 1.0 / n + 1.0 / m;
    double a = (4.0 * g - 6.0) + (10.0 - 6.0 * g) * both;
    double b = (2.0 * g - 4.0) * 4.0 + 16.0 * h + (2.0 * g - 14.0 * h - 4.0) * both - 8.0 * h + 4.0 * g - 6.0;
    double c = (6.0 * h + 2.0 * g - 2.0) * 4.0 + (4.0 * h - 4.0 * g + 6.0) * 2.0 + (2.0 * h - 6.0) * both + 4.0 * h;
    double d = (2.0 * h + 6.0) * 4.0 - 8.0 * h;
    return (((a * all + b) * all + c) * all + d) / ((all - 1.0) * (all - 2.0) * (all - 3.0));
}

/* Ties change the variance as they do for large samples. */
static double ad_limit_p(const kedge_shift_samples *s, double a2, double variance)
{
    double all = (double)s->n_reference + (double)s->n_current;
    if (kedge_i_samples_are_constant(s))
        return 1.0;
    double ties = kedge_i_edf_moments_of(s, 1).variance / kedge_i_edf_moments_untied(all, 1).variance;
    return kedge_i_anderson_darling_upper(1.0 + (a2 - 1.0) * sqrt(AD_LIMIT_VARIANCE / (variance * ties)));
}

static uint32_t ad_auto(const kedge_shift_samples *s)
{
    int is_rough = s->n_reference + s->n_current <= AD_TIED && kedge_i_samples_have_ties(s) && !kedge_i_samples_are_constant(s);
    return is_rough ? KEDGE_P_PERMUTATION : KEDGE_P_ASYMPTOTIC;
}

static kedge_status ad_compare(const void *config, const kedge_shift_samples *s, double *scratch, kedge_shift_result *out)
{
    const kedge_shift_config *cfg = config;
    if (s->n_reference + s->n_current < AD_LEAST)
        return KEDGE_EMPTY;
    double variance = ad_variance((double)s->n_reference, (double)s->n_current);
    double a2 = ad_statistic(cfg, s);
    uint32_t method = kedge_i_p_method(cfg, s, ad_auto(s));
    out->p_method = method;
    if (method == KEDGE_P_ASYMPTOTIC)
        out->p_value = ad_limit_p(s, a2, variance);
    else if (method != KEDGE_P_NONE)
        KEDGE_TRY(kedge_i_resample(cfg, s, ad_statistic, a2, method, scratch, out));
    out->statistic = (a2 - 1.0) / sqrt(variance);
    out->effect = kedge_i_tail_distance(s);
    out->expected = kedge_i_samples_are_constant(s) ? out->statistic : 0.0;
    return KEDGE_OK;
}

const kedge_shift_class kedge_anderson_darling = {
    .abi = KEDGE_SHIFT_CLASS_ABI,
    .config_bytes = sizeof(kedge_shift_config),
    .name = "anderson_darling",
    .kinds = KEDGE_KIND_NUMERIC,
    .p_methods = KEDGE_I_ALL_P_METHODS,
    .max_columns = 1,
    .scratch = kedge_i_edf_scratch,
    .samples = ad_compare,
};
