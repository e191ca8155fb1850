/* SPDX-License-Identifier: MIT */
/* What tests on empirical distribution functions share: the law of their statistics with ties, and an effect.
 *
 * Mean and variance of weighted sums of squared gaps, ties included: the gaps at the runs go towards a Brownian bridge, taken
 * halfway through each run. Between runs i < j its covariance is b_i (1 - b_j), b being the share of values up to the run's
 * middle, so that the double sum over all pairs of runs, twice the squared covariances (Scholz, Stephens 1987, "K-sample
 * Anderson-Darling tests", section 5), is one walk. The mean is exact. */
#include "base/fp.h"

#include "shift/edf.h"
#include "shift/resample.h"

typedef struct edf_sums {
    double all;    /* N */
    double before; /* sum of weight times b^2 over the runs so far */
    kedge_i_edf_moments m;
} edf_sums;

/* A run of `here` values after `left` others. */
static void edf_add_run(edf_sums *s, double left, double here, int in_tails)
{
    double b = (left + 0.5 * here) / s->all;
    double variance = kedge_i_edf_variance(s->all, left, here);
    double weight = here / s->all / (in_tails ? variance : 1.0);
    s->m.mean += weight * variance;
    s->m.variance += 2.0 * weight * (weight * variance * variance + 2.0 * (1.0 - b) * (1.0 - b) * s->before);
    s->before += weight * b * b;
}

kedge_i_edf_moments kedge_i_edf_moments_of(const kedge_shift_samples *s, int in_tails)
{
    edf_sums sums = {(double)s->n_reference + (double)s->n_current, 0.0, {0.0, 0.0}};
    for (kedge_i_runs r = kedge_i_runs_begin(s); kedge_i_runs_next(&r);) {
        double here = (double)(r.n_here + r.m_here);
        edf_add_run(&sums, (double)(r.i + r.j) - here, here, in_tails);
    }
    return sums.m;
}

kedge_i_edf_moments kedge_i_edf_moments_untied(double n_all, int in_tails)
{
    edf_sums sums = {n_all, 0.0, {0.0, 0.0}};
    for (double left = 0.0; left < n_all; left += 1.0)
        edf_add_run(&sums, left, 1.0, in_tails);
    return sums.m;
}

/* Both samples count the same, so that their sizes do not matter. */
double kedge_i_tail_distance(const kedge_shift_samples *s)
{
    double n = (double)s->n_reference;
    double m = (double)s->n_current;
    double sum = 0.0;
    for (kedge_i_runs r = kedge_i_runs_begin(s); kedge_i_runs_next(&r);) {
        double p = (double)r.n_here;
        double q = (double)r.m_here;
        double f = ((double)r.i - 0.5 * p) / n;
        double g = ((double)r.j - 0.5 * q) / m;
        double gap = kedge_i_runs_gap(&r) / (n * m);
        sum += (p / n + q / m) * gap * gap / ((f + g) * (2.0 - f - g));
    }
    return 2.0 * sum;
}

uint64_t kedge_i_edf_scratch(const void *config, uint64_t n, uint64_t m, uint64_t n_columns)
{
    uint32_t p_method = ((const kedge_shift_config *)config)->p_method;
    (void)n_columns;
    if (p_method == KEDGE_P_NONE || p_method == KEDGE_P_ASYMPTOTIC)
        return 0;
    return p_method == KEDGE_P_PERMUTATION ? kedge_i_resample_scratch(n, m) : kedge_i_resample_few_scratch(n, m);
}
