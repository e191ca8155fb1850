/* SPDX-License-Identifier: MIT */
/* Mann-Whitney's U, also Wilcoxon's rank sum (Mann, Whitney 1947, "On a test of whether one of two random variables is
 * stochastically larger than the other"). Statistic and p-values are those of SciPy's mannwhitneyu: without ties the
 * distribution of U, else the normal limit with Mann and Whitney's variance less what ties take from it (Lehmann 1975,
 * "Nonparametrics", section 1.4), and half a step of continuity. */
#include "base/fp.h"

#include <math.h>

#include "kedge/shift.h"

#include "base/special.h"
#include "shift/mann_whitney.h"
#include "shift/resample.h"
#include "shift/runs.h"

/* AUTO counts up to so many pairs of values, and up to more where a sample has few values, as its limit is poor there however
 * long the other. */
#define MANN_WHITNEY_PAIRS 10000u
#define MANN_WHITNEY_FEW 8u /* SciPy's */
#define MANN_WHITNEY_FEW_PAIRS 100000u
#define MANN_WHITNEY_EXACT_PAIRS 1000000u

typedef struct mann_whitney_count {
    double twice_u; /* 2 for each pair whose reference is greater, 1 for each tie: a whole number, exact up to 2^53 */
    double ties;    /* sum of t^3 - t over all runs of t equal values */
} mann_whitney_count;

static mann_whitney_count mann_whitney_count_of(const kedge_shift_samples *s)
{
    mann_whitney_count c = {0.0, 0.0};
    for (kedge_i_runs r = kedge_i_runs_begin(s); kedge_i_runs_next(&r);) {
        double t = (double)r.n_here + (double)r.m_here;
        c.twice_u += (double)r.n_here * (2.0 * (double)r.j - (double)r.m_here);
        c.ties += (t - 1.0) * t * (t + 1.0);
    }
    return c;
}

static double mann_whitney_pairs(const kedge_shift_samples *s)
{
    return (double)s->n_reference * (double)s->n_current;
}

static double mann_whitney_far(const void *config, const kedge_shift_samples *s)
{
    (void)config;
    return 0.5 * fabs(mann_whitney_count_of(s).twice_u - mann_whitney_pairs(s));
}

static double mann_whitney_above(const void *config, const kedge_shift_samples *s)
{
    (void)config;
    return 0.5 * (mann_whitney_pairs(s) - mann_whitney_count_of(s).twice_u);
}

/* P(U <= u) without ties. The chances of U for i and m values are those for i - 1 and m, times (1 - q^(m + i)) / (1 - q^i) as
 * power series in q, over (m + i) / i: their recursion as a product. Rounding errors run towards larger u only, where the
 * chances of a lower tail are larger too, so that a small sum keeps its digits: to 3e-15 of whole numbers' up to 100 and 100
 * values. */
static double mann_whitney_lower(size_t n, size_t m, size_t u, double *v)
{
    double sum = 0.0;
    for (size_t k = 0; k <= u; k++)
        v[k] = k == 0 ? 1.0 : 0.0;
    for (size_t i = 1; i <= n; i++) {
        double share = (double)i / ((double)m + (double)i);
        for (size_t k = u; k >= m + i; k--)
            v[k] -= v[k - m - i];
        for (size_t k = 0; k <= u; k++)
            v[k] = share * v[k] + (k >= i ? v[k - i] : 0.0);
    }
    for (size_t k = 0; k <= u; k++)
        sum += v[k];
    return sum;
}

/* One-sided: P(U <= u), in the upper half by the symmetry of U. */
static double mann_whitney_exact(const kedge_shift_samples *s, double twice_u, int two_sided, double *scratch)
{
    size_t few = s->n_reference < s->n_current ? s->n_reference : s->n_current;
    size_t many = s->n_reference + s->n_current - few;
    size_t pairs = few * many;
    size_t u = (size_t)(0.5 * twice_u);
    size_t near = u < pairs - u ? u : pairs - u;
    if (two_sided)
        return fmin(1.0, 2.0 * mann_whitney_lower(few, many, near, scratch));
    if (u == near)
        return fmin(1.0, mann_whitney_lower(few, many, near, scratch));
    return near == 0 ? 1.0 : 1.0 - mann_whitney_lower(few, many, near - 1, scratch);
}

static double mann_whitney_limit(const kedge_shift_samples *s, const mann_whitney_count *c, int two_sided)
{
    double pairs = mann_whitney_pairs(s);
    double all = (double)s->n_reference + (double)s->n_current;
    double variance = pairs / 12.0 * (all + 1.0 - c->ties / (all * (all - 1.0)));
    double apart = pairs - c->twice_u;
    double off = 0.5 * ((two_sided ? fabs(apart) : apart) - 1.0);
    if (variance <= 0.0 || (two_sided && off <= 0.0)) /* all are equal, or half a step takes the difference up */
        return 1.0;
    return fmin(1.0, (two_sided ? 2.0 : 1.0) * kedge_i_normal_upper(off / sqrt(variance)));
}

static uint64_t mann_whitney_least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Pairs that counting takes at most for samples of up to these sizes. */
static uint64_t mann_whitney_most_pairs(uint32_t method, uint64_t n, uint64_t m)
{
    uint64_t few = mann_whitney_least(mann_whitney_least(n, m), MANN_WHITNEY_FEW);
    uint64_t uneven = mann_whitney_least(few * (n > m ? n : m), MANN_WHITNEY_FEW_PAIRS);
    uint64_t even = mann_whitney_least(n * m, MANN_WHITNEY_PAIRS);
    if (method == KEDGE_P_EXACT)
        return mann_whitney_least(n * m, MANN_WHITNEY_EXACT_PAIRS);
    return even > uneven ? even : uneven;
}

static uint64_t mann_whitney_scratch(const void *config, uint64_t n, uint64_t m, uint64_t n_columns)
{
    uint32_t method = ((const kedge_shift_config *)config)->p_method;
    (void)n_columns;
    if (method == KEDGE_P_PERMUTATION)
        return kedge_i_resample_scratch(n, m);
    if (method != KEDGE_P_AUTO && method != KEDGE_P_EXACT)
        return 0;
    uint64_t counting = mann_whitney_most_pairs(method, n, m) / 2 + 1;
    uint64_t dealing = kedge_i_resample_few_scratch(n, m);
    return counting > dealing ? counting : dealing;
}

/* Can the distribution without ties be counted? */
static int mann_whitney_counts(uint32_t method, const kedge_shift_samples *s)
{
    uint64_t n = s->n_reference;
    uint64_t m = s->n_current;
    uint64_t few = n < m ? n : m;
    if (method == KEDGE_P_EXACT)
        return n * m <= MANN_WHITNEY_EXACT_PAIRS;
    return n * m <= (few <= MANN_WHITNEY_FEW ? MANN_WHITNEY_FEW_PAIRS : MANN_WHITNEY_PAIRS);
}

/* A test that is asked for. */
typedef struct mann_whitney_test {
    const kedge_shift_config *cfg;
    const kedge_shift_samples *s;
    kedge_i_statistic far; /* what grows with the evidence */
    mann_whitney_count count;
    int two_sided;
} mann_whitney_test;

static kedge_status mann_whitney_deal(const mann_whitney_test *t, uint32_t p_method, double *scratch, kedge_shift_result *out)
{
    return kedge_i_resample(t->cfg, t->s, t->far, t->far(t->cfg, t->s), p_method, scratch, out);
}

/* EXACT or AUTO: by counting without ties, by dealing anew with them; KEDGE_ERR_UNSUPPORTED where neither can. */
static kedge_status mann_whitney_small(const mann_whitney_test *t, double *scratch, kedge_shift_result *out)
{
    if (t->count.ties > 0.0)
        return mann_whitney_deal(t, KEDGE_P_EXACT, scratch, out);
    if (!mann_whitney_counts(t->cfg->p_method, t->s))
        return KEDGE_ERR_UNSUPPORTED;
    out->p_value = mann_whitney_exact(t->s, t->count.twice_u, t->two_sided, scratch);
    out->p_method = KEDGE_P_EXACT;
    return KEDGE_OK;
}

static kedge_status mann_whitney_p(const mann_whitney_test *t, double *scratch, kedge_shift_result *out)
{
    uint32_t method = t->cfg->p_method;
    if (method == KEDGE_P_PERMUTATION)
        return mann_whitney_deal(t, method, scratch, out);
    if (method == KEDGE_P_EXACT || method == KEDGE_P_AUTO) {
        kedge_status st = mann_whitney_small(t, scratch, out);
        if (st != KEDGE_ERR_UNSUPPORTED || method == KEDGE_P_EXACT)
            return st;
    }
    if (method != KEDGE_P_NONE) {
        out->p_value = mann_whitney_limit(t->s, &t->count, t->two_sided);
        out->p_method = KEDGE_P_ASYMPTOTIC;
    }
    return KEDGE_OK;
}

static kedge_status mann_whitney_run(const mann_whitney_test *t, double *scratch, kedge_shift_result *out)
{
    double pairs = mann_whitney_pairs(t->s);
    kedge_status st = mann_whitney_p(t, scratch, out);
    out->statistic = 0.5 * t->count.twice_u;
    out->effect = (pairs - t->count.twice_u) / pairs;
    out->expected = 0.5 * pairs;
    return st;
}

static kedge_status mann_whitney_compare(const void *config, const kedge_shift_samples *s, double *scratch, kedge_shift_result *out)
{
    mann_whitney_test t = {config, s, mann_whitney_far, mann_whitney_count_of(s), 1};
    return mann_whitney_run(&t, scratch, out);
}

kedge_status kedge_i_mann_whitney_above(const kedge_shift_config *cfg, const kedge_shift_samples *s, double *scratch,
                                        kedge_shift_result *out)
{
    mann_whitney_test t = {cfg, s, mann_whitney_above, mann_whitney_count_of(s), 0};
    return mann_whitney_run(&t, scratch, out);
}

const kedge_shift_class kedge_mann_whitney = {
    .abi = KEDGE_SHIFT_CLASS_ABI,
    .config_bytes = sizeof(kedge_shift_config),
    .name = "mann_whitney",
    .kinds = KEDGE_KIND_NUMERIC,
    .p_methods = KEDGE_I_ALL_P_METHODS,
    .max_columns = 1,
    .scratch = mann_whitney_scratch,
    .samples = mann_whitney_compare,
};
