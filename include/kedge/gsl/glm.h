/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file gsl/glm.h
 *  Generalised linear models: shares, counts and positive numbers that depend on a linear predictor through a link, with deviance
 *  and Wald tests.
 *
 *  @code
 *  #include <stdlib.h>
 *  #include <kedge/gsl.h>
 *  int main(void)
 *  {
 *      const double x[6] = {0, 1, 2, 3, 4, 5}, counts[6] = {1, 2, 6, 9, 21, 42}, at = 6;
 *      kedge_gsl_glm_config cfg = kedge_gsl_glm_defaults(1, KEDGE_GLM_POISSON);
 *      kedge_rows rows = kedge_rows_float64(x, 6, 1);
 *      kedge_gsl_coefficient b[2];
 *      kedge_gsl_glm_fit fit;
 *      kedge_model m;
 *      double y = 0;
 *      cfg.report = 1;
 *      size_t mem_bytes = kedge_model_size(&cfg.base), work_bytes = kedge_model_fit_work(&cfg.base, 6);
 *      void *mem = malloc(mem_bytes), *work = malloc(work_bytes);
 *      if (kedge_model_init(&m, &cfg.base, mem, mem_bytes) < 0) return 1;
 *      if (kedge_model_fit(&m, &rows, counts, NULL, work, work_bytes) < 0) return 1;
 *      if (kedge_gsl_glm_summary(&m, &fit) < 0) return 1;
 *      if (kedge_gsl_report(&m, 0.95, NULL, b, 2) < 0) return 1;
 *      if (kedge_model_predict(&m, &at, &y) < 0) return 1;
 *      free(work);
 *      free(mem);
 *      return fit.deviance < fit.null_deviance / 50 && b[1].p_value < 1e-6 && y > 80 && y < 95 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_GSL_GLM_H
#define KEDGE_GSL_GLM_H

#include "../model.h"
#include "report.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup gsl
 *  @{ */

/** Distributions of the target about its mean m, kedge_gsl_glm_config::family. */
enum {
    KEDGE_GLM_BINOMIAL = 1, /**< shares in [0, 1], among them 0 and 1 themselves; a row's weight is the number of trials */
    KEDGE_GLM_POISSON = 2,  /**< counts and rates >= 0, variance m */
    KEDGE_GLM_GAMMA = 3     /**< positive numbers, variance in proportion to m^2 */
};

/** What of the mean m is linear in the features, kedge_gsl_glm_config::link. */
enum {
    KEDGE_LINK_LOGIT = 1,   /**< log(m / (1 - m)), of shares: canonical */
    KEDGE_LINK_PROBIT = 2,  /**< the normal quantile of m, of shares */
    KEDGE_LINK_CLOGLOG = 3, /**< log(-log(1 - m)), of shares */
    KEDGE_LINK_LOG = 4,     /**< log m, of counts (canonical) and positive numbers */
    KEDGE_LINK_INVERSE = 5, /**< 1 / m, of positive numbers: canonical */
    KEDGE_LINK_IDENTITY = 6 /**< m, of counts */
};

#define KEDGE_GLM_NO_OFFSET UINT32_MAX /**< kedge_gsl_glm_config::offset: there is none */

/** Generalised linear model with intercept, by Fisher's scoring, that is iteratively reweighted least squares (McCullagh, Nelder
 *  1989, "Generalized Linear Models", 2nd edition, section 2.5). A regression, which predicts means; offers fit.
 *
 *  Targets that count as 0 or 1, with the logit link and no penalty, give the coefficients of kedge_gsl_logistic with l2 = 0.
 *  Columns that are constant or that the ones before them determine get weight 0; features may have any finite magnitude. The class
 *  name in snapshots is "glm". kedge_model_fit() returns #KEDGE_ERR_RANGE for a target that the family does not have (or that is
 *  positive but below 1e-100), and #KEDGE_ERR_NUMERIC, which leaves the model as it was, where there is no answer: no row has a
 *  weight; all targets are 0, or all 1; l2 is 0 and a plane separates the zeros from the ones; no step leads to means that the
 *  family has; or max_iterations were not enough. Where only some rows are separated, the weights are large, and their errors
 *  larger.
 *  A prediction is cut to where the family has means: e^-300 to e^300 with the logarithm, else 1e-120 to 1e120. Where nothing was
 *  fitted yet it is 0.
 *
 *  Cost: O(n_rows * n_features^2) and one pass over the table an iteration, usually under 10, of a long table three, after those on
 *  a sixteenth of its rows; five passes more, with `report` six. Work memory is independent of n_rows. */
typedef struct kedge_gsl_glm_config {
    kedge_model_config base; /**< set by kedge_gsl_glm_config_init(); n_classes = 0 */
    double l2;               /**< penalty l2/2 * |weights|^2 beside half the deviance, standardised features, [0, 1e9], default 0;
                              *   not with `report`: the tests know of no penalty */
    double tolerance;        /**< the deviance comes within about the square of this share of its least, (0, 1), default 1e-10 */
    uint32_t family;         /**< KEDGE_GLM_..., default as given to kedge_gsl_glm_config_init() */
    uint32_t link;           /**< KEDGE_LINK_... that goes with the family, default logit for shares, else the logarithm, since with
                              *   it every linear predictor has a mean */
    uint32_t offset;         /**< feature whose coefficient is 1, as the logarithm of an exposure, below n_features; default
                              *   #KEDGE_GLM_NO_OFFSET */
    uint32_t max_iterations; /**< then KEDGE_ERR_NUMERIC, 1 to 10000, default 100 */
    uint32_t report;         /**< 1: the model keeps what kedge_gsl_report() and kedge_gsl_glm_predict_interval() need,
                              *   (n_features + 1) (n_features + 2) / 2 numbers more; 0, the default: not */
    uint32_t reserved;       /**< 0 */
} kedge_gsl_glm_config;

extern KEDGE_API const kedge_model_class kedge_gsl_glm; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param n_features numbers in a row @param family KEDGE_GLM_...
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_gsl_glm_config_init(kedge_gsl_glm_config *cfg, size_t cfg_bytes, uint32_t n_features, uint32_t family);

/** The default configuration. @param n_features numbers in a row @param family KEDGE_GLM_... @return it @since 0.1 */
static inline kedge_gsl_glm_config kedge_gsl_glm_defaults(uint32_t n_features, uint32_t family)
{
    kedge_gsl_glm_config cfg;
    if (kedge_gsl_glm_config_init(&cfg, sizeof cfg, n_features, family) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** A fit as a whole. Its coefficients, with z statistics after Wald, come from kedge_gsl_report() with `out` NULL. */
typedef struct kedge_gsl_glm_fit {
    uint64_t n_rows;      /**< rows that had a weight; 0: nothing was fitted yet */
    uint32_t rank;        /**< columns that have a weight of their own, intercept and offset apart */
    uint32_t iterations;  /**< steps over all rows */
    double df;            /**< residual degrees of freedom, n_rows - rank - 1; not positive: the model has a number for each row */
    double deviance;      /**< twice the log likelihood that a model with a number for each row has more, weighted, >= 0 */
    double null_deviance; /**< that of intercept and offset alone */
    double pearson;       /**< Pearson's statistic: sum of weight * (target - mean)^2 / variance function */
    double dispersion;    /**< 1 for binomial and Poisson; for gamma pearson / df, or 0 where df is not positive */
} kedge_gsl_glm_fit;

/** Deviance, degrees of freedom and dispersion of the last fit. @param m of class #kedge_gsl_glm, may be shared @param out the
 *  facts
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY done, all are 0: nothing was fitted yet  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_CLASS a model of another class  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_gsl_glm_summary(const kedge_model *m, kedge_gsl_glm_fit *out);

/** A predicted mean with its interval. */
typedef struct kedge_gsl_glm_interval {
    double value;          /**< the mean, as kedge_model_predict() */
    double low;            /**< lower limit of the mean's confidence interval: that of the linear predictor, through the link */
    double high;           /**< upper limit */
    double linear;         /**< the linear predictor */
    double standard_error; /**< of the linear predictor */
} kedge_gsl_glm_interval;

/** Predict a mean with its confidence interval after Wald.
 *  @param m of class #kedge_gsl_glm with `report` = 1, may be shared  @param x n_features numbers  @param confidence (0, 1),
 *  usually 0.95
 *  @param out the prediction
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY nothing was fitted yet; nothing is written  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_CLASS a model of another class  @retval KEDGE_ERR_UNSUPPORTED it was made without `report`
 *  @retval KEDGE_ERR_RANGE confidence is out of range  @retval KEDGE_ERR_NOT_FINITE NaN or infinity in x
 *  @retval KEDGE_ERR_NUMERIC the dispersion could not be estimated, or an error does not fit
 *  An error has written nothing.  @complexity O(n_features^2)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_gsl_glm_predict_interval(const kedge_model *m, const double *x, double confidence,
                                                                      kedge_gsl_glm_interval *out);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
