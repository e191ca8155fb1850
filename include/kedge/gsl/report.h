/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file gsl/report.h
 *  What a fitted linear model is worth: standard errors, tests and intervals of its coefficients, of the whole fit and of
 *  predictions.
 *
 *  @code
 *  #include <stdlib.h>
 *  #include <kedge/gsl.h>
 *  int main(void)
 *  {
 *      const double x[5] = {1, 2, 3, 4, 5}, target[5] = {2, 4, 5, 4, 5}, at = 6;
 *      kedge_gsl_least_squares_config cfg = kedge_gsl_least_squares_defaults(1);
 *      kedge_rows rows = kedge_rows_float64(x, 5, 1);
 *      kedge_gsl_fit_report fit;
 *      kedge_gsl_coefficient b[2];
 *      kedge_gsl_interval y;
 *      kedge_model m;
 *      cfg.report = 1;
 *      size_t mem_bytes = kedge_model_size(&cfg.base), work_bytes = kedge_model_fit_work(&cfg.base, 5);
 *      void *mem = malloc(mem_bytes), *work = malloc(work_bytes);
 *      if (kedge_model_init(&m, &cfg.base, mem, mem_bytes) < 0) return 1;
 *      if (kedge_model_fit(&m, &rows, target, NULL, work, work_bytes) < 0) return 1;
 *      if (kedge_gsl_report(&m, 0.95, &fit, b, 2) < 0) return 1;
 *      if (kedge_gsl_predict_interval(&m, &at, 0.95, &y) < 0) return 1;
 *      free(work);
 *      free(mem);
 *      return fit.r2 > 0.5999 && fit.r2 < 0.6001 && b[1].low < 0.6 && b[1].high > 0.6 && y.low < y.mean_low ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_GSL_REPORT_H
#define KEDGE_GSL_REPORT_H

#include "../model.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup gsl
 *  @{ */

/** A coefficient and what the data say about it. Of a column that has no weight, since it is constant or others determine it:
 *  value, errors, limits and statistic 0, p-value 1. */
typedef struct kedge_gsl_coefficient {
    double value;          /**< estimate, in units of the target over those of the feature */
    double standard_error; /**< of the estimate, same unit, >= 0 */
    double statistic;      /**< value / standard_error: t, or z where the spread is known; cut at the greatest double */
    double p_value;        /**< two-sided, of the hypothesis that the coefficient is 0 */
    double low;            /**< lower limit of the confidence interval */
    double high;           /**< upper limit */
} kedge_gsl_coefficient;

/** A fit as a whole. */
typedef struct kedge_gsl_fit_report {
    uint64_t n_rows;       /**< rows that had a weight */
    uint32_t rank;         /**< columns that have a weight, the intercept apart */
    uint32_t reserved;     /**< 0 */
    double df;             /**< residual degrees of freedom: n_rows - rank - 1 */
    double residual_error; /**< standard deviation of a row of weight 1 about the model, in units of the target */
    double r2;             /**< share of the weighted variance that the model explains, [0, 1]; 0 if the target is constant */
    double adjusted_r2;    /**< r2 for degrees of freedom: 1 - (1 - r2) (n_rows - 1) / df */
    double f;              /**< F statistic of the hypothesis that all weights are 0, with rank and df degrees of freedom; cut at
                            *   the greatest double, 0 without columns */
    double f_p_value;      /**< its p-value */
} kedge_gsl_fit_report;

/** A prediction with its intervals. */
typedef struct kedge_gsl_interval {
    double value;          /**< as kedge_model_predict() */
    double standard_error; /**< of the mean of rows like this */
    double mean_low;       /**< confidence interval of that mean */
    double mean_high;      /**< upper limit */
    double low;            /**< interval for one new row of weight 1 */
    double high;           /**< upper limit */
} kedge_gsl_interval;

/** The tests of a fit: Student's t for each coefficient, Fisher's F for all (Draper, Smith 1998, "Applied regression analysis", 3rd
 *  edition, chapters 1 and 5). They suppose that residuals are independent, normal and of variance in proportion to 1 / weight, and
 *  are right to about 1e-12 also far out.
 *  @param m a model of kedge-gsl fitted with `report` = 1, may be shared  @param confidence of the intervals, (0, 1), usually 0.95
 *  @param out the whole fit; NULL: not wanted  @param coefficients the intercept, then one a feature; NULL: not wanted
 *  @param n_coefficients room there: n_features + 1, or 0 with NULL
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY nothing was fitted yet; nothing is written  @retval KEDGE_ERR_NULL no model
 *  @retval KEDGE_ERR_CLASS a model of another class  @retval KEDGE_ERR_UNSUPPORTED it was made without `report`,
 *  or `out` is wanted of a kedge_gsl_glm, which has kedge_gsl_glm_summary(), or a kedge_gsl_robust, which has
 *  kedge_gsl_robust_summary()
 *  @retval KEDGE_ERR_RANGE confidence is out of range  @retval KEDGE_ERR_SHAPE n_coefficients does not fit
 *  @retval KEDGE_ERR_NUMERIC no residual degrees of freedom, or a number that does not fit a double An error has written nothing.
 *  @complexity O(n_features^2)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_gsl_report(const kedge_model *m, double confidence, kedge_gsl_fit_report *out,
                                                        kedge_gsl_coefficient *coefficients, size_t n_coefficients);

/** Predict with intervals, under the same suppositions (Draper, Smith 1998, section 3.1).
 *  @param m a model of kedge-gsl fitted with `report` = 1, may be shared  @param x n_features numbers  @param confidence as
 *  kedge_gsl_report()  @param out the prediction
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_NOT_FINITE NaN or infinity in x
 *  @retval others as kedge_gsl_report()
 *  An error has written nothing.  @complexity O(n_features^2)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_gsl_predict_interval(const kedge_model *m, const double *x, double confidence,
                                                                  kedge_gsl_interval *out);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
