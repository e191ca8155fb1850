/* SPDX-License-Identifier: MIT */
/** @file models/knn.h
 *  Nearest neighbours in a sliding window: configuration and class; see #kedge_knn_config. The verbs stand in kedge/model.h.
 *
 *  @code
 *  #include <kedge/models/knn.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[KEDGE_KNN_BYTES_FOR(2u, 100u) / 8];
 *      kedge_knn_config cfg = kedge_knn_defaults(2, 3);
 *      kedge_model m;
 *      double x[2], y = 0;
 *      int i;
 *      cfg.window = 100;
 *      if (kedge_model_init(&m, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 300; i++) {
 *          x[0] = i % 3 + 0.01 * (i % 7); x[1] = i % 5;
 *          if (kedge_model_learn(&m, x, i % 3, 1) < 0) return 1;
 *      }
 *      x[0] = 2; x[1] = 4;
 *      return kedge_model_predict(&m, x, &y) == KEDGE_OK && y == 2.0 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_MODELS_KNN_H
#define KEDGE_MODELS_KNN_H

#include "../model.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup model
 *  @{ */

#define KEDGE_KNN_K_MAX 64u           /**< most neighbours */
#define KEDGE_KNN_WINDOW_MAX 65536u   /**< most rows in a window */

/** Distances between rows. */
enum {
    KEDGE_KNN_EUCLIDEAN = 1, /**< root of the sum of squared differences */
    KEDGE_KNN_MANHATTAN = 2  /**< sum of absolute differences */
};

/** What a neighbour's vote weighs, besides its row's weight. */
enum {
    KEDGE_KNN_UNIFORM = 1, /**< all alike */
    KEDGE_KNN_INVERSE = 2  /**< 1 / distance; where rows at distance 0 are among the neighbours, only those count */
};

/** What differences are measured in. */
enum {
    KEDGE_KNN_STANDARD = 1, /**< in standard deviations of each feature over the rows held now; a constant one says nothing */
    KEDGE_KNN_RAW = 2,      /**< as they are */
    KEDGE_KNN_RANGE = 3     /**< in ranges, greatest minus least, of each feature over the rows held now; a constant one says
                             *   nothing */
};

/** k nearest neighbours in a sliding window: Cover, Hart 1967, "Nearest neighbor pattern classification", IEEE Trans. Inf. Theory
 *  13; over a window of the latest rows as in MOA and river. The class with most votes (the lowest one of equals), scores are the
 *  shares of votes; a regression, n_classes = 0, answers the weighted mean. Of rows equally far the later ones are neighbours.
 *
 *  Exact, by brute force: the window lies in blocks of eight rows, feature by feature, as doubles, whose distances are summed
 *  side by side, and a block is left as soon as what was summed of it puts all eight beyond the k-th neighbour. Running
 *  scaling always uses the deviations or ranges of the rows that are in the window now, so no row has to be scaled again.
 *
 *  A missing feature (NaN) in either row counts as the mean contribution of the features that both have; rows with none in common
 *  are farther than any other. Features of magnitude above 1e140 count as that; scaled, deviations and ranges below 1e-140, or
 *  below 1e-15 of the mean or the greatest magnitude, count as none, and a predicted row counts as at most 1e6 deviations from the
 *  mean, or ranges from the least. Row weights multiply votes and leave deviations alone; those below 1e-30 count as that.
 *
 *  forget takes the oldest row of that content and weight out of the window, or the weight off a heavier one; a row
 *  that has left the window already, or was never in it, is refused with #KEDGE_ERR_RANGE. Rows that the window has let go do not
 *  come back.
 *
 *  Cost: O(window * n_features) to predict and to forget, O(n_features) amortised to learn, O(window * n_features) once in
 *  `window` rows and when most of a feature's variance leaves the window, or its least or greatest value with #KEDGE_KNN_RANGE. */
typedef struct kedge_knn_config {
    kedge_model_config base; /**< set by kedge_knn_config_init(); n_classes >= 2, or 0: regression */
    uint32_t k;        /**< neighbours, 1 to #KEDGE_KNN_K_MAX, default 5 (river; MOA has 10) */
    uint32_t window;   /**< rows, k to #KEDGE_KNN_WINDOW_MAX, default 1000 (river, MOA) */
    uint32_t distance; /**< #KEDGE_KNN_EUCLIDEAN, default, or #KEDGE_KNN_MANHATTAN */
    uint32_t weights;  /**< #KEDGE_KNN_UNIFORM, default, or #KEDGE_KNN_INVERSE */
    uint32_t scale;    /**< #KEDGE_KNN_STANDARD, default, #KEDGE_KNN_RANGE (MOA) or #KEDGE_KNN_RAW (river) */
    uint32_t reserved; /**< 0 */
} kedge_knn_config;

/** Bytes of a nearest neighbours model. */
#define KEDGE_KNN_BYTES_FOR(n_features, window)                                                    \
    (112u + (64u * (n_features) + 128u) * (((window) + 7u) / 8u) + 32u * (n_features) + ((n_features) + 1u) / 2u * 8u)

extern KEDGE_API const kedge_model_class kedge_knn; /**< the class; offers learn, forget, takes missing values */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param n_features numbers in a row @param n_classes classes, 0: regression
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_knn_config_init(kedge_knn_config *cfg, size_t cfg_bytes, uint32_t n_features, uint32_t n_classes);

/** The default configuration. @param n_features numbers in a row @param n_classes classes, 0: regression @return it @since 0.1 */
static inline kedge_knn_config kedge_knn_defaults(uint32_t n_features, uint32_t n_classes)
{
    kedge_knn_config cfg;
    if (kedge_knn_config_init(&cfg, sizeof cfg, n_features, n_classes) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
