/* SPDX-License-Identifier: MIT */
/* Least-squares density difference (Sugiyama, Kanamori, Suzuki, du Plessis, Liu, Takeuchi 2013, "Density-difference estimation",
 * Neural Computation 25): the difference of the densities is fitted at once, as a sum of Gaussian kernels at some of the rows, and
 * its square integrated. Centres, width and H come from both samples together, so a permutation changes h only and H is factored
 * once (Bu, Alippi, Zhao 2018, "A pdf-free change detection test based on density difference estimation", IEEE TNNLS 29).
 *
 * All integrals here are times (pi width^2)^(d/2), so that H has the diagonal 1, whatever the width and the columns, and figures
 * have no unit; alibi-detect does the same. */
#include "base/fp.h"

#include <math.h>

#include "kedge/shift.h"

#include "base/check.h"
#include "base/cholesky.h"
#include "base/number.h"
#include "shift/deals.h"
#include "shift/pooled.h"

#define LSDD_BANDWIDTH_MIN 1e-100
#define LSDD_REGULARISATION_MAX 1e3
#define LSDD_SLACK 1e-10 /* of what the two densities have together: sums in another order count as equal */

enum { LSDD_CENTRES_MAX = 1000, LSDD_COLUMNS_MAX = 1000, LSDD_LEAST = 2 };

static void lsdd_defaults(void *config)
{
    kedge_lsdd_config *c = config;
    c->bandwidth = 1.0;
    c->regularisation = 0.1;
    c->bandwidth_rule = KEDGE_BANDWIDTH_MEDIAN;
    c->n_centres = 100;
    c->standardise = 1;
}

static int lsdd_valid(const void *config)
{
    const kedge_lsdd_config *c = config;
    return kedge_i_within(c->bandwidth, LSDD_BANDWIDTH_MIN, KEDGE_SHIFT_INPUT_MAX) &&
           kedge_i_within(c->regularisation, 0.0, LSDD_REGULARISATION_MAX) &&
           kedge_i_u32_within(c->bandwidth_rule, KEDGE_BANDWIDTH_MEDIAN, KEDGE_BANDWIDTH_FIXED) &&
           kedge_i_u32_within(c->n_centres, 1, LSDD_CENTRES_MAX) && c->standardise <= 1 && c->reserved == 0;
}

/* The fitted model. Its vectors have a number for each centre. */
typedef struct lsdd_fit {
    const kedge_i_pooled *p;
    double *centres; /* rows */
    double *factor;  /* of H + regularisation, a triangle */
    double *kernels; /* of one row */
    double *theta;   /* where a system is solved */
    double *both;    /* the sum of the samples' means of kernels */
    size_t n_centres;
    double bandwidth;
    double regularisation;
} lsdd_fit;

static uint64_t lsdd_n_centres(const kedge_lsdd_config *c, uint64_t n_all)
{
    return c->n_centres < n_all ? c->n_centres : n_all;
}

static uint64_t lsdd_fit_scratch(uint64_t n_centres, uint64_t n_columns)
{
    return n_centres * n_columns + kedge_i_triangle(n_centres) + 3 * n_centres;
}

static uint64_t lsdd_scratch(const void *config, uint64_t n, uint64_t m, uint64_t n_columns)
{
    const kedge_lsdd_config *c = config;
    uint64_t n_centres = lsdd_n_centres(c, n + m);
    uint64_t own = lsdd_fit_scratch(n_centres, n_columns) + kedge_i_deals_scratch(&c->base, n_centres);
    uint64_t rule = c->bandwidth_rule == KEDGE_BANDWIDTH_MEDIAN ? kedge_i_bandwidth_scratch(n + m, n_columns) : 0;
    return (n + m) * n_columns + (own > rule ? own : rule);
}

/* The paper's H: two kernels' product integrates to a kernel of sqrt(2) times their width. */
static kedge_status lsdd_factor(lsdd_fit *f)
{
    size_t d = f->p->n_columns;
    for (size_t i = 0; i < f->n_centres; i++) {
        double *row = f->factor + kedge_i_triangle(i);
        for (size_t j = 0; j <= i; j++) {
            double square = kedge_i_square_distance(f->centres + i * d, f->centres + j * d, d);
            row[j] = kedge_i_gaussian(0.5 * square, f->bandwidth);
        }
        row[i] += f->regularisation;
    }
    return kedge_i_cholesky_factor(f->factor, f->n_centres);
}

static lsdd_fit lsdd_fit_begin(const kedge_lsdd_config *c, const kedge_i_pooled *p, double bandwidth, kedge_rng *rng,
                               double *scratch)
{
    lsdd_fit f;
    f.p = p;
    f.n_centres = (size_t)lsdd_n_centres(c, p->n + p->m);
    f.bandwidth = bandwidth;
    f.regularisation = c->regularisation;
    f.centres = scratch;
    f.factor = f.centres + f.n_centres * p->n_columns;
    f.kernels = f.factor + kedge_i_triangle(f.n_centres);
    f.theta = f.kernels + f.n_centres;
    f.both = f.theta + f.n_centres;
    kedge_i_pooled_draw(p, f.n_centres, rng, f.centres);
    for (size_t k = 0; k < f.n_centres; k++)
        f.both[k] = 0.0;
    return f;
}

/* Adds a row to what both samples have. */
static void lsdd_kernels_of(const lsdd_fit *f, size_t i_row)
{
    size_t d = f->p->n_columns;
    double share = 1.0 / (double)(i_row < f->p->n ? f->p->n : f->p->m);
    for (size_t k = 0; k < f->n_centres; k++) {
        double square = kedge_i_square_distance(kedge_i_pooled_row(f->p, i_row), f->centres + k * d, d);
        f->kernels[k] = kedge_i_gaussian(square, f->bandwidth);
        f->both[k] += share * f->kernels[k];
    }
}

/* The integral's estimate, 2 h'theta - theta'H theta: as (H + regularisation) theta = h, it is h'theta + regularisation
 * theta'theta, never below 0. */
static double lsdd_square(const lsdd_fit *f, const double *h)
{
    double sum = 0.0;
    double squares = 0.0;
    for (size_t k = 0; k < f->n_centres; k++)
        f->theta[k] = h[k];
    kedge_i_cholesky_solve(f->factor, f->n_centres, f->theta);
    for (size_t k = 0; k < f->n_centres; k++) {
        sum += h[k] * f->theta[k];
        squares += f->theta[k] * f->theta[k];
    }
    return fmax(0.0, sum + f->regularisation * squares);
}

/* The paper's h, the difference of the samples' mean kernels, from their sums. */
static double lsdd_statistic(const void *context, const double *reference, const double *current)
{
    const lsdd_fit *f = context;
    for (size_t k = 0; k < f->n_centres; k++)
        f->kernels[k] = reference[k] / (double)f->p->n - current[k] / (double)f->p->m;
    return lsdd_square(f, f->kernels);
}

static kedge_status lsdd_test(const kedge_lsdd_config *c, const kedge_i_pooled *p, double bandwidth, kedge_rng *rng,
                              double *scratch, kedge_shift_result *out)
{
    lsdd_fit f = lsdd_fit_begin(c, p, bandwidth, rng, scratch);
    KEDGE_TRY(lsdd_factor(&f));
    kedge_i_deals d = kedge_i_deals_begin(&c->base, p->n, p->m, f.n_centres, rng, f.both + f.n_centres);
    for (size_t i = 0; i < p->n + p->m; i++) {
        lsdd_kernels_of(&f, i);
        kedge_i_deals_add(&d, f.kernels, i >= p->n);
    }
    double together = lsdd_square(&f, f.both); /* the integral of (p + q)^2: above 0, as centres are rows */
    kedge_i_deals_test(&c->base, &d, lsdd_statistic, &f, LSDD_SLACK * together, out);
    out->effect = fmin(1.0, out->statistic / together);
    return KEDGE_OK;
}

static kedge_status lsdd_compare(const void *config, const kedge_rows *reference, const kedge_rows *current, double *scratch,
                                 kedge_shift_result *out)
{
    const kedge_lsdd_config *c = config;
    kedge_rng rng = {c->base.seed};
    double bandwidth = c->bandwidth;
    kedge_i_pooled p;
    kedge_status st = kedge_i_pooled_gather(&c->base, reference, current, LSDD_LEAST, scratch, &p, out);
    if (st != KEDGE_OK)
        return st;
    scratch += (reference->n_rows + current->n_rows) * p.n_columns;
    if (c->standardise)
        kedge_i_pooled_standardise(&p);
    if (c->bandwidth_rule == KEDGE_BANDWIDTH_MEDIAN)
        bandwidth = kedge_i_bandwidth_median(&p, &rng, scratch);
    return lsdd_test(c, &p, bandwidth, &rng, scratch, out);
}

const kedge_shift_class kedge_lsdd = {
    .abi = KEDGE_SHIFT_CLASS_ABI,
    .config_bytes = sizeof(kedge_lsdd_config),
    .name = "lsdd",
    .kinds = KEDGE_KIND_NUMERIC,
    .p_methods = 1u << KEDGE_P_AUTO | 1u << KEDGE_P_PERMUTATION | 1u << KEDGE_P_NONE,
    .max_columns = LSDD_COLUMNS_MAX,
    .defaults = lsdd_defaults,
    .valid = lsdd_valid,
    .scratch = lsdd_scratch,
    .rows = lsdd_compare,
};
