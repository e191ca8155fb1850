/* SPDX-License-Identifier: MIT */
/** @file detectors/hdddm.h
 *  HDDDM and CDBD, which read batches of rows: configuration, class and verbs of its own; see #kedge_hdddm_config. The other verbs
 *  stand in kedge/detector.h.
 *
 *  @code
 *  #include <kedge/detectors/hdddm.h>
 *  int main(void)
 *  {
 *      static union { double align; unsigned char bytes[KEDGE_HDDDM_BYTES_FOR(2u, 200u, 14u)]; } mem;
 *      kedge_hdddm_config cfg = kedge_hdddm_defaults(2);
 *      kedge_detector d;
 *      kedge_rng rng = {1};
 *      double distances[2];
 *      int i, drifts = 0;
 *      if (kedge_detector_init(&d, &cfg.base, &mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 10000 && drifts == 0; i++) { // from 6000 on the second feature is greater
 *          double row[2];
 *          row[0] = kedge_rng_normal(&rng);
 *          row[1] = kedge_rng_normal(&rng) + (i < 6000 ? 0 : 2);
 *          drifts += kedge_hdddm_update(&d, row) == KEDGE_DRIFT;
 *      }
 *      if (drifts != 1 || i != 6200 || kedge_hdddm_distances(&d, distances, 2) != KEDGE_OK) return 1;
 *      return distances[1] > 2 * distances[0] ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_DETECTORS_HDDDM_H
#define KEDGE_DETECTORS_HDDDM_H

#include "../detector.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup detector
 *  @{ */

#define KEDGE_HDDDM_MAX_FEATURES 256u /**< most features of a row */

/** How far a batch is from the reference in one feature; the formulas are those of the methods of the same names in
 *  kedge/shift.h. */
enum {
    KEDGE_HDDDM_HELLINGER = 1,       /**< 0 to 1: HDDDM; the paper's is larger by the root of 2, which changes no decision */
    KEDGE_HDDDM_KULLBACK_LEIBLER = 2 /**< of the batch from the reference, nats, 0 and more: CDBD, with one feature, a classifier's
                                      *   certainty */
};

/** What a batch's difference must exceed: both thresholds of the paper. */
enum {
    KEDGE_HDDDM_DEVIATIONS = 1, /**< mean + gamma sd of the differences since the last drift */
    KEDGE_HDDDM_STUDENT = 2     /**< mean + t sd / sqrt(n), of n differences, with Student's quantile t at alpha / 2 and n - 1
                                 *   degrees of freedom: it bounds their mean, not the next of them, so quiet batches exceed it ever
                                 *   more often: see docs/detectors.md */
};

/** HDDDM: the Hellinger distance drift detection method, for batches of rows of many features.
 *  Ditzler, Polikar 2011, "Hellinger distance based drift detection for nonstationary environments", IEEE CIDUE, algorithm 1. And
 *  CDBD, confidence distribution batch detection, by its distance: Lindstrom, Mac Namee, Delany 2013, "Drift detection using
 *  uncertainty distribution divergence", Evolving Systems 4.
 *
 *  Every full batch is compared with the reference, which is all batches since the last drift: the mean over the features of the
 *  distance of their histograms. Drift: the distance differs from that of the batch before by more than the mean of all such
 *  differences since the last drift and gamma of their standard deviations, or by the other rule of `threshold`. Then the batch is
 *  the new reference. It sees features one by one, not how they go together, and judges once a batch. Known differences: bins have
 *  equal width within the range of the first batch since the last drift and the outer ones are open, so memory is bounded; the
 *  paper bins both samples within their common range, anew for each batch, in the root of the rows of them. The paper tests from
 *  the second difference on, which alarms by chance after every restart, here from difference n_learn + 1 on. CDBD's own trigger is
 *  not here: it is judged by HDDDM's two.
 *
 *  Rows go in by kedge_hdddm_update() or kedge_hdddm_update_rows(). The verbs for single numbers take a row number by number, in
 *  the order of the features, and answer with its last one. Counts and indices, `width` and `at` among them, are of rows; an alarm
 *  comes with the last row of a batch and `changed_at` is its first.
 *
 *  Statistic: the newest absolute difference; threshold: what the next one is judged by; mean and variance: of the differences that
 *  make it. Without two distances: `width` is 0. An alarm's means: the distance of the batch before and that of the batch.
 *  Cost: O(n_features) a row, each batch_size-th also O(n_features (batch_size + n_bins)). Memory: KEDGE_HDDDM_BYTES_FOR(). */
typedef struct kedge_hdddm_config {
    kedge_detector_config base; /**< set by kedge_hdddm_config_init() */
    double gamma;        /**< of #KEDGE_HDDDM_DEVIATIONS: standard deviations above the mean difference, > 0 to 1e6, default 5
                          *   (paper: 0.5 to 1.5) */
    double pseudo_count; /**< added to every bin of a batch for #KEDGE_HDDDM_KULLBACK_LEIBLER, and to the reference's in proportion,
                          *   so that an empty bin makes nothing infinite, 1e-9 to 1e9, default 0.5 */
    uint32_t n_features; /**< numbers in a row, 1 to #KEDGE_HDDDM_MAX_FEATURES */
    uint32_t batch_size; /**< rows in a batch, 2 to 2^20, default 200 */
    uint32_t n_bins;     /**< bins of a feature, 2 to 1024, default 14: the root of batch_size (paper) */
    uint32_t n_learn;    /**< differences of distances that are only learned from after a restart, 2 to 2^20, default 10 */
    uint32_t distance;   /**< KEDGE_HDDDM_..., default #KEDGE_HDDDM_HELLINGER */
    uint32_t threshold;  /**< #KEDGE_HDDDM_DEVIATIONS (default) or #KEDGE_HDDDM_STUDENT */
    double alpha;        /**< of #KEDGE_HDDDM_STUDENT: chance that the differences' mean is beyond, two-sided, 1e-12 to 0.999,
                          *   default 0.05 */
} kedge_hdddm_config;

/** Bytes of a state. */
#define KEDGE_HDDDM_BYTES_FOR(n_features, batch_size, n_bins) \
    (240u + 32u * (n_features) + 8u * (n_features) * (batch_size) + 12u * (n_features) * (n_bins) + \
     4u * ((n_features) * (n_bins) % 2u))

extern KEDGE_API const kedge_detector_class kedge_hdddm; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param n_features numbers in a row
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_hdddm_config_init(kedge_hdddm_config *cfg, size_t cfg_bytes, uint32_t n_features);

/** The default configuration. @param n_features numbers in a row @return it @since 0.1 */
static inline kedge_hdddm_config kedge_hdddm_defaults(uint32_t n_features)
{
    kedge_hdddm_config cfg;
    if (kedge_hdddm_config_init(&cfg, sizeof cfg, n_features) < 0) /* a library older than this header */
        cfg.base.cls = NULL;
    return cfg;
}

/** Numbers in a row. @param d an HDDDM detector, may be shared @return n_features as configured; 0: no HDDDM detector @since 0.1 */
KEDGE_API uint32_t kedge_hdddm_features(const kedge_detector *d);

/** Feed one row.
 *  @param d an HDDDM detector; this thread is its only user during the call  @param row n_features numbers of magnitude up to
 *  #KEDGE_DETECTOR_INPUT_MAX
 *  @retval KEDGE_OK stable, learning, or within a batch  @retval KEDGE_DRIFT reported once
 *  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS d is no HDDDM detector  @retval KEDGE_ERR_STATE
 *  kedge_detector_update() has begun a row  @retval KEDGE_ERR_NOT_FINITE NaN or infinity; nothing changed
 *  @retval KEDGE_ERR_RANGE a number is too great; nothing changed  @complexity as at #kedge_hdddm_config; no allocation  @since
 *  0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_hdddm_update(kedge_detector *d, const double *row);

/** Feed a table and stop behind the first row that raises drift.
 *  @param d an HDDDM detector, used by this thread only  @param rows a table of n_features columns  @param used how many rows
 *  were applied, also on error: then row *used is the bad one
 *  @retval KEDGE_OK all applied (no rows: nothing to do)
 *  @retval KEDGE_DRIFT row *used - 1 raised drift  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_SHAPE
 *  another number of columns, or no table  @retval KEDGE_ERR_ALIGN misaligned  @retval KEDGE_ERR_CLASS as in kedge_hdddm_update()
 *  @retval KEDGE_ERR_STATE likewise  @retval KEDGE_ERR_NOT_FINITE likewise  @retval KEDGE_ERR_RANGE likewise
 *  @complexity n_rows updates  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_hdddm_update_rows(kedge_detector *d, const kedge_rows *rows, size_t *used);

/** How far each feature of the newest full batch was from the reference, that of an alarm included.
 *  @param d an HDDDM detector, may be shared  @param distances of each feature  @param n_features length of distances, as
 *  configured
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY no batch has been compared yet: all is NaN  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_CLASS d is no HDDDM detector  @retval KEDGE_ERR_SHAPE n_features is not what was configured
 *  @complexity O(n_features)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_hdddm_distances(const kedge_detector *d, double *distances, size_t n_features);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
