/* SPDX-License-Identifier: MIT */
/** @file table.h
 *  Data drift over many columns: which have moved, since when, from what to what, with the false alarms of many tests kept in
 *  check. Columns are compared in place, one by one, with working memory for one; or by their profiles alone, when the rows are
 *  gone.
 *
 *  @code
 *  #include <kedge/table.h>
 *  int main(void)
 *  {
 *      static double before[200][3], after[100][3], work[2048];
 *      kedge_rows reference = kedge_rows_float64(before[0], 200, 3), current = kedge_rows_float64(after[0], 100, 3);
 *      const uint32_t kinds[3] = {KEDGE_KIND_NUMERIC, KEDGE_KIND_NUMERIC, KEDGE_KIND_BOOLEAN};
 *      kedge_table_config cfg = kedge_table_defaults();
 *      kedge_table_column columns[3];
 *      kedge_table_report report;
 *      int i;
 *      for (i = 0; i < 200; i++) { before[i][0] = i % 40; before[i][1] = i % 7; before[i][2] = i % 2; }
 *      for (i = 0; i < 100; i++) { after[i][0] = i % 40; after[i][1] = i % 7 + (i >= 30 ? 5 : 0); after[i][2] = i % 2; }
 *      if (kedge_table_work(&cfg, 200, 100, 3) > sizeof work) return 1;
 *      if (kedge_table_compare(&cfg, &reference, &current, kinds, work, sizeof work, columns, &report) != KEDGE_DRIFT) return 1;
 *      return report.n_moved == 1 && columns[1].has_moved && columns[1].rank == 0 &&
 *             columns[1].since > 20 && columns[1].since < 40 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_TABLE_H
#define KEDGE_TABLE_H

#include "base.h"
#include "metric.h"
#include "shift.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @defgroup table Tables
 *  All columns of two tables compared.
 *  @{ */

#define KEDGE_COLUMNS_MAX 1000000u /**< most columns of a table */

/** How p-values of many tests are adjusted. An adjusted one of at most alpha keeps: */
enum {
    KEDGE_ADJUST_NONE = 1,               /**< each test's own chance of a false alarm at alpha */
    KEDGE_ADJUST_BONFERRONI = 2,         /**< the chance of any false alarm at alpha (Dunn 1961) */
    KEDGE_ADJUST_HOLM = 3,               /**< the same, never weaker (Holm 1979) */
    KEDGE_ADJUST_BENJAMINI_HOCHBERG = 4, /**< the expected share of false ones among the alarms at alpha, for independent or
                                          *   positively dependent tests (Benjamini, Hochberg 1995) */
    KEDGE_ADJUST_BENJAMINI_YEKUTIELI = 5 /**< the same for any dependence (Benjamini, Yekutieli 2001) */
};

/** Configuration of a table's comparison. */
typedef struct kedge_table_config {
    uint32_t config_bytes;             /**< sizeof of the caller's struct; set by kedge_table_config_init() */
    uint32_t adjust;                   /**< KEDGE_ADJUST_..., default KEDGE_ADJUST_BENJAMINI_HOCHBERG */
    double alpha;                      /**< a column has moved where the adjusted p-value is at most this, (0, 1), default 0.05 */
    double min_missing;                /**< and missing values where the shares differ by at least this as well, 0 (default) to 1 */
    const kedge_shift_config *numeric; /**< method of numeric columns, NULL (default): kedge_ks with its defaults. Its alpha does
                                        *   not count here, its min_effect does. Must outlive the calls */
    const kedge_shift_config *nominal; /**< of nominal columns, likewise; NULL: kedge_chi_squared */
    const kedge_shift_config *boolean; /**< of boolean columns, likewise; NULL: kedge_fisher */
} kedge_table_config;

/** What has become of a column. */
typedef struct kedge_table_column {
    kedge_shift_result shift;      /**< its values compared; status: KEDGE_OK, KEDGE_EMPTY (not tested) or why there is no answer */
    double p_adjusted;             /**< of shift.p_value; NaN: not tested */
    double p_missing;              /**< chance of shares of missing values that far apart if nothing changed (Fisher's exact test);
                                    *   NaN: no rows */
    double p_missing_adjusted;     /**< likewise */
    double missing_reference;      /**< share of missing values, 0 to 1; NaN: no rows */
    double missing_current;        /**< likewise */
    uint64_t since;                /**< likeliest row of the current table from which on the column is another, 0: from its first
                                    *   row on; by the rows' order, for columns with has_moved; else, and from profiles,
                                    *   UINT64_MAX */
    uint32_t kind;                 /**< KEDGE_KIND_... */
    uint32_t rank;                 /**< place of the column, 0 for the one that moved most surely: by adjusted p-value, then by
                                    *   effect */
    uint32_t has_moved;            /**< 1: its values come from another distribution */
    uint32_t has_moved_missing;    /**< 1: missing values are more, or fewer */
} kedge_table_column;

/** The table as a whole. */
typedef struct kedge_table_report {
    uint32_t n_columns; /**< columns compared */
    uint32_t n_moved;   /**< columns whose values or missing values moved */
    uint32_t n_tests;   /**< p-values that were adjusted together */
    uint32_t n_failed;  /**< columns that gave no answer: infinite values, for example; their shift.status says why */
} kedge_table_report;

/** Defaults. @param cfg to fill  @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_table_config_init(kedge_table_config *cfg, size_t cfg_bytes);

/** The default configuration. @return it @since 0.1 */
static inline kedge_table_config kedge_table_defaults(void)
{
    kedge_table_config cfg;
    if (kedge_table_config_init(&cfg, sizeof cfg) < 0) /* a library older than this header */
        cfg.config_bytes = 0;
    return cfg;
}

/** Bytes of working memory: for one column of these sizes, or for deciding over n_columns, whichever is more.
 *  @param cfg configuration  @param n_reference rows of the reference  @param n_current rows of the current table  @param n_columns
 *  columns, at least 1
 *  @return bytes; 0: NULL, out of range, or too large for this machine  @complexity O(1)  @since 0.1 */
KEDGE_API size_t kedge_table_work(const kedge_table_config *cfg, size_t n_reference, size_t n_current, size_t n_columns);

/** Compare all columns of two tables. The tables are not changed.
 *  @param cfg configuration  @param reference the table to compare with  @param current the table in question, with as many
 *  columns, rows in the order of time if `since` is to mean something  @param kinds KEDGE_KIND_... of each column, KEDGE_KIND_NONE
 *  leaves it out; NULL: all are numeric
 *  @param work memory for the time of the call, aligned to #KEDGE_ALIGN  @param work_bytes its size, at least kedge_table_work()
 *  @param columns what has become of each  @param report the table as a whole
 *  @retval KEDGE_OK nothing moved  @retval KEDGE_DRIFT a column did  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_CONFIG a field or a kind is out of range, or a method is not for its kind of columns  @retval KEDGE_ERR_SHAPE
 *  a table is malformed, or they do not fit together
 *  @retval KEDGE_ERR_BUFFER work is too small  @retval KEDGE_ERR_ALIGN work or a table is misaligned. After an error nothing has
 *  been written. What is wrong with a single column stands in its shift.status
 *  @complexity that of the methods, for each column; `since` O(rows)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_table_compare(const kedge_table_config *cfg, const kedge_rows *reference,
                                                           const kedge_rows *current, const uint32_t *kinds, void *work,
                                                           size_t work_bytes, kedge_table_column *columns,
                                                           kedge_table_report *report);

/** Compare one column, for tables whose columns come one by one. p_adjusted, rank and has_moved wait for kedge_table_decide().
 *  @param cfg configuration  @param reference one column  @param current one column  @param kind KEDGE_KIND_... but NONE
 *  @param work memory for the time of the call  @param work_bytes its size, at least kedge_table_work() for one column
 *  @param column the outcome
 *  @retval KEDGE_OK done; shift.status tells what came out  @return errors as in kedge_table_compare()  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_table_compare_column(const kedge_table_config *cfg, const kedge_rows *reference,
                                                                  const kedge_rows *current, uint32_t kind, void *work,
                                                                  size_t work_bytes, kedge_table_column *column);

/** Compare one column by its two profiles, both of kedge_profile or both of kedge_categories. The p-value allows for the sketches'
 *  errors; the effect is the Kolmogorov-Smirnov distance or Cramer's V, and counts as moved from the numeric or nominal method's
 *  min_effect on.
 *  @param cfg configuration  @param reference a profile  @param current a profile of the same class  @param column the outcome
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS they are no such profiles
 *  @retval KEDGE_ERR_CONFIG a field is out of range  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_table_compare_profiles(const kedge_table_config *cfg, const kedge_metric *reference,
                                                                    const kedge_metric *current, kedge_table_column *column);

/** Adjust the p-values of columns compared one by one, say which have moved, and rank them. `since` is set to UINT64_MAX where
 *  nothing moved.
 *  @param cfg configuration  @param columns the columns  @param n_columns how many, at least 1  @param work memory for the time of
 *  the call
 *  @param work_bytes its size, at least kedge_table_work(cfg, 0, 0, n_columns)  @param report the table as a whole
 *  @retval KEDGE_OK nothing moved  @retval KEDGE_DRIFT a column did  @return errors as in kedge_table_compare()
 *  @complexity O(n_columns log n_columns)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_table_decide(const kedge_table_config *cfg, kedge_table_column *columns,
                                                          size_t n_columns, void *work, size_t work_bytes,
                                                          kedge_table_report *report);

/** Kinds of shift (Moreno-Torres et al. 2012, "A unifying view on dataset shift in classification", Pattern Recognition 45);
 *  bits. */
enum {
    KEDGE_SHIFT_COVARIATE = 1, /**< the features come from another distribution, and what they say of the label is the same; or that
                                *   changed as well, see #KEDGE_SHIFT_CONCEPT: a model may have to be weighted, not unlearn */
    KEDGE_SHIFT_LABEL = 2,     /**< the labels come from another distribution, for whatever reason */
    KEDGE_SHIFT_PRIOR = 4,     /**< and the features of each class do not: the model's probabilities want other priors */
    KEDGE_SHIFT_CONCEPT = 8    /**< the same features now mean another label: the model is wrong and has to learn anew */
};

/** A table with its labels; all of as many rows. */
typedef struct kedge_labelled {
    kedge_rows features; /**< as for kedge_table_compare() */
    kedge_rows labels;   /**< one column: classes, or numbers */
    kedge_rows scores;   /**< one column: what a model says of each row before it has learned from it, its probability of a class
                          *   for example; or any other number that tells of the label what the features do. `data` NULL: none, then
                          *   a concept shift cannot be told */
} kedge_labelled;

/** What has shifted. P-values are adjusted together as the configuration says; NaN: could not be tested. */
typedef struct kedge_table_diagnosis {
    double p_features;              /**< that features changed: the least of the columns' adjusted p-values */
    double p_labels;                /**< that labels changed */
    double p_features_given_labels; /**< that features of rows of the same label changed: each column within each class, or tenth of
                                     *   a numeric label */
    double p_labels_given_features; /**< that labels of rows that looked alike changed: within each tenth of the scores */
    uint32_t kinds;                 /**< KEDGE_SHIFT_..., joined by or; 0: nothing shifted */
    uint32_t reserved;              /**< 0 */
} kedge_table_diagnosis;

/** Bytes of working memory for kedge_table_diagnose().
 *  @param cfg configuration  @param n_reference rows  @param n_current rows  @param n_columns of features, at least 1
 *  @return bytes; 0: NULL, out of range, or too large for this machine  @complexity O(1)  @since 0.1 */
KEDGE_API size_t kedge_table_diagnose_work(const kedge_table_config *cfg, size_t n_reference, size_t n_current, size_t n_columns);

/** Tell covariate, label, prior and concept shift apart. Features and labels are compared by the methods of their kinds, and either
 *  within groups of rows that are alike in the other; tests of groups are joined after Fisher 1932, section 21.1. Whether labels or
 *  features changed is settled by data, which of both conditional distributions stayed is settled by what was *not* seen, so a
 *  small sample can take one kind for another: read the p-values.
 *  @param cfg configuration  @param reference the table to compare with  @param current the table in question  @param kinds
 *  KEDGE_KIND_... of each feature; NULL: all are numeric  @param label_kind KEDGE_KIND_... of the labels; of nominal ones the 32
 *  most frequent make groups
 *  @param work memory for the time of the call, aligned to #KEDGE_ALIGN  @param work_bytes its size, at least
 *  kedge_table_diagnose_work()
 *  @param out what has shifted
 *  @retval KEDGE_OK nothing  @retval KEDGE_DRIFT something  @return errors as kedge_table_compare(); labels or scores that have not
 *  as many rows or not one column are KEDGE_ERR_SHAPE; then nothing has been written
 *  @complexity that of the methods, for each column once as a whole and once over all groups  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_table_diagnose(const kedge_table_config *cfg, const kedge_labelled *reference,
                                                            const kedge_labelled *current, const uint32_t *kinds,
                                                            uint32_t label_kind, void *work, size_t work_bytes,
                                                            kedge_table_diagnosis *out);

/** Adjust p-values for their number.
 *  @param adjust KEDGE_ADJUST_...  @param p n p-values, 0 to 1; NaN: no test, stays NaN and does not count  @param n how many, at
 *  most 2^32 - 1
 *  @param adjusted n adjusted ones, in the order of p; may be p itself  @param order room for n indices: those of p from the
 *  smallest on, NaN last
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CONFIG unknown adjustment
 *  @retval KEDGE_ERR_RANGE a p-value is outside of [0, 1], or n too large; then nothing has been written  @complexity O(n log n)
 *  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_p_adjust(uint32_t adjust, const double *p, size_t n, double *adjusted,
                                                      uint32_t *order);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
