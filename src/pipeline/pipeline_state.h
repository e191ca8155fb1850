/* SPDX-License-Identifier: MIT */
/* The state of a pipeline, and what its files share. One block: this struct, champion, challenger, detector, the kept rows, the waiting
 * predictions. */
#ifndef KEDGE_PIPELINE_STATE_H
#define KEDGE_PIPELINE_STATE_H

#include "kedge/pipeline.h"

#include "base/arena.h"

typedef struct pipeline_state {
    kedge_state_head head;
    double gate_margin;
    uint32_t n_features;
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
    uint8_t policy;
    uint8_t select;
    uint8_t due; /* 1: a training was asked for; it starts when enough rows are there */
    uint8_t warned; /* 1: the detector is in its warning zone */

    uint32_t at_champion; /* layout */
    uint32_t at_challenger;
    uint32_t at_detector;
    uint32_t at_rows;    /* ring of window_rows * n_features: the newest labelled rows */
    uint32_t at_targets; /* ring of window_rows */
    uint32_t at_ids;     /* ring of pending_rows: predictions in the order in which they were made */
    uint32_t at_times;
    uint32_t at_predicted;
    uint32_t at_waiting; /* 1: waits; 0: a hole, its label has come */
    uint32_t at_pending; /* pending_rows * n_features */
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
    uint64_t n_expired;
    uint64_t n_warnings;
    uint64_t n_drifts;
    uint64_t n_trainings;
    uint64_t n_failures;
    uint64_t n_promotions;
    uint64_t n_rejections;
    uint64_t drift_at_ns;
    uint64_t promoted_at_ns;
    uint64_t label_delay_ns;
    uint64_t watched_from; /* n_labelled when the detector last started afresh */
    uint64_t due_from;     /* n_labelled from which on a due training may start */
    uint64_t changed_row;  /* number of the first labelled row of the present concept, as far as is known */
    double error_sum;
    double gate_champion; /* at the last verdict; negative: none */
    double gate_challenger;
} pipeline_state;

/* Objects inside, as the snapshot codec numbers them. */
enum { PIPELINE_PART_CHAMPION, PIPELINE_PART_CHALLENGER, PIPELINE_PART_DETECTOR, PIPELINE_N_PARTS };

extern const kedge_class kedge_i_pipeline_class; /* pipeline_class.c */

static inline pipeline_state *pipeline_of(const kedge_pipeline *p)
{
    return p->state;
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

/* Error of one prediction: 0 or 1, or the distance. */
static inline double pipeline_error(const pipeline_state *s, double predicted, double y)
{
    double apart = predicted < y ? y - predicted : predicted - y;
    return s->n_classes > 0 ? (double)(apart != 0.0) : apart;
}

/* joiner.c: predictions that wait for their label */
void kedge_i_joiner_add(pipeline_state *s, uint64_t now_ns, uint64_t id, const double *x, double predicted);
/* Place of the waiting prediction of that id, UINT32_MAX if none. */
uint32_t kedge_i_joiner_find(const pipeline_state *s, uint64_t id);
void kedge_i_joiner_remove(pipeline_state *s, uint32_t place);
const double *kedge_i_joiner_row(const pipeline_state *s, uint32_t place);

/* retrain.c: the kept rows, training on them, and the gate */
void kedge_i_window_add(pipeline_state *s, const double *x, double y);
int kedge_i_retrain_is_due(const pipeline_state *s);
size_t kedge_i_retrain_work(const kedge_model_config *model, uint32_t window_rows);
kedge_status kedge_i_retrain(kedge_pipeline *p, uint64_t now_ns, void *work, size_t work_bytes);
kedge_status kedge_i_retrain_model(kedge_model *m, const kedge_rows *x, const double *y, void *work, size_t work_bytes);
void kedge_i_retrain_promoted(kedge_pipeline *p, uint64_t now_ns);
void kedge_i_retrain_ask(pipeline_state *s, uint64_t changed_row);

#endif
