/* SPDX-License-Identifier: MIT */
/** @file regression.h
 *  Quality of a regression: MAE, MSE, RMSE, MAPE, sMAPE, R2, quantile loss and bias, over everything, a window, fading or tumbling
 *  windows.
 *
 *  @code
 *  #include <kedge/metric.h>
 *  int main(void)
 *  {
 *      union { double align; unsigned char bytes[KEDGE_REGRESSION_BYTES]; } mem;
 *      kedge_regression_config cfg = kedge_regression_defaults();
 *      kedge_regression_report report;
 *      kedge_metric q;
 *      if (kedge_metric_init(&q, &cfg.base, &mem, sizeof mem) < 0) return 1;
 *      if (kedge_regression_record(&q, 1.0, 2.0, 1.0) < 0 || kedge_regression_record(&q, 3.0, 3.0, 1.0) < 0) return 1;
 *      return kedge_regression_read(&q, &report) == KEDGE_OK && report.mae == 0.5 && report.r2 == 0.5 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_METRICS_REGRESSION_H
#define KEDGE_METRICS_REGRESSION_H

#include "../metric.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup metric
 *  @{ */

#define KEDGE_PREDICTION_MAX 1e135 /**< greatest magnitude of a prediction that #kedge_regression takes */

/** Quality of a regression. Cost: O(1) to record and to read, in a window on average. Memory: 72 bytes of sums; in a window 84 a
 *  record, and what has left it leaves no rounding behind. */
typedef struct kedge_regression_config {
    kedge_metric_config base; /**< set by kedge_regression_config_init() */
    double fading;            /**< with #KEDGE_OVER_FADING: factor per record, (0, 1), default 0.999 */
    double quantile;          /**< of the quantile loss, (0, 1), default 0.5: half the mean absolute error */
    uint32_t over;            /**< KEDGE_OVER_..., default #KEDGE_OVER_ALL */
    uint32_t window;          /**< with #KEDGE_OVER_WINDOW and #KEDGE_OVER_TUMBLING: records, 1 to 2^24, default 1000 */
} kedge_regression_config;

/** Figures of a regression; an error is prediction minus truth. */
typedef struct kedge_regression_report {
    uint64_t n;      /**< records covered */
    double weight;   /**< their weights' sum, faded */
    double mae;      /**< mean absolute error */
    double mse;      /**< mean squared error */
    double rmse;     /**< its root */
    double mape;     /**< mean of |error| / |truth|, a share, not percent; |truth| below 2.2e-16 counts as that, as in
                      *   scikit-learn */
    double smape;    /**< mean of 2 |error| / (|truth| + |prediction|), 0 to 2; 0 where both are 0 (Makridakis 1993) */
    double r2;       /**< 1 - squared errors / squared deviations of the truth from its mean; where the truth is constant 1 if all
                      *   are right, else 0, as in scikit-learn */
    double quantile_loss; /**< mean of quantile * shortfall or (1 - quantile) * excess of the prediction (Koenker, Bassett 1978) */
    double bias;     /**< mean error: above 0, predictions are too high */
    double mean;     /**< of the truth */
    double variance; /**< of the truth, divided by the weight */
} kedge_regression_report;

#define KEDGE_REGRESSION_BYTES 184u /**< bytes of a regression metric, except in windows */

extern KEDGE_API const kedge_metric_class kedge_regression; /**< the class; merges with #KEDGE_OVER_ALL */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_regression_config_init(kedge_regression_config *cfg, size_t cfg_bytes);

/** The default configuration. @return it @since 0.1 */
static inline kedge_regression_config kedge_regression_defaults(void)
{
    kedge_regression_config cfg;
    if (kedge_regression_config_init(&cfg, sizeof cfg) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** Record one prediction. @param m a regression metric  @param truth finite, magnitude up to #KEDGE_TARGET_MAX (1e100)
 *  @param predicted finite, magnitude up to #KEDGE_PREDICTION_MAX  @param weight finite, 0 to 1e9, usually 1
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL no handle  @retval KEDGE_ERR_CLASS m is another metric  @retval KEDGE_ERR_RANGE a
 *  number out of range  @retval KEDGE_ERR_NOT_FINITE NaN or infinity; nothing changed  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_regression_record(kedge_metric *m, double truth, double predicted, double weight);

/** Record a batch; the same bytes as single calls. @param m a regression metric  @param truth n numbers  @param predicted n numbers
 *  @param weight n weights, or NULL: all 1  @param n how many  @param used how many were recorded, also on error
 *  @retval KEDGE_OK done  @retval others as kedge_regression_record()  @complexity O(n)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_regression_record_many(kedge_metric *m, const double *truth, const double *predicted,
                                                                    const double *weight, size_t n, size_t *used);

/** The figures. @param m a regression metric, may be shared  @param out the figures  @retval KEDGE_OK done
 *  @retval KEDGE_EMPTY no weight recorded: figures are NaN  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS m is
 *  another metric  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_regression_read(const kedge_metric *m, kedge_regression_report *out);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
