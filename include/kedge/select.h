/* SPDX-License-Identifier: MIT */
/** @file select.h
 *  Model selection in the caller's memory, for models of any class: splits of a table, cross-validation, search for a
 *  configuration under a budget, training until a hold-out no longer improves, and the importance of each feature.
 *
 *  @code
 *  #include <kedge.h>
 *  int main(void)
 *  {
 *      static unsigned long long work[1 << 17];
 *      static double x[600], y[300];
 *      kedge_rows rows = kedge_rows_float64(x, 300, 2);
 *      kedge_gaussian_nb_config cfg = kedge_gaussian_nb_defaults(2, 2);
 *      kedge_validation_config how = kedge_validation_defaults();
 *      kedge_validation_report report;
 *      kedge_rng rng = {1};
 *      int i;
 *      for (i = 0; i < 300; i++) {
 *          x[2 * i] = kedge_rng_uniform(&rng); x[2 * i + 1] = kedge_rng_uniform(&rng);
 *          y[i] = x[2 * i] > x[2 * i + 1];
 *      }
 *      how.score = KEDGE_SCORE_ACCURACY;
 *      if (kedge_validate_work(&cfg.base, &how, 300) > sizeof work) return 1;
 *      if (kedge_validate(&cfg.base, &how, &rows, y, NULL, work, sizeof work, NULL, &report) < 0) return 1;
 *      return report.n_folds == 5 && report.mean > 0.8 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_SELECT_H
#define KEDGE_SELECT_H

#include "model.h"
#include "score.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @defgroup select Model selection
 *  Which configuration is best, how good is it on rows that it has not seen, and which features does it need?
 *  @{ */

/* Splits ----------------------------------------------------------------------------------------------------------------------- */

/** How a table is split. Without `shuffle` each part is the one that scikit-learn's class in brackets gives. */
enum {
    KEDGE_SPLIT_HOLD_OUT = 1,   /**< one fold: a share of the rows is tested, the last ones or, with `shuffle`, any */
    KEDGE_SPLIT_K_FOLD = 2,     /**< each row is tested in one of the folds, neighbours together (KFold) */
    KEDGE_SPLIT_STRATIFIED = 3, /**< likewise, each fold with the same shares of the classes (StratifiedKFold) */
    KEDGE_SPLIT_FORWARD = 4     /**< for rows in the order of time: each fold tests the rows that follow those it trains on
                                 *   (TimeSeriesSplit) */
};

/** What a row is to a fold. */
enum {
    KEDGE_SIDE_NONE = 0,  /**< neither: the gap, or before the window */
    KEDGE_SIDE_TRAIN = 1, /**< trained on */
    KEDGE_SIDE_TEST = 2   /**< tested on */
};

#define KEDGE_SPLIT_WHOLE UINT64_MAX /**< `train_rows`: all that came before; `test_rows`: n_rows / (n_folds + 1) */

/** A way to split a table. */
typedef struct kedge_split_config {
    uint32_t config_bytes; /**< size of this struct; set by kedge_split_config_init() */
    uint32_t kind;         /**< KEDGE_SPLIT_..., default #KEDGE_SPLIT_K_FOLD */
    uint32_t n_folds;      /**< folds, 2 to the number of rows, default 5 (scikit-learn); of the hold-out it is not looked at */
    uint32_t shuffle;      /**< 1: rows are dealt out at random; 0, default: in their order; forward always 0 */
    double test_share;     /**< hold-out: share of the rows that is tested, rounded up, (0, 1), default 0.25 (scikit-learn) */
    uint64_t seed;         /**< of the shuffle, any, default 1 */
    uint64_t gap;        /**< forward: rows between those that are trained on and those that are tested, which labels that come late
                            *   need, default 0 */
    uint64_t train_rows; /**< forward: most rows to train on, the last ones, >= 1, default #KEDGE_SPLIT_WHOLE */
    uint64_t test_rows;  /**< forward: rows to test in each fold, >= 1, default #KEDGE_SPLIT_WHOLE */
} kedge_split_config;

/** A table that is split; holds a pointer into the memory that kedge_split_init() was given. */
typedef struct kedge_split {
    const uint32_t *fold; /**< of each row the fold that tests it (the hold-out: 0, others 1); NULL: parts are ranges of rows */
    uint64_t n_rows;      /**< rows of the table, up to 2^32 - 2 */
    uint64_t gap;         /**< forward */
    uint64_t train_rows;  /**< forward */
    uint64_t test_rows;   /**< forward: in each fold; hold-out: in all */
    uint32_t kind;        /**< KEDGE_SPLIT_... */
    uint32_t n_folds;     /**< folds; 1: hold-out */
} kedge_split;

/** One fold of a split. */
typedef struct kedge_split_part {
    uint64_t n_train;     /**< rows to train on */
    uint64_t n_test;      /**< rows to test */
    uint64_t train_first; /**< the first of them, if they are a range */
    uint64_t test_first;  /**< likewise */
    int32_t train_range;  /**< 1: the rows to train on are neighbours, so kedge_rows_slice() gives them without a copy */
    int32_t test_range;   /**< likewise */
} kedge_split_part;

/** Defaults into a caller's struct. @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_split_config_init(kedge_split_config *cfg, size_t cfg_bytes);

/** The defaults. @return them @since 0.1 */
static inline kedge_split_config kedge_split_defaults(void)
{
    kedge_split_config cfg;
    if (kedge_split_config_init(&cfg, sizeof cfg) < 0)
        cfg.config_bytes = 0;
    return cfg;
}

/** Bytes of memory that a split needs: none where parts are ranges (then it says #KEDGE_ALIGN), else 4 a row, 8 where classes are
 *  shuffled, and 16 a class.
 *  @param cfg how  @param n_rows rows  @param n_classes classes; only for #KEDGE_SPLIT_STRATIFIED  @return bytes; 0: cfg is NULL
 *  or out of range, or the rows are too few or too many  @complexity O(1)  @since 0.1 */
KEDGE_API size_t kedge_split_size(const kedge_split_config *cfg, size_t n_rows, uint32_t n_classes);

/** Split a table.
 *  @param s to set; valid as long as mem is left alone  @param cfg how; not needed afterwards  @param n_rows rows  @param y
 *  classes of the rows, for #KEDGE_SPLIT_STRATIFIED; else it may be NULL  @param n_classes how many there are  @param mem memory,
 *  aligned to #KEDGE_ALIGN  @param mem_bytes its size, at least kedge_split_size()
 *  @retval KEDGE_OK split  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CONFIG a field is out of range  @retval
 *  KEDGE_ERR_SHAPE too few rows for the folds (of no class are there as many as folds), or more than 2^32 - 2  @retval
 *  KEDGE_ERR_RANGE y holds no classes  @retval KEDGE_ERR_BUFFER mem is too small  @retval KEDGE_ERR_ALIGN it is misaligned
 *  @complexity O(n_rows)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_split_init(kedge_split *s, const kedge_split_config *cfg, size_t n_rows,
                                                        const double *y, uint32_t n_classes, void *mem, size_t mem_bytes);

/** What a row is to a fold. @param s a split  @param i_fold which fold  @param i_row which row  @return KEDGE_SIDE_...;
 *  #KEDGE_SIDE_NONE also if there is no such split, fold or row  @complexity O(1)  @since 0.1 */
KEDGE_API int32_t kedge_split_side(const kedge_split *s, uint32_t i_fold, size_t i_row);

/** Sizes of a fold. @param s a split  @param i_fold which fold  @param out what it has
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_RANGE no such fold
 *  @complexity O(1) where parts are ranges, else O(n_rows)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_split_get(const kedge_split *s, uint32_t i_fold, kedge_split_part *out);

/** The rows of one side of a fold, ascending.
 *  @param s a split  @param i_fold which fold  @param side #KEDGE_SIDE_TRAIN or #KEDGE_SIDE_TEST  @param rows where to; may be
 *  NULL if cap is 0  @param cap room  @param n how many there are
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_RANGE no such fold or side  @retval
 *  KEDGE_ERR_BUFFER no room for all; *n is set  @complexity O(n_rows)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_split_rows(const kedge_split *s, uint32_t i_fold, int32_t side, uint32_t *rows,
                                                        size_t cap, size_t *n);

/* Validation ------------------------------------------------------------------------------------------------------------------- */

/** How a configuration is judged. */
typedef struct kedge_validation_config {
    uint32_t config_bytes;           /**< size of this struct; set by kedge_validation_config_init() */
    uint32_t score;                  /**< KEDGE_SCORE_..., default #KEDGE_SCORE_LOG_LOSS: set one of the others for a regression */
    const kedge_split_config *split; /**< how the table is split; NULL, default: 5 folds, stratified where there are classes */
    uint32_t n_passes;               /**< how often a model that has no fit reads its rows, 1 to 10,000, default 1 */
    uint32_t reserved;               /**< 0 */
} kedge_validation_config;

/** What came out. */
typedef struct kedge_validation_report {
    double mean;      /**< of the folds' scores, each counting alike */
    double deviation; /**< of them (of n, as NumPy's std); the folds share rows, so it tells less than it seems (Bengio, Grandvalet
                           *   2004) */
    uint32_t n_folds; /**< folds */
    uint32_t n_undefined; /**< folds whose score the rows do not determine; they are left out of the mean */
    uint64_t n_rows;      /**< rows learned, over folds and passes */
} kedge_validation_report;

/** Defaults into a caller's struct. @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_validation_config_init(kedge_validation_config *cfg, size_t cfg_bytes);

/** The defaults. @return them @since 0.1 */
static inline kedge_validation_config kedge_validation_defaults(void)
{
    kedge_validation_config cfg;
    if (kedge_validation_config_init(&cfg, sizeof cfg) < 0)
        cfg.config_bytes = 0;
    return cfg;
}

/** Bytes of work memory that kedge_validate() needs: the split's, the model's, those of its fit, and where the rows to train on
 *  are no range and the class has a fit, a copy of them.
 *  @param model configuration  @param cfg how it is judged  @param n_rows rows of the table  @return bytes; 0: NULL, out of range,
 *  the score does not fit, or the rows are too few or too many  @complexity O(folds)  @since 0.1 */
KEDGE_API size_t kedge_validate_work(const kedge_model_config *model, const kedge_validation_config *cfg, size_t n_rows);

/** Cross-validation: for each fold a model is trained anew on the one side and scored on the other (Stone 1974). By fit if the
 *  class has one, else row by row in the table's order.
 *  @param model configuration  @param cfg how it is judged  @param x table of n_features columns  @param y x->n_rows classes or
 *  targets  @param weight x->n_rows weights, or NULL: all 1  @param work scratch, aligned to #KEDGE_ALIGN  @param work_bytes its
 *  size, at least kedge_validate_work()  @param folds a score for each fold, NaN if its rows determine none; NULL: not wanted 
 *  @param out what came out  @retval KEDGE_OK done  @retval KEDGE_EMPTY no fold has a score: mean and deviation are NaN  @retval
 *  KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CONFIG a configuration is out of range  @retval KEDGE_ERR_UNSUPPORTED the
 *  score does not fit the model  @retval KEDGE_ERR_SHAPE the table does not fit, or has too few or too many rows  @retval
 *  KEDGE_ERR_BUFFER work is too small  @retval KEDGE_ERR_ALIGN it is misaligned  @retval others as kedge_model_fit(); folds and
 *  *out are then untouched  @complexity a training for each fold, and a prediction for each row that is tested  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_validate(const kedge_model_config *model, const kedge_validation_config *cfg,
                                                      const kedge_rows *x, const double *y, const double *weight, void *work,
                                                      size_t work_bytes, double *folds, kedge_validation_report *out);

/** What models say of rows that they have not learned: for each fold a model is trained on the one side and scores the other, as in
 *  kedge_validate(). For kedge_probmap_fit(), or a model over models.
 *  @param model configuration  @param cfg how to split; its score must fit the model, and is not computed  @param x table  @param
 *  y classes or targets  @param weight weights, or NULL: all 1  @param work scratch, aligned to #KEDGE_ALIGN  @param work_bytes
 *  its size, at least kedge_validate_work()  @param scores of each row n_classes probabilities, or the regression's value; NaN of
 *  rows that no fold tests  @retval KEDGE_OK done  @retval others as kedge_validate(); scores are then untouched, unless a
 *  training fails on the way  @complexity that of kedge_validate()  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_cross_scores(const kedge_model_config *model, const kedge_validation_config *cfg,
                                                          const kedge_rows *x, const double *y, const double *weight, void *work,
                                                          size_t work_bytes, double *scores);

/* Search ----------------------------------------------------------------------------------------------------------------------- */

/** How a search finds its trials. */
enum {
    KEDGE_SEARCH_GRID = 1,   /**< all combinations, the last axis changing first */
    KEDGE_SEARCH_RANDOM = 2, /**< draws from each axis on its own (Bergstra, Bengio 2012) */
    KEDGE_SEARCH_HALVING = 3 /**< as random, on few rows first: those that do best go on with `factor` times as many (successive
                              *   halving: Jamieson, Talwalkar 2016) */
};

/** How an axis runs from low to high. */
enum {
    KEDGE_SCALE_LINEAR = 1, /**< equal steps, or uniform draws */
    KEDGE_SCALE_LOG = 2     /**< equal ratios: low > 0 */
};

/** One field that a search varies, of the model's configuration or of any that it points to. */
typedef struct kedge_search_axis {
    void *field;          /**< where the number stands; the search writes its values there */
    uint32_t type;        /**< KEDGE_TYPE_...: what it is */
    uint32_t scale;       /**< KEDGE_SCALE_...; of a list not looked at */
    uint32_t n_values;    /**< length of the list, or steps of the grid from low to high, >= 1 (1: low) */
    uint32_t reserved;    /**< 0 */
    const double *values; /**< a list of values; NULL: from low to high */
    double low;           /**< least value; whole for an integer, whose steps are rounded */
    double high;          /**< greatest value, >= low */
} kedge_search_axis;

/** One configuration that was tried. */
typedef struct kedge_search_trial {
    double mean;      /**< of its folds' scores; NaN: none */
    double deviation; /**< of them */
    uint64_t n_rows;  /**< rows of the table that it was tried on; fewer than all: it went out in a halving */
    kedge_status status; /**< KEDGE_OK; KEDGE_EMPTY: not scored; an error: the configuration is out of range, needs more memory
                          *   than there is, or could not be trained */
    uint32_t reserved;   /**< 0 */
} kedge_search_trial;

/** How to search. */
typedef struct kedge_search_config {
    uint32_t config_bytes; /**< size of this struct; set by kedge_search_config_init() */
    uint32_t method;       /**< KEDGE_SEARCH_..., default #KEDGE_SEARCH_RANDOM */
    uint64_t seed;         /**< of the draws, any, default 1 */
    uint64_t max_fits;     /**< no trial begins that would make more trainings than these, >= 1, default 2^64 - 1: no limit */
    uint64_t max_rows;     /**< nor one that would learn more rows, >= 1, default 2^64 - 1: no limit */
    uint32_t n_trials;     /**< configurations to try, 1 to 2^20, default 32; of the grid: at most, its first ones */
    uint32_t factor;       /**< halving: one of so many goes on, 2 to 16, default 3 (scikit-learn) */
    uint64_t least_rows;   /**< halving: rows of the first round, >= 1, default 100; at most all */
    /** The caller's deadline: asked after each trial; not 0: that was the last; NULL, default: never. */
    int32_t (*stop)(void *context, const kedge_search_trial *trial, uint32_t i_trial);
    void *context; /**< handed to stop */
} kedge_search_config;

/** What came out. */
typedef struct kedge_search_report {
    uint32_t best;     /**< number of the best trial */
    uint32_t n_trials; /**< trials that were begun, failed ones included */
    uint32_t n_failed; /**< of these, those with an error */
    uint32_t reserved; /**< 0 */
    uint64_t n_fits;   /**< models trained */
    uint64_t n_rows;   /**< rows learned */
    double mean;       /**< score of the best */
    double deviation;  /**< of its folds */
} kedge_search_report;

/** Defaults into a caller's struct. @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_search_config_init(kedge_search_config *cfg, size_t cfg_bytes);

/** The defaults. @return them @since 0.1 */
static inline kedge_search_config kedge_search_defaults(void)
{
    kedge_search_config cfg;
    if (kedge_search_config_init(&cfg, sizeof cfg) < 0)
        cfg.config_bytes = 0;
    return cfg;
}

/** How many trials a search has at most: those of the grid, or n_trials. @param cfg how  @param axes the fields @param n_axes how
 *  many, 1 to 32  @return trials; 0: a pointer is NULL, or something is out of range  @complexity O(n_axes)  @since 0.1 */
KEDGE_API uint32_t kedge_search_trials(const kedge_search_config *cfg, const kedge_search_axis *axes, uint32_t n_axes);

/** Bytes of work memory that a search needs where each trial has this configuration: kedge_validate_work(), and in a halving the
 *  rows that a round draws, or 4 for each trial. Ask with the fields at the values that need most.
 *  @param model configuration  @param cfg how to search  @param how how a configuration is judged  @param n_rows rows of the table
 *  @return bytes; 0: a pointer is NULL, or something is out of range  @complexity O(log n_rows)  @since 0.1 */
KEDGE_API size_t kedge_search_work(const kedge_model_config *model, const kedge_search_config *cfg,
                                   const kedge_validation_config *how, size_t n_rows);

/** Search for the best configuration. Each trial is judged by kedge_validate() on the same folds. In a halving these are folds of a
 *  part of the table, the same for all trials of a round: where the split is forward in time the newest rows, else rows drawn by
 *  the seed, of each class its share, in the order of the table.
 *  @param model configuration; its fields, and those of configurations that it points to, are where the axes say. At the end they
 *  hold the best values, on an error what they held before  @param axes the fields  @param n_axes how many, 1 to 32  @param cfg
 *  how to search  @param how how a configuration is judged  @param x table  @param y classes or targets  @param weight weights, or
 *  NULL: all 1  @param work scratch, aligned to #KEDGE_ALIGN; a trial that needs more than there is fails with KEDGE_ERR_BUFFER, so
 *  kedge_search_work() of the greatest configuration is what a search needs, and a halving 4 for each trial at least  @param
 *  work_bytes its size  @param trials room for kedge_search_trials()  @param values room for n_axes numbers of each trial  @param
 *  out what came out  @retval KEDGE_OK searched  @retval KEDGE_MORE a budget was spent, or stop asked for the end, before all
 *  trials: the best so far is set  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CONFIG cfg or how is out of range 
 *  @retval KEDGE_ERR_RANGE an axis is no field, list or range, or holds what its type cannot  @retval KEDGE_ERR_NUMERIC no trial
 *  has a score; `trials` tells why  @retval others as kedge_validate(), for what is wrong with the table
 *  @complexity that of kedge_validate() for each trial; choosing those that go on in a halving O(n_trials log n_trials)  @since
 *  0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_search(kedge_model_config *model, const kedge_search_axis *axes, uint32_t n_axes,
                                                    const kedge_search_config *cfg, const kedge_validation_config *how,
                                                    const kedge_rows *x, const double *y, const double *weight, void *work,
                                                    size_t work_bytes, kedge_search_trial *trials, double *values,
                                                    kedge_search_report *out);

/** Bytes of work memory that a race needs: the most of kedge_search_work() of its models.  @param models configurations  @param
 *  n_models how many, 1 to 2^20  @param cfg how to race  @param how how a model is judged  @param n_rows rows of the table
 *  @return bytes; 0: a pointer is NULL, or something is out of range  @complexity O(n_models log n_rows)  @since 0.1 */
KEDGE_API size_t kedge_race_work(const kedge_model_config *const *models, uint32_t n_models, const kedge_search_config *cfg,
                                 const kedge_validation_config *how, size_t n_rows);

/** Race models of any classes on the same rows within one budget: a search whose trials are the configurations that you name.
 *  @param models configurations of as many features and classes as the table, read only  @param n_models how many, 1 to 2^20
 *  @param cfg how to race: #KEDGE_SEARCH_HALVING drops the worse part round by round, any other method judges all on all rows;
 *  n_trials does not matter
 *  @param how how a model is judged  @param x table  @param y classes or targets  @param weight weights, or NULL: all 1
 *  @param work scratch, aligned to #KEDGE_ALIGN  @param work_bytes its size, kedge_race_work(): a model that needs more fails with
 *  KEDGE_ERR_BUFFER  @param trials room for n_models  @param out what came out; out->best is the place of the best model
 *  @return as kedge_search(), or #KEDGE_ERR_SHAPE if the models differ in features or classes
 *  @complexity that of kedge_validate() for each model and round  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_race(const kedge_model_config *const *models, uint32_t n_models,
                                                  const kedge_search_config *cfg, const kedge_validation_config *how,
                                                  const kedge_rows *x, const double *y, const double *weight, void *work,
                                                  size_t work_bytes, kedge_search_trial *trials, kedge_search_report *out);

/* Early stopping --------------------------------------------------------------------------------------------------------------- */

/** When to stop learning. */
typedef struct kedge_early_config {
    uint32_t config_bytes; /**< size of this struct; set by kedge_early_config_init() */
    uint32_t score;        /**< KEDGE_SCORE_... on the hold-out, default #KEDGE_SCORE_LOG_LOSS */
    uint32_t max_epochs;   /**< passes over the rows at most, 1 to 2^20, default 100 */
    uint32_t patience;     /**< stop after so many passes without improvement, >= 1, default 5 */
    double tolerance;      /**< what counts as improvement: better than the best so far by more than this, 0 to 1e100, default 0 */
    uint64_t seed;         /**< of the shuffle, any, default 1 */
    uint32_t shuffle;      /**< 1: a new order for each pass; 0, default: the table's */
    uint32_t reserved;     /**< 0 */
} kedge_early_config;

/** What came out. */
typedef struct kedge_early_report {
    uint32_t n_epochs;   /**< passes made */
    uint32_t best_epoch; /**< the one whose model was kept, from 1; 0: the model as it came, which had learned before */
    double best;         /**< its score on the hold-out */
    double last;         /**< that of the last pass */
} kedge_early_report;

/** Defaults into a caller's struct. @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_early_config_init(kedge_early_config *cfg, size_t cfg_bytes);

/** The defaults. @return them @since 0.1 */
static inline kedge_early_config kedge_early_defaults(void)
{
    kedge_early_config cfg;
    if (kedge_early_config_init(&cfg, sizeof cfg) < 0)
        cfg.config_bytes = 0;
    return cfg;
}

/** Bytes of work memory that kedge_learn_early() needs: two models, 4 for each row if shuffled, and those of kedge_score_work().
 *  @param m the model  @param cfg when to stop  @param n_rows rows to learn  @param n_held rows of the hold-out
 *  @return bytes; 0: NULL, out of range, the score does not fit, or too many rows  @complexity O(1)  @since 0.1 */
KEDGE_API size_t kedge_learn_early_work(const kedge_model *m, const kedge_early_config *cfg, size_t n_rows, size_t n_held);

/** Learn a table pass by pass, row by row, until its score on a hold-out has not improved for `patience` passes; the model is then
 *  the one of the best pass (Prechelt 1998, "Early stopping - but when?").
 *  @param m handle, used by this thread only; it goes on from what it has learned  @param cfg when to stop  @param x rows to learn
 *  @param y their classes or targets  @param weight their weights, or NULL: all 1  @param held the hold-out  @param held_y its
 *  classes or targets  @param work scratch, aligned to #KEDGE_ALIGN  @param work_bytes its size, at least kedge_learn_early_work()
 *   @param out what came out
 *  @retval KEDGE_OK stopped by itself  @retval KEDGE_MORE it still improved within `patience` passes of the last one  @retval
 *  KEDGE_EMPTY the hold-out determines no score: nothing was learned  @retval KEDGE_ERR_UNSUPPORTED the class does not learn row
 *  by row, or the score does not fit  @retval KEDGE_ERR_CONFIG a field is out of range  @retval others as kedge_model_learn_many()
 *  and kedge_score_model(). An error has changed nothing in the model, whichever row it comes from
 *  @complexity a row learned for each row and pass, a prediction for each row held and pass  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_learn_early(kedge_model *m, const kedge_early_config *cfg, const kedge_rows *x,
                                                         const double *y, const double *weight, const kedge_rows *held,
                                                         const double *held_y, void *work, size_t work_bytes,
                                                         kedge_early_report *out);

/* Importance ------------------------------------------------------------------------------------------------------------------- */

/** How much a model needs a feature. */
typedef struct kedge_importance {
    double mean;      /**< by how much the score is worse with that column shuffled, over the repeats; above 0: the feature helps */
    double deviation; /**< of the repeats (of n, as NumPy's std) */
} kedge_importance;

/** Bytes of work memory that kedge_permutation_importance() needs. @param m the model  @param score KEDGE_SCORE_...  @param n_rows
 *  rows  @param n_repeats shuffles of each column
 *  @return bytes: 4 for each row, 8 for each feature and repeat, and those of kedge_score_work(); 0 as there  @complexity O(1)
 *  @since 0.1 */
KEDGE_API size_t kedge_permutation_importance_work(const kedge_model *m, uint32_t score, size_t n_rows, uint32_t n_repeats);

/** Permutation importance of each feature to a trained model: what shuffling its column does to the score (Breiman 2001; Fisher,
 *  Rudin, Dominici 2019). As scikit-learn's: every column is shuffled by the same orders, repeat after repeat from the one before.
 *  Features that stand in for each other share their importance; on rows that were not trained on it tells what generalises.
 *  @param m a trained model, may be shared  @param score KEDGE_SCORE_...  @param x table  @param y classes or targets  @param
 *  weight weights, or NULL: all 1  @param n_repeats shuffles of each column, 1 to 10,000  @param seed of the shuffles, any  @param
 *  work scratch, aligned to #KEDGE_ALIGN  @param work_bytes its size, at least kedge_permutation_importance_work()  @param out one
 *  for each feature  @param raw n_features * n_repeats numbers, those of a feature together; NULL: not wanted
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY the rows determine no score: all are NaN  @retval KEDGE_ERR_RANGE n_repeats  @retval
 *  others as kedge_score_model(); then nothing is written, unless a class of the host's fails on the way
 *  @complexity n_features * n_repeats + 1 times kedge_score_model(); no copy of the table  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_permutation_importance(const kedge_model *m, uint32_t score, const kedge_rows *x,
                                                                    const double *y, const double *weight, uint32_t n_repeats,
                                                                    uint64_t seed, void *work, size_t work_bytes,
                                                                    kedge_importance *out, double *raw);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
