/* SPDX-License-Identifier: MIT */
/* Fisher's exact test for categories (Fisher 1935, "The logic of inductive inference"; more than two categories: Freeman, Halton
 * 1951, "Note on an exact treatment of contingency, goodness of fit and other problems of significance"). Given how many values
 * each sample and each category has, the table's chance is prod_k C(c_k, a_k) / C(N, n); the p-value is that of all tables that are
 * at most as likely. Two categories need two tails of the hypergeometric distribution; for more, values are dealt out anew. */
#include "base/fp.h"

#include <math.h>

#include "kedge/shift.h"

#include "base/fisher.h"
#include "base/special.h"
#include "shift/resample.h"
#include "shift/runs.h"

#define FISHER_EXACT_LARGE 1e290 /* a factor is below 1e10 */

/* What a table is like. */
typedef struct fisher_exact_shape {
    uint64_t columns;
    double low[2];    /* values of the first column: of the reference, of the current sample */
    double variation; /* total variation distance of the shares */
    double gap;       /* greatest difference of the shares of a category */
    double where;     /* its value */
} fisher_exact_shape;

static fisher_exact_shape fisher_exact_shape_of(const kedge_shift_samples *s)
{
    fisher_exact_shape t = {0, {0.0, 0.0}, 0.0, 0.0, (double)NAN};
    double n = (double)s->n_reference;
    double m = (double)s->n_current;
    for (kedge_i_runs r = kedge_i_runs_begin(s); kedge_i_runs_next(&r);) {
        double gap = fabs((double)r.n_here * m - (double)r.m_here * n) / n / m;
        if (t.columns++ == 0) {
            t.low[0] = (double)r.n_here;
            t.low[1] = (double)r.m_here;
        }
        t.variation += 0.5 * gap;
        if (gap > t.gap) {
            t.gap = gap;
            t.where = r.value;
        }
    }
    return t;
}

/* ln C(a + b, a), by factors. */
static double fisher_exact_log_ways(size_t a, size_t b)
{
    size_t few = a < b ? a : b;
    double many = (double)(a < b ? b : a);
    double ways = 1.0;
    double log_ways = 0.0;
    for (size_t k = 1; k <= few; k++) {
        ways *= (many + (double)k) / (double)k;
        if (ways > FISHER_EXACT_LARGE) {
            log_ways += log(ways);
            ways = 1.0;
        }
    }
    return log_ways + log(ways);
}

/* -ln of the table's chance, but for ln C(N, n), which is the same for all. */
static double fisher_exact_rarity(const void *config, const kedge_shift_samples *s)
{
    double log_ways = 0.0;
    (void)config;
    for (kedge_i_runs r = kedge_i_runs_begin(s); kedge_i_runs_next(&r);)
        log_ways += fisher_exact_log_ways(r.n_here, r.m_here);
    return -log_ways;
}

static double fisher_exact_log_all(const kedge_shift_samples *s)
{
    double n = (double)s->n_reference;
    double m = (double)s->n_current;
    return kedge_i_log_gamma(n + m + 1.0) - kedge_i_log_gamma(n + 1.0) - kedge_i_log_gamma(m + 1.0);
}

/* Log odds ratio of the second category, current over reference, each count with 1/2 added (Haldane 1956, "The estimation and
 * significance of the logarithm of a ratio of frequencies"), so that it is finite with empty cells too. */
static double fisher_exact_log_odds(const fisher_exact_shape *t, const kedge_shift_samples *s)
{
    double now = ((double)s->n_current - t->low[1] + 0.5) / (t->low[1] + 0.5);
    double before = ((double)s->n_reference - t->low[0] + 0.5) / (t->low[0] + 0.5);
    return log(now / before);
}

static void fisher_exact_figures(const fisher_exact_shape *t, const kedge_shift_samples *s, kedge_shift_result *out)
{
    double n = (double)s->n_reference;
    double m = (double)s->n_current;
    out->where = t->where;
    if (t->columns == 2) {
        out->statistic = fisher_exact_log_odds(t, s);
        out->effect = (t->low[0] * m - t->low[1] * n) / n / m;
    } else {
        out->statistic = t->columns == 1 ? 0.0 : fmax(0.0, fisher_exact_rarity(NULL, s) + fisher_exact_log_all(s));
        out->effect = fmin(1.0, t->variation);
    }
}

static double fisher_exact_two(const fisher_exact_shape *t, const kedge_shift_samples *s)
{
    return kedge_i_fisher_two_sided((double)s->n_reference - t->low[0], t->low[0], (double)s->n_current - t->low[1], t->low[1]);
}

static kedge_status fisher_exact_deal(const kedge_shift_config *cfg, const kedge_shift_samples *s, int is_rarity, double *scratch,
                                      kedge_shift_result *out)
{
    uint32_t method = kedge_i_p_method(cfg, s, KEDGE_P_PERMUTATION);
    kedge_status st = kedge_i_resample(cfg, s, fisher_exact_rarity, fisher_exact_rarity(NULL, s), method, scratch, out);
    out->expected = is_rarity ? out->expected + fisher_exact_log_all(s) : (double)NAN;
    return st;
}

static kedge_status fisher_exact_compare(const void *config, const kedge_shift_samples *s, double *scratch, kedge_shift_result *out)
{
    const kedge_shift_config *cfg = config;
    fisher_exact_shape t = fisher_exact_shape_of(s);
    fisher_exact_figures(&t, s, out);
    if (cfg->p_method == KEDGE_P_NONE)
        return KEDGE_OK;
    if (t.columns > 2 || cfg->p_method == KEDGE_P_PERMUTATION)
        return fisher_exact_deal(cfg, s, t.columns > 2, scratch, out);
    out->p_value = t.columns == 1 ? 1.0 : fisher_exact_two(&t, s);
    out->p_method = KEDGE_P_EXACT;
    return KEDGE_OK;
}

static uint64_t fisher_exact_scratch(const void *config, uint64_t n, uint64_t m, uint64_t n_columns)
{
    if (((const kedge_shift_config *)config)->p_method == KEDGE_P_EXACT)
        return kedge_i_resample_few_scratch(n, m);
    return kedge_i_resample_only_scratch(config, n, m, n_columns);
}

const kedge_shift_class kedge_fisher = {
    .abi = KEDGE_SHIFT_CLASS_ABI,
    .config_bytes = sizeof(kedge_shift_config),
    .name = "fisher",
    .kinds = KEDGE_KIND_NOMINAL,
    .p_methods = KEDGE_I_RESAMPLE_ONLY,
    .max_columns = 1,
    .scratch = fisher_exact_scratch,
    .samples = fisher_exact_compare,
};
