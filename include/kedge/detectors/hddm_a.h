/* SPDX-License-Identifier: MIT */
/** @file detectors/hddm_a.h
 *  HDDM-A: configuration and class; see #kedge_hddm_a_config. The verbs stand in kedge/detector.h.
 *
 *  @code
 *  #include <kedge/detectors/hddm_a.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[KEDGE_HDDM_A_BYTES / 8];
 *      kedge_hddm_a_config cfg = kedge_hddm_a_defaults();
 *      kedge_detector d;
 *      int i, drifts = 0, early = 0;
 *      if (kedge_detector_init(&d, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 2000; i++)
 *          if (kedge_detector_update(&d, i < 1000 ? i % 10 == 0 : i % 2 == 0) == KEDGE_DRIFT) {
 *              drifts++;
 *              early += i < 1000;
 *          }
 *      return drifts >= 1 && early == 0 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_DETECTORS_HDDM_A_H
#define KEDGE_DETECTORS_HDDM_A_H

#include "../detector.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup detector
 *  @{ */

/** HDDM-A: the mean since the restart against its mean up to the point where it was surely lowest (or highest), by Hoeffding's
 *  bound. Frias-Blanco, del Campo-Avila, Ramos-Jimenez, Morales-Bueno, Ortiz-Diaz, Caballero-Mota 2015, "Online and non-parametric
 *  drift detection methods based on Hoeffding's bounds", IEEE TKDE 27, section 4.1 (A-test). Input: 0 to 1, independent. Statistic:
 *  difference of the two means, threshold: the bound, both in the unit of the stream. Cost: O(1). */
typedef struct kedge_hddm_a_config {
    kedge_detector_config base; /**< set by kedge_hddm_a_config_init() */
    double drift_confidence;   /**< chance of a false alarm in one test, (0, 1), default 0.001 (paper, river, MOA) */
    double warning_confidence; /**< the same for a warning, drift_confidence to 1, default 0.005 (river, MOA) */
    uint32_t direction;        /**< KEDGE_DIRECTION_BOTH (default), _UP (river, MOA) or _DOWN */
    uint32_t silent_falls;     /**< with KEDGE_DIRECTION_UP: 1 (MOA): a fall restarts, but is not reported; 0 (default, river):
                                *   falls do not count */
} kedge_hddm_a_config;

#define KEDGE_HDDM_A_BYTES 224u /**< bytes of an HDDM-A state */

extern KEDGE_API const kedge_detector_class kedge_hddm_a; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_hddm_a_config_init(kedge_hddm_a_config *cfg, size_t cfg_bytes);

/** Defaults that give a peer's alarms. @param cfg to fill @param cfg_bytes sizeof *cfg @param peer KEDGE_PEER_NONE,
 *  KEDGE_PEER_RIVER, KEDGE_PEER_MOA
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size, or a peer that has no such
 *  detector
 *  @since 0.1 */
KEDGE_API kedge_status kedge_hddm_a_config_peer(kedge_hddm_a_config *cfg, size_t cfg_bytes, uint32_t peer);

/** The default configuration. @return it @since 0.1 */
static inline kedge_hddm_a_config kedge_hddm_a_defaults(void)
{
    kedge_hddm_a_config cfg;
    if (kedge_hddm_a_config_init(&cfg, sizeof cfg) < 0) /* a library older than this header */
        cfg.base.cls = NULL;
    return cfg;
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
