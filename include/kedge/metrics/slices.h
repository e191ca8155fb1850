/* SPDX-License-Identifier: MIT */
/** @file slices.h
 *  Where is a classifier worst? Errors per slice (a country, a device, a customer) in a bounded table, the worst slices first,
 *  with bounds that hold for all of them at once.
 *
 *  @code
 *  #include <kedge/metric.h>
 *  int main(void)
 *  {
 *      union { double align; unsigned char bytes[KEDGE_SLICES_BYTES_FOR(64u)]; } mem;
 *      kedge_slices_config cfg = kedge_slices_defaults();
 *      kedge_slice worst[3];
 *      kedge_metric slices;
 *      size_t n;
 *      int i;
 *      cfg.max_slices = 64;
 *      if (kedge_metric_init(&slices, &cfg.base, &mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 10000; i++) // one row in 20 is wrong, of slice 7 every second
 *          if (kedge_slices_record(&slices, (uint64_t)(i % 10), i % 10 == 7 ? i % 20 == 7 : i % 19 == 0) < 0) return 1;
 *      if (kedge_slices_worst(&slices, worst, 3, &n) < 0 || n != 3) return 1;
 *      return worst[0].slice == 7 && worst[0].excess_low > 0.3 && worst[1].excess_low < 0.0 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_METRICS_SLICES_H
#define KEDGE_METRICS_SLICES_H

#include "../metric.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup metric
 *  @{ */

/** Errors per slice. While there are no more slices than max_slices, everything is exact. A slice that is new to a full table
 *  takes the place of the one with the fewest records, whose records go on counting among the others: nothing is lost silently,
 *  and every slice with more than 1 / max_slices of all records is in the table (Metwally, Agrawal, El Abbadi 2005, "Efficient
 *  computation of frequent and top-k elements in data streams"). Cost: O(log max_slices) to record, of a new slice O(max_slices).
 *  Over a sliding window the slice with the fewest records in it gives way, and one that has left it makes room. Memory: 32 bytes
 *  a slice; in a sliding window 40, and 12 a record; with windows that follow each other 64. */
typedef struct kedge_slices_config {
    kedge_metric_config base; /**< set by kedge_slices_config_init() */
    double confidence;        /**< of the intervals, (0, 1), default 0.95; of those of slices: that all of them hold at once */
    uint32_t max_slices;      /**< slices in the table, 2 to 4096, default 256 */
    uint32_t over;            /**< #KEDGE_OVER_ALL (default), #KEDGE_OVER_WINDOW or #KEDGE_OVER_TUMBLING: counts do not fade */
    uint32_t window;          /**< with #KEDGE_OVER_WINDOW and #KEDGE_OVER_TUMBLING: records, 1 to 2^24, default 1000 */
    uint32_t reserved;        /**< 0 */
} kedge_slices_config;

/** All slices together. */
typedef struct kedge_slices_report {
    uint64_t n;            /**< records covered */
    uint64_t n_wrong;      /**< of these, wrong */
    uint64_t n_other;      /**< records that are of no slice of the table any more */
    uint64_t n_other_wrong; /**< of these, wrong */
    uint64_t n_evicted;    /**< how often a slice lost its place, or found none in a merge; in a sliding window since init */
    double error_rate;     /**< share of wrong ones */
    double low;            /**< its interval (Wilson 1927) */
    double high;           /**< likewise */
    uint32_t n_slices;     /**< slices in the table */
    uint32_t reserved;     /**< 0 */
} kedge_slices_report;

/** One slice. Its intervals hold for all slices of the table at once (after Bonferroni). */
typedef struct kedge_slice {
    uint64_t slice;      /**< its number */
    uint64_t n;          /**< records since it has its place */
    uint64_t n_wrong;    /**< of these, wrong */
    uint64_t n_missed;   /**< it may have had so many records before at most; 0: it has been there from its first record on */
    double error_rate;   /**< share of wrong ones */
    double low;          /**< its interval (Clopper, Pearson 1934, exact; above 10,000 records Wilson 1927) */
    double high;         /**< likewise */
    double rest;         /**< share of wrong ones among all other records; its own if there are none */
    double excess;       /**< error_rate - rest */
    double excess_low;   /**< its interval (square-and-add, Newcombe 1998, from both intervals); above 0: surely worse than the
                          *   rest. Slices are sorted by this */
    double excess_high;  /**< likewise; below 0: surely better. All three are 0 without other records */
} kedge_slice;

/** Bytes of a table of slices over everything. */
#define KEDGE_SLICES_BYTES_FOR(max_slices) (152u + 32u * (max_slices))
/** Bytes with the default configuration. */
#define KEDGE_SLICES_BYTES KEDGE_SLICES_BYTES_FOR(256u)

extern KEDGE_API const kedge_metric_class kedge_slices; /**< the class; merges with #KEDGE_OVER_ALL */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_slices_config_init(kedge_slices_config *cfg, size_t cfg_bytes);

/** The default configuration. @return it @since 0.1 */
static inline kedge_slices_config kedge_slices_defaults(void)
{
    kedge_slices_config cfg;
    if (kedge_slices_config_init(&cfg, sizeof cfg) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** Record one decision. @param m slices  @param slice its slice, any number: a code, or a hash of what names it  @param wrong not
 *  0: it was wrong  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL no handle  @retval KEDGE_ERR_CLASS m is another metric  @retval
 *  KEDGE_ERR_RANGE 2^62 decisions were recorded  @complexity O(log max_slices), of a new slice O(max_slices)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_slices_record(kedge_metric *m, uint64_t slice, int wrong);

/** Record a batch; the same bytes as single calls. @param m slices  @param slices n slices  @param wrong n bytes, not 0: wrong
 *  @param n how many  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_RANGE more than 2^62
 *  decisions: nothing is recorded  @retval KEDGE_ERR_CLASS m is another metric  @complexity as kedge_slices_record(), n times
 *  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_slices_record_many(kedge_metric *m, const uint64_t *slices, const uint8_t *wrong,
                                                                size_t n);

/** All slices together. @param m slices, may be shared  @param out the figures  @retval KEDGE_OK done  @retval KEDGE_EMPTY nothing
 *  recorded: shares are NaN  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS m is another metric
 *  @complexity O(max_slices)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_slices_read(const kedge_metric *m, kedge_slices_report *out);

/** The worst slices, by excess_low, then by excess, in falling order; of equal ones the smaller number first.
 *  @param m slices, may be shared  @param out room for cap slices; may be NULL if cap is 0  @param cap how many at most  @param n
 *  how many were written  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS m is another
 *  metric
 *  @complexity O(max_slices * cap)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_slices_worst(const kedge_metric *m, kedge_slice *out, size_t cap, size_t *n);

/** One slice. @param m slices, may be shared  @param slice its number  @param out its figures  @retval KEDGE_OK done  @retval
 *  KEDGE_EMPTY it is not in the table: shares are NaN, n_missed tells how many records it may have had at most  @retval
 *  KEDGE_ERR_NULL a pointer is NULL @retval KEDGE_ERR_CLASS m is another metric  @complexity O(max_slices)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_slices_find(const kedge_metric *m, uint64_t slice, kedge_slice *out);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
