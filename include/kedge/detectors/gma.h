/* SPDX-License-Identifier: MIT */
/** @file detectors/gma.h
 *  Geometric moving average: configuration and class; see #kedge_gma_config. The verbs stand in kedge/detector.h.
 *
 *  @code
 *  #include <kedge/detectors/gma.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[KEDGE_GMA_BYTES / 8];
 *      kedge_gma_config cfg = kedge_gma_defaults();
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
#ifndef KEDGE_DETECTORS_GMA_H
#define KEDGE_DETECTORS_GMA_H

#include "../detector.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup detector
 *  @{ */

/** What the geometric moving average compares with its threshold. */
enum {
    KEDGE_GMA_STANDARD = 1, /**< the average, divided by its standard deviation */
    KEDGE_GMA_RAW = 2       /**< the average (MOA) */
};

/** Geometric moving average of the deviations from the running mean. Roberts 1959, "Control chart tests based on geometric moving
 *  averages", Technometrics 1. Statistic and threshold: by default the average in its own standard deviations, learned from the
 *  stream, so that no unit matters; in MOA's form the average itself, which can never exceed 1 on a stream of 0 and 1. Cost:
 *  O(1). */
typedef struct kedge_gma_config {
    kedge_detector_config base; /**< set by kedge_gma_config_init() */
    double alpha;         /**< weight of the past, [0, 1), default 0.99 (MOA) */
    double threshold;     /**< alarm above this, > 0 to 1e100: deviations with KEDGE_GMA_STANDARD (default 5), unit of the stream
                           *   with KEDGE_GMA_RAW (MOA: 1) */
    uint32_t form;        /**< KEDGE_GMA_STANDARD (default) or KEDGE_GMA_RAW (MOA) */
    uint32_t min_samples; /**< no alarm before this many observations, 1 to 2^30, default 100; MOA 29 */
    uint32_t direction;   /**< KEDGE_DIRECTION_BOTH (default), _UP (MOA) or _DOWN */
    uint32_t reserved;    /**< 0 */
} kedge_gma_config;

#define KEDGE_GMA_BYTES 184u /**< bytes of a geometric moving average's state */

extern KEDGE_API const kedge_detector_class kedge_gma; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_gma_config_init(kedge_gma_config *cfg, size_t cfg_bytes);

/** Defaults that give a peer's alarms. @param cfg to fill @param cfg_bytes sizeof *cfg @param peer KEDGE_PEER_NONE, KEDGE_PEER_MOA
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size, or a peer that has no such
 *  detector
 *  @since 0.1 */
KEDGE_API kedge_status kedge_gma_config_peer(kedge_gma_config *cfg, size_t cfg_bytes, uint32_t peer);

/** The default configuration. @return it @since 0.1 */
static inline kedge_gma_config kedge_gma_defaults(void)
{
    kedge_gma_config cfg;
    if (kedge_gma_config_init(&cfg, sizeof cfg) < 0) /* a library older than this header */
        cfg.base.cls = NULL;
    return cfg;
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
