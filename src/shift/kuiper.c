/* SPDX-License-Identifier: MIT */
/* Two-sample Kuiper test (Kuiper 1960, "Tests concerning random points on a circle"): V = D+ + D-, the greatest distance of the
 * distribution functions above plus that below.
 *
 * The exact p-value counts lattice paths from (0, 0) to (n, m) whose height n v - m u has a range of at least n m V. On a circle
 * V does not depend on where one starts. So each path is turned to begin at its lowest place; what is counted is paths that
 * never go below their start and reach the height n m V, which one walk through the lattice does. A path that is back at height
 * 0 z times is the turned one z times; it can be back at the g-th parts of the way only, g being the greatest common divisor of
 * n and m, and as turning it does not change z, 1 / z is on average k / g, where k is the part at which it is back first:
 *     P = N / g sum over such paths of k times the path's chance.
 * Only positive numbers are added, so small chances keep their digits. */
#include "base/fp.h"

#include <math.h>

#include "kedge/shift.h"

#include "base/ks_limit.h"
#include "shift/resample.h"
#include "shift/runs.h"

#define KUIPER_AUTO_MAX 1e6  /* pairs n m */
#define KUIPER_EXACT_MAX 1e8
#define KUIPER_FEW_MAX 10000u /* the smaller sample then has at most so many */

/* Chances to be at a place, by what the path has done so far. */
typedef struct kuiper_place {
    double first;      /* it has not been back at height 0 */
    double first_high; /* nor that, and has been high enough */
    double back;       /* it has been back, times k */
    double back_high;
} kuiper_place;

/* Greatest n v - m u less the smallest one, both over all values and the start: a whole number. */
static double kuiper_range(const kedge_shift_samples *s)
{
    double n = (double)s->n_reference;
    double m = (double)s->n_current;
    double low = 0.0;
    double high = 0.0;
    for (kedge_i_runs r = kedge_i_runs_begin(s); kedge_i_runs_next(&r);) {
        double here = n * (double)r.j - m * (double)r.i;
        low = fmin(low, here);
        high = fmax(high, here);
    }
    return high - low;
}

static double kuiper_statistic(const void *config, const kedge_shift_samples *s)
{
    (void)config;
    return kuiper_range(s) / ((double)s->n_reference * (double)s->n_current);
}

static void kuiper_add(kuiper_place *to, const kuiper_place *from, double share)
{
    to->first += from->first * share;
    to->first_high += from->first_high * share;
    to->back += from->back * share;
    to->back_high += from->back_high * share;
}

/* What being at this height, and in the k-th part of the way, changes. */
static void kuiper_arrive(kuiper_place *p, double height, double limit, double k)
{
    if (height >= limit) {
        p->first_high += p->first;
        p->back_high += p->back;
        p->first = p->back = 0.0;
    }
    if (height <= 0.0 && k > 0.0) {
        p->back += p->first * k;
        p->back_high += p->first_high * k;
        p->first = p->first_high = 0.0;
    }
}

/* Row u: v[j] are the places (u, j), as far as reached from the row before, and then those of the next row. */
static void kuiper_row(double u, double n, double m, double part, double limit, kuiper_place *v)
{
    for (double j = ceil(u * m / n - 0.5 / n); j <= m; j += 1.0) {
        kuiper_place *here = v + (size_t)j;
        double height = n * j - m * u;
        double left = n + m - u - j;
        kuiper_place next = {0.0, 0.0, 0.0, 0.0};
        if (height < 0.0)
            continue;
        kuiper_arrive(here, height, limit, u * part);
        if (j < m)
            kuiper_add(here + 1, here, (m - j) / left);
        if (u < n) {
            if (height >= m)
                kuiper_add(&next, here, (n - u) / left);
            *here = next;
        }
    }
}

static double kuiper_divisor(double n, double m)
{
    while (m > 0.0) {
        double rest = fmod(n, m);
        n = m;
        m = rest;
    }
    return n;
}

/* P(range >= limit) for n >= m. */
static double kuiper_paths(double n, double m, double limit, kuiper_place *v)
{
    double g = kuiper_divisor(n, m);
    for (size_t j = 0; j <= (size_t)m; j++)
        v[j] = (kuiper_place){0.0, 0.0, 0.0, 0.0};
    v[0].first = 1.0;
    for (double u = 0.0; u <= n; u += 1.0)
        kuiper_row(u, n, m, g / n, limit, v);
    return fmin(1.0, (n + m) / g * v[(size_t)m].back_high);
}

/* Stephens 1970, "Use of the Kolmogorov-Smirnov, Cramer-von Mises and related statistics without extensive tables",
 * for n m / N numbers. */
static double kuiper_limit_p(double n, double m, double v)
{
    double root = sqrt(n * m / (n + m));
    return kedge_i_kuiper_upper((root + 0.155 + 0.24 / root) * v);
}

static uint64_t kuiper_scratch(const void *config, uint64_t n, uint64_t m, uint64_t n_columns)
{
    uint32_t p_method = ((const kedge_shift_config *)config)->p_method;
    uint64_t few = n < m ? n : m;
    (void)n_columns;
    if (p_method == KEDGE_P_PERMUTATION)
        return kedge_i_resample_scratch(n, m);
    if (p_method == KEDGE_P_AUTO || p_method == KEDGE_P_EXACT)
        return 4 * ((few < KUIPER_FEW_MAX ? few : KUIPER_FEW_MAX) + 1);
    return 0;
}

static kedge_status kuiper_exact(double n, double m, double range, double *scratch, kedge_shift_result *out)
{
    if (n * m > KUIPER_EXACT_MAX)
        return KEDGE_ERR_UNSUPPORTED;
    out->p_value = range > 0.0 ? kuiper_paths(fmax(n, m), fmin(n, m), range, (kuiper_place *)scratch) : 1.0;
    return KEDGE_OK;
}

static kedge_status kuiper_compare(const void *config, const kedge_shift_samples *s, double *scratch, kedge_shift_result *out)
{
    const kedge_shift_config *cfg = config;
    double n = (double)s->n_reference;
    double m = (double)s->n_current;
    double range = kuiper_range(s);
    out->statistic = out->effect = range / (n * m);
    out->p_method = cfg->p_method;
    if (cfg->p_method == KEDGE_P_AUTO)
        out->p_method = n * m <= KUIPER_AUTO_MAX ? KEDGE_P_EXACT : KEDGE_P_ASYMPTOTIC;
    if (out->p_method == KEDGE_P_EXACT)
        return kuiper_exact(n, m, range, scratch, out);
    if (out->p_method == KEDGE_P_PERMUTATION)
        return kedge_i_resample(cfg, s, kuiper_statistic, out->statistic, out->p_method, scratch, out);
    if (out->p_method == KEDGE_P_ASYMPTOTIC)
        out->p_value = kuiper_limit_p(n, m, out->statistic);
    return KEDGE_OK;
}

const kedge_shift_class kedge_kuiper = {
    .abi = KEDGE_SHIFT_CLASS_ABI,
    .config_bytes = sizeof(kedge_shift_config),
    .name = "kuiper",
    .kinds = KEDGE_KIND_NUMERIC,
    .p_methods = KEDGE_I_ALL_P_METHODS,
    .max_columns = 1,
    .scratch = kuiper_scratch,
    .samples = kuiper_compare,
};
