/* SPDX-License-Identifier: MIT */
/* Rankings of a whole sample: sorted once, read off from the greatest score down, tie by tie.
 *
 * The area under the ROC curve is the statistic of Mann, Whitney 1947. Its variance: DeLong, DeLong, Clarke-Pearson 1988,
 * "Comparing the areas under two or more correlated receiver operating characteristic curves", equations 3 to 5, from what each row
 * contributes (its placement among the other class), read off the sorted sample instead of all pairs (Sun, Xu 2014). Partial area:
 * McClish 1989, "Analyzing a portion of the ROC curve". Cost: O(n). */
#include "base/fp.h"

#include <math.h>
#include <string.h>

#include "kedge/metrics/ranking.h"

#include "base/check.h"
#include "base/interval.h"
#include "base/number.h"
#include "base/object.h"
#include "base/sort_pairs.h"
#include "base/special.h"
#include "metrics/handle.h"
#include "metrics/ranking_area.h"

/* Weighted mean and spread of placements: Welford 1962, West 1979. */
typedef struct ranking_spread {
    double weight;
    double mean;
    double squares;
} ranking_spread;

static void ranking_spread_add(ranking_spread *s, double x, double weight)
{
    if (!(weight > 0.0))
        return;
    s->weight += weight;
    double apart = x - s->mean;
    s->mean += apart * (weight / s->weight);
    s->squares += weight * apart * (x - s->mean);
}

/* Variance of the mean; only with more weight than 1. */
static double ranking_mean_variance(const ranking_spread *s)
{
    return s->squares / (s->weight - 1.0) / s->weight;
}

/* Work: the pairs and their spare. */
size_t kedge_ranking_work(size_t n)
{
    if ((uint64_t)n > UINT32_MAX || n > SIZE_MAX / (2 * sizeof(kedge_i_pair)) - 1)
        return 0;
    return (n > 0 ? n : 1) * 2 * sizeof(kedge_i_pair);
}

static int ranking_is_share(double x)
{
    return x > 0.0 && x <= 1.0;
}

/* Score and signed weight of each row that has one. */
static kedge_status ranking_take(const double *scores, const uint8_t *labels, const double *weight, size_t n, kedge_i_pair *pairs,
                                 size_t *n_taken)
{
    *n_taken = 0;
    for (size_t i = 0; i < n; i++) {
        double w = weight ? weight[i] : 1.0;
        if (!kedge_i_finite(scores[i]))
            return KEDGE_ERR_NOT_FINITE;
        if (labels[i] > 1)
            return KEDGE_ERR_RANGE;
        if (!kedge_i_within(w, 0.0, KEDGE_I_RECORD_WEIGHT_MAX))
            return kedge_i_refusal(w);
        if (w > 0.0)
            pairs[(*n_taken)++] = (kedge_i_pair){scores[i], labels[i] ? w : -w};
    }
    return KEDGE_OK;
}

/* Walks down the sorted sample, a group of equal scores at a time. */
typedef struct ranking_walk {
    const kedge_i_pair *pairs; /* ascending */
    size_t left;               /* not yet passed */
    double score;              /* of the group */
    double above[2];           /* weight of class 0 and 1 at greater scores */
    double here[2];            /* of the group */
} ranking_walk;

static int ranking_next(ranking_walk *w)
{
    w->above[0] += w->here[0];
    w->above[1] += w->here[1];
    w->here[0] = w->here[1] = 0.0;
    if (w->left == 0)
        return 0;
    w->score = w->pairs[w->left - 1].key;
    for (; w->left > 0 && w->pairs[w->left - 1].key >= w->score; w->left--) {
        double weight = w->pairs[w->left - 1].value;
        w->here[weight > 0.0] += fabs(weight);
    }
    return 1;
}

double kedge_i_ranking_area(kedge_i_pair *pairs, size_t n, kedge_i_pair *spare)
{
    double above = 0.0; /* pairs of rows of both classes in the right order, by weight */
    ranking_walk w = {.pairs = pairs, .left = n};
    kedge_i_sort_pairs(pairs, n, spare);
    while (ranking_next(&w))
        above += w.here[0] * (w.above[1] + 0.5 * w.here[1]);
    return w.above[0] > 0.0 && w.above[1] > 0.0 ? above / w.above[1] / w.above[0] : (double)NAN;
}

/* Sums on the way down. */
typedef struct ranking_sums {
    ranking_spread of_positives; /* how much of class 0 is below, ties counting half */
    ranking_spread of_negatives; /* how much of class 1 is above */
    double precision;            /* recall times precision, step by step */
    double partial;              /* area up to max_fpr */
    double lift;                 /* weight of class 1 among the first */
} ranking_sums;

/* Area under the straight line of this group's part of the curve that lies left of max_fpr. */
static double ranking_partial(const ranking_walk *w, double max_fpr, double positives, double negatives)
{
    double from = w->above[0] / negatives;
    double to = (w->above[0] + w->here[0]) / negatives;
    double low = w->above[1] / positives;
    double rise = w->here[1] / positives;
    if (from >= max_fpr || !(to > from))
        return 0.0;
    double part = to > max_fpr ? (max_fpr - from) / (to - from) : 1.0;
    return part * (to - from) * (low + 0.5 * part * rise);
}

static void ranking_sum(const kedge_ranking_options *o, ranking_walk w, kedge_ranking_report *r, ranking_sums *sums)
{
    double all = r->positives + r->negatives;
    double first = o->lift_at * all;
    r->ks_score = (double)NAN;
    while (ranking_next(&w)) {
        double above = w.above[0] + w.above[1];
        double here = w.here[0] + w.here[1];
        double below = r->negatives - w.above[0] - 0.5 * w.here[0];
        ranking_spread_add(&sums->of_positives, fmax(below, 0.0) / r->negatives, w.here[1]);
        ranking_spread_add(&sums->of_negatives, fmin((w.above[1] + 0.5 * w.here[1]) / r->positives, 1.0), w.here[0]);
        sums->precision += w.here[1] * ((w.above[1] + w.here[1]) / (above + here));
        sums->partial += ranking_partial(&w, o->max_fpr, r->positives, r->negatives);
        if (above < first)
            sums->lift += first < above + here ? w.here[1] * ((first - above) / here) : w.here[1];
        double apart = fabs((w.above[1] + w.here[1]) / r->positives - (w.above[0] + w.here[0]) / r->negatives);
        if (apart > r->ks) {
            r->ks = apart;
            r->ks_score = w.score;
        }
    }
}

static void ranking_interval(double estimate, double error, double confidence, double *low, double *high)
{
    double reach = error * -kedge_i_normal_quantile(0.5 * (1.0 - confidence));
    *low = estimate - reach;
    *high = estimate + reach;
}

static void ranking_report(const kedge_ranking_options *o, const ranking_sums *sums, kedge_ranking_report *r)
{
    double chance = 0.5 * o->max_fpr * o->max_fpr;
    r->auc = sums->of_positives.mean;
    r->average_precision = sums->precision / r->positives;
    r->partial_auc = 0.5 * (1.0 + (sums->partial - chance) / (o->max_fpr - chance));
    r->lift = sums->lift / (o->lift_at * (r->positives + r->negatives)) / (r->positives / (r->positives + r->negatives));
    r->auc_error = r->auc_low = r->auc_high = (double)NAN;
    if (!(r->positives > 1.0) || !(r->negatives > 1.0))
        return;
    r->auc_error = sqrt(ranking_mean_variance(&sums->of_positives) + ranking_mean_variance(&sums->of_negatives));
    ranking_interval(r->auc, r->auc_error, o->confidence, &r->auc_low, &r->auc_high);
    r->auc_low = fmax(r->auc_low, 0.0);
    r->auc_high = fmin(r->auc_high, 1.0);
}

kedge_status kedge_ranking_measure(const kedge_ranking_options *options, const double *scores, const uint8_t *labels,
                                   const double *weight, size_t n, void *work, size_t work_bytes, kedge_ranking_report *out)
{
    const kedge_ranking_options defaults = kedge_ranking_defaults();
    const kedge_ranking_options *o = options ? options : &defaults;
    kedge_i_pair *pairs = work;
    size_t n_taken;
    if (!work || !out || (n > 0 && (!scores || !labels)))
        return KEDGE_ERR_NULL;
    if (!ranking_is_share(o->max_fpr) || !ranking_is_share(o->lift_at) || !(o->confidence > 0.0 && o->confidence < 1.0))
        return KEDGE_ERR_CONFIG;
    if (kedge_ranking_work(n) == 0)
        return KEDGE_ERR_SHAPE;
    KEDGE_TRY(kedge_i_object_room(kedge_ranking_work(n), work, work_bytes));
    KEDGE_TRY(ranking_take(scores, labels, weight, n, pairs, &n_taken));
    kedge_ranking_report r;
    memset(&r, 0, sizeof r);
    r.n = n_taken;
    for (size_t i = 0; i < n_taken; i++)
        *(pairs[i].value > 0.0 ? &r.positives : &r.negatives) += fabs(pairs[i].value);
    r.auc = r.auc_error = r.auc_low = r.auc_high = r.average_precision = r.partial_auc = r.lift = r.ks_score = (double)NAN;
    int both = r.positives > 0.0 && r.negatives > 0.0;
    if (both) {
        const ranking_walk walk = {.pairs = pairs, .left = n_taken};
        ranking_sums sums;
        memset(&sums, 0, sizeof sums);
        kedge_i_sort_pairs(pairs, n_taken, pairs + n);
        ranking_sum(o, walk, &r, &sums);
        ranking_report(o, &sums, &r);
    } else {
        r.ks = (double)NAN;
    }
    *out = r;
    return both ? KEDGE_OK : KEDGE_EMPTY;
}

/* Two models ------------------------------------------------------------------------------------------------------------------- */

/* Work: the pairs and their spare, and each row's placement by the first and the second model. */
size_t kedge_ranking_compare_work(size_t n)
{
    if ((uint64_t)n > UINT32_MAX || n > SIZE_MAX / (2 * sizeof(kedge_i_pair) + 2 * sizeof(double)) - 1)
        return 0;
    return (n > 0 ? n : 1) * (2 * sizeof(kedge_i_pair) + 2 * sizeof(double));
}

/* Of each row, the share of the other class on its wrong side, taken from 1: ties count half. `pairs` are keys with indices of
 * rows. */
static void ranking_place(const kedge_i_pair *pairs, size_t n, const uint8_t *labels, const double *n_of, double *placement)
{
    double above[2] = {0.0, 0.0};
    for (size_t left = n; left > 0;) {
        double here[2] = {0.0, 0.0};
        size_t end = left;
        for (; left > 0 && pairs[left - 1].key >= pairs[end - 1].key; left--)
            here[labels[(size_t)pairs[left - 1].value]] += 1.0;
        for (size_t i = left; i < end; i++) {
            size_t row = (size_t)pairs[i].value;
            placement[row] = labels[row] ? (n_of[0] - above[0] - 0.5 * here[0]) / n_of[0] : (above[1] + 0.5 * here[1]) / n_of[1];
        }
        above[0] += here[0];
        above[1] += here[1];
    }
}

/* Sums of squared deviations and of their products, of one class: the covariance of the two means times n (n - 1). */
static void ranking_covariance(const double *a, const double *b, const uint8_t *labels, size_t n, uint8_t label, double *out)
{
    double count = 0.0, mean_a = 0.0, mean_b = 0.0, sums[3] = {0.0, 0.0, 0.0};
    for (size_t i = 0; i < n; i++) {
        if (labels[i] != label)
            continue;
        count += 1.0;
        double apart_a = a[i] - mean_a;
        double apart_b = b[i] - mean_b;
        mean_a += apart_a / count;
        mean_b += apart_b / count;
        sums[0] += apart_a * (a[i] - mean_a);
        sums[1] += apart_b * (b[i] - mean_b);
        sums[2] += apart_a * (b[i] - mean_b);
    }
    out[3] = mean_a;
    out[4] = mean_b;
    for (int k = 0; k < 3; k++)
        out[k] += sums[k] / (count - 1.0) / count;
}

static void ranking_conclude(const double *cov, double confidence, kedge_ranking_comparison *out)
{
    double variance = fmax(cov[0] + cov[1] - 2.0 * cov[2], 0.0);
    variance = variance > 1e-15 * (cov[0] + cov[1]) ? variance : 0.0; /* rounding of models that rank alike */
    out->auc[0] = cov[3];
    out->auc[1] = cov[4];
    out->error[0] = sqrt(cov[0]);
    out->error[1] = sqrt(cov[1]);
    out->difference = cov[4] - cov[3];
    out->difference_error = sqrt(variance);
    ranking_interval(out->difference, out->difference_error, confidence, &out->low, &out->high);
    out->z = variance > 0.0 ? out->difference / out->difference_error : 0.0;
    out->p_value = variance > 0.0 || out->difference == 0.0 ? 2.0 * kedge_i_normal_upper(fabs(out->z)) : 0.0;
}

kedge_status kedge_ranking_compare(double confidence, const double *first, const double *second, const uint8_t *labels, size_t n,
                                   void *work, size_t work_bytes, kedge_ranking_comparison *out)
{
    kedge_i_pair *pairs = work;
    double *placement[2];
    double n_of[2] = {0.0, 0.0}, cov[5] = {0.0, 0.0, 0.0, 0.0, 0.0};
    if (!work || !out || (n > 0 && (!first || !second || !labels)))
        return KEDGE_ERR_NULL;
    if (!(confidence > 0.0 && confidence < 1.0))
        return KEDGE_ERR_CONFIG;
    if (kedge_ranking_compare_work(n) == 0)
        return KEDGE_ERR_SHAPE;
    KEDGE_TRY(kedge_i_object_room(kedge_ranking_compare_work(n), work, work_bytes));
    for (size_t i = 0; i < n; i++) {
        if (!kedge_i_finite(first[i]) || !kedge_i_finite(second[i]))
            return KEDGE_ERR_NOT_FINITE;
        if (labels[i] > 1)
            return KEDGE_ERR_RANGE;
        n_of[labels[i]] += 1.0;
    }
    if (n_of[0] < 2.0 || n_of[1] < 2.0) {
        out->auc[0] = out->auc[1] = out->error[0] = out->error[1] = out->difference = out->difference_error = (double)NAN;
        out->low = out->high = out->z = out->p_value = (double)NAN;
        return KEDGE_EMPTY;
    }
    placement[0] = (double *)(void *)(pairs + 2 * n);
    placement[1] = placement[0] + n;
    for (int k = 0; k < 2; k++) {
        const double *scores = k == 0 ? first : second;
        for (size_t i = 0; i < n; i++)
            pairs[i] = (kedge_i_pair){scores[i], (double)i};
        kedge_i_sort_pairs(pairs, n, pairs + n);
        ranking_place(pairs, n, labels, n_of, placement[k]);
    }
    ranking_covariance(placement[0], placement[1], labels, n, 0, cov);
    ranking_covariance(placement[0], placement[1], labels, n, 1, cov);
    ranking_conclude(cov, confidence, out);
    return KEDGE_OK;
}
