/* SPDX-License-Identifier: MIT */
/** @file pipeline.h
 *  The pipeline serves a model, joins its predictions with the labels that come later, watches the error with a detector, and by
 *  policy does nothing, retrains on recent rows, or learns online. A gate lets a retrained model (the challenger) replace the one
 *  that serves (the champion) only when it is surely better, on rows that neither was trained on.
 *
 *  @code
 *  #include <stdlib.h>
 *  #include <kedge.h>
 *  int main(void)
 *  {
 *      kedge_gaussian_nb_config model = kedge_gaussian_nb_defaults(1, 2);
 *      kedge_page_hinkley_config detector = kedge_page_hinkley_defaults();
 *      kedge_pipeline_config cfg = kedge_pipeline_defaults(&model.base, &detector.base);
 *      kedge_pipeline p;
 *      kedge_pipeline_report report;
 *      size_t mem_bytes = kedge_pipeline_size(&cfg), work_bytes = kedge_pipeline_work(&cfg);
 *      void *mem = malloc(mem_bytes), *work = malloc(work_bytes);
 *      uint64_t t;
 *      if (kedge_pipeline_init(&p, &cfg, mem, mem_bytes) < 0) return 1;
 *      for (t = 0; t < 4000; t++) {
 *          double x = (double)(t % 10), y;
 *          if (kedge_pipeline_predict(&p, t, t, &x, &y) < 0) return 1;
 *          if (kedge_pipeline_label(&p, t, t, (x > 4) == (t < 2000) ? 1.0 : 0.0) < 0) return 1;
 *          if (kedge_pipeline_step(&p, t, work, work_bytes) < 0) return 1;
 *      }
 *      if (kedge_pipeline_read(&p, &report) < 0) return 1;
 *      free(work);
 *      free(mem);
 *      return report.n_drifts >= 1 && report.n_promotions >= 1 ? 0 : 1;
 *  }
 *  @endcode */
#ifndef KEDGE_PIPELINE_H
#define KEDGE_PIPELINE_H

#include "base.h"
#include "control.h"
#include "detector.h"
#include "gate.h"
#include "metric.h"
#include "model.h"
#include "prep.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @defgroup pipeline Pipeline
 *  Serve, watch, retrain, decide.
 *  @{ */

/** What the pipeline does about drift. */
enum {
    KEDGE_POLICY_STATIC = 1, /**< nothing: train once, serve, watch (MLOps level 0) */
    KEDGE_POLICY_RETRAIN = 2, /**< retrain on the newest rows when the detector signals drift (MLOps level 1) */
    KEDGE_POLICY_ONLINE = 3  /**< learn every labelled row at once (dynamic training) */
};

/** Which of the kept rows a retraining uses. */
enum {
    KEDGE_SELECT_WINDOW = 1, /**< all of them: for slow drift, where old rows still help */
    KEDGE_SELECT_CHANGE = 2  /**< those since the change point that the detector estimated; waits until there are min_rows of
                              *   them, and trains again whenever they have doubled, until they fill the window (triggers that
                              *   called for a training because of the detector are told its drift again then): for sudden
                              *   drift */
};

/** Configuration of a pipeline: model and detector are all that it needs. The configurations that it points to are read by init
 *  only. */
typedef struct kedge_pipeline_config {
    /* what it is made of, and what becomes of drift */
    const kedge_model_config *model;       /**< what to train */
    uint32_t config_bytes;                 /**< set by kedge_pipeline_config_init() */
    uint32_t policy;                       /**< KEDGE_POLICY_..., default KEDGE_POLICY_RETRAIN */
    const kedge_prep_config *prep;         /**< prepares rows for the model, whose n_features is its kedge_prep_width(); the rows
                                            *   of all calls then have its n_columns numbers, NaN is missing. Each model has a prep
                                            *   of its own, that was fitted on the rows that it was trained on. NULL, the default:
                                            *   rows go to the model as they come */
    const kedge_control_config *schema;    /**< a kedge_schema_config of the rows of all calls: it learns them until the first
                                            *   model serves (online: until min_rows labels have come), and from then on
                                            *   kedge_pipeline_predict() refuses rows that break it. A shift is the signal of
                                            *   triggers' source #KEDGE_SOURCE_SCHEMA; each promotion renews its reference, in a
                                            *   rollout once production is passed, so that a rollback leaves it as it was. NULL,
                                            *   the default: none */
    const kedge_detector_config *detector; /**< watches the error (0 right, 1 wrong; a regression: absolute error) */

    /* the rows that it keeps and trains on */
    uint32_t pending_rows;   /**< predictions that can wait for their label, 1 to 2^24, default 64; the oldest expires */
    uint32_t window_rows;    /**< newest labelled rows kept for training, 2 to 2^24, default 1000 */
    uint32_t reservoir_rows; /**< rows kept beside the window: a uniform sample of all that have left it (Vitter 1985, algorithm
                              *   R), so that a new model knows older concepts too; 0 to 2^24, default 0 */
    uint32_t select;         /**< KEDGE_SELECT_..., default KEDGE_SELECT_CHANGE */
    double old_weight;       /**< weight of a row of the reservoir in a training, where the selected rows weigh 1; in (0, 1],
                              *   default 0.2 */
    uint64_t seed;           /**< of the reservoir, any, default 1 */

    /* when it trains, and how */
    const kedge_control_config *triggers; /**< a kedge_triggers_config: when to retrain, in place of the detector's drift alone;
                                           *   the detector is its source 0. The first training starts by itself and is none of
                                           *   theirs: rows and age count from the beginning until one of them trains. NULL, the
                                           *   default: without */
    uint32_t delay_rows;                  /**< labelled rows to wait for between drift and retraining, 0 to window_rows, default
                                           *   0 */
    uint32_t min_rows;                    /**< fewest rows to train on, 2 to window_rows, default 200; the first training starts by
                                           *   itself then, unless kedge_pipeline_train() came before */
    uint32_t slice_rows;                  /**< rows that one kedge_pipeline_step() trains at most, so that a program with one
                                           *   thread goes on serving; with it a class that can learn is trained so although it
                                           *   could fit, and one that cannot is still trained at once, as is the first model,
                                           *   before which nothing serves. A prep learns all the rows first, then the model learns
                                           *   them as service will see them. 0, the default: all */
    uint32_t recall_rows;                 /**< with a store that has room for artifacts: so many rows after a drift was signalled,
                                           *   and whenever a quarter more have come until they fill the window, each earlier model
                                           *   is asked whether it fits them better than the champion; the best that surely does,
                                           *   by the gate's rule, serves again. A question costs a load of each snapshot and its
                                           *   answers to these rows. 8 to window_rows; 0, the default: never */
    double train_share;                   /**< what trainings may cost: rows that they use for each labelled row, on average, the
                                           *   first training apart; what is not used is saved, up to twice what the largest takes.
                                           *   1e-6 to 1e6, the default, which limits nothing; 1: no more than one pass over all
                                           *   rows */

    /* what a challenger must show; docs/algorithms.md has the rule */
    uint32_t holdout_every; /**< every k-th row is held back from the challenger for the gate, the same rows at each training, so
                             *   that no model is judged on rows that one was trained on, 2 to 1000, default 5; 0: no gate, every
                             *   challenger is promoted. The first training uses them too, and one by hand may have: what was
                             *   labelled before it does not speak at the gate */
    uint32_t holdout_min;   /**< fewest rows for a verdict, 1 to 2^24, default 20 */
    uint32_t gate_rows;     /**< where the held-back rows do not decide, the challenger goes on trial: it is compared on every row
                             *   whose label comes, until it passes or is refused, so many rows have been looked at, or another
                             *   training begins. 0 to 2^24, default 2000; 0: without a trial, undecided is refused */
    double gate_margin;     /**< a challenger passes when its mean error is surely less than the champion's by more than this, >=
                             *   0, unit of the error, default 0; equal errors keep the champion */
    double gate_loss;       /**< a challenger that is worse by more than this is to pass almost never: 0 to 1, of the error rate,
                             *   of a regression as a share of the champion's mean error since the change, in which single errors
                             *   count up to some 32 times the usual ones; default 0.01, one point */
    double gate_sought;     /**< a gain that is worth having, 0 to 1, likewise, default 0.02: a challenger that surely has less is
                             *   refused */
    double gate_confidence; /**< how sure it must be that a challenger which passes is better, and that one which is refused gains
                             *   less than gate_sought, 0.5 to 0.9999, default 0.95 */
    double gate_safe;       /**< how sure that one which passes is not worse by gate_loss, 0.5 to 0.9999, default 0.99 */

    /* how it comes into service, and what is kept and told of it */
    const kedge_control_config *rollout; /**< a kedge_rollout_config: how a challenger that the gate let through comes into
                                          *   service; an error above its loss_max counts as that. NULL, the default: at once */
    const kedge_control_config *store;   /**< a kedge_store_config: keeps each version; with room for artifacts also its snapshot.
                                          *   NULL, the default: none */
    const kedge_control_config *events;  /**< a kedge_events_config: what happens. NULL, the default: nobody is told */
    const kedge_metric_config *cost;     /**< a kedge_cost_config: your prices, of what kedge_pipeline_spent() is told. NULL, the
                                          *   default: none */
    uint32_t number;                     /**< of this pipeline or segment, any, default 0: kedge_event::pipeline of its events, so
                                          *   that one ring, one audit log can hold those of several */
    uint32_t reserved;                   /**< 0 */
} kedge_pipeline_config;

/** Sources of the signals that a pipeline gives its triggers. */
enum {
    KEDGE_SOURCE_DETECTOR = 0, /**< the detector of the error */
    KEDGE_SOURCE_SCHEMA = 1    /**< the schema: a column has shifted */
};

/** The controls inside a pipeline. */
enum {
    KEDGE_PIPELINE_TRIGGERS = 1, /**< kedge_triggers */
    KEDGE_PIPELINE_ROLLOUT = 2,  /**< kedge_rollout */
    KEDGE_PIPELINE_STORE = 3,    /**< kedge_store */
    KEDGE_PIPELINE_EVENTS = 4,   /**< kedge_events */
    KEDGE_PIPELINE_SCHEMA = 5    /**< kedge_schema */
};

/** Handle: cheap to copy, holds nothing of its own. */
typedef struct kedge_pipeline {
    const kedge_model_class *model;       /**< class of champion and challenger */
    const kedge_detector_class *detector; /**< class of the detector */
    void *state;                          /**< the state in the caller's memory */
    const kedge_prep_class *prep;         /**< class of the preps of champion and challenger, NULL: there are none */
} kedge_pipeline;

/** What has happened. */
typedef struct kedge_pipeline_report {
    uint64_t n_predicted;    /**< predictions made */
    uint64_t n_labelled;     /**< labels joined to their prediction */
    uint64_t n_expired;      /**< predictions whose place was needed before their label came */
    uint64_t n_warnings;     /**< warning zones of the detector entered */
    uint64_t n_drifts;       /**< drifts signalled, falls of the error included, which are no reason to retrain, and rollbacks from
                              *   production that a change of the world may explain, which are one */
    uint64_t n_trainings;    /**< challengers trained, the first model included */
    uint64_t n_failures;     /**< trainings that ended with an error, for example one class only */
    uint64_t n_promotions;   /**< models that came to serve, the first one included */
    uint64_t n_rejections;   /**< challengers that the gate refused: known from before, or surely gaining less than gate_sought */
    uint64_t n_pending;      /**< predictions that wait for their label now */
    uint64_t window_rows;    /**< labelled rows kept now */
    uint64_t drift_at_ns;    /**< time of the last drift, 0: none */
    uint64_t promoted_at_ns; /**< time of the last promotion, 0: none */
    uint64_t label_delay_ns; /**< greatest time between a prediction and its label */
    double error_mean;       /**< error rate (regression: mean absolute error) over all labelled rows; NaN if there are none */
    double gate_champion;    /**< champion's error at the last verdict of the gate; NaN: none */
    double gate_challenger;  /**< challenger's error there; NaN: none */
    int32_t last_failure;    /**< status of the last failed training, 0: none */
    uint32_t retrain_due;    /**< 1: kedge_pipeline_step() has a training to do */
    uint64_t version;        /**< number of the champion: of the store's version, else of the training; 0: none yet */
    uint64_t staged;         /**< number of the model in a rollout, 0: none */
    uint64_t n_rolled_back;  /**< challengers that the rollout took back */
    uint64_t n_recalls;      /**< earlier models that were taken as challengers */
    uint64_t rows_to_train;  /**< rows that the training under way has still to learn, 0: none is under way */
    uint64_t reservoir_rows; /**< rows in the reservoir */
    uint64_t n_repeated;     /**< challengers that had been refused or taken back before, and were not proposed again */
    uint64_t n_undecided;    /**< challengers that were given up while their verdict was open */
    uint64_t trial;          /**< number of the challenger whose verdict is open, 0: none */
    uint64_t trial_rows;     /**< rows that it was compared on so far */
    uint64_t n_refused_rows; /**< rows that the schema refused */
    uint64_t n_shifts;       /**< shifts that it has found */
} kedge_pipeline_report;

/** Defaults into a caller's struct, see kedge_adwin_config_init(). @param cfg to fill @param cfg_bytes sizeof *cfg
 *  @param model what to train @param detector what watches
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL cfg is NULL  @retval KEDGE_ERR_CONFIG unknown size  @since 0.1 */
KEDGE_API kedge_status kedge_pipeline_config_init(kedge_pipeline_config *cfg, size_t cfg_bytes, const kedge_model_config *model,
                                                  const kedge_detector_config *detector);

/** The default configuration. @param model what to train @param detector what watches @return it @since 0.1 */
static inline kedge_pipeline_config kedge_pipeline_defaults(const kedge_model_config *model, const kedge_detector_config *detector)
{
    kedge_pipeline_config cfg;
    if (kedge_pipeline_config_init(&cfg, sizeof cfg, model, detector) < 0)
        cfg.model = NULL;
    return cfg;
}

/** Bytes of memory that this configuration needs, models and detector included. @param cfg configuration
 *  @return bytes; 0: NULL or out of range, or a policy that the model's class cannot serve  @complexity O(1) @since 0.1 */
KEDGE_API size_t kedge_pipeline_size(const kedge_pipeline_config *cfg);

/** Bytes of work memory that kedge_pipeline_step() may need.  @param cfg configuration  @return bytes, 0 as above or if none are
 *  needed
 *  @complexity O(1) @since 0.1 */
KEDGE_API size_t kedge_pipeline_work(const kedge_pipeline_config *cfg);

/** Lay the pipeline out in the caller's memory, whatever that held before.
 *  @param p handle to set  @param cfg configuration, not needed afterwards  @param mem memory that must live as long as the
 *  pipeline, aligned to #KEDGE_ALIGN  @param mem_bytes its size, at least kedge_pipeline_size()
 *  @retval KEDGE_OK ready  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_CONFIG out of range  @retval
 *  KEDGE_ERR_BUFFER too small  @retval KEDGE_ERR_ALIGN misaligned  @retval KEDGE_ERR_UNSUPPORTED the model's class cannot serve
 *  the policy, or a prep that needs the target is to be trained in slices  @retval KEDGE_ERR_SHAPE the prep's rows are not as wide
 *  as the model's
 *  @retval KEDGE_ERR_CLASS a control is of another class
 *  @complexity O(bytes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_pipeline_init(kedge_pipeline *p, const kedge_pipeline_config *cfg, void *mem,
                                                           size_t mem_bytes);

/** Bind a handle to a state that is already in memory, see kedge_detector_open().
 *  @param p handle to set  @param model class of its models  @param detector class of its detector  @param prep class of its preps,
 *  NULL: it has none  @param mem the state  @param mem_bytes its size  @retval KEDGE_OK bound  @retval KEDGE_ERR_NULL a pointer is
 *  NULL  @retval KEDGE_ERR_BUFFER cut short  @retval KEDGE_ERR_ALIGN misaligned  @retval KEDGE_ERR_CLASS other classes, version or
 *  byte order  @retval KEDGE_ERR_STATE its parts do not go together  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_pipeline_open(kedge_pipeline *p, const kedge_model_class *model,
                                                           const kedge_detector_class *detector, const kedge_prep_class *prep,
                                                           void *mem, size_t mem_bytes);

/** Verify all invariants of the state and its parts. @param p handle  @retval KEDGE_OK they hold  @retval KEDGE_ERR_NULL no handle
 *  @retval KEDGE_ERR_STATE one is broken  @complexity O(bytes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_pipeline_check(const kedge_pipeline *p);

/** Bytes of work memory that kedge_pipeline_train() needs. @param p handle, may be shared  @param n_rows rows of the table
 *  @return bytes; 0: none are needed, or no handle, no rows or too many  @complexity O(1)  @since 0.1 */
KEDGE_API size_t kedge_pipeline_train_work(const kedge_pipeline *p, size_t n_rows);

/** Train the champion on a table at once, by fit where the class has it, else by learn (level 0); first its prep, which sees these
 *  rows only. Starts the detector afresh.
 *  @param p handle, used by this thread only  @param x table of the prep's n_columns columns, without one of n_features  @param y
 *  x->n_rows classes or targets  @param work scratch of kedge_pipeline_train_work() bytes for this many rows, may be NULL if none
 *  are needed; with less, of which the fit has enough, a store keeps no snapshot  @param work_bytes its size
 *  @return as kedge_prep_fit() and kedge_model_fit(), or #KEDGE_ERR_STATE while a rollout is under way, #KEDGE_ERR_SKEW if a row
 *  breaks the schema; an error has changed nothing  @complexity stands at the algorithms  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_pipeline_train(kedge_pipeline *p, const kedge_rows *x, const double *y, void *work,
                                                            size_t work_bytes);

/** Serve one row, and remember it until its label comes. In a rollout the challenger may serve it, or answer it too, unseen.
 *  @param p handle, used by this thread only  @param now_ns a monotonic clock's nanoseconds  @param id yours, to join the label
 *  by; an id that is waiting already is replaced and counts as expired  @param x n_features numbers, with a prep its n_columns
 *  @param y the prediction
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY done, but nothing was trained yet: the class's prior  @retval KEDGE_ERR_NULL a
 *  pointer is NULL  @retval KEDGE_ERR_NOT_FINITE NaN, also if the model takes missing values, or infinity in x. With a prep:
 *  infinity, or a missing value that neither prep nor model takes  @retval KEDGE_ERR_RANGE with a prep: a number is too large
 *  @retval KEDGE_ERR_UNKNOWN a category that the prep refuses  @retval KEDGE_ERR_SKEW the row breaks the schema: no model has seen
 *  it, none will learn it; schema and events count it. After another error nothing has changed
 *  @complexity transform + predict + O(n_features + pending_rows)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_pipeline_predict(kedge_pipeline *p, uint64_t now_ns, uint64_t id, const double *x,
                                                              double *y);

/** Tell the label of a row that was served, maybe much later.
 *  @param p handle, used by this thread only  @param now_ns a monotonic clock's nanoseconds  @param id as at
 *  kedge_pipeline_predict()
 *  @param y the class or target
 *  @retval KEDGE_OK stable  @retval KEDGE_WARNING the detector warns  @retval KEDGE_DRIFT the detector signals drift
 *  @retval KEDGE_ERR_UNKNOWN no prediction of this id waits (expired, or never made)  @retval KEDGE_ERR_NULL no handle
 *  @retval KEDGE_ERR_NOT_FINITE y is NaN or infinite  @retval KEDGE_ERR_RANGE y is refused, as in kedge_model_learn(); the
 *  prediction goes on waiting  @return with KEDGE_POLICY_ONLINE also as kedge_prep_learn() and kedge_model_learn()
 *  @complexity detector update + O(n_features + pending_rows), learn with KEDGE_POLICY_ONLINE  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_pipeline_label(kedge_pipeline *p, uint64_t now_ns, uint64_t id, double y);

/** Take the next step of a rollout that is under way; do the training that is due, if any: train a challenger on the newest rows,
 *  test it against the champion on rows that neither was trained on, promote it, begin its rollout, or do neither.
 *  @param p handle, used by this thread only  @param now_ns a monotonic clock's nanoseconds
 *  @param work scratch, free again afterwards; may be NULL if kedge_pipeline_work() is 0  @param work_bytes its size
 *  @retval KEDGE_OK nothing is due, or it is done: see kedge_pipeline_read()  @retval KEDGE_MORE a slice of a training is done:
 *  call again, at once or when there is time  @retval KEDGE_ERR_NULL no handle, or work is NULL
 *  @retval KEDGE_ERR_BUFFER work is too small, or no
 *  work is enough for so many rows (kedge_pipeline_work() is 0)  @retval KEDGE_ERR_ALIGN work is misaligned; nothing changed
 *  A training that fails on the data is no error of the call: the champion stays, n_failures and last_failure tell.
 *  @complexity O(1), or fit on the window  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_pipeline_step(kedge_pipeline *p, uint64_t now_ns, void *work, size_t work_bytes);

/** Tell what the last kedge_pipeline_step() or kedge_pipeline_train() used, by a clock of yours; call it after each, once. If that
 *  was a training, or a slice of one, it counts: in the store's record of the version that came of it stand the compute time of the
 *  whole training and its cost at your prices (kedge_pipeline_config::cost; without them 0), as kedge_cost_price() works it out,
 *  and the pipeline's own #kedge_cost has recorded a training.
 *  @param p handle, used by this thread only  @param compute_ns compute time, nanoseconds  @param bytes_moved bytes that have a
 *  price
 *  @retval KEDGE_OK it counts  @retval KEDGE_EMPTY nothing was trained since the last call  @retval KEDGE_ERR_NULL no handle
 *  @retval KEDGE_ERR_RANGE together more than 2^62; nothing changed  @complexity O(log versions)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_pipeline_spent(kedge_pipeline *p, uint64_t compute_ns, uint64_t bytes_moved);

/** The cost inside: of all trainings that kedge_pipeline_spent() was told of, failed ones too; to add what else is used
 *  (predictions, memory held), and to read.
 *  @param p handle, used by this thread only  @param out the #kedge_cost  @retval KEDGE_OK done  @retval KEDGE_ERR_UNSUPPORTED
 *  there is none  @retval KEDGE_ERR_NULL a pointer is NULL  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_pipeline_cost(const kedge_pipeline *p, kedge_metric *out);

/** Ask for a training at the next kedge_pipeline_step(), as drift would; with triggers by the one of kind #KEDGE_TRIGGER_DEMAND.
 *  @param p handle  @retval KEDGE_OK asked
 *  @retval KEDGE_ERR_NULL no handle  @retval KEDGE_ERR_UNSUPPORTED the policy is not KEDGE_POLICY_RETRAIN, or none of the
 *  triggers is of that kind  @complexity O(1)
 *  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_pipeline_request(kedge_pipeline *p);

/** A figure was measured, for the triggers: accuracy of a slice, a label-free estimate, latency ... Tell all that you measure:
 *  what of it is a reason to train is the configuration's to say.
 *  @param p handle, used by this thread only  @param now_ns a monotonic clock's nanoseconds  @param source which figure  @param
 *  value it; NaN: not known, which changes nothing
 *  @retval KEDGE_OK done  @retval KEDGE_EMPTY no trigger watches this source, or there are no triggers: nothing changed
 *  @retval KEDGE_ERR_NULL no handle  @retval KEDGE_ERR_NOT_FINITE value is infinite; nothing changed  @complexity O(triggers)
 *  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_pipeline_figure(kedge_pipeline *p, uint64_t now_ns, uint32_t source, double value);

/** A control inside the pipeline: to approve, judge or stop a rollout, to pin, tag or sign versions, to ask triggers for a training
 *  (kedge_triggers_demand()), to read events. The pipeline itself begins and ends what it must. Tell it the time by the pipeline's
 *  clock: what a control was told counts as told to the pipeline, for which time stands still until its own clock has come there.
 *  @param p handle, used by this thread only  @param which KEDGE_PIPELINE_TRIGGERS ...  @param out the control
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_UNSUPPORTED there is none  @retval KEDGE_ERR_RANGE no such control  @retval
 *  KEDGE_ERR_NULL a pointer is NULL  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_pipeline_control(const kedge_pipeline *p, uint32_t which, kedge_control *out);

/** What has happened.  @param p handle, may be shared  @param out the figures  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a
 *  pointer is NULL  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_pipeline_read(const kedge_pipeline *p, kedge_pipeline_report *out);

/** The champion inside the pipeline, for read-outs and snapshots of its own; valid until the next non-const call.
 *  @param p handle, may be shared  @param out a handle to treat as const  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer
 *  is NULL
 *  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_pipeline_champion(const kedge_pipeline *p, kedge_model *out);

/** The challenger whose rollout is under way, likewise: for kedge_gate_judge() in a stage that needs a verdict. In production it
 *  serves already, and is what kedge_pipeline_champion() tells too.
 *  @param p handle, may be shared  @param out a handle to treat as const  @retval KEDGE_OK done  @retval KEDGE_EMPTY no rollout
 *  is under way  @retval KEDGE_ERR_NULL a pointer is NULL  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_pipeline_challenger(const kedge_pipeline *p, kedge_model *out);

/** The prep of kedge_pipeline_champion(), likewise: that model sees rows as this prep transforms them.
 *  @param p handle, may be shared  @param out a handle to treat as const  @retval KEDGE_OK done  @retval KEDGE_ERR_UNSUPPORTED the
 *  pipeline has no prep  @retval KEDGE_ERR_NULL a pointer is NULL  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_pipeline_champion_prep(const kedge_pipeline *p, kedge_prep *out);

/** The prep of kedge_pipeline_challenger(), likewise.
 *  @param p handle, may be shared  @param out a handle to treat as const  @retval KEDGE_OK done  @retval KEDGE_EMPTY no rollout
 *  is under way  @retval KEDGE_ERR_UNSUPPORTED the pipeline has no prep  @retval KEDGE_ERR_NULL a pointer is NULL
 *  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_pipeline_challenger_prep(const kedge_pipeline *p, kedge_prep *out);

/** Bytes of work memory that kedge_pipeline_judge() needs now.
 *  @param p handle  @param gate what is asked for  @return bytes: the rows in question, kedge_gate_work(), and with a prep copies
 *  of both models and preps; 0: no verdict is wanted, or what kedge_gate_work() says so of  @complexity O(window_rows)
 *  @since 0.1 */
KEDGE_API size_t kedge_pipeline_judge_work(const kedge_pipeline *p, const kedge_gate_config *gate);

/** The standard tests of the challenger, and yours, where the rollout wants a verdict (kedge_stage::needs_verdict):
 *  kedge_gate_judge() on those kept rows that neither model was trained on. What it says goes to the rollout, into the store's
 *  record and, where a check fails, to events. Call it whenever it may be: it says at once if nothing is to be judged.
 *
 *  An undecided verdict is not told to the rollout: call again when there are more rows. With a prep both models are asked through
 *  their own, so that what is judged is what would serve: slices, people, nominal features and rows of tests are those of rows as
 *  they come, the model that kedge_gate_test::custom is given takes such rows, time, memory and snapshot are of model and prep;
 *  only kedge_gate_config::fresh is a model of prepared rows. Rows that one of the preps refuses are left out.
 *  @param p handle, used by this thread only  @param now_ns a monotonic clock's nanoseconds  @param gate what is asked for; slices
 *  and people by a column of the rows, without `groups`, whose rows are not known beforehand  @param work scratch, free again
 *  afterwards, aligned to #KEDGE_ALIGN  @param work_bytes its size, at least kedge_pipeline_judge_work()  @param outcomes of each
 *  of the host's tests what came of it, or NULL  @param out the report; untouched unless the result is #KEDGE_OK
 *  @retval KEDGE_OK judged: see out->verdict  @retval KEDGE_EMPTY no verdict is wanted now, or there is no row to judge by
 *  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_UNSUPPORTED there are groups  @retval others as kedge_gate_judge();
 *  nothing changed
 *  @complexity O(window_rows) and kedge_gate_judge()  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_pipeline_judge(kedge_pipeline *p, uint64_t now_ns, const kedge_gate_config *gate,
                                                            void *work, size_t work_bytes, kedge_gate_outcome *outcomes,
                                                            kedge_gate_report *out);

/** The detector inside the pipeline, likewise. @param p handle, may be shared  @param out a handle to treat as const
 *  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL a pointer is NULL  @complexity O(1)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_pipeline_watcher(const kedge_pipeline *p, kedge_detector *out);

/** Make the state the same bytes as just after init. @param p handle  @retval KEDGE_OK done  @retval KEDGE_ERR_NULL no handle
 *  @complexity O(bytes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_pipeline_reset(kedge_pipeline *p);

/** Write a portable snapshot of everything, models and detector included, see kedge_detector_save().
 *  @param p handle, may be shared  @param buf where to; may be NULL if cap is 0  @param cap its size  @param len bytes written,
 *  or needed
 *  @retval KEDGE_OK written  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_BUFFER too small; *len tells what is
 *  needed
 *  @complexity O(bytes)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_pipeline_save(const kedge_pipeline *p, void *buf, size_t cap, size_t *len);

/** Bytes of memory that the pipeline in a snapshot needs. @param buf a snapshot  @param len its length  @param bytes what
 *  kedge_pipeline_load() needs  @return as kedge_pipeline_load()  @complexity O(len)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_pipeline_load_size(const void *buf, size_t len, size_t *bytes);

/** Bring a snapshot back to life, see kedge_detector_load() for errors and what they leave.
 *  @param p handle to set  @param model class of its models  @param detector class of its detector  @param prep class of its preps,
 *  NULL: it has none  @param mem memory for the state  @param mem_bytes its size  @param buf the snapshot, not inside mem  @param
 *  len its length
 *  @retval KEDGE_OK ready  @retval KEDGE_ERR_NULL a pointer is NULL  @retval KEDGE_ERR_SNAPSHOT cut short, damaged or forged
 *  @retval KEDGE_ERR_CLASS other classes or version  @retval KEDGE_ERR_BUFFER mem is too small  @retval KEDGE_ERR_ALIGN mem is
 *  misaligned
 *  @complexity O(len)  @since 0.1 */
KEDGE_API KEDGE_NODISCARD kedge_status kedge_pipeline_load(kedge_pipeline *p, const kedge_model_class *model,
                                                           const kedge_detector_class *detector, const kedge_prep_class *prep,
                                                           void *mem, size_t mem_bytes, const void *buf, size_t len);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
