/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file gsl/discriminant.h
 *  Discriminant analysis: classes that are normal, with one covariance for all (linear) or one each (quadratic).
 *
 *  @code
 *  #include <stdlib.h>
 *  #include <kedge/gsl.h>
 *  int main(void)
 *  {
 *      const double x[8][2] = {{0, 0}, {1, 0}, {0, 1}, {1, 2}, {4, 4}, {5, 4}, {4, 5}, {5, 6}},
 *                   y[8] = {0, 0, 0, 0, 1, 1, 1, 1}, at[2] = {4, 5};
 *      kedge_gsl_discriminant_config cfg = kedge_gsl_discriminant_defaults(2, 2);
 *      kedge_rows rows = kedge_rows_float64(&x[0][0], 8, 2);
 *      kedge_model m;
 *      double p[2] = {0, 0};
 *      size_t mem_bytes = kedge_model_size(&cfg.base), work_bytes = kedge_model_fit_work(&cfg.base, 8);
 *      void *mem = malloc(mem_bytes), *work = malloc(work_bytes);
 *      if (kedge_model_init(&m, &cfg.base, mem, mem_bytes) < 0) return 1;
 *      if (kedge_model_fit(&m, &rows, y, NULL, work, work_bytes) < 0) return 1;
 *      if (kedge_model_score(&m, at, p, 2) < 0) return 1;
 *      free(work);
 *      free(mem);
 *      return p[1] > 0.99 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_GSL_DISCRIMINANT_H
#define KEDGE_GSL_DISCRIMINANT_H

#include "../model.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup gsl
 *  @{ */

/** Linear or quadratic discriminant analysis (Hastie, Tibshirani, Friedman 2009, "The Elements of Statistical Learning", 2nd
 *  edition, section 4.3): the class with the greatest log prior + log density of a normal distribution. Priors are the classes'
 *  shares of the weights. Any number of classes; offers fit.
 *
 *  Linear: one covariance within classes. Constant columns, and those that the ones before them determine within the classes, are
 *  left out. Quadratic: a covariance for each class. With `shrinkage` s a covariance S becomes (1 - s) S + s t I, with t the mean
 *  variance of the columns that are not constant, in the features' units: bring them to one scale before. Classes without a row of
 *  the table have the probability 0. Features may have any finite magnitude. The class name in snapshots is "discriminant".
 *  kedge_model_fit() returns #KEDGE_ERR_NUMERIC, and leaves the model as it was, where there is no answer: rows of fewer than two
 *  classes have a weight; there are no more rows than classes; quadratic, and a class has one row, or its columns determine each
 *  other (more rows or some shrinkage help). Where nothing was fitted yet all classes are equally likely.
 *
 *  Cost: O(n_rows * n_features^2), and four passes over the table; to predict O(n_features * n_classes), quadratic O(n_features^2 *
 *  n_classes). Memory: n_features * n_classes numbers, quadratic and n_features^2 / 2 a class. Work memory is independent of
 *  n_rows. */
typedef struct kedge_gsl_discriminant_config {
    kedge_model_config base; /**< set by kedge_gsl_discriminant_config_init(); n_classes >= 2 */
    double shrinkage;        /**< of covariances towards a multiple of the identity, [0, 1], default 0 */
    uint32_t quadratic;      /**< 1: each class has a covariance of its own; 0, the default: one for all */
    uint32_t unbiased;       /**< 1: squares within classes over rows less classes, quadratic over a class's rows less one, as
                              *   Hastie et al. and R's MASS have it; 0, the default: over rows, the maximum likelihood, as
                              *   scikit-learn since 1.9 */
} kedge_gsl_discriminant_config;

extern KEDGE_API const kedge_model_class kedge_gsl_discriminant; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param n_features numbers in a row @param n_classes classes
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_gsl_discriminant_config_init(kedge_gsl_discriminant_config *cfg, size_t cfg_bytes, uint32_t n_features,
                                                          uint32_t n_classes);

/** The default configuration. @param n_features numbers in a row @param n_classes classes @return it @since 0.1 */
static inline kedge_gsl_discriminant_config kedge_gsl_discriminant_defaults(uint32_t n_features, uint32_t n_classes)
{
    kedge_gsl_discriminant_config cfg;
    if (kedge_gsl_discriminant_config_init(&cfg, sizeof cfg, n_features, n_classes) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
