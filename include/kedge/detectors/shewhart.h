/* SPDX-License-Identifier: MIT */
/** @file detectors/shewhart.h
 *  Shewhart chart: configuration and class; see #kedge_shewhart_config. The verbs stand in kedge/detector.h.
 *
 *  @code
 *  #include <kedge/detectors/shewhart.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[KEDGE_SHEWHART_BYTES / 8];
 *      kedge_shewhart_config cfg = kedge_shewhart_defaults();
 *      kedge_detector d;
 *      int i, drifts = 0, early = 0;
 *      if (kedge_detector_init(&d, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 2000; i++)
 *          if (kedge_detector_update(&d, i < 1000 ? (i % 10) * 0.1 : (i % 10) * 0.1 + 3.0) == KEDGE_DRIFT) {
 *              drifts++;
 *              early += i < 1000;
 *          }
 *      return drifts >= 1 && early == 0 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_DETECTORS_SHEWHART_H
#define KEDGE_DETECTORS_SHEWHART_H

#include "../detector.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup detector
 *  @{ */

/** Shewhart chart for single observations: too far from the level. Shewhart 1931, "Economic Control of Quality of Manufactured
 *  Product", part VI; run rules: Western Electric 1956, "Statistical Quality Control Handbook". Level and spread of the quiet
 *  stream are given, or learned from its first observations and then frozen. Statistic: distance from the level in standard
 *  deviations; threshold: the limit. Sees large changes at once and small ones hardly at all; bursts too. Cost: O(1). */
typedef struct kedge_shewhart_config {
    kedge_detector_config base; /**< set by kedge_shewhart_config_init() */
    double limit; /**< deviations for an alarm, > 0 to 1000, default 5: of normal observations with known level one false alarm in
                   *   1.7 * 10^6; 3 gives one in 370 */
    double target; /**< with KEDGE_REFERENCE_FIXED: mean of the quiet stream, magnitude up to 1e100, default 0 */
    double sd; /**< with KEDGE_REFERENCE_FIXED: its standard deviation, > 0 to 1e100, default 1 */
    uint32_t reference; /**< KEDGE_REFERENCE_LEARNED (default) or KEDGE_REFERENCE_FIXED */
    uint32_t n_learn; /**< with KEDGE_REFERENCE_LEARNED: observations that the reference is learned from, 2 to 2^30, default 1000;
                       *   few make more false alarms */
    uint32_t direction; /**< KEDGE_DIRECTION_BOTH (default), _UP or _DOWN */
    uint32_t runs; /**< 1: also alarm at 2 of 3 beyond 2/3 of the limit, 4 of 5 beyond 1/3, or 8 in a row, all on one side of the
                    *   level (Western Electric rules 2 to 4): far more alarms, true and false; 0 (default): not */
} kedge_shewhart_config;

#define KEDGE_SHEWHART_BYTES 192u /**< bytes of a Shewhart chart's state */

extern KEDGE_API const kedge_detector_class kedge_shewhart; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_shewhart_config_init(kedge_shewhart_config *cfg, size_t cfg_bytes);

/** The default configuration. @return it @since 0.1 */
static inline kedge_shewhart_config kedge_shewhart_defaults(void)
{
    kedge_shewhart_config cfg;
    if (kedge_shewhart_config_init(&cfg, sizeof cfg) < 0) /* a library older than this header */
        cfg.base.cls = NULL;
    return cfg;
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
