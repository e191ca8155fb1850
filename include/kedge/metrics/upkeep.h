/* SPDX-License-Identifier: MIT */
/** @file upkeep.h
 *  Upkeep of a model: how long until drift is seen, until there is a new model, until that serves; how often that goes wrong, and
 *  how long until it is mended; how often people had to act. The four DORA measures, for a model.
 *
 *  @code
 *  #include <kedge/metric.h>
 *  int main(void)
 *  {
 *      union { double align; unsigned char bytes[KEDGE_UPKEEP_BYTES]; } mem;
 *      kedge_upkeep_config cfg = kedge_upkeep_defaults();
 *      kedge_upkeep_report report;
 *      kedge_metric life;
 *      if (kedge_metric_init(&life, &cfg.base, &mem, sizeof mem) < 0) return 1;
 *      if (kedge_upkeep_event(&life, KEDGE_UPKEEP_DETECTED, 1000) < 0) return 1;
 *      if (kedge_upkeep_event(&life, KEDGE_UPKEEP_TRAINED, 5000) < 0) return 1;
 *      if (kedge_upkeep_event(&life, KEDGE_UPKEEP_PROMOTED, 7000) < 0) return 1;
 *      return kedge_upkeep_read(&life, &report) == KEDGE_OK && report.lead.mean_ns == 6000.0 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_METRICS_UPKEEP_H
#define KEDGE_METRICS_UPKEEP_H

#include "../metric.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup metric
 *  @{ */

/** What happened in the life of a model. */
enum {
    KEDGE_UPKEEP_CHANGE = 1,       /**< the world has changed, where that is known; if only afterwards, replay all events */
    KEDGE_UPKEEP_DETECTED = 2,     /**< a detector, or a person, says that it has */
    KEDGE_UPKEEP_TRAINING = 3,     /**< a training has started */
    KEDGE_UPKEEP_FAILED = 4,       /**< a training has failed, or the gate refused its model */
    KEDGE_UPKEEP_TRAINED = 5,      /**< there is a new model */
    KEDGE_UPKEEP_PROMOTED = 6,     /**< a new model serves */
    KEDGE_UPKEEP_ROLLED_BACK = 7,  /**< an older one serves again */
    KEDGE_UPKEEP_INCIDENT = 8,     /**< the service is below its floor */
    KEDGE_UPKEEP_RESTORED = 9,     /**< it is above it again */
    KEDGE_UPKEEP_INTERVENTION = 10, /**< a person had to act */
    KEDGE_UPKEEP_TICK = 11         /**< nothing but time has passed; not counted, the time seen ends here */
};

/** Upkeep of a model. Cost: O(1) to record and to read. Memory: fixed. */
typedef struct kedge_upkeep_config {
    kedge_metric_config base; /**< set by kedge_upkeep_config_init() */
    double confidence;        /**< of the interval of the change failure rate, (0, 1), default 0.95 */
    uint64_t blame_ns;        /**< an incident up to so long after a promotion counts against it, nanoseconds, any; default
                               *   UINT64_MAX: as long as it serves. A rollback always does */
} kedge_upkeep_config;

/** One leg of the way: how long from an event until another one. At most one is under way at a time: what would start a second
 *  belongs to the first, which runs from its own start; what ends none is only counted. */
typedef struct kedge_upkeep_leg {
    uint64_t n;       /**< finished ones */
    uint64_t n_cut;   /**< unfinished ones that kedge_metric_merge() has brought; their time is in share alone */
    uint64_t n_open;  /**< under way, 0 or 1 */
    uint64_t max_ns;  /**< the longest finished one, nanoseconds; 0 without any */
    uint64_t open_ns; /**< how long the one under way has taken up to the last event, nanoseconds; 0 without any */
    double mean_ns;   /**< mean of the finished ones, nanoseconds; NaN without any */
    double share;     /**< of the time seen, in which one was under way, 0 to 1, finished or not; NaN if no time was seen */
    double p50_ns;    /**< median of the finished ones, nanoseconds, NaN without any: at most 1/16 off, or 0.6 ms; those above 2^56
                       *   ns (2.3 years) count as 2^56 unless it is the longest */
    double p90_ns;    /**< as long as this took nine of ten at most, likewise */
} kedge_upkeep_leg;

/** Figures of a model's life; the four DORA measures are promotions_per_day, lead.mean_ns, change_failure_rate and restore.mean_ns
 *  (Forsgren, Humble, Kim 2018, "Accelerate", chapter 2). */
typedef struct kedge_upkeep_report {
    uint64_t seen_ns;           /**< from the first event to the last, nanoseconds; merged: of all together */
    uint64_t n_changes;         /**< events #KEDGE_UPKEEP_CHANGE */
    uint64_t n_detected;        /**< #KEDGE_UPKEEP_DETECTED */
    uint64_t n_trainings;       /**< #KEDGE_UPKEEP_TRAINING */
    uint64_t n_failed;          /**< #KEDGE_UPKEEP_FAILED */
    uint64_t n_trained;         /**< #KEDGE_UPKEEP_TRAINED */
    uint64_t n_promoted;        /**< #KEDGE_UPKEEP_PROMOTED */
    uint64_t n_rolled_back;     /**< #KEDGE_UPKEEP_ROLLED_BACK */
    uint64_t n_incidents;       /**< #KEDGE_UPKEEP_INCIDENT */
    uint64_t n_restored;        /**< #KEDGE_UPKEEP_RESTORED */
    uint64_t n_interventions;   /**< #KEDGE_UPKEEP_INTERVENTION */
    uint64_t n_change_failures; /**< promotions after which, before the next, came a rollback, or within blame_ns an incident */
    double promotions_per_day;  /**< n_promoted / days seen: deployment frequency; NaN if no time was seen */
    double change_failure_rate; /**< n_change_failures / n_promoted, 0 to 1; NaN without a promotion */
    double change_failure_low;  /**< its interval (Wilson 1927), likewise */
    double change_failure_high; /**< likewise */
    kedge_upkeep_leg detect;    /**< from CHANGE to DETECTED */
    kedge_upkeep_leg retrain;   /**< from DETECTED to TRAINED */
    kedge_upkeep_leg promote;   /**< from TRAINED to PROMOTED */
    kedge_upkeep_leg lead;      /**< from DETECTED to PROMOTED: lead time */
    kedge_upkeep_leg restore;   /**< from INCIDENT or ROLLED_BACK to RESTORED or PROMOTED: time to restore */
    kedge_upkeep_leg train;     /**< from TRAINING to TRAINED or FAILED */
} kedge_upkeep_report;

#define KEDGE_UPKEEP_BYTES 7432u /**< bytes of an upkeep's state */

extern KEDGE_API const kedge_metric_class kedge_upkeep; /**< the class; merges, see kedge_upkeep_event() */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_upkeep_config_init(kedge_upkeep_config *cfg, size_t cfg_bytes);

/** The default configuration. @return it @since 0.1 */
static inline kedge_upkeep_config kedge_upkeep_defaults(void)
{
    kedge_upkeep_config cfg;
    if (kedge_upkeep_config_init(&cfg, sizeof cfg) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** Record an event. kedge_metric_merge() adds another model's counts, finished legs and time seen; the clocks need not be the same.
 *  The other's legs that are under way end there unfinished, and its promotions stay as good as they were.
 *  @param m an upkeep  @param kind KEDGE_UPKEEP_...  @param time_ns a clock's nanoseconds, not less than at the event before
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL no handle  @retval KEDGE_ERR_CLASS m is another metric  @retval KEDGE_ERR_RANGE no
 *  such kind, time goes back, 2^62 events of a kind, 2^32 - 1 finished legs of a kind, or 2^64 nanoseconds seen together with what
 *  was merged; nothing changed
 *  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_upkeep_event(kedge_metric *m, uint32_t kind, uint64_t time_ns);

/** The figures, as of the last event. @param m an upkeep, may be shared  @param out the figures  @retval KEDGE_OK done
 *  @retval KEDGE_EMPTY no time was seen: rates by time and shares are NaN, the rest holds  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_CLASS m is another metric  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_upkeep_read(const kedge_metric *m, kedge_upkeep_report *out);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
