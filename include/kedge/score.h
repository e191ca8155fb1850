/* SPDX-License-Identifier: MIT */
/** @file score.h
 *  One number that says how good a model is on a table: what selection, early stopping, importance and tests before deployment
 *  compare models by.
 *
 *  @code
 *  #include <kedge.h>
 *  int main(void)
 *  {
 *      static union { double align; unsigned char bytes[KEDGE_GAUSSIAN_NB_BYTES_FOR(1u, 2u)]; } mem;
 *      static union { double align; unsigned char bytes[4096]; } work;
 *      double x[100] = {0}, y[100], area = 0;
 *      kedge_rows rows = kedge_rows_float64(x, 100, 1);
 *      kedge_gaussian_nb_config cfg = kedge_gaussian_nb_defaults(1, 2);
 *      kedge_model m;
 *      int i;
 *      for (i = 0; i < 100; i++) { x[i] = i % 10; y[i] = i % 10 > 4; }
 *      if (kedge_model_init(&m, &cfg.base, &mem, sizeof mem) < 0) return 1;
 *      if (kedge_model_fit(&m, &rows, y, NULL, &work, sizeof work) < 0) return 1;
 *      if (kedge_score_model(&m, KEDGE_SCORE_AUC, &rows, y, NULL, &work, sizeof work, &area) < 0) return 1;
 *      return area == 1.0 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_SCORE_H
#define KEDGE_SCORE_H

#include "model.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @defgroup score Scores
 *  One number for a model on a table.
 *
 *  All take weights, and are those of scikit-learn under the same names, to rounding.
 *  @{ */

/** Which number. */
enum {
    KEDGE_SCORE_ACCURACY = 1, /**< classes: share of right predictions; more is better */
    KEDGE_SCORE_LOG_LOSS = 2, /**< classes: mean of -ln of the probability of the true class, which counts as at least 2^-52; less
                               *   is better */
    KEDGE_SCORE_BRIER = 3,    /**< classes: mean squared error of the probabilities (Brier 1950): of two classes that of class 1, of
                               *   more summed over them; less is better */
    KEDGE_SCORE_AUC = 4,  /**< two classes: area under the ROC curve, the chance that a row of class 1 has a greater probability of
                               *   it than one of class 0, ties counting half; more is better */
    KEDGE_SCORE_MSE = 5,  /**< regression: mean squared error; less is better */
    KEDGE_SCORE_RMSE = 6, /**< regression: its square root, in units of the target; less is better */
    KEDGE_SCORE_MAE = 7,  /**< regression: mean absolute error; less is better */
    KEDGE_SCORE_R2 = 8    /**< regression: 1 - squared error / squared distance of the targets from their mean; where all targets
                               *   are the same 1 for exact predictions, else 0; more is better */
};

/** A number and how sure it is. */
typedef struct kedge_figure {
    double value;     /**< the number; NaN: the rows determine none */
    double deviation; /**< its standard error; NaN: unknown */
    double low;       /**< lower end of its confidence interval; NaN: unknown */
    double high;      /**< upper end */
} kedge_figure;

/** Is more better? @param by KEDGE_SCORE_... @return 1: more is better; -1: less is better; 0: no such score @since 0.1 */
KEDGE_API int32_t kedge_score_direction(uint32_t by);

/** Bytes of work memory that kedge_score_model() needs.
 *  @param m the model  @param by KEDGE_SCORE_...  @param n_rows rows of the table
 *  @return bytes: 8 for each class, for the area 32 for each row besides; 0: no model, the score does not fit it, or more than
 *  2^32 - 2 rows  @complexity O(1)  @since 0.1 */
KEDGE_API size_t kedge_score_work(const kedge_model *m, uint32_t by, size_t n_rows);

/** How good is a model on a table?
 *  @param m handle, may be shared  @param by KEDGE_SCORE_...  @param x table of n_features columns, at least a row  @param y
 *  x->n_rows classes or targets  @param weight x->n_rows weights, or NULL: all 1  @param work scratch, aligned to #KEDGE_ALIGN 
 *  @param work_bytes its size, at least kedge_score_work()  @param value the number
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY *value is NaN: all weights are 0, or for the area one of the classes is not there
 *  @retval KEDGE_ERR_UNSUPPORTED the score does not fit the model  @retval KEDGE_ERR_BUFFER work is too small  @retval
 *  KEDGE_ERR_ALIGN it is misaligned  @retval KEDGE_ERR_NOT_FINITE NaN or infinity in the table, or predicted by a class of the
 *  host's  @retval others as kedge_model_fit(); *value is untouched
 *  @complexity a prediction each row; the area O(n) besides  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_score_model(const kedge_model *m, uint32_t by, const kedge_rows *x, const double *y,
                                                         const double *weight, void *work, size_t work_bytes, double *value);

/** How to resample. */
typedef struct kedge_bootstrap_options {
    double confidence;    /**< of each interval, (0, 1), default 0.95 */
    uint64_t seed;        /**< any, default 1 */
    uint64_t block;       /**< neighbours that are drawn together, 1 to the rows, default 1: of independent rows. For rows in the
                           *   order of time as many as hang together (Politis, Romano 1992) */
    uint32_t n_values;    /**< statistics that are told at once, 1 to 2^16, default 1; a difference of two is one too: a paired
                           *   bootstrap */
    uint32_t n_resamples; /**< 10 to 10^6, default 1000 */
} kedge_bootstrap_options;

/** Tells statistics of rows. @param context yours  @param times how often each row counts; not always as many as there are rows
 *  @param values n_values numbers to set; what is not finite, or beyond 1e100, counts as not determined */
typedef void (*kedge_bootstrap_values)(void *context, const uint32_t *times, double *values);

/** The default options. @return them @since 0.1 */
static inline kedge_bootstrap_options kedge_bootstrap_defaults(void)
{
    kedge_bootstrap_options o = {0.95, 1, 1, 1, 1000};
    return o;
}

/** Bytes of work memory that kedge_bootstrap() needs. @param o options, or NULL: the defaults  @param n rows
 *  @return bytes; 0: an option is out of range, or no rows, or more than 2^32 - 2  @complexity O(1)  @since 0.1 */
KEDGE_API size_t kedge_bootstrap_work(const kedge_bootstrap_options *o, size_t n);

/** Confidence intervals of any statistics of rows that you hold: corrected for bias and skewness (BCa: Efron 1987).
 *  @param o options, or NULL: the defaults  @param n rows  @param values tells the statistics  @param context handed to it
 *  @param work scratch, aligned to #KEDGE_ALIGN  @param work_bytes its size, at least kedge_bootstrap_work()
 *  @param out n_values figures; without an interval where a statistic is not determined, or not in half of the resamples
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CONFIG an option is out of range
 *  @retval KEDGE_ERR_SHAPE no rows, or too many  @retval KEDGE_ERR_BUFFER work is too small  @retval KEDGE_ERR_ALIGN work is
 *  misaligned
 *  @complexity n_resamples + min(n, 200) calls of values, each with O(n) besides  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_bootstrap(const kedge_bootstrap_options *o, size_t n, kedge_bootstrap_values values,
                                                       void *context, void *work, size_t work_bytes, kedge_figure *out);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
