/* SPDX-License-Identifier: MIT */
/** @file detectors/seqdrift2.h
 *  SeqDrift2: configuration and class; see #kedge_seqdrift2_config. The verbs stand in kedge/detector.h.
 *
 *  @code
 *  #include <kedge/detectors/seqdrift2.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[KEDGE_SEQDRIFT2_BYTES / 8];
 *      kedge_seqdrift2_config cfg = kedge_seqdrift2_defaults();
 *      kedge_detector d;
 *      int i, drifts = 0, early = 0;
 *      if (kedge_detector_init(&d, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 2000; i++)
 *          if (kedge_detector_update(&d, i < 1000 ? i % 5 == 0 : i % 2 == 0) == KEDGE_DRIFT) {
 *              drifts++;
 *              early += i < 1000;
 *          }
 *      return drifts >= 1 && early == 0 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_DETECTORS_SEQDRIFT2_H
#define KEDGE_DETECTORS_SEQDRIFT2_H

#include "../detector.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup detector
 *  @{ */

/** The variance in SeqDrift2's bound. */
enum {
    KEDGE_SEQDRIFT2_SAMPLE = 1,   /**< of the observations held */
    KEDGE_SEQDRIFT2_BERNOULLI = 2 /**< mean times (1 - mean), as in MOA: right for input of 0 and 1 only. Where it is negative, and
                                   *   MOA never returns, 0 stands for it */
};

/** SeqDrift2: the mean of each new block against that of a reservoir sample of all before it since the last change, by the
 *  Bernstein bound. Pears, Sakthithasan, Koh 2014, "Detecting concept change in dynamic data streams", Machine Learning 97(3),
 *  sections 4 and 5. Observations are meant to lie in a range of about 1. Statistic: difference of the means, threshold: its bound.
 *  Cost: O(1), and O(max_reservoir) every block_size observations, some 6 ns. */
typedef struct kedge_seqdrift2_config {
    kedge_detector_config base; /**< set by kedge_seqdrift2_config_init() */
    double delta; /**< significance of a test, (0, 1), default 0.01 (MOA). Smaller: fewer, later alarms */
    uint64_t seed; /**< of the draws, any, default 1 */
    uint32_t block_size; /**< observations in a block, 2 to 65536, default 200 (MOA) */
    uint32_t max_reservoir; /**< places in the reservoir, block_size to 2^24, default 2000; MOA's grows to 500,000 */
    uint32_t variance; /**< KEDGE_SEQDRIFT2_SAMPLE (default) or KEDGE_SEQDRIFT2_BERNOULLI (MOA) */
    uint32_t direction; /**< of the changes reported: KEDGE_DIRECTION_BOTH (default), _UP or _DOWN; the others only empty the
                         *   reservoir */
} kedge_seqdrift2_config;

/** Bytes of a SeqDrift2 state. */
#define KEDGE_SEQDRIFT2_BYTES_FOR(block_size, max_reservoir) (216u + 8u * ((block_size) + (max_reservoir)))
/** Bytes of a SeqDrift2 state with the default configuration. */
#define KEDGE_SEQDRIFT2_BYTES KEDGE_SEQDRIFT2_BYTES_FOR(200u, 2000u)

extern KEDGE_API const kedge_detector_class kedge_seqdrift2; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_seqdrift2_config_init(kedge_seqdrift2_config *cfg, size_t cfg_bytes);

/** Defaults that give a peer's alarms. @param cfg to fill @param cfg_bytes sizeof *cfg @param peer KEDGE_PEER_NONE, KEDGE_PEER_MOA
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size, or a peer that has no such
 *  detector
 *  @since 0.1 */
KEDGE_API kedge_status kedge_seqdrift2_config_peer(kedge_seqdrift2_config *cfg, size_t cfg_bytes, uint32_t peer);

/** The default configuration. @return it @since 0.1 */
static inline kedge_seqdrift2_config kedge_seqdrift2_defaults(void)
{
    kedge_seqdrift2_config cfg;
    if (kedge_seqdrift2_config_init(&cfg, sizeof cfg) < 0) /* a library older than this header */
        cfg.base.cls = NULL;
    return cfg;
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
