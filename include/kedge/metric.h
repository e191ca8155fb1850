/* SPDX-License-Identifier: MIT */
/** @file metric.h
 *  Metrics: what one must know of a model in service. Here are quality (how often is it right), latency (how long does a row take),
 *  throughput (how many rows a second), detection (how good is a drift detector) and fairness (are groups treated alike). All
 *  metrics share the verbs for memory and snapshots; each has its own record and read-outs.
 *
 *  @code
 *  #include <kedge/metric.h>
 *  int main(void)
 *  {
 *      union { double align; unsigned char bytes[KEDGE_QUALITY_BYTES_FOR(2u)]; } mem;
 *      kedge_quality_config cfg = kedge_quality_defaults(2);
 *      kedge_quality_report report;
 *      kedge_metric q;
 *      if (kedge_metric_init(&q, &cfg.base, &mem, sizeof mem) < 0) return 1;
 *      if (kedge_quality_record(&q, 1, 1, 1.0) < 0 || kedge_quality_record(&q, 0, 1, 1.0) < 0) return 1;
 *      return kedge_quality_read(&q, &report) == KEDGE_OK && report.accuracy == 0.5 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_METRIC_H
#define KEDGE_METRIC_H

#include "base.h"
#include "class.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @defgroup metric Metrics
 *  Quality, latency, throughput, detection.
 *  @{ */

typedef struct kedge_metric_class kedge_metric_class;

/** First member of every metric's configuration. */
typedef struct kedge_metric_config {
    const kedge_metric_class *cls; /**< the metric; set by kedge_..._config_init() */
    uint32_t config_bytes;         /**< size of the caller's whole configuration struct; set likewise */
    uint32_t reserved;             /**< 0 */
} kedge_metric_config;

/** Handle: cheap to copy, holds nothing of its own. */
typedef struct kedge_metric {
    const kedge_metric_class *cls; /**< the metric */
    void *state;                   /**< the state in the caller's memory */
} kedge_metric;

/** A metric's table; const, shared by all its objects. */
struct kedge_metric_class {
    kedge_class base; /**< sizing, init, snapshots; noun #KEDGE_NOUN_METRIC */
    /** Do two states have the same configuration, so that they can be merged? 1 yes. NULL exactly if merge is. */
    int (*alike)(const void *state, const void *other);
    /** Add what `other`, which is alike, has recorded; NULL: the statistic does not allow it. */
    kedge_status (*merge)(void *state, const void *other);
};

/** Bytes of memory that this configuration needs. @param cfg configuration @return bytes; 0: NULL or out of range
 *  @complexity O(1) @since 0.1 */
KEDGE_API size_t kedge_metric_size(const kedge_metric_config *cfg);

/** Lay the metric out in the caller's memory, whatever that held before.
 *  @param m handle to set  @param cfg configuration, not needed afterwards  @param mem memory that must live as long as the metric,
 *  aligned to #KEDGE_ALIGN  @param mem_bytes its size, at least kedge_metric_size()
 *  @retval KEDGE_OK ready  @retval KEDGE_ERR_NULL an argument or cfg->cls is NULL  @retval KEDGE_ERR_CONFIG a field is out of range
 *  @retval KEDGE_ERR_BUFFER too small  @retval KEDGE_ERR_ALIGN misaligned  @retval KEDGE_ERR_CLASS cfg->cls is malformed
 *  @complexity O(bytes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_metric_init(kedge_metric *m, const kedge_metric_config *cfg, void *mem,
                                                         size_t mem_bytes);

/** Bind a handle to a state that is already in memory, see kedge_detector_open().
 *  @param m handle to set  @param cls the class  @param mem the state, aligned to #KEDGE_ALIGN  @param mem_bytes its size
 *  @retval KEDGE_OK bound  @retval KEDGE_ERR_NULL an argument is NULL  @retval KEDGE_ERR_BUFFER the state is cut short
 *  @retval KEDGE_ERR_ALIGN misaligned  @retval KEDGE_ERR_CLASS another class, version or byte order  @complexity O(1)  @since
 *  0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_metric_open(kedge_metric *m, const kedge_metric_class *cls, void *mem,
                                                         size_t mem_bytes);

/** Verify all invariants of a state. @param m handle  @retval KEDGE_OK they hold  @retval KEDGE_ERR_NULL no handle
 *  @retval KEDGE_ERR_STATE one is broken  @complexity O(bytes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_metric_check(const kedge_metric *m);

/** Add what another object of the same configuration has recorded.
 *  @param m handle, used by this thread only  @param other unchanged, may be shared; not m itself
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS another class
 *  @retval KEDGE_ERR_CONFIG another configuration, or m itself  @retval KEDGE_ERR_RANGE more than 2^62 records together
 *  @retval KEDGE_ERR_UNSUPPORTED the statistic does not allow it (windows, fading)
 *  @complexity O(bytes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_metric_merge(kedge_metric *m, const kedge_metric *other);

/** Make the state the same bytes as just after init. @param m handle  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL no handle
 *  @complexity O(bytes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_metric_reset(kedge_metric *m);

/** Write a portable snapshot, see kedge_detector_save().
 *  @param m handle, may be shared  @param buf where to; may be NULL if cap is 0  @param cap its size  @param len bytes written, or
 *  needed
 *  @retval KEDGE_OK written  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_BUFFER too small; *len tells what is
 *  needed
 *  @complexity O(bytes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_metric_save(const kedge_metric *m, void *buf, size_t cap, size_t *len);

/** Bytes of memory that the metric in a snapshot needs. @param cls the class  @param buf a snapshot  @param len its length
 *  @param bytes what kedge_metric_load() needs  @return as kedge_metric_load()  @complexity O(len)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_metric_load_size(const kedge_metric_class *cls, const void *buf, size_t len,
                                                              size_t *bytes);

/** Bring a snapshot back to life, see kedge_detector_load() for errors and what they leave.
 *  @param m handle to set  @param cls the class that was saved  @param mem memory for the state  @param mem_bytes its size
 *  @param buf the snapshot, not inside mem  @param len its length
 *  @retval KEDGE_OK ready  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_SNAPSHOT cut short, damaged or forged
 *  @retval KEDGE_ERR_CLASS another class or version  @retval KEDGE_ERR_BUFFER mem is too small  @retval KEDGE_ERR_ALIGN mem is
 *  misaligned
 *  @complexity O(len)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_metric_load(kedge_metric *m, const kedge_metric_class *cls, void *mem,
                                                         size_t mem_bytes, const void *buf, size_t len);

/** All metric classes, ending with NULL. Naming this function links them all. @return static table  @since 0.1 */
KEDGE_API const kedge_metric_class *const *kedge_metric_classes(void);

/* Detection -------------------------------------------------------------------------------------------------------------------- */

/** Detection: how good is a detector on a stream whose changes are known? Delay, missed changes, false alarms, each with its
 *  confidence interval and beside a detector that fires at random as often. Feed it one record an observation. The first alarm
 *  within `horizon` observations after a change is its detection; every other alarm is false. Mean time ratio: Bifet 2017,
 *  "Classifier concept drift detection and the illusion of progress". Cost: O(1) to record. */
typedef struct kedge_detection_config {
    kedge_metric_config base; /**< set by kedge_detection_config_init() */
    uint64_t horizon;         /**< observations after a change (the first of the new concept included) in which an alarm detects it,
                               *   1 to 2^62, default 2^62: until the next change */
    double confidence;        /**< of the intervals, (0, 1), default 0.95 */
} kedge_detection_config;

/** Read-out. A figure that needs data which are not there is NaN; an upper end that the data do not bound is infinite. */
typedef struct kedge_detection_report {
    uint64_t n;          /**< observations */
    uint64_t n_changes;  /**< changes */
    uint64_t n_alarms;   /**< alarms */
    uint64_t n_detected; /**< changes with an alarm in their horizon */
    uint64_t n_missed;   /**< changes whose horizon, or whose concept, ended without one */
    uint64_t n_open;     /**< changes that are still waiting */
    uint64_t n_false;    /**< alarms that detect nothing */
    double delay;        /**< mean over the detected changes, observations: 1 if the first one of the new concept alarms */
    double delay_low;    /**< its interval, by the central limit theorem */
    double delay_high;   /**< likewise */
    double delay_max;    /**< greatest */
    double missed;       /**< share of the changes that were decided */
    double missed_low;   /**< its interval (Wilson 1927) */
    double missed_high;  /**< likewise */
    double arl;          /**< average run length: observations in which an alarm would be false / false alarms */
    double arl_low;      /**< its interval (Garwood 1936), for false alarms that come independently */
    double arl_high;     /**< likewise */
    double mean_time_ratio; /**< arl / delay * (1 - missed): greater is better; infinite without a false alarm */
    double random_delay;    /**< mean delay of a detector that fires at random as often as this one, where it detects at all */
    double random_missed;   /**< share that it misses */
    double random_mean_time_ratio; /**< its mean time ratio */
} kedge_detection_report;

#define KEDGE_DETECTION_BYTES 128u /**< bytes of a detection state */

extern KEDGE_API const kedge_metric_class kedge_detection; /**< the class; merges */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_detection_config_init(kedge_detection_config *cfg, size_t cfg_bytes);

/** The default configuration. @return it @since 0.1 */
static inline kedge_detection_config kedge_detection_defaults(void)
{
    kedge_detection_config cfg;
    if (kedge_detection_config_init(&cfg, sizeof cfg) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** Record one observation. @param m a detection  @param changed not 0: it is the first of a new concept  @param alarmed not 0: it
 *  raised an alarm  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL no handle  @retval KEDGE_ERR_CLASS m is another metric
 *  @retval KEDGE_ERR_RANGE 2^62 observations were recorded  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_detection_record(kedge_metric *m, int changed, int alarmed);

/** Record a batch, as kedge_detector_signal_many() writes it; the same bytes as single calls.
 *  @param m a detection  @param changed n bytes, not 0 at the first observation of each new concept; or NULL: nothing changes
 *  @param signals n bytes; #KEDGE_DRIFT is an alarm, nothing else is  @param n how many
 *  @return as kedge_detection_record()  @complexity O(n)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_detection_record_many(kedge_metric *m, const uint8_t *changed, const uint8_t *signals,
                                                                   size_t n);

/** End the stream here: the next record begins another one, with a fresh detector. A change that waits stays open.
 *  @param m a detection  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL no handle  @retval KEDGE_ERR_CLASS m is another metric
 *  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_detection_end(kedge_metric *m);

/** The figures. @param m a detection, may be shared  @param out the figures  @retval KEDGE_OK done  @retval KEDGE_EMPTY nothing
 *  recorded
 *  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS m is another metric  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_detection_read(const kedge_metric *m, kedge_detection_report *out);

/* Quality ---------------------------------------------------------------------------------------------------------------------- */

/** What the figures of a quality metric cover. */
enum {
    KEDGE_OVER_ALL = 1,    /**< everything since init */
    KEDGE_OVER_WINDOW = 2, /**< the newest `window` records */
    KEDGE_OVER_FADING = 3, /**< everything, each record `fading` times the weight of the next one */
    KEDGE_OVER_TUMBLING = 4 /**< the last whole window of those that follow each other; nothing before the first is whole */
};

/** Quality of a classifier from its confusion matrix. Cost: O(1) to record (fading too, in a window on average), O(n_classes^2) to
 *  read. Memory: 8 bytes a cell; in windows 16 a cell, in a sliding one 20 a record besides, and what has left it leaves no
 *  rounding behind. */
typedef struct kedge_quality_config {
    kedge_metric_config base; /**< set by kedge_quality_config_init() */
    double fading;            /**< with #KEDGE_OVER_FADING: factor per record, (0, 1), default 0.999 (Gama, Sebastiao, Rodrigues
                               *   2013) */
    uint32_t n_classes;       /**< 2 to 1024 */
    uint32_t over;            /**< KEDGE_OVER_..., default #KEDGE_OVER_ALL */
    uint32_t window;          /**< with #KEDGE_OVER_WINDOW and #KEDGE_OVER_TUMBLING: records, 1 to 2^24, default 1000 */
    uint32_t reserved;        /**< 0 */
    double beta;              /**< of F-beta: how many times as much recall counts as precision, (0, 1000], default 1: F1 */
    double confidence;        /**< of the accuracy's interval, (0, 1), default 0.95 */
} kedge_quality_config;

/** Figures of a classifier. Precision of a class that was never predicted, recall of a class that never occurred and F where both
 *  are missing or 0 count as 0, as in scikit-learn with zero_division=0; n_undefined tells how many such ratios there were. Macro:
 *  mean over the classes that occurred or were predicted, with any weight (with fading: with more than 2^-52 of all weight, so
 *  that classes long gone do not count); weighted: by the weight with which they occurred; micro: over all decisions, which for
 *  single labels equals accuracy. The kappas compare with a baseline; where that is never wrong they are 0. */
typedef struct kedge_quality_report {
    uint64_t n;        /**< records covered */
    double weight;     /**< their weights' sum, faded */
    double accuracy;   /**< share of right ones */
    double error_rate; /**< share of wrong ones */
    double kappa;      /**< Cohen's kappa: accuracy beyond chance, -1 to 1; 0 where chance alone explains all (one class only) */
    double precision_macro;    /**< right among predicted, mean of classes */
    double recall_macro;       /**< right among occurred, mean of classes */
    double f1_macro;           /**< harmonic mean of both, mean of classes */
    double precision_weighted; /**< by how often classes occurred */
    double recall_weighted;    /**< likewise */
    double f1_weighted;        /**< likewise */
    double f1_micro;           /**< over all decisions; so are precision, recall and F-beta */
    uint32_t n_undefined;      /**< ratios without a denominator that count as 0 */
    uint32_t reserved;         /**< 0 */
    double accuracy_low;       /**< interval of the accuracy (Wilson 1927); a weight counts as how often a record is there, fading
                                *   ones as many as have the same variance */
    double accuracy_high;      /**< likewise */
    double balanced_accuracy;  /**< recall, mean of the classes that occurred */
    double mcc;                /**< Matthews correlation of any number of classes (Gorodkin 2004), -1 to 1; 0 where truth or
                                *   prediction is one class only */
    double g_mean;             /**< geometric mean of the classes' recall; 0 if one of them is 0 */
    double kappa_m;            /**< accuracy beyond always predicting the commonest class of the covered records (Bifet 2015), at
                                *   most 1, not below -1e200 */
    double kappa_temporal;     /**< accuracy beyond predicting the truth of the record before, for the first record of all class 0,
                                *   as MOA (Zliobaite 2015), at most 1, not below -1e200 */
    double f_beta_macro;       /**< F-beta, mean of classes */
    double f_beta_weighted;    /**< by how often classes occurred */
    double jaccard_macro;      /**< right among predicted or occurred, mean of classes */
    double jaccard_weighted;   /**< by how often classes occurred */
    double jaccard_micro;      /**< over all decisions: right / (right + 2 wrong) */
} kedge_quality_report;

/** Figures of one class against all others. */
typedef struct kedge_quality_class_report {
    double support;   /**< weight with which it occurred */
    double predicted; /**< weight with which it was predicted */
    double precision; /**< right among predicted */
    double recall;    /**< right among occurred; true positive rate */
    double f1;        /**< their harmonic mean */
    double false_positive_rate; /**< predicted among those that were not it */
    double false_negative_rate; /**< missed among those that were it */
    uint32_t n_undefined;       /**< ratios without a denominator that count as 0 */
    uint32_t reserved;          /**< 0 */
    double false_discovery_rate; /**< wrong among predicted */
    double f_beta;               /**< harmonic mean of precision and recall, recall counting beta^2 times */
    double jaccard;              /**< right among predicted or occurred */
} kedge_quality_class_report;

/** Bytes of a quality state with #KEDGE_OVER_ALL or #KEDGE_OVER_TUMBLING. */
#define KEDGE_QUALITY_BYTES_FOR(n_classes) (144u + 16u * (n_classes) * (n_classes))

extern KEDGE_API const kedge_metric_class kedge_quality; /**< the class; merges with KEDGE_OVER_ALL */

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param n_classes classes  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size
 *  @since 0.1 */
KEDGE_API kedge_status kedge_quality_config_init(kedge_quality_config *cfg, size_t cfg_bytes, uint32_t n_classes);

/** The default configuration. @param n_classes classes @return it @since 0.1 */
static inline kedge_quality_config kedge_quality_defaults(uint32_t n_classes)
{
    kedge_quality_config cfg;
    if (kedge_quality_config_init(&cfg, sizeof cfg, n_classes) < 0)
        cfg.base.cls = NULL;
    return cfg;
}

/** Record one decision. @param m a quality  @param truth the class that it was  @param predicted the class that was predicted
 *  @param weight finite, 0 to 1e9, usually 1  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL no handle  @retval KEDGE_ERR_CLASS m is
 *  another metric  @retval KEDGE_ERR_RANGE no such class, or weight out of range  @retval KEDGE_ERR_NOT_FINITE weight is NaN or
 *  infinite
 *  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_quality_record(kedge_metric *m, uint32_t truth, uint32_t predicted, double weight);

/** Record a batch; the same bytes as single calls. @param m a quality  @param truth n classes  @param predicted n classes
 *  @param weight n weights, or NULL: all 1  @param n how many  @param used how many were recorded, also on error
 *  @retval KEDGE_OK done  @retval others as kedge_quality_record()  @complexity O(n)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_quality_record_many(kedge_metric *m, const uint32_t *truth, const uint32_t *predicted,
                                                                 const double *weight, size_t n, size_t *used);

/** All figures. @param m a quality, may be shared  @param out the figures  @retval KEDGE_OK done
 *  @retval KEDGE_EMPTY no weight recorded: ratios are NaN  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS m is
 *  another metric  @complexity O(n_classes^2)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_quality_read(const kedge_metric *m, kedge_quality_report *out);

/** Figures of one class. @param m a quality, may be shared  @param i_class the class  @param out the figures  @retval KEDGE_OK done
 *  @retval KEDGE_EMPTY no weight recorded: ratios are NaN  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS m is
 *  another metric  @retval KEDGE_ERR_RANGE no such class  @complexity O(n_classes^2)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_quality_read_class(const kedge_metric *m, uint32_t i_class,
                                                                kedge_quality_class_report *out);

/** One cell of the confusion matrix. @param m a quality, may be shared  @param truth row  @param predicted column  @param weight
 *  the cell
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CLASS m is another metric
 *  @retval KEDGE_ERR_RANGE no such class  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_quality_read_cell(const kedge_metric *m, uint32_t truth, uint32_t predicted,
                                                               double *weight);

/** @} */

#ifdef __cplusplus
}
#endif

/* The metrics that have headers of their own. */
#include "metrics/auc_stream.h"
#include "metrics/auc_window.h"
#include "metrics/backlog.h"
#include "metrics/cbpe.h"
#include "metrics/cost.h"
#include "metrics/fairness.h"
#include "metrics/joiner.h"
#include "metrics/latency.h"
#include "metrics/latency_shared.h"
#include "metrics/ranking.h"
#include "metrics/paired.h"
#include "metrics/regression.h"
#include "metrics/reliability.h"
#include "metrics/slices.h"
#include "metrics/slo.h"
#include "metrics/throughput.h"
#include "metrics/upkeep.h"

#endif
