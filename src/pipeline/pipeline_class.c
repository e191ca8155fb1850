/* SPDX-License-Identifier: MIT */
/* What a pipeline's state is: its parameters, their ranges, its layout, its fields and invariants. */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/number.h"
#include "pipeline/pipeline_state.h"

#define PIPELINE_MOST_SURE 0.9999
#define PIPELINE_SHARE_MAX 1e6 /* rows of trainings for each labelled one: no limit at all */

enum { PIPELINE_MAX_ROWS = 1 << 24, PIPELINE_MAX_HOLDOUT = 1000, PIPELINE_MIN_RECALL = 8 };

static const kedge_field pipeline_fields[] = {
    KEDGE_PARAM(pipeline_state, gate_margin, KEDGE_TYPE_F64),
    KEDGE_PARAM(pipeline_state, gate_loss, KEDGE_TYPE_F64),
    KEDGE_PARAM(pipeline_state, gate_sought, KEDGE_TYPE_F64),
    KEDGE_PARAM(pipeline_state, gate_confidence, KEDGE_TYPE_F64),
    KEDGE_PARAM(pipeline_state, gate_safe, KEDGE_TYPE_F64),
    KEDGE_PARAM(pipeline_state, train_share, KEDGE_TYPE_F64),
    KEDGE_PARAM(pipeline_state, gate_rows, KEDGE_TYPE_U32),
    KEDGE_PARAM(pipeline_state, n_features, KEDGE_TYPE_U32),
    KEDGE_PARAM(pipeline_state, n_prepared, KEDGE_TYPE_U32),
    KEDGE_PARAM(pipeline_state, n_classes, KEDGE_TYPE_U32),
    KEDGE_PARAM(pipeline_state, champion_bytes, KEDGE_TYPE_U32),
    KEDGE_PARAM(pipeline_state, challenger_bytes, KEDGE_TYPE_U32),
    KEDGE_PARAM(pipeline_state, detector_bytes, KEDGE_TYPE_U32),
    KEDGE_PARAM(pipeline_state, prep_bytes, KEDGE_TYPE_U32),
    KEDGE_PARAM(pipeline_state, window_rows, KEDGE_TYPE_U32),
    KEDGE_PARAM(pipeline_state, min_rows, KEDGE_TYPE_U32),
    KEDGE_PARAM(pipeline_state, delay_rows, KEDGE_TYPE_U32),
    KEDGE_PARAM(pipeline_state, holdout_every, KEDGE_TYPE_U32),
    KEDGE_PARAM(pipeline_state, holdout_min, KEDGE_TYPE_U32),
    KEDGE_PARAM(pipeline_state, pending_rows, KEDGE_TYPE_U32),
    KEDGE_PARAM(pipeline_state, recall_rows, KEDGE_TYPE_U32),
    KEDGE_PARAM(pipeline_state, reservoir_rows, KEDGE_TYPE_U32),
    KEDGE_PARAM(pipeline_state, slice_rows, KEDGE_TYPE_U32),
    KEDGE_PARAM(pipeline_state, old_weight, KEDGE_TYPE_F64),
    KEDGE_PARAM(pipeline_state, seed, KEDGE_TYPE_U64),
    KEDGE_PARAM(pipeline_state, number, KEDGE_TYPE_U32),
    KEDGE_PARAM(pipeline_state, cost_bytes, KEDGE_TYPE_U32),
    KEDGE_PARAM(pipeline_state, control_bytes[0], KEDGE_TYPE_U32),
    KEDGE_PARAM(pipeline_state, control_bytes[1], KEDGE_TYPE_U32),
    KEDGE_PARAM(pipeline_state, control_bytes[2], KEDGE_TYPE_U32),
    KEDGE_PARAM(pipeline_state, control_bytes[3], KEDGE_TYPE_U32),
    KEDGE_PARAM(pipeline_state, control_bytes[4], KEDGE_TYPE_U32),
    KEDGE_PARAM(pipeline_state, policy, KEDGE_TYPE_U8),
    KEDGE_PARAM(pipeline_state, select, KEDGE_TYPE_U8),
    KEDGE_VALUE(pipeline_state, due, KEDGE_TYPE_U8),
    KEDGE_VALUE(pipeline_state, warned, KEDGE_TYPE_U8),
    KEDGE_VALUE(pipeline_state, signal, KEDGE_TYPE_U8),
    KEDGE_VALUE(pipeline_state, preparing, KEDGE_TYPE_U8),
    KEDGE_VALUE(pipeline_state, swapped, KEDGE_TYPE_U8),
    KEDGE_VALUE(pipeline_state, window_n, KEDGE_TYPE_U32),
    KEDGE_VALUE(pipeline_state, window_head, KEDGE_TYPE_U32),
    KEDGE_VALUE(pipeline_state, pending_n, KEDGE_TYPE_U32),
    KEDGE_VALUE(pipeline_state, pending_head, KEDGE_TYPE_U32),
    KEDGE_VALUE(pipeline_state, n_waiting, KEDGE_TYPE_U32),
    KEDGE_VALUE(pipeline_state, last_failure, KEDGE_TYPE_U32),
    KEDGE_VALUE(pipeline_state, n_predicted, KEDGE_TYPE_COUNT),
    KEDGE_VALUE(pipeline_state, n_labelled, KEDGE_TYPE_U64),
    KEDGE_VALUE(pipeline_state, watched_from, KEDGE_TYPE_U64),
    KEDGE_VALUE(pipeline_state, due_from, KEDGE_TYPE_U64),
    KEDGE_VALUE(pipeline_state, changed_row, KEDGE_TYPE_U64),
    KEDGE_VALUE(pipeline_state, draws, KEDGE_TYPE_U64),
    KEDGE_VALUE(pipeline_state, train_from, KEDGE_TYPE_U64),
    KEDGE_VALUE(pipeline_state, train_at, KEDGE_TYPE_U64),
    KEDGE_VALUE(pipeline_state, train_to, KEDGE_TYPE_U64),
    KEDGE_VALUE(pipeline_state, train_old, KEDGE_TYPE_U32),
    KEDGE_VALUE(pipeline_state, version, KEDGE_TYPE_U64),
    KEDGE_VALUE(pipeline_state, previous, KEDGE_TYPE_U64),
    KEDGE_VALUE(pipeline_state, staged, KEDGE_TYPE_U64),
    KEDGE_VALUE(pipeline_state, recall_at, KEDGE_TYPE_U64),
    KEDGE_VALUE(pipeline_state, clock_ns, KEDGE_TYPE_U64),
    KEDGE_VALUE(pipeline_state, judge_from, KEDGE_TYPE_U64),
    KEDGE_VALUE(pipeline_state, trial, KEDGE_TYPE_U64),
    KEDGE_VALUE(pipeline_state, trained_to, KEDGE_TYPE_U64),
    KEDGE_VALUE(pipeline_state, error_sum, KEDGE_TYPE_F64),
    KEDGE_ARRAY(pipeline_state, at_counts, n_counts, KEDGE_TYPE_U64),
    KEDGE_ARRAY(pipeline_state, at_numbers, n_numbers, KEDGE_TYPE_F64),
    KEDGE_ARRAY(pipeline_state, at_rows, row_words, KEDGE_TYPE_F64),
    KEDGE_ARRAY(pipeline_state, at_targets, window_rows, KEDGE_TYPE_F64),
    KEDGE_ARRAY(pipeline_state, at_row_times, window_rows, KEDGE_TYPE_U64),
    KEDGE_ARRAY(pipeline_state, at_old_rows, old_words, KEDGE_TYPE_F64),
    KEDGE_ARRAY(pipeline_state, at_old_targets, reservoir_rows, KEDGE_TYPE_F64),
    KEDGE_ARRAY(pipeline_state, at_ids, pending_rows, KEDGE_TYPE_U64),
    KEDGE_ARRAY(pipeline_state, at_times, pending_rows, KEDGE_TYPE_U64),
    KEDGE_ARRAY(pipeline_state, at_predicted, pending_rows, KEDGE_TYPE_F64),
    KEDGE_ARRAY(pipeline_state, at_waiting, pending_rows, KEDGE_TYPE_U8),
    KEDGE_ARRAY(pipeline_state, at_other, pending_rows, KEDGE_TYPE_F64),
    KEDGE_ARRAY(pipeline_state, at_server, pending_rows, KEDGE_TYPE_U64),
    KEDGE_ARRAY(pipeline_state, at_pending, pending_words, KEDGE_TYPE_F64),
    KEDGE_PART(pipeline_state, at_champion, champion_bytes, PIPELINE_PART_CHAMPION),
    KEDGE_PART(pipeline_state, at_challenger, challenger_bytes, PIPELINE_PART_CHALLENGER),
    KEDGE_PART(pipeline_state, at_detector, detector_bytes, PIPELINE_PART_DETECTOR),
    KEDGE_PART(pipeline_state, at_control[0], control_bytes[0], PIPELINE_PART_CONTROL),
    KEDGE_PART(pipeline_state, at_control[1], control_bytes[1], PIPELINE_PART_CONTROL + 1),
    KEDGE_PART(pipeline_state, at_control[2], control_bytes[2], PIPELINE_PART_CONTROL + 2),
    KEDGE_PART(pipeline_state, at_control[3], control_bytes[3], PIPELINE_PART_CONTROL + 3),
    KEDGE_PART(pipeline_state, at_control[4], control_bytes[4], PIPELINE_PART_CONTROL + 4),
    KEDGE_PART(pipeline_state, at_cost, cost_bytes, PIPELINE_PART_COST),
    KEDGE_PARTS(pipeline_state, at_preps, prep_bytes, PIPELINE_PART_PREP),
};

static void pipeline_defaults(void *config)
{
    kedge_pipeline_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->config_bytes = sizeof *cfg;
    cfg->policy = KEDGE_POLICY_RETRAIN;
    cfg->window_rows = 1000;
    cfg->min_rows = 200;
    cfg->select = KEDGE_SELECT_CHANGE;
    cfg->holdout_every = 5;
    cfg->holdout_min = 20;
    cfg->pending_rows = 64;
    cfg->old_weight = 0.2;
    cfg->seed = 1;
    cfg->gate_loss = 0.01;
    cfg->gate_sought = 0.02;
    cfg->gate_confidence = 0.95;
    cfg->gate_safe = 0.99;
    cfg->gate_rows = 2000;
    cfg->train_share = PIPELINE_SHARE_MAX;
}

/* Bytes of a part; a configuration that is too large for the 32 bits of an offset counts as none. */
static uint32_t pipeline_part_bytes(size_t bytes)
{
    return bytes > UINT32_MAX ? 0 : (uint32_t)bytes;
}

static void pipeline_configure_controls(const kedge_pipeline_config *cfg, pipeline_state *s)
{
    for (uint32_t i = 0; i < PIPELINE_N_CONTROLS; i++) {
        const kedge_control_config *control = kedge_i_pipeline_control_config(cfg, i + 1);
        s->control_bytes[i] = control ? pipeline_part_bytes(kedge_control_size(control)) : 0;
    }
    s->recall_rows = cfg->recall_rows;
    s->reservoir_rows = cfg->reservoir_rows;
    s->slice_rows = cfg->slice_rows;
    s->old_weight = cfg->old_weight;
    s->seed = cfg->seed;
    s->number = cfg->number;
    s->cost_bytes = cfg->cost ? pipeline_part_bytes(kedge_metric_size(cfg->cost)) : 0;
}

static void pipeline_configure(const void *config, void *fixed)
{
    const kedge_pipeline_config *cfg = config;
    pipeline_state *s = fixed;
    s->gate_margin = cfg->gate_margin;
    s->gate_loss = cfg->gate_loss;
    s->gate_sought = cfg->gate_sought;
    s->gate_confidence = cfg->gate_confidence;
    s->gate_safe = cfg->gate_safe;
    s->gate_rows = cfg->gate_rows;
    s->train_share = cfg->train_share;
    s->n_features = cfg->prep ? cfg->prep->n_columns : cfg->model->n_features;
    s->n_prepared = cfg->model->n_features;
    s->prep_bytes = cfg->prep ? pipeline_part_bytes(kedge_prep_size(cfg->prep)) : 0;
    s->n_classes = cfg->model->n_classes;
    s->champion_bytes = pipeline_part_bytes(kedge_model_size(cfg->model));
    s->challenger_bytes = cfg->policy == KEDGE_POLICY_RETRAIN ? s->champion_bytes : 0;
    s->detector_bytes = pipeline_part_bytes(kedge_detector_size(cfg->detector));
    s->window_rows = cfg->window_rows;
    s->min_rows = cfg->min_rows;
    s->delay_rows = cfg->delay_rows;
    s->holdout_every = cfg->holdout_every;
    s->holdout_min = cfg->holdout_min;
    s->pending_rows = cfg->pending_rows;
    pipeline_configure_controls(cfg, s);
    s->policy = kedge_i_choice(cfg->policy);
    s->select = kedge_i_choice(cfg->select);
}

/* What trains needs something to train, what recalls somewhere to look. */
static int pipeline_controls_are_valid(const pipeline_state *s)
{
    if (s->policy != KEDGE_POLICY_RETRAIN)
        return s->control_bytes[KEDGE_PIPELINE_TRIGGERS - 1] == 0 && s->control_bytes[KEDGE_PIPELINE_ROLLOUT - 1] == 0 &&
               s->recall_rows == 0;
    return s->recall_rows == 0 || (s->control_bytes[KEDGE_PIPELINE_STORE - 1] > 0 &&
                                   kedge_i_u32_within(s->recall_rows, PIPELINE_MIN_RECALL, s->window_rows));
}

static int pipeline_gate_is_valid(const pipeline_state *s)
{
    return kedge_i_within(s->gate_margin, 0.0, DBL_MAX) && kedge_i_within(s->gate_loss, 0.0, 1.0) &&
           kedge_i_within(s->gate_sought, 0.0, 1.0) && kedge_i_within(s->gate_confidence, 0.5, PIPELINE_MOST_SURE) &&
           kedge_i_within(s->gate_safe, 0.5, PIPELINE_MOST_SURE) && s->gate_rows <= PIPELINE_MAX_ROWS &&
           kedge_i_within(s->train_share, 1e-6, PIPELINE_SHARE_MAX);
}

/* Rows that a prep makes are at least as many numbers as any; without one they are those that come. */
static int pipeline_rows_are_valid(const pipeline_state *s)
{
    if (!kedge_i_u32_within(s->n_features, 1, KEDGE_FEATURES_MAX) || !kedge_i_u32_within(s->n_prepared, 1, KEDGE_FEATURES_MAX))
        return 0;
    return s->prep_bytes == 0 ? s->n_prepared == s->n_features
                              : s->prep_bytes >= sizeof(kedge_prep_state) && s->prep_bytes % KEDGE_ALIGN == 0;
}

static int pipeline_valid(const void *fixed)
{
    const pipeline_state *s = fixed;
    return pipeline_controls_are_valid(s) && pipeline_rows_are_valid(s) && s->reservoir_rows <= PIPELINE_MAX_ROWS &&
           s->slice_rows <= PIPELINE_MAX_ROWS && s->old_weight > 0.0 && s->old_weight <= 1.0 && pipeline_gate_is_valid(s) &&
           (s->n_classes == 0 || kedge_i_u32_within(s->n_classes, 2, KEDGE_CLASSES_MAX)) && s->champion_bytes > 0 &&
           s->detector_bytes > 0 && kedge_i_u32_within(s->policy, KEDGE_POLICY_STATIC, KEDGE_POLICY_ONLINE) &&
           s->challenger_bytes == (s->policy == KEDGE_POLICY_RETRAIN ? s->champion_bytes : 0) &&
           kedge_i_u32_within(s->select, KEDGE_SELECT_WINDOW, KEDGE_SELECT_CHANGE) &&
           kedge_i_u32_within(s->window_rows, 2, PIPELINE_MAX_ROWS) && kedge_i_u32_within(s->min_rows, 2, s->window_rows) &&
           s->delay_rows <= s->window_rows && s->holdout_every != 1 && s->holdout_every <= PIPELINE_MAX_HOLDOUT &&
           kedge_i_u32_within(s->holdout_min, 1, PIPELINE_MAX_ROWS) && kedge_i_u32_within(s->pending_rows, 1, PIPELINE_MAX_ROWS);
}

static size_t pipeline_layout(void *fixed)
{
    pipeline_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->row_words = kedge_i_length(s->window_rows, s->n_features);
    s->pending_words = kedge_i_length(s->pending_rows, s->n_features);
    s->at_champion = kedge_i_arena_take(&arena, s->champion_bytes, 1);
    s->at_challenger = kedge_i_arena_take(&arena, s->challenger_bytes, 1);
    s->at_detector = kedge_i_arena_take(&arena, s->detector_bytes, 1);
    for (uint32_t i = 0; i < PIPELINE_N_CONTROLS; i++)
        s->at_control[i] = kedge_i_arena_take(&arena, s->control_bytes[i], 1);
    s->at_cost = kedge_i_arena_take(&arena, s->cost_bytes, 1);
    s->n_preps = s->prep_bytes == 0 ? 0 : s->challenger_bytes == 0 ? 1 : 2;
    s->at_preps = kedge_i_arena_take(&arena, s->n_preps, s->prep_bytes);
    s->n_counts = sizeof(pipeline_counts) / sizeof(uint64_t);
    s->at_counts = kedge_i_arena_take(&arena, s->n_counts, sizeof(uint64_t));
    s->n_numbers = sizeof(pipeline_numbers) / sizeof(double);
    s->at_numbers = kedge_i_arena_take(&arena, s->n_numbers, sizeof(double));
    s->at_rows = kedge_i_arena_take(&arena, s->row_words, sizeof(double));
    s->at_targets = kedge_i_arena_take(&arena, s->window_rows, sizeof(double));
    s->at_row_times = kedge_i_arena_take(&arena, s->window_rows, sizeof(uint64_t));
    s->old_words = kedge_i_length(s->reservoir_rows, s->n_features);
    s->at_old_rows = kedge_i_arena_take(&arena, s->old_words, sizeof(double));
    s->at_old_targets = kedge_i_arena_take(&arena, s->reservoir_rows, sizeof(double));
    s->at_ids = kedge_i_arena_take(&arena, s->pending_rows, sizeof(uint64_t));
    s->at_times = kedge_i_arena_take(&arena, s->pending_rows, sizeof(uint64_t));
    s->at_predicted = kedge_i_arena_take(&arena, s->pending_rows, sizeof(double));
    s->at_waiting = kedge_i_arena_take(&arena, s->pending_rows, sizeof(uint8_t));
    s->at_other = kedge_i_arena_take(&arena, s->pending_rows, sizeof(double));
    s->at_server = kedge_i_arena_take(&arena, s->pending_rows, sizeof(uint64_t));
    s->at_pending = kedge_i_arena_take(&arena, s->pending_words, sizeof(double));
    s->at_prepared = kedge_i_arena_take(&arena, s->n_preps > 0 ? s->n_prepared : 0, sizeof(double));
    return kedge_i_arena_end(&arena);
}

static void pipeline_start(void *state)
{
    pipeline_state *s = state;
    s->draws = s->seed;
    kedge_i_retrain_earn(s, HUGE_VAL); /* all that can be saved */
    pipeline_numbers_of(s)->gate_champion = -1.0;
    pipeline_numbers_of(s)->gate_challenger = -1.0;
}

static int pipeline_all_finite(const pipeline_state *s, uint32_t at, uint32_t n)
{
    const double *x = kedge_i_at_const(s, at);
    for (uint32_t i = 0; i < n; i++)
        if (!kedge_i_finite(x[i]))
            return 0;
    return 1;
}

static int pipeline_check_waiting(const pipeline_state *s)
{
    const uint8_t *waiting = kedge_i_at_const(s, s->at_waiting);
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->pending_rows; i++) {
        uint32_t age = i >= s->pending_head ? i - s->pending_head : s->pending_rows - s->pending_head + i;
        if (waiting[i] > 1 || (waiting[i] && age >= s->pending_n))
            return 0;
        n += waiting[i];
    }
    return n == s->n_waiting && (s->pending_n == 0 || waiting[s->pending_head]);
}

static int pipeline_check_targets(const pipeline_state *s, uint32_t at, uint32_t n)
{
    const double *y = kedge_i_at_const(s, at);
    for (uint32_t i = 0; s->n_classes > 0 && i < n; i++)
        if (!kedge_i_within(y[i], 0.0, s->n_classes - 1.0) || y[i] != floor(y[i]))
            return 0;
    return pipeline_all_finite(s, at, n);
}

/* A training in slices goes through numbers of labelled rows; while it does, no rollout is under way. */
static int pipeline_check_training(const pipeline_state *s)
{
    if (s->train_to == 0)
        return s->train_from == 0 && s->train_at == 0 && s->train_old == 0 && s->preparing == 0;
    if (s->preparing > (s->n_preps > 0) || s->slice_rows == 0)
        return 0;
    return s->policy == KEDGE_POLICY_RETRAIN && s->staged == 0 && s->train_from <= s->train_at && s->train_at <= s->train_to &&
           s->train_to <= s->n_labelled && s->train_old <= kedge_i_old_rows(s);
}

/* A challenger on trial keeps its place until the verdict; why a training was called for came from triggers. */
static int pipeline_check_numbers(const pipeline_state *s)
{
    const pipeline_numbers *numbers = pipeline_numbers_of(s);
    if (!kedge_i_within(numbers->gate_champion, -1.0, DBL_MAX) || !kedge_i_within(numbers->gate_challenger, -1.0, DBL_MAX))
        return 0;
    if (!kedge_i_within(numbers->call_kind, 0.0, UINT32_MAX) || !kedge_i_within(numbers->call_source, 0.0, UINT32_MAX) ||
        !kedge_i_within(numbers->call_code, INT32_MIN,
                        INT32_MAX) || s->judge_from > s->n_labelled || s->trained_to > s->n_labelled ||
        pipeline_counts_of(s)->offered_row > s->n_labelled)
        return 0;
    if (!kedge_i_within(numbers->credit, 0.0, 2.0 * ((double)s->window_rows + s->reservoir_rows)))
        return 0;
    const pipeline_counts *counts = pipeline_counts_of(s);
    if (counts->n_trainings > KEDGE_I_COUNT_MAX) /* without a store they are the versions' numbers */
        return 0;
    if (counts->spend > PIPELINE_SPEND_END || counts->spent_ns > KEDGE_I_COUNT_MAX || counts->spent_moved > KEDGE_I_COUNT_MAX)
        return 0;
    if (s->trial == 0)
        return 1;
    return s->policy == KEDGE_POLICY_RETRAIN && s->trial <= KEDGE_I_COUNT_MAX && s->staged == 0 && s->train_to == 0 &&
           kedge_i_within(numbers->error_unit, DBL_MIN, DBL_MAX) && kedge_i_verdict_check(&numbers->verdict);
}

/* The other model's answers are finite, or were not asked for. */
static int pipeline_check_others(const pipeline_state *s)
{
    const double *x = kedge_i_at_const(s, s->at_other);
    for (uint32_t i = 0; i < s->pending_rows; i++)
        if (!isnan(x[i]) && !kedge_i_finite(x[i]))
            return 0;
    return 1;
}

static int pipeline_check_versions(const pipeline_state *s)
{
    int has_rollout = s->control_bytes[KEDGE_PIPELINE_ROLLOUT - 1] > 0;
    if ((s->staged != 0 && !has_rollout) || s->swapped > 1 || s->signal > KEDGE_DRIFT ||
        (s->swapped ? s->staged == 0 || s->staged != s->version : s->previous != 0))
        return 0;
    return s->staged <= KEDGE_I_COUNT_MAX && s->recall_at <= 2 * KEDGE_I_COUNT_MAX && s->clock_ns <= KEDGE_I_COUNT_MAX;
}

static int pipeline_state_check(const void *state)
{
    const pipeline_state *s = state;
    return pipeline_valid(s) && pipeline_check_versions(s) && pipeline_check_others(s) && s->n_predicted <= KEDGE_I_COUNT_MAX &&
           s->due <= PIPELINE_DUE_DEMAND && s->warned <= 1 && s->window_n <= s->window_rows && s->window_head < s->window_rows &&
           s->pending_n <= s->pending_rows && s->pending_head < s->pending_rows && s->last_failure <= INT32_MAX &&
           s->n_labelled <= s->n_predicted && s->window_n <= s->n_labelled && s->watched_from <= s->n_labelled &&
           s->changed_row <= s->n_labelled && kedge_i_within(s->error_sum, 0.0, DBL_MAX) &&
           kedge_i_prepared_rows_are_sound(s, s->at_rows, s->row_words) &&
           pipeline_all_finite(s, s->at_predicted, s->pending_rows) &&
           kedge_i_prepared_rows_are_sound(s, s->at_pending, s->pending_words) &&
           pipeline_check_targets(s, s->at_targets, s->window_rows) && pipeline_check_waiting(s) &&
           pipeline_check_targets(s, s->at_old_targets, s->reservoir_rows) &&
           kedge_i_prepared_rows_are_sound(s, s->at_old_rows, s->old_words) && pipeline_check_training(s) &&
           pipeline_check_numbers(s);
}

const kedge_class kedge_i_pipeline_class = {
    .abi = KEDGE_CLASS_ABI,
    .noun = KEDGE_NOUN_PIPELINE,
    .version = 1,
    .name = "pipeline",
    .fixed_bytes = sizeof(pipeline_state),
    .config_bytes = sizeof(kedge_pipeline_config),
    .n_fields = sizeof pipeline_fields / sizeof *pipeline_fields,
    .fields = pipeline_fields,
    .defaults = pipeline_defaults,
    .configure = pipeline_configure,
    .valid = pipeline_valid,
    .layout = pipeline_layout,
    .start = pipeline_start,
    .check = pipeline_state_check,
};
