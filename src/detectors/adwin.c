/* SPDX-License-Identifier: MIT */
/* ADWIN: a window of adaptive length in exponentially growing buckets.
 *
 * Bifet, Gavalda 2007, "Learning from time-changing data with adaptive windowing", SDM 2007: algorithm ADWIN2 with the normal-approximation
 * cut of section 3.2, equation (3.1), on the exponential histogram of section 4 (Datar, Gionis, Indyk, Motwani 2002). Step order, delta'
 * and the sizes reduced by min_window - 1 are river's and MOA's. Where they part (what remains after a cut, which cuts are reported) both
 * readings are configurations; the default keeps the part that is newer than the most likely change and reports each change once.
 *
 * Row r holds up to max_buckets buckets of 2^r observations each, the oldest in the highest row. Each row is a ring, so that nothing ever
 * moves. A bucket that finds its row full lets the two oldest there merge into the next row.
 *
 * Cost: O(1) amortised; every clock-th update scans all cuts, O(max_buckets log width). A cut is first tried without divisions; the exact
 * comparison decides the few that this cannot rule out, so no decision depends on it. */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "kedge/detector.h"

#include "base/arena.h"
#include "base/number.h"
#include "base/object.h"
#include "detectors/run.h"

#define ADWIN_MAX_WINDOW ((uint64_t)1 << 40)
#define ADWIN_SLACK 1e-9 /* relative margin by which the quick test stays on the safe side of rounding */

enum { ADWIN_MIN_WINDOW = 64, ADWIN_MAX_BUCKETS = 64, ADWIN_MAX_CLOCK = 1 << 20 };

typedef struct adwin_bucket {
    double total;  /* sum of its observations */
    double spread; /* sum of their squared deviations from their mean, >= 0 */
} adwin_bucket;

typedef struct adwin_row {
    uint32_t n;    /* buckets in use, at most max_buckets */
    uint32_t head; /* place of the oldest in the ring, below max_buckets */
} adwin_row;

typedef struct adwin_state {
    kedge_state_head head;
    double delta;
    uint64_t max_window;
    uint32_t clock;
    uint32_t max_buckets;
    uint32_t min_window;
    uint32_t min_cut;
    uint32_t grace;
    uint8_t on_drift;
    uint8_t report;
    uint8_t direction;
    uint8_t reserved;
    uint32_t n_rows;     /* layout: rows that hold max_window */
    uint32_t at_rows;    /* layout: adwin_row[n_rows] */
    uint32_t at_buckets; /* layout: adwin_bucket[n_rows * max_buckets] */
    uint32_t row_words;  /* layout: uint32_t in the rows */
    uint32_t bucket_words; /* layout: doubles in the buckets */
    uint32_t until_scan; /* updates until the next scan, 1 to clock */
    uint64_t n_seen;     /* since init */
    uint64_t n_drifts;   /* since init */
    uint64_t width;      /* observations in the window, the sum of its buckets */
    double total;        /* their sum */
    double spread;       /* sum of their squared deviations from their mean, >= 0 */
    uint64_t alarm_at;   /* the last alarm */
    uint64_t alarm_changed_at;
    double alarm_before;
    double alarm_after;
    double alarm_statistic;
} adwin_state;

static const kedge_field adwin_fields[] = {
    KEDGE_PARAM(adwin_state, delta, KEDGE_TYPE_F64),
    KEDGE_PARAM(adwin_state, max_window, KEDGE_TYPE_U64),
    KEDGE_PARAM(adwin_state, clock, KEDGE_TYPE_U32),
    KEDGE_PARAM(adwin_state, max_buckets, KEDGE_TYPE_U32),
    KEDGE_PARAM(adwin_state, min_window, KEDGE_TYPE_U32),
    KEDGE_PARAM(adwin_state, min_cut, KEDGE_TYPE_U32),
    KEDGE_PARAM(adwin_state, grace, KEDGE_TYPE_U32),
    KEDGE_PARAM(adwin_state, on_drift, KEDGE_TYPE_U8),
    KEDGE_PARAM(adwin_state, report, KEDGE_TYPE_U8),
    KEDGE_PARAM(adwin_state, direction, KEDGE_TYPE_U8),
    KEDGE_VALUE(adwin_state, until_scan, KEDGE_TYPE_U32),
    KEDGE_VALUE(adwin_state, n_seen, KEDGE_TYPE_U64),
    KEDGE_VALUE(adwin_state, n_drifts, KEDGE_TYPE_U64),
    KEDGE_VALUE(adwin_state, width, KEDGE_TYPE_U64),
    KEDGE_VALUE(adwin_state, total, KEDGE_TYPE_F64),
    KEDGE_VALUE(adwin_state, spread, KEDGE_TYPE_F64),
    KEDGE_VALUE(adwin_state, alarm_at, KEDGE_TYPE_U64),
    KEDGE_VALUE(adwin_state, alarm_changed_at, KEDGE_TYPE_U64),
    KEDGE_VALUE(adwin_state, alarm_before, KEDGE_TYPE_F64),
    KEDGE_VALUE(adwin_state, alarm_after, KEDGE_TYPE_F64),
    KEDGE_VALUE(adwin_state, alarm_statistic, KEDGE_TYPE_F64),
    KEDGE_ARRAY(adwin_state, at_rows, row_words, KEDGE_TYPE_U32),
    KEDGE_ARRAY(adwin_state, at_buckets, bucket_words, KEDGE_TYPE_F64),
};

static void adwin_defaults(void *config)
{
    kedge_adwin_config *cfg = config;
    cfg->base.cls = &kedge_adwin;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->base.reserved = 0;
    cfg->delta = 0.002;
    cfg->max_window = (uint64_t)1 << 32;
    cfg->clock = 32;
    cfg->max_buckets = 5;
    cfg->min_window = 5;
    cfg->min_cut = 5;
    cfg->grace = 10;
    cfg->on_drift = KEDGE_ADWIN_KEEP;
    cfg->report = KEDGE_ADWIN_EACH_CHANGE;
    cfg->direction = KEDGE_DIRECTION_BOTH;
}

kedge_status kedge_adwin_config_init(kedge_adwin_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_adwin.base, cfg, cfg_bytes, sizeof *cfg);
}

kedge_status kedge_adwin_config_peer(kedge_adwin_config *cfg, size_t cfg_bytes, uint32_t peer)
{
    if (peer < KEDGE_PEER_NONE || peer > KEDGE_PEER_MOA)
        return KEDGE_ERR_CONFIG;
    kedge_status st = kedge_adwin_config_init(cfg, cfg_bytes);
    if (st < 0 || peer == KEDGE_PEER_NONE)
        return st;
    cfg->report = KEDGE_ADWIN_EACH_CUT;
    if (peer == KEDGE_PEER_RIVER) {
        cfg->on_drift = KEDGE_ADWIN_RESTART;
    } else {
        cfg->min_cut = 7;
        cfg->direction = KEDGE_DIRECTION_UP;
    }
    return st;
}

static void adwin_configure(const void *config, void *fixed)
{
    const kedge_adwin_config *cfg = config;
    adwin_state *s = fixed;
    s->delta = cfg->delta;
    s->max_window = cfg->max_window;
    s->clock = cfg->clock;
    s->max_buckets = cfg->max_buckets;
    s->min_window = cfg->min_window;
    s->min_cut = cfg->min_cut;
    s->grace = cfg->grace;
    s->on_drift = kedge_i_choice(cfg->on_drift);
    s->report = kedge_i_choice(cfg->report);
    s->direction = kedge_i_choice(cfg->direction);
}

static int adwin_valid(const void *fixed)
{
    const adwin_state *s = fixed;
    return s->delta > 0.0 && s->delta < 1.0 && s->max_window >= ADWIN_MIN_WINDOW && s->max_window <= ADWIN_MAX_WINDOW &&
           kedge_i_u32_within(s->clock, 1, ADWIN_MAX_CLOCK) && kedge_i_u32_within(s->max_buckets, 2, ADWIN_MAX_BUCKETS) &&
           kedge_i_u32_within(s->min_window, 1, ADWIN_MAX_CLOCK) && kedge_i_u32_within(s->min_cut, s->min_window, ADWIN_MAX_CLOCK) &&
           s->grace <= ADWIN_MAX_CLOCK && kedge_i_u32_within(s->on_drift, KEDGE_ADWIN_KEEP, KEDGE_ADWIN_RESTART) &&
           kedge_i_u32_within(s->report, KEDGE_ADWIN_EACH_CHANGE, KEDGE_ADWIN_EACH_CUT) &&
           kedge_i_u32_within(s->direction, KEDGE_DIRECTION_BOTH, KEDGE_DIRECTION_DOWN);
}

/* Least number of rows with max_buckets * (2^rows - 1) >= max_window. */
static uint32_t adwin_rows_for(uint64_t max_window, uint32_t max_buckets)
{
    uint32_t rows = 1;
    while (max_buckets * (((uint64_t)1 << rows) - 1) < max_window)
        rows++;
    return rows;
}

static size_t adwin_layout(void *fixed)
{
    adwin_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->n_rows = adwin_rows_for(s->max_window, s->max_buckets);
    s->row_words = 2 * s->n_rows;
    s->bucket_words = 2 * s->n_rows * s->max_buckets;
    s->at_rows = kedge_i_arena_take(&arena, s->row_words, sizeof(uint32_t));
    s->at_buckets = kedge_i_arena_take(&arena, s->bucket_words, sizeof(double));
    return kedge_i_arena_end(&arena);
}

static void adwin_start(void *state)
{
    adwin_state *s = state;
    s->until_scan = s->clock;
}

static inline adwin_row *adwin_row_at(adwin_state *s, uint32_t r)
{
    return (adwin_row *)kedge_i_at(s, s->at_rows) + r;
}

/* The i-th oldest bucket of row r. */
static inline uint32_t adwin_place(const adwin_state *s, const adwin_row *row, uint32_t r, uint32_t i)
{
    uint32_t place = row->head + i;
    return r * s->max_buckets + (place >= s->max_buckets ? place - s->max_buckets : place);
}

static int adwin_check_rows(const adwin_state *s)
{
    const adwin_row *rows = kedge_i_at_const(s, s->at_rows);
    const adwin_bucket *buckets = kedge_i_at_const(s, s->at_buckets);
    uint64_t width = 0;
    for (uint32_t r = 0; r < s->n_rows; r++) {
        if (rows[r].n > s->max_buckets || rows[r].head >= s->max_buckets)
            return 0;
        width += (uint64_t)rows[r].n << r;
    }
    for (uint32_t i = 0; i < s->n_rows * s->max_buckets; i++)
        if (!kedge_i_finite(buckets[i].total) || !kedge_i_within(buckets[i].spread, 0.0, DBL_MAX))
            return 0;
    return width == s->width;
}

static int adwin_check(const void *state)
{
    const adwin_state *s = state;
    return adwin_valid(s) && s->n_drifts <= s->n_seen && s->width <= s->n_seen && kedge_i_finite(s->total) &&
           kedge_i_within(s->spread, 0.0, DBL_MAX) && kedge_i_u32_within(s->until_scan, 1, s->clock) && s->alarm_at <= s->n_seen &&
           s->alarm_changed_at <= s->n_seen && kedge_i_finite(s->alarm_before) && kedge_i_finite(s->alarm_after) &&
           kedge_i_within(s->alarm_statistic, 0.0, DBL_MAX) && adwin_check_rows(s);
}

/* The oldest bucket's row: the highest that holds any. n_rows if the window is empty. */
static uint32_t adwin_oldest_row(adwin_state *s)
{
    uint32_t r = s->n_rows;
    while (r > 0)
        if (adwin_row_at(s, --r)->n > 0)
            return r;
    return s->n_rows;
}

static void adwin_drop_oldest(adwin_state *s)
{
    uint32_t r = adwin_oldest_row(s);
    adwin_row *row = adwin_row_at(s, r);
    const adwin_bucket *b = (adwin_bucket *)kedge_i_at(s, s->at_buckets) + adwin_place(s, row, r, 0);
    double n = (double)((int64_t)1 << r);
    row->head = row->head + 1 == s->max_buckets ? 0 : row->head + 1;
    row->n--;
    s->width -= (uint64_t)1 << r;
    if (s->width == 0) {
        s->total = 0.0;
        s->spread = 0.0;
        return;
    }
    s->total -= b->total;
    double width = (double)(int64_t)s->width;
    double apart = b->total / n - s->total / width;
    s->spread -= b->spread + n * width * apart * apart / (n + width);
    if (!(s->spread > 0.0))
        s->spread = 0.0; /* rounding */
}

/* A full window forgets its oldest bucket before the highest row can overflow. */
static inline void adwin_make_room(adwin_state *s, uint32_t r)
{
    if (r + 1 == s->n_rows && adwin_row_at(s, r)->n == s->max_buckets)
        adwin_drop_oldest(s);
}

/* Put one observation into the buckets: section 4, "compress". */
static inline void adwin_push(adwin_state *s, double x)
{
    adwin_bucket *buckets = kedge_i_at(s, s->at_buckets);
    adwin_row *rows = kedge_i_at(s, s->at_rows);
    adwin_bucket carry = {x, 0.0};
    double half = 0.5; /* n / 2 of the merged pair's harmonic weight 1 / (1/n + 1/n), times 1 / n^2: 1 / (2 n) */
    for (uint32_t r = 0;; r++) {
        adwin_row *row = &rows[r];
        adwin_make_room(s, r);
        if (row->n < s->max_buckets) {
            buckets[adwin_place(s, row, r, row->n++)] = carry;
            return;
        }
        adwin_bucket *a = &buckets[adwin_place(s, row, r, 0)];
        const adwin_bucket *b = &buckets[adwin_place(s, row, r, 1)];
        double apart = a->total - b->total;
        adwin_bucket pair = {a->total + b->total, a->spread + b->spread + apart * apart * half};
        row->head = row->head + 2 >= s->max_buckets ? row->head + 2 - s->max_buckets : row->head + 2;
        row->n -= 1; /* two go, the carried one comes */
        buckets[adwin_place(s, row, r, row->n - 1)] = carry;
        carry = pair;
        half *= 0.5;
    }
}

static inline void adwin_insert(adwin_state *s, double x)
{
    if (s->width > 0) { /* sum of squared deviations with one more value (Welford 1962) */
        double width = (double)(int64_t)s->width;
        double off = x - s->total / width;
        s->spread += width * off * off / (width + 1.0);
    }
    s->n_seen++;
    s->width++;
    s->total += x;
    adwin_push(s, x);
}

/* Is the window long enough to be scanned? */
static inline int adwin_is_ripe(const adwin_state *s)
{
    return s->width > s->grace && s->width > 1;
}

/* One cut: the older part's size and sum; what remains is the newer part. */
typedef struct adwin_cut {
    uint64_t n_old;
    double total_old;
} adwin_cut;

/* delta' of equation (3.1), as in river and MOA: ln(2 ln W / delta). */
static double adwin_log_term(const adwin_state *s)
{
    return log(2.0 * log((double)(int64_t)s->width) / s->delta);
}

/* Difference of means over the bound of equation (3.1); above 1 is a change. 0 where a side is too small. */
static double adwin_ratio(const adwin_state *s, adwin_cut cut, double log_term)
{
    uint64_t n_new = s->width - cut.n_old;
    if (cut.n_old < s->min_cut || n_new < s->min_cut)
        return 0.0;
    double less = (double)s->min_window - 1.0;
    double n0 = (double)(int64_t)cut.n_old;
    double n1 = (double)(int64_t)n_new;
    double variance = s->spread / (double)(int64_t)s->width;
    double inverse = 1.0 / (n0 - less) + 1.0 / (n1 - less);
    double bound = sqrt(2.0 * inverse * variance * log_term) + 2.0 / 3.0 * log_term * inverse;
    double apart = fabs(cut.total_old / n0 - (s->total - cut.total_old) / n1);
    return apart > bound ? fmax(apart / bound, 1.0 + DBL_EPSILON) : fmin(apart / bound, 1.0); /* the division must not decide */
}

/* Walk all cuts from the oldest. Returns the ratio of the first that is a change (first = 1), or the greatest of all (first = 0).
 *
 * Quick test: the bound is at least sqrt(2 v L W / (n0 n1)) + 2/3 L W / (n0 n1), since reduced sizes only raise it, and the difference of
 * means is |S0 - m n0| W / (n0 n1) with the window's mean m. Both times n0 n1 / W leave no division. */
static double adwin_scan(const adwin_state *s, int first)
{
    const adwin_row *rows = kedge_i_at_const(s, s->at_rows);
    const adwin_bucket *buckets = kedge_i_at_const(s, s->at_buckets);
    double log_term = adwin_log_term(s);
    double width = (double)(int64_t)s->width;
    double mean = s->total / width;
    double root = 2.0 * (s->spread / width) * log_term / width * (1.0 - ADWIN_SLACK); /* times n0 n1: the square */
    double linear = 2.0 / 3.0 * log_term * (1.0 - ADWIN_SLACK);
    double greatest = 0.0;
    double n_old = 0.0;
    adwin_cut cut = {0, 0.0};
    for (uint32_t r = s->n_rows; r-- > 0;) {
        double n = (double)((int64_t)1 << r);
        for (uint32_t i = 0; i < rows[r].n; i++) {
            const adwin_bucket *b = &buckets[adwin_place(s, &rows[r], r, i)];
            cut.n_old += (uint64_t)1 << r;
            cut.total_old += b->total;
            n_old += n;
            double off = mean * n_old;
            double beyond = fabs(cut.total_old - off) + 1e-14 * (fabs(cut.total_old) + fabs(off)) - linear;
            if (first && (beyond <= 0.0 || beyond * beyond <= root * n_old * (width - n_old)))
                continue;
            double ratio = adwin_ratio(s, cut, log_term);
            if (first && ratio > 1.0)
                return ratio;
            greatest = ratio > greatest ? ratio : greatest;
        }
    }
    return first ? 0.0 : greatest;
}

static void adwin_empty(adwin_state *s)
{
    memset(kedge_i_at(s, s->at_rows), 0, s->row_words * sizeof(uint32_t));
    memset(kedge_i_at(s, s->at_buckets), 0, s->bucket_words * sizeof(double));
    s->width = 0;
    s->total = 0.0;
    s->spread = 0.0;
}

/* Is a shrinking from mean `before` to `after` to be reported? */
static int adwin_reports(const adwin_state *s, double before, double after)
{
    if (s->direction == KEDGE_DIRECTION_UP && !(after > before))
        return 0;
    if (s->direction == KEDGE_DIRECTION_DOWN && !(after < before))
        return 0;
    if (s->report == KEDGE_ADWIN_EACH_CUT || s->n_drifts == 0)
        return 1;
    int same_way = (after > before) == (s->alarm_after > s->alarm_before);
    return !same_way || s->n_seen - s->width > s->alarm_at;
}

/* The most likely place of the change: the cut of the greatest likelihood ratio for a shift of the mean, (S0 - m n0)^2 / (n0 n1). The cuts
 * that raise an alarm lie far before it: they are the first that the bound allows. */
static adwin_cut adwin_locate(const adwin_state *s)
{
    const adwin_row *rows = kedge_i_at_const(s, s->at_rows);
    const adwin_bucket *buckets = kedge_i_at_const(s, s->at_buckets);
    double width = (double)(int64_t)s->width;
    double mean = s->total / width;
    double greatest = -1.0;
    adwin_cut cut = {0, 0.0};
    adwin_cut best = cut;
    for (uint32_t r = s->n_rows; r-- > 0;) {
        for (uint32_t i = 0; i < rows[r].n; i++) {
            cut.n_old += (uint64_t)1 << r;
            cut.total_old += buckets[adwin_place(s, &rows[r], r, i)].total;
            if (cut.n_old < s->min_cut || s->width - cut.n_old < s->min_cut)
                continue;
            double n_old = (double)(int64_t)cut.n_old;
            double off = cut.total_old - mean * n_old;
            double likelihood = off * off / (n_old * (width - n_old));
            if (likelihood > greatest) {
                greatest = likelihood;
                best = cut;
            }
        }
    }
    return best;
}

/* Forget what the cut that was found calls old: up to the most likely change, or, as the peers do, bucket by bucket while any cut is found
 * (ADWIN2, lines 5-8). Either way no cut is left that tells the parts of the window apart. */
static void adwin_forget(adwin_state *s)
{
    do {
        uint64_t keep = s->width - 1;
        if (s->report == KEDGE_ADWIN_EACH_CHANGE)
            keep = s->width - adwin_locate(s).n_old;
        while (s->width > keep)
            adwin_drop_oldest(s);
    } while (adwin_is_ripe(s) && adwin_scan(s, 1) > 1.0);
}

/* Look for a cut, and act on it. x came last. */
static kedge_status adwin_shrink(adwin_state *s, double x)
{
    double ratio = adwin_scan(s, 1);
    if (!(ratio > 1.0))
        return KEDGE_OK;
    double width = (double)(int64_t)s->width;
    double mean_before_x = (s->total - x) / (width - 1.0);
    adwin_cut cut = adwin_locate(s);
    uint64_t n_new = s->width - cut.n_old;
    double before = cut.total_old / (double)(int64_t)cut.n_old;
    double after = (s->total - cut.total_old) / (double)(int64_t)n_new;
    adwin_forget(s);
    double mean = s->total / (double)(int64_t)s->width;
    int each_cut = s->report == KEDGE_ADWIN_EACH_CUT;
    if (!adwin_reports(s, each_cut ? mean_before_x : before, each_cut ? mean : after))
        return KEDGE_OK;
    s->n_drifts++;
    s->alarm_at = s->n_seen - 1;
    s->alarm_changed_at = s->n_seen - n_new;
    s->alarm_before = before;
    s->alarm_after = after;
    s->alarm_statistic = ratio;
    if (s->on_drift == KEDGE_ADWIN_RESTART)
        adwin_empty(s);
    return KEDGE_DRIFT;
}

static inline kedge_status adwin_step(adwin_state *s, double x)
{
    adwin_insert(s, x);
    if (--s->until_scan > 0)
        return KEDGE_OK;
    s->until_scan = s->clock;
    return adwin_is_ripe(s) ? adwin_shrink(s, x) : KEDGE_OK;
}

DETECTOR_RUN_IN_PLACE(adwin)

static kedge_status adwin_estimate(const void *state, kedge_estimate *out)
{
    const adwin_state *s = state;
    out->n_seen = s->n_seen;
    out->n_drifts = s->n_drifts;
    out->width = s->width;
    out->threshold = 1.0;
    out->mean = out->variance = out->statistic = (double)NAN;
    if (s->width == 0)
        return KEDGE_EMPTY;
    out->mean = s->total / (double)(int64_t)s->width;
    out->variance = s->spread / (double)(int64_t)s->width;
    out->statistic = adwin_is_ripe(s) ? adwin_scan(s, 0) : 0.0;
    return KEDGE_OK;
}

static kedge_status adwin_alarm(const void *state, kedge_alarm *out)
{
    const adwin_state *s = state;
    if (s->n_drifts == 0)
        return KEDGE_EMPTY;
    out->at = s->alarm_at;
    out->changed_at = s->alarm_changed_at;
    out->mean_before = s->alarm_before;
    out->mean_after = s->alarm_after;
    out->effect = s->alarm_after - s->alarm_before;
    out->statistic = s->alarm_statistic;
    out->threshold = 1.0;
    out->log_evidence = (double)NAN;
    return KEDGE_OK;
}

const kedge_detector_class kedge_adwin = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_DETECTOR,
            .version = 1,
            .name = "adwin",
            .fixed_bytes = sizeof(adwin_state),
            .config_bytes = sizeof(kedge_adwin_config),
            .n_fields = sizeof adwin_fields / sizeof *adwin_fields,
            .fields = adwin_fields,
            .defaults = adwin_defaults,
            .configure = adwin_configure,
            .valid = adwin_valid,
            .layout = adwin_layout,
            .start = adwin_start,
            .check = adwin_check,
        },
    .input_low = -KEDGE_DETECTOR_INPUT_MAX,
    .input_high = KEDGE_DETECTOR_INPUT_MAX,
    .run = adwin_run,
    .update = adwin_update,
    .estimate = adwin_estimate,
    .alarm = adwin_alarm,
};
