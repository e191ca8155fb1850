/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file gsl/robust.h
 *  Robust regression: a line that few rows far off cannot move, how much each row counts, and Wald tests.
 *
 *  @code
 *  #include <stdlib.h>
 *  #include <kedge/gsl.h>
 *  int main(void)
 *  {
 *      const double x[7] = {0, 1, 2, 3, 4, 5, 6}, target[7] = {1.1, 2.9, 5.2, 6.8, 9.1, 110, 13.1};
 *      kedge_gsl_robust_config cfg = kedge_gsl_robust_defaults(1, KEDGE_ROBUST_BISQUARE);
 *      kedge_rows rows = kedge_rows_float64(x, 7, 1);
 *      kedge_gsl_robust_fit fit;
 *      kedge_gsl_coefficient b[2];
 *      double weights[7];
 *      kedge_model m;
 *      cfg.report = 1;
 *      size_t mem_bytes = kedge_model_size(&cfg.base), work_bytes = kedge_model_fit_work(&cfg.base, 7);
 *      void *mem = malloc(mem_bytes), *work = malloc(work_bytes);
 *      if (kedge_model_init(&m, &cfg.base, mem, mem_bytes) < 0) return 1;
 *      if (kedge_model_fit(&m, &rows, target, NULL, work, work_bytes) < 0) return 1;
 *      if (kedge_gsl_robust_summary(&m, &fit) < 0) return 1;
 *      if (kedge_gsl_report(&m, 0.95, NULL, b, 2) < 0) return 1;
 *      if (kedge_gsl_robust_weights(&m, &rows, target, weights, 7) < 0) return 1;
 *      free(work);
 *      free(mem);
 *      return fit.scale < 0.5 && b[1].value > 1.9 && b[1].value < 2.1 && weights[5] == 0 && weights[0] > 0.5 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_GSL_ROBUST_H
#define KEDGE_GSL_ROBUST_H

#include "../model.h"
#include "report.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup gsl
 *  @{ */

/** How a row of residual r counts where s is the scale, kedge_gsl_robust_config::norm. */
enum {
    KEDGE_ROBUST_HUBER = 1,   /**< 1 up to |r| = tuning * s, then tuning * s / |r|: one answer, and rows far off still count a
                               *   little */
    KEDGE_ROBUST_BISQUARE = 2 /**< Tukey's: (1 - (r / (tuning * s))^2)^2, and 0 beyond tuning * s: rows far off do not count at all
                               *   */
};

/** Robust regression with intercept: M-estimates by iteratively reweighted least squares (Huber 1981, "Robust Statistics", sections
 *  7.3 to 7.8; Beaton, Tukey 1974, "The fitting of power series, meaning polynomials, illustrated on band-spectroscopic data",
 *  Technometrics 16). A regression; offers fit.
 *
 *  Minimises the sum of weight * rho(residual / scale), with the scale in every step the median of |residual| over 0.6745. A fifth
 *  of the rows may be anything in the target, also all on one side; not in the features: a row far off there draws the line to
 *  itself. Starts from least squares; the bisquare from
 *  Huber's answer, since it has many. The coefficients are those of statsmodels' RLM with HuberT or TukeyBiweight. A row's weight
 *  tells how many rows it stands for, in the median too.
 *
 *  Columns that are constant or that the others determine get weight 0, as in #kedge_gsl_least_squares; so does, with the bisquare,
 *  a column that only tells of rows that do not count. The class name in snapshots is "robust". kedge_model_fit() returns
 *  #KEDGE_ERR_NUMERIC, which leaves the model as it was, if all row weights are 0, and #KEDGE_WARNING where max_iterations were not
 *  enough: it has fitted then. Where more than half of the rows lie on the fit up to rounding, the scale is 0: that is the answer,
 *  kedge_gsl_robust_fit::exact says so, and all standard errors are 0.
 *
 *  kedge_gsl_report() gives coefficients with z statistics after Wald, from Huber's first covariance (1981, equation 7.6.5), and no
 *  fit as a whole, which kedge_gsl_robust_summary() has; kedge_gsl_predict_interval() is #KEDGE_ERR_UNSUPPORTED.
 *  kedge_gsl_summary(): `deviance` is the sum of squared residuals, each times the row's weight and what it counts.
 *
 *  Cost: that of #kedge_gsl_least_squares and two passes more for each iteration, usually 5 to 30, with `report` twice more. Work
 *  memory: that of #kedge_gsl_least_squares, 2,048 numbers, and two numbers a row. */
typedef struct kedge_gsl_robust_config {
    kedge_model_config base; /**< set by kedge_gsl_robust_config_init(); n_classes = 0 */
    double tuning;           /**< scales from the fit at which rows begin to count less, Huber: [0.01, 1e6], default 1.345; or no
                              *   longer count, bisquare: [1, 1e6], default 4.685. With these, 95 % as precise as least squares on
                              *   normal residuals */
    double tolerance;        /**< ends when no residual changes by more than this many scales, (0, 1), default 1e-10; rounding ends
                              *   it earlier */
    uint32_t norm;           /**< KEDGE_ROBUST_..., default as given to kedge_gsl_robust_config_init() */
    uint32_t max_iterations; /**< of the bisquare from Huber's answer as many again; then #KEDGE_WARNING, 1 to 10000, default 200 */
    uint32_t report;         /**< 1: the model keeps what kedge_gsl_report() needs, (n_features + 1) (n_features + 2) / 2 numbers
                              *   more; 0, the default: not */
    uint32_t reserved;       /**< 0 */
} kedge_gsl_robust_config;

extern KEDGE_API const kedge_model_class kedge_gsl_robust; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param n_features numbers in a row @param norm KEDGE_ROBUST_...
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_gsl_robust_config_init(kedge_gsl_robust_config *cfg, size_t cfg_bytes, uint32_t n_features,
                                                    uint32_t norm);

/** The default configuration. @param n_features numbers in a row @param norm KEDGE_ROBUST_... @return it @since 0.1 */
static inline kedge_gsl_robust_config kedge_gsl_robust_defaults(uint32_t n_features, uint32_t norm)
{
    kedge_gsl_robust_config cfg;
    if (kedge_gsl_robust_config_init(&cfg, sizeof cfg, n_features, norm) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** A fit as a whole. */
typedef struct kedge_gsl_robust_fit {
    uint64_t n_rows;     /**< rows that had a weight; 0: nothing was fitted yet */
    uint32_t rank;       /**< columns that have a weight of their own, the intercept apart */
    uint32_t iterations; /**< weighted fits after that by least squares */
    uint32_t converged;  /**< 1: the tolerance was reached; 0: max_iterations were not enough */
    uint32_t exact;      /**< 1: more than half of the rows lie on the fit up to rounding; scale is 0 */
    double scale;        /**< median of |residual| over 0.6745, in the target's unit: the deviation of normal residuals */
    double share;        /**< what the rows count, on the average: weighted mean of their robust weights, in (0, 1] */
    double df;           /**< residual degrees of freedom, n_rows - rank - 1; not positive: the model has a number for each row */
    double wald;         /**< Wald's statistic of the hypothesis that all weights are 0; cut at the greatest double; 0 without
                          *   columns or where df is not positive */
    double wald_p_value; /**< its p-value, chi-squared of rank degrees of freedom; 1 without columns or where df is not positive */
} kedge_gsl_robust_fit;

/** Facts about the last fit. @param m of class #kedge_gsl_robust, may be shared @param out the facts
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY done, all are 0 but wald_p_value, which is 1: nothing was fitted yet
 *  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS a model of another class  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_gsl_robust_summary(const kedge_model *m, kedge_gsl_robust_fit *out);

/** How much rows count by their distance from the fit: those of the fit, to find the ones far off, or others.
 *  @param m of class #kedge_gsl_robust, may be shared  @param x table of n_features columns  @param y x->n_rows targets
 *  @param weights what each counts, [0, 1]; after an exact fit 1 on it and about 0 off it  @param n_weights x->n_rows
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY nothing was fitted yet; nothing is written  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_CLASS a model of another class  @retval KEDGE_ERR_SHAPE the table or n_weights does not fit
 *  @retval KEDGE_ERR_NOT_FINITE NaN or infinity  @retval KEDGE_ERR_RANGE a target is refused, as in kedge_model_fit()
 *  An error has written nothing.  @complexity O(n_rows * n_features)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_gsl_robust_weights(const kedge_model *m, const kedge_rows *x, const double *y,
                                                                 double *weights, size_t n_weights);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
