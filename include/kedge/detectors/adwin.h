/* SPDX-License-Identifier: MIT */
/** @file detectors/adwin.h
 *  ADWIN: configuration and class; see #kedge_adwin_config. The verbs stand in kedge/detector.h.
 *
 *  @code
 *  #include <kedge/detectors/adwin.h>
 *  int main(void)
 *  {
 *      unsigned long long mem[KEDGE_ADWIN_BYTES / 8];
 *      kedge_adwin_config cfg = kedge_adwin_defaults();
 *      kedge_detector d;
 *      kedge_alarm alarm;
 *      int i;
 *      if (kedge_detector_init(&d, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 2000; i++)
 *          if (kedge_detector_update(&d, i < 1000 ? 0.2 : 0.8) == KEDGE_DRIFT && kedge_detector_alarm(&d, &alarm) == KEDGE_OK)
 *              return alarm.changed_at > 950 && alarm.changed_at < 1050 && alarm.effect > 0.0 ? 0 : 1;
 *      return 1;
 *  }
 *  @endcode */
#ifndef KEDGE_DETECTORS_ADWIN_H
#define KEDGE_DETECTORS_ADWIN_H

#include "../detector.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup detector
 *  @{ */

/** What ADWIN does with its window when it has found a change. */
enum {
    KEDGE_ADWIN_KEEP = 1,   /**< keep the newer part, as the paper says */
    KEDGE_ADWIN_RESTART = 2 /**< start with an empty window */
};

/** Which shrinkings of the window ADWIN reports. */
enum {
    KEDGE_ADWIN_EACH_CHANGE = 1, /**< each change once: further shrinkings that only forget what was seen before the last alarm, in
                                  *   its direction, are part of the same change and stay silent */
    KEDGE_ADWIN_EACH_CUT = 2     /**< every shrinking */
};

/** ADWIN: a window that grows while its mean is steady and drops its older part when two parts of it differ.
 *  Bifet, Gavalda 2007, "Learning from time-changing data with adaptive windowing", algorithm ADWIN2. Statistic: the greatest, over
 *  all cuts, of difference of means / bound (dimensionless), threshold 1. Cost: O(1) amortised, O(log width) at every clock-th
 *  update. */
typedef struct kedge_adwin_config {
    kedge_detector_config base; /**< set by kedge_adwin_config_init() */
    double delta;         /**< bound on the false-alarm probability of one scan, in (0, 1), default 0.002 (paper, river, MOA) */
    uint64_t max_window;  /**< longest window, 64 to 2^40 observations, default 2^32; decides the size; a full window forgets its
                           *   oldest bucket */
    uint32_t clock;       /**< scan at every clock-th update, 1 to 2^20, default 32 (river, MOA) */
    uint32_t max_buckets; /**< buckets of one size, 2 to 64, default 5 (paper's M; river, MOA); more: finer cuts, more memory */
    uint32_t min_window;  /**< least size of both parts of a cut in the bound, 1 to 2^20, default 5 (river); each n counts as
                           *   n - min_window + 1 */
    uint32_t min_cut;     /**< least size of both parts of a cut that is tried, min_window to 2^20, default 5 (river), MOA 7 */
    uint32_t grace;       /**< no scan while the window has not more than this, 0 to 2^20, default 10 (river, MOA) */
    uint32_t on_drift;    /**< KEDGE_ADWIN_KEEP (default, paper, MOA) or KEDGE_ADWIN_RESTART (river) */
    uint32_t report;      /**< KEDGE_ADWIN_EACH_CHANGE (default) or KEDGE_ADWIN_EACH_CUT (river, MOA) */
    uint32_t direction;   /**< KEDGE_DIRECTION_BOTH (default, river), _UP (MOA) or _DOWN: changes that are reported; the window
                           *   shrinks at all */
} kedge_adwin_config;

/** Bytes of an ADWIN state with rows of exponentially growing buckets; window capacity is max_buckets * (2^rows - 1). */
#define KEDGE_ADWIN_BYTES_FOR(max_buckets, rows) (432u + ((rows) + 1u) / 2u * 8u + 16u * (max_buckets) * (rows))
/** Bytes of an ADWIN state with the default configuration. */
#define KEDGE_ADWIN_BYTES KEDGE_ADWIN_BYTES_FOR(5u, 30u)

extern KEDGE_API const kedge_detector_class kedge_adwin; /**< the class */

/** Defaults into a caller's struct; fields are only ever appended, so an older, shorter struct stays valid.
 *  @param cfg to fill  @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG cfg_bytes is no size that a release had
 *  @since 0.1 */
KEDGE_API kedge_status kedge_adwin_config_init(kedge_adwin_config *cfg, size_t cfg_bytes);

/** Defaults that give a peer's alarms. @param cfg to fill @param cfg_bytes sizeof *cfg @param peer KEDGE_PEER_...
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size or peer  @since 0.1 */
KEDGE_API kedge_status kedge_adwin_config_peer(kedge_adwin_config *cfg, size_t cfg_bytes, uint32_t peer);

/** The default configuration. @return it @since 0.1 */
static inline kedge_adwin_config kedge_adwin_defaults(void)
{
    kedge_adwin_config cfg;
    if (kedge_adwin_config_init(&cfg, sizeof cfg) < 0) /* a library older than this header */
        cfg.base.cls = NULL;
    return cfg;
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
