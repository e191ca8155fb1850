/* SPDX-License-Identifier: MIT */
/* When a training is due, on how many rows, and what trainings may cost. */
#include "base/fp.h"

#include "pipeline/pipeline_state.h"

/* How many of the newest rows a training uses. */
uint32_t kedge_i_retrain_selected(const pipeline_state *s)
{
    uint64_t since = s->n_labelled - s->changed_row;
    return s->select == KEDGE_SELECT_CHANGE && since < s->window_n ? (uint32_t)since : s->window_n;
}

/* Rows that a training now would use, as the budget counts them: held-back ones too. */
static double due_cost(const pipeline_state *s)
{
    return (double)kedge_i_retrain_selected(s) + kedge_i_old_rows(s);
}

/* Twice what the largest training takes can be saved up. */
void kedge_i_retrain_earn(pipeline_state *s, double rows)
{
    double *credit = &pipeline_numbers_of(s)->credit;
    double most = 2.0 * ((double)s->window_rows + s->reservoir_rows);
    *credit = *credit + rows < most ? *credit + rows : most;
}

/* Enough rows to train on, and not too many for what trainings may cost. */
int kedge_i_retrain_can_begin(const pipeline_state *s)
{
    return kedge_i_retrain_selected(s) >= s->min_rows && pipeline_numbers_of(s)->credit >= due_cost(s);
}

static int due_has_triggers(const pipeline_state *s)
{
    return s->control_bytes[KEDGE_PIPELINE_TRIGGERS - 1] > 0;
}

void kedge_i_retrain_count_drift(const pipeline_state *s, uint64_t now_ns)
{
    pipeline_counts_of(s)->n_drifts++;
    pipeline_counts_of(s)->drift_at_ns = now_ns;
}

int kedge_i_retrain_ask(pipeline_state *s, uint64_t changed_row)
{
    if (s->trial != 0 && changed_row < s->trained_to) { /* the challenger on trial is the answer to it already */
        s->changed_row = changed_row > s->changed_row ? changed_row : s->changed_row;
        return 0;
    }
    if (s->trial != 0) /* what it has shown was in another world */
        kedge_i_verdict_begin(&pipeline_numbers_of(s)->verdict);
    s->due = due_has_triggers(s) ? PIPELINE_DUE_NOT : PIPELINE_DUE_DRIFT; /* they are told of the drift itself */
    s->due_from = s->n_labelled + s->delay_rows;
    s->changed_row = changed_row < s->n_labelled ? changed_row : s->n_labelled; /* whatever a detector says */
    s->judge_from = s->n_labelled;
    s->recall_at = s->recall_rows > 0 ? s->n_labelled + s->recall_rows : 0;
    return 1;
}

int kedge_i_retrain_is_due(const pipeline_state *s)
{
    if (s->policy == KEDGE_POLICY_ONLINE)
        return 0;
    if (pipeline_counts_of(s)->n_promotions == 0) /* the first model; after a failure once there are as many new rows */
        return s->window_n >= s->min_rows && s->n_labelled >= s->due_from;
    return s->due && s->n_labelled >= s->due_from && kedge_i_retrain_can_begin(s);
}

/* Triggers are told the drift once more when the rows have doubled, if it was the drift that they called for. */
void kedge_i_retrain_settle(pipeline_state *s, uint32_t selected, const kedge_triggers_call *call)
{
    int is_answer = !due_has_triggers(s) || (call->kind == KEDGE_TRIGGER_SIGNAL && call->source == KEDGE_SOURCE_DETECTOR);
    s->due = s->select == KEDGE_SELECT_CHANGE && selected < s->window_rows && pipeline_counts_of(s)->n_drifts > 0 && is_answer;
    s->due_from = s->n_labelled + (s->due ? selected : 0);
}

void kedge_i_retrain_spend(pipeline_state *s)
{
    pipeline_numbers_of(s)->credit -= due_cost(s);
}

void kedge_i_retrain_retry(pipeline_state *s, const kedge_triggers_call *call)
{
    const uint8_t again = call->kind == KEDGE_TRIGGER_DEMAND ? PIPELINE_DUE_DEMAND : PIPELINE_DUE_DRIFT;
    s->due = due_has_triggers(s) ? PIPELINE_DUE_NOT : again; /* they have a wait of their own */
    s->due_from = s->n_labelled + s->min_rows;
}
