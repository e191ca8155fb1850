/* SPDX-License-Identifier: MIT */
/** @file latency.h
 *  Latency: a histogram of durations whose quantiles are right to as many digits as you choose, over everything or over the last
 *  minutes, corrected for the requests that a stall kept from being sent.
 *
 *  @code
 *  #include <stdlib.h>
 *  #include <kedge/metric.h>
 *  int main(void)
 *  {
 *      kedge_latency_config cfg = kedge_latency_defaults();
 *      kedge_latency_report report;
 *      kedge_metric m;
 *      cfg.over = KEDGE_OVER_WINDOW; // the last minute, in slots of a second
 *      void *mem = malloc(kedge_metric_size(&cfg.base));
 *      if (!mem || kedge_metric_init(&m, &cfg.base, mem, kedge_metric_size(&cfg.base)) < 0) return 1;
 *      for (uint64_t second = 0; second < 600; second++) {
 *          if (kedge_latency_advance(&m, second * 1000000000u) < 0) return 1;
 *          if (kedge_latency_record(&m, second < 300 ? 40000000 : 2000000) < 0) return 1;
 *      }
 *      if (kedge_latency_read(&m, &report) < 0 || report.n != 60 || report.max != 2000000) return 1;
 *      if (kedge_latency_read_life(&m, &report) < 0 || report.n != 600 || report.max != 40000000) return 1;
 *      free(mem);
 *      return 0;
 *  }
 *  @endcode */
#ifndef KEDGE_METRICS_LATENCY_H
#define KEDGE_METRICS_LATENCY_H

#include "../metric.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup metric
 *  @{ */

/** Latency: a histogram with logarithmic buckets that are divided evenly, so that every quantile is right to `digits` decimal
 *  digits over the whole range (the buckets of HdrHistogram, Tene 2012, to the same bounds). Over a sliding window it keeps a
 *  histogram a slot, and time is told by kedge_latency_advance(). Cost: O(1) to record, O(buckets) to read and for each slot that
 *  passes. Memory: 8 bytes a bucket; over a window n_slots + 2 times that. */
typedef struct kedge_latency_config {
    kedge_metric_config base; /**< set by kedge_latency_config_init() */
    uint64_t highest;         /**< greatest value that is told apart, nanoseconds, 1000 to 2^62, default 3600 * 10^9 (an hour);
                               *   greater ones count in n_above, and a quantile that falls among them is max */
    uint32_t digits;          /**< decimal digits that a quantile is right to, 1 to 5, default 2 (relative error below 1 %) */
    uint32_t over;            /**< #KEDGE_OVER_ALL or #KEDGE_OVER_WINDOW, default #KEDGE_OVER_ALL */
    uint64_t lowest;          /**< least value that is told apart from 0, nanoseconds, 1 to 2^40 and to highest / 2, default 1;
                               *   rounded down to a power of two, the width of the first buckets. 1000 saves ten powers of two of
                               *   buckets */
    uint64_t window_ns;       /**< with #KEDGE_OVER_WINDOW: length of the window, nanoseconds, n_slots to 2^62, default 60 * 10^9 */
    uint32_t n_slots;         /**< with #KEDGE_OVER_WINDOW: slots that it is divided into, 1 to 2^16, default 60. It covers the slot
                               *   of now and the n_slots - 1 before, so its length to within one slot */
    uint32_t reserved;        /**< 0 */
} kedge_latency_config;

/** Read-out of a latency histogram; nanoseconds. Quantiles are upper ends of their buckets, never above max; the first value is
 *  min. */
typedef struct kedge_latency_report {
    uint64_t n;       /**< values covered */
    uint64_t n_above; /**< of these, greater than `highest` */
    uint64_t n_below; /**< of these, in the first bucket: less than `lowest` rounded down to a power of two */
    uint64_t min;     /**< exact */
    uint64_t max;     /**< exact */
    double mean;      /**< of an exact sum; NaN if n is 0 */
    double deviation; /**< standard deviation (of n) of the buckets' middles, as HdrHistogram has it, what is above `highest`
                       *   counting as that; NaN if n is 0 */
    uint64_t p50;     /**< median */
    uint64_t p90;     /**< 90 % are not above this */
    uint64_t p99;     /**< 99 % */
    uint64_t p999;    /**< 99.9 % */
    uint64_t p9999;   /**< 99.99 % */
} kedge_latency_report;

#define KEDGE_LATENCY_BYTES 36664u /**< bytes of a latency state with the default configuration */

extern KEDGE_API const kedge_metric_class kedge_latency; /**< the class; merges over everything, not over windows */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_latency_config_init(kedge_latency_config *cfg, size_t cfg_bytes);

/** The default configuration. @return it @since 0.1 */
static inline kedge_latency_config kedge_latency_defaults(void)
{
    kedge_latency_config cfg;
    if (kedge_latency_config_init(&cfg, sizeof cfg) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** Record one duration. @param m a latency  @param ns nanoseconds, any value  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL no
 *  handle
 *  @retval KEDGE_ERR_CLASS m is another metric  @retval KEDGE_ERR_RANGE 2^62 values were recorded
 *  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_latency_record(kedge_metric *m, uint64_t ns);

/** Record a batch, all or nothing; the same bytes as single calls. @param m a latency  @param ns n durations  @param n how many
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS m is another metric
 *  @retval KEDGE_ERR_RANGE more than 2^62 values in all; nothing changed  @complexity O(n)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_latency_record_many(kedge_metric *m, const uint64_t *ns, size_t n);

/** Record one duration as often as it occurred; the same bytes as n single calls. @param m a latency  @param ns nanoseconds, any
 *  value
 *  @param n how often; 0 changes nothing  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL no handle
 *  @retval KEDGE_ERR_CLASS m is another metric  @retval KEDGE_ERR_RANGE more than 2^62 values in all; nothing changed
 *  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_latency_record_times(kedge_metric *m, uint64_t ns, uint64_t n);

/** Record a duration, and those of the requests that it kept from being sent: a client that sends a request every interval_ns, but
 *  waits for the answer, sends none during a stall, and so measures it once instead of once an interval (coordinated omission; Tene
 *  2013, "How not to measure latency"). Recorded are ns, ns - interval_ns, ns - 2 interval_ns and so on, down to interval_ns.
 *  Do not correct again what was recorded so.
 *  @param m a latency  @param ns nanoseconds, any value  @param interval_ns expected time between requests, nanoseconds; 0: none is
 *  expected, as kedge_latency_record()
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL no handle  @retval KEDGE_ERR_CLASS m is another metric
 *  @retval KEDGE_ERR_RANGE more than 2^62 values in all; nothing changed
 *  @complexity O(1) if ns < 2 interval_ns, otherwise O(min(ns / interval_ns, buckets))  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_latency_record_expected(kedge_metric *m, uint64_t ns, uint64_t interval_ns);

/** Tell the time, so that the window moves on: what is recorded afterwards counts in the slot of now_ns. Without a window nothing
 *  happens. Call it before records, as often as you like; between two calls time stands still.
 *  @param m a latency  @param now_ns nanoseconds, any value, not before the last one
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL no handle  @retval KEDGE_ERR_CLASS m is another metric
 *  @retval KEDGE_ERR_RANGE time went back; nothing changed
 *  @complexity O(1) within a slot, O(buckets) for each slot that passed, O(n_slots buckets) at most  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_latency_advance(kedge_metric *m, uint64_t now_ns);

/** A quantile: the smallest recorded value (upper end of its bucket) that a share q of the covered values does not exceed. q counts
 *  as the decimal that it was written as: 0.07 of 100 values is 7 of them.
 *  @param m a latency, may be shared  @param q 0 to 1; 0 gives min, 1 gives max  @param ns the quantile
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY nothing recorded; *ns = 0  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_CLASS m is another metric  @retval KEDGE_ERR_RANGE q outside of [0, 1]  @retval KEDGE_ERR_NOT_FINITE q is NaN
 *  or infinite
 *  @complexity O(buckets)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_latency_quantile(const kedge_metric *m, double q, uint64_t *ns);

/** The other way round: the share of the covered values that do not exceed one, its bucket included. Above `highest` there is one
 *  bucket. @param m a latency, may be shared  @param ns nanoseconds, any value  @param share 0 to 1
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY nothing recorded; *share is NaN  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_CLASS m is another metric  @complexity O(buckets)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_latency_share(const kedge_metric *m, uint64_t ns, double *share);

/** How many of the covered values lie between two, both with their buckets. @param m a latency, may be shared  @param from_ns
 *  nanoseconds  @param to_ns nanoseconds, not less than from_ns  @param n how many
 *  @retval KEDGE_OK done, also if nothing was recorded  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_CLASS m is another metric  @retval KEDGE_ERR_RANGE to_ns < from_ns  @complexity O(buckets)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_latency_count(const kedge_metric *m, uint64_t from_ns, uint64_t to_ns, uint64_t *n);

/** The usual figures, over the window if there is one. @param m a latency, may be shared  @param out the figures
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY nothing recorded: zeros, mean and deviation NaN  @retval KEDGE_ERR_NULL a pointer is
 *  NULL
 *  @retval KEDGE_ERR_CLASS m is another metric  @complexity O(buckets + n_slots)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_latency_read(const kedge_metric *m, kedge_latency_report *out);

/** The same figures over everything since init, whatever the window. @param m a latency, may be shared  @param out the figures
 *  @return as kedge_latency_read()  @complexity O(buckets)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_latency_read_life(const kedge_metric *m, kedge_latency_report *out);

/** Add the values that m covers to another latency, as if they were recorded there now: to keep the figures of a window, to gather
 *  windows, or, with an interval, to correct for coordinated omission after the fact (see kedge_latency_record_expected()), each
 *  value counting as the upper end of its bucket. What is above `highest` counts as that in the correction.
 *  @param m a latency, may be shared  @param interval_ns expected time between requests, nanoseconds; 0: nothing is corrected
 *  @param into another latency with the same `lowest`, `highest` and `digits`; its window may differ
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS m or into is another metric
 *  @retval KEDGE_ERR_CONFIG the buckets differ, or into is m itself  @retval KEDGE_ERR_RANGE more than 2^62 values in all; nothing
 *  changed  @complexity O(buckets); corrected O(buckets) for each bucket above 2 interval_ns that holds anything  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_latency_copy(const kedge_metric *m, uint64_t interval_ns, kedge_metric *into);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
