/* SPDX-License-Identifier: MIT */
/** @file detectors/conformal.h
 *  Conformal test martingale: configuration and class; see #kedge_conformal_config. The verbs stand in kedge/detector.h.
 *
 *  @code
 *  #include <kedge/detectors/conformal.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[KEDGE_CONFORMAL_BYTES / 8];
 *      kedge_conformal_config cfg = kedge_conformal_defaults();
 *      kedge_detector d;
 *      int i, drifts = 0, early = 0;
 *      if (kedge_detector_init(&d, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 2000; i++)
 *          if (kedge_detector_update(&d, i < 1000 ? (i * 7 % 10) * 0.1 : (i * 7 % 10) * 0.1 + 0.5) == KEDGE_DRIFT) {
 *              drifts++;
 *              early += i < 1000;
 *          }
 *      return drifts >= 1 && early == 0 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_DETECTORS_CONFORMAL_H
#define KEDGE_DETECTORS_CONFORMAL_H

#include "../detector.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup detector
 *  @{ */

/** What a conformal test martingale ranks. */
enum {
    KEDGE_CONFORMAL_VALUE = 1,   /**< the observation: sees shifts */
    KEDGE_CONFORMAL_DISTANCE = 2 /**< its distance from the median: sees changes of the spread */
};

/** Conformal test martingale: bets that the rank of an observation among those before it is not uniform. Without a change the
 *  average run length is at least `arl` for every distribution, as long as the observations are independent and identically
 *  distributed; nothing else is assumed, and nothing to tune. Vovk, Petej, Nouretdinov, Ahlberg, Carlsson, Gammerman 2021, "Retrain
 *  or not retrain: conformal test martingales for change-point detection", COPA, PMLR 152 (Simple Jumper; Shiryaev-Roberts
 *  procedure). The observations ranked against are at most max_bag; then they are forgotten and gathered anew, which keeps the
 *  guarantee. Statistic: the Shiryaev- Roberts sum, threshold: arl. Cost: O(log max_bag) and a move of up to max_bag numbers, about
 *  100 ns by default. */
typedef struct kedge_conformal_config {
    kedge_detector_config base; /**< set by kedge_conformal_config_init() */
    double arl; /**< average run length that is guaranteed, observations, 2 to 1e15, default 1e6 */
    double jump; /**< share of the capital that changes its bet at each observation, (0, 1), default 0.01 (paper) */
    uint64_t seed; /**< of the draws that break ties, any, default 1 */
    uint32_t max_bag; /**< observations ranked against, 16 to 1048576, default 4000 */
    uint32_t score; /**< KEDGE_CONFORMAL_VALUE (default) or KEDGE_CONFORMAL_DISTANCE */
    uint32_t direction; /**< of the score that is bet on: KEDGE_DIRECTION_BOTH (default), _UP or _DOWN */
    uint32_t reserved; /**< 0 */
} kedge_conformal_config;

/** Bytes of a conformal test martingale's state. */
#define KEDGE_CONFORMAL_BYTES_FOR(max_bag) (248u + 8u * (max_bag))
/** Bytes of a conformal test martingale's state with the default configuration. */
#define KEDGE_CONFORMAL_BYTES KEDGE_CONFORMAL_BYTES_FOR(4000u)

extern KEDGE_API const kedge_detector_class kedge_conformal; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_conformal_config_init(kedge_conformal_config *cfg, size_t cfg_bytes);

/** The default configuration. @return it @since 0.1 */
static inline kedge_conformal_config kedge_conformal_defaults(void)
{
    kedge_conformal_config cfg;
    if (kedge_conformal_config_init(&cfg, sizeof cfg) < 0) /* a library older than this header */
        cfg.base.cls = NULL;
    return cfg;
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
