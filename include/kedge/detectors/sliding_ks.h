/* SPDX-License-Identifier: MIT */
/** @file detectors/sliding_ks.h
 *  Sliding Kolmogorov-Smirnov: configuration and class; see #kedge_sliding_ks_config. The verbs stand in kedge/detector.h.
 *
 *  @code
 *  #include <kedge/detectors/sliding_ks.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[KEDGE_SLIDING_KS_BYTES / 8];
 *      kedge_sliding_ks_config cfg = kedge_sliding_ks_defaults();
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
#ifndef KEDGE_DETECTORS_SLIDING_KS_H
#define KEDGE_DETECTORS_SLIDING_KS_H

#include "../detector.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup detector
 *  @{ */

/** What a detector that compares a sliding window with a reference does after drift. */
enum {
    KEDGE_SLIDING_RELEARN = 1, /**< learns a new reference from what comes next: reports each change once */
    KEDGE_SLIDING_KEEP = 2     /**< keeps the reference and empties the window: reports as long as it differs, a window apart */
};

/** Sliding Kolmogorov-Smirnov: the distribution of the newest observations against that of a fixed reference sample, at every
 * observation. For data drift in one feature or score. After dos Reis, Flach, Matwin, Batista 2016, "Fast unsupervised online drift
 * detection using incremental Kolmogorov-Smirnov test", with a tree over the reference in place of a treap. Sees changes of any
 * kind, ties and nominal codes included. Statistic: the greatest difference of the two distribution functions; threshold: the least
 * that is significant (Smirnov 1939), or min_distance. Cost: O(log n_reference), some 100 ns; once O(n log n) when the reference is
 * complete. */
typedef struct kedge_sliding_ks_config {
    kedge_detector_config base; /**< set by kedge_sliding_ks_config_init() */
    double alpha; /**< p-value of a test, (0, 1), default 1e-6; neighbouring tests agree, so without a change there are far fewer
                   * than alpha alarms an observation */
    double min_distance;  /**< no alarm for a difference below this, however significant, 0 to 1, default 0.05 */
    uint32_t n_reference; /**< observations in the reference, 2 to 2^20, default 1000; taken from the first ones, or from
                           *   kedge_sliding_ks_reference() */
    uint32_t window_size; /**< observations in the window, 2 to 2^20, default 1000 */
    uint32_t
        direction; /**< KEDGE_DIRECTION_BOTH (default): any difference; _UP: towards greater values; _DOWN: towards smaller ones */
    uint32_t on_drift; /**< KEDGE_SLIDING_RELEARN (default) or KEDGE_SLIDING_KEEP */
} kedge_sliding_ks_config;

/** Bytes of a state whose reference has n_reference observations, and n_blocks is the least power of two that is at least
 *  (2 n_reference + 8) / 8. */
#define KEDGE_SLIDING_KS_BYTES_FOR(n_reference, window_size, n_blocks)                                                             \
    (200u + 8u * (n_reference) + 8u * (((n_reference) + 1u) / 2u) + 8u * (window_size) + 8u * ((n_reference) + 1u) +               \
     48u * (n_blocks))
/** Bytes of a state with the default configuration. */
#define KEDGE_SLIDING_KS_BYTES KEDGE_SLIDING_KS_BYTES_FOR(1000u, 1000u, 256u)

extern KEDGE_API const kedge_detector_class kedge_sliding_ks; /**< the class */

/** Take a sample for the reference, in place of the first observations, and empty the window. Counts of observations and alarms
 * stay.
 *  @param d a sliding Kolmogorov-Smirnov detector  @param x n numbers, finite, magnitude up to #KEDGE_DETECTOR_INPUT_MAX, in any
 * order
 *  @param n n_reference of the configuration
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS another detector  @retval
 * KEDGE_ERR_SHAPE n is not n_reference  @retval KEDGE_ERR_NOT_FINITE NaN or infinity in x  @retval KEDGE_ERR_RANGE a magnitude too
 * large; after an error nothing has changed  @complexity O(n log n)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_sliding_ks_reference(kedge_detector *d, const double *x, size_t n);

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_sliding_ks_config_init(kedge_sliding_ks_config *cfg, size_t cfg_bytes);

/** The default configuration. @return it @since 0.1 */
static inline kedge_sliding_ks_config kedge_sliding_ks_defaults(void)
{
    kedge_sliding_ks_config cfg;
    if (kedge_sliding_ks_config_init(&cfg, sizeof cfg) < 0) /* a library older than this header */
        cfg.base.cls = NULL;
    return cfg;
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
