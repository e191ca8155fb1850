/* SPDX-License-Identifier: MIT */
/* Quality as its definitions say: a list of records, and all figures from it. */
#ifndef KEDGE_TESTS_NAIVE_QUALITY_H
#define KEDGE_TESTS_NAIVE_QUALITY_H

#include <math.h>

#include "support.h"

enum { N_MAX_CLASSES = 6, N_RECORDS = 700 };

#define BETA 2.0 /* of all metrics that `quality` makes */

/* The naive reference: a list of records, and the figures straight from their definitions. */
typedef struct record {
    uint32_t truth;
    uint32_t predicted;
    double weight;
} record;

static record records[N_RECORDS];

static inline kedge_metric quality(uint32_t n_classes, uint32_t over, uint32_t window, double fading)
{
    kedge_quality_config cfg = kedge_quality_defaults(n_classes);
    kedge_metric m = {NULL, NULL};
    cfg.over = over;
    cfg.window = window;
    cfg.fading = fading;
    cfg.beta = BETA;
    size_t bytes = kedge_metric_size(&cfg.base);
    assert_true(bytes > 0);
    assert_int_equal(kedge_metric_init(&m, &cfg.base, guard_new(bytes, 0xA5), bytes), KEDGE_OK);
    return m;
}

static inline kedge_metric quality_of_all(uint32_t n_classes)
{
    return quality(n_classes, KEDGE_OVER_ALL, 1, 0.5);
}

static inline void feed(kedge_metric *m, const record *r, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_int_equal(kedge_quality_record(m, r[i].truth, r[i].predicted, r[i].weight), KEDGE_OK);
}

static inline double naive_sum(const record *r, size_t n, double fading, int64_t truth, int64_t predicted)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        if ((truth < 0 || r[i].truth == truth) && (predicted < 0 || r[i].predicted == predicted))
            sum += r[i].weight * pow(fading, (double)(n - 1 - i));
    return sum;
}

static inline double naive_ratio(double part, double whole)
{
    return whole > 0 ? part / whole : 0;
}

static inline kedge_quality_class_report naive_class(const record *r, size_t n, double fading, uint32_t c)
{
    kedge_quality_class_report out;
    double right = naive_sum(r, n, fading, c, c);
    double claimed = 0, missed = 0, others = 0;
    memset(&out, 0, sizeof out);
    out.support = naive_sum(r, n, fading, c, -1);
    out.predicted = naive_sum(r, n, fading, -1, c);
    for (uint32_t k = 0; k < N_MAX_CLASSES; k++) {
        others += k == c ? 0 : naive_sum(r, n, fading, k, -1);
        claimed += k == c ? 0 : naive_sum(r, n, fading, k, c);
        missed += k == c ? 0 : naive_sum(r, n, fading, c, k);
    }
    out.precision = naive_ratio(right, out.predicted);
    out.recall = naive_ratio(right, out.support);
    out.f1 = naive_ratio(2 * out.precision * out.recall, out.precision + out.recall);
    out.false_positive_rate = naive_ratio(claimed, others);
    out.false_negative_rate = naive_ratio(missed, out.support);
    out.false_discovery_rate = naive_ratio(claimed, out.predicted);
    out.f_beta = naive_ratio((1 + BETA * BETA) * out.precision * out.recall, BETA * BETA * out.precision + out.recall);
    out.jaccard = naive_ratio(right, right + claimed + missed);
    out.n_undefined = (out.predicted > 0 ? 0u : 2u) + (out.support > 0 ? 0u : 2u); /* precision, false discovery; recall, false
                                                                                    * negative */
    out.n_undefined += (out.predicted + out.support > 0 ? 0u : 3u) + (others > 0 ? 0u : 1u); /* both Fs and Jaccard */
    return out;
}

/* Disagreement observed and expected, pair by pair of different classes. */
static inline double naive_kappa(const record *r, size_t n, double fading)
{
    double weight = naive_sum(r, n, fading, -1, -1);
    double observed = 0, expected = 0, predicted[N_MAX_CLASSES];
    for (uint32_t c = 0; c < N_MAX_CLASSES; c++)
        predicted[c] = naive_sum(r, n, fading, -1, c);
    for (uint32_t a = 0; a < N_MAX_CLASSES; a++) {
        double occurred = naive_sum(r, n, fading, a, -1);
        for (uint32_t b = 0; b < N_MAX_CLASSES; b++) {
            observed += a == b ? 0 : naive_sum(r, n, fading, a, b) / weight;
            expected += a == b ? 0 : occurred / weight * (predicted[b] / weight);
        }
    }
    return expected > 0 ? 1 - observed / expected : 0;
}

/* Gorodkin 2004, equation 8: covariance by the root of both variances, by differences in long double. */
static inline double naive_matthews(const record *r, size_t n, double fading)
{
    long double both = 0, truths = 0, guesses = 0, weight = naive_sum(r, n, fading, -1, -1);
    for (uint32_t c = 0; c < N_MAX_CLASSES; c++) {
        long double occurred = naive_sum(r, n, fading, c, -1) / weight, predicted = naive_sum(r, n, fading, -1, c) / weight;
        both += naive_sum(r, n, fading, c, c) / weight - occurred * predicted;
        truths += occurred * (1 - occurred);
        guesses += predicted * (1 - predicted);
    }
    return truths > 1e-18L && guesses > 1e-18L ? (double)(both / sqrtl(truths * guesses)) : 0;
}

/* Weight of the records whose truth is not that of the one before; before the first of all stands class 0. */
static inline double naive_changes(const record *r, size_t n, double fading)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        if (r[i].truth != (r + i > records ? (r + i)[-1].truth : 0))
            sum += r[i].weight * pow(fading, (double)(n - 1 - i));
    return sum;
}

static inline double naive_beyond(double wrong, double baseline)
{
    return baseline > 0 ? 1 - wrong / baseline : 0;
}

static inline kedge_quality_report naive(const record *r, size_t n, double fading)
{
    kedge_quality_report out;
    double right = 0, n_present = 0, n_occurred = 0, commonest = 0, recalls = 1;
    memset(&out, 0, sizeof out);
    out.n = n;
    out.weight = naive_sum(r, n, fading, -1, -1);
    for (uint32_t c = 0; c < N_MAX_CLASSES; c++) {
        kedge_quality_class_report k = naive_class(r, n, fading, c);
        right += naive_sum(r, n, fading, c, c);
        if (!(k.support + k.predicted > (fading < 1 ? 0x1p-52 * out.weight : 0)))
            continue;
        n_present++;
        n_occurred += k.support > (fading < 1 ? 0x1p-52 * out.weight : 0);
        out.balanced_accuracy += k.recall;
        recalls *= k.recall;
        commonest = fmax(commonest, k.support);
        out.f_beta_macro += k.f_beta;
        out.jaccard_macro += k.jaccard;
        out.f_beta_weighted += k.f_beta * k.support / out.weight;
        out.jaccard_weighted += k.jaccard * k.support / out.weight;
        out.precision_macro += k.precision;
        out.recall_macro += k.recall;
        out.f1_macro += k.f1;
        out.precision_weighted += k.precision * k.support / out.weight;
        out.recall_weighted += k.recall * k.support / out.weight;
        out.f1_weighted += k.f1 * k.support / out.weight;
        out.n_undefined += (k.predicted > 0 ? 0u : 1u) + (k.support > 0 ? 0u : 1u);
    }
    out.precision_macro /= n_present;
    out.recall_macro /= n_present;
    out.f1_macro /= n_present;
    out.accuracy = out.f1_micro = right / out.weight;
    out.error_rate = 1 - out.accuracy;
    out.kappa = naive_kappa(r, n, fading);
    out.mcc = naive_matthews(r, n, fading);
    out.balanced_accuracy /= n_occurred;
    out.g_mean = pow(recalls, 1 / n_present);
    double wrong = out.weight - right;
    out.kappa_m = naive_beyond(wrong, out.weight - commonest > 1e-12 * out.weight ? out.weight - commonest : 0);
    out.kappa_temporal = naive_beyond(wrong, naive_changes(r, n, fading));
    out.f_beta_macro /= n_present;
    out.jaccard_macro /= n_present;
    out.jaccard_micro = right / (right + 2 * wrong);
    return out;
}

static inline void assert_reports_agree(const kedge_quality_report *a, const kedge_quality_report *b)
{
    assert_true(a->n == b->n);
    assert_close(a->weight, b->weight, 1e-12);
    assert_close(a->accuracy, b->accuracy, 1e-12);
    assert_close(a->error_rate, b->error_rate, 1e-12);
    assert_close(a->kappa, b->kappa, 1e-12);
    assert_close(a->precision_macro, b->precision_macro, 1e-12);
    assert_close(a->recall_macro, b->recall_macro, 1e-12);
    assert_close(a->f1_macro, b->f1_macro, 1e-12);
    assert_close(a->precision_weighted, b->precision_weighted, 1e-12);
    assert_close(a->recall_weighted, b->recall_weighted, 1e-12);
    assert_close(a->f1_weighted, b->f1_weighted, 1e-12);
    assert_close(a->f1_micro, b->f1_micro, 1e-12);
    assert_close(a->balanced_accuracy, b->balanced_accuracy, 1e-12);
    assert_close(a->mcc, b->mcc, 1e-10); /* the reference takes differences */
    assert_close(a->g_mean, b->g_mean, 1e-12);
    assert_close(a->kappa_m, b->kappa_m, 1e-9);
    assert_close(a->kappa_temporal, b->kappa_temporal, 1e-9);
    assert_close(a->f_beta_macro, b->f_beta_macro, 1e-12);
    assert_close(a->f_beta_weighted, b->f_beta_weighted, 1e-12);
    assert_close(a->jaccard_macro, b->jaccard_macro, 1e-12);
    assert_close(a->jaccard_weighted, b->jaccard_weighted, 1e-12);
    assert_close(a->jaccard_micro, b->jaccard_micro, 1e-12);
    assert_true(a->accuracy_low <= a->accuracy && a->accuracy <= a->accuracy_high);
    assert_int_equal(a->n_undefined, b->n_undefined);
}

static inline void assert_class_agrees(const kedge_metric *m, uint32_t c, const kedge_quality_class_report *want)
{
    kedge_quality_class_report have;
    assert_int_equal(kedge_quality_read_class(m, c, &have), KEDGE_OK);
    assert_close(have.support, want->support, 1e-12);
    assert_close(have.predicted, want->predicted, 1e-12);
    assert_close(have.precision, want->precision, 1e-12);
    assert_close(have.recall, want->recall, 1e-12);
    assert_close(have.f1, want->f1, 1e-12);
    assert_close(have.false_positive_rate, want->false_positive_rate, 1e-12);
    assert_close(have.false_negative_rate, want->false_negative_rate, 1e-12);
    assert_close(have.false_discovery_rate, want->false_discovery_rate, 1e-12);
    assert_close(have.f_beta, want->f_beta, 1e-12);
    assert_close(have.jaccard, want->jaccard, 1e-12);
    assert_int_equal(have.n_undefined, want->n_undefined);
}

/* Does the metric say what the list of n records says? */
static inline void assert_is(const kedge_metric *m, const record *r, size_t n, double fading)
{
    kedge_quality_report have;
    kedge_quality_report want = naive(r, n, fading);
    assert_int_equal(kedge_quality_read(m, &have), want.weight > 0 ? KEDGE_OK : KEDGE_EMPTY);
    if (!(want.weight > 0))
        return;
    assert_reports_agree(&have, &want);
    for (uint32_t c = 0; c < N_MAX_CLASSES; c++) {
        kedge_quality_class_report k = naive_class(r, n, fading, c);
        assert_class_agrees(m, c, &k);
    }
}

/* Classes come and go, some never; weights of many magnitudes, some 0. */
static inline void fill_records(uint64_t seed)
{
    kedge_rng rng = {seed};
    for (size_t i = 0; i < N_RECORDS; i++) {
        uint32_t base = i / 100 % 2 ? 2 : 0;
        records[i].truth = base + (uint32_t)kedge_rng_below(&rng, 3);
        records[i].predicted = kedge_rng_below(&rng, 3) ? records[i].truth : base + (uint32_t)kedge_rng_below(&rng, 3);
        records[i].weight = kedge_rng_below(&rng, 9) ? pow(10, 6 * kedge_rng_uniform(&rng) - 3) : 0;
    }
}

#endif
