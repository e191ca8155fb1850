/* SPDX-License-Identifier: MIT */
/* PCA-CD: the newest rows against a reference of as many, along the reference's principal components.
 *
 * Qahtan, Alharbi, Wang, Zhang 2015, "A PCA-based change detection framework for multidimensional data streams", KDD: components up
 * to a share of the variance, a density of each, estimated for the reference once and for the window row by row, the greatest
 * divergence of them, and a Page-Hinkley test on it (Page 1954; Hinkley 1971; see page_hinkley.c) every few rows. Densities are
 * histograms in the reference's bins; known differences are listed in the header.
 *
 * While the reference is learned it lies where the window will be. A row's bins are kept beside it, so that what leaves need not be
 * projected again.
 *
 * Cost: the projection, O(n_features n_components); counting is O(n_components). */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/divergence.h"
#include "base/number.h"
#include "base/standard.h"
#include "detectors/page_hinkley_side.h"
#include "detectors/pca_cd_state.h"
#include "detectors/record.h"
#include "detectors/row.h"

#define PCA_CD_DIVERGENCE_MAX 1e3 /* above any: ln of the least share is above -90 */
#define PCA_CD_DELTA_MAX 10.0
#define PCA_CD_PLACE_MAX (256.0 * KEDGE_I_STANDARD_FAR) /* along a component, of rows that are so far in every feature */

enum { PCA_CD_ROWS_MAX = 1 << 20, PCA_CD_N_BINS_MAX = 256, PCA_CD_TALLY = 64 };

static const kedge_field pca_cd_fields[] = {
    KEDGE_PARAM(pca_cd_state, explained, KEDGE_TYPE_F64),
    KEDGE_PARAM(pca_cd_state, delta, KEDGE_TYPE_F64),
    KEDGE_PARAM(pca_cd_state, threshold, KEDGE_TYPE_F64),
    KEDGE_PARAM(pca_cd_state, pseudo_count, KEDGE_TYPE_F64),
    KEDGE_PARAM(pca_cd_state, n_features, KEDGE_TYPE_U32),
    KEDGE_PARAM(pca_cd_state, window_size, KEDGE_TYPE_U32),
    KEDGE_PARAM(pca_cd_state, n_bins, KEDGE_TYPE_U32),
    KEDGE_PARAM(pca_cd_state, step, KEDGE_TYPE_U32),
    KEDGE_PARAM(pca_cd_state, divergence, KEDGE_TYPE_U8),
    KEDGE_PARAM(pca_cd_state, on_drift, KEDGE_TYPE_U8),
    KEDGE_VALUE(pca_cd_state, filled, KEDGE_TYPE_U32),
    KEDGE_VALUE(pca_cd_state, n_learned, KEDGE_TYPE_U32),
    KEDGE_VALUE(pca_cd_state, n_principal, KEDGE_TYPE_U32),
    KEDGE_VALUE(pca_cd_state, n_components, KEDGE_TYPE_U32),
    KEDGE_VALUE(pca_cd_state, n_shown, KEDGE_TYPE_U32),
    KEDGE_VALUE(pca_cd_state, held, KEDGE_TYPE_U32),
    KEDGE_VALUE(pca_cd_state, place, KEDGE_TYPE_U32),
    KEDGE_VALUE(pca_cd_state, wait, KEDGE_TYPE_U32),
    KEDGE_VALUE(pca_cd_state, n, KEDGE_TYPE_U64),
    KEDGE_VALUE(pca_cd_state, mean, KEDGE_TYPE_F64),
    KEDGE_VALUE(pca_cd_state, m2, KEDGE_TYPE_F64),
    PAGE_HINKLEY_SIDE_FIELDS(pca_cd_state, rise),
    DETECTOR_RECORD_FIELDS(pca_cd_state),
    KEDGE_ARRAY(pca_cd_state, at_row, n_features, KEDGE_TYPE_F64),
    KEDGE_ARRAY(pca_cd_state, at_means, n_features, KEDGE_TYPE_F64),
    KEDGE_ARRAY(pca_cd_state, at_deviations, n_features, KEDGE_TYPE_F64),
    KEDGE_ARRAY(pca_cd_state, at_axes, n_matrix, KEDGE_TYPE_F64),
    KEDGE_ARRAY(pca_cd_state, at_low, n_features, KEDGE_TYPE_F64),
    KEDGE_ARRAY(pca_cd_state, at_high, n_features, KEDGE_TYPE_F64),
    KEDGE_ARRAY(pca_cd_state, at_divergences, n_features, KEDGE_TYPE_F64),
    KEDGE_ARRAY(pca_cd_state, at_rows, n_numbers, KEDGE_TYPE_F64),
    KEDGE_ARRAY(pca_cd_state, at_reference, n_cells, KEDGE_TYPE_U32),
    KEDGE_ARRAY(pca_cd_state, at_counts, n_cells, KEDGE_TYPE_U32),
    KEDGE_ARRAY(pca_cd_state, at_bins, n_numbers, KEDGE_TYPE_U8),
};

/* A class that tools choose by name takes single numbers, as all do: rows of one feature. */
static void pca_cd_defaults(void *config)
{
    kedge_pca_cd_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_pca_cd;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->explained = 0.99;
    cfg->delta = 0.02;
    cfg->threshold = 1.0;
    cfg->pseudo_count = 0.5;
    cfg->n_features = 1;
    cfg->window_size = 500;
    cfg->n_bins = 22;
    cfg->step = 25;
    cfg->divergence = KEDGE_PCA_CD_AREA;
    cfg->on_drift = KEDGE_PCA_CD_NEWEST;
}

kedge_status kedge_pca_cd_config_init(kedge_pca_cd_config *cfg, size_t cfg_bytes, uint32_t n_features)
{
    KEDGE_TRY(kedge_class_defaults(&kedge_pca_cd.base, cfg, cfg_bytes, sizeof *cfg));
    cfg->n_features = n_features;
    return KEDGE_OK;
}

static void pca_cd_configure(const void *config, void *fixed)
{
    const kedge_pca_cd_config *cfg = config;
    pca_cd_state *s = fixed;
    s->explained = cfg->explained;
    s->delta = cfg->delta;
    s->threshold = cfg->threshold;
    s->pseudo_count = cfg->pseudo_count;
    s->n_features = cfg->n_features;
    s->window_size = cfg->window_size;
    s->n_bins = cfg->n_bins;
    s->step = cfg->step;
    s->divergence = kedge_i_choice(cfg->divergence);
    s->on_drift = kedge_i_choice(cfg->on_drift);
}

static int pca_cd_settings_valid(const void *fixed)
{
    const pca_cd_state *s = fixed;
    return s->explained > 0.0 && s->explained <= 1.0 && kedge_i_within(s->delta, 0.0, PCA_CD_DELTA_MAX) && s->threshold > 0.0 &&
           s->threshold <= 1e6 && kedge_i_within(s->pseudo_count, 1e-9, 1e9) &&
           kedge_i_u32_within(s->n_features, 1, KEDGE_PCA_CD_MAX_FEATURES) &&
           kedge_i_u32_within(s->window_size, 2, PCA_CD_ROWS_MAX) && kedge_i_u32_within(s->n_bins, 2, PCA_CD_N_BINS_MAX) &&
           kedge_i_u32_within(s->step, 1, PCA_CD_ROWS_MAX) &&
           kedge_i_u32_within(s->divergence, KEDGE_PCA_CD_AREA, KEDGE_PCA_CD_KULLBACK_LEIBLER) &&
           kedge_i_u32_within(s->on_drift, KEDGE_PCA_CD_NEWEST, KEDGE_PCA_CD_RELEARN);
}

static size_t pca_cd_layout(void *fixed)
{
    pca_cd_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->n_cells = s->n_features * s->n_bins;
    s->n_numbers = s->n_features * s->window_size;
    s->n_matrix = s->n_features * s->n_features;
    s->at_row = kedge_i_arena_take(&arena, s->n_features, sizeof(double));
    s->at_means = kedge_i_arena_take(&arena, s->n_features, sizeof(double));
    s->at_deviations = kedge_i_arena_take(&arena, s->n_features, sizeof(double));
    s->at_axes = kedge_i_arena_take(&arena, s->n_matrix, sizeof(double));
    s->at_low = kedge_i_arena_take(&arena, s->n_features, sizeof(double));
    s->at_high = kedge_i_arena_take(&arena, s->n_features, sizeof(double));
    s->at_divergences = kedge_i_arena_take(&arena, s->n_features, sizeof(double));
    s->at_rows = kedge_i_arena_take(&arena, s->n_numbers, sizeof(double));
    s->at_reference = kedge_i_arena_take(&arena, s->n_cells, sizeof(uint32_t));
    s->at_counts = kedge_i_arena_take(&arena, s->n_cells, sizeof(uint32_t));
    s->at_bins = kedge_i_arena_take(&arena, s->n_numbers, sizeof(uint8_t));
    s->at_matrix = kedge_i_arena_take(&arena, s->n_matrix, sizeof(double));
    s->at_scaled = kedge_i_arena_take(&arena, s->n_features, sizeof(double));
    return kedge_i_arena_end(&arena);
}

static void pca_cd_test_anew(pca_cd_state *s)
{
    s->n = 0;
    s->mean = 0.0;
    s->m2 = 0.0;
    s->rise = page_hinkley_side_begin(DBL_MAX); /* the first sum is the first extreme */
}

static void pca_cd_start(void *state)
{
    pca_cd_test_anew(state);
}

static int pca_cd_numbers_are_sound(const pca_cd_state *s, uint32_t at, uint32_t n, double low, double high)
{
    const double *x = kedge_i_at_const(s, at);
    for (uint32_t i = 0; i < n; i++)
        if (!kedge_i_within(x[i], low, high))
            return 0;
    return 1;
}

static int pca_cd_arrays_are_sound(const pca_cd_state *s)
{
    const double *low = kedge_i_at_const(s, s->at_low);
    const double *high = kedge_i_at_const(s, s->at_high);
    for (uint32_t k = 0; k < s->n_features; k++)
        if (!(low[k] >= -PCA_CD_PLACE_MAX && low[k] <= high[k] && high[k] <= PCA_CD_PLACE_MAX))
            return 0;
    return pca_cd_numbers_are_sound(s, s->at_row, s->n_features, -KEDGE_DETECTOR_INPUT_MAX, KEDGE_DETECTOR_INPUT_MAX) &&
           pca_cd_numbers_are_sound(s, s->at_means, s->n_features, -KEDGE_DETECTOR_INPUT_MAX, KEDGE_DETECTOR_INPUT_MAX) &&
           pca_cd_numbers_are_sound(s, s->at_deviations, s->n_features, 0.0, 2.0 * KEDGE_DETECTOR_INPUT_MAX) &&
           pca_cd_numbers_are_sound(s, s->at_axes, s->n_matrix, -1.0 - 1e-6, 1.0 + 1e-6) &&
           pca_cd_numbers_are_sound(s, s->at_divergences, s->n_features, 0.0, PCA_CD_DIVERGENCE_MAX) &&
           pca_cd_numbers_are_sound(s, s->at_rows, s->n_numbers, -KEDGE_DETECTOR_INPUT_MAX, KEDGE_DETECTOR_INPUT_MAX) &&
           pca_cd_numbers_are_sound(s, s->at_matrix, s->n_matrix, 0.0, 0.0) &&
           pca_cd_numbers_are_sound(s, s->at_scaled, s->n_features, 0.0, 0.0);
}

/* Counts of the window are those of its rows' bins: looked up for a few bins at a time. */
static int pca_cd_window_is_sound(const pca_cd_state *s, uint32_t k)
{
    const uint32_t *counts = (const uint32_t *)kedge_i_at_const(s, s->at_counts) + (size_t)k * s->n_bins;
    const uint8_t *bins = (const uint8_t *)kedge_i_at_const(s, s->at_bins) + k;
    uint32_t held = k < s->n_components ? s->held : 0;
    for (uint32_t from = 0; from < PCA_CD_N_BINS_MAX; from += PCA_CD_TALLY) {
        uint32_t tally[PCA_CD_TALLY] = {0};
        for (uint32_t i = 0; i < held; i++) {
            uint32_t bin = bins[(size_t)i * s->n_features];
            if (bin >= from && bin < from + PCA_CD_TALLY)
                tally[bin - from]++;
        }
        for (uint32_t b = 0; b < PCA_CD_TALLY; b++)
            if (tally[b] != (from + b < s->n_bins ? counts[from + b] : 0))
                return 0;
    }
    return 1;
}

/* And those of the reference are of all its rows. */
static int pca_cd_reference_is_sound(const pca_cd_state *s, uint32_t k)
{
    const uint32_t *reference = (const uint32_t *)kedge_i_at_const(s, s->at_reference) + (size_t)k * s->n_bins;
    uint64_t n = 0;
    for (uint32_t b = 0; b < s->n_bins; b++)
        n += reference[b];
    return n == (k < s->n_components ? s->window_size : 0);
}

static int pca_cd_components_are_sound(const pca_cd_state *s)
{
    if (!(s->n_principal <= s->n_components && s->n_components - s->n_principal <= 1 && s->n_components <= s->n_features &&
          (s->n_components > 0) == pca_cd_is_learned(s) && s->n_shown <= s->n_features))
        return 0;
    for (uint32_t k = 0; k < s->n_features; k++)
        if (!pca_cd_reference_is_sound(s, k) || !pca_cd_window_is_sound(s, k))
            return 0;
    return 1;
}

static int pca_cd_test_is_sound(const pca_cd_state *s)
{
    return s->n <= s->record.n_seen && (s->n == 0 || s->held == s->window_size) &&
           kedge_i_within(s->mean, 0.0, PCA_CD_DIVERGENCE_MAX) && s->n <= (s->record.n_seen - s->held) / s->step + 1 &&
           kedge_i_within(s->m2, 0.0, 4.0 * PCA_CD_DIVERGENCE_MAX * PCA_CD_DIVERGENCE_MAX * (double)s->n) &&
           (s->n == 0 || s->rise.least_n > 0) &&
           page_hinkley_side_is_sound(&s->rise, s->n, PCA_CD_DIVERGENCE_MAX + PCA_CD_DELTA_MAX, PCA_CD_DIVERGENCE_MAX);
}

static int pca_cd_check(const void *state)
{
    const pca_cd_state *s = state;
    return pca_cd_settings_valid(s) && detector_record_is_sound(&s->record) && s->filled < s->n_features &&
           s->n_learned <= s->window_size && s->held <= s->window_size && s->place < s->window_size &&
           (pca_cd_is_learned(s) || s->held == 0) && s->held <= s->record.n_seen && s->n_learned <= s->record.n_seen &&
           (s->held == s->window_size || s->place == s->held) && s->wait <= s->step && pca_cd_test_is_sound(s) &&
           pca_cd_arrays_are_sound(s) && pca_cd_components_are_sound(s);
}

static void pca_cd_forget_window(pca_cd_state *s)
{
    memset(kedge_i_at(s, s->at_rows), 0, s->n_numbers * sizeof(double));
    memset(kedge_i_at(s, s->at_counts), 0, s->n_cells * sizeof(uint32_t));
    memset(kedge_i_at(s, s->at_bins), 0, s->n_numbers);
    s->held = 0;
    s->place = 0;
    s->wait = 0;
    pca_cd_test_anew(s);
}

/* The rows where the window lies are the reference. */
static void pca_cd_adopt(pca_cd_state *s)
{
    kedge_i_pca_cd_learn(s);
    pca_cd_forget_window(s);
}

/* A row comes into the window, another leaves it. */
static void pca_cd_slide(pca_cd_state *s, const double *row)
{
    uint32_t *counts = kedge_i_at(s, s->at_counts);
    uint8_t *bins = (uint8_t *)kedge_i_at(s, s->at_bins) + (size_t)s->place * s->n_features;
    uint8_t now[KEDGE_PCA_CD_MAX_FEATURES];
    int is_full = s->held == s->window_size;
    kedge_i_pca_cd_bins(s, row, now);
    for (uint32_t k = 0; k < s->n_components; k++) {
        counts[k * s->n_bins + bins[k]] -= is_full ? 1 : 0;
        counts[k * s->n_bins + now[k]]++;
        bins[k] = now[k];
    }
    memcpy(pca_cd_row_of(s, s->place), row, s->n_features * sizeof *row);
    s->held += is_full ? 0 : 1;
    s->place = s->place + 1 < s->window_size ? s->place + 1 : 0;
}

/* CD-Area, of two histograms of as many rows. */
static double pca_cd_area(const pca_cd_state *s, const uint32_t *reference, const uint32_t *counts)
{
    uint32_t missed = 0;
    for (uint32_t b = 0; b < s->n_bins; b++)
        missed += reference[b] > counts[b] ? reference[b] - counts[b] : 0;
    return (double)missed / (double)s->window_size;
}

/* CD-MKL. */
static double pca_cd_kullback_leibler(const pca_cd_state *s, const uint32_t *reference, const uint32_t *counts)
{
    double whole = (double)s->window_size + s->pseudo_count * (double)s->n_bins;
    double forth = 0.0;
    double back = 0.0;
    for (uint32_t b = 0; b < s->n_bins; b++) {
        double p = ((double)reference[b] + s->pseudo_count) / whole;
        double q = ((double)counts[b] + s->pseudo_count) / whole;
        forth += kedge_i_kullback_leibler_term(p, q);
        back += kedge_i_kullback_leibler_term(q, p);
    }
    double greater = forth > back ? forth : back;
    return greater > 0.0 ? greater : 0.0;
}

static double pca_cd_compare(pca_cd_state *s)
{
    const uint32_t *reference = kedge_i_at_const(s, s->at_reference);
    const uint32_t *counts = kedge_i_at_const(s, s->at_counts);
    double *divergences = kedge_i_at(s, s->at_divergences);
    int is_area = s->divergence == KEDGE_PCA_CD_AREA;
    double greatest = 0.0;
    memset(divergences, 0, s->n_features * sizeof *divergences);
    for (uint32_t k = 0; k < s->n_components; k++) {
        size_t at = (size_t)k * s->n_bins;
        divergences[k] =
            is_area ? pca_cd_area(s, reference + at, counts + at) : pca_cd_kullback_leibler(s, reference + at, counts + at);
        greatest = divergences[k] > greatest ? divergences[k] : greatest;
    }
    s->n_shown = s->n_components;
    return greatest;
}

/* Page 1954, section 4, for rises. Returns whether that is one. */
static int pca_cd_test(pca_cd_state *s, double divergence)
{
    s->n++;
    double off = divergence - s->mean;
    s->mean += off / (double)s->n;
    double deviation = divergence - s->mean;
    s->m2 += off * deviation;
    s->rise.sum += deviation - s->delta;
    if (s->rise.sum < s->rise.least)
        page_hinkley_side_keep(&s->rise, s->rise.sum, s->n, s->mean);
    return s->rise.sum - s->rise.least > s->threshold;
}

static void pca_cd_raise(pca_cd_state *s)
{
    uint64_t n_after = (s->n - s->rise.least_n) * s->step; /* more than 0: where the sum is least it is no rise */
    double after = page_hinkley_side_after(&s->rise, s->n, s->mean);
    detector_record_raise(&s->record, n_after, s->rise.least_mean, after, s->rise.sum - s->rise.least, s->threshold, (double)NAN);
    if (s->on_drift == KEDGE_PCA_CD_NEWEST) {
        pca_cd_adopt(s);
        return;
    }
    kedge_i_pca_cd_forget(s);
    pca_cd_forget_window(s);
}

/* The row that came in is whole. */
static kedge_status pca_cd_row(pca_cd_state *s)
{
    const double *row = kedge_i_at_const(s, s->at_row);
    s->record.n_seen++;
    if (!pca_cd_is_learned(s)) {
        memcpy(pca_cd_row_of(s, s->n_learned++), row, s->n_features * sizeof *row);
        if (pca_cd_is_learned(s))
            pca_cd_adopt(s);
        return KEDGE_OK;
    }
    pca_cd_slide(s, row);
    s->wait -= s->wait > 0 ? 1 : 0;
    if (s->held < s->window_size || s->wait > 0)
        return KEDGE_OK;
    s->wait = s->step;
    if (!pca_cd_test(s, pca_cd_compare(s)))
        return KEDGE_OK;
    pca_cd_raise(s);
    return KEDGE_DRIFT;
}

DETECTOR_RUN_ROWS(pca_cd, n_features, KEDGE_OK)

uint32_t kedge_pca_cd_features(const kedge_detector *d)
{
    return detector_row_handle(d, &kedge_pca_cd) == KEDGE_OK ? ((const pca_cd_state *)d->state)->n_features : 0;
}

uint32_t kedge_pca_cd_components(const kedge_detector *d)
{
    return detector_row_handle(d, &kedge_pca_cd) == KEDGE_OK ? ((const pca_cd_state *)d->state)->n_components : 0;
}

kedge_status kedge_pca_cd_divergences(const kedge_detector *d, double *divergences, size_t n_features)
{
    if (!divergences)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(detector_row_handle(d, &kedge_pca_cd));
    const pca_cd_state *s = d->state;
    const double *of = kedge_i_at_const(s, s->at_divergences);
    if (n_features != s->n_features)
        return KEDGE_ERR_SHAPE;
    for (uint32_t k = 0; k < s->n_features; k++)
        divergences[k] = k < s->n_shown ? of[k] : (double)NAN;
    return s->n_shown > 0 ? KEDGE_OK : KEDGE_EMPTY;
}

static kedge_status pca_cd_estimate(const void *state, kedge_estimate *out)
{
    const pca_cd_state *s = state;
    kedge_status st = detector_record_estimate(&s->record, s->n > 0 ? s->held : 0, out);
    out->threshold = s->threshold;
    if (st != KEDGE_OK)
        return st;
    out->mean = s->mean;
    out->variance = s->m2 / (double)s->n;
    out->statistic = s->rise.sum - s->rise.least;
    return st;
}

static kedge_status pca_cd_alarm(const void *state, kedge_alarm *out)
{
    return detector_record_alarm(&((const pca_cd_state *)state)->record, out);
}

const kedge_detector_class kedge_pca_cd = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_DETECTOR,
            .version = 1,
            .name = "pca_cd",
            .fixed_bytes = sizeof(pca_cd_state),
            .config_bytes = sizeof(kedge_pca_cd_config),
            .n_fields = sizeof pca_cd_fields / sizeof *pca_cd_fields,
            .fields = pca_cd_fields,
            .defaults = pca_cd_defaults,
            .configure = pca_cd_configure,
            .valid = pca_cd_settings_valid,
            .layout = pca_cd_layout,
            .start = pca_cd_start,
            .check = pca_cd_check,
        },
    .input_low = -KEDGE_DETECTOR_INPUT_MAX,
    .input_high = KEDGE_DETECTOR_INPUT_MAX,
    .run = pca_cd_run,
    .update = pca_cd_update,
    .estimate = pca_cd_estimate,
    .alarm = pca_cd_alarm,
    .knob = {offsetof(kedge_pca_cd_config, threshold), 0, 1e-6, 1e6},
};
