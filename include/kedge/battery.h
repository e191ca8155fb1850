/* SPDX-License-Identifier: MIT */
/** @file battery.h
 *  The thorough test before deployment: one call runs a standard battery of checks on a trained model, of any class, and says of
 * each what was measured, how sure that is, what was asked for, and whether it holds.
 *
 *  @code
 *  #include <kedge.h>
 *  int main(void)
 *  {
 *      static union { double align; unsigned char bytes[KEDGE_LOGISTIC_BYTES_FOR(2u, 2u)]; } mem;
 *      static unsigned long long work[1 << 14];
 *      static double x[600], y[300];
 *      kedge_rows rows = kedge_rows_float64(x, 300, 2);
 *      kedge_logistic_config cfg = kedge_logistic_defaults(2, 2);
 *      kedge_battery_config limits = kedge_battery_defaults();
 *      kedge_battery_report report;
 *      kedge_rng rng = {1};
 *      kedge_model m;
 *      int i;
 *      for (i = 0; i < 300; i++) {
 *          x[2 * i] = kedge_rng_uniform(&rng); x[2 * i + 1] = kedge_rng_uniform(&rng);
 *          y[i] = x[2 * i] > x[2 * i + 1];
 *      }
 *      if (kedge_model_init(&m, &cfg.base, &mem, sizeof mem) < 0) return 1;
 *      for (i = 0; i < 2000; i++)
 *          if (kedge_model_learn(&m, x + 2 * (i % 300), y[i % 300], 1.0) < 0) return 1;
 *      limits.quality = 0.8; // accuracy of at least 80 %, the whole interval
 *      if (kedge_battery_work(&m, &limits, 300, NULL) > sizeof work) return 1;
 *      if (kedge_battery_run(&m, &limits, &rows, y, NULL, NULL, work, sizeof work, &report) < 0) return 1;
 *      return report.checks[KEDGE_BATTERY_QUALITY].verdict == KEDGE_BATTERY_PASS && report.n_failed == 0 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_BATTERY_H
#define KEDGE_BATTERY_H

#include "model.h"
#include "score.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @defgroup battery The test before deployment
 *  Is this model good enough to serve, and better than what it replaces?
 *
 *  Give it rows that the model has not been trained on. The page docs/battery.md has an example with its output, and says of each
 *  check how it is made.
 *  @{ */

/** The checks, by their place in the report. Bit 1 << place stands for one in a set of checks. */
enum {
    KEDGE_BATTERY_QUALITY = 0,      /**< the score is as good as `quality`; the figure is the score */
    KEDGE_BATTERY_USUAL = 1,        /**< it beats the usual answer, the same for every row: the most frequent class, the shares of
                                     *   the classes, or the mean; figure: by how much, > 0: the model is better */
    KEDGE_BATTERY_LAST = 2,         /**< it beats the label of the row before; figure: by how much */
    KEDGE_BATTERY_CHAMPION = 3,     /**< it is not worse than the champion; figure: by how much it is better */
    KEDGE_BATTERY_MCNEMAR = 4,      /**< nor is it right less often than the champion, by McNemar's exact test; figure: p value */
    KEDGE_BATTERY_NOISE = 5,        /**< noise on the features costs little; figure: how much worse the score is */
    KEDGE_BATTERY_MISSING = 6,      /**< missing values cost little; figure: how much worse the score is */
    KEDGE_BATTERY_SLICE = 7,        /**< no part of the rows fares much worse than all; figure: how much worse the worst one is */
    KEDGE_BATTERY_CALIBRATION = 8,  /**< probabilities are what they say; figure: expected calibration error */
    KEDGE_BATTERY_MEDIAN = 9,       /**< a prediction is quick; figure: median time in ns */
    KEDGE_BATTERY_TAIL = 10,        /**< and seldom slow; figure: 99th percentile in ns */
    KEDGE_BATTERY_BYTES = 11,       /**< the state is small; figure: bytes */
    KEDGE_BATTERY_SNAPSHOT = 12,    /**< its snapshot is; figure: bytes */
    KEDGE_BATTERY_SAME = 13,        /**< the same row gets the same answer, in every order, alone or in a batch, and asking changes
                                     *   nothing; figure: rows with two answers */
    KEDGE_BATTERY_SOUND = 14,       /**< answers are finite, classes classes, probabilities in [0, 1] with sum 1; figure: rows with
                                     *   others */
    KEDGE_BATTERY_HOSTILE = 15      /**< so are they for rows at the ends of what numbers can be; figure: rows with others */
};

#define KEDGE_BATTERY_CHECKS 16u     /**< how many checks there are */
#define KEDGE_BATTERY_ALL 0xFFFFu    /**< the set of all checks */
#define KEDGE_BATTERY_PROVE 0x0007u  /**< quality and both baselines: the default of kedge_battery_config::prove */
#define KEDGE_NO_COLUMN UINT32_MAX   /**< kedge_battery_config::slice_column: none */

/** What came of a check, or of all. */
enum {
    KEDGE_BATTERY_PASS = 1,      /**< it holds; of a figure with an interval: all of the interval is on the right side */
    KEDGE_BATTERY_FAIL = 2,      /**< it does not; all of the interval is on the wrong side */
    KEDGE_BATTERY_UNDECIDED = 3, /**< the interval holds the limit: more rows would tell */
    KEDGE_BATTERY_SKIPPED = 4    /**< not judged */
};

/** Why. */
enum {
    KEDGE_WHY_WITHIN = 1,          /**< pass: within the limit */
    KEDGE_WHY_BEYOND = 2,          /**< fail: beyond it */
    KEDGE_WHY_UNSURE = 3,          /**< undecided: the interval holds the limit */
    KEDGE_WHY_FEW_ROWS = 4,        /**< undecided: fewer than least_rows */
    KEDGE_WHY_UNDEFINED = 5,       /**< undecided: the rows determine no such figure, or no interval of it */
    KEDGE_WHY_OFF = 6,             /**< skipped: not in the set of checks */
    KEDGE_WHY_NO_LIMIT = 7,        /**< skipped: the limit is NaN; the figure stands in the report all the same */
    KEDGE_WHY_NO_CHAMPION = 8,     /**< skipped: there is none */
    KEDGE_WHY_NO_CLOCK = 9,        /**< skipped: there is none */
    KEDGE_WHY_NO_SLICES = 10,      /**< skipped: neither a column nor groups were named */
    KEDGE_WHY_SMALL_SLICES = 11,   /**< skipped: no slice has least_slice rows that determine a score */
    KEDGE_WHY_NOT_CLASSES = 12,    /**< skipped: a regression has none of it */
    KEDGE_WHY_REFUSES_MISSING = 13, /**< skipped: the class takes no missing values */
    KEDGE_WHY_DEPENDENT = 14,      /**< skipped: the test is for rows that do not depend on each other, and block > 1 says that
                                    *   they do */
    KEDGE_WHY_CHAMPION_BROKEN = 15, /**< skipped: the champion gives answers that are none, or refuses rows of the table */
    KEDGE_WHY_BROKEN = 16,         /**< fail: the model gives answers that are none */
    KEDGE_WHY_ERROR = 17,          /**< fail: it gives an error for a valid row */
    KEDGE_WHY_NOT_FINITE = 18,     /**< fail: an answer is NaN or infinite */
    KEDGE_WHY_NO_CLASS = 19,       /**< fail: an answer is no class */
    KEDGE_WHY_NO_PROBABILITY = 20, /**< fail: probabilities leave [0, 1], or their sum is not 1 within 0.001 */
    KEDGE_WHY_FORGETFUL = 21,      /**< fail: the same row got two answers */
    KEDGE_WHY_BATCH = 22,          /**< fail: kedge_model_predict_many() answers otherwise than one by one */
    KEDGE_WHY_CHANGED = 23,        /**< fail: the state's bytes changed as the model was asked */
    KEDGE_WHY_NO_TESTS = 24,       /**< gate, skipped: no tests were registered */
    KEDGE_WHY_NO_GROUPS = 25,      /**< gate, skipped: no groups of people were given */
    KEDGE_WHY_NO_FRESH = 26,       /**< gate, skipped: no configuration of a fresh model was given */
    KEDGE_WHY_UNLOADABLE = 27,     /**< gate, fail: its snapshot cannot be saved and loaded */
    KEDGE_WHY_UNTRAINABLE = 28,    /**< gate, fail: training a fresh model gives an error */
    KEDGE_WHY_UNEXPECTED = 29      /**< gate, fail: an answer is not what a test expects */
};

/** What is asked for. A limit that is NaN: measured, but not judged. Gains and losses are in units of the score; for
 *  #KEDGE_SCORE_MSE, #KEDGE_SCORE_RMSE and #KEDGE_SCORE_MAE, which have a unit of their own, in units of the score of the usual
 *  answer: 0.05 of an RMSE is 5 % of the targets' standard deviation. */
typedef struct kedge_battery_config {
    uint32_t config_bytes;  /**< size of this struct; set by kedge_battery_config_init() */
    uint32_t score;         /**< KEDGE_SCORE_..., default #KEDGE_SCORE_ACCURACY: set another one for a regression */
    uint32_t checks;        /**< set of the checks to make, default #KEDGE_BATTERY_ALL */
    uint32_t prove;         /**< set of those that must pass for the whole to pass; the others must not fail. Default
                             *   #KEDGE_BATTERY_PROVE */
    uint64_t seed;          /**< of resamples, noise, missing values and hostile rows, any, default 1 */
    double confidence;      /**< of each interval, two-sided, 0.5 to 0.999, default 0.95 */
    uint32_t n_resamples;   /**< of the bootstrap, 100 to 100,000, default 1000 */
    uint32_t block;         /**< neighbours that are drawn together, >= 1, default 1: rows do not depend on each other. For rows in
                             *   the order of time: as many as hang together; more than there are rows counts as all */
    uint32_t least_rows;    /**< fewer rows with a weight than this decide nothing, >= 1, default 30 */
    uint32_t n_bins;        /**< bins of the calibration error, 1 to 1000, default 10 */
    double quality;         /**< the score must be at least this, or at most where less is better; magnitude up to 1e300, default
                             *   NaN */
    double gain_usual;      /**< the model must beat the usual answer by more than this, magnitude up to 1e6, default 0 */
    double gain_last;       /**< likewise the label of the row before, for rows in the order of time, default 0 */
    double loss_champion;   /**< the model may be worse than the champion by this, 0 to 1e6, default 0.01 */
    double noise;           /**< normal noise on each feature, in standard deviations of its column, 0 to 100, default 0.1; of a
                             *   nominal feature the share of values, at most all, that other rows' take the place of */
    double loss_noise;      /**< it may cost this, 0 to 1e6, default 0.05 */
    double missing;         /**< share of the values that are taken away, 0 to 1, default 0.1 */
    double loss_missing;    /**< that may cost this, 0 to 1e6, default 0.1 */
    double loss_slice;      /**< the worst slice may be worse than all rows by this, 0 to 1e6, default 0.1 */
    double calibration;     /**< largest calibration error, 0 to 1, default 0.1 */
    double median_ns;       /**< largest median of the time of a prediction, ns, 0 to 1e18, default NaN */
    double tail_ns;         /**< largest 99th percentile of it, ns, 0 to 1e18, default NaN */
    double state_bytes;     /**< largest state, bytes, 0 to 1e18, default NaN */
    double snapshot_bytes;  /**< largest snapshot, bytes, 0 to 1e18, default NaN */
    uint64_t nominal[4];    /**< bit j % 64 of word j / 64: feature j is the number of a category, default none */
    const uint32_t *groups; /**< of each row the slice that it belongs to, any numbers; NULL, default: slice_column tells */
    uint32_t slice_column;  /**< the feature whose values are the slices, missing ones a slice of their own; default
                             *   #KEDGE_NO_COLUMN */
    uint32_t least_slice;   /**< rows with a weight that a slice must have, >= 1, default 30 */
    uint32_t n_timed;       /**< rows whose prediction is timed at most, 1 to 2^20, default 1000 */
    uint32_t n_hostile;     /**< hostile rows, 1 to 2^20, default 256 */
    uint64_t (*clock)(void *context); /**< the caller's monotonic clock, ns; NULL, default: there is none */
    void *context;          /**< handed to clock */
} kedge_battery_config;

/** What came of one check. */
typedef struct kedge_battery_check {
    kedge_figure figure; /**< what was measured; NaN: nothing, or not known */
    double limit;        /**< what it was held against, in the figure's units; NaN: nothing */
    int32_t verdict;     /**< KEDGE_BATTERY_PASS, ... */
    int32_t why;         /**< KEDGE_WHY_... */
} kedge_battery_check;

/** What came of all. */
typedef struct kedge_battery_report {
    int32_t verdict;      /**< fail: a check failed; undecided: none did, but one of `prove` is; skipped: none was judged; else
                           *   pass */
    uint32_t score;       /**< KEDGE_SCORE_... */
    uint32_t n_passed;    /**< checks */
    uint32_t n_failed;    /**< likewise */
    uint32_t n_undecided; /**< likewise */
    uint32_t n_skipped;   /**< likewise */
    uint64_t n_rows;      /**< rows with a weight */
    double usual;         /**< score of the usual answer, NaN where the rows determine none; so are the others */
    double last;          /**< score of the label of the row before */
    double champion;      /**< score of the champion; NaN: there is none */
    double noise;         /**< score with noise on the features */
    double missing;       /**< score with values taken away; NaN also if the model takes none that are missing */
    double slice;         /**< value or group of the worst slice; NaN: the missing values, or there is no slice */
    double slice_score;   /**< its score; NaN: there is no slice */
    uint64_t slice_rows;  /**< its rows with a weight; 0: there is no slice */
    uint64_t n_slices;    /**< slices with least_slice rows and a score */
    uint64_t only_model;    /**< rows with a weight that the model got right and the champion wrong */
    uint64_t only_champion; /**< and the other way round */
    uint64_t first_broken;  /**< first row of the table whose answer is none; UINT64_MAX: all are sound */
    kedge_status status;    /**< first error that a prediction gave, else KEDGE_OK */
    uint32_t reserved;      /**< 0 */
    kedge_battery_check checks[16]; /**< by KEDGE_BATTERY_QUALITY, ... */
} kedge_battery_report;

/** Defaults into a caller's struct. @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_battery_config_init(kedge_battery_config *cfg, size_t cfg_bytes);

/** The defaults. @return them @since 0.1 */
static inline kedge_battery_config kedge_battery_defaults(void)
{
    kedge_battery_config cfg;
    if (kedge_battery_config_init(&cfg, sizeof cfg) < 0)
        cfg.config_bytes = 0;
    return cfg;
}

/** Bytes of work memory that kedge_battery_run() needs.
 *  @param m the model  @param cfg what is asked for  @param n_rows rows of the table  @param champion the model that serves now, or
 *  NULL  @return bytes: some 80 a row, 64 more for the area, and 60 for each resample; 0: no model, cfg is NULL or out of range,
 * the score does not fit, the champion is for other rows, or more than 2^32 - 2 of them  @complexity O(1)  @since 0.1 */
KEDGE_API size_t kedge_battery_work(const kedge_model *m, const kedge_battery_config *cfg, size_t n_rows,
                                    const kedge_model *champion);

/** Run the battery. The same arguments give the same report, but for times. What a model does wrong is a finding, not an error.
 *  @param m the trained model; only read  @param cfg what is asked for  @param x table of rows that it was not trained on, at least
 *  one  @param y their classes or targets  @param weight their weights, or NULL: all 1  @param champion the model that serves now,
 *  for the same features and classes, of any class; NULL: none  @param work scratch, aligned to #KEDGE_ALIGN  @param work_bytes its
 *  size, at least kedge_battery_work()  @param out the report; untouched on an error
 *  @retval KEDGE_OK done: see out->verdict  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CONFIG a field is out of
 *  range, or both groups and slice_column are set  @retval KEDGE_ERR_UNSUPPORTED the score does not fit the model  @retval
 *  KEDGE_ERR_SHAPE the table or the champion does not fit the model  @retval KEDGE_ERR_BUFFER work is too small  @retval
 *  KEDGE_ERR_ALIGN it is misaligned  @retval others as kedge_score_model(), for what is wrong with the table
 *  @complexity some 10 predictions a row; n_resamples + 200 passes over six numbers of each row  @since 0.1
 *  Source: intervals: Efron 1987; blocks: Politis, Romano 1992; McNemar 1947, exact with the mid-p correction of Fagerland,
 *  Lydersen, Laake 2013; calibration error: Guo, Pleiss, Sun, Weinberger 2017 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_battery_run(const kedge_model *m, const kedge_battery_config *cfg, const kedge_rows *x,
                                                         const double *y, const double *weight, const kedge_model *champion,
                                                         void *work, size_t work_bytes, kedge_battery_report *out);

/** A report as text: a line of counts, one for each check, and one for the worst slice if there is one. Numbers have four digits,
 *  whole ones below 10^15 all of theirs, and a point in every locale.
 *  @param report from kedge_battery_run()  @param buf where to; may be NULL if cap is 0  @param cap its size; 4096 is always enough
 *  @param len characters written, the ending zero not counted, or how many there would be
 *  @retval KEDGE_OK written  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_BUFFER no room for all and a zero: nothing
 *  is written  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_battery_write(const kedge_battery_report *report, char *buf, size_t cap, size_t *len);

/** Name of a check, for example "quality". @param i_check its place @return static text; "unknown" if there is no such check
 *  @since 0.1 */
KEDGE_API const char *kedge_battery_check_name(uint32_t i_check);

/** Name of a verdict, for example "pass". @param verdict KEDGE_BATTERY_PASS, ... @return static text; "unknown" if it is none
 *  @since 0.1 */
KEDGE_API const char *kedge_battery_verdict_string(int32_t verdict);

/** What a reason means, for people. @param why KEDGE_WHY_... @return static text; "unknown" if it is none @since 0.1 */
KEDGE_API const char *kedge_battery_reason_string(int32_t why);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
