/* SPDX-License-Identifier: MIT */
/** @file models/bayes.h
 *  Naive Bayes of counts and of yes or no, see #kedge_multinomial_nb_config and #kedge_bernoulli_nb_config. The verbs stand in
 *  kedge/model.h.
 *
 *  @code
 *  #include <kedge/models/bayes.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[KEDGE_MULTINOMIAL_NB_BYTES_FOR(3u, 2u) / 8u];
 *      static const double offer[3] = {3, 0, 1}, letter[3] = {0, 2, 1}, both[3] = {2, 1, 0};   // how often each word occurs
 *      kedge_multinomial_nb_config cfg = kedge_multinomial_nb_defaults(3, 2);
 *      kedge_model m;
 *      double y = -1;
 *      if (kedge_model_init(&m, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      if (kedge_model_learn(&m, letter, 0, 1) < 0 || kedge_model_learn(&m, offer, 1, 1) < 0) return 1;
 *      return kedge_model_predict(&m, both, &y) == KEDGE_OK && y == 1.0 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_MODELS_BAYES_H
#define KEDGE_MODELS_BAYES_H

#include "../model.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup model
 *  @{ */

#define KEDGE_COUNT_MAX 1e15 /**< largest count in a row of a multinomial naive Bayes */

/** Multinomial naive Bayes: rows of counts or frequencies, as of words in a text. McCallum, Nigam 1998, "A comparison of event
 *  models for naive Bayes text classification", AAAI workshop; `complement`: Rennie, Shih, Teevan, Karger 2003, "Tackling the poor
 *  assumptions of naive Bayes text classifiers", ICML, without normalised weights, which is better where classes are of different
 *  sizes. A count below 0 or above #KEDGE_COUNT_MAX is KEDGE_ERR_RANGE to learn; to predict it counts as the nearest that is in
 *  range. The n_features counts of a class fade as its weight does; a class that fades below a weight of 1e-100 counts as never
 *  seen. fit does not fade, and needs no work memory to speak of (#KEDGE_ALIGN bytes). Cost: O(n_features) to learn, with fading
 *  O(n_features n_classes); O(n_features n_classes) to predict, with logarithms only where a count is not 0. */
typedef struct kedge_multinomial_nb_config {
    kedge_model_config base; /**< set by kedge_multinomial_nb_config_init(); n_classes >= 2 */
    double alpha;        /**< added to every count (Laplace, Lidstone), [1e-10, 1e9], default 1 (scikit-learn) */
    double fading;       /**< factor, at each row learned, on the weight of those before, (0, 1], default 1: none fades */
    uint32_t complement; /**< 1: each class by the counts of all others, 0 (default): by its own */
    uint32_t reserved;   /**< 0 */
} kedge_multinomial_nb_config;

/** Bytes of a multinomial naive Bayes. */
#define KEDGE_MULTINOMIAL_NB_BYTES_FOR(n_features, n_classes) (96u + 8u * ((n_features) * ((n_classes) + 1u) + 2u * (n_classes)))

extern KEDGE_API const kedge_model_class kedge_multinomial_nb; /**< the class; offers learn, fit, forget, merge */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param n_features numbers in a row @param n_classes classes
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_multinomial_nb_config_init(kedge_multinomial_nb_config *cfg, size_t cfg_bytes, uint32_t n_features,
                                                        uint32_t n_classes);

/** The default configuration. @param n_features numbers in a row @param n_classes classes @return it @since 0.1 */
static inline kedge_multinomial_nb_config kedge_multinomial_nb_defaults(uint32_t n_features, uint32_t n_classes)
{
    kedge_multinomial_nb_config cfg;
    if (kedge_multinomial_nb_config_init(&cfg, sizeof cfg, n_features, n_classes) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** Bernoulli naive Bayes: a feature is there, above `threshold`, or is not, and both say something. McCallum, Nigam 1998, as above.
 *  Fading, fit and costs as for #kedge_multinomial_nb_config. */
typedef struct kedge_bernoulli_nb_config {
    kedge_model_config base; /**< set by kedge_bernoulli_nb_config_init(); n_classes >= 2 */
    double alpha;     /**< added to the counts of both yes and no, [1e-10, 1e9], default 1 (scikit-learn) */
    double fading;    /**< factor, at each row learned, on the weight of those before, (0, 1], default 1: none fades */
    double threshold; /**< a feature above it is there, finite, default 0 (scikit-learn) */
} kedge_bernoulli_nb_config;

/** Bytes of a Bernoulli naive Bayes. */
#define KEDGE_BERNOULLI_NB_BYTES_FOR(n_features, n_classes) (96u + 8u * ((n_features) + 1u) * (n_classes))

extern KEDGE_API const kedge_model_class kedge_bernoulli_nb; /**< the class; offers learn, fit, forget, merge */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param n_features numbers in a row @param n_classes classes
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_bernoulli_nb_config_init(kedge_bernoulli_nb_config *cfg, size_t cfg_bytes, uint32_t n_features,
                                                      uint32_t n_classes);

/** The default configuration. @param n_features numbers in a row @param n_classes classes @return it @since 0.1 */
static inline kedge_bernoulli_nb_config kedge_bernoulli_nb_defaults(uint32_t n_features, uint32_t n_classes)
{
    kedge_bernoulli_nb_config cfg;
    if (kedge_bernoulli_nb_config_init(&cfg, sizeof cfg, n_features, n_classes) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
