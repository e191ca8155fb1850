/* SPDX-License-Identifier: MIT */
/** @file models/efdt.h
 *  The extremely fast decision tree, see #kedge_efdt_config. The verbs stand in kedge/model.h.
 *
 *  @code
 *  #include <kedge/models/efdt.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[65536 / 8];
 *      kedge_efdt_config cfg = kedge_efdt_defaults(2, 2);
 *      kedge_model m;
 *      kedge_tree_shape shape;
 *      double x[2], y = -1;
 *      int i;
 *      cfg.growth.memory = sizeof mem;
 *      if (kedge_model_init(&m, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 3000; i++) {
 *          x[0] = i % 13; x[1] = i % 11;
 *          if (kedge_model_learn(&m, x, x[0] > 6 && x[1] > 5, 1.0) < 0) return 1;
 *      }
 *      x[0] = 12; x[1] = 9;
 *      if (kedge_efdt_shape(&m, &shape) < 0 || shape.n_splits == 0) return 1;
 *      return kedge_model_predict(&m, x, &y) == KEDGE_OK && y == 1.0 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_MODELS_EFDT_H
#define KEDGE_MODELS_EFDT_H

#include "../model.h"
#include "growth.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup model
 *  @{ */

/** Extremely fast decision tree, the Hoeffding anytime tree: a leaf splits as soon as it is sure that a split is better than
 *  none, not which is the best; splits go on learning and are taken back or replaced, with all below them, once another one is
 *  better by the Hoeffding bound. Manapragada, Webb, Salehi 2018, "Extremely fast decision tree", KDD, algorithms 1 to 3.
 *  Features, missing values and leaves as in #kedge_hoeffding_tree. In a full room splits with more than a third of all
 *  blocks give theirs to leaves, those that the fewest rows came by first, and stay as they are from then on. Cost: O(depth
 *  n_features) to learn a row, O(depth) to predict one; a re-evaluation costs O(n_features n_splits n_classes). Differences to
 *  MOA and river: a split competes with its own threshold, so that it may move on its feature. */
typedef struct kedge_efdt_config {
    kedge_model_config base;  /**< set by kedge_efdt_config_init(); n_classes >= 2 */
    kedge_tree_growth growth; /**< defaults as of kedge_hoeffding_tree_config: delta 1e-7, grace 200 */
    uint32_t reevaluate;      /**< weight of the rows that a split waits for from one re-evaluation to the next, 1 to 2^30, default
                               *   2000 (MOA; river: 20) */
    uint32_t reserved;        /**< 0 */
} kedge_efdt_config;

extern KEDGE_API const kedge_model_class kedge_efdt; /**< the class; offers learn, freeze, takes missing values */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param n_features numbers in a row @param n_classes classes
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_efdt_config_init(kedge_efdt_config *cfg, size_t cfg_bytes, uint32_t n_features, uint32_t n_classes);

/** The default configuration. @param n_features numbers in a row @param n_classes classes @return it @since 0.1 */
static inline kedge_efdt_config kedge_efdt_defaults(uint32_t n_features, uint32_t n_classes)
{
    kedge_efdt_config cfg;
    if (kedge_efdt_config_init(&cfg, sizeof cfg, n_features, n_classes) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** What the tree has become. @param m an extremely fast decision tree, may be shared @param out the facts
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS another class  @complexity O(nodes)
 *  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_efdt_shape(const kedge_model *m, kedge_tree_shape *out);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
