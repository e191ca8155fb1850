/* SPDX-License-Identifier: MIT */
/** @file detectors/pca_cd.h
 *  PCA-CD: configuration, class and verbs of its own; see #kedge_pca_cd_config. The verbs for single numbers stand in
 *  kedge/detector.h.
 *
 *  @code
 *  #include <kedge/detectors/pca_cd.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[(KEDGE_PCA_CD_BYTES_FOR(2u, 500u, 22u) + 7u) / 8u];
 *      kedge_pca_cd_config cfg = kedge_pca_cd_defaults(2);
 *      kedge_detector d;
 *      kedge_rng rng = {1};
 *      double divergences[2];
 *      int i, at = 0;
 *      if (kedge_detector_init(&d, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 6000 && !at; i++) { // from row 4000 on both are one unit greater
 *          double row[2];
 *          row[0] = kedge_rng_normal(&rng) + (i < 4000 ? 0 : 1);
 *          row[1] = kedge_rng_normal(&rng) + row[0];
 *          if (kedge_pca_cd_update(&d, row) == KEDGE_DRIFT) at = i;
 *      }
 *      if (at < 4000 || at > 4500 || kedge_pca_cd_components(&d) != 2) return 1;
 *      return kedge_pca_cd_divergences(&d, divergences, 2) == KEDGE_OK && divergences[0] > divergences[1] ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_DETECTORS_PCA_CD_H
#define KEDGE_DETECTORS_PCA_CD_H

#include "../detector.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup detector
 *  @{ */

#define KEDGE_PCA_CD_MAX_FEATURES 256u /**< most numbers in a row */

/** How far the window is from the reference along one component; the greatest of them is judged. */
enum {
    KEDGE_PCA_CD_AREA = 1,            /**< 1 - the area under both densities, 0 to 1: CD-Area */
    KEDGE_PCA_CD_KULLBACK_LEIBLER = 2 /**< the greater of both directed divergences, nats, 0 and more: CD-MKL */
};

/** What #kedge_pca_cd does after drift. */
enum {
    KEDGE_PCA_CD_NEWEST = 1, /**< the newest window is the next reference: it may hold rows of before the change, and is there at
                              *   once */
    KEDGE_PCA_CD_RELEARN = 2 /**< the next window_size rows are */
};

/** PCA-CD: change detection by principal components, for rows of many features that go together.
 *  Qahtan, Alharbi, Wang, Zhang 2015, "A PCA-based change detection framework for multidimensional data streams: change detection
 *  in multidimensional data streams", KDD.
 *
 *  The first window_size rows are the reference: their principal components up to a share of variance, and a histogram of their
 *  places along each. A window of as many newest rows slides behind it, counted in the same bins. Every `step` rows the greatest
 *  divergence of a component's two histograms goes to a Page-Hinkley test for a rise (Page 1954; see #kedge_page_hinkley_config),
 *  whose drift is the detector's.
 *  Known differences: features are taken in their standard deviations, so their units do not matter; bins have equal width within
 *  the range of the reference and the outer ones are open; features that are constant in the reference, which no component holds,
 *  together are one more component: whether a row departs from them; the test's threshold is a number of the configuration, not
 *  adapted.
 *
 *  The test judges how much the divergence rose above its mean since the reference: what has changed before the window was full for
 *  the first time is not found, nor what only the components beyond the share of variance would show.
 *
 *  Rows go in by kedge_pca_cd_update() or kedge_pca_cd_update_rows(). The verbs for single numbers take a row number by number, in
 *  the order of the features, and answer with its last one. Counts and indices, `width` and `at` among them, are of rows. An alarm
 *  comes with the last row of a step, and `changed_at` is the row after the one at which the test's sum was least. Statistic: the
 *  test's; mean and variance: of the divergences since the reference, an alarm's means: of those before and after the change.
 *  Without a divergence `width` is 0.
 *  Cost: O(n_features n_components) a row, and O(n_components n_bins) each step-th; O(n_features^2 (window_size + n_features)) when
 *  a reference is complete. Memory: KEDGE_PCA_CD_BYTES_FOR(). */
typedef struct kedge_pca_cd_config {
    kedge_detector_config base; /**< set by kedge_pca_cd_config_init() */
    double explained;     /**< share of the reference's variance that the components hold, > 0 to 1, default 0.99 (paper) */
    double delta;         /**< rise of a divergence that the test tolerates, 0 to 10, default 0.02 */
    double threshold;     /**< drift: sum of the rises beyond that, > 0 to 1e6, default 1: no alarm in 4 million quiet rows of 1, 5
                           *   or 20 features with the other defaults, 11 of one feature at 0.5; more often with smaller windows */
    double pseudo_count;  /**< added to every bin for #KEDGE_PCA_CD_KULLBACK_LEIBLER, so that an empty one makes nothing infinite,
                           *   1e-9 to 1e9, default 0.5 */
    uint32_t n_features;  /**< numbers in a row, 1 to #KEDGE_PCA_CD_MAX_FEATURES */
    uint32_t window_size; /**< rows of the reference, and of the window, 2 to 2^20, default 500 */
    uint32_t n_bins;      /**< bins of a component, 2 to 256, default 22: the root of window_size */
    uint32_t step;        /**< rows between two divergences, 1 to 2^20, default 25 (paper: 5 % of window_size, at most 100) */
    uint32_t divergence;  /**< #KEDGE_PCA_CD_AREA (default) or #KEDGE_PCA_CD_KULLBACK_LEIBLER */
    uint32_t on_drift;    /**< #KEDGE_PCA_CD_NEWEST (default) or #KEDGE_PCA_CD_RELEARN */
} kedge_pca_cd_config;

/** Bytes of a state. */
#define KEDGE_PCA_CD_BYTES_FOR(n_features, window_size, n_bins)                                                                    \
    (312u + 56u * (n_features) + 16u * (n_features) * (n_features) + 8u * (n_features) * (window_size) +                           \
     8u * (n_features) * (n_bins) + 8u * ((n_features) * (n_bins) % 2u) + ((n_features) * (window_size) + 7u) / 8u * 8u)

extern KEDGE_API const kedge_detector_class kedge_pca_cd; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param n_features numbers in a row
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_pca_cd_config_init(kedge_pca_cd_config *cfg, size_t cfg_bytes, uint32_t n_features);

/** The default configuration. @param n_features numbers in a row @return it @since 0.1 */
static inline kedge_pca_cd_config kedge_pca_cd_defaults(uint32_t n_features)
{
    kedge_pca_cd_config cfg;
    if (kedge_pca_cd_config_init(&cfg, sizeof cfg, n_features) < 0) /* a library older than this header */
        cfg.base.cls = NULL;
    return cfg;
}

/** Numbers in a row. @param d a PCA-CD detector, may be shared @return n_features as configured; 0: another detector @since 0.1 */
KEDGE_API uint32_t kedge_pca_cd_features(const kedge_detector *d);

/** Components that the reference has now, the one for constant features included. @param d a PCA-CD detector, may be shared @return
 *  at most n_features; 0: the reference is being learned, or another detector @since 0.1 */
KEDGE_API uint32_t kedge_pca_cd_components(const kedge_detector *d);

/** Feed one row.
 *  @param d a PCA-CD detector; this thread is its only user during the call  @param row n_features numbers of magnitude up to
 *  #KEDGE_DETECTOR_INPUT_MAX
 *  @retval KEDGE_OK stable, learning, or within a step  @retval KEDGE_DRIFT reported once  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_CLASS d is another detector  @retval KEDGE_ERR_STATE kedge_detector_update() has begun a row
 *  @retval KEDGE_ERR_NOT_FINITE NaN or infinity; nothing changed  @retval KEDGE_ERR_RANGE a number is too great; nothing changed
 *  @complexity as at #kedge_pca_cd_config; no allocation  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_pca_cd_update(kedge_detector *d, const double *row);

/** Feed a table and stop behind the first row that raises drift.
 *  @param d a PCA-CD detector, used by this thread only  @param rows a table of n_features columns
 *  @param used how many rows were applied, also on error: then row *used is the bad one
 *  @retval KEDGE_OK all applied  @retval KEDGE_DRIFT row *used - 1 raised drift  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_SHAPE another number of columns, or no table  @retval KEDGE_ERR_ALIGN misaligned
 *  @retval KEDGE_ERR_CLASS as in kedge_pca_cd_update()  @retval KEDGE_ERR_STATE likewise  @retval KEDGE_ERR_NOT_FINITE likewise
 *  @retval KEDGE_ERR_RANGE likewise  @complexity n_rows updates  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_pca_cd_update_rows(kedge_detector *d, const kedge_rows *rows, size_t *used);

/** The newest divergence of each component, that of an alarm included: which direction of the data moved.
 *  @param d a PCA-CD detector, may be shared  @param divergences of each component, the one with the greatest variance first, the
 *  one for constant features last, NaN behind them  @param n_features length of divergences, as configured
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY no window has been compared yet: all is NaN  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_CLASS d is another detector  @retval KEDGE_ERR_SHAPE n_features is not what was configured
 *  @complexity O(n_features)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_pca_cd_divergences(const kedge_detector *d, double *divergences, size_t n_features);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
