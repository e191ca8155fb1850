/* SPDX-License-Identifier: MIT */
/* Two-sample Kolmogorov-Smirnov test (Smirnov 1939). The exact p-value counts the lattice paths from (0, 0) to (n, m) that leave
 * the band around the diagonal (Hodges 1958, "The significance probability of the Smirnov two-sample test", section 3); here as
 * chances of a random path, which stay exact to the last digits for small p, since only positive numbers are added. Sizes, default
 * of AUTO and limit are SciPy's. */
#include "base/fp.h"

#include <math.h>

#include "kedge/shift.h"

#include "base/ks_limit.h"
#include "shift/resample.h"
#include "shift/runs.h"

#define KS_AUTO_MAX 10000u   /* SciPy's */
#define KS_EXACT_MAX 100000u

/* Greatest |i m - j n| over all values: a whole number, exact in a double up to 2^53. */
static double ks_gap(const kedge_shift_samples *s, double *where)
{
    double n = (double)s->n_reference;
    double m = (double)s->n_current;
    double gap = 0.0;
    for (kedge_i_runs r = kedge_i_runs_begin(s); kedge_i_runs_next(&r);) {
        double here = fabs((double)r.i * m - (double)r.j * n);
        if (here > gap) {
            gap = here;
            *where = r.value;
        }
    }
    return gap;
}

static double ks_statistic(const void *config, const kedge_shift_samples *s)
{
    double where;
    (void)config;
    return ks_gap(s, &where) / ((double)s->n_reference * (double)s->n_current);
}

/* First j of row i within the band: |i m - j n| < gap; and the last. */
static size_t ks_band_low(double i, double n, double m, double gap)
{
    double j = floor((i * m - gap) / n);
    if (j < 0.0)
        return 0;
    while (i * m - j * n >= gap)
        j += 1.0;
    return (size_t)j;
}

static size_t ks_band_high(double i, double n, double m, double gap)
{
    double j = fmin(floor((i * m + gap) / n) + 1.0, m);
    while (j > 0.0 && j * n - i * m >= gap)
        j -= 1.0;
    return (size_t)j;
}

/* One row of the paths: v[j] holds the chance to be at (i, j) without having left the band, j from low to high, and then that of
 * (i + 1, j), j from `next` on. A path at (i, j) goes to i + 1 with chance (n - i) / (n + m - i - j), else to j + 1. Returns the
 * chance to leave here. */
static double ks_row(double i, double n, double m, size_t low, size_t high, size_t next, double *v)
{
    double left = 0.0;
    for (size_t j = low; j <= high; j++) {
        double share = v[j] / (n + m - i - (double)j);
        double along = share * (m - (double)j);
        double move = share * (n - i);
        if (j < high)
            v[j + 1] += along;
        else
            left += along;
        left += j < next ? move : 0.0;
        v[j] = j < next ? 0.0 : move;
    }
    return left;
}

/* Chance that a path to (n, m), n >= m, leaves the band. */
static double ks_paths(double n, double m, double gap, double *v)
{
    double left = 0.0;
    size_t low = 0;
    for (size_t j = 0; j <= (size_t)m; j++)
        v[j] = 0.0;
    v[0] = 1.0;
    for (double i = 0.0; i < n; i += 1.0) {
        size_t next = ks_band_low(i + 1.0, n, m, gap);
        left += ks_row(i, n, m, low, ks_band_high(i, n, m, gap), next, v);
        low = next;
    }
    return left;
}

static uint64_t ks_scratch(const void *config, uint64_t n, uint64_t m, uint64_t n_columns)
{
    uint64_t few = n < m ? n : m;
    uint64_t own = few + 1 > KEDGE_I_KOLMOGOROV_SCRATCH ? few + 1 : KEDGE_I_KOLMOGOROV_SCRATCH;
    (void)n_columns;
    if (((const kedge_shift_config *)config)->p_method != KEDGE_P_PERMUTATION)
        return own;
    return kedge_i_resample_scratch(n, m);
}

static uint32_t ks_method(const kedge_shift_config *cfg, const kedge_shift_samples *s)
{
    if (cfg->p_method != KEDGE_P_AUTO)
        return cfg->p_method;
    return s->n_reference <= KS_AUTO_MAX && s->n_current <= KS_AUTO_MAX ? KEDGE_P_EXACT : KEDGE_P_ASYMPTOTIC;
}

/* The limit's sample size is rounded to a whole one, as SciPy does. */
static double ks_limit_p(double n, double m, double d, double *scratch)
{
    double size = nearbyint(n * m / (n + m));
    return kedge_i_kolmogorov_upper(size < 1.0 ? 1.0 : size, d, scratch);
}

static kedge_status ks_compare(const void *config, const kedge_shift_samples *s, double *scratch, kedge_shift_result *out)
{
    double n = (double)s->n_reference;
    double m = (double)s->n_current;
    double gap = ks_gap(s, &out->where);
    uint32_t method = ks_method(config, s);
    out->statistic = out->effect = gap / (n * m);
    if (method == KEDGE_P_PERMUTATION)
        return kedge_i_resample(config, s, ks_statistic, out->statistic, method, scratch, out);
    if (method == KEDGE_P_EXACT && (s->n_reference > KS_EXACT_MAX || s->n_current > KS_EXACT_MAX))
        return KEDGE_ERR_UNSUPPORTED;
    out->p_method = method;
    if (method == KEDGE_P_ASYMPTOTIC)
        out->p_value = ks_limit_p(n, m, out->statistic, scratch);
    else if (method == KEDGE_P_EXACT)
        out->p_value = gap == 0.0 ? 1.0 : fmin(1.0, ks_paths(fmax(n, m), fmin(n, m), gap, scratch));
    return KEDGE_OK;
}

const kedge_shift_class kedge_ks = {
    .abi = KEDGE_SHIFT_CLASS_ABI,
    .config_bytes = sizeof(kedge_shift_config),
    .name = "ks",
    .kinds = KEDGE_KIND_NUMERIC,
    .p_methods =
        1u << KEDGE_P_AUTO | 1u << KEDGE_P_EXACT | 1u << KEDGE_P_ASYMPTOTIC | 1u << KEDGE_P_PERMUTATION | 1u << KEDGE_P_NONE,
    .max_columns = 1,
    .scratch = ks_scratch,
    .samples = ks_compare,
};
