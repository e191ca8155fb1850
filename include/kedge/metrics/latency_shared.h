/* SPDX-License-Identifier: MIT */
/** @file latency_shared.h
 *  Latencies that several threads record into one histogram, each without ever waiting, while another one collects them.
 *
 *  @code
 *  #include <stdlib.h>
 *  #include <kedge/metric.h>
 *  int main(void)
 *  {
 *      kedge_latency_shared_config cfg = kedge_latency_shared_defaults();
 *      kedge_latency_config figures = kedge_latency_defaults(); // the same buckets
 *      kedge_latency_report r;
 *      kedge_metric shared, latency;
 *      void *a = malloc(kedge_metric_size(&cfg.base)), *b = malloc(kedge_metric_size(&figures.base));
 *      if (!a || kedge_metric_init(&shared, &cfg.base, a, kedge_metric_size(&cfg.base)) < 0) return 1;
 *      if (!b || kedge_metric_init(&latency, &figures.base, b, kedge_metric_size(&figures.base)) < 0) return 1;
 *      if (kedge_latency_shared_record(&shared, 0, 1500000) < 0) return 1; // in any thread, at any time
 *      if (kedge_latency_shared_collect(&shared, &latency) < 0) return 1;  // in the thread that owns `latency`
 *      if (kedge_latency_read(&latency, &r) < 0 || r.n != 1 || r.max != 1500000) return 1;
 *      free(a);
 *      free(b);
 *      return 0;
 *  }
 *  @endcode */
#ifndef KEDGE_METRICS_LATENCY_SHARED_H
#define KEDGE_METRICS_LATENCY_SHARED_H

#include "../metric.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup metric
 *  @{ */

/** A recorder of latencies that any number of threads, or processes with its memory in common, share. To record is one atomic
 *  addition of 32 bits, and two loads for the extremes: it never waits, whatever the others do. To collect moves what was recorded
 *  since the last time into a kedge_latency, each value exactly once: what is recorded meanwhile is in this collection or in the
 *  next one. Threads that record at the same moment slow each other down by fetching the same memory in turn; give each a lane of
 *  its own where that matters.
 *
 *  What is known of a value is its bucket, and of the extremes their 26 leading bits (exact below 2^26 ns = 67 ms, above to 3 in
 *  10^8). So after a collection `mean` is that of the buckets' middles, and quantiles are those of direct recording. `min` and
 *  `max` are those ends, or, if the value was being recorded during the collection, those of its bucket.
 *
 *  Recording and collecting alone may happen at the same time; init, reset, check, save and load have one user. Needs atomic
 *  operations on 32 bits that the processor has itself; where it has none (ARMv6-M), record and collect return
 *  #KEDGE_ERR_UNSUPPORTED. Memory: 8 bytes a bucket and 136 besides for each lane. */
typedef struct kedge_latency_shared_config {
    kedge_metric_config base; /**< set by kedge_latency_shared_config_init() */
    uint64_t highest;         /**< as kedge_latency_config::highest */
    uint64_t lowest;          /**< as kedge_latency_config::lowest */
    uint32_t digits;          /**< as kedge_latency_config::digits */
    uint32_t n_lanes;         /**< histograms that are recorded into and collected together, 1 to 1024, default 1 */
} kedge_latency_shared_config;

#define KEDGE_LATENCY_SHARED_BYTES 36840u /**< bytes of a state with the default configuration */

extern KEDGE_API const kedge_metric_class kedge_latency_shared; /**< the class; does not merge: collect both into one */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_latency_shared_config_init(kedge_latency_shared_config *cfg, size_t cfg_bytes);

/** The default configuration. @return it @since 0.1 */
static inline kedge_latency_shared_config kedge_latency_shared_defaults(void)
{
    kedge_latency_shared_config cfg;
    if (kedge_latency_shared_config_init(&cfg, sizeof cfg) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** Record one duration; any number of threads at once, and while another one collects.
 *  @param m a shared recorder; the handle is only read  @param lane any number, the lane is lane modulo n_lanes: of a thread for
 *  example
 *  @param ns nanoseconds, any value
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL no handle  @retval KEDGE_ERR_CLASS m is another metric
 *  @retval KEDGE_ERR_UNSUPPORTED this processor has no such atomics
 *  @complexity O(1), wait-free; a new extreme costs up to 64 tries, of which others' new extremes may each make one fail  @since
 *  0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_latency_shared_record(const kedge_metric *m, uint32_t lane, uint64_t ns);

/** Move what was recorded since the last collection into a latency, as if it was recorded there now; while threads record.
 *  @param m a shared recorder; several threads may collect, each into its own  @param into a latency of this thread with the same
 *  `lowest`, `highest` and `digits`; over a window, advance it first
 *  @retval KEDGE_OK done, also if there was nothing  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS m or into is
 *  another metric  @retval KEDGE_ERR_CONFIG the buckets differ  @retval KEDGE_ERR_RANGE into has more than 2^61 values; nothing
 *  moved
 *  @retval KEDGE_ERR_UNSUPPORTED this processor has no such atomics
 *  @complexity O(n_lanes buckets)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_latency_shared_collect(kedge_metric *m, kedge_metric *into);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
