/* SPDX-License-Identifier: MIT */
/** @file detectors/sliding_histogram.h
 *  Sliding histogram: configuration and class; see #kedge_sliding_histogram_config. The verbs stand in kedge/detector.h.
 *
 *  @code
 *  #include <kedge/detectors/sliding_histogram.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[KEDGE_SLIDING_HISTOGRAM_BYTES / 8];
 *      kedge_sliding_histogram_config cfg = kedge_sliding_histogram_defaults();
 *      kedge_detector d;
 *      int i, drifts = 0, early = 0;
 *      if (kedge_detector_init(&d, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 6000; i++) // the first 1000 are the reference
 *          if (kedge_detector_update(&d, i < 4000 ? i % 10 : (i % 10) * 2) == KEDGE_DRIFT) {
 *              drifts++;
 *              early += i < 4000;
 *          }
 *      return drifts == 1 && early == 0 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_DETECTORS_SLIDING_HISTOGRAM_H
#define KEDGE_DETECTORS_SLIDING_HISTOGRAM_H

#include "../detector.h"
#include "../shift/histograms.h"
#include "sliding_ks.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup detector
 *  @{ */

/** How far two histograms are apart; the formulas are those of the methods of the same names in kedge/shift.h. */
enum {
    KEDGE_HISTOGRAM_PSI = 1,              /**< population stability index, 0 and more */
    KEDGE_HISTOGRAM_KULLBACK_LEIBLER = 2, /**< of the window from the reference, nats, 0 and more */
    KEDGE_HISTOGRAM_JENSEN_SHANNON = 3,   /**< root of the divergence in nats, 0 to 0.83 */
    KEDGE_HISTOGRAM_HELLINGER = 4,        /**< 0 to 1 */
    KEDGE_HISTOGRAM_TOTAL_VARIATION = 5,  /**< 0 to 1 */
    KEDGE_HISTOGRAM_CHI_SQUARED = 6       /**< sum of (window - reference)^2 / reference over the shares (Pearson 1900), 0 and more;
                                           *   in kedge/shift.h the method of this name is a test */
};

/** Sliding histogram: how the newest observations spread over bins against how a fixed reference sample did, at every observation.
 *  For data drift in one
 * feature or score, numbers or category codes, by the distances that scorecards and monitoring tools use. The bins are the
 *  reference's quantiles,
 * a value that would fill a bin alone has one of its own, and so has what is below the least value of a reference that begins with
 *  such a one; or the
 * most frequent codes, and one bin for all others. Statistic: the distance; drift: it reaches `threshold` over a full window.
 *  Without a change
 * the expected PSI is about (bins - 1) (1 / n_reference + 1 / window_size): choose longer windows for finer bins, or calibrate the
 *  threshold
 * (kedge/calibrate.h). Cost: O(n_bins), 20 to 45 ns with 10, 60 to 90 with 100; once O(n log n) when the reference is complete. */
typedef struct kedge_sliding_histogram_config {
    kedge_detector_config base; /**< set by kedge_sliding_histogram_config_init() */
    double threshold;     /**< distance that is drift, > 0 to 1e6, default 0.1: without a change, with the other defaults, 2 alarms
                           *   in 1.8 billion observations; an average run length of 440,000 with a window of 500, of 930 with one
                           *   of 200 */
    double pseudo_count;  /**< added to every bin's count, so that an empty bin makes nothing infinite, 1e-9 to 1e9, default 0.5 */
    uint32_t n_reference; /**< observations in the reference, 2 to 2^20, default 1000; taken from the first ones, or from
                           *   kedge_sliding_histogram_reference() */
    uint32_t window_size; /**< observations in the window, 2 to 2^20, default 1000 */
    uint32_t n_bins;      /**< bins, 2 to 256, default 10; bins for single values come on top, at most as many again */
    uint32_t distance;    /**< KEDGE_HISTOGRAM_..., default KEDGE_HISTOGRAM_PSI */
    uint32_t binning;     /**< #KEDGE_BINS_QUANTILES (default), or #KEDGE_BINS_VALUES for codes */
    uint32_t on_drift;    /**< #KEDGE_SLIDING_RELEARN (default) or #KEDGE_SLIDING_KEEP */
} kedge_sliding_histogram_config;

/** Bytes of a state; n_kept is the greater of n_reference and window_size. */
#define KEDGE_SLIDING_HISTOGRAM_BYTES_FOR(n_kept, n_bins) (216u + 8u * (n_kept) + 48u * (n_bins))
/** Bytes of a state with the default configuration. */
#define KEDGE_SLIDING_HISTOGRAM_BYTES KEDGE_SLIDING_HISTOGRAM_BYTES_FOR(1000u, 10u)

extern KEDGE_API const kedge_detector_class kedge_sliding_histogram; /**< the class */

/** Take a sample for the reference, in place of the first observations, and empty the window. Counts of observations and alarms
 *  stay.
 *  @param d a sliding histogram  @param x n numbers, finite, magnitude up to #KEDGE_DETECTOR_INPUT_MAX, in any order
 *  @param n n_reference of the configuration
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS another detector
 *  @retval KEDGE_ERR_SHAPE n is not n_reference
 *  @retval KEDGE_ERR_NOT_FINITE NaN or infinity in x  @retval KEDGE_ERR_RANGE a magnitude too large; after an error nothing has
 *  changed
 *  @complexity O(n log n)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_sliding_histogram_reference(kedge_detector *d, const double *x, size_t n);

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_sliding_histogram_config_init(kedge_sliding_histogram_config *cfg, size_t cfg_bytes);

/** The default configuration. @return it @since 0.1 */
static inline kedge_sliding_histogram_config kedge_sliding_histogram_defaults(void)
{
    kedge_sliding_histogram_config cfg;
    if (kedge_sliding_histogram_config_init(&cfg, sizeof cfg) < 0) /* a library older than this header */
        cfg.base.cls = NULL;
    return cfg;
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
