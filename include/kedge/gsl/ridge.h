/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file gsl/ridge.h
 *  Ridge regression: least squares with a penalty on the weights, for one penalty or a whole path of them, of which leave-one-out
 *  or generalised cross-validation chooses one.
 *
 *  @code
 *  #include <stdlib.h>
 *  #include <kedge/gsl.h>
 *  int main(void)
 *  {
 *      const double x[6][2] = {{1, 1.1}, {2, 1.9}, {3, 3.2}, {4, 3.9}, {5, 5.1}, {6, 5.8}}, target[6] = {2, 4, 5, 8, 10, 13};
 *      kedge_gsl_ridge_config cfg = kedge_gsl_ridge_defaults(2);
 *      kedge_rows rows = kedge_rows_float64(&x[0][0], 6, 2);
 *      kedge_gsl_ridge_point path[13];
 *      kedge_gsl_ridge_fit fit;
 *      kedge_model m;
 *      cfg.l2 = 1e-3;
 *      cfg.l2_high = 1e3;
 *      cfg.n_l2 = 13;
 *      size_t mem_bytes = kedge_model_size(&cfg.base), work_bytes = kedge_model_fit_work(&cfg.base, 6);
 *      void *mem = malloc(mem_bytes), *work = malloc(work_bytes);
 *      if (kedge_model_init(&m, &cfg.base, mem, mem_bytes) < 0) return 1;
 *      if (kedge_model_fit(&m, &rows, target, NULL, work, work_bytes) < 0) return 1;
 *      if (kedge_gsl_ridge_summary(&m, &fit) < 0) return 1;
 *      if (kedge_gsl_ridge_path(&m, path, 13, NULL, 0) < 0) return 1;
 *      free(work);
 *      free(mem);
 *      return fit.loo <= path[0].loo && fit.loo <= path[12].loo && fit.df < 3 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_GSL_RIDGE_H
#define KEDGE_GSL_RIDGE_H

#include "../model.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup gsl
 *  @{ */

#define KEDGE_RIDGE_PATH_MAX 1000u /**< most penalties of a path in equal ratios */
#define KEDGE_RIDGE_LIST_MAX 32u   /**< most penalties of a list */

/** What chooses a penalty, kedge_gsl_ridge_config::choice. */
enum {
    KEDGE_RIDGE_LOO = 1, /**< the least mean squared error of rows that are left out one at a time: exact, in one more pass over
                          *   the table */
    KEDGE_RIDGE_GCV = 2  /**< generalised cross-validation, which needs no other pass; leave-one-out errors are not known then */
};

/** Ridge regression with intercept, which is not penalised (Hoerl, Kennard 1970, "Ridge regression: biased estimation for
 *  nonorthogonal problems", Technometrics 12), by singular values of the triangle of all rows, which serve all penalties of a path
 *  (Golub, Van Loan 2013, "Matrix Computations", section 6.1.4). A regression; offers fit.
 *
 *  Minimises sum of weight * (target - value)^2 + l2 * |weights|^2: scikit-learn's Ridge with alpha = l2, and its RidgeCV where
 *  there is a path. The class name in snapshots is "ridge". Constant columns get weight 0; with l2 = 0, of all answers that are as
 *  good, the one whose weights are least. Features may have any finite magnitude; without `standardise` a column that is below
 *  1e-140 times another one counts as constant. Predictions are finite always, see #kedge_gsl_least_squares. kedge_model_fit()
 *  returns #KEDGE_ERR_NUMERIC if all row weights are 0. kedge_gsl_report() says #KEDGE_ERR_UNSUPPORTED: a biased estimate has no
 *  such errors and tests. kedge_gsl_summary() gives singular values that count as `rank`, and the ratio of the greatest to the
 *  least as `condition`.
 *
 *  Cost: O(n_rows * n_features^2 + n_features^3) and O(n_features^2) for each penalty; with #KEDGE_RIDGE_LOO another pass of
 *  O(n_rows * n_features * (n_features + 2 n_l2)). Work memory is independent of n_rows: that of #kedge_gsl_least_squares, and for
 *  the other pass 120 rows and n_features^2 numbers more. */
typedef struct kedge_gsl_ridge_config {
    kedge_model_config base; /**< set by kedge_gsl_ridge_config_init(); n_classes = 0 */
    double l2;               /**< the penalty, or the least one of the path, [0, 1e100], default 1; above 0 where n_l2 is above 1.
                              *   Its unit is that of a row's weight times the square of a feature, or that of a row's weight with
                              *   `standardise` */
    double l2_high;          /**< the greatest penalty of the path, [l2, 1e100], default 1; does not count where n_l2 is 1 */
    uint32_t n_l2;           /**< penalties, in equal ratios from l2 to l2_high, 1 to #KEDGE_RIDGE_PATH_MAX, default 1; or those of
                              *   `penalties`, 1 to #KEDGE_RIDGE_LIST_MAX */
    uint32_t choice;         /**< #KEDGE_RIDGE_LOO, the default, or #KEDGE_RIDGE_GCV; of equals the greatest penalty */
    uint32_t standardise;    /**< 1: the penalty is on the weights of columns over their weighted standard deviations, so that units
                              *   do not matter; 0, the default: on the weights themselves, as scikit-learn does */
    uint32_t method;         /**< #KEDGE_GSL_METHOD_QR, the default, or #KEDGE_GSL_METHOD_NORMAL: faster, with fewer digits where
                              *   columns are collinear and the penalty is small; no warning */
    uint32_t path;           /**< 1: the model keeps the coefficients of all penalties, n_l2 * (n_features + 1) numbers; 0, the
                              *   default: not */
    uint32_t reserved;       /**< 0 */
    const double *penalties; /**< n_l2 penalties of your own, as RidgeCV's `alphas`, none below the one before, each [0, 1e100]; l2
                              *   and l2_high do not count then. Read when the model is made. NULL, the default: equal ratios */
} kedge_gsl_ridge_config;

extern KEDGE_API const kedge_model_class kedge_gsl_ridge; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param n_features numbers in a row
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_gsl_ridge_config_init(kedge_gsl_ridge_config *cfg, size_t cfg_bytes, uint32_t n_features);

/** The default configuration. @param n_features numbers in a row @return it @since 0.1 */
static inline kedge_gsl_ridge_config kedge_gsl_ridge_defaults(uint32_t n_features)
{
    kedge_gsl_ridge_config cfg;
    if (kedge_gsl_ridge_config_init(&cfg, sizeof cfg, n_features) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** What one penalty of a path is worth. */
typedef struct kedge_gsl_ridge_point {
    double l2;       /**< the penalty */
    double loo;      /**< weighted mean squared error of rows left out one at a time, exact, in the target's unit squared; the
                      *   greatest double where a row has no error since the others do not determine its value (its leverage is
                      *   above 1 - 1e-10), 0 with #KEDGE_RIDGE_GCV. With `standardise`, the deviations are those of all rows */
    double gcv;      /**< (deviance / sum of weights) / (1 - df / n_rows)^2 (Golub, Heath, Wahba 1979, "Generalized cross-validation
                      *   as a method for choosing a good ridge parameter", Technometrics 21); the greatest double where df is
                      *   n_rows */
    double df;       /**< effective degrees of freedom, 1 for the intercept among them: sum of all leverages, from 1 to rank + 1 */
    double deviance; /**< weighted sum of squared residuals */
} kedge_gsl_ridge_point;

/** A fit as a whole. */
typedef struct kedge_gsl_ridge_fit {
    uint64_t n_rows;   /**< rows that had a weight; 0: nothing was fitted yet */
    uint32_t rank;     /**< singular values that count */
    uint32_t chosen;   /**< number of the chosen penalty on the path, from 0 */
    uint32_t n_l2;     /**< penalties of the path */
    uint32_t reserved; /**< 0 */
    double l2;         /**< the chosen penalty; this and the rest as in #kedge_gsl_ridge_point */
    double loo;        /**< its leave-one-out error */
    double gcv;        /**< its generalised cross-validation */
    double df;         /**< its effective degrees of freedom */
    double deviance;   /**< its deviance */
} kedge_gsl_ridge_fit;

/** Facts about the last fit. @param m of class #kedge_gsl_ridge, may be shared @param out the facts
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY done, all but l2 and n_l2 are 0: nothing was fitted yet  @retval KEDGE_ERR_NULL a
 *  pointer is NULL
 *  @retval KEDGE_ERR_CLASS a model of another class  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_gsl_ridge_summary(const kedge_model *m, kedge_gsl_ridge_fit *out);

/** The whole path of the last fit, from the least penalty to the greatest. @param m of class #kedge_gsl_ridge, may be shared
 *  @param points one a penalty; NULL: not wanted  @param n_points n_l2, or 0 with NULL
 *  @param coefficients of each penalty the intercept, then the weights, in the units of kedge_gsl_coefficients(); NULL: not wanted
 *  @param n_coefficients n_l2 * (n_features + 1), or 0 with NULL
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY nothing was fitted yet; nothing is written  @retval KEDGE_ERR_NULL no model
 *  @retval KEDGE_ERR_CLASS a model of another class  @retval KEDGE_ERR_SHAPE n_points or n_coefficients does not fit
 *  @retval KEDGE_ERR_UNSUPPORTED coefficients are wanted, but the model was made without `path`
 *  @retval KEDGE_ERR_NUMERIC a weight does not fit a double (a feature of 1e-300)
 *  An error has written nothing.  @complexity O(n_l2 * n_features)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_gsl_ridge_path(const kedge_model *m, kedge_gsl_ridge_point *points, size_t n_points,
                                                             double *coefficients, size_t n_coefficients);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
