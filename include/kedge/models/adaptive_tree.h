/* SPDX-License-Identifier: MIT */
/** @file models/adaptive_tree.h
 *  The Hoeffding adaptive tree, see #kedge_adaptive_tree_config. The verbs stand in kedge/model.h.
 *
 *  @code
 *  #include <kedge/models/adaptive_tree.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[65536 / 8];
 *      kedge_adaptive_tree_config cfg = kedge_adaptive_tree_defaults(2, 2);
 *      kedge_model m;
 *      kedge_rng rng = {3};
 *      double x[2], y;
 *      int i, right = 0;
 *      cfg.growth.memory = sizeof mem;
 *      if (kedge_model_init(&m, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 12000; i++) {   // after 6000 rows the classes change places
 *          x[0] = kedge_rng_uniform(&rng); x[1] = kedge_rng_uniform(&rng);
 *          if (kedge_model_predict(&m, x, &y) < 0) return 1;
 *          right += i >= 10000 && y == ((x[1] > x[0]) != (i >= 6000));
 *          if (kedge_model_learn(&m, x, (x[1] > x[0]) != (i >= 6000), 1.0) < 0) return 1;
 *      }
 *      return right > 1700 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_MODELS_ADAPTIVE_TREE_H
#define KEDGE_MODELS_ADAPTIVE_TREE_H

#include "../model.h"
#include "growth.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup model
 *  @{ */

/** Hoeffding adaptive tree: every node has a change detector on the errors of what is below it. Where they become more, another
 *  tree is begun beside it, which learns the same rows, and takes its place once it is better, or goes if it is worse. Bifet,
 *  Gavalda 2009, "Adaptive learning from evolving data streams", IDA, section 4 (HAT-ADWIN). The detector is an ADWIN of zeros
 *  and ones of at most 10,235 rows, 136 bytes beside each node. Trees beside others have none beside themselves before they have
 *  taken their place, and grow in the same room: without a free block of statistics one takes that of the leaf that promises
 *  least. They have a vote, weighted by one over the squared error, as the leaf has. Features, missing values and leaves as in
 *  #kedge_hoeffding_tree. Cost: O(depth + n_features n_classes) to learn or predict a row, and as much again for each tree
 *  beside the row's way. Differences to MOA and river: no bootstrap weights, so nothing is random. */
typedef struct kedge_adaptive_tree_config {
    kedge_model_config base;  /**< set by kedge_adaptive_tree_config_init(); n_classes >= 2 */
    kedge_tree_growth growth; /**< defaults as of kedge_hoeffding_tree_config: delta 1e-7, grace 200 */
    double drift_delta;       /**< ADWIN's delta, (0, 1), default 0.002 (MOA, river) */
    double swap_delta;        /**< chance that a tree takes a place without being better, (0, 1), default 0.05 (MOA, river) */
    uint32_t least;           /**< rows in the windows of both trees before they are compared, 1 to 10,000, default 300 (MOA,
                               *   river) */
    uint32_t reserved;        /**< 0 */
} kedge_adaptive_tree_config;

extern KEDGE_API const kedge_model_class kedge_adaptive_tree; /**< the class; offers learn, takes missing values */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param n_features numbers in a row @param n_classes classes
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_adaptive_tree_config_init(kedge_adaptive_tree_config *cfg, size_t cfg_bytes, uint32_t n_features,
                                                       uint32_t n_classes);

/** The default configuration. @param n_features numbers in a row @param n_classes classes @return it @since 0.1 */
static inline kedge_adaptive_tree_config kedge_adaptive_tree_defaults(uint32_t n_features, uint32_t n_classes)
{
    kedge_adaptive_tree_config cfg;
    if (kedge_adaptive_tree_config_init(&cfg, sizeof cfg, n_features, n_classes) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** What the tree has become. @param m a Hoeffding adaptive tree, may be shared @param out the facts, with the trees beside nodes
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS another class  @complexity O(nodes)
 *  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_adaptive_tree_shape(const kedge_model *m, kedge_tree_shape *out);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
