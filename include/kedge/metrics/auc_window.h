/* SPDX-License-Identifier: MIT */
/** @file auc_window.h
 *  How well does a classifier of two classes rank its newest records? The exact area under the ROC curve of a sliding window,
 *  kept up to date at each record, and all other figures of a ranking when they are asked for.
 *
 *  @code
 *  #include <stdlib.h>
 *  #include <kedge/metric.h>
 *  int main(void)
 *  {
 *      const double scores[5] = {0.9, 0.1, 0.4, 0.35, 0.8};
 *      const uint8_t labels[5] = {0, 0, 0, 1, 1};
 *      kedge_auc_window_config cfg = kedge_auc_window_defaults();
 *      kedge_auc_window_report report;
 *      kedge_metric m;
 *      size_t used;
 *      void *mem;
 *      int good;
 *      cfg.window = 4;
 *      mem = malloc(kedge_metric_size(&cfg.base));
 *      if (!mem || kedge_metric_init(&m, &cfg.base, mem, kedge_metric_size(&cfg.base)) < 0) return 1;
 *      if (kedge_auc_window_record_many(&m, labels, scores, 5, &used) < 0) return 1;
 *      good = kedge_auc_window_read(&m, &report) == KEDGE_OK && report.auc == 0.75;
 *      free(mem);
 *      return good ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_METRICS_AUC_WINDOW_H
#define KEDGE_METRICS_AUC_WINDOW_H

#include "../metric.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup metric
 *  @{ */

struct kedge_ranking_options; /* of ranking.h, which comes along */
struct kedge_ranking_report;

/** Area under the ROC curve of the newest records. Pairs of a positive and a negative record are counted, as whole numbers, so
 *  nothing drifts however long it runs; ties count half; records have no weights. Cost: O(log window) to record, O(1) to read.
 *  Memory: about 45 bytes a record. */
typedef struct kedge_auc_window_config {
    kedge_metric_config base; /**< set by kedge_auc_window_config_init() */
    uint32_t window;          /**< records, 2 to 2^24, default 1000 */
    uint32_t reserved;        /**< 0 */
} kedge_auc_window_config;

/** Figures of the window. */
typedef struct kedge_auc_window_report {
    uint64_t n;         /**< records covered */
    uint64_t positives; /**< of class 1 */
    uint64_t negatives; /**< of class 0 */
    double auc;         /**< the chance that a record of class 1 has a greater score than one of class 0, ties counting half;
                         *   NaN if a class is missing */
} kedge_auc_window_report;

extern KEDGE_API const kedge_metric_class kedge_auc_window; /**< the class; does not merge */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_auc_window_config_init(kedge_auc_window_config *cfg, size_t cfg_bytes);

/** The default configuration. @return it @since 0.1 */
static inline kedge_auc_window_config kedge_auc_window_defaults(void)
{
    kedge_auc_window_config cfg;
    if (kedge_auc_window_config_init(&cfg, sizeof cfg) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** Record a score and the class that it was. The oldest record of a full window leaves.
 *  @param m an auc_window  @param truth 0 or 1  @param score of class 1, any finite number
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL no handle  @retval KEDGE_ERR_CLASS m is another metric  @retval KEDGE_ERR_RANGE
 *  no such class
 *  @retval KEDGE_ERR_NOT_FINITE NaN or infinity; nothing changed  @complexity O(log window)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_auc_window_record(kedge_metric *m, uint32_t truth, double score);

/** Record a batch; the same bytes as single calls. @param m an auc_window  @param labels n classes, 0 or 1  @param scores n
 *  numbers, finite
 *  @param n how many  @param used how many were recorded, also on error
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval others as kedge_auc_window_record()  @complexity O(n
 *  log window)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_auc_window_record_many(kedge_metric *m, const uint8_t *labels, const double *scores,
                                                                    size_t n, size_t *used);

/** The area. @param m an auc_window, may be shared  @param out the figures  @retval KEDGE_OK done
 *  @retval KEDGE_EMPTY one of the classes is not in the window: auc is NaN  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_CLASS m is another metric  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_auc_window_read(const kedge_metric *m, kedge_auc_window_report *out);

/** Everything about the window's ranking, the area under the precision-recall curve and intervals among it:
 *  kedge_ranking_measure() of its records.
 *  @param m an auc_window, may be shared  @param o what to measure, or NULL: the defaults  @param work scratch, aligned to
 *  #KEDGE_ALIGN
 *  @param work_bytes its size, at least kedge_ranking_work() of `window` rows  @param out the figures
 *  @retval KEDGE_ERR_CLASS m is another metric  @retval others as kedge_ranking_measure()  @complexity O(window)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_auc_window_measure(const kedge_metric *m, const struct kedge_ranking_options *o,
                                                                void *work, size_t work_bytes, struct kedge_ranking_report *out);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
