/* SPDX-License-Identifier: MIT */
/** @file models/gradient_boosting.h
 *  Gradient boosting of trees, trained once on a table: configuration and class; see #kedge_gradient_boosting_config. The verbs
 *  stand in kedge/model.h.
 *
 *  @code
 *  #include <kedge/models/gradient_boosting.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[KEDGE_GRADIENT_BOOSTING_BYTES_FOR(1u, 20u, 8u) / 8], work[1u << 15];
 *      static double x[400][2], y[400];
 *      kedge_gradient_boosting_config cfg = kedge_gradient_boosting_defaults(2, 2);
 *      kedge_model m;
 *      kedge_rows rows = kedge_rows_float64(&x[0][0], 400, 2);
 *      double at[2] = {9, 1}, label = 0;
 *      int i;
 *      cfg.n_rounds = 20;
 *      cfg.max_leaves = 8;
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
#ifndef KEDGE_MODELS_GRADIENT_BOOSTING_H
#define KEDGE_MODELS_GRADIENT_BOOSTING_H

#include "../model.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup model
 *  @{ */

#define KEDGE_BOOST_ROUNDS_MAX 65536u /**< most rounds */
#define KEDGE_BOOST_LEAVES_MAX 4096u  /**< most leaves of a tree */
#define KEDGE_BOOST_BINS_MAX 255u     /**< most bins of a feature; missing values have one more */

/** What gradient boosting minimises for a regression; with classes it is minus their log likelihood. */
enum {
    KEDGE_BOOST_SQUARED = 1, /**< squared error */
    KEDGE_BOOST_ABSOLUTE = 2 /**< absolute error */
};

/** Which rows are held out. */
enum {
    KEDGE_HOLD_LAST = 1,  /**< the last ones of the table, which is in the order of time */
    KEDGE_HOLD_RANDOM = 2 /**< random ones, by the seed */
};

/** Histogram gradient boosting: trees that each correct what the sum of those before them gets wrong. Friedman 2001, "Greedy
 *  function approximation: a gradient boosting machine", Annals of Statistics 29; splits by first and second derivatives of the
 *  loss and missing values that go to the better side: Chen, Guestrin 2016, "XGBoost", equations 6, 7 and section 3.4; binned
 *  features, growth of the best leaf first, a sibling's histogram by subtraction: Ke et al. 2017, "LightGBM". Deterministic by the
 *  seed; the bits do not depend on how the table lies in memory.
 *
 *  Static training only: fit. With two classes one tree a round, with more one for each class and round, a regression one. Bins are
 *  cut at quantiles of the training rows (of 200,000 evenly spaced ones where there are more), or between all values where there
 *  are few; trees hold true thresholds, so predictions need no bins. NaN is a missing value. Where a node saw none in training,
 *  they go the way of most rows. Categories of nominal features are ordered by their gradients (Fisher 1958), missing being one of
 *  them; those a node did not see go the way of missing values. Weights count in units of their mean; rows of weight 0 are left
 *  out.
 *
 *  Regressions start from the mean or median, in units of the farthest target, so that no scale of targets matters. Absolute error:
 *  leaves hold medians (Friedman, section 4.3). Steps of a leaf are cut at 100.
 *
 *  Cost: fit O(n_rows n_features log n_rows) once, then for each tree O(n_rows n_features log max_leaves + max_leaves n_features
 *  n_bins); predict O(trees log max_leaves). */
typedef struct kedge_gradient_boosting_config {
    kedge_model_config base; /**< set by kedge_gradient_boosting_config_init(); n_classes >= 2, or 0: regression */
    double learning_rate;    /**< share of a tree's correction that is made, above 0, to 1, default 0.1 (scikit-learn, LightGBM) */
    double l2;               /**< regularisation of leaves, in rows of mean weight, 0 to 1e9, default 0 (scikit-learn, LightGBM) */
    double min_gain;         /**< a split must gain more than that, 0 to 1e300, default 0; in G^2 / H, twice the
                              *   fall of the loss over all rows (XGBoost's gamma is half of it) */
    double min_hessian;      /**< least sum of second derivatives in a leaf, 1e-10 to 1e9, default 1e-3 (scikit-learn, LightGBM) */
    double row_share;        /**< share of the training rows that a tree is grown on, above 0, to 1, default 1: all */
    double feature_share;    /**< share of the features that a tree is grown on, above 0, to 1, default 1: all; at least one */
    double holdout;          /**< share of the rows held out to stop early, 0 to 0.9, default 0: no early stopping; the trees after
                              *   the best round are dropped */
    uint64_t seed;           /**< of row and feature shares and random hold-out, default 1 */
    uint64_t nominal[4];     /**< bit j of nominal[j / 64]: feature j, below 256, is nominal: a number of a category from 0, below
                              *   n_bins; the last one takes all numbers beyond, and negative ones; default none */
    uint64_t rising[4];      /**< bit j likewise: the answer (with two classes, class 1) may not fall where numeric feature j rises;
                              *   default none; not with more than two classes: a share falls when another class's sum rises more,
                              *   so a direction of the sums promises nothing */
    uint64_t falling[4];     /**< bit j likewise: it may not rise; default none */
    uint32_t loss;           /**< of a regression: #KEDGE_BOOST_SQUARED, default, or #KEDGE_BOOST_ABSOLUTE */
    uint32_t n_rounds;       /**< rounds, 1 to #KEDGE_BOOST_ROUNDS_MAX, default 100 (scikit-learn, LightGBM) */
    uint32_t max_leaves;     /**< leaves of a tree, 2 to #KEDGE_BOOST_LEAVES_MAX, default 31 (scikit-learn, LightGBM) */
    uint32_t max_depth;      /**< splits above a leaf, 1 to #KEDGE_BOOST_LEAVES_MAX, which is the default and no limit */
    uint32_t min_rows;       /**< least rows in a leaf, 1 to 1e9, default 20 (scikit-learn, LightGBM) */
    uint32_t n_bins;         /**< bins of a feature, 2 to #KEDGE_BOOST_BINS_MAX, default 255 (scikit-learn, LightGBM) */
    uint32_t hold;           /**< #KEDGE_HOLD_LAST, default, or #KEDGE_HOLD_RANDOM */
    uint32_t patience;       /**< rounds without a smaller loss on the rows held out after which it stops, 1 to 65536, default 10
                              *   (scikit-learn) */
} kedge_gradient_boosting_config;

/** Bytes of a model without nominal features. @param n_outputs 1, or n_classes if that is above 2
 *  @param n_rounds rounds  @param max_leaves leaves of a tree */
#define KEDGE_GRADIENT_BOOSTING_BYTES_FOR(n_outputs, n_rounds, max_leaves)                         \
    (320u + ((n_outputs) + ((n_outputs) * (n_rounds) + 1u) / 2u) * 8u + (n_outputs) * (n_rounds) * (24u * (max_leaves) - 16u))

extern KEDGE_API const kedge_model_class kedge_gradient_boosting; /**< the class; offers fit, takes missing values */

/** What the last fit made. */
typedef struct kedge_gradient_boosting_info {
    double loss;       /**< mean loss of the rows held out in the best round (a regression's in the target's unit, or its square); 0
                        *   if none were held out */
    uint64_t n_leaves; /**< of all trees */
    uint32_t n_trees;  /**< trees held */
    uint32_t n_rounds; /**< rounds held */
    uint32_t n_tried;  /**< rounds made, those included that were dropped again */
    uint32_t n_held_out; /**< rows held out */
} kedge_gradient_boosting_info;

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param n_features numbers in a row @param n_classes classes, 0: regression
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_gradient_boosting_config_init(kedge_gradient_boosting_config *cfg, size_t cfg_bytes,
                                                           uint32_t n_features, uint32_t n_classes);

/** The default configuration. @param n_features numbers in a row @param n_classes classes, 0: regression @return it @since 0.1 */
static inline kedge_gradient_boosting_config kedge_gradient_boosting_defaults(uint32_t n_features, uint32_t n_classes)
{
    kedge_gradient_boosting_config cfg;
    if (kedge_gradient_boosting_config_init(&cfg, sizeof cfg, n_features, n_classes) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** What the last fit made. @param m a gradient boosting model, may be shared  @param out the facts
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY nothing was fitted yet  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_CLASS another class
 *  @complexity O(trees)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_gradient_boosting_describe(const kedge_model *m, kedge_gradient_boosting_info *out);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
