/* SPDX-License-Identifier: MIT */
/* Sliding maximum mean discrepancy: a window of the newest rows against a fixed reference, by the unbiased squared distance of
 * their mean features (Gretton, Borgwardt, Rasch, Schoelkopf, Smola 2012, "A kernel two-sample test", JMLR 13, equation 3). A row's
 * features are cosines and sines at random frequencies (Rahimi, Recht 2007, "Random features for large-scale kernel machines",
 * section 3.1), a vector of length 1, so a sample's pairs are the square of its sum less its rows with themselves. The running sum
 * follows Keriven, Garreau, Poli 2020, "NEWMA", with a window in place of fading: the vector of the row that leaves is computed
 * again, since the vectors of a window would take far more memory than its rows.
 *
 * A second sum begins anew whenever the ring has turned once and then takes the first one's place, so that rounding errors do not
 * add up for ever.
 *
 * While the reference is learned it lies where the window will be.
 *
 * Cost: O(n_features n_columns), with two cosines and two sines for each feature. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "base/check.h"
#include "base/number.h"
#include "detectors/ring.h"
#include "detectors/row.h"
#include "detectors/sliding_mmd_state.h"

enum { SLIDING_MMD_MAX = 1 << 20, SLIDING_MMD_FEATURES_MAX = 4096, SLIDING_MMD_CENTRES_MAX = 512 };

static const kedge_field sliding_mmd_fields[] = {
    KEDGE_PARAM(sliding_mmd_state, threshold, KEDGE_TYPE_F64),
    KEDGE_PARAM(sliding_mmd_state, bandwidth, KEDGE_TYPE_F64),
    KEDGE_PARAM(sliding_mmd_state, regularisation, KEDGE_TYPE_F64),
    KEDGE_PARAM(sliding_mmd_state, seed, KEDGE_TYPE_U64),
    KEDGE_PARAM(sliding_mmd_state, n_columns, KEDGE_TYPE_U32),
    KEDGE_PARAM(sliding_mmd_state, n_features, KEDGE_TYPE_U32),
    KEDGE_PARAM(sliding_mmd_state, n_reference, KEDGE_TYPE_U32),
    KEDGE_PARAM(sliding_mmd_state, window_size, KEDGE_TYPE_U32),
    KEDGE_PARAM(sliding_mmd_state, figure, KEDGE_TYPE_U8),
    KEDGE_PARAM(sliding_mmd_state, on_drift, KEDGE_TYPE_U8),
    KEDGE_VALUE(sliding_mmd_state, filled, KEDGE_TYPE_U32),
    KEDGE_VALUE(sliding_mmd_state, n_learned, KEDGE_TYPE_U32),
    KEDGE_VALUE(sliding_mmd_state, held, KEDGE_TYPE_U32),
    KEDGE_VALUE(sliding_mmd_state, place, KEDGE_TYPE_U32),
    KEDGE_VALUE(sliding_mmd_state, width, KEDGE_TYPE_F64),
    KEDGE_VALUE(sliding_mmd_state, statistic, KEDGE_TYPE_F64),
    DETECTOR_RECORD_FIELDS(sliding_mmd_state),
    KEDGE_ARRAY(sliding_mmd_state, at_row, n_columns, KEDGE_TYPE_F64),
    KEDGE_ARRAY(sliding_mmd_state, at_means, n_columns, KEDGE_TYPE_F64),
    KEDGE_ARRAY(sliding_mmd_state, at_deviations, n_columns, KEDGE_TYPE_F64),
    KEDGE_ARRAY(sliding_mmd_state, at_centres, n_centres, KEDGE_TYPE_F64),
    KEDGE_ARRAY(sliding_mmd_state, at_factor, n_factor, KEDGE_TYPE_F64),
    KEDGE_ARRAY(sliding_mmd_state, at_ring, n_kept, KEDGE_TYPE_F64),
    KEDGE_ARRAY(sliding_mmd_state, at_reference, n_vector, KEDGE_TYPE_F64),
    KEDGE_ARRAY(sliding_mmd_state, at_window, n_vector, KEDGE_TYPE_F64),
    KEDGE_ARRAY(sliding_mmd_state, at_fresh, n_vector, KEDGE_TYPE_F64),
};

/* A class that tools choose by name takes single numbers, as all do: rows of one column. */
static void sliding_mmd_defaults(void *config)
{
    kedge_sliding_mmd_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_sliding_mmd;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->threshold = 0.015;
    cfg->regularisation = 0.1;
    cfg->seed = 1;
    cfg->n_columns = 1;
    cfg->n_features = 32;
    cfg->n_reference = 1000;
    cfg->window_size = 500;
    cfg->figure = KEDGE_SLIDING_FIGURE_MMD;
    cfg->on_drift = KEDGE_SLIDING_RELEARN;
}

kedge_status kedge_sliding_mmd_config_init(kedge_sliding_mmd_config *cfg, size_t cfg_bytes, uint32_t n_columns)
{
    kedge_status st = kedge_class_defaults(&kedge_sliding_mmd.base, cfg, cfg_bytes, sizeof *cfg);
    if (st >= 0)
        cfg->n_columns = n_columns;
    return st;
}

static void sliding_mmd_configure(const void *config, void *fixed)
{
    const kedge_sliding_mmd_config *cfg = config;
    sliding_mmd_state *s = fixed;
    s->threshold = cfg->threshold;
    s->bandwidth = cfg->bandwidth;
    s->regularisation = cfg->regularisation;
    s->seed = cfg->seed;
    s->n_columns = cfg->n_columns;
    s->n_features = cfg->n_features;
    s->n_reference = cfg->n_reference;
    s->window_size = cfg->window_size;
    s->figure = kedge_i_choice(cfg->figure);
    s->on_drift = kedge_i_choice(cfg->on_drift);
}

static int sliding_mmd_valid(const void *fixed)
{
    const sliding_mmd_state *s = fixed;
    return s->threshold > 0.0 && s->threshold <= 2.0 &&
           (s->bandwidth == 0.0 ||
            kedge_i_within(s->bandwidth, KEDGE_I_SLIDING_MMD_BANDWIDTH_MIN, KEDGE_I_SLIDING_MMD_BANDWIDTH_MAX)) &&
           kedge_i_within(s->regularisation, 1e-6, 1e3) &&
           kedge_i_u32_within(s->figure, KEDGE_SLIDING_FIGURE_MMD, KEDGE_SLIDING_FIGURE_LSDD) &&
           kedge_i_u32_within(s->n_columns, 1, KEDGE_SLIDING_MMD_MAX_COLUMNS) &&
           kedge_i_u32_within(s->n_features, 1, SLIDING_MMD_FEATURES_MAX) &&
           (s->figure == KEDGE_SLIDING_FIGURE_MMD || s->n_features <= SLIDING_MMD_CENTRES_MAX) &&
           kedge_i_u32_within(s->n_reference, 2, SLIDING_MMD_MAX) && kedge_i_u32_within(s->window_size, 2, SLIDING_MMD_MAX) &&
           kedge_i_u32_within(s->on_drift, KEDGE_SLIDING_RELEARN, KEDGE_SLIDING_KEEP);
}

static size_t sliding_mmd_layout(void *fixed)
{
    sliding_mmd_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->n_kept = s->n_columns * (s->n_reference > s->window_size ? s->n_reference : s->window_size);
    s->n_centres = s->n_features * s->n_columns;
    s->n_vector = kedge_i_sliding_mmd_numbers(s);
    s->n_factor = kedge_i_sliding_mmd_factor(s);
    s->at_row = kedge_i_arena_take(&arena, s->n_columns, sizeof(double));
    s->at_means = kedge_i_arena_take(&arena, s->n_columns, sizeof(double));
    s->at_deviations = kedge_i_arena_take(&arena, s->n_columns, sizeof(double));
    s->at_centres = kedge_i_arena_take(&arena, s->n_centres, sizeof(double));
    s->at_factor = kedge_i_arena_take(&arena, s->n_factor, sizeof(double));
    s->at_ring = kedge_i_arena_take(&arena, s->n_kept, sizeof(double));
    s->at_reference = kedge_i_arena_take(&arena, s->n_vector, sizeof(double));
    s->at_window = kedge_i_arena_take(&arena, s->n_vector, sizeof(double));
    s->at_fresh = kedge_i_arena_take(&arena, s->n_vector, sizeof(double));
    s->at_vector = kedge_i_arena_take(&arena, s->n_vector, sizeof(double));
    s->at_scaled = kedge_i_arena_take(&arena, s->n_columns, sizeof(double));
    return kedge_i_arena_end(&arena);
}

static inline int sliding_mmd_is_learned(const sliding_mmd_state *s)
{
    return s->n_learned == s->n_reference;
}

static int sliding_mmd_numbers_are_sound(const sliding_mmd_state *s, uint32_t at, uint32_t n, double most)
{
    const double *x = kedge_i_at_const(s, at);
    for (uint32_t i = 0; i < n; i++)
        if (!kedge_i_within(x[i], -most, most))
            return 0;
    return 1;
}

static int sliding_mmd_deviations_are_sound(const sliding_mmd_state *s)
{
    const double *deviations = kedge_i_at_const(s, s->at_deviations);
    for (uint32_t j = 0; j < s->n_columns; j++)
        if (!kedge_i_within(deviations[j], 0.0, 2.0 * KEDGE_DETECTOR_INPUT_MAX))
            return 0;
    return 1;
}

static int sliding_mmd_check(const void *state)
{
    const sliding_mmd_state *s = state;
    double sum = 2.0 * SLIDING_MMD_MAX; /* above any of as many vectors */
    return sliding_mmd_valid(s) && detector_record_is_sound(&s->record) && s->filled < s->n_columns &&
           s->n_learned <= s->n_reference && s->held <= s->window_size && s->held <= s->record.n_seen &&
           s->place < s->window_size && (sliding_mmd_is_learned(s) || s->held == 0) &&
           (s->held == s->window_size || s->place == s->held) && sliding_mmd_deviations_are_sound(s) &&
           sliding_mmd_numbers_are_sound(s, s->at_row, s->n_columns, KEDGE_DETECTOR_INPUT_MAX) &&
           sliding_mmd_numbers_are_sound(s, s->at_means, s->n_columns, KEDGE_DETECTOR_INPUT_MAX) &&
           kedge_i_sliding_mmd_map_is_sound(s) && kedge_i_within(s->statistic, -DBL_MAX, DBL_MAX) &&
           (s->width > 0.0) == sliding_mmd_is_learned(s) &&
           sliding_mmd_numbers_are_sound(s, s->at_ring, s->n_kept, KEDGE_DETECTOR_INPUT_MAX) &&
           sliding_mmd_numbers_are_sound(s, s->at_reference, s->n_vector, sum) &&
           sliding_mmd_numbers_are_sound(s, s->at_window, s->n_vector, sum) &&
           sliding_mmd_numbers_are_sound(s, s->at_fresh, s->n_vector, sum);
}

/* What is no state stands at 0, so that the same state has the same bytes. */
static void sliding_mmd_clear(sliding_mmd_state *s)
{
    memset(kedge_i_at(s, s->at_vector), 0, s->n_vector * sizeof(double));
    memset(kedge_i_at(s, s->at_scaled), 0, s->n_columns * sizeof(double));
}

static void sliding_mmd_add(const sliding_mmd_state *s, double *sum, const double *vector, double sign)
{
    for (uint32_t k = 0; k < s->n_vector; k++)
        sum[k] += sign * vector[k];
}

/* The sample is there: learn how rows are seen, and add it up. */
static void sliding_mmd_adopt(sliding_mmd_state *s)
{
    double *vector = kedge_i_at(s, s->at_vector);
    double *reference = kedge_i_at(s, s->at_reference);
    kedge_i_sliding_mmd_adopt(s);
    memset(reference, 0, s->n_vector * sizeof *reference);
    for (uint32_t i = 0; i < s->n_reference; i++) {
        kedge_i_sliding_mmd_vector(s, sliding_mmd_row_of(s, i), vector);
        sliding_mmd_add(s, reference, vector, 1.0);
    }
    sliding_mmd_clear(s);
    memset(kedge_i_at(s, s->at_ring), 0, s->n_kept * sizeof(double));
}

static void sliding_mmd_forget_window(sliding_mmd_state *s)
{
    memset(kedge_i_at(s, s->at_ring), 0, s->n_kept * sizeof(double));
    memset(kedge_i_at(s, s->at_window), 0, s->n_vector * sizeof(double));
    memset(kedge_i_at(s, s->at_fresh), 0, s->n_vector * sizeof(double));
    s->held = 0;
    s->place = 0;
    s->statistic = 0.0;
}

static void sliding_mmd_forget_reference(sliding_mmd_state *s)
{
    memset(kedge_i_at(s, s->at_means), 0, s->n_columns * sizeof(double));
    memset(kedge_i_at(s, s->at_deviations), 0, s->n_columns * sizeof(double));
    memset(kedge_i_at(s, s->at_centres), 0, s->n_centres * sizeof(double));
    memset(kedge_i_at(s, s->at_factor), 0, s->n_factor * sizeof(double));
    memset(kedge_i_at(s, s->at_reference), 0, s->n_vector * sizeof(double));
    s->n_learned = 0;
    s->width = 0.0;
}

/* A row comes into the window, another leaves it. */
static void sliding_mmd_slide(sliding_mmd_state *s, const double *row)
{
    double *vector = kedge_i_at(s, s->at_vector);
    double *window = kedge_i_at(s, s->at_window);
    double *fresh = kedge_i_at(s, s->at_fresh);
    double *old = sliding_mmd_row_of(s, s->place);
    if (s->held == s->window_size) {
        kedge_i_sliding_mmd_vector(s, old, vector);
        sliding_mmd_add(s, window, vector, -1.0);
    } else {
        s->held++;
    }
    memcpy(old, row, s->n_columns * sizeof *old);
    kedge_i_sliding_mmd_vector(s, row, vector);
    sliding_mmd_add(s, window, vector, 1.0);
    sliding_mmd_add(s, fresh, vector, 1.0);
    sliding_mmd_clear(s);
    if (++s->place < s->window_size)
        return;
    s->place = 0;
    memcpy(window, fresh, s->n_vector * sizeof *window);
    memset(fresh, 0, s->n_vector * sizeof *fresh);
}

/* A view of the window. */
static inline detector_ring sliding_mmd_ring(const sliding_mmd_state *s)
{
    detector_ring r = {kedge_i_at_const(s, s->at_ring), s->n_columns, s->window_size, s->place};
    return r;
}

/* Rows of the window that are new: where the witness, which tells a row of the window from one of the reference, first finds them
 * on its side. See ring.h. */
static uint32_t sliding_mmd_n_after(sliding_mmd_state *s)
{
    const double *reference = kedge_i_at_const(s, s->at_reference);
    double *vector = kedge_i_at(s, s->at_vector);
    double *witness = kedge_i_at(s, s->at_fresh); /* the window is forgotten next */
    detector_cut newer = detector_cut_begin();
    detector_ring ring = sliding_mmd_ring(s);
    kedge_i_sliding_mmd_witness(s, witness);
    double level = sliding_mmd_product(s, reference, witness) / (double)s->n_reference;
    for (uint32_t i = 1; i <= s->held; i++) {
        kedge_i_sliding_mmd_vector(s, detector_ring_newest(&ring, i), vector);
        detector_cut_add(&newer, i, sliding_mmd_product(s, vector, witness) - level);
    }
    sliding_mmd_clear(s);
    return newer.n_after;
}

/* The column whose mean moved most, in deviations. */
static uint32_t sliding_mmd_moved(const sliding_mmd_state *s, uint32_t n_after)
{
    const double *means = kedge_i_at_const(s, s->at_means);
    const double *deviations = kedge_i_at_const(s, s->at_deviations);
    detector_ring ring = sliding_mmd_ring(s);
    double most = -1.0;
    uint32_t column = 0;
    for (uint32_t j = 0; j < s->n_columns; j++) {
        double off = fabs(kedge_i_standard(detector_ring_mean(&ring, j, n_after), means[j], deviations[j]));
        if (off > most) {
            most = off;
            column = j;
        }
    }
    return column;
}

static void sliding_mmd_raise(sliding_mmd_state *s)
{
    const double *means = kedge_i_at_const(s, s->at_means);
    detector_ring ring = sliding_mmd_ring(s);
    uint32_t n_after = sliding_mmd_n_after(s);
    uint32_t column = sliding_mmd_moved(s, n_after);
    detector_record_raise(&s->record, n_after, means[column], detector_ring_mean(&ring, column, n_after), s->statistic,
                          s->threshold, (double)NAN);
    if (s->on_drift == KEDGE_SLIDING_RELEARN)
        sliding_mmd_forget_reference(s);
    sliding_mmd_forget_window(s);
}

/* The row that came in is whole. */
static kedge_status sliding_mmd_row(sliding_mmd_state *s)
{
    const double *row = kedge_i_at_const(s, s->at_row);
    s->record.n_seen++;
    if (!sliding_mmd_is_learned(s)) {
        memcpy(sliding_mmd_row_of(s, s->n_learned++), row, s->n_columns * sizeof *row);
        if (sliding_mmd_is_learned(s))
            sliding_mmd_adopt(s);
        return KEDGE_OK;
    }
    sliding_mmd_slide(s, row);
    if (s->held < s->window_size)
        return KEDGE_OK;
    s->statistic = kedge_i_sliding_mmd_figure(s);
    sliding_mmd_clear(s);
    if (s->statistic < s->threshold)
        return KEDGE_OK;
    sliding_mmd_raise(s);
    return KEDGE_DRIFT;
}

DETECTOR_RUN_ROWS(sliding_mmd, n_columns, KEDGE_OK)

uint32_t kedge_sliding_mmd_columns(const kedge_detector *d)
{
    return detector_row_handle(d, &kedge_sliding_mmd) == KEDGE_OK ? ((const sliding_mmd_state *)d->state)->n_columns : 0;
}

static kedge_status sliding_mmd_refusal(const kedge_rows *rows)
{
    for (size_t i = 0; i < rows->n_rows; i++)
        for (size_t j = 0; j < rows->n_columns; j++) {
            double x = kedge_i_rows_at(rows, i, j);
            if (!kedge_i_within(x, -KEDGE_DETECTOR_INPUT_MAX, KEDGE_DETECTOR_INPUT_MAX))
                return kedge_i_refusal(x);
        }
    return KEDGE_OK;
}

kedge_status kedge_sliding_mmd_reference(kedge_detector *d, const kedge_rows *rows)
{
    KEDGE_TRY(sliding_mmd_ready(d));
    KEDGE_TRY(kedge_i_rows_check(rows));
    sliding_mmd_state *s = d->state;
    if (rows->n_columns != s->n_columns || rows->n_rows != s->n_reference)
        return KEDGE_ERR_SHAPE;
    KEDGE_TRY(sliding_mmd_refusal(rows));
    sliding_mmd_forget_window(s);
    sliding_mmd_forget_reference(s);
    for (uint32_t i = 0; i < s->n_reference; i++)
        for (uint32_t j = 0; j < s->n_columns; j++)
            sliding_mmd_row_of(s, i)[j] = kedge_i_rows_at(rows, i, j);
    s->n_learned = s->n_reference;
    sliding_mmd_adopt(s);
    return KEDGE_OK;
}

static kedge_status sliding_mmd_estimate(const void *state, kedge_estimate *out)
{
    const sliding_mmd_state *s = state;
    kedge_status st = detector_record_estimate(&s->record, s->held, out);
    out->threshold = s->threshold;
    if (s->held == 0)
        return st;
    detector_ring ring = sliding_mmd_ring(s);
    out->mean = detector_ring_mean(&ring, 0, s->held);
    out->variance = detector_ring_variance(&ring, 0, s->held, out->mean);
    out->statistic = s->held == s->window_size ? s->statistic : 0.0; /* 0 while the window fills */
    return st;
}

static kedge_status sliding_mmd_alarm(const void *state, kedge_alarm *out)
{
    return detector_record_alarm(&((const sliding_mmd_state *)state)->record, out);
}

const kedge_detector_class kedge_sliding_mmd = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_DETECTOR,
            .version = 1,
            .name = "sliding_mmd",
            .fixed_bytes = sizeof(sliding_mmd_state),
            .config_bytes = sizeof(kedge_sliding_mmd_config),
            .n_fields = sizeof sliding_mmd_fields / sizeof *sliding_mmd_fields,
            .fields = sliding_mmd_fields,
            .defaults = sliding_mmd_defaults,
            .configure = sliding_mmd_configure,
            .valid = sliding_mmd_valid,
            .layout = sliding_mmd_layout,
            .check = sliding_mmd_check,
        },
    .input_low = -KEDGE_DETECTOR_INPUT_MAX,
    .input_high = KEDGE_DETECTOR_INPUT_MAX,
    .run = sliding_mmd_run,
    .update = sliding_mmd_update,
    .estimate = sliding_mmd_estimate,
    .alarm = sliding_mmd_alarm,
    .knob = {offsetof(kedge_sliding_mmd_config, threshold), 0, 1e-6, 2.0},
};
