/* SPDX-License-Identifier: MIT */
/** @file models/last_tree.h
 *  The local adaptive streaming tree, see #kedge_last_config. The verbs stand in kedge/model.h.
 *
 *  @code
 *  #include <kedge/models/last_tree.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[65536 / 8];
 *      kedge_last_config cfg = kedge_last_defaults(2, 2);
 *      kedge_model m;
 *      kedge_rng rng = {3};
 *      double x[2], y = -1;
 *      int i, half;
 *      cfg.growth.memory = sizeof mem;
 *      if (kedge_model_init(&m, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 12000; i++) {   // after 4000 rows the classes change places where x[0] is large
 *          x[0] = kedge_rng_uniform(&rng); x[1] = kedge_rng_uniform(&rng);
 *          half = i >= 4000 && x[0] > 0.5;
 *          if (kedge_model_learn(&m, x, (x[1] > 0.5) != half, 1.0) < 0) return 1;
 *      }
 *      x[0] = 0.9; x[1] = 0.9;
 *      return kedge_model_predict(&m, x, &y) == KEDGE_OK && y == 0.0 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_MODELS_LAST_TREE_H
#define KEDGE_MODELS_LAST_TREE_H

#include "../model.h"
#include "growth.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup model
 *  @{ */

/** What the leaves of a local adaptive streaming tree watch. */
enum {
    KEDGE_LAST_ERROR = 1,   /**< whether the leaf is wrong about a row */
    KEDGE_LAST_IMPURITY = 2 /**< whether a row is of another class than most rows of the leaf: the mean is its misclassification
                             *   impurity */
};

/** Local adaptive streaming tree (LAST): every leaf has a change detector, and it splits when that says so, with neither a bound
 *  nor a wait. Assis, Barddal, Enembreck 2024, "Just change on change: adaptive splitting time for decision trees in data stream
 *  classification", SAC. The detector is an ADWIN of zeros and ones of at most 10,235 rows, 136 bytes beside each node.
 *  Features, missing values and leaves as in #kedge_hoeffding_tree, whose `delta`, `tie` and `grace` are not used. No
 *  split is taken back, so a stream that drifts fills any room: then a leaf that changes forgets its rows instead. Cost:
 *  O(depth + n_features n_classes) to learn or predict a row; each time a leaf changes O(n_features n_splits n_classes).
 *  Differences to river: as in MOA, only a rise of the mean is a change. */
typedef struct kedge_last_config {
    kedge_model_config base;  /**< set by kedge_last_config_init(); n_classes >= 2 */
    kedge_tree_growth growth; /**< memory as of kedge_hoeffding_tree_config */
    double drift_delta;       /**< ADWIN's delta, (0, 1), default 0.002 (MOA, river) */
    double max_share;         /**< a leaf with more of its rows than this in one class does not split, (0, 1], default 0.99
                               *   (river) */
    uint32_t watches;         /**< KEDGE_LAST_..., default #KEDGE_LAST_ERROR */
    uint32_t reserved;        /**< 0 */
} kedge_last_config;

extern KEDGE_API const kedge_model_class kedge_last; /**< the class; offers learn, freeze, takes missing values */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param n_features numbers in a row @param n_classes classes
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_last_config_init(kedge_last_config *cfg, size_t cfg_bytes, uint32_t n_features, uint32_t n_classes);

/** The default configuration. @param n_features numbers in a row @param n_classes classes @return it @since 0.1 */
static inline kedge_last_config kedge_last_defaults(uint32_t n_features, uint32_t n_classes)
{
    kedge_last_config cfg;
    if (kedge_last_config_init(&cfg, sizeof cfg, n_features, n_classes) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** What the tree has become. @param m a local adaptive streaming tree, may be shared @param out the facts
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS another class  @complexity O(nodes)
 *  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_last_shape(const kedge_model *m, kedge_tree_shape *out);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
