/* SPDX-License-Identifier: MIT */
/** @file detectors/bocpd.h
 *  Bayesian online change point detection: configuration and class; see #kedge_bocpd_config. The verbs stand in kedge/detector.h.
 *
 *  @code
 *  #include <kedge/detectors/bocpd.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[KEDGE_BOCPD_BYTES / 8];
 *      kedge_bocpd_config cfg = kedge_bocpd_defaults();
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
#ifndef KEDGE_DETECTORS_BOCPD_H
#define KEDGE_DETECTORS_BOCPD_H

#include "../detector.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup detector
 *  @{ */

/** What the observations of Bayesian online change point detection are. */
enum {
    KEDGE_BOCPD_NORMAL = 1,   /**< numbers: changes of the mean and of the variance */
    KEDGE_BOCPD_BERNOULLI = 2 /**< 0 and 1, or shares in between: changes of the rate; what lies outside counts as 0 or 1 */
};

/** Bayesian online change point detection: the posterior of the run length, the number of observations since the last change, for
 *  normal observations with unknown mean and variance or for Bernoulli ones; an alarm when a change since the restart has become
 *  likely enough. Adams, MacKay 2007, "Bayesian online changepoint detection", arXiv:0710.3742, algorithm 1; Murphy 2007,
 *  "Conjugate Bayesian analysis of the Gaussian distribution", section 3. Only the most probable max_run_lengths run lengths are
 *  kept. Statistic: log odds of a change since the restart, threshold: log of the odds configured. Cost: O(max_run_lengths), about
 *  1 us by default. */
typedef struct kedge_bocpd_config {
    kedge_detector_config base; /**< set by kedge_bocpd_config_init() */
    double hazard; /**< chance of a change at each observation, (0, 0.5], default 0.001 */
    double odds; /**< of a change since the restart that give an alarm, 1e-6 to 1e100, default 1000. Greater: fewer, later alarms */
    double mean; /**< normal, fixed prior: mean of the mean, default 0 */
    double kappa; /**< normal: observations that the prior mean counts for, 1e-6 to 100, default 0.1 */
    double alpha; /**< normal: shape of the prior of the precision; Bernoulli: ones that the prior counts for; 0.01 to 100, default
                   *   1 */
    double beta; /**< normal: rate of that prior, 1e-200 to 1e100, learned: in units of the variance; Bernoulli: zeros, 0.01 to 100;
                  *   default 1 */
    uint32_t family; /**< KEDGE_BOCPD_NORMAL (default) or KEDGE_BOCPD_BERNOULLI */
    uint32_t prior; /**< normal: KEDGE_REFERENCE_LEARNED (default): mean and scale of the prior are those of the first min_samples
                     *   observations; KEDGE_REFERENCE_FIXED: as given */
    uint32_t min_samples; /**< observations since the restart before an alarm, 2 to 1e6, default 30 */
    uint32_t max_run_lengths; /**< run lengths kept, 4 to 4096, default 40 */
    uint32_t direction; /**< of the changes reported, by the means that the alarm would tell: KEDGE_DIRECTION_BOTH (default), _UP or
                         *   _DOWN; after another it begins afresh without a word. A change of the variance alone goes either way by
                         *   chance */
    uint32_t reserved; /**< 0 */
} kedge_bocpd_config;

/** Bytes of a state of Bayesian online change point detection. */
#define KEDGE_BOCPD_BYTES_FOR(max_run_lengths) (1296u + 40u * (max_run_lengths))
/** The same with the default configuration. */
#define KEDGE_BOCPD_BYTES KEDGE_BOCPD_BYTES_FOR(40u)

extern KEDGE_API const kedge_detector_class kedge_bocpd; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_bocpd_config_init(kedge_bocpd_config *cfg, size_t cfg_bytes);

/** The default configuration. @return it @since 0.1 */
static inline kedge_bocpd_config kedge_bocpd_defaults(void)
{
    kedge_bocpd_config cfg;
    if (kedge_bocpd_config_init(&cfg, sizeof cfg) < 0) /* a library older than this header */
        cfg.base.cls = NULL;
    return cfg;
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
