/* SPDX-License-Identifier: MIT */
/** @file detectors/page_hinkley.h
 *  Page-Hinkley: configuration and class; see #kedge_page_hinkley_config. The verbs stand in kedge/detector.h.
 *
 *  @code
 *  #include <kedge/detectors/page_hinkley.h>
 *  int main(void)
 *  {
 *      unsigned long long mem[KEDGE_PAGE_HINKLEY_BYTES / 8];
 *      kedge_page_hinkley_config cfg = kedge_page_hinkley_defaults();
 *      kedge_detector d;
 *      int i, drifts = 0;
 *      cfg.threshold = 20.0;
 *      cfg.direction = KEDGE_DIRECTION_UP;
 *      if (kedge_detector_init(&d, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 1100; i++)
 *          drifts += kedge_detector_update(&d, i < 1000 ? 0.1 : 0.6) == KEDGE_DRIFT;
 *      return drifts == 1 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_DETECTORS_PAGE_HINKLEY_H
#define KEDGE_DETECTORS_PAGE_HINKLEY_H

#include "../detector.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup detector
 *  @{ */

/** What Page-Hinkley compares with the threshold. */
enum {
    KEDGE_PAGE_HINKLEY_EXCURSION = 1, /**< the cumulative sum's distance from its extreme so far (paper, river) */
    KEDGE_PAGE_HINKLEY_SUM = 2        /**< the cumulative sum itself (MOA): later, since it must first climb out of its past */
};

/** Page-Hinkley: cumulative sum of deviations from the running mean, with a tolerance.
 *  Page 1954, "Continuous inspection schemes", section 4; Hinkley 1971; two-sided with forgetting as in river. Statistic: the
 *  greater of the two excursions, in the unit of the stream; threshold: the configured one. Cost: O(1). */
typedef struct kedge_page_hinkley_config {
    kedge_detector_config base; /**< set by kedge_page_hinkley_config_init() */
    double delta;         /**< deviation that is tolerated, unit of the stream, >= 0, default 0.005 (river, MOA) */
    double threshold;     /**< alarm above this sum, unit of the stream, > 0, default 50 (river, MOA) */
    double alpha;         /**< what remains of the sum at each step, in (0, 1], default 0.9999 (river, MOA) */
    uint32_t min_samples; /**< no alarm before this many observations, 1 to 2^30, default 30 (river); MOA 29 */
    uint32_t direction;   /**< KEDGE_DIRECTION_BOTH (default, river), _UP (MOA) or _DOWN */
    uint32_t form;        /**< KEDGE_PAGE_HINKLEY_EXCURSION (default, river) or KEDGE_PAGE_HINKLEY_SUM (MOA) */
    uint32_t reserved;    /**< 0 */
} kedge_page_hinkley_config;

#define KEDGE_PAGE_HINKLEY_BYTES 192u /**< bytes of a Page-Hinkley state */

extern KEDGE_API const kedge_detector_class kedge_page_hinkley; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_page_hinkley_config_init(kedge_page_hinkley_config *cfg, size_t cfg_bytes);

/** Defaults that give a peer's alarms. @param cfg to fill @param cfg_bytes sizeof *cfg @param peer KEDGE_PEER_...
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size or peer  @since 0.1 */
KEDGE_API kedge_status kedge_page_hinkley_config_peer(kedge_page_hinkley_config *cfg, size_t cfg_bytes, uint32_t peer);

/** The default configuration. @return it @since 0.1 */
static inline kedge_page_hinkley_config kedge_page_hinkley_defaults(void)
{
    kedge_page_hinkley_config cfg;
    if (kedge_page_hinkley_config_init(&cfg, sizeof cfg) < 0) /* a library older than this header */
        cfg.base.cls = NULL;
    return cfg;
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
