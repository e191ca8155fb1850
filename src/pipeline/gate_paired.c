/* SPDX-License-Identifier: MIT */
/* Is the challenger better than the champion, on the same rows?
 *
 * Of the accuracy of rows that weigh alike and do not depend on each other the interval is Tango's (base/interval.h), which keeps
 * its level with few rows too; of every other score it is the normal one, with the deviation that a paired bootstrap tells. Ends
 * are one-sided: each by itself has the confidence that is asked for.
 *
 * Two hypotheses are tested. That the challenger is not better at all may be refuted falsely now and then, since no harm is done
 * where both are alike; that it is worse by more than `loss_most` almost never. A challenger passes where both are refuted, fails
 * where it is surely not better or surely that much worse, and is undecided between. So whatever the number of rows, one that is
 * worse by more than `loss_most` passes with a chance of at most 1 - confidence_safe, and one that is better than `gain` fails
 * with a chance of at most 1 - confidence; the number of rows decides how many are left undecided, and gate_rows_needed() tells
 * how many are needed. */
#include "base/fp.h"

#include <math.h>

#include "pipeline/gate_run.h"

#include "base/interval.h"
#include "metrics/bootstrap.h"

#define GATE_ROWS_NEEDED_MAX 1e15
#define GATE_FARTHEST        1e8 /* deviations that far apart need more rows than anyone has */

static double gate_score(const kedge_i_gate *g, uint32_t who, const uint32_t *times)
{
    kedge_i_score s;
    kedge_i_score_begin(&s, g->cfg->battery->score, g->n_classes, g->n, g->pairs);
    for (size_t k = g->first; k < g->end; k++) {
        size_t i = g->by_slice ? g->order[k] : k;
        kedge_i_score_add_term(&s, g->y[i], g->term[who][i], kedge_i_gate_weight(g, i) * (times ? times[k - g->first] : 1.0));
    }
    return kedge_i_score_read(&s);
}

/* By how much the challenger is better. */
static double gate_gain(const kedge_i_gate *g, const uint32_t *times)
{
    double gain = gate_score(g, GATE_CHALLENGER, times) - gate_score(g, GATE_CHAMPION, times);
    return kedge_score_direction(g->cfg->battery->score) > 0 ? gain : -gain;
}

static void gate_gain_value(void *context, const uint32_t *times, double *values)
{
    *values = gate_gain(context, times);
}

static int gate_is_plain_accuracy(const kedge_i_gate *g)
{
    return g->cfg->battery->score == KEDGE_SCORE_ACCURACY && !g->weight && g->cfg->battery->block == 1;
}

/* Rows that only one of the two gets right. */
static void gate_discordant(const kedge_i_gate *g, uint64_t *won, uint64_t *lost)
{
    *won = *lost = 0;
    for (size_t k = g->first; k < g->end; k++) {
        size_t i = g->by_slice ? g->order[k] : k;
        int right = g->predicted[GATE_CHALLENGER][i] == g->y[i], other = g->predicted[GATE_CHAMPION][i] == g->y[i];
        int counts = g->n_classes > 0 && kedge_i_gate_weight(g, i) > 0.0;
        *won += counts && right && !other;
        *lost += counts && other && !right;
    }
}

/* The gain and its deviation. */
static void gate_measure(kedge_i_gate *g, kedge_figure *gain)
{
    const kedge_battery_config *cfg = g->cfg->battery;
    size_t n = g->end - g->first;
    const kedge_i_bootstrap how = {
        .n = n,
        .block = cfg->block < n ? cfg->block : n,
        .n_values = 1,
        .n_resamples = cfg->n_resamples,
        .confidence = g->cfg->confidence,
        .seed = cfg->seed,
        .values = gate_gain_value,
        .context = g,
    };
    if (!gate_is_plain_accuracy(g)) {
        kedge_i_bootstrap_run(&how, g->scratch, gain);
        return;
    }
    uint64_t won, lost;
    gate_discordant(g, &won, &lost);
    double differ = ((double)(won + lost) + 1.0) / ((double)n + 1.0); /* where none differ, the next one may */
    gain->value = ((double)won - (double)lost) / (double)n;
    gain->deviation = sqrt(fmax(differ - gain->value * gain->value, 0.0) / (double)n);
}

/* Its ends, each one-sided. */
static void gate_ends(const kedge_i_gate *g, double confidence, kedge_figure *gain)
{
    double z = kedge_i_normal_quantile(confidence);
    if (gate_is_plain_accuracy(g)) {
        uint64_t won, lost;
        gate_discordant(g, &won, &lost);
        kedge_i_interval ends = kedge_i_paired_interval((double)won, (double)lost, (double)(g->end - g->first), z);
        gain->low = ends.low;
        gain->high = ends.high;
        return;
    }
    gain->low = gain->value - z * gain->deviation;
    gain->high = gain->value + z * gain->deviation;
}

/* Where the usual answer's score is the unit: that of the mean target, as in the battery. */
static double gate_unit(const kedge_i_gate *g)
{
    uint32_t by = g->cfg->battery->score;
    double weight = 0.0, mean = 0.0;
    if (by != KEDGE_SCORE_MSE && by != KEDGE_SCORE_RMSE && by != KEDGE_SCORE_MAE)
        return 1.0;
    for (size_t i = 0; i < g->n; i++) {
        double w = kedge_i_gate_weight(g, i);
        weight += w;
        mean += w > 0.0 ? w / weight * (g->y[i] - mean) : 0.0;
    }
    kedge_i_score s;
    kedge_i_score_begin(&s, by, 0, g->n, g->pairs);
    for (size_t i = 0; i < g->n; i++)
        kedge_i_score_add(&s, g->y[i], mean, &mean, kedge_i_gate_weight(g, i));
    double usual = kedge_i_score_read(&s);
    return usual == usual ? usual : 1.0;
}

/* Of n rows that tell a gain with this deviation, how many are needed to tell it apart from a limit so far away? */
static double gate_rows_for(double n, double deviation, double quantiles, double away)
{
    if (!(away > 0.0) || deviation * quantiles >= GATE_FARTHEST * away)
        return n * GATE_FARTHEST * GATE_FARTHEST;
    double ratio = deviation * quantiles / away;
    return n * ratio * ratio;
}

/* Rows with which a gain of `sought` is shown by both tests with chance `power`: its deviation is then so small that the limit and
 * the gain are as far apart as both quantiles together. */
static uint64_t gate_rows_needed(const kedge_i_gate *g, double deviation)
{
    const kedge_gate_config *c = g->cfg;
    double power = kedge_i_normal_quantile(c->power), unit = g->report->unit, n = (double)g->report->n_rows;
    double need = c->battery->least_rows;
    if (deviation != deviation)
        return 0;
    if (c->gain == c->gain)
        need = fmax(need, gate_rows_for(n, deviation, kedge_i_normal_quantile(c->confidence) + power,
                                        (c->sought - c->gain) * unit));
    if (c->loss_most == c->loss_most)
        need = fmax(need, gate_rows_for(n, deviation, kedge_i_normal_quantile(c->confidence_safe) + power,
                                        (c->sought + c->loss_most) * unit));
    return need < GATE_ROWS_NEEDED_MAX ? (uint64_t)ceil(need) : 0;
}

static void gate_compare(kedge_i_gate *g)
{
    const kedge_gate_config *c = g->cfg;
    kedge_figure gain;
    int enough = g->report->n_rows >= c->battery->least_rows;
    gate_measure(g, &gain);
    gate_discordant(g, &g->report->only_challenger, &g->report->only_champion);
    g->report->rows_needed = gate_rows_needed(g, gain.deviation);
    gate_ends(g, c->confidence, &gain);
    if (kedge_i_gate_comparable(g, KEDGE_GATE_BETTER))
        kedge_i_battery_held(kedge_i_gate_check(g, KEDGE_GATE_BETTER), &gain, BATTERY_MORE_THAN, c->gain * g->report->unit, enough);
    gate_ends(g, c->confidence_safe, &gain);
    if (kedge_i_gate_comparable(g, KEDGE_GATE_SAFE))
        kedge_i_battery_held(kedge_i_gate_check(g, KEDGE_GATE_SAFE), &gain, BATTERY_AT_LEAST, -c->loss_most * g->report->unit,
                             enough);
}

void kedge_i_gate_paired(kedge_i_gate *g)
{
    double *const scores[GATE_MODELS] = {&g->report->challenger, &g->report->champion};
    g->by_slice = 0;
    g->first = 0;
    g->end = g->n;
    for (uint32_t who = 0; who < GATE_MODELS; who++)
        if (g->why[who] == KEDGE_WHY_WITHIN)
            *scores[who] = gate_score(g, who, NULL);
    g->report->unit = gate_unit(g);
    int better = kedge_i_gate_comparable(g, KEDGE_GATE_BETTER), safe = kedge_i_gate_comparable(g, KEDGE_GATE_SAFE);
    if (better || safe)
        gate_compare(g);
}

/* Slices ---------------------------------------------------------------------------------------------------------------------- */

/* Rows with a weight of the slice at hand; 0: too few of them, or they determine no score. */
static uint64_t gate_slice_rows(const kedge_i_gate *g)
{
    uint64_t n = 0;
    for (size_t k = g->first; k < g->end; k++)
        n += kedge_i_gate_weight(g, g->order[k]) > 0.0;
    if (n < g->cfg->battery->least_slice)
        return 0;
    double gain = gate_gain(g, NULL);
    return gain == gain ? n : 0;
}

/* The slice with the worst verdict is told of, among those the one that loses most. */
static void gate_judge_slice(kedge_i_gate *g, uint64_t n, double confidence)
{
    kedge_battery_check *worst = kedge_i_gate_check(g, KEDGE_GATE_SLICE), check;
    kedge_figure gain;
    gate_measure(g, &gain);
    gate_ends(g, confidence, &gain);
    kedge_i_battery_held(&check, &gain, BATTERY_AT_LEAST, -g->cfg->loss_slice * g->report->unit, 1);
    if (g->report->slice_rows > 0 && !kedge_i_gate_outranks(check.verdict, worst->verdict) &&
        (kedge_i_gate_outranks(worst->verdict, check.verdict) || gain.value >= worst->figure.value))
        return;
    *worst = check;
    g->report->slice = kedge_i_battery_key(g->cfg->battery, g->x, g->order[g->first]);
    g->report->slice_rows = n;
}

void kedge_i_gate_slices(kedge_i_gate *g)
{
    const kedge_battery_config *battery = g->cfg->battery;
    if (!kedge_i_gate_comparable(g, KEDGE_GATE_SLICE))
        return;
    if (!battery->groups && battery->slice_column == KEDGE_NO_COLUMN) {
        kedge_i_gate_note(g, KEDGE_GATE_SLICE, KEDGE_BATTERY_SKIPPED, KEDGE_WHY_NO_SLICES);
        return;
    }
    kedge_i_battery_by_slice(battery, g->x, g->scratch, g->order);
    g->by_slice = 1;
    /* First they are counted, so that all intervals hold at once (Bonferroni); then they are judged. */
    for (int pass = 0; pass < 2; pass++) {
        double left = (1.0 - g->cfg->confidence) / (double)(g->report->n_slices > 0 ? g->report->n_slices : 1);
        for (g->first = 0; g->first < g->n; g->first = g->end) {
            g->end = kedge_i_battery_slice_end(battery, g->x, g->order, g->first);
            uint64_t n = gate_slice_rows(g);
            if (n > 0 && pass == 0)
                g->report->n_slices++;
            else if (n > 0)
                gate_judge_slice(g, n, 1.0 - left);
        }
    }
    if (g->report->n_slices == 0)
        kedge_i_gate_note(g, KEDGE_GATE_SLICE, KEDGE_BATTERY_SKIPPED, KEDGE_WHY_SMALL_SLICES);
}
