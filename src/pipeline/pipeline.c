/* SPDX-License-Identifier: MIT */
/* The pipeline's verbs: serve, join the labels, watch the error, retrain by policy. */
#include "base/fp.h"

#include "kedge/pipeline.h"

#include <math.h>
#include <string.h>

#include "base/check.h"
#include "base/number.h"
#include "pipeline/pipeline_state.h"
#include "pipeline/trigger.h"

size_t kedge_pipeline_train_work(const kedge_pipeline *p, size_t n_rows)
{
    if (!pipeline_is_bound(p) || n_rows == 0)
        return 0;
    const pipeline_state *s = pipeline_of(p);
    size_t fit = kedge_i_prepared_work_now(p, n_rows);
    if (s->control_bytes[KEDGE_PIPELINE_STORE - 1] == 0)
        return s->n_preps > 0 || p->model->fit ? fit : 0;
    size_t snapshot = kedge_i_versions_room(s->champion_bytes, s->prep_bytes);
    return fit == 0 || fit > snapshot ? fit : snapshot;
}

kedge_status kedge_pipeline_train(kedge_pipeline *p, const kedge_rows *x, const double *y, void *work, size_t work_bytes)
{
    if (!pipeline_is_bound(p))
        return KEDGE_ERR_NULL;
    pipeline_state *s = pipeline_of(p);
    if (s->staged != 0)
        return KEDGE_ERR_STATE;
    KEDGE_TRY(kedge_i_admit_table(p, x));
    KEDGE_TRY(kedge_i_prepared_train(p, 0, x, y, NULL, work, work_bytes));
    s->clock_ns = kedge_i_deliver_clock(s, 0);
    kedge_i_judge_drop(p);
    pipeline_count_training(s);
    s->due = 0;
    s->judge_from = s->n_labelled; /* kept rows may be among the table's */
    kedge_i_retrain_promoted(p, pipeline_counts_of(s)->promoted_at_ns);
    kedge_i_admit_trained(p, x);
    kedge_i_spend_begin(s);
    const pipeline_birth birth = {.call = {.trigger = UINT32_MAX, .kind = KEDGE_TRIGGER_DEMAND}, .n_rows = x->n_rows};
    const pipeline_scratch scratch = {work, work_bytes};
    kedge_i_versions_born(p, &birth, 1, KEDGE_OK, &scratch);
    return KEDGE_OK;
}

/* Kept rows are finite, whatever the model takes; a prep says itself what it takes. */
static kedge_status pipeline_row_check(const kedge_pipeline *p, const double *x)
{
    for (uint32_t i = 0; !p->prep && i < pipeline_of(p)->n_features; i++)
        if (!kedge_i_finite(x[i]))
            return KEDGE_ERR_NOT_FINITE;
    return KEDGE_OK;
}

kedge_status kedge_pipeline_predict(kedge_pipeline *p, uint64_t now_ns, uint64_t id, const double *x, double *y)
{
    if (!pipeline_is_bound(p) || !x || !y)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_i_admit_judge(p, now_ns, x));
    KEDGE_TRY(pipeline_row_check(p, x));
    pipeline_answer answer;
    kedge_status st = kedge_i_deliver_answer(p, id, x, &answer);
    KEDGE_TRY(st);
    *y = answer.predicted;
    kedge_i_admit_served(p, now_ns, x);
    kedge_i_joiner_add(pipeline_of(p), now_ns, id, x, &answer);
    pipeline_of(p)->n_predicted++;
    return st;
}

/* Would the model take this label, and the detector this error? */
static kedge_status pipeline_label_check(const kedge_pipeline *p, double y, double error)
{
    const pipeline_state *s = pipeline_of(p);
    double limit = s->n_classes > 0 ? s->n_classes - 1.0 : KEDGE_TARGET_MAX;
    if (!kedge_i_within(y, s->n_classes > 0 ? 0.0 : -limit, limit) || (s->n_classes > 0 && y != floor(y)))
        return kedge_i_refusal(y);
    return kedge_i_within(error, p->detector->input_low, p->detector->input_high) ? KEDGE_OK : KEDGE_ERR_RANGE;
}

/* Drift is a reason to retrain if the error rose, or if the detector cannot tell, and if no challenger is the answer to it already.
 * Returns whether it is a drift for the worse, and what triggers are to hear. */
static int pipeline_on_drift(kedge_pipeline *p, uint64_t now_ns, const kedge_detector *d, kedge_status *told)
{
    *told = KEDGE_OK;
    pipeline_state *s = pipeline_of(p);
    kedge_alarm alarm;
    kedge_i_retrain_count_drift(s, now_ns);
    if (kedge_detector_alarm(d, &alarm) < 0 || alarm.effect < 0.0)
        return 0;
    if (s->policy != KEDGE_POLICY_RETRAIN || kedge_i_retrain_ask(s, s->watched_from + alarm.changed_at))
        *told = KEDGE_DRIFT;
    return 1;
}

/* Returns when the prediction was made. */
static uint64_t pipeline_count_delay(pipeline_state *s, uint32_t place, uint64_t now_ns)
{
    uint64_t made_at = ((const uint64_t *)kedge_i_at(s, s->at_times))[place];
    if (now_ns > made_at && now_ns - made_at > pipeline_counts_of(s)->label_delay_ns)
        pipeline_counts_of(s)->label_delay_ns = now_ns - made_at;
    return made_at;
}

kedge_status kedge_pipeline_label(kedge_pipeline *p, uint64_t now_ns, uint64_t id, double y)
{
    if (!pipeline_is_bound(p))
        return KEDGE_ERR_NULL;
    pipeline_state *s = pipeline_of(p);
    uint32_t place = kedge_i_joiner_find(s, id);
    if (place == UINT32_MAX)
        return KEDGE_ERR_UNKNOWN;
    double error = pipeline_error(s, ((const double *)kedge_i_at(s, s->at_predicted))[place], y);
    KEDGE_TRY(pipeline_label_check(p, y, error));
    const double *x = kedge_i_joiner_row(s, place);
    kedge_detector d = pipeline_detector_of(p);
    if (s->policy == KEDGE_POLICY_ONLINE)
        KEDGE_TRY(kedge_i_prepared_learn(p, x, y));

    kedge_status st = kedge_detector_update(&d, error);
    KEDGE_TRY(st);
    s->clock_ns = kedge_i_deliver_clock(s, now_ns);
    uint64_t made_at = pipeline_count_delay(s, place, now_ns);
    s->n_labelled++;
    kedge_i_retrain_earn(s, s->train_share);
    pipeline_counts_of(s)->n_warnings += st == KEDGE_WARNING && !s->warned;
    s->error_sum += error;
    kedge_status told = st;
    int is_better = st == KEDGE_DRIFT && !pipeline_on_drift(p, now_ns, &d, &told);
    kedge_i_deliver_label(p, place, y, is_better ? KEDGE_OK : st, told);
    if (s->trial != 0)
        kedge_i_judge_label(p, x, y);
    s->warned = st == KEDGE_WARNING;
    kedge_i_window_add(s, x, y, made_at);
    kedge_i_joiner_remove(s, place);
    return st;
}

/* Is a training due, by the triggers or without them? */
static int pipeline_is_due(const kedge_pipeline *p, uint64_t now_ns, kedge_triggers_call *call)
{
    const pipeline_state *s = pipeline_of(p);
    kedge_control triggers = kedge_i_pipeline_control(p, KEDGE_PIPELINE_TRIGGERS);
    if (s->train_to != 0)
        return 0;
    int is_overtaken = kedge_i_deliver_is_overtaken(s);
    if (s->staged != 0 && !kedge_i_deliver_is_over(p, kedge_i_deliver_clock(s, now_ns)))
        return 0;
    if (!triggers.state || pipeline_counts_of(s)->n_promotions == 0)
        return kedge_i_retrain_is_due(s);
    if (!kedge_i_retrain_can_begin(s))
        return 0;
    now_ns = kedge_i_deliver_clock(s, now_ns);
    kedge_status st = kedge_triggers_due(&triggers, now_ns, call);
    return st == KEDGE_OK ||
           (s->trial != 0 && st == KEDGE_EMPTY && kedge_i_triggers_waits_for_end(&triggers, call)) ||
           (is_overtaken && st == KEDGE_EMPTY && kedge_i_triggers_may_overtake(&triggers, now_ns, call));
}

/* Why a training that no triggers have called for: the first one since there are rows enough, the others since drift was signalled
 * or somebody asked. */
static kedge_triggers_call pipeline_own_call(const pipeline_state *s)
{
    kedge_triggers_call call = {.trigger = UINT32_MAX, .kind = KEDGE_TRIGGER_SIGNAL};
    if (pipeline_counts_of(s)->n_promotions == 0) {
        call.kind = KEDGE_TRIGGER_ROWS;
        call.value = s->window_n;
        call.limit = s->min_rows;
    } else if (s->due == PIPELINE_DUE_DEMAND) {
        call.kind = KEDGE_TRIGGER_DEMAND;
    } else {
        call.source = KEDGE_SOURCE_DETECTOR;
        call.code = KEDGE_DRIFT;
        call.value = call.limit = KEDGE_DRIFT;
    }
    return call;
}

static kedge_status pipeline_work_check(const kedge_pipeline *p, const void *work, size_t work_bytes)
{
    size_t need = kedge_i_retrain_work_now(p);
    if (!work)
        return KEDGE_ERR_NULL;
    if (need == 0 || work_bytes < need) /* 0: no memory is enough for so many rows */
        return KEDGE_ERR_BUFFER;
    return kedge_i_aligned(work) ? KEDGE_OK : KEDGE_ERR_ALIGN;
}

kedge_status kedge_pipeline_step(kedge_pipeline *p, uint64_t now_ns, void *work, size_t work_bytes)
{
    if (!pipeline_is_bound(p))
        return KEDGE_ERR_NULL;
    pipeline_state *s = pipeline_of(p);
    kedge_triggers_call call = {.trigger = UINT32_MAX};
    int is_due = pipeline_is_due(p, now_ns, &call);
    if (is_due || s->train_to != 0)
        KEDGE_TRY(pipeline_work_check(p, work, work_bytes));
    s->clock_ns = kedge_i_deliver_clock(s, now_ns);
    kedge_i_spend_begin(s);
    if (s->train_to != 0)
        return kedge_i_retrain_slice(p, work, work_bytes);
    kedge_i_deliver_step(p);
    kedge_i_judge_step(p);
    kedge_i_recall_step(p);
    if (!is_due || !pipeline_is_due(p, s->clock_ns, &call)) /* a verdict may have settled it */
        return KEDGE_OK;
    kedge_i_judge_drop(p); /* the new challenger is trained on more rows, or newer ones */
    kedge_i_deliver_overtake(p);
    kedge_control triggers = kedge_i_pipeline_control(p, KEDGE_PIPELINE_TRIGGERS);
    if (!triggers.state || pipeline_counts_of(s)->n_promotions == 0)
        call = pipeline_own_call(s);
    else if (kedge_triggers_start(&triggers, s->clock_ns, &call) != KEDGE_OK)
        return KEDGE_OK;
    return kedge_i_retrain(p, &call, work, work_bytes);
}

kedge_status kedge_pipeline_figure(kedge_pipeline *p, uint64_t now_ns, uint32_t source, double value)
{
    if (!pipeline_is_bound(p))
        return KEDGE_ERR_NULL;
    if (!isnan(value) && !kedge_i_finite(value))
        return KEDGE_ERR_NOT_FINITE;
    kedge_control triggers = kedge_i_pipeline_control(p, KEDGE_PIPELINE_TRIGGERS);
    uint64_t now = kedge_i_deliver_clock(pipeline_of(p), now_ns);
    if (!triggers.state || kedge_triggers_figure(&triggers, now, source, value) < 0)
        return KEDGE_EMPTY; /* what is watched is the configuration's to say: one that does not is no fault of who measures */
    pipeline_of(p)->clock_ns = now;
    return KEDGE_OK;
}

kedge_status kedge_pipeline_control(const kedge_pipeline *p, uint32_t which, kedge_control *out)
{
    if (!pipeline_is_bound(p) || !out)
        return KEDGE_ERR_NULL;
    if (!kedge_i_u32_within(which, 1, PIPELINE_N_CONTROLS))
        return KEDGE_ERR_RANGE;
    kedge_control c = kedge_i_pipeline_control(p, which);
    if (!c.state)
        return KEDGE_ERR_UNSUPPORTED;
    *out = c;
    return KEDGE_OK;
}

kedge_status kedge_pipeline_request(kedge_pipeline *p)
{
    if (!pipeline_is_bound(p))
        return KEDGE_ERR_NULL;
    pipeline_state *s = pipeline_of(p);
    if (s->policy != KEDGE_POLICY_RETRAIN)
        return KEDGE_ERR_UNSUPPORTED;
    kedge_control triggers = kedge_i_pipeline_control(p, KEDGE_PIPELINE_TRIGGERS);
    if (triggers.state)
        return kedge_triggers_demand(&triggers, kedge_i_deliver_clock(s, 0), 0);
    s->due = PIPELINE_DUE_DEMAND;
    s->due_from = s->n_labelled;
    return KEDGE_OK;
}

kedge_status kedge_pipeline_read(const kedge_pipeline *p, kedge_pipeline_report *out)
{
    if (!pipeline_is_bound(p) || !out)
        return KEDGE_ERR_NULL;
    const pipeline_state *s = pipeline_of(p);
    const pipeline_counts *counts = pipeline_counts_of(s);
    memset(out, 0, sizeof *out);
    out->n_predicted = s->n_predicted;
    out->n_labelled = s->n_labelled;
    out->n_expired = counts->n_expired;
    out->n_warnings = counts->n_warnings;
    out->n_drifts = counts->n_drifts;
    out->n_trainings = counts->n_trainings;
    out->n_failures = counts->n_failures;
    out->n_promotions = counts->n_promotions;
    out->n_rejections = counts->n_rejections;
    out->n_pending = s->n_waiting;
    out->window_rows = s->window_n;
    out->drift_at_ns = counts->drift_at_ns;
    out->promoted_at_ns = counts->promoted_at_ns;
    out->label_delay_ns = counts->label_delay_ns;
    out->error_mean = s->n_labelled > 0 ? s->error_sum / (double)(int64_t)s->n_labelled : (double)NAN;
    const pipeline_numbers *numbers = pipeline_numbers_of(s);
    out->gate_champion = numbers->gate_champion < 0.0 ? (double)NAN : numbers->gate_champion;
    out->gate_challenger = numbers->gate_challenger < 0.0 ? (double)NAN : numbers->gate_challenger;
    out->last_failure = -(int32_t)s->last_failure;
    kedge_triggers_call call;
    out->retrain_due = (uint32_t)pipeline_is_due(p, s->clock_ns, &call);
    out->version = s->version;
    out->staged = s->staged;
    out->n_rolled_back = counts->n_rolled_back;
    out->n_recalls = counts->n_recalls;
    out->rows_to_train =
        s->train_to - s->train_at + s->train_old + (s->preparing ? s->train_to - s->train_from + kedge_i_old_rows(s) : 0);
    out->reservoir_rows = kedge_i_old_rows(s);
    out->n_repeated = counts->n_repeated;
    out->n_undecided = counts->n_undecided;
    out->trial = s->trial;
    kedge_control schema = kedge_i_pipeline_control(p, KEDGE_PIPELINE_SCHEMA);
    kedge_schema_report of_rows;
    if (schema.state && kedge_schema_read(&schema, &of_rows) == KEDGE_OK) {
        out->n_refused_rows = of_rows.n_refused + of_rows.n_unlearned;
        out->n_shifts = of_rows.n_shifts;
    }
    out->trial_rows =
        s->trial != 0 && kedge_i_within(numbers->verdict.n, 0.0, (double)UINT32_MAX) ? (uint64_t)numbers->verdict.n : 0;
    return KEDGE_OK;
}

