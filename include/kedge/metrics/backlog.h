/* SPDX-License-Identifier: MIT */
/** @file backlog.h
 *  A queue seen from outside: how many items wait or are being served, for how long the oldest has, how busy the servers are, and
 *  how long an item stays.
 *
 *  @code
 *  #include <stdlib.h>
 *  #include <kedge/metric.h>
 *  int main(void)
 *  {
 *      kedge_backlog_config cfg = kedge_backlog_defaults();
 *      kedge_backlog_report r;
 *      kedge_metric m;
 *      void *mem = malloc(kedge_metric_size(&cfg.base));
 *      if (!mem || kedge_metric_init(&m, &cfg.base, mem, kedge_metric_size(&cfg.base)) < 0) return 1;
 *      if (kedge_backlog_arrive(&m, 2, 1000) < 0) return 1; // two at once, and another at 1500
 *      if (kedge_backlog_arrive(&m, 1, 1500) < 0) return 1;
 *      if (kedge_backlog_done(&m, 2, 2000) < 0) return 1;
 *      if (kedge_backlog_read(&m, &r) < 0 || r.depth != 1 || r.depth_max != 3 || r.oldest_ns != 500) return 1;
 *      free(mem);
 *      return r.stay_ns == 1000 && r.utilisation == 1 && r.depth_mean == 2.5 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_METRICS_BACKLOG_H
#define KEDGE_METRICS_BACKLOG_H

#include "../metric.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup metric
 *  @{ */

/** Backlog: arrivals and departures of a queue, first come, first served (if they leave in another order, all figures but those of
 *  single items' stay and age hold). Time is the caller's and never goes back. Counts and integrals over time are exact. Arrival
 *  times are kept for `capacity` different times; while more are waiting, further arrivals count as having come with the newest
 *  that has a place, and n_blurred tells of how many: their age is then overstated, and nothing is lost. Cost: O(1) to arrive, O(1)
 *  on average to be done. Memory: 16 bytes a time. */
typedef struct kedge_backlog_config {
    kedge_metric_config base; /**< set by kedge_backlog_config_init() */
    uint32_t capacity;        /**< arrival times that are kept, 1 to 2^24, default 1024 */
    uint32_t n_servers;       /**< how many items can be served at once, 1 to 2^31, default 1; for the utilisation alone */
} kedge_backlog_config;

/** Read-out, at the time of the last call. Figures that need time or items that are not there are NaN. */
typedef struct kedge_backlog_report {
    uint64_t n_arrived;   /**< items that came */
    uint64_t n_done;      /**< items that left */
    uint64_t n_blurred;   /**< items whose arrival time had no place */
    uint64_t depth;       /**< items that are here, n_arrived - n_done */
    uint64_t depth_max;   /**< greatest */
    uint64_t oldest_ns;   /**< age of the oldest item, nanoseconds; 0: there is none */
    uint64_t oldest_max_ns; /**< greatest age that any item reached, those that are here included */
    uint64_t elapsed_ns;  /**< from the first call to the last */
    double arrived_per_second; /**< items that came / elapsed */
    double done_per_second;    /**< items that left / elapsed */
    double depth_mean;    /**< L: mean over time */
    double utilisation;   /**< share of the servers' time in which there was an item for them, 0 to 1: min(depth, n_servers) /
                           *   n_servers, mean over time */
    double stay_ns;       /**< mean stay of the items that left, first come, first served, nanoseconds */
    double little_ns;     /**< W = L / lambda (Little 1961): mean stay by Little's law, depth_mean / rate of arrivals, nanoseconds.
                           *   Right in any order; far from stay_ns: the queue is not in balance, or not first come, first served */
} kedge_backlog_report;

#define KEDGE_BACKLOG_BYTES_FOR(capacity) (160u + 16u * (capacity)) /**< bytes of a backlog state */
#define KEDGE_BACKLOG_BYTES KEDGE_BACKLOG_BYTES_FOR(1024u) /**< likewise with the default configuration */

extern KEDGE_API const kedge_metric_class kedge_backlog; /**< the class; does not merge */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_backlog_config_init(kedge_backlog_config *cfg, size_t cfg_bytes);

/** The default configuration. @return it @since 0.1 */
static inline kedge_backlog_config kedge_backlog_defaults(void)
{
    kedge_backlog_config cfg;
    if (kedge_backlog_config_init(&cfg, sizeof cfg) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** Items came. @param m a backlog  @param n how many; 0: this only tells the time  @param now_ns nanoseconds, any value, not before
 *  the last one  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL no handle  @retval KEDGE_ERR_CLASS m is another metric
 *  @retval KEDGE_ERR_RANGE time went back, or more than 2^62 items in all; nothing changed  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_backlog_arrive(kedge_metric *m, uint64_t n, uint64_t now_ns);

/** Items left. @param m a backlog  @param n how many, at most as many as are here; 0: this only tells the time  @param now_ns as
 *  for kedge_backlog_arrive()  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL no handle  @retval KEDGE_ERR_CLASS m is another metric
 *  @retval KEDGE_ERR_RANGE time went back, or there are not so many; nothing changed
 *  @complexity O(arrival times that leave), O(1) on average  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_backlog_done(kedge_metric *m, uint64_t n, uint64_t now_ns);

/** The figures. @param m a backlog, may be shared  @param out the figures  @retval KEDGE_OK done
 *  @retval KEDGE_EMPTY no time has passed: means and rates are NaN  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_CLASS m is another metric  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_backlog_read(const kedge_metric *m, kedge_backlog_report *out);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
