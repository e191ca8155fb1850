/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file gsl/elastic_net.h
 *  Linear regression with a penalty that leaves out columns: lasso, elastic net and ridge, for one strength of it, a path of
 *  strengths, or the one that cross-validation chooses.
 *
 *  @code
 *  #include <stdlib.h>
 *  #include <kedge/gsl.h>
 *  int main(void)
 *  {
 *      const double x[8][2] = {{1, 0}, {2, 1}, {3, 0}, {4, 1}, {5, 1}, {6, 0}, {7, 1}, {8, 0}}, y[8] = {3, 5, 7, 9, 11, 13, 15,
 *      17}; kedge_gsl_elastic_net_config cfg = kedge_gsl_elastic_net_defaults(2);
 *      kedge_rows rows = kedge_rows_float64(&x[0][0], 8, 2);
 *      kedge_gsl_elastic_net_fit fit;
 *      kedge_model m;
 *      double w[2], intercept;
 *      cfg.l1_ratio = 1;
 *      cfg.alpha = 0.525;
 *      size_t mem_bytes = kedge_model_size(&cfg.base), work_bytes = kedge_model_fit_work(&cfg.base, 8);
 *      void *mem = malloc(mem_bytes), *work = malloc(work_bytes);
 *      if (kedge_model_init(&m, &cfg.base, mem, mem_bytes) < 0) return 1;
 *      if (kedge_model_fit(&m, &rows, y, NULL, work, work_bytes) < 0) return 1;
 *      if (kedge_gsl_coefficients(&m, w, 2, &intercept) < 0) return 1;
 *      if (kedge_gsl_elastic_net_summary(&m, &fit) < 0) return 1;
 *      free(work);
 *      free(mem);
 *      return w[0] > 1.89 && w[0] < 1.91 && w[1] == 0 && fit.n_nonzero == 1 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_GSL_ELASTIC_NET_H
#define KEDGE_GSL_ELASTIC_NET_H

#include "../model.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup gsl
 *  @{ */

/** Elastic net with intercept by coordinate descent on the products of columns (Friedman, Hastie, Tibshirani 2010, "Regularization
 *  paths for generalized linear models via coordinate descent", Journal of Statistical Software 33). A regression; offers fit.
 *  Minimises, with W the sum of the weights w,
 *
 *      sum of w (y - a - x b)^2 / (2 W) + alpha l1_ratio sum of |b| + alpha (1 - l1_ratio) / 2 sum of b^2
 *
 *  as scikit-learn's ElasticNet and, with l1_ratio 1, Lasso have it. With n_folds the strength alpha is chosen as their
 *  ElasticNetCV and LassoCV do: n_alphas strengths fall in equal ratios from the least that leaves out all columns to path_ratio
 *  times that; each is judged by the mean over the folds of the mean squared error in a fold of a model of the others. Folds are
 *  those of #KEDGE_SPLIT_K_FOLD.
 *
 *  Constant columns get weight 0. Features and targets may have any finite magnitude that they may have elsewhere; the class name
 *  in snapshots is "elastic_net". kedge_model_fit() returns #KEDGE_WARNING where max_iterations were not enough in one of the fits,
 *  and has fitted what was reached: so where hardly any penalty is on columns that determine each other to 1e-7 of their spread,
 *  which products of columns cannot tell from copies; #KEDGE_ERR_NUMERIC, which leaves the model as it was, where no row has a
 *  weight, or the rows with one are all in one fold. Predictions are finite as those of kedge_gsl_least_squares. For alpha = 0 that
 *  is the better class: it keeps twice the digits.
 *
 *  Cost: O(n_rows * n_features^2) in one pass over the table behind the one that checks it, then no more than O(n_features^2) a
 *  sweep whatever the rows, and O(n_features^3) for each fold. Work memory: (n_folds + 4) (n_features + 2)^2 numbers and 120 rows;
 *  with `shuffle` 4 bytes a row more. */
typedef struct kedge_gsl_elastic_net_config {
    kedge_model_config base; /**< set by kedge_gsl_elastic_net_config_init(); n_classes = 0 */
    double alpha;            /**< strength of the penalty, in units of the target over those of the features (l1), [0, 1e200],
                              *   default 1; with n_folds it is chosen instead */
    double l1_ratio;         /**< share of the penalty on magnitudes: 1 is the lasso, 0 ridge, [0, 1], default 0.5 */
    double tolerance;        /**< the objective comes within this share of the target's variance of its least, by the duality gap,
                              *   (0, 1), default 1e-15; rounding ends it earlier */
    double path_ratio;       /**< of the least strength tried to the greatest, (0, 1), default 1e-3 */
    uint64_t seed;           /**< of the shuffle, any, default 1 */
    uint32_t max_iterations; /**< most sweeps over columns for one strength, 1 to 1000000, default 1000 */
    uint32_t standardise;    /**< 1: the penalty is on columns brought to deviation 1, as glmnet has it, so that their units do not
                              *   count; 0, the default: on the columns as they are, as scikit-learn */
    uint32_t n_folds;        /**< folds to choose alpha by, 2 to 1000; 0, the default: alpha is as given */
    uint32_t n_alphas;       /**< strengths to choose from, 1 to 10000, default 100 */
    uint32_t shuffle;        /**< 1: rows are dealt out to folds at random; 0, the default: neighbours go together */
    uint32_t one_error;      /**< 1: of the strengths whose error is within a standard error of the least the greatest is chosen,
                              *   for a sparser model; 0, the default: that of the least error */
} kedge_gsl_elastic_net_config;

extern KEDGE_API const kedge_model_class kedge_gsl_elastic_net; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param n_features numbers in a row
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_gsl_elastic_net_config_init(kedge_gsl_elastic_net_config *cfg, size_t cfg_bytes, uint32_t n_features);

/** The default configuration. @param n_features numbers in a row @return it @since 0.1 */
static inline kedge_gsl_elastic_net_config kedge_gsl_elastic_net_defaults(uint32_t n_features)
{
    kedge_gsl_elastic_net_config cfg;
    if (kedge_gsl_elastic_net_config_init(&cfg, sizeof cfg, n_features) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** One strength of a penalty, and what came of it. */
typedef struct kedge_gsl_elastic_net_fit {
    uint64_t n_rows;      /**< rows that had a weight; 0: nothing was fitted yet */
    double alpha;         /**< the strength */
    double intercept;     /**< constant term, in units of the target */
    double deviance;      /**< weighted sum of squared residuals */
    double r2;            /**< share of the target's weighted squares about its mean that the model explains, [0, 1] */
    double gap;           /**< the objective is above its least by at most this, as a share of the target's variance */
    double error;         /**< mean over the folds of the mean squared error; 0 without folds */
    double error_se;      /**< standard error of that mean, from the spread over the folds */
    uint32_t n_nonzero;   /**< columns that have a weight */
    uint32_t iterations;  /**< sweeps over columns, for this strength and those before it on the path */
    uint32_t converged;   /**< 1: the gap came below the tolerance; 0: max_iterations were not enough */
    uint32_t n_folds;     /**< folds that had rows with a weight to train on and to test */
} kedge_gsl_elastic_net_fit;

/** Facts about the last fit. @param m of class #kedge_gsl_elastic_net, may be shared @param out the facts
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY done, all are 0: nothing was fitted yet  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_CLASS a model of another class  @complexity O(n_features)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_gsl_elastic_net_summary(const kedge_model *m, kedge_gsl_elastic_net_fit *out);

/** Bytes of work memory for kedge_gsl_elastic_net_path(). @param cfg configuration  @param n_rows rows  @return bytes; 0: NULL or
 *  out of range, or too many rows  @complexity O(1)  @since 0.1 */
KEDGE_API size_t kedge_gsl_elastic_net_path_work(const kedge_gsl_elastic_net_config *cfg, size_t n_rows);

/** Fit a path of strengths, each from where the one before has ended: coefficients as functions of the penalty and, with
 *  cfg->n_folds, the errors of cross-validation.
 *  @param cfg configuration; alpha and n_alphas do not count  @param x table of n_features columns  @param y x->n_rows targets
 *  @param weight x->n_rows weights, or NULL: all 1  @param alphas n strengths, [0, 1e200], better falling; NULL: those that
 *  kedge_model_fit() would try
 *  @param points n results  @param n strengths, 1 to 10000  @param weights n times n_features weights in units of the target over
 *  those of the features, one strength after the other; NULL: not wanted  @param work scratch, aligned to #KEDGE_ALIGN, free again
 *  afterwards  @param work_bytes its size, at least kedge_gsl_elastic_net_path_work()
 *  @retval KEDGE_OK all converged  @retval KEDGE_WARNING max_iterations were not enough for some  @retval KEDGE_ERR_NULL a pointer
 *  is NULL
 *  @retval KEDGE_ERR_CONFIG cfg is out of range  @retval KEDGE_ERR_SHAPE the table does not fit, or n is out of range  @retval
 *  KEDGE_ERR_NOT_FINITE NaN or infinity  @retval KEDGE_ERR_RANGE a number is refused, as in kedge_model_fit(), or a strength
 *  @retval KEDGE_ERR_BUFFER work is too small
 *  @retval KEDGE_ERR_ALIGN work is misaligned  @retval KEDGE_ERR_NUMERIC no row has a weight, they are all in one fold, or a weight
 *  does not fit a double; then points and weights are of no use, after other errors they are as they were
 *  @complexity as kedge_model_fit()  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_gsl_elastic_net_path(const kedge_gsl_elastic_net_config *cfg, const kedge_rows *x,
                                                                  const double *y,
                                                                   const double *weight, const double *alphas,
                                                                       kedge_gsl_elastic_net_fit *points,
                                                                   size_t n, double *weights, void *work, size_t work_bytes);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
