/* SPDX-License-Identifier: MIT */
/** @file detectors/focus.h
 *  FOCuS: configuration and class; see #kedge_focus_config. The verbs stand in kedge/detector.h.
 *
 *  @code
 *  #include <kedge/detectors/focus.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[KEDGE_FOCUS_BYTES / 8];
 *      kedge_focus_config cfg = kedge_focus_defaults();
 *      kedge_detector d;
 *      int i, drifts = 0, early = 0;
 *      cfg.family = KEDGE_FOCUS_BERNOULLI;
 *      if (kedge_detector_init(&d, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 1100; i++)
 *          if (kedge_detector_update(&d, i < 1000 ? i % 10 == 0 : i % 2 == 0) == KEDGE_DRIFT) {
 *              drifts++;
 *              early += i < 1000;
 *          }
 *      return drifts >= 1 && early == 0 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_DETECTORS_FOCUS_H
#define KEDGE_DETECTORS_FOCUS_H

#include "../detector.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup detector
 *  @{ */

/** What FOCuS takes the observations for. */
enum {
    KEDGE_FOCUS_NORMAL = 1,         /**< normal, mean and variance unknown: no unit matters */
    KEDGE_FOCUS_NORMAL_SD = 2,      /**< normal of a known standard deviation, mean unknown */
    KEDGE_FOCUS_NORMAL_KNOWN = 3,   /**< normal of known mean and standard deviation before the change */
    KEDGE_FOCUS_BERNOULLI = 4,      /**< 0 and 1 (or rates between; what is outside counts as the nearer end), rate unknown */
    KEDGE_FOCUS_BERNOULLI_KNOWN = 5 /**< the same, the rate before the change known */
};

/** FOCuS: the generalised likelihood-ratio test over all change points and all sizes of change, exact, in a handful of candidates.
 *  Romano, Eckley, Fearnhead, Rigaill 2023, "Fast online changepoint detection via functional pruning CUSUM statistics", JMLR 24;
 *  for other families Ward, Romano, Eckley, Fearnhead 2024, "A constant-per-iteration likelihood ratio test for online changepoint
 *  detection for exponential family models", Statistics and Computing 34. Nothing needs to be known of the levels before and after.
 *  Statistic: the greatest log-likelihood ratio, threshold: the configured one, both in nats. Cost: O(log n) on average, a
 *  nanosecond or two for each of about ln n candidates a side. */
typedef struct kedge_focus_config {
    kedge_detector_config base; /**< set by kedge_focus_config_init() */
    double threshold;        /**< alarm above this log-likelihood ratio, nats, > 0 to 1e6, default 14.5. Normal observations with
                              *   both directions have one false alarm in about 10^4, 10^5, 10^6 at 9.5, 11.9, 14.3, Bernoulli ones
                              *   of rate 0.2 at 9.3, 11.5, 14.1 */
    double mean;             /**< with a KEDGE_FOCUS_..._KNOWN family: the mean, or rate, before the change; magnitude up to 1e100,
                              *   a rate in (0, 1); default 0.5 */
    double sd;               /**< with KEDGE_FOCUS_NORMAL_SD and KEDGE_FOCUS_NORMAL_KNOWN: the standard deviation, 1e-40 to 1e100,
                              *   default 1 */
    uint32_t family;         /**< KEDGE_FOCUS_..., default KEDGE_FOCUS_NORMAL */
    uint32_t direction;      /**< KEDGE_DIRECTION_BOTH (default), _UP or _DOWN */
    uint32_t min_samples;    /**< no alarm before this many observations, 2 to 2^30, default 30 */
    uint32_t max_candidates; /**< candidate change points kept for each direction, 8 to 4096, default 64: about ln n are needed;
                              *   where there are more the second oldest is forgotten */
} kedge_focus_config;

/** Bytes of a FOCuS state. */
#define KEDGE_FOCUS_BYTES_FOR(max_candidates) (200u + 32u * (max_candidates))
/** Bytes of a FOCuS state with the default number of candidates. */
#define KEDGE_FOCUS_BYTES KEDGE_FOCUS_BYTES_FOR(64u)

extern KEDGE_API const kedge_detector_class kedge_focus; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_focus_config_init(kedge_focus_config *cfg, size_t cfg_bytes);

/** The default configuration. @return it @since 0.1 */
static inline kedge_focus_config kedge_focus_defaults(void)
{
    kedge_focus_config cfg;
    if (kedge_focus_config_init(&cfg, sizeof cfg) < 0) /* a library older than this header */
        cfg.base.cls = NULL;
    return cfg;
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
