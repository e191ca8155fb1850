/* SPDX-License-Identifier: MIT */
/* The state of a pipeline, and what its files share. One block: this struct, counts and numbers, champion, challenger and their
 * preps, detector, controls, the kept rows, the waiting predictions. */
#ifndef KEDGE_PIPELINE_STATE_H
#define KEDGE_PIPELINE_STATE_H

#include "kedge/controls/events.h"
#include "kedge/controls/rollout.h"
#include "kedge/controls/schema.h"
#include "kedge/controls/store.h"
#include "kedge/controls/triggers.h"
#include "kedge/pipeline.h"

#include "base/arena.h"
#include "base/number.h"
#include "pipeline/verdict.h"

enum { PIPELINE_N_CONTROLS = 5 };

/* What has happened, for reports; behind the state, whose struct must stay small. */
typedef struct pipeline_counts {
    uint64_t n_expired;
    uint64_t n_warnings;
    uint64_t n_drifts;
    uint64_t n_trainings;
    uint64_t n_failures;
    uint64_t n_promotions;
    uint64_t n_rejections;
    uint64_t n_rolled_back;
    uint64_t n_recalls;
    uint64_t n_repeated;
    uint64_t n_undecided;
    uint64_t drift_at_ns;
    uint64_t promoted_at_ns;
    uint64_t label_delay_ns;
    uint64_t train_began_ns; /* of a training in slices; and when the first and the last of its rows came */
    uint64_t train_from_ns;
    uint64_t train_to_ns;
    uint64_t offered_row; /* n_labelled when the last rollout began */
    uint64_t spend;         /* PIPELINE_SPEND_...: what the last call did that the host may tell the cost of */
    uint64_t spend_version; /* that came of it; 0: none */
    uint64_t spent_ns;      /* by that training so far */
    uint64_t spent_moved;
} pipeline_counts;

enum {
    PIPELINE_SPEND_NOTHING, /* no training */
    PIPELINE_SPEND_PART,    /* a slice of one */
    PIPELINE_SPEND_END      /* one that has ended */
};

/* Likewise: why the training under way was called for, and what the gate knows of the challenger. Doubles only: they are an array
 * too. */
typedef struct pipeline_numbers {
    double call_value;
    double call_limit;
    double call_kind;
    double call_source;
    double call_code;
    double gate_champion; /* at the last verdict; negative: none */
    double gate_challenger;
    double credit;        /* rows that trainings may use now */
    double error_unit;    /* errors of a regression that are so far apart count as 1 for the verdict */
    kedge_i_verdict verdict;
} pipeline_numbers;

typedef struct pipeline_state {
    kedge_state_head head;
    double gate_margin;
    double gate_loss;
    double gate_sought;
    double gate_confidence;
    double gate_safe;
    double train_share;
    uint32_t gate_rows;
    uint32_t n_features; /* of a row as the host has it */
    uint32_t n_prepared; /* of a row as models see it */
    uint32_t n_classes;
    uint32_t champion_bytes;
    uint32_t challenger_bytes; /* 0 where the policy needs none */
    uint32_t detector_bytes;
    uint32_t window_rows;
    uint32_t min_rows;
    uint32_t delay_rows;
    uint32_t holdout_every;
    uint32_t holdout_min;
    uint32_t pending_rows;
    uint32_t recall_rows;
    uint32_t reservoir_rows;
    uint32_t slice_rows;
    double old_weight;
    uint64_t seed;
    uint32_t number; /* the host's, in events */
    uint32_t cost_bytes; /* 0: there is none */
    uint32_t control_bytes[PIPELINE_N_CONTROLS]; /* by KEDGE_PIPELINE_... - 1; 0: there is none */
    uint8_t policy;
    uint8_t select;
    uint8_t due; /* PIPELINE_DUE_...: a training was asked for; it starts when enough rows are there */
    uint8_t warned; /* 1: the detector is in its warning zone */
    uint8_t signal; /* KEDGE_OK, WARNING or DRIFT: what triggers were told last */
    uint8_t preparing; /* 1: the training in slices goes through its rows for the prep, before it does for the model */
    uint8_t swapped; /* 1: a rollout is in production: the challenger's place holds the old champion */

    uint32_t at_champion; /* layout */
    uint32_t at_challenger;
    uint32_t at_detector;
    uint32_t at_preps;    /* the champion's, then the challenger's */
    uint32_t prep_bytes;  /* parameter: of each; 0: rows go to models as they come */
    uint32_t n_preps;
    uint32_t at_prepared; /* n_prepared: a row on its way; zero between calls, no part of a snapshot */
    uint32_t at_counts;  /* pipeline_counts, as so many numbers */
    uint32_t n_counts;
    uint32_t at_numbers; /* pipeline_numbers likewise */
    uint32_t n_numbers;
    uint32_t at_rows;    /* ring of window_rows * n_features: the newest labelled rows */
    uint32_t at_targets; /* ring of window_rows */
    uint32_t at_row_times; /* likewise: when the row came */
    uint32_t at_old_rows;    /* reservoir_rows * n_features: a sample of the rows that have left the ring */
    uint32_t at_old_targets; /* reservoir_rows */
    uint32_t old_words;
    uint32_t at_ids;     /* ring of pending_rows: predictions in the order in which they were made */
    uint32_t at_times;
    uint32_t at_predicted;
    uint32_t at_waiting; /* 1: waits; 0: a hole, its label has come */
    uint32_t at_other;   /* pending_rows: what the model that did not serve would have said; NaN: it was not asked */
    uint32_t at_server;  /* pending_rows: twice the number of the model in a rollout, plus 1 if that served; 0: there was none */
    uint32_t at_pending; /* pending_rows * n_features */
    uint32_t at_control[PIPELINE_N_CONTROLS];
    uint32_t at_cost;
    uint32_t row_words;
    uint32_t pending_words;

    uint32_t window_n;     /* rows kept, at most window_rows */
    uint32_t window_head;  /* place of the oldest */
    uint32_t pending_n;    /* places in use, holes included, at most pending_rows */
    uint32_t pending_head; /* place of the oldest */
    uint32_t n_waiting;    /* predictions that wait */
    uint32_t last_failure; /* minus the status of the last failed training */
    uint64_t n_predicted;
    uint64_t n_labelled;
    uint64_t watched_from; /* n_labelled when the detector last started afresh */
    uint64_t due_from;     /* n_labelled from which on a due training may start */
    uint64_t changed_row;  /* number of the first labelled row of the present concept, as far as is known */
    uint64_t draws;       /* state of the reservoir's generator */
    uint64_t train_from;  /* of a training in slices: number of its first labelled row */
    uint64_t train_at;    /* of the next one */
    uint64_t train_to;    /* behind the last; 0: none is under way */
    uint32_t train_old;   /* rows of the reservoir that a training in slices has still to learn */
    uint64_t version;     /* of the champion */
    uint64_t previous;    /* while swapped, of the old champion */
    uint64_t staged;      /* of the model in a rollout; 0: none */
    uint64_t recall_at;   /* labelled rows at which earlier models are asked next; 0: not */
    uint64_t clock_ns;    /* the latest time that was told: controls take none that goes back */
    uint64_t judge_from;  /* number of the labelled row from which on errors speak: those up to a drift raised it, so they tell too
                           * much, and a model that had no gate to pass may have been trained on all there were */
    uint64_t trial;       /* number of the challenger whose verdict is open; 0: none */
    uint64_t trained_to;  /* number behind the last labelled row that it was trained on */
    double error_sum;
} pipeline_state;

enum {
    PIPELINE_DUE_NOT,
    PIPELINE_DUE_DRIFT, /* the detector's signal is why */
    PIPELINE_DUE_DEMAND /* kedge_pipeline_request() */
};

/* Objects inside, as the snapshot codec numbers them. */
enum {
    PIPELINE_PART_CHAMPION,
    PIPELINE_PART_CHALLENGER,
    PIPELINE_PART_DETECTOR,
    PIPELINE_PART_PREP,
    PIPELINE_PART_CONTROL, /* the first of them, by KEDGE_PIPELINE_... - 1 */
    PIPELINE_PART_COST = PIPELINE_PART_CONTROL + PIPELINE_N_CONTROLS,
    PIPELINE_N_PARTS
};

extern const kedge_class kedge_i_pipeline_class; /* pipeline_class.c */

/* pipeline_object.c: their classes; of a pipeline whose state need not stand */
void kedge_i_pipeline_name_parts(const kedge_pipeline *p, const kedge_class *parts[PIPELINE_N_PARTS]);

/* pipeline_config.c: a configuration of whatever release, complete and found valid */
kedge_status kedge_i_pipeline_config_check(const kedge_pipeline_config *cfg, kedge_pipeline_config *whole);
const kedge_control_config *kedge_i_pipeline_control_config(const kedge_pipeline_config *cfg,
                                                            uint32_t which); /* by KEDGE_PIPELINE_... */

static inline int pipeline_is_bound(const kedge_pipeline *p)
{
    return p && p->model && p->detector && p->state;
}

static inline pipeline_state *pipeline_of(const kedge_pipeline *p)
{
    return p->state;
}

static inline pipeline_counts *pipeline_counts_of(const pipeline_state *s)
{
    return (pipeline_counts *)(void *)((unsigned char *)(uintptr_t)s + s->at_counts);
}

/* A forged snapshot may have counted to the end already. */
static inline void pipeline_count_training(pipeline_state *s)
{
    pipeline_counts *counts = pipeline_counts_of(s);
    counts->n_trainings += counts->n_trainings < KEDGE_I_COUNT_MAX;
}

static inline pipeline_numbers *pipeline_numbers_of(const pipeline_state *s)
{
    return (pipeline_numbers *)(void *)((unsigned char *)(uintptr_t)s + s->at_numbers);
}

static inline kedge_model pipeline_champion_of(const kedge_pipeline *p)
{
    kedge_model m = {p->model, kedge_i_at(p->state, pipeline_of(p)->at_champion)};
    return m;
}

static inline kedge_model pipeline_challenger_of(const kedge_pipeline *p)
{
    kedge_model m = {p->model, kedge_i_at(p->state, pipeline_of(p)->at_challenger)};
    return m;
}

static inline kedge_detector pipeline_detector_of(const kedge_pipeline *p)
{
    kedge_detector d = {p->detector, kedge_i_at(p->state, pipeline_of(p)->at_detector)};
    return d;
}

/* The prep beside the model in the champion's place, or with is_challenger = 1 in the challenger's; without state if there is
 * none. */
static inline kedge_prep pipeline_prep_of(const kedge_pipeline *p, uint32_t is_challenger)
{
    const pipeline_state *s = pipeline_of(p);
    kedge_prep prep = {p->prep, NULL};
    if (s->n_preps > is_challenger)
        prep.state = (unsigned char *)kedge_i_at(p->state, s->at_preps) + (size_t)is_challenger * s->prep_bytes;
    return prep;
}

/* Without state if there is none. */
static inline kedge_metric pipeline_cost_of(const kedge_pipeline *p)
{
    kedge_metric m = {&kedge_cost, pipeline_of(p)->cost_bytes > 0 ? kedge_i_at(p->state, pipeline_of(p)->at_cost) : NULL};
    return m;
}

/* A control, by KEDGE_PIPELINE_...; without state if there is none. */
kedge_control kedge_i_pipeline_control(const kedge_pipeline *p, uint32_t which);
extern const kedge_control_class *const kedge_i_pipeline_controls[PIPELINE_N_CONTROLS];

/* Error of one prediction: 0 or 1, or the distance. */
static inline double pipeline_error(const pipeline_state *s, double predicted, double y)
{
    double apart = predicted < y ? y - predicted : predicted - y;
    return s->n_classes > 0 ? (double)(apart != 0.0) : apart;
}

/* prepare.c: the model in the champion's place, or with is_challenger = 1 in the challenger's, and rows as the prep beside it gives
 * them */
kedge_status kedge_i_prepared_predict(const kedge_pipeline *p, uint32_t is_challenger, const double *x, double *y);
/* Would the model be asked for that row in service, or does its prep refuse it, or leave what the model does not take? With a
 * prep. */
int kedge_i_prepared_takes(const kedge_pipeline *p, uint32_t is_challenger, const double *x, double y);
kedge_status kedge_i_prepared_learn(const kedge_pipeline *p, const double *x, double y); /* prep and champion; or none of both */
/* Of a training in slices: the challenger's prep learns a row; the challenger learns one as service will see it. */
kedge_status kedge_i_prepared_fit_next(const kedge_pipeline *p, const double *x, double y);
kedge_status kedge_i_prepared_learn_next(const kedge_pipeline *p, const double *x, double y, double weight);
size_t kedge_i_prepared_work(const kedge_pipeline_config *cfg, size_t n_rows);          /* for a training; 0: too many rows */
size_t kedge_i_prepared_work_now(const kedge_pipeline *p, size_t n_rows);
kedge_status kedge_i_prepared_train(const kedge_pipeline *p, uint32_t is_challenger, const kedge_rows *x, const double *y,
                                    const double *weight, void *work, size_t work_bytes);
/* The prep is fitted on these rows alone, then the model on what the prep makes of them; work was checked. */
size_t kedge_i_prepared_fit_work(const kedge_prep *prep, const kedge_model *m, size_t n_rows); /* 0: too many rows */
kedge_status kedge_i_prepared_fit(kedge_prep *prep, kedge_model *m, const kedge_rows *x, const double *y, const double *weight,
                                  void *work, size_t work_bytes);
kedge_status kedge_i_prepared_check(const kedge_pipeline *p, int deep);
int kedge_i_prepared_rows_are_sound(const pipeline_state *s, uint32_t at, uint32_t n_words);

/* admit.c: the schema */
kedge_status kedge_i_admit_judge(kedge_pipeline *p, uint64_t now_ns, const double *x); /* #KEDGE_ERR_SKEW: refused, and counted */
void kedge_i_admit_served(kedge_pipeline *p, uint64_t now_ns, const double *x);        /* a row that was found good */
kedge_status kedge_i_admit_table(const kedge_pipeline *p, const kedge_rows *x);        /* may a model be trained on it? */
void kedge_i_admit_trained(const kedge_pipeline *p, const kedge_rows *x);
/* A model serves that stays: what is to be expected is what it has learned. One that may yet be rolled back leaves the reference as
 * it was, so that the old champion finds its own again: a copy of it would cost some 400 bytes a column and 20 a category. */
void kedge_i_admit_settled(const kedge_pipeline *p);
int kedge_i_admit_fits(const kedge_pipeline *p);

/* joiner.c: predictions that wait for their label */
typedef struct pipeline_answer {
    double predicted; /* what was served */
    double other;     /* what the other model says; NaN: it was not asked */
    uint64_t server;  /* twice the number of the model in a rollout, plus 1 if that served; 0: there is none */
} pipeline_answer;

void kedge_i_joiner_add(pipeline_state *s, uint64_t now_ns, uint64_t id, const double *x, const pipeline_answer *answer);
/* Place of the waiting prediction of that id, UINT32_MAX if none. */
uint32_t kedge_i_joiner_find(const pipeline_state *s, uint64_t id);
void kedge_i_joiner_remove(pipeline_state *s, uint32_t place);
const double *kedge_i_joiner_row(const pipeline_state *s, uint32_t place);

/* Why a model was trained, and on what. */
typedef struct pipeline_birth {
    kedge_triggers_call call;
    uint64_t first_row;
    uint64_t last_row;
    uint64_t n_rows;
    uint64_t from_ns; /* when the first and the last row came; 0: not known */
    uint64_t to_ns;
    uint64_t took_ns; /* 0: not known */
} pipeline_birth;

/* Memory that a training leaves free, for a snapshot. */
typedef struct pipeline_scratch {
    void *bytes;
    size_t n;
} pipeline_scratch;

/* deliver.c: rollouts and what they do to the champion, events */
kedge_status kedge_i_deliver_answer(const kedge_pipeline *p, uint64_t id, const double *x, pipeline_answer *out);
/* A label's row goes to the rollout; events hear what the detector signals, triggers what they are told of it. */
void kedge_i_deliver_label(kedge_pipeline *p, uint32_t place, double y, kedge_status signal, kedge_status told);
void kedge_i_deliver_put(const kedge_pipeline *p, const kedge_event *event); /* with the pipeline's number */
void kedge_i_deliver_tell(const kedge_pipeline *p, uint32_t kind, uint64_t version, int32_t code, double value, double limit);
void kedge_i_deliver_step(kedge_pipeline *p);
int kedge_i_deliver_is_overtaken(const pipeline_state *s);
/* May the rollout under way end for a model of the world as it has become? It then does. */
int kedge_i_deliver_is_over(const kedge_pipeline *p, uint64_t now_ns);
void kedge_i_deliver_overtake(kedge_pipeline *p);
void kedge_i_deliver_end(const kedge_pipeline *p, uint32_t outcome);
uint64_t kedge_i_deliver_clock(const pipeline_state *s, uint64_t now_ns); /* the time that a call tells, not before what was told,
                                                                           * at most 2^62 */
/* A version takes the champion's place: the model is in the challenger's, or with is_there = 1 in its own already. */
void kedge_i_deliver_promote(kedge_pipeline *p, uint64_t version, int is_there);
/* A version begins its rollout, or is promoted where there is none. */
void kedge_i_deliver_offer(kedge_pipeline *p, uint64_t version, const unsigned char *digest);

/* versions.c: what is trained becomes a version of the store */
size_t kedge_i_versions_room(size_t model_bytes, size_t prep_bytes); /* for snapshots of a model and of its prep */
/* A model was trained: the first one is the champion already, of another one the gate has said #KEDGE_OK, #KEDGE_EMPTY or
 * #KEDGE_MORE. */
void kedge_i_versions_born(kedge_pipeline *p, const pipeline_birth *birth, int is_first, kedge_status verdict,
                           const pipeline_scratch *scratch);
/* The gate's last word on a version; `code` says why a refused one was not judged to the end. */
void kedge_i_versions_passed(kedge_pipeline *p, uint64_t id);
void kedge_i_versions_refused(kedge_pipeline *p, uint64_t id, int32_t code);
void kedge_i_versions_offer(kedge_pipeline *p, uint64_t id); /* it may come into service */

void kedge_i_versions_name(const kedge_pipeline *p); /* the store's figures that the pipeline sets */

/* spend.c: what trainings cost */
void kedge_i_spend_begin(pipeline_state *s); /* a call that may train begins */
void kedge_i_spend_part(pipeline_state *s);  /* it has trained, and goes on in another one */
void kedge_i_spend_end(pipeline_state *s, uint64_t version);

/* recall.c: earlier ones come back. Asks them if it is time */
void kedge_i_recall_step(kedge_pipeline *p);

/* provenance.c: what a model was made with */
void kedge_i_provenance_digest(const kedge_model *m, const kedge_prep *prep, unsigned char *digest); /* of the settings of both */
uint64_t kedge_i_provenance_seed(const kedge_model *m); /* 0: its class has none */

/* kept.c: the kept rows */
void kedge_i_window_add(pipeline_state *s, const double *x, double y, uint64_t came_ns); /* of a label that is counted already */
const double *kedge_i_window_row(const pipeline_state *s, uint32_t i, double *y); /* the i-th oldest of the newest rows */
uint32_t kedge_i_old_rows(const pipeline_state *s);                               /* in the reservoir */
const double *kedge_i_old_row(const pipeline_state *s, uint32_t i, double *y);

uint64_t kedge_i_window_time(const pipeline_state *s, uint32_t i); /* when it came */
uint64_t kedge_i_window_number(const pipeline_state *s, uint32_t i); /* its number among all labelled rows */
/* Is a row held back from every challenger? By its number, which stays as the window moves on. */
int kedge_i_window_holds_back(const pipeline_state *s, uint64_t number);

/* judge.c: the gate */
/* May a labelled row speak for or against a model that was trained on rows up to `trained_to`? */
int kedge_i_judge_is_new(const pipeline_state *s, uint64_t number, uint64_t trained_to);
/* Errors that are so far apart count as 1 where a model is judged that was trained on rows up to `trained_to`: by rows that do not
 * judge it. */
double kedge_i_judge_unit(const kedge_pipeline *p, uint64_t trained_to);
/* What the kept rows say of the model in the challenger's place; of those up to `trained_to` only what was held back counts. It is
 * the best of so many. */
kedge_status kedge_i_judge_kept(const kedge_pipeline *p, uint64_t trained_to, uint64_t tries, double unit, kedge_i_verdict *v);
kedge_status kedge_i_judge_challenger(kedge_pipeline *p, uint64_t trained_to);
void kedge_i_judge_label(kedge_pipeline *p, const double *x, double y); /* one row more for a verdict that is open */
void kedge_i_judge_step(kedge_pipeline *p);
void kedge_i_judge_drop(kedge_pipeline *p); /* an open verdict is not waited for any longer */

/* retrain_due.c: when */
int kedge_i_retrain_is_due(const pipeline_state *s);
int kedge_i_retrain_can_begin(const pipeline_state *s);
void kedge_i_retrain_earn(pipeline_state *s, double rows); /* trainings may use so many more */
void kedge_i_retrain_count_drift(const pipeline_state *s, uint64_t now_ns); /* one was signalled, up or down */
/* The error has risen since that row: 1, and a training is wanted; 0: the challenger on trial is the answer to it. */
int kedge_i_retrain_ask(pipeline_state *s, uint64_t changed_row);
uint32_t kedge_i_retrain_selected(const pipeline_state *s); /* how many of the newest rows a training uses */
void kedge_i_retrain_spend(pipeline_state *s);             /* one begins */
/* After the answer to a call of the detector's: another training is due when the `selected` rows have doubled. */
void kedge_i_retrain_settle(pipeline_state *s, uint32_t selected, const kedge_triggers_call *call);
void kedge_i_retrain_retry(pipeline_state *s, const kedge_triggers_call *call); /* it failed: again, with more rows */

/* retrain.c: training on the kept rows */
kedge_status kedge_i_retrain_slice(kedge_pipeline *p, void *work, size_t work_bytes); /* #KEDGE_MORE: there is more to do */
size_t kedge_i_retrain_work(const kedge_pipeline_config *cfg); /* a whole one */
kedge_status kedge_i_retrain(kedge_pipeline *p, const kedge_triggers_call *call, void *work, size_t work_bytes);
void kedge_i_retrain_promoted(kedge_pipeline *p, uint64_t now_ns);
size_t kedge_i_retrain_work_now(const kedge_pipeline *p); /* bytes that a training in this state needs */

#endif
