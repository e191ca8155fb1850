/* SPDX-License-Identifier: MIT */
/* Calibration: the value of a detector's knob that gives a wanted average run length.
 *
 * ARL rises with the knob, and its logarithm is smooth in the knob's logarithm, so: short trials bracket the place; longer ones
 * near it give a line (weighted least squares, the bracket's slope as its prior), which says where the next is due; the last is
 * long enough for the wanted precision and is taken if it agrees with what was asked. What is reported was measured at the very
 * knob that is set, not extrapolated. Stochastic root finding by fitted lines: Lai, Robbins 1979, "Adaptive design and stochastic
 * approximation", Annals of Statistics 7. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/calibrate.h"

#include "base/check.h"
#include "base/number.h"
#include "calibrate/trial.h"

#define CALIBRATE_RUNS 20.0       /* a run is cut at so many wanted ARLs: one of geometric length gets there with a chance of
                                   * 2e-9 */
#define CALIBRATE_SHORT 6.0       /* wanted ARLs that a short trial takes at most */
#define CALIBRATE_GAP 1.5         /* natural logarithm of the ratio of ARLs at the bracket's ends that is narrow enough */
#define CALIBRATE_CLOSE 1.0       /* log ARL of a short trial this near to the wanted one ends the search for a bracket */
#define CALIBRATE_STEP 1e-4       /* a bracket as narrow as this that still holds a gap is a step of the ARL */
#define CALIBRATE_NEAR 1.5        /* trials whose log ARL is farther from the wanted one do not count for the line */
#define CALIBRATE_SURE 2.0        /* deviations by which a trial is surely off */
#define CALIBRATE_PRIOR 0.25      /* weight of the bracket's slope: known to twice itself */

enum { CALIBRATE_PROBES = 64, CALIBRATE_SHORT_ALARMS = 16, CALIBRATE_COARSE = 30, CALIBRATE_LINES = 5, CALIBRATE_ROUNDS = 30 };

typedef struct calibrate_search {
    trial_bench bench;
    double wanted;    /* log ARL */
    double precision;
    double enough;    /* alarms for that precision */
    double sign;      /* place = sign * log(knob) */
    double first;     /* place of most alarms */
    double last;      /* of fewest */
    double low;       /* bracket: place of an ARL below the wanted one */
    double high;      /* above */
    double low_arl;   /* log ARL there; NaN: not found yet */
    double high_arl;
    double slope;     /* of log ARL, from the bracket */
    uint32_t n_tallies;
    uint32_t reserved;
    trial_tally tallies[CALIBRATE_PROBES];
} calibrate_search;

kedge_status kedge_calibration_init(kedge_calibration *how, size_t how_bytes)
{
    if (!how)
        return KEDGE_ERR_NULL;
    if (how_bytes != sizeof *how)
        return KEDGE_ERR_CONFIG;
    memset(how, 0, sizeof *how);
    how->config_bytes = sizeof *how;
    how->method = KEDGE_CALIBRATE_SIMULATION;
    how->arl = 1e5;
    how->precision = 0.1;
    how->confidence = 0.95;
    how->sd = 1.0;
    how->budget = 1000000000;
    how->seed = 1;
    how->block = 1;
    how->row_length = 1;
    return KEDGE_OK;
}

static int calibrate_is_valid(const kedge_calibration *how)
{
    int has_one_source = (how->stream != NULL) != (how->sample != NULL && how->n_sample > 0);
    return how->config_bytes == sizeof *how &&
           kedge_i_u32_within(how->method, KEDGE_CALIBRATE_SIMULATION, KEDGE_CALIBRATE_FORMULA) &&
           kedge_i_within(how->arl, 10.0, 1e12) && kedge_i_within(how->precision, 0.01, 1.0) && how->confidence > 0.0 &&
           how->confidence < 1.0 && how->sd > 0.0 && how->sd <= 1e100 && how->budget >= 1 && how->budget <= KEDGE_I_COUNT_MAX &&
           how->block >= 1 && kedge_i_u32_within(how->row_length, 1, KEDGE_I_QUIET_BLOCK) &&
           (how->row_length == 1 || !how->stream) && (has_one_source || how->method == KEDGE_CALIBRATE_FORMULA);
}

static kedge_status calibrate_check(const kedge_detector_config *cfg, const kedge_calibration *how)
{
    if (!cfg || !cfg->cls || !how)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_class_check(&cfg->cls->base));
    return kedge_detector_size(cfg) > 0 && calibrate_is_valid(how) ? KEDGE_OK : KEDGE_ERR_CONFIG;
}

size_t kedge_calibrate_work(const kedge_detector_config *cfg, const kedge_calibration *how)
{
    if (calibrate_check(cfg, how) < 0)
        return 0;
    return sizeof(calibrate_search) + kedge_i_quiet_features(how) * sizeof(double) + kedge_detector_size(cfg);
}

/* All of a sample must be such that the class takes it: which numbers are drawn must not decide whether the call fails. */
static kedge_status calibrate_check_sample(const kedge_detector_class *cls, const kedge_calibration *how)
{
    for (size_t i = 0; how->sample && i < how->n_sample * how->row_length; i++)
        if (!kedge_i_within(how->sample[i], cls->input_low, cls->input_high))
            return kedge_i_refusal(how->sample[i]);
    return KEDGE_OK;
}

static kedge_status calibrate_begin(const kedge_detector_config *cfg, const kedge_calibration *how, void *work, size_t work_bytes)
{
    if (!work)
        return KEDGE_ERR_NULL;
    if (work_bytes < kedge_calibrate_work(cfg, how))
        return KEDGE_ERR_BUFFER;
    if (!kedge_i_aligned(work))
        return KEDGE_ERR_ALIGN;
    KEDGE_TRY(calibrate_check_sample(cfg->cls, how));
    calibrate_search *s = work;
    memset(s, 0, sizeof *s);
    double *x = (double *)(s + 1);
    kedge_i_quiet_begin(&s->bench.quiet, how, x);
    kedge_i_dial_set(&s->bench.dial, cfg);
    s->bench.mem = x + kedge_i_quiet_features(how);
    s->bench.mem_bytes = kedge_detector_size(cfg);
    s->bench.cut = CALIBRATE_RUNS * how->arl;
    s->bench.left = how->budget;
    s->wanted = log(how->arl);
    s->precision = how->precision;
    double z = -kedge_i_normal_quantile(0.5 * (1.0 - how->confidence));
    s->enough = ceil(z / how->precision * (z / how->precision));
    s->enough = s->enough > 4.0 ? s->enough : 4.0;
    return KEDGE_OK;
}

static void calibrate_report(const calibrate_search *s, const trial_tally *tally, const kedge_calibration *how,
                             kedge_calibration_report *out)
{
    kedge_i_interval arl = kedge_i_trial_interval(tally, how->confidence);
    out->knob = kedge_i_dial_knob(&s->bench.dial);
    out->warning = kedge_i_dial_warning(&s->bench.dial);
    out->arl = tally->n_alarms > 0 ? (double)tally->n / (double)tally->n_alarms : (double)INFINITY;
    out->arl_low = arl.low;
    out->arl_high = arl.high;
    out->dispersion = kedge_i_trial_dispersion(tally);
    out->n_alarms = tally->n_alarms;
    out->n_used = how->budget - s->bench.left;
    out->n_probes = s->n_tallies;
    out->stepped = 0;
}

static int calibrate_is_heavy(const trial_tally *tally, double weight)
{
    return kedge_i_trial_weight(tally) >= weight - 1e-6 * weight;
}

/* Until the tally weighs as much as `weight` alarms at random and has at least `least` observations, or has `n` for each alarm that
 * this takes, or the budget is spent. */
static kedge_status calibrate_weigh(trial_bench *b, double weight, double least, double n, trial_tally *tally)
{
    trial_goal goal = {weight, least, 0.0};
    while (b->left > 0 && !(calibrate_is_heavy(tally, weight) && (double)tally->n >= least)) {
        if (tally->n_alarms > 0) /* as scattered as so far */
            goal.n_alarms = fmax(goal.n_alarms, ceil(weight * (double)tally->n_alarms / kedge_i_trial_weight(tally)));
        goal.most = goal.n_alarms * n;
        if ((double)tally->n >= goal.most)
            break;
        KEDGE_TRY(kedge_i_trial_run(b, &goal, tally));
    }
    return KEDGE_OK;
}

kedge_status kedge_measure_arl(const kedge_detector_config *cfg, const kedge_calibration *how, void *work, size_t work_bytes,
                               kedge_calibration_report *out)
{
    if (!out)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(calibrate_check(cfg, how));
    if (how->method != KEDGE_CALIBRATE_SIMULATION)
        return KEDGE_ERR_CONFIG;
    KEDGE_TRY(calibrate_begin(cfg, how, work, work_bytes));
    calibrate_search *s = work;
    s->n_tallies = 1;
    KEDGE_TRY(calibrate_weigh(&s->bench, s->enough, 0.0, (double)how->budget, s->tallies));
    calibrate_report(s, s->tallies, how, out);
    return calibrate_is_heavy(s->tallies, s->enough) ? KEDGE_OK : KEDGE_MORE;
}

static double calibrate_knob_at(const calibrate_search *s, double at)
{
    double knob = exp(s->sign * at);
    double least = s->bench.dial.knob.often < s->bench.dial.knob.seldom ? s->bench.dial.knob.often : s->bench.dial.knob.seldom;
    double most = s->bench.dial.knob.often < s->bench.dial.knob.seldom ? s->bench.dial.knob.seldom : s->bench.dial.knob.often;
    knob = knob > least ? knob : least; /* the ends exactly */
    return knob < most ? knob : most;
}

/* Try a place; where it was tried before, add to that. */
static kedge_status calibrate_try(calibrate_search *s, double at, double weight, double n, trial_tally **out)
{
    trial_tally *tally = NULL;
    for (uint32_t i = 0; i < s->n_tallies && !tally; i++)
        tally = s->tallies[i].at == at ? &s->tallies[i] : NULL;
    if (!tally) {
        uint32_t i = s->n_tallies < CALIBRATE_PROBES ? s->n_tallies++ : 0; /* the first is the farthest */
        tally = &s->tallies[i];
        memset(tally, 0, sizeof *tally);
        tally->at = at;
    }
    kedge_i_dial_turn(&s->bench.dial, calibrate_knob_at(s, at));
    *out = tally;
    return calibrate_weigh(&s->bench, weight, exp(s->wanted), n, tally);
}

/* Where to look next: outside of what has been tried, at steps that double, or inside the bracket on the line between its ends. */
static double calibrate_coarse_place(const calibrate_search *s, uint32_t i)
{
    double step = 0.5 * (double)((uint32_t)1 << (i < 16 ? i : 16));
    double at;
    if (isnan(s->low_arl))
        at = s->high - step;
    else if (isnan(s->high_arl))
        at = s->low + step;
    else {
        double share = (s->wanted - s->low_arl) / (s->high_arl - s->low_arl);
        if (i % 3 == 2)
            share = 0.5;
        share = share < 0.2 ? 0.2 : share > 0.8 ? 0.8 : share;
        return s->low + share * (s->high - s->low);
    }
    return at < s->first ? s->first : at > s->last ? s->last : at;
}

/* Is the bracket good enough for a line? Short trials are noisy: to narrow it further around one that is near would follow the
 * noise. */
static int calibrate_is_bracketed(const calibrate_search *s, const trial_tally *newest)
{
    double gap = s->high_arl - s->low_arl;
    int is_near = kedge_i_trial_weight(newest) >= 4.0 && fabs(kedge_i_trial_log_arl(newest) - s->wanted) < CALIBRATE_CLOSE;
    return gap < CALIBRATE_GAP || (!isnan(gap) && (is_near || s->high - s->low < CALIBRATE_STEP));
}

/* Bracket the place by short trials. KEDGE_MORE: the budget is spent. */
static kedge_status calibrate_bracket(calibrate_search *s)
{
    double knob = kedge_i_dial_knob(&s->bench.dial);
    double at = s->sign * log(knob);
    double arl = exp(s->wanted);
    at = !(at > s->first) ? s->first : !(at < s->last) ? s->last : at;
    s->low_arl = s->high_arl = (double)NAN;
    for (uint32_t i = 0; i < CALIBRATE_COARSE; i++) {
        trial_tally *tally;
        KEDGE_TRY(calibrate_try(s, at, CALIBRATE_SHORT_ALARMS, CALIBRATE_SHORT / CALIBRATE_SHORT_ALARMS * arl, &tally));
        if (at <= s->first || at >= s->last) /* there is nothing beyond: be sure */
            KEDGE_TRY(calibrate_try(s, at, 0.5 * s->enough, 3.0 * arl, &tally));
        double y = kedge_i_trial_log_arl(tally);
        if (y < s->wanted) {
            s->low = at;
            s->low_arl = y;
        } else {
            s->high = at;
            s->high_arl = y;
        }
        if (s->bench.left == 0)
            return KEDGE_MORE;
        if (calibrate_is_bracketed(s, tally))
            break;
        if ((isnan(s->low_arl) && at <= s->first) || (isnan(s->high_arl) && at >= s->last))
            return KEDGE_ERR_NUMERIC;
        at = calibrate_coarse_place(s, i);
    }
    s->slope = (s->high_arl - s->low_arl) / (s->high - s->low);
    return KEDGE_OK;
}

/* The place of the wanted ARL, by a weighted line through the trials near it, whose slope leans on the bracket's. */
static double calibrate_line(const calibrate_search *s)
{
    double w = 0.0, mean_x = 0.0, mean_y = 0.0, xx = 0.0, xy = 0.0;
    for (uint32_t i = 0; i < s->n_tallies; i++) {
        double y = kedge_i_trial_log_arl(&s->tallies[i]) - s->wanted;
        if (!(fabs(y) < CALIBRATE_NEAR) || s->tallies[i].n_alarms < 4)
            continue;
        double weight = kedge_i_trial_weight(&s->tallies[i]) / (1.0 + 6.0 * y * y); /* curvature: farther trials say less */
        double dx = s->tallies[i].at - mean_x;
        double dy = y - mean_y;
        w += weight;
        mean_x += dx * weight / w;
        mean_y += dy * weight / w;
        xx += weight * dx * (s->tallies[i].at - mean_x);
        xy += weight * dx * (y - mean_y);
    }
    double prior = CALIBRATE_PRIOR / (s->slope * s->slope);
    double slope = (xy + prior * s->slope) / (xx + prior);
    slope = fmin(fmax(slope, 0.1 * s->slope), 10.0 * s->slope);
    double move = fmin(fmax(-mean_y / slope, -2.0 / s->slope), 2.0 / s->slope);
    double at = w > 0.0 ? mean_x + move : 0.5 * (s->low + s->high);
    return at < s->first ? s->first : at > s->last ? s->last : at;
}

/* The greatest dispersion of trials near the wanted ARL, at least 1. */
static double calibrate_dispersion(const calibrate_search *s)
{
    double most = 1.0;
    for (uint32_t i = 0; i < s->n_tallies; i++)
        if (fabs(kedge_i_trial_log_arl(&s->tallies[i]) - s->wanted) < CALIBRATE_NEAR)
            most = fmax(most, kedge_i_trial_dispersion(&s->tallies[i])); /* NaN: too few alarms to tell */
    return most;
}

/* Deviations by which a trial has fewer alarms than the wanted ARL would have given. */
static double calibrate_calm(const calibrate_search *s, const trial_tally *tally, double dispersion)
{
    double expected = (double)tally->n / exp(s->wanted);
    return (expected - (double)tally->n_alarms) / sqrt(expected * dispersion);
}

/* The nearest places that were surely found below and above; the bracket's ends where none was. */
typedef struct calibrate_corner {
    double low;
    double high;
    int is_below; /* low is sure */
    int is_above;
} calibrate_corner;

/* A burst of alarms makes nothing sure: there have to be as many that a whole run to the cut would not make up for them. */
static calibrate_corner calibrate_find_corner(const calibrate_search *s)
{
    calibrate_corner c = {s->low, s->high, 0, 0};
    double dispersion = calibrate_dispersion(s);
    for (uint32_t i = 0; i < s->n_tallies; i++) {
        const trial_tally *t = &s->tallies[i];
        double calm = calibrate_calm(s, t, dispersion);
        int is_below = calm < -CALIBRATE_SURE && (double)t->n_alarms > (double)t->n / exp(s->wanted) + CALIBRATE_RUNS;
        if (is_below && (!c.is_below || t->at > c.low)) {
            c.low = t->at;
            c.is_below = 1;
        }
        if (calm > CALIBRATE_SURE && (!c.is_above || t->at < c.high)) {
            c.high = t->at;
            c.is_above = 1;
        }
    }
    return c;
}

/* Is there nothing between a place with surely less and one with surely more? */
static int calibrate_is_step(const calibrate_corner *c)
{
    return c->is_below && c->is_above && c->high - c->low <= CALIBRATE_STEP;
}

/* Where the line says, but halfway where that is surely wrong, has just been tried, or has been followed for long: steps of the ARL
 * defeat lines. */
static double calibrate_refine_place(const calibrate_search *s, const calibrate_corner *c, uint32_t i, int is_news)
{
    double at = calibrate_line(s);
    int is_outside = (c->is_below && at <= c->low) || (c->is_above && at >= c->high);
    return is_outside || !is_news || (i >= CALIBRATE_LINES && i % 2 == 1) ? 0.5 * (c->low + c->high) : at;
}

/* Longer and longer trials. One that promises well is made long enough, and is the answer if it then agrees with what was asked;
 * *out is NULL if none did. */
static kedge_status calibrate_refine(calibrate_search *s, trial_tally **out)
{
    double arl = exp(s->wanted);
    uint64_t left = 0;
    *out = NULL;
    for (uint32_t i = 0; i < CALIBRATE_ROUNDS && s->bench.left > 0; i++) {
        trial_tally *tally;
        calibrate_corner corner = calibrate_find_corner(s);
        double weight = s->enough * (i < 3 ? 0.125 * (double)((uint32_t)1 << i) : 0.5);
        if (calibrate_is_step(&corner))
            break;
        double at = calibrate_refine_place(s, &corner, i, s->bench.left != left);
        left = s->bench.left;
        KEDGE_TRY(calibrate_try(s, at, weight, 1.5 * arl, &tally));
        if (fabs(kedge_i_trial_log_arl(tally) - s->wanted) > 0.5 * s->precision + 2.0 / sqrt(1.0 + kedge_i_trial_weight(tally)))
            continue;
        KEDGE_TRY(calibrate_try(s, at, s->enough, 3.0 * arl, &tally));
        if (calibrate_is_heavy(tally, s->enough) && fabs(kedge_i_trial_log_arl(tally) - s->wanted) <= 0.5 * s->precision) {
            *out = tally;
            break;
        }
    }
    return KEDGE_OK;
}

/* How far a trial is from what was asked; too many alarms are worse than too few, and not to know is bad too. */
static double calibrate_regret(const calibrate_search *s, const trial_tally *tally)
{
    double off = kedge_i_trial_log_arl(tally) - s->wanted;
    return fabs(off) + (off < -s->precision ? 1.0 : 0.0) + 2.0 / sqrt(0.25 + kedge_i_trial_weight(tally));
}

/* The ARL jumps over what was asked: the upper end of the step. Or the budget did not do: the best place so far. */
static kedge_status calibrate_settle(calibrate_search *s, trial_tally **out)
{
    trial_tally *best = &s->tallies[0];
    calibrate_corner corner = calibrate_find_corner(s);
    int is_step = calibrate_is_step(&corner);
    for (uint32_t i = 1; i < s->n_tallies; i++)
        if (is_step ? s->tallies[i].at == corner.high : calibrate_regret(s, &s->tallies[i]) < calibrate_regret(s, best))
            best = &s->tallies[i];
    *out = best;
    return calibrate_try(s, best->at, s->enough, 3.0 * exp(s->wanted), &best);
}

static kedge_status calibrate_simulate(calibrate_search *s, const kedge_calibration *how, kedge_calibration_report *out)
{
    trial_tally *found = NULL;
    kedge_knob knob = s->bench.dial.knob;
    s->sign = knob.often < knob.seldom ? 1.0 : -1.0;
    s->first = s->sign * log(knob.often);
    s->last = s->sign * log(knob.seldom);
    kedge_status st = calibrate_bracket(s);
    KEDGE_TRY(st);
    if (st == KEDGE_OK)
        KEDGE_TRY(calibrate_refine(s, &found));
    if (!found)
        KEDGE_TRY(calibrate_settle(s, &found));
    kedge_i_dial_turn(&s->bench.dial, calibrate_knob_at(s, found->at));
    calibrate_report(s, found, how, out);
    calibrate_corner corner = calibrate_find_corner(s);
    int is_off = fabs(kedge_i_trial_log_arl(found) - s->wanted) > s->precision;
    out->stepped = is_off && calibrate_is_step(&corner);
    return out->stepped || (calibrate_is_heavy(found, s->enough) && !is_off) ? KEDGE_OK : KEDGE_MORE;
}

/* Without data: what the class itself says. */
static kedge_status calibrate_formula(kedge_detector_config *cfg, const kedge_calibration *how, kedge_calibration_report *out)
{
    trial_dial dial;
    if (!cfg->cls->knob_of_arl)
        return KEDGE_ERR_UNSUPPORTED;
    kedge_i_dial_set(&dial, cfg);
    double knob = cfg->cls->knob_of_arl(dial.cfg.bytes, how->arl, how->sd);
    if (isnan(knob))
        return KEDGE_ERR_UNSUPPORTED;
    if (!kedge_i_within(knob, fmin(cfg->cls->knob.often, cfg->cls->knob.seldom), fmax(cfg->cls->knob.often, cfg->cls->knob.seldom)))
        return KEDGE_ERR_NUMERIC;
    kedge_i_dial_turn(&dial, knob);
    kedge_i_dial_give(&dial, cfg);
    memset(out, 0, sizeof *out);
    out->knob = knob;
    out->warning = kedge_i_dial_warning(&dial);
    out->arl = how->arl;
    out->dispersion = out->arl_low = out->arl_high = (double)NAN;
    if (knob == how->arl) { /* the knob is a guaranteed ARL */
        out->arl_low = how->arl;
        out->arl_high = (double)INFINITY;
    }
    return KEDGE_OK;
}

kedge_status kedge_calibrate(kedge_detector_config *cfg, const kedge_calibration *how, void *work, size_t work_bytes,
                             kedge_calibration_report *out)
{
    if (!out)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(calibrate_check(cfg, how));
    kedge_knob knob = cfg->cls->knob;
    if (knob.offset == 0 || knob.offset > cfg->config_bytes - sizeof(double))
        return KEDGE_ERR_UNSUPPORTED;
    if (how->method == KEDGE_CALIBRATE_FORMULA)
        return calibrate_formula(cfg, how, out);
    KEDGE_TRY(calibrate_begin(cfg, how, work, work_bytes));
    kedge_status st = calibrate_simulate(work, how, out);
    if (st >= 0)
        kedge_i_dial_give(&((calibrate_search *)work)->bench.dial, cfg);
    return st;
}
