/* SPDX-License-Identifier: MIT */
/* Scores with their intervals, and what follows from them.
 *
 * All intervals come from the same resamples, so a difference of two scores is that of a paired bootstrap (metrics/bootstrap.c).
 * The accuracy of rows that count alike and do not depend on each other has Wilson's interval instead: where all rows are right,
 * resamples know of no other. McNemar 1947, "Note on the sampling error of the difference between correlated proportions"; exact,
 * with the mid-p correction: Fagerland, Lydersen, Laake 2013, "The McNemar test for binary matched-pairs data", section 2. The
 * worst slice is one of many, so its interval is at a level that counts them (Bonferroni). Intervals of quantiles: David, Nagaraja
 * 2003, "Order statistics", section 7.1. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "battery/battery_run.h"

#include "base/interval.h"
#include "base/number.h"
#include "base/object.h"
#include "base/rows.h"
#include "base/sort.h"
#include "base/sort_pairs.h"
#include "base/special.h"
#include "metrics/bootstrap.h"
#include "models/row.h"

/* Scores ---------------------------------------------------------------------------------------------------------------------- */

double kedge_i_battery_score(const kedge_i_battery *b, uint32_t series, const uint32_t *order, size_t first, size_t end,
                             const uint32_t *times)
{
    kedge_i_score s;
    kedge_i_score_begin(&s, b->cfg->score, b->n_classes, b->n, b->pairs);
    for (size_t k = first; k < end; k++) {
        size_t i = order ? order[k] : k;
        kedge_i_score_add_term(&s, b->y[i], b->term[series][i], kedge_i_battery_weight(b, i) * (times ? times[i] : 1.0));
    }
    return kedge_i_score_read(&s);
}

/* By how much the first is better. */
static double battery_gain(const kedge_i_battery *b, double score, double other)
{
    return kedge_score_direction(b->cfg->score) > 0 ? score - other : other - score;
}

static double battery_calibration_error(const kedge_i_battery *b, const uint32_t *times)
{
    double weight = 0.0, error = 0.0;
    memset(b->sums, 0, b->cfg->n_bins * sizeof *b->sums);
    for (size_t i = 0; i < b->n; i++) {
        double w = kedge_i_battery_weight(b, i) * times[i];
        weight += w;
        b->sums[b->bin[i]] += w * b->off[i];
    }
    for (uint32_t k = 0; k < b->cfg->n_bins; k++)
        error += fabs(b->sums[k]);
    return weight > 0.0 ? error / fmax(weight, 1e-300) : (double)NAN;
}

/* The score, by how much it is better than the others' (of disturbed rows that is what the disturbance costs), and the calibration
 * error. */
static void battery_values(void *context, const uint32_t *times, double *values)
{
    const kedge_i_battery *b = context;
    values[BATTERY_MODEL] = kedge_i_battery_score(b, BATTERY_MODEL, NULL, 0, b->n, times);
    for (uint32_t s = BATTERY_USUAL; s < BATTERY_SERIES; s++)
        values[s] = b->why[s] == KEDGE_WHY_WITHIN
                        ? battery_gain(b, values[BATTERY_MODEL], kedge_i_battery_score(b, s, NULL, 0, b->n, times))
                        : (double)NAN;
    values[BATTERY_CALIBRATION] = b->n_classes > 0 && kedge_i_battery_wants(b, KEDGE_BATTERY_CALIBRATION)
                                      ? battery_calibration_error(b, times)
                                      : (double)NAN;
}

static void battery_slice_value(void *context, const uint32_t *times, double *values)
{
    const kedge_i_battery *b = context;
    double all = kedge_i_battery_score(b, BATTERY_MODEL, NULL, 0, b->n, times);
    *values = battery_gain(b, all, kedge_i_battery_score(b, BATTERY_MODEL, b->order, b->slice_first, b->slice_end, times));
}

static void battery_bootstrap(kedge_i_battery *b, uint32_t n_values, double confidence, kedge_i_bootstrap_values values,
                              kedge_figure *out)
{
    const kedge_i_bootstrap how = {
        .n = b->n,
        .block = b->cfg->block < b->n ? b->cfg->block : b->n,
        .n_values = n_values,
        .n_resamples = b->cfg->n_resamples,
        .confidence = confidence,
        .seed = b->seeds[BATTERY_SEED_BOOTSTRAP],
        .values = values,
        .context = b,
    };
    kedge_i_bootstrap_run(&how, b->scratch, out);
}

/* Verdicts -------------------------------------------------------------------------------------------------------------------- */

static int battery_holds(int side, double value, double limit)
{
    return side == BATTERY_AT_LEAST ? value >= limit : side == BATTERY_AT_MOST ? value <= limit : value > limit;
}

static void battery_conclude(kedge_battery_check *c, int32_t verdict, int32_t why)
{
    c->verdict = verdict;
    c->why = why;
}

void kedge_i_battery_held(kedge_battery_check *c, const kedge_figure *figure, int side, double limit, int enough_rows)
{
    c->figure = *figure;
    c->limit = limit;
    if (limit != limit) {
        battery_conclude(c, KEDGE_BATTERY_SKIPPED, KEDGE_WHY_NO_LIMIT);
        return;
    }
    if (figure->low != figure->low) {
        battery_conclude(c, KEDGE_BATTERY_UNDECIDED, KEDGE_WHY_UNDEFINED);
        return;
    }
    int low = battery_holds(side, figure->low, limit);
    int high = battery_holds(side, figure->high, limit);
    if (!enough_rows)
        battery_conclude(c, KEDGE_BATTERY_UNDECIDED, KEDGE_WHY_FEW_ROWS);
    else if (low && high)
        battery_conclude(c, KEDGE_BATTERY_PASS, KEDGE_WHY_WITHIN);
    else if (low || high)
        battery_conclude(c, KEDGE_BATTERY_UNDECIDED, KEDGE_WHY_UNSURE);
    else
        battery_conclude(c, KEDGE_BATTERY_FAIL, KEDGE_WHY_BEYOND);
}

/* All of the interval must be on one side. */
static void battery_held_against(kedge_i_battery *b, uint32_t i_check, const kedge_figure *figure, int side, double limit)
{
    kedge_i_battery_held(&b->report->checks[i_check], figure, side, limit, b->report->n_rows >= b->cfg->least_rows);
}

/* What an allowance is counted in: scores with a unit, in what the usual answer has. */
static double battery_unit(const kedge_i_battery *b)
{
    uint32_t by = b->cfg->score;
    int has_unit = by == KEDGE_SCORE_MSE || by == KEDGE_SCORE_RMSE || by == KEDGE_SCORE_MAE;
    return has_unit && b->report->usual == b->report->usual ? b->report->usual : 1.0;
}

/* Wilson's interval for the accuracy. */
static void battery_share(const kedge_i_battery *b, kedge_figure *accuracy)
{
    uint64_t right = 0;
    if (b->cfg->score != KEDGE_SCORE_ACCURACY || b->weight || b->cfg->block > 1)
        return;
    for (size_t i = 0; i < b->n; i++)
        right += b->term[BATTERY_MODEL][i] > 0.0;
    kedge_i_interval share = kedge_i_share_interval((double)right, (double)b->n, b->cfg->confidence);
    accuracy->low = share.low;
    accuracy->high = share.high;
}

/* How seldom would as many of the rows on which the two differ have gone to the champion, were both as good? */
static void battery_mcnemar(kedge_i_battery *b)
{
    kedge_battery_check *c = &b->report->checks[KEDGE_BATTERY_MCNEMAR];
    double lost = (double)b->report->only_champion, won = (double)b->report->only_model;
    double here = kedge_i_binomial_term(lost, won, 0.5, 0.5);
    double from = lost > 0.0 ? kedge_i_beta_lower(lost, won + 1.0, 0.5, 0.5) : 1.0; /* P(at least so many) */
    c->figure.value = from - 0.5 * here;
    c->limit = 1.0 - b->cfg->confidence;
    if (c->figure.value >= c->limit)
        kedge_i_battery_note(b, KEDGE_BATTERY_MCNEMAR, KEDGE_BATTERY_PASS, KEDGE_WHY_WITHIN);
    else
        kedge_i_battery_note(b, KEDGE_BATTERY_MCNEMAR, KEDGE_BATTERY_FAIL, KEDGE_WHY_BEYOND);
}

/* Slices ---------------------------------------------------------------------------------------------------------------------- */

double kedge_i_battery_key(const kedge_battery_config *cfg, const kedge_rows *x, size_t i)
{
    return cfg->groups ? (double)cfg->groups[i] : kedge_i_rows_at(x, i, cfg->slice_column);
}

void kedge_i_battery_by_slice(const kedge_battery_config *cfg, const kedge_rows *x, void *scratch, uint32_t *order)
{
    kedge_i_pair *pairs = scratch;
    size_t n = 0, n_missing = 0;
    for (size_t i = 0; i < x->n_rows; i++) {
        double key = kedge_i_battery_key(cfg, x, i);
        if (key == key)
            pairs[n++] = (kedge_i_pair){key, (double)i};
        else
            order[x->n_rows - ++n_missing] = (uint32_t)i;
    }
    kedge_i_sort_pairs(pairs, n, pairs + x->n_rows);
    for (size_t i = 0; i < n; i++)
        order[i] = (uint32_t)pairs[i].value;
}

size_t kedge_i_battery_slice_end(const kedge_battery_config *cfg, const kedge_rows *x, const uint32_t *order, size_t first)
{
    double key = kedge_i_battery_key(cfg, x, order[first]);
    size_t end = first + 1;
    for (; end < x->n_rows; end++) {
        double other = kedge_i_battery_key(cfg, x, order[end]);
        if (key == key ? key != other : other == other)
            break;
    }
    return end;
}

static void battery_try_slice(kedge_i_battery *b, size_t first, size_t end)
{
    kedge_battery_report *r = b->report;
    uint64_t n = 0;
    for (size_t k = first; k < end; k++)
        n += kedge_i_battery_weight(b, b->order[k]) > 0.0;
    if (n < b->cfg->least_slice)
        return;
    double score = kedge_i_battery_score(b, BATTERY_MODEL, b->order, first, end, NULL);
    if (score != score)
        return;
    if (r->n_slices == 0 || battery_gain(b, r->slice_score, score) > 0.0) {
        r->slice = kedge_i_battery_key(b->cfg, b->x, b->order[first]);
        r->slice_score = score;
        r->slice_rows = n;
        b->slice_first = first;
        b->slice_end = end;
    }
    r->n_slices++;
}

void kedge_i_battery_slice(kedge_i_battery *b)
{
    int has_slices = b->cfg->groups || b->cfg->slice_column != KEDGE_NO_COLUMN;
    if (!has_slices || !kedge_i_battery_wants(b, KEDGE_BATTERY_SLICE) || b->why[BATTERY_MODEL] != KEDGE_WHY_WITHIN)
        return;
    kedge_i_battery_by_slice(b->cfg, b->x, b->scratch, b->order);
    for (size_t first = 0, end; first < b->n; first = end) {
        end = kedge_i_battery_slice_end(b->cfg, b->x, b->order, first);
        battery_try_slice(b, first, end);
    }
}

static void battery_judge_slice(kedge_i_battery *b)
{
    kedge_figure gap;
    if (!b->cfg->groups && b->cfg->slice_column == KEDGE_NO_COLUMN) {
        kedge_i_battery_note(b, KEDGE_BATTERY_SLICE, KEDGE_BATTERY_SKIPPED, KEDGE_WHY_NO_SLICES);
        return;
    }
    if (b->report->n_slices == 0) {
        kedge_i_battery_note(b, KEDGE_BATTERY_SLICE, KEDGE_BATTERY_SKIPPED, KEDGE_WHY_SMALL_SLICES);
        return;
    }
    battery_bootstrap(b, 1, 1.0 - (1.0 - b->cfg->confidence) / (double)b->report->n_slices, battery_slice_value, &gap);
    battery_held_against(b, KEDGE_BATTERY_SLICE, &gap, BATTERY_AT_MOST, b->cfg->loss_slice * battery_unit(b));
}

/* Cost ------------------------------------------------------------------------------------------------------------------------ */

/* A quantile of k sorted times; its interval is from one rank to another. */
static void battery_quantile(const kedge_i_battery *b, const double *times, size_t k, double q, kedge_figure *out)
{
    double n = (double)k;
    double reach = -kedge_i_normal_quantile(0.5 * (1.0 - b->cfg->confidence)) * sqrt(n * q * (1.0 - q));
    double rank = ceil(n * q), low = floor(n * q - reach), high = ceil(n * q + reach) + 1.0;
    out->value = times[(size_t)(rank < 1.0 ? 1.0 : rank) - 1];
    out->low = times[(size_t)(low < 1.0 ? 1.0 : low) - 1];
    out->high = times[(size_t)(high > n ? n : high) - 1];
    out->deviation = (double)NAN;
}

static void battery_time(kedge_i_battery *b)
{
    double *times = b->scratch;
    size_t k = b->n < b->cfg->n_timed ? b->n : b->cfg->n_timed;
    double predicted;
    kedge_figure median, tail;
    for (size_t i = 0; i < k; i++) {
        for (size_t j = 0; j < b->n_features; j++)
            b->row[j] = kedge_i_rows_at(b->x, i, j);
        uint64_t begun = b->cfg->clock(b->cfg->context);
        KEDGE_IGNORE(kedge_model_predict(b->m, b->row, &predicted));
        uint64_t done = b->cfg->clock(b->cfg->context);
        times[i] = done > begun ? (double)(done - begun) : 0.0;
    }
    kedge_i_sort(times, k, times + k);
    battery_quantile(b, times, k, 0.5, &median);
    battery_quantile(b, times, k, 0.99, &tail);
    if (kedge_i_battery_wants(b, KEDGE_BATTERY_MEDIAN))
        battery_held_against(b, KEDGE_BATTERY_MEDIAN, &median, BATTERY_AT_MOST, b->cfg->median_ns);
    if (kedge_i_battery_wants(b, KEDGE_BATTERY_TAIL))
        battery_held_against(b, KEDGE_BATTERY_TAIL, &tail, BATTERY_AT_MOST, b->cfg->tail_ns);
}

void kedge_i_battery_cost(kedge_i_battery *b)
{
    size_t snapshot = 0;
    int timed = kedge_i_battery_wants(b, KEDGE_BATTERY_MEDIAN) || kedge_i_battery_wants(b, KEDGE_BATTERY_TAIL);
    if (timed && b->cfg->clock)
        battery_time(b);
    for (uint32_t i = KEDGE_BATTERY_MEDIAN; i <= KEDGE_BATTERY_TAIL && !b->cfg->clock; i++)
        if (kedge_i_battery_wants(b, i))
            kedge_i_battery_note(b, i, KEDGE_BATTERY_SKIPPED, KEDGE_WHY_NO_CLOCK);
    if (kedge_i_battery_wants(b, KEDGE_BATTERY_BYTES))
        kedge_i_battery_exact(b, KEDGE_BATTERY_BYTES, (double)kedge_i_state_bytes(b->m->state), b->cfg->state_bytes);
    if (kedge_i_battery_wants(b, KEDGE_BATTERY_SNAPSHOT)) {
        KEDGE_IGNORE(kedge_model_save(b->m, NULL, 0, &snapshot)); /* only asks for the length */
        kedge_i_battery_exact(b, KEDGE_BATTERY_SNAPSHOT, (double)snapshot, b->cfg->snapshot_bytes);
    }
}

/* All together ---------------------------------------------------------------------------------------------------------------- */

/* A check that needs another series: skipped, failed by unsound answers, or judged. */
static void battery_judge_against(kedge_i_battery *b, uint32_t i_check, uint32_t series, kedge_figure figure, int side,
                                  double limit)
{
    int32_t why = b->why[series];
    if (!kedge_i_battery_wants(b, i_check))
        return;
    if (why == KEDGE_WHY_WITHIN)
        battery_held_against(b, i_check, &figure, side, limit);
    else if (why == KEDGE_WHY_NO_CHAMPION || why == KEDGE_WHY_REFUSES_MISSING)
        kedge_i_battery_note(b, i_check, KEDGE_BATTERY_SKIPPED, why);
    else if (series == BATTERY_CHAMPION)
        kedge_i_battery_note(b, i_check, KEDGE_BATTERY_SKIPPED, KEDGE_WHY_CHAMPION_BROKEN);
    else
        kedge_i_battery_note(b, i_check, KEDGE_BATTERY_FAIL, why);
}

static void battery_judge_mcnemar(kedge_i_battery *b)
{
    int32_t why = b->n_classes == 0                                  ? KEDGE_WHY_NOT_CLASSES
                  : b->why[BATTERY_CHAMPION] == KEDGE_WHY_NO_CHAMPION ? KEDGE_WHY_NO_CHAMPION
                  : b->why[BATTERY_CHAMPION] != KEDGE_WHY_WITHIN      ? KEDGE_WHY_CHAMPION_BROKEN
                  : b->cfg->block > 1                                 ? KEDGE_WHY_DEPENDENT
                                                                      : KEDGE_WHY_WITHIN;
    if (why == KEDGE_WHY_WITHIN)
        battery_mcnemar(b);
    else
        kedge_i_battery_note(b, KEDGE_BATTERY_MCNEMAR, KEDGE_BATTERY_SKIPPED, why);
}

/* Without sound answers there is nothing to judge, and that is a failure of all that was asked for. */
static void battery_judge_broken(kedge_i_battery *b)
{
    for (uint32_t i = KEDGE_BATTERY_QUALITY; i <= KEDGE_BATTERY_CALIBRATION; i++)
        if (kedge_i_battery_wants(b, i))
            kedge_i_battery_note(b, i, KEDGE_BATTERY_FAIL, KEDGE_WHY_BROKEN);
}

static void battery_scores_of_others(kedge_i_battery *b)
{
    double *const places[BATTERY_SERIES] = {NULL,
                                            &b->report->usual,
                                            &b->report->last,
                                            &b->report->noise,
                                            &b->report->missing,
                                            &b->report->champion};
    for (uint32_t s = BATTERY_USUAL; s < BATTERY_SERIES; s++)
        if (b->why[s] == KEDGE_WHY_WITHIN)
            *places[s] = kedge_i_battery_score(b, s, NULL, 0, b->n, NULL);
}

void kedge_i_battery_judge(kedge_i_battery *b)
{
    kedge_figure f[BATTERY_VALUES];
    const kedge_battery_config *c = b->cfg;
    if (b->why[BATTERY_MODEL] != KEDGE_WHY_WITHIN) {
        battery_judge_broken(b);
        return;
    }
    battery_scores_of_others(b);
    double unit = battery_unit(b);
    battery_bootstrap(b, BATTERY_VALUES, c->confidence, battery_values, f);
    battery_share(b, &f[BATTERY_MODEL]);
    int side = kedge_score_direction(c->score) > 0 ? BATTERY_AT_LEAST : BATTERY_AT_MOST;
    battery_judge_against(b, KEDGE_BATTERY_QUALITY, BATTERY_MODEL, f[BATTERY_MODEL], side, c->quality);
    battery_judge_against(b, KEDGE_BATTERY_USUAL, BATTERY_USUAL, f[BATTERY_USUAL], BATTERY_MORE_THAN, c->gain_usual * unit);
    battery_judge_against(b, KEDGE_BATTERY_LAST, BATTERY_LAST, f[BATTERY_LAST], BATTERY_MORE_THAN, c->gain_last * unit);
    battery_judge_against(b, KEDGE_BATTERY_CHAMPION, BATTERY_CHAMPION, f[BATTERY_CHAMPION], BATTERY_AT_LEAST,
                          -c->loss_champion * unit);
    battery_judge_against(b, KEDGE_BATTERY_NOISE, BATTERY_NOISE, f[BATTERY_NOISE], BATTERY_AT_MOST, c->loss_noise * unit);
    battery_judge_against(b, KEDGE_BATTERY_MISSING, BATTERY_MISSING, f[BATTERY_MISSING], BATTERY_AT_MOST, c->loss_missing * unit);
    if (kedge_i_battery_wants(b, KEDGE_BATTERY_MCNEMAR))
        battery_judge_mcnemar(b);
    if (kedge_i_battery_wants(b, KEDGE_BATTERY_CALIBRATION) && b->n_classes == 0)
        kedge_i_battery_note(b, KEDGE_BATTERY_CALIBRATION, KEDGE_BATTERY_SKIPPED, KEDGE_WHY_NOT_CLASSES);
    else if (kedge_i_battery_wants(b, KEDGE_BATTERY_CALIBRATION))
        battery_held_against(b, KEDGE_BATTERY_CALIBRATION, &f[BATTERY_CALIBRATION], BATTERY_AT_MOST, c->calibration);
    if (kedge_i_battery_wants(b, KEDGE_BATTERY_SLICE))
        battery_judge_slice(b);
}
