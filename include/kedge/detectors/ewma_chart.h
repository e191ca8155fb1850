/* SPDX-License-Identifier: MIT */
/** @file detectors/ewma_chart.h
 *  EWMA chart: configuration and class; see #kedge_ewma_chart_config. The verbs stand in kedge/detector.h.
 *
 *  @code
 *  #include <kedge/detectors/ewma_chart.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[KEDGE_EWMA_CHART_BYTES / 8];
 *      kedge_ewma_chart_config cfg = kedge_ewma_chart_defaults();
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
#ifndef KEDGE_DETECTORS_EWMA_CHART_H
#define KEDGE_DETECTORS_EWMA_CHART_H

#include "../detector.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup detector
 *  @{ */

/** EWMA control chart for a mean. Roberts 1959, "Control chart tests based on geometric moving averages", Technometrics 1; Lucas,
 *  Saccucci 1990, "Exponentially weighted moving average control schemes", Technometrics 32. Level and spread of the quiet stream
 *  are given, or learned from its first observations and then frozen. Statistic: distance of the average from the level in standard
 *  deviations of the average (exact for every n); threshold: the limit. Cost: O(1). */
typedef struct kedge_ewma_chart_config {
    kedge_detector_config base; /**< set by kedge_ewma_chart_config_init() */
    double lambda;      /**< weight of the newest observation, (0, 1], default 0.2 */
    double limit;       /**< deviations for an alarm, > 0 to 1000, default 5: of normal observations with known level about one
                         *   false alarm in 10^6; 2.96 gives one in 500 (Lucas, Saccucci 1990, table 3) */
    double target;      /**< with KEDGE_REFERENCE_FIXED: mean of the quiet stream, magnitude up to 1e100, default 0 */
    double sd;          /**< with KEDGE_REFERENCE_FIXED: its standard deviation, > 0 to 1e100, default 1 */
    uint32_t reference; /**< KEDGE_REFERENCE_LEARNED (default) or KEDGE_REFERENCE_FIXED */
    uint32_t n_learn;   /**< with KEDGE_REFERENCE_LEARNED: observations that the reference is learned from, 2 to 2^30, default 1000;
                         *   few make more false alarms */
    uint32_t direction; /**< KEDGE_DIRECTION_BOTH (default), _UP or _DOWN */
    uint32_t reserved;  /**< 0 */
} kedge_ewma_chart_config;

#define KEDGE_EWMA_CHART_BYTES 216u /**< bytes of an EWMA chart's state */

extern KEDGE_API const kedge_detector_class kedge_ewma_chart; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_ewma_chart_config_init(kedge_ewma_chart_config *cfg, size_t cfg_bytes);

/** The default configuration. @return it @since 0.1 */
static inline kedge_ewma_chart_config kedge_ewma_chart_defaults(void)
{
    kedge_ewma_chart_config cfg;
    if (kedge_ewma_chart_config_init(&cfg, sizeof cfg) < 0) /* a library older than this header */
        cfg.base.cls = NULL;
    return cfg;
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
