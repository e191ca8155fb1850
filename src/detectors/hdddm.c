/* SPDX-License-Identifier: MIT */
/* HDDDM: batches of rows against all rows since the last drift, by the distance of their histograms, feature by feature.
 *
 * Ditzler, Polikar 2011, "Hellinger distance based drift detection for nonstationary environments", IEEE Symposium on Computational
 * Intelligence in Dynamic and Uncertain Environments, algorithm 1. With one feature and Kullback and Leibler's divergence it has
 * the distance of CDBD: Lindstrom, Mac Namee, Delany 2013, "Drift detection using uncertainty distribution divergence", Evolving
 * Systems 4. The formulas stand in base/divergence.h. Known differences are listed in the header; the reason for most of them is
 * that the reference, all rows since the last drift, must fit bounded memory: only its counts are kept, so its bins must not move.
 *
 * A batch's rows are kept until it is full, since they are a reference's first ones if it raises drift.
 *
 * Cost: a copy of the row; with a batch's last row, its counts and a pass over the bins. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/detectors/hdddm.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/divergence.h"
#include "base/number.h"
#include "base/quantile.h"
#include "detectors/equal_bins.h"
#include "detectors/record.h"
#include "detectors/row.h"

#define HDDDM_DISTANCE_MAX 1e3 /* above any distance: ln of the least share is above -90 */

enum { HDDDM_ROWS_MAX = 1 << 20, HDDDM_N_BINS_MAX = 1024 };

typedef struct hdddm_state {
    kedge_state_head head;
    double gamma;
    double pseudo_count;
    double alpha;
    uint32_t n_features;
    uint32_t batch_size;
    uint32_t n_bins;
    uint32_t n_learn;
    uint8_t distance;
    uint8_t threshold;
    uint8_t reserved[2];
    uint32_t n_cells;      /* layout: n_features n_bins */
    uint32_t n_numbers;    /* layout: n_features batch_size */
    uint32_t at_row;       /* layout: the row that comes in */
    uint32_t at_rows;      /* layout: of the batch so far, 0 behind them */
    uint32_t at_low;       /* layout: ends of the bins of each feature, 0 before the first batch is full */
    uint32_t at_high;
    uint32_t at_distances; /* layout: of the newest batch, by feature */
    uint32_t at_reference; /* layout: rows of the reference by feature and bin */
    uint32_t at_counts;    /* layout: scratch, likewise of the batch: 0 between updates */
    uint32_t filled;       /* numbers of a row that is coming in */
    uint32_t n_rows;       /* of the batch that is coming in */
    uint32_t is_compared;  /* 1: at_distances are there */
    uint64_t n_batches;    /* in the reference */
    double last;           /* distance of the newest batch; 0 before there is one */
    double newest;         /* absolute difference of the newest two */
    double mean;           /* of these differences since the restart, of which there are n_batches - 2 */
    double squares;        /* sum of their squared deviations from it */
    detector_record record; /* counts rows */
} hdddm_state;

static const kedge_field hdddm_fields[] = {
    KEDGE_PARAM(hdddm_state, gamma, KEDGE_TYPE_F64),
    KEDGE_PARAM(hdddm_state, pseudo_count, KEDGE_TYPE_F64),
    KEDGE_PARAM(hdddm_state, alpha, KEDGE_TYPE_F64),
    KEDGE_PARAM(hdddm_state, n_features, KEDGE_TYPE_U32),
    KEDGE_PARAM(hdddm_state, batch_size, KEDGE_TYPE_U32),
    KEDGE_PARAM(hdddm_state, n_bins, KEDGE_TYPE_U32),
    KEDGE_PARAM(hdddm_state, n_learn, KEDGE_TYPE_U32),
    KEDGE_PARAM(hdddm_state, distance, KEDGE_TYPE_U8),
    KEDGE_PARAM(hdddm_state, threshold, KEDGE_TYPE_U8),
    KEDGE_VALUE(hdddm_state, filled, KEDGE_TYPE_U32),
    KEDGE_VALUE(hdddm_state, n_rows, KEDGE_TYPE_U32),
    KEDGE_VALUE(hdddm_state, is_compared, KEDGE_TYPE_U32),
    KEDGE_VALUE(hdddm_state, n_batches, KEDGE_TYPE_U64),
    KEDGE_VALUE(hdddm_state, last, KEDGE_TYPE_F64),
    KEDGE_VALUE(hdddm_state, newest, KEDGE_TYPE_F64),
    KEDGE_VALUE(hdddm_state, mean, KEDGE_TYPE_F64),
    KEDGE_VALUE(hdddm_state, squares, KEDGE_TYPE_F64),
    DETECTOR_RECORD_FIELDS(hdddm_state),
    KEDGE_ARRAY(hdddm_state, at_row, n_features, KEDGE_TYPE_F64),
    KEDGE_ARRAY(hdddm_state, at_rows, n_numbers, KEDGE_TYPE_F64),
    KEDGE_ARRAY(hdddm_state, at_low, n_features, KEDGE_TYPE_F64),
    KEDGE_ARRAY(hdddm_state, at_high, n_features, KEDGE_TYPE_F64),
    KEDGE_ARRAY(hdddm_state, at_distances, n_features, KEDGE_TYPE_F64),
    KEDGE_ARRAY(hdddm_state, at_reference, n_cells, KEDGE_TYPE_U64),
};

/* A class that tools choose by name takes single numbers, as all do: rows of one feature. */
static void hdddm_defaults(void *config)
{
    kedge_hdddm_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_hdddm;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->gamma = 5.0;
    cfg->pseudo_count = 0.5;
    cfg->n_features = 1;
    cfg->batch_size = 200;
    cfg->n_bins = 14;
    cfg->n_learn = 10;
    cfg->distance = KEDGE_HDDDM_HELLINGER;
    cfg->threshold = KEDGE_HDDDM_DEVIATIONS;
    cfg->alpha = 0.05;
}

kedge_status kedge_hdddm_config_init(kedge_hdddm_config *cfg, size_t cfg_bytes, uint32_t n_features)
{
    KEDGE_TRY(kedge_class_defaults(&kedge_hdddm.base, cfg, cfg_bytes, sizeof *cfg));
    cfg->n_features = n_features;
    return KEDGE_OK;
}

static void hdddm_configure(const void *config, void *fixed)
{
    const kedge_hdddm_config *cfg = config;
    hdddm_state *s = fixed;
    s->gamma = cfg->gamma;
    s->pseudo_count = cfg->pseudo_count;
    s->alpha = cfg->alpha;
    s->n_features = cfg->n_features;
    s->batch_size = cfg->batch_size;
    s->n_bins = cfg->n_bins;
    s->n_learn = cfg->n_learn;
    s->distance = kedge_i_choice(cfg->distance);
    s->threshold = kedge_i_choice(cfg->threshold);
}

static int hdddm_settings_valid(const void *fixed)
{
    const hdddm_state *s = fixed;
    return s->gamma > 0.0 && s->gamma <= 1e6 && kedge_i_within(s->pseudo_count, 1e-9, 1e9) &&
           kedge_i_u32_within(s->n_features, 1, KEDGE_HDDDM_MAX_FEATURES) && kedge_i_u32_within(s->batch_size, 2, HDDDM_ROWS_MAX) &&
           kedge_i_u32_within(s->n_bins, 2, HDDDM_N_BINS_MAX) && kedge_i_u32_within(s->n_learn, 2, HDDDM_ROWS_MAX) &&
           kedge_i_u32_within(s->distance, KEDGE_HDDDM_HELLINGER, KEDGE_HDDDM_KULLBACK_LEIBLER) &&
           kedge_i_u32_within(s->threshold, KEDGE_HDDDM_DEVIATIONS, KEDGE_HDDDM_STUDENT) && kedge_i_within(s->alpha, 1e-12, 0.999);
}

static size_t hdddm_layout(void *fixed)
{
    hdddm_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->n_cells = s->n_features * s->n_bins;
    s->n_numbers = s->n_features * s->batch_size;
    s->at_row = kedge_i_arena_take(&arena, s->n_features, sizeof(double));
    s->at_rows = kedge_i_arena_take(&arena, s->n_numbers, sizeof(double));
    s->at_low = kedge_i_arena_take(&arena, s->n_features, sizeof(double));
    s->at_high = kedge_i_arena_take(&arena, s->n_features, sizeof(double));
    s->at_distances = kedge_i_arena_take(&arena, s->n_features, sizeof(double));
    s->at_reference = kedge_i_arena_take(&arena, s->n_cells, sizeof(uint64_t));
    s->at_counts = kedge_i_arena_take(&arena, s->n_cells, sizeof(uint32_t));
    return kedge_i_arena_end(&arena);
}

static uint64_t hdddm_n_differences(const hdddm_state *s)
{
    return s->n_batches > 2 ? s->n_batches - 2 : 0;
}

static uint64_t hdddm_width(const hdddm_state *s)
{
    return hdddm_n_differences(s) > 0 ? s->n_batches * s->batch_size : 0;
}

/* Step 4 of the algorithm, its two ways: what the next difference must exceed. Of one difference there is no interval. */
static double hdddm_threshold(const hdddm_state *s)
{
    uint64_t n = hdddm_n_differences(s);
    if (n < (s->threshold == KEDGE_HDDDM_STUDENT ? 2 : 1))
        return (double)INFINITY;
    double sd = sqrt(s->squares / (double)n);
    if (s->threshold == KEDGE_HDDDM_DEVIATIONS)
        return s->mean + s->gamma * sd;
    return s->mean + kedge_i_student_upper(0.5 * s->alpha, (double)(n - 1)) * sd / sqrt((double)n);
}

static int hdddm_numbers_are_sound(const double *x, uint32_t n, double low, double high)
{
    for (uint32_t i = 0; i < n; i++)
        if (!kedge_i_within(x[i], low, high))
            return 0;
    return 1;
}

/* Each feature's counts are those of the reference. */
static int hdddm_reference_is_sound(const hdddm_state *s)
{
    const uint64_t *reference = kedge_i_at_const(s, s->at_reference);
    for (uint32_t j = 0; j < s->n_features; j++) {
        uint64_t left = s->n_batches * s->batch_size;
        for (uint32_t k = 0; k < s->n_bins; k++) {
            if (reference[k] > left)
                return 0;
            left -= reference[k];
        }
        if (left != 0)
            return 0;
        reference += s->n_bins;
    }
    return 1;
}

static int hdddm_arrays_are_sound(const hdddm_state *s)
{
    const double *low = kedge_i_at_const(s, s->at_low);
    const double *high = kedge_i_at_const(s, s->at_high);
    const uint32_t *counts = kedge_i_at_const(s, s->at_counts);
    for (uint32_t i = 0; i < s->n_cells; i++)
        if (counts[i] != 0)
            return 0;
    for (uint32_t j = 0; j < s->n_features; j++)
        if (!(low[j] >= -KEDGE_DETECTOR_INPUT_MAX && low[j] <= high[j] && high[j] <= KEDGE_DETECTOR_INPUT_MAX))
            return 0;
    return hdddm_numbers_are_sound(kedge_i_at_const(s, s->at_row), s->n_features, -KEDGE_DETECTOR_INPUT_MAX,
                                   KEDGE_DETECTOR_INPUT_MAX) &&
           hdddm_numbers_are_sound(kedge_i_at_const(s, s->at_rows), s->n_numbers, -KEDGE_DETECTOR_INPUT_MAX,
                                   KEDGE_DETECTOR_INPUT_MAX) &&
           hdddm_numbers_are_sound(kedge_i_at_const(s, s->at_distances), s->n_features, 0.0, HDDDM_DISTANCE_MAX);
}

static int hdddm_check(const void *state)
{
    const hdddm_state *s = state;
    return hdddm_settings_valid(s) && detector_record_is_sound(&s->record) && s->filled < s->n_features &&
           s->n_rows < s->batch_size && s->n_batches <= s->record.n_seen / s->batch_size &&
           s->n_rows <= s->record.n_seen - s->n_batches * s->batch_size && s->is_compared <= 1 &&
           kedge_i_within(s->last, 0.0, HDDDM_DISTANCE_MAX) && kedge_i_within(s->newest, 0.0, HDDDM_DISTANCE_MAX) &&
           kedge_i_within(s->mean, 0.0, HDDDM_DISTANCE_MAX) && kedge_i_within(s->squares, 0.0, 1e30) && hdddm_arrays_are_sound(s) &&
           hdddm_reference_is_sound(s);
}

/* The batch's rows are the first of a reference: their ranges are those of the bins. */
static void hdddm_span(hdddm_state *s)
{
    const double *rows = kedge_i_at(s, s->at_rows);
    double *low = kedge_i_at(s, s->at_low);
    double *high = kedge_i_at(s, s->at_high);
    memcpy(low, rows, s->n_features * sizeof *low);
    memcpy(high, rows, s->n_features * sizeof *high);
    for (uint32_t i = 1; i < s->batch_size; i++) {
        rows += s->n_features;
        for (uint32_t j = 0; j < s->n_features; j++) {
            low[j] = rows[j] < low[j] ? rows[j] : low[j];
            high[j] = rows[j] > high[j] ? rows[j] : high[j];
        }
    }
}

static void hdddm_count_batch(hdddm_state *s)
{
    const double *rows = kedge_i_at(s, s->at_rows);
    const double *low = kedge_i_at(s, s->at_low);
    const double *high = kedge_i_at(s, s->at_high);
    uint32_t *counts = kedge_i_at(s, s->at_counts);
    for (uint32_t i = 0; i < s->batch_size; i++, rows += s->n_features)
        for (uint32_t j = 0; j < s->n_features; j++)
            counts[j * s->n_bins + detector_equal_bin(rows[j], low[j], high[j], s->n_bins)]++;
}

/* Step 2: of one feature's shares p of the reference and q of the batch. */
static double hdddm_feature_distance(const hdddm_state *s, const uint64_t *reference, const uint32_t *counts)
{
    double n = (double)(s->n_batches * s->batch_size);
    double m = (double)s->batch_size;
    double smooth = s->distance == KEDGE_HDDDM_KULLBACK_LEIBLER ? s->pseudo_count / m : 0.0;
    double whole = 1.0 + smooth * (double)s->n_bins;
    double sum = 0.0;
    for (uint32_t k = 0; k < s->n_bins; k++) {
        int empty = smooth == 0.0 && reference[k] == 0 && counts[k] == 0;
        double p = empty ? 1.0 : ((double)reference[k] / n + smooth) / whole; /* an empty bin adds nothing, nor do equal shares */
        double q = empty ? 1.0 : ((double)counts[k] / m + smooth) / whole;
        sum += smooth > 0.0 ? kedge_i_kullback_leibler_term(p, q) : kedge_i_hellinger_term(p, q);
    }
    sum = sum > 0.0 ? sum : 0.0;
    return smooth > 0.0 ? sum : sqrt(sum);
}

static double hdddm_compare_batch(hdddm_state *s)
{
    const uint64_t *reference = kedge_i_at(s, s->at_reference);
    const uint32_t *counts = kedge_i_at(s, s->at_counts);
    double *distances = kedge_i_at(s, s->at_distances);
    double sum = 0.0;
    for (uint32_t j = 0; j < s->n_features; j++) {
        distances[j] = hdddm_feature_distance(s, reference + j * s->n_bins, counts + j * s->n_bins);
        sum += distances[j];
    }
    s->is_compared = 1;
    return sum / (double)s->n_features;
}

/* Step 5: the batch joins the reference. */
static void hdddm_join(hdddm_state *s)
{
    uint64_t *reference = kedge_i_at(s, s->at_reference);
    uint32_t *counts = kedge_i_at(s, s->at_counts);
    for (uint32_t i = 0; i < s->n_cells; i++)
        reference[i] += counts[i];
    memset(counts, 0, s->n_cells * sizeof *counts);
    memset(kedge_i_at(s, s->at_rows), 0, s->n_numbers * sizeof(double));
    s->n_rows = 0;
    s->n_batches++;
}

/* Step 5: or it is the first of another. */
static void hdddm_begin_anew(hdddm_state *s)
{
    memset(kedge_i_at(s, s->at_reference), 0, s->n_cells * sizeof(uint64_t));
    memset(kedge_i_at(s, s->at_counts), 0, s->n_cells * sizeof(uint32_t));
    s->n_batches = 0;
    s->last = s->newest = s->mean = s->squares = 0.0;
    hdddm_span(s);
    hdddm_count_batch(s);
    hdddm_join(s);
}

static void hdddm_learn(hdddm_state *s, double distance, double difference)
{
    s->last = distance;
    s->newest = difference;
    if (s->n_batches < 2)
        return;
    double off = difference - s->mean;
    s->mean += off / (double)(s->n_batches - 1);
    s->squares += off * (difference - s->mean);
}

static kedge_status hdddm_judge(hdddm_state *s)
{
    hdddm_count_batch(s);
    double distance = hdddm_compare_batch(s);
    double difference = s->n_batches > 1 ? fabs(distance - s->last) : 0.0;
    double threshold = hdddm_threshold(s);
    if (hdddm_n_differences(s) >= s->n_learn && difference > threshold) {
        detector_record_raise(&s->record, s->batch_size, s->last, distance, difference, threshold, (double)NAN);
        hdddm_begin_anew(s);
        return KEDGE_DRIFT;
    }
    hdddm_learn(s, distance, difference);
    hdddm_join(s);
    return KEDGE_OK;
}

/* The row that came in is whole. */
static kedge_status hdddm_row(hdddm_state *s)
{
    double *rows = kedge_i_at(s, s->at_rows);
    memcpy(rows + (size_t)s->n_rows * s->n_features, kedge_i_at(s, s->at_row), s->n_features * sizeof *rows);
    s->record.n_seen++;
    if (++s->n_rows < s->batch_size)
        return KEDGE_OK;
    if (s->n_batches > 0)
        return hdddm_judge(s);
    hdddm_begin_anew(s);
    return KEDGE_OK;
}

DETECTOR_RUN_ROWS(hdddm, n_features, KEDGE_OK)

uint32_t kedge_hdddm_features(const kedge_detector *d)
{
    return detector_row_handle(d, &kedge_hdddm) == KEDGE_OK ? ((const hdddm_state *)d->state)->n_features : 0;
}

kedge_status kedge_hdddm_distances(const kedge_detector *d, double *distances, size_t n_features)
{
    if (!distances)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(detector_row_handle(d, &kedge_hdddm));
    const hdddm_state *s = d->state;
    const double *of = kedge_i_at_const(s, s->at_distances);
    if (n_features != s->n_features)
        return KEDGE_ERR_SHAPE;
    for (uint32_t j = 0; j < s->n_features; j++)
        distances[j] = s->is_compared ? of[j] : (double)NAN;
    return s->is_compared ? KEDGE_OK : KEDGE_EMPTY;
}

static kedge_status hdddm_estimate(const void *state, kedge_estimate *out)
{
    const hdddm_state *s = state;
    kedge_status st = detector_record_estimate(&s->record, hdddm_width(s), out);
    out->threshold = hdddm_threshold(s);
    if (st != KEDGE_OK)
        return st;
    out->mean = s->mean;
    out->variance = s->squares / (double)hdddm_n_differences(s);
    out->statistic = s->newest;
    return st;
}

static kedge_status hdddm_alarm(const void *state, kedge_alarm *out)
{
    return detector_record_alarm(&((const hdddm_state *)state)->record, out);
}

const kedge_detector_class kedge_hdddm = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_DETECTOR,
            .version = 1,
            .name = "hdddm",
            .fixed_bytes = sizeof(hdddm_state),
            .config_bytes = sizeof(kedge_hdddm_config),
            .n_fields = sizeof hdddm_fields / sizeof *hdddm_fields,
            .fields = hdddm_fields,
            .defaults = hdddm_defaults,
            .configure = hdddm_configure,
            .valid = hdddm_settings_valid,
            .layout = hdddm_layout,
            .check = hdddm_check,
        },
    .input_low = -KEDGE_DETECTOR_INPUT_MAX,
    .input_high = KEDGE_DETECTOR_INPUT_MAX,
    .run = hdddm_run,
    .update = hdddm_update,
    .estimate = hdddm_estimate,
    .alarm = hdddm_alarm,
    .knob = {offsetof(kedge_hdddm_config, gamma), 0, 1e-6, 1e6},
};
