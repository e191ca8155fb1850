/* SPDX-License-Identifier: MIT */
/** @file detectors/e_detector.h
 *  E-detector: configuration and class; see #kedge_e_detector_config. The verbs stand in kedge/detector.h.
 *
 *  @code
 *  #include <kedge/detectors/e_detector.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[KEDGE_E_DETECTOR_BYTES / 8];
 *      kedge_e_detector_config cfg = kedge_e_detector_defaults();
 *      kedge_detector d;
 *      int i, drifts = 0, early = 0;
 *      cfg.told = KEDGE_E_BOUND;
 *      cfg.high = 0.1;   // at most one error in ten, whatever else
 *      if (kedge_detector_init(&d, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 1100; i++)
 *          if (kedge_detector_update(&d, i < 1000 ? i % 20 == 0 : i % 2 == 0) == KEDGE_DRIFT) {
 *              drifts++;
 *              early += i < 1000;
 *          }
 *      return drifts >= 1 && early == 0 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_DETECTORS_E_DETECTOR_H
#define KEDGE_DETECTORS_E_DETECTOR_H

#include "../detector.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup detector
 *  @{ */

/** What an e-detector is told of the stream without a change. */
enum {
    KEDGE_E_NOTHING = 1, /**< that its mean stays what it is */
    KEDGE_E_BOUND = 2    /**< that its mean stays within [low, high] */
};

/** How an e-detector puts the possible change points together. */
enum {
    KEDGE_E_SHIRYAEV_ROBERTS = 1, /**< sums their e-values */
    KEDGE_E_CUSUM = 2             /**< takes the greatest */
};

/** E-detector: bets that the mean of a stream in [0, 1] has changed, and alarms when they have won `arl` times the stake. The
 *  average run length without a change is at least `arl` for every distribution, dependent observations included. Shin, Ramdas,
 *  Rinaldo 2024, "E-detectors: a nonparametric framework for sequential change detection", New England Journal of Statistics in
 *  Data Science 2; bets: Waudby-Smith, Ramdas 2024, "Estimating means of bounded random variables by betting", JRSS B 86. What must
 *  hold without a change: BOUND: given the past, an observation's mean is within [low, high]. NOTHING: it is the same for all
 *  observations, whatever it is. Scale other streams into [0, 1]. Statistic: the least e-value of all levels that are still
 *  possible, threshold: arl (NOTHING: a hundredth more). Cost: O(bets) for each level that is still possible. */
typedef struct kedge_e_detector_config {
    kedge_detector_config base; /**< set by kedge_e_detector_config_init() */
    double arl;         /**< average run length that is guaranteed, observations, 2 to 1e15, default 1e6 */
    double low;         /**< with KEDGE_E_BOUND: least mean without a change, 0 to high, default 0: no fall counts */
    double high;        /**< with KEDGE_E_BOUND: greatest mean without a change, low to 1, default 0.5; 1: no rise counts */
    uint32_t told;      /**< KEDGE_E_NOTHING (default) or KEDGE_E_BOUND */
    uint32_t form;      /**< KEDGE_E_SHIRYAEV_ROBERTS (default: sums over all change points, quicker) or KEDGE_E_CUSUM (takes the
                         *   best) */
    uint32_t direction; /**< KEDGE_DIRECTION_BOTH (default), _UP or _DOWN */
    uint32_t levels;    /**< with KEDGE_E_NOTHING: parts of [0, 1] that a level is told apart in, 2 to 1024, default 64 */
    uint32_t bets;      /**< sizes of bets, from cautious to bold, 2 to 32, default 12 */
    uint32_t reserved;  /**< 0 */
} kedge_e_detector_config;

/** Bytes of an e-detector's state: with KEDGE_E_BOUND levels is 1. */
#define KEDGE_E_DETECTOR_BYTES_FOR(levels, bets) (1232u + 32u * (levels) * (bets) + 8u * (((levels) + 7u) / 8u))
/** Bytes of an e-detector's state with the default configuration. */
#define KEDGE_E_DETECTOR_BYTES KEDGE_E_DETECTOR_BYTES_FOR(64u, 12u)

extern KEDGE_API const kedge_detector_class kedge_e_detector; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_e_detector_config_init(kedge_e_detector_config *cfg, size_t cfg_bytes);

/** The default configuration. @return it @since 0.1 */
static inline kedge_e_detector_config kedge_e_detector_defaults(void)
{
    kedge_e_detector_config cfg;
    if (kedge_e_detector_config_init(&cfg, sizeof cfg) < 0) /* a library older than this header */
        cfg.base.cls = NULL;
    return cfg;
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
