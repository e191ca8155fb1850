/* SPDX-License-Identifier: MIT */
/** @file detectors/sliding_mmd.h
 *  Sliding maximum mean discrepancy: configuration and class; see #kedge_sliding_mmd_config. The verbs for single numbers stand in
 *  kedge/detector.h.
 *
 *  @code
 *  #include <kedge/detectors/sliding_mmd.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[KEDGE_SLIDING_MMD_BYTES_FOR(300, 2, 32) / 8];
 *      kedge_sliding_mmd_config cfg = kedge_sliding_mmd_defaults(2);
 *      kedge_detector d;
 *      kedge_rng rng = {1};
 *      int i, at = 0;
 *      cfg.n_reference = 300;
 *      cfg.window_size = 100;
 *      if (kedge_detector_init(&d, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 3000 && !at; i++) { // from row 2000 on the columns go together
 *          double row[2];
 *          row[0] = kedge_rng_normal(&rng);
 *          row[1] = i < 2000 ? kedge_rng_normal(&rng) : row[0];
 *          if (kedge_sliding_mmd_update(&d, row) == KEDGE_DRIFT) at = i;
 *      }
 *      return at > 2000 && at < 2150 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_DETECTORS_SLIDING_MMD_H
#define KEDGE_DETECTORS_SLIDING_MMD_H

#include "../detector.h"
#include "sliding_ks.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup detector
 *  @{ */

#define KEDGE_SLIDING_MMD_MAX_COLUMNS 256u /**< most numbers in a row */

/** What #kedge_sliding_mmd looks at. */
enum {
    KEDGE_SLIDING_FIGURE_MMD = 1, /**< squared maximum mean discrepancy */
    KEDGE_SLIDING_FIGURE_LSDD = 2 /**< least-squares density difference (Sugiyama et al. 2013; online: Bu, Alippi, Zhao 2018):
                                   *   features are kernels at rows of the reference; figures are those of #kedge_lsdd, 0 and more,
                                   *   above 0 on average without a change: calibrate, or take 0.02, which raised no alarm in 2
                                   *   million quiet rows of one normal column with the other defaults (107 at 0.01). Some 1.1 us a
                                   *   row */
};

/** Sliding maximum mean discrepancy: the newest rows against a fixed reference sample, at every row, by the squared distance of
 *  their means in the space of a Gaussian kernel: for data drift in several columns at once, also in how they go together. The
 *  kernel is replaced by random features (Rahimi, Recht 2007, "Random features for large-scale kernel machines"), whose running
 *  means make an update cost the same whatever the window: as in NEWMA (Keriven, Garreau, Poli 2020, "NEWMA: a new method for
 *  scalable model-free online change-point detection"), with a window in place of fading. Statistic: the unbiased estimate of
 *  Gretton, Borgwardt, Rasch, Schoelkopf, Smola 2012, "A kernel two-sample test", equation 3; 0 on average without a change, at
 *  most 2; drift: it reaches `threshold` over a full window. An expected run time is configured by calibration (kedge/calibrate.h,
 *  with a sample of rows; Cobb, Van Looveren, Klaise 2022, "Sequential multivariate change detection with calibrated and memoryless
 *  false detection rates"); the statistic hardly depends on the data's distribution or columns, so a threshold found for a window
 *  and reference of the same sizes is near for others.
 *
 *  Rows go in by kedge_sliding_mmd_update() or kedge_sliding_mmd_update_rows(). The verbs for single numbers take a row number by
 *  number and answer with its last one. Counts and indices, `width` and `at` among them, are of rows. Means are of the column whose
 *  mean moved most; of the first one in kedge_estimate. Cost: O(n_features n_columns) a row, with the defaults 0.4 us with one
 *  column and 0.5 us with ten;
 *  O(n_reference n_features n_columns) when the reference is complete. */
typedef struct kedge_sliding_mmd_config {
    kedge_detector_config base; /**< set by kedge_sliding_mmd_config_init() */
    double threshold;     /**< squared discrepancy that is drift, > 0 to 2, default 0.015: no alarm in 6 million quiet rows of one
                           *   normal column with the other defaults, 180 at 0.006; more often with smaller windows */
    double bandwidth;     /**< width of the kernel in standard deviations of the columns, 1e-3 to 1e3; 0, the default: median
                           *   distance of the reference's rows */
    double regularisation; /**< of LSDD: 1e-6 to 1e3, default 0.1 */
    uint64_t seed;        /**< of the features, any, default 1 */
    uint32_t n_columns;   /**< numbers in a row, 1 to #KEDGE_SLIDING_MMD_MAX_COLUMNS */
    uint32_t n_features;  /**< random frequencies, each a cosine and a sine, 1 to 4096, default 32; of LSDD kernels, 1 to 512 */
    uint32_t n_reference; /**< rows in the reference, 2 to 2^20, default 1000; taken from the first ones, or from
                           *   kedge_sliding_mmd_reference() */
    uint32_t window_size; /**< rows in the window, 2 to 2^20, default 500 */
    uint32_t figure;      /**< KEDGE_SLIDING_FIGURE_..., default KEDGE_SLIDING_FIGURE_MMD */
    uint32_t on_drift;    /**< #KEDGE_SLIDING_RELEARN (default) or #KEDGE_SLIDING_KEEP */
} kedge_sliding_mmd_config;

/** Bytes of a state with the MMD; n_kept is the greater of n_reference and window_size. */
#define KEDGE_SLIDING_MMD_BYTES_FOR(n_kept, n_columns, n_features)                                                                 \
    (256u + 8u * (n_columns) * ((n_kept) + 4u) + 8u * (n_features) * ((n_columns) + 8u))

extern KEDGE_API const kedge_detector_class kedge_sliding_mmd; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param n_columns numbers in a row
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_sliding_mmd_config_init(kedge_sliding_mmd_config *cfg, size_t cfg_bytes, uint32_t n_columns);

/** The default configuration. @param n_columns numbers in a row @return it @since 0.1 */
static inline kedge_sliding_mmd_config kedge_sliding_mmd_defaults(uint32_t n_columns)
{
    kedge_sliding_mmd_config cfg;
    if (kedge_sliding_mmd_config_init(&cfg, sizeof cfg, n_columns) < 0) /* a library older than this header */
        cfg.base.cls = NULL;
    return cfg;
}

/** Numbers in a row. @param d a sliding MMD, may be shared @return n_columns as configured; 0: another detector @since 0.1 */
KEDGE_API uint32_t kedge_sliding_mmd_columns(const kedge_detector *d);

/** Feed one row.
 *  @param d a sliding MMD; this thread is its only user during the call  @param row n_columns numbers of magnitude up to
 *  #KEDGE_DETECTOR_INPUT_MAX
 *  @retval KEDGE_OK stable, or learning  @retval KEDGE_DRIFT reported once  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_CLASS d is another detector  @retval KEDGE_ERR_STATE kedge_detector_update() has begun a row
 *  @retval KEDGE_ERR_NOT_FINITE NaN or infinity; nothing changed  @retval KEDGE_ERR_RANGE a number is too great; nothing changed
 *  @complexity as at #kedge_sliding_mmd_config; no allocation  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_sliding_mmd_update(kedge_detector *d, const double *row);

/** Feed a table and stop behind the first row that raises drift.
 *  @param d a sliding MMD, used by this thread only  @param rows a table of n_columns columns
 *  @param used how many rows were applied, also on error: then row *used is the bad one
 *  @retval KEDGE_OK all applied  @retval KEDGE_DRIFT row *used - 1 raised drift  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_SHAPE another number of columns, or no table  @retval KEDGE_ERR_ALIGN misaligned
 *  @retval KEDGE_ERR_CLASS as in kedge_sliding_mmd_update()  @retval KEDGE_ERR_STATE likewise  @retval KEDGE_ERR_NOT_FINITE
 *  likewise
 *  @retval KEDGE_ERR_RANGE likewise  @complexity n_rows updates  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_sliding_mmd_update_rows(kedge_detector *d, const kedge_rows *rows, size_t *used);

/** Take a sample for the reference, in place of the first rows, and empty the window. Counts of rows and alarms stay.
 *  @param d a sliding MMD  @param rows n_reference rows of n_columns, finite, magnitude up to #KEDGE_DETECTOR_INPUT_MAX
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS another detector
 *  @retval KEDGE_ERR_STATE kedge_detector_update() has begun a row  @retval KEDGE_ERR_SHAPE another number of rows or columns, or
 *  no table
 *  @retval KEDGE_ERR_ALIGN misaligned  @retval KEDGE_ERR_NOT_FINITE NaN or infinity  @retval KEDGE_ERR_RANGE a magnitude too large;
 *  after an error nothing has changed  @complexity O(n_reference n_features n_columns)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_sliding_mmd_reference(kedge_detector *d, const kedge_rows *rows);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
