/* SPDX-License-Identifier: MIT */
/** @file models/growth.h
 *  How trees grow in a fixed room, what all classes of trees have in common.
 *
 *  @code
 *  #include <kedge/models/growth.h>
 *  #include <kedge/models/tree.h>
 *  int main(void)
 *  {
 *      kedge_hoeffding_tree_config cfg = kedge_hoeffding_tree_defaults(20, 3);
 *      kedge_tree_growth *growth = &cfg.growth;
 *      growth->memory = 100000;                  // the size of the whole model
 *      growth->nominal[0] = 1u << 2 | 1u << 7;   // features 2 and 7 are categories
 *      growth->leaf = KEDGE_LEAF_MAJORITY;
 *      return kedge_model_size(&cfg.base) > 99000 && kedge_model_size(&cfg.base) <= 100000 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_MODELS_GROWTH_H
#define KEDGE_MODELS_GROWTH_H

#include "../base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup model
 *  @{ */

/** What the leaves of a tree say. */
enum {
    KEDGE_LEAF_MAJORITY = 1, /**< the class with the greatest weight */
    KEDGE_LEAF_BAYES = 2,    /**< naive Bayes of the rows that came to the leaf */
    KEDGE_LEAF_ADAPTIVE = 3  /**< in each leaf the one of these two that was right more often there: Holmes, Kirkby, Pfahringer
                              *   2005 */
};

/** How a tree grows. All trees of an ensemble share one room. When it is full, the leaves in which rows of other classes than the
 *  majority are fewest lose their statistics to those that split; they still answer and count, and get room again when they promise
 *  more. Learning never stops or fails. */
typedef struct kedge_tree_growth {
    double delta;        /**< chance that a split is not the best one, in (0, 1) */
    double tie;          /**< split as well when the bound falls below this: the best two are alike; 0 to 1000, bits, default 0.05
                          *   (paper) */
    uint64_t nominal[4]; /**< bit j of nominal[j / 64]: feature j, below 256, is nominal: a number of a category from 0; default
                          *   none */
    uint32_t memory;     /**< bytes of the whole model: kedge_model_size() is at most this */
    uint32_t grace;      /**< weight of the rows that a leaf waits for from one try to split to the next, 1 to 2^30 */
    uint32_t n_splits;   /**< thresholds of a numeric feature that are compared, 1 to 1000, default 10 (MOA, river) */
    uint32_t n_values;   /**< categories of a nominal feature, 2 to 4096, default 16; the last one takes all numbers beyond, and
                          *   negative ones */
    uint32_t leaf;       /**< KEDGE_LEAF_..., default #KEDGE_LEAF_ADAPTIVE */
    uint32_t reserved;   /**< 0 */
} kedge_tree_growth;

/** What a tree, or all trees of an ensemble, have become. */
typedef struct kedge_tree_shape {
    uint32_t n_trees;    /**< trees, those in the background among them */
    uint32_t n_splits;   /**< inner nodes */
    uint32_t n_leaves;   /**< leaves, those without statistics among them */
    uint32_t n_inactive; /**< leaves without statistics: the room is full */
    uint32_t depth;      /**< splits from a root to the farthest leaf */
    uint32_t reserved;   /**< 0 */
} kedge_tree_shape;

/** @} */

#ifdef __cplusplus
}
#endif

#endif
