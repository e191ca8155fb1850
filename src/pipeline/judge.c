/* SPDX-License-Identifier: MIT */
/* The gate inside a pipeline. A challenger is compared with the champion on the rows that were held back from its training, and if
 * these do not decide, on every row whose label comes: neither was trained on those. */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/check.h"
#include "base/number.h"
#include "pipeline/pipeline_state.h"

#define JUDGE_UNIT 4.0     /* a regression's errors count up to so many mean errors: one row must not decide */
#define JUDGE_OUTLIER 32.0 /* of the mean an error counts up to so many times the usual ones, or one label could blind the gate */
#define JUDGE_MARGIN_MAX 2.0 /* units: beyond any gain, and no quotient overflows */
#define JUDGE_STRETCH 32   /* rows in a row of those that judge; */
#define JUDGE_NEWEST 64    /* they lie among so many of the newest, */
#define JUDGE_UNUSUAL 2.0  /* and errors are unusually many from so many standard deviations above their mean on */
#define JUDGE_ERROR_MAX KEDGE_DETECTOR_INPUT_MAX /* so that sums stay finite: what a model that does not serve says has no bound */

/* An error of a regression is none of the served ones, which the detector has let in. */
static double judge_error(const pipeline_state *s, double predicted, double y)
{
    return fmin(pipeline_error(s, predicted, y), JUDGE_ERROR_MAX);
}

/* The champion's errors on kept rows, but for those that are to judge in this unit. */
typedef struct judge_errors {
    double n;
    double n_wrong;
    double exponents; /* sum, of those that are wrong */
    double sum;       /* each up to `most` */
    double most;
} judge_errors;

static void judge_add(judge_errors *e, double error)
{
    int exponent;
    e->n += 1.0;
    e->sum += fmin(error, e->most);
    if (!(error > 0.0))
        return;
    (void)frexp(error, &exponent);
    e->n_wrong += 1.0;
    e->exponents += exponent;
}

/* Of rows from that number on, of which none judges a model that was trained on rows up to `trained_to`. */
typedef struct judge_span {
    uint64_t from;
    uint64_t trained_to;
} judge_span;

static judge_errors judge_gather(const kedge_pipeline *p, const judge_span *span, double most)
{
    const pipeline_state *s = pipeline_of(p);
    judge_errors e = {.most = most};
    for (uint32_t i = 0; i < s->window_n; i++) {
        uint64_t number = kedge_i_window_number(s, i);
        double y, now;
        if (number < span->from || kedge_i_judge_is_new(s, number, span->trained_to))
            continue;
        const double *x = kedge_i_window_row(s, i, &y);
        if (kedge_i_prepared_predict(p, 0, x, &now) >= 0)
            judge_add(&e, judge_error(s, now, y));
    }
    return e;
}

/* Twice through the rows: what is typical is the mean of the errors' exponents, which no outlier moves far. 0: it erred nowhere. */
static double judge_mean(const kedge_pipeline *p, const judge_span *span)
{
    judge_errors e = judge_gather(p, span, JUDGE_ERROR_MAX);
    if (e.n_wrong == 0.0)
        return 0.0;
    e = judge_gather(p, span, JUDGE_OUTLIER * ldexp(1.0, (int)floor(e.exponents / e.n_wrong)));
    return e.sum / e.n;
}

double kedge_i_judge_unit(const kedge_pipeline *p, uint64_t trained_to)
{
    const pipeline_state *s = pipeline_of(p);
    if (s->n_classes > 0) /* errors differ by 1 at most */
        return 1.0;
    const judge_span recent = {s->changed_row > s->watched_from ? s->changed_row : s->watched_from, trained_to};
    const judge_span all = {0, trained_to};
    double mean = judge_mean(p, &recent); /* since it serves, and since the last change */
    mean = mean > 0.0 ? mean : judge_mean(p, &all);
    return mean > 0.0 ? fmax(JUDGE_UNIT * fmin(mean, JUDGE_ERROR_MAX), DBL_MIN) : 1.0;
}

/* A regression's limits are shares of the mean error, but for the margin. */
static kedge_i_verdict_limits judge_limits(const pipeline_state *s, double unit, uint64_t tries)
{
    double share = s->n_classes > 0 ? 1.0 : 1.0 / JUDGE_UNIT;
    const kedge_i_verdict_limits limits = {
        .margin = s->gate_margin < JUDGE_MARGIN_MAX * unit ? s->gate_margin / unit : JUDGE_MARGIN_MAX,
        .loss = s->gate_loss * share,
        .sought = s->gate_sought * share,
        .confidence = s->gate_confidence,
        .safe = s->gate_safe,
        .tries = tries,
    };
    return limits;
}

static kedge_status judge_read(const pipeline_state *s, const kedge_i_verdict *v, const kedge_i_verdict_limits *limits)
{
    return v->n >= s->holdout_min ? kedge_i_verdict_read(v, limits) : KEDGE_MORE;
}

/* A row that a model cannot answer says nothing. */
static void judge_row(const kedge_pipeline *p, const double *x, double y, double unit, const kedge_i_verdict_limits *limits,
                      kedge_i_verdict *v)
{
    const pipeline_state *s = pipeline_of(p);
    double now, then;
    if (kedge_i_prepared_predict(p, 0, x, &now) >= 0 && kedge_i_prepared_predict(p, 1, x, &then) >= 0)
        kedge_i_verdict_learn(v, limits, judge_error(s, now, y), judge_error(s, then, y), unit);
}

int kedge_i_judge_is_new(const pipeline_state *s, uint64_t number, uint64_t trained_to)
{
    return number >= s->judge_from && number >= s->changed_row && (number >= trained_to || kedge_i_window_holds_back(s, number));
}

kedge_status kedge_i_judge_kept(const kedge_pipeline *p, uint64_t trained_to, uint64_t tries, double unit, kedge_i_verdict *v)
{
    const pipeline_state *s = pipeline_of(p);
    const kedge_i_verdict_limits limits = judge_limits(s, unit, tries);
    kedge_i_verdict_begin(v);
    for (uint32_t i = 0; i < s->window_n; i++) {
        uint64_t number = kedge_i_window_number(s, i);
        double y;
        if (!kedge_i_judge_is_new(s, number, trained_to))
            continue;
        const double *x = kedge_i_window_row(s, i, &y);
        judge_row(p, x, y, unit, &limits, v);
    }
    return judge_read(s, v, &limits);
}

static void judge_note(pipeline_numbers *numbers)
{
    const kedge_i_verdict *v = &numbers->verdict;
    numbers->gate_champion = v->n > 0.0 ? v->champion / v->n : -1.0;
    numbers->gate_challenger = v->n > 0.0 ? v->challenger / v->n : -1.0;
}

kedge_status kedge_i_judge_challenger(kedge_pipeline *p, uint64_t trained_to)
{
    pipeline_state *s = pipeline_of(p);
    pipeline_numbers *numbers = pipeline_numbers_of(s);
    s->trained_to = trained_to;
    if (s->holdout_every == 0)
        return KEDGE_OK;
    numbers->error_unit = kedge_i_judge_unit(p, trained_to);
    kedge_status st = kedge_i_judge_kept(p, trained_to, 1, numbers->error_unit, &numbers->verdict);
    judge_note(numbers);
    return st;
}

void kedge_i_judge_label(kedge_pipeline *p, const double *x, double y)
{
    const pipeline_state *s = pipeline_of(p);
    pipeline_numbers *numbers = pipeline_numbers_of(s);
    const kedge_i_verdict_limits limits = judge_limits(s, numbers->error_unit, 1);
    judge_row(p, x, y, numbers->error_unit, &limits, &numbers->verdict);
}

/* The trial is over. */
static uint64_t judge_end(pipeline_state *s)
{
    uint64_t id = s->trial;
    pipeline_numbers *numbers = pipeline_numbers_of(s);
    judge_note(numbers);
    memset(&numbers->verdict, 0, sizeof numbers->verdict);
    s->trial = 0;
    return id;
}

void kedge_i_judge_drop(kedge_pipeline *p)
{
    if (pipeline_of(p)->trial == 0)
        return;
    kedge_i_versions_refused(p, judge_end(pipeline_of(p)), KEDGE_MORE);
}

/* An error as a share of what counts as 1. */
static double judge_share(double error, double unit)
{
    return error < unit ? error / unit : 1.0;
}

/* More than so much the challenger's errors in a stretch seldom come to, each at most 1: no errors of the same mean vary more than
 * zeros and ones. */
static double judge_seldom(const pipeline_numbers *numbers)
{
    const kedge_i_verdict *v = &numbers->verdict;
    double mean = judge_share(v->challenger / v->n, numbers->error_unit);
    return JUDGE_STRETCH * mean + JUDGE_UNUSUAL * sqrt(JUDGE_STRETCH * mean * (1.0 - mean));
}

/* Does the challenger err unusually often in a stretch of the newest rows? Then the concept of which the trial speaks may be over.
 * The stretch may end before the newest row, so that a few good rows do not end the doubt before the detector has seen more. */
static int judge_may_be_over(const kedge_pipeline *p)
{
    const pipeline_state *s = pipeline_of(p);
    const double unit = pipeline_numbers_of(s)->error_unit, seldom = judge_seldom(pipeline_numbers_of(s));
    double errors[JUDGE_STRETCH] = {0.0}, sum = 0.0, y, then;
    uint32_t n = 0;
    for (uint32_t i = s->window_n; i > 0 && n < JUDGE_NEWEST; i--) {
        if (!kedge_i_judge_is_new(s, kedge_i_window_number(s, i - 1), s->trained_to))
            continue;
        const double *x = kedge_i_window_row(s, i - 1, &y);
        if (kedge_i_prepared_predict(p, 1, x, &then) < 0)
            continue;
        double *error = &errors[n++ % JUDGE_STRETCH], last = *error;
        *error = judge_share(judge_error(s, then, y), unit);
        sum += *error - last;
        if (n >= JUDGE_STRETCH && sum > seldom)
            return 1;
    }
    return 0;
}

void kedge_i_judge_step(kedge_pipeline *p)
{
    pipeline_state *s = pipeline_of(p);
    const pipeline_numbers *numbers = pipeline_numbers_of(s);
    if (s->trial == 0)
        return;
    const kedge_i_verdict_limits limits = judge_limits(s, numbers->error_unit, 1);
    kedge_status st = judge_read(s, &numbers->verdict, &limits);
    if (st == KEDGE_OK && judge_may_be_over(p))
        st = KEDGE_MORE;
    if (st == KEDGE_OK)
        kedge_i_versions_passed(p, judge_end(s));
    else if (st == KEDGE_EMPTY)
        kedge_i_versions_refused(p, judge_end(s), 0);
    else if (numbers->verdict.n >= s->gate_rows)
        kedge_i_judge_drop(p);
}
