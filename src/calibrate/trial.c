/* SPDX-License-Identifier: MIT */
/* Trials of a detector on quiet data. Alarms are counted over one long time in which the detector goes on as it always does, so the
 * ARL of those that keep something after an alarm is that of use. Its interval is that of a Poisson count, and as much wider as
 * alarms scatter more than those that come at random. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "calibrate/trial.h"

#include "base/check.h"

enum { TRIAL_DISPERSION_ALARMS = 20 };

void kedge_i_dial_set(trial_dial *dial, const kedge_detector_config *cfg)
{
    memset(dial, 0, sizeof *dial);
    cfg->cls->base.defaults(dial->cfg.bytes); /* what an older caller's struct ends before */
    memcpy(dial->cfg.bytes, cfg, cfg->config_bytes);
    dial->knob = cfg->cls->knob;
    dial->warning_share = kedge_i_dial_warning(dial) / kedge_i_dial_knob(dial);
}

/* A caller of an older release may bring a configuration that ends before a member. */
static double dial_read(const trial_dial *dial, uint32_t offset)
{
    double x;
    if (offset == 0 || offset > dial->cfg.base.config_bytes - sizeof x)
        return (double)NAN;
    memcpy(&x, dial->cfg.bytes + offset, sizeof x);
    return x;
}

double kedge_i_dial_knob(const trial_dial *dial)
{
    return dial_read(dial, dial->knob.offset);
}

double kedge_i_dial_warning(const trial_dial *dial)
{
    return dial_read(dial, dial->knob.warning_offset);
}

void kedge_i_dial_turn(trial_dial *dial, double knob)
{
    double warning = knob * dial->warning_share;
    memcpy(dial->cfg.bytes + dial->knob.offset, &knob, sizeof knob);
    if (isnan(dial->warning_share))
        return;
    memcpy(dial->cfg.bytes + dial->knob.warning_offset, &warning, sizeof warning);
    if (kedge_detector_size(&dial->cfg.base) == 0) /* a chance above 1: the warning level goes as far as the knob itself */
        memcpy(dial->cfg.bytes + dial->knob.warning_offset, &knob, sizeof knob);
}

void kedge_i_dial_give(const trial_dial *dial, kedge_detector_config *cfg)
{
    unsigned char *bytes = (unsigned char *)cfg;
    memcpy(bytes + dial->knob.offset, dial->cfg.bytes + dial->knob.offset, sizeof(double));
    if (!isnan(dial->warning_share))
        memcpy(bytes + dial->knob.warning_offset, dial->cfg.bytes + dial->knob.warning_offset, sizeof(double));
}

static void trial_end_run(trial_tally *tally, int with_alarm)
{
    double run = (double)tally->run;
    tally->n_alarms += with_alarm ? 1u : 0u;
    tally->alarmed += with_alarm ? run : 0.0;
    tally->squares += run * run;
    tally->run = 0;
}

static kedge_status trial_feed(trial_bench *b, kedge_detector *d, double most, trial_tally *tally)
{
    const double *y;
    size_t n;
    size_t used = 0;
    uint32_t length = b->quiet.row_length;
    KEDGE_TRY(kedge_i_quiet_look(&b->quiet, &y, &n));
    n /= length;
    kedge_status st = kedge_detector_update_many(d, y, ((double)n < most ? n : (size_t)most) * length, &used);
    b->quiet.at += used;
    used /= length; /* whole ones: drift comes with a row's last number */
    b->left -= used;
    tally->n += used;
    tally->run += used;
    KEDGE_TRY(st);
    if (st == KEDGE_DRIFT)
        trial_end_run(tally, 1);
    else if ((double)tally->run >= b->cut) {
        KEDGE_TRY(kedge_detector_reset(d));
        trial_end_run(tally, 0);
    }
    return KEDGE_OK;
}

static int trial_is_done(const trial_goal *goal, const trial_tally *tally)
{
    double n = (double)tally->n;
    if (tally->run > 0)
        return tally->n_alarms == 0 && n >= goal->most;
    return n >= goal->most || ((double)tally->n_alarms >= goal->n_alarms && n >= goal->least);
}

kedge_status kedge_i_trial_run(trial_bench *b, const trial_goal *goal, trial_tally *tally)
{
    kedge_detector d;
    KEDGE_TRY(kedge_detector_init(&d, &b->dial.cfg.base, b->mem, b->mem_bytes));
    while (b->left > 0 && !trial_is_done(goal, tally)) {
        double most = ceil(b->cut) - (double)tally->run;
        most = most < (double)b->left ? most : (double)b->left;
        if (tally->n_alarms == 0 && (double)tally->n < goal->most)
            most = fmin(most, ceil(goal->most - (double)tally->n));
        KEDGE_TRY(trial_feed(b, &d, most, tally));
    }
    if (tally->run > 0)
        trial_end_run(tally, 0);
    return KEDGE_OK;
}

/* Of a ratio of sums over independent runs, alarms over lengths (Cochran 1977, section 6.4): the variance of the former where the
 * lengths are given. */
static double trial_variance(const trial_tally *tally)
{
    double rate = (double)tally->n_alarms / (double)tally->n;
    return (double)tally->n_alarms - 2.0 * rate * tally->alarmed + rate * rate * tally->squares;
}

double kedge_i_trial_dispersion(const trial_tally *tally)
{
    if (tally->n_alarms < TRIAL_DISPERSION_ALARMS)
        return (double)NAN;
    return fmax(trial_variance(tally), 0.0) / (double)tally->n_alarms;
}

double kedge_i_trial_weight(const trial_tally *tally)
{
    double n = (double)tally->n_alarms;
    if (tally->n_alarms == 0)
        return 0.0;
    double variance = trial_variance(tally);
    return variance > n ? n / variance * n : n;
}

double kedge_i_trial_log_arl(const trial_tally *tally)
{
    return log((double)tally->n / (tally->n_alarms > 0 ? (double)tally->n_alarms : 0.5));
}

kedge_i_interval kedge_i_trial_interval(const trial_tally *tally, double confidence)
{
    double weight = kedge_i_trial_weight(tally);
    uint64_t k = (uint64_t)(weight + 0.5);
    kedge_i_interval count = kedge_i_poisson_interval(k, confidence);
    double each = (double)tally->n * (tally->n_alarms > 0 ? weight / (double)tally->n_alarms : 1.0);
    kedge_i_interval arl = {each / count.high, count.low > 0.0 ? each / count.low : (double)INFINITY};
    return arl;
}
