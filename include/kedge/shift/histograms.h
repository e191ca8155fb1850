/* SPDX-License-Identifier: MIT */
/** @file shift/histograms.h
 *  Methods of one column by histograms: population stability index, Hellinger and their like. The verbs stand in kedge/shift.h.
 *
 *  @code
 *  #include <kedge/shift/histograms.h>
 *  int main(void)
 *  {
 *      double before[40], after[40], work[256];
 *      kedge_rows reference, current;
 *      kedge_histogram_config cfg = kedge_psi_defaults();
 *      kedge_shift_result r;
 *      int i;
 *      for (i = 0; i < 40; i++) { before[i] = i % 10; after[i] = i % 10 + 4; }
 *      reference = kedge_rows_float64(before, 40, 1);
 *      current = kedge_rows_float64(after, 40, 1);
 *      if (kedge_shift_work(&cfg.base, 40, 40, 1) > sizeof work) return 1;
 *      return kedge_shift_compare(&cfg.base, &reference, &current, work, sizeof work, &r) == KEDGE_DRIFT &&
 *             r.effect > 0.25 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_SHIFT_HISTOGRAMS_H
#define KEDGE_SHIFT_HISTOGRAMS_H

#include "../shift.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup shift
 *  @{ */

/** Where the bins of a histogram come from. */
enum {
    KEDGE_BINS_QUANTILES = 1, /**< quantiles of the reference, the outer bins open; equal ones merge, and a value that would fill
                               *   more than one bin has a bin of its own */
    KEDGE_BINS_EQUAL = 2,     /**< equal width from the least to the greatest value of both samples */
    KEDGE_BINS_VALUES = 3     /**< one for each distinct value: for nominal columns; n_bins does not matter */
};

/** Configuration of the distances of histograms. Bins in which neither sample has a value do not count. With p and q the shares of
 *  a bin in the reference and in the current sample, each is a sum over the bins; effect is the distance itself, `where` the middle
 *  of the values in the bin whose share has moved most. p-values: KEDGE_P_EXACT where the ways are few, which AUTO takes, else
 *  KEDGE_P_PERMUTATION; each way is binned anew, so they are right for any binning. `expected` is the distance that samples of
 *  these sizes have without a change: it is not 0. */
typedef struct kedge_histogram_config {
    kedge_shift_config base; /**< common fields */
    uint32_t binning;        /**< KEDGE_BINS_..., default KEDGE_BINS_QUANTILES */
    uint32_t n_bins;         /**< bins, 2 to 1024, default 10 */
    double pseudo_count;     /**< added to each bin's count in both samples, so that an empty bin is no infinity; 1e-9 to 1e9,
                              *   default 0.5 (Krichevsky, Trofimov 1981), and 0, nothing, for methods that do not need one */
} kedge_histogram_config;

/** Defaults of a distance of histograms. @param cls the method @return them @since 0.1 */
static inline kedge_histogram_config kedge_histogram_defaults(const kedge_shift_class *cls)
{
    kedge_histogram_config c;
    if (kedge_shift_config_init(cls, &c, sizeof c) < 0) /* a library older than this header */
        c.base.cls = NULL;
    return c;
}

/** Population stability index: the sum of (p - q) ln(p / q), 0 or more; 0.1 and 0.25 are the rule of thumb for "some" and "much".
 *  Siddiqi 2006, "Credit risk scorecards". Needs a pseudo_count. */
extern KEDGE_API const kedge_shift_class kedge_psi;

/** Defaults of #kedge_psi. @return them @since 0.1 */
static inline kedge_histogram_config kedge_psi_defaults(void)
{
    return kedge_histogram_defaults(&kedge_psi);
}

/** Kullback-Leibler divergence of the current sample from the reference, the sum of q ln(q / p), nats; not symmetric. Kullback,
 *  Leibler 1951, "On information and sufficiency". Needs a pseudo_count. */
extern KEDGE_API const kedge_shift_class kedge_kullback_leibler;

/** Defaults of #kedge_kullback_leibler. @return them @since 0.1 */
static inline kedge_histogram_config kedge_kullback_leibler_defaults(void)
{
    return kedge_histogram_defaults(&kedge_kullback_leibler);
}

/** Jensen-Shannon distance, the square root of the mean divergence (nats) of both from (p + q) / 2: 0 to sqrt(ln 2); a metric. Lin
 *  1991, "Divergence measures based on the Shannon entropy"; Endres, Schindelin 2003, "A new metric for probability
 *  distributions". */
extern KEDGE_API const kedge_shift_class kedge_jensen_shannon;

/** Defaults of #kedge_jensen_shannon. @return them @since 0.1 */
static inline kedge_histogram_config kedge_jensen_shannon_defaults(void)
{
    return kedge_histogram_defaults(&kedge_jensen_shannon);
}

/** Hellinger's distance, the square root of 1 - the sum of sqrt(p q): 0 to 1; a metric. */
extern KEDGE_API const kedge_shift_class kedge_hellinger;

/** Defaults of #kedge_hellinger. @return them @since 0.1 */
static inline kedge_histogram_config kedge_hellinger_defaults(void)
{
    return kedge_histogram_defaults(&kedge_hellinger);
}

/** Bhattacharyya's distance, -ln of the sum of sqrt(p q), 0 or more. Bhattacharyya 1943, "On a measure of divergence between two
 *  statistical populations". Needs a pseudo_count. */
extern KEDGE_API const kedge_shift_class kedge_bhattacharyya;

/** Defaults of #kedge_bhattacharyya. @return them @since 0.1 */
static inline kedge_histogram_config kedge_bhattacharyya_defaults(void)
{
    return kedge_histogram_defaults(&kedge_bhattacharyya);
}

/** Total variation, half the sum of |p - q|: 0 to 1; a metric: the share of values that would have to move to another bin. */
extern KEDGE_API const kedge_shift_class kedge_total_variation;

/** Defaults of #kedge_total_variation. @return them @since 0.1 */
static inline kedge_histogram_config kedge_total_variation_defaults(void)
{
    return kedge_histogram_defaults(&kedge_total_variation);
}

/** Greatest |p - q| of all bins, 0 to 1; a metric. For nominal columns the change of the category that changed most. */
extern KEDGE_API const kedge_shift_class kedge_l_infinity;

/** Defaults of #kedge_l_infinity. @return them @since 0.1 */
static inline kedge_histogram_config kedge_l_infinity_defaults(void)
{
    return kedge_histogram_defaults(&kedge_l_infinity);
}

/** 1 - the sum of min(p, q), 0 to 1: what the histograms do not share. As shares sum to 1 it equals #kedge_total_variation; Swain,
 *  Ballard 1991, "Color indexing". */
extern KEDGE_API const kedge_shift_class kedge_histogram_intersection;

/** Defaults of #kedge_histogram_intersection. @return them @since 0.1 */
static inline kedge_histogram_config kedge_histogram_intersection_defaults(void)
{
    return kedge_histogram_defaults(&kedge_histogram_intersection);
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
