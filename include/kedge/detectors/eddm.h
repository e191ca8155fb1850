/* SPDX-License-Identifier: MIT */
/** @file detectors/eddm.h
 *  EDDM: configuration and class; see #kedge_eddm_config. The verbs stand in kedge/detector.h.
 *
 *  @code
 *  #include <kedge/detectors/eddm.h>
 *  int main(void)
 *  {
 *      unsigned long long mem[KEDGE_EDDM_BYTES / 8];
 *      kedge_eddm_config cfg = kedge_eddm_defaults();
 *      kedge_detector d;
 *      kedge_rng rng = {1};
 *      int i, drifts = 0;
 *      cfg.drift_threshold = 0.7;
 *      if (kedge_detector_init(&d, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 3000; i++)
 *          drifts += kedge_detector_update(&d, kedge_rng_uniform(&rng) < (i < 2000 ? 0.05 : 0.5)) == KEDGE_DRIFT;
 *      return drifts == 1 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_DETECTORS_EDDM_H
#define KEDGE_DETECTORS_EDDM_H

#include "../detector.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup detector
 *  @{ */

/** EDDM: alarms when a model's errors come closer together than they did at best; sees slow changes of a low error rate early.
 *  Baena-Garcia, del Campo-Avila, Fidalgo, Bifet, Gavalda, Morales-Bueno 2006, "Early drift detection method", section 3.
 *  Input: 0 right, 1 wrong; above 0.5 counts as wrong. The level is p' + 2 s', mean and deviation of the distances between
 *  errors (observations). Statistic: how far the level has fallen below its greatest, as a share of that; threshold: 1 -
 *  drift_threshold. Sees rises of the error rate, as the paper does; downwards falls: how far the least level lies below the
 *  level, as a share of the level. The level moves at errors, so a model that makes none any more is not reported before its next
 *  one. Cost: O(1), and for observations that are no errors little more than counting. */
typedef struct kedge_eddm_config {
    kedge_detector_config base; /**< set by kedge_eddm_config_init() */
    double warning_threshold;   /**< share of the greatest level below which errors warn, >= drift_threshold, from 1 on all of
                                 *   them, default 0.95 (paper, river, MOA) */
    double drift_threshold;     /**< share of the greatest level below which an error is drift, in (0, 1], default 0.9 (paper,
                                 *   river, MOA) */
    uint32_t warm_start;        /**< everything counts from observation warm_start + 1 on, 1 to 2^30, default 30 (river); MOA
                                 *   29 */
    uint32_t min_errors;        /**< warnings and drift count from error min_errors + 1 on, 1 to 2^30, default 30 (paper, river,
                                 *   MOA) */
    uint32_t peak_errors;       /**< the greatest level counts from error peak_errors + 1 on, 0 to 2^30, default 30: a level of
                                 *   fewer distances is noise, and its greatest makes alarms where nothing changes; 0 (river,
                                 *   MOA): any error */
    uint32_t sample_deviation;  /**< s' divides by the number of distances minus 1 (1: default, river) or by that number (0:
                                 *   MOA) */
    uint32_t peak_ends_warning; /**< a new greatest level (downwards: least) ends the warning zone (1: default, MOA) or not (0:
                                 *   river) */
    uint32_t direction;         /**< of the error rate: KEDGE_DIRECTION_UP (default: paper, river, MOA), _DOWN: errors become rarer,
                                 *   not in the paper; or _BOTH. Downwards a threshold of 0.6 is as quiet as 0.7 is upwards */
} kedge_eddm_config;

#define KEDGE_EDDM_BYTES 208u /**< bytes of an EDDM state */

extern KEDGE_API const kedge_detector_class kedge_eddm; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_eddm_config_init(kedge_eddm_config *cfg, size_t cfg_bytes);

/** Defaults that give a peer's alarms. @param cfg to fill @param cfg_bytes sizeof *cfg @param peer KEDGE_PEER_...
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size or peer  @since 0.1 */
KEDGE_API kedge_status kedge_eddm_config_peer(kedge_eddm_config *cfg, size_t cfg_bytes, uint32_t peer);

/** The default configuration. @return it @since 0.1 */
static inline kedge_eddm_config kedge_eddm_defaults(void)
{
    kedge_eddm_config cfg;
    if (kedge_eddm_config_init(&cfg, sizeof cfg) < 0) /* a library older than this header */
        cfg.base.cls = NULL;
    return cfg;
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
