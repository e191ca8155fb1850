/* SPDX-License-Identifier: MIT */
/** @file models/linear.h
 *  Online linear models: configuration and class; see #kedge_linear_config. The verbs stand in kedge/model.h.
 *
 *  @code
 *  #include <kedge/models/linear.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[KEDGE_LINEAR_BYTES_FOR(2u, 0u) / 8];
 *      kedge_linear_config cfg = kedge_linear_defaults(2, 0);
 *      kedge_model m;
 *      double x[2], y = 0;
 *      int i;
 *      cfg.loss = KEDGE_LINEAR_HUBER;
 *      if (kedge_model_init(&m, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 5000; i++) {
 *          x[0] = i % 7; x[1] = 1000 * (i % 5);
 *          if (kedge_model_learn(&m, x, 3 * x[0] - x[1] / 500, 1) < 0) return 1;
 *      }
 *      x[0] = 6; x[1] = 2000;
 *      return kedge_model_predict(&m, x, &y) == KEDGE_OK && y > 13 && y < 15 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_MODELS_LINEAR_H
#define KEDGE_MODELS_LINEAR_H

#include "../model.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup model
 *  @{ */

/** What a linear model minimises; p is the margin (the weighted sum of the inputs), y the target. */
enum {
    KEDGE_LINEAR_LOGISTIC = 1, /**< log loss, each class against the others; n_classes >= 2 */
    KEDGE_LINEAR_SOFTMAX = 2,  /**< log loss of all classes together, one vector of weights for each; n_classes >= 3 */
    KEDGE_LINEAR_HINGE = 3,    /**< max(0, 1 - p) with p towards the row's class; each class against the others; n_classes >= 2 */
    KEDGE_LINEAR_SQUARED = 4,  /**< (p - y)^2 / 2; a regression, like all that follow: n_classes = 0; the mean */
    KEDGE_LINEAR_HUBER = 5,    /**< squared up to `delta`, straight beyond: outliers pull less */
    KEDGE_LINEAR_QUANTILE = 6, /**< the pinball loss: predicts the `quantile` of the target */
    KEDGE_LINEAR_EPSILON = 7,  /**< max(0, |p - y| - epsilon), support vector regression */
    KEDGE_LINEAR_POISSON = 8   /**< counts: predicts e^p, targets below 0 are refused (KEDGE_ERR_RANGE); predicts 1 before it has
                                *   learned */
};

/** How a linear model goes downhill. */
enum {
    KEDGE_LINEAR_NAG = 1,  /**< normalised adaptive gradient: needs no scaling of features or target; all losses */
    KEDGE_LINEAR_SGD = 2,  /**< plain gradient, braked so that it cannot overshoot; all losses */
    KEDGE_LINEAR_FTRL = 3, /**< follow the proximally regularised leader: `l1` gives weights that are exactly 0; all losses */
    KEDGE_LINEAR_COIN = 4, /**< coin betting: no rate at all; all losses */
    KEDGE_LINEAR_PA1 = 5,  /**< passive-aggressive I: the step stops at `aggressiveness`; hinge and epsilon-insensitive loss */
    KEDGE_LINEAR_PA2 = 6,  /**< passive-aggressive II: the step is damped by it; likewise */
    KEDGE_LINEAR_ALMA = 7  /**< approximate large margin; hinge loss, two classes or more */
};

/** Online linear models: a loss and an optimiser. The constant 1 is an input of its own, after the features.
 *
 *  Losses: see the first enumeration. Optimisers: Ross, Mineiro, Langford 2013, "Normalized online learning", UAI, algorithm NAG
 *  (what Vowpal Wabbit runs by default); stochastic gradient with rate / sqrt(1 + decay * rows so far); McMahan et al. 2013, "Ad
 *  click prediction: a view from the trenches", KDD (FTRL-proximal); Orabona, Tommasi 2017, "Training deep networks without
 *  learning rates through coin betting", NIPS, and Orabona, Pal 2016; Crammer et al. 2006, "Online passive-aggressive algorithms",
 *  JMLR 7; Gentile 2001, "A new approximate maximal margin classification algorithm", JMLR 2.
 *
 *  Added to the papers: squared gradients of NAG fade by `memory`, and in a regression its steps are in units of the target's
 *  running mean deviation, so that neither features nor target need scaling; steps of NAG and SGD are implicit (Kulis, Bartlett
 *  2010), which bounds them at any rate. No input makes one diverge: features of magnitude above 1e100 count as that, below 1e-100
 *  as 0; weights, margins and all that the optimisers keep are bounded. A row's weight scales its gradient, for PA the
 *  aggressiveness, for ALMA the step.
 *
 *  Scores: softmax gives its probabilities; logistic with more than two classes, and hinge always, give sigmoids of the margins,
 *  divided by their sum, which rank but are not calibrated.
 *
 *  Sparse rows: learn, predict and score in O(numbers in the row * vectors), and give the same model, bit for bit, as the same rows
 *  dense. ALMA scales all weights anew now and then. Cost: O(n_features * vectors); vectors: 1 for two classes or a regression,
 *  else n_classes. */
typedef struct kedge_linear_config {
    kedge_model_config base; /**< set by kedge_linear_config_init() */
    double rate;           /**< NAG, SGD, FTRL (its alpha): length of a step, [1e-9, 100], default 2 */
    double decay;          /**< SGD: how fast the rate falls, [0, 1e9], default 0.01; 0: never */
    double memory;         /**< NAG: factor on an input's past squared gradients when it is not 0, [0, 1], default 0.99; 1: the
                            *   paper's */
    double beta;           /**< FTRL: added to the root of an input's squared gradients, [1e-9, 1e9], default 1 (paper) */
    double l1;             /**< FTRL: weight of the sum of magnitudes, [0, 1e9], default 0 */
    double l2;             /**< FTRL: weight of half the sum of squares, [0, 1e9], default 0 */
    double aggressiveness; /**< PA: C of the paper, [1e-9, 1e9], default 1 */
    double alpha;          /**< ALMA: 1 - alpha is the share of the best margin that is aimed at, [1e-3, 1], default 0.9 (river) */
    double delta;          /**< Huber: where the loss turns straight, unit of the target, [1e-100, 1e100], default 1 */
    double quantile;       /**< quantile loss: which one, [0, 1], default 0.5 */
    double epsilon;        /**< epsilon-insensitive loss: errors up to this cost nothing, [0, 1e100], default 0.1 */
    uint32_t loss;         /**< KEDGE_LINEAR_LOGISTIC ...; default logistic for two classes, softmax for more, squared for a
                            *   regression */
    uint32_t optimiser;    /**< KEDGE_LINEAR_NAG (default) ... */
} kedge_linear_config;

/** Vectors of weights. */
#define KEDGE_LINEAR_VECTORS(n_classes) ((n_classes) <= 2u ? 1u : (n_classes))

/** Bytes of a linear model with the default optimiser. */
#define KEDGE_LINEAR_BYTES_FOR(n_features, n_classes)                                              \
    (224u + 24u * (n_features) + KEDGE_LINEAR_VECTORS(n_classes) * (16u * (n_features) + 24u))

extern KEDGE_API const kedge_model_class kedge_linear; /**< the class; offers learn, also on sparse rows */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param n_features numbers in a row @param n_classes classes, 0 for a regression
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_linear_config_init(kedge_linear_config *cfg, size_t cfg_bytes, uint32_t n_features,
                                                uint32_t n_classes);

/** The default configuration. @param n_features numbers in a row @param n_classes classes, 0 for a regression @return it @since
 *  0.1 */
static inline kedge_linear_config kedge_linear_defaults(uint32_t n_features, uint32_t n_classes)
{
    kedge_linear_config cfg;
    if (kedge_linear_config_init(&cfg, sizeof cfg, n_features, n_classes) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
