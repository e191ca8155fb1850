/* SPDX-License-Identifier: MIT */
/** @file throughput.h
 *  Throughput: items a second over the whole run, faded with a half-life, over up to eight horizons at once, and at its peak.
 *
 *  @code
 *  #include <kedge/metric.h>
 *  int main(void)
 *  {
 *      union { double align; unsigned char bytes[KEDGE_THROUGHPUT_BYTES]; } mem;
 *      kedge_throughput_config cfg = kedge_throughput_defaults(); // horizons of 1 s, 1 min, 5 min and 15 min
 *      kedge_throughput_report r;
 *      kedge_metric m;
 *      if (kedge_metric_init(&m, &cfg.base, &mem, sizeof mem) < 0) return 1;
 *      for (uint64_t second = 0; second < 3600; second++) // a burst in the last minute
 *          if (kedge_throughput_record(&m, second * 1000000000u, second < 3540 ? 10 : 100) < 0) return 1;
 *      if (kedge_throughput_read(&m, &r) < 0 || r.peak_per_second != 100) return 1;
 *      return r.horizons[0] > 99 && r.horizons[1] > 60 && r.horizons[2] < 30 && r.horizons[3] < 20 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_METRICS_THROUGHPUT_H
#define KEDGE_METRICS_THROUGHPUT_H

#include "../metric.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup metric
 *  @{ */

#define KEDGE_THROUGHPUT_HORIZONS 8u /**< most horizons at once */

/** Throughput: items a second, over the whole run, recently, over several horizons at once and at its peak. Faded rates are
 *  averages over time in which the past fades: a moment of some age has the weight 2^-(age / half-life) in the recent rate, e^-(age
 *  / horizon) in that of a horizon, as in the load averages of Unix, but exact at any intervals and without a warm-up; items count
 *  as spread evenly over the time since the last record. All stands as of the last record: record 0 items to let time pass. Add the
 *  rates of several sources; the objects cannot be merged, since their clocks need not be the same. Cost: O(1), an exponential for
 *  each horizon. */
typedef struct kedge_throughput_config {
    kedge_metric_config base; /**< set by kedge_throughput_config_init() */
    uint64_t half_life_ns;    /**< nanoseconds after which a moment counts half in the recent rate, 1000 to 2^62, default 10 *
                               *   10^9 */
    uint64_t peak_ns;         /**< least length of a stretch whose rate may be the peak, nanoseconds, 1000 to 2^62, default 10^9:
                               *   the records make stretches, one behind the other, each ending with the first record that is
                               *   peak_ns or more behind its begin */
    uint64_t horizon_ns[KEDGE_THROUGHPUT_HORIZONS]; /**< nanoseconds, 1000 to 2^62, default 1 s, 1 min, 5 min, 15 min. Those behind
                                                     *   n_horizons do not count */
    uint32_t n_horizons;      /**< horizons in use, 0 to #KEDGE_THROUGHPUT_HORIZONS, default 4 */
    uint32_t reserved;        /**< 0 */
} kedge_throughput_config;

/** Read-out of a throughput metric. */
typedef struct kedge_throughput_report {
    uint64_t n;           /**< items recorded */
    uint64_t elapsed_ns;  /**< from the first record to the last */
    double per_second;    /**< items behind the first record / elapsed; NaN until time has passed */
    double recent_per_second; /**< the same with the past faded; NaN until time has passed */
    double peak_per_second;   /**< greatest rate of a stretch that has ended; NaN until one has */
    double horizons[KEDGE_THROUGHPUT_HORIZONS]; /**< rate over each horizon; NaN until time has passed, and behind n_horizons */
} kedge_throughput_report;

#define KEDGE_THROUGHPUT_BYTES 240u /**< bytes of a throughput state */

extern KEDGE_API const kedge_metric_class kedge_throughput; /**< the class */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_throughput_config_init(kedge_throughput_config *cfg, size_t cfg_bytes);

/** The default configuration. @return it @since 0.1 */
static inline kedge_throughput_config kedge_throughput_defaults(void)
{
    kedge_throughput_config cfg;
    if (kedge_throughput_config_init(&cfg, sizeof cfg) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** Record finished items. @param m a throughput  @param now_ns a monotonic clock's nanoseconds, not less than at the last record
 *  @param n_items items finished since the last record; those of the first record only start the clock
 *  @retval KEDGE_OK done
 *  @retval KEDGE_ERR_NULL no handle  @retval KEDGE_ERR_CLASS m is another metric  @retval KEDGE_ERR_RANGE the clock went back, or
 *  the items no longer fit 64 bits; nothing changed
 *  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_throughput_record(kedge_metric *m, uint64_t now_ns, uint64_t n_items);

/** The figures. @param m a throughput, may be shared  @param out the figures  @retval KEDGE_OK done
 *  @retval KEDGE_EMPTY no time has passed: rates are NaN  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS m is
 *  another metric  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_throughput_read(const kedge_metric *m, kedge_throughput_report *out);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
