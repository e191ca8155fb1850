/* SPDX-License-Identifier: MIT */
/** @file detectors/optwin.h
 *  OPTWIN: configuration and class; see #kedge_optwin_config. The verbs stand in kedge/detector.h.
 *
 *  @code
 *  #include <kedge/detectors/optwin.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[KEDGE_OPTWIN_BYTES / 8];
 *      kedge_optwin_config cfg = kedge_optwin_defaults();
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
#ifndef KEDGE_DETECTORS_OPTWIN_H
#define KEDGE_DETECTORS_OPTWIN_H

#include "../detector.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup detector
 *  @{ */

/** What OPTWIN tests. */
enum {
    KEDGE_OPTWIN_MEAN_AND_SPREAD = 1, /**< means, and whether the newer part's variance is greater, if the older one's is not 0 */
    KEDGE_OPTWIN_MEAN = 2             /**< means */
};

/** OPTWIN: a sliding window, cut where its newer part is as short as it may be to show a shift of rho standard deviations, with a
 *  t-test of the means and an F-test of the variances of both parts. Dalle Lucca Tosi, Theobald 2024, "OPTWIN: drift identification
 *  with optimal sub-windows", ICDE Workshops (arXiv:2305.11942), algorithm 1. Sees changes of the mean and, on demand, rises of the
 *  spread. Statistic: the greater of the two tests' statistics, each over its threshold, threshold: 1. Cost: O(1), some 15 ns with
 *  a full window; while the window grows, its best cut is sought now and then, some 100 us each. */
typedef struct kedge_optwin_config {
    kedge_detector_config base; /**< set by kedge_optwin_config_init() */
    double alpha; /**< error of the test, 1e-14 to 0.5, default 1e-5; paper and authors' code 0.01. Neighbouring tests agree, so
                   *   without a change of normal observations there is about one alarm in 20 / alpha. Smaller: fewer, later
                   *   alarms */
    double rho; /**< shift to be found, in standard deviations, 0.01 to 10, default 0.5 (paper) */
    double min_noise; /**< added to both standard deviations, 0 to 1e100, default 1e-5 (paper) */
    uint32_t min_window; /**< observations before a test, 10 to max_window, default 30 (paper) */
    uint32_t max_window; /**< observations in the window, 20 to 1048576, default 1000; paper 25000 */
    uint32_t direction; /**< of the mean's changes: KEDGE_DIRECTION_BOTH (default), _UP or _DOWN */
    uint32_t tests; /**< KEDGE_OPTWIN_MEAN (default: the t-test alone) or KEDGE_OPTWIN_MEAN_AND_SPREAD (paper; alarms often on rare
                     *   errors) */
} kedge_optwin_config;

/** Bytes of an OPTWIN state. */
#define KEDGE_OPTWIN_BYTES_FOR(max_window) (224u + 8u * (max_window))
/** Bytes of an OPTWIN state with the default configuration. */
#define KEDGE_OPTWIN_BYTES KEDGE_OPTWIN_BYTES_FOR(1000u)

extern KEDGE_API const kedge_detector_class kedge_optwin; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_optwin_config_init(kedge_optwin_config *cfg, size_t cfg_bytes);

/** The default configuration. @return it @since 0.1 */
static inline kedge_optwin_config kedge_optwin_defaults(void)
{
    kedge_optwin_config cfg;
    if (kedge_optwin_config_init(&cfg, sizeof cfg) < 0) /* a library older than this header */
        cfg.base.cls = NULL;
    return cfg;
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
