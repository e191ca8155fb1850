/* SPDX-License-Identifier: MIT */
/** @file fairness.h
 *  Does a model treat groups of people alike? Rates of each group, their differences and ratios with confidence intervals, over
 *  everything, a window, fading or tumbling windows.
 *
 *  @code
 *  #include <stdlib.h>
 *  #include <kedge/metric.h>
 *  int main(void)
 *  {
 *      kedge_fairness_config cfg = kedge_fairness_defaults(2);
 *      kedge_fairness_report report;
 *      kedge_metric f;
 *      void *mem = malloc(kedge_metric_size(&cfg.base));
 *      int good;
 *      if (!mem || kedge_metric_init(&f, &cfg.base, mem, kedge_metric_size(&cfg.base)) < 0) return 1;
 *      for (uint32_t i = 0; i < 100; i++) {
 *          uint32_t group = i % 2, truth = i % 4 < 2, granted = i % 4 == 0 || i % 20 == 1;
 *          if (kedge_fairness_record(&f, group, truth, granted, granted, 1.0) < 0) return 1;
 *      }
 *      good = kedge_fairness_read(&f, &report) == KEDGE_OK && !report.four_fifths && report.demographic_parity_ratio < 0.3;
 *      free(mem);
 *      return good ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_METRICS_FAIRNESS_H
#define KEDGE_METRICS_FAIRNESS_H

#include "../metric.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup metric
 *  @{ */

#define KEDGE_NO_GROUP 0xFFFFFFFFu /**< where a report names a group: there is none */

/** Rates that groups are compared by. Outcome 1 is the favourable one, in truth and in decisions. */
enum {
    KEDGE_RATE_SELECTED = 1,       /**< share with decision 1: demographic parity; the ratio is the disparate impact */
    KEDGE_RATE_TRUE_POSITIVE = 2,  /**< of those with truth 1 the share with decision 1: equal opportunity */
    KEDGE_RATE_FALSE_POSITIVE = 3, /**< of those with truth 0 the share with decision 1: predictive equality */
    KEDGE_RATE_PRECISION = 4,      /**< of those with decision 1 the share with truth 1: predictive parity */
    KEDGE_RATE_ACCURACY = 5,       /**< share of right decisions */
    KEDGE_RATE_BASE = 6,           /**< share with truth 1 */
    KEDGE_RATE_CALIBRATION = 7     /**< mean of truth minus score, -1 to 1; it has differences, but no ratios */
};

/** Fairness between groups of a protected attribute, for decisions between two outcomes. A rate that a group does not determine (no
 *  row with truth 1, say) is NaN and left out of comparisons, or counts as 0. Cost: O(1) to record, with fading O(n_groups *
 *  n_bins); O(n_groups * n_bins) to read. Memory: 128 bytes a bin of each group, in a window 256, and 36 a record. */
typedef struct kedge_fairness_config {
    kedge_metric_config base;   /**< set by kedge_fairness_config_init() */
    double fading;              /**< with #KEDGE_OVER_FADING: factor per record, (0, 1), default 0.999 */
    double confidence;          /**< of the intervals, (0, 1), default 0.95 */
    uint32_t n_groups;          /**< 1 to 2^16 */
    uint32_t over;              /**< KEDGE_OVER_..., default #KEDGE_OVER_ALL */
    uint32_t window;            /**< with #KEDGE_OVER_WINDOW and #KEDGE_OVER_TUMBLING: records, 1 to 2^24, default 1000 */
    uint32_t n_bins;            /**< as of kedge_reliability_config, for each group, 1 to 1000, default 10 */
    uint32_t min_rows;          /**< a group with fewer rows counts as small, 0 to 2^31, default 30 */
    uint32_t skip_small;        /**< 1: leave small groups out of comparisons; default 0 */
    uint32_t undefined_as_zero; /**< 1: a rate that a group with rows does not determine counts as 0, as in fairlearn; default 0: it
                                 *   is left out */
    uint32_t reserved;          /**< 0 */
} kedge_fairness_config;

/** A rate of a group. */
typedef struct kedge_fairness_rate {
    double value; /**< NaN if there is no row to tell */
    double low;   /**< interval: Wilson 1927; for the calibration by the central limit theorem */
    double high;  /**< likewise */
    double rows;  /**< rows that it rests on: (sum of weights)^2 / sum of squared weights (Kish 1965), each row faded; at most the
                   *   covered rows */
} kedge_fairness_rate;

/** All of one group. */
typedef struct kedge_fairness_group_report {
    kedge_fairness_rate selected;       /**< #KEDGE_RATE_SELECTED */
    kedge_fairness_rate true_positive;  /**< #KEDGE_RATE_TRUE_POSITIVE */
    kedge_fairness_rate false_positive; /**< #KEDGE_RATE_FALSE_POSITIVE */
    kedge_fairness_rate precision;      /**< #KEDGE_RATE_PRECISION */
    kedge_fairness_rate accuracy;       /**< #KEDGE_RATE_ACCURACY */
    kedge_fairness_rate base;           /**< #KEDGE_RATE_BASE */
    kedge_fairness_rate calibration;    /**< #KEDGE_RATE_CALIBRATION */
    double weight;                      /**< of the group's records, faded */
    double mean_score;                  /**< mean score */
    double brier;                       /**< mean squared distance of score and truth */
    double calibration_error;           /**< mean over the bins of the score, by weight, of |share with truth 1 - mean score| */
    uint32_t is_small;                  /**< 1: fewer rows than min_rows */
    uint32_t n_undefined;               /**< rates that it does not determine */
} kedge_fairness_group_report;

/** One bin of a group's reliability diagram. */
typedef struct kedge_fairness_bin_report {
    double low;                   /**< lower end, excluded (but 0 belongs to the first bin) */
    double high;                  /**< upper end */
    double weight;                /**< of the records in it */
    double mean_score;            /**< mean score; NaN if weight is 0 */
    kedge_fairness_rate observed; /**< share with truth 1 */
} kedge_fairness_bin_report;

/** How far two groups are apart in a rate. */
typedef struct kedge_fairness_gap {
    double difference;      /**< of the rates */
    double difference_low;  /**< its interval: Newcombe 1998, method 10, from the groups' own intervals */
    double difference_high; /**< likewise */
    double ratio;           /**< of the rates; NaN where it would be 0 / 0, infinite where something is divided by 0 */
    double ratio_low;       /**< its interval: Katz, Baptista, Azen, Pike 1978, with half a row added to each count where one is 0
                             *   (Walter 1975) */
    double ratio_high;      /**< likewise; infinite where the data do not bound it */
} kedge_fairness_gap;

/** A rate over all groups. */
typedef struct kedge_fairness_comparison {
    kedge_fairness_gap gap;       /**< the greatest rate minus the least, the least over the greatest. The intervals hold for all
                                   *   pairs of groups at once (Bonferroni), since the extreme ones were picked after looking; NaN
                                   *   with one group */
    double least;                 /**< least rate of a group */
    double most;                  /**< greatest rate of a group */
    double overall;               /**< rate of all rows together */
    double difference_to_overall; /**< greatest |group - overall| */
    double ratio_to_overall;      /**< least of group / overall and overall / group */
    uint32_t i_least;             /**< the group with the least rate, the first one of them */
    uint32_t i_most;              /**< the group with the greatest rate, the last one of them */
    uint32_t n_groups;            /**< groups that were compared */
    uint32_t n_undefined;         /**< groups with rows that do not determine the rate */
} kedge_fairness_comparison;

/** The usual figures at once; each is NaN where no group determines it. Differences: greatest rate of a group minus the least, 0 is
 *  fair. Ratios: the least over the greatest, 1 is fair. Definitions: Barocas, Hardt, Narayanan, "Fairness and machine learning",
 *  chapter 3; Hardt, Price, Srebro 2016 for equal opportunity and equalised odds; Chouldechova 2017 for predictive parity and
 *  calibration. */
typedef struct kedge_fairness_report {
    uint64_t n;                           /**< records covered */
    double weight;                        /**< their weights' sum, faded */
    double demographic_parity_difference; /**< of the share with decision 1 */
    double demographic_parity_ratio;      /**< likewise: the disparate impact */
    double equal_opportunity_difference;  /**< of the true positive rate */
    double equal_opportunity_ratio;       /**< likewise */
    double equalised_odds_difference;     /**< the greater difference of true and false positive rate */
    double equalised_odds_ratio;          /**< the smaller ratio */
    double predictive_parity_difference;  /**< of the precision */
    double predictive_parity_ratio;       /**< likewise */
    double calibration_difference;        /**< of the mean of truth minus score */
    double calibration_error;             /**< the greatest calibration error of a group */
    uint32_t four_fifths;                 /**< 1: demographic_parity_ratio is at least 0.8 (EEOC 1978, Uniform Guidelines, 29 CFR
                                           *   1607.4 D) */
    uint32_t n_groups;                    /**< groups with rows */
    uint32_t n_small;                     /**< of these, groups with fewer rows than min_rows; kedge_fairness_read_group() names
                                           *   each */
    uint32_t i_small;                     /**< the one with the fewest rows, or #KEDGE_NO_GROUP */
} kedge_fairness_report;

extern KEDGE_API const kedge_metric_class kedge_fairness; /**< the class; merges with #KEDGE_OVER_ALL */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg @param n_groups
 *  groups
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_fairness_config_init(kedge_fairness_config *cfg, size_t cfg_bytes, uint32_t n_groups);

/** The default configuration. @param n_groups groups @return it @since 0.1 */
static inline kedge_fairness_config kedge_fairness_defaults(uint32_t n_groups)
{
    kedge_fairness_config cfg;
    if (kedge_fairness_config_init(&cfg, sizeof cfg, n_groups) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** Record one decision.
 *  @param m a fairness @param group whose, 0 to n_groups - 1 @param truth 1: the favourable outcome was due @param predicted 1: it
 *  was given @param score probability of outcome 1, 0 to 1; without one, give predicted @param weight finite, 0 to 1e9, usually 1
 *  @retval KEDGE_OK done @retval KEDGE_ERR_NULL no handle @retval KEDGE_ERR_CLASS m is another metric @retval KEDGE_ERR_RANGE no
 *  such group or outcome, or a number out of range @retval KEDGE_ERR_NOT_FINITE NaN or infinity; nothing changed
 *  @complexity O(1), see kedge_fairness_config  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_fairness_record(kedge_metric *m, uint32_t group, uint32_t truth, uint32_t predicted,
                                                             double score, double weight);

/** Record a batch; the same bytes as single calls. @param m a fairness @param group n groups @param truth n outcomes @param
 *  predicted n outcomes @param score n scores, or NULL: as predicted @param weight n weights, or NULL: all 1 @param n how many
 *  @param used how many were recorded, also on error
 *  @retval KEDGE_OK done  @retval others as kedge_fairness_record()  @complexity O(n)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_fairness_record_many(kedge_metric *m, const uint32_t *group, const uint32_t *truth,
                                                                  const uint32_t *predicted, const double *score,
                                                                  const double *weight, size_t n, size_t *used);

/** Forget a decision that was recorded, as if it never had been: byte for byte if weights are whole numbers and scores multiples of
 *  a power of two (2^-20, say); otherwise the score's figures keep what rounding leaves. Only with #KEDGE_OVER_ALL; windows and
 *  fading forget by themselves.
 *  @param m a fairness  @param group as recorded  @param truth as recorded  @param predicted as recorded  @param score as recorded
 *  @param weight as recorded
 *  @retval KEDGE_OK done @retval KEDGE_ERR_UNSUPPORTED it covers a window, or fades @retval KEDGE_ERR_RANGE there is no such record
 *  @retval others as kedge_fairness_record()  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_fairness_forget(kedge_metric *m, uint32_t group, uint32_t truth, uint32_t predicted,
                                                             double score, double weight);

/** The usual figures. @param m a fairness, may be shared  @param out the figures  @retval KEDGE_OK done
 *  @retval KEDGE_EMPTY no weight recorded: figures are NaN @retval KEDGE_ERR_NULL a pointer is NULL @retval KEDGE_ERR_CLASS m is
 *  another metric @complexity O(n_groups * n_bins) @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_fairness_read(const kedge_metric *m, kedge_fairness_report *out);

/** Compare all groups by one rate. @param m a fairness, may be shared  @param rate KEDGE_RATE_...  @param out the comparison
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY no group determines it: figures are NaN  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_CLASS m is another metric @retval KEDGE_ERR_RANGE no such rate @complexity O(n_groups * n_bins) @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_fairness_compare(const kedge_metric *m, uint32_t rate, kedge_fairness_comparison *out);

/** Compare a group with one that was chosen beforehand. @param m a fairness, may be shared @param rate KEDGE_RATE_... @param group
 *  the group
 *  @param reference the other one  @param out rate of the group minus, and over, that of the reference
 *  @retval KEDGE_OK done @retval KEDGE_EMPTY one of them does not determine it: figures are NaN @retval KEDGE_ERR_NULL a pointer is
 *  NULL
 *  @retval KEDGE_ERR_CLASS m is another metric  @retval KEDGE_ERR_RANGE no such rate or group, or both are the same
 *  @complexity O(n_bins)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_fairness_compare_pair(const kedge_metric *m, uint32_t rate, uint32_t group,
                                                                   uint32_t reference, kedge_fairness_gap *out);

/** All rates of a group. @param m a fairness, may be shared  @param group which  @param out the rates  @retval KEDGE_OK done
 *  @retval KEDGE_EMPTY no weight in it: figures are NaN @retval KEDGE_ERR_NULL a pointer is NULL @retval KEDGE_ERR_CLASS m is
 *  another metric
 *  @retval KEDGE_ERR_RANGE no such group  @complexity O(n_bins)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_fairness_read_group(const kedge_metric *m, uint32_t group,
                                                                 kedge_fairness_group_report *out);

/** One bin of a group's reliability diagram: of those with such a score, how many had truth 1? It should be as many in every group.
 *  @param m a fairness, may be shared  @param group which  @param i_bin 0 to n_bins - 1  @param out the bin  @retval KEDGE_OK done
 *  @retval KEDGE_EMPTY no weight in it  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS m is another metric
 *  @retval KEDGE_ERR_RANGE no such group or bin  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_fairness_read_bin(const kedge_metric *m, uint32_t group, uint32_t i_bin,
                                                               kedge_fairness_bin_report *out);

/** Weight of one cell of a group's confusion matrix. @param m a fairness, may be shared  @param group which  @param truth row
 *  @param predicted column  @param weight the cell  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_CLASS m is another metric @retval KEDGE_ERR_RANGE no such group or outcome @complexity O(n_bins) @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_fairness_read_cell(const kedge_metric *m, uint32_t group, uint32_t truth,
                                                                uint32_t predicted, double *weight);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
