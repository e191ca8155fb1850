/* SPDX-License-Identifier: MIT */
/** @file calibrate.h
 *  Calibration: one knob for all detectors. You say how long a detector should run on average on a stream that does not change
 *  before it raises a false alarm (its average run length, ARL), and get the threshold, confidence or limit of that detector that
 *  does it: by simulation, from a stream or from a sample of your own quiet data, or by formula where one is known.
 *
 *  @code
 *  #include <kedge.h>
 *  int main(void)
 *  {
 *      static union { double align; unsigned char bytes[8192]; } work;
 *      static union { double align; unsigned char bytes[KEDGE_SERIES_BYTES]; } mem;
 *      kedge_cusum_config cfg = kedge_cusum_defaults();
 *      kedge_calibration how = kedge_calibration_defaults();
 *      kedge_calibration_report report;
 *      kedge_series_config quiet = kedge_series_defaults();
 *      kedge_stream s;
 *      quiet.base.pattern = KEDGE_CHANGE_NONE;   // errors at a rate of 0.2, for ever
 *      if (kedge_stream_init(&s, &quiet.base, &mem, sizeof mem) < 0) return 1;
 *      cfg.delta = 0.1;
 *      how.arl = 500.0;
 *      how.stream = &s;
 *      if (kedge_calibrate_work(&cfg.base, &how) > sizeof work) return 1;
 *      if (kedge_calibrate(&cfg.base, &how, &work, sizeof work, &report) != KEDGE_OK) return 1;
 *      return cfg.threshold == report.knob && report.arl > 400.0 && report.arl < 600.0 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_CALIBRATE_H
#define KEDGE_CALIBRATE_H

#include "detector.h"
#include "stream.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @defgroup calibrate Calibration
 *  From a wanted average run length to the detector's own threshold.
 *
 *  The average run length is the number of quiet observations for each alarm, over a long time in which the detector goes on after
 *  each alarm as it always does. A run without an alarm is cut at 20 times the ARL asked, where the detector begins afresh:
 *  detectors whose chance of an alarm falls for ever (#kedge_ddm) would else have no ARL at all.
 *  @{ */

/** How the knob is found. */
enum {
    KEDGE_CALIBRATE_SIMULATION = 1, /**< by trial on quiet data: any class that has a knob, exact up to the interval reported */
    KEDGE_CALIBRATE_FORMULA = 2     /**< by formula or theorem, without data. #kedge_shewhart and #kedge_cusum with a fixed
                                     *   reference: normal, independent observations. #kedge_e_detector, #kedge_conformal,
                                     *   #kedge_cs_detector: their guarantee, an ARL of at least what was asked for every
                                     *   distribution they allow */
};

/** What is wanted, and from which quiet data. */
typedef struct kedge_calibration {
    uint32_t config_bytes; /**< size of this struct; set by kedge_calibration_init() */
    uint32_t method;       /**< KEDGE_CALIBRATE_..., default KEDGE_CALIBRATE_SIMULATION */
    double arl;            /**< wanted, observations, 10 to 1e12, default 1e5 */
    double precision;      /**< half of the width that the interval of the ARL shall have, as a share of it, 0.01 to 1, default 0.1:
                            *   takes about 1,000 times `arl` observations; cost grows with its inverse square */
    double confidence;     /**< of the intervals, (0, 1), default 0.95 */
    double sd;             /**< with KEDGE_CALIBRATE_FORMULA: standard deviation of the quiet observations, where the detector's
                            *   configuration does not have it (CUSUM), > 0 to 1e100, default 1 */
    uint64_t budget;       /**< most observations to spend, 1 to 2^62, default 10^9 */
    uint64_t seed;         /**< of the draws from the sample, any, default 1 */
    uint64_t block;        /**< mean length of the pieces that the sample is cut in (Politis, Romano 1994, stationary bootstrap): 1,
                            *   the default, takes its observations for independent; where neighbours hang together choose several
                            *   times as long as that lasts */
    kedge_stream *stream;  /**< quiet data: a stream of any class that does not change, of which the numbers or labels are taken; it
                            *   goes on from where it is. NULL, the default, where there is a sample */
    const double *sample;  /**< quiet data: a sample of the caller's, drawn from with replacement; NULL, the default, where there is
                            *   a stream */
    size_t n_sample;       /**< its length, default 0. What it does not contain cannot come: for an ARL above n_sample its tails
                            *   matter */
    uint32_t row_length;   /**< numbers in an observation, 1 to 256, default 1. For detectors of rows the length of their rows:
                            *   `sample` has n_sample rows, one behind the other, which are drawn whole, and all counts here and in
                            *   the report are of rows. 1 with a stream */
    uint32_t reserved;     /**< 0 */
} kedge_calibration;

/** What came out. */
typedef struct kedge_calibration_report {
    double knob;         /**< the number found */
    double warning;      /**< warning level that went along, NaN if there is none */
    double arl;          /**< ARL measured with it, infinite without an alarm; with a formula the ARL asked */
    double arl_low;      /**< its interval (Garwood 1936, widened where alarms come in bursts); of a guarantee: the ARL */
    double arl_high;     /**< likewise; of a guarantee: infinite; of another formula both are NaN */
    double dispersion;   /**< variance of the number of alarms in a long time over their number: 1 if they come at random, more
                          *   where they come in bursts; NaN below 20 alarms */
    uint64_t n_alarms;   /**< alarms that the ARL was measured from */
    uint64_t n_used;     /**< observations spent in all */
    uint32_t n_probes;   /**< values of the knob that were tried */
    uint32_t stepped;    /**< 1: the ARL asked lies within a step, since the statistic takes few values (windows of 0 and 1): of two
                          *   knobs that differ by 0.01 % one surely gives less, the other more. `arl` says what there is */
} kedge_calibration_report;

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param how to fill  @param how_bytes sizeof *how
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL how is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_calibration_init(kedge_calibration *how, size_t how_bytes);

/** The defaults. @return them @since 0.1 */
static inline kedge_calibration kedge_calibration_defaults(void)
{
    kedge_calibration how;
    if (kedge_calibration_init(&how, sizeof how) < 0) /* a library older than this header */
        how.config_bytes = 0;
    return how;
}

/** Bytes of working memory that kedge_calibrate() and kedge_measure_arl() need.
 *  @param cfg the detector's configuration  @param how what is wanted
 *  @return bytes, about 6 KiB more than the detector; 0: NULL or out of range  @complexity O(1)  @since 0.1 */
KEDGE_API size_t kedge_calibrate_work(const kedge_detector_config *cfg, const kedge_calibration *how);

/** Set a detector's knob, and its warning level in proportion, so that it has the wanted ARL on quiet data. Same input, same
 *  answer.
 *  @param cfg configuration of any class that has a kedge_detector_class::knob; the search begins at the value that it has. Only
 *  knob and warning level are changed, and only where the status is not an error
 *  @param how what is wanted  @param work memory for the time of the call, aligned to #KEDGE_ALIGN; may be NULL with
 *  KEDGE_CALIBRATE_FORMULA  @param work_bytes its size, at least kedge_calibrate_work()  @param out what came out
 *  @retval KEDGE_OK found: the ARL measured is within `precision` of the one asked, or out->stepped tells why it is not
 *  @retval KEDGE_MORE the budget was spent before that, or the search has ended without; the best knob so far is set, and the
 *  report says how sure it is
 *  @retval KEDGE_ERR_NULL an argument is NULL  @retval KEDGE_ERR_CONFIG a field of cfg or how is out of range, or there is not
 *  exactly one of stream and sample  @retval KEDGE_ERR_CLASS cfg->cls is malformed  @retval KEDGE_ERR_BUFFER work is too small
 *  @retval KEDGE_ERR_ALIGN work is misaligned  @retval KEDGE_ERR_UNSUPPORTED the class has no knob (#kedge_ensemble: calibrate its
 *  members), or no formula  @retval KEDGE_ERR_NUMERIC no value of the knob gives that ARL
 *  @retval KEDGE_ERR_STATE the stream changes  @retval KEDGE_ERR_RANGE the data hold numbers that this class does not take
 *  @retval KEDGE_ERR_NOT_FINITE they hold NaN or infinity
 *  @complexity up to `budget` updates, usually 700 to 2,000 times `arl` with the default precision; a formula O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_calibrate(kedge_detector_config *cfg, const kedge_calibration *how, void *work,
                                                       size_t work_bytes, kedge_calibration_report *out);

/** Measure the ARL of a detector as it is configured, until the interval has the wanted precision or the budget is spent. Also for
 *  classes without a knob; for a configuration that kedge_calibrate() found take another seed, or go on with the stream.
 *  @param cfg configuration  @param how as for kedge_calibrate(), method KEDGE_CALIBRATE_SIMULATION; `arl` only says where runs are
 *  cut
 *  @param work memory for the time of the call  @param work_bytes its size, at least kedge_calibrate_work()  @param out the result
 *  @retval KEDGE_OK measured to that precision  @retval KEDGE_MORE the budget was spent before; the interval tells what is known
 *  @return errors as kedge_calibrate()  @complexity up to `budget` updates  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_measure_arl(const kedge_detector_config *cfg, const kedge_calibration *how, void *work,
                                                         size_t work_bytes, kedge_calibration_report *out);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
