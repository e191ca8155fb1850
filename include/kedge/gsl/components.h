/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file gsl/components.h
 *  Principal components of a table: the directions in which its rows differ most, rows as coordinates along them, and back.
 *
 *  @code
 *  #include <stdlib.h>
 *  #include <kedge/gsl.h>
 *  int main(void)
 *  {
 *      const double x[5][2] = {{0, 1}, {1, 3}, {2, 5}, {3, 7}, {4, 9}};
 *      kedge_gsl_pca_settings how = kedge_gsl_pca_defaults(2);
 *      kedge_rows rows = kedge_rows_float64(&x[0][0], 5, 2);
 *      double score[5], back[10], variance[1], share[1];
 *      kedge_gsl_pca pca;
 *      how.n_components = 1;
 *      size_t mem_bytes = kedge_gsl_pca_size(&how), work_bytes = kedge_gsl_pca_work(&how);
 *      void *mem = malloc(mem_bytes), *work = malloc(work_bytes);
 *      if (kedge_gsl_pca_init(&pca, &how, mem, mem_bytes) < 0) return 1;
 *      if (kedge_gsl_pca_fit(&pca, &rows, NULL, work, work_bytes) < 0) return 1;
 *      if (kedge_gsl_pca_variances(&pca, variance, share, 1) < 0) return 1;
 *      if (kedge_gsl_pca_transform(&pca, &rows, score, 5) < 0) return 1;
 *      if (kedge_gsl_pca_inverse(&pca, score, 5, back, 10) < 0) return 1;
 *      free(work);
 *      free(mem);
 *      return share[0] > 0.999999 && variance[0] > 12.49 && variance[0] < 12.51 && back[9] > 8.99 && back[9] < 9.01 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_GSL_COMPONENTS_H
#define KEDGE_GSL_COMPONENTS_H

#include "../base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup gsl
 *  @{ */

/** How principal components are found (Jolliffe 2002, "Principal component analysis", 2nd edition, chapters 2 and 3): the singular
 *  vectors of the table about its means. One pass over the rows; numbers are scikit-learn's PCA's, with its signs: of each
 *  component the entry of the greatest magnitude is positive (of equal ones the first). */
typedef struct kedge_gsl_pca_settings {
    uint32_t config_bytes; /**< size of this struct; set by kedge_gsl_pca_settings_init() */
    uint32_t n_features;   /**< columns, 1 to 65536 */
    uint32_t n_components; /**< most components to keep, 1 to n_features; default all */
    uint32_t standardise;  /**< 1: columns are brought to deviation 1 before, so that their units do not count; 0,
        the default: not */
    uint32_t whiten;       /**< 1: coordinates are divided by the component's deviation; 0, the default: not */
    uint32_t reserved;     /**< 0 */
    double explained;      /**< no more components are kept than explain this share of the variance, (0, 1], default 1 */
} kedge_gsl_pca_settings;

/** Defaults into a caller's struct. @param how to fill @param how_bytes sizeof *how @param n_features columns
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL how is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_gsl_pca_settings_init(kedge_gsl_pca_settings *how, size_t how_bytes, uint32_t n_features);

/** The defaults. @param n_features columns @return them @since 0.1 */
static inline kedge_gsl_pca_settings kedge_gsl_pca_defaults(uint32_t n_features)
{
    kedge_gsl_pca_settings how;
    if (kedge_gsl_pca_settings_init(&how, sizeof how, n_features) < 0)
        how.config_bytes = 0;
    return how;
}

/** Handle: cheap to copy, holds nothing of its own. The state is a value without pointers: a copy of its bytes is another one. */
typedef struct kedge_gsl_pca {
    void *state; /**< in the caller's memory */
} kedge_gsl_pca;

/** Bytes of the state: (n_components + 3) n_features numbers and some. @param how settings  @return bytes; 0: NULL or out of range
 *  @complexity O(1)  @since 0.1 */
KEDGE_API size_t kedge_gsl_pca_size(const kedge_gsl_pca_settings *how);

/** Bytes of work memory for kedge_gsl_pca_fit(), whatever the rows: 120 rows and (n_features + 2)^2 numbers. @param how settings
 *  @return bytes; 0: NULL or out of range  @complexity O(1)  @since 0.1 */
KEDGE_API size_t kedge_gsl_pca_work(const kedge_gsl_pca_settings *how);

/** Lay the state out, without components. @param pca handle to set  @param how settings, not needed afterwards  @param mem memory
 *  that must live as long as the state, aligned to #KEDGE_ALIGN  @param mem_bytes its size, at least kedge_gsl_pca_size()
 *  @retval KEDGE_OK ready  @retval KEDGE_ERR_NULL an argument is NULL  @retval KEDGE_ERR_CONFIG a field is out of range
 *  @retval KEDGE_ERR_BUFFER too small  @retval KEDGE_ERR_ALIGN misaligned  @complexity O(bytes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_gsl_pca_init(kedge_gsl_pca *pca, const kedge_gsl_pca_settings *how, void *mem,
                                                          size_t mem_bytes);

/** Bind a handle to a state that is already in memory, on a machine like the one that made it, and verify it.
 *  @param pca handle to set  @param mem the state  @param mem_bytes its size
 *  @retval KEDGE_OK bound  @retval KEDGE_ERR_NULL an argument is NULL  @retval KEDGE_ERR_BUFFER the state is cut short
 *  @retval KEDGE_ERR_ALIGN misaligned  @retval KEDGE_ERR_CLASS no such state  @retval KEDGE_ERR_STATE it is damaged
 *  @complexity O(bytes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_gsl_pca_open(kedge_gsl_pca *pca, void *mem, size_t mem_bytes);

/** Find the components of a table anew. Rows of weight w count w times; the variance is over the number of rows less 1, times their
 *  mean weight. A column whose spread is no more than rounding has no part, and no component is kept whose deviation is: of n rows
 *  there are at most n - 1.
 *  @param pca handle, used by this thread only  @param x table of n_features columns of any finite magnitude  @param weight
 *  x->n_rows weights, or NULL: all 1  @param work scratch, aligned to #KEDGE_ALIGN, free again afterwards  @param work_bytes its
 *  size, at least kedge_gsl_pca_work()
 *  @retval KEDGE_OK found  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_SHAPE the table does not fit
 *  @retval KEDGE_ERR_NOT_FINITE NaN or infinity  @retval KEDGE_ERR_RANGE a weight is negative or above #KEDGE_WEIGHT_MAX
 *  @retval KEDGE_ERR_NUMERIC fewer than two rows have a weight  @retval KEDGE_ERR_BUFFER work is too small
 *  @retval KEDGE_ERR_ALIGN work is misaligned
 *  An error has changed nothing.  @complexity O(n_rows * n_features^2 + n_features^3)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_gsl_pca_fit(kedge_gsl_pca *pca, const kedge_rows *x, const double *weight, void *work,
                                                         size_t work_bytes);

/** What kedge_gsl_pca_summary() tells. */
typedef struct kedge_gsl_pca_found {
    uint64_t n_rows;       /**< rows of the last fit that had a weight; 0: none yet */
    uint32_t n_features;   /**< columns */
    uint32_t n_components; /**< room for components: the settings' */
    uint32_t n_kept;       /**< components that are kept; those behind them are all 0 */
    uint32_t rank;         /**< components that have a deviation, kept or not */
    double explained;      /**< share of the variance that those explain which are kept, [0, 1]; 0 if there is none */
} kedge_gsl_pca_found;

/** Facts about the last fit. @param pca handle, may be shared  @param out the facts
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY done: nothing was fitted yet  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @complexity O(n_components)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_gsl_pca_summary(const kedge_gsl_pca *pca, kedge_gsl_pca_found *out);

/** The components, by falling variance: unit vectors in the columns' units, or in their deviations with `standardise`.
 *  @param pca handle, may be shared  @param components n_components times n_features numbers, one component after the other
 *  @param n how many there is room for
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY done, all are 0: nothing was fitted yet  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_SHAPE n does not fit  @complexity O(n)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_gsl_pca_components(const kedge_gsl_pca *pca, double *components, size_t n);

/** What the components explain. @param pca handle, may be shared  @param variance of the rows along each component, in squared
 *  units of the columns  @param share of each in the variance of all columns, kept or not  @param n n_components
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY done, all are 0: nothing was fitted yet  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_SHAPE n does not fit  @retval KEDGE_ERR_NUMERIC a variance does not fit a double (columns of 1e200); nothing
 *  is written  @complexity O(n)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_gsl_pca_variances(const kedge_gsl_pca *pca, double *variance, double *share, size_t n);

/** What rows are brought to before. @param pca handle, may be shared  @param mean of each column  @param deviation that it is
 *  divided by: with `standardise` that of the column over all rows (not n_rows - 1), 0 for a constant one; else 1
 *  @param n n_features
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY done, all are 0: nothing was fitted yet  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_SHAPE n does not fit  @complexity O(n)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_gsl_pca_centre(const kedge_gsl_pca *pca, double *mean, double *deviation, size_t n);

/** Rows as coordinates along the components, which are finite always: cut at 1e300.
 *  @param pca handle, may be shared  @param x table of n_features columns  @param scores x->n_rows times n_components coordinates,
 *  one row after the other; 0 for components that are not kept  @param n how many there is room for
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY nothing was fitted yet; nothing is written  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_SHAPE the table or n does not fit  @retval KEDGE_ERR_NOT_FINITE NaN or infinity; nothing is written
 *  @complexity O(n_rows * n_features * n_components)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_gsl_pca_transform(const kedge_gsl_pca *pca, const kedge_rows *x, double *scores,
                                                               size_t n);

/** The rows that have given coordinates, as near as the components that are kept come to them; finite always: cut at 1e300.
 *  @param pca handle, may be shared  @param scores n_rows times n_components coordinates; of components that are not kept they do
 *  not count  @param n_rows rows  @param x n_rows times n_features numbers, one row after the other
 *  @param n how many there is room for
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY nothing was fitted yet; nothing is written  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_SHAPE n does not fit  @retval KEDGE_ERR_NOT_FINITE NaN or infinity; nothing is written
 *  @complexity O(n_rows * n_features * n_components)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_gsl_pca_inverse(const kedge_gsl_pca *pca, const double *scores, size_t n_rows,
                                                             double *x,
                                                             size_t n);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
