/* SPDX-License-Identifier: MIT */
/** @file prep.h
 *  Data preparation: what happens to a row before a model sees it. A prep learns from rows, one by one or from a table, and
 *  transforms rows; one and the same transform serves training and prediction, so that a model never sees in service what it did
 *  not see in training. Each kind is a class; kedge_chain joins several into one object in one buffer.
 *
 *  @code
 *  #include <kedge/prep.h>
 *  int main(void)
 *  {
 *      union { double align; unsigned char bytes[KEDGE_SCALE_BYTES_FOR(2u)]; } mem;
 *      kedge_scale_config cfg = kedge_scale_defaults(2);
 *      kedge_prep p;
 *      double x[2], out[2];
 *      int i;
 *      if (kedge_prep_init(&p, &cfg.base, &mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 5; i++) {
 *          x[0] = i; x[1] = 1000 * i;
 *          if (kedge_prep_learn(&p, x, 0, NULL) < 0) return 1;
 *      }
 *      x[0] = 2; x[1] = 4000;   // the mean of the first; two above the mean of the second, in steps of 1000
 *      if (kedge_prep_transform(&p, x, out) < 0) return 1;
 *      return out[0] == 0 && out[1] > 1.414 && out[1] < 1.415 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_PREP_H
#define KEDGE_PREP_H

#include "base.h"
#include "class.h"
#include "model.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @defgroup prep Data preparation
 *  Rows made ready for models, alike in training and in service.
 *
 *  A prep takes rows of n_columns numbers and gives rows of kedge_prep_n_out(): as many or more, only a chain can leave some out.
 *  It works on the columns that its configuration selects, and hands the others on as they are. Numbers are of magnitude up to
 *  #KEDGE_PREP_INPUT_MAX; NaN is a missing value, which no class learns from; infinity is refused. A category is a number too,
 *  any: a code, or a hash of a text. Nothing that comes out is infinite, and NaN only where a value is missing.
 *
 *  **Training as in service.** kedge_prep_learn() learns a row and gives it, in `out`, as a model should see it in training: from
 *  what was known of the rows before it wherever the row itself would give something away (lags, encodings by the target), else
 *  from all rows up to it. kedge_prep_transform() gives a row as a model sees it in service. Both change nothing else and depend
 *  on nothing else, so a log that is replayed in the same order gives the same states and the same rows, byte for byte.
 *  @{ */

#define KEDGE_PREP_INPUT_MAX 1e300  /**< largest magnitude of a number in a row */
#define KEDGE_PREP_TARGET_MAX 1e100 /**< largest magnitude of a target */
#define KEDGE_PREP_COLUMNS_MAX 65536u /**< most columns of a row that goes in, or comes out */
#define KEDGE_PREP_NONE UINT32_MAX  /**< no such column */

typedef struct kedge_prep_class kedge_prep_class;

/** Which columns: of those from first to first + n - 1 the ones whose bit is set; bit i % 64 of mask[i / 64] is that of column
 *  first + i. Beyond 256 all are selected. Default: all columns. */
typedef struct kedge_columns {
    uint32_t first;   /**< the first, below n_columns */
    uint32_t n;       /**< how many, 1 to n_columns - first */
    uint64_t mask[4]; /**< at least one column is selected */
} kedge_columns;

/** First member of every prep's configuration. */
typedef struct kedge_prep_config {
    const kedge_prep_class *cls; /**< the kind; set by kedge_..._config_init() */
    uint32_t config_bytes;       /**< size of the caller's whole configuration struct; set likewise */
    uint32_t n_columns;          /**< numbers in a row that goes in, 1 to #KEDGE_PREP_COLUMNS_MAX */
    kedge_columns columns;       /**< the columns that it works on; default all */
} kedge_prep_config;

/** Handle: cheap to copy, holds nothing of its own. */
typedef struct kedge_prep {
    const kedge_prep_class *cls; /**< the kind */
    void *state;                 /**< the state in the caller's memory */
} kedge_prep;

/** What a prep is and has seen. */
typedef struct kedge_prep_info {
    uint32_t n_columns;   /**< numbers in a row that goes in */
    uint32_t n_out;       /**< numbers in a row that comes out */
    uint64_t n_learned;   /**< rows learned since init or reset, by learn and by the last fit */
    int32_t needs_target; /**< 1: it learns from the target */
    int32_t can_merge;    /**< 1: the class offers merge */
} kedge_prep_info;

/** What an output column is. */
enum {
    KEDGE_OUT_SAME = 1,     /**< a column as it came in */
    KEDGE_OUT_CHANGED = 2,  /**< a column, changed: scaled, filled, encoded as one number */
    KEDGE_OUT_MISSING = 3,  /**< 1 where a column's value was missing, else 0 */
    KEDGE_OUT_CATEGORY = 4, /**< 1 where a column is of one category, `value`, else 0 */
    KEDGE_OUT_OTHER = 5,    /**< 1 where a column is of a category without a column of its own */
    KEDGE_OUT_HASH = 6,     /**< a hash's column, `detail` */
    KEDGE_OUT_PRODUCT = 7,  /**< the product of up to three columns; of none: 1 */
    KEDGE_OUT_LAG = 8       /**< a column as it was `detail` rows before */
};

/** Where an output column comes from. */
typedef struct kedge_prep_origin {
    uint32_t kind;      /**< KEDGE_OUT_... of the last step that changed it */
    uint32_t step;      /**< number of that step in a chain, from 0; without a chain 0 */
    uint32_t column[3]; /**< the input columns of the whole prep; #KEDGE_PREP_NONE: none. Of a hash the first that it takes */
    uint32_t detail;    /**< KEDGE_OUT_LAG: rows before; KEDGE_OUT_HASH and KEDGE_OUT_CATEGORY: number of the bucket or
                         *   category, from 0 */
    double value;       /**< KEDGE_OUT_CATEGORY: the category; NaN as long as no value has taken this column */
} kedge_prep_origin;

/** First member of every prep's state. */
typedef struct kedge_prep_state {
    kedge_state_head head; /**< written by init */
    uint32_t n_columns;    /**< parameter */
    uint32_t n_out;        /**< layout */
    uint32_t first;        /**< parameter: of the selection */
    uint32_t n;            /**< parameter: of the selection */
    uint64_t mask[4];      /**< parameter: of the selection */
    uint64_t n_learned;    /**< value: rows learned */
    uint32_t at_picked;    /**< layout: uint32_t[n_picked], the selected columns, ascending; from the parameters, in no snapshot */
    uint32_t n_picked;     /**< layout: how many */
} kedge_prep_state;

/** A kind of prep; const, shared by all its objects. A host can bring its own. Its functions get valid input only: rows whose
 *  numbers are NaN or of magnitude up to #KEDGE_PREP_INPUT_MAX, targets in range if needs_target. */
struct kedge_prep_class {
    kedge_class base; /**< sizing, init, snapshots; noun #KEDGE_NOUN_PREP */
    /** Learn one row. out, unless NULL: the row as training sees it, n_out numbers. */
    void (*learn)(const kedge_prep_class *cls, void *state, const kedge_row *x, double y, double *out);
    /** The row as service sees it, all n_out numbers of it, also when it is refused. x may be out itself. */
    kedge_status (*transform)(const kedge_prep_class *cls, const void *state, const kedge_row *x, double *out);
    /** Where an output column comes from; step is 0 unless the class is a chain. */
    void (*origin)(const kedge_prep_class *cls, const void *state, uint32_t i_out, kedge_prep_origin *out);
    /** Would learn take this row? NULL: any. May use the state's scratch memory, which is zero again afterwards. */
    kedge_status (*admit)(const kedge_prep_class *cls, void *state, const kedge_row *x);
    /** Bytes of work memory for fit on so many rows, from valid parameters; 0: too many rows. NULL exactly if fit is. */
    size_t (*fit_work)(const kedge_prep_class *cls, const void *state, size_t n_rows);
    /** Forget, then learn a table. out, unless NULL: n_rows rows as training sees them, side by side. An error may leave the state
     *  half learned: the library takes it back. NULL: as if reset and learned row by row. */
    kedge_status (*fit)(const kedge_prep_class *cls, void *state, const kedge_rows *x, const double *y, void *work, double *out);
    /** Add what `other`, of the same configuration, has learned. NULL: the statistics do not allow it. */
    kedge_status (*merge)(const kedge_prep_class *cls, void *state, const void *other);
    int32_t needs_target; /**< 1: learn and fit need the target */
    int32_t reserved;     /**< 0 */
    /** As fit_work, before there is a state, from a whole configuration. NULL: fit_work looks at nothing but parameters. */
    size_t (*config_work)(const kedge_prep_class *cls, const kedge_prep_config *cfg, size_t n_rows);
};



#define KEDGE_CODES_MAX 4096u /**< most categories of a column */

/** What becomes of a category that has no code: it was never learned, there was no room, or it is not among the known ones. */
enum {
    KEDGE_UNSEEN_OTHER = 1, /**< it counts as none, or as another one; see the class */
    KEDGE_UNSEEN_ERROR = 2  /**< the row is refused with #KEDGE_ERR_UNKNOWN; when a row is learned, only if there is no room
                             *   for the category */
};

/** Categories of the columns that a prep works on. Any finite number is one, such as a code or a hash of a text; -0 is 0. */
typedef struct kedge_codes {
    uint32_t known;    /**< 1: the categories are the numbers 0 to max - 1, and their codes too; 0, default: those that are
                        *   learned, in the order in which they come; by a fit in ascending order */
    uint32_t max;      /**< most categories of a column, 1 to #KEDGE_CODES_MAX, default 16 */
    uint32_t unseen;   /**< KEDGE_UNSEEN_..., default #KEDGE_UNSEEN_OTHER */
    uint32_t reserved; /**< 0 */
} kedge_codes;

/** No column. @param n_columns columns of the rows, 1 to 256 or the rest is selected  @return a selection for kedge_columns_add()
 *  @since 0.1 */
KEDGE_API kedge_columns kedge_columns_none(uint32_t n_columns);

/** All columns. @param n_columns columns of the rows @return the selection @since 0.1 */
KEDGE_API kedge_columns kedge_columns_all(uint32_t n_columns);

/** Select one more column. @param columns a selection; NULL does nothing  @param i_column which; one that it does not span, or
 *  beyond 256, changes nothing  @since 0.1 */
KEDGE_API void kedge_columns_add(kedge_columns *columns, uint32_t i_column);

/** Bytes of memory that this configuration needs. @param cfg configuration @return bytes; 0: NULL or out of range
 *  @complexity O(1) @since 0.1 */
KEDGE_API size_t kedge_prep_size(const kedge_prep_config *cfg);

/** Numbers in a row that a prep of this configuration gives: the n_columns of what comes behind it.
 *  @param cfg configuration @return the width; 0: NULL or out of range  @complexity O(1)  @since 0.1 */
KEDGE_API uint32_t kedge_prep_width(const kedge_prep_config *cfg);

/** Lay the prep out in the caller's memory, whatever that held before.
 *  @param p handle to set  @param cfg configuration, not needed afterwards  @param mem memory that must live as long as the prep,
 *  aligned to #KEDGE_ALIGN  @param mem_bytes its size, at least kedge_prep_size()
 *  @retval KEDGE_OK ready  @retval KEDGE_ERR_NULL an argument or cfg->cls is NULL  @retval KEDGE_ERR_CONFIG a field is out of
 *  range
 *  @retval KEDGE_ERR_BUFFER too small  @retval KEDGE_ERR_ALIGN misaligned  @retval KEDGE_ERR_CLASS cfg->cls is malformed
 *  @complexity O(bytes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_prep_init(kedge_prep *p, const kedge_prep_config *cfg, void *mem, size_t mem_bytes);

/** Bind a handle to a state that is already in memory, see kedge_detector_open().
 *  @param p handle to set  @param cls the class  @param mem the state, aligned to #KEDGE_ALIGN  @param mem_bytes its size
 *  @retval KEDGE_OK bound  @retval KEDGE_ERR_NULL an argument is NULL  @retval KEDGE_ERR_BUFFER the state is cut short
 *  @retval KEDGE_ERR_ALIGN misaligned  @retval KEDGE_ERR_CLASS another class, version or byte order
 *  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_prep_open(kedge_prep *p, const kedge_prep_class *cls, void *mem, size_t mem_bytes);

/** Verify all invariants of a state. @param p handle  @retval KEDGE_OK they hold  @retval KEDGE_ERR_NULL no handle
 *  @retval KEDGE_ERR_STATE one is broken  @complexity O(bytes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_prep_check(const kedge_prep *p);

/** What it is and has seen. @param p handle, may be shared  @param out the facts  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a
 *  pointer is NULL  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_prep_describe(const kedge_prep *p, kedge_prep_info *out);

/** Numbers in a row that comes out. @param p handle, may be shared  @return how many; 0: no handle  @since 0.1 */
KEDGE_API uint32_t kedge_prep_n_out(const kedge_prep *p);

/** Learn one row.
 *  @param p handle, used by this thread only  @param x n_columns numbers; NaN is missing  @param y the row's target; only read if
 *  the prep needs it  @param out the row as a model should see it in training, kedge_prep_n_out() numbers, not inside x; NULL:
 *  not wanted
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_NOT_FINITE a number is infinite, or y is
 *  needed and not finite  @retval KEDGE_ERR_RANGE a number or y is too large  @retval KEDGE_ERR_UNKNOWN a category that the prep
 *  refuses; after an error nothing has changed  @complexity see the class  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_prep_learn(kedge_prep *p, const double *x, double y, double *out);

/** Learn rows in their order; the same bytes as single calls.
 *  @param p handle, used by this thread only  @param x rows of n_columns  @param y their targets; NULL if the prep does not need
 *  them
 *  @param out n_rows rows as a model should see them in training, side by side; NULL: not wanted  @param used rows learned, also
 *  on error  @return as kedge_prep_learn()  @retval KEDGE_ERR_SHAPE other columns, or the table is malformed  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_prep_learn_many(kedge_prep *p, const kedge_rows *x, const double *y, double *out,
                                                             size_t *used);

/** Bytes of work memory that kedge_prep_fit() needs. @param cfg configuration  @param n_rows rows of the table  @return bytes, a
 *  few words at least; 0: the configuration is NULL or out of range, no rows or too many  @complexity O(1)  @since 0.1 */
KEDGE_API size_t kedge_prep_fit_work(const kedge_prep_config *cfg, size_t n_rows);

/** kedge_prep_fit_work() of an initialised prep. @param p handle, may be shared  @param n_rows rows of the table  @return bytes,
 *  0 as there  @complexity O(1)  @since 0.1 */
KEDGE_API size_t kedge_prep_work(const kedge_prep *p, size_t n_rows);

/** Forget all, then learn a whole table: exact quantiles, categories in ascending order. Learning may go on from there.
 *  @param p handle, used by this thread only  @param x rows of n_columns, at least one  @param y their targets; NULL if the prep
 *  does not need them  @param work memory aligned to #KEDGE_ALIGN, whose contents do not matter  @param work_bytes at least
 *  kedge_prep_work()
 *  @param out n_rows rows as a model should see them in training, side by side, not inside the others; NULL: not wanted
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_SHAPE other columns, no rows or too many,
 *  or the table is malformed  @retval KEDGE_ERR_NOT_FINITE a number is infinite, or y is needed and not finite  @retval
 *  KEDGE_ERR_RANGE a number or y is too large  @retval KEDGE_ERR_UNKNOWN a category that the prep refuses  @retval
 *  KEDGE_ERR_BUFFER work is too small
 *  @retval KEDGE_ERR_ALIGN work is misaligned; after an error the prep is unchanged, and out holds nothing of use  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_prep_fit(kedge_prep *p, const kedge_rows *x, const double *y, void *work,
                                                      size_t work_bytes, double *out);

/** A row as a model sees it in service. Before anything was learned, numbers stay as they are wherever they can.
 *  @param p handle, may be shared  @param x n_columns numbers; NaN is missing  @param out kedge_prep_n_out() numbers; may be x,
 *  with room for the longer row
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_NOT_FINITE a number is infinite  @retval
 *  KEDGE_ERR_RANGE a number is too large  @retval KEDGE_ERR_UNKNOWN a category that the prep refuses; after it out has the row
 *  with that category as another one  @complexity see the class  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_prep_transform(const kedge_prep *p, const double *x, double *out);

/** Rows as a model sees them in service; the same as single calls.
 *  @param p handle, may be shared  @param x rows of n_columns  @param out n_rows rows of kedge_prep_n_out(), side by side, not
 *  inside x
 *  @param used rows done, also on error  @return as kedge_prep_transform()  @retval KEDGE_ERR_SHAPE other columns, or the table
 *  is malformed  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_prep_transform_many(const kedge_prep *p, const kedge_rows *x, double *out,
                                                                 size_t *used);

/** Where an output column comes from. @param p handle, may be shared  @param i_out which, below kedge_prep_n_out()  @param out
 *  the facts
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_RANGE no such column  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_prep_column(const kedge_prep *p, uint32_t i_out, kedge_prep_origin *out);

/** A name for an output column, such as `age`, `age_missing`, `city=3`, `city=other`, `age*height`, `age@-2`, `hash7`.
 *  @param p handle, may be shared  @param i_out which, below kedge_prep_n_out()  @param names of the input columns, n_columns
 *  texts; NULL: x0, x1 ...  @param text where to, ends with a zero  @param cap its size  @param len its length, or what is
 *  needed, without the zero
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_RANGE no such column  @retval
 *  KEDGE_ERR_BUFFER too small: len tells what is needed, text is cut  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_prep_column_name(const kedge_prep *p, uint32_t i_out, const char *const *names,
                                                              char *text, size_t cap, size_t *len);

/** Add what another prep of the same configuration has learned.
 *  @param p handle, used by this thread only  @param other unchanged, may be shared; not p itself
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS another class
 *  @retval KEDGE_ERR_CONFIG another configuration, or p itself  @retval KEDGE_ERR_RANGE too many rows together
 *  @retval KEDGE_ERR_UNSUPPORTED the statistics do not allow it  @complexity O(bytes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_prep_merge(kedge_prep *p, const kedge_prep *other);

/** Make the state the same bytes as just after init. @param p handle  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL no handle
 *  @complexity O(bytes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_prep_reset(kedge_prep *p);

/** Write a portable snapshot, see kedge_detector_save().
 *  @param p handle, may be shared  @param buf where to; may be NULL if cap is 0  @param cap its size  @param len bytes written,
 *  or needed
 *  @retval KEDGE_OK written  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_BUFFER too small; *len tells what is
 *  needed
 *  @complexity O(bytes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_prep_save(const kedge_prep *p, void *buf, size_t cap, size_t *len);

/** Bytes of memory that the prep in a snapshot needs. @param cls the class  @param buf a snapshot  @param len its length
 *  @param bytes what kedge_prep_load() needs  @return as kedge_prep_load()  @complexity O(len)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_prep_load_size(const kedge_prep_class *cls, const void *buf, size_t len,
                                                            size_t *bytes);

/** Bring a snapshot back to life, see kedge_detector_load() for errors and what they leave.
 *  @param p handle to set  @param cls the class that was saved  @param mem memory for the state  @param mem_bytes its size
 *  @param buf the snapshot, not inside mem  @param len its length
 *  @retval KEDGE_OK ready  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_SNAPSHOT cut short, damaged or forged
 *  @retval KEDGE_ERR_CLASS another class or version  @retval KEDGE_ERR_BUFFER mem is too small  @retval KEDGE_ERR_ALIGN mem is
 *  misaligned
 *  @complexity O(len)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_prep_load(kedge_prep *p, const kedge_prep_class *cls, void *mem, size_t mem_bytes,
                                                       const void *buf, size_t len);

/** All classes of preps but chains, ending with NULL. Naming this function links them all. @return static table  @since 0.1 */
KEDGE_API const kedge_prep_class *const *kedge_prep_classes(void);

/** @} */

#ifdef __cplusplus
}
#endif

/* The kinds. */
#include "preps/chain.h"
#include "preps/clip.h"
#include "preps/hash_code.h"
#include "preps/impute.h"
#include "preps/lag.h"
#include "preps/one_hot.h"
#include "preps/ordinal.h"
#include "preps/polynomial.h"
#include "preps/quantiles.h"
#include "preps/scale.h"
#include "preps/target_code.h"

#endif
