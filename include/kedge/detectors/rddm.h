/* SPDX-License-Identifier: MIT */
/** @file detectors/rddm.h
 *  RDDM: configuration and class; see #kedge_rddm_config. The verbs stand in kedge/detector.h.
 *
 *  @code
 *  #include <kedge/detectors/rddm.h>
 *  int main(void)
 *  {
 *      unsigned long long mem[KEDGE_RDDM_BYTES_FOR(2000) / 8];
 *      kedge_rddm_config cfg = kedge_rddm_defaults();
 *      kedge_detector d;
 *      kedge_rng rng = {1};
 *      int i, drifts = 0;
 *      cfg.drift_threshold = 3.5;
 *      cfg.min_stable = 2000;
 *      cfg.max_concept = 10000;
 *      if (kedge_detector_init(&d, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 3000; i++)
 *          drifts += kedge_detector_update(&d, kedge_rng_uniform(&rng) < (i < 2000 ? 0.1 : 0.5)) == KEDGE_DRIFT;
 *      return drifts == 1 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_DETECTORS_RDDM_H
#define KEDGE_DETECTORS_RDDM_H

#include "../detector.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup detector
 *  @{ */

/** RDDM: DDM that forgets: a long concept is cut to its newest part, so that old errors do not make it deaf, and after drift it
 *  begins with what it saw since the first warning.
 *  Barros, Cabral, Goncalves, Santos 2017, "RDDM: Reactive drift detection method", section 3. Input: 0 right, 1 wrong; above 0.5
 *  counts as wrong. Statistic: p + s, threshold: p_min plus drift_threshold times s_min (error rates), as in #kedge_ddm_config; an
 *  alarm that warn_limit raised has a statistic below its threshold. Sees rises only. Cost: O(1) amortised; an alarm or a cut takes
 *  O(min_stable). */
typedef struct kedge_rddm_config {
    kedge_detector_config base; /**< set by kedge_rddm_config_init() */
    double warning_threshold;   /**< deviations above the least level for a warning, >= 0, default 1.773 (paper, MOA) */
    double drift_threshold;     /**< deviations for drift, >= warning_threshold, default 2.258 (paper, MOA) */
    uint32_t warm_start;        /**< everything counts from observation warm_start + 1 on, 1 to 2^30, default 128 (paper, MOA:
                                 *   129 observations) */
    uint32_t max_concept;       /**< a concept of so many observations outside the warning zone is cut, 2 * min_stable to 2^30,
                                 *   default 40000 (paper, MOA) */
    uint32_t min_stable;        /**< to the newest so many, which are kept, one bit each; 1 to 2^26, default 7000 (paper,
                                 *   MOA) */
    uint32_t warn_limit;        /**< a warning zone longer than so many observations is drift, 1 to 2^30, default 1400 (paper,
                                 *   MOA) */
    uint32_t keep_minimum;      /**< after a cut the least level stays, and after drift what is replayed sets it (1: MOA), or it
                                 *   is taken anew from the next observation on (0: default): 1 raises some alarms twice, and
                                 *   false ones behind cuts */
    uint32_t smooth;            /**< 1 (default): while the least level has seen no error its deviation is that of (0 + 1) / (n
                                 *   + 2), as in #kedge_ddm_config; 0 (MOA): that deviation is 0, any error alarms */
} kedge_rddm_config;

#define KEDGE_RDDM_BYTES_FOR(min_stable) (208u + ((min_stable) + 63u) / 64u * 8u) /**< bytes of a state with this min_stable */
#define KEDGE_RDDM_BYTES KEDGE_RDDM_BYTES_FOR(7000u) /**< bytes of a state with the default min_stable */

extern KEDGE_API const kedge_detector_class kedge_rddm; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_rddm_config_init(kedge_rddm_config *cfg, size_t cfg_bytes);

/** Defaults that give a peer's alarms; river has no RDDM. @param cfg to fill @param cfg_bytes sizeof *cfg @param peer
 *  KEDGE_PEER_...
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size or peer  @since 0.1 */
KEDGE_API kedge_status kedge_rddm_config_peer(kedge_rddm_config *cfg, size_t cfg_bytes, uint32_t peer);

/** The default configuration. @return it @since 0.1 */
static inline kedge_rddm_config kedge_rddm_defaults(void)
{
    kedge_rddm_config cfg;
    if (kedge_rddm_config_init(&cfg, sizeof cfg) < 0) /* a library older than this header */
        cfg.base.cls = NULL;
    return cfg;
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
