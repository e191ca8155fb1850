/* SPDX-License-Identifier: MIT */
/** @file joiner.h
 *  Labels come late: the joiner keeps predictions, by an id, until their truth is told, and hands out the pair. What never gets a
 *  label is counted, and how long labels take is measured.
 *
 *  @code
 *  #include <stdlib.h>
 *  #include <kedge/metric.h>
 *  int main(void)
 *  {
 *      kedge_joiner_config cfg = kedge_joiner_defaults();
 *      kedge_prediction served = {42, 1000, 1.0, 0.9, 1.0};
 *      kedge_joined pair;
 *      kedge_joiner_report report;
 *      kedge_metric m;
 *      void *mem;
 *      int good;
 *      cfg.max_age = 500;
 *      mem = malloc(kedge_metric_size(&cfg.base));
 *      if (!mem || kedge_metric_init(&m, &cfg.base, mem, kedge_metric_size(&cfg.base)) < 0) return 1;
 *      if (kedge_joiner_add(&m, &served) < 0 || kedge_joiner_join(&m, 42, 1300, 0.0, &pair) < 0) return 1;
 *      good = pair.predicted == 1.0 && pair.truth == 0.0 && pair.delay == 300;
 *      served.id = 43;
 *      served.made_at = 1400;
 *      if (kedge_joiner_add(&m, &served) < 0 || kedge_joiner_expire(&m, 2000) < 0) return 1;
 *      good = good && kedge_joiner_read(&m, &report) == KEDGE_OK && report.n_joined == 1 && report.n_expired == 1;
 *      free(mem);
 *      return good ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_METRICS_JOINER_H
#define KEDGE_METRICS_JOINER_H

#include "../metric.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup metric
 *  @{ */

/** Predictions that wait for their label. Time is the caller's: nanoseconds, or the number of the observation, or anything else
 *  that never goes back. Cost: O(1) for all but init, each expired one included once. Memory: 48 bytes for each of capacity, and
 *  8 to 16 of a table. */
typedef struct kedge_joiner_config {
    kedge_metric_config base; /**< set by kedge_joiner_config_init() */
    uint64_t max_age;         /**< in units of the caller's time: a prediction that is older has expired, 1 to 2^62, default 2^62:
                               *   none ever does */
    uint32_t capacity;        /**< predictions that can wait, 1 to 2^24, default 10000; when there are so many the oldest gives
                               *   way */
    uint32_t reserved;        /**< 0 */
} kedge_joiner_config;

/** A prediction to keep. */
typedef struct kedge_prediction {
    uint64_t id;      /**< yours; any number */
    uint64_t made_at; /**< when, up to 2^62; not before the last time that the joiner was told */
    double predicted; /**< the class or the value; finite, as all of these */
    double score;     /**< for example the probability of class 1; what you like */
    double weight;    /**< 0 to 1e9, usually 1 */
} kedge_prediction;

/** A prediction and its truth. */
typedef struct kedge_joined {
    uint64_t id;      /**< as it was added */
    uint64_t made_at; /**< likewise */
    uint64_t delay;   /**< time from the prediction to its label */
    double predicted; /**< as it was added */
    double score;     /**< likewise */
    double weight;    /**< likewise */
    double truth;     /**< as it was told */
} kedge_joined;

/** What has become of the predictions: n_added is the sum of n_joined, n_expired, n_evicted and n_waiting. */
typedef struct kedge_joiner_report {
    uint64_t n_added;   /**< predictions kept so far */
    uint64_t n_joined;  /**< that got their label */
    uint64_t n_expired; /**< that became too old, as far as the joiner was told the time */
    uint64_t n_evicted; /**< that had to give way to a new one */
    uint64_t n_waiting; /**< that wait now */
    uint64_t oldest_at; /**< when the oldest of these was made; 0 if none waits */
    uint64_t delay_max; /**< greatest time that a label took */
    double delay_mean;  /**< mean time; NaN before the first label */
} kedge_joiner_report;

extern KEDGE_API const kedge_metric_class kedge_joiner; /**< the class; does not merge */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_joiner_config_init(kedge_joiner_config *cfg, size_t cfg_bytes);

/** The default configuration. @return it @since 0.1 */
static inline kedge_joiner_config kedge_joiner_defaults(void)
{
    kedge_joiner_config cfg;
    if (kedge_joiner_config_init(&cfg, sizeof cfg) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** Keep a prediction. What is too old by its time expires first; then the oldest gives way if there is no room.
 *  @param m a joiner  @param p the prediction
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS m is another metric
 *  @retval KEDGE_ERR_STATE its id waits already  @retval KEDGE_ERR_RANGE time went back, or a number is out of range
 *  @retval KEDGE_ERR_NOT_FINITE NaN or infinity; nothing changed  @complexity O(1) on average over the ids  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_joiner_add(kedge_metric *m, const kedge_prediction *p);

/** Keep a batch; the same bytes as single calls. @param m a joiner  @param p n predictions in the order in which they were made
 *  @param n how many  @param used how many were kept, also on error: p[*used] is the bad one
 *  @retval KEDGE_OK done  @retval others as kedge_joiner_add()  @complexity O(n) on average over the ids  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_joiner_add_many(kedge_metric *m, const kedge_prediction *p, size_t n, size_t *used);

/** Tell the truth of a prediction and take the pair out.
 *  @param m a joiner  @param id of the prediction  @param now the time, up to 2^62, not before the last one  @param truth finite
 *  @param out the pair
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_UNKNOWN no such prediction waits: never made, joined, evicted, or too old by now
 *  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS m is another metric  @retval KEDGE_ERR_RANGE time went back
 *  @retval KEDGE_ERR_NOT_FINITE NaN or infinity; nothing changed  @complexity O(1) on average over the ids  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_joiner_join(kedge_metric *m, uint64_t id, uint64_t now, double truth,
                                                         kedge_joined *out);

/** Tell a batch of truths that have come together, and take the pairs out; the same bytes as single calls. Labels of which no
 *  prediction waits are passed over: they are *used - *n_out.
 *  @param m a joiner  @param ids of n predictions  @param truth n finite numbers  @param n how many  @param now the time, as in
 *  kedge_joiner_join()  @param out room for n pairs; those that were found, in the order of ids  @param n_out how many
 *  @param used how many truths were told, also on error: ids[*used] has the bad one
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval others as kedge_joiner_join(), but KEDGE_ERR_UNKNOWN
 *  @complexity O(n) on average over the ids  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_joiner_join_many(kedge_metric *m, const uint64_t *ids, const double *truth, size_t n,
                                                              uint64_t now, kedge_joined *out, size_t *n_out, size_t *used);

/** Tell the time, so that what is too old expires. @param m a joiner  @param now the time, up to 2^62, not before the last one
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL no handle  @retval KEDGE_ERR_CLASS m is another metric
 *  @retval KEDGE_ERR_RANGE time went back; nothing changed  @complexity O(expired)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_joiner_expire(kedge_metric *m, uint64_t now);

/** Look a prediction up that waits. @param m a joiner, may be shared  @param id of the prediction  @param out the prediction
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_UNKNOWN no such prediction waits  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_CLASS m is another metric  @complexity O(1) on average over the ids  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_joiner_find(const kedge_metric *m, uint64_t id, kedge_prediction *out);

/** Look up the oldest prediction that waits: what is next to expire or to give way, for who wants to save it.
 *  @param m a joiner, may be shared  @param out the prediction  @retval KEDGE_OK done
 *  @retval KEDGE_EMPTY none waits; *out is as it was  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_CLASS m is another metric  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_joiner_oldest(const kedge_metric *m, kedge_prediction *out);

/** The counts. @param m a joiner, may be shared  @param out the figures  @retval KEDGE_OK done
 *  @retval KEDGE_EMPTY no label has come: delay_mean is NaN  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_CLASS m is another metric  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_joiner_read(const kedge_metric *m, kedge_joiner_report *out);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
