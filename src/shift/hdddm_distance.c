/* SPDX-License-Identifier: MIT */
/* The distance of HDDDM (Ditzler, Polikar 2011, "Hellinger distance based drift detection for nonstationary environments", IEEE
 * CIDUE, section III): the mean over the columns of Hellinger's distance of histograms with bins of equal width, the square root of
 * the sample's size many. The paper compares a batch with those before and follows how the distance changes, see the detector of
 * the same name; here two samples are compared, and the p-value is that of dealing their rows out anew. Bins reach from the least
 * to the greatest value of both. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/shift.h"

#include "base/divergence.h"
#include "base/number.h"
#include "shift/draws.h"
#include "shift/pooled.h"

enum { HDDDM_BINS_MAX = 1024, HDDDM_COLUMNS_MAX = 1000, HDDDM_LEAST = 1 };

static int hdddm_valid(const void *config)
{
    const kedge_hdddm_distance_config *c = config;
    return (c->n_bins == 0 || kedge_i_u32_within(c->n_bins, 2, HDDDM_BINS_MAX)) && c->reserved == 0;
}

typedef struct hdddm {
    const kedge_i_pooled *p; /* numbers of bins in place of values */
    double *total;           /* of a column and bin: rows of both samples */
    double *before;          /* of the reference */
    size_t n_bins;
} hdddm;

static uint64_t hdddm_bins(const kedge_hdddm_distance_config *c, uint64_t n, uint64_t m)
{
    uint64_t bins = (uint64_t)sqrt((double)(n < m ? n : m));
    if (c->n_bins > 0)
        return c->n_bins;
    return bins < 2 ? 2 : bins < HDDDM_BINS_MAX ? bins : HDDDM_BINS_MAX;
}

static uint64_t hdddm_scratch(const void *config, uint64_t n, uint64_t m, uint64_t n_columns)
{
    return (n + m + 2 * hdddm_bins(config, n, m)) * n_columns;
}

static void hdddm_bin_column(const kedge_i_pooled *p, size_t j, double n_bins)
{
    double low = p->x[j];
    double high = low;
    for (size_t i = 1; i < p->n + p->m; i++) {
        low = fmin(low, p->x[i * p->n_columns + j]);
        high = fmax(high, p->x[i * p->n_columns + j]);
    }
    double width = high > low ? high - low : 1.0;
    for (size_t i = 0; i < p->n + p->m; i++) {
        double *x = &p->x[i * p->n_columns + j];
        *x = fmin(floor((*x - low) / width * n_bins), n_bins - 1.0); /* the greatest value is in the last bin */
    }
}

static void hdddm_count(const hdddm *t, size_t row, double *counts)
{
    const double *bins = kedge_i_pooled_row(t->p, row);
    for (size_t j = 0; j < t->p->n_columns; j++)
        counts[j * t->n_bins + (size_t)bins[j]] += 1.0;
}

static double hdddm_distance(const hdddm *t)
{
    double mean = 0.0;
    for (size_t j = 0; j < t->p->n_columns; j++) {
        double sum = 0.0;
        for (size_t k = j * t->n_bins; k < (j + 1) * t->n_bins; k++) {
            double p = t->before[k] / (double)t->p->n;
            double q = (t->total[k] - t->before[k]) / (double)t->p->m;
            sum += p + q > 0.0 ? kedge_i_hellinger_term(p, q) : 0.0;
        }
        mean += sqrt(fmin(1.0, sum)) / (double)t->p->n_columns;
    }
    return mean;
}

static double hdddm_draw(void *context, kedge_rng *rng)
{
    hdddm *t = context;
    kedge_i_choice_of choice = {(double)(t->p->n + t->p->m), (double)t->p->n};
    memset(t->before, 0, t->p->n_columns * t->n_bins * sizeof *t->before);
    for (size_t i = 0; i < t->p->n + t->p->m; i++)
        if (kedge_i_choose(&choice, rng))
            hdddm_count(t, i, t->before);
    return hdddm_distance(t);
}

static hdddm hdddm_begin(const kedge_hdddm_distance_config *c, const kedge_i_pooled *p, double *scratch)
{
    hdddm t;
    t.p = p;
    t.n_bins = (size_t)hdddm_bins(c, p->n, p->m);
    t.total = scratch;
    t.before = scratch + p->n_columns * t.n_bins;
    memset(scratch, 0, 2 * p->n_columns * t.n_bins * sizeof *scratch);
    for (size_t j = 0; j < p->n_columns; j++)
        hdddm_bin_column(p, j, (double)t.n_bins);
    for (size_t i = 0; i < p->n + p->m; i++) {
        hdddm_count(&t, i, t.total);
        if (i < p->n)
            hdddm_count(&t, i, t.before);
    }
    return t;
}

static kedge_status hdddm_compare(const void *config, const kedge_rows *reference, const kedge_rows *current, double *scratch,
                                  kedge_shift_result *out)
{
    const kedge_hdddm_distance_config *c = config;
    kedge_rng rng = {c->base.seed};
    kedge_i_pooled p;
    kedge_status st = kedge_i_pooled_gather(&c->base, reference, current, HDDDM_LEAST, scratch, &p, out);
    if (st != KEDGE_OK)
        return st;
    hdddm t = hdddm_begin(c, &p, scratch + (reference->n_rows + current->n_rows) * p.n_columns);
    out->statistic = out->effect = hdddm_distance(&t);
    kedge_i_draws_test(&c->base, hdddm_draw, &t, &rng, out);
    return KEDGE_OK;
}

const kedge_shift_class kedge_hdddm_distance = {
    .abi = KEDGE_SHIFT_CLASS_ABI,
    .config_bytes = sizeof(kedge_hdddm_distance_config),
    .name = "hdddm_distance",
    .kinds = KEDGE_KIND_NUMERIC,
    .p_methods = 1u << KEDGE_P_AUTO | 1u << KEDGE_P_PERMUTATION | 1u << KEDGE_P_NONE,
    .max_columns = HDDDM_COLUMNS_MAX,
    .valid = hdddm_valid,
    .scratch = hdddm_scratch,
    .rows = hdddm_compare,
};
