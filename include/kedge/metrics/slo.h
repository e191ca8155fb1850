/* SPDX-License-Identifier: MIT */
/** @file slo.h
 *  A service level objective: which share of the events must be good, how much of its error budget is spent, and alerts on how
 *  fast it burns, each over a long window, that it matters, and a short one, that it still goes on.
 *
 *  @code
 *  #include <stdlib.h>
 *  #include <kedge/metric.h>
 *  int main(void)
 *  {
 *      const uint64_t minute = 60000000000u;
 *      kedge_slo_config cfg = kedge_slo_defaults();
 *      kedge_slo_report report;
 *      kedge_metric m;
 *      kedge_status st = KEDGE_OK;
 *      uint64_t now = 0;
 *      void *mem = malloc(kedge_metric_size(&cfg.base));
 *      if (!mem || kedge_metric_init(&m, &cfg.base, mem, kedge_metric_size(&cfg.base)) < 0) return 1;
 *      for (; now < 600 * minute && st == KEDGE_OK; now += minute)
 *          st = kedge_slo_record_many(&m, 990, now < 300 * minute ? 0 : 10, now);
 *      if (st != KEDGE_WARNING || kedge_slo_read(&m, &report) < 0) return 1;
 *      free(mem);
 *      return report.alerts == 4 && report.n_bad == 330 ? 0 : 1; // the third alert, half an hour after the trouble began
 *  }
 *  @endcode */
#ifndef KEDGE_METRICS_SLO_H
#define KEDGE_METRICS_SLO_H

#include "../metric.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup metric
 *  @{ */

/** An alert of an objective: it is on while both windows burn at least `burn` times as fast as the objective allows, that is, while
 *  in each of them the share of bad events is at least burn * (1 - objective). */
typedef struct kedge_slo_alert {
    uint64_t long_ns;  /**< long window, nanoseconds, short_ns to period_ns */
    uint64_t short_ns; /**< short window, nanoseconds, from the length of a slot; as long as long_ns: one window alone */
    double burn;       /**< burn rate, 0.001 to 10^15; one above 1 / (1 - objective) is never reached */
    int32_t status;    /**< what it returns: #KEDGE_WARNING or #KEDGE_DRIFT */
    uint32_t reserved; /**< 0 */
} kedge_slo_alert;

/** A service level objective with burn-rate alerts over several windows (Beyer, Murphy, Rensin, Kawahara, Thorne 2018, "The Site
 *  Reliability Workbook", chapter 5, approach 6). Time is the caller's and never goes back; it is divided into slots of period_ns /
 *  n_slots, rounded up. A window is the slot of the last event and as many before it as make up its length, rounded up: it covers
 *  its length to within one slot. Counts are exact. Cost: O(1) to record, O(slots passed) when time goes on, O(n_slots) at most.
 *  Memory: 16 bytes a slot. */
typedef struct kedge_slo_config {
    kedge_metric_config base;  /**< set by kedge_slo_config_init() */
    double objective;          /**< share of events that must be good, (0, 1), default 0.999 */
    uint64_t period_ns;        /**< time over which the error budget counts, nanoseconds, 1 to 2^62, default 30 days */
    uint32_t n_slots;          /**< slots of the period, 1 to 2^24, default 43200: one a minute, five in the shortest window */
    uint32_t n_alerts;         /**< alerts in use, 0 to 4, default 3 */
    kedge_slo_alert alerts[4]; /**< defaults (the workbook's): 14.4 over 1 h and 5 min, #KEDGE_DRIFT; 6 over 6 h and 30 min,
                                *   #KEDGE_DRIFT; 1 over 3 d and 6 h, #KEDGE_WARNING. Those behind n_alerts do not count */
} kedge_slo_config;

/** Read-out, at the time of the last record. */
typedef struct kedge_slo_report {
    uint64_t n_good;      /**< good events in the period */
    uint64_t n_bad;       /**< bad ones */
    double budget;        /**< bad events that the objective allows among those of the period: (1 - objective) (n_good + n_bad) */
    double spent;         /**< share of it that is spent, n_bad / budget, 0 up; the burn rate of the period; NaN without an event */
    double left;          /**< share that is left, 1 - spent; below 0: overspent; NaN without an event */
    double burn_long[4];  /**< burn rate of each alert's long window: share of bad events / (1 - objective); NaN without an event in
                           *   it, and behind n_alerts */
    double burn_short[4]; /**< likewise of the short window */
    double exhausted_ns;  /**< nanoseconds until the budget is spent, left * period_ns / burn rate, if traffic stays as it was over
                           *   the period and bad events as they are in the long window of the first alert (without alerts: in the
                           *   period); 0: it is spent; infinite: nothing burns; NaN without an event in the period */
    int32_t status;       /**< the most severe alert that is on: #KEDGE_OK, #KEDGE_WARNING or #KEDGE_DRIFT */
    uint32_t alerts;      /**< which are on: bit i for alerts[i] */
} kedge_slo_report;

extern KEDGE_API const kedge_metric_class kedge_slo; /**< the class; does not merge */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_slo_config_init(kedge_slo_config *cfg, size_t cfg_bytes);

/** The default configuration. @return it @since 0.1 */
static inline kedge_slo_config kedge_slo_defaults(void)
{
    kedge_slo_config cfg;
    if (kedge_slo_config_init(&cfg, sizeof cfg) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** Record one event. The status is a state, not news: it is returned by every record while an alert is on.
 *  @param m an objective  @param good not 0: the event was good  @param time_ns nanoseconds, any value, not before the last one
 *  @retval KEDGE_OK no alert is on  @retval KEDGE_WARNING one of this status is on, and none of #KEDGE_DRIFT
 *  @retval KEDGE_DRIFT one of this status is on  @retval KEDGE_ERR_NULL no handle  @retval KEDGE_ERR_CLASS m is another metric
 *  @retval KEDGE_ERR_RANGE time went back, or more than 2^62 events in all; nothing changed
 *  @complexity O(slots passed), at most O(n_slots)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_slo_record(kedge_metric *m, int good, uint64_t time_ns);

/** Record many events of one time; the same bytes as single calls. None at all is allowed: this tells the time, so that windows
 *  move on while nothing happens.
 *  @param m an objective  @param n_good good events  @param n_bad bad ones  @param time_ns as for kedge_slo_record()
 *  @return as kedge_slo_record()  @complexity O(slots passed), at most O(n_slots)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_slo_record_many(kedge_metric *m, uint64_t n_good, uint64_t n_bad, uint64_t time_ns);

/** The figures. @param m an objective, may be shared  @param out the figures  @retval KEDGE_OK done
 *  @retval KEDGE_EMPTY no event in the period: see which figures are NaN  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_CLASS m is another metric  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_slo_read(const kedge_metric *m, kedge_slo_report *out);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
