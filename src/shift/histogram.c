/* SPDX-License-Identifier: MIT */
/* Distances of two histograms: p, the reference's shares of the bins, and q, the current sample's. Each is a sum (or the greatest)
 * of one term a bin, see base/divergence.h. */
#include "base/fp.h"

#include <math.h>

#include "kedge/shift.h"

#include "base/divergence.h"
#include "base/number.h"
#include "shift/bins.h"
#include "shift/resample.h"

#define HISTOGRAM_BINS_MAX 1024u
#define HISTOGRAM_PSEUDO_MIN 1e-9 /* shares stay far from 0 */
#define HISTOGRAM_PSEUDO_MAX 1e9

typedef double (*histogram_term)(double p, double q);

static double histogram_sum(const void *config, const kedge_shift_samples *s, histogram_term term)
{
    double sum = 0.0;
    for (kedge_i_bins b = kedge_i_bins_begin(config, s); kedge_i_bins_next(&b);)
        sum += term(kedge_i_bins_share_reference(&b), kedge_i_bins_share_current(&b));
    return fmax(0.0, sum);
}

static double psi_distance(const void *config, const kedge_shift_samples *s)
{
    return histogram_sum(config, s, kedge_i_psi_term);
}

static double kullback_leibler_distance(const void *config, const kedge_shift_samples *s)
{
    return histogram_sum(config, s, kedge_i_kullback_leibler_term);
}

/* Endres, Schindelin 2003, "A new metric for probability distributions": the root is a metric. */
static double jensen_shannon_distance(const void *config, const kedge_shift_samples *s)
{
    return sqrt(histogram_sum(config, s, kedge_i_jensen_shannon_term));
}

static double hellinger_distance(const void *config, const kedge_shift_samples *s)
{
    return sqrt(histogram_sum(config, s, kedge_i_hellinger_term));
}

/* Bhattacharyya 1943, "On a measure of divergence between two statistical populations": -ln of the affinity, the sum of sqrt(p q),
 * which is 1 minus the square of Hellinger's distance. */
static double bhattacharyya_distance(const void *config, const kedge_shift_samples *s)
{
    double apart = histogram_sum(config, s, kedge_i_hellinger_term);
    return apart < 0.5 ? -log1p(-apart) : -log(histogram_sum(config, s, kedge_i_affinity_term));
}

static double total_variation_distance(const void *config, const kedge_shift_samples *s)
{
    return histogram_sum(config, s, kedge_i_gap_term) / 2.0;
}

static double l_infinity_distance(const void *config, const kedge_shift_samples *s)
{
    double most = 0.0;
    for (kedge_i_bins b = kedge_i_bins_begin(config, s); kedge_i_bins_next(&b);)
        most = fmax(most, kedge_i_gap_term(kedge_i_bins_share_reference(&b), kedge_i_bins_share_current(&b)));
    return most;
}

/* Swain, Ballard 1991, "Color indexing". */
static double histogram_intersection_distance(const void *config, const kedge_shift_samples *s)
{
    return histogram_sum(config, s, kedge_i_missed_term);
}

/* Where the share has moved most; NaN if none has. */
static double histogram_where(const void *config, const kedge_shift_samples *s)
{
    double most = 0.0;
    double where = (double)NAN;
    for (kedge_i_bins b = kedge_i_bins_begin(config, s); kedge_i_bins_next(&b);) {
        double gap = kedge_i_gap_term(kedge_i_bins_share_reference(&b), kedge_i_bins_share_current(&b));
        if (gap > most) {
            most = gap;
            where = kedge_i_bins_middle(&b);
        }
    }
    return where;
}

static kedge_status histogram_compare(const void *config, const kedge_shift_samples *s, kedge_i_statistic distance, double *scratch,
                                      kedge_shift_result *out)
{
    out->statistic = out->effect = distance(config, s);
    out->where = histogram_where(config, s);
    return kedge_i_resample_only(config, s, distance, scratch, out);
}

static void histogram_defaults(void *config)
{
    kedge_histogram_config *c = config;
    c->binning = KEDGE_BINS_QUANTILES;
    c->n_bins = 10;
    c->pseudo_count = 0.5;
}

static int histogram_valid_smoothed(const void *config)
{
    const kedge_histogram_config *c = config;
    return kedge_i_u32_within(c->binning, KEDGE_BINS_QUANTILES, KEDGE_BINS_VALUES) &&
           kedge_i_u32_within(c->n_bins, 2, HISTOGRAM_BINS_MAX) &&
           kedge_i_within(c->pseudo_count, HISTOGRAM_PSEUDO_MIN, HISTOGRAM_PSEUDO_MAX);
}

/* Without a logarithm of 0, smoothing can be left out. */
static int histogram_valid(const void *config)
{
    kedge_histogram_config c = *(const kedge_histogram_config *)config;
    if (c.pseudo_count == 0.0)
        c.pseudo_count = 1.0;
    return histogram_valid_smoothed(&c);
}

#define HISTOGRAM_CLASS(id, is_valid)                                                                                             \
    static kedge_status id##_compare(const void *config, const kedge_shift_samples *s, double *scratch, kedge_shift_result *out)  \
    {                                                                                                                             \
        return histogram_compare(config, s, id##_distance, scratch, out);                                                         \
    }                                                                                                                             \
    const kedge_shift_class kedge_##id = {                                                                                        \
        .abi = KEDGE_SHIFT_CLASS_ABI,                                                                                             \
        .config_bytes = sizeof(kedge_histogram_config),                                                                           \
        .name = #id,                                                                                                              \
        .kinds = KEDGE_KIND_NUMERIC | KEDGE_KIND_NOMINAL,                                                                         \
        .p_methods = KEDGE_I_RESAMPLE_ONLY,                                                                                       \
        .max_columns = 1,                                                                                                         \
        .defaults = histogram_defaults,                                                                                           \
        .valid = is_valid,                                                                                                        \
        .scratch = kedge_i_resample_only_scratch,                                                                                 \
        .samples = id##_compare,                                                                                                  \
    }

HISTOGRAM_CLASS(bhattacharyya, histogram_valid_smoothed);
HISTOGRAM_CLASS(hellinger, histogram_valid);
HISTOGRAM_CLASS(histogram_intersection, histogram_valid);
HISTOGRAM_CLASS(jensen_shannon, histogram_valid);
HISTOGRAM_CLASS(kullback_leibler, histogram_valid_smoothed);
HISTOGRAM_CLASS(l_infinity, histogram_valid);
HISTOGRAM_CLASS(psi, histogram_valid_smoothed);
HISTOGRAM_CLASS(total_variation, histogram_valid);
