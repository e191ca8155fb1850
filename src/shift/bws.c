/* SPDX-License-Identifier: MIT */
/* Baumgartner, Weiss, Schindler 1998, "A nonparametric test for the general two-sample problem": squared differences of each
 * value's rank and the one that it would have were the samples alike, over their variance. With R_1 <= ... <= R_n, ranks of the
 * reference among all N, average ones at ties,
 *     B_x = 1/n sum of (R_i - N/n i)^2 / (i/(n + 1) (1 - i/(n + 1)) m N/n),
 * and B = (B_x + B_y) / 2. The limit law is Anderson and Darling's, whose mean is 1; it is taken at B / E
 * B. Without ties R_i is a beta-binomial, and with the harmonic number h_n
 *     E B_x = n (N + 1) / (N (n + 2)) + m / (n N) ((n + 1) h_n / n - 1). */
#include "base/fp.h"

#include <math.h>

#include "kedge/shift.h"

#include "base/edf_limit.h"
#include "shift/edf.h"
#include "shift/resample.h"
#include "shift/runs.h"

/* The terms of one side's p values in a run, i before; those of n values among n + m; over N / (m (n + 1)^2). */
static double bws_terms(double rank, double i, double p, double n, double all)
{
    double sum = 0.0;
    for (double last = i + p; i < last;) {
        i += 1.0;
        double off = rank - all / n * i;
        sum += off * off / (i * (n + 1.0 - i));
    }
    return sum;
}

static double bws_statistic(const void *config, const kedge_shift_samples *s)
{
    double n = (double)s->n_reference;
    double m = (double)s->n_current;
    double all = n + m;
    double x = 0.0;
    double y = 0.0;
    (void)config;
    for (kedge_i_runs r = kedge_i_runs_begin(s); kedge_i_runs_next(&r);) {
        double p = (double)r.n_here;
        double q = (double)r.m_here;
        double rank = (double)r.i + (double)r.j - 0.5 * (p + q - 1.0);
        x += bws_terms(rank, (double)r.i - p, p, n, all);
        y += bws_terms(rank, (double)r.j - q, q, m, all);
    }
    return 0.5 * (x * (n + 1.0) * (n + 1.0) / (m * all) + y * (m + 1.0) * (m + 1.0) / (n * all));
}

/* The sum up to 1 / n: O(n), as the statistic is. */
static double bws_harmonic(double n)
{
    double sum = 0.0;
    for (; n >= 1.0; n -= 1.0)
        sum += 1.0 / n;
    return sum;
}

static double bws_mean_of_side(double n, double m)
{
    double all = n + m;
    return n * (all + 1.0) / (all * (n + 2.0)) + m / (n * all) * ((n + 1.0) * bws_harmonic(n) / n - 1.0);
}

static double bws_mean(const kedge_shift_samples *s)
{
    double n = (double)s->n_reference;
    double m = (double)s->n_current;
    return 0.5 * (bws_mean_of_side(n, m) + bws_mean_of_side(m, n));
}

static uint64_t bws_scratch(const void *config, uint64_t n, uint64_t m, uint64_t n_columns)
{
    uint32_t p_method = ((const kedge_shift_config *)config)->p_method;
    return p_method == KEDGE_P_AUTO ? kedge_i_resample_scratch(n, m) : kedge_i_edf_scratch(config, n, m, n_columns);
}

/* With ties B grows without bound, change or none, so there is no limit. */
static kedge_status bws_compare(const void *config, const kedge_shift_samples *s, double *scratch, kedge_shift_result *out)
{
    const kedge_shift_config *cfg = config;
    int ties = kedge_i_samples_have_ties(s);
    int constant = kedge_i_samples_are_constant(s);
    uint32_t method = kedge_i_p_method(cfg, s, ties && !constant ? KEDGE_P_PERMUTATION : KEDGE_P_ASYMPTOTIC);
    out->statistic = bws_statistic(cfg, s);
    out->effect = kedge_i_tail_distance(s);
    out->expected = constant ? out->statistic : ties ? (double)NAN : bws_mean(s);
    if (method == KEDGE_P_EXACT || method == KEDGE_P_PERMUTATION)
        return kedge_i_resample(cfg, s, bws_statistic, out->statistic, method, scratch, out);
    if (method == KEDGE_P_ASYMPTOTIC && ties && !constant)
        return KEDGE_ERR_UNSUPPORTED;
    out->p_method = method;
    if (method == KEDGE_P_ASYMPTOTIC)
        out->p_value = constant ? 1.0 : kedge_i_anderson_darling_upper(out->statistic / out->expected);
    return KEDGE_OK;
}

const kedge_shift_class kedge_bws = {
    .abi = KEDGE_SHIFT_CLASS_ABI,
    .config_bytes = sizeof(kedge_shift_config),
    .name = "bws",
    .kinds = KEDGE_KIND_NUMERIC,
    .p_methods = KEDGE_I_ALL_P_METHODS,
    .max_columns = 1,
    .scratch = bws_scratch,
    .samples = bws_compare,
};
