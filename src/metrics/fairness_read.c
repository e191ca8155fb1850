/* SPDX-License-Identifier: MIT */
/* What fairness.c has gathered, as rates of groups and as gaps between them: the papers that it names. */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "base/check.h"
#include "base/interval.h"
#include "base/number.h"
#include "base/object.h"
#include "metrics/fairness_state.h"
#include "metrics/handle.h"
#include "metrics/reliability_bin.h"

enum { FAIRNESS_RATES = KEDGE_RATE_CALIBRATION };

#define FAIRNESS_LEAST_ROWS 1e-100 /* so that nothing overflows on the way to an interval of [0, 1] */
#define FAIRNESS_LEAST_COUNT 1e-9  /* a smaller one is none */
#define FAIRNESS_LOG_MAX 700.0     /* exp() of it is finite */
#define FAIRNESS_FOUR_FIFTHS 0.8

/* Reading a group ------------------------------------------------------------------------------------------------------------- */

/* A group, or all of them together. */
typedef struct fairness_sums {
    double cell[FAIRNESS_CELLS];    /* weight; truth is the upper bit, decision the lower */
    double squares[FAIRNESS_CELLS]; /* of weights */
    double score;
    double brier;
    double apart; /* sum over the bins of |weight with truth 1 - sum of scores| */
} fairness_sums;

/* A rate is weight in some cells among that in others; a bit for each cell. */
typedef struct fairness_cells {
    uint8_t of;
    uint8_t among;
} fairness_cells;

enum { FAIRNESS_TN = 1, FAIRNESS_FP = 2, FAIRNESS_FN = 4, FAIRNESS_TP = 8, FAIRNESS_ALL = 15 };

static const fairness_cells fairness_rates[FAIRNESS_RATES] = {
    [KEDGE_RATE_SELECTED] = {FAIRNESS_FP | FAIRNESS_TP, FAIRNESS_ALL},
    [KEDGE_RATE_TRUE_POSITIVE] = {FAIRNESS_TP, FAIRNESS_FN | FAIRNESS_TP},
    [KEDGE_RATE_FALSE_POSITIVE] = {FAIRNESS_FP, FAIRNESS_TN | FAIRNESS_FP},
    [KEDGE_RATE_PRECISION] = {FAIRNESS_TP, FAIRNESS_FP | FAIRNESS_TP},
    [KEDGE_RATE_ACCURACY] = {FAIRNESS_TN | FAIRNESS_TP, FAIRNESS_ALL},
    [KEDGE_RATE_BASE] = {FAIRNESS_FN | FAIRNESS_TP, FAIRNESS_ALL},
};

/* Part of a whole. No record takes it beyond, but a forged snapshot could. */
static double fairness_share(double part, double whole)
{
    int is_part = part < whole; /* operands are chosen before dividing: a compiler may divide first */
    double above = is_part ? part : 1.0;
    double below = is_part ? whole : 1.0;
    return above / below;
}

static double fairness_weight(const double *cell, uint32_t among)
{
    double sum = 0.0;
    for (uint32_t c = 0; c < FAIRNESS_CELLS; c++)
        sum += among >> c & 1u ? cell[c] : 0.0;
    return sum;
}

/* Kish's effective rows among some cells, at most those covered. */
static double fairness_rows(const fairness_state *s, const fairness_sums *g, uint32_t among)
{
    double weight = fairness_weight(g->cell, among);
    double squares = fairness_weight(g->squares, among);
    double most = (double)(int64_t)kedge_i_cover_n(&s->cover);
    int is_less = weight * weight < most * squares;
    double above = is_less ? weight * weight : most; /* chosen before dividing: squares may be 0 */
    double below = is_less ? squares : 1.0;
    return weight > 0.0 ? above / below : 0.0;
}

static void fairness_add(fairness_sums *all, const fairness_sums *g)
{
    for (uint32_t c = 0; c < FAIRNESS_CELLS; c++) {
        all->cell[c] += g->cell[c];
        all->squares[c] += g->squares[c];
    }
    all->score += g->score;
    all->brier += g->brier;
    all->apart += g->apart;
}

/* One bin of a group. */
static void fairness_collect_bin(const fairness_state *s, uint32_t group, uint32_t bin, fairness_sums *g)
{
    memset(g, 0, sizeof *g);
    for (uint32_t c = 0; c < FAIRNESS_CELLS; c++) {
        double sum[FAIRNESS_WIDTH];
        kedge_i_cover_read(&s->cover, (group * s->n_bins + bin) * FAIRNESS_CELLS + c, sum);
        g->cell[c] = sum[FAIRNESS_WEIGHT];
        g->squares[c] = sum[FAIRNESS_SQUARES];
        g->score += sum[FAIRNESS_SCORE];
        g->brier += sum[FAIRNESS_BRIER];
    }
    g->apart = fabs(fairness_weight(g->cell, FAIRNESS_FN | FAIRNESS_TP) - g->score);
}

static void fairness_collect(const fairness_state *s, uint32_t group, fairness_sums *g)
{
    memset(g, 0, sizeof *g);
    for (uint32_t bin = 0; bin < s->n_bins; bin++) {
        fairness_sums one;
        fairness_collect_bin(s, group, bin, &one);
        fairness_add(g, &one);
    }
}

/* Mean of truth minus score, and by the central limit theorem: its variance is the Brier score minus its square. */
static kedge_fairness_rate fairness_calibration(const fairness_sums *g, double weight, double rows, double z)
{
    double observed = fairness_share(fairness_weight(g->cell, FAIRNESS_FN | FAIRNESS_TP), weight);
    kedge_fairness_rate r = {observed - fairness_share(g->score, weight), 0.0, 0.0, rows};
    double variance = fmax(fairness_share(g->brier, weight) - r.value * r.value, 0.0);
    double half = fmin(z * sqrt(variance / fmax(rows, FAIRNESS_LEAST_ROWS)), 2.0);
    r.low = fmax(r.value - half, -1.0);
    r.high = fmin(r.value + half, 1.0);
    return r;
}

/* A rate with an interval of z deviations. */
static kedge_fairness_rate fairness_rate(const fairness_state *s, const fairness_sums *g, uint32_t rate, double z)
{
    fairness_cells cells = rate < FAIRNESS_RATES ? fairness_rates[rate] : fairness_rates[KEDGE_RATE_BASE];
    double weight = fairness_weight(g->cell, cells.among);
    double rows = fairness_rows(s, g, cells.among);
    kedge_fairness_rate r = {(double)NAN, (double)NAN, (double)NAN, 0.0};
    if (!(weight > 0.0)) {
        if (s->undefined_as_zero && fairness_weight(g->cell, FAIRNESS_ALL) > 0.0) {
            r.value = r.low = 0.0;
            r.high = 1.0;
        }
        return r;
    }
    if (rate == KEDGE_RATE_CALIBRATION)
        return fairness_calibration(g, weight, rows, z);
    r.value = fairness_share(fairness_weight(g->cell, cells.of), weight);
    kedge_i_interval interval = kedge_i_wilson(r.value, fmax(rows, FAIRNESS_LEAST_ROWS), z);
    r.low = interval.low;
    r.high = interval.high;
    r.rows = rows;
    return r;
}

/* Deviations of a two-sided interval that holds for n comparisons at once (Bonferroni). */
static double fairness_deviations(const fairness_state *s, double n)
{
    return -kedge_i_normal_quantile(0.5 * (1.0 - s->confidence) / n);
}

static int fairness_is_small(const fairness_state *s, const fairness_sums *g)
{
    return fairness_rows(s, g, FAIRNESS_ALL) < (double)s->min_rows;
}

kedge_status kedge_fairness_read_cell(const kedge_metric *m, uint32_t group, uint32_t truth, uint32_t predicted, double *weight)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_fairness));
    if (!weight)
        return KEDGE_ERR_NULL;
    const fairness_state *s = m->state;
    fairness_sums g;
    if (group >= s->n_groups || truth > 1 || predicted > 1)
        return KEDGE_ERR_RANGE;
    fairness_collect(s, group, &g);
    *weight = g.cell[2 * truth + predicted];
    return KEDGE_OK;
}

kedge_status kedge_fairness_read_bin(const kedge_metric *m, uint32_t group, uint32_t i_bin, kedge_fairness_bin_report *out)
{
    fairness_sums g;
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_fairness));
    if (!out)
        return KEDGE_ERR_NULL;
    const fairness_state *s = m->state;
    if (group >= s->n_groups || i_bin >= s->n_bins)
        return KEDGE_ERR_RANGE;
    fairness_collect_bin(s, group, i_bin, &g);
    out->low = i_bin > 0 ? kedge_i_bin_end(s->n_bins, i_bin - 1) : 0.0;
    out->high = kedge_i_bin_end(s->n_bins, i_bin);
    out->weight = fairness_weight(g.cell, FAIRNESS_ALL);
    out->observed = fairness_rate(s, &g, KEDGE_RATE_BASE, fairness_deviations(s, 1.0));
    out->mean_score = (double)NAN;
    if (!(out->weight > 0.0))
        return KEDGE_EMPTY;
    out->mean_score = fairness_share(g.score, out->weight);
    return KEDGE_OK;
}

kedge_status kedge_fairness_read_group(const kedge_metric *m, uint32_t group, kedge_fairness_group_report *out)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_fairness));
    if (!out)
        return KEDGE_ERR_NULL;
    const fairness_state *s = m->state;
    fairness_sums g;
    kedge_fairness_rate *const rates[] = {&out->selected, &out->true_positive, &out->false_positive, &out->precision,
                                          &out->accuracy, &out->base,          &out->calibration};
    if (group >= s->n_groups)
        return KEDGE_ERR_RANGE;
    fairness_collect(s, group, &g);
    double z = fairness_deviations(s, 1.0);
    memset(out, 0, sizeof *out);
    for (uint32_t r = 0; r < FAIRNESS_RATES; r++) {
        *rates[r] = fairness_rate(s, &g, r + 1, z);
        out->n_undefined += !(rates[r]->rows > 0.0);
    }
    out->weight = fairness_weight(g.cell, FAIRNESS_ALL);
    out->is_small = (uint32_t)fairness_is_small(s, &g);
    out->mean_score = out->brier = out->calibration_error = (double)NAN;
    if (!(out->weight > 0.0))
        return KEDGE_EMPTY;
    out->mean_score = fairness_share(g.score, out->weight);
    out->brier = fairness_share(g.brier, out->weight);
    out->calibration_error = fairness_share(g.apart, out->weight);
    return KEDGE_OK;
}

/* Comparing ------------------------------------------------------------------------------------------------------------------- */

/* NaN where both are 0, infinite where only b is. */
static double fairness_ratio(double a, double b)
{
    double ratio = a / fmax(b, DBL_MIN);
    if (b > 0.0)
        return ratio;
    return a > 0.0 ? (double)INFINITY : (double)NAN;
}

/* Katz's interval of a ratio. Where a count is 0, or all of both groups count, half a row is added to each count. */
static void fairness_ratio_interval(const kedge_fairness_rate *a, const kedge_fairness_rate *b, double z, kedge_fairness_gap *gap)
{
    double n = fmax(a->rows, FAIRNESS_LEAST_ROWS), m = fmax(b->rows, FAIRNESS_LEAST_ROWS);
    double x = a->value * n, y = b->value * m;
    int is_none = x < FAIRNESS_LEAST_COUNT, is_open = y < FAIRNESS_LEAST_COUNT;
    double half_row = is_none || is_open || (a->value >= 1.0 && b->value >= 1.0) ? 0.5 : 0.0;
    x += half_row;
    y += half_row;
    n += half_row;
    m += half_row;
    double middle = log(x) - log(n) - log(y) + log(m);
    double half = z * sqrt(fmax(1.0 / x - 1.0 / n + 1.0 / y - 1.0 / m, 0.0));
    gap->ratio_low = is_none || middle - half < -FAIRNESS_LOG_MAX ? 0.0 : exp(fmin(middle - half, FAIRNESS_LOG_MAX));
    gap->ratio_high = is_open || middle + half > FAIRNESS_LOG_MAX ? (double)INFINITY : exp(middle + half);
}

/* a minus b, a over b. */
static kedge_fairness_gap fairness_gap(const kedge_fairness_rate *a, const kedge_fairness_rate *b, uint32_t rate, double z)
{
    kedge_fairness_gap gap;
    double a_down = a->value - a->low, a_up = a->high - a->value, b_down = b->value - b->low, b_up = b->high - b->value;
    gap.difference = a->value - b->value;
    gap.difference_low = gap.difference - sqrt(a_down * a_down + b_up * b_up);
    gap.difference_high = gap.difference + sqrt(a_up * a_up + b_down * b_down);
    gap.ratio = gap.ratio_low = gap.ratio_high = (double)NAN;
    if (rate == KEDGE_RATE_CALIBRATION)
        return gap;
    gap.ratio = fairness_ratio(a->value, b->value);
    fairness_ratio_interval(a, b, z, &gap);
    return gap;
}

static void fairness_nothing(kedge_fairness_gap *gap)
{
    gap->difference = gap->difference_low = gap->difference_high = (double)NAN;
    gap->ratio = gap->ratio_low = gap->ratio_high = (double)NAN;
}

kedge_status kedge_fairness_compare_pair(const kedge_metric *m, uint32_t rate, uint32_t group, uint32_t reference,
                                         kedge_fairness_gap *out)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_fairness));
    if (!out)
        return KEDGE_ERR_NULL;
    const fairness_state *s = m->state;
    fairness_sums g;
    if (!kedge_i_u32_within(rate, 1, FAIRNESS_RATES) || group >= s->n_groups || reference >= s->n_groups || group == reference)
        return KEDGE_ERR_RANGE;
    double z = fairness_deviations(s, 1.0);
    fairness_collect(s, group, &g);
    kedge_fairness_rate a = fairness_rate(s, &g, rate, z);
    fairness_collect(s, reference, &g);
    kedge_fairness_rate b = fairness_rate(s, &g, rate, z);
    fairness_nothing(out);
    if (isnan(a.value) || isnan(b.value))
        return KEDGE_EMPTY;
    *out = fairness_gap(&a, &b, rate, z);
    return KEDGE_OK;
}

/* One group more: is it the least, the greatest, or farther from the overall rate? */
static void fairness_contest(kedge_fairness_comparison *c, uint32_t group, uint32_t rate, double value)
{
    if (c->n_groups == 0 || value < c->least) {
        c->least = value;
        c->i_least = group;
    }
    if (c->n_groups == 0 || value >= c->most) {
        c->most = value;
        c->i_most = group;
    }
    c->n_groups++;
    c->difference_to_overall = fmax(c->difference_to_overall, fabs(value - c->overall));
    if (rate == KEDGE_RATE_CALIBRATION || !(c->overall > 0.0))
        return;
    double ratio = value < c->overall ? fairness_ratio(value, c->overall) : fairness_ratio(c->overall, value);
    c->ratio_to_overall = c->n_groups == 1 ? ratio : fmin(c->ratio_to_overall, ratio);
}

static kedge_status fairness_compare(const fairness_state *s, const fairness_sums *all, uint32_t rate, kedge_fairness_comparison *c)
{
    fairness_sums g;
    kedge_fairness_rate least, most;
    memset(c, 0, sizeof *c);
    c->overall = fairness_rate(s, all, rate, 0.0).value;
    c->ratio_to_overall = (double)NAN;
    for (uint32_t i = 0; i < s->n_groups; i++) {
        fairness_collect(s, i, &g);
        if (!(fairness_weight(g.cell, FAIRNESS_ALL) > 0.0) || (s->skip_small && fairness_is_small(s, &g)))
            continue;
        kedge_fairness_rate r = fairness_rate(s, &g, rate, 0.0);
        c->n_undefined += !(r.rows > 0.0);
        if (!isnan(r.value))
            fairness_contest(c, i, rate, r.value);
    }
    fairness_nothing(&c->gap);
    if (c->n_groups == 0) {
        c->least = c->most = c->difference_to_overall = (double)NAN;
        c->i_least = c->i_most = KEDGE_NO_GROUP;
        return KEDGE_EMPTY;
    }
    c->gap.difference = c->most - c->least;
    c->gap.ratio = rate == KEDGE_RATE_CALIBRATION ? (double)NAN : fairness_ratio(c->least, c->most);
    if (c->n_groups == 1)
        return KEDGE_OK;
    double z = fairness_deviations(s, 0.5 * c->n_groups * (c->n_groups - 1.0));
    fairness_collect(s, c->i_most, &g);
    most = fairness_rate(s, &g, rate, z);
    fairness_collect(s, c->i_least, &g);
    least = fairness_rate(s, &g, rate, z);
    c->gap = fairness_gap(&most, &least, rate, z);
    if (rate == KEDGE_RATE_CALIBRATION)
        return KEDGE_OK;
    c->gap.ratio = fairness_ratio(least.value, most.value);
    fairness_ratio_interval(&least, &most, z, &c->gap);
    return KEDGE_OK;
}

static void fairness_sum_up(const fairness_state *s, fairness_sums *all)
{
    memset(all, 0, sizeof *all);
    for (uint32_t i = 0; i < s->n_groups; i++) {
        fairness_sums g;
        fairness_collect(s, i, &g);
        fairness_add(all, &g);
    }
}

kedge_status kedge_fairness_compare(const kedge_metric *m, uint32_t rate, kedge_fairness_comparison *out)
{
    fairness_sums all;
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_fairness));
    if (!out)
        return KEDGE_ERR_NULL;
    if (!kedge_i_u32_within(rate, 1, FAIRNESS_RATES))
        return KEDGE_ERR_RANGE;
    fairness_sum_up(m->state, &all);
    return fairness_compare(m->state, &all, rate, out);
}

/* Which groups have rows, and which too few. */
static void fairness_count(const fairness_state *s, kedge_fairness_report *out)
{
    double fewest = (double)INFINITY, error_most = -1.0;
    out->i_small = KEDGE_NO_GROUP;
    for (uint32_t i = 0; i < s->n_groups; i++) {
        fairness_sums g;
        fairness_collect(s, i, &g);
        double weight = fairness_weight(g.cell, FAIRNESS_ALL);
        if (!(weight > 0.0))
            continue;
        double rows = fairness_rows(s, &g, FAIRNESS_ALL);
        double error = fairness_share(g.apart, weight);
        int is_small = fairness_is_small(s, &g);
        out->n_groups++;
        out->n_small += (uint32_t)is_small;
        if (is_small && rows < fewest) {
            fewest = rows;
            out->i_small = i;
        }
        if (!(is_small && s->skip_small))
            error_most = fmax(error_most, error);
    }
    out->calibration_error = error_most < 0.0 ? (double)NAN : error_most;
}

/* NaN yields; and is replaced before comparing, since compilers take instructions that signal it. */
static double fairness_smaller(double a, double b)
{
    double x = isnan(a) ? 0.0 : a;
    double y = isnan(b) ? 0.0 : b;
    if (isnan(a) || isnan(b))
        return isnan(a) ? b : a;
    return x < y ? x : y;
}

kedge_status kedge_fairness_read(const kedge_metric *m, kedge_fairness_report *out)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_fairness));
    if (!out)
        return KEDGE_ERR_NULL;
    const fairness_state *s = m->state;
    double difference[FAIRNESS_RATES + 1], ratio[FAIRNESS_RATES + 1];
    fairness_sums all;
    fairness_sum_up(s, &all);
    memset(out, 0, sizeof *out);
    out->n = kedge_i_cover_n(&s->cover);
    out->weight = fairness_weight(all.cell, FAIRNESS_ALL);
    fairness_count(s, out);
    for (uint32_t r = 1; r <= FAIRNESS_RATES; r++) {
        kedge_fairness_comparison c;
        (void)!fairness_compare(s, &all, r, &c); /* NaN where it is empty */
        difference[r] = c.gap.difference;
        ratio[r] = c.gap.ratio;
    }
    out->demographic_parity_difference = difference[KEDGE_RATE_SELECTED];
    out->demographic_parity_ratio = ratio[KEDGE_RATE_SELECTED];
    out->equal_opportunity_difference = difference[KEDGE_RATE_TRUE_POSITIVE];
    out->equal_opportunity_ratio = ratio[KEDGE_RATE_TRUE_POSITIVE];
    out->equalised_odds_difference =
        -fairness_smaller(-difference[KEDGE_RATE_TRUE_POSITIVE], -difference[KEDGE_RATE_FALSE_POSITIVE]);
    out->equalised_odds_ratio = fairness_smaller(ratio[KEDGE_RATE_TRUE_POSITIVE], ratio[KEDGE_RATE_FALSE_POSITIVE]);
    out->predictive_parity_difference = difference[KEDGE_RATE_PRECISION];
    out->predictive_parity_ratio = ratio[KEDGE_RATE_PRECISION];
    out->calibration_difference = difference[KEDGE_RATE_CALIBRATION];
    if (isnan(out->demographic_parity_difference))
        return KEDGE_EMPTY;
    /* NaN: nobody is selected, so nobody is worse off. */
    out->four_fifths = isless(out->demographic_parity_ratio, FAIRNESS_FOUR_FIFTHS) ? 0u : 1u;
    return KEDGE_OK;
}
