/* SPDX-License-Identifier: MIT */
/* ABCD, the adaptive Bernstein change detector: when, where and how severely rows of many features changed.
 *
 * Heyden, Fouche, Arzamasov, Fenn, Kalinke, Boehm 2024, "Adaptive Bernstein Change Detector for high-dimensional data streams",
 * Data Mining and Knowledge Discovery 38, sections 4.1 to 4.4 (arXiv 2306.12974). abcd_model.c has the encoder and decoder,
 * abcd_window.c the window and the inequality. Known differences:
 * - The paper bounds the squared error by a constant M, 0.1 in its experiments. Here losses are counted in mean losses of the
 *   training rows and clipped at `clip` of these, which makes M = 1 whatever the data, and the same clipping holds for each
 *   feature's loss.
 * - The alarm's features, means and changed_at are those of the likeliest split, as for ADWIN here; the paper takes the split
 *   of the least p, which comes early, since it has much of the old concept behind it.
 * - Where a split raises drift, the paper trains on the rows behind it; rows are not kept here, so the next n_train rows are
 *   learned from.
 * - The severity (the change of the subspace's mean loss over its deviation before) takes the features' losses for uncorrelated
 * within a row. Splits are tried when a part of bucket_rows is full, so the cost of a pass over the window is shared by as many
 * rows. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "base/check.h"
#include "base/number.h"
#include "detectors/abcd_state.h"
#include "detectors/row.h"

enum { ABCD_MAX_ROWS = 1 << 30 };

static const kedge_field abcd_fields[] = {
    KEDGE_PARAM(abcd_state, delta, KEDGE_TYPE_F64),
    KEDGE_PARAM(abcd_state, delta_warning, KEDGE_TYPE_F64),
    KEDGE_PARAM(abcd_state, clip, KEDGE_TYPE_F64),
    KEDGE_PARAM(abcd_state, subspace_p, KEDGE_TYPE_F64),
    KEDGE_PARAM(abcd_state, n_features, KEDGE_TYPE_U32),
    KEDGE_PARAM(abcd_state, n_components, KEDGE_TYPE_U32),
    KEDGE_PARAM(abcd_state, n_train, KEDGE_TYPE_U32),
    KEDGE_PARAM(abcd_state, min_window, KEDGE_TYPE_U32),
    KEDGE_PARAM(abcd_state, max_window, KEDGE_TYPE_U32),
    KEDGE_PARAM(abcd_state, max_buckets, KEDGE_TYPE_U32),
    KEDGE_PARAM(abcd_state, bucket_rows, KEDGE_TYPE_U32),
    KEDGE_PARAM(abcd_state, direction, KEDGE_TYPE_U8),
    KEDGE_VALUE(abcd_state, warned, KEDGE_TYPE_U8),
    KEDGE_VALUE(abcd_state, filled, KEDGE_TYPE_U32),
    KEDGE_VALUE(abcd_state, n_open, KEDGE_TYPE_U32),
    KEDGE_VALUE(abcd_state, n_learned, KEDGE_TYPE_U32),
    DETECTOR_RECORD_FIELDS(abcd_state),
    KEDGE_VALUE(abcd_state, loss_gain, KEDGE_TYPE_F64),
    KEDGE_VALUE(abcd_state, severity, KEDGE_TYPE_F64),
    KEDGE_VALUES(abcd_state, n_held, ABCD_MAX_SIZES, KEDGE_TYPE_U8),
    KEDGE_ARRAY(abcd_state, at_row, n_features, KEDGE_TYPE_F64),
    KEDGE_ARRAY(abcd_state, at_scores, n_features, KEDGE_TYPE_F64),
    KEDGE_ARRAY(abcd_state, at_low, n_features, KEDGE_TYPE_F64),
    KEDGE_ARRAY(abcd_state, at_range, n_features, KEDGE_TYPE_F64),
    KEDGE_ARRAY(abcd_state, at_mean, n_features, KEDGE_TYPE_F64),
    KEDGE_ARRAY(abcd_state, at_gain, n_features, KEDGE_TYPE_F64),
    KEDGE_ARRAY(abcd_state, at_p, n_features, KEDGE_TYPE_F64),
    KEDGE_ARRAY(abcd_state, at_products, n_matrix, KEDGE_TYPE_F64),
    KEDGE_ARRAY(abcd_state, at_axes, n_matrix, KEDGE_TYPE_F64),
    KEDGE_ARRAY(abcd_state, at_sums, n_sums, KEDGE_TYPE_F64),
};

/* A class that tools choose by name takes single numbers, as all do: rows of one feature. */
static void abcd_defaults(void *config)
{
    kedge_abcd_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_abcd;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->delta = 0.01;
    cfg->delta_warning = 0.05;
    cfg->clip = 10.0;
    cfg->subspace_p = 0.2;
    cfg->n_features = 1;
    cfg->n_train = 200;
    cfg->min_window = 60;
    cfg->max_window = 65536;
    cfg->max_buckets = 4;
    cfg->bucket_rows = 8;
    cfg->direction = KEDGE_DIRECTION_BOTH;
}

kedge_status kedge_abcd_config_init(kedge_abcd_config *cfg, size_t cfg_bytes, uint32_t n_features)
{
    kedge_status st = kedge_class_defaults(&kedge_abcd.base, cfg, cfg_bytes, sizeof *cfg);
    if (st < 0)
        return st;
    cfg->n_features = n_features;
    cfg->n_components = n_features / 2;
    if (n_features > 20 && n_features <= KEDGE_ABCD_MAX_FEATURES)
        cfg->n_train = 10 * n_features;
    return KEDGE_OK;
}

static void abcd_configure(const void *config, void *fixed)
{
    const kedge_abcd_config *cfg = config;
    abcd_state *s = fixed;
    s->delta = cfg->delta;
    s->delta_warning = cfg->delta_warning;
    s->clip = cfg->clip;
    s->subspace_p = cfg->subspace_p;
    s->n_features = cfg->n_features;
    s->n_components = cfg->n_components;
    s->n_train = cfg->n_train;
    s->min_window = cfg->min_window;
    s->max_window = cfg->max_window;
    s->max_buckets = cfg->max_buckets;
    s->bucket_rows = cfg->bucket_rows;
    s->direction = kedge_i_choice(cfg->direction);
}

static int abcd_valid(const void *fixed)
{
    const abcd_state *s = fixed;
    return s->delta > 0.0 && s->delta < 1.0 && s->delta_warning >= s->delta && kedge_i_finite(s->delta_warning) &&
           kedge_i_within(s->clip, 1.0, 1000.0) && s->subspace_p > 0.0 && s->subspace_p <= 1.0 &&
           kedge_i_u32_within(s->n_features, 1, KEDGE_ABCD_MAX_FEATURES) && s->n_components < s->n_features &&
           kedge_i_u32_within(s->n_train, 10, ABCD_MAX_ROWS) && kedge_i_u32_within(s->min_window, 2, ABCD_MAX_ROWS) &&
           kedge_i_u32_within(s->max_window, s->min_window, ABCD_MAX_ROWS) && kedge_i_u32_within(s->max_buckets, 2, 32) &&
           kedge_i_u32_within(s->bucket_rows, 1, 1024) &&
           kedge_i_u32_within(s->direction, KEDGE_DIRECTION_BOTH, KEDGE_DIRECTION_DOWN);
}

static size_t abcd_layout(void *fixed)
{
    abcd_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    uint32_t *rows[] = {&s->at_row, &s->at_scores, &s->at_low, &s->at_range, &s->at_mean, &s->at_gain, &s->at_p};
    s->n_sizes = kedge_i_abcd_sizes(s);
    s->n_matrix = s->n_features * s->n_features;
    s->n_sums = ((s->max_buckets + 1) * s->n_sizes + 1) * kedge_i_abcd_stride(s);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        *rows[i] = kedge_i_arena_take(&arena, s->n_features, sizeof(double));
    s->at_products = kedge_i_arena_take(&arena, s->n_matrix, sizeof(double));
    s->at_axes = kedge_i_arena_take(&arena, s->n_matrix, sizeof(double));
    s->at_sums = kedge_i_arena_take(&arena, s->n_sums, sizeof(double));
    return kedge_i_arena_end(&arena);
}

static int abcd_alarm_is_sound(const abcd_state *s)
{
    const double *p = abcd_read(s, s->at_p);
    for (uint32_t j = 0; j < s->n_features; j++)
        if (!kedge_i_within(p[j], 0.0, 1.0))
            return 0;
    return s->severity >= 0.0;
}

static int abcd_check(const void *state)
{
    const abcd_state *s = state;
    return abcd_valid(s) && detector_record_is_sound(&s->record) && s->warned <= 1 && abcd_alarm_is_sound(s) &&
           kedge_i_abcd_model_is_sound(s) && kedge_i_abcd_window_is_sound(s) && s->n_learned <= s->record.n_seen &&
           kedge_i_abcd_width(s) <= s->record.n_seen - s->n_learned && (abcd_is_learned(s) || kedge_i_abcd_width(s) == 0);
}

static void abcd_restart(abcd_state *s)
{
    s->warned = 0;
    s->n_open = s->n_learned = 0;
    s->loss_gain = 0.0;
    memset(s->n_held, 0, sizeof s->n_held);
    memset(abcd_at(s, s->at_low), 0, s->n_features * sizeof(double));
    memset(abcd_at(s, s->at_range), 0, s->n_features * sizeof(double));
    memset(abcd_at(s, s->at_mean), 0, s->n_features * sizeof(double));
    memset(abcd_at(s, s->at_gain), 0, s->n_features * sizeof(double));
    memset(abcd_at(s, s->at_products), 0, s->n_matrix * sizeof(double));
    memset(abcd_at(s, s->at_axes), 0, s->n_matrix * sizeof(double));
    memset(abcd_at(s, s->at_sums), 0, s->n_sums * sizeof(double));
}

/* Sections 4.3 and 4.4: the features whose own losses differ across the split, and the change of their mean loss in deviations. */
static double abcd_severity(const abcd_state *s, const double *p, uint64_t n_after, double below)
{
    double change = 0.0;
    double variance = 0.0;
    for (uint32_t j = 0; j < s->n_features; j++) {
        abcd_part before;
        abcd_part after;
        if (!(p[j] < below))
            continue;
        kedge_i_abcd_parts(s, j + 1, n_after, &before, &after);
        change += after.sum / after.n - before.sum / before.n;
        variance += kedge_i_abcd_variance(&before);
    }
    if (change == 0.0)
        return 0.0;
    return variance > 0.0 ? fabs(change) / sqrt(variance) : (double)INFINITY;
}

static void abcd_localise(abcd_state *s, uint64_t n_after)
{
    double *p = abcd_at(s, s->at_p);
    double least = 1.0;
    for (uint32_t j = 0; j < s->n_features; j++) {
        abcd_part before;
        abcd_part after;
        kedge_i_abcd_parts(s, j + 1, n_after, &before, &after);
        p[j] = exp(-kedge_i_abcd_evidence(s, &before, &after));
        least = p[j] < least ? p[j] : least;
    }
    s->severity = abcd_severity(s, p, n_after, least < s->subspace_p ? s->subspace_p : 2.0);
}

static void abcd_raise(abcd_state *s, const abcd_split *split)
{
    abcd_part before;
    abcd_part after;
    uint64_t n_after = kedge_i_abcd_likeliest(s, split);
    kedge_i_abcd_parts(s, 0, n_after, &before, &after);
    abcd_localise(s, n_after);
    detector_record_raise(&s->record, n_after, s->clip * before.sum / before.n, s->clip * after.sum / after.n, split->evidence,
                          -log(s->delta), split->evidence);
    abcd_restart(s);
}

static kedge_status abcd_judge(abcd_state *s)
{
    abcd_split split = kedge_i_abcd_best(s);
    if (split.evidence > -log(s->delta)) {
        abcd_raise(s, &split);
        return KEDGE_DRIFT;
    }
    uint8_t warns = split.evidence > -log(s->delta_warning) && split.evidence > 0.0;
    s->record.n_warnings += warns && !s->warned;
    s->warned = warns;
    return warns ? KEDGE_WARNING : KEDGE_OK;
}

/* The row that came in is whole. */
static kedge_status abcd_row(abcd_state *s)
{
    s->record.n_seen++;
    if (!abcd_is_learned(s)) {
        kedge_i_abcd_learn(s);
        return KEDGE_OK;
    }
    double *sums = kedge_i_abcd_open(s);
    double loss = kedge_i_abcd_loss(s, sums);
    sums[0] += loss;
    sums[1] += loss * loss;
    if (++s->n_open < s->bucket_rows)
        return s->warned ? KEDGE_WARNING : KEDGE_OK;
    kedge_i_abcd_close(s);
    return abcd_judge(s);
}

DETECTOR_RUN_ROWS(abcd, n_features, s->warned ? KEDGE_WARNING : KEDGE_OK)

uint32_t kedge_abcd_features(const kedge_detector *d)
{
    return detector_row_handle(d, &kedge_abcd) == KEDGE_OK ? ((const abcd_state *)d->state)->n_features : 0;
}

kedge_status kedge_abcd_subspace(const kedge_detector *d, double *p_values, size_t n_features, double *severity)
{
    if (!p_values || !severity)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(detector_row_handle(d, &kedge_abcd));
    const abcd_state *s = d->state;
    if (n_features != s->n_features)
        return KEDGE_ERR_SHAPE;
    int is_empty = s->record.n_drifts == 0;
    for (uint32_t j = 0; j < s->n_features; j++)
        p_values[j] = is_empty ? (double)NAN : abcd_read(s, s->at_p)[j];
    *severity = is_empty ? (double)NAN : s->severity;
    return is_empty ? KEDGE_EMPTY : KEDGE_OK;
}

static kedge_status abcd_estimate(const void *state, kedge_estimate *out)
{
    const abcd_state *s = state;
    uint64_t width = kedge_i_abcd_width(s);
    kedge_status st = detector_record_estimate(&s->record, width, out);
    out->threshold = -log(s->delta);
    if (width == 0)
        return st;
    abcd_part all;
    abcd_part none;
    const double *open = abcd_read(s, s->at_sums) + (s->n_sums - kedge_i_abcd_stride(s));
    kedge_i_abcd_parts(s, 0, 0, &all, &none);
    all.n += (double)s->n_open;
    all.sum += open[0];
    all.squares += open[1];
    out->mean = s->clip * all.sum / all.n;
    out->variance = s->clip * s->clip * kedge_i_abcd_variance(&all);
    out->statistic = kedge_i_abcd_best(s).evidence;
    return st;
}

static kedge_status abcd_alarm(const void *state, kedge_alarm *out)
{
    return detector_record_alarm(&((const abcd_state *)state)->record, out);
}

const kedge_detector_class kedge_abcd = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_DETECTOR,
            .version = 1,
            .name = "abcd",
            .fixed_bytes = sizeof(abcd_state),
            .config_bytes = sizeof(kedge_abcd_config),
            .n_fields = sizeof abcd_fields / sizeof *abcd_fields,
            .fields = abcd_fields,
            .defaults = abcd_defaults,
            .configure = abcd_configure,
            .valid = abcd_valid,
            .layout = abcd_layout,
            .check = abcd_check,
        },
    .input_low = -KEDGE_DETECTOR_INPUT_MAX,
    .input_high = KEDGE_DETECTOR_INPUT_MAX,
    .run = abcd_run,
    .update = abcd_update,
    .estimate = abcd_estimate,
    .alarm = abcd_alarm,
    .knob = {offsetof(kedge_abcd_config, delta), offsetof(kedge_abcd_config, delta_warning), 0.999999, 1e-30},
};
