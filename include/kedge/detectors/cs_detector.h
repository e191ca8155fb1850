/* SPDX-License-Identifier: MIT */
/** @file detectors/cs_detector.h
 *  Change detection by confidence sequences: configuration and class; see #kedge_cs_detector_config. The verbs stand in
 *  kedge/detector.h.
 *
 *  @code
 *  #include <kedge/detectors/cs_detector.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[KEDGE_CS_DETECTOR_BYTES / 8];
 *      kedge_cs_detector_config cfg = kedge_cs_detector_defaults();
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
#ifndef KEDGE_DETECTORS_CS_DETECTOR_H
#define KEDGE_DETECTORS_CS_DETECTOR_H

#include "../detector.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup detector
 *  @{ */

/** Change detection by confidence sequences: a confidence sequence for the mean of a stream in [0, 1] begins at each observation,
 *  and when no mean is left that all of them allow, it has changed. The average run length without a change is at least `arl` for
 *  every distribution, dependent observations included, as long as an observation's mean given the past is always the same,
 *  whatever it is. Shekhar, Ramdas 2024, "Reducing sequential change detection to sequential estimation", ICML; the sequences:
 *  Waudby-Smith, Ramdas 2024, "Estimating means of bounded random variables by betting", JRSS B 86, theorem 2. Of the sequences
 *  begun the last few and ever fewer older ones are kept, which can only make alarms rarer. Statistic: the gap between the greatest
 *  lower and the least upper bound, threshold: 0. Cost: O(max_sequences), about 0.8 us by default. The e-detector has the same
 *  guarantee and is quicker. */
typedef struct kedge_cs_detector_config {
    kedge_detector_config base; /**< set by kedge_cs_detector_config_init() */
    double arl; /**< average run length that is guaranteed, observations, 2 to 1e15, default 1e6 */
    uint32_t max_sequences; /**< sequences kept, 8 to 4096, default 24 */
    uint32_t direction; /**< of the changes reported: KEDGE_DIRECTION_BOTH (default), _UP or _DOWN; after another it begins afresh
                         *   without a word */
} kedge_cs_detector_config;

/** Bytes of a state of change detection by confidence sequences. */
#define KEDGE_CS_DETECTOR_BYTES_FOR(max_sequences) (176u + 48u * (max_sequences))
/** The same with the default configuration. */
#define KEDGE_CS_DETECTOR_BYTES KEDGE_CS_DETECTOR_BYTES_FOR(24u)

extern KEDGE_API const kedge_detector_class kedge_cs_detector; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_cs_detector_config_init(kedge_cs_detector_config *cfg, size_t cfg_bytes);

/** The default configuration. @return it @since 0.1 */
static inline kedge_cs_detector_config kedge_cs_detector_defaults(void)
{
    kedge_cs_detector_config cfg;
    if (kedge_cs_detector_config_init(&cfg, sizeof cfg) < 0) /* a library older than this header */
        cfg.base.cls = NULL;
    return cfg;
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
