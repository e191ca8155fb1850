/* SPDX-License-Identifier: MIT */
/** @file models/adaptive_forest.h
 *  Adaptive random forest: many trees, each replaced when it no longer fits; see #kedge_adaptive_forest_config. The verbs stand in
 *  kedge/model.h.
 *
 *  @code
 *  #include <kedge/models/adaptive_forest.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[(1 << 20) / 8];
 *      kedge_adaptive_forest_config cfg = kedge_adaptive_forest_defaults(3, 2);
 *      kedge_model m;
 *      kedge_rng rng = {7};
 *      double x[3], y;
 *      int i, j, right = 0;
 *      cfg.growth.memory = sizeof mem;
 *      if (kedge_model_init(&m, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 6000; i++) {          // after 3000 rows the classes change places
 *          for (j = 0; j < 3; j++) x[j] = kedge_rng_uniform(&rng);
 *          if (kedge_model_predict(&m, x, &y) < 0) return 1;
 *          right += i >= 5000 && y == ((x[0] + x[1] > 1) != (i >= 3000));
 *          if (kedge_model_learn(&m, x, (x[0] + x[1] > 1) != (i >= 3000), 1.0) < 0) return 1;
 *      }
 *      return right > 850 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_MODELS_ADAPTIVE_FOREST_H
#define KEDGE_MODELS_ADAPTIVE_FOREST_H

#include "../model.h"
#include "growth.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup model
 *  @{ */

#define KEDGE_FOREST_TREES_MAX 256u /**< most trees of a forest */

/** Adaptive random forest: trees that differ, since each row counts for each tree as often as a Poisson draw says and each leaf
 *  looks at a few features only. Each has two ADWIN detectors on its errors: at the first one's drift a tree is begun in the
 *  background, at the second one's it takes the place. Gomes, Bifet, Read, Barddal, Enembreck, Pfahringer, Holmes, Abdessalem 2017,
 *  "Adaptive random forests for evolving data stream classification", Machine Learning 106, algorithm 2. Votes are class shares,
 *  weighted by how often the tree was right since it was begun (section 3.2). All trees grow in one room of `growth.memory` bytes.
 *  Cost: n_trees times that of a Hoeffding tree of n_subset features. */
typedef struct kedge_adaptive_forest_config {
    kedge_model_config base;  /**< set by kedge_adaptive_forest_config_init(); n_classes >= 2 */
    kedge_tree_growth growth; /**< defaults: delta 0.01, grace 50 (paper), memory 1 MiB, or what four leaves of each tree need */
    uint64_t seed;            /**< of all random choices, default 1 */
    double lambda;            /**< mean of the Poisson draws, (0, 100], default 6 (paper) */
    double warning_delta;     /**< ADWIN's delta for the warning, (0, 1), default 0.01 (MOA: 0.0001) */
    double drift_delta;       /**< for drift, (0, 1), default 0.001 (MOA; paper: 0.00001) */
    uint32_t n_trees;         /**< 1 to #KEDGE_FOREST_TREES_MAX, default 10 */
    uint32_t n_subset;        /**< features that a leaf looks at, 1 to n_features, default 60 % of them (MOA) */
} kedge_adaptive_forest_config;

extern KEDGE_API const kedge_model_class kedge_adaptive_forest; /**< the class; offers learn, takes missing values */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param n_features numbers in a row @param n_classes classes
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_adaptive_forest_config_init(kedge_adaptive_forest_config *cfg, size_t cfg_bytes, uint32_t n_features,
                                                         uint32_t n_classes);

/** The default configuration. @param n_features numbers in a row @param n_classes classes @return it @since 0.1 */
static inline kedge_adaptive_forest_config kedge_adaptive_forest_defaults(uint32_t n_features, uint32_t n_classes)
{
    kedge_adaptive_forest_config cfg;
    if (kedge_adaptive_forest_config_init(&cfg, sizeof cfg, n_features, n_classes) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** What the trees have become. @param m an adaptive random forest, may be shared @param out the facts, of all trees together
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS another class  @complexity O(nodes)
 *  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_adaptive_forest_shape(const kedge_model *m, kedge_tree_shape *out);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
