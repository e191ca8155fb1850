/* SPDX-License-Identifier: MIT */
/** @file detector.h
 *  Detectors read one number at a time (an error, a loss, a feature, a score) and say stable, warning or drift. An algorithm is a
 *  configuration struct and a class; the verbs are the same for all.
 *
 *  @code
 *  #include <kedge/detector.h>
 *  int main(void)
 *  {
 *      union { double align; unsigned char bytes[KEDGE_DDM_BYTES]; } mem;
 *      kedge_ddm_config cfg = kedge_ddm_defaults();
 *      kedge_detector d;
 *      int i, drifts = 0;
 *      if (kedge_detector_init(&d, &cfg.base, &mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 2000; i++)
 *          drifts += kedge_detector_update(&d, i < 1000 ? i % 10 == 0 : i % 2 == 0) == KEDGE_DRIFT;
 *      return drifts == 1 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_DETECTOR_H
#define KEDGE_DETECTOR_H

#include "base.h"
#include "class.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @defgroup detector Detectors
 *  Notice that a stream has changed.
 *
 *  After drift: #KEDGE_DRIFT is returned once, by the observation that raised it; the detector has then started afresh as its paper
 *  says, and kedge_detector_alarm() tells of this alarm until the next one.
 *  Input: finite numbers of magnitude up to #KEDGE_DETECTOR_INPUT_MAX, where a class does not say less (error-rate detectors take
 *  0 to 1). Anything else is an error that changes nothing, and the stream may go on with the next number.
 *  @{ */

#define KEDGE_DETECTOR_INPUT_MAX 1e100 /**< largest magnitude of an observation; squares of it still add up finitely */

typedef struct kedge_detector_class kedge_detector_class;

/** First member of every detector's configuration. */
typedef struct kedge_detector_config {
    const kedge_detector_class *cls; /**< the algorithm; set by kedge_..._config_init() */
    uint32_t config_bytes;           /**< size of the caller's whole configuration struct; set likewise */
    uint32_t reserved;               /**< 0 */
} kedge_detector_config;

/** Handle: cheap to copy, holds nothing of its own. */
typedef struct kedge_detector {
    const kedge_detector_class *cls; /**< the algorithm */
    void *state;                     /**< the state in the caller's memory */
} kedge_detector;

/** What a detector sees now. A number that needs data which are not there yet is NaN. */
typedef struct kedge_estimate {
    uint64_t n_seen;     /**< observations since init or reset */
    uint64_t n_warnings; /**< warning zones entered since init or reset */
    uint64_t n_drifts;   /**< alarms since init or reset */
    uint64_t width;      /**< observations that the present concept is judged by: since the restart, or in the window */
    double mean;         /**< mean of these; unit of the stream */
    double variance;     /**< their variance, divisor width; unit squared */
    double statistic;    /**< test statistic now; unit and meaning stand at the algorithm */
    double threshold;    /**< drift is signalled when statistic exceeds it */
} kedge_estimate;

/** What the last alarm saw; the same for every detector. Indices count observations from 0 since init or reset. */
typedef struct kedge_alarm {
    uint64_t at;         /**< index of the observation that raised it */
    uint64_t changed_at; /**< estimate of the index of the first observation of the new concept, at most `at` */
    double mean_before;  /**< mean before changed_at, NaN where the detector cannot tell */
    double mean_after;   /**< mean from changed_at to at, NaN where the detector cannot tell */
    double effect;       /**< mean_after - mean_before; unit of the stream */
    double statistic;    /**< test statistic at the alarm */
    double threshold;    /**< what it exceeded */
    double log_evidence; /**< natural logarithm of the evidence against "no change", NaN for detectors that have none */
} kedge_alarm;

/** How a detector behaves where the well-known libraries differ; see kedge_adwin_config_peer() and its like. */
enum {
    KEDGE_PEER_NONE = 1, /**< kedge's own defaults: what serves users best */
    KEDGE_PEER_RIVER = 2, /**< same alarms as river 0.26 */
    KEDGE_PEER_MOA = 3    /**< same alarms as MOA 2024.07, whose ADWIN overflows in windows above about 147,000: ours does not */
};

/** Which changes of the mean raise an alarm. */
enum {
    KEDGE_DIRECTION_BOTH = 1, /**< rises and falls */
    KEDGE_DIRECTION_UP = 2,   /**< rises only */
    KEDGE_DIRECTION_DOWN = 3  /**< falls only */
};

/** The number in a configuration that sets how often a detector alarms on a stream that does not change. */
typedef struct kedge_knob {
    uint32_t offset;         /**< of that double in the configuration; 0: there is none */
    uint32_t warning_offset; /**< of the double that sets the warning level, which goes along in proportion; 0: there is none */
    double often;            /**< end of its range where alarms are most frequent, > 0 */
    double seldom;           /**< end where they are rarest, > 0; may be the smaller number */
} kedge_knob;

/** Where a chart takes the level of a quiet stream from. */
enum {
    KEDGE_REFERENCE_LEARNED = 1, /**< from the observations since the restart */
    KEDGE_REFERENCE_FIXED = 2    /**< from the configuration */
};

/** A detector's algorithm; const, shared by all its objects. A host can bring its own. */
struct kedge_detector_class {
    kedge_class base;  /**< sizing, init, snapshots; noun #KEDGE_NOUN_DETECTOR */
    double input_low;  /**< least observation allowed */
    double input_high; /**< greatest observation allowed */
    /** Feed n valid observations. With signals: write one KEDGE_OK, KEDGE_WARNING or KEDGE_DRIFT for each and never stop.
     *  Without: stop behind the first that raises drift. Returns the last observation's status; *used = how many were fed. */
    kedge_status (*run)(void *state, const double *x, size_t n, uint8_t *signals, size_t *used);
    /** Feed one valid observation; the same as run with n = 1. */
    kedge_status (*update)(void *state, double x);
    /** Fill in the present view; KEDGE_EMPTY where width is 0. */
    kedge_status (*estimate)(const void *state, kedge_estimate *out);
    /** Fill in the last alarm; KEDGE_EMPTY where there was none. */
    kedge_status (*alarm)(const void *state, kedge_alarm *out);
    kedge_knob knob; /**< what sets how often it alarms */
    /** The knob that gives this ARL by formula or theorem, see kedge_calibrate(); sd: standard deviation of the quiet observations.
     *  NaN where this configuration has none; NULL: the class has none. */
    double (*knob_of_arl)(const void *config, double arl, double sd);
};

/** Bytes of memory that this configuration needs.
 *  @param cfg configuration  @return bytes; 0: NULL or out of range  @complexity O(1)  @since 0.1 */
KEDGE_API size_t kedge_detector_size(const kedge_detector_config *cfg);

/** Lay the detector out in the caller's memory, whatever that held before.
 *  @param d handle to set  @param cfg configuration, not needed afterwards
 *  @param mem memory that must live as long as the detector, aligned to #KEDGE_ALIGN  @param mem_bytes its size, at least
 *  kedge_detector_size()
 *  @retval KEDGE_OK ready  @retval KEDGE_ERR_NULL an argument or cfg->cls is NULL  @retval KEDGE_ERR_CONFIG a field is out of range
 *  @retval KEDGE_ERR_BUFFER too small  @retval KEDGE_ERR_ALIGN misaligned  @retval KEDGE_ERR_CLASS cfg->cls is malformed
 *  @complexity O(bytes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_detector_init(kedge_detector *d, const kedge_detector_config *cfg, void *mem,
                                                           size_t mem_bytes);

/** Bind a handle to a state that is already in memory: after memcpy, in a mapped file, in shared memory. Checks the state's head,
 *  not its contents; for bytes from elsewhere follow it with kedge_detector_check().
 *  @param d handle to set  @param cls the class  @param mem the state, aligned to #KEDGE_ALIGN  @param mem_bytes its size
 *  @retval KEDGE_OK bound  @retval KEDGE_ERR_NULL an argument is NULL  @retval KEDGE_ERR_BUFFER the state is cut short
 *  @retval KEDGE_ERR_ALIGN misaligned  @retval KEDGE_ERR_CLASS another class, version or byte order
 *  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_detector_open(kedge_detector *d, const kedge_detector_class *cls, void *mem,
                                                           size_t mem_bytes);

/** Verify all invariants of a state.
 *  @param d handle  @retval KEDGE_OK they hold  @retval KEDGE_ERR_NULL no handle  @retval KEDGE_ERR_STATE one is broken
 *  @complexity O(bytes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_detector_check(const kedge_detector *d);

/** Feed one observation.
 *  @param d initialised handle; this thread is its only user during the call
 *  @param x error, loss or value; unit of your stream; 1 = wrong for error-rate detectors
 *  @retval KEDGE_OK stable  @retval KEDGE_WARNING level crossed, stays until it is left
 *  @retval KEDGE_DRIFT reported once; the detector has restarted, see "After drift" above
 *  @retval KEDGE_ERR_NULL no handle  @retval KEDGE_ERR_NOT_FINITE NaN or infinity; nothing changed
 *  @retval KEDGE_ERR_RANGE finite, but not a number that this class takes; nothing changed
 *  @complexity stands at the algorithm; no allocation  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_detector_update(kedge_detector *d, double x);

/** Feed a batch and stop behind the first observation that raises drift, so that the caller reacts and goes on. Gives the same
 *  bytes as single updates.
 *  @param d handle, used by this thread only  @param x n observations; may be NULL if n is 0  @param n how many
 *  @param used how many were applied, also on error: then x[*used] is the bad one
 *  @retval KEDGE_OK all applied, the last one stable (n = 0: nothing to do)  @retval KEDGE_WARNING all applied, warning level at
 *  the last
 *  @retval KEDGE_DRIFT x[*used - 1] raised drift  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_NOT_FINITE NaN or infinity  @retval KEDGE_ERR_RANGE as in kedge_detector_update()
 *  @complexity n updates  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_detector_update_many(kedge_detector *d, const double *x, size_t n, size_t *used);

/** Feed a batch without stopping at drift and write one signal for each observation.
 *  @param d handle, used by this thread only  @param x n observations; may be NULL if n is 0  @param n how many
 *  @param signals n bytes: KEDGE_OK, KEDGE_WARNING or KEDGE_DRIFT each; only the first *used are written
 *  @param used how many were applied, also on error: then x[*used] is the bad one
 *  @retval KEDGE_OK all applied, the last one stable  @retval KEDGE_WARNING the last one warned
 *  @retval KEDGE_DRIFT the last one raised drift  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_NOT_FINITE NaN or infinity  @retval KEDGE_ERR_RANGE as in kedge_detector_update()
 *  @complexity n updates  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_detector_signal_many(kedge_detector *d, const double *x, size_t n, uint8_t *signals,
                                                                  size_t *used);

/** What the detector sees now: counts, mean, variance, window width, statistic, threshold.
 *  @param d handle, may be shared  @param out the view
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY done, but no observation counts yet: mean, variance and statistic are NaN
 *  @retval KEDGE_ERR_NULL a pointer is NULL  @complexity O(log width) for ADWIN, else O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_detector_estimate(const kedge_detector *d, kedge_estimate *out);

/** What the last alarm saw: where, since when, from what to what.
 *  @param d handle, may be shared  @param out the alarm
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY there was no alarm yet; out is all zero  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_detector_alarm(const kedge_detector *d, kedge_alarm *out);

/** Make the state the same bytes as just after init.
 *  @param d handle  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL no handle  @complexity O(bytes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_detector_reset(kedge_detector *d);

/** Write a portable snapshot.
 *  @param d handle, may be shared  @param buf where to; may be NULL if cap is 0  @param cap its size
 *  @param len bytes written, or needed if cap is too small
 *  @retval KEDGE_OK written  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_BUFFER too small; *len tells what is
 *  needed, buf is untouched  @complexity O(bytes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_detector_save(const kedge_detector *d, void *buf, size_t cap, size_t *len);

/** Bytes of memory that the object in a snapshot needs, before it is loaded.
 *  @param cls the class  @param buf a snapshot  @param len its length  @param bytes what kedge_detector_load() needs
 *  @return as kedge_detector_load()  @complexity O(len)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_detector_load_size(const kedge_detector_class *cls, const void *buf, size_t len,
                                                                size_t *bytes);

/** Bring a snapshot back to life, on any machine. The bytes are trusted in nothing.
 *  @param d handle to set  @param cls the class that was saved  @param mem memory for the state  @param mem_bytes its size
 *  @param buf the snapshot, not inside mem  @param len its length
 *  @retval KEDGE_OK ready; its future is that of the saved one  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @retval KEDGE_ERR_SNAPSHOT cut short, damaged or forged  @retval KEDGE_ERR_CLASS another class or version
 *  @retval KEDGE_ERR_BUFFER mem is too small  @retval KEDGE_ERR_ALIGN mem is misaligned
 *  On any error the handle is as it was, and so is mem, with one exception: a forged snapshot (right checksum, broken contents) may
 *  leave mem wiped, so that it holds no object.
 *  @complexity O(len)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_detector_load(kedge_detector *d, const kedge_detector_class *cls, void *mem,
                                                           size_t mem_bytes, const void *buf, size_t len);

/** The built-in detector classes, for tools that choose one by name. Naming this function links them all.
 *  @param name for example "adwin"  @return the class, or NULL if there is none of that name  @since 0.1 */
KEDGE_API const kedge_detector_class *kedge_detector_find(const char *name);

/** All built-in detector classes, ending with NULL. Naming this function links them all. @return static table  @since 0.1 */
KEDGE_API const kedge_detector_class *const *kedge_detector_classes(void);

/** @} */

#ifdef __cplusplus
}
#endif

/* The algorithms, each in a header of its own. */
#include "detectors/abcd.h"
#include "detectors/adwin.h"
#include "detectors/bocpd.h"
#include "detectors/conformal.h"
#include "detectors/cs_detector.h"
#include "detectors/cusum.h"
#include "detectors/ddm.h"
#include "detectors/e_detector.h"
#include "detectors/ecdd.h"
#include "detectors/eddm.h"
#include "detectors/ensemble.h"
#include "detectors/ewma_chart.h"
#include "detectors/fhddm.h"
#include "detectors/focus.h"
#include "detectors/gma.h"
#include "detectors/hdddm.h"
#include "detectors/hddm_a.h"
#include "detectors/hddm_w.h"
#include "detectors/kswin.h"
#include "detectors/lfr.h"
#include "detectors/md3.h"
#include "detectors/mddm.h"
#include "detectors/optwin.h"
#include "detectors/page_hinkley.h"
#include "detectors/pca_cd.h"
#include "detectors/rddm.h"
#include "detectors/seed.h"
#include "detectors/seqdrift2.h"
#include "detectors/shewhart.h"
#include "detectors/sliding_histogram.h"
#include "detectors/sliding_ks.h"
#include "detectors/sliding_mmd.h"
#include "detectors/stepd.h"

#endif
