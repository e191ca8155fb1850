/* SPDX-License-Identifier: MIT */
/** @file shift.h
 *  Data drift between two samples: is the current one from where the reference came from, and how far is it away? A method is a class with a
 *  configuration; the verb is the same for all.
 *
 *  @code
 *  #include <kedge/shift.h>
 *  int main(void)
 *  {
 *      double before[8] = {1, 2, 3, 4, 5, 6, 7, 8}, after[8] = {9, 8, 7, 9, 10, 11, 12, 13}, work[256];
 *      kedge_rows reference = kedge_rows_float64(before, 8, 1), current = kedge_rows_float64(after, 8, 1);
 *      kedge_shift_config cfg = kedge_ks_defaults();
 *      kedge_shift_result r;
 *      if (kedge_shift_work(&cfg, 8, 8, 1) > sizeof work) return 1;
 *      return kedge_shift_compare(&cfg, &reference, &current, work, sizeof work, &r) == KEDGE_DRIFT && r.p_value < 0.05 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_SHIFT_H
#define KEDGE_SHIFT_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @defgroup shift Shifts
 *  Two samples compared: tests and distances.
 *
 *  Values are finite, of magnitude up to #KEDGE_SHIFT_INPUT_MAX; NaN is missing. A nominal column has its category codes as numbers. No figure is
 *  ever infinite, and a figure is NaN only where the result's status or its comment says so.
 *
 *  The methods of one column work on sorted samples. kedge_shift_compare_many() sorts once for several of them. The rows are not changed.
 *
 *  A drift needs two things: a p-value of at most `alpha`, and an effect of at least `min_effect`, so that a large sample alone does not alarm.
 *  @{ */

#define KEDGE_SHIFT_CLASS_ABI 1u      /**< layout of kedge_shift_class in this release */
#define KEDGE_SHIFT_CONFIG_MAX 256u   /**< largest configuration of a class, in bytes */
#define KEDGE_SHIFT_INPUT_MAX 1e100   /**< largest magnitude of a value */
#define KEDGE_SHIFT_ROWS_MAX 0xffffffffu /**< most rows of a sample */

typedef struct kedge_shift_class kedge_shift_class;

/** Where a p-value comes from. */
enum {
    KEDGE_P_AUTO = 1,       /**< what the method takes for best at these sizes; stands at each method in docs/shift.md */
    KEDGE_P_EXACT = 2,      /**< the distribution under "no change", without approximation */
    KEDGE_P_ASYMPTOTIC = 3, /**< its limit for large samples, corrected for their size where a correction is known */
    KEDGE_P_PERMUTATION = 4, /**< `n_resamples` random ways to deal the pooled values out; right at any size: (1 + those at least as far) /
                             *   (1 + n_resamples) */
    KEDGE_P_NONE = 5        /**< none: drift is where the effect reaches `min_effect` */
};

/** What NaN does. */
enum {
    KEDGE_MISSING_REFUSE = 1, /**< it is an error: KEDGE_ERR_NOT_FINITE */
    KEDGE_MISSING_SKIP = 2    /**< its row is left out, and counted */
};

/** Which columns a method is for; bits. */
enum {
    KEDGE_KIND_NONE = 0,    /**< none: a table's column that is left out */
    KEDGE_KIND_NUMERIC = 1, /**< numbers with an order */
    KEDGE_KIND_NOMINAL = 2, /**< codes without one */
    KEDGE_KIND_BOOLEAN = 4  /**< a table's column of 0 and 1; methods for nominal columns take it */
};

/** First member of every method's configuration; the whole of it where a method needs no more. */
typedef struct kedge_shift_config {
    const kedge_shift_class *cls; /**< the method; set by kedge_shift_config_init() */
    uint32_t config_bytes;        /**< size of the caller's whole configuration struct; set likewise */
    uint32_t p_method;            /**< KEDGE_P_..., one that the method has, default KEDGE_P_AUTO */
    double alpha;                 /**< drift needs a p-value of at most this, (0, 1), default 0.05 */
    double min_effect;            /**< drift needs an effect of at least this magnitude, unit of the method's effect, 0 (the default) to 1e100 */
    uint64_t seed;                /**< of random draws, any, default 1 */
    uint32_t n_resamples;         /**< draws for a p-value, 1 to 10^9, default 999 */
    uint32_t missing;             /**< KEDGE_MISSING_..., default KEDGE_MISSING_SKIP */
} kedge_shift_config;

/** What a comparison tells, the same for all methods; NaN where a method has no such figure. */
typedef struct kedge_shift_result {
    double statistic;           /**< of the test, or the distance */
    double p_value;             /**< chance of a statistic at least as far if nothing changed, (0, 1], or 0 where it is below 1e-300 */
    double effect;              /**< how much it matters, whatever the sample sizes: meaning stands at the method */
    double expected;            /**< mean of the statistic if nothing changed, where it is known */
    double where;               /**< value at which the samples differ most, where the method has one */
    double mean_reference;      /**< mean of the reference's values; of codes for nominal columns */
    double mean_current;        /**< mean of the current values */
    uint64_t n_reference;       /**< values used */
    uint64_t n_current;         /**< likewise */
    uint64_t missing_reference; /**< NaN left out */
    uint64_t missing_current;   /**< likewise */
    uint32_t p_method;          /**< KEDGE_P_... that gave p_value */
    kedge_status status;        /**< KEDGE_OK, KEDGE_DRIFT, KEDGE_EMPTY, or why this method gave no answer */
} kedge_shift_result;

/** Two samples of one column, without missing values, each in rising order. */
typedef struct kedge_shift_samples {
    const double *reference; /**< n_reference numbers */
    const double *current;   /**< n_current numbers */
    size_t n_reference;      /**< at least 1 */
    size_t n_current;        /**< at least 1 */
} kedge_shift_samples;

/** A method; const. A host can bring its own. The functions trust their arguments: the library has checked them before. Exactly one of `samples`
 *  and `rows` is there. */
struct kedge_shift_class {
    uint32_t abi;          /**< #KEDGE_SHIFT_CLASS_ABI */
    uint32_t config_bytes; /**< sizeof the configuration struct, at most #KEDGE_SHIFT_CONFIG_MAX */
    const char *name;      /**< at most 31 characters a-z, 0-9, _ */
    uint32_t kinds;        /**< KEDGE_KIND_..., joined by or */
    uint32_t p_methods;    /**< bit 2^KEDGE_P_... for each that it has */
    uint32_t max_columns;  /**< most columns that it takes; 1 with `samples` */
    uint32_t reserved;     /**< 0 */
    /** Write the defaults of what stands behind the base; the base is there already. NULL where there is nothing. */
    void (*defaults)(void *config);
    /** Are the fields behind the base in range? 1 yes, 0 no. NULL where there are none. */
    int (*valid)(const void *config);
    /** Doubles of scratch for samples of these sizes; with `samples` in addition to the sorted samples. At most 2^40. */
    uint64_t (*scratch)(const void *config, uint64_t n_reference, uint64_t n_current, uint64_t n_columns);
    /** Compare two sorted samples: set statistic, p_value, effect, expected, where and p_method, which are NaN and KEDGE_P_NONE before. KEDGE_OK,
     *  KEDGE_EMPTY (too few values, figures are NaN) or an error. */
    kedge_status (*samples)(const void *config, const kedge_shift_samples *samples, double *scratch, kedge_shift_result *out);
    /** Compare two tables: set the same, and the counts. */
    kedge_status (*rows)(const void *config, const kedge_rows *reference, const kedge_rows *current, double *scratch,
                         kedge_shift_result *out);
};

/** Fill a configuration of the caller's size with a method's defaults. Fields are only ever appended, so an older, shorter struct is valid.
 *  @param cls the method  @param config to fill; begins with a kedge_shift_config  @param config_bytes its size
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS cls is malformed
 *  @retval KEDGE_ERR_CONFIG config_bytes is shorter than a kedge_shift_config or longer than the class knows  @since 0.1 */
KEDGE_API kedge_status kedge_shift_config_init(const kedge_shift_class *cls, void *config, size_t config_bytes);

/** Bytes of working memory for one comparison.
 *  @param cfg configuration  @param n_reference rows of the reference  @param n_current rows of the current sample
 *  @param n_columns columns of both
 *  @return bytes: for methods of one column the samples, and the larger of the longer sample and what docs/shift.md says; 0: NULL, out of range,
 *  or too large for this machine  @complexity O(1)  @since 0.1 */
KEDGE_API size_t kedge_shift_work(const kedge_shift_config *cfg, size_t n_reference, size_t n_current, size_t n_columns);

/** Bytes of working memory for kedge_shift_compare_many(): the most that one of them needs.
 *  @param cfgs n_cfgs configurations  @param n_cfgs how many, at least 1  @param n_reference rows of the reference
 *  @param n_current rows of the current sample  @param n_columns columns of both
 *  @return bytes; 0: NULL, out of range, or too large for this machine  @complexity O(n_cfgs)  @since 0.1 */
KEDGE_API size_t kedge_shift_work_many(const kedge_shift_config *const *cfgs, size_t n_cfgs, size_t n_reference, size_t n_current,
                                       size_t n_columns);

/** Compare two samples. Same input, same answer.
 *  @param cfg configuration  @param reference the sample to compare with  @param current the sample in question, with as many columns
 *  @param work memory for the time of the call, aligned to #KEDGE_ALIGN  @param work_bytes its size, at least kedge_shift_work()
 *  @param out what came out; as it was on error
 *  @retval KEDGE_OK no drift  @retval KEDGE_DRIFT p-value and effect say so  @retval KEDGE_EMPTY a sample has no values, or too few for the
 *  method: counts are set, figures are NaN  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CONFIG a field is out of range
 *  @retval KEDGE_ERR_CLASS cfg->cls is malformed  @retval KEDGE_ERR_SHAPE a table is malformed, columns differ or are more than the method takes,
 *  or rows exceed #KEDGE_SHIFT_ROWS_MAX  @retval KEDGE_ERR_BUFFER work is too small  @retval KEDGE_ERR_ALIGN work or a table is misaligned
 *  @retval KEDGE_ERR_NOT_FINITE infinity, or NaN with KEDGE_MISSING_REFUSE  @retval KEDGE_ERR_RANGE a value is too large, or there are more
 *  categories than the method takes  @retval KEDGE_ERR_UNSUPPORTED the samples are too large for KEDGE_P_EXACT, or have ties
 *  for which the method has no KEDGE_P_ASYMPTOTIC  @retval KEDGE_ERR_NUMERIC the rows determine no answer, see the method
 *  @complexity sorting: O(n), about 30 ns a value; then as the method says; no allocation  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_shift_compare(const kedge_shift_config *cfg, const kedge_rows *reference,
                                                           const kedge_rows *current, void *work, size_t work_bytes,
                                                           kedge_shift_result *out);

/** Compare two samples by several methods, sorting once.
 *  @param cfgs n_cfgs configurations; if one refuses missing values, all do  @param n_cfgs how many, at least 1
 *  @param reference the sample to compare with  @param current the sample in question  @param work memory for the time of the call
 *  @param work_bytes its size, at least kedge_shift_work_many()
 *  @param out n_cfgs results, each with a status of its own, as kedge_shift_compare() would have returned; where it is an error, all figures are
 *  NaN or 0
 *  @retval KEDGE_OK all done, none saw drift  @retval KEDGE_DRIFT all done, at least one did
 *  @return errors of kedge_shift_compare() that concern the input as a whole: then out is as it was
 *  @complexity as kedge_shift_compare(), sorted once  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_shift_compare_many(const kedge_shift_config *const *cfgs, size_t n_cfgs,
                                                                const kedge_rows *reference, const kedge_rows *current, void *work,
                                                                size_t work_bytes, kedge_shift_result *out);

/** The built-in methods, for tools that choose one by name. Naming this function links them all.
 *  @param name for example "ks"  @return the class, or NULL if there is none of that name  @since 0.1 */
KEDGE_API const kedge_shift_class *kedge_shift_find(const char *name);

/** All built-in methods, ending with NULL. Naming this function links them all. @return static table  @since 0.1 */
KEDGE_API const kedge_shift_class *const *kedge_shift_classes(void);

/** Defaults of a method without fields of its own. @param cls the method @return them @since 0.1 */
static inline kedge_shift_config kedge_shift_defaults(const kedge_shift_class *cls)
{
    kedge_shift_config c;
    if (kedge_shift_config_init(cls, &c, sizeof c) < 0) /* a library older than this header */
        c.cls = NULL;
    return c;
}

/** Kolmogorov-Smirnov: greatest distance of the two distribution functions; `where` says at which value. Effect: that distance, 0 to 1.
 *  Smirnov 1939, "On the estimation of the discrepancy between empirical curves of distribution for two independent samples".
 *  KEDGE_P_EXACT counts lattice paths, up to 10^5 values each, O(n m effect); AUTO takes it up to 10^4 each. Beyond: Kolmogorov's distribution for
 *  n m / (n + m) numbers. Both are those of SciPy; with ties they err on the safe side, KEDGE_P_PERMUTATION does not. */
extern KEDGE_API const kedge_shift_class kedge_ks;

/** Defaults of #kedge_ks. @return them @since 0.1 */
static inline kedge_shift_config kedge_ks_defaults(void)
{
    return kedge_shift_defaults(&kedge_ks);
}

/** Cramer-von Mises: the squared distance of the two distribution functions, added up over all values, T of Anderson 1962, "On
 *  the distribution of the two-sample Cramer-von Mises criterion", midranks at ties, as SciPy's; where ties are many and sizes
 *  differ T says little, and p-values go by the effect. Effect: the integral of (F - G)^2 dH over the pooled values, where F and
 *  G jump halfway, 0 (equal) to 1/3 (apart). KEDGE_P_EXACT without ties: the distribution of T, O(n^3 m^3), where its memory
 *  stays within 32 MB: up to about 35 rows each, and 85 if they are as many; AUTO takes it up to 20 rows each (2 MB; 640 kB up
 *  to 16). With ties: all ways where they are few, which AUTO takes. Else AUTO takes ASYMPTOTIC: the limit law, with T's mean
 *  and variance, and with those of the ties. Its tail keeps its digits, SciPy's does not. `expected` is there without ties. */
extern KEDGE_API const kedge_shift_class kedge_cramer_von_mises;

/** Defaults of #kedge_cramer_von_mises. @return them @since 0.1 */
static inline kedge_shift_config kedge_cramer_von_mises_defaults(void)
{
    return kedge_shift_defaults(&kedge_cramer_von_mises);
}

/** Anderson-Darling: squared differences of the distribution functions, each over its variance, so that tails count as much as
 *  the middle: A2akN of Scholz, Stephens 1987, "K-sample Anderson-Darling tests", midranks at ties, less its mean and over its
 *  standard deviation without ties, as SciPy's. Effect: the integral of (F - G)^2 / (H (1 - H)) dH, where H = (F + G) / 2 and
 *  all jump halfway, 0 (equal) to 1.55 (apart). KEDGE_P_EXACT: all ways where they are few, which AUTO takes; else AUTO takes
 *  ASYMPTOTIC: Anderson and Darling's law, with mean and variance for these sizes and ties; up to 200 values with ties, for
 *  which that law is rough, PERMUTATION. O(N). Samples of less than 4 values
 *  together: KEDGE_EMPTY. */
extern KEDGE_API const kedge_shift_class kedge_anderson_darling;

/** Defaults of #kedge_anderson_darling. @return them @since 0.1 */
static inline kedge_shift_config kedge_anderson_darling_defaults(void)
{
    return kedge_shift_defaults(&kedge_anderson_darling);
}

/** Kuiper: the greatest distance of the distribution functions above plus that below, V of Kuiper 1960, "Tests concerning random
 *  points on a circle". It sees a change of spread as well as one of place, and on a circle (hours, angles) does not depend on
 *  where the numbers begin. Effect: V, 0 to 1. KEDGE_P_EXACT: counts lattice paths, up to 10^8 pairs n m, O(n m), some 5 ns a
 *  pair; AUTO takes it up to 10^6 pairs. Beyond: the limit law, for n m / (n + m) numbers (Stephens 1970). With ties both err on
 *  the safe side, KEDGE_P_PERMUTATION does not. */
extern KEDGE_API const kedge_shift_class kedge_kuiper;

/** Defaults of #kedge_kuiper. @return them @since 0.1 */
static inline kedge_shift_config kedge_kuiper_defaults(void)
{
    return kedge_shift_defaults(&kedge_kuiper);
}

/** Baumgartner-Weiss-Schindler: squared differences of each value's rank and the one that it would have were the samples alike,
 *  over their variance; B of Baumgartner, Weiss, Schindler 1998, "A nonparametric test for the general two-sample problem",
 *  average ranks at ties, as SciPy's. Effect: as of #kedge_anderson_darling. KEDGE_P_EXACT: all ways where they are few, which
 *  AUTO takes. Else, without ties, AUTO takes ASYMPTOTIC: Anderson and Darling's law at B over its mean. With ties B has no
 *  limit: AUTO takes KEDGE_P_PERMUTATION, O(n_resamples N), and ASYMPTOTIC is KEDGE_ERR_UNSUPPORTED; many values of few kinds
 *  are better compared by #kedge_anderson_darling. `expected` is there without ties, or where ways have been gone through. */
extern KEDGE_API const kedge_shift_class kedge_bws;

/** Defaults of #kedge_bws. @return them @since 0.1 */
static inline kedge_shift_config kedge_bws_defaults(void)
{
    return kedge_shift_defaults(&kedge_bws);
}

/** Wasserstein's distance of order 1, also called earth mover's: the area between the distribution functions, in the unit of the
 *  values. Vallender 1974, "Calculation of the Wasserstein distance between probability distributions on the line"; figures are
 *  SciPy's. Effect: the distance over the reference's standard deviation (of n), over that of all values where the reference is
 *  constant, 0 where both are equal constants; at most 1e100. p: KEDGE_P_EXACT where the ways are few, which AUTO takes, else
 *  KEDGE_P_PERMUTATION, O(n_resamples N). */
extern KEDGE_API const kedge_shift_class kedge_wasserstein;

/** Defaults of #kedge_wasserstein. @return them @since 0.1 */
static inline kedge_shift_config kedge_wasserstein_defaults(void)
{
    return kedge_shift_defaults(&kedge_wasserstein);
}

/** Energy distance: the square root of 2 E|X - Y| - E|X - X'| - E|Y - Y'|, X from the reference and Y from the current sample; its
 *  unit is the square root of the values'. Szekely, Rizzo 2013, "Energy statistics: a class of statistics based on distances";
 *  figures are SciPy's. Effect: the energy coefficient, the square of the distance over 2 E|X - Y|, 0 (equal) to 1 (two constants).
 *  p: KEDGE_P_EXACT where the ways are few, which AUTO takes, else KEDGE_P_PERMUTATION, O(n_resamples N). */
extern KEDGE_API const kedge_shift_class kedge_energy;

/** Defaults of #kedge_energy. @return them @since 0.1 */
static inline kedge_shift_config kedge_energy_defaults(void)
{
    return kedge_shift_defaults(&kedge_energy);
}

/** Configuration of #kedge_chi_squared and #kedge_g_test. */
typedef struct kedge_contingency_config {
    kedge_shift_config base; /**< what all methods have */
    uint32_t correction;     /**< 1: Yates' correction, which takes half a value off each difference of two categories, and not of
                              *   more; 0, the default: none */
    uint32_t reserved;       /**< 0 */
} kedge_contingency_config;

/** Pearson's chi-squared test for categories: do their shares differ? Any number of them. Figures are SciPy's. Pearson 1900, "On
 *  the criterion that a given system of deviations from the probable in the case of a correlated system of variables is such that
 *  it can be reasonably supposed to have arisen from random sampling". `where`: the category whose share moved most. Effect:
 *  Cramer's V without correction, 0 to 1. KEDGE_P_ASYMPTOTIC: chi-squared with one degree of freedom less than categories. AUTO
 *  takes it where each category is expected 5 times or more in each sample, else EXACT where the ways to deal the values out are
 *  few, else KEDGE_P_PERMUTATION, O(n_resamples N). */
extern KEDGE_API const kedge_shift_class kedge_chi_squared;

/** Defaults of a method with a kedge_contingency_config. @param cls the method @return them @since 0.1 */
static inline kedge_contingency_config kedge_contingency_defaults(const kedge_shift_class *cls)
{
    kedge_contingency_config c;
    if (kedge_shift_config_init(cls, &c, sizeof c) < 0) /* a library older than this header */
        c.base.cls = NULL;
    return c;
}

/** Defaults of #kedge_chi_squared. @return them @since 0.1 */
static inline kedge_contingency_config kedge_chi_squared_defaults(void)
{
    return kedge_contingency_defaults(&kedge_chi_squared);
}

/** Fisher's exact test for categories: right at any size, with empty cells too. Fisher 1935, "The logic of inductive inference". Two
 *  categories: the statistic is the log odds ratio of the larger code, current over reference, with 1/2 added to each count; the effect
 *  is the difference of its shares, current - reference; KEDGE_P_EXACT, which AUTO takes, O(sqrt(N)) at any size, is SciPy's p-value.
 *  More (Freeman, Halton 1951): the statistic is -ln of the table's chance; the effect is the total variation distance of the shares, 0
 *  to 1; EXACT where the ways to deal the values out are few, which AUTO takes, else KEDGE_P_PERMUTATION, O(n_resamples N). `where`: the
 *  category whose share moved most. */
extern KEDGE_API const kedge_shift_class kedge_fisher;

/** Defaults of #kedge_fisher. @return them @since 0.1 */
static inline kedge_shift_config kedge_fisher_defaults(void)
{
    return kedge_shift_defaults(&kedge_fisher);
}

/** The likelihood ratio test for categories, G: twice the sum of observed ln(observed / expected). Wilks 1938, "The large-sample
 *  distribution of the likelihood ratio for testing composite hypotheses". All else as #kedge_chi_squared. */
extern KEDGE_API const kedge_shift_class kedge_g_test;

/** Defaults of #kedge_g_test. @return them @since 0.1 */
static inline kedge_contingency_config kedge_g_test_defaults(void)
{
    return kedge_contingency_defaults(&kedge_g_test);
}

/** Mann-Whitney's test: are values of one sample larger than those of the other more often than not? Statistic: U of the
 *  reference, the pairs in which its value is the larger one, ties counting half; figures are SciPy's. Mann, Whitney 1947, "On a
 *  test of whether one of two random variables is stochastically larger than the other". Effect: P(current > reference) -
 *  P(current < reference), -1 to 1, Cliff's delta. KEDGE_P_EXACT: the distribution of U without ties, up to 10^6 pairs n m,
 *  O(min(n, m) n m); with ties all ways to deal the values out, where they are few. ASYMPTOTIC: normal, corrected for ties and
 *  continuity. AUTO: EXACT up to 10^4 pairs, up to 10^5 if a sample has at most 8 values, and with ties where the ways are few;
 *  else ASYMPTOTIC. */
extern KEDGE_API const kedge_shift_class kedge_mann_whitney;

/** Defaults of #kedge_mann_whitney. @return them @since 0.1 */
static inline kedge_shift_config kedge_mann_whitney_defaults(void)
{
    return kedge_shift_defaults(&kedge_mann_whitney);
}

/** Welch's t-test: do the means differ? The variances may. Statistic: (mean of the reference - mean of the current sample) / its
 *  standard error, 0 for equal constants, 1e100 or -1e100 for different ones; figures are SciPy's. Welch 1947, "The
 *  generalization of 'Student's' problem when several different population variances are involved". Effect: Hedges' g, the
 *  difference of the means in pooled standard deviations; its sign is that of the change, unlike the statistic's; at most 1e100.
 *  A sample of less than 2 values: KEDGE_EMPTY. KEDGE_P_ASYMPTOTIC, which AUTO takes: Student's distribution, exact for normal
 *  values of one variance and sizes; for constants 1, and for two different ones the chance to deal them out like that, as
 *  KEDGE_P_EXACT. EXACT (where the ways are few) and PERMUTATION: of the magnitude. */
extern KEDGE_API const kedge_shift_class kedge_welch;

/** Defaults of #kedge_welch. @return them @since 0.1 */
static inline kedge_shift_config kedge_welch_defaults(void)
{
    return kedge_shift_defaults(&kedge_welch);
}

/** Where the bins of a histogram come from. */
enum {
    KEDGE_BINS_QUANTILES = 1, /**< quantiles of the reference, the outer bins open; equal ones merge, and a value that would fill
                               *   more than one bin has a bin of its own */
    KEDGE_BINS_EQUAL = 2,     /**< equal width from the least to the greatest value of both samples */
    KEDGE_BINS_VALUES = 3     /**< one for each distinct value: for nominal columns; n_bins does not matter */
};

/** Configuration of the distances of histograms. Bins in which neither sample has a value do not count. With p and q the shares of
 *  a bin in the reference and in the current sample, each is a sum over the bins; effect is the distance itself, `where` the middle
 *  of the values in the bin whose share has moved most. p-values: KEDGE_P_EXACT where the ways are few, which AUTO takes, else
 *  KEDGE_P_PERMUTATION; each way is binned anew, so they are right for any binning. `expected` is the distance that samples of
 *  these sizes have without a change: it is not 0. */
typedef struct kedge_histogram_config {
    kedge_shift_config base; /**< common fields */
    uint32_t binning;        /**< KEDGE_BINS_..., default KEDGE_BINS_QUANTILES */
    uint32_t n_bins;         /**< bins, 2 to 1024, default 10 */
    double pseudo_count;     /**< added to each bin's count in both samples, so that an empty bin is no infinity; 1e-9 to 1e9,
                              *   default 0.5 (Krichevsky, Trofimov 1981), and 0, nothing, for methods that do not need one */
} kedge_histogram_config;

/** Defaults of a distance of histograms. @param cls the method @return them @since 0.1 */
static inline kedge_histogram_config kedge_histogram_defaults(const kedge_shift_class *cls)
{
    kedge_histogram_config c;
    if (kedge_shift_config_init(cls, &c, sizeof c) < 0) /* a library older than this header */
        c.base.cls = NULL;
    return c;
}

/** Population stability index: the sum of (p - q) ln(p / q), 0 or more; 0.1 and 0.25 are the rule of thumb for "some" and "much".
 *  Siddiqi 2006, "Credit risk scorecards". Needs a pseudo_count. */
extern KEDGE_API const kedge_shift_class kedge_psi;

/** Defaults of #kedge_psi. @return them @since 0.1 */
static inline kedge_histogram_config kedge_psi_defaults(void)
{
    return kedge_histogram_defaults(&kedge_psi);
}

/** Kullback-Leibler divergence of the current sample from the reference, the sum of q ln(q / p), nats; not symmetric. Kullback,
 *  Leibler 1951, "On information and sufficiency". Needs a pseudo_count. */
extern KEDGE_API const kedge_shift_class kedge_kullback_leibler;

/** Defaults of #kedge_kullback_leibler. @return them @since 0.1 */
static inline kedge_histogram_config kedge_kullback_leibler_defaults(void)
{
    return kedge_histogram_defaults(&kedge_kullback_leibler);
}

/** Jensen-Shannon distance, the square root of the mean divergence (nats) of both from (p + q) / 2: 0 to sqrt(ln 2); a metric. Lin
 *  1991, "Divergence measures based on the Shannon entropy"; Endres, Schindelin 2003, "A new metric for probability
 *  distributions". */
extern KEDGE_API const kedge_shift_class kedge_jensen_shannon;

/** Defaults of #kedge_jensen_shannon. @return them @since 0.1 */
static inline kedge_histogram_config kedge_jensen_shannon_defaults(void)
{
    return kedge_histogram_defaults(&kedge_jensen_shannon);
}

/** Hellinger's distance, the square root of 1 - the sum of sqrt(p q): 0 to 1; a metric. */
extern KEDGE_API const kedge_shift_class kedge_hellinger;

/** Defaults of #kedge_hellinger. @return them @since 0.1 */
static inline kedge_histogram_config kedge_hellinger_defaults(void)
{
    return kedge_histogram_defaults(&kedge_hellinger);
}

/** Bhattacharyya's distance, -ln of the sum of sqrt(p q), 0 or more. Bhattacharyya 1943, "On a measure of divergence between two
 *  statistical populations". Needs a pseudo_count. */
extern KEDGE_API const kedge_shift_class kedge_bhattacharyya;

/** Defaults of #kedge_bhattacharyya. @return them @since 0.1 */
static inline kedge_histogram_config kedge_bhattacharyya_defaults(void)
{
    return kedge_histogram_defaults(&kedge_bhattacharyya);
}

/** Total variation, half the sum of |p - q|: 0 to 1; a metric: the share of values that would have to move to another bin. */
extern KEDGE_API const kedge_shift_class kedge_total_variation;

/** Defaults of #kedge_total_variation. @return them @since 0.1 */
static inline kedge_histogram_config kedge_total_variation_defaults(void)
{
    return kedge_histogram_defaults(&kedge_total_variation);
}

/** Greatest |p - q| of all bins, 0 to 1; a metric. For nominal columns the change of the category that changed most. */
extern KEDGE_API const kedge_shift_class kedge_l_infinity;

/** Defaults of #kedge_l_infinity. @return them @since 0.1 */
static inline kedge_histogram_config kedge_l_infinity_defaults(void)
{
    return kedge_histogram_defaults(&kedge_l_infinity);
}

/** 1 - the sum of min(p, q), 0 to 1: what the histograms do not share. As shares sum to 1 it equals #kedge_total_variation; Swain,
 *  Ballard 1991, "Color indexing". */
extern KEDGE_API const kedge_shift_class kedge_histogram_intersection;

/** Defaults of #kedge_histogram_intersection. @return them @since 0.1 */
static inline kedge_histogram_config kedge_histogram_intersection_defaults(void)
{
    return kedge_histogram_defaults(&kedge_histogram_intersection);
}

/** Width of a Gaussian kernel exp(-|x - y|^2 / (2 bandwidth^2)). */
enum {
    KEDGE_BANDWIDTH_MEDIAN = 1, /**< the median of the distances above 0 among at most 1000 rows of both samples, drawn by `seed`; 1 if all
                                 *   are 0. #kedge_mmd takes it over the root of 2, as its authors' code and alibi-detect do */
    KEDGE_BANDWIDTH_FIXED = 2   /**< the field `bandwidth` */
};

struct kedge_model_config; /* kedge/model.h */

/** Configuration of #kedge_classifier_test. */
typedef struct kedge_classifier_test_config {
    kedge_shift_config base; /**< common fields; all of KEDGE_P_... */
    const struct kedge_model_config *model; /**< the classifier: a model's configuration with n_features = columns and n_classes = 2, or 0 for a
                              *   regression on 0 and 1; the caller's, which must live as long as it is used. It sees the columns as they are. NULL, the
                              *   default: the online logistic regression, on standardised columns and, with `degree` 2, what is made of them */
    double train_share;      /**< part of each sample to learn from, 0.01 to 0.99, default 0.5; the rest is held out; each at least a row */
    uint32_t n_passes;       /**< times that the rows are learned where the model has no fit, 1 to 10000, default 10 */
    uint32_t degree;         /**< of the built-in classifier. 1: columns, which sees means only. 2, the default: squares too and, up to 43
                              *   columns, products of two */
} kedge_classifier_test_config;

/** Classifier two-sample test: a classifier learns to tell the reference's rows from the current ones, and is tried on rows held out, drawn by
 *  `seed`. Lopez-Paz, Oquab 2017, "Revisiting classifier two-sample tests". Statistic: the area under the curve, the chance that a
 *  current row scores higher than one of the reference, 0 to 1; 1/2, `expected`, if nothing changed. Effect: 2 area - 1, not below 0. p: Mann-Whitney's
 *  of the held-out scores, with one side, right whatever the classifier; methods, AUTO and scratch as #kedge_mann_whitney. D3 (Gozuacik et al.
 *  2019, "Unsupervised concept drift detection with a discriminative classifier") is a `min_effect` of 0.4, for its area of 0.7, with
 *  KEDGE_P_NONE and `degree` 1. A sample of less than 2 complete rows: KEDGE_EMPTY. A model that does not fit the columns: KEDGE_ERR_SHAPE.
 *  Errors of the model are passed on. Up to #KEDGE_FEATURES_MAX columns, and terms of the built-in classifier. Cost: docs/shift.md. */
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
    double bandwidth;        /**< with KEDGE_BANDWIDTH_FIXED: width of the kernels, unit of the columns, or of their standard deviations if
                              *   standardised; 1e-100 to 1e100, default 1 */
    double regularisation;   /**< lambda, over (pi bandwidth^2)^(columns / 2), the greatest term of H: 0 to 1000, default 0.1. More: smoother, the
                              *   statistic lower, and less noise in it. 0 and rows that are alike: KEDGE_ERR_NUMERIC */
    uint32_t bandwidth_rule; /**< KEDGE_BANDWIDTH_..., default KEDGE_BANDWIDTH_MEDIAN */
    uint32_t n_centres;      /**< kernels, 1 to 1000, default 100, at rows of both samples drawn by `seed`; all rows where they are fewer */
    uint32_t standardise;    /**< 1, the default: each column less its mean, over its standard deviation in both samples together; 0: as it is */
    uint32_t reserved;       /**< 0 */
} kedge_lsdd_config;

/** Least-squares density difference of two tables: the integral of (p - q)^2, p and q the densities, times (pi bandwidth^2)^(columns / 2), without
 *  estimating either of them: 2 h'theta - theta'H theta, 0 or more. Sugiyama et al. 2013, "Density-difference estimation"; Bu, Alippi, Zhao 2018, "A
 *  pdf-free change detection test based on density difference estimation". Up to 1000 columns. Effect: over the integral of (p + q)^2, by the
 *  same kernels: 0 (equal) to 1 (nothing alike). `expected`: the mean over the ways that were dealt, which is above 0. A sample of less than 2
 *  complete rows: KEDGE_EMPTY. Scratch and cost: docs/shift.md. */
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
    KEDGE_MMD_FEATURES = 3 /**< by random features: time linear in the rows; the kernel is known to within about 1 / sqrt(n_features) */
};

/** Configuration of #kedge_mmd. */
typedef struct kedge_mmd_config {
    kedge_shift_config base; /**< common fields; KEDGE_P_PERMUTATION, which AUTO takes, or KEDGE_P_NONE */
    double bandwidth;        /**< with KEDGE_BANDWIDTH_FIXED: width of the kernel, unit of the columns, or of their standard deviations if
                              *   standardised; 1e-100 to 1e100, default 1 */
    uint32_t bandwidth_rule; /**< KEDGE_BANDWIDTH_..., default KEDGE_BANDWIDTH_MEDIAN */
    uint32_t form;           /**< KEDGE_MMD_..., default KEDGE_MMD_AUTO */
    uint32_t n_features;     /**< frequencies of KEDGE_MMD_FEATURES, each a cosine and a sine, 1 to 65536, default 100 */
    uint32_t standardise;    /**< 1, the default: each column less its mean, over its standard deviation in both samples together; 0: as it is */
} kedge_mmd_config;

/** Maximum mean discrepancy of two tables, squared and unbiased: any difference of the distributions, how columns go together included. Gretton,
 *  Borgwardt, Rasch, Schoelkopf, Smola 2012, "A kernel two-sample test", equation 3; Rahimi, Recht 2007, "Random features for large-scale
 *  kernel machines". Up to 1000 columns. Effect: half of the statistic, not below 0: 0 (equal) to 1 (nothing alike), whatever the sizes.
 *  A sample of less than 2 complete rows: KEDGE_EMPTY. Scratch and cost: docs/shift.md. */
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

/** Distance of HDDDM: mean over the columns of Hellinger's distance of histograms with bins of equal width; also the effect, 0 to 1. Blind to columns that
 *  only go together in another way. Ditzler, Polikar 2011, "Hellinger distance based drift detection for nonstationary environments". */
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
    uint32_t levels;         /**< halvings of each column at most, 1 to 50, default 10: a cell's side is then a 1024th of the column's range */
} kedge_kdq_tree_config;

/** kdq-tree: Kullback-Leibler divergence, nats, of the reference's shares of the cells of a tree over both samples from the current ones. Effect: half the
 *  sum of the shares' differences, 0 to 1. Dasu, Krishnan, Venkatasubramanian, Yi 2006, "An information-theoretic approach to detecting changes in
 *  multi-dimensional data streams". */
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
    uint32_t standardise;    /**< 1, the default: each column less its mean, over its standard deviation in both samples together; 0: as it is */
} kedge_nn_dvi_config;

/** NN-DVI: how differently the samples weigh on the neighbourhoods of all rows; also the effect, 0 to 1. Up to 65,536 rows of both samples together, whose
 *  pairs are all looked at. Liu, Song, Zhang, Lu 2018, "Accumulating regional density dissimilarity for concept drift detection in data streams". */
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
    kedge_shift_config base; /**< common fields; KEDGE_P_PERMUTATION, which AUTO takes: exact for any distribution; or KEDGE_P_NONE */
    uint32_t n_bins;         /**< bins of like shares of the reference, 2 to 1024, default 32; no more than the reference has rows */
    uint32_t figure;         /**< KEDGE_QUANT_TREE_..., default KEDGE_QUANT_TREE_PEARSON */
} kedge_quant_tree_config;

/** QuantTree: a histogram whose bins each hold a like share of the reference, cut off at random ends of random columns. Effect: half the sum of the
 *  shares' differences, 0 to 1. Boracchi, Carrera, Cervellera, Maccio 2018, "QuantTree: histograms for change detection in multivariate data streams". */
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
