/* SPDX-License-Identifier: MIT */
/** @file ranking.h
 *  How well do the scores of a classifier of two classes put the rows of class 1 before those of class 0? Exact areas under the ROC
 *  and the precision-recall curve, partial area, Kolmogorov-Smirnov statistic and lift of a whole sample, with the test of DeLong
 *  for two models.
 *
 *  @code
 *  #include <kedge/metric.h>
 *  int main(void)
 *  {
 *      const double scores[4] = {0.1, 0.4, 0.35, 0.8};
 *      const uint8_t labels[4] = {0, 0, 1, 1};
 *      static union { double align; unsigned char bytes[256]; } work;
 *      kedge_ranking_options options = kedge_ranking_defaults();
 *      kedge_ranking_report report;
 *      if (kedge_ranking_work(4) > sizeof work) return 1;
 *      if (kedge_ranking_measure(&options, scores, labels, NULL, 4, &work, sizeof work, &report) < 0) return 1;
 *      return report.auc == 0.75 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_METRICS_RANKING_H
#define KEDGE_METRICS_RANKING_H

#include "../metric.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup metric
 *  @{ */

/** What to measure of a ranking. */
typedef struct kedge_ranking_options {
    double max_fpr;    /**< end of the partial area, a false positive rate, (0, 1], default 0.1 */
    double lift_at;    /**< share of the rows, those with the greatest scores, whose lift is told, (0, 1], default 0.1 */
    double confidence; /**< of the interval, (0, 1), default 0.95 */
} kedge_ranking_options;

/** Figures of a ranking; NaN where one of the classes is not there. */
typedef struct kedge_ranking_report {
    uint64_t n;             /**< rows with a weight */
    double positives;       /**< weight of class 1 */
    double negatives;       /**< weight of class 0 */
    double auc;             /**< area under the ROC curve: the chance that a row of class 1 has a greater score than one of class 0,
                             *   ties counting half */
    double auc_error;       /**< its standard error (DeLong, DeLong, Clarke-Pearson 1988); weights count as how often a row is
                             *   there. NaN where a class has not more than weight 1 */
    double auc_low;         /**< its interval, normal, within [0, 1]; NaN as the error */
    double auc_high;        /**< likewise */
    double average_precision; /**< area under the precision-recall curve as scikit-learn has it: steps, not interpolated */
    double partial_auc;     /**< area up to max_fpr, standardised so that chance is 0.5 and all is 1 (McClish 1989) */
    double ks;              /**< greatest distance of the two classes' distributions of the score */
    double ks_score;        /**< the least score of those that are above where it is reached: the threshold of the greatest
                             *   distance */
    double lift;            /**< share of class 1 among the rows with the greatest scores, by that among all; ties at the end count
                             *   in proportion */
} kedge_ranking_report;

/** The default options. @return them @since 0.1 */
static inline kedge_ranking_options kedge_ranking_defaults(void)
{
    kedge_ranking_options o = {0.1, 0.1, 0.95};
    return o;
}

/** Bytes of work memory that kedge_ranking_measure() needs. @param n rows @return bytes, 0: more than 2^32 - 1 rows @complexity
 *  O(1) @since 0.1 */
KEDGE_API size_t kedge_ranking_work(size_t n);

/** Measure a ranking.
 *  @param o what to measure, or NULL: the defaults  @param scores n numbers, any finite  @param labels n classes, 0 or 1
 *  @param weight n weights, finite, 0 to 1e9, or NULL: all 1  @param n rows  @param work scratch, aligned to #KEDGE_ALIGN
 *  @param work_bytes its size, at least kedge_ranking_work()  @param out the figures
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY one of the classes is not there  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_CONFIG an option is out of range  @retval KEDGE_ERR_RANGE a label or weight is  @retval KEDGE_ERR_NOT_FINITE
 *  NaN or infinity
 *  @retval KEDGE_ERR_SHAPE too many rows  @retval KEDGE_ERR_BUFFER work is too small  @retval KEDGE_ERR_ALIGN work is misaligned
 *  An error leaves *out as it was.  @complexity O(n): the scores are sorted by digits  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_ranking_measure(const kedge_ranking_options *o, const double *scores,
                                                             const uint8_t *labels, const double *weight, size_t n, void *work,
                                                             size_t work_bytes, kedge_ranking_report *out);

/** Two models' areas on the same rows. */
typedef struct kedge_ranking_comparison {
    double auc[2];     /**< of the first and the second model */
    double error[2];   /**< their standard errors */
    double difference; /**< second minus first */
    double difference_error; /**< its standard error, with the covariance of the two */
    double low;        /**< interval of the difference, normal */
    double high;       /**< likewise */
    double z;          /**< difference by its error; 0 where both are 0 */
    double p_value;    /**< two-sided, that the areas are equal */
} kedge_ranking_comparison;

/** Bytes of work memory that kedge_ranking_compare() needs. @param n rows @return bytes, 0: more than 2^32 - 1 rows @complexity
 *  O(1) @since 0.1 */
KEDGE_API size_t kedge_ranking_compare_work(size_t n);

/** Has one of two models the greater area under the ROC curve? The paired test of DeLong, DeLong, Clarke-Pearson 1988, by mid-ranks
 *  (Sun, Xu 2014).
 *  @param confidence of the interval, (0, 1)  @param first n scores of the first model  @param second n scores of the second
 *  @param labels n classes, 0 or 1, at least two of each  @param n rows  @param work scratch  @param work_bytes its size, at least
 *  kedge_ranking_compare_work()
 *  @param out the figures  @retval KEDGE_OK done  @retval KEDGE_EMPTY fewer than two rows of a class: figures are NaN
 *  @retval others as kedge_ranking_measure()  @complexity O(n)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_ranking_compare(double confidence, const double *first, const double *second,
                                                             const uint8_t *labels, size_t n, void *work, size_t work_bytes,
                                                             kedge_ranking_comparison *out);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
