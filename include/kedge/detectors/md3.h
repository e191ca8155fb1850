/* SPDX-License-Identifier: MIT */
/** @file detectors/md3.h
 *  MD3: configuration and class; see #kedge_md3_config. The verbs stand in kedge/detector.h.
 *
 *  @code
 *  #include <kedge/detectors/md3.h>
 *  int main(void)
 *  {
 *      unsigned long long mem[KEDGE_MD3_BYTES / 8];
 *      kedge_md3_config cfg = kedge_md3_defaults();
 *      kedge_detector d;
 *      kedge_status st = KEDGE_OK;
 *      int i;
 *      if (kedge_detector_init(&d, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 4000; i++)   // labelled quiet time: 5 % errors, a tenth of the rows in the margin
 *          if (kedge_detector_update(&d, kedge_md3_margin(i % 10 == 0)) < 0 ||
 *              kedge_detector_update(&d, kedge_md3_label(i % 20 != 0)) < 0) return 1;
 *      for (i = 0; i < 4000 && st != KEDGE_WARNING; i++)   // no labels any more, and half of the rows in the margin
 *          st = kedge_detector_update(&d, kedge_md3_margin(i % 2 == 0));
 *      for (i = 0; i < 4000 && st == KEDGE_WARNING; i++)   // labels are bought only now, and say that the model is wrong
 *          st = kedge_detector_update(&d, kedge_md3_label(i % 2 == 0));
 *      return st == KEDGE_DRIFT ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_DETECTORS_MD3_H
#define KEDGE_DETECTORS_MD3_H

#include "../detector.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup detector
 *  @{ */

/** MD3: drift without labels, from the share of rows that fall into the classifier's margin; labels only to confirm.
 *  Sethi, Kantardzic 2017, "On the reliable detection of concept drift from streaming unlabeled data", Expert Systems with
 *  Applications 82, algorithm 1. A row is in the margin when the model is unsure of it (a score near the decision; or the members
 *  of an ensemble disagree). Observations: kedge_md3_margin() for each row; kedge_md3_label() for a row whose label is known. The
 *  reference (margin density, its deviation, accuracy, its deviation) is learned from the first `reference` rows and the first
 *  `reference` labels. Then #KEDGE_WARNING means "suspected: give me labels", and after `n_labels` of them #KEDGE_DRIFT or stable;
 *  while suspected, rows do not count. A refuted suspicion takes the new margin density as the reference. Statistic: deviation of
 *  the fading margin density from the reference, in reference deviations; threshold: theta. Sees rises and falls of the margin
 *  density, as the paper does, or one of them. Cost: O(1). */
typedef struct kedge_md3_config {
    kedge_detector_config base; /**< set by kedge_md3_config_init() */
    double theta;         /**< deviations for a suspicion, and for its confirmation, > 0 to 100, default 2 (paper) */
    double fading;        /**< weight of the past in the margin density, (0, 1), default 0.9933 (paper: (N - 1) / N with N = 150) */
    uint32_t reference;   /**< rows, and labels, that the reference is learned from, 100 to 2^30, default 1000 */
    uint32_t n_labels;    /**< labels that decide a suspicion, 10 to 2^30, default 100 */
    uint32_t n_chunks;    /**< parts of the reference whose spread gives its deviations (paper: folds), 2 to 50, default 5 */
    uint32_t direction;   /**< of the margin density: KEDGE_DIRECTION_BOTH (default, paper), _UP: suspicious only when more rows are
                           *   in the margin, or _DOWN: fewer. The confirmation is always that the model is wrong more often */
} kedge_md3_config;

#define KEDGE_MD3_BYTES 288u /**< bytes of an MD3 state */

extern KEDGE_API const kedge_detector_class kedge_md3; /**< the class; takes 0 to 3 */

/** Observation of a row. @param in_margin not 0: the model is unsure of it @return what to feed @since 0.1 */
static inline double kedge_md3_margin(int in_margin)
{
    return in_margin ? 1.0 : 0.0;
}

/** Observation of a label. @param right not 0: the model was right @return what to feed @since 0.1 */
static inline double kedge_md3_label(int right)
{
    return right ? 2.0 : 3.0;
}

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_md3_config_init(kedge_md3_config *cfg, size_t cfg_bytes);

/** The default configuration. @return it @since 0.1 */
static inline kedge_md3_config kedge_md3_defaults(void)
{
    kedge_md3_config cfg;
    if (kedge_md3_config_init(&cfg, sizeof cfg) < 0) /* a library older than this header */
        cfg.base.cls = NULL;
    return cfg;
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
