/* SPDX-License-Identifier: MIT */
/** @file detectors/fhddm.h
 *  FHDDM and FHDDMS: configuration and class; see #kedge_fhddm_config. The verbs stand in kedge/detector.h.
 *
 *  @code
 *  #include <kedge/detectors/fhddm.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[KEDGE_FHDDM_BYTES / 8];
 *      kedge_fhddm_config cfg = kedge_fhddm_defaults();
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
#ifndef KEDGE_DETECTORS_FHDDM_H
#define KEDGE_DETECTORS_FHDDM_H

#include "../detector.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup detector
 *  @{ */

/** FHDDM's windows. */
enum {
    KEDGE_FHDDM_SINGLE = 1, /**< one */
    KEDGE_FHDDM_STACKED = 2 /**< a short one inside the long one: quicker at sudden changes (FHDDMS) */
};

/** FHDDM: the error rate of a sliding window against the lowest (or highest) it has been, by Hoeffding's bound. Pesaranghader,
 *  Viktor 2016, "Fast Hoeffding drift detection method for evolving data streams", ECML PKDD, section 3; stacked with a short
 *  window: Pesaranghader, Viktor, Paquet 2018, "Reservoir of diverse adaptive learners and stacking fast Hoeffding drift detection
 *  methods for evolving data streams", Machine Learning 107. Input: 0 right, 1 wrong (1 is above 1/2). Statistic: difference of the
 *  two rates over the bound, the greater of both windows; threshold: 1. Cost: O(1). */
typedef struct kedge_fhddm_config {
    kedge_detector_config base; /**< set by kedge_fhddm_config_init() */
    double confidence; /**< chance of a false alarm in one test, (0, 1), default 1e-6 (paper, river) */
    uint32_t window; /**< observations in the window, 2 to 4096, default 100 (river; paper: 25 to 300) */
    uint32_t short_window; /**< with KEDGE_FHDDM_STACKED: observations in the short one, 1 to window - 1, default 25 (paper) */
    uint32_t form; /**< KEDGE_FHDDM_SINGLE (default, river) or KEDGE_FHDDM_STACKED */
    uint32_t direction; /**< KEDGE_DIRECTION_UP (default, paper: the model gets worse), _DOWN (river's with 1 = error: it means
                         *   1 = right) or _BOTH */
} kedge_fhddm_config;

/** Bytes of an FHDDM state. */
#define KEDGE_FHDDM_BYTES_FOR(window) (192u + ((window) + 63u) / 64u * 8u)
/** Bytes of an FHDDM state with the default window. */
#define KEDGE_FHDDM_BYTES KEDGE_FHDDM_BYTES_FOR(100u)

extern KEDGE_API const kedge_detector_class kedge_fhddm; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_fhddm_config_init(kedge_fhddm_config *cfg, size_t cfg_bytes);

/** Defaults that give a peer's alarms. @param cfg to fill @param cfg_bytes sizeof *cfg @param peer KEDGE_PEER_NONE,
 *  KEDGE_PEER_RIVER
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size, or a peer that has no such
 *  detector
 *  @since 0.1 */
KEDGE_API kedge_status kedge_fhddm_config_peer(kedge_fhddm_config *cfg, size_t cfg_bytes, uint32_t peer);

/** The default configuration. @return it @since 0.1 */
static inline kedge_fhddm_config kedge_fhddm_defaults(void)
{
    kedge_fhddm_config cfg;
    if (kedge_fhddm_config_init(&cfg, sizeof cfg) < 0) /* a library older than this header */
        cfg.base.cls = NULL;
    return cfg;
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
