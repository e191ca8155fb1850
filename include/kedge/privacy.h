/* SPDX-License-Identifier: MIT */
/** @file privacy.h
 *  Figures about people that may leave the house: counts, histograms, means and any whole numbers under differential privacy, from
 *  the caller's random bytes, under a budget that refuses what is beyond it; and a check that no slice of a table is small enough
 *  to point at somebody.
 *
 *  Two tables are neighbours if one has one row more. A release is (epsilon, delta)-differentially private if no outcome is more
 *  than e^epsilon times as likely on one as on the other, but for a chance of delta (Dwork, McSherry, Nissim, Smith 2006). All
 *  noise is a whole number, drawn exactly by integer arithmetic: noise in floating point would give the data away by its last bits
 *  (Mironov 2012).
 *
 *  @code
 *  #include <kedge/privacy.h>
 *  static kedge_status not_random(void *context, void *bytes, size_t n)
 *  {
 *      unsigned char *to = bytes;
 *      while (n-- > 0) *to++ = (unsigned char)(kedge_rng_next(context) >> 56);
 *      return KEDGE_OK;
 *  }
 *  int main(void)
 *  {
 *      kedge_rng for_the_example = {7};
 *      const kedge_dp_source source = {not_random, &for_the_example};
 *      const kedge_dp_cost cost = {KEDGE_DP_LAPLACE, 0, 0.5, 0.0};
 *      kedge_dp_budget budget;
 *      int64_t noisy;
 *      if (kedge_dp_budget_init(&budget, KEDGE_DP_BASIC, 1.0, 0.0) < 0) return 1;
 *      if (kedge_dp_release(&budget, &source, &cost, 1000, 1, &noisy) < 0 || noisy < 900 || noisy > 1100) return 1;
 *      if (kedge_dp_release(&budget, &source, &cost, 1000, 1, &noisy) < 0) return 1;
 *      return kedge_dp_release(&budget, &source, &cost, 1000, 1, &noisy) == KEDGE_ERR_STATE ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_PRIVACY_H
#define KEDGE_PRIVACY_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @defgroup privacy Privacy
 *  Differentially private releases and their budget; k-anonymity and l-diversity.
 *  @{ */

/** Where random bytes come from. They must be unpredictable: getrandom(), BCryptGenRandom(), a hardware generator; never kedge_rng,
 *  but in tests. */
typedef struct kedge_dp_source {
    /** Fills n bytes. @return 0, or a negative status of the caller's, which then is what the release returns */
    kedge_status (*fill)(void *context, void *bytes, size_t n);
    void *context; /**< for fill */
} kedge_dp_source;

/** Mechanisms. */
enum {
    KEDGE_DP_LAPLACE = 1, /**< discrete Laplace noise: epsilon alone (Ghosh, Roughgarden, Sundararajan 2009) */
    KEDGE_DP_GAUSSIAN = 2 /**< discrete Gaussian noise: epsilon and delta (Canonne, Kamath, Steinke 2020) */
};

/** How releases add up. All hold for releases that are chosen after seeing earlier ones. */
enum {
    KEDGE_DP_BASIC = 1,    /**< epsilons and deltas add up (Dwork et al. 2006); best for few releases */
    KEDGE_DP_ADVANCED = 2, /**< advanced composition as a filter (Whitehouse, Ramdas, Rogers, Wu 2023, theorem 1): half of the
                            *   budget's delta is kept for it, the other half is for that of releases; better for many small ones */
    KEDGE_DP_ZCDP = 3      /**< zero-concentrated (Bun, Steinke 2016), turned into epsilon at the budget's delta by the best order
                            *   (Canonne, Kamath, Steinke 2020, proposition 12); best for many, and for Gaussian noise */
};

/** What one release may cost, which says how much noise it gets. */
typedef struct kedge_dp_cost {
    uint32_t mechanism; /**< KEDGE_DP_LAPLACE or KEDGE_DP_GAUSSIAN */
    uint32_t reserved;  /**< 0 */
    double epsilon;     /**< 1e-9 to 64 */
    double delta;       /**< of the Gaussian 1e-30 to 0.5, well below 1 / rows; of the Laplace 0 */
} kedge_dp_cost;

/** A budget and what is spent of it: a plain value. Read it, store it, carry it on as long as the same people's data are released;
 *  change nothing. */
typedef struct kedge_dp_budget {
    double epsilon;         /**< all that may be spent, above 0 to 1000 */
    double delta;           /**< likewise, 0 to 0.5 */
    double epsilon_sum;     /**< of the releases so far */
    double epsilon_squares; /**< sum of their squares */
    double delta_sum;       /**< of their deltas */
    double rho_sum;         /**< of their zero-concentrated costs */
    uint64_t n_releases;    /**< how many */
    uint32_t composition;   /**< KEDGE_DP_BASIC ... */
    uint32_t reserved;      /**< 0 */
} kedge_dp_budget;

/** The noise that a cost brings. */
typedef struct kedge_dp_noise {
    double scale; /**< of the Laplace, or sigma of the Gaussian */
    double sd;    /**< standard deviation; of the Gaussian an upper bound, met but for scales below 1 */
    double rho;   /**< zero-concentrated cost: epsilon^2 / 2, or sensitivity^2 / (2 sigma^2) */
} kedge_dp_noise;

/** A mean under differential privacy. */
typedef struct kedge_dp_mean_report {
    double mean;     /**< inside of low and high */
    double sum;      /**< noisy sum of value - (low + high) / 2 */
    double sum_sd;   /**< standard deviation of its noise */
    double count_sd; /**< and of that of the count */
    int64_t count;   /**< noisy number of rows, may be negative */
} kedge_dp_mean_report;

/** How small the slices of a table are. */
typedef struct kedge_anonymity_report {
    uint64_t n_slices;       /**< with rows */
    uint64_t n_below_k;      /**< of these, with fewer than k rows */
    uint64_t rows_below_k;   /**< rows in them: what would have to be left out */
    uint64_t n_below_l;      /**< slices with fewer than l different values */
    uint64_t least_rows;     /**< the table is k-anonymous for this k (Sweeney 2002); 0: it is empty */
    uint64_t least_values;   /**< and l-diverse for this l, distinct values (Machanavajjhala et al. 2007) */
    uint64_t i_least_rows;   /**< the first slice with the fewest rows */
    uint64_t i_least_values; /**< the first slice with the fewest different values */
} kedge_anonymity_report;

/** Begin a budget. @param b to set @param composition KEDGE_DP_BASIC ... @param epsilon above 0 to 1000 @param delta 0 to 0.5;
 *  above 0 but with #KEDGE_DP_BASIC
 *  @retval KEDGE_OK done @retval KEDGE_ERR_NULL b is NULL @retval KEDGE_ERR_NOT_FINITE a number is NaN or infinite @retval
 *  KEDGE_ERR_RANGE one is out of range @complexity O(1) @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_dp_budget_init(kedge_dp_budget *b, uint32_t composition, double epsilon, double delta);

/** The epsilon that is spent, at the budget's delta. @param b a budget, may be shared  @param epsilon it  @retval KEDGE_OK done
 *  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_STATE b is no budget  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_dp_spent(const kedge_dp_budget *b, double *epsilon);

/** Charge a release that was made elsewhere. @param b a budget @param cost what it cost @param sensitivity of its whole numbers, 1
 *  to 2^32
 *  @retval KEDGE_OK charged @retval KEDGE_ERR_STATE more than is left, or b is no budget; nothing changed @retval others as
 *  kedge_dp_noise_of()
 *  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_dp_charge(kedge_dp_budget *b, const kedge_dp_cost *cost, uint64_t sensitivity);

/** The noise that a cost brings: the Laplace's scale is sensitivity / epsilon, the Gaussian's sigma that of the analytic mechanism
 *  (Balle, Wang 2018), each rounded up, by less than a thousandth; and what the grid of whole numbers can add to delta is allowed
 *  for.
 *  @param cost a cost  @param sensitivity by how much one row can change the number, 1 to 2^32  @param out the noise
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_NOT_FINITE a number is NaN or infinite
 *  @retval KEDGE_ERR_RANGE a field is out of range, or the scale would be above 2^40 (Laplace) or 2^24 (Gaussian): use a coarser
 *  grid
 *  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_dp_noise_of(const kedge_dp_cost *cost, uint64_t sensitivity, kedge_dp_noise *out);

/** Release a whole number: a count has sensitivity 1.
 *  @param b the budget @param source random bytes @param cost what the release may cost @param value -2^62 to 2^62 @param
 *  sensitivity by how much one row can change it, 1 to 2^32 @param noisy value and noise
 *  @retval KEDGE_OK done @retval KEDGE_ERR_STATE the budget has not that much left, or is none @retval KEDGE_ERR_NULL a pointer is
 *  NULL
 *  @retval KEDGE_ERR_NUMERIC the bytes are not random @retval others as kedge_dp_noise_of(), or of the source; nothing is charged
 *  nor told
 *  @complexity O(1) expected; its time depends on the noise  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_dp_release(kedge_dp_budget *b, const kedge_dp_source *source,
                                                        const kedge_dp_cost *cost, int64_t value, uint64_t sensitivity,
                                                        int64_t *noisy);

/** Release counts of slices of which no row is in two: that costs as much as one count. Slices must not be left out because they
 *  are empty.
 *  @param b the budget @param source random bytes @param cost of all together @param counts n counts, at most 2^62 @param n at
 *  least 1
 *  @param noisy n counts and noise; may be negative; 0 after an error
 *  @return as kedge_dp_release()  @complexity O(n) expected  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_dp_histogram(kedge_dp_budget *b, const kedge_dp_source *source,
                                                          const kedge_dp_cost *cost, const uint64_t *counts, size_t n,
                                                          int64_t *noisy);

/** Release the mean of a column, cut to a range that must not be read from the data. Half of the cost is for the sum, half for the
 *  count. Values are rounded to 2^-13 of the range.
 *  @param b the budget  @param source random bytes  @param cost of both together  @param x a table  @param i_column which column
 *  @param low smaller values count as this  @param high greater ones as this  @param out the mean
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_SHAPE no table, no such column  @retval KEDGE_ERR_NOT_FINITE a value is NaN or infinite
 *  @retval KEDGE_ERR_RANGE not low < high, both below 1e150 @retval others as kedge_dp_release() @complexity O(rows) @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_dp_mean(kedge_dp_budget *b, const kedge_dp_source *source, const kedge_dp_cost *cost,
                                                     const kedge_rows *x, size_t i_column, double low, double high,
                                                     kedge_dp_mean_report *out);

/** Is any slice of a table small, or all alike in what is sensitive?
 *  @param counts n_slices * n_values counts: rows of each slice (a combination of what others may know) by sensitive value @param
 *  n_slices how many
 *  @param n_values sensitive values; 1: there is none @param k rows that a slice should have @param l different values that it
 *  should have
 *  @param out what was found
 *  @retval KEDGE_OK done @retval KEDGE_EMPTY the table has no rows @retval KEDGE_ERR_NULL a pointer is NULL @retval KEDGE_ERR_SHAPE
 *  n_values is 0, or so many counts are in no memory
 *  @retval KEDGE_ERR_RANGE more than 2^62 rows  @complexity O(n_slices * n_values)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_anonymity(const uint64_t *counts, size_t n_slices, size_t n_values, uint64_t k,
                                                       uint64_t l, kedge_anonymity_report *out);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
