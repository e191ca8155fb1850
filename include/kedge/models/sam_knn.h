/* SPDX-License-Identifier: MIT */
/** @file models/sam_knn.h
 *  Nearest neighbours with a short-term and a long-term memory: configuration and class; see #kedge_sam_knn_config. The verbs
 *  stand in kedge/model.h.
 *
 *  @code
 *  #include <kedge/models/sam_knn.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[KEDGE_SAM_KNN_BYTES_FOR(2u, 200u) / 8];
 *      kedge_sam_knn_config cfg = kedge_sam_knn_defaults(2, 2);
 *      kedge_model m;
 *      double x[2], y = 0;
 *      int i, right = 0;
 *      cfg.window = 200;
 *      if (kedge_model_init(&m, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 1000; i++) {
 *          int is = (i % 2) != (i >= 500); // the concept turns round
 *          x[0] = i % 2; x[1] = 0.01 * (i % 7);
 *          if (i >= 900 && kedge_model_predict(&m, x, &y) == KEDGE_OK && y == is) right++;
 *          if (kedge_model_learn(&m, x, is, 1) < 0) return 1;
 *      }
 *      return right == 100 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_MODELS_SAM_KNN_H
#define KEDGE_MODELS_SAM_KNN_H

#include "knn.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup model
 *  @{ */

/** k nearest neighbours with self-adjusting memory: Losing, Hammer, Wersing 2016, "KNN classifier with self adjusting memory for
 *  heterogeneous concept drift", ICDM. The short-term memory is the latest rows, as many as predict best now; the long-term
 *  memory is what of earlier rows does not contradict them, condensed to centres of each class when room runs short; the combined
 *  memory is both. Each predicts by the same k nearest neighbours, and the one that was right most often on the rows of the
 *  short-term memory, each before it was learned, answers: of equals the first in this order.
 *
 *  - Size of the short-term memory: after each row the halvings of its size, down to `min_short`, are compared by how often they
 *  were
 *    wrong about their own rows, each predicted from those before it in the halving, at least k (interleaved test-train error). The
 *    best one, of equals the largest, becomes the memory. As in the authors' code and MOA's, predictions are not revised when the
 *  start of
 *    a halving moves on; those that seem better than the whole are computed in full before that counts, here at most once
 *    while a quarter of their rows is new, so that the cost of a row is bounded.
 *  - Cleaning by a row: the farthest of its k nearest in the short-term memory that is of its class gives a distance; those of
 *  its k
 *    nearest in the other memory that are of another class and not farther go. Every row learned cleans the long-term memory; as
 *  the
 *    short-term memory shrinks, the rows that stay clean those that go to the long-term one.
 *  - When `window` rows are held, the oldest rows of the short-term memory fill up the share of the long-term one, which is then
 *    condensed: half as many centres of each class, by k-means++ (Arthur, Vassilvitskii 2007, "k-means++: the advantages of careful
 *    seeding", SODA) from `seed` and one round of Lloyd's; more rounds gained no accuracy. A centre weighs the mean of its rows'
 *  weights.
 *
 *  Distances, scales, weights and missing values are those of #kedge_knn_config; deviations are over all rows and centres held. For
 *  classes only.
 *
 *  Cost: O(window * n_features) to predict, and to learn, amortised; up to O(window^2 * n_features) for a row at which the
 *  short-term memory is compared in full, shrinks, or the long-term one is condensed: with 8 features and 1000 rows 2 ms. */
typedef struct kedge_sam_knn_config {
    kedge_model_config base; /**< set by kedge_sam_knn_config_init(); n_classes >= 2 */
    uint64_t seed;      /**< of the centres, default 1 */
    uint32_t k;         /**< neighbours, 1 to #KEDGE_KNN_K_MAX, default 5 (paper) */
    uint32_t window;    /**< rows of both memories, to #KEDGE_KNN_WINDOW_MAX, default 1000 (paper: 5000) */
    uint32_t min_short; /**< least size that the short-term memory shrinks to, k + 1 to window / 4, default 50 (paper) */
    uint32_t distance;  /**< #KEDGE_KNN_EUCLIDEAN, default, or #KEDGE_KNN_MANHATTAN */
    uint32_t weights;   /**< #KEDGE_KNN_INVERSE, default (paper), or #KEDGE_KNN_UNIFORM */
    uint32_t scale;     /**< #KEDGE_KNN_STANDARD, default, #KEDGE_KNN_RANGE or #KEDGE_KNN_RAW (paper, MOA) */
    double long_share;  /**< share of window that the long-term memory may fill when it is full, [0.1, 0.9], default 0.4 (paper) */
} kedge_sam_knn_config;

/** Bytes of a nearest neighbours model with self-adjusting memory. */
#define KEDGE_SAM_KNN_BYTES_FOR(n_features, window)                                                \
    (2656u + (64u * (n_features) + 128u) * (((window) + 7u) / 8u + ((window) / 2u + 7u) / 8u) + 32u * (n_features) + \
     ((n_features) + 1u) / 2u * 8u + 8u * (window) + ((window) + 1u) / 2u * 24u)

extern KEDGE_API const kedge_model_class kedge_sam_knn; /**< the class; offers learn, takes missing values */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param n_features numbers in a row @param n_classes classes
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_sam_knn_config_init(kedge_sam_knn_config *cfg, size_t cfg_bytes, uint32_t n_features,
                                                 uint32_t n_classes);

/** The default configuration. @param n_features numbers in a row @param n_classes classes @return it @since 0.1 */
static inline kedge_sam_knn_config kedge_sam_knn_defaults(uint32_t n_features, uint32_t n_classes)
{
    kedge_sam_knn_config cfg;
    if (kedge_sam_knn_config_init(&cfg, sizeof cfg, n_features, n_classes) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
