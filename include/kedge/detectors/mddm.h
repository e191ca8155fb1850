/* SPDX-License-Identifier: MIT */
/** @file detectors/mddm.h
 *  MDDM: configuration and class; see #kedge_mddm_config. The verbs stand in kedge/detector.h.
 *
 *  @code
 *  #include <kedge/detectors/mddm.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[KEDGE_MDDM_BYTES / 8];
 *      kedge_mddm_config cfg = kedge_mddm_defaults();
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
#ifndef KEDGE_DETECTORS_MDDM_H
#define KEDGE_DETECTORS_MDDM_H

#include "../detector.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup detector
 *  @{ */

/** MDDM's weights of the i-th oldest observation of the window, i from 0. */
enum {
    KEDGE_MDDM_ARITHMETIC = 1, /**< 1 + weight i (MDDM-A) */
    KEDGE_MDDM_GEOMETRIC = 2,  /**< (1 + weight)^i (MDDM-G) */
    KEDGE_MDDM_EULER = 3       /**< exp(weight i) (MDDM-E) */
};

/** MDDM: the weighted error rate of a sliding window, newer observations weighing more, against the best it has been, by
 *  McDiarmid's bound. Pesaranghader, Viktor, Paquet 2018, "McDiarmid drift detection methods for evolving data streams", IJCNN,
 *  section III (MDDM-A, -G and -E). Input: 0 right, 1 wrong (1 is above 1/2). Statistic: difference of the two rates over the
 *  bound, threshold: 1. Cost: O(1). */
typedef struct kedge_mddm_config {
    kedge_detector_config base; /**< set by kedge_mddm_config_init() */
    double confidence;  /**< chance of a false alarm in one test, (0, 1), default 1e-6 (paper) */
    double weight;      /**< how much more each observation weighs than the one before: difference (arithmetic), ratio - 1
                         *   (geometric) or exponent (Euler), > 0 to 1, default 0.01 (paper) */
    uint32_t window;    /**< observations in the window, 2 to 4096, default 100 (paper) */
    uint32_t form;      /**< KEDGE_MDDM_ARITHMETIC (default), KEDGE_MDDM_GEOMETRIC or KEDGE_MDDM_EULER */
    uint32_t direction; /**< KEDGE_DIRECTION_UP (default, paper: the model gets worse), _DOWN or _BOTH */
    uint32_t reserved;  /**< 0 */
} kedge_mddm_config;

/** Bytes of an MDDM state. */
#define KEDGE_MDDM_BYTES_FOR(window) (232u + ((window) + 63u) / 64u * 8u)
/** Bytes of an MDDM state with the default window. */
#define KEDGE_MDDM_BYTES KEDGE_MDDM_BYTES_FOR(100u)

extern KEDGE_API const kedge_detector_class kedge_mddm; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_mddm_config_init(kedge_mddm_config *cfg, size_t cfg_bytes);

/** The default configuration. @return it @since 0.1 */
static inline kedge_mddm_config kedge_mddm_defaults(void)
{
    kedge_mddm_config cfg;
    if (kedge_mddm_config_init(&cfg, sizeof cfg) < 0) /* a library older than this header */
        cfg.base.cls = NULL;
    return cfg;
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
