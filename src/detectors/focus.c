/* SPDX-License-Identifier: MIT */
/* FOCuS: the likelihood-ratio test over all change points, from the few that can be the best.
 *
 * Romano, Eckley, Fearnhead, Rigaill 2023, "Fast online changepoint detection via functional pruning CUSUM statistics", JMLR 24,
 * algorithm 3; Ward, Romano, Eckley, Fearnhead 2024, "A constant-per-iteration likelihood ratio test for online changepoint
 * detection for exponential family models", Statistics and Computing 34, proposition 3: for a rise of the mean only the corners of
 * the greatest convex minorant of the cumulative sum can be the best change point, whatever the family; for a fall those of the
 * least concave majorant. On average there are about ln n of them.
 *
 * Whether a candidate exceeds the threshold is asked without a division or logarithm: a normal ratio is a quotient of products; a
 * Bernoulli ratio is at most its chi-square distance (log x <= x - 1), and is computed only where that is beyond the threshold.
 *
 * Unknown variance: the ratio with both variances estimated is n / 2 ln(1 / (1 - R)), R the share of the variation that the change
 * explains. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/detectors/focus.h"

#include "base/arena.h"
#include "base/number.h"
#include "detectors/record.h"
#include "detectors/run.h"

#define FOCUS_SUM_MAX (4.0 * KEDGE_DETECTOR_INPUT_MAX) /* of one observation's part in a sum, with room for rounding */
#define FOCUS_SD_MIN 1e-40   /* so that no ratio overflows */
#define FOCUS_SLACK 1e-9     /* relative margin of the quick tests, far above rounding */
#define FOCUS_ROUNDING 1e-26 /* variation that rounding alone makes, as a share of the sum of squares */

#define FOCUS_EXACT ((uint64_t)1 << 53) /* below it, counts of observations are exact as doubles */

enum { FOCUS_MAX_SAMPLES = 1 << 30, FOCUS_MAX_CANDIDATES = 4096 };

/* A corner: the sum of the first n observations, turned so that a change lets it rise. */
typedef struct focus_point {
    double n;
    double sum;
} focus_point;

typedef struct focus_state {
    kedge_state_head head;
    double threshold;
    double mean;
    double sd;
    uint32_t min_samples;
    uint32_t max_candidates;
    uint8_t family;
    uint8_t direction;
    uint8_t reserved[6];
    uint32_t words;   /* layout: doubles in each of the arrays */
    uint32_t at_up;   /* layout: corners for rises, oldest first */
    uint32_t at_down; /* and for falls */
    uint32_t n_up;    /* of these in use */
    uint32_t n_down;
    uint32_t reserved_2;
    detector_record record;
    uint64_t n;    /* since the restart */
    double centre; /* what all sums leave out of each observation */
    double sum;    /* of these, without the centre */
    double m2;     /* sum of squared deviations from their mean, >= 0 */
} focus_state;

static const kedge_field focus_fields[] = {
    KEDGE_PARAM(focus_state, threshold, KEDGE_TYPE_F64),
    KEDGE_PARAM(focus_state, mean, KEDGE_TYPE_F64),
    KEDGE_PARAM(focus_state, sd, KEDGE_TYPE_F64),
    KEDGE_PARAM(focus_state, min_samples, KEDGE_TYPE_U32),
    KEDGE_PARAM(focus_state, max_candidates, KEDGE_TYPE_U32),
    KEDGE_PARAM(focus_state, family, KEDGE_TYPE_U8),
    KEDGE_PARAM(focus_state, direction, KEDGE_TYPE_U8),
    KEDGE_VALUE(focus_state, n_up, KEDGE_TYPE_U32),
    KEDGE_VALUE(focus_state, n_down, KEDGE_TYPE_U32),
    DETECTOR_RECORD_FIELDS(focus_state),
    KEDGE_VALUE(focus_state, n, KEDGE_TYPE_U64),
    KEDGE_VALUE(focus_state, centre, KEDGE_TYPE_F64),
    KEDGE_VALUE(focus_state, sum, KEDGE_TYPE_F64),
    KEDGE_VALUE(focus_state, m2, KEDGE_TYPE_F64),
    KEDGE_ARRAY(focus_state, at_up, words, KEDGE_TYPE_F64),
    KEDGE_ARRAY(focus_state, at_down, words, KEDGE_TYPE_F64),
};

static void focus_defaults(void *config)
{
    kedge_focus_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_focus;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->threshold = 14.5;
    cfg->mean = 0.5;
    cfg->sd = 1.0;
    cfg->family = KEDGE_FOCUS_NORMAL;
    cfg->direction = KEDGE_DIRECTION_BOTH;
    cfg->min_samples = 30;
    cfg->max_candidates = 64;
}

kedge_status kedge_focus_config_init(kedge_focus_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_focus.base, cfg, cfg_bytes, sizeof *cfg);
}

static void focus_configure(const void *config, void *fixed)
{
    const kedge_focus_config *cfg = config;
    focus_state *s = fixed;
    s->threshold = cfg->threshold;
    s->mean = cfg->mean;
    s->sd = cfg->sd;
    s->min_samples = cfg->min_samples;
    s->max_candidates = cfg->max_candidates;
    s->family = kedge_i_choice(cfg->family);
    s->direction = kedge_i_choice(cfg->direction);
}

static int focus_is_known(const focus_state *s)
{
    return s->family == KEDGE_FOCUS_NORMAL_KNOWN || s->family == KEDGE_FOCUS_BERNOULLI_KNOWN;
}

static int focus_is_bernoulli(const focus_state *s)
{
    return s->family >= KEDGE_FOCUS_BERNOULLI;
}

static int focus_valid(const void *fixed)
{
    const focus_state *s = fixed;
    int is_rate = s->family == KEDGE_FOCUS_BERNOULLI_KNOWN;
    return s->threshold > 0.0 && s->threshold <= 1e6 &&
           kedge_i_within(s->mean, -KEDGE_DETECTOR_INPUT_MAX, KEDGE_DETECTOR_INPUT_MAX) &&
           (!is_rate || (s->mean > 0.0 && s->mean < 1.0)) && kedge_i_within(s->sd, FOCUS_SD_MIN, KEDGE_DETECTOR_INPUT_MAX) &&
           kedge_i_u32_within(s->min_samples, 2, FOCUS_MAX_SAMPLES) &&
           kedge_i_u32_within(s->max_candidates, 8, FOCUS_MAX_CANDIDATES) &&
           kedge_i_u32_within(s->family, KEDGE_FOCUS_NORMAL, KEDGE_FOCUS_BERNOULLI_KNOWN) &&
           kedge_i_u32_within(s->direction, KEDGE_DIRECTION_BOTH, KEDGE_DIRECTION_DOWN);
}

static size_t focus_layout(void *fixed)
{
    focus_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->words = 2 * s->max_candidates;
    s->at_up = kedge_i_arena_take(&arena, s->words, sizeof(double));
    s->at_down = kedge_i_arena_take(&arena, s->words, sizeof(double));
    return kedge_i_arena_end(&arena);
}

/* Both lists begin with the corner of no observations. What is behind the corners in use is zero, so that equal states are equal
 * bytes. */
static void focus_restart(focus_state *s)
{
    memset(kedge_i_at(s, s->at_up), 0, s->words * sizeof(double));
    memset(kedge_i_at(s, s->at_down), 0, s->words * sizeof(double));
    s->n_up = s->n_down = 1;
    s->n = 0;
    s->centre = focus_is_known(s) ? s->mean : 0.0;
    s->sum = s->m2 = 0.0;
}

static void focus_start(void *state)
{
    focus_restart(state);
}

static int focus_points_are_sound(const focus_state *s, uint32_t at, uint32_t held, int is_used)
{
    const focus_point *points = kedge_i_at_const(s, at);
    if (held < 1 || held > s->max_candidates)
        return 0;
    for (uint32_t i = 0; i < held; i++) {
        double most = FOCUS_SUM_MAX * (points[i].n + 1.0);
        if (!kedge_i_within(points[i].n, i ? points[i - 1].n + 1.0 : 0.0, (double)s->n) ||
            !kedge_i_within(points[i].sum, -most, most))
            return 0;
    }
    return (focus_is_known(s) || points[0].n == 0.0) && points[held - 1].n == (is_used ? (double)s->n : 0.0);
}

static int focus_check(const void *state)
{
    const focus_state *s = state;
    double most = FOCUS_SUM_MAX * ((double)s->n + 1.0);
    return focus_valid(s) && detector_record_is_sound(&s->record) && s->n <= s->record.n_seen && s->n < FOCUS_EXACT &&
           kedge_i_within(s->centre, -KEDGE_DETECTOR_INPUT_MAX, KEDGE_DETECTOR_INPUT_MAX) && kedge_i_within(s->sum, -most, most) &&
           kedge_i_within(s->m2, 0.0, most * FOCUS_SUM_MAX) &&
           focus_points_are_sound(s, s->at_up, s->n_up, s->direction != KEDGE_DIRECTION_DOWN) &&
           focus_points_are_sound(s, s->at_down, s->n_down, s->direction != KEDGE_DIRECTION_UP);
}

/* Is the last corner none any more, with the sum at (n, sum)? That is where the walk turns the wrong way there. With a known mean
 * the walk comes from a slope of 0, so what lies before its minimum is dropped (Page's recursion). */
static inline int focus_is_flat(const focus_point *points, uint32_t held, int known, double n, double sum)
{
    focus_point last = points[held - 1];
    if (held == 1)
        return known && sum <= last.sum;
    focus_point before = points[held - 2];
    return (last.sum - before.sum) * (n - last.n) >= (sum - last.sum) * (last.n - before.n);
}

/* Let the walk's newest point become a corner, as long as nothing follows it always is one. */
static inline uint32_t focus_push(const focus_state *s, focus_point *points, uint32_t held, double n, double sum)
{
    int known = focus_is_known(s);
    while (held > 0 && focus_is_flat(points, held, known, n, sum)) {
        held--;
        points[held].n = points[held].sum = 0.0;
    }
    if (held == s->max_candidates) {
        memmove(&points[1], &points[2], (held - 2) * sizeof *points);
        held--;
    }
    points[held].n = n;
    points[held].sum = sum;
    return held + 1;
}

/* k ones in n: the log-likelihood at its best rate. */
static double focus_bernoulli(double k, double n)
{
    double rest = n - k;
    return (k > 0.0 ? k * log(k / n) : 0.0) + (rest > 0.0 ? rest * log(rest / n) : 0.0);
}

/* k ones in n against a known rate. */
static double focus_divergence(double k, double n, double rate)
{
    double rest = n - k;
    return (k > 0.0 ? k * log(k / (n * rate)) : 0.0) + (rest > 0.0 ? rest * log(rest / (n * (1.0 - rate))) : 0.0);
}

/* Quantities of the present that all candidates share. */
typedef struct focus_now {
    double n;
    double mean;  /* of all, without the centre */
    double scale; /* what a candidate's squared distance must exceed, for each unit of its weight, to be beyond the threshold */
} focus_now;

/* Share of the variation above which n / 2 ln(1 / (1 - R)) is above the threshold. */
static double focus_share(const focus_state *s, double n)
{
    return -expm1(-2.0 * s->threshold / n);
}

/* y - y^2 / 2 is not above 1 - exp(-y), and near it for the long streams that this is about. */
static inline double focus_quick_share(const focus_state *s, double n)
{
    double y = 2.0 * s->threshold / n;
    return y < 0.01 ? y - 0.5 * y * y : focus_share(s, n);
}

static inline focus_now focus_look(const focus_state *s)
{
    focus_now now;
    now.n = (double)(int64_t)s->n;
    now.mean = s->sum / now.n;
    switch (s->family) {
    case KEDGE_FOCUS_NORMAL:
        now.scale = focus_quick_share(s, now.n) * s->m2;
        break;
    case KEDGE_FOCUS_BERNOULLI:
        now.scale = s->threshold * now.mean * (1.0 - now.mean);
        break;
    case KEDGE_FOCUS_BERNOULLI_KNOWN:
        now.scale = s->threshold * s->mean * (1.0 - s->mean);
        break;
    default:
        now.scale = 2.0 * s->threshold * s->sd * s->sd;
    }
    now.scale *= (1.0 - FOCUS_SLACK);
    return now;
}

/* Might a corner's ratio be beyond the threshold? `sum` is the walk's end, turned like the corner. */
static inline int focus_may(const focus_now *now, int known, focus_point p, double sum)
{
    double rest = now->n - p.n;
    if (known) {
        double distance = sum - p.sum;
        return distance * distance > now->scale * rest;
    }
    double distance = p.sum - p.n * (sum / now->n);
    return distance * distance * now->n > now->scale * p.n * rest;
}

/* The log-likelihood ratio of a change behind a corner; sign turns the corner's sums back. */
static double focus_ratio(const focus_state *s, const focus_now *now, focus_point p, double sign)
{
    double rest = now->n - p.n;
    double sum = s->sum - sign * p.sum; /* behind the corner, without the centre */
    double distance = sign * p.sum - p.n * now->mean;
    switch (s->family) {
    case KEDGE_FOCUS_NORMAL: {
        double share = distance * distance * now->n / (p.n * rest) / s->m2;
        return share < 1.0 ? -0.5 * now->n * log1p(-share) : 0.5 * now->n * 36.0; /* all of it, up to rounding */
    }
    case KEDGE_FOCUS_NORMAL_SD:
        return distance * distance * now->n / (2.0 * s->sd * s->sd * p.n * rest);
    case KEDGE_FOCUS_NORMAL_KNOWN:
        return sum * sum / (2.0 * s->sd * s->sd * rest);
    case KEDGE_FOCUS_BERNOULLI:
        return focus_bernoulli(sign * p.sum, p.n) + focus_bernoulli(sum, rest) - focus_bernoulli(s->sum, now->n);
    default:
        return focus_divergence(sum + s->centre * rest, rest, s->mean);
    }
}

/* The best candidate so far. */
typedef struct focus_best {
    double ratio; /* 0: there is none */
    double n;     /* observations before the change */
    double sum;   /* theirs, without the centre */
} focus_best;

/* The best of one direction's corners, of those whose ratio may be beyond the threshold, or of all. The newest corner is the
 * present itself, and before the first one there is nothing to compare with if the mean is unknown. */
static void focus_search(const focus_state *s, const focus_now *now, uint32_t at, uint32_t held, double sign, int all,
                         focus_best *best)
{
    const focus_point *points = kedge_i_at_const(s, at);
    int known = focus_is_known(s);
    for (uint32_t i = known ? 0 : 1; i + 1 < held; i++) {
        if (!all && !focus_may(now, known, points[i], sign * s->sum))
            continue;
        double ratio = focus_ratio(s, now, points[i], sign);
        if (ratio > best->ratio) {
            best->ratio = ratio;
            best->n = points[i].n;
            best->sum = sign * points[i].sum;
        }
    }
}

/* Is there any variation but rounding? */
static int focus_varies(const focus_state *s, const focus_now *now)
{
    return s->family != KEDGE_FOCUS_NORMAL || s->m2 > FOCUS_ROUNDING * now->n * (s->centre * s->centre + now->mean * now->mean);
}

static focus_best focus_find(const focus_state *s, const focus_now *now, int all)
{
    focus_best best = {0.0, 0.0, 0.0};
    if (!focus_varies(s, now))
        return best;
    if (s->direction != KEDGE_DIRECTION_DOWN)
        focus_search(s, now, s->at_up, s->n_up, 1.0, all, &best);
    if (s->direction != KEDGE_DIRECTION_UP)
        focus_search(s, now, s->at_down, s->n_down, -1.0, all, &best);
    return best;
}

static void focus_raise(focus_state *s, const focus_best *best)
{
    double rest = (double)(int64_t)s->n - best->n;
    double before = focus_is_known(s) ? s->mean : s->centre + best->sum / best->n;
    double after = s->centre + (s->sum - best->sum) / rest;
    detector_record_raise(&s->record, s->n - (uint64_t)best->n, before, after, best->ratio, s->threshold, best->ratio);
    focus_restart(s);
}

/* One more observation in the sums and in the corners. */
static inline void focus_take(focus_state *s, double x)
{
    if (focus_is_bernoulli(s))
        x = x < 0.0 ? 0.0 : x > 1.0 ? 1.0 : x;
    else if (s->n == 0 && !focus_is_known(s))
        s->centre = x; /* near the stream's level, so that sums stay small */
    s->record.n_seen++;
    double n_before = (double)(int64_t)s->n;
    s->n++;
    double n = (double)(int64_t)s->n;
    double z = x - s->centre;
    double off = n_before > 0.0 ? z - s->sum / n_before : 0.0;
    s->sum += z;
    s->m2 += off * off * (n_before / n);
    if (s->direction != KEDGE_DIRECTION_DOWN)
        s->n_up = focus_push(s, kedge_i_at(s, s->at_up), s->n_up, n, s->sum);
    if (s->direction != KEDGE_DIRECTION_UP)
        s->n_down = focus_push(s, kedge_i_at(s, s->at_down), s->n_down, n, -s->sum);
}

static inline int focus_may_any(const focus_state *s, const focus_now *now, uint32_t at, uint32_t held, double sum)
{
    const focus_point *points = kedge_i_at_const(s, at);
    int known = focus_is_known(s);
    int may = 0;
    for (uint32_t i = known ? 0 : 1; i + 1 < held; i++)
        may |= focus_may(now, known, points[i], sum);
    return may;
}

static inline kedge_status focus_step(focus_state *s, double x)
{
    focus_take(s, x);
    if (s->n < s->min_samples)
        return KEDGE_OK;
    focus_now now = focus_look(s);
    int may = 0;
    if (s->direction != KEDGE_DIRECTION_DOWN)
        may |= focus_may_any(s, &now, s->at_up, s->n_up, s->sum);
    if (s->direction != KEDGE_DIRECTION_UP)
        may |= focus_may_any(s, &now, s->at_down, s->n_down, -s->sum);
    if (!may)
        return KEDGE_OK;
    focus_best best = focus_find(s, &now, 0);
    if (!(best.ratio > s->threshold))
        return KEDGE_OK;
    focus_raise(s, &best);
    return KEDGE_DRIFT;
}

DETECTOR_RUN_IN_PLACE(focus)

static kedge_status focus_estimate(const void *state, kedge_estimate *out)
{
    const focus_state *s = state;
    kedge_status st = detector_record_estimate(&s->record, s->n, out);
    out->threshold = s->threshold;
    if (s->n == 0)
        return st;
    focus_now now = focus_look(s);
    out->mean = s->centre + now.mean;
    out->variance = s->m2 / now.n;
    out->statistic = focus_find(s, &now, 1).ratio;
    return st;
}

static kedge_status focus_alarm(const void *state, kedge_alarm *out)
{
    return detector_record_alarm(&((const focus_state *)state)->record, out);
}

const kedge_detector_class kedge_focus = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_DETECTOR,
            .version = 1,
            .name = "focus",
            .fixed_bytes = sizeof(focus_state),
            .config_bytes = sizeof(kedge_focus_config),
            .n_fields = sizeof focus_fields / sizeof *focus_fields,
            .fields = focus_fields,
            .defaults = focus_defaults,
            .configure = focus_configure,
            .valid = focus_valid,
            .layout = focus_layout,
            .start = focus_start,
            .check = focus_check,
        },
    .input_low = -KEDGE_DETECTOR_INPUT_MAX,
    .input_high = KEDGE_DETECTOR_INPUT_MAX,
    .run = focus_run,
    .update = focus_update,
    .estimate = focus_estimate,
    .alarm = focus_alarm,
    .knob = {offsetof(kedge_focus_config, threshold), 0, 0.5, 1e6},
};
