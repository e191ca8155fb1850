/* SPDX-License-Identifier: MIT */
/* Figures of a confusion matrix.
 *
 * Kappa: Cohen 1960, "A coefficient of agreement for nominal scales". Matthews correlation of any number of classes: Gorodkin 2004,
 * "Comparing two K-category assignments by a K-category correlation coefficient". G-mean: Kubat, Matwin 1997; of more classes Sun,
 * Kamel, Wang 2006, as imbalanced-learn has it. Kappa M: Bifet, de Francisci Morales, Read, Holmes, Pfahringer 2015, "Efficient
 * online evaluation of big data stream classifiers". Temporal kappa: Zliobaite, Bifet, Read, Pfahringer, Holmes 2015, "Evaluation
 * methods and decision theory for classification of streaming data with temporal dependence". Interval: Wilson 1927. The others are
 * scikit-learn's.
 *
 * What could be told by subtraction is summed, because differences of great sums lose the small ones. Cost: O(n_classes^2). */
#include "base/fp.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "kedge/metric.h"

#include "base/check.h"
#include "base/interval.h"
#include "metrics/cover.h"
#include "metrics/handle.h"
#include "metrics/quality_state.h"

#define QUALITY_LEAST_RECORDS 1e-100 /* that an interval is asked of: it is [0, 1] long before */
#define QUALITY_MOST_BELOW 1e200 /* a kappa's magnitude, where the baseline is nearly never wrong */

static double quality_now(const quality_state *s, double newest, double older)
{
    if (s->over == KEDGE_OVER_TUMBLING)
        return older;
    return s->over == KEDGE_OVER_FADING ? newest / s->increment : older + newest;
}

static double quality_cell(const quality_state *s, uint32_t truth, uint32_t predicted)
{
    const double *cells = kedge_i_at_const(s, s->at_tables[0]);
    const double *older = kedge_i_at_const(s, s->at_tables[1]);
    uint32_t cell = truth * s->n_classes + predicted;
    return quality_now(s, cells[cell], s->n_older > 0 ? older[cell] : 0.0);
}

/* How often a class occurred, was predicted, was predicted rightly; occurred without being predicted, and the other way round. */
typedef struct quality_sums {
    double occurred;
    double predicted;
    double right;
    double missed;
    double claimed;
} quality_sums;

static quality_sums quality_sums_of(const quality_state *s, uint32_t c)
{
    quality_sums sums = {0.0, 0.0, quality_cell(s, c, c), 0.0, 0.0};
    for (uint32_t i = 0; i < s->n_classes; i++) {
        sums.missed += i == c ? 0.0 : quality_cell(s, c, i);
        sums.claimed += i == c ? 0.0 : quality_cell(s, i, c);
    }
    sums.occurred = sums.right + sums.missed;
    sums.predicted = sums.right + sums.claimed;
    return sums;
}

/* Weight of all records whose truth is another class than c, and that were predicted as another class than `except`; n_classes: no
 * such condition. */
static double quality_others(const quality_state *s, uint32_t c, uint32_t except)
{
    double total = 0.0;
    for (uint32_t t = 0; t < s->n_classes; t++)
        for (uint32_t p = 0; p < s->n_classes && t != c; p++)
            total += p == except ? 0.0 : quality_cell(s, t, p);
    return total;
}

/* A share; 0 where there is nothing to be a share of, which is counted. Rounding of sums must not take it above 1. */
static double quality_share(double part, double whole, uint32_t *n_undefined)
{
    if (!(whole > 0.0)) {
        (*n_undefined)++;
        return 0.0;
    }
    return part < whole ? part / whole : 1.0;
}

/* What a class is judged by. */
enum { QUALITY_PRECISION, QUALITY_RECALL, QUALITY_F1, QUALITY_F_BETA, QUALITY_JACCARD, QUALITY_RATIOS };

static void quality_ratios(const quality_state *s, const quality_sums *sums, double *ratios, uint32_t *n_undefined)
{
    double square = s->beta * s->beta;
    ratios[QUALITY_PRECISION] = quality_share(sums->right, sums->predicted, n_undefined);
    ratios[QUALITY_RECALL] = quality_share(sums->right, sums->occurred, n_undefined);
    ratios[QUALITY_F1] = quality_share(2.0 * sums->right, sums->occurred + sums->predicted, n_undefined);
    ratios[QUALITY_F_BETA] = quality_share((1.0 + square) * sums->right, square * sums->occurred + sums->predicted, n_undefined);
    ratios[QUALITY_JACCARD] = quality_share(sums->right, sums->occurred + sums->claimed, n_undefined);
}

/* Sum over all pairs of different classes of one's share on the left times the other's on the right: 1 - sum of the same classes',
 * without a difference, so nothing is lost where almost all is one class. */
typedef struct quality_pairs {
    double sum;
    double left; /* of the classes so far */
    double right;
} quality_pairs;

static void quality_pairs_add(quality_pairs *q, double left, double right)
{
    q->sum += left * q->right + right * q->left;
    q->left += left;
    q->right += right;
}

/* Sums over the classes, in shares of all weight. */
typedef struct quality_totals {
    double total;
    double gone; /* a class with no more weight has faded away */
    double right;
    double wrong;
    quality_pairs chance;     /* truth and prediction disagree by chance (Cohen 1960) */
    quality_pairs of_truth;   /* two truths do */
    quality_pairs of_guesses; /* two predictions do */
    double together;          /* covariance of truth and prediction (Gorodkin 2004) */
    double commonest;         /* share of the class that occurred most */
    double rest;              /* of all others */
    double macro[QUALITY_RATIOS];
    double weighted[QUALITY_RATIOS];
    double recall;            /* of those that occurred */
    double log_recall;
    double n_occurred;
    double n_present;         /* occurred or were predicted */
} quality_totals;

/* Weight of the records that class c has nothing to do with. Only where that is little is the difference told by a sum. */
static double quality_rest(const quality_state *s, uint32_t c, const quality_sums *sums, double total)
{
    double rest = total - (sums->occurred + sums->claimed);
    return rest < 0.25 * total ? quality_others(s, c, c) : rest;
}

static void quality_add_class(const quality_state *s, uint32_t c, quality_totals *t, uint32_t *n_undefined)
{
    double ratios[QUALITY_RATIOS];
    quality_sums sums = quality_sums_of(s, c);
    double occurred = sums.occurred / t->total;
    double predicted = sums.predicted / t->total;
    t->right += sums.right;
    t->wrong += sums.missed;
    quality_pairs_add(&t->chance, occurred, predicted);
    quality_pairs_add(&t->of_truth, occurred, occurred);
    quality_pairs_add(&t->of_guesses, predicted, predicted);
    t->together += sums.right / t->total * (quality_rest(s, c, &sums, t->total) / t->total) -
                   sums.missed / t->total * (sums.claimed / t->total);
    t->rest += fmin(occurred, t->commonest);
    t->commonest = fmax(occurred, t->commonest);
    if (!(sums.occurred + sums.predicted > t->gone))
        return;
    quality_ratios(s, &sums, ratios, n_undefined);
    t->n_present += 1.0;
    t->log_recall += ratios[QUALITY_RECALL] > 0.0 ? log(ratios[QUALITY_RECALL]) : -(double)INFINITY;
    if (sums.occurred > t->gone) {
        t->n_occurred += 1.0;
        t->recall += ratios[QUALITY_RECALL];
    }
    for (int i = 0; i < QUALITY_RATIOS; i++) {
        t->macro[i] += ratios[i];
        t->weighted[i] += ratios[i] * occurred;
    }
}

/* 1 - wrong / what a baseline gets wrong, both shares; 0 where the baseline is never wrong. */
static double quality_beyond(double wrong, double baseline)
{
    double beyond = 1.0 - wrong / fmax(fmax(baseline, wrong / QUALITY_MOST_BELOW), DBL_MIN);
    return baseline > 0.0 ? beyond : 0.0;
}

/* Gorodkin 2004, equation 8; 0 where there is one class only. */
static double quality_matthews(const quality_totals *t)
{
    double spread = sqrt(t->of_truth.sum) * sqrt(t->of_guesses.sum);
    double r = t->together / fmax(spread, DBL_MIN);
    return spread > 0.0 ? fmax(-1.0, fmin(1.0, r)) : 0.0;
}

/* Records that the weight stands for: each weight 1 is one. */
static double quality_records(const quality_state *s, double total)
{
    double records = s->over == KEDGE_OVER_FADING ? kedge_i_fading_records(s->fading, s->n, total) : total;
    return fmax(records, QUALITY_LEAST_RECORDS);
}

static uint64_t quality_n(const quality_state *s)
{
    if (s->over == KEDGE_OVER_TUMBLING)
        return s->n < s->window ? 0 : s->window;
    return s->over == KEDGE_OVER_WINDOW && s->n > s->window ? s->window : s->n;
}

static void quality_read_nothing(const quality_state *s, kedge_quality_report *out)
{
    memset(out, 0, sizeof *out);
    out->n = quality_n(s);
    out->accuracy = out->error_rate = out->kappa = out->accuracy_low = out->accuracy_high = out->balanced_accuracy = (double)NAN;
    out->precision_macro = out->recall_macro = out->f1_macro = out->f_beta_macro = out->jaccard_macro = (double)NAN;
    out->precision_weighted = out->recall_weighted = out->f1_weighted = out->f_beta_weighted = out->jaccard_weighted = (double)NAN;
    out->f1_micro = out->jaccard_micro = out->mcc = out->g_mean = out->kappa_m = out->kappa_temporal = (double)NAN;
}

static void quality_conclude(const quality_state *s, const quality_totals *t, kedge_quality_report *out)
{
    double records = quality_records(s, t->total);
    double wrong = t->wrong / t->total;
    out->weight = t->total;
    out->accuracy = t->right < t->total ? t->right / t->total : 1.0;
    out->error_rate = wrong < 1.0 ? wrong : 1.0; /* 1 - accuracy would lose few errors among many */
    kedge_i_interval share = kedge_i_share_interval(out->accuracy * records, records, s->confidence);
    out->accuracy_low = share.low;
    out->accuracy_high = share.high;
    out->kappa = fmax(-1.0, quality_beyond(wrong, t->chance.sum));
    out->kappa_m = quality_beyond(wrong, t->rest);
    out->kappa_temporal = quality_beyond(wrong, quality_now(s, s->turns[0], s->turns[1]) / t->total);
    out->mcc = quality_matthews(t);
    out->balanced_accuracy = t->recall / t->n_occurred;
    out->g_mean = exp(t->log_recall / t->n_present);
    out->precision_macro = t->macro[QUALITY_PRECISION] / t->n_present;
    out->recall_macro = t->macro[QUALITY_RECALL] / t->n_present;
    out->f1_macro = t->macro[QUALITY_F1] / t->n_present;
    out->f_beta_macro = t->macro[QUALITY_F_BETA] / t->n_present;
    out->jaccard_macro = t->macro[QUALITY_JACCARD] / t->n_present;
    out->precision_weighted = t->weighted[QUALITY_PRECISION];
    out->recall_weighted = t->weighted[QUALITY_RECALL];
    out->f1_weighted = t->weighted[QUALITY_F1];
    out->f_beta_weighted = t->weighted[QUALITY_F_BETA];
    out->jaccard_weighted = t->weighted[QUALITY_JACCARD];
    out->f1_micro = out->accuracy;
    out->jaccard_micro = out->accuracy / (1.0 + out->error_rate);
}

kedge_status kedge_quality_read(const kedge_metric *m, kedge_quality_report *out)
{
    quality_totals t = {0};
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_quality));
    if (!out)
        return KEDGE_ERR_NULL;
    const quality_state *s = m->state;
    quality_read_nothing(s, out);
    t.total = quality_others(s, s->n_classes, s->n_classes);
    if (!(t.total > 0.0))
        return KEDGE_EMPTY;
    t.gone = s->over == KEDGE_OVER_FADING ? DBL_EPSILON * t.total : 0.0; /* a faded class must not weigh on the macro figures */
    for (uint32_t c = 0; c < s->n_classes; c++)
        quality_add_class(s, c, &t, &out->n_undefined);
    quality_conclude(s, &t, out);
    return KEDGE_OK;
}

kedge_status kedge_quality_read_class(const kedge_metric *m, uint32_t i_class, kedge_quality_class_report *out)
{
    double ratios[QUALITY_RATIOS];
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_quality));
    if (!out)
        return KEDGE_ERR_NULL;
    const quality_state *s = m->state;
    if (i_class >= s->n_classes)
        return KEDGE_ERR_RANGE;
    quality_sums sums = quality_sums_of(s, i_class);
    double others = quality_others(s, i_class, s->n_classes);
    memset(out, 0, sizeof *out);
    if (!(sums.occurred + others > 0.0)) {
        out->precision = out->recall = out->f1 = out->f_beta = out->jaccard = (double)NAN;
        out->false_positive_rate = out->false_negative_rate = out->false_discovery_rate = (double)NAN;
        return KEDGE_EMPTY;
    }
    quality_ratios(s, &sums, ratios, &out->n_undefined);
    out->support = sums.occurred;
    out->predicted = sums.predicted;
    out->precision = ratios[QUALITY_PRECISION];
    out->recall = ratios[QUALITY_RECALL];
    out->f1 = ratios[QUALITY_F1];
    out->f_beta = ratios[QUALITY_F_BETA];
    out->jaccard = ratios[QUALITY_JACCARD];
    out->false_positive_rate = quality_share(sums.claimed, others, &out->n_undefined);
    out->false_negative_rate = quality_share(sums.missed, sums.occurred, &out->n_undefined);
    out->false_discovery_rate = quality_share(sums.claimed, sums.predicted, &out->n_undefined);
    return KEDGE_OK;
}

kedge_status kedge_quality_read_cell(const kedge_metric *m, uint32_t truth, uint32_t predicted, double *weight)
{
    KEDGE_TRY(kedge_i_metric_is(m, &kedge_quality));
    if (!weight)
        return KEDGE_ERR_NULL;
    const quality_state *s = m->state;
    if (truth >= s->n_classes || predicted >= s->n_classes)
        return KEDGE_ERR_RANGE;
    *weight = quality_cell(s, truth, predicted);
    return KEDGE_OK;
}
