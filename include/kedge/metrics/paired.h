/* SPDX-License-Identifier: MIT */
/** @file paired.h
 *  Which of two models is better on the same rows? The difference of their losses with an interval, over everything, a window,
 *  fading or tumbling windows, with one that holds however often one looks; and McNemar's test.
 *
 *  @code
 *  #include <kedge/metric.h>
 *  int main(void)
 *  {
 *      union { double align; unsigned char bytes[KEDGE_PAIRED_BYTES]; } mem;
 *      kedge_paired_config cfg = kedge_paired_defaults();
 *      kedge_paired_report report;
 *      kedge_metric pair;
 *      int i;
 *      if (kedge_metric_init(&pair, &cfg.base, &mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 1000; i++)
 *          if (kedge_paired_record(&pair, i % 3 == 0, i % 7 == 0, 1.0) < 0) return 1; // was the first model wrong, was the second?
 *      return kedge_paired_read(&pair, &report) == KEDGE_OK && report.high < 0.0 && report.always_high < 0.0 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_METRICS_PAIRED_H
#define KEDGE_METRICS_PAIRED_H

#include "../metric.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup metric
 *  @{ */

/** Two models' losses on the same records. Cost: O(1) to record, in a window on average, and to read. Memory: 64 bytes of sums; in
 *  a window 128 and 68 a record, and what has left it leaves no rounding behind. */
typedef struct kedge_paired_config {
    kedge_metric_config base; /**< set by kedge_paired_config_init() */
    double fading;            /**< with #KEDGE_OVER_FADING: factor per record, (0, 1), default 0.999 (Gama, Sebastiao, Rodrigues
                               *   2013) */
    double confidence;        /**< of both intervals, (0, 1), default 0.95 */
    double loss_max;          /**< greatest loss, in (0, 1e100], default 1: of wrong and right; what bounds the difference, and so
                               *   the interval that always holds */
    uint32_t over;            /**< KEDGE_OVER_..., default #KEDGE_OVER_ALL */
    uint32_t window;          /**< with #KEDGE_OVER_WINDOW and #KEDGE_OVER_TUMBLING: records, 1 to 2^24, default 1000 */
} kedge_paired_config;

/** Figures of two models; a difference is the second one's loss minus the first one's, so below 0 the second is better. error,
 *  low, high, z and p_value hold for differences that do not hang together, at one time that is fixed beforehand; always_low and
 *  always_high for any, at all times at once. */
typedef struct kedge_paired_report {
    uint64_t n;          /**< records covered */
    double weight;       /**< sum of their weights, faded */
    double loss_first;   /**< mean loss of the first model */
    double loss_second;  /**< of the second */
    double difference;   /**< mean of second minus first */
    double deviation;    /**< standard deviation of the differences, of n */
    double error;        /**< standard error of their mean; records count as (sum of weights)^2 / sum of squared weights, fading in
                          *   it (right for equal weights); infinite with one record */
    double low;          /**< interval of the difference, normal, within what losses allow */
    double high;         /**< likewise */
    double z;            /**< difference by its error, -40 to 40; 0 with one record */
    double p_value;      /**< two-sided, normal, that the mean difference is 0 */
    double q;            /**< ln(sum of the first one's losses / sum of the second one's), the Q statistic of Gama 2013: above 0 the
                          *   second is better; a sum counts as at least 2^-52 of loss_max, or of it times the weight if that is
                          *   below 1 */
    double wins_first;   /**< weight of records where the first lost less */
    double wins_second;  /**< where the second did; the rest are ties */
    double always_low;   /**< interval of the difference since init, whatever is covered: each record with a weight counts once, the
                          *   mean is weighted by the bets of the sequence, or is any if it is constant (Waudby-Smith, Ramdas 2024;
                          *   Choe, Ramdas 2023) */
    double always_high;  /**< likewise: below 0 one may stop looking at any time, the second is better */
    uint64_t n_always;   /**< records since init with a weight, which it covers */
} kedge_paired_report;

#define KEDGE_PAIRED_BYTES 224u /**< bytes of a pair's state, except in windows */

extern KEDGE_API const kedge_metric_class kedge_paired; /**< the class; merges with #KEDGE_OVER_ALL */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_paired_config_init(kedge_paired_config *cfg, size_t cfg_bytes);

/** The default configuration. @return it @since 0.1 */
static inline kedge_paired_config kedge_paired_defaults(void)
{
    kedge_paired_config cfg;
    if (kedge_paired_config_init(&cfg, sizeof cfg) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** Record what both models lost on one row. @param m a pair  @param first loss of the first model, 0 to loss_max  @param second of
 *  the second  @param weight finite, 0 to 1e9, usually 1; fixed before the losses are known, for the intervals to hold
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL no handle  @retval KEDGE_ERR_CLASS m is another metric  @retval KEDGE_ERR_RANGE a
 *  number out of range  @retval KEDGE_ERR_NOT_FINITE NaN or infinity; nothing changed  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_paired_record(kedge_metric *m, double first, double second, double weight);

/** Record a batch; the same bytes as single calls. @param m a pair  @param first n losses  @param second n losses
 *  @param weight n weights, or NULL: all 1  @param n how many  @param used how many were recorded, also on error
 *  @retval KEDGE_OK done  @retval others as kedge_paired_record()  @complexity O(n)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_paired_record_many(kedge_metric *m, const double *first, const double *second,
                                                                const double *weight, size_t n, size_t *used);

/** The figures. @param m a pair, may be shared  @param out the figures  @retval KEDGE_OK done  @retval KEDGE_EMPTY nothing is
 *  covered: figures are NaN, those that always hold too unless there was a record  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_CLASS m is another metric  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_paired_read(const kedge_metric *m, kedge_paired_report *out);

/** McNemar's test: are two classifiers wrong equally often? Only rows count on which one of them alone is right. */
typedef struct kedge_mcnemar_report {
    uint64_t n;           /**< rows on which one of them alone is right */
    double share;         /**< of these, on which it is the second; NaN if there are none */
    double chi_squared;   /**< (difference)^2 / n (McNemar 1947); 0 if there are none */
    double p_exact;       /**< two-sided, binomial; 1 if there are none, as all of these */
    double p_mid;         /**< its mid-p: p_exact less the chance of what was seen, 1 where both are equal (Fagerland, Lydersen,
                           *   Laake 2013) */
    double p_chi_squared; /**< by the chi-squared distribution with one degree of freedom */
    double p_value;       /**< p_mid with fewer than 25 rows, else p_chi_squared */
} kedge_mcnemar_report;

/** McNemar's test.
 *  @param only_first rows on which the first model alone is right  @param only_second rows on which the second alone is, with
 *  those of the first at most 2^53  @param out the figures
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY both are 0: nothing speaks against equality, p-values are 1  @retval KEDGE_ERR_NULL
 *  out is NULL  @retval KEDGE_ERR_RANGE more than 2^53 rows  @complexity O(sqrt(n))  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_mcnemar(uint64_t only_first, uint64_t only_second, kedge_mcnemar_report *out);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
