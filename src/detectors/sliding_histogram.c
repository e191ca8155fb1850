/* SPDX-License-Identifier: MIT */
/* Sliding histogram: a window of the newest observations against a fixed reference, by a distance of their shares of the
 * reference's bins.
 *
 * The distances are those of shift/histogram.c, their formulas stand in base/divergence.h with their sources; the incremental form
 * is that of any histogram: an observation comes into a bin and one leaves a bin, so two terms of the sum change. The terms are
 * kept and added up anew at every change, since a running sum would gather rounding errors for ever.
 *
 * While the reference is learned it lies where the window will be.
 *
 * Cost: O(log n_bins) to find bins, two terms, and a sum over the bins. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/detectors/sliding_histogram.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/divergence.h"
#include "base/frequent.h"
#include "base/number.h"
#include "detectors/record.h"
#include "detectors/ring.h"
#include "detectors/run.h"
#include "detectors/sliding_tree.h"

#define SLIDING_HISTOGRAM_TERM_MAX 1e9 /* above any threshold, so above any term that stays */

enum { SLIDING_HISTOGRAM_MAX = 1 << 20, SLIDING_HISTOGRAM_BINS_MAX = 256 };

typedef struct sliding_histogram_state {
    kedge_state_head head;
    double threshold;
    double pseudo_count;
    uint32_t n_reference;
    uint32_t window_size;
    uint32_t n_bins;
    uint8_t distance;
    uint8_t binning;
    uint8_t on_drift;
    uint8_t reserved;
    uint32_t n_kept;     /* layout: the greater of n_reference and window_size */
    uint32_t n_edges_max; /* layout: 2 n_bins */
    uint32_t n_cells;    /* layout: n_edges_max + 1 */
    uint32_t at_ring;    /* layout: the reference as it comes, later the window, by time */
    uint32_t at_edges;   /* layout: greatest values of the bins, ascending, or codes */
    uint32_t at_weights; /* layout: of the reference, by bin */
    uint32_t at_counts;  /* layout: of the window, by bin */
    uint32_t at_terms;   /* layout: of the distance, by bin; 0 until the window is full */
    uint32_t n_learned;  /* of the reference */
    uint32_t n_edges;    /* 0 while it is learned; there is one bin more */
    uint32_t held;       /* observations in the window */
    uint32_t place;      /* where the next observation goes in the ring */
    double mean;         /* of the reference; 0 while it is learned */
    detector_record record;
} sliding_histogram_state;

static const kedge_field sliding_histogram_fields[] = {
    KEDGE_PARAM(sliding_histogram_state, threshold, KEDGE_TYPE_F64),
    KEDGE_PARAM(sliding_histogram_state, pseudo_count, KEDGE_TYPE_F64),
    KEDGE_PARAM(sliding_histogram_state, n_reference, KEDGE_TYPE_U32),
    KEDGE_PARAM(sliding_histogram_state, window_size, KEDGE_TYPE_U32),
    KEDGE_PARAM(sliding_histogram_state, n_bins, KEDGE_TYPE_U32),
    KEDGE_PARAM(sliding_histogram_state, distance, KEDGE_TYPE_U8),
    KEDGE_PARAM(sliding_histogram_state, binning, KEDGE_TYPE_U8),
    KEDGE_PARAM(sliding_histogram_state, on_drift, KEDGE_TYPE_U8),
    KEDGE_VALUE(sliding_histogram_state, n_learned, KEDGE_TYPE_U32),
    KEDGE_VALUE(sliding_histogram_state, n_edges, KEDGE_TYPE_U32),
    KEDGE_VALUE(sliding_histogram_state, held, KEDGE_TYPE_U32),
    KEDGE_VALUE(sliding_histogram_state, place, KEDGE_TYPE_U32),
    KEDGE_VALUE(sliding_histogram_state, mean, KEDGE_TYPE_F64),
    DETECTOR_RECORD_FIELDS(sliding_histogram_state),
    KEDGE_ARRAY(sliding_histogram_state, at_ring, n_kept, KEDGE_TYPE_F64),
    KEDGE_ARRAY(sliding_histogram_state, at_edges, n_edges_max, KEDGE_TYPE_F64),
    KEDGE_ARRAY(sliding_histogram_state, at_weights, n_cells, KEDGE_TYPE_U32),
    KEDGE_ARRAY(sliding_histogram_state, at_counts, n_cells, KEDGE_TYPE_U32),
    KEDGE_ARRAY(sliding_histogram_state, at_terms, n_cells, KEDGE_TYPE_F64),
};

static void sliding_histogram_defaults(void *config)
{
    kedge_sliding_histogram_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_sliding_histogram;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->threshold = 0.1;
    cfg->pseudo_count = 0.5;
    cfg->n_reference = 1000;
    cfg->window_size = 1000;
    cfg->n_bins = 10;
    cfg->distance = KEDGE_HISTOGRAM_PSI;
    cfg->binning = KEDGE_BINS_QUANTILES;
    cfg->on_drift = KEDGE_SLIDING_RELEARN;
}

kedge_status kedge_sliding_histogram_config_init(kedge_sliding_histogram_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_sliding_histogram.base, cfg, cfg_bytes, sizeof *cfg);
}

static void sliding_histogram_configure(const void *config, void *fixed)
{
    const kedge_sliding_histogram_config *cfg = config;
    sliding_histogram_state *s = fixed;
    s->threshold = cfg->threshold;
    s->pseudo_count = cfg->pseudo_count;
    s->n_reference = cfg->n_reference;
    s->window_size = cfg->window_size;
    s->n_bins = cfg->n_bins;
    s->distance = kedge_i_choice(cfg->distance);
    s->binning = kedge_i_choice(cfg->binning);
    s->on_drift = kedge_i_choice(cfg->on_drift);
}

static int sliding_histogram_valid(const void *fixed)
{
    const sliding_histogram_state *s = fixed;
    return s->threshold > 0.0 && s->threshold <= 1e6 && kedge_i_within(s->pseudo_count, 1e-9, 1e9) &&
           kedge_i_u32_within(s->n_reference, 2, SLIDING_HISTOGRAM_MAX) &&
           kedge_i_u32_within(s->window_size, 2, SLIDING_HISTOGRAM_MAX) &&
           kedge_i_u32_within(s->n_bins, 2, SLIDING_HISTOGRAM_BINS_MAX) &&
           kedge_i_u32_within(s->distance, KEDGE_HISTOGRAM_PSI, KEDGE_HISTOGRAM_CHI_SQUARED) &&
           (s->binning == KEDGE_BINS_QUANTILES || s->binning == KEDGE_BINS_VALUES) &&
           kedge_i_u32_within(s->on_drift, KEDGE_SLIDING_RELEARN, KEDGE_SLIDING_KEEP);
}

static size_t sliding_histogram_layout(void *fixed)
{
    sliding_histogram_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->n_kept = s->n_reference > s->window_size ? s->n_reference : s->window_size;
    s->n_edges_max = 2 * s->n_bins;
    s->n_cells = s->n_edges_max + 1;
    s->at_ring = kedge_i_arena_take(&arena, s->n_kept, sizeof(double));
    s->at_edges = kedge_i_arena_take(&arena, s->n_edges_max, sizeof(double));
    s->at_weights = kedge_i_arena_take(&arena, s->n_cells, sizeof(uint32_t));
    s->at_counts = kedge_i_arena_take(&arena, s->n_cells, sizeof(uint32_t));
    s->at_terms = kedge_i_arena_take(&arena, s->n_cells, sizeof(double));
    return kedge_i_arena_end(&arena);
}

/* The bin of x: edges below it; of a code its place, or the last bin. */
static inline uint32_t sliding_histogram_find(const sliding_histogram_state *s, double x)
{
    const double *edges = kedge_i_at_const(s, s->at_edges);
    uint32_t low = 0;
    uint32_t n = s->n_edges;
    while (n > 1) { /* without a branch on x */
        uint32_t half = n / 2;
        low = edges[low + half - 1] < x ? low + half : low;
        n -= half;
    }
    low += edges[low] < x ? 1u : 0u;
    if (s->binning == KEDGE_BINS_VALUES && !(low < s->n_edges && edges[low] == x))
        return s->n_edges;
    return low;
}

/* A share of the n observations of a sample. */
static inline double sliding_histogram_share(const sliding_histogram_state *s, uint32_t count, uint32_t n)
{
    return ((double)count + s->pseudo_count) / ((double)n + (double)(s->n_edges + 1) * s->pseudo_count);
}

static double sliding_histogram_term(const sliding_histogram_state *s, uint32_t bin)
{
    const uint32_t *weights = kedge_i_at_const(s, s->at_weights);
    const uint32_t *counts = kedge_i_at_const(s, s->at_counts);
    double p = sliding_histogram_share(s, weights[bin], s->n_reference);
    double q = sliding_histogram_share(s, counts[bin], s->window_size);
    switch (s->distance) {
    case KEDGE_HISTOGRAM_PSI: return kedge_i_psi_term(p, q);
    case KEDGE_HISTOGRAM_KULLBACK_LEIBLER: return kedge_i_kullback_leibler_term(p, q);
    case KEDGE_HISTOGRAM_JENSEN_SHANNON: return kedge_i_jensen_shannon_term(p, q);
    case KEDGE_HISTOGRAM_HELLINGER: return kedge_i_hellinger_term(p, q);
    case KEDGE_HISTOGRAM_CHI_SQUARED: return kedge_i_chi_squared_term(p, q);
    default: return 0.5 * kedge_i_gap_term(p, q);
    }
}

static double sliding_histogram_distance(const sliding_histogram_state *s)
{
    const double *terms = kedge_i_at_const(s, s->at_terms);
    double sum = 0.0;
    for (uint32_t i = 0; i <= s->n_edges; i++)
        sum += terms[i];
    sum = sum > 0.0 ? sum : 0.0;
    return s->distance == KEDGE_HISTOGRAM_JENSEN_SHANNON || s->distance == KEDGE_HISTOGRAM_HELLINGER ? sqrt(sum) : sum;
}

/* Edges rise, and counts are there for the bins that are. */
static int sliding_histogram_bins_are_sound(const sliding_histogram_state *s)
{
    const double *edges = kedge_i_at_const(s, s->at_edges);
    const double *terms = kedge_i_at_const(s, s->at_terms);
    const uint32_t *weights = kedge_i_at_const(s, s->at_weights);
    uint64_t n = 0;
    for (uint32_t i = 0; i < s->n_edges_max; i++)
        if (!kedge_i_within(edges[i], -DBL_MAX, DBL_MAX) || (i > 0 && i < s->n_edges && !(edges[i - 1] < edges[i])))
            return 0;
    for (uint32_t i = 0; i < s->n_cells; i++) {
        if (!kedge_i_within(terms[i], -SLIDING_HISTOGRAM_TERM_MAX, SLIDING_HISTOGRAM_TERM_MAX) ||
            (i > s->n_edges && weights[i] > 0))
            return 0;
        n += weights[i];
    }
    return n == (s->n_edges ? s->n_reference : 0);
}

/* A number that stands for a bin, for sums that tell whether two multisets of bins are the same (the mixer of splitmix64). */
static uint64_t sliding_histogram_mark(uint64_t bin)
{
    kedge_rng rng = {bin};
    return kedge_rng_next(&rng);
}

/* Counts by bin are those of the window. */
static int sliding_histogram_window_is_sound(const sliding_histogram_state *s)
{
    const double *ring = kedge_i_at_const(s, s->at_ring);
    const uint32_t *counts = kedge_i_at_const(s, s->at_counts);
    uint64_t n = 0;
    uint64_t marks = 0;
    for (uint32_t i = 0; i < s->n_cells; i++) {
        n += counts[i];
        marks += counts[i] * sliding_histogram_mark(i);
    }
    for (uint32_t i = 0; i < s->n_kept; i++) {
        if (!kedge_i_within(ring[i], -KEDGE_DETECTOR_INPUT_MAX, KEDGE_DETECTOR_INPUT_MAX))
            return 0;
        marks -= i < s->held ? sliding_histogram_mark(sliding_histogram_find(s, ring[i])) : 0;
    }
    return n == s->held && marks == 0 && (s->held == s->window_size || s->place == s->held);
}

static int sliding_histogram_check(const void *state)
{
    const sliding_histogram_state *s = state;
    return sliding_histogram_valid(s) && detector_record_is_sound(&s->record) && s->n_learned <= s->n_reference &&
           s->n_edges <= s->n_edges_max && s->held <= s->window_size && s->held <= s->record.n_seen && s->place < s->window_size &&
           (s->n_learned == s->n_reference) == (s->n_edges > 0) && (s->n_edges > 0 || s->held == 0) &&
           kedge_i_within(s->mean, -KEDGE_DETECTOR_INPUT_MAX, KEDGE_DETECTOR_INPUT_MAX) && sliding_histogram_bins_are_sound(s) &&
           sliding_histogram_window_is_sound(s);
}

static void sliding_histogram_add_edge(sliding_histogram_state *s, double edge)
{
    double *edges = kedge_i_at(s, s->at_edges);
    if (s->n_edges == 0 || edge > edges[s->n_edges - 1])
        edges[s->n_edges++] = edge;
}

/* Quantiles. A value that fills a bin alone has one of its own, which begins behind all that is below it. */
static void sliding_histogram_cut(sliding_histogram_state *s, const double *sorted)
{
    uint64_t n = s->n_reference;
    uint64_t last = 0; /* of the observations with the same value */
    for (uint64_t k = 1; k < s->n_bins; k++) {
        uint64_t at = (k * n + s->n_bins - 1) / s->n_bins - 1;
        uint64_t first = at;
        if (at < last)
            continue;
        for (; first > 0 && sorted[first - 1] == sorted[at]; first--)
            ;
        for (last = at; last < n && sorted[last] == sorted[at]; last++)
            ;
        if ((last - first) * s->n_bins >= n)
            sliding_histogram_add_edge(s, nextafter(sorted[at], -(double)INFINITY));
        sliding_histogram_add_edge(s, sorted[at]);
    }
}

static void sliding_histogram_take_codes(sliding_histogram_state *s, const double *sorted)
{
    double *edges = kedge_i_at(s, s->at_edges);
    uint32_t *counts = kedge_i_at(s, s->at_counts); /* nothing is in the window yet */
    s->n_edges = kedge_i_frequent(sorted, s->n_reference, s->n_bins, edges, counts);
    memset(counts, 0, s->n_edges * sizeof *counts);
    kedge_i_sliding_sort(edges, s->n_edges);
}

/* The sample is there: set up bins, and count it. */
static void sliding_histogram_adopt(sliding_histogram_state *s)
{
    double *ring = kedge_i_at(s, s->at_ring);
    uint32_t *weights = kedge_i_at(s, s->at_weights);
    kedge_i_sliding_sort(ring, s->n_reference);
    if (s->binning == KEDGE_BINS_VALUES)
        sliding_histogram_take_codes(s, ring);
    else
        sliding_histogram_cut(s, ring);
    s->mean = 0.0;
    for (uint32_t i = 0; i < s->n_reference; i++) {
        s->mean += (ring[i] - s->mean) / (double)(i + 1);
        weights[sliding_histogram_find(s, ring[i])]++;
    }
    memset(ring, 0, s->n_kept * sizeof *ring);
}

static void sliding_histogram_forget_window(sliding_histogram_state *s)
{
    memset(kedge_i_at(s, s->at_ring), 0, s->n_kept * sizeof(double));
    memset(kedge_i_at(s, s->at_counts), 0, s->n_cells * sizeof(uint32_t));
    memset(kedge_i_at(s, s->at_terms), 0, s->n_cells * sizeof(double));
    s->held = 0;
    s->place = 0;
}

static void sliding_histogram_forget_reference(sliding_histogram_state *s)
{
    memset(kedge_i_at(s, s->at_edges), 0, s->n_edges_max * sizeof(double));
    memset(kedge_i_at(s, s->at_weights), 0, s->n_cells * sizeof(uint32_t));
    s->n_learned = 0;
    s->n_edges = 0;
    s->mean = 0.0;
}

kedge_status kedge_sliding_histogram_reference(kedge_detector *d, const double *x, size_t n)
{
    if (!d || !d->cls || !d->state || !x)
        return KEDGE_ERR_NULL;
    if (d->cls != &kedge_sliding_histogram)
        return KEDGE_ERR_CLASS;
    sliding_histogram_state *s = d->state;
    if (n != s->n_reference)
        return KEDGE_ERR_SHAPE;
    for (size_t i = 0; i < n; i++)
        if (!kedge_i_within(x[i], -KEDGE_DETECTOR_INPUT_MAX, KEDGE_DETECTOR_INPUT_MAX))
            return kedge_i_refusal(x[i]);
    sliding_histogram_forget_window(s);
    sliding_histogram_forget_reference(s);
    memcpy(kedge_i_at(s, s->at_ring), x, n * sizeof *x);
    s->n_learned = s->n_reference;
    sliding_histogram_adopt(s);
    return KEDGE_OK;
}

/* An observation comes into the window, another leaves it. Returns 1 if the histogram is another, over a full window. */
static inline int sliding_histogram_slide(sliding_histogram_state *s, double x)
{
    double *ring = kedge_i_at(s, s->at_ring);
    double *terms = kedge_i_at(s, s->at_terms);
    uint32_t *counts = kedge_i_at(s, s->at_counts);
    uint32_t to = sliding_histogram_find(s, x);
    int was_full = s->held == s->window_size;
    uint32_t from = was_full ? sliding_histogram_find(s, ring[s->place]) : to;
    ring[s->place] = x;
    s->place = s->place + 1 == s->window_size ? 0 : s->place + 1;
    s->held += was_full ? 0u : 1u;
    if (was_full && from == to)
        return 0;
    counts[to]++;
    if (was_full) {
        counts[from]--;
        terms[from] = sliding_histogram_term(s, from);
        terms[to] = sliding_histogram_term(s, to);
    } else if (s->held == s->window_size) {
        for (uint32_t i = 0; i <= s->n_edges; i++)
            terms[i] = sliding_histogram_term(s, i);
    }
    return s->held == s->window_size;
}

/* The bin whose share moved most. */
static uint32_t sliding_histogram_moved(const sliding_histogram_state *s)
{
    const uint32_t *weights = kedge_i_at_const(s, s->at_weights);
    const uint32_t *counts = kedge_i_at_const(s, s->at_counts);
    double most = -1.0;
    uint32_t bin = 0;
    for (uint32_t i = 0; i <= s->n_edges; i++) {
        double gap = kedge_i_gap_term(sliding_histogram_share(s, weights[i], s->n_reference),
                                      sliding_histogram_share(s, counts[i], s->window_size));
        if (gap > most) {
            most = gap;
            bin = i;
        }
    }
    return bin;
}

/* A view of the window. */
static inline detector_ring sliding_histogram_ring(const sliding_histogram_state *s)
{
    detector_ring r = {kedge_i_at_const(s, s->at_ring), 1, s->window_size, s->place};
    return r;
}

/* Observations of the window that are new: where the share of the bin that moved most left the reference's. See ring.h. */
static uint32_t sliding_histogram_n_after(const sliding_histogram_state *s)
{
    const uint32_t *weights = kedge_i_at_const(s, s->at_weights);
    uint32_t bin = sliding_histogram_moved(s);
    double share = (double)weights[bin] / (double)s->n_reference;
    detector_cut newer = detector_cut_begin();
    detector_ring ring = sliding_histogram_ring(s);
    for (uint32_t i = 1; i <= s->held; i++) {
        double x = *detector_ring_newest(&ring, i);
        detector_cut_add(&newer, i, (sliding_histogram_find(s, x) == bin ? 1.0 : 0.0) - share);
    }
    return newer.n_after;
}

static void sliding_histogram_raise(sliding_histogram_state *s, double distance)
{
    detector_ring ring = sliding_histogram_ring(s);
    uint32_t n_after = sliding_histogram_n_after(s);
    detector_record_raise(&s->record, n_after, s->mean, detector_ring_mean(&ring, 0, n_after), distance, s->threshold, (double)NAN);
    if (s->on_drift == KEDGE_SLIDING_RELEARN)
        sliding_histogram_forget_reference(s);
    sliding_histogram_forget_window(s);
}

static void sliding_histogram_learn(sliding_histogram_state *s, double x)
{
    double *ring = kedge_i_at(s, s->at_ring);
    ring[s->n_learned++] = x;
    if (s->n_learned == s->n_reference)
        sliding_histogram_adopt(s);
}

static inline kedge_status sliding_histogram_step(sliding_histogram_state *s, double x)
{
    s->record.n_seen++;
    if (s->n_edges == 0) {
        sliding_histogram_learn(s, x);
        return KEDGE_OK;
    }
    if (!sliding_histogram_slide(s, x))
        return KEDGE_OK;
    double distance = sliding_histogram_distance(s);
    if (distance < s->threshold)
        return KEDGE_OK;
    sliding_histogram_raise(s, distance);
    return KEDGE_DRIFT;
}

DETECTOR_RUN_IN_PLACE(sliding_histogram)

static kedge_status sliding_histogram_estimate(const void *state, kedge_estimate *out)
{
    const sliding_histogram_state *s = state;
    kedge_status st = detector_record_estimate(&s->record, s->held, out);
    out->threshold = s->threshold;
    if (s->held == 0)
        return st;
    detector_ring ring = sliding_histogram_ring(s);
    out->mean = detector_ring_mean(&ring, 0, s->held);
    out->variance = detector_ring_variance(&ring, 0, s->held, out->mean);
    out->statistic = s->held == s->window_size ? sliding_histogram_distance(s) : 0.0; /* 0 while the window fills */
    return st;
}

static kedge_status sliding_histogram_alarm(const void *state, kedge_alarm *out)
{
    return detector_record_alarm(&((const sliding_histogram_state *)state)->record, out);
}

const kedge_detector_class kedge_sliding_histogram = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_DETECTOR,
            .version = 1,
            .name = "sliding_hist",
            .fixed_bytes = sizeof(sliding_histogram_state),
            .config_bytes = sizeof(kedge_sliding_histogram_config),
            .n_fields = sizeof sliding_histogram_fields / sizeof *sliding_histogram_fields,
            .fields = sliding_histogram_fields,
            .defaults = sliding_histogram_defaults,
            .configure = sliding_histogram_configure,
            .valid = sliding_histogram_valid,
            .layout = sliding_histogram_layout,
            .check = sliding_histogram_check,
        },
    .input_low = -KEDGE_DETECTOR_INPUT_MAX,
    .input_high = KEDGE_DETECTOR_INPUT_MAX,
    .run = sliding_histogram_run,
    .update = sliding_histogram_update,
    .estimate = sliding_histogram_estimate,
    .alarm = sliding_histogram_alarm,
    .knob = {offsetof(kedge_sliding_histogram_config, threshold), 0, 1e-6, 10.0},
};
