/* SPDX-License-Identifier: MIT */
/** @file models/baseline.h
 *  What every model must beat: the answers that look at no feature. See #kedge_baseline_config. The verbs stand in kedge/model.h.
 *
 *  @code
 *  #include <kedge/models/baseline.h>
 *  int main(void)
 *  {
 *      unsigned long long mem[KEDGE_BASELINE_BYTES_FOR(3u) / 8u];
 *      kedge_baseline_config cfg = kedge_baseline_defaults(1, 3);
 *      kedge_model m;
 *      double x = 0, y = -1;
 *      cfg.kind = KEDGE_BASELINE_LAST;
 *      if (kedge_model_init(&m, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      if (kedge_model_learn(&m, &x, 1.0, 1.0) < 0 || kedge_model_learn(&m, &x, 2.0, 1.0) < 0) return 1;
 *      return kedge_model_predict(&m, &x, &y) == KEDGE_OK && y == 2.0 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_MODELS_BASELINE_H
#define KEDGE_MODELS_BASELINE_H

#include "../model.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup model
 *  @{ */

/** What a baseline answers. */
enum {
    KEDGE_BASELINE_LAST = 1, /**< the last label or value again: no change, persistence */
    KEDGE_BASELINE_USUAL = 2 /**< the class that was most frequent, or the mean of the values */
};

/** Baselines: answers from the targets alone. On series whose neighbours are alike most learners lose to the last label; a model
 *  that does not beat both kinds has learned nothing. Scores of #KEDGE_BASELINE_USUAL are the shares of the classes (the prior);
 *  those of #KEDGE_BASELINE_LAST give the last class the share of rows that had the class of the row before, at least a half, and
 *  the others what is left, by their shares. All shares are Laplace's rule (one row more of each). Features are not looked at; NaN
 *  is taken. Cost: O(n_classes). */
typedef struct kedge_baseline_config {
    kedge_model_config base; /**< set by kedge_baseline_config_init(); n_classes = 0: a regression */
    double fading;           /**< factor per row on the weight of what was before, (0, 1], default 1: nothing fades */
    uint32_t kind;           /**< KEDGE_BASELINE_..., default #KEDGE_BASELINE_USUAL */
    uint32_t reserved;       /**< 0 */
} kedge_baseline_config;

/** Bytes of a baseline. */
#define KEDGE_BASELINE_BYTES_FOR(n_classes) (88u + 8u * (n_classes))

extern KEDGE_API const kedge_model_class kedge_baseline; /**< the class; offers learn, takes missing values */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param n_features numbers in a row @param n_classes classes, 0: a regression
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_baseline_config_init(kedge_baseline_config *cfg, size_t cfg_bytes, uint32_t n_features,
                                                  uint32_t n_classes);

/** The default configuration. @param n_features numbers in a row @param n_classes classes, 0: a regression @return it @since 0.1 */
static inline kedge_baseline_config kedge_baseline_defaults(uint32_t n_features, uint32_t n_classes)
{
    kedge_baseline_config cfg;
    if (kedge_baseline_config_init(&cfg, sizeof cfg, n_features, n_classes) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
