/* SPDX-License-Identifier: MIT */
/* P-values of many tests: Dunn 1961 (after Bonferroni), "Multiple comparisons among means"; Holm 1979, "A simple sequentially
 * rejective multiple test procedure"; Benjamini, Hochberg 1995, "Controlling the false discovery rate"; Benjamini, Yekutieli 2001,
 * "The control of the false discovery rate in multiple testing under dependency", theorem 1.3. */
#include "base/fp.h"

#include <math.h>

#include "kedge/table.h"

#include "base/check.h"
#include "base/number.h"
#include "base/sort.h"

/* Does a come behind b? NaN is last; equal ones keep their order. */
static int adjust_is_behind(const void *context, uint32_t a, uint32_t b)
{
    const double *p = context;
    if (isnan(p[a]) || isnan(p[b]))
        return isnan(p[a]) && (!isnan(p[b]) || a > b);
    return p[a] > p[b] || (p[a] == p[b] && a > b);
}

/* Factor of the i-th smallest of n, i from 1. */
static double adjust_factor(uint32_t adjust, double i, double n)
{
    double harmonic = 0.0;
    switch (adjust) {
    case KEDGE_ADJUST_BONFERRONI: return n;
    case KEDGE_ADJUST_HOLM: return n - i + 1.0;
    case KEDGE_ADJUST_BENJAMINI_HOCHBERG: return n / i;
    case KEDGE_ADJUST_BENJAMINI_YEKUTIELI:
        for (double k = n; k >= 1.0; k -= 1.0)
            harmonic += 1.0 / k;
        return harmonic * (n / i);
    default: return 1.0;
    }
}

/* A smaller p-value never gets a greater adjusted one. */
static void adjust_step_down(uint32_t adjust, double *p, const uint32_t *order, size_t n)
{
    double most = 0.0;
    for (size_t i = 0; i < n; i++) {
        most = fmax(most, fmin(1.0, p[order[i]] * adjust_factor(adjust, (double)i + 1.0, (double)n)));
        p[order[i]] = most;
    }
}

static void adjust_step_up(uint32_t adjust, double *p, const uint32_t *order, size_t n)
{
    double least = 1.0;
    double last = n > 0 ? adjust_factor(adjust, (double)n, (double)n) : 0.0; /* times n / i: the sum once only */
    for (size_t i = n; i-- > 0;) {
        least = fmin(least, p[order[i]] * (last * ((double)n / ((double)i + 1.0))));
        p[order[i]] = least;
    }
}

kedge_status kedge_p_adjust(uint32_t adjust, const double *p, size_t n, double *adjusted, uint32_t *order)
{
    if (!p || !adjusted || !order)
        return KEDGE_ERR_NULL;
    if (!kedge_i_u32_within(adjust, KEDGE_ADJUST_NONE, KEDGE_ADJUST_BENJAMINI_YEKUTIELI))
        return KEDGE_ERR_CONFIG;
    if (n > UINT32_MAX)
        return KEDGE_ERR_RANGE;
    size_t n_tests = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isnan(p[i]) && !kedge_i_within(p[i], 0.0, 1.0))
            return KEDGE_ERR_RANGE;
        n_tests += isnan(p[i]) ? 0 : 1;
    }
    kedge_i_sort_indices(order, n, adjust_is_behind, p);
    for (size_t i = 0; i < n; i++)
        adjusted[i] = p[i];
    if (adjust == KEDGE_ADJUST_BENJAMINI_HOCHBERG || adjust == KEDGE_ADJUST_BENJAMINI_YEKUTIELI)
        adjust_step_up(adjust, adjusted, order, n_tests);
    else
        adjust_step_down(adjust, adjusted, order, n_tests);
    return KEDGE_OK;
}
