/* SPDX-License-Identifier: MIT */
/** @file frozen.h
 *  A trained model for prediction only: one block of bytes that is used where it lies, in flash or in a mapped file.
 *  kedge_model_freeze() writes it, kedge_frozen_open() verifies it once and binds a handle; predictions need no memory and no
 *  start-up.
 *
 *  @code
 *  #include <kedge/frozen.h>
 *  int main(void)
 *  {
 *      static union { double align; unsigned char bytes[KEDGE_LOGISTIC_BYTES_FOR(1u, 2u)]; } mem;
 *      static union { double align; unsigned char bytes[1024]; } blob;
 *      kedge_logistic_config cfg = kedge_logistic_defaults(1, 2);
 *      kedge_model m;
 *      kedge_frozen f;
 *      size_t len;
 *      double x, y = -1;
 *      if (kedge_model_init(&m, &cfg.base, &mem, sizeof mem) < 0) return 1;
 *      for (x = 0; x < 500; x++)
 *          if (kedge_model_learn(&m, &x, x > 250 ? 1.0 : 0.0, 1.0) < 0) return 1;
 *      if (kedge_model_freeze(&m, &blob, sizeof blob, &len) < 0 || kedge_frozen_open(&f, &blob, len) < 0) return 1;
 *      x = 400;
 *      return kedge_frozen_predict(&f, &x, &y) == KEDGE_OK && y == 1.0 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_FROZEN_H
#define KEDGE_FROZEN_H

#include "base.h"
#include "model.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @defgroup frozen Frozen models
 *  Prediction only, from a read-only block of bytes.
 *
 *  What a frozen model answers is what the model answered when it was frozen. Bit for bit: `linear`, `logistic`, `rls`,
 *  `baseline`, `multinomial_nb`, `fimt_dd`, `forest_reg`, `random_forest`, `gradient_boost`, trees and forests whose leaves answer
 *  by their majority. Up to rounding (class shares within 1e-9, so another class only where two are that close): `gaussian_nb`,
 *  `bernoulli_nb`, leaves that answer by naive Bayes, `auto`, bagging and boosting. A model that follows labels, as the last target
 *  of #kedge_baseline (and within
 *  #kedge_auto) does, is a constant from then on.
 *
 *  The bytes are in the byte order of the machine that uses them, see kedge_frozen_swap(); numbers are IEEE 754. docs/models.md
 *  has the format.
 *
 *  Threads: a handle holds nothing of its own; any number of threads and processes may use the same bytes.
 *  @{ */

/** What the bytes hold. */
enum {
    KEDGE_FROZEN_CONSTANT = 1, /**< the same answer to every row */
    KEDGE_FROZEN_LINEAR = 2,   /**< `linear`, `rls`: weights */
    KEDGE_FROZEN_LOGISTIC = 3, /**< `logistic`: weights by each rate, locations and scales of the features */
    KEDGE_FROZEN_GAUSSIAN = 4, /**< `gaussian_nb`: a mean and a precision for each class and feature */
    KEDGE_FROZEN_TABLE = 5,    /**< `multinomial_nb`, `bernoulli_nb`: a number for each class and feature */
    KEDGE_FROZEN_TREE = 6,     /**< `hoeffding_tree`, `efdt`, `last_tree`: nodes of 16 bytes, and what the leaves say */
    KEDGE_FROZEN_FOREST = 7,   /**< `adaptive_forest`: likewise, with a weight for each tree */
    KEDGE_FROZEN_MIXTURE = 8,  /**< `auto`, bagging, boosting: frozen models inside, with a weight for each */
    KEDGE_FROZEN_VALUES = 9,   /**< `fimt_dd`, `forest_reg`: nodes, and of leaves a value or a linear function */
    KEDGE_FROZEN_GROVE = 10    /**< `random_forest`, `gradient_boost`: nodes of 16 bytes, and the leaves' numbers */
};

/** Handle: cheap to copy, holds nothing of its own. */
typedef struct kedge_frozen {
    const void *blob; /**< the bytes, which must stay and must not change */
    size_t bytes;     /**< how many of them are the model */
} kedge_frozen;

/** What a frozen model is. */
typedef struct kedge_frozen_info {
    uint64_t bytes;              /**< of the whole block */
    uint32_t n_features;         /**< numbers in a row */
    uint32_t n_classes;          /**< 0: regression */
    int32_t kind;                /**< KEDGE_FROZEN_... */
    int32_t takes_missing;       /**< 1: NaN among the features is a missing value */
    int32_t is_empty;            /**< 1: nothing had been learned, predictions say KEDGE_EMPTY */
    int32_t reserved;            /**< 0 */
    char name[KEDGE_NAME_BYTES]; /**< class of the model that was frozen, for people */
} kedge_frozen_info;

/** Freeze a model, as it is now.
 *  @param m handle, may be shared  @param buf where to write, aligned to #KEDGE_ALIGN; may be NULL with cap 0, to learn the
 *  length  @param cap its size
 *  @param len length, also set when buf is too small
 *  @retval KEDGE_OK written  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_BUFFER buf is too small
 *  @retval KEDGE_ERR_ALIGN misaligned
 *  @retval KEDGE_ERR_UNSUPPORTED the class, or that of a member, cannot be frozen, or a member is an ensemble itself (which may
 *  show only when buf is given), or the block would exceed 2^32 - 1 bytes
 *  @complexity O(bytes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_model_freeze(const kedge_model *m, void *buf, size_t cap, size_t *len);

/** Turn the block for machines of the other byte order, for builds across machines; this machine can no longer open it.
 *  @param blob a block of this machine's order, aligned to #KEDGE_ALIGN  @param len its length
 *  @retval KEDGE_OK turned  @retval others as kedge_frozen_open(); nothing has changed  @complexity O(bytes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_frozen_swap(void *blob, size_t len);

/** Bind a handle to a frozen model. Verifies checksum, structure, indices and numbers, so that no bytes make a prediction crash or
 *  hang.
 *  @param f handle to set  @param blob the bytes, aligned to #KEDGE_ALIGN; they are used where they lie  @param len how many
 *  there are, at least those of the model: what follows in a page of flash is not looked at
 *  @retval KEDGE_OK bound  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_ALIGN misaligned
 *  @retval KEDGE_ERR_BUFFER cut short
 *  @retval KEDGE_ERR_CLASS another byte order or format  @retval KEDGE_ERR_SNAPSHOT no intact frozen model
 *  @complexity O(bytes); < 1 KiB of stack  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_frozen_open(kedge_frozen *f, const void *blob, size_t len);

/** What the frozen model is. @param f handle  @param out the facts  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_frozen_describe(const kedge_frozen *f, kedge_frozen_info *out);

/** Predict one row, as kedge_model_predict().
 *  @param f handle  @param x n_features numbers  @param y the class, or the regression's value
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY done, but nothing had been learned  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_NOT_FINITE NaN or infinity in x; *y is untouched  @complexity as the model's; no memory; some 2 KiB of stack
 *  at most  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_frozen_predict(const kedge_frozen *f, const double *x, double *y);

/** Class probabilities of one row, or the regression's value, as kedge_model_score().
 *  @param f handle  @param x n_features numbers  @param scores n_classes probabilities with sum 1, or 1 value  @param n_scores
 *  room in scores: n_classes, or 1
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY done, but nothing had been learned  @retval KEDGE_ERR_SHAPE n_scores does not fit
 *  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_NOT_FINITE NaN or infinity in x; scores are untouched
 *  @complexity as the model's; no memory; some 2 KiB of stack at most  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_frozen_score(const kedge_frozen *f, const double *x, double *scores, size_t n_scores);

/** Predict a table, as kedge_model_predict_many().
 *  @param f handle  @param x table of n_features columns  @param y x->n_rows classes or values  @param used how many rows were
 *  predicted, also on error: then row *used is the bad one
 *  @retval KEDGE_OK all predicted  @retval KEDGE_EMPTY nothing had been learned  @retval KEDGE_ERR_SHAPE the table does not fit
 *  @retval others as kedge_frozen_predict()  @complexity n_rows times predict  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_frozen_predict_many(const kedge_frozen *f, const kedge_rows *x, double *y,
                                                                 size_t *used);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
