/* SPDX-License-Identifier: MIT */
/* Page-Hinkley: cumulative deviation from the running mean, both sides, with forgetting.
 *
 * Page 1954, "Continuous inspection schemes", Biometrika 41, section 4 (the excursion of a cumulative sum from its extreme);
 * Hinkley 1971, "Inference about the change-point from cumulative sum tests", Biometrika 58 (unknown mean, and the extreme as the
 * change point's estimate). Step order and forgetting factor are river's (PageHinkley); form SUM with direction UP is MOA's
 * (PageHinkleyDM), which tests the sum itself. The papers have no forgetting: alpha = 1.
 *
 * Cost: O(1), about a dozen cycles, the latency of the running mean: subtract, multiply, add. */
#include "base/fp.h"

#include <float.h>

#include "kedge/detector.h"

#include "base/number.h"
#include "base/object.h"
#include "detectors/alarm.h"
#include "detectors/page_hinkley_side.h"
#include "detectors/run.h"

#define PAGE_HINKLEY_MEAN_MAX (2.0 * KEDGE_DETECTOR_INPUT_MAX) /* with room for rounding */
#define PAGE_HINKLEY_STRIDE_MAX (4.0 * KEDGE_DETECTOR_INPUT_MAX) /* no step moves a sum by more than the greatest deviation and
                                                                  * tolerance */

enum { PAGE_HINKLEY_MAX_SAMPLES = 1 << 30 };

typedef struct page_hinkley_state {
    kedge_state_head head;
    double delta;
    double threshold;
    double alpha;
    uint32_t min_samples;
    uint8_t direction;
    uint8_t form;
    uint8_t reserved[2];
    uint64_t n_seen;        /* since init */
    uint64_t n_drifts;      /* since init */
    uint64_t n;             /* since the restart, at most n_seen */
    double mean;            /* of these */
    double m2;              /* sum of their squared deviations from mean, >= 0 */
    page_hinkley_side up;   /* rises */
    page_hinkley_side down; /* falls */
    uint64_t alarm_changed_at; /* the last alarm; it was raised at n_seen - n - 1 */
    double alarm_before;
    double alarm_after;
    double alarm_statistic;
} page_hinkley_state;

static const kedge_field page_hinkley_fields[] = {
    KEDGE_PARAM(page_hinkley_state, delta, KEDGE_TYPE_F64),
    KEDGE_PARAM(page_hinkley_state, threshold, KEDGE_TYPE_F64),
    KEDGE_PARAM(page_hinkley_state, alpha, KEDGE_TYPE_F64),
    KEDGE_PARAM(page_hinkley_state, min_samples, KEDGE_TYPE_U32),
    KEDGE_PARAM(page_hinkley_state, direction, KEDGE_TYPE_U8),
    KEDGE_PARAM(page_hinkley_state, form, KEDGE_TYPE_U8),
    KEDGE_VALUE(page_hinkley_state, n_seen, KEDGE_TYPE_COUNT),
    KEDGE_VALUE(page_hinkley_state, n_drifts, KEDGE_TYPE_U64),
    KEDGE_VALUE(page_hinkley_state, n, KEDGE_TYPE_U64),
    KEDGE_VALUE(page_hinkley_state, mean, KEDGE_TYPE_F64),
    KEDGE_VALUE(page_hinkley_state, m2, KEDGE_TYPE_F64),
    PAGE_HINKLEY_SIDE_FIELDS(page_hinkley_state, up),
    PAGE_HINKLEY_SIDE_FIELDS(page_hinkley_state, down),
    KEDGE_VALUE(page_hinkley_state, alarm_changed_at, KEDGE_TYPE_U64),
    KEDGE_VALUE(page_hinkley_state, alarm_before, KEDGE_TYPE_F64),
    KEDGE_VALUE(page_hinkley_state, alarm_after, KEDGE_TYPE_F64),
    KEDGE_VALUE(page_hinkley_state, alarm_statistic, KEDGE_TYPE_F64),
};

static void page_hinkley_defaults(void *config)
{
    kedge_page_hinkley_config *cfg = config;
    cfg->base.cls = &kedge_page_hinkley;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->base.reserved = 0;
    cfg->delta = 0.005;
    cfg->threshold = 50.0;
    cfg->alpha = 0.9999;
    cfg->min_samples = 30;
    cfg->direction = KEDGE_DIRECTION_BOTH;
    cfg->form = KEDGE_PAGE_HINKLEY_EXCURSION;
    cfg->reserved = 0;
}

kedge_status kedge_page_hinkley_config_init(kedge_page_hinkley_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_page_hinkley.base, cfg, cfg_bytes, sizeof *cfg);
}

kedge_status kedge_page_hinkley_config_peer(kedge_page_hinkley_config *cfg, size_t cfg_bytes, uint32_t peer)
{
    if (peer < KEDGE_PEER_NONE || peer > KEDGE_PEER_MOA)
        return KEDGE_ERR_CONFIG;
    kedge_status st = kedge_page_hinkley_config_init(cfg, cfg_bytes);
    if (st == KEDGE_OK && peer == KEDGE_PEER_MOA) { /* kedge's defaults are river's */
        cfg->min_samples = 29;
        cfg->direction = KEDGE_DIRECTION_UP;
        cfg->form = KEDGE_PAGE_HINKLEY_SUM;
    }
    return st;
}

static void page_hinkley_configure(const void *config, void *fixed)
{
    const kedge_page_hinkley_config *cfg = config;
    page_hinkley_state *s = fixed;
    s->delta = cfg->delta;
    s->threshold = cfg->threshold;
    s->alpha = cfg->alpha;
    s->min_samples = cfg->min_samples;
    s->direction = kedge_i_choice(cfg->direction);
    s->form = kedge_i_choice(cfg->form);
}

static int page_hinkley_valid(const void *fixed)
{
    const page_hinkley_state *s = fixed;
    return kedge_i_within(s->delta, 0.0, KEDGE_DETECTOR_INPUT_MAX) && s->threshold > 0.0 &&
           s->threshold <= KEDGE_DETECTOR_INPUT_MAX && s->alpha > 0.0 && s->alpha <= 1.0 &&
           kedge_i_u32_within(s->min_samples, 1, PAGE_HINKLEY_MAX_SAMPLES) &&
           kedge_i_u32_within(s->direction, KEDGE_DIRECTION_BOTH, KEDGE_DIRECTION_DOWN) &&
           kedge_i_u32_within(s->form, KEDGE_PAGE_HINKLEY_EXCURSION, KEDGE_PAGE_HINKLEY_SUM);
}

static size_t page_hinkley_layout(void *fixed)
{
    (void)fixed;
    return sizeof(page_hinkley_state);
}

/* Everything that a restart forgets. */
static void page_hinkley_restart(page_hinkley_state *s)
{
    int excursion = s->form == KEDGE_PAGE_HINKLEY_EXCURSION; /* the first sum is the first extreme */
    s->n = 0;
    s->mean = 0.0;
    s->m2 = 0.0;
    s->up = page_hinkley_side_begin(excursion ? DBL_MAX : 0.0);
    s->down = page_hinkley_side_begin(excursion ? -DBL_MAX : 0.0);
}

static void page_hinkley_start(void *state)
{
    page_hinkley_restart(state);
}

static int page_hinkley_check(const void *state)
{
    const page_hinkley_state *s = state;
    return page_hinkley_valid(s) && s->n_seen <= KEDGE_I_COUNT_MAX && s->n <= s->n_seen && s->n_drifts <= s->n_seen &&
           kedge_i_within(s->mean, -PAGE_HINKLEY_MEAN_MAX, PAGE_HINKLEY_MEAN_MAX) &&
           kedge_i_within(s->m2, 0.0, 8.0 * KEDGE_DETECTOR_INPUT_MAX * KEDGE_DETECTOR_INPUT_MAX * (double)s->n) &&
           page_hinkley_side_is_sound(&s->up, s->n, PAGE_HINKLEY_STRIDE_MAX, PAGE_HINKLEY_MEAN_MAX) &&
           page_hinkley_side_is_sound(&s->down, s->n, PAGE_HINKLEY_STRIDE_MAX, PAGE_HINKLEY_MEAN_MAX) &&
           s->alarm_changed_at <= s->n_seen && kedge_i_finite(s->alarm_before) && kedge_i_finite(s->alarm_after) &&
           kedge_i_finite(s->alarm_statistic);
}

/* What the threshold is compared with, for each side. */
static inline double page_hinkley_rise(const page_hinkley_state *s)
{
    return s->up.sum - s->up.least;
}

static inline double page_hinkley_fall(const page_hinkley_state *s)
{
    return s->down.least - s->down.sum;
}

/* Remember where a side's sum stands at its extreme. The sum form has 0 for its extreme, and remembers where the sum was last
 * beyond it. */
static inline void page_hinkley_keep(const page_hinkley_state *s, page_hinkley_side *side)
{
    page_hinkley_side_keep(side, s->form == KEDGE_PAGE_HINKLEY_EXCURSION ? side->sum : 0.0, s->n, s->mean);
}

/* One sum is beyond the threshold: is it one that counts, and not too early? */
static inline int page_hinkley_is_drift(const page_hinkley_state *s)
{
    int rises = page_hinkley_rise(s) > s->threshold && s->direction != KEDGE_DIRECTION_DOWN;
    int falls = page_hinkley_fall(s) > s->threshold && s->direction != KEDGE_DIRECTION_UP;
    return (rises || falls) && s->n >= s->min_samples;
}

static inline kedge_status page_hinkley_step(page_hinkley_state *s, double x)
{
    s->n_seen++;
    s->n++;
    double off = x - s->mean;
    s->mean += 1.0 / (double)(int64_t)s->n * off; /* the division waits for nobody: it is off the dependency chain */
    double deviation = x - s->mean;
    s->m2 += off * deviation;

    /* Page 1954, section 4: sums of (deviation -+ tolerance), and their extremes. */
    s->up.sum = s->alpha * s->up.sum + deviation - s->delta;
    s->down.sum = s->alpha * s->down.sum + deviation + s->delta;
    if (s->up.sum < s->up.least)
        page_hinkley_keep(s, &s->up);
    if (s->down.sum > s->down.least)
        page_hinkley_keep(s, &s->down);
    double rise = page_hinkley_rise(s);
    double fall = page_hinkley_fall(s);
    double most = rise > fall ? rise : fall;
    return most > s->threshold && page_hinkley_is_drift(s) ? KEDGE_DRIFT : KEDGE_OK;
}

/* Keep what the alarm saw and start afresh. The change began where the sum last stood at its extreme (Hinkley 1971). */
static void page_hinkley_raise(page_hinkley_state *s)
{
    double rise = page_hinkley_rise(s);
    int up = rise > s->threshold && s->direction != KEDGE_DIRECTION_DOWN;
    const page_hinkley_side *side = up ? &s->up : &s->down;
    s->alarm_before = side->least_mean;
    s->alarm_after = page_hinkley_side_after(side, s->n, s->mean);
    s->alarm_changed_at = s->n_seen - s->n + (side->least_n < s->n ? side->least_n : s->n - 1);
    s->alarm_statistic = up ? rise : page_hinkley_fall(s);
    s->n_drifts++;
    page_hinkley_restart(s);
}

DETECTOR_RUN(page_hinkley)

static kedge_status page_hinkley_estimate(const void *state, kedge_estimate *out)
{
    const page_hinkley_state *s = state;
    double rise = s->direction == KEDGE_DIRECTION_DOWN ? -DBL_MAX : page_hinkley_rise(s);
    double fall = s->direction == KEDGE_DIRECTION_UP ? -DBL_MAX : page_hinkley_fall(s);
    out->n_seen = s->n_seen;
    out->n_drifts = s->n_drifts;
    out->width = s->n;
    out->threshold = s->threshold;
    if (s->n == 0) {
        out->mean = out->variance = out->statistic = (double)NAN;
        return KEDGE_EMPTY;
    }
    out->mean = s->mean;
    out->variance = s->m2 / (double)(int64_t)s->n;
    out->statistic = rise > fall ? rise : fall;
    return KEDGE_OK;
}

static kedge_status page_hinkley_alarm(const void *state, kedge_alarm *out)
{
    const page_hinkley_state *s = state;
    if (s->n_drifts == 0)
        return KEDGE_EMPTY;
    return kedge_i_alarm(out, s->n_seen - s->n - 1, s->alarm_changed_at, s->alarm_before, s->alarm_after, s->alarm_statistic,
                         s->threshold);
}

const kedge_detector_class kedge_page_hinkley = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_DETECTOR,
            .version = 1,
            .name = "page_hinkley",
            .fixed_bytes = sizeof(page_hinkley_state),
            .config_bytes = sizeof(kedge_page_hinkley_config),
            .n_fields = sizeof page_hinkley_fields / sizeof *page_hinkley_fields,
            .fields = page_hinkley_fields,
            .defaults = page_hinkley_defaults,
            .configure = page_hinkley_configure,
            .valid = page_hinkley_valid,
            .layout = page_hinkley_layout,
            .start = page_hinkley_start,
            .check = page_hinkley_check,
        },
    .input_low = -KEDGE_DETECTOR_INPUT_MAX,
    .input_high = KEDGE_DETECTOR_INPUT_MAX,
    .run = page_hinkley_run,
    .update = page_hinkley_update,
    .estimate = page_hinkley_estimate,
    .alarm = page_hinkley_alarm,
    .knob = {offsetof(kedge_page_hinkley_config, threshold), 0, 1e-3, 1e9},
};
