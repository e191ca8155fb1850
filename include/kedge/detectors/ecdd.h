/* SPDX-License-Identifier: MIT */
/** @file detectors/ecdd.h
 *  ECDD: configuration and class; see #kedge_ecdd_config. The verbs stand in kedge/detector.h.
 *
 *  @code
 *  #include <kedge/detectors/ecdd.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[KEDGE_ECDD_BYTES / 8];
 *      kedge_ecdd_config cfg = kedge_ecdd_defaults();
 *      kedge_detector d;
 *      int i, drifts = 0, early = 0;
 *      if (kedge_detector_init(&d, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 2000; i++)
 *          if (kedge_detector_update(&d, i < 1000 ? i % 10 == 0 : i % 10 != 0) == KEDGE_DRIFT) {
 *              drifts++;
 *              early += i < 1000;
 *          }
 *      return drifts >= 1 && early == 0 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_DETECTORS_ECDD_H
#define KEDGE_DETECTORS_ECDD_H

#include "../detector.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup detector
 *  @{ */

/** ECDD's control limit. */
enum {
    KEDGE_ECDD_FIXED = 1,     /**< `limit` deviations, whatever the error rate */
    KEDGE_ECDD_POLYNOMIAL = 2 /**< the paper's polynomial in the error rate for an average run length of 400, lambda = 0.2 */
};

/** ECDD: an exponentially weighted moving average of a model's errors against its mean error rate. Ross, Adams, Tasoulis, Hand
 *  2012, "Exponentially weighted moving average charts for detecting concept drift", Pattern Recognition Letters 33, section 3.
 *  Input: 0 right, 1 wrong (or a rate between). Statistic: distance of the average from the rate in standard deviations of the
 *  average; threshold: the control limit. Cost: O(1). */
typedef struct kedge_ecdd_config {
    kedge_detector_config base; /**< set by kedge_ecdd_config_init() */
    double lambda;        /**< weight of the newest observation, (0, 1], default 0.2 (paper, MOA) */
    double limit;         /**< with KEDGE_ECDD_FIXED: deviations for drift, > 0 to 1000, default 6: one false alarm in 130,000
                           *   observations at an error rate of 0.1, in 7,400 at 0.05, none seen in 2 * 10^7 at 0.2 */
    double warning;       /**< deviations for a warning, as a share of the limit, (0, 1], default 0.5 (paper, MOA) */
    uint32_t form;        /**< KEDGE_ECDD_FIXED (default) or KEDGE_ECDD_POLYNOMIAL (paper, MOA: one false alarm in 400
                           *   observations) */
    uint32_t direction;   /**< KEDGE_DIRECTION_UP (default, paper, MOA: the model gets worse), _DOWN or _BOTH */
    uint32_t min_samples; /**< no warning before this many observations, no drift before one more, 1 to 2^30, default 29 (MOA) */
    uint32_t reserved;    /**< 0 */
} kedge_ecdd_config;

#define KEDGE_ECDD_BYTES 208u /**< bytes of an ECDD state */

extern KEDGE_API const kedge_detector_class kedge_ecdd; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_ecdd_config_init(kedge_ecdd_config *cfg, size_t cfg_bytes);

/** Defaults that give a peer's alarms. @param cfg to fill @param cfg_bytes sizeof *cfg @param peer KEDGE_PEER_NONE, KEDGE_PEER_MOA
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size, or a peer that has no such
 *  detector
 *  @since 0.1 */
KEDGE_API kedge_status kedge_ecdd_config_peer(kedge_ecdd_config *cfg, size_t cfg_bytes, uint32_t peer);

/** The default configuration. @return it @since 0.1 */
static inline kedge_ecdd_config kedge_ecdd_defaults(void)
{
    kedge_ecdd_config cfg;
    if (kedge_ecdd_config_init(&cfg, sizeof cfg) < 0) /* a library older than this header */
        cfg.base.cls = NULL;
    return cfg;
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
