/* SPDX-License-Identifier: MIT */
/** @file detectors/seed.h
 *  SEED: configuration and class; see #kedge_seed_config. The verbs stand in kedge/detector.h.
 *
 *  @code
 *  #include <kedge/detectors/seed.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[KEDGE_SEED_BYTES / 8];
 *      kedge_seed_config cfg = kedge_seed_defaults();
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
#ifndef KEDGE_DETECTORS_SEED_H
#define KEDGE_DETECTORS_SEED_H

#include "../detector.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup detector
 *  @{ */

/** The variance in SEED's bound. */
enum {
    KEDGE_SEED_EXACT = 1, /**< of the observations in the window */
    KEDGE_SEED_MOA = 2    /**< MOA's, which grows with the square of the mean: an offset of the input makes it deaf */
};

/** SEED: blocks of observations, neighbours of like mean merged, and a test of every cut between blocks whenever a block is full,
 *  the newest cut first. Huang, Koh, Dobbie, Pears 2014, "Detecting volatility shift in data streams", ICDM 2014, section III; the
 *  bound is ADWIN's. What is older than a significant cut is forgotten. Observations are meant to lie in a range of about 1.
 *  Statistic: difference of the means over its bound, of the cut where this is greatest; threshold: 1. Cost: O(1), and
 *  O(max_blocks) every block_size observations, some 10 ns. */
typedef struct kedge_seed_config {
    kedge_detector_config base; /**< set by kedge_seed_config_init() */
    double delta; /**< confidence of a test, (0, 1), default 0.002, less than an alarm in 800,000 quiet observations; MOA 0.05, one
                   *   in 20,000 to 80,000. Smaller: fewer, later alarms */
    double epsilon_prime; /**< neighbours merge if their means differ by less than this times alpha times their number from the
                           *   newest, above 0, default 0.01 (MOA) */
    double alpha; /**< growth of that, above 0, default 0.8 (MOA) */
    uint32_t block_size; /**< observations in a new block, 2 to 65536, default 32 (MOA) */
    uint32_t compress_term; /**< new blocks between two mergings, 1 to 65536, default 75 (MOA) */
    uint32_t max_blocks; /**< places for blocks, 4 to 65536, default 256; where they run out the two oldest merge */
    uint32_t variance; /**< KEDGE_SEED_EXACT (default) or KEDGE_SEED_MOA */
    uint32_t direction; /**< of the changes reported: KEDGE_DIRECTION_BOTH (default), _UP or _DOWN; the others only shorten the
                         *   window */
    uint32_t reserved; /**< 0 */
} kedge_seed_config;

/** Bytes of a SEED state. */
#define KEDGE_SEED_BYTES_FOR(max_blocks) (216u + 24u * (max_blocks))
/** Bytes of a SEED state with the default configuration. */
#define KEDGE_SEED_BYTES KEDGE_SEED_BYTES_FOR(256u)

extern KEDGE_API const kedge_detector_class kedge_seed; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_seed_config_init(kedge_seed_config *cfg, size_t cfg_bytes);

/** Defaults that give a peer's alarms. @param cfg to fill @param cfg_bytes sizeof *cfg @param peer KEDGE_PEER_NONE, KEDGE_PEER_MOA
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size, or a peer that has no such
 *  detector
 *  @since 0.1 */
KEDGE_API kedge_status kedge_seed_config_peer(kedge_seed_config *cfg, size_t cfg_bytes, uint32_t peer);

/** The default configuration. @return it @since 0.1 */
static inline kedge_seed_config kedge_seed_defaults(void)
{
    kedge_seed_config cfg;
    if (kedge_seed_config_init(&cfg, sizeof cfg) < 0) /* a library older than this header */
        cfg.base.cls = NULL;
    return cfg;
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
