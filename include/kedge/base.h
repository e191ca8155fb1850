/* SPDX-License-Identifier: MIT */
/** @file base.h
 *  What every part of kedge shares: status codes, alignment, the view of a table, the seeded generator, version queries.
 *  No function of the library allocates, does I/O, reads a clock, keeps a global or ends the process.
 *
 *  @code
 *  #include <kedge/base.h>
 *  int main(void)
 *  {
 *      double table[2][3] = {{1, 2, 3}, {4, 5, 6}};
 *      kedge_rows rows = kedge_rows_float64(&table[0][0], 2, 3);
 *      double x;
 *      kedge_status st = kedge_rows_get(&rows, 1, 2, &x);
 *      return st == KEDGE_OK && x == 6.0 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_BASE_H
#define KEDGE_BASE_H

#include <stddef.h>
#include <stdint.h>

#include "version.h"

/** @def KEDGE_API
 *  Marks a public function. A plain include means the static library; define KEDGE_SHARED to link the shared one
 *  (pkg-config, CMake and meson do it for you). */
#if defined(_WIN32) && defined(KEDGE_BUILD_SHARED)
#define KEDGE_API __declspec(dllexport)
#elif defined(_WIN32) && defined(KEDGE_SHARED)
#define KEDGE_API __declspec(dllimport)
#elif defined(__GNUC__)
#define KEDGE_API __attribute__((visibility("default")))
#else
#define KEDGE_API
#endif

/** @def KEDGE_NODISCARD
 *  The compiler warns when the status of such a call is dropped; see KEDGE_IGNORE(). */
#if defined(__GNUC__)
#define KEDGE_NODISCARD __attribute__((warn_unused_result))
#else
#define KEDGE_NODISCARD
#endif

/** Drop a status on purpose: `KEDGE_IGNORE(kedge_detector_reset(&d));` */
#define KEDGE_IGNORE(call)                                                                         \
    do {                                                                                           \
        if (call) {                                                                                \
        }                                                                                          \
    } while (0)

#ifdef __cplusplus
extern "C" {
#endif

/** @defgroup base Base
 *  Status codes, memory rules, rows, generator, version.
 *
 *  Argument order everywhere: handle, configuration, inputs, outputs last; a length follows its array.
 *  Threads: an object behind a const pointer may be shared, behind any other it has one user.
 *  Memory: states need #KEDGE_ALIGN, hold no pointers and may be copied with memcpy.
 *  @{ */

#define KEDGE_ALIGN 8u /**< alignment in bytes that every state and work buffer needs */

/** Result of a call: 0 is fine, above 0 is news, below 0 is an error that changed nothing. */
typedef int32_t kedge_status;

/** Values of kedge_status; pinned for ever. */
enum {
    KEDGE_OK = 0,      /**< done; from a detector: stable */
    KEDGE_WARNING = 1, /**< the warning level is crossed; stays until it is left */
    KEDGE_DRIFT = 2,   /**< drift, reported once by the observation that raised it */
    KEDGE_MORE = 3,    /**< work is left: call again */
    KEDGE_EMPTY = 4,   /**< nothing observed yet: numbers that need data are NaN */

    KEDGE_ERR_NULL = -1,        /**< a pointer that must not be NULL is NULL, or a handle was never initialised */
    KEDGE_ERR_CONFIG = -2,      /**< a field of the configuration is out of its range */
    KEDGE_ERR_BUFFER = -3,      /**< a buffer is too small */
    KEDGE_ERR_ALIGN = -4,       /**< a buffer is not aligned to #KEDGE_ALIGN */
    KEDGE_ERR_NOT_FINITE = -5,  /**< NaN or infinity where a finite number is due */
    KEDGE_ERR_SHAPE = -6,       /**< rows, columns, strides or lengths do not fit the object or each other */
    KEDGE_ERR_SNAPSHOT = -7,    /**< the bytes are no intact snapshot */
    KEDGE_ERR_CLASS = -8,       /**< the snapshot or memory belongs to another class or version */
    KEDGE_ERR_UNSUPPORTED = -9, /**< this class does not offer the verb */
    KEDGE_ERR_RANGE = -10,      /**< finite, but outside of the range that the function takes */
    KEDGE_ERR_STATE = -11,      /**< the memory holds no intact state, or the object is not ready for the call */
    KEDGE_ERR_NUMERIC = -12,    /**< the data do not determine an answer (rank 0, no convergence) */
    KEDGE_ERR_UNKNOWN = -13,    /**< no such id */
    KEDGE_ERR_BUSY = -14,       /**< all that could be given is in use: try again later */
    KEDGE_ERR_SKEW = -15        /**< the row breaks the schema: neither serve nor learn it */
};

/** Name of a status for people, for example "drift"; never NULL, static text. @param st any value @return text
 *  @since 0.1 */
KEDGE_API const char *kedge_status_string(kedge_status st);

/** Element types of kedge_rows. */
enum {
    KEDGE_FLOAT32 = 1, /**< IEEE 754 single precision */
    KEDGE_FLOAT64 = 2  /**< IEEE 754 double precision */
};

/** A table that the caller owns, seen through strides, so that C arrays, NumPy and Arrow columns pass without a copy.
 *  Element (i, j) stands at data[i * row_stride + j * column_stride]; strides may be negative or zero. */
typedef struct kedge_rows {
    const void *data;        /**< element (0, 0), aligned to its type */
    int32_t type;            /**< KEDGE_FLOAT32 or KEDGE_FLOAT64 */
    int32_t reserved;        /**< 0 */
    size_t n_rows;           /**< number of rows, 0 allowed */
    size_t n_columns;        /**< number of columns, at least 1 */
    ptrdiff_t row_stride;    /**< elements from one row to the next */
    ptrdiff_t column_stride; /**< elements from one column to the next */
} kedge_rows;

/** View of a dense row-major table of doubles. @param data n_rows * n_columns numbers @param n_rows rows
 *  @param n_columns columns @return the view @since 0.1 */
KEDGE_API kedge_rows kedge_rows_float64(const double *data, size_t n_rows, size_t n_columns);

/** View of a dense row-major table of floats. @param data n_rows * n_columns numbers @param n_rows rows
 *  @param n_columns columns @return the view @since 0.1 */
KEDGE_API kedge_rows kedge_rows_float32(const float *data, size_t n_rows, size_t n_columns);

/** Part of the rows of a table, without a copy.
 *  @param rows a valid table  @param first first row  @param n_rows how many rows  @param out the view
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL no table or no out  @retval KEDGE_ERR_SHAPE the table has fewer rows, or is no
 *  table
 *  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_rows_slice(const kedge_rows *rows, size_t first, size_t n_rows, kedge_rows *out);

/** One column of a table, without a copy.
 *  @param rows a valid table  @param i_column which  @param out the view
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL no table or no out  @retval KEDGE_ERR_SHAPE there is no such column, or it is no
 *  table
 *  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_rows_column(const kedge_rows *rows, size_t i_column, kedge_rows *out);

/** One element as a double.
 *  @param rows a valid table  @param i_row row  @param i_column column  @param out the element
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL rows, its data or out is NULL
 *  @retval KEDGE_ERR_SHAPE outside of the table, or the table is malformed
 *  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_rows_get(const kedge_rows *rows, size_t i_row, size_t i_column, double *out);

/** Seeded generator (splitmix64: Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators"). The same seed gives
 *  the same numbers on every machine. Not for secrets. */
typedef struct kedge_rng {
    uint64_t state; /**< all of its state; the seed to start with */
} kedge_rng;

/** Next 64 random bits; 0 if rng is NULL. @param rng generator @return all values equally likely @since 0.1 */
KEDGE_API uint64_t kedge_rng_next(kedge_rng *rng);

/** Next number in [0, 1), a multiple of 2^-53; 0 if rng is NULL. @param rng generator @return the number @since 0.1 */
KEDGE_API double kedge_rng_uniform(kedge_rng *rng);

/** Next number in 0 .. n - 1 without bias; 0 if rng is NULL or n is 0. @param rng generator @param n how many values @return the
 *  number
 *  @since 0.1 */
KEDGE_API uint64_t kedge_rng_below(kedge_rng *rng, uint64_t n);

/** Next draw from the normal distribution with mean 0 and variance 1 (Box and Muller 1958; two uniforms each); 0 if rng is NULL.
 *  @param rng generator @return the draw @since 0.1 */
KEDGE_API double kedge_rng_normal(kedge_rng *rng);

/** Length of the snapshot that begins here, so that several can stand one behind the other. Only the head is read.
 *  @param buf bytes  @param len how many  @param bytes its length, at most len
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_SNAPSHOT none begins here, or it is cut short
 *  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_snapshot_length(const void *buf, size_t len, size_t *bytes);

/** Version of the library that runs, as #KEDGE_VERSION. @return static text @since 0.1 */
KEDGE_API const char *kedge_version(void);

/** Version as one number: major * 1000000 + minor * 1000 + patch. @return the number @since 0.1 */
KEDGE_API uint32_t kedge_version_number(void);

/** SPDX licence expression of this library's binary: "MIT"; kedge_gsl_license() tells that of kedge-gsl. @return static text
 *  @since 0.1 */
KEDGE_API const char *kedge_license(void);

/** #KEDGE_ALIGN for callers that read no headers. @return bytes @since 0.1 */
KEDGE_API uint32_t kedge_align(void);

/** One line of kedge_abi_describe(). */
typedef struct kedge_abi_entry {
    const char *type;   /**< public struct or constant, for example "kedge_rows" or "KEDGE_DRIFT" */
    const char *member; /**< member, or NULL for the struct itself or a constant */
    int64_t offset;     /**< bytes from the start of the struct; a constant's value */
    uint32_t bytes;     /**< size in bytes; 0 for a constant */
    uint32_t reserved;  /**< 0 */
} kedge_abi_entry;

/** Sizes and offsets of all public structs and the values of all public constants in this build, so that a binding verifies and
 *  does not guess. @param n_entries how many entries; may be NULL @return static table @since 0.1 */
KEDGE_API const kedge_abi_entry *kedge_abi_describe(size_t *n_entries);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
