/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file gsl/one_pass.h
 *  Least squares on tables that do not fit into memory: rows come in blocks, once each; a model comes out. Parts of a table may be
 *  read in different places and merged.
 *
 *  @code
 *  #include <stdlib.h>
 *  #include <kedge/gsl.h>
 *  int main(void)
 *  {
 *      double x[100], y[100], at = 2000, value = 0;
 *      kedge_gsl_least_squares_config cfg = kedge_gsl_least_squares_defaults(1);
 *      kedge_rows block = kedge_rows_float64(x, 100, 1);
 *      kedge_gsl_one_pass pass;
 *      kedge_model m;
 *      size_t pass_bytes = kedge_gsl_one_pass_size(&cfg), work_bytes = kedge_gsl_one_pass_work(&cfg),
 *             mem_bytes = kedge_model_size(&cfg.base);
 *      void *state = malloc(pass_bytes), *work = malloc(work_bytes), *mem = malloc(mem_bytes);
 *      if (kedge_gsl_one_pass_init(&pass, &cfg, state, pass_bytes) < 0) return 1;
 *      if (kedge_model_init(&m, &cfg.base, mem, mem_bytes) < 0) return 1;
 *      for (int i = 0; i < 1000; i++) {
 *          x[i % 100] = i;
 *          y[i % 100] = 3.0 * i + 1;
 *          if (i % 100 == 99 && kedge_gsl_one_pass_add(&pass, &block, y, NULL, work, work_bytes) < 0) return 1;
 *      }
 *      if (kedge_gsl_one_pass_solve(&pass, &m, work, work_bytes) < 0) return 1;
 *      if (kedge_model_predict(&m, &at, &value) < 0) return 1;
 *      free(state);
 *      free(work);
 *      free(mem);
 *      return value > 6000.99 && value < 6001.01 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_GSL_ONE_PASS_H
#define KEDGE_GSL_ONE_PASS_H

#include "../gsl.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup gsl
 *  @{ */

/** Handle of a pass: cheap to copy, holds nothing of its own. The state is a value without pointers: a copy of its bytes is another
 *  one. */
typedef struct kedge_gsl_one_pass {
    void *state; /**< in the caller's memory */
} kedge_gsl_one_pass;

/** Bytes of the state: (n_features + 2)^2 numbers and some; 4.5 KB for 20 features. Independent of the rows.
 *  @param cfg configuration, as for the model  @return bytes; 0: NULL or out of range  @complexity O(1) @since 0.1 */
KEDGE_API size_t kedge_gsl_one_pass_size(const kedge_gsl_least_squares_config *cfg);

/** Bytes of work memory that each call needs: 120 rows and (n_features + 2)^2 numbers, or 2 1/2 times those if that is more; 26 KB
 *  for 20 features.
 *  @param cfg configuration  @return bytes; 0: NULL or out of range  @complexity O(1) @since 0.1 */
KEDGE_API size_t kedge_gsl_one_pass_work(const kedge_gsl_least_squares_config *cfg);

/** Begin without rows. @param pass handle to set  @param cfg configuration, not needed afterwards; n_features and method count
 *  @param mem memory that must live as long as the pass, aligned to #KEDGE_ALIGN  @param mem_bytes its size
 *  @retval KEDGE_OK ready  @retval KEDGE_ERR_NULL an argument is NULL  @retval KEDGE_ERR_CONFIG a field is out of range
 *  @retval KEDGE_ERR_BUFFER too small  @retval KEDGE_ERR_ALIGN misaligned  @complexity O(bytes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_gsl_one_pass_init(kedge_gsl_one_pass *pass, const kedge_gsl_least_squares_config *cfg,
                                                               void *mem, size_t mem_bytes);

/** Bind a handle to a state that is already in memory, on a machine like the one that made it. @param pass handle to set
 *  @param mem the state
 *  @param mem_bytes its size
 *  @retval KEDGE_OK bound  @retval KEDGE_ERR_NULL an argument is NULL  @retval KEDGE_ERR_BUFFER the state is cut short
 *  @retval KEDGE_ERR_ALIGN misaligned  @retval KEDGE_ERR_CLASS no such state  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_gsl_one_pass_open(kedge_gsl_one_pass *pass, void *mem, size_t mem_bytes);

/** Take in a block of rows. Blocks of any size will do; of multiples of 120 rows the model is that of kedge_model_fit() on the
 *  whole table bit by bit, of others up to rounding.
 *  @param pass handle, used by this thread only  @param x table of n_features columns  @param y x->n_rows targets  @param weight
 *  x->n_rows weights, or NULL: all 1  @param work scratch, aligned to #KEDGE_ALIGN, free again afterwards  @param work_bytes its
 *  size, at least kedge_gsl_one_pass_work()
 *  @retval KEDGE_OK taken  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_SHAPE the table does not fit
 *  @retval KEDGE_ERR_NOT_FINITE NaN or infinity  @retval KEDGE_ERR_RANGE a number is refused, as in kedge_model_learn()
 *  @retval KEDGE_ERR_BUFFER work is too small  @retval KEDGE_ERR_ALIGN work is misaligned
 *  An error has taken no row.  @complexity O(n_rows * n_features^2)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_gsl_one_pass_add(kedge_gsl_one_pass *pass, const kedge_rows *x, const double *y,
                                                              const double *weight, void *work, size_t work_bytes);

/** Take in all rows of another pass of equal configuration. @param pass handle, used by this thread only  @param other another one,
 *  which is only read  @param work scratch as in kedge_gsl_one_pass_add()  @param work_bytes its size
 *  @retval KEDGE_OK merged  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CONFIG another configuration, or the same
 *  pass twice
 *  @retval KEDGE_ERR_BUFFER work is too small  @retval KEDGE_ERR_ALIGN work is misaligned
 *  An error has changed nothing.  @complexity O(n_features^3)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_gsl_one_pass_merge(kedge_gsl_one_pass *pass, const kedge_gsl_one_pass *other,
                                                                void *work, size_t work_bytes);

/** Fit a model to all rows so far; the pass goes on. @param pass handle, may be shared  @param m a model of
 *  #kedge_gsl_least_squares with as many features and the same method, used by this thread only; its tolerance and report count
 *  @param work scratch as in kedge_gsl_one_pass_add()  @param work_bytes its size
 *  @retval KEDGE_OK fitted  @retval KEDGE_WARNING fitted, by normal equations that lost digits  @retval KEDGE_ERR_NULL a pointer is
 *  NULL
 *  @retval KEDGE_ERR_CLASS a model of another class  @retval KEDGE_ERR_CONFIG another number of features or method
 *  @retval KEDGE_ERR_NUMERIC no row had a weight  @retval KEDGE_ERR_BUFFER work is too small  @retval KEDGE_ERR_ALIGN work is
 *  misaligned An error has changed nothing.  @complexity O(n_features^3)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_gsl_one_pass_solve(const kedge_gsl_one_pass *pass, kedge_model *m, void *work,
                                                                size_t work_bytes);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
