/* SPDX-License-Identifier: MIT */
/* Energy distance of two samples (Szekely, Rizzo 2013, "Energy statistics: a class of statistics based on distances"): with X, X'
 * from one and Y, Y' from the other, D^2 = 2 E|X - Y| - E|X - X'| - E|Y - Y'|. On the line that is twice the integral of (F - G)^2,
 * and E|X - Y| that of F (1 - G) + G (1 - F), so one walk gives both. Figures are those of SciPy's energy_distance, D itself. */
#include "base/fp.h"

#include <math.h>

#include "kedge/shift.h"

#include "shift/resample.h"
#include "shift/runs.h"

typedef struct energy_areas {
    double squares; /* integral of (F - G)^2 */
    double across;  /* E|X - Y|, never less */
} energy_areas;

static energy_areas energy_walk(const kedge_shift_samples *s)
{
    double n = (double)s->n_reference;
    double m = (double)s->n_current;
    double f = 0.0;
    double g = 0.0;
    double from = 0.0;
    energy_areas a = {0.0, 0.0};
    for (kedge_i_runs r = kedge_i_runs_begin(s); kedge_i_runs_next(&r);) {
        double width = r.value - from;
        a.squares += (f - g) * (f - g) * width;
        a.across += (f * (1.0 - g) + g * (1.0 - f)) * width;
        f = (double)r.i / n;
        g = (double)r.j / m;
        from = r.value;
    }
    return a;
}

static double energy_statistic(const void *config, const kedge_shift_samples *s)
{
    (void)config;
    return sqrt(2.0 * energy_walk(s).squares);
}

/* The coefficient of inhomogeneity H = D^2 / (2 E|X - Y|) (Rizzo, Szekely 2016, "Energy distance"): 0 for equal distributions, 1
 * for two different constants. */
static double energy_coefficient(energy_areas a)
{
    return a.squares > 0.0 ? fmin(1.0, a.squares / a.across) : 0.0;
}

static kedge_status energy_compare(const void *config, const kedge_shift_samples *s, double *scratch, kedge_shift_result *out)
{
    out->statistic = energy_statistic(config, s);
    out->effect = energy_coefficient(energy_walk(s));
    return kedge_i_resample_only(config, s, energy_statistic, scratch, out);
}

const kedge_shift_class kedge_energy = {
    .abi = KEDGE_SHIFT_CLASS_ABI,
    .config_bytes = sizeof(kedge_shift_config),
    .name = "energy",
    .kinds = KEDGE_KIND_NUMERIC,
    .p_methods = KEDGE_I_RESAMPLE_ONLY,
    .max_columns = 1,
    .scratch = kedge_i_resample_only_scratch,
    .samples = energy_compare,
};
