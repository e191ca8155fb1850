/* SPDX-License-Identifier: MIT */
/** @file detectors/stepd.h
 *  STEPD: configuration and class; see #kedge_stepd_config. The verbs stand in kedge/detector.h.
 *
 *  @code
 *  #include <kedge/detectors/stepd.h>
 *  int main(void)
 *  {
 *      unsigned long long mem[KEDGE_STEPD_BYTES / 8];
 *      kedge_stepd_config cfg = kedge_stepd_defaults();
 *      kedge_detector d;
 *      kedge_rng rng = {1};
 *      int i, drifts = 0;
 *      cfg.alpha_drift = 1e-5;
 *      if (kedge_detector_init(&d, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 2100; i++)
 *          drifts += kedge_detector_update(&d, kedge_rng_uniform(&rng) < (i < 2000 ? 0.1 : 0.6)) == KEDGE_DRIFT;
 *      return drifts == 1 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_DETECTORS_STEPD_H
#define KEDGE_DETECTORS_STEPD_H

#include "../detector.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup detector
 *  @{ */

/** STEPD: alarms when the error rate of the newest observations differs significantly from that of all before them.
 *  Nishida, Yamauchi 2007, "Detecting concept drift using statistical testing", section 3. Input: 0 right, 1 wrong; above 0.5
 *  counts as wrong. Statistic: Z of the test of equal proportions with continuity correction, no unit, positive where the change
 *  points in the direction (BOTH: its magnitude); threshold: the Z whose two-sided p-value is alpha_drift. Sees sudden changes
 *  best. Cost: O(1), an alarm O(window_size). */
typedef struct kedge_stepd_config {
    kedge_detector_config base; /**< set by kedge_stepd_config_init() */
    double alpha_warning; /**< two-sided p-value below which the newest observations warn, >= alpha_drift; from 1 on all that
                           *   point in the direction; default 0.05 (paper, MOA) */
    double alpha_drift;   /**< p-value below which they are drift, 1e-300 to below 1, default 0.003 (paper, MOA). It is the share of
                           *   single tests that err; since neighbours agree, a stream that does not change alarms 0 to 4 times in
                           *   10,000 observations. For long streams choose less */
    uint32_t window_size; /**< newest observations that are compared with all before, which must be as many; 2 to 1024, default
                           *   30 (paper, MOA) */
    uint32_t direction;   /**< KEDGE_DIRECTION_UP (default, paper): only more errors; _DOWN: only fewer; _BOTH (MOA) */
    uint32_t exact;       /**< 1 (default): where fewer than 5 errors, or fewer than 5 hits, are expected among the newest, the
                           *   normal distribution does not hold, and Fisher's exact test must agree; 0 (paper, MOA): Z alone */
    uint32_t absolute;    /**< 0 (default): differences within the continuity correction are none; 1 (MOA): they count by |Z|,
                           *   which is large where errors are rare, and infinite where all observations are equal */
} kedge_stepd_config;

#define KEDGE_STEPD_BYTES 312u /**< bytes of a STEPD state */

extern KEDGE_API const kedge_detector_class kedge_stepd; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_stepd_config_init(kedge_stepd_config *cfg, size_t cfg_bytes);

/** Defaults that give a peer's alarms; river has no STEPD. @param cfg to fill @param cfg_bytes sizeof *cfg @param peer
 *  KEDGE_PEER_...
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size or peer  @since 0.1 */
KEDGE_API kedge_status kedge_stepd_config_peer(kedge_stepd_config *cfg, size_t cfg_bytes, uint32_t peer);

/** The default configuration. @return it @since 0.1 */
static inline kedge_stepd_config kedge_stepd_defaults(void)
{
    kedge_stepd_config cfg;
    if (kedge_stepd_config_init(&cfg, sizeof cfg) < 0) /* a library older than this header */
        cfg.base.cls = NULL;
    return cfg;
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
