/* SPDX-License-Identifier: MIT */
/** @file shift/tables.h
 *  Methods of several columns at once, which also see how they go together. The verbs stand in kedge/shift.h.
 *
 *  @code
 *  #include <kedge/shift/tables.h>
 *  int main(void)
 *  {
 *      static double before[80], after[80], work[65536];
 *      kedge_rows reference = kedge_rows_float64(before, 40, 2), current = kedge_rows_float64(after, 40, 2);
 *      kedge_nn_dvi_config cfg = kedge_nn_dvi_defaults();
 *      kedge_shift_result r;
 *      int i;
 *      for (i = 0; i < 40; i++) { // each column for itself is as it was
 *          before[2 * i] = before[2 * i + 1] = after[2 * i] = i;
 *          after[2 * i + 1] = 39 - i;
 *      }
 *      if (kedge_shift_work(&cfg.base, 40, 40, 2) > sizeof work) return 1;
 *      return kedge_shift_compare(&cfg.base, &reference, &current, work, sizeof work, &r) == KEDGE_DRIFT &&
 *             r.p_value < 0.01 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_SHIFT_TABLES_H
#define KEDGE_SHIFT_TABLES_H

#include "../shift.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup shift
 *  @{ */

/** Width of a Gaussian kernel exp(-|x - y|^2 / (2 bandwidth^2)). */
enum {
    KEDGE_BANDWIDTH_MEDIAN = 1, /**< the median of the distances above 0 among at most 1000 rows of both samples, drawn by `seed`; 1
                                 *   if all are 0. #kedge_mmd takes it over the root of 2, as its authors' code and alibi-detect
                                 *   do */
    KEDGE_BANDWIDTH_FIXED = 2   /**< the field `bandwidth` */
};

struct kedge_model_config; /* kedge/model.h */

/** Configuration of #kedge_classifier_test. */
typedef struct kedge_classifier_test_config {
    kedge_shift_config base; /**< common fields; all of KEDGE_P_... */
    const struct kedge_model_config *model; /**< the classifier: a model's configuration with n_features = columns and
                                             *   n_classes = 2, or 0 for a regression on 0 and 1; the caller's, which must live as
                                             *   long as it is used. It sees the columns as they are. NULL, the default: the online
                                             *   logistic regression, on standardised columns and, with `degree` 2, what is made of
                                             *   them */
    double train_share;      /**< part of each sample to learn from, 0.01 to 0.99, default 0.5; the rest is held out; each at least
                              *   a row */
    uint32_t n_passes;       /**< times that the rows are learned where the model has no fit, 1 to 10000, default 10 */
    uint32_t degree;         /**< of the built-in classifier. 1: columns, which sees means only. 2, the default: squares too and, up
                              *   to 43 columns, products of two */
} kedge_classifier_test_config;

/** Classifier two-sample test: a classifier learns to tell the reference's rows from the current ones, and is tried on rows held
 *  out, drawn by `seed`. Lopez-Paz, Oquab 2017, "Revisiting classifier two-sample tests". Statistic: the area under the curve, the
 *  chance that a current row scores higher than one of the reference, 0 to 1; 1/2, `expected`, if nothing changed. Effect: 2
 *  area - 1, not below 0. p: Mann-Whitney's of the held-out scores, with one side, right whatever the classifier; methods, AUTO and
 *  scratch as #kedge_mann_whitney. D3 (Gozuacik et al. 2019, "Unsupervised concept drift detection with a discriminative
 *  classifier") is a `min_effect` of 0.4, for its area of 0.7, with KEDGE_P_NONE and `degree` 1. A sample of less than 2 complete
 *  rows: KEDGE_EMPTY. A model that does not fit the columns: KEDGE_ERR_SHAPE. Errors of the model are passed on. Up to
 *  #KEDGE_FEATURES_MAX columns, and terms of the built-in classifier. Cost: docs/shift.md. */
extern KEDGE_API const kedge_shift_class kedge_classifier_test;

/** Defaults of #kedge_classifier_test. @return them @since 0.1 */
static inline kedge_classifier_test_config kedge_classifier_test_defaults(void)
{
    kedge_classifier_test_config c;
    if (kedge_shift_config_init(&kedge_classifier_test, &c, sizeof c) < 0) /* a library older than this header */
        c.base.cls = NULL;
    return c;
}

/** Configuration of #kedge_lsdd. */
typedef struct kedge_lsdd_config {
    kedge_shift_config base; /**< common fields; KEDGE_P_PERMUTATION, which AUTO takes, or KEDGE_P_NONE */
    double bandwidth;        /**< with KEDGE_BANDWIDTH_FIXED: width of the kernels, unit of the columns, or of their standard
                              *   deviations if standardised; 1e-100 to 1e100, default 1 */
    double regularisation;   /**< lambda, over (pi bandwidth^2)^(columns / 2), the greatest term of H: 0 to 1000, default 0.1. More:
                              *   smoother, the statistic lower, and less noise in it. 0 and rows that are alike:
                              *   KEDGE_ERR_NUMERIC */
    uint32_t bandwidth_rule; /**< KEDGE_BANDWIDTH_..., default KEDGE_BANDWIDTH_MEDIAN */
    uint32_t n_centres;      /**< kernels, 1 to 1000, default 100, at rows of both samples drawn by `seed`; all rows where they are
                              *   fewer */
    uint32_t standardise;    /**< 1, the default: each column less its mean, over its standard deviation in both samples together;
                              *   0: as it is */
    uint32_t reserved;       /**< 0 */
} kedge_lsdd_config;

/** Least-squares density difference of two tables: the integral of (p - q)^2, p and q the densities, times (pi
 *  bandwidth^2)^(columns / 2), without estimating either of them: 2 h'theta - theta'H theta, 0 or more. Sugiyama et al. 2013,
 *  "Density-difference estimation"; Bu, Alippi, Zhao 2018, "A pdf-free change detection test based on density difference
 *  estimation". Up to 1000 columns. Effect: over the integral of (p + q)^2, by the same kernels: 0 (equal) to 1 (nothing alike).
 *  `expected`: the mean over the ways that were dealt, which is above 0. A sample of less than 2 complete rows: KEDGE_EMPTY.
 *  Scratch and cost: docs/shift.md. */
extern KEDGE_API const kedge_shift_class kedge_lsdd;

/** Defaults of #kedge_lsdd. @return them @since 0.1 */
static inline kedge_lsdd_config kedge_lsdd_defaults(void)
{
    kedge_lsdd_config c;
    if (kedge_shift_config_init(&kedge_lsdd, &c, sizeof c) < 0) /* a library older than this header */
        c.base.cls = NULL;
    return c;
}

/** How #kedge_mmd computes. */
enum {
    KEDGE_MMD_AUTO = 1,    /**< EXACT up to 2000 rows of both samples together, else FEATURES */
    KEDGE_MMD_EXACT = 2,   /**< over all pairs of rows */
    KEDGE_MMD_FEATURES = 3 /**< by random features: time linear in the rows; the kernel is known to within about
                            *   1 / sqrt(n_features) */
};

/** Configuration of #kedge_mmd. */
typedef struct kedge_mmd_config {
    kedge_shift_config base; /**< common fields; KEDGE_P_PERMUTATION, which AUTO takes, or KEDGE_P_NONE */
    double bandwidth;        /**< with KEDGE_BANDWIDTH_FIXED: width of the kernel, unit of the columns, or of their standard
                              *   deviations if standardised; 1e-100 to 1e100, default 1 */
    uint32_t bandwidth_rule; /**< KEDGE_BANDWIDTH_..., default KEDGE_BANDWIDTH_MEDIAN */
    uint32_t form;           /**< KEDGE_MMD_..., default KEDGE_MMD_AUTO */
    uint32_t n_features;     /**< frequencies of KEDGE_MMD_FEATURES, each a cosine and a sine, 1 to 65536, default 100 */
    uint32_t standardise;    /**< 1, the default: each column less its mean, over its standard deviation in both samples together;
                              *   0: as it is */
} kedge_mmd_config;

/** Maximum mean discrepancy of two tables, squared and unbiased: any difference of the distributions, how columns go together
 *  included. Gretton, Borgwardt, Rasch, Schoelkopf, Smola 2012, "A kernel two-sample test", equation 3; Rahimi, Recht 2007, "Random
 *  features for large-scale kernel machines". Up to 1000 columns. Effect: half of the statistic, not below 0: 0 (equal) to 1
 *  (nothing alike), whatever the sizes. A sample of less than 2 complete rows: KEDGE_EMPTY. Scratch and cost: docs/shift.md. */
extern KEDGE_API const kedge_shift_class kedge_mmd;

/** Defaults of #kedge_mmd. @return them @since 0.1 */
static inline kedge_mmd_config kedge_mmd_defaults(void)
{
    kedge_mmd_config c;
    if (kedge_shift_config_init(&kedge_mmd, &c, sizeof c) < 0) /* a library older than this header */
        c.base.cls = NULL;
    return c;
}

/** Configuration of #kedge_hdddm_distance. */
typedef struct kedge_hdddm_distance_config {
    kedge_shift_config base; /**< common fields; KEDGE_P_PERMUTATION, which AUTO takes, or KEDGE_P_NONE */
    uint32_t n_bins;         /**< bins of a column, 2 to 1024; 0, the default: root of the smaller sample's rows, 2 to 1024 */
    uint32_t reserved;       /**< 0 */
} kedge_hdddm_distance_config;

/** Distance of HDDDM: mean over the columns of Hellinger's distance of histograms with bins of equal width; also the effect, 0
 *  to 1. Blind to columns that only go together in another way. Ditzler, Polikar 2011, "Hellinger distance based drift detection
 *  for nonstationary environments". */
extern KEDGE_API const kedge_shift_class kedge_hdddm_distance;

/** Defaults of #kedge_hdddm_distance. @return them @since 0.1 */
static inline kedge_hdddm_distance_config kedge_hdddm_distance_defaults(void)
{
    kedge_hdddm_distance_config c;
    if (kedge_shift_config_init(&kedge_hdddm_distance, &c, sizeof c) < 0) /* a library older than this header */
        c.base.cls = NULL;
    return c;
}

/** Configuration of #kedge_kdq_tree. */
typedef struct kedge_kdq_tree_config {
    kedge_shift_config base; /**< common fields; KEDGE_P_PERMUTATION, which AUTO takes, or KEDGE_P_NONE */
    uint32_t max_count;      /**< cells of more rows of both samples are halved, at least 1, default 50 */
    uint32_t levels;         /**< halvings of each column at most, 1 to 50, default 10: a cell's side is then a 1024th of the
                              *   column's range */
} kedge_kdq_tree_config;

/** kdq-tree: Kullback-Leibler divergence, nats, of the reference's shares of the cells of a tree over both samples from the current
 *  ones. Effect: half the sum of the shares' differences, 0 to 1. Dasu, Krishnan, Venkatasubramanian, Yi 2006, "An
 *  information-theoretic approach to detecting changes in multi-dimensional data streams". */
extern KEDGE_API const kedge_shift_class kedge_kdq_tree;

/** Defaults of #kedge_kdq_tree. @return them @since 0.1 */
static inline kedge_kdq_tree_config kedge_kdq_tree_defaults(void)
{
    kedge_kdq_tree_config c;
    if (kedge_shift_config_init(&kedge_kdq_tree, &c, sizeof c) < 0) /* a library older than this header */
        c.base.cls = NULL;
    return c;
}

/** Configuration of #kedge_nn_dvi. */
typedef struct kedge_nn_dvi_config {
    kedge_shift_config base; /**< common fields; KEDGE_P_PERMUTATION, which AUTO takes, or KEDGE_P_NONE */
    uint32_t n_neighbours;   /**< nearest neighbours of each row, 1 to 1000, default 30; at most half of the other rows */
    uint32_t standardise;    /**< 1, the default: each column less its mean, over its standard deviation in both samples together;
                              *   0: as it is */
} kedge_nn_dvi_config;

/** NN-DVI: how differently the samples weigh on the neighbourhoods of all rows; also the effect, 0 to 1. Up to 65,536 rows of both
 *  samples together, whose pairs are all looked at. Liu, Song, Zhang, Lu 2018, "Accumulating regional density dissimilarity for
 *  concept drift detection in data streams". */
extern KEDGE_API const kedge_shift_class kedge_nn_dvi;

/** Defaults of #kedge_nn_dvi. @return them @since 0.1 */
static inline kedge_nn_dvi_config kedge_nn_dvi_defaults(void)
{
    kedge_nn_dvi_config c;
    if (kedge_shift_config_init(&kedge_nn_dvi, &c, sizeof c) < 0) /* a library older than this header */
        c.base.cls = NULL;
    return c;
}

/** What #kedge_quant_tree sums over its bins. */
enum {
    KEDGE_QUANT_TREE_PEARSON = 1,        /**< (current rows - expected)^2 / expected */
    KEDGE_QUANT_TREE_TOTAL_VARIATION = 2 /**< half of the difference of the shares */
};

/** Configuration of #kedge_quant_tree. */
typedef struct kedge_quant_tree_config {
    kedge_shift_config base; /**< common fields; KEDGE_P_PERMUTATION, which AUTO takes: exact for any distribution; or
                              *   KEDGE_P_NONE */
    uint32_t n_bins;         /**< bins of like shares of the reference, 2 to 1024, default 32; no more than the reference has
                              *   rows */
    uint32_t figure;         /**< KEDGE_QUANT_TREE_..., default KEDGE_QUANT_TREE_PEARSON */
} kedge_quant_tree_config;

/** QuantTree: a histogram whose bins each hold a like share of the reference, cut off at random ends of random columns. Effect:
 *  half the sum of the shares' differences, 0 to 1. Boracchi, Carrera, Cervellera, Maccio 2018, "QuantTree: histograms for change
 *  detection in multivariate data streams". */
extern KEDGE_API const kedge_shift_class kedge_quant_tree;

/** Defaults of #kedge_quant_tree. @return them @since 0.1 */
static inline kedge_quant_tree_config kedge_quant_tree_defaults(void)
{
    kedge_quant_tree_config c;
    if (kedge_shift_config_init(&kedge_quant_tree, &c, sizeof c) < 0) /* a library older than this header */
        c.base.cls = NULL;
    return c;
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
