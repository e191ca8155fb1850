/* SPDX-License-Identifier: MIT */
/* OPTWIN: a sliding window with an optimal cut, a t-test and an F-test.
 *
 * Dalle Lucca Tosi, Theobald 2024, "OPTWIN: drift identification with optimal sub-windows", ICDE Workshops (arXiv:2305.11942),
 * section III: equation 1 for the cut, algorithm 1; all tests at confidence (1 - alpha)^(1/4). The paper tabulates cuts for all
 * window lengths in advance. Here the cut of the present length is kept; above 128 observations it is sought again whenever the
 * window has grown by a 128th. In between the newer part and the thresholds stay, which are a little too great then: degrees of
 * freedom have grown.
 *
 * Where the older part does not vary at all the F-test is left out: errors that are rare begin so, and each first one would alarm.
 *
 * Sums change as observations come and go; where one goes that dwarfs what stays, they are computed afresh. */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "kedge/detectors/optwin.h"

#include "base/arena.h"
#include "base/number.h"
#include "base/quantile.h"
#include "detectors/record.h"
#include "detectors/run.h"

#define OPTWIN_DWARFS 1e4     /* a squared distance against the squares that stay */
#define OPTWIN_ROUNDING 1e-13 /* of a difference of means */
#define OPTWIN_SUM_MAX (4.0 * KEDGE_DETECTOR_INPUT_MAX) /* of one observation's part in a sum, with room for rounding */

enum { OPTWIN_MAX_WINDOW = 1 << 20, OPTWIN_GROWTH = 128 };

/* Of a part of the window, from the origin. */
typedef struct optwin_part {
    double total;
    double squares;
} optwin_part;

typedef struct optwin_state {
    kedge_state_head head;
    double alpha;
    double rho;
    double min_noise;
    uint32_t min_window;
    uint32_t max_window;
    uint8_t direction;
    uint8_t tests;
    uint8_t reserved[2];
    uint32_t at_ring;  /* layout: the window, by time */
    uint32_t place;    /* where the next observation goes */
    uint32_t n;        /* observations in the window */
    uint32_t n_new;    /* of these, the newer part */
    uint32_t cut_for;  /* length that the cut was sought for; 0: none yet */
    uint32_t since;    /* slides since the sums were computed afresh */
    uint32_t reserved_2;
    double t_threshold;
    double f_threshold;
    double origin;     /* first observation since the restart */
    optwin_part old;
    optwin_part new;
    detector_record record;
} optwin_state;

static const kedge_field optwin_fields[] = {
    KEDGE_PARAM(optwin_state, alpha, KEDGE_TYPE_F64),
    KEDGE_PARAM(optwin_state, rho, KEDGE_TYPE_F64),
    KEDGE_PARAM(optwin_state, min_noise, KEDGE_TYPE_F64),
    KEDGE_PARAM(optwin_state, min_window, KEDGE_TYPE_U32),
    KEDGE_PARAM(optwin_state, max_window, KEDGE_TYPE_U32),
    KEDGE_PARAM(optwin_state, direction, KEDGE_TYPE_U8),
    KEDGE_PARAM(optwin_state, tests, KEDGE_TYPE_U8),
    KEDGE_VALUE(optwin_state, place, KEDGE_TYPE_U32),
    KEDGE_VALUE(optwin_state, n, KEDGE_TYPE_U32),
    KEDGE_VALUE(optwin_state, n_new, KEDGE_TYPE_U32),
    KEDGE_VALUE(optwin_state, cut_for, KEDGE_TYPE_U32),
    KEDGE_VALUE(optwin_state, since, KEDGE_TYPE_U32),
    KEDGE_VALUE(optwin_state, t_threshold, KEDGE_TYPE_F64),
    KEDGE_VALUE(optwin_state, f_threshold, KEDGE_TYPE_F64),
    KEDGE_VALUE(optwin_state, origin, KEDGE_TYPE_F64),
    KEDGE_VALUE(optwin_state, old.total, KEDGE_TYPE_F64),
    KEDGE_VALUE(optwin_state, old.squares, KEDGE_TYPE_F64),
    KEDGE_VALUE(optwin_state, new.total, KEDGE_TYPE_F64),
    KEDGE_VALUE(optwin_state, new.squares, KEDGE_TYPE_F64),
    DETECTOR_RECORD_FIELDS(optwin_state),
    KEDGE_ARRAY(optwin_state, at_ring, max_window, KEDGE_TYPE_F64),
};

static void optwin_defaults(void *config)
{
    kedge_optwin_config *cfg = config;
    memset(cfg, 0, sizeof *cfg);
    cfg->base.cls = &kedge_optwin;
    cfg->base.config_bytes = sizeof *cfg;
    cfg->alpha = 1e-5;
    cfg->rho = 0.5;
    cfg->min_noise = 1e-5;
    cfg->min_window = 30;
    cfg->max_window = 1000;
    cfg->direction = KEDGE_DIRECTION_BOTH;
    cfg->tests = KEDGE_OPTWIN_MEAN;
}

kedge_status kedge_optwin_config_init(kedge_optwin_config *cfg, size_t cfg_bytes)
{
    return kedge_class_defaults(&kedge_optwin.base, cfg, cfg_bytes, sizeof *cfg);
}

static void optwin_configure(const void *config, void *fixed)
{
    const kedge_optwin_config *cfg = config;
    optwin_state *s = fixed;
    s->alpha = cfg->alpha;
    s->rho = cfg->rho;
    s->min_noise = cfg->min_noise;
    s->min_window = cfg->min_window;
    s->max_window = cfg->max_window;
    s->direction = kedge_i_choice(cfg->direction);
    s->tests = kedge_i_choice(cfg->tests);
}

static int optwin_valid(const void *fixed)
{
    const optwin_state *s = fixed;
    return kedge_i_within(s->alpha, 1e-14, 0.5) && kedge_i_within(s->rho, 0.01, 10.0) && kedge_i_within(s->min_noise, 0.0, 1e100) &&
           kedge_i_u32_within(s->max_window, 20, OPTWIN_MAX_WINDOW) && kedge_i_u32_within(s->min_window, 10, s->max_window) &&
           kedge_i_u32_within(s->direction, KEDGE_DIRECTION_BOTH, KEDGE_DIRECTION_DOWN) &&
           kedge_i_u32_within(s->tests, KEDGE_OPTWIN_MEAN_AND_SPREAD, KEDGE_OPTWIN_MEAN);
}

static size_t optwin_layout(void *fixed)
{
    optwin_state *s = fixed;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof *s);
    s->at_ring = kedge_i_arena_take(&arena, s->max_window, sizeof(double));
    return kedge_i_arena_end(&arena);
}

static void optwin_restart(optwin_state *s)
{
    memset(kedge_i_at(s, s->at_ring), 0, s->max_window * sizeof(double));
    optwin_part none = {0.0, 0.0};
    s->place = s->n = s->n_new = s->cut_for = s->since = 0;
    s->t_threshold = s->f_threshold = s->origin = 0.0;
    s->old = s->new = none;
}

static void optwin_start(void *state)
{
    optwin_restart(state);
}

static int optwin_part_is_sound(const optwin_part *p, uint32_t n)
{
    double most = OPTWIN_SUM_MAX * (double)(n + 1);
    return kedge_i_within(p->total, -most, most) && kedge_i_within(p->squares, -OPTWIN_SUM_MAX * most, OPTWIN_SUM_MAX * most);
}

static int optwin_check(const void *state)
{
    const optwin_state *s = state;
    const double *ring = kedge_i_at_const(s, s->at_ring);
    if (!(optwin_valid(s) && detector_record_is_sound(&s->record) && s->place < s->max_window && s->n <= s->max_window &&
          s->n <= s->record.n_seen && s->n_new <= s->n && s->cut_for <= s->n && s->since <= s->max_window &&
          (s->n < s->min_window || (s->cut_for >= s->min_window && kedge_i_u32_within(s->n_new, 2, s->n - 2) &&
                                    s->t_threshold > 0.0 && s->f_threshold > 0.0)) &&
          kedge_i_within(s->t_threshold, 0.0, DBL_MAX) && kedge_i_within(s->f_threshold, 0.0, DBL_MAX) &&
          kedge_i_within(s->origin, -KEDGE_DETECTOR_INPUT_MAX, KEDGE_DETECTOR_INPUT_MAX) && optwin_part_is_sound(&s->old, s->n) &&
          optwin_part_is_sound(&s->new, s->n)))
        return 0;
    for (uint32_t i = 0; i < s->max_window; i++)
        if (!kedge_i_within(ring[i], -KEDGE_DETECTOR_INPUT_MAX, KEDGE_DETECTOR_INPUT_MAX))
            return 0;
    return 1;
}

/* Thresholds for a cut, and whether it shows a shift of rho: equation 1. */
static int optwin_shows(const optwin_state *s, uint32_t n_new, double *t, double *f)
{
    double error = -expm1(0.25 * log1p(-s->alpha));
    double a = (double)(s->n - n_new);
    double b = (double)n_new;
    *f = kedge_i_fisher_upper(error, b - 1.0, a - 1.0);
    double old = 1.0 / a;
    double new = *f / b;
    double df = (old + new) * (old + new) / (old * old / (a - 1.0) + new * new / (b - 1.0));
    *t = kedge_i_student_upper(error, df);
    return s->rho >= *t * sqrt(old + new);
}

/* The shortest newer part that shows a shift of rho, up to one half. It hardly moves as the window grows, so the search begins
 * where it was. */
static uint32_t optwin_cut(const optwin_state *s, uint32_t was, double *t, double *f)
{
    uint32_t half = s->n / 2;
    uint32_t n_new = kedge_i_u32_within(was, 2, half) ? was : half;
    if (optwin_shows(s, n_new, t, f)) {
        double t_less;
        double f_less;
        while (n_new > 2 && optwin_shows(s, n_new - 1, &t_less, &f_less)) {
            n_new--;
            *t = t_less;
            *f = f_less;
        }
        return n_new;
    }
    while (n_new < half && !optwin_shows(s, n_new + 1, t, f))
        n_new++;
    return n_new < half ? n_new + 1 : half;
}

/* The k-th observation of the window, less the origin; 0 is the oldest. */
static double optwin_at(const optwin_state *s, uint32_t k)
{
    const double *ring = kedge_i_at_const(s, s->at_ring);
    uint32_t first = s->place >= s->n ? s->place - s->n : s->place + s->max_window - s->n;
    uint32_t i = first + k;
    return ring[i < s->max_window ? i : i - s->max_window] - s->origin;
}

static void optwin_add(optwin_part *p, double y)
{
    p->total += y;
    p->squares += y * y;
}

/* Returns whether what stays is lost in what rounding the one that goes has left. */
static int optwin_take(optwin_part *p, double y)
{
    p->total -= y;
    p->squares -= y * y;
    return y * y > OPTWIN_DWARFS * p->squares;
}

static void optwin_sum(optwin_state *s)
{
    optwin_part none = {0.0, 0.0};
    s->old = s->new = none;
    for (uint32_t k = 0; k < s->n; k++)
        optwin_add(k < s->n - s->n_new ? &s->old : &s->new, optwin_at(s, k));
    s->since = 0;
}

/* Has the window grown enough for another cut? */
static int optwin_is_due(const optwin_state *s)
{
    if (s->n < s->min_window || s->cut_for == s->n)
        return 0;
    return s->cut_for == 0 || s->n > s->cut_for + s->cut_for / OPTWIN_GROWTH || s->n == s->max_window;
}

/* The newest observation enters the window; parts and sums follow. */
static void optwin_slide(optwin_state *s, double x)
{
    double *ring = kedge_i_at(s, s->at_ring);
    int is_lost = 0;
    if (s->n == s->max_window) {
        is_lost |= optwin_take(&s->old, ring[s->place] - s->origin);
        s->n--;
    }
    ring[s->place] = x;
    s->place = s->place + 1 == s->max_window ? 0 : s->place + 1;
    s->n++;
    optwin_add(&s->new, x - s->origin);
    s->n_new++;
    uint32_t wanted = s->cut_for ? s->n_new - 1 : s->n_new;
    if (optwin_is_due(s)) {
        wanted = optwin_cut(s, s->cut_for ? wanted : 0, &s->t_threshold, &s->f_threshold);
        s->cut_for = s->n;
    }
    for (; s->n_new > wanted; s->n_new--) {
        double y = optwin_at(s, s->n - s->n_new);
        is_lost |= optwin_take(&s->new, y);
        optwin_add(&s->old, y);
    }
    for (; s->n_new < wanted; s->n_new++) {
        double y = optwin_at(s, s->n - s->n_new - 1);
        is_lost |= optwin_take(&s->old, y);
        optwin_add(&s->new, y);
    }
    s->since++;
    if (is_lost || s->since >= s->max_window)
        optwin_sum(s);
}

static double optwin_variance(const optwin_part *p, double n)
{
    return fmax(p->squares - p->total * (p->total / n), 0.0) / (n - 1.0);
}

/* What the two tests say of the window. */
typedef struct optwin_look {
    double before;
    double after;
    double ratio; /* of the statistic further beyond its threshold */
} optwin_look;

static optwin_look optwin_test(const optwin_state *s)
{
    double a = (double)(s->n - s->n_new);
    double b = (double)s->n_new;
    double old = sqrt(optwin_variance(&s->old, a)) + s->min_noise;
    double new = sqrt(optwin_variance(&s->new, b)) + s->min_noise;
    optwin_look look = {s->old.total / a, s->new.total / b, 0.0};
    double apart = look.after - look.before;
    double sd = sqrt(old * old / a + new * new / b);
    if (s->direction == KEDGE_DIRECTION_BOTH)
        apart = fabs(apart);
    else if (s->direction == KEDGE_DIRECTION_DOWN)
        apart = -apart;
    if (apart > OPTWIN_ROUNDING * (fabs(look.after) + fabs(look.before)))
        look.ratio = sd * s->t_threshold * 1e12 > apart ? apart / (sd * s->t_threshold) : 1e12;
    if (s->tests == KEDGE_OPTWIN_MEAN_AND_SPREAD && new * new > old * old * s->f_threshold &&
        old - s->min_noise > OPTWIN_ROUNDING * (fabs(look.after) + fabs(look.before)))
        look.ratio = fmax(look.ratio, new *new < old *old * s->f_threshold * 1e12 ? new *new / (old * old * s->f_threshold) : 1e12);
    look.before += s->origin;
    look.after += s->origin;
    return look;
}

static inline kedge_status optwin_step(optwin_state *s, double x)
{
    if (s->n == 0)
        s->origin = x;
    s->record.n_seen++;
    optwin_slide(s, x);
    if (s->n < s->min_window)
        return KEDGE_OK;
    optwin_look look = optwin_test(s);
    if (!(look.ratio > 1.0))
        return KEDGE_OK;
    detector_record_raise(&s->record, s->n_new, look.before, look.after, look.ratio, 1.0, (double)NAN);
    optwin_restart(s);
    return KEDGE_DRIFT;
}

DETECTOR_RUN_IN_PLACE(optwin)

static kedge_status optwin_estimate(const void *state, kedge_estimate *out)
{
    const optwin_state *s = state;
    kedge_status st = detector_record_estimate(&s->record, s->n, out);
    out->threshold = 1.0;
    if (s->n == 0)
        return st;
    double n = (double)s->n;
    optwin_part all = {s->old.total + s->new.total, s->old.squares + s->new.squares};
    out->mean = s->origin + all.total / n;
    out->variance = s->n > 1 ? optwin_variance(&all, n) * ((n - 1.0) / n) : 0.0;
    out->statistic = s->n >= s->min_window ? optwin_test(s).ratio : 0.0;
    return st;
}

static kedge_status optwin_alarm(const void *state, kedge_alarm *out)
{
    return detector_record_alarm(&((const optwin_state *)state)->record, out);
}

const kedge_detector_class kedge_optwin = {
    .base =
        {
            .abi = KEDGE_CLASS_ABI,
            .noun = KEDGE_NOUN_DETECTOR,
            .version = 1,
            .name = "optwin",
            .fixed_bytes = sizeof(optwin_state),
            .config_bytes = sizeof(kedge_optwin_config),
            .n_fields = sizeof optwin_fields / sizeof *optwin_fields,
            .fields = optwin_fields,
            .defaults = optwin_defaults,
            .configure = optwin_configure,
            .valid = optwin_valid,
            .layout = optwin_layout,
            .start = optwin_start,
            .check = optwin_check,
        },
    .input_low = -KEDGE_DETECTOR_INPUT_MAX,
    .input_high = KEDGE_DETECTOR_INPUT_MAX,
    .run = optwin_run,
    .update = optwin_update,
    .estimate = optwin_estimate,
    .alarm = optwin_alarm,
    .knob = {offsetof(kedge_optwin_config, alpha), 0, 0.5, 1e-14},
};
