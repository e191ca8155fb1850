/* SPDX-License-Identifier: MIT */
/* The bootstrap with intervals that are corrected for bias and skewness (BCa): Efron 1987, "Better bootstrap confidence intervals",
 * Journal of the American Statistical Association 82. Rows in the order of time are drawn in blocks that wrap around: Politis,
 * Romano 1992, "A circular block-resampling procedure for stationary data".
 *
 * The acceleration comes from a jackknife. Beyond 200 rows it leaves out groups instead of rows: the sums of squares and cubes of
 * what rows add are then those of what groups add, but for products of different rows, which are 0 on average. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "metrics/bootstrap.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/interval.h"
#include "base/number.h"
#include "base/object.h"
#include "base/sort.h"
#include "base/special.h"
#include "base/standard.h"

enum { BOOTSTRAP_GROUPS = 200 };

#define BOOTSTRAP_STEEPEST 0.1 /* least denominator of the correction, which has a pole */

typedef struct bootstrap_run {
    const kedge_i_bootstrap *b;
    double *draws;   /* [n_values][n_resamples] */
    double *without; /* [n_values][BOOTSTRAP_GROUPS], of the jackknife */
    double *spare;   /* as many as one statistic's draws, or the statistics */
    uint32_t *times; /* of each row */
    size_t n_groups;
} bootstrap_run;

uint64_t kedge_i_bootstrap_bytes(uint64_t n, uint32_t n_values, uint32_t n_resamples)
{
    uint64_t spare = n_resamples > n_values ? n_resamples : n_values;
    uint64_t per_value = (uint64_t)n_resamples + BOOTSTRAP_GROUPS;
    if (n > UINT32_MAX || per_value * n_values > ((uint64_t)1 << 59))
        return UINT64_MAX;
    return (per_value * n_values + spare) * sizeof(double) + kedge_i_round_up(n * sizeof(uint32_t));
}

static void bootstrap_tell(const bootstrap_run *r, double *table, size_t width, size_t place)
{
    r->b->values(r->b->context, r->times, r->spare);
    for (size_t v = 0; v < r->b->n_values; v++)
        table[v * width + place] = r->spare[v];
}

static void bootstrap_draw(const bootstrap_run *r, kedge_rng *rng)
{
    size_t n = r->b->n;
    memset(r->times, 0, n * sizeof *r->times);
    for (size_t drawn = 0; drawn < n;) {
        size_t at = (size_t)kedge_rng_below(rng, n);
        for (size_t i = 0; i < r->b->block && drawn < n; i++, drawn++) {
            r->times[at]++;
            at = at + 1 < n ? at + 1 : 0;
        }
    }
}

/* Neighbours leave together where they are drawn together; else rows that lie apart, so that no drift gets into a group. */
static size_t bootstrap_group(const bootstrap_run *r, size_t i)
{
    return r->b->block > 1 ? (size_t)((uint64_t)i * r->n_groups / r->b->n) : i % r->n_groups;
}

static void bootstrap_leave_out(const bootstrap_run *r, size_t group)
{
    for (size_t i = 0; i < r->b->n; i++)
        r->times[i] = bootstrap_group(r, i) != group;
}

/* Of n numbers those that there are, moved to the front. */
static size_t bootstrap_known(double *x, size_t n)
{
    size_t known = 0;
    for (size_t i = 0; i < n; i++)
        if (x[i] == x[i])
            x[known++] = x[i];
    return known;
}

/* Efron 1987, equation 6.6 (Tukey's jackknife influence): sum d^3 / (6 (sum d^2)^1.5). In units of the greatest d. */
static double bootstrap_acceleration(double *without, size_t n_groups)
{
    double deviation, squares = 0.0, cubes = 0.0;
    size_t n = bootstrap_known(without, n_groups);
    if (n < 2)
        return 0.0;
    double mean = kedge_i_standard_learn(without, n, 1, &deviation);
    for (size_t i = 0; i < n; i++) {
        double d = -kedge_i_standard(without[i], mean, deviation);
        squares += d * d;
        cubes += d * d * d;
    }
    return squares > 0.0 ? cubes / (6.0 * squares * sqrt(squares)) : 0.0;
}

/* What the resamples say of a value: sorted[] has n of them. Ties count half. */
static double bootstrap_bias(const double *sorted, size_t n, double value)
{
    double below = 0.0;
    for (size_t i = 0; i < n; i++)
        below += sorted[i] < value ? 1.0 : sorted[i] <= value ? 0.5 : 0.0;
    double share = below / (double)n;
    double least = 0.5 / (double)n;
    return kedge_i_normal_quantile(share < least ? least : share > 1.0 - least ? 1.0 - least : share);
}

/* Equation 3.10 of Efron 1987: where among the resamples the end of the interval stands that z names. */
static double bootstrap_end(const double *sorted, size_t n, double bias, double acceleration, double z)
{
    double steep = 1.0 - acceleration * (bias + z);
    double share = kedge_i_normal_upper(-(bias + (bias + z) / (steep > BOOTSTRAP_STEEPEST ? steep : BOOTSTRAP_STEEPEST)));
    double place = share * ((double)n + 1.0) - 1.0;
    if (!(place > 0.0))
        return sorted[0];
    if (!(place < (double)(n - 1)))
        return sorted[n - 1];
    size_t i = (size_t)place;
    return sorted[i] + (place - (double)i) * (sorted[i + 1] - sorted[i]);
}

static void bootstrap_estimate(const bootstrap_run *r, size_t i_value, kedge_figure *out)
{
    double *draws = r->draws + i_value * r->b->n_resamples;
    size_t n = bootstrap_known(draws, r->b->n_resamples);
    out->deviation = out->low = out->high = (double)NAN;
    if (out->value != out->value || 2 * n < r->b->n_resamples)
        return;
    kedge_i_sort(draws, n, r->spare);
    (void)kedge_i_standard_learn(draws, n, 1, &out->deviation);
    double bias = bootstrap_bias(draws, n, out->value);
    double acceleration = bootstrap_acceleration(r->without + i_value * BOOTSTRAP_GROUPS, r->n_groups);
    double z = -kedge_i_normal_quantile(0.5 * (1.0 - r->b->confidence));
    out->low = bootstrap_end(draws, n, bias, acceleration, -z);
    out->high = bootstrap_end(draws, n, bias, acceleration, z);
}

void kedge_i_bootstrap_run(const kedge_i_bootstrap *b, void *work, kedge_figure *out)
{
    bootstrap_run r = {.b = b, .draws = work, .n_groups = b->n < BOOTSTRAP_GROUPS ? b->n : BOOTSTRAP_GROUPS};
    kedge_rng rng = {b->seed};
    r.without = r.draws + (size_t)b->n_values * b->n_resamples;
    r.spare = r.without + (size_t)b->n_values * BOOTSTRAP_GROUPS;
    r.times = (uint32_t *)(void *)(r.spare + (b->n_resamples > b->n_values ? b->n_resamples : b->n_values));
    for (size_t i = 0; i < b->n; i++)
        r.times[i] = 1;
    b->values(b->context, r.times, r.spare);
    for (size_t v = 0; v < b->n_values; v++)
        out[v].value = r.spare[v];
    for (size_t i = 0; i < b->n_resamples; i++) {
        bootstrap_draw(&r, &rng);
        bootstrap_tell(&r, r.draws, b->n_resamples, i);
    }
    for (size_t i = 0; i < r.n_groups; i++) {
        bootstrap_leave_out(&r, i);
        bootstrap_tell(&r, r.without, BOOTSTRAP_GROUPS, i);
    }
    for (size_t v = 0; v < b->n_values; v++)
        bootstrap_estimate(&r, v, &out[v]);
}

/* For users -------------------------------------------------------------------------------------------------------------------- */

enum { BOOTSTRAP_MOST_VALUES = 1 << 16, BOOTSTRAP_LEAST_RESAMPLES = 10, BOOTSTRAP_MOST_RESAMPLES = 1000000 };

#define BOOTSTRAP_VALUE_MAX 1e100 /* whose square has room in sums */

typedef struct bootstrap_asked {
    kedge_bootstrap_values values;
    void *context;
    uint32_t n_values;
} bootstrap_asked;

/* What the host tells, made safe. */
static void bootstrap_ask(void *context, const uint32_t *times, double *values)
{
    const bootstrap_asked *a = context;
    a->values(a->context, times, values);
    for (uint32_t v = 0; v < a->n_values; v++)
        if (!kedge_i_within(values[v], -BOOTSTRAP_VALUE_MAX, BOOTSTRAP_VALUE_MAX))
            values[v] = (double)NAN;
}

static int bootstrap_is_valid(const kedge_bootstrap_options *o)
{
    return o->confidence > 0.0 && o->confidence < 1.0 && o->block >= 1 &&
           kedge_i_u32_within(o->n_values, 1, BOOTSTRAP_MOST_VALUES) &&
           kedge_i_u32_within(o->n_resamples, BOOTSTRAP_LEAST_RESAMPLES, BOOTSTRAP_MOST_RESAMPLES);
}

size_t kedge_bootstrap_work(const kedge_bootstrap_options *o, size_t n)
{
    const kedge_bootstrap_options usual = kedge_bootstrap_defaults();
    o = o ? o : &usual;
    if (!bootstrap_is_valid(o) || n == 0 || (uint64_t)n > UINT32_MAX - 1 || o->block > n)
        return 0;
    uint64_t bytes = kedge_i_bootstrap_bytes(n, o->n_values, o->n_resamples);
    return bytes <= SIZE_MAX ? (size_t)bytes : 0;
}

kedge_status kedge_bootstrap(const kedge_bootstrap_options *o, size_t n, kedge_bootstrap_values values, void *context, void *work,
                             size_t work_bytes, kedge_figure *out)
{
    const kedge_bootstrap_options usual = kedge_bootstrap_defaults();
    o = o ? o : &usual;
    if (!values || !work || !out)
        return KEDGE_ERR_NULL;
    if (!bootstrap_is_valid(o) || (n > 0 && o->block > n))
        return KEDGE_ERR_CONFIG;
    size_t bytes = kedge_bootstrap_work(o, n);
    if (bytes == 0)
        return KEDGE_ERR_SHAPE;
    if (work_bytes < bytes)
        return KEDGE_ERR_BUFFER;
    if (!kedge_i_aligned(work))
        return KEDGE_ERR_ALIGN;
    bootstrap_asked asked = {values, context, o->n_values};
    const kedge_i_bootstrap b = {n, (size_t)o->block, o->n_values, o->n_resamples, o->confidence, o->seed, bootstrap_ask, &asked};
    kedge_i_bootstrap_run(&b, work, out);
    return KEDGE_OK;
}
