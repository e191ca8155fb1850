/* SPDX-License-Identifier: MIT */
/** @file gate.h
 *  The gate: may this newly trained model (the challenger) take the place of the one that serves (the champion)? Only if it is
 *  surely better on held-back rows, no worse on any slice, fair, quick and small enough, and passes your own integration tests.
 *
 *  @code
 *  #include <kedge.h>
 *  int main(void)
 *  {
 *      static union { double align; unsigned char bytes[KEDGE_LOGISTIC_BYTES_FOR(2u, 2u)]; } mem[2];
 *      static unsigned long long work[1 << 15]; static double x[1200], y[600];
 *      kedge_rows rows = kedge_rows_float64(x, 600, 2);
 *      kedge_logistic_config cfg = kedge_logistic_defaults(2, 2);
 *      kedge_battery_config battery = kedge_battery_defaults();
 *      kedge_gate_test rises = KEDGE_GATE_TEST_INIT("more of feature 0, likelier class 1", KEDGE_TEST_MONOTONE);
 *      double values[] = {-1, 0, 1, 2}; kedge_gate_config gate = kedge_gate_defaults(&battery);
 *      kedge_gate_report report;
 *      kedge_rng rng = {1};
 *      kedge_model champion, challenger;
 *      int i;
 *      for (i = 0; i < 600; i++) {
 *          x[2 * i] = kedge_rng_uniform(&rng); x[2 * i + 1] = kedge_rng_uniform(&rng);
 *          y[i] = x[2 * i] > x[2 * i + 1];
 *      }
 *      if (kedge_model_init(&champion, &cfg.base, &mem[0], sizeof mem[0]) < 0) return 1;
 *      if (kedge_model_init(&challenger, &cfg.base, &mem[1], sizeof mem[1]) < 0) return 1;
 *      for (i = 0; i < 3000; i++) { // the champion was trained on ten rows, the challenger on 300
 *          if (i < 10 && kedge_model_learn(&champion, x + 2 * i, y[i], 1.0) < 0) return 1;
 *          if (kedge_model_learn(&challenger, x + 2 * (i % 300), y[i % 300], 1.0) < 0) return 1;
 *      }
 *      rises.output = 1; // the probability of class 1
 *      rises.values = values; rises.n_values = 4;
 *      gate.tests = &rises; gate.n_tests = 1;
 *      if (kedge_rows_slice(&rows, 300, 300, &rows) < 0) return 1; // those that neither was trained on
 *      if (kedge_gate_work(&gate, &champion, &challenger, 300) > sizeof work) return 1;
 *      if (kedge_gate_judge(&gate, &champion, &challenger, &rows, y + 300, NULL, work, sizeof work, NULL, &report) < 0) return 1;
 *      return report.verdict == KEDGE_BATTERY_PASS ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_GATE_H
#define KEDGE_GATE_H

#include "battery.h"
#include "metric.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @defgroup gate The gate
 *  May the challenger take the champion's place?
 *
 *  It makes the checks of the @ref battery and ten of its own. The page docs/gate.md says how each is made, what the two rates of
 *  error are, and joins it to a rollout.
 *  @{ */

/** The gate's own checks, by their place. Bit 1 << place stands for one in a set; the places below are those of the battery. */
enum {
    KEDGE_GATE_BETTER = 16,   /**< the challenger is better than the champion by more than `gain`; figure: by how much it is */
    KEDGE_GATE_SAFE = 17,     /**< it is not worse by more than `loss_most`, at a confidence of its own; figure likewise */
    KEDGE_GATE_SLICE = 18,    /**< on no slice is it worse than the champion by more than `loss_slice`; figure: of the worst slice
                               *   by how much it is better */
    KEDGE_GATE_FAIR = 19,     /**< groups of people are treated alike; figure: greatest difference of a rate between two of them */
    KEDGE_GATE_FAIRER = 20,   /**< more or less as the champion does; figure: the challenger's difference minus the champion's */
    KEDGE_GATE_LOAD = 21,     /**< it answers in time under load; figure: 99th percentile of waiting and answering, ns */
    KEDGE_GATE_MEMORY = 22,   /**< it fits the target's memory; figure: bytes of the state and of a fit's work memory */
    KEDGE_GATE_ARTIFACT = 23, /**< saved and loaded it gives the same answers, and the same bytes again; figure: rows with others */
    KEDGE_GATE_CONVERGES = 24, /**< a fresh model learns a few rows; figure: by how much fewer of them it gets wrong than the usual
                                *   answer, as a share of the rows; of a regression the share of their variance that it explains */
    KEDGE_GATE_TESTS = 25     /**< it passes the host's tests; figure: tests that it does not pass */
};

#define KEDGE_GATE_FIRST 16u          /**< the first of the gate's own checks */
#define KEDGE_GATE_CHECKS 10u         /**< how many they are */
#define KEDGE_GATE_ALL 0x03FF0000u    /**< the set of them */
#define KEDGE_GATE_PROVE 0x00030000u  /**< better and safe: the default of kedge_gate_config::prove */

/** Kinds of integration tests. Each looks at one output of the challenger, for each of its rows. */
enum {
    KEDGE_TEST_GOLDEN = 1,    /**< the output is `expected`, within the tolerance */
    KEDGE_TEST_RANGE = 2,     /**< it is within [low, high], give or take the tolerance */
    KEDGE_TEST_MONOTONE = 3,  /**< as `feature` takes one of the `values` after the other, which rise, it rises or stays, or falls
                               *   or stays */
    KEDGE_TEST_SYMMETRIC = 4, /**< with `feature` and `other` exchanged, or `feature` negated, it is the same, or mirrored */
    KEDGE_TEST_INVARIANT = 5, /**< whatever of the `values` the `feature` takes, it stays the same */
    KEDGE_TEST_CUSTOM = 6     /**< the host's function says so */
};

#define KEDGE_TEST_PREDICTED UINT32_MAX /**< kedge_gate_test::output: what the model predicts, the class or the regression's
                                         *   value */

/** What came of a test. */
typedef struct kedge_gate_outcome {
    int32_t verdict;      /**< #KEDGE_BATTERY_PASS, #KEDGE_BATTERY_FAIL, or #KEDGE_BATTERY_SKIPPED: the check was not made */
    int32_t why;          /**< KEDGE_WHY_... */
    uint64_t n_rows;      /**< rows that it looked at */
    uint64_t n_failed;    /**< of these, rows that fail */
    uint64_t first_failed; /**< the first of them; UINT64_MAX: none. The rest is about that one */
    double at;            /**< the value that `feature` took; NaN: none */
    double got;           /**< the output; NaN: none */
    double expected;      /**< what it should have been, or the bound that it went beyond; NaN: none */
    kedge_status status;  /**< the error that the model gave, else #KEDGE_OK */
    uint32_t reserved;    /**< 0 */
} kedge_gate_outcome;

/** An integration test. Start with #KEDGE_GATE_TEST_INIT and set what its kind needs. */
typedef struct kedge_gate_test {
    const char *name;       /**< for people; not NULL */
    uint32_t kind;          /**< KEDGE_TEST_... */
    uint32_t output;        /**< the class whose probability is looked at, or #KEDGE_TEST_PREDICTED, the default */
    const kedge_rows *rows; /**< the rows; NULL, default: those that the gate is given. Golden needs its own */
    const double *expected; /**< golden: an output for each row, finite */
    const double *values;   /**< monotone, invariant: what the feature takes, finite; monotone: each greater than the one before */
    uint32_t n_values;      /**< how many; monotone: at least 2, invariant: at least 1 */
    uint32_t feature;       /**< which, default 0 */
    uint32_t other;         /**< symmetric: what it is exchanged with; #KEDGE_NO_COLUMN, default: it is negated */
    int32_t direction;      /**< monotone: 1: rises, default; -1: falls. Symmetric: 1: the same; -1: mirrored at `centre` */
    double low;             /**< range: least, default -1e300, to high */
    double high;            /**< range: greatest, default 1e300 */
    double centre;          /**< symmetric, mirrored: halfway between the two outputs, finite, default 0; of a probability 0.5 */
    double tolerance;       /**< 0 to 1e300, default 1e-9 */
    /** Custom: returns 1 for a pass, 0 for a failure, and may fill the outcome's numbers, which are as if nothing was looked at. */
    int32_t (*custom)(void *context, const kedge_model *challenger, kedge_gate_outcome *out);
    void *context;          /**< handed to custom */
} kedge_gate_test;

/** The defaults of a test, as an initialiser. */
#define KEDGE_GATE_TEST_INIT(name, kind) \
    {name, kind, KEDGE_TEST_PREDICTED, NULL, NULL, NULL, 0, 0, KEDGE_NO_COLUMN, 1, -1e300, 1e300, 0.0, 1e-9, NULL, NULL}

/** What is asked for. A limit that is NaN: measured, but not judged. Gains and losses are in units of the score as in
 *  kedge_battery_config: 0.01 of an accuracy is one point, 0.01 of an RMSE 1 % of the targets' standard deviation. */
typedef struct kedge_gate_config {
    uint32_t config_bytes; /**< size of this struct; set by kedge_gate_config_init() */
    uint32_t checks;       /**< set of the gate's own checks to make, default #KEDGE_GATE_ALL */
    uint32_t prove;        /**< set of those that must pass for the whole to pass; the others must not fail; default
                            *   #KEDGE_GATE_PROVE. Of the battery's checks its own set says so */
    uint32_t n_tests;      /**< 0 to 2^16, default 0 */
    const kedge_gate_test *tests;        /**< the host's tests; NULL if there are none */
    const kedge_battery_config *battery; /**< checks of the battery, of which none need be made; and score, block, resamples, seed,
                                          *   slices and clock of both; not NULL */
    const kedge_model_config *fresh; /**< converges: the configuration that the challenger was made with; NULL, default: not
                                      *   checked */
    const uint32_t *groups;  /**< fairness: the group of each row, below n_groups; NULL, default: not checked. Of classes only */
    double confidence;       /**< that a challenger which does not keep to a limit is not passed, and that one which does is not
                              *   failed, each check by itself; slices and rates share what is left; 0.5 to 0.9999, default 0.95 */
    double gain;             /**< the challenger must be better by more than this, magnitude up to 1e6, default 0 */
    double confidence_safe;  /**< confidence of `loss_most`, 0.5 to 0.9999, default 0.999 */
    double loss_most;        /**< a challenger that is worse by more than this is to be passed almost never, 0 to 1e6, default
                              *   0.01 */
    double sought;           /**< a gain that is worth having, above `gain`, to 1e6, default 0.02: rows_needed is about it */
    double power;            /**< with rows_needed rows, chance that a challenger with that gain passes, 0.5 to 0.9999, default
                              *   0.975 */
    double loss_slice;       /**< a slice may lose this, 0 to 1e6, default 0.05 */
    double unfair;           /**< greatest difference of a rate between two groups, 0 to 2, default NaN */
    double unfairer;         /**< it may be greater than the champion's by this, 0 to 2, default 0.05 */
    double load_ns;          /**< greatest 99th percentile of the time from a row's coming to its answer, 0 to 1e18, default NaN */
    double period_ns;        /**< load: a row comes every so many ns, 0 to 1e18, default 1e6 */
    double memory_bytes;     /**< greatest memory, 0 to 1e18, default NaN */
    uint64_t fit_rows;       /**< memory: rows of a training on the target; 0, default: none is done there */
    uint32_t n_load;         /**< load: rows, those of the table in turn, 1 to 2^20, default 1000 */
    uint32_t n_few;          /**< converges: rows, spread over the table, 2 to 1024, default 32 */
    uint32_t n_passes;       /**< converges: of a class that learns row by row at most so many passes over them, 1 to 10,000,
                              *   default 100 */
    uint32_t n_groups;       /**< fairness: groups, 1 to 2^16, default 2 */
    uint32_t fair_rates;     /**< fairness: set of rates, 1 << KEDGE_RATE_..., at least one, default 1 << #KEDGE_RATE_SELECTED */
    uint32_t favourable;     /**< fairness: the class that is good for a person, default 1 */
    uint32_t fair_column;    /**< fairness: without `groups`, the feature whose values are the groups, whole numbers below n_groups
                              *   in each row; default #KEDGE_NO_COLUMN: groups are not told so */
} kedge_gate_config;

/** What came of all. The sets are those of kedge_store_version. */
typedef struct kedge_gate_report {
    int32_t verdict;      /**< fail: a check failed; undecided: none did, but one of the sets `prove` is; skipped: none was judged;
                           *   else pass. Only #KEDGE_BATTERY_PASS is a reason to promote */
    uint32_t score;       /**< KEDGE_SCORE_... */
    uint32_t passed;      /**< set of the checks that passed, 1 << KEDGE_BATTERY_... or KEDGE_GATE_... */
    uint32_t failed;      /**< that failed */
    uint32_t undecided;   /**< that could not be decided */
    uint32_t skipped;     /**< that were not judged */
    uint64_t n_rows;      /**< rows with a weight */
    uint64_t rows_needed; /**< with how many such rows a challenger that is better by `sought` would pass with chance `power`, as
                           *   far as these rows tell; 0: not known */
    double challenger;    /**< its score; NaN: none */
    double champion;      /**< likewise */
    double unit;          /**< of gains and losses, in units of the score */
    uint64_t only_challenger; /**< rows with a weight that it alone got right; 0 for a regression */
    uint64_t only_champion;   /**< and the other way round */
    uint64_t n_slices;    /**< slices that were compared */
    double slice;         /**< value or group of the worst; NaN: the missing values, or there is none */
    uint64_t slice_rows;  /**< its rows with a weight; 0: there is none */
    uint32_t fair_rate;   /**< the rate that differs most, KEDGE_RATE_...; 0: none */
    uint32_t fairer_rate; /**< the rate whose difference has grown most; 0: none */
    uint32_t n_tests;     /**< the host's tests */
    uint32_t n_tests_failed; /**< of these, not passed */
    uint32_t first_test;  /**< the first of them; UINT32_MAX: none */
    uint32_t reserved;    /**< 0 */
    kedge_gate_outcome first_outcome; /**< what came of it */
    kedge_battery_check checks[10];   /**< by KEDGE_GATE_... - #KEDGE_GATE_FIRST */
    kedge_battery_report battery;     /**< the battery's; all is skipped if its set of checks is empty */
} kedge_gate_report;

/** Defaults into a caller's struct. @param cfg to fill @param cfg_bytes sizeof *cfg @param battery what is asked of the challenger
 *  alone, and settings of both
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_gate_config_init(kedge_gate_config *cfg, size_t cfg_bytes, const kedge_battery_config *battery);

/** The defaults. @param battery to live as long as the configuration; may be filled after this call @return them @since 0.1 */
static inline kedge_gate_config kedge_gate_defaults(const kedge_battery_config *battery)
{
    kedge_gate_config cfg;
    if (kedge_gate_config_init(&cfg, sizeof cfg, battery) < 0)
        cfg.config_bytes = 0;
    return cfg;
}

/** Bytes of work memory that kedge_gate_judge() needs.
 *  @param cfg what is asked for  @param champion the model that serves, or NULL  @param challenger the model that would take its
 *  place
 *  @param n_rows rows of the table
 *  @return bytes: the greater of kedge_battery_work(), if it makes any check, and of some 70 a row, two snapshots and a state; 0:
 *  no model, a configuration is out of range, the score does not fit, the champion is for other rows, or more than 2^32 - 2 of
 *  them
 *  @complexity O(bytes of the state)  @since 0.1 */
KEDGE_API size_t kedge_gate_work(const kedge_gate_config *cfg, const kedge_model *champion, const kedge_model *challenger,
                                 size_t n_rows);

/** Judge a challenger. The same arguments give the same report, but for times. What a model does wrong is a finding, not an error.
 *  @param cfg what is asked for  @param champion the model that serves now, of any class; NULL: there is none yet, and nothing is
 *  compared
 *  @param challenger the model that was trained to take its place; only read  @param x table of rows that neither was trained on,
 *  at least one  @param y their classes or targets  @param weight their weights, or NULL: all 1  @param work scratch, aligned to
 *  #KEDGE_ALIGN
 *  @param work_bytes its size, at least kedge_gate_work()  @param outcomes of each test what came of it, n_tests of them; or NULL
 *  @param out the report; untouched on an error
 *  @retval KEDGE_OK done: see out->verdict  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CONFIG a field of a
 *  configuration or a test is out of range  @retval KEDGE_ERR_UNSUPPORTED the score does not fit the model, or groups are given
 *  for a regression
 *  @retval KEDGE_ERR_SHAPE the table, a test's table or the champion does not fit the challenger  @retval KEDGE_ERR_RANGE a group
 *  is n_groups or more  @retval KEDGE_ERR_BUFFER work is too small  @retval KEDGE_ERR_ALIGN it is misaligned  @retval others as
 *  kedge_score_model(), for what is wrong with the table
 *  @complexity the battery; 6 predictions a row; n_resamples + 200 passes over the rows for scores other than the accuracy of rows
 *  that weigh alike, twice with slices  @since 0.1
 *  Source: paired interval of an accuracy: Tango 1998; differences of fairness: Zou, Donner 2008; waiting: Lindley 1952 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_gate_judge(const kedge_gate_config *cfg, const kedge_model *champion,
                                                        const kedge_model *challenger, const kedge_rows *x, const double *y,
                                                        const double *weight, void *work, size_t work_bytes,
                                                        kedge_gate_outcome *outcomes, kedge_gate_report *out);

/** Bytes of work memory that kedge_gate_try() needs. @param m the model @return bytes: 8 for each feature and for each class; 0:
 *  no model
 *  @complexity O(1)  @since 0.1 */
KEDGE_API size_t kedge_gate_try_work(const kedge_model *m);

/** Make the host's tests alone.
 *  @param m the model; only read  @param tests the tests  @param n_tests how many  @param x for tests without rows of their own;
 *  NULL: all have some  @param work scratch, aligned to #KEDGE_ALIGN  @param work_bytes its size, at least kedge_gate_try_work()
 *  @param outcomes of each test what came of it  @param n_failed tests that were not passed
 *  @retval KEDGE_OK done  @retval others as kedge_gate_judge(); #KEDGE_ERR_NULL also if a test has no rows; nothing is written
 *  @complexity a prediction for each row, and for each value of a feature  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_gate_try(const kedge_model *m, const kedge_gate_test *tests, uint32_t n_tests,
                                                      const kedge_rows *x, void *work, size_t work_bytes,
                                                      kedge_gate_outcome *outcomes, uint32_t *n_failed);

/** A report as text: a line on the whole, one for each check that was asked for, one on the rows that are missing, and one on the
 *  first test that failed.
 *  @param report from kedge_gate_judge()  @param cfg as it was judged by, for the tests' names; NULL: tests are told by number
 *  @param buf where to; may be NULL if cap is 0  @param cap its size; 8192 is enough for names of tests up to 2000 bytes
 *  @param len characters written, the ending zero not counted, or how many there would be
 *  @retval KEDGE_OK written  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_BUFFER no room for all and a zero: nothing
 *  is written  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_gate_write(const kedge_gate_report *report, const kedge_gate_config *cfg, char *buf,
                                                        size_t cap, size_t *len);

/** Name of a check of the gate or of the battery, for example "better". @param i_check its place @return static text; "unknown" if
 *  there is no such check  @since 0.1 */
KEDGE_API const char *kedge_gate_check_name(uint32_t i_check);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
