/* SPDX-License-Identifier: MIT */
/* KSWIN: the newest observations of a window against the older ones, by the Kolmogorov-Smirnov test.
 *
 * Raab, Heusinger, Schleif 2020, "Reactive soft prototype computing for concept drift streams", Neurocomputing 416, section 4.
 * Exact p-values by counting lattice paths: Hodges 1958, "The significance probability of the Smirnov two-sample test", Arkiv foer
 * Matematik 3. They are only needed once, for the least difference that is significant; both parts of the window are kept sorted as
 * observations come and go.
 *
 * Cost: O(window_size) an update: an observation's way through two sorted arrays, and one pass over both; drawn, a sort of the
 * draw. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/detectors/kswin.h"

#include "base/arena.h"
#include "base/number.h"
#include "detectors/record.h"
#include "detectors/run.h"

enum { KSWIN_MAX_WINDOW = 4096 };

typedef struct kswin_state {
    kedge_state_head head;
    double alpha;
    double min_distance;
    uint64_t seed;
    uint32_t window_size;
    uint32_t stat_size;
    uint8_t older;
    uint8_t direction;
    uint8_t reserved[2];
    uint32_t n_older;   /* layout: window_size - stat_size */
    uint32_t at_ring;   /* layout: the window, by time */
    uint32_t at_older;  /* layout: its older part, ascending */
    uint32_t at_newest; /* layout: its newest part, ascending */
    uint32_t at_drawn;  /* layout: drawn from the older part */
    uint32_t place;     /* where the next observation goes */
    uint32_t critical;  /* least significant difference of the distribution functions, times the sizes of both samples */
    detector_record record;
    uint64_t n;         /* since the restart */
    kedge_rng rng;
} kswin_state;

static const kedge_field kswin_fields[] = {
    KEDGE_PARAM(kswin_state, alpha, KEDGE_TYPE_F64),
    KEDGE_PARAM(kswin_state, min_distance, KEDGE_TYPE_F64),
    KEDGE_PARAM(kswin_state, seed, KEDGE_TYPE_U64),
    KEDGE_PARAM(kswin_state, window_size, KEDGE_TYPE_U32),
    KEDGE_PARAM(kswin_state, stat_size, KEDGE_TYPE_U32),
    KEDGE_PARAM(kswin_state, older, KEDGE_TYPE_U8),
    KEDGE_PARAM(kswin_state, direction, KEDGE_TYPE_U8),
    KEDGE_VALUE(kswin_state, place, KEDGE_TYPE_U32),
    KEDGE_VALUE(kswin_state, critical, KEDGE_TYPE_U32),
    DETECTOR_RECORD_FIELDS(kswin_state),
    KEDGE_VALUE(kswin_state, n, KEDGE_TYPE_U64),
    KEDGE_VALUE(kswin_state, rng.state, KEDGE_TYPE_U64),
    KEDGE_ARRAY(kswin_state, at_ring, window_size, KEDGE_TYPE_F64),
    KEDGE_ARRAY(kswin_state, at_older, n_older, KEDGE_TYPE_F64),
    KEDGE_ARRAY(kswin_state, at_newest, stat_size, KEDGE_TYPE_F64),
    KEDGE_ARRAY(kswin_state, at_drawn, stat_size, KEDGE_TYPE_F64),
};

static void kswin_defaults(void *config)
{
    kedge_kswin_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_kswin;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->alpha = 1e-6;
    cfg->min_distance = 0.1;
    cfg->seed = 1;
    cfg->window_size = 100;
    cfg->stat_size = 30;
    cfg->older = KEDGE_KSWIN_ALL;
    cfg->direction = KEDGE_DIRECTION_BOTH;
}

kedge_status kedge_kswin_config_init(kedge_kswin_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_kswin.base, cfg, cfg_bytes, sizeof *cfg);
}

kedge_status kedge_kswin_config_peer(kedge_kswin_config *cfg, size_t cfg_bytes, uint32_t peer)
{
    if (peer != KEDGE_PEER_NONE && peer != KEDGE_PEER_RIVER)
        return KEDGE_ERR_CONFIG;
    kedge_status st = kedge_kswin_config_init(cfg, cfg_bytes);
    if (st == KEDGE_OK && peer == KEDGE_PEER_RIVER) {
        cfg->alpha = 0.005;
        cfg->older = KEDGE_KSWIN_DRAWN;
    }
    return st;
}

static void kswin_configure(const void *config, void *fixed)
{
    const kedge_kswin_config *cfg = config;
    kswin_state *s = fixed;
    s->alpha = cfg->alpha;
    s->min_distance = cfg->min_distance;
    s->seed = cfg->seed;
    s->window_size = cfg->window_size;
    s->stat_size = cfg->stat_size;
    s->older = kedge_i_choice(cfg->older);
    s->direction = kedge_i_choice(cfg->direction);
}

static int kswin_valid(const void *fixed)
{
    const kswin_state *s = fixed;
    return s->alpha > 0.0 && s->alpha < 1.0 && kedge_i_within(s->min_distance, 0.0, 1.0) &&
           kedge_i_u32_within(s->window_size, 4, KSWIN_MAX_WINDOW) && kedge_i_u32_within(s->stat_size, 2, s->window_size / 2) &&
           kedge_i_u32_within(s->older, KEDGE_KSWIN_ALL, KEDGE_KSWIN_DRAWN) &&
           kedge_i_u32_within(s->direction, KEDGE_DIRECTION_BOTH, KEDGE_DIRECTION_DOWN);
}

static size_t kswin_layout(void *fixed)
{
    kswin_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->n_older = s->window_size - s->stat_size;
    s->at_ring = kedge_i_arena_take(&arena, s->window_size, sizeof(double));
    s->at_older = kedge_i_arena_take(&arena, s->n_older, sizeof(double));
    s->at_newest = kedge_i_arena_take(&arena, s->stat_size, sizeof(double));
    s->at_drawn = kedge_i_arena_take(&arena, s->stat_size, sizeof(double));
    return kedge_i_arena_end(&arena);
}

/* Size of the sample of older ones. */
static uint32_t kswin_sample(const kswin_state *s)
{
    return s->older == KEDGE_KSWIN_ALL ? s->n_older : s->stat_size;
}

/* P(n m D >= h) for samples of n and m from the same continuous distribution: the share of lattice paths from (0, 0) to (n, m) that
 * somewhere are at least h away from the diagonal, |i m - j n| >= h (Hodges 1958, equation 4). A path's chance to have left the
 * band so far is carried along: with i and j of each sample behind it, the next step is one of the first with chance
 * (n - i) / (n + m - i - j); backwards, the last one was with i / (i + j). One-sided, only i m - j n >= h counts; D- is distributed
 * as D+, as each path walked backwards shows.
 * `row` has m + 1 places. */
static double kswin_p_value(uint32_t n, uint32_t m, int64_t h, int one_sided, double *row)
{
    for (uint32_t i = 0; i <= n; i++)
        for (uint32_t j = 0; j <= m; j++) {
            int64_t apart = (int64_t)i * m - (int64_t)j * n;
            if (apart >= h || (-apart >= h && !one_sided))
                row[j] = 1.0;
            else if (i == 0 || j == 0)
                row[j] = 0.0; /* along an edge nothing was left before */
            else
                row[j] = ((double)i * row[j] + (double)j * row[j - 1]) / (double)(i + j);
        }
    return row[m];
}

static int kswin_one_sided(const kswin_state *s)
{
    return s->direction != KEDGE_DIRECTION_BOTH;
}

/* The least h with a p-value of at most alpha; n m + 1 if there is none. The arrays, empty now, lend the row: the window is longer
 * than it. */
static uint32_t kswin_critical(kswin_state *s)
{
    uint32_t n = s->stat_size;
    uint32_t m = kswin_sample(s);
    double *row = kedge_i_at(s, s->at_ring);
    uint32_t low = 0; /* not significant */
    uint32_t high = n * m + 1;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (kswin_p_value(n, m, (int64_t)middle, kswin_one_sided(s), row) <= s->alpha)
            high = middle;
        else
            low = middle;
    }
    memset(row, 0, s->window_size * sizeof(double));
    return high;
}

static void kswin_restart(kswin_state *s)
{
    memset(kedge_i_at(s, s->at_ring), 0, s->window_size * sizeof(double));
    memset(kedge_i_at(s, s->at_older), 0, s->n_older * sizeof(double));
    memset(kedge_i_at(s, s->at_newest), 0, s->stat_size * sizeof(double));
    memset(kedge_i_at(s, s->at_drawn), 0, s->stat_size * sizeof(double));
    s->place = 0;
    s->n = 0;
    s->rng.state = s->seed;
}

static void kswin_start(void *state)
{
    kswin_restart(state);
    ((kswin_state *)state)->critical = kswin_critical(state);
}

static int kswin_is_sound(const kswin_state *s, uint32_t at, uint32_t n, int ascending)
{
    const double *values = kedge_i_at_const(s, at);
    for (uint32_t i = 0; i < n; i++)
        if (!kedge_i_within(values[i], ascending && i ? values[i - 1] : -KEDGE_DETECTOR_INPUT_MAX, KEDGE_DETECTOR_INPUT_MAX))
            return 0;
    return 1;
}

static int kswin_check(const void *state)
{
    const kswin_state *s = state;
    int full = s->n >= s->window_size;
    return kswin_valid(s) && detector_record_is_sound(&s->record) && s->n <= s->record.n_seen && s->place < s->window_size &&
           s->critical >= 1 && s->critical <= s->stat_size * kswin_sample(s) + 1 &&
           kswin_is_sound(s, s->at_ring, s->window_size, 0) && kswin_is_sound(s, s->at_older, s->n_older, full) &&
           kswin_is_sound(s, s->at_newest, s->stat_size, full) && kswin_is_sound(s, s->at_drawn, s->stat_size, 0);
}

/* First place whose value is not below x; n if there is none. */
static uint32_t kswin_find(const double *sorted, uint32_t n, double x)
{
    uint32_t low = 0;
    while (n > 0) {
        uint32_t half = n / 2;
        if (sorted[low + half] < x) {
            low += half + 1;
            n -= half + 1;
        } else {
            n = half;
        }
    }
    return low;
}

/* One value for another in an ascending array. */
static void kswin_replace(double *sorted, uint32_t n, double goes, double comes)
{
    uint32_t from = kswin_find(sorted, n, goes);
    from = from < n ? from : n - 1;
    uint32_t to = kswin_find(sorted, n, comes);
    if (to > from) { /* what lies between moves down */
        memmove(&sorted[from], &sorted[from + 1], (to - 1 - from) * sizeof(double));
        sorted[to - 1] = comes;
    } else {
        memmove(&sorted[to + 1], &sorted[to], (from - to) * sizeof(double));
        sorted[to] = comes;
    }
}

static void kswin_insert(double *sorted, uint32_t held, double x)
{
    uint32_t at = kswin_find(sorted, held, x);
    memmove(&sorted[at + 1], &sorted[at], (held - at) * sizeof(double));
    sorted[at] = x;
}

/* n m D: the greatest difference of the distribution functions of two ascending samples, at any value, ties passed on both sides.
 * The values of `a` went up where its function lies below, D-, and down where it lies above, D+. */
static inline uint32_t kswin_merge(const double *a, uint32_t n, const double *b, uint32_t m, uint8_t direction)
{
    uint32_t i = 0;
    uint32_t j = 0;
    uint32_t greatest = 0;
    while (i < n && j < m) {
        double x = a[i] < b[j] ? a[i] : b[j];
        while (i < n && a[i] <= x)
            i++;
        while (j < m && b[j] <= x)
            j++;
        uint32_t left = i * m;
        uint32_t right = j * n;
        uint32_t down = left > right ? left - right : 0;
        uint32_t up = right > left ? right - left : 0;
        uint32_t apart = direction == KEDGE_DIRECTION_UP ? up : down;
        if (direction == KEDGE_DIRECTION_BOTH)
            apart = left > right ? left - right : right - left;
        greatest = apart > greatest ? apart : greatest;
    }
    return greatest;
}

/* A loop for each direction: asking, or keeping two maxima, at every value costs a tenth. */
static uint32_t kswin_distance(const double *a, uint32_t n, const double *b, uint32_t m, uint8_t direction)
{
    if (direction == KEDGE_DIRECTION_BOTH)
        return kswin_merge(a, n, b, m, KEDGE_DIRECTION_BOTH);
    if (direction == KEDGE_DIRECTION_UP)
        return kswin_merge(a, n, b, m, KEDGE_DIRECTION_UP);
    return kswin_merge(a, n, b, m, KEDGE_DIRECTION_DOWN);
}

/* As many of the older ones as the newest are, without replacement: Vitter's selection in order keeps them sorted (Knuth 1969,
 * algorithm S). */
static const double *kswin_draw(kswin_state *s)
{
    const double *older = kedge_i_at(s, s->at_older);
    double *drawn = kedge_i_at(s, s->at_drawn);
    uint32_t held = 0;
    for (uint32_t i = 0; held < s->stat_size; i++)
        if (kedge_rng_below(&s->rng, s->n_older - i) < s->stat_size - held)
            drawn[held++] = older[i];
    return drawn;
}

static double kswin_mean(const double *values, uint32_t n)
{
    double mean = 0.0;
    for (uint32_t i = 0; i < n; i++)
        mean += (values[i] - mean) / (double)(i + 1);
    return mean;
}

static double kswin_scaled(const kswin_state *s, uint32_t distance)
{
    return (double)distance / ((double)s->stat_size * (double)kswin_sample(s));
}

static void kswin_raise(kswin_state *s, uint32_t distance)
{
    double before = kswin_mean(kedge_i_at(s, s->at_older), s->n_older);
    double after = kswin_mean(kedge_i_at(s, s->at_newest), s->stat_size);
    double p = kswin_p_value(s->stat_size, kswin_sample(s), (int64_t)distance, kswin_one_sided(s), kedge_i_at(s, s->at_ring));
    double threshold = kswin_scaled(s, s->critical);
    detector_record_raise(&s->record, s->stat_size, before, after, kswin_scaled(s, distance),
                          threshold > s->min_distance ? threshold : s->min_distance, p > 0.0 ? -log(p) : (double)NAN);
    kswin_restart(s);
}

/* The window slides: one observation grows old, one leaves. While it fills, the first ones are the older part. */
static void kswin_take(kswin_state *s, double x)
{
    double *ring = kedge_i_at(s, s->at_ring);
    double *older = kedge_i_at(s, s->at_older);
    double *newest = kedge_i_at(s, s->at_newest);
    s->record.n_seen++;
    if (s->n < s->n_older) {
        kswin_insert(older, (uint32_t)s->n, x);
    } else if (s->n < s->window_size) {
        kswin_insert(newest, (uint32_t)s->n - s->n_older, x);
    } else {
        uint32_t aging = s->place >= s->stat_size ? s->place - s->stat_size : s->place + s->n_older;
        kswin_replace(older, s->n_older, ring[s->place], ring[aging]);
        kswin_replace(newest, s->stat_size, ring[aging], x);
    }
    ring[s->place] = x;
    s->place = s->place + 1 == s->window_size ? 0 : s->place + 1;
    s->n++;
}

static inline kedge_status kswin_step(kswin_state *s, double x)
{
    kswin_take(s, x);
    if (s->n < s->window_size)
        return KEDGE_OK;
    const double *older = s->older == KEDGE_KSWIN_ALL ? kedge_i_at(s, s->at_older) : kswin_draw(s);
    uint32_t distance = kswin_distance(kedge_i_at(s, s->at_newest), s->stat_size, older, kswin_sample(s), s->direction);
    if (distance < s->critical || !(kswin_scaled(s, distance) > s->min_distance))
        return KEDGE_OK;
    kswin_raise(s, distance);
    return KEDGE_DRIFT;
}

DETECTOR_RUN_IN_PLACE(kswin)

static kedge_status kswin_estimate(const void *state, kedge_estimate *out)
{
    const kswin_state *s = state;
    uint64_t width = s->n < s->window_size ? s->n : s->window_size;
    const double *ring = kedge_i_at_const(s, s->at_ring);
    kedge_status st = detector_record_estimate(&s->record, width, out);
    double threshold = kswin_scaled(s, s->critical);
    out->threshold = threshold > s->min_distance ? threshold : s->min_distance;
    if (width == 0)
        return st;
    double mean = kswin_mean(ring, (uint32_t)width);
    double variance = 0.0;
    for (uint32_t i = 0; i < width; i++)
        variance += (ring[i] - mean) * (ring[i] - mean);
    out->mean = mean;
    out->variance = variance / (double)width;
    out->statistic = 0.0;
    if (s->n >= s->window_size) /* against all older ones: a draw would change the state */
        out->statistic = (double)kswin_distance(kedge_i_at_const(s, s->at_newest), s->stat_size, kedge_i_at_const(s, s->at_older),
                                                s->n_older, s->direction) /
                         ((double)s->stat_size * (double)s->n_older);
    return st;
}

static kedge_status kswin_alarm(const void *state, kedge_alarm *out)
{
    return detector_record_alarm(&((const kswin_state *)state)->record, out);
}

const kedge_detector_class kedge_kswin = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_DETECTOR,
            .version = 1,
            .name = "kswin",
            .fixed_bytes = sizeof(kswin_state),
            .config_bytes = sizeof(kedge_kswin_config),
            .n_fields = sizeof kswin_fields / sizeof *kswin_fields,
            .fields = kswin_fields,
            .defaults = kswin_defaults,
            .configure = kswin_configure,
            .valid = kswin_valid,
            .layout = kswin_layout,
            .start = kswin_start,
            .check = kswin_check,
        },
    .input_low = -KEDGE_DETECTOR_INPUT_MAX,
    .input_high = KEDGE_DETECTOR_INPUT_MAX,
    .run = kswin_run,
    .update = kswin_update,
    .estimate = kswin_estimate,
    .alarm = kswin_alarm,
    .knob = {offsetof(kedge_kswin_config, alpha), 0, 0.5, 1e-14},
};
