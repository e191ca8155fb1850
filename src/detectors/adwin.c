/* SPDX-License-Identifier: MIT */
/* ADWIN: a window of adaptive length in exponentially growing buckets.
 *
 * Bifet, Gavalda 2007, "Learning from time-changing data with adaptive windowing", SDM 2007: algorithm ADWIN2 with the
 * normal-approximation cut of section 3.2, equation (3.1), on the exponential histogram of section 4 (Datar, Gionis, Indyk, Motwani
 * 2002). Step order, delta' and the sizes reduced by min_window - 1 are river's and MOA's. Where they part (what remains after a
 * cut, which cuts are reported) both readings are configurations; the default keeps the part that is newer than the most likely
 * change and reports each change once.
 *
 * Cost: O(1) amortised; every clock-th update scans all cuts, O(max_buckets log width). All cuts are first tried together, without
 * divisions or branches; the exact comparison decides where this cannot rule out a change, so no decision depends on it. */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/number.h"
#include "base/object.h"
#include "detectors/adwin_window.h"
#include "detectors/alarm.h"

#define ADWIN_MAX_WINDOW ((uint64_t)1 << 40)
#define ADWIN_SLACK 1e-9     /* relative margin by which the quick test stays on the safe side of rounding in the bound, */
#define ADWIN_ROUNDING 1e-14 /* and of rounding in the difference of the means */

enum { ADWIN_MIN_WINDOW = 64, ADWIN_MAX_BUCKETS = 64, ADWIN_MAX_CLOCK = 1 << 20 };

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
    KEDGE_VALUE(adwin_state, n_aside, KEDGE_TYPE_U32),
    KEDGE_VALUE(adwin_state, n_seen, KEDGE_TYPE_COUNT),
    KEDGE_VALUE(adwin_state, n_drifts, KEDGE_TYPE_U64),
    KEDGE_VALUE(adwin_state, width, KEDGE_TYPE_U64),
    KEDGE_VALUE(adwin_state, total, KEDGE_TYPE_F64),
    KEDGE_VALUE(adwin_state, spread, KEDGE_TYPE_F64),
    KEDGE_VALUE(adwin_state, alarm_at, KEDGE_TYPE_U64),
    KEDGE_VALUE(adwin_state, alarm_changed_at, KEDGE_TYPE_U64),
    KEDGE_VALUE(adwin_state, alarm_before, KEDGE_TYPE_F64),
    KEDGE_VALUE(adwin_state, alarm_after, KEDGE_TYPE_F64),
    KEDGE_VALUE(adwin_state, alarm_statistic, KEDGE_TYPE_F64),
    KEDGE_VALUES(adwin_state, aside, ADWIN_ASIDE, KEDGE_TYPE_F64),
    KEDGE_ARRAY(adwin_state, at_held, n_rows, KEDGE_TYPE_U32),
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
           kedge_i_u32_within(s->min_window, 1, ADWIN_MAX_CLOCK) &&
           kedge_i_u32_within(s->min_cut, s->min_window, ADWIN_MAX_CLOCK) && s->grace <= ADWIN_MAX_CLOCK &&
           kedge_i_u32_within(s->on_drift, KEDGE_ADWIN_KEEP, KEDGE_ADWIN_RESTART) &&
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
    s->bucket_words = 2 * s->n_rows * s->max_buckets;
    s->at_held = kedge_i_arena_take(&arena, s->n_rows, sizeof(uint32_t));
    s->at_buckets = kedge_i_arena_take(&arena, s->bucket_words, sizeof(double));
    return kedge_i_arena_end(&arena);
}

static void adwin_start(void *state)
{
    adwin_state *s = state;
    s->until_scan = s->clock;
}

static int adwin_check(const void *state)
{
    const adwin_state *s = state;
    return adwin_valid(s) && s->n_seen <= KEDGE_I_COUNT_MAX && s->n_drifts <= s->n_seen && s->width <= s->n_seen &&
           kedge_i_u32_within(s->until_scan, 1, s->clock) && s->alarm_at <= s->n_seen && s->alarm_changed_at <= s->n_seen &&
           kedge_i_finite(s->alarm_before) && kedge_i_finite(s->alarm_after) && kedge_i_within(s->alarm_statistic, 0.0, DBL_MAX) &&
           kedge_i_adwin_check(s);
}

/* Is a window long enough to be scanned? */
static inline int adwin_is_ripe(const adwin_state *s, uint64_t width)
{
    return width > s->grace && width > 1;
}

/* One cut: the older part's size and sum; what remains is the newer part. */
typedef struct adwin_cut {
    uint64_t n_old;
    double total_old;
} adwin_cut;

/* Walks all cuts between buckets from the oldest on; a visitor returns 1 to stop there. */
typedef struct adwin_walk {
    const adwin_state *s;
    adwin_cut cut;
    uint32_t row; /* of the next bucket, plus 1 */
    uint32_t i;   /* its number in the row, from the oldest */
} adwin_walk;

static adwin_walk adwin_walk_begin(const adwin_state *s)
{
    adwin_walk walk = {s, {0, 0.0}, s->n_rows, 0};
    return walk;
}

/* Takes one more bucket into the older part; 0 if there is none left. */
static int adwin_walk_next(adwin_walk *walk)
{
    const adwin_state *s = walk->s;
    const uint32_t *held = kedge_i_at_const(s, s->at_held);
    const adwin_bucket *buckets = kedge_i_at_const(s, s->at_buckets);
    while (walk->row > 0 && walk->i == held[walk->row - 1]) {
        walk->row--;
        walk->i = 0;
    }
    if (walk->row == 0)
        return 0;
    uint32_t r = walk->row - 1;
    walk->cut.n_old += (uint64_t)1 << r;
    walk->cut.total_old += buckets[(size_t)r * s->max_buckets + walk->i++].total;
    return 1;
}

/* delta' of equation (3.1), as in river and MOA: ln(2 ln W / delta). */
static double adwin_log_term(const adwin_state *s, uint64_t width)
{
    return log(2.0 * log((double)(int64_t)width) / s->delta);
}

/* Difference of means over the bound of equation (3.1); above 1 is a change. 0 where a side is too small. */
static double adwin_ratio(const adwin_state *s, const adwin_window *w, adwin_cut cut, double log_term)
{
    uint64_t n_new = w->width - cut.n_old;
    if (cut.n_old < s->min_cut || n_new < s->min_cut)
        return 0.0;
    double less = (double)s->min_window - 1.0;
    double n0 = (double)(int64_t)cut.n_old;
    double n1 = (double)(int64_t)n_new;
    double variance = w->spread / (double)(int64_t)w->width;
    double inverse = 1.0 / (n0 - less) + 1.0 / (n1 - less);
    double bound = sqrt(2.0 * inverse * variance * log_term) + 2.0 / 3.0 * log_term * inverse;
    double apart = fabs(cut.total_old / n0 - (w->total - cut.total_old) / n1);
    if (apart <= ADWIN_ROUNDING * inverse * sqrt((n0 + n1) * w->spread + w->total * w->total)) /* as in adwin_may_cut */
        return 0.0;
    return apart > bound ? fmax(apart / bound, 1.0 + DBL_EPSILON) : fmin(apart / bound, 1.0); /* the division must not decide */
}

/* Might any cut be a change? The bound is at least sqrt(2 v L W / (n0 n1)) + 2/3 L W / (n0 n1), since reduced sizes only raise it,
 * and the difference of means is |S0 - m n0| W / (n0 n1) with the window's mean m. Both times n0 n1 / W leave no division. Rounding
 * of S0 - m n0 is relative to |S0| <= sqrt(W sum x^2) (Cauchy, Schwarz). Places without a bucket are zero and count as buckets of
 * no size, so that rows need no branch. */
static int adwin_may_cut(const adwin_state *s, double log_term)
{
    const uint32_t *held = kedge_i_at_const(s, s->at_held);
    const adwin_bucket *buckets = kedge_i_at_const(s, s->at_buckets);
    double width = (double)(int64_t)s->width;
    double mean = s->total / width;
    double root = 2.0 * (s->spread / width) * log_term / width * (1.0 - ADWIN_SLACK);
    double rounding = ADWIN_ROUNDING * sqrt(width * (s->spread + width * mean * mean));
    double linear = 2.0 / 3.0 * log_term * (1.0 - ADWIN_SLACK) - rounding;
    double n_old = 0.0;
    double total_old = 0.0;
    int may = 0;
    uint32_t top = kedge_i_log2(s->width) + 1; /* rows from here on are empty */
    for (uint32_t r = top < s->n_rows ? top : s->n_rows; r-- > 0;) {
        const adwin_bucket *row = buckets + (size_t)r * s->max_buckets;
        double size = (double)((int64_t)1 << r);
        double before = n_old;
        n_old += size * held[r];
        for (uint32_t i = 0; i < s->max_buckets; i++) {
            total_old += row[i].total;
            before += size;
            double n = before < n_old ? before : n_old;
            double beyond = fabs(total_old - mean * n) - linear;
            may |= beyond * fabs(beyond) > root * n * (width - n); /* not above the bound's linear part: negative */
        }
    }
    return may;
}

/* Sum over the window, from the buckets: its running sum has rounded at every update of a stream that may be long. */
static double adwin_total(const adwin_state *s)
{
    const adwin_bucket *buckets = kedge_i_at_const(s, s->at_buckets);
    double total = 0.0;
    for (uint32_t i = s->n_rows * s->max_buckets; i-- > 0;) /* places without a bucket are zero */
        total += buckets[i].total;
    return total;
}

/* The ratio of the first cut that is a change; 0 if there is none. */
static double adwin_find(const adwin_state *s)
{
    double log_term = adwin_log_term(s, s->width);
    if (!adwin_may_cut(s, log_term))
        return 0.0;
    adwin_window w = {s->width, adwin_total(s), s->spread};
    for (adwin_walk walk = adwin_walk_begin(s); adwin_walk_next(&walk);) {
        double ratio = adwin_ratio(s, &w, walk.cut, log_term);
        if (ratio > 1.0)
            return ratio;
    }
    return 0.0;
}

/* The greatest ratio of all cuts, for a window that may have observations aside. */
static double adwin_greatest(const adwin_state *s, const adwin_window *w)
{
    double log_term = adwin_log_term(s, w->width);
    double greatest = 0.0;
    for (adwin_walk walk = adwin_walk_begin(s); adwin_walk_next(&walk);)
        greatest = fmax(greatest, adwin_ratio(s, w, walk.cut, log_term));
    return greatest;
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

/* The most likely place of the change: the cut of the greatest likelihood ratio for a shift of the mean, (S0 - m n0)^2 / (n0 n1).
 * The cuts that raise an alarm lie far before it: they are the first that the bound allows. */
static adwin_cut adwin_locate(const adwin_state *s)
{
    double width = (double)(int64_t)s->width;
    double mean = s->total / width;
    double greatest = -1.0;
    adwin_cut best = {0, 0.0};
    for (adwin_walk walk = adwin_walk_begin(s); adwin_walk_next(&walk);) {
        if (walk.cut.n_old < s->min_cut || s->width - walk.cut.n_old < s->min_cut)
            continue;
        double n_old = (double)(int64_t)walk.cut.n_old;
        double off = walk.cut.total_old - mean * n_old;
        double likelihood = off * off / (n_old * (width - n_old));
        if (likelihood > greatest) {
            greatest = likelihood;
            best = walk.cut;
        }
    }
    return best;
}

/* Forget what the cut that was found calls old: up to the most likely change, or, as the peers do, bucket by bucket while any cut
 * is found (ADWIN2, lines 5-8). Either way no cut is left that tells the parts of the window apart. */
static void adwin_forget(adwin_state *s)
{
    do {
        uint64_t keep = s->width - 1;
        if (s->report == KEDGE_ADWIN_EACH_CHANGE)
            keep = s->width - adwin_locate(s).n_old;
        while (s->width > keep)
            kedge_i_adwin_drop_oldest(s);
    } while (adwin_is_ripe(s, s->width) && adwin_find(s) > 1.0);
}

/* Look for a cut, and act on it. x came last. */
static kedge_status adwin_shrink(adwin_state *s, double x)
{
    double ratio = adwin_find(s);
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
        kedge_i_adwin_empty(s);
    return KEDGE_DRIFT;
}

/* The aside is full, or a scan is due. */
static kedge_status adwin_tick(adwin_state *s)
{
    double newest = s->aside[s->n_aside - 1];
    kedge_i_adwin_enter(s);
    if (s->until_scan > 0)
        return KEDGE_OK;
    s->until_scan = s->clock;
    return adwin_is_ripe(s, s->width) ? adwin_shrink(s, newest) : KEDGE_OK;
}

/* How many observations fit aside before something is to be done. */
static inline uint32_t adwin_room(const adwin_state *s)
{
    uint32_t room = ADWIN_ASIDE - s->n_aside;
    return room < s->until_scan ? room : s->until_scan;
}

static kedge_status adwin_update(void *state, double x)
{
    adwin_state *s = state;
    s->aside[s->n_aside++] = x;
    s->until_scan--;
    return s->n_aside == ADWIN_ASIDE || s->until_scan == 0 ? adwin_tick(s) : KEDGE_OK;
}

static kedge_status adwin_run(void *state, const double *x, size_t n, uint8_t *signals, size_t *used)
{
    adwin_state *s = state;
    kedge_status st = KEDGE_OK;
    size_t i = 0;
    while (i < n && !(st == KEDGE_DRIFT && !signals)) {
        uint32_t room = adwin_room(s);
        uint32_t take = n - i < room ? (uint32_t)(n - i) : room;
        memcpy(s->aside + s->n_aside, x + i, take * sizeof *x);
        if (signals)
            memset(signals + i, KEDGE_OK, take);
        s->n_aside += take;
        s->until_scan -= take;
        i += take;
        st = take == room ? adwin_tick(s) : KEDGE_OK;
        if (signals)
            signals[i - 1] = (uint8_t)st;
    }
    *used = i;
    return st;
}

static kedge_status adwin_estimate(const void *state, kedge_estimate *out)
{
    const adwin_state *s = state;
    adwin_window w = kedge_i_adwin_moments(s);
    out->n_seen = s->n_seen + s->n_aside;
    out->n_drifts = s->n_drifts;
    out->width = w.width;
    out->threshold = 1.0;
    out->mean = out->variance = out->statistic = (double)NAN;
    if (w.width == 0)
        return KEDGE_EMPTY;
    out->mean = w.total / (double)(int64_t)w.width;
    out->variance = w.spread / (double)(int64_t)w.width;
    out->statistic = adwin_is_ripe(s, w.width) ? adwin_greatest(s, &w) : 0.0;
    return KEDGE_OK;
}

static kedge_status adwin_alarm(const void *state, kedge_alarm *out)
{
    const adwin_state *s = state;
    if (s->n_drifts == 0)
        return KEDGE_EMPTY;
    return kedge_i_alarm(out, s->alarm_at, s->alarm_changed_at, s->alarm_before, s->alarm_after, s->alarm_statistic, 1.0);
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
    .knob = {offsetof(kedge_adwin_config, delta), 0, 0.9, 1e-300},
};
