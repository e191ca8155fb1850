/* SPDX-License-Identifier: MIT */
/** @file evaluate.h
 *  What a model is worth on a table, into metrics: row by row before it learns each (prequential), or without learning (hold-out).
 *
 *  @code
 *  #include <kedge.h>
 *  int main(void)
 *  {
 *      static union { double align; unsigned char bytes[KEDGE_GAUSSIAN_NB_BYTES_FOR(1u, 2u)]; } mem;
 *      static union { double align; unsigned char bytes[KEDGE_QUALITY_BYTES_FOR(2u)]; } quality_mem;
 *      double x[200] = {0}, y[200], work[2];
 *      kedge_rows rows = kedge_rows_float64(x, 200, 1);
 *      kedge_gaussian_nb_config cfg = kedge_gaussian_nb_defaults(1, 2);
 *      kedge_quality_config quality_cfg = kedge_quality_defaults(2);
 *      kedge_evaluation how = kedge_evaluation_defaults();
 *      kedge_quality_report report;
 *      kedge_metric quality;
 *      kedge_model m;
 *      size_t used;
 *      int i;
 *      for (i = 0; i < 200; i++) { x[i] = i % 10; y[i] = i % 10 > 4; }
 *      if (kedge_model_init(&m, &cfg.base, &mem, sizeof mem) < 0) return 1;
 *      if (kedge_metric_init(&quality, &quality_cfg.base, &quality_mem, sizeof quality_mem) < 0) return 1;
 *      how.quality = &quality;
 *      how.from = 20; // the first rows are only learned
 *      if (kedge_prequential(&m, &how, &rows, y, NULL, work, sizeof work, &used) < 0 || used != 200) return 1;
 *      return kedge_quality_read(&quality, &report) == KEDGE_OK && report.n == 180 && report.accuracy > 0.95 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_EVALUATE_H
#define KEDGE_EVALUATE_H

#include "metric.h"
#include "model.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup score
 *  @{ */

/** Where the results go, each NULL if it is not wanted, and when which row is tested and learned. */
typedef struct kedge_evaluation {
    kedge_metric *quality;     /**< of classes: a #kedge_quality of at least as many classes as the model has, with the rows'
                                *   weights */
    kedge_metric *reliability; /**< of classes: a #kedge_reliability of as many classes, with the rows' weights */
    kedge_metric *regression;  /**< of values: a #kedge_regression, with the rows' weights */
    kedge_metric *slices;      /**< of classes: a #kedge_slices; every row counts once, whatever its weight */
    const uint64_t *slice;     /**< the slice of each row; needed if slices is there */
    double *predicted;         /**< room for a class or value for each row */
    uint64_t from;             /**< prequential: rows before this one are learned only, which tells nothing of a model that knows
                                *   nothing yet, default 0; predicted is NaN for them */
    uint64_t delay;            /**< prequential: a row is learned when so many after it were tested, as labels that come late would
                                *   have it, default 0; the last ones are not learned */
} kedge_evaluation;

/** The defaults: nothing wanted. @return them @since 0.1 */
static inline kedge_evaluation kedge_evaluation_defaults(void)
{
    kedge_evaluation how = {NULL, NULL, NULL, NULL, NULL, NULL, 0, 0};
    return how;
}

/** Bytes of work memory that an evaluation needs. @param m the model @return bytes: 8 for each class, at least 8; 0: no model
 *  @complexity O(1)  @since 0.1 */
KEDGE_API size_t kedge_evaluation_work(const kedge_model *m);

/** Test, then train, row by row (Dawid 1984, "Present position and potential developments: the prequential approach"; Gama,
 *  Sebastiao, Rodrigues 2013): each row is predicted by a model that has not seen it, the metrics record that, and the model
 *  learns it. @param m handle, used by this thread only; it goes on from what it has learned  @param how where the results go, and
 *  when @param x table of n_features columns, at least a row  @param y x->n_rows classes or targets  @param weight x->n_rows
 *  weights, up to 1e9 where metrics take them, or NULL: all 1  @param work scratch, aligned to #KEDGE_ALIGN  @param work_bytes its
 *  size, at least kedge_evaluation_work()  @param used how many rows were tested, or only learned, also on error
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_UNSUPPORTED the class does not learn row by row, or a metric is not for classes, or
 *  not for values, as the model has them  @retval KEDGE_ERR_CLASS a metric is another one  @retval KEDGE_ERR_SHAPE the table does
 *  not fit, or a metric has another number of classes  @retval KEDGE_ERR_BUFFER work is too small  @retval KEDGE_ERR_ALIGN it is
 *  misaligned @retval KEDGE_ERR_NOT_FINITE NaN or infinity in the table, or predicted by a class of the host's  @retval
 *  KEDGE_ERR_RANGE a number is refused, as in kedge_model_learn() and in the metrics. The table is looked through first: what is
 *  wrong with it changes nothing, *used is 0 @complexity a prediction and a row learned for each row  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_prequential(kedge_model *m, const kedge_evaluation *how, const kedge_rows *x,
                                                         const double *y, const double *weight, void *work, size_t work_bytes,
                                                         size_t *used);

/** Test without learning: rows that the model was not trained on.
 *  @param m handle, may be shared  @param how where the results go; from and delay are not looked at  @param x table of n_features
 *  columns, at least a row  @param y x->n_rows classes or targets  @param weight weights as above, or NULL: all 1  @param work
 *  scratch @param work_bytes its size, at least kedge_evaluation_work()  @param used how many rows were tested, also on error
 *  @return as kedge_prequential()  @complexity a prediction for each row  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_hold_out(const kedge_model *m, const kedge_evaluation *how, const kedge_rows *x,
                                                      const double *y, const double *weight, void *work, size_t work_bytes,
                                                      size_t *used);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
