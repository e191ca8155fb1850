/* SPDX-License-Identifier: MIT */
/* Maximum mean discrepancy (Gretton, Borgwardt, Rasch, Schoelkopf, Smola 2012, "A kernel two-sample test", JMLR 13): the squared
 * distance of the samples' means in the space of a Gaussian kernel, 0 exactly for equal distributions. Over pairs of rows it is
 * equation 3, unbiased, in O(N^2); with random Fourier features (Rahimi, Recht 2007, "Random features for large-scale kernel
 * machines", section 3.1) it is a distance of means of vectors, in O(N). */
#include "base/fp.h"

#include <math.h>

#include "kedge/shift.h"

#include "base/number.h"
#include "base/waves.h"
#include "shift/deals.h"
#include "shift/pairs.h"
#include "shift/pooled.h"

#define MMD_AUTO_ROWS 2000 /* up to here 999 permutations of pairs cost half a second at most */
#define MMD_BANDWIDTH_MIN 1e-100
#define MMD_MEDIAN 0.70710678118654752440 /* the square is half of the median square, as in the authors' own code and
                                           * alibi-detect */
#define MMD_SLACK 1e-10 /* of the kernel's greatest value: sums in another order count as equal */

enum { MMD_FEATURES_MAX = 65536, MMD_COLUMNS_MAX = 1000, MMD_LEAST = 2 };

static void mmd_defaults(void *config)
{
    kedge_mmd_config *c = config;
    c->bandwidth = 1.0;
    c->bandwidth_rule = KEDGE_BANDWIDTH_MEDIAN;
    c->form = KEDGE_MMD_AUTO;
    c->n_features = 100;
    c->standardise = 1;
}

static int mmd_valid(const void *config)
{
    const kedge_mmd_config *c = config;
    return kedge_i_within(c->bandwidth, MMD_BANDWIDTH_MIN, KEDGE_SHIFT_INPUT_MAX) &&
           kedge_i_u32_within(c->bandwidth_rule, KEDGE_BANDWIDTH_MEDIAN, KEDGE_BANDWIDTH_FIXED) &&
           kedge_i_u32_within(c->form, KEDGE_MMD_AUTO, KEDGE_MMD_FEATURES) &&
           kedge_i_u32_within(c->n_features, 1, MMD_FEATURES_MAX) && c->standardise <= 1;
}

/* By the sizes of the tables, missing rows too: the working memory is set before they are known. */
static int mmd_is_exact(const kedge_mmd_config *c, uint64_t n_all)
{
    return c->form == KEDGE_MMD_EXACT || (c->form == KEDGE_MMD_AUTO && n_all <= MMD_AUTO_ROWS);
}

/* Features: a row's vector, and the frequencies; then the deals. */
static uint64_t mmd_features_scratch(const kedge_mmd_config *c, uint64_t n_columns)
{
    uint64_t n_numbers = 2 * (uint64_t)c->n_features;
    return n_numbers + c->n_features * n_columns + kedge_i_deals_scratch(&c->base, n_numbers);
}

static uint64_t mmd_scratch(const void *config, uint64_t n, uint64_t m, uint64_t n_columns)
{
    const kedge_mmd_config *c = config;
    uint64_t own = mmd_is_exact(c, n + m) ? kedge_i_pairs_scratch(&c->base, n + m) : mmd_features_scratch(c, n_columns);
    uint64_t rule = c->bandwidth_rule == KEDGE_BANDWIDTH_MEDIAN ? kedge_i_bandwidth_scratch(n + m, n_columns) : 0;
    uint64_t more = own > rule ? own : rule;
    return more == UINT64_MAX ? more : (n + m) * n_columns + more;
}

/* Equation 3. */
static double mmd_unbiased(const kedge_i_pair_sums *s)
{
    return 2.0 * s->reference / (s->n * (s->n - 1.0)) + 2.0 * s->current / (s->m * (s->m - 1.0)) - 2.0 * s->across / (s->n * s->m);
}

static void mmd_exact(const kedge_mmd_config *c, const kedge_i_pooled *p, double bandwidth, kedge_rng *rng, double *scratch,
                      kedge_shift_result *out)
{
    kedge_i_pairs pairs = {kedge_i_gaussian, bandwidth, mmd_unbiased};
    kedge_i_pairs_test(&c->base, &pairs, p, rng, scratch, out);
}

typedef struct mmd_features {
    const kedge_i_pooled *p;
    double *vector;      /* of a row: n_features cosines, then sines, of length 1 */
    double *frequencies; /* n_features rows */
    size_t n_features;
} mmd_features;

static void mmd_features_draw(const mmd_features *f, double bandwidth, kedge_rng *rng)
{
    for (size_t k = 0; k < f->n_features * f->p->n_columns; k++)
        f->frequencies[k] = kedge_rng_normal(rng) / bandwidth;
}

static void mmd_features_of(const mmd_features *f, size_t i_row)
{
    const double *x = kedge_i_pooled_row(f->p, i_row);
    for (size_t k = 0; k < f->n_features; k++) {
        double angle = 0.0;
        for (size_t j = 0; j < f->p->n_columns; j++)
            angle += f->frequencies[k * f->p->n_columns + j] * x[j];
        f->vector[k] = angle;
    }
    kedge_i_waves(f->vector, f->n_features, 1.0 / sqrt((double)f->n_features));
}

/* Equation 3 in sums of vectors of length 1: the pairs of a sample are the square of its sum less its rows with themselves. */
static double mmd_features_unbiased(const void *context, const double *reference, const double *current)
{
    const mmd_features *f = context;
    double n = (double)f->p->n;
    double m = (double)f->p->m;
    double squares[2] = {0.0, 0.0};
    double across = 0.0;
    for (size_t k = 0; k < 2 * f->n_features; k++) {
        squares[0] += reference[k] * reference[k];
        squares[1] += current[k] * current[k];
        across += reference[k] * current[k];
    }
    return (squares[0] - n) / (n * (n - 1.0)) + (squares[1] - m) / (m * (m - 1.0)) - 2.0 * across / (n * m);
}

static void mmd_by_features(const kedge_mmd_config *c, const kedge_i_pooled *p, double bandwidth, kedge_rng *rng, double *scratch,
                            kedge_shift_result *out)
{
    size_t n_numbers = 2 * (size_t)c->n_features;
    mmd_features f = {p, scratch, scratch + n_numbers, c->n_features};
    mmd_features_draw(&f, bandwidth, rng);
    kedge_i_deals d = kedge_i_deals_begin(&c->base, p->n, p->m, n_numbers, rng, f.frequencies + f.n_features * p->n_columns);
    for (size_t i = 0; i < p->n + p->m; i++) {
        mmd_features_of(&f, i);
        kedge_i_deals_add(&d, f.vector, i >= p->n);
    }
    kedge_i_deals_test(&c->base, &d, mmd_features_unbiased, &f, MMD_SLACK, out);
}

static kedge_status mmd_compare(const void *config, const kedge_rows *reference, const kedge_rows *current, double *scratch,
                                kedge_shift_result *out)
{
    const kedge_mmd_config *c = config;
    size_t n_all = reference->n_rows + current->n_rows;
    kedge_rng rng = {c->base.seed};
    double bandwidth = c->bandwidth;
    kedge_i_pooled p;
    kedge_status st = kedge_i_pooled_gather(&c->base, reference, current, MMD_LEAST, scratch, &p, out);
    if (st != KEDGE_OK)
        return st;
    scratch += n_all * p.n_columns;
    if (c->standardise)
        kedge_i_pooled_standardise(&p);
    if (c->bandwidth_rule == KEDGE_BANDWIDTH_MEDIAN)
        bandwidth = MMD_MEDIAN * kedge_i_bandwidth_median(&p, &rng, scratch);
    if (mmd_is_exact(c, n_all))
        mmd_exact(c, &p, bandwidth, &rng, scratch, out);
    else
        mmd_by_features(c, &p, bandwidth, &rng, scratch, out);
    out->expected = 0.0; /* unbiased, over the ways to deal the rows out too */
    out->effect = fmin(1.0, fmax(0.0, 0.5 * out->statistic));
    return KEDGE_OK;
}

const kedge_shift_class kedge_mmd = {
    .abi = KEDGE_SHIFT_CLASS_ABI,
    .config_bytes = sizeof(kedge_mmd_config),
    .name = "mmd",
    .kinds = KEDGE_KIND_NUMERIC,
    .p_methods = 1u << KEDGE_P_AUTO | 1u << KEDGE_P_PERMUTATION | 1u << KEDGE_P_NONE,
    .max_columns = MMD_COLUMNS_MAX,
    .defaults = mmd_defaults,
    .valid = mmd_valid,
    .scratch = mmd_scratch,
    .rows = mmd_compare,
};
