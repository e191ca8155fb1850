/* SPDX-License-Identifier: MIT */
/** @file shift.h
 *  Data drift between two samples: is the current one from where the reference came from, and how far is it away? A method is a
 *  class with a configuration; the verb is the same for all.
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
 *  Values are finite, of magnitude up to #KEDGE_SHIFT_INPUT_MAX; NaN is missing. A nominal column has its category codes as
 *  numbers. No figure is ever infinite, and a figure is NaN only where the result's status or its comment says so.
 *
 *  The methods of one column work on sorted samples. kedge_shift_compare_many() sorts once for several of them. The rows are not
 *  changed.
 *
 *  A drift needs two things: a p-value of at most `alpha`, and an effect of at least `min_effect`, so that a large sample alone
 *  does not alarm.
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
    KEDGE_P_PERMUTATION = 4, /**< `n_resamples` random ways to deal the pooled values out; right at any size: (1 + those at least as
                              *   far) / (1 + n_resamples) */
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
    double min_effect;            /**< drift needs an effect of at least this magnitude, unit of the method's effect, 0 (the
                                   *   default) to 1e100 */
    uint64_t seed;                /**< of random draws, any, default 1 */
    uint32_t n_resamples;         /**< draws for a p-value, 1 to 10^9, default 999 */
    uint32_t missing;             /**< KEDGE_MISSING_..., default KEDGE_MISSING_SKIP */
} kedge_shift_config;

/** What a comparison tells, the same for all methods; NaN where a method has no such figure. */
typedef struct kedge_shift_result {
    double statistic;           /**< of the test, or the distance */
    double p_value;             /**< chance of a statistic at least as far if nothing changed, (0, 1], or 0 where it is below
                                 *   1e-300 */
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

/** A method; const. A host can bring its own. The functions trust their arguments: the library has checked them before. Exactly one
 *  of `samples` and `rows` is there. */
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
    /** Compare two sorted samples: set statistic, p_value, effect, expected, where and p_method, which are NaN and KEDGE_P_NONE
     *  before. KEDGE_OK, KEDGE_EMPTY (too few values, figures are NaN) or an error. */
    kedge_status (*samples)(const void *config, const kedge_shift_samples *samples, double *scratch, kedge_shift_result *out);
    /** Compare two tables: set the same, and the counts. */
    kedge_status (*rows)(const void *config, const kedge_rows *reference, const kedge_rows *current, double *scratch,
                         kedge_shift_result *out);
};

/** Fill a configuration of the caller's size with a method's defaults. Fields are only ever appended, so an older, shorter struct
 *  is valid.
 *  @param cls the method  @param config to fill; begins with a kedge_shift_config  @param config_bytes its size
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS cls is malformed
 *  @retval KEDGE_ERR_CONFIG config_bytes is shorter than a kedge_shift_config or longer than the class knows  @since 0.1 */
KEDGE_API kedge_status kedge_shift_config_init(const kedge_shift_class *cls, void *config, size_t config_bytes);

/** Bytes of working memory for one comparison.
 *  @param cfg configuration  @param n_reference rows of the reference  @param n_current rows of the current sample
 *  @param n_columns columns of both
 *  @return bytes: for methods of one column the samples, and the larger of the longer sample and what docs/shift.md says; 0: NULL,
 *  out of range, or too large for this machine  @complexity O(1)  @since 0.1 */
KEDGE_API size_t kedge_shift_work(const kedge_shift_config *cfg, size_t n_reference, size_t n_current, size_t n_columns);

/** Bytes of working memory for kedge_shift_compare_many(): the most that one of them needs.
 *  @param cfgs n_cfgs configurations  @param n_cfgs how many, at least 1  @param n_reference rows of the reference
 *  @param n_current rows of the current sample  @param n_columns columns of both
 *  @return bytes; 0: NULL, out of range, or too large for this machine  @complexity O(n_cfgs)  @since 0.1 */
KEDGE_API size_t kedge_shift_work_many(const kedge_shift_config *const *cfgs, size_t n_cfgs, size_t n_reference, size_t n_current,
                                       size_t n_columns);

/** Compare two samples. Same input, same answer.
 *  @param cfg configuration  @param reference the sample to compare with  @param current the sample in question, with as many
 *  columns
 *  @param work memory for the time of the call, aligned to #KEDGE_ALIGN  @param work_bytes its size, at least kedge_shift_work()
 *  @param out what came out; as it was on error
 *  @retval KEDGE_OK no drift  @retval KEDGE_DRIFT p-value and effect say so  @retval KEDGE_EMPTY a sample has no values, or too few
 *  for the method: counts are set, figures are NaN  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CONFIG a field is
 *  out of range
 *  @retval KEDGE_ERR_CLASS cfg->cls is malformed  @retval KEDGE_ERR_SHAPE a table is malformed, columns differ or are more than the
 *  method takes, or rows exceed #KEDGE_SHIFT_ROWS_MAX  @retval KEDGE_ERR_BUFFER work is too small  @retval KEDGE_ERR_ALIGN work or
 *  a table is misaligned
 *  @retval KEDGE_ERR_NOT_FINITE infinity, or NaN with KEDGE_MISSING_REFUSE  @retval KEDGE_ERR_RANGE a value is too large, or there
 *  are more categories than the method takes  @retval KEDGE_ERR_UNSUPPORTED the samples are too large for KEDGE_P_EXACT, or have
 *  ties for which the method has no KEDGE_P_ASYMPTOTIC  @retval KEDGE_ERR_NUMERIC the rows determine no answer, see the method
 *  @complexity sorting: O(n), about 30 ns a value; then as the method says; no allocation  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_shift_compare(const kedge_shift_config *cfg, const kedge_rows *reference,
                                                           const kedge_rows *current, void *work, size_t work_bytes,
                                                           kedge_shift_result *out);

/** Compare two samples by several methods, sorting once.
 *  @param cfgs n_cfgs configurations; if one refuses missing values, all do  @param n_cfgs how many, at least 1
 *  @param reference the sample to compare with  @param current the sample in question  @param work memory for the time of the call
 *  @param work_bytes its size, at least kedge_shift_work_many()
 *  @param out n_cfgs results, each with a status of its own, as kedge_shift_compare() would have returned; where it is an error,
 *  all figures are NaN or 0
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

/** Kolmogorov-Smirnov: greatest distance of the two distribution functions; `where` says at which value. Effect: that distance, 0
 *  to 1. Smirnov 1939, "On the estimation of the discrepancy between empirical curves of distribution for two independent samples".
 *  KEDGE_P_EXACT counts lattice paths, up to 10^5 values each, O(n m effect); AUTO takes it up to 10^4 each. Beyond: Kolmogorov's
 *  distribution for n m / (n + m) numbers. Both are those of SciPy; with ties they err on the safe side, KEDGE_P_PERMUTATION does
 *  not. */
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

/** Fisher's exact test for categories: right at any size, with empty cells too. Fisher 1935, "The logic of inductive inference".
 *  Two categories: the statistic is the log odds ratio of the larger code, current over reference, with 1/2 added to each count;
 *  the effect is the difference of its shares, current - reference; KEDGE_P_EXACT, which AUTO takes, O(sqrt(N)) at any size, is
 *  SciPy's p-value. More (Freeman, Halton 1951): the statistic is -ln of the table's chance; the effect is the total variation
 *  distance of the shares, 0 to 1; EXACT where the ways to deal the values out are few, which AUTO takes, else KEDGE_P_PERMUTATION,
 *  O(n_resamples N). `where`: the category whose share moved most. */
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

/** @} */

#ifdef __cplusplus
}
#endif

/* More methods, in headers of their own. */
#include "shift/histograms.h"
#include "shift/tables.h"

#endif
