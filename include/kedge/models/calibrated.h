/* SPDX-License-Identifier: MIT */
/** @file models/calibrated.h
 *  A model whose probabilities are calibrated while it learns; see #kedge_calibrated_config. The verbs stand in kedge/model.h.
 *
 *  @code
 *  #include <kedge.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[20000];
 *      static kedge_members_class cls;
 *      kedge_gaussian_nb_config bayes = kedge_gaussian_nb_defaults(2, 2);
 *      kedge_calibrated_config cfg;
 *      kedge_model m;
 *      kedge_rng rng = {1};
 *      double x[2], p[2];
 *      int i;
 *      if (kedge_calibrated_class(&cls, &kedge_gaussian_nb) < 0) return 1;
 *      if (kedge_calibrated_config_init(&cfg, sizeof cfg, &cls, 2, 2) < 0) return 1;
 *      cfg.model = &bayes.base;
 *      if (kedge_model_init(&m, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 3000; i++) {                      // the same number twice: naive Bayes counts it as two
 *          x[0] = x[1] = kedge_rng_normal(&rng) + i % 2;
 *          if (kedge_model_learn(&m, x, i % 2, 1.0) < 0) return 1;
 *      }
 *      x[0] = x[1] = 1.5;                                // log odds 1, so class 1 in 73 %
 *      if (kedge_model_score(&m, x, p, 2) < 0) return 1;
 *      return p[1] > 0.68 && p[1] < 0.78 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_MODELS_CALIBRATED_H
#define KEDGE_MODELS_CALIBRATED_H

#include "../model.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup model
 *  @{ */

struct kedge_members_class;

#define KEDGE_CALIBRATED_CLASSES_MAX 64u /**< most classes of a calibrated model */

/** A model over a model that learns row by row, whose probabilities are mapped to what they came true: before a row is learned, the
 *  model's probabilities for it are kept with its class, the last `window` rows of them; every `every` rows the map is fitted to
 *  these anew, as kedge_probmap_fit() does. So it follows drift too. Predicts the class that is likeliest after the map; before
 *  the first fit the map changes nothing. Missing values as its model. For models with fit only: kedge_cross_scores() and a
 *  #kedge_probmap. Cost: that of the model, a further prediction for each row learned, and a fit of the map in `every` rows. */
typedef struct kedge_calibrated_config {
    kedge_model_config base;         /**< set by kedge_calibrated_config_init(); n_classes 2 to #KEDGE_CALIBRATED_CLASSES_MAX */
    const kedge_model_config *model; /**< of the model, of the class that the class was made for, with as many features and classes;
                                      *   only read by kedge_model_size() and kedge_model_init() */
    uint32_t method;                 /**< KEDGE_MAP_PLATT, default, or KEDGE_MAP_ISOTONIC, see kedge/probmap.h */
    uint32_t window;                 /**< rows that the map is fitted to, 10 to 2^20, default 1000 */
    uint32_t every;                  /**< rows from one fit to the next, 1 to 2^20, default 100 */
    uint32_t max_points;             /**< isotonic: see kedge_probmap_config, 2 to 65,536, default 256 */
} kedge_calibrated_config;

/** A class of a calibrated model. @param cls to fill, lives as long as models of it  @param member class of the model, which
 *  offers learn  @return as kedge_bagging_class()  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_calibrated_class(struct kedge_members_class *cls, const kedge_model_class *member);

/** Defaults into a caller's struct; then set model. @param cfg to fill @param cfg_bytes sizeof *cfg @param cls by
 *  kedge_calibrated_class()  @param n_features numbers in a row @param n_classes classes
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg or cls is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_calibrated_config_init(kedge_calibrated_config *cfg, size_t cfg_bytes,
                                                                    const struct kedge_members_class *cls, uint32_t n_features,
                                                                    uint32_t n_classes);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
