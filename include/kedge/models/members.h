/* SPDX-License-Identifier: MIT */
/** @file models/members.h
 *  Models over models of any class, watched by detectors of any class: bagging, random patches, boosting, gradient boosting, one
 *  model that begins anew at drift, and one that sees earlier targets; see #kedge_bagging_config,
 *  #kedge_boosting_config, #kedge_sgbt_config, #kedge_adaptive_model_config,
 *  #kedge_lagged_config. The verbs stand in kedge/model.h.
 *
 *  @code
 *  #include <kedge.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[100000 / 8];
 *      static kedge_members_class cls;
 *      kedge_logistic_config logistic = kedge_logistic_defaults(2, 2);   // each member looks at 2 of the 3 features
 *      kedge_adwin_config adwin = kedge_adwin_defaults();
 *      kedge_bagging_config cfg;
 *      kedge_model m;
 *      kedge_rng rng = {7};
 *      double x[3], y;
 *      int i, j, right = 0;
 *      adwin.direction = KEDGE_DIRECTION_UP;                             // only more errors are drift
 *      if (kedge_bagging_class(&cls, &kedge_logistic, &kedge_adwin, &kedge_adwin) < 0) return 1;
 *      if (kedge_bagging_config_init(&cfg, sizeof cfg, &cls, 3, 2) < 0) return 1;
 *      cfg.members.model = &logistic.base;
 *      cfg.members.warning = cfg.members.drift = &adwin.base;
 *      if (kedge_model_init(&m, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 2000; i++) {
 *          for (j = 0; j < 3; j++) x[j] = kedge_rng_uniform(&rng);
 *          if (kedge_model_predict(&m, x, &y) < 0) return 1;
 *          right += i >= 1000 && y == (x[0] + x[1] + x[2] > 1.5);
 *          if (kedge_model_learn(&m, x, x[0] + x[1] + x[2] > 1.5, 1.0) < 0) return 1;
 *      }
 *      return right > 800 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_MODELS_MEMBERS_H
#define KEDGE_MODELS_MEMBERS_H

#include "../model.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup model
 *  @{ */

struct kedge_detector_class;
struct kedge_detector_config;

#define KEDGE_MEMBERS_MAX 100u /**< most members of an ensemble */

/** What happens when the detector of a member raises drift. */
enum {
    KEDGE_ON_DRIFT_REPLACE = 1, /**< that member begins anew, or the one that was trained in its background takes its place */
    KEDGE_ON_DRIFT_WORST = 2    /**< the member that errs most begins anew */
};

/** A class of models over members of classes that the caller chooses; in the caller's memory, for as long as models of it live.
 *  Written by kedge_bagging_class() and its like, and never copied, since it points into itself; also what kedge_model_open() and
 *  kedge_model_load() need, as their cls: &model. */
typedef struct kedge_members_class {
    kedge_model_class model;     /**< the class; first member */
    const kedge_class *parts[3]; /**< classes of the members, of the detectors of warning and of drift; NULL: none */
} kedge_members_class;

/** What the members are. Only read by kedge_model_size() and kedge_model_init(); the pointers are not needed afterwards. */
typedef struct kedge_members {
    const kedge_model_config *model;      /**< of each member, of the class that the class was made for; if its n_features are fewer
                                           *   than the rows have, each member looks at as many that are drawn for it, in ascending
                                           *   order (random subspaces); up to 64 features are shared out evenly: those go to a
                                           *   member that the fewest others have */
    const struct kedge_detector_config *warning; /**< of each member's detector of warning; NULL: its class's defaults, or no
                                                  *   such detector */
    const struct kedge_detector_config *drift;   /**< of each member's detector of drift; likewise */
    uint64_t seed;                        /**< of all random choices, default 1 */
    uint32_t n;                           /**< members, 1 to #KEDGE_MEMBERS_MAX */
    uint32_t on_drift;                    /**< KEDGE_ON_DRIFT_... */
} kedge_members;

/** What the members have become. */
typedef struct kedge_members_info {
    uint32_t n_members;    /**< members */
    uint32_t n_background; /**< models in training in the background */
    uint64_t n_warnings;   /**< warnings since init or reset: models begun in the background */
    uint64_t n_drifts;     /**< drifts since then: members that began anew or were replaced */
} kedge_members_info;

/** What the members have become. @param m a model over members, may be shared @param out the facts
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS not such a model  @complexity
 *  O(members)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_members_describe(const kedge_model *m, kedge_members_info *out);

/** A handle on the model of a member that answers at present, to look at it; it is valid until the next row is learned. Learning by
 *  it breaks what the ensemble knows of it.
 *  @param m a model over members  @param i which, from 0  @param member handle to set
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS not such a model  @retval
 *  KEDGE_ERR_RANGE no such member @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_members_get(const kedge_model *m, uint32_t i, kedge_model *member);

/* Bagging ---------------------------------------------------------------------------------------------------------------------- */

/** Online bagging: members that differ, since each row counts for each as often as a Poisson draw says, or look at features drawn
 *  for each.
 *  - Plain (Oza, Russell 2001, "Online bagging and boosting", AISTATS): lambda 1, no detectors.
 *  - Leveraging (Bifet, Holmes, Pfahringer 2010, "Leveraging bagging for evolving data streams", ECML PKDD): lambda 6, ADWIN for
 *    drift, #KEDGE_ON_DRIFT_WORST.
 *  - Streaming random patches (Gomes, Read, Bifet 2019, "Streaming random patches for evolving data stream classification", ICDM):
 *    lambda 6, members that look at
 *    60 % of the features, detectors of warning and drift, #KEDGE_ON_DRIFT_REPLACE.
 *
 *  Detectors see for each row 1 where the member is wrong, else 0; of a regression 1/2 + log2(its error / the usual one) / 20, from
 *  0 to 1, the usual one
 *  being that of the first 50 rows since init or the last replacement. Classes: the members' shares,
 *  weighted by the logarithm of the odds that each is right at present (over some 500 rows); a regression: the mean. A member's
 *  model that refuses a row does not
 *  learn it. Missing values as the members' class. Cost: that of the members, twice while one is trained in the background. */
typedef struct kedge_bagging_config {
    kedge_model_config base; /**< set by kedge_bagging_config_init(); n_classes as the members', 0: a regression */
    kedge_members members;   /**< defaults: 10, no model: set it; #KEDGE_ON_DRIFT_REPLACE if warnings are watched, else
                              *   #KEDGE_ON_DRIFT_WORST */
    double lambda;           /**< mean of the Poisson draws, (0, 100], default 6 */
} kedge_bagging_config;

/** A class of bagging over a class.
 *  @param cls to fill, lives as long as models of it  @param member class of the members, which offers learn
 *  @param warning class of detectors whose drift begins a model in the background, NULL: none; needs drift  @param drift class of
 *  detectors, NULL: none
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cls or member is NULL, or a class is malformed  @retval KEDGE_ERR_UNSUPPORTED
 *  member does not learn row by row  @retval KEDGE_ERR_CLASS no class of models, no class of detectors  @retval KEDGE_ERR_CONFIG
 *  warning without drift @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_bagging_class(kedge_members_class *cls, const kedge_model_class *member,
                                                           const struct kedge_detector_class *warning,
                                                           const struct kedge_detector_class *drift);

/** Defaults into a caller's struct; then set members.model. @param cfg to fill @param cfg_bytes sizeof *cfg @param cls by
 *  kedge_bagging_class() @param n_features numbers in a row @param n_classes classes, 0: a regression
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg or cls is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_bagging_config_init(kedge_bagging_config *cfg, size_t cfg_bytes,
                                                                 const kedge_members_class *cls, uint32_t n_features,
                                                                 uint32_t n_classes);

/* Boosting --------------------------------------------------------------------------------------------------------------------- */

/** Online boosting: each member learns a row the more, the more the members before it erred on it. Oza, Russell 2001, "Online
 *  bagging and boosting", AISTATS, figure 3: the weight lambda, from 1, is divided by twice the share of weight that the member
 *  had right, where it is right, else
 *  by twice the share that it
 *  had wrong; a row counts as often as a Poisson draw of mean lambda. Answers: the members' classes, weighted by ln((1 - e) / e) of
 *  their errors e; members with e above 1/2 have no say. With a class of detectors for drift it is ADWIN boosting (MOA's
 *  OzaBoostAdwin): the member that errs most begins anew.
 *  Where the members' features are fewer than the rows', each looks at a draw of its own. Cost: that of the members. */
typedef struct kedge_boosting_config {
    kedge_model_config base; /**< set by kedge_boosting_config_init(); n_classes >= 2, as the members' */
    kedge_members members;   /**< defaults: 10, no model: set it; #KEDGE_ON_DRIFT_WORST */
    double fading;           /**< factor per row on the weights by which members are judged, (0, 1], default 1: none fades
                              *   (paper) */
} kedge_boosting_config;

/** A class of boosting over a class. @param cls to fill, lives as long as models of it  @param member class of the members, which
 *  offers learn @param warning as in kedge_bagging_class()  @param drift likewise  @return as kedge_bagging_class()  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_boosting_class(kedge_members_class *cls, const kedge_model_class *member,
                                                            const struct kedge_detector_class *warning,
                                                            const struct kedge_detector_class *drift);

/** Defaults into a caller's struct; then set members.model. @param cfg to fill @param cfg_bytes sizeof *cfg @param cls by
 *  kedge_boosting_class() @param n_features numbers in a row @param n_classes classes
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg or cls is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_boosting_config_init(kedge_boosting_config *cfg, size_t cfg_bytes,
                                                                  const kedge_members_class *cls, uint32_t n_features,
                                                                  uint32_t n_classes);

/* Gradient boosting --- */

#define KEDGE_SGBT_CLASSES_MAX 48u /**< most classes of streaming gradient boosted trees */

/** Streaming gradient boosted trees: steps, each of which learns what the ones before it left over, over any regression model; with
 *  trees that follow drift, as #kedge_fimt_dd, so does this. Gunasekara, Pfahringer, Gomes, Bifet 2024, "Gradient boosted trees
 *  for evolving data streams", Machine Learning 113: a step
 *  learns -g / h with weight h, the first and second derivative of the loss at the sum so far: log loss of classes (softmax of more
 *  than two, with a model a
 *  class in each step), squared error of numbers. Targets for classes are cut at 4 (LogitBoost). Where the members' features are
 *  fewer than the rows', each
 *  looks at a draw of its own (paper: 75 %). Cost: n models, times n_classes if those are more than two. */
typedef struct kedge_sgbt_config {
    kedge_model_config base; /**< set by kedge_sgbt_config_init(); n_classes up to #KEDGE_SGBT_CLASSES_MAX, 0: a regression */
    kedge_members members;   /**< defaults: n 100 steps (paper), no model: set it, a regression; no detectors */
    double rate;             /**< part of each step that counts, (0, 1], default 0.0125 (paper) */
} kedge_sgbt_config;

/** A class of streaming gradient boosting over a class of regressions. @param cls to fill, lives as long as models of it  @param
 *  member class of the members,
 *  which offers learn  @return as kedge_bagging_class()  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_sgbt_class(kedge_members_class *cls, const kedge_model_class *member);

/** Defaults into a caller's struct; then set members.model. @param cfg to fill @param cfg_bytes sizeof *cfg @param cls by
 *  kedge_sgbt_class() @param n_features numbers in a row @param n_classes classes, 0: a regression
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg or cls is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_sgbt_config_init(kedge_sgbt_config *cfg, size_t cfg_bytes,
                                                              const kedge_members_class *cls, uint32_t n_features,
                                                              uint32_t n_classes);

/* A model that a detector watches --- */

/** A model that a detector watches: each row is predicted before it is learned, and the detector sees whether that was wrong (1,
 *  else 0; a regression's error as in #kedge_bagging_config). At drift the model begins anew (Gama, Medas, Castillo, Rodrigues
 *  2004, "Learning with drift detection", SBIA), or,
 *  with a second detector for the warning, the model that is trained in the background since then takes its place. It answers as
 *  its model does. Cost: that of
 *  a prediction, learning and the detector; twice that while there is a background. */
typedef struct kedge_adaptive_model_config {
    kedge_model_config base; /**< set by kedge_adaptive_model_config_init(); n_classes as the model's, 0: a regression */
    kedge_members members;   /**< no model: set it; n is 1 */
} kedge_adaptive_model_config;

/** A class of a watched model. @param cls to fill, lives as long as models of it  @param member class of the model, which offers
 *  learn @param warning as in kedge_bagging_class()  @param drift class of detectors, NULL: KEDGE_ERR_NULL  @return as
 *  kedge_bagging_class()  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_adaptive_model_class(kedge_members_class *cls, const kedge_model_class *member,
                                                                  const struct kedge_detector_class *warning,
                                                                  const struct kedge_detector_class *drift);

/** Defaults into a caller's struct; then set members.model. @param cfg to fill @param cfg_bytes sizeof *cfg @param cls by
 *  kedge_adaptive_model_class() @param n_features numbers in a row @param n_classes classes, 0: a regression
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg or cls is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_adaptive_model_config_init(kedge_adaptive_model_config *cfg, size_t cfg_bytes,
                                                                        const kedge_members_class *cls, uint32_t n_features,
                                                                        uint32_t n_classes);

/* Earlier targets as features --- */

/** Temporal augmentation: a model that sees the last `n_lags` targets as further features behind those of the row, for series in
 *  which what was tells what
 *  comes. Zliobaite, Bifet, Read, Pfahringer, Holmes 2015, "Evaluation methods and decision theory for classification of streaming
 *  data with temporal dependence", Machine Learning 98, section 5. Of a regression a lag is its value; of two classes a number, 0
 *  or 1; of more, one
 *  number per class, 1 for the
 *  one that it was, else 0, or with `one_hot` 0 the class's number (for trees, which split by it). Newest first. Before there were
 *  as many targets a lag is
 *  missing, to a model that takes missing values, else 0. A row counts as the next of the series when it is learned, so predictions
 *  in between all see the same
 *  lags. Cost: that of the model with so many features more. */
typedef struct kedge_lagged_config {
    kedge_model_config base;         /**< set by kedge_lagged_config_init() */
    const kedge_model_config *model; /**< of the model, of the class that the class was made for, with kedge_lagged_features()
                                      *   features; only read by kedge_model_size() and kedge_model_init() */
    uint32_t n_lags;                 /**< 1 to 1024, default 1 */
    uint32_t one_hot;                /**< 1: a number per class if there are more than two, default; 0: the class's number */
} kedge_lagged_config;

/** A class of a model that sees earlier targets. @param cls to fill, lives as long as models of it  @param member class of the
 *  model, which offers learn @return as kedge_bagging_class()  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_lagged_class(kedge_members_class *cls, const kedge_model_class *member);

/** Defaults into a caller's struct; then set model. @param cfg to fill @param cfg_bytes sizeof *cfg @param cls by
 *  kedge_lagged_class()
 *  @param n_features numbers in a row, without the lags @param n_classes classes, 0: a regression
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg or cls is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_lagged_config_init(kedge_lagged_config *cfg, size_t cfg_bytes,
                                                                const kedge_members_class *cls, uint32_t n_features,
                                                                uint32_t n_classes);

/** Features that the model of a configuration must have: those of the row and those of the lags. @param cfg the configuration
 *  @return features; 0: cfg is NULL, or they are more than 2^32 - 1  @complexity O(1)  @since 0.1 */
KEDGE_API uint32_t kedge_lagged_features(const kedge_lagged_config *cfg);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
