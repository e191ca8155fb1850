/* SPDX-License-Identifier: MIT */
/** @file detectors/ddm.h
 *  DDM: configuration and class; see #kedge_ddm_config. The verbs stand in kedge/detector.h.
 *
 *  @code
 *  #include <kedge/detectors/ddm.h>
 *  int main(void)
 *  {
 *      unsigned long long mem[KEDGE_DDM_BYTES / 8];
 *      kedge_ddm_config cfg = kedge_ddm_defaults();
 *      kedge_detector d;
 *      int i, drifts = 0;
 *      cfg.drift_threshold = 3.5;
 *      if (kedge_detector_init(&d, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 2000; i++)
 *          drifts += kedge_detector_update(&d, i < 1000 ? i % 10 == 0 : i % 2 == 0) == KEDGE_DRIFT;
 *      return drifts == 1 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_DETECTORS_DDM_H
#define KEDGE_DETECTORS_DDM_H

#include "../detector.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup detector
 *  @{ */

/** DDM: alarms when a model's error rate rises significantly above the least it had.
 *  Gama, Medas, Castillo, Rodrigues 2004, "Learning with drift detection", section 3. Input: 0 right, 1 wrong (or a rate between).
 *  Statistic: p + s, threshold: p_min + drift_threshold * s_min (error rates). Sees rises only. Cost: O(1). */
typedef struct kedge_ddm_config {
    kedge_detector_config base; /**< set by kedge_ddm_config_init() */
    double warning_threshold; /**< deviations above the least level for a warning, >= 0, default 2 (paper, river, MOA) */
    double drift_threshold;   /**< deviations for drift, >= warning_threshold, default 3 (paper, river, MOA) */
    uint32_t warm_start;      /**< the least level and warnings count from observation warm_start + 1 on, 1 to 2^30, default 30
                               *   (paper, river); MOA 28 */
    uint32_t drift_warm_start; /**< drift counts from observation drift_warm_start + 1 on, warm_start to 2^30, default 30 (river);
                                *   MOA 29 */
    uint32_t smooth;  /**< 1 (default): while the least level has seen no error its deviation is that of (0 + 1) / (n + 2), so that
                       *   the first error after a run of zeros raises nothing; 0 (river, MOA): that deviation is 0, any error
                       *   alarms */
    uint32_t reserved; /**< 0 */
} kedge_ddm_config;

#define KEDGE_DDM_BYTES 176u /**< bytes of a DDM state */

extern KEDGE_API const kedge_detector_class kedge_ddm; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_ddm_config_init(kedge_ddm_config *cfg, size_t cfg_bytes);

/** Defaults that give a peer's alarms. @param cfg to fill @param cfg_bytes sizeof *cfg @param peer KEDGE_PEER_...
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size or peer  @since 0.1 */
KEDGE_API kedge_status kedge_ddm_config_peer(kedge_ddm_config *cfg, size_t cfg_bytes, uint32_t peer);

/** The default configuration. @return it @since 0.1 */
static inline kedge_ddm_config kedge_ddm_defaults(void)
{
    kedge_ddm_config cfg;
    if (kedge_ddm_config_init(&cfg, sizeof cfg) < 0) /* a library older than this header */
        cfg.base.cls = NULL;
    return cfg;
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
