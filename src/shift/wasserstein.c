/* SPDX-License-Identifier: MIT */
/* Wasserstein's distance of order 1 of two samples: the area between their distribution functions (Vallender 1974, "Calculation of
 * the Wasserstein distance between probability distributions on the line"). Figures are those of SciPy's wasserstein_distance. */
#include "base/fp.h"

#include <math.h>

#include "kedge/shift.h"

#include "shift/resample.h"
#include "shift/runs.h"

static double wasserstein_statistic(const void *config, const kedge_shift_samples *s)
{
    double n = (double)s->n_reference;
    double m = (double)s->n_current;
    double area = 0.0;
    double height = 0.0;
    double from = 0.0;
    (void)config;
    for (kedge_i_runs r = kedge_i_runs_begin(s); kedge_i_runs_next(&r);) {
        area += height * (r.value - from);
        height = fabs((double)r.i / n - (double)r.j / m);
        from = r.value;
    }
    return area;
}

/* Sum of squared distances from `mean`, in units of `range`, so that no square leaves the range of a double. */
static double wasserstein_squares(const double *x, size_t n, double low, double range, double mean)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        double z = (x[i] - low) / range - mean;
        sum += z * z;
    }
    return sum;
}

static double wasserstein_sum(const double *x, size_t n, double low, double range)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += (x[i] - low) / range;
    return sum;
}

/* Standard deviation of both samples together; of one alone if the other has no values. */
static double wasserstein_spread(const kedge_shift_samples *s)
{
    const double *x = s->reference;
    const double *y = s->current;
    size_t n = s->n_reference;
    size_t m = s->n_current;
    double low = m > 0 ? fmin(x[0], y[0]) : x[0];
    double range = (m > 0 ? fmax(x[n - 1], y[m - 1]) : x[n - 1]) - low;
    if (range == 0.0)
        return 0.0;
    double all = (double)n + (double)m;
    double mean = (wasserstein_sum(x, n, low, range) + wasserstein_sum(y, m, low, range)) / all;
    double squares = wasserstein_squares(x, n, low, range, mean) + wasserstein_squares(y, m, low, range, mean);
    return range * sqrt(squares / all);
}

/* The unit is the reference's spread, where that is constant that of all values. */
static double wasserstein_effect(const kedge_shift_samples *s, double distance)
{
    kedge_shift_samples alone = *s;
    alone.n_current = 0;
    double spread = wasserstein_spread(&alone);
    if (spread == 0.0)
        spread = wasserstein_spread(s);
    if (distance == 0.0)
        return 0.0;
    return distance < spread * KEDGE_SHIFT_INPUT_MAX ? distance / spread : KEDGE_SHIFT_INPUT_MAX;
}

static kedge_status wasserstein_compare(const void *config, const kedge_shift_samples *s, double *scratch, kedge_shift_result *out)
{
    out->statistic = wasserstein_statistic(config, s);
    out->effect = wasserstein_effect(s, out->statistic);
    return kedge_i_resample_only(config, s, wasserstein_statistic, scratch, out);
}

const kedge_shift_class kedge_wasserstein = {
    .abi = KEDGE_SHIFT_CLASS_ABI,
    .config_bytes = sizeof(kedge_shift_config),
    .name = "wasserstein",
    .kinds = KEDGE_KIND_NUMERIC,
    .p_methods = KEDGE_I_RESAMPLE_ONLY,
    .max_columns = 1,
    .scratch = kedge_i_resample_only_scratch,
    .samples = wasserstein_compare,
};
