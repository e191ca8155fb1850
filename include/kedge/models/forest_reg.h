/* SPDX-License-Identifier: MIT */
/** @file models/forest_reg.h
 *  Adaptive random forest for regression, see #kedge_forest_reg_config. The verbs stand in kedge/model.h.
 *
 *  @code
 *  #include <kedge/models/forest_reg.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[(1 << 19) / 8];
 *      kedge_forest_reg_config cfg = kedge_forest_reg_defaults(3);
 *      kedge_model m;
 *      kedge_rng rng = {7};
 *      double x[3], y, error, sum = 0;
 *      int i, j;
 *      cfg.growth.memory = sizeof mem;
 *      if (kedge_model_init(&m, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 6000; i++) {          // after 3000 rows high becomes low
 *          for (j = 0; j < 3; j++) x[j] = kedge_rng_uniform(&rng);
 *          if (kedge_model_predict(&m, x, &y) < 0) return 1;
 *          error = y - (i < 3000 ? x[0] * x[1] : 1 - x[0] * x[1]);
 *          sum += i >= 5000 ? error * error : 0;
 *          if (kedge_model_learn(&m, x, y - error, 1.0) < 0) return 1;
 *      }
 *      return sum / 1000 < 0.01 ? 0 : 1;     // the target's variance is 0.05
 *  }
 *  @endcode */
#ifndef KEDGE_MODELS_FOREST_REG_H
#define KEDGE_MODELS_FOREST_REG_H

#include "../model.h"
#include "adaptive_forest.h"
#include "fimt_dd.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup model
 *  @{ */

/** Adaptive random forest for regression: trees as those of #kedge_fimt_dd_config, made to differ, watched and replaced as those of
 *  #kedge_adaptive_forest_config. Gomes, Barddal, Boiko Ferreira, Bifet 2018, "Adaptive random forests for data stream regression",
 *  ESANN.
 *
 *  Each tree's ADWIN detectors see its absolute errors before it learns the row, in units of three standard deviations of the
 *  target, 1 at most. The answer is the mean of the trees' answers, weighted by one over their mean squared error of late (the
 *  paper: unweighted). All trees grow in one room of `growth.memory` bytes. NaN is a missing value. Cost: n_trees times that of
 *  FIMT-DD, of which n_subset features are looked at for splits. */
typedef struct kedge_forest_reg_config {
    kedge_model_config base;  /**< set by kedge_forest_reg_config_init(); n_classes is 0 */
    kedge_tree_growth growth; /**< leaf: KEDGE_HEAD_..., default #KEDGE_HEAD_ADAPTIVE; defaults else: delta 0.01 (MOA), tie 0.05,
                               *   grace 200, which is some 33 rows, as each counts lambda times, n_splits 7, memory 1 MiB, or what
                               *   four leaves of each tree need */
    uint64_t seed;            /**< of all random choices, default 1 */
    double lambda;            /**< mean of the Poisson draws, (0, 100], default 6 (paper) */
    double warning_delta;     /**< ADWIN's delta for the warning, (0, 1), default 0.01 */
    double drift_delta;       /**< for drift, (0, 1), default 0.001 */
    uint32_t n_trees;         /**< 1 to #KEDGE_FOREST_TREES_MAX, default 10 */
    uint32_t n_subset;        /**< features that a leaf looks at for a split, 1 to n_features, default 60 % of them (MOA) */
} kedge_forest_reg_config;

extern KEDGE_API const kedge_model_class kedge_forest_reg; /**< the class; offers learn, takes missing values */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param n_features numbers in a row
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_forest_reg_config_init(kedge_forest_reg_config *cfg, size_t cfg_bytes, uint32_t n_features);

/** The default configuration. @param n_features numbers in a row @return it @since 0.1 */
static inline kedge_forest_reg_config kedge_forest_reg_defaults(uint32_t n_features)
{
    kedge_forest_reg_config cfg;
    if (kedge_forest_reg_config_init(&cfg, sizeof cfg, n_features) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** What the trees have become. @param m such a forest, may be shared @param out the facts, of all trees together
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS another class  @complexity O(nodes)
 *  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_forest_reg_shape(const kedge_model *m, kedge_tree_shape *out);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
