/* SPDX-License-Identifier: MIT */
/** @file detectors/cusum.h
 *  CUSUM: configuration and class; see #kedge_cusum_config. The verbs stand in kedge/detector.h.
 *
 *  @code
 *  #include <kedge/detectors/cusum.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[KEDGE_CUSUM_BYTES / 8];
 *      kedge_cusum_config cfg = kedge_cusum_defaults();
 *      kedge_detector d;
 *      int i, drifts = 0, early = 0;
 *      cfg.threshold = 10.0;
 *      cfg.delta = 0.1;
 *      if (kedge_detector_init(&d, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 1100; i++)
 *          if (kedge_detector_update(&d, i < 1000 ? 0.1 : 0.6) == KEDGE_DRIFT) {
 *              drifts++;
 *              early += i < 1000;
 *          }
 *      return drifts >= 1 && early == 0 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_DETECTORS_CUSUM_H
#define KEDGE_DETECTORS_CUSUM_H

#include "../detector.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup detector
 *  @{ */

/** CUSUM: the cumulative sum of deviations from a reference mean, that starts over whenever it falls below 0. Page 1954,
 *  "Continuous inspection schemes", Biometrika 41, section 2; optimal for a known shift: Lorden 1971, "Procedures for reacting to a
 *  change in distribution". Statistic: the greater of the two sums, threshold: the configured one, both in the unit of the stream.
 *  Cost: O(1). */
typedef struct kedge_cusum_config {
    kedge_detector_config base; /**< set by kedge_cusum_config_init() */
    double delta;         /**< half of the shift that is worth noticing, unit of the stream, >= 0, default 0.005 (MOA): small, and
                           *   so slow; for a shift from a to b take (b - a) / 2 */
    double threshold;     /**< alarm above this sum, unit of the stream, > 0 to 1e100, default 50 (MOA) */
    double target;        /**< with KEDGE_REFERENCE_FIXED: the mean of a quiet stream, magnitude up to 1e100, default 0 */
    uint32_t reference;   /**< KEDGE_REFERENCE_LEARNED (default, MOA) or KEDGE_REFERENCE_FIXED */
    uint32_t min_samples; /**< with KEDGE_REFERENCE_LEARNED no alarm before this many observations, 1 to 2^30, default 30; MOA 29 */
    uint32_t direction;   /**< KEDGE_DIRECTION_BOTH (default), _UP (MOA) or _DOWN */
    uint32_t reserved;    /**< 0 */
} kedge_cusum_config;

#define KEDGE_CUSUM_BYTES 208u /**< bytes of a CUSUM state */

extern KEDGE_API const kedge_detector_class kedge_cusum; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_cusum_config_init(kedge_cusum_config *cfg, size_t cfg_bytes);

/** Defaults that give a peer's alarms. @param cfg to fill @param cfg_bytes sizeof *cfg @param peer KEDGE_PEER_NONE, KEDGE_PEER_MOA
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size, or a peer that has no such
 *  detector
 *  @since 0.1 */
KEDGE_API kedge_status kedge_cusum_config_peer(kedge_cusum_config *cfg, size_t cfg_bytes, uint32_t peer);

/** The default configuration. @return it @since 0.1 */
static inline kedge_cusum_config kedge_cusum_defaults(void)
{
    kedge_cusum_config cfg;
    if (kedge_cusum_config_init(&cfg, sizeof cfg) < 0) /* a library older than this header */
        cfg.base.cls = NULL;
    return cfg;
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
