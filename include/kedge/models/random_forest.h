/* SPDX-License-Identifier: MIT */
/** @file models/random_forest.h
 *  Random forests and classification and regression trees, trained once on a table: configuration and class; see
 *  #kedge_random_forest_config. The verbs stand in kedge/model.h.
 *
 *  @code
 *  #include <kedge/models/random_forest.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[KEDGE_RANDOM_FOREST_BYTES_FOR(2u, 10u, 16u) / 8], work[1u << 12];
 *      static double x[400][2], y[400];
 *      kedge_random_forest_config cfg = kedge_random_forest_defaults(2, 2);
 *      kedge_model m;
 *      kedge_rows rows = kedge_rows_float64(&x[0][0], 400, 2);
 *      double at[2] = {9, 1}, label = 0;
 *      int i;
 *      cfg.n_trees = 10;
 *      cfg.max_leaves = 16;
 *      for (i = 0; i < 400; i++) {       // two patches of class 1
 *          x[i][0] = i % 11; x[i][1] = i % 7;
 *          y[i] = (x[i][0] > 5) != (x[i][1] > 3);
 *      }
 *      if (kedge_model_fit_work(&cfg.base, 400) > sizeof work) return 1;
 *      if (kedge_model_init(&m, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      if (kedge_model_fit(&m, &rows, y, NULL, work, sizeof work) < 0) return 1;
 *      return kedge_model_predict(&m, at, &label) == KEDGE_OK && label == 1.0 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_MODELS_RANDOM_FOREST_H
#define KEDGE_MODELS_RANDOM_FOREST_H

#include "../model.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup model
 *  @{ */

#define KEDGE_RANDOM_FOREST_LEAVES_MAX 32767u /**< most leaves of a tree */

/** Random forest: trees on bootstrap samples that look at a few random features at each split: Breiman 2001, "Random forests",
 *  Machine Learning 45. With one tree, no bootstrap and all features it is CART: Breiman, Friedman, Olshen, Stone 1984,
 *  "Classification and Regression Trees": max_leaves, max_depth and min_rows bound a tree, and ccp_alpha prunes it by minimal
 *  cost-complexity (sections 3.3 and 8.5). Splits lower the Gini index most, or the squared error; they are searched in bins, see
 *  #kedge_gradient_boosting_config, which are exact up to n_bins values of a feature. Trees grow level by level until max_leaves.
 *
 *  Static training only: fit. Answers are means over the trees of the shares of classes, or of the mean target, in a row's leaves.
 *  NaN is a missing value, which goes to the better side, and the way of most rows where a node saw none. Categories of nominal
 *  features are ordered by their mean target or the share of class 1, which finds the best set (Fisher 1958), with more classes by
 *  that of the node's most frequent class, which need not; those a node did not see go the way of missing values. A feature that is
 *  constant in a node does not count as looked at. Deterministic by the seed. Weights count in units of their mean; rows of weight
 *  0 are left out.
 *
 *  Cost: fit O(n_rows n_features log n_rows) once, then for each tree O(depth n_subset n_rows + max_leaves n_subset n_bins
 *  n_classes), out of bag O(depth n_rows) more; predict O(n_trees depth). */
typedef struct kedge_random_forest_config {
    kedge_model_config base; /**< set by kedge_random_forest_config_init(); n_classes >= 2, or 0: regression */
    uint64_t seed;           /**< of samples and features, default 1 */
    uint64_t nominal[4];     /**< bit j of nominal[j / 64]: feature j, below 256, is nominal: a number of a category from 0, below
                              *   n_bins; the last one takes all numbers beyond, and negative ones; default none */
    uint32_t n_trees;        /**< 1 to 65536, default 100 (scikit-learn) */
    uint32_t max_leaves;     /**< leaves of a tree, 2 to #KEDGE_RANDOM_FOREST_LEAVES_MAX, default 1024 */
    uint32_t max_depth;      /**< splits above a leaf, 1 to #KEDGE_RANDOM_FOREST_LEAVES_MAX, which is the default and no limit */
    uint32_t min_rows;       /**< least rows in a leaf, 1 to 1e9, default 1 (scikit-learn) */
    uint32_t n_subset;       /**< features looked at for a split, 1 to n_features; kedge_random_forest_config_init() sets the root
                              *   of n_features, rounded, or a third of them for a regression (Breiman) */
    uint32_t n_bins;         /**< bins of a feature, 2 to 255, default 255 */
    uint32_t bootstrap;      /**< 1: each tree on as many rows drawn with replacement, default; 0: on all rows */
    uint32_t out_of_bag;     /**< 1: the fit measures the forest by the rows that each tree did not draw, see
                              *   kedge_random_forest_describe(); needs bootstrap; 0, default: it does not */
    double ccp_alpha;        /**< what a leaf more must lower the tree's mean impurity by (Gini's index, or the mean squared error
                              *   in the target's unit squared) to stay, 0 to 1e300, default 0: no pruning (scikit-learn's) */
} kedge_random_forest_config;

/** Bytes of a model without nominal features. @param width n_classes, or 1 for a regression  @param n_trees trees
 *  @param max_leaves leaves of a tree */
#define KEDGE_RANDOM_FOREST_BYTES_FOR(width, n_trees, max_leaves)                                  \
    (200u + ((n_trees) + 1u) / 2u * 8u + (n_trees) * (16u * ((max_leaves) - 1u) + 8u * (width) * (max_leaves)))

extern KEDGE_API const kedge_model_class kedge_random_forest; /**< the class; offers fit, takes missing values */

/** What the last fit made. */
typedef struct kedge_random_forest_info {
    double loss;        /**< out of bag: share of wrong classes, or mean squared error, by weight; 0 if no row was measured */
    uint64_t n_out_of_bag; /**< rows that some tree did not draw, which `loss` is about; 0 without out_of_bag */
    uint64_t n_leaves;  /**< of all trees, after pruning */
    uint32_t n_trees;   /**< trees held */
    uint32_t reserved;  /**< 0 */
} kedge_random_forest_info;

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param n_features numbers in a row @param n_classes classes, 0: regression
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_random_forest_config_init(kedge_random_forest_config *cfg, size_t cfg_bytes, uint32_t n_features,
                                                       uint32_t n_classes);

/** The default configuration. @param n_features numbers in a row @param n_classes classes, 0: regression @return it @since 0.1 */
static inline kedge_random_forest_config kedge_random_forest_defaults(uint32_t n_features, uint32_t n_classes)
{
    kedge_random_forest_config cfg;
    if (kedge_random_forest_config_init(&cfg, sizeof cfg, n_features, n_classes) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** What the last fit made. Out of bag: each row is answered by the trees that did not draw it (Breiman 2001, section 3.1), an
 *  honest estimate without rows held out. @param m a random forest, may be shared  @param out the facts
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY nothing was fitted yet  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_CLASS another class
 *  @complexity O(trees)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_random_forest_describe(const kedge_model *m, kedge_random_forest_info *out);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
