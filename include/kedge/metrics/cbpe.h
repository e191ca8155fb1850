/* SPDX-License-Identifier: MIT */
/** @file cbpe.h
 *  How good is a model whose labels come late, or never? For a classifier the confusion matrix that its calibrated probabilities
 *  let expect; for a regression the mean of the losses that a second model estimates.
 *
 *  @code
 *  #include <stdlib.h>
 *  #include <kedge/metric.h>
 *  int main(void)
 *  {
 *      const double sure[2] = {0.1, 0.9}, unsure[2] = {0.6, 0.4};
 *      kedge_cbpe_config cfg = kedge_cbpe_defaults(2);
 *      kedge_cbpe_report report;
 *      kedge_metric m;
 *      void *mem = malloc(kedge_metric_size(&cfg.base));
 *      int good;
 *      if (!mem || kedge_metric_init(&m, &cfg.base, mem, kedge_metric_size(&cfg.base)) < 0) return 1;
 *      if (kedge_cbpe_record(&m, 1, sure, 2, 1.0) < 0 || kedge_cbpe_record(&m, 0, unsure, 2, 1.0) < 0) return 1;
 *      good = kedge_cbpe_read(&m, &report) == KEDGE_OK && report.accuracy == 0.75;
 *      free(mem);
 *      return good ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_METRICS_CBPE_H
#define KEDGE_METRICS_CBPE_H

#include "../metric.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup metric
 *  @{ */

struct kedge_model; /* of model.h */

/** Confidence-based performance estimation of a classifier: a record predicted as class d adds the probability of class c to the
 *  cell (c, d) of the confusion matrix (NannyML's CBPE). It is right as long as the probabilities are calibrated
 *  (#kedge_calibrated_config, #kedge_reliability), so it sees covariate shift, and is blind to concept drift until labels tell.
 *  For the area under the ROC curve see kedge_auc_stream_expect(). Cost: O(n_classes) to record, with fading O(n_classes^2);
 *  O(n_classes^2) to read. Memory: 16 bytes a cell; in a window 32 a cell and 12 + 16 n_classes a record. */
typedef struct kedge_cbpe_config {
    kedge_metric_config base; /**< set by kedge_cbpe_config_init() */
    double fading;            /**< with #KEDGE_OVER_FADING: factor per record, (0, 1), default 0.999 */
    double confidence;        /**< of the interval, (0, 1), default 0.95 */
    uint32_t n_classes;       /**< 2 to 24 */
    uint32_t over;            /**< KEDGE_OVER_..., default #KEDGE_OVER_ALL */
    uint32_t window;          /**< with #KEDGE_OVER_WINDOW and #KEDGE_OVER_TUMBLING: records, 1 to 2^24, default 1000 */
    uint32_t reserved;        /**< 0 */
} kedge_cbpe_config;

/** What is to be expected of all classes. A ratio without a denominator counts as 0, as in NannyML. */
typedef struct kedge_cbpe_report {
    uint64_t n;              /**< records covered */
    double weight;           /**< their weights' sum, faded */
    double accuracy;         /**< expected */
    double accuracy_error;   /**< sampling error: standard deviation of the accuracy that so many labels will show if the
                              *   probabilities are right. With fading as if its terms had been the same all the time */
    double accuracy_low;     /**< interval, normal, within [0, 1] */
    double accuracy_high;    /**< likewise */
    double precision_macro;  /**< mean over all classes */
    double recall_macro;     /**< likewise */
    double specificity_macro; /**< likewise */
    double f1_macro;         /**< likewise */
} kedge_cbpe_report;

/** What is to be expected of one class against all others. Errors are sampling errors as above, by first differentials where both
 *  parts of a ratio are uncertain. */
typedef struct kedge_cbpe_class_report {
    double support;           /**< expected weight of the class */
    double predicted;         /**< weight of what was predicted as it */
    double precision;         /**< expected */
    double precision_error;   /**< its sampling error */
    double recall;            /**< likewise */
    double recall_error;      /**< likewise */
    double specificity;       /**< recall of all other classes together */
    double specificity_error; /**< likewise */
    double f1;                /**< likewise */
    double f1_error;          /**< likewise */
} kedge_cbpe_class_report;

extern KEDGE_API const kedge_metric_class kedge_cbpe; /**< the class; merges with #KEDGE_OVER_ALL */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param n_classes classes
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_cbpe_config_init(kedge_cbpe_config *cfg, size_t cfg_bytes, uint32_t n_classes);

/** The default configuration. @param n_classes classes @return it @since 0.1 */
static inline kedge_cbpe_config kedge_cbpe_defaults(uint32_t n_classes)
{
    kedge_cbpe_config cfg;
    if (kedge_cbpe_config_init(&cfg, sizeof cfg, n_classes) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** Record a prediction and its probabilities.
 *  @param m a cbpe  @param predicted the class that was predicted, the likeliest or not
 *  @param scores n_classes calibrated probabilities, each in [0, 1], whose sum is 1 up to 0.001  @param n_scores n_classes
 *  @param weight finite, 0 to 1e9, usually 1
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS m is another metric
 *  @retval KEDGE_ERR_SHAPE n_scores does not fit  @retval KEDGE_ERR_RANGE no such class, or a number out of range
 *  @retval KEDGE_ERR_NOT_FINITE NaN or infinity; nothing changed  @complexity O(n_classes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_cbpe_record(kedge_metric *m, uint32_t predicted, const double *scores, size_t n_scores,
                                                         double weight);

/** Record a batch; the same bytes as single calls. @param m a cbpe  @param predicted one class a row
 *  @param scores table of n_classes columns  @param weight one a row, or NULL: all 1
 *  @param used how many were recorded, also on error
 *  @retval KEDGE_OK done  @retval others as kedge_cbpe_record()  @complexity O(rows * n_classes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_cbpe_record_many(kedge_metric *m, const uint32_t *predicted, const kedge_rows *scores,
                                                              const double *weight, size_t *used);

/** What is to be expected. @param m a cbpe, may be shared  @param out the figures  @retval KEDGE_OK done
 *  @retval KEDGE_EMPTY no weight recorded: figures are NaN  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_CLASS m is another metric  @complexity O(n_classes^2)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_cbpe_read(const kedge_metric *m, kedge_cbpe_report *out);

/** What is to be expected of one class. @param m a cbpe, may be shared  @param i_class 0 to n_classes - 1  @param out the figures
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY no weight recorded: figures are NaN  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_CLASS m is another metric  @retval KEDGE_ERR_RANGE no such class  @complexity O(n_classes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_cbpe_read_class(const kedge_metric *m, uint32_t i_class, kedge_cbpe_class_report *out);

/** Expected weight of a cell of the confusion matrix. @param m a cbpe, may be shared  @param truth a class  @param predicted a
 *  class
 *  @param out the weight  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_CLASS m is another metric  @retval KEDGE_ERR_RANGE no such class  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_cbpe_read_cell(const kedge_metric *m, uint32_t truth, uint32_t predicted, double *out);

/* Regression --------------------------------------------------------------------------------------------------------------- */

/** Direct loss estimation of a regression (NannyML's DLE): the mean of what a second model, trained on labelled rows to predict
 *  the loss of the first one, says of rows without labels. Cost: O(1) to record and to read. */
typedef struct kedge_dle_config {
    kedge_metric_config base; /**< set by kedge_dle_config_init() */
    double fading;            /**< with #KEDGE_OVER_FADING: factor per record, (0, 1), default 0.999 */
    double confidence;        /**< of the interval, (0, 1), default 0.95 */
    double residual;          /**< standard deviation of the real losses around their estimates, on labelled rows that the second
                               *   model has not learned from; 0 to 1e100, default 0: the estimates are exact, and the error is
                               *   that of their own spread */
    uint32_t over;            /**< KEDGE_OVER_..., default #KEDGE_OVER_ALL */
    uint32_t window;          /**< with #KEDGE_OVER_WINDOW and #KEDGE_OVER_TUMBLING: records, 1 to 2^24, default 1000 */
} kedge_dle_config;

/** What is to be expected of a regression. */
typedef struct kedge_dle_report {
    uint64_t n;       /**< records covered */
    double weight;    /**< their weights' sum, faded */
    double mean;      /**< expected loss: of absolute errors the MAE, of squared ones the MSE */
    double root;      /**< its square root: of squared errors the RMSE */
    double deviation; /**< standard deviation of the estimates */
    double error;     /**< sampling error of the mean: deviation and residual together, by the root of the records; weights and
                       *   fading taken in */
    double low;       /**< interval of the mean, normal, not below 0 */
    double high;      /**< likewise */
} kedge_dle_report;

extern KEDGE_API const kedge_metric_class kedge_dle; /**< the class; merges with #KEDGE_OVER_ALL */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_dle_config_init(kedge_dle_config *cfg, size_t cfg_bytes);

/** The default configuration. @return it @since 0.1 */
static inline kedge_dle_config kedge_dle_defaults(void)
{
    kedge_dle_config cfg;
    if (kedge_dle_config_init(&cfg, sizeof cfg) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** Record an estimated loss.
 *  @param m a dle  @param loss magnitude up to 1e100; what is below 0, as an estimate can be, counts as 0
 *  @param weight finite, 0 to 1e9, usually 1
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL no handle  @retval KEDGE_ERR_CLASS m is another metric
 *  @retval KEDGE_ERR_RANGE a number is out of range  @retval KEDGE_ERR_NOT_FINITE NaN or infinity; nothing changed
 *  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_dle_record(kedge_metric *m, double loss, double weight);

/** Record a batch; the same bytes as single calls. @param m a dle  @param loss n losses  @param weight n weights, or NULL: all 1
 *  @param n how many  @param used how many were recorded, also on error  @retval KEDGE_OK done
 *  @retval KEDGE_ERR_NULL a pointer is NULL  @retval others as kedge_dle_record()  @complexity O(n)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_dle_record_many(kedge_metric *m, const double *loss, const double *weight, size_t n,
                                                             size_t *used);

/** Ask the second model for a row's loss and record it.
 *  @param m a dle  @param loss a regression, trained on |error| or its square; its features are best those of the first model and
 *  that one's prediction  @param x its features  @param weight as in kedge_dle_record()
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_UNSUPPORTED the model predicts classes
 *  @retval others as kedge_model_predict() and kedge_dle_record(); nothing changed  @complexity predict  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_dle_ask(kedge_metric *m, const struct kedge_model *loss, const double *x,
                                                     double weight);

/** What is to be expected. @param m a dle, may be shared  @param out the figures  @retval KEDGE_OK done
 *  @retval KEDGE_EMPTY no weight recorded: figures are NaN  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_CLASS m is another metric  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_dle_read(const kedge_metric *m, kedge_dle_report *out);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
