/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file gsl/softmax.h
 *  Multinomial logistic regression: any number of classes, probabilities that depend on linear predictors, with deviance and Wald
 *  tests.
 *
 *  @code
 *  #include <stdlib.h>
 *  #include <kedge/gsl.h>
 *  int main(void)
 *  {
 *      const double x[9] = {0, 1, 2, 2, 3, 4, 4, 5, 6}, y[9] = {0, 0, 1, 0, 1, 1, 2, 2, 2}, at = 3;
 *      kedge_gsl_softmax_config cfg = kedge_gsl_softmax_defaults(1, 3);
 *      kedge_rows rows = kedge_rows_float64(x, 9, 1);
 *      kedge_gsl_softmax_fit fit;
 *      kedge_model m;
 *      double p[3] = {0, 0, 0};
 *      size_t mem_bytes = kedge_model_size(&cfg.base), work_bytes = kedge_model_fit_work(&cfg.base, 9);
 *      void *mem = malloc(mem_bytes), *work = malloc(work_bytes);
 *      if (kedge_model_init(&m, &cfg.base, mem, mem_bytes) < 0) return 1;
 *      if (kedge_model_fit(&m, &rows, y, NULL, work, work_bytes) < 0) return 1;
 *      if (kedge_model_score(&m, &at, p, 3) < 0) return 1;
 *      if (kedge_gsl_softmax_summary(&m, &fit) < 0) return 1;
 *      free(work);
 *      free(mem);
 *      return p[1] > p[0] && p[1] > p[2] && fit.deviance < fit.null_deviance ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_GSL_SOFTMAX_H
#define KEDGE_GSL_SOFTMAX_H

#include "../model.h"
#include "report.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup gsl
 *  @{ */

/** Multinomial logistic regression with intercepts by Newton's method, that is iteratively reweighted least squares (McCullagh,
 *  Nelder 1989, "Generalized Linear Models", 2nd edition, chapter 5; Hosmer, Lemeshow, Sturdivant 2013, "Applied Logistic
 *  Regression", 3rd edition, section 8.1): class k has a probability in proportion to exp(a_k + x b_k). Any number of classes;
 *  offers fit. For two classes kedge_gsl_logistic costs less.
 *
 *  With a penalty, l2 > 0, every class has weights, which sum to 0 over the classes, as do the intercepts: scikit-learn's
 *  LogisticRegression with C = 1 / l2, where `standardise` is 0 or the columns have deviation 1. Without, l2 = 0, weights and
 *  intercept of the first class that has rows are 0, and those of the others are log odds against it: statsmodels' MNLogit.
 *  Constant columns and, without a penalty, those that the ones before them determine get weight 0. Classes without a row of the
 *  table have the probability 0. Features may have any finite magnitude. The class name in snapshots is "softmax_irls".
 *  kedge_model_fit() returns #KEDGE_ERR_NUMERIC, and leaves the model as it was, where there is no answer: rows of fewer than two
 *  classes have a weight; l2 is 0 and planes separate the classes (where they separate only some of the rows, the weights are
 *  large); or max_iterations were not enough. Where nothing was fitted yet all classes are equally likely.
 *
 *  Cost: O(n_rows * n_classes^2 * n_features^2) and one pass over the table an iteration, usually under 10, of a long table three,
 *  after those on a sixteenth of its rows; three passes before them. Work memory: 1.25 (n_classes * n_features)^2 numbers and
 *  some, independent of n_rows: at most some thousand weights are for this class, more for kedge_linear. */
typedef struct kedge_gsl_softmax_config {
    kedge_model_config base; /**< set by kedge_gsl_softmax_config_init(); n_classes >= 2 */
    double l2;               /**< penalty l2/2 * |weights|^2 beside the summed log loss, [0, 1e9], default 1 (scikit-learn's C = 1)
                              *   */
    double tolerance;        /**< the penalised deviance comes within about the square of this share of its least, (0, 1), default
                              *   1e-10; rounding ends it earlier */
    uint32_t max_iterations; /**< then KEDGE_ERR_NUMERIC, 1 to 10000, default 100 */
    uint32_t standardise;    /**< 1, the default: the penalty is on columns brought to deviation 1, as that of kedge_gsl_logistic;
                              *   0: on the columns as they are, as scikit-learn has it */
    uint32_t report;         /**< 1: the model keeps what kedge_gsl_softmax_report() needs, about the square of (n_classes - 1)
                              *   (n_features + 1) / 2 numbers more; needs l2 = 0: the tests know of no penalty; 0, the default: not
                              *   */
    uint32_t reserved;       /**< 0 */
} kedge_gsl_softmax_config;

extern KEDGE_API const kedge_model_class kedge_gsl_softmax; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param n_features numbers in a row @param n_classes classes
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_gsl_softmax_config_init(kedge_gsl_softmax_config *cfg, size_t cfg_bytes, uint32_t n_features,
                                                     uint32_t n_classes);

/** The default configuration. @param n_features numbers in a row @param n_classes classes @return it @since 0.1 */
static inline kedge_gsl_softmax_config kedge_gsl_softmax_defaults(uint32_t n_features, uint32_t n_classes)
{
    kedge_gsl_softmax_config cfg;
    if (kedge_gsl_softmax_config_init(&cfg, sizeof cfg, n_features, n_classes) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** The fitted coefficients of a class in the units of the features. Predictions are more accurate than what these give where a
 *  column's spread is small beside its mean.
 *  @param m of class #kedge_gsl_softmax, may be shared  @param i_class which class  @param weights one a feature  @param n_weights
 *  n_features  @param intercept constant term
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY done, all are 0: nothing was fitted yet  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_CLASS a model of another class  @retval KEDGE_ERR_RANGE no such class  @retval KEDGE_ERR_SHAPE n_weights does
 *  not fit  @retval KEDGE_ERR_NUMERIC a weight does not fit a double (a feature of 1e-300); predictions do
 *  An error has written nothing.  @complexity O(n_features)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_gsl_softmax_coefficients(const kedge_model *m, uint32_t i_class, double *weights,
                                                                       size_t n_weights, double *intercept);

/** A fit as a whole. */
typedef struct kedge_gsl_softmax_fit {
    uint64_t n_rows;       /**< rows that had a weight; 0: nothing was fitted yet */
    double deviance;       /**< -2 log likelihood, weighted, without the penalty, >= 0 */
    double null_deviance;  /**< that of the intercepts alone */
    double p_value;        /**< of the hypothesis that all weights are 0: the likelihood ratio test, null_deviance - deviance held
                            *   against chi-squared with rank degrees of freedom; 1 with a penalty, which has no such test */
    uint32_t rank;         /**< weights that are estimated, those of the class that the others are held against left out */
    uint32_t iterations;   /**< steps */
    uint32_t n_seen;       /**< classes that had rows */
    uint32_t reserved;     /**< 0 */
} kedge_gsl_softmax_fit;

/** Facts about the last fit. @param m of class #kedge_gsl_softmax, may be shared @param out the facts
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY done, all are 0: nothing was fitted yet  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_CLASS a model of another class  @complexity O(sqrt(rank))  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_gsl_softmax_summary(const kedge_model *m, kedge_gsl_softmax_fit *out);

/** Coefficients of a class with standard errors and Wald tests, from the observed information. They are log odds against the first
 *  class that has rows, whose own are 0 with p-value 1, as are those of classes without rows.
 *  @param m fitted with `report` = 1, may be shared  @param i_class which class  @param confidence of the intervals, (0, 1),
 *  usually 0.95
 *  @param coefficients the intercept, then one a feature  @param n_coefficients n_features + 1
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY nothing was fitted yet; nothing is written  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_CLASS a model of another class  @retval KEDGE_ERR_UNSUPPORTED it was made without `report`
 *  @retval KEDGE_ERR_RANGE no such class, or confidence is out of range  @retval KEDGE_ERR_SHAPE n_coefficients does not fit
 *  @retval KEDGE_ERR_NUMERIC a number does not fit a double, or errors are beyond all measure
 *  An error has written nothing.  @complexity O((n_classes * n_features)^2)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_gsl_softmax_report(const kedge_model *m, uint32_t i_class, double confidence,
                                                                kedge_gsl_coefficient *coefficients, size_t n_coefficients);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
