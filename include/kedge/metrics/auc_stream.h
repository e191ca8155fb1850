/* SPDX-License-Identifier: MIT */
/** @file auc_stream.h
 *  How well does a classifier of two classes rank, over a stream without end and in fixed memory? Areas under the ROC and the
 *  precision-recall curve, each with bounds that hold the exact one for certain; without labels too, from calibrated
 *  probabilities.
 *
 *  @code
 *  #include <stdlib.h>
 *  #include <kedge/metric.h>
 *  int main(void)
 *  {
 *      const double scores[4] = {0.1, 0.4, 0.35, 0.8};
 *      const uint8_t labels[4] = {0, 0, 1, 1};
 *      kedge_auc_stream_config cfg = kedge_auc_stream_defaults();
 *      kedge_auc_stream_report report;
 *      kedge_metric m;
 *      size_t used;
 *      void *mem = malloc(kedge_metric_size(&cfg.base));
 *      int good;
 *      if (!mem || kedge_metric_init(&m, &cfg.base, mem, kedge_metric_size(&cfg.base)) < 0) return 1;
 *      if (kedge_auc_stream_record_many(&m, labels, scores, NULL, 4, &used) < 0) return 1;
 *      good = kedge_auc_stream_read(&m, &report) == KEDGE_OK && report.auc == 0.75 && report.auc_error == 0;
 *      free(mem);
 *      return good ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_METRICS_AUC_STREAM_H
#define KEDGE_METRICS_AUC_STREAM_H

#include "../metric.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup metric
 *  @{ */

/** What the scores are; kedge_auc_stream_config::scores. */
enum {
    KEDGE_SCORES_PROBABILITY = 1, /**< 0 to 1; told apart the finer, the nearer to 0 or to 1 */
    KEDGE_SCORES_REAL = 2         /**< any finite number, as log-odds or margins; told apart the finer, the nearer to 0 */
};

/** Areas of a stream. Scores fall into buckets that keep their order: each power of two of a probability p and of 1 - p (of a
 *  real score: of its magnitude, below 2^8 = 256) is divided into 2^bits. Only pairs within a bucket are uncertain; they count
 *  half. Cost: O(1) to record, O(buckets) to read. Memory: 16 bytes a bucket, of which there are 2 (octaves 2^bits + 1);
 *  with windows that follow each other twice as much. */
typedef struct kedge_auc_stream_config {
    kedge_metric_config base; /**< set by kedge_auc_stream_config_init() */
    double fading;            /**< with #KEDGE_OVER_FADING: factor per record, (0, 1), default 0.999 */
    uint32_t over;            /**< #KEDGE_OVER_ALL, default, #KEDGE_OVER_FADING or #KEDGE_OVER_TUMBLING; for sliding windows there
                               *   is #kedge_auc_window */
    uint32_t scores;          /**< #KEDGE_SCORES_PROBABILITY, default, or #KEDGE_SCORES_REAL */
    uint32_t bits;            /**< 1 to 12, default 7: buckets whose width is below 1/128 of what they hold */
    uint32_t octaves;         /**< powers of two, 4 to 64, default 24: probabilities below 2^-25 or above 1 - 2^-25, and scores
                               *   nearer to 0 than 2^-16 or beyond 256, share a bucket */
    uint32_t window;          /**< with #KEDGE_OVER_TUMBLING: records, 1 to 2^24, default 1000 */
    uint32_t reserved;        /**< 0 */
} kedge_auc_stream_config;

/** Figures of a stream; NaN where one of the classes is not there. */
typedef struct kedge_auc_stream_report {
    uint64_t n;       /**< records covered */
    double positives; /**< weight of class 1, faded */
    double negatives; /**< weight of class 0, faded */
    double auc;       /**< area under the ROC curve */
    double auc_error; /**< the exact area is not further away: half of the pairs that share a bucket, by all pairs. Rounding
                       *   (below 1e-12) apart */
    double average_precision;      /**< area under the precision-recall curve by steps, scores of a bucket counting as equal */
    double average_precision_low;  /**< the exact one is not below this */
    double average_precision_high; /**< nor above this */
} kedge_auc_stream_report;

/** Bytes of a state, but with #KEDGE_OVER_TUMBLING. */
#define KEDGE_AUC_STREAM_BYTES_FOR(bits, octaves) (96u + 32u * (((octaves) << (bits)) + 1u))
#define KEDGE_AUC_STREAM_BYTES KEDGE_AUC_STREAM_BYTES_FOR(7u, 24u) /**< bytes of a state with the default configuration */

extern KEDGE_API const kedge_metric_class kedge_auc_stream; /**< the class; merges with #KEDGE_OVER_ALL */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_auc_stream_config_init(kedge_auc_stream_config *cfg, size_t cfg_bytes);

/** The default configuration. @return it @since 0.1 */
static inline kedge_auc_stream_config kedge_auc_stream_defaults(void)
{
    kedge_auc_stream_config cfg;
    if (kedge_auc_stream_config_init(&cfg, sizeof cfg) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** Record a score and the class that it was.
 *  @param m an auc_stream  @param truth 0 or 1  @param score of class 1: a probability, or any finite number, as configured
 *  @param weight finite, 0 to 1e9, usually 1
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL no handle  @retval KEDGE_ERR_CLASS m is another metric
 *  @retval KEDGE_ERR_RANGE no such class, or a number out of range
 *  @retval KEDGE_ERR_NOT_FINITE NaN or infinity; nothing changed  @complexity O(1), with fading on average  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_auc_stream_record(kedge_metric *m, uint32_t truth, double score, double weight);

/** Record a batch; the same bytes as single calls.
 *  @param m an auc_stream  @param labels n classes, 0 or 1  @param scores n numbers  @param weight n weights, or NULL: all 1
 *  @param n how many  @param used how many were recorded, also on error
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval others as kedge_auc_stream_record()  @complexity O(n)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_auc_stream_record_many(kedge_metric *m, const uint8_t *labels, const double *scores,
                                                                    const double *weight, size_t n, size_t *used);

/** Record a score whose class nobody knows, as what it is expected to be: so much of class 1, the rest of class 0. The area is
 *  then the expected one, if the probabilities are calibrated, as NannyML's CBPE estimates it.
 *  @param m an auc_stream  @param score as in kedge_auc_stream_record(): what ranks  @param probability of class 1, calibrated, 0
 *  to 1; often the score itself  @param weight finite, 0 to 1e9, usually 1
 *  @return as kedge_auc_stream_record()  @complexity O(1), with fading on average  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_auc_stream_expect(kedge_metric *m, double score, double probability, double weight);

/** The figures. @param m an auc_stream, may be shared  @param out the figures  @retval KEDGE_OK done
 *  @retval KEDGE_EMPTY one of the classes is not there  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_CLASS m is another metric  @complexity O(buckets)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_auc_stream_read(const kedge_metric *m, kedge_auc_stream_report *out);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
