/* SPDX-License-Identifier: MIT */
/** @file models/fimt_dd.h
 *  Model trees for regression, see #kedge_fimt_dd_config. The verbs stand in kedge/model.h.
 *
 *  @code
 *  #include <kedge/models/fimt_dd.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[65536 / 8];
 *      kedge_fimt_dd_config cfg = kedge_fimt_dd_defaults(2);
 *      kedge_model m;
 *      double x[2], y = 0;
 *      int i;
 *      cfg.growth.memory = sizeof mem;   // the whole tree, whatever it learns
 *      if (kedge_model_init(&m, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 20000; i++) {     // two planes, of which x[0] says which one
 *          x[0] = i % 13; x[1] = i % 11;
 *          if (kedge_model_learn(&m, x, x[0] > 6 ? 100 - x[1] : x[1], 1.0) < 0) return 1;
 *      }
 *      x[0] = 12; x[1] = 10;
 *      return kedge_model_predict(&m, x, &y) == KEDGE_OK && y > 85 && y < 95 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_MODELS_FIMT_DD_H
#define KEDGE_MODELS_FIMT_DD_H

#include "../model.h"
#include "growth.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup model
 *  @{ */

/** What the leaves of a regression tree say. */
enum {
    KEDGE_HEAD_MEAN = 1,    /**< the mean of their targets */
    KEDGE_HEAD_LINEAR = 2,  /**< a linear function of the features */
    KEDGE_HEAD_ADAPTIVE = 3 /**< in each the one of these two that erred less there lately */
};

/** FIMT-DD: a regression tree that splits a leaf once it is sure which feature splits best, with a linear model in each leaf, and
 *  forgets what is below a node where errors rise. Ikonomovska, Gama, Dzeroski 2011, "Learning model trees from evolving data
 *  streams", Data Mining and Knowledge Discovery 23.
 *
 *  A leaf keeps for each feature n_splits thresholds at equal distances, and weight, mean and squared deviations of the targets
 *  between them: Mastelini, de Carvalho 2021 (the paper's search trees are unbounded). Splits reduce the standard deviation most;
 *  the bound is Hoeffding's on the ratio of the best two. Linear models: normalised steps on features in units of their running
 *  deviations, beyond six of which they are clipped, so no scale makes them diverge; answers leave the range of the targets by a
 *  tenth of it at most. Drift: Page-Hinkley in each node on the absolute errors of the leaf that a row came to, in units of three
 *  standard deviations of the target (section 4.3, bottom-up; MOA's unit). Where it alarms, the node becomes a leaf again, with the
 *  linear model of the leaf below that had most rows (the paper grows an alternate tree instead).
 *
 *  NaN is a missing value: it is left out of the statistics, counts as the mean in linear models, and goes the way of most rows.
 *  Nominal features are split into one category and all others, and left out of the linear models. Cost: O(depth + n_features) to
 *  learn or predict a row, and at every `grace`-th row of a leaf O(n_features n_splits). */
typedef struct kedge_fimt_dd_config {
    kedge_model_config base;  /**< set by kedge_fimt_dd_config_init(); n_classes is 0 */
    kedge_tree_growth growth; /**< leaf: KEDGE_HEAD_..., default #KEDGE_HEAD_ADAPTIVE; tie: of the ratio's bound; defaults else:
                               *   delta 1e-7, tie 0.05 (paper), grace 100 (paper: 200, which follows changes more slowly), n_splits
                               *   15, where an even number counts as one more; memory 256 KiB or what 64 leaves need, at most
                               *   10^9 */
    double drift_delta;       /**< Page-Hinkley's alpha: rise of the error that is no drift, 0 to 1, default 0.005 (paper) */
    double drift_threshold;   /**< Page-Hinkley's lambda, 0 to 1e9, default 20 (paper: 50); 0: never forget */
} kedge_fimt_dd_config;

extern KEDGE_API const kedge_model_class kedge_fimt_dd; /**< the class; offers learn, takes missing values */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param n_features numbers in a row
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_fimt_dd_config_init(kedge_fimt_dd_config *cfg, size_t cfg_bytes, uint32_t n_features);

/** The default configuration. @param n_features numbers in a row @return it @since 0.1 */
static inline kedge_fimt_dd_config kedge_fimt_dd_defaults(uint32_t n_features)
{
    kedge_fimt_dd_config cfg;
    if (kedge_fimt_dd_config_init(&cfg, sizeof cfg, n_features) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** What the tree has become. @param m a FIMT-DD tree, may be shared @param out the facts @param n_drifts times that a node forgot
 *  since init; may be NULL
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS another class  @complexity O(nodes)
 *  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_fimt_dd_shape(const kedge_model *m, kedge_tree_shape *out, uint64_t *n_drifts);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
