/* SPDX-License-Identifier: MIT */
/** @file detectors/lfr.h
 *  Linear Four Rates: configuration and class; see #kedge_lfr_config. The verbs stand in kedge/detector.h.
 *
 *  @code
 *  #include <kedge/detectors/lfr.h>
 *  int main(void)
 *  {
 *      unsigned long long mem[KEDGE_LFR_BYTES / 8];
 *      kedge_lfr_config cfg = kedge_lfr_defaults();
 *      kedge_detector d;
 *      kedge_rng rng = {1};
 *      int i, drifts = 0;
 *      if (kedge_detector_init(&d, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 4000; i++) { // one in ten is positive; from 2000 on most of these are missed
 *          int truth = kedge_rng_uniform(&rng) < 0.1;
 *          int wrong = kedge_rng_uniform(&rng) < (i >= 2000 && truth ? 0.8 : 0.05);
 *          drifts += kedge_detector_update(&d, kedge_lfr_observation(truth, wrong ? !truth : truth)) == KEDGE_DRIFT;
 *      }
 *      return drifts == 1 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_DETECTORS_LFR_H
#define KEDGE_DETECTORS_LFR_H

#include "../detector.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup detector
 *  @{ */

/** Linear Four Rates: watches all four rates of a two-class model, so that it sees a change in a rare class that leaves the error
 *  rate alone.
 *  Wang, Abraham 2015, "Concept drift detection for streaming data", section III and algorithm 1. Input: what was true and what was
 *  predicted in one number, see kedge_lfr_observation(); numbers between two codes count as the nearer. The rates are sensitivity
 *  (of the positive, how many were found), specificity (of the negative), and precision of positive and of negative predictions:
 *  all are shares that were right. Each is followed by a fading mean, and compared with its plain mean. Statistic: the greatest of
 *  the four evidences that fading and plain mean differ, the negative natural logarithm of a bound on the p-value; threshold: the
 *  logarithm of 1 / alpha_drift, or of 2 / alpha_drift for both directions. Means and effect of an alarm are those of the rate that
 *  raised it; the estimate's mean is the share of all that was right. Cost: O(1). */
typedef struct kedge_lfr_config {
    kedge_detector_config base; /**< set by kedge_lfr_config_init() */
    double decay;         /**< what remains of a fading mean at each observation of its rate, 0.5 to 0.9999, default 0.9
                           *   (paper) */
    double alpha_warning; /**< p-value below which a rate warns, >= alpha_drift, default 0.01; from 2 on any */
    double alpha_drift;   /**< p-value below which a rate is drift, 1e-300 to below 1, default 0.0001; it is a bound, about
                           *   ten times the true value: a million observations without change raise 0 to 5 alarms */
    uint32_t warm_start;  /**< a rate counts from its observation warm_start + 1 on, 10 to 2^30, default 50 */
    uint32_t direction;   /**< of the rates: KEDGE_DIRECTION_BOTH (default, paper), _DOWN: only where the model gets worse, or
                           *   _UP */
} kedge_lfr_config;

#define KEDGE_LFR_BYTES 392u /**< bytes of a Linear Four Rates state */

extern KEDGE_API const kedge_detector_class kedge_lfr; /**< the class */

/** The number that tells the detector of one prediction: 2 * truth + prediction, with each 0 (negative) or 1 (positive).
 *  @param truth the true class, 0 or other  @param predicted the predicted one, 0 or other  @return 0, 1, 2 or 3  @since 0.1 */
static inline double kedge_lfr_observation(int truth, int predicted)
{
    return (truth ? 2.0 : 0.0) + (predicted ? 1.0 : 0.0);
}

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_lfr_config_init(kedge_lfr_config *cfg, size_t cfg_bytes);

/** The default configuration. @return it @since 0.1 */
static inline kedge_lfr_config kedge_lfr_defaults(void)
{
    kedge_lfr_config cfg;
    if (kedge_lfr_config_init(&cfg, sizeof cfg) < 0) /* a library older than this header */
        cfg.base.cls = NULL;
    return cfg;
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
