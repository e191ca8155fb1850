/* SPDX-License-Identifier: MIT */
/* Training a challenger on kept rows, at once or in slices. */
#include "base/fp.h"

#include <string.h>

#include "base/check.h"
#include "pipeline/pipeline_state.h"

/* Rows to train on, in work memory. */
typedef struct retrain_table {
    double *x;
    double *y;
    double *weight; /* NULL: all weigh 1 */
    void *behind;   /* work memory that is free */
    size_t behind_bytes;
    uint32_t n;
} retrain_table;

static uint32_t retrain_rows(uint32_t window_rows, uint32_t reservoir_rows)
{
    return window_rows + reservoir_rows;
}

/* Doubles of a row, its target, and its weight where there are two kinds of rows. */
static uint32_t retrain_width(uint32_t n_features, uint32_t reservoir_rows)
{
    return n_features + 1u + (reservoir_rows > 0);
}

static void retrain_take(const pipeline_state *s, retrain_table *t, const double *x, double y, double weight)
{
    memcpy(t->x + (size_t)t->n * s->n_features, x, s->n_features * sizeof(double));
    t->y[t->n] = y;
    if (t->weight)
        t->weight[t->n] = weight;
    t->n++;
}

/* The reservoir's rows, then the selected ones, oldest first, without the held-back ones unless all are asked for. */
static retrain_table retrain_gather(const pipeline_state *s, int all, void *work, size_t work_bytes)
{
    size_t room = retrain_rows(s->window_rows, s->reservoir_rows), table = room * retrain_width(s->n_features, s->reservoir_rows);
    retrain_table t = {work, NULL, NULL, NULL, work_bytes - table * sizeof(double), 0};
    double y;
    t.y = t.x + room * s->n_features;
    t.weight = s->reservoir_rows > 0 ? t.y + room : NULL;
    t.behind = t.x + table;
    for (uint32_t i = 0; i < kedge_i_old_rows(s); i++) {
        const double *x = kedge_i_old_row(s, i, &y);
        retrain_take(s, &t, x, y, s->old_weight);
    }
    for (uint32_t i = s->window_n - (all ? s->window_n : kedge_i_retrain_selected(s)); i < s->window_n; i++) {
        const double *x = kedge_i_window_row(s, i, &y);
        if (all || !kedge_i_window_holds_back(s, kedge_i_window_number(s, i)))
            retrain_take(s, &t, x, y, 1.0);
    }
    return t;
}

/* The detector watches the new champion from nothing: its errors have another level. */
void kedge_i_retrain_promoted(kedge_pipeline *p, uint64_t now_ns)
{
    pipeline_state *s = pipeline_of(p);
    kedge_detector d = pipeline_detector_of(p);
    KEDGE_IGNORE(kedge_detector_reset(&d));
    s->watched_from = s->n_labelled;
    s->warned = 0;
    pipeline_counts_of(s)->n_promotions++;
    pipeline_counts_of(s)->promoted_at_ns = now_ns;
    if (!s->swapped)
        kedge_i_admit_settled(p);
}

/* Bytes of the table of rows, and of what is used behind it: to fit, and then for a snapshot. 0: too many. */
static size_t retrain_sum(uint32_t rows, uint32_t width, size_t fit, size_t snapshot)
{
    uint64_t table = (uint64_t)rows * width * sizeof(double);
    size_t behind = fit > snapshot ? fit : snapshot;
    return fit == 0 || behind > SIZE_MAX / 2 || table > SIZE_MAX / 2 - behind ? 0 : (size_t)table + behind;
}

size_t kedge_i_retrain_work(const kedge_pipeline_config *cfg)
{
    uint32_t rows = retrain_rows(cfg->window_rows, cfg->reservoir_rows);
    uint32_t width = retrain_width(cfg->prep ? cfg->prep->n_columns : cfg->model->n_features, cfg->reservoir_rows);
    size_t snapshot =
        cfg->store ? kedge_i_versions_room(kedge_model_size(cfg->model), cfg->prep ? kedge_prep_size(cfg->prep) : 0) : 0;
    return retrain_sum(rows, width, kedge_i_prepared_work(cfg, rows), snapshot);
}

size_t kedge_i_retrain_work_now(const kedge_pipeline *p)
{
    const pipeline_state *s = pipeline_of(p);
    uint32_t rows = retrain_rows(s->window_rows, s->reservoir_rows);
    size_t snapshot = s->control_bytes[KEDGE_PIPELINE_STORE - 1] > 0 ? kedge_i_versions_room(s->champion_bytes, s->prep_bytes) : 0;
    return retrain_sum(rows, retrain_width(s->n_features, s->reservoir_rows), kedge_i_prepared_work_now(p, rows), snapshot);
}

static void retrain_failed(kedge_pipeline *p, const kedge_triggers_call *call, kedge_status why)
{
    pipeline_state *s = pipeline_of(p);
    pipeline_counts_of(s)->n_failures++;
    s->last_failure = (uint32_t)-why;
    kedge_i_retrain_retry(s, call);
    kedge_i_spend_end(s, 0);
    kedge_i_deliver_tell(p, KEDGE_EVENT_FAILED, 0, why, 0.0, 0.0);
    kedge_i_deliver_end(p, KEDGE_OUTCOME_FAILED);
}

static void retrain_tell_begin(const kedge_pipeline *p, const kedge_triggers_call *call, uint32_t selected)
{
    const kedge_event called = {.kind = KEDGE_EVENT_TRIGGER,
                                .subject = call->source,
                                .code = (int32_t)call->kind,
                                .at_ns = pipeline_of(p)->clock_ns,
                                .value = call->value,
                                .limit = call->limit};
    if (call->trigger != UINT32_MAX)
        kedge_i_deliver_put(p, &called);
    kedge_i_deliver_tell(p, KEDGE_EVENT_TRAINING, 0, 0, (double)selected, 0.0);
}

/* A model is trained on rows up to `trained_to`: the first one serves, another one meets the gate. */
static void retrain_trained(kedge_pipeline *p, const pipeline_birth *birth, int first, uint64_t trained_to,
                            const pipeline_scratch *scratch)
{
    pipeline_state *s = pipeline_of(p);
    pipeline_count_training(s);
    kedge_status verdict = first ? KEDGE_OK : kedge_i_judge_challenger(p, trained_to);
    if (first) {
        kedge_i_retrain_promoted(p, s->clock_ns);
        s->judge_from = s->n_labelled; /* of the rows until now it has learned those too that are held back later */
    }
    kedge_i_versions_born(p, birth, first, verdict, scratch);
}

/* To the first of the rows of a training in slices. */
static void retrain_rewind(pipeline_state *s)
{
    s->train_at = s->train_from;
    s->train_old = kedge_i_old_rows(s);
}

/* A training in slices begins: what it is for is kept until its end. */
static void retrain_begin(kedge_pipeline *p, const kedge_triggers_call *call, uint32_t selected)
{
    pipeline_state *s = pipeline_of(p);
    kedge_model m = pipeline_challenger_of(p);
    kedge_prep prep = pipeline_prep_of(p, 1);
    KEDGE_IGNORE(kedge_model_reset(&m));
    if (prep.state)
        KEDGE_IGNORE(kedge_prep_reset(&prep));
    s->preparing = prep.state != NULL;
    s->train_from = s->n_labelled - selected;
    s->train_to = s->n_labelled;
    retrain_rewind(s);
    pipeline_counts *counts = pipeline_counts_of(s);
    counts->train_began_ns = s->clock_ns;
    counts->train_from_ns = kedge_i_window_time(s, s->window_n - selected);
    counts->train_to_ns = kedge_i_window_time(s, s->window_n - 1);
    pipeline_numbers *numbers = pipeline_numbers_of(s);
    numbers->call_kind = call->kind;
    numbers->call_source = call->source;
    numbers->call_code = call->code;
    numbers->call_value = call->value;
    numbers->call_limit = call->limit;
}

/* The work memory was checked. */
kedge_status kedge_i_retrain(kedge_pipeline *p, const kedge_triggers_call *call, void *work, size_t work_bytes)
{
    pipeline_state *s = pipeline_of(p);
    int first = pipeline_counts_of(s)->n_promotions == 0;
    uint32_t selected = first ? s->window_n : kedge_i_retrain_selected(s);
    kedge_i_spend_part(s);
    retrain_tell_begin(p, call, selected);
    if (!first)
        kedge_i_retrain_spend(s);
    if (s->slice_rows > 0 && !first && p->model->learn) {
        retrain_begin(p, call, selected);
        return kedge_i_retrain_slice(p, work, work_bytes);
    }
    retrain_table t = retrain_gather(s, first, work, work_bytes);
    kedge_rows rows = kedge_rows_float64(t.x, t.n, s->n_features);
    kedge_status st = kedge_i_prepared_train(p, !first, &rows, t.y, t.weight, t.behind, t.behind_bytes);
    kedge_i_retrain_settle(s, selected, call);
    if (st < 0) {
        retrain_failed(p, call, st);
        return KEDGE_OK;
    }
    const pipeline_birth birth = {
        .call = *call,
        .first_row = s->n_labelled - selected,
        .last_row = s->n_labelled - 1,
        .n_rows = t.n,
        .from_ns = kedge_i_window_time(s, s->window_n - selected),
        .to_ns = kedge_i_window_time(s, s->window_n - 1),
    };
    const pipeline_scratch scratch = {t.behind, t.behind_bytes};
    retrain_trained(p, &birth, first, s->n_labelled, &scratch);
    return KEDGE_OK;
}

/* The next row of a training in slices; what the window has lost since it began is passed over. NULL at the end. */
static const double *retrain_next(pipeline_state *s, double *y, double *weight)
{
    *weight = s->train_old > 0 ? s->old_weight : 1.0;
    if (s->train_old > 0)
        return kedge_i_old_row(s, kedge_i_old_rows(s) - s->train_old--, y);
    uint64_t oldest = kedge_i_window_number(s, 0);
    s->train_at = s->train_at < oldest ? (oldest < s->train_to ? oldest : s->train_to) : s->train_at;
    while (s->train_at < s->train_to && kedge_i_window_holds_back(s, s->train_at))
        s->train_at++;
    return s->train_at == s->train_to ? NULL : kedge_i_window_row(s, (uint32_t)(s->train_at++ - oldest), y);
}

/* Twice through the rows where there is a prep: the model is to learn them all as service will see them. #KEDGE_EMPTY at the
 * end. */
static kedge_status retrain_learn_next(kedge_pipeline *p)
{
    pipeline_state *s = pipeline_of(p);
    double y, weight;
    const double *x = retrain_next(s, &y, &weight);
    if (x)
        return s->preparing ? kedge_i_prepared_fit_next(p, x, y) : kedge_i_prepared_learn_next(p, x, y, weight);
    if (!s->preparing)
        return KEDGE_EMPTY;
    s->preparing = 0;
    retrain_rewind(s);
    return KEDGE_OK;
}

static pipeline_birth retrain_birth(const kedge_pipeline *p)
{
    const pipeline_state *s = pipeline_of(p);
    const pipeline_numbers *numbers = pipeline_numbers_of(s);
    const kedge_model m = pipeline_challenger_of(p);
    const pipeline_counts *counts = pipeline_counts_of(s);
    pipeline_birth birth = {
        .first_row = s->train_from,
        .last_row = s->train_to - 1,
        .from_ns = counts->train_from_ns,
        .to_ns = counts->train_to_ns,
        .took_ns = s->clock_ns - counts->train_began_ns,
    };
    kedge_model_info info;
    birth.n_rows = kedge_model_describe(&m, &info) < 0 ? 0 : info.n_learned;
    birth.call.kind = (uint32_t)numbers->call_kind;
    birth.call.source = (uint32_t)numbers->call_source;
    birth.call.code = (int32_t)numbers->call_code;
    birth.call.value = numbers->call_value;
    birth.call.limit = numbers->call_limit;
    return birth;
}

kedge_status kedge_i_retrain_slice(kedge_pipeline *p, void *work, size_t work_bytes)
{
    pipeline_state *s = pipeline_of(p);
    kedge_status st = KEDGE_OK;
    kedge_i_spend_part(s);
    for (uint32_t i = 0; i < s->slice_rows && st == KEDGE_OK; i++)
        st = retrain_learn_next(p);
    if (st == KEDGE_OK && (s->preparing || s->train_old > 0 || s->train_at < s->train_to))
        return KEDGE_MORE;
    pipeline_birth birth = retrain_birth(p);
    uint64_t trained_to = s->train_to;
    uint32_t selected = (uint32_t)(trained_to - s->train_from);
    s->train_from = s->train_at = s->train_to = s->train_old = 0;
    s->preparing = 0;
    kedge_i_retrain_settle(s, selected, &birth.call);
    const pipeline_scratch scratch = {work, work_bytes};
    if (st < 0)
        retrain_failed(p, &birth.call, st);
    else
        retrain_trained(p, &birth, 0, trained_to, &scratch);
    return KEDGE_OK;
}
