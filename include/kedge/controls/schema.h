/* SPDX-License-Identifier: MIT */
/** @file schema.h
 *  A schema: what each column of the rows may hold, learned from rows or declared, and what it held when the model was trained.
 *  A row that breaks it (skew) is refused before it reaches a model; values that spread otherwise than they did (shift) are
 *  reported, so that a model can be trained again. The guide is docs/schema.md.
 *
 *  @code
 *  #include <math.h>
 *  #include <stdlib.h>
 *  #include <kedge/controls/schema.h>
 *  int main(void)
 *  {
 *      kedge_schema_config cfg = kedge_schema_defaults(NULL, 2); // two columns, both to be inferred
 *      kedge_schema_verdict verdict;
 *      kedge_column column;
 *      kedge_control schema;
 *      size_t bytes = kedge_control_size(&cfg.base);
 *      void *mem = malloc(bytes);
 *      double row[2];
 *      int i;
 *      if (kedge_control_init(&schema, &cfg.base, mem, bytes) < 0) return 1;
 *      for (i = 0; i < 1000; i++) { // the rows that the model learns from
 *          row[0] = 20.0 + i % 50 + 0.5;
 *          row[1] = i % 3;
 *          if (kedge_schema_learn(&schema, row, 2) < 0) return 1;
 *      }
 *      if (kedge_schema_finish(&schema) < 0) return 1;
 *      if (kedge_schema_column(&schema, 1, &column) < 0 || column.kind != KEDGE_COLUMN_NOMINAL) return 1;
 *      if (kedge_schema_check_row(&schema, 1, row, 2, &verdict) != KEDGE_OK) return 1;
 *      row[1] = 3.0; // a category that nobody has seen
 *      if (kedge_schema_check_row(&schema, 2, row, 2, &verdict) != KEDGE_ERR_SKEW) return 1;
 *      if (verdict.findings[0].column != 1 || verdict.findings[0].why != KEDGE_SCHEMA_UNSEEN) return 1;
 *      free(mem);
 *      return 0;
 *  }
 *  @endcode */
#ifndef KEDGE_CONTROLS_SCHEMA_H
#define KEDGE_CONTROLS_SCHEMA_H

#include <math.h>

#include "../control.h"
#include "events.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup control
 *  @{ */

#define KEDGE_COLUMN_NAME_BYTES 16u /**< room for a column's name, ending zero included */
#define KEDGE_SCHEMA_COLUMNS_MAX 4096u /**< most columns of a schema */
#define KEDGE_SCHEMA_FINDINGS 8u /**< most findings that a verdict lists */

/** What a column holds. */
enum {
    KEDGE_COLUMN_INFERRED = 1, /**< to be found out from the rows that are learned */
    KEDGE_COLUMN_NUMERIC = 2,  /**< numbers of a range */
    KEDGE_COLUMN_NOMINAL = 3,  /**< categories, as whole numbers of magnitude up to 2^53 */
    KEDGE_COLUMN_BOOLEAN = 4,  /**< 0 or 1 */
    KEDGE_COLUMN_IGNORED = 5   /**< anything: never looked at */
};

/** One column. Set every member; #KEDGE_COLUMN_INIT has the defaults of all. NaN in a row is a missing value; infinity is of no
 *  kind. */
typedef struct kedge_column {
    char name[KEDGE_COLUMN_NAME_BYTES]; /**< for reports, UTF-8, at most 15 bytes and a zero; "" by default: its number is told */
    uint32_t kind;           /**< KEDGE_COLUMN_..., default #KEDGE_COLUMN_INFERRED, which infers all members below */
    uint32_t n_categories;   /**< nominal: the codes 0 to n_categories - 1 are known, and no others, up to
                              *   kedge_schema_config::max_categories; 0: known is what was learned, and what comes new is known
                              *   from then on while there is room; default 0 */
    uint32_t max_categories; /**< nominal with n_categories 0: room for so many, 1 to kedge_schema_config::max_categories,
                              *   default 64 */
    uint32_t is_whole;       /**< numeric: 1: whole numbers of magnitude up to 2^53 only, default 0 */
    double low;              /**< numeric: least value, default -infinity: open; NaN is read as open too */
    double high;             /**< numeric: greatest value, at least low, default infinity: open; NaN likewise */
    double missing_max;      /**< greatest share of rows without a value, 0 to 1; 0: a row without it is refused, default 0 */
    double unseen_max;       /**< nominal: greatest share of rows with an unknown category for which there is no room, 0 to 1;
                              *   0: such a row is refused, default 0 */
} kedge_column;

/** The defaults of a column, as an initialiser. */
#define KEDGE_COLUMN_INIT {"", KEDGE_COLUMN_INFERRED, 0, 64, 0, -HUGE_VAL, HUGE_VAL, 0.0, 0.0}

/** Likewise, with a name. @param name a literal of at most 15 bytes */
#define KEDGE_COLUMN_NAMED(name) {name, KEDGE_COLUMN_INFERRED, 0, 64, 0, -HUGE_VAL, HUGE_VAL, 0.0, 0.0}

/** What is found in a row. Up to #KEDGE_SCHEMA_UNSEEN_RATE it is skew. */
enum {
    KEDGE_SCHEMA_SHAPE = 1,        /**< the row has more or fewer columns; value: how many, limit: how many it should have */
    KEDGE_SCHEMA_MISSING = 2,      /**< no value where there must be one */
    KEDGE_SCHEMA_MISSING_RATE = 3, /**< no value, and too many rows of the window had none; value: their share so far, limit: the
                                    *   greatest that is allowed */
    KEDGE_SCHEMA_TYPE = 4,         /**< infinite, not whole where it must be, or neither 0 nor 1 */
    KEDGE_SCHEMA_RANGE = 5,        /**< out of range; limit: the end that it is beyond */
    KEDGE_SCHEMA_UNSEEN = 6,       /**< a category that is not known; limit: how many are */
    KEDGE_SCHEMA_UNSEEN_RATE = 7,  /**< likewise, and too many rows of the window had such; value and limit as for missing ones */
    KEDGE_SCHEMA_NEW = 8,          /**< news: a category that was not known; if there was room, it is from now on */
    KEDGE_SCHEMA_SHIFT = 9,        /**< shift: the values of the window are spread otherwise; value: chi-squared, limit: its
                                    *   limit */
    KEDGE_SCHEMA_RARE = 10         /**< shift: values that were rare, or new categories, are frequent; value: how many the window
                                    *   has, limit: from how many on that is too many */
};

/** Configuration. Cost: a few ns a column to check a row; once a window some 100 ns a column more. Memory: 8 bytes a column and
 *  row of the sample, about 400 bytes and 20 a category for each column. */
typedef struct kedge_schema_config {
    kedge_control_config base;   /**< set by kedge_schema_config_init() */
    const kedge_column *columns; /**< what they hold; read by size and init only; NULL: all are inferred */
    uint32_t n_columns;          /**< 1 to #KEDGE_SCHEMA_COLUMNS_MAX */
    uint32_t max_categories;     /**< most categories that any column may have, 2 to 4096, default 64; a column of more is not
                                  *   inferred to be nominal */
    uint32_t sample_rows;        /**< learned rows that are kept as a random sample, the reference for shifts, 64 to 65536,
                                  *   default 1024 */
    uint32_t window;             /**< rows over which rates and shifts are judged, 64 to 2^20, default 512 */
    double slack;                /**< an inferred range goes beyond the extremes that were seen by so many times their distance,
                                  *   0 to 1000, default 0.5; but not below 0 where no value was */
    double confidence;           /**< an inferred missing_max is the upper bound of the share at this confidence (Clopper, Pearson
                                  *   1934), 0.5 to 1, both excluded, default 0.999 */
    double rate_alpha;           /**< chance that a window in which no rate is above its greatest raises any alarm, over all
                                  *   columns, above 0, at most 0.5, default 0.001 */
    double shift_alpha;          /**< chance that a window without a change raises any shift, over all columns, above 0, at most
                                  *   0.5, default 0.001: a false alarm each 512,000 rows */
    uint64_t seed;               /**< of the sample, any, default 1 */
} kedge_schema_config;

/** Something found in a row. */
typedef struct kedge_schema_finding {
    uint32_t column; /**< in which; UINT32_MAX: of the whole row */
    uint32_t why;    /**< KEDGE_SCHEMA_... */
    double value;    /**< the row's value, or as the reason says */
    double limit;    /**< likewise */
} kedge_schema_finding;

/** What a check found. */
typedef struct kedge_schema_verdict {
    uint64_t row;        /**< which of the rows that were checked, from 0 */
    uint64_t now_ns;     /**< the time that the caller told */
    kedge_status status; /**< as returned */
    uint32_t n_wrong;    /**< columns with skew */
    uint32_t n_news;     /**< columns with a new category */
    uint32_t n_shifted;  /**< columns that are found to have shifted with this row */
    uint32_t n_findings; /**< how many are listed, in the order of the columns: skew; or news, then shifts */
    uint32_t is_fresh;   /**< 1: some column's skew, news or shift was not found before in this window; 0: all that was found is
                          *   more of the same */
    kedge_schema_finding findings[KEDGE_SCHEMA_FINDINGS]; /**< the first n_findings are set, and no others */
} kedge_schema_verdict;

/** Figures of a schema. */
typedef struct kedge_schema_report {
    uint64_t n_learned;         /**< rows learned */
    uint64_t n_unlearned;       /**< rows refused while learning */
    uint64_t n_checked;         /**< rows checked since */
    uint64_t n_refused;         /**< of them with skew */
    uint64_t n_warned;          /**< of them let through, with news */
    uint64_t n_shifts;          /**< shifts found */
    uint64_t refused_ns;        /**< time of the last refusal, 0: none */
    uint32_t n_columns;         /**< columns */
    uint32_t n_watched;         /**< of them watched for shifts */
    uint32_t n_shifted;         /**< of them shifted in their newest whole window */
    uint32_t n_reference;       /**< rows of the reference */
    uint32_t is_finished;       /**< 1: learning is over: rows can be checked */
    uint32_t is_renewing;       /**< 1: a new reference is being taken */
} kedge_schema_report;

/** Figures of a column. */
typedef struct kedge_schema_column_report {
    uint64_t n_wrong;         /**< rows checked with skew in it */
    uint64_t n_news;          /**< rows with news in it */
    uint64_t n_shifts;        /**< shifts found */
    uint64_t n_windows;       /**< windows judged for shifts */
    uint32_t n_categories;    /**< categories known; 0 if it is not nominal */
    uint32_t n_reference;     /**< values of the reference; 0: not watched for shifts: too few, or of one group only */
    uint32_t is_shifted;      /**< 1: its newest whole window was shifted */
    uint32_t is_missing;      /**< 1: too many values were missing in this window or the one before: rows without one are refused */
    uint32_t is_unseen;       /**< 1: likewise, unknown categories */
    uint32_t why;             /**< #KEDGE_SCHEMA_SHIFT or #KEDGE_SCHEMA_RARE if it is shifted, else 0 */
    double statistic;         /**< chi-squared of the newest whole window, 0 before the first */
    double limit;             /**< shifted if above this; 0: only rare values are watched */
    double moved_low;         /**< where most of that comes from: values above this ... */
    double moved_high;        /**< ... up to this; one category: both are its code; rare values, taken together: both NaN */
    double share_reference;   /**< share of the values there, in the reference; NaN before the first window */
    double share_current;     /**< likewise, in the window */
} kedge_schema_column_report;

extern KEDGE_API const kedge_control_class kedge_schema; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param columns what they hold, NULL: all are inferred @param n_columns how many
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_schema_config_init(kedge_schema_config *cfg, size_t cfg_bytes, const kedge_column *columns,
                                                uint32_t n_columns);

/** The default configuration.  @param columns what they hold, to live until init, NULL: all are inferred  @param n_columns how many
 *  @return it @since 0.1 */
static inline kedge_schema_config kedge_schema_defaults(const kedge_column *columns, uint32_t n_columns)
{
    kedge_schema_config cfg;
    if (kedge_schema_config_init(&cfg, sizeof cfg, columns, n_columns) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** Learn one row. Columns that are declared are checked as kedge_schema_check_row() does, rates apart; those to be inferred take
 *  any number of magnitude up to 1e300, and NaN.
 *  @param c a schema, used by this thread only  @param x the row  @param n its columns
 *  @retval KEDGE_OK learned  @retval KEDGE_ERR_SKEW refused, not learned: a wrong number of columns, or a value that cannot be
 *  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS another control  @retval KEDGE_ERR_STATE learning is over
 *  @retval KEDGE_ERR_RANGE 2^62 rows  @complexity O(columns log categories)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_schema_learn(kedge_control *c, const double *x, size_t n);

/** Learn a table; the same bytes as single calls. Rows that are refused are counted and left out.
 *  @param c a schema, used by this thread only  @param rows the table  @param n_refused how many were refused; may be NULL
 *  @retval KEDGE_OK learned  @retval KEDGE_ERR_SHAPE the table is malformed, or has another number of columns: nothing changed
 *  @retval others as kedge_schema_learn()  @complexity O(rows columns log categories)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_schema_learn_many(kedge_control *c, const kedge_rows *rows, size_t *n_refused);

/** End learning: infer what is to be inferred, and take the reference for shifts from the sample. Of n values, none of them
 *  missing: all 0 or 1: boolean; all the same: numeric, that one value; whole numbers, k different ones, at most half the root of
 *  n: nominal, with those (as codes 0 to k - 1 where these are all of them, else as a set without room for more); else numeric,
 *  whole if all are, within their extremes and the slack. No value at all: ignored. None missing: none may be; else missing_max is
 *  an upper bound of the share.
 *  @param c a schema, used by this thread only
 *  @retval KEDGE_OK rows can be checked  @retval KEDGE_ERR_NULL no handle  @retval KEDGE_ERR_CLASS another control  @retval
 *  KEDGE_ERR_STATE it is over already  @retval KEDGE_ERR_NUMERIC a column is to be inferred from fewer than 30 rows; nothing
 *  changed  @complexity O(columns sample_rows log sample_rows)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_schema_finish(kedge_control *c);

/** Check a row before a model sees it. A row with skew is refused: it counts for the rates, and for nothing else. A row without
 *  counts for the shifts too.
 *  @param c a schema, used by this thread only  @param now_ns the caller's clock, at most 2^62  @param x the row  @param n its
 *  columns
 *  @param out what was found
 *  @retval KEDGE_OK serve it  @retval KEDGE_WARNING serve it; it has a category that is news  @retval KEDGE_DRIFT serve it; with it
 *  a window is complete in which a column has shifted that had not before: a reason to train again, see kedge_schema_renew()
 *  @retval KEDGE_ERR_SKEW refuse it: neither serve nor learn  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS
 *  another control  @retval KEDGE_ERR_STATE kedge_schema_finish() was not called  @retval KEDGE_ERR_RANGE time, or 2^62 rows
 *  @complexity O(columns log categories); at the end of a window O(categories) a column  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_schema_check_row(kedge_control *c, uint64_t now_ns, const double *x, size_t n,
                                                              kedge_schema_verdict *out);

/** What is wrong with a row, without counting it, also while the schema learns: after kedge_pipeline_predict() said
 *  #KEDGE_ERR_SKEW, or to try rows out. Shifts are of windows and no row's fault.
 *  @param c a schema, may be shared  @param x the row  @param n its columns  @param out what was found: time 0, nothing fresh
 *  @retval KEDGE_OK nothing  @retval KEDGE_WARNING a category that is news  @retval KEDGE_ERR_SKEW it would be refused, unless a
 *  rate falls meanwhile  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS another control
 *  @complexity O(columns log categories)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_schema_explain(const kedge_control *c, const double *x, size_t n,
                                                            kedge_schema_verdict *out);

/** Check a table, for example before a model is trained; the same bytes as single calls.
 *  @param c a schema, used by this thread only  @param now_ns as above  @param rows the table  @param statuses what each row's
 *  check returned, rows->n_rows of them; may be NULL  @param n_refused how many were refused  @param worst verdict on the row with
 *  the most columns wrong, the first of such; n_wrong 0: none was refused; may be NULL
 *  @retval KEDGE_OK done: see n_refused  @retval KEDGE_ERR_SHAPE the table is malformed  @retval others as above
 *  @complexity O(rows columns log categories)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_schema_check_many(kedge_control *c, uint64_t now_ns, const kedge_rows *rows,
                                                               kedge_status *statuses, size_t *n_refused,
                                                               kedge_schema_verdict *worst);

/** What a column may hold, as it is in force: declared, or inferred by kedge_schema_finish(). A list of these, edited or not, is a
 *  list for kedge_schema_config::columns.
 *  @param c a schema, may be shared  @param i which  @param out the column
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS another control
 *  @retval KEDGE_ERR_RANGE there is no such column  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_schema_column(const kedge_control *c, uint32_t i, kedge_column *out);

/** Change what a column may hold, once learning is over: its range, rates, room. Its reference and what it knows stay.
 *  @param c a schema, used by this thread only  @param i which  @param column as read, with changes. Its kind must stay, or become
 *  #KEDGE_COLUMN_IGNORED; n_categories must stay, or become 0 to let it grow; max_categories must have room for what is known; the
 *  name is not looked at
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS another control
 *  @retval KEDGE_ERR_RANGE there is no such column  @retval KEDGE_ERR_STATE learning is not over  @retval KEDGE_ERR_CONFIG a member
 *  is out of range, or may not change so; nothing changed  @complexity O(columns)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_schema_set_column(kedge_control *c, uint32_t i, const kedge_column *column);

/** Take a new reference for shifts from the next sample_rows rows that are let through, for example once a model serves that was
 *  trained on the new data. Until then shifts are not watched; skew is.
 *  @param c a schema, used by this thread only
 *  @retval KEDGE_OK begun  @retval KEDGE_ERR_NULL no handle  @retval KEDGE_ERR_CLASS another control  @retval KEDGE_ERR_STATE
 *  learning is not over  @complexity O(columns sample_rows)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_schema_renew(kedge_control *c);

/** Figures of all.  @param c a schema, may be shared  @param out the figures  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a
 *  pointer is NULL  @retval KEDGE_ERR_CLASS another control  @complexity O(columns)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_schema_read(const kedge_control *c, kedge_schema_report *out);

/** Figures of one column. @param c a schema, may be shared  @param i which  @param out the figures  @retval KEDGE_OK done
 *  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS another control  @retval KEDGE_ERR_RANGE there is no such
 *  column
 *  @complexity O(categories)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_schema_read_column(const kedge_control *c, uint32_t i,
                                                                kedge_schema_column_report *out);

/** The event that a verdict is worth: #KEDGE_EVENT_SKEW, else #KEDGE_EVENT_SHIFT, else, for news, #KEDGE_EVENT_WARNING; of the
 *  first finding of that sort, with its column as subject and its reason as code.
 *  @param verdict it  @param out for kedge_events_put()
 *  @retval KEDGE_OK there is one  @retval KEDGE_EMPTY nothing that was not told before in this window  @retval KEDGE_ERR_NULL a
 *  pointer is NULL  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_schema_event(const kedge_schema_verdict *verdict, kedge_event *out);

/** A verdict for people, a line for each finding that is listed.
 *  @param c the schema, for the columns' names, may be shared; NULL: their numbers  @param verdict it  @param buf where to; may be
 *  NULL if cap is 0  @param cap its size; 2048 are always enough  @param len characters, without the ending zero
 *  @retval KEDGE_OK written  @retval KEDGE_ERR_BUFFER cap is not more than *len; nothing written  @retval KEDGE_ERR_NULL a pointer
 *  is NULL  @retval KEDGE_ERR_CLASS another control  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_schema_verdict_text(const kedge_control *c, const kedge_schema_verdict *verdict,
                                                                 char *buf, size_t cap, size_t *len);

/** The schema for people: a line for all, and one for each column: what it may hold, and what was found.
 *  @param c a schema, may be shared  @param buf where to; may be NULL if cap is 0  @param cap its size; 200 and 350 for each column
 *  are always enough  @param len characters, without the ending zero
 *  @return as kedge_schema_verdict_text()  @complexity O(columns)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_schema_text(const kedge_control *c, char *buf, size_t cap, size_t *len);

/** Name of a reason for people, for example "out of range"; never NULL, static text.  @param why KEDGE_SCHEMA_...  @return text
 *  @since 0.1 */
KEDGE_API const char *kedge_schema_string(uint32_t why);

/** Name of a kind for people, for example "nominal"; never NULL, static text.  @param kind KEDGE_COLUMN_...  @return text
 *  @since 0.1 */
KEDGE_API const char *kedge_column_string(uint32_t kind);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
