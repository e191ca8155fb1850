/* SPDX-License-Identifier: MIT */
/** @file detectors/kswin.h
 *  KSWIN: configuration and class; see #kedge_kswin_config. The verbs stand in kedge/detector.h.
 *
 *  @code
 *  #include <kedge/detectors/kswin.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[KEDGE_KSWIN_BYTES / 8];
 *      kedge_kswin_config cfg = kedge_kswin_defaults();
 *      kedge_detector d;
 *      int i, drifts = 0, early = 0;
 *      if (kedge_detector_init(&d, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 2000; i++)
 *          if (kedge_detector_update(&d, i < 1000 ? (i % 10) * 0.1 : (i % 10) * 0.1 + 1.0) == KEDGE_DRIFT) {
 *              drifts++;
 *              early += i < 1000;
 *          }
 *      return drifts >= 1 && early == 0 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_DETECTORS_KSWIN_H
#define KEDGE_DETECTORS_KSWIN_H

#include "../detector.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup detector
 *  @{ */

/** What KSWIN compares the newest observations with. */
enum {
    KEDGE_KSWIN_ALL = 1,  /**< all older ones of the window: the same input, the same alarms, and more power */
    KEDGE_KSWIN_DRAWN = 2 /**< as many of them as the newest are, drawn at random (paper, river) */
};

/** KSWIN: the distribution of the newest observations of a sliding window against that of the older ones, by the Kolmogorov-Smirnov
 *  test with exact p-values. Raab, Heusinger, Schleif 2020, "Reactive soft prototype computing for concept drift streams",
 *  Neurocomputing 416, section 4. Sees changes of any kind within a window, not only of the mean; in one direction, only those in
 *  which the share of observations up to some value fell (UP) or rose (DOWN), so that a change of the spread may be told in either.
 *  Statistic: the greatest difference of the two distribution functions, in the direction; threshold: the least that has a p-value
 *  of at most alpha. Cost: O(window_size), some 300 ns by default. */
typedef struct kedge_kswin_config {
    kedge_detector_config base; /**< set by kedge_kswin_config_init() */
    double alpha;         /**< p-value of a test, (0, 1), default 1e-6; river 0.005. Neighbouring tests agree, so without a change
                           *   there is about one alarm in 1.4 / alpha observations (measured at 1e-6) */
    double min_distance;  /**< no alarm for a difference up to this, 0 to 1, default 0.1 (river) */
    uint64_t seed;        /**< with KEDGE_KSWIN_DRAWN: of the draws, any, default 1 */
    uint32_t window_size; /**< observations in the window, 4 to 4096, default 100 (river) */
    uint32_t stat_size;   /**< of these, the newest ones, 2 to window_size / 2, default 30 (river) */
    uint32_t older;       /**< KEDGE_KSWIN_ALL (default) or KEDGE_KSWIN_DRAWN (paper, river) */
    uint32_t direction;   /**< KEDGE_DIRECTION_BOTH (default: paper, river), _UP: only towards greater values, by the one-sided
                           *   statistic and its p-value, or _DOWN: only towards smaller ones */
} kedge_kswin_config;

/** Bytes of a KSWIN state. */
#define KEDGE_KSWIN_BYTES_FOR(window_size, stat_size) (184u + 16u * (window_size) + 8u * (stat_size))
/** Bytes of a KSWIN state with the default configuration. */
#define KEDGE_KSWIN_BYTES KEDGE_KSWIN_BYTES_FOR(100u, 30u)

extern KEDGE_API const kedge_detector_class kedge_kswin; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_kswin_config_init(kedge_kswin_config *cfg, size_t cfg_bytes);

/** Defaults that give a peer's alarms. @param cfg to fill @param cfg_bytes sizeof *cfg @param peer KEDGE_PEER_NONE,
 *  KEDGE_PEER_RIVER
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size, or a peer that has no such
 *  detector
 *  @since 0.1 */
KEDGE_API kedge_status kedge_kswin_config_peer(kedge_kswin_config *cfg, size_t cfg_bytes, uint32_t peer);

/** The default configuration. @return it @since 0.1 */
static inline kedge_kswin_config kedge_kswin_defaults(void)
{
    kedge_kswin_config cfg;
    if (kedge_kswin_config_init(&cfg, sizeof cfg) < 0) /* a library older than this header */
        cfg.base.cls = NULL;
    return cfg;
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
