/* SPDX-License-Identifier: MIT */
/** @file detectors/abcd.h
 *  ABCD, which reads rows: configuration, class and verbs of its own; see #kedge_abcd_config. The other verbs stand in
 *  kedge/detector.h.
 *
 *  @code
 *  #include <kedge/detectors/abcd.h>
 *  int main(void)
 *  {
 *      static union { double align; unsigned char bytes[KEDGE_ABCD_BYTES_FOR(4u, 4u, 12u)]; } mem;
 *      kedge_abcd_config cfg = kedge_abcd_defaults(4);
 *      kedge_detector d;
 *      kedge_rng rng = {1};
 *      double p[4], severity;
 *      int i, drifts = 0;
 *      if (kedge_detector_init(&d, &cfg.base, &mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 3000 && drifts == 0; i++) { // two pairs of features that go together; from 2000 on one pair does not
 *          double a = kedge_rng_normal(&rng), b = kedge_rng_normal(&rng);
 *          double row[4];
 *          row[0] = a;
 *          row[1] = a + 0.1 * kedge_rng_normal(&rng);
 *          row[2] = b;
 *          row[3] = i < 2000 ? b + 0.1 * kedge_rng_normal(&rng) : kedge_rng_normal(&rng);
 *          drifts += kedge_abcd_update(&d, row) == KEDGE_DRIFT;
 *      }
 *      if (drifts != 1 || i < 2000 || kedge_abcd_subspace(&d, p, 4, &severity) != KEDGE_OK) return 1;
 *      return p[0] > 0.2 && p[1] > 0.2 && p[2] < 0.2 && p[3] < 0.2 && severity > 1.0 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_DETECTORS_ABCD_H
#define KEDGE_DETECTORS_ABCD_H

#include "../detector.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup detector
 *  @{ */

#define KEDGE_ABCD_MAX_FEATURES 256u /**< most features of a row */

/** ABCD: the adaptive Bernstein change detector, for rows of many features: when, in which features, and how severely they
 *  changed, in their values or in how they go together.
 *  Heyden, Fouche, Arzamasov, Fenn, Kalinke, Boehm 2024, "Adaptive Bernstein Change Detector for high-dimensional data
 *  streams", Data Mining and Knowledge Discovery 38, with principal components for its encoder and decoder. It learns the
 *  ranges and the principal components of n_train rows, then watches how well they reconstruct new rows: the mean squared error
 *  of a row, in mean errors of the training rows, clipped at `clip` of them, goes into a window that grows, and a split of the
 *  window whose parts differ too much for Bernstein's inequality is drift. Then kedge_abcd_subspace() tells of the features,
 *  and all is learned anew.
 *
 *  Rows go in by kedge_abcd_update() or kedge_abcd_update_rows(). The verbs for single numbers take a row number by number, in
 *  the order of the features, and answer with its last one. Counts and indices, `width` and `at` among them, are of rows.
 *
 *  Statistic: the greatest -ln p of all splits; threshold: -ln delta. Means: of the loss, 1 = as in training; NaN while it learns.
 *  Cost: O(n_features (n_components + 2)) a row, each bucket_rows-th also O(buckets); a learning row O(n_features^2), the last of
 *  these O(n_features^3): 0.1 ms for 20 features, 0.5 s for 256. Memory: KEDGE_ABCD_BYTES_FOR(). */
typedef struct kedge_abcd_config {
    kedge_detector_config base; /**< set by kedge_abcd_config_init() */
    double delta;          /**< drift: bound on the p-value of a split, (0, 1), default 0.01 (authors); 6 million quiet rows
                            *   raised no alarm */
    double delta_warning;  /**< warning: likewise, >= delta, default 0.05; from 1 on any */
    double clip;           /**< greatest loss that counts, in mean losses of the training rows, 1 to 1000, default 10 */
    double subspace_p;     /**< a feature belongs to the subspace if its p-value is below, (0, 1], default 0.2 */
    uint32_t n_features;   /**< numbers in a row, 1 to #KEDGE_ABCD_MAX_FEATURES */
    uint32_t n_components; /**< principal components, 0 to n_features - 1, default n_features / 2 (paper: 0.5) */
    uint32_t n_train;      /**< rows that a concept is learned from, 10 to 2^30, default 200, or 10 n_features if that is more */
    uint32_t min_window;   /**< rows in the window before it is split; the least part is half of it; 2 to 2^30, default 60
                            *   (authors) */
    uint32_t max_window;   /**< rows that the window holds at least before it forgets its oldest, min_window to 2^30, default
                            *   65536 */
    uint32_t max_buckets;  /**< parts of each size 1, 2, 4 ... that the window is kept in, 2 to 32, default 4; more: finer splits */
    uint32_t bucket_rows;  /**< rows in a part of size 1; splits are tried whenever one is full, 1 to 1024, default 8 */
    uint32_t direction;    /**< of the loss: KEDGE_DIRECTION_BOTH (default, paper), _UP: only what the components fit worse, or
                            *   _DOWN */
} kedge_abcd_config;

/** Bytes of an ABCD state whose window has n_sizes sizes of parts: the least n with bucket_rows max_buckets (2^n - 1) >=
 *  max_window. */
#define KEDGE_ABCD_BYTES_FOR(n_features, max_buckets, n_sizes)                                     \
    (280u + 56u * (n_features) + 16u * (n_features) * (n_features) +                                \
     16u * ((n_features) + 1u) * (((max_buckets) + 1u) * (n_sizes) + 1u))

extern KEDGE_API const kedge_detector_class kedge_abcd; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param n_features numbers in a row
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_abcd_config_init(kedge_abcd_config *cfg, size_t cfg_bytes, uint32_t n_features);

/** The default configuration. @param n_features numbers in a row @return it @since 0.1 */
static inline kedge_abcd_config kedge_abcd_defaults(uint32_t n_features)
{
    kedge_abcd_config cfg;
    if (kedge_abcd_config_init(&cfg, sizeof cfg, n_features) < 0) /* a library older than this header */
        cfg.base.cls = NULL;
    return cfg;
}

/** Numbers in a row. @param d an ABCD detector, may be shared @return n_features as configured; 0: no ABCD detector @since 0.1 */
KEDGE_API uint32_t kedge_abcd_features(const kedge_detector *d);

/** Feed one row.
 *  @param d an ABCD detector; this thread is its only user during the call  @param row n_features numbers of magnitude up to
 *  #KEDGE_DETECTOR_INPUT_MAX
 *  @retval KEDGE_OK stable, or learning  @retval KEDGE_WARNING delta_warning is crossed  @retval KEDGE_DRIFT reported once
 *  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS d is no ABCD detector  @retval KEDGE_ERR_STATE
 *  kedge_detector_update() has begun a row  @retval KEDGE_ERR_NOT_FINITE NaN or infinity; nothing changed
 *  @retval KEDGE_ERR_RANGE a number is too great; nothing changed  @complexity as at #kedge_abcd_config; no allocation  @since
 *  0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_abcd_update(kedge_detector *d, const double *row);

/** Feed a table and stop behind the first row that raises drift.
 *  @param d an ABCD detector, used by this thread only  @param rows a table of n_features columns  @param used how many rows
 *  were applied, also on error: then row *used is the bad one
 *  @retval KEDGE_OK all applied, the last one stable (no rows: nothing to do)  @retval KEDGE_WARNING all applied, the last one
 *  warns @retval KEDGE_DRIFT row *used - 1 raised drift  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_SHAPE
 *  another number of columns, or no table  @retval KEDGE_ERR_ALIGN misaligned  @retval KEDGE_ERR_CLASS as in kedge_abcd_update()
 *  @retval KEDGE_ERR_STATE likewise  @retval KEDGE_ERR_NOT_FINITE likewise  @retval KEDGE_ERR_RANGE likewise
 *  @complexity n_rows updates  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_abcd_update_rows(kedge_detector *d, const kedge_rows *rows, size_t *used);

/** In which features, and how severely, the last alarm saw a change.
 *  @param d an ABCD detector, may be shared  @param p_values of each feature: bound on the probability that its loss differs as
 *  much by chance, at most 1  @param n_features length of p_values, as configured  @param severity by how many standard
 *  deviations before the change the loss of the features with p < subspace_p changed (of all features, if there are none)
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY there was no alarm yet: all is NaN  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_CLASS d is no ABCD detector  @retval KEDGE_ERR_SHAPE n_features is not what was configured
 *  @complexity O(n_features)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_abcd_subspace(const kedge_detector *d, double *p_values, size_t n_features,
                                                           double *severity);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
