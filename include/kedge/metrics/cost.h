/* SPDX-License-Identifier: MIT */
/** @file cost.h
 *  What a model in service uses, and what that costs at the caller's prices: compute time, energy, bytes held and bytes moved; per
 *  thousand predictions, per retraining, per point of accuracy gained. And the question before a retraining: is it worth its price?
 *
 *  @code
 *  #include <kedge/metric.h>
 *  int main(void)
 *  {
 *      union { double align; unsigned char bytes[KEDGE_COST_BYTES]; } mem;
 *      kedge_cost_config cfg = kedge_cost_defaults();
 *      // points with their range, a right answer's value, rows, price
 *      kedge_cost_case offer = {1.5, 0.5, 2.5, 0.02, 100000.0, 3.0};
 *      kedge_cost_report used;
 *      kedge_cost_verdict verdict;
 *      kedge_metric m;
 *      cfg.price_compute = 0.05 / 3600.0; // five cents an hour
 *      cfg.watts = 15.0;
 *      if (kedge_metric_init(&m, &cfg.base, &mem, sizeof mem) < 0) return 1;
 *      if (kedge_cost_hold(&m, 36592, 0) < 0) return 1;                                     // from time 0 on
 *      if (kedge_cost_add(&m, KEDGE_COST_PREDICT, 1000, 2000000, 0) < 0) return 1;          // 1,000 rows in 2 ms
 *      if (kedge_cost_add(&m, KEDGE_COST_TRAIN, 1, 3600000000000u, 1u << 30) < 0) return 1; // one training, an hour
 *      if (kedge_cost_gain(&m, 2.0) < 0) return 1;                                          // it brought two points
 *      if (kedge_cost_read(&m, &used) != KEDGE_OK || !(used.per_point > 0.0249 && used.per_point < 0.0251)) return 1;
 *      return kedge_cost_worth(&offer, &verdict) == KEDGE_OK && verdict.worth == KEDGE_WORTH_YES ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_METRICS_COST_H
#define KEDGE_METRICS_COST_H

#include "../metric.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup metric
 *  @{ */

/** What was done. */
enum {
    KEDGE_COST_PREDICT = 1,  /**< predicted; n counts rows */
    KEDGE_COST_LEARN = 2,    /**< learned online; n counts rows */
    KEDGE_COST_TRAIN = 3,    /**< trained a model anew; n counts trainings */
    KEDGE_COST_EVALUATE = 4, /**< tested, compared; n counts rows */
    KEDGE_COST_OTHER = 5     /**< anything else, n as you like */
};

/** Prices and watts. Prices are in any one currency; 0 means free. What is held is priced by RAM-hours (Bifet, Holmes, Pfahringer,
 *  Frank 2010, "Fast perceptron decision tree learning from evolving data streams"). A GiB is 2^30 bytes. Cost: O(1) for all. */
typedef struct kedge_cost_config {
    kedge_metric_config base; /**< set by kedge_cost_config_init() */
    double price_compute;     /**< of a second of compute time, 0 to 1e12, default 0 */
    double price_held;        /**< of a GiB held for an hour, 0 to 1e12, default 0 */
    double price_moved;       /**< of a GiB moved, 0 to 1e12, default 0 */
    double price_energy;      /**< of a kilowatt-hour, 0 to 1e12, default 0 */
    double watts;             /**< drawn while computing, 0 to 1e9, default 0: energy is not known */
} kedge_cost_config;

/** What one kind of work used and cost. */
typedef struct kedge_cost_part {
    uint64_t n;           /**< rows, or trainings */
    uint64_t compute_ns;  /**< compute time, nanoseconds */
    uint64_t bytes_moved; /**< bytes */
    double joules;        /**< watts times compute time */
    double price_compute; /**< of the compute time */
    double price_moved;   /**< of the bytes moved */
    double price_energy;  /**< of the energy */
    double price;         /**< sum of the three */
} kedge_cost_part;

/** What everything used and cost. A figure whose data are not there is NaN. */
typedef struct kedge_cost_report {
    uint64_t compute_ns;   /**< compute time of all kinds, nanoseconds */
    uint64_t bytes_moved;  /**< bytes moved by all kinds */
    uint64_t bytes_now;    /**< bytes held since the last kedge_cost_hold() */
    uint64_t bytes_peak;   /**< the most that was held at once; of merged objects the sum of theirs, which is not less */
    uint64_t n_gains;      /**< trainings whose gain was told */
    double joules;         /**< watts times compute time */
    double gib_hours;      /**< bytes held by the time for which they were, up to the last kedge_cost_hold() */
    double price_compute;  /**< of the compute time */
    double price_moved;    /**< of the bytes moved */
    double price_energy;   /**< of the energy */
    double price_held;     /**< of gib_hours */
    double price;          /**< sum of the four */
    double per_thousand;   /**< price of predicting, a thousand rows; NaN before the first */
    double per_thousand_all; /**< price of everything, a thousand predicted rows; NaN before the first */
    double per_training;   /**< price of trainings by their number; NaN before the first */
    double points;         /**< points of accuracy that trainings brought, those lost taken off; 0 if none was told */
    double per_point;      /**< price of trainings by points; NaN unless points are above 1e-9. A training whose gain was not told
                            *   adds its price and no points */
} kedge_cost_report;

#define KEDGE_COST_BYTES 248u /**< bytes of a cost state */

extern KEDGE_API const kedge_metric_class kedge_cost; /**< the class; merges */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_cost_config_init(kedge_cost_config *cfg, size_t cfg_bytes);

/** The default configuration. @return it @since 0.1 */
static inline kedge_cost_config kedge_cost_defaults(void)
{
    kedge_cost_config cfg;
    if (kedge_cost_config_init(&cfg, sizeof cfg) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** Record work that was done. @param m a cost  @param kind KEDGE_COST_...  @param n rows, or trainings; may be 0 where a batch goes
 *  on
 *  @param compute_ns compute time, nanoseconds; of several cores their sum  @param bytes_moved bytes read, written or sent that
 *  have a price  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL no handle  @retval KEDGE_ERR_CLASS m is another metric
 *  @retval KEDGE_ERR_RANGE no such kind, or a count would pass 2^62 (n of one kind, time and bytes of all together); nothing
 *  changed  @complexity O(1)
 *  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_cost_add(kedge_metric *m, uint32_t kind, uint64_t n, uint64_t compute_ns,
                                                      uint64_t bytes_moved);

/** Tell how many bytes are held from now on. To let time pass, tell the same again. @param m a cost  @param bytes held, up to 2^62
 *  @param time_ns a monotonic clock's nanoseconds, up to 2^62, not less than the last; the first starts the clock  @retval KEDGE_OK
 *  done
 *  @retval KEDGE_ERR_NULL no handle  @retval KEDGE_ERR_CLASS m is another metric  @retval KEDGE_ERR_RANGE the clock went back, or
 *  too much; nothing changed  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_cost_hold(kedge_metric *m, uint64_t bytes, uint64_t time_ns);

/** Tell what a training brought, once for each that was recorded. @param m a cost  @param points points of accuracy, that is per
 *  cent of the rows, -100 to 100; below 0: it made things worse  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL no handle
 *  @retval KEDGE_ERR_CLASS m is another metric  @retval KEDGE_ERR_NOT_FINITE NaN or infinity  @retval KEDGE_ERR_RANGE out of range
 *  @retval KEDGE_ERR_STATE the gains of all recorded trainings have been told; nothing changed  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_cost_gain(kedge_metric *m, double points);

/** All figures, as of the last record. Objects merge by adding up. If both hold something their clocks must be the same: the one
 *  that is behind is taken to the later time; a source with a clock of its own tells that it holds 0 bytes before it is merged.
 *  @param m a cost, may be shared  @param out the figures  @retval KEDGE_OK done  @retval KEDGE_EMPTY nothing was recorded: totals
 *  are 0, what is divided is NaN  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS m is another metric
 *  @complexity O(1)
 *  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_cost_read(const kedge_metric *m, kedge_cost_report *out);

/** Figures of one kind of work. @param m a cost, may be shared  @param kind KEDGE_COST_...  @param out the figures
 *  @retval KEDGE_OK done
 *  @retval KEDGE_EMPTY none of it was recorded: all are 0  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS m is
 *  another metric  @retval KEDGE_ERR_RANGE no such kind  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_cost_read_kind(const kedge_metric *m, uint32_t kind, kedge_cost_part *out);

/** What so much work costs at the prices of m, without recording it: for the price of one training, say.
 *  @param m a cost, may be shared  @param compute_ns compute time, nanoseconds  @param bytes_moved bytes that have a price
 *  @param out the figures; n is 0  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS m is
 *  another metric
 *  @retval KEDGE_ERR_RANGE more than 2^62; *out is unchanged  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_cost_price(const kedge_metric *m, uint64_t compute_ns, uint64_t bytes_moved,
                                                        kedge_cost_part *out);

/** A retraining on offer. */
typedef struct kedge_cost_case {
    double gain;        /**< points of accuracy that it is expected to bring, -100 to 100; from a #kedge_paired: -100 times
                         *   difference */
    double gain_low;    /**< the least that it may, -100 to gain */
    double gain_high;   /**< the most, gain to 100 */
    double right_value; /**< what a right answer is worth more than a wrong one, 0 to 1e12, in the currency of price */
    double rows;        /**< rows to be predicted before the next retraining, 0 to 1e18 */
    double price;       /**< of the training, 0 to 1e30; for example per_training */
} kedge_cost_case;

/** Is a retraining worth its price? */
enum {
    KEDGE_WORTH_NO = 1,       /**< even the greatest gain leaves nothing above the price */
    KEDGE_WORTH_YES = 2,      /**< even the least gain leaves something */
    KEDGE_WORTH_UNDECIDED = 3 /**< the range of the gain allows both; net tells what is expected */
};

/** What a retraining brings. */
typedef struct kedge_cost_verdict {
    uint32_t worth;         /**< KEDGE_WORTH_... */
    uint32_t reserved;      /**< 0 */
    double net;             /**< value of the expected gain over the rows to come, less the price */
    double net_low;         /**< the same of gain_low */
    double net_high;        /**< of gain_high */
    double break_even;      /**< rows after which the expected gain has paid the price; infinite if it never does */
    double break_even_low;  /**< the same of gain_high */
    double break_even_high; /**< of gain_low */
} kedge_cost_verdict;

/** Is a retraining worth its price? An update is an investment (Zliobaite, Budka, Stahl 2015, "Towards cost-sensitive adaptation:
 *  when is it worth updating your predictive model?", Neurocomputing 150): gain / 100 times rows times right_value against price.
 *  @param offer the case  @param out the verdict  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval
 *  KEDGE_ERR_NOT_FINITE a field is NaN or infinite  @retval KEDGE_ERR_RANGE one is out of range; *out is unchanged  @complexity
 *  O(1)
 *  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_cost_worth(const kedge_cost_case *offer, kedge_cost_verdict *out);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
