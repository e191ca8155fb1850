/* SPDX-License-Identifier: MIT */
/** @file profile.h
 *  Reference profiles: what is kept of a column when its rows may not be kept (privacy, an edge device, partitions of a table). A
 * profile has a fixed size, can be merged, saved and sent, and tells count, missing values, moments, extremes, any quantile and any
 * share within a stated error; two profiles can be compared. A profile is a metric: the verbs for memory, merging and snapshots
 * stand in kedge/metric.h.
 *
 *  @code
 *  #include <kedge/profile.h>
 *  int main(void)
 *  {
 *      static unsigned long long mem[KEDGE_PROFILE_BYTES / 8];
 *      kedge_profile_config cfg = kedge_profile_defaults();
 *      kedge_profile_report report;
 *      kedge_metric p;
 *      double median;
 *      int i;
 *      if (kedge_metric_init(&p, &cfg.base, mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 1001; i++)
 *          if (kedge_profile_record(&p, i) < 0) return 1;
 *      if (kedge_profile_read(&p, &report) != KEDGE_OK || kedge_profile_quantile(&p, 0.5, &median) != KEDGE_OK) return 1;
 *      if (median < 500.0 - 1001 * report.rank_error_max || median > 500.0 + 1001 * report.rank_error_max) return 1;
 *      return report.mean > 499.9 && report.mean < 500.1 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_PROFILE_H
#define KEDGE_PROFILE_H

#include "base.h"
#include "metric.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @defgroup profile Profiles
 *  Columns in a fixed buffer.
 *  @{ */

#define KEDGE_PROFILE_INPUT_MAX 1e70 /**< largest magnitude of a value; fourth powers of it still add up finitely */

/** A profile of a numeric column: moments (Chan, Golub, LeVeque 1979; Pebay 2008), and a quantile sketch of sorted runs whose
 * neighbours are thinned out by halves (Manku, Rajagopalan, Lindsay 1998) with random offsets (Agarwal et al. 2012, "Mergeable
 * summaries"; Karnin, Lang, Liberty 2016). Values are told apart exactly up to level_size of them. Cost: some 20 ns a value on
 * average; a full level costs one sort. */
typedef struct kedge_profile_config {
    kedge_metric_config base; /**< set by kedge_profile_config_init() */
    uint64_t max_values;      /**< how many values it must take, merges included, level_size to 2^48, default 2^32 */
    uint64_t seed;            /**< of the offsets, any, default 1 */
    uint32_t level_size; /**< values a level, a power of two from 16 to 65536, default 512: the greater, the smaller the error */
    uint32_t reserved;   /**< 0 */
} kedge_profile_config;

/** What a profile tells. */
typedef struct kedge_profile_report {
    uint64_t n;            /**< values, missing ones not counted */
    uint64_t n_missing;    /**< NaN */
    double min;            /**< exact; NaN if n is 0, and so are the others */
    double max;            /**< exact */
    double mean;           /**< exact up to rounding, as are the other moments */
    double variance;       /**< divisor n */
    double skewness;       /**< third standardised moment; 0 where the variance is 0 */
    double kurtosis;       /**< fourth standardised moment, less 3; 0 where the variance is 0 */
    double rank_error;     /**< shares from this sketch are wrong by at most this with a chance of 99 %, for each value asked for
                              (Hoeffding) */
    double rank_error_max; /**< ... and never by more than this */
} kedge_profile_report;

/** How far two profiles are apart. */
typedef struct kedge_profile_shift {
    double ks;              /**< greatest difference of the two distribution functions (Kolmogorov-Smirnov statistic), 0 to 1 */
    double ks_error;        /**< sum of the rank_error of both: ks may be wrong by that much */
    double where;           /**< value at which they differ most */
    double ks_p_value;      /**< of ks less ks_error, by 2 exp(-2 d^2 n m / (n + m)) (Smirnov 1939): small is sure */
    double wasserstein;     /**< area between the distribution functions, unit of the values */
    double mean_difference; /**< mean of the current one less that of the reference */
    double effect; /**< mean_difference in standard deviations of the reference; infinite where that is 0 and the means differ */
    double missing_reference; /**< share of missing values */
    double missing_current;   /**< likewise */
} kedge_profile_shift;

/** Bytes of a profile whose max_values is below level_size * 2^n_levels. */
#define KEDGE_PROFILE_BYTES_FOR(level_size, n_levels) (192u + 16u * (level_size) + 4u * (level_size) * (n_levels))
/** Bytes of a profile with the default configuration. */
#define KEDGE_PROFILE_BYTES KEDGE_PROFILE_BYTES_FOR(512u, 24u)

extern KEDGE_API const kedge_metric_class kedge_profile; /**< the class; merges */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_profile_config_init(kedge_profile_config *cfg, size_t cfg_bytes);

/** The default configuration. @return it @since 0.1 */
static inline kedge_profile_config kedge_profile_defaults(void)
{
    kedge_profile_config cfg;
    if (kedge_profile_config_init(&cfg, sizeof cfg) < 0) /* a library older than this header */
        cfg.base.cls = NULL;
    return cfg;
}

/** Record one value. @param m a profile  @param x magnitude up to #KEDGE_PROFILE_INPUT_MAX; NaN counts as missing
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL no handle  @retval KEDGE_ERR_CLASS m is another metric  @retval
 * KEDGE_ERR_NOT_FINITE x is infinite  @retval KEDGE_ERR_RANGE x is too large, or there are max_values already; after an error
 * nothing has changed
 *  @complexity O(1) amortised, O(level_size log level_size) at the end of a level  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_profile_record(kedge_metric *m, double x);

/** Record a column of a table; the same bytes as single calls.
 *  @param m a profile  @param rows the table  @param i_column which column  @param used rows taken; after an error the next one is
 * the bad one
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS m is another metric  @retval
 * KEDGE_ERR_SHAPE the table is malformed or has no such column  @retval KEDGE_ERR_NOT_FINITE an infinite value  @retval
 * KEDGE_ERR_RANGE as in kedge_profile_record()  @complexity O(rows)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_profile_record_column(kedge_metric *m, const kedge_rows *rows, size_t i_column,
                                                                   size_t *used);

/** Count, moments, extremes, errors. @param m a profile, may be shared  @param out the figures
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY no values: NaN  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS m
 * is another metric  @complexity O(level_size)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_profile_read(const kedge_metric *m, kedge_profile_report *out);

/** A quantile: the least recorded value of the sketch that a share q of all does not exceed.
 *  @param m a profile, may be shared  @param q 0 to 1; 0 gives min, 1 gives max  @param x the quantile
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY no values; *x = NaN  @retval KEDGE_ERR_NULL a pointer is NULL  @retval
 * KEDGE_ERR_CLASS m is another metric  @retval KEDGE_ERR_RANGE q outside of [0, 1]  @retval KEDGE_ERR_NOT_FINITE q is NaN or
 * infinite
 *  @complexity O(level_size), some 50 us  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_profile_quantile(const kedge_metric *m, double q, double *x);

/** Shares of the values up to each of n limits: the distribution function at these.
 *  @param m a profile, may be shared  @param limits n numbers, any but NaN  @param shares n shares, 0 to 1  @param n how many
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY no values: NaN  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS m
 * is another metric  @retval KEDGE_ERR_NOT_FINITE a limit is NaN  @complexity O(n level_size)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_profile_shares(const kedge_metric *m, const double *limits, double *shares, size_t n);

/** How far the current column is from its reference, from their profiles alone; they may differ in level_size.
 *  @param reference a profile, may be shared  @param current a profile, may be shared, also the same one  @param out the figures
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY one has no values: NaN but for the missing shares  @retval KEDGE_ERR_NULL a pointer
 * is NULL
 *  @retval KEDGE_ERR_CLASS one is another metric  @complexity O(level_size^2 log n), some ms  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_profile_compare(const kedge_metric *reference, const kedge_metric *current,
                                                             kedge_profile_shift *out);

/* Categories ------------------------------------------------------------------------------------------------------------------- */

#define KEDGE_CATEGORIES_CODE_MAX 1e300 /**< largest magnitude of a category's code */

/** A profile of a nominal column: its most frequent categories with their counts (Misra, Gries 1982; merged as in Agarwal et al.
 *  2012, "Mergeable summaries"). Exact as long as the column has no more categories than it may keep; else a count is too low by at
 *  most n / (max_categories + 1), and no category above that is missed. A metric: memory, merging and snapshots stand in
 *  kedge/metric.h.
 *  Cost: a binary search a value; a category that comes new shifts those behind it. */
typedef struct kedge_categories_config {
    kedge_metric_config base; /**< set by kedge_categories_config_init() */
    uint32_t max_categories;  /**< categories kept, 2 to 4096, default 256 */
    uint32_t reserved;        /**< 0 */
} kedge_categories_config;

/** What a profile of categories tells. */
typedef struct kedge_categories_report {
    uint64_t n;            /**< values, missing ones not counted */
    uint64_t n_missing;    /**< NaN */
    uint64_t n_other;      /**< values that no kept category's count holds; 0: all counts are exact */
    uint64_t error;        /**< a count is too low by at most this */
    uint32_t n_categories; /**< categories kept */
    uint32_t reserved;     /**< 0 */
} kedge_categories_report;

/** One category. */
typedef struct kedge_category {
    double code;        /**< as it was recorded */
    uint64_t count;     /**< at least so often */
    uint64_t count_max; /**< at most so often */
    double share;       /**< count over n; 0 where n is 0 */
} kedge_category;

/** How far two nominal columns are apart. */
typedef struct kedge_categories_shift {
    double chi_squared;       /**< Pearson's statistic, rare categories (fewer than 5 expected in a sample) taken together.
                               *   Differences that the errors of the counts may explain are left out, so that it is never too
                               *   large */
    double p_value;           /**< of chi_squared, 0 to 1 */
    double effect;            /**< Cramer's V: sqrt(chi_squared / (n + m)), 0 to 1 */
    double total_variation;   /**< half the sum of the shares' differences, by the counts as they are; what is not kept is one
                               *   category */
    double psi;               /**< population stability index, half a value added to each category so that none is empty */
    double unseen;            /**< share of the current values in categories that the reference does not keep; an estimate where
                               *   n_other is not 0 */
    double where;             /**< the category whose share moved most */
    double share_reference;   /**< its share before */
    double share_current;     /**< and now */
    double missing_reference; /**< share of missing values */
    double missing_current;   /**< likewise */
} kedge_categories_shift;

/** Bytes of a profile of at most so many categories. */
#define KEDGE_CATEGORIES_BYTES_FOR(max_categories) (64u + 16u * (max_categories))
/** Bytes of a profile with the default configuration. */
#define KEDGE_CATEGORIES_BYTES KEDGE_CATEGORIES_BYTES_FOR(256u)

extern KEDGE_API const kedge_metric_class kedge_categories; /**< the class; merges */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_categories_config_init(kedge_categories_config *cfg, size_t cfg_bytes);

/** The default configuration. @return it @since 0.1 */
static inline kedge_categories_config kedge_categories_defaults(void)
{
    kedge_categories_config cfg;
    if (kedge_categories_config_init(&cfg, sizeof cfg) < 0) /* a library older than this header */
        cfg.base.cls = NULL;
    return cfg;
}

/** Record one value. @param m a profile of categories  @param code the category, magnitude up to #KEDGE_CATEGORIES_CODE_MAX; NaN
 *  counts as missing
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL no handle  @retval KEDGE_ERR_CLASS m is another metric
 *  @retval KEDGE_ERR_NOT_FINITE code is infinite
 *  @retval KEDGE_ERR_RANGE code is too large; after an error nothing has changed
 *  @complexity O(log max_categories); O(max_categories) for a category that is not kept  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_categories_record(kedge_metric *m, double code);

/** Record a column of a table; the same bytes as single calls.
 *  @param m a profile of categories  @param rows the table  @param i_column which column  @param used rows taken; after an error
 *  the next one is the bad one
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS m is another metric
 *  @retval KEDGE_ERR_SHAPE the table is malformed or has no such column  @retval KEDGE_ERR_NOT_FINITE an infinite value
 *  @retval KEDGE_ERR_RANGE as in kedge_categories_record()
 *  @complexity O(rows)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_categories_record_column(kedge_metric *m, const kedge_rows *rows, size_t i_column,
                                                                      size_t *used);

/** Counts and errors. @param m a profile of categories, may be shared  @param out the figures
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY no values yet  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS m is
 *  another metric
 *  @complexity O(max_categories)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_categories_read(const kedge_metric *m, kedge_categories_report *out);

/** The most frequent categories, in falling order; of equal ones the least code first.
 *  @param m a profile of categories, may be shared  @param out room for n_out  @param n_out how many are wanted  @param n how many
 *  there are, at most n_out
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS m is another metric
 *  @complexity O(max_categories n_out)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_categories_top(const kedge_metric *m, kedge_category *out, size_t n_out, size_t *n);

/** One category; of one that is not kept the count is 0.
 *  @param m a profile of categories, may be shared  @param code which  @param out it
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS m is another metric
 *  @retval KEDGE_ERR_NOT_FINITE code is NaN or infinite  @complexity O(log max_categories)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_categories_find(const kedge_metric *m, double code, kedge_category *out);

/** How far the current column is from its reference, from their profiles alone; they may differ in max_categories.
 *  @param reference a profile of categories, may be shared  @param current likewise, also the same one  @param out the figures
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY one has no values: NaN but for the missing shares  @retval KEDGE_ERR_NULL a pointer
 *  is NULL
 *  @retval KEDGE_ERR_CLASS one is another metric  @complexity O(max_categories)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_categories_compare(const kedge_metric *reference, const kedge_metric *current,
                                                                kedge_categories_shift *out);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
