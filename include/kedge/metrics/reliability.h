/* SPDX-License-Identifier: MIT */
/** @file reliability.h
 *  Are the probabilities of a classifier right? Log loss, Brier score, expected calibration error and the bins of a reliability
 *  diagram, over everything, a window, fading or tumbling windows.
 *
 *  @code
 *  #include <stdlib.h>
 *  #include <kedge/metric.h>
 *  int main(void)
 *  {
 *      const double sure[2] = {0.1, 0.9}, wrong[2] = {0.8, 0.2};
 *      kedge_reliability_config cfg = kedge_reliability_defaults(2);
 *      kedge_reliability_report report;
 *      kedge_metric q;
 *      void *mem = malloc(kedge_metric_size(&cfg.base));
 *      int good;
 *      if (!mem || kedge_metric_init(&q, &cfg.base, mem, kedge_metric_size(&cfg.base)) < 0) return 1;
 *      if (kedge_reliability_record(&q, 1, sure, 2, 1.0) < 0 || kedge_reliability_record(&q, 1, wrong, 2, 1.0) < 0) return 1;
 *      good = kedge_reliability_read(&q, &report) == KEDGE_OK && report.brier > 0.324 && report.brier < 0.326;
 *      free(mem);
 *      return good ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_METRICS_RELIABILITY_H
#define KEDGE_METRICS_RELIABILITY_H

#include "../metric.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup metric
 *  @{ */

#define KEDGE_TOP_CLASS 0xFFFFFFFFu /**< kedge_reliability_config::binned: the class with the greatest probability */

/** Reliability of probabilities. Cost: O(n_classes) to record, with fading O(n_classes + n_bins); O(n_bins) to read. Memory: 40
 *  bytes a bin; in a window 80 a bin and 44 a record, and what has left it leaves no rounding behind. */
typedef struct kedge_reliability_config {
    kedge_metric_config base; /**< set by kedge_reliability_config_init() */
    double fading;            /**< with #KEDGE_OVER_FADING: factor per record, (0, 1), default 0.999 */
    uint32_t n_classes;       /**< 2 to #KEDGE_CLASSES_MAX */
    uint32_t over;            /**< KEDGE_OVER_..., default #KEDGE_OVER_ALL */
    uint32_t window;          /**< with #KEDGE_OVER_WINDOW and #KEDGE_OVER_TUMBLING: records, 1 to 2^24, default 1000 */
    uint32_t n_bins;          /**< bins of equal width for the calibration error, 1 to 1000, default 10; each includes its upper
                               *   end */
    uint32_t binned;          /**< what the bins are of: #KEDGE_TOP_CLASS, the default, the probability of the predicted class
                               *   against how often it is right (Guo, Pleiss, Sun, Weinberger 2017); or a class, its probability
                               *   against how often it occurs */
    uint32_t reserved;        /**< 0 */
} kedge_reliability_config;

/** Figures of probabilities. */
typedef struct kedge_reliability_report {
    uint64_t n;        /**< records covered */
    double weight;     /**< their weights' sum, faded */
    double log_loss;   /**< mean of -log(probability of what happened), natural; a probability below 2.2e-16 counts as that, as in
                        *   scikit-learn */
    double brier;      /**< mean squared distance of the probabilities from what happened (Brier 1950), 0 to 2; with two classes
                        *   that of class 1 alone, 0 to 1, as in scikit-learn */
    double confidence; /**< mean of the binned probability */
    double observed;   /**< how often what it is of happened */
    double ece;        /**< expected calibration error: mean over the bins, by weight, of |observed - confidence| */
    double mce;        /**< the greatest of them in a bin */
} kedge_reliability_report;

/** One bin of the reliability diagram. */
typedef struct kedge_reliability_bin_report {
    double low;        /**< lower end, excluded (but 0 belongs to the first bin) */
    double high;       /**< upper end */
    double weight;     /**< of the records in it */
    double confidence; /**< mean probability; NaN if weight is 0 */
    double observed;   /**< how often it happened; NaN if weight is 0 */
} kedge_reliability_bin_report;

extern KEDGE_API const kedge_metric_class kedge_reliability; /**< the class; merges with #KEDGE_OVER_ALL */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg @param n_classes
 *  classes
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_reliability_config_init(kedge_reliability_config *cfg, size_t cfg_bytes, uint32_t n_classes);

/** The default configuration. @param n_classes classes @return it @since 0.1 */
static inline kedge_reliability_config kedge_reliability_defaults(uint32_t n_classes)
{
    kedge_reliability_config cfg;
    if (kedge_reliability_config_init(&cfg, sizeof cfg, n_classes) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** Record the probabilities that were predicted and the class that it was.
 *  @param m a reliability  @param truth the class  @param scores n_classes probabilities, each in [0, 1], whose sum is 1 up to
 *  0.001
 *  @param n_scores n_classes  @param weight finite, 0 to 1e9, usually 1
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS m is another metric
 *  @retval KEDGE_ERR_SHAPE n_scores does not fit  @retval KEDGE_ERR_RANGE no such class, or a number out of range
 *  @retval KEDGE_ERR_NOT_FINITE NaN or infinity; nothing changed
 *  @complexity O(n_classes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_reliability_record(kedge_metric *m, uint32_t truth, const double *scores,
                                                                size_t n_scores, double weight);

/** Record a batch; the same bytes as single calls. @param m a reliability  @param truth one class a row  @param scores table of
 *  n_classes columns  @param weight one a row, or NULL: all 1  @param used how many were recorded, also on error
 *  @retval KEDGE_OK done  @retval others as kedge_reliability_record()  @complexity O(rows * n_classes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_reliability_record_many(kedge_metric *m, const uint32_t *truth,
                                                                     const kedge_rows *scores, const double *weight, size_t *used);

/** The figures. @param m a reliability, may be shared  @param out the figures  @retval KEDGE_OK done
 *  @retval KEDGE_EMPTY no weight recorded: figures are NaN  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS m is
 *  another metric  @complexity O(n_bins)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_reliability_read(const kedge_metric *m, kedge_reliability_report *out);

/** One bin. @param m a reliability, may be shared  @param i_bin 0 to n_bins - 1  @param out the bin  @retval KEDGE_OK done
 *  @retval KEDGE_EMPTY no weight in it  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS m is another metric
 *  @retval KEDGE_ERR_RANGE no such bin  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_reliability_read_bin(const kedge_metric *m, uint32_t i_bin,
                                                                  kedge_reliability_bin_report *out);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
