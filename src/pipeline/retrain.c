/* SPDX-License-Identifier: MIT */
/* The kept rows, the training of a challenger on them, and the gate that lets it replace the champion. */
#include "base/fp.h"

#include <string.h>

#include "base/check.h"
#include "models/model_check.h"
#include "pipeline/pipeline_state.h"

void kedge_i_window_add(pipeline_state *s, const double *x, double y)
{
    uint32_t place = s->window_head + s->window_n;
    if (place >= s->window_rows)
        place -= s->window_rows;
    if (s->window_n == s->window_rows)
        s->window_head = s->window_head + 1 == s->window_rows ? 0 : s->window_head + 1;
    else
        s->window_n++;
    memcpy((double *)kedge_i_at(s, s->at_rows) + (size_t)place * s->n_features, x, s->n_features * sizeof(double));
    ((double *)kedge_i_at(s, s->at_targets))[place] = y;
}

/* The i-th oldest kept row. */
const double *kedge_i_window_row(const pipeline_state *s, uint32_t i, double *y)
{
    uint32_t place = s->window_head + i;
    if (place >= s->window_rows)
        place -= s->window_rows;
    *y = ((const double *)kedge_i_at_const(s, s->at_targets))[place];
    return (const double *)kedge_i_at_const(s, s->at_rows) + (size_t)place * s->n_features;
}

/* How many of the newest rows a training uses. */
uint32_t kedge_i_retrain_selected(const pipeline_state *s)
{
    uint64_t since = s->n_labelled - s->changed_row;
    return s->select == KEDGE_SELECT_CHANGE && since < s->window_n ? (uint32_t)since : s->window_n;
}

void kedge_i_retrain_ask(pipeline_state *s, uint64_t changed_row)
{
    s->due = 1;
    s->due_from = s->n_labelled + s->delay_rows;
    s->changed_row = changed_row < s->n_labelled ? changed_row : s->n_labelled; /* whatever a detector says */
    if (s->recall_rows > 0) {
        uint64_t from = s->changed_row + s->recall_rows;
        s->recall_at = from > s->n_labelled ? from : s->n_labelled;
    }
}

int kedge_i_retrain_is_due(const pipeline_state *s)
{
    if (s->policy == KEDGE_POLICY_ONLINE)
        return 0;
    if (s->n_promotions == 0) /* the first model; after a failure once there are as many new rows */
        return s->window_n >= s->min_rows && s->n_labelled >= s->due_from;
    return s->due && s->n_labelled >= s->due_from && kedge_i_retrain_selected(s) >= s->min_rows;
}

/* Copies the selected rows, without the held-back ones if k > 0, oldest first. Returns how many. */
static uint32_t retrain_gather(const pipeline_state *s, uint32_t k, double *x, double *y)
{
    uint32_t n = 0;
    for (uint32_t i = s->window_n - kedge_i_retrain_selected(s); i < s->window_n; i++) {
        if (k > 0 && i % k == k - 1)
            continue;
        double target;
        memcpy(x + (size_t)n * s->n_features, kedge_i_window_row(s, i, &target), s->n_features * sizeof(double));
        y[n++] = target;
    }
    return n;
}

/* How many of the newest rows the gate looks at: those since the change, where they give enough held-back ones; rows from before it would
 * speak for the champion. */
static uint32_t retrain_judged(const pipeline_state *s)
{
    uint64_t since = s->n_labelled - s->changed_row;
    uint32_t selected = kedge_i_retrain_selected(s);
    return since < selected && since / s->holdout_every >= s->holdout_min ? (uint32_t)since : selected;
}

/* Mean errors of both models on the held-back rows. Returns how many there were. */
static uint32_t retrain_compare(const kedge_pipeline *p, double *champion_error, double *challenger_error)
{
    const pipeline_state *s = pipeline_of(p);
    kedge_model champion = pipeline_champion_of(p);
    kedge_model challenger = pipeline_challenger_of(p);
    uint32_t k = s->holdout_every;
    uint32_t n = 0;
    double errors[2] = {0.0, 0.0};
    for (uint32_t i = s->window_n - retrain_judged(s); i < s->window_n; i++) {
        double y, by_champion, by_challenger;
        if (i % k != k - 1)
            continue;
        const double *x = kedge_i_window_row(s, i, &y);
        if (kedge_model_predict(&champion, x, &by_champion) < 0 || kedge_model_predict(&challenger, x, &by_challenger) < 0)
            continue;
        errors[0] += pipeline_error(s, by_champion, y);
        errors[1] += pipeline_error(s, by_challenger, y);
        n++;
    }
    *champion_error = n > 0 ? errors[0] / n : 0.0;
    *challenger_error = n > 0 ? errors[1] / n : 0.0;
    return n;
}

/* Does the challenger pass? */
static int retrain_gate(kedge_pipeline *p)
{
    pipeline_state *s = pipeline_of(p);
    if (s->holdout_every == 0)
        return 1;
    uint32_t n = retrain_compare(p, &s->gate_champion, &s->gate_challenger);
    return n >= s->holdout_min && s->gate_challenger < s->gate_champion - s->gate_margin;
}

/* The detector watches the new champion from nothing: its errors have another level. */
void kedge_i_retrain_promoted(kedge_pipeline *p, uint64_t now_ns)
{
    pipeline_state *s = pipeline_of(p);
    kedge_detector d = pipeline_detector_of(p);
    KEDGE_IGNORE(kedge_detector_reset(&d));
    s->watched_from = s->n_labelled;
    s->warned = 0;
    s->n_promotions++;
    s->promoted_at_ns = now_ns;
}

/* Bytes of the table of selected rows with their targets, and of what is used behind it: to fit, and then for a snapshot. 0: too many. */
static size_t retrain_sum(uint32_t window_rows, uint32_t n_features, size_t fit, size_t snapshot)
{
    uint64_t table = (uint64_t)window_rows * (n_features + 1u) * sizeof(double);
    size_t behind = fit > snapshot ? fit : snapshot;
    return fit == 0 || table > SIZE_MAX / 2 - behind ? 0 : (size_t)table + behind;
}

size_t kedge_i_retrain_work(const kedge_pipeline_config *cfg)
{
    const kedge_model_config *model = cfg->model;
    int has_store = cfg->config_bytes >= sizeof *cfg && cfg->store;
    size_t fit = model->cls->fit ? kedge_model_fit_work(model, cfg->window_rows) : KEDGE_ALIGN;
    return retrain_sum(cfg->window_rows, model->n_features, fit, has_store ? kedge_i_versions_room(kedge_model_size(model)) : 0);
}

size_t kedge_i_retrain_work_now(const kedge_pipeline *p)
{
    const pipeline_state *s = pipeline_of(p);
    kedge_model m = pipeline_champion_of(p);
    int has_store = s->control_bytes[KEDGE_PIPELINE_STORE - 1] > 0;
    size_t fit = m.cls->fit ? kedge_model_work(&m, s->window_rows) : KEDGE_ALIGN;
    return retrain_sum(s->window_rows, s->n_features, fit, has_store ? kedge_i_versions_room(s->champion_bytes) : 0);
}

/* Static training by fit where the class has it, else one pass of learning from nothing. */
kedge_status kedge_i_retrain_model(kedge_model *m, const kedge_rows *x, const double *y, void *work, size_t work_bytes)
{
    if (m->cls->fit)
        return kedge_model_fit(m, x, y, NULL, work, work_bytes);
    size_t used;
    KEDGE_TRY(kedge_i_model_check_table(m, x, y, NULL));
    KEDGE_TRY(kedge_model_reset(m));
    return kedge_model_learn_many(m, x, y, NULL, &used);
}

/* After the answer: is there to be another training when the selected rows have doubled? Triggers say that themselves. */
static void retrain_settle(pipeline_state *s, uint32_t selected)
{
    int has_triggers = s->control_bytes[KEDGE_PIPELINE_TRIGGERS - 1] > 0;
    s->due = s->select == KEDGE_SELECT_CHANGE && selected < s->window_rows && s->n_drifts > 0 && !has_triggers;
    s->due_from = s->n_labelled + (s->due ? selected : 0);
}

static void retrain_failed(kedge_pipeline *p, kedge_status why)
{
    pipeline_state *s = pipeline_of(p);
    s->n_failures++;
    s->last_failure = (uint32_t)-why;
    s->due = 1; /* again, with more rows */
    s->due_from = s->n_labelled + s->min_rows;
    kedge_i_deliver_tell(p, KEDGE_EVENT_FAILED, 0, why, 0.0, 0.0);
    kedge_i_deliver_end(p, KEDGE_OUTCOME_FAILED);
}

/* The work memory was checked. */
kedge_status kedge_i_retrain(kedge_pipeline *p, const kedge_triggers_call *call, void *work, size_t work_bytes)
{
    pipeline_state *s = pipeline_of(p);
    int first = s->n_promotions == 0;
    uint32_t selected = first ? s->window_n : kedge_i_retrain_selected(s);
    kedge_model m = first ? pipeline_champion_of(p) : pipeline_challenger_of(p);
    size_t table = (size_t)s->window_rows * (s->n_features + 1u) * sizeof(double);
    double *x = work;
    double *y = x + (size_t)s->window_rows * s->n_features;
    if (call->trigger != UINT32_MAX)
        kedge_i_deliver_tell(p, KEDGE_EVENT_TRIGGER, 0, (int32_t)call->kind, call->value, call->limit);
    kedge_i_deliver_tell(p, KEDGE_EVENT_TRAINING, 0, 0, (double)selected, 0.0);
    uint32_t n = retrain_gather(s, first ? 0 : s->holdout_every, x, y);
    kedge_rows rows = kedge_rows_float64(x, n, s->n_features);
    kedge_status st = kedge_i_retrain_model(&m, &rows, y, y + s->window_rows, work_bytes - table);
    retrain_settle(s, selected);
    if (st < 0) {
        retrain_failed(p, st);
        return KEDGE_OK;
    }
    s->n_trainings++;
    int has_passed = first || retrain_gate(p);
    s->n_rejections += !has_passed;
    if (first)
        kedge_i_retrain_promoted(p, s->clock_ns);
    const pipeline_birth birth = {*call, s->n_labelled - selected, s->n_labelled - 1, n};
    const pipeline_scratch scratch = {y + s->window_rows, work_bytes - table};
    kedge_i_versions_born(p, &birth, first, has_passed, &scratch);
    return KEDGE_OK;
}
