/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file gsl.h
 *  kedge-gsl: exact static trainers on top of the GNU Scientific Library, as model classes like those of the core, and methods for
 *  data drift by principal components. GSL is used in the caller's memory only: it never allocates, and no checked input makes it
 *  raise. A binary that links kedge-gsl is under the GPL.
 *
 *  @code
 *  #include <stdlib.h>
 *  #include <kedge/gsl.h>
 *  int main(void)
 *  {
 *      const double x[4] = {0, 1, 2, 3}, target[4] = {1, 3, 5, 7}, at = 10;
 *      double y = 0;
 *      kedge_gsl_least_squares_config cfg = kedge_gsl_least_squares_defaults(1);
 *      kedge_rows rows = kedge_rows_float64(x, 4, 1);
 *      kedge_model m;
 *      size_t mem_bytes = kedge_model_size(&cfg.base), work_bytes = kedge_model_fit_work(&cfg.base, 4);
 *      void *mem = malloc(mem_bytes), *work = malloc(work_bytes);
 *      if (kedge_model_init(&m, &cfg.base, mem, mem_bytes) < 0) return 1;
 *      if (kedge_model_fit(&m, &rows, target, NULL, work, work_bytes) < 0) return 1;
 *      if (kedge_model_predict(&m, &at, &y) < 0) return 1;
 *      free(work);
 *      free(mem);
 *      return y > 20.999 && y < 21.001 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_GSL_H
#define KEDGE_GSL_H

#include "base.h"
#include "model.h"
#include "shift.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @defgroup gsl Exact static trainers (kedge-gsl)
 *  Model classes that need the GNU Scientific Library.
 *  @{ */

/** SPDX licence expression of a binary with this component: "GPL-3.0-or-later". @return static text @since 0.1 */
KEDGE_API const char *kedge_gsl_license(void);

/** How least squares reaches its answer. */
enum {
    KEDGE_GSL_METHOD_QR = 1,    /**< orthogonal reflections: loses digits only as the problem itself does */
    KEDGE_GSL_METHOD_NORMAL = 2 /**< normal equations: faster, but lose twice the digits that collinear columns cost. Of the
                                 *   greatest weight of the standardised columns, about 16 - 2 log10(condition) digits are right,
                                 *   and a column that the others determine to 1e-7 of its spread gets weight 0. kedge_model_fit()
                                 *   says #KEDGE_WARNING where that leaves fewer than 8 digits, and has fitted */
};

/** Linear least squares with intercept, by sequential QR in blocks of rows and a rank-revealing QR of the small triangle (Golub,
 *  Van Loan 2013, "Matrix Computations", sections 5.2 and 5.4). A regression; offers fit.
 *
 *  Columns that are constant or that the others determine get weight 0, so neither collinear columns nor fewer rows than columns
 *  are an error. The class name in snapshots is "least_squares". Features may have any finite magnitude: 1e-300 beside 1e300 is
 *  fine. Predictions are finite always: they are cut at 1e200 times the greatest target of the fit, and a feature at 1e200 times
 *  its greatest value there. kedge_model_fit() returns #KEDGE_ERR_NUMERIC if all row weights are 0. Standard errors, tests and
 *  intervals: kedge_gsl_report(); tables that do not fit into memory: kedge/gsl/one_pass.h.
 *
 *  Cost: O(n_rows * n_features^2), in one pass over the table behind the one that checks it. Work memory is independent of n_rows:
 *  120 rows and (n_features + 2)^2 numbers, or somewhat more where there are many features. */
typedef struct kedge_gsl_least_squares_config {
    kedge_model_config base; /**< set by kedge_gsl_least_squares_config_init(); n_classes = 0 */
    double tolerance;        /**< a pivot of the standardised columns below this share of the greatest is zero, [0, 1), default
                              *   1e-12; below 2.2e-16, and below the rounding of the columns themselves, every pivot does */
    uint32_t report;         /**< 1: the model keeps what kedge_gsl_report() needs, (n_features + 1) (n_features + 2) / 2 numbers
                              *   more; 0, the default: not */
    uint32_t method;         /**< #KEDGE_GSL_METHOD_QR, the default, or #KEDGE_GSL_METHOD_NORMAL */
} kedge_gsl_least_squares_config;

extern KEDGE_API const kedge_model_class kedge_gsl_least_squares; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param n_features numbers in a row
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_gsl_least_squares_config_init(kedge_gsl_least_squares_config *cfg, size_t cfg_bytes,
                                                           uint32_t n_features);

/** The default configuration. @param n_features numbers in a row @return it @since 0.1 */
static inline kedge_gsl_least_squares_config kedge_gsl_least_squares_defaults(uint32_t n_features)
{
    kedge_gsl_least_squares_config cfg;
    if (kedge_gsl_least_squares_config_init(&cfg, sizeof cfg, n_features) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** Logistic regression with intercept by iteratively reweighted least squares (McCullagh, Nelder 1989, "Generalized Linear Models",
 *  section 2.5), with a ridge penalty on standardised features so that separable classes have an answer too. Two classes; offers
 *  fit.
 *
 *  Steps are halved until the penalised deviance does not rise. Constant columns get weight 0; features may have any finite
 *  magnitude. The class name in snapshots is "logistic_irls". kedge_model_fit() returns #KEDGE_ERR_NUMERIC, and leaves the model as
 *  it was, where there is no answer: the rows that have a weight are all of one class (the intercept has no bound, with or without
 *  a penalty: keep the old model, or wait for more rows), l2 is 0 and the classes are separable (where a column separates only some
 *  of the rows, the weights are large), or max_iterations were not enough. With l2 = 0, columns that the ones before them determine
 *  get weight 0.
 *
 *  Cost: O(n_rows * n_features^2) and one pass over the table an iteration, usually under 10, of a long table three, after those on
 *  a sixteenth of its rows; two passes before them. Work memory is independent of n_rows. */
typedef struct kedge_gsl_logistic_config {
    kedge_model_config base; /**< set by kedge_gsl_logistic_config_init(); n_classes = 2 */
    double l2;               /**< penalty l2/2 * |weights|^2 beside the summed log loss, standardised features, [0, 1e9], default 1
                              *   (scikit-learn's C = 1) */
    double tolerance;        /**< the penalised deviance comes within about the square of this share of its least, (0, 1), default
                              *   1e-10; rounding ends it earlier */
    uint32_t max_iterations; /**< then KEDGE_ERR_NUMERIC, 1 to 10000, default 100 */
    uint32_t reserved;       /**< 0 */
} kedge_gsl_logistic_config;

extern KEDGE_API const kedge_model_class kedge_gsl_logistic; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param n_features numbers in a row
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_gsl_logistic_config_init(kedge_gsl_logistic_config *cfg, size_t cfg_bytes, uint32_t n_features);

/** The default configuration. @param n_features numbers in a row @return it @since 0.1 */
static inline kedge_gsl_logistic_config kedge_gsl_logistic_defaults(uint32_t n_features)
{
    kedge_gsl_logistic_config cfg;
    if (kedge_gsl_logistic_config_init(&cfg, sizeof cfg, n_features) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/* Read-outs -------------------------------------------------------------------------------------------------------------------- */

/** The fitted coefficients in the units of the features: value = intercept + sum of weights[j] * x[j], which is the log odds of
 *  class 1 for kedge_gsl_logistic. After kedge_model_fit() the predictions are more accurate than this sum where a column's spread
 *  is small beside its mean, since the model keeps the columns centred.
 *  @param m model of a class of this header, may be shared  @param weights one a feature  @param n_weights n_features
 *  @param intercept constant term
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY done, all are 0: nothing was fitted yet  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_CLASS a model of another class  @retval KEDGE_ERR_SHAPE n_weights does not fit
 *  @retval KEDGE_ERR_NUMERIC a weight does not fit a double (a feature of 1e-300); predictions do
 *  An error has written nothing.  @complexity O(n_features)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_gsl_coefficients(const kedge_model *m, double *weights, size_t n_weights,
                                                               double *intercept);

/** What kedge_gsl_summary() tells. */
typedef struct kedge_gsl_fit_summary {
    uint64_t n_rows;     /**< rows of the last fit that had a weight; 0: none yet */
    double deviance;     /**< weighted: sum of squared residuals, or -2 log likelihood (without the penalty) */
    uint32_t rank;       /**< columns that have a weight; below n_features: the rest is constant or determined by others */
    uint32_t iterations; /**< of kedge_gsl_logistic; 1 for kedge_gsl_least_squares */
    double condition;    /**< of kedge_gsl_least_squares: about how many times a change of the target may grow in the weights of the
                          *   standardised columns; 1: the columns are orthogonal; the ratio of the greatest pivot to the least, so
                          *   a lower bound. 0: no columns */
} kedge_gsl_fit_summary;

/** Facts about the last fit. @param m model of a class of this header, may be shared @param out the facts
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY done, all are 0: nothing was fitted yet  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_CLASS a model of another class  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_gsl_summary(const kedge_model *m, kedge_gsl_fit_summary *out);

/* Data drift of tables -------------------------------------------------------------------------------------------------------- */

/** Configuration of both methods. */
typedef struct kedge_gsl_pca_config {
    kedge_shift_config base; /**< common fields; KEDGE_P_AUTO: the p-value of `method`, none if it has none; or KEDGE_P_NONE */
    const kedge_shift_config *method; /**< of one column, for errors or coordinates; NULL, the default: #kedge_mann_whitney for
                                       *   errors, #kedge_ks for coordinates. Its alpha, min_effect and missing do not count here.
                                       *   Must outlive the calls */
    double explained;        /**< share of the variance that the components which are kept explain, (0, 1], default 0.65 for the
                              *   reconstruction, 0.999 for PCA-CD */
} kedge_gsl_pca_config;

/** Reconstruction by principal components: rows are brought to the few components that explain most of the reference and back; that
 *  the error of the current rows is another says that their columns no longer go together as they did (Jackson, Mudholkar 1979).
 *  Columns are standardised by the reference. A half of the reference, drawn by `seed`, is for learning, the other for comparing,
 *  so the p-value is right. Statistic: mean squared error of the current rows, in variances of a column; `expected`: that of the
 *  held-out ones. Effect: their difference in deviations of the held-out errors. Up to 500 columns; fewer than 3 complete rows of
 *  the reference: KEDGE_EMPTY. O((n + m) d^2 + d^3). */
extern KEDGE_API const kedge_shift_class kedge_gsl_pca_reconstruction;

/** PCA-CD: where the rows lie along the principal components of the reference, by a method of one column for each component,
 *  adjusted after Bonferroni; `where`: number of the component that moved most surely, from 0; statistic and effect are its.
 *  Qahtan, Alharbi, Wang, Zhang 2015, "A PCA-based change detection framework for multidimensional data streams". Halves and
 *  columns as for #kedge_gsl_pca_reconstruction. */
extern KEDGE_API const kedge_shift_class kedge_gsl_pca_cd;

/** Defaults of #kedge_gsl_pca_reconstruction. @return them @since 0.1 */
static inline kedge_gsl_pca_config kedge_gsl_pca_reconstruction_defaults(void)
{
    kedge_gsl_pca_config c;
    if (kedge_shift_config_init(&kedge_gsl_pca_reconstruction, &c, sizeof c) < 0) /* a library older than this header */
        c.base.cls = NULL;
    return c;
}

/** Defaults of #kedge_gsl_pca_cd. @return them @since 0.1 */
static inline kedge_gsl_pca_config kedge_gsl_pca_cd_defaults(void)
{
    kedge_gsl_pca_config c;
    if (kedge_shift_config_init(&kedge_gsl_pca_cd, &c, sizeof c) < 0) /* a library older than this header */
        c.base.cls = NULL;
    return c;
}

/** @} */

#ifdef __cplusplus
}
#endif

#include "gsl/components.h"
#include "gsl/discriminant.h"
#include "gsl/elastic_net.h"
#include "gsl/glm.h"
#include "gsl/one_pass.h"
#include "gsl/report.h"
#include "gsl/ridge.h"
#include "gsl/robust.h"
#include "gsl/softmax.h"

#endif
