/* SPDX-License-Identifier: MIT */
/** @file models/tree.h
 *  The Hoeffding tree, see #kedge_hoeffding_tree_config. The verbs stand in
 *  kedge/model.h.
 *
 *  @code
 *  #include <kedge/models/tree.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[65536 / 8];
 *      kedge_hoeffding_tree_config cfg = kedge_hoeffding_tree_defaults(2, 2);
 *      kedge_model m;
 *      double x[2], y = -1;
 *      int i;
 *      cfg.growth.memory = sizeof mem;   // the whole tree, whatever it learns
 *      if (kedge_model_init(&m, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 20000; i++) {
 *          x[0] = i % 13; x[1] = i % 11;
 *          if (kedge_model_learn(&m, x, (x[0] > 6) != (x[1] > 5), 1.0) < 0) return 1;
 *      }
 *      x[0] = 12; x[1] = 1;
 *      return kedge_model_predict(&m, x, &y) == KEDGE_OK && y == 1.0 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_MODELS_TREE_H
#define KEDGE_MODELS_TREE_H

#include "../model.h"
#include "growth.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup model
 *  @{ */

/** Hoeffding tree (VFDT): a decision tree that splits a leaf once it is sure which feature splits best, and never looks at a row
 *  twice. Domingos, Hulten 2000, "Mining high-speed data streams", KDD. Numeric features as normal distributions within each class
 *  (Pfahringer, Holmes, Kirkby 2008), information gain, binary splits, NaN is a missing value: it is left out of the statistics and
 *  goes the way of most rows. It does not forget: where the concept drifts, reset it by a detector or take a class that adapts.
 *  Cost: O(depth + n_features n_classes) to learn or predict a row, and at every `grace`-th row of a leaf O(n_features n_splits
 *  n_classes). Differences to MOA and river: variances of few rows begin at a thousandth of the feature's squared range instead of
 *  0, nominal features are split into one value and all others. */
typedef struct kedge_hoeffding_tree_config {
    kedge_model_config base;  /**< set by kedge_hoeffding_tree_config_init(); n_classes >= 2 */
    kedge_tree_growth growth; /**< defaults: delta 1e-7, grace 200 (MOA, river), memory 256 KiB or what 64 leaves need, at most
                               *   10^9: rows of more features times classes than fit that are refused, see kedge_model_size() */
} kedge_hoeffding_tree_config;

extern KEDGE_API const kedge_model_class kedge_hoeffding_tree; /**< the class; offers learn, takes missing values */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param n_features numbers in a row @param n_classes classes
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_hoeffding_tree_config_init(kedge_hoeffding_tree_config *cfg, size_t cfg_bytes, uint32_t n_features,
                                                        uint32_t n_classes);

/** The default configuration. @param n_features numbers in a row @param n_classes classes @return it @since 0.1 */
static inline kedge_hoeffding_tree_config kedge_hoeffding_tree_defaults(uint32_t n_features, uint32_t n_classes)
{
    kedge_hoeffding_tree_config cfg;
    if (kedge_hoeffding_tree_config_init(&cfg, sizeof cfg, n_features, n_classes) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** What the tree has become. @param m a Hoeffding tree, may be shared @param out the facts
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS another class  @complexity O(nodes)
 *  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_hoeffding_tree_shape(const kedge_model *m, kedge_tree_shape *out);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
